// Package denials keeps the requests that were refused, with the facts that
// they were refused on, so that they can be explained to those who ask.
//
// What is kept is bounded for each account and for each principal of it, ends
// after some days, and holds no secret: no token, no signature, no code. An
// allowed request never comes here.
package denials

import (
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/policy"
)

// A Denial is one need that was refused, and the facts of the request.
type Denial struct {
	RequestID string    `json:"id"`
	Time      time.Time `json:"time"`
	Operation string    `json:"operation"` // "iam:CreateUser"
	Message   string    `json:"message"`   // AWS's text
	// Told says that Message names the layer of policies that refused.
	Told bool `json:"told,omitempty"`

	// Outcome and Layer are what refused.
	Outcome policy.Outcome `json:"outcome"`
	Layer   policy.Layer   `json:"layer"`

	Who Who `json:"who"`

	Action   string             `json:"action"`
	Resource string             `json:"resource"`
	Owner    identity.AccountID `json:"owner"` // of the resource
	Wildcard bool               `json:"wildcard,omitempty"`
	Trust    bool               `json:"trust,omitempty"` // the resource is a role whose trust policy had to allow
	// Keys are all condition keys of the request, those of the caller included.
	Keys []authz.Key `json:"keys,omitempty"`
	// Partial says that not all of the request found room.
	Partial bool `json:"partial,omitempty"`
}

// Who is the caller of a refused request.
type Who struct {
	Kind        authn.Kind           `json:"kind"`
	Account     identity.AccountID   `json:"account,omitempty"`
	Principal   policy.Principal     `json:"principal"`
	PrincipalID string               `json:"principalId,omitempty"` // of the user or role
	UserID      string               `json:"userId,omitempty"`
	UserName    identity.UserName    `json:"userName,omitempty"`
	RoleName    identity.RoleName    `json:"roleName,omitempty"`
	Origin      identity.AccessKeyID `json:"origin,omitempty"` // the access key that it all began with
	Temporary   bool                 `json:"temporary,omitempty"`
	Session     session.Kind         `json:"session,omitempty"` // what sort of temporary credentials
	// SessionPolicy and SessionPolicies limit the session.
	SessionPolicy   string   `json:"sessionPolicy,omitempty"`
	SessionPolicies []string `json:"sessionPolicies,omitempty"`
}

// newDenial writes down what was refused.
func newDenial(at time.Time, requestID, operation string, c *authn.Caller, d *authz.Denial) *Denial {
	out := &Denial{
		RequestID: requestID, Time: at.UTC(), Operation: operation, Message: d.Message, Told: authz.Reason(&d.Need, d.Decision) != "",
		Outcome: d.Decision.Outcome, Layer: d.Decision.Layer,
		Action: d.Need.Action, Resource: d.Need.Resource, Owner: d.Need.Account, Trust: d.Need.Trust,
		Who: Who{
			Kind: c.Kind, Account: c.Account, Principal: policy.Principal{Account: string(c.Account), ARN: c.ARN}, PrincipalID: c.PrincipalID,
			UserID: c.UserID, UserName: c.UserName, RoleName: c.RoleName, Origin: origin(c),
		},
	}
	if out.Owner == "" {
		out.Owner = c.Account
	}
	if s := c.Session; s != nil {
		out.Who.Temporary, out.Who.Session, out.Who.SessionPolicy, out.Who.SessionPolicies = true, s.Kind, s.Policy, s.Policies
	}
	if e := d.Decision.Evidence; e != nil {
		out.Who.Principal, out.Wildcard = *e.Request.Principal, e.Request.Wildcard
		out.Keys = keysOf(e.Request.Context)
	} else {
		out.Partial = true
	}
	return out
}

// origin returns the access key that c's credentials come from in the end.
func origin(c *authn.Caller) identity.AccessKeyID {
	if c.Session != nil && len(c.Session.Ancestors) > 0 {
		return c.Session.Ancestors[0].KeyID
	}
	return c.AccessKeyID
}

