// Package gateway serves S3: it classifies a request, authenticates and
// authorizes it, and hands calls on objects to the object store and calls on
// buckets to the one road.
//
// A request is decided once, when it comes in and before its body is read
// (S3-41): who calls, whose the bucket is and what its policy says are read in
// one view. A call on a bucket is decided again in its own transaction.
package gateway

import (
	"net/http"

	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/s3/classify"
	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

// Objects is what serves calls on objects, and knows of them what decisions
// depend on.
type Objects interface {
	objects.Handler
	// Tags returns the tags of an object, none when there is no such object.
	Tags(bucketID, key, versionID string) ([]objects.Tag, error)
	// UploadEncryption returns the encryption that an upload was begun with.
	UploadEncryption(bucketID, key, uploadID string) (string, error)
}

// A Config says what a Gateway serves.
type Config struct {
	// Objects serves the calls on objects.
	Objects Objects
	// Hosts are the domains below which bucket names are host names.
	Hosts []string
	// API is S3's model, Operations the bucket operations that are served.
	API        *wire.Service
	Operations []dispatch.Operation
	// NoDataEvents leaves calls on objects out of the record (RE-54).
	NoDataEvents bool
}

// A Gateway serves the requests that are routed to S3. It is safe for
// concurrent use once a road is attached to it.
type Gateway struct {
	config     Config
	road       *dispatch.Road
	classifier *classify.Classifier
	operations map[string]*dispatch.Operation
	models     map[string]model
	buckets    *store.Cache[string, *bucket]
	large      [2]chan struct{} // of callers who signed, and of others
}

// A model is what the API says of an operation.
type model struct {
	*wire.Operation
	body bool // requests have one
}

// maxLarge is how many large documents of either kind of caller may be in memory
// at a time (TH-21).
const maxLarge = 32

// bucketCache is how many buckets are kept ready. An entry is the record and
// little more.
const bucketCache = 4096

// New returns a Gateway. It serves once a road is attached to it. An operation
// that the API does not know, or that is given twice, is a mistake in the
// program, and New panics.
func New(c Config) *Gateway {
	g := &Gateway{
		config: c, classifier: classify.New(classify.Config{Hosts: c.Hosts}),
		operations: make(map[string]*dispatch.Operation, len(c.Operations)), models: make(map[string]model, len(c.API.Operations)),
		buckets: store.NewCache[string, *bucket](bucketCache),
		large:   [2]chan struct{}{make(chan struct{}, maxLarge), make(chan struct{}, maxLarge)},
	}
	for i := range c.API.Operations {
		op := &c.API.Operations[i]
		g.models[op.Name] = model{op, op.StreamsIn || hasBody(op.In)}
	}
	for i := range c.Operations {
		op := &c.Operations[i]
		if g.models[op.Name].Operation == nil || g.operations[op.Name] != nil {
			panic("gateway: " + op.Name + " is unknown, or there twice")
		}
		g.operations[op.Name] = op
	}
	return g
}

func hasBody(in *wire.Shape) bool {
	if in == nil {
		return false
	}
	for i := range in.Members {
		if in.Members[i].In == wire.InBody {
			return true
		}
	}
	return false
}

// Attach gives the Gateway the road that it is on.
func (g *Gateway) Attach(road *dispatch.Road) { g.road = road }

// Forget drops what is kept of a scope in which something changed.
func (g *Gateway) Forget(scope store.Scope) { g.buckets.Forget(scope) }

// Clear drops all that is kept.
func (g *Gateway) Clear() { g.buckets.Clear() }

// ServeS3 implements [dispatch.S3].
func (g *Gateway) ServeS3(w http.ResponseWriter, r *http.Request, req *dispatch.Request) dispatch.Outcome {
	c := &call{
		g: g, ctx: r.Context(), r: r, req: req,
		w: writer{ResponseWriter: w, wall: g.road.Wall},
	}
	defer c.w.done()
	err := c.serve()
	return c.finish(err)
}

// Refuse implements [dispatch.S3].
func (g *Gateway) Refuse(w http.ResponseWriter, r *http.Request, req *dispatch.Request, e *awserr.Error) dispatch.Outcome {
	s3err.Write(w, r.Method, req.ID, req.HostID(), fromAPI(e))
	return dispatch.Outcome{Service: service, Code: e.Code, Status: e.Status}
}

// service is the name that S3 is signed for and logged under.
const service = "s3"
