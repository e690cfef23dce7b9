// Package s3 implements S3's operations on buckets. What they need is told by
// how a request is classified, and asked by the gateway, which routes them
// here; objects are its business and the object store's.
package s3

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

// A Config says what buckets are made of.
type Config struct {
	// Objects holds what is in the buckets.
	Objects *objects.Store
	// Region is where the server is.
	Region string
}

// A Service serves S3's operations on buckets.
type Service struct {
	config Config
	seed   maphash.Seed
	dying  [64]sync.Mutex // held while a bucket of that slot is being deleted
}

// New returns a Service.
func New(c Config) *Service { return &Service{config: c, seed: maphash.MakeSeed()} }

// Operations returns every bucket operation that Regent has.
func (s *Service) Operations() []dispatch.Operation {
	return slices.Concat(
		s.bucketOperations(),
		policyOperations(),
		accessOperations(),
		taggingOperations(),
	)
}

type decodable[T any] interface {
	*T
	wire.Decodable
}

type encodable[T any] interface {
	*T
	wire.Encodable
}

// read and write make operations whose needs are those that the request was
// classified to have: they are stated in one place, and not again here.
func read[In, Out any, PIn decodable[In], POut encodable[Out]](
	name string, handle func(context.Context, dispatch.Call, *In) (*Out, error),
) dispatch.Operation {
	return dispatch.Read[In, Out, PIn, POut](name, classified[In], handle)
}

func write[In, Out any, PIn decodable[In], POut encodable[Out]](
	name string, handle func(context.Context, dispatch.Call, *In) (*Out, error),
) dispatch.Operation {
	return dispatch.Write[In, Out, PIn, POut](name, classified[In], handle)
}

var errNotClassified = errors.New("s3: the request was not classified")

func classified[In any](call dispatch.Call, _ *In) ([]authz.Need, error) {
	if call.Request.Target == nil || call.Request.Target.Needs == nil {
		return nil, errNotClassified
	}
	return call.Request.Target.Needs(call.Tx)
}

// bucket returns the bucket that a call is about: the one whose needs were
// asked in the same transaction, and no other that has its name by now (TH-56).
func bucket(call *dispatch.Call, name string) (*identity.Bucket, error) {
	b, err := call.Tx.Bucket(name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, s3err.NoSuchBucket(name)
	} else if err != nil {
		return nil, err
	}
	if call.Request.Target == nil || b.ID != call.Request.Target.BucketID {
		return nil, s3err.Of("OperationAborted")
	}
	return b, nil
}

// change reads the bucket, lets alter change it, and writes it.
func change(call *dispatch.Call, name string, alter func(*identity.Bucket) error) error {
	b, err := bucket(call, name)
	if err != nil {
		return err
	}
	if err := alter(b); err != nil {
		return err
	}
	return call.Tx.PutBucket(b)
}

// canonicalID names an account the way S3's answers do.
func canonicalID(tx *store.Tx, account identity.AccountID) (string, error) {
	a, err := tx.Account(account)
	if err != nil {
		return "", err
	}
	return a.CanonicalID, nil
}
