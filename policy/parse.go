package policy

import (
	"fmt"
	"slices"
)

// A ParseError says what is wrong with a document and where.
type ParseError struct {
	Line, Column int    // 1-based, in characters
	Path         string // the element: "Statement[0].Condition.StringLike"; "" for the whole
	Reason       string

	fault fault
}

func (e *ParseError) Error() string {
	if e.Path == "" {
		return fmt.Sprintf("policy: line %d, column %d: %s", e.Line, e.Column, e.Reason)
	}
	return fmt.Sprintf("policy: line %d, column %d: %s: %s", e.Line, e.Column, e.Path, e.Reason)
}

// A fault sorts parse errors, since each kind of document has its own text for each sort.
type fault uint8

const (
	faultElement     fault = iota // anything that has no sort of its own
	faultJSON                     // not JSON, a repeated key, or beyond a limit
	faultVersion                  // a version that does not exist
	faultNoStatement              // no Statement
	faultEmpty                    // an empty Statement
	faultNoEffect                 // no Effect
	faultEffectCase               // Effect spelled in another case
	faultBothPrincipals
	faultPrincipal // a Principal of the wrong form
	faultAction    // an Action of the wrong form
	faultResource  // a Resource of the wrong form
)

// Parse reads a document strictly and as a whole (PL-1 to PL-10, TH-32). It
// refuses what is not JSON, keys that stand twice in one object at any depth,
// elements and operators that do not exist, values of the wrong type, X beside
// NotX, and documents beyond fixed limits of length and depth. Elements that
// only some kinds of document need may be missing; [Validate] asks for them.
// An error is a [*ParseError], the first one in the text.
func Parse(text string) (*Document, error) {
	doc, faults := parse(text)
	if len(faults) == 0 {
		return doc, nil
	}
	return nil, slices.MinFunc(faults, func(a, b *ParseError) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
}

// parse reads text and notes every fault, so that Validate can choose the one
// that AWS would name first.
func parse(text string) (*Document, []*ParseError) {
	root, err := scanText(text)
	if err != nil {
		return nil, []*ParseError{err}
	}
	b := &builder{doc: &Document{text: text}}
	b.document(&root)
	return b.doc, b.faults
}

type builder struct {
	doc    *Document
	faults []*ParseError
}

func (b *builder) fail(f fault, at Span, p *place, format string, args ...any) {
	e := failAt(at.Start, p, fmt.Sprintf(format, args...))
	e.fault = f
	b.faults = append(b.faults, e)
}

// want reports whether n is of the wanted kind, and notes the fault f when it is not.
func (b *builder) want(kind nodeKind, n *node, f fault, p *place) bool {
	if n.kind != kind {
		b.fail(f, n.span, p, "must be %s, not %s", kind, n.kind)
	}
	return n.kind == kind
}

func (b *builder) document(root *node) {
	if !b.want(nodeObject, root, faultJSON, nil) {
		return
	}
	var statement *node
	for i := range root.members {
		m := &root.members[i]
		p := &place{key: m.key}
		switch m.key {
		case "Version":
			if b.want(nodeString, &m.value, faultVersion, p) {
				b.doc.Version = m.value.text
				if m.value.text != version2012 && m.value.text != version2008 {
					b.fail(faultVersion, m.value.span, p, "there is no version %q", m.value.text)
				}
			}
		case "Id":
			if b.want(nodeString, &m.value, faultElement, p) {
				b.doc.ID = m.value.text
			}
		case "Statement":
			statement = &m.value
		default:
			b.fail(faultElement, m.span, p, "there is no such element")
		}
	}
	b.statements(root, statement)
}

func (b *builder) statements(root, statement *node) {
	p := &place{key: "Statement"}
	switch {
	case statement == nil:
		b.fail(faultNoStatement, root.span, nil, "Statement is missing")
	case statement.kind == nodeObject:
		b.doc.Statements = make([]Statement, 1)
		b.statement(&b.doc.Statements[0], statement, p)
	case statement.kind == nodeArray && len(statement.items) == 0:
		b.fail(faultEmpty, statement.span, p, "must not be empty")
	case statement.kind == nodeArray:
		b.doc.Statements = make([]Statement, len(statement.items))
		for i := range statement.items {
			b.doc.Statements[i].Index = i
			b.statement(&b.doc.Statements[i], &statement.items[i], &place{parent: p, index: i})
		}
	default:
		b.fail(faultElement, statement.span, p, "must be an object or an array of objects, not %s", statement.kind)
	}
}

func (b *builder) statement(st *Statement, n *node, p *place) {
	st.Span = n.span
	if !b.want(nodeObject, n, faultElement, p) {
		return
	}
	if len(n.members) == 0 {
		b.fail(faultEmpty, n.span, p, "must not be empty")
	}
	hasEffect := false
	for i := range n.members {
		m := &n.members[i]
		here := &place{parent: p, key: m.key}
		switch m.key {
		case "Sid":
			if b.want(nodeString, &m.value, faultElement, here) {
				st.Sid = m.value.text
			}
		case "Effect":
			hasEffect = true
			st.Effect = b.effect(&m.value, here)
		case "Principal", "NotPrincipal":
			b.pair(faultBothPrincipals, st.Principal != nil, m, here)
			st.Principal = b.principal(&m.value, here)
			st.Principal.Not = m.key == "NotPrincipal"
		case "Action", "NotAction":
			b.pair(faultElement, st.HasAction, m, here)
			st.HasAction, st.NotAction = true, m.key == "NotAction"
			st.Actions = b.strings(&m.value, faultAction, here)
		case "Resource", "NotResource":
			b.pair(faultElement, st.HasResource, m, here)
			st.HasResource, st.NotResource = true, m.key == "NotResource"
			st.Resources = b.strings(&m.value, faultResource, here)
		case "Condition":
			if b.want(nodeObject, &m.value, faultElement, here) {
				b.conditions(st, &m.value, here)
			}
		default:
			b.fail(faultElement, m.span, here, "there is no such element")
		}
	}
	if !hasEffect && len(n.members) > 0 {
		b.fail(faultNoEffect, n.span, p, "Effect is missing")
	}
}

// pair notes that an element stands beside its opposite (PL-2).
func (b *builder) pair(f fault, has bool, m *member, p *place) {
	if has {
		b.fail(f, m.span, p, "excludes its opposite, which is there as well")
	}
}

func (b *builder) effect(n *node, p *place) Effect {
	if !b.want(nodeString, n, faultElement, p) {
		return NoEffect
	}
	switch n.text {
	case "Allow":
		return EffectAllow
	case "Deny":
		return EffectDeny
	}
	f := faultElement
	if folded := foldASCII(n.text); folded == "allow" || folded == "deny" {
		f = faultEffectCase
	}
	b.fail(f, n.span, p, "must be Allow or Deny, not %q", n.text)
	return NoEffect
}

// strings reads one string or an array of strings (PL-3).
func (b *builder) strings(n *node, f fault, p *place) []Value {
	switch n.kind {
	case nodeString:
		return []Value{{Text: n.text, Span: n.span}}
	case nodeArray:
		values := make([]Value, 0, len(n.items))
		for i := range n.items {
			item := &n.items[i]
			if b.want(nodeString, item, f, &place{parent: p, index: i}) {
				values = append(values, Value{Text: item.text, Span: item.span})
			}
		}
		return values
	default:
		b.fail(f, n.span, p, "must be a string or an array of strings, not %s", n.kind)
		return nil
	}
}

func (b *builder) principal(n *node, p *place) *PrincipalElement {
	element := &PrincipalElement{Span: n.span}
	switch n.kind {
	case nodeString:
		element.Bare = true
		element.Entries = []PrincipalEntry{{Type: PrincipalAWS, Value: Value{Text: n.text, Span: n.span}}}
		if n.text != "*" {
			b.fail(faultPrincipal, n.span, p, `must be "*" or an object`)
		}
	case nodeObject:
		for i := range n.members {
			m := &n.members[i]
			here := &place{parent: p, key: m.key}
			switch m.key {
			case PrincipalAWS, PrincipalService, PrincipalFederated, PrincipalCanonical:
				for _, v := range b.strings(&m.value, faultPrincipal, here) {
					element.Entries = append(element.Entries, PrincipalEntry{Type: m.key, Value: v})
				}
			default:
				b.fail(faultPrincipal, m.span, here, "there is no such type of principal")
			}
		}
	default:
		b.fail(faultPrincipal, n.span, p, `must be "*" or an object, not %s`, n.kind)
	}
	return element
}

func (b *builder) conditions(st *Statement, n *node, p *place) {
	for i := range n.members {
		m := &n.members[i]
		here := &place{parent: p, key: m.key}
		if !b.want(nodeObject, &m.value, faultElement, here) {
			continue
		}
		if _, ok := parseOperator(m.key); !ok && len(m.value.members) > 0 {
			b.fail(faultElement, m.span, here, "there is no such operator")
		}
		for j := range m.value.members {
			key := &m.value.members[j]
			st.Conditions = append(st.Conditions, Condition{
				Operator: m.key, Key: key.key,
				Values: b.scalars(&key.value, &place{parent: here, key: key.key}),
				List:   key.value.kind == nodeArray,
				Span:   Span{Start: key.span.Start, End: key.value.span.End},
			})
		}
	}
}

// scalars reads one value of a condition or an array of them (PL-5).
func (b *builder) scalars(n *node, p *place) []Value {
	if n.kind != nodeArray {
		v, ok := b.scalar(n, p)
		if !ok {
			return nil
		}
		return []Value{v}
	}
	values := make([]Value, 0, len(n.items))
	for i := range n.items {
		if v, ok := b.scalar(&n.items[i], &place{parent: p, index: i}); ok {
			values = append(values, v)
		}
	}
	return values
}

func (b *builder) scalar(n *node, p *place) (Value, bool) {
	v := Value{Text: n.text, Span: n.span}
	switch n.kind {
	case nodeString:
	case nodeNumber:
		v.Type = Number
	case nodeBool:
		v.Type = Bool
	default:
		b.fail(faultElement, n.span, p, "must be a string, a number or a boolean, not %s", n.kind)
		return v, false
	}
	return v, true
}

// foldASCII is arn.Fold for the words of the grammar, which are ASCII: another
// alphabet's letters never make one of them.
func foldASCII(s string) string {
	out := []byte(s)
	for i, c := range out {
		if 'A' <= c && c <= 'Z' {
			out[i] = c + 'a' - 'A'
		}
	}
	return string(out)
}
