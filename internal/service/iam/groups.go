package iam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func groupOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("AddUserToGroup", addUserToGroupNeeds, addUserToGroup),
		dispatch.Write("CreateGroup", createGroupNeeds, createGroup),
		dispatch.Write("DeleteGroup", deleteGroupNeeds, deleteGroup),
		dispatch.Read("GetGroup", getGroupNeeds, getGroup),
		dispatch.Read("ListGroups", listGroupsNeeds, listGroups),
		dispatch.Read("ListGroupsForUser", listGroupsForUserNeeds, listGroupsForUser),
		dispatch.Write("RemoveUserFromGroup", removeUserFromGroupNeeds, removeUserFromGroup),
		dispatch.Write("UpdateGroup", updateGroupNeeds, updateGroup),
	}
}

// group returns the named group, or IAM's error that there is none.
func group(call *dispatch.Call, name string) (*identity.Group, error) {
	g, err := call.Tx.Group(call.Caller.Account, identity.GroupName(name))
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NoSuchEntity("The group with name %s cannot be found.", name)
	}
	return g, err
}

// groupNeeds is userNeeds for a group.
func groupNeeds(call *dispatch.Call, action, name string) ([]authz.Need, error) {
	g, err := call.Tx.Group(call.Caller.Account, identity.GroupName(name))
	if errors.Is(err, store.ErrNotFound) {
		g = &identity.Group{Account: call.Caller.Account, Name: identity.GroupName(name), Path: defaultPath}
	} else if err != nil {
		return nil, err
	}
	return need(action, g.ARN().String()), nil
}

func apiGroup(g *identity.Group) *api.Group {
	return &api.Group{
		Path: g.Path, GroupName: string(g.Name), GroupId: g.ID, Arn: g.ARN().String(), CreateDate: g.Created,
	}
}

func createGroupNeeds(call dispatch.Call, in *api.CreateGroupInput) ([]authz.Need, error) {
	g := identity.Group{Account: call.Caller.Account, Name: identity.GroupName(in.GroupName), Path: pathOr(in.Path)}
	return need("iam:CreateGroup", g.ARN().String()), nil
}

func createGroup(_ context.Context, call dispatch.Call, in *api.CreateGroupInput) (*api.CreateGroupOutput, error) {
	id, err := newID(&call, "AGPA")
	if err != nil {
		return nil, err
	}
	g := &identity.Group{
		Account: call.Caller.Account, Name: identity.GroupName(in.GroupName), Path: pathOr(in.Path), ID: id, Created: call.Now,
	}
	switch err := call.Tx.CreateGroup(g); {
	case errors.Is(err, store.ErrExists):
		return nil, groupExists(in.GroupName)
	case err != nil:
		return nil, exceeded(err)
	}
	return &api.CreateGroupOutput{Group: apiGroup(g)}, nil
}

func groupExists(name string) error {
	return api.EntityAlreadyExists("Group with name %s already exists.", name)
}

func getGroupNeeds(call dispatch.Call, in *api.GetGroupInput) ([]authz.Need, error) {
	return groupNeeds(&call, "iam:GetGroup", in.GroupName)
}

