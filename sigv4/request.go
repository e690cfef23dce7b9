package sigv4

import (
	"iter"
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxPairs bounds the pairs of a query string (TH-20).
const maxPairs = 10_000

// A Request is a strictly parsed request: the one value that everybody reads.
type Request struct {
	// Method is the HTTP method.
	Method string
	// Path is the path as sent, never decoded. It starts with "/" and its
	// escapes are known to be right and to decode to UTF-8.
	Path string
	// Query holds the query's pairs in order.
	Query Query
	// Header holds the header fields as net/http delivers them, without Host.
	Header http.Header
	// Host is the Host header or :authority, as sent; never empty.
	Host string
}

// A TargetError says why a request could not be parsed. S3 answers 400
// InvalidURI, other services a plain 400.
type TargetError struct{ Reason string }

// Error returns the reason.
func (e *TargetError) Error() string { return e.Reason }

// NewRequest parses a request. The target is the raw one of the request line
// (http.Request.RequestURI). Errors are of type [*TargetError] (TH-3 to TH-6).
func NewRequest(method, requestURI, host string, header http.Header) (*Request, error) {
	if method == "" || !isToken(method) {
		return nil, &TargetError{"the method is not a token"}
	}
	if host == "" {
		return nil, &TargetError{"the request names no host"}
	}
	for i := range len(host) {
		if c := host[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`/\?#@%"<>^{|}`+"`", c) >= 0 {
			return nil, &TargetError{"the host holds a character that no host has"}
		}
	}
	for name := range header {
		// A name that net/http would not deliver in this form could be read
		// under one spelling and signed under another.
		if !isToken(name) || http.CanonicalHeaderKey(name) != name {
			return nil, &TargetError{"a header name is not in canonical form"}
		}
	}
	if _, ok := header["Host"]; ok {
		return nil, &TargetError{"the host is given twice"}
	}
	path, query, err := ParseTarget(requestURI)
	if err != nil {
		return nil, err
	}
	return &Request{Method: method, Path: path, Query: query, Header: header, Host: host}, nil
}

// Repeated returns the first header, by name, that came more than once although
// it is not a list (TH-2). x-amz-meta-* may repeat (S3-100).
func (r *Request) Repeated() (name string, ok bool) {
	for n, values := range r.Header {
		if len(values) > 1 && !isListHeader(n) && (name == "" || n < name) {
			name, ok = n, true
		}
	}
	return name, ok
}

// isListHeader reports whether a header may come more than once: HTTP's lists
// and those that AWS's clients send as several lines.
func isListHeader(name string) bool {
	switch name {
	case "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Cache-Control", "Connection",
		"Content-Encoding", "Content-Language", "Cookie", "Expect", "Forwarded", "If-Match", "If-None-Match",
		"Keep-Alive", "Pragma", "Prefer", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Via", "Warning",
		"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Amz-Object-Attributes",
		"X-Amz-Optional-Object-Attributes", "Access-Control-Request-Headers":
		return true
	}
	return strings.HasPrefix(name, "X-Amz-Meta-")
}

// A Pair is one piece of a query. RawName and RawValue are as sent; "k" and
// "k=" decode alike and differ in HasEquals.
type Pair struct {
	RawName, RawValue string
	Name, Value       string
	HasEquals         bool
}

// A Query is a parsed query string. The zero Query is empty.
type Query struct {
	raw   string
	pairs []Pair
}

// ParseTarget parses a request target in origin form. The path is returned as
// sent. In the query "+" is a blank, as everywhere in AWS's query protocol, and
// is canonicalized as one (WI-3); a piece that does not decode to UTF-8, or
// holds ";", is an error and never dropped (TH-3).
func ParseTarget(requestURI string) (path string, q Query, err error) {
	if !strings.HasPrefix(requestURI, "/") {
		return "", Query{}, &TargetError{"the request target is not in origin form"}
	}
	for i := range len(requestURI) {
		if c := requestURI[i]; c <= ' ' || c == 0x7f || c == '#' {
			return "", Query{}, &TargetError{"the request target holds a control character, blank or fragment"}
		}
	}
	path, raw, _ := strings.Cut(requestURI, "?")
	if _, err := DecodePath(path); err != nil {
		return "", Query{}, err
	}
	q, err = parseQuery(raw)
	if err != nil {
		return "", Query{}, err
	}
	return path, q, nil
}

func parseQuery(raw string) (Query, error) {
	q := Query{raw: raw}
	if raw == "" {
		return q, nil
	}
	count := strings.Count(raw, "&") + 1
	if count > maxPairs {
		return Query{}, &TargetError{"the query has too many parameters"}
	}
	q.pairs = make([]Pair, 0, count)
	for rest := raw; rest != ""; {
		var piece string
		piece, rest, _ = strings.Cut(rest, "&")
		if piece == "" {
			continue
		}
		var p Pair
		p.RawName, p.RawValue, p.HasEquals = strings.Cut(piece, "=")
		var nameOK, valueOK bool
		p.Name, nameOK = unescape(p.RawName, true)
		p.Value, valueOK = unescape(p.RawValue, true)
		if !nameOK || !valueOK || strings.Contains(piece, ";") {
			return Query{}, &TargetError{"a query parameter cannot be decoded"}
		}
		q.pairs = append(q.pairs, p)
	}
	return q, nil
}

// Raw returns the query as sent, without "?".
func (q Query) Raw() string { return q.raw }

// Len returns the number of pairs.
func (q Query) Len() int { return len(q.pairs) }

// Get returns the first value of name, or "". Names are compared exactly.
func (q Query) Get(name string) string {
	for i := range q.pairs {
		if q.pairs[i].Name == name {
			return q.pairs[i].Value
		}
	}
	return ""
}

// Has reports whether name occurs, with or without a value.
func (q Query) Has(name string) bool {
	for i := range q.pairs {
		if q.pairs[i].Name == name {
			return true
		}
	}
	return false
}

// Values returns all values of name in order.
func (q Query) Values(name string) []string {
	var values []string
	for i := range q.pairs {
		if q.pairs[i].Name == name {
			values = append(values, q.pairs[i].Value)
		}
	}
	return values
}

// All yields the pairs in order.
func (q Query) All() iter.Seq[Pair] {
	return func(yield func(Pair) bool) {
		for _, p := range q.pairs {
			if !yield(p) {
				return
			}
		}
	}
}

// Repeated returns the first name that occurs more than once (TH-2).
func (q Query) Repeated() (name string, ok bool) {
	if len(q.pairs) < 2 {
		return "", false
	}
	seen := make(map[string]struct{}, len(q.pairs))
	for i := range q.pairs {
		if _, again := seen[q.pairs[i].Name]; again {
			return q.pairs[i].Name, true
		}
		seen[q.pairs[i].Name] = struct{}{}
	}
	return "", false
}

// DecodePath percent-decodes a raw path once; "+" stays a plus (S3-1). The
// error is a [*TargetError]: a bad escape, or bytes that are not UTF-8.
func DecodePath(raw string) (string, error) {
	s, ok := unescape(raw, false)
	if !ok {
		return "", &TargetError{"the path cannot be decoded"}
	}
	return s, nil
}

// unescape decodes percent escapes, and "+" as a blank if plus is set. It
// reports false for a bad escape and for what is not UTF-8.
func unescape(s string, plus bool) (string, bool) {
	n := strings.IndexByte(s, '%')
	if plus && n < 0 {
		n = strings.IndexByte(s, '+')
	}
	if n < 0 {
		return s, utf8.ValidString(s)
	}
	var out strings.Builder
	out.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%':
			if i+2 >= len(s) {
				return "", false
			}
			hi, lo := unhex(s[i+1]), unhex(s[i+2])
			if hi < 0 || lo < 0 {
				return "", false
			}
			out.WriteByte(byte(hi<<4 | lo))
			i += 2
		case c == '+' && plus:
			out.WriteByte(' ')
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), utf8.ValidString(out.String())
}

