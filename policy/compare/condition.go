package compare

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/internal/wildcard"
)

// An operator is a condition operator, taken apart.
type operator struct {
	quantifier string // "forallvalues:", "foranyvalue:" or ""
	name       string // folded and bare
	ifExists   bool
}

func parseOperator(text string) operator {
	name := arn.Fold(text)
	var o operator
	if i := strings.IndexByte(name, ':'); i >= 0 {
		o.quantifier, name = name[:i+1], name[i+1:]
	}
	o.name, o.ifExists = strings.CutSuffix(name, "ifexists")
	return o
}

// negated reports whether the operator holds when nothing equals a value.
func (o operator) negated() bool { return strings.Contains(o.name, "not") }

// implied reports whether the conditions of statement s hold whenever those of
// the box's statement do: for each of s there is one of the other's that is the
// same or narrower.
func implied(of *side, s *policy.Statement, from *side, given *policy.Statement) bool {
	sameVariables := of.doc.Variables() == from.doc.Variables()
	for i := range s.Conditions {
		want := &s.Conditions[i]
		if !sameVariables && hasDollar(want) {
			return false
		}
		if !slices.ContainsFunc(given.Conditions, func(has policy.Condition) bool {
			return (sameVariables || !hasDollar(&has)) && narrower(&has, want)
		}) {
			return false
		}
	}
	return true
}

func hasDollar(c *policy.Condition) bool {
	return slices.ContainsFunc(c.Values, func(v policy.Value) bool { return strings.Contains(v.Text, "${") })
}

// narrower reports whether want holds whenever has does.
func narrower(has, want *policy.Condition) bool {
	h, w := parseOperator(has.Operator), parseOperator(want.Operator)
	if arn.Fold(has.Key) != arn.Fold(want.Key) || h.quantifier != w.quantifier || h.ifExists && !w.ifExists {
		return false
	}
	switch {
	case w.name == "null": // of several values it is not certain what they mean
		return h.name == w.name && len(has.Values) == 1 && len(want.Values) == 1 && has.Values[0].Text == want.Values[0].Text
	case h.name == w.name && w.negated():
		return within(want.Values, has.Values, sameText)
	case h.name == w.name && (w.name == "stringlike"):
		return within(has.Values, want.Values, matchesText)
	case h.name == w.name:
		return within(has.Values, want.Values, sameText)
	case h.name == "stringequals" && w.name == "stringlike":
		return within(has.Values, want.Values, func(v, pattern string) bool {
			return !strings.ContainsAny(v+pattern, "$") && wildcard.Of(pattern, false).Matches(v)
		})
	}
	return false
}

// within reports whether each of some values has one among the others that takes
// it in. Of none nothing can be said: whether an empty list holds depends on the
// operator.
func within(values, others []policy.Value, takesIn func(v, other string) bool) bool {
	if len(values) == 0 || len(others) == 0 {
		return len(values) == len(others)
	}
	for _, v := range values {
		if !slices.ContainsFunc(others, func(o policy.Value) bool { return takesIn(v.Text, o.Text) }) {
			return false
		}
	}
	return true
}

func sameText(a, b string) bool { return a == b }

// matchesText reports whether the pattern of another value takes in all that
// this value does.
func matchesText(v, pattern string) bool {
	if v == pattern {
		return true
	}
	left := wildcard.Budget(10_000)
	return !strings.ContainsAny(v+pattern, "$") && wildcard.Of(pattern, false).Covers(wildcard.Of(v, false), &left)
}
