package dispatch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

// A Runner runs operations: it is what every request passes through once its
// caller is known and its input is decoded.
type Runner struct {
	Store   *store.Store
	Authn   *authn.Authenticator
	Decider authz.Decider
	// Minted is as in a Config.
	Minted func(c *authn.Caller, s *session.Session, address netip.Addr)

	// turn is taken by the call that may go on, of those that lost to others
	// more than once: many that change one account's policies at the same time
	// would else keep each other from ever being decided.
	turn sync.Mutex
}

// ErrSpends is returned by the needs of an operation made with Spend when the
// call would use something up and call.Tx cannot write, and by the handler of one
// made with Renew when it has to make something first. The call then runs in
// a transaction that can.
var ErrSpends = errors.New("dispatch: the call needs a transaction that can write")

// ErrBusy reports that policies kept changing while the call was decided.
var ErrBusy = errors.New("dispatch: policies changed too often while the call was decided")

// attempts bounds how often a call starts over because what it was decided
// from changed in the meantime.
const attempts = 16

// patience is how often a call starts over before it waits for its turn.
const patience = 2

// A commit is called with the outcome of a successful write inside its
// transaction, to enter the event of the change (TH-101).
type commit func(call *Call, out wire.Encodable) error

// Run authorizes and executes op. A refusal is an *authz.Denial, a failure that
// the client is to see an *awserr.Error, authn.ErrGone a credential that was
// switched off since it was checked.
func (r *Runner) Run(ctx context.Context, op *Operation, caller *authn.Caller, req *Request, in wire.Decodable, onCommit commit) (wire.Encodable, error) {
	out, err := r.run(ctx, op, caller, req, in, onCommit)
	if err == nil && req.minted != nil && r.Minted != nil {
		r.Minted(caller, req.minted, req.Facts.SourceIP)
	}
	return out, err
}

