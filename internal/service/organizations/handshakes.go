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
)

func handshakeOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("AcceptHandshake", acceptHandshakeNeeds, acceptHandshake),
		dispatch.Write("CancelHandshake", cancelHandshakeNeeds, cancelHandshake),
		dispatch.Write("DeclineHandshake", declineHandshakeNeeds, declineHandshake),
		dispatch.Read("DescribeHandshake", describeHandshakeNeeds, describeHandshake),
		write("EnableAllFeatures", enableAllFeaturesNeeds, enableAllFeatures),
		write("InviteAccountToOrganization", inviteAccountNeeds, inviteAccount),
		dispatch.Read("ListHandshakesForAccount", listHandshakesForAccountNeeds, listHandshakesForAccount),
		read("ListHandshakesForOrganization", listHandshakesForOrganizationNeeds, listHandshakesForOrganization),
	}
}

// How long handshakes wait for an answer (Organizations User Guide, "Managing
// account invitations" and "Enabling all features").
const (
	invitationLife = 15 * 24 * time.Hour
	featuresLife   = 90 * 24 * time.Hour
)

// ask adds a handshake of the organization.
func (m *managed) ask(h *identity.Handshake, life time.Duration) error {
	management, err := m.Tx.Account(m.org.Management)
	if err != nil {
		return err
	}
	h.Organization, h.Management, h.FeatureSet = m.org.ID, m.org.Management, m.org.FeatureSet
	h.Email, h.Name = management.Email, management.Name
	h.Requested, h.Expires = m.Now, m.Now.Add(life)
	h.ID, err = id(m.Random, "h-", 32, func(s string) (bool, error) {
		_, err := m.Tx.Handshake(s)
		return found(err)
	})
	if err != nil {
		return err
	}
	return m.Tx.CreateHandshake(h)
}

// A seen handshake is one as a party to it sees it.
type seen struct {
	*identity.Handshake
	state   string
	account *identity.Account // the caller's
	ours    bool              // the caller's account asked
	asked   bool              // the caller's account is asked
}

// sight returns the handshake with that id. To whom is no party to it, it is
// not there.
func sight(call *dispatch.Call, id string) (*seen, error) {
	h, err := call.Tx.Handshake(id)
	if err != nil {
		return nil, err
	}
	s := &seen{Handshake: h}
	if s.account, err = call.Tx.Account(call.Caller.Account); err != nil {
		return nil, err
	}
	s.ours = s.account.ID == h.Management && s.account.Organization == h.Organization
	s.asked = h.To(s.account)
	if !s.ours && !s.asked || h.Forgotten(call.Now) {
		return nil, store.ErrNotFound
	}
	s.state, err = stateOf(call, h)
	return s, err
}

// stateOf returns a handshake's state. What an organization that was deleted
// had asked is canceled.
func stateOf(call *dispatch.Call, h *identity.Handshake) (string, error) {
	state := h.StateAt(call.Now)
	if !identity.Waits(state) {
		return state, nil
	}
	_, err := call.Tx.Organization(h.Organization)
	if errors.Is(err, store.ErrNotFound) {
		return identity.HandshakeCanceled, nil
	}
	return state, err
}

// sightNeeds asks for an action on a handshake; on no resource in particular
// when the caller is no party to it, as when there is none. more, unless nil,
// says what else it takes.
func sightNeeds(call *dispatch.Call, action, id string, more func(*seen) []authz.Need) ([]authz.Need, error) {
	s, err := sight(call, id)
	if errors.Is(err, store.ErrNotFound) {
		return need(action, "*"), nil
	} else if err != nil {
		return nil, err
	}
	n := need(action, s.ARN().String())
	if more != nil {
		n = append(n, more(s)...)
	}
	return n, nil
}

func handshakeNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return api.HandshakeNotFoundException("We can't find a handshake with the HandshakeId that you specified.")
	}
	return err
}

// answerable returns a handshake that may still end as a party wants.
func answerable(call *dispatch.Call, id, end string) (*seen, error) {
	s, err := sight(call, id)
	if err != nil {
		return nil, handshakeNotFound(err)
	}
	may := s.asked
	if end == identity.HandshakeCanceled {
		may = s.ours
	}
	if !may {
		return nil, notPermitted()
	}
	switch {
	case s.state == end:
		return nil, api.HandshakeAlreadyInStateException(
			"The specified handshake is already in the requested state. For example, you can't accept a handshake that was already accepted.")
	case !identity.Waits(s.state):
		return nil, invalidTransition()
	}
	return s, nil
}

func invalidTransition() *awserr.Error {
	return api.InvalidHandshakeTransitionException(
		"You can't perform the operation on the handshake in its current state. For example, you can't cancel a handshake that was already accepted or accept a handshake that was already declined.")
}

// constrained is the exception for an answer or question that does not fit.
func constrained(reason, message string) *awserr.Error {
	return api.HandshakeConstraintViolationException("%s", message).With("Reason", reason)
}

