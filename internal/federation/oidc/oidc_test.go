package oidc_test

import (
	"crypto"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/federation/oidc"
)

// Each algorithm that AWS takes verifies with a key of its own kind.
//
// Rules: ST-61
func TestAlgorithms(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	r := rsaKey(t, 2048)
	keys := map[string]crypto.Signer{
		"RS256": r, "RS384": r, "RS512": r,
		"ES256": ecKey(t, elliptic.P256()), "ES384": ecKey(t, elliptic.P384()), "ES512": ecKey(t, elliptic.P521()),
	}
	for algorithm, k := range keys {
		p.keys = append(p.keys, jwk(t, algorithm, k))
	}
	v := p.verifier()
	for algorithm, k := range keys {
		for _, typ := range []any{"JWT", "jwt", "at+jwt", "application/jwt", nil} {
			header := map[string]any{"alg": algorithm, "kid": algorithm, "typ": typ}
			if typ == nil {
				delete(header, "typ") // as Kubernetes has it
			}
			if err := verify(t.Context(), v, p.provider(), sign(t, k, header, p.claims(nil)), epoch); err != nil {
				t.Errorf("%s, typ %v: %v", algorithm, typ, err)
			}
		}
	}
	if n := p.requests.Load(); n != 2 {
		t.Errorf("the server was asked %d times for its two documents", n)
	}
}

