package objects

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects/blobs"
	"github.com/regent-iam/regent/internal/s3/objects/index"
)

// A Store keeps objects below one directory. Its methods may be called from any
// goroutine.
type Store struct {
	dir    string
	o      Options
	random io.Reader
	blobs  *blobs.Dir
	index  *index.DB
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
	s := &Store{dir: dir, o: o, random: &lockedReader{r: o.Random}}
	var err error
	if s.blobs, err = blobs.Open(dir, s.random); err != nil {
		return nil, err
	}
	if s.index, err = index.Open(dir, o.OpenTimeout); err != nil {
		return nil, err
	}
	if err := blobs.SyncDir(dir); err != nil {
		return nil, errors.Join(err, s.index.Close())
	}
	return s, nil
}

// Close waits for commits on their way and closes the index.
func (s *Store) Close() error { return s.index.Close() }

// A reader reads the index in one transaction. What it returns is valid only
// inside it.
type reader struct{ index.Reader }

// A txn is a change to the index; it does not see its own writes.
type txn struct {
	reader
	tx    *index.Txn
	blobs *blobs.Dir
}

func (t *txn) set(key, value []byte) { t.tx.Set(key, value) }
func (t *txn) del(key []byte)        { t.tx.Delete(key) }

// adopt makes the index name the blob; the record that holds it is set in the
// same change, so a crash cannot part them (TH-75).
func (t *txn) adopt(id blobs.ID) { t.set(blobKey(id), []byte{1}) }

// release stops naming the blob. Its file goes after the commit.
func (t *txn) release(id blobs.ID) {
	t.del(blobKey(id))
	t.tx.After(func() { t.blobs.Discard(id) })
}

func (s *Store) view(fn func(reader) error) error {
	return s.index.View(func(r index.Reader) error { return fn(reader{r}) })
}

func (s *Store) update(ctx context.Context, fn func(*txn) error) error {
	return s.index.Update(ctx, func(tx *index.Txn) error {
		return fn(&txn{reader: reader{tx.Reader}, tx: tx, blobs: s.blobs})
	})
}

type lockedReader struct {
	mu sync.Mutex
	r  io.Reader
}

// Read reads from one goroutine at a time.
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
	return decodeBucket(r.Get(bucketKey(id)))
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
	k, _ := r.First(prefix)
	return k == nil
}

// current returns the newest version of a key, which may be a marker, or nil.
func (r reader) current(bucket, key string, body bool) (*version, error) {
	prefix := versionsKey(bucket, key)
	k, raw := r.First(prefix)
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
		c := r.Cursor(prefix)
		for k, raw := c.Seek(prefix); k != nil; k, raw = c.Next() {
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
	raw := r.Get(versionKey(bucket, key, x))
	if raw == nil {
		return nil, nil
	}
	v, err := decodeVersion(x, raw, body)
	if err != nil || v.null {
		return nil, err // the null version has no other name
	}
	return v, nil
}
