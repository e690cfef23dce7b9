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
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/policy"
)

func policyOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("CreatePolicy", createPolicyNeeds, createPolicy),
		dispatch.Write(onOwnPolicy("DeletePolicy", func(in *api.DeletePolicyInput) string { return in.PolicyArn }, deletePolicy)),
		dispatch.Read(onPolicy("GetPolicy", func(in *api.GetPolicyInput) string { return in.PolicyArn }, getPolicy)),
		dispatch.Read(onPolicy("ListEntitiesForPolicy", func(in *api.ListEntitiesForPolicyInput) string { return in.PolicyArn }, listEntitiesForPolicy)),
		dispatch.Read("ListPolicies", listPoliciesNeeds, listPolicies),
		dispatch.Read(onPolicy("ListPolicyTags", func(in *api.ListPolicyTagsInput) string { return in.PolicyArn }, listPolicyTags)),
		dispatch.Write("TagPolicy", tagPolicyNeeds, tagPolicy),
		dispatch.Write("UntagPolicy", untagPolicyNeeds, untagPolicy),
	}
}

// A managedPolicy is a managed policy that an account sees: its own, or one of
// AWS's. One of the two is set.
type managedPolicy struct {
	own *identity.Policy
	aws *catalog.ManagedPolicy
}

func (p *managedPolicy) arn() string {
	if p.own != nil {
		return p.own.ARN().String()
	}
	return p.aws.ARN()
}

// show returns what lists show of the policy (IA-12).
func (p *managedPolicy) show(uses store.Uses) api.Policy {
	out := api.Policy{
		AttachmentCount: new(int32(uses.Permissions)), PermissionsBoundaryUsageCount: new(int32(uses.Boundaries)), IsAttachable: new(true),
		Arn: p.arn(),
	}
	if p.own != nil {
		out.PolicyName, out.PolicyId, out.Path = string(p.own.Name), p.own.ID, p.own.Path
		out.DefaultVersionId, out.CreateDate, out.UpdateDate = versionID(p.own.Default), p.own.Created, p.own.Updated
		return out
	}
	out.PolicyName, out.PolicyId, out.Path = p.aws.Name, p.aws.ID(), p.aws.Path
	out.DefaultVersionId, out.CreateDate, out.UpdateDate = p.aws.DefaultVersionID, p.aws.Created, p.aws.Updated
	return out
}

// findPolicy returns the managed policy of that very ARN. The error is
// store.ErrNotFound when the caller's account sees none, and an answer when the
// ARN cannot be that of a managed policy.
func findPolicy(call *dispatch.Call, policyARN string) (*managedPolicy, error) {
	a, err := arn.Parse(policyARN)
	if err != nil {
		return nil, errUnparsed()
	}
	kind, rest := a.Kind()
	name := rest[strings.LastIndexByte(rest, '/')+1:]
	if a.Partition != identity.Partition || a.Service != "iam" || a.Region != "" || a.Account == "" || kind != "policy" || name == "" {
		return nil, validationError("ARN %s is not valid.", policyARN)
	}
	switch identity.AccountID(a.Account) {
	case identity.AWSAccount:
		if p, ok := catalog.LookupManagedPolicy(policyARN); ok && p.ARN() == policyARN {
			return &managedPolicy{aws: &p}, nil
		}
	case call.Caller.Account:
		p, err := call.Tx.Policy(call.Caller.Account, identity.PolicyName(name))
		if err != nil {
			return nil, err
		}
		if p.ARN().String() == policyARN {
			return &managedPolicy{own: p}, nil
		}
	}
	return nil, store.ErrNotFound
}

// managedPolicyOf is findPolicy with IAM's answer when there is none (IA-31).
func managedPolicyOf(call *dispatch.Call, policyARN string) (*managedPolicy, error) {
	p, err := findPolicy(call, policyARN)
	if errors.Is(err, store.ErrNotFound) {
		return nil, noPolicy(policyARN)
	}
	return p, err
}

// policyNeeds asks for an action on a managed policy. Policies of other
// accounts can be named and never used: managed policies know no policies of
// their own that could allow it (TH-36). Those of AWS may be read only (EV-54).
func policyNeeds(call *dispatch.Call, operation, policyARN string, change bool, keys ...authz.Key) ([]authz.Need, error) {
	p, err := findPolicy(call, policyARN)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	n := authz.Need{Action: "iam:" + operation, Resource: policyARN, Keys: keys}
	owner := identity.AccountID(arn.AccountIn(policyARN))
	if owner != call.Caller.Account && (change || owner != identity.AWSAccount) {
		return nil, authz.Deny(&call.Caller, &n, authz.Decision{})
	}
	if err == nil && p.own != nil {
		n.Keys = append(targetKeys(p.own.Tags), keys...)
	}
	return []authz.Need{n}, nil
}

// onPolicy returns the parts of an operation that reads a managed policy.
func onPolicy[In, Out any](operation string, of func(*In) string, do func(*dispatch.Call, *managedPolicy, *In) (*Out, error)) (string, needsOf[In], handlerOf[In, Out]) {
	needs := func(call dispatch.Call, in *In) ([]authz.Need, error) {
		return policyNeeds(&call, operation, of(in), false)
	}
	return operation, needs, func(_ context.Context, call dispatch.Call, in *In) (*Out, error) {
		p, err := managedPolicyOf(&call, of(in))
		if err != nil {
			return nil, err
		}
		return do(&call, p, in)
	}
}

