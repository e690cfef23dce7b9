package authn_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

var families = []sigv4.Family{sigv4.FamilyQuery, sigv4.FamilyJSON, sigv4.FamilyS3}

// Every kind of credential leads to who it is of, in every family, the first
// time and when it is known already.
//
// Rules: EV-60 ST-12 WI-8
func TestCallers(t *testing.T) {
	w := newWorld(t)
	const (
		userARN = "arn:aws:iam::111122223333:user/team/alice"
		rootARN = "arn:aws:iam::111122223333:root"
		sessARN = "arn:aws:sts::111122223333:assumed-role/dev/sess"
		federat = "arn:aws:sts::111122223333:federated-user/sess"
	)
	rootSession := w.mint(session.Session{Kind: session.User, Account: account, Issued: w.now, Expires: w.now.Add(time.Hour)})
	tests := []struct {
		name string
		c    sigv4.Credentials
		want authn.Caller
	}{
		{"user", w.key(w.user.ID), authn.Caller{Kind: authn.User, ARN: userARN, PrincipalARN: userARN, PrincipalID: w.user.ID, UserID: w.user.ID, UserName: "alice"}},
		{"root", w.key(""), authn.Caller{Kind: authn.Root, ARN: rootARN, PrincipalARN: rootARN, UserID: string(account)}},
		{"role session", w.session(session.Role), authn.Caller{
			Kind: authn.RoleSession, ARN: sessARN, PrincipalARN: "arn:aws:iam::111122223333:role/team/dev",
			PrincipalID: w.role.ID, UserID: w.role.ID + ":sess", RoleName: "dev",
		}},
		{"user session", w.session(session.User), authn.Caller{Kind: authn.User, ARN: userARN, PrincipalARN: userARN, PrincipalID: w.user.ID, UserID: w.user.ID, UserName: "alice"}},
		{"root session", rootSession, authn.Caller{Kind: authn.Root, ARN: rootARN, PrincipalARN: rootARN, UserID: string(account)}},
		{"federated", w.session(session.Federated), authn.Caller{Kind: authn.FederatedUser, ARN: federat, PrincipalARN: federat, PrincipalID: w.user.ID, UserID: "111122223333:sess"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, family := range families {
				for range 2 {
					got := w.accept(w.sign(tt.c, family))
					tt.want.Account, tt.want.AccessKeyID = account, identity.AccessKeyID(tt.c.AccessKeyID)
					if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreUnexported(authn.Caller{}), cmpopts.IgnoreFields(authn.Caller{}, "Session")); diff != "" {
						t.Errorf("-want +got\n%s", diff)
					}
					if got.Temporary() != (tt.c.SessionToken != "") {
						t.Errorf("temporary: %t", got.Temporary())
					}
				}
			}
			w.refuse(w.sign(wrongly(tt.c), sigv4.FamilyQuery), sigv4.BadSignature, false)
		})
	}
}

// A token is good with its own key only, whatever else is right: every other
// pairing of key, secret and token is refused.
//
// Rules: TH-17 WI-8
func TestTokensAreNotSwapped(t *testing.T) {
	w := newWorld(t)
	x, y, long := w.session(session.Role), w.session(session.User), w.key(w.user.ID)
	all := []sigv4.Credentials{x, y, long}
	for i, id := range all {
		for j, secret := range all {
			for k, token := range all {
				c := sigv4.Credentials{AccessKeyID: id.AccessKeyID, SecretAccessKey: secret.SecretAccessKey, SessionToken: token.SessionToken}
				for _, family := range families {
					auth := w.sign(c, family)
					switch {
					case i == j && j == k:
						w.accept(auth)
					case i == k: // the secret alone is another's
						w.refuse(auth, sigv4.BadSignature, false)
					case c.SessionToken == "": // a temporary key alone is none
						w.refuse(auth, sigv4.UnknownKey, false)
					default:
						w.refuse(auth, sigv4.WrongToken, false)
					}
				}
			}
		}
	}
}

// Rules: TH-17
func TestForeignTokens(t *testing.T) {
	w, elsewhere := newWorld(t), newWorld(t)
	ours, foreign := w.session(session.Role), elsewhere.session(session.Role)
	w.refuse(w.sign(foreign, sigv4.FamilyQuery), sigv4.WrongToken, false)
	for _, token := range []string{"x", ours.SessionToken[:len(ours.SessionToken)-4], ours.SessionToken + "AAAA", strings.ToLower(ours.SessionToken)} {
		c := ours
		c.SessionToken = token
		w.refuse(w.sign(c, sigv4.FamilyQuery), sigv4.WrongToken, false)
	}
}

