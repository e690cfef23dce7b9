package wiretest

import (
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/regent-iam/regent/internal/wire"
)

// troublesome are the characters that forms, XML, JSON or percent-encoding
// could get wrong.
const troublesome = " \t\n\r&<>\"'%+=;:/\\,?#~*()[]{}@$!|^`\u007f\u0085\u00a0é☃\u2028\u2029\ufeff\ufffd\U0001F600"

// wildText makes a string of about the wanted length that satisfies s, now and
// then an empty or a long one.
func (f *Filler) wildText(s *wire.Shape, want int) string {
	switch f.rng.IntN(16) {
	case 0:
		if f.mayBeEmpty() {
			want = 0
		}
	case 1:
		if s.Pattern == nil {
			want = 300
		}
	default:
	}
	if s.HasMin {
		want = max(want, int(s.Min))
	}
	if s.HasMax {
		want = min(want, int(s.Max))
	}
	if s.Pattern != nil {
		return f.matching(s, want)
	}
	var b strings.Builder
	for range want {
		b.WriteRune(wildOf(f.rng, []rune{0, unicode.MaxRune}))
	}
	return b.String()
}

// mayBeEmpty reports whether an empty text here is another thing than none.
func (f *Filler) mayBeEmpty() bool {
	top := f.frames[len(f.frames)-1]
	m := &top.shape.Members[top.at]
	return m.Shape.Kind == wire.String && (top.shape.Kind != wire.Structure || m.Has(wire.Required) || m.Has(wire.Always))
}

// wildOf picks a character from ranges: more often than not a troublesome one.
func wildOf(rng *rand.Rand, ranges []rune) rune {
	if rng.IntN(2) == 0 {
		tricky := []rune(troublesome)
		for i, start := 0, rng.IntN(len(tricky)); i < len(tricky); i++ {
			if r := tricky[(start+i)%len(tricky)]; within(ranges, r) {
				return r
			}
		}
	}
	for range 100 {
		i := 2 * rng.IntN(len(ranges)/2)
		r := ranges[i] + rune(rng.IntN(int(ranges[i+1]-ranges[i])+1))
		if inXML(r) {
			return r
		}
	}
	for i := 0; i < len(ranges); i += 2 {
		if inXML(ranges[i]) {
			return ranges[i]
		}
	}
	panic("wiretest: a class of characters that XML cannot hold")
}

func within(ranges []rune, r rune) bool {
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i] <= r && r <= ranges[i+1] {
			return true
		}
	}
	return false
}

// inXML reports whether XML 1.0 can hold the character.
func inXML(r rune) bool {
	switch {
	case r == '\t' || r == '\n' || r == '\r':
		return true
	case r < ' ' || 0xD800 <= r && r < 0xE000 || r == 0xFFFE || r == 0xFFFF:
		return false
	}
	return r <= unicode.MaxRune
}
