package iam

import (
	"context"
	"errors"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

func listPoliciesNeeds(call dispatch.Call, in *api.ListPoliciesInput) ([]authz.Need, error) {
	return need("iam:ListPolicies", accountARN(&call, "policy"+pathOr(in.PathPrefix))), nil
}

// usages are the values of PolicyUsageFilter, "" for either.
const (
	asPermissions = "PermissionsPolicy"
	asBoundary    = "PermissionsBoundary"
)

// A policyList is ListPolicies as it gathers a page: the account's own policies
// first, then AWS's, both by name.
type policyList struct {
	call    *dispatch.Call
	in      *api.ListPoliciesInput
	limit   int
	out     []api.Policy
	next    string
	failure error
}

// Where the next page begins: behind a policy of the account, or of AWS's.
const (
	afterOwn = "own/"
	afterAWS = "aws/"
)

func listPolicies(_ context.Context, call dispatch.Call, in *api.ListPoliciesInput) (*api.ListPoliciesOutput, error) {
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	l := &policyList{call: &call, in: in, limit: w.limit}
	aws, inAWS := strings.CutPrefix(w.after, afterAWS)
	if in.Scope != "AWS" && !inAWS {
		if err := l.own(strings.TrimPrefix(w.after, afterOwn)); err != nil {
			return nil, err
		}
	}
	if in.Scope != "Local" && l.next == "" {
		if err := l.aws(aws); err != nil {
			return nil, err
		}
	}
	out := &api.ListPoliciesOutput{Policies: l.out}
	out.IsTruncated, out.Marker, err = more(&call, l.next)
	return out, err
}

// byUse reports whether the list is to have only policies that are in use.
func (l *policyList) byUse() bool {
	return l.in.PolicyUsageFilter != "" || l.in.OnlyAttached != nil && *l.in.OnlyAttached
}

// wants reports whether such a list is to have a policy that is used so (IA-13).
func (l *policyList) wants(uses store.Uses) bool {
	if l.in.PolicyUsageFilter == asBoundary {
		return uses.Boundaries > 0
	}
	return uses.Permissions > 0
}

// add takes a policy onto the page.
func (l *policyList) add(m *managedPolicy) error {
	uses, err := l.call.Tx.Uses(l.call.Caller.Account, m.arn())
	if err != nil {
		return err
	}
	l.out = append(l.out, m.show(uses))
	return nil
}

// own adds the policies of the account behind a name.
func (l *policyList) own(after string) error {
	list, next, err := l.call.Tx.Policies(l.call.Caller.Account, store.Page[identity.Policy]{
		After: after, Limit: l.limit,
		Keep: func(p *identity.Policy) bool {
			if !inPath(p.Path, l.in.PathPrefix) || !l.byUse() {
				return inPath(p.Path, l.in.PathPrefix)
			}
			uses, err := l.call.Tx.Uses(p.Account, p.ARN().String())
			l.failure = errors.Join(l.failure, err)
			return l.wants(uses)
		},
	})
	if err := errors.Join(err, l.failure); err != nil {
		return err
	}
	for _, p := range list {
		if err := l.add(&managedPolicy{own: p}); err != nil {
			return err
		}
	}
	if next != "" {
		l.next = afterOwn + next
	}
	return nil
}

// aws adds AWS's policies behind a folded name. When nothing of them fits any
// more the page ends before the first. Those in use are found from the index of
// uses: most of AWS's policies are used by nobody.
func (l *policyList) aws(after string) error {
	used := map[string]bool{}
	if l.byUse() {
		err := l.call.Tx.Used(l.call.Caller.Account, beforeAWS, func(policyARN string, uses store.Uses) (bool, error) {
			used[policyARN] = l.wants(uses)
			return true, nil
		})
		if err != nil {
			return err
		}
	}
	last := after
	for p := range catalog.ManagedPolicies() {
		name := arn.Fold(p.Name)
		m := managedPolicy{aws: &p}
		if name <= after || !inPath(p.Path, l.in.PathPrefix) || l.byUse() && !used[m.arn()] {
			continue
		}
		if len(l.out) == l.limit {
			l.next = afterAWS + last
			return nil
		}
		if err := l.add(&m); err != nil {
			return err
		}
		last = name
	}
	return nil
}

// listEntitiesForPolicy lists who uses a policy: groups, roles, then users. Who
// has it both attached and as boundary stands there once.
func listEntitiesForPolicy(call *dispatch.Call, p *managedPolicy, in *api.ListEntitiesForPolicyInput) (*api.ListEntitiesForPolicyOutput, error) {
	w, err := windowOf(call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	f := &entityFilter{call.Tx, p.arn(), in, nil}
	uses, next, err := call.Tx.Attachments(call.Caller.Account, p.arn(), w.after, w.limit, f.wants)
	if err := errors.Join(err, f.failure); err != nil {
		return nil, err
	}
	out := &api.ListEntitiesForPolicyOutput{}
	for _, at := range uses {
		e, err := byID(call.Tx, at)
		if err != nil {
			return nil, err
		}
		switch at.Kind {
		case store.KindUser:
			out.PolicyUsers = append(out.PolicyUsers, api.PolicyUser{UserName: e.name, UserId: e.id})
		case store.KindGroup:
			out.PolicyGroups = append(out.PolicyGroups, api.PolicyGroup{GroupName: e.name, GroupId: e.id})
		case store.KindRole:
			out.PolicyRoles = append(out.PolicyRoles, api.PolicyRole{RoleName: e.name, RoleId: e.id})
		case store.KindPolicy, store.KindInstanceProfile, store.KindServerCertificate:
		}
	}
	out.IsTruncated, out.Marker, err = more(call, next)
	return out, err
}

// An entityFilter says which uses of a policy a call asks for (IA-13).
type entityFilter struct {
	tx      *store.Tx
	policy  string
	in      *api.ListEntitiesForPolicyInput
	failure error
}

// filterKinds are the values of EntityFilter that name entities.
func filterKinds(filter string) store.Kind {
	return map[string]store.Kind{"User": store.KindUser, "Group": store.KindGroup, "Role": store.KindRole}[filter]
}

func (f *entityFilter) wants(at store.Attachment) bool {
	if f.failure != nil || f.in.EntityFilter != "" && filterKinds(f.in.EntityFilter) != at.Kind {
		return false
	}
	switch f.in.PolicyUsageFilter {
	case asPermissions:
		if at.Boundary {
			return false
		}
	case asBoundary:
		if !at.Boundary {
			return false
		}
	}
	e, err := byID(f.tx, at)
	if err != nil {
		f.failure = err
		return false
	}
	twice := f.in.PolicyUsageFilter == "" && !at.Boundary && e.boundary != nil && *e.boundary == f.policy
	return inPath(e.path, f.in.PathPrefix) && !twice
}
