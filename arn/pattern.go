package arn

import "strings"

// A Pattern is a compiled ARN pattern. "*" and "?" match inside one segment;
// in the sixth they cross ":" and "/" (PL-50). The lone "*" matches every text,
// ARN or not; any other pattern matches ARNs only. The zero Pattern matches nothing.
type Pattern struct {
	state patternState
	whole Glob    // fixed: all of the ARN
	head  [5]Glob // split: the first five segments
	rest  Glob    // split: the sixth
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
	for i := n; i < Segments; i++ {
		segments[i] = "*"
	}
	return compile(text, segments)
}

// CompileFull compiles a pattern of six segments, or the lone "*". Any other
// text gives a pattern that matches nothing.
func CompileFull(text string) Pattern {
	segments, n := Split(text)
	if n < Segments && text != "*" {
		return Pattern{}
	}
	return compile(text, segments)
}

func compile(text string, segments [Segments]string) Pattern {
	if text == "*" {
		return Pattern{state: everything}
	}
	head := strings.Join(segments[:5], ":")
	if !strings.ContainsAny(head, "*?") {
		if segments[0] != "arn" {
			return Pattern{}
		}
		return Pattern{state: fixed, whole: NewGlob(head + ":" + segments[5])}
	}
	p := Pattern{state: split, rest: NewGlob(segments[5])}
	for i := range p.head {
		p.head[i] = NewGlob(segments[i])
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
		rest, ok := p.matchHead(s)
		return ok && p.rest.Match(rest)
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

func (p *Pattern) matchHead(s string) (rest string, ok bool) {
	segments, n := Split(s)
	if n != Segments || segments[0] != "arn" {
		return "", false
	}
	for i := range p.head {
		if !p.head[i].Match(segments[i]) {
			return "", false
		}
	}
	return segments[5], true
}
