package store

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/regent-iam/regent/internal/identity"
)

// MaxDelegationRequests is how many requests an account may have made that are
// not expired.
const MaxDelegationRequests = 100

func delegationKey(id string) key { return join("delegation-request", id) }

func delegationsOfKey(requestor identity.AccountID) key {
	return join("delegation-requests", string(requestor))
}

func delegationOwnerKey(owner identity.AccountID, id string) key {
	return join("delegation-owner", string(owner), id)
}

// tokenHash is where a token leads to its request from, as the token itself is
// nowhere in the clear.
func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func delegationTokenKey(hash string) key { return join("delegation-token", hash) }

// delegationsOf are the requests that an account made.
type delegationsOf struct {
	Requests []delegationRef `json:"requests"`
}

type delegationRef struct {
	ID       string `json:"id"`
	Workflow string `json:"workflow"`
}

// DelegationRequest returns the delegation request with that id.
func (tx *Tx) DelegationRequest(id string) (*identity.DelegationRequest, error) {
	return get[identity.DelegationRequest](tx, delegationKey(id))
}

// CreateDelegationRequest adds a request, in place of those of its requestor
// that are expired. It fails with ErrExists when one that is not has the same
// workflow, and with a LimitError when there are too many.
func (tx *Tx) CreateDelegationRequest(r *identity.DelegationRequest, now time.Time) error {
	of, err := get[delegationsOf](tx, delegationsOfKey(r.Requestor))
	if missing(err) {
		of, err = new(delegationsOf), nil
	}
	if err != nil {
		return err
	}
	kept, removed := make([]delegationRef, 0, len(of.Requests)+1), 0
	for _, ref := range of.Requests {
		if removed < 5 { // a few each time: a transaction is bounded
			gone, err := tx.dropExpired(ref.ID, now)
			if err != nil {
				return err
			}
			if gone {
				removed++
				continue
			}
		}
		if ref.Workflow == r.Workflow {
			return ErrExists
		}
		kept = append(kept, ref)
	}
	if len(kept) >= MaxDelegationRequests {
		return &LimitError{"DelegationRequestsPerAccount", MaxDelegationRequests}
	}
	of.Requests = append(kept, delegationRef{r.ID, r.Workflow})
	if err := put(tx, delegationsOfKey(r.Requestor), of); err != nil {
		return err
	}
	return put(tx, delegationKey(r.ID), r)
}

func (tx *Tx) dropExpired(id string, now time.Time) (bool, error) {
	r, err := tx.DelegationRequest(id)
	if err != nil || now.Before(r.Expires) {
		return false, err
	}
	if r.OwnerARN != "" {
		if err := tx.remove(delegationOwnerKey(r.OwnerAccount, id)); err != nil {
			return false, err
		}
	}
	if r.TokenHash != "" {
		if err := tx.remove(delegationTokenKey(r.TokenHash)); err != nil {
			return false, err
		}
	}
	return true, tx.remove(delegationKey(id))
}

// PutDelegationRequest writes a request that exists, and lists it for its
// owner's account once it has an owner.
func (tx *Tx) PutDelegationRequest(r *identity.DelegationRequest) error {
	if r.OwnerARN != "" {
		if err := put(tx, delegationOwnerKey(r.OwnerAccount, r.ID), &nameRef{r.ID}); err != nil {
			return err
		}
	}
	return put(tx, delegationKey(r.ID), r)
}

// PutDelegationToken lets the token of a request lead to it. The request's own
// record, which it changes, is the caller's to write.
func (tx *Tx) PutDelegationToken(r *identity.DelegationRequest, token string) error {
	r.TokenHash = tokenHash(token)
	return put(tx, delegationTokenKey(r.TokenHash), &nameRef{r.ID})
}

// DelegationByToken returns the request that a token was made for.
func (tx *Tx) DelegationByToken(token string) (*identity.DelegationRequest, error) {
	ref, err := get[nameRef](tx, delegationTokenKey(tokenHash(token)))
	if err != nil {
		return nil, err
	}
	return tx.DelegationRequest(ref.ID)
}

// DelegationRequests lists the requests that somebody of an account owns, by
// id: those that keep wants, all when it is nil.
func (tx *Tx) DelegationRequests(owner identity.AccountID, after string, limit int, keep func(*identity.DelegationRequest) bool) (out []*identity.DelegationRequest, next string, err error) {
	var failure error
	_, next, err = list(tx, under("delegation-owner", string(owner)), Page[nameRef]{After: after, Limit: limit, Keep: func(ref *nameRef) bool {
		r, err := tx.DelegationRequest(ref.ID)
		if err != nil {
			failure = err
			return false
		}
		if keep != nil && !keep(r) || len(out) == limit {
			return len(out) == limit
		}
		out = append(out, r)
		return true
	}})
	if err == nil {
		err = failure
	}
	return out, next, err
}
