package lint

import (
	"strings"

	"github.com/regent-iam/regent/arn"
)

// A Class says how much a finding matters. Its text is AWS's (LI-1).
type Class string

// The classes, gravest first. Error means that the policy will not work as
// written; only Regent's own findings have Info.
const (
	Error           Class = "ERROR"
	SecurityWarning Class = "SECURITY_WARNING"
	Warning         Class = "WARNING"
	Suggestion      Class = "SUGGESTION"
	Info            Class = "INFO"
)

// A Finding is one thing to say about a document.
type Finding struct {
	Code      string // "MISSING_VERSION", or "LX-1" for Regent's own
	Class     Class
	Details   string // for a person
	Locations []Location
}

// offset is where the finding stands first.
func (f Finding) offset() int {
	if len(f.Locations) == 0 {
		return 0
	}
	return f.Locations[0].Span.Start.Offset
}

// LearnMore returns the address of AWS's page about a finding (LI-2); "" for
// Regent's own findings, which docs/reference/lint.md explains.
func (f Finding) LearnMore() string {
	kind := ""
	switch f.Class {
	case Error:
		kind = "error"
	case SecurityWarning:
		kind = "security-warning"
	case Warning:
		kind = "general-warning"
	case Suggestion:
		kind = "suggestion"
	default:
	}
	if kind == "" || strings.HasPrefix(f.Code, ownPrefix) {
		return ""
	}
	return learnMore + kind + "-" + strings.ReplaceAll(arn.Fold(f.Code), "_", "-")
}

const (
	learnMore = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html" +
		"#access-analyzer-reference-policy-checks-"
	ownPrefix = "LX-"
)

// A Location is a place in a document, both as a path and as a span of its text.
type Location struct {
	Path []PathElement
	Span Span
}

// A PathElement is one step from the document to a place in it. Exactly one of
// its readings is meant, as Kind says (LI-22).
type PathElement struct {
	Kind   PathKind
	Name   string // of PathValue and PathKey
	Index  int    // of PathIndex
	Start  int    // of PathSubstring, in decoded characters
	Length int    // of PathSubstring
}

// A PathKind says what a path element is.
type PathKind uint8

// The kinds of path element.
const (
	PathValue     PathKind = iota // the value of the key Name
	PathIndex                     // an item of an array
	PathKey                       // the key Name itself; comes last
	PathSubstring                 // a part of a string; comes last
)

// A Span is the text from Start up to, not including, End. That of a string
// includes its quotes.
type Span struct {
	Start, End Position
}

// A Position is a place in a document's text, counted in characters (LI-23).
type Position struct {
	Line   int // from 1
	Column int // from 0
	Offset int // from 0
}
