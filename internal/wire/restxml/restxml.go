// Package restxml is the REST-XML protocol, which S3 speaks.
package restxml

import (
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

// Decode reads req into in and checks the constraints of the model. The error
// is always an *awserr.Error.
func Decode(svc *wire.Service, op *wire.Operation, req Request, in wire.Decodable) error {
	panic("restxml: not yet")
}

// Encode returns the answer of a success. For an operation that streams, the
// body is empty and the headers are those of the output's members.
func Encode(svc *wire.Service, op *wire.Operation, out wire.Encodable, ids IDs) wire.Answer {
	panic("restxml: not yet")
}

// EncodeError returns the answer of a failure (S3-190). The caller drops the
// body for HEAD.
func EncodeError(failure *awserr.Error, ids IDs) wire.Answer {
	panic("restxml: not yet")
}
