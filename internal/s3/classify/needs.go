package classify

import "time"

// A Kind says what a need's resource is.
type Kind uint8

// Kinds of resources.
const (
	NoResource   Kind = iota // "*"
	Bucket                   // the request's bucket
	Object                   // an object in the request's bucket
	SourceObject             // the object that is copied
	SourceBucket             // the bucket it lies in
	Role                     // an IAM role that is passed
	OtherKind                // a resource Regent does not have; "*"
)

// A Key is a condition key with its values, spelled as sent. A key that was not
// sent is not listed.
type Key struct {
	Name   string
	Values []string
	// Multi: the key is multivalued (ArrayOf… in the service authorization
	// reference).
	Multi bool
}

// A Need is a permission that a request needs.
type Need struct {
	Action   string // "s3:GetObject"
	Resource string // ARN, or "*"
	Kind     Kind
	// Keys are the condition keys that the request supplies for this action
	// (s3.md 3.2), but for those of [Signer.Keys], which all needs share, and
	// those that depend on stored state.
	Keys []Key
	// ExistingTags: s3:ExistingObjectTag/k is available for this need; whoever
	// decides it adds the tags of the object (and version) it names.
	ExistingTags bool
	// OnlyIfSourceTagged: needed only when the copied object has tags. Decide
	// it with the others, and refuse only when there are tags to copy.
	OnlyIfSourceTagged bool
}

// A Tag is a tag in a request.
type Tag struct{ Key, Value string }

// A Body is what the body of a request, or stored state, adds to its needs.
type Body struct {
	// Tags are the tags of CreateBucket's configuration or PutObjectTagging.
	Tags []Tag
	// LocationConstraint is CreateBucket's, or "".
	LocationConstraint string
	// Role is the ARN in PutBucketReplication's configuration.
	Role string
	// LockMode and RetainUntil are PutObjectRetention's, as sent, or "".
	LockMode, RetainUntil string
	// LegalHold is PutObjectLegalHold's status.
	LegalHold string
	// UploadEncryption is the server-side encryption that CreateMultipartUpload
	// was given, for UploadPart, UploadPartCopy and CompleteMultipartUpload.
	UploadEncryption string
}

// A DeleteEntry is one object of DeleteObjects.
type DeleteEntry struct {
	Key, VersionID string
	ETag           string // "" when not sent
}

// A Signer is what is known of a request's signature once it has been verified.
type Signer struct {
	// AuthType is REST-HEADER, REST-QUERY-STRING or POST; empty: anonymous.
	AuthType string
	// Version is AWS4-HMAC-SHA256 or, for Signature Version 2, AWS.
	Version string
	// Age is the signature's age; used for query and POST only.
	Age time.Duration
	// TLSVersion is "1.2" or "1.3"; empty without TLS.
	TLSVersion string
	// ResourceAccount is the bucket's account; empty for ListBuckets.
	ResourceAccount string
}
