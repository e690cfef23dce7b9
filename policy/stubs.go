package policy

// A ParseError says what is wrong with a document and where.
type ParseError struct {
	Line, Column int    // 1-based, in characters
	Path         string // of the element: "Statement[0].Condition.StringLike"
	Reason       string
}

func (e *ParseError) Error() string { panic("policy: …") }

// Parse reads a document strictly …
func Parse(text string) (*Document, error) { panic("policy: …") }

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

// A Policy is a compiled document.
type Policy struct{ source Source }

// Source returns where the policy comes from.
func (p *Policy) Source() Source { return p.source }

// Document returns what the policy was compiled from; nil when it is unusable.
func (p *Policy) Document() *Document { panic("policy: …") }

// Unusable returns why the policy denies everything, nil when it does not.
func (p *Policy) Unusable() error { panic("policy: …") }

// Compile …; a nil document gives an unusable policy, which denies everything.
func Compile(d *Document, source Source, bindings map[string]string) *Policy { panic("policy: …") }

// Decide …
func (l *Layers) Decide(r *Request) Decision { panic("policy: …") }

// Explain …
func (l *Layers) Explain(r *Request) Explanation { panic("policy: …") }

// Reason returns the suffix of AWS's refusal (EV-70), with its leading blank; "" on Allow.
func (d Decision) Reason(action string) string { panic("policy: …") }

// Statement returns the deciding statement, nil when there is none.
func (d Decision) Statement() *Statement { panic("policy: …") }
