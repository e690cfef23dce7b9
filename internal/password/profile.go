package password

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
)

// history is how many hashes a login profile keeps, the present one among
// them: as many as PasswordReusePrevention can ask for.
const history = 24

func sealedFor(p *identity.LoginProfile) string { return string(p.Account) + "/" + p.UserID }

// Seal returns the hash of a password as it lies in the login profile.
func (h *Hasher) Seal(ctx context.Context, ring *seal.Ring, random io.Reader, p *identity.LoginProfile, password seal.Secret) ([]byte, error) {
	hash, err := h.Hash(ctx, random, password)
	if err != nil {
		return nil, err
	}
	return ring.Seal(seal.Password, sealedFor(p), []byte(hash))
}

// Opens reports whether the password is the profile's. A profile without a
// password is opened by none.
func (h *Hasher) Opens(ctx context.Context, ring *seal.Ring, p *identity.LoginProfile, password seal.Secret) (bool, error) {
	if len(p.Sealed) == 0 {
		return false, h.VerifyNobody(ctx, password)
	}
	return h.opens(ctx, ring, p, p.Sealed, password)
}

func (h *Hasher) opens(ctx context.Context, ring *seal.Ring, p *identity.LoginProfile, sealed []byte, password seal.Secret) (bool, error) {
	hash, err := ring.Open(seal.Password, sealedFor(p), sealed)
	if err != nil {
		return false, fmt.Errorf("password of %s: %w", sealedFor(p), err)
	}
	return h.Verify(ctx, string(hash), password)
}

// Reused reports whether the password is one of the profile's last n, its
// present one included.
func (h *Hasher) Reused(ctx context.Context, ring *seal.Ring, p *identity.LoginProfile, n int, password seal.Secret) (bool, error) {
	for i, sealed := range append([][]byte{p.Sealed}, p.Previous...) {
		if i >= n {
			break
		}
		if len(sealed) == 0 {
			continue
		}
		if same, err := h.opens(ctx, ring, p, sealed, password); err != nil || same {
			return same, err
		}
	}
	return false, nil
}

// Set gives a profile another password, by its sealed hash, and remembers the
// one it had.
func Set(p *identity.LoginProfile, sealed []byte, now time.Time) {
	if len(p.Sealed) > 0 {
		p.Previous = append([][]byte{p.Sealed}, p.Previous...)
		p.Previous = p.Previous[:min(len(p.Previous), history-1)]
	}
	p.Sealed, p.Changed, p.Failures, p.BlockedUntil = sealed, now, 0, time.Time{}
}

// Limits of guessing, as for one-time codes: after this many wrong passwords in
// a row each further one costs twice the delay of the one before.
const (
	freeFailures = 5
	firstDelay   = time.Second
	maxDelay     = 5 * time.Minute
)

// Fail counts a wrong password.
func Fail(p *identity.LoginProfile, now time.Time) {
	p.Failures++
	if over := p.Failures - freeFailures; over > 0 {
		p.BlockedUntil = now.Add(min(maxDelay, firstDelay<<min(over-1, 16)))
	}
}
