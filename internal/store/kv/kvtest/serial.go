package kvtest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/regent-iam/regent/internal/store/kv"
)

// serialTests are about transactions at the same time: their result must be that of some order of them.
// In each the one lets the other in at the worst moment; a backend where it has to wait shows that by waiting.
func serialTests() map[string]func(*suite) {
	return map[string]func(*suite){
		"lost update":                     lostUpdate,
		"lost update among many":          lostUpdateAmongMany,
		"dirty read":                      dirtyRead,
		"stale snapshot":                  staleSnapshot,
		"a snapshot stands still":         snapshotStandsStill,
		"torn commit":                     tornCommit,
		"write skew":                      writeSkew,
		"phantom after a concurrent del":  func(s *suite) { phantom(s, func(w kv.Writer) error { return w.Delete("list/b") }) },
		"phantom after all were deleted":  func(s *suite) { phantom(s, deleteAll) },
		"phantom after a concurrent set":  func(s *suite) { phantom(s, func(w kv.Writer) error { return w.Set("list/x", nil) }) },
		"phantom after a change of value": func(s *suite) { phantom(s, func(w kv.Writer) error { return w.Set("list/b", []byte("2")) }) },
		"money is neither made nor lost":  transfers,
	}
}

// concurrently calls fn in n goroutines, and reports the first error.
func (s *suite) concurrently(n int, fn func(i int) error) {
	s.Helper()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		s.Fatalf("%v", err)
	}
}

func increment(w kv.Writer) error {
	value, _, err := w.Get("counter")
	if err != nil {
		return err
	}
	n, _ := strconv.Atoi(string(value)) // absent is 0
	return w.Set("counter", strconv.AppendInt(nil, int64(n+1), 10))
}

func lostUpdate(s *suite) {
	db := s.open(0)
	var once sync.Once
	var join func() error
	s.update(db, func(w kv.Writer) error {
		if _, _, err := w.Get("counter"); err != nil {
			return err
		}
		once.Do(func() { join = s.meanwhile(func() error { return db.Update(s.ctx, increment) }) })
		return increment(w)
	})
	if err := join(); err != nil {
		s.Fatalf("update: %v", err)
	}
	if got := s.get(db, "counter"); got != "2" {
		s.Errorf("counter = %s after two increments", got)
	}
}

func lostUpdateAmongMany(s *suite) {
	db := s.open(0)
	const callers, each = 8, 15
	s.concurrently(callers, func(int) error {
		for range each {
			if err := db.Update(s.ctx, increment); err != nil {
				return err
			}
		}
		return nil
	})
	if got, want := s.get(db, "counter"), strconv.Itoa(callers*each); got != want {
		s.Errorf("counter = %s, want %s", got, want)
	}
	if got := s.revision(db); got != callers*each {
		s.Errorf("revision = %d, want %d", got, callers*each)
	}
}

func dirtyRead(s *suite) {
	db := s.open(0)
	s.put(db, "a", "clean")
	refusal := errors.New("refused")
	for _, outcome := range []error{refusal, nil} {
		var once sync.Once
		var join func() error
		var viewed, updated string
		err := db.Update(s.ctx, func(w kv.Writer) error {
			if err := errors.Join(w.Set("a", []byte("dirty")), w.Set("new", []byte("dirty"))); err != nil {
				return err
			}
			once.Do(func() {
				join = s.meanwhile(func() error {
					return db.View(s.ctx, func(r kv.Reader) error {
						got, err := all(r, "", "")
						viewed = strings.Join(got, " ")
						return err
					})
				})
				join = errorsOf(join, s.meanwhile(func() error {
					return db.Update(s.ctx, func(w kv.Writer) error {
						value, _, err := w.Get("a")
						updated = string(value)
						return err
					})
				}))
			})
			return outcome
		})
		if !errors.Is(err, outcome) {
			s.Fatalf("update: %v", err)
		}
		if err := join(); err != nil {
			s.Fatalf("%v", err)
		}
		if outcome == nil {
			break // then both orders are right
		}
		if viewed != "a=clean" || updated != "clean" {
			s.Errorf("a View saw %q and an Update a=%q of what was refused", viewed, updated)
		}
	}
	s.wantScan(db, "", "", "a=dirty", "new=dirty")
}

