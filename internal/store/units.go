package store

import (
	"maps"
	"slices"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
)

func unitKey(organization, id string) key { return inOrganization(organization, "ou", id) }

func unitNameKey(organization, parent, name string) key {
	return inOrganization(organization, "ou-name", parent, arn.Fold(name))
}

func childUnitKey(organization, parent, id string) key {
	return inOrganization(organization, "child-ou", parent, id)
}

// A unitRef is the value of the index from a root or unit to the units in it.
type unitRef struct {
	ID string `json:"id"`
}

// organizationCounters are how many of each kind an organization has, for its
// quotas.
type organizationCounters struct {
	Units    int                         `json:"units,omitempty"`
	Policies map[identity.PolicyType]int `json:"policies,omitempty"`
}

// countUnits changes how many units the organization has; one more than limit
// fails with a LimitError, limit 0 means that there is none.
func (tx *Tx) countUnits(organization string, delta, limit int) error {
	return tx.countInOrganization(organization, func(c *organizationCounters) error {
		c.Units += delta
		if delta > 0 && limit > 0 && c.Units > limit {
			return &LimitError{"OrganizationalUnits", limit}
		}
		return nil
	})
}

// countInOrganization changes how many of something the organization has.
func (tx *Tx) countInOrganization(organization string, change func(*organizationCounters) error) error {
	k := inOrganization(organization, kindCounters)
	c, err := get[organizationCounters](tx, k)
	switch {
	case missing(err):
		c = new(organizationCounters)
	case err != nil:
		return err
	}
	if err := change(c); err != nil {
		return err
	}
	return put(tx, k, c)
}

// Unit returns an organizational unit.
func (tx *Tx) Unit(organization, id string) (*identity.OrganizationalUnit, error) {
	return get[identity.OrganizationalUnit](tx, unitKey(organization, id))
}

// CreateUnit adds an organizational unit. It fails with ErrExists when a unit
// beside it has the name, whatever its case, and with a LimitError when the
// organization has limit units already.
func (tx *Tx) CreateUnit(organization string, u *identity.OrganizationalUnit, limit int) error {
	if taken, err := tx.exists(unitNameKey(organization, u.Parent, u.Name)); err != nil {
		return err
	} else if taken {
		return ErrExists
	}
	if err := tx.countUnits(organization, 1, limit); err != nil {
		return err
	}
	if err := put(tx, unitNameKey(organization, u.Parent, u.Name), &nameRef{u.ID}); err != nil {
		return err
	}
	if err := put(tx, childUnitKey(organization, u.Parent, u.ID), &unitRef{u.ID}); err != nil {
		return err
	}
	return tx.PutUnit(organization, u)
}

// PutUnit writes a unit that exists. Its name is changed by RenameUnit.
func (tx *Tx) PutUnit(organization string, u *identity.OrganizationalUnit) error {
	if err := tx.bump(OrganizationScope(organization)); err != nil {
		return err
	}
	return put(tx, unitKey(organization, u.ID), u)
}

// RenameUnit gives a unit another name. It fails with ErrExists when a unit
// beside it has that name.
func (tx *Tx) RenameUnit(organization string, u *identity.OrganizationalUnit, name string) error {
	ref, err := get[nameRef](tx, unitNameKey(organization, u.Parent, name))
	switch {
	case err == nil && ref.ID != u.ID:
		return ErrExists
	case err != nil && !missing(err):
		return err
	}
	if err := tx.remove(unitNameKey(organization, u.Parent, u.Name)); err != nil {
		return err
	}
	u.Name = name
	if err := put(tx, unitNameKey(organization, u.Parent, name), &nameRef{u.ID}); err != nil {
		return err
	}
	return tx.PutUnit(organization, u)
}

// DeleteUnit removes a unit that holds nothing, and all that hangs on it.
func (tx *Tx) DeleteUnit(o *identity.Organization, u *identity.OrganizationalUnit) error {
	if err := tx.bump(OrganizationScope(o.ID)); err != nil {
		return err
	}
	if err := tx.dropTarget(o, u.ID); err != nil {
		return err
	}
	for _, k := range []key{unitNameKey(o.ID, u.Parent, u.Name), childUnitKey(o.ID, u.Parent, u.ID), unitKey(o.ID, u.ID)} {
		if err := tx.remove(k); err != nil {
			return err
		}
	}
	return tx.countUnits(o.ID, -1, 0)
}

// Units lists the organization's units by id.
func (tx *Tx) Units(organization, after string, limit int) ([]*identity.OrganizationalUnit, string, error) {
	return list(tx, underOrganization(organization, "ou"), Page[identity.OrganizationalUnit]{After: after, Limit: limit})
}

// ChildUnits lists the units directly under a root or unit by id.
func (tx *Tx) ChildUnits(organization, parent, after string, limit int) ([]*identity.OrganizationalUnit, string, error) {
	refs, next, err := list(tx, underOrganization(organization, "child-ou", parent), Page[unitRef]{After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	units := make([]*identity.OrganizationalUnit, 0, len(refs))
	for _, ref := range refs {
		u, err := tx.Unit(organization, ref.ID)
		if err != nil {
			return nil, "", err
		}
		units = append(units, u)
	}
	return units, next, nil
}

// Occupied reports whether a root or unit holds accounts or other units.
func (tx *Tx) Occupied(organization, parent string) (bool, error) {
	accounts, _, err := tx.ChildAccounts(organization, parent, "", 1)
	if err != nil || len(accounts) > 0 {
		return err == nil, err
	}
	units, _, err := tx.ChildUnits(organization, parent, "", 1)
	return len(units) > 0, err
}

// UnitPath returns the ids from the organization's root down to a root or unit.
func (tx *Tx) UnitPath(o *identity.Organization, id string) ([]string, error) {
	var path []string
	for at := id; ; {
		path = append(path, at)
		if at == o.RootID {
			slices.Reverse(path)
			return path, nil
		}
		if len(path) > identity.MaxUnitDepth {
			return nil, errUnitDepth
		}
		u, err := tx.Unit(o.ID, at)
		if err != nil {
			return nil, err
		}
		at = u.Parent
	}
}

// dropTarget takes every policy off a target that goes, whatever types are
// enabled by now.
func (tx *Tx) dropTarget(o *identity.Organization, target string) error {
	for _, t := range slices.Sorted(maps.Keys(o.Epochs)) {
		k := attachmentsKey(o.ID, target, t)
		at, err := get[identity.Attachments](tx, k)
		if missing(err) {
			continue
		} else if err != nil {
			return err
		}
		for _, id := range at.Policies {
			if err := tx.remove(targetKey(o, id, target)); err != nil {
				return err
			}
		}
		if err := tx.remove(k); err != nil {
			return err
		}
	}
	return nil
}
