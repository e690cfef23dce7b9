package lint

import (
	"strings"

	"github.com/regent-iam/regent/catalog"
)

// qualifierRules look at ForAllValues and ForAnyValue, and at conditions that
// are always or never true.
var qualifierRules = []rule{
	{"qualifiers", checkQualifiers},
	{"audiences", checkAudiences},
	{"always", checkAlways},
}

// singleByMistake and multipleByMistake are keys of which the catalog has a
// type that AWS's own policies contradict, folded (1.4, 1.5).
var (
	singleByMistake   = []string{"codestar-connections:provideraction"}
	multipleByMistake = []string{"events:detail-type"}
)

func checkQualifiers(c *checker) {
	c.each(func(s *statement, cond *condition) {
		key, known := catalog.LookupKey(cond.fold)
		if !known || key.Type == catalog.UnknownType || cond.op.family == noFamily || cond.op.family == nullFamily {
			return
		}
		switch {
		case key.Type.Multivalued() && cond.op.quantifier == single && !cond.is(multipleByMistake...):
			c.report("MISSING_QUALIFIER", c.at(cond.key.value), hole{"key", cond.name})
		case !key.Type.Multivalued() && cond.op.quantifier == forAllValues && s.allows() && !cond.is(singleByMistake...) &&
			!s.tests(nullFamily, "false", cond.fold):
			c.report("FORALLVALUES_WITH_SINGLE_VALUED_KEY", c.at(cond.key.value), hole{"key", cond.name})
		}
	})
}

// checkAudiences reports qualifiers on a token's audience, which has one value.
func checkAudiences(c *checker) {
	if c.kind != Trust {
		return
	}
	c.each(func(_ *statement, cond *condition) {
		prefix, name, _ := strings.Cut(cond.fold, ":")
		if name != "aud" || !isIssuer(prefix) {
			return
		}
		switch cond.op.quantifier {
		case forAnyValue:
			c.report("FORANYVALUE_WITH_AUDIENCE_CLAIM_TYPE", c.at(cond.key.value), hole{"key", cond.name})
		case forAllValues:
			c.report("CONFIRM_AUDIENCE_CLAIM_TYPE", c.at(cond.key.value), hole{"key", cond.name}, hole{"audienceType", "aud"})
		default:
		}
	})
}

// checkAlways reports conditions that the value "*" settles: what remains of them
// is whether the key is there at all.
func checkAlways(c *checker) {
	c.each(func(_ *statement, cond *condition) {
		if !cond.star() {
			return
		}
		at := c.at(cond.key.value)
		key, operator := hole{"key", cond.name}, hole{"operator", cond.operator.key}
		like := cond.op.isLike() && (cond.op.family == stringFamily || strings.HasSuffix(cond.op.name, "like"))
		switch negated := cond.op.negated; {
		case !like:
		case !negated && (cond.op.ifExists || cond.op.quantifier == forAllValues):
			c.report("REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION", at, key, operator)
		case negated && cond.op.quantifier == forAnyValue:
			c.report("REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION", at, key, operator)
		case cond.op.quantifier != single || cond.op.ifExists:
		case negated:
			c.report("EQUIVALENT_TO_NULL_TRUE", at, key, operator, hole{"recommendedKey", cond.name})
		default:
			c.report("EQUIVALENT_TO_NULL_FALSE", at, key, operator, hole{"recommendedKey", cond.name})
		}
	})
}

// star reports whether one of the values is the lone "*".
func (c *condition) star() bool {
	for _, v := range c.values {
		if v.text == "*" {
			return true
		}
	}
	return false
}
