package dispatch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/internal/wire/awsjson"
	"github.com/regent-iam/regent/internal/wire/query"
	"github.com/regent-iam/regent/internal/wire/restjson"
	"github.com/regent-iam/regent/sigv4"
)

// An apiCall is one request to an API other than S3, as it proceeds.
type apiCall struct {
	ctx    context.Context //nolint:containedctx // lives as long as the request it is of
	road   *Road
	svc    *service
	req    *Request
	family sigv4.Family
	params []wire.Param // of the form or the query string
	// parameters is the input as the record has it, once it was asked for.
	parameters []byte
	labels     []wire.Param // of the path
	body       []byte

	caller authn.Caller
	// attributed says that an event is due: somebody is known to have called.
	attributed bool
	model      *wire.Operation
	op         *Operation
	in         wire.Decodable
	// recorded says that the event was committed with the change.
	recorded bool
}

// serveAPI answers a request to IAM, STS, Organizations and their kind.
func (rd *Road) serveAPI(w http.ResponseWriter, r *http.Request, req *Request, svc *service) Outcome {
	c := &apiCall{ctx: r.Context(), road: rd, svc: svc, req: req, family: familyOf(svc.api)}
	out, err := c.serve(r.Context(), w, r)
	outcome := Outcome{Service: svc.api.SigningName, Caller: &c.caller}
	if c.model != nil {
		outcome.Operation = c.model.Name
	}
	var answer wire.Answer
	if err != nil {
		shown := c.shown(err, &outcome)
		outcome.Code = shown.Code
		answer = encodeError(svc.api, shown, req.ID)
		if c.attributed {
			c.keep(nil, &failure{err, shown})
		}
	} else {
		answer = encode(svc.api, c.model, out, req.ID)
		if c.attributed && !c.recorded {
			c.keep(out, nil)
		}
	}
	if c.recorded {
		rd.Recorder.Wake()
	}
	outcome.Status = answer.Status
	write(w, answer)
	return outcome
}

func familyOf(api *wire.Service) sigv4.Family {
	if api.Protocol == wire.AWSQuery {
		return sigv4.FamilyQuery
	}
	return sigv4.FamilyJSON
}

// serve authenticates, decodes and runs a call.
func (c *apiCall) serve(ctx context.Context, w http.ResponseWriter, r *http.Request) (wire.Encodable, error) {
	auth, err := c.find()
	if errors.Is(err, sigv4.ErrAnonymous) {
		return c.serveUnsigned(ctx, w, r, err)
	} else if err != nil {
		return nil, err
	}
	c.req.Auth = auth
	if c.body, err = c.road.readBody(w, r); err != nil {
		return nil, bodyError(err)
	}
	c.caller, err = c.road.Authn.Identify(ctx, c.road.Store, auth, hashOf(c.body), c.req.Facts.Now)
	c.attributed = c.caller.Kind != authn.Anonymous
	c.road.Identified(&c.caller, c.svc.api.SigningName, c.req)
	if err != nil {
		_ = c.decodeName() // for the record: what was asked for
		return nil, err
	}
	c.req.Facts.Region = requestedRegion(c.svc.api, auth, c.road.Region)
	if err := c.decodeName(); err != nil {
		return nil, err
	}
	if err := c.presigned(); err != nil {
		return nil, err
	}
	if err := c.sourced(); err != nil {
		return nil, err
	}
	if err := mayCall(&c.caller, c.svc.api.SigningName, c.model.Name, c.family); err != nil {
		return nil, err
	}
	if c.op == nil {
		return nil, unsupported(c.svc.api, c.model.Name)
	}
	if c.op.Unsigned() {
		return nil, awserr.Newf(http.StatusBadRequest, "InvalidAction", "%s is not called with a signature.", c.model.Name)
	}
	c.in = c.op.Input()
	if err := c.decode(); err != nil {
		return nil, err
	}
	if c.op.Writes() {
		c.recordedInput()
	}
	if err := c.reauthenticated(); err != nil {
		return nil, err
	}
	return c.road.runner.Run(ctx, c.op, &c.caller, c.req, c.in, c.commitEvent)
}

// hashOf returns the hex SHA-256 of a body.
func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	var text [2 * sha256.Size]byte
	hex.Encode(text[:], sum[:])
	return string(text[:])
}

