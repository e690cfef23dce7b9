package store

import (
	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
)

func profileKey(a identity.AccountID, n identity.ProfileName) key {
	return inAccount(a, kindProfile, arn.Fold(string(n)))
}

// A profileRef is the value of the index from a role to the instance profiles
// that it is in.
type profileRef struct {
	Profile identity.ProfileName `json:"profile"`
}

func profileOfRoleKey(p *identity.InstanceProfile) key {
	return inAccount(p.Account, kindProfileOfRole, p.Role, arn.Fold(string(p.Name)))
}

// InstanceProfile returns the instance profile of that name, compared ignoring
// case.
func (tx *Tx) InstanceProfile(a identity.AccountID, n identity.ProfileName) (*identity.InstanceProfile, error) {
	return get[identity.InstanceProfile](tx, profileKey(a, n))
}

// InstanceProfiles lists instance profiles by name.
func (tx *Tx) InstanceProfiles(a identity.AccountID, page Page[identity.InstanceProfile]) ([]*identity.InstanceProfile, string, error) {
	return list(tx, underAccount(a, kindProfile), page)
}

// CreateInstanceProfile adds an instance profile that has no role. It fails
// like CreateUser.
func (tx *Tx) CreateInstanceProfile(p *identity.InstanceProfile) error {
	if err := tx.claim(profileKey(p.Account, p.Name), p.ID, Ref{KindInstanceProfile, p.Account, string(p.Name)}); err != nil {
		return err
	}
	if err := tx.count(p.Account, func(c *Counters) *int { return &c.InstanceProfiles }, 1, catalog.InstanceProfilesPerAccount); err != nil {
		return err
	}
	return tx.PutInstanceProfile(p)
}

// PutInstanceProfile writes an instance profile that exists. Its role is
// changed by SetProfileRole. No decision is kept that depends on a profile, so
// no guard is counted up.
func (tx *Tx) PutInstanceProfile(p *identity.InstanceProfile) error {
	return put(tx, profileKey(p.Account, p.Name), p)
}

// SetProfileRole puts the role with that unique id into the profile in place of
// the one it had; "" takes it out.
func (tx *Tx) SetProfileRole(p *identity.InstanceProfile, roleID string) error {
	if p.Role != "" {
		if err := tx.remove(profileOfRoleKey(p)); err != nil {
			return err
		}
	}
	p.Role = roleID
	if roleID != "" {
		if err := put(tx, profileOfRoleKey(p), &profileRef{p.Name}); err != nil {
			return err
		}
	}
	return tx.PutInstanceProfile(p)
}

// DeleteInstanceProfile removes a profile that has no role.
func (tx *Tx) DeleteInstanceProfile(p *identity.InstanceProfile) error {
	if err := tx.count(p.Account, func(c *Counters) *int { return &c.InstanceProfiles }, -1, ""); err != nil {
		return err
	}
	if err := tx.remove(idKey(p.ID)); err != nil {
		return err
	}
	return tx.remove(profileKey(p.Account, p.Name))
}

// ProfilesOfRole lists the instance profiles that a role is in, by name.
func (tx *Tx) ProfilesOfRole(r *identity.Role, after string, limit int) ([]*identity.InstanceProfile, string, error) {
	refs, next, err := list(tx, underAccount(r.Account, kindProfileOfRole, r.ID), Page[profileRef]{After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	profiles := make([]*identity.InstanceProfile, len(refs))
	for i, ref := range refs {
		if profiles[i], err = tx.InstanceProfile(r.Account, ref.Profile); err != nil {
			return nil, "", err
		}
	}
	return profiles, next, nil
}

// InProfile reports whether the role is in any instance profile.
func (tx *Tx) InProfile(r *identity.Role) (bool, error) {
	found := false
	err := tx.scan(underAccount(r.Account, kindProfileOfRole, r.ID), "", func(key, []byte) (bool, error) {
		found = true
		return false, nil
	})
	return found, err
}
