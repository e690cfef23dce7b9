package objects

import (
	"bytes"
	"context"
	"encoding/binary"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects/blobs"
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
	return s.blobs.Sweep(ctx, blobs.Sweep{
		Now: now, OrphanAge: orphanAge, QuarantineAge: quarantineAge, Pause: s.o.SweepPause,
		Named: func(id blobs.ID) (named bool, err error) {
			err = s.view(func(r reader) error {
				named = r.Get(blobKey(id)) != nil
				return nil
			})
			return named, err
		},
	})
}

// sweepIndex removes the uploads of dropped buckets, their state once nothing of
// them can be on its way any more, and what is left of ended uploads.
func (s *Store) sweepIndex(ctx context.Context, now time.Time) error {
	var dead []string
	err := s.view(func(r reader) error {
		prefix := []byte{'b', 0}
		c := r.Cursor(prefix)
		for k, raw := c.Seek(prefix); k != nil; k, raw = c.Next() {
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
	if k, _ := t.First(prefix); k != nil {
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
			c := t.Cursor(prefix)
			n := 0
			for k, raw := c.Seek(at); k != nil; k, raw = c.Next() {
				if n++; n > sweepStep {
					from = bytes.Clone(k)
					return nil
				}
				began := int64(binary.BigEndian.Uint64(k[len(k)-uploadSize:]))
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
