package oidc_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
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

// Rules: TH-91
func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"1.1.1.1": true, "8.8.8.8": true, "140.82.112.3": true, "2606:4700::1111": true, "2a00:1450:4001::1": true,
		"127.0.0.1": false, "127.9.9.9": false, "0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false,
		"192.168.1.1": false, "169.254.169.254": false, "169.254.170.2": false, "100.64.0.1": false, "100.100.100.200": false, "192.0.0.192": false,
		"198.18.0.1": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false,
		"::1": false, "::": false, "fe80::1": false, "fc00::1": false, "fd00:ec2::254": false, "ff02::1": false, "fec0::1": false,
		"64:ff9b::a9fe:a9fe": false, "2002:a9fe:a9fe::1": false, "2001:0:a9fe:a9fe::1": false, "2001:db8::1": false, "::7f00:1": false,
	} {
		if got := oidc.Public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s is public: %v", address, got)
		}
	}
}

// names is a resolver that is told what to answer, in turn.
type names struct {
	mu      sync.Mutex
	answers map[string][][]netip.Addr
	asked   []string
}

func (n *names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, host)
	turns := n.answers[host]
	if len(turns) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(turns) > 1 {
		n.answers[host] = turns[1:]
	}
	return turns[0], nil
}

func addresses(list ...string) []netip.Addr {
	out := make([]netip.Addr, len(list))
	for i, a := range list {
		out[i] = netip.MustParseAddr(a)
	}
	return out
}

// A server that only this machine reaches is never asked, by whatever name or
// detour: not on its first address, nor on one that the name has the second time.
//
// Rules: TH-91
func TestAddressesThatAreNotAllowed(t *testing.T) {
	t.Parallel()
	inner := newIDP(t)
	e := ecKey(t, elliptic.P256())
	inner.keys = []map[string]any{jwk(t, "e", e)}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(inner.URL, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	for name, turns := range map[string][][]netip.Addr{
		"loopback":    {addresses("127.0.0.1")},
		"mapped":      {addresses("::ffff:127.0.0.1")},
		"metadata":    {addresses("169.254.169.254")},
		"second-bad":  {addresses("203.0.113.1", "127.0.0.1"), addresses("127.0.0.1")},
		"first-good":  {addresses("1.1.1.1", "10.0.0.1")},
		"nothing":     {{}},
		"not-there":   nil,
		"with-a-zone": {{netip.MustParseAddr("fe80::1%lo")}},
	} {
		host := name + ".example.com"
		issuer := "https://" + host + ":" + port + "/tenant"
		v := oidc.New(oidc.Options{Authorities: inner.pool(), Resolver: &names{answers: map[string][][]netip.Addr{host: turns}}})
		p := &oidc.Provider{Account: "111122223333", Name: strings.TrimPrefix(issuer, "https://")}
		if err := verify(t.Context(), v, p, sign(t, e, es256("e"), inner.claims(map[string]any{"iss": issuer})), epoch); !errors.Is(err, oidc.ErrUnreachable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, issuer := range []string{inner.Issuer(), "https://[::1]:" + port, "https://169.254.169.254/latest", "https://[::ffff:127.0.0.1]:" + port, "https://localhost:" + port} {
		v := oidc.New(oidc.Options{Authorities: inner.pool()})
		p := &oidc.Provider{Account: "111122223333", Name: strings.TrimPrefix(issuer, "https://")}
		if err := verify(t.Context(), v, p, sign(t, e, es256("e"), inner.claims(map[string]any{"iss": issuer})), epoch); !errors.Is(err, oidc.ErrUnreachable) {
			t.Errorf("%s: %v", issuer, err)
		}
	}
	if n := inner.requests.Load(); n != 0 {
		t.Errorf("the inner server was asked %d times", n)
	}
}

// What a provider's server points to is held to the same as the server itself.
//
// Rules: TH-91
func TestDetours(t *testing.T) {
	t.Parallel()
	var inner atomic.Int32
	secret := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		inner.Add(1)
		_, _ = w.Write([]byte(`{"keys":[]}`))
	}))
	t.Cleanup(secret.Close)
	e := ecKey(t, elliptic.P256())
	for name, detour := range map[string]func(*idp){
		"keys without TLS":     func(p *idp) { p.jwks = secret.URL },
		"keys of the metadata": func(p *idp) { p.jwks = "https://169.254.169.254/latest/meta-data" },
		"keys of the inside":   func(p *idp) { p.jwks = "https://10.0.0.1/keys" },
		"keys in a file":       func(p *idp) { p.jwks = "file:///etc/passwd" },
		"keys with a password": func(p *idp) { p.jwks = strings.Replace(p.URL, "https://", "https://a:b@", 1) + "/keys" },
		"redirected": func(p *idp) {
			p.handle = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://169.254.169.254/latest", http.StatusFound)
			}
		},
		"redirected to a place without TLS": func(p *idp) {
			p.handle = func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, secret.URL, http.StatusFound) }
		},
		"redirected for ever": func(p *idp) {
			p.handle = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, p.URL+r.URL.Path+"x", http.StatusFound)
			}
		},
	} {
		p := newIDP(t)
		detour(p)
		// Loopback is allowed, so that the provider itself can be reached.
		if err := verify(t.Context(), p.verifier(), p.provider(), sign(t, e, es256("e"), p.claims(nil)), epoch); !errors.Is(err, oidc.ErrUnreachable) {
			t.Errorf("%s: %v", name, err)
		}
		if n := p.requests.Load(); n > 5 {
			t.Errorf("%s: the server was asked %d times", name, n)
		}
	}
	if n := inner.Load(); n != 0 {
		t.Errorf("the inner server was asked %d times", n)
	}
}

