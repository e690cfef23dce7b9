package lint

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
)

// tagRules look at tags of resources that a service does not tell.
var tagRules = []rule{{"tags", checkTags}}

func checkTags(c *checker) {
	if c.kind != Identity && c.kind != SCP {
		return
	}
	for _, s := range c.document {
		code := "DENY"
		if s.allows() {
			code = "ALLOW"
		}
		if s.effect == "" || s.allows() && c.kind == SCP {
			continue
		}
		seen := map[string]bool{}
		for _, cond := range s.conditions {
			if !cond.is("aws:resourcetag/") || seen[cond.fold] {
				continue
			}
			seen[cond.fold] = true
			at, key := c.at(cond.key.value), hole{"conditionKeyName", cond.name}
			if s.notAction {
				c.report(code+"_NOTACTION_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", at, key)
			} else if without := s.servicesWithout(cond.fold); len(without) > 0 {
				c.report(code+"_WITH_UNSUPPORTED_TAG_CONDITION_KEY_FOR_SERVICE", at, key, hole{"serviceNames", strings.Join(without, ", ")})
			}
		}
	}
}

// servicesWithout returns the services of the statement's actions none of whose
// actions takes the key.
func (s *statement) servicesWithout(key string) []string {
	var out []string
	for _, a := range s.actions {
		prefix, _, _ := strings.Cut(arn.Fold(a.text), ":")
		service, ok := catalog.ServiceByPrefix(prefix)
		if !ok || slices.Contains(out, prefix) {
			continue
		}
		if !slices.ContainsFunc(service.Actions, func(a catalog.Action) bool { return actionTakes(service, &a, key) }) {
			out = append(out, prefix)
		}
	}
	return out
}
