package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
	"github.com/regent-iam/regent/internal/store/kv/kvtest"
)

// onFile is a fixture over a file, whose views are counted.
func onFile(t *testing.T) (*fixture, func() uint64) {
	t.Helper()
	db, err := boltkv.Open(filepath.Join(t.TempDir(), "data", "db"), boltkv.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return over(t, db), func() uint64 { return db.Stats().Views }
}

func (f *fixture) glance(fn func(*store.Tx) error) {
	f.t.Helper()
	if err := f.Glance(f.t.Context(), fn); err != nil {
		f.t.Fatal(err)
	}
}

// guardOf reads the guard of an account in a glance.
func (f *fixture) guardOf(id identity.AccountID) (guard uint64) {
	f.t.Helper()
	f.glance(func(tx *store.Tx) (err error) {
		guard, err = tx.Guard(store.AccountScope(id))
		return err
	})
	return guard
}

// change changes something that decisions in an account depend on.
func change(id identity.AccountID) func(*store.Tx) error {
	return func(tx *store.Tx) error {
		return tx.PutAccessKey(&identity.AccessKey{ID: identity.AccessKeyID("AKIA" + id), Account: id})
	}
}

// TestAGlanceAtWhatIsAtHandOpensNoView reads guards again and again: the database
// is asked for each once, until something is committed.
//
// Rules: TH-26
func TestAGlanceAtWhatIsAtHandOpensNoView(t *testing.T) {
	f, views := onFile(t)
	before := f.guardOf(here)
	opened := views()
	for range 10 {
		if got := f.guardOf(here); got != before {
			t.Fatalf("guard %d, want %d", got, before)
		}
	}
	if n := views() - opened; n != 0 {
		t.Errorf("%d views for what was at hand", n)
	}
	f.update(change(here))
	if got := f.guardOf(here); got <= before {
		t.Errorf("guard %d after a change, want more than %d", got, before)
	}
	if n := views() - opened; n != 1 {
		t.Errorf("%d views after one change, want 1", n)
	}
}

// TestAGlanceBeyondWhatIsAtHandIsAView asks for records, in a list and by key,
// and gets them, though the function does not say what became of the try.
//
// Rules: TH-26
func TestAGlanceBeyondWhatIsAtHandIsAView(t *testing.T) {
	backends(t, func(t *testing.T, f *fixture) {
		f.update(func(tx *store.Tx) error { return tx.CreateUser(user("alice")) })
		var found, listed int
		f.glance(func(tx *store.Tx) error {
			found = 0
			if u, err := tx.User(here, "alice"); err == nil && u.ID == "AIDAalice" {
				found++
			}
			return nil
		})
		f.glance(func(tx *store.Tx) error {
			list, _, _ := tx.Users(here, store.Page[identity.User]{})
			listed = len(list)
			return nil
		})
		if found != 1 || listed != 1 {
			t.Errorf("found %d users by name and %d in the list, want 1 and 1", found, listed)
		}
		f.glance(func(tx *store.Tx) error {
			if tx.Writable() || tx.DeleteUser(user("alice")) == nil {
				t.Error("a glance can write")
			}
			return nil
		})
		missed := errors.New("missed")
		if err := f.Glance(t.Context(), func(*store.Tx) error { return missed }); !errors.Is(err, missed) {
			t.Errorf("%v, want the function's error", err)
		}
	})
}

// TestAGlanceIsNoOlderThanItsCall bumps a guard over and over while others glance
// at it: whoever begins after a change was committed sees it, or a later one.
//
// Rules: TH-26 TH-48
func TestAGlanceIsNoOlderThanItsCall(t *testing.T) {
	backends(t, func(t *testing.T, f *fixture) {
		var mu sync.Mutex
		var committed uint64
		apart := f.guardOf(here) - f.guardOf(there)
		done := make(chan struct{})
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					select {
					case <-done:
						return
					default:
					}
					mu.Lock()
					want := committed
					mu.Unlock()
					var mine, others uint64
					err := f.Glance(t.Context(), func(tx *store.Tx) (err error) {
						if others, err = tx.Guard(store.AccountScope(there)); err != nil {
							return err
						}
						mine, err = tx.Guard(store.AccountScope(here))
						return err
					})
					if err != nil || mine < want {
						t.Errorf("guard %d, %v where %d is committed", mine, err, want)
						return
					}
					if mine-others != apart {
						t.Errorf("guards %d and %d in one glance, which change together", mine, others)
						return
					}
				}
			})
		}
		for range 60 {
			f.update(func(tx *store.Tx) error { return errors.Join(change(here)(tx), change(there)(tx)) })
			var now uint64
			f.view(func(tx *store.Tx) (err error) {
				now, err = tx.Guard(store.AccountScope(here))
				return err
			})
			mu.Lock()
			committed = now
			mu.Unlock()
		}
		close(done)
		wg.Wait()
	})
}

// TestAGlanceAtADatabaseThatTellsNoRevisionIsAView wraps a database so that it is
// no Reviser.
func TestAGlanceAtADatabaseThatTellsNoRevisionIsAView(t *testing.T) {
	f := over(t, kvtest.Twice(struct{ kv.DB }{memory(t)}))
	before := f.guardOf(here)
	f.update(change(here))
	if got := f.guardOf(here); got <= before {
		t.Errorf("guard %d after a change, want more than %d", got, before)
	}
}

// TestAGlanceAtAClosedDatabaseFails is what a View of it does, though what is
// asked for is at hand.
func TestAGlanceAtAClosedDatabaseFails(t *testing.T) {
	f, _ := onFile(t)
	f.guardOf(here)
	if err := f.db.Close(); err != nil {
		t.Fatal(err)
	}
	err := f.Glance(t.Context(), func(tx *store.Tx) error { _, err := tx.Guard(store.AccountScope(here)); return err })
	if !errors.Is(err, kv.ErrClosed) {
		t.Errorf("%v, want ErrClosed", err)
	}
	g, _ := onFile(t)
	g.guardOf(here)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Glance(ended, func(*store.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want Canceled", err)
	}
}
