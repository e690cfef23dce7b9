package dispatch

import (
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

// A Request is what was received, parsed once: signature, routing,
// authorization, handler and record all read this value (threats.md, T1).
type Request struct {
	// ID is the request id that the answer carries.
	ID string
	// Parsed is the method, target and headers.
	Parsed *sigv4.Request
	// Facts are what decisions depend on.
	Facts authz.Request
	// Auth is the credential, nil when there is none.
	Auth *sigv4.Auth
	// TLS is the connection's state, nil without TLS.
	TLS *tls.ConnectionState
	// Target is what a request to S3 is about, nil for other services.
	Target *Target

	seed seed
	host [16]byte // what HostID is made of
	// firstEvent is what the id of the request's first event is made of.
	firstEvent [16]byte
	// minted is the session that the answer holds, nil for none.
	minted *session.Session
}

// A Target is what S3's gateway has found a request to be about. What it needs
// was found where it was classified; the operations ask for no less and no
// more.
type Target struct {
	// BucketID is the immutable id of the bucket, "" when the operation is on
	// none that exists.
	BucketID string
	// Needs returns what the request needs, by the records that tx shows. It
	// fails when the bucket's name stands for another bucket by then.
	Needs func(tx *store.Tx) ([]authz.Need, error)
}

// HostID returns the id that goes with the request's in answers of S3.
func (r *Request) HostID() string { return base64.StdEncoding.EncodeToString(r.host[:]) }

// Region returns the region that the request was signed for.
func (r *Request) Region() string { return r.Facts.Region }

// Proxies are the peers that are believed when they say for whom a request is
// (TH-105). The zero value believes nobody.
type Proxies struct {
	Trusted []netip.Prefix
}

// peer returns the address and scheme of who sent the request: the socket's,
// or what a trusted proxy says. It is the one place that looks.
func (p Proxies) peer(r *http.Request) (addr netip.Addr, secure bool) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err = netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}, false
	}
	addr, secure = addr.Unmap().WithZone(""), r.TLS != nil
	if !p.trusts(addr) {
		return addr, secure
	}
	if r.TLS == nil {
		secure = len(r.Header.Values("X-Forwarded-Proto")) == 1 && r.Header.Get("X-Forwarded-Proto") == "https"
	}
	// The last address that no trusted proxy wrote is the client's: whatever
	// stands before it the client may have made up.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		hop, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		addr = hop.Unmap().WithZone("")
		if !p.trusts(addr) {
			break
		}
	}
	return addr, secure
}

func (p Proxies) trusts(addr netip.Addr) bool {
	for _, t := range p.Trusted {
		if t.Contains(addr) {
			return true
		}
	}
	return false
}

// Peer returns the address of who sent r and whether it came over TLS, as far
// as trusted proxies can be believed.
func (p Proxies) Peer(r *http.Request) (addr netip.Addr, secure bool) { return p.peer(r) }

// Forwarded reports whether a request came through any proxy, trusted or not.
// Endpoints that only a process on this machine may use refuse such (TH-106).
func Forwarded(r *http.Request) bool {
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via"} {
		if len(r.Header.Values(name)) > 0 {
			return true
		}
	}
	return false
}

const maxUserAgent = 1024

// newRequest draws a request's ids and notes what is known before its
// credential is looked at.
func newRequest(r *http.Request, parsed *sigv4.Request, proxies Proxies, region string, now time.Time) *Request {
	req := &Request{Parsed: parsed, TLS: r.TLS}
	var random [16 + len(req.host) + len(req.firstEvent)]byte
	_, _ = rand.Read(random[:]) // never fails
	req.ID = uuidOf([16]byte(random[:16]))
	copy(req.firstEvent[:], random[16+copy(req.host[:], random[16:]):])
	addr, secure := proxies.peer(r)
	agent := r.UserAgent()
	if len(agent) > maxUserAgent {
		agent = agent[:maxUserAgent]
	}
	req.Facts = authz.Request{
		Now: now, SourceIP: addr, Secure: secure, UserAgent: agent, Referer: r.Referer(), Region: region,
	}
	if r.TLS != nil {
		switch r.TLS.Version {
		case tls.VersionTLS13:
			req.Facts.TLS = "1.3"
		case tls.VersionTLS12:
			req.Facts.TLS = "1.2"
		}
	}
	return req
}