// A sealed secret opens in its own record only: moved to another key it is no
// secret, and that is a failure of ours, not of the client.
//
// Rules: TH-17
func TestMovedSecret(t *testing.T) {
	w := newWorld(t)
	one, two := w.key(w.user.ID), w.key(w.user.ID)
	w.update(func(tx *store.Tx) error {
		from, err := tx.AccessKey(identity.AccessKeyID(one.AccessKeyID))
		if err != nil {
			return err
		}
		from.ID = identity.AccessKeyID(two.AccessKeyID)
		return tx.PutAccessKey(from)
	})
	_, err := w.identify(w.sign(two, sigv4.FamilyQuery))
	if !errors.Is(err, seal.ErrOpen) {
		t.Errorf("moved secret: %v", err)
	}
}

// What may not sign is refused as if it did not exist; who knows the secret is
// attributed all the same.
//
// Rules: IA-50 OR-6 EV-53 ST-93 RE-38
func TestRefused(t *testing.T) {
	tests := []struct {
		name       string
		credential func(*world) sigv4.Credentials
		change     func(*world, sigv4.Credentials)
		attributed bool
	}{
		{"inactive key", longTerm, func(w *world, c sigv4.Credentials) { w.setStatus(c, identity.KeyInactive) }, true},
		{"deleted key", longTerm, func(w *world, c sigv4.Credentials) {
			w.update(func(tx *store.Tx) error {
				return tx.DeleteAccessKey(&identity.AccessKey{ID: identity.AccessKeyID(c.AccessKeyID), Account: account})
			})
		}, false},
		{"suspended account, key", longTerm, func(w *world, _ sigv4.Credentials) { w.suspend() }, true},
		{"suspended account, session", ofRole, func(w *world, _ sigv4.Credentials) { w.suspend() }, true},
		{"role deleted", ofRole, func(w *world, _ sigv4.Credentials) {
			w.update(func(tx *store.Tx) error { return tx.DeleteRole(w.role) })
		}, false},
		{"role made again", ofRole, func(w *world, _ sigv4.Credentials) { w.recreateRole() }, false},
		{"user deleted, session", ofUser, func(w *world, _ sigv4.Credentials) { w.deleteUser() }, false},
		{"user deleted, federated", federated, func(w *world, _ sigv4.Credentials) { w.deleteUser() }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, family := range families {
				for _, known := range []bool{false, true} {
					w := newWorld(t)
					c := tt.credential(w)
					if known {
						w.accept(w.sign(c, family))
					}
					tt.change(w, c)
					w.refuse(w.sign(c, family), sigv4.UnknownKey, tt.attributed)
					w.refuse(w.sign(wrongly(c), family), sigv4.UnknownKey, false)
				}
			}
		})
	}
}

func longTerm(w *world) sigv4.Credentials  { return w.key(w.user.ID) }
func ofRole(w *world) sigv4.Credentials    { return w.session(session.Role) }
func ofUser(w *world) sigv4.Credentials    { return w.session(session.User) }
func federated(w *world) sigv4.Credentials { return w.session(session.Federated) }

func (w *world) deleteUser() {
	w.t.Helper()
	w.update(func(tx *store.Tx) error { return tx.DeleteUser(w.user) })
}

// A key that was switched off is good again when it is switched on, and a user
// that is renamed stays who it is.
//
// Rules: IA-6 IA-50
func TestChangesShowAtOnce(t *testing.T) {
	w := newWorld(t)
	c, s := w.key(w.user.ID), w.session(session.User)
	w.accept(w.sign(c, sigv4.FamilyQuery))
	w.setStatus(c, identity.KeyInactive)
	w.refuse(w.sign(c, sigv4.FamilyQuery), sigv4.UnknownKey, true)
	w.setStatus(c, identity.KeyActive)
	w.update(func(tx *store.Tx) error { return tx.RenameUser(w.user, "bob", "/") })
	for _, credentials := range []sigv4.Credentials{c, s} {
		if got := w.accept(w.sign(credentials, sigv4.FamilyQuery)); got.UserName != "bob" || got.ARN != "arn:aws:iam::111122223333:user/bob" {
			t.Errorf("renamed user is %s", got.ARN)
		}
	}
}

