package authz

import (
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// Evidence is what a decision was made from: every policy and every fact, as
// they were then. It is shared and never changes.
type Evidence struct {
	Layers  *policy.Layers
	Request *policy.Request
}

// evidence keeps what was gathered. An allowed need never gets here, and pays
// nothing.
func (g *gathered) evidence() *Evidence {
	request := g.request
	return &Evidence{Layers: g.layers, Request: &request}
}

// Gather returns what a decision on a need would be made from.
//
// A caller without an access key is one that nobody signed as: what such a
// caller's session says is used, and kept nowhere.
func (a *Authorizer) Gather(tx *store.Tx, c *authn.Caller, r *Request, n *Need) (*Evidence, error) {
	g, err := a.gather(tx, c, r, n)
	if err != nil {
		return nil, err
	}
	return g.evidence(), nil
}

// Policies returns the policies that bear on a need as they are now. Where the
// caller's user or role is gone, the error wraps [store.ErrNotFound].
func (a *Authorizer) Policies(tx *store.Tx, c *authn.Caller, n *Need) (*policy.Layers, error) {
	callers, owners, err := a.sides(tx, c, n)
	if err != nil {
		return nil, err
	}
	l, _, err := a.layers(tx, c, n, callers, owners)
	return l, err
}

// OthersPolicies is Policies without those of the caller's own side: what the
// organizations and the resource have. Nothing of the user or role is read.
func (a *Authorizer) OthersPolicies(tx *store.Tx, c *authn.Caller, n *Need) (*policy.Layers, error) {
	stranger := authn.Caller{Kind: c.Kind, Account: c.Account}
	if c.Signs() {
		stranger.Kind = authn.Root // who has no policies of its own
	}
	return a.Policies(tx, &stranger, n)
}

// Stranger returns what a decision on a need of somebody would be made from of
// whom no more is known than the ARN and what r and n say: the policies are
// those of OthersPolicies, and no key tells of the principal but its ARN and
// account.
func (a *Authorizer) Stranger(tx *store.Tx, p *policy.Principal, c *authn.Caller, r *Request, n *Need) (*Evidence, error) {
	l, err := a.OthersPolicies(tx, c, n)
	if err != nil {
		return nil, err
	}
	_, owners, err := a.sides(tx, c, n)
	if err != nil {
		return nil, err
	}
	ctx := new(policy.Context)
	requestKeys(ctx, r)
	ctx.Set("aws:PrincipalAccount", string(c.Account))
	ctx.Set("aws:PrincipalArn", c.PrincipalARN)
	ctx.Set("aws:PrincipalType", principalType(c.Kind))
	resourceKeys(ctx, owners)
	setKeys(ctx, n.Keys)
	return &Evidence{l, &policy.Request{
		Principal: p, Action: n.Action, Resource: n.Resource, ResourceAccount: string(owners.id), Wildcard: wildcard(n.Action), Context: ctx,
	}}, nil
}

// BucketPolicy returns the bucket's policy as decisions want it, nil when it has
// none. A policy is restricted when it is public, or cannot be shown not to be
// (S3-65).
func BucketPolicy(b *identity.Bucket) *ResourcePolicy {
	if b.Policy == nil {
		return nil
	}
	p := &ResourcePolicy{
		ID: "bucket " + b.ID, Document: *b.Policy,
		Source: policy.Source{Name: "bucket policy", ARN: b.ARN().String(), Type: policy.Bucket},
	}
	if b.PublicAccess != nil && b.PublicAccess.RestrictPublicBuckets {
		doc, err := policy.Parse(b.Policy.Text)
		p.RestrictPublic = err != nil || policy.Public(doc)
	}
	return p
}

// TrustPolicy returns the role's trust policy as decisions want it.
func TrustPolicy(r *identity.Role) *ResourcePolicy {
	return &ResourcePolicy{
		ID: r.ID, Document: r.Trust, Source: policy.Source{Name: "trust policy", ARN: r.ARN().String(), Type: policy.Trust},
	}
}

// OrganizationPolicy returns the organization's resource policy as decisions
// want it. The management account owns what it is about.
func OrganizationPolicy(o *identity.Organization, p *identity.OrganizationResourcePolicy) *ResourcePolicy {
	return &ResourcePolicy{
		ID: "organization " + o.ID, Document: p.Policy,
		Source: policy.Source{Name: "resource policy", ARN: o.ResourcePolicyARN(p.ID).String(), Type: policy.Resource},
	}
}

// PrincipalID returns the unique id of the user or role with that very ARN. The
// error wraps [store.ErrNotFound] when there is none.
func PrincipalID(tx *store.Tx, name string) (string, error) { return principalID(tx, name) }
