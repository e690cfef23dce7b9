package store

import (
	"bytes"
	"strconv"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
)

func samlKey(a identity.AccountID, name string) key { return inAccount(a, kindSAML, arn.Fold(name)) }

func samlPartKey(p *identity.SAMLProvider, part int) key {
	return inAccount(p.Account, kindSAMLMetadata, arn.Fold(p.Name), strconv.Itoa(part))
}

func samlPrivateKeyKey(p *identity.SAMLProvider, id string) key {
	return inAccount(p.Account, kindSAMLPrivateKey, arn.Fold(p.Name), id)
}

// A metadataPart is a piece of a provider's metadata, which as a whole may be
// more than a database likes in one value.
type metadataPart struct {
	Data []byte `json:"data"`
}

// partSize is how many bytes of metadata a record has.
const partSize = 256 << 10

// A sealedKey is a private key under the key ring.
type sealedKey struct {
	Sealed []byte `json:"sealed"`
}

// SAMLProvider returns the account's SAML provider of that name, compared
// ignoring case, in one read. Who is given an ARN compares that too.
func (tx *Tx) SAMLProvider(a identity.AccountID, name string) (*identity.SAMLProvider, error) {
	return get[identity.SAMLProvider](tx, samlKey(a, name))
}

// SAMLProviders returns all of the account's SAML providers by name.
func (tx *Tx) SAMLProviders(a identity.AccountID) ([]*identity.SAMLProvider, error) {
	providers, _, err := list(tx, underAccount(a, kindSAML), Page[identity.SAMLProvider]{})
	return providers, err
}

// CreateSAMLProvider adds a provider that has no metadata yet. It fails with
// ErrExists when the name is taken in any case, and with a LimitError when the
// account is full.
func (tx *Tx) CreateSAMLProvider(p *identity.SAMLProvider) error {
	if err := tx.free(samlKey(p.Account, p.Name)); err != nil {
		return err
	}
	if err := tx.count(p.Account, func(c *Counters) *int { return &c.SAMLProviders }, 1, catalog.SAMLProvidersPerAccount); err != nil {
		return err
	}
	return tx.PutSAMLProvider(p)
}

// PutSAMLProvider writes a provider that exists. Whoever decides by a provider
// reads it in the transaction of the decision, so no guard is counted up.
func (tx *Tx) PutSAMLProvider(p *identity.SAMLProvider) error {
	return put(tx, samlKey(p.Account, p.Name), p)
}

// SetSAMLMetadata writes the metadata of a provider, packed as the caller likes,
// in place of what it had. The provider's own record, which it changes, is the
// caller's to write.
func (tx *Tx) SetSAMLMetadata(p *identity.SAMLProvider, packed []byte) error {
	parts := 0
	for len(packed) > 0 {
		n := min(len(packed), partSize)
		if err := put(tx, samlPartKey(p, parts), &metadataPart{packed[:n]}); err != nil {
			return err
		}
		packed = packed[n:]
		parts++
	}
	for i := parts; i < p.Parts; i++ {
		if err := tx.remove(samlPartKey(p, i)); err != nil {
			return err
		}
	}
	p.Parts = parts
	return nil
}

// SAMLMetadata returns what SetSAMLMetadata wrote.
func (tx *Tx) SAMLMetadata(p *identity.SAMLProvider) ([]byte, error) {
	var packed bytes.Buffer
	for i := range p.Parts {
		part, err := get[metadataPart](tx, samlPartKey(p, i))
		if err != nil {
			return nil, err
		}
		packed.Write(part.Data)
	}
	return packed.Bytes(), nil
}

// AddSAMLPrivateKey writes a sealed private key of a provider, whose own record
// is the caller's to write.
func (tx *Tx) AddSAMLPrivateKey(p *identity.SAMLProvider, k identity.SAMLPrivateKey, sealed []byte) error {
	p.Keys = append(p.Keys, k)
	return put(tx, samlPrivateKeyKey(p, k.ID), &sealedKey{sealed})
}

// SAMLPrivateKey returns a sealed private key of a provider.
func (tx *Tx) SAMLPrivateKey(p *identity.SAMLProvider, id string) ([]byte, error) {
	k, err := get[sealedKey](tx, samlPrivateKeyKey(p, id))
	if err != nil {
		return nil, err
	}
	return k.Sealed, nil
}

// RemoveSAMLPrivateKey removes a private key, and fails with ErrNotFound when
// the provider has none of that id. The provider's own record is the caller's to
// write.
func (tx *Tx) RemoveSAMLPrivateKey(p *identity.SAMLProvider, id string) error {
	for i, k := range p.Keys {
		if k.ID == id {
			p.Keys = append(p.Keys[:i:i], p.Keys[i+1:]...)
			return tx.remove(samlPrivateKeyKey(p, id))
		}
	}
	return ErrNotFound
}

// DeleteSAMLProvider removes a provider with its metadata and its private keys.
func (tx *Tx) DeleteSAMLProvider(p *identity.SAMLProvider) error {
	if err := tx.count(p.Account, func(c *Counters) *int { return &c.SAMLProviders }, -1, ""); err != nil {
		return err
	}
	if err := tx.SetSAMLMetadata(p, nil); err != nil {
		return err
	}
	for len(p.Keys) > 0 {
		if err := tx.RemoveSAMLPrivateKey(p, p.Keys[0].ID); err != nil {
			return err
		}
	}
	return tx.remove(samlKey(p.Account, p.Name))
}
