package authn_test

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
	"github.com/regent-iam/regent/sigv4"
)

const (
	account identity.AccountID = "111122223333"
	other   identity.AccountID = "444455556666"
)

var start = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)

// A world is an account with a user and a role, and who asks for callers.
type world struct {
	t     testing.TB
	store *store.Store
	ring  *seal.Ring
	authn *authn.Authenticator
	user  *identity.User
	role  *identity.Role
	now   time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	ring, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	db := memkv.New(memkv.Options{})
	t.Cleanup(func() { _ = db.Close() })
	w := &world{
		t: t, store: store.New(db), ring: ring, authn: authn.New(ring), now: start,
		user: &identity.User{Account: account, Name: "alice", Path: "/team/", ID: newID(t, arn.UserID)},
		role: &identity.Role{Account: account, Name: "dev", Path: "/team/", ID: newID(t, arn.RoleID)},
	}
	w.update(func(tx *store.Tx) error {
		for _, id := range []identity.AccountID{account, other} {
			a := &identity.Account{ID: id, Email: string(id), CanonicalID: string(id), Status: identity.AccountActive}
			if err := tx.CreateAccount(a); err != nil {
				return err
			}
		}
		if err := tx.CreateUser(w.user); err != nil {
			return err
		}
		return tx.CreateRole(w.role)
	})
	return w
}

func newID(t testing.TB, prefix string) string {
	t.Helper()
	id, err := arn.NewID(prefix, string(account), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (w *world) update(change func(*store.Tx) error) {
	w.t.Helper()
	if err := w.store.Update(w.t.Context(), change); err != nil {
		w.t.Fatal(err)
	}
}

// key makes an access key of a user, or of root when userID is empty.
func (w *world) key(userID string) sigv4.Credentials {
	w.t.Helper()
	c := sigv4.Credentials{AccessKeyID: newID(w.t, arn.AccessKeyID), SecretAccessKey: rand.Text()}
	k := &identity.AccessKey{ID: identity.AccessKeyID(c.AccessKeyID), Account: account, UserID: userID, Status: identity.KeyActive}
	var err error
	if k.Sealed, err = authn.SealSecret(w.ring, k.ID, seal.NewSecret(c.SecretAccessKey)); err != nil {
		w.t.Fatal(err)
	}
	w.update(func(tx *store.Tx) error { return tx.PutAccessKey(k) })
	return c
}

// setStatus switches a key on or off.
func (w *world) setStatus(c sigv4.Credentials, status identity.KeyStatus) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		k, err := tx.AccessKey(identity.AccessKeyID(c.AccessKeyID))
		if err != nil {
			return err
		}
		k.Status = status
		return tx.PutAccessKey(k)
	})
}

// suspend closes the account.
func (w *world) suspend() {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		a, err := tx.Account(account)
		if err != nil {
			return err
		}
		a.Status = identity.AccountSuspended
		return tx.PutAccount(a)
	})
}

// recreateRole deletes the role and makes another of the same name.
func (w *world) recreateRole() {
	w.t.Helper()
	w.update(func(tx *store.Tx) error { return tx.DeleteRole(w.role) })
	w.update(func(tx *store.Tx) error {
		again := *w.role
		again.ID = newID(w.t, arn.RoleID)
		return tx.CreateRole(&again)
	})
}

// session mints temporary credentials that are good for an hour.
func (w *world) session(kind session.Kind) sigv4.Credentials {
	w.t.Helper()
	s := session.Session{Kind: kind, Account: account, Name: "sess", Issued: w.now, Expires: w.now.Add(time.Hour)}
	switch kind {
	case session.Role:
		s.PrincipalID, s.RoleName = w.role.ID, w.role.Name
	case session.User, session.Federated:
		s.PrincipalID = w.user.ID
	}
	return w.mint(s)
}

func (w *world) mint(s session.Session) sigv4.Credentials {
	w.t.Helper()
	c, err := session.Mint(w.ring, s, rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	return sigv4.Credentials{AccessKeyID: string(c.KeyID), SecretAccessKey: c.Secret.Reveal(), SessionToken: c.Token}
}

// sign returns the credential found in a request that is signed with c.
func (w *world) sign(c sigv4.Credentials, family sigv4.Family) *sigv4.Auth {
	w.t.Helper()
	return w.signFor(c, family, "us-east-1")
}

func (w *world) signFor(c sigv4.Credentials, family sigv4.Family, region string) *sigv4.Auth {
	w.t.Helper()
	service := map[sigv4.Family]string{sigv4.FamilyQuery: "iam", sigv4.FamilyJSON: "organizations", sigv4.FamilyS3: "s3"}[family]
	r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
	r.Host = service + ".test"
	_, err := sigv4.SignHeader(r, c, sigv4.SignOptions{
		Family: family, Service: service, Region: region, Time: w.now, PayloadHash: sigv4.EmptyPayloadHash,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	parsed, err := sigv4.NewRequest(r.Method, r.RequestURI, r.Host, r.Header)
	if err != nil {
		w.t.Fatal(err)
	}
	auth, err := sigv4.Find(parsed, sigv4.Expect{Family: family, Service: service, Now: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	return auth
}

// wrongly is c with another secret.
func wrongly(c sigv4.Credentials) sigv4.Credentials {
	c.SecretAccessKey = hex.EncodeToString([]byte(c.SecretAccessKey))
	return c
}

func (w *world) identify(auth *sigv4.Auth) (authn.Caller, error) {
	return w.authn.Identify(w.t.Context(), w.store, auth, sigv4.EmptyPayloadHash, w.now)
}

// accept wants a caller.
func (w *world) accept(auth *sigv4.Auth) authn.Caller {
	w.t.Helper()
	c, err := w.identify(auth)
	if err != nil {
		w.t.Fatalf("%s: %v", auth.AccessKeyID, err)
	}
	return c
}

// refuse wants a refusal of a kind, with a caller that it can be attributed
// to or without.
func (w *world) refuse(auth *sigv4.Auth, kind sigv4.Kind, attributed bool) {
	w.t.Helper()
	c, err := w.identify(auth)
	refusal, ok := errors.AsType[*sigv4.Error](err)
	if !ok || refusal.Kind != kind || refusal.Family != auth.Family {
		w.t.Fatalf("%s: %v, want a refusal of kind %d", auth.AccessKeyID, err, kind)
	}
	if got := c.Kind != authn.Anonymous; got != attributed {
		w.t.Fatalf("%s: attributed to %q", auth.AccessKeyID, c.ARN)
	}
	if auth.Family == sigv4.FamilyS3 && !attributed {
		for _, f := range refusal.Extra {
			if f.Name == "StringToSign" && kind != sigv4.BadSignature {
				w.t.Errorf("%s: told what was computed", auth.AccessKeyID)
			}
		}
	}
}
