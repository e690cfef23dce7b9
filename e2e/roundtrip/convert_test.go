package roundtrip

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"

	smithytime "github.com/aws/smithy-go/time"

	"github.com/regent-iam/regent/internal/wire"
)

// A converter fills the SDK's structures from Regent's, member by member. The
// two know the same members under the same names, or it says which they do not.
type converter struct {
	// inputs says that what the SDK cannot tell from nothing is taken from
	// Regent's structure too: a zero where the SDK has no pointer.
	inputs bool
	// documents says that policy documents are percent-encoded (IA-20).
	documents bool
	// seen is what becomes of a time on its way.
	seen func(time.Time) time.Time
	// shapes are those that the source writes itself with, by name: a list of
	// what contains it does not tell the schema of its items.
	shapes shapes
}

// shapes is an Encoder that notes the schemas of structures.
type shapes map[string]*wire.Shape

func (s shapes) Open(shape *wire.Shape) { s[shape.Name] = shape }
func (s shapes) Close()                 {}
func (s shapes) Member(int)             {}
func (s shapes) Key(string)             {}
func (s shapes) Scalar(wire.Value)      {}

// A conversionError is raised by panic inside a conversion and caught by convert.
type conversionError struct{ text string }

func (e *conversionError) Error() string { return e.text }

func fail(format string, args ...any) {
	panic(&conversionError{fmt.Sprintf(format, args...)})
}

// convert fills dst, a structure of the SDK's, from src, a pointer to the one of
// Regent's that s describes.
func (c *converter) convert(dst reflect.Value, src wire.Codec, s *wire.Shape) (err error) {
	defer func() {
		if r := recover(); r != nil {
			wrong, ok := r.(*conversionError)
			if !ok {
				panic(r)
			}
			err = wrong
		}
	}()
	c.shapes = shapes{}
	src.Encode(c.shapes)
	if s == nil {
		s = &wire.Shape{Kind: wire.Structure}
	}
	c.structure(dst, reflect.ValueOf(src).Elem(), s)
	return nil
}

// goName is a member's name with a capital, as both sides have it.
func goName(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

func (c *converter) structure(dst, src reflect.Value, s *wire.Shape) {
	if s == nil {
		s = c.shapes[src.Type().Name()]
	}
	if n := len(s.Members); n != src.NumField() {
		fail("%s has %d members and %v has %d fields", s.Name, n, src.Type(), src.NumField())
	}
	theirs := map[string]bool{}
	for i := range dst.NumField() {
		if f := dst.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" {
			theirs[f.Name] = true
		}
	}
	for i := range s.Members {
		m := &s.Members[i]
		name := goName(m.Name)
		if !theirs[name] {
			fail("the SDK's %v has no member %s", dst.Type(), name)
		}
		delete(theirs, name)
		from := src.FieldByName(name)
		if !from.IsValid() {
			fail("%v has no field %s", src.Type(), name)
		}
		c.value(dst.FieldByName(name), from, m)
	}
	for name := range theirs {
		if newer[name] {
			continue
		}
		fail("%v does not have the SDK's member %s", src.Type(), name)
	}
}

// value fills one member, item or value of a map.
func (c *converter) value(dst, src reflect.Value, m *wire.Member) {
	if absent(src, m) {
		return
	}
	if src.Kind() == reflect.Pointer {
		before := src
		src = src.Elem()
		if c.inputs && dst.Kind() != reflect.Pointer && src.IsZero() {
			before.SetZero()
			return
		}
	}
	if dst.Kind() == reflect.Pointer {
		dst.Set(reflect.New(dst.Type().Elem()))
		dst = dst.Elem()
	}
	if at, ok := reflect.TypeAssert[time.Time](src); ok {
		dst.Set(reflect.ValueOf(c.seen(at)))
		return
	}
	switch src.Kind() {
	case reflect.Struct:
		c.structure(dst, src, m.Shape)
	case reflect.Slice:
		c.list(dst, src, m)
	case reflect.Map:
		dst.Set(reflect.MakeMapWithSize(dst.Type(), src.Len()))
		for _, key := range src.MapKeys() {
			item := reflect.New(dst.Type().Elem()).Elem()
			c.value(item, src.MapIndex(key), &m.Shape.Members[1])
			dst.SetMapIndex(key, item)
		}
	default:
		if src.Kind() != dst.Kind() {
			fail("%s is a %v here and a %v there", m.Name, src.Kind(), dst.Kind())
		}
		dst.Set(src.Convert(dst.Type()))
		if m.Has(wire.Document) && c.documents {
			dst.SetString(strings.ReplaceAll(url.QueryEscape(src.String()), "+", "%20"))
		}
	}
}

func (c *converter) list(dst, src reflect.Value, m *wire.Member) {
	if src.Type().Elem().Kind() == reflect.Uint8 {
		dst.SetBytes(src.Bytes())
		return
	}
	dst.Set(reflect.MakeSlice(dst.Type(), src.Len(), src.Len()))
	for i := range src.Len() {
		c.value(dst.Index(i), src.Index(i), &m.Shape.Members[0])
	}
}

// exactly, wholeSeconds and epochSeconds are what becomes of times: in requests
// nothing; in XML answers they lose their fractions, as AWS has none there
// either; and JSON has numbers, which the SDK reads with its own arithmetic: it
// cuts the floating-point number off behind the third decimal.
func exactly(at time.Time) time.Time { return at }

func wholeSeconds(at time.Time) time.Time { return at.Truncate(time.Second) }

func epochSeconds(at time.Time) time.Time {
	return smithytime.ParseEpochSeconds(float64(at.UnixMilli()) / 1000)
}

// absent reports whether a member has no value. A text that must be there is,
// even when it is empty; so is an item of a list.
func absent(src reflect.Value, m *wire.Member) bool {
	switch src.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return src.IsNil()
	case reflect.String:
		return src.Len() == 0 && !m.Has(wire.Required) && !m.Has(wire.Always)
	case reflect.Struct:
		at, ok := reflect.TypeAssert[time.Time](src)
		return ok && at.IsZero()
	default:
		return false
	}
}
