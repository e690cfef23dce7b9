package iam

import (
	"errors"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// An entity is what policies are written into and attached to: a user, a group
// or a role.
type entity struct {
	kind     *entityKind
	account  identity.AccountID
	name, id string
	path     string
	arn      string
	*identity.Permissions
	boundary  *string // nil of groups, which have none
	tags      []identity.Tag
	protected bool
	save      func(*store.Tx) error
}

// An entityKind is one of the kinds of entities and what differs between them.
type entityKind struct {
	store store.Kind
	noun  string            // in texts: "user"
	quota catalog.QuotaName // of attached policies
	size  catalog.QuotaName // of all inline policies together
	get   func(tx *store.Tx, account identity.AccountID, name string) (*entity, error)
	// named returns what an entity would be that nobody made.
	named func(account identity.AccountID, name string) *entity
}

// The kinds. They are functions, since each refers to itself.

func users() *entityKind {
	return &entityKind{
		store: store.KindUser, noun: "user", quota: catalog.PoliciesPerUser, size: catalog.UserPolicySize,
		get: func(tx *store.Tx, account identity.AccountID, name string) (*entity, error) {
			u, err := tx.User(account, identity.UserName(name))
			if err != nil {
				return nil, err
			}
			return userEntity(u), nil
		},
		named: func(account identity.AccountID, name string) *entity {
			return userEntity(&identity.User{Account: account, Name: identity.UserName(name), Path: defaultPath})
		},
	}
}

func groups() *entityKind {
	return &entityKind{
		store: store.KindGroup, noun: "group", quota: catalog.PoliciesPerGroup, size: catalog.GroupPolicySize,
		get: func(tx *store.Tx, account identity.AccountID, name string) (*entity, error) {
			g, err := tx.Group(account, identity.GroupName(name))
			if err != nil {
				return nil, err
			}
			return groupEntity(g), nil
		},
		named: func(account identity.AccountID, name string) *entity {
			return groupEntity(&identity.Group{Account: account, Name: identity.GroupName(name), Path: defaultPath})
		},
	}
}

func roles() *entityKind {
	return &entityKind{
		store: store.KindRole, noun: "role", quota: catalog.PoliciesPerRole, size: catalog.RolePolicySize,
		get: func(tx *store.Tx, account identity.AccountID, name string) (*entity, error) {
			r, err := tx.Role(account, identity.RoleName(name))
			if err != nil {
				return nil, err
			}
			return roleEntity(r), nil
		},
		named: func(account identity.AccountID, name string) *entity {
			return roleEntity(&identity.Role{Account: account, Name: identity.RoleName(name), Path: defaultPath})
		},
	}
}

func userEntity(u *identity.User) *entity {
	return &entity{
		kind: users(), account: u.Account, name: string(u.Name), id: u.ID, path: u.Path, arn: u.ARN().String(),
		Permissions: &u.Permissions, boundary: &u.Boundary, tags: u.Tags,
		save: func(tx *store.Tx) error { return tx.PutUser(u) },
	}
}

func groupEntity(g *identity.Group) *entity {
	return &entity{
		kind: groups(), account: g.Account, name: string(g.Name), id: g.ID, path: g.Path, arn: g.ARN().String(),
		Permissions: &g.Permissions,
		save:        func(tx *store.Tx) error { return tx.PutGroup(g) },
	}
}

func roleEntity(r *identity.Role) *entity {
	return &entity{
		kind: roles(), account: r.Account, name: string(r.Name), id: r.ID, path: r.Path, arn: r.ARN().String(),
		Permissions: &r.Permissions, boundary: &r.Boundary, tags: r.Tags, protected: protectedRole(r.Path, string(r.Name)),
		save: func(tx *store.Tx) error { return tx.PutRole(r) },
	}
}

// boundaryActions are the actions on users and roles that exist that know
// iam:PermissionsBoundary, in order, as the service authorization reference has
// them.
var boundaryActions = []string{
	"iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:DeleteRole", "iam:DeleteRolePermissionsBoundary", "iam:DeleteRolePolicy",
	"iam:DeleteUserPermissionsBoundary", "iam:DeleteUserPolicy", "iam:DetachRolePolicy", "iam:DetachUserPolicy", "iam:GetRole",
	"iam:PutRolePermissionsBoundary", "iam:PutRolePolicy", "iam:PutUserPermissionsBoundary", "iam:PutUserPolicy",
	"iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
}

// keys are the condition keys that an action on the entity has: its tags and,
// for actions that know it, the boundary it has now (EV-63).
func (e *entity) keys(action string) []authz.Key {
	keys := targetKeys(e.tags)
	if _, knows := slices.BinarySearch(boundaryActions, action); knows && e.boundary != nil {
		keys = append(keys, boundaryKey(*e.boundary)...)
	}
	return keys
}

// find returns the named entity, or IAM's error that there is none (IA-31).
func (k *entityKind) find(call *dispatch.Call, name string) (*entity, error) {
	e, err := k.get(call.Tx, call.Caller.Account, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NoSuchEntity("The %s with name %s cannot be found.", k.noun, name)
	}
	return e, err
}

// change is find for a call that changes the entity, which AWS alone may do
// with some roles (IA-46).
func (k *entityKind) change(call *dispatch.Call, name string) (*entity, error) {
	e, err := k.find(call, name)
	if err != nil {
		return nil, err
	}
	if e.protected {
		return nil, protected(e.name)
	}
	return e, nil
}

// ask asks for an action on the very record that a call is about, as userNeeds
// does.
func (k *entityKind) ask(call *dispatch.Call, action, name string, keys ...authz.Key) ([]authz.Need, error) {
	e, err := k.record(call, name)
	if err != nil {
		return nil, err
	}
	return need(action, e.arn, append(e.keys(action), keys...)...), nil
}

// record returns the named entity, or what it would be if there were one: a
// stranger who guesses names is told the same either way.
func (k *entityKind) record(call *dispatch.Call, name string) (*entity, error) {
	e, err := k.get(call.Tx, call.Caller.Account, name)
	if errors.Is(err, store.ErrNotFound) {
		return k.named(call.Caller.Account, name), nil
	}
	return e, err
}

// byID returns the entity with a unique id.
func byID(tx *store.Tx, at store.Attachment) (*entity, error) {
	switch at.Kind {
	case store.KindUser:
		u, err := tx.UserByID(at.ID)
		if err != nil {
			return nil, err
		}
		return userEntity(u), nil
	case store.KindGroup:
		g, err := tx.GroupByID(at.ID)
		if err != nil {
			return nil, err
		}
		return groupEntity(g), nil
	case store.KindRole:
		r, err := tx.RoleByID(at.ID)
		if err != nil {
			return nil, err
		}
		return roleEntity(r), nil
	case store.KindPolicy, store.KindInstanceProfile, store.KindServerCertificate:
	}
	return nil, store.ErrNotFound
}

// protectedRole reports whether a role of that path and name is AWS's own: a
// service's linked role, or one of Identity Center (IA-46, EV-54).
func protectedRole(path, name string) bool {
	path, name = arn.Fold(path), arn.Fold(name)
	return strings.HasPrefix(path, "/aws-service-role/") || strings.HasPrefix(path, "/aws-reserved/") ||
		strings.HasPrefix(name, "awsreservedsso_")
}

// protected is the answer to those who would change such a role.
func protected(name string) error {
	return api.UnmodifiableEntity("Cannot perform the operation on the protected role '%s' - this role is only modifiable by AWS", name)
}

// bound sets the entity's boundary, "" for none.
func (e *entity) bound(tx *store.Tx, policyARN string) error {
	if err := tx.BoundaryChanged(e.account, e.kind.store, e.id, *e.boundary, policyARN); err != nil {
		return err
	}
	*e.boundary = policyARN
	return e.save(tx)
}
