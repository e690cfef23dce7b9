package iam

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func credentialReportOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("GenerateCredentialReport", onAccount[wire.Empty]("iam:GenerateCredentialReport"), generateCredentialReport).
			Before(makeCredentialReport).After(tidyCredentialReports),
		dispatch.Read("GetCredentialReport", onAccount[wire.Empty]("iam:GetCredentialReport"), getCredentialReport),
	}
}

const (
	// reportLife is how long a report may be read, and no other is made (IA-57).
	reportLife = 4 * time.Hour
	// reportPatience is how long a report that was begun counts as being made.
	// One whose maker died is begun anew after it.
	reportPatience = 10 * time.Minute
	// reportPage is how many users are read at a time.
	reportPage = 100
)

func freshReport(r *identity.CredentialReport, now time.Time) bool {
	return r.Current != nil && now.Sub(r.Current.At) < reportLife
}

func pendingReport(r *identity.CredentialReport, now time.Time) bool {
	return r.Pending != nil && now.Sub(r.Pending.At) < reportPatience
}

// generateCredentialReport finishes the report that its call has made, or says
// how far another one is.
func generateCredentialReport(_ context.Context, call dispatch.Call, _ *wire.Empty) (*api.GenerateCredentialReportOutput, error) {
	r, err := call.Tx.CredentialReport(call.Caller.Account)
	switch {
	case err != nil:
		return nil, err
	case r.Pending != nil && r.Pending.ID == call.UUID():
		r.Finish(call.Now)
		return &api.GenerateCredentialReportOutput{
			State: "STARTED", Description: "No report exists. Starting a new report generation task",
		}, call.Tx.PutCredentialReport(call.Caller.Account, r)
	case freshReport(r, call.Now):
		return &api.GenerateCredentialReportOutput{State: "COMPLETE"}, nil
	}
	return &api.GenerateCredentialReportOutput{State: "INPROGRESS"}, nil
}

// makeCredentialReport writes the parts of a new report, when one is due: each
// in a transaction of its own, from pages of users that are read before, so
// that neither memory nor any transaction grows with the account. The reader of
// a list that changes meanwhile may miss who was renamed.
func makeCredentialReport(ctx context.Context, s *store.Store, call dispatch.Call, _ any) error {
	account, id := call.Caller.Account, call.UUID()
	due := false
	look := func(r *identity.CredentialReport) bool {
		return !freshReport(r, call.Now) && !pendingReport(r, call.Now)
	}
	err := s.View(ctx, func(tx *store.Tx) error {
		r, err := tx.CredentialReport(account)
		due = err == nil && look(r)
		return err
	})
	if err != nil || !due {
		return err
	}
	err = s.Update(ctx, func(tx *store.Tx) error {
		r, err := tx.CredentialReport(account)
		if err != nil {
			return err
		}
		if due = look(r); !due {
			return nil
		}
		r.Discard()
		r.Pending = &identity.ReportParts{ID: id, At: call.Now}
		return tx.PutCredentialReport(account, r)
	})
	if err != nil || !due {
		return err
	}
	if err := writeCredentialReport(ctx, s, account, id); err != nil {
		giveUp(ctx, s, account, id)
		return err
	}
	return nil
}

// errOvertaken reports that another call took this one for dead and began anew.
var errOvertaken = errors.New("iam: another credential report was begun")

func writeCredentialReport(ctx context.Context, s *store.Store, account identity.AccountID, id string) error {
	var part bytes.Buffer
	flush := func() error {
		if part.Len() == 0 {
			return nil
		}
		err := s.Update(ctx, func(tx *store.Tx) error {
			r, err := tx.CredentialReport(account)
			if err != nil {
				return err
			}
			if r.Pending == nil || r.Pending.ID != id {
				return errOvertaken
			}
			return tx.AddCredentialReportPart(account, r, part.String())
		})
		part.Reset()
		return err
	}
	rows := newCredentialRows()
	for {
		page, more, err := rows.next(ctx, s, account)
		if err != nil {
			return fmt.Errorf("reading credentials: %w", err)
		}
		if part.Len()+len(page) > store.MaxReportPart {
			if err := flush(); err != nil {
				return err
			}
		}
		part.Write(page)
		if !more {
			return flush()
		}
	}
}

// tidyCredentialReports gives up what the call made and did not finish, and
// removes the parts of reports that nobody can read any more. What it cannot
// remove now the next report's maker does.
func tidyCredentialReports(ctx context.Context, s *store.Store, call dispatch.Call, _ any) {
	giveUp(ctx, s, call.Caller.Account, call.UUID())
}

func giveUp(ctx context.Context, s *store.Store, account identity.AccountID, id string) {
	ctx = context.WithoutCancel(ctx)
	work := false
	err := s.View(ctx, func(tx *store.Tx) error {
		r, err := tx.CredentialReport(account)
		work = err == nil && (len(r.Stale) > 0 || r.Pending != nil && r.Pending.ID == id)
		return err
	})
	for more := work; err == nil && more; {
		err = s.Update(ctx, func(tx *store.Tx) error {
			r, err := tx.CredentialReport(account)
			if err != nil {
				return err
			}
			if r.Pending != nil && r.Pending.ID == id {
				r.Discard()
				if err := tx.PutCredentialReport(account, r); err != nil {
					return err
				}
			}
			more, err = tx.SweepCredentialReports(account)
			return err
		})
	}
}

// getCredentialReport returns the whole report, or says why there is none.
func getCredentialReport(_ context.Context, call dispatch.Call, _ *wire.Empty) (*api.GetCredentialReportOutput, error) {
	r, err := call.Tx.CredentialReport(call.Caller.Account)
	switch {
	case err != nil:
		return nil, err
	case freshReport(r, call.Now):
	case pendingReport(r, call.Now):
		return nil, api.ReportInProgress("The request was rejected because the credential report is still being generated.")
	case r.Current == nil:
		return nil, api.ReportNotPresent("The request was rejected because the credential report does not exist. To generate a credential report, use GenerateCredentialReport.")
	default:
		return nil, api.ReportExpired("The request was rejected because the most recent credential report has expired. To generate a new credential report, use GenerateCredentialReport.")
	}
	var content bytes.Buffer
	for n := range r.Current.Parts {
		part, err := call.Tx.CredentialReportPart(call.Caller.Account, r.Current.ID, n)
		if err != nil {
			return nil, fmt.Errorf("part %d of credential report %s: %w", n, r.Current.ID, err)
		}
		content.WriteString(part)
	}
	return &api.GetCredentialReportOutput{Content: content.Bytes(), ReportFormat: "text/csv", GeneratedTime: r.Current.At}, nil
}
