package gateway

import (
	"context"
	"errors"
	"net/http"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/s3/classify"
	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/sigv4"
)

// A call is one request to S3, as it proceeds.
type call struct {
	g   *Gateway
	ctx context.Context //nolint:containedctx // lives as long as the request it is of
	w   writer
	r   *http.Request
	req *dispatch.Request

	class *classify.Classified
	info  classify.Info
	model model
	op    *dispatch.Operation // nil unless the operation is the service's

	auth   *sigv4.Auth
	caller authn.Caller
	who    record.UserIdentity
	// attributed says that an event is due: somebody is known to have called,
	// or nobody in particular called something that has an owner.
	attributed bool

	// bucket and source are what the names stood for when the call was
	// decided; nil when they named nothing.
	bucket, source *bucket
	keys, srcKeys  []authz.Key // what the signature and the owner supply to all needs
	needsBody      classify.Body
	ifTagged       *authz.Denial
	tagged         *s3err.Error // what ifTagged is told as
	initiator      objects.Owner
	// decided and srcDecided are the tags that the object and the source were
	// decided with, nil when no decision asked for them.
	decided, srcDecided *objects.Decided

	upload  reader
	deletes []objects.Delete
	in      wire.Decodable

	answered  bool // the object store wrote the answer
	committed bool // the event is in the outbox
	denial    *authz.Denial
	failure   error
}

// serve answers the request, or returns the error to answer with.
func (c *call) serve() (err error) {
	if c.class, err = c.g.classifier.Classify(c.req.Parsed, c.req.Facts.Now); err != nil {
		return err
	}
	c.info = c.class.Operation.Info()
	c.model, c.op = c.g.models[c.info.Name], c.g.operations[c.info.Name]
	switch c.class.Operation {
	case classify.Preflight:
		return c.preflight()
	case classify.PostObject:
		// The credential is in the form and nothing else is looked at: what is
		// not served needs no caller, and what nobody checked serves nothing.
		return s3err.NotImplemented("")
	default:
	}
	if err := c.find(); err != nil {
		return err
	}
	if err := c.enter(); err != nil {
		return err
	}
	switch {
	case c.info.Served == classify.ByObjects:
		return c.serveObject()
	case c.info.Served == classify.ByService && c.op != nil:
		return c.serveBucket()
	case c.info.Served == classify.ByService:
		return s3err.NotImplemented("")
	}
	if err := c.class.Refusal(); err != nil {
		return err
	}
	return s3err.NotImplemented("")
}

// find finds the credential and checks all that can be told without its key.
func (c *call) find() error {
	expect := c.g.road.Expect(c.req, sigv4.FamilyS3, service)
	expect.Streaming = c.info.Streams
	if c.class.VirtualHost {
		expect.Bucket = c.class.Bucket
	}
	auth, err := sigv4.Find(c.req.Parsed, expect)
	if errors.Is(err, sigv4.ErrAnonymous) {
		auth, err = sigv4.Anonymous(c.req.Parsed, expect)
	}
	if err != nil {
		return err
	}
	c.auth, c.req.Auth = auth, auth
	if auth.Region != "" {
		c.req.Facts.Region = auth.Region
	}
	return nil
}

// enter is the request's one view of the records (S3-40): who calls, what is
// wrong with the request itself, whose bucket it is, and whether the caller may.
func (c *call) enter() error {
	return c.g.road.Store.View(c.ctx, func(tx *store.Tx) error {
		if err := c.identify(tx); err != nil {
			return err
		}
		if err := c.check(); err != nil {
			return err
		}
		if err := c.look(tx); err != nil {
			return err
		}
		if c.info.Name == "CreateMultipartUpload" {
			if err := c.initiate(tx); err != nil {
				return err
			}
		}
		if c.decidesLater() {
			return nil
		}
		if err := c.encryption(); err != nil {
			return err
		}
		return c.decide(tx, c.class.NeedsWith(c.needsBody))
	})
}

// encryption notes how the upload is encrypted that a part is for: it is a
// condition key of the part as if it had been sent with it.
func (c *call) encryption() (err error) {
	switch c.class.Operation {
	case classify.UploadPart, classify.UploadPartCopy, classify.CompleteMultipartUpload:
		c.needsBody.UploadEncryption, err = c.g.config.Objects.UploadEncryption(c.bucket.ID, c.class.Key, c.class.UploadID)
	default:
	}
	return c.goneOr(err, c.bucket)
}

