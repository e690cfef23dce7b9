package authz_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/kvtest"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
	"github.com/regent-iam/regent/policy"
)

// inUpdate decides a need inside an Update.
func (w *world) inUpdate(c *authn.Caller, n authz.Need) (d authz.Decision, err error) {
	w.t.Helper()
	failure := w.Update(w.t.Context(), func(tx *store.Tx) error {
		d, err = w.authz.Decide(tx, c, request(), &n)
		return nil
	})
	return d, errors.Join(err, failure)
}

// Rules: TH-26 TH-27
func TestAnUpdateLoadsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.role(member, "ci", "{}", allow("*"))
	for name, c := range map[string]*authn.Caller{
		"user": asUser(w.user(member, "alice", allow("*"))), "session": asSession(role, session.Session{Policy: allow("*")}), "root": asRoot(member),
	} {
		w.authz.Clear()
		n := w.object(member, "")
		if d, err := w.inUpdate(c, n); !errors.Is(err, authz.ErrCold) || d.Allowed() {
			t.Errorf("%s, cold: %v, %v", name, d.Outcome, err)
		}
		w.decide(c, n)
		if d, err := w.inUpdate(c, n); err != nil || !d.Allowed() {
			t.Errorf("%s, warm: %v, %v", name, d.Outcome, err)
		}
		// What changes makes it cold again, at once and without a watch.
		w.update(func(tx *store.Tx) error { return tx.PutRole(role) })
		if d, err := w.inUpdate(c, n); !errors.Is(err, authz.ErrCold) || d.Allowed() {
			t.Errorf("%s, stale: %v, %v", name, d.Outcome, err)
		}
	}
}

// Rules: TH-27
func TestAPrincipalWithEveryPolicyThereCanBeDecidesInAnUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(member, "full", deny("iam:*"))
	for g := range 10 {
		p := inline([]string{allow("s3:List*")})
		for i := range 10 {
			p.Attach(w.managed(member, fmt.Sprintf("m%d-%d", g, i), allow(fmt.Sprintf("s3:X%d%d", g, i))))
		}
		group := &identity.Group{Account: member, Name: identity.GroupName(fmt.Sprint("g", g)), ID: fmt.Sprint("AGPA", g), Permissions: p}
		w.update(func(tx *store.Tx) error { return tx.CreateGroup(group) })
		u.Groups = append(u.Groups, group.ID)
	}
	w.update(func(tx *store.Tx) error { return tx.PutUser(u) })
	n := authz.Need{Action: "s3:X99", Resource: "arn:aws:s3:::b"}
	if d := w.decide(asUser(u), n); !d.Allowed() {
		t.Fatalf("%s", d.Outcome)
	}
	w.update(func(tx *store.Tx) error {
		for range 100 { // many needs cost no more than one
			if d, err := w.authz.Decide(tx, asUser(u), request(), &n); err != nil || !d.Allowed() {
				return fmt.Errorf("%s: %w", d.Outcome, err)
			}
		}
		return nil
	})
}

// Rules: TH-26 OR-24
func TestNothingStaleIsServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(member, "alice", allow("s3:*"))
	c := asUser(u)
	bucket := w.object(member, grants(ofMember))
	check := func(what string, want policy.Outcome) {
		t.Helper()
		if d := w.decide(c, bucket); d.Outcome != want {
			t.Errorf("%s: %s, want %s", what, d.Outcome, want)
		}
	}
	check("at first", yes)
	u.Permissions = inline([]string{deny("s3:*")})
	w.update(func(tx *store.Tx) error { return tx.PutUser(u) })
	check("own policy", not)
	u.Permissions = inline([]string{allow("s3:*")})
	w.update(func(tx *store.Tx) error { return tx.PutUser(u) })
	check("own policy again", yes)

	g := &identity.Group{Account: member, Name: "g", ID: "AGPA1", Permissions: inline([]string{deny("*")})}
	w.update(func(tx *store.Tx) error { return errors.Join(tx.CreateGroup(g), tx.AddToGroup(g, u)) })
	check("joined a group", not)
	w.update(func(tx *store.Tx) error { g.Permissions = identity.Permissions{}; return tx.PutGroup(g) })
	check("the group's policy", yes)

	w.control(identity.SCP, root, "full", deny("s3:*"))
	check("an SCP", not)
	w.control(identity.SCP, root, "full")
	check("no SCP", yes)
	w.control(identity.RCP, account, "full", statement("Deny", "s3:*", `,"Resource":"*","Principal":"*"`))
	check("an RCP", not)
	w.control(identity.RCP, account, "full")
	check("no RCP", yes)

	// The policy of a bucket is cached under the bucket's id: what it says now counts.
	bucket.Policy.Document.Text = refuses(everyone)
	w.update(func(tx *store.Tx) error {
		return tx.PutBucket(&identity.Bucket{Name: "b", ID: bucket.Policy.ID, Account: member, Policy: &bucket.Policy.Document})
	})
	check("the bucket's policy", not)
}

