package classify

// An Operation is one operation of the S3 API, PostObject or Preflight. The zero
// Operation is none.
type Operation uint8

// String returns the operation's name as in the API model.
func (o Operation) String() string { return o.Info().Name }

// Info returns what is known about the operation. The info of an unknown
// operation is empty and served nowhere.
func (o Operation) Info() Info {
	if int(o) >= len(infos) {
		return infos[0]
	}
	return infos[o]
}

// Served says who executes an operation.
type Served uint8

// Where operations are executed. The zero value is nowhere.
const (
	Nowhere   Served = iota // never executed: Refusal answers after authorization
	ByService               // bucket configuration: internal/service/s3, through dispatch
	ByObjects               // objects, uploads and listings: the gateway's handler
)

// Access says whether an operation reads or writes.
type Access uint8

// Access levels of operations. The zero value is the cautious one.
const (
	Write Access = iota
	Read
)

// An Event says which kind of CloudTrail event an operation makes (RE-50).
type Event uint8

// Kinds of events.
const (
	Management Event = iota
	Data
)

// Info describes an operation.
type Info struct {
	Name   string
	Served Served
	Access Access
	Event  Event
	// Versioned: the operation reads versionId.
	Versioned bool
	// HidesKey: without s3:ListBucket on the bucket (see
	// [Classified.ListNeed]) a missing key or version is answered 403
	// AccessDenied instead of 404 (S3-45). HidesSource: the same for a copy's
	// source and [Classified.SourceListNeed].
	HidesKey, HidesSource bool
	// OwnerOnly: a caller of another account than the bucket's gets 405
	// MethodNotAllowed although all needs are allowed (S3-44).
	OwnerOnly bool
	// RootAlways: the bucket policy never stops the root user of the bucket's
	// account (S3-44).
	RootAlways bool
	// NeedsBody: Needs returns nothing, because the needs depend on the body:
	// NeedsWith, NeedsForDelete or WithForm has to be used.
	NeedsBody bool
	// Public: nothing is needed, and nobody has to sign (Preflight). No other
	// operation has an empty list of needs.
	Public bool
	// Streams: the payload may be STREAMING-* (S3-25).
	Streams bool
}

// Refusal returns the [*Error] that answers an operation served Nowhere, once it
// has been authorized (S3-15); nil for others.
func (c *Classified) Refusal() error {
	switch {
	case c.Operation.Info().Served != Nowhere:
		return nil
	case c.Operation == CreateSession:
		return methodNotAllowed("GET", "SESSION", "")
	}
	return notImplemented()
}

// AnonymousRefusal returns the [*Error] for an anonymous caller, who may not do
// this whatever the policies say (S3-39, S3-47, TH-67), or nil.
func (c *Classified) AnonymousRefusal() error {
	if c.ResponseOverrides {
		return invalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
	}
	switch c.Operation {
	case ListBuckets, ListDirectoryBuckets, CreateBucket,
		CopyObject, UploadPartCopy, CreateMultipartUpload,
		GetBucketOwnershipControls, PutBucketOwnershipControls, DeleteBucketOwnershipControls:
		return accessDenied()
	default:
		return nil
	}
}
