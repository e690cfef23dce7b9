package organizations

import (
	"errors"
	"time"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

func transferOperations() []dispatch.Operation {
	return []dispatch.Operation{
		read("DescribeResponsibilityTransfer", describeTransferNeeds, describeTransfer),
		write("InviteOrganizationToTransferResponsibility", inviteOrganizationNeeds, inviteOrganization),
		read("ListInboundResponsibilityTransfers", listInboundNeeds, listInbound),
		read("ListOutboundResponsibilityTransfers", listOutboundNeeds, listOutbound),
		write("TerminateResponsibilityTransfer", terminateTransferNeeds, terminateTransfer),
		write("UpdateResponsibilityTransfer", updateTransferNeeds, updateTransfer),
	}
}

// latestStart is how far ahead a transfer may begin.
const latestStart = 366 * 24 * time.Hour

// maxLevels is how many transfers follow on one another at most: who answers
// for others may have somebody answer for it, and there it ends.
const maxLevels = 2

// maxInbound is how many active transfers make one organization responsible at
// most: each costs the transaction that looks below it two reads.
const maxInbound = 40

func transferKeys(kind string, inbound bool) []authz.Key {
	direction := "OUTBOUND"
	if inbound {
		direction = "INBOUND"
	}
	return []authz.Key{authz.One("organizations:TransferType", kind), authz.One("organizations:TransferDirection", direction)}
}

// transfer returns a transfer that the organization takes part in, or was
// asked to, and whether that is as the one who becomes responsible.
func (m *managed) transfer(id string) (t *identity.Transfer, inbound bool, err error) {
	if t, err = m.Tx.Transfer(id); err != nil {
		return nil, false, err
	}
	switch {
	case t.Target.Organization == m.org.ID:
		return t, true, nil
	case t.Source.Organization == m.org.ID:
		return t, false, nil
	case t.Source.Organization != "":
		return nil, false, store.ErrNotFound
	}
	management, err := m.Tx.Account(m.org.Management)
	if err != nil {
		return nil, false, err
	}
	if !asks(t, management) {
		return nil, false, store.ErrNotFound
	}
	return t, false, nil
}

func asks(t *identity.Transfer, a *identity.Account) bool {
	if t.Asked.Type == identity.PartyEmail {
		return arn.Fold(t.Asked.ID) == arn.Fold(a.Email)
	}
	return t.Asked.ID == string(a.ID)
}

// onTransfer returns the needs of an operation on the transfer that it names.
// One that is not there is asked about as if it were inbound.
func (m *managed) onTransfer(action, id string) ([]authz.Need, error) {
	r := resource{m.org.TransferARN(identity.TransferBilling, true, id).String(), transferKeys(identity.TransferBilling, true)}
	t, inbound, err := m.transfer(id)
	switch {
	case err == nil:
		r = resource{m.org.TransferARN(t.Type, inbound, id).String(), append(tagKeys(t.Tags), transferKeys(t.Type, inbound)...)}
	case !errors.Is(err, store.ErrNotFound):
		return nil, err
	}
	return everywhere(action, r), nil
}

func transferNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return api.ResponsibilityTransferNotFoundException("We can't find a transfer that you specified.")
	}
	return err
}

// statusOfTransfer returns a transfer's status. A request of an organization
// that was deleted is canceled.
func (m *managed) statusOfTransfer(t *identity.Transfer) (string, error) {
	status := t.StatusAt(m.Now)
	if status != identity.TransferRequested {
		return status, nil
	}
	_, err := m.Tx.Organization(t.Target.Organization)
	if errors.Is(err, store.ErrNotFound) {
		return identity.TransferCanceled, nil
	}
	return status, err
}

func (m *managed) apiTransfer(t *identity.Transfer, inbound bool) (*api.ResponsibilityTransfer, error) {
	status, err := m.statusOfTransfer(t)
	if err != nil {
		return nil, err
	}
	out := &api.ResponsibilityTransfer{
		Id: t.ID, Arn: m.org.TransferARN(t.Type, inbound, t.ID).String(), Name: t.Name, Type: t.Type, Status: status,
		StartTimestamp: t.Start, EndTimestamp: t.End,
		Source: &api.TransferParticipant{ManagementAccountId: string(t.Source.Management), ManagementAccountEmail: t.Source.Email},
		Target: &api.TransferParticipant{ManagementAccountId: string(t.Target.Management), ManagementAccountEmail: t.Target.Email},
	}
	if t.Source.Organization == "" { // all that is known is whom the request names
		if t.Asked.Type == identity.PartyEmail {
			out.Source.ManagementAccountEmail = t.Asked.ID
		} else {
			out.Source.ManagementAccountId = t.Asked.ID
		}
	}
	if status == identity.TransferRequested {
		out.ActiveHandshakeId = t.Handshake
	}
	return out, nil
}

