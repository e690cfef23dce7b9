package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
)

// Namespace is the claim that holds what AWS says of a principal.
const Namespace = "https://sts.amazonaws.com/"

// Claims are those of a token (IAM User Guide, "Understanding token claims").
type Claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"` // the principal's ARN, of a session its role's
	Audience Audience `json:"aud"`
	Issued   int64    `json:"iat"`
	Expires  int64    `json:"exp"`
	ID       string   `json:"jti"`

	Identity Identity `json:"https://sts.amazonaws.com/"`
}

// Audience is whom a token is for: one as text, several as a list (RFC 7519, 4.1.3).
type Audience []string

// MarshalJSON implements json.Marshaler.
func (a Audience) MarshalJSON() ([]byte, error) {
	if len(a) == 1 {
		return json.Marshal(a[0])
	}
	return json.Marshal([]string(a))
}

// Identity is what AWS says of a principal.
type Identity struct {
	Account           identity.AccountID `json:"aws_account"`
	Region            string             `json:"source_region"`
	Principal         string             `json:"principal_id"`
	Organization      string             `json:"org_id,omitempty"`
	Paths             []string           `json:"ou_path,omitempty"`
	PrincipalTags     map[string]string  `json:"principal_tags,omitempty"`
	RequestTags       map[string]string  `json:"request_tags,omitempty"`
	SessionExpires    string             `json:"original_session_exp,omitempty"` // RFC 3339
	SourceIdentity    string             `json:"source_identity,omitempty"`
	FederatedProvider string             `json:"federated_provider,omitempty"`
}

// MaxPayload bounds the claims, in bytes, so that no token is longer than the
// 20,000 characters that AWS itself takes of one.
const MaxPayload = 12_000

// ErrPayload reports claims that are too many.
var ErrPayload = errors.New("issuer: claims do not fit")

// Sign returns a token with these claims, a JWS in compact form.
func Sign(ring *seal.Ring, account identity.AccountID, k *identity.IssuerKey, claims *Claims) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", fmt.Errorf("encoding claims: %w", err)
	}
	if len(payload) > MaxPayload {
		return "", ErrPayload
	}
	header, err := json.Marshal(struct {
		Algorithm string `json:"alg"`
		ID        string `json:"kid"`
		Type      string `json:"typ"`
	}{k.Algorithm, k.ID, "JWT"})
	if err != nil {
		return "", fmt.Errorf("encoding a header: %w", err)
	}
	plain, err := ring.Open(seal.PrivateKey, sealContext(account, k.ID), k.Sealed)
	if err != nil {
		return "", fmt.Errorf("issuer key %s: %w", k.ID, err)
	}
	private, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return "", fmt.Errorf("issuer key %s cannot be read", k.ID) // what the parser says may quote the key
	}
	signed := encode(header) + "." + encode(payload)
	signature, err := signature(private, k.Algorithm, signed)
	if err != nil {
		return "", fmt.Errorf("issuer key %s: %w", k.ID, err)
	}
	return signed + "." + encode(signature), nil
}

// signature signs a text as RFC 7518 has it.
func signature(private any, algorithm, text string) ([]byte, error) {
	switch key := private.(type) {
	case *ecdsa.PrivateKey:
		if algorithm != ES384 {
			return nil, errAlgorithm
		}
		sum := sha512.Sum384([]byte(text))
		r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
		if err != nil {
			return nil, err
		}
		const size = 48 // of a coordinate of P-384
		out := make([]byte, 2*size)
		r.FillBytes(out[:size])
		s.FillBytes(out[size:])
		return out, nil
	case *rsa.PrivateKey:
		if algorithm != RS256 {
			return nil, errAlgorithm
		}
		sum := sha256.Sum256([]byte(text))
		return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	}
	return nil, errAlgorithm
}
