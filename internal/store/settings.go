package store

import "github.com/regent-iam/regent/internal/identity"

const kindSettings = "settings"

func settingsKey(a identity.AccountID) key { return inAccount(a, kindSettings) }

// Settings returns the account's switches; all are off until they are put.
func (tx *Tx) Settings(a identity.AccountID) (*identity.AccountSettings, error) {
	s, err := get[identity.AccountSettings](tx, settingsKey(a))
	if missing(err) {
		return new(identity.AccountSettings), nil
	}
	return s, err
}

// PutSettings writes the account's switches.
func (tx *Tx) PutSettings(a identity.AccountID, s *identity.AccountSettings) error {
	return put(tx, settingsKey(a), s)
}
