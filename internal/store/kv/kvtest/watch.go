package kvtest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/regent-iam/regent/internal/store/kv"
)

// watchTests are about Watch.
func watchTests() map[string]func(*suite) {
	return map[string]func(*suite){
		"watch every event":               watchEvery,
		"watch from later on":             watchLate,
		"watch among many writers":        watchManyWriters,
		"watch what was published":        watchPublished,
		"watch behind what is kept":       watchCompacted,
		"a slow watcher delays nobody":    watchSlow,
		"watch ends with its context":     watchCancelled,
		"watch sees what is committed":    watchThenView,
		"watch from what a View has seen": watchFromView,
	}
}

// next returns the first event after from, or why there is none.
func (s *suite) next(db kv.DB, from kv.Revision) (kv.Event, error) {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, s.patience)
	defer cancel()
	for e, err := range db.Watch(ctx, from) {
		return e, err
	}
	return kv.Event{}, errors.New("the watch ended without an error")
}

// events returns the next n events after from.
func (s *suite) events(db kv.DB, from kv.Revision, n int) []kv.Event {
	s.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, s.patience)
	defer cancel()
	var got []kv.Event
	for e, err := range db.Watch(ctx, from) {
		if err != nil {
			s.Fatalf("after %d of %d events: %v", len(got), n, err)
		}
		if got = append(got, e); len(got) == n {
			return got
		}
	}
	s.Fatalf("the watch ended after %d of %d events without an error", len(got), n)
	return nil
}

func describe(e kv.Event) string {
	var text strings.Builder
	fmt.Fprint(&text, e.Revision)
	for _, c := range e.Changes {
		sign := "+"
		if c.Deleted {
			sign = "-"
		}
		text.WriteString(" " + sign + c.Key)
	}
	return text.String()
}

func (s *suite) wantEvents(got []kv.Event, want ...string) {
	s.Helper()
	for i, e := range got {
		if text := describe(e); text != want[i] {
			s.Errorf("event %d is %q, want %q", i, text, want[i])
		}
	}
}

// someChanges makes revisions 1 to 4.
func (s *suite) someChanges(db kv.DB) []string {
	s.Helper()
	s.put(db, "b", "1", "a", "1")
	s.update(db, func(w kv.Writer) error { _, _, err := w.Get("a"); return err }) // no event
	_ = db.Update(s.ctx, func(w kv.Writer) error { return errors.Join(w.Set("x", nil), errors.New("refused")) })
	s.put(db, "a", "2")
	s.update(db, func(w kv.Writer) error {
		return errors.Join(w.Delete("a"), w.Set("c", nil), w.Set("d", nil), w.Delete("d"), w.Set("c", []byte("x")))
	})
	s.put(db, "e", "1")
	return []string{"1 +a +b", "2 +a", "3 -a +c -d", "4 +e"}
}

func watchEvery(s *suite) {
	db := s.open(0)
	var got []kv.Event
	done := make(chan struct{})
	started := make(chan struct{})
	var failure error
	go func() {
		defer close(done)
		close(started)
		for e, err := range db.Watch(s.ctx, 0) {
			if err != nil {
				failure = err
				return
			}
			if got = append(got, e); len(got) == 4 {
				return
			}
		}
	}()
	s.wait(started, "the watcher")
	want := s.someChanges(db)
	s.wait(done, "four events")
	if failure != nil {
		s.Fatalf("watch: %v", failure)
	}
	s.wantEvents(got, want...)
}

func watchLate(s *suite) {
	db := s.open(0)
	want := s.someChanges(db)
	for from := range 4 {
		s.wantEvents(s.events(db, kv.Revision(from), 4-from), want[from:]...)
	}
	// The same sequence twice gives the same twice.
	ctx, cancel := context.WithTimeout(s.ctx, s.patience)
	defer cancel()
	watch := db.Watch(ctx, 2)
	for range 2 {
		for e, err := range watch {
			if err != nil {
				s.Fatalf("watch: %v", err)
			}
			s.wantEvents([]kv.Event{e}, want[2])
			break
		}
	}
}

// watchManyWriters has three watchers that begin at different times see every one of many events.
func watchManyWriters(s *suite) {
	db := s.open(0)
	const writers, each = 4, 20
	ctx, cancel := context.WithTimeout(s.ctx, s.patience)
	defer cancel()
	s.concurrently(writers+3, func(i int) error {
		if i < writers {
			for n := range each {
				err := db.Update(s.ctx, func(w kv.Writer) error { return w.Set(fmt.Sprintf("%d/%d", i, n), nil) })
				if err != nil {
					return err
				}
			}
			return nil
		}
		seen := map[string]bool{}
		last := kv.Revision(0)
		for e, err := range db.Watch(ctx, 0) {
			if err != nil {
				return fmt.Errorf("after %d events: %w", len(seen), err)
			}
			if e.Revision != last+1 || len(e.Changes) != 1 || seen[e.Changes[0].Key] {
				return fmt.Errorf("event %s after revision %d", describe(e), last)
			}
			seen[e.Changes[0].Key] = true
			if last = e.Revision; last == writers*each {
				return nil
			}
		}
		return errors.New("the watch ended without an error")
	})
}

