package sigv4

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

// canonicalRequest builds the canonical request (WI-1) over a canonical path.
func (a *Auth) canonicalRequest(path, payloadHash string) []byte {
	r := a.r
	size := len(r.Method) + len(path) + 2*len(r.Query.raw) + len(payloadHash) + 64
	for _, name := range a.SignedHeaders {
		size += 2*len(name) + 64
	}
	out := make([]byte, 0, max(size, 1024))
	out = append(out, r.Method...)
	out = append(out, '\n')
	out = append(out, path...)
	out = append(out, '\n')
	skip := ""
	if a.Carrier == CarrierQuery {
		skip = "X-Amz-Signature"
	}
	out = appendCanonicalQuery(out, r.Query, skip)
	out = append(out, '\n')
	for _, name := range a.SignedHeaders {
		out = append(out, name...)
		out = append(out, ':')
		out = a.appendHeaderValue(out, name)
		out = append(out, '\n')
	}
	out = append(out, '\n')
	for i, name := range a.SignedHeaders {
		if i > 0 {
			out = append(out, ';')
		}
		out = append(out, name...)
	}
	out = append(out, '\n')
	return append(out, payloadHash...)
}

// appendHeaderValue appends a header's canonical value (WI-4): each line trimmed
// and its inner runs of blanks made one, the lines joined by commas.
func (a *Auth) appendHeaderValue(dst []byte, name string) []byte {
	if name == "host" || name == ":authority" {
		return appendTrimmed(dst, a.r.Host)
	}
	for i, value := range a.r.Header[http.CanonicalHeaderKey(name)] {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendTrimmed(dst, value)
	}
	return dst
}

func appendTrimmed(dst []byte, s string) []byte {
	blank, start := false, len(dst)
	for i := range len(s) {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n', '\v', '\f':
			blank = true
		default:
			if blank && len(dst) > start {
				dst = append(dst, ' ')
			}
			blank = false
			dst = append(dst, c)
		}
	}
	return dst
}

// appendCanonicalQuery appends the query (WI-3) from the decoded pairs: encoded
// again, sorted by name and then value, without the parameter skip.
func appendCanonicalQuery(dst []byte, q Query, skip string) []byte {
	if len(q.pairs) == 0 {
		return dst
	}
	type piece struct{ name, value []byte }
	pieces := make([]piece, 0, len(q.pairs))
	buf := make([]byte, 0, 2*len(q.raw)+16)
	for i := range q.pairs {
		p := &q.pairs[i]
		if skip != "" && p.Name == skip {
			continue
		}
		start := len(buf)
		buf = appendEscaped(buf, p.Name, false)
		middle := len(buf)
		buf = appendEscaped(buf, p.Value, false)
		pieces = append(pieces, piece{buf[start:middle:middle], buf[middle:len(buf):len(buf)]})
	}
	slices.SortFunc(pieces, func(x, y piece) int {
		if c := strings.Compare(string(x.name), string(y.name)); c != 0 {
			return c
		}
		return strings.Compare(string(x.value), string(y.value))
	})
	for i, p := range pieces {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = append(dst, p.name...)
		dst = append(dst, '=')
		dst = append(dst, p.value...)
	}
	return dst
}

// canonicalPaths returns the canonical path and, in S3, the one other spelling
// that may have been signed, or "": clients differ on "~", "+" and "=" (WI-2).
// Both spell the same key, since the second is made of the first one's decoding
// (TH-16).
func (a *Auth) canonicalPaths() (path, other string) {
	if a.Family != FamilyS3 {
		return canonicalPath(a.r.Path), ""
	}
	key, err := DecodePath(a.r.Path)
	if err != nil {
		return a.r.Path, ""
	}
	other = string(appendEscaped(make([]byte, 0, len(a.r.Path)+16), key, true))
	if again, err := DecodePath(other); err != nil || again != key || other == a.r.Path {
		other = ""
	}
	return a.r.Path, other
}

// canonicalPath normalizes a raw path and encodes it a second time, as all
// services but S3 do (WI-2).
func canonicalPath(raw string) string {
	if raw == "/" {
		return raw
	}
	segments := make([]string, 0, strings.Count(raw, "/"))
	for segment := range strings.SplitSeq(raw, "/") {
		switch segment {
		case "", ".":
		case "..":
			if len(segments) > 0 {
				segments = segments[:len(segments)-1]
			}
		default:
			segments = append(segments, segment)
		}
	}
	path := "/" + strings.Join(segments, "/")
	if strings.HasSuffix(raw, "/") && len(segments) > 0 {
		path += "/"
	}
	return string(appendEscaped(make([]byte, 0, len(path)+16), path, true))
}

// appendScope appends the credential scope without the key id.
func (a *Auth) appendScope(dst []byte) []byte {
	dst = append(dst, a.ScopeDate...)
	dst = append(dst, '/')
	if a.Algorithm != ECDSAP256SHA256 {
		dst = append(dst, a.Region...)
		dst = append(dst, '/')
	}
	dst = append(dst, a.Service...)
	return append(dst, "/"+terminator...)
}

// stringToSign builds the string to sign over a canonical request (WI-1).
func (a *Auth) stringToSign(canonical []byte) []byte {
	sum := sha256.Sum256(canonical)
	out := a.appendPreamble(make([]byte, 0, 256), algorithmName(a.Algorithm))
	return hex.AppendEncode(out, sum[:])
}

// appendPreamble appends what every string to sign begins with: algorithm, date
// and scope, a line each.
func (a *Auth) appendPreamble(dst []byte, algorithm string) []byte {
	dst = append(dst, algorithm...)
	dst = append(dst, '\n')
	dst = a.Date.AppendFormat(dst, timeFormat)
	dst = append(dst, '\n')
	dst = a.appendScope(dst)
	return append(dst, '\n')
}

// Canonical returns the canonical request and the string to sign, for the
// extra members of S3's SignatureDoesNotMatch and for tests. The canonical
// request of Signature Version 2 is empty.
func (a *Auth) Canonical(bodyHash string) (canonical, stringToSign string) {
	switch a.Carrier {
	case CarrierNone:
		return "", ""
	case CarrierQueryV2:
		return "", string(a.stringToSignV2())
	case CarrierHeader, CarrierQuery:
	}
	path, _ := a.canonicalPaths()
	c := a.canonicalRequest(path, a.hashToSign(bodyHash))
	return string(c), string(a.stringToSign(c))
}

// hashToSign is the last line of the canonical request.
func (a *Auth) hashToSign(bodyHash string) string {
	if a.PayloadHash != "" {
		return a.PayloadHash
	}
	return bodyHash
}
