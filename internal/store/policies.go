package store

import (
	"strings"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
)

// Policy returns the customer's managed policy of that name.
func (tx *Tx) Policy(a identity.AccountID, n identity.PolicyName) (*identity.Policy, error) {
	return get[identity.Policy](tx, policyKey(a, n))
}

// Policies lists the customer's managed policies by name.
func (tx *Tx) Policies(a identity.AccountID, page Page[identity.Policy]) ([]*identity.Policy, string, error) {
	return list(tx, underAccount(a, kindPolicy), page)
}

// CreatePolicy adds a managed policy. It fails like CreateUser.
func (tx *Tx) CreatePolicy(p *identity.Policy) error {
	if err := tx.claim(policyKey(p.Account, p.Name), p.ID, Ref{KindPolicy, p.Account, string(p.Name)}); err != nil {
		return err
	}
	if err := tx.count(p.Account, func(c *Counters) *int { return &c.Policies }, 1, catalog.PoliciesPerAccount); err != nil {
		return err
	}
	return tx.PutPolicy(p)
}

// PutPolicy writes a managed policy that exists.
func (tx *Tx) PutPolicy(p *identity.Policy) error {
	if err := tx.bumpAccount(p.Account); err != nil {
		return err
	}
	return put(tx, policyKey(p.Account, p.Name), p)
}

// DeletePolicy removes a managed policy that is attached to nothing.
func (tx *Tx) DeletePolicy(p *identity.Policy) error {
	if err := tx.count(p.Account, func(c *Counters) *int { return &c.Policies }, -1, ""); err != nil {
		return err
	}
	return tx.forget(p.Account, policyKey(p.Account, p.Name), p.ID)
}

// An Attachment is one use of a managed policy by an entity of an account.
type Attachment struct {
	Kind     Kind   `json:"kind"`
	ID       string `json:"id"`                 // AIDA…, AGPA… or AROA…
	Boundary bool   `json:"boundary,omitempty"` // as a permissions boundary
}

type attached = Attachment

func attachmentKey(a identity.AccountID, policyARN string, at attached) key {
	use := "policy"
	if at.Boundary {
		use = "boundary"
	}
	return inAccount(a, kindAttachment, policyARN, string(at.Kind), use, at.ID)
}

// Uses are how often an account uses a managed policy.
type Uses struct {
	Permissions int `json:"permissions,omitempty"`
	Boundaries  int `json:"boundaries,omitempty"`
}

// Uses returns how often the account uses the managed policy of that ARN,
// which may be one of AWS's.
func (tx *Tx) Uses(a identity.AccountID, policyARN string) (Uses, error) {
	u, err := get[Uses](tx, inAccount(a, kindUse, policyARN))
	if missing(err) {
		return Uses{}, nil
	}
	if err != nil {
		return Uses{}, err
	}
	return *u, nil
}

// Used lists the ARNs behind after of the managed policies that the account
// uses, and how often, in an order that does not change, until yield returns
// false. The policies of the account come before those of AWS.
func (tx *Tx) Used(a identity.AccountID, after string, yield func(policyARN string, uses Uses) (more bool, err error)) error {
	var from key
	if after != "" {
		from = inAccount(a, kindUse, after)
	}
	return tx.scan(underAccount(a, kindUse), from, func(k key, raw []byte) (bool, error) {
		u, err := decode[Uses](string(k), raw)
		if err != nil {
			return false, err
		}
		return yield(k.last(), *u)
	})
}

// countAttachment enters (delta 1) or removes (delta -1) one use of a policy.
func (tx *Tx) countAttachment(a identity.AccountID, policyARN string, at attached, delta int) error {
	uses, err := tx.Uses(a, policyARN)
	if err != nil {
		return err
	}
	if at.Boundary {
		uses.Boundaries += delta
	} else {
		uses.Permissions += delta
	}
	if delta > 0 {
		err = put(tx, attachmentKey(a, policyARN, at), &at)
	} else {
		err = tx.remove(attachmentKey(a, policyARN, at))
	}
	if err != nil {
		return err
	}
	if uses == (Uses{}) {
		return tx.remove(inAccount(a, kindUse, policyARN))
	}
	return put(tx, inAccount(a, kindUse, policyARN), &uses)
}

// Attached enters that an entity of the account has a managed policy
// attached; the entity's own record is the caller's to write.
func (tx *Tx) Attached(a identity.AccountID, policyARN string, kind Kind, id string) error {
	return tx.countAttachment(a, policyARN, attached{Kind: kind, ID: id}, 1)
}

// Detached undoes Attached.
func (tx *Tx) Detached(a identity.AccountID, policyARN string, kind Kind, id string) error {
	return tx.countAttachment(a, policyARN, attached{Kind: kind, ID: id}, -1)
}

// BoundaryChanged enters that the boundary of a user or role was one policy
// and is another; "" stands for none.
func (tx *Tx) BoundaryChanged(a identity.AccountID, kind Kind, id, was, is string) error {
	if was == is {
		return nil
	}
	if was != "" {
		if err := tx.countAttachment(a, was, attached{kind, id, true}, -1); err != nil {
			return err
		}
	}
	if is != "" {
		return tx.countAttachment(a, is, attached{kind, id, true}, 1)
	}
	return nil
}

// Attachments lists what uses a managed policy in the account: groups, roles,
// then users. After is what next was for the page before; a page passes over as
// many as others do that keep does not want.
func (tx *Tx) Attachments(a identity.AccountID, policyARN, after string, limit int, keep func(Attachment) bool) (uses []Attachment, next string, err error) {
	p := underAccount(a, kindAttachment, policyARN)
	var from, last key
	skipped := 0
	if after != "" {
		from = key(p) + key(after)
	}
	err = tx.scan(p, from, func(k key, raw []byte) (bool, error) {
		if limit > 0 && (len(uses) == limit || skipped == MaxSkipped) {
			next = strings.TrimPrefix(string(last), string(p))
			return false, nil
		}
		last = k
		at, err := decode[Attachment](string(k), raw)
		if err != nil {
			return false, err
		}
		if keep != nil && !keep(*at) {
			skipped++
			return true, nil
		}
		uses = append(uses, *at)
		return true, nil
	})
	return uses, next, err
}