func inviteOrganizationNeeds(m *managed, in *api.InviteOrganizationToTransferResponsibilityInput) ([]authz.Need, error) {
	n := need("InviteOrganizationToTransferResponsibility", m.partyResource(in.Target), transferKeys(in.Type, true)...)
	if len(in.Tags) > 0 {
		n = tagged(n, m.org.TransferARN(in.Type, true, "rt-*").String(), append(authz.RequestTags(plainTags(in.Tags)), transferKeys(in.Type, true)...)...)
	}
	return n, nil
}

// inviteOrganization asks another organization's management account to leave a
// responsibility to the caller's.
func inviteOrganization(m *managed, in *api.InviteOrganizationToTransferResponsibilityInput) (*api.InviteOrganizationToTransferResponsibilityOutput, error) {
	target, err := partyOf(in.Target)
	if err != nil {
		return nil, err
	}
	if err := checkStart(in.StartTimestamp.UTC(), m.Now); err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	management, err := m.Tx.Account(m.org.Management)
	if err != nil {
		return nil, err
	}
	t := &identity.Transfer{
		Name: in.SourceName, Type: in.Type, Status: identity.TransferRequested, Asked: target, Tags: tags, Start: in.StartTimestamp.UTC(),
		Target: identity.Participant{Organization: m.org.ID, Management: management.ID, Email: management.Email},
	}
	if asks(t, management) {
		return nil, sourceIsTarget()
	}
	if err := m.unasked(identity.HandshakeTransfer, target); err != nil {
		return nil, err
	}
	if n, err := active(&m.Call, m.org.ID, true, 1, func(have *identity.Transfer) (bool, error) {
		return asks(t, &identity.Account{ID: have.Source.Management, Email: have.Source.Email}), nil
	}); err != nil {
		return nil, err
	} else if n > 0 {
		return nil, transferExists()
	}
	t.ID, err = id(m.Random, "rt-", 32, func(s string) (bool, error) {
		_, err := m.Tx.Transfer(s)
		return found(err)
	})
	if err != nil {
		return nil, err
	}
	h := &identity.Handshake{
		Action: identity.HandshakeTransfer, State: identity.HandshakeOpen, Target: target, Transfer: t.ID, Start: t.Start,
	}
	if in.Notes != nil {
		h.Notes = *in.Notes
	}
	if err := m.ask(h, min(invitationLife, t.Start.Sub(m.Now))); err != nil {
		return nil, err
	}
	t.Handshake, t.Expires = h.ID, h.Expires
	if err := m.Tx.PutTransfer(t); err != nil {
		return nil, err
	}
	return &api.InviteOrganizationToTransferResponsibilityOutput{Handshake: apiHandshake(h, h.State)}, nil
}

// checkStart wants the first moment of a month to come (UTC).
func checkStart(start, now time.Time) error {
	switch {
	case !start.Equal(start.Truncate(24 * time.Hour)):
		return invalid("START_DATE_NOT_BEGINNING_OF_DAY", "The start date must be the beginning of a day in UTC.")
	case start.Day() != 1:
		return invalid("START_DATE_NOT_BEGINNING_OF_MONTH", "The start date must be the beginning of a month in UTC.")
	case !start.After(now):
		return invalid("START_DATE_TOO_EARLY", "The start date must be in the future.")
	case start.After(now.Add(latestStart)):
		return invalid("START_DATE_TOO_LATE", "The start date is too far in the future.")
	}
	return nil
}

func sourceIsTarget() error {
	return constrained("SOURCE_AND_TARGET_CANNOT_MATCH", "An organization can't transfer a responsibility to itself.")
}

func transferExists() error {
	return constrained("RESPONSIBILITY_TRANSFER_ALREADY_EXISTS", "There is an active transfer between these accounts already.")
}

