package store

import (
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
)

// What a user has beside access keys lies under the user's unique id, which
// stays when the user is renamed. No decision depends on any of it, so no guard
// is counted up.

// SSHPublicKey returns a user's SSH public key of that id.
func (tx *Tx) SSHPublicKey(a identity.AccountID, userID, id string) (*identity.SSHPublicKey, error) {
	return get[identity.SSHPublicKey](tx, inAccount(a, kindSSHKey, userID, id))
}

// SSHPublicKeys lists a user's SSH public keys by id.
func (tx *Tx) SSHPublicKeys(a identity.AccountID, userID string, page Page[identity.SSHPublicKey]) ([]*identity.SSHPublicKey, string, error) {
	return list(tx, underAccount(a, kindSSHKey, userID), page)
}

// PutSSHPublicKey writes an SSH public key, new or changed.
func (tx *Tx) PutSSHPublicKey(k *identity.SSHPublicKey) error {
	return put(tx, inAccount(k.Account, kindSSHKey, k.UserID, k.ID), k)
}

// DeleteSSHPublicKey removes an SSH public key.
func (tx *Tx) DeleteSSHPublicKey(k *identity.SSHPublicKey) error {
	return tx.remove(inAccount(k.Account, kindSSHKey, k.UserID, k.ID))
}

// SigningCertificate returns the signing certificate of that id that a user, or
// root, has.
func (tx *Tx) SigningCertificate(a identity.AccountID, userID, id string) (*identity.SigningCertificate, error) {
	return get[identity.SigningCertificate](tx, inAccount(a, kindSigning, userID, id))
}

// SigningCertificates lists the signing certificates of a user, or of root, by
// id.
func (tx *Tx) SigningCertificates(a identity.AccountID, userID string, page Page[identity.SigningCertificate]) ([]*identity.SigningCertificate, string, error) {
	return list(tx, underAccount(a, kindSigning, userID), page)
}

// A signingRef is the value of the index from a certificate to whose it is.
type signingRef struct {
	User string `json:"user"`
	ID   string `json:"id"`
}

func signingRefKey(c *identity.SigningCertificate) key {
	return inAccount(c.Account, kindSigningOf, c.Digest)
}

// CreateSigningCertificate adds a signing certificate. It fails with ErrExists
// when anybody in the account has it.
func (tx *Tx) CreateSigningCertificate(c *identity.SigningCertificate) error {
	if err := tx.free(signingRefKey(c)); err != nil {
		return err
	}
	if err := put(tx, signingRefKey(c), &signingRef{c.UserID, c.ID}); err != nil {
		return err
	}
	return tx.PutSigningCertificate(c)
}

// PutSigningCertificate writes a signing certificate that exists.
func (tx *Tx) PutSigningCertificate(c *identity.SigningCertificate) error {
	return put(tx, inAccount(c.Account, kindSigning, c.UserID, c.ID), c)
}

// DeleteSigningCertificate removes a signing certificate.
func (tx *Tx) DeleteSigningCertificate(c *identity.SigningCertificate) error {
	if err := tx.remove(signingRefKey(c)); err != nil {
		return err
	}
	return tx.remove(inAccount(c.Account, kindSigning, c.UserID, c.ID))
}

// ServiceCredential returns a user's service-specific credential of that id.
func (tx *Tx) ServiceCredential(a identity.AccountID, userID, id string) (*identity.ServiceCredential, error) {
	return get[identity.ServiceCredential](tx, inAccount(a, kindServiceCredential, userID, id))
}

// ServiceCredentials lists a user's service-specific credentials by id.
func (tx *Tx) ServiceCredentials(a identity.AccountID, userID string, page Page[identity.ServiceCredential]) ([]*identity.ServiceCredential, string, error) {
	return list(tx, underAccount(a, kindServiceCredential, userID), page)
}

// AllServiceCredentials lists the service-specific credentials of all users,
// those of a user together. What a page ends with is no name but a place.
func (tx *Tx) AllServiceCredentials(a identity.AccountID, page Page[identity.ServiceCredential]) ([]*identity.ServiceCredential, string, error) {
	p := underAccount(a, kindServiceCredential)
	var after key
	if page.After != "" {
		after = key(p) + key(page.After)
	}
	return listFrom(tx, p, after, page, func(k key) string { return strings.TrimPrefix(string(k), string(p)) })
}

// A serviceUserRef is the value of the index from the name that a service knows
// a credential by.
type serviceUserRef struct {
	User string `json:"user"`
	ID   string `json:"id"`
}

func serviceUserKey(c *identity.ServiceCredential) key {
	return inAccount(c.Account, kindServiceUser, c.Service, arn.Fold(c.Name))
}

