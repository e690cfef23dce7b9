package store

import (
	"errors"
	"fmt"
	"slices"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
)

// User returns the user of that name, compared ignoring case (IA-3).
func (tx *Tx) User(a identity.AccountID, n identity.UserName) (*identity.User, error) {
	return get[identity.User](tx, userKey(a, n))
}

// Users lists users by name.
func (tx *Tx) Users(a identity.AccountID, page Page[identity.User]) ([]*identity.User, string, error) {
	return list(tx, underAccount(a, kindUser), page)
}

// CreateUser adds a user. It fails with ErrExists when the name is taken in
// any case, and with a LimitError when the account is full.
func (tx *Tx) CreateUser(u *identity.User) error {
	if err := tx.claim(userKey(u.Account, u.Name), u.ID, Ref{KindUser, u.Account, string(u.Name)}); err != nil {
		return err
	}
	if err := tx.count(u.Account, func(c *Counters) *int { return &c.Users }, 1, catalog.UsersPerAccount); err != nil {
		return err
	}
	if u.Boundary != "" {
		if err := tx.countAttachment(u.Account, u.Boundary, attached{KindUser, u.ID, true}, 1); err != nil {
			return err
		}
	}
	return put(tx, userKey(u.Account, u.Name), u)
}

// free fails with ErrExists when there is a record at k.
func (tx *Tx) free(k key) error {
	taken, err := tx.exists(k)
	if err == nil && taken {
		return ErrExists
	}
	return err
}

// errIDTaken reports a unique id that was drawn twice, which no caller can
// have meant: what is bound to the one must never match the other.
var errIDTaken = errors.New("store: unique id is taken")

// claim takes a name that must be free and enters the new unique id.
func (tx *Tx) claim(k key, id string, ref Ref) error {
	if err := tx.free(k); err != nil {
		return err
	}
	switch err := tx.free(idKey(id)); {
	case errors.Is(err, ErrExists):
		return fmt.Errorf("%w: %s", errIDTaken, id)
	case err != nil:
		return err
	}
	return put(tx, idKey(id), &ref)
}

// PutUser writes a user that exists, under the name it has.
func (tx *Tx) PutUser(u *identity.User) error {
	if err := tx.bumpAccount(u.Account); err != nil {
		return err
	}
	return put(tx, userKey(u.Account, u.Name), u)
}

// RenameUser gives a user another name and path; its unique id stays (IA-6).
// It fails with ErrExists when another user has the name.
func (tx *Tx) RenameUser(u *identity.User, name identity.UserName, path string) error {
	if arn.Fold(string(name)) != arn.Fold(string(u.Name)) {
		if err := tx.free(userKey(u.Account, name)); err != nil {
			return err
		}
		if err := tx.remove(userKey(u.Account, u.Name)); err != nil {
			return err
		}
		for _, g := range u.Groups {
			if err := tx.remove(memberKey(u.Account, g, u.Name)); err != nil {
				return err
			}
			if err := put(tx, memberKey(u.Account, g, name), &memberRef{u.ID}); err != nil {
				return err
			}
		}
	}
	u.Name, u.Path = name, path
	if err := put(tx, idKey(u.ID), &Ref{KindUser, u.Account, string(name)}); err != nil {
		return err
	}
	return tx.PutUser(u)
}

// DeleteUser removes a user from whom everything else was taken before.
func (tx *Tx) DeleteUser(u *identity.User) error {
	if err := tx.forgetAccess(u.Account, u.ID); err != nil {
		return err
	}
	if u.Boundary != "" {
		if err := tx.countAttachment(u.Account, u.Boundary, attached{KindUser, u.ID, true}, -1); err != nil {
			return err
		}
	}
	if err := tx.count(u.Account, func(c *Counters) *int { return &c.Users }, -1, ""); err != nil {
		return err
	}
	if err := tx.remove(consoleRolesKey(u.Account, u.ID)); err != nil {
		return err
	}
	return tx.forget(u.Account, userKey(u.Account, u.Name), u.ID)
}

