package signin_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	iamapi "github.com/regent-iam/regent/internal/api/iam"
	regentapi "github.com/regent-iam/regent/internal/api/regent"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/regent"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/service/sts"
	"github.com/regent-iam/regent/internal/signin"
	"github.com/regent-iam/regent/internal/store"
)

const (
	ours   = "444455556666" // owns users, alias "dev"
	theirs = "111122223333" // owns roles, alias "prod"

	alicePassword = "correct Horse 1 battery"
	wrong         = "Your authentication information is incorrect. Please try again."
	allowAll      = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
)

// A world is a road with two accounts and the sign-in on top of it. alice has a
// password.
type world struct {
	*servicetest.Harness
	t       *testing.T
	handler *signin.Handler
	hasher  *password.Hasher
	log     *bytes.Buffer
}

// cheap is what a password costs in tests.
func cheap() password.Options {
	return password.Options{Cost: password.Cost{Memory: 64, Passes: 1, Lanes: 1}}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldWith(t, cheap(), func(*signin.Config) {})
}

func newWorldWith(t *testing.T, o password.Options, change func(*signin.Config)) *world {
	t.Helper()
	w := &world{t: t, hasher: password.New(o), log: new(bytes.Buffer)}
	w.Harness = servicetest.NewWith(t, func(h *servicetest.Harness) []dispatch.Service {
		return []dispatch.Service{
			{API: &iamapi.Service, Operations: iam.New(iam.Config{Passwords: w.hasher}).Operations()},
			{API: &stsapi.Service, Operations: sts.Operations()},
			{API: &regentapi.Service, Operations: regent.New(regent.Config{
				Authorizer: h.Authz, Denials: h.Denials, Region: servicetest.Region, Served: func() map[string][]string { return nil },
			}).Operations()},
		}
	})
	w.Account(ours, "root")
	w.Account(theirs, "their-root")
	w.As("root").Call("iam", "CreateAccountAlias", "AccountAlias", "dev").OK()
	w.As("their-root").Call("iam", "CreateAccountAlias", "AccountAlias", "prod").OK()
	w.User("alice", ours, allowAll)
	w.User("bob", ours, "")
	w.As("root").Call("iam", "CreateLoginProfile", "UserName", "alice", "Password", alicePassword).OK()
	c := signin.Config{
		Store: w.Store, Authn: w.Authn, Passwords: w.hasher, Recorder: w.Recorder(), API: w.Road, Minted: w.Sessions.Minted,
		Now: w.Now, Region: servicetest.Region, Log: slog.New(slog.NewJSONHandler(w.log, nil)),
	}
	change(&c)
	var err error
	if w.handler, err = signin.New(c); err != nil {
		t.Fatal(err)
	}
	return w
}

// profile changes a login profile directly.
func (w *world) profile(account identity.AccountID, user string, change func(*identity.LoginProfile)) {
	w.t.Helper()
	w.Update(func(tx *store.Tx) error {
		id := identity.RootUser
		if user != "" {
			u, err := tx.User(account, identity.UserName(user))
			if err != nil {
				return err
			}
			id = u.ID
		}
		p, err := tx.LoginProfile(account, id)
		if err != nil {
			p = &identity.LoginProfile{Account: account, UserID: id, Created: w.Now()}
		}
		change(p)
		return tx.PutLoginProfile(p)
	})
}

// rootPassword gives the root of an account a password.
func (w *world) rootPassword(account identity.AccountID, text string) {
	w.t.Helper()
	p := &identity.LoginProfile{Account: account, UserID: identity.RootUser}
	sealed, err := w.hasher.Seal(w.t.Context(), w.Ring, bytes.NewReader(make([]byte, 16)), p, seal.NewSecret(text))
	if err != nil {
		w.t.Fatal(err)
	}
	w.profile(account, "", func(p *identity.LoginProfile) { password.Set(p, sealed, w.Now()) })
}

// device gives alice an MFA device, and returns its seed.
func (w *world) device(name string) []byte {
	w.t.Helper()
	return w.deviceOf(ours, "alice", name)
}

// deviceOf gives a user an MFA device, and returns its seed.
func (w *world) deviceOf(account identity.AccountID, user, name string) []byte {
	w.t.Helper()
	seed := []byte("seed of " + name)
	w.Update(func(tx *store.Tx) error {
		u, err := tx.User(account, identity.UserName(user))
		if err != nil {
			return err
		}
		d := &identity.MFADevice{Account: account, Name: name, Path: "/", UserID: u.ID, Enabled: w.Now(), Created: w.Now()}
		if d.Sealed, err = mfa.SealSeed(w.Ring, d.Serial(), seed); err != nil {
			return err
		}
		if err := tx.CreateDevice(d); err != nil {
			return err
		}
		u.MFA = append(u.MFA, d.Serial())
		return tx.PutUser(u)
	})
	return seed
}

// A browser keeps cookies and what its origin stores, like one.
type browser struct {
	w       *world
	secure  bool
	host    string
	address string
	cookies map[string]*http.Cookie
	secret  string // of localStorage
}

// browser returns a browser on the server's own machine.
func (w *world) browser() *browser {
	return &browser{w: w, host: "localhost:8700", address: "127.0.0.1:40000", cookies: map[string]*http.Cookie{}}
}

// far returns a browser elsewhere, over TLS.
func (w *world) far() *browser {
	return &browser{w: w, secure: true, host: "regent.example", address: "198.51.100.7:40000", cookies: map[string]*http.Cookie{}, secret: "1"}
}

