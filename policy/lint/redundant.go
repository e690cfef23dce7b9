package lint

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy/internal/wildcard"
)

// redundantRules look at what could be left out.
var redundantRules = []rule{
	{"redundant actions", checkRedundantActions},
	{"redundant resources", checkRedundantResources},
	{"redundant statements", checkRedundantStatements},
}

func checkRedundantActions(c *checker) {
	for _, s := range c.document {
		patterns := make([]pattern, len(s.actions))
		for i, a := range s.actions {
			patterns[i] = actionPattern(a.text)
		}
		if covered := coveredBy(s.actions, func(i, j int) bool { return patterns[i].Covers(patterns[j], &c.budget) }); len(covered) > 0 {
			c.report("REDUNDANT_ACTION", c.at(nodesOf(covered)...),
				hole{"redundantActionCount", strconv.Itoa(len(covered))}, hole{"redundantAction", covered[0].text})
		}
	}
}

func checkRedundantResources(c *checker) {
	for _, s := range c.document {
		patterns := make([][]pattern, len(s.resources))
		for i, r := range s.resources {
			patterns[i] = resourcePattern(r.text, c.variables())
		}
		covered := coveredBy(s.resources, func(i, j int) bool {
			if s.resources[i].text == s.resources[j].text {
				return true
			}
			if c.variables() && hasVariable(s.resources[i].text) {
				return false // nobody knows what the variable stands for
			}
			return coversSegments(patterns[i], patterns[j], &c.budget)
		})
		if len(covered) > 0 {
			c.report("REDUNDANT_RESOURCE", c.at(nodesOf(covered)...), hole{"redundantResourceCount", strconv.Itoa(len(covered))})
		}
	}
}

// resourcePattern cuts a resource into its segments; what is missing is "*".
func resourcePattern(text string, variables bool) []pattern {
	p := wildcard.Of(text, variables)
	if p.MatchesAll() {
		return slices.Repeat([]pattern{{wildcard.AnyRun}}, arn.Segments)
	}
	segments := p.Split(arn.Segments)
	if segments[0].Text() != "arn" {
		return segments
	}
	for len(segments) < arn.Segments && p[len(p)-1] == wildcard.AnyRun {
		segments = append(segments, pattern{wildcard.AnyRun})
	}
	return segments
}

func coversSegments(a, b []pattern, left *wildcard.Budget) bool {
	if len(a) != len(b) {
		return len(a) == arn.Segments && all(a, pattern.MatchesAll)
	}
	for i := range a {
		if !a[i].Covers(b[i], left) {
			return false
		}
	}
	return true
}

// coveredBy returns the values each of which another one covers. Of several that
// say the same the first stays.
func coveredBy(values []value, covers func(i, j int) bool) []value {
	var out []value
	for j := range values {
		for i := range values {
			if i != j && covers(i, j) && (i < j || !covers(j, i)) {
				out = append(out, values[j])
				break
			}
		}
	}
	return out
}

func nodesOf(values []value) []*node {
	out := make([]*node, 0, len(values))
	for _, v := range values {
		out = append(out, v.node)
	}
	return out
}

func checkRedundantStatements(c *checker) {
	var order []string
	same := map[string][]*node{}
	for _, s := range c.document {
		key := s.canonical()
		if same[key] == nil {
			order = append(order, key)
		}
		same[key] = append(same[key], s.node)
	}
	for _, key := range order {
		if len(same[key]) > 1 {
			c.report("REDUNDANT_STATEMENT", c.at(same[key]...))
		}
	}
}

// canonical is a text that two statements share when they differ in their Sid,
// in the order of things, and in lists of one only.
func (s *statement) canonical() string {
	var parts []string
	for _, m := range s.node.members {
		switch m.key {
		case "Sid":
		case "Action", "NotAction":
			parts = append(parts, fmt.Sprintf("%q:%s", m.key, arn.Fold(m.value.canonical())))
		default:
			parts = append(parts, fmt.Sprintf("%q:%s", m.key, m.value.canonical()))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

// canonical is the text of a value as its statement compares it.
func (n *node) canonical() string {
	var parts []string
	switch n.kind {
	case objectNode:
		for _, m := range n.members {
			parts = append(parts, fmt.Sprintf("%q:%s", m.key, m.value.canonical()))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ",") + "}"
	case arrayNode:
		for _, item := range n.items {
			parts = append(parts, item.canonical())
		}
		slices.Sort(parts)
		return strings.Join(slices.Compact(parts), ",")
	default:
	}
	return strconv.Quote(n.text)
}
