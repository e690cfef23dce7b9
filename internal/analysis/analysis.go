// Package analysis answers who may assume a role, and under which conditions,
// without anybody trying.
//
// Every answer is a decision of the one engine on a request that somebody could
// make. What depends on the request (a one-time code, an external id, an address)
// is tried with the values that the policies' conditions ask for, and what it
// took is part of the answer.
package analysis

import (
	"fmt"
	"slices"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// A Status says how somebody stands to a role.
type Status string

// The statuses.
const (
	Allowed Status = "ALLOWED" // there is a request that succeeds, with the conditions stated
	Blocked Status = "BLOCKED" // there is none
	Unknown Status = "UNKNOWN" // what may be read does not settle it
)

// A Condition is what a request must have.
type Condition struct{ Key, Value string }

// A Verdict is the answer to a [Question].
type Verdict struct {
	Status     Status
	Conditions []Condition // of the request that is allowed
	// Layer and Outcome are what refuses, when it is Blocked.
	Layer   policy.Layer
	Outcome policy.Outcome
	// Evidence is what the request that is allowed was decided from; nil when none is.
	Evidence *authz.Evidence
	// Rough says that not every request was tried: patterns meet on one key, or
	// there are too many combinations.
	Rough bool
}

// A Question is whether a caller, who is imagined, may do what a need says.
type Question struct {
	Caller *authn.Caller
	// Stranger stands for a caller of whom nothing may be read: whatever the
	// account of it grants, it grants. Caller is nil then.
	Stranger *policy.Principal
	Need     authz.Need
	Facts    authz.Request
	// Redact takes away the layers that may not be used; nil takes none.
	Redact func(*policy.Layers)
	// MFA says that the caller could prove a device, as somebody of whom nothing
	// may be read could too.
	MFA bool
}

// An Analyzer asks an Authorizer.
type Analyzer struct {
	authorizer *authz.Authorizer
	everything *policy.Policy
	everybody  *policy.Policy
}

// New returns an Analyzer.
func New(a *authz.Authorizer) *Analyzer {
	full := func(t identity.PolicyType, kind policy.Kind) *policy.Policy {
		doc, err := policy.Parse(authz.FullAccess(t))
		if err != nil {
			doc = nil // which denies everything
		}
		return policy.Compile(doc, policy.Source{Name: "what is not known", Type: kind}, nil)
	}
	return &Analyzer{a, full(identity.SCP, policy.Identity), full(identity.RCP, policy.Trust)}
}

// Unknown returns the policy that stands in for a caller's own, and the one that
// stands in for a role's, where they may not be read.
func (a *Analyzer) Unknown() (own, trust *policy.Policy) { return a.everything, a.everybody }

// Ask answers a question from what tx shows.
func (a *Analyzer) Ask(tx *store.Tx, q *Question) (Verdict, error) {
	base, err := a.gather(tx, q, q.Need.Action, nil)
	if err != nil {
		return Verdict{}, err
	}
	slots, rough := slotsOf(q, base)
	w := &search{a: a, tx: tx, q: q, slots: slots, rough: rough}
	return w.run()
}

// Layers returns the policies that bear on a question.
func (a *Analyzer) Layers(tx *store.Tx, q *Question) (*policy.Layers, error) {
	e, err := a.gather(tx, q, q.Need.Action, nil)
	if err != nil {
		return nil, err
	}
	return e.Layers, nil
}

// gather returns what a decision on an action with more facts is made from.
func (a *Analyzer) gather(tx *store.Tx, q *Question, action string, facts []authz.Key) (*authz.Evidence, error) {
	n := q.Need
	n.Action, n.Keys = action, append(slices.Clip(n.Keys), facts...)
	c := q.Caller
	if q.Stranger != nil {
		c = &authn.Caller{Kind: authn.Anonymous}
	}
	e, err := a.authorizer.Gather(tx, c, &q.Facts, &n)
	if err != nil {
		return nil, fmt.Errorf("analysis of %s: %w", n.Resource, err)
	}
	if p := q.Stranger; p != nil {
		request := *e.Request
		request.Principal = p
		request.Context = strangerContext(q, &n)
		l := *e.Layers
		l.Identity = []*policy.Policy{a.everything}
		if p.Kind == policy.FederatedUser {
			l.Session, l.HasSession = l.Identity, true
		}
		e = &authz.Evidence{Layers: &l, Request: &request}
	}
	if q.Redact != nil {
		l := *e.Layers
		q.Redact(&l)
		e = &authz.Evidence{Layers: &l, Request: e.Request}
	}
	return e, nil
}

// strangerContext has what is known of a request of a stranger.
func strangerContext(q *Question, n *authz.Need) *policy.Context {
	ctx := new(policy.Context)
	p := q.Stranger
	if p.Account != "" {
		ctx.Set("aws:PrincipalAccount", p.Account)
	}
	if name := strangerARN(p); name != "" {
		ctx.Set("aws:PrincipalArn", name)
	}
	ctx.Set("aws:SecureTransport", fmt.Sprint(q.Facts.Secure))
	ctx.Set("aws:ViaAWSService", "false")
	ctx.Set("aws:RequestedRegion", q.Facts.Region)
	ctx.Set("aws:ResourceAccount", string(n.Account))
	for _, k := range n.Keys {
		if k.Multi {
			ctx.SetMulti(k.Name, k.Values)
		} else if len(k.Values) == 1 {
			ctx.Set(k.Name, k.Values[0])
		}
	}
	return ctx
}

func strangerARN(p *policy.Principal) string {
	if p.Issuer != "" {
		return p.Issuer
	}
	return p.ARN
}
