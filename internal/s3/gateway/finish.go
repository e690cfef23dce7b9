package gateway

import (
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/s3/classify"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/sigv4"
)

// finish answers with the error, if there is one that nobody has told yet, and
// has the request recorded.
func (c *call) finish(err error) dispatch.Outcome {
	out := dispatch.Outcome{Service: service, Operation: c.info.Name, Caller: &c.caller}
	if c.class != nil && c.class.Bucket != "" {
		out.Attrs = append(make([]slog.Attr, 0, 2), slog.String("bucket", c.class.Bucket))
		if c.class.Key != "" {
			out.Attrs = append(out.Attrs, slog.String("key", c.class.Key))
		}
	}
	var shown *s3err.Error
	if c.answered && c.w.gone {
		out.Attrs = append(out.Attrs, slog.Bool("client_gone", true))
		err = nil // nothing went wrong here
	}
	if err != nil {
		shown = c.shown(err)
		out.Code = shown.Code
		if !c.answered {
			c.refuse(shown)
		}
	}
	if c.denial != nil {
		out.Action, out.Resource = c.denial.Need.Action, c.denial.Need.Resource
	}
	out.Status, out.Failure = c.w.status, c.failure
	switch {
	case c.committed:
		c.g.road.Recorder.Wake()
	case c.attributed:
		c.record(err, shown)
	}
	return out
}

// refuse writes an error.
func (c *call) refuse(e *s3err.Error) {
	if c.info.Name == "HeadBucket" && c.bucket != nil { // S3-93
		e = e.WithHeader("X-Amz-Bucket-Region", c.bucket.Region)
	}
	s3err.Write(&c.w, c.r.Method, c.req.ID, c.req.HostID(), e)
}

// shown turns any error into what the client may see, and notes the rest for
// the log.
func (c *call) shown(err error) *s3err.Error {
	if e, ok := errors.AsType[*s3err.Error](err); ok {
		if e == c.tagged && c.ifTagged != nil { // the source of the copy had tags
			return c.refused(c.ifTagged)
		}
		return e
	}
	if e, ok := errors.AsType[*authz.Denial](err); ok {
		return c.refused(e)
	}
	if e, ok := errors.AsType[*classify.Error](err); ok {
		return fromClassify(e)
	}
	if errors.Is(err, authn.ErrGone) {
		return fromSignature(sigv4.NewError(sigv4.UnknownKey, sigv4.FamilyS3))
	}
	if e, ok := errors.AsType[*sigv4.Error](err); ok {
		return fromSignature(e)
	}
	if e, ok := errors.AsType[*awserr.Error](err); ok {
		return fromAPI(e)
	}
	c.failure = err
	if errors.Is(err, dispatch.ErrBusy) {
		return s3err.Of("SlowDown")
	}
	return s3err.Internal()
}

func fromClassify(e *classify.Error) *s3err.Error {
	out := &s3err.Error{Code: e.Code, Status: e.Status, Message: e.Message, Extra: make([]s3err.Field, len(e.Fields))}
	for i, f := range e.Fields {
		out.Extra[i] = s3err.Field(f)
	}
	if e.Allow != "" {
		return out.WithHeader("Allow", e.Allow)
	}
	return out
}

func fromSignature(e *sigv4.Error) *s3err.Error {
	code, status := e.Code()
	out := &s3err.Error{Code: code, Status: status, Message: e.Message, Extra: make([]s3err.Field, len(e.Extra))}
	for i, f := range e.Extra {
		out.Extra[i] = s3err.Field(f)
	}
	return out
}

func fromAPI(e *awserr.Error) *s3err.Error {
	out := &s3err.Error{Code: e.Code, Status: e.Status, Message: e.Message, Extra: make([]s3err.Field, len(e.Fields))}
	for i, f := range e.Fields {
		out.Extra[i] = s3err.Field(f)
	}
	return out
}

// record hands the event of a call that changed no record to the recorder.
func (c *call) record(err error, shown *s3err.Error) {
	if c.g.config.NoDataEvents && record.S3Data(c.info.Name, c.class.Key) {
		return
	}
	e, owner := c.event(c.w.sent, false)
	switch {
	case shown == nil || shown.Status == http.StatusNotModified:
	case refusedAtDoor(err):
		e.Refuse(shown.Code, shown.Message)
	case shown.Status >= http.StatusInternalServerError && shown.Code == "InternalError":
		e.Fail("", "", shown.Message)
	default:
		e.Fail(shown.Code, "", shown.Message)
	}
	c.g.road.Recorder.Record(record.Copies(e, owner, dispatch.UUID)...)
}

// refusedAtDoor reports whether the credential was refused, before anything was
// looked at (RE-38).
func refusedAtDoor(err error) bool {
	if errors.Is(err, authn.ErrGone) {
		return true
	}
	e, ok := errors.AsType[*sigv4.Error](err)
	return ok && (e.Kind == sigv4.UnknownKey || e.Kind == sigv4.ExpiredToken || e.Kind == sigv4.WrongToken)
}

// event returns the event of the call, and the account that owns what it is on
// (RE-44, RE-50). made says that the change is being made.
func (c *call) event(sent int64, made bool) (*record.Event, identity.AccountID) {
	e := dispatch.NewEvent(c.req, &c.caller, c.who)
	call := record.S3Call{
		Operation: c.info.Name, Bucket: c.class.Bucket, Key: c.class.Key, Prefix: c.class.Query.Get("prefix"),
		ReadOnly: c.info.Access == classify.Read, Host: c.req.Parsed.Host, Query: c.class.Query, Header: c.req.Parsed.Header,
		Answer: c.w.Header(), BytesIn: c.upload.got, BytesOut: sent, HostID: c.req.HostID(),
	}
	switch {
	case c.bucket != nil:
		call.Owner = c.bucket.Account
	case c.class.Operation == classify.CreateBucket && made:
		call.Owner = c.caller.Account
	}
	for i := range c.deletes {
		call.Keys = append(call.Keys, c.deletes[i].Key)
	}
	call.BodyName, call.Body = c.recordedBody()
	call.SignatureVersion, call.AuthenticationMethod = method(c.auth)
	if c.req.TLS != nil {
		call.CipherSuite = tls.CipherSuiteName(c.req.TLS.CipherSuite)
	}
	call.Fill(e)
	return e, call.Owner
}

// method names how the request was signed, for its event (RE-51).
func method(a *sigv4.Auth) (version, where string) {
	switch a.Carrier {
	case sigv4.CarrierHeader:
		return "SigV4", "AuthHeader"
	case sigv4.CarrierQuery:
		return "SigV4", "QueryString"
	case sigv4.CarrierQueryV2:
		return "SigV2", "QueryString"
	case sigv4.CarrierNone:
	}
	return "", ""
}
