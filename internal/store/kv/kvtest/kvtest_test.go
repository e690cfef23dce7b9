package kvtest_test

import (
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/kvtest"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

// faults are backends that are right but for one thing. want is a test of the suite that finds it.
func faults() map[string]struct {
	plant func(kv.DB) kv.DB
	want  string
} {
	type fault = struct {
		plant func(kv.DB) kv.DB
		want  string
	}
	return map[string]fault{
		"lost update":        {func(db kv.DB) kv.DB { return optimist{DB: db, compareScans: true} }, "lost update"},
		"dirty read":         {func(db kv.DB) kv.DB { return &exhibitionist{DB: db} }, "dirty read"},
		"missed event":       {func(db kv.DB) kv.DB { return deaf{db} }, "watch every event"},
		"unordered scan":     {func(db kv.DB) kv.DB { return shuffler{db} }, "scan in key order"},
		"torn commit":        {func(db kv.DB) kv.DB { return tearer{db} }, "torn commit"},
		"revision told late": {func(db kv.DB) kv.DB { return late{db} }, "present revision"},
		"stale snapshot":     {func(db kv.DB) kv.DB { return &sleeper{DB: db} }, "stale snapshot"},
		"phantom after a concurrent delete": {
			func(db kv.DB) kv.DB {
				return optimist{DB: db, compareGets: true, compareScans: true, blindToDeletes: true}
			},
			"phantom after a concurrent del",
		},
		"phantoms of all kinds": {
			func(db kv.DB) kv.DB { return optimist{DB: db, compareGets: true} }, "phantom after a concurrent set",
		},
		"no limits":               {func(db kv.DB) kv.DB { return unlimited{db} }, "too many writes"},
		"keeps what was refused":  {func(db kv.DB) kv.DB { return keeper{db} }, "a refused function"},
		"commits when canceled":   {func(db kv.DB) kv.DB { return stubborn{db} }, "canceled inside"},
		"works after it is ended": {func(db kv.DB) kv.DB { return undying{db} }, "close"},
	}
}

// Rules: TH-25 TH-26
func TestTheSuiteFindsEveryPlantedFault(t *testing.T) {
	for name, fault := range faults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failures := kvtest.Failures(t.Context(), func(history int) kv.DB {
				return fault.plant(memkv.New(memkv.Options{History: history}))
			})
			if _, ok := failures[fault.want]; !ok {
				t.Errorf("%q did not fail; what did is %q", fault.want, slices.Sorted(maps.Keys(failures)))
			}
			t.Logf("found by %q", slices.Sorted(maps.Keys(failures)))
		})
	}
}

// The optimist with all of its compares is sound: it is the missing compare that the suite finds.
func TestTheSuitePassesASoundOptimist(t *testing.T) {
	kvtest.Run(t, func(_ testing.TB, history int) kv.DB {
		return optimist{DB: memkv.New(memkv.Options{History: history}), compareGets: true, compareScans: true}
	})
}

func TestFailuresIsEmptyForASoundBackend(t *testing.T) {
	if got := kvtest.Failures(t.Context(), func(history int) kv.DB { return memkv.New(memkv.Options{History: history}) }); len(got) > 0 {
		t.Errorf("failures = %q", got)
	}
}

func TestTwiceRunsEveryFunctionTwice(t *testing.T) {
	db := kvtest.Twice(memkv.New(memkv.Options{}))
	var seen []bool
	err := db.Update(t.Context(), func(w kv.Writer) error {
		_, ok, err := w.Get("a")
		seen = append(seen, ok)
		return errors.Join(err, w.Set("a", nil))
	})
	if err != nil || !slices.Equal(seen, []bool{false, false}) {
		t.Errorf("the function saw its own key %v, %v, want it to run twice on the same content", seen, err)
	}
}

// frozen is a copy of a database's content.
type frozen struct {
	entries  []kv.Entry
	revision kv.Revision
}

func freeze(ctx context.Context, db kv.DB) (frozen, error) {
	entries, revision, err := kv.Copy(ctx, db, "")
	return frozen{entries, revision}, err
}

func (f frozen) Revision() kv.Revision { return f.revision }

func (f frozen) Get(key string) ([]byte, bool, error) {
	if err := kv.CheckKey(key); err != nil {
		return nil, false, err
	}
	i := slices.IndexFunc(f.entries, func(e kv.Entry) bool { return e.Key == key })
	if i < 0 {
		return nil, false, nil
	}
	return f.entries[i].Value, true, nil
}

func (f frozen) Scan(prefix, after string) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		for _, e := range f.entries {
			if strings.HasPrefix(e.Key, prefix) && (after == "" || e.Key > after) && !yield(e, nil) {
				return
			}
		}
	}
}

// An optimist runs functions at the same time, each on a copy, and compares what they read when it commits. It
// is sound only with all of its compares, as a cluster's backend is.
type optimist struct {
	kv.DB
	compareGets, compareScans, blindToDeletes bool
}

var errConflict = errors.New("conflict")

func (o optimist) Replace(ctx context.Context, entries iter.Seq2[kv.Entry, error]) error {
	return o.DB.(kv.Replacer).Replace(ctx, entries)
}

func (o optimist) Update(ctx context.Context, fn func(kv.Writer) error) error {
	for {
		base, err := freeze(ctx, o.DB)
		if err != nil {
			return err
		}
		overlay := kv.NewOverlay(base)
		err = fn(overlay)
		writes, limit := overlay.End()
		if err == nil {
			err = limit
		}
		if err == nil {
			err = o.DB.Update(ctx, func(w kv.Writer) error { return o.commit(ctx, w, base, overlay, writes) })
		}
		if !errors.Is(err, errConflict) {
			return err
		}
	}
}

func (o optimist) commit(_ context.Context, w kv.Writer, base frozen, overlay *kv.Overlay, writes []kv.Write) error {
	keys, prefixes := overlay.Reads()
	if o.compareGets {
		for _, key := range keys {
			was, had, _ := base.Get(key)
			is, has, err := w.Get(key)
			if err != nil {
				return err
			}
			if had != has || string(was) != string(is) {
				return errConflict
			}
		}
	}
	if o.compareScans {
		for _, prefix := range prefixes {
			if o.conflicts(base, w, prefix) {
				return errConflict
			}
		}
	}
	return apply(w, writes)
}

// conflicts reports whether the entries under prefix have changed, as far as the optimist looks.
func (o optimist) conflicts(base, now kv.Reader, prefix string) bool {
	was, is := map[string]string{}, map[string]string{}
	for e := range base.Scan(prefix, "") {
		was[e.Key] = string(e.Value)
	}
	for e := range now.Scan(prefix, "") {
		is[e.Key] = string(e.Value)
	}
	if o.blindToDeletes { // a compare of the revisions of what is there
		maps.DeleteFunc(was, func(key, _ string) bool { _, there := is[key]; return !there })
	}
	return !maps.Equal(was, is)
}

func apply(w kv.Writer, writes []kv.Write) error {
	for _, write := range writes {
		var err error
		if write.Deleted {
			err = w.Delete(write.Key)
		} else {
			err = w.Set(write.Key, write.Value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// An exhibitionist lets Views see what an Update has set so far.
type exhibitionist struct {
	kv.DB
	mu    sync.Mutex
	dirty map[string][]byte
}

type showingWriter struct {
	kv.Writer
	db *exhibitionist
}

func (w showingWriter) Set(key string, value []byte) error {
	w.db.mu.Lock()
	defer w.db.mu.Unlock()
	if w.db.dirty == nil {
		w.db.dirty = map[string][]byte{}
	}
	w.db.dirty[key] = value
	return w.Writer.Set(key, value)
}

func (e *exhibitionist) Update(ctx context.Context, fn func(kv.Writer) error) error {
	return e.DB.Update(ctx, func(w kv.Writer) error {
		defer func() {
			e.mu.Lock()
			defer e.mu.Unlock()
			clear(e.dirty)
		}()
		return fn(showingWriter{w, e})
	})
}

func (e *exhibitionist) View(ctx context.Context, fn func(kv.Reader) error) error {
	return e.DB.View(ctx, func(r kv.Reader) error {
		o := kv.NewOverlay(r)
		e.mu.Lock()
		for key, value := range e.dirty {
			_ = o.Set(key, value)
		}
		e.mu.Unlock()
		return fn(o)
	})
}

// A deaf database misses every third event.
type deaf struct{ kv.DB }

func (d deaf) Watch(ctx context.Context, from kv.Revision) iter.Seq2[kv.Event, error] {
	return func(yield func(kv.Event, error) bool) {
		for e, err := range d.DB.Watch(ctx, from) {
			if (err != nil || e.Revision%3 != 0) && !yield(e, err) {
				return
			}
		}
	}
}

// A shuffler swaps neighbors in scans.
type shuffler struct{ kv.DB }

type shufflingReader struct{ kv.Reader }

func (r shufflingReader) Scan(prefix, after string) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		var list []kv.Entry
		for e, err := range r.Reader.Scan(prefix, after) {
			if err != nil {
				yield(e, err)
				return
			}
			list = append(list, e)
		}
		if len(list) > 4 {
			list[2], list[3] = list[3], list[2]
		}
		for _, e := range list {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (s shuffler) View(ctx context.Context, fn func(kv.Reader) error) error {
	return s.DB.View(ctx, func(r kv.Reader) error { return fn(shufflingReader{r}) })
}

// A tearer commits large Updates in two parts.
type tearer struct{ kv.DB }

func (t tearer) Update(ctx context.Context, fn func(kv.Writer) error) error {
	var rest []kv.Write
	err := t.DB.Update(ctx, func(w kv.Writer) error {
		o := kv.NewOverlay(w)
		if err := fn(o); err != nil {
			return err
		}
		writes, err := o.End()
		if err != nil {
			return err
		}
		if half := len(writes) / 2; half >= 8 {
			writes, rest = writes[:half], writes[half:]
		}
		return apply(w, writes)
	})
	if err != nil || rest == nil {
		return err
	}
	return t.DB.Update(ctx, func(w kv.Writer) error { return apply(w, rest) })
}

// A sleeper shows Views the content before the last Update.
type sleeper struct {
	kv.DB
	mu     sync.Mutex
	before *frozen
}

func (s *sleeper) Update(ctx context.Context, fn func(kv.Writer) error) error {
	before, err := freeze(ctx, s.DB)
	if err != nil {
		return err
	}
	if err := s.DB.Update(ctx, fn); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.before = &before
	return nil
}

func (s *sleeper) View(ctx context.Context, fn func(kv.Reader) error) error {
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	if before == nil {
		return s.DB.View(ctx, fn)
	}
	return fn(*before)
}

// An unlimited database splits what is too much instead of refusing it.
type unlimited struct{ kv.DB }

func (u unlimited) Update(ctx context.Context, fn func(kv.Writer) error) error {
	err := u.DB.Update(ctx, fn)
	if errors.Is(err, kv.ErrTooManyOperations) {
		return nil
	}
	return err
}

// A keeper keeps what a function wrote before it failed.
type keeper struct{ kv.DB }

func (k keeper) Update(ctx context.Context, fn func(kv.Writer) error) error {
	var refusal error
	err := k.DB.Update(ctx, func(w kv.Writer) error { refusal = fn(w); return nil })
	if err == nil {
		err = refusal
	}
	return err
}

// A stubborn database commits whatever its context says.
type stubborn struct{ kv.DB }

func (s stubborn) Update(ctx context.Context, fn func(kv.Writer) error) error {
	return s.DB.Update(context.WithoutCancel(ctx), fn)
}

// An undying database does not close.
type undying struct{ kv.DB }

func (undying) Close() error { return nil }

// late tells the revision before the present one.
type late struct{ kv.DB }

func (l late) Present() (kv.Revision, bool) {
	at, ok := l.DB.(kv.Reviser).Present()
	return max(at, 1) - 1, ok
}
