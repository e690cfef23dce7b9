package awsjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"unicode/utf8"

	"github.com/regent-iam/regent/internal/wire"
)

// The limits of a document (TH-18).
const (
	maxDepth  = 64
	maxValues = 100_000
)

// A node is one JSON value.
type node struct {
	kind  byte // one of "{", "[", "s"tring, "n"umber, "b"oolean, 0 for null
	text  string
	keys  []string // of an object, in order
	items []*node  // of an object or an array
}

// A parser reads one document by its tokens. It refuses what two readers could
// read differently.
type parser struct {
	d      *json.Decoder
	values int
}

// parse reads the document, which must be one object.
func parse(body []byte) (*node, error) {
	if !utf8.Valid(body) {
		return nil, malformed("The body is not valid UTF-8")
	}
	p := &parser{d: json.NewDecoder(bytes.NewReader(body))}
	p.d.UseNumber()
	root, err := p.value(0)
	if err != nil {
		return nil, malformed("The body is not a valid JSON document: %v", err)
	}
	if _, err := p.d.Token(); !errors.Is(err, io.EOF) {
		return nil, malformed("The body has something behind its JSON document")
	}
	if root.kind != '{' {
		return nil, malformed("The body is not a JSON object")
	}
	return root, nil
}

func (p *parser) value(depth int) (*node, error) {
	t, err := p.d.Token()
	if errors.Is(err, io.EOF) {
		return nil, io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	if p.values++; p.values > maxValues {
		return nil, fmt.Errorf("more than %d values", maxValues)
	}
	switch t := t.(type) {
	case json.Delim:
		n := &node{kind: byte(t)}
		if t == '{' {
			return n, p.object(n, depth)
		}
		return n, p.array(n, depth)
	case string:
		return &node{kind: 's', text: t}, nil
	case json.Number:
		return &node{kind: 'n', text: t.String()}, nil
	case bool:
		return &node{kind: 'b', text: strconv.FormatBool(t)}, nil
	}
	return &node{}, nil
}

func (p *parser) object(n *node, depth int) error {
	seen := map[string]bool{}
	for p.d.More() {
		t, err := p.d.Token()
		if err != nil {
			return err
		}
		key, ok := t.(string)
		if !ok || seen[key] {
			return fmt.Errorf("name %.64q comes twice in one object", fmt.Sprint(t))
		}
		seen[key] = true
		item, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.keys = append(n.keys, key)
		n.items = append(n.items, item)
	}
	_, err := p.d.Token()
	return err
}

func (p *parser) array(n *node, depth int) error {
	for p.d.More() {
		item, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := p.d.Token()
	return err
}

// A decoder reads shapes from a document.
type decoder struct {
	root   *node
	frames []frame
	err    error
}

// A frame is a structure, list or map that is being read, and the value in it
// that is being read now.
type frame struct {
	shape *wire.Shape
	at    int
	node  *node
}

// fail keeps the first failure.
func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = malformed(format, args...)
	}
}

// current returns the shape, the value and the name of what is being read.
func (d *decoder) current() (*wire.Shape, *node, string) {
	if len(d.frames) == 0 {
		return nil, d.root, "The body"
	}
	f := &d.frames[len(d.frames)-1]
	m := &f.shape.Members[f.at]
	return m.Shape, f.node, "Member " + m.Name
}

// Members yields the members of s that the current object has. A member that is
// null is not there.
func (d *decoder) Members(s *wire.Shape) iter.Seq[int] {
	return func(yield func(int) bool) {
		_, n, name := d.current()
		if n.kind != '{' {
			d.fail("%s is not an object", name)
			return
		}
		d.frames = append(d.frames, frame{shape: s})
		defer func() { d.frames = d.frames[:len(d.frames)-1] }()
		top := len(d.frames) - 1
		for i, key := range n.keys {
			at := s.Lookup(key)
			if at < 0 || n.items[i].kind == 0 {
				continue
			}
			d.frames[top].at, d.frames[top].node = at, n.items[i]
			if d.err != nil || !yield(at) {
				return
			}
		}
	}
}

// Items yields the items of the current array.
func (d *decoder) Items() iter.Seq[int] {
	return func(yield func(int) bool) {
		s, n, name := d.current()
		if n.kind != '[' {
			d.fail("%s is not an array", name)
			return
		}
		d.frames = append(d.frames, frame{shape: s})
		defer func() { d.frames = d.frames[:len(d.frames)-1] }()
		top := len(d.frames) - 1
		for i, item := range n.items {
			if item.kind == 0 {
				d.fail("%s has an item that is null", name)
				return
			}
			d.frames[top].node = item
			if d.err != nil || !yield(i) {
				return
			}
		}
	}
}

// Entries yields the keys of the current object, which is a map.
func (d *decoder) Entries() iter.Seq[string] {
	return func(yield func(string) bool) {
		s, n, name := d.current()
		if n.kind != '{' {
			d.fail("%s is not an object", name)
			return
		}
		d.frames = append(d.frames, frame{shape: s, at: 1})
		defer func() { d.frames = d.frames[:len(d.frames)-1] }()
		top := len(d.frames) - 1
		for i, key := range n.keys {
			if n.items[i].kind == 0 {
				d.fail("%s has a value that is null", name)
				return
			}
			d.frames[top].node = n.items[i]
			if d.err != nil || !yield(key) {
				return
			}
		}
	}
}

// Scalar reads the current value, whose JSON type must be the shape's.
func (d *decoder) Scalar() wire.Value {
	s, n, name := d.current()
	want := byte('s')
	switch s.Kind {
	case wire.Boolean:
		want = 'b'
	case wire.Integer, wire.Long, wire.Float:
		want = 'n'
	case wire.Timestamp:
		if s.Time == wire.TimeDefault || s.Time == wire.TimeEpoch {
			want = 'n'
		}
	default:
	}
	if n.kind != want {
		d.fail("%s has the wrong type", name)
		return wire.Value{}
	}
	v, err := parseScalar(s, n)
	if err != nil {
		d.fail("%s is %v", name, err)
		return wire.Value{}
	}
	return v
}

func parseScalar(s *wire.Shape, n *node) (wire.Value, error) {
	if s.Kind == wire.Timestamp && n.kind == 'n' {
		f, err := strconv.ParseFloat(n.text, 64)
		if err != nil {
			return wire.Value{}, fmt.Errorf("not a timestamp")
		}
		return wire.EpochValue(f)
	}
	return wire.ParseText(s, n.text)
}
