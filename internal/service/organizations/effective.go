package organizations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/effective"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

func effectiveOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Read("DescribeEffectivePolicy", describeEffectivePolicyNeeds, describeEffectivePolicy),
		read("ListAccountsWithInvalidEffectivePolicy", listInvalidNeeds, listInvalid),
		read("ListEffectivePolicyValidationErrors", listValidationErrorsNeeds, listValidationErrors),
	}
}

func noEffectivePolicy() *awserr.Error {
	return api.EffectivePolicyNotFoundException("If you ran this action on the management account, this policy type is not enabled. " +
		"If you ran the action on a member account, the account doesn't have an effective policy of this type. " +
		"Contact the administrator of your organization about attaching a policy of this type to the account.")
}

// A merger makes effective policies of one type. Of what hangs on a root or a
// unit it reads each policy once.
type merger struct {
	*managed
	policyType
	levels map[string]level // by target
}

// A level is what hangs on one target.
type level struct {
	policies []effective.Policy
	changed  time.Time // the last of what happened to them
}

func (m *managed) merger(name string) *merger {
	t := typeOf(identity.PolicyType(name)) // the model's enum names no other
	return &merger{m, t, map[string]level{}}
}

func (m *merger) level(target string) (level, error) {
	if l, ok := m.levels[target]; ok {
		return l, nil
	}
	at, err := m.Tx.TargetAttachments(m.org, target, m.name)
	if err != nil {
		return level{}, err
	}
	l := level{changed: at.Changed}
	for _, id := range at.Policies {
		p, err := m.Tx.OrganizationPolicy(m.org.ID, id)
		if err != nil {
			return level{}, fmt.Errorf("policy %s of %s: %w", id, target, err)
		}
		doc, err := effective.Parse(p.Text)
		if err != nil {
			return level{}, fmt.Errorf("policy %s of %s: %w", id, target, err)
		}
		l.policies = append(l.policies, effective.Policy{ID: id, Document: doc})
		if p.Updated.After(l.changed) {
			l.changed = p.Updated
		}
	}
	m.levels[target] = l
	return l, nil
}

// of returns the effective policy of an account, nil when it has none, and when
// it last changed. Only policies count for that, not that the account moved.
func (m *merger) of(a *identity.Account) (*effective.Effective, time.Time, error) {
	path, err := m.Tx.Path(m.org, a)
	if err != nil {
		return nil, time.Time{}, fmt.Errorf("place of %s: %w", a.ID, err)
	}
	var changed time.Time
	levels, none := make([][]effective.Policy, len(path)), true
	for i, target := range path {
		l, err := m.level(target)
		if err != nil {
			return nil, time.Time{}, err
		}
		levels[i] = l.policies
		none = none && len(l.policies) == 0
		if l.changed.After(changed) {
			changed = l.changed
		}
	}
	if none {
		return nil, time.Time{}, nil
	}
	return effective.Merge(levels, m.kind.Tags), changed, nil
}

// ownEffectivePolicy reports whether a call is about the caller's own account,
// whose effective policies every member may see (OR-3).
func ownEffectivePolicy(call *dispatch.Call, in *api.DescribeEffectivePolicyInput) bool {
	return in.TargetId == nil || *in.TargetId == string(call.Caller.Account)
}

func effectivePolicyNeeds(m *managed, in *api.DescribeEffectivePolicyInput) ([]authz.Need, error) {
	target := string(m.Caller.Account)
	if in.TargetId != nil {
		target = *in.TargetId
	}
	r, err := m.nodeResource(target)
	r.keys = append(r.keys, typeKey(in.PolicyType))
	return everywhere("DescribeEffectivePolicy", r), err
}

func describeEffectivePolicyNeeds(call dispatch.Call, in *api.DescribeEffectivePolicyInput) ([]authz.Need, error) {
	org, err := organizationOf(&call)
	if err != nil {
		return nil, err
	}
	if org != nil && ownEffectivePolicy(&call, in) {
		return effectivePolicyNeeds(&managed{call, org}, in)
	}
	return guarded("DescribeEffectivePolicy", toDelegates, effectivePolicyNeeds)(call, in)
}

// describeEffectivePolicy shows what the policies of a type come to for an
// account; SCPs and RCPs have no such thing (OR-23).
func describeEffectivePolicy(ctx context.Context, call dispatch.Call, in *api.DescribeEffectivePolicyInput) (*api.DescribeEffectivePolicyOutput, error) {
	org, err := organizationOf(&call)
	if err != nil {
		return nil, err
	}
	if org != nil && ownEffectivePolicy(&call, in) {
		return showEffectivePolicy(&managed{call, org}, in)
	}
	return held(toDelegates, showEffectivePolicy)(ctx, call, in)
}

