// Package authz decides whether a caller may do what a request asks. It
// gathers every layer of policies that bears on the caller and the resource,
// fills in the condition keys, and leaves the decision to package policy.
//
// What it compiles it keeps, stamped with the guards of the accounts and
// organizations it came from, and compares the guards in the transaction that
// the decision is for: a decision from stale policies is never used (TH-26).
package authz

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// A Request is what decisions depend on besides the caller and the need.
type Request struct {
	Now       time.Time
	SourceIP  netip.Addr // unmapped
	Secure    bool       // came over TLS
	TLS       string     // "1.2" or "1.3"; "" without TLS
	UserAgent string
	Referer   string
	Region    string // aws:RequestedRegion (WI-51)

	// SourceAccount and SourceARN are for whom and for what a service calls
	// (EV-36); "" when it does not say, and for all other callers.
	SourceAccount identity.AccountID
	SourceARN     string
}

// A Key is a condition key that one need has besides those of every request.
type Key struct {
	Name   string
	Values []string
	Multi  bool // the key is multivalued, whatever the number of values (PL-73)
}

// One returns a single-valued Key.
func One(name, value string) Key { return Key{Name: name, Values: []string{value}} }

// Many returns a multivalued Key.
func Many(name string, values ...string) Key { return Key{Name: name, Values: values, Multi: true} }

// TagKeys returns the keys that a target's tags are seen under.
func TagKeys(tags []identity.Tag, prefixes ...string) []Key {
	keys := make([]Key, 0, len(tags)*len(prefixes))
	for _, t := range tags {
		for _, p := range prefixes {
			keys = append(keys, One(p+t.Key, t.Value))
		}
	}
	return keys
}

// RequestTags returns the keys of the tags that a request passes
// (aws:RequestTag and aws:TagKeys); none when it passes none.
func RequestTags(tags []identity.Tag) []Key {
	if len(tags) == 0 {
		return nil
	}
	names := make([]string, len(tags))
	for i, t := range tags {
		names[i] = t.Key
	}
	return append(TagKeys(tags, "aws:RequestTag/"), Many("aws:TagKeys", names...))
}

// A ResourcePolicy is the policy of the resource that a need is about.
type ResourcePolicy struct {
	ID       string // what its compiled form is kept under: the role's or bucket's unique id
	Source   policy.Source
	Document identity.ResourcePolicy
	// RestrictPublic says that Block Public Access restricts the bucket (S3-65).
	RestrictPublic bool
}

// A Need is one permission that a request requires.
type Need struct {
	Action   string
	Resource string             // ARN, or "*" for actions that know no resources
	Account  identity.AccountID // that owns the resource; "" is the caller's own
	Keys     []Key
	Policy   *ResourcePolicy // nil when the resource has none, or none that counts
	// Trust says that the resource is a role whose trust policy must allow.
	Trust bool
	// Granted says that a setting of the account gives its users the permission,
	// as if a policy of theirs did. Whatever else limits the caller still does.
	Granted bool
}

// A Decision is how one need fared.
type Decision struct {
	policy.Decision
	// Near says that caller and resource share an account or an organization,
	// so that the reason may be told (EV-72).
	Near bool
	// Same says that they share an account.
	Same bool
	// Evidence is what a refusal was made from, nil when the need was allowed.
	Evidence *Evidence
}

// ErrCold reports, inside Update, that policies have to be read first: the
// transaction is given up, they are read in a view, and it runs again.
var ErrCold = errors.New("authz: policies are not at hand in this transaction")

// A Decider decides one need from the policies that tx shows. An error means
// that no decision could be reached; the request must then fail.
type Decider interface {
	Decide(tx *store.Tx, c *authn.Caller, r *Request, n *Need) (Decision, error)
}

// An Authorizer is the Decider that Regent runs with. It is safe for
// concurrent use.
type Authorizer struct {
	principals *store.Cache[string, *principalSet]
	accounts   *store.Cache[identity.AccountID, *accountSet]
	sessions   *store.Cache[sessionKey, *sessionSet]
	resources  *store.Cache[string, *policy.Policy]
	contexts   sync.Pool
	granted    *policy.Policy // allows everything, where a need is Granted
	root       *policy.Policy // allows everything, where root's own permissions are asked for
}

// Sizes of the caches, in entries. A principal with a few managed policies
// takes some 20 KiB, so the whole is bounded to tens of megabytes.
const (
	principalCache = 2048
	accountCache   = 2048
	sessionCache   = 4096
	resourceCache  = 2048
)