// What a server answers is bounded, and in no error and no log.
//
// Rules: TH-91
func TestAnswersThatAreNotTaken(t *testing.T) {
	t.Parallel()
	e := ecKey(t, elliptic.P256())
	many := make([]map[string]any, 201)
	for i := range many {
		many[i] = map[string]any{"kty": "EC", "kid": fmt.Sprint(i)}
	}
	const canary = "s3cret-of-the-inner-network"
	answer := func(status int, body string) func(*idp) {
		return func(p *idp) {
			p.handle = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Secret", canary)
				w.WriteHeader(status)
				_, _ = w.Write([]byte(body))
			}
		}
	}
	for name, c := range map[string]struct {
		change func(*idp)
		want   error
	}{
		"an error":      {answer(http.StatusInternalServerError, canary), oidc.ErrUnreachable},
		"no content":    {answer(http.StatusNoContent, ""), oidc.ErrUnreachable},
		"no JSON":       {answer(http.StatusOK, canary), oidc.ErrKey},
		"an empty one":  {answer(http.StatusOK, ""), oidc.ErrKey},
		"a huge one":    {answer(http.StatusOK, `{"issuer":"`+strings.Repeat("x", 1<<20)+`"}`), oidc.ErrKey},
		"issuer twice":  {answer(http.StatusOK, `{"issuer":"a","issuer":"b"}`), oidc.ErrKey},
		"no keys":       {func(p *idp) { p.jwks = p.URL + "/nowhere" }, oidc.ErrUnreachable},
		"too many keys": {func(p *idp) { p.keys = many }, oidc.ErrKey},
		"a huge header": {func(p *idp) {
			p.handle = func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 100<<10)) }
		}, oidc.ErrUnreachable},
		"keys of no kind": {func(p *idp) {
			p.keys = []map[string]any{{"kty": "EC", "kid": "e", "crv": "P-256", "x": "AA", "y": "AA"}}
		}, oidc.ErrKey},
		"a key at no spot": {func(p *idp) { p.keys = []map[string]any{jwk(t, "e", e, map[string]any{"x": b64(make([]byte, 32))})} }, oidc.ErrKey},
	} {
		p := newIDP(t)
		c.change(p)
		var log bytes.Buffer
		v := oidc.New(oidc.Options{Authorities: p.pool(), Networks: loopback(), Log: slog.New(slog.NewJSONHandler(&log, nil))})
		err := verify(t.Context(), v, p.provider(), sign(t, e, es256("e"), p.claims(nil)), epoch)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if strings.Contains(fmt.Sprint(err), canary) || strings.Contains(log.String(), canary) {
			t.Errorf("%s: the answer shows in %v or %s", name, err, log.String())
		}
		if log.Len() > 1000 {
			t.Errorf("%s: a log of %d bytes", name, log.Len())
		}
	}
}

