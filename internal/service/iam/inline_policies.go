package iam

import (
	"context"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/policy"
)

// An inline is an inline policy as the inputs and outputs of all kinds of
// entities have it.
type inline struct{ owner, name, text string }

// A listing is the input of a list of what one entity has.
type listing struct {
	owner, prefix, marker string
	maxItems              *int32
}

// A page is the answer to a listing.
type page[T any] struct {
	items     []T
	truncated *bool
	marker    string
}

func inlinePolicyOperations() []dispatch.Operation {
	u, g, r := users(), groups(), roles()
	return []dispatch.Operation{
		dispatch.Write(putInline("PutUserPolicy", u, func(in *api.PutUserPolicyInput) inline {
			return inline{in.UserName, in.PolicyName, in.PolicyDocument}
		})),
		dispatch.Write(putInline("PutGroupPolicy", g, func(in *api.PutGroupPolicyInput) inline {
			return inline{in.GroupName, in.PolicyName, in.PolicyDocument}
		})),
		dispatch.Write(putInline("PutRolePolicy", r, func(in *api.PutRolePolicyInput) inline {
			return inline{in.RoleName, in.PolicyName, in.PolicyDocument}
		})),
		dispatch.Write(deleteInline("DeleteUserPolicy", u, func(in *api.DeleteUserPolicyInput) inline {
			return inline{owner: in.UserName, name: in.PolicyName}
		})),
		dispatch.Write(deleteInline("DeleteGroupPolicy", g, func(in *api.DeleteGroupPolicyInput) inline {
			return inline{owner: in.GroupName, name: in.PolicyName}
		})),
		dispatch.Write(deleteInline("DeleteRolePolicy", r, func(in *api.DeleteRolePolicyInput) inline {
			return inline{owner: in.RoleName, name: in.PolicyName}
		})),
		dispatch.Read(getInline("GetUserPolicy", u,
			func(in *api.GetUserPolicyInput) inline { return inline{owner: in.UserName, name: in.PolicyName} },
			func(p inline) *api.GetUserPolicyOutput {
				return &api.GetUserPolicyOutput{UserName: p.owner, PolicyName: p.name, PolicyDocument: p.text}
			})),
		dispatch.Read(getInline("GetGroupPolicy", g,
			func(in *api.GetGroupPolicyInput) inline { return inline{owner: in.GroupName, name: in.PolicyName} },
			func(p inline) *api.GetGroupPolicyOutput {
				return &api.GetGroupPolicyOutput{GroupName: p.owner, PolicyName: p.name, PolicyDocument: p.text}
			})),
		dispatch.Read(getInline("GetRolePolicy", r,
			func(in *api.GetRolePolicyInput) inline { return inline{owner: in.RoleName, name: in.PolicyName} },
			func(p inline) *api.GetRolePolicyOutput {
				return &api.GetRolePolicyOutput{RoleName: p.owner, PolicyName: p.name, PolicyDocument: p.text}
			})),
		dispatch.Read(listInline("ListUserPolicies", u,
			func(in *api.ListUserPoliciesInput) listing {
				return listing{owner: in.UserName, marker: in.Marker, maxItems: in.MaxItems}
			},
			func(p page[string]) *api.ListUserPoliciesOutput {
				return &api.ListUserPoliciesOutput{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}
			})),
		dispatch.Read(listInline("ListGroupPolicies", g,
			func(in *api.ListGroupPoliciesInput) listing {
				return listing{owner: in.GroupName, marker: in.Marker, maxItems: in.MaxItems}
			},
			func(p page[string]) *api.ListGroupPoliciesOutput {
				return &api.ListGroupPoliciesOutput{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}
			})),
		dispatch.Read(listInline("ListRolePolicies", r,
			func(in *api.ListRolePoliciesInput) listing {
				return listing{owner: in.RoleName, marker: in.Marker, maxItems: in.MaxItems}
			},
			func(p page[string]) *api.ListRolePoliciesOutput {
				return &api.ListRolePoliciesOutput{PolicyNames: p.items, IsTruncated: p.truncated, Marker: p.marker}
			})),
	}
}

// needsOf and handlerOf are what dispatch makes an Operation of.
type (
	needsOf[In any]        = func(dispatch.Call, *In) ([]authz.Need, error)
	handlerOf[In, Out any] = func(context.Context, dispatch.Call, *In) (*Out, error)
)

// onEntity returns the needs of an operation on the entity that its input names.
func onEntity[In any](k *entityKind, operation string, owner func(*In) string) needsOf[In] {
	return func(call dispatch.Call, in *In) ([]authz.Need, error) {
		return k.ask(&call, "iam:"+operation, owner(in))
	}
}

// putInline writes a policy into an entity, within what all of its inline
// policies may come to (PL-82, PL-90).
func putInline[In any](operation string, k *entityKind, of func(*In) inline) (string, needsOf[In], handlerOf[In, wire.Empty]) {
	needs := onEntity(k, operation, func(in *In) string { return of(in).owner })
	return operation, needs, func(_ context.Context, call dispatch.Call, in *In) (*wire.Empty, error) {
		p := of(in)
		e, err := k.change(&call, p.owner)
		if err != nil {
			return nil, err
		}
		if _, err := checkDocument(policy.Identity, p.text); err != nil {
			return nil, err
		}
		e.PutInline(identity.Document{Name: p.name, Text: p.text})
		size := 0
		for _, d := range e.Inline {
			size += policy.Size(policy.Identity, d.Text)
		}
		if limit := k.size.Default(); size > limit {
			return nil, api.LimitExceeded("Maximum policy size of %d bytes exceeded for %s %s", limit, k.noun, e.name)
		}
		return &wire.Empty{}, e.save(call.Tx)
	}
}

func (k *entityKind) noInline(name string) error {
	return api.NoSuchEntity("The %s policy with name %s cannot be found.", k.noun, name)
}

func deleteInline[In any](operation string, k *entityKind, of func(*In) inline) (string, needsOf[In], handlerOf[In, wire.Empty]) {
	needs := onEntity(k, operation, func(in *In) string { return of(in).owner })
	return operation, needs, func(_ context.Context, call dispatch.Call, in *In) (*wire.Empty, error) {
		p := of(in)
		e, err := k.change(&call, p.owner)
		if err != nil {
			return nil, err
		}
		if !e.DeleteInline(p.name) {
			return nil, k.noInline(p.name)
		}
		return &wire.Empty{}, e.save(call.Tx)
	}
}

// getInline returns a policy's very text (PL-92).
func getInline[In, Out any](operation string, k *entityKind, of func(*In) inline, to func(inline) *Out) (string, needsOf[In], handlerOf[In, Out]) {
	needs := onEntity(k, operation, func(in *In) string { return of(in).owner })
	return operation, needs, func(_ context.Context, call dispatch.Call, in *In) (*Out, error) {
		p := of(in)
		e, err := k.find(&call, p.owner)
		if err != nil {
			return nil, err
		}
		d, ok := e.InlinePolicy(p.name)
		if !ok {
			return nil, k.noInline(p.name)
		}
		return to(inline{e.name, d.Name, d.Text}), nil
	}
}

func listInline[In, Out any](operation string, k *entityKind, of func(*In) listing, to func(page[string]) *Out) (string, needsOf[In], handlerOf[In, Out]) {
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
		documents, next := within(e.Inline, w, func(d identity.Document) string { return d.Name })
		p := page[string]{items: make([]string, len(documents))}
		for i, d := range documents {
			p.items[i] = d.Name
		}
		p.truncated, p.marker, err = more(&call, next)
		return to(p), err
	}
}
