package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha512"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// readDocument reads a JSON document as a relying party does, without credentials.
func readDocument(t *testing.T, url string, into any) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s", url, answer.StatusCode, raw)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatalf("%s: %v in %s", url, err, raw)
	}
}

// relyingParty checks a token by discovery, from the issuer that it trusts, with
// the standard library, and returns whose it is.
func relyingParty(t *testing.T, issuer, audience, token string) (subject string) {
	t.Helper()
	decode := func(text string) []byte {
		t.Helper()
		raw, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	var discovered struct {
		Issuer string
		Keys   string `json:"jwks_uri"`
	}
	readDocument(t, issuer+"/.well-known/openid-configuration", &discovered)
	var set struct{ Keys []map[string]string }
	readDocument(t, discovered.Keys, &set)
	parts := strings.Split(token, ".")
	var header map[string]string
	if err := json.Unmarshal(decode(parts[0]), &header); err != nil || len(parts) != 3 {
		t.Fatal(err, token)
	}
	i := slices.IndexFunc(set.Keys, func(k map[string]string) bool { return k["kid"] == header["kid"] && k["alg"] == header["alg"] })
	if i < 0 || header["alg"] != "ES384" {
		t.Fatalf("no key for %v in %v", header, set.Keys)
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P384(), slices.Concat([]byte{4}, decode(set.Keys[i]["x"]), decode(set.Keys[i]["y"])))
	if err != nil {
		t.Fatal(err)
	}
	sum, signature := sha512.Sum384([]byte(parts[0]+"."+parts[1])), decode(parts[2])
	if len(signature) != 96 || !ecdsa.Verify(key, sum[:], new(big.Int).SetBytes(signature[:48]), new(big.Int).SetBytes(signature[48:])) {
		t.Fatal("the signature is wrong")
	}
	var claims struct{ Iss, Aud, Sub string }
	if err := json.Unmarshal(decode(parts[1]), &claims); err != nil {
		t.Fatal(err)
	}
	if discovered.Issuer != issuer || claims.Iss != issuer || claims.Aud != audience {
		t.Errorf("%s says %s, and the token is of %s for %s", issuer, discovered.Issuer, claims.Iss, claims.Aud)
	}
	return claims.Sub
}

// A user proves who it is to a relying party outside, by the AWS CLI.
//
// Rules: ST-79
func TestFederationOutByCLI(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String() // an issuer is known before there is a server
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	server := start(t, filepath.Join(t.TempDir(), "data"), "--listen", address)
	p := newPerson(t, server)
	id, secret := rootKeys(t, server.Data)
	p.keys("root", id, secret)
	issuer := p.get("root", "IssuerIdentifier", "iam", "enable-outbound-web-identity-federation")
	p.aws("root", "iam", "create-user", "--user-name", "alice")
	p.newKey("root", "alice")
	ask := []string{"sts", "get-web-identity-token", "--audience", "api.example", "--signing-algorithm", "ES384"}
	p.refused("alice", []string{"AccessDenied", "sts:GetWebIdentityToken"}, ask...)
	p.aws("root", "iam", "put-user-policy", "--user-name", "alice", "--policy-name", "tokens", "--policy-document", allowing("sts:GetWebIdentityToken", "*"))
	token := p.get("alice", "WebIdentityToken", ask...)
	if sub := relyingParty(t, issuer, "api.example", token); !strings.HasSuffix(sub, ":user/alice") {
		t.Errorf("the token is of %s", sub)
	}
	if out, failure, code := p.regent("issuer", "rotate", "--profile", "root"); code != 0 || strings.Count(out, "it is replaced") != 2 {
		t.Errorf("regent issuer rotate: %d\n%s%s", code, out, failure)
	}
	relyingParty(t, issuer, "api.example", token) // still published
	relyingParty(t, issuer, "api.example", p.get("alice", "WebIdentityToken", ask...))
}

// A service is registered by the command and assumes a role through boto3, which
// knows nothing of services, saying for whom it calls.
//
// Rules: EV-36
func TestServiceByBoto3(t *testing.T) {
	t.Parallel()
	server := start(t, filepath.Join(t.TempDir(), "data"))
	p := newPerson(t, server)
	id, secret := rootKeys(t, server.Data)
	p.keys("root", id, secret)
	const name = "backup.example.internal"
	account := p.get("root", "Account", "sts", "get-caller-identity")
	if _, failure, code := p.regent("services", "register", name, "--profile", "root"); code != 0 {
		t.Fatalf("regent services register: %d\n%s", code, failure)
	}
	out, failure, code := p.regent("services", "create-key", name, "--json", "--profile", "root")
	var made struct {
		ServiceKey struct {
			ID     string `json:"AccessKeyId"`
			Secret string `json:"SecretAccessKey"`
		}
	}
	if err := json.Unmarshal([]byte(out), &made); err != nil || code != 0 {
		t.Fatalf("regent services create-key: %d %v\n%s", code, err, failure)
	}
	p.keys("backup", made.ServiceKey.ID, made.ServiceKey.Secret)
	role := p.get("root", "Role.Arn", "iam", "create-role", "--role-name", "backup", "--assume-role-policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"`+name+`"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"`+account+`"}}}]}`)
	p.refused("backup", []string{"AccessDenied"}, "sts", "assume-role", "--role-arn", role, "--role-session-name", "nightly")
	cmd := exec.CommandContext(t.Context(), filepath.Join(root(t), ".venv", "bin", "python"), "-c", `
import sys, boto3
role, account = sys.argv[1:]
sts = boto3.Session(profile_name="backup").client("sts")
def source(request, **_):
    request.headers["X-Amz-Source-Account"] = account
sts.meta.events.register("before-sign.sts.AssumeRole", source)
print(sts.assume_role(RoleArn=role, RoleSessionName="nightly")["AssumedRoleUser"]["Arn"])
`, role, account)
	cmd.Env, cmd.Dir, cmd.Stderr = p.env, p.home, os.Stderr
	said, err := cmd.Output()
	if want := "arn:aws:sts::" + account + ":assumed-role/backup/nightly"; err != nil || strings.TrimSpace(string(said)) != want {
		t.Errorf("boto3 as the service: %v %s, want %s", err, said, want)
	}
	if _, failure, code := p.regent("services", "check-pass-role", "arn:aws:iam::"+account+":user/nobody", role, "--profile", "backup"); code != 1 || !strings.Contains(failure, "may not be passed") {
		t.Errorf("regent services check-pass-role: %d %s", code, failure)
	}
}
