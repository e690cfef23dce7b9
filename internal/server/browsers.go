package server

import (
	"net/http"
	"strings"

	"github.com/regent-iam/regent/internal/console"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/federation/issuer"
	"github.com/regent-iam/regent/internal/signin"
)

// What a browser must be kept from stands here, before everything that answers
// one: which host serves what, whose pages may ask for changes, and which
// headers no handler gets to see.

// outside serves what lies outside /_regent: the AWS APIs, but for the few
// requests that a browser makes of its own accord. Every answer is in the
// sandbox, whoever gives it (TH-89).
func (s *Server) outside(w http.ResponseWriter, r *http.Request) {
	stripCookies(r.Header)
	switch {
	case s.sites.onConsole(r.Host) && r.RequestURI != "/":
		http.Error(dispatch.Sandbox(w, s.clock.Now), "this host serves the console only", http.StatusMisdirectedRequest)
	case s.sites.onConsole(r.Host) || s.looksAround(r):
		seeOther(dispatch.Sandbox(w, s.clock.Now), s.sites.console.String()+console.Path)
	case s.isFederation(r):
		s.signin.ServeFederation(dispatch.Sandbox(w, s.clock.Now), r)
	case s.sites.apart() && s.fromConsole(r):
		s.serveConsolesCalls(w, r)
	default:
		s.road.ServeHTTP(w, r)
	}
}

// isFederation reports whether a request is for AWS's federation endpoint, whose
// name no bucket can have.
func (s *Server) isFederation(r *http.Request) bool {
	path, _, _ := strings.Cut(r.RequestURI, "?")
	return path == signin.FederationPath && !s.sites.buckets(r.Host)
}

// looksAround reports whether somebody typed the server's address into a
// browser. ListBuckets looks the same but for its signature and for what it
// accepts.
func (s *Server) looksAround(r *http.Request) bool {
	if r.RequestURI != "/" || r.Method != http.MethodGet || len(r.Header["Authorization"]) > 0 || s.sites.buckets(r.Host) {
		return false
	}
	for _, field := range r.Header["Accept"] {
		for item := range strings.SplitSeq(field, ",") {
			if kind, _, _ := strings.Cut(item, ";"); strings.TrimSpace(kind) == "text/html" {
				return true
			}
		}
	}
	return false
}

// seeOther sends a browser on. The target is Regent's own and never a request's.
func seeOther(w http.ResponseWriter, target string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Location", target)
	w.WriteHeader(http.StatusSeeOther)
}

// stripCookies removes the console's cookies from a request to an API: no
// handler of one, and nothing behind it, ever gets to see them.
func stripCookies(h http.Header) {
	fields, ok := h["Cookie"]
	if !ok {
		return
	}
	var kept []string
	for _, field := range fields {
		for cookie := range strings.SplitSeq(field, ";") {
			cookie = strings.TrimSpace(cookie)
			if name, _, _ := strings.Cut(cookie, "="); cookie != "" && !consoleCookie(name) {
				kept = append(kept, cookie)
			}
		}
	}
	if len(kept) == 0 {
		delete(h, "Cookie")
		return
	}
	h["Cookie"] = []string{strings.Join(kept, "; ")}
}

// consoleCookie reports whether a cookie is one of the console's, of this
// instance or of another on the same machine: cookies know no ports.
func consoleCookie(name string) bool {
	name = strings.TrimSpace(name)
	name = strings.TrimPrefix(strings.TrimPrefix(name, "__Host-"), "__Secure-")
	return strings.HasPrefix(name, "regent")
}

// admit answers a request to one of Regent's own paths that is refused whatever
// it asks for, and reports whether it was let in. What machines read, under
// whichever name they reach the server, is open to them: it tells nobody
// anything about who asks.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, path string) bool {
	if path == "/health" || path == "/metrics" || strings.HasPrefix(own+path, issuer.Path) {
		return true
	}
	if _, ok := s.sites.origin(r.Host, false); !ok {
		http.Error(w, misdirected, http.StatusMisdirectedRequest)
		return false
	}
	if s.sites.apart() && s.sites.onConsole(r.Host) != ofConsole(path) {
		if ofConsole(path) && safe(r) {
			seeOther(w, s.sites.console.String()+r.RequestURI)
		} else {
			http.Error(w, "another host serves this", http.StatusMisdirectedRequest)
		}
		return false
	}
	if err := s.crossOrigin.Check(r); err != nil {
		http.Error(w, "a page of another origin asked for this", http.StatusForbidden)
		return false
	}
	if len(r.Header["Service-Worker"]) > 0 {
		http.Error(w, "there are no service workers here", http.StatusBadRequest)
		return false
	}
	return true
}

const misdirected = "Regent does not know itself by the name that you used. This machine reaches it as localhost; for others give it --public-url, or --console-host."

func safe(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// ofConsole reports whether one of Regent's own paths is for people in browsers.
func ofConsole(path string) bool {
	for _, part := range [...]string{"/console", "/signin"} {
		if path == part || strings.HasPrefix(path, part+"/") {
			return true
		}
	}
	return false
}

// openConsole says where the console is, and reads its files.
func (s *Server) openConsole() (err error) {
	if s.sites, err = newSites(s.options.PublicURL, s.options.ConsoleHost, s.options.S3Hosts); err != nil {
		return err
	}
	api := ""
	if s.sites.apart() {
		api = s.sites.public.String()
	}
	s.console, err = console.New(console.Embedded(), api)
	return err
}

// origin is what a browser has as the origin of one of Regent's own pages.
func (s *Server) origin(r *http.Request) string {
	_, secure := dispatch.Proxies{Trusted: s.options.Proxies}.Peer(r)
	origin, _ := s.sites.origin(r.Host, secure) // admit has seen that there is one
	return origin
}

// serveConsole serves the console's files.
func (s *Server) serveConsole(w http.ResponseWriter, r *http.Request, path string) {
	origin := s.origin(r)
	name, ok := strings.CutPrefix(own+path, console.Path)
	if !ok && safe(r) { // without the slash at its end
		console.Harden(w.Header(), origin)
		_, query, asked := strings.Cut(r.RequestURI, "?")
		if asked {
			query = "?" + query
		}
		seeOther(w, console.Path+query)
		return
	}
	s.console.Serve(w, r, origin, name)
}
