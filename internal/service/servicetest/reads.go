package servicetest

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/regent-iam/regent/internal/store/kv"
)

// Counted is a database that counts what is read from it in views.
type Counted struct {
	kv.DB

	reads atomic.Int64
}

// Reads returns how many keys were looked up and entries scanned since the last
// call.
func (c *Counted) Reads() int { return int(c.reads.Swap(0)) }

// View runs fn over a snapshot whose reads count.
func (c *Counted) View(ctx context.Context, fn func(kv.Reader) error) error {
	return c.DB.View(ctx, func(r kv.Reader) error { return fn(&countedReader{r, &c.reads}) })
}

type countedReader struct {
	kv.Reader

	reads *atomic.Int64
}

func (r *countedReader) Get(key string) ([]byte, bool, error) {
	r.reads.Add(1)
	return r.Reader.Get(key)
}

func (r *countedReader) Scan(prefix, after string) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		for e, err := range r.Reader.Scan(prefix, after) {
			r.reads.Add(1)
			if !yield(e, err) {
				return
			}
		}
	}
}
