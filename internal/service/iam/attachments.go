package iam

import (
	"context"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/wire"
)

// An attaching is the input of an attachment or a detachment.
type attaching struct{ owner, policy string }

func attachmentOperations() []dispatch.Operation {
	u, g, r := users(), groups(), roles()
	return []dispatch.Operation{
		dispatch.Write(attach("AttachUserPolicy", u, func(in *api.AttachUserPolicyInput) attaching {
			return attaching{in.UserName, in.PolicyArn}
		})),
		dispatch.Write(attach("AttachGroupPolicy", g, func(in *api.AttachGroupPolicyInput) attaching {
			return attaching{in.GroupName, in.PolicyArn}
		})),
		dispatch.Write(attach("AttachRolePolicy", r, func(in *api.AttachRolePolicyInput) attaching {
			return attaching{in.RoleName, in.PolicyArn}
		})),
		dispatch.Write(detach("DetachUserPolicy", u, func(in *api.DetachUserPolicyInput) attaching {
			return attaching{in.UserName, in.PolicyArn}
		})),
		dispatch.Write(detach("DetachGroupPolicy", g, func(in *api.DetachGroupPolicyInput) attaching {
			return attaching{in.GroupName, in.PolicyArn}
		})),
		dispatch.Write(detach("DetachRolePolicy", r, func(in *api.DetachRolePolicyInput) attaching {
			return attaching{in.RoleName, in.PolicyArn}
		})),
		dispatch.Read(listAttached("ListAttachedUserPolicies", u,
			func(in *api.ListAttachedUserPoliciesInput) listing {
				return listing{in.UserName, in.PathPrefix, in.Marker, in.MaxItems}
			},
			func(p page[api.AttachedPolicy]) *api.ListAttachedUserPoliciesOutput {
				return &api.ListAttachedUserPoliciesOutput{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}
			})),
		dispatch.Read(listAttached("ListAttachedGroupPolicies", g,
			func(in *api.ListAttachedGroupPoliciesInput) listing {
				return listing{in.GroupName, in.PathPrefix, in.Marker, in.MaxItems}
			},
			func(p page[api.AttachedPolicy]) *api.ListAttachedGroupPoliciesOutput {
				return &api.ListAttachedGroupPoliciesOutput{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}
			})),
		dispatch.Read(listAttached("ListAttachedRolePolicies", r,
			func(in *api.ListAttachedRolePoliciesInput) listing {
				return listing{in.RoleName, in.PathPrefix, in.Marker, in.MaxItems}
			},
			func(p page[api.AttachedPolicy]) *api.ListAttachedRolePoliciesOutput {
				return &api.ListAttachedRolePoliciesOutput{AttachedPolicies: p.items, IsTruncated: p.truncated, Marker: p.marker}
			})),
	}
}

// attachmentNeeds ask about the entity, and tell the policy as a key (IA-78).
func attachmentNeeds[In any](k *entityKind, operation string, of func(*In) attaching) needsOf[In] {
	return func(call dispatch.Call, in *In) ([]authz.Need, error) {
		a := of(in)
		return k.ask(&call, "iam:"+operation, a.owner, authz.One("iam:PolicyARN", a.policy))
	}
}

// attach attaches a managed policy; one that is attached stays so (IA-43).
func attach[In any](operation string, k *entityKind, of func(*In) attaching) (string, needsOf[In], handlerOf[In, wire.Empty]) {
	return operation, attachmentNeeds(k, operation, of), func(_ context.Context, call dispatch.Call, in *In) (*wire.Empty, error) {
		a := of(in)
		e, err := k.change(&call, a.owner)
		if err != nil {
			return nil, err
		}
		if err := checkManaged(&call, a.policy); err != nil {
			return nil, err
		}
		if !e.Attach(a.policy) {
			return &wire.Empty{}, nil
		}
		if err := checkQuota(&call, k.quota, len(e.Attached)); err != nil {
			return nil, err
		}
		if err := call.Tx.Attached(e.account, a.policy, k.store, e.id); err != nil {
			return nil, err
		}
		return &wire.Empty{}, e.save(call.Tx)
	}
}

// detach takes a managed policy away. Whether the policy exists does not
// matter, whether it is attached does.
func detach[In any](operation string, k *entityKind, of func(*In) attaching) (string, needsOf[In], handlerOf[In, wire.Empty]) {
	return operation, attachmentNeeds(k, operation, of), func(_ context.Context, call dispatch.Call, in *In) (*wire.Empty, error) {
		a := of(in)
		e, err := k.change(&call, a.owner)
		if err != nil {
			return nil, err
		}
		if _, err := arn.Parse(a.policy); err != nil {
			return nil, errUnparsed()
		}
		if !e.Detach(a.policy) {
			return nil, noPolicy(a.policy)
		}
		if err := call.Tx.Detached(e.account, a.policy, k.store, e.id); err != nil {
			return nil, err
		}
		return &wire.Empty{}, e.save(call.Tx)
	}
}

// listAttached lists the managed policies of an entity by ARN.
func listAttached[In, Out any](operation string, k *entityKind, of func(*In) listing, to func(page[api.AttachedPolicy]) *Out) (string, needsOf[In], handlerOf[In, Out]) {
	needs := onEntity(k, operation, func(in *In) string { return of(in).owner })
	return operation, needs, func(_ context.Context, call dispatch.Call, in *In) (*Out, error) {
		l := of(in)
		e, err := k.find(&call, l.owner)
		if err != nil {
			return nil, err
		}
		w, err := windowOf(&call, l.marker, l.maxItems)
		if err != nil {
			return nil, err
		}
		var all []api.AttachedPolicy
		for _, policyARN := range e.Attached {
			path, name := pathAndName(policyARN)
			if inPath(path, l.prefix) {
				all = append(all, api.AttachedPolicy{PolicyName: name, PolicyArn: policyARN})
			}
		}
		byARN := func(p api.AttachedPolicy) string { return p.PolicyArn }
		slices.SortFunc(all, func(a, b api.AttachedPolicy) int { return strings.Compare(a.PolicyArn, b.PolicyArn) })
		items, next := within(all, w, byARN)
		p := page[api.AttachedPolicy]{items: items}
		p.truncated, p.marker, err = more(&call, next)
		return to(p), err
	}
}

// pathAndName returns the path and the name in the ARN of a managed policy.
func pathAndName(policyARN string) (path, name string) {
	a, err := arn.Parse(policyARN)
	if err != nil {
		return "", policyARN
	}
	_, rest := a.Kind()
	cut := strings.LastIndexByte(rest, '/') + 1
	return "/" + rest[:cut], rest[cut:]
}

func errUnparsed() error { return validationError("Invalid ARN:  Could not be parsed!") }

// noPolicy is the answer about a managed policy that there is none of (IA-31).
func noPolicy(policyARN string) error { return api.NoSuchEntity("Policy %s was not found.", policyARN) }
