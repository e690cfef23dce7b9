package lint

import (
	"slices"
	"strings"
)

// variableRules look at "${…}".
var variableRules = []rule{
	{"variables", checkVariables},
	{"variables elsewhere", checkVariablesElsewhere},
}

// A variable is one "${…}" of a string, from its dollar sign up to what follows
// its brace.
type variable struct {
	start, end int
	inner      string
	open       bool // there is no brace at its end
}

// escapes reports whether the variable stands for a character of the syntax.
func (v variable) escapes() bool { return oneOf(v.inner, "*", "?", "$") }

// name is what stands before the default text.
func (v variable) name() string {
	name, _, _ := strings.Cut(v.inner, ",")
	return name
}

// wellFormed reports whether the variable would stand for something.
func (v variable) wellFormed() bool {
	return !v.open && !v.escapes() && v.name() != "" && !strings.ContainsAny(v.name(), " \t")
}

// variablesOf returns the variables of a text.
func variablesOf(text string) []variable {
	var out []variable
	for at := 0; ; {
		i := strings.Index(text[at:], "${")
		if i < 0 {
			return out
		}
		start := at + i
		end := strings.IndexByte(text[start:], '}')
		if end < 0 {
			return append(out, variable{start: start, end: len(text), inner: text[start+2:], open: true})
		}
		at = start + end + 1
		out = append(out, variable{start: start, end: at, inner: text[start+2 : at-1]})
	}
}

// hasVariable reports whether text has a variable that stands for something.
func hasVariable(text string) bool {
	for _, v := range variablesOf(text) {
		if v.wellFormed() {
			return true
		}
	}
	return false
}

// blank puts a letter in the place of every variable: text that is known to be
// there, and not what it says.
func blank(text string) string {
	for _, v := range slices.Backward(variablesOf(text)) {
		text = text[:v.start] + "x" + text[v.end:]
	}
	return text
}

// checkVariables looks at the variables of resources and condition values, which
// is where they may be.
func checkVariables(c *checker) {
	for _, s := range c.document {
		for _, r := range s.resources {
			c.variablesIn(r)
		}
		for _, cond := range s.conditions {
			for _, v := range cond.values {
				c.variablesIn(v)
				if cond.op.family != stringFamily && cond.op.family != arnFamily && cond.op.family != noFamily && hasVariable(v.text) {
					c.report("INVALID_VARIABLE_FOR_OPERATOR", c.at(v.node))
				}
			}
		}
	}
}

func (c *checker) variablesIn(v value) {
	if v.node.kind != stringNode {
		return
	}
	for _, variable := range variablesOf(v.text) {
		if code := variable.fault(); code != "" {
			c.report(code, c.atPart(v.node, variable.start, variable.end))
		} else if variable.wellFormed() && c.version != "2012-10-17" && (c.version == "" || c.version == "2008-10-17") {
			c.report("VARIABLE_UNSUPPORTED_IN_VERSION", c.atPart(v.node, variable.start, variable.end))
		}
	}
}

// fault returns the code of what is wrong with a variable, "" when nothing is.
func (v variable) fault() string {
	name, text, hasDefault := strings.Cut(v.inner, ",")
	text = strings.TrimSpace(text)
	switch {
	case v.open:
		return "MISSING_BRACE_IN_VARIABLE"
	case v.escapes():
		return ""
	case strings.TrimSpace(v.inner) == "":
		return "EMPTY_VARIABLE"
	case strings.ContainsAny(name, " \t"):
		return "UNSUPPORTED_SPACE_IN_VARIABLE"
	case hasDefault && (len(text) < 2 || text[0] != '\'' || text[len(text)-1] != '\''):
		return "MISSING_QUOTE_IN_VARIABLE"
	}
	return ""
}

// checkVariablesElsewhere reports variables where they stand for nothing.
func checkVariablesElsewhere(c *checker) {
	for _, s := range c.document {
		values := append([]value(nil), s.actions...)
		for _, p := range s.principals {
			values = append(values, p.value)
		}
		for _, name := range []string{"Sid", "Effect"} {
			if n := s.node.member(name); n != nil && n.kind == stringNode {
				values = append(values, value{n.text, n})
			}
		}
		for _, v := range values {
			for _, variable := range variablesOf(v.text) {
				if variable.wellFormed() {
					c.report("VARIABLE_UNSUPPORTED_IN_ELEMENT", c.atPart(v.node, variable.start, variable.end),
						hole{"variable", v.text[variable.start:variable.end]})
				}
			}
		}
	}
}
