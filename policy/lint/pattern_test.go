package lint_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/regent-iam/regent/policy/lint"
)

// Rules: LI-8
func TestCovers(t *testing.T) {
	for _, test := range []struct {
		p, q string
		want bool
	}{
		{"*", "a?b*", true},
		{"a*", "a", true},
		{"a*", "ab*", true},
		{"ab*", "a*", false},
		{"*?", "?*", true},
		{"?*", "*?", true},
		{"*a*", "*ba*", true},
		{"*ba*", "*a*", false},
		{"a?", "a*", false},
		{"a*c", "abc", true},
		{"a*c", "ab", false},
		{"*a*b*", "*ab*", true},
		{"*ab*", "*a*b*", false},
		{"", "*", false},
		{"ü*", "üx", true},
	} {
		if got := lint.Covers(test.p, test.q); got != test.want {
			t.Errorf("Covers(%q, %q) = %v", test.p, test.q, got)
		}
	}
}

// naive matches a text by trying everything.
func naive(p, s string) bool {
	switch {
	case p == "":
		return s == ""
	case p[0] == '*':
		return naive(p[1:], s) || s != "" && naive(p, s[1:])
	case s == "":
		return false
	}
	return (p[0] == '?' || p[0] == s[0]) && naive(p[1:], s[1:])
}

// Rules: LI-8
func TestPatternsAgreeWithTextsThatMatchThem(t *testing.T) {
	pattern := rapid.StringMatching(`[ab*?]{0,6}`)
	text := rapid.StringMatching(`[abc]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		p, q, s := pattern.Draw(t, "p"), pattern.Draw(t, "q"), text.Draw(t, "s")
		inP, inQ := naive(p, s), naive(q, s)
		if got := lint.Matches(p, s); got != inP {
			t.Fatalf("Matches(%q, %q) = %v", p, s, got)
		}
		if inP && inQ && !lint.Intersects(p, q) {
			t.Fatalf("%q matches %q and %q, which do not intersect", s, p, q)
		}
		if inQ && !inP && lint.Covers(p, q) {
			t.Fatalf("%q matches %q and not %q, which covers it", s, q, p)
		}
	})
}

// What a pattern matches, found by putting texts in the place of its wildcards.
//
// Rules: LI-8
func TestCoversAndIntersectsAreNotTooShy(t *testing.T) {
	pattern := rapid.StringMatching(`[ab*?]{0,4}`)
	rapid.Check(t, func(t *rapid.T) {
		p, q := pattern.Draw(t, "p"), pattern.Draw(t, "q")
		covered, meet := true, false
		for s := range texts(5) {
			inP, inQ := naive(p, s), naive(q, s)
			covered = covered && (!inQ || inP)
			meet = meet || inP && inQ
		}
		if got := lint.Covers(p, q); got != covered {
			t.Fatalf("Covers(%q, %q) = %v, and all texts say %v", p, q, got, covered)
		}
		if got := lint.Intersects(p, q); meet && !got {
			t.Fatalf("Intersects(%q, %q) = %v", p, q, got)
		}
	})
}

// texts yields all texts of the letters a, b and c up to a length.
func texts(length int) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		var grow func(s string) bool
		grow = func(s string) bool {
			if !yield(s) {
				return false
			}
			if len(s) == length {
				return true
			}
			for _, c := range "abc" {
				if !grow(s + string(c)) {
					return false
				}
			}
			return true
		}
		grow("")
	}
}

// A document that is made to take long takes no longer than another.
//
// Rules: LI-5
func TestLintIsNotSlowOnPurpose(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Resource": "*", "Action": [`)
	for i := range 2000 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"s3:*a*b*c*d*` + strings.Repeat("e", i%7) + `*f*` + strings.Repeat("g", i%11) + `*"`)
	}
	b.WriteString(`]}}`)
	if _, err := lint.Lint(b.String(), lint.Options{}); err != nil {
		t.Error(err)
	}
}

func FuzzLint(f *testing.F) {
	f.Add(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::${a}*", "Principal": {"AWS": []}, "Condition": {"StringLike": {"aws:userid": ["*:a"]}}}]}`, uint8(0))
	f.Add(`{"Statement": "\u00fc\ud834\udd1e"`, uint8(2))
	f.Fuzz(func(t *testing.T, text string, kind uint8) {
		found, err := lint.Lint(text, lint.Options{Kind: lint.Kind(kind % 10), Own: true, StrictSCP: true, Account: "111122223333"})
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range found {
			for _, at := range x.Locations {
				if at.Span.Start.Offset > at.Span.End.Offset || at.Span.Start.Line < 1 {
					t.Errorf("%s at %v", x.Code, at.Span)
				}
			}
		}
	})
}
