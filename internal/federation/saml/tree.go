package saml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
)

// Namespaces of what a response consists of.
const (
	nsAssertion  = "urn:oasis:names:tc:SAML:2.0:assertion"
	nsSignature  = "http://www.w3.org/2000/09/xmldsig#"
	nsEncryption = "http://www.w3.org/2001/04/xmlenc#"
	nsXML        = "http://www.w3.org/XML/1998/namespace"
)

// maxNamespaces is how many prefixes may be declared at one place: what
// canonicalizes a document keeps all of them for each element.
const maxNamespaces = 32

// An element is one element of a document, as strictly as it was read.
type element struct {
	name     xml.Name
	attrs    map[string]string // those without a prefix
	children []*element
	text     string // its own, as it would be without its children
}

// A reader makes a tree of a document, and refuses what two readers could read
// differently: directives and so a DOCTYPE, processing instructions, comments,
// prefixes that are not declared, an attribute twice, an ID twice.
type reader struct {
	path   []*element
	scopes []map[string]string // prefixes in scope, of the elements of path
	ids    map[string]bool
	root   *element
}

// parse reads a whole document of UTF-8.
func parse(document []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(document))
	r := &reader{ids: map[string]bool{}}
	for {
		begin := d.InputOffset()
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if err := r.take(token, begin); err != nil {
			return nil, err
		}
	}
	if r.root == nil {
		return nil, errors.New("no element")
	}
	return r.root, nil
}

func (r *reader) take(token xml.Token, begin int64) error {
	switch t := token.(type) {
	case xml.Directive:
		return errors.New("a DOCTYPE or another directive")
	case xml.Comment:
		return errors.New("a comment")
	case xml.ProcInst:
		if t.Target != "xml" || begin != 0 {
			return errors.New("a processing instruction")
		}
	case xml.CharData:
		if len(r.path) > 0 {
			r.path[len(r.path)-1].text += string(t)
		} else if len(bytes.TrimSpace(t)) > 0 {
			return errors.New("text beside the root")
		}
	case xml.StartElement:
		return r.open(t)
	case xml.EndElement:
		r.path, r.scopes = r.path[:len(r.path)-1], r.scopes[:len(r.scopes)-1]
	}
	return nil
}

func (r *reader) open(t xml.StartElement) error {
	if len(r.path) >= maxDepth {
		return fmt.Errorf("more than %d elements in one another", maxDepth)
	}
	scope, err := r.declare(t.Attr)
	if err != nil {
		return err
	}
	e := &element{name: t.Name, attrs: map[string]string{}}
	if err := known(scope, t.Name); err != nil {
		return err
	}
	seen := map[xml.Name]bool{}
	for _, a := range t.Attr {
		if seen[a.Name] {
			return fmt.Errorf("attribute %s twice", a.Name.Local)
		}
		seen[a.Name] = true
		if a.Name.Space == "xmlns" || a.Name.Space == "" && a.Name.Local == "xmlns" {
			continue
		}
		if err := known(scope, a.Name); err != nil {
			return err
		}
		if a.Name.Space == "" {
			e.attrs[a.Name.Local] = a.Value
		}
		if err := r.identify(a); err != nil {
			return err
		}
	}
	switch {
	case len(r.path) > 0:
		parent := r.path[len(r.path)-1]
		parent.children = append(parent.children, e)
	case r.root != nil:
		return errors.New("more than one root")
	default:
		r.root = e
	}
	r.path, r.scopes = append(r.path, e), append(r.scopes, scope)
	return nil
}

// declare returns the prefixes that are in scope at an element with attrs.
func (r *reader) declare(attrs []xml.Attr) (map[string]string, error) {
	scope := map[string]string{}
	if len(r.scopes) > 0 {
		scope = r.scopes[len(r.scopes)-1]
	}
	copied := false
	for _, a := range attrs {
		prefix := a.Name.Local
		switch {
		case a.Name.Space == "xmlns":
			if prefix == "xml" || prefix == "xmlns" || a.Value == "" {
				return nil, fmt.Errorf("the prefix %s is declared", prefix)
			}
		case a.Name.Space == "" && prefix == "xmlns":
			prefix = ""
		default:
			continue
		}
		if a.Value == nsXML || a.Value == "http://www.w3.org/2000/xmlns/" {
			return nil, fmt.Errorf("%s is given a prefix", a.Value)
		}
		if !copied {
			scope, copied = maps.Clone(scope), true
		}
		scope[prefix] = a.Value
	}
	if len(scope) > maxNamespaces {
		return nil, fmt.Errorf("more than %d prefixes", maxNamespaces)
	}
	return scope, nil
}

// known fails for a name whose prefix is not declared, which the decoder takes
// for a namespace, and for one with an odd colon.
func known(scope map[string]string, n xml.Name) error {
	if strings.Contains(n.Local, ":") {
		return fmt.Errorf("the name %s", n.Local)
	}
	if n.Space == "" || n.Space == nsXML {
		return nil
	}
	for _, uri := range scope {
		if uri == n.Space {
			return nil
		}
	}
	return fmt.Errorf("the prefix %s is not declared", n.Space)
}

// identify notes an attribute that somebody could take for an id.
func (r *reader) identify(a xml.Attr) error {
	switch a.Name.Local {
	case "ID", "Id", "iD", "id", "AssertionID":
	default:
		return nil
	}
	if r.ids[a.Value] {
		return fmt.Errorf("the ID %q twice", a.Value)
	}
	r.ids[a.Value] = true
	return nil
}

func (e *element) is(space, local string) bool { return e.name.Space == space && e.name.Local == local }

// all returns the children of a name.
func (e *element) all(space, local string) []*element {
	var found []*element
	for _, c := range e.children {
		if c.is(space, local) {
			found = append(found, c)
		}
	}
	return found
}

// maybe returns the child of a name, nil when there is none; several are an
// error.
func (e *element) maybe(space, local string) (*element, error) {
	switch found := e.all(space, local); len(found) {
	case 0:
		return nil, nil
	case 1:
		return found[0], nil
	default:
		return nil, fmt.Errorf("%d elements %s in %s", len(found), local, e.name.Local)
	}
}

// one returns the only child of a name.
func (e *element) one(space, local string) (*element, error) {
	c, err := e.maybe(space, local)
	if err == nil && c == nil {
		err = fmt.Errorf("no %s in %s", local, e.name.Local)
	}
	return c, err
}

// content returns the text of an element that has no elements in it.
func (e *element) content() (string, error) {
	if len(e.children) > 0 {
		return "", fmt.Errorf("elements in %s", e.name.Local)
	}
	return strings.TrimSpace(e.text), nil
}

// count returns how many elements of a name there are in e, itself included.
func (e *element) count(space, local string) int {
	n := 0
	if e.is(space, local) {
		n++
	}
	for _, c := range e.children {
		n += c.count(space, local)
	}
	return n
}
