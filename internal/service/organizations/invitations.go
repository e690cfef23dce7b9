package organizations

import (
	"errors"
	"strings"

	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// partyOf checks whom a call wants to ask. Whether there is such an account, and
// whether it is in another organization, does not show in the answer (TH-58).
func partyOf(in *api.HandshakeParty) (identity.Party, error) {
	p := identity.Party{Type: in.Type, ID: in.Id}
	switch p.Type {
	case identity.PartyAccount:
		if len(p.ID) != 12 || strings.Trim(p.ID, "0123456789") != "" {
			return p, invalid("INVALID_PATTERN_TARGET_ID", "You specified a policy target ID that doesn't match the required pattern.")
		}
	case identity.PartyEmail:
		if !plausible(p.ID) {
			return p, invalid("INVALID_EMAIL_ADDRESS_TARGET", "You specified an invalid email address for the invited account owner.")
		}
	default:
		return p, invalid("INVALID_PARTY_TYPE_TARGET", "You specified the wrong type of entity (account, organization, or email) as a party.")
	}
	return p, nil
}

// plausible reports whether an e-mail address is of the form that CreateAccount
// takes.
func plausible(address string) bool {
	local, domain, _ := strings.Cut(address, "@")
	host, _, dotted := strings.Cut(domain, ".")
	return local != "" && host != "" && dotted && !strings.HasSuffix(domain, ".") &&
		!strings.ContainsAny(local+domain, "@ \t\r\n")
}

// partyResource is whom a call wants to ask, as needs see it.
func (m *managed) partyResource(p *api.HandshakeParty) string {
	if p != nil && p.Type == identity.PartyAccount {
		return m.org.AccountARN(identity.AccountID(p.Id)).String()
	}
	return m.org.AccountARN("*").String()
}

// unasked fails when the organization's last question to a party still waits.
func (m *managed) unasked(action string, p identity.Party) error {
	last, err := m.Tx.LastHandshake(m.org.ID, action, p)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	if identity.Waits(last.StateAt(m.Now)) {
		return api.DuplicateHandshakeException(
			"A handshake with the same action and target already exists. For example, if you invited an account to join your organization, the invited account might already have a pending invitation from this organization.")
	}
	return nil
}

func inviteAccountNeeds(m *managed, in *api.InviteAccountToOrganizationInput) ([]authz.Need, error) {
	keys := authz.RequestTags(plainTags(in.Tags))
	n := need("InviteAccountToOrganization", m.partyResource(in.Target), keys...)
	if len(in.Tags) > 0 {
		n = tagged(n, m.partyResource(in.Target), keys...)
	}
	return n, nil
}

// inviteAccount asks an account to join. One that is a member already is told
// so: the caller can list its members.
func inviteAccount(m *managed, in *api.InviteAccountToOrganizationInput) (*api.InviteAccountToOrganizationOutput, error) {
	target, err := partyOf(in.Target)
	if err != nil {
		return nil, err
	}
	h := &identity.Handshake{Action: identity.HandshakeInvite, State: identity.HandshakeOpen, Target: target}
	if in.Notes != nil {
		h.Notes = *in.Notes
	}
	if h.Tags, err = tagsOf(in.Tags); err != nil {
		return nil, err
	}
	member, err := m.has(target)
	if err != nil {
		return nil, err
	}
	if member {
		return nil, alreadyInAnOrganization()
	}
	if parent, err := enabling(&m.Call, m.org); err != nil {
		return nil, err
	} else if parent != nil {
		return nil, constrained("INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
			"You can't issue new invitations to join an organization while it's in the process of enabling all features.")
	}
	if err := m.unasked(h.Action, target); err != nil {
		return nil, err
	}
	if err := m.ask(h, invitationLife); err != nil {
		return nil, err
	}
	return &api.InviteAccountToOrganizationOutput{Handshake: apiHandshake(h, h.State)}, nil
}

// has reports whether a party is an account of the organization.
func (m *managed) has(p identity.Party) (bool, error) {
	if p.Type == identity.PartyAccount {
		_, err := m.member(p.ID)
		return found(err)
	}
	a, err := m.Tx.AccountByEmail(p.ID)
	if ok, err := found(err); err != nil || !ok {
		return false, err
	}
	return a.Organization == m.org.ID, nil
}

func alreadyInAnOrganization() error {
	return constrained("ALREADY_IN_AN_ORGANIZATION", "The handshake request is invalid because the account is already a member of the organization.")
}

// joiningNeeds are what it takes to accept an invitation: the service-linked
// role, and, for a member of another organization, leaving that one. So what
// keeps an account from leaving keeps it from being invited away (TH-42).
func joiningNeeds(s *seen) []authz.Need {
	var n []authz.Need
	if s.Action != identity.HandshakeInvite || !s.asked {
		return nil
	}
	if s.FeatureSet == allFeatures {
		n = append(n, linkedRoleNeed(s.account.ID))
	}
	if s.account.Organization != "" {
		n = append(n, need("LeaveOrganization", "*")...)
	}
	return n
}

// join accepts an invitation. The account goes under the root, whose policies
// hold for it from the next request on; what it has in IAM stays, and no role
// is made for the management account (OR-4).
func join(call *dispatch.Call, s *seen) error {
	o, err := call.Tx.Organization(s.Organization)
	if err != nil {
		return err
	}
	if err := asInvited(call, s, o); err != nil {
		return err
	}
	a := s.account
	switch a.Organization {
	case "":
	case o.ID:
		return alreadyInAnOrganization()
	default:
		left, err := call.Tx.Organization(a.Organization)
		if err != nil {
			return err
		}
		if err := release(call, left, a); err != nil {
			return err
		}
	}
	a.Joined, a.JoinedMethod, a.Tags = call.Now, identity.JoinedInvited, s.Tags
	if err := call.Tx.Join(a, o.ID, o.RootID); err != nil {
		return err
	}
	if o.FeatureSet != allFeatures {
		return nil
	}
	return ensureLinkedRole(call, a.ID)
}

// asInvited fails unless the organization is what the invitation says: who was
// asked into one for billing alone has not agreed to be bound by policies, and
// who would come in while the members are asked for that would not be asked.
func asInvited(call *dispatch.Call, s *seen, o *identity.Organization) error {
	if s.FeatureSet != o.FeatureSet {
		return constrained("ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
			"The organization has enabled all features since it sent the invitation. It has to send another one.")
	}
	parent, err := enabling(call, o)
	if err == nil && parent != nil {
		err = constrained("INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES",
			"You can't join the organization while it's in the process of enabling all features.")
	}
	return err
}
