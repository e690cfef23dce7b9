// Package password keeps passwords: as argon2id hashes, never in clear, and
// only those that the account's password policy takes.
package password

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/regent-iam/regent/internal/seal"
)

var (
	// ErrBusy reports that as many passwords are being hashed or waiting to be
	// as may be (TH-52). The client is to try again later.
	ErrBusy = errors.New("password: too many passwords at once")
	// ErrHash reports a hash that is not one of ours.
	ErrHash = errors.New("password: unreadable hash")
)

// A Cost is what one hash takes. It is kept with every hash, so that a later
// release can raise it and still read the old ones.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
	Lanes  uint8
}

// defaultCost is a good third above the least that OWASP's Password Storage
// Cheat Sheet asks of argon2id with one lane (46 MiB, one pass), and twice its
// passes.
func defaultCost() Cost { return Cost{Memory: 64 << 10, Passes: 2, Lanes: 1} }

// Sizes of a hash's parts in bytes, and the most that one that is read may ask
// for.
const (
	saltSize  = 16
	hashSize  = 32
	maxMemory = 1 << 20 // KiB
	maxPasses = 64
	maxLanes  = 16
)

// Options are how a Hasher works. The zero value is a good one.
type Options struct {
	// Cost of a new hash.
	Cost Cost
	// AtOnce is how many hashes are made at once: the memory that passwords can
	// take is that many times Cost.Memory. 0 is one for each processor, 4 at most.
	AtOnce int
	// Waiting is how many more may wait for their turn; 0 is 64.
	Waiting int
}

const (
	maxAtOnce      = 4
	defaultWaiting = 64
)

// A Hasher hashes and verifies passwords, so many at once and no more. It is
// safe for concurrent use; a server has one.
type Hasher struct {
	cost     Cost
	slots    chan struct{}
	admitted chan struct{} // those that hash and those that wait
}

// New returns a Hasher.
func New(o Options) *Hasher {
	if o.Cost == (Cost{}) {
		o.Cost = defaultCost()
	}
	if o.AtOnce <= 0 {
		o.AtOnce = min(maxAtOnce, runtime.GOMAXPROCS(0))
	}
	if o.Waiting <= 0 {
		o.Waiting = defaultWaiting
	}
	return &Hasher{cost: o.Cost, slots: make(chan struct{}, o.AtOnce), admitted: make(chan struct{}, o.AtOnce+o.Waiting)}
}

// enter waits for a turn, which leave ends. It fails with ErrBusy when too many
// wait already.
func (h *Hasher) enter(ctx context.Context) error {
	select {
	case h.admitted <- struct{}{}:
	default:
		return ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-h.admitted
		return ctx.Err()
	}
}

func (h *Hasher) leave() {
	<-h.slots
	<-h.admitted
}

// Hash returns the hash of a password, with salt drawn from random.
func (h *Hasher) Hash(ctx context.Context, random io.Reader, password seal.Secret) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("making a salt: %w", err)
	}
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	return encode(h.cost, salt, derive(h.cost, salt, password)), nil
}

// Verify reports whether a hash is that of the password, in time that does not
// depend on where they differ.
func (h *Hasher) Verify(ctx context.Context, hash string, password seal.Secret) (bool, error) {
	cost, salt, want, err := parse(hash)
	if err != nil {
		return false, err
	}
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	return subtle.ConstantTimeCompare(derive(cost, salt, password), want) == 1, nil
}

// VerifyNobody takes as long as Verify with a new hash does, and does as much:
// for users who do not exist or have no password, so that time does not tell
// (TH-52).
func (h *Hasher) VerifyNobody(ctx context.Context, password seal.Secret) error {
	if err := h.enter(ctx); err != nil {
		return err
	}
	defer h.leave()
	derive(h.cost, make([]byte, saltSize), password)
	return nil
}

// Outdated reports whether a hash was made at another cost than new ones are:
// who has just verified it may hash the password anew.
func (h *Hasher) Outdated(hash string) bool {
	cost, _, _, err := parse(hash)
	return err != nil || cost != h.cost
}

func derive(c Cost, salt []byte, password seal.Secret) []byte {
	return argon2.IDKey([]byte(password.Reveal()), salt, c.Passes, c.Memory, c.Lanes, hashSize)
}

const format = "$argon2id$v=%d$m=%d,t=%d,p=%d$"

// encode writes a hash in PHC's string format.
func encode(c Cost, salt, hash []byte) string {
	return fmt.Sprintf(format, argon2.Version, c.Memory, c.Passes, c.Lanes) +
		base64.RawStdEncoding.EncodeToString(salt) + "$" + base64.RawStdEncoding.EncodeToString(hash)
}

func parse(s string) (c Cost, salt, hash []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 {
		return Cost{}, nil, nil, ErrHash
	}
	var version int
	head := strings.Join(parts[:4], "$") + "$"
	if _, err := fmt.Sscanf(head, format, &version, &c.Memory, &c.Passes, &c.Lanes); err != nil {
		return Cost{}, nil, nil, ErrHash
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	hash, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	switch {
	case err1 != nil, err2 != nil, version != argon2.Version, len(salt) < saltSize, len(hash) != hashSize:
		return Cost{}, nil, nil, ErrHash
	case c.Memory == 0, c.Passes == 0, c.Lanes == 0, c.Memory > maxMemory, c.Passes > maxPasses, c.Lanes > maxLanes:
		return Cost{}, nil, nil, ErrHash
	}
	return c, salt, hash, nil
}
