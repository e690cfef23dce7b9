package wiretest

import (
	"encoding/xml"
	"fmt"
	"iter"

	"github.com/regent-iam/regent/internal/wire"
)

// An Element is an XML element as a client sees it.
type Element struct {
	XMLName xml.Name
	Text    string     `xml:",chardata"`
	Attrs   []xml.Attr `xml:",any,attr"`
	Kids    []*Element `xml:",any"`
}

// ParseElement reads a document.
func ParseElement(data []byte) (*Element, error) {
	var e Element
	if err := xml.Unmarshal(data, &e); err != nil {
		return nil, fmt.Errorf("reading XML: %w", err)
	}
	return &e, nil
}

// Kid returns the first child of the given name, or nil.
func (e *Element) Kid(name string) *Element {
	for _, k := range e.Kids {
		if k.XMLName.Local == name {
			return k
		}
	}
	return nil
}

// An Elements is a Decoder that reads a shape from an element, as lenient as
// clients are.
type Elements struct {
	frames []elementFrame
	now    []*Element // what is being read
	Err    error
}

type elementFrame struct {
	shape *wire.Shape
	at    int
}

// NewElements returns a Decoder that reads from the element.
func NewElements(e *Element) *Elements { return &Elements{now: []*Element{e}} }

// Members yields the members that have an element.
func (d *Elements) Members(s *wire.Shape) iter.Seq[int] {
	return func(yield func(int) bool) {
		e := d.now[0]
		d.frames = append(d.frames, elementFrame{shape: s})
		depth := len(d.frames) - 1
		defer func() { d.frames = d.frames[:depth] }()
		for i := range s.Members {
			var found []*Element
			for _, k := range e.Kids {
				if k.XMLName.Local == s.Members[i].WireName() {
					found = append(found, k)
				}
			}
			if len(found) == 0 {
				continue
			}
			d.frames[depth].at, d.now = i, found
			if !yield(i) {
				return
			}
		}
	}
}

func (d *Elements) current() *wire.Shape {
	top := d.frames[len(d.frames)-1]
	return top.shape.Members[top.at].Shape
}

// Items yields the items of a list that has an element around them.
func (d *Elements) Items() iter.Seq[int] {
	return func(yield func(int) bool) {
		s, kids := d.current(), d.now[0].Kids
		d.frames = append(d.frames, elementFrame{shape: s})
		defer func() { d.frames = d.frames[:len(d.frames)-1] }()
		for i, k := range kids {
			d.now = []*Element{k}
			if !yield(i) {
				return
			}
		}
	}
}

// Entries yields the keys of a map.
func (d *Elements) Entries() iter.Seq[string] {
	return func(yield func(string) bool) {
		s, kids := d.current(), d.now[0].Kids
		d.frames = append(d.frames, elementFrame{shape: s, at: 1})
		defer func() { d.frames = d.frames[:len(d.frames)-1] }()
		for _, k := range kids {
			d.now = []*Element{k.Kid("value")}
			if !yield(k.Kid("key").Text) {
				return
			}
		}
	}
}

// Scalar reads a value.
func (d *Elements) Scalar() wire.Value {
	v, err := wire.ParseText(d.current(), d.now[0].Text)
	if err != nil && d.Err == nil {
		d.Err = fmt.Errorf("%s: %w", d.now[0].XMLName.Local, err)
	}
	return v
}
