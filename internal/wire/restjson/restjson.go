// Package restjson is the REST-JSON protocol, which IAM Access Analyzer speaks:
// members travel in the path, the query string and a JSON body.
package restjson

import (
	"net/http"
	"strings"

	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
)

// A Request is what an operation is decoded from. Route has found the operation
// and the labels already.
type Request struct {
	Labels []wire.Param // the decoded labels of the path
	Query  []wire.Param // the decoded pairs of the query string
	Body   []byte
}

// Route returns the operation that a method and a raw path name, and the path's
// labels, decoded. A label is one segment of the path as it was sent: an encoded
// slash is part of it. The error is always an *awserr.Error.
func Route(svc *wire.Service, method, path string) (*wire.Operation, []wire.Param, error) {
	segments := strings.Split(path, "/")
	var best *wire.Operation
	var labels []wire.Param
	for i := range svc.Operations {
		op := &svc.Operations[i]
		if op.Method != method {
			continue
		}
		found, ok := match(op.URI, segments)
		if ok && (best == nil || len(found) < len(labels)) { // the path that says most in its own words
			best, labels = op, found
		}
	}
	if best == nil {
		return nil, nil, awserr.Newf(http.StatusNotFound, "UnknownOperationException", "The path names no operation of %s", svc.ID)
	}
	return best, labels, nil
}

// match compares the path of an operation, of which segments in braces are
// labels, with the segments of a request.
func match(uri string, segments []string) ([]wire.Param, bool) {
	uri, _, _ = strings.Cut(uri, "?")
	want := strings.Split(uri, "/")
	if len(want) != len(segments) {
		return nil, false
	}
	var labels []wire.Param
	for i, w := range want {
		name, ok := strings.CutPrefix(w, "{")
		if !ok {
			if w != segments[i] {
				return nil, false
			}
			continue
		}
		value, ok := unescape(segments[i])
		if !ok || value == "" {
			return nil, false
		}
		labels = append(labels, wire.Param{Name: strings.TrimSuffix(name, "}"), Value: value})
	}
	return labels, true
}

// unescape decodes percent-encoding and nothing else, and reports whether it is
// well-formed.
func unescape(s string) (string, bool) {
	if !strings.Contains(s, "%") {
		return s, true
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			out = append(out, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		hi, lo := digit(s[i+1]), digit(s[i+2])
		if hi < 0 || lo < 0 {
			return "", false
		}
		out = append(out, byte(hi<<4|lo))
		i += 2
	}
	return string(out), true
}

// digit returns the value of a hexadecimal digit, -1 of anything else.
func digit(c byte) int {
	if 'A' <= c && c <= 'F' {
		c += 'a' - 'A'
	}
	return strings.IndexByte("0123456789abcdef", c)
}

// Decode reads req into in and checks the constraints of the model. The error is
// always an *awserr.Error: SerializationException for the body, and
// ValidationException for what does not hold.
func Decode(svc *wire.Service, _ *wire.Operation, req Request, in wire.Decodable) error {
	d, err := newDecoder(req)
	if err != nil {
		return err
	}
	c := wire.Check(svc, d)
	in.Decode(c)
	if err := d.failure(); err != nil {
		return err
	}
	if found := c.Violations(); len(found) > 0 {
		return Invalid("fieldValidationFailed", wire.ValidationText(svc, found))
	}
	return nil
}

// Invalid returns a ValidationException with its reason.
func Invalid(reason, message string) *awserr.Error {
	return awserr.Modeled(http.StatusBadRequest, "ValidationException", "ValidationException", "%s", message).With("reason", reason)
}

// Encode returns the answer of a success.
func Encode(_ *wire.Service, op *wire.Operation, out wire.Encodable, requestID string) wire.Answer {
	a := answer(op.Status, requestID)
	j := wire.NewJSON(wire.JSONForm{})
	out.Encode(j)
	a.Body = j.Bytes()
	return a
}

// EncodeError returns the answer of a failure: the code in a header, the rest in
// the body.
func EncodeError(failure *awserr.Error, requestID string) wire.Answer {
	a := answer(status(failure), requestID)
	a.Header = append(a.Header, wire.Param{Name: "x-amzn-ErrorType", Value: failure.Code})
	b := append(a.Body, `{"message":`...)
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

// status is the status of a failure: refusals, which other JSON protocols answer
// with 400, are 403 here (LI-26).
func status(e *awserr.Error) int {
	switch e.Code {
	case "AccessDeniedException", "ExpiredTokenException", "IncompleteSignatureException", "InvalidSignatureException",
		"MissingAuthenticationTokenException", "UnrecognizedClientException":
		return http.StatusForbidden
	}
	return e.Status
}

func answer(status int, requestID string) wire.Answer {
	return wire.Answer{Status: status, Header: []wire.Param{
		{Name: "Content-Type", Value: "application/json"},
		{Name: "x-amzn-RequestId", Value: requestID},
	}}
}
