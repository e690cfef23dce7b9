package compare

import (
	"iter"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/internal/wildcard"
)

// A side is one of the documents that are compared.
type side struct {
	doc  *policy.Document
	kind policy.Kind
}

// A comparison is two documents, and the steps that comparing them may take.
type comparison struct {
	newer, older side
	left         wildcard.Budget
}

func newComparison(newer, older *policy.Document, kind policy.Kind) *comparison {
	return &comparison{newer: side{newer, kind}, older: side{older, kind}, left: wildcard.MaxSteps}
}

// A set is some of the actions, or of the resources: those that a pattern
// matches, or with not those that none of the patterns does.
type set struct {
	not   bool
	texts []string // one, unless not
}

// A box is a part of a statement: a set of actions on a set of resources, for a
// principal, under the statement's conditions.
type box struct {
	statement *policy.Statement
	actions   set
	resources set
	principal *policy.PrincipalEntry // nil: whoever the statement names
}

// boxes yields the parts of a statement. Together they are the statement.
func (d *side) boxes(s *policy.Statement) iter.Seq[box] { //nolint:gocognit // a flat list of cases, each of a line or two
	return func(yield func(box) bool) {
		for _, actions := range setsOf(s.Actions, s.NotAction, s.HasAction) {
			for _, resources := range setsOf(s.Resources, s.NotResource, s.HasResource) {
				if s.Principal == nil || s.Principal.Not {
					if !yield(box{s, actions, resources, nil}) {
						return
					}
					continue
				}
				for i := range s.Principal.Entries {
					if !yield(box{s, actions, resources, &s.Principal.Entries[i]}) {
						return
					}
				}
			}
		}
	}
}

// setsOf cuts an element into sets. One that is missing may stand for everything.
func setsOf(values []policy.Value, not, has bool) []set {
	if !has {
		return []set{{texts: []string{"*"}}}
	}
	if not {
		return []set{{true, textsOf(values)}}
	}
	var out []set
	for _, text := range textsOf(values) {
		out = append(out, set{texts: []string{text}})
	}
	return out
}

func textsOf(values []policy.Value) []string {
	out := make([]string, 0, len(values))
	for _, v := range values {
		out = append(out, v.Text)
	}
	return out
}

// covers reports whether statement s of one side takes in all of a box of the
// other: every request in the box matches s.
func (c *comparison) covers(of *side, s *policy.Statement, from *side, b box) bool {
	if !readable(s) || !s.HasResource && b.statement.HasResource {
		return false
	}
	actions := set{s.NotAction, textsOf(s.Actions)}
	resources := set{s.NotResource, textsOf(s.Resources)}
	return c.takesIn(actions, b.actions, c.coversAction, c.meetAction) &&
		(!s.HasResource || c.takesIn(resources, b.resources,
			func(p, q string) bool { return c.coversResource(of, p, from, q) },
			func(p, q string) bool { return meetResource(of, p, from, q) })) &&
		coversPrincipal(s, b) && implied(of, s, from, b.statement)
}

// readable reports whether it is certain what the statement is about: what an
// empty list means is not.
func readable(s *policy.Statement) bool {
	return s.HasAction && len(s.Actions) > 0 && (!s.HasResource || len(s.Resources) > 0)
}

// takesIn reports whether set s has all of set b in it.
func (c *comparison) takesIn(s, b set, covers, meet func(p, q string) bool) bool {
	if !s.not && !b.not {
		return slices.ContainsFunc(s.texts, func(p string) bool { return covers(p, b.texts[0]) })
	}
	if !s.not { // b is nearly everything
		return slices.Contains(s.texts, "*")
	}
	// Nothing that s leaves out may be in b.
	return !slices.ContainsFunc(s.texts, func(out string) bool {
		if b.not {
			return !slices.ContainsFunc(b.texts, func(p string) bool { return covers(p, out) })
		}
		return meet(out, b.texts[0])
	})
}

// disjoint reports whether no request is in both boxes. Principals and conditions
// are not looked at: what they tell apart is not told here.
func (c *comparison) disjoint(of *side, a box, from *side, b box) bool {
	return apart(a.actions, b.actions, c.coversAction, c.meetAction) || apart(a.resources, b.resources,
		func(p, q string) bool { return c.coversResource(of, p, from, q) && c.coversResource(from, p, of, q) },
		func(p, q string) bool { return meetResource(of, p, from, q) })
}

