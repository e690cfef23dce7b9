package kvtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/regent-iam/regent/internal/store/kv"
)

// limitTests are about what an Update may not be.
func limitTests() map[string]func(*suite) {
	return map[string]func(*suite){
		"too many reads":          tooManyReads,
		"too many writes":         tooManyWrites,
		"too many bytes":          tooManyBytes,
		"limits are not optional": limitIgnored,
		"bad keys":                badKeys,
		"a View has no limits":    viewUnlimited,
		"canceled before":         cancelledBefore,
		"canceled inside":         cancelledInside,
		"canceled while waiting":  cancelledWaiting,
		"canceled while reading":  cancelledReading,
	}
}

func name(i int) string { return fmt.Sprintf("k/%04d", i) }

// wantLimit runs fn in an Update, and expects the limit's error from both and no trace.
func (s *suite) wantLimit(db kv.DB, want error, fn func(kv.Writer) error) {
	s.Helper()
	before := s.revision(db)
	var inside error
	err := db.Update(s.ctx, func(w kv.Writer) error {
		inside = errors.Join(w.Set("trace", nil), fn(w))
		return inside
	})
	if !errors.Is(err, want) || !errors.Is(inside, want) {
		s.Errorf("Update = %v and inside %v, want %v", err, inside, want)
	}
	if after := s.revision(db); after != before {
		s.Errorf("beyond a limit something was committed: revision %d, was %d", after, before)
	}
}

func tooManyReads(s *suite) {
	db := s.open(0)
	read := func(w kv.Writer, gets, scans int) error {
		for i := range gets {
			for range 2 { // a key counts once
				if _, _, err := w.Get(name(i)); err != nil {
					return err
				}
			}
		}
		for i := range scans {
			for _, after := range []string{"", "z"} { // and a prefix
				if _, err := all(w, name(i), after); err != nil {
					return err
				}
			}
		}
		return nil
	}
	s.update(db, func(w kv.Writer) error { return read(w, kv.MaxReads, 0) })
	s.update(db, func(w kv.Writer) error { return read(w, 0, kv.MaxReads) })
	s.update(db, func(w kv.Writer) error {
		if err := w.Set("own", nil); err != nil {
			return err
		}
		if _, _, err := w.Get("own"); err != nil { // not a read of the database
			return err
		}
		return read(w, kv.MaxReads-28, 28)
	})
	s.wantLimit(db, kv.ErrTooManyOperations, func(w kv.Writer) error { return read(w, kv.MaxReads+1, 0) })
	s.wantLimit(db, kv.ErrTooManyOperations, func(w kv.Writer) error { return read(w, 0, kv.MaxReads+1) })
	s.wantLimit(db, kv.ErrTooManyOperations, func(w kv.Writer) error { return read(w, kv.MaxReads-28, 29) })
}

func tooManyWrites(s *suite) {
	db := s.open(0)
	write := func(w kv.Writer, sets, deletes int) error {
		for i := range sets {
			if err := errors.Join(w.Set(name(i), []byte("x")), w.Set(name(i), []byte("y"))); err != nil {
				return err
			}
		}
		for i := range deletes {
			if err := w.Delete(name(1000 + i)); err != nil {
				return err
			}
		}
		return nil
	}
	s.update(db, func(w kv.Writer) error { return write(w, kv.MaxWrites, 0) })
	s.update(db, func(w kv.Writer) error { return write(w, kv.MaxWrites-28, 28) })
	s.wantLimit(db, kv.ErrTooManyOperations, func(w kv.Writer) error { return write(w, kv.MaxWrites, 0) }) // and the trace
	s.wantLimit(db, kv.ErrTooManyOperations, func(w kv.Writer) error { return write(w, kv.MaxWrites-28, 29) })
}

func tooManyBytes(s *suite) {
	db := s.open(0)
	const key = "big"
	whole := make([]byte, kv.MaxBytes-len(key))
	s.update(db, func(w kv.Writer) error {
		// What is overwritten does not count.
		return errors.Join(w.Set(key, whole), w.Set(key, nil), w.Set(key, whole), w.Delete(key), w.Set(key, whole))
	})
	if got := s.get(db, key); len(got) != len(whole) {
		s.Errorf("%d bytes of %d came back", len(got), len(whole))
	}
	s.wantLimit(db, kv.ErrTooLarge, func(w kv.Writer) error { return w.Set(key, whole) }) // and the trace
	s.wantLimit(db, kv.ErrTooLarge, func(w kv.Writer) error {
		return errors.Join(w.Set(key, whole[:len(whole)/2]), w.Set("more", whole[:len(whole)/2]), w.Set("last", []byte("xxxxxxxx")))
	})
}

func limitIgnored(s *suite) {
	db := s.open(0)
	err := db.Update(s.ctx, func(w kv.Writer) error {
		for i := range kv.MaxWrites + 1 {
			_ = w.Set(name(i), nil)
		}
		return nil
	})
	if !errors.Is(err, kv.ErrTooManyOperations) {
		s.Errorf("Update = %v, want ErrTooManyOperations though the function did not look", err)
	}
	s.wantScan(db, "", "")
}

