// Package signin is how a browser becomes somebody: pages on which users and
// roots sign in, and calls by which the console then gets credentials, switches
// roles and signs out. What the console does with its credentials goes over the
// one road like any request; what a sign-in may do is no wider than that.
//
// The pages are plain HTML and need no script where a cookie is enough. On
// loopback, where every port of the machine gets the cookie, a second secret is
// kept by the origin's own storage.
package signin

import (
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

// Path is where everything of this package lies.
const Path = "/_regent/signin"

// consolePath is where the application lies.
const consolePath = "/_regent/console/"

const (
	// longest is how long a sign-in lasts (CO-3).
	longest = 12 * time.Hour
	// defaultIdle is how long one lasts without input, and defaultCredentials how
	// long what it gives out is good.
	defaultIdle        = time.Hour
	defaultCredentials = 30 * time.Minute
)

// A Config says what signing in must know of the server. All fields are needed
// but those that say otherwise.
type Config struct {
	Store     *store.Store
	Authn     *authn.Authenticator // holds the key ring in use
	Passwords *password.Hasher
	Recorder  *record.Recorder
	// API is the road of the server: role switches run on it.
	API http.Handler
	// Minted is told of each session that is given out; optional.
	Minted  func(c *authn.Caller, s *session.Session, address netip.Addr)
	Now     func() time.Time
	Proxies dispatch.Proxies // optional
	Region  string
	// Site is the origin that people sign in at, if it is another one than that of
	// the APIs; else "".
	Site string
	// Destinations are addresses, each with a slash at its end, below which a
	// sign-in may go on beside the console: scheme, host and path (TH-87).
	Destinations []string
	Log          *slog.Logger
	// Credentials is how long credentials are good, and Idle how long a sign-in
	// lasts without input; 0 is 30 minutes and an hour.
	Credentials, Idle time.Duration
	// StrictRoles ends a role that was switched to when as much time has passed as
	// the role gives (CO-15). Else it is given again until the sign-in ends.
	StrictRoles bool
	// Random is where ids and secrets come from; nil is the system.
	Random io.Reader
}

// A Handler serves what lies under Path.
type Handler struct {
	Config
	pages *pages
	calls map[string]call
	cross http.CrossOriginProtection

	handovers handovers
}

// New returns a Handler.
func New(c Config) (*Handler, error) {
	if c.Credentials == 0 {
		c.Credentials = defaultCredentials
	}
	if c.Idle == 0 {
		c.Idle = defaultIdle
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	p, err := parsePages()
	if err != nil {
		return nil, err
	}
	h := &Handler{Config: c, pages: p}
	h.calls = h.jsonCalls()
	return h, nil
}

// ServeHTTP serves a request whose path is Path or lies under it. Pages take
// forms and calls take JSON, and neither takes anything from another origin.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("X-Frame-Options", "DENY")
	parsed, err := sigv4.NewRequest(r.Method, r.RequestURI, r.Host, r.Header)
	if err != nil {
		http.Error(w, "the request could not be parsed", http.StatusBadRequest)
		return
	}
	if _, twice := parsed.Query.Repeated(); twice {
		http.Error(w, "a parameter is there twice", http.StatusBadRequest)
		return
	}
	v := h.visitOf(r)
	v.asked = parsed.Query
	w.Header().Set("Date", v.now.Format(http.TimeFormat)) // the console goes by the server's clock
	w.Header().Set("X-Amzn-Requestid", v.id)
	if h.cross.Check(r) != nil {
		h.refuseOrigin(w, v)
		return
	}
	path, _, _ := strings.Cut(r.RequestURI, "?") // as it came: nothing is decoded or cleaned
	path = strings.TrimPrefix(strings.TrimPrefix(path, Path), "/")
	if path == "switchrole" && reads(r) { // a link to the page of the console (CO-10)
		http.Redirect(w, r, consolePath+"switchrole"+v.query(), http.StatusSeeOther)
		return
	}
	if c, ok := h.calls[path]; ok {
		h.serveCall(w, r, v, c)
		return
	}
	steps := map[string]func(http.ResponseWriter, *http.Request, *visit){
		"": h.servePassword, "code": h.serveCode, "passkey": h.servePasskey, "password": h.serveNewPassword, "close": h.serveClose,
		"federation": h.serveFederationForm,
	}
	switch step, ok := steps[path]; {
	case !ok:
		http.Error(w, "not found", http.StatusNotFound)
	case path == "federation" && reads(r):
		h.showFederation(w, r, v)
	case path == "" && reads(r):
		h.showPassword(w, r, v)
	case r.Method == http.MethodPost:
		step(w, r, v)
	case reads(r): // somebody went back to a step, or reloaded it
		http.Redirect(w, r, Path, http.StatusSeeOther)
	default:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	}
}

func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }
