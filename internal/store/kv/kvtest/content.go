package kvtest

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/regent-iam/regent/internal/store/kv"
)

// contentTests are about what one transaction after the other reads and writes.
func contentTests() map[string]func(*suite) {
	return map[string]func(*suite){
		"get and set":              getAndSet,
		"absent, empty and nil":    absentAndEmpty,
		"scan in key order":        scanInOrder,
		"scan pages":               scanPages,
		"own writes":               ownWrites,
		"writes inside a scan":     writesInsideScan,
		"a refused function":       refused,
		"values are copied":        valuesAreCopied,
		"many keys against a map":  againstMap,
		"replace":                  replace,
		"replace that fails":       replaceFails,
		"revision counts":          revisionCounts,
		"present revision":         presentRevision,
		"delete of what is absent": deleteAbsent,
	}
}

func getAndSet(s *suite) {
	db := s.open(0)
	s.put(db, "a", "1", "b", "2")
	s.put(db, "a", "3")
	if a, b := s.get(db, "a"), s.get(db, "b"); a != "3" || b != "2" {
		s.Errorf("a = %q, b = %q, want 3 and 2", a, b)
	}
	s.put(db, "Admin", "upper", "admin", "lower")
	if got := s.get(db, "Admin") + s.get(db, "admin"); got != "upperlower" {
		s.Errorf("keys that differ in case hold %q", got)
	}
	s.update(db, func(w kv.Writer) error { return w.Delete("a") })
	if got := s.get(db, "a"); got != "" {
		s.Errorf("a deleted key holds %q", got)
	}
}

func absentAndEmpty(s *suite) {
	db := s.open(0)
	check := func(r kv.Reader) error {
		for key, want := range map[string]bool{"nil": true, "empty": true, "absent": false} {
			if value, ok, err := r.Get(key); err != nil || ok != want || len(value) != 0 {
				s.Errorf("%s = %q, %v, %v, want an empty value and %v", key, value, ok, err, want)
			}
		}
		s.wantEntries(r, "", "", "empty=", "nil=")
		return nil
	}
	s.update(db, func(w kv.Writer) error {
		if err := w.Set("nil", nil); err != nil {
			return err
		}
		if err := w.Set("empty", []byte{}); err != nil {
			return err
		}
		return check(w)
	})
	s.update(db, func(w kv.Writer) error { return check(w) })
	if err := db.View(s.ctx, check); err != nil {
		s.Errorf("view: %v", err)
	}
}

func scanInOrder(s *suite) {
	db := s.open(0)
	keys := []string{"b/", "b/1", "b/10", "b/2", "b/\x00", "b/\xff", "b/\xff\xff", "b0", "a", "b", "B/1", "\x00", "\xff\xff", "b/é"}
	for _, key := range keys { // not in order
		s.put(db, key, "v")
	}
	slices.Sort(keys)
	for _, prefix := range []string{"", "a", "b", "b/", "b/1", "b/10", "b/\xff", "\xff", "c", "\x00"} {
		for _, after := range append([]string{"", "b/3", "zzz", "b/\xff\xff\xff"}, keys...) {
			want := []string{}
			for _, key := range keys {
				if strings.HasPrefix(key, prefix) && (after == "" || key > after) {
					want = append(want, key+"=v")
				}
			}
			s.wantScan(db, prefix, after, want...)
			s.update(db, func(w kv.Writer) error { s.wantEntries(w, prefix, after, want...); return nil })
		}
	}
}

func scanPages(s *suite) {
	db := s.open(0)
	var want []string
	for i := range 50 {
		key := fmt.Sprintf("list/%03d", i*2)
		s.put(db, key, "v", "other", "x")
		want = append(want, key)
	}
	var got []string
	after := ""
	for {
		page := 0
		err := db.View(s.ctx, func(r kv.Reader) error {
			for e, err := range r.Scan("list/", after) {
				if err != nil {
					return err
				}
				if page++; page > 7 {
					break
				}
				got, after = append(got, e.Key), e.Key
			}
			return nil
		})
		if err != nil {
			s.Fatalf("view: %v", err)
		}
		if page <= 7 {
			break
		}
		// The key that the page ended with may be gone before the next.
		s.update(db, func(w kv.Writer) error { return w.Delete(after) })
	}
	if !slices.Equal(got, want) {
		s.Errorf("pages = %q, want %q", got, want)
	}
}

func ownWrites(s *suite) {
	db := s.open(0)
	s.put(db, "k/b", "1", "k/d", "1", "k/f", "1")
	s.update(db, func(w kv.Writer) error {
		steps := []error{
			w.Set("k/a", []byte("2")), w.Set("k/d", []byte("2")), w.Delete("k/b"), w.Set("k/e", []byte("2")),
			w.Set("k/g", []byte("2")), w.Set("j", []byte("2")), w.Set("l", []byte("2")), w.Set("k/x", []byte("2")), w.Delete("k/x"),
		}
		s.wantEntries(w, "k/", "", "k/a=2", "k/d=2", "k/e=2", "k/f=1", "k/g=2")
		s.wantEntries(w, "k/", "k/d", "k/e=2", "k/f=1", "k/g=2")
		s.wantEntries(w, "k/", "k/a", "k/d=2", "k/e=2", "k/f=1", "k/g=2")
		s.wantEntries(w, "k/d", "", "k/d=2")
		if v, ok, err := w.Get("k/b"); ok || err != nil {
			s.Errorf("a key deleted here = %q, %v, %v", v, ok, err)
		}
		if v, ok, err := w.Get("k/d"); !ok || err != nil || string(v) != "2" {
			s.Errorf("a key set here = %q, %v, %v", v, ok, err)
		}
		return errors.Join(steps...)
	})
	s.wantScan(db, "", "", "j=2", "k/a=2", "k/d=2", "k/e=2", "k/f=1", "k/g=2", "l=2")
}

func writesInsideScan(s *suite) {
	db := s.open(0)
	s.put(db, "k/a", "1", "k/b", "1", "k/c", "1")
	s.update(db, func(w kv.Writer) error {
		for e, err := range w.Scan("k/", "") { // ends, and does not see what its body adds
			if err != nil {
				return err
			}
			if err := errors.Join(w.Delete(e.Key), w.Set(e.Key+"2", []byte("2")), w.Set("l/"+e.Key, nil)); err != nil {
				return err
			}
			if _, _, err := w.Get("k/c"); err != nil {
				return err
			}
			if _, err := all(w, "l/", ""); err != nil {
				return err
			}
		}
		return nil
	})
	s.wantScan(db, "k/", "", "k/a2=2", "k/b2=2", "k/c2=2")
}

func refused(s *suite) {
	db := s.open(0)
	s.put(db, "a", "1", "b", "1")
	before := s.revision(db)
	refusal := errors.New("refused")
	err := db.Update(s.ctx, func(w kv.Writer) error {
		return errors.Join(w.Set("a", []byte("2")), w.Delete("b"), w.Set("c", []byte("2")), refusal)
	})
	if !errors.Is(err, refusal) {
		s.Errorf("Update = %v, want the function's error", err)
	}
	if err := db.Update(s.ctx, func(kv.Writer) error { return refusal }); err != refusal { //nolint:errorlint // as it is
		s.Errorf("Update = %v, want the function's error as it is", err)
	}
	if err := db.View(s.ctx, func(kv.Reader) error { return refusal }); err != refusal { //nolint:errorlint // as it is
		s.Errorf("View = %v, want the function's error as it is", err)
	}
	s.wantScan(db, "", "", "a=1", "b=1")
	if after := s.revision(db); after != before {
		s.Errorf("revision %d after a refused Update, was %d", after, before)
	}
}

