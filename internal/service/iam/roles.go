package iam

import (
	"context"
	"errors"

	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/policy"
)

func roleOperations() []dispatch.Operation {
	r := roles()
	return []dispatch.Operation{
		dispatch.Write("CreateRole", createRoleNeeds, createRole),
		dispatch.Write("DeleteRole", onEntity(r, "DeleteRole", func(in *api.DeleteRoleInput) string { return in.RoleName }), deleteRole),
		dispatch.Read("GetRole", onEntity(r, "GetRole", func(in *api.GetRoleInput) string { return in.RoleName }), getRole),
		dispatch.Read("ListRoleTags", onEntity(r, "ListRoleTags", func(in *api.ListRoleTagsInput) string { return in.RoleName }), listRoleTags),
		dispatch.Read("ListRoles", listRolesNeeds, listRoles),
		dispatch.Write("TagRole", tagRoleNeeds, tagRole),
		dispatch.Write("UntagRole", untagRoleNeeds, untagRole),
		dispatch.Write("UpdateAssumeRolePolicy",
			onEntity(r, "UpdateAssumeRolePolicy", func(in *api.UpdateAssumeRolePolicyInput) string { return in.RoleName }), updateAssumeRolePolicy),
		dispatch.Write("UpdateRole", onEntity(r, "UpdateRole", func(in *api.UpdateRoleInput) string { return in.RoleName }), updateRole),
		dispatch.Write("UpdateRoleDescription",
			onEntity(r, "UpdateRoleDescription", func(in *api.UpdateRoleDescriptionInput) string { return in.RoleName }), updateRoleDescription),
	}
}

// role returns the named role, or IAM's error that there is none.
func role(call *dispatch.Call, name string) (*identity.Role, error) {
	r, err := call.Tx.Role(call.Caller.Account, identity.RoleName(name))
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NoSuchEntity("The role with name %s cannot be found.", name)
	}
	return r, err
}

// changeRole is role for a call that changes it (IA-46).
func changeRole(call *dispatch.Call, name string) (*identity.Role, error) {
	r, err := role(call, name)
	if err != nil {
		return nil, err
	}
	if protectedRole(r.Path, string(r.Name)) {
		return nil, protected(string(r.Name))
	}
	return r, nil
}

// defaultSession is how long a role's sessions last at most if nobody says.
const defaultSession = 3600

// apiRole is what every answer shows of a role; trust is its document as the
// answer has it.
func apiRole(r *identity.Role, trust string) *api.Role {
	return &api.Role{
		Path: r.Path, RoleName: string(r.Name), RoleId: r.ID, Arn: r.ARN().String(), CreateDate: r.Created,
		AssumeRolePolicyDocument: trust,
	}
}

// trustOf checks a trust policy as it is saved and binds its principals
// (PL-26, PL-27, PL-84, PL-90). Its text is kept as it was given (PL-24).
func trustOf(call *dispatch.Call, text string) (identity.ResourcePolicy, error) {
	doc, err := checkDocument(policy.Trust, text)
	if err != nil {
		return identity.ResourcePolicy{}, err
	}
	if err := checkQuota(call, catalog.TrustPolicySize, policy.Size(policy.Trust, text)); err != nil {
		return identity.ResourcePolicy{}, err
	}
	bindings, missing, err := authz.Bind(call.Tx, doc)
	if err != nil {
		return identity.ResourcePolicy{}, err
	}
	if missing != "" {
		return identity.ResourcePolicy{}, api.MalformedPolicyDocument(`Invalid principal in policy: "AWS":"%s"`, missing)
	}
	return identity.ResourcePolicy{Text: text, Bindings: bindings}, nil
}

func createRoleNeeds(call dispatch.Call, in *api.CreateRoleInput) ([]authz.Need, error) {
	r := identity.Role{Account: call.Caller.Account, Name: identity.RoleName(in.RoleName), Path: pathOr(in.Path)}
	tags := createTags(in.Tags)
	needs := need("iam:CreateRole", r.ARN().String(), append(boundaryKey(in.PermissionsBoundary), tags...)...)
	if len(in.Tags) > 0 {
		needs = append(needs, need("iam:TagRole", r.ARN().String(), tags...)...) // IA-61
	}
	return needs, nil
}

