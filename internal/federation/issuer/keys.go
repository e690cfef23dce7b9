package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
)

// What tokens are signed by.
const (
	ES384 = "ES384" // ECDSA on P-384 with SHA-384
	RS256 = "RS256" // RSA (PKCS #1 v1.5) with SHA-256
)

// Algorithms returns what tokens can be signed by.
func Algorithms() []string { return []string{ES384, RS256} }

// Lives of keys and tokens.
const (
	// KeyLife is how long a key signs before another takes its place.
	KeyLife = 90 * 24 * time.Hour
	// MaxLife is how long a token is good for at most, and with it how long the
	// public key is published after the last that it signed.
	MaxLife = time.Hour
)

// skew is how much longer a retired key is published, for clocks that are late.
const skew = 5 * time.Minute

const rsaBits = 2048

// errAlgorithm reports an algorithm that is none of Algorithms.
var errAlgorithm = errors.New("issuer: unknown algorithm")

// Generate makes a key for an account's issuer, sealed under ring. That takes long
// for RSA, so it must not be done inside a transaction (TH-24).
func Generate(ring *seal.Ring, account identity.AccountID, algorithm string, now time.Time) (identity.IssuerKey, error) {
	var private crypto.Signer
	var err error
	switch algorithm {
	case ES384:
		private, err = ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case RS256:
		private, err = rsa.GenerateKey(rand.Reader, rsaBits)
	default:
		err = errAlgorithm
	}
	if err != nil {
		return identity.IssuerKey{}, fmt.Errorf("making a key for %s: %w", algorithm, err)
	}
	k := identity.IssuerKey{Algorithm: algorithm, Created: now}
	if k.Public, err = x509.MarshalPKIXPublicKey(private.Public()); err != nil {
		return identity.IssuerKey{}, fmt.Errorf("encoding a public key: %w", err)
	}
	if k.ID, err = thumbprint(private.Public()); err != nil {
		return identity.IssuerKey{}, err
	}
	plain, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return identity.IssuerKey{}, fmt.Errorf("encoding a private key: %w", err)
	}
	k.Sealed, err = ring.Seal(seal.PrivateKey, sealContext(account, k.ID), plain)
	return k, err
}

func sealContext(account identity.AccountID, id string) string {
	return "issuer key " + string(account) + " " + id
}

// Signing returns the key that signs by an algorithm, nil when there is none or
// it is too old.
func Signing(keys *identity.IssuerKeys, algorithm string, now time.Time) *identity.IssuerKey {
	for i := range keys.Keys {
		k := &keys.Keys[i]
		if k.Algorithm == algorithm && k.Retired.IsZero() && now.Sub(k.Created) < KeyLife {
			return k
		}
	}
	return nil
}

// Replace makes k the one that signs by its algorithm. The one before loses its
// private key and stays published until the last token under it has expired; what
// has been published for long enough goes.
func Replace(keys *identity.IssuerKeys, k identity.IssuerKey, now time.Time) {
	for i := range keys.Keys {
		if old := &keys.Keys[i]; old.Algorithm == k.Algorithm && old.Retired.IsZero() {
			old.Retired, old.Sealed = now, nil
		}
	}
	keys.Keys = slices.DeleteFunc(keys.Keys, func(old identity.IssuerKey) bool { return !published(&old, now) })
	keys.Keys = append(keys.Keys, k)
}

// Withdraw takes back every key that no longer signs: tokens under them are good
// for nothing from then on, as far as relying parties look.
func Withdraw(keys *identity.IssuerKeys) {
	keys.Keys = slices.DeleteFunc(keys.Keys, func(k identity.IssuerKey) bool { return !k.Retired.IsZero() })
}

// PublishedUntil is when a retired key goes.
func PublishedUntil(k *identity.IssuerKey) time.Time { return k.Retired.Add(MaxLife + skew) }

func published(k *identity.IssuerKey, now time.Time) bool {
	return k.Retired.IsZero() || now.Before(PublishedUntil(k))
}

// A jwk is a public key as RFC 7517 has it. The members that a thumbprint is made
// of come first, in order (RFC 7638).
type jwk struct {
	Curve    string `json:"crv,omitempty"`
	Exponent string `json:"e,omitempty"`
	Type     string `json:"kty"`
	Modulus  string `json:"n,omitempty"`
	X        string `json:"x,omitempty"`
	Y        string `json:"y,omitempty"`

	ID        string `json:"kid,omitempty"`
	Use       string `json:"use,omitempty"`
	Algorithm string `json:"alg,omitempty"`
}

func jwkOf(public crypto.PublicKey) (jwk, error) {
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		point, err := p.Bytes() // 4, then both coordinates
		if err != nil {
			return jwk{}, fmt.Errorf("encoding a public key: %w", err)
		}
		size := (len(point) - 1) / 2
		return jwk{Type: "EC", Curve: p.Params().Name, X: encode(point[1 : 1+size]), Y: encode(point[1+size:])}, nil
	case *rsa.PublicKey:
		return jwk{Type: "RSA", Modulus: encode(p.N.Bytes()), Exponent: encode(big.NewInt(int64(p.E)).Bytes())}, nil
	}
	return jwk{}, errAlgorithm
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func thumbprint(public crypto.PublicKey) (string, error) {
	k, err := jwkOf(public)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(k)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return encode(sum[:]), nil
}

// keySet is the document with the keys that tokens are verified by.
func keySet(keys *identity.IssuerKeys, now time.Time) (Document, error) {
	set := struct {
		Keys []jwk `json:"keys"`
	}{[]jwk{}}
	for i := range keys.Keys {
		k := &keys.Keys[i]
		if !published(k, now) {
			continue
		}
		public, err := x509.ParsePKIXPublicKey(k.Public)
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", k.ID, err)
		}
		entry, err := jwkOf(public)
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", k.ID, err)
		}
		entry.ID, entry.Use, entry.Algorithm = k.ID, "sig", k.Algorithm
		set.Keys = append(set.Keys, entry)
	}
	return json.Marshal(set)
}
