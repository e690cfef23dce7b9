package organizations_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

func invite(h *servicetest.Harness, as, kind, id string) string {
	return h.As(as).Call("organizations", "InviteAccountToOrganization", "Target:", fmt.Sprintf(`{"Type":%q,"Id":%q}`, kind, id)).OK().Get("Handshake.Id")
}

// An account that is invited by two organizations at once joins one of them.
//
// Rules: OR-25
func TestOfTwoInvitationsOneIsAccepted(t *testing.T) {
	t.Parallel()
	h := founded(t)
	h.Account("777788889999", "second")
	h.As("second").Call("organizations", "CreateOrganization").OK()
	h.Account("444455556666", "lone")
	for range 10 {
		ids := []string{invite(h, "root", "ACCOUNT", "444455556666"), invite(h, "root", "EMAIL", "lone@444455556666.invalid")}
		var answers [2]*servicetest.Answer
		var wait sync.WaitGroup
		for i, id := range ids {
			wait.Go(func() { answers[i] = h.As("lone").Call("organizations", "AcceptHandshake", "HandshakeId", id) })
		}
		wait.Wait()
		won, lost, open := answers[0], answers[1], ids[1]
		if won.Status != 200 {
			won, lost, open = lost, won, ids[0]
		}
		won.OK()
		if lost.Fails("HandshakeConstraintViolationException").Get("Reason") != "ALREADY_IN_AN_ORGANIZATION" {
			t.Error(lost.Body)
		}
		if got := h.As("lone").Call("organizations", "DescribeHandshake", "HandshakeId", open).OK().Get("Handshake.State"); got != "OPEN" {
			t.Errorf("what was not accepted is %s", got)
		}
		h.As("lone").Call("organizations", "LeaveOrganization").OK()
		h.As("root").Call("organizations", "CancelHandshake", "HandshakeId", open).OK()
	}
}

// Old handshakes go as new ones come.
func TestForgottenHandshakesAreSwept(t *testing.T) {
	t.Parallel()
	h := founded(t)
	var old []string
	for i := range 4 {
		old = append(old, invite(h, "root", "ACCOUNT", fmt.Sprintf("44445555666%d", i)))
		h.Advance(time.Second)
	}
	h.Advance((15 + 30) * 24 * time.Hour)
	left := func() (n int) {
		h.View(func(tx *store.Tx) error {
			for _, id := range old {
				if _, err := tx.Handshake(id); err == nil {
					n++
				}
			}
			return nil
		})
		return n
	}
	for i, want := range []int{2, 0, 0} {
		invite(h, "root", "ACCOUNT", fmt.Sprintf("77778888999%d", i))
		if got := left(); got != want {
			t.Errorf("after %d new ones %d old ones are there, want %d", i+1, got, want)
		}
	}
	invite(h, "root", "ACCOUNT", "444455556660")
}

