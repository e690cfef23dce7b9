package organizations_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// unit makes a unit under the root and returns the root's id and the unit's.
func unit(h *servicetest.Harness, name string) (rootID, id string) {
	rootID = h.As("root").Call("organizations", "ListRoots").OK().Get("Roots.Id")
	return rootID, h.As("root").Call("organizations", "CreateOrganizationalUnit", "ParentId", rootID, "Name", name).OK().Get("OrganizationalUnit.Id")
}

// Rules: OR-5
func TestOfTwoMovesOfOneAccountOneWins(t *testing.T) {
	t.Parallel()
	h := founded(t)
	member := open(h, "a@example.com")
	at, red := unit(h, "red")
	_, blue := unit(h, "blue")
	for range 10 {
		var answers [2]*servicetest.Answer
		var wait sync.WaitGroup
		for i, to := range []string{red, blue} {
			wait.Go(func() {
				answers[i] = h.As("root").Call("organizations", "MoveAccount", "AccountId", member, "SourceParentId", at, "DestinationParentId", to)
			})
		}
		wait.Wait()
		won, lost, place := answers[0], answers[1], red
		if won.Status != 200 {
			won, lost, place = lost, won, blue
		}
		won.OK()
		lost.Fails("SourceParentNotFoundException")
		for _, parent := range []string{at, red, blue} {
			got := h.As("root").Call("organizations", "ListChildren", "ParentId", parent, "ChildType", "ACCOUNT").OK().All("Children.Id")
			inside := false
			for _, id := range got {
				inside = inside || id == member
			}
			if inside != (parent == place) {
				t.Errorf("%s holds %v, and the account is in %s", parent, got, place)
			}
		}
		h.As("root").Call("organizations", "MoveAccount", "AccountId", member, "SourceParentId", place, "DestinationParentId", at).OK()
	}
}

// A call that begins after the move was answered is decided in the account's
// new place, whatever was cached for the session before.
//
// Rules: OR-24 TH-42
func TestAMoveBindsASessionThatIsCalling(t *testing.T) {
	t.Parallel()
	h := founded(t)
	member := open(h, "a@example.com")
	at, closed := unit(h, "closed")
	p := h.As("root").Call("organizations", "CreatePolicy", "Type", "SERVICE_CONTROL_POLICY", "Name", "none", "Description", "",
		"Content", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:ListUsers","Resource":"*"}]}`).OK().Get("PolicySummary.Id")
	h.As("root").Call("organizations", "AttachPolicy", "PolicyId", p, "TargetId", closed).OK()
	h.Session("visitor", identity.AccountID(member), "OrganizationAccountAccessRole")
	h.As("visitor").Call("iam", "ListUsers").OK()

	var moved atomic.Bool
	var bound, free atomic.Int64
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			for bound.Load() < 20 {
				after := moved.Load()
				a := h.As("visitor").Call("iam", "ListUsers")
				switch {
				case a.Code == "AccessDenied":
					bound.Add(1)
				case after:
					t.Errorf("a call after the move: %d %s", a.Status, a.Code)
					return
				default:
					free.Add(1)
				}
			}
		})
	}
	for free.Load() < 20 {
		h.As("visitor").Call("iam", "GetAccountSummary")
	}
	h.As("root").Call("organizations", "MoveAccount", "AccountId", member, "SourceParentId", at, "DestinationParentId", closed).OK()
	moved.Store(true)
	wait.Wait()
	h.As("root").Call("organizations", "MoveAccount", "AccountId", member, "SourceParentId", closed, "DestinationParentId", at).OK()
	h.As("visitor").Call("iam", "ListUsers").OK()
}

// aws:PrincipalOrgPaths is where the caller's account is now.
//
// Rules: OR-24
func TestPrincipalOrgPathsFollowTheAccount(t *testing.T) {
	t.Parallel()
	h := founded(t)
	member := identity.AccountID(open(h, "a@example.com"))
	at, red := unit(h, "red")
	o := h.As("root").Call("organizations", "DescribeOrganization").OK().Get("Organization.Id")
	h.User("inside", member, fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*",
		"Condition":{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"%s/%s/%s/*"}}}]}`, o, at, red))
	move := func(from, to string) {
		h.As("root").Call("organizations", "MoveAccount", "AccountId", string(member), "SourceParentId", from, "DestinationParentId", to).OK()
	}
	h.As("inside").Call("iam", "ListUsers").Fails("AccessDenied")
	move(at, red)
	h.As("inside").Call("iam", "ListUsers").OK()
	move(red, at)
	h.As("inside").Call("iam", "ListUsers").Fails("AccessDenied")
}

// Rules: OR-5
func TestAnOrganizationHasAThousandUnits(t *testing.T) {
	t.Parallel()
	h := founded(t)
	rootID, last := unit(h, "last")
	o := h.As("root").Call("organizations", "DescribeOrganization").OK().Get("Organization.Id")
	for i := 1; i < 1000; i++ {
		h.Update(func(tx *store.Tx) error {
			return tx.CreateUnit(o, &identity.OrganizationalUnit{ID: fmt.Sprintf("ou-test-%08d", i), Name: fmt.Sprint(i), Parent: rootID}, 1000)
		})
	}
	create := func() *servicetest.Answer {
		return h.As("root").Call("organizations", "CreateOrganizationalUnit", "ParentId", rootID, "Name", "more")
	}
	if a := create().Fails("ConstraintViolationException"); a.Get("Reason") != "OU_NUMBER_LIMIT_EXCEEDED" {
		t.Error(a.Body)
	}
	h.As("root").Call("organizations", "DeleteOrganizationalUnit", "OrganizationalUnitId", last).OK()
	create().OK()
}
