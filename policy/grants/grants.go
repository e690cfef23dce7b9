// Package grants says which services policies let their holder use at all:
// those of which they allow some action on something. Conditions and resources
// narrow what is allowed and are not looked at, but for a Deny, which counts
// when it has neither a condition nor a resource of its own.
package grants

import (
	"iter"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/internal/wildcard"
)

// Rules are the statements of policies, made ready to be asked about services.
// An action must be allowed on each level: the policies of an identity are one
// level, service control policies one for each target from the root down.
type Rules struct {
	levels [][]entries // of the statements that allow
	denies []entries
}

// Of makes Rules of the documents of each level. Without levels everything is
// allowed, as where no policies count; a level without documents allows
// nothing, nor does a document that is nil.
func Of(levels ...[]*policy.Document) *Rules {
	r := &Rules{levels: make([][]entries, len(levels))}
	for i, documents := range levels {
		for _, d := range documents {
			if d != nil {
				r.add(i, d)
			}
		}
	}
	return r
}

func (r *Rules) add(level int, d *policy.Document) {
	for i := range d.Statements {
		s := &d.Statements[i]
		switch {
		case s.Effect == policy.EffectAllow:
			r.levels[level] = append(r.levels[level], entriesOf(s))
		case s.Effect == policy.EffectDeny && len(s.Conditions) == 0 && everything(s):
			r.denies = append(r.denies, entriesOf(s))
		}
	}
}

// everything reports whether a statement is about all resources.
func everything(s *policy.Statement) bool {
	return !s.NotResource && slices.ContainsFunc(s.Resources, func(v policy.Value) bool { return v.Text == "*" })
}

// Services returns the prefixes of the services in the catalog that are
// granted, in order.
func (r *Rules) Services() iter.Seq[string] {
	return func(yield func(string) bool) {
		for prefix := range catalog.Services() {
			if r.Service(prefix) && !yield(prefix) {
				return
			}
		}
	}
}

// Service reports whether some action of a service is granted. A service that
// the catalog does not have is granted by what allows all of its actions.
func (r *Rules) Service(prefix string) bool {
	prefix = arn.Fold(prefix)
	deny := none
	for _, e := range r.denies {
		deny = max(deny, e.reach(prefix))
	}
	if deny == whole {
		return false
	}
	allow := whole // on the level that allows least
	for _, level := range r.levels {
		widest := none
		for _, e := range level {
			widest = max(widest, e.reach(prefix))
		}
		allow = min(allow, widest)
	}
	if allow == none || allow == whole && deny == none {
		return allow == whole
	}
	s, ok := catalog.ServiceByPrefix(prefix)
	return ok && slices.ContainsFunc(s.Actions, func(a catalog.Action) bool { return r.action(prefix, arn.Fold(a.Name)) })
}

// action reports whether one action is granted; both names are folded.
func (r *Rules) action(service, name string) bool {
	matches := func(e entries) bool { return e.match(service, name) }
	for _, level := range r.levels {
		if !slices.ContainsFunc(level, matches) {
			return false
		}
	}
	return !slices.ContainsFunc(r.denies, matches)
}

// A reach says how much of a service entries match.
type reach int

const (
	none reach = iota
	part       // some actions, or none: the catalog has to be asked
	whole
)

// An entries is the Action or NotAction of a statement.
type entries struct {
	list []entry
	not  bool
}

// An entry is one pattern, cut at its colon.
type entry struct{ service, name wildcard.Pattern }

func entriesOf(s *policy.Statement) entries {
	e := entries{not: s.NotAction}
	for _, v := range s.Actions {
		text := arn.Fold(v.Text)
		if text == "*" {
			text = "*:*"
		}
		if service, name, ok := strings.Cut(text, ":"); ok && service != "" {
			e.list = append(e.list, entry{wildcard.Of(service, false), wildcard.Of(name, false)})
		}
	}
	return e
}

func (e entries) reach(service string) reach {
	widest := none
	for _, p := range e.list {
		switch {
		case !p.service.Matches(service):
		case p.name.MatchesAll():
			widest = whole
		default:
			widest = max(widest, part)
		}
	}
	if e.not {
		return whole - widest
	}
	return widest
}

func (e entries) match(service, name string) bool {
	in := slices.ContainsFunc(e.list, func(p entry) bool { return p.service.Matches(service) && p.name.Matches(name) })
	return in != e.not
}
