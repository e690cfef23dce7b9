package restxml

import (
	"iter"
	"maps"
	"net/textproto"
	"slices"
	"strings"

	"github.com/regent-iam/regent/internal/wire"
)

// A decoder reads shapes from a request. The input's own members come from all
// over the request; everything below them comes from the body.
type decoder struct {
	req       Request
	namespace string
	frames    []frame
	err       error
}

// A frame is a structure, list or map that is being read, and what in it is
// being read now: nodes of the body, or texts from elsewhere.
type frame struct {
	shape *wire.Shape
	at    int
	nodes []*node           // more than one for a flat list
	texts []string          // of a header, parameter or label
	pairs map[string]string // of a map of headers
}

// fail keeps the first failure.
func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

func (d *decoder) top() *frame { return &d.frames[len(d.frames)-1] }

func (d *decoder) member() *wire.Member {
	f := d.top()
	return &f.shape.Members[f.at]
}

func (d *decoder) push(f frame) { d.frames = append(d.frames, f) }
func (d *decoder) pop()         { d.frames = d.frames[:len(d.frames)-1] }

// Members yields the members of s that are present.
func (d *decoder) Members(s *wire.Shape) iter.Seq[int] {
	if len(d.frames) == 0 {
		return d.input(s)
	}
	return func(yield func(int) bool) {
		n := d.top().nodes[0]
		d.push(frame{shape: s})
		defer d.pop()
		d.children(s, n, yield)
	}
}

// input yields the members of the whole request.
func (d *decoder) input(s *wire.Shape) iter.Seq[int] {
	return func(yield func(int) bool) {
		d.push(frame{shape: s})
		defer d.pop()
		for i := range s.Members {
			m := &s.Members[i]
			if m.In == wire.InBody || !d.locate(m) {
				continue
			}
			d.top().at = i
			if d.err != nil || !yield(i) {
				return
			}
		}
		if len(d.req.Body) == 0 || d.err != nil {
			return
		}
		d.body(s, yield)
	}
}

// locate finds a member that does not travel in the body, and reports whether it
// is there. A single value that is given twice is refused (TH-2).
func (d *decoder) locate(m *wire.Member) bool {
	f := d.top()
	f.nodes, f.texts, f.pairs = nil, nil, nil
	switch m.In {
	case wire.InLabel:
		f.texts = named(d.req.Labels, m.WireName())
	case wire.InQuery:
		f.texts = named(d.req.Query, m.WireName())
	case wire.InHeader:
		f.texts = d.req.Header[textproto.CanonicalMIMEHeaderKey(m.WireName())]
	case wire.InHeaders:
		f.pairs = d.headers(m)
		return len(f.pairs) > 0
	default:
	}
	if m.Shape.Kind == wire.List && m.In == wire.InHeader {
		f.texts = splitList(f.texts)
	} else if len(f.texts) > 1 && m.Shape.Kind != wire.List {
		d.fail(invalidArgument(m, "", m.WireName()+" is given more than once"))
		return false
	}
	return len(f.texts) > 0
}

// headers returns the headers that share the member's prefix, by the rest of
// their names in lower case.
func (d *decoder) headers(m *wire.Member) map[string]string {
	prefix := lower(m.WireName())
	out := map[string]string{}
	for name, values := range d.req.Header {
		rest, ok := strings.CutPrefix(lower(name), prefix)
		if !ok || rest == "" {
			continue
		}
		out[rest] = strings.Join(values, ",")
	}
	return out
}

// lower lowers the name of a header, which is ASCII.
func lower(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, name)
}

func named(params []wire.Param, name string) []string {
	var out []string
	for _, p := range params {
		if p.Name == name {
			out = append(out, p.Value)
		}
	}
	return out
}

// splitList splits headers that hold several values each.
func splitList(headers []string) []string {
	var out []string
	for _, h := range headers {
		for item := range strings.SplitSeq(h, ",") {
			if item = strings.Trim(item, " \t"); item != "" {
				out = append(out, item)
			}
		}
	}
	return out
}

// body yields the members that travel in the body: the payload, or several.
func (d *decoder) body(s *wire.Shape, yield func(int) bool) {
	at := s.PayloadMember()
	if at >= 0 && s.Members[at].Shape.Kind != wire.Structure {
		f := d.top()
		f.at, f.nodes, f.texts = at, nil, []string{string(d.req.Body)}
		yield(at)
		return
	}
	if at < 0 && !hasBody(s) {
		return // whether a body may come with such an operation is for the route
	}
	root, err := parse(d.req.Body, d.namespace)
	if err != nil {
		d.fail(malformedXML())
		return
	}
	if at < 0 {
		if root.name != rootName(s) {
			d.fail(malformedXML())
			return
		}
		d.children(s, root, yield)
		return
	}
	if root.name != s.Members[at].WireName() {
		d.fail(malformedXML())
		return
	}
	f := d.top()
	f.at, f.nodes, f.texts = at, []*node{root}, nil
	yield(at)
}

