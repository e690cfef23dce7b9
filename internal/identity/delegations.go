package identity

import "time"

// A DelegationState is how far a delegation request is.
type DelegationState string

// The states. A request that is not finalized in time shows as expired, which
// is not kept.
const (
	DelegationUnassigned DelegationState = "UNASSIGNED"
	DelegationAssigned   DelegationState = "ASSIGNED"
	DelegationPending    DelegationState = "PENDING_APPROVAL"
	DelegationAccepted   DelegationState = "ACCEPTED"
	DelegationRejected   DelegationState = "REJECTED"
	DelegationFinalized  DelegationState = "FINALIZED"
	DelegationExpired    DelegationState = "EXPIRED"
)

// A DelegationRequest asks an account for temporary access: the requestor says
// for what, somebody in the owner's account owns the request, and who accepts
// it lends its own permissions, within Policy.
type DelegationRequest struct {
	ID        string          `json:"id"`
	Requestor AccountID       `json:"requestor"`
	State     DelegationState `json:"state"`
	Created   time.Time       `json:"created"`
	Updated   time.Time       `json:"updated"`
	Expires   time.Time       `json:"expires"`

	OwnerAccount AccountID `json:"ownerAccount,omitempty"`
	OwnerARN     string    `json:"ownerArn,omitempty"` // of the user or role, "" until one is associated
	OwnerID      string    `json:"ownerId,omitempty"`  // its unique id, "" of a root

	Description string                `json:"description"`
	Message     string                `json:"message,omitempty"`
	Template    string                `json:"template"`
	Parameters  []DelegationParameter `json:"parameters,omitempty"`
	Policy      string                `json:"policy"` // the template with the parameters in it
	Workflow    string                `json:"workflow"`
	Channel     string                `json:"channel"`
	RedirectURL string                `json:"redirectUrl,omitempty"`
	// SessionDuration is how long the access lasts, in seconds.
	SessionDuration int32 `json:"sessionDuration"`
	OnlyByOwner     bool  `json:"onlyByOwner,omitempty"` // only the owner sends the token

	Notes     string `json:"notes,omitempty"`
	Rejection string `json:"rejection,omitempty"`

	// ApproverARN names who accepted, whose permissions the access has;
	// ApproverID is its unique id.
	ApproverARN string `json:"approverArn,omitempty"`
	ApproverID  string `json:"approverId,omitempty"`
	// Sealed is the token that the requestor trades in, under the key ring.
	// TokenHash is where it is found by.
	Sealed    []byte `json:"sealed,omitempty"`
	TokenHash string `json:"tokenHash,omitempty"`
}

// A DelegationParameter is what stands for a placeholder of a template.
type DelegationParameter struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
	List   bool     `json:"list,omitempty"`
}

// StateAt is the request's state at a time.
func (r *DelegationRequest) StateAt(now time.Time) DelegationState {
	if !now.Before(r.Expires) {
		return DelegationExpired
	}
	return r.State
}