// close ends a handshake.
func (s *seen) close(call *dispatch.Call, state string) error {
	s.state, s.State, s.Ended = state, state, call.Now
	return call.Tx.PutHandshake(s.Handshake)
}

func acceptHandshakeNeeds(call dispatch.Call, in *api.AcceptHandshakeInput) ([]authz.Need, error) {
	return sightNeeds(&call, "AcceptHandshake", in.HandshakeId, joiningNeeds)
}

func acceptHandshake(_ context.Context, call dispatch.Call, in *api.AcceptHandshakeInput) (*api.AcceptHandshakeOutput, error) {
	s, err := answerable(&call, in.HandshakeId, identity.HandshakeAccepted)
	if err != nil {
		return nil, err
	}
	switch s.Action {
	case identity.HandshakeInvite:
		err = join(&call, s)
	case identity.HandshakeApprove:
		err = approve(&call, s)
	case identity.HandshakeEnable:
		err = finalize(&call, s)
	case identity.HandshakeTransfer:
		err = hand(&call, s)
	default:
		err = invalidTransition()
	}
	if err != nil {
		return nil, err
	}
	if err := s.close(&call, identity.HandshakeAccepted); err != nil {
		return nil, err
	}
	return &api.AcceptHandshakeOutput{Handshake: apiHandshake(s.Handshake, s.state)}, nil
}

func declineHandshakeNeeds(call dispatch.Call, in *api.DeclineHandshakeInput) ([]authz.Need, error) {
	return sightNeeds(&call, "DeclineHandshake", in.HandshakeId, nil)
}

func declineHandshake(_ context.Context, call dispatch.Call, in *api.DeclineHandshakeInput) (*api.DeclineHandshakeOutput, error) {
	s, err := answerable(&call, in.HandshakeId, identity.HandshakeDeclined)
	if err != nil {
		return nil, err
	}
	if s.Action == identity.HandshakeEnable { // who asked itself cancels
		return nil, invalidTransition()
	}
	if err := refuse(&call, s, identity.TransferDeclined); err != nil {
		return nil, err
	}
	if err := s.close(&call, identity.HandshakeDeclined); err != nil {
		return nil, err
	}
	return &api.DeclineHandshakeOutput{Handshake: apiHandshake(s.Handshake, s.state)}, nil
}

func cancelHandshakeNeeds(call dispatch.Call, in *api.CancelHandshakeInput) ([]authz.Need, error) {
	return sightNeeds(&call, "CancelHandshake", in.HandshakeId, nil)
}

// cancelHandshake takes back what was asked. An approval is taken back with
// all of its like, by canceling what they are for.
func cancelHandshake(_ context.Context, call dispatch.Call, in *api.CancelHandshakeInput) (*api.CancelHandshakeOutput, error) {
	s, err := answerable(&call, in.HandshakeId, identity.HandshakeCanceled)
	if err != nil {
		return nil, err
	}
	switch s.Action {
	case identity.HandshakeApprove:
		return nil, invalidTransition()
	case identity.HandshakeEnable:
		if err := cancelApprovals(&call, s); err != nil {
			return nil, err
		}
	}
	if err := refuse(&call, s, identity.TransferCanceled); err != nil {
		return nil, err
	}
	if err := s.close(&call, identity.HandshakeCanceled); err != nil {
		return nil, err
	}
	return &api.CancelHandshakeOutput{Handshake: apiHandshake(s.Handshake, s.state)}, nil
}

func describeHandshakeNeeds(call dispatch.Call, in *api.DescribeHandshakeInput) ([]authz.Need, error) {
	return sightNeeds(&call, "DescribeHandshake", in.HandshakeId, nil)
}

func describeHandshake(_ context.Context, call dispatch.Call, in *api.DescribeHandshakeInput) (*api.DescribeHandshakeOutput, error) {
	s, err := sight(&call, in.HandshakeId)
	if err != nil {
		return nil, handshakeNotFound(err)
	}
	return &api.DescribeHandshakeOutput{Handshake: apiHandshake(s.Handshake, s.state)}, nil
}

