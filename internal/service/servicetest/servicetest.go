// Package servicetest runs a service's operations for its tests: over the real
// road, from signed requests to answers on the wire, with a store in memory and
// as many accounts and actors as a test wants. Nothing listens on a port.
//
//	h := servicetest.New(t, dispatch.Service{API: &api.Service, Operations: iam.Operations()})
//	h.Account("111122223333", "root")
//	h.As("root").Call("iam", "CreateUser", "UserName", "alice").OK()
//	h.User("alice", "111122223333", `{"Version":"2012-10-17",…}`)
//	h.As("alice").Call("iam", "DeleteUser", "UserName", "bob").Fails("AccessDenied")
//
// Whole scenarios are written in text, see [Run]. Only tests import this
// package.
package servicetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/denials"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/holders"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/sigv4"
)

// A Harness is a server without a network: the road and what it stands on.
type Harness struct {
	Store    *store.Store
	Ring     *seal.Ring
	Authn    *authn.Authenticator
	Authz    *authz.Authorizer
	Road     *dispatch.Road
	Denials  *denials.Store
	Sessions *holders.Tracker
	recorder *record.Recorder
	trail    string       // where the recorder's file is
	t        testing.TB   // fails when a call ends in an error of ours
	clock    atomic.Int64 // nanoseconds since Epoch
	services map[string]*wire.Service
	actors   map[string]sigv4.Credentials
	asked    *asked // set while a call is only asked about
}

// Epoch is the time at which every harness starts.
var Epoch = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// Region is the region of every harness.
const Region = "us-east-1"

// New returns a harness that serves services and has no accounts.
func New(t testing.TB, services ...dispatch.Service) *Harness {
	t.Helper()
	return NewWith(t, func(*Harness) []dispatch.Service { return services })
}

// NewWith is New for services that are made of the harness's own parts:
// services gets a harness that has all but a road.
func NewWith(t testing.TB, services func(*Harness) []dispatch.Service) *Harness {
	t.Helper()
	return NewOver(t, memkv.New(memkv.Options{}), services)
}

