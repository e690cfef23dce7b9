package organizations

import (
	"context"
	"errors"
	"time"

	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func memberOperations() []dispatch.Operation {
	return []dispatch.Operation{
		write("CloseAccount", closeAccountNeeds, closeAccount),
		write("CreateGovCloudAccount", createGovCloudAccountNeeds, createGovCloudAccount),
		write("DeleteOrganization", deleteOrganizationNeeds, deleteOrganization),
		dispatch.Write("LeaveOrganization", leaveOrganizationNeeds, leaveOrganization),
		write("RemoveAccountFromOrganization", removeAccountNeeds, removeAccount),
	}
}

const (
	// closing is how long a closed account shows as PENDING_CLOSURE. It is shut
	// from the call on; the state only tells tools what AWS's would.
	closing = time.Minute
	// reopenable is how long a closed account shows as SUSPENDED before it shows
	// as CLOSED (Account Management Reference Guide, "Close an AWS account").
	reopenable = 90 * 24 * time.Hour
	closed     = "CLOSED"
)

// statusOf returns what an account shows as its status and its state.
func statusOf(a *identity.Account, now time.Time) (status, state string) {
	status = string(a.Status)
	switch since := now.Sub(a.Closed); {
	case a.Closed.IsZero():
	case since < closing:
		status = string(identity.AccountPendingClosure)
	case since >= reopenable:
		return status, closed
	}
	return status, status
}

func closeAccountNeeds(m *managed, in *api.CloseAccountInput) ([]authz.Need, error) {
	r, err := m.accountResource(in.AccountId)
	return everywhere("CloseAccount", r), err
}

// closeAccount shuts a member account: none of its principals can act and
// nobody can use its resources from the next request on (OR-6, TH-42).
func closeAccount(m *managed, in *api.CloseAccountInput) (*wire.Empty, error) {
	a, err := m.account(in.AccountId)
	if err != nil {
		return nil, err
	}
	if a.ID == m.org.Management {
		return nil, violated("CANNOT_CLOSE_MANAGEMENT_ACCOUNT",
			"You attempted to close the management account. To close the management account for the organization, you must first either remove or close all member accounts in the organization.")
	}
	if a.Status != identity.AccountActive {
		if status, _ := statusOf(a, m.Now); status == string(identity.AccountPendingClosure) {
			return nil, api.ConflictException("The request failed because it conflicts with the current state of the specified resource.")
		}
		return nil, api.AccountAlreadyClosedException("You attempted to close an account that is already closed.")
	}
	if err := excuse(&m.Call, m.org, a); err != nil {
		return nil, err
	}
	a.Status, a.Closed = identity.AccountSuspended, m.Now
	return &wire.Empty{}, m.Tx.PutAccount(a)
}

func createGovCloudAccountNeeds(m *managed, in *api.CreateGovCloudAccountInput) ([]authz.Need, error) {
	keys := authz.RequestTags(plainTags(in.Tags))
	n := need("CreateGovCloudAccount", "*", keys...)
	if len(in.Tags) > 0 {
		n = tagged(n, m.org.AccountARN("*").String(), keys...)
	}
	return n, nil
}

// createGovCloudAccount refuses as AWS does for a management account that is
// not known in AWS GovCloud (US). None is here: the call makes an account in
// that partition as well, and Regent serves the partition aws only.
func createGovCloudAccount(_ *managed, in *api.CreateGovCloudAccountInput) (*api.CreateGovCloudAccountOutput, error) {
	if _, err := tagsOf(in.Tags); err != nil {
		return nil, err
	}
	return nil, violated("MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED",
		"To complete this operation, the management account must have an associated account in the AWS GovCloud (US-West) Region.")
}

func masterCannotLeave() *awserr.Error {
	return api.MasterCannotLeaveOrganizationException(
		"You can't remove a management account from an organization. If you want the management account to become a member account in another organization, you must first delete the current organization of the management account.")
}

// release takes a member account out of its organization o. It keeps what it
// has in IAM, and needs nothing else to stand alone: Regent asks for no means
// of payment. A delegated administrator has to be deregistered first (OR-6).
func release(call *dispatch.Call, o *identity.Organization, a *identity.Account) error {
	if a.ID == o.Management {
		return masterCannotLeave()
	}
	_, err := call.Tx.Delegate(o.ID, a.ID)
	switch delegated, err := found(err); {
	case err != nil:
		return err
	case delegated:
		return violated("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG",
			"You attempted to remove an account that is registered as a delegated administrator for a service integrated with your organization. To complete this operation, you must first deregister this account as a delegated administrator.")
	}
	if err := excuse(call, o, a); err != nil {
		return err
	}
	return call.Tx.Leave(o, a)
}

func removeAccountNeeds(m *managed, in *api.RemoveAccountFromOrganizationInput) ([]authz.Need, error) {
	r, err := m.accountResource(in.AccountId)
	return everywhere("RemoveAccountFromOrganization", r), err
}

func removeAccount(m *managed, in *api.RemoveAccountFromOrganizationInput) (*wire.Empty, error) {
	a, err := m.account(in.AccountId)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, release(&m.Call, m.org, a)
}

func leaveOrganizationNeeds(dispatch.Call, *wire.Empty) ([]authz.Need, error) {
	return need("LeaveOrganization", "*"), nil
}

// leaveOrganization takes the caller's own account out. The control policies
// that bind it until then decide whether it may (TH-42).
func leaveOrganization(_ context.Context, call dispatch.Call, _ *wire.Empty) (*wire.Empty, error) {
	a, err := call.Tx.Account(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	if a.Organization == "" {
		return nil, notInUse()
	}
	o, err := call.Tx.Organization(a.Organization)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, release(&call, o, a)
}

func deleteOrganizationNeeds(m *managed, _ *wire.Empty) ([]authz.Need, error) {
	return need("DeleteOrganization", m.org.ARN().String()), nil
}

// deleteOrganization ends an organization without members, and with it its
// units, policies and everything else that it is made of (OR-5). What it had
// asked of others counts as canceled.
func deleteOrganization(m *managed, _ *wire.Empty) (*wire.Empty, error) {
	members, _, err := m.Tx.MemberAccounts(m.org.ID, "", 2)
	if err != nil {
		return nil, err
	}
	if len(members) > 1 {
		return nil, api.OrganizationNotEmptyException(
			"The organization isn't empty. To delete an organization, you must first remove all accounts except the management account.")
	}
	for _, inbound := range []bool{true, false} {
		if busy, err := transferring(&m.Call, m.org.ID, inbound); err != nil {
			return nil, err
		} else if busy {
			return nil, violated("ACTIVE_RESPONSIBILITY_TRANSFER_PROCESS", "You can't delete an organization that has an active responsibility transfer.")
		}
	}
	a, err := m.Tx.Account(m.org.Management)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, m.Tx.DeleteOrganization(m.org, a)
}

// excuse ends an account's part in enabling all features: who leaves or is
// closed need not approve any more.
func excuse(call *dispatch.Call, o *identity.Organization, a *identity.Account) error {
	parent, err := enabling(call, o)
	if parent == nil || err != nil {
		return err
	}
	for i, c := range parent.Children {
		if c.Account != a.ID || c.Given {
			continue
		}
		parent.Children[i].Given = true
		child, err := call.Tx.Handshake(c.Handshake)
		if err != nil {
			return err
		}
		if identity.Waits(child.State) {
			child.State, child.Ended = identity.HandshakeCanceled, call.Now
			if err := call.Tx.PutHandshake(child); err != nil {
				return err
			}
		}
		return settle(call, parent)
	}
	return nil
}

// enabling returns the organization's handshake to enable all features while
// it waits, nil when there is none.
func enabling(call *dispatch.Call, o *identity.Organization) (*identity.Handshake, error) {
	h, err := call.Tx.LastHandshake(o.ID, identity.HandshakeEnable, identity.Party{Type: identity.PartyOrganization, ID: o.ID})
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil //nolint:nilnil // no handshake is no error
	} else if err != nil {
		return nil, err
	}
	if !identity.Waits(h.StateAt(call.Now)) {
		return nil, nil //nolint:nilnil // as above
	}
	return h, nil
}

// settle opens a handshake to enable all features once everybody approved, and
// writes it.
func settle(call *dispatch.Call, parent *identity.Handshake) error {
	parent.State = identity.HandshakeOpen
	for _, c := range parent.Children {
		if !c.Given {
			parent.State = identity.HandshakeRequested
		}
	}
	return call.Tx.PutHandshake(parent)
}