// forget removes a record and its unique id, which is never given again.
func (tx *Tx) forget(a identity.AccountID, k key, id string) error {
	if err := tx.bumpAccount(a); err != nil {
		return err
	}
	if err := tx.remove(idKey(id)); err != nil {
		return err
	}
	return tx.remove(k)
}

// A memberRef is the value of the index from a group to its users.
type memberRef struct {
	User string `json:"user"` // AIDA…
}

func memberKey(a identity.AccountID, groupID string, n identity.UserName) key {
	return inAccount(a, kindMember, groupID, arn.Fold(string(n)))
}

// AddToGroup makes u a member of g; a member stays one (IA-43).
func (tx *Tx) AddToGroup(g *identity.Group, u *identity.User) error {
	if contains(u.Groups, g.ID) {
		return nil
	}
	u.Groups = append(u.Groups, g.ID)
	if err := put(tx, memberKey(u.Account, g.ID, u.Name), &memberRef{u.ID}); err != nil {
		return err
	}
	return tx.PutUser(u)
}

// RemoveFromGroup ends u's membership of g, if there is one.
func (tx *Tx) RemoveFromGroup(g *identity.Group, u *identity.User) error {
	if !contains(u.Groups, g.ID) {
		return nil
	}
	u.Groups = without(u.Groups, g.ID)
	if err := tx.remove(memberKey(u.Account, g.ID, u.Name)); err != nil {
		return err
	}
	return tx.PutUser(u)
}

