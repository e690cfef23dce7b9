package store

import (
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
)

// oidcKey has the issuer as it is: issuers differ by case (IA-59).
func oidcKey(a identity.AccountID, issuer string) key { return inAccount(a, kindOIDC, issuer) }

// OIDCProvider returns the account's provider of that issuer: its URL without
// the scheme, byte by byte. It is one read, for whoever has a token in hand.
func (tx *Tx) OIDCProvider(a identity.AccountID, issuer string) (*identity.OIDCProvider, error) {
	return get[identity.OIDCProvider](tx, oidcKey(a, issuer))
}

// OIDCProviders returns all of the account's providers by issuer.
func (tx *Tx) OIDCProviders(a identity.AccountID) ([]*identity.OIDCProvider, error) {
	providers, _, err := list(tx, underAccount(a, kindOIDC), Page[identity.OIDCProvider]{})
	return providers, err
}

// CreateOIDCProvider adds a provider. It fails with ErrExists when the account
// has one of that issuer, and with a LimitError when it is full.
func (tx *Tx) CreateOIDCProvider(p *identity.OIDCProvider) error {
	if err := tx.free(oidcKey(p.Account, p.Issuer)); err != nil {
		return err
	}
	if err := tx.count(p.Account, func(c *Counters) *int { return &c.OIDCProviders }, 1, catalog.OpenIDConnectProvidersPerAccount); err != nil {
		return err
	}
	return tx.PutOIDCProvider(p)
}

// PutOIDCProvider writes a provider that exists. Whoever decides by a provider
// reads it in the transaction of the decision, so no guard is counted up.
func (tx *Tx) PutOIDCProvider(p *identity.OIDCProvider) error {
	return put(tx, oidcKey(p.Account, p.Issuer), p)
}

// DeleteOIDCProvider removes a provider.
func (tx *Tx) DeleteOIDCProvider(p *identity.OIDCProvider) error {
	if err := tx.count(p.Account, func(c *Counters) *int { return &c.OIDCProviders }, -1, ""); err != nil {
		return err
	}
	return tx.remove(oidcKey(p.Account, p.Issuer))
}