// In S3 an expired token is told before the signature is looked at, everywhere
// else behind it.
//
// Rules: S3-21 WI-20
func TestExpiry(t *testing.T) {
	for _, family := range families {
		for _, known := range []bool{false, true} {
			w := newWorld(t)
			c := w.session(session.Role)
			if known {
				w.accept(w.sign(c, family))
			}
			w.now = start.Add(time.Hour - time.Nanosecond)
			w.accept(w.sign(c, family))
			w.now = start.Add(time.Hour)
			w.refuse(w.sign(c, family), sigv4.ExpiredToken, true)
			if family == sigv4.FamilyS3 {
				w.refuse(w.sign(wrongly(c), family), sigv4.ExpiredToken, false)
			} else {
				w.refuse(w.sign(wrongly(c), family), sigv4.BadSignature, false)
			}

			// A role that is gone is no role, expired or not.
			w.recreateRole()
			w.refuse(w.sign(c, family), sigv4.UnknownKey, false)
		}
	}
}

// An unknown key is checked like a known one, with a secret that nobody has and
// that does not let anybody in.
//
// Rules: TH-59
func TestUnknownKey(t *testing.T) {
	w := newWorld(t)
	c := sigv4.Credentials{AccessKeyID: newID(t, "AKIA"), SecretAccessKey: "guessed"}
	for _, family := range families {
		w.refuse(w.sign(c, family), sigv4.UnknownKey, false)
	}
	if secret := w.authn.Dummy(); secret.Equal(authn.New(w.ring).Dummy()) || len(secret.Reveal()) < 20 {
		t.Error("the secret of unknown keys can be known")
	}
	c.SecretAccessKey = w.authn.Dummy().Reveal()
	auth := w.sign(c, sigv4.FamilyS3)
	w.refuse(auth, sigv4.UnknownKey, false)
	if _, err := auth.Body(strings.NewReader(""), sigv4.BodyOptions{}); err != nil {
		t.Errorf("the signature of an unknown key was not looked at: %v", err)
	}
}

// What is kept is bounded, and only who signed rightly gets something kept.
//
// Rules: TH-30
func TestCacheAdmitsAfterAuthentication(t *testing.T) {
	w := newWorld(t)
	long, role := w.key(w.user.ID), w.session(session.Role)
	inactive, expired := w.key(w.user.ID), w.mint(session.Session{
		Kind: session.Role, Account: account, PrincipalID: w.role.ID, RoleName: w.role.Name, Name: "s", Issued: w.now, Expires: w.now,
	})
	w.setStatus(inactive, identity.KeyInactive)
	unknown := sigv4.Credentials{AccessKeyID: newID(t, "AKIA"), SecretAccessKey: "x"}
	for _, c := range []sigv4.Credentials{wrongly(long), wrongly(role), inactive, expired, unknown} {
		if _, err := w.identify(w.sign(c, sigv4.FamilyQuery)); err == nil {
			t.Fatal("accepted")
		}
	}
	if n := w.authn.Cached(); n != 0 {
		t.Errorf("%d credentials are kept of callers who were refused", n)
	}
	for range 3 {
		w.accept(w.sign(long, sigv4.FamilyQuery))
		w.accept(w.sign(role, sigv4.FamilyQuery))
	}
	if n := w.authn.Cached(); n != 2 {
		t.Errorf("%d credentials are kept, want 2", n)
	}
}

// Rules: TH-30
func TestCacheIsBounded(t *testing.T) {
	w := newWorld(t)
	for range authn.CacheSize + 500 {
		w.accept(w.sign(w.session(session.Role), sigv4.FamilyQuery))
	}
	if n := w.authn.Cached(); n > authn.CacheSize {
		t.Errorf("%d credentials are kept, want %d at most", n, authn.CacheSize)
	}
}

// Scopes that a client invents do not push out what verified.
//
// Rules: TH-30
func TestManyScopes(t *testing.T) {
	w := newWorld(t)
	c := w.key(w.user.ID)
	for i := range 20 {
		w.accept(w.signFor(c, sigv4.FamilyQuery, fmt.Sprint("region-", i)))
		w.refuse(w.signFor(wrongly(c), sigv4.FamilyQuery, fmt.Sprint("elsewhere-", i)), sigv4.BadSignature, false)
		w.accept(w.signFor(c, sigv4.FamilyQuery, "us-east-1"))
	}
}

