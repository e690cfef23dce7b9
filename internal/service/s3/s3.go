// Package s3 implements S3's operations on buckets. What they need is told by
// how a request is classified, and asked by the gateway, which routes them
// here; objects are its business and the object store's.
package s3

import (
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/s3/objects"
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
}

// New returns a Service.
func New(c Config) *Service { return &Service{config: c} }

// Operations returns every bucket operation that Regent has.
func (s *Service) Operations() []dispatch.Operation { return nil }
