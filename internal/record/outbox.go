package record

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/regent-iam/regent/internal/store"
)

// Commit enters events in the outbox of tx, so that they are committed with the
// change they tell of or not at all (RE-1, TH-101). at orders them among those
// of other transactions. After the commit, [Recorder.Wake] is to be called.
func Commit(tx *store.Tx, at time.Time, events ...*Event) error {
	for i, e := range events {
		if e.ID == "" {
			return errNoID
		}
		// A nanosecond each keeps the events of one change in their order.
		if err := tx.Outbox(at.Add(time.Duration(i)), e.ID, Append(nil, e)); err != nil {
			return fmt.Errorf("recording %s: %w", e.Name, err)
		}
	}
	return nil
}

// errNoID reports an event that [Copies] has not seen. Without an id it could
// not be told from another.
var errNoID = errors.New("record: event without an id")

// Wake says that an event was committed to the outbox. It never blocks.
func (r *Recorder) Wake() { signal(r.wake) }

// Restored says that the store went back to an earlier state, in which events
// may wait that are in the files already. They are looked for.
func (r *Recorder) Restored() {
	r.outbox.mu.Lock()
	defer r.outbox.mu.Unlock()
	r.outbox.begin()
	r.fileMu.Lock()
	defer r.fileMu.Unlock()
	if r.trail != nil {
		r.trail.held = r.o.Store != nil
	}
}

// An outbox is how far the delivery of the store's outbox has come.
//
// Events are written to the file, the file is synced, and then they are removed
// from the outbox. What a crash leaves in both places is found at the next
// start by its id: until all that waited then is dealt with, and while a
// removal is not committed, no new file is begun, so it is in the last one.
type outbox struct {
	mu sync.Mutex
	// late are in the file and not yet removed.
	late []store.OutboxEntry
	// compare says that what waits may be in the files; written are the ids
	// that are, nil until they are needed.
	compare bool
	written map[string]struct{}
	limit   int
	failing bool
}

// begin starts over from what the store and the files hold.
func (o *outbox) begin() { o.late, o.written, o.compare, o.limit = nil, nil, true, maxBatch }

const (
	// maxBatch is how many events are written at once, and batchBytes about how
	// large they are together.
	maxBatch   = 400
	batchBytes = 4 << 20
	// maxRemoved is how many are removed in a transaction, within what any
	// backend takes.
	maxRemoved = 100
	// retryEvery is how long a failed delivery waits.
	retryEvery = time.Second
)

func (r *Recorder) deliverLoop(ctx context.Context) {
	if r.o.Store == nil {
		return
	}
	r.Wake() // for what was left
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		}
		if !pause(ctx, r.o.Gather) {
			return
		}
		for more := true; more; {
			var err error
			if more, err = r.deliver(ctx); err == nil {
				continue
			}
			if more = pause(ctx, retryEvery); !more {
				return
			}
		}
	}
}

// deliver moves one batch from the outbox to the file, and reports whether
// there may be more.
func (r *Recorder) deliver(ctx context.Context) (more bool, err error) {
	if r.o.Store == nil {
		return false, nil
	}
	o := &r.outbox
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() { r.noteOutboxLocked(ctx, err) }()
	if err := r.remove(ctx); err != nil { // of the batch before
		return true, err
	}
	var entries []store.OutboxEntry
	err = r.o.Store.View(ctx, func(tx *store.Tx) (err error) {
		entries, err = tx.Undelivered(o.limit)
		return err
	})
	if err != nil {
		return true, fmt.Errorf("reading the outbox: %w", err)
	}
	more = len(entries) == o.limit
	b, err := r.fresh(entries)
	if err != nil {
		return true, err
	}
	if err := r.append(b); err != nil {
		return true, err
	}
	o.late = entries
	if err := r.remove(ctx); err != nil {
		return true, err
	}
	if size := len(b.lines); size > 0 {
		o.limit = min(maxBatch, max(1, b.count*batchBytes/size))
	}
	if !more {
		o.compare, o.written = false, nil
	}
	r.release(!o.compare)
	return more, nil
}

