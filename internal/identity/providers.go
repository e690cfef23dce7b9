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