// New returns an Authorizer.
func New() *Authorizer {
	return &Authorizer{
		principals: store.NewCache[string, *principalSet](principalCache),
		accounts:   store.NewCache[identity.AccountID, *accountSet](accountCache),
		sessions:   store.NewCache[sessionKey, *sessionSet](sessionCache),
		resources:  store.NewCache[string, *policy.Policy](resourceCache),
		contexts:   sync.Pool{New: func() any { return new(policy.Context) }},
		granted:    compile(fullAccess, policy.Source{Name: "account setting", Type: policy.Identity}, nil),
		root:       compile(fullAccess, policy.Source{Name: "root", Type: policy.Identity}, nil),
	}
}

// Forget drops what was made in a scope in which something changed.
func (a *Authorizer) Forget(scope store.Scope) {
	a.principals.Forget(scope)
	a.accounts.Forget(scope)
	a.sessions.Forget(scope)
	a.resources.Forget(scope)
}

// Clear drops everything.
func (a *Authorizer) Clear() {
	a.principals.Clear()
	a.accounts.Clear()
	a.sessions.Clear()
	a.resources.Clear()
}

// Decide implements Decider.
func (a *Authorizer) Decide(tx *store.Tx, c *authn.Caller, r *Request, n *Need) (Decision, error) {
	g, err := a.gather(tx, c, r, n)
	if err != nil {
		return Decision{}, err
	}
	d := Decision{Decision: g.layers.Decide(&g.request), Near: g.near, Same: g.same}
	if d.Allowed() {
		a.contexts.Put(g.request.Context)
		return d, nil
	}
	d.Evidence = g.evidence()
	return d, nil
}

// Explain returns the full account of the decision on a need.
func (a *Authorizer) Explain(tx *store.Tx, c *authn.Caller, r *Request, n *Need) (policy.Explanation, error) {
	g, err := a.gather(tx, c, r, n)
	if err != nil {
		return policy.Explanation{}, err
	}
	return g.layers.Explain(&g.request), nil
}

// gathered is all that bears on a need.
type gathered struct {
	layers     *policy.Layers
	request    policy.Request
	near, same bool
}

// gather gathers all that bears on the need. The context is one of a.contexts,
// and goes back there unless somebody keeps it.
func (a *Authorizer) gather(tx *store.Tx, c *authn.Caller, r *Request, n *Need) (gathered, error) {
	callers, owners, err := a.sides(tx, c, n)
	if err != nil {
		return gathered{}, err
	}
	layers, principal, err := a.layers(tx, c, n, callers, owners)
	if err != nil {
		return gathered{}, err
	}
	ctx := a.contexts.Get().(*policy.Context)
	ctx.Reset()
	requestKeys(ctx, r)
	if err := a.callerKeys(tx, ctx, c, r, callers); err != nil {
		return gathered{}, err
	}
	resourceKeys(ctx, owners)
	setKeys(ctx, n.Keys)
	same := callers != nil && owners.id == c.Account
	return gathered{
		layers: layers, same: same,
		near: same || callers != nil && callers.organization != "" && callers.organization == owners.organization,
		request: policy.Request{
			Principal: principal, Action: n.Action, Resource: n.Resource, ResourceAccount: string(owners.id),
			Wildcard: wildcard(n.Action), Context: ctx,
		},
	}, nil
}

// wildcard reports whether an action knows no resources (PL-53).
func wildcard(action string) bool { return !catalog.ActionHasResources(action) }

// setKeys sets the keys in ctx.
func setKeys(ctx *policy.Context, keys []Key) {
	for i := range keys {
		k := &keys[i]
		if k.Multi {
			ctx.SetMulti(k.Name, k.Values)
		} else if len(k.Values) == 1 {
			ctx.Set(k.Name, k.Values[0])
		}
	}
}

// sides returns what the caller's account is, nil for nobody in particular,
// and what the resource's is.
func (a *Authorizer) sides(tx *store.Tx, c *authn.Caller, n *Need) (callers, owners *accountSet, err error) {
	owner := n.Account
	if owner == "" {
		owner = c.Account
	}
	if c.Signs() { // the others are in nobody's organization (EV-10, EV-14, EV-36)
		if callers, err = a.account(tx, c.Account); err != nil {
			return nil, nil, err
		}
	}
	switch {
	case owner == "":
		return nil, nil, fmt.Errorf("authz: %s on %s: nobody owns the resource", n.Action, n.Resource)
	case callers != nil && owner == c.Account:
		return callers, callers, nil
	}
	owners, err = a.owner(tx, owner)
	return callers, owners, err
}

