package iam_test

import (
	"testing"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// Organizations keeps its role as long as the account is in an organization,
// and the task says so.
//
// Rules: IA-46
func TestLinkedRoleInUse(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	root.Call("iam", "CreateServiceLinkedRole", "AWSServiceName", "organizations.amazonaws.com").OK()
	h.Update(func(tx *store.Tx) error {
		o := &identity.Organization{ID: "o-abcdefghij", RootID: "r-abcd", Management: account, FeatureSet: "ALL"}
		if err := tx.PutOrganization(o); err != nil {
			return err
		}
		a, err := tx.Account(account)
		if err != nil {
			return err
		}
		return tx.Join(a, o.ID, o.RootID)
	})
	const name = "AWSServiceRoleForOrganizations"
	task := root.Call("iam", "DeleteServiceLinkedRole", "RoleName", name).OK().Get("DeletionTaskId")
	status := root.Call("iam", "GetServiceLinkedRoleDeletionStatus", "DeletionTaskId", task).OK()
	if status.Get("Status") != "FAILED" || status.Get("Reason.Reason") == "" ||
		status.Get("RoleUsageList.member.Resources.member") != "arn:aws:organizations::111122223333:organization/o-abcdefghij" {
		t.Error(status.Body)
	}
	root.Call("iam", "GetRole", "RoleName", name).OK()
	h.Update(func(tx *store.Tx) error {
		a, err := tx.Account(account)
		if err != nil {
			return err
		}
		a.Organization, a.Parent = "", ""
		return tx.PutAccount(a)
	})
	again := root.Call("iam", "DeleteServiceLinkedRole", "RoleName", name).OK().Get("DeletionTaskId")
	if got := root.Call("iam", "GetServiceLinkedRoleDeletionStatus", "DeletionTaskId", again).OK().Get("Status"); got != "SUCCEEDED" {
		t.Error(got)
	}
	root.Call("iam", "GetServiceLinkedRoleDeletionStatus", "DeletionTaskId", task).Fails("NoSuchEntity")
	root.Call("iam", "GetRole", "RoleName", name).Fails("NoSuchEntity")
}
