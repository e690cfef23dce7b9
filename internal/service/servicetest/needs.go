package servicetest

import (
	"errors"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// asked is what a call asked for in its view.
type asked struct {
	view  *store.Tx
	needs []authz.Need
}

// errAsked ends a call that is only asked about before it changes anything.
var errAsked = errors.New("servicetest: the call is only asked about")

// A tap is the harness's decider. While a call is only asked about, everything
// is allowed in its view, and nothing is decided in its update.
type tap struct{ h *Harness }

// Decide decides a need.
func (t tap) Decide(tx *store.Tx, c *authn.Caller, r *authz.Request, n *authz.Need) (authz.Decision, error) {
	a := t.h.asked
	if a == nil {
		return t.h.Authz.Decide(tx, c, r, n)
	}
	if a.view == nil {
		a.view = tx
	}
	if tx != a.view {
		return authz.Decision{}, errAsked
	}
	a.needs = append(a.needs, *n)
	return authz.Decision{Decision: policy.Decision{Outcome: policy.Allow}}, nil
}

// Needs returns what a call asks to be allowed, in order, without changing
// anything, and its answer: that of the operation when it is one that reads.
// Nothing else may be called at the same time.
func (c *Caller) Needs(service, operation string, parameters ...string) ([]authz.Need, *Answer) {
	c.t.Helper()
	c.h.asked = &asked{}
	defer func() { c.h.asked = nil }()
	answer := c.Call(service, operation, parameters...)
	return c.h.asked.needs, answer
}
