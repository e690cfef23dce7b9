package store

import (
	"errors"
	"slices"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
)

func organizationKey(id string) key { return join("organizations", id) }

func inOrganization(id string, parts ...string) key {
	return join(append([]string{"organization", id}, parts...)...)
}

func underOrganization(id string, parts ...string) prefix {
	return under(append([]string{"organization", id}, parts...)...)
}

// Organization returns the organization with that id.
func (tx *Tx) Organization(id string) (*identity.Organization, error) {
	return get[identity.Organization](tx, organizationKey(id))
}

// PutOrganization writes an organization, new or changed.
func (tx *Tx) PutOrganization(o *identity.Organization) error {
	if err := tx.bump(OrganizationScope(o.ID)); err != nil {
		return err
	}
	return put(tx, organizationKey(o.ID), o)
}

// Join puts an account into an organization, under its root or one of its
// units, in place of where it was before.
func (tx *Tx) Join(a *identity.Account, organization, parent string) error {
	if err := tx.bump(OrganizationScope(organization)); err != nil {
		return err
	}
	if err := tx.leave(a); err != nil {
		return err
	}
	a.Organization, a.Parent = organization, parent
	ref := &accountRef{a.ID}
	if a.JoinedMethod == identity.JoinedInvited {
		if err := put(tx, inOrganization(organization, "invited", string(a.ID)), ref); err != nil {
			return err
		}
	}
	if err := put(tx, inOrganization(organization, "member", string(a.ID)), ref); err != nil {
		return err
	}
	if err := put(tx, inOrganization(organization, "child", parent, string(a.ID)), ref); err != nil {
		return err
	}
	return tx.PutAccount(a)
}

// leave takes an account out of the indexes of the organization it is in.
func (tx *Tx) leave(a *identity.Account) error {
	if a.Organization == "" {
		return nil
	}
	if err := tx.bump(OrganizationScope(a.Organization)); err != nil {
		return err
	}
	for _, index := range []string{"member", "invited"} {
		if err := tx.remove(inOrganization(a.Organization, index, string(a.ID))); err != nil {
			return err
		}
	}
	return tx.remove(inOrganization(a.Organization, "child", a.Parent, string(a.ID)))
}

// Leave takes an account out of its organization o, and off it what hung on it
// there: its policies and the tags that it had as a member (OR-6).
func (tx *Tx) Leave(o *identity.Organization, a *identity.Account) error {
	if err := tx.dropTarget(o, string(a.ID)); err != nil {
		return err
	}
	if err := tx.leave(a); err != nil {
		return err
	}
	a.Organization, a.Parent, a.JoinedMethod, a.Joined, a.Tags = "", "", "", time.Time{}, nil
	return tx.PutAccount(a)
}

// MemberAccounts lists the accounts of an organization by id.
func (tx *Tx) MemberAccounts(organization, after string, limit int) ([]*identity.Account, string, error) {
	return tx.accounts(underOrganization(organization, "member"), after, limit)
}

// ChildAccounts lists the accounts directly under a root or unit by id.
func (tx *Tx) ChildAccounts(organization, parent, after string, limit int) ([]*identity.Account, string, error) {
	return tx.accounts(underOrganization(organization, "child", parent), after, limit)
}

