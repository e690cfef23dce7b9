package sts_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	iamapi "github.com/regent-iam/regent/internal/api/iam"
	organizationsapi "github.com/regent-iam/regent/internal/api/organizations"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/federation/oidc"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/organizations"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/service/sts"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// An idp is a provider's server with one key.
type idp struct {
	*httptest.Server
	t    *testing.T
	key  *ecdsa.PrivateKey
	down atomic.Bool
	// before runs before the keys are answered.
	before func()
}

func newIDP(t *testing.T) *idp {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &idp{t: t, key: key}
	p.Server = httptest.NewTLSServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *idp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p.down.Load() {
		http.Error(w, "a secret of the inner network", http.StatusServiceUnavailable)
		return
	}
	if tenant, ok := strings.CutSuffix(r.URL.Path, "/.well-known/openid-configuration"); ok {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": p.URL + tenant, "jwks_uri": p.URL + "/keys"})
		return
	}
	if p.before != nil {
		p.before()
	}
	point, err := p.key.PublicKey.Bytes()
	if err != nil {
		p.t.Error(err)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "kid": "k", "crv": "P-256", "x": base64.RawURLEncoding.EncodeToString(point[1:33]), "y": base64.RawURLEncoding.EncodeToString(point[33:]),
	}}})
}

func (p *idp) name() string { return strings.TrimPrefix(p.URL, "https://") }

