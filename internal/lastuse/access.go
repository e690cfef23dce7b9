package lastuse

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// accessBatch is how many principals one transaction writes. For each it reads
// three records and writes two, the larger of some 25 KiB at most.
const accessBatch = 16

// A principal is who is noted to have tried something: a user or role by its
// unique id, or an account's root by "".
type principal struct {
	account identity.AccountID
	id      string
}

type attempt struct {
	principal
	action string
}

// attempts are what principals tried, as far as it is not written yet. They are
// kept as uses are, see Tracker.
type attempts struct {
	mu      sync.Mutex
	fresh   map[attempt]time.Time
	waiting map[principal]map[string]identity.AccessUse
	held    int // actions in waiting
}

func newAttempts() attempts {
	return attempts{fresh: map[attempt]time.Time{}, waiting: map[principal]map[string]identity.AccessUse{}}
}

// A Decider decides as another one does, and has what was asked noted.
type Decider struct {
	authz.Decider
	tracker *Tracker
}

// Decider returns a Decider that decides as d does and notes in t which actions
// callers tried, allowed or not (IA-58).
func (t *Tracker) Decider(d authz.Decider) Decider { return Decider{d, t} }

// Decide decides one need.
func (d Decider) Decide(tx *store.Tx, c *authn.Caller, r *authz.Request, n *authz.Need) (authz.Decision, error) {
	decision, err := d.Decider.Decide(tx, c, r, n)
	d.tracker.Tried(c, n.Action, r.Region, r.Now)
	return decision, err
}

// notable reports whether it is told what a caller tried: not of those who are
// no user, role or root of an account.
func notable(c *authn.Caller) bool {
	switch c.Kind {
	case authn.Root, authn.User, authn.RoleSession, authn.FederatedUser:
		return true
	default:
		return false
	}
}

// passRole is no call that anybody makes, and AWS tells nothing of it.
const passRole = "iam:PassRole"

// Tried notes that a caller asked for a permission. A federated session counts
// as the user who made it.
func (t *Tracker) Tried(c *authn.Caller, action, region string, now time.Time) {
	if !notable(c) || action == passRole {
		return
	}
	a := attempt{principal{c.Account, c.PrincipalID}, action}
	t.attempts.mu.Lock()
	seen, known := t.attempts.fresh[a]
	if known && now.Sub(seen).Abs() < granularity {
		t.attempts.mu.Unlock()
		return
	}
	noted := t.attempts.note(a, identity.AccessUse{At: now.UTC().Truncate(time.Second), Region: region})
	t.attempts.mu.Unlock()
	if noted {
		t.rouse()
	}
}

// note lets an attempt wait to be written, within the bounds of Tracker.note.
func (w *attempts) note(a attempt, use identity.AccessUse) bool {
	of := w.waiting[a.principal]
	if _, ok := of[a.action]; !ok {
		if w.held >= maxWaiting {
			return false
		}
		w.held++
	}
	for old := range w.fresh {
		if len(w.fresh) < maxFresh {
			break
		}
		delete(w.fresh, old)
	}
	if of == nil {
		of = map[string]identity.AccessUse{}
		w.waiting[a.principal] = of
	}
	w.fresh[a], of[a.action] = use.At, use
	return true
}

func (w *attempts) take() map[principal]map[string]identity.AccessUse {
	w.mu.Lock()
	defer w.mu.Unlock()
	taken := make(map[principal]map[string]identity.AccessUse, min(accessBatch, len(w.waiting)))
	for p, uses := range w.waiting {
		if len(taken) == accessBatch {
			break
		}
		taken[p] = uses
		w.held -= len(uses)
		delete(w.waiting, p)
	}
	return taken
}

// putBack lets what could not be written wait on, as far as nothing newer does.
func (w *attempts) putBack(taken map[principal]map[string]identity.AccessUse) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for p, uses := range taken {
		maps.Copy(uses, w.waiting[p])
		w.held += len(uses) - len(w.waiting[p])
		w.waiting[p] = uses
	}
}

// flushAttempts writes what was tried until now.
func (t *Tracker) flushAttempts(ctx context.Context) error {
	for {
		taken := t.attempts.take()
		if len(taken) == 0 {
			return nil
		}
		err := t.store.Update(ctx, func(tx *store.Tx) error {
			for p, uses := range taken {
				if err := tx.NoteAccess(p.account, p.id, uses, granularity); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.attempts.putBack(taken)
			return fmt.Errorf("writing what was tried: %w", err)
		}
	}
}
