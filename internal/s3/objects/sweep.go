package objects

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

const (
	orphanAge     = 24 * time.Hour
	quarantineAge = 7 * 24 * time.Hour
	tombstoneAge  = 7 * 24 * time.Hour
	sweepStep     = 500 // index entries per commit
)

// Sweep makes one pass over the store, paced; it is meant to be called every few
// hours. It removes what died with dropped buckets, moves files that no record
// names and that are older than a day into quarantine, from where a wrong move
// can be undone, and removes what has been there for a week (TH-75). now is the
// time against which ages are measured.
func (s *Store) Sweep(ctx context.Context, now time.Time) error {
	if err := s.sweepIndex(ctx, now); err != nil {
		return err
	}
	if err := s.emptyQuarantine(now); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.blobs.dir)
	if err != nil {
		return fmt.Errorf("sweeping blobs: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if err := s.sweepDir(filepath.Join(s.blobs.dir, e.Name()), now); err != nil {
			return err
		}
		if err := sleep(ctx, s.o.SweepPause); err != nil {
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

// sweepDir moves one directory's orphans away.
func (s *Store) sweepDir(dir string, now time.Time) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("sweeping blobs: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return fmt.Errorf("sweeping blobs: %w", err)
		}
		if now.Sub(info.ModTime()) < orphanAge {
			continue
		}
		orphan, err := s.orphan(e.Name())
		if err != nil {
			return err
		}
		if !orphan {
			continue
		}
		if err := s.quarantine(filepath.Join(dir, e.Name()), now); err != nil {
			return err
		}
	}
	return nil
}

// orphan reports whether no record names the file and nobody is writing it.
func (s *Store) orphan(name string) (bool, error) {
	var id blobID
	if n, err := hex.Decode(id[:], []byte(name)); len(name) != 2*len(id) || err != nil || n != len(id) {
		return false, nil // not ours: left alone
	}
	if s.blobs.held(id) { // looked at first: it is named before it is let go
		return false, nil
	}
	named := false
	err := s.view(func(r reader) error {
		named = r.get(blobKey(id)) != nil
		return nil
	})
	return !named, err
}

// quarantine moves the file and stamps it with the time of the move.
func (s *Store) quarantine(path string, now time.Time) error {
	target := filepath.Join(s.dir, quarantineDir, filepath.Base(path))
	err := os.Rename(path, target)
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

func (s *Store) emptyQuarantine(now time.Time) error {
	dir := filepath.Join(s.dir, quarantineDir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("emptying the quarantine: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || now.Sub(info.ModTime()) < quarantineAge {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("emptying the quarantine: %w", err)
		}
	}
	return nil
}

// sweepIndex removes the uploads of dropped buckets, their state once nothing of
// them can be on its way any more, and what is left of ended uploads.
func (s *Store) sweepIndex(ctx context.Context, now time.Time) error {
	var dead []string
	err := s.view(func(r reader) error {
		prefix := []byte{'b', 0}
		c := r.b.Cursor()
		for k, raw := seek(c, prefix, prefix); k != nil; k, raw = next(c, prefix) {
			state, err := decodeBucket(raw)
			if err != nil {
				return err
			}
			if state.dead != 0 {
				dead = append(dead, string(k[len(prefix):]))
			}
		}
		return nil
	})
	for i := 0; err == nil && i < len(dead); i++ {
		err = s.sweepBucket(ctx, dead[i], now)
	}
	if err != nil {
		return err
	}
	return s.sweepEnded(ctx, now)
}

func (s *Store) sweepBucket(ctx context.Context, bucket string, now time.Time) error {
	for left := true; left; {
		err := s.update(ctx, func(t *txn) (err error) {
			left, err = t.sweepBucket(bucket, now)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sweepBucket removes one upload of a dead bucket, and the bucket's state when
// there is none left and it has been dead for long enough.
func (t *txn) sweepBucket(bucket string, now time.Time) (left bool, err error) {
	state, err := t.bucket(bucket)
	if err != nil || state.dead == 0 {
		return false, err
	}
	prefix := keyPrefix('u', bucket)
	if k, _ := t.first(prefix, prefix); k != nil {
		key, tail := splitObjectKey(k, prefix, uploadSize)
		return true, t.removeUpload(bucket, key, uploadID(tail))
	}
	if now.Sub(msTime(state.dead)) < tombstoneAge {
		return false, nil
	}
	t.del(bucketKey(bucket))
	return false, nil
}

// sweepEnded forgets uploads that ended without a living version, a week after
// they began (S3-144).
func (s *Store) sweepEnded(ctx context.Context, now time.Time) error {
	prefix := []byte{'c', 0}
	from := prefix
	for from != nil {
		at := from
		err := s.update(ctx, func(t *txn) error {
			from = nil
			c := t.b.Cursor()
			n := 0
			for k, raw := seek(c, prefix, at); k != nil; k, raw = next(c, prefix) {
				if n++; n > sweepStep {
					from = bytes.Clone(k)
					return nil
				}
				began := int64(binary.BigEndian.Uint64(k[len(k)-uploadSize:])) //nolint:gosec // a time
				if len(raw) != suffixSize && now.Sub(time.Unix(0, began)) > tombstoneAge {
					t.del(bytes.Clone(k))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
