package identity

import "time"

// An Import is an account that is being filled from a dump of another. Until it
// is switched on, the account is [AccountPending] and in no organization.
type Import struct {
	Account      AccountID `json:"account"`
	Organization string    `json:"organization"`      // that it is to join
	RoleName     RoleName  `json:"roleName"`          // by which the management account gets in
	Parts        int32     `json:"parts"`             // how many parts of the dump are in
	Filling      bool      `json:"filling,omitempty"` // the next one is half in, or was refused
	Started      time.Time `json:"started"`

	// Accounts says which account of the dump stands for which here.
	Accounts map[string]string `json:"accounts,omitempty"`
}

// An ImportedTrust is the trust policy of a role that was imported. It is put
// in force when all that it may name is there.
type ImportedTrust struct {
	Role RoleName `json:"role"`
	ARN  string   `json:"arn"` // of the role, in the dump
	Text string   `json:"text"`
}

// An ImportReport is what one call of an import wrote and left out.
type ImportReport struct {
	Written int             `json:"written"`
	Skipped []SkippedImport `json:"skipped,omitempty"`
	More    int             `json:"more,omitempty"` // left out beyond those in Skipped
}

// maxSkipped bounds what a report says one by one.
const maxSkipped = 1000

// Skip enters something that was left out.
func (r *ImportReport) Skip(s SkippedImport) {
	if len(r.Skipped) == maxSkipped {
		r.More++
		return
	}
	r.Skipped = append(r.Skipped, s)
}

// A SkippedImport is something in a dump that was not imported.
type SkippedImport struct {
	Item      string `json:"item"` // the ARN of what it is or belongs to, in the dump
	Operation string `json:"operation"`
	Reason    string `json:"reason"`
}
