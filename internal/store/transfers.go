package store

import "github.com/regent-iam/regent/internal/identity"

func transferKey(id string) key { return join("transfer", id) }

func directionOf(inbound bool) string {
	if inbound {
		return "inbound"
	}
	return "outbound"
}

// Transfer returns a responsibility transfer.
func (tx *Tx) Transfer(id string) (*identity.Transfer, error) {
	return get[identity.Transfer](tx, transferKey(id))
}

// PutTransfer writes a transfer, new or changed, and enters it with the
// organizations that are known to take part in it, all but its tags, so that a
// look at all that one takes part in is one read.
func (tx *Tx) PutTransfer(t *identity.Transfer) error {
	entry := *t
	entry.Tags = nil
	for _, side := range []struct {
		organization string
		inbound      bool
	}{{t.Target.Organization, true}, {t.Source.Organization, false}} {
		if side.organization == "" {
			continue
		}
		if err := put(tx, inOrganization(side.organization, directionOf(side.inbound), t.ID), &entry); err != nil {
			return err
		}
	}
	return put(tx, transferKey(t.ID), t)
}

// Transfers lists the transfers that make the organization responsible for
// another, or, not inbound, another for it, by id.
func (tx *Tx) Transfers(organization string, inbound bool, page Page[identity.Transfer]) ([]*identity.Transfer, string, error) {
	return follow(tx, underOrganization(organization, directionOf(inbound)), page, tx.Transfer)
}

// Transferring returns how many of an organization's transfers of a direction
// keep wants, at most limit. It costs an update one read, however many there
// are. The transfers that keep is shown have no tags.
func (tx *Tx) Transferring(organization string, inbound bool, limit int, keep func(*identity.Transfer) (bool, error)) (n int, err error) {
	err = tx.scan(underOrganization(organization, directionOf(inbound)), "", func(k key, raw []byte) (bool, error) {
		t, err := decode[identity.Transfer](string(k), raw)
		if err != nil {
			return false, err
		}
		wanted, err := keep(t)
		if wanted {
			n++
		}
		return n < limit, err
	})
	return n, err
}
