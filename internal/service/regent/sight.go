package regent

import (
	"cmp"
	"errors"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// A sight is which layers of policies an asker may read. What is not seen was
// decided from the records as they are, never from the outcome in question.
type sight struct {
	own      bool // identity policies, boundary and session policies
	scp, rcp bool
	resource bool // trust policy, bucket policy
	// noSCP, noRCP and noResource say that there is nothing to be hidden: the
	// asker's own account is in no organization, the service has no policies.
	noSCP, noRCP, noResource bool
}

// whole reports whether nothing is hidden.
func (s sight) whole() bool {
	return s.own && (s.scp || s.noSCP) && (s.rcp || s.noRCP) && (s.resource || s.noResource)
}

// look decides what the calling asker may see of a question. Each layer needs
// the right to read it, decided here and now (TH-61).
func (s *Service) look(call *dispatch.Call, q *question) (sight, error) {
	var out sight
	var err error
	if out.own, err = s.seesOwn(call, q); err != nil {
		return out, err
	}
	caller, owner := q.caller.Account, q.need.Account
	if out.scp, out.noSCP, err = s.seesControl(call, caller, identity.SCP); err != nil {
		return out, err
	}
	if out.rcp, out.noRCP, err = s.seesControl(call, owner, identity.RCP); err != nil {
		return out, err
	}
	if q.caller.Kind == authn.Anonymous {
		out.scp, out.noSCP = false, true
	}
	out.noResource = !hasPolicy(&q.need)
	if !out.noResource {
		out.resource, err = s.seesResource(call, &q.need)
	}
	return out, err
}

// hasPolicy reports whether the resource of a need could have a policy.
func hasPolicy(n *authz.Need) bool {
	return n.Trust || strings.HasPrefix(n.Resource, "arn:"+identity.Partition+":s3:")
}

// may reports whether the asker may do what reads a fact.
func (s *Service) may(call *dispatch.Call, n authz.Need) (bool, error) {
	d, err := s.config.Authorizer.Decide(call.Tx, &call.Caller, &call.Request.Facts, &n)
	if err != nil {
		return false, err
	}
	return d.Allowed(), nil
}

// seesOwn reports whether the asker may read the policies of who made the
// request: its own always, those of others in its account with iam:GetUserPolicy
// or iam:GetRolePolicy on them. Who did not sign has none.
func (s *Service) seesOwn(call *dispatch.Call, q *question) (bool, error) {
	c := q.caller
	switch {
	case q.own, c.Kind == authn.Anonymous:
		return true, nil
	case c.Account != call.Caller.Account:
		return false, nil
	case c.Kind == authn.Root || c.PrincipalID == "":
		return c.Kind == authn.Root, nil
	}
	n, err := readsPrincipal(call.Tx, c)
	if errors.Is(err, store.ErrNotFound) {
		// The policies of who is gone may still be at hand as they were. Whoever
		// could read them in the whole account may.
		n, err = authz.Need{Action: "iam:GetUserPolicy", Resource: "*"}, nil
		if c.Kind == authn.RoleSession {
			n.Action = "iam:GetRolePolicy"
		}
	}
	if err != nil {
		return false, err
	}
	return s.may(call, n)
}

// readsPrincipal is what reading the policies of a user or role needs.
func readsPrincipal(tx *store.Tx, c *authn.Caller) (authz.Need, error) {
	if c.Kind == authn.RoleSession {
		r, err := tx.RoleByID(c.PrincipalID)
		if err != nil {
			return authz.Need{}, err
		}
		return authz.Need{Action: "iam:GetRolePolicy", Resource: r.ARN().String(), Keys: authz.TagKeys(r.Tags, "aws:ResourceTag/", "iam:ResourceTag/")}, nil
	}
	u, err := tx.UserByID(c.PrincipalID)
	if err != nil {
		return authz.Need{}, err
	}
	return authz.Need{Action: "iam:GetUserPolicy", Resource: u.ARN().String(), Keys: authz.TagKeys(u.Tags, "aws:ResourceTag/", "iam:ResourceTag/")}, nil
}

// seesControl reports whether the asker may read the control policies of a
// type that bear on an account, and whether there can be none: an account knows
// whether it is in an organization, and no policy limits a management account.
// Only the management account reads them, as in Organizations (OR-3).
func (s *Service) seesControl(call *dispatch.Call, account identity.AccountID, t identity.PolicyType) (sees, none bool, err error) {
	org, err := organizationOf(call.Tx, account)
	if err != nil {
		return false, false, err
	}
	own := account == call.Caller.Account
	if org == nil || org.Management == account {
		return false, own, nil
	}
	if org.Management != call.Caller.Account {
		return false, false, nil
	}
	sees, err = s.may(call, authz.Need{
		Action: "organizations:ListPoliciesForTarget", Resource: org.AccountARN(account).String(),
		Keys: []authz.Key{authz.One("organizations:PolicyType", string(t))},
	})
	return sees, false, err
}

// seesResource reports whether the asker may read the policy of the resource,
// which only its account may.
func (s *Service) seesResource(call *dispatch.Call, n *authz.Need) (bool, error) {
	if n.Account != call.Caller.Account {
		return false, nil
	}
	if n.Trust {
		_, tags, err := livePolicy(call.Tx, n)
		if err != nil {
			return false, err
		}
		return s.may(call, authz.Need{Action: "iam:GetRole", Resource: n.Resource, Keys: authz.TagKeys(tags, "aws:ResourceTag/", "iam:ResourceTag/")})
	}
	bucket, _, _ := strings.Cut(n.Resource, "/")
	read := authz.Need{Action: "s3:GetBucketPolicy", Resource: bucket, Account: n.Account, Policy: n.Policy}
	if call.Caller.Kind == authn.Root {
		read.Policy = nil // root always reads it (S3-44)
	}
	return s.may(call, read)
}

// A reader tells which statements an asker may see. Those of a layer that is
// seen are, but for policies with a right of their own to be read.
type reader struct {
	service *Service
	call    *dispatch.Call
	own     bool
	known   map[string]bool
}

// sees reports whether the asker may read a policy of a layer that it sees.
func (r *reader) sees(layer policy.Layer, source policy.Source) (bool, error) {
	n, ok := r.need(layer, source)
	if !ok {
		return true, nil
	}
	key := n.Action + " " + n.Resource
	if seen, ok := r.known[key]; ok {
		return seen, nil
	}
	seen, err := r.service.may(r.call, n)
	r.known[key] = seen
	return seen, err
}

// need returns what reading one policy needs beside what its layer needs.
func (r *reader) need(layer policy.Layer, source policy.Source) (authz.Need, bool) {
	switch layer {
	case policy.LayerSCP, policy.LayerRCP:
		return authz.Need{Action: "organizations:DescribePolicy", Resource: source.ARN}, true
	case policy.LayerIdentity, policy.LayerBoundary, policy.LayerSession:
		if r.own {
			return authz.Need{}, false
		}
		a, err := arn.Parse(source.ARN)
		if err != nil {
			return authz.Need{}, false
		}
		switch kind, _ := a.Kind(); kind {
		case "policy":
			return authz.Need{Action: "iam:GetPolicyVersion", Resource: source.ARN}, true
		case "group":
			return authz.Need{Action: "iam:GetGroupPolicy", Resource: source.ARN}, true
		}
	case policy.LayerNone, policy.LayerResource, policy.LayerTrust:
	}
	return authz.Need{}, false
}

// principalName is how the user or role is named for an administrator.
func principalName(p *policy.Principal) string { return cmp.Or(p.Issuer, p.ARN, p.Kind.String()) }
