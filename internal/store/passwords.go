package store

import "github.com/regent-iam/regent/internal/identity"

func loginProfileKey(a identity.AccountID, userID string) key {
	return inAccount(a, kindLoginProfile, userID)
}

// LoginProfile returns the login profile of the user with that unique id, or of
// root for identity.RootUser.
func (tx *Tx) LoginProfile(a identity.AccountID, userID string) (*identity.LoginProfile, error) {
	return get[identity.LoginProfile](tx, loginProfileKey(a, userID))
}

// CreateLoginProfile adds a login profile. It fails with ErrExists when the
// user has one.
func (tx *Tx) CreateLoginProfile(p *identity.LoginProfile) error {
	if err := tx.free(loginProfileKey(p.Account, p.UserID)); err != nil {
		return err
	}
	return tx.PutLoginProfile(p)
}

// PutLoginProfile writes a login profile that exists. No decision depends on
// one, so no guard is counted up.
func (tx *Tx) PutLoginProfile(p *identity.LoginProfile) error {
	return put(tx, loginProfileKey(p.Account, p.UserID), p)
}

// DeleteLoginProfile removes a login profile and what was remembered of former
// passwords.
func (tx *Tx) DeleteLoginProfile(p *identity.LoginProfile) error {
	return tx.remove(loginProfileKey(p.Account, p.UserID))
}

// PasswordPolicy returns the account's own password policy.
func (tx *Tx) PasswordPolicy(a identity.AccountID) (*identity.PasswordPolicy, error) {
	return get[identity.PasswordPolicy](tx, inAccount(a, kindPasswordPolicy))
}

// PutPasswordPolicy gives the account a password policy, in place of the one it
// had. What users may do depends on it.
func (tx *Tx) PutPasswordPolicy(p *identity.PasswordPolicy) error {
	if err := tx.bumpAccount(p.Account); err != nil {
		return err
	}
	return put(tx, inAccount(p.Account, kindPasswordPolicy), p)
}

// DeletePasswordPolicy removes the account's password policy.
func (tx *Tx) DeletePasswordPolicy(a identity.AccountID) error {
	if err := tx.bumpAccount(a); err != nil {
		return err
	}
	return tx.remove(inAccount(a, kindPasswordPolicy))
}
