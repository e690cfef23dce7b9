// Package index is an ordered map in one bbolt file with a group commit: one
// goroutine takes along all changes that wait, commits them together and
// answers each. It is what [objects] keeps its records in.
//
// [objects]: https://pkg.go.dev/github.com/regent-iam/regent/internal/s3/objects
package index

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// File is the name of the bbolt file in the index's directory.
const File = "index.db"

// maxBatch bounds how many changes one commit takes along, so that the first of
// them does not wait for ever.
const maxBatch = 256

var (
	// ErrLocked is returned by Open when another process has the index open.
	ErrLocked = errors.New("object store is open in another process")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("object store is closed")
	// ErrCommit wraps the error of a commit: what the disk holds is not known.
	ErrCommit = errors.New("committing to the object index")
)

// A DB is an open index. Its methods may be called from any goroutine.
type DB struct {
	dir     string
	timeout time.Duration

	mu    sync.RWMutex // held for writing while the file is exchanged
	db    *bolt.DB     // nil once closed
	epoch uint64       // counts exchanges

	queue   chan *change
	closing chan struct{}
	stopped chan struct{}
	once    sync.Once
}

// Open opens the index in dir, which exists, making the file if need be. It waits
// for timeout for another process that has it open.
func Open(dir string, timeout time.Duration) (*DB, error) {
	db, err := open(dir, timeout)
	if err != nil {
		return nil, err
	}
	d := &DB{
		dir: dir, timeout: timeout, db: db,
		queue:   make(chan *change, maxBatch),
		closing: make(chan struct{}),
		stopped: make(chan struct{}),
	}
	go d.write()
	return d, nil
}

func root() []byte { return []byte("objects") }

func open(dir string, timeout time.Duration) (*bolt.DB, error) {
	path := filepath.Join(dir, File)
	db, err := bolt.Open(path, 0o600, &bolt.Options{
		Timeout:         timeout,
		FreelistType:    bolt.FreelistMapType,
		InitialMmapSize: 256 << 20, // address space only; a larger map makes writers wait for readers
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrLocked
	} else if err != nil {
		return nil, fmt.Errorf("opening %s: %w", File, err)
	}
	err = os.Chmod(path, 0o600)
	if err == nil {
		err = prepare(db)
	}
	if err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("preparing %s: %w", File, err)
	}
	return db, nil
}

// prepare makes the root on first use. Later starts write nothing.
func prepare(db *bolt.DB) error {
	made := false
	err := db.View(func(tx *bolt.Tx) error {
		made = tx.Bucket(root()) != nil
		return nil
	})
	if err != nil || made {
		return err
	}
	return db.Update(func(tx *bolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists(root())
		return err
	})
}

// Close waits for commits on their way and closes the file.
func (d *DB) Close() error {
	d.once.Do(func() { close(d.closing) })
	<-d.stopped
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.db == nil {
		return nil
	}
	err := d.db.Close()
	d.db = nil
	if err != nil {
		return fmt.Errorf("closing the object index: %w", err)
	}
	return nil
}

// Epoch counts how often the file was exchanged. What began in one epoch must not
// commit in another: compare it with [Txn.Epoch].
func (d *DB) Epoch() uint64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.epoch
}

// A Reader reads the index in one transaction. What it returns is valid only
// inside it and must not be changed.
type Reader struct {
	b *bolt.Bucket
}

// Get returns the value of key, nil when there is none.
func (r Reader) Get(key []byte) []byte { return r.b.Get(key) }

// First returns the first entry whose key begins with prefix; k is nil when there
// is none.
func (r Reader) First(prefix []byte) (k, v []byte) { return r.Cursor(prefix).Seek(prefix) }

// Cursor returns a cursor over the entries whose keys begin with prefix.
func (r Reader) Cursor(prefix []byte) Cursor { return Cursor{r.b.Cursor(), prefix} }

// A Cursor moves over the entries below a prefix, in order of their keys.
type Cursor struct {
	c      *bolt.Cursor
	prefix []byte
}

// Seek moves to the first entry at or behind from; k is nil behind the last.
func (c Cursor) Seek(from []byte) (k, v []byte) { return c.below(c.c.Seek(from)) }

// Next moves to the next entry; k is nil behind the last.
func (c Cursor) Next() (k, v []byte) { return c.below(c.c.Next()) }

func (c Cursor) below(k, v []byte) (key, value []byte) {
	if !bytes.HasPrefix(k, c.prefix) {
		return nil, nil
	}
	return k, v
}

// A Txn is a change to the index. Writes are held back until the change has
// returned nil, so one that is refused leaves nothing and cannot harm those it
// shares a commit with; therefore a change does not see its own writes.
type Txn struct {
	Reader
	// Epoch is the index's epoch at the commit.
	Epoch  uint64
	writes []write
	after  []func()
}

type write struct {
	key, value []byte // a nil value deletes
}

// Set sets the value of key, which must not be nil; both must stay as they are
// until Update returns.
func (t *Txn) Set(key, value []byte) { t.writes = append(t.writes, write{key, value}) }

// Delete removes key.
func (t *Txn) Delete(key []byte) { t.writes = append(t.writes, write{key, nil}) }

