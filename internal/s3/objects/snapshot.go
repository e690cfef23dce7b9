package objects

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// Backup writes a consistent copy of the index to w while the store works on.
// The files below blobs/ never change and can be copied after it.
func (s *Store) Backup(w io.Writer) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.db == nil {
		return ErrClosed
	}
	err := s.db.View(func(tx *bolt.Tx) error {
		_, err := tx.WriteTo(w)
		return err
	})
	if err != nil {
		return fmt.Errorf("copying the object index: %w", err)
	}
	return nil
}

// Snapshot copies the index into dir and links the blobs there, replacing what
// is there. dir must be on the store's file system.
func (s *Store) Snapshot(ctx context.Context, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("removing the old snapshot: %w", err)
	}
	if err := privateDir(filepath.Join(dir, blobsDir)); err != nil {
		return err
	}
	return s.exclusively(func() error {
		err := s.db.View(func(tx *bolt.Tx) error { return tx.CopyFile(filepath.Join(dir, indexFile), 0o600) })
		if err != nil {
			return fmt.Errorf("copying the object index: %w", err)
		}
		return linkBlobs(ctx, s.blobs.dir, filepath.Join(dir, blobsDir))
	})
}

// Restore replaces everything with what Snapshot wrote to dir. Calls on their way
// fail with OperationAborted.
func (s *Store) Restore(ctx context.Context, dir string) error {
	return s.exclusively(func() error {
		return s.exchange(func() error {
			if err := linkBlobs(ctx, filepath.Join(dir, blobsDir), s.blobs.dir); err != nil {
				return err
			}
			return copyFile(filepath.Join(dir, indexFile), filepath.Join(s.dir, indexFile))
		})
	})
}

// Reset removes everything. Calls on their way fail with OperationAborted.
func (s *Store) Reset(context.Context) error {
	return s.exclusively(func() error {
		return s.exchange(func() error {
			if err := os.Remove(filepath.Join(s.dir, indexFile)); err != nil {
				return fmt.Errorf("removing the object index: %w", err)
			}
			return s.blobs.clear()
		})
	})
}

// exclusively runs fn while nothing reads or writes the index.
func (s *Store) exclusively(fn func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return ErrClosed
	}
	return fn()
}

// exchange closes the index, runs fn and opens what is there then. The store is
// closed for good when that fails.
func (s *Store) exchange(fn func() error) error {
	s.epoch++
	err := s.db.Close()
	s.db = nil
	if err != nil {
		return fmt.Errorf("closing the object index: %w", err)
	}
	failed := fn()
	db, err := openIndex(s.dir, s.o.OpenTimeout)
	if err != nil {
		return errors.Join(failed, err)
	}
	s.db = db
	return failed
}

// clear removes the files of all blobs that nobody holds; what is held is an
// orphan from now on.
func (b *blobs) clear() error {
	return eachBlob(b.dir, func(path, name string) error {
		var id blobID
		if n, err := hex.Decode(id[:], []byte(name)); err != nil || n != len(id) {
			return nil
		}
		b.discard(id)
		return nil
	})
}

func eachBlob(dir string, fn func(path, name string) error) error {
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return fn(path, d.Name())
	})
	if err != nil {
		return fmt.Errorf("walking blobs: %w", err)
	}
	return nil
}

// linkBlobs gives every blob in from a name in to as well. Blobs never change,
// so both may share them.
func linkBlobs(ctx context.Context, from, to string) error {
	return eachBlob(from, func(path, name string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(name) != 2*len(blobID{}) {
			return nil
		}
		target := filepath.Join(to, name[:2])
		if err := os.MkdirAll(target, 0o700); err != nil {
			return err
		}
		err := os.Link(path, filepath.Join(target, name))
		if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			return nil // there already, or just removed because nothing names it
		}
		return err
	})
}

// copyFile replaces the file at to, durably and whole or not at all.
func copyFile(from, to string) error {
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
