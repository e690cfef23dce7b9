package dispatch_test

import (
	"crypto/tls"
	"net/http"
	"net/netip"
	"testing"

	"github.com/regent-iam/regent/internal/dispatch"
)

// Rules: TH-105
func TestOnlyTrustedProxiesSayForWhomARequestIs(t *testing.T) {
	t.Parallel()
	proxies := dispatch.Proxies{Trusted: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
	for _, row := range []struct {
		name, peer string
		tls        bool
		forwarded  []string
		proto      []string
		addr       string
		secure     bool
	}{
		{name: "nobody between", peer: "192.0.2.1:5", addr: "192.0.2.1"},
		{name: "TLS", peer: "192.0.2.1:5", tls: true, addr: "192.0.2.1", secure: true},
		{name: "a stranger claims", peer: "192.0.2.1:5", forwarded: []string{"127.0.0.1"}, proto: []string{"https"}, addr: "192.0.2.1"},
		{name: "a proxy", peer: "10.0.0.1:5", forwarded: []string{"192.0.2.9"}, proto: []string{"https"}, addr: "192.0.2.9", secure: true},
		{name: "a proxy over http", peer: "10.0.0.1:5", forwarded: []string{"192.0.2.9"}, proto: []string{"http"}, addr: "192.0.2.9"},
		{name: "a proxy that says nothing of it", peer: "10.0.0.1:5", forwarded: []string{"192.0.2.9"}, addr: "192.0.2.9"},
		{name: "two words on the scheme", peer: "10.0.0.1:5", forwarded: []string{"192.0.2.9"}, proto: []string{"https", "http"}, addr: "192.0.2.9"},
		{name: "a list of schemes", peer: "10.0.0.1:5", forwarded: []string{"192.0.2.9"}, proto: []string{"https, http"}, addr: "192.0.2.9"},
		{name: "a proxy over TLS", peer: "10.0.0.1:5", tls: true, forwarded: []string{"192.0.2.9"}, proto: []string{"http"}, addr: "192.0.2.9", secure: true},
		{name: "the client's own claim comes first", peer: "10.0.0.1:5", forwarded: []string{"127.0.0.1, 192.0.2.9"}, addr: "192.0.2.9"},
		{name: "in a header of its own", peer: "10.0.0.1:5", forwarded: []string{"127.0.0.1", "192.0.2.9"}, addr: "192.0.2.9"},
		{name: "a chain of proxies", peer: "10.0.0.1:5", forwarded: []string{"127.0.0.1, 192.0.2.9, 10.0.0.2,10.0.0.3"}, addr: "192.0.2.9"},
		{name: "proxies all the way", peer: "10.0.0.1:5", forwarded: []string{"10.0.0.7, 10.0.0.2"}, addr: "10.0.0.7"},
		{name: "nonsense", peer: "10.0.0.1:5", forwarded: []string{"192.0.2.9, unknown"}, addr: "10.0.0.1"},
		{name: "nonsense behind a proxy", peer: "10.0.0.1:5", forwarded: []string{"unknown, 10.0.0.2"}, addr: "10.0.0.2"},
		{name: "nothing", peer: "10.0.0.1:5", addr: "10.0.0.1"},
		{name: "mapped", peer: "[::ffff:10.0.0.1]:5", forwarded: []string{"::ffff:192.0.2.9"}, addr: "192.0.2.9"},
		{name: "IPv6", peer: "[fd00::1%eth0]:5", forwarded: []string{"2001:db8::1"}, addr: "2001:db8::1"},
		{name: "a pipe", peer: "@", forwarded: []string{"192.0.2.9"}, addr: "invalid IP"},
	} {
		r := &http.Request{RemoteAddr: row.peer, Header: http.Header{}}
		if row.tls {
			r.TLS = &tls.ConnectionState{}
		}
		for _, v := range row.forwarded {
			r.Header.Add("X-Forwarded-For", v)
		}
		for _, v := range row.proto {
			r.Header.Add("X-Forwarded-Proto", v)
		}
		if addr, secure := proxies.Peer(r); addr.String() != row.addr || secure != row.secure {
			t.Errorf("%s: %s, %v, want %s, %v", row.name, addr, secure, row.addr, row.secure)
		}
		if addr, _ := (dispatch.Proxies{}).Peer(r); row.name == "a proxy" && addr.String() != "10.0.0.1" {
			t.Errorf("%s: believed without being trusted: %s", row.name, addr)
		}
	}
}

// Rules: TH-105 TH-106
func TestForwarded(t *testing.T) {
	t.Parallel()
	if dispatch.Forwarded(&http.Request{Header: http.Header{"Accept": {"*/*"}}}) {
		t.Error("a direct request was forwarded")
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"} {
		h := http.Header{}
		h.Add(name, "")
		if !dispatch.Forwarded(&http.Request{Header: h}) {
			t.Errorf("%s does not count", name)
		}
	}
}
