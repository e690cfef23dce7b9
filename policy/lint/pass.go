package lint

import (
	"slices"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy/internal/wildcard"
)

// passRules look at who may pass roles to services and make linked roles (1.5.1).
var passRules = []rule{
	{"roles passed", func(c *checker) { c.grid("PASS_ROLE_WITH_", "iam:PassRole", "iam:passedtoservice", "role/") }},
	{"linked roles", func(c *checker) {
		c.grid("CREATE_SLR_WITH_", "iam:CreateServiceLinkedRole", "iam:awsservicename", "role/", "role/aws-service-role/")
	}},
}

// grid reports Allow statements that have the action on whichever role. Prefixes
// are what stands before a role's name that says nothing about the role.
func (c *checker) grid(prefix, action, pin string, prefixes ...string) {
	if c.kind != Identity {
		return
	}
	for _, s := range c.document {
		if !s.allows() || !s.covers(arn.Fold(action)) || s.has(pin) {
			continue
		}
		star := slices.IndexFunc(s.resources, func(r value) bool { return isAnyRole(r.text, prefixes) })
		if !s.notResource && star < 0 || s.notResource && len(s.resources) == 0 {
			continue
		}
		tail, from := s.writes(arn.Fold(action))
		resource := s.node.member("NotResource")
		switch {
		case !s.notResource:
			resource = s.resources[star].node
			tail = map[string]string{
				"": "STAR_IN_RESOURCE", "STAR_IN_ACTION": "STAR_IN_ACTION_AND_RESOURCE", "NOT_ACTION": "STAR_IN_RESOURCE_AND_NOT_ACTION",
			}[tail]
		case tail == "":
			tail = "NOT_RESOURCE"
		default:
			tail += "_AND_NOT_RESOURCE"
		}
		c.report(prefix+tail, c.at(from, resource))
	}
}

// writes says how the statement comes by the folded action: written out (""), by
// a wildcard ("STAR_IN_ACTION") or by leaving it out ("NOT_ACTION"); and where.
func (s *statement) writes(action string) (how string, at *node) {
	if s.notAction {
		return "NOT_ACTION", s.node.member("NotAction")
	}
	for _, a := range s.actions {
		if arn.Fold(a.text) == action {
			return "", a.node
		}
	}
	i := slices.IndexFunc(s.actions, func(a value) bool { return actionPattern(a.text).Matches(action) })
	return "STAR_IN_ACTION", s.actions[i].node
}

// isAnyRole reports whether a resource is "*" or has a wildcard where a role's
// name begins.
func isAnyRole(text string, prefixes []string) bool {
	segments := wildcard.Of(blank(text), false).Split(arn.Segments)
	if len(segments) == 1 {
		return segments[0].MatchesAll()
	}
	if len(segments) > serviceAt && !segments[serviceAt].Matches("iam") {
		return false
	}
	if len(segments) < arn.Segments {
		last := segments[len(segments)-1]
		return len(last) > 0 && last[len(last)-1] == wildcard.AnyRun
	}
	resource := segments[resourceAt]
	if len(resource) > 0 && resource[0] == wildcard.AnyRun {
		return wildcard.Intersects(resource, pattern("role/x"))
	}
	return slices.ContainsFunc(prefixes, func(prefix string) bool {
		n := len(prefix)
		return len(resource) > n && slices.Equal(resource[:n], pattern(prefix)) && resource[n] == wildcard.AnyRun
	})
}
