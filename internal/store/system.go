package store

import "github.com/regent-iam/regent/internal/identity"

// A System record is what an installation knows of itself.
type System struct {
	// Instance is bound into every seal; a restored copy gets a new one.
	Instance string `json:"instance"`
	// Management is the account whose root key was made at first start.
	Management identity.AccountID `json:"management"`
	// Ring is the key ring, sealed under the master key.
	Ring []byte `json:"ring"`
	// Demo says that the installation was begun with the demo.
	Demo bool `json:"demo,omitempty"`
}

var systemKey = join("system")

// System returns the installation's record; ErrNotFound before first start.
func (tx *Tx) System() (*System, error) { return get[System](tx, systemKey) }

// PutSystem writes the installation's record.
func (tx *Tx) PutSystem(s *System) error { return put(tx, systemKey, s) }
