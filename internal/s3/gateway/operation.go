package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	s3api "github.com/regent-iam/regent/internal/api/s3"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/s3/classify"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/internal/wire/restxml"
)

// serveBucket runs an operation on a bucket on the one road. Its body is read
// before (TH-23), and only from a caller who may, or whose body says what is
// needed.
func (c *call) serveBucket() error {
	var raw []byte
	var err error
	if c.model.body {
		if raw, err = c.document(); err != nil {
			return err
		}
	}
	c.in = c.op.Input()
	if err := c.decode(raw, c.in); err != nil {
		return err
	}
	if in, ok := c.in.(*s3api.CreateBucketInput); ok && in.CreateBucketConfiguration != nil {
		c.needsBody.LocationConstraint = in.CreateBucketConfiguration.LocationConstraint
		c.needsBody.Tags = tagsOf(in.CreateBucketConfiguration.Tags)
	}
	c.req.Target = &dispatch.Target{Needs: c.needsIn}
	if c.bucket != nil {
		c.req.Target.BucketID = c.bucket.ID
	}
	ctx := c.ctx
	if c.op.Writes() {
		ctx = context.WithoutCancel(ctx) // the outcome of what was begun is to be known
	}
	var answer wire.Answer
	out, err := c.g.road.Runner().Run(ctx, c.op, &c.caller, c.req, c.in, func(call *dispatch.Call, out wire.Encodable) error {
		answer = c.encode(out)
		return c.commit(call, &answer)
	})
	if err != nil {
		return err
	}
	if !c.op.Writes() {
		answer = c.encode(out)
	} else {
		c.committed = true
	}
	c.send(&answer)
	return nil
}

// decode reads an input from where its members travel.
func (c *call) decode(raw []byte, in wire.Decodable) error {
	query := make([]wire.Param, 0, c.class.Query.Len())
	for p := range c.class.Query.All() {
		query = append(query, wire.Param{Name: p.Name, Value: p.Value})
	}
	return restxml.Decode(c.g.config.API, c.model.Operation, restxml.Request{
		Labels: []wire.Param{{Name: "Bucket", Value: c.class.Bucket}, {Name: "Key", Value: c.class.Key}},
		Query:  query, Header: c.class.Header, Body: raw,
	}, in)
}

func (c *call) encode(out wire.Encodable) wire.Answer {
	a := restxml.Encode(c.g.config.API, c.model.Operation, out, restxml.IDs{Request: c.req.ID, Host: c.req.HostID()})
	switch c.class.Operation {
	case classify.PutBucketPolicy, classify.PutBucketTagging: // S3-79, S3-98; the model does not tell
		a.Status = http.StatusNoContent
	default:
	}
	return a
}

// send writes the answer of a success.
func (c *call) send(a *wire.Answer) {
	h := c.w.Header()
	for _, p := range a.Header {
		h.Add(p.Name, p.Value)
	}
	if a.Status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	c.w.WriteHeader(a.Status)
	if len(a.Body) > 0 && c.r.Method != http.MethodHead {
		_, _ = c.w.Write(a.Body) // a client that is gone needs no answer
	}
}

// recordedBody returns a call's body for its event: the JSON of the body under the name of its
// root element, without secrets.
func (c *call) recordedBody() (name string, body []byte) {
	in, ok := c.in.(wire.Encodable)
	if !ok || c.model.In == nil {
		return "", nil
	}
	at := c.model.In.PayloadMember()
	if at < 0 {
		return "", nil
	}
	var members map[string]json.RawMessage
	all := wire.Recorder{Service: c.g.config.API}.Input(c.model.Operation, in)
	if json.Unmarshal(all, &members) != nil {
		return "", nil
	}
	if p, ok := c.in.(*s3api.PutBucketPolicyInput); ok && json.Valid([]byte(p.Policy)) {
		return "bucketPolicy", []byte(p.Policy)
	}
	name = c.model.In.Members[at].WireName()
	if members[name] == nil && c.class.Operation == classify.PutBucketPolicy {
		name = "bucketPolicy"
	}
	return name, members[name]
}

// commit enters the event of a change in the change's own transaction.
func (c *call) commit(call *dispatch.Call, a *wire.Answer) error {
	e, owner := c.event(int64(len(a.Body)), true)
	return record.Commit(call.Tx, call.Now, record.Copies(e, owner, call.UUID)...)
}
