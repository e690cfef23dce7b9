package classify

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/regent-iam/regent/sigv4"
)

// parameters is what the query says about the operation.
type parameters struct {
	selected  selector
	modes     modeSet
	presigned bool // Signature Version 4 in the query
	responses bool // a response-* parameter is there
	versionID bool // versionId is there
}

// A parameter is one that some operation reads, but for selectors.
type parameter uint8

const (
	unread parameter = iota
	paramVersionID
	paramPartNumber
	paramID
	paramMaxDirectoryBuckets
	paramResponseCacheControl
	paramResponseContentDisposition
	paramResponseContentEncoding
	paramResponseContentLanguage
	paramResponseContentType
	paramResponseExpires
	paramPrefix
	paramDelimiter
	paramMaxKeys
	paramMarker
	paramEncodingType
	paramKeyMarker
	paramVersionIDMarker
	paramContinuationToken
	paramFetchOwner
	paramStartAfter
	paramMaxUploads
	paramUploadIDMarker
	paramMaxParts
	paramPartNumberMarker
	paramMaxBuckets
	paramBucketRegion
	paramSelectType
	paramAWSAccessKeyID
	paramSignature
	paramExpires
	paramAlgorithm
	paramCredential
	paramDate
	paramSignedHeaders
	paramSignature4
	paramExpires4
	paramToken
	paramContentSHA256
)

// parameterOf returns the parameter of a name. Those of signatures are here so
// that repeating them is refused.
func parameterOf(name string) parameter {
	switch name {
	case "versionId":
		return paramVersionID
	case "partNumber":
		return paramPartNumber
	case "id":
		return paramID
	case "max-directory-buckets":
		return paramMaxDirectoryBuckets
	case "response-cache-control":
		return paramResponseCacheControl
	case "response-content-disposition":
		return paramResponseContentDisposition
	case "response-content-encoding":
		return paramResponseContentEncoding
	case "response-content-language":
		return paramResponseContentLanguage
	case "response-content-type":
		return paramResponseContentType
	case "response-expires":
		return paramResponseExpires
	case "select-type":
		return paramSelectType
	case "AWSAccessKeyId":
		return paramAWSAccessKeyID
	case "Signature":
		return paramSignature
	case "Expires":
		return paramExpires
	}
	return listParameterOf(name)
}

// listParameterOf knows the parameters of listings.
func listParameterOf(name string) parameter {
	switch name {
	case "prefix":
		return paramPrefix
	case "delimiter":
		return paramDelimiter
	case "max-keys":
		return paramMaxKeys
	case "marker":
		return paramMarker
	case "encoding-type":
		return paramEncodingType
	case "key-marker":
		return paramKeyMarker
	case "version-id-marker":
		return paramVersionIDMarker
	case "continuation-token":
		return paramContinuationToken
	case "fetch-owner":
		return paramFetchOwner
	case "start-after":
		return paramStartAfter
	case "max-uploads":
		return paramMaxUploads
	case "upload-id-marker":
		return paramUploadIDMarker
	case "max-parts":
		return paramMaxParts
	case "part-number-marker":
		return paramPartNumberMarker
	case "max-buckets":
		return paramMaxBuckets
	case "bucket-region":
		return paramBucketRegion
	}
	return unread
}

// signatureParameterOf knows the parameters of a presigned URL, by canonical name.
func signatureParameterOf(canonical string) parameter {
	switch canonical {
	case "X-Amz-Algorithm":
		return paramAlgorithm
	case "X-Amz-Credential":
		return paramCredential
	case "X-Amz-Date":
		return paramDate
	case "X-Amz-Signedheaders":
		return paramSignedHeaders
	case "X-Amz-Signature":
		return paramSignature4
	case "X-Amz-Expires":
		return paramExpires4
	case "X-Amz-Security-Token":
		return paramToken
	case "X-Amz-Content-Sha256":
		return paramContentSHA256
	}
	return unread
}

// scan reads the query once. It refuses two selectors, and every repeated
// parameter that any operation reads (S3-8, S3-10, TH-2, TH-62).
func scan(q sigv4.Query) (parameters, error) {
	var p parameters
	var seen uint64
	var selectors uint64
	for pair := range q.All() {
		if s := selectorOf(pair.Name); s != noSelector {
			if selectors&(1<<s) != 0 {
				return p, repeated(pair.Name)
			}
			selectors |= 1 << s
			p.selected = s
			continue
		}
		name := parameterOf(pair.Name)
		if name == unread && isAmazon(pair.Name) {
			name = signatureParameterOf(http.CanonicalHeaderKey(pair.Name))
		}
		if name == unread {
			continue
		}
		if seen&(1<<name) != 0 {
			return p, repeated(pair.Name)
		}
		seen |= 1 << name
	}
	if selectors&(selectors-1) != 0 {
		return p, conflicting(selectors)
	}
	has := func(set ...parameter) bool {
		return slices.ContainsFunc(set, func(x parameter) bool { return seen&(1<<x) != 0 })
	}
	p.presigned = has(paramAlgorithm, paramCredential, paramSignature4)
	p.versionID = has(paramVersionID)
	p.responses = seen&(1<<(paramResponseExpires+1)-1<<paramResponseCacheControl) != 0
	if has(paramID) {
		p.modes |= modeID
	}
	if has(paramPartNumber) {
		p.modes |= modePart
	}
	if has(paramMaxDirectoryBuckets) {
		p.modes |= modeDirectory
	}
	return p, nil
}

// conflicting is the error for two selectors (S3-8).
func conflicting(selectors uint64) error {
	var names []string
	for s, name := range selectorNames {
		if selectors&(1<<s) != 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return invalidArgument("ResourceType", names[0], "Conflicting query string parameters: "+strings.Join(names, ", "))
}

// isAmazon reports whether a name begins with x-amz-, in any case.
func isAmazon(name string) bool {
	return len(name) > 6 && (name[0]|0x20) == 'x' && name[1] == '-' && (name[2]|0x20) == 'a' &&
		(name[3]|0x20) == 'm' && (name[4]|0x20) == 'z' && name[5] == '-'
}

// hoist returns the headers together with the x-amz-* parameters of a presigned
// URL, which act as headers (S3-27). A header that is there as well, and what no
// header could hold, is refused (TH-2, TH-67).
func hoist(header http.Header, q sigv4.Query) (http.Header, error) {
	out := header
	for pair := range q.All() {
		if !isAmazon(pair.Name) {
			continue
		}
		name := http.CanonicalHeaderKey(pair.Name)
		if signatureParameterOf(name) != unread {
			continue
		}
		if _, again := out[name]; again {
			return nil, repeated(pair.Name)
		}
		// A name that is no token comes back unchanged; a token may, too.
		if strings.ContainsFunc(pair.Name, notToken) || strings.ContainsFunc(pair.Value, isControl) {
			return nil, invalidArgument(pair.Name, pair.Value, "The parameter cannot be a header.")
		}
		if len(out) == len(header) {
			out = maps.Clone(header)
			if out == nil {
				out = make(http.Header)
			}
		}
		out[name] = []string{pair.Value}
	}
	return out, nil
}

func notToken(r rune) bool {
	return r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
}

func isControl(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
