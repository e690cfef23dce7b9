package gateway

import (
	"errors"

	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/internal/store"
)

// A bucket is a bucket's record with what decisions and answers want to know
// beside it. It is shared and never changes.
type bucket struct {
	*identity.Bucket
	policy    *authz.ResourcePolicy // nil when there is none
	canonical string                // the owner's name in answers
}

// bucket returns the bucket of that name. It is kept for as long as nothing
// changes in its owner's account; a name that nobody has is not kept, so what is
// kept is bounded by what there is.
func (g *Gateway) bucket(tx *store.Tx, name string) (*bucket, error) {
	b, ok, err := g.buckets.Get(tx, name)
	if err != nil || ok {
		return b, err
	}
	rec, err := tx.Bucket(name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, s3err.NoSuchBucket(name)
	} else if err != nil {
		return nil, err
	}
	stamp, err := tx.Stamp(store.AccountScope(rec.Account))
	if err != nil {
		return nil, err
	}
	owner, err := tx.Account(rec.Account)
	if err != nil {
		return nil, err
	}
	b = &bucket{Bucket: rec, canonical: owner.CanonicalID, policy: authz.BucketPolicy(rec)}
	if !tx.Writable() { // what an Update shows may never be committed
		g.buckets.Put(name, b, []store.Stamp{stamp})
	}
	return b, nil
}
