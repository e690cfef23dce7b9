package objects

import (
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/regent-iam/regent/internal/s3/s3err"
)

const (
	metaPrefix  = "X-Amz-Meta-"
	maxMetadata = 2048
	maxTags     = 10
	maxTagKey   = 128
	maxTagValue = 256
)

// attributes reads what PutObject, CreateMultipartUpload and a replacing copy
// keep with the object (S3-100). The checksum algorithm is the caller's to set.
func (o *op) attributes() (attributes, error) {
	var a attributes
	if err := o.metadata(&a); err != nil {
		return a, err
	}
	if err := o.placement(&a); err != nil {
		return a, err
	}
	tags, err := parseTagHeader(o.Header)
	a.tags = tags
	return a, err
}

// metadata reads system and user metadata.
func (o *op) metadata(a *attributes) error {
	contentType := o.Header.Get("Content-Type")
	if contentType == "" {
		contentType = "binary/octet-stream"
	}
	a.header = append(a.header, pair{"Content-Type", contentType})
	for _, name := range [...]string{"Cache-Control", "Content-Disposition", "Content-Language", "Expires"} {
		if v := o.Header.Get(name); v != "" {
			a.header = append(a.header, pair{name, v})
		}
	}
	if v := contentEncoding(o.Header["Content-Encoding"]); v != "" {
		a.header = append(a.header, pair{"Content-Encoding", v})
	}
	if err := o.userMetadata(a); err != nil {
		return err
	}
	for _, p := range a.header {
		if strings.ContainsFunc(p.value, isControl) {
			return s3err.InvalidArgument(p.name, p.value, "Header value cannot be represented in an answer.")
		}
	}
	return nil
}

func isControl(r rune) bool { return r < 0x20 && r != '\t' || r == 0x7f }

// contentEncoding drops aws-chunked, which is how the body came and not what it
// is (S3-36).
func contentEncoding(values []string) string {
	var kept []string
	for v := range strings.SplitSeq(strings.Join(values, ","), ",") {
		if v = strings.TrimSpace(v); v != "" && v != "aws-chunked" {
			kept = append(kept, v)
		}
	}
	return strings.Join(kept, ",")
}

func (o *op) userMetadata(a *attributes) error {
	first, size := len(a.header), 0
	for name, values := range o.Header {
		suffix, ok := strings.CutPrefix(name, metaPrefix)
		if !ok || suffix == "" {
			continue
		}
		value := strings.Join(values, ",")
		if decoded, err := new(mime.WordDecoder).DecodeHeader(value); err == nil {
			value = decoded
		}
		suffix = lowerASCII(suffix)
		size += len(suffix) + len(value)
		if strings.ContainsFunc(value, isControl) {
			return s3err.InvalidArgument(name, value, "Header value cannot be represented in an answer.")
		}
		a.header = append(a.header, pair{"x-amz-meta-" + suffix, mime.QEncoding.Encode("UTF-8", value)})
	}
	if size > maxMetadata {
		return s3err.MetadataTooLarge(size)
	}
	slices.SortFunc(a.header[first:], func(x, y pair) int { return strings.Compare(x.name, y.name) })
	return nil
}

// lowerASCII is for header names, which are ASCII tokens.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// placement reads what is never copied (S3-131): class, encryption, redirect, lock.
func (o *op) placement(a *attributes) error {
	for name := range o.Header {
		switch {
		case strings.HasPrefix(name, "X-Amz-Object-Lock-"):
			return s3err.InvalidRequest("Bucket is missing ObjectLockConfiguration")
		case strings.HasPrefix(name, "X-Amz-Server-Side-Encryption-Customer-"):
			return s3err.NotImplemented(lowerASCII(name))
		}
	}
	if class := o.Header.Get("X-Amz-Storage-Class"); o.Header["X-Amz-Storage-Class"] != nil {
		if !storageClass(class) {
			return s3err.InvalidStorageClass(class)
		}
		if class != "STANDARD" {
			a.class = class
		}
	}
	if err := o.encryption(a); err != nil {
		return err
	}
	a.redirect = o.Header.Get("X-Amz-Website-Redirect-Location")
	if a.redirect != "" && !strings.HasPrefix(a.redirect, "/") &&
		!strings.HasPrefix(a.redirect, "http://") && !strings.HasPrefix(a.redirect, "https://") ||
		strings.ContainsFunc(a.redirect, isControl) {
		return s3err.Of("InvalidRedirectLocation")
	}
	return nil
}