func errorsOf(fns ...func() error) func() error {
	return func() error {
		var errs []error
		for _, fn := range fns {
			errs = append(errs, fn())
		}
		return errors.Join(errs...)
	}
}

func staleSnapshot(s *suite) {
	db := s.open(0)
	for i := range 20 {
		want := strconv.Itoa(i)
		s.put(db, "a", want, "b"+want, want)
		if got := s.get(db, "a"); got != want {
			s.Fatalf("a View after the Update that set %s saw %q", want, got)
		}
		if got := s.revision(db); got != kv.Revision(i+1) {
			s.Fatalf("a View after Update %d has revision %d", i+1, got)
		}
		s.update(db, func(w kv.Writer) error {
			if value, _, err := w.Get("a"); err != nil || string(value) != want {
				s.Errorf("an Update after the one that set %s saw %q, %v", want, value, err)
			}
			return nil
		})
	}
}

func snapshotStandsStill(s *suite) {
	db := s.open(0)
	s.put(db, "k/a", "1", "k/b", "1")
	err := db.View(s.ctx, func(r kv.Reader) error {
		revision := r.Revision()
		s.wantEntries(r, "k/", "", "k/a=1", "k/b=1")
		join := s.meanwhile(func() error {
			return db.Update(s.ctx, func(w kv.Writer) error {
				return errors.Join(w.Set("k/a", []byte("2")), w.Delete("k/b"), w.Set("k/c", []byte("2")))
			})
		})
		if err := join(); err != nil { // a writer does not wait for a reader
			return err
		}
		s.wantEntries(r, "k/", "", "k/a=1", "k/b=1")
		if value, ok, err := r.Get("k/b"); string(value) != "1" || !ok || err != nil {
			s.Errorf("k/b = %q, %v, %v in a View from before its deletion", value, ok, err)
		}
		if _, ok, err := r.Get("k/c"); ok || err != nil {
			s.Errorf("k/c is there, %v, in a View from before", err)
		}
		if r.Revision() != revision {
			s.Errorf("the revision of a View went from %d to %d", revision, r.Revision())
		}
		return nil
	})
	if err != nil {
		s.Errorf("view: %v", err)
	}
	s.wantScan(db, "k/", "", "k/a=2", "k/c=2")
}