// serveUnsigned runs a call without a credential. Only the operations that
// identify their callers themselves can be called so; to all others it is the
// error that it would be without them.
func (c *apiCall) serveUnsigned(ctx context.Context, w http.ResponseWriter, r *http.Request, unsigned error) (wire.Encodable, error) {
	if !c.svc.unsigned {
		return nil, unsigned
	}
	var err error
	if c.body, err = c.road.readBody(w, r); err != nil {
		return nil, bodyError(err)
	}
	if err := c.decodeName(); err != nil || c.op == nil || !c.op.Unsigned() {
		return nil, unsigned
	}
	if err := c.sourced(); err != nil {
		return nil, err
	}
	c.req.Facts.Region = requestedRegion(c.svc.api, nil, c.road.Region)
	c.in = c.op.Input()
	if err := c.decode(); err != nil {
		return nil, err
	}
	call := c.road.runner.call(c.op, &authn.Caller{}, c.req, nil)
	if c.caller, err = c.op.identify(ctx, c.road.Store, call, c.in); err != nil {
		return nil, err
	}
	c.attributed = c.caller.Kind != authn.Anonymous
	c.recordedInput()
	return c.road.runner.Run(ctx, c.op, &c.caller, c.req, c.in, c.commitEvent)
}

// sourced notes for whom a service calls, and refuses everybody else's word.
func (c *apiCall) sourced() error {
	switch err := Sourced(&c.caller, c.req); {
	case errors.Is(err, ErrNoService):
		return denied(c.family, err.Error())
	case err != nil:
		return awserr.Newf(http.StatusBadRequest, "ValidationError", "%s", err.Error())
	}
	return nil
}

// find finds the credential and checks all that can be told without its key.
func (c *apiCall) find() (*sigv4.Auth, error) {
	expect := c.road.Expect(c.req, c.family, c.svc.api.SigningName)
	expect.ContentType = formType
	switch c.svc.api.Protocol {
	case wire.AWSJSON:
		expect.ContentType = "application/x-amz-json-" + c.svc.api.JSONVersion
	case wire.RestJSON:
		expect.ContentType = "application/json"
	default:
	}
	return sigv4.Find(c.req.Parsed, expect)
}

// requestedRegion is aws:RequestedRegion: IAM and Organizations are global
// whatever region their clients sign for (WI-51).
func requestedRegion(api *wire.Service, auth *sigv4.Auth, ours string) string {
	switch api.SigningName {
	case "iam", "organizations":
		return globalRegion
	}
	if auth != nil && auth.Region != "" {
		return auth.Region
	}
	return ours
}

const globalRegion = "us-east-1"

// decodeName reads which operation is called.
func (c *apiCall) decodeName() error {
	var err error
	target := c.req.Parsed.Header.Get("X-Amz-Target")
	switch {
	case c.svc.api.Protocol == wire.AWSJSON:
		c.model, err = awsjson.Operation(c.svc.api, target)
	case target != "":
		return wrongScope() // the call of a JSON service (TH-7)
	case c.svc.api.Protocol == wire.RestJSON:
		c.model, c.labels, err = restjson.Route(c.svc.api, c.req.Parsed.Method, c.req.Parsed.Path)
		c.params = queryOf(c.req.Parsed)
	default:
		var refusal *awserr.Error
		if c.params, refusal = params(c.req.Parsed, c.body); refusal != nil {
			return refusal
		}
		c.model, err = query.Operation(c.svc.api, c.params)
	}
	if err != nil {
		return err
	}
	c.op = c.svc.operations[c.model.Name]
	return nil
}

func (c *apiCall) decode() error {
	switch c.svc.api.Protocol {
	case wire.AWSJSON:
		return awsjson.Decode(c.svc.api, c.model, c.body, c.in)
	case wire.RestJSON:
		return restjson.Decode(c.svc.api, c.model, restjson.Request{Labels: c.labels, Query: c.params, Body: c.body}, c.in)
	default:
	}
	return query.Decode(c.svc.api, c.model, c.params, c.in)
}

// maxPresigned is how long a presigned GetCallerIdentity may be good for.
const maxPresigned = 15 * time.Minute

// presigned refuses presigned calls, which leak through links, but for the one
// that others prove who they are with (TH-14, WI-32).
func (c *apiCall) presigned() error {
	if c.req.Auth.Carrier == sigv4.CarrierHeader {
		return nil
	}
	if c.svc.api.SigningName == "sts" && c.model.Name == "GetCallerIdentity" && c.req.Auth.Expires <= maxPresigned {
		return nil
	}
	return denied(c.family, "Presigned requests are accepted for GetCallerIdentity of at most 15 minutes only.")
}