// identify has the signature checked.
func (c *call) identify(tx *store.Tx) error {
	var refusal error
	if c.auth.Carrier == sigv4.CarrierNone {
		c.who = record.IdentityOf(&c.caller, "", nil)
		if refusal = c.class.AnonymousRefusal(); refusal == nil && dispatch.Sourced(&c.caller, c.req) != nil {
			refusal = s3err.AccessDenied()
		}
		return refusal
	}
	c.caller, refusal = c.g.road.Authn.IdentifyIn(tx, c.auth, "", c.req.Facts.Now)
	if c.caller.Kind != authn.Anonymous { // refused or not (RE-38)
		who, err := dispatch.Identity(tx, &c.caller)
		if err != nil {
			return err
		}
		c.who, c.attributed = who, true
		c.g.road.Identified(&c.caller, "s3", c.req)
	}
	if refusal == nil && !c.attributed {
		refusal = sigv4.NewError(sigv4.UnknownKey, sigv4.FamilyS3)
	}
	if refusal == nil && dispatch.Sourced(&c.caller, c.req) != nil {
		refusal = s3err.AccessDenied()
	}
	if refusal == nil && c.caller.Kind == authn.Root && c.info.Access != classify.Read && dispatch.Unproved(&c.caller, c.req.Facts.Now) {
		refusal = s3err.AccessDeniedf(dispatch.ReauthenticationRequired)
	}
	return refusal
}

// look finds the buckets that the request names. Whether there is one is told
// to anybody; whose it is has to be as the caller expects (S3-38, S3-40).
func (c *call) look(tx *store.Tx) (err error) {
	if c.class.Bucket == "" || c.class.Operation == classify.CreateBucket {
		c.keys = c.shared("")
		return nil
	}
	if c.bucket, err = c.g.bucket(tx, c.class.Bucket); err != nil {
		return err
	}
	if c.caller.Kind == authn.Anonymous {
		c.attributed = true
	}
	if want := c.class.ExpectedBucketOwner; want != "" && want != string(c.bucket.Account) {
		return s3err.AccessDenied()
	}
	c.keys = c.shared(string(c.bucket.Account))
	if c.class.Source == nil {
		return nil
	}
	if c.source, err = c.g.bucket(tx, c.class.Source.Bucket); err != nil {
		return err
	}
	if want := c.class.ExpectedSourceOwner; want != "" && want != string(c.source.Account) {
		return s3err.AccessDenied()
	}
	c.srcKeys = c.shared(string(c.source.Account))
	return nil
}

// shared returns the keys that every need on an account's bucket has.
func (c *call) shared(owner string) []authz.Key {
	s := classify.Signer{TLSVersion: c.req.Facts.TLS, ResourceAccount: owner}
	switch c.auth.Carrier {
	case sigv4.CarrierHeader:
		s.AuthType = "REST-HEADER"
	case sigv4.CarrierQuery, sigv4.CarrierQueryV2:
		s.AuthType = "REST-QUERY-STRING"
	case sigv4.CarrierNone:
	}
	if s.AuthType != "" {
		switch c.auth.Algorithm {
		case sigv4.HMACSHA256:
			s.Version = "AWS4-HMAC-SHA256"
		case sigv4.ECDSAP256SHA256:
			s.Version = "AWS4-ECDSA-P256-SHA256"
		case sigv4.HMACSHA1:
			s.Version = "AWS"
		}
	}
	if !c.auth.Date.IsZero() {
		s.Age = c.req.Facts.Now.Sub(c.auth.Date)
	}
	return appendKeys(nil, s.Keys())
}

// initiate notes who starts an upload: users and sessions by their names, root
// as its account.
func (c *call) initiate(tx *store.Tx) error {
	if c.caller.Kind != authn.Root {
		c.initiator = objects.Owner{ID: c.caller.ARN, DisplayName: string(c.caller.UserName)}
		return nil
	}
	a, err := tx.Account(c.caller.Account)
	if err == nil {
		c.initiator = objects.Owner{ID: a.CanonicalID}
	}
	return err
}

// preflight answers a browser that asks what another origin may do: nothing,
// while buckets have no CORS configuration (S3-175).
func (c *call) preflight() error {
	h := c.req.Parsed.Header
	if h.Get("Origin") == "" {
		return s3err.Of("BadRequest").WithMessage("Insufficient information. Origin request header needed.")
	}
	kind := "BUCKET"
	if c.class.Key != "" {
		kind = "OBJECT"
	}
	return s3err.Of("AccessForbidden").WithMessage("CORSResponse: CORS is not enabled for this bucket.").
		With("Method", h.Get("Access-Control-Request-Method")).With("ResourceType", kind)
}