func unhex(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// appendEscaped appends s percent-encoded: everything but unreserved
// characters, and "/" too unless slash is set (WI-2, WI-3).
func appendEscaped(dst []byte, s string, slash bool) []byte {
	const upper = "0123456789ABCDEF"
	for i := range len(s) {
		c := s[i]
		if isUnreserved(c) || slash && c == '/' {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '%', upper[c>>4], upper[c&15])
	}
	return dst
}

func isUnreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '_' || c == '.' || c == '~'
}

// isToken reports whether s is an HTTP token.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		alnum := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alnum && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// sameToken compares header or parameter names, of which all that matter here
// are ASCII, without regard to case. No other rune folds into one of them.
func sameToken(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerByte(a[i]) != lowerByte(b[i]) {
			return false
		}
	}
	return true
}

func lowerByte(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// lowerToken lower-cases an ASCII token, without allocation when it is already so.
func lowerToken(s string) string {
	for i := range len(s) {
		if lowerByte(s[i]) == s[i] {
			continue
		}
		b := []byte(s)
		for j := i; j < len(b); j++ {
			b[j] = lowerByte(b[j])
		}
		return string(b)
	}
	return s
}

// hasTokenPrefix reports whether name begins with a lower-case prefix in any case.
func hasTokenPrefix(name, prefix string) bool {
	return len(name) >= len(prefix) && sameToken(name[:len(prefix)], prefix)
}
