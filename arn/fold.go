package arn

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold returns the one spelling that stands for all spellings of s which
// differ in case only. Two names, tag keys or condition keys are the same when
// their folds are equal; no other comparison without case is used anywhere
// (TH-35).
//
// Every character becomes the smallest lower-case member of its simple-fold
// orbit, so "s" and "ſ" (U+017F), "k" and the Kelvin sign fold alike. Text that
// is folded already is returned as it is, without allocation.
func Fold(s string) string {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return foldFrom(s, i)
		}
	}
	return s
}

func foldFrom(s string, from int) string {
	changed := false
	for _, r := range s[from:] {
		if FoldRune(r) != r {
			changed = true
			break
		}
	}
	if !changed && utf8.ValidString(s[from:]) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:from])
	for i := from; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && size == 1 {
			b.WriteByte(s[i]) // not text: kept, so that it equals only itself
		} else {
			b.WriteRune(FoldRune(r))
		}
		i += size
	}
	return b.String()
}

// FoldRune returns the character that [Fold] puts in the place of r.
func FoldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}
	smallest, lower := r, rune(-1)
	if unicode.IsLower(r) {
		lower = r
	}
	for o := unicode.SimpleFold(r); o != r; o = unicode.SimpleFold(o) {
		smallest = min(smallest, o)
		if unicode.IsLower(o) && (lower < 0 || o < lower) {
			lower = o
		}
	}
	if lower >= 0 {
		return lower
	}
	return smallest
}

// EqualFold reports whether a and b have the same [Fold], without allocation
// where both are ASCII.
func EqualFold(a, b string) bool {
	n := min(len(a), len(b))
	for i := range n {
		ca, cb := a[i], b[i]
		if ca >= utf8.RuneSelf || cb >= utf8.RuneSelf {
			return Fold(a) == Fold(b)
		}
		if ca != cb && FoldRune(rune(ca)) != FoldRune(rune(cb)) {
			return false
		}
	}
	return len(a) == len(b)
}
