package query

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/regent-iam/regent/internal/wire"
)

// The limits of a form (TH-20).
const (
	maxParams = 10_000
	maxIndex  = 10_000
	maxDepth  = 32
)

// A decoder reads shapes from parameters that are sorted by name. What it reads
// at any moment is named by a prefix: "Tags.member.1.Key".
type decoder struct {
	params []wire.Param
	frames []frame
	err    error
	space  [3]frame // of frames, as many as most inputs need
}

// A frame is a structure, list or map that is being read.
type frame struct {
	shape  *wire.Shape
	at     int    // the member of a structure
	prefix string // the name of what is being read
	flat   bool   // the structure's member is a flat list
}

// newDecoder sorts the parameters and refuses those that are repeated.
func newDecoder(params []wire.Param) (*decoder, error) {
	if len(params) > maxParams {
		return nil, malformed("The request has more than %d parameters", maxParams)
	}
	sorted := slices.Clone(params)
	slices.SortFunc(sorted, func(a, b wire.Param) int { return cmp.Compare(a.Name, b.Name) })
	for i := 1; i < len(sorted); i++ {
		if sorted[i].Name == sorted[i-1].Name {
			return nil, malformed("Parameter %s is given more than once", clip(sorted[i].Name))
		}
	}
	d := &decoder{params: sorted}
	d.frames = d.space[:0]
	return d, nil
}

// fail keeps the first failure.
func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = malformed(format, args...)
	}
}

