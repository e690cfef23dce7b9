// Package query is the awsQuery protocol, which IAM and STS speak: forms in,
// XML out.
package query

import (
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
)

// Operation returns the operation that Action and Version name. The error is
// always an *awserr.Error (WI-48).
func Operation(svc *wire.Service, params []wire.Param) (*wire.Operation, error) {
	panic("query: not yet")
}

// Decode reads params, the decoded pairs of one form or one query string, into
// in and checks the constraints of the model. The error is always an
// *awserr.Error.
func Decode(svc *wire.Service, op *wire.Operation, params []wire.Param, in wire.Decodable) error {
	panic("query: not yet")
}

// Encode returns the answer of a success.
func Encode(svc *wire.Service, op *wire.Operation, out wire.Encodable, requestID string) wire.Answer {
	panic("query: not yet")
}

// EncodeError returns the answer of a failure.
func EncodeError(svc *wire.Service, failure *awserr.Error, requestID string) wire.Answer {
	panic("query: not yet")
}
