package iam

import (
	"context"
	"errors"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func userOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("CreateUser", createUserNeeds, createUser),
		dispatch.Write("DeleteUser", deleteUserNeeds, deleteUser),
		dispatch.Read("GetUser", getUserNeeds, getUser),
		dispatch.Read("ListUserTags", listUserTagsNeeds, listUserTags),
		dispatch.Read("ListUsers", listUsersNeeds, listUsers),
		dispatch.Write("TagUser", tagUserNeeds, tagUser),
		dispatch.Write("UntagUser", untagUserNeeds, untagUser),
		dispatch.Write("UpdateUser", updateUserNeeds, updateUser),
	}
}

// user returns the named user, or IAM's error that there is none.
func user(call *dispatch.Call, name identity.UserName) (*identity.User, error) {
	u, err := call.Tx.User(call.Caller.Account, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NoSuchEntity("The user with name %s cannot be found.", name)
	}
	return u, err
}

// userNeeds asks for an action on the very record that the call is about: its
// ARN has the user's path in it, which the caller did not give. A name that
// nobody has is asked about all the same, so that a stranger who guesses names
// is told AccessDenied whether or not they exist.
func userNeeds(call *dispatch.Call, action string, name identity.UserName, keys ...authz.Key) ([]authz.Need, error) {
	u, err := call.Tx.User(call.Caller.Account, name)
	if errors.Is(err, store.ErrNotFound) {
		u = &identity.User{Account: call.Caller.Account, Name: name, Path: defaultPath}
	} else if err != nil {
		return nil, err
	}
	return need(action, u.ARN().String(), append(targetKeys(u.Tags), keys...)...), nil
}

func apiUser(u *identity.User) api.User {
	return api.User{
		Path: u.Path, UserName: string(u.Name), UserId: u.ID, Arn: u.ARN().String(),
		CreateDate: u.Created, PasswordLastUsed: u.PasswordLastUsed,
	}
}

// fullUser is apiUser with what only CreateUser and GetUser show (IA-12, IA-27).
func fullUser(u *identity.User) *api.User {
	full := apiUser(u)
	full.Tags, full.PermissionsBoundary = apiTags(u.Tags), apiBoundary(u.Boundary)
	return &full
}

func createUserNeeds(call dispatch.Call, in *api.CreateUserInput) ([]authz.Need, error) {
	u := identity.User{Account: call.Caller.Account, Name: identity.UserName(in.UserName), Path: pathOr(in.Path)}
	tags := createTags(in.Tags)
	needs := need("iam:CreateUser", u.ARN().String(), append(boundaryKey(in.PermissionsBoundary), tags...)...)
	if len(in.Tags) > 0 {
		needs = append(needs, need("iam:TagUser", u.ARN().String(), tags...)...) // IA-61
	}
	return needs, nil
}

func createUser(_ context.Context, call dispatch.Call, in *api.CreateUserInput) (*api.CreateUserOutput, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := checkBoundary(&call, in.PermissionsBoundary); err != nil {
		return nil, err
	}
	id, err := newID(&call, "AIDA")
	if err != nil {
		return nil, err
	}
	u := &identity.User{
		Account: call.Caller.Account, Name: identity.UserName(in.UserName), Path: pathOr(in.Path), ID: id,
		Created: call.Now, Boundary: in.PermissionsBoundary, Tags: tags,
	}
	switch err := call.Tx.CreateUser(u); {
	case errors.Is(err, store.ErrExists):
		return nil, api.EntityAlreadyExists("User with name %s already exists.", in.UserName)
	case err != nil:
		return nil, exceeded(err)
	}
	return &api.CreateUserOutput{User: fullUser(u)}, nil
}

