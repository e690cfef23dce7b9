package server

import (
	"crypto/subtle"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/console"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/federation/issuer"
	"github.com/regent-iam/regent/internal/federation/oidc"
	"github.com/regent-iam/regent/internal/s3/gateway"
	"github.com/regent-iam/regent/internal/service/accessanalyzer"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/organizations"
	"github.com/regent-iam/regent/internal/service/regent"
	"github.com/regent-iam/regent/internal/service/s3"
	"github.com/regent-iam/regent/internal/service/sts"
	"github.com/regent-iam/regent/internal/store"

	accessanalyzerapi "github.com/regent-iam/regent/internal/api/accessanalyzer"
	iamapi "github.com/regent-iam/regent/internal/api/iam"
	organizationsapi "github.com/regent-iam/regent/internal/api/organizations"
	regentapi "github.com/regent-iam/regent/internal/api/regent"
	s3api "github.com/regent-iam/regent/internal/api/s3"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
)

// buildRoad puts every service on the one road.
func (s *Server) buildRoad() (err error) {
	s.gateway = gateway.New(gateway.Config{
		Objects: s.objects, Hosts: s.options.S3Hosts, API: &s3api.Service, Operations: s.bucketOperations(),
		NoDataEvents: s.options.NoDataEvents,
	})
	s.road, err = dispatch.New(dispatch.Config{
		Store: s.store, Authn: s.authn, Decider: s.lastuse.Decider(s.authz), Recorder: s.recorder, S3: s.gateway, Log: s.log,
		Now: s.clock.Now, Wall: s.options.Wall, Region: s.options.Region,
		Proxies: dispatch.Proxies{Trusted: s.options.Proxies}, Observe: s.metrics.observe, Used: s.used, Minted: s.holders.Minted, Denials: s.denials,
		Services: s.services(),
	})
	if err != nil {
		return err
	}
	s.gateway.Attach(s.road)
	return nil
}

// used notes that a caller used a key, a role or a session.
func (s *Server) used(c *authn.Caller, service, region string, now time.Time) {
	s.lastuse.Used(c, service, region, now)
	s.holders.Used(c, service, region, now)
}

// services are the services on the road but S3, which has a gateway before it.
func (s *Server) services() []dispatch.Service {
	return []dispatch.Service{
		{API: &iamapi.Service, Operations: iam.New(iam.Config{PublicURL: s.options.PublicURL, Passwords: s.hasher}).Operations()},
		{API: &stsapi.Service, Operations: sts.New(sts.Config{
			PublicURL: s.options.PublicURL, SAMLEndpoints: s.options.SAMLEndpoints, Tokens: s.tokens(),
		}).Operations()},
		{API: &accessanalyzerapi.Service, Operations: accessanalyzer.Operations()},
		{API: &organizationsapi.Service, Operations: organizations.New(organizations.Config{
			AccountID: s.accountID, CanonicalID: s.canonicalID,
		}).Operations()},
		{API: &regentapi.Service, Operations: regent.New(regent.Config{
			Authorizer: s.authz, Denials: s.denials, Version: version(), Region: s.options.Region, Served: s.Operations,
			IAM: iam.Operations(), AccountID: s.accountID, CanonicalID: s.canonicalID, Keys: s.keys,
		}).Operations()},
	}
}

// tokens verifies tokens of identity providers.
func (s *Server) tokens() *oidc.Verifier {
	o := s.options.Federation
	o.Log = s.log
	return oidc.New(o)
}

// version is what the build says of itself.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "unknown"
}

func (s *Server) bucketOperations() []dispatch.Operation {
	return s3.New(s3.Config{Objects: s.objects, Region: s.options.Region}).Operations()
}

// own is the part of the name space that is no AWS API. No bucket name can
// hold an underscore.
const own = "/_regent"

// stallTimeout is how long a connection waits for a body that nobody reads, and
// for its client to take the rest of an answer. Who reads a body, or writes an
// answer that is long, moves the deadline along as it goes.
const stallTimeout = time.Minute