// Rules: TH-38
func TestABoundaryThatIsMadeAgainCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(member, "alice", allow("s3:*"))
	u.Boundary = "arn:aws:iam::222233334444:policy/b"
	w.update(func(tx *store.Tx) error { return tx.PutUser(u) })
	n := w.object(member, "")
	if d := w.decide(asUser(u), n); d.Allowed() || d.Layer != policy.LayerBoundary {
		t.Errorf("%s by %s", d.Outcome, d.Layer)
	}
	w.managed(member, "b", allow("*"))
	if d := w.decide(asUser(u), n); !d.Allowed() {
		t.Errorf("%s by %s", d.Outcome, d.Layer)
	}
}

func TestForgetAndClearLoseNothingThatIsTrue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.role(member, "ci", trusts(everyone), allow("*"))
	c := asSession(role, session.Session{Policy: allow("*")})
	n := w.object(member, grants(everyone))
	for _, drop := range []func(){
		func() { w.authz.Forget(store.AccountScope(member)) }, func() { w.authz.Forget(store.OrganizationScope(org)) }, w.authz.Clear,
	} {
		w.decide(c, n)
		drop()
		if _, err := w.inUpdate(c, n); !errors.Is(err, authz.ErrCold) {
			t.Errorf("it forgot nothing: %v", err)
		}
		if d := w.decide(c, n); !d.Allowed() {
			t.Errorf("%s by %s", d.Outcome, d.Layer)
		}
	}
}

// A policy that an Update writes and then gives up must not be remembered.
//
// Rules: TH-25 TH-26
func TestWhatIsNotCommittedIsNotRemembered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Store = store.New(kvtest.Twice(memkv.New(memkv.Options{})))
	w.update(func(tx *store.Tx) error {
		return tx.CreateAccount(&identity.Account{ID: lone, Email: "e", Status: identity.AccountActive})
	})
	c := asUser(w.user(lone, "alice"))
	n := w.object(lone, grants(everyone))
	if d := w.decide(c, n); !d.Allowed() {
		t.Fatal(d.Outcome)
	}
	refused := errors.New("refused")
	err := w.Update(t.Context(), func(tx *store.Tx) error {
		b := &identity.Bucket{Name: "b", ID: n.Policy.ID, Account: lone}
		if err := tx.PutBucket(b); err != nil {
			return err
		}
		changed := n
		changed.Policy = &authz.ResourcePolicy{ID: n.Policy.ID, Source: n.Policy.Source, Document: identity.ResourcePolicy{Text: refuses(everyone)}}
		_, _ = w.authz.Decide(tx, c, request(), &changed)
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if d := w.decide(c, n); !d.Allowed() {
		t.Errorf("%s by %s", d.Outcome, d.Layer)
	}
}

func TestANeedThatNobodyOwnsFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if d, err := w.try(&authn.Caller{}, authz.Need{Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k"}); err == nil || d.Allowed() {
		t.Errorf("%s, %v", d.Outcome, err)
	}
	w.view(func(tx *store.Tx) error {
		if _, err := w.authz.Explain(tx, &authn.Caller{}, request(), &authz.Need{Action: "s3:GetObject"}); err == nil {
			t.Error("it is explained")
		}
		return nil
	})
}

func TestAnAccountThatIsNotThereIsRefusedInAnUpdateToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := asUser(w.user(member, "alice", allow("*")))
	n := w.object("999999999999", "")
	w.decide(c, n)
	if d, err := w.inUpdate(c, n); err != nil || d.Outcome != no {
		t.Errorf("%s, %v", d.Outcome, err)
	}
}
