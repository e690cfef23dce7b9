// Package objects is Regent's own object store: large bodies in immutable files,
// everything else in one bbolt index.
//
// It knows nothing of accounts, policies or signatures. The gateway in front of
// it authenticates, authorizes and classifies, and hands it a [Call]; what is
// stored is keyed by the bucket's immutable id, and a change is committed only
// while that id is alive, so that a bucket name that changes hands inherits
// nothing (TH-56).
//
// What was answered with success is durable: a body is synced before the index
// names it, and the index is synced before the answer. A failed or cut-off
// upload leaves nothing visible.
package objects

import (
	"errors"
	"io"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects/index"
)

// Options says how a [Store] works. The zero value works.
type Options struct {
	// Random is where upload ids, version ids and blob names come from;
	// nil means crypto/rand.
	Random io.Reader
	// InlineLimit is the largest body in bytes that is kept in the index instead
	// of a file; 0 means 16 KiB, negative means none.
	InlineLimit int
	// SweepPause is the pause of Sweep after each directory; 0 means 100 ms.
	SweepPause time.Duration
	// Patience is how long the answer to a copy waits for its result before it
	// begins with blanks, so that errors keep their status as long as clients
	// wait (S3-145); 0 means 5 seconds.
	Patience time.Duration
	// OpenTimeout is how long to wait for another process that has the store
	// open; 0 means 1 second.
	OpenTimeout time.Duration
}

var (
	// ErrLocked is returned by Open when another process has the store open.
	ErrLocked = index.ErrLocked
	// ErrClosed is returned after Close.
	ErrClosed = index.ErrClosed
	// ErrNoBucket is returned for a bucket id that was dropped.
	ErrNoBucket = errors.New("bucket is gone")
)

// A NotEmptyError is why a bucket cannot be dropped.
type NotEmptyError struct {
	// Versioned reports whether the bucket ever had versioning (S3-95).
	Versioned bool
}

// Error says that the bucket is not empty.
func (e *NotEmptyError) Error() string { return "bucket is not empty" }
