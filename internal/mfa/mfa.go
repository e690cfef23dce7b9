// Package mfa checks one-time codes of virtual devices: TOTP by RFC 6238 with
// SHA-1, 30 seconds and six digits, which is what authenticator apps and AWS
// use. A code serves once, and guessing is slowed down.
package mfa

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
)

// SeedSize is the length of a seed in bytes: 64 characters in base32 (IA-54).
const SeedSize = 40

// step is the life of a code, and window how many steps a device's clock may
// be off either way (ST-50).
const (
	step   = 30 * time.Second
	window = 1
)

var (
	// ErrCode reports a code that is wrong, stale, or was used before.
	ErrCode = errors.New("mfa: code is not valid")
	// ErrBlocked reports that too many wrong codes were tried and the next may
	// not be tried yet (TH-50).
	ErrBlocked = errors.New("mfa: too many wrong codes")
)

// Code returns the code of a seed for a time.
func Code(seed []byte, at time.Time) string { return code(seed, at.Unix()/int64(step/time.Second)) }

func code(seed []byte, counter int64) string {
	mac := hmac.New(sha1.New, seed)
	_, _ = mac.Write(binary.BigEndian.AppendUint64(nil, uint64(counter))) // a hash does not fail
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0x0f
	n := binary.BigEndian.Uint32(sum[at:at+4]) & 0x7fffffff % 1_000_000
	return fmt.Sprintf("%06d", n)
}

// SealSeed seals a device's seed for its record.
func SealSeed(ring *seal.Ring, serial string, seed []byte) ([]byte, error) {
	return ring.Seal(seal.MFASeed, serial, seed)
}

func open(ring *seal.Ring, d *identity.MFADevice) ([]byte, error) {
	seed, err := ring.Open(seal.MFASeed, d.Serial(), d.Sealed)
	if err != nil {
		return nil, fmt.Errorf("seed of %s: %w", d.Serial(), err)
	}
	return seed, nil
}

// match returns the step, at or behind from, that the code belongs to.
func match(seed []byte, given string, from, to int64) (int64, bool) {
	var found int64
	ok := false
	for at := from; at <= to; at++ {
		if subtle.ConstantTimeCompare([]byte(code(seed, at)), []byte(given)) == 1 && !ok {
			found, ok = at, true
		}
	}
	return found, ok
}

// Limits of guessing: after this many wrong codes in a row each further one
// costs twice the delay of the one before, up to maxDelay. It slows an
// attacker to a few hundred guesses a day and locks nobody out for long.
const (
	freeFailures = 5
	firstDelay   = time.Second
	maxDelay     = 5 * time.Minute
)

// Check checks a code of an enabled device and enters the outcome in d, which
// the caller must write whatever Check returned: a code that was right is used
// up, a wrong one is counted. The errors are ErrCode and ErrBlocked.
func Check(ring *seal.Ring, d *identity.MFADevice, given string, now time.Time) error {
	if d.Passkey != nil {
		return ErrCode // it shows none
	}
	if now.Before(d.BlockedUntil) {
		return ErrBlocked
	}
	seed, err := open(ring, d)
	if err != nil {
		return err
	}
	current := now.Unix()/int64(step/time.Second) + d.Drift
	at, ok := match(seed, given, max(current-window, d.LastStep+1), current+window)
	if !ok {
		fail(d, now)
		return ErrCode
	}
	d.LastStep, d.Failures, d.BlockedUntil = at, 0, time.Time{}
	return nil
}

func fail(d *identity.MFADevice, now time.Time) {
	d.Failures++
	if over := d.Failures - freeFailures; over > 0 {
		d.BlockedUntil = now.Add(min(maxDelay, firstDelay<<min(over-1, 16)))
	}
}

// pairWindow is how many steps around now two consecutive codes are looked for
// when a device is enabled or brought into step: two codes in a row are not
// guessed, so the clock may be further off.
const pairWindow = 20

// CheckPair checks two consecutive codes (IA-54), by which a device is enabled
// or its clock's offset is learned, and enters the outcome in d like Check.
func CheckPair(ring *seal.Ring, d *identity.MFADevice, first, second string, now time.Time) error {
	if d.Passkey != nil {
		return ErrCode // it shows none
	}
	if now.Before(d.BlockedUntil) {
		return ErrBlocked
	}
	seed, err := open(ring, d)
	if err != nil {
		return err
	}
	current := now.Unix() / int64(step/time.Second)
	for at := max(current-pairWindow, d.LastStep+1); at <= current+pairWindow; at++ {
		_, one := match(seed, first, at, at)
		_, two := match(seed, second, at+1, at+1)
		if one && two {
			d.LastStep, d.Drift = at+1, at+1-current
			if d.Drift >= -window && d.Drift <= window {
				d.Drift = 0
			}
			d.Failures, d.BlockedUntil = 0, time.Time{}
			return nil
		}
	}
	fail(d, now)
	return ErrCode
}
