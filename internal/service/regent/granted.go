package regent

import (
	"slices"

	"github.com/regent-iam/regent/internal/analysis"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/policy"
)

// grantedBy returns whose policies let a user do what was allowed from evidence:
// the user itself, groups that it is in, or several. It is empty where the trust
// policy lets the user in by itself, and where the asker may not read it all.
func (e *eyes) grantedBy(q *analysis.Question, evidence *authz.Evidence) ([]string, error) {
	c := q.Caller
	if evidence == nil || c == nil || c.Kind != authn.User {
		return nil, nil
	}
	policies := grants(evidence)
	if len(policies) == 0 {
		return nil, nil
	}
	u, err := e.call.Tx.UserByID(c.PrincipalID)
	if err != nil {
		return nil, err
	}
	var out []string
	if name := u.ARN().String(); has(policies, name, &u.Permissions) {
		out = append(out, name)
	}
	if len(u.Groups) == 0 {
		return out, nil
	}
	if seen, err := e.may("iam:ListGroupsForUser", u.ARN().String(), u.Tags); err != nil || !seen {
		return nil, err
	}
	for _, id := range u.Groups {
		g, err := e.call.Tx.GroupByID(id)
		if err != nil {
			return nil, err
		}
		name := g.ARN().String()
		if !has(policies, name, &g.Permissions) {
			continue
		}
		// That of a group's own policies is known by now: see seesOwn.
		if !slices.Contains(policies, name) {
			if seen, err := e.may("iam:ListAttachedGroupPolicies", name, nil); err != nil || !seen {
				return nil, err
			}
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return out, nil
}

// grants returns the ARNs of the identity policies that allow a request, of
// inline ones that of whom they are in; none where nothing of the kind is needed.
func grants(evidence *authz.Evidence) (out []string) {
	for _, t := range evidence.Layers.Explain(evidence.Request).Layers {
		if t.Layer != policy.LayerIdentity || !t.Required {
			continue
		}
		for i := range t.Matched {
			out = append(out, t.Matched[i].Source.ARN)
		}
	}
	return out
}

// has reports whether one of the policies is a user's or a group's own, or attached to it.
func has(policies []string, owner string, p *identity.Permissions) bool {
	return slices.ContainsFunc(policies, func(name string) bool {
		return name == owner || slices.Contains(p.Attached, name)
	})
}
