package lastuse_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/lastuse"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

const account identity.AccountID = "111122223333"

var (
	start = time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	role  = authn.Caller{Kind: authn.RoleSession, Account: account, PrincipalID: "AROA1", AccessKeyID: "ASIA1", Session: &session.Session{}}
)

func user(id identity.AccessKeyID) *authn.Caller {
	return &authn.Caller{Kind: authn.User, Account: account, PrincipalID: "AIDA1", AccessKeyID: id}
}

// counting is a database that counts its updates, and fails them on demand.
type counting struct {
	kv.DB
	updates int
	failure error
}

func (c *counting) Update(ctx context.Context, fn func(kv.Writer) error) error {
	c.updates++
	if c.failure != nil {
		return c.failure
	}
	return c.DB.Update(ctx, fn)
}

func newStore(t *testing.T, keys ...identity.AccessKeyID) (*store.Store, *counting) {
	t.Helper()
	db := memkv.New(memkv.Options{})
	t.Cleanup(func() { _ = db.Close() })
	s := store.New(db)
	update := func(change func(*store.Tx) error) {
		if err := s.Update(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
	for some := range slices.Chunk(keys, 50) {
		update(func(tx *store.Tx) error {
			for _, id := range some {
				if err := tx.PutAccessKey(&identity.AccessKey{ID: id, Account: account, Status: identity.KeyActive}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	update(func(tx *store.Tx) error {
		return tx.CreateRole(&identity.Role{Account: account, Name: "dev", Path: "/", ID: "AROA1"})
	})
	counter := &counting{DB: db}
	return store.New(counter), counter
}

func keyUse(t *testing.T, s *store.Store, id identity.AccessKeyID) *identity.KeyUse {
	t.Helper()
	return use(t, s, func(tx *store.Tx) (*identity.KeyUse, error) { return tx.KeyUse(id) })
}

func use(t *testing.T, s *store.Store, read func(*store.Tx) (*identity.KeyUse, error)) *identity.KeyUse {
	t.Helper()
	var use *identity.KeyUse
	err := s.View(t.Context(), func(tx *store.Tx) (err error) {
		use, err = read(tx)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return use
}

func flush(t *testing.T, tracker *lastuse.Tracker) {
	t.Helper()
	if err := tracker.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Rules: IA-51
func TestUsed(t *testing.T) {
	s, db := newStore(t, "AKIA1")
	tracker := lastuse.New(s, slog.New(slog.DiscardHandler))
	steps := []struct {
		name    string
		at      time.Duration
		service string
		updates int
		want    *identity.KeyUse
	}{
		{"first", 0, "iam", 1, &identity.KeyUse{At: start, Service: "iam", Region: "eu-west-1"}},
		{"within a quarter", 14*time.Minute + 59*time.Second, "s3", 1, &identity.KeyUse{At: start, Service: "iam", Region: "eu-west-1"}},
		{"after a quarter", 15 * time.Minute, "s3", 2, &identity.KeyUse{At: start.Add(15 * time.Minute), Service: "s3", Region: "eu-west-1"}},
		{"clock set back", -time.Hour, "sts", 3, &identity.KeyUse{At: start.Add(-time.Hour), Service: "sts", Region: "eu-west-1"}},
	}
	for _, step := range steps {
		tracker.Used(user("AKIA1"), step.service, "eu-west-1", start.Add(step.at))
		flush(t, tracker)
		if diff := cmp.Diff(step.want, keyUse(t, s, "AKIA1")); diff != "" {
			t.Errorf("%s: -want +got\n%s", step.name, diff)
		}
		if db.updates != step.updates {
			t.Errorf("%s: %d updates, want %d", step.name, db.updates, step.updates)
		}
	}
}

// Rules: IA-51
func TestUsedWritesNothingItself(t *testing.T) {
	s, db := newStore(t, "AKIA1")
	tracker := lastuse.New(s, slog.New(slog.DiscardHandler))
	tracker.Used(user("AKIA1"), "iam", "us-east-1", start)
	if db.updates != 0 || keyUse(t, s, "AKIA1") != nil {
		t.Errorf("%d updates on the path of a request", db.updates)
	}
}

// Rules: IA-51
func TestSubjects(t *testing.T) {
	s, db := newStore(t, "AKIA1")
	tracker := lastuse.New(s, slog.New(slog.DiscardHandler))
	tracker.Used(&role, "s3", "us-east-1", start)
	flush(t, tracker)
	got := use(t, s, func(tx *store.Tx) (*identity.KeyUse, error) { return tx.RoleUse("AROA1") })
	if diff := cmp.Diff(&identity.KeyUse{At: start, Service: "s3", Region: "us-east-1"}, got); diff != "" {
		t.Errorf("role: -want +got\n%s", diff)
	}
	before := db.updates
	session := *user("AKIA1")
	session.Session = role.Session
	for name, c := range map[string]authn.Caller{
		"nobody": {}, "session of a user": session,
		"federated": {Kind: authn.FederatedUser, Account: account, AccessKeyID: "AKIA1", Session: role.Session},
	} {
		tracker.Used(&c, "s3", "us-east-1", start)
		flush(t, tracker)
		if db.updates != before || keyUse(t, s, "AKIA1") != nil {
			t.Errorf("%s: a use was noted", name)
		}
	}
}

// A key that is deleted before its use is written leaves nothing behind.
//
// Rules: IA-51
func TestKeyIsGone(t *testing.T) {
	s, _ := newStore(t)
	tracker := lastuse.New(s, slog.New(slog.DiscardHandler))
	tracker.Used(user("AKIAGONE"), "iam", "us-east-1", start)
	flush(t, tracker)
	if got := keyUse(t, s, "AKIAGONE"); got != nil {
		t.Errorf("use of a key that does not exist: %v", got)
	}
}

// Rules: IA-51
func TestFailureIsTriedAgain(t *testing.T) {
	s, db := newStore(t, "AKIA1")
	tracker := lastuse.New(s, slog.New(slog.DiscardHandler))
	db.failure = errors.New("disk full")
	tracker.Used(user("AKIA1"), "iam", "us-east-1", start)
	if err := tracker.Flush(t.Context()); !errors.Is(err, db.failure) {
		t.Fatalf("flush: %v", err)
	}
	db.failure = nil
	flush(t, tracker)
	if keyUse(t, s, "AKIA1") == nil {
		t.Error("the use was lost")
	}
}

// Two nodes see the same key: the second writes nothing within the quarter.
//
// Rules: IA-51
func TestOtherNode(t *testing.T) {
	s, _ := newStore(t, "AKIA1")
	log := slog.New(slog.DiscardHandler)
	one, two := lastuse.New(s, log), lastuse.New(s, log)
	one.Used(user("AKIA1"), "iam", "us-east-1", start)
	flush(t, one)
	two.Used(user("AKIA1"), "s3", "us-east-1", start.Add(time.Minute))
	flush(t, two)
	if got := keyUse(t, s, "AKIA1"); got == nil || got.Service != "iam" {
		t.Errorf("use = %v, want the first", got)
	}
}

// However many keys are used, what waits is bounded, and nothing is lost for
// good: what did not fit is noted at its next use.
//
// Rules: TH-30
func TestBounded(t *testing.T) {
	const many = 5000
	keys := make([]identity.AccessKeyID, many)
	for i := range keys {
		keys[i] = identity.AccessKeyID(fmt.Sprintf("AKIA%04d", i))
	}
	s, db := newStore(t, keys...)
	tracker := lastuse.New(s, slog.New(slog.DiscardHandler))
	for round := range 2 {
		for _, id := range keys {
			tracker.Used(user(id), "iam", "us-east-1", start)
		}
		flush(t, tracker)
		if noted := db.updates * 32; noted > (round+1)*4096 {
			t.Errorf("%d uses waited", noted)
		}
	}
	for _, id := range keys {
		if keyUse(t, s, id) == nil {
			t.Fatalf("%s was not noted", id)
		}
	}
}

// Rules: IA-51
func TestRunWritesWhatIsLeft(t *testing.T) {
	s, _ := newStore(t, "AKIA1", "AKIA2")
	tracker := lastuse.New(s, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := tracker.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	})
	for _, id := range []identity.AccessKeyID{"AKIA1", "AKIA2"} {
		wg.Go(func() { tracker.Used(user(id), "iam", "us-east-1", start) })
	}
	wg.Go(cancel)
	wg.Wait()
	flush(t, tracker) // what came after Run had ended
	for _, id := range []identity.AccessKeyID{"AKIA1", "AKIA2"} {
		if keyUse(t, s, id) == nil {
			t.Errorf("%s was not noted", id)
		}
	}
}
