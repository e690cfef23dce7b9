package sigv4

import (
	"errors"
	"hash"
	"io"
	"iter"
	"net/http"
	"time"
)

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

// NewRequest parses a request. The target is the raw one of the request line
// (http.Request.RequestURI). Errors are of type [*TargetError] (TH-3 to TH-6).
func NewRequest(method, requestURI, host string, header http.Header) (*Request, error) {
	panic("sigv4: for now")
}

// Repeated returns the first header, by name, that came more than once although
// it is not a list (TH-2). x-amz-meta-* may repeat (S3-100).
func (r *Request) Repeated() (name string, ok bool) { panic("sigv4: for now") }

// ParseTarget parses a request target in origin form.
func ParseTarget(requestURI string) (path string, q Query, err error) { panic("sigv4: for now") }

// DecodePath percent-decodes a raw path once; "+" stays a plus (S3-1).
func DecodePath(raw string) (string, error) { panic("sigv4: for now") }

// A TargetError says why a request could not be parsed. S3 answers 400 InvalidURI.
type TargetError struct{ Reason string }

func (e *TargetError) Error() string { return e.Reason }

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

// Raw returns the query as sent, without "?".
func (q Query) Raw() string { return q.raw }

// Len returns the number of pairs.
func (q Query) Len() int { return len(q.pairs) }

// Get returns the first value of name, or "". Names are compared exactly.
func (q Query) Get(name string) string { panic("sigv4: for now") }

// Has reports whether name occurs, with or without a value.
func (q Query) Has(name string) bool { panic("sigv4: for now") }

// Values returns all values of name in order.
func (q Query) Values(name string) []string { panic("sigv4: for now") }

// All yields the pairs in order.
func (q Query) All() iter.Seq[Pair] { panic("sigv4: for now") }

// Repeated returns the first name that occurs more than once (TH-2).
func (q Query) Repeated() (name string, ok bool) { panic("sigv4: for now") }

// ErrAnonymous is matched (errors.Is) by Find's error when the request carries
// no credential of any form. In S3 that is an anonymous caller: use [Anonymous].
var ErrAnonymous = errors.New("request carries no credential")

// Find finds the one credential of r and checks its grammar, scope and time in
// the documented order of e.Family (§5.2; S3-20 to S3-30). Errors are *Error.
func Find(r *Request, e Expect) (*Auth, error) { panic("sigv4: for now") }

// Anonymous returns the Auth of an S3 request for which Find returned
// ErrAnonymous. Its Body works, its Verify never succeeds.
func Anonymous(r *Request, e Expect) (*Auth, error) { panic("sigv4: for now") }

// ScopeService returns the service that the request's credential claims to be
// scoped to, for routing only (WI-50); "s3" for Signature Version 2. Nothing is
// verified; Find does so with Expect.Service.
func ScopeService(r *Request) (service string, ok bool) { panic("sigv4: for now") }

// Verify checks the signature. secret is the secret access key; bodyHash is the
// hex SHA-256 of the body, and may be empty for S3, whose Body reader checks it.
func (a *Auth) Verify(secret []byte, bodyHash string) error { panic("sigv4: for now") }

// VerifyWithKey is Verify with a key that Key returned earlier.
func (a *Auth) VerifyWithKey(key []byte, bodyHash string) error { panic("sigv4: for now") }

// Key derives the verifying key: what VerifyWithKey wants and a caller may
// cache under AccessKeyID and KeyScope. It is as secret as the secret.
func (a *Auth) Key(secret []byte) ([]byte, error) { panic("sigv4: for now") }

// KeyScope names what Key depends on besides the access key: algorithm, day,
// region and service.
func (a *Auth) KeyScope() string { panic("sigv4: for now") }

// Canonical returns the canonical request and the string to sign, for the
// extra members of S3's SignatureDoesNotMatch and for tests.
func (a *Auth) Canonical(bodyHash string) (canonical, stringToSign string) { panic("sigv4: for now") }

// NewError returns the error of a kind with its standard text: for the checks
// that are the caller's (UnknownKey, ExpiredToken, WrongToken).
func NewError(kind Kind, family Family, extra ...Field) *Error { panic("sigv4: for now") }

// Code returns the wire code and status of a kind in a family (WI-20).
func Code(kind Kind, family Family) (code string, status int) { panic("sigv4: for now") }

// BodyOptions says what is known of a body.
type BodyOptions struct {
	// ContentLength is the length of the raw body; negative when unknown.
	ContentLength int64
	// IgnoreChecksum leaves x-amz-checksum-* headers alone: in
	// CompleteMultipartUpload they speak of the object and not of the body.
	IgnoreChecksum bool
}

// A Body reads a request's payload: decoded, and verified as it goes. It
// returns io.EOF only when hash, chunk signatures, trailer, checksum and length
// all agreed; so nothing read may be shown before io.EOF (TH-11).
type Body struct{}