func badKeys(s *suite) {
	db := s.open(0)
	long := strings.Repeat("k", kv.MaxKey)
	s.put(db, long, "v")
	if got := s.get(db, long); got != "v" {
		s.Errorf("the longest key holds %q", got)
	}
	for _, key := range []string{"", long + "k"} {
		_ = db.Update(s.ctx, func(w kv.Writer) error {
			_, _, err := w.Get(key)
			for i, err := range []error{err, w.Set(key, nil), w.Delete(key)} {
				if !errors.Is(err, kv.ErrKey) {
					s.Errorf("operation %d on a key of %d bytes: %v, want ErrKey", i, len(key), err)
				}
			}
			return nil
		})
		err := db.View(s.ctx, func(r kv.Reader) error { _, _, err := r.Get(key); return err })
		if !errors.Is(err, kv.ErrKey) {
			s.Errorf("reading a key of %d bytes: %v, want ErrKey", len(key), err)
		}
	}
}

func viewUnlimited(s *suite) {
	db := s.open(0)
	for i := range 4 {
		s.update(db, func(w kv.Writer) error {
			for k := range 100 {
				if err := w.Set(name(100*i+k), bytes.Repeat([]byte("x"), 10_000)); err != nil {
					return err
				}
			}
			return nil
		})
	}
	err := db.View(s.ctx, func(r kv.Reader) error {
		for i := range 400 {
			if value, ok, err := r.Get(name(i)); len(value) != 10_000 || !ok || err != nil {
				return fmt.Errorf("%s has %d bytes, %w", name(i), len(value), err)
			}
			if got, err := all(r, name(i), ""); len(got) != 1 || err != nil {
				return fmt.Errorf("%d entries, %w", len(got), err)
			}
		}
		return nil
	})
	if err != nil {
		s.Errorf("view: %v", err)
	}
}

func cancelledBefore(s *suite) {
	db := s.open(0)
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	ran := false
	if err := db.Update(ctx, func(w kv.Writer) error { ran = true; return w.Set("a", nil) }); !errors.Is(err, context.Canceled) {
		s.Errorf("Update = %v, want context.Canceled", err)
	}
	if err := db.View(ctx, func(kv.Reader) error { ran = true; return nil }); !errors.Is(err, context.Canceled) {
		s.Errorf("View = %v, want context.Canceled", err)
	}
	if ran {
		s.Errorf("a function ran though its context had ended")
	}
	s.wantScan(db, "", "")
}

func cancelledInside(s *suite) {
	db := s.open(0)
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	err := db.Update(ctx, func(w kv.Writer) error {
		err := w.Set("a", nil)
		cancel()
		return err
	})
	if !errors.Is(err, context.Canceled) {
		s.Errorf("Update = %v, want context.Canceled", err)
	}
	s.wantScan(db, "", "")
}

// cancelledWaiting cancels Updates that wait behind one that runs: each either never runs, or says that it did.
func cancelledWaiting(s *suite) {
	db := s.open(0)
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	const waiters = 5
	var mu sync.Mutex
	var errs []error
	var once sync.Once
	var join func() error
	s.update(db, func(w kv.Writer) error {
		once.Do(func() {
			join = s.meanwhile(func() error {
				var wg sync.WaitGroup
				for i := range waiters {
					wg.Go(func() {
						err := db.Update(ctx, func(w kv.Writer) error { return w.Set("waiter/"+name(i), nil) })
						mu.Lock()
						defer mu.Unlock()
						errs = append(errs, err)
					})
				}
				wg.Wait()
				return nil
			})
			cancel()
			if err := join(); err != nil { // they do not wait for us
				s.Errorf("%v", err)
			}
		})
		return w.Set("a", nil)
	})
	committed := 0
	for _, err := range errs {
		switch {
		case err == nil:
			committed++
		case !errors.Is(err, context.Canceled):
			s.Errorf("Update = %v, want context.Canceled", err)
		}
	}
	s.put(db, "b", "") // behind whatever still waits
	err := db.View(s.ctx, func(r kv.Reader) error {
		got, err := all(r, "waiter/", "")
		if len(got) != committed {
			s.Errorf("%d said that they committed, and %q did", committed, got)
		}
		return err
	})
	if err != nil {
		s.Errorf("view: %v", err)
	}
}

func cancelledReading(s *suite) {
	db := s.open(0)
	for i := range 4 {
		s.update(db, func(w kv.Writer) error {
			for k := range 128 {
				if err := w.Set(name(128*i+k), nil); err != nil {
					return err
				}
			}
			return nil
		})
	}
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	n := 0
	err := db.View(ctx, func(r kv.Reader) error {
		for _, err := range r.Scan("", "") {
			if err != nil {
				return err
			}
			n++
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || n == 512 {
		s.Errorf("a scan went on to %d entries after its context ended, and said %v", n, err)
	}
}
