package wire

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Constraint is a kind of constraint that a model puts on a value.
type Constraint uint8

// The constraints.
const (
	NotNull Constraint = iota + 1
	MatchPattern
	MinLength
	MaxLength
	MinValue
	MaxValue
	InEnum
	Items // an item of a list fails a constraint
)

// A Violation is a value that fails a constraint.
type Violation struct {
	Path       string // "tags.1.member.key"
	Member     *Member
	Constraint Constraint
	Text       string // "Member must not be null"
	// Value is what was sent. It is kept only when it may be echoed: not for
	// secrets and not for composites.
	Value    string
	HasValue bool
	order    []int
}

// maxViolations bounds what one request can make us say.
const maxViolations = 64

// maxEcho bounds how much of a value an error repeats, in bytes.
const maxEcho = 1024

// A Checker is a Decoder that passes another's values through and notes which
// constraints of the model they fail: required, length, range, pattern, enum.
type Checker struct {
	inner  Decoder
	enums  bool // whether enums are listed
	frames []checkFrame
	found  []Violation
	space  [3]checkFrame // of frames, as many as most inputs need
}

// A checkFrame is a structure, list or map that is being read.
type checkFrame struct {
	shape  *Shape
	at     int    // member of a structure, item of a list
	key    string // of a map
	secret bool
	broken bool // an item of the list has failed already
	seen   [2]uint64
}

// Check returns a Checker around d, which listens to svc's style of messages.
func Check(svc *Service, d Decoder) *Checker {
	c := &Checker{inner: d, enums: svc.EchoValues}
	c.frames = c.space[:0]
	return c
}

// Violations returns what was found, in the order of the model's members.
func (c *Checker) Violations() []Violation {
	slices.SortStableFunc(c.found, func(a, b Violation) int { return slices.Compare(a.order, b.order) })
	return c.found
}

// Members passes the members of s through and then notes the missing ones.
func (c *Checker) Members(s *Shape) iter.Seq[int] {
	return func(yield func(int) bool) {
		c.frames = append(c.frames, checkFrame{shape: s, secret: c.secret() || s.Sensitive})
		depth := len(c.frames) - 1
		for i := range c.inner.Members(s) {
			f := &c.frames[depth]
			f.at = i
			f.seen[i/64] |= 1 << (i % 64)
			if !yield(i) {
				break
			}
		}
		f := &c.frames[depth]
		for i := range s.Members {
			if s.Members[i].Has(Required) && f.seen[i/64]&(1<<(i%64)) == 0 {
				f.at = i
				c.note(NotNull, "Member must not be null", "null", true)
			}
		}
		c.frames = c.frames[:depth]
	}
}

// Items passes a list through and checks its size.
func (c *Checker) Items() iter.Seq[int] {
	return func(yield func(int) bool) {
		list := c.current()
		c.frames = append(c.frames, checkFrame{shape: list, secret: c.secret()})
		depth, n := len(c.frames)-1, 0
		for i := range c.inner.Items() {
			c.frames[depth].at = i
			n++
			if !yield(i) {
				break
			}
		}
		c.frames = c.frames[:depth]
		c.size(list, n)
	}
}

// Entries passes a map through and checks its size and its keys.
func (c *Checker) Entries() iter.Seq[string] {
	return func(yield func(string) bool) {
		m := c.current()
		c.frames = append(c.frames, checkFrame{shape: m, secret: c.secret()})
		depth, n := len(c.frames)-1, 0
		for key := range c.inner.Entries() {
			c.frames[depth].key = key
			n++
			if s := m.Members[0].Shape; s != nil && c.failsText(s, key) {
				c.note(Items, "Map keys must satisfy constraint: ["+strings.Join(c.texts(s), ", ")+"]", "", false)
			}
			if !yield(key) {
				break
			}
		}
		c.frames = c.frames[:depth]
		c.size(m, n)
	}
}

// Scalar passes a value through and checks it.
func (c *Checker) Scalar() Value {
	v := c.inner.Scalar()
	s := c.current()
	if s == nil || v.kind == 0 {
		return v
	}
	if top := c.top(); top.shape.Kind == List {
		c.item(s, v)
		return v
	}
	failed := c.failures(s, v)
	if len(failed) == 0 {
		return v
	}
	echo, has := "", false
	if !c.secret() && !s.Sensitive && v.kind != Blob {
		echo, has = clip(FormatText(s, v, LayoutISO8601)), true
	}
	for _, k := range failed {
		c.note(k, c.text(s, k), echo, has)
	}
	return v
}

// item checks a scalar in a list. Its failure is the list's, said once: AWS does
// not name the item.
func (c *Checker) item(s *Shape, v Value) {
	top := c.top()
	if top.broken || len(c.failures(s, v)) == 0 {
		return
	}
	top.broken = true
	text := "Member must satisfy constraint: [" + strings.Join(c.texts(s), ", ") + "]"
	frame := *top
	c.frames = c.frames[:len(c.frames)-1]
	c.note(Items, text, "", false)
	c.frames = append(c.frames, frame)
}

// size checks how many items a list or map has.
func (c *Checker) size(s *Shape, n int) {
	if s.HasMin && int64(n) < s.Min {
		c.note(MinLength, c.text(s, MinLength), "", false)
	}
	if s.HasMax && int64(n) > s.Max {
		c.note(MaxLength, c.text(s, MaxLength), "", false)
	}
}

