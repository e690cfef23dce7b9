package e2e

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// file writes a file of the person's and returns it as the AWS CLI takes it.
func (p *person) file(name, text string) string {
	p.t.Helper()
	path := filepath.Join(p.home, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return "file://" + path
}

// selfSigned returns a certificate and its key, both in PEM.
func selfSigned(t *testing.T, key crypto.Signer) (certificate, private string) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "www.example.com"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

func newECKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// sshLine returns a public key as ssh-keygen writes it.
func sshLine(key *rsa.PublicKey) string {
	var b []byte
	for _, field := range [][]byte{[]byte("ssh-rsa"), big.NewInt(int64(key.E)).Bytes(), append([]byte{0}, key.N.Bytes()...)} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(field)))
		b = append(b, field...)
	}
	return "ssh-rsa " + base64.StdEncoding.EncodeToString(b) + " u@example.com"
}

// TestServerCertificatesByTheCLI takes a server certificate from beginning to
// end. Its key never comes back.
//
// Rules: IA-61
func TestServerCertificatesByTheCLI(t *testing.T) {
	t.Parallel()
	p := alone(t)
	certificate, private := selfSigned(t, newECKey(t))
	_, other := selfSigned(t, newECKey(t))
	body, key := p.file("cert.pem", certificate), p.file("key.pem", private)
	upload := []string{"iam", "upload-server-certificate", "--server-certificate-name", "site", "--path", "/web/", "--certificate-body", body, "--private-key"}
	p.refused("root", []string{"KeyPairMismatch"}, append(upload, p.file("other.pem", other))...)
	p.refused("root", []string{"MalformedCertificate"}, "iam", "upload-server-certificate", "--server-certificate-name", "site", "--certificate-body", key, "--private-key", key)
	certificateARN := p.get("root", "ServerCertificateMetadata.Arn", append(upload, key, "--tags", "Key=team,Value=blue")...)
	account := p.get("root", "Account", "sts", "get-caller-identity")
	if want := "arn:aws:iam::" + account + ":server-certificate/web/site"; certificateARN != want {
		t.Errorf("the certificate is %s, want %s", certificateARN, want)
	}
	p.refused("root", []string{"EntityAlreadyExists"}, append(upload, key)...)

	got := p.aws("root", "iam", "get-server-certificate", "--server-certificate-name", "site")
	if !strings.Contains(got, strings.Split(certificate, "\n")[1]) || strings.Contains(got, strings.Split(private, "\n")[1]) || strings.Contains(got, "PRIVATE") {
		t.Errorf("get-server-certificate says %s", got)
	}
	p.aws("root", "iam", "update-server-certificate", "--server-certificate-name", "site", "--new-server-certificate-name", "www", "--new-path", "/")
	p.refused("root", []string{"NoSuchEntity"}, "iam", "get-server-certificate", "--server-certificate-name", "site")
	if got := p.get("root", "ServerCertificateMetadataList[].ServerCertificateName", "iam", "list-server-certificates"); got != "[www]" {
		t.Errorf("the certificates are %s", got)
	}
	p.aws("root", "iam", "tag-server-certificate", "--server-certificate-name", "www", "--tags", "Key=stage,Value=prod")
	p.aws("root", "iam", "untag-server-certificate", "--server-certificate-name", "www", "--tag-keys", "team")
	if got := p.get("root", "Tags[].[Key,Value]", "iam", "list-server-certificate-tags", "--server-certificate-name", "www"); got != "[[stage prod]]" {
		t.Errorf("the tags are %s", got)
	}

	// Who may delete certificates of one stage deletes this one, and no other.
	p.aws("root", "iam", "upload-server-certificate", "--server-certificate-name", "test", "--certificate-body", body, "--private-key", key)
	p.aws("root", "iam", "create-user", "--user-name", "u")
	p.aws("root", "iam", "put-user-policy", "--user-name", "u", "--policy-name", "p", "--policy-document", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"iam:DeleteServerCertificate","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/stage":"prod"}}}]}`)
	p.newKey("root", "u")
	p.refused("u", []string{"AccessDenied", ":server-certificate/test"}, "iam", "delete-server-certificate", "--server-certificate-name", "test")
	p.aws("u", "iam", "delete-server-certificate", "--server-certificate-name", "www")
	p.refused("root", []string{"NoSuchEntity"}, "iam", "delete-server-certificate", "--server-certificate-name", "www")
}

// TestKeysOfAUserByTheCLI gives a user a signing certificate and an SSH key,
// and takes both away before the user can go.
//
// Rules: IA-41
func TestKeysOfAUserByTheCLI(t *testing.T) {
	t.Parallel()
	p := alone(t)
	p.aws("root", "iam", "create-user", "--user-name", "u")
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	certificate, _ := selfSigned(t, key)
	body := p.file("cert.pem", certificate)
	p.refused("root", []string{"MalformedCertificate"}, "iam", "upload-signing-certificate", "--user-name", "u", "--certificate-body", p.file("bad.pem", "nothing"))
	id := p.get("root", "Certificate.CertificateId", "iam", "upload-signing-certificate", "--user-name", "u", "--certificate-body", body)
	p.refused("root", []string{"DuplicateCertificate"}, "iam", "upload-signing-certificate", "--user-name", "u", "--certificate-body", body)
	p.aws("root", "iam", "update-signing-certificate", "--user-name", "u", "--certificate-id", id, "--status", "Inactive")
	if got := p.get("root", "Certificates[].[CertificateId,Status]", "iam", "list-signing-certificates", "--user-name", "u"); got != "[["+id+" Inactive]]" {
		t.Errorf("the certificates are %s", got)
	}
	p.refused("root", []string{"DeleteConflict"}, "iam", "delete-user", "--user-name", "u")
	p.aws("root", "iam", "delete-signing-certificate", "--user-name", "u", "--certificate-id", id)
	p.refused("root", []string{"NoSuchEntity"}, "iam", "delete-signing-certificate", "--user-name", "u", "--certificate-id", id)

	line := sshLine(&key.PublicKey)
	p.refused("root", []string{"InvalidPublicKey"}, "iam", "upload-ssh-public-key", "--user-name", "u", "--ssh-public-key-body", "ssh-rsa AAAA")
	sshID := p.get("root", "SSHPublicKey.SSHPublicKeyId", "iam", "upload-ssh-public-key", "--user-name", "u", "--ssh-public-key-body", p.file("id_rsa.pub", line))
	p.refused("root", []string{"DuplicateSSHPublicKey"}, "iam", "upload-ssh-public-key", "--user-name", "u", "--ssh-public-key-body", line)
	if got := p.get("root", "SSHPublicKey.SSHPublicKeyBody", "iam", "get-ssh-public-key", "--user-name", "u", "--ssh-public-key-id", sshID, "--encoding", "SSH"); !strings.HasPrefix(line, strings.TrimSpace(got)) {
		t.Errorf("the key is %s, want %s", got, line)
	}
	raw := p.get("root", "SSHPublicKey.SSHPublicKeyBody", "iam", "get-ssh-public-key", "--user-name", "u", "--ssh-public-key-id", sshID, "--encoding", "PEM")
	block, _ := pem.Decode([]byte(raw))
	if block == nil {
		t.Fatalf("no PEM: %s", raw)
	}
	if read, err := x509.ParsePKIXPublicKey(block.Bytes); err != nil || !key.PublicKey.Equal(read) {
		t.Errorf("the key in PEM is another: %v", err)
	}
	p.aws("root", "iam", "update-ssh-public-key", "--user-name", "u", "--ssh-public-key-id", sshID, "--status", "Inactive")
	if got := p.get("root", "SSHPublicKeys[].Status", "iam", "list-ssh-public-keys", "--user-name", "u"); got != "[Inactive]" {
		t.Errorf("the key is %s", got)
	}
	p.refused("root", []string{"DeleteConflict"}, "iam", "delete-user", "--user-name", "u")
	p.aws("root", "iam", "delete-ssh-public-key", "--user-name", "u", "--ssh-public-key-id", sshID)
	p.aws("root", "iam", "delete-user", "--user-name", "u")
}

// TestOIDCProvidersByTheCLI takes an OpenID Connect provider from beginning to
// end.
func TestOIDCProvidersByTheCLI(t *testing.T) {
	t.Parallel()
	p := alone(t)
	account := p.get("root", "Account", "sts", "get-caller-identity")
	first, second := strings.Repeat("ab", 20), strings.Repeat("cd", 20)
	create := []string{"iam", "create-open-id-connect-provider", "--url", "https://token.example.com/org", "--client-id-list", "sts.amazonaws.com", "--thumbprint-list", first}
	p.refused("root", []string{"ValidationError", "Invalid Open ID Connect Provider URL"}, "iam", "create-open-id-connect-provider", "--url", "http://token.example.com", "--thumbprint-list", first)
	provider := p.get("root", "OpenIDConnectProviderArn", append(create, "--tags", "Key=team,Value=blue")...)
	if want := "arn:aws:iam::" + account + ":oidc-provider/token.example.com/org"; provider != want {
		t.Errorf("the provider is %s, want %s", provider, want)
	}
	p.refused("root", []string{"EntityAlreadyExists"}, create...)
	p.aws("root", "iam", "add-client-id-to-open-id-connect-provider", "--open-id-connect-provider-arn", provider, "--client-id", "cli")
	p.aws("root", "iam", "remove-client-id-from-open-id-connect-provider", "--open-id-connect-provider-arn", provider, "--client-id", "sts.amazonaws.com")
	p.aws("root", "iam", "update-open-id-connect-provider-thumbprint", "--open-id-connect-provider-arn", provider, "--thumbprint-list", second)
	p.aws("root", "iam", "tag-open-id-connect-provider", "--open-id-connect-provider-arn", provider, "--tags", "Key=team,Value=red")
	if got := p.get("root", "[Url,ClientIDList,ThumbprintList,Tags[].Value]", "iam", "get-open-id-connect-provider", "--open-id-connect-provider-arn", provider); got != "[token.example.com/org [cli] ["+second+"] [red]]" {
		t.Errorf("the provider is %s", got)
	}
	p.aws("root", "iam", "create-role", "--role-name", "web", "--assume-role-policy-document", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
		"Principal":{"Federated":"`+provider+`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.example.com/org:aud":"cli"}}}]}`)
	p.aws("root", "iam", "delete-open-id-connect-provider", "--open-id-connect-provider-arn", provider)
	if got := p.get("root", "OpenIDConnectProviderList", "iam", "list-open-id-connect-providers"); got != "[]" {
		t.Errorf("the providers are %s", got)
	}
	p.refused("root", []string{"NoSuchEntity"}, "iam", "get-open-id-connect-provider", "--open-id-connect-provider-arn", provider)
}