// A provider that is slow holds up its own tokens for some seconds, and nobody
// else's; a client that gives up does not make others fail.
//
// Rules: TH-91 TH-92
func TestSlowProviders(t *testing.T) {
	t.Parallel()
	e := ecKey(t, elliptic.P256())
	slow, good := newIDP(t), newIDP(t)
	good.keys = []map[string]any{jwk(t, "e", e)}
	release, arrived := make(chan struct{}), make(chan struct{}, 6)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
		w.WriteHeader(http.StatusServiceUnavailable)
	}))
	t.Cleanup(server.Close)
	pool := good.pool()
	pool.AddCert(server.Certificate())
	v := oidc.New(oidc.Options{Authorities: pool, Networks: loopback()})
	var waiting sync.WaitGroup
	for i := range 6 {
		waiting.Go(func() {
			issuer := fmt.Sprint(server.URL, "/", i)
			p := &oidc.Provider{Account: "666677778888", Name: strings.TrimPrefix(issuer, "https://")}
			if err := verify(t.Context(), v, p, sign(t, e, es256("e"), slow.claims(map[string]any{"iss": issuer})), epoch); !errors.Is(err, oidc.ErrUnreachable) {
				t.Errorf("slow provider %d: %v", i, err)
			}
		})
	}
	for range 4 { // of the six, the others are refused at once
		<-arrived
	}
	if err := verify(t.Context(), v, good.provider(), sign(t, e, es256("e"), good.claims(nil)), epoch); err != nil {
		t.Errorf("another account's: %v", err)
	}
	close(release)
	waiting.Wait()
	if n := len(arrived); n != 0 {
		t.Errorf("%d fetches beyond an account's share", n)
	}

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	other := newIDP(t)
	other.keys = []map[string]any{jwk(t, "e", e)}
	w := other.verifier()
	_ = verify(gone, w, other.provider(), sign(t, e, es256("e"), other.claims(nil)), epoch) // whatever it is told
	if err := verify(t.Context(), w, other.provider(), sign(t, e, es256("e"), other.claims(nil)), epoch); err != nil {
		t.Errorf("after somebody gave up: %v", err)
	}
}

// Keys are fetched anew when one is not known, once a minute at most, and when
// they are old; a key that the provider withdrew ends within the hour.
//
// Rules: ST-61 TH-92 TH-30
func TestRotation(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	one, two, three := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256())
	p.keys = []map[string]any{jwk(t, "1", one)}
	v := p.verifier()
	check := func(k *ecdsa.PrivateKey, kid string, after time.Duration, want error) {
		t.Helper()
		now := epoch.Add(after)
		token := sign(t, k, es256(kid), p.claims(map[string]any{"iat": now.Unix(), "exp": now.Unix() + 60}))
		if err := verify(t.Context(), v, p.provider(), token, now); !errors.Is(err, want) {
			t.Errorf("key %s after %s: %v, want %v", kid, after, err, want)
		}
	}
	check(one, "1", 0, nil)
	p.set(func() { p.keys = []map[string]any{jwk(t, "1", one), jwk(t, "2", two)} })
	check(two, "2", time.Second, nil) // a new key works at once
	fetched := p.requests.Load()
	for i := range 300 {
		check(three, fmt.Sprint("flood-", i), 2*time.Second, oidc.ErrKey)
	}
	if n := p.requests.Load(); n != fetched {
		t.Errorf("a flood of key ids had the keys fetched %d times", (n-fetched)/2)
	}
	p.set(func() { p.keys = []map[string]any{jwk(t, "3", three)} })
	check(three, "3", 59*time.Second, oidc.ErrKey)
	check(three, "3", 62*time.Second, nil)
	check(one, "1", 63*time.Second, oidc.ErrKey) // withdrawn

	// The provider is away: its keys are good for an hour.
	p.set(func() { p.handle = http.NotFound })
	check(three, "3", 62*time.Second+14*time.Minute, nil)
	check(three, "3", 62*time.Second+16*time.Minute, nil)
	check(three, "3", 62*time.Second+59*time.Minute, nil)
	check(three, "3", 62*time.Second+61*time.Minute, oidc.ErrUnreachable)
	p.set(func() { p.handle = nil })
	check(three, "3", 62*time.Second+61*time.Minute+30*time.Second, oidc.ErrUnreachable) // asked a moment ago
	check(three, "3", 62*time.Second+63*time.Minute, nil)
	// Another key under an id that is known is seen when the keys are old.
	p.set(func() { p.keys = []map[string]any{jwk(t, "3", two)} })
	check(three, "3", 62*time.Second+79*time.Minute, oidc.ErrSignature)
}

