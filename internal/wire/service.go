package wire

import (
	"cmp"
	"slices"

	"github.com/regent-iam/regent/internal/awserr"
)

// A Protocol names one of AWS's wire protocols.
type Protocol uint8

// The protocols.
const (
	AWSQuery Protocol = iota + 1
	AWSJSON
	RestXML
	RestJSON
)

// A Service describes one API. It is static data.
type Service struct {
	ID           string // "IAM"
	Package      string // "iam"
	SigningName  string // the service in a credential scope
	Protocol     Protocol
	JSONVersion  string // "1.1"
	APIVersion   string // "2010-05-08"
	TargetPrefix string // what comes before the dot in X-Amz-Target
	Namespace    string // of XML answers
	// EchoValues says whether constraint failures repeat the value: STS does,
	// IAM does not (IA-32).
	EchoValues bool
	// Reasons says that constraint failures are InvalidInputException with a
	// Reason, as Organizations has them.
	Reasons bool
	// RecordTime is the layout in which audit records of this service write
	// times (RE-23).
	RecordTime string
	// RecordMask stands for a secret string in audit records; when it is
	// empty the member is left out.
	RecordMask string
	// Operations are sorted by name.
	Operations []Operation
}

// Operation returns the named operation, or nil. Names are compared exactly.
func (s *Service) Operation(name string) *Operation {
	i, ok := slices.BinarySearchFunc(s.Operations, name, func(op Operation, name string) int {
		return cmp.Compare(op.Name, name)
	})
	if !ok {
		return nil
	}
	return &s.Operations[i]
}

// An Operation describes one operation. It is static data.
type Operation struct {
	Name   string
	Method string // HTTP method
	URI    string // with its labels, as the model has it
	Status int    // of a success
	// In and Out are the schemas, nil for operations without input or output.
	In, Out *Shape
	// NewInput and NewOutput make what In and Out describe, or an Empty.
	NewInput, NewOutput func() Codec
	ResultWrapper       string
	Errors              []*ErrorShape
	// Unsigned says that the operation may be called without a signature.
	Unsigned bool
	// ChecksumRequired says that the body must come with a checksum, whose
	// algorithm the named member tells.
	ChecksumRequired bool
	ChecksumMember   string
	// StreamsIn and StreamsOut say that the body is a stream of bytes, which
	// the shapes leave out.
	StreamsIn, StreamsOut bool
	// UnwrappedOutput says that the only member is the root element (S3's
	// GetBucketLocation).
	UnwrappedOutput bool
	Deprecated      bool
}

// An ErrorShape describes one exception.
type ErrorShape struct {
	Name   string // the shape
	Code   string // on the wire
	Status int
}

// Newf returns the error with a formatted message. The generated constructors,
// iam.NoSuchEntity and so on, call it.
func (s *ErrorShape) Newf(format string, args ...any) *awserr.Error {
	return awserr.Modeled(s.Status, s.Code, s.Name, format, args...)
}

// A Param is a name with a value: one parameter of a form or query string, one
// label of a path, one header of an answer.
type Param struct {
	Name, Value string
}

// An Answer is a response, ready to be written.
type Answer struct {
	Status int
	Header []Param // in order; a name may come twice
	Body   []byte
}