// onOwnPolicy returns the parts of an operation that changes a policy of the
// caller's account.
func onOwnPolicy[In, Out any](operation string, of func(*In) string, do func(*dispatch.Call, *identity.Policy, *In) (*Out, error)) (string, needsOf[In], handlerOf[In, Out]) {
	needs := func(call dispatch.Call, in *In) ([]authz.Need, error) {
		return policyNeeds(&call, operation, of(in), true)
	}
	return operation, needs, func(_ context.Context, call dispatch.Call, in *In) (*Out, error) {
		p, err := ownPolicy(&call, of(in))
		if err != nil {
			return nil, err
		}
		return do(&call, p, in)
	}
}

// ownPolicy returns a policy of the caller's account. Its needs have refused
// all others.
func ownPolicy(call *dispatch.Call, policyARN string) (*identity.Policy, error) {
	p, err := managedPolicyOf(call, policyARN)
	if err != nil {
		return nil, err
	}
	if p.own == nil {
		return nil, noPolicy(policyARN)
	}
	return p.own, nil
}

// managedDocument checks the text of a managed policy as it is saved (PL-82, PL-90).
func managedDocument(text string) error {
	if _, err := checkDocument(policy.Identity, text); err != nil {
		return err
	}
	if limit := catalog.PolicySize.Default(); policy.Size(policy.Identity, text) > limit {
		return quota(string(catalog.PolicySize), limit)
	}
	return nil
}

func createPolicyNeeds(call dispatch.Call, in *api.CreatePolicyInput) ([]authz.Need, error) {
	p := identity.Policy{Account: call.Caller.Account, Name: identity.PolicyName(in.PolicyName), Path: pathOr(in.Path)}
	tags := createTags(in.Tags)
	needs := need("iam:CreatePolicy", p.ARN().String(), tags...)
	if len(in.Tags) > 0 {
		needs = append(needs, need("iam:TagPolicy", p.ARN().String(), tags...)...) // IA-61
	}
	return needs, nil
}

func createPolicy(_ context.Context, call dispatch.Call, in *api.CreatePolicyInput) (*api.CreatePolicyOutput, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := managedDocument(in.PolicyDocument); err != nil {
		return nil, err
	}
	id, err := newID(&call, arn.ManagedPolicyID)
	if err != nil {
		return nil, err
	}
	p := &identity.Policy{
		Account: call.Caller.Account, Name: identity.PolicyName(in.PolicyName), Path: pathOr(in.Path), ID: id,
		Created: call.Now, Updated: call.Now, Default: 1, Last: 1, Tags: tags,
		Versions: []identity.PolicyVersion{{Number: 1, Text: in.PolicyDocument, Created: call.Now}},
	}
	if in.Description != nil {
		p.Description = *in.Description
	}
	switch err := call.Tx.CreatePolicy(p); {
	case errors.Is(err, store.ErrExists):
		return nil, api.EntityAlreadyExists("A policy called %s already exists. Duplicate names are not allowed.", in.PolicyName)
	case err != nil:
		return nil, exceeded(err)
	}
	out := (&managedPolicy{own: p}).show(store.Uses{})
	out.Tags = apiTags(p.Tags)
	return &api.CreatePolicyOutput{Policy: &out}, nil
}

func getPolicy(call *dispatch.Call, p *managedPolicy, _ *api.GetPolicyInput) (*api.GetPolicyOutput, error) {
	uses, err := call.Tx.Uses(call.Caller.Account, p.arn())
	if err != nil {
		return nil, err
	}
	out := p.show(uses)
	if p.own != nil {
		out.Description, out.Tags = p.own.Description, apiTags(p.own.Tags)
	}
	return &api.GetPolicyOutput{Policy: &out}, nil
}

// deletePolicy removes a policy that nothing uses and that has one version
// left (IA-41).
func deletePolicy(call *dispatch.Call, p *identity.Policy, _ *api.DeletePolicyInput) (*wire.Empty, error) {
	uses, err := call.Tx.Uses(p.Account, p.ARN().String())
	if err != nil {
		return nil, err
	}
	switch {
	case uses != (store.Uses{}):
		return nil, api.DeleteConflict("Cannot delete a policy attached to entities.")
	case len(p.Versions) > 1:
		return nil, api.DeleteConflict("This policy has more than one version. Before you delete a policy, you must delete the policy's versions." +
			" The default version is deleted with the policy.")
	}
	return &wire.Empty{}, call.Tx.DeletePolicy(p)
}

func tagPolicyNeeds(call dispatch.Call, in *api.TagPolicyInput) ([]authz.Need, error) {
	return policyNeeds(&call, "TagPolicy", in.PolicyArn, true, requestTags(in.Tags)...)
}

func tagPolicy(_ context.Context, call dispatch.Call, in *api.TagPolicyInput) (*wire.Empty, error) {
	p, err := ownPolicy(&call, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	if p.Tags, err = addTags(p.Tags, in.Tags, "Policy"); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutPolicy(p)
}

func untagPolicyNeeds(call dispatch.Call, in *api.UntagPolicyInput) ([]authz.Need, error) {
	return policyNeeds(&call, "UntagPolicy", in.PolicyArn, true, authz.Many("aws:TagKeys", in.TagKeys...))
}

func untagPolicy(_ context.Context, call dispatch.Call, in *api.UntagPolicyInput) (*wire.Empty, error) {
	p, err := ownPolicy(&call, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	p.Tags = identity.RemoveTags(p.Tags, in.TagKeys)
	return &wire.Empty{}, call.Tx.PutPolicy(p)
}

func listPolicyTags(call *dispatch.Call, p *managedPolicy, in *api.ListPolicyTagsInput) (*api.ListPolicyTagsOutput, error) {
	w, err := windowOf(call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	var all []identity.Tag
	if p.own != nil {
		all = p.own.Tags
	}
	tags, next := within(all, w, func(t identity.Tag) string { return t.Key })
	out := &api.ListPolicyTagsOutput{Tags: apiTags(tags)}
	out.IsTruncated, out.Marker, err = more(call, next)
	return out, err
}