func apiHandshake(h *identity.Handshake, state string) *api.Handshake {
	out := &api.Handshake{
		Id: h.ID, Arn: h.ARN().String(), State: state, Action: h.Action, RequestedTimestamp: h.Requested, ExpirationTimestamp: h.Expires,
		Parties: []api.HandshakeParty{{Id: h.Organization, Type: identity.PartyOrganization}},
	}
	about := api.HandshakeResource{Type: identity.PartyOrganization, Value: h.Organization}
	if h.Target.Type != identity.PartyOrganization {
		out.Parties = append(out.Parties, api.HandshakeParty{Id: h.Target.ID, Type: h.Target.Type})
		about.Resources = []api.HandshakeResource{
			{Type: "MASTER_EMAIL", Value: h.Email},
			{Type: "MASTER_NAME", Value: h.Name},
			{Type: "ORGANIZATION_FEATURE_SET", Value: h.FeatureSet},
		}
	}
	out.Resources = []api.HandshakeResource{about}
	if h.Target.Type != identity.PartyOrganization {
		out.Resources = append(out.Resources, api.HandshakeResource{Type: h.Target.Type, Value: h.Target.ID})
	}
	if h.Transfer != "" {
		out.Resources = append(out.Resources, api.HandshakeResource{
			Type: "RESPONSIBILITY_TRANSFER", Value: h.Transfer, Resources: []api.HandshakeResource{
				{Type: "TRANSFER_START_TIMESTAMP", Value: h.Start.Format(time.RFC3339)},
				{Type: "TRANSFER_TYPE", Value: identity.TransferBilling},
				{Type: "MANAGEMENT_ACCOUNT", Value: string(h.Management)},
				{Type: "MANAGEMENT_EMAIL", Value: h.Email},
				{Type: "MANAGEMENT_NAME", Value: h.Name},
			},
		})
	}
	if h.Notes != "" {
		out.Resources = append(out.Resources, api.HandshakeResource{Type: "NOTES", Value: h.Notes})
	}
	if h.Parent != "" {
		out.Resources = append(out.Resources, api.HandshakeResource{Type: "PARENT_HANDSHAKE", Value: h.Parent})
	}
	return out
}

// wanted returns what a list keeps: what can still be seen and a filter asks
// for.
func wanted(call *dispatch.Call, f *api.HandshakeFilter) (func(*identity.Handshake) bool, error) {
	if f == nil {
		f = new(api.HandshakeFilter)
	}
	if f.ActionType != "" && f.ParentHandshakeId != "" {
		return nil, invalid("MAX_LIMIT_EXCEEDED_FILTER", "You can specify only one filter parameter for the operation.")
	}
	return func(h *identity.Handshake) bool {
		return !h.Forgotten(call.Now) && (f.ActionType == "" || f.ActionType == h.Action) &&
			(f.ParentHandshakeId == "" || f.ParentHandshakeId == h.Parent)
	}, nil
}

func apiHandshakes(call *dispatch.Call, list []*identity.Handshake) ([]api.Handshake, error) {
	out := make([]api.Handshake, len(list))
	for i, h := range list {
		state, err := stateOf(call, h)
		if err != nil {
			return nil, err
		}
		out[i] = *apiHandshake(h, state)
	}
	return out, nil
}

func listHandshakesForOrganizationNeeds(*managed, *api.ListHandshakesForOrganizationInput) ([]authz.Need, error) {
	return need("ListHandshakesForOrganization", "*"), nil
}

func listHandshakesForOrganization(m *managed, in *api.ListHandshakesForOrganizationInput) (*api.ListHandshakesForOrganizationOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	keep, err := wanted(&m.Call, in.Filter)
	if err != nil {
		return nil, err
	}
	list, next, err := m.Tx.OrganizationHandshakes(m.org.ID, store.Page[identity.Handshake]{After: w.after, Limit: w.limit, Keep: keep})
	if err != nil {
		return nil, err
	}
	out := new(api.ListHandshakesForOrganizationOutput)
	if out.Handshakes, err = apiHandshakes(&m.Call, list); err != nil {
		return nil, err
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}

func listHandshakesForAccountNeeds(dispatch.Call, *api.ListHandshakesForAccountInput) ([]authz.Need, error) {
	return need("ListHandshakesForAccount", "*"), nil
}

// listHandshakesForAccount lists what the caller's account was asked: first by
// its id and then by its e-mail address.
func listHandshakesForAccount(_ context.Context, call dispatch.Call, in *api.ListHandshakesForAccountInput) (*api.ListHandshakesForAccountOutput, error) {
	w, err := (&managed{Call: call}).window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	keep, err := wanted(&call, in.Filter)
	if err != nil {
		return nil, err
	}
	a, err := call.Tx.Account(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	var list []*identity.Handshake
	var next string
	for i, p := range []identity.Party{{Type: identity.PartyAccount, ID: string(a.ID)}, {Type: identity.PartyEmail, ID: a.Email}} {
		prefix := string("ie"[i])
		page := store.Page[identity.Handshake]{Limit: w.limit - len(list), Keep: keep}
		if w.after != "" && i == 0 && w.after[:1] != prefix {
			continue // that list came to its end
		}
		if w.after != "" && w.after[:1] == prefix {
			page.After = w.after[1:]
		}
		if page.Limit == 0 { // whether there is more is for the next call to see
			next = prefix
			break
		}
		some, more, err := call.Tx.PartyHandshakes(p, page)
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
		if more != "" {
			next = prefix + more
			break
		}
	}
	out := new(api.ListHandshakesForAccountOutput)
	if out.Handshakes, err = apiHandshakes(&call, list); err != nil {
		return nil, err
	}
	out.NextToken, err = call.Marker(next)
	return out, err
}
