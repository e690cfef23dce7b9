package lint

import (
	"strings"
)

// sourceRules look at services that act for somebody.
var sourceRules = []rule{
	{"services' sources", checkServiceSources},
	{"services' keys", checkServiceKeys},
}

// checkServiceSources reports services that may act whoever they act for.
func checkServiceSources(c *checker) {
	if !c.kind.onResource() {
		return
	}
	for _, s := range c.document {
		if !s.allows() || s.node.member("NotPrincipal") != nil || s.has(originKeys...) {
			continue
		}
		for _, p := range s.services() {
			other := s.condition("aws:referer", "aws:sourceowner")
			if other == nil {
				c.report("RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL", c.at(p.node))
				continue
			}
			prefix, _, _ := strings.Cut(p.text, ".")
			c.report("RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", c.at(other.key.value),
				hole{"servicePrincipalPrefix", prefix}, hole{"key", other.name})
		}
	}
}

// condition returns the first condition on one of the keys, nil when there is none.
func (s *statement) condition(keys ...string) *condition {
	for i := range s.conditions {
		if s.conditions[i].is(keys...) {
			return &s.conditions[i]
		}
	}
	return nil
}

// checkServiceKeys reports keys that no service carries where services alone are
// the principals.
func checkServiceKeys(c *checker) {
	if !c.kind.onResource() && c.kind != Trust {
		return
	}
	for _, s := range c.document {
		if len(s.services()) == 0 || len(s.services()) != len(s.principals) || s.node.member("NotPrincipal") != nil {
			continue
		}
		var names []string
		var nodes []*node
		for _, cond := range s.conditions {
			if cond.is("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principaltag/") {
				names, nodes = append(names, cond.name), append(nodes, cond.key.value)
			}
		}
		if len(names) > 0 {
			c.report("UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", c.at(nodes...), hole{"conditionKeys", strings.Join(names, ", ")})
		}
	}
}