// maxValue bounds one value of a condition key, in bytes.
const maxValue = 2048

func keysOf(ctx *policy.Context) []authz.Key {
	names := ctx.Names()
	keys := make([]authz.Key, 0, len(names))
	for _, name := range names {
		values, multi, ok := ctx.Lookup(name)
		if !ok {
			continue
		}
		k := authz.Key{Name: name, Values: make([]string, len(values)), Multi: multi}
		for i, v := range values {
			k.Values[i] = Shown(name, v)
		}
		keys = append(keys, k)
	}
	return keys
}

// Shown returns the value of a condition key as it may be kept and shown: a
// referring page without its query, in which others put tokens and signatures
// (TH-69), and nothing longer than it has to be.
func Shown(key, value string) string {
	if arn.Fold(key) == "aws:referer" {
		value, _, _ = strings.Cut(value, "?")
	}
	if len(value) > maxValue {
		value = strings.ToValidUTF8(value[:maxValue], "")
	}
	return value
}

// Account is the account that the denial is kept for: the caller's, or the
// resource's when nobody in particular called.
func (d *Denial) Account() identity.AccountID {
	if d.Who.Kind == authn.Anonymous {
		return d.Owner
	}
	return d.Who.Account
}

// principal names who shares in one quota (TH-103): a user, a role with all its
// sessions, an account's root, whom its providers vouch for, or everybody who did
// not sign.
func (d *Denial) principal() string {
	switch d.Who.Kind {
	case authn.Anonymous:
		return "anonymous"
	case authn.Federated: // all of an account's, who are as many as a provider says
		return string(d.Who.Account) + " federated"
	default:
	}
	return string(d.Who.Account) + " " + d.Who.PrincipalID
}

// Of reports whether the refused request was c's own: the same user's or
// root's, or, of a role, one of a session that began with the same access key.
// Two sessions of one role are two people's, whatever they call themselves.
func (d *Denial) Of(c *authn.Caller) bool {
	w := &d.Who
	if c.Kind == authn.Anonymous || w.Kind != c.Kind || w.Account != c.Account || w.PrincipalID != c.PrincipalID {
		return false
	}
	switch c.Kind {
	case authn.Root, authn.User:
		return true
	case authn.RoleSession:
		return w.Origin != "" && w.Origin == origin(c)
	case authn.FederatedUser:
		return w.UserID == c.UserID
	case authn.Anonymous, authn.Federated, authn.Service:
	}
	return false
}

// Caller returns the caller again. It has no access key: nobody signs as it.
func (d *Denial) Caller() *authn.Caller {
	w := &d.Who
	c := &authn.Caller{
		Kind: w.Kind, Account: w.Account, ARN: w.Principal.ARN, PrincipalARN: w.Principal.ARN, PrincipalID: w.PrincipalID,
		UserID: w.UserID, UserName: w.UserName, RoleName: w.RoleName, Provider: w.Principal.Provider,
	}
	if w.Kind == authn.Service && len(w.Principal.Services) == 1 {
		c.Service = w.Principal.Services[0]
	}
	if w.Principal.Issuer != "" && w.Kind == authn.RoleSession {
		c.PrincipalARN = w.Principal.Issuer
	}
	if w.Temporary {
		c.Session = &session.Session{Kind: w.Session, Account: w.Account, PrincipalID: w.PrincipalID, Policy: w.SessionPolicy, Policies: w.SessionPolicies}
	}
	return c
}

// Request returns the request again, as policies see it.
func (d *Denial) Request() *policy.Request {
	ctx := new(policy.Context)
	for _, k := range d.Keys {
		if k.Multi {
			ctx.SetMulti(k.Name, k.Values)
		} else if len(k.Values) == 1 {
			ctx.Set(k.Name, k.Values[0])
		}
	}
	principal := d.Who.Principal
	return &policy.Request{
		Principal: &principal, Action: d.Action, Resource: d.Resource, ResourceAccount: string(d.Owner), Wildcard: d.Wildcard, Context: ctx,
	}
}
