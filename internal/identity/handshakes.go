package identity

import (
	"time"

	"github.com/regent-iam/regent/arn"
)

// The actions that handshakes are about.
const (
	HandshakeInvite   = "INVITE"
	HandshakeEnable   = "ENABLE_ALL_FEATURES"
	HandshakeApprove  = "APPROVE_ALL_FEATURES"
	HandshakeTransfer = "TRANSFER_RESPONSIBILITY"
)

// The states of a handshake. It waits for an answer while it is requested
// (some of several have answered) or open.
const (
	HandshakeRequested = "REQUESTED"
	HandshakeOpen      = "OPEN"
	HandshakeCanceled  = "CANCELED"
	HandshakeAccepted  = "ACCEPTED"
	HandshakeDeclined  = "DECLINED"
	HandshakeExpired   = "EXPIRED"
)

// The kinds of parties to a handshake.
const (
	PartyAccount      = "ACCOUNT"
	PartyEmail        = "EMAIL"
	PartyOrganization = "ORGANIZATION"
)

// HandshakeKept is how long a handshake can be seen after it ended
// (Organizations API Reference, "ListHandshakesForAccount").
const HandshakeKept = 30 * 24 * time.Hour

// A Party is one side of a handshake.
type Party struct {
	Type string `json:"type"` // ACCOUNT, EMAIL or ORGANIZATION
	ID   string `json:"id"`
}

// A Handshake is a question that an organization's management account asks
// and that Target answers. What it says about the organization is as of when
// it was asked.
type Handshake struct {
	ID           string    `json:"id"` // h-…
	Action       string    `json:"action"`
	Organization string    `json:"organization"`
	Management   AccountID `json:"management"`
	Email        string    `json:"email"` // of the management account
	Name         string    `json:"name"`  // of the management account
	FeatureSet   string    `json:"featureSet"`
	Target       Party     `json:"target"`
	Notes        string    `json:"notes,omitempty"`
	State        string    `json:"state"` // as it was left; see StateAt
	Requested    time.Time `json:"requested"`
	Expires      time.Time `json:"expires"`
	Ended        time.Time `json:"ended,omitzero"` // accepted, declined or canceled

	Tags     []Tag      `json:"tags,omitempty"`     // of an INVITE: what the account gets when it joins
	Parent   string     `json:"parent,omitempty"`   // of an APPROVE_ALL_FEATURES: the ENABLE_ALL_FEATURES
	Children []Approval `json:"children,omitempty"` // of an ENABLE_ALL_FEATURES: who was asked
	Transfer string     `json:"transfer,omitempty"` // of a TRANSFER_RESPONSIBILITY: rt-…
	Start    time.Time  `json:"start,omitzero"`     // of a TRANSFER_RESPONSIBILITY: when it begins
}

// An Approval is an invited account's part in enabling all features.
type Approval struct {
	Account   AccountID `json:"account"`
	Handshake string    `json:"handshake"`
	Given     bool      `json:"given,omitempty"` // or not needed any more
}

// ARN names the handshake.
func (h *Handshake) ARN() arn.ARN {
	return arn.ARN{
		Partition: Partition, Service: "organizations", Account: string(h.Management),
		Resource: "handshake/" + h.Organization + "/" + arn.Fold(h.Action) + "/" + h.ID,
	}
}

// Waits reports whether a handshake in that state can still be answered.
func Waits(state string) bool { return state == HandshakeRequested || state == HandshakeOpen }

// StateAt returns the state at a time: one that nobody answered expires.
func (h *Handshake) StateAt(now time.Time) string {
	if Waits(h.State) && !now.Before(h.Expires) {
		return HandshakeExpired
	}
	return h.State
}

// Forgotten reports whether the handshake ended so long ago that it cannot be
// seen any more.
func (h *Handshake) Forgotten(now time.Time) bool {
	ended := h.Ended
	if Waits(h.State) {
		ended = h.Expires
	}
	return !now.Before(ended.Add(HandshakeKept))
}

// To reports whether a is whom the handshake asks.
func (h *Handshake) To(a *Account) bool {
	switch h.Target.Type {
	case PartyAccount:
		return h.Target.ID == string(a.ID)
	case PartyEmail:
		return arn.Fold(h.Target.ID) == arn.Fold(a.Email)
	case PartyOrganization:
		return h.Target.ID == a.Organization && h.Management == a.ID
	}
	return false
}
