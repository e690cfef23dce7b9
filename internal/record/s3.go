package record

import (
	"net/http"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/sigv4"
)

// An S3Call is what an event tells of a call to S3.
type S3Call struct {
	Operation string // "GetObject"
	Bucket    string // "" for calls on no bucket
	Key       string // "" for calls on the bucket
	// Keys are the objects that DeleteObjects names.
	Keys []string
	// Prefix is what a list of objects was narrowed to.
	Prefix string
	// Owner is the bucket's account, "" when there is no such bucket.
	Owner identity.AccountID
	// ReadOnly says that the operation changes nothing.
	ReadOnly bool

	// Host, Query and Header are the request's, of which what is known and no
	// secret is recorded (RE-50, RE-53, TH-69).
	Host   string
	Query  sigv4.Query
	Header http.Header
	// Body is the JSON of a parsed XML body, under the name of its root.
	BodyName string
	Body     []byte

	// Answer are the headers of the answer (RE-52).
	Answer http.Header

	// SignatureVersion is "SigV4", "SigV2" or "" for anonymous calls;
	// AuthenticationMethod "AuthHeader", "QueryString" or "".
	SignatureVersion     string
	AuthenticationMethod string
	CipherSuite          string
	BytesIn, BytesOut    int64
	HostID               string // x-amz-id-2
	ACLRequired          bool   // an ACL decided
}

// Fill sets of e what S3's records have of their own: source, name, kind,
// request, response, additional data and resources, and puts the user agent in
// brackets (RE-50 to RE-53). It is called once, and before [Event.Fail].
func (c *S3Call) Fill(e *Event) { panic("record: Fill") }

// S3Data reports whether a call is one on data and not on a bucket (RE-50).
func S3Data(operation, key string) bool { panic("record: S3Data") }
