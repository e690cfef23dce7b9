// Package arn parses, prints and matches Amazon Resource Names, mints and reads
// the unique ids that carry an account, and folds the case of names.
//
// An ARN has six segments, "arn:partition:service:region:account:resource";
// the sixth keeps its colons and slashes. Patterns are compared segment by
// segment, so a wildcard never reaches across the first five colons. Nothing
// here allocates while it matches, and no pattern takes more than a number of
// steps bounded by the product of the lengths of pattern and text.
package arn

import (
	"fmt"
	"strings"
)

// Segments is the number of segments an ARN has.
const Segments = 6

// An ARN names one AWS resource. Any field but Partition and Service may be
// empty; Resource holds everything after the fifth colon.
type ARN struct {
	Partition, Service, Region, Account, Resource string
}

// A ParseError says that a text is not an ARN.
type ParseError struct {
	Text string // what was to be parsed
}

func (e *ParseError) Error() string {
	return fmt.Sprintf("arn: %q does not have six segments that begin with \"arn\"", e.Text)
}

// Parse splits s on its first five colons. It accepts any partition, service
// and resource as long as these three are not empty; the account is empty or
// twelve digits, or "aws" as in the ARNs of AWS's own policies (TH-36).
// An error is a [*ParseError].
func Parse(s string) (ARN, error) {
	segments, n := Split(s)
	if n != Segments || segments[0] != "arn" || segments[1] == "" || segments[2] == "" || segments[5] == "" {
		return ARN{}, &ParseError{Text: s}
	}
	if account := segments[4]; account != "" && account != "aws" && !ValidAccount(account) {
		return ARN{}, &ParseError{Text: s}
	}
	return ARN{
		Partition: segments[1], Service: segments[2], Region: segments[3],
		Account: segments[4], Resource: segments[5],
	}, nil
}

// String returns the text that [Parse] reads.
func (a ARN) String() string {
	return strings.Join([]string{"arn", a.Partition, a.Service, a.Region, a.Account, a.Resource}, ":")
}

// Kind returns the resource's type and the rest, cut at the first slash:
// "role" and "dev/x" of "role/dev/x". A resource without a slash, like "root",
// is all kind.
func (a ARN) Kind() (kind, rest string) {
	kind, rest, _ = strings.Cut(a.Resource, "/")
	return kind, rest
}

// Split cuts s on its first five colons and returns the segments and how many
// there are, one at least and [Segments] at most. It asks nothing of them.
func Split(s string) (segments [Segments]string, n int) {
	start := 0
	for i := 0; i < len(s) && n < Segments-1; i++ {
		if s[i] == ':' {
			segments[n] = s[start:i]
			n++
			start = i + 1
		}
	}
	segments[n] = s[start:]
	return segments, n + 1
}

// AccountIn returns the account segment of the ARN s, or "" when s is not an
// ARN or names none.
func AccountIn(s string) string {
	segments, n := Split(s)
	if n != Segments || segments[0] != "arn" {
		return ""
	}
	return segments[4]
}

// ValidAccount reports whether s is an account id: twelve digits.
func ValidAccount(s string) bool {
	if len(s) != 12 {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// Root returns the ARN of an account's root user in a partition.
func Root(partition, account string) string {
	return "arn:" + partition + ":iam::" + account + ":root"
}
