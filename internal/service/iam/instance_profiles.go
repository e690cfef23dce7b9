package iam

import (
	"context"
	"errors"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func instanceProfileOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("AddRoleToInstanceProfile", addRoleToInstanceProfileNeeds, addRoleToInstanceProfile),
		dispatch.Write("CreateInstanceProfile", createInstanceProfileNeeds, createInstanceProfile),
		dispatch.Write("DeleteInstanceProfile", deleteInstanceProfileNeeds, deleteInstanceProfile),
		dispatch.Read("GetInstanceProfile", getInstanceProfileNeeds, getInstanceProfile),
		dispatch.Read("ListInstanceProfiles", listInstanceProfilesNeeds, listInstanceProfiles),
		dispatch.Read("ListInstanceProfilesForRole",
			onEntity(roles(), "ListInstanceProfilesForRole", func(in *api.ListInstanceProfilesForRoleInput) string { return in.RoleName }), listInstanceProfilesForRole),
		dispatch.Write("RemoveRoleFromInstanceProfile", removeRoleFromInstanceProfileNeeds, removeRoleFromInstanceProfile),
	}
}

// instanceProfile returns the named instance profile, or IAM's error that there
// is none.
func instanceProfile(call *dispatch.Call, name string) (*identity.InstanceProfile, error) {
	p, err := call.Tx.InstanceProfile(call.Caller.Account, identity.ProfileName(name))
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NoSuchEntity("Instance Profile %s cannot be found.", name)
	}
	return p, err
}

// profileNeeds asks for an action on an instance profile, as userNeeds does.
func profileNeeds(call *dispatch.Call, action, name string, keys ...authz.Key) ([]authz.Need, error) {
	p, err := call.Tx.InstanceProfile(call.Caller.Account, identity.ProfileName(name))
	if errors.Is(err, store.ErrNotFound) {
		p = &identity.InstanceProfile{Account: call.Caller.Account, Name: identity.ProfileName(name), Path: defaultPath}
	} else if err != nil {
		return nil, err
	}
	return need(action, p.ARN().String(), append(targetKeys(p.Tags), keys...)...), nil
}

// errHasProfile is the answer to who would delete a profile that has a role, or
// a role that has a profile (IA-31, IA-41).
func errHasProfile() error {
	return api.DeleteConflict("Cannot delete entity, must remove roles from instance profile first.")
}

// thinProfile is an instance profile without its role.
func thinProfile(p *identity.InstanceProfile) api.InstanceProfile {
	return api.InstanceProfile{
		Path: p.Path, InstanceProfileName: string(p.Name), InstanceProfileId: p.ID, Arn: p.ARN().String(),
		CreateDate: p.Created, Roles: []api.Role{},
	}
}

// apiInstanceProfile is what lists show of an instance profile: all but its
// tags, and the whole of its role (IA-12, IA-63).
func apiInstanceProfile(tx *store.Tx, p *identity.InstanceProfile) (*api.InstanceProfile, error) {
	out := new(thinProfile(p))
	if p.Role == "" {
		return out, nil
	}
	r, err := tx.RoleByID(p.Role)
	if err != nil {
		return nil, err
	}
	trust, err := authz.Readback(tx, r.Trust)
	if err != nil {
		return nil, err
	}
	out.Roles = append(out.Roles, *apiRole(r, trust))
	return out, nil
}

func apiInstanceProfiles(tx *store.Tx, profiles []*identity.InstanceProfile) ([]api.InstanceProfile, error) {
	out := make([]api.InstanceProfile, len(profiles))
	for i, p := range profiles {
		shown, err := apiInstanceProfile(tx, p)
		if err != nil {
			return nil, err
		}
		out[i] = *shown
	}
	return out, nil
}

func createInstanceProfileNeeds(call dispatch.Call, in *api.CreateInstanceProfileInput) ([]authz.Need, error) {
	p := identity.InstanceProfile{Account: call.Caller.Account, Name: identity.ProfileName(in.InstanceProfileName), Path: pathOr(in.Path)}
	tags := createTags(in.Tags)
	needs := need("iam:CreateInstanceProfile", p.ARN().String(), tags...)
	if len(in.Tags) > 0 {
		needs = append(needs, need("iam:TagInstanceProfile", p.ARN().String(), tags...)...) // IA-61
	}
	return needs, nil
}

func createInstanceProfile(_ context.Context, call dispatch.Call, in *api.CreateInstanceProfileInput) (*api.CreateInstanceProfileOutput, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	id, err := newID(&call, arn.InstanceProfileID)
	if err != nil {
		return nil, err
	}
	p := &identity.InstanceProfile{
		Account: call.Caller.Account, Name: identity.ProfileName(in.InstanceProfileName), Path: pathOr(in.Path), ID: id,
		Created: call.Now, Tags: tags,
	}
	switch err := call.Tx.CreateInstanceProfile(p); {
	case errors.Is(err, store.ErrExists):
		return nil, api.EntityAlreadyExists("Instance Profile %s already exists.", in.InstanceProfileName)
	case err != nil:
		return nil, exceeded(err)
	}
	out, err := apiInstanceProfile(call.Tx, p)
	if err != nil {
		return nil, err
	}
	out.Tags = apiTags(p.Tags)
	return &api.CreateInstanceProfileOutput{InstanceProfile: out}, nil
}