// TestSAMLProvidersByTheCLI takes a SAML provider from beginning to end.
func TestSAMLProvidersByTheCLI(t *testing.T) {
	t.Parallel()
	p := alone(t)
	account := p.get("root", "Account", "sts", "get-caller-identity")
	metadata := func(entity string) string {
		certificate, _ := selfSigned(t, newECKey(t))
		block, _ := pem.Decode([]byte(certificate))
		return fmt.Sprintf(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="%s" validUntil="%s">`+
			`<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">`+
			`<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>%s</X509Certificate></X509Data></KeyInfo></KeyDescriptor>`+
			`<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>`+
			`</IDPSSODescriptor></EntityDescriptor>%s`, entity, time.Now().Add(100*24*time.Hour).UTC().Format(time.RFC3339),
			base64.StdEncoding.EncodeToString(block.Bytes), strings.Repeat(" ", 800))
	}
	text := metadata("https://idp.example.com/")
	create := []string{"iam", "create-saml-provider", "--name", "idp", "--saml-metadata-document"}
	p.refused("root", []string{"InvalidInput"}, append(create, p.file("bad.xml", "<EntityDescriptor>"+strings.Repeat(" ", 1000)))...)
	provider := p.get("root", "SAMLProviderArn", append(create, p.file("first.xml", text), "--tags", "Key=team,Value=blue")...)
	if want := "arn:aws:iam::" + account + ":saml-provider/idp"; provider != want {
		t.Errorf("the provider is %s, want %s", provider, want)
	}
	p.refused("root", []string{"EntityAlreadyExists"}, append(create, p.file("first.xml", text))...)
	if got := p.get("root", "SAMLMetadataDocument", "iam", "get-saml-provider", "--saml-provider-arn", provider); got != text {
		t.Errorf("the metadata is %s, want %s", got, text)
	}
	next := metadata("https://idp.example.com/")
	p.aws("root", "iam", "update-saml-provider", "--saml-provider-arn", provider, "--saml-metadata-document", p.file("next.xml", next))
	p.aws("root", "iam", "untag-saml-provider", "--saml-provider-arn", provider, "--tag-keys", "team")
	if got := p.get("root", "[SAMLMetadataDocument,Tags]", "iam", "get-saml-provider", "--saml-provider-arn", provider); got != "["+next+" []]" && got != "["+next+" <nil>]" {
		t.Errorf("the provider is %s", got)
	}
	if got := p.get("root", "SAMLProviderList[].Arn", "iam", "list-saml-providers"); got != "["+provider+"]" {
		t.Errorf("the providers are %s", got)
	}
	p.aws("root", "iam", "delete-saml-provider", "--saml-provider-arn", provider)
	p.refused("root", []string{"NoSuchEntity"}, "iam", "get-saml-provider", "--saml-provider-arn", provider)
}
