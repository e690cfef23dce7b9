package seal

import (
	"crypto/rand"
	"encoding/hex"
)

// A KeyID names a data key of a ring. The first is 1; the newest is the greatest.
type KeyID uint32

// An InstanceID names one life of a store: made with it, and anew when it is restored from a backup.
type InstanceID string

// NewInstanceID returns a new random instance id, 32 hexadecimal digits.
func NewInstanceID() InstanceID {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return InstanceID(hex.EncodeToString(id[:]))
}

// A Ring seals with its newest data key and opens with all of them. It does not change: Rotate, Renew, Retire
// and Rewrap return another one, whose Record the caller stores before it uses it. It may be used by many
// goroutines.
type Ring struct{}

// NewRing returns a ring for a new instance, with one new data key. Make one only when the store has none.
func NewRing(m Master, instance InstanceID) (*Ring, error) { panic("seal: not built yet") }

// OpenRing opens the ring that Record returned. A master key that is not its own is [ErrWrongKey]; a record that
// was changed is [ErrRecord].
func OpenRing(m Master, record []byte) (*Ring, error) { panic("seal: not built yet") }

// Record returns the ring as the store keeps it: versioned JSON, its data keys sealed under the master key.
func (r *Ring) Record() ([]byte, error) { panic("seal: not built yet") }

// Instance returns the instance id that the ring seals for.
func (r *Ring) Instance() InstanceID { panic("seal: not built yet") }

// Current returns the id of the newest data key, the one that seals.
func (r *Ring) Current() KeyID { panic("seal: not built yet") }

// Epoch returns how often the ring was renewed.
func (r *Ring) Epoch() uint32 { panic("seal: not built yet") }

// Keys returns the ids of the data keys, oldest first.
func (r *Ring) Keys() []KeyID { panic("seal: not built yet") }

// Rotate returns a ring with a new data key, which seals from now on. The old ones still open.
func (r *Ring) Rotate() (*Ring, error) { panic("seal: not built yet") }

// Renew returns a ring with a new data key for a new instance: what is at rest still opens, what the old
// instance handed out does not (TH-46). For a store that was restored from a backup.
func (r *Ring) Renew(instance InstanceID) (*Ring, error) { panic("seal: not built yet") }

// Retire returns a ring without the data key id, which must not be the newest. What it sealed no longer opens.
func (r *Ring) Retire(id KeyID) (*Ring, error) { panic("seal: not built yet") }

// Rewrap returns a ring with the same data keys, whose record is sealed under m.
func (r *Ring) Rewrap(m Master) (*Ring, error) { panic("seal: not built yet") }

// Seal seals plaintext for a purpose and a context, such as the key of the record that will hold it (TH-111).
// The context is not secret and not contained: Open must be given the same. The result is [Overhead] bytes longer.
func (r *Ring) Seal(p Purpose, context string, plaintext []byte) ([]byte, error) {
	panic("seal: not built yet")
}

// Open returns what was sealed for the purpose and the context, or [ErrOpen].
func (r *Ring) Open(p Purpose, context string, box []byte) ([]byte, error) {
	panic("seal: not built yet")
}

// SealString is Seal as URL-safe base64 without padding: for tokens and markers.
func (r *Ring) SealString(p Purpose, context string, plaintext []byte) (string, error) {
	panic("seal: not built yet")
}

// OpenString opens what SealString returned. Only the one canonical spelling opens.
func (r *Ring) OpenString(p Purpose, context, text string) ([]byte, error) {
	panic("seal: not built yet")
}

// KeyOf returns the id of the key that box says it is sealed with. It is true only once Open has opened box.
func (r *Ring) KeyOf(box []byte) (KeyID, error) { panic("seal: not built yet") }

// Stale reports whether box is sealed with another key than the newest, and ought to be sealed again.
func (r *Ring) Stale(box []byte) bool { panic("seal: not built yet") }

// Derive returns n secret bytes that depend on the data key id, the purpose, the instance and all of info
// (HKDF-SHA256). They are unrelated to what Seal uses. n is at most 8160.
func (r *Ring) Derive(p Purpose, id KeyID, info []byte, n int) ([]byte, error) {
	panic("seal: not built yet")
}

// Overhead is how many bytes a sealed value is longer than the plaintext.
const Overhead = 1 + 4 + 24 + 16 // version, key id, nonce, tag
