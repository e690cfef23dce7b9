package regent

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	iamapi "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/internal/wire/query"
)

// A filler fills an account that is pending, in as many transactions as it
// takes.
type filler struct {
	service *Service
	ctx     context.Context //nolint:containedctx // lives as long as the call it is of
	store   *store.Store
	call    dispatch.Call
	im      *identity.Import
}

// batch is how many steps go into a transaction, whose limits each of them
// takes less than a twelfth of.
const batch = 8

// errStep gives up a transaction in which a step was refused.
var errStep = errors.New("regent: a step was refused")

// part writes a part of the dump and leaves the report for the call's answer.
func (f *filler) part(number int32, text string) error {
	if number != f.im.Parts+1 {
		return outOfTurn(f.im)
	}
	entries, err := importEntries(f.im, nil, text)
	if err != nil {
		return err
	}
	// From here on until the call's own transaction there may be something in
	// the account that the caller turns out to have no permission for.
	err = f.update(func(tx *store.Tx) error {
		im, err := tx.Import(f.im.Account)
		if err != nil {
			return err
		}
		if im.Filling {
			return unfinished(im)
		}
		im.Filling = true
		return tx.PutImport(im)
	})
	if err != nil {
		return err
	}
	report := new(identity.ImportReport)
	var queue []queued
	for _, e := range entries {
		for _, s := range e.skip {
			report.Skip(s)
		}
		for i := range e.steps {
			q := queued{item: cmp.Or(e.steps[i].item, e.item), step: &e.steps[i], hang: e.steps[i].hang}
			if i == 0 {
				q.hang = len(e.steps) - 1
			}
			queue = append(queue, q)
		}
	}
	if err := f.run(queue, report); err != nil {
		return err
	}
	return f.update(func(tx *store.Tx) error { return tx.PutImportReport(f.im.Account, report) })
}

// A queued step waits to be done.
type queued struct {
	item string // what it is about, in the dump
	step *step
	hang int // how many of the next hang on it
}

// run does the steps, some at a time. One that is refused is taken out, with
// all that hangs on it, and the others of its transaction are done again.
func (f *filler) run(queue []queued, report *identity.ImportReport) error {
	for len(queue) > 0 {
		n := min(batch, len(queue))
		failed, refusal, err := f.steps(queue[:n])
		if err != nil {
			return err
		}
		if refusal == nil {
			report.Written += n
			queue = queue[n:]
			continue
		}
		if failed > 0 {
			if _, again, err := f.steps(queue[:failed]); err != nil || again != nil {
				return errors.Join(err, again)
			}
			report.Written += failed
		}
		q := queue[failed]
		report.Skip(identity.SkippedImport{Item: q.item, Operation: q.step.operation, Reason: refusal.Code + ": " + refusal.Message})
		queue = queue[failed+1+q.hang:]
	}
	return nil
}

// steps does some steps in one transaction. If one is refused none is done.
func (f *filler) steps(queue []queued) (failed int, refusal *awserr.Error, err error) {
	err = f.update(func(tx *store.Tx) error {
		failed, refusal = 0, nil
		for i, q := range queue {
			err := f.do(tx, q.step.operation, q.step.params)
			if err == nil && q.step.then != nil {
				err = q.step.then(tx)
			}
			if answer, ok := errors.AsType[*awserr.Error](err); ok {
				failed, refusal = i, answer
				return errStep
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errStep) {
		err = nil
	}
	return failed, refusal, err
}

// do calls an operation of IAM's inside the account: its input goes through the
// same checks as a form that came over the wire.
func (f *filler) do(tx *store.Tx, operation string, params []wire.Param) error {
	op, ok := f.service.iam[operation]
	if !ok {
		return fmt.Errorf("%w: %s", errNoOperation, operation)
	}
	in := op.Input()
	if err := query.Decode(&iamapi.Service, iamapi.Service.Operation(operation), params, in); err != nil {
		return err
	}
	_, err := op.Do(f.ctx, inside(f.call, tx, f.im.Account), in)
	return err
}

// update changes the store, as long as the import is what the call found.
func (f *filler) update(change func(*store.Tx) error) error {
	return f.store.Update(f.ctx, func(tx *store.Tx) error {
		im, err := tx.Import(f.im.Account)
		if errors.Is(err, store.ErrNotFound) || err == nil && im.Parts != f.im.Parts {
			return outOfTurn(f.im)
		}
		if err != nil {
			return err
		}
		return change(tx)
	})
}

// trust puts the trust policies in force, now that whomever they name is there.
// A role whose trust policy is refused goes on trusting nobody.
func (f *filler) trust() error {
	if err := f.update(func(tx *store.Tx) error { return tx.PutImportReport(f.im.Account, new(identity.ImportReport)) }); err != nil {
		return err
	}
	for {
		var next []*identity.ImportedTrust
		err := f.store.View(f.ctx, func(tx *store.Tx) (err error) {
			next, _, err = tx.ImportedTrusts(f.im.Account, store.Page[identity.ImportedTrust]{Limit: 50})
			return err
		})
		if err != nil || len(next) == 0 {
			return err
		}
		for _, t := range next {
			if err := f.trustOf(t); err != nil {
				return err
			}
		}
	}
}

func (f *filler) trustOf(t *identity.ImportedTrust) error {
	params := []wire.Param{{Name: "RoleName", Value: string(t.Role)}, {Name: "PolicyDocument", Value: t.Text}}
	var refusal *awserr.Error
	settle := func(tx *store.Tx) error {
		report, err := tx.ImportReport(f.im.Account)
		if err != nil {
			return err
		}
		if refusal == nil {
			report.Written++
		} else {
			report.Skip(identity.SkippedImport{
				Item: t.ARN, Operation: "UpdateAssumeRolePolicy",
				Reason: "The role trusts nobody, since its trust policy was refused: " + refusal.Code + ": " + refusal.Message,
			})
		}
		if err := tx.PutImportReport(f.im.Account, report); err != nil {
			return err
		}
		return tx.RemoveImportedTrust(f.im.Account, t.Role)
	}
	err := f.update(func(tx *store.Tx) error {
		err := f.do(tx, "UpdateAssumeRolePolicy", params)
		if answer, ok := errors.AsType[*awserr.Error](err); ok {
			refusal = answer
			return errStep
		}
		if err != nil {
			return err
		}
		refusal = nil
		return settle(tx)
	})
	if errors.Is(err, errStep) {
		return f.update(settle)
	}
	return err
}

// discard removes all that the account holds but its own record.
func (f *filler) discard() error {
	for more := true; more; {
		err := f.update(func(tx *store.Tx) (err error) {
			more, err = tx.Discard(f.im.Account)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// discardAll removes the account of an import that was given up.
func (f *filler) discardAll() error {
	if err := f.discard(); err != nil {
		return err
	}
	return f.update(func(tx *store.Tx) error {
		account, err := tx.Account(f.im.Account)
		if err != nil {
			return err
		}
		return tx.DiscardAccount(account)
	})
}
