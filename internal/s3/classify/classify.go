// Package classify says what an S3 request is: which operation, on which bucket
// and key, and which permissions it needs.
//
// It is pure: it reads one strictly parsed [sigv4.Request] and nothing else. The
// one [Classified] value it returns feeds authorization, execution and the
// record; whoever reads the request's target, copy source or hoisted headers
// anywhere else could read something else, and must not.
//
// What could be read in two ways is refused and never resolved: two selectors,
// repeated parameters, a header beside the query parameter of its name.
package classify

import (
	"net/http"
	"time"

	"github.com/regent-iam/regent/sigv4"
)

// A Config says where S3 is reached.
type Config struct {
	// Hosts are the domains below which a bucket may be a host name (S3-6):
	// lower case, without port or leading dot. None: path style only.
	Hosts []string
	// Partition is the partition of ARNs; empty means "aws".
	Partition string
}

// A Classifier classifies requests. It is safe for concurrent use.
type Classifier struct {
	hosts     []string
	partition string
}

// New returns a Classifier.
func New(c Config) *Classifier {
	if c.Partition == "" {
		c.Partition = "aws"
	}
	return &Classifier{hosts: c.Hosts, partition: c.Partition}
}

// A Source is the object that a copy reads (S3-130).
type Source struct {
	Bucket, Key string
	// VersionID is the version named, or "".
	VersionID string
}

// A Classified is a request that has been understood. Its fields are decoded and
// checked; they are to be read and not changed.
type Classified struct {
	Operation Operation
	// Bucket is the bucket's name; empty only for ListBuckets,
	// ListDirectoryBuckets and WriteGetObjectResponse.
	Bucket string
	// VirtualHost reports whether the bucket was in the host name.
	VirtualHost bool
	// Key is the object's key, 1 to 1024 bytes of UTF-8 without NUL, or empty
	// when the operation is not on one object.
	Key string
	// VersionID is the versionId parameter where the operation has one, or "".
	VersionID string
	// UploadID is the uploadId parameter, or "".
	UploadID string
	// PartNumber is 1 to 10000, or 0 when there is none.
	PartNumber int
	// ConfigurationID is the id parameter of analytics, inventory, metrics and
	// intelligent-tiering configurations, or "".
	ConfigurationID string
	// Source is the object to be copied, or nil.
	Source *Source
	// Header holds the request's headers together with the x-amz-* parameters
	// of a presigned URL, which act as headers (S3-27). It may be the
	// request's own map: read it, never change it.
	Header http.Header
	// Query is the request's query.
	Query sigv4.Query
	// ExpectedBucketOwner and ExpectedSourceOwner are account ids, or "" when
	// the request does not care (S3-38).
	ExpectedBucketOwner, ExpectedSourceOwner string
	// BypassGovernance reports whether x-amz-bypass-governance-retention is
	// true. Only "true" and "false" are accepted (TH-66), so execution reads
	// this field and not the header.
	BypassGovernance bool
	// ReplaceMetadata and ReplaceTags report a directive of REPLACE; false
	// means COPY (S3-131).
	ReplaceMetadata, ReplaceTags bool
	// ResponseOverrides reports whether a response-* parameter was sent that
	// the operation reads (S3-110).
	ResponseOverrides bool

	partition string
	facts     facts
	now       time.Time
	presigned bool
	form      *formFacts
}
