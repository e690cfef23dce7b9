package iam

import (
	"fmt"
	"slices"

	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/wire"
)

func policyVersionOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write(onOwnPolicy("CreatePolicyVersion",
			func(in *api.CreatePolicyVersionInput) string { return in.PolicyArn }, createPolicyVersion)),
		dispatch.Write(onOwnPolicy("DeletePolicyVersion",
			func(in *api.DeletePolicyVersionInput) string { return in.PolicyArn }, deletePolicyVersion)),
		dispatch.Read(onPolicy("GetPolicyVersion",
			func(in *api.GetPolicyVersionInput) string { return in.PolicyArn }, getPolicyVersion)),
		dispatch.Read(onPolicy("ListPolicyVersions",
			func(in *api.ListPolicyVersionsInput) string { return in.PolicyArn }, listPolicyVersions)),
		dispatch.Write(onOwnPolicy("SetDefaultPolicyVersion",
			func(in *api.SetDefaultPolicyVersionInput) string { return in.PolicyArn }, setDefaultPolicyVersion)),
	}
}

// versions returns what is shown of all versions, the newest first. Of AWS's
// policies the default version is known and no other. Text is left out.
func (p *managedPolicy) versions() []api.PolicyVersion {
	if p.own == nil {
		return []api.PolicyVersion{{VersionId: p.aws.DefaultVersionID, IsDefaultVersion: new(true), CreateDate: p.aws.Updated}}
	}
	out := make([]api.PolicyVersion, 0, len(p.own.Versions))
	for _, v := range slices.Backward(p.own.Versions) {
		out = append(out, apiVersion(p.own, v))
	}
	return out
}

// text returns the document of a version.
func (p *managedPolicy) text(id string) string {
	if p.own == nil {
		return p.aws.Document()
	}
	v, _ := version(p.own, id)
	return v.Text
}

func apiVersion(p *identity.Policy, v identity.PolicyVersion) api.PolicyVersion {
	return api.PolicyVersion{VersionId: versionID(v.Number), IsDefaultVersion: new(v.Number == p.Default), CreateDate: v.Created}
}

// version returns the version with that id, which has one spelling.
func version(p *identity.Policy, id string) (identity.PolicyVersion, bool) {
	i := slices.IndexFunc(p.Versions, func(v identity.PolicyVersion) bool { return versionID(v.Number) == id })
	if i < 0 {
		return identity.PolicyVersion{}, false
	}
	return p.Versions[i], true
}

func noVersion(policyARN, id string) error {
	return api.NoSuchEntity("Policy %s version %s does not exist or is not attachable.", policyARN, id)
}

// createPolicyVersion adds a version under the next number, which is never
// given again (IA-45).
func createPolicyVersion(call *dispatch.Call, p *identity.Policy, in *api.CreatePolicyVersionInput) (*api.CreatePolicyVersionOutput, error) {
	if err := managedDocument(in.PolicyDocument); err != nil {
		return nil, err
	}
	if limit := catalog.VersionsPerPolicy.Default(); len(p.Versions) >= limit {
		return nil, api.LimitExceeded("A managed policy can have up to %d versions."+
			" Before you create a new version, you must delete an existing version.", limit)
	}
	p.Last++
	v := identity.PolicyVersion{Number: p.Last, Text: in.PolicyDocument, Created: call.Now}
	p.Versions, p.Updated = append(p.Versions, v), call.Now
	if in.SetAsDefault != nil && *in.SetAsDefault {
		p.Default = v.Number
	}
	return &api.CreatePolicyVersionOutput{PolicyVersion: new(apiVersion(p, v))}, call.Tx.PutPolicy(p)
}

func getPolicyVersion(_ *dispatch.Call, p *managedPolicy, in *api.GetPolicyVersionInput) (*api.GetPolicyVersionOutput, error) {
	for _, v := range p.versions() {
		if v.VersionId == in.VersionId {
			v.Document = p.text(v.VersionId)
			return &api.GetPolicyVersionOutput{PolicyVersion: &v}, nil
		}
	}
	return nil, noVersion(in.PolicyArn, in.VersionId)
}

func listPolicyVersions(call *dispatch.Call, p *managedPolicy, in *api.ListPolicyVersionsInput) (*api.ListPolicyVersionsOutput, error) {
	w, err := windowOf(call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	all := p.versions()
	next := ""
	// The marker is the id of the last version shown; one that is gone since
	// is where its number would stand.
	if w.after != "" {
		all = slices.DeleteFunc(all, func(v api.PolicyVersion) bool { return number(v.VersionId) >= number(w.after) })
	}
	if len(all) > w.limit {
		all = all[:w.limit]
		next = all[w.limit-1].VersionId
	}
	out := &api.ListPolicyVersionsOutput{Versions: all}
	out.IsTruncated, out.Marker, err = more(call, next)
	return out, err
}

// number reads a version id; one that is none counts as 0.
func number(id string) (n int) {
	if _, err := fmt.Sscanf(id, "v%d", &n); err != nil {
		return 0
	}
	return n
}

func setDefaultPolicyVersion(call *dispatch.Call, p *identity.Policy, in *api.SetDefaultPolicyVersionInput) (*wire.Empty, error) {
	v, ok := version(p, in.VersionId)
	if !ok {
		return nil, noVersion(in.PolicyArn, in.VersionId)
	}
	p.Default, p.Updated = v.Number, call.Now
	return &wire.Empty{}, call.Tx.PutPolicy(p)
}

func deletePolicyVersion(call *dispatch.Call, p *identity.Policy, in *api.DeletePolicyVersionInput) (*wire.Empty, error) {
	v, ok := version(p, in.VersionId)
	if !ok {
		return nil, noVersion(in.PolicyArn, in.VersionId)
	}
	if v.Number == p.Default {
		return nil, api.DeleteConflict("Cannot delete the default version of a policy.")
	}
	p.Versions = slices.DeleteFunc(p.Versions, func(o identity.PolicyVersion) bool { return o.Number == v.Number })
	return &wire.Empty{}, call.Tx.PutPolicy(p)
}
