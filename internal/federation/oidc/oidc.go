// Package oidc checks tokens that somebody else signed: it reads a JSON Web
// Token, fetches the keys of the provider that its issuer names, and says
// whether the token is that provider's, of this time and for this audience.
//
// Who calls with a token is nobody yet, and where its keys are fetched is an
// address that some account's administrator wrote down: all that is fetched is
// bounded in size, time and number, and no address inside of the operator's
// network is ever dialed that the operator did not allow (TH-91).
package oidc

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"
)

// Errors of tokens that are not taken. None of them holds anything that a
// provider's server answered.
var (
	// ErrToken reports what is no token, or none that is signed as it must be.
	ErrToken = errors.New("oidc: not a valid token")
	// ErrKey reports a provider that has no such key, or whose documents cannot
	// be understood.
	ErrKey = errors.New("oidc: the provider has no such key")
	// ErrUnreachable reports a provider whose server does not answer.
	ErrUnreachable = errors.New("oidc: the provider cannot be reached")
	// ErrThumbprint reports a server whose certificate no authority that is
	// trusted made and no thumbprint of the provider's stands for (ST-62).
	ErrThumbprint = errors.New("oidc: the certificate does not match a thumbprint")
	// ErrSignature reports a token that the key did not sign.
	ErrSignature = errors.New("oidc: the signature is not valid")
	// ErrEarly reports a token of the future.
	ErrEarly = errors.New("oidc: the token is not valid yet")
)

// An ExpiredError reports a token whose time is over.
type ExpiredError struct{ Now, Expires int64 } // seconds since the epoch

func (e *ExpiredError) Error() string {
	return fmt.Sprintf("oidc: the token expired at %d, and it is %d", e.Expires, e.Now)
}

// leeway is how much a provider's clock may be ahead of ours. A token's end is
// not moved: it is over when it says so (ST-63).
const leeway = 5 * time.Minute

// Options say what a Verifier may reach. The zero value reaches public
// addresses over TLS with the machine's authorities.
type Options struct {
	// Authorities are trusted beside the machine's own; nil for none.
	Authorities *x509.CertPool
	// Networks are addresses that may be dialed though they are not public.
	Networks []netip.Prefix
	// LoopbackHTTP lets providers on this machine be without TLS: for tests.
	LoopbackHTTP bool
	// Resolver looks up names; nil is the machine's.
	Resolver Resolver
	// Log gets a line when the keys of a provider could not be fetched, at most
	// once a minute for each; nil discards.
	Log *slog.Logger
}

// A Resolver looks up the addresses of a name, as net.Resolver does.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// A Verifier verifies tokens. It keeps the keys of providers for a while, and
// is safe for concurrent use.
type Verifier struct {
	options Options
	cache   *cache
	under   underWay
}

// New returns a Verifier that has no keys yet.
func New(o Options) *Verifier {
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Verifier{options: o, cache: newCache(), under: underWay{of: map[string]int{}}}
}

// A Provider is one account's provider. What is known of its keys is never
// shared with another account's, even of the same issuer (TH-92).
type Provider struct {
	Account string
	// Name is the issuer without its scheme.
	Name        string
	Thumbprints []string // SHA-1 of certificates, in hexadecimal digits
	Created     time.Time
}

// Verify checks that p signed the token and that its time is now: the key, the
// signature, the time, in this order. The caller has looked p up by
// ProviderName and checks the audience.
func (v *Verifier) Verify(ctx context.Context, p *Provider, t *Token, now time.Time) error {
	if name, ok := v.ProviderName(t); !ok || name != p.Name {
		return ErrToken
	}
	keys, err := v.keysFor(ctx, p, t, now)
	if err != nil {
		return err
	}
	signed := false
	for i := range keys {
		if _, err := t.signature.Verify(keys[i].key); err == nil {
			signed = true
			break
		}
	}
	if !signed {
		return ErrSignature
	}
	if now.Unix() >= t.Expires {
		return &ExpiredError{now.Unix(), t.Expires}
	}
	if latest := now.Add(leeway).Unix(); t.Issued > latest || t.NotBefore > latest {
		return ErrEarly
	}
	return nil
}
