package wire_test

import (
	"iter"
	"time"

	"github.com/regent-iam/regent/internal/wire"
)

// secretMark is the value of everything secret that a marker fills in.
const secretMark = "c2VjcmV0LW1hcms"

// A marker is a Decoder that fills every member: secrets with secretMark, the
// rest with something else.
type marker struct {
	frames []markFrame
}

type markFrame struct {
	shape  *wire.Shape
	at     int
	secret bool
}

func (m *marker) push(s *wire.Shape, at int) func() {
	secret := false
	if n := len(m.frames); n > 0 {
		secret = m.secret()
	}
	m.frames = append(m.frames, markFrame{shape: s, at: at, secret: secret})
	return func() { m.frames = m.frames[:len(m.frames)-1] }
}

func (m *marker) member() *wire.Member {
	f := m.frames[len(m.frames)-1]
	return &f.shape.Members[f.at]
}

func (m *marker) secret() bool {
	f := m.frames[len(m.frames)-1]
	return f.secret || m.member().Has(wire.Secret)
}

func (m *marker) Members(s *wire.Shape) iter.Seq[int] {
	return func(yield func(int) bool) {
		defer m.push(s, 0)()
		for i := range s.Members {
			if s.Members[i].Shape == nil && len(m.frames) > 6 {
				continue
			}
			m.frames[len(m.frames)-1].at = i
			if !yield(i) {
				return
			}
		}
	}
}

func (m *marker) Items() iter.Seq[int] {
	return func(yield func(int) bool) {
		if len(m.frames) > 8 {
			return
		}
		defer m.push(m.member().Shape, 0)()
		yield(0)
	}
}

func (m *marker) Entries() iter.Seq[string] {
	return func(yield func(string) bool) {
		defer m.push(m.member().Shape, 1)()
		yield("key")
	}
}

func (m *marker) Scalar() wire.Value {
	text := "plain"
	if m.secret() {
		text = secretMark
	}
	switch m.member().Shape.Kind {
	case wire.Boolean:
		return wire.BoolValue(true)
	case wire.Integer, wire.Long:
		return wire.IntValue(7)
	case wire.Float:
		return wire.FloatValue(7)
	case wire.Timestamp:
		return wire.TimeValue(time.Unix(1_700_000_000, 0))
	case wire.Blob:
		return wire.BlobValue([]byte(text))
	default:
		return wire.StringValue(text)
	}
}
