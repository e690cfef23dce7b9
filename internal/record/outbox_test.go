package record_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

var errDatabase = errors.New("the database does not answer")

// faulty is a database that stops working when it is told to.
type faulty struct {
	kv.DB
	all     atomic.Bool // nothing works
	updates atomic.Bool // nothing is written
}

func (f *faulty) fail(on bool) { f.all.Store(on) }

func (f *faulty) View(ctx context.Context, fn func(kv.Reader) error) error {
	if f.all.Load() {
		return errDatabase
	}
	return f.DB.View(ctx, fn)
}

func (f *faulty) Update(ctx context.Context, fn func(kv.Writer) error) error {
	if f.all.Load() || f.updates.Load() {
		return errDatabase
	}
	return f.DB.Update(ctx, fn)
}

// commit commits a change for each of ids, with its event, one after another.
func commit(t *testing.T, s *setting, ids ...string) {
	t.Helper()
	for i, id := range ids {
		commitAt(t, s, s.pass(0).Add(time.Duration(i)*time.Microsecond), id)
	}
	s.pass(time.Millisecond)
}

func commitAt(t *testing.T, s *setting, at time.Time, ids ...string) {
	t.Helper()
	events := make([]*record.Event, len(ids))
	for i, id := range ids {
		events[i] = named(id)
	}
	err := s.Store.Update(t.Context(), func(tx *store.Tx) error { return record.Commit(tx, at, events...) })
	if err != nil {
		t.Error(err)
	}
}

func waiting(t *testing.T, s *setting) int {
	t.Helper()
	var entries []store.OutboxEntry
	err := s.Store.View(t.Context(), func(tx *store.Tx) (err error) {
		entries, err = tx.Undelivered(10_000)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// Rules: RE-1 TH-101
func TestAnEventIsCommittedWithItsChangeOrNotAtAll(t *testing.T) {
	s := newSetting(t)
	r := s.open(t)
	undone := errors.New("undone")
	err := s.Store.Update(t.Context(), func(tx *store.Tx) error {
		return errors.Join(record.Commit(tx, at, named("undone")), undone)
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if err := s.Store.View(t.Context(), func(tx *store.Tx) error { return record.Commit(tx, at, named("view")) }); err == nil {
		t.Error("committed in a view")
	}
	if err := s.Store.Update(t.Context(), func(tx *store.Tx) error { return record.Commit(tx, at, named("")) }); err == nil {
		t.Error("committed an event without an id")
	}
	flush(t, r)
	same(t, s.ids(t), nil)

	commitAt(t, s, at.Add(2), "third")
	commitAt(t, s, at, "b first", "a second")
	flush(t, r)
	same(t, s.ids(t), []string{"b first", "a second", "third"})
	if n := waiting(t, s); n != 0 {
		t.Errorf("%d still wait", n)
	}
	if c := r.Counters(); c != (record.Counters{Written: 3, Delivered: 3}) {
		t.Errorf("counters are %+v", c)
	}
}

func TestALongOutboxIsDeliveredInOrder(t *testing.T) {
	s := newSetting(t)
	commit(t, s, numbered(0, 950)...)
	r := s.open(t)
	flush(t, r)
	same(t, s.ids(t), numbered(0, 950))
	if n := waiting(t, s); n != 0 {
		t.Errorf("%d still wait", n)
	}
}

// Rules: TH-101
func TestNothingIsDeliveredTwiceAfterACrash(t *testing.T) {
	for _, test := range []struct {
		name    string
		restart bool
	}{{"the database fails for a while", false}, {"the process ends", true}} {
		t.Run(test.name, func(t *testing.T) {
			s := newSetting(t)
			s.MaxFile = 10 << 10
			r := s.open(t)
			flush(t, r)
			commit(t, s, numbered(0, 450)...)
			// Written and synced; then the removal fails.
			s.db.updates.Store(true)
			if err := r.Flush(t.Context()); !errors.Is(err, errDatabase) {
				t.Fatalf("flush: %v", err)
			}
			// Reads go on. They must not push the file out of sight.
			for _, id := range numbered(1000, 1100) {
				r.Record(named(id))
				if err := r.Flush(t.Context()); !errors.Is(err, errDatabase) {
					t.Fatalf("flush: %v", err)
				}
			}
			s.db.updates.Store(false)
			// A change that began before the others is committed after them.
			commitAt(t, s, at.Add(-time.Hour), "early")
			if test.restart {
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
				r = s.open(t)
			}
			flush(t, r)
			got := s.ids(t)
			slices.Sort(got)
			same(t, got, append([]string{"early"}, append(numbered(0, 450), numbered(1000, 1100)...)...))
			if n := waiting(t, s); n != 0 {
				t.Errorf("%d still wait", n)
			}
			// And files are followed again.
			before := len(s.files(t))
			r.Record(named("last"))
			flush(t, r)
			if after := len(s.files(t)); after != before+1 {
				t.Errorf("%d files after %d", after, before)
			}
		})
	}
}

// Rules: TH-101
func TestACrashAnywhereLosesAndRepeatsNothing(t *testing.T) {
	line := len(record.Append(nil, named("n0000"))) + 1
	for cut := 0; cut <= 3*line; cut += 97 {
		s := newSetting(t)
		commit(t, s, numbered(0, 3)...)
		s.db.updates.Store(true)
		r := s.open(t)
		if err := r.Flush(t.Context()); !errors.Is(err, errDatabase) {
			t.Fatalf("flush: %v", err)
		}
		s.db.updates.Store(false)
		// So much of the batch had reached the disk.
		if err := os.Truncate(filepath.Join(s.dir, "events.jsonl"), int64(cut)); err != nil {
			t.Fatal(err)
		}
		again := s.open(t)
		flush(t, again)
		same(t, s.ids(t), numbered(0, 3))
	}
}

// Rules: RE-1
func TestEventsWaitInTheOutboxWhileTheDiskFails(t *testing.T) {
	s := newSetting(t)
	r := s.open(t)
	flush(t, r)
	path := filepath.Join(s.dir, "events.jsonl")
	if err := errors.Join(record.BreakFile(r), os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	commit(t, s, numbered(0, 3)...)
	for range 3 {
		if err := r.Flush(t.Context()); err == nil {
			t.Error("flush did not fail")
		}
	}
	if n := waiting(t, s); n != 3 {
		t.Errorf("%d wait", n)
	}
	if c := r.Counters(); c.OutboxErrors != 3 || c.Dropped != 0 || c.Written != 0 || c.Delivered != 0 {
		t.Errorf("counters are %+v", c)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	commit(t, s, numbered(3, 4)...)
	flush(t, r)
	same(t, s.ids(t), numbered(0, 4))
	if strings.Count(s.log.String(), "cannot deliver audit records") != 1 || !strings.Contains(s.log.String(), "delivered again") {
		t.Errorf("log is %s", &s.log)
	}
}

// Rules: TH-101
func TestAStoreThatWentBackDeliversNothingTwice(t *testing.T) {
	s := newSetting(t)
	r := s.open(t)
	commitAt(t, s, at, numbered(0, 3)...)
	flush(t, r)
	commitAt(t, s, at, numbered(0, 3)...) // as they were before
	commitAt(t, s, at, "new")
	r.Restored()
	flush(t, r)
	same(t, s.ids(t), append(numbered(0, 3), "new"))

	s.Store = store.New(memkv.New(memkv.Options{}))
	if err := r.Reset(); err != nil {
		t.Fatal(err)
	}
	fresh := s.open(t)
	commitAt(t, s, at, numbered(0, 3)...)
	flush(t, fresh)
	same(t, s.ids(t), numbered(0, 3))
}