func (r *Runner) run(ctx context.Context, op *Operation, caller *authn.Caller, req *Request, in wire.Decodable, onCommit commit) (wire.Encodable, error) {
	var out wire.Encodable
	// Every call is first decided in a view. What is refused there never
	// reaches the one writer (TH-24), and the policies are at hand afterwards.
	look := r.Store.View
	if op.atHand {
		look = r.Store.Glance
	}
	err := look(ctx, func(tx *store.Tx) (err error) {
		out = nil
		call := r.call(op, caller, req, tx)
		if err := r.authorize(op, &call, in); err != nil {
			return err
		}
		if op.access == writes {
			return nil
		}
		out, err = op.handle(ctx, call, in)
		return err
	})
	if err == nil && op.before != nil {
		if err = op.before(ctx, r.Store, r.call(op, caller, req, nil), in); err == nil && op.after != nil {
			defer op.after(ctx, r.Store, r.call(op, caller, req, nil), in)
		}
	}
	if op.access == writes && err == nil || op.access == spends && errors.Is(err, ErrSpends) {
		if op.prepare != nil {
			return r.prepared(ctx, op, caller, req, in, onCommit)
		}
		return r.update(ctx, op, caller, req, in, onCommit)
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (r *Runner) call(op *Operation, caller *authn.Caller, req *Request, tx *store.Tx) Call {
	call := Call{
		Caller: *caller, Tx: tx, Now: req.Facts.Now, Request: req, Random: rand.Reader,
		operation: op.Name, ring: r.Authn.Ring(),
	}
	if op.access == writes || tx == nil || tx.Writable() {
		call.Random = req.seed.stream(forHandler)
	} // what others make in a view is in no transaction that may run again
	return call
}

// authorize returns nil only when the caller may still sign and every need of
// the operation is allowed.
func (r *Runner) authorize(op *Operation, call *Call, in wire.Decodable) error {
	if err := r.Authn.Recheck(call.Tx, &call.Caller); err != nil {
		return err
	}
	switch {
	case op.always != "":
		return nil
	case op.own != "":
		return authorizeOwn(r.Decider, op, call, in)
	}
	needs, err := op.needs(*call, in)
	if err != nil {
		return err
	}
	return require(r.Decider, call, needs)
}

// kept is an outcome that must not undo what the transaction wrote.
type kept struct{ error }

// Unwrap returns the outcome.
func (k kept) Unwrap() error { return k.error }

// Keep returns err for the handler of a Write to fail with, so that what it
// wrote stands though the call fails: a wrong one-time code is counted, and
// the client is told that it was wrong (TH-50). The handler must by then have
// written that and nothing else. No event of a change is entered.
func Keep(err error) error {
	if err == nil {
		return nil
	}
	return kept{err}
}

// keeps returns what a call fails with whose writes stand all the same, nil
// when they do not.
func keeps(op *Operation, err error) error {
	if k, ok := errors.AsType[kept](err); ok && op.access == writes {
		return k.error
	}
	if op.access == spends && visible(err) {
		return err
	}
	return nil
}

// preparations bounds how often a call is prepared anew: each costs as much as
// the first.
const preparations = 4

// prepared prepares a call that was allowed and runs it in a transaction that
// decides again.
func (r *Runner) prepared(ctx context.Context, op *Operation, caller *authn.Caller, req *Request, in wire.Decodable, onCommit commit) (wire.Encodable, error) {
	for range preparations {
		call := r.call(op, caller, req, nil)
		call.Random = req.seed.stream(forPreparation)
		handle, err := op.prepare(ctx, r.Store, call, in)
		if err != nil {
			return nil, err
		}
		ready := *op
		ready.handle = handle
		out, err := r.update(ctx, &ready, caller, req, in, onCommit)
		if !errors.Is(err, ErrStale) {
			return out, err
		}
	}
	return nil, ErrBusy
}

// update runs a call in a transaction that can write. When the policies it is
// decided from are not at hand there, they are read in a view and the
// transaction starts over.
func (r *Runner) update(ctx context.Context, op *Operation, caller *authn.Caller, req *Request, in wire.Decodable, onCommit commit) (wire.Encodable, error) {
	for i := range attempts {
		if i == patience {
			r.turn.Lock()
			defer r.turn.Unlock()
		}
		out, err := r.once(ctx, op, caller, req, in, onCommit)
		if !errors.Is(err, authz.ErrCold) {
			return out, err
		}
		if err := r.warm(ctx, op, caller, req, in, err); err != nil {
			return nil, err
		}
	}
	return nil, ErrBusy
}

// A coldNeedError is authz.ErrCold with the need that could not be decided.
type coldNeedError struct{ need authz.Need }

func (c *coldNeedError) Error() string { return c.need.Action + ": " + authz.ErrCold.Error() }

// Unwrap returns authz.ErrCold.
func (c *coldNeedError) Unwrap() error { return authz.ErrCold }

func (r *Runner) once(ctx context.Context, op *Operation, caller *authn.Caller, req *Request, in wire.Decodable, onCommit commit) (wire.Encodable, error) {
	var out wire.Encodable
	var lost error
	err := r.Store.Update(ctx, func(tx *store.Tx) error {
		out, lost = nil, nil
		call := r.call(op, caller, req, tx)
		result, err := r.attempt(ctx, op, &call, in)
		if err != nil {
			if lost = keeps(op, err); lost != nil {
				return nil //nolint:nilerr // what was written is kept, and lost is the answer
			}
			return err
		}
		if onCommit != nil && op.access == writes {
			if err := onCommit(&call, result); err != nil {
				return fmt.Errorf("recording %s: %w", op.Name, err)
			}
		}
		out = result
		return nil
	})
	if err == nil {
		err = lost
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (r *Runner) attempt(ctx context.Context, op *Operation, call *Call, in wire.Decodable) (wire.Encodable, error) {
	if err := r.authorize(op, call, in); err != nil {
		return nil, err
	}
	return op.handle(ctx, *call, in)
}

// visible reports whether err is an answer and not a failure of ours.
func visible(err error) bool {
	var denial *authz.Denial
	var answer *awserr.Error
	return errors.As(err, &denial) || errors.As(err, &answer)
}

// warm reads the policies that a call is decided from. What comes of the
// decision does not matter here. Of needs that cannot be stated without writing
// the one is taken that was cold, as far as it names whose policies count: the
// resource's own was read where it may since have changed, and stays out.
func (r *Runner) warm(ctx context.Context, op *Operation, caller *authn.Caller, req *Request, in wire.Decodable, cold error) error {
	return r.Store.View(ctx, func(tx *store.Tx) error {
		if op.needs == nil {
			return nil
		}
		call := r.call(op, caller, req, tx)
		needs, err := op.needs(call, in)
		if errors.Is(err, ErrSpends) {
			c, ok := errors.AsType[*coldNeedError](cold)
			if !ok {
				return cold
			}
			needs = []authz.Need{{Action: c.need.Action, Resource: c.need.Resource, Account: c.need.Account}}
		} else if err != nil {
			return err
		}
		for i := range needs {
			if _, err := r.Decider.Decide(tx, &call.Caller, &req.Facts, &needs[i]); err != nil {
				return err
			}
		}
		return nil
	})
}
