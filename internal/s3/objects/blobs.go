package objects

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

const (
	blobsDir      = "blobs"
	quarantineDir = "quarantine"
	copyBuffer    = 256 << 10
)

// A blobID names a blob file. It is random and says nothing of what is inside.
type blobID [16]byte

// blobs are the files of large bodies. A file is complete and synced before the
// index names it, and never changes: its mode is 0400.
type blobs struct {
	dir    string
	random io.Reader

	buffers sync.Pool // *[]byte of copyBuffer

	mu     sync.Mutex
	known  [256]bool       // fan-out directories that exist, durably
	busy   map[blobID]int  // being written, or read piece by piece
	doomed map[blobID]bool // to be removed once no longer busy
}

func newBlobs(dir string, random io.Reader) *blobs {
	return &blobs{
		dir: dir, random: random,
		buffers: sync.Pool{New: func() any { return new(make([]byte, copyBuffer)) }},
		busy:    map[blobID]int{},
		doomed:  map[blobID]bool{},
	}
}

func (b *blobs) path(id blobID) string {
	name := hex.EncodeToString(id[:])
	return filepath.Join(b.dir, name[:2], name)
}

// A blobWriter is a blob on its way. Exactly one of keep and abandon ends it.
type blobWriter struct {
	b  *blobs
	id blobID
	f  *os.File
}

func (b *blobs) create() (*blobWriter, error) {
	var id blobID
	if _, err := io.ReadFull(b.random, id[:]); err != nil {
		return nil, fmt.Errorf("naming a blob: %w", err)
	}
	if err := b.fanOut(id[0]); err != nil {
		return nil, err
	}
	b.hold(id)
	f, err := os.OpenFile(b.path(id), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		b.unhold(id)
		return nil, fmt.Errorf("creating a blob: %w", err)
	}
	return &blobWriter{b: b, id: id, f: f}, nil
}

// fanOut makes the directory of blobs that begin with first, durably.
func (b *blobs) fanOut(first byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.known[first] {
		return nil
	}
	err := os.Mkdir(filepath.Join(b.dir, hex.EncodeToString([]byte{first})), 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("creating a directory of blobs: %w", err)
	}
	if err := syncDir(b.dir); err != nil {
		return err
	}
	b.known[first] = true
	return nil
}

// sync makes the file and its name durable. The blob stays held, so that Sweep
// leaves it alone, until keep.
func (w *blobWriter) sync() error {
	if err := w.f.Sync(); err != nil {
		return fmt.Errorf("syncing a blob: %w", err)
	}
	if err := w.f.Close(); err != nil {
		return fmt.Errorf("closing a blob: %w", err)
	}
	return syncDir(filepath.Dir(w.f.Name()))
}

// keep ends the writing of a blob that the index names now.
func (w *blobWriter) keep() { w.b.unhold(w.id) }

// abandon removes the blob.
func (w *blobWriter) abandon() {
	_ = w.f.Close() // may be closed already
	w.b.discard(w.id)
	w.b.unhold(w.id)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("syncing a directory: %w", err)
	}
	err = d.Sync()
	if closeErr := d.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("syncing a directory: %w", err)
	}
	return nil
}

func (b *blobs) open(id blobID) (*os.File, error) { return os.Open(b.path(id)) }

// hold keeps the file although the index may stop naming it.
func (b *blobs) hold(ids ...blobID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		b.busy[id]++
	}
}

func (b *blobs) unhold(ids ...blobID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if b.busy[id]--; b.busy[id] > 0 {
			continue
		}
		delete(b.busy, id)
		if b.doomed[id] {
			delete(b.doomed, id)
			b.remove(id)
		}
	}
}

func (b *blobs) held(id blobID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.busy[id] > 0
}

// discard removes the file, now or when nobody holds it any more. The index does
// not name it.
func (b *blobs) discard(id blobID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.busy[id] > 0 {
		b.doomed[id] = true
		return
	}
	b.remove(id)
}

// remove may fail: what is left over is an orphan, which Sweep finds.
func (b *blobs) remove(id blobID) { _ = os.Remove(b.path(id)) }

func (b *blobs) buffer() *[]byte   { return b.buffers.Get().(*[]byte) }
func (b *blobs) reuse(buf *[]byte) { b.buffers.Put(buf) }
