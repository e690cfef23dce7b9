package store

import (
	"fmt"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
)

// quotaValues are the quotas that were set for an account. They are read when
// something is made or attached, and by no decision.
type quotaValues struct {
	Values map[catalog.QuotaName]int `json:"values"`
}

func quotasKey(id identity.AccountID) key { return inAccount(id, kindQuotas) }

func (tx *Tx) quotaValues(id identity.AccountID) (*quotaValues, error) {
	v, err := get[quotaValues](tx, quotasKey(id))
	if missing(err) {
		return &quotaValues{}, nil
	}
	return v, err
}

// of returns what the account has of a quota: what was set, as long as AWS lets
// it be that much, or the default.
func (v *quotaValues) of(q catalog.Quota) int {
	if value, ok := v.Values[q.Name]; ok && q.Adjustable() {
		return min(value, q.Max)
	}
	return q.Default
}

// Quota returns the limit that the account has (IA-44). One that is fixed is
// not looked up.
func (tx *Tx) Quota(id identity.AccountID, name catalog.QuotaName) (int, error) {
	q, ok := catalog.LookupQuota(name)
	if !ok {
		return 0, fmt.Errorf("store: there is no quota %s", name)
	}
	if !q.Adjustable() {
		return q.Default, nil
	}
	v, err := tx.quotaValues(id)
	if err != nil {
		return 0, err
	}
	return v.of(q), nil
}

// Quotas returns a function that tells every limit that the account has.
func (tx *Tx) Quotas(id identity.AccountID) (func(catalog.Quota) int, error) {
	v, err := tx.quotaValues(id)
	if err != nil {
		return nil, err
	}
	return v.of, nil
}

// SetQuota sets an account's limit, from the next change on. What there is
// already stays, however many that is.
func (tx *Tx) SetQuota(id identity.AccountID, q catalog.Quota, value int) error {
	v, err := tx.quotaValues(id)
	if err != nil {
		return err
	}
	if v.Values == nil {
		v.Values = map[catalog.QuotaName]int{}
	}
	v.Values[q.Name] = value
	if value == q.Default {
		delete(v.Values, q.Name)
	}
	if len(v.Values) == 0 {
		return tx.remove(quotasKey(id))
	}
	return put(tx, quotasKey(id), v)
}