// failures returns the constraints of s that v fails.
func (c *Checker) failures(s *Shape, v Value) []Constraint {
	switch s.Kind {
	case String:
		var out []Constraint
		if len(s.Enum) > 0 && !slices.Contains(s.Enum, v.text) && !c.open() {
			out = append(out, InEnum)
		}
		if s.Pattern != nil && !s.Pattern.Match(v.text) {
			out = append(out, MatchPattern)
		}
		return append(out, s.outside(float64(utf8.RuneCountInString(v.text)), MinLength, MaxLength)...)
	case Blob:
		return s.outside(float64(len(v.text)), MinLength, MaxLength)
	case Integer, Long:
		return s.outside(float64(v.Int64()), MinValue, MaxValue)
	case Float:
		return s.outside(v.Float(), MinValue, MaxValue)
	default:
		return nil
	}
}

// outside returns which bound of s the number is beyond. The bounds are small,
// so a float64 compares exactly.
func (s *Shape) outside(n float64, lo, hi Constraint) []Constraint {
	if s.HasMin && n < float64(s.Min) {
		return []Constraint{lo}
	}
	if s.HasMax && n > float64(s.Max) {
		return []Constraint{hi}
	}
	return nil
}

// failsText reports whether a map's key fails its shape.
func (c *Checker) failsText(s *Shape, key string) bool {
	return len(c.failures(s, StringValue(key))) > 0
}

// texts returns all constraints of s, as AWS lists them for the items of a list.
func (c *Checker) texts(s *Shape) []string {
	lo, hi := MinLength, MaxLength
	if s.Kind == Integer || s.Kind == Long || s.Kind == Float {
		lo, hi = MinValue, MaxValue
	}
	var out []string
	if s.HasMax {
		out = append(out, c.text(s, hi))
	}
	if s.HasMin {
		out = append(out, c.text(s, lo))
	}
	if s.Pattern != nil {
		out = append(out, c.text(s, MatchPattern))
	}
	if len(s.Enum) > 0 {
		out = append(out, c.text(s, InEnum))
	}
	return out
}

// text returns AWS's text for a constraint of s.
func (c *Checker) text(s *Shape, k Constraint) string {
	switch k {
	case MatchPattern:
		return "Member must satisfy regular expression pattern: " + s.Pattern.Text
	case MinLength:
		return fmt.Sprintf("Member must have length greater than or equal to %d", s.Min)
	case MaxLength:
		return fmt.Sprintf("Member must have length less than or equal to %d", s.Max)
	case MinValue:
		return fmt.Sprintf("Member must have value greater than or equal to %d", s.Min)
	case MaxValue:
		return fmt.Sprintf("Member must have value less than or equal to %d", s.Max)
	case InEnum:
		if c.enums {
			return "Member must satisfy enum value set: [" + strings.Join(s.Enum, ", ") + "]"
		}
		return "Member must satisfy enum value set"
	default:
		return "Member must not be null"
	}
}

// note keeps a violation at the current place.
func (c *Checker) note(k Constraint, text, value string, has bool) {
	if len(c.found) >= maxViolations {
		return
	}
	v := Violation{Constraint: k, Text: text, Value: value, HasValue: has}
	var path []string
	for i := range c.frames {
		f := &c.frames[i]
		switch f.shape.Kind {
		case Structure:
			v.Member = &f.shape.Members[f.at]
			path = append(path, lowerFirst(v.Member.Name))
			v.order = append(v.order, f.at)
		case List:
			path = append(path, strconv.Itoa(f.at+1), "member")
			v.order = append(v.order, f.at)
		case Map:
			path = append(path, f.key, "member")
		default:
		}
	}
	v.Path = strings.Join(path, ".")
	c.found = append(c.found, v)
}

func (c *Checker) top() *checkFrame { return &c.frames[len(c.frames)-1] }

// member returns the member that is being read; nil at the root.
func (c *Checker) member() *Member {
	if len(c.frames) == 0 {
		return nil
	}
	f := c.top()
	switch f.shape.Kind {
	case List:
		return &f.shape.Members[0]
	case Map:
		return &f.shape.Members[1]
	default:
		return &f.shape.Members[f.at]
	}
}

// current returns the shape that is being read.
func (c *Checker) current() *Shape {
	if m := c.member(); m != nil {
		return m.Shape
	}
	return nil
}

// secret reports whether what is being read must not be echoed.
func (c *Checker) secret() bool {
	m := c.member()
	return m != nil && (c.top().secret || m.Has(Secret))
}

// open reports whether the enum of what is being read is left to the operation.
func (c *Checker) open() bool {
	m := c.member()
	return m != nil && m.Has(Open)
}

// clip shortens a text that an error repeats.
func clip(s string) string {
	if len(s) <= maxEcho {
		return s
	}
	cut := maxEcho
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return s[:cut] + "..."
}

// ValidationText returns AWS's text for violations: "1 validation error
// detected: Value 'x' at 'roleSessionName' failed to satisfy constraint: …". IAM
// leaves the value out (ST-1, IA-32).
func ValidationText(svc *Service, found []Violation) string {
	var b strings.Builder
	if len(found) == 1 {
		b.WriteString("1 validation error detected: ")
	} else {
		fmt.Fprintf(&b, "%d validation errors detected: ", len(found))
	}
	for i := range found {
		v := &found[i]
		if i > 0 {
			b.WriteString("; ")
		}
		switch {
		case v.Constraint == NotNull:
			b.WriteString("Value null at '")
		case v.HasValue && svc.EchoValues:
			fmt.Fprintf(&b, "Value '%s' at '", v.Value)
		default:
			b.WriteString("Value at '")
		}
		fmt.Fprintf(&b, "%s' failed to satisfy constraint: %s", v.Path, v.Text)
	}
	return b.String()
}
