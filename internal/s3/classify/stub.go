package classify

import (
	"time"

	"github.com/regent-iam/regent/sigv4"
)

// Classify says what r is. Errors are *Error. now is only used for
// s3:object-lock-remaining-retention-days.
func (c *Classifier) Classify(r *sigv4.Request, now time.Time) (*Classified, error) {
	panic("classify: for now")
}

// Needs returns what the request needs; all of it must be allowed, and the first
// that is not is named in the refusal (S3-44). It is empty when NeedsBody or
// Public is set in the operation's Info, and only then: no needs means no access.
func (c *Classified) Needs() []Need { panic("classify: for now") }

// NeedsWith is Needs with what the body says.
func (c *Classified) NeedsWith(b Body) []Need { panic("classify: for now") }

// NeedsForDelete returns the needs of one object of DeleteObjects (S3-48).
// The error is the *Error of a key that cannot be.
func (c *Classified) NeedsForDelete(e DeleteEntry) ([]Need, error) { panic("classify: for now") }

// ListNeed is s3:ListBucket on the bucket, without request parameters: who
// lacks it may not learn that a key is missing (S3-45).
func (c *Classified) ListNeed() Need { panic("classify: for now") }

// SourceListNeed is ListNeed for the source of a copy.
func (c *Classified) SourceListNeed() Need { panic("classify: for now") }

// AnonymousRefusal returns the *Error for an anonymous caller who may not do
// this whatever the policies say (S3-39, S3-47), or nil.
func (c *Classified) AnonymousRefusal() error { panic("classify: for now") }

// Refusal returns the *Error that answers an operation served Nowhere, once it
// has been authorized (S3-15); nil for others.
func (c *Classified) Refusal() error { panic("classify: for now") }

// Keys returns the condition keys that the signature and the connection supply
// to every need: authType, signatureversion, signatureAge (milliseconds),
// TlsVersion, ResourceAccount.
func (s Signer) Keys() []Key { panic("classify: for now") }

// A FormField is a field of a POST form before the file.
type FormField struct{ Name, Value string }

// WithForm returns the request of a POST form: c with key and headers from the
// form's fields, whose Needs are PutObject's (S3-31, TH-64). filename is that of
// the file part. The policy of the form is not checked here.
func (c *Classified) WithForm(fields []FormField, filename string) (*Classified, error) {
	panic("classify: for now")
}

// CheckBucketName checks the syntax of a bucket's name, and that it is not
// reserved for other services (S3-90, WI-50).
func CheckBucketName(name string) error { panic("classify: for now") }

// CheckNewBucketName checks a name for CreateBucket: prefixes, suffixes and the
// account-regional namespace as well (S3-90).
func CheckNewBucketName(name, namespace, account, region string) error { panic("classify: for now") }

// CheckKey checks an object key (S3-4, S3-5).
func CheckKey(key string) error { panic("classify: for now") }

// ParseSource parses x-amz-copy-source; it is the only parser of it (S3-130,
// TH-63).
func ParseSource(raw string) (*Source, error) { panic("classify: for now") }

type (
	facts     uint32
	formFacts struct{ tags []Tag }
)

var infos = [...]Info{{}}
