// Package wiretest helps to test the protocols: it fills any shape with values
// that satisfy its model, and plays the client's half of a conversation.
package wiretest

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/regent-iam/regent/internal/wire"
)

// A Filler is a Decoder that makes values up. What it makes satisfies every
// constraint of the model.
type Filler struct {
	rng     *rand.Rand
	minimal bool
	wild    bool
	frames  []fillFrame
	parsed  map[*wire.Pattern]*syntax.Regexp
}

type fillFrame struct {
	shape *wire.Shape
	at    int
}

// NewFiller returns a Filler that makes the same values for the same seed. Of
// an input's or output's own members, a minimal one fills only the required.
func NewFiller(seed uint64, minimal bool) *Filler {
	return &Filler{rng: rand.New(rand.NewPCG(seed, 1)), minimal: minimal, parsed: map[*wire.Pattern]*syntax.Regexp{}}
}

// NewWildFiller returns a Filler that leaves optional members out by chance and
// whose lists may be empty. Its texts are made of every character that the
// model and XML allow, the troublesome ones more often than not, its numbers
// span their kind and its times have milliseconds. It fills any number of shapes,
// each differently.
func NewWildFiller(seed uint64) *Filler {
	return &Filler{rng: rand.New(rand.NewPCG(seed, 2)), wild: true, parsed: map[*wire.Pattern]*syntax.Regexp{}}
}

// Members yields the members that get a value.
func (f *Filler) Members(s *wire.Shape) iter.Seq[int] {
	return func(yield func(int) bool) {
		f.frames = append(f.frames, fillFrame{shape: s})
		depth := len(f.frames) - 1
		defer func() { f.frames = f.frames[:depth] }()
		must := -1
		if f.wild && depth > 0 && len(s.Members) > 0 {
			must = f.rng.IntN(len(s.Members)) // forms cannot say that a structure is empty
		}
		for i := range s.Members {
			m := &s.Members[i]
			wanted := depth > 0 || !f.minimal
			if f.wild {
				wanted = i == must || f.rng.IntN(4) > 0
			}
			wanted = wanted || m.Has(wire.Required) || m.Has(wire.Always)
			if m.Shape == nil && depth > 3 || !wanted {
				continue // a shape that contains itself has to end
			}
			f.frames[depth].at = i
			if !yield(i) {
				return
			}
		}
	}
}

func (f *Filler) count(s *wire.Shape) int {
	n := 1 + f.rng.IntN(3)
	if f.wild {
		n = f.rng.IntN(4)
	}
	if s.HasMin {
		n = max(n, int(s.Min))
	}
	if s.HasMax {
		n = min(n, int(s.Max))
	}
	if len(f.frames) > 5 && !s.HasMin {
		return 0
	}
	return n
}

