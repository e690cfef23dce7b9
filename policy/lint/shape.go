package lint

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// shapeRules look at the elements of a document.
var shapeRules = []rule{
	{"types", checkTypes},
	{"elements", checkElements},
	{"version", checkVersion},
	{"statements", checkStatements},
	{"sids", checkSids},
	{"empty", checkEmpty},
}

const (
	wantString = "String"
	wantArray  = "Array"
	wantObject = "Object"
)

func (c *checker) mismatch(n *node, want string) {
	c.report("DATA_TYPE_MISMATCH", c.at(n), hole{"data_type", want})
}

// expect reports a value that is not of one of the kinds.
func (c *checker) expect(n *node, want string, kinds ...nodeKind) bool {
	if n == nil {
		return false
	}
	if slices.Contains(kinds, n.kind) {
		return true
	}
	c.mismatch(n, want)
	return false
}

// checkTypes reports values of the wrong JSON type.
func checkTypes(c *checker) {
	if !c.expect(c.root, wantObject, objectNode) {
		return
	}
	c.expect(c.root.member("Version"), wantString, stringNode)
	c.expect(c.root.member("Id"), wantString, stringNode)
	statements := c.root.member("Statement")
	if !c.expect(statements, wantArray, arrayNode, objectNode) {
		return
	}
	for _, s := range listOf(statements) {
		if !c.expect(s, wantObject, objectNode) {
			continue
		}
		c.expect(s.member("Sid"), wantString, stringNode)
		c.expect(s.member("Effect"), wantString, stringNode)
		for _, name := range []string{"Action", "NotAction", "Resource", "NotResource"} {
			c.expectStrings(s.member(name))
		}
		for _, name := range []string{"Principal", "NotPrincipal"} {
			p := s.member(name)
			if !c.expect(p, wantObject, objectNode, stringNode, arrayNode) {
				continue
			}
			for _, m := range p.members {
				c.expectStrings(m.value)
			}
		}
		c.expectConditions(s.member("Condition"))
	}
}

// expectStrings reports what is neither a string nor a list of strings.
func (c *checker) expectStrings(n *node) {
	if !c.expect(n, wantString, stringNode, arrayNode) {
		return
	}
	for _, item := range n.items {
		c.expect(item, wantString, stringNode)
	}
}

func (c *checker) expectConditions(n *node) {
	if !c.expect(n, wantObject, objectNode) {
		return
	}
	for _, operator := range n.members {
		if !c.expect(operator.value, wantObject, objectNode) {
			continue
		}
		for _, key := range operator.value.members {
			if !c.expect(key.value, wantString, stringNode, numberNode, boolNode, arrayNode) {
				continue
			}
			for _, item := range key.value.items {
				c.expect(item, wantString, stringNode, numberNode, boolNode)
			}
		}
	}
}

