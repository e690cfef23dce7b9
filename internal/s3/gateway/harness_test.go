package gateway_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/regent-iam/regent/arn"
	s3api "github.com/regent-iam/regent/internal/api/s3"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/s3/gateway"
	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/service/s3"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
	"github.com/regent-iam/regent/sigv4"
)

const (
	prod identity.AccountID = "111122223333"
	dev  identity.AccountID = "444455556666"
	far  identity.AccountID = "777788889999"
)

// A world is a server with accounts and actors, reached over HTTP.
type world struct {
	t        testing.TB
	store    *store.Store
	ring     *seal.Ring
	objects  *objects.Store
	recorder *record.Recorder
	trail    string // directory
	server   *httptest.Server
	offset   atomic.Int64
	actors   map[string]sigv4.Credentials

	mu       sync.Mutex
	log      bytes.Buffer
	outcomes []dispatch.Outcome
	denied   []string // what was handed over to be explained: operation, caller and need
}

// Keep implements [dispatch.Denials].
func (w *world) Keep(_ time.Time, _, operation string, c *authn.Caller, d *authz.Denial) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.denied = append(w.denied, operation+" by "+string(c.UserName)+": "+d.Need.Action+" on "+d.Need.Resource)
}

func (w *world) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.log.Write(p)
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.offset.Load())) }

type option func(*gateway.Config)

// newWorld makes prod and dev, in one organization, and far, which is alone,
// each with its root as an actor.
func newWorld(t testing.TB, options ...option) *world {
	t.Helper()
	ring, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	check(t, err)
	db := memkv.New(memkv.Options{})
	t.Cleanup(func() { _ = db.Close() })
	w := &world{t: t, store: store.New(db), ring: ring, trail: t.TempDir(), actors: map[string]sigv4.Credentials{"": {}}}
	w.objects, err = objects.Open(t.TempDir(), objects.Options{})
	check(t, err)
	t.Cleanup(func() { check(t, w.objects.Close()) })
	log := slog.New(slog.NewTextHandler(w, nil))
	w.recorder, err = record.Open(w.trail, record.Options{Store: w.store, Now: w.now, Log: log, Reserve: -1})
	check(t, err)
	t.Cleanup(func() { check(t, w.recorder.Close()) })
	config := gateway.Config{
		Objects: w.objects, API: &s3api.Service, Hosts: []string{"s3.test"},
		Operations: s3.New(s3.Config{Objects: w.objects, Region: "us-east-1"}).Operations(),
	}
	for _, o := range options {
		o(&config)
	}
	gate := gateway.New(config)
	road, err := dispatch.New(dispatch.Config{
		Store: w.store, Authn: authn.New(ring), Decider: authz.New(), Recorder: w.recorder, S3: gate, Log: log,
		Now: w.now, Wall: w.now, Region: "us-east-1", Denials: w,
		Observe: func(o *dispatch.Outcome, _ time.Duration) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.outcomes = append(w.outcomes, *o)
		},
	})
	check(t, err)
	gate.Attach(road)
	w.server = httptest.NewServer(road)
	t.Cleanup(w.server.Close)
	org := &identity.Organization{ID: "o-test", RootID: "r-test", Management: "999999999999"}
	w.update(func(tx *store.Tx) error { return tx.PutOrganization(org) })
	for id, root := range map[identity.AccountID]string{prod: "prod", dev: "dev", far: "far"} {
		w.account(id, root, id != far)
	}
	return w
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) update(change func(*store.Tx) error) {
	w.t.Helper()
	check(w.t, w.store.Update(w.t.Context(), change))
}

func (w *world) account(id identity.AccountID, root string, member bool) {
	w.t.Helper()
	sum := sha256.Sum256([]byte(id))
	a := &identity.Account{
		ID: id, Name: root, Email: root + "@example.invalid", Status: identity.AccountActive, Created: w.now(),
		CanonicalID: hex.EncodeToString(sum[:]),
	}
	w.update(func(tx *store.Tx) error {
		if err := tx.CreateAccount(a); err != nil {
			return err
		}
		key, err := w.addKey(tx, root, id, "")
		if err != nil {
			return err
		}
		a.RootKeys = []identity.AccessKeyID{key}
		if !member {
			return tx.PutAccount(a)
		}
		return errors.Join(tx.PutAccount(a), tx.Join(a, "o-test", "r-test"))
	})
}

