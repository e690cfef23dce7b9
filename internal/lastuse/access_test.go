package lastuse_test

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/lastuse"
	"github.com/regent-iam/regent/internal/store"
)

// refusing is a Decider that allows nothing.
type refusing struct{}

func (refusing) Decide(*store.Tx, *authn.Caller, *authz.Request, *authz.Need) (authz.Decision, error) {
	return authz.Decision{}, nil
}

func accessOf(t *testing.T, s *store.Store, principal string) *identity.Access {
	t.Helper()
	var access *identity.Access
	err := s.View(t.Context(), func(tx *store.Tx) (err error) {
		access, err = tx.Access(account, principal)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return access
}

func accountAccess(t *testing.T, s *store.Store) map[string]identity.AccountServiceAccess {
	t.Helper()
	var access *identity.AccountAccess
	err := s.View(t.Context(), func(tx *store.Tx) (err error) {
		access, err = tx.AccountAccess(account)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return access.Services
}

// populated returns a store that has an account with the user AIDA1, the role
// AROA1 and nobody else.
func populated(t *testing.T) (*store.Store, *counting) {
	t.Helper()
	s, db := newStore(t)
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.CreateAccount(&identity.Account{ID: account, Email: "a@b.example", CanonicalID: "c"}); err != nil {
			return err
		}
		return tx.CreateUser(&identity.User{Account: account, Name: "u", Path: "/", ID: "AIDA1"})
	})
	if err != nil {
		t.Fatal(err)
	}
	db.updates = 0
	return s, db
}

// What a caller tries is noted though it is refused, in the background, and
// again after a quarter of an hour. The region is the call's.
//
// Rules: IA-58
func TestWhatIsTriedIsNoted(t *testing.T) {
	s, db := populated(t)
	tracker := lastuse.New(s, slog.New(slog.DiscardHandler))
	d := tracker.Decider(refusing{})
	try := func(c *authn.Caller, action string, after time.Duration) {
		decision, err := d.Decide(nil, c, &authz.Request{Now: start.Add(after), Region: "eu-west-1"}, &authz.Need{Action: action})
		if err != nil || decision.Allowed() {
			t.Fatalf("the decision changed: %v, %v", decision, err)
		}
	}
	u := user("AKIA1")
	try(u, "s3:GetObject", 0)
	if db.updates != 0 {
		t.Errorf("%d updates on the path of a request", db.updates)
	}
	try(u, "s3:PutObject", time.Minute)
	try(u, "iam:PassRole", time.Minute)
	flush(t, tracker)
	try(u, "s3:GetObject", 14*time.Minute)
	flush(t, tracker)
	if db.updates != 1 {
		t.Errorf("%d updates, want 1", db.updates)
	}
	want := map[string]*identity.ServiceAccess{"s3": {
		AccessUse: identity.AccessUse{At: start.Add(time.Minute), Region: "eu-west-1"},
		Actions: map[string]identity.AccessUse{
			"GetObject": {At: start, Region: "eu-west-1"}, "PutObject": {At: start.Add(time.Minute), Region: "eu-west-1"},
		},
	}}
	if diff := cmp.Diff(want, accessOf(t, s, "AIDA1").Services); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	try(u, "s3:GetObject", 16*time.Minute)
	try(&role, "s3:ListBucket", 16*time.Minute)
	try(&authn.Caller{Kind: authn.Root, Account: account}, "iam:ListUsers", 0)
	flush(t, tracker)
	if got := accessOf(t, s, "AIDA1").Services["s3"].At; !got.Equal(start.Add(16 * time.Minute)) {
		t.Errorf("the user's last attempt is of %v", got)
	}
	if accessOf(t, s, "AROA1").Services["s3"] == nil || accessOf(t, s, "").Services["iam"] == nil {
		t.Error("the role's or the root's attempts are not noted")
	}
	all := accountAccess(t, s)
	if all["s3"].Entities != 2 || all["iam"].Entities != 1 || !all["s3"].At.Equal(start.Add(16*time.Minute)) {
		t.Errorf("of the account: %+v", all)
	}
}

// Nothing is noted of those who are nobody in an account or are gone, and what
// was noted goes with whom it is of.
//
// Rules: IA-58
func TestWhoseAttemptsAreNotNoted(t *testing.T) {
	s, db := populated(t)
	tracker := lastuse.New(s, slog.New(slog.DiscardHandler))
	for _, c := range []authn.Caller{{}, {Kind: authn.Federated}, {Kind: authn.Service}} {
		tracker.Tried(&c, "s3:GetObject", "us-east-1", start)
	}
	flush(t, tracker)
	if db.updates != 0 {
		t.Errorf("%d updates", db.updates)
	}
	tracker.Tried(&authn.Caller{Kind: authn.User, Account: account, PrincipalID: "AIDAGONE"}, "s3:GetObject", "us-east-1", start)
	tracker.Tried(user("AKIA1"), "s3:GetObject", "us-east-1", start)
	flush(t, tracker)
	if len(accessOf(t, s, "AIDAGONE").Services) != 0 {
		t.Error("attempts of a user who does not exist")
	}
	if n := accountAccess(t, s)["s3"].Entities; n != 1 {
		t.Errorf("%d entities, want 1", n)
	}
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		u, err := tx.UserByID("AIDA1")
		if err != nil {
			return err
		}
		return tx.DeleteUser(u)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(accessOf(t, s, "AIDA1").Services) != 0 || accountAccess(t, s)["s3"].Entities != 0 {
		t.Error("the attempts outlive the user")
	}
}

// What cannot be written is not lost, and what waits is bounded however much is
// tried.
//
// Rules: IA-58 TH-30
func TestAttemptsAreBounded(t *testing.T) {
	s, db := populated(t)
	tracker := lastuse.New(s, slog.New(slog.DiscardHandler))
	db.failure = errors.New("disk full")
	tracker.Tried(user("AKIA1"), "s3:GetObject", "us-east-1", start)
	if err := tracker.Flush(t.Context()); !errors.Is(err, db.failure) {
		t.Fatalf("flush: %v", err)
	}
	db.failure = nil
	for i := range 5000 {
		c := authn.Caller{Kind: authn.User, Account: account, PrincipalID: fmt.Sprintf("AIDA%05d", i)}
		tracker.Tried(&c, "s3:GetObject", "us-east-1", start)
	}
	before := db.updates
	flush(t, tracker)
	if written := (db.updates - before) * 16; written > 4096+16 {
		t.Errorf("%d principals waited", written)
	}
	if accessOf(t, s, "AIDA1").Services["s3"] == nil {
		t.Error("what could not be written is lost")
	}
}