// CreateServiceCredential adds a service-specific credential. It fails with
// ErrExists when its name is taken at its service.
func (tx *Tx) CreateServiceCredential(c *identity.ServiceCredential) error {
	if err := tx.free(serviceUserKey(c)); err != nil {
		return err
	}
	if err := put(tx, serviceUserKey(c), &serviceUserRef{c.UserID, c.ID}); err != nil {
		return err
	}
	return tx.PutServiceCredential(c)
}

// ServiceCredentialByName returns the credential that a service knows by that
// name.
func (tx *Tx) ServiceCredentialByName(a identity.AccountID, service, name string) (*identity.ServiceCredential, error) {
	ref, err := get[serviceUserRef](tx, serviceUserKey(&identity.ServiceCredential{Account: a, Service: service, Name: name}))
	if err != nil {
		return nil, err
	}
	return tx.ServiceCredential(a, ref.User, ref.ID)
}

// PutServiceCredential writes a service-specific credential that exists.
func (tx *Tx) PutServiceCredential(c *identity.ServiceCredential) error {
	return put(tx, inAccount(c.Account, kindServiceCredential, c.UserID, c.ID), c)
}

// DeleteServiceCredential removes a service-specific credential.
func (tx *Tx) DeleteServiceCredential(c *identity.ServiceCredential) error {
	if err := tx.remove(serviceUserKey(c)); err != nil {
		return err
	}
	return tx.remove(inAccount(c.Account, kindServiceCredential, c.UserID, c.ID))
}

func serverCertificateKey(a identity.AccountID, name string) key {
	return inAccount(a, kindServerCertificate, arn.Fold(name))
}

func certificateBodyKey(c *identity.ServerCertificate) key {
	return inAccount(c.Account, kindCertificateBody, c.ID)
}

// ServerCertificate returns the server certificate of that name, compared
// ignoring case.
func (tx *Tx) ServerCertificate(a identity.AccountID, name string) (*identity.ServerCertificate, error) {
	return get[identity.ServerCertificate](tx, serverCertificateKey(a, name))
}

// ServerCertificates lists server certificates by name.
func (tx *Tx) ServerCertificates(a identity.AccountID, page Page[identity.ServerCertificate]) ([]*identity.ServerCertificate, string, error) {
	return list(tx, underAccount(a, kindServerCertificate), page)
}

// ServerCertificateBody returns what the certificate consists of.
func (tx *Tx) ServerCertificateBody(c *identity.ServerCertificate) (*identity.ServerCertificateBody, error) {
	return get[identity.ServerCertificateBody](tx, certificateBodyKey(c))
}

// CreateServerCertificate adds a server certificate. It fails like CreateUser.
func (tx *Tx) CreateServerCertificate(c *identity.ServerCertificate, body *identity.ServerCertificateBody) error {
	k := serverCertificateKey(c.Account, c.Name)
	if err := tx.claim(k, c.ID, Ref{KindServerCertificate, c.Account, c.Name}); err != nil {
		return err
	}
	if err := tx.count(c.Account, func(n *Counters) *int { return &n.ServerCertificates }, 1, catalog.ServerCertificatesPerAccount); err != nil {
		return err
	}
	if err := put(tx, certificateBodyKey(c), body); err != nil {
		return err
	}
	return put(tx, k, c)
}

// PutServerCertificate writes a server certificate that exists, under the name
// it has.
func (tx *Tx) PutServerCertificate(c *identity.ServerCertificate) error {
	return put(tx, serverCertificateKey(c.Account, c.Name), c)
}

// RenameServerCertificate gives a certificate another name and path; its unique
// id stays. It fails with ErrExists when another one has the name.
func (tx *Tx) RenameServerCertificate(c *identity.ServerCertificate, name, path string) error {
	if arn.Fold(name) != arn.Fold(c.Name) {
		if err := tx.free(serverCertificateKey(c.Account, name)); err != nil {
			return err
		}
		if err := tx.remove(serverCertificateKey(c.Account, c.Name)); err != nil {
			return err
		}
	}
	c.Name, c.Path = name, path
	if err := put(tx, idKey(c.ID), &Ref{KindServerCertificate, c.Account, name}); err != nil {
		return err
	}
	return tx.PutServerCertificate(c)
}

// DeleteServerCertificate removes a server certificate and its private key.
func (tx *Tx) DeleteServerCertificate(c *identity.ServerCertificate) error {
	if err := tx.count(c.Account, func(n *Counters) *int { return &n.ServerCertificates }, -1, ""); err != nil {
		return err
	}
	for _, k := range []key{idKey(c.ID), certificateBodyKey(c), serverCertificateKey(c.Account, c.Name)} {
		if err := tx.remove(k); err != nil {
			return err
		}
	}
	return nil
}
