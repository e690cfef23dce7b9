package lint

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy/internal/wildcard"
)

// A checker holds one document and what has been found in it.
type checker struct {
	text     string
	options  Options
	kind     Kind
	root     *node
	places   *places
	version  string // as written; "" when there is none that can be read
	document []*statement
	findings []Finding
	known    known
	budget   wildcard.Budget
}

// known are the names that the options add to the catalog, folded.
type known struct{ services, actions, keys map[string]bool }

// A statement is one statement, read as far as it can be.
type statement struct {
	node        *node
	index       int
	sid         string
	effect      string // "Allow", "Deny", or "" for anything else
	actions     []value
	notAction   bool
	hasAction   bool
	resources   []value
	notResource bool
	principals  []principal
	conditions  []condition
}

// A value is one string of a list, or a lone one.
type value struct {
	text string
	node *node
}

// A principal is one entry of a Principal or NotPrincipal. The bare "*" has no
// type.
type principal struct {
	typ string
	value
}

// A condition is one operator with one key.
type condition struct {
	operator *member // as written
	op       operator
	name     string // as written
	fold     string // name, folded
	key      *member
	values   []value // of strings, numbers and booleans
	list     bool    // the values stand in an array
}

func newChecker(text string, root *node, o Options) *checker {
	c := &checker{text: text, options: o, kind: o.Kind, root: root, places: newPlaces(text), budget: wildcard.MaxSteps}
	c.known = known{foldSet(o.Services), foldSet(o.Actions), foldSet(o.Keys)}
	if v := root.member("Version"); v != nil && v.kind == stringNode {
		c.version = v.text
	}
	for _, n := range listOf(root.member("Statement")) {
		if n.kind == objectNode {
			c.document = append(c.document, readStatement(n, len(c.document)))
		}
	}
	if c.kind == Resource && c.assumesOnly() {
		c.kind = Trust
	}
	return c
}

func foldSet(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[arn.Fold(name)] = true
	}
	return set
}

// assumesOnly reports whether every action is one of STS's, by which a trust
// policy is known that nobody called one (LI-3).
func (c *checker) assumesOnly() bool {
	some := false
	for _, s := range c.document {
		if s.notAction || s.node.member("Resource") != nil || s.node.member("NotResource") != nil {
			return false
		}
		for _, a := range s.actions {
			if !strings.HasPrefix(arn.Fold(a.text), "sts:") {
				return false
			}
			some = true
		}
	}
	return some
}

// variables reports whether "${…}" are variables in this document.
func (c *checker) variables() bool { return c.version == "2012-10-17" }

// listOf returns the items of an array, or a value that stands alone.
func listOf(n *node) []*node {
	switch {
	case n == nil:
		return nil
	case n.kind == arrayNode:
		return n.items
	}
	return []*node{n}
}

func readStatement(n *node, index int) *statement {
	s := &statement{node: n, index: index}
	if sid := n.member("Sid"); sid != nil && sid.kind == stringNode {
		s.sid = sid.text
	}
	if e := n.member("Effect"); e != nil && e.kind == stringNode && (e.text == "Allow" || e.text == "Deny") {
		s.effect = e.text
	}
	actions := n.member("Action")
	if actions == nil {
		actions = n.member("NotAction")
		s.notAction = actions != nil
	}
	s.hasAction = actions != nil
	s.actions = stringsOf(actions)
	resources := n.member("Resource")
	if resources == nil {
		resources = n.member("NotResource")
		s.notResource = resources != nil
	}
	s.resources = stringsOf(resources)
	for _, p := range []*node{n.member("Principal"), n.member("NotPrincipal")} {
		s.principals = append(s.principals, readPrincipals(p)...)
	}
	s.conditions = readConditions(n.member("Condition"))
	return s
}

// stringsOf returns the strings of a list, or a lone one; all else is left out.
func stringsOf(n *node) []value {
	var out []value
	for _, item := range listOf(n) {
		if item.kind == stringNode {
			out = append(out, value{item.text, item})
		}
	}
	return out
}

func readPrincipals(n *node) []principal {
	if n == nil {
		return nil
	}
	if n.kind == stringNode {
		return []principal{{"", value{n.text, n}}}
	}
	var out []principal
	for _, m := range n.members {
		for _, v := range stringsOf(m.value) {
			out = append(out, principal{m.key, v})
		}
	}
	return out
}

func readConditions(n *node) []condition {
	var out []condition
	if n == nil {
		return nil
	}
	for _, operator := range n.members {
		for _, key := range operator.value.members {
			c := condition{operator: operator, op: parseOperator(operator.key), name: key.key, fold: arn.Fold(key.key), key: key}
			c.list = key.value.kind == arrayNode
			for _, v := range listOf(key.value) {
				if v.kind == stringNode || v.kind == numberNode || v.kind == boolNode {
					c.values = append(c.values, value{v.text, v})
				}
			}
			out = append(out, c)
		}
	}
	return out
}

// allows reports whether the statement's effect is Allow.
func (s *statement) allows() bool { return s.effect == "Allow" }

// denies reports whether the statement's effect is Deny.
func (s *statement) denies() bool { return s.effect == "Deny" }

// has reports whether a condition of s tests one of the folded keys. A key that
// ends in "/" stands for all that begin with it.
func (s *statement) has(keys ...string) bool {
	return slices.ContainsFunc(s.conditions, func(c condition) bool { return c.is(keys...) })
}

// is reports whether c tests one of the folded keys.
func (c *condition) is(keys ...string) bool {
	return slices.ContainsFunc(keys, func(k string) bool {
		return c.fold == k || strings.HasSuffix(k, "/") && strings.HasPrefix(c.fold, k)
	})
}

// hole is a name and what fills a hole of that name in AWS's text.
type hole struct{ name, text string }

// report adds a finding of the first variant.
func (c *checker) report(code string, at []Location, holes ...hole) {
	c.reportVariant(code, 1, at, holes...)
}

func (c *checker) reportVariant(code string, variant int, at []Location, holes ...hole) {
	var pairs []string
	for _, h := range holes {
		pairs = append(pairs, h.name, h.text)
	}
	c.findings = append(c.findings, Finding{Code: code, Class: classOf(code), Details: message(code, variant, pairs...), Locations: at})
}

// at returns the locations of values.
func (c *checker) at(nodes ...*node) []Location {
	out := make([]Location, 0, len(nodes))
	for _, n := range nodes {
		out = append(out, Location{Path: n.path(), Span: c.places.span(n.start, n.end)})
	}
	return out
}

// atKey returns the location of a key itself.
func (c *checker) atKey(m *member) []Location {
	path := append(m.value.parent.path(), PathElement{Kind: PathKey, Name: m.key})
	return []Location{{Path: path, Span: c.places.span(m.start, m.end)}}
}

// atPart returns the location of some bytes of a string. Where the string has
// escapes the span is all of it, since they count differently.
func (c *checker) atPart(n *node, from, to int) []Location {
	start, length := len([]rune(n.text[:from])), len([]rune(n.text[from:to]))
	span := c.places.span(n.start, n.end)
	if c.text[n.start+1:n.end-1] == n.text {
		span = c.places.span(n.start+1+from, n.start+1+to)
	}
	return []Location{{Path: append(n.path(), PathElement{Kind: PathSubstring, Start: start, Length: length}), Span: span}}
}
