package store

import (
	"errors"

	"github.com/regent-iam/regent/internal/identity"
)

// A Kind is what a unique id stands for.
type Kind string

// The kinds that have unique ids of their own.
const (
	KindUser   Kind = "user"
	KindGroup  Kind = "group"
	KindRole   Kind = "role"
	KindPolicy Kind = "policy"
	// KindInstanceProfile is that of instance profiles, which are no principals.
	KindInstanceProfile Kind = "instance-profile"
	// KindServerCertificate is that of server certificates, which are none either.
	KindServerCertificate Kind = "server-certificate"
)

// A Ref says which record a unique id stands for.
type Ref struct {
	Kind    Kind               `json:"kind"`
	Account identity.AccountID `json:"account"`
	Name    string             `json:"name"`
}

func idKey(id string) key { return join("id", id) }

// Lookup returns what the unique id (AIDA…, AGPA…, AROA…, ANPA…) stands for.
func (tx *Tx) Lookup(id string) (Ref, error) {
	r, err := get[Ref](tx, idKey(id))
	if err != nil {
		return Ref{}, err
	}
	return *r, nil
}

// UserByID returns the user with that unique id.
func (tx *Tx) UserByID(id string) (*identity.User, error) {
	ref, err := tx.Lookup(id)
	if err != nil {
		return nil, err
	}
	if ref.Kind != KindUser {
		return nil, ErrNotFound
	}
	return tx.User(ref.Account, identity.UserName(ref.Name))
}

// GroupByID returns the group with that unique id.
func (tx *Tx) GroupByID(id string) (*identity.Group, error) {
	ref, err := tx.Lookup(id)
	if err != nil {
		return nil, err
	}
	if ref.Kind != KindGroup {
		return nil, ErrNotFound
	}
	return tx.Group(ref.Account, identity.GroupName(ref.Name))
}

// RoleByID returns the role with that unique id.
func (tx *Tx) RoleByID(id string) (*identity.Role, error) {
	ref, err := tx.Lookup(id)
	if err != nil {
		return nil, err
	}
	if ref.Kind != KindRole {
		return nil, ErrNotFound
	}
	return tx.Role(ref.Account, identity.RoleName(ref.Name))
}

// PrincipalARN returns the ARN of the user or role with that unique id, and
// whether there is one now (PL-26).
func (tx *Tx) PrincipalARN(id string) (string, bool, error) {
	ref, err := tx.Lookup(id)
	if errors.Is(err, ErrNotFound) {
		return "", false, nil
	}
	if err != nil {
		return "", false, err
	}
	switch ref.Kind {
	case KindUser:
		u, err := tx.User(ref.Account, identity.UserName(ref.Name))
		if err != nil {
			return "", false, err
		}
		return u.ARN().String(), true, nil
	case KindRole:
		r, err := tx.Role(ref.Account, identity.RoleName(ref.Name))
		if err != nil {
			return "", false, err
		}
		return r.ARN().String(), true, nil
	case KindGroup, KindPolicy, KindInstanceProfile, KindServerCertificate:
	}
	return "", false, nil
}