// What is signed in another way than it must be is not taken, whoever could
// have made it.
//
// Rules: TH-92 ST-61
func TestForgedTokens(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	r, e, stranger := rsaKey(t, 2048), ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256())
	e384 := ecKey(t, elliptic.P384())
	public, err := x509.MarshalPKIXPublicKey(r.Public())
	if err != nil {
		t.Fatal(err)
	}
	small := rsaKey(t, 1024)
	p.keys = []map[string]any{
		jwk(t, "r", r), jwk(t, "e", e), jwk(t, "e384", e384), jwk(t, "small", small),
		jwk(t, "enc", e, map[string]any{"use": "enc"}), jwk(t, "only384", r, map[string]any{"alg": "RS384"}),
		{"kty": "oct", "kid": "oct", "k": b64([]byte("secret")), "alg": "HS256"},
	}
	v := p.verifier()
	good := sign(t, e, es256("e"), p.claims(nil))
	if err := verify(t.Context(), v, p.provider(), good, epoch); err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(good, ".")
	header := func(more map[string]any) map[string]any {
		h := es256("e")
		maps.Copy(h, more)
		return h
	}
	for _, c := range []struct {
		name  string
		token string
		want  error
	}{
		{"alg none", sign(t, nil, header(map[string]any{"alg": "none"}), p.claims(nil)), oidc.ErrToken},
		{"alg None", sign(t, nil, header(map[string]any{"alg": "None"}), p.claims(nil)), oidc.ErrToken},
		{"no alg", sign(t, e, map[string]any{"kid": "e"}, p.claims(nil)), oidc.ErrToken},
		{"alg a number", sign(t, e, header(map[string]any{"alg": 1}), p.claims(nil)), oidc.ErrToken},
		{"HS256 with the public key, DER", sign(t, public, header(map[string]any{"alg": "HS256", "kid": "r"}), p.claims(nil)), oidc.ErrToken},
		{
			"HS256 with the public key, PEM",
			sign(t, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public}), header(map[string]any{"alg": "HS256", "kid": "r"}), p.claims(nil)),
			oidc.ErrToken,
		},
		{"HS256 with a published secret", sign(t, []byte("secret"), header(map[string]any{"alg": "HS256", "kid": "oct"}), p.claims(nil)), oidc.ErrToken},
		{"RS256 with a published secret", sign(t, []byte("secret"), header(map[string]any{"alg": "RS256", "kid": "oct"}), p.claims(nil)), oidc.ErrKey},
		{"PS256", sign(t, r, header(map[string]any{"alg": "PS256", "kid": "r"}), p.claims(nil)), oidc.ErrToken},
		{"EdDSA", sign(t, e, header(map[string]any{"alg": "EdDSA"}), p.claims(nil)), oidc.ErrToken},
		{"an RSA key for ES256", sign(t, e, es256("r"), p.claims(nil)), oidc.ErrKey},
		{"an EC key for RS256", sign(t, r, map[string]any{"alg": "RS256", "kid": "e"}, p.claims(nil)), oidc.ErrKey},
		{"another curve", sign(t, e384, es256("e384"), p.claims(nil)), oidc.ErrKey},
		{"a key for another algorithm", sign(t, r, map[string]any{"alg": "RS256", "kid": "only384"}, p.claims(nil)), oidc.ErrKey},
		{"a key for encryption", sign(t, e, es256("enc"), p.claims(nil)), oidc.ErrKey},
		{"a short key", sign(t, small, map[string]any{"alg": "RS256", "kid": "small"}, p.claims(nil)), oidc.ErrKey},
		{"a stranger's signature", sign(t, stranger, es256("e"), p.claims(nil)), oidc.ErrSignature},
		{"no signature", parts[0] + "." + parts[1] + ".", oidc.ErrSignature},
		{"other claims", parts[0] + "." + encode(t, p.claims(map[string]any{"sub": "admin"})) + "." + parts[2], oidc.ErrSignature},
		{"no kid", sign(t, e, map[string]any{"alg": "ES256"}, p.claims(nil)), oidc.ErrKey},
		{"an unknown kid", sign(t, e, es256("nobody"), p.claims(nil)), oidc.ErrKey},
		{"a kid in another case", sign(t, e, es256("E"), p.claims(nil)), oidc.ErrKey},
		{"a key of its own", sign(t, stranger, header(map[string]any{"jwk": jwk(t, "e", stranger)}), p.claims(nil)), oidc.ErrToken},
		{"an address of keys", sign(t, stranger, header(map[string]any{"jku": p.URL + "/keys"}), p.claims(nil)), oidc.ErrToken},
		{"a chain of its own", sign(t, stranger, header(map[string]any{"x5c": []string{"AA=="}}), p.claims(nil)), oidc.ErrToken},
		{"a critical extension", sign(t, e, header(map[string]any{"crit": []string{"exp"}, "exp": 1}), p.claims(nil)), oidc.ErrToken},
		{"a detached payload", sign(t, e, header(map[string]any{"crit": []string{"b64"}, "b64": false}), p.claims(nil)), oidc.ErrToken},
		{"a token of logout", sign(t, e, header(map[string]any{"typ": "logout+jwt"}), p.claims(nil)), oidc.ErrToken},
		{"a proof of possession", sign(t, e, header(map[string]any{"typ": "dpop+jwt"}), p.claims(nil)), oidc.ErrToken},
		{"typ a number", sign(t, e, header(map[string]any{"typ": 1}), p.claims(nil)), oidc.ErrToken},
		{"alg twice", b64([]byte(`{"alg":"ES256","alg":"none","kid":"e"}`)) + "." + parts[1] + "." + parts[2], oidc.ErrToken},
		{"JWE", encode(t, map[string]any{"alg": "RSA-OAEP", "enc": "A256GCM"}) + ".AA.AA.AA.AA", oidc.ErrToken},
		{"JWE in three parts", encode(t, map[string]any{"alg": "ES256", "kid": "e", "enc": "A256GCM"}) + "." + parts[1] + "." + parts[2], oidc.ErrToken},
		{"the JSON form", `{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`, oidc.ErrToken},
		{"many parts", strings.Repeat(".", 19000), oidc.ErrToken},
		{"too long", sign(t, e, es256("e"), p.claims(map[string]any{"x": strings.Repeat("x", 20000)})), oidc.ErrToken},
		{"no token", "abc", oidc.ErrToken},
	} {
		if err := verify(t.Context(), v, p.provider(), c.token, epoch); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// Rules: ST-63 TH-93
func TestClaims(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	e := ecKey(t, elliptic.P256())
	p.keys = []map[string]any{jwk(t, "e", e)}
	v := p.verifier()
	now := epoch.Unix()
	for _, c := range []struct {
		name   string
		change map[string]any
		want   string // "" for none
	}{
		{"a list of audiences", map[string]any{"aud": []string{"other", "client"}}, ""},
		{"nothing more than must be", nil, ""},
		{"the provider's clock is ahead", map[string]any{"iat": now + 299, "nbf": now + 299}, ""},
		{"of the future", map[string]any{"iat": now + 301}, oidc.ErrEarly.Error()},
		{"not before the future", map[string]any{"nbf": now + 301}, oidc.ErrEarly.Error()},
		{"one second left", map[string]any{"exp": now + 1}, ""},
		{"over now", map[string]any{"exp": now}, fmt.Sprintf("oidc: the token expired at %d, and it is %d", now, now)},
		{"long over", map[string]any{"exp": now - 3600}, fmt.Sprintf("oidc: the token expired at %d, and it is %d", now-3600, now)},
		{"no iss", map[string]any{"iss": nil}, "oidc: the token has no claim iss"},
		{"no sub", map[string]any{"sub": nil}, "oidc: the token has no claim sub"},
		{"no aud", map[string]any{"aud": nil}, "oidc: the token has no claim aud"},
		{"no exp", map[string]any{"exp": nil}, "oidc: the token has no claim exp"},
		{"no iat", map[string]any{"iat": nil}, "oidc: the token has no claim iat"},
		{"an empty sub", map[string]any{"sub": ""}, oidc.ErrToken.Error()},
		{"a sub of 255", map[string]any{"sub": strings.Repeat("x", 255)}, ""},
		{"a sub of 256", map[string]any{"sub": strings.Repeat("x", 256)}, oidc.ErrToken.Error()},
		{"a sub that is a number", map[string]any{"sub": 42}, oidc.ErrToken.Error()},
		{"a list of subjects", map[string]any{"sub": []string{"user-1"}}, oidc.ErrToken.Error()},
		{"no audience in the list", map[string]any{"aud": []string{}}, oidc.ErrToken.Error()},
		{"an audience that is a number", map[string]any{"aud": []any{"client", 1}}, oidc.ErrToken.Error()},
		{"an audience that is an object", map[string]any{"aud": map[string]any{"client": true}}, oidc.ErrToken.Error()},
		{"exp with a fraction", map[string]any{"exp": float64(now) + 3600.5}, oidc.ErrToken.Error()},
		{"exp as a string", map[string]any{"exp": fmt.Sprint(now + 3600)}, oidc.ErrToken.Error()},
		{"iat as a string", map[string]any{"iat": fmt.Sprint(now)}, oidc.ErrToken.Error()},
		{"nbf as a string", map[string]any{"nbf": fmt.Sprint(now)}, oidc.ErrToken.Error()},
		{"exp beyond all times", map[string]any{"exp": 1e30}, oidc.ErrToken.Error()},
		{"the name in capitals", map[string]any{"sub": nil, "SUB": "user-1"}, "oidc: the token has no claim sub"},
	} {
		err := verify(t.Context(), v, p.provider(), sign(t, e, es256("e"), p.claims(c.change)), epoch)
		if got := fmt.Sprint(err); got != c.want && (c.want != "" || err != nil) {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	head := encode(t, es256("e"))
	for _, payload := range []string{
		`{"iss":"https://a.example","sub":"a","sub":"b","aud":"c","exp":2,"iat":1}`, `[]`, `null`, `""`, ``, `{`,
		`{"iss":"https://a.example","sub":"a","aud":"c","exp":1e9,"iat":1}`, `{"iss":"https://a.example","sub":"a","aud":"c","exp":2,"iat":-0}`,
	} {
		if _, err := oidc.Parse(head + "." + b64([]byte(payload)) + ".AAAA"); !errors.Is(err, oidc.ErrToken) {
			t.Errorf("%s: %v", payload, err)
		}
	}
}

// The provider is the one whose name is the issuer, to the byte; no other
// issuer's document or token stands for it.
//
// Rules: ST-60 TH-93
func TestIssuersAreCompared(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	e := ecKey(t, elliptic.P256())
	p.keys = []map[string]any{jwk(t, "e", e)}
	v := p.verifier()
	for _, issuer := range []string{
		p.Issuer() + "/", strings.ToUpper(p.Issuer()), p.URL, p.URL + "/Tenant", p.URL + "/tenant/sub", p.name(), "http://" + p.name(),
		"HTTPS://" + p.name(), p.Issuer() + "?x", p.Issuer() + "#x", "https://user@" + p.name(), "", "https://", "https:", "file:///etc/passwd",
	} {
		token := sign(t, e, es256("e"), p.claims(map[string]any{"iss": issuer}))
		if err := verify(t.Context(), v, p.provider(), token, epoch); !errors.Is(err, oidc.ErrToken) {
			t.Errorf("issuer %q: %v", issuer, err)
		}
	}
	for issuer, want := range map[string]string{
		"https://idp.example.com": "idp.example.com", "https://idp.example.com/": "idp.example.com/", "https://IDP.example.com/A": "IDP.example.com/A",
		"https://gitlab.com": "gitlab.com", "https://gitlab.com/group": "gitlab.com/group", "https://idp.example.com:8443/x": "idp.example.com:8443/x",
	} {
		read, err := oidc.Parse(sign(t, e, es256("e"), p.claims(map[string]any{"iss": issuer})))
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := v.ProviderName(read); !ok || got != want {
			t.Errorf("%s is of %q, %v", issuer, got, ok)
		}
	}
	p.set(func() { p.issuer = p.Issuer() + "/" })
	if err := verify(t.Context(), p.verifier(), p.provider(), sign(t, e, es256("e"), p.claims(nil)), epoch); !errors.Is(err, oidc.ErrKey) {
		t.Errorf("the discovery document is another issuer's: %v", err)
	}
}

// Rules: ST-64 TH-93
func TestAudience(t *testing.T) {
	t.Parallel()
	e := ecKey(t, elliptic.P256())
	for _, c := range []struct {
		aud     any
		clients []string
		want    string
	}{
		{"a", []string{"a"}, "a"},
		{"a", []string{"b", "a"}, "a"},
		{"a", []string{"A"}, ""},
		{"a", nil, ""},
		{[]string{"x", "b", "a"}, []string{"a", "b"}, "b"},
		{[]string{"x", "y"}, []string{"a", "b"}, ""},
		{"a b", []string{"a", "b"}, ""},
	} {
		read, err := oidc.Parse(sign(t, e, es256("e"), map[string]any{"iss": "https://a.example", "sub": "s", "aud": c.aud, "exp": 2, "iat": 1}))
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := read.Audience(c.clients); got != c.want || ok != (c.want != "") {
			t.Errorf("aud %v of clients %v: %q, %v", c.aud, c.clients, got, ok)
		}
	}
}

func TestScalars(t *testing.T) {
	t.Parallel()
	e := ecKey(t, elliptic.P256())
	read, err := oidc.Parse(sign(t, e, es256("e"), map[string]any{
		"iss": "https://a.example", "sub": "s", "aud": []string{"a", "b"}, "exp": 2, "iat": 1, "yes": true, "n": 12, "half": 0.5, "no": nil,
		"google": map[string]any{"organization_number": 77, "deeper": map[string]any{"x": 1}},
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"iss": "https://a.example", "sub": "s", "exp": "2", "iat": "1", "yes": "true", "n": "12", "google/organization_number": "77"}
	if got := read.Scalars(); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// FuzzParse feeds what strangers may send. Whatever it is, it is an error or a
// token that has all that every token has.
func FuzzParse(f *testing.F) {
	e := ecKey(f, elliptic.P256())
	f.Add(sign(f, e, es256("e"), map[string]any{"iss": "https://a.example", "sub": "s", "aud": "a", "exp": 2, "iat": 1}))
	f.Add(sign(f, e, map[string]any{"alg": "RS256", "kid": "e"}, map[string]any{"iss": "https://a.example", "sub": "s", "aud": []string{"a"}, "exp": 2, "iat": 1, "nbf": 1}))
	f.Add(sign(f, nil, map[string]any{"alg": "none"}, map[string]any{}))
	f.Add("eyJhbGciOiJFUzI1NiJ9..")
	v := oidc.New(oidc.Options{})
	f.Fuzz(func(t *testing.T, text string) {
		read, err := oidc.Parse(text)
		if err != nil {
			return
		}
		if read.Subject == "" || len(read.Audiences) == 0 || strings.Count(text, ".") != 2 {
			t.Errorf("%q is taken for %+v", text, read)
		}
		if name, ok := v.ProviderName(read); ok && "https://"+name != read.Issuer {
			t.Errorf("%q is of provider %q", read.Issuer, name)
		}
		for name, value := range read.Scalars() {
			if claim, ok := read.Text(name); ok && claim != value {
				t.Errorf("claim %q is %q and %q", name, claim, value)
			}
		}
		_ = v.Verify(t.Context(), &oidc.Provider{Name: "elsewhere.example"}, read, time.Unix(1, 0))
	})
}

// FuzzKeys feeds what providers may answer.
func FuzzKeys(f *testing.F) {
	f.Add(`{"keys":[` + `{"kty":"EC","kid":"1","crv":"P-256","x":"AA","y":"AA"},{"kty":"RSA","kid":"1","n":"AA","e":"AQAB"},{"kty":"oct","kid":"1","k":"AA"}]}`)
	f.Fuzz(func(t *testing.T, document string) {
		if keys, err := oidc.ParseKeys([]byte(document)); err != nil && keys != nil {
			t.Errorf("%d keys and %v", len(keys), err)
		}
	})
}