// After has fn called when the change is durable, before Update returns.
func (t *Txn) After(fn func()) { t.after = append(t.after, fn) }

func (t *Txn) apply() error {
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
	fn    func(*Txn) error
	err   error
	after []func()
	done  chan struct{}
}

// View runs fn on a consistent state of the index.
func (d *DB) View(fn func(Reader) error) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.db == nil {
		return ErrClosed
	}
	return d.db.View(func(tx *bolt.Tx) error { return fn(Reader{tx.Bucket(root())}) })
}

// Update runs fn in the next commit and returns once that is durable. fn runs
// once, on the one writer, and must not wait for anything. When ctx ends while
// the change is under way, Update still returns its outcome. An error of the
// commit is an ErrCommit.
func (d *DB) Update(ctx context.Context, fn func(*Txn) error) error {
	c := &change{fn: fn, done: make(chan struct{})}
	select {
	case d.queue <- c:
	case <-d.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-c.done:
	case <-d.stopped:
		select {
		case <-c.done:
		default:
			return ErrClosed
		}
	}
	for _, fn := range c.after {
		fn()
	}
	return c.err
}

// write is the one goroutine that changes the index: it takes what is queued,
// without waiting for more, and commits it once.
func (d *DB) write() {
	defer close(d.stopped)
	batch := make([]*change, 0, maxBatch)
	for {
		batch = batch[:0]
		select {
		case c := <-d.queue:
			batch = append(batch, c)
		case <-d.closing:
			return
		}
	more:
		for len(batch) < maxBatch {
			select {
			case c := <-d.queue:
				batch = append(batch, c)
			default:
				break more
			}
		}
		d.commit(batch)
		for _, c := range batch {
			close(c.done)
		}
	}
}

func (d *DB) commit(batch []*change) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	err := d.commitTx(batch)
	if err == nil {
		return
	}
	for _, c := range batch { // nothing was kept, whatever each was told
		if c.err == nil {
			c.err = fmt.Errorf("%w: %w", ErrCommit, err)
			c.after = nil
		}
	}
}

func (d *DB) commitTx(batch []*change) error {
	if d.db == nil {
		return ErrClosed
	}
	tx, err := d.db.Begin(true)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing to roll back after a commit
	b := tx.Bucket(root())
	wrote := false
	for _, c := range batch {
		t := Txn{Reader: Reader{b}, Epoch: d.epoch}
		if c.err = c.fn(&t); c.err != nil {
			continue
		}
		if err := t.apply(); err != nil {
			return err
		}
		wrote = wrote || len(t.writes) > 0
		c.after = t.after
	}
	if !wrote {
		return nil
	}
	return tx.Commit()
}

// Backup writes a consistent copy of the file to w while the index works on.
func (d *DB) Backup(w io.Writer) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.db == nil {
		return ErrClosed
	}
	err := d.db.View(func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(w)
		return err
	})
	if err != nil {
		return fmt.Errorf("copying the object index: %w", err)
	}
	return nil
}

// Snapshot writes a copy of the file to path and then runs fn, both while nothing
// changes the index.
func (d *DB) Snapshot(path string, fn func() error) error {
	return d.exclusively(func() error {
		err := d.db.View(func(tx *bolt.Tx) error { return tx.CopyFile(path, 0o600) })
		if err != nil {
			return fmt.Errorf("copying the object index: %w", err)
		}
		return fn()
	})
}

// Restore runs fn and replaces the file with the one at path, both while nothing
// reads or changes the index. It begins a new epoch.
func (d *DB) Restore(path string, fn func() error) error {
	return d.exchange(func() error {
		if err := fn(); err != nil {
			return err
		}
		return replaceFile(path, filepath.Join(d.dir, File))
	})
}

// Reset runs fn and empties the index, as Restore does.
func (d *DB) Reset(fn func() error) error {
	return d.exchange(func() error {
		if err := os.Remove(filepath.Join(d.dir, File)); err != nil {
			return fmt.Errorf("removing the object index: %w", err)
		}
		return fn()
	})
}

func (d *DB) exclusively(fn func() error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.db == nil {
		return ErrClosed
	}
	return fn()
}

// exchange closes the file, runs fn and opens what is there then. The index is
// closed for good when that fails.
func (d *DB) exchange(fn func() error) error {
	return d.exclusively(func() error {
		d.epoch++
		err := d.db.Close()
		d.db = nil
		if err != nil {
			return fmt.Errorf("closing the object index: %w", err)
		}
		failed := fn()
		db, err := open(d.dir, d.timeout)
		if err != nil {
			return errors.Join(failed, err)
		}
		d.db = db
		return failed
	})
}

// replaceFile puts a copy of the file at from in the place of the one at to,
// durably and whole or not at all.
func replaceFile(from, to string) error {
	src, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("opening the snapshot: %w", err)
	}
	defer func() { _ = src.Close() }() // only read
	dst, err := os.OpenFile(to+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	_, err = io.Copy(dst, src)
	if err == nil {
		err = dst.Sync()
	}
	if closeErr := dst.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(to+".new", to)
	}
	if err == nil {
		err = syncDir(filepath.Dir(to))
	}
	if err != nil {
		return fmt.Errorf("restoring: %w", err)
	}
	return nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = f.Sync()
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