// checkElements reports keys that are no elements. Their case matters.
func checkElements(c *checker) {
	c.elements(c.root, "Version", "Id", "Statement")
	for _, s := range c.document {
		c.elements(s.node, "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
	}
}

func (c *checker) elements(n *node, names ...string) {
	for _, m := range n.members {
		if !oneOf(m.key, names...) {
			c.report("INVALID_POLICY_ELEMENT", c.atKey(m), hole{"element", m.key})
		}
	}
}

func oneOf(s string, names ...string) bool {
	return slices.Contains(names, s)
}

func checkVersion(c *checker) {
	v := c.root.member("Version")
	switch {
	case c.root.kind != objectNode:
	case v == nil:
		c.report("MISSING_VERSION", c.at(c.root))
	case v.kind == stringNode && !oneOf(v.text, "2012-10-17", "2008-10-17"):
		c.report("INVALID_VERSION", c.at(v), hole{"version", v.text}, hole{"versions", "2012-10-17, 2008-10-17"})
	}
}

// checkStatements reports statements that lack an element, or have too many.
func checkStatements(c *checker) {
	if c.root.kind != objectNode {
		return
	}
	if statements := c.root.member("Statement"); statements == nil {
		c.report("MISSING_STATEMENT", c.at(c.root))
	} else if statements.kind == arrayNode && len(statements.items) == 0 {
		c.report("MISSING_STATEMENT", c.at(statements))
	}
	for _, s := range c.document {
		c.statement(s)
	}
}

func (c *checker) statement(s *statement) {
	has := func(name string) bool { return s.node.member(name) != nil }
	if effect := s.node.member("Effect"); effect == nil {
		c.report("MISSING_EFFECT", c.at(s.node))
	} else if effect.kind == stringNode && s.effect == "" {
		c.report("INVALID_EFFECT", c.at(effect), hole{"effect", effect.text})
	}
	if !has("Action") && !has("NotAction") {
		c.report("MISSING_ACTION", c.at(s.node))
	}
	if c.kind != Trust && !has("Resource") && !has("NotResource") {
		c.report("MISSING_RESOURCE", c.at(s.node))
	}
	if c.kind.hasPrincipal() && !has("Principal") && !has("NotPrincipal") {
		c.report("MISSING_PRINCIPAL", c.at(s.node))
	}
	for _, name := range []string{"Principal", "Action", "Resource"} {
		if has(name) && has("Not"+name) {
			c.report("UNSUPPORTED_ELEMENT_COMBINATION", c.at(s.node.member(name), s.node.member("Not"+name)),
				hole{"element1", name}, hole{"element2", "Not" + name})
		}
	}
}

// checkSids reports Sids that are the same, empty, or of odd characters.
func checkSids(c *checker) {
	strict := c.kind == Identity || c.kind == SCP || c.kind == RCP
	var order []string
	same := map[string][]*node{}
	for _, s := range c.document {
		sid := s.node.member("Sid")
		if sid == nil || sid.kind != stringNode {
			continue
		}
		if sid.text == "" {
			c.report("EMPTY_SID_VALUE", c.at(sid))
			continue
		}
		if strict && strings.ContainsFunc(sid.text, func(r rune) bool { return !isAlphanumeric(r) }) {
			c.report("UNSUPPORTED_SID", c.at(sid))
		}
		if same[sid.text] == nil {
			order = append(order, sid.text)
		}
		same[sid.text] = append(same[sid.text], sid)
	}
	for _, text := range order {
		if len(same[text]) < 2 {
			continue
		}
		code := "UNIQUE_SIDS_REQUIRED"
		if c.kind.onResource() {
			code = "UNIQUE_SIDS_RECOMMENDED"
		}
		c.report(code, c.at(same[text]...))
	}
}

func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// checkEmpty reports lists and objects without anything in them.
func checkEmpty(c *checker) {
	for _, s := range c.document {
		for _, name := range []string{"Action", "Resource", "Principal"} {
			for _, n := range []*node{s.node.member(name), s.node.member("Not" + name)} {
				c.emptyElement(name, n)
			}
		}
		c.emptyConditions(s.node.member("Condition"))
	}
}

func (c *checker) emptyElement(name string, n *node) {
	if n == nil {
		return
	}
	if n.kind == arrayNode && len(n.items) == 0 {
		c.report("EMPTY_ARRAY_"+string(upper(name)), c.at(n))
	}
	if name != "Principal" || n.kind != objectNode {
		return
	}
	if len(n.members) == 0 {
		c.report("EMPTY_OBJECT_PRINCIPAL", c.at(n))
	}
	for _, m := range n.members {
		if m.value.kind == arrayNode && len(m.value.items) == 0 {
			c.report("EMPTY_ARRAY_PRINCIPAL", c.at(m.value))
		}
	}
}

// upper returns an element's name as codes have it.
func upper(name string) []byte {
	out := []byte(arn.Fold(name))
	for i, b := range out {
		out[i] = b - 'a' + 'A'
	}
	return out
}

func (c *checker) emptyConditions(n *node) {
	if n == nil || n.kind != objectNode {
		return
	}
	if len(n.members) == 0 {
		c.report("EMPTY_OBJECT_CONDITION", c.at(n))
	}
	for _, operator := range n.members {
		if operator.value.kind != objectNode {
			continue
		}
		if len(operator.value.members) == 0 {
			c.report("EMPTY_OBJECT_CONDITION", c.at(operator.value))
		}
		for _, key := range operator.value.members {
			if key.value.kind == arrayNode && len(key.value.items) == 0 {
				c.emptyCondition(parseOperator(operator.key), key)
			}
		}
	}
}

func (c *checker) emptyCondition(op operator, key *member) {
	name := hole{"key", key.key}
	switch {
	case op.ifExists:
		c.report("EMPTY_ARRAY_CONDITION_IFEXISTS", c.at(key.value), name)
	case op.quantifier == forAllValues:
		c.report("EMPTY_ARRAY_CONDITION_FORALLVALUES", c.at(key.value), name)
	case op.quantifier == forAnyValue:
		c.report("EMPTY_ARRAY_CONDITION_FORANYVALUE", c.at(key.value), name)
	default:
		c.report("EMPTY_ARRAY_CONDITION", c.at(key.value), name)
	}
}
