// Package wildcard compares wildcard patterns with one another: whether some text
// matches two of them, and whether all that match one match another.
package wildcard

import (
	"slices"
	"strings"
)

// A Pattern is a wildcard pattern: its characters, with AnyRun and AnyOne for
// the wildcards.
type Pattern []rune

// The wildcards of a Pattern.
const (
	AnyRun rune = -1 // any text, also none: "*", a variable, a placeholder
	AnyOne rune = -2 // any one character: "?"
)

// Of reads a text of a policy. Where it may hold variables, each of them
// stands for any text, and "${*}", "${?}" and "${$}" for that character.
func Of(text string, variables bool) Pattern {
	var p Pattern
	for i := 0; i < len(text); {
		if variables && strings.HasPrefix(text[i:], "${") {
			if end := strings.IndexByte(text[i:], '}'); end > 0 {
				p = p.variable(text[i+2 : i+end])
				i += end + 1
				continue
			}
		}
		r := rune(text[i])
		size := 1
		if r >= 0x80 {
			rs := []rune(text[i:])
			r, size = rs[0], len(string(rs[0]))
		}
		switch r {
		case '*':
			p = p.run()
		case '?':
			p = append(p, AnyOne)
		default:
			p = append(p, r)
		}
		i += size
	}
	return p
}

func (p Pattern) variable(name string) Pattern {
	if name == "*" || name == "?" || name == "$" {
		return append(p, rune(name[0]))
	}
	return p.run()
}

// run appends AnyRun, of which two are as good as one.
func (p Pattern) run() Pattern {
	if len(p) > 0 && p[len(p)-1] == AnyRun {
		return p
	}
	return append(p, AnyRun)
}

// Literal reports whether p matches one text only.
func (p Pattern) Literal() bool { return !slices.ContainsFunc(p, func(r rune) bool { return r < 0 }) }

// MatchesAll reports whether p is the lone "*".
func (p Pattern) MatchesAll() bool { return len(p) == 1 && p[0] == AnyRun }

// Split cuts p at its first n-1 colons.
func (p Pattern) Split(n int) []Pattern {
	var out []Pattern
	for len(out) < n-1 {
		i := slices.Index(p, ':')
		if i < 0 {
			break
		}
		out = append(out, p[:i])
		p = p[i+1:]
	}
	return append(out, p)
}

// Text returns p as a text with "*" and "?".
func (p Pattern) Text() string {
	var b strings.Builder
	for _, r := range p {
		switch r {
		case AnyRun:
			b.WriteByte('*')
		case AnyOne:
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Intersects reports whether some text matches both patterns (LI-8).
func Intersects(a, b Pattern) bool {
	// reach[j] says that what came before is matched by a[:i] and b[:j].
	reach, next := make([]bool, len(b)+1), make([]bool, len(b)+1)
	reach[0] = true
	for _, r := range a {
		skip(reach, b, r == AnyRun)
		clear(next)
		for j := range reach {
			if reach[j] {
				step(next, j, r, b)
			}
		}
		reach, next = next, reach
	}
	skip(reach, b, false)
	return reach[len(b)]
}

// skip adds the places in b that are reached without a character of the other
// pattern: past b's runs, which may match nothing, and past all that a run of
// the other one takes.
func skip(reach []bool, b Pattern, run bool) {
	for j, r := range b {
		if reach[j] && (run || r == AnyRun) {
			reach[j+1] = true
		}
	}
}

// step adds the place in b that the other pattern's next r leads to from j.
func step(next []bool, j int, r rune, b Pattern) {
	switch {
	case r == AnyRun, j < len(b) && b[j] == AnyRun:
		next[j] = true
	case j < len(b) && (r == AnyOne || b[j] == AnyOne || r == b[j]):
		next[j+1] = true
	}
}

// Matches reports whether the text s matches p.
func (p Pattern) Matches(s string) bool { return Intersects(p, Pattern(s)) }

// A Budget bounds how long a document's patterns are compared with one another.
// Beyond it the answer is no, which says less and never something false.
type Budget int

// MaxSteps is a budget for one document.
const MaxSteps Budget = 50_000_000

// maxStates bounds one comparison.
const maxStates = 20_000

// spend takes n steps and reports whether there were so many left.
func (b *Budget) spend(n int) bool {
	*b -= Budget(n)
	return *b >= 0
}

// Covers reports whether every text that matches q matches p too: no word leads
// to the end of q and not to the end of p.
func (p Pattern) Covers(q Pattern, b *Budget) bool {
	if p.MatchesAll() || slices.Equal(p, q) {
		return true
	}
	for i := 0; i < len(p) && p[i] >= 0; i++ {
		if i >= len(q) || q[i] != p[i] {
			return false
		}
	}
	if p.Literal() || q.MatchesAll() {
		return false
	}
	if q.Literal() {
		return b.spend(len(p)*len(q)) && Intersects(p, q)
	}
	return p.search(q, letters(p, q), b)
}

// A searchState is a place in the covered pattern, and the places in the other
// one, as bits, to which the same words lead.
type searchState struct {
	at  int
	set string
}

func (p Pattern) search(q Pattern, alphabet []rune, b *Budget) bool {
	start := searchState{0, p.closure(p.place(0))}
	seen := map[searchState]bool{start: true}
	for queue := []searchState{start}; len(queue) > 0; queue = queue[1:] {
		s := queue[0]
		if s.at == len(q) {
			if !p.accepts(s.set) {
				return false
			}
			continue
		}
		if !b.spend(len(alphabet) * len(p)) {
			return false
		}
		for _, f := range p.follow(q, s, alphabet) {
			if !seen[f] {
				if len(seen) >= maxStates {
					return false
				}
				seen[f] = true
				queue = append(queue, f)
			}
		}
	}
	return true
}

// follow returns the states that one step of q leads to.
func (p Pattern) follow(q Pattern, s searchState, alphabet []rune) []searchState {
	var out []searchState
	to := s.at + 1
	if q[s.at] == AnyRun {
		out, to = append(out, searchState{to, s.set}), s.at
	}
	for _, r := range alphabet {
		if q[s.at] < 0 || q[s.at] == r {
			out = append(out, searchState{to, p.after(s.set, r)})
		}
	}
	return out
}

// other stands for every character that neither pattern names.
const other rune = 0x10FFFF + 1

// letters returns the characters that a search has to tell apart.
func letters(patterns ...Pattern) []rune {
	out := []rune{other}
	for _, p := range patterns {
		for _, r := range p {
			if r >= 0 && !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	return out
}

// place returns the set of one place in p.
func (p Pattern) place(i int) []byte {
	set := make([]byte, len(p)/8+1)
	set[i/8] |= 1 << (i % 8)
	return set
}

// closure adds the places that are reached without a character.
func (p Pattern) closure(set []byte) string {
	for i, r := range p {
		if r == AnyRun && set[i/8]&(1<<(i%8)) != 0 {
			set[(i+1)/8] |= 1 << ((i + 1) % 8)
		}
	}
	return string(set)
}

// after returns the places that are reached from set by r.
func (p Pattern) after(set string, r rune) string {
	next := make([]byte, len(set))
	for i, c := range p {
		if set[i/8]&(1<<(i%8)) == 0 {
			continue
		}
		switch c {
		case AnyRun:
			next[i/8] |= 1 << (i % 8)
		case AnyOne, r:
			next[(i+1)/8] |= 1 << ((i + 1) % 8)
		}
	}
	return p.closure(next)
}

// accepts reports whether the end of p is in set.
func (p Pattern) accepts(set string) bool { return set[len(p)/8]&(1<<(len(p)%8)) != 0 }
