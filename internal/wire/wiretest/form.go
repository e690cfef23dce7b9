package wiretest

import (
	"strconv"

	"github.com/regent-iam/regent/internal/wire"
)

// A Form is an Encoder that writes parameters as a client of awsQuery does.
type Form struct {
	Params []wire.Param
	frames []formFrame
}

type formFrame struct {
	shape  *wire.Shape
	prefix string // of what is inside
	at     int
	key    string
	n      int
}

func dot(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

func (f *Form) top() *formFrame { return &f.frames[len(f.frames)-1] }

// name returns the name of what comes next.
func (f *Form) name() string {
	if len(f.frames) == 0 {
		return ""
	}
	t := f.top()
	switch t.shape.Kind {
	case wire.List:
		t.n++
		return dot(dot(t.prefix, "member"), strconv.Itoa(t.n))
	case wire.Map:
		t.n++
		entry := dot(dot(t.prefix, "entry"), strconv.Itoa(t.n))
		f.add(dot(entry, "key"), t.key)
		return dot(entry, "value")
	default:
		return dot(t.prefix, t.shape.Members[t.at].WireName())
	}
}

func (f *Form) add(name, value string) {
	f.Params = append(f.Params, wire.Param{Name: name, Value: value})
}

// Open begins a structure, list or map.
func (f *Form) Open(s *wire.Shape) {
	f.frames = append(f.frames, formFrame{shape: s, prefix: f.name()})
}

// Close ends it; a list without items is a parameter without a value.
func (f *Form) Close() {
	if t := f.top(); t.shape.Kind == wire.List && t.n == 0 {
		f.add(t.prefix, "")
	}
	f.frames = f.frames[:len(f.frames)-1]
}

// Member says which member comes next.
func (f *Form) Member(i int) { f.top().at = i }

// Key says which key comes next.
func (f *Form) Key(key string) { f.top().key = key }

// Scalar writes a parameter.
func (f *Form) Scalar(v wire.Value) {
	t := f.top()
	s := t.shape.Members[t.at].Shape
	if t.shape.Kind == wire.Map {
		s = t.shape.Members[1].Shape
	}
	f.add(f.name(), wire.FormatText(s, v, wire.LayoutISO8601))
}
