package policy

import (
	"fmt"
	"slices"

	"github.com/regent-iam/regent/arn"
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
	t, err := scanText(text)
	if err != nil {
		return nil, []*ParseError{err}
	}
	b := &builder{doc: &Document{text: text}, tree: t}
	b.document(&t[0])
	return b.doc, b.faults
}

type builder struct {
	doc    *Document
	tree   tree
	faults []*ParseError
}

// fail notes a fault of node n, and points to at.
func (b *builder) fail(f fault, at Position, n *node, format string, args ...any) {
	e := failAt(at, b.tree.path(n), fmt.Sprintf(format, args...))
	e.fault = f
	b.faults = append(b.faults, e)
}

// want reports whether n is of the wanted kind, and notes the fault f when it is not.
func (b *builder) want(kind nodeKind, n *node, f fault) bool {
	if n.kind != kind {
		b.fail(f, n.span.Start, n, "must be %s, not %s", kind, n.kind)
	}
	return n.kind == kind
}

func (b *builder) document(root *node) {
	if !b.want(nodeObject, root, faultJSON) {
		return
	}
	var statement *node
	for m := range b.tree.within(root) {
		switch m.key {
		case "Version":
			if b.want(nodeString, m, faultVersion) {
				b.doc.Version = m.text
				if m.text != version2012 && m.text != version2008 {
					b.fail(faultVersion, m.span.Start, m, "there is no version %q", m.text)
				}
			}
		case "Id":
			if b.want(nodeString, m, faultElement) {
				b.doc.ID = m.text
			}
		case "Statement":
			statement = m
		default:
			b.fail(faultElement, m.keyAt, m, "there is no such element")
		}
	}
	b.statements(root, statement)
}

func (b *builder) statements(root, statement *node) {
	switch {
	case statement == nil:
		b.fail(faultNoStatement, root.span.Start, root, "Statement is missing")
	case statement.kind == nodeObject:
		b.doc.Statements = make([]Statement, 0, 1)
		b.statement(statement)
	case statement.kind == nodeArray && statement.held == 0:
		b.fail(faultEmpty, statement.span.Start, statement, "must not be empty")
	case statement.kind == nodeArray:
		b.doc.Statements = make([]Statement, 0, statement.held)
		for item := range b.tree.within(statement) {
			b.statement(item)
		}
	default:
		b.fail(faultElement, statement.span.Start, statement, "must be an object or an array of objects, not %s", statement.kind)
	}
}

func (b *builder) statement(n *node) {
	b.doc.Statements = append(b.doc.Statements, Statement{Index: n.index, Span: n.span})
	if !b.want(nodeObject, n, faultElement) {
		return
	}
	if n.held == 0 {
		b.fail(faultEmpty, n.span.Start, n, "must not be empty")
		return
	}
	st := &b.doc.Statements[len(b.doc.Statements)-1]
	hasEffect := false
	for m := range b.tree.within(n) {
		switch m.key {
		case "Sid":
			if b.want(nodeString, m, faultElement) {
				st.Sid = m.text
			}
		case "Effect":
			hasEffect = true
			st.Effect = b.effect(m)
		case "Principal", "NotPrincipal":
			b.pair(faultBothPrincipals, st.Principal != nil, m)
			st.Principal = b.principal(m)
			st.Principal.Not = m.key == "NotPrincipal"
		case "Action", "NotAction":
			b.pair(faultElement, st.HasAction, m)
			st.HasAction, st.NotAction = true, m.key == "NotAction"
			st.Actions = b.strings(m, faultAction)
		case "Resource", "NotResource":
			b.pair(faultElement, st.HasResource, m)
			st.HasResource, st.NotResource = true, m.key == "NotResource"
			st.Resources = b.strings(m, faultResource)
		case "Condition":
			if b.want(nodeObject, m, faultElement) {
				st.Conditions = b.conditions(m)
			}
		default:
			b.fail(faultElement, m.keyAt, m, "there is no such element")
		}
	}
	if !hasEffect {
		b.fail(faultNoEffect, n.span.Start, n, "Effect is missing")
	}
}

