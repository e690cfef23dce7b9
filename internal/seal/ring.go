package seal

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"
)

// Overhead is how many bytes a sealed value is longer than the plaintext.
const Overhead = header + xaesNonce + xaesTag

// formatVersion is the first byte of everything sealed, and part of every key derivation.
const formatVersion = 1

// header is the version and the key id in front of the nonce.
const header = 1 + 4

// A KeyID names a data key of a ring. The first is 1; the newest is the greatest.
type KeyID uint32

// An InstanceID names one life of a store: made with it, and anew when it is restored from a backup.
type InstanceID string

// ErrInstance reports an instance id that is empty, or not a new one.
var ErrInstance = errors.New("seal: instance id empty or not new")

// NewInstanceID returns a new random instance id, 32 hexadecimal digits.
func NewInstanceID() InstanceID {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	return InstanceID(hex.EncodeToString(id[:]))
}

// MaxKeys is how many data keys a ring can have: its record is read as a whole.
const MaxKeys = 500

// ErrFull reports a ring that has MaxKeys keys.
var ErrFull = errors.New("seal: the key ring is full")

// A Ring seals with its newest data key and opens with all of them. It does not change: Began, Rotate, Renew,
// Retire and Rewrap return another one, whose Record the caller stores before it uses it, and Close one for use
// alone. It may be used by many goroutines.
type Ring struct {
	master   Master
	instance InstanceID
	epoch    uint32
	keys     []*dataKey // by id; never empty
	closed   KeyID      // this key and those before have no use but for what lasts
}

// NewRing returns a ring for a new instance, with one new data key. Make one only when the store has none.
func NewRing(m Master, instance InstanceID) (*Ring, error) {
	if m.key.IsZero() {
		return nil, ErrMaster
	}
	if instance == "" {
		return nil, ErrInstance
	}
	return &Ring{master: m, instance: instance, keys: []*dataKey{newDataKey(1, 0, instance)}}, nil
}

// Instance returns the instance id that the ring seals for.
func (r *Ring) Instance() InstanceID { return r.instance }

// Epoch returns how often the ring was renewed.
func (r *Ring) Epoch() uint32 { return r.epoch }

// Current returns the id of the newest data key, the one that seals.
func (r *Ring) Current() KeyID { return r.newest().id }

// Keys returns the ids of the data keys, oldest first.
func (r *Ring) Keys() []KeyID {
	ids := make([]KeyID, len(r.keys))
	for i, k := range r.keys {
		ids[i] = k.id
	}
	return ids
}

// Seals returns how often the data key id has sealed since this process loaded it, for metrics. XAES-256-GCM
// sets no limit that it could reach.
func (r *Ring) Seals(id KeyID) uint64 {
	if k, ok := r.find(id); ok {
		return k.seals.Load()
	}
	return 0
}

// String says which ring it is, without keys.
func (r *Ring) String() string {
	return fmt.Sprintf("key ring of %s, epoch %d, %d keys", r.instance, r.epoch, len(r.keys))
}

