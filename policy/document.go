package policy

// A Document is one parsed policy. It is read only: what it holds is shared by
// every policy compiled from it.
type Document struct {
	Version    string // as written; "" when absent, which means 2008-10-17
	ID         string // as written; it has no effect
	Statements []Statement

	text string
}

// Text returns the exact text that was parsed (PL-92).
func (d *Document) Text() string { return d.text }

// Variables reports whether "${…}" in the document are variables: only where
// the version says 2012-10-17 (PL-11).
func (d *Document) Variables() bool { return d.Version == version2012 }

const (
	version2012 = "2012-10-17"
	version2008 = "2008-10-17"
)

// A Position is a place in the text of a document.
type Position struct {
	Offset int // bytes before it
	Line   int // 1-based
	Column int // 1-based, in characters
}

// A Span is the text from Start up to, not including, End.
type Span struct {
	Start, End Position
}

// An Effect is what a statement does when it matches.
type Effect uint8

// The effects. The zero Effect is none, and a statement with it matches nothing.
const (
	NoEffect Effect = iota
	EffectAllow
	EffectDeny
)

func (e Effect) String() string {
	switch e {
	case EffectAllow:
		return "Allow"
	case EffectDeny:
		return "Deny"
	case NoEffect:
	}
	return ""
}

// A Statement is one statement of a document.
type Statement struct {
	Index  int    // its place in the document, from 0
	Sid    string // "" when absent
	Effect Effect

	Principal   *PrincipalElement // nil when absent
	Actions     []Value
	NotAction   bool // the element is NotAction
	Resources   []Value
	NotResource bool // the element is NotResource
	Conditions  []Condition

	HasAction   bool // Action or NotAction is present, be it empty
	HasResource bool // Resource or NotResource is present, be it empty

	Span Span // its braces and all between; IA-72 counts one past each brace
}

// A Scalar says how a value was written.
type Scalar uint8

// The ways to write a value (PL-5).
const (
	String Scalar = iota
	Number
	Bool
)

// A Value is one string of a document, or a number or boolean of a condition,
// which then has its JSON text.
type Value struct {
	Text string
	Type Scalar
	Span Span // quotes included
}

// A Condition is one operator with one key: every condition of a statement
// must hold (PL-70).
type Condition struct {
	Operator string // as written, with its qualifiers: "ForAnyValue:StringLikeIfExists"
	Key      string // as written
	Values   []Value
	Span     Span // from the key to its last value
	List     bool // the values stand in an array
}

// A PrincipalElement is a Principal or NotPrincipal.
type PrincipalElement struct {
	Not     bool // NotPrincipal
	Bare    bool // "Principal": "*", not an object
	Entries []PrincipalEntry
	Span    Span
}

// Types of principal entries (PL-20).
const (
	PrincipalAWS       = "AWS"
	PrincipalService   = "Service"
	PrincipalFederated = "Federated"
	PrincipalCanonical = "CanonicalUser"
)

// A PrincipalEntry is one principal of an element. The bare "*" has type AWS.
type PrincipalEntry struct {
	Type  string
	Value Value
}
