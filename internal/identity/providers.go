package identity

import (
	"time"

	"github.com/regent-iam/regent/arn"
)

// An OIDCProvider is an issuer of OpenID Connect tokens that an account's trust
// policies may name.
type OIDCProvider struct {
	Account AccountID `json:"account"`
	// Issuer is the issuer's URL without its scheme, which is always https:
	// "idp.example.com/tenant". It is compared byte by byte (IA-59, TH-93).
	Issuer      string    `json:"issuer"`
	Created     time.Time `json:"created"`
	Clients     []string  `json:"clients,omitempty"`     // client ids (audiences)
	Thumbprints []string  `json:"thumbprints,omitempty"` // SHA-1 of certificates: 40 hex digits
	Tags        []Tag     `json:"tags,omitempty"`
}

// ARN names the provider: its issuer is its name (IA-1).
func (p *OIDCProvider) ARN() arn.ARN { return iamARN(p.Account, "oidc-provider", "/", p.Issuer) }

// A SAMLProvider is an issuer of SAML assertions that an account's trust
// policies may name. It holds what is needed of its metadata to check an
// assertion; the metadata itself and its private keys have records of their own.
type SAMLProvider struct {
	Account AccountID `json:"account"`
	Name    string    `json:"name"` // 1 to 128 characters, unique like a UserName
	ID      string    `json:"id"`   // SAMLProviderUUID
	Created time.Time `json:"created"`

	EntityID     string    `json:"entityId"`
	Certificates [][]byte  `json:"certificates"` // that it signs with, in DER
	ValidUntil   time.Time `json:"validUntil,omitzero"`
	Parts        int       `json:"parts"` // of the metadata's record

	// Encryption says whether assertions must or may be encrypted: "Required",
	// "Allowed", or "" when nobody said.
	Encryption string           `json:"encryption,omitempty"`
	Keys       []SAMLPrivateKey `json:"keys,omitempty"`
	Tags       []Tag            `json:"tags,omitempty"`
}

// A SAMLPrivateKey is the name of a key that assertions are encrypted to.
type SAMLPrivateKey struct {
	ID      string    `json:"id"` // 24 capital letters and digits
	Created time.Time `json:"created"`
}

// ARN names the provider.
func (p *SAMLProvider) ARN() arn.ARN { return iamARN(p.Account, "saml-provider", "/", p.Name) }
