package record

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/regent-iam/regent/internal/store"
)

// Options are how a [Recorder] works.
type Options struct {
	// Store is whose outbox is delivered; nil delivers none.
	Store *store.Store
	// Now is the clock by which files are named and a new day begins. Required.
	Now func() time.Time
	// Log is told when writing fails and when it works again. Required.
	Log *slog.Logger
	// MaxFile is how many bytes a file may have before the next is begun; 0 is
	// 64 MiB.
	MaxFile int64
	// MaxBuffer is how many bytes wait in memory before Record drops; 0 is 8 MiB.
	// While writing fails twice as many may be held.
	MaxBuffer int
	// FlushEvery is how long a record waits in memory; 0 is 200 ms.
	FlushEvery time.Duration
	// Gather is how long the outbox is left to fill before it is delivered; 0
	// is 50 ms.
	Gather time.Duration
	// Reserve is how many free bytes Record leaves on the disk for changes and
	// their events, so that an access can be revoked on a full disk (TH-100);
	// 0 is 64 MiB, negative none.
	Reserve int64
	// Free tells how many bytes are free where dir is; nil asks the system.
	Free func(dir string) (int64, error)
	// OmitData leaves out the events on data (RE-54).
	OmitData bool
	// MaxAnonymous is how many records of unsigned calls are kept in a second;
	// 0 is 100. The others are counted (TH-100).
	MaxAnonymous int
}

// Counters are what a Recorder has done so far.
type Counters struct {
	Written      uint64 // records in the files
	Dropped      uint64 // records lost because writing failed for too long
	Sampled      uint64 // unsigned calls beyond the cap, not recorded
	Delivered    uint64 // records taken out of the outbox
	WriteErrors  uint64 // failed writes to the files
	OutboxErrors uint64 // failed attempts to read or clear the outbox
}

// ErrClosed reports a use of a Recorder that was closed.
var ErrClosed = errors.New("record: closed")

// A Recorder writes the trail to files of a directory: events.jsonl, and
// events-<UTC time>.jsonl for those that were filled before. It is safe for
// concurrent use. Its locks are taken in the order of the fields below.
type Recorder struct {
	o    Options
	wake chan struct{} // something was committed to the outbox
	some chan struct{} // something waits in the buffer
	much chan struct{} // a lot does

	scratch  sync.Pool // of *[]byte
	counters counters

	outbox outbox

	fileMu  sync.Mutex
	trail   *trail
	failing bool // the last write failed
	cramped bool // the last look found too little space

	mu     sync.Mutex
	buffer batch // waits to be written
	spare  []byte
	losing bool // records have been dropped since the last write
	closed bool
	second int64 // in which that many unsigned calls were recorded
	inThis int
}

// A batch is whole lines and how many they are.
type batch struct {
	lines []byte
	count int
}

type counters struct {
	written, dropped, sampled, delivered, writeErrors, outboxErrors atomic.Uint64
}

// Open opens the trail in dir, which it makes with mode 0700 if need be. A line
// that a crash cut short is removed from its end.
func Open(dir string, o Options) (*Recorder, error) {
	if o.Now == nil || o.Log == nil {
		return nil, errors.New("record: a clock and a log are needed")
	}
	o.MaxFile = cmp.Or(o.MaxFile, 64<<20)
	o.MaxBuffer = cmp.Or(o.MaxBuffer, 8<<20)
	o.FlushEvery = cmp.Or(o.FlushEvery, 200*time.Millisecond)
	o.Gather = cmp.Or(o.Gather, 50*time.Millisecond)
	o.Reserve = cmp.Or(o.Reserve, 64<<20)
	o.MaxAnonymous = cmp.Or(o.MaxAnonymous, 100)
	if o.Free == nil {
		o.Free = freeSpace
	}
	r := &Recorder{
		o: o, wake: make(chan struct{}, 1), some: make(chan struct{}, 1), much: make(chan struct{}, 1),
		scratch: sync.Pool{New: func() any { return new([]byte) }},
	}
	var err error
	if r.trail, err = openTrail(dir, o.MaxFile, o.Now, r.cannotFollow); err != nil {
		return nil, fmt.Errorf("opening the record: %w", err)
	}
	r.outbox.begin()
	r.trail.held = o.Store != nil
	return r, nil
}

func (r *Recorder) cannotFollow(err error) {
	r.counters.writeErrors.Add(1)
	r.o.Log.Error("cannot begin a new file of audit records", slog.Any("error", err))
}

// early is how much may wait before it is written ahead of its time.
const early = 256 << 10

// Record takes events that belong to no change: reads, sessions and calls on
// objects. They are written together, soon, and without waiting for the disk
// (RE-40). It does not fail: what cannot be kept is dropped and counted. The
// events are not used after it returned.
func (r *Recorder) Record(events ...*Event) {
	b := r.scratch.Get().(*[]byte)
	defer r.scratch.Put(b)
	lines, count := (*b)[:0], 0
	for _, e := range events {
		if r.admit(e) {
			lines = append(Append(lines, e), '\n')
			count++
		}
	}
	if cap(lines) <= early {
		*b = lines
	}
	if count == 0 {
		return
	}
	r.mu.Lock()
	if r.closed || len(r.buffer.lines)+len(lines) > r.o.MaxBuffer {
		first := !r.losing && !r.closed
		r.losing = true
		r.mu.Unlock()
		r.counters.dropped.Add(uint64(count))
		if first {
			r.o.Log.Error("audit records are being dropped", slog.Int("buffered", r.o.MaxBuffer))
		}
		return
	}
	r.buffer.lines = append(r.buffer.lines, lines...)
	r.buffer.count += count
	waiting := len(r.buffer.lines)
	r.mu.Unlock()
	signal(r.some)
	if waiting > early {
		signal(r.much)
	}
}

