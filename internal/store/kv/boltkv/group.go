package boltkv

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync/atomic"

	"go.etcd.io/bbolt"

	"github.com/regent-iam/regent/internal/store/kv"
)

// Limits of one group, so that the first in it does not wait for ever.
const (
	groupUpdates = 512
	groupBytes   = 8 << 20
)

// errAborted is the outcome of a function that panicked or ended its goroutine. Nobody sees it.
var errAborted = errors.New("boltkv: aborted")

// A request is an Update on its way through the writer. Its function runs in the goroutine of its caller, who
// then sees its panics, while the writer waits.
type request struct {
	ctx     context.Context // of the call that the request is
	replace bool            // it wants the writer to itself
	taken   atomic.Bool     // by the writer, or back by a caller that waits no more

	turn   chan *reader // from the writer: run now
	done   chan outcome // to the writer: it has run
	answer chan error   // from the writer: it is committed or not
}

// An outcome is what a function wants written, or why it wants nothing.
type outcome struct {
	writes []kv.Write
	err    error
}

func newRequest(ctx context.Context) *request {
	return &request{
		ctx:    ctx,
		turn:   make(chan *reader, 1),
		done:   make(chan outcome, 1),
		answer: make(chan error, 1),
	}
}

// await returns when it is the request's turn; then the writer waits for its outcome.
func (db *DB) await(req *request) (*reader, error) {
	if err := db.usable(req.ctx); err != nil {
		return nil, err
	}
	select {
	case db.queue <- req:
	case <-req.ctx.Done():
		return nil, req.ctx.Err()
	case <-db.stopped:
		return nil, kv.ErrClosed
	}
	var err error
	select {
	case r := <-req.turn:
		return r, nil
	case <-req.ctx.Done():
		err = req.ctx.Err()
	case <-db.stopped:
		err = kv.ErrClosed
	}
	if req.taken.CompareAndSwap(false, true) {
		return nil, err
	}
	return <-req.turn, nil // too late: the writer is about to wait
}

// run runs fn over base and tells the writer.
func (req *request) run(base *reader, fn func(kv.Writer) error) {
	overlay := kv.NewOverlay(base)
	result := outcome{err: errAborted}
	defer func() {
		_, _ = overlay.End() // also when fn panics
		base.end()
		req.done <- result
	}()
	err := req.ctx.Err()
	if err == nil {
		err = fn(overlay)
	}
	writes, limit := overlay.End()
	if err == nil {
		err = limit
	}
	if err == nil {
		err = req.ctx.Err()
	}
	result = outcome{writes: writes, err: err}
}

// write is the writer: it makes groups of what waits until the database closes.
func (db *DB) write() {
	defer close(db.stopped)
	for {
		select {
		case <-db.closing:
			return
		case req := <-db.queue:
			db.group(req)
		}
	}
}

// group runs first and what waits behind it, and commits.
func (db *DB) group(first *request) {
	g := &group{db: db, revision: db.committed}
	for req := first; req != nil; req = g.next() {
		if !req.taken.CompareAndSwap(false, true) {
			continue // its caller has gone
		}
		if req.replace {
			g.commit()
			req.turn <- nil
			<-req.done
			return
		}
		g.run(req)
	}
	g.commit()
}

// A group is the functions that one commit carries.
type group struct {
	db       *DB
	tx       *bbolt.Tx // reading until something is to be written
	writing  bool
	revision kv.Revision
	events   []kv.Event
	waiting  []*request // in the commit, or refused by what is not committed yet
	answers  []error    // for waiting, if the commit succeeds
	bytes    int
	err      error // why it cannot be committed
}

// next returns the next request if one waits and there is room.
func (g *group) next() *request {
	if len(g.waiting) >= groupUpdates || g.bytes >= groupBytes || g.err != nil {
		return nil
	}
	select {
	case req := <-g.db.queue:
		return req
	default:
		return nil
	}
}

// run lets a request have its turn, and takes what it wants written into the group.
func (g *group) run(req *request) {
	r, err := g.reader(req.ctx)
	if err != nil {
		r = &reader{ctx: req.ctx} // every read fails
	}
	req.turn <- r
	result := <-req.done
	if err == nil {
		err = result.err
	}
	if err == nil && len(result.writes) > 0 {
		err = g.add(result.writes)
	}
	if err != nil {
		g.db.refused.Add(1)
	}
	// What ran behind others has seen what they wrote, so even a refusal is only true when that is committed.
	if g.writing {
		g.waiting = append(g.waiting, req)
		g.answers = append(g.answers, err)
		return
	}
	req.answer <- err
}

