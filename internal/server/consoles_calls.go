package server

import (
	"net/http"
	"slices"

	"github.com/regent-iam/regent/internal/dispatch"
)

// A console with a host of its own calls the APIs at another origin, and so its
// browser asks whether it may. The one origin that may is configured; it may
// send signatures, which the page makes itself, and never a cookie (TH-68).

// fromConsole reports whether a request comes from a page of the console.
func (s *Server) fromConsole(r *http.Request) bool {
	origin := r.Header["Origin"]
	return len(origin) == 1 && origin[0] == s.sites.console.String() && !s.sites.buckets(r.Host)
}

// serveConsolesCalls answers a call of the console's page.
func (s *Server) serveConsolesCalls(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", s.sites.console.String())
	h.Add("Vary", "Origin")
	if r.Method != http.MethodOptions || len(r.Header["Access-Control-Request-Method"]) == 0 {
		h["Access-Control-Expose-Headers"] = exposed
		s.road.ServeHTTP(w, r)
		return
	}
	h.Add("Vary", "Access-Control-Request-Headers")
	h["Access-Control-Allow-Methods"] = []string{"GET, HEAD, POST, PUT, DELETE"}
	h["Access-Control-Allow-Headers"] = slices.Clone(r.Header["Access-Control-Request-Headers"])
	h.Set("Access-Control-Max-Age", "600")
	dispatch.Sandbox(w, s.clock.Now).WriteHeader(http.StatusNoContent)
}

// exposed are the headers that the page may read beside the body.
var exposed = []string{"*"}
