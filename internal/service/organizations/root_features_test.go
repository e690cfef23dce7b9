package organizations_test

import (
	"testing"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// A delegated administrator of IAM sees and switches off the features of the
// members' roots, and switches none on; nor does one whose organization has no
// more than consolidated billing.
//
// Rules: ST-78 OR-26
func TestRootFeaturesByADelegate(t *testing.T) {
	t.Parallel()
	h := founded(t)
	const delegate, other = identity.AccountID("222233334444"), identity.AccountID("333344445555")
	h.Account(delegate, "delegate")
	h.Account(other, "other")
	var organization string
	change := func(do func(tx *store.Tx, o *identity.Organization) error) {
		h.Update(func(tx *store.Tx) error {
			a, err := tx.Account(management)
			if err != nil {
				return err
			}
			o, err := tx.Organization(a.Organization)
			if err != nil {
				return err
			}
			organization = o.ID
			return do(tx, o)
		})
	}
	change(func(tx *store.Tx, o *identity.Organization) error {
		for id, service := range map[identity.AccountID]string{delegate: identity.IAMPrincipal, other: "sso.amazonaws.com"} {
			a, err := tx.Account(id)
			if err != nil {
				return err
			}
			if err := tx.Join(a, o.ID, o.RootID); err != nil {
				return err
			}
			d := &identity.DelegatedAdministrator{Account: id, Services: []identity.EnabledService{{Principal: service, Since: h.Now()}}}
			if err := tx.PutDelegate(o.ID, d); err != nil {
				return err
			}
		}
		return nil
	})
	h.As("root").Call("organizations", "EnableAWSServiceAccess", "ServicePrincipal", identity.IAMPrincipal).OK()
	h.As("root").Call("iam", "EnableOrganizationsRootSessions").OK()

	d := h.As("delegate")
	if got := d.Call("iam", "ListOrganizationsFeatures").OK(); got.Get("EnabledFeatures.member") != "RootSessions" || got.Get("OrganizationId") != organization {
		t.Errorf("the delegate sees %s", got.Body)
	}
	d.Call("iam", "EnableOrganizationsRootCredentialsManagement").Fails("CallerIsNotManagementAccountException")
	if got := d.Call("iam", "DisableOrganizationsRootSessions").OK().All("EnabledFeatures.member"); len(got) != 0 {
		t.Errorf("after it was disabled: %v", got)
	}
	h.As("other").Call("iam", "ListOrganizationsFeatures").Fails("AccountNotManagementOrDelegatedAdministratorException")

	change(func(tx *store.Tx, o *identity.Organization) error {
		o.FeatureSet = "CONSOLIDATED_BILLING"
		return tx.PutOrganization(o)
	})
	h.As("root").Call("iam", "EnableOrganizationsRootSessions").Fails("OrganizationNotInAllFeaturesModeException")
}
