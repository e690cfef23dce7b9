package objects

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// A Store keeps objects below one directory. Its methods may be called from any
// goroutine.
type Store struct {
	dir    string
	o      Options
	random io.Reader
	blobs  *blobs

	mu    sync.RWMutex // held for writing while the index is exchanged
	db    *bolt.DB     // nil once closed
	epoch uint64       // counts exchanges: what began before one must not commit after it

	queue   chan *change
	closing chan struct{}
	stopped chan struct{}
	once    sync.Once
}

var _ Handler = (*Store)(nil)

// Open opens the store in dir, making it if need be; dir and everything in it
// is for its owner only (TH-109). Its cost does not depend on how much is stored.
// It returns ErrLocked when another process has the store open.
func Open(dir string, o Options) (*Store, error) {
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.InlineLimit == 0 {
		o.InlineLimit = 16 << 10
	}
	if o.SweepPause == 0 {
		o.SweepPause = 100 * time.Millisecond
	}
	if o.Patience == 0 {
		o.Patience = 5 * time.Second
	}
	if o.OpenTimeout == 0 {
		o.OpenTimeout = time.Second
	}
	for _, d := range []string{dir, filepath.Join(dir, blobsDir), filepath.Join(dir, quarantineDir)} {
		if err := privateDir(d); err != nil {
			return nil, err
		}
	}
	db, err := openIndex(dir, o.OpenTimeout)
	if err != nil {
		return nil, err
	}
	if err := syncDir(dir); err != nil {
		_ = db.Close()
		return nil, err
	}
	random := &lockedReader{r: o.Random}
	s := &Store{
		dir: dir, o: o, random: random, db: db,
		blobs:   newBlobs(filepath.Join(dir, blobsDir), random),
		queue:   make(chan *change, maxBatch),
		closing: make(chan struct{}),
		stopped: make(chan struct{}),
	}
	go s.write()
	return s, nil
}

func privateDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the object store: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a directory
		return fmt.Errorf("protecting the object store: %w", err)
	}
	return nil
}

// Close waits for commits on their way and closes the index.
func (s *Store) Close() error {
	s.once.Do(func() { close(s.closing) })
	<-s.stopped
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return nil
	}
	err := s.db.Close()
	s.db = nil
	if err != nil {
		return fmt.Errorf("closing the object index: %w", err)
	}
	return nil
}

func (s *Store) currentEpoch() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.epoch
}

type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *lockedReader) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}

// CreateBucket makes the id alive. A new id needs no call: ids are alive until
// they are dropped. It undoes Drop for a bucket that lives on after all.
func (s *Store) CreateBucket(ctx context.Context, id string) error {
	if !validBucketID(id) {
		return errBucketID
	}
	return s.update(ctx, func(t *txn) error {
		state, err := t.bucket(id)
		if err != nil || state.dead == 0 {
			return err
		}
		state.dead = 0
		t.set(bucketKey(id), state.encode())
		return nil
	})
}

// Empty reports whether the bucket holds no object, version or marker, and
// whether it ever had versioning. Open uploads do not count (S3-95).
func (s *Store) Empty(id string) (empty, versioned bool, err error) {
	if !validBucketID(id) {
		return false, false, errBucketID
	}
	err = s.view(func(r reader) error {
		state, err := r.bucket(id)
		empty, versioned = r.empty(id), state.versioning != versioningNever
		return err
	})
	return empty, versioned, err
}

// Drop marks the bucket id dead in one transaction that also checks that the
// bucket is empty, so that no write on its way can land in it afterwards
// (TH-56). It returns a [*NotEmptyError] when it is not empty, and nil when the
// id is already dead. Open uploads die with it; Sweep removes them.
func (s *Store) Drop(ctx context.Context, id string, now time.Time) error {
	if !validBucketID(id) {
		return errBucketID
	}
	return s.update(ctx, func(t *txn) error {
		state, err := t.bucket(id)
		if err != nil || state.dead != 0 {
			return err
		}
		if !t.empty(id) {
			return &NotEmptyError{Versioned: state.versioning != versioningNever}
		}
		state.dead = max(1, now.UnixMilli())
		t.set(bucketKey(id), state.encode())
		return nil
	})
}

var errBucketID = errors.New("not a bucket id")

func validBucketID(id string) bool {
	if id == "" || len(id) > maxBucketID {
		return false
	}
	for i := range len(id) {
		if id[i] == 0 {
			return false
		}
	}
	return true
}

func (r reader) bucket(id string) (bucketState, error) {
	return decodeBucket(r.get(bucketKey(id)))
}

// live returns the bucket's state, or ErrNoBucket.
func (r reader) live(id string) (bucketState, error) {
	state, err := r.bucket(id)
	if err == nil && state.dead != 0 {
		err = ErrNoBucket
	}
	return state, err
}

func (r reader) empty(id string) bool {
	prefix := keyPrefix('v', id)
	k, _ := r.first(prefix, prefix)
	return k == nil
}

// current returns the newest version of a key, which may be a marker, or nil.
func (r reader) current(bucket, key string, body bool) (*version, error) {
	prefix := versionsKey(bucket, key)
	k, raw := r.first(prefix, prefix)
	if k == nil {
		return nil, nil
	}
	var x suffix
	copy(x[:], k[len(prefix):])
	return decodeVersion(x, raw, body)
}

// find returns the version that id names ("" the newest), or nil.
func (r reader) find(bucket, key, id string, body bool) (*version, error) {
	switch id {
	case "":
		return r.current(bucket, key, body)
	case "null":
		prefix := versionsKey(bucket, key)
		c := r.b.Cursor()
		for k, raw := seek(c, prefix, prefix); k != nil; k, raw = next(c, prefix) {
			var x suffix
			copy(x[:], k[len(prefix):])
			if v, err := decodeVersion(x, raw, body); err != nil || v.null {
				return v, err
			}
		}
		return nil, nil
	}
	x, ok := parseVersionID(id)
	if !ok {
		return nil, nil
	}
	raw := r.get(versionKey(bucket, key, x))
	if raw == nil {
		return nil, nil
	}
	v, err := decodeVersion(x, raw, body)
	if err != nil || v.null {
		return nil, err // the null version has no other name
	}
	return v, nil
}
