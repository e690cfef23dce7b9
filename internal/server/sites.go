package server

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// sites are the host names of the server's parts. A browser keeps origins
// apart, and nothing else in it keeps an object of a bucket from acting as
// whoever opens it: so who serves what is decided by name, first of all.
type sites struct {
	// public is where the server is reached, and console where the console is
	// when it has a host of its own; else it is where the server is.
	public, console site
	// domains are those below which bucket names are host names, folded.
	domains []string
}

// A site is an origin that was configured. The zero site is none.
type site struct{ scheme, name, port string }

func (o site) String() string {
	if o.name == "" {
		return ""
	}
	return o.scheme + "://" + joinHost(o.name, o.port)
}

// newSites reads what was configured. A console host without a port is reached
// at the public URL's.
func newSites(publicURL, consoleHost string, domains []string) (sites, error) {
	var s sites
	for _, d := range domains {
		s.domains = append(s.domains, arn.Fold(d))
	}
	if publicURL != "" {
		u, err := url.Parse(publicURL)
		if err != nil {
			return sites{}, fmt.Errorf("the public URL: %w", err)
		}
		s.public.scheme = u.Scheme
		var ok bool
		if s.public.name, s.public.port, ok = splitHost(u.Host); !ok {
			return sites{}, fmt.Errorf("the public URL: %q is no host", u.Host)
		}
	}
	if consoleHost == "" {
		return s, nil
	}
	name, port, ok := splitHost(consoleHost)
	switch {
	case !ok:
		return sites{}, fmt.Errorf("the console's host: %q is no host", consoleHost)
	case s.public.name == "":
		return sites{}, fmt.Errorf("the console's host: the console needs the public URL, where the APIs are")
	case name == s.public.name:
		return sites{}, fmt.Errorf("the console's host: %s is the host of the public URL, from which it is to be apart", name)
	case s.buckets(consoleHost):
		return sites{}, fmt.Errorf("the console's host: %s is below a domain of buckets", name) // TH-84
	}
	if port == "" {
		port = s.public.port
	}
	s.console = site{s.public.scheme, name, port}
	return s, nil
}

// buckets reports whether a host name is a bucket's.
func (s *sites) buckets(host string) bool {
	if len(s.domains) == 0 {
		return false
	}
	name, _, ok := splitHost(host)
	if !ok || name == s.public.name || name == s.console.name {
		return false
	}
	if slices.Contains(s.domains, name) {
		return false
	}
	for _, d := range s.domains {
		if strings.HasSuffix(name, d) && strings.HasSuffix(name[:len(name)-len(d)], ".") {
			return true
		}
	}
	return false
}

// apart reports whether the console has a host of its own.
func (s *sites) apart() bool { return s.console.name != "" }

// onConsole reports whether a host is the console's own.
func (s *sites) onConsole(host string) bool {
	if !s.apart() {
		return false
	}
	name, _, ok := splitHost(host)
	return ok && name == s.console.name
}

// origin returns what a browser has as the origin of what is served at a host.
// It reports false for a host that is neither this machine by a name that no
// stranger's DNS can give out, nor configured: a page that was rebound to this
// server asks with its own name. Only the name counts: what forwards a port to
// the server has another.
func (s *sites) origin(host string, secure bool) (string, bool) {
	name, port, ok := splitHost(host)
	if !ok {
		return "", false
	}
	o := site{"http", name, port}
	if secure {
		o.scheme = "https"
	}
	switch {
	case s.public.name == name:
		o.scheme = s.public.scheme
	case s.apart() && s.console.name == name:
		o.scheme = s.console.scheme
	case !loopbackName(name):
		return "", false
	}
	return o.String(), true
}

// loopbackName reports whether a name is this machine's wherever it is asked.
func loopbackName(name string) bool {
	addr, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && addr.IsLoopback()
}

// splitHost returns the folded name and the port of a Host header. It accepts
// only what it can put together again: the result becomes part of policies and
// addresses.
func splitHost(host string) (name, port string, ok bool) {
	name = host
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		name, port = host[:i], host[i+1:]
		if port == "" || len(port) > 5 || strings.Trim(port, "0123456789") != "" {
			return "", "", false
		}
	}
	if inner, bracketed := strings.CutPrefix(name, "["); bracketed {
		inner, bracketed = strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		if !bracketed || err != nil || !addr.Is6() || addr.Zone() != "" {
			return "", "", false
		}
		return addr.String(), port, true
	}
	name = arn.Fold(name)
	if name == "" || len(name) > 253 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") != "" {
		return "", "", false
	}
	return name, port, true
}

func joinHost(name, port string) string {
	switch {
	case port != "":
		return net.JoinHostPort(name, port)
	case strings.Contains(name, ":"):
		return "[" + name + "]"
	}
	return name
}
