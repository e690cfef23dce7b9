// Package query is the awsQuery protocol, which IAM and STS speak: forms in,
// XML out.
package query

import (
	"net/http"

	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
)

// contentType is that of every answer.
const contentType = "text/xml"

// Operation returns the operation that Action and Version name. Both are
// required, once (WI-48). The error is always an *awserr.Error.
func Operation(svc *wire.Service, params []wire.Param) (*wire.Operation, error) {
	action, err := single(params, "Action")
	if err != nil {
		return nil, err
	}
	if action == "" {
		return nil, awserr.Newf(http.StatusBadRequest, "MissingAction", "Missing Action")
	}
	version, err := single(params, "Version")
	if err != nil {
		return nil, err
	}
	if version == "" {
		return nil, awserr.Newf(http.StatusBadRequest, "MissingParameter", "The request must contain the parameter Version")
	}
	op := svc.Operation(action)
	if op == nil || version != svc.APIVersion {
		return nil, awserr.Newf(http.StatusBadRequest, "InvalidAction", "Could not find operation %s for version %s", clip(action), clip(version))
	}
	return op, nil
}

// single returns the value of a parameter, which may be there once.
func single(params []wire.Param, name string) (string, error) {
	value, found := "", false
	for _, p := range params {
		if p.Name != name {
			continue
		}
		if found {
			return "", malformed("Parameter %s is given more than once", name)
		}
		value, found = p.Value, true
	}
	return value, nil
}

// Decode reads params, the decoded pairs of one form or one query string, into
// in and checks the constraints of the model. Parameters that the operation does
// not know are ignored. The error is always an *awserr.Error.
func Decode(svc *wire.Service, _ *wire.Operation, params []wire.Param, in wire.Decodable) error {
	d, err := newDecoder(params)
	if err != nil {
		return err
	}
	c := wire.Check(svc, d)
	in.Decode(c)
	if d.err != nil {
		return d.err
	}
	if found := c.Violations(); len(found) > 0 {
		return awserr.Newf(http.StatusBadRequest, "ValidationError", "%s", wire.ValidationText(svc, found))
	}
	return nil
}

// Encode returns the answer of a success (WI-45, IA-28).
func Encode(svc *wire.Service, op *wire.Operation, out wire.Encodable, requestID string) wire.Answer {
	x := wire.BorrowXML(wire.LayoutISO8601, true)
	root := op.Name + "Response"
	x.Start(root, svc.Namespace)
	if op.ResultWrapper != "" {
		x.Start(op.ResultWrapper, "")
		out.Encode(x)
		x.End(op.ResultWrapper)
	}
	x.Start("ResponseMetadata", "")
	x.Element("RequestId", requestID)
	x.End("ResponseMetadata")
	x.End(root)
	return answer(op.Status, requestID, x)
}

// EncodeError returns the answer of a failure (WI-45).
func EncodeError(svc *wire.Service, failure *awserr.Error, requestID string) wire.Answer {
	x := wire.BorrowXML("", false)
	kind := "Sender"
	if failure.Status >= http.StatusInternalServerError {
		kind = "Receiver"
	}
	x.Start("ErrorResponse", svc.Namespace)
	x.Start("Error", "")
	x.Element("Type", kind)
	x.Element("Code", failure.Code)
	x.Element("Message", failure.Message)
	for _, f := range failure.Fields {
		x.Element(f.Name, f.Value)
	}
	x.End("Error")
	x.Element("RequestId", requestID)
	x.End("ErrorResponse")
	return answer(failure.Status, requestID, x)
}

func answer(status int, requestID string, x *wire.XML) wire.Answer {
	return wire.Answer{
		Status: status,
		Header: []wire.Param{{Name: "Content-Type", Value: contentType}, {Name: "x-amzn-RequestId", Value: requestID}},
		Body:   x.Take(),
	}
}

// malformed returns the error for a form that is not what the protocol says.
func malformed(format string, args ...any) *awserr.Error {
	return awserr.Newf(http.StatusBadRequest, "MalformedInput", format, args...)
}

// clip shortens a name that an error repeats.
func clip(s string) string {
	const limit = 128
	if len(s) > limit {
		return s[:limit] + "..."
	}
	return s
}