// layers gathers the policies that bear on a need.
func (a *Authorizer) layers(tx *store.Tx, c *authn.Caller, n *Need, callers, owners *accountSet) (*policy.Layers, *policy.Principal, error) {
	l := &policy.Layers{Trust: n.Trust}
	p := principalOf(c)
	linked, err := a.ownLayers(tx, c, n, l, p)
	if err != nil {
		return nil, nil, err
	}
	if callers != nil && !linked {
		l.SCP = callers.scp
	}
	if governedByRCP(n.Action) && !linked {
		l.RCP = owners.rcp
	}
	if owners.closed != nil {
		l.RCP = [][]*policy.Policy{{owners.closed}}
	}
	if n.Policy != nil {
		compiled, err := a.resource(tx, n.Policy, owners.id)
		if err != nil {
			return nil, nil, err
		}
		l.Resource, l.RestrictPublic = []*policy.Policy{compiled}, n.Policy.RestrictPublic
	}
	return l, p, nil
}

// ownLayers fills in the caller's own side: its identity policies, boundary and
// session policies. It reports whether the caller is a service-linked role,
// which neither SCPs nor RCPs limit (EV-10, EV-20).
func (a *Authorizer) ownLayers(tx *store.Tx, c *authn.Caller, n *Need, l *policy.Layers, p *policy.Principal) (linked bool, err error) {
	if c.Kind == authn.User || c.Kind == authn.RoleSession || c.Kind == authn.FederatedUser && c.PrincipalID != "" {
		set, err := a.principal(tx, c)
		if err != nil {
			return false, err
		}
		l.Identity, l.Boundary, l.HasBoundary = a.identity(set, c, n), set.boundary, set.hasBoundary
		linked = set.serviceLinked
		if c.Kind != authn.User {
			p.Issuer = set.arn
		}
	} else if c.Kind == authn.FederatedUser { // root issued it, who may do everything (EV-3)
		l.Identity = []*policy.Policy{a.root}
	}
	if c.Session != nil {
		set, err := a.session(tx, c)
		if err != nil {
			return false, err
		}
		l.Session, l.HasSession = set.policies, c.Session.HasPolicy() || c.Kind == authn.FederatedUser
		if c.Session.Kind == session.Delegated && c.Kind == authn.User {
			// What resources grant the lender is held to the session's policy too,
			// as it is for a federated user; what they deny the lender by name is denied
			// here as well.
			p.Kind, p.Issuer = policy.FederatedUser, c.PrincipalARN
		}
	}
	return linked, nil
}

// identity returns the identity policies that count for a need: the caller's,
// and what the account gives its users.
func (a *Authorizer) identity(set *principalSet, c *authn.Caller, n *Need) []*policy.Policy {
	if n.Granted && c.Kind == authn.User {
		return append(slices.Clip(set.identity), a.granted)
	}
	return set.identity
}

// governedByRCP reports whether resource control policies cover an action
// (EV-21): those of S3 and those of STS on roles; IAM's never.
func governedByRCP(action string) bool {
	service, _, _ := cut(action)
	switch service {
	case "s3", "sts", "kms", "sqs", "secretsmanager":
		return true
	}
	return false
}

func cut(action string) (service, name string, ok bool) {
	for i := range len(action) {
		if action[i] == ':' {
			return action[:i], action[i+1:], true
		}
	}
	return action, "", false
}

func principalOf(c *authn.Caller) *policy.Principal {
	p := &policy.Principal{Account: string(c.Account), ARN: c.ARN, ID: c.PrincipalID}
	switch c.Kind {
	case authn.Anonymous:
		p.Kind = policy.Anonymous
	case authn.Root:
		p.Kind = policy.Root
	case authn.User:
		p.Kind = policy.User
	case authn.RoleSession:
		p.Kind = policy.RoleSession
	case authn.FederatedUser:
		p.Kind = policy.FederatedUser
	case authn.Federated:
		p.Kind, p.Account, p.Provider = policy.Federated, "", c.Provider
	case authn.Service:
		p.Kind, p.Account, p.Services = policy.Service, "", []string{c.Service}
	}
	return p
}

// requestKeys fills in what every request has (EV-61).
func requestKeys(ctx *policy.Context, r *Request) {
	ctx.Set("aws:CurrentTime", r.Now.UTC().Format("2006-01-02T15:04:05Z"))
	ctx.Set("aws:EpochTime", strconv.FormatInt(r.Now.Unix(), 10))
	ctx.Set("aws:SecureTransport", strconv.FormatBool(r.Secure))
	ctx.Set("aws:ViaAWSService", "false")
	ctx.Set("aws:RequestedRegion", r.Region)
	if r.SourceIP.IsValid() {
		ctx.Set("aws:SourceIp", r.SourceIP.String())
	}
	if r.UserAgent != "" {
		ctx.Set("aws:UserAgent", r.UserAgent)
	}
	if r.Referer != "" {
		ctx.Set("aws:Referer", r.Referer)
	}
}

