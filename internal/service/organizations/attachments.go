package organizations

import (
	"errors"
	"iter"
	"slices"
	"strings"

	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func attachmentOperations() []dispatch.Operation {
	return []dispatch.Operation{
		manage("AttachPolicy", attachPolicyNeeds, attachPolicy),
		manage("DetachPolicy", detachPolicyNeeds, detachPolicy),
		read("ListPoliciesForTarget", listPoliciesForTargetNeeds, listPoliciesForTarget),
		read("ListTargetsForPolicy", listTargetsForPolicyNeeds, listTargetsForPolicy),
	}
}

// The kinds of targets, parents and children.
const (
	targetRoot    = "ROOT"
	targetUnit    = "ORGANIZATIONAL_UNIT"
	targetAccount = "ACCOUNT"
)

func typeNotEnabled() *awserr.Error {
	return api.PolicyTypeNotEnabledException("This operation can be performed only for enabled policy types.")
}

// target describes a root, unit or account of the organization.
func (m *managed) target(id string) (api.PolicyTargetSummary, error) {
	if id == m.org.RootID {
		return api.PolicyTargetSummary{TargetId: id, Arn: m.org.RootARN().String(), Name: "Root", Type: targetRoot}, nil
	}
	u, err := m.Tx.Unit(m.org.ID, id)
	if err == nil {
		return api.PolicyTargetSummary{TargetId: id, Arn: m.org.UnitARN(id).String(), Name: u.Name, Type: targetUnit}, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return api.PolicyTargetSummary{}, err
	}
	a, err := m.member(id)
	if errors.Is(err, store.ErrNotFound) {
		return api.PolicyTargetSummary{}, api.TargetNotFoundException("You specified a target that doesn't exist.")
	} else if err != nil {
		return api.PolicyTargetSummary{}, err
	}
	return api.PolicyTargetSummary{TargetId: id, Arn: m.org.AccountARN(a.ID).String(), Name: a.Name, Type: targetAccount}, nil
}

// onBoth returns the needs of an operation on a policy and a target.
func (m *managed) onBoth(action, policyID, targetID string) ([]authz.Need, error) {
	p, err := m.policyResource(policyID)
	if err != nil {
		return nil, err
	}
	t, err := m.nodeResource(targetID)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(p.keys, func(k authz.Key) bool { return k.Name == policyTypeKey }); i >= 0 {
		t.keys = append(t.keys, p.keys[i])
	}
	return everywhere(action, p, t), nil
}

// hanging returns a policy and the ids of those of its type that hang on a
// target: none of a type that is not enabled. It fails when there is no such
// policy or no such target.
func (m *managed) hanging(policyID, targetID string) (*identity.OrganizationPolicy, []string, error) {
	p, err := m.policy(policyID)
	if err != nil {
		return nil, nil, err
	}
	if _, err := m.target(targetID); err != nil {
		return nil, nil, err
	}
	ids, err := m.Tx.TargetPolicies(m.org, targetID, p.Type)
	return p, ids, err
}

func attachPolicyNeeds(m *managed, in *api.AttachPolicyInput) ([]authz.Need, error) {
	return m.onBoth("AttachPolicy", in.PolicyId, in.TargetId)
}

func attachPolicy(m *managed, in *api.AttachPolicyInput) (*wire.Empty, error) {
	p, ids, err := m.hanging(in.PolicyId, in.TargetId)
	if err != nil {
		return nil, err
	}
	if !m.org.TypeEnabled(p.Type) {
		return nil, typeNotEnabled()
	}
	t := typeOf(p.Type)
	switch {
	case slices.Contains(ids, p.ID):
		return nil, api.DuplicatePolicyAttachmentException("The selected policy is already attached to the specified target.")
	case len(ids) >= t.attached: // OR-21
		return nil, violated("MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
			"You attempted to exceed the number of policies of a certain type that can be attached to an entity at one time.")
	}
	return &wire.Empty{}, m.Tx.SetTargetPolicies(m.org, in.TargetId, p.Type, append(slices.Clip(ids), p.ID), m.Now)
}

func detachPolicyNeeds(m *managed, in *api.DetachPolicyInput) ([]authz.Need, error) {
	return m.onBoth("DetachPolicy", in.PolicyId, in.TargetId)
}

// detachPolicy takes a policy off a target. The last SCP stays, for a level
// without one allows nothing (OR-22, EV-11), and so does RCPFullAWSAccess.
func detachPolicy(m *managed, in *api.DetachPolicyInput) (*wire.Empty, error) {
	p, ids, err := m.hanging(in.PolicyId, in.TargetId)
	switch {
	case err != nil:
		return nil, err
	case !slices.Contains(ids, p.ID):
		return nil, api.PolicyNotAttachedException("The policy isn't attached to the specified target in the specified root.")
	case p.ID == identity.RCPFullAWSAccess:
		return nil, invalid("NON_DETACHABLE_POLICY", "You can't detach this Amazon Web Services managed policy.")
	case len(ids) == 1 && p.Type == identity.SCP:
		return nil, violated("MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
			"You attempted to detach a policy from an entity that would cause the entity to have fewer than the minimum number of policies of a certain type required.")
	}
	left := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == p.ID })
	return &wire.Empty{}, m.Tx.SetTargetPolicies(m.org, in.TargetId, p.Type, left, m.Now)
}

