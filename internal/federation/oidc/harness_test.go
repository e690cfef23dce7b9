package oidc_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/federation/oidc"
)

// epoch is the time of the tests' calls.
var epoch = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// An idp is a provider's server. What it answers can be changed under way.
type idp struct {
	*httptest.Server
	path     string // of the issuer
	mu       sync.Mutex
	keys     []map[string]any
	issuer   string // in the discovery document, "" for the right one
	jwks     string // jwks_uri, "" for the server's own
	handle   http.HandlerFunc
	requests atomic.Int32
}

func newIDP(t *testing.T) *idp {
	t.Helper()
	p := &idp{path: "/tenant"}
	p.Server = httptest.NewTLSServer(p)
	t.Cleanup(p.Close)
	return p
}

func (p *idp) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.requests.Add(1)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handle != nil {
		p.handle(w, r)
		return
	}
	switch r.URL.Path {
	case p.path + "/.well-known/openid-configuration":
		issuer, keys := p.issuer, p.jwks
		if issuer == "" {
			issuer = p.Issuer()
		}
		if keys == "" {
			keys = p.URL + "/keys"
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": issuer, "jwks_uri": keys, "id_token_signing_alg_values_supported": []string{"RS256"}})
	case "/keys":
		_ = json.NewEncoder(w).Encode(map[string]any{"keys": p.keys})
	default:
		http.NotFound(w, r)
	}
}

func (p *idp) Issuer() string { return p.URL + p.path }

func (p *idp) name() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.Issuer(), "https://"), "http://")
}

func (p *idp) provider() *oidc.Provider {
	return &oidc.Provider{Account: "111122223333", Name: p.name()}
}

// set changes what the server answers.
func (p *idp) set(change func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change()
}

// pool trusts the server's certificate.
func (p *idp) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.Certificate())
	return pool
}

// loopback is the network that the tests' servers are in.
func loopback() []netip.Prefix { return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")} }

func (p *idp) verifier() *oidc.Verifier {
	return oidc.New(oidc.Options{Authorities: p.pool(), Networks: loopback()})
}

func rsaKey(t testing.TB, bits int) *rsa.PrivateKey {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func ecKey(t testing.TB, c elliptic.Curve) *ecdsa.PrivateKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(c, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// jwk is a public key as providers publish it.
func jwk(t testing.TB, id string, k crypto.Signer, more ...map[string]any) map[string]any {
	t.Helper()
	out := map[string]any{"kid": id, "use": "sig"}
	switch public := k.Public().(type) {
	case *rsa.PublicKey:
		out["kty"], out["n"], out["e"] = "RSA", b64(public.N.Bytes()), b64(big.NewInt(int64(public.E)).Bytes())
	case *ecdsa.PublicKey:
		point, err := public.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		size := (len(point) - 1) / 2
		out["kty"], out["crv"], out["x"], out["y"] = "EC", public.Params().Name, b64(point[1:1+size]), b64(point[1+size:])
	default:
		t.Fatalf("a key of type %T", public)
	}
	for _, m := range more {
		maps.Copy(out, m)
	}
	return out
}

// claims are those of a good token of the server's, with changes: nil removes.
func (p *idp) claims(change map[string]any) map[string]any {
	out := map[string]any{
		"iss": p.Issuer(), "sub": "user-1", "aud": "client", "iat": epoch.Unix(), "exp": epoch.Add(time.Hour).Unix(),
	}
	for k, v := range change {
		if out[k] = v; v == nil {
			delete(out, k)
		}
	}
	return out
}

func encode(t testing.TB, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b64(raw)
}

// hashOf is the hash of an algorithm.
func hashOf(algorithm string) crypto.Hash {
	switch algorithm[len(algorithm)-3:] {
	case "384":
		return crypto.SHA384
	case "512":
		return crypto.SHA512
	}
	return crypto.SHA256
}

// sign makes a token with the standard library alone. The header may say
// anything; how is signed with depends on the key.
func sign(t testing.TB, k any, header, claims map[string]any) string {
	t.Helper()
	input := encode(t, header) + "." + encode(t, claims)
	algorithm, _ := header["alg"].(string)
	if len(algorithm) < 5 {
		algorithm = "RS256"
	}
	hash := hashOf(algorithm)
	h := hash.New()
	h.Write([]byte(input))
	switch key := k.(type) {
	case nil:
		return input + "."
	case []byte:
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(input))
		return input + "." + b64(mac.Sum(nil))
	case *rsa.PrivateKey:
		if strings.HasPrefix(algorithm, "PS") {
			s, err := rsa.SignPSS(rand.Reader, key, hash, h.Sum(nil), nil)
			if err != nil {
				t.Fatal(err)
			}
			return input + "." + b64(s)
		}
		s, err := rsa.SignPKCS1v15(rand.Reader, key, hash, h.Sum(nil))
		if err != nil {
			t.Fatal(err)
		}
		return input + "." + b64(s)
	case *ecdsa.PrivateKey:
		r, s, err := ecdsa.Sign(rand.Reader, key, h.Sum(nil))
		if err != nil {
			t.Fatal(err)
		}
		size := (key.Params().BitSize + 7) / 8
		return input + "." + b64(append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...))
	}
	t.Fatalf("a key of type %T", k)
	return ""
}

// verify reads and verifies a token.
func verify(ctx context.Context, v *oidc.Verifier, p *oidc.Provider, token string, now time.Time) error {
	read, err := oidc.Parse(token)
	if err != nil {
		return err
	}
	return v.Verify(ctx, p, read, now)
}

// es256 is the header of most tokens.
func es256(kid string) map[string]any {
	return map[string]any{"alg": "ES256", "kid": kid, "typ": "JWT"}
}