// A delegated administrator is deregistered before it leaves, on whichever way.
//
// Rules: OR-6
func TestADelegatedAdministratorStays(t *testing.T) {
	t.Parallel()
	h := founded(t)
	member := identity.AccountID(open(h, "a@example.com"))
	h.User("inside", member, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	o := h.As("root").Call("organizations", "DescribeOrganization").OK().Get("Organization.Id")
	delegate := func(services ...identity.EnabledService) {
		h.Update(func(tx *store.Tx) error {
			return tx.PutDelegate(o, &identity.DelegatedAdministrator{Account: member, Services: services})
		})
	}
	h.Account("777788889999", "second")
	h.As("second").Call("organizations", "CreateOrganization").OK()
	away := invite(h, "second", "ACCOUNT", string(member))
	delegate(identity.EnabledService{Principal: "iam.amazonaws.com"})
	for _, a := range []*servicetest.Answer{
		h.As("root").Call("organizations", "RemoveAccountFromOrganization", "AccountId", string(member)),
		h.As("inside").Call("organizations", "LeaveOrganization"),
		h.As("inside").Call("organizations", "AcceptHandshake", "HandshakeId", away),
	} {
		if a.Fails("ConstraintViolationException").Get("Reason") != "CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG" {
			t.Error(a.Body)
		}
	}
	delegate()
	h.As("inside").Call("organizations", "LeaveOrganization").OK()
}

// Rules: OR-6
func TestAClosedAccountIsClosedForGoodAfterNinetyDays(t *testing.T) {
	t.Parallel()
	h := founded(t)
	member := open(h, "a@example.com")
	h.As("root").Call("organizations", "CloseAccount", "AccountId", member).OK()
	for _, row := range []struct {
		after         time.Duration
		status, state string
	}{
		{59 * time.Second, "PENDING_CLOSURE", "PENDING_CLOSURE"},
		{time.Second, "SUSPENDED", "SUSPENDED"},
		{90*24*time.Hour - time.Minute, "SUSPENDED", "CLOSED"},
	} {
		h.Advance(row.after)
		a := h.As("root").Call("organizations", "DescribeAccount", "AccountId", member).OK()
		if a.Get("Account.Status") != row.status || a.Get("Account.State") != row.state {
			t.Errorf("after %s more: %s", row.after, a.Body)
		}
	}
}

// However many transfers an organization has asked for, it can ask for another,
// and another can be accepted: a transaction reads 128 keys at most. Of those
// that are active it has no more than the look below it can read.
//
// Rules: OR-25
func TestAnOrganizationAsksForManyTransfers(t *testing.T) {
	t.Parallel()
	h := founded(t)
	ask := func(account string) string {
		t.Helper()
		return h.As("root").Call("organizations", "InviteOrganizationToTransferResponsibility", "Type", "BILLING", "SourceName", "sub",
			"Target:", fmt.Sprintf(`{"Type":"ACCOUNT","Id":%q}`, account), "StartTimestamp:", "1777593600").OK().Get("Handshake.Id")
	}
	for i := range 140 {
		ask(fmt.Sprintf("%012d", 700000000000+i))
	}
	for i := range 41 {
		account, name := fmt.Sprintf("%012d", 800000000000+i), fmt.Sprintf("sub%d", i)
		h.Account(identity.AccountID(account), name)
		h.As(name).Call("organizations", "CreateOrganization").OK()
		accepted := h.As(name).Call("organizations", "AcceptHandshake", "HandshakeId", ask(account))
		if i < 40 {
			accepted.OK()
		} else if got := accepted.Fails("ConstraintViolationException").Get("Reason"); got != "RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION" {
			t.Error(got)
		}
	}
	// Whoever answers for so many may still have somebody answer for it.
	h.Account("900000000000", "above")
	h.As("above").Call("organizations", "CreateOrganization").OK()
	id := h.As("above").Call("organizations", "InviteOrganizationToTransferResponsibility", "Type", "BILLING", "SourceName", "sub",
		"Target:", `{"Type":"ACCOUNT","Id":"111122223333"}`, "StartTimestamp:", "1777593600").OK().Get("Handshake.Id")
	h.As("root").Call("organizations", "AcceptHandshake", "HandshakeId", id).OK()
	h.As("root").Call("organizations", "DeleteOrganization").Fails("ConstraintViolationException")
}

// An account that has no room for the role that AWS Organizations needs does not
// join, and is told why.
//
// Rules: IA-44
func TestAnAccountWithoutRoomForTheLinkedRoleStaysOut(t *testing.T) {
	t.Parallel()
	h := founded(t)
	h.Account("444455556666", "lone")
	h.As("lone").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"sts:AssumeRole"}]}`).OK()
	h.Update(func(tx *store.Tx) error {
		q, _ := catalog.LookupQuota(catalog.RolesPerAccount)
		return tx.SetQuota("444455556666", q, 1)
	})
	id := invite(h, "root", "ACCOUNT", "444455556666")
	h.As("lone").Call("organizations", "AcceptHandshake", "HandshakeId", id).Fails("ConstraintViolationException")
	h.As("lone").Call("organizations", "DescribeOrganization").Fails("AWSOrganizationsNotInUseException")
	h.As("lone").Call("organizations", "CreateOrganization").Fails("ConstraintViolationException")
	h.As("lone").Call("iam", "DeleteRole", "RoleName", "r").OK()
	h.As("lone").Call("organizations", "AcceptHandshake", "HandshakeId", id).OK()
}
