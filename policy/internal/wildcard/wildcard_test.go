package wildcard_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/regent-iam/regent/policy/internal/wildcard"
)

func covers(p, q string) bool {
	left := wildcard.MaxSteps
	return wildcard.Of(p, false).Covers(wildcard.Of(q, false), &left)
}

func intersects(p, q string) bool {
	return wildcard.Intersects(wildcard.Of(p, false), wildcard.Of(q, false))
}

func matches(p, text string) bool { return wildcard.Of(p, false).Matches(text) }

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
		if got := covers(test.p, test.q); got != test.want {
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
		if got := matches(p, s); got != inP {
			t.Fatalf("Matches(%q, %q) = %v", p, s, got)
		}
		if inP && inQ && !intersects(p, q) {
			t.Fatalf("%q matches %q and %q, which do not intersect", s, p, q)
		}
		if inQ && !inP && covers(p, q) {
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
		if got := covers(p, q); got != covered {
			t.Fatalf("Covers(%q, %q) = %v, and all texts say %v", p, q, got, covered)
		}
		if got := intersects(p, q); meet && !got {
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