// Body returns the reader of the payload. Verify must have succeeded, or a be
// Anonymous. Errors, here and while reading, are *Error or the raw reader's.
func (a *Auth) Body(raw io.Reader, o BodyOptions) (*Body, error) { panic("sigv4: for now") }

// Read reads decoded payload.
func (b *Body) Read(p []byte) (int, error) { panic("sigv4: for now") }

// Length returns the length of the decoded payload, -1 when unknown.
func (b *Body) Length() int64 { panic("sigv4: for now") }

// Checksum returns the algorithm and base64 value that the client gave by header
// or trailer; ok is false when it gave none. A trailer's is known after io.EOF.
func (b *Body) Checksum() (c Checksum, value string, ok bool) { panic("sigv4: for now") }

// A Checksum is one of S3's checksum algorithms by its wire name: CRC32,
// CRC32C, CRC64NVME, SHA1, SHA256.
type Checksum string

// The checksum algorithms.
const (
	CRC32     Checksum = "CRC32"
	CRC32C    Checksum = "CRC32C"
	CRC64NVME Checksum = "CRC64NVME"
	SHA1      Checksum = "SHA1"
	SHA256    Checksum = "SHA256"
)

// Checksums lists the algorithms.
func Checksums() []Checksum { panic("sigv4: for now") }

// ParseChecksum returns the algorithm of a wire name, such as "CRC32C".
func ParseChecksum(name string) (Checksum, bool) { panic("sigv4: for now") }

// New returns a new hash.
func (c Checksum) New() hash.Hash { panic("sigv4: for now") }

// Header returns the header's name in lower case: "x-amz-checksum-crc32c".
func (c Checksum) Header() string { panic("sigv4: for now") }

// Size returns the length of a sum in bytes.
func (c Checksum) Size() int { panic("sigv4: for now") }

// Encode returns the base64 form of a sum.
func (c Checksum) Encode(sum []byte) string { panic("sigv4: for now") }

// Decode decodes the base64 form, and reports false unless it has the right length.
func (c Checksum) Decode(value string) ([]byte, bool) { panic("sigv4: for now") }

// Combines reports whether sums of parts combine into the sum of the whole
// (FULL_OBJECT): the three CRCs do.
func (c Checksum) Combines() bool { panic("sigv4: for now") }

// Combine returns the sum of A followed by B from the sums of both and B's length.
// It panics unless c.Combines and both sums have c.Size.
func (c Checksum) Combine(a, b []byte, lenB int64) []byte { panic("sigv4: for now") }

// Composite returns the COMPOSITE value "base64-N" of the sums of parts.
func (c Checksum) Composite(parts [][]byte) string { panic("sigv4: for now") }

// RequestChecksum returns the checksum that a request declares by header; value
// is empty when it announces a trailer (S3-103). Errors are *Error.
func RequestChecksum(r *Request) (c Checksum, value string, ok bool, err error) {
	panic("sigv4: for now")
}

// SigningKey derives the Signature Version 4 key; date is YYYYMMDD (WI-1).
func SigningKey(secret []byte, date, region, service string) []byte { panic("sigv4: for now") }

// Credentials are what a client signs with.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// SignOptions say how to sign. The zero Algorithm is Signature Version 4.
type SignOptions struct {
	Algorithm Algorithm
	Family    Family
	Service   string
	// Region is the scope's region, or with SigV4A the region set.
	Region string
	Time   time.Time
	// PayloadHash is the hex SHA-256 of the body or one of the constants. Empty
	// means an empty body, and UNSIGNED-PAYLOAD for an S3 presigned URL.
	PayloadHash string
}

// SignHeader signs a client's request in its Authorization header. It sets
// X-Amz-Date, X-Amz-Security-Token and, in S3, X-Amz-Content-Sha256. Host, content-type
// and every x-amz-* header are signed. It returns the seed signature.
func SignHeader(r *http.Request, c Credentials, o SignOptions) (signature string, err error) {
	panic("sigv4: for now")
}

// Presign returns the presigned URL of a client's request; its headers that are
// present must be sent along.
func Presign(r *http.Request, c Credentials, o SignOptions, expires time.Duration) (string, error) {
	panic("sigv4: for now")
}

// PresignV2 returns the Signature Version 2 URL of a path-style S3 request.
func PresignV2(r *http.Request, c Credentials, expires time.Time) (string, error) {
	panic("sigv4: for now")
}

// VerifyPostPolicy checks the signature of an S3 POST form's base64 policy with
// a key of SigningKey (S3-32).
func VerifyPostPolicy(key []byte, policy, signature string) error { panic("sigv4: for now") }

// VerifyPostPolicyV2 is VerifyPostPolicy for Signature Version 2 forms.
func VerifyPostPolicyV2(secret []byte, policy, signature string) error { panic("sigv4: for now") }
