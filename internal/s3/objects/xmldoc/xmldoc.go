// Package xmldoc builds S3's answers in XML and reads S3's requests in XML,
// strictly.
package xmldoc

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/regent-iam/regent/internal/s3/s3err"
)

// Head begins every document.
const Head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// A Document is an answer in XML that is being built.
type Document struct {
	root string
	b    []byte
}

// New begins a document; extra is room for what will come, in bytes.
func New(root string, extra int) *Document {
	d := &Document{root: root, b: make([]byte, 0, 512+extra)}
	d.b = append(d.b, Head...)
	d.b = append(d.b, '<')
	d.b = append(d.b, root...)
	d.b = append(d.b, ` xmlns="`+namespace+`">`...)
	return d
}

// End closes the root and returns the document.
func (d *Document) End() []byte {
	d.Close(d.root)
	return d.b
}

// Text writes an element with text.
func (d *Document) Text(name, value string) { d.b = s3err.AppendElement(d.b, name, value) }

// Optional is Text unless value is empty.
func (d *Document) Optional(name, value string) {
	if value != "" {
		d.Text(name, value)
	}
}

// Int writes an element with a number.
func (d *Document) Int(name string, n int64) { d.Text(name, strconv.FormatInt(n, 10)) }

// Bool writes an element with true or false.
func (d *Document) Bool(name string, v bool) { d.Text(name, strconv.FormatBool(v)) }

// Open begins an element, Close ends it.
func (d *Document) Open(name string) { d.b = append(append(append(d.b, '<'), name...), '>') }

// Close ends an element.
func (d *Document) Close(name string) { d.b = append(append(append(d.b, "</"...), name...), '>') }

// A Node is an element of a request's document: text or children.
type Node struct {
	// Name is the local name.
	Name string
	// Text is what stands between the tags, all of it together.
	Text string
	// Children are the elements inside.
	Children []*Node
}

const maxDepth = 4

// Parse reads a whole document strictly (TH-19): one root of that name, every
// name in S3's namespace or none, no attribute but xmlns, no text beside
// elements, no DOCTYPE, processing instruction or comment inside, nothing behind.
func Parse(body []byte, root string) (*Node, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	var stack []*Node
	var top *Node
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
	if top == nil || len(stack) > 0 || top.Name != root {
		return nil, s3err.MalformedXML()
	}
	return top, nil
}

func step(token xml.Token, stack []*Node, top *Node) ([]*Node, *Node, error) {
	bad := s3err.MalformedXML()
	switch t := token.(type) {
	case xml.StartElement:
		if top != nil && len(stack) == 0 || len(stack) == maxDepth || !plain(t) {
			return nil, nil, bad
		}
		n := &Node{Name: t.Name.Local}
		if len(stack) == 0 {
			top = n
		} else {
			parent := stack[len(stack)-1]
			parent.Children = append(parent.Children, n)
		}
		return append(stack, n), top, nil
	case xml.EndElement:
		n := stack[len(stack)-1]
		if len(n.Children) > 0 && strings.TrimSpace(n.Text) != "" {
			return nil, nil, bad
		}
		return stack[:len(stack)-1], top, nil
	case xml.CharData:
		if len(stack) > 0 {
			stack[len(stack)-1].Text += string(t)
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

// Fields returns the texts of n's children, each of which must be one of names,
// stand once and hold text only.
func (n *Node) Fields(names ...string) (map[string]string, error) {
	values := make(map[string]string, len(n.Children))
	for _, c := range n.Children {
		known := false
		for _, name := range names {
			known = known || name == c.Name
		}
		if _, twice := values[c.Name]; !known || twice || len(c.Children) > 0 {
			return nil, s3err.MalformedXML()
		}
		values[c.Name] = c.Text
	}
	return values, nil
}