// active returns how many active transfers of a direction an organization takes
// part in, of those that keep wants, at most limit.
func active(call *dispatch.Call, organization string, inbound bool, limit int, keep func(*identity.Transfer) (bool, error)) (int, error) {
	return call.Tx.Transferring(organization, inbound, limit, func(t *identity.Transfer) (bool, error) {
		if !t.Active(call.Now) {
			return false, nil
		}
		if keep == nil {
			return true, nil
		}
		return keep(t)
	})
}

// transferring reports whether an organization takes part in an active
// transfer of a direction.
func transferring(call *dispatch.Call, organization string, inbound bool) (bool, error) {
	n, err := active(call, organization, inbound, 1, nil)
	return n > 0, err
}

// levelsBelow returns how many transfers follow on one another below an
// organization, at most maxLevels.
func levelsBelow(call *dispatch.Call, organization string) (int, error) {
	deep, err := active(call, organization, true, 1, func(t *identity.Transfer) (bool, error) {
		return transferring(call, t.Source.Organization, true)
	})
	if err != nil || deep > 0 {
		return maxLevels, err
	}
	return active(call, organization, true, 1, nil)
}

// hand accepts that another organization becomes responsible. Only the
// management account of one can.
func hand(call *dispatch.Call, s *seen) error {
	o, err := organizationOf(call)
	switch {
	case err != nil:
		return err
	case o == nil:
		return notInUse()
	case o.Management != s.account.ID:
		return notPermitted()
	case o.ID == s.Organization:
		return sourceIsTarget()
	}
	t, err := call.Tx.Transfer(s.Transfer)
	if err != nil {
		return err
	}
	if out, err := transferring(call, o.ID, false); err != nil {
		return err
	} else if out {
		return violated("RESPONSIBILITY_TRANSFER_MAX_OUTBOUND_QUOTA_VIOLATION", "Your organization has an active outbound transfer already.")
	}
	if n, err := active(call, s.Organization, true, maxInbound, nil); err != nil {
		return err
	} else if n == maxInbound {
		return violated("RESPONSIBILITY_TRANSFER_MAX_INBOUND_QUOTA_VIOLATION", "The organization that asks has as many active inbound transfers as it can have.")
	}
	below, err := levelsBelow(call, o.ID)
	if err != nil {
		return err
	}
	above, err := transferring(call, s.Organization, false)
	if err != nil {
		return err
	}
	if below >= maxLevels || below > 0 && above {
		return violated("RESPONSIBILITY_TRANSFER_MAX_LEVEL_VIOLATION", "You attempted to exceed how many transfers can follow on one another.")
	}
	t.Status = identity.TransferAccepted
	t.Source = identity.Participant{Organization: o.ID, Management: s.account.ID, Email: s.account.Email}
	return call.Tx.PutTransfer(t)
}

// refuse ends a transfer that was not accepted, with its handshake.
func refuse(call *dispatch.Call, s *seen, status string) error {
	if s.Transfer == "" {
		return nil
	}
	t, err := call.Tx.Transfer(s.Transfer)
	if err != nil {
		return err
	}
	t.Status = status
	return call.Tx.PutTransfer(t)
}

func describeTransferNeeds(m *managed, in *api.DescribeResponsibilityTransferInput) ([]authz.Need, error) {
	return m.onTransfer("DescribeResponsibilityTransfer", in.Id)
}

func describeTransfer(m *managed, in *api.DescribeResponsibilityTransferInput) (*api.DescribeResponsibilityTransferOutput, error) {
	t, inbound, err := m.transfer(in.Id)
	if err != nil {
		return nil, transferNotFound(err)
	}
	out, err := m.apiTransfer(t, inbound)
	return &api.DescribeResponsibilityTransferOutput{ResponsibilityTransfer: out}, err
}

func listInboundNeeds(_ *managed, in *api.ListInboundResponsibilityTransfersInput) ([]authz.Need, error) {
	return need("ListInboundResponsibilityTransfers", "*", transferKeys(in.Type, true)...), nil
}

func listInbound(m *managed, in *api.ListInboundResponsibilityTransfersInput) (*api.ListInboundResponsibilityTransfersOutput, error) {
	out := &api.ListInboundResponsibilityTransfersOutput{ResponsibilityTransfers: []api.ResponsibilityTransfer{}}
	if in.Id == nil {
		var err error
		out.ResponsibilityTransfers, out.NextToken, err = m.transfers(true, in.NextToken, in.MaxResults)
		return out, err
	}
	t, inbound, err := m.transfer(*in.Id)
	if err == nil && !inbound {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, transferNotFound(err)
	}
	one, err := m.apiTransfer(t, true)
	if err != nil {
		return nil, err
	}
	out.ResponsibilityTransfers = append(out.ResponsibilityTransfers, *one)
	return out, nil
}

