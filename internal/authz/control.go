package authz

import (
	"fmt"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// ControlPolicies returns the service control policies that limit an account,
// by level from the organization's root: none for a management account, or
// where they do not count (EV-10, EV-11). member says whether the account is in
// an organization at all.
func ControlPolicies(tx *store.Tx, id identity.AccountID) (levels [][]*policy.Policy, member bool, err error) {
	account, err := tx.Account(id)
	if err != nil {
		return nil, false, fmt.Errorf("account %s: %w", id, err)
	}
	if account.Organization == "" {
		return nil, false, nil
	}
	set := &accountSet{id: id, organization: account.Organization}
	if err := set.load(tx, account); err != nil {
		return nil, false, err
	}
	return set.scp, true, nil
}
