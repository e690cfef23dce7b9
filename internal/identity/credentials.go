package identity

import (
	"time"

	"github.com/regent-iam/regent/arn"
)

// An SSHPublicKey is a key by which a user proves who it is to a service that
// speaks SSH.
type SSHPublicKey struct {
	ID       string    `json:"id"` // APKA…
	Account  AccountID `json:"account"`
	UserID   string    `json:"userId"` // AIDA…
	Status   KeyStatus `json:"status"`
	Uploaded time.Time `json:"uploaded"`
	Blob     []byte    `json:"blob"` // the key in SSH's wire format
	Comment  string    `json:"comment,omitempty"`
}

// A SigningCertificate is an X.509 certificate of a user, or of the account's
// root when UserID is RootUser.
type SigningCertificate struct {
	ID       string    `json:"id"`
	Account  AccountID `json:"account"`
	UserID   string    `json:"userId"` // AIDA…, or RootUser
	Status   KeyStatus `json:"status"`
	Uploaded time.Time `json:"uploaded"`
	Body     string    `json:"body"`   // PEM, as it was given
	Digest   string    `json:"digest"` // SHA-256 of the certificate, hexadecimal
}

// A ServiceCredential is a name and a password, or a key, that serve at one
// service only.
type ServiceCredential struct {
	ID      string    `json:"id"` // ACCA…
	Account AccountID `json:"account"`
	UserID  string    `json:"userId"`  // AIDA…
	Service string    `json:"service"` // its principal, such as codecommit.amazonaws.com
	Name    string    `json:"name"`    // by which the service knows it; unique in the account and service
	Status  KeyStatus `json:"status"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"`
	// Sealed is the secret's SHA-256 under the key ring. A secret that is drawn
	// and not chosen needs no slower hash.
	Sealed []byte `json:"sealed"`
}

// A ServerCertificate is what is told of a server's certificate. The
// certificate itself is a record of its own.
type ServerCertificate struct {
	Account  AccountID `json:"account"`
	Name     string    `json:"name"`
	Path     string    `json:"path"`
	ID       string    `json:"id"` // ASCA…
	Uploaded time.Time `json:"uploaded"`
	Expires  time.Time `json:"expires"`
	Tags     []Tag     `json:"tags,omitempty"`
}

// ARN names the certificate, path included.
func (c *ServerCertificate) ARN() arn.ARN {
	return iamARN(c.Account, "server-certificate", c.Path, c.Name)
}

// A ServerCertificateBody is a server's certificate, its chain and its private
// key.
type ServerCertificateBody struct {
	Body   string `json:"body"` // PEM
	Chain  string `json:"chain,omitempty"`
	Sealed []byte `json:"sealed"` // the private key under the key ring
}
