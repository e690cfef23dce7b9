package store

import (
	"github.com/regent-iam/regent/internal/identity"
)

func accessKeyKey(id identity.AccessKeyID) key { return join("access-key", string(id)) }

// AccessKey returns the long-term access key with that id.
func (tx *Tx) AccessKey(id identity.AccessKeyID) (*identity.AccessKey, error) {
	return get[identity.AccessKey](tx, accessKeyKey(id))
}

// PutAccessKey writes an access key, new or changed. The record of its owner,
// which lists it, is the caller's to write.
func (tx *Tx) PutAccessKey(k *identity.AccessKey) error {
	if err := tx.bumpAccount(k.Account); err != nil {
		return err
	}
	return put(tx, accessKeyKey(k.ID), k)
}

// DeleteAccessKey removes an access key and what is known of its use.
func (tx *Tx) DeleteAccessKey(k *identity.AccessKey) error {
	if err := tx.bumpAccount(k.Account); err != nil {
		return err
	}
	if err := tx.remove(keyUseKey(k.ID)); err != nil {
		return err
	}
	return tx.remove(accessKeyKey(k.ID))
}

func keyUseKey(id identity.AccessKeyID) key { return join("access-key-use", string(id)) }

// KeyUse returns when the access key was last used, or ErrNotFound when it
// never was.
func (tx *Tx) KeyUse(id identity.AccessKeyID) (*identity.KeyUse, error) {
	return get[identity.KeyUse](tx, keyUseKey(id))
}

// PutKeyUse enters a use of an access key, unless the key is gone.
func (tx *Tx) PutKeyUse(id identity.AccessKeyID, use identity.KeyUse) error {
	if there, err := tx.exists(accessKeyKey(id)); err != nil || !there {
		return err
	}
	return put(tx, keyUseKey(id), &use)
}

// A RoleUse says when a role's sessions were last seen (RoleLastUsed).
type RoleUse struct {
	Use identity.KeyUse `json:"use"`
}

func roleUseKey(id string) key { return join("role-use", id) }

// RoleUse returns when a session of the role was last used, or ErrNotFound.
func (tx *Tx) RoleUse(id string) (*identity.KeyUse, error) {
	u, err := get[RoleUse](tx, roleUseKey(id))
	if err != nil {
		return nil, err
	}
	return &u.Use, nil
}

// PutRoleUse enters a use of the role with that unique id, unless it is gone.
func (tx *Tx) PutRoleUse(id string, use identity.KeyUse) error {
	if there, err := tx.exists(idKey(id)); err != nil || !there {
		return err
	}
	return put(tx, roleUseKey(id), &RoleUse{use})
}

// Device returns the account's virtual MFA device of that name.
func (tx *Tx) Device(a identity.AccountID, name string) (*identity.MFADevice, error) {
	return get[identity.MFADevice](tx, deviceKey(a, name))
}

// Devices lists virtual MFA devices by name.
func (tx *Tx) Devices(a identity.AccountID, page Page[identity.MFADevice]) ([]*identity.MFADevice, string, error) {
	return list(tx, underAccount(a, kindDevice), page)
}

// CreateDevice adds a device. It fails with ErrExists when the name is taken.
func (tx *Tx) CreateDevice(d *identity.MFADevice) error {
	taken, err := tx.exists(deviceKey(d.Account, d.Name))
	if err != nil {
		return err
	}
	if taken {
		return ErrExists
	}
	if err := tx.count(d.Account, func(c *Counters) *int { return &c.Devices }, 1, ""); err != nil {
		return err
	}
	return tx.PutDevice(d)
}

// PutDevice writes a device that exists. No decision depends on a device
// alone, so no guard is counted up.
func (tx *Tx) PutDevice(d *identity.MFADevice) error {
	return put(tx, deviceKey(d.Account, d.Name), d)
}

// DeleteDevice removes a device that belongs to nobody.
func (tx *Tx) DeleteDevice(d *identity.MFADevice) error {
	if err := tx.count(d.Account, func(c *Counters) *int { return &c.Devices }, -1, ""); err != nil {
		return err
	}
	return tx.remove(deviceKey(d.Account, d.Name))
}