func storageClass(s string) bool {
	switch s {
	case "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
		"GLACIER", "DEEP_ARCHIVE", "GLACIER_IR":
		return true
	}
	return false
}

// archived reports whether objects of the class must be restored before they
// can be read (S3-111).
func archived(class string) bool { return class == "GLACIER" || class == "DEEP_ARCHIVE" }

func (o *op) encryption(a *attributes) error {
	const header, keyHeader = "X-Amz-Server-Side-Encryption", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"
	a.sse, a.kmsKey = o.Header.Get(header), o.Header.Get(keyHeader)
	switch a.sse {
	case "", "AES256":
		if a.kmsKey != "" {
			return s3err.InvalidArgument("x-amz-server-side-encryption-aws-kms-key-id", a.kmsKey,
				"Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms")
		}
	case "aws:kms", "aws:kms:dsse":
		if strings.ContainsFunc(a.kmsKey, isControl) {
			return s3err.InvalidArgument("x-amz-server-side-encryption-aws-kms-key-id", a.kmsKey, "Invalid key id")
		}
	default:
		return s3err.Of("InvalidEncryptionAlgorithmError").
			With("ArgumentName", "x-amz-server-side-encryption").With("ArgumentValue", a.sse)
	}
	return nil
}

// parseTagHeader reads x-amz-tagging (S3-114).
func parseTagHeader(h http.Header) ([]pair, error) {
	raw := h.Get("X-Amz-Tagging")
	if raw == "" {
		return nil, nil
	}
	bad := s3err.InvalidArgument("x-amz-tagging", raw, "The header 'x-amz-tagging' shall be encoded as UTF-8 "+
		"then URLEncoded URL query parameters without tag name duplicates.")
	var tags []pair
	for item := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(item, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return nil, bad
		}
		value, err = url.QueryUnescape(value)
		if err != nil || name == "" || hasTag(tags, name) {
			return nil, bad
		}
		tags = append(tags, pair{name, value})
	}
	return tags, checkTags(tags)
}

func hasTag(tags []pair, name string) bool {
	return slices.ContainsFunc(tags, func(p pair) bool { return p.name == name })
}

// checkTags holds the limits of object tags (S3-114).
func checkTags(tags []pair) error {
	if len(tags) > maxTags {
		return s3err.Of("BadRequest").WithMessage("Object tags cannot be greater than 10")
	}
	for i, t := range tags {
		switch {
		case hasTag(tags[:i], t.name):
			return s3err.InvalidTag(t.name, t.value, "Cannot provide multiple Tags with the same key")
		case strings.HasPrefix(t.name, "aws:"):
			return s3err.InvalidTag(t.name, t.value, "Your TagKey cannot be prefixed with aws:")
		case t.name == "" || units(t.name) > maxTagKey || !tagText(t.name):
			return s3err.InvalidTag(t.name, t.value, "The TagKey you have provided is invalid")
		case units(t.value) > maxTagValue || !tagText(t.value):
			return s3err.InvalidTag(t.name, t.value, "The TagValue you have provided is invalid")
		}
	}
	return nil
}

// units is the length as S3 counts it, in characters.
func units(s string) int { return len([]rune(s)) }

func tagText(s string) bool {
	return !strings.ContainsFunc(s, isControl) && strings.ToValidUTF8(s, "") == s
}
