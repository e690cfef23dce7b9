package store

import (
	"fmt"
	"time"
)

// An OutboxEntry is an audit event that was committed with the change it
// tells of and has not been delivered yet (TH-101).
type OutboxEntry struct {
	Key   string
	Event []byte
}

// outboxRoot is where events wait.
const outboxRoot = "outbox"

// Outbox enters an event to be delivered once this transaction is committed.
// Entries are delivered in the order of their times; id makes them unique.
func (tx *Tx) Outbox(at time.Time, id string, event []byte) error {
	return tx.set(join(outboxRoot, fmt.Sprintf("%019d", at.UnixNano()), id), event)
}

// Undelivered returns the oldest events that wait, at most limit.
func (tx *Tx) Undelivered(limit int) (entries []OutboxEntry, err error) {
	err = tx.scan(under(outboxRoot), "", func(k key, value []byte) (bool, error) {
		entries = append(entries, OutboxEntry{string(k), append([]byte(nil), value...)})
		return len(entries) < limit, nil
	})
	return entries, err
}

// Delivered removes entries from the outbox.
func (tx *Tx) Delivered(entries []OutboxEntry) error {
	for _, e := range entries {
		if err := tx.remove(key(e.Key)); err != nil {
			return err
		}
	}
	return nil
}
