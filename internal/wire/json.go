package wire

import (
	"bytes"
	"sync"
	"unicode/utf8"
)

// A JSONForm says how a JSON encoder differs from the wire's.
type JSONForm struct {
	// Lower lowers the first letter of every member's name (RE-20).
	Lower bool
	// Layout of times; empty means epoch seconds.
	Layout string
	// Audit leaves secrets out, or writes Mask for strings when it is not
	// empty; Hidden members become HiddenText, unless ShowHidden is set.
	Audit      bool
	Mask       string
	ShowHidden bool
	// Documents percent-encodes policy documents, as the XML answer does.
	Documents bool
}

// HiddenText stands for a value that the record says exists and does not show.
const HiddenText = "HIDDEN_DUE_TO_SECURITY_REASONS"

// A JSON is an Encoder that writes JSON.
type JSON struct {
	form   JSONForm
	buf    []byte
	frames []jsonFrame
	skip   int // depth of composites inside a member that is left out
	drop   bool
}

type jsonFrame struct {
	shape *Shape
	at    int
	wrote bool
}

// NewJSON returns an encoder of the given form.
func NewJSON(form JSONForm) *JSON { return &JSON{form: form} }

// borrowedJSON are encoders for others to write with.
var borrowedJSON = sync.Pool{New: func() any { return new(JSON) }}

// borrowJSON is NewJSON; take takes the encoder back.
func borrowJSON(form JSONForm) *JSON {
	j := borrowedJSON.Get().(*JSON)
	j.form = form
	return j
}

// take returns what was written, and takes back a borrowed encoder.
func (j *JSON) take() []byte {
	out := null
	if string(j.buf) != emptyObject {
		out = bytes.Clone(j.buf)
	}
	clear(j.buf)
	if cap(j.buf) <= mostBuffer {
		*j = JSON{buf: j.buf[:0], frames: j.frames[:0]}
		borrowedJSON.Put(j)
	}
	return out
}

// Bytes returns what was written.
func (j *JSON) Bytes() []byte { return j.buf }

// Open begins an object or an array.
func (j *JSON) Open(s *Shape) {
	if j.skip > 0 || j.drop {
		j.skip++
		j.drop = false
		return
	}
	j.separate()
	if s.Kind == List {
		j.buf = append(j.buf, '[')
	} else {
		j.buf = append(j.buf, '{')
	}
	j.frames = append(j.frames, jsonFrame{shape: s})
}

// Close ends what Open began.
func (j *JSON) Close() {
	if j.skip > 0 {
		j.skip--
		return
	}
	end := byte('}')
	if j.top().shape.Kind == List {
		end = ']'
	}
	j.buf = append(j.buf, end)
	j.frames = j.frames[:len(j.frames)-1]
}

// Member begins the given member.
func (j *JSON) Member(i int) {
	if j.skip > 0 {
		return
	}
	f := j.top()
	f.at = i
	m := &f.shape.Members[i]
	if j.left(m) {
		j.drop = true
		return
	}
	if !j.form.Lower {
		j.Key(m.WireName())
		return
	}
	j.next()
	at := len(j.buf) + len(`"`)
	j.buf = append(AppendJSONString(j.buf, m.Name), ':')
	if c := j.buf[at]; 'A' <= c && c <= 'Z' {
		j.buf[at] = c + ('a' - 'A')
	}
}

// left reports whether the member is left out of a record.
func (j *JSON) left(m *Member) bool {
	if !j.form.Audit || !m.Has(Secret) || m.Has(Hidden) {
		return false
	}
	return j.form.Mask == "" || m.Shape == nil || m.Shape.Kind != String
}

// Key begins the given key of a map.
func (j *JSON) Key(key string) {
	if j.skip > 0 {
		return
	}
	j.next()
	j.buf = append(AppendJSONString(j.buf, key), ':')
}

// next writes the comma that stands before all members, entries and items but
// the first.
func (j *JSON) next() {
	f := j.top()
	if f.wrote {
		j.buf = append(j.buf, ',')
	}
	f.wrote = true
}

// separate writes the comma between the items of an array.
func (j *JSON) separate() {
	if len(j.frames) == 0 || j.top().shape.Kind != List {
		return
	}
	j.next()
}

// Scalar writes a value.
func (j *JSON) Scalar(v Value) {
	if j.skip > 0 {
		return
	}
	if j.drop {
		j.drop = false
		return
	}
	m := j.member()
	j.separate()
	if m != nil && j.form.Audit && m.Has(Secret) {
		switch {
		case m.Has(Hidden) && j.form.ShowHidden:
		case m.Has(Hidden):
			v = StringValue(HiddenText)
		default:
			v = StringValue(j.form.Mask)
		}
	}
	var s *Shape
	if m != nil {
		s = m.Shape
		if m.Has(Document) && j.form.Documents {
			v = StringValue(EscapeDocument(v.text))
		}
	}
	j.scalar(s, v)
}

func (j *JSON) scalar(s *Shape, v Value) {
	switch v.kind {
	case Boolean, Long, Float:
		j.buf = append(j.buf, FormatText(s, v, "")...)
	case Timestamp:
		if j.form.Layout == "" && (s == nil || s.Time == TimeDefault || s.Time == TimeEpoch) {
			j.buf = append(j.buf, formatEpoch(v.time)...)
			return
		}
		layout := j.form.Layout
		if layout == "" {
			layout = LayoutISO8601
		}
		j.buf = AppendJSONString(j.buf, FormatText(nil, v, layout))
	default:
		j.buf = AppendJSONString(j.buf, FormatText(s, v, ""))
	}
}

func (j *JSON) top() *jsonFrame { return &j.frames[len(j.frames)-1] }

// member returns the member that is being written; nil at the root.
func (j *JSON) member() *Member {
	if len(j.frames) == 0 {
		return nil
	}
	f := j.top()
	switch f.shape.Kind {
	case List:
		return &f.shape.Members[0]
	case Map:
		return &f.shape.Members[1]
	default:
		return &f.shape.Members[f.at]
	}
}

// AppendJSONString appends s as a JSON string. What is not UTF-8 becomes U+FFFD,
// and the line separators that JavaScript minds are escaped.
func AppendJSONString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0 // of what stands for itself
	for i := 0; i < len(s); {
		c := s[i]
		if ' ' <= c && c < 0x7f && c != '"' && c != '\\' {
			i++
			continue
		}
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		dst = append(dst, s[start:i]...)
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', c)
		case r == '\n':
			dst = append(dst, '\\', 'n')
		case r == '\r':
			dst = append(dst, '\\', 'r')
		case r == '\t':
			dst = append(dst, '\\', 't')
		case c < utf8.RuneSelf:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		case r == '\u2028' || r == '\u2029':
			dst = append(dst, `\u202`...)
			dst = append(dst, hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
		i += n
		start = i
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
