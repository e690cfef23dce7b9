package authn_test

import (
	"errors"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

const idp = "arn:aws:iam::111122223333:oidc-provider/idp.example"

// revoke ends the sessions that have a link.
func (w *world) revoke(link session.Link) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error { return tx.Revoke(link.Account, link.ID, w.now, w.now.Add(session.Longest)) })
}

// minted is mint as STS does it: with the number of revocations by now.
func (w *world) minted(s session.Session) sigv4.Credentials {
	w.t.Helper()
	w.update(func(tx *store.Tx) (err error) {
		s.Revocations, err = tx.Revocations()
		return err
	})
	if s.Account == "" {
		s.Account = account
	}
	s.Issued, s.Expires = w.now, w.now.Add(time.Hour)
	return w.mint(s)
}

// A lineage are sessions of all kinds with a common origin: alice's key in the
// one account, and what comes of it also in the other.
type lineage struct {
	key, token, federated, role, chained, abroad, elsewhere, vouched, vouchedToo, onward sigv4.Credentials
	abroadRole                                                                           *identity.Role
}

func (w *world) lineage() *lineage {
	w.t.Helper()
	l := &lineage{key: w.key(w.user.ID), abroadRole: &identity.Role{Account: other, Name: "abroad", Path: "/", ID: "AROAABROAD"}}
	w.update(func(tx *store.Tx) error {
		if _, err := tx.Role(other, "abroad"); err == nil {
			return nil
		}
		return tx.CreateRole(l.abroadRole)
	})
	from := func(c sigv4.Credentials, of string, line ...session.Ancestor) []session.Ancestor {
		return append(line, session.Ancestor{KeyID: identity.AccessKeyID(c.AccessKeyID), Account: account, PrincipalID: of})
	}
	ofKey := from(l.key, w.user.ID)
	l.token = w.minted(session.Session{Kind: session.User, PrincipalID: w.user.ID, Ancestors: ofKey})
	l.federated = w.minted(session.Session{Kind: session.Federated, PrincipalID: w.user.ID, Name: "Bob", Ancestors: ofKey})
	role := session.Session{Kind: session.Role, PrincipalID: w.role.ID, RoleName: w.role.Name, Name: "one", Ancestors: from(l.token, w.user.ID, ofKey...)}
	l.role = w.minted(role)
	role.Name, role.Ancestors = "two", from(l.role, w.role.ID, role.Ancestors...)
	l.chained = w.minted(role)
	abroad := session.Session{
		Kind: session.Role, Account: other, PrincipalID: l.abroadRole.ID, RoleName: l.abroadRole.Name, Name: "far",
		Ancestors: from(l.chained, w.role.ID, role.Ancestors...),
	}
	l.abroad = w.minted(abroad)
	abroad.Ancestors = nil
	l.elsewhere = w.minted(abroad)
	by := session.Session{Kind: session.Role, PrincipalID: w.role.ID, RoleName: w.role.Name, Name: "ci", Provider: idp, Subject: "repo:us/app"}
	l.vouched = w.minted(by)
	l.onward = w.minted(session.Session{Kind: session.Role, PrincipalID: w.role.ID, RoleName: w.role.Name, Name: "on", Ancestors: []session.Ancestor{
		{KeyID: identity.AccessKeyID(l.vouched.AccessKeyID), Account: account, PrincipalID: w.role.ID, Provider: by.Provider, Subject: by.Subject},
	}})
	by.Subject = "repo:us/other"
	l.vouchedToo = w.minted(by)
	return l
}

func (l *lineage) all() map[string]sigv4.Credentials {
	return map[string]sigv4.Credentials{
		"key": l.key, "token": l.token, "federated": l.federated, "role": l.role, "chained": l.chained, "abroad": l.abroad,
		"elsewhere": l.elsewhere, "vouched": l.vouched, "vouchedToo": l.vouchedToo, "onward": l.onward,
	}
}

func linkOf(c sigv4.Credentials) session.Link {
	return session.Link{Account: account, ID: c.AccessKeyID}
}

