package store

import (
	"errors"
	"fmt"

	"github.com/regent-iam/regent/internal/identity"
)

func credentialReportKey(a identity.AccountID) key { return join("credential-report", string(a)) }

func credentialPartKey(a identity.AccountID, id string, n int) key {
	return join("credential-report-part", string(a), id, fmt.Sprintf("%08d", n))
}

// CredentialReport returns which credential reports the account has: none until
// one is put.
func (tx *Tx) CredentialReport(a identity.AccountID) (*identity.CredentialReport, error) {
	r, err := get[identity.CredentialReport](tx, credentialReportKey(a))
	if missing(err) {
		return new(identity.CredentialReport), nil
	}
	return r, err
}

// PutCredentialReport writes which credential reports the account has.
func (tx *Tx) PutCredentialReport(a identity.AccountID, r *identity.CredentialReport) error {
	return put(tx, credentialReportKey(a), r)
}

// MaxReportPart is how long a part of a report may be, in bytes.
const MaxReportPart = 256 << 10

var errPartTooLong = errors.New("store: part of a report is too long")

// A reportPart is a part of a report's text.
type reportPart struct {
	Text string `json:"text"`
}

// AddCredentialReportPart writes the next part of the pending report r of the
// account, and r.
func (tx *Tx) AddCredentialReportPart(a identity.AccountID, r *identity.CredentialReport, text string) error {
	if len(text) > MaxReportPart {
		return errPartTooLong
	}
	if err := put(tx, credentialPartKey(a, r.Pending.ID, r.Pending.Parts), &reportPart{text}); err != nil {
		return err
	}
	r.Pending.Parts++
	return tx.PutCredentialReport(a, r)
}

// CredentialReportPart returns one part of a report's text.
func (tx *Tx) CredentialReportPart(a identity.AccountID, id string, n int) (string, error) {
	p, err := get[reportPart](tx, credentialPartKey(a, id, n))
	if err != nil {
		return "", err
	}
	return p.Text, nil
}

// sweptParts is how many parts one transaction removes.
const sweptParts = 64

// SweepCredentialReports removes some parts of the account's stale reports, and
// reports whether there are more.
func (tx *Tx) SweepCredentialReports(a identity.AccountID) (more bool, err error) {
	r, err := tx.CredentialReport(a)
	if err != nil || len(r.Stale) == 0 {
		return false, err
	}
	left := sweptParts
	for left > 0 && len(r.Stale) > 0 {
		stale := &r.Stale[len(r.Stale)-1]
		for ; left > 0 && stale.Parts > 0; left-- {
			stale.Parts--
			if err := tx.remove(credentialPartKey(a, stale.ID, stale.Parts)); err != nil {
				return false, err
			}
		}
		if stale.Parts == 0 {
			r.Stale = r.Stale[:len(r.Stale)-1]
		}
	}
	return len(r.Stale) > 0, tx.PutCredentialReport(a, r)
}