func (w *world) addKey(tx *store.Tx, actor string, account identity.AccountID, userID string) (identity.AccessKeyID, error) {
	id, err := arn.NewID(arn.AccessKeyID, string(account), rand.Reader)
	if err != nil {
		return "", err
	}
	secret := rand.Text() + rand.Text()[:14]
	key := &identity.AccessKey{ID: identity.AccessKeyID(id), Account: account, UserID: userID, Status: identity.KeyActive, Created: w.now()}
	if key.Sealed, err = authn.SealSecret(w.ring, key.ID, seal.NewSecret(secret)); err != nil {
		return "", err
	}
	w.actors[actor] = sigv4.Credentials{AccessKeyID: id, SecretAccessKey: secret}
	return key.ID, tx.PutAccessKey(key)
}

// user makes a user with an inline policy, and an actor of its name.
func (w *world) user(name string, account identity.AccountID, policy string) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		id, err := arn.NewID(arn.UserID, string(account), rand.Reader)
		if err != nil {
			return err
		}
		u := &identity.User{Account: account, Name: identity.UserName(name), Path: "/", ID: id, Created: w.now()}
		if policy != "" {
			u.PutInline(identity.Document{Name: "inline", Text: policy})
		}
		if err := tx.CreateUser(u); err != nil {
			return err
		}
		key, err := w.addKey(tx, name, account, id)
		if err != nil {
			return err
		}
		u.Keys = append(u.Keys, key)
		return tx.PutUser(u)
	})
}

// role makes a role, and an actor that is a session of it with a session policy.
func (w *world) role(name string, account identity.AccountID, policy, sessionPolicy string) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		id, err := arn.NewID(arn.RoleID, string(account), rand.Reader)
		if err != nil {
			return err
		}
		r := &identity.Role{Account: account, Name: identity.RoleName(name), Path: "/", ID: id, Created: w.now()}
		r.PutInline(identity.Document{Name: "inline", Text: policy})
		c, err := session.Mint(w.ring, session.Session{
			Kind: session.Role, Account: account, PrincipalID: id, RoleName: r.Name, Name: name + "-session",
			Policy: sessionPolicy, Issued: w.now(), Expires: w.now().Add(time.Hour),
		}, rand.Reader)
		if err != nil {
			return err
		}
		w.actors[name] = sigv4.Credentials{AccessKeyID: string(c.KeyID), SecretAccessKey: c.Secret.Reveal(), SessionToken: c.Token}
		return tx.CreateRole(r)
	})
}

// A request is one to be sent; edit changes it after it was signed.
type request struct {
	header  []string // names and values
	body    string
	payload string // x-amz-content-sha256; "" is the body's hash
	edit    func(*http.Request)
}

// An answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	body   string
}

func (w *world) newRequest(method, target string, q request) *http.Request {
	w.t.Helper()
	base, err := url.Parse(w.server.URL)
	check(w.t, err)
	path, query, _ := strings.Cut(target, "?")
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.server.URL, strings.NewReader(q.body))
	check(w.t, err)
	r.URL = &url.URL{Scheme: base.Scheme, Host: base.Host, Opaque: path, RawQuery: query}
	r.ContentLength = int64(len(q.body))
	if q.body == "" {
		r.Body = http.NoBody
	}
	for i := 0; i+1 < len(q.header); i += 2 {
		if q.header[i] == "Host" {
			r.Host = q.header[i+1]
			continue
		}
		r.Header.Set(q.header[i], q.header[i+1])
	}
	return r
}

func (w *world) signOptions(payload string) sigv4.SignOptions {
	return sigv4.SignOptions{Family: sigv4.FamilyS3, Service: "s3", Region: "us-east-1", Time: w.now(), PayloadHash: payload}
}