// admit reports whether e is to be recorded: of calls that nobody signed only
// so many in a second, for they cost their sender nothing (TH-100).
func (r *Recorder) admit(e *Event) bool {
	if r.o.OmitData && !e.Management {
		return false
	}
	if e.Identity.AccountID != AnonymousAccount {
		return true
	}
	now := r.o.Now().Unix()
	r.mu.Lock()
	defer r.mu.Unlock()
	if now != r.second {
		r.second, r.inThis = now, 0
	}
	r.inThis++
	if r.inThis <= r.o.MaxAnonymous {
		return true
	}
	r.counters.sampled.Add(1)
	return false
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is signaled already
	}
}

// errNoSpace reports that what is left on the disk is kept for changes.
var errNoSpace = errors.New("the disk is nearly full")

// write writes what waits.
func (r *Recorder) write() error {
	r.fileMu.Lock()
	defer r.fileMu.Unlock()
	return r.writeLocked()
}

func (r *Recorder) writeLocked() error {
	if r.trail == nil {
		return ErrClosed
	}
	r.mu.Lock()
	b := r.buffer
	r.buffer, r.spare = batch{lines: r.spare[:0]}, nil
	r.mu.Unlock()
	if b.count == 0 {
		r.giveBack(b.lines)
		return nil
	}
	err := r.spaceLocked()
	if err == nil {
		err = r.trail.write(b.lines)
		r.noteLocked(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.buffer = batch{append(b.lines, r.buffer.lines...), b.count + r.buffer.count}
		return fmt.Errorf("writing the record: %w", err)
	}
	r.counters.written.Add(uint64(b.count))
	r.losing = false
	if cap(b.lines) <= 4*early {
		r.spare = b.lines
	}
	return nil
}

// giveBack keeps an emptied buffer for the next round.
func (r *Recorder) giveBack(lines []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spare = lines
}

// spaceLocked reports whether records that no change depends on may use the
// disk. Where that cannot be told they may.
func (r *Recorder) spaceLocked() error {
	if r.o.Reserve < 0 {
		return nil
	}
	free, err := r.o.Free(r.trail.dir)
	cramped := err == nil && free < r.o.Reserve
	if cramped != r.cramped {
		r.cramped = cramped
		if cramped {
			r.o.Log.Error("the disk is nearly full: only changes are recorded", slog.Int64("free", free), slog.Int64("reserve", r.o.Reserve))
		} else {
			r.o.Log.Info("the disk has space again", slog.Uint64("dropped", r.counters.dropped.Load()))
		}
	}
	if cramped {
		return errNoSpace
	}
	return nil
}

// noteLocked counts how a write went, and reports it once for each turn.
func (r *Recorder) noteLocked(err error) {
	if err != nil {
		r.counters.writeErrors.Add(1)
	}
	if failing := err != nil; failing != r.failing {
		r.failing = failing
		if failing {
			r.o.Log.Error("cannot write audit records", slog.Any("error", err))
		} else {
			r.o.Log.Info("audit records are written again", slog.Uint64("dropped", r.counters.dropped.Load()))
		}
	}
}

// Run writes and delivers until ctx is done, and once more before it returns.
func (r *Recorder) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	wg.Go(func() { r.writeLoop(ctx) })
	wg.Go(func() { r.deliverLoop(ctx) })
	wg.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return r.Flush(last)
}

func (r *Recorder) writeLoop(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.some:
		}
		timer := time.NewTimer(r.o.FlushEvery)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-r.much:
		}
		timer.Stop()
		if err := r.write(); err != nil { // counted and reported
			signal(r.some)
			pause(ctx, r.o.FlushEvery) // much may be signaled all the time
		}
	}
}

// pause waits, and reports whether ctx is not done.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Flush delivers the outbox and writes all that waits. It returns what kept it.
func (r *Recorder) Flush(ctx context.Context) error {
	var err error
	for more := true; more && err == nil; {
		more, err = r.deliver(ctx)
	}
	return errors.Join(err, r.write())
}

// Reset removes all records, for a server that starts anew. The outbox is to be
// emptied before.
func (r *Recorder) Reset() error {
	r.outbox.mu.Lock()
	defer r.outbox.mu.Unlock()
	r.fileMu.Lock()
	defer r.fileMu.Unlock()
	if r.trail == nil {
		return ErrClosed
	}
	r.mu.Lock()
	r.buffer, r.spare, r.losing = batch{}, nil, false
	r.mu.Unlock()
	r.outbox.late, r.outbox.written, r.outbox.compare = nil, nil, false
	if err := r.trail.reset(); err != nil {
		return fmt.Errorf("removing the record: %w", err)
	}
	return nil
}

// Counters returns what was done so far.
func (r *Recorder) Counters() Counters {
	c := &r.counters
	return Counters{
		Written: c.written.Load(), Dropped: c.dropped.Load(), Sampled: c.sampled.Load(),
		Delivered: c.delivered.Load(), WriteErrors: c.writeErrors.Load(), OutboxErrors: c.outboxErrors.Load(),
	}
}

// Close writes what waits and closes the files. Nothing is recorded from then
// on. It does not touch the store.
func (r *Recorder) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.fileMu.Lock()
	defer r.fileMu.Unlock()
	if r.trail == nil {
		return nil
	}
	err := r.writeLocked()
	if err != nil {
		r.counters.dropped.Add(uint64(r.buffer.count))
	}
	if f := r.trail.file; f != nil {
		err = errors.Join(err, f.Sync(), f.Close())
	}
	r.trail = nil
	return err
}
