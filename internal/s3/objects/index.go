package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// errCommit wraps the error of a commit: what the disk holds is not known.
var errCommit = errors.New("committing to the object index")

const (
	indexFile = "index.db"
	// maxBatch bounds how many changes one commit takes along, so that the
	// first of them does not wait for ever.
	maxBatch = 256
)

func rootName() []byte { return []byte("objects") }

// openIndex opens the bbolt file in dir.
func openIndex(dir string, timeout time.Duration) (*bolt.DB, error) {
	path := filepath.Join(dir, indexFile)
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout:         timeout,
		FreelistType:    bolt.FreelistMapType,
		InitialMmapSize: 256 << 20, // address space only; a larger map makes writers wait for readers
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrLocked
	} else if err != nil {
		return nil, fmt.Errorf("opening %s: %w", indexFile, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("protecting %s: %w", indexFile, err)
	}
	err = db.View(func(tx *bolt.Tx) error {
		if tx.Bucket(rootName()) == nil {
			return ErrNoBucket
		}
		return nil
	})
	if err != nil {
		err = db.Update(func(tx *bolt.Tx) error {
			_, err := tx.CreateBucketIfNotExists(rootName())
			return err
		})
	}
	if err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("preparing %s: %w", indexFile, err)
	}
	return db, nil
}

// A reader reads the index in one transaction. What it returns is valid only
// inside it.
type reader struct {
	b *bolt.Bucket
}

func (r reader) get(key []byte) []byte { return r.b.Get(key) }

// first returns the first entry at or behind from whose key begins with prefix.
func (r reader) first(prefix, from []byte) (k, v []byte) {
	return seek(r.b.Cursor(), prefix, from)
}

// seek moves c to the first entry at or behind from; k is nil when that does not
// begin with prefix.
func seek(c *bolt.Cursor, prefix, from []byte) (k, v []byte) {
	k, v = c.Seek(from)
	if !bytes.HasPrefix(k, prefix) {
		return nil, nil
	}
	return k, v
}

// next moves c to the next entry below prefix.
func next(c *bolt.Cursor, prefix []byte) (k, v []byte) {
	k, v = c.Next()
	if !bytes.HasPrefix(k, prefix) {
		return nil, nil
	}
	return k, v
}

// A txn is a change to the index. Writes are held back until the change has
// returned nil, so one that is refused leaves nothing and cannot harm those it
// shares a commit with; therefore a change does not see its own writes.
type txn struct {
	reader
	epoch    uint64
	writes   []write
	released []blobID
}

type write struct {
	key, value []byte // a nil value deletes
}

func (t *txn) set(key, value []byte) { t.writes = append(t.writes, write{key, value}) }
func (t *txn) del(key []byte)        { t.writes = append(t.writes, write{key, nil}) }

// adopt makes the index name the blob; the record that holds it is set in the
// same change, so a crash cannot part them (TH-75).
func (t *txn) adopt(id blobID) { t.set(blobKey(id), []byte{1}) }

// release stops naming the blob. Its file goes after the commit.
func (t *txn) release(id blobID) {
	t.del(blobKey(id))
	t.released = append(t.released, id)
}

func (t *txn) apply() error {
	for _, w := range t.writes {
		var err error
		if w.value == nil {
			err = t.b.Delete(w.key)
		} else {
			err = t.b.Put(w.key, w.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// A change waits in the queue of the one writer.
type change struct {
	fn       func(*txn) error
	err      error
	released []blobID
	done     chan struct{}
}

// view runs fn on a consistent state of the index.
func (s *Store) view(fn func(reader) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.db == nil {
		return ErrClosed
	}
	return s.db.View(func(tx *bolt.Tx) error { return fn(reader{tx.Bucket(rootName())}) })
}

// update runs fn in the next commit and returns once that is durable. Files of
// blobs that the change released are removed then.
func (s *Store) update(ctx context.Context, fn func(*txn) error) error {
	c := &change{fn: fn, done: make(chan struct{})}
	select {
	case s.queue <- c:
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-c.done: // also when ctx ends: the outcome must be known
	case <-s.stopped:
		select {
		case <-c.done:
		default:
			return ErrClosed
		}
	}
	for _, id := range c.released {
		s.blobs.discard(id)
	}
	return c.err
}

// write is the one goroutine that changes the index: it takes what is queued,
// without waiting for more, and commits it once.
func (s *Store) write() {
	defer close(s.stopped)
	batch := make([]*change, 0, maxBatch)
	for {
		batch = batch[:0]
		select {
		case c := <-s.queue:
			batch = append(batch, c)
		case <-s.closing:
			return
		}
	more:
		for len(batch) < maxBatch {
			select {
			case c := <-s.queue:
				batch = append(batch, c)
			default:
				break more
			}
		}
		s.commit(batch)
		for _, c := range batch {
			close(c.done)
		}
	}
}

func (s *Store) commit(batch []*change) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	err := s.commitTx(batch)
	if err == nil {
		return
	}
	for _, c := range batch { // nothing was kept, whatever each was told
		if c.err == nil {
			c.err = fmt.Errorf("%w: %w", errCommit, err)
			c.released = nil
		}
	}
}

func (s *Store) commitTx(batch []*change) error {
	if s.db == nil {
		return ErrClosed
	}
	tx, err := s.db.Begin(true)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing to roll back after a commit
	b := tx.Bucket(rootName())
	wrote := false
	for _, c := range batch {
		t := txn{reader: reader{b}, epoch: s.epoch}
		if c.err = c.fn(&t); c.err != nil {
			continue
		}
		if err := t.apply(); err != nil {
			return err
		}
		wrote = wrote || len(t.writes) > 0
		c.released = t.released
	}
	if !wrote {
		return nil
	}
	return tx.Commit()
}