// pair notes that an element stands beside its opposite (PL-2).
func (b *builder) pair(f fault, has bool, m *node) {
	if has {
		b.fail(f, m.keyAt, m, "excludes its opposite, which is there as well")
	}
}

func (b *builder) effect(n *node) Effect {
	if !b.want(nodeString, n, faultElement) {
		return NoEffect
	}
	switch n.text {
	case "Allow":
		return EffectAllow
	case "Deny":
		return EffectDeny
	}
	f := faultElement
	if isASCII(n.text) && (arn.EqualFold(n.text, "Allow") || arn.EqualFold(n.text, "Deny")) {
		f = faultEffectCase
	}
	b.fail(f, n.span.Start, n, "must be Allow or Deny, not %q", n.text)
	return NoEffect
}

// strings reads one string or an array of strings (PL-3).
func (b *builder) strings(n *node, f fault) []Value {
	switch n.kind {
	case nodeString:
		return []Value{{Text: n.text, Span: n.span}}
	case nodeArray:
		values := make([]Value, 0, n.held)
		for item := range b.tree.within(n) {
			if b.want(nodeString, item, f) {
				values = append(values, Value{Text: item.text, Span: item.span})
			}
		}
		return values
	default:
		b.fail(f, n.span.Start, n, "must be a string or an array of strings, not %s", n.kind)
		return nil
	}
}

func (b *builder) principal(n *node) *PrincipalElement {
	element := &PrincipalElement{Span: n.span}
	switch n.kind {
	case nodeString:
		element.Bare = true
		element.Entries = []PrincipalEntry{{Type: PrincipalAWS, Value: Value{Text: n.text, Span: n.span}}}
		if n.text != "*" {
			b.fail(faultPrincipal, n.span.Start, n, `must be "*" or an object`)
		}
	case nodeObject:
		for m := range b.tree.within(n) {
			switch m.key {
			case PrincipalAWS, PrincipalService, PrincipalFederated, PrincipalCanonical:
				values := b.strings(m, faultPrincipal)
				element.Entries = slices.Grow(element.Entries, len(values))
				for _, v := range values {
					element.Entries = append(element.Entries, PrincipalEntry{Type: m.key, Value: v})
				}
			default:
				b.fail(faultPrincipal, m.keyAt, m, "there is no such type of principal")
			}
		}
	default:
		b.fail(faultPrincipal, n.span.Start, n, `must be "*" or an object, not %s`, n.kind)
	}
	return element
}

func (b *builder) conditions(n *node) []Condition {
	var out []Condition
	for m := range b.tree.within(n) {
		if !b.want(nodeObject, m, faultElement) {
			continue
		}
		if _, ok := parseOperator(m.key); !ok && m.held > 0 {
			b.fail(faultElement, m.keyAt, m, "there is no such operator")
		}
		out = slices.Grow(out, m.held)
		for key := range b.tree.within(m) {
			out = append(out, Condition{
				Operator: m.key, Key: key.key, Values: b.scalars(key), List: key.kind == nodeArray,
				Span: Span{Start: key.keyAt, End: key.span.End},
			})
		}
	}
	return out
}

// scalars reads one value of a condition or an array of them (PL-5).
func (b *builder) scalars(n *node) []Value {
	if n.kind != nodeArray {
		return b.scalar(nil, n)
	}
	values := make([]Value, 0, n.held)
	for item := range b.tree.within(n) {
		values = b.scalar(values, item)
	}
	return values
}

// scalar appends one value.
func (b *builder) scalar(values []Value, n *node) []Value {
	v := Value{Text: n.text, Span: n.span}
	switch n.kind {
	case nodeString:
	case nodeNumber:
		v.Type = Number
	case nodeBool:
		v.Type = Bool
	default:
		b.fail(faultElement, n.span.Start, n, "must be a string, a number or a boolean, not %s", n.kind)
		return values
	}
	return append(values, v)
}