func getInstanceProfileNeeds(call dispatch.Call, in *api.GetInstanceProfileInput) ([]authz.Need, error) {
	return profileNeeds(&call, "iam:GetInstanceProfile", in.InstanceProfileName)
}

func getInstanceProfile(_ context.Context, call dispatch.Call, in *api.GetInstanceProfileInput) (*api.GetInstanceProfileOutput, error) {
	p, err := instanceProfile(&call, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	out, err := apiInstanceProfile(call.Tx, p)
	if err != nil {
		return nil, err
	}
	out.Tags = apiTags(p.Tags)
	return &api.GetInstanceProfileOutput{InstanceProfile: out}, nil
}

func listInstanceProfilesNeeds(call dispatch.Call, in *api.ListInstanceProfilesInput) ([]authz.Need, error) {
	return need("iam:ListInstanceProfiles", accountARN(&call, "instance-profile"+pathOr(in.PathPrefix))), nil
}

func listInstanceProfiles(_ context.Context, call dispatch.Call, in *api.ListInstanceProfilesInput) (*api.ListInstanceProfilesOutput, error) {
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	profiles, next, err := call.Tx.InstanceProfiles(call.Caller.Account, store.Page[identity.InstanceProfile]{
		After: w.after, Limit: w.limit, Keep: func(p *identity.InstanceProfile) bool { return inPath(p.Path, in.PathPrefix) },
	})
	if err != nil {
		return nil, err
	}
	out := &api.ListInstanceProfilesOutput{}
	if out.InstanceProfiles, err = apiInstanceProfiles(call.Tx, profiles); err != nil {
		return nil, err
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

func listInstanceProfilesForRole(_ context.Context, call dispatch.Call, in *api.ListInstanceProfilesForRoleInput) (*api.ListInstanceProfilesForRoleOutput, error) {
	r, err := role(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	profiles, next, err := call.Tx.ProfilesOfRole(r, w.after, w.limit)
	if err != nil {
		return nil, err
	}
	out := &api.ListInstanceProfilesForRoleOutput{}
	if out.InstanceProfiles, err = apiInstanceProfiles(call.Tx, profiles); err != nil {
		return nil, err
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

// machines is the service that a role goes to through an instance profile.
const machines = "ec2.amazonaws.com"

// addRoleToInstanceProfileNeeds asks for iam:PassRole too: whoever gets at a
// machine with the profile gets at the role (IA-63, EV-49, TH-39).
func addRoleToInstanceProfileNeeds(call dispatch.Call, in *api.AddRoleToInstanceProfileInput) ([]authz.Need, error) {
	needs, err := profileNeeds(&call, "iam:AddRoleToInstanceProfile", in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	pass, err := roles().ask(&call, "iam:PassRole", in.RoleName, authz.One("iam:PassedToService", machines))
	return append(needs, pass...), err
}

func addRoleToInstanceProfile(_ context.Context, call dispatch.Call, in *api.AddRoleToInstanceProfileInput) (*wire.Empty, error) {
	p, err := instanceProfile(&call, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	r, err := changeRole(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	if p.Role != "" {
		return nil, quota("InstanceSessionsPerInstanceProfile", 1)
	}
	return &wire.Empty{}, call.Tx.SetProfileRole(p, r.ID)
}

func removeRoleFromInstanceProfileNeeds(call dispatch.Call, in *api.RemoveRoleFromInstanceProfileInput) ([]authz.Need, error) {
	return profileNeeds(&call, "iam:RemoveRoleFromInstanceProfile", in.InstanceProfileName)
}

// removeRoleFromInstanceProfile asks for no iam:PassRole: it hands nothing on.
func removeRoleFromInstanceProfile(_ context.Context, call dispatch.Call, in *api.RemoveRoleFromInstanceProfileInput) (*wire.Empty, error) {
	p, err := instanceProfile(&call, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	r, err := role(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	if p.Role != r.ID {
		return nil, api.NoSuchEntity("The role with name %s is not in the instance profile %s.", in.RoleName, in.InstanceProfileName)
	}
	return &wire.Empty{}, call.Tx.SetProfileRole(p, "")
}

func deleteInstanceProfileNeeds(call dispatch.Call, in *api.DeleteInstanceProfileInput) ([]authz.Need, error) {
	return profileNeeds(&call, "iam:DeleteInstanceProfile", in.InstanceProfileName)
}

func deleteInstanceProfile(_ context.Context, call dispatch.Call, in *api.DeleteInstanceProfileInput) (*wire.Empty, error) {
	p, err := instanceProfile(&call, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	if p.Role != "" {
		return nil, errHasProfile()
	}
	return &wire.Empty{}, call.Tx.DeleteInstanceProfile(p)
}