func denied(family sigv4.Family, message string) *awserr.Error {
	if family == sigv4.FamilyJSON {
		return awserr.Modeled(http.StatusBadRequest, "AccessDeniedException", "AccessDeniedException", "%s", message)
	}
	return awserr.Newf(http.StatusForbidden, "AccessDenied", "%s", message)
}

// unsupported is the honest answer to an operation that Regent does not have.
func unsupported(api *wire.Service, operation string) *awserr.Error {
	if api.Protocol != wire.AWSQuery {
		return awserr.Newf(http.StatusBadRequest, "UnsupportedOperationException", "Regent does not support %s.", operation)
	}
	return awserr.Newf(http.StatusNotImplemented, "NotImplemented", "Regent does not support %s.", operation)
}

func bodyError(err error) error {
	if errors.Is(err, errBodyTooLarge) {
		return awserr.Newf(http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "The request is longer than %d bytes.", maxBody)
	}
	return awserr.Newf(http.StatusBadRequest, "IncompleteBody", "The request's body could not be read.")
}

// shown turns any error into what the client may see, and notes the rest for
// the log.
func (c *apiCall) shown(err error, out *Outcome) *awserr.Error {
	var signature *sigv4.Error
	var denial *authz.Denial
	var answer *awserr.Error
	switch {
	case errors.Is(err, authn.ErrGone):
		signature = sigv4.NewError(sigv4.UnknownKey, c.family)
	case errors.As(err, &signature):
	case errors.As(err, &denial):
		out.Action, out.Resource = denial.Need.Action, denial.Need.Resource
		c.road.Denied(c.req, c.svc.api.SigningName+":"+c.model.Name, &c.caller, denial)
		return denied(c.family, denial.Message)
	case errors.As(err, &answer):
		return answer
	case errors.Is(err, ErrBusy):
		out.Failure = err
		return awserr.Newf(http.StatusServiceUnavailable, "ServiceUnavailable", "The request could not be decided in time. Please try again.")
	default:
		out.Failure = err
		return awserr.Newf(http.StatusInternalServerError, "InternalFailure", "The request processing has failed because of an unknown error, exception or failure.")
	}
	code, status := signature.Code()
	return awserr.Newf(status, code, "%s", signature.Message)
}

func encode(api *wire.Service, op *wire.Operation, out wire.Encodable, id string) wire.Answer {
	switch api.Protocol {
	case wire.AWSJSON:
		return awsjson.Encode(api, op, out, id)
	case wire.RestJSON:
		return restjson.Encode(api, op, out, id)
	default:
	}
	return query.Encode(api, op, out, id)
}

func encodeError(api *wire.Service, e *awserr.Error, id string) wire.Answer {
	switch api.Protocol {
	case wire.AWSJSON:
		return awsjson.EncodeError(api, e, id)
	case wire.RestJSON:
		return restjson.EncodeError(e, id)
	default:
	}
	return query.EncodeError(api, e, id)
}

// write sends an answer.
func write(w http.ResponseWriter, a wire.Answer) {
	h := w.Header()
	values := make([]string, 0, len(a.Header)+1)
	set := func(name, value string) {
		values = append(values, value)
		h[name] = values[len(values)-1 : len(values) : len(values)]
	}
	for _, p := range a.Header {
		name := canonical(p.Name)
		if h[name] == nil {
			set(name, p.Value)
		} else {
			h[name] = append(h[name], p.Value)
		}
	}
	set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // a client that is gone needs no answer
}

// canonical is http.CanonicalHeaderKey, which makes a new text of the name that
// almost every answer has.
func canonical(name string) string {
	if name == "x-amzn-RequestId" {
		return "X-Amzn-Requestid"
	}
	return http.CanonicalHeaderKey(name)
}

// refuse answers a request that reached no service. S3's form is what a client
// that named none is most likely to read; a form gets IAM's.
func (rd *Road) refuse(w http.ResponseWriter, r *http.Request, req *Request, e *awserr.Error) Outcome {
	w.Header().Set("Connection", "close")
	if rd.S3 != nil && r.Header.Get("X-Amz-Target") == "" && (req.Parsed == nil || !isForm(req.Parsed)) {
		return rd.S3.Refuse(w, r, req, e)
	}
	api := rd.signing["sts"]
	if r.Header.Get("X-Amz-Target") != "" {
		for _, s := range rd.prefixes {
			api = s
			break
		}
	}
	if api == nil {
		http.Error(w, e.Code, e.Status)
		return Outcome{Code: e.Code, Status: e.Status}
	}
	write(w, encodeError(api.api, e, req.ID))
	return Outcome{Code: e.Code, Status: e.Status}
}
