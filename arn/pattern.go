package arn

import "strings"

// A Pattern is a compiled ARN pattern. "*" and "?" match inside one segment;
// in the sixth they cross ":" and "/" (PL-50). The lone "*" matches every text,
// ARN or not; any other pattern matches ARNs only. The zero Pattern matches nothing.
type Pattern struct {
	state patternState
	whole Glob            // fixed: all of the ARN
	parts *[Segments]Glob // split: each segment; few patterns are, and all would be large
}

type patternState uint8

const (
	nothing patternState = iota
	everything
	fixed // the first five segments hold no wildcard
	split
)

// Compile compiles a pattern. Segments that are missing are "*", as in the
// documents of identities, sessions and boundaries (PL-51): "arn:aws:s3:*"
// matches every ARN of S3.
func Compile(text string) Pattern {
	segments, n := Split(text)
	if n < Segments && text != "*" {
		for i := n; i < Segments; i++ {
			segments[i] = "*"
		}
		text = strings.Join(segments[:], ":")
	}
	return compile(text, &segments)
}

// CompileFull compiles a pattern of six segments, or the lone "*". Any other
// text gives a pattern that matches nothing.
func CompileFull(text string) Pattern {
	segments, n := Split(text)
	if n < Segments && text != "*" {
		return Pattern{}
	}
	return compile(text, &segments)
}

// compile compiles a text of these segments, or the lone "*".
func compile(text string, segments *[Segments]string) Pattern {
	if text == "*" {
		return Pattern{state: everything}
	}
	head := len(text) - len(segments[5])
	if wildcard(text[:head]) < 0 {
		if segments[0] != "arn" {
			return Pattern{}
		}
		return Pattern{state: fixed, whole: NewGlob(text)}
	}
	p := Pattern{state: split, parts: new([Segments]Glob)}
	for i, segment := range segments {
		p.parts[i] = NewGlob(segment)
	}
	return p
}

// Match reports whether the ARN s matches p.
func (p *Pattern) Match(s string) bool {
	switch p.state {
	case fixed:
		return p.whole.Match(s)
	case everything:
		return true
	case split:
		return p.matchParts(s)
	case nothing:
	}
	return false
}

// MatchAll reports whether p is the lone "*".
func (p *Pattern) MatchAll() bool { return p.state == everything }

// Prefix returns the literal text that everything p matches begins with.
func (p *Pattern) Prefix() string {
	if p.state == fixed {
		return p.whole.Prefix()
	}
	return ""
}

func (p *Pattern) matchParts(s string) bool {
	segments, n := Split(s)
	if n != Segments || segments[0] != "arn" {
		return false
	}
	for i := range p.parts {
		if !p.parts[i].Match(segments[i]) {
			return false
		}
	}
	return true
}
