package classify

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// copySource is the header that makes a PUT a copy.
const copySource = "X-Amz-Copy-Source"

// ParseSource parses x-amz-copy-source. It is the only parser of it; store and
// upstream get its value (S3-130, TH-63). Errors are of type *Error.
func ParseSource(raw string) (*Source, error) {
	refuse := func(message string) (*Source, error) {
		return nil, invalidArgument("x-amz-copy-source", raw, message)
	}
	// Only a raw "?versionId=" separates: an encoded one belongs to the key.
	object, version, versioned := strings.Cut(raw, "?versionId=")
	name, err := url.QueryUnescape(object)
	if err != nil || !utf8.ValidString(name) {
		return refuse("Invalid copy source encoding")
	}
	name = strings.TrimPrefix(name, "/")
	if strings.HasPrefix(name, "arn:") {
		return nil, notImplemented()
	}
	s := &Source{}
	s.Bucket, s.Key, _ = strings.Cut(name, "/")
	if s.Key == "" || strings.IndexByte(s.Key, 0) >= 0 {
		return refuse("Invalid copy source object key")
	}
	if err := CheckKey(s.Key); err != nil {
		return nil, err
	}
	if CheckBucketName(s.Bucket) != nil {
		return refuse("Invalid copy source bucket name")
	}
	if !versioned {
		return s, nil
	}
	// "+" is no blank here: no version id has one.
	s.VersionID, err = url.PathUnescape(version)
	switch {
	case err != nil || !utf8.ValidString(s.VersionID):
		return refuse("Invalid copy source encoding")
	case s.VersionID == "":
		return refuse("Version id cannot be the empty string")
	case strings.ContainsAny(version, "?&=/"):
		return refuse("Invalid version id specified")
	}
	return s, nil
}
