package identity

import "time"

// A CredentialReport says which credential reports an account has. Their text
// lies in parts beside it. A report is whole or not there: the record points to
// it only once its last part is written.
type CredentialReport struct {
	Current *ReportParts `json:"current,omitempty"`
	// Pending is the report that is being made.
	Pending *ReportParts `json:"pending,omitempty"`
	// Stale are those that nobody can read any more and whose parts are still
	// to be removed.
	Stale []ReportParts `json:"stale,omitempty"`
}

// ReportParts are the parts of one report: those from 0 to Parts-1.
type ReportParts struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"` // when it was finished, or begun while it is pending
	Parts int       `json:"parts"`
}

// Discard takes the pending report for one that nobody will finish.
func (r *CredentialReport) Discard() {
	if r.Pending != nil {
		r.Stale, r.Pending = append(r.Stale, *r.Pending), nil
	}
}

// Finish puts the pending report in place of the one before it.
func (r *CredentialReport) Finish(now time.Time) {
	if r.Current != nil {
		r.Stale = append(r.Stale, *r.Current)
	}
	r.Current, r.Pending = r.Pending, nil
	r.Current.At = now
}
