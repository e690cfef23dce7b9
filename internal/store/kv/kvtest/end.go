package kvtest

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"github.com/regent-iam/regent/internal/store/kv"
)

// endTests are about the ends of functions, of transactions and of databases.
func endTests() map[string]func(*suite) {
	return map[string]func(*suite){
		"a panic fails only itself":      panics,
		"a goroutine's end fails itself": goexits,
		"use after the end":              useAfterEnd,
		"close":                          closes,
		"close while others work":        closesInUse,
	}
}

func panics(s *suite) {
	db := s.open(0)
	got := func() (got any) {
		defer func() { got = recover() }()
		_ = db.Update(s.ctx, func(w kv.Writer) error {
			_ = w.Set("a", []byte("half"))
			panic("oops")
		})
		return nil
	}()
	if got != "oops" {
		s.Errorf("the caller recovered %v, want what its function panicked with", got)
	}
	func() {
		defer func() { _ = recover() }()
		_ = db.View(s.ctx, func(kv.Reader) error { panic("oops") })
	}()
	// Among others too.
	s.concurrently(8, func(i int) error {
		defer func() { _ = recover() }()
		return db.Update(s.ctx, func(w kv.Writer) error {
			if err := w.Set(name(i), nil); err != nil {
				return err
			}
			if i%2 == 0 {
				panic("oops")
			}
			return nil
		})
	})
	s.wantScan(db, "", "", name(1)+"=", name(3)+"=", name(5)+"=", name(7)+"=")
}

// goexits ends goroutines inside of functions, as a test's FailNow does.
func goexits(s *suite) {
	db := s.open(0)
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = db.Update(s.ctx, func(w kv.Writer) error {
			_ = w.Set("a", nil)
			runtime.Goexit()
			return nil
		})
	})
	wg.Go(func() { _ = db.View(s.ctx, func(kv.Reader) error { runtime.Goexit(); return nil }) })
	wg.Wait()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = db.Update(s.ctx, func(w kv.Writer) error { return w.Set("b", nil) })
	}()
	s.wait(done, "an Update behind one whose goroutine ended")
	s.wantScan(db, "", "", "b=")
}

func useAfterEnd(s *suite) {
	db := s.open(0)
	s.put(db, "a", "1", "b", "1")
	want := func(what string, err error) {
		s.Helper()
		if !errors.Is(err, kv.ErrEnded) {
			s.Errorf("%s after the end: %v, want ErrEnded", what, err)
		}
	}
	reads := func(r kv.Reader) {
		s.Helper()
		_, _, err := r.Get("a")
		want("Get", err)
		_, err = all(r, "", "")
		want("Scan", err)
	}
	var reader kv.Reader
	if err := db.View(s.ctx, func(r kv.Reader) error { reader = r; return nil }); err != nil {
		s.Fatalf("view: %v", err)
	}
	reads(reader)
	var writer kv.Writer
	s.update(db, func(w kv.Writer) error { writer = w; return w.Set("a", []byte("2")) })
	reads(writer)
	want("Set", writer.Set("a", nil))
	want("Delete", writer.Delete("a"))
	_ = db.Update(s.ctx, func(w kv.Writer) error { writer = w; return errors.New("refused") })
	reads(writer)
	want("Set", writer.Set("a", nil))
	s.wantScan(db, "", "", "a=2", "b=1")
}

func (s *suite) wantClosed(db kv.DB) {
	s.Helper()
	errs := map[string]error{
		"View":   db.View(s.ctx, func(kv.Reader) error { return errors.New("ran") }),
		"Update": db.Update(s.ctx, func(kv.Writer) error { return errors.New("ran") }),
	}
	_, errs["Watch"] = s.next(db, 0)
	if r, ok := db.(kv.Replacer); ok {
		errs["Replace"] = r.Replace(s.ctx, sequence(nil))
	}
	for what, err := range errs {
		if !errors.Is(err, kv.ErrClosed) {
			s.Errorf("%s after Close: %v, want ErrClosed", what, err)
		}
	}
}

func closes(s *suite) {
	db := s.open(0)
	s.put(db, "a", "1")
	var failure error
	done := make(chan struct{})
	first := make(chan struct{})
	go func() {
		defer close(done)
		for _, err := range db.Watch(s.ctx, 0) {
			if err != nil {
				failure = err
				return
			}
			close(first)
		}
	}()
	s.wait(first, "an event")
	if err := db.Close(); err != nil {
		s.Errorf("Close = %v", err)
	}
	s.wait(done, "a watcher to end at Close")
	if !errors.Is(failure, kv.ErrClosed) {
		s.Errorf("a watcher ended with %v, want ErrClosed", failure)
	}
	s.wantClosed(db)
	if err := db.Close(); err != nil {
		s.Errorf("a second Close = %v", err)
	}
}

// closesInUse closes a database under callers: what they do is done or refused with ErrClosed, and all come back.
func closesInUse(s *suite) {
	db := s.open(0)
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel() // of callers who go on after Close
	done := make(chan struct{})
	started := make(chan struct{}, 64)
	var mu sync.Mutex
	var errs []error
	go func() {
		defer close(done)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for {
					var err error
					if i%2 == 0 {
						err = db.Update(ctx, increment)
					} else {
						err = db.View(ctx, func(r kv.Reader) error { _, err := all(r, "", ""); return err })
					}
					if err != nil {
						mu.Lock()
						defer mu.Unlock()
						errs = append(errs, err)
						return
					}
					select {
					case started <- struct{}{}:
					default:
					}
				}
			})
		}
		wg.Wait()
	}()
	for range 20 {
		select {
		case <-started:
		case <-done:
		}
	}
	if err := db.Close(); err != nil {
		s.Errorf("Close = %v", err)
	}
	s.wait(done, "callers to come back after Close")
	for _, err := range errs {
		if !errors.Is(err, kv.ErrClosed) {
			s.Errorf("a caller got %v, want ErrClosed", err)
		}
	}
}
