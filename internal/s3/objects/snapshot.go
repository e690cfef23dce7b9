package objects

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/regent-iam/regent/internal/s3/objects/blobs"
	"github.com/regent-iam/regent/internal/s3/objects/index"
)

// Backup writes a consistent copy of the index to w while the store works on.
// The files below blobs/ never change and can be copied after it.
func (s *Store) Backup(w io.Writer) error { return s.index.Backup(w) }

// Snapshot copies the index into dir and links the blobs there, replacing what
// is there. dir must be on the store's file system.
func (s *Store) Snapshot(ctx context.Context, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("removing the old snapshot: %w", err)
	}
	linked := filepath.Join(dir, "blobs")
	if err := blobs.Private(linked); err != nil {
		return err
	}
	return s.index.Snapshot(filepath.Join(dir, index.File), func() error { return s.blobs.LinkTo(ctx, linked) })
}

// Restore replaces everything with what Snapshot wrote to dir. Calls on their way
// fail with OperationAborted.
func (s *Store) Restore(ctx context.Context, dir string) error {
	return s.index.Restore(filepath.Join(dir, index.File), func() error {
		return s.blobs.LinkFrom(ctx, filepath.Join(dir, "blobs"))
	})
}

// Reset removes everything. Calls on their way fail with OperationAborted.
func (s *Store) Reset(context.Context) error { return s.index.Reset(s.blobs.Clear) }
