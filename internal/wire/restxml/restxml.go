// Package restxml is the REST-XML protocol, which S3 speaks: members travel in
// the path, the query string, the headers and an XML body.
package restxml

import (
	"net/http"

	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
)

// A Request is what an operation is decoded from. The route has found the
// operation and the labels already.
type Request struct {
	Labels []wire.Param        // the decoded labels of the path: Bucket, Key
	Query  []wire.Param        // the decoded pairs of the query string
	Header map[string][]string // canonical names, as in http.Header
	Body   []byte              // nil when the operation streams its body
}

// IDs identify an answer.
type IDs struct {
	Request, Host string // x-amz-request-id, x-amz-id-2
}

const xmlHeader = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// malformedText is S3's text for a body that does not fit its schema.
const malformedText = "The XML you provided was not well-formed or did not validate against our published schema"

// Decode reads req into in and checks the constraints of the model. The error is
// always an *awserr.Error: MalformedXML for the body, InvalidArgument for what
// travels elsewhere.
func Decode(svc *wire.Service, _ *wire.Operation, req Request, in wire.Decodable) error {
	d := &decoder{req: req, namespace: svc.Namespace}
	c := wire.Check(svc, d)
	in.Decode(c)
	if d.err != nil {
		return d.err
	}
	for _, v := range c.Violations() {
		if err := invalid(&v); err != nil {
			return err
		}
	}
	return nil
}

// invalid returns the error for a failed constraint, or nil for one that S3
// leaves to the operation: which values a header or parameter may have is said
// there with a text of its own.
func invalid(v *wire.Violation) error {
	m := v.Member
	switch {
	case m.In == wire.InBody && v.Constraint == wire.NotNull && m.Has(wire.Payload):
		return awserr.Newf(http.StatusBadRequest, "MissingRequestBodyError", "Request Body is empty")
	case m.In == wire.InBody:
		return malformedXML()
	case v.Constraint == wire.InEnum:
		return nil
	case v.Constraint == wire.NotNull && m.In == wire.InHeader:
		return awserr.Newf(http.StatusBadRequest, "MissingSecurityHeader", "Your request was missing a required header").
			With("MissingHeaderName", m.WireName())
	case v.Constraint == wire.NotNull:
		return awserr.Newf(http.StatusBadRequest, "InvalidRequest", "Missing required parameter for this request: %s", m.WireName())
	}
	return invalidArgument(m, v.Value, v.Text)
}

func invalidArgument(m *wire.Member, value, text string) *awserr.Error {
	e := awserr.Newf(http.StatusBadRequest, "InvalidArgument", "%s", text).With("ArgumentName", m.WireName())
	if m.Has(wire.Secret) {
		return e
	}
	return e.With("ArgumentValue", value)
}

func malformedXML() *awserr.Error {
	return awserr.Newf(http.StatusBadRequest, "MalformedXML", malformedText)
}

// EncodeError returns the answer of a failure: no namespace, the extra members
// between message and ids (WI-47, S3-190). A 304 has no body; the body of an
// answer to HEAD is for the caller to drop.
func EncodeError(failure *awserr.Error, ids IDs) wire.Answer {
	a := wire.Answer{Status: failure.Status, Header: idHeaders(ids)}
	if failure.Status == http.StatusNotModified {
		return a
	}
	x := &wire.XML{}
	x.Raw(xmlHeader)
	x.Start("Error", "")
	x.Element("Code", failure.Code)
	x.Element("Message", failure.Message)
	for _, f := range failure.Fields {
		x.Element(f.Name, f.Value)
	}
	x.Element("RequestId", ids.Request)
	x.Element("HostId", ids.Host)
	x.End("Error")
	a.Header = append(a.Header, wire.Param{Name: "Content-Type", Value: "application/xml"})
	a.Body = x.Bytes()
	return a
}

func idHeaders(ids IDs) []wire.Param {
	return []wire.Param{{Name: "x-amz-request-id", Value: ids.Request}, {Name: "x-amz-id-2", Value: ids.Host}}
}

// Encode returns the answer of a success. For an operation that streams, the
// body is empty and the headers are those of the output's members.
func Encode(svc *wire.Service, op *wire.Operation, out wire.Encodable, ids IDs) wire.Answer {
	a := wire.Answer{Status: op.Status, Header: idHeaders(ids)}
	if op.Out == nil {
		return a
	}
	e := &encoder{svc: svc, op: op, answer: &a}
	e.body.Layout = wire.LayoutMillis
	out.Encode(e)
	return a
}
