package index_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects/index"
)

func open(t *testing.T) *index.DB {
	t.Helper()
	db, err := index.Open(t.TempDir(), time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

var errRefused = errors.New("refused")

func TestARefusedChangeLeavesNothingAndHarmsNobody(t *testing.T) {
	db := open(t)
	var wg sync.WaitGroup
	var after atomic.Int32
	for n := range 200 {
		wg.Go(func() {
			key := fmt.Appendf(nil, "k/%03d", n)
			err := db.Update(t.Context(), func(tx *index.Txn) error {
				tx.Set(key, []byte("x"))
				tx.After(func() { after.Add(1) })
				if tx.Get(key) != nil {
					t.Error("a change sees its own writes")
				}
				if n%3 == 0 {
					return errRefused
				}
				return nil
			})
			if (n%3 == 0) != errors.Is(err, errRefused) {
				t.Errorf("change %d: %v", n, err)
			}
		})
	}
	wg.Wait()
	var keys []string
	err := db.View(func(r index.Reader) error {
		c := r.Cursor([]byte("k/"))
		for k, _ := c.Seek([]byte("k/")); k != nil; k, _ = c.Next() {
			keys = append(keys, string(k))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != 133 || !slices.IsSorted(keys) || after.Load() != 133 {
		t.Errorf("%d keys, %d calls after their commit, want 133 of each: %v", len(keys), after.Load(), keys)
	}
	for n := 0; n < 200; n += 3 {
		if slices.Contains(keys, fmt.Sprintf("k/%03d", n)) {
			t.Errorf("refused key %d is there", n)
		}
	}
}

func TestChangesOfOneKeyAreSerial(t *testing.T) {
	db := open(t)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			err := db.Update(t.Context(), func(tx *index.Txn) error {
				n := byte(0)
				if v := tx.Get([]byte("n")); v != nil {
					n = v[0]
				}
				tx.Set([]byte("n"), []byte{n + 1})
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	_ = db.View(func(r index.Reader) error {
		if v := r.Get([]byte("n")); len(v) != 1 || v[0] != 100 {
			t.Errorf("got %v, want 100", v)
		}
		return nil
	})
}

func TestAnEndedContextAndAClosedIndexRefuse(t *testing.T) {
	db := open(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	nothing := func(*index.Txn) error { return nil }
	if err := db.Update(t.Context(), nothing); !errors.Is(err, index.ErrClosed) {
		t.Errorf("update: %v", err)
	}
	if err := db.View(func(index.Reader) error { return nil }); !errors.Is(err, index.ErrClosed) {
		t.Errorf("view: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	other := open(t)
	refused := 0
	for range 50 { // either it is queued before the end is noticed, or it is refused
		switch err := other.Update(ctx, nothing); {
		case errors.Is(err, context.Canceled):
			refused++
		case err != nil:
			t.Errorf("update: %v", err)
		}
	}
	if refused == 0 {
		t.Error("an ended context was never noticed")
	}
}