// Rules: TH-26
func TestForget(t *testing.T) {
	w := newWorld(t)
	c := w.key(w.user.ID)
	for name, forget := range map[string]func(){
		"scope": func() { w.authn.Forget(store.AccountScope(account)) },
		"all":   w.authn.Clear,
		"ring":  func() { w.authn.SetRing(w.ring) },
	} {
		w.accept(w.sign(c, sigv4.FamilyQuery))
		w.authn.Forget(store.AccountScope(other))
		if w.authn.Cached() != 1 {
			t.Errorf("%s: %d credentials kept", name, w.authn.Cached())
		}
		forget()
		if w.authn.Cached() != 0 {
			t.Errorf("%s: %d credentials kept afterwards", name, w.authn.Cached())
		}
	}
	fresh, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	w.authn.SetRing(fresh)
	if w.authn.Ring() != fresh {
		t.Error("the old ring is in use")
	}
	if _, err := w.identify(w.sign(c, sigv4.FamilyQuery)); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("a secret of the old ring: %v", err)
	}
}

// A caller who was identified is looked at again when something changed, and
// is gone when the credential is.
//
// Rules: IA-50 EV-53 OR-6 TH-26
func TestRecheck(t *testing.T) {
	tests := []struct {
		name       string
		credential func(*world) sigv4.Credentials
		change     func(*world, sigv4.Credentials)
		want       error
	}{
		{"nothing", longTerm, func(*world, sigv4.Credentials) {}, nil},
		{"something else", longTerm, func(w *world, _ sigv4.Credentials) { w.key(w.user.ID) }, nil},
		{"something else, session", ofRole, func(w *world, _ sigv4.Credentials) { w.key(w.user.ID) }, nil},
		{"another account", longTerm, func(w *world, _ sigv4.Credentials) {
			w.update(func(tx *store.Tx) error { return tx.PutAccount(&identity.Account{ID: other}) })
		}, nil},
		{"key switched off", longTerm, func(w *world, c sigv4.Credentials) { w.setStatus(c, identity.KeyInactive) }, authn.ErrGone},
		{"key deleted", longTerm, func(w *world, c sigv4.Credentials) {
			w.update(func(tx *store.Tx) error {
				return tx.DeleteAccessKey(&identity.AccessKey{ID: identity.AccessKeyID(c.AccessKeyID), Account: account})
			})
		}, authn.ErrGone},
		{"role made again", ofRole, func(w *world, _ sigv4.Credentials) { w.recreateRole() }, authn.ErrGone},
		{"user deleted", ofUser, func(w *world, _ sigv4.Credentials) { w.deleteUser() }, authn.ErrGone},
		{"account suspended", longTerm, func(w *world, _ sigv4.Credentials) { w.suspend() }, authn.ErrGone},
		{"account suspended, session", ofRole, func(w *world, _ sigv4.Credentials) { w.suspend() }, authn.ErrGone},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			c := tt.credential(w)
			caller := w.accept(w.sign(c, sigv4.FamilyQuery))
			tt.change(w, c)
			err := w.store.Update(t.Context(), func(tx *store.Tx) error { return w.authn.Recheck(tx, &caller) })
			if !errors.Is(err, tt.want) {
				t.Errorf("recheck: %v, want %v", err, tt.want)
			}
		})
	}
	w := newWorld(t)
	if err := w.store.View(t.Context(), func(tx *store.Tx) error { return w.authn.Recheck(tx, &authn.Caller{}) }); err != nil {
		t.Errorf("nobody: %v", err)
	}
}

// Rules: TH-30
func TestConcurrently(t *testing.T) {
	w := newWorld(t)
	credentials := []sigv4.Credentials{w.key(w.user.ID), w.session(session.Role), w.session(session.User)}
	var auths []*sigv4.Auth
	for range 8 {
		for _, c := range credentials {
			auths = append(auths, w.sign(c, sigv4.FamilyQuery))
		}
	}
	var wg sync.WaitGroup
	for _, auth := range auths {
		wg.Go(func() {
			if _, err := w.authn.Identify(context.Background(), w.store, auth, sigv4.EmptyPayloadHash, w.now); err != nil {
				t.Errorf("%s: %v", auth.AccessKeyID, err)
			}
		})
	}
	wg.Go(func() { w.key("") })
	wg.Wait()
}

// Rules: TH-54
func TestSecretsAreSealed(t *testing.T) {
	ring, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	secret := rand.Text()
	k := &identity.AccessKey{ID: "AKIAEXAMPLE"}
	if k.Sealed, err = authn.SealSecret(ring, k.ID, seal.NewSecret(secret)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(k.Sealed), secret) {
		t.Error("the secret lies open")
	}
	if got, err := authn.OpenSecret(ring, k); err != nil || got.Reveal() != secret {
		t.Errorf("opened: %v", err)
	}
	k.ID = "AKIAOTHER"
	if _, err := authn.OpenSecret(ring, k); !errors.Is(err, seal.ErrOpen) || strings.Contains(err.Error(), secret) {
		t.Errorf("opened as another key's: %v", err)
	}
}