// What one account's provider answered is not used for another's, nor for the
// provider that took its place; and however many there are, the keys of so many
// are kept.
//
// Rules: TH-92 TH-30
func TestKeysAreKeptByProvider(t *testing.T) {
	t.Parallel()
	p := newIDP(t)
	mine, theirs := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256())
	p.keys = []map[string]any{jwk(t, "k", mine)}
	v := p.verifier()
	a, b := p.provider(), p.provider()
	b.Account = "444455556666"
	again := p.provider()
	again.Created = epoch
	if err := verify(t.Context(), v, a, sign(t, mine, es256("k"), p.claims(nil)), epoch); err != nil {
		t.Fatal(err)
	}
	p.set(func() { p.keys = []map[string]any{jwk(t, "k", theirs)} })
	for _, other := range []*oidc.Provider{b, again} {
		if err := verify(t.Context(), v, other, sign(t, mine, es256("k"), p.claims(nil)), epoch); !errors.Is(err, oidc.ErrSignature) {
			t.Errorf("the keys of another provider: %v", err)
		}
		if err := verify(t.Context(), v, other, sign(t, theirs, es256("k"), p.claims(nil)), epoch); err != nil {
			t.Error(err)
		}
	}
	if err := verify(t.Context(), v, a, sign(t, theirs, es256("k"), p.claims(nil)), epoch); !errors.Is(err, oidc.ErrSignature) {
		t.Errorf("the keys of a later provider: %v", err)
	}
	unreachable := oidc.New(oidc.Options{Resolver: &names{}})
	for i := range 3000 {
		issuer := fmt.Sprintf("https://p%d.example.com", i)
		_ = verify(t.Context(), unreachable, &oidc.Provider{Account: "111122223333", Name: strings.TrimPrefix(issuer, "https://")},
			sign(t, nil, es256("k"), p.claims(map[string]any{"iss": issuer})), epoch)
	}
	if n := unreachable.Kept(); n != 1024 {
		t.Errorf("the keys of %d providers are kept", n)
	}
}

func thumbprint(c *x509.Certificate) string {
	sum := sha1.Sum(c.Raw)
	return hex.EncodeToString(sum[:])
}

// chain makes an authority and a certificate that it signed for 127.0.0.1.
func chain(t *testing.T, host string, end time.Time) (tls.Certificate, *x509.Certificate) {
	t.Helper()
	root, leaf := ecKey(t, elliptic.P256()), ecKey(t, elliptic.P256())
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test authority"}, NotBefore: end.Add(-24 * 365 * time.Hour), NotAfter: end.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, root.Public(), root)
	if err != nil {
		t.Fatal(err)
	}
	authority, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "server"}, NotBefore: end.Add(-24 * 365 * time.Hour), NotAfter: end,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, IPAddresses: []net.IP{net.ParseIP(host)},
	}
	signed, err := x509.CreateCertificate(rand.Reader, server, authority, leaf.Public(), root)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{signed, raw}, PrivateKey: leaf}, authority
}