func getUserNeeds(call dispatch.Call, in *api.GetUserInput) ([]authz.Need, error) {
	if in.UserName == "" && call.Caller.Kind == authn.Root {
		return need("iam:GetUser", call.Caller.ARN), nil
	}
	name, err := userOrSelf(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	return userNeeds(&call, "iam:GetUser", name)
}

// getUser returns the named user. A caller that names nobody asks about itself.
func getUser(_ context.Context, call dispatch.Call, in *api.GetUserInput) (*api.GetUserOutput, error) {
	if in.UserName == "" && call.Caller.Kind == authn.Root {
		account, err := call.Tx.Account(call.Caller.Account)
		if err != nil {
			return nil, err
		}
		return &api.GetUserOutput{User: rootUser(account)}, nil
	}
	name, err := userOrSelf(&call, in.UserName)
	if err != nil {
		return nil, err
	}
	u, err := user(&call, name)
	if err != nil {
		return nil, err
	}
	return &api.GetUserOutput{User: fullUser(u)}, nil
}

func listUsersNeeds(call dispatch.Call, in *api.ListUsersInput) ([]authz.Need, error) {
	return need("iam:ListUsers", accountARN(&call, "user"+pathOr(in.PathPrefix))), nil
}

func listUsers(_ context.Context, call dispatch.Call, in *api.ListUsersInput) (*api.ListUsersOutput, error) {
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	users, next, err := call.Tx.Users(call.Caller.Account, store.Page[identity.User]{
		After: w.after, Limit: w.limit, Keep: func(u *identity.User) bool { return inPath(u.Path, in.PathPrefix) },
	})
	if err != nil {
		return nil, err
	}
	out := &api.ListUsersOutput{Users: make([]api.User, len(users))}
	for i, u := range users {
		out.Users[i] = apiUser(u)
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

func updateUserNeeds(call dispatch.Call, in *api.UpdateUserInput) ([]authz.Need, error) {
	needs, err := userNeeds(&call, "iam:UpdateUser", identity.UserName(in.UserName))
	if err != nil || in.NewPath == "" && in.NewUserName == "" {
		return needs, err
	}
	// Who renames must have the permission on what the user will be, too.
	u, err := call.Tx.User(call.Caller.Account, identity.UserName(in.UserName))
	if errors.Is(err, store.ErrNotFound) {
		return needs, nil
	} else if err != nil {
		return nil, err
	}
	u.Path, u.Name = renamed(u.Path, in.NewPath), renamed(u.Name, identity.UserName(in.NewUserName))
	return append(needs, need("iam:UpdateUser", u.ARN().String(), targetKeys(u.Tags)...)...), nil
}

func renamed[T ~string](was, is T) T {
	if is == "" {
		return was
	}
	return is
}

func updateUser(_ context.Context, call dispatch.Call, in *api.UpdateUserInput) (*wire.Empty, error) {
	u, err := user(&call, identity.UserName(in.UserName))
	if err != nil {
		return nil, err
	}
	err = call.Tx.RenameUser(u, renamed(u.Name, identity.UserName(in.NewUserName)), renamed(u.Path, in.NewPath))
	if errors.Is(err, store.ErrExists) {
		return nil, api.EntityAlreadyExists("User with name %s already exists.", in.NewUserName)
	}
	return &wire.Empty{}, err
}

func deleteUserNeeds(call dispatch.Call, in *api.DeleteUserInput) ([]authz.Need, error) {
	return userNeeds(&call, "iam:DeleteUser", identity.UserName(in.UserName))
}

// deleteUser removes a user that nothing hangs on any more (IA-40, IA-42).
func deleteUser(_ context.Context, call dispatch.Call, in *api.DeleteUserInput) (*wire.Empty, error) {
	u, err := user(&call, identity.UserName(in.UserName))
	if err != nil {
		return nil, err
	}
	switch {
	case len(u.Attached) > 0:
		return nil, api.DeleteConflict("Cannot delete entity, must detach all policies first.")
	case len(u.Inline) > 0:
		return nil, api.DeleteConflict("Cannot delete entity, must delete policies first.")
	case len(u.Groups) > 0:
		return nil, api.DeleteConflict("Cannot delete entity, must remove users from group first.")
	case len(u.Keys) > 0:
		return nil, api.DeleteConflict("Cannot delete entity, must delete access keys first.")
	case len(u.MFA) > 0:
		return nil, api.DeleteConflict("Cannot delete entity, must delete MFA device first.")
	}
	if err := hasCredentials(&call, u); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.DeleteUser(u)
}

// hasCredentials fails while a user has credentials that its record does not
// tell of (IA-40).
func hasCredentials(call *dispatch.Call, u *identity.User) error {
	switch _, err := call.Tx.LoginProfile(u.Account, u.ID); {
	case err == nil:
		return api.DeleteConflict("Cannot delete entity, must delete login profile first.")
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	certificates, _, err1 := call.Tx.SigningCertificates(u.Account, u.ID, store.Page[identity.SigningCertificate]{Limit: 1})
	keys, _, err2 := call.Tx.SSHPublicKeys(u.Account, u.ID, store.Page[identity.SSHPublicKey]{Limit: 1})
	credentials, _, err3 := call.Tx.ServiceCredentials(u.Account, u.ID, store.Page[identity.ServiceCredential]{Limit: 1})
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if len(certificates)+len(keys)+len(credentials) > 0 {
		return api.DeleteConflict("Cannot delete entity, must remove referenced objects first.")
	}
	return nil
}

func tagUserNeeds(call dispatch.Call, in *api.TagUserInput) ([]authz.Need, error) {
	return userNeeds(&call, "iam:TagUser", identity.UserName(in.UserName), requestTags(in.Tags)...)
}

func tagUser(_ context.Context, call dispatch.Call, in *api.TagUserInput) (*wire.Empty, error) {
	u, err := user(&call, identity.UserName(in.UserName))
	if err != nil {
		return nil, err
	}
	if u.Tags, err = addTags(u.Tags, in.Tags, "User"); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutUser(u)
}

func untagUserNeeds(call dispatch.Call, in *api.UntagUserInput) ([]authz.Need, error) {
	return userNeeds(&call, "iam:UntagUser", identity.UserName(in.UserName), authz.Many("aws:TagKeys", in.TagKeys...))
}

func untagUser(_ context.Context, call dispatch.Call, in *api.UntagUserInput) (*wire.Empty, error) {
	u, err := user(&call, identity.UserName(in.UserName))
	if err != nil {
		return nil, err
	}
	u.Tags = identity.RemoveTags(u.Tags, in.TagKeys)
	return &wire.Empty{}, call.Tx.PutUser(u)
}

func listUserTagsNeeds(call dispatch.Call, in *api.ListUserTagsInput) ([]authz.Need, error) {
	return userNeeds(&call, "iam:ListUserTags", identity.UserName(in.UserName))
}

func listUserTags(_ context.Context, call dispatch.Call, in *api.ListUserTagsInput) (*api.ListUserTagsOutput, error) {
	u, err := user(&call, identity.UserName(in.UserName))
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	tags, next := within(u.Tags, w, func(t identity.Tag) string { return t.Key })
	out := &api.ListUserTagsOutput{Tags: apiTags(tags)}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}
