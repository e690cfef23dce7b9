package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jwt"
)

// A tokenProvider is an OpenID Connect provider that runs in the test. Its keys and
// tokens are another library's than Regent's.
type tokenProvider struct {
	*httptest.Server
	t         *testing.T
	mu        sync.Mutex
	key       jwk.Key
	algorithm jwa.SignatureAlgorithm
}

func newProvider(t *testing.T) *tokenProvider {
	t.Helper()
	p := &tokenProvider{t: t}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cluster/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]any{
			"issuer": p.issuer(), "jwks_uri": p.URL + "/cluster/openid/v1/jwks", "response_types_supported": []string{"id_token"},
			"subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256", "ES384"},
		})
	})
	mux.HandleFunc("GET /cluster/openid/v1/jwks", func(w http.ResponseWriter, _ *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		public, err := jwk.PublicKeyOf(p.key)
		if err != nil {
			t.Error(err)
			return
		}
		set := jwk.NewSet()
		if err := set.AddKey(public); err != nil {
			t.Error(err)
		}
		_ = json.NewEncoder(w).Encode(set)
	})
	p.Server = httptest.NewTLSServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *tokenProvider) issuer() string { return p.URL + "/cluster" }

func (p *tokenProvider) name() string { return strings.TrimPrefix(p.issuer(), "https://") }

// rotate makes raw the one key of the provider.
func (p *tokenProvider) rotate(kid string, raw any, algorithm jwa.SignatureAlgorithm) {
	p.t.Helper()
	key, err := jwk.Import(raw)
	if err != nil {
		p.t.Fatal(err)
	}
	for name, value := range map[string]any{jwk.KeyIDKey: kid, jwk.AlgorithmKey: algorithm, jwk.KeyUsageKey: "sig"} {
		if err := key.Set(name, value); err != nil {
			p.t.Fatal(err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.key, p.algorithm = key, algorithm
}

// token is a projected token of a Kubernetes service account.
func (p *tokenProvider) token(subject string) string {
	p.t.Helper()
	now := time.Now()
	token, err := jwt.NewBuilder().Issuer(p.issuer()).Subject(subject).Audience([]string{"sts.amazonaws.com"}).
		IssuedAt(now).NotBefore(now).Expiration(now.Add(time.Hour)).
		Claim("kubernetes.io", map[string]any{"namespace": "default", "serviceaccount": map[string]string{"name": "ci", "uid": "1"}}).Build()
	if err != nil {
		p.t.Fatal(err)
	}
	signed, err := jwt.Sign(token, jwt.WithKey(p.algorithm, p.key))
	if err != nil {
		p.t.Fatal(err)
	}
	return string(signed)
}

// TestWebIdentity trades tokens of a provider with a certificate of its own for
// sessions: by the AWS CLI's command, by its profile of a token file, and by
// boto3's environment; the provider changes its key midway.
//
// Rules: ST-60 ST-61 ST-62 ST-66 ST-68 EV-52
func TestWebIdentity(t *testing.T) {
	t.Parallel()
	idp := newProvider(t)
	first, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	idp.rotate("first", first, jwa.RS256())
	dir := t.TempDir()
	authority := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(authority, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: idp.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	server := start(t, filepath.Join(dir, "data"), "--federation-ca-file", authority, "--federation-allow-networks", "127.0.0.1")
	p := newPerson(t, server)
	id, secret := rootKeys(t, server.Data)
	p.keys("root", id, secret)
	p.profile("nobody")
	provider := p.get("root", "OpenIDConnectProviderArn", "iam", "create-open-id-connect-provider", "--url", idp.issuer(), "--client-id-list", "sts.amazonaws.com")
	const subject = "system:serviceaccount:default:ci"
	role := p.get("root", "Role.Arn", "iam", "create-role", "--role-name", "ci", "--assume-role-policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"`+provider+`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"`+
			idp.name()+`:aud":"sts.amazonaws.com","`+idp.name()+`:sub":"`+subject+`"}}}]}`)
	p.aws("root", "iam", "put-role-policy", "--role-name", "ci", "--policy-name", "p", "--policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:FederatedProvider":"`+provider+`"}}}]}`)

	old := idp.token(subject)
	assume := func(token string) []string {
		return []string{"sts", "assume-role-with-web-identity", "--role-arn", role, "--role-session-name", "pod", "--web-identity-token", token}
	}
	if got := p.get("nobody", "[SubjectFromWebIdentityToken, Provider, Audience, AssumedRoleUser.Arn]", assume(old)...); got != "["+subject+" "+idp.issuer()+" sts.amazonaws.com "+
		strings.Replace(strings.Replace(role, ":iam:", ":sts:", 1), ":role/", ":assumed-role/", 1)+"/pod]" {
		t.Errorf("the answer is %s", got)
	}
	p.refused("nobody", []string{"AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"}, assume(idp.token("system:serviceaccount:default:other"))...)

	file := filepath.Join(dir, "token")
	write := func(token string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(old)
	p.profile("pod", "role_arn = "+role, "role_session_name = pod", "web_identity_token_file = "+file)
	p.aws("pod", "iam", "list-users")
	p.refused("pod", []string{"AccessDenied", "is not authorized to perform: iam:ListRoles"}, "iam", "list-roles")

	// The provider changes its key, to one of another kind.
	second, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	idp.rotate("second", second, jwa.ES384())
	write(idp.token(subject))
	p.forget()
	p.aws("pod", "iam", "list-users")
	p.refused("nobody", []string{"InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider,  please reference"}, assume(old)...)

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	python := exec.CommandContext(ctx, filepath.Join(root(t), ".venv", "bin", "python"), "-c", `
import boto3, botocore.exceptions
print(boto3.client("sts").get_caller_identity()["Arn"])
iam = boto3.client("iam")
iam.list_users()
try:
    iam.list_roles()
except botocore.exceptions.ClientError as e:
    print(e.response["Error"]["Code"])
`)
	python.Env = append(environment("HOME="+p.home, "AWS_EC2_METADATA_DISABLED=true", "PYTHONWARNINGS=ignore"),
		"AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1", "AWS_ENDPOINT_URL="+server.URL,
		"AWS_ROLE_ARN="+role, "AWS_ROLE_SESSION_NAME=boto", "AWS_WEB_IDENTITY_TOKEN_FILE="+file)
	out, err := python.CombinedOutput()
	if want := strings.Replace(strings.Replace(role, ":iam:", ":sts:", 1), ":role/", ":assumed-role/", 1) + "/boto\nAccessDenied\n"; err != nil || string(out) != want {
		t.Errorf("boto3: %v\n%s\nwant\n%s", err, out, want)
	}

	p.aws("root", "iam", "delete-open-id-connect-provider", "--open-id-connect-provider-arn", provider)
	p.refused("nobody", []string{"InvalidIdentityToken", "No OpenIDConnect provider found in your account for " + idp.issuer()}, assume(idp.token(subject))...)
}