// Rules: ST-62
func TestThumbprints(t *testing.T) {
	t.Parallel()
	e := ecKey(t, elliptic.P256())
	later := time.Now().Add(240 * time.Hour) // certificates are of the machine's time
	right, authority := chain(t, "127.0.0.1", later)
	other, otherAuthority := chain(t, "127.0.0.2", later)
	over, overAuthority := chain(t, "127.0.0.1", later.Add(-480*time.Hour))
	leaf, err := x509.ParseCertificate(right.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	stolen := right
	stolen.Certificate = [][]byte{right.Certificate[0], otherAuthority.Raw} // somebody else's certificate sent along
	trusted := x509.NewCertPool()
	trusted.AddCert(authority)
	for _, c := range []struct {
		name        string
		served      tls.Certificate
		authorities *x509.CertPool
		thumbprints []string
		want        error
	}{
		{"a trusted authority", right, trusted, nil, nil},
		{"a trusted authority, though another thumbprint", right, trusted, []string{strings.Repeat("0", 40)}, nil},
		{"no thumbprint", right, nil, nil, oidc.ErrThumbprint},
		{"another thumbprint", right, nil, []string{strings.Repeat("0", 40), thumbprint(otherAuthority)}, oidc.ErrThumbprint},
		{"the authority's", right, nil, []string{strings.Repeat("0", 40), thumbprint(authority)}, nil},
		{"the authority's, in capitals", right, nil, []string{strings.ToUpper(thumbprint(authority))}, nil},
		{"the server's", right, nil, []string{thumbprint(leaf)}, nil},
		{"of a certificate that signed nothing", stolen, nil, []string{thumbprint(otherAuthority)}, oidc.ErrThumbprint},
		{"the authority's, of another host", other, nil, []string{thumbprint(otherAuthority)}, oidc.ErrUnreachable},
		{"the authority's, out of date", over, nil, []string{thumbprint(overAuthority)}, oidc.ErrUnreachable},
	} {
		p := &idp{path: "/tenant", keys: []map[string]any{jwk(t, "e", e)}}
		p.Server = httptest.NewUnstartedServer(p)
		p.TLS = &tls.Config{Certificates: []tls.Certificate{c.served}, MinVersion: tls.VersionTLS12}
		p.StartTLS()
		v := oidc.New(oidc.Options{Authorities: c.authorities, Networks: loopback()})
		provider := p.provider()
		provider.Thumbprints = c.thumbprints
		if err := verify(t.Context(), v, provider, sign(t, e, es256("e"), p.claims(nil)), epoch); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		p.Close()
	}
}

// A provider of this machine may be without TLS where that was asked for, and
// no other.
//
// Rules: ST-62 TH-91
func TestLoopbackHTTP(t *testing.T) {
	t.Parallel()
	e := ecKey(t, elliptic.P256())
	p := &idp{path: "/tenant", keys: []map[string]any{jwk(t, "e", e)}}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Close)
	token := sign(t, e, es256("e"), p.claims(nil))
	if err := verify(t.Context(), oidc.New(oidc.Options{Networks: loopback()}), p.provider(), token, epoch); !errors.Is(err, oidc.ErrToken) {
		t.Errorf("without the setting: %v", err)
	}
	v := oidc.New(oidc.Options{LoopbackHTTP: true, Resolver: &names{answers: map[string][][]netip.Addr{"idp.example.com": {addresses("127.0.0.1")}}}})
	if err := verify(t.Context(), v, p.provider(), token, epoch); err != nil {
		t.Errorf("with the setting: %v", err)
	}
	_, port, _ := net.SplitHostPort(p.Listener.Addr().String())
	for _, issuer := range []string{"http://idp.example.com:" + port + "/tenant", "https://idp.example.com:" + port + "/tenant"} {
		name := issuer[strings.Index(issuer, "://")+3:]
		err := verify(t.Context(), v, &oidc.Provider{Account: "111122223333", Name: name}, sign(t, e, es256("e"), p.claims(map[string]any{"iss": issuer})), epoch)
		if !errors.Is(err, oidc.ErrToken) && !errors.Is(err, oidc.ErrUnreachable) {
			t.Errorf("%s: %v", issuer, err)
		}
	}
}