// getGroup returns the group with one page of its users.
func getGroup(_ context.Context, call dispatch.Call, in *api.GetGroupInput) (*api.GetGroupOutput, error) {
	g, err := group(&call, in.GroupName)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	users, next, err := call.Tx.Members(g, w.after, w.limit)
	if err != nil {
		return nil, err
	}
	out := &api.GetGroupOutput{Group: apiGroup(g), Users: make([]api.User, len(users))}
	for i, u := range users {
		out.Users[i] = apiUser(u)
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

func listGroupsNeeds(call dispatch.Call, in *api.ListGroupsInput) ([]authz.Need, error) {
	return need("iam:ListGroups", accountARN(&call, "group"+pathOr(in.PathPrefix))), nil
}

func listGroups(_ context.Context, call dispatch.Call, in *api.ListGroupsInput) (*api.ListGroupsOutput, error) {
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	groups, next, err := call.Tx.Groups(call.Caller.Account, store.Page[identity.Group]{
		After: w.after, Limit: w.limit, Keep: func(g *identity.Group) bool { return inPath(g.Path, in.PathPrefix) },
	})
	if err != nil {
		return nil, err
	}
	out := &api.ListGroupsOutput{Groups: apiGroups(groups)}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

func apiGroups(groups []*identity.Group) []api.Group {
	out := make([]api.Group, len(groups))
	for i, g := range groups {
		out[i] = *apiGroup(g)
	}
	return out
}

func listGroupsForUserNeeds(call dispatch.Call, in *api.ListGroupsForUserInput) ([]authz.Need, error) {
	return userNeeds(&call, "iam:ListGroupsForUser", identity.UserName(in.UserName))
}

func listGroupsForUser(_ context.Context, call dispatch.Call, in *api.ListGroupsForUserInput) (*api.ListGroupsForUserOutput, error) {
	u, err := user(&call, identity.UserName(in.UserName))
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	groups, err := groupsOf(call.Tx, u)
	if err != nil {
		return nil, err
	}
	groups, next := within(groups, w, func(g *identity.Group) string { return arn.Fold(string(g.Name)) })
	out := &api.ListGroupsForUserOutput{Groups: apiGroups(groups)}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

// groupsOf returns the groups that a user is in, by name.
func groupsOf(tx *store.Tx, u *identity.User) ([]*identity.Group, error) {
	groups := make([]*identity.Group, len(u.Groups))
	for i, id := range u.Groups {
		g, err := tx.GroupByID(id)
		if err != nil {
			return nil, fmt.Errorf("group %s of %s: %w", id, u.Name, err)
		}
		groups[i] = g
	}
	slices.SortFunc(groups, func(a, b *identity.Group) int {
		return strings.Compare(arn.Fold(string(a.Name)), arn.Fold(string(b.Name)))
	})
	return groups, nil
}

func updateGroupNeeds(call dispatch.Call, in *api.UpdateGroupInput) ([]authz.Need, error) {
	needs, err := groupNeeds(&call, "iam:UpdateGroup", in.GroupName)
	if err != nil || in.NewPath == "" && in.NewGroupName == "" {
		return needs, err
	}
	// Who renames must have the permission on what the group will be, too.
	g, err := call.Tx.Group(call.Caller.Account, identity.GroupName(in.GroupName))
	if errors.Is(err, store.ErrNotFound) {
		return needs, nil
	} else if err != nil {
		return nil, err
	}
	g.Path, g.Name = renamed(g.Path, in.NewPath), renamed(g.Name, identity.GroupName(in.NewGroupName))
	return append(needs, need("iam:UpdateGroup", g.ARN().String())...), nil
}

func updateGroup(_ context.Context, call dispatch.Call, in *api.UpdateGroupInput) (*wire.Empty, error) {
	g, err := group(&call, in.GroupName)
	if err != nil {
		return nil, err
	}
	err = call.Tx.RenameGroup(g, renamed(g.Name, identity.GroupName(in.NewGroupName)), renamed(g.Path, in.NewPath))
	if errors.Is(err, store.ErrExists) {
		return nil, groupExists(in.NewGroupName)
	}
	return &wire.Empty{}, err
}

func deleteGroupNeeds(call dispatch.Call, in *api.DeleteGroupInput) ([]authz.Need, error) {
	return groupNeeds(&call, "iam:DeleteGroup", in.GroupName)
}

// deleteGroup removes a group that nothing hangs on any more (IA-41, IA-42).
func deleteGroup(_ context.Context, call dispatch.Call, in *api.DeleteGroupInput) (*wire.Empty, error) {
	g, err := group(&call, in.GroupName)
	if err != nil {
		return nil, err
	}
	members, err := call.Tx.HasMembers(g)
	switch {
	case err != nil:
		return nil, err
	case len(g.Attached) > 0:
		return nil, api.DeleteConflict("Cannot delete entity, must detach all policies first.")
	case len(g.Inline) > 0:
		return nil, api.DeleteConflict("Cannot delete entity, must delete policies first.")
	case members:
		return nil, api.DeleteConflict("Cannot delete entity, must remove users from group first.")
	}
	return &wire.Empty{}, call.Tx.DeleteGroup(g)
}

// addUserToGroupNeeds asks about the group: the user is no resource of the
// action (IA-78).
func addUserToGroupNeeds(call dispatch.Call, in *api.AddUserToGroupInput) ([]authz.Need, error) {
	return groupNeeds(&call, "iam:AddUserToGroup", in.GroupName)
}

// addUserToGroup makes a user a member. A member stays one (IA-43).
func addUserToGroup(_ context.Context, call dispatch.Call, in *api.AddUserToGroupInput) (*wire.Empty, error) {
	g, u, err := groupAndUser(&call, in.GroupName, in.UserName)
	if err != nil {
		return nil, err
	}
	if err := call.Tx.AddToGroup(g, u); err != nil {
		return nil, err
	}
	return &wire.Empty{}, checkQuota(&call, catalog.GroupsPerUser, len(u.Groups))
}

func groupAndUser(call *dispatch.Call, groupName, userName string) (*identity.Group, *identity.User, error) {
	g, err := group(call, groupName)
	if err != nil {
		return nil, nil, err
	}
	u, err := user(call, identity.UserName(userName))
	return g, u, err
}

func removeUserFromGroupNeeds(call dispatch.Call, in *api.RemoveUserFromGroupInput) ([]authz.Need, error) {
	return groupNeeds(&call, "iam:RemoveUserFromGroup", in.GroupName)
}

// removeUserFromGroup ends a membership; that there is none is no error (IA-43).
func removeUserFromGroup(_ context.Context, call dispatch.Call, in *api.RemoveUserFromGroupInput) (*wire.Empty, error) {
	g, u, err := groupAndUser(&call, in.GroupName, in.UserName)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.RemoveFromGroup(g, u)
}
