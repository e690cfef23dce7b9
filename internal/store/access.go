package store

import (
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/identity"
)

func accessKey(a identity.AccountID, principal string) key {
	if principal == "" {
		principal = identity.RootUser
	}
	return join("access", string(a), principal)
}

func accountAccessKey(a identity.AccountID) key { return join("account-access", string(a)) }

// Access returns what the user or role with that unique id, or the account's
// root for "", tried to use.
func (tx *Tx) Access(a identity.AccountID, principal string) (*identity.Access, error) {
	r, err := get[identity.Access](tx, accessKey(a, principal))
	if missing(err) {
		return &identity.Access{Services: map[string]*identity.ServiceAccess{}}, nil
	}
	return r, err
}

// AccountAccess returns what the principals of an account tried to use.
func (tx *Tx) AccountAccess(a identity.AccountID) (*identity.AccountAccess, error) {
	r, err := get[identity.AccountAccess](tx, accountAccessKey(a))
	if missing(err) {
		return &identity.AccountAccess{Services: map[string]identity.AccountServiceAccess{}}, nil
	}
	return r, err
}

// NoteAccess enters when a principal last tried actions ("s3:GetObject"),
// unless it is gone, and forgets what is too long ago to be told. What another
// node noted within the grain stands.
func (tx *Tx) NoteAccess(a identity.AccountID, principal string, uses map[string]identity.AccessUse, grain time.Duration) error {
	owner := accountKey(a)
	if principal != "" {
		owner = idKey(principal)
	}
	if there, err := tx.exists(owner); err != nil || !there {
		return err
	}
	access, err := tx.Access(a, principal)
	if err != nil {
		return err
	}
	all, err := tx.AccountAccess(a)
	if err != nil {
		return err
	}
	changed := false
	for action, use := range uses {
		service, name, ok := strings.Cut(action, ":")
		if ok && noteAction(access, all, service, name, use, grain) {
			changed = true
		}
	}
	if !changed {
		return nil
	}
	if err := put(tx, accountAccessKey(a), all); err != nil {
		return err
	}
	return put(tx, accessKey(a, principal), access)
}

func noteAction(access *identity.Access, all *identity.AccountAccess, service, name string, use identity.AccessUse, grain time.Duration) bool {
	s := access.Services[service]
	if s != nil && use.At.Sub(s.Actions[name].At).Abs() < grain {
		return false
	}
	total := all.Services[service]
	if s == nil {
		s = &identity.ServiceAccess{Actions: map[string]identity.AccessUse{}}
		access.Services[service] = s
		total.Entities++
	}
	s.Actions[name] = use
	for old, u := range s.Actions {
		if use.At.Sub(u.At) > identity.AccessLife {
			delete(s.Actions, old)
		}
	}
	if use.After(s.AccessUse) {
		s.AccessUse = use
	}
	if use.After(total.AccessUse) {
		total.AccessUse = use
	}
	all.Services[service] = total
	return true
}

// forgetAccess forgets what a principal tried that is about to be removed.
func (tx *Tx) forgetAccess(a identity.AccountID, principal string) error {
	access, err := tx.Access(a, principal)
	if err != nil || len(access.Services) == 0 {
		return err
	}
	all, err := tx.AccountAccess(a)
	if err != nil {
		return err
	}
	for service := range access.Services {
		if total, ok := all.Services[service]; ok {
			total.Entities = max(0, total.Entities-1)
			all.Services[service] = total
		}
	}
	if err := put(tx, accountAccessKey(a), all); err != nil {
		return err
	}
	return tx.remove(accessKey(a, principal))
}
