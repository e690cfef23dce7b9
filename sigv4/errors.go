package sigv4

import (
	"net/http"
	"time"
)

// A Kind classes an [Error]. The zero Kind is a bad signature, so an Error
// that nobody filled in refuses.
type Kind int

// The kinds. Code gives the wire code of each in every family.
const (
	BadSignature         Kind = iota // the signature is not the one computed
	MissingAuth                      // no credential, or none that this family knows
	UnsupportedAuth                  // S3: an Authorization of another scheme
	UnsupportedMechanism             // S3: Signature Version 2 in the header, or switched off
	BothAuth                         // more than one carrier (TH-9)
	Incomplete                       // Authorization header lacks or garbles a part
	IncompleteQuery                  // presigned URL lacks or garbles a parameter
	IncompleteV2                     // Signature Version 2 URL lacks or garbles a parameter
	RefusedV2                        // Signature Version 2 on what it does not sign (TH-15)
	UnsupportedAlgorithm             // an AWS4- algorithm that is none
	BadDate                          // date missing or not in a known form
	BadCredential                    // Credential is not five parts, header
	BadCredentialQuery               // Credential is not five parts, query
	ScopeMismatch                    // scope is for another service, region, day; header
	ScopeMismatchQuery               // scope is for another service, region, day; query
	BadExpires                       // X-Amz-Expires is no number or out of range
	HostNotSigned                    // host is not among the signed headers
	HeadersNotSigned                 // a header that must be signed is not (TH-8)
	Expired                          // presigned URL, or signature, is past
	NotYetValid                      // presigned URL, or signature, is of the future
	Skewed                           // S3: header date too far from now
	Repeated                         // a single-valued part came twice (TH-2)
	TokenTwice                       // a session token in header and query (TH-17)
	UnknownKey                       // for callers: no such key, or inactive
	ExpiredToken                     // for callers: the session token is past
	WrongToken                       // for callers: the token is not this key's
	MissingPayloadHash               // S3: x-amz-content-sha256 is mandatory
	InvalidPayloadHash               // neither a hash nor a constant allowed here
	StreamingNotAllowed              // a STREAMING form where none may be
	BadPayload                       // body differs from the declared hash
	MissingLength                    // no decoded length given
	IncompleteBody                   // body shorter or longer than declared, or malformed
	InvalidChunkSize                 // a chunk other than the last is under 8 KiB
	MalformedTrailer                 // trailer not announced, repeated or unreadable
	BadDigest                        // a checksum differs
	InvalidChecksum                  // a checksum is unreadable, repeated or of an unknown kind
	numKinds
)

// A Field is a further member of an error's answer, such as S3's HeadersNotSigned.
type Field struct{ Name, Value string }

// An Error is a refusal. Message is the wire text of its Family (semantics
// §5.2, S3-20 to S3-36).
type Error struct {
	Kind    Kind
	Family  Family
	Message string
	Extra   []Field

	anonymous bool
}

// Error returns the wire text.
func (e *Error) Error() string { return e.Message }

// Code returns the wire code and HTTP status of e (WI-20).
func (e *Error) Code() (code string, status int) { return Code(e.Kind, e.Family) }

// Is makes errors.Is(err, ErrAnonymous) true for a request without credential.
func (e *Error) Is(target error) bool { return target == ErrAnonymous && e.anonymous }

// NewError returns the error of a kind with its standard text: for the checks
// that are the caller's (UnknownKey, ExpiredToken, WrongToken).
func NewError(kind Kind, family Family, extra ...Field) *Error {
	return &Error{Kind: kind, Family: family, Message: text(kind, family), Extra: extra}
}

// fail is NewError with a text of its own.
func fail(kind Kind, family Family, message string, extra ...Field) *Error {
	return &Error{Kind: kind, Family: family, Message: message, Extra: extra}
}

// Code returns the wire code and status of a kind in a family (WI-20). Of a
// kind that it does not know it makes a bad signature.
func Code(kind Kind, family Family) (code string, status int) {
	if kind < 0 || kind >= numKinds {
		kind = BadSignature
	}
	if family == FamilyS3 {
		return s3Code(kind)
	}
	code, status = queryCode(kind)
	if family == FamilyQuery {
		return code, status
	}
	switch code {
	case "SignatureDoesNotMatch":
		code = "InvalidSignature"
	case "InvalidClientTokenId":
		code = "UnrecognizedClient"
	}
	return code + "Exception", http.StatusBadRequest
}

func queryCode(kind Kind) (string, int) {
	switch kind {
	case MissingAuth, UnsupportedAuth, UnsupportedMechanism, IncompleteV2, RefusedV2:
		return "MissingAuthenticationToken", http.StatusForbidden
	case Incomplete, IncompleteQuery, UnsupportedAlgorithm, BadDate, BadCredential, BadCredentialQuery, BadExpires, Repeated:
		return "IncompleteSignature", http.StatusBadRequest
	case UnknownKey, WrongToken, TokenTwice:
		return "InvalidClientTokenId", http.StatusForbidden
	case ExpiredToken:
		return "ExpiredToken", http.StatusForbidden
	default:
	}
	return "SignatureDoesNotMatch", http.StatusForbidden
}

