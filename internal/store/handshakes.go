package store

import (
	"fmt"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
)

func handshakeKey(id string) key { return join("handshake", id) }

// askedKey leads to the last handshake of an action with a party.
func askedKey(organization, action string, p identity.Party) key {
	return inOrganization(organization, "asked", action, p.Type, arn.Fold(p.ID))
}

// partyPath is where the index of the handshakes that a party gets lies. One
// by e-mail address is kept under the address, whoever has it: whether an
// account does is not looked up (TH-58).
func partyPath(p identity.Party) []string {
	switch p.Type {
	case identity.PartyAccount:
		return []string{kindAccount, p.ID, "handshake"}
	case identity.PartyEmail:
		return []string{"mailbox", arn.Fold(p.ID), "handshake"}
	}
	return nil
}

// entries returns the keys of the indexes that a handshake is in. They are in
// the order of when it was asked.
func entries(h *identity.Handshake) []key {
	entry := fmt.Sprintf("%012d-%s", h.Requested.Unix(), h.ID)
	keys := []key{inOrganization(h.Organization, "handshake", entry)}
	if path := partyPath(h.Target); path != nil {
		keys = append(keys, join(append(path, entry)...))
	}
	return keys
}

// Handshake returns a handshake.
func (tx *Tx) Handshake(id string) (*identity.Handshake, error) {
	return get[identity.Handshake](tx, handshakeKey(id))
}

// LastHandshake returns the handshake of an action that the organization asked
// a party for last.
func (tx *Tx) LastHandshake(organization, action string, p identity.Party) (*identity.Handshake, error) {
	ref, err := get[nameRef](tx, askedKey(organization, action, p))
	if err != nil {
		return nil, err
	}
	return tx.Handshake(ref.ID)
}

// CreateHandshake adds a handshake, and removes a few of the same parties that
// nobody can see any more.
func (tx *Tx) CreateHandshake(h *identity.Handshake) error {
	if h.Parent == "" { // one of many at once would sweep too much for one transaction
		if err := tx.sweep(underOrganization(h.Organization, "handshake"), h.Requested); err != nil {
			return err
		}
		if path := partyPath(h.Target); path != nil {
			if err := tx.sweep(under(path...), h.Requested); err != nil {
				return err
			}
		}
	}
	for _, k := range append(entries(h), askedKey(h.Organization, h.Action, h.Target)) {
		if err := put(tx, k, &nameRef{h.ID}); err != nil {
			return err
		}
	}
	return tx.PutHandshake(h)
}

// PutHandshake writes a handshake that exists.
func (tx *Tx) PutHandshake(h *identity.Handshake) error { return put(tx, handshakeKey(h.ID), h) }

// swept is how many old handshakes go for each new one at most: more than come,
// so that they do not pile up.
const swept = 2

// sweep removes the oldest handshakes of an index, if they are forgotten.
func (tx *Tx) sweep(index prefix, now time.Time) error {
	oldest, _, err := tx.handshakes(index, Page[identity.Handshake]{Limit: swept})
	if err != nil {
		return err
	}
	for _, h := range oldest {
		if !h.Forgotten(now) {
			continue
		}
		for _, k := range append(entries(h), handshakeKey(h.ID)) {
			if err := tx.remove(k); err != nil {
				return err
			}
		}
		asked := askedKey(h.Organization, h.Action, h.Target)
		ref, err := get[nameRef](tx, asked)
		if missing(err) || err == nil && ref.ID != h.ID {
			continue
		} else if err != nil {
			return err
		}
		if err := tx.remove(asked); err != nil {
			return err
		}
	}
	return nil
}

// OrganizationHandshakes lists what the organization asked, oldest first.
func (tx *Tx) OrganizationHandshakes(organization string, page Page[identity.Handshake]) ([]*identity.Handshake, string, error) {
	return tx.handshakes(underOrganization(organization, "handshake"), page)
}

// PartyHandshakes lists what a party was asked, oldest first.
func (tx *Tx) PartyHandshakes(p identity.Party, page Page[identity.Handshake]) ([]*identity.Handshake, string, error) {
	return tx.handshakes(under(partyPath(p)...), page)
}

func (tx *Tx) handshakes(index prefix, page Page[identity.Handshake]) ([]*identity.Handshake, string, error) {
	return follow(tx, index, page, tx.Handshake)
}

// follow lists the records that an index of ids leads to. One that is gone,
// swept on the way of another index, is passed over.
func follow[T any](tx *Tx, index prefix, page Page[T], find func(id string) (*T, error)) (found []*T, next string, err error) {
	var failed error
	refs, next, err := list(tx, index, Page[nameRef]{After: page.After, Limit: page.Limit, Keep: func(r *nameRef) bool {
		if failed != nil {
			return false
		}
		record, err := find(r.ID)
		if err != nil {
			if !missing(err) {
				failed = err
			}
			return false
		}
		if page.Keep != nil && !page.Keep(record) {
			return false
		}
		found = append(found, record)
		return true
	}})
	if err == nil {
		err = failed
	}
	if err != nil {
		return nil, "", err
	}
	return found[:len(refs)], next, nil
}

// Invited lists the accounts that came into the organization by invitation,
// the management account not among them.
func (tx *Tx) Invited(o *identity.Organization, limit int) ([]*identity.Account, error) {
	all, _, err := tx.accounts(underOrganization(o.ID, "invited"), "", limit+1)
	if err != nil {
		return nil, err
	}
	invited := all[:0]
	for _, a := range all {
		if a.ID != o.Management {
			invited = append(invited, a)
		}
	}
	return invited[:min(limit, len(invited))], nil
}

// purged is how many of its records go with an organization at once.
const purged = 64

// DeleteOrganization removes an organization that has no members but its
// management account, which stands alone afterwards. What does not fit one
// transaction stays behind, where nothing leads to: ids are not given twice.
func (tx *Tx) DeleteOrganization(o *identity.Organization, management *identity.Account) error {
	if err := tx.Leave(o, management); err != nil {
		return err
	}
	var keys []key
	err := tx.scan(underOrganization(o.ID), "", func(k key, _ []byte) (bool, error) {
		keys = append(keys, k)
		return len(keys) < purged, nil
	})
	if err != nil {
		return err
	}
	for _, k := range append(keys, organizationKey(o.ID)) {
		if err := tx.remove(k); err != nil {
			return err
		}
	}
	return nil
}
