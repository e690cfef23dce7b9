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
//
// What an operation is recognized by and what it needs is data: operations.tsv
// and actions.tsv, from which needs_gen.go is made.
package classify

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/sigv4"
)

//go:generate go run ./gen

// A Config says where S3 is reached.
type Config struct {
	// Hosts are the domains below which a bucket may be a host name (S3-6),
	// without port or leading dot. None: path style only.
	Hosts []string
	// Partition is the partition of ARNs; empty means "aws".
	Partition string
}

// A Classifier classifies requests. It is safe for concurrent use.
type Classifier struct {
	suffixes  []string // ".domain", folded, longest first
	partition string
}

// New returns a Classifier.
func New(c Config) *Classifier {
	if c.Partition == "" {
		c.Partition = "aws"
	}
	k := &Classifier{partition: c.Partition}
	for _, h := range c.Hosts {
		if h != "" {
			k.suffixes = append(k.suffixes, "."+arn.Fold(h))
		}
	}
	slices.SortFunc(k.suffixes, func(x, y string) int { return len(y) - len(x) })
	return k
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
	// Tags are the tags of x-amz-tagging, or of a POST form's tagging field. A
	// copy sets them only if ReplaceTags is set.
	Tags []Tag
	// Header holds the request's headers together with the x-amz-* parameters
	// of a presigned URL, which act as headers (S3-27); for a POST form, its
	// fields. It may be the request's own map: read it, never change it.
	Header http.Header
	// Query is the request's query.
	Query sigv4.Query
	// ExpectedBucketOwner and ExpectedSourceOwner are account ids, or "" when
	// the request does not care (S3-38).
	ExpectedBucketOwner, ExpectedSourceOwner string
	// BypassGovernance reports whether x-amz-bypass-governance-retention is
	// true. What is neither true nor false has been refused (TH-66), so
	// execution reads this field and not the header.
	BypassGovernance bool
	// ReplaceMetadata and ReplaceTags report a directive of REPLACE; false
	// means COPY (S3-131).
	ReplaceMetadata, ReplaceTags bool
	// ResponseOverrides reports whether a response-* parameter was sent that
	// the operation reads (S3-110).
	ResponseOverrides bool

	partition string
	facts     factSet
	now       time.Time
	hasForm   bool // Header and Key are those of a POST form
}

// Classify says what r is. Errors are of type [*Error] (S3-1 to S3-13). now is
// used for s3:object-lock-remaining-retention-days only.
func (k *Classifier) Classify(r *sigv4.Request, now time.Time) (*Classified, error) {
	if name, again := r.Repeated(); again {
		return nil, repeated(name)
	}
	c := &Classified{Header: r.Header, Query: r.Query, partition: k.partition, now: now}
	at, err := c.locate(k, r)
	if err != nil {
		return nil, err
	}
	m := methodOf(r.Method)
	if m == methodOptions && at != onService {
		return c.preflight()
	}
	p, err := scan(r.Query)
	if err != nil {
		return nil, err
	}
	if p.presigned {
		if c.Header, err = hoist(r.Header, r.Query); err != nil {
			return nil, err
		}
	}
	if err := c.route(r, at, m, &p); err != nil {
		return nil, err
	}
	if err := c.readParameters(at, &p); err != nil {
		return nil, err
	}
	if err := c.readHeaders(); err != nil {
		return nil, err
	}
	return c, nil
}

// preflight is a CORS preflight: whatever selectors and parameters it has belong
// to the request that may follow (S3-175).
func (c *Classified) preflight() (*Classified, error) {
	if c.Header.Get("Origin") == "" {
		return nil, &Error{Code: "BadRequest", Status: 400, Message: "Insufficient information. Origin request header needed."}
	}
	c.Operation = Preflight
	return c, nil
}

// locate finds bucket and key. Raw parts are split first and then decoded once,
// so that an encoded slash can be in a key and never between bucket and key
// (S3-1, S3-2, S3-6, TH-5).
func (c *Classified) locate(k *Classifier, r *sigv4.Request) (level, error) {
	path, ok := strings.CutPrefix(r.Path, "/")
	if !ok {
		return 0, invalidURI()
	}
	rawBucket, rawKey, _ := strings.Cut(path, "/")
	if bucket := k.virtualBucket(r.Host); bucket != "" {
		c.VirtualHost = true
		rawKey = path
		c.Bucket = bucket
	} else {
		if path == "" {
			return onService, nil
		}
		if rawBucket == lambdaPath && rawKey == "" {
			return onService, nil
		}
		var err error
		if c.Bucket, err = sigv4.DecodePath(rawBucket); err != nil || strings.ContainsAny(c.Bucket, "/\x00") {
			return 0, invalidURI()
		}
	}
	if strings.HasPrefix(c.Bucket, "arn:") {
		return 0, notImplemented() // an access point (S3-15)
	}
	if err := CheckBucketName(c.Bucket); err != nil {
		return 0, err
	}
	if rawKey == "" {
		return onBucket, nil
	}
	key, err := sigv4.DecodePath(rawKey)
	if err != nil {
		return 0, invalidURI()
	}
	c.Key = key
	if err := CheckKey(key); err != nil {
		return 0, err
	}
	return onKey, nil
}

// virtualBucket returns the bucket in a host name, or "" for path style: the
// domain itself, addresses and unknown names (S3-6).
func (k *Classifier) virtualBucket(host string) string {
	if len(k.suffixes) == 0 {
		return ""
	}
	if i := strings.LastIndexByte(host, ':'); i >= 0 && i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	host = arn.Fold(host)
	for _, suffix := range k.suffixes {
		if host == suffix[1:] {
			return ""
		}
		if bucket, ok := strings.CutSuffix(host, suffix); ok {
			return bucket
		}
	}
	return ""
}
