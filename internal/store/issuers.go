package store

import (
	"errors"

	"github.com/regent-iam/regent/internal/identity"
)

const kindIssuerKeys = "issuer-keys"

func issuerKeysKey(a identity.AccountID) key { return inAccount(a, kindIssuerKeys) }

// issuerRecord says whose an issuer of outbound tokens is.
type issuerRecord struct {
	Account identity.AccountID `json:"account"`
}

func issuerKey(id string) key { return join("issuer", id) }

// IssuerAccount returns the account whose issuer of outbound tokens has that id.
// An issuer that was switched off is still the account's.
func (tx *Tx) IssuerAccount(id string) (identity.AccountID, error) {
	r, err := get[issuerRecord](tx, issuerKey(id))
	if err != nil {
		return "", err
	}
	return r.Account, nil
}

// PutIssuer enters an issuer of outbound tokens, for good.
func (tx *Tx) PutIssuer(id string, a identity.AccountID) error {
	return put(tx, issuerKey(id), &issuerRecord{a})
}

// IssuerKeys returns the keys of the account's issuer, none before the first.
func (tx *Tx) IssuerKeys(a identity.AccountID) (*identity.IssuerKeys, error) {
	k, err := get[identity.IssuerKeys](tx, issuerKeysKey(a))
	if errors.Is(err, ErrNotFound) {
		return &identity.IssuerKeys{Account: a}, nil
	}
	return k, err
}

// PutIssuerKeys writes the keys of an account's issuer.
func (tx *Tx) PutIssuerKeys(k *identity.IssuerKeys) error {
	return put(tx, issuerKeysKey(k.Account), k)
}