func (b *browser) request(method, target string, body io.Reader) *http.Request {
	b.w.t.Helper()
	r := httptest.NewRequestWithContext(b.w.t.Context(), method, target, body)
	r.Host, r.RemoteAddr = b.host, b.address
	r.Header.Set("User-Agent", "browser/1")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if b.secure {
		r.TLS = &tls.ConnectionState{Version: tls.VersionTLS13, CipherSuite: tls.TLS_AES_128_GCM_SHA256}
	} else {
		r.TLS = nil
	}
	for _, c := range b.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	return r
}

func (b *browser) do(r *http.Request) *page {
	b.w.t.Helper()
	w := httptest.NewRecorder()
	b.w.handler.ServeHTTP(w, r)
	p := &page{b: b, status: w.Code, header: w.Header(), body: w.Body.String()}
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c
		}
	}
	if m := storedSecret.FindStringSubmatch(p.body); m != nil {
		b.secret = m[1]
	}
	if s := w.Header().Get("X-Regent-Console"); s != "" {
		b.secret = s
	}
	return p
}

var storedSecret = regexp.MustCompile(`localStorage.setItem\("regent-console", "([^"]+)"\)`)

// A page is what a browser shows.
type page struct {
	b      *browser
	status int
	header http.Header
	body   string
}

func (b *browser) get(target string) *page { return b.do(b.request(http.MethodGet, target, nil)) }

// submit sends a form, with what a page's script would put into it.
func (b *browser) submit(target string, fields ...string) *page {
	b.w.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Add(fields[i], fields[i+1])
	}
	if !b.secure {
		values.Set("held", b.secret)
	}
	r := b.request(http.MethodPost, target, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// user sends the first form of a user.
func (b *browser) user(account, name, secret string) *page {
	return b.submit("/_regent/signin", "tab", "user", "account", account, "user", name, "password", secret)
}

// signIn signs alice in, and returns the id of her session.
func (b *browser) signIn() string {
	b.w.t.Helper()
	return b.user("dev", "alice", alicePassword).landed()
}

// next sends the form of a later step, which the page holds.
func (p *page) next(target string, fields ...string) *page {
	p.b.w.t.Helper()
	return p.b.submit(target, append([]string{"state", p.state()}, fields...)...)
}

var stateField = regexp.MustCompile(`name="state" value="([^"]+)"`)

func (p *page) state() string {
	p.b.w.t.Helper()
	m := stateField.FindStringSubmatch(p.body)
	if m == nil {
		p.b.w.t.Fatalf("the page has no next step: %d %s", p.status, p.body)
	}
	return m[1]
}

var landing = regexp.MustCompile(`/_regent/console/~([a-z2-7]{8})/`)

// landed fails unless the sign-in went through, and returns the session's id.
func (p *page) landed() string {
	p.b.w.t.Helper()
	where := p.header.Get("Location")
	if !p.b.secure {
		where = strings.ReplaceAll(p.body, `\/`, "/")
	}
	m := landing.FindStringSubmatch(where)
	if m == nil {
		p.b.w.t.Fatalf("did not sign in: %d %s %s", p.status, where, p.body)
	}
	return m[1]
}

// shows fails unless the page has the status and a text.
func (p *page) shows(status int, text string) *page {
	p.b.w.t.Helper()
	if p.status != status || !strings.Contains(p.body, text) {
		p.b.w.t.Fatalf("got %d, want %d with %q:\n%s", p.status, status, text, p.body)
	}
	return p
}

// call makes a call of the console, and reads its answer.
func (b *browser) call(name, in string, out any) *page {
	b.w.t.Helper()
	method := http.MethodPost
	if name == "sessions" {
		method = http.MethodGet
	}
	r := b.request(method, "/_regent/signin/"+name, strings.NewReader(in))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Regent-Console", b.secret)
	p := b.do(r)
	if out != nil {
		if p.status != http.StatusOK {
			b.w.t.Fatalf("%s: %d %s", name, p.status, p.body)
		}
		if err := json.Unmarshal([]byte(p.body), out); err != nil {
			b.w.t.Fatalf("%s: %v: %s", name, err, p.body)
		}
	}
	return p
}

// fails fails the test unless a call failed so.
func (p *page) fails(status int, code string) *page {
	p.b.w.t.Helper()
	var out struct{ Error struct{ Code string } }
	if err := json.Unmarshal([]byte(p.body), &out); err != nil || p.status != status || out.Error.Code != code {
		p.b.w.t.Fatalf("got %d %s, want %d %s", p.status, p.body, status, code)
	}
	return p
}

// A listed session, as the console sees it.
type listed struct {
	ID, Kind, AccountID, AccountAlias, AccountName, ARN, UserName, RoleName, Origin, DisplayName, Color, Issuer string
	MFA                                                                                                         bool
	SignedInAt, ExpiresAt, IdleExpiresAt, ReauthenticatedAt                                                     time.Time
}

type listing struct {
	Sessions []listed
	History  map[string][]struct{ Account, AccountAlias, RoleName, DisplayName, Color string }
	Pinned   map[string][]struct{ Account, AccountAlias, RoleName, DisplayName, Color string }
	Region   string
}

func (b *browser) sessions() listing {
	b.w.t.Helper()
	var out listing
	b.call("sessions", "", &out)
	return out
}
