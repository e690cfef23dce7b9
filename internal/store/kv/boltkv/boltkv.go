// Package boltkv keeps a kv.DB in one bbolt file, which one process opens at a time.
//
// It commits in groups: one goroutine lets the functions that are waiting run in turn, each over an overlay that
// is its savepoint, and then writes and syncs the file once for all of them. A lone writer waits for nobody, and
// a function that fails takes nobody with it.
package boltkv

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/regent-iam/regent/internal/store/kv"
)

// bucketName is the bucket that holds everything; its sequence is the revision. The number is the format's.
const bucketName = "regent.kv.1"

// queued is how many Updates may wait before more wait for a place to wait.
const queued = 1024

// ErrFormat reports a file that is not a database of this package, or of another version.
var ErrFormat = errors.New("boltkv: not a regent database")

// ErrBroken reports that an earlier commit ended in a way that leaves open what the file holds. The database
// only reads until it is opened again.
var ErrBroken = errors.New("boltkv: a commit failed, and the database must be opened again")

// Options are what can be chosen. The zero value is good.
type Options struct {
	History int // changes kept for late watchers; 0 is kv.DefaultHistory
}

// A DB is a [kv.DB], a [kv.Replacer] and a [kv.Reviser] in a file.
type DB struct {
	bolt    *bbolt.DB
	log     *kv.Log
	queue   chan *request
	closing chan struct{} // closed when nothing more is to begin
	stopped chan struct{} // closed when the writer has ended
	close   func() error

	committed kv.Revision   // only the writer looks
	present   atomic.Uint64 // committed, for all others
	broken    atomic.Bool

	commits, updates, refused, views atomic.Uint64
}

// Open opens the database file at path, and makes it and its directory when there is none. The file has mode
// 0600 afterwards and its directory 0700, or it is ErrExposed (see [PrivateDirectory]). A file that another
// process has open is [kv.ErrInUse], at once. How long it takes does not depend on how much the file holds.
func Open(path string, opts Options) (*DB, error) {
	if err := PrivateDirectory(filepath.Dir(path), filepath.Base(path)); err != nil {
		return nil, err
	}
	_, missing := os.Stat(path)
	bolt, err := openFile(path, false)
	if err != nil {
		return nil, err
	}
	db := &DB{
		bolt:    bolt,
		queue:   make(chan *request, queued),
		closing: make(chan struct{}),
		stopped: make(chan struct{}),
	}
	db.close = sync.OnceValue(db.shut)
	if err := db.load(); err != nil {
		_ = bolt.Close()
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	if missing != nil {
		if err := syncDirectory(filepath.Dir(path)); err != nil {
			_ = bolt.Close()
			return nil, fmt.Errorf("making %s: %w", path, err)
		}
	}
	db.log = kv.NewLog(db.committed, opts.History)
	go db.write()
	return db, nil
}

// openFile opens the bbolt file at path.
func openFile(path string, readOnly bool) (*bbolt.DB, error) {
	opts := &bbolt.Options{
		Timeout:      time.Nanosecond, // try to lock once: 0 waits for ever
		FreelistType: bbolt.FreelistMapType,
		NoStatistics: true,
		ReadOnly:     readOnly,
		OpenFile:     openPrivate,
	}
	if !readOnly && runtime.GOOS != "windows" && ^uint(0)>>32 != 0 {
		// Address space, not memory or disk: a commit that outgrows the mapping waits for every View to end.
		opts.InitialMmapSize = 1 << 30
	}
	bolt, err := bbolt.Open(path, 0o600, opts)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%w: %s", kv.ErrInUse, path)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrChecksum):
		return nil, fmt.Errorf("%w: %s: %w", ErrFormat, path, err)
	case err != nil:
		return nil, fmt.Errorf("opening %s: %w", path, err)
	}
	return bolt, nil
}

// load reads the revision, and makes the bucket in a new file.
func (db *DB) load() error {
	found := false
	err := db.bolt.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucketName))
		if b != nil {
			db.setCommitted(kv.Revision(b.Sequence()))
			found = true
			return nil
		}
		if name, _ := tx.Cursor().First(); name != nil {
			return ErrFormat
		}
		return nil
	})
	if err != nil || found {
		return err
	}
	return db.bolt.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte(bucketName))
		return err
	})
}

// View implements [kv.DB].
func (db *DB) View(ctx context.Context, fn func(kv.Reader) error) error {
	if err := db.usable(ctx); err != nil {
		return err
	}
	tx, err := db.begin()
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // the end of reading
	db.views.Add(1)
	r := newReader(ctx, tx)
	defer r.end()
	return fn(r)
}

