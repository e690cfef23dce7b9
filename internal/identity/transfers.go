package identity

import (
	"time"

	"github.com/regent-iam/regent/arn"
)

// TransferBilling is the only kind of responsibility transfer that there is.
const TransferBilling = "BILLING"

// The statuses of a transfer.
const (
	TransferRequested = "REQUESTED"
	TransferDeclined  = "DECLINED"
	TransferCanceled  = "CANCELED"
	TransferExpired   = "EXPIRED"
	TransferAccepted  = "ACCEPTED"
	TransferWithdrawn = "WITHDRAWN" // it goes on until it ends
)

// A Transfer says that Target's management account answers for something of
// Source's organization: Target asked for it, by a handshake, and Source
// accepted. Nothing in Regent is billed: the arrangement is kept and no more.
type Transfer struct {
	ID        string      `json:"id"` // rt-…
	Name      string      `json:"name"`
	Type      string      `json:"type"`
	Status    string      `json:"status"` // as it was left; see StatusAt
	Asked     Party       `json:"asked"`  // whom the handshake asks
	Handshake string      `json:"handshake"`
	Source    Participant `json:"source,omitzero"` // once it was accepted
	Target    Participant `json:"target"`
	Start     time.Time   `json:"start"`
	End       time.Time   `json:"end,omitzero"` // once it was withdrawn
	Expires   time.Time   `json:"expires"`      // when the handshake does
	Tags      []Tag       `json:"tags,omitempty"`
}

// A Participant is an organization on one side of a transfer.
type Participant struct {
	Organization string    `json:"organization"`
	Management   AccountID `json:"management"`
	Email        string    `json:"email"`
}

// StatusAt returns the status at a time: a request that nobody answered
// expires.
func (t *Transfer) StatusAt(now time.Time) string {
	if t.Status == TransferRequested && !now.Before(t.Expires) {
		return TransferExpired
	}
	return t.Status
}

// Active reports whether the transfer was accepted and has not come to its end.
func (t *Transfer) Active(now time.Time) bool {
	return t.Status == TransferAccepted || t.Status == TransferWithdrawn && !now.After(t.End)
}

// TransferARN names a transfer as one of its sides sees it, which is inbound
// for whom it makes responsible.
func (o *Organization) TransferARN(t string, inbound bool, id string) arn.ARN {
	direction := "outbound"
	if inbound {
		direction = "inbound"
	}
	return o.arnOf("transfer/" + o.ID + "/" + arn.Fold(t) + "/" + direction + "/" + id)
}
