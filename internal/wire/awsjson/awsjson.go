// Package awsjson is the AWS JSON 1.1 protocol, which Organizations speaks.
package awsjson

import (
	"net/http"
	"strings"

	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
)

// Operation returns the operation that the value of X-Amz-Target names. The
// error is always an *awserr.Error (WI-20).
func Operation(svc *wire.Service, target string) (*wire.Operation, error) {
	if name, ok := strings.CutPrefix(target, svc.TargetPrefix+"."); ok {
		if op := svc.Operation(name); op != nil {
			return op, nil
		}
	}
	return nil, awserr.Newf(http.StatusBadRequest, "UnknownOperationException", "The target names no operation of %s", svc.ID)
}

// Decode reads body into in and checks the constraints of the model. Names are
// compared exactly; members that the operation does not know are ignored, but a
// name that comes twice in one object is refused wherever it stands (TH-18). The
// error is always an *awserr.Error.
func Decode(svc *wire.Service, _ *wire.Operation, body []byte, in wire.Decodable) error {
	root, err := parse(body)
	if err != nil {
		return err
	}
	d := &decoder{root: root}
	c := wire.Check(svc, d)
	in.Decode(c)
	if d.err != nil {
		return d.err
	}
	if found := c.Violations(); len(found) > 0 {
		return invalid(svc, found)
	}
	return nil
}

// invalid returns the error for failed constraints. Organizations has one
// exception for all of them, with a Reason that says which kind it was, and
// names only the first; the other services say what the query services say.
func invalid(svc *wire.Service, found []wire.Violation) *awserr.Error {
	if !svc.Reasons {
		return awserr.Newf(http.StatusBadRequest, "ValidationException", "%s", wire.ValidationText(svc, found))
	}
	reason, text := reasonOf(&found[0])
	e := awserr.Modeled(http.StatusBadRequest, "InvalidInputException", "InvalidInputException", "%s", text)
	return e.With("Reason", reason)
}

// reasonOf returns the Reason of a violation and AWS's description of it.
func reasonOf(v *wire.Violation) (reason, text string) {
	switch v.Constraint {
	case wire.NotNull:
		return "INPUT_REQUIRED", "You must include a value for all required parameters."
	case wire.InEnum:
		return "INVALID_ENUM", "You specified an invalid value."
	case wire.MinLength:
		return "MIN_LENGTH_EXCEEDED", "You provided a string parameter that is shorter than allowed."
	case wire.MaxLength:
		return "MAX_LENGTH_EXCEEDED", "You provided a string parameter that is longer than allowed."
	case wire.MinValue:
		return "MIN_VALUE_EXCEEDED", "You provided a numeric parameter that has a smaller value than allowed."
	case wire.MaxValue:
		return "MAX_VALUE_EXCEEDED", "You provided a numeric parameter that has a larger value than allowed."
	default:
	}
	if v.Member != nil && v.Member.Name == "TargetId" {
		return "INVALID_PATTERN_TARGET_ID", "You specified a policy target ID that doesn't match the required pattern."
	}
	return "INVALID_PATTERN", "You provided a value that does not match the required pattern."
}

// Encode returns the answer of a success. An operation without output has an
// empty body.
func Encode(svc *wire.Service, op *wire.Operation, out wire.Encodable, requestID string) wire.Answer {
	a := answer(svc, op.Status, requestID)
	if op.Out == nil {
		return a
	}
	j := wire.NewJSON(wire.JSONForm{})
	out.Encode(j)
	a.Body = j.Bytes()
	return a
}

// EncodeError returns the answer of a failure (WI-46).
func EncodeError(svc *wire.Service, failure *awserr.Error, requestID string) wire.Answer {
	a := answer(svc, failure.Status, requestID)
	b := append(a.Body, `{"__type":`...)
	b = wire.AppendJSONString(b, failure.Code)
	b = append(b, `,"Message":`...)
	b = wire.AppendJSONString(b, failure.Message)
	for _, f := range failure.Fields {
		b = append(b, ',')
		b = wire.AppendJSONString(b, f.Name)
		b = append(b, ':')
		b = wire.AppendJSONString(b, f.Value)
	}
	a.Body = append(b, '}')
	return a
}

func answer(svc *wire.Service, status int, requestID string) wire.Answer {
	return wire.Answer{Status: status, Header: []wire.Param{
		{Name: "Content-Type", Value: "application/x-amz-json-" + svc.JSONVersion},
		{Name: "x-amzn-RequestId", Value: requestID},
	}}
}

// malformed returns the error for a body that is not what the protocol says.
func malformed(format string, args ...any) *awserr.Error {
	return awserr.Newf(http.StatusBadRequest, "SerializationException", format, args...)
}
