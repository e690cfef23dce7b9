package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// An assertion is spent once, for its own provider, and is remembered as long
// as it can be used, while later ones take the places of earlier ones.
//
// Rules: TH-94
func TestSpentAssertions(t *testing.T) {
	f := inMemory(t)
	p := &identity.SAMLProvider{Account: "111122223333", Name: "Corp"}
	now := time.Date(2026, 4, 1, 12, 0, 30, 0, time.UTC)
	spend := func(p *identity.SAMLProvider, id string, until time.Time, want error) {
		t.Helper()
		f.update(func(tx *store.Tx) error {
			if err := tx.SpendSAMLAssertion(p, id, until); !errors.Is(err, want) {
				t.Errorf("%s until %v: %v, want %v", id, until, err, want)
			}
			return nil
		})
	}
	end := now.Add(store.MaxSAMLAhead)
	spend(p, "a", end, nil)
	for range 2 * store.MaxSAMLAhead / time.Minute { // whatever is spent until it ends
		spend(p, "b"+now.String(), now.Add(5*time.Minute), nil)
		if now.Before(end) {
			spend(p, "a", end, store.ErrExists)
		}
		now = now.Add(time.Minute)
	}
	// Names of providers fold; other providers, accounts and ids are others.
	until := now.Add(5 * time.Minute)
	spend(p, "c", until, nil)
	spend(&identity.SAMLProvider{Account: p.Account, Name: "CORP"}, "c", until, store.ErrExists)
	spend(&identity.SAMLProvider{Account: p.Account, Name: "Corp2"}, "c", until, nil)
	spend(&identity.SAMLProvider{Account: "444455556666", Name: "Corp"}, "c", until, nil)
	spend(p, "C", until, nil)

	// A view tells and does not spend.
	for range 2 {
		f.view(func(tx *store.Tx) error {
			if err := tx.SpendSAMLAssertion(p, "c", until); !errors.Is(err, store.ErrExists) {
				t.Errorf("a spent one: %v", err)
			}
			return tx.SpendSAMLAssertion(p, "d", until)
		})
	}
	spend(p, "d", until, nil)
}