func s3Code(kind Kind) (string, int) {
	switch kind {
	case MissingAuth, IncompleteV2, RefusedV2, BadDate, HostNotSigned, HeadersNotSigned, Expired, NotYetValid:
		return "AccessDenied", http.StatusForbidden
	case UnsupportedAuth, BothAuth, Repeated, InvalidPayloadHash:
		return "InvalidArgument", http.StatusBadRequest
	case UnsupportedMechanism, MissingPayloadHash, StreamingNotAllowed, InvalidChecksum:
		return "InvalidRequest", http.StatusBadRequest
	case Incomplete, UnsupportedAlgorithm, BadCredential, ScopeMismatch:
		return "AuthorizationHeaderMalformed", http.StatusBadRequest
	case IncompleteQuery, BadCredentialQuery, ScopeMismatchQuery, BadExpires:
		return "AuthorizationQueryParametersError", http.StatusBadRequest
	case Skewed:
		return "RequestTimeTooSkewed", http.StatusForbidden
	case UnknownKey:
		return "InvalidAccessKeyId", http.StatusForbidden
	case ExpiredToken:
		return "ExpiredToken", http.StatusBadRequest
	case WrongToken, TokenTwice:
		return "InvalidToken", http.StatusBadRequest
	case BadPayload:
		return "XAmzContentSHA256Mismatch", http.StatusBadRequest
	case MissingLength:
		return "MissingContentLength", http.StatusLengthRequired
	case IncompleteBody:
		return "IncompleteBody", http.StatusBadRequest
	case InvalidChunkSize:
		return "InvalidChunkSizeError", http.StatusBadRequest
	case MalformedTrailer:
		return "MalformedTrailerError", http.StatusBadRequest
	case BadDigest:
		return "BadDigest", http.StatusBadRequest
	default:
	}
	return "SignatureDoesNotMatch", http.StatusForbidden
}

// text returns the standard text of a kind.
func text(kind Kind, family Family) string {
	if family == FamilyS3 {
		return s3Text(kind)
	}
	switch kind {
	case MissingAuth, UnsupportedAuth, UnsupportedMechanism, IncompleteV2, RefusedV2:
		return "Request is missing Authentication Token"
	case BothAuth:
		return "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
	case UnknownKey, WrongToken, TokenTwice:
		return "The security token included in the request is invalid."
	case ExpiredToken:
		return "The security token included in the request is expired"
	case HostNotSigned:
		return "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
	default:
	}
	return "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key" +
		" and signing method. Consult the service documentation for details."
}

// s3Text returns S3's text of a kind.
func s3Text(kind Kind) string {
	switch kind {
	case MissingAuth:
		return "Access Denied"
	case IncompleteV2:
		return "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
	case UnsupportedAuth:
		return "Unsupported Authorization Type"
	case UnsupportedMechanism:
		return "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
	case BothAuth:
		return "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter" +
			" or the Authorization header should be specified"
	case Incomplete:
		return malformed + "the authorization header requires three components: Credential, SignedHeaders, and Signature."
	case IncompleteQuery:
		return "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature," +
			" X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
	case RefusedV2:
		return "A Signature Version 2 URL may only read or write a plain object with the parameters that it signs."
	case BadDate:
		return "AWS authentication requires a valid Date or x-amz-date header"
	case HostNotSigned, HeadersNotSigned:
		return "There were headers present in the request which were not signed"
	case Expired:
		return "Request has expired"
	case NotYetValid:
		return "Request is not valid yet"
	case Skewed:
		return "The difference between the request time and the current time is too large."
	case UnknownKey:
		return "The AWS Access Key Id you provided does not exist in our records."
	case ExpiredToken:
		return "The provided token has expired."
	case WrongToken, TokenTwice:
		return "The provided token is malformed or otherwise invalid."
	default:
	}
	return s3BodyText(kind)
}

func s3BodyText(kind Kind) string {
	switch kind {
	case MissingPayloadHash:
		return "Missing required header for this request: x-amz-content-sha256"
	case InvalidPayloadHash:
		return "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER," +
			" STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER," +
			" STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value."
	case StreamingNotAllowed:
		return "The value of x-amz-content-sha256 header is invalid."
	case BadPayload:
		return "The provided 'x-amz-content-sha256' header does not match what was computed."
	case MissingLength:
		return "You must provide the Content-Length HTTP header."
	case IncompleteBody:
		return "You did not provide the number of bytes specified by the Content-Length HTTP header"
	case InvalidChunkSize:
		return "Only the last chunk is allowed to have a size less than 8192 bytes"
	case MalformedTrailer:
		return "The request contained trailing data that was not well-formed or did not conform to our published schema."
	default:
	}
	return "The request signature we calculated does not match the signature you provided. Check your key and signing method."
}

const (
	malformed      = "The authorization header is malformed; "
	malformedQuery = "Error parsing the X-Amz-Credential parameter; "
)

// isoTime writes a time as S3's error members do.
func isoTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }
