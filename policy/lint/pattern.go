package lint

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// A pattern is a wildcard pattern: its characters, with anyRun and anyOne for
// the wildcards.
type pattern []rune

const (
	anyRun rune = -1 // any text, also none: "*", a variable, a placeholder
	anyOne rune = -2 // any one character: "?"
)

// patternOf reads a text of a policy. Where it may hold variables, each of them
// stands for any text, and "${*}", "${?}" and "${$}" for that character.
func patternOf(text string, variables bool) pattern {
	var p pattern
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
			p = append(p, anyOne)
		default:
			p = append(p, r)
		}
		i += size
	}
	return p
}

func (p pattern) variable(name string) pattern {
	if name == "*" || name == "?" || name == "$" {
		return append(p, rune(name[0]))
	}
	return p.run()
}

// run appends anyRun, of which two are as good as one.
func (p pattern) run() pattern {
	if len(p) > 0 && p[len(p)-1] == anyRun {
		return p
	}
	return append(p, anyRun)
}

// templateOf reads an ARN of the catalog, where "${X}", "<x>" and the name
// tag-key stand for any text.
func templateOf(text string) pattern {
	for {
		from, to := strings.IndexByte(text, '<'), strings.IndexByte(text, '>')
		if from < 0 || to < from {
			break
		}
		text = text[:from] + "*" + text[to+1:]
	}
	return patternOf(text, true)
}

// actionPattern reads an action, which is compared without case.
func actionPattern(text string) pattern { return patternOf(arn.Fold(text), false) }

// literal reports whether p matches one text only.
func (p pattern) literal() bool { return !slices.ContainsFunc(p, func(r rune) bool { return r < 0 }) }

// matchesAll reports whether p is the lone "*".
func (p pattern) matchesAll() bool { return len(p) == 1 && p[0] == anyRun }

// split cuts p at its first n-1 colons.
func (p pattern) split(n int) []pattern {
	var out []pattern
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

// text returns p as a text with "*" and "?".
func (p pattern) text() string {
	var b strings.Builder
	for _, r := range p {
		switch r {
		case anyRun:
			b.WriteByte('*')
		case anyOne:
			b.WriteByte('?')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// intersects reports whether some text matches both patterns (LI-8).
func intersects(a, b pattern) bool {
	// reach[j] says that what came before is matched by a[:i] and b[:j].
	reach := make([]bool, len(b)+1)
	next := make([]bool, len(b)+1)
	reach[0] = true
	for i := 0; ; i++ {
		for j := range b { // b's runs may match nothing
			if reach[j] && b[j] == anyRun {
				reach[j+1] = true
			}
			if i < len(a) && a[i] == anyRun && reach[j] {
				reach[j+1] = true // a's run takes b's character
			}
		}
		if i == len(a) {
			return reach[len(b)]
		}
		clear(next)
		for j := range reach {
			if !reach[j] {
				continue
			}
			if a[i] == anyRun {
				next[j] = true
				continue
			}
			if j < len(b) && b[j] == anyRun {
				next[j] = true
			} else if j < len(b) && (a[i] == anyOne || b[j] == anyOne || a[i] == b[j]) {
				next[j+1] = true
			}
		}
		reach, next = next, reach
	}
}

// matches reports whether the text s matches p.
func (p pattern) matches(s string) bool { return intersects(p, pattern(s)) }

// A budget bounds how long a document's patterns are compared with one another.
// Beyond it the answer is no, which says less and never something false.
type budget int

const (
	maxSteps  budget = 50_000_000
	maxStates        = 20_000 // of one comparison
)

// spend takes n steps and reports whether there were so many left.
func (b *budget) spend(n int) bool {
	*b -= budget(n)
	return *b >= 0
}

// covers reports whether every text that matches q matches p too: no word leads
// to the end of q and not to the end of p.
func (p pattern) covers(q pattern, b *budget) bool {
	if p.matchesAll() || slices.Equal(p, q) {
		return true
	}
	for i := 0; i < len(p) && p[i] >= 0; i++ {
		if i >= len(q) || q[i] != p[i] {
			return false
		}
	}
	if p.literal() || q.matchesAll() {
		return false
	}
	if q.literal() {
		return b.spend(len(p)*len(q)) && intersects(p, q)
	}
	return p.search(q, letters(p, q), b)
}

// A searchState is a place in the covered pattern, and the places in the other
// one, as bits, to which the same words lead.
type searchState struct {
	at  int
	set string
}

func (p pattern) search(q pattern, alphabet []rune, b *budget) bool {
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
func (p pattern) follow(q pattern, s searchState, alphabet []rune) []searchState {
	var out []searchState
	to := s.at + 1
	if q[s.at] == anyRun {
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
func letters(patterns ...pattern) []rune {
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
func (p pattern) place(i int) []byte {
	set := make([]byte, len(p)/8+1)
	set[i/8] |= 1 << (i % 8)
	return set
}

// closure adds the places that are reached without a character.
func (p pattern) closure(set []byte) string {
	for i, r := range p {
		if r == anyRun && set[i/8]&(1<<(i%8)) != 0 {
			set[(i+1)/8] |= 1 << ((i + 1) % 8)
		}
	}
	return string(set)
}

// after returns the places that are reached from set by r.
func (p pattern) after(set string, r rune) string {
	next := make([]byte, len(set))
	for i, c := range p {
		if set[i/8]&(1<<(i%8)) == 0 {
			continue
		}
		switch {
		case c == anyRun:
			next[i/8] |= 1 << (i % 8)
		case c == anyOne || c == r:
			next[(i+1)/8] |= 1 << ((i + 1) % 8)
		}
	}
	return p.closure(next)
}

// accepts reports whether the end of p is in set.
func (p pattern) accepts(set string) bool { return set[len(p)/8]&(1<<(len(p)%8)) != 0 }

// distance returns how many characters have to be put in, left out or replaced
// to make b of a; more than limit when it is more.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost = 1 + min(before, row[j], row[j+1])
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// closest returns the name that is nearest to name, when it is near: at most two
// characters differ. Among equals the first in order wins.
func closest(name string, among func(yield func(string) bool)) (string, bool) {
	const near = 2
	best, found := near+1, ""
	folded := arn.Fold(name)
	for candidate := range among {
		if d := distance(folded, arn.Fold(candidate), near); d < best {
			best, found = d, candidate
		}
	}
	return found, best <= near
}
