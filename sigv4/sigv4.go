// Package sigv4 signs and verifies AWS requests: Signature Version 4 in the
// Authorization header and in the query, its streaming bodies and trailers,
// SigV4A, and the Signature Version 2 query form that S3 clients still send.
//
// It also holds [Request], the one strictly parsed form of a request. Whatever
// reads a request (routing, authorization, handlers, the record) reads that
// value, so that what was signed is what is done.
//
// The package is pure: it reads no clock, no network and no store.
//
// A server verifies in steps, because AWS reports errors in that order:
//
//	r, err := sigv4.NewRequest(...)       // strict parse
//	a, err := sigv4.Find(r, expect)       // carrier, grammar, scope, time
//	…look up a.AccessKeyID…               // the caller's
//	err = a.Verify(secret, bodyHash)      // signature
//	…check a.Token…                       // the caller's
//	body, err := a.Body(raw, options)     // S3: decode and verify while reading
package sigv4

import "time"

// A Family says whose rules and error texts a request falls under.
type Family int

const (
	// FamilyQuery is the AWS query protocol: IAM and STS.
	FamilyQuery Family = iota
	// FamilyJSON is AWS JSON 1.x and rest-json: Organizations, Athena and the rest.
	FamilyJSON
	// FamilyS3 is S3 and what is shaped like it. Only it takes the path as sent,
	// unsigned and streaming payloads, Signature Version 2 and anonymous callers.
	FamilyS3
)

// A Carrier says where in a request its credential stands.
type Carrier int

const (
	// CarrierNone is an anonymous request. Its Auth comes from [Anonymous] and
	// never verifies.
	CarrierNone Carrier = iota
	// CarrierHeader is an Authorization header.
	CarrierHeader
	// CarrierQuery is a presigned URL with X-Amz-Signature.
	CarrierQuery
	// CarrierQueryV2 is a presigned Signature Version 2 URL (S3 only).
	CarrierQueryV2
)

// An Algorithm is a signing algorithm.
type Algorithm int

const (
	// HMACSHA256 is AWS4-HMAC-SHA256, Signature Version 4.
	HMACSHA256 Algorithm = iota
	// ECDSAP256SHA256 is AWS4-ECDSA-P256-SHA256, SigV4A.
	ECDSAP256SHA256
	// HMACSHA1 is Signature Version 2 in the query.
	HMACSHA1
)

// Constants that may stand where a payload's hash does (WI-5).
const (
	UnsignedPayload             = "UNSIGNED-PAYLOAD"
	StreamingUnsignedTrailer    = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	StreamingSigned             = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
	StreamingSignedTrailer      = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
	StreamingSignedECDSA        = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"
	StreamingSignedECDSATrailer = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"
	EmptyPayloadHash            = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	DefaultSkew                 = 15 * time.Minute
	MaxExpires                  = 7 * 24 * time.Hour
	timeFormat                  = "20060102T150405Z"
	dateFormat                  = "20060102"
	terminator                  = "aws4_request"
)

// A PayloadMode says how a request's body is bound to its signature.
type PayloadMode int

const (
	// PayloadHashed binds the body by its SHA-256: the declared one, or when
	// none is declared the one the verifier computes.
	PayloadHashed PayloadMode = iota
	// PayloadUnsigned does not bind the body (S3 only).
	PayloadUnsigned
	// PayloadChunkedUnsigned is aws-chunked with an unsigned trailer (S3 only).
	PayloadChunkedUnsigned
	// PayloadChunkedSigned is aws-chunked with a signature on each chunk (S3 only).
	PayloadChunkedSigned
	// PayloadChunkedSignedTrailer is PayloadChunkedSigned with a signed trailer.
	PayloadChunkedSignedTrailer
)

// Expect is what the receiver knows about a request before its signature is
// looked at. The zero Skew means [DefaultSkew].
type Expect struct {
	// Family is the family of the service that the request was routed to.
	Family Family
	// Service must be the service in the credential scope, exactly (TH-7).
	Service string
	// Region must be the region in the scope; empty takes any (S3-14).
	Region string
	// Now is the instant against which freshness is judged.
	Now time.Time
	// AlsoNow, unless zero, is a second instant that may hold instead of Now:
	// a development clock that runs beside the real one.
	AlsoNow time.Time
	// Skew is how far a request's time may lie from Now, either way.
	Skew time.Duration
	// Streaming allows the STREAMING forms of payload; the route sets it for
	// PutObject and UploadPart (S3-25). It has no effect outside S3.
	Streaming bool
	// Bucket is the bucket of a virtual host, empty with a path-style address.
	// Signature Version 2 signs it (S3-28).
	Bucket string
	// NoV2 switches Signature Version 2 off (S3-28).
	NoV2 bool
	// ContentType is the media type that the protocol expects. A Content-Type
	// header that is not signed must be this one, parameters aside (WI-4).
	// Empty takes any; S3 takes any.
	ContentType string
}

// An Auth is the credential found in a request, its claims not yet verified:
// until Verify has returned nil nothing in it may be believed.
type Auth struct {
	// Carrier says where the credential stood.
	Carrier Carrier
	// Algorithm is the signing algorithm named.
	Algorithm Algorithm
	// Family is the family under which it was found.
	Family Family
	// AccessKeyID is the key id claimed.
	AccessKeyID string
	// Date is the signing time. It is zero with Signature Version 2.
	Date time.Time
	// ScopeDate is the day of the credential scope, YYYYMMDD.
	ScopeDate string
	// Region is the scope's region; empty with SigV4A and Signature Version 2.
	Region string
	// RegionSet is SigV4A's list of regions, "*" among them a wildcard.
	RegionSet []string
	// Service is the scope's service.
	Service string
	// Token is the session token, empty if none. It is covered by the signature.
	Token string
	// TokenIn says where the token stood: CarrierHeader, CarrierQuery or, when
	// there is none, CarrierNone.
	TokenIn Carrier
	// SignedHeaders are the names of the signed headers: lower case, sorted,
	// each once. Nil with Signature Version 2.
	SignedHeaders []string
	// Payload says how the body is bound.
	Payload PayloadMode
	// PayloadHash is the declared hash or constant. Empty when none was declared
	// and none is implied; then Verify needs the body's.
	PayloadHash string
	// Expires is a presigned URL's validity from Date; zero with a header.
	Expires time.Duration
	// ExpiresAt is when a presigned URL ends; zero with a header.
	ExpiresAt time.Time
	// Signature is the signature as sent.
	Signature string

	r        *Request
	expect   Expect
	key      []byte // set by a successful verification
	verified bool
}
