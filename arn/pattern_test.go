package arn_test

import (
	"testing"

	"github.com/regent-iam/regent/arn"
)

// Rules: PL-50 PL-51 PL-52 TV-2 TH-36
func TestPatternMatchesSegmentBySegment(t *testing.T) {
	const object = "arn:aws:s3:::b/x/y:z"
	tests := []struct {
		pattern, text string
		padded, full  bool
	}{
		{"arn:aws:s3:::b/*", object, true, true},
		{"arn:aws:s3:::b/x*z", object, true, true},
		{"arn:aws:s3:::b/?/y:z", object, true, true},
		{"arn:aws:s3:*:*:b/*", object, true, true},
		{"arn:aws:s3:::B/*", object, false, false},
		{"arn:aws:s3:*", object, true, false},
		{"arn:aws:*", object, true, false},
		{"arn:*", object, true, false},
		{"*:b/*", object, false, false},
		{"*", object, true, true},
		{"*", "*", true, true},
		{"arn:*", "*", false, false},
		{"arn:*:*:*:*:*", "*", false, false},
		{"*:*:*:*:*:*", "*", false, false},
		{"*:*:*:*:*:*", object, true, true},
		{"arn:aws:s3", object, true, false},
		{"arn:aws:s3:::b", object, false, false},
		{"", object, false, false},
		{"arn:aws-cn:s3:::b/*", object, false, false},
		{"arn:aws*:s3:::b/*", object, true, true},
		{"arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:role/x", true, true},
		{"arn:aws:iam::111122223333:role/x", "arn:aws:iam::444455556666:role/x", false, false},
		{"arn:aws:iam::1111*:role/x", "arn:aws:iam::444455556666:role/1111:role/x", false, false},
		{"arn:aws:iam::*", "arn:aws:iam::111122223333:role/x", true, false},
		{"arn:aws:iam::a*:role/x", "arn:aws:iam::a:b:role/x", false, false},
		{"xrn:aws:s3:::b/*", "xrn:aws:s3:::b/x", false, false},
		{"arn:aws:s3:::b/*", "b/x", false, false},
		{"arn:aws:i?m::*:u*", "arn:aws:iam::111122223333:user/u", true, true},
	}
	for _, test := range tests {
		padded, full := arn.Compile(test.pattern), arn.CompileFull(test.pattern)
		if got := padded.Match(test.text); got != test.padded {
			t.Errorf("Compile(%q).Match(%q) = %v, want %v", test.pattern, test.text, got, test.padded)
		}
		if got := full.Match(test.text); got != test.full {
			t.Errorf("CompileFull(%q).Match(%q) = %v, want %v", test.pattern, test.text, got, test.full)
		}
	}
	var zero arn.Pattern
	if zero.Match("") || zero.Match("*") || zero.Match(object) {
		t.Error("the zero Pattern matches something")
	}
}

// Rules: PL-50
func FuzzPattern(f *testing.F) {
	f.Add("arn:aws:s3:::b/*", "arn:aws:s3:::b/x")
	f.Add("arn:*:s3:*:*:b?x:*", "arn:aws:s3:::b/x:y")
	f.Add("arn:aws:s3:*", "arn:aws:s3:::b")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 300 || len(text) > 300 || pattern == "*" || len(symbols(pattern)) != len([]rune(pattern)) {
			t.Skip()
		}
		for _, r := range symbols(pattern) {
			if r < 0 {
				t.Skip() // patterns come from documents, which are text
			}
		}
		wants, n := arn.Split(pattern)
		for i := n; i < arn.Segments; i++ {
			wants[i] = "*"
		}
		has, m := arn.Split(text)
		want := m == arn.Segments && has[0] == "arn"
		for i := range wants {
			want = want && naive(wants[i], has[i])
		}
		p := arn.Compile(pattern)
		if got := p.Match(text); got != want {
			t.Errorf("%q on %q: %v, want %v", pattern, text, got, want)
		}
	})
}