// token signs claims; those that every token has are there unless change says
// otherwise.
func (p *idp) token(now time.Time, change map[string]any) string {
	p.t.Helper()
	claims := map[string]any{"iss": p.URL, "sub": "repo:acme/app:ref:refs/heads/main", "aud": "sts.amazonaws.com", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix()}
	maps.Copy(claims, change)
	part := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			p.t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	input := part(map[string]string{"alg": "ES256", "kid": "k", "typ": "JWT"}) + "." + part(claims)
	sum := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, p.key, sum[:])
	if err != nil {
		p.t.Fatal(err)
	}
	return input + "." + base64.RawURLEncoding.EncodeToString(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// federated is a harness whose STS trusts the provider's certificate, with an
// account that has the provider.
func federated(t *testing.T, p *idp, config sts.Config) *servicetest.Harness {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(p.Certificate())
	config.Tokens = oidc.New(oidc.Options{Authorities: pool, Networks: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	h := servicetest.New(t,
		dispatch.Service{API: &iamapi.Service, Operations: iam.New(iam.Config{PublicURL: config.PublicURL}).Operations()},
		dispatch.Service{API: &stsapi.Service, Operations: sts.New(config).Operations()},
		dispatch.Service{API: &organizationsapi.Service, Operations: organizations.New(organizations.Config{
			AccountID: func(io.Reader) (identity.AccountID, error) { return "777788889999", nil }, CanonicalID: func(id identity.AccountID) string { return string(id) },
		}).Operations()},
	)
	h.Account(prod, "root")
	h.As("root").Call("iam", "CreateOpenIDConnectProvider", "Url", p.URL, "ClientIDList.member.1", "sts.amazonaws.com", "ClientIDList.member.2", "second").OK()
	return h
}

// trustProvider is a trust policy for a provider.
func trustProvider(p *idp, account, actions, conditions string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::` + account + `:oidc-provider/` + p.name() +
		`"},"Action":[` + actions + `],"Condition":{` + strings.ReplaceAll(conditions, "<p>", p.name()) + `}}]}`
}

const (
	webOnly = `"sts:AssumeRoleWithWebIdentity"`
	webAll  = `"sts:AssumeRoleWithWebIdentity","sts:TagSession","sts:SetSourceIdentity"`
	mainSub = `"StringEquals":{"<p>:aud":"sts.amazonaws.com","<p>:sub":"repo:acme/app:ref:refs/heads/main"}`
)

func roleARN(name string) string { return "arn:aws:iam::" + prod + ":role/" + name }

// assumeWeb calls with a token, as nobody.
func assumeWeb(h *servicetest.Harness, role, token string, more ...string) *servicetest.Answer {
	return h.As(servicetest.Unsigned).Call("sts", "AssumeRoleWithWebIdentity",
		append([]string{"RoleArn", role, "RoleSessionName", "ci", "WebIdentityToken", token}, more...)...)
}

func (p *idp) role(h *servicetest.Harness, name, actions, conditions string) string {
	h.As("root").Call("iam", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", trustProvider(p, prod, actions, conditions)).OK()
	return roleARN(name)
}

// A token of the provider is traded for a session of the role, which is an
// ordinary one but for what it keeps of the token.
//
// Rules: ST-12 ST-60 ST-65 ST-68 ST-20 EV-52 EV-60
func TestAssumeRoleWithWebIdentity(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	h := federated(t, p, sts.Config{})
	role := p.role(h, "ci", webOnly, mainSub)
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "ci", "PolicyName", "p", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:FederatedProvider":"arn:aws:iam::`+prod+`:oidc-provider/`+p.name()+`","`+
			p.name()+`:sub":"repo:acme/app:ref:refs/heads/main","`+p.name()+`:aud":"sts.amazonaws.com"},"Null":{"`+p.name()+`:email":"true"}}}]}`).OK()
	token := p.token(h.Now(), map[string]any{"email": "a@b.example"})
	a := assumeWeb(h, role, token).OK()
	for path, want := range map[string]string{
		"SubjectFromWebIdentityToken": "repo:acme/app:ref:refs/heads/main", "Audience": "sts.amazonaws.com", "Provider": p.URL,
		"Arn": "arn:aws:sts::" + prod + ":assumed-role/ci/ci", "Expiration": h.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	} {
		if got := a.Get(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if id := a.Get("AssumedRoleId"); !strings.HasPrefix(id, "AROA") || !strings.HasSuffix(id, ":ci") {
		t.Errorf("AssumedRoleId is %q", id)
	}
	if len(a.Get("SecretAccessKey")) != 40 || !strings.HasPrefix(a.Get("AccessKeyId"), "ASIA") {
		t.Errorf("credentials %s", a.Body)
	}
	for _, name := range []string{"PackedPolicySize", "SourceIdentity"} {
		if got := a.All(name); len(got) > 0 {
			t.Errorf("%s is %q", name, got)
		}
	}
	actor(h, "session", a)
	h.As("session").Call("iam", "ListUsers").OK()
	h.As("session").Call("iam", "ListRoles").Fails("AccessDenied")

	assumeWeb(h, role, token, "DurationSeconds", "3601").Fails("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	a = assumeWeb(h, role, token, "DurationSeconds", "900", "Policy", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`).OK()
	if got := a.Get("Expiration"); got != h.Now().Add(15*time.Minute).UTC().Format(time.RFC3339) {
		t.Errorf("it expires at %s", got)
	}
	if a.Get("PackedPolicySize") == "0" {
		t.Error("a policy takes no space")
	}
	actor(h, "limited", a)
	h.As("limited").Call("iam", "ListUsers").Fails("AccessDenied")
	h.Advance(15 * time.Minute)
	h.As("limited").Call("sts", "GetCallerIdentity").Fails("ExpiredToken")
	assumeWeb(h, role, token, "Policy", "{").Fails("MalformedPolicyDocument")

	// It is an operation that nobody signs.
	h.As("root").Call("sts", "AssumeRoleWithWebIdentity", "RoleArn", role, "RoleSessionName", "ci", "WebIdentityToken", token).Fails("InvalidAction")
	h.As(servicetest.Unsigned).Call("sts", "AssumeRole", "RoleArn", role, "RoleSessionName", "ci").Fails("MissingAuthenticationToken")
}

// Whom the trust policy does not trust is refused in the very words in which a
// role is that is not there.
//
// Rules: ST-66 TH-59 EV-52 EV-73
func TestWebIdentityThatIsNotTrusted(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	h := federated(t, p, sts.Config{})
	p.role(h, "main", webOnly, mainSub)
	p.role(h, "any-value", webOnly, `"ForAllValues:StringEquals":{"<p>:sub":"nobody"}`)
	h.As("root").Call("iam", "CreateRole", "RoleName", "users", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+prod+":root", "")).OK()
	h.As("root").Call("iam", "CreateRole", "RoleName", "everybody", "AssumeRolePolicyDocument", trust("*", "")).OK()
	h.Account(dev, "other")
	h.As("other").Call("iam", "CreateRole", "RoleName", "abroad", "AssumeRolePolicyDocument", trustProvider(p, prod, webOnly, mainSub)).OK()
	const refused = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
	branch := p.token(h.Now(), map[string]any{"sub": "repo:acme/app:ref:refs/heads/dev"})
	good := p.token(h.Now(), nil)
	for _, c := range []struct{ name, role, token string }{
		{"another subject", roleARN("main"), branch},
		{"no such role", roleARN("missing"), good},
		{"another case", roleARN("Main"), good},
		{"another path", "arn:aws:iam::" + prod + ":role/x/main", good},
		{"no role's name", "arn:aws:iam::" + prod + ":user/main", good},
		{"a missing sub cannot be", roleARN("any-value"), good},
		{"trust in users", roleARN("users"), good},
		{"another action", roleARN("everybody"), good},
	} {
		a := assumeWeb(h, c.role, c.token)
		if a.Status != http.StatusForbidden {
			t.Errorf("%s: status %d", c.name, a.Status)
		}
		a.Fails("AccessDenied", refused)
	}
	// The provider is looked up in the role's account.
	assumeWeb(h, "arn:aws:iam::"+dev+":role/abroad", good).Fails("InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+p.URL)
	assumeWeb(h, "arn:aws:iam::999999999999:role/abroad", good).Fails("InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+p.URL)
	// A provider of one's own is not that of another account, though the token is good for both.
	h.As("other").Call("iam", "CreateOpenIDConnectProvider", "Url", p.URL, "ClientIDList.member.1", "sts.amazonaws.com").OK()
	assumeWeb(h, "arn:aws:iam::"+dev+":role/abroad", good).Fails("AccessDenied", refused)
	// An account that is closed trusts nobody.
	h.Update(func(tx *store.Tx) error {
		a, err := tx.Account(prod)
		if err != nil {
			return err
		}
		a.Status = identity.AccountSuspended
		return tx.PutAccount(a)
	})
	assumeWeb(h, roleARN("main"), good).Fails("AccessDenied", refused)
}

// Rules: ST-2 ST-23 ST-60 ST-61 ST-63 ST-64 ST-69 TH-91 TH-93
func TestWebIdentityTokensThatAreNotTaken(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	h := federated(t, p, sts.Config{})
	role := p.role(h, "main", webOnly, mainSub)
	now := h.Now()
	const badToken = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
	good := p.token(now, nil)
	for _, c := range []struct{ name, token, code, message string }{
		{"no JWT", "ya29.access", "InvalidIdentityToken", badToken},
		{"no audience", p.token(now, map[string]any{"aud": nil}), "InvalidIdentityToken", "Missing a required claim: aud"},
		{"another audience", p.token(now, map[string]any{"aud": "elsewhere"}), "InvalidIdentityToken", "Incorrect token audience"},
		{"other audiences", p.token(now, map[string]any{"aud": []string{"a", "b"}}), "InvalidIdentityToken", "Incorrect token audience"},
		{
			"over", p.token(now, map[string]any{"exp": now.Unix() - 1}), "ExpiredTokenException",
			"Token expired: current date/time " + strconv.FormatInt(now.Unix(), 10) + " must be before the expiration date/time " + strconv.FormatInt(now.Unix()-1, 10),
		},
		{"of the future", p.token(now, map[string]any{"iat": now.Unix() + 900}), "InvalidIdentityToken", "The token is not valid yet."},
		{"another issuer", p.token(now, map[string]any{"iss": p.URL + "/"}), "InvalidIdentityToken", "No OpenIDConnect provider found in your account for " + p.URL + "/"},
		{"the issuer without a scheme", p.token(now, map[string]any{"iss": p.name()}), "InvalidIdentityToken", "No OpenIDConnect provider found in your account for " + p.name()},
		{"forged", good[:len(good)-8] + "AAAAAAAA", "InvalidIdentityToken", "The signature of the token is not valid."},
	} {
		if a := assumeWeb(h, role, c.token); a.Code != c.code || a.Message != c.message {
			t.Errorf("%s: %s: %s", c.name, a.Code, a.Message)
		}
	}
	assumeWeb(h, "arn:aws:iam::x", good).Fails("ValidationError")
	assumeWeb(h, "not-an-arn-of-20-letters", good).Fails("ValidationError", "not-an-arn-of-20-letters is invalid")
	assumeWeb(h, role, "abc").Fails("ValidationError")
	assumeWeb(h, role, good, "DurationSeconds", "899").Fails("ValidationError")
	assumeWeb(h, role, good, "ProviderId", "www.amazon.com").Fails("ValidationError")
	// There are no other proofs or tags than the token's.
	external := p.role(h, "external", webAll, mainSub+`,"StringEqualsIfExists":{"sts:ExternalId":"x1"},"Null":{"sts:ExternalId":"false"}`)
	untagged := p.role(h, "untagged", webAll, mainSub+`,"Null":{"aws:RequestTag/team":"false"}`)
	withMFA := p.role(h, "mfa", webAll, mainSub+`,"Bool":{"aws:MultiFactorAuthPresent":"true"}`)
	assumeWeb(h, external, good, "ExternalId", "x1").Fails("AccessDenied")
	assumeWeb(h, untagged, good, "Tags.member.1.Key", "team", "Tags.member.1.Value", "a").Fails("AccessDenied")
	assumeWeb(h, withMFA, good, "SerialNumber", "arn:aws:iam::"+prod+":mfa/a", "TokenCode", "123456").Fails("AccessDenied")
	assumeWeb(h, role, good, "PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/Nothing").Fails("ValidationError")

	// A provider that does not answer, and one whose keys are not there.
	p2 := newIDP(t)
	h2 := federated(t, p2, sts.Config{})
	p2.down.Store(true)
	a := assumeWeb(h2, role, p2.token(now, nil))
	a.Fails("IDPCommunicationError", "The identity provider that was asked to verify the token could not be reached.")
	p2.down.Store(false)
	h2.Advance(time.Minute)
	assumeWeb(h2, role, p2.token(now, nil)).Fails("AccessDenied")
	_, rest, _ := strings.Cut(good, ".")
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256","kid":"other"}`))
	assumeWeb(h, role, head+"."+rest).Fails("InvalidIdentityToken",
		"Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements")
}

// Tags and a source identity come from the token, and the trust policy has to
// let them.
//
// Rules: ST-10 ST-40 ST-41 ST-42 ST-45 ST-47 ST-48 ST-67
func TestWebIdentityTags(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	h := federated(t, p, sts.Config{})
	plain := p.role(h, "plain", webOnly, mainSub)
	tagged := p.role(h, "tagged", webAll, mainSub+`,"StringEqualsIfExists":{"aws:RequestTag/team":"a","sts:SourceIdentity":"alice"},"ForAllValues:StringEquals":{"sts:TransitiveTagKeys":["team"]},"StringLike":{"sts:RoleSessionName":"c?"}`)
	assumeWeb(h, tagged, p.token(h.Now(), nil), "RoleSessionName", "other").Fails("AccessDenied")
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "tagged", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	h.As("root").Call("iam", "CreateRole", "RoleName", "next", "AssumeRolePolicyDocument", trust(roleARN("tagged"), `,"Condition":{"StringEquals":{"aws:PrincipalTag/team":"a","aws:SourceIdentity":"alice"}}`)).OK()
	tags := func(tags map[string][]string, transitive ...string) map[string]any {
		return map[string]any{"https://aws.amazon.com/tags": map[string]any{"principal_tags": tags, "transitive_tag_keys": transitive}}
	}
	token := func(change map[string]any) string { return p.token(h.Now(), change) }
	assumeWeb(h, plain, token(nil)).OK()
	assumeWeb(h, plain, token(tags(map[string][]string{"team": {"a"}}))).Fails("AccessDenied", "Not authorized to perform sts:TagSession")
	assumeWeb(h, plain, token(map[string]any{"https://aws.amazon.com/source_identity": "alice"})).Fails("AccessDenied", "Not authorized to perform sts:SetSourceIdentity")
	all := tags(map[string][]string{"team": {"a"}, "cost": {"42"}}, "team")
	all["https://aws.amazon.com/source_identity"] = "alice"
	a := assumeWeb(h, tagged, token(all)).OK()
	if a.Get("SourceIdentity") != "alice" || a.Get("PackedPolicySize") != "1" {
		t.Errorf("%s", a.Body)
	}
	actor(h, "session", a)
	h.As("session").Call("sts", "AssumeRole", "RoleArn", roleARN("next"), "RoleSessionName", "x1").OK()
	assumeWeb(h, tagged, token(tags(map[string][]string{"team": {"b"}}))).Fails("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	assumeWeb(h, tagged, token(tags(map[string][]string{"team": {"a"}, "cost": {"1"}}, "cost"))).Fails("AccessDenied")
	flat := map[string]any{
		"https://aws.amazon.com/tags/principal_tags/team": "a", "https://aws.amazon.com/tags/principal_tags/cost": []string{"1"},
		"https://aws.amazon.com/tags/transitive_tag_keys": []string{"team"}, "https://aws.amazon.com/source_identity": "alice",
	}
	actor(h, "flat", assumeWeb(h, tagged, token(flat)).OK())
	h.As("flat").Call("sts", "AssumeRole", "RoleArn", roleARN("next"), "RoleSessionName", "x1").OK()

	many := map[string][]string{}
	for i := range 51 {
		many["k"+strconv.Itoa(i)] = []string{"v"}
	}
	for name, change := range map[string]map[string]any{
		"two values":           tags(map[string][]string{"team": {"a", "b"}}),
		"no value":             tags(map[string][]string{"team": {}}),
		"keys alike":           tags(map[string][]string{"team": {"a"}, "TEAM": {"a"}}),
		"AWS's own key":        tags(map[string][]string{"Aws:team": {"a"}}),
		"an empty key":         tags(map[string][]string{"": {"a"}}),
		"a long key":           tags(map[string][]string{strings.Repeat("k", 129): {"a"}}),
		"a long value":         tags(map[string][]string{"k": {strings.Repeat("v", 257)}}),
		"a value with a star":  tags(map[string][]string{"k": {"*"}}),
		"transitive and not a": tags(map[string][]string{"k": {"v"}}, "other"),
		"too many":             tags(many),
		"a string":             {"https://aws.amazon.com/tags": "team=a"},
		"a number":             {"https://aws.amazon.com/tags/principal_tags/team": 1},
		"there twice":          {"https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string][]string{"team": {"a"}}}, "https://aws.amazon.com/tags/principal_tags/team": "b"},
		"source: AWS's own":    {"https://aws.amazon.com/source_identity": "aws:alice"},
		"source: one letter":   {"https://aws.amazon.com/source_identity": "a"},
		"source: a blank":      {"https://aws.amazon.com/source_identity": "a b"},
		"source: a list":       {"https://aws.amazon.com/source_identity": []string{"alice"}},
	} {
		if a := assumeWeb(h, tagged, token(change)); a.Code != "InvalidIdentityToken" {
			t.Errorf("%s: %s: %s", name, a.Code, a.Message)
		}
	}
}

// A provider that is deleted, or loses the audience, while the keys are fetched
// lets nobody in, nor does one later whose keys are known already.
//
// Rules: ST-60 ST-64 EV-52
func TestProviderThatGoesMeanwhile(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	h := federated(t, p, sts.Config{})
	role := p.role(h, "main", webOnly, mainSub)
	provider := "arn:aws:iam::" + prod + ":oidc-provider/" + p.name()
	root := h.As("root")
	p.before = func() {
		root.Call("iam", "RemoveClientIDFromOpenIDConnectProvider", "OpenIDConnectProviderArn", provider, "ClientID", "sts.amazonaws.com").OK()
	}
	assumeWeb(h, role, p.token(h.Now(), nil)).Fails("InvalidIdentityToken", "Incorrect token audience")
	root.Call("iam", "DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn", provider).OK()
	root.Call("iam", "CreateOpenIDConnectProvider", "Url", p.URL, "ClientIDList.member.1", "sts.amazonaws.com").OK()
	h.Advance(time.Second)
	p.before = func() { root.Call("iam", "DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn", provider).OK() }
	root.Call("iam", "UpdateOpenIDConnectProviderThumbprint", "OpenIDConnectProviderArn", provider, "ThumbprintList.member.1", strings.Repeat("0", 40)).OK()
	missing := "No OpenIDConnect provider found in your account for " + p.URL
	assumeWeb(h, role, p.token(h.Now(), nil)).Fails("InvalidIdentityToken", missing)
	assumeWeb(h, role, p.token(h.Now(), nil)).Fails("InvalidIdentityToken", missing)
	p.before = nil
	root.Call("iam", "CreateOpenIDConnectProvider", "Url", p.URL, "ClientIDList.member.1", "sts.amazonaws.com").OK()
	assumeWeb(h, role, p.token(h.Now(), nil)).OK()
	root.Call("iam", "DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn", provider).OK()
	assumeWeb(h, role, p.token(h.Now(), nil)).Fails("InvalidIdentityToken", missing)
}

// Revoking the subject, or the provider, ends the sessions that were got by its
// tokens and what was chained from them, and no others.
//
// Rules: TH-47 ST-93
func TestWebIdentitySessionsAreRevokedBySubject(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	h := federated(t, p, sts.Config{})
	role := p.role(h, "main", webOnly, `"StringEquals":{"<p>:aud":"sts.amazonaws.com"}`)
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "main", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	h.As("root").Call("iam", "CreateRole", "RoleName", "next", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+prod+":root", "")).OK()
	for _, subject := range []string{"one", "two"} {
		actor(h, subject, assumeWeb(h, role, p.token(h.Now(), map[string]any{"sub": subject})).OK())
		actor(h, subject+" chained", h.As(subject).Call("sts", "AssumeRole", "RoleArn", roleARN("next"), "RoleSessionName", "s1").OK())
	}
	for _, revoked := range []struct {
		subject string
		ended   []string
	}{
		{"nobody", nil},
		{"one", []string{"one", "one chained"}},
		{"", []string{"one", "one chained", "two", "two chained"}},
	} {
		h.Update(func(tx *store.Tx) error {
			link := session.Vouched(prod, "arn:aws:iam::"+prod+":oidc-provider/"+p.name(), revoked.subject)
			return tx.Revoke(link.Account, link.ID, h.Now(), h.Now().Add(session.Longest))
		})
		for _, who := range []string{"one", "one chained", "two", "two chained"} {
			a := h.As(who).Call("sts", "GetCallerIdentity")
			if slices.Contains(revoked.ended, who) {
				a.Fails("InvalidClientTokenId")
			} else {
				a.OK()
			}
		}
	}
}

// A token of the server's own is no way to credentials that outlive those which
// asked for it.
//
// Rules: TH-49
func TestOwnTokensAreNotTaken(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	h := federated(t, p, sts.Config{PublicURL: "HTTPS://" + strings.ToUpper(p.name())})
	role := p.role(h, "main", webOnly, mainSub)
	assumeWeb(h, role, p.token(h.Now(), nil)).Fails("InvalidIdentityToken", "Tokens that this server issued are not accepted by it.")
	assumeWeb(h, role, p.token(h.Now(), map[string]any{"iss": p.URL + "/_regent/oidc/1"})).Fails("InvalidIdentityToken", "Tokens that this server issued are not accepted by it.")
}

// The record says whose token it was, of the call and of all that the session
// does; the token itself is nowhere.
//
// Rules: RE-10 RE-14 RE-30 TH-102
func TestWebIdentityInTheRecord(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	h := federated(t, p, sts.Config{})
	role := p.role(h, "main", webOnly, mainSub)
	token := p.token(h.Now(), map[string]any{"amr": []string{"mfa"}})
	a := assumeWeb(h, role, token).OK()
	assumeWeb(h, roleARN("missing"), token).Fails("AccessDenied")
	actor(h, "session", a)
	h.As("session").Call("iam", "ListUsers").Fails("AccessDenied")
	provider := "arn:aws:iam::" + prod + ":oidc-provider/" + p.name()
	events := h.Events("AssumeRoleWithWebIdentity")
	if len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
	got := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	sub := "repo:acme/app:ref:refs/heads/main"
	want := got(map[string]string{"type": "WebIdentityUser", "principalId": p.name() + ":sts.amazonaws.com:" + sub, "userName": sub, "identityProvider": provider})
	for _, e := range events {
		if who := got(e["userIdentity"]); who != want {
			t.Errorf("the caller is %s, want %s", who, want)
		}
		if e["recipientAccountId"] != prod {
			t.Errorf("it is for %v", e["recipientAccountId"])
		}
		if strings.Contains(got(e), token) || strings.Contains(got(e), token[strings.LastIndexByte(token, '.')+1:]) {
			t.Errorf("the token is in %s", got(e))
		}
	}
	if about := got(events[0]["resources"]); about != got([]map[string]string{{"accountId": prod, "type": "AWS::IAM::Role", "ARN": role}}) {
		t.Errorf("it is about %s", about)
	}
	if in, out := got(events[0]["requestParameters"]), got(events[0]["responseElements"]); !strings.Contains(in, role) || !strings.Contains(out, a.Get("AccessKeyId")) || strings.Contains(out, a.Get("SecretAccessKey")) {
		t.Errorf("the call is %s and %s", in, out)
	}
	later := h.Events("ListUsers")
	if len(later) != 1 {
		t.Fatalf("%d later events", len(later))
	}
	data := later[0]["userIdentity"].(map[string]any)["sessionContext"].(map[string]any)["webIdFederationData"]
	if text := got(data); text != got(map[string]any{"federatedProvider": provider, "attributes": map[string]string{p.name() + ":aud": "sts.amazonaws.com", p.name() + ":sub": sub}}) {
		t.Errorf("the session is of %s", text)
	}
}

// The caller is nobody of the organization: what its service control policies
// deny does not count, and what resource control policies deny does.
//
// Rules: EV-14 EV-52
func TestControlPoliciesAndWebIdentity(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	h := federated(t, p, sts.Config{})
	root := h.As("root")
	root.Call("organizations", "CreateOrganization").OK()
	id := root.Call("organizations", "ListRoots").OK().Get("Roots.Id")
	root.Call("organizations", "CreateAccount", "Email", "m@example.com", "AccountName", "member").OK()
	const member = "777788889999"
	h.User("inside", member, allowAll)
	inside := h.As("inside")
	inside.Call("iam", "CreateOpenIDConnectProvider", "Url", p.URL, "ClientIDList.member.1", "sts.amazonaws.com").OK()
	inside.Call("iam", "CreateRole", "RoleName", "ci", "AssumeRolePolicyDocument", trustProvider(p, member, webOnly, mainSub)).OK()
	role := "arn:aws:iam::" + member + ":role/ci"
	token := p.token(h.Now(), nil)
	attach := func(kind, name, document string) {
		policy := root.Call("organizations", "CreatePolicy", "Type", kind, "Name", name, "Description", "", "Content", document).OK().Get("PolicySummary.Id")
		root.Call("organizations", "AttachPolicy", "PolicyId", policy, "TargetId", member).OK()
	}
	root.Call("organizations", "EnablePolicyType", "RootId", id, "PolicyType", "RESOURCE_CONTROL_POLICY").OK()
	if enabled := root.Call("organizations", "ListRoots").OK().All("Roots.PolicyTypes.Type"); !strings.Contains(strings.Join(enabled, " "), "SERVICE_CONTROL_POLICY") {
		root.Call("organizations", "EnablePolicyType", "RootId", id, "PolicyType", "SERVICE_CONTROL_POLICY").OK()
	}
	attach("SERVICE_CONTROL_POLICY", "scp", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`)
	inside.Call("iam", "ListUsers").Fails("AccessDenied")
	a := assumeWeb(h, role, token).OK()
	actor(h, "session", a) // which is a principal of the account
	h.As("session").Call("iam", "ListUsers").Fails("AccessDenied")
	attach("RESOURCE_CONTROL_POLICY", "rcp", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity","Resource":"*","Condition":{"StringLike":{"`+p.name()+`:sub":"repo:acme/*"}}}]}`)
	assumeWeb(h, role, token).Fails("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	assumeWeb(h, role, p.token(h.Now(), map[string]any{"aud": "nobody's"})).Fails("InvalidIdentityToken")
}
