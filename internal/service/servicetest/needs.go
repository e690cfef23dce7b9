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
	keys  map[string][]string // of the first need; nil when nobody wants them
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
	switch {
	case a.view == nil:
		a.view = tx
	case tx == a.view:
	case a.view.Writable() || tx.Writable():
		return authz.Decision{}, errAsked
	default: // what was at hand did not do, and the call is asked again
		a.view, a.needs = tx, nil
		clear(a.keys)
	}
	if len(a.needs) == 0 && a.keys != nil {
		if err := t.keys(tx, c, r, n); err != nil {
			return authz.Decision{}, err
		}
	}
	a.needs = append(a.needs, *n)
	return authz.Decision{Decision: policy.Decision{Outcome: policy.Allow}}, nil
}

// keys notes the condition keys that a need is decided with: those of the
// refusal that it meets in an account that there is not.
func (t tap) keys(tx *store.Tx, c *authn.Caller, r *authz.Request, n *authz.Need) error {
	elsewhere := *n
	elsewhere.Account, elsewhere.Policy, elsewhere.Granted = "000000000000", nil, false
	d, err := t.h.Authz.Decide(tx, c, r, &elsewhere)
	if err != nil {
		return err
	}
	ctx := d.Evidence.Request.Context
	for _, name := range ctx.Names() {
		t.h.asked.keys[name], _, _ = ctx.Lookup(name)
	}
	return nil
}

// Keys returns the condition keys that the first need of a call is decided
// with, and changes nothing. Those of the resource's owner are not its own.
func (c *Caller) Keys(service, operation string, parameters ...string) map[string][]string {
	c.t.Helper()
	c.h.asked = &asked{keys: map[string][]string{}}
	defer func() { c.h.asked = nil }()
	c.Call(service, operation, parameters...)
	return c.h.asked.keys
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