// fresh returns the lines of those entries that are not in the files.
func (r *Recorder) fresh(entries []store.OutboxEntry) (batch, error) {
	o := &r.outbox
	if o.compare && o.written == nil && len(entries) > 0 {
		ids, err := r.ids()
		if err != nil {
			return batch{}, fmt.Errorf("looking for delivered records: %w", err)
		}
		o.written = ids
	}
	var b batch
	for _, e := range entries {
		if _, ok := o.written[idOf(e.Event)]; ok {
			continue
		}
		b.lines = append(append(b.lines, e.Event...), '\n')
		b.count++
	}
	return b, nil
}

func (r *Recorder) ids() (map[string]struct{}, error) {
	r.fileMu.Lock()
	defer r.fileMu.Unlock()
	if r.trail == nil {
		return nil, ErrClosed
	}
	return r.trail.ids()
}

// append writes b and waits until it is on the disk. What waited in memory goes
// before it, so that the files are about in order; if that fails b is tried all
// the same, for there is space kept back for it.
func (r *Recorder) append(b batch) error {
	if b.count == 0 {
		return nil
	}
	r.fileMu.Lock()
	if r.trail == nil {
		r.fileMu.Unlock()
		return ErrClosed
	}
	_ = r.writeLocked() // counted and reported
	err := r.trail.write(b.lines)
	r.noteLocked(err)
	file := r.trail.file
	r.trail.held = r.trail.held || err == nil
	r.fileMu.Unlock()
	if err != nil {
		return fmt.Errorf("writing the record: %w", err)
	}
	if err := file.Sync(); err != nil {
		// What the disk has of it is unknown, and asking again would not tell.
		// The batch is written again: twice with one id is better than not at all.
		r.fileMu.Lock()
		defer r.fileMu.Unlock()
		r.noteLocked(err)
		if r.trail != nil {
			r.trail.abandon()
		}
		return fmt.Errorf("writing the record: %w", err)
	}
	r.counters.written.Add(uint64(b.count))
	return nil
}

// remove takes what is in the file out of the outbox.
func (r *Recorder) remove(ctx context.Context) error {
	o := &r.outbox
	chunks := slices.Collect(slices.Chunk(o.late, maxRemoved))
	errs := make([]error, len(chunks))
	var wg sync.WaitGroup
	for i, chunk := range chunks { // at once, so that they share a commit
		wg.Go(func() {
			errs[i] = r.o.Store.Update(ctx, func(tx *store.Tx) error { return tx.Delivered(chunk) })
		})
	}
	wg.Wait()
	var left []store.OutboxEntry
	for i, chunk := range chunks {
		if errs[i] != nil {
			left = append(left, chunk...)
		} else {
			r.counters.delivered.Add(uint64(len(chunk)))
		}
	}
	o.late = left
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("clearing the outbox: %w", err)
	}
	return nil
}

// release lets the next file be begun.
func (r *Recorder) release(free bool) {
	r.fileMu.Lock()
	defer r.fileMu.Unlock()
	if r.trail != nil && free {
		r.trail.held = false
	}
}

// noteOutboxLocked counts and reports how a delivery went, once for each turn.
func (r *Recorder) noteOutboxLocked(ctx context.Context, err error) {
	if err != nil && ctx.Err() != nil {
		return // it was told to stop
	}
	if err != nil {
		r.counters.outboxErrors.Add(1)
	}
	if failing := err != nil; failing != r.outbox.failing {
		r.outbox.failing = failing
		if failing {
			r.o.Log.ErrorContext(ctx, "cannot deliver audit records", slog.Any("error", err))
		} else {
			r.o.Log.InfoContext(ctx, "audit records are delivered again")
		}
	}
}
