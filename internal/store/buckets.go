package store

import "github.com/regent-iam/regent/internal/identity"

func bucketKey(name string) key { return join("bucket", name) }

// A bucketRef is the value of the index from an account to its buckets.
type bucketRef struct {
	Name string `json:"name"`
}

// Bucket returns the bucket of that name, whoever owns it: names are one
// space for all accounts (S3-91).
func (tx *Tx) Bucket(name string) (*identity.Bucket, error) {
	return get[identity.Bucket](tx, bucketKey(name))
}

// CreateBucket claims a bucket's name. It fails with ErrExists when the name
// is taken, by whomever.
func (tx *Tx) CreateBucket(b *identity.Bucket) error {
	taken, err := tx.exists(bucketKey(b.Name))
	if err != nil {
		return err
	}
	if taken {
		return ErrExists
	}
	if err := put(tx, inAccount(b.Account, "bucket", b.Name), &bucketRef{b.Name}); err != nil {
		return err
	}
	return put(tx, bucketKey(b.Name), b)
}

// PutBucket writes a bucket that exists.
func (tx *Tx) PutBucket(b *identity.Bucket) error {
	if err := tx.bumpAccount(b.Account); err != nil {
		return err
	}
	return put(tx, bucketKey(b.Name), b)
}

// DeleteBucket gives up a bucket's name and all its configuration.
func (tx *Tx) DeleteBucket(b *identity.Bucket) error {
	if err := tx.bumpAccount(b.Account); err != nil {
		return err
	}
	if err := tx.remove(inAccount(b.Account, "bucket", b.Name)); err != nil {
		return err
	}
	return tx.remove(bucketKey(b.Name))
}

// Buckets lists the names of an account's buckets, bytewise.
func (tx *Tx) Buckets(a identity.AccountID, after string, limit int, keep func(name string) bool) (names []string, next string, err error) {
	page := Page[bucketRef]{After: after, Limit: limit}
	if keep != nil {
		page.Keep = func(r *bucketRef) bool { return keep(r.Name) }
	}
	refs, next, err := list(tx, underAccount(a, "bucket"), page)
	for _, r := range refs {
		names = append(names, r.Name)
	}
	return names, next, err
}
