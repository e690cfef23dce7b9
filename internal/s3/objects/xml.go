package objects

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/regent-iam/regent/internal/s3/s3err"
)

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
)

// A document is an answer in XML that is being built.
type document struct {
	b []byte
}

// newDocument begins a document; extra is room for what will come, in bytes.
func newDocument(root string, extra int) *document {
	d := &document{b: make([]byte, 0, 512+extra)}
	d.b = append(d.b, xmlHead...)
	d.b = append(d.b, '<')
	d.b = append(d.b, root...)
	d.b = append(d.b, ` xmlns="`+namespace+`">`...)
	return d
}

func (d *document) text(name, value string) { d.b = s3err.AppendElement(d.b, name, value) }

func (d *document) optional(name, value string) {
	if value != "" {
		d.text(name, value)
	}
}

func (d *document) int(name string, n int64) { d.text(name, strconv.FormatInt(n, 10)) }

func (d *document) bool(name string, v bool) { d.text(name, strconv.FormatBool(v)) }

func (d *document) open(name string)  { d.b = append(append(append(d.b, '<'), name...), '>') }
func (d *document) close(name string) { d.b = append(append(append(d.b, "</"...), name...), '>') }

// owner writes an Owner or Initiator.
func (d *document) owner(name string, o Owner) {
	d.open(name)
	d.text("ID", o.ID)
	d.optional("DisplayName", o.DisplayName)
	d.close(name)
}

// send ends the document and answers 200 with it.
func (o *op) send(d *document, root string) error {
	d.close(root)
	o.set("Content-Type", "application/xml")
	o.set("Content-Length", strconv.Itoa(len(d.b)))
	o.answer(http.StatusOK)
	if o.r.Method == http.MethodHead {
		return nil
	}
	_, err := o.w.Write(d.b)
	return err
}

// A node is an element of a request's document: text or children.
type node struct {
	name     string
	text     string
	children []*node
}

const maxXMLDepth = 4

// parseXML reads a whole document strictly (TH-19): one root of that name, every
// name in S3's namespace or none, no attribute but xmlns, no text beside
// elements, no DOCTYPE, processing instruction or comment inside, nothing behind.
func parseXML(body []byte, root string) (*node, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	var stack []*node
	var top *node
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, s3err.MalformedXML()
		}
		if stack, top, err = step(token, stack, top); err != nil {
			return nil, err
		}
	}
	if top == nil || len(stack) > 0 || top.name != root {
		return nil, s3err.MalformedXML()
	}
	return top, nil
}

func step(token xml.Token, stack []*node, top *node) ([]*node, *node, error) {
	bad := s3err.MalformedXML()
	switch t := token.(type) {
	case xml.StartElement:
		if top != nil && len(stack) == 0 || len(stack) == maxXMLDepth || !plain(t) {
			return nil, nil, bad
		}
		n := &node{name: t.Name.Local}
		if len(stack) == 0 {
			top = n
		} else {
			parent := stack[len(stack)-1]
			parent.children = append(parent.children, n)
		}
		return append(stack, n), top, nil
	case xml.EndElement:
		n := stack[len(stack)-1]
		if len(n.children) > 0 && strings.TrimSpace(n.text) != "" {
			return nil, nil, bad
		}
		return stack[:len(stack)-1], top, nil
	case xml.CharData:
		if len(stack) > 0 {
			stack[len(stack)-1].text += string(t)
		} else if len(bytes.TrimSpace(t)) > 0 {
			return nil, nil, bad
		}
		return stack, top, nil
	case xml.ProcInst:
		if t.Target != "xml" || top != nil {
			return nil, nil, bad
		}
		return stack, top, nil
	}
	return nil, nil, bad // a comment could split a key, a directive is a DOCTYPE
}

func plain(t xml.StartElement) bool {
	if t.Name.Space != "" && t.Name.Space != namespace {
		return false
	}
	for _, a := range t.Attr {
		if a.Name.Local != "xmlns" && a.Name.Space != "xmlns" {
			return false
		}
	}
	return true
}

// fields returns the texts of n's children, each of which must be one of names,
// stand once and hold text only.
func (n *node) fields(names ...string) (map[string]string, error) {
	values := make(map[string]string, len(n.children))
	for _, c := range n.children {
		known := false
		for _, name := range names {
			known = known || name == c.name
		}
		if _, twice := values[c.name]; !known || twice || len(c.children) > 0 {
			return nil, s3err.MalformedXML()
		}
		values[c.name] = c.text
	}
	return values, nil
}

// readDocument reads a request's document of at most limit bytes (S3-16).
func readDocument(body io.Reader, limit int64) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	raw, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, bodyError(err)
	}
	if int64(len(raw)) > limit {
		return nil, s3err.Of("MaxMessageLengthExceeded")
	}
	return raw, nil
}

// listTime is a time as documents have it: whole seconds, in S3's spelling.
func listTime(ms int64) string {
	return msTime(ms).Format("2006-01-02T15:04:05.000Z")
}

// number reads a parameter that is a number from 0 up to the largest int32;
// empty is as good as absent (S3-146).
func (o *op) number(name string, absent int) (int, error) {
	raw := o.Query.Get(name)
	if raw == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(raw, 10, 32)
	if err != nil || n < 0 {
		return 0, s3err.InvalidArgument(name, raw, fmt.Sprintf("Provided %s not an integer or within integer range", name))
	}
	return int(n), nil
}

// encoding reads encoding-type and returns how names are written (S3-152).
func (o *op) encoding() (encode func(string) string, kind string, err error) {
	switch kind = o.Query.Get("encoding-type"); {
	case !o.Query.Has("encoding-type"):
		return func(s string) string { return s }, "", nil
	case kind == "url":
		return urlEncode, kind, nil
	}
	return nil, "", s3err.InvalidArgument("encoding-type", kind, "Invalid Encoding Method specified in Request")
}

// urlEncode escapes all but the unreserved characters and the slash.
func urlEncode(s string) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~', c == '/':
			b = append(b, c)
		default:
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(b)
}
