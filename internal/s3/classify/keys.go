package classify

import (
	"math/bits"
	"strconv"
	"time"
)

// A keySet is a set of condition keys.
type keySet uint64

// A conditionKey is a condition key and the header whose value it has, or "".
type conditionKey struct{ name, header string }

// The keys of one server-side encryption, of listings and of tags.
const (
	keysOfUpload  = keyXAmzServerSideEncryption | keyXAmzServerSideEncryptionAwsKmsKeyID
	keysOfListing = keyPrefix | keyDelimiter | keyMaxKeys
	keysOfMatch   = keyIfMatch | keyIfNoneMatch
	keysOfLock    = keyObjectLockMode | keyObjectLockRetainUntilDate | keyObjectLockLegalHold
)

// keys returns the condition keys that the request supplies for a need (s3.md
// 3.2): those that the action has and the request sends.
func (c *Classified) keys(row *needRow, s *subject) []Key {
	set := row.keys
	traits := details[c.Operation].traits
	if traits&traitListing == 0 {
		set &^= keysOfListing // HeadBucket is ListBucket without them (S3-46)
	}
	if traits&traitConditional == 0 {
		set &^= keysOfMatch
	}
	if c.Operation == UploadPartCopy {
		set &^= keyXAmzMetadataDirective
	}
	var out []Key
	for rest := set; rest != 0; rest &= rest - 1 {
		bit := rest & -rest
		out = c.appendKey(out, bit, row, s)
	}
	return out
}

func (c *Classified) appendKey(out []Key, key keySet, row *needRow, s *subject) []Key {
	k := &conditionKeys[bits.TrailingZeros64(uint64(key))]
	one := func(v string) []Key {
		if v == "" {
			return out
		}
		return append(out, Key{Name: k.name, Values: []string{v}})
	}
	traits := details[c.Operation].traits
	switch {
	case key&keysOfListing != 0:
		return c.appendParameter(out, k.name)
	case key == keyVersionid:
		if row.kind == SourceObject {
			return one(c.Source.VersionID)
		}
		return one(s.version)
	case key&(keyRequestObjectTag|keyRequestObjectTagKeys|keyAwsRequestTag|keyAwsTagKeys) != 0:
		return appendTags(out, key, k.name, s.tags)
	case key == keyObjectCreationOperation:
		return one(creation(traits))
	case key&(keysOfLock|keyObjectLockRemainingRetentionDays) != 0:
		return c.appendLock(out, key, k, s)
	case key == keyLocationconstraint:
		return one(s.body.LocationConstraint)
	case key == keyIamPassedToService:
		return one("s3.amazonaws.com")
	case key == keyIfMatch && c.Operation == DeleteObjects:
		return one(s.etag)
	case key&keysOfUpload != 0 && traits&traitOfUpload != 0:
		if key == keyXAmzServerSideEncryption {
			return one(s.body.UploadEncryption)
		}
		return out
	}
	return c.appendHeader(out, k)
}

// appendHeader appends a key that is a header. The header's own slice of values
// serves, so that the hot path allocates none; a header read here came once.
func (c *Classified) appendHeader(out []Key, k *conditionKey) []Key {
	if v := c.Header[k.header]; k.header != "" && len(v) > 0 {
		out = append(out, Key{Name: k.name, Values: v[:1:1]})
	}
	return out
}

// appendParameter appends a key that is a parameter: sent empty is "", not sent
// is absent.
func (c *Classified) appendParameter(out []Key, name string) []Key {
	if parameter := name[len("s3:"):]; c.Query.Has(parameter) {
		out = append(out, Key{Name: name, Values: []string{c.Query.Get(parameter)}})
	}
	return out
}

func appendTags(out []Key, key keySet, name string, tags []Tag) []Key {
	if len(tags) == 0 {
		return out
	}
	if key&(keyRequestObjectTagKeys|keyAwsTagKeys) != 0 {
		names := make([]string, len(tags))
		for i, t := range tags {
			names[i] = t.Key
		}
		return append(out, Key{Name: name, Values: names, Multi: true})
	}
	for _, t := range tags {
		out = append(out, Key{Name: name + "/" + t.Key, Values: []string{t.Value}})
	}
	return out
}

// creation is the value of s3:ObjectCreationOperation, or "" for none.
func creation(traits traitSet) string {
	switch {
	case traits&traitCreates != 0:
		return "true"
	case traits&traitPart != 0:
		return "false"
	}
	return ""
}

// appendLock appends a key of Object Lock: from the body of PutObjectRetention
// and PutObjectLegalHold, and from headers elsewhere.
func (c *Classified) appendLock(out []Key, key keySet, k *conditionKey, s *subject) []Key {
	mode, until, hold := s.body.LockMode, s.body.RetainUntil, s.body.LegalHold
	if c.Operation != PutObjectRetention && c.Operation != PutObjectLegalHold {
		if key != keyObjectLockRemainingRetentionDays {
			return c.appendHeader(out, k)
		}
		until = c.Header.Get("X-Amz-Object-Lock-Retain-Until-Date")
	}
	switch key {
	case keyObjectLockMode:
		return appendOne(out, k.name, mode)
	case keyObjectLockRetainUntilDate:
		return appendOne(out, k.name, until)
	case keyObjectLockLegalHold:
		return appendOne(out, k.name, hold)
	default:
		return appendOne(out, k.name, remainingDays(until, c.now))
	}
}

func appendOne(out []Key, name, value string) []Key {
	if value == "" {
		return out
	}
	return append(out, Key{Name: name, Values: []string{value}})
}

// remainingDays is the number of days begun between now and until, or "" when
// until is no time: that is refused later.
func remainingDays(until string, now time.Time) string {
	t, err := time.Parse(time.RFC3339, until)
	if err != nil || now.IsZero() {
		return ""
	}
	const day = 24 * time.Hour
	left := t.Sub(now)
	days := int64(left / day)
	if left > 0 && left%day != 0 {
		days++
	}
	return strconv.FormatInt(days, 10)
}

// A Signer is what is known of a request's signature once it has been verified.
type Signer struct {
	// AuthType is REST-HEADER, REST-QUERY-STRING or POST; empty: anonymous.
	AuthType string
	// Version is AWS4-HMAC-SHA256 or, for Signature Version 2, AWS.
	Version string
	// Age is the signature's age. It is used for query and POST only, and not
	// for Signature Version 2, which has no date.
	Age time.Duration
	// TLSVersion is "1.2" or "1.3"; empty without TLS.
	TLSVersion string
	// ResourceAccount is the bucket's account; empty for ListBuckets.
	ResourceAccount string
}

// Keys returns the condition keys that the signature and the connection supply
// to every need: authType, signatureversion, signatureAge in milliseconds,
// TlsVersion, ResourceAccount. For needs on a copy's source, ResourceAccount is
// the account of the source's bucket.
func (s Signer) Keys() []Key {
	out := make([]Key, 0, 5)
	out = appendOne(out, "s3:ResourceAccount", s.ResourceAccount)
	out = appendOne(out, "s3:TlsVersion", s.TLSVersion)
	if s.AuthType == "" {
		return out
	}
	out = appendOne(out, "s3:authType", s.AuthType)
	out = appendOne(out, "s3:signatureversion", s.Version)
	if s.AuthType != "REST-HEADER" {
		age := s.Age.Milliseconds()
		if s.Version == "AWS" {
			age = 0
		}
		out = appendOne(out, "s3:signatureAge", strconv.FormatInt(age, 10))
	}
	return out
}
