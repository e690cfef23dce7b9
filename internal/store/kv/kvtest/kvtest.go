// Package kvtest is the contract of kv.DB as a test suite.
//
// A suite that was never seen to fail proves nothing: the tests of this package plant faults in a backend and
// see [Failures] find each of them.
package kvtest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/store/kv"
)

// patience is how long a test waits for what must happen, and overlap how long for what may not.
const (
	patience = 10 * time.Second
	overlap  = 20 * time.Millisecond
)

// An Open returns a new empty database that keeps history changes for late watchers. The suite closes it.
type Open func(history int) kv.DB

// Run tests the databases that open makes, against all of the contract.
func Run(t *testing.T, open func(t testing.TB, history int) kv.DB) {
	t.Helper()
	for name, test := range sorted(tests()) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(&suite{reporter: t, ctx: t.Context(), patience: patience, open: func(history int) kv.DB {
				db := open(t, history)
				t.Cleanup(func() { closing(t, db) })
				return db
			}})
		})
	}
}

// Failures runs the suite and returns what each test that failed had to say, by its name. It is for databases
// that are to fail, and waits less long than Run.
func Failures(ctx context.Context, open Open) map[string]string {
	failures := map[string]string{}
	for name, test := range sorted(tests()) {
		r := &recorder{}
		done := make(chan struct{})
		go func() { // Fatalf ends the goroutine
			defer close(done)
			var opened []kv.DB
			defer func() {
				for _, db := range opened {
					_ = db.Close() // what it says was asked by the tests of Close
				}
			}()
			test(&suite{reporter: r, ctx: ctx, patience: 500 * time.Millisecond, open: func(history int) kv.DB {
				db := open(history)
				opened = append(opened, db)
				return db
			}})
		}()
		<-done
		if r.text != "" {
			failures[name] = r.text
		}
	}
	return failures
}

// Twice returns db with every function of an Update run twice, as an optimistic backend may, the first time for
// nothing. What breaks on it has an effect outside of its transaction (TH-25).
func Twice(db kv.DB) kv.DB { return twice{db} }

type twice struct{ kv.DB }

func (db twice) Update(ctx context.Context, fn func(kv.Writer) error) error {
	return db.DB.Update(ctx, func(w kv.Writer) error {
		trial := kv.NewOverlay(w)
		_ = fn(trial) // an optimistic backend throws this away too
		_, _ = trial.End()
		return fn(w)
	})
}

// Replace implements [kv.Replacer] when the database that is wrapped does.
func (db twice) Replace(ctx context.Context, entries iter.Seq2[kv.Entry, error]) error {
	r, ok := db.DB.(kv.Replacer)
	if !ok {
		return errors.ErrUnsupported
	}
	return r.Replace(ctx, entries)
}

// Present implements [kv.Reviser] when the database that is wrapped does.
func (db twice) Present() (kv.Revision, bool) {
	r, ok := db.DB.(kv.Reviser)
	if !ok {
		return 0, false
	}
	return r.Present()
}

// A reporter is what the suite needs of a testing.T.
type reporter interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// A recorder is a reporter that remembers.
type recorder struct{ text string }

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) { r.text += fmt.Sprintf(format, args...) + "\n" }

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

// A suite is one test's surroundings. Only the test's own goroutine reports.
type suite struct {
	reporter
	ctx      context.Context // the test's
	open     Open
	patience time.Duration
}

func sorted[V any](m map[string]V) iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if !yield(k, m[k]) {
				return
			}
		}
	}
}

func closing(t testing.TB, db kv.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Errorf("closing: %v", err)
	}
}

// tests are all of the suite by name.
func tests() map[string]func(*suite) {
	all := map[string]func(*suite){}
	for _, some := range []map[string]func(*suite){contentTests(), serialTests(), watchTests(), limitTests(), endTests()} {
		maps.Copy(all, some)
	}
	return all
}

// wait waits for what must happen soon.
func (s *suite) wait(done <-chan struct{}, what string) {
	s.Helper()
	select {
	case <-done:
	case <-time.After(s.patience):
		s.Fatalf("still waiting for %s", what)
	}
}

// meanwhile runs fn in another goroutine and gives it the time to end, which it does not where transactions
// wait for each other. The returned function waits for its end.
func (s *suite) meanwhile(fn func() error) (join func() error) {
	done := make(chan struct{})
	var err error
	go func() {
		defer close(done)
		err = fn()
	}()
	select {
	case <-done:
	case <-time.After(overlap):
	}
	return func() error {
		s.Helper()
		s.wait(done, "the other transaction")
		return err
	}
}

// put sets keys, given as key, value, key, value, in one Update.
func (s *suite) put(db kv.DB, pairs ...string) {
	s.Helper()
	s.update(db, func(w kv.Writer) error {
		for i := 0; i < len(pairs); i += 2 {
			if err := w.Set(pairs[i], []byte(pairs[i+1])); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *suite) update(db kv.DB, fn func(kv.Writer) error) {
	s.Helper()
	if err := db.Update(s.ctx, fn); err != nil {
		s.Fatalf("update: %v", err)
	}
}

// get returns the value of key, or "" when it is absent.
func (s *suite) get(db kv.DB, key string) string {
	s.Helper()
	var text string
	err := db.View(s.ctx, func(r kv.Reader) error {
		value, _, err := r.Get(key)
		text = string(value)
		return err
	})
	if err != nil {
		s.Fatalf("get %q: %v", key, err)
	}
	return text
}

func (s *suite) revision(db kv.DB) kv.Revision {
	s.Helper()
	var rev kv.Revision
	if err := db.View(s.ctx, func(r kv.Reader) error { rev = r.Revision(); return nil }); err != nil {
		s.Fatalf("view: %v", err)
	}
	return rev
}

// all returns what a scan yields as "key=value".
func all(r kv.Reader, prefix, after string) ([]string, error) {
	got := []string{}
	for e, err := range r.Scan(prefix, after) {
		if err != nil {
			return got, err
		}
		got = append(got, e.Key+"="+string(e.Value))
	}
	return got, nil
}

// wantScan compares what a View's scan yields.
func (s *suite) wantScan(db kv.DB, prefix, after string, want ...string) {
	s.Helper()
	err := db.View(s.ctx, func(r kv.Reader) error {
		s.wantEntries(r, prefix, after, want...)
		return nil
	})
	if err != nil {
		s.Errorf("view: %v", err)
	}
}

func (s *suite) wantEntries(r kv.Reader, prefix, after string, want ...string) {
	s.Helper()
	got, err := all(r, prefix, after)
	if err != nil || !slices.Equal(got, want) {
		s.Errorf("scan of %q behind %q = %q, %v, want %q", prefix, after, got, err, want)
	}
}