// TestRevoking ends exactly what has the revoked thing in its line, on the next
// request, whatever the clocks say; what comes afterwards is another session.
//
// Rules: TH-47 ST-93
func TestRevoking(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		link  func(*world, *lineage) session.Link
		ended []string
	}{
		{"a session of GetSessionToken", func(_ *world, l *lineage) session.Link { return linkOf(l.token) }, []string{"token", "role", "chained", "abroad"}},
		{"a session of a role", func(_ *world, l *lineage) session.Link { return linkOf(l.role) }, []string{"role", "chained", "abroad"}},
		{"a chained session", func(_ *world, l *lineage) session.Link { return linkOf(l.chained) }, []string{"chained", "abroad"}},
		{"a session that nothing comes from", func(_ *world, l *lineage) session.Link { return linkOf(l.federated) }, []string{"federated"}},
		{"a key", func(_ *world, l *lineage) session.Link { return linkOf(l.key) }, []string{"token", "federated", "role", "chained", "abroad"}},
		{
			"a user", func(w *world, _ *lineage) session.Link { return session.Principal(account, w.user.ID) },
			[]string{"token", "federated", "role", "chained", "abroad"},
		},
		{
			"a role", func(w *world, _ *lineage) session.Link { return session.Principal(account, w.role.ID) },
			[]string{"role", "chained", "abroad", "vouched", "vouchedToo", "onward"},
		},
		{"a role of another account", func(_ *world, l *lineage) session.Link { return session.Principal(other, l.abroadRole.ID) }, []string{"abroad", "elsewhere"}},
		{"a subject", func(*world, *lineage) session.Link { return session.Vouched(account, idp, "repo:us/app") }, []string{"vouched", "onward"}},
		{"a provider", func(*world, *lineage) session.Link { return session.Vouched(account, idp, "") }, []string{"vouched", "vouchedToo", "onward"}},
		{"the root", func(*world, *lineage) session.Link { return session.Principal(account, "") }, nil},
		{"a key's name in another account", func(_ *world, l *lineage) session.Link { return session.Link{Account: other, ID: l.key.AccessKeyID} }, nil},
	} {
		for clock, skew := range map[string]time.Duration{"the same millisecond": 0, "a clock that is back": -time.Minute, "a clock that is ahead": time.Minute} {
			t.Run(test.name+", "+clock, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				l := w.lineage()
				callers := map[string]authn.Caller{}
				for name, c := range l.all() { // all is at hand
					callers[name] = w.accept(w.sign(c, sigv4.FamilyQuery))
				}
				w.now = start.Add(skew)
				w.revoke(test.link(w, l))
				w.now = start
				ended := map[string]bool{}
				for _, name := range test.ended {
					ended[name] = true
				}
				for name, c := range l.all() {
					caller := callers[name]
					err := w.store.View(t.Context(), func(tx *store.Tx) error { return w.authn.Recheck(tx, &caller) })
					if ended[name] {
						for _, family := range []sigv4.Family{sigv4.FamilyQuery, sigv4.FamilyJSON, sigv4.FamilyS3} {
							w.refuse(w.sign(c, family), sigv4.UnknownKey, false)
						}
						if !errors.Is(err, authn.ErrGone) {
							t.Errorf("%s: rechecked: %v", name, err)
						}
						continue
					}
					w.accept(w.sign(c, sigv4.FamilyQuery))
					if err != nil {
						t.Errorf("%s: rechecked: %v", name, err)
					}
				}
				w.now = start.Add(skew) // what comes afterwards, by that clock too
				for _, c := range w.lineage().all() {
					w.accept(w.sign(c, sigv4.FamilyQuery))
				}
			})
		}
	}
}

// TestRevokingElsewhereLeavesWhatIsAtHand: what is at hand of sessions is looked at
// under the guards of their line's accounts, and of no other.
//
// Rules: TH-26 TH-47
func TestRevokingElsewhereLeavesWhatIsAtHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.lineage()
	for _, c := range l.all() {
		w.accept(w.sign(c, sigv4.FamilyQuery))
	}
	w.authn.Forget(store.AccountScope(account))
	if got := w.authn.Cached(); got != 1 {
		t.Errorf("%d are kept that have nothing of the account in their line, and wanted 1", got)
	}
}

func BenchmarkIdentifySession(b *testing.B) {
	w := newWorld(b)
	auth := w.sign(w.session(session.Role), sigv4.FamilyQuery)
	w.accept(auth)
	for b.Loop() {
		if _, err := w.identify(auth); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIdentifySessionFirst(b *testing.B) {
	w := newWorld(b)
	auth := w.sign(w.session(session.Role), sigv4.FamilyQuery)
	for b.Loop() {
		w.authn.Clear()
		if _, err := w.identify(auth); err != nil {
			b.Fatal(err)
		}
	}
}
