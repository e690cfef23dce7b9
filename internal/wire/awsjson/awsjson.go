// Package awsjson is the AWS JSON 1.1 protocol, which Organizations speaks.
package awsjson

import (
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
)

// Operation returns the operation that the value of X-Amz-Target names. The
// error is always an *awserr.Error (WI-20).
func Operation(svc *wire.Service, target string) (*wire.Operation, error) {
	panic("awsjson: not yet")
}

// Decode reads body into in and checks the constraints of the model. The error
// is always an *awserr.Error.
func Decode(svc *wire.Service, op *wire.Operation, body []byte, in wire.Decodable) error {
	panic("awsjson: not yet")
}

// Encode returns the answer of a success.
func Encode(svc *wire.Service, op *wire.Operation, out wire.Encodable, requestID string) wire.Answer {
	panic("awsjson: not yet")
}

// EncodeError returns the answer of a failure.
func EncodeError(svc *wire.Service, failure *awserr.Error, requestID string) wire.Answer {
	panic("awsjson: not yet")
}