// callerKeys fills in what is known of the caller (EV-60, EV-61).
func (a *Authorizer) callerKeys(tx *store.Tx, ctx *policy.Context, c *authn.Caller, r *Request, in *accountSet) error {
	claimKeys(ctx, c.Claims)
	switch c.Kind {
	case authn.Anonymous, authn.Federated:
		ctx.Set("aws:PrincipalType", "Anonymous")
		ctx.Set("aws:PrincipalAccount", "anonymous")
		return nil
	case authn.Service:
		ctx.Set("aws:PrincipalIsAWSService", "true")
		ctx.Set("aws:PrincipalServiceName", c.Service)
		ctx.SetMulti("aws:PrincipalServiceNamesList", []string{c.Service})
		return a.sourceKeys(tx, ctx, r)
	case authn.Root, authn.User, authn.RoleSession, authn.FederatedUser:
	}
	ctx.Set("aws:PrincipalType", principalType(c.Kind))
	ctx.Set("aws:PrincipalAccount", string(c.Account))
	ctx.Set("aws:PrincipalArn", c.PrincipalARN)
	ctx.Set("aws:userid", c.UserID)
	ctx.Set("aws:PrincipalIsAWSService", "false")
	if c.Kind == authn.User {
		ctx.Set("aws:username", string(c.UserName))
	}
	if in.organization != "" {
		ctx.Set("aws:PrincipalOrgID", in.organization)
		ctx.SetMulti("aws:PrincipalOrgPaths", in.paths)
	}
	tags, err := a.tags(tx, c)
	if err != nil {
		return err
	}
	for i := range tags {
		ctx.Set(tags[i].Key, tags[i].Value)
	}
	if s := c.Session; s != nil {
		ctx.Set("aws:TokenIssueTime", s.Issued.UTC().Format("2006-01-02T15:04:05.000Z"))
		present := !s.MFA.IsZero() && c.Kind != authn.RoleSession // ST-51
		ctx.Set("aws:MultiFactorAuthPresent", strconv.FormatBool(present))
		if present {
			ctx.Set("aws:MultiFactorAuthAge", strconv.FormatInt(int64(r.Now.Sub(s.MFA)/time.Second), 10))
		}
		if s.SourceIdentity != "" {
			ctx.Set("aws:SourceIdentity", s.SourceIdentity)
		}
		if s.Kind == session.AssumedRoot {
			ctx.Set("aws:AssumedRoot", "true")
		}
		if s.Provider != "" {
			ctx.Set("aws:FederatedProvider", s.Provider)
		}
		claimKeys(ctx, s.Claims)
	}
	return nil
}

// sourceKeys fills in for whom and for what a service calls.
func (a *Authorizer) sourceKeys(tx *store.Tx, ctx *policy.Context, r *Request) error {
	if r.SourceARN != "" {
		ctx.Set("aws:SourceArn", r.SourceARN)
	}
	if r.SourceAccount == "" {
		return nil
	}
	ctx.Set("aws:SourceAccount", string(r.SourceAccount))
	source, err := a.owner(tx, r.SourceAccount)
	if err != nil {
		return err
	}
	if source.organization != "" {
		ctx.Set("aws:SourceOrgID", source.organization)
		ctx.SetMulti("aws:SourceOrgPaths", source.paths)
	}
	return nil
}

// claimKeys fills in what an identity provider said.
func claimKeys(ctx *policy.Context, claims []session.Claim) {
	for i := range claims {
		if c := &claims[i]; c.Multi {
			ctx.SetMulti(c.Key, c.Values)
		} else if len(c.Values) == 1 {
			ctx.Set(c.Key, c.Values[0])
		}
	}
}

func principalType(k authn.Kind) string {
	switch k {
	case authn.Root:
		return "Account"
	case authn.User:
		return "User"
	case authn.RoleSession:
		return "AssumedRole"
	case authn.FederatedUser:
		return "FederatedUser"
	case authn.Service:
		return "AWSService"
	case authn.Anonymous, authn.Federated:
	}
	return "Anonymous"
}

// resourceKeys fills in who owns the resource.
func resourceKeys(ctx *policy.Context, owners *accountSet) {
	ctx.Set("aws:ResourceAccount", string(owners.id))
	if owners.organization != "" {
		ctx.Set("aws:ResourceOrgID", owners.organization)
		ctx.SetMulti("aws:ResourceOrgPaths", owners.paths)
	}
}
