package oidc

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // what IAM's thumbprints are; a certificate is pinned by it, not trusted for it
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/go-jose/go-jose/v4/json"
)

// Limits of what is fetched (TH-91).
const (
	fetchTimeout = 8 * time.Second // for both documents together
	dialTimeout  = 3 * time.Second
	maxDocument  = 256 << 10 // bytes
	maxHeader    = 32 << 10
	maxRedirects = 3
)

// discover fetches the discovery document of an issuer, and the keys that it
// points to.
func (v *Verifier) discover(ctx context.Context, p *Provider, issuer string) ([]key, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	client := v.client(p)
	document, err := v.get(ctx, client, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	var found struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(document, &found); err != nil {
		return nil, fmt.Errorf("%w: the discovery document is not valid JSON", ErrKey)
	}
	if found.Issuer != issuer {
		return nil, fmt.Errorf("%w: the discovery document is of another issuer", ErrKey)
	}
	set, err := v.get(ctx, client, found.Keys)
	if err != nil {
		return nil, err
	}
	return parseKeys(set)
}

// errAddress reports a URL or an address that Regent does not go to.
var errAddress = errors.New("the address is not allowed")

// get fetches a document of bounded size.
func (v *Verifier) get(ctx context.Context, client *http.Client, address string) ([]byte, error) {
	if _, ok := v.endpoint(address); !ok {
		return nil, fmt.Errorf("%w: a document's URL", errAddress)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "regent")
	answer, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }() // read or given up
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answers with status %d", answer.StatusCode)
	}
	document, err := io.ReadAll(io.LimitReader(answer.Body, maxDocument+1))
	if err != nil {
		return nil, err
	}
	if len(document) > maxDocument {
		return nil, fmt.Errorf("%w: a document is too long", ErrKey)
	}
	return document, nil
}

// client returns a client for one fetch: it knows no proxy, no cookie and no
// connection of before, and checks each address that it dials.
func (v *Verifier) client(p *Provider) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext: v.dial,
			DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return v.dialTLS(ctx, p, network, address)
			},
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHeader,
		},
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if _, ok := v.endpoint(r.URL.String()); !ok || len(via) > maxRedirects {
				return fmt.Errorf("%w: a redirect", errAddress)
			}
			return nil
		},
	}
}

// dial connects to a host whose every address may be dialed: one that is partly
// public is not, whichever address comes first. What was checked is what is
// dialed; the name is not looked up again.
func (v *Verifier) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addresses, err := v.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	if len(addresses) == 0 {
		return nil, fmt.Errorf("%w: the name has none", errAddress)
	}
	for _, a := range addresses {
		if !v.allowed(host, a) {
			return nil, fmt.Errorf("%w: %s", errAddress, a)
		}
	}
	dialer := net.Dialer{
		Timeout: dialTimeout,
		Control: func(_, address string, _ syscall.RawConn) error { // the last word
			at, err := netip.ParseAddrPort(address)
			if err != nil || !v.allowed(host, at.Addr()) {
				return errAddress
			}
			return nil
		},
	}
	var failures []error
	for _, a := range addresses {
		conn, err := dialer.DialContext(ctx, network, net.JoinHostPort(a.String(), port))
		if err == nil {
			return conn, nil
		}
		failures = append(failures, err)
	}
	return nil, errors.Join(failures...)
}

// dialTLS is dial with a server that is verified by the name that was dialed,
// which may be an address.
func (v *Verifier) dialTLS(ctx context.Context, p *Provider, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	conn, err := v.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	secure := tls.Client(conn, v.tlsConfig(p, host))
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return secure, nil
}

func (v *Verifier) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a.Unmap()}, nil
	}
	if host == "localhost" && v.options.LoopbackHTTP {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, nil
	}
	found, err := v.options.Resolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i] = found[i].Unmap()
	}
	return found, nil
}

// allowed reports whether an address may be dialed: it is public, or in a
// network that the operator allowed, or this machine's for a host that says so
// where that is allowed.
func (v *Verifier) allowed(host string, a netip.Addr) bool {
	a = a.Unmap()
	if a.Zone() != "" {
		return false
	}
	for _, n := range v.options.Networks {
		if n.Contains(a) {
			return true
		}
	}
	if v.options.LoopbackHTTP && isLoopback(host) && a.IsLoopback() {
		return true
	}
	return public(a)
}

// reserved returns the networks beside those that net/netip knows that are not
// of the public internet, or that lead to others: the addresses in 6to4, Teredo
// and NAT64 networks hold one of IPv4 that would have to be checked again.
func reserved() []netip.Prefix {
	networks := []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	}
	prefixes := make([]netip.Prefix, len(networks))
	for i, n := range networks {
		prefixes[i] = netip.MustParsePrefix(n)
	}
	return prefixes
}

// global is where public addresses of IPv6 are.
const global = "2000::/3"

func public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified() {
		return false
	}
	if a.Is6() && !netip.MustParsePrefix(global).Contains(a) {
		return false
	}
	return !slices.ContainsFunc(reserved(), func(n netip.Prefix) bool { return n.Contains(a) })
}

// tlsConfig verifies a server by the authorities that are trusted, and when
// none of them made its certificate, by the provider's thumbprints (ST-62).
func (v *Verifier) tlsConfig(p *Provider, host string) *tls.Config {
	return &tls.Config{
		ServerName: host,
		MinVersion: tls.VersionTLS12,
		// The standard check knows one kind of trust; ours comes after, always.
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection verifies in its place
		VerifyConnection: func(state tls.ConnectionState) error {
			return v.verifyServer(state.PeerCertificates, host, p.Thumbprints)
		},
	}
}

func (v *Verifier) verifyServer(chain []*x509.Certificate, host string, thumbprints []string) error {
	if len(chain) == 0 || host == "" {
		return ErrThumbprint
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	check := func(roots *x509.CertPool) error {
		_, err := chain[0].Verify(x509.VerifyOptions{DNSName: host, Intermediates: between, Roots: roots})
		return err
	}
	err := check(nil) // the machine's
	if unknown(err) && v.options.Authorities != nil {
		err = check(v.options.Authorities)
	}
	if !unknown(err) {
		return err
	}
	pinned := x509.NewCertPool()
	some := false
	for _, c := range chain {
		sum := sha1.Sum(c.Raw) //nolint:gosec // see above
		if slices.ContainsFunc(thumbprints, func(t string) bool {
			want, err := hex.DecodeString(t)
			return err == nil && bytes.Equal(want, sum[:])
		}) {
			pinned.AddCert(c)
			some = true
		}
	}
	if !some {
		return ErrThumbprint
	}
	// The certificate that is pinned counts as an authority for the rest of the
	// chain, the name and the time.
	if err := check(pinned); unknown(err) {
		return ErrThumbprint
	} else if err != nil {
		return err
	}
	return nil
}

// unknown reports that no authority vouches for a certificate: all else about it
// may be right.
func unknown(err error) bool {
	_, ok := errors.AsType[x509.UnknownAuthorityError](err)
	_, none := errors.AsType[x509.SystemRootsError](err)
	return ok || none
}

// levelOf says how much an operator should mind: an address that is refused is
// an attempt to reach what must not be reached, or a setting that is missing.
func levelOf(err error) slog.Level {
	if errors.Is(err, errAddress) {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// maxCause bounds what a log holds of why a fetch failed: parts of it may be a
// server's choice.
const maxCause = 300

func attributes(p *Provider, err error) []slog.Attr {
	cause := err.Error()
	return []slog.Attr{slog.String("account", p.Account), slog.String("provider", p.Name), slog.String("error", cause[:min(len(cause), maxCause)])}
}
