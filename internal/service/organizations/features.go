package organizations

import (
	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
)

// maxApprovals is how many invited accounts can be asked at once whether all
// features may be enabled, so that it is one transaction.
const maxApprovals = 16

func enableAllFeaturesNeeds(m *managed, _ *api.EnableAllFeaturesInput) ([]authz.Need, error) {
	return need("EnableAllFeatures", m.org.ARN().String()), nil
}

// enableAllFeatures begins to turn an organization for billing alone into a
// full one: every account that was invited has to approve, and then the
// management account accepts the handshake that this returns.
func enableAllFeatures(m *managed, _ *api.EnableAllFeaturesInput) (*api.EnableAllFeaturesOutput, error) {
	if m.org.FeatureSet == allFeatures {
		return nil, constrained("ORGANIZATION_ALREADY_HAS_ALL_FEATURES",
			"The handshake request is invalid because the organization has already enabled all features.")
	}
	if parent, err := enabling(&m.Call, m.org); err != nil {
		return nil, err
	} else if parent != nil {
		return nil, constrained("ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION",
			"The handshake request is invalid because the organization has already started the process to enable all features.")
	}
	invited, err := m.Tx.Invited(m.org, maxApprovals+1)
	if err != nil {
		return nil, err
	}
	if len(invited) > maxApprovals {
		return nil, violated("ALL_FEATURES_MIGRATION_ORGANIZATION_SIZE_LIMIT_EXCEEDED",
			"Your organization has more invited accounts than can be asked to approve all features at once.")
	}
	parent := &identity.Handshake{
		Action: identity.HandshakeEnable, State: identity.HandshakeOpen,
		Target: identity.Party{Type: identity.PartyOrganization, ID: m.org.ID},
	}
	if err := m.ask(parent, featuresLife); err != nil {
		return nil, err
	}
	for _, a := range invited {
		if a.Status != identity.AccountActive {
			continue // nobody there can answer
		}
		child := &identity.Handshake{
			Action: identity.HandshakeApprove, State: identity.HandshakeOpen, Parent: parent.ID,
			Target: identity.Party{Type: identity.PartyAccount, ID: string(a.ID)},
		}
		if err := m.ask(child, featuresLife); err != nil {
			return nil, err
		}
		parent.Children = append(parent.Children, identity.Approval{Account: a.ID, Handshake: child.ID})
	}
	if err := settle(&m.Call, parent); err != nil {
		return nil, err
	}
	return &api.EnableAllFeaturesOutput{Handshake: apiHandshake(parent, parent.State)}, nil
}

// approve enters that an invited account agrees to all features.
func approve(call *dispatch.Call, s *seen) error {
	parent, err := call.Tx.Handshake(s.Parent)
	if err != nil {
		return err
	}
	for i := range parent.Children {
		if parent.Children[i].Handshake == s.ID {
			parent.Children[i].Given = true
		}
	}
	return settle(call, parent)
}

// finalize makes an organization a full one. No type of policies is enabled by
// that: what binds members is for EnablePolicyType to say.
func finalize(call *dispatch.Call, s *seen) error {
	if s.state != identity.HandshakeOpen {
		return invalidTransition()
	}
	o, err := call.Tx.Organization(s.Organization)
	if err != nil {
		return err
	}
	o.FeatureSet = allFeatures
	return call.Tx.PutOrganization(o)
}

// cancelApprovals takes back what was asked of the invited accounts.
func cancelApprovals(call *dispatch.Call, s *seen) error {
	for _, c := range s.Children {
		child, err := call.Tx.Handshake(c.Handshake)
		if err != nil {
			return err
		}
		if !identity.Waits(child.State) {
			continue
		}
		child.State, child.Ended = identity.HandshakeCanceled, call.Now
		if err := call.Tx.PutHandshake(child); err != nil {
			return err
		}
	}
	return nil
}
