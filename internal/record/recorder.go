package record

import (
	"context"
	"errors"
	"log/slog"
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
// concurrent use.
type Recorder struct{}

// Open opens the trail in dir, which it makes with mode 0700 if need be. A line
// that a crash cut short is removed from its end.
func Open(dir string, o Options) (*Recorder, error) { panic("record: Open") }

// Record takes events that belong to no change: reads, sessions and calls on
// objects. They are written together, soon, and without waiting for the disk
// (RE-40). It does not fail: what cannot be kept is dropped and counted. The
// events are not used after it returned.
func (r *Recorder) Record(events ...*Event) { panic("record: Record") }

// Wake says that an event was committed to the outbox. It never blocks.
func (r *Recorder) Wake() { panic("record: Wake") }

// Run writes and delivers until ctx is done, and once more before it returns.
func (r *Recorder) Run(ctx context.Context) error { panic("record: Run") }

// Flush delivers the outbox and writes all that waits. It returns what kept it.
func (r *Recorder) Flush(ctx context.Context) error { panic("record: Flush") }

// Reset removes all records, for a server that starts anew. The outbox is to be
// emptied before.
func (r *Recorder) Reset() error { panic("record: Reset") }

// Restored says that the store went back to an earlier state, in which events
// may wait that are in the files already. They are looked for.
func (r *Recorder) Restored() { panic("record: Restored") }

// Counters returns what was done so far.
func (r *Recorder) Counters() Counters { panic("record: Counters") }

// Close writes what waits and closes the files. Nothing is recorded from then
// on. It does not touch the store.
func (r *Recorder) Close() error { panic("record: Close") }