func listOutboundNeeds(_ *managed, in *api.ListOutboundResponsibilityTransfersInput) ([]authz.Need, error) {
	return need("ListOutboundResponsibilityTransfers", "*", transferKeys(in.Type, false)...), nil
}

func listOutbound(m *managed, in *api.ListOutboundResponsibilityTransfersInput) (*api.ListOutboundResponsibilityTransfersOutput, error) {
	out := new(api.ListOutboundResponsibilityTransfersOutput)
	var err error
	out.ResponsibilityTransfers, out.NextToken, err = m.transfers(false, in.NextToken, in.MaxResults)
	return out, err
}

func (m *managed) transfers(inbound bool, token *string, limit *int32) ([]api.ResponsibilityTransfer, string, error) {
	w, err := m.window(token, limit)
	if err != nil {
		return nil, "", err
	}
	list, next, err := m.Tx.Transfers(m.org.ID, inbound, store.Page[identity.Transfer]{After: w.after, Limit: w.limit})
	if err != nil {
		return nil, "", err
	}
	out := make([]api.ResponsibilityTransfer, len(list))
	for i, t := range list {
		one, err := m.apiTransfer(t, inbound)
		if err != nil {
			return nil, "", err
		}
		out[i] = *one
	}
	next, err = m.Marker(next)
	return out, next, err
}

func updateTransferNeeds(m *managed, in *api.UpdateResponsibilityTransferInput) ([]authz.Need, error) {
	return m.onTransfer("UpdateResponsibilityTransfer", in.Id)
}

// updateTransfer renames a transfer, which is for whom gave it its name.
func updateTransfer(m *managed, in *api.UpdateResponsibilityTransferInput) (*api.UpdateResponsibilityTransferOutput, error) {
	t, inbound, err := m.transfer(in.Id)
	if err != nil {
		return nil, transferNotFound(err)
	}
	if !inbound {
		return nil, invalid("UNSUPPORTED_ACTION_IN_RESPONSIBILITY_TRANSFER", "Only the account that sent the invitation can rename a transfer.")
	}
	t.Name = in.Name
	if err := m.Tx.PutTransfer(t); err != nil {
		return nil, err
	}
	out, err := m.apiTransfer(t, inbound)
	return &api.UpdateResponsibilityTransferOutput{ResponsibilityTransfer: out}, err
}

func terminateTransferNeeds(m *managed, in *api.TerminateResponsibilityTransferInput) ([]authz.Need, error) {
	return m.onTransfer("TerminateResponsibilityTransfer", in.Id)
}

// terminateTransfer withdraws a transfer, which either side may. It goes on to
// the end of a month (Billing User Guide, "Withdrawing transfers").
func terminateTransfer(m *managed, in *api.TerminateResponsibilityTransferInput) (*api.TerminateResponsibilityTransferOutput, error) {
	t, inbound, err := m.transfer(in.Id)
	if err != nil {
		return nil, transferNotFound(err)
	}
	switch t.Status {
	case identity.TransferAccepted:
	case identity.TransferWithdrawn:
		return nil, api.ResponsibilityTransferAlreadyInStatusException("The responsibility transfer is already in the status that you specified.")
	default:
		return nil, api.InvalidResponsibilityTransferTransitionException("The responsibility transfer can't transition to the requested state because it's not in a valid state for this operation.")
	}
	end := in.EndTimestamp.UTC()
	switch {
	case in.EndTimestamp.IsZero():
		end = endOfMonth(m.Now.UTC())
	case !end.Truncate(time.Second).Equal(endOfMonth(end)):
		return nil, invalid("END_DATE_NOT_END_OF_MONTH", "The end date must be the end of a month: 23:59:59 UTC on its last day.")
	case end.Before(m.Now):
		return nil, invalid("END_DATE_TOO_EARLY", "The end date is too early.")
	}
	t.Status, t.End = identity.TransferWithdrawn, end
	if err := m.Tx.PutTransfer(t); err != nil {
		return nil, err
	}
	out, err := m.apiTransfer(t, inbound)
	return &api.TerminateResponsibilityTransferOutput{ResponsibilityTransfer: out}, err
}

func endOfMonth(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC).Add(-time.Second)
}
