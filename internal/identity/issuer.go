package identity

import "time"

// IssuerKeys are the keys that an account's outbound tokens are signed with, and
// those that were not long ago.
type IssuerKeys struct {
	Account AccountID   `json:"account"`
	Keys    []IssuerKey `json:"keys"` // oldest first
}

// An IssuerKey is one key pair of an account's issuer of outbound tokens.
type IssuerKey struct {
	ID        string    `json:"id"`        // RFC 7638 thumbprint of the public key
	Algorithm string    `json:"algorithm"` // "ES384" or "RS256"
	Created   time.Time `json:"created"`
	Public    []byte    `json:"public"` // PKIX, DER
	// Sealed is the private key (PKCS #8) under the key ring, nil once another
	// key took its place at Retired.
	Sealed  []byte    `json:"sealed,omitempty"`
	Retired time.Time `json:"retired,omitzero"`
}
