// Package blobs keeps large bodies in files with random names. A file is complete
// and synced before anybody names it, and never changes: its mode is 0400. What
// nobody names any more is moved into quarantine before it is removed.
package blobs

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// An ID names a blob. It is random and says nothing of what is inside.
type ID [16]byte

const bufferSize = 256 << 10

// A Dir is a directory of blobs: <dir>/blobs/<xx>/<id> and <dir>/quarantine/<id>.
// Its methods may be called from any goroutine.
type Dir struct {
	dir, quarantined string
	random           io.Reader

	buffers sync.Pool // *[]byte of bufferSize

	mu     sync.Mutex
	known  [256]bool   // fan-out directories that exist, durably
	busy   map[ID]int  // being written, or read piece by piece
	doomed map[ID]bool // to be removed once no longer busy
}

// Open opens the blobs below dir, making what is missing. It looks at none of
// them. random is where names come from.
func Open(dir string, random io.Reader) (*Dir, error) {
	d := &Dir{
		dir: filepath.Join(dir, "blobs"), quarantined: filepath.Join(dir, "quarantine"), random: random,
		buffers: sync.Pool{New: func() any { return new(make([]byte, bufferSize)) }},
		busy:    map[ID]int{},
		doomed:  map[ID]bool{},
	}
	for _, name := range []string{dir, d.dir, d.quarantined} {
		if err := Private(name); err != nil {
			return nil, err
		}
	}
	return d, SyncDir(dir)
}

// Private makes a directory that is its owner's only (TH-109).
func Private(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the object store: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a directory
		return fmt.Errorf("protecting the object store: %w", err)
	}
	return nil
}

func path(dir string, id ID) string {
	name := hex.EncodeToString(id[:])
	return filepath.Join(dir, name[:2], name)
}

func parseID(name string) (id ID, ok bool) {
	if len(name) != 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(name))
	return id, err == nil
}

// A Writer is a blob on its way. Exactly one of Keep and Abandon ends it.
type Writer struct {
	ID ID
	d  *Dir
	f  *os.File
}

// Create begins a blob.
func (d *Dir) Create() (*Writer, error) {
	var id ID
	if _, err := io.ReadFull(d.random, id[:]); err != nil {
		return nil, fmt.Errorf("naming a blob: %w", err)
	}
	if err := d.fanOut(id[0]); err != nil {
		return nil, err
	}
	d.Hold(id)
	f, err := os.OpenFile(path(d.dir, id), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		d.Unhold(id)
		return nil, fmt.Errorf("creating a blob: %w", err)
	}
	return &Writer{ID: id, d: d, f: f}, nil
}

// fanOut makes the directory of blobs that begin with first, durably.
func (d *Dir) fanOut(first byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known[first] {
		return nil
	}
	err := os.Mkdir(filepath.Join(d.dir, hex.EncodeToString([]byte{first})), 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("creating a directory of blobs: %w", err)
	}
	if err := SyncDir(d.dir); err != nil {
		return err
	}
	d.known[first] = true
	return nil
}

// Write appends to the blob.
func (w *Writer) Write(p []byte) (int, error) {
	n, err := w.f.Write(p)
	if err != nil {
		return n, fmt.Errorf("writing a blob: %w", err)
	}
	return n, nil
}

// Sync ends the writing and makes the file and its name durable.
func (w *Writer) Sync() error {
	if err := w.f.Sync(); err != nil {
		return fmt.Errorf("syncing a blob: %w", err)
	}
	if err := w.f.Close(); err != nil {
		return fmt.Errorf("closing a blob: %w", err)
	}
	return SyncDir(filepath.Dir(w.f.Name()))
}

// Keep lets go of the blob, which is named now; Sweep leaves it alone until then.
func (w *Writer) Keep() { w.d.Unhold(w.ID) }

// Abandon removes the blob.
func (w *Writer) Abandon() {
	_ = w.f.Close() // may be closed already
	w.d.Discard(w.ID)
	w.d.Unhold(w.ID)
}

// SyncDir makes the names in a directory durable.
func SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("syncing a directory: %w", err)
	}
	err = f.Sync()
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("syncing a directory: %w", err)
	}
	return nil
}

// Open opens a blob for reading. The error is fs.ErrNotExist when it is gone.
func (d *Dir) Open(id ID) (*os.File, error) {
	f, err := os.Open(path(d.dir, id))
	if err != nil {
		return nil, fmt.Errorf("opening a blob: %w", err)
	}
	return f, nil
}

// Hold keeps files although they may be discarded, until Unhold.
func (d *Dir) Hold(ids ...ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		d.busy[id]++
	}
}

