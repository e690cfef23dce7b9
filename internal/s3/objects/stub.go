package objects

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Store ...
type Store struct{}

// Open opens the store in dir, making it if need be (dir and everything in it
// readable by its owner only: TH-109). Its cost does not depend on how much is stored.
func Open(dir string, o Options) (*Store, error) { panic("objects: not written yet") }

// Close waits for commits on their way and closes the index.
func (s *Store) Close() error { panic("objects: not written yet") }

// ServeObject implements [Handler].
func (s *Store) ServeObject(w http.ResponseWriter, r *http.Request, call *Call) error {
	panic("objects: not written yet")
}

// CreateBucket makes the id alive. A new id needs no call: ids are alive until
// they are dropped. It undoes Drop of an id whose bucket lives on after all.
func (s *Store) CreateBucket(ctx context.Context, id string) error { panic("objects: not written yet") }

// Empty reports whether the bucket holds no object, version or marker, and
// whether it ever had versioning. Open uploads do not count (S3-95).
func (s *Store) Empty(ctx context.Context, id string) (empty, versioned bool, err error) {
	panic("objects: not written yet")
}

// Drop marks the bucket id dead in one transaction that also checks that the
// bucket is empty, so that no write on its way can land in it afterwards
// (TH-56). It returns a [*NotEmptyError] when it is not empty, and nil when the
// id is already dead. Open uploads die with it.
func (s *Store) Drop(ctx context.Context, id string) error { panic("objects: not written yet") }

// Sweep makes one pass over the store's files, paced, and is meant to be called
// every few hours: it removes what died (uploads of dropped buckets), moves
// files that no record names and that are older than a day into quarantine, and
// removes what has been there for a week (TH-75). now is read once per file.
func (s *Store) Sweep(ctx context.Context, now func() time.Time) error {
	panic("objects: not written yet")
}

// Snapshot copies the index and links the bodies into dir, replacing what is there.
func (s *Store) Snapshot(ctx context.Context, dir string) error { panic("objects: not written yet") }

// Restore replaces everything with what Snapshot wrote. Calls on their way fail.
func (s *Store) Restore(ctx context.Context, dir string) error { panic("objects: not written yet") }

// Reset removes everything. Calls on their way fail.
func (s *Store) Reset(ctx context.Context) error { panic("objects: not written yet") }

// ReadDelete reads and checks DeleteObjects' document: S3-97's checksum
// requirement, Content-MD5, the size limit and the strict form (S3-16, S3-124,
// TH-19). Its error is an [*s3err.Error] or one of body's.
func ReadDelete(header http.Header, body io.Reader) (deletes []Delete, quiet bool, err error) {
	panic("objects: not written yet")
}
