package store_test

import (
	"testing"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

// What is put back must not make true again what was made of the content that
// it replaces: its guards are higher than any that were seen before.
//
// Rules: TH-26
func TestRaisedGuardsAreHigherThanThoseBefore(t *testing.T) {
	db := memkv.New(memkv.Options{})
	s := store.New(db)
	create(t, s)
	old, _, err := kv.Copy(t.Context(), db, "")
	if err != nil {
		t.Fatal(err)
	}
	before := guard(t, s)
	bump(t, s)
	changed := guard(t, s)
	now, _, err := kv.Copy(t.Context(), db, "")
	if err != nil {
		t.Fatal(err)
	}
	raised, err := store.RaiseGuards(old, now)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Replace(t.Context(), func(yield func(kv.Entry, error) bool) {
		for _, e := range raised {
			if !yield(e, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if after := guard(t, s); after <= changed || changed <= before {
		t.Errorf("the guard was %d, then %d, and is %d after going back", before, changed, after)
	}
	if _, err := store.RaiseGuards([]kv.Entry{{Key: "/guard/policy/account:1", Value: []byte{1}}}, nil); err == nil {
		t.Error("a damaged guard was taken")
	}
}

const raisedAccount identity.AccountID = "111122223333"

func create(t *testing.T, s *store.Store) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		return tx.CreateAccount(&identity.Account{ID: raisedAccount, Email: "a@b.invalid", CanonicalID: "c", Status: identity.AccountActive})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func bump(t *testing.T, s *store.Store) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		a, err := tx.Account(raisedAccount)
		if err != nil {
			return err
		}
		return tx.PutAccount(a)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func guard(t *testing.T, s *store.Store) (value uint64) {
	t.Helper()
	err := s.View(t.Context(), func(tx *store.Tx) (err error) {
		value, err = tx.Guard(store.AccountScope(raisedAccount))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}