// NewOver is NewWith over a database of the test's choice, which it closes.
func NewOver(t testing.TB, db kv.DB, services func(*Harness) []dispatch.Service) *Harness {
	t.Helper()
	ring, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h := &Harness{
		Store: store.New(db), Ring: ring, Authn: authn.New(ring), Authz: authz.New(), t: t,
		services: map[string]*wire.Service{}, actors: map[string]sigv4.Credentials{},
	}
	log := slog.New(slog.DiscardHandler)
	h.trail = t.TempDir()
	recorder, err := record.Open(h.trail, record.Options{Store: h.Store, Now: h.Now, Log: log, Reserve: -1})
	if err != nil {
		t.Fatal(err)
	}
	h.recorder = recorder
	t.Cleanup(func() { _ = recorder.Close() })
	h.Denials, err = denials.Open(t.TempDir(), denials.Options{Now: h.Now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Denials.Close() })
	h.Sessions = holders.New(h.Store, h.Now, log)
	served := services(h)
	for _, s := range served {
		h.services[s.API.SigningName] = s.API
	}
	h.Road, err = dispatch.New(dispatch.Config{
		Store: h.Store, Authn: h.Authn, Decider: tap{h}, Recorder: recorder, Services: served, Log: log,
		Now: h.Now, Wall: h.Now, Region: Region, Denials: h.Denials,
		Used: h.Sessions.Used, Minted: h.Sessions.Minted,
		Observe: func(o *dispatch.Outcome, _ time.Duration) {
			if o.Failure != nil && !errors.Is(o.Failure, context.Canceled) && !errors.Is(o.Failure, errAsked) {
				t.Errorf("%s:%s failed: %v", o.Service, o.Operation, o.Failure)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// Now is the harness's time. It stands still until Advance moves it.
func (h *Harness) Now() time.Time { return Epoch.Add(time.Duration(h.clock.Load())) }

// Advance moves the clock on.
func (h *Harness) Advance(d time.Duration) { h.clock.Add(int64(d)) }

// Update changes the store directly, for what no operation can make.
func (h *Harness) Update(change func(*store.Tx) error) {
	h.t.Helper()
	if err := h.Store.Update(h.t.Context(), change); err != nil {
		h.t.Fatal(err)
	}
}

// View reads the store directly.
func (h *Harness) View(read func(*store.Tx) error) {
	h.t.Helper()
	if err := h.Store.View(h.t.Context(), read); err != nil {
		h.t.Fatal(err)
	}
}

// Operations returns the names of all operations of a service's model.
func (h *Harness) Operations(service string) []string {
	h.t.Helper()
	svc := h.services[service]
	if svc == nil {
		h.t.Fatalf("servicetest: no service %q is served", service)
	}
	names := make([]string, len(svc.Operations))
	for i := range svc.Operations {
		names[i] = svc.Operations[i].Name
	}
	return names
}

// Account makes an account, and an actor that is its root.
func (h *Harness) Account(id identity.AccountID, root string) {
	h.t.Helper()
	canonical := sha256.Sum256([]byte(id))
	account := &identity.Account{
		ID: id, Name: root, Email: root + "@" + string(id) + ".invalid", Status: identity.AccountActive, Created: h.Now(),
		CanonicalID: hex.EncodeToString(canonical[:]),
	}
	h.Update(func(tx *store.Tx) error {
		if err := tx.CreateAccount(account); err != nil {
			return err
		}
		key, err := h.addKey(tx, root, id, "")
		if err != nil {
			return err
		}
		account.RootKeys = []identity.AccessKeyID{key}
		return tx.PutAccount(account)
	})
}

// User makes a user with an inline policy, or none if it is "", and an actor of
// the same name.
func (h *Harness) User(name string, account identity.AccountID, policy string) {
	h.t.Helper()
	h.Update(func(tx *store.Tx) error {
		id, err := arn.NewID(arn.UserID, string(account), rand.Reader)
		if err != nil {
			return err
		}
		u := &identity.User{Account: account, Name: identity.UserName(name), Path: "/", ID: id, Created: h.Now()}
		if policy != "" {
			u.PutInline(identity.Document{Name: "inline", Text: policy})
		}
		return tx.CreateUser(u)
	})
	h.Key(name, account, name)
}

// Key gives a user that exists an access key, and makes it an actor.
func (h *Harness) Key(actor string, account identity.AccountID, user string) {
	h.t.Helper()
	h.Update(func(tx *store.Tx) error {
		u, err := tx.User(account, identity.UserName(user))
		if err != nil {
			return err
		}
		key, err := h.addKey(tx, actor, account, u.ID)
		if err != nil {
			return err
		}
		u.Keys = append(u.Keys, key)
		return tx.PutUser(u)
	})
}

func (h *Harness) addKey(tx *store.Tx, actor string, account identity.AccountID, userID string) (identity.AccessKeyID, error) {
	id, err := arn.NewID(arn.AccessKeyID, string(account), rand.Reader)
	if err != nil {
		return "", err
	}
	key := &identity.AccessKey{
		ID: identity.AccessKeyID(id), Account: account, UserID: userID, Status: identity.KeyActive, Created: h.Now(),
	}
	secret := rand.Text() + rand.Text()[:14]
	if key.Sealed, err = authn.SealSecret(h.Ring, key.ID, seal.NewSecret(secret)); err != nil {
		return "", err
	}
	h.Actor(actor, sigv4.Credentials{AccessKeyID: id, SecretAccessKey: secret})
	return key.ID, tx.PutAccessKey(key)
}

// Session makes an actor that is a session of a role that exists, under the
// actor's name, whoever is trusted to assume it.
func (h *Harness) Session(actor string, account identity.AccountID, role string) {
	h.t.Helper()
	h.View(func(tx *store.Tx) error {
		r, err := tx.Role(account, identity.RoleName(role))
		if err != nil {
			return err
		}
		h.SessionOf(actor, session.Session{
			Kind: session.Role, Account: account, PrincipalID: r.ID, RoleName: r.Name, Name: actor,
			Issued: h.Now(), Expires: h.Now().Add(time.Hour),
		})
		return nil
	})
}

// SessionOf makes an actor that has temporary credentials of any kind.
func (h *Harness) SessionOf(actor string, s session.Session) {
	h.t.Helper()
	c, err := session.Mint(h.Ring, s, rand.Reader)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Actor(actor, sigv4.Credentials{AccessKeyID: string(c.KeyID), SecretAccessKey: c.Secret.Reveal(), SessionToken: c.Token})
}

// Actor makes an actor of credentials that a test got from somewhere.
func (h *Harness) Actor(name string, c sigv4.Credentials) { h.actors[name] = c }

// Credentials returns what an actor signs with.
func (h *Harness) Credentials(name string) sigv4.Credentials { return h.actors[name] }

// A Caller signs calls as one actor.
type Caller struct {
	h           *Harness
	t           testing.TB
	credentials sigv4.Credentials
	ctx         context.Context     //nolint:containedctx // of the calls to come
	header      map[string][]string // by canonical names
}

// Unsigned is the actor that signs nothing: what it calls is an operation that
// takes another proof.
const Unsigned = "unsigned"

// As returns an actor to call as. One that nobody made fails the test.
func (h *Harness) As(actor string) *Caller {
	h.t.Helper()
	c, ok := h.actors[actor]
	if !ok && actor != Unsigned {
		h.t.Fatalf("servicetest: there is no actor %q", actor)
	}
	return &Caller{h: h, t: h.t, credentials: c, ctx: h.t.Context()}
}

// In returns the same actor, whose calls end when ctx does.
func (c *Caller) In(ctx context.Context) *Caller {
	other := *c
	other.ctx = ctx
	return &other
}

// With returns the same actor, whose calls have one more header, which is signed.
// Its name is in canonical form.
func (c *Caller) With(name, value string) *Caller {
	other := *c
	other.header = maps.Clone(c.header)
	if other.header == nil {
		other.header = map[string][]string{}
	}
	other.header[name] = append(slices.Clip(other.header[name]), value)
	return &other
}

// Call calls an operation of a service, which is named as in credential scopes.
// The parameters are pairs of names and values: of a form ("Tags.member.1.Key")
// or, for JSON services, of the members of an object, the query string or the
// path; a member whose name ends in ":" has a value that is JSON already.
func (c *Caller) Call(service, operation string, parameters ...string) *Answer {
	c.t.Helper()
	svc := c.h.services[service]
	if svc == nil {
		c.t.Fatalf("servicetest: no service %q is served", service)
	}
	method, target := "POST", "/"
	body, contentType := form(svc, operation, parameters), "application/x-www-form-urlencoded"
	switch svc.Protocol {
	case wire.AWSJSON:
		body, contentType = object(parameters), "application/x-amz-json-"+svc.JSONVersion
	case wire.RestJSON:
		op := svc.Operation(operation)
		if op == nil {
			c.t.Fatalf("servicetest: %s has no operation %s", service, operation)
		}
		target, parameters = rest(op, parameters)
		method, body, contentType = op.Method, object(parameters), "application/json"
	default:
	}
	r := httptest.NewRequestWithContext(c.ctx, method, target, strings.NewReader(body))
	r.Host = service + ".test"
	r.Header.Set("Content-Type", contentType)
	family := sigv4.FamilyQuery
	if svc.Protocol != wire.AWSQuery {
		family = sigv4.FamilyJSON
	}
	if svc.Protocol == wire.AWSJSON {
		r.Header.Set("X-Amz-Target", svc.TargetPrefix+"."+operation)
	}
	maps.Copy(r.Header, c.header)
	if c.credentials != (sigv4.Credentials{}) {
		sum := sha256.Sum256([]byte(body))
		_, err := sigv4.SignHeader(r, c.credentials, sigv4.SignOptions{
			Family: family, Service: service, Region: Region, Time: c.h.Now(), PayloadHash: hex.EncodeToString(sum[:]),
		})
		if err != nil {
			c.t.Fatal(err)
		}
	}
	w := httptest.NewRecorder()
	c.h.Road.ServeHTTP(w, r)
	a := newAnswer(c.t, service+":"+operation, svc.Protocol, w)
	a.modeled(svc, operation)
	return a
}

// rest returns the target of an operation of a REST protocol, and the parameters
// that are left for the body.
func rest(op *wire.Operation, parameters []string) (string, []string) {
	path, query := op.URI, url.Values{}
	var body []string
	for i := 0; i+1 < len(parameters); i += 2 {
		name, value := parameters[i], parameters[i+1]
		in := wire.InBody
		if at := op.In.Lookup(name); at >= 0 {
			in = op.In.Members[at].In
		}
		switch in {
		case wire.InLabel:
			path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value))
		case wire.InQuery:
			query.Add(name, value)
		default:
			body = append(body, name, value)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path, body
}

func form(svc *wire.Service, operation string, parameters []string) string {
	values := url.Values{"Action": {operation}, "Version": {svc.APIVersion}}
	for i := 0; i+1 < len(parameters); i += 2 {
		values.Set(parameters[i], parameters[i+1])
	}
	return values.Encode()
}
