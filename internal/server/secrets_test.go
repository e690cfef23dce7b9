package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"fmt"
	"math/big"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/server"
)

// TestSecretsAreNowhereButWhereTheyBelong runs through everything that gives
// secrets out or takes them in, refusals too, and then looks for each in the
// log, the record, the store and the objects' index: as it is, and in base64.
//
// Rules: TH-54 TH-69 TH-102
func TestSecretsAreNowhereButWhereTheyBelong(t *testing.T) {
	t.Parallel()
	master, metrics := seal.NewMaster().Encode(), "metrics-canary-0123456789"
	w := begin(t, server.Options{MasterKey: master, Demo: true, Dev: true, MetricsToken: seal.NewSecret(metrics)})
	must(t)(w.Demo(t.Context(), demoURL))
	secrets := map[string]string{"master key": master.Reveal(), "metrics token": metrics, "token of dev": w.DevToken()}
	keys := profiles(t, w)
	for name, key := range keys {
		secrets["secret of "+name] = key.Secret.Reveal()
	}
	admin := w.Client(keys["dev-admin"])

	session, err := w.Client(keys["alice"]).Assume(t.Context(), prodRole, "alice")
	if err != nil {
		t.Fatal(err)
	}
	secrets["secret of a session"] = session.Credentials().SecretAccessKey
	secrets["session token"] = session.Credentials().SessionToken
	must(t)(session.S3(t.Context(), http.MethodPut, "/prod-invoices/key", "x"))
	_, err = session.Query(t.Context(), "iam", "ListUsers")
	refused(t, err, "AccessDenied")

	var device struct {
		Seed   string `xml:"CreateVirtualMFADeviceResult>VirtualMFADevice>Base32StringSeed"`
		Serial string `xml:"CreateVirtualMFADeviceResult>VirtualMFADevice>SerialNumber"`
	}
	if err := xml.Unmarshal([]byte(must(t)(admin.Query(t.Context(), "iam", "CreateVirtualMFADevice", "VirtualMFADeviceName", "phone"))), &device); err != nil {
		t.Fatal(err)
	}
	seed, err := base64.StdEncoding.DecodeString(device.Seed)
	if err != nil || len(seed) < 16 {
		t.Fatalf("seed of %d characters: %v", len(seed), err)
	}
	secrets["MFA seed"], secrets["MFA seed on the wire"] = string(seed), device.Seed
	const code1, code2, code3 = "918273", "645546", "827364"
	_, err = admin.Query(t.Context(), "iam", "EnableMFADevice", "UserName", "alice", "SerialNumber", device.Serial, "AuthenticationCode1", code1, "AuthenticationCode2", code2)
	if err == nil {
		t.Error("a wrong code was good")
	}
	_, err = w.Client(keys["alice"]).Query(t.Context(), "sts", "GetSessionToken", "SerialNumber", device.Serial, "TokenCode", code3)
	if err == nil {
		t.Error("a wrong code was good")
	}
	made, err := admin.NewKey(t.Context(), "bob")
	if err != nil {
		t.Fatal(err)
	}
	secrets["a new secret"] = made.Secret.Reveal()
	w.dev(t, "root-key?account=111122223333", "")

	signIns(t, w, secrets)
	passwords(t, w, secrets)
	credentials(t, w, secrets)

	// A caller whose signature is wrong, one with a token that is not its own,
	// and one that puts secrets where none belong.
	_, err = w.Client(server.RootKey{ID: keys["alice"].ID, Secret: seal.NewSecret("wrong-canary-0123456789")}).Query(t.Context(), "sts", "GetCallerIdentity")
	refused(t, err, "SignatureDoesNotMatch")
	secrets["a wrong secret"] = "wrong-canary-0123456789"
	r := local(http.MethodGet, "/prod-invoices/key?X-Amz-Signature=5167cafe0123456789&X-Amz-Security-Token=token-canary-0123456789&X-Amz-Credential=x", "")
	w.ask(r)
	secrets["a signature in a link"], secrets["a token in a link"] = "5167cafe0123456789", "token-canary-0123456789"
	r = local(http.MethodGet, "/prod-invoices/key", "")
	r.Header.Set("X-Amz-Server-Side-Encryption-Customer-Key", "ssec-canary-0123456789")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=f00dfacef00dface")
	w.ask(r)
	secrets["a key of SSE-C"], secrets["a signature"] = "ssec-canary-0123456789", "f00dfacef00dface"

	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	places := files(t, w.options.Data)
	for _, belongs := range []string{"demo/credentials", "demo/passwords", "dev/token", "root-credentials"} {
		if _, ok := places[belongs]; !ok {
			t.Errorf("there is no %s", belongs)
		}
		delete(places, belongs)
	}
	places["the log"] = w.log.String()
	look(t, places, secrets)

	// Codes are too short to look for in a database.
	for name, content := range places {
		for _, code := range []string{code1, code2, code3} {
			if (name == "the log" || strings.HasPrefix(name, "record")) && strings.Contains(content, `"`+code+`"`) {
				t.Errorf("code %s is in %s", code, name)
			}
		}
	}
	if !slices.ContainsFunc(strings.Split(places[filepath.ToSlash("record/events.jsonl")], "\n"), func(line string) bool {
		return strings.Contains(line, `"EnableMFADevice"`) && strings.Contains(line, device.Serial)
	}) {
		t.Error("the record does not tell of the calls that this test looks into")
	}
}