func listPoliciesForTargetNeeds(m *managed, in *api.ListPoliciesForTargetInput) ([]authz.Need, error) {
	r, err := m.nodeResource(in.TargetId)
	r.keys = append(r.keys, typeKey(in.Filter))
	return everywhere("ListPoliciesForTarget", r), err
}

func listPoliciesForTarget(m *managed, in *api.ListPoliciesForTargetInput) (*api.ListPoliciesForTargetOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	if _, err := m.target(in.TargetId); err != nil {
		return nil, err
	}
	ids, err := m.Tx.TargetPolicies(m.org, in.TargetId, identity.PolicyType(in.Filter))
	if err != nil {
		return nil, err
	}
	ids, next := cut(ids, w, func(id string) string { return id })
	out := &api.ListPoliciesForTargetOutput{Policies: make([]api.PolicySummary, len(ids))}
	for i, id := range ids {
		p, err := m.find(id)
		if err != nil {
			return nil, err
		}
		out.Policies[i] = m.summary(p)
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}

func listTargetsForPolicyNeeds(m *managed, in *api.ListTargetsForPolicyInput) ([]authz.Need, error) {
	return m.onPolicy("ListTargetsForPolicy", in.PolicyId)
}

func listTargetsForPolicy(m *managed, in *api.ListTargetsForPolicyInput) (*api.ListTargetsForPolicyOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	p, err := m.policy(in.PolicyId)
	if err != nil {
		return nil, err
	}
	var ids []string
	var next string
	if isAWSManaged(p.ID) {
		ids, next, err = m.defaultTargets(p, w)
	} else {
		ids, next, err = m.Tx.PolicyTargets(m.org, p, w.after, w.limit)
	}
	if err != nil {
		return nil, err
	}
	out := &api.ListTargetsForPolicyOutput{Targets: make([]api.PolicyTargetSummary, len(ids))}
	for i, id := range ids {
		if out.Targets[i], err = m.target(id); err != nil {
			return nil, err
		}
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}

// defaultTargets lists the targets that one of AWS's policies hangs on: the
// root and every unit and account that it was not detached from.
func (m *managed) defaultTargets(p *identity.OrganizationPolicy, w window) (ids []string, next string, err error) {
	for target, err := range m.targets(w.after) {
		if err != nil {
			return nil, "", err
		}
		attached, err := m.Tx.TargetPolicies(m.org, target, p.Type)
		if err != nil {
			return nil, "", err
		}
		if !slices.Contains(attached, p.ID) {
			continue
		}
		if len(ids) == w.limit {
			return ids, ids[len(ids)-1], nil
		}
		ids = append(ids, target)
	}
	return ids, "", nil
}

// targets yields the ids of what policies hang on, from behind one of them:
// the root, then the units, then the accounts.
func (m *managed) targets(after string) iter.Seq2[string, error] {
	units := func(after string) (ids []string, next string, err error) {
		list, next, err := m.Tx.Units(m.org.ID, after, maxResults)
		for _, u := range list {
			ids = append(ids, u.ID)
		}
		return ids, next, err
	}
	accounts := func(after string) (ids []string, next string, err error) {
		list, next, err := m.Tx.MemberAccounts(m.org.ID, after, maxResults)
		for _, a := range list {
			ids = append(ids, string(a.ID))
		}
		return ids, next, err
	}
	return func(yield func(string, error) bool) {
		switch {
		case after == "":
			if !yield(m.org.RootID, nil) {
				return
			}
		case after == m.org.RootID:
			after = ""
		case !strings.HasPrefix(after, "ou-"):
			pages(after, accounts, yield)
			return
		}
		if pages(after, units, yield) {
			pages("", accounts, yield)
		}
	}
}

// pages yields a list page by page, and reports whether it came to the end.
func pages(after string, page func(after string) (ids []string, next string, err error), yield func(string, error) bool) bool {
	for {
		ids, next, err := page(after)
		if err != nil {
			yield("", err)
			return false
		}
		for _, id := range ids {
			if !yield(id, nil) {
				return false
			}
		}
		if next == "" {
			return true
		}
		after = next
	}
}
