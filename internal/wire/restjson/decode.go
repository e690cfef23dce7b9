package restjson

import (
	"iter"

	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/internal/wire/awsjson"
)

// A decoder reads the input's own members from all over the request, and all
// below them from the body.
type decoder struct {
	req    Request
	body   *awsjson.Reader
	depth  int
	member *wire.Member // of the input, that does not travel in the body; nil in the body
	texts  []string     // of member
	item   int          // of member, when it is a list that is being read
	inList bool
	err    error
}

func newDecoder(req Request) (*decoder, error) {
	body, err := awsjson.Read(req.Body)
	if err != nil {
		return nil, err
	}
	return &decoder{req: req, body: body}, nil
}

func (d *decoder) failure() error {
	if d.err != nil {
		return d.err
	}
	return d.body.Err()
}

// Members yields the members of s that are present.
func (d *decoder) Members(s *wire.Shape) iter.Seq[int] {
	if d.depth > 0 {
		return d.body.Members(s)
	}
	return func(yield func(int) bool) {
		d.depth++
		defer func() { d.depth-- }()
		for i := range s.Members {
			m := &s.Members[i]
			if m.In == wire.InBody || !d.locate(m) {
				continue
			}
			if d.err != nil || !yield(i) {
				return
			}
		}
		d.member = nil
		if d.err != nil {
			return
		}
		for i := range d.body.Members(s) {
			if s.Members[i].In == wire.InBody && !yield(i) {
				return
			}
		}
	}
}

// locate finds a member of the path or the query string, and reports whether it
// is there. A single value that is given twice is refused (TH-2).
func (d *decoder) locate(m *wire.Member) bool {
	from := d.req.Query
	if m.In == wire.InLabel {
		from = d.req.Labels
	}
	d.member, d.texts, d.inList = m, nil, false
	for _, p := range from {
		if p.Name == m.WireName() {
			d.texts = append(d.texts, p.Value)
		}
	}
	if len(d.texts) > 1 && m.Shape.Kind != wire.List {
		d.err = Invalid("fieldValidationFailed", m.WireName()+" is given more than once")
	}
	return len(d.texts) > 0
}

// Items yields the items of the current list.
func (d *decoder) Items() iter.Seq[int] {
	if d.member == nil {
		return d.body.Items()
	}
	return func(yield func(int) bool) {
		d.inList = true
		defer func() { d.inList = false }()
		for i := range d.texts {
			if d.item = i; !yield(i) {
				return
			}
		}
	}
}

// Entries yields the keys of the current map; none travels outside the body.
func (d *decoder) Entries() iter.Seq[string] { return d.body.Entries() }

// Scalar reads the current value.
func (d *decoder) Scalar() wire.Value {
	if d.member == nil {
		return d.body.Scalar()
	}
	shape, text := d.member.Shape, d.texts[0]
	if d.inList {
		shape, text = shape.Members[0].Shape, d.texts[d.item]
	}
	v, err := wire.ParseText(shape, text)
	if err != nil {
		if d.err == nil {
			d.err = Invalid("cannotParse", d.member.WireName()+" is "+err.Error())
		}
		return wire.Value{}
	}
	return v
}