// Items yields a few items.
func (f *Filler) Items() iter.Seq[int] {
	return func(yield func(int) bool) {
		s := f.current()
		n := f.count(s)
		f.frames = append(f.frames, fillFrame{shape: s})
		defer func() { f.frames = f.frames[:len(f.frames)-1] }()
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// Entries yields a few keys.
func (f *Filler) Entries() iter.Seq[string] {
	return func(yield func(string) bool) {
		s := f.current()
		key := s.Members[0].Shape
		n := f.count(s)
		f.frames = append(f.frames, fillFrame{shape: s, at: 1})
		defer func() { f.frames = f.frames[:len(f.frames)-1] }()
		for i := range n {
			k := fmt.Sprintf("key-%d", i)
			if len(key.Enum) > 0 {
				if i >= len(key.Enum) {
					return
				}
				k = key.Enum[i]
			}
			if !yield(k) {
				return
			}
		}
	}
}

func (f *Filler) current() *wire.Shape {
	top := f.frames[len(f.frames)-1]
	return top.shape.Members[top.at].Shape
}

// Scalar makes a value up.
func (f *Filler) Scalar() wire.Value {
	s := f.current()
	switch s.Kind {
	case wire.Blob:
		return wire.BlobValue([]byte(f.text(s)))
	case wire.Boolean:
		return wire.BoolValue(f.rng.IntN(2) == 0)
	case wire.Integer, wire.Long:
		n := int64(f.rng.IntN(1000))
		if f.wild && s.Kind == wire.Integer {
			n = int64(int32(f.rng.Uint32()))
		} else if f.wild {
			n = int64(f.rng.Uint64())
		}
		if s.HasMin {
			n = max(n, s.Min)
		}
		if s.HasMax {
			n = min(n, s.Max)
		}
		return wire.IntValue(n)
	case wire.Float:
		return wire.FloatValue(1.5)
	case wire.Timestamp:
		if f.wild {
			return wire.TimeValue(time.UnixMilli(f.rng.Int64N(4_000_000_000_000)).UTC())
		}
		return wire.TimeValue(time.Unix(1_700_000_000+int64(f.rng.IntN(1_000_000)), 0).UTC())
	default:
		return wire.StringValue(f.text(s))
	}
}

// text makes a string that satisfies s.
func (f *Filler) text(s *wire.Shape) string {
	if len(s.Enum) > 0 {
		return s.Enum[f.rng.IntN(len(s.Enum))]
	}
	want := 1 + f.rng.IntN(12)
	if s.HasMin {
		want = max(want, int(s.Min))
	}
	if s.HasMax {
		want = min(want, int(s.Max))
	}
	if f.wild {
		return f.wildText(s, want)
	}
	if s.Pattern == nil {
		// All that XML and forms could get wrong, and a blank in front.
		const tricky = " <&>\"'%+=;é☃/\U0001F600~x"
		return string([]rune(strings.Repeat(tricky, want/len([]rune(tricky))+1))[:want])
	}
	return f.matching(s, want)
}

// matching makes a string of about the wanted length that matches the pattern.
func (f *Filler) matching(s *wire.Shape, want int) string {
	tree := f.parsed[s.Pattern]
	if tree == nil {
		var err error
		if tree, err = syntax.Parse(s.Pattern.Go, syntax.Perl); err != nil {
			panic("wiretest: " + err.Error())
		}
		f.parsed[s.Pattern] = tree
	}
	for extra := range 200 {
		g := generator{rng: f.rng, wild: f.wild, repeat: max(0, want-extra%8) + extra/8}
		if extra >= 100 { // several parts that repeat have to share the length
			g.repeat = want >> (1 + extra%8)
		}
		text := g.make(tree)
		n := utf8.RuneCountInString(text)
		if s.Pattern.Match(text) && (!s.HasMin || n >= int(s.Min)) && (!s.HasMax || n <= int(s.Max)) {
			return text
		}
	}
	panic("wiretest: no value found for pattern " + s.Pattern.Text + " of " + s.Name)
}

// A generator makes strings that match a regular expression.
type generator struct {
	rng    *rand.Rand
	wild   bool
	repeat int // how often what may repeat without end does
}

func (g *generator) make(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		return string(re.Rune)
	case syntax.OpCharClass:
		return string(g.class(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		if g.wild {
			return string(g.class([]rune{' ', unicode.MaxRune}))
		}
		return "x"
	case syntax.OpCapture:
		return g.make(re.Sub[0])
	case syntax.OpStar:
		return g.times(re.Sub[0], 0, -1)
	case syntax.OpPlus:
		return g.times(re.Sub[0], 1, -1)
	case syntax.OpQuest:
		return g.times(re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		return g.times(re.Sub[0], re.Min, re.Max)
	case syntax.OpConcat:
		var b strings.Builder
		for _, sub := range re.Sub {
			b.WriteString(g.make(sub))
		}
		return b.String()
	case syntax.OpAlternate:
		return g.make(re.Sub[g.rng.IntN(len(re.Sub))])
	default:
		return ""
	}
}

func (g *generator) times(re *syntax.Regexp, lo, hi int) string {
	n := max(lo, g.repeat)
	if hi >= 0 {
		n = min(n, hi)
	}
	var b strings.Builder
	for range n {
		b.WriteString(g.make(re))
	}
	return b.String()
}

// class picks a printable character of a class, if it has one; a wild one any
// character that XML can hold.
func (g *generator) class(ranges []rune) rune {
	if g.wild {
		return wildOf(g.rng, ranges)
	}
	for range 20 {
		i := 2 * g.rng.IntN(len(ranges)/2)
		lo, hi := max(ranges[i], ' '), min(ranges[i+1], 0x7e)
		if lo <= hi {
			return lo + rune(g.rng.IntN(int(hi-lo)+1))
		}
	}
	for i := 0; i < len(ranges); i += 2 {
		if lo, hi := max(ranges[i], ' '), min(ranges[i+1], 0x7e); lo <= hi {
			return lo
		}
	}
	return ranges[0]
}
