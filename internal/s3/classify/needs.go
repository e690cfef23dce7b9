package classify

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
	// those that depend on stored state. Values may belong to the request:
	// read them, never change them.
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
	// UploadEncryption is the x-amz-server-side-encryption that
	// CreateMultipartUpload was given, for UploadPart, UploadPartCopy and
	// CompleteMultipartUpload; "" for none.
	UploadEncryption string
}

// A DeleteEntry is one object of DeleteObjects.
type DeleteEntry struct {
	Key, VersionID string
	ETag           string // "" when not sent
}

// traitSet is what operations.tsv says about an operation's condition keys.
type traitSet uint8

const (
	traitConditional traitSet = 1 << iota // If-Match and If-None-Match count
	traitCreates                          // s3:ObjectCreationOperation is true
	traitPart                             // and false
	traitListing                          // prefix, delimiter, max-keys count
	traitOfUpload                         // encryption is the upload's
)

// A detail is the range of needRows of an operation.
type detail struct {
	from, to uint8
	traits   traitSet
}

// A needRow is a need of operations.tsv.
type needRow struct {
	action         string
	kind           Kind
	must, mustNot  factSet
	existingTags   bool
	ifSourceTagged bool
	keys           keySet
}

// subject is what one list of needs is about: the request, or one object of
// DeleteObjects.
type subject struct {
	key, version string
	etag         string // of DeleteObjects
	facts        factSet
	tags         []Tag
	body         Body
}

// Needs returns what the request needs; all of it must be allowed, and the first
// that is not is named in the refusal (S3-44). It is empty when NeedsBody or
// Public is set in the operation's Info, and only then: no needs means no access.
func (c *Classified) Needs() []Need {
	if c.Operation.Info().NeedsBody && !c.hasForm {
		return nil
	}
	return c.NeedsWith(Body{})
}

// NeedsWith is Needs with what the body says. It is empty for PostObject before
// [Classified.WithForm], and for DeleteObjects.
func (c *Classified) NeedsWith(b Body) []Need {
	if c.Operation == DeleteObjects || c.Operation == PostObject && !c.hasForm {
		return nil
	}
	s := subject{key: c.Key, version: c.VersionID, facts: c.facts, tags: c.Tags, body: b}
	switch c.Operation {
	case CreateBucket:
		s.tags = b.Tags
		if len(b.Tags) > 0 {
			s.facts |= factBodyTags
		}
	case PutObjectTagging:
		s.tags = b.Tags
	default:
	}
	return c.needs(&s)
}

// NeedsForDelete returns the needs of one object of DeleteObjects (S3-48). The
// error is the [*Error] of a key that cannot be.
func (c *Classified) NeedsForDelete(e DeleteEntry) ([]Need, error) {
	if c.Operation != DeleteObjects {
		return nil, nil
	}
	if err := CheckKey(e.Key); err != nil {
		return nil, err
	}
	s := subject{key: e.Key, version: e.VersionID, etag: e.ETag, facts: c.facts &^ factETag}
	if e.VersionID != "" {
		s.facts |= factVersion
	}
	if e.ETag != "" && e.ETag != "*" {
		s.facts |= factETag
	}
	return c.needs(&s), nil
}

// ListNeed is s3:ListBucket on the bucket, without request parameters: who
// lacks it may not learn that a key is missing (S3-45).
func (c *Classified) ListNeed() Need {
	return Need{Action: "s3:ListBucket", Resource: c.bucketARN(c.Bucket), Kind: Bucket}
}

// SourceListNeed is ListNeed for the source of a copy; it must not be asked of
// other operations.
func (c *Classified) SourceListNeed() Need {
	return Need{Action: "s3:ListBucket", Resource: c.bucketARN(c.Source.Bucket), Kind: SourceBucket}
}

func (c *Classified) needs(s *subject) []Need {
	if int(c.Operation) >= len(details) {
		return nil
	}
	rows := needRows[details[c.Operation].from:details[c.Operation].to]
	n := 0
	for i := range rows {
		if rows[i].holds(s.facts) {
			n++
		}
	}
	out := make([]Need, 0, n)
	for i := range rows {
		row := &rows[i]
		if !row.holds(s.facts) {
			continue
		}
		out = append(out, Need{
			Action: row.action, Resource: c.resource(row.kind, s), Kind: row.kind, Keys: c.keys(row, s),
			ExistingTags: row.existingTags, OnlyIfSourceTagged: row.ifSourceTagged,
		})
	}
	return out
}

func (r *needRow) holds(f factSet) bool { return f&r.must == r.must && f&r.mustNot == 0 }

func (c *Classified) bucketARN(bucket string) string { return "arn:" + c.partition + ":s3:::" + bucket }

func (c *Classified) objectARN(bucket, key string) string {
	return "arn:" + c.partition + ":s3:::" + bucket + "/" + key
}

func (c *Classified) resource(kind Kind, s *subject) string {
	switch kind {
	case Bucket:
		return c.bucketARN(c.Bucket)
	case Object:
		return c.objectARN(c.Bucket, s.key)
	case SourceObject:
		return c.objectARN(c.Source.Bucket, c.Source.Key)
	case SourceBucket:
		return c.bucketARN(c.Source.Bucket)
	case Role:
		if s.body.Role != "" {
			return s.body.Role
		}
	default:
	}
	return "*"
}
