// Package gateway serves S3: it classifies a request, authenticates and
// authorizes it, and hands calls on objects to the object store and calls on
// buckets to the one road.
package gateway

import (
	"net/http"

	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/wire"
)

// A Config says what a Gateway serves.
type Config struct {
	// Objects serves the calls on objects.
	Objects *objects.Store
	// Hosts are the domains below which bucket names are host names.
	Hosts []string
	// API is S3's model, Operations the bucket operations that are served.
	API        *wire.Service
	Operations []dispatch.Operation
	// NoDataEvents leaves calls on objects out of the record (RE-54).
	NoDataEvents bool
}

// A Gateway serves the requests that are routed to S3.
type Gateway struct {
	config Config
	road   *dispatch.Road
}

// New returns a Gateway. It serves once a road is attached to it.
func New(c Config) *Gateway { return &Gateway{config: c} }

// Attach gives the Gateway the road that it is on.
func (g *Gateway) Attach(road *dispatch.Road) { g.road = road }

// ServeS3 implements [dispatch.S3].
func (g *Gateway) ServeS3(w http.ResponseWriter, r *http.Request, req *dispatch.Request) dispatch.Outcome {
	panic("gateway: not served yet")
}

// Refuse implements [dispatch.S3].
func (g *Gateway) Refuse(w http.ResponseWriter, r *http.Request, req *dispatch.Request, e *awserr.Error) dispatch.Outcome {
	panic("gateway: not served yet")
}
