package restxml

import (
	"strings"

	"github.com/regent-iam/regent/internal/wire"
)

// An encoder writes the members of an output where they belong: the headers, or
// the body. Below the first level everything is body.
type encoder struct {
	svc    *wire.Service
	op     *wire.Operation
	answer *wire.Answer
	body   wire.XML
	shape  *wire.Shape // the output
	depth  int
	member *wire.Member // the current member of the output
	key    string       // of a map of headers
	root   string       // the element around the whole body
	list   []string     // of a header that holds several values
}

// Open begins a structure, list or map.
func (e *encoder) Open(s *wire.Shape) {
	e.depth++
	switch {
	case e.depth == 1:
		e.shape = s
		e.begin()
	case e.inHeader():
		e.list = nil
	case e.depth == 2 && e.member.Has(wire.Payload):
		e.startBody(e.member.WireName())
		e.body.Open(s)
	default:
		e.body.Open(s)
	}
}

// begin starts the root element of an output whose members are the body.
func (e *encoder) begin() {
	s := e.shape
	if s.PayloadMember() >= 0 || !hasBody(s) {
		return
	}
	name := s.Root
	if name == "" {
		name = s.Name
	}
	e.startBody(name)
	e.body.Open(s)
}

// hasBody reports whether any member of the output travels in the body.
func hasBody(s *wire.Shape) bool {
	for i := range s.Members {
		if s.Members[i].In == wire.InBody {
			return true
		}
	}
	return false
}

// startBody writes the beginning of the document. The root of an unwrapped
// output is its only member.
func (e *encoder) startBody(name string) {
	e.root = name
	e.body.Raw(xmlHeader)
	if !e.op.UnwrappedOutput {
		e.body.Start(name, e.svc.Namespace)
	}
}

// Close ends what Open began.
func (e *encoder) Close() {
	e.depth--
	switch {
	case e.depth > 0 && e.inHeader():
		if e.list != nil {
			e.header(e.member.WireName(), strings.Join(e.list, ", "))
			e.list = nil
		}
	case e.depth == 0:
		e.finish()
	default:
		e.body.Close()
	}
}

// finish ends the root element and sets the body.
func (e *encoder) finish() {
	if e.root == "" {
		return
	}
	if e.shape.PayloadMember() < 0 {
		e.body.Close()
	}
	if e.op.UnwrappedOutput {
		if e.member == nil { // GetBucketLocation of the first region: an empty element
			e.body.Start(e.root, e.svc.Namespace)
			e.body.End(e.root)
		}
	} else {
		e.body.End(e.root)
	}
	e.answer.Header = append(e.answer.Header, wire.Param{Name: "Content-Type", Value: "application/xml"})
	e.answer.Body = e.body.Bytes()
}

// inHeader reports whether the current member of the output travels in a header.
func (e *encoder) inHeader() bool {
	return e.member != nil && (e.member.In == wire.InHeader || e.member.In == wire.InHeaders)
}

// Member says which member comes next.
func (e *encoder) Member(i int) {
	if e.depth > 1 {
		e.body.Member(i)
		return
	}
	e.member = &e.shape.Members[i]
	if e.member.In == wire.InBody && !e.member.Has(wire.Payload) {
		e.body.Member(i)
	}
}

// Key says which key of a map comes next.
func (e *encoder) Key(key string) {
	if e.inHeader() {
		e.key = key
		return
	}
	e.body.Key(key)
}

// Scalar writes a value.
func (e *encoder) Scalar(v wire.Value) {
	m := e.member
	switch {
	case e.depth == 1 && m.In == wire.InHeader:
		e.header(m.WireName(), wire.FormatText(m.Shape, v, wire.LayoutHTTP))
	case m.In == wire.InHeader:
		e.list = append(e.list, wire.FormatText(m.Shape.Members[0].Shape, v, wire.LayoutHTTP))
	case m.In == wire.InHeaders:
		e.header(m.WireName()+e.key, v.Text())
	case m.In == wire.InStatus && e.depth == 1:
		e.answer.Status = int(v.Int64())
	case m.Has(wire.Payload) && e.depth == 1:
		e.header("Content-Type", "application/json") // the only text is a policy
		e.answer.Body = v.Bytes()
	case e.op.UnwrappedOutput && e.depth == 1:
		e.body.Start(e.root, e.svc.Namespace)
		e.body.Text(wire.FormatText(m.Shape, v, e.body.Layout))
		e.body.End(e.root)
	default:
		e.body.Scalar(v)
	}
}

func (e *encoder) header(name, value string) {
	e.answer.Header = append(e.answer.Header, wire.Param{Name: name, Value: value})
}