// Format writes String for every verb.
func (r *Ring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// LogValue is String.
func (r *Ring) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Since returns when the newest data key was made, to the second; the zero time when nobody knows.
func (r *Ring) Since() time.Time { return r.newest().since }

// Began returns a ring whose newest data key counts as made at now.
func (r *Ring) Began(now time.Time) *Ring {
	k := r.newest()
	dated := &dataKey{id: k.id, epoch: k.epoch, instance: k.instance, since: whole(now), key: k.key}
	next := *r
	next.keys = append(slices.Clone(r.keys[:len(r.keys)-1]), dated)
	return &next
}

// Rotate returns a ring with a new data key, made at now, which seals from then on. The old ones still open. The
// only error is [ErrFull].
func (r *Ring) Rotate(now time.Time) (*Ring, error) {
	if len(r.keys) >= MaxKeys {
		return nil, ErrFull
	}
	return r.add(now), nil
}

func (r *Ring) add(now time.Time) *Ring {
	k := newDataKey(r.Current()+1, r.epoch, r.instance)
	k.since = whole(now)
	next := *r
	next.keys = append(slices.Clone(r.keys), k)
	return &next
}

func whole(at time.Time) time.Time {
	if at.IsZero() {
		return at
	}
	return at.UTC().Truncate(time.Second)
}

// Close returns a ring in which nothing that was handed out opens under the data keys that stopped sealing before
// a time (see [Purpose.Closes]); what is at rest does. Nothing of it is in the Record.
func (r *Ring) Close(before time.Time) *Ring {
	next := *r
	next.closed = 0
	for i, k := range r.keys[:len(r.keys)-1] {
		if !r.keys[i+1].since.Before(before) {
			break
		}
		next.closed = k.id
	}
	return &next
}

// Closed returns the newest data key that Close closed, 0 when there is none.
func (r *Ring) Closed() KeyID { return r.closed }

// Renew returns a ring with a new data key for a new instance: what is at rest still opens, what the old
// instance handed out does not (TH-46). For a store that was restored from a backup.
func (r *Ring) Renew(instance InstanceID) (*Ring, error) {
	// A past instance would bring what it handed out back to life.
	if instance == "" || slices.ContainsFunc(r.keys, func(k *dataKey) bool { return k.instance == instance }) {
		return nil, ErrInstance
	}
	next := *r
	next.instance = instance
	next.epoch++
	return next.add(time.Time{}), nil
}

// Retire returns a ring without the data key id, which must not be the newest. What it sealed no longer opens.
func (r *Ring) Retire(id KeyID) (*Ring, error) {
	if _, ok := r.find(id); !ok || id == r.Current() {
		return nil, ErrKey
	}
	next := *r
	next.keys = slices.DeleteFunc(slices.Clone(r.keys), func(k *dataKey) bool { return k.id == id })
	return &next, nil
}

// Rewrap returns a ring with the same data keys, whose record is sealed under m.
func (r *Ring) Rewrap(m Master) (*Ring, error) {
	if m.key.IsZero() {
		return nil, ErrMaster
	}
	next := *r
	next.master = m
	return &next, nil
}

// Seal seals plaintext for a purpose and a context, such as the key of the record that will hold it (TH-111).
// The context is not secret and not contained: Open must be given the same. The result is [Overhead] bytes longer.
// The only error is [ErrPurpose].
func (r *Ring) Seal(p Purpose, context string, plaintext []byte) ([]byte, error) {
	k := r.newest()
	keys, err := k.purpose(p)
	if err != nil {
		return nil, err
	}
	box := make([]byte, header+xaesNonce, Overhead+len(plaintext))
	box[0] = formatVersion
	binary.BigEndian.PutUint32(box[1:], uint32(k.id))
	nonce := box[header:]
	_, _ = rand.Read(nonce) // never fails
	k.seals.Add(1)
	return keys.xaes.seal(box, nonce, plaintext, additional(box[:header], p, k.instance, context))
}

// Open returns what was sealed for the purpose and the context, or [ErrOpen].
func (r *Ring) Open(p Purpose, context string, box []byte) ([]byte, error) {
	id, err := r.KeyOf(box)
	if err != nil {
		return nil, err
	}
	k, keys, err := r.use(p, id)
	if err != nil {
		return nil, ErrOpen
	}
	nonce, ciphertext := box[header:header+xaesNonce], box[header+xaesNonce:]
	plaintext, err := keys.xaes.open(nonce, ciphertext, additional(box[:header], p, k.instance, context))
	if err != nil {
		return nil, ErrOpen
	}
	return plaintext, nil
}

// SealString is Seal as URL-safe base64 without padding: for tokens and markers.
func (r *Ring) SealString(p Purpose, context string, plaintext []byte) (string, error) {
	box, err := r.Seal(p, context, plaintext)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(box), nil
}

// OpenString opens what SealString returned. Only the one canonical spelling opens, so that nobody gets a second
// token that a record of used ones does not know.
func (r *Ring) OpenString(p Purpose, context, text string) ([]byte, error) {
	box, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || base64.RawURLEncoding.EncodedLen(len(box)) != len(text) { // the decoder skips line ends
		return nil, ErrOpen
	}
	return r.Open(p, context, box)
}

// KeyOf returns the id of the key that box says it is sealed with, or [ErrOpen]. It is true only once Open has
// opened box.
func (r *Ring) KeyOf(box []byte) (KeyID, error) {
	if len(box) < Overhead || box[0] != formatVersion {
		return 0, ErrOpen
	}
	return KeyID(binary.BigEndian.Uint32(box[1:])), nil
}

// Stale reports whether box is sealed with another key than the newest, and ought to be sealed again.
func (r *Ring) Stale(box []byte) bool {
	id, err := r.KeyOf(box)
	return err != nil || id != r.Current()
}

// Derive returns n secret bytes that depend on the data key id, the purpose, the instance and all of info
// (HKDF-SHA256). They are unrelated to what Seal uses. n is from 1 to 8160. A key that is not there, or is of
// another instance or closed where the purpose is not for it, is [ErrKey].
func (r *Ring) Derive(p Purpose, id KeyID, info []byte, n int) ([]byte, error) {
	_, keys, err := r.use(p, id)
	if err != nil {
		return nil, err
	}
	return keys.expand(info, n)
}

// use returns the key id for opening and deriving.
func (r *Ring) use(p Purpose, id KeyID) (*dataKey, *purposeKeys, error) {
	k, ok := r.find(id)
	if !ok || (k.instance != r.instance && !p.Lasting()) || (id <= r.closed && p.Closes()) {
		return nil, nil, ErrKey
	}
	keys, err := k.purpose(p)
	return k, keys, err
}

func (r *Ring) newest() *dataKey { return r.keys[len(r.keys)-1] }

func (r *Ring) find(id KeyID) (*dataKey, bool) {
	i, found := slices.BinarySearchFunc(r.keys, id, func(k *dataKey, id KeyID) int { return cmp.Compare(k.id, id) })
	if !found {
		return nil, false
	}
	return r.keys[i], true
}

// additional is what a box is bound to besides its key.
func additional(head []byte, p Purpose, instance InstanceID, context string) []byte {
	name := p.String()
	data := make([]byte, 0, len(head)+3*4+len(name)+len(instance)+len(context))
	data = append(data, head...)
	return appendParts(data, name, string(instance), context)
}

// appendParts appends each part behind its length, so that no two lists of parts look alike.
func appendParts(data []byte, parts ...string) []byte {
	for _, part := range parts {
		data = binary.BigEndian.AppendUint32(data, uint32(len(part)))
		data = append(data, part...)
	}
	return data
}
