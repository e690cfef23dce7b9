package store

import (
	"fmt"
	"time"

	"github.com/regent-iam/regent/internal/identity"
)

// A Revocation ends the sessions that have something of an account in their
// line: that are it, are of it, or come from it (TH-47).
type Revocation struct {
	Account identity.AccountID `json:"account"`
	// ID is what the sessions have in common: the access key id of one session
	// or of a long-term key, the unique id of a user or role, the account's root,
	// or somebody that an identity provider vouches for.
	ID string `json:"id"`
	// Number is greater than what Revocations returned to every session that it
	// ends, and no greater than what it returns to those that come afterwards.
	Number uint64 `json:"number"`
	// Expires is when no session is left that it could concern.
	Expires time.Time `json:"expires"`
}

// revocationScope counts the revocations of all accounts. Its guard tells
// sessions that were minted before a revocation from those minted after it, by
// the order of commits and whatever the clocks of nodes say. Nothing that is
// kept is made under it.
const revocationScope Scope = "revocations"

const (
	kindRevocation       = "revocation"
	kindRevocationExpiry = "revocation-expiry"
)

func revocationKey(a identity.AccountID, id string) key { return inAccount(a, kindRevocation, id) }

func revocationExpiryKey(r *Revocation) key {
	return inAccount(r.Account, kindRevocationExpiry, fmt.Sprintf("%019d", r.Expires.UnixNano()), r.ID)
}

// Revocations returns how many revocations there have been: a session keeps the
// number that it was minted under, and ends by those of a greater one.
func (tx *Tx) Revocations() (uint64, error) { return tx.Guard(revocationScope) }

// Revoked reports whether sessions with the id in their line that were minted
// under a number are ended.
func (tx *Tx) Revoked(a identity.AccountID, id string, number uint64) (bool, error) {
	r, err := get[Revocation](tx, revocationKey(a, id))
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return number < r.Number, nil
}

// sweepRevocations is how many revocations that have expired go with each new
// one: more than come, so that they do not pile up.
const sweepRevocations = 4

// Revoke ends every session that has the id in its line. It counts up the guard
// of the account, under which what is known of its sessions is kept, those of
// other accounts that come from it among them.
func (tx *Tx) Revoke(a identity.AccountID, id string, now, expires time.Time) error {
	if err := tx.sweepRevocations(a, now); err != nil {
		return err
	}
	was, err := get[Revocation](tx, revocationKey(a, id))
	if err == nil {
		err = tx.remove(revocationExpiryKey(was))
	}
	if err != nil && !missing(err) {
		return err
	}
	if err := tx.bump(revocationScope); err != nil {
		return err
	}
	if err := tx.bumpAccount(a); err != nil {
		return err
	}
	r := &Revocation{Account: a, ID: id, Expires: expires}
	if r.Number, err = tx.Revocations(); err != nil {
		return err
	}
	if err := tx.set(revocationExpiryKey(r), nil); err != nil {
		return err
	}
	return put(tx, revocationKey(a, id), r)
}

// sweepRevocations removes some revocations of the account that have expired.
func (tx *Tx) sweepRevocations(a identity.AccountID, now time.Time) error {
	of := underAccount(a, kindRevocationExpiry)
	end := string(of) + fmt.Sprintf("%019d", now.UnixNano())
	var expired []key
	err := tx.scan(of, "", func(k key, _ []byte) (bool, error) {
		if string(k) >= end {
			return false, nil
		}
		expired = append(expired, k)
		return len(expired) < sweepRevocations, nil
	})
	if err != nil {
		return err
	}
	for _, k := range expired {
		if err := tx.remove(revocationKey(a, k.last())); err != nil {
			return err
		}
		if err := tx.remove(k); err != nil {
			return err
		}
	}
	return nil
}