// Members lists a group's users by name.
func (tx *Tx) Members(g *identity.Group, after string, limit int) ([]*identity.User, string, error) {
	refs, next, err := list(tx, underAccount(g.Account, kindMember, g.ID), Page[memberRef]{After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	users := make([]*identity.User, 0, len(refs))
	for _, ref := range refs {
		u, err := tx.UserByID(ref.User)
		if err != nil {
			return nil, "", err
		}
		users = append(users, u)
	}
	return users, next, nil
}

// HasMembers reports whether any user is in the group.
func (tx *Tx) HasMembers(g *identity.Group) (bool, error) {
	found := false
	err := tx.scan(underAccount(g.Account, kindMember, g.ID), "", func(key, []byte) (bool, error) {
		found = true
		return false, nil
	})
	return found, err
}

// Group returns the group of that name, compared ignoring case.
func (tx *Tx) Group(a identity.AccountID, n identity.GroupName) (*identity.Group, error) {
	return get[identity.Group](tx, groupKey(a, n))
}

// Groups lists groups by name.
func (tx *Tx) Groups(a identity.AccountID, page Page[identity.Group]) ([]*identity.Group, string, error) {
	return list(tx, underAccount(a, kindGroup), page)
}

// CreateGroup adds a group. It fails like CreateUser.
func (tx *Tx) CreateGroup(g *identity.Group) error {
	if err := tx.claim(groupKey(g.Account, g.Name), g.ID, Ref{KindGroup, g.Account, string(g.Name)}); err != nil {
		return err
	}
	if err := tx.count(g.Account, func(c *Counters) *int { return &c.Groups }, 1, catalog.GroupsPerAccount); err != nil {
		return err
	}
	return put(tx, groupKey(g.Account, g.Name), g)
}

// PutGroup writes a group that exists, under the name it has.
func (tx *Tx) PutGroup(g *identity.Group) error {
	if err := tx.bumpAccount(g.Account); err != nil {
		return err
	}
	return put(tx, groupKey(g.Account, g.Name), g)
}

// RenameGroup gives a group another name and path; its unique id stays.
func (tx *Tx) RenameGroup(g *identity.Group, name identity.GroupName, path string) error {
	if arn.Fold(string(name)) != arn.Fold(string(g.Name)) {
		if err := tx.free(groupKey(g.Account, name)); err != nil {
			return err
		}
		if err := tx.remove(groupKey(g.Account, g.Name)); err != nil {
			return err
		}
	}
	g.Name, g.Path = name, path
	if err := put(tx, idKey(g.ID), &Ref{KindGroup, g.Account, string(name)}); err != nil {
		return err
	}
	return tx.PutGroup(g)
}

// DeleteGroup removes a group that has no members and no policies.
func (tx *Tx) DeleteGroup(g *identity.Group) error {
	if err := tx.count(g.Account, func(c *Counters) *int { return &c.Groups }, -1, ""); err != nil {
		return err
	}
	return tx.forget(g.Account, groupKey(g.Account, g.Name), g.ID)
}

// Role returns the role of that name, compared ignoring case. Who assumes a
// role must compare the case too (IA-3).
//
// Who assumes roles assumes the same few, so a view has them from a cache. Every
// change of a role counts up its account's guard, under which it is kept.
func (tx *Tx) Role(a identity.AccountID, n identity.RoleName) (*identity.Role, error) {
	k := roleKey(a, n)
	if tx.Writable() {
		return get[identity.Role](tx, k)
	}
	kept, ok, err := tx.store.roles.Get(tx, k)
	if err != nil {
		return nil, err
	}
	if ok {
		return new(*kept), nil
	}
	stamp, err := tx.Stamp(AccountScope(a))
	if err != nil {
		return nil, err
	}
	r, err := get[identity.Role](tx, k)
	if err != nil {
		return nil, err
	}
	tx.store.roles.Put(k, new(*r), []Stamp{stamp})
	return r, nil
}

// Roles lists roles by name.
func (tx *Tx) Roles(a identity.AccountID, page Page[identity.Role]) ([]*identity.Role, string, error) {
	return list(tx, underAccount(a, kindRole), page)
}

// CreateRole adds a role. It fails like CreateUser.
func (tx *Tx) CreateRole(r *identity.Role) error {
	if err := tx.claim(roleKey(r.Account, r.Name), r.ID, Ref{KindRole, r.Account, string(r.Name)}); err != nil {
		return err
	}
	if err := tx.count(r.Account, func(c *Counters) *int { return &c.Roles }, 1, catalog.RolesPerAccount); err != nil {
		return err
	}
	if r.Boundary != "" {
		if err := tx.countAttachment(r.Account, r.Boundary, attached{KindRole, r.ID, true}, 1); err != nil {
			return err
		}
	}
	return put(tx, roleKey(r.Account, r.Name), r)
}

// PutRole writes a role that exists. Roles cannot be renamed.
func (tx *Tx) PutRole(r *identity.Role) error {
	if err := tx.bumpAccount(r.Account); err != nil {
		return err
	}
	return put(tx, roleKey(r.Account, r.Name), r)
}

// DeleteRole removes a role from which everything else was taken before.
func (tx *Tx) DeleteRole(r *identity.Role) error {
	if err := tx.forgetAccess(r.Account, r.ID); err != nil {
		return err
	}
	if r.Boundary != "" {
		if err := tx.countAttachment(r.Account, r.Boundary, attached{KindRole, r.ID, true}, -1); err != nil {
			return err
		}
	}
	if err := tx.count(r.Account, func(c *Counters) *int { return &c.Roles }, -1, ""); err != nil {
		return err
	}
	if err := tx.remove(roleUseKey(r.ID)); err != nil {
		return err
	}
	return tx.forget(r.Account, roleKey(r.Account, r.Name), r.ID)
}

func contains(list []string, s string) bool {
	return slices.Contains(list, s)
}

func without(list []string, s string) []string {
	out := make([]string, 0, len(list))
	for _, l := range list {
		if l != s {
			out = append(out, l)
		}
	}
	return out
}

// missing reports whether err says that there is no such record.
func missing(err error) bool { return errors.Is(err, ErrNotFound) }
