package sigv4

// A Kind classes an [Error]. The zero Kind is a bad signature, so an Error
// that nobody filled in refuses.
type Kind int

const (
	BadSignature         Kind = iota // the signature is not the one computed
	MissingAuth                      // no credential, or none that this family knows
	UnsupportedAuth                  // S3: an Authorization of another scheme
	UnsupportedMechanism             // S3: Signature Version 2 in the header, or switched off
	BothAuth                         // more than one carrier (TH-9)
	Incomplete                       // Authorization header lacks or garbles a part
	IncompleteQuery                  // presigned URL lacks or garbles a parameter
	IncompleteV2                     // Signature Version 2 URL lacks a parameter
	RefusedV2                        // Signature Version 2 on what it does not sign (TH-15)
	UnsupportedAlgorithm             // an AWS4- algorithm that is none
	BadDate                          // date missing or not in a known form
	BadCredential                    // Credential is not five parts, header
	BadCredentialQuery               // Credential is not five parts, query
	ScopeMismatch                    // scope is for another service, region, day, header
	ScopeMismatchQuery               // scope is for another service, region, day, query
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
}

// Error returns the wire text.
func (e *Error) Error() string { return e.Message }

// Code returns the wire code and HTTP status of e (WI-20).
func (e *Error) Code() (code string, status int) { return Code(e.Kind, e.Family) }
