package store

import (
	"errors"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
)

func aliasKey(alias string) key  { return join("alias", arn.Fold(alias)) }
func emailKey(email string) key  { return join("email", arn.Fold(email)) }
func canonicalKey(id string) key { return join("canonical", id) }

// An accountRef is the value of an index that leads to an account.
type accountRef struct {
	Account identity.AccountID `json:"account"`
}

// Account returns the account with that id.
func (tx *Tx) Account(id identity.AccountID) (*identity.Account, error) {
	return get[identity.Account](tx, accountKey(id))
}

// AccountByAlias returns the account that has that alias.
func (tx *Tx) AccountByAlias(alias string) (*identity.Account, error) {
	ref, err := get[accountRef](tx, aliasKey(alias))
	if err != nil {
		return nil, err
	}
	return tx.Account(ref.Account)
}

// AccountByEmail returns the account that was made with that e-mail address.
func (tx *Tx) AccountByEmail(email string) (*identity.Account, error) {
	ref, err := get[accountRef](tx, emailKey(email))
	if err != nil {
		return nil, err
	}
	return tx.Account(ref.Account)
}

// CreateAccount adds an account. It fails with ErrExists when its id or its
// e-mail address is taken.
func (tx *Tx) CreateAccount(a *identity.Account) error {
	for _, k := range []key{accountKey(a.ID), emailKey(a.Email)} {
		if taken, err := tx.exists(k); err != nil {
			return err
		} else if taken {
			return ErrExists
		}
	}
	if err := put(tx, emailKey(a.Email), &accountRef{a.ID}); err != nil {
		return err
	}
	if err := put(tx, canonicalKey(a.CanonicalID), &accountRef{a.ID}); err != nil {
		return err
	}
	return tx.PutAccount(a)
}

// PutAccount writes an account that exists. Its alias is changed by SetAlias.
func (tx *Tx) PutAccount(a *identity.Account) error {
	if err := tx.bumpAccount(a.ID); err != nil {
		return err
	}
	return put(tx, accountKey(a.ID), a)
}

// SetAlias gives the account an alias in place of the one it had; "" removes
// it. It fails with ErrExists when another account has the alias.
func (tx *Tx) SetAlias(a *identity.Account, alias string) error {
	if alias != "" {
		ref, err := get[accountRef](tx, aliasKey(alias))
		switch {
		case err == nil && ref.Account != a.ID:
			return ErrExists
		case err != nil && !errors.Is(err, ErrNotFound):
			return err
		}
	}
	if a.Alias != "" {
		if err := tx.remove(aliasKey(a.Alias)); err != nil {
			return err
		}
	}
	a.Alias = alias
	if alias != "" {
		if err := put(tx, aliasKey(alias), &accountRef{a.ID}); err != nil {
			return err
		}
	}
	return tx.PutAccount(a)
}

// Counters are how many of each kind an account has, for its quotas.
type Counters struct {
	Users    int `json:"users,omitempty"`
	Groups   int `json:"groups,omitempty"`
	Roles    int `json:"roles,omitempty"`
	Policies int `json:"policies,omitempty"`
	Devices  int `json:"devices,omitempty"`

	OIDCProviders int `json:"oidcProviders,omitempty"`
	SAMLProviders int `json:"samlProviders,omitempty"`

	InstanceProfiles   int `json:"instanceProfiles,omitempty"`
	ServerCertificates int `json:"serverCertificates,omitempty"`

	Services int `json:"services,omitempty"`
}

// Counters returns how many of each kind the account has.
func (tx *Tx) Counters(id identity.AccountID) (*Counters, error) {
	c, err := get[Counters](tx, inAccount(id, kindCounters))
	if errors.Is(err, ErrNotFound) {
		return &Counters{}, nil
	}
	return c, err
}

// count changes one of the account's counters by delta. A counter that would
// pass its quota fails with a LimitError; quota "" means that there is none.
func (tx *Tx) count(id identity.AccountID, of func(*Counters) *int, delta int, quota catalog.QuotaName) error {
	c, err := tx.Counters(id)
	if err != nil {
		return err
	}
	n := of(c)
	*n += delta
	if delta > 0 && quota != "" {
		limit, err := tx.Quota(id, quota)
		if err != nil {
			return err
		}
		if *n > limit {
			return &LimitError{quota, limit}
		}
	}
	return put(tx, inAccount(id, kindCounters), c)
}
