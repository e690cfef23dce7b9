// Package memkv keeps a kv.DB in memory: for tests and for servers that forget.
package memkv

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/regent-iam/regent/internal/store/kv"
)

// Options are what can be chosen. The zero value is good.
type Options struct {
	History int // changes kept for late watchers; 0 is kv.DefaultHistory
}

// A DB is a [kv.DB], a [kv.Replacer] and a [kv.Reviser] in memory. Its content is an immutable tree: a View is a pointer to one,
// and an Update makes the next.
type DB struct {
	writing chan struct{} // holds one token while an Update runs
	current atomic.Pointer[snapshot]
	log     *kv.Log
	closed  chan struct{}
}

// New returns an empty database.
func New(opts Options) *DB {
	db := &DB{writing: make(chan struct{}, 1), log: kv.NewLog(0, opts.History), closed: make(chan struct{})}
	db.current.Store(&snapshot{tree: newTree()})
	return db
}

// View implements [kv.DB].
func (db *DB) View(ctx context.Context, fn func(kv.Reader) error) error {
	if err := db.usable(ctx); err != nil {
		return err
	}
	r := &reader{ctx: ctx, snapshot: db.current.Load()}
	defer func() { r.ended = true }()
	return fn(r)
}

// Update implements [kv.DB]. It runs fn once.
func (db *DB) Update(ctx context.Context, fn func(kv.Writer) error) error {
	if err := db.begin(ctx); err != nil {
		return err
	}
	defer db.end()
	base := db.current.Load()
	overlay := kv.NewOverlay(&reader{ctx: ctx, snapshot: base})
	defer func() { _, _ = overlay.End() }() // also when fn panics
	if err := fn(overlay); err != nil {
		return err
	}
	writes, err := overlay.End()
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(writes) == 0 {
		return nil
	}
	next := &snapshot{tree: base.tree, revision: base.revision + 1}
	event := kv.Event{Revision: next.revision, Changes: make([]kv.Change, 0, len(writes))}
	for _, w := range writes {
		if w.Deleted {
			next.tree = next.tree.remove(w.Key)
		} else {
			next.tree = next.tree.set(w.Key, w.Value)
		}
		event.Changes = append(event.Changes, kv.Change{Key: w.Key, Deleted: w.Deleted})
	}
	db.log.Expect(next.revision)
	db.current.Store(next)
	db.log.Append(event)
	return nil
}

// Replace implements [kv.Replacer].
func (db *DB) Replace(ctx context.Context, entries iter.Seq2[kv.Entry, error]) error {
	if err := db.begin(ctx); err != nil {
		return err
	}
	defer db.end()
	next := &snapshot{tree: newTree(), revision: db.current.Load().revision + 1}
	for e, err := range entries {
		if err == nil {
			err = kv.CheckKey(e.Key)
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		next.tree = next.tree.set(e.Key, append([]byte{}, e.Value...))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	db.log.Expect(next.revision)
	db.current.Store(next)
	db.log.Reset(next.revision)
	return nil
}

// Watch implements [kv.DB].
func (db *DB) Watch(ctx context.Context, from kv.Revision) iter.Seq2[kv.Event, error] {
	return db.log.Watch(ctx, from)
}

// Present implements [kv.Reviser].
func (db *DB) Present() (kv.Revision, bool) {
	select {
	case <-db.closed:
		return 0, false
	default:
		return db.current.Load().revision, true
	}
}

// Close implements [kv.DB]. It does not wait for Views, which it does not disturb.
func (db *DB) Close() error {
	db.writing <- struct{}{}
	defer db.end()
	select {
	case <-db.closed:
	default:
		close(db.closed)
		db.log.Close()
	}
	return nil
}

func (db *DB) usable(ctx context.Context) error {
	select {
	case <-db.closed:
		return kv.ErrClosed
	default:
		return ctx.Err()
	}
}

// begin waits for the turn to write.
func (db *DB) begin(ctx context.Context) error {
	if err := db.usable(ctx); err != nil {
		return err
	}
	select {
	case db.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	case <-db.closed:
		return kv.ErrClosed
	}
	if err := db.usable(ctx); err != nil { // a select with several ways open takes any
		db.end()
		return err
	}
	return nil
}

func (db *DB) end() { <-db.writing }

// A snapshot is the content at one revision.
type snapshot struct {
	tree     tree
	revision kv.Revision
}

// A reader reads a snapshot.
type reader struct {
	*snapshot
	ctx   context.Context // the transaction's, which the reader does not outlive
	ended bool
}

// Revision implements [kv.Reader].
func (r *reader) Revision() kv.Revision { return r.revision }

// Get implements [kv.Reader].
func (r *reader) Get(key string) ([]byte, bool, error) {
	if r.ended {
		return nil, false, kv.ErrEnded
	}
	if err := kv.CheckKey(key); err != nil {
		return nil, false, err
	}
	value, ok := r.tree.get(key)
	return value, ok, nil
}

// Scan implements [kv.Reader].
func (r *reader) Scan(prefix, after string) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		n := 0
		for e := range r.tree.scan(prefix, after) {
			var err error
			if r.ended {
				err = kv.ErrEnded
			} else if n%256 == 0 {
				err = r.ctx.Err()
			}
			if err != nil {
				yield(kv.Entry{}, err)
				return
			}
			if !yield(e, nil) {
				return
			}
			n++
		}
		if r.ended { // and nothing was found that said so
			yield(kv.Entry{}, kv.ErrEnded)
		}
	}
}