func apart(a, b set, covers, meet func(p, q string) bool) bool {
	switch {
	case !a.not && !b.not:
		return !meet(a.texts[0], b.texts[0])
	case a.not && b.not:
		return false
	case a.not:
		return slices.ContainsFunc(a.texts, func(out string) bool { return covers(out, b.texts[0]) })
	}
	return slices.ContainsFunc(b.texts, func(out string) bool { return covers(out, a.texts[0]) })
}

func action(text string) wildcard.Pattern { return wildcard.Of(arn.Fold(text), false) }

func (c *comparison) coversAction(p, q string) bool { return action(p).Covers(action(q), &c.left) }
func (c *comparison) meetAction(p, q string) bool   { return wildcard.Intersects(action(p), action(q)) }

// hasVariable reports whether a text of the side's document has variables.
func (d *side) hasVariable(text string) bool {
	return d.doc.Variables() && strings.Contains(text, "${")
}

// segments cuts a resource of the side's document as the engine does; nil when
// it has too few and none are put in their place.
func (d *side) segments(text string) []wildcard.Pattern {
	p := wildcard.Of(text, d.doc.Variables())
	parts := p.Split(arn.Segments)
	for d.kind == policy.Identity && len(parts) < arn.Segments {
		parts = append(parts, wildcard.Pattern{wildcard.AnyRun})
	}
	if len(parts) < arn.Segments {
		return nil
	}
	return parts
}

// coversResource reports whether resource p takes in all of resource q. What the
// variables of p stand for is not known, so nothing but the same text is.
func (c *comparison) coversResource(of *side, p string, from *side, q string) bool {
	if p == "*" || p == q && of.doc.Variables() == from.doc.Variables() {
		return true
	}
	a, b := of.segments(p), from.segments(q)
	if q == "*" || a == nil || b == nil || of.hasVariable(p) {
		return false
	}
	for i := range a {
		if !a[i].Covers(b[i], &c.left) {
			return false
		}
	}
	return true
}

// meetResource reports whether some resource may match both.
func meetResource(of *side, p string, from *side, q string) bool {
	a, b := of.segments(p), from.segments(q)
	if p == "*" || q == "*" || a == nil || b == nil {
		return true
	}
	for i := range a {
		if !wildcard.Intersects(a[i], b[i]) {
			return false
		}
	}
	return true
}

// coversPrincipal reports whether the statement is for everybody whom the box is
// for.
func coversPrincipal(s *policy.Statement, b box) bool {
	p, q := s.Principal, b.statement.Principal
	switch {
	case p == nil || q == nil:
		return p == nil && q == nil
	case p.Not || q.Not:
		return p.Not == q.Not && slices.EqualFunc(p.Entries, q.Entries, samePrincipal)
	}
	return slices.ContainsFunc(p.Entries, func(e policy.PrincipalEntry) bool {
		return samePrincipal(e, *b.principal) || everybody(e) && b.principal.Type == policy.PrincipalAWS
	})
}

func everybody(e policy.PrincipalEntry) bool {
	return e.Type == policy.PrincipalAWS && e.Value.Text == "*"
}

func samePrincipal(a, b policy.PrincipalEntry) bool {
	return a.Type == b.Type && rootOf(a.Value.Text) == rootOf(b.Value.Text)
}

// rootOf writes an account as the ARN of its root, which is the same principal.
func rootOf(text string) string {
	if arn.ValidAccount(text) {
		return arn.Root("aws", text)
	}
	return text
}

// intersect returns the part of a box that has an action and a resource in it,
// or something no smaller, and reports whether there may be any.
func (c *comparison) intersect(b box, actionText, resourceText string) (box, bool) {
	var ok bool
	if b.actions, ok = narrow(b.actions, actionText, c.coversAction, c.meetAction); !ok {
		return b, false
	}
	d := &c.newer
	// What is asked about is plain text, in which nothing is a variable.
	covers := func(p, q string) bool { return c.coversResource(d, p, d, q) }
	b.resources, ok = narrow(b.resources, resourceText, covers, func(p, q string) bool { return meetResource(d, p, d, q) })
	return b, ok
}

// narrow returns the smaller of a set and a pattern that overlap.
func narrow(s set, text string, covers, meet func(p, q string) bool) (set, bool) {
	asked := set{texts: []string{text}}
	if s.not {
		return asked, !slices.ContainsFunc(s.texts, func(out string) bool { return covers(out, text) })
	}
	if !meet(s.texts[0], text) {
		return s, false
	}
	if covers(s.texts[0], text) {
		return asked, true
	}
	return s, true
}