// from returns the index of the first parameter whose name is not below name.
func (d *decoder) from(name string) int {
	low, high := 0, len(d.params)
	for low < high {
		if middle := int(uint(low+high) / 2); d.params[middle].Name < name {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low
}

// find returns the parameter of exactly this name.
func (d *decoder) find(name string) (string, bool) {
	if i := d.from(name); i < len(d.params) && d.params[i].Name == name {
		return d.params[i].Value, true
	}
	return "", false
}

// under returns the parameters whose names begin with prefix.
func (d *decoder) under(prefix string) []wire.Param {
	from := d.from(prefix)
	to := from
	for to < len(d.params) && strings.HasPrefix(d.params[to].Name, prefix) {
		to++
	}
	return d.params[from:to]
}

// begins reports whether any parameter's name begins with name and a dot.
func (d *decoder) begins(name string) bool {
	if len(d.params) <= few { // spares making the prefix
		for i := range d.params {
			if rest, ok := strings.CutPrefix(d.params[i].Name, name); ok && strings.HasPrefix(rest, ".") {
				return true
			}
		}
		return false
	}
	prefix := name + "."
	from := d.from(prefix)
	return from < len(d.params) && strings.HasPrefix(d.params[from].Name, prefix)
}

// few is how many parameters most calls have at most.
const few = 16

// prefix returns the name of what is being read, "" at the root.
func (d *decoder) prefix() string {
	if len(d.frames) == 0 {
		return ""
	}
	return d.frames[len(d.frames)-1].prefix
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// push opens a frame; pop closes it. Push fails when shapes nest too deeply,
// which only a shape that contains itself can do.
func (d *decoder) push(f frame) bool {
	if len(d.frames) >= maxDepth {
		d.fail("Parameters nest too deeply")
		return false
	}
	d.frames = append(d.frames, f)
	return true
}

func (d *decoder) pop() { d.frames = d.frames[:len(d.frames)-1] }

// Members yields the members of s that have a parameter.
func (d *decoder) Members(s *wire.Shape) iter.Seq[int] {
	return func(yield func(int) bool) {
		base := d.prefix()
		if !d.push(frame{shape: s}) {
			return
		}
		defer d.pop()
		top := len(d.frames) - 1
		for i := range s.Members {
			m := &s.Members[i]
			name := join(base, m.WireName())
			composite := m.Shape == nil || m.Shape.Kind >= wire.List
			_, exact := d.find(name)
			if d.err != nil || !exact && (!composite || !d.begins(name)) {
				continue
			}
			if exact && m.Shape != nil && m.Shape.Kind == wire.Structure {
				d.fail("Parameter %s is a structure and cannot have a value", clip(name))
				return
			}
			f := &d.frames[top]
			f.at, f.prefix, f.flat = i, name, m.Has(wire.Flat)
			if !yield(i) {
				return
			}
		}
	}
}

// Items yields the items of the current list in the order of their numbers,
// which may have gaps (WI-48). "Tags=" is a list without items.
func (d *decoder) Items() iter.Seq[int] {
	return func(yield func(int) bool) {
		list, name := d.current(), d.prefix()
		base := name
		if !d.frames[len(d.frames)-1].flat {
			base = join(name, cmp.Or(list.Members[0].Wire, "member"))
		}
		numbers := d.numbers(list, name, base)
		if len(numbers) == 0 || d.err != nil || !d.push(frame{shape: list}) {
			return
		}
		defer d.pop()
		top := len(d.frames) - 1
		for i, n := range numbers {
			d.frames[top].prefix = join(base, strconv.Itoa(n))
			if d.err != nil || !yield(i) {
				return
			}
		}
	}
}

// Entries yields the keys of the current map.
func (d *decoder) Entries() iter.Seq[string] {
	return func(yield func(string) bool) {
		m, name := d.current(), d.prefix()
		base := name
		if !d.frames[len(d.frames)-1].flat {
			base = join(name, "entry")
		}
		numbers := d.numbers(m, name, base)
		if len(numbers) == 0 || d.err != nil || !d.push(frame{shape: m}) {
			return
		}
		defer d.pop()
		top := len(d.frames) - 1
		seen := map[string]bool{}
		for _, n := range numbers {
			entry := join(base, strconv.Itoa(n))
			key, ok := d.find(join(entry, m.Members[0].WireName()))
			if !ok || seen[key] {
				d.fail("Parameter %s has no key of its own", clip(entry))
				return
			}
			seen[key] = true
			d.frames[top].prefix = join(entry, m.Members[1].WireName())
			if d.err != nil || !yield(key) {
				return
			}
		}
	}
}

// numbers returns the numbers of a list's or map's items, in order. Everything
// below the list's name must be an item with a number in its one spelling: what
// would be dropped in silence could be a session policy. A number above the
// model's maximum is refused unless the list itself is too long, which the check
// of constraints says better.
func (d *decoder) numbers(s *wire.Shape, name, base string) []int {
	if value, exact := d.find(name); exact && value != "" {
		d.fail("Parameter %s is a list and cannot have a value", clip(name))
		return nil
	}
	var out []int
	for _, p := range d.under(name + ".") {
		rest, ok := strings.CutPrefix(p.Name, base+".")
		if !ok {
			d.fail("Parameter %s is not an item of a list", clip(p.Name))
			return nil
		}
		digits, _, _ := strings.Cut(rest, ".")
		n, ok := index(digits)
		if !ok {
			d.fail("Parameter %s does not have a valid number", clip(p.Name))
			return nil
		}
		out = append(out, n)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if n := len(out); n > 0 && s.HasMax && int64(n) <= s.Max && int64(out[n-1]) > s.Max {
		d.fail("Parameter %s.%d is beyond the %d that the list may have", clip(base), out[n-1], s.Max)
		return nil
	}
	if _, exact := d.find(name); exact && len(out) > 0 {
		d.fail("Parameter %s is given as an empty list and with items", clip(name))
		return nil
	}
	return out
}

// index reads the number of an item: decimal, from 1, without leading zeros.
func index(digits string) (int, bool) {
	if digits == "" || len(digits) > 5 || digits[0] == '0' {
		return 0, false
	}
	n := 0
	for i := range len(digits) {
		c := digits[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n <= maxIndex
}

// Scalar reads the current value.
func (d *decoder) Scalar() wire.Value {
	name := d.prefix()
	text, ok := d.find(name)
	if !ok {
		d.fail("Parameter %s has no value", clip(name))
		return wire.Value{}
	}
	v, err := wire.ParseText(d.current(), text)
	if err != nil {
		d.fail("Parameter %s is %v", clip(name), err)
		return wire.Value{}
	}
	return v
}

// current returns the shape that is being read.
func (d *decoder) current() *wire.Shape {
	f := &d.frames[len(d.frames)-1]
	switch f.shape.Kind {
	case wire.List:
		return f.shape.Members[0].Shape
	case wire.Map:
		return f.shape.Members[1].Shape
	default:
		return f.shape.Members[f.at].Shape
	}
}
