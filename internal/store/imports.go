package store

import (
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
)

const (
	kindImport       = "import"
	kindImportTrust  = "import-trust"
	kindImportReport = "import-report"
)

// Import returns the import that fills an account; ErrNotFound when none does.
func (tx *Tx) Import(a identity.AccountID) (*identity.Import, error) {
	return get[identity.Import](tx, inAccount(a, kindImport))
}

// PutImport writes an import, new or changed.
func (tx *Tx) PutImport(i *identity.Import) error {
	return put(tx, inAccount(i.Account, kindImport), i)
}

// EndImport forgets an import, whose account then is as any other.
func (tx *Tx) EndImport(a identity.AccountID) error {
	if err := tx.remove(inAccount(a, kindImportReport)); err != nil {
		return err
	}
	return tx.remove(inAccount(a, kindImport))
}

func importTrustKey(a identity.AccountID, r identity.RoleName) key {
	return inAccount(a, kindImportTrust, arn.Fold(string(r)))
}

// PutImportedTrust keeps the trust policy of an imported role until it is put
// in force.
func (tx *Tx) PutImportedTrust(a identity.AccountID, t *identity.ImportedTrust) error {
	return put(tx, importTrustKey(a, t.Role), t)
}

// RemoveImportedTrust forgets the trust policy of an imported role.
func (tx *Tx) RemoveImportedTrust(a identity.AccountID, r identity.RoleName) error {
	return tx.remove(importTrustKey(a, r))
}

// ImportedTrusts lists the trust policies that are not in force yet, by role.
func (tx *Tx) ImportedTrusts(a identity.AccountID, page Page[identity.ImportedTrust]) ([]*identity.ImportedTrust, string, error) {
	return list(tx, underAccount(a, kindImportTrust), page)
}

// ImportReport returns what the last call of an import did.
func (tx *Tx) ImportReport(a identity.AccountID) (*identity.ImportReport, error) {
	r, err := get[identity.ImportReport](tx, inAccount(a, kindImportReport))
	if missing(err) {
		return &identity.ImportReport{}, nil
	}
	return r, err
}

// PutImportReport keeps what a call of an import did.
func (tx *Tx) PutImportReport(a identity.AccountID, r *identity.ImportReport) error {
	return put(tx, inAccount(a, kindImportReport), r)
}

// discarded is how many records Discard removes at most: each may have an
// index, and a transaction has its limits.
const discarded = 40

// Discard removes some of what an account holds that never was active, and
// reports whether there may be more. Its own record and its import stay, for
// DiscardAccount.
func (tx *Tx) Discard(a identity.AccountID) (more bool, err error) {
	var keys []key
	var ids []string
	keep := inAccount(a, kindImport)
	err = tx.scan(underAccount(a), "", func(k key, raw []byte) (bool, error) {
		if k == keep {
			return true, nil
		}
		if len(keys) == discarded {
			more = true
			return false, nil
		}
		keys = append(keys, k)
		if hasID(a, k) {
			r, err := decode[struct {
				ID string `json:"id"`
			}](string(k), raw)
			if err != nil {
				return false, err
			}
			ids = append(ids, r.ID)
		}
		return true, nil
	})
	if err != nil {
		return false, err
	}
	for _, id := range ids {
		if err := tx.remove(idKey(id)); err != nil {
			return false, err
		}
	}
	for _, k := range keys {
		if err := tx.remove(k); err != nil {
			return false, err
		}
	}
	return more, tx.bumpAccount(a)
}

// hasID reports whether the record at k is a user, group, role, policy or
// instance profile, which are indexed by their unique ids.
func hasID(a identity.AccountID, k key) bool {
	for _, kind := range []string{kindUser, kindGroup, kindRole, kindPolicy, kindProfile} {
		if strings.HasPrefix(string(k), string(underAccount(a, kind))) {
			return true
		}
	}
	return false
}

// DiscardAccount removes the record of an account that never was active and
// holds nothing any more, and its import.
func (tx *Tx) DiscardAccount(a *identity.Account) error {
	if err := tx.EndImport(a.ID); err != nil {
		return err
	}
	for _, k := range []key{emailKey(a.Email), canonicalKey(a.CanonicalID), accountKey(a.ID)} {
		if err := tx.remove(k); err != nil {
			return err
		}
	}
	return tx.bumpAccount(a.ID)
}
