package policy

import (
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy/internal/literal"
)

// Error codes of a [ValidationError], as they stand on the wire.
const (
	CodeMalformed    = "MalformedPolicyDocument"          // IAM and STS
	CodeMalformedS3  = "MalformedPolicy"                  // S3
	CodeMalformedOrg = "MalformedPolicyDocumentException" // Organizations
	CodeConstraint   = "ValidationError"                  // a character or length that the parameter cannot have
)

// A ValidationError says why a document cannot be saved.
type ValidationError struct {
	Code    string
	Message string // AWS's text
	Detail  string // S3's Detail element; "" when there is none
	Cause   error  // what is wrong and where; nil when Message says all
}

func (e *ValidationError) Error() string {
	if e.Cause != nil {
		return "policy: " + e.Message + " (" + e.Cause.Error() + ")"
	}
	return "policy: " + e.Message
}

// Unwrap returns the cause.
func (e *ValidationError) Unwrap() error { return e.Cause }

// An Oracle answers what [Validate] has to know of S3's actions (S3-76, S3-77).
type Oracle struct {
	// Expand returns the known actions that an action pattern matches, of those
	// that a bucket policy may name; none when it matches none.
	Expand func(pattern string) []string
	// OnBucket and OnObject report whether an action has resources of that type.
	OnBucket, OnObject func(action string) bool
	// Key reports whether an action supports a condition key that begins with "s3:".
	Key func(action, key string) bool
}

// An Option tells [Validate] more about a document.
type Option func(*validation)

// ForBucket names the bucket that a document of kind Bucket is for, and answers
// what is to be known of the actions. Without it no such document is valid.
func ForBucket(name string, oracle Oracle) Option {
	return func(v *validation) { v.bucket, v.oracle = name, oracle }
}

type validation struct {
	kind   Kind
	text   string
	doc    *Document
	faults []*ParseError
	bucket string
	oracle Oracle
}

// Validate parses a document and checks it as AWS does when one of its kind is
// saved: the same checks, in the same order, with the same texts (PL-82 to
// PL-88, S3-75 to S3-79). Quotas are the caller's to compare with [Size], and
// so is whether the principals exist ([Document.PrincipalNames]). An error is
// a [*ValidationError].
func Validate(kind Kind, text string, options ...Option) (*Document, error) {
	v := &validation{kind: kind, text: text}
	for _, option := range options {
		option(v)
	}
	if err := v.characters(); err != nil {
		return nil, err
	}
	v.doc, v.faults = parse(text)
	if err := v.check(); err != nil {
		return nil, err
	}
	return v.doc, nil
}

func (v *validation) check() error {
	switch v.kind {
	case Identity, Boundary, Session:
		return v.identity()
	case Trust:
		return v.trust()
	case Bucket:
		return v.bucketPolicy()
	case SCP:
		return v.scp()
	case RCP:
		return v.rcp()
	case Resource:
		return v.resource()
	}
	return v.malformed("Syntax errors in policy.", errors.New("policy: no such kind of document"))
}

// maxSaved is how many characters a document may have that is saved (PL-6).
const maxSaved = 131_072

// characters refuses what IAM's parameter cannot have (PL-6). The services
// that are not IAM take any text.
func (v *validation) characters() error {
	switch v.kind {
	case Bucket, Resource, SCP, RCP:
		return nil
	case Identity, Boundary, Session, Trust:
	}
	const before = "1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: Member must "
	constraint := func(must string) error {
		return &ValidationError{Code: CodeConstraint, Message: before + must}
	}
	switch n := utf8.RuneCountInString(v.text); {
	case n == 0:
		return constraint("have length greater than or equal to 1")
	case n > maxSaved:
		return constraint("have length less than or equal to 131072")
	}
	for _, r := range v.text {
		if r != '\t' && r != '\n' && r != '\r' && (r < 0x20 || r > 0xFF) {
			return constraint(`satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+`)
		}
	}
	return nil
}

func (v *validation) malformed(message string, cause error) error {
	code := CodeMalformed
	switch v.kind {
	case Bucket:
		code = CodeMalformedS3
	case SCP, RCP:
		code = CodeMalformedOrg
	case Identity, Boundary, Session, Trust, Resource:
	}
	return &ValidationError{Code: code, Message: message, Cause: cause}
}

// fault returns the first fault of one of the given sorts, nil when there is none.
func (v *validation) fault(sorts ...fault) error {
	for _, e := range v.faults {
		if slices.Contains(sorts, e.fault) {
			return e
		}
	}
	return nil
}

// at makes an error that points into the document.
func at(s Span, reason string) error {
	return failAt(s.Start, "", reason)
}

// misspelled returns an error for an operator that is not spelled as AWS spells
// it, which evaluation tolerates and saving does not (PL-71).
func (v *validation) misspelled() error {
	for i := range v.doc.Statements {
		for _, c := range v.doc.Statements[i].Conditions {
			if op, _ := parseOperator(c.Operator); !op.exact {
				return at(c.Span, "the operator "+c.Operator+" is misspelled")
			}
		}
	}
	return nil
}

// repeatedSid returns an error for a Sid that two statements have (PL-8).
func (v *validation) repeatedSid() error {
	seen := map[string]bool{}
	for i := range v.doc.Statements {
		s := &v.doc.Statements[i]
		if s.Sid != "" && seen[s.Sid] {
			return at(s.Span, "the Sid "+s.Sid+" stands twice")
		}
		seen[s.Sid] = true
	}
	return nil
}

// badSid returns an error for a Sid with other characters than letters and digits.
func (v *validation) badSid() error {
	for i := range v.doc.Statements {
		for _, c := range []byte(v.doc.Statements[i].Sid) {
			if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
				return at(v.doc.Statements[i].Span, "a Sid is made of letters and digits")
			}
		}
	}
	return nil
}

// badDate returns an error for a date that is none (PL-79).
func (v *validation) badDate() error {
	for i := range v.doc.Statements {
		for _, c := range v.doc.Statements[i].Conditions {
			op, ok := parseOperator(c.Operator)
			if !ok || !op.operation.date() {
				continue
			}
			for _, value := range c.Values {
				if _, ok := literal.ParseInstant(value.Text); !ok {
					return at(value.Span, "not a date")
				}
			}
		}
	}
	return nil
}

// vendorFault says what is wrong with an action pattern, "" when nothing is
// (PL-41, PL-82). Any name is good after the colon (PL-42).
func vendorFault(action string) string {
	vendor, name, hasColon := strings.Cut(action, ":")
	switch {
	case !hasColon && action != "*":
		return "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	case strings.Contains(name, ":"):
		return "Actions/Condition can contain only one colon."
	case vendor == "*" && (!hasColon || name == "*"):
		return ""
	case vendor == "":
		return "Vendor  is not valid"
	}
	for _, c := range []byte(vendor) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '.' {
			return "Vendor " + vendor + " is not valid"
		}
	}
	return ""
}

// badPrincipal returns the first entry of a form that no principal has (PL-22).
func badPrincipal(p *PrincipalElement) (PrincipalEntry, bool) {
	for _, e := range p.Entries {
		bad := false
		switch e.Type {
		case PrincipalAWS:
			bad = principalForm(e.Value.Text) == formOther
		case PrincipalService:
			bad = !isDomain(e.Value.Text)
		case PrincipalFederated:
			bad = !isProvider(e.Value.Text)
		case PrincipalCanonical:
			bad = len(e.Value.Text) != 64 || strings.Trim(e.Value.Text, "0123456789abcdef") != ""
		}
		if bad {
			return e, true
		}
	}
	return PrincipalEntry{}, false
}

// invalidPrincipal is IAM's and STS's text for a principal that cannot be (PL-22, PL-27).
func invalidPrincipal(e PrincipalEntry) string {
	kind := e.Type
	switch kind {
	case PrincipalService:
		kind = "SERVICE"
	case PrincipalFederated:
		kind = "FEDERATED"
	case PrincipalCanonical:
		kind = "CANONICALUSER"
	}
	return `Invalid principal in policy: "` + kind + `":"` + e.Value.Text + `"`
}

func isDomain(s string) bool {
	if !strings.Contains(s, ".") || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || strings.Contains(s, "..") {
		return false
	}
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

func isProvider(s string) bool {
	a, err := arn.Parse(s)
	if err != nil {
		return isDomain(s)
	}
	kind, rest := a.Kind()
	return a.Service == "iam" && a.Region == "" && arn.ValidAccount(a.Account) && rest != "" &&
		(kind == "saml-provider" || kind == "oidc-provider") && !strings.ContainsAny(s, "*?")
}
