package boltkv

import (
	"bytes"
	"context"
	"iter"

	"go.etcd.io/bbolt"

	"github.com/regent-iam/regent/internal/store/kv"
)

// A reader reads in a bbolt transaction. Its values lie in the file's mapping.
type reader struct {
	ctx      context.Context // the transaction's, which the reader does not outlive
	bucket   *bbolt.Bucket   // nil when the transaction has ended
	revision kv.Revision
}

func newReader(ctx context.Context, tx *bbolt.Tx) *reader {
	b := tx.Bucket([]byte(bucketName))
	return &reader{ctx: ctx, bucket: b, revision: kv.Revision(b.Sequence())}
}

func (r *reader) end() { r.bucket = nil }

// Revision implements [kv.Reader].
func (r *reader) Revision() kv.Revision { return r.revision }

// Get implements [kv.Reader].
func (r *reader) Get(key string) ([]byte, bool, error) {
	if r.bucket == nil {
		return nil, false, kv.ErrEnded
	}
	if err := kv.CheckKey(key); err != nil {
		return nil, false, err
	}
	value := r.bucket.Get([]byte(key))
	return value, value != nil, nil
}

// Scan implements [kv.Reader].
func (r *reader) Scan(prefix, after string) iter.Seq2[kv.Entry, error] {
	return func(yield func(kv.Entry, error) bool) {
		if r.bucket == nil {
			yield(kv.Entry{}, kv.ErrEnded)
			return
		}
		cursor := r.bucket.Cursor()
		key, value := cursor.Seek([]byte(max(prefix, after)))
		if after != "" && string(key) == after {
			key, value = cursor.Next()
		}
		for n := 0; key != nil && bytes.HasPrefix(key, []byte(prefix)); n++ {
			if n%256 == 0 && r.ctx.Err() != nil {
				yield(kv.Entry{}, r.ctx.Err())
				return
			}
			if !yield(kv.Entry{Key: string(key), Value: value}, nil) {
				return
			}
			if r.bucket == nil {
				yield(kv.Entry{}, kv.ErrEnded)
				return
			}
			key, value = cursor.Next()
		}
	}
}