// passwords sets, changes and mistakes passwords.
func passwords(t *testing.T, w *world, secrets map[string]string) {
	t.Helper()
	keys := profiles(t, w)
	admin, alice := w.Client(keys["dev-admin"]), w.Client(keys["alice"])
	call := func(as server.Client, code, operation string, parameters ...string) {
		t.Helper()
		_, err := as.Query(t.Context(), "iam", operation, parameters...)
		if code != "" {
			refused(t, err, code)
		} else if err != nil {
			t.Error(err)
		}
	}
	canary := func(what string) string {
		secrets[what] = "Canary-" + fmt.Sprint(len(secrets)) + "-of-a-password"
		return secrets[what]
	}
	first, second, reset := canary("first password"), canary("second password"), canary("password of an administrator")
	call(admin, "", "DeleteLoginProfile", "UserName", "alice")
	call(admin, "", "CreateLoginProfile", "UserName", "alice", "Password", first)
	call(admin, "EntityAlreadyExists", "CreateLoginProfile", "UserName", "alice", "Password", canary("password that came too late"))
	call(admin, "", "UpdateAccountPasswordPolicy", "AllowUsersToChangePassword", "true", "PasswordReusePrevention", "3", "RequireNumbers", "true")
	call(alice, "AccessDenied", "ChangePassword", "OldPassword", canary("wrong old password"), "NewPassword", canary("password that was not set"))
	call(alice, "", "ChangePassword", "OldPassword", first, "NewPassword", second)
	call(alice, "PasswordPolicyViolation", "ChangePassword", "OldPassword", second, "NewPassword", first)
	call(admin, "", "UpdateLoginProfile", "UserName", "alice", "Password", reset)
	secrets["password against the policy"] = "Canary-without-figures"
	call(admin, "PasswordPolicyViolation", "UpdateLoginProfile", "UserName", "alice", "Password", secrets["password against the policy"])
	secrets["password out of form"] = "Canary-7-\u4e2d-of-a-password"
	call(admin, "ValidationError", "UpdateLoginProfile", "UserName", "alice", "Password", secrets["password out of form"])
	call(alice, "AccessDenied", "UpdateLoginProfile", "UserName", "bob", "Password", canary("password that was refused"))
}

// credentials makes and resets credentials of services, and uploads a private
// key, rightly and wrongly.
func credentials(t *testing.T, w *world, secrets map[string]string) {
	t.Helper()
	admin := w.Client(profiles(t, w)["dev-admin"])
	call := func(operation string, parameters ...string) string {
		t.Helper()
		body, err := admin.Query(t.Context(), "iam", operation, parameters...)
		if err != nil {
			t.Error(err)
		}
		return body
	}
	within := func(body, element string) string {
		_, rest, _ := strings.Cut(body, "<"+element+">")
		text, _, _ := strings.Cut(rest, "<")
		return text
	}
	body := call("CreateServiceSpecificCredential", "UserName", "alice", "ServiceName", "codecommit.amazonaws.com")
	secrets["password for a service"] = within(body, "ServicePassword")
	body = call("ResetServiceSpecificCredential", "UserName", "alice", "ServiceSpecificCredentialId", within(body, "ServiceSpecificCredentialId"))
	secrets["next password for a service"] = within(body, "ServicePassword")
	secrets["key of a service"] = within(call("CreateServiceSpecificCredential", "UserName", "alice", "ServiceName", "bedrock.amazonaws.com"), "ServiceCredentialSecret")

	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
	secrets["private key of a server"] = strings.Split(text, "\n")[1]
	call("UploadServerCertificate", "ServerCertificateName", "www", "CertificateBody", certificate, "PrivateKey", text)
	_, err = admin.Query(t.Context(), "iam", "UploadServerCertificate", "ServerCertificateName", "x", "CertificateBody", certificate, "PrivateKey", text+"x")
	refused(t, err, "MalformedCertificate")
}

func look(t *testing.T, places, secrets map[string]string) {
	t.Helper()
	if len(places) < 4 || len(secrets) < 15 {
		t.Fatalf("%d places, %d secrets", len(places), len(secrets))
	}
	for what, secret := range secrets {
		if len(secret) < 16 {
			t.Fatalf("%s is %q", what, secret)
		}
		for name, content := range places {
			for _, spelt := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%x", secret)} {
				if strings.Contains(content, spelt) {
					t.Errorf("the %s is in %s", what, name)
				}
			}
		}
	}
}