func showEffectivePolicy(m *managed, in *api.DescribeEffectivePolicyInput) (*api.DescribeEffectivePolicyOutput, error) {
	target := string(m.Caller.Account)
	if in.TargetId != nil {
		target = *in.TargetId
	}
	a, err := m.member(target)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.TargetNotFoundException("You specified a target that doesn't exist.")
	} else if err != nil {
		return nil, err
	}
	e, changed, err := m.merger(in.PolicyType).of(a)
	switch {
	case err != nil:
		return nil, err
	case e == nil:
		return nil, noEffectivePolicy()
	}
	return &api.DescribeEffectivePolicyOutput{EffectivePolicy: &api.EffectivePolicy{
		PolicyContent: e.Text(), LastUpdatedTimestamp: changed, TargetId: target, PolicyType: in.PolicyType,
	}}, nil
}

func listInvalidNeeds(_ *managed, in *api.ListAccountsWithInvalidEffectivePolicyInput) ([]authz.Need, error) {
	return need("ListAccountsWithInvalidEffectivePolicy", "*", typeKey(in.PolicyType)), nil
}

// listInvalid lists accounts whose effective policy has problems. A call looks
// at one page of the organization's accounts, so that a page may be empty and
// more follow.
func listInvalid(m *managed, in *api.ListAccountsWithInvalidEffectivePolicyInput) (*api.ListAccountsWithInvalidEffectivePolicyOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	if !m.org.TypeEnabled(identity.PolicyType(in.PolicyType)) {
		return nil, noEffectivePolicy()
	}
	accounts, next, err := m.Tx.MemberAccounts(m.org.ID, w.after, w.limit)
	if err != nil {
		return nil, err
	}
	merger := m.merger(in.PolicyType)
	invalid := []*identity.Account{}
	for _, a := range accounts {
		e, _, err := merger.of(a)
		if err != nil {
			return nil, err
		}
		if e != nil && len(e.Problems(&merger.kind)) > 0 {
			invalid = append(invalid, a)
		}
	}
	out := &api.ListAccountsWithInvalidEffectivePolicyOutput{PolicyType: in.PolicyType}
	if out.Accounts, err = m.apiAccounts(invalid); err != nil {
		return nil, err
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}

func listValidationErrorsNeeds(m *managed, in *api.ListEffectivePolicyValidationErrorsInput) ([]authz.Need, error) {
	r, err := m.accountResource(in.AccountId)
	r.keys = append(r.keys, typeKey(in.PolicyType))
	return everywhere("ListEffectivePolicyValidationErrors", r), err
}

// problemName orders problems, by where they are.
func problemName(p effective.Problem) string { return p.Path + " " + p.Code }

func listValidationErrors(m *managed, in *api.ListEffectivePolicyValidationErrorsInput) (*api.ListEffectivePolicyValidationErrorsOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	a, err := m.memberFor(in.AccountId)
	if err != nil {
		return nil, err
	}
	merger := m.merger(in.PolicyType)
	e, _, err := merger.of(a)
	switch {
	case err != nil:
		return nil, err
	case e == nil:
		return nil, noEffectivePolicy()
	}
	path, err := m.Tx.Path(m.org, a)
	if err != nil {
		return nil, fmt.Errorf("place of %s: %w", a.ID, err)
	}
	out := &api.ListEffectivePolicyValidationErrorsOutput{
		AccountId: in.AccountId, PolicyType: in.PolicyType, Path: m.place(path), EvaluationTimestamp: m.Now,
		EffectivePolicyValidationErrors: []api.EffectivePolicyValidationError{},
	}
	problems := slices.DeleteFunc(e.Problems(&merger.kind), func(p effective.Problem) bool {
		return w.after != "" && problemName(p) <= w.after
	})
	slices.SortFunc(problems, func(p, q effective.Problem) int { return cmp.Compare(problemName(p), problemName(q)) })
	next := ""
	if len(problems) > w.limit {
		problems = problems[:w.limit]
		next = problemName(problems[w.limit-1])
	}
	for _, p := range problems {
		out.EffectivePolicyValidationErrors = append(out.EffectivePolicyValidationErrors, api.EffectivePolicyValidationError{
			ErrorCode: p.Code, ErrorMessage: p.Message, PathToError: p.Path, ContributingPolicies: p.Policies,
		})
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}