func valuesAreCopied(s *suite) {
	db := s.open(0)
	s.update(db, func(w kv.Writer) error {
		buffer := bytes.Repeat([]byte("x"), 3000)
		err := w.Set("a", buffer)
		clear(buffer)
		return err
	})
	want := strings.Repeat("x", 3000)
	if got := s.get(db, "a"); got != want {
		s.Errorf("the value followed the caller's buffer: %.20q", got)
	}
	// What a View has read stays as it was until the View ends, whatever is written meanwhile.
	err := db.View(s.ctx, func(r kv.Reader) error {
		value, _, err := r.Get("a")
		if err != nil {
			return err
		}
		for e, err := range r.Scan("", "") {
			if err != nil {
				return err
			}
			join := s.meanwhile(func() error {
				for i := range 20 {
					err := db.Update(s.ctx, func(w kv.Writer) error {
						return w.Set("a", bytes.Repeat([]byte{byte('a' + i)}, 3000))
					})
					if err != nil {
						return err
					}
				}
				return nil
			})
			if err := join(); err != nil {
				return err
			}
			if string(value) != want || string(e.Value) != want {
				s.Errorf("values changed while the View was open: %.20q, %.20q", value, e.Value)
			}
		}
		return nil
	})
	if err != nil {
		s.Errorf("view: %v", err)
	}
}

// againstMap does random transactions, some refused, to a database and a map.
func againstMap(s *suite) {
	db := s.open(0)
	model := map[string]string{}
	random := rand.New(rand.NewPCG(1, 2)) // for a test that can be repeated
	refusal := errors.New("refused")
	for i := range 150 {
		next := maps.Clone(model)
		refuse := random.IntN(4) == 0
		var writes []kv.Write // drawn before, since the function may run again
		for range random.IntN(30) {
			w := kv.Write{Key: fmt.Sprintf("%d/%d", random.IntN(3), random.IntN(80)), Deleted: random.IntN(3) == 0}
			if w.Deleted {
				delete(next, w.Key)
			} else {
				w.Value = []byte(strings.Repeat("v", random.IntN(200)) + strconv.Itoa(i))
				next[w.Key] = string(w.Value)
			}
			writes = append(writes, w)
		}
		err := db.Update(s.ctx, func(w kv.Writer) error {
			if err := apply(w, writes); err != nil {
				return err
			}
			s.wantEntries(w, "1/", "", entries(next, "1/")...)
			if refuse {
				return refusal
			}
			return nil
		})
		switch {
		case err == nil && !refuse:
			model = next
		case !errors.Is(err, refusal):
			s.Fatalf("update: %v", err)
		}
		if i%10 == 0 {
			s.wantScan(db, "", "", entries(model, "")...)
		}
	}
	s.wantScan(db, "", "", entries(model, "")...)
	for key, want := range sorted(model) {
		if got := s.get(db, key); got != want {
			s.Errorf("%s = %q, want %q", key, got, want)
		}
	}
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

func entries(m map[string]string, prefix string) []string {
	list := []string{}
	for key, value := range sorted(m) {
		if strings.HasPrefix(key, prefix) {
			list = append(list, key+"="+value)
		}
	}
	return list
}

func sequence(err error, pairs ...string) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		for i := 0; i < len(pairs); i += 2 {
			if !yield(kv.Entry{Key: pairs[i], Value: []byte(pairs[i+1])}, nil) {
				return
			}
		}
		if err != nil {
			yield(kv.Entry{}, err)
		}
	}
}

func replace(s *suite) {
	db := s.open(0)
	r, ok := db.(kv.Replacer)
	if !ok {
		return // not every backend can
	}
	s.put(db, "a", "1", "b", "1")
	before := s.revision(db)
	err := db.View(s.ctx, func(old kv.Reader) error {
		join := s.meanwhile(func() error {
			return r.Replace(s.ctx, sequence(nil, "z", "2", "b", "2", "c", "", "z", "3"))
		})
		s.wantEntries(old, "", "", "a=1", "b=1")
		return join()
	})
	if err != nil {
		s.Fatalf("replace: %v", err)
	}
	s.wantScan(db, "", "", "b=2", "c=", "z=3")
	if after := s.revision(db); after != before+1 {
		s.Errorf("revision %d, want %d", after, before+1)
	}
	for _, from := range []kv.Revision{0, before} {
		if _, err := s.next(db, from); !errors.Is(err, kv.ErrCompacted) {
			s.Errorf("a watch from revision %d, before the replacement: %v, want ErrCompacted", from, err)
		}
	}
	s.put(db, "d", "4")
	if e, err := s.next(db, before+1); err != nil || e.Revision != before+2 {
		s.Errorf("the first event after it = %v, %v", e, err)
	}
	if err := r.Replace(s.ctx, sequence(nil)); err != nil {
		s.Errorf("replacing by nothing: %v", err)
	}
	s.wantScan(db, "", "")
}

