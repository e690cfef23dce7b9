// Package wire is what all AWS protocols share: the schema of a shape, the two
// interfaces that a generated shape walks itself with, the check of the
// model's constraints, and the form in which a request is recorded.
//
// A shape is a Go struct generated from an API model (internal/api), with its
// schema as static data. It writes itself to an [Encoder] and reads itself from
// a [Decoder]; each protocol is one of each, and so are the check of constraints
// ([Check]) and the audit record ([Record]). Nothing here uses reflection, and
// importing it costs no work at start-up.
package wire

import "iter"

// A Kind is the kind of a shape.
type Kind uint8

// The kinds of the API models.
const (
	String Kind = iota + 1
	Blob
	Boolean
	Integer // 32 bits
	Long    // 64 bits
	Float   // float or double
	Timestamp
	List
	Map
	Structure
)

// A TimeFormat is how a timestamp is written. The zero value is the protocol's
// own: ISO 8601 in XML and forms, epoch seconds in JSON, RFC 822 in headers.
type TimeFormat uint8

// The formats that a model can ask for.
const (
	TimeDefault TimeFormat = iota
	TimeISO8601
	TimeRFC822
	TimeEpoch
)

// A Location is where a member travels in a REST protocol.
type Location uint8

// The locations; the zero Location is the body.
const (
	InBody Location = iota
	InHeader
	InHeaders // a map of headers that share a prefix
	InQuery
	InLabel
	InStatus
)

// A Flag says something about a member that holds or does not.
type Flag uint16

// The flags of a member.
const (
	// Required members must be present in a request.
	Required Flag = 1 << iota
	// Payload members are the body of the message, whole.
	Payload
	// Attribute members are XML attributes.
	Attribute
	// Flat lists have no element around their items.
	Flat
	// Document members hold a policy document: percent-encoded once in the
	// answers of IAM (IA-20).
	Document
	// Secret members are never echoed in an error and never recorded, whether
	// the model calls them sensitive or our patches do (RE-25, TH-102).
	Secret
	// Hidden members are Secret too, but the record says that they exist: it
	// shows HiddenText in their place (session tokens, RE-25).
	Hidden
	// Always members are written even when they have no value (IA-10).
	Always
	// Token members are idempotency tokens.
	Token
	// Open members have an enum that the protocol does not check: the
	// operation itself answers with an error of its own.
	Open
)

// A Namespace is an XML namespace that an element declares.
type Namespace struct {
	Prefix, URI string
}

// A Member is one member of a structure, the element of a list, or the key or
// the value of a map.
type Member struct {
	Name  string // as the model spells it
	Wire  string // its name on the wire; empty means Name
	Shape *Shape // nil where a structure contains itself
	In    Location
	Flags Flag
	Space Namespace
}

// Has reports whether m has all the flags.
func (m *Member) Has(f Flag) bool { return m.Flags&f == f }

// WireName returns the member's name on the wire.
func (m *Member) WireName() string {
	if m.Wire != "" {
		return m.Wire
	}
	return m.Name
}

// A Shape is the schema of one shape. It is static data: nobody changes it.
type Shape struct {
	Name string // as the model spells it
	Kind Kind
	// Members are a structure's members in the model's order; a list has one,
	// its element; a map has two, key and value.
	Members []Member
	Enum    []string
	Pattern *Pattern
	// Min and Max bound length, size or value, where HasMin and HasMax say so.
	Min, Max       int64
	HasMin, HasMax bool
	Sensitive      bool
	Time           TimeFormat
	Space          Namespace
	// Root names the XML element of a message; empty means the member's.
	Root string
}

// Lookup returns the index of the member that has the given name on the wire,
// exactly, and -1 when there is none.
func (s *Shape) Lookup(name string) int {
	for i := range s.Members {
		if s.Members[i].WireName() == name {
			return i
		}
	}
	return -1
}

// PayloadMember returns the index of the member that is the whole body, and -1
// when there is none.
func (s *Shape) PayloadMember() int {
	for i := range s.Members {
		if s.Members[i].Has(Payload) {
			return i
		}
	}
	return -1
}

// A Decoder gives a shape its members. A decoder remembers its first failure and
// from then on yields nothing, so a shape's Decode need not look for errors.
type Decoder interface {
	// Members yields the index of each member of s that is present. While one
	// is being yielded, the other methods read that member.
	Members(s *Shape) iter.Seq[int]
	// Items yields the number of each item of the current list, from 0.
	Items() iter.Seq[int]
	// Entries yields each key of the current map.
	Entries() iter.Seq[string]
	// Scalar reads the current member, item or value.
	Scalar() Value
}

// An Encoder takes a shape's members.
type Encoder interface {
	// Open begins a structure, a list or a map; Close ends it.
	Open(s *Shape)
	Close()
	// Member says which member of the open structure comes next.
	Member(i int)
	// Key says which key of the open map comes next.
	Key(key string)
	// Scalar writes the current member, item or value.
	Scalar(v Value)
}

// Decodable is a shape that reads itself. Every generated *T is one.
type Decodable interface {
	Decode(d Decoder)
}

// Encodable is a shape that writes itself. Every generated *T is one.
type Encodable interface {
	Encode(e Encoder)
}

// Codec is a shape that does both. Every generated *T is one.
type Codec interface {
	Decodable
	Encodable
}

// Empty is the input or output of operations that have none.
type Empty struct{}

// emptyShape is the schema of Empty.
var emptyShape = Shape{Name: "Empty", Kind: Structure}

// Encode writes a structure without members.
func (*Empty) Encode(e Encoder) {
	e.Open(&emptyShape)
	e.Close()
}

// Decode reads a structure without members.
func (*Empty) Decode(d Decoder) {
	for range d.Members(&emptyShape) {
	}
}
