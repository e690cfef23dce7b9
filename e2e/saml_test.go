package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// A samlKey is a key with a certificate of its own, in PEM.
type samlKey struct {
	private, public, certificate string
	der                          []byte
}

func newSAMLKey(t *testing.T) samlKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "idp.example.com"}, NotBefore: time.Now(), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	text := func(kind string, der []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
	}
	return samlKey{text("PRIVATE KEY", private), text("PUBLIC KEY", public), text("CERTIFICATE", der), der}
}

const samlIssuer = "https://idp.example.com/saml"

// samlResponses has the identity provider of js/saml.mjs make its responses.
func samlResponses(t *testing.T, signing, encryption samlKey, role, provider string) map[string]string {
	t.Helper()
	asked, err := json.Marshal(map[string]any{
		"issuer": samlIssuer, "key": signing.private, "certificate": signing.certificate,
		"encryption": encryption.certificate, "encryptionKey": encryption.public,
		"attributes": map[string]any{
			"https://aws.amazon.com/SAML/Attributes/Role":              []string{role + "," + provider},
			"https://aws.amazon.com/SAML/Attributes/RoleSessionName":   "alice",
			"https://aws.amazon.com/SAML/Attributes/PrincipalTag:team": "red",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "js/saml.mjs")
	var out, failure bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(asked), &out, &failure
	if err := cmd.Run(); err != nil {
		t.Fatalf("js/saml.mjs: %v\n%s", err, failure.String())
	}
	var responses map[string]string
	if err := json.Unmarshal(out.Bytes(), &responses); err != nil {
		t.Fatal(err)
	}
	return responses
}

// TestSAML trades responses that a library for Node.js made for sessions, by the
// AWS CLI and by boto3, and tries those that nobody should take.
//
// Rules: ST-70 ST-71 ST-71b ST-71c TH-94 EV-52
func TestSAML(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("js/node_modules"); err != nil {
		t.Fatalf("run make e2e, which installs the packages: %v", err)
	}
	server := start(t, filepath.Join(t.TempDir(), "data"))
	p := newPerson(t, server)
	id, secret := rootKeys(t, server.Data)
	p.keys("root", id, secret)
	p.profile("nobody")
	signing, encryption := newSAMLKey(t), newSAMLKey(t)
	metadata := filepath.Join(p.home, "metadata.xml")
	write(t, metadata, `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="`+samlIssuer+
		`"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>`+
		base64.StdEncoding.EncodeToString(signing.der)+`</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>`)
	provider := p.get("root", "SAMLProviderArn", "iam", "create-saml-provider", "--name", "Corp", "--saml-metadata-document", "file://"+metadata)
	role := p.get("root", "Role.Arn", "iam", "create-role", "--role-name", "staff", "--assume-role-policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"`+provider+`"},"Action":["sts:AssumeRoleWithSAML","sts:TagSession"],"Condition":{"StringEquals":{"saml:aud":"https://signin.aws.amazon.com/saml"}}}]}`)
	p.aws("root", "iam", "put-role-policy", "--role-name", "staff", "--policy-name", "p", "--policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"saml:sub":"alice@example.com","aws:PrincipalTag/team":"red"}}}]}`)
	responses := samlResponses(t, signing, encryption, role, provider)
	assume := func(name string) []string {
		return []string{"sts", "assume-role-with-saml", "--role-arn", role, "--principal-arn", provider, "--saml-assertion", responses[name]}
	}

	if got := p.get("nobody", "[Subject, SubjectType, Issuer, Audience]", assume("first")...); got != "[alice@example.com persistent "+samlIssuer+" https://signin.aws.amazon.com/saml]" {
		t.Errorf("the answer is %s", got)
	}
	const invalid = "InvalidIdentityToken"
	p.refused("nobody", []string{invalid, "The SAML assertion was used before."}, assume("first")...)
	p.refused("nobody", []string{invalid, "Your request included an invalid SAML response."}, assume("wrapped")...)
	p.refused("nobody", []string{invalid, "Response signature invalid"}, assume("unsigned")...)
	p.refused("nobody", []string{invalid, "Response signature invalid"}, assume("sha1")...)
	p.refused("nobody", []string{"ExpiredTokenException", "Response has expired"}, assume("expired")...)
	p.refused("nobody", []string{invalid, "Response does not contain the required audience."}, assume("audience")...)
	p.refused("nobody", []string{invalid, "Response signature invalid"}, assume("encrypted")...)

	private := filepath.Join(p.home, "encryption.pem")
	write(t, private, encryption.private)
	p.aws("root", "iam", "update-saml-provider", "--saml-provider-arn", provider, "--add-private-key", "file://"+private, "--assertion-encryption-mode", "Required")
	p.aws("nobody", assume("encrypted")...)
	p.aws("nobody", assume("cbc")...)
	p.refused("nobody", []string{invalid, "The specified provider requires encrypted assertions."}, assume("second")...)
	p.aws("root", "iam", "update-saml-provider", "--saml-provider-arn", provider, "--assertion-encryption-mode", "Allowed")
	p.aws("nobody", assume("second")...)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	python := exec.CommandContext(ctx, filepath.Join(root(t), ".venv", "bin", "python"), "-c", `
import sys, boto3, botocore.exceptions
_, role, provider, assertion = sys.argv
sts = boto3.client("sts")
c = sts.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=assertion)["Credentials"]
session = boto3.Session(c["AccessKeyId"], c["SecretAccessKey"], c["SessionToken"])
print(session.client("sts").get_caller_identity()["Arn"].split(":")[5])
session.client("iam").list_users()
for call in (session.client("iam").list_roles, lambda: sts.assume_role_with_saml(RoleArn=role, PrincipalArn=provider, SAMLAssertion=assertion)):
    try:
        call()
    except botocore.exceptions.ClientError as e:
        print(e.response["Error"]["Code"])
`, role, provider, responses["third"])
	python.Env = append(environment("HOME="+p.home, "AWS_EC2_METADATA_DISABLED=true", "PYTHONWARNINGS=ignore"),
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ENDPOINT_URL="+server.URL)
	out, err := python.CombinedOutput()
	if want := fmt.Sprintln("assumed-role/staff/alice\nAccessDenied\nInvalidIdentityToken"); err != nil || string(out) != want {
		t.Errorf("boto3: %v\n%s\nwant\n%s", err, out, want)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