func replaceFails(s *suite) {
	db := s.open(0)
	r, ok := db.(kv.Replacer)
	if !ok {
		return
	}
	s.put(db, "a", "1")
	before := s.revision(db)
	failure := errors.New("torn archive")
	if err := r.Replace(s.ctx, sequence(failure, "b", "2")); !errors.Is(err, failure) {
		s.Errorf("Replace = %v, want what its entries said", err)
	}
	if err := r.Replace(s.ctx, sequence(nil, "b", "2", "", "2")); !errors.Is(err, kv.ErrKey) {
		s.Errorf("Replace with an empty key = %v, want ErrKey", err)
	}
	s.wantScan(db, "", "", "a=1")
	if after := s.revision(db); after != before {
		s.Errorf("revision %d, was %d", after, before)
	}
	s.put(db, "c", "3")
	s.wantScan(db, "", "", "a=1", "c=3")
}

func revisionCounts(s *suite) {
	db := s.open(0)
	if got := s.revision(db); got != 0 {
		s.Errorf("an empty database has revision %d", got)
	}
	for i := range 5 {
		want := kv.Revision(i)
		s.update(db, func(w kv.Writer) error {
			if got := w.Revision(); got != want {
				s.Errorf("inside, the revision is %d, want %d", got, want)
			}
			if err := w.Set("a", []byte("x")); err != nil {
				return err
			}
			if got := w.Revision(); got != want {
				s.Errorf("after a write inside, the revision is %d, want %d", got, want)
			}
			return nil
		})
		s.update(db, func(w kv.Writer) error { _, _, err := w.Get("a"); return err }) // changes nothing
		if got := s.revision(db); got != want+1 {
			s.Errorf("revision %d, want %d", got, want+1)
		}
	}
}

// presentRevision holds a Reviser to being no older than what its callers know to be committed, and no newer than
// what a View sees.
func presentRevision(s *suite) {
	db := s.open(0)
	r, ok := db.(kv.Reviser)
	if !ok {
		return
	}
	present := func() kv.Revision {
		s.Helper()
		at, ok := r.Present()
		if !ok {
			s.Errorf("an open database does not tell its revision")
		}
		return at
	}
	if got := present(); got != 0 {
		s.Errorf("an empty database has revision %d", got)
	}
	var committed atomic.Uint64
	var failure error
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 50 {
			if failure = db.Update(s.ctx, func(w kv.Writer) error { return w.Set("a", nil) }); failure != nil {
				return
			}
			committed.Add(1)
		}
	}()
	for running := true; running; {
		select {
		case <-done:
			running = false // after one more look
		default:
		}
		if before, at := kv.Revision(committed.Load()), present(); at < before {
			s.Errorf("revision %d where %d is committed", at, before)
		}
		if at, seen := present(), s.revision(db); at > seen {
			s.Errorf("revision %d where a View then sees %d", at, seen)
		}
	}
	if failure != nil {
		s.Errorf("Update = %v", failure)
	}
	if replacer, ok := db.(kv.Replacer); ok {
		if err := replacer.Replace(s.ctx, sequence(nil, "b", "2")); err != nil {
			s.Errorf("Replace = %v", err)
		}
		if at, seen := present(), s.revision(db); at != seen {
			s.Errorf("revision %d after Replace where a View sees %d", at, seen)
		}
	}
	if err := db.Close(); err != nil {
		s.Errorf("Close = %v", err)
	}
	if at, ok := r.Present(); ok {
		s.Errorf("a closed database tells revision %d", at)
	}
}

func deleteAbsent(s *suite) {
	db := s.open(0)
	s.put(db, "a", "1")
	s.update(db, func(w kv.Writer) error {
		return errors.Join(w.Delete("b"), w.Delete("b"), w.Delete("a"), w.Delete("a"))
	})
	s.wantScan(db, "", "")
}
