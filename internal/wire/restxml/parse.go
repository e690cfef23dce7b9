package restxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// The limits of a document (TH-19).
const (
	maxDepth    = 32
	maxElements = 200_000
)

// instance is the namespace of xsi:type, the one attribute that S3 uses.
const instance = "http://www.w3.org/2001/XMLSchema-instance"

var errDocument = errors.New("restxml: not a document that we accept")

// A node is one element.
type node struct {
	name  string
	text  string
	attrs []attr
	kids  []*node
}

// An attr is an attribute other than a declaration of a namespace. Its name has
// the prefix that the models use.
type attr struct{ name, value string }

// A parser reads one document. It accepts elements without a namespace or with
// S3's, and refuses what two readers could read differently: a DOCTYPE,
// entities, other processing instructions, a second document.
type parser struct {
	d         *xml.Decoder
	namespace string
	elements  int
}

// parse returns the root element of the document.
func parse(body []byte, namespace string) (*node, error) {
	if !utf8.Valid(body) {
		return nil, errDocument
	}
	p := &parser{d: xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))), namespace: namespace}
	p.d.Strict = true
	var root *node
	for {
		t, err := p.d.Token()
		if errors.Is(err, io.EOF) && root != nil {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		if root, err = p.outer(t, root); err != nil {
			return nil, err
		}
	}
}

// outer takes what stands outside of the root element, or the root element
// itself, and returns the root if it has come.
func (p *parser) outer(t xml.Token, root *node) (*node, error) {
	switch t := t.(type) {
	case xml.StartElement:
		if root == nil {
			return p.element(t, 1)
		}
	case xml.CharData:
		if strings.TrimSpace(string(t)) == "" {
			return root, nil
		}
	case xml.ProcInst:
		if t.Target == "xml" && root == nil {
			return root, nil
		}
	case xml.Comment:
		return root, nil
	}
	return nil, errDocument
}

// element reads what is inside an element whose start has been read.
func (p *parser) element(start xml.StartElement, depth int) (*node, error) {
	if p.elements++; p.elements > maxElements || depth > maxDepth {
		return nil, errDocument
	}
	n, err := p.start(start)
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	for {
		t, err := p.d.Token()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			kid, err := p.element(t, depth+1)
			if err != nil {
				return nil, err
			}
			n.kids = append(n.kids, kid)
		case xml.EndElement:
			n.text = text.String()
			if len(n.kids) > 0 && strings.TrimSpace(n.text) != "" {
				return nil, errDocument
			}
			return n, nil
		case xml.CharData:
			text.Write(t)
		case xml.Comment:
		default:
			return nil, errDocument
		}
	}
}

// start checks the name and the attributes of an element.
func (p *parser) start(e xml.StartElement) (*node, error) {
	if e.Name.Space != "" && e.Name.Space != p.namespace {
		return nil, errDocument
	}
	n := &node{name: e.Name.Local}
	for _, a := range e.Attr {
		switch {
		case a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns":
		case a.Name.Space == instance && len(n.attrs) == 0:
			n.attrs = append(n.attrs, attr{name: "xsi:" + a.Name.Local, value: a.Value})
		default:
			return nil, errDocument
		}
	}
	return n, nil
}