func hashOf(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

// do sends a request signed by actor; "" does not sign.
func (w *world) do(actor, method, target string, q request) *answer {
	w.t.Helper()
	r := w.newRequest(method, target, q)
	if actor != "" {
		c, ok := w.actors[actor]
		if !ok {
			w.t.Fatalf("there is no actor %q", actor)
		}
		payload := q.payload
		if payload == "" {
			payload = hashOf(q.body)
		}
		_, err := sigv4.SignHeader(r, c, w.signOptions(payload))
		check(w.t, err)
	}
	if q.edit != nil {
		q.edit(r)
	}
	return w.send(r, actor)
}

func (w *world) send(r *http.Request, actor string) *answer {
	w.t.Helper()
	res, err := http.DefaultTransport.RoundTrip(r)
	check(w.t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	check(w.t, err)
	return &answer{w.t, actor + ": " + r.Method + " " + r.URL.RequestURI(), res.StatusCode, res.Header, string(body)}
}

func (w *world) get(actor, target string) *answer {
	w.t.Helper()
	return w.do(actor, "GET", target, request{})
}

func (w *world) put(actor, target, body string, header ...string) *answer {
	w.t.Helper()
	return w.do(actor, "PUT", target, request{body: body, header: header})
}

// document puts an XML or JSON document, with the checksum that it needs.
func (w *world) document(actor, method, target, body string) *answer {
	w.t.Helper()
	sum := sigv4.SHA256.New()
	_, _ = io.WriteString(sum, body)
	return w.do(actor, method, target, request{body: body, header: []string{"X-Amz-Checksum-Sha256", sigv4.SHA256.Encode(sum.Sum(nil))}})
}

// bucket makes a bucket; its policy is put by the account's root, and Block
// Public Access is off unless policy is empty.
func (w *world) bucket(root, name, policy string) {
	w.t.Helper()
	w.put(root, "/"+name, "").is(200)
	if policy != "" {
		w.do(root, "DELETE", "/"+name+"?publicAccessBlock", request{}).is(204)
		w.document(root, "PUT", "/"+name+"?policy", policy).is(204)
	}
}

func (a *answer) is(status int) *answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: %d, want %d\n%s", a.what, a.status, status, a.body)
	}
	return a
}

func unescape(s string) string {
	return strings.NewReplacer("&quot;", `"`, "&#39;", "'", "&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

func (a *answer) text(name string) string {
	_, rest, ok := strings.Cut(a.body, "<"+name+">")
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, "</"+name+">")
	return unescape(value)
}

// fails checks status, code and, when it is given, message.
func (a *answer) fails(status int, code string, message ...string) *answer {
	a.t.Helper()
	a.is(status)
	if got := a.text("Code"); got != code {
		a.t.Fatalf("%s: code %q, want %q\n%s", a.what, got, code, a.body)
	}
	if len(message) > 0 && a.text("Message") != message[0] {
		a.t.Fatalf("%s:\n message %q\n    want %q", a.what, a.text("Message"), message[0])
	}
	if a.header.Get("X-Amz-Request-Id") == "" || a.header.Get("X-Amz-Id-2") == "" {
		a.t.Fatalf("%s: no ids: %v", a.what, a.header)
	}
	return a
}

func (a *answer) says(body string) *answer {
	a.t.Helper()
	if a.body != body {
		a.t.Fatalf("%s: %q, want %q", a.what, a.body, body)
	}
	return a
}

// An event is a record of the trail.
type event map[string]any

// at returns a member by its path, as text.
func (e event) at(path string) string {
	var v any = map[string]any(e)
	for name := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[name]
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// events returns the records of the trail that are about an operation.
func (w *world) events(name string) []event {
	w.t.Helper()
	check(w.t, w.recorder.Flush(w.t.Context()))
	raw, err := os.ReadFile(filepath.Join(w.trail, "events.jsonl"))
	check(w.t, err)
	var out []event
	for line := range strings.Lines(string(raw)) {
		var e event
		check(w.t, json.Unmarshal([]byte(line), &e))
		if name == "" || e.at("eventName") == name {
			out = append(out, e)
		}
	}
	return out
}

func allow(account identity.AccountID, actions, resource string) string {
	return statement("Allow", principal(account, "root"), actions, resource, "")
}

func principal(account identity.AccountID, rest string) string {
	return `{"AWS":"arn:aws:iam::` + string(account) + `:` + rest + `"}`
}

// statement writes a resource policy of one statement; actions are separated by
// blanks, a condition is JSON or "".
func statement(effect, principal, actions, resource, condition string) string {
	return `{"Version":"2012-10-17","Statement":[` + one(effect, principal, actions, resource, condition) + `]}`
}

func one(effect, principal, actions, resource, condition string) string {
	s := `{"Effect":"` + effect + `",`
	if principal != "" {
		s += `"Principal":` + principal + `,`
	}
	list := func(v string) string { return `["` + strings.ReplaceAll(v, " ", `","`) + `"]` }
	s += `"Action":` + list(actions) + `,"Resource":` + list(resource)
	if condition != "" {
		s += `,"Condition":` + condition
	}
	return s + "}"
}

// identityPolicy writes an identity policy of one Allow.
func identityPolicy(actions, resource string) string {
	return statement("Allow", "", actions, resource, "")
}
