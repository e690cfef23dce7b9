package store

import "github.com/regent-iam/regent/internal/identity"

// Delegate returns what an account is delegated administrator of.
func (tx *Tx) Delegate(organization string, account identity.AccountID) (*identity.DelegatedAdministrator, error) {
	return get[identity.DelegatedAdministrator](tx, delegateKey(organization, account))
}

func delegateKey(organization string, account identity.AccountID) key {
	return inOrganization(organization, "delegate", string(account))
}

func delegateOfKey(organization, service string, account identity.AccountID) key {
	return inOrganization(organization, "delegate-of", service, string(account))
}

// PutDelegate writes what an account is delegated administrator of, and keeps
// the index from services to accounts. Without services the account is none.
func (tx *Tx) PutDelegate(organization string, d *identity.DelegatedAdministrator) error {
	if err := tx.bump(OrganizationScope(organization)); err != nil {
		return err
	}
	was, err := tx.Delegate(organization, d.Account)
	switch {
	case missing(err):
		was = new(identity.DelegatedAdministrator)
	case err != nil:
		return err
	}
	for _, s := range was.Services {
		if _, kept := identity.FindService(d.Services, s.Principal); kept {
			continue
		}
		if err := tx.remove(delegateOfKey(organization, s.Principal, d.Account)); err != nil {
			return err
		}
	}
	for _, s := range d.Services {
		if _, known := identity.FindService(was.Services, s.Principal); known {
			continue
		}
		if err := put(tx, delegateOfKey(organization, s.Principal, d.Account), &accountRef{d.Account}); err != nil {
			return err
		}
	}
	if len(d.Services) == 0 {
		return tx.remove(delegateKey(organization, d.Account))
	}
	return put(tx, delegateKey(organization, d.Account), d)
}

// Delegates lists the delegated administrators of a service, or of any when it
// is "", by account.
func (tx *Tx) Delegates(organization, service, after string, limit int) ([]*identity.DelegatedAdministrator, string, error) {
	if service == "" {
		return list(tx, underOrganization(organization, "delegate"), Page[identity.DelegatedAdministrator]{After: after, Limit: limit})
	}
	refs, next, err := list(tx, underOrganization(organization, "delegate-of", service), Page[accountRef]{After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	out := make([]*identity.DelegatedAdministrator, len(refs))
	for i, r := range refs {
		if out[i], err = tx.Delegate(organization, r.Account); err != nil {
			return nil, "", err
		}
	}
	return out, next, nil
}

// OrganizationResourcePolicy returns the organization's resource policy.
func (tx *Tx) OrganizationResourcePolicy(organization string) (*identity.OrganizationResourcePolicy, error) {
	return get[identity.OrganizationResourcePolicy](tx, inOrganization(organization, "resource-policy"))
}

// PutOrganizationResourcePolicy writes the organization's resource policy, in
// place of the one it may have.
func (tx *Tx) PutOrganizationResourcePolicy(o *identity.Organization, p *identity.OrganizationResourcePolicy) error {
	if err := tx.bumpOwner(o); err != nil {
		return err
	}
	return put(tx, inOrganization(o.ID, "resource-policy"), p)
}

// DeleteOrganizationResourcePolicy removes the organization's resource policy.
func (tx *Tx) DeleteOrganizationResourcePolicy(o *identity.Organization) error {
	if err := tx.bumpOwner(o); err != nil {
		return err
	}
	return tx.remove(inOrganization(o.ID, "resource-policy"))
}

// bumpOwner says that decisions on what the management account owns, which the
// organization's resource policy is among, may come out differently.
func (tx *Tx) bumpOwner(o *identity.Organization) error {
	if err := tx.bump(OrganizationScope(o.ID)); err != nil {
		return err
	}
	return tx.bumpAccount(o.Management)
}