// Unhold undoes Hold.
func (d *Dir) Unhold(ids ...ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		if d.busy[id]--; d.busy[id] > 0 {
			continue
		}
		delete(d.busy, id)
		if d.doomed[id] {
			delete(d.doomed, id)
			d.remove(id)
		}
	}
}

func (d *Dir) held(id ID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.busy[id] > 0
}

// Discard removes the file, now or when nobody holds it any more. Nobody may name
// it any longer.
func (d *Dir) Discard(id ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[id] > 0 {
		d.doomed[id] = true
		return
	}
	d.remove(id)
}

// remove may fail: what is left over is an orphan, which Sweep finds.
func (d *Dir) remove(id ID) { _ = os.Remove(path(d.dir, id)) }

// Buffer returns a large buffer; Reuse takes it back.
func (d *Dir) Buffer() *[]byte { return d.buffers.Get().(*[]byte) }

// Reuse takes back what Buffer returned.
func (d *Dir) Reuse(buf *[]byte) { d.buffers.Put(buf) }

// Clear removes all blobs that nobody holds; what is held is an orphan from now on.
func (d *Dir) Clear() error {
	return each(d.dir, func(_ string, id ID) error {
		d.Discard(id)
		return nil
	})
}

func each(dir string, fn func(path string, id ID) error) error {
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if id, ok := parseID(e.Name()); ok {
			return fn(path, id)
		}
		return nil // not ours: left alone
	})
	if err != nil {
		return fmt.Errorf("walking blobs: %w", err)
	}
	return nil
}

// LinkTo gives every blob a name below the directory to as well. Blobs never
// change, so both may share them.
func (d *Dir) LinkTo(ctx context.Context, to string) error { return link(ctx, d.dir, to) }

// LinkFrom takes back what LinkTo linked.
func (d *Dir) LinkFrom(ctx context.Context, from string) error { return link(ctx, from, d.dir) }

func link(ctx context.Context, from, to string) error {
	return each(from, func(name string, id ID) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		target := path(to, id)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		err := os.Link(name, target)
		if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			return nil // there already, or just removed because nobody names it
		}
		return err
	})
}

// A Sweep says how Dir.Sweep works.
type Sweep struct {
	// Now is the time against which ages are measured.
	Now time.Time
	// OrphanAge is how old a file must be, QuarantineAge how long it stays in
	// quarantine.
	OrphanAge, QuarantineAge time.Duration
	// Pause is made after each directory.
	Pause time.Duration
	// Named reports whether somebody names the blob.
	Named func(ID) (bool, error)
}

// Sweep moves files that nobody names into quarantine and removes what has been
// there for long enough (TH-75).
func (d *Dir) Sweep(ctx context.Context, s Sweep) error {
	if err := d.emptyQuarantine(s); err != nil {
		return err
	}
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return fmt.Errorf("sweeping blobs: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if err := d.sweepDir(filepath.Join(d.dir, e.Name()), s); err != nil {
			return err
		}
		if err := sleep(ctx, s.Pause); err != nil {
			return err
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *Dir) sweepDir(dir string, s Sweep) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("sweeping blobs: %w", err)
	}
	for _, e := range entries {
		id, ours := parseID(e.Name())
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || !ours {
			continue
		} else if err != nil {
			return fmt.Errorf("sweeping blobs: %w", err)
		}
		if s.Now.Sub(info.ModTime()) < s.OrphanAge || d.held(id) {
			continue // held is looked at first: a blob is named before it is let go
		}
		if named, err := s.Named(id); err != nil {
			return err
		} else if named {
			continue
		}
		if err := d.quarantine(filepath.Join(dir, e.Name()), s.Now); err != nil {
			return err
		}
	}
	return nil
}

// quarantine moves the file and stamps it with the time of the move.
func (d *Dir) quarantine(file string, now time.Time) error {
	target := filepath.Join(d.quarantined, filepath.Base(file))
	err := os.Rename(file, target)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = os.Chtimes(target, now, now)
	}
	if err != nil {
		return fmt.Errorf("moving a blob into quarantine: %w", err)
	}
	return nil
}

func (d *Dir) emptyQuarantine(s Sweep) error {
	entries, err := os.ReadDir(d.quarantined)
	if err != nil {
		return fmt.Errorf("emptying the quarantine: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || s.Now.Sub(info.ModTime()) < s.QuarantineAge {
			continue
		}
		err = os.Remove(filepath.Join(d.quarantined, e.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("emptying the quarantine: %w", err)
		}
	}
	return nil
}