// watchPublished asks for the event when the Update has returned, and expects it without any other.
func watchPublished(s *suite) {
	db := s.open(0)
	for i := range 10 {
		from := s.revision(db)
		s.put(db, "k"+strconv.Itoa(i), "v")
		if e, err := s.next(db, from); err != nil || describe(e) != fmt.Sprintf("%d +k%d", from+1, i) {
			s.Fatalf("the event of Update %d is %q, %v", i, describe(e), err)
		}
	}
}

func watchCompacted(s *suite) {
	db := s.open(10)
	for i := range 40 {
		s.put(db, strconv.Itoa(i), "v")
	}
	if e, err := s.next(db, 0); !errors.Is(err, kv.ErrCompacted) {
		s.Errorf("from the beginning: %q, %v, want ErrCompacted", describe(e), err)
	}
	if e, err := s.next(db, 35); err != nil || e.Revision != 36 {
		s.Errorf("from not long ago: %q, %v, want revision 36", describe(e), err)
	}
	if e, err := s.next(db, 1000); !errors.Is(err, kv.ErrCompacted) {
		s.Errorf("from the future: %q, %v, want ErrCompacted", describe(e), err)
	}
}

func watchSlow(s *suite) {
	db := s.open(10)
	s.put(db, "first", "v")
	release := make(chan struct{})
	holding := make(chan struct{})
	done := make(chan struct{})
	var last kv.Revision
	var failure error
	go func() {
		defer close(done)
		for e, err := range db.Watch(s.ctx, 0) {
			if err != nil {
				failure = err
				return
			}
			if e.Revision != last+1 {
				failure = fmt.Errorf("revision %d after %d", e.Revision, last)
				return
			}
			if last = e.Revision; last == 1 {
				close(holding)
				<-release
			}
		}
	}()
	var once sync.Once
	free := func() { once.Do(func() { close(release) }) }
	defer free()
	s.wait(holding, "the watcher's first event")
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := range 100 {
			if err := db.Update(s.ctx, func(w kv.Writer) error { return w.Set(strconv.Itoa(i), nil) }); err != nil {
				return
			}
		}
	}()
	s.wait(written, "writers beside a slow watcher")
	free()
	s.wait(done, "the slow watcher to be told")
	if !errors.Is(failure, kv.ErrCompacted) {
		s.Errorf("the slow watcher got to %d and ended with %v, want ErrCompacted", last, failure)
	}
}

func watchCancelled(s *suite) {
	db := s.open(0)
	s.put(db, "a", "1")
	ctx, cancel := context.WithCancel(s.ctx)
	n := 0
	done := make(chan struct{})
	var failure error
	go func() {
		defer close(done)
		for _, err := range db.Watch(ctx, 0) {
			if n++; n == 1 {
				cancel()
			}
			if err != nil {
				failure = err
			}
		}
	}()
	s.wait(done, "a canceled watch to end")
	cancel()
	if !errors.Is(failure, context.Canceled) || n != 2 {
		s.Errorf("%d steps and then %v, want one event and context.Canceled", n, failure)
	}
}

// watchThenView reads at every event, and must find what the event is about.
func watchThenView(s *suite) {
	db := s.open(0)
	const rounds = 50
	ctx, cancel := context.WithTimeout(s.ctx, s.patience)
	defer cancel()
	s.concurrently(2, func(i int) error {
		if i == 0 {
			for range rounds {
				if err := db.Update(s.ctx, increment); err != nil {
					return err
				}
			}
			return nil
		}
		for e, err := range db.Watch(ctx, 0) {
			if err != nil {
				return err
			}
			err := db.View(s.ctx, func(r kv.Reader) error {
				value, _, err := r.Get("counter")
				if err != nil {
					return err
				}
				if n, err := strconv.ParseUint(string(value), 10, 64); err != nil || kv.Revision(n) < e.Revision {
					return fmt.Errorf("at the event of revision %d a View saw revision %d and %q", e.Revision, r.Revision(), value)
				}
				return nil
			})
			if err != nil || e.Revision == rounds {
				return err
			}
		}
		return errors.New("the watch ended without an error")
	})
}

// watchFromView watches from the revision of a View while others write: that is never the future.
func watchFromView(s *suite) {
	db := s.open(0)
	const rounds = 60
	ctx, cancel := context.WithTimeout(s.ctx, s.patience)
	defer cancel()
	s.concurrently(2, func(i int) error {
		for {
			if i == 0 {
				if err := db.Update(s.ctx, increment); err != nil {
					return err
				}
			}
			var from kv.Revision
			if err := db.View(s.ctx, func(r kv.Reader) error { from = r.Revision(); return nil }); err != nil {
				return err
			}
			if from >= rounds {
				return nil
			}
			if i == 0 {
				continue
			}
			for e, err := range db.Watch(ctx, from) {
				if err != nil {
					return fmt.Errorf("from revision %d: %w", from, err)
				}
				if e.Revision != from+1 {
					return fmt.Errorf("from revision %d came %d", from, e.Revision)
				}
				break
			}
		}
	})
}
