package objects

import (
	"io"
	"net/http"
	"time"

	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/sigv4"
)

// A Handler serves object calls that are already authenticated, authorized and
// classified. [Store] is one; an S3 elsewhere can be another.
//
// ServeObject writes the whole answer. It returns nil after a success, else the
// error that it answered with, for the record: an [*s3err.Error], or another
// error, which the client saw as InternalError and which must be logged.
type Handler interface {
	ServeObject(w http.ResponseWriter, r *http.Request, call *Call) error
}

// A Call is one classified operation on objects. Handlers read it and not the
// request: of the request they use the context, the method and nothing else.
type Call struct {
	// Operation is the name in the S3 model, for example GetObject. One that
	// the handler cannot do is answered NotImplemented (S3-190).
	Operation string

	// BucketID is the immutable id of the bucket, minted when its name was
	// claimed. It is what the index is keyed by, and is checked when a change is
	// committed (TH-56). It is 1 to 64 bytes without NUL.
	BucketID string
	// Bucket is the name, for answers only.
	Bucket string
	// Key is the decoded key, 1 to 1024 bytes without NUL; "" for listings.
	Key string
	// VersionID is the versionId parameter, "" for none; "null" is a version.
	VersionID string
	// UploadID is the uploadId parameter, "" for none.
	UploadID string
	// PartNumber is the partNumber parameter as an integer, 0 for none. The
	// handler checks its range.
	PartNumber int
	// Source is what a copy reads, nil unless the operation is a copy.
	Source *Source

	// Body is the decoded payload; nil means none. It must return an error
	// instead of io.EOF when hash, signature, trailer or length are wrong; an
	// error that is a [*sigv4.Error] or an [*s3err.Error] is what the client sees.
	Body io.Reader
	// ContentLength is the length of the decoded payload in bytes, -1 unknown.
	ContentLength int64

	// Query are the request's parameters.
	Query sigv4.Query
	// Header are the request's headers, canonical keys, as authorized: X-Amz
	// parameters of a presigned URL that act as headers are in here too (S3-27).
	Header http.Header

	// Signed reports whether the caller signed the request (S3-39, TH-67).
	Signed bool
	// MayList is asked when the key or version does not exist: nil lets the
	// answer be 404, an error is the answer instead (S3-45). A nil function
	// refuses with AccessDenied.
	MayList func() *s3err.Error

	// Decided are the tags that the call was allowed with, nil when they did not
	// matter: a version that has others by now is not shown.
	Decided *Decided

	// Deletes and Quiet are DeleteObjects' request as ReadDelete returned it,
	// with the verdict on each key.
	Deletes []Delete
	Quiet   bool

	// Owner is who listings name as the owner of the objects: the bucket owner.
	Owner Owner
	// Initiator is who starts the upload.
	Initiator Owner

	// Now is the time of the request.
	Now time.Time
	// RequestID and HostID go into the headers and error documents of the answer.
	RequestID, HostID string
}

// A Source is the object that a copy reads.
type Source struct {
	BucketID, Bucket, Key string
	// VersionID is "" for the current version.
	VersionID string
	// MayList is as Call.MayList, for the source bucket.
	MayList func() *s3err.Error
	// Decided is as Call.Decided, for the source.
	Decided *Decided
	// IfTagged, when it is not nil, is the refusal of a copy whose source has
	// tags that would be copied.
	IfTagged *s3err.Error
}

// Decided are the tags of an object that a decision was made with.
type Decided struct{ Tags []Tag }

// check fails when the version, nil for none, has other tags than those: it was
// replaced or tagged between the decision and the look at it. The client is to
// come again, and what is there then is decided on.
func (d *Decided) check(v *version) error {
	if d == nil {
		return nil
	}
	var now []pair
	if v != nil {
		now = v.tags
	}
	if len(now) != len(d.Tags) {
		return s3err.Of("SlowDown")
	}
	for i, t := range now {
		if t.name != d.Tags[i].Key || t.value != d.Tags[i].Value {
			return s3err.Of("SlowDown")
		}
	}
	return nil
}

// An Owner is an account as listings show it.
type Owner struct {
	// ID is the canonical id, 64 hex digits.
	ID string
	// DisplayName is left out when empty.
	DisplayName string
}

// A Delete is one object of a DeleteObjects request.
type Delete struct {
	Key       string
	VersionID string
	// ETag is the If-Match condition of this key, "" for none (S3-107).
	ETag string
	// Unsupported reports whether the object has a Size or LastModifiedTime
	// condition, which is answered NotImplemented per key (S3-107).
	Unsupported bool
	// Refused, when it is not nil, is the gateway's verdict: the key is left
	// alone and answered with this error (S3-48). ReadDelete leaves it nil.
	Refused *s3err.Error
}

func (c *Call) missing(err *s3err.Error) *s3err.Error {
	return mayTell(c.MayList, err)
}

func (s *Source) missing(err *s3err.Error) *s3err.Error {
	return mayTell(s.MayList, err)
}

// mayTell returns err when the caller may know that something does not exist,
// and the refusal otherwise.
func mayTell(mayList func() *s3err.Error, err *s3err.Error) *s3err.Error {
	if mayList == nil {
		return s3err.AccessDenied()
	}
	if refused := mayList(); refused != nil {
		return refused
	}
	return err
}