// routes splits Regent's own paths from the AWS APIs. The raw target decides:
// nothing is cleaned or decoded before (TH-4, TH-5).
func (s *Server) routes() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// What is refused is refused before its body is read, and what is left of
		// it is then read by net/http, which would wait for it for ever (TH-21).
		// A connection without deadlines, as in tests, goes on without.
		connection := http.NewResponseController(w)
		if r.ContentLength != 0 {
			_ = connection.SetReadDeadline(s.options.Wall().Add(stallTimeout))
		}
		_ = connection.SetWriteDeadline(time.Time{}) // that of the request before
		defer func() { _ = connection.SetWriteDeadline(s.options.Wall().Add(stallTimeout)) }()
		path, _, _ := strings.Cut(r.RequestURI, "?")
		if (path == own || strings.HasPrefix(path, own+"/")) && !s.sites.buckets(r.Host) {
			s.serveOwn(w, r, strings.TrimPrefix(path, own))
			return
		}
		s.outside(w, r)
	})
}

// serveOwn serves what lies under /_regent.
func (s *Server) serveOwn(w http.ResponseWriter, r *http.Request, path string) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	if !s.admit(w, r, path) {
		return
	}
	switch {
	case path == "/health":
		s.serveHealth(w, r)
	case path == "/console" || strings.HasPrefix(own+path, console.Path):
		s.serveConsole(w, r, path)
	case path == "/metrics":
		s.serveMetrics(w, r)
	case path == "/signin", strings.HasPrefix(path, "/signin/"):
		console.Harden(h, s.origin(r))
		s.signin.ServeHTTP(w, r)
	case strings.HasPrefix(own+path, issuer.Path):
		s.serveIssuer(w, r, strings.TrimPrefix(own+path, issuer.Path))
	case strings.HasPrefix(path, "/dev/") && s.dev != nil:
		s.dev.serve(w, r, strings.TrimPrefix(path, "/dev/"))
	default:
		http.Error(w, "not found", http.StatusNotFound)
	}
}

// serveHealth says that the server serves, and nothing else (TH-110).
func (s *Server) serveHealth(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // a client that is gone needs no answer
}

// issuerAge is how long others may keep what an issuer publishes. A key that they
// do not know sends them here again (OpenID Connect Core 1.0, 10.1.1).
const issuerAge = "public, max-age=300"

// serveIssuer serves the documents of issuers of outbound tokens to anybody. What
// they say of the server's address is configured, whatever the request says it
// is (TH-95).
func (s *Server) serveIssuer(w http.ResponseWriter, r *http.Request, path string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	var document issuer.Document
	err := s.store.View(r.Context(), func(tx *store.Tx) (err error) {
		document, err = issuer.Read(tx, s.options.PublicURL, path, s.clock.Now())
		return err
	})
	switch {
	case err != nil:
		s.log.LogAttrs(r.Context(), slog.LevelError, "reading an issuer", slog.String("error", err.Error()))
		http.Error(w, "not available", http.StatusInternalServerError)
	case document == nil:
		http.Error(w, "not found", http.StatusNotFound)
	default:
		w.Header().Set("Cache-Control", issuerAge)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(document) // a client that is gone needs no answer
	}
}

// serveMetrics shows the metrics to this machine, and to who has the token.
func (s *Server) serveMetrics(w http.ResponseWriter, r *http.Request) {
	if !local(r) && !bearer(r, s.options.MetricsToken.Reveal()) {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	s.metrics.handler.ServeHTTP(w, r)
}

// local reports whether a request comes from a process of this machine and
// through no proxy.
func local(r *http.Request) bool {
	addr, _ := dispatch.Proxies{}.Peer(r)
	return addr.IsLoopback() && !dispatch.Forwarded(r)
}

// bearer reports whether a request carries the token. An empty token lets
// nobody in.
func bearer(r *http.Request, token string) bool {
	given := r.Header.Values("Authorization")
	if token == "" || len(given) != 1 {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(given[0]), []byte("Bearer "+token)) == 1
}

// OperationNames returns the names of the operations that services have, by the
// name of the service's package: what a server puts on the road, without one.
func OperationNames() map[string][]string {
	var s Server
	names := map[string][]string{}
	for _, service := range append(s.services(), dispatch.Service{API: &s3api.Service, Operations: s.bucketOperations()}) {
		for _, op := range service.Operations {
			names[service.API.Package] = append(names[service.API.Package], op.Name)
		}
	}
	return names
}
