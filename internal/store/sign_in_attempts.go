package store

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"time"
)

// Attempts to sign in are counted in a fixed number of slots, by the digest of
// whose they are: a flood of them writes the same records over and over.
const (
	attemptSlots = 4096
	// attemptsInSlot is how many a slot has room for. Of more, the one goes that
	// was seen longest ago.
	attemptsInSlot = 16
)

// An Attempts counts how often somebody failed to sign in from somewhere.
type Attempts struct {
	Of       string    `json:"of"` // digest of who and where
	Failures int       `json:"failures,omitempty"`
	Until    time.Time `json:"until,omitzero"` // when the next may be tried
	Last     time.Time `json:"last"`
	// Succeeded is when it last worked, zero for never.
	Succeeded time.Time `json:"succeeded,omitzero"`
}

type attemptSlot struct {
	Attempts []Attempts `json:"attempts"`
}

func attemptDigest(of string) (digest string, k key) {
	sum := sha256.Sum256([]byte(of))
	slot := binary.BigEndian.Uint16(sum[:2]) % attemptSlots
	return hex.EncodeToString(sum[:16]), join("sign-in-attempts", strconv.Itoa(int(slot)))
}

// Attempts returns what was counted of somebody somewhere; nothing is its zero
// value.
func (tx *Tx) Attempts(of string) (*Attempts, error) {
	digest, k := attemptDigest(of)
	slot, err := get[attemptSlot](tx, k)
	if err != nil && !missing(err) {
		return nil, err
	}
	if err == nil {
		for i := range slot.Attempts {
			if slot.Attempts[i].Of == digest {
				return &slot.Attempts[i], nil
			}
		}
	}
	return &Attempts{Of: digest}, nil
}

// PutAttempts writes what was counted.
func (tx *Tx) PutAttempts(of string, a *Attempts) error {
	digest, k := attemptDigest(of)
	slot, err := get[attemptSlot](tx, k)
	if missing(err) {
		slot = &attemptSlot{}
	} else if err != nil {
		return err
	}
	kept := slices.DeleteFunc(slices.Clone(slot.Attempts), func(b Attempts) bool { return b.Of == digest })
	for len(kept) >= attemptsInSlot {
		oldest := 0
		for i := range kept {
			if kept[i].Last.Before(kept[oldest].Last) {
				oldest = i
			}
		}
		kept = slices.Delete(kept, oldest, oldest+1)
	}
	a.Of = digest
	slot.Attempts = append(kept, *a)
	return put(tx, k, slot)
}