// reader returns what the next function reads: the file, and what the group has written so far.
func (g *group) reader(ctx context.Context) (*reader, error) {
	if g.err != nil {
		return nil, g.err
	}
	if g.tx == nil {
		tx, err := g.db.begin()
		if err != nil {
			return nil, err
		}
		g.tx = tx
	}
	r := newReader(ctx, g.tx)
	r.revision = g.revision
	return r, nil
}

// add writes into the group's transaction.
func (g *group) add(writes []kv.Write) error {
	if g.db.broken.Load() {
		return ErrBroken
	}
	if !g.writing {
		g.end() // bbolt deadlocks when one goroutine reads while it writes
		tx, err := g.db.bolt.Begin(true)
		if err != nil {
			return fmt.Errorf("beginning to write: %w", err)
		}
		g.tx, g.writing = tx, true
	}
	g.revision++
	event := kv.Event{Revision: g.revision, Changes: make([]kv.Change, 0, len(writes))}
	bucket := g.tx.Bucket([]byte(bucketName))
	for _, w := range writes {
		var err error
		if w.Deleted {
			err = bucket.Delete([]byte(w.Key))
		} else {
			err = bucket.Put([]byte(w.Key), w.Value)
		}
		if err != nil { // then half of them are written
			g.err = fmt.Errorf("writing: %w", err)
			return g.err
		}
		g.bytes += len(w.Key) + len(w.Value)
		event.Changes = append(event.Changes, kv.Change{Key: w.Key, Deleted: w.Deleted})
	}
	g.events = append(g.events, event)
	return nil
}

// commit writes the group to the file, publishes its events, and answers.
func (g *group) commit() {
	defer g.end()
	if !g.writing {
		return
	}
	if g.err == nil {
		g.err = g.db.commit(g.tx, g.revision)
	}
	if g.err == nil {
		g.db.log.Append(g.events...)
		g.db.updates.Add(uint64(len(g.events)))
	}
	for i, req := range g.waiting {
		if g.err != nil {
			req.answer <- g.err
		} else {
			req.answer <- g.answers[i]
		}
	}
}

func (g *group) end() {
	if g.tx != nil {
		_ = g.tx.Rollback() // nothing, after a commit
		g.tx = nil
	}
}

// commit commits tx as revision. After an error the old content stands, or the database is broken.
func (db *DB) commit(tx *bbolt.Tx, revision kv.Revision) error {
	if err := tx.Bucket([]byte(bucketName)).SetSequence(uint64(revision)); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	db.log.Expect(revision)
	if err := tx.Commit(); err != nil {
		err = fmt.Errorf("committing: %w", err)
		if !db.stands() {
			// The page that makes it true was written, and only not synced: it may be there after a crash or not.
			db.broken.Store(true)
			return fmt.Errorf("%w: %w", ErrBroken, err)
		}
		return err
	}
	db.setCommitted(revision)
	db.commits.Add(1)
	return nil
}

// stands reports whether the file still shows the last revision that was committed.
func (db *DB) stands() bool {
	tx, err := db.begin()
	if err != nil {
		return false
	}
	defer func() { _ = tx.Rollback() }() // the end of reading
	b := tx.Bucket([]byte(bucketName))
	return b != nil && kv.Revision(b.Sequence()) == db.committed
}

// exchange replaces all content. The writer waits for it.
func (db *DB) exchange(ctx context.Context, entries iter.Seq2[kv.Entry, error]) error {
	if db.broken.Load() {
		return ErrBroken
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	tx, err := db.bolt.Begin(true)
	if err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing, after a commit
	if err := tx.DeleteBucket([]byte(bucketName)); err != nil {
		return fmt.Errorf("emptying: %w", err)
	}
	bucket, err := tx.CreateBucket([]byte(bucketName))
	if err != nil {
		return fmt.Errorf("emptying: %w", err)
	}
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
		if err := bucket.Put([]byte(e.Key), append([]byte{}, e.Value...)); err != nil {
			return fmt.Errorf("writing: %w", err)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := db.commit(tx, db.committed+1); err != nil {
		return err
	}
	db.log.Reset(db.committed)
	return nil
}
