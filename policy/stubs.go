package policy

// A ValidationError says why a document cannot be saved.
type ValidationError struct {
	Code    string // MalformedPolicyDocument, MalformedPolicy, or ValidationError
	Message string // AWS's text
	Detail  string // S3's Detail element, when there is one
	Cause   error  // the ParseError behind it, if any
}

func (e *ValidationError) Error() string { return e.Message }
func (e *ValidationError) Unwrap() error { return e.Cause }

// An Oracle answers what [Validate] has to know of S3's actions.
type Oracle struct {
	// Expand returns the known actions that an action pattern matches.
	Expand func(pattern string) []string
	// OnBucket and OnObject report whether an action has resources of that type.
	OnBucket, OnObject func(action string) bool
	// Key reports whether an action supports a condition key that begins with "s3:".
	Key func(action, key string) bool
}

// An Option says more to [Validate].
type Option func(*validation)

type validation struct{}

// ForBucket names the bucket of a document of kind Bucket and answers what is
// to be known of the actions.
func ForBucket(name string, oracle Oracle) Option { panic("policy: …") }

// Validate …
func Validate(kind Kind, text string, options ...Option) (*Document, error) { panic("policy: …") }

// Size …
func Size(kind Kind, text string) int { panic("policy: …") }

// PrincipalNames returns the user and role ARNs …
func (d *Document) PrincipalNames() []string { panic("policy: …") }

// RewritePrincipals …
func RewritePrincipals(text string, rewrite func(arn string) string) string { panic("policy: …") }

// ContextKeys …
func ContextKeys(d *Document) []string { panic("policy: …") }

// Public …
func Public(d *Document) bool { panic("policy: …") }

// Explain …
func (l *Layers) Explain(r *Request) Explanation { panic("policy: …") }
