package store_test

import (
	"errors"
	"testing"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// A provider's issuer is part of a key, and reaches into nothing beside it.
//
// Rules: TH-55 IA-59
func TestIssuersInKeys(t *testing.T) {
	f := inMemory(t)
	const account = identity.AccountID("111122223333")
	issuers := []string{
		"idp.example.com", "idp.example.com/", "idp.example.com/a", "idp.example.com/A", "idp.example.com/a/", "idp.example.com%2Fa",
		"idp.example.com%2fa", "idp.example.com/a/b", "idp.example.com:8443/a", "x/../../user/root",
	}
	for _, issuer := range issuers {
		f.update(func(tx *store.Tx) error {
			return tx.CreateOIDCProvider(&identity.OIDCProvider{Account: account, Issuer: issuer, Clients: []string{issuer}})
		})
	}
	f.view(func(tx *store.Tx) error {
		for _, issuer := range issuers {
			p, err := tx.OIDCProvider(account, issuer)
			if err != nil || p.Issuer != issuer || p.Clients[0] != issuer {
				t.Errorf("%s: %+v, %v", issuer, p, err)
			}
			if _, err := tx.OIDCProvider("444455556666", issuer); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s of another account: %v", issuer, err)
			}
		}
		all, err := tx.OIDCProviders(account)
		if len(all) != len(issuers) {
			t.Errorf("%d of %d are listed", len(all), len(issuers))
		}
		return err
	})
}
