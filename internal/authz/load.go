package authz

import (
	"errors"
	"fmt"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// A principalSet is a user's or role's own side of a decision, compiled.
type principalSet struct {
	identity    []*policy.Policy
	boundary    *policy.Policy
	hasBoundary bool
	tags        []identity.Tag
	// contextTags are the tags as condition keys.
	contextTags   []identity.Tag
	arn           string // of the user or role
	serviceLinked bool
}

// An accountSet is what an account's place in its organization means.
type accountSet struct {
	id           identity.AccountID
	organization string
	paths        []string // the one path, as aws:PrincipalOrgPaths has it
	scp, rcp     [][]*policy.Policy
	// closed denies everything on the resources of an account that was closed,
	// whoever asks; nil while it is open (TH-42).
	closed *policy.Policy
}

// A sessionSet is what a session's own policies and tags come to.
type sessionSet struct {
	policies []*policy.Policy
	tags     []identity.Tag // role's and session's, as condition keys
}

// reload is the one way into a cache: what is kept and still true, or what
// load makes of the records. In an Update nothing is loaded: a principal may
// have more policies than a transaction may read (TH-27).
func reload[K comparable, V any](tx *store.Tx, cache *store.Cache[K, V], k K, load func() (V, []store.Stamp, error)) (V, error) {
	v, ok, err := cache.Get(tx, k)
	if err != nil || ok {
		return v, err
	}
	if tx.Writable() {
		return v, ErrCold
	}
	v, stamps, err := load()
	if err == nil {
		cache.Put(k, v, stamps)
	}
	return v, err
}

// principal returns the compiled policies of the caller's user or role.
func (a *Authorizer) principal(tx *store.Tx, c *authn.Caller) (*principalSet, error) {
	return reload(tx, a.principals, c.PrincipalID, func() (*principalSet, []store.Stamp, error) {
		stamp, err := tx.Stamp(store.AccountScope(c.Account))
		if err != nil {
			return nil, nil, err
		}
		set, err := loadPrincipal(tx, c)
		return set, []store.Stamp{stamp}, err
	})
}

func loadPrincipal(tx *store.Tx, c *authn.Caller) (*principalSet, error) {
	if c.Kind == authn.RoleSession {
		r, err := tx.RoleByID(c.PrincipalID)
		if err != nil {
			return nil, fmt.Errorf("policies of %s: %w", c.PrincipalARN, err)
		}
		set := &principalSet{tags: r.Tags, arn: r.ARN().String(), serviceLinked: strings.HasPrefix(r.Path, "/aws-service-role/")}
		if err := set.add(tx, c.Account, set.arn, &r.Permissions); err != nil {
			return nil, err
		}
		return set, set.bound(tx, c.Account, r.Boundary)
	}
	u, err := tx.UserByID(c.PrincipalID)
	if err != nil {
		return nil, fmt.Errorf("policies of %s: %w", c.PrincipalARN, err)
	}
	set := &principalSet{tags: u.Tags, contextTags: contextTags(u.Tags, nil), arn: u.ARN().String()}
	if err := set.add(tx, c.Account, set.arn, &u.Permissions); err != nil {
		return nil, err
	}
	for _, id := range u.Groups {
		g, err := tx.GroupByID(id)
		if err != nil {
			return nil, fmt.Errorf("group %s of %s: %w", id, c.PrincipalARN, err)
		}
		if err := set.add(tx, c.Account, g.ARN().String(), &g.Permissions); err != nil {
			return nil, err
		}
	}
	return set, set.bound(tx, c.Account, u.Boundary)
}

func (set *principalSet) add(tx *store.Tx, account identity.AccountID, owner string, p *identity.Permissions) error {
	for _, d := range p.Inline {
		set.identity = append(set.identity, compile(d.Text, policy.Source{Name: d.Name, ARN: owner, Type: policy.Identity}, nil))
	}
	for _, attached := range p.Attached {
		compiled, err := managed(tx, account, attached, policy.Identity)
		if err != nil {
			return err
		}
		set.identity = append(set.identity, compiled)
	}
	return nil
}

func (set *principalSet) bound(tx *store.Tx, account identity.AccountID, boundary string) (err error) {
	if boundary == "" {
		return nil
	}
	set.hasBoundary = true
	set.boundary, err = managed(tx, account, boundary, policy.Boundary)
	if errors.Is(err, store.ErrNotFound) {
		return nil // a boundary that is gone allows nothing (TH-38)
	}
	return err
}

// compile compiles a stored document. One that cannot be read is kept as a
// policy that denies everything: nothing is let through by damage.
func compile(text string, source policy.Source, bindings map[string]string) *policy.Policy {
	doc, err := policy.Parse(text)
	if err != nil {
		doc = nil
	}
	return policy.Compile(doc, source, bindings)
}

// managed returns the default version of a managed policy, compiled. Its error
// wraps store.ErrNotFound when there is no such policy that the account sees.
func managed(tx *store.Tx, account identity.AccountID, policyARN string, kind policy.Kind) (*policy.Policy, error) {
	text, name, err := ManagedText(tx, account, policyARN)
	if err != nil {
		return nil, err
	}
	return compile(text, policy.Source{Name: name, ARN: policyARN, Type: kind}, nil), nil
}

// ManagedText returns the default version's text, and the name, of a managed
// policy that the account sees: its own, or one of AWS's.
func ManagedText(tx *store.Tx, account identity.AccountID, policyARN string) (text, name string, err error) {
	missing := fmt.Errorf("managed policy %s: %w", policyARN, store.ErrNotFound)
	a, err := arn.Parse(policyARN)
	if err != nil || a.Service != "iam" || a.Partition != identity.Partition {
		return "", "", missing
	}
	if a.Account == string(identity.AWSAccount) {
		p, ok := catalog.LookupManagedPolicy(policyARN)
		if !ok || p.ARN() != policyARN {
			return "", "", missing
		}
		return p.Document(), p.Name, nil
	}
	if a.Account != string(account) {
		return "", "", missing
	}
	p, err := tx.Policy(account, identity.PolicyName(a.Resource[strings.LastIndexByte(a.Resource, '/')+1:]))
	if err != nil {
		return "", "", fmt.Errorf("managed policy %s: %w", policyARN, err)
	}
	if p.ARN().String() != policyARN {
		return "", "", missing
	}
	v, ok := p.Version(p.Default)
	if !ok {
		return "", "", missing
	}
	return v.Text, string(p.Name), nil
}

// account returns what the account's place in its organization means.
func (a *Authorizer) account(tx *store.Tx, id identity.AccountID) (*accountSet, error) {
	return reload(tx, a.accounts, id, func() (*accountSet, []store.Stamp, error) {
		stamp, err := tx.Stamp(store.AccountScope(id))
		if err != nil {
			return nil, nil, err
		}
		stamps := []store.Stamp{stamp}
		account, err := tx.Account(id)
		if err != nil {
			return nil, nil, fmt.Errorf("account %s: %w", id, err)
		}
		set := &accountSet{id: id, organization: account.Organization}
		if account.Status != identity.AccountActive {
			set.closed = compile(rcpNoAccess, policy.Source{Name: "account " + string(id) + " is closed", Type: policy.RCP}, nil)
		}
		if account.Organization == "" {
			return set, stamps, nil
		}
		stamp, err = tx.Stamp(store.OrganizationScope(account.Organization))
		if err != nil {
			return nil, nil, err
		}
		return set, append(stamps, stamp), set.load(tx, account)
	})
}

// owner is account for who owns a resource. An account that there is not owns
// nothing and is in no organization: whoever names it in an ARN is refused as
// for any other account, and is told no more. It is not cached, for the names
// are anybody's to make up (TH-30).
func (a *Authorizer) owner(tx *store.Tx, id identity.AccountID) (*accountSet, error) {
	set, err := a.account(tx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, ErrCold) {
		if _, missing := tx.Account(id); errors.Is(missing, store.ErrNotFound) {
			return &accountSet{id: id}, nil
		}
	}
	return set, err
}

func (set *accountSet) load(tx *store.Tx, account *identity.Account) error {
	o, err := tx.Organization(account.Organization)
	if err != nil {
		return fmt.Errorf("organization of %s: %w", account.ID, err)
	}
	path, err := tx.Path(o, account)
	if err != nil {
		return fmt.Errorf("place of %s: %w", account.ID, err)
	}
	set.paths = []string{o.ID + "/" + strings.Join(path[:len(path)-1], "/") + "/"}
	if account.ID == o.Management {
		return nil // no SCP and no RCP limits the management account (EV-10, EV-20)
	}
	if set.scp, err = levels(tx, o, path, identity.SCP); err != nil {
		return err
	}
	set.rcp, err = levels(tx, o, path, identity.RCP)
	return err
}

// fullAccess is what FullAWSAccess and RCPFullAWSAccess say. The form for
// resources has the principal that its kind wants, and its opposite stands in
// for all others of an account that was closed.
const (
	fullAccess    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	rcpFullAccess = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`
	rcpNoAccess   = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}`
)

// FullAccess returns the text of the policy that AWS attaches to every target.
func FullAccess(t identity.PolicyType) string {
	if t == identity.RCP {
		return rcpFullAccess
	}
	return fullAccess
}

// levels compiles the policies of a type on each level of the path; nil when
// the type does not count.
func levels(tx *store.Tx, o *identity.Organization, path []string, t identity.PolicyType) ([][]*policy.Policy, error) {
	if !o.TypeEnabled(t) {
		return nil, nil
	}
	kind := policy.SCP
	if t == identity.RCP {
		kind = policy.RCP
	}
	out := make([][]*policy.Policy, len(path))
	for i, target := range path {
		ids, err := tx.TargetPolicies(o, target, t)
		if err != nil {
			return nil, err
		}
		out[i] = make([]*policy.Policy, 0, len(ids))
		for _, id := range ids {
			source := policy.Source{Name: id, ARN: o.PolicyARN(t, id).String(), Type: kind}
			text := FullAccess(t)
			if id != identity.FullAWSAccess && id != identity.RCPFullAWSAccess {
				p, err := tx.OrganizationPolicy(o.ID, id)
				if err != nil {
					return nil, fmt.Errorf("policy %s of %s: %w", id, target, err)
				}
				text, source.Name = p.Text, p.Name
			}
			out[i] = append(out[i], compile(text, source, nil))
		}
	}
	return out, nil
}

// session returns what a session's own policies and tags come to. That of a
// caller who did not sign with an access key is not kept: it would be taken for
// another one's.
func (a *Authorizer) session(tx *store.Tx, c *authn.Caller) (*sessionSet, error) {
	load := func() (*sessionSet, []store.Stamp, error) { return a.loadSession(tx, c) }
	if c.AccessKeyID == "" {
		set, _, err := load()
		return set, err
	}
	return reload(tx, a.sessions, keyOf(c), load)
}

// A sessionKey is what a session is kept under. Ids are drawn from few enough
// that two sessions may come to share one; their nonces differ all the same,
// and nobody but who mints chooses either (TH-43).
type sessionKey struct {
	id    identity.AccessKeyID
	nonce [16]byte
}

func keyOf(c *authn.Caller) sessionKey {
	k := sessionKey{id: c.AccessKeyID}
	copy(k.nonce[:], c.Session.Nonce)
	return k
}

func (a *Authorizer) loadSession(tx *store.Tx, c *authn.Caller) (*sessionSet, []store.Stamp, error) {
	stamp, err := tx.Stamp(store.AccountScope(c.Account))
	if err != nil {
		return nil, nil, err
	}
	s := c.Session
	set := new(sessionSet)
	source := policy.Source{Name: "session policy", ARN: c.ARN, Type: policy.Session}
	if s.Policy != "" {
		set.policies = append(set.policies, compile(s.Policy, source, nil))
	}
	for _, ref := range s.Policies {
		p, err := managed(tx, c.Account, ref, policy.Session)
		if errors.Is(err, store.ErrNotFound) {
			continue // gone since: an empty set (ST-31, TH-38)
		} else if err != nil {
			return nil, nil, err
		}
		set.policies = append(set.policies, p)
		if s.Kind == session.AssumedRoot {
			set.policies = append(set.policies, a.root) // the policy of a task only denies
		}
	}
	var own []identity.Tag
	if c.PrincipalID != "" {
		principal, err := a.principal(tx, c)
		if err != nil {
			return nil, nil, err
		}
		own = principal.tags
	}
	set.tags = contextTags(own, s.Tags)
	return set, []store.Stamp{stamp}, nil
}

// contextTags returns the principal's tags as condition keys; a session's tag
// takes the place of the principal's own, whatever its case (ST-40).
func contextTags(own, session []identity.Tag) []identity.Tag {
	merged := identity.SetTags(own, session)
	keys := make([]identity.Tag, len(merged))
	for i, t := range merged {
		keys[i] = identity.Tag{Key: "aws:PrincipalTag/" + t.Key, Value: t.Value}
	}
	return keys
}

// tags returns the caller's tags as condition keys.
func (a *Authorizer) tags(tx *store.Tx, c *authn.Caller) ([]identity.Tag, error) {
	if c.Session != nil {
		set, err := a.session(tx, c)
		if err != nil {
			return nil, err
		}
		return set.tags, nil
	}
	if c.Kind != authn.User {
		return nil, nil
	}
	set, err := a.principal(tx, c)
	if err != nil {
		return nil, err
	}
	return set.contextTags, nil
}

// resource returns the compiled policy of a resource that owner owns.
func (a *Authorizer) resource(tx *store.Tx, p *ResourcePolicy, owner identity.AccountID) (*policy.Policy, error) {
	compiled, ok, err := a.resources.Get(tx, p.ID)
	if err != nil || ok {
		return compiled, err
	}
	stamp, err := tx.Stamp(store.AccountScope(owner))
	if err != nil {
		return nil, err
	}
	compiled = compile(p.Document.Text, p.Source, p.Document.Bindings)
	if !tx.Writable() { // inside an Update the document may be one that never commits
		a.resources.Put(p.ID, compiled, []store.Stamp{stamp})
	}
	return compiled, nil
}