// accounts lists the accounts that an index leads to.
func (tx *Tx) accounts(index prefix, after string, limit int) ([]*identity.Account, string, error) {
	refs, next, err := list(tx, index, Page[accountRef]{After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	accounts := make([]*identity.Account, 0, len(refs))
	for _, ref := range refs {
		a, err := tx.Account(ref.Account)
		if err != nil {
			return nil, "", err
		}
		accounts = append(accounts, a)
	}
	return accounts, next, nil
}

var errUnitDepth = errors.New("store: organizational units nest too deep")

// Path returns the ids from the organization's root down to the account.
func (tx *Tx) Path(o *identity.Organization, a *identity.Account) ([]string, error) {
	path, err := tx.UnitPath(o, a.Parent)
	if err != nil {
		return nil, err
	}
	return append(path, string(a.ID)), nil
}

// OrganizationPolicy returns a customer's policy.
func (tx *Tx) OrganizationPolicy(organization, id string) (*identity.OrganizationPolicy, error) {
	return get[identity.OrganizationPolicy](tx, inOrganization(organization, "policy", id))
}

// A nameRef is the value of the index from a policy's name to its id.
type nameRef struct {
	ID string `json:"id"`
}

func policyNameKey(organization string, t identity.PolicyType, name string) key {
	return inOrganization(organization, "policy-name", string(t), arn.Fold(name))
}

// CreateOrganizationPolicy adds a policy. It fails with ErrExists when another
// policy of its type has the name, and with a LimitError when the organization
// has limit policies of the type already.
func (tx *Tx) CreateOrganizationPolicy(organization string, p *identity.OrganizationPolicy, limit int) error {
	if err := tx.PutOrganizationPolicy(organization, p, ""); err != nil {
		return err
	}
	return tx.countPolicies(organization, p.Type, 1, limit)
}

// countPolicies changes how many policies of a type the organization has; one
// more than limit fails with a LimitError. Policies from before they were
// counted do not take the number below none.
func (tx *Tx) countPolicies(organization string, t identity.PolicyType, delta, limit int) error {
	return tx.countInOrganization(organization, func(c *organizationCounters) error {
		if c.Policies == nil {
			c.Policies = map[identity.PolicyType]int{}
		}
		c.Policies[t] = max(c.Policies[t]+delta, 0)
		if delta > 0 && c.Policies[t] > limit {
			return &LimitError{"PoliciesOfType", limit}
		}
		return nil
	})
}

// PutOrganizationPolicy writes a policy, new or changed; was is the name it
// had, "" for a new one. It fails with ErrExists when another policy of its
// type has the name.
func (tx *Tx) PutOrganizationPolicy(organization string, p *identity.OrganizationPolicy, was string) error {
	if err := tx.bump(OrganizationScope(organization)); err != nil {
		return err
	}
	if was != p.Name {
		ref, err := get[nameRef](tx, policyNameKey(organization, p.Type, p.Name))
		switch {
		case err == nil && ref.ID != p.ID:
			return ErrExists
		case err != nil && !missing(err):
			return err
		}
		if was != "" {
			if err := tx.remove(policyNameKey(organization, p.Type, was)); err != nil {
				return err
			}
		}
		if err := put(tx, policyNameKey(organization, p.Type, p.Name), &nameRef{p.ID}); err != nil {
			return err
		}
	}
	return put(tx, inOrganization(organization, "policy", p.ID), p)
}

// DeleteOrganizationPolicy removes a policy that is attached to nothing.
func (tx *Tx) DeleteOrganizationPolicy(organization string, p *identity.OrganizationPolicy) error {
	if err := tx.bump(OrganizationScope(organization)); err != nil {
		return err
	}
	if err := tx.remove(policyNameKey(organization, p.Type, p.Name)); err != nil {
		return err
	}
	if err := tx.countPolicies(organization, p.Type, -1, 0); err != nil {
		return err
	}
	return tx.remove(inOrganization(organization, "policy", p.ID))
}

// OrganizationPolicies lists the customer's policies of a type by name.
func (tx *Tx) OrganizationPolicies(organization string, t identity.PolicyType, after string, limit int) ([]*identity.OrganizationPolicy, string, error) {
	refs, next, err := list(tx, underOrganization(organization, "policy-name", string(t)), Page[nameRef]{After: after, Limit: limit})
	if err != nil {
		return nil, "", err
	}
	policies := make([]*identity.OrganizationPolicy, len(refs))
	for i, ref := range refs {
		if policies[i], err = tx.OrganizationPolicy(organization, ref.ID); err != nil {
			return nil, "", err
		}
	}
	return policies, next, nil
}

// defaultPolicies are the policies that AWS attaches to every target of a type.
func defaultPolicies(t identity.PolicyType) []string {
	switch t {
	case identity.SCP:
		return []string{identity.FullAWSAccess}
	case identity.RCP:
		return []string{identity.RCPFullAWSAccess}
	}
	return nil
}

func attachmentsKey(organization, target string, t identity.PolicyType) key {
	return inOrganization(organization, "target", target, string(t))
}

// TargetPolicies returns the ids of the policies of type t that hang on a
// root, unit or account, in the order they were attached. A type that is not
// enabled has none.
func (tx *Tx) TargetPolicies(o *identity.Organization, target string, t identity.PolicyType) ([]string, error) {
	at, err := tx.TargetAttachments(o, target, t)
	if err != nil {
		return nil, err
	}
	return at.Policies, nil
}

// TargetAttachments is TargetPolicies with when they last changed, if ever.
func (tx *Tx) TargetAttachments(o *identity.Organization, target string, t identity.PolicyType) (*identity.Attachments, error) {
	if !o.TypeEnabled(t) {
		return new(identity.Attachments), nil
	}
	at, err := get[identity.Attachments](tx, attachmentsKey(o.ID, target, t))
	switch {
	case missing(err), err == nil && at.Epoch != o.Epochs[t]:
		return &identity.Attachments{Epoch: o.Epochs[t], Policies: defaultPolicies(t)}, nil
	case err != nil:
		return nil, err
	}
	return at, nil
}

// SetTargetPolicies replaces the policies of type t that hang on a target, as
// of now, and keeps the index from policies to targets.
func (tx *Tx) SetTargetPolicies(o *identity.Organization, target string, t identity.PolicyType, ids []string, now time.Time) error {
	was, err := tx.TargetPolicies(o, target, t)
	if err != nil {
		return err
	}
	gone := was
	// What hung there before the type was disabled is entered still.
	if at, err := get[identity.Attachments](tx, attachmentsKey(o.ID, target, t)); err == nil && at.Epoch != o.Epochs[t] {
		gone = slices.Concat(was, at.Policies)
	} else if err != nil && !missing(err) {
		return err
	}
	if err := tx.bump(OrganizationScope(o.ID)); err != nil {
		return err
	}
	for _, id := range gone {
		if !contains(ids, id) {
			if err := tx.remove(targetKey(o, id, target)); err != nil {
				return err
			}
		}
	}
	for _, id := range ids {
		if !contains(was, id) {
			if err := put(tx, targetKey(o, id, target), &targetRef{target, o.Epochs[t]}); err != nil {
				return err
			}
		}
	}
	return put(tx, attachmentsKey(o.ID, target, t), &identity.Attachments{Epoch: o.Epochs[t], Policies: ids, Changed: now})
}

// A targetRef is the value of the index from a policy to where it hangs.
type targetRef struct {
	Target string `json:"target"`
	Epoch  int    `json:"epoch"`
}

func targetKey(o *identity.Organization, policy, target string) key {
	return inOrganization(o.ID, "attached", policy, target)
}

// PolicyTargets lists the ids of the targets that a customer's policy hangs on.
func (tx *Tx) PolicyTargets(o *identity.Organization, p *identity.OrganizationPolicy, after string, limit int) ([]string, string, error) {
	epoch := o.Epochs[p.Type]
	if !o.TypeEnabled(p.Type) {
		return nil, "", nil
	}
	ids, next := []string{}, after
	for { // what is asked may be whether there is any: a short page is no answer
		refs, more, err := list(tx, underOrganization(o.ID, "attached", p.ID), Page[targetRef]{
			After: next, Limit: max(limit-len(ids), 0), Keep: func(r *targetRef) bool { return r.Epoch == epoch },
		})
		if err != nil {
			return nil, "", err
		}
		for _, r := range refs {
			ids = append(ids, r.Target)
		}
		if next = more; next == "" || len(ids) == limit {
			return ids, next, nil
		}
	}
}

// AccountRequest returns a CreateAccount call of the organization.
func (tx *Tx) AccountRequest(organization, id string) (*identity.AccountRequest, error) {
	return get[identity.AccountRequest](tx, inOrganization(organization, "request", id))
}

// PutAccountRequest enters a CreateAccount call and its outcome.
func (tx *Tx) PutAccountRequest(organization string, r *identity.AccountRequest) error {
	return put(tx, inOrganization(organization, "request", r.ID), r)
}

// AccountRequests lists the CreateAccount calls of the organization by id.
func (tx *Tx) AccountRequests(organization string, page Page[identity.AccountRequest]) ([]*identity.AccountRequest, string, error) {
	return list(tx, underOrganization(organization, "request"), page)
}