// tornCommit writes twenty keys to the same value and looks all the time for a View that sees two values.
func tornCommit(s *suite) {
	db := s.open(0)
	const keys, rounds = 20, 40
	write := func(i int) error {
		return db.Update(s.ctx, func(w kv.Writer) error {
			for k := range keys {
				if err := w.Set(fmt.Sprintf("k%02d", k), []byte(strconv.Itoa(i))); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := write(0); err != nil {
		s.Fatalf("update: %v", err)
	}
	done := make(chan struct{})
	check := func() error {
		return db.View(s.ctx, func(r kv.Reader) error {
			seen := map[string]int{}
			for e, err := range r.Scan("k", "") {
				if err != nil {
					return err
				}
				seen[string(e.Value)]++
			}
			want := strconv.FormatUint(uint64(r.Revision()-1), 10)
			if len(seen) != 1 || seen[want] != keys {
				return fmt.Errorf("at revision %d a View saw %v", r.Revision(), seen)
			}
			return nil
		})
	}
	s.concurrently(3, func(i int) error {
		if i == 0 {
			defer close(done)
			for round := range rounds {
				if err := write(round + 1); err != nil {
					return err
				}
			}
			return nil
		}
		for {
			if err := check(); err != nil {
				return err
			}
			select {
			case <-done:
				return check()
			default:
			}
		}
	})
}

// writeSkew has two Updates that each read what the other writes: one of them must see the other.
func writeSkew(s *suite) {
	db := s.open(0)
	s.put(db, "on-call/a", "yes", "on-call/b", "yes")
	leave := func(me, other string, between func()) error {
		return db.Update(s.ctx, func(w kv.Writer) error {
			value, _, err := w.Get("on-call/" + other)
			if err != nil || string(value) != "yes" {
				return err
			}
			between()
			return w.Set("on-call/"+me, []byte("no"))
		})
	}
	var once sync.Once
	var join func() error
	err := leave("a", "b", func() {
		once.Do(func() { join = s.meanwhile(func() error { return leave("b", "a", func() {}) }) })
	})
	if err := errors.Join(err, join()); err != nil {
		s.Fatalf("update: %v", err)
	}
	got := []string{s.get(db, "on-call/a"), s.get(db, "on-call/b")}
	slices.Sort(got)
	if !slices.Equal(got, []string{"no", "yes"}) {
		s.Errorf("on call are %q", got)
	}
}

func deleteAll(w kv.Writer) error {
	return errors.Join(w.Delete("list/a"), w.Delete("list/b"), w.Delete("list/c"))
}

// phantom has one Update sum a list up, while another changes the list unless it was summed up already.
// If both did what they set out to do, the first has overlooked the second.
func phantom(s *suite, change func(kv.Writer) error) {
	db := s.open(0)
	s.put(db, "list/a", "1", "list/b", "1", "list/c", "1", "other", "1")
	var once sync.Once
	var join func() error
	changed := false
	s.update(db, func(w kv.Writer) error {
		list, err := all(w, "list/", "")
		if err != nil {
			return err
		}
		once.Do(func() {
			join = s.meanwhile(func() error {
				return db.Update(s.ctx, func(w kv.Writer) error {
					_, summed, err := w.Get("sum")
					if changed = !summed; summed || err != nil {
						return err
					}
					return change(w)
				})
			})
		})
		return w.Set("sum", []byte(strings.Join(list, " ")))
	})
	if err := join(); err != nil {
		s.Fatalf("update: %v", err)
	}
	var now []string
	err := db.View(s.ctx, func(r kv.Reader) (err error) { now, err = all(r, "list/", ""); return err })
	if err != nil {
		s.Fatalf("view: %v", err)
	}
	if sum := s.get(db, "sum"); sum != strings.Join(now, " ") {
		s.Errorf("the sum is of %q, the list is %q (changed: %v): the change was overlooked", sum, now, changed)
	}
}

// transfers moves random amounts between accounts, one of which is made and deleted all the time, and finds the
// same total in every View and every Update.
func transfers(s *suite) {
	db := s.open(0)
	const accounts, start = 6, 100
	for i := range accounts {
		s.put(db, fmt.Sprintf("acct/%d", i), strconv.Itoa(start))
	}
	total := func(r kv.Reader) error {
		sum := 0
		for e, err := range r.Scan("acct/", "") {
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(string(e.Value))
			if err != nil {
				return err
			}
			sum += n
		}
		if sum != accounts*start {
			return fmt.Errorf("the total is %d at revision %d", sum, r.Revision())
		}
		return nil
	}
	refusal := errors.New("refused")
	s.concurrently(6, func(i int) error {
		random := rand.New(rand.NewPCG(uint64(i), 7)) // for a test that can be repeated
		for range 40 {
			if i%3 == 2 {
				if err := db.View(s.ctx, total); err != nil {
					return err
				}
				continue
			}
			from, to, amount, refuse := random.IntN(accounts), random.IntN(accounts+1), random.IntN(30), random.IntN(3) == 0
			err := db.Update(s.ctx, func(w kv.Writer) error {
				if err := errors.Join(move(w, from, to, amount), total(w)); err != nil {
					return err
				}
				if refuse {
					return refusal
				}
				return nil
			})
			if err != nil && !errors.Is(err, refusal) {
				return err
			}
		}
		return nil
	})
	if err := db.View(s.ctx, total); err != nil {
		s.Errorf("%v", err)
	}
}

// move moves an amount; an account with nothing in it is deleted.
func move(w kv.Writer, from, to, amount int) error {
	for _, step := range []struct{ account, by int }{{from, -amount}, {to, amount}} {
		key := fmt.Sprintf("acct/%d", step.account)
		value, _, err := w.Get(key)
		if err != nil {
			return err
		}
		n, _ := strconv.Atoi(string(value)) // absent is 0
		if n += step.by; n == 0 {
			err = w.Delete(key)
		} else {
			err = w.Set(key, []byte(strconv.Itoa(n)))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