// Present implements [kv.Reviser].
func (db *DB) Present() (kv.Revision, bool) {
	select {
	case <-db.closing:
		return 0, false
	default:
		return kv.Revision(db.present.Load()), !db.broken.Load()
	}
}

// setCommitted is called before anybody is told that their change is committed.
func (db *DB) setCommitted(r kv.Revision) {
	db.committed = r
	db.present.Store(uint64(r))
}

// begin begins to read.
func (db *DB) begin() (*bbolt.Tx, error) {
	tx, err := db.bolt.Begin(false)
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return nil, kv.ErrClosed
	}
	return tx, err
}

// Update implements [kv.DB]. It runs fn once, in the goroutine of the caller.
func (db *DB) Update(ctx context.Context, fn func(kv.Writer) error) error {
	req := newRequest(ctx)
	base, err := db.await(req)
	if err != nil {
		return err
	}
	req.run(base, fn)
	return <-req.answer
}

// Replace implements [kv.Replacer]. All entries are in memory until they are written.
func (db *DB) Replace(ctx context.Context, entries iter.Seq2[kv.Entry, error]) error {
	req := newRequest(ctx)
	req.replace = true
	if _, err := db.await(req); err != nil {
		return err
	}
	defer func() { req.done <- outcome{} }() // the writer waits, whatever entries does
	return db.exchange(ctx, entries)
}

// Watch implements [kv.DB].
func (db *DB) Watch(ctx context.Context, from kv.Revision) iter.Seq2[kv.Event, error] {
	return db.log.Watch(ctx, from)
}

// Close implements [kv.DB]. It waits for Views too: they read the file.
func (db *DB) Close() error { return db.close() }

func (db *DB) shut() error {
	close(db.closing)
	<-db.stopped
	db.log.Close()
	if err := db.bolt.Close(); err != nil {
		return fmt.Errorf("closing %s: %w", db.bolt.Path(), err)
	}
	return nil
}

func (db *DB) usable(ctx context.Context) error {
	select {
	case <-db.closing:
		return kv.ErrClosed
	default:
		return ctx.Err()
	}
}

// Backup writes a consistent copy of the database file to w while others read and write, and returns how many
// bytes that were. Until it returns the file keeps the pages that it still has to read. Check the copy with [Verify].
func (db *DB) Backup(ctx context.Context, w io.Writer) (int64, error) {
	if err := db.usable(ctx); err != nil {
		return 0, err
	}
	tx, err := db.begin()
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }() // the end of reading
	n, err := tx.WriteTo(contextWriter{ctx, w})
	if ended := ctx.Err(); err != nil && ended != nil {
		return n, ended
	}
	if err != nil {
		return n, fmt.Errorf("copying the database: %w", err)
	}
	return n, nil
}

// A contextWriter refuses to write when its context has ended.
type contextWriter struct {
	ctx context.Context // of the one call that it serves
	w   io.Writer
}

func (w contextWriter) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.w.Write(b)
}

// Verify reads all of the database file at path, which nobody may have open, and returns its revision, or an
// error when it is damaged. It takes as long as the file is large.
func Verify(ctx context.Context, path string) (kv.Revision, error) {
	if _, err := os.Stat(path); err != nil {
		return 0, err
	}
	bolt, err := openFile(path, true)
	if err != nil {
		return 0, err
	}
	defer func() { _ = bolt.Close() }() // it was only read
	var revision kv.Revision
	err = bolt.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket([]byte(bucketName))
		if b == nil {
			return ErrFormat
		}
		revision = kv.Revision(b.Sequence())
		var damage error
		for err := range tx.Check() { // to its end: another goroutine sends
			if damage == nil {
				damage = err
			}
		}
		if damage != nil {
			return fmt.Errorf("%w: %w", ErrFormat, damage)
		}
		return ctx.Err()
	})
	if err != nil {
		return 0, fmt.Errorf("verifying %s: %w", path, err)
	}
	return revision, nil
}

// Size returns how many bytes of the file are in use, free pages between them included. It is 0 after Close.
func (db *DB) Size() int64 {
	tx, err := db.begin()
	if err != nil {
		return 0
	}
	defer func() { _ = tx.Rollback() }() // the end of reading
	return tx.Size()
}

// Stats are counts since Open.
type Stats struct {
	Commits uint64 // transactions written to the file and synced
	Updates uint64 // functions whose changes were committed
	Refused uint64 // functions that failed, panicked, were canceled or exceeded a limit
	Views   uint64
}

// Stats returns counts since Open.
func (db *DB) Stats() Stats {
	return Stats{Commits: db.commits.Load(), Updates: db.updates.Load(), Refused: db.refused.Load(), Views: db.views.Load()}
}