func rootName(s *wire.Shape) string {
	if s.Root != "" {
		return s.Root
	}
	return s.Name
}

// children yields the members of s among the elements and attributes of n. Names
// are the schema's; what is no list comes once (TH-19).
func (d *decoder) children(s *wire.Shape, n *node, yield func(int) bool) {
	if len(n.kids) == 0 && strings.TrimSpace(n.text) != "" {
		d.fail(malformedXML())
		return
	}
	found := make([][]*node, len(s.Members))
	for _, kid := range n.kids {
		i := s.Lookup(kid.name)
		if i < 0 || s.Members[i].In != wire.InBody || s.Members[i].Has(wire.Attribute) ||
			len(found[i]) > 0 && !s.Members[i].Has(wire.Flat) {
			d.fail(malformedXML())
			return
		}
		found[i] = append(found[i], kid)
	}
	attrs := 0
	f := d.top()
	for i := range s.Members {
		f.texts, f.nodes = nil, found[i]
		if s.Members[i].Has(wire.Attribute) {
			f.texts = attribute(n, s.Members[i].WireName())
			attrs += len(f.texts)
		}
		if f.nodes == nil && f.texts == nil {
			continue
		}
		f.at = i
		if d.err != nil || !yield(i) {
			return
		}
		f = d.top()
	}
	if attrs != len(n.attrs) {
		d.fail(malformedXML())
	}
}

func attribute(n *node, name string) []string {
	for _, a := range n.attrs {
		if a.name == name {
			return []string{a.value}
		}
	}
	return nil
}

// Items yields the items of the current list.
func (d *decoder) Items() iter.Seq[int] {
	return func(yield func(int) bool) {
		m, f := d.member(), d.top()
		nodes, texts := f.nodes, f.texts
		if len(nodes) > 0 && !m.Has(wire.Flat) {
			nodes = d.wrapped(m.Shape, nodes[0])
		}
		list := frame{shape: m.Shape}
		d.push(list)
		defer d.pop()
		for i := range max(len(nodes), len(texts)) {
			f := d.top()
			if len(nodes) > 0 {
				f.nodes = nodes[i : i+1]
			} else {
				f.texts = texts[i : i+1]
			}
			if d.err != nil || !yield(i) {
				return
			}
		}
	}
}

// wrapped returns the items of a list that has an element around them.
func (d *decoder) wrapped(list *wire.Shape, n *node) []*node {
	name := list.Members[0].WireName()
	for _, kid := range n.kids {
		if kid.name != name {
			d.fail(malformedXML())
			return nil
		}
	}
	if len(n.attrs) > 0 || len(n.kids) == 0 && strings.TrimSpace(n.text) != "" {
		d.fail(malformedXML())
	}
	return n.kids
}

// Entries yields the keys of the current map, which is one of headers: no body
// of S3 holds a map.
func (d *decoder) Entries() iter.Seq[string] {
	return func(yield func(string) bool) {
		m, pairs := d.member(), d.top().pairs
		if pairs == nil {
			d.fail(malformedXML())
			return
		}
		d.push(frame{shape: m.Shape, at: 1})
		defer d.pop()
		for _, key := range slices.Sorted(maps.Keys(pairs)) {
			d.top().texts = []string{pairs[key]}
			if d.err != nil || !yield(key) {
				return
			}
		}
	}
}

// Scalar reads the current value.
func (d *decoder) Scalar() wire.Value {
	m, f := d.member(), d.top()
	if len(f.nodes) > 0 {
		n := f.nodes[0]
		v, err := wire.ParseText(m.Shape, scalarText(m.Shape, n.text))
		if err != nil || len(n.kids) > 0 || len(n.attrs) > 0 {
			d.fail(malformedXML())
			return wire.Value{}
		}
		return v
	}
	s := m.Shape
	if m.In == wire.InHeader && s.Kind == wire.Timestamp && s.Time == wire.TimeDefault {
		s = &headerTime
	}
	v, err := wire.ParseText(s, f.texts[0])
	if err != nil {
		d.fail(invalidArgument(m, f.texts[0], "The value is "+err.Error()))
		return wire.Value{}
	}
	return v
}

// headerTime is a timestamp in a header.
var headerTime = wire.Shape{Kind: wire.Timestamp, Time: wire.TimeRFC822}

// scalarText drops the blanks around a number, a boolean or a time, which
// pretty-printers add; a string is taken as it is.
func scalarText(s *wire.Shape, text string) string {
	if s.Kind == wire.String {
		return text
	}
	return strings.TrimSpace(text)
}
