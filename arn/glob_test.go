package arn_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/regent-iam/regent/arn"
)

// Rules: PL-64 PL-65 TH-34
func TestSlotsAreMatchedLiterally(t *testing.T) {
	glob := arn.CompileGlob([]arn.Token{
		{Kind: arn.Literal, Text: "home/"},
		{Kind: arn.Slot, Slot: 0},
		{Kind: arn.Literal, Text: "/"},
		{Kind: arn.Any},
		{Kind: arn.Literal, Text: "-"},
		{Kind: arn.Slot, Slot: 1},
	})
	tests := []struct {
		name  string
		text  string
		slots []string
		want  bool
	}{
		{"plain", "home/ann/x-7", []string{"ann", "7"}, true},
		{"other name", "home/bob/x-7", []string{"ann", "7"}, false},
		{"star in the value is itself", "home/b*/x-7", []string{"b*", "7"}, true},
		{"star in the value is no wildcard", "home/bob/x-7", []string{"b*", "7"}, false},
		{"question mark in the value is no wildcard", "home/bob/x-7", []string{"b?b", "7"}, false},
		{"empty values", "home//x-", []string{"", ""}, true},
		{"a slot that nobody filled", "home/ann/x-", []string{"ann"}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := glob.MatchSlots(test.text, test.slots); got != test.want {
				t.Errorf("MatchSlots(%q, %q) = %v, want %v", test.text, test.slots, got, test.want)
			}
		})
	}
	if glob.Match("home/ann/x-7") {
		t.Error("Match filled slots from nowhere")
	}
}

// Rules: TH-33
func TestGlobAgainstPathologicalPatterns(t *testing.T) {
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{strings.Repeat("*a", 1000) + "*b", strings.Repeat("a", 1000), false},
		{strings.Repeat("*a", 1000) + "*", strings.Repeat("a", 1000), true},
		{"*" + strings.Repeat("?", 1000) + "b*", strings.Repeat("a", 1024), false},
		{"*" + strings.Repeat("a?", 500) + "b*", strings.Repeat("a", 1024), false},
		{strings.Repeat("*?", 1000), strings.Repeat("é", 1000), true},
		{strings.Repeat("*?", 1001), strings.Repeat("é", 1000), false},
	}
	for _, test := range tests {
		glob := arn.NewGlob(test.pattern)
		if got := glob.Match(test.text); got != test.want {
			t.Errorf("%.20q… on %.20q…: %v, want %v", test.pattern, test.text, got, test.want)
		}
	}
}

func TestGlobMatchDoesNotAllocate(t *testing.T) {
	slots := []string{"ann"}
	glob := arn.CompileGlob([]arn.Token{{Kind: arn.Any}, {Kind: arn.Slot}, {Kind: arn.One}, {Kind: arn.Any}, {Kind: arn.Literal, Text: "z"}})
	pattern := arn.Compile("arn:aws:*:*:1?3:role/*/x")
	allocs := testing.AllocsPerRun(100, func() {
		if !glob.MatchSlots("home/ann/xyz", slots) || !pattern.Match("arn:aws:iam::123:role/a/b/x") {
			t.Fatal("no match")
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}

// naive matches character by character with a table; it is slow and obvious.
func naive(pattern, text string) bool {
	p, s := symbols(pattern), symbols(text)
	row := make([]bool, len(s)+1) // row[j]: the pattern so far matches s[:j]
	row[0] = true
	for _, c := range p {
		next := make([]bool, len(s)+1)
		for j := range next {
			switch {
			case c == '*':
				next[j] = row[j] || j > 0 && next[j-1]
			case j > 0:
				next[j] = row[j-1] && (c == '?' || c == s[j-1])
			}
		}
		row = next
	}
	return row[len(s)]
}

// symbols gives the characters of s; a byte that is no text is one of its own.
func symbols(s string) []rune {
	var out []rune
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			r = -1 - rune(s[i])
		}
		out = append(out, r)
		i += size
	}
	return out
}

// Rules: TH-33
func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{
		{"*", ""},
		{"", "a"},
		{"a*", "ab"},
		{"*b", "ab"},
		{"a*b", "ab"},
		{"a*b", "a"},
		{"?", "é"},
		{"*?*b?c", "xxbzcbyc"},
		{"a?b*c?", "aéb…cd"},
		{"ab*ba", "aba"},
		{"*aab*", "aaab"},
		{"*a?b*", "aab"},
		{"x/*/y-*.csv", "x/a/y-b.csv"},
		{"*?", "\xe2\x82"},
		{"?*\u20ac", "\xe2\u20ac"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !utf8.ValidString(pattern) || len(pattern) > 300 || len(text) > 300 {
			t.Skip()
		}
		glob := arn.NewGlob(pattern)
		if got, want := glob.Match(text), naive(pattern, text); got != want {
			t.Errorf("%q on %q: %v, want %v", pattern, text, got, want)
		}
		if glob.Match(text) && !strings.HasPrefix(text, glob.Prefix()) {
			t.Errorf("%q matches %q, which does not begin with %q", pattern, text, glob.Prefix())
		}
	})
}
