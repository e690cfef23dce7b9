package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store/kv"
)

// A Scope is what one policy guard covers: an account, or an organization.
// Its guard changes whenever something in it changes that a decision may
// depend on: policies, attachments, membership, boundaries, trust, tags, keys.
type Scope string

// AccountScope is the scope of an account.
func AccountScope(id identity.AccountID) Scope { return Scope("account:" + string(id)) }

// OrganizationScope is the scope of an organization.
func OrganizationScope(id string) Scope { return Scope("organization:" + id) }

const policyGuardPrefix = "/guard/policy/"

func (s Scope) key() string { return policyGuardPrefix + string(s) }

// Guard returns the present value of a scope's guard. Inside Update it is
// also a promise: if the guard changes before the commit, the transaction
// runs again, so a decision made from policies that are cached under this
// value never commits when they are stale (TH-26).
func (tx *Tx) Guard(s Scope) (uint64, error) { return tx.guard(s.key()) }

// guard reads a policy guard once and remembers it.
func (tx *Tx) guard(k string) (uint64, error) {
	for i := range tx.known {
		if tx.guards[i].key == k {
			return tx.guards[i].value, nil
		}
	}
	v, err := tx.readGuard(k)
	if err == nil && tx.known < len(tx.guards) {
		tx.guards[tx.known] = guardValue{k, v}
		tx.known++
	}
	return v, err
}

// readGuard reads a policy guard. A view need not look for one that another view
// of the same content has seen.
func (tx *Tx) readGuard(k string) (uint64, error) {
	if tx.w != nil {
		return tx.counter(k)
	}
	at := tx.r.Revision()
	if v, ok := tx.store.guards.Get(k, at); ok {
		return v, nil
	}
	v, err := tx.counter(k)
	if err == nil {
		tx.store.guards.Put(k, at, v)
	}
	return v, err
}

// bump says that a decision in scope s may come out differently from now on.
func (tx *Tx) bump(s Scope) error {
	if contains(tx.bumped, string(s)) {
		return nil
	}
	if tx.w == nil {
		return errReadOnly
	}
	tx.bumped = append(tx.bumped, string(s))
	tx.known = 0
	return tx.increment(s.key())
}

func (tx *Tx) bumpAccount(id identity.AccountID) error { return tx.bump(AccountScope(id)) }

// Watch calls changed for every scope whose guard changed, and reset when
// that cannot be told any more and everything must be forgotten. It returns
// when ctx ends or the store is closed.
func (s *Store) Watch(ctx context.Context, changed func(Scope), reset func()) error {
	for {
		var from kv.Revision
		if err := s.db.View(ctx, func(r kv.Reader) error { from = r.Revision(); return nil }); err != nil {
			return err
		}
		s.roles.Clear()
		reset()
		for event, err := range s.db.Watch(ctx, from) {
			if errors.Is(err, kv.ErrCompacted) {
				break
			}
			if err != nil {
				return err
			}
			for _, c := range event.Changes {
				if scope, ok := strings.CutPrefix(c.Key, policyGuardPrefix); ok {
					s.roles.Forget(Scope(scope))
					changed(Scope(scope))
				}
			}
		}
	}
}

// guardMargin is more than what can be written between the look at the old
// content and its exchange.
const guardMargin = 1 << 20

// RaiseGuards returns entries, which are to replace the whole content of a
// database, with every policy guard above what it was in was. A guard that went
// back would make something true again that a request on its way had made of
// the content that is replaced.
func RaiseGuards(entries, was []kv.Entry) ([]kv.Entry, error) {
	highest := map[string]uint64{}
	for _, e := range slices.Concat(was, entries) {
		if !strings.HasPrefix(e.Key, policyGuardPrefix) {
			continue
		}
		if len(e.Value) != 8 {
			return nil, fmt.Errorf("reading %s: %d bytes", e.Key, len(e.Value))
		}
		highest[e.Key] = max(highest[e.Key], binary.BigEndian.Uint64(e.Value))
	}
	raised := slices.DeleteFunc(slices.Clone(entries), func(e kv.Entry) bool { return strings.HasPrefix(e.Key, policyGuardPrefix) })
	for _, k := range slices.Sorted(maps.Keys(highest)) {
		raised = append(raised, kv.Entry{Key: k, Value: binary.BigEndian.AppendUint64(nil, highest[k]+guardMargin)})
	}
	return raised, nil
}
