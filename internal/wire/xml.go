package wire

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// An XML is an Encoder that writes XML elements. It does not write the root
// element: the protocols do, with Start and End.
type XML struct {
	// Layout of times whose shape does not choose its own.
	Layout string
	// Documents percent-encodes policy documents (IA-20).
	Documents bool

	buf    []byte
	frames []xmlFrame
}

type xmlFrame struct {
	shape *Shape
	at    int
	name  string // the element that Close ends; empty when there is none
	flat  string // the element of each item of a flat list
	attr  int    // where attributes go, in buf; 0 when there are none
	entry bool   // an entry of the map is open
}

// borrowedXML are encoders for others to write with.
var borrowedXML = sync.Pool{New: func() any { return new(XML) }}

// mostBuffer is how large a buffer may have grown that is kept for others.
const mostBuffer = 64 << 10

// BorrowXML returns an encoder that Take takes back.
func BorrowXML(layout string, documents bool) *XML {
	x := borrowedXML.Get().(*XML)
	x.Layout, x.Documents = layout, documents
	return x
}

// Take returns what was written, and takes back a borrowed encoder. Nothing of
// it stays there: it may be a secret.
func (x *XML) Take() []byte {
	out := bytes.Clone(x.buf)
	clear(x.buf)
	if cap(x.buf) <= mostBuffer {
		x.buf, x.frames = x.buf[:0], x.frames[:0]
		borrowedXML.Put(x)
	}
	return out
}

// Bytes returns what was written.
func (x *XML) Bytes() []byte { return x.buf }

// Raw writes text that is XML already.
func (x *XML) Raw(s string) { x.buf = append(x.buf, s...) }

// Text writes text, escaped.
func (x *XML) Text(text string) { x.buf = appendXMLText(x.buf, text) }

// Start begins an element, with the namespace it declares.
func (x *XML) Start(name, namespace string) {
	x.buf = append(x.buf, '<')
	x.buf = append(x.buf, name...)
	if namespace != "" {
		x.namespace(Namespace{URI: namespace})
	}
	x.buf = append(x.buf, '>')
}

// End ends an element.
func (x *XML) End(name string) {
	x.buf = append(x.buf, '<', '/')
	x.buf = append(x.buf, name...)
	x.buf = append(x.buf, '>')
}

// Element writes an element that holds a text.
func (x *XML) Element(name, text string) {
	x.Start(name, "")
	x.buf = appendXMLText(x.buf, text)
	x.End(name)
}

func (x *XML) namespace(n Namespace) {
	x.buf = append(x.buf, ` xmlns`...)
	if n.Prefix != "" {
		x.buf = append(x.buf, ':')
		x.buf = append(x.buf, n.Prefix...)
	}
	x.buf = append(x.buf, '=', '"')
	x.buf = appendXMLAttribute(x.buf, n.URI)
	x.buf = append(x.buf, '"')
}

// Open begins a structure, a list or a map.
func (x *XML) Open(s *Shape) {
	f := xmlFrame{shape: s}
	if len(x.frames) > 0 {
		f.name = x.element()
		if m := x.member(); s.Kind == List && m.Has(Flat) {
			f.flat, f.name = f.name, ""
		}
	}
	if f.name != "" {
		x.buf = append(x.buf, '<')
		x.buf = append(x.buf, f.name...)
		if s.Space.URI != "" {
			x.namespace(s.Space)
		}
		for i := range s.Members {
			if s.Members[i].Has(Attribute) {
				f.attr = len(x.buf)
			}
		}
		x.buf = append(x.buf, '>')
	}
	x.frames = append(x.frames, f)
}

// Close ends what Open began.
func (x *XML) Close() {
	f := x.top()
	x.endEntry()
	if f.name != "" {
		x.End(f.name)
	}
	x.frames = x.frames[:len(x.frames)-1]
	if len(x.frames) > 0 {
		x.endEntry()
	}
}

// Member says which member comes next.
func (x *XML) Member(i int) { x.top().at = i }

// Key begins an entry of the open map.
func (x *XML) Key(key string) {
	f := x.top()
	x.Raw("<entry>")
	x.Element(f.shape.Members[0].WireName(), key)
	f.entry = true
}

// endEntry ends the entry of a map once its value is written.
func (x *XML) endEntry() {
	if f := x.top(); f.entry {
		f.entry = false
		x.Raw("</entry>")
	}
}

// Scalar writes a value.
func (x *XML) Scalar(v Value) {
	m := x.member()
	text := FormatText(m.Shape, v, x.Layout)
	if m.Has(Document) && x.Documents {
		text = EscapeDocument(text)
	}
	if m.Has(Attribute) {
		at := x.top().attr
		x.buf = slices.Insert(x.buf, at, []byte(` `+m.WireName()+`="`+string(appendXMLAttribute(nil, text))+`"`)...)
		return
	}
	x.Element(x.element(), text)
	x.endEntry()
}

// element returns the name of the element that comes next.
func (x *XML) element() string {
	f := x.top()
	if f.flat != "" {
		return f.flat
	}
	return x.member().WireName()
}

// member returns the member that comes next.
func (x *XML) member() *Member {
	f := x.top()
	switch f.shape.Kind {
	case List:
		return &f.shape.Members[0]
	case Map:
		return &f.shape.Members[1]
	default:
		return &f.shape.Members[f.at]
	}
}

func (x *XML) top() *xmlFrame { return &x.frames[len(x.frames)-1] }

// appendXMLText appends text with everything escaped that an XML parser would
// take for something else; a carriage return too, which parsers turn into a line
// feed. What XML cannot hold becomes U+FFFD. Quotes stay as they are, so that
// messages read as AWS writes them.
func appendXMLText(dst []byte, text string) []byte {
	if printable(text) || !strings.ContainsAny(text, "&<>\r") && plainXML(text) {
		return append(dst, text...)
	}
	for _, r := range text {
		switch {
		case r == '&':
			dst = append(dst, "&amp;"...)
		case r == '<':
			dst = append(dst, "&lt;"...)
		case r == '>':
			dst = append(dst, "&gt;"...)
		case r == '\r':
			dst = append(dst, "&#13;"...)
		case !inXML(r):
			dst = utf8.AppendRune(dst, utf8.RuneError)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// appendXMLAttribute appends a text that stands between double quotes.
func appendXMLAttribute(dst []byte, text string) []byte {
	if !strings.ContainsAny(text, "\"\n\t") {
		return appendXMLText(dst, text)
	}
	escaped := string(appendXMLText(nil, text))
	return append(dst, strings.NewReplacer(`"`, "&quot;", "\n", "&#10;", "\t", "&#9;").Replace(escaped)...)
}

// printable reports whether text is printable ASCII without anything to escape,
// as most texts are.
func printable(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '&' || c == '<' || c == '>' {
			return false
		}
	}
	return true
}

func plainXML(text string) bool {
	for _, r := range text {
		if !inXML(r) || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// inXML reports whether XML 1.0 allows the character.
func inXML(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= 0x20 && r != 0xFFFE && r != 0xFFFF
}