func createRole(_ context.Context, call dispatch.Call, in *api.CreateRoleInput) (*api.CreateRoleOutput, error) {
	// What lies there is exempt from service control policies: nobody may put
	// a role of their own there.
	if protectedRole(pathOr(in.Path), in.RoleName) {
		return nil, api.InvalidInput("The path %s and the name %s are reserved for roles that AWS makes.", pathOr(in.Path), in.RoleName)
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	trust, err := trustOf(&call, in.AssumeRolePolicyDocument)
	if err != nil {
		return nil, err
	}
	if err := checkBoundary(&call, in.PermissionsBoundary); err != nil {
		return nil, err
	}
	id, err := newID(&call, "AROA")
	if err != nil {
		return nil, err
	}
	r := &identity.Role{
		Account: call.Caller.Account, Name: identity.RoleName(in.RoleName), Path: pathOr(in.Path), ID: id, Created: call.Now,
		Trust: trust, Boundary: in.PermissionsBoundary, Tags: tags, MaxSession: defaultSession,
	}
	if in.Description != nil {
		r.Description = *in.Description
	}
	if in.MaxSessionDuration != nil {
		r.MaxSession = *in.MaxSessionDuration
	}
	switch err := call.Tx.CreateRole(r); {
	case errors.Is(err, store.ErrExists):
		return nil, api.EntityAlreadyExists("Role with name %s already exists.", in.RoleName)
	case err != nil:
		return nil, exceeded(err)
	}
	out := apiRole(r, r.Trust.Text)
	out.Tags, out.PermissionsBoundary = apiTags(r.Tags), apiBoundary(r.Boundary)
	return &api.CreateRoleOutput{Role: out}, nil
}

// getRole returns all there is to know of a role (IA-25).
func getRole(_ context.Context, call dispatch.Call, in *api.GetRoleInput) (*api.GetRoleOutput, error) {
	r, err := role(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	trust, err := authz.Readback(call.Tx, r.Trust)
	if err != nil {
		return nil, err
	}
	out := apiRole(r, trust)
	out.Description, out.MaxSessionDuration = r.Description, new(r.MaxSession)
	out.Tags, out.PermissionsBoundary = apiTags(r.Tags), apiBoundary(r.Boundary)
	if out.RoleLastUsed, err = roleLastUsed(call.Tx, r); err != nil {
		return nil, err
	}
	return &api.GetRoleOutput{Role: out}, nil
}

func listRolesNeeds(call dispatch.Call, in *api.ListRolesInput) ([]authz.Need, error) {
	return need("iam:ListRoles", accountARN(&call, "role"+pathOr(in.PathPrefix))), nil
}

// listRoles shows less of each role than getRole does (IA-12).
func listRoles(_ context.Context, call dispatch.Call, in *api.ListRolesInput) (*api.ListRolesOutput, error) {
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	list, next, err := call.Tx.Roles(call.Caller.Account, store.Page[identity.Role]{
		After: w.after, Limit: w.limit, Keep: func(r *identity.Role) bool { return inPath(r.Path, in.PathPrefix) },
	})
	if err != nil {
		return nil, err
	}
	out := &api.ListRolesOutput{Roles: make([]api.Role, len(list))}
	for i, r := range list {
		trust, err := authz.Readback(call.Tx, r.Trust)
		if err != nil {
			return nil, err
		}
		out.Roles[i] = *apiRole(r, trust)
		out.Roles[i].Description, out.Roles[i].MaxSessionDuration = r.Description, new(r.MaxSession)
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

func updateAssumeRolePolicy(_ context.Context, call dispatch.Call, in *api.UpdateAssumeRolePolicyInput) (*wire.Empty, error) {
	r, err := changeRole(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	if r.Trust, err = trustOf(&call, in.PolicyDocument); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutRole(r)
}

// updateRole changes what is given and leaves the rest.
func updateRole(_ context.Context, call dispatch.Call, in *api.UpdateRoleInput) (*api.UpdateRoleOutput, error) {
	r, err := changeRole(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	if in.Description != nil {
		r.Description = *in.Description
	}
	if in.MaxSessionDuration != nil {
		r.MaxSession = *in.MaxSessionDuration
	}
	return &api.UpdateRoleOutput{}, call.Tx.PutRole(r)
}

// updateRoleDescription shows the trust policy as it was written: its
// principals could be more than a transaction that writes may read.
func updateRoleDescription(_ context.Context, call dispatch.Call, in *api.UpdateRoleDescriptionInput) (*api.UpdateRoleDescriptionOutput, error) {
	r, err := changeRole(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	r.Description = in.Description
	out := apiRole(r, r.Trust.Text)
	out.Description, out.MaxSessionDuration = r.Description, new(r.MaxSession)
	out.Tags, out.PermissionsBoundary = apiTags(r.Tags), apiBoundary(r.Boundary)
	return &api.UpdateRoleDescriptionOutput{Role: out}, call.Tx.PutRole(r)
}

// deleteRole removes a role that no policies hang on and that no instance
// profile has any more (IA-41, IA-42).
func deleteRole(_ context.Context, call dispatch.Call, in *api.DeleteRoleInput) (*wire.Empty, error) {
	r, err := changeRole(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	switch {
	case len(r.Attached) > 0:
		return nil, api.DeleteConflict("Cannot delete entity, must detach all policies first.")
	case len(r.Inline) > 0:
		return nil, api.DeleteConflict("Cannot delete entity, must delete policies first.")
	}
	if used, err := call.Tx.InProfile(r); err != nil {
		return nil, err
	} else if used {
		return nil, errHasProfile()
	}
	return &wire.Empty{}, call.Tx.DeleteRole(r)
}

func tagRoleNeeds(call dispatch.Call, in *api.TagRoleInput) ([]authz.Need, error) {
	return roles().ask(&call, "iam:TagRole", in.RoleName, requestTags(in.Tags)...)
}

func tagRole(_ context.Context, call dispatch.Call, in *api.TagRoleInput) (*wire.Empty, error) {
	r, err := changeRole(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	if r.Tags, err = addTags(r.Tags, in.Tags, "Role"); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutRole(r)
}

func untagRoleNeeds(call dispatch.Call, in *api.UntagRoleInput) ([]authz.Need, error) {
	return roles().ask(&call, "iam:UntagRole", in.RoleName, authz.Many("aws:TagKeys", in.TagKeys...))
}

func untagRole(_ context.Context, call dispatch.Call, in *api.UntagRoleInput) (*wire.Empty, error) {
	r, err := changeRole(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	r.Tags = identity.RemoveTags(r.Tags, in.TagKeys)
	return &wire.Empty{}, call.Tx.PutRole(r)
}

func listRoleTags(_ context.Context, call dispatch.Call, in *api.ListRoleTagsInput) (*api.ListRoleTagsOutput, error) {
	r, err := role(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	tags, next := within(r.Tags, w, func(t identity.Tag) string { return t.Key })
	out := &api.ListRoleTagsOutput{Tags: apiTags(tags)}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}
