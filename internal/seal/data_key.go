package seal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"hash"
	"sync"
	"sync/atomic"
	"time"
)

// dataKeySize is how many bytes a data key has, and every key derived from it.
const dataKeySize = 32

// A dataKey is one key of a ring, with what was derived from it so far.
type dataKey struct {
	id       KeyID
	epoch    uint32     // of the ring when the key was made
	instance InstanceID // that the key was made for
	since    time.Time  // when it was made, in UTC and whole seconds; zero when nobody knows
	key      Secret
	seals    atomic.Uint64
	derived  [purposes]atomic.Pointer[purposeKeys] // made at first use
}

// purposeKeys are what a data key is used through.
type purposeKeys struct {
	xaes   *xaes
	derive Secret
	macs   sync.Pool // of hash.Hash: HMACs under derive
}

func newDataKey(id KeyID, epoch uint32, instance InstanceID) *dataKey {
	key := make([]byte, dataKeySize)
	_, _ = rand.Read(key) // never fails
	return &dataKey{id: id, epoch: epoch, instance: instance, key: NewSecret(key)}
}

// purpose returns the keys for p. Two goroutines may both derive them; they get the same.
func (k *dataKey) purpose(p Purpose) (*purposeKeys, error) {
	if p == 0 || p >= purposes {
		return nil, ErrPurpose
	}
	if keys := k.derived[p].Load(); keys != nil {
		return keys, nil
	}
	sealing, err := bind(k.key, "seal", p.String(), string(k.instance))
	if err != nil {
		return nil, err
	}
	x, err := newXAES([]byte(sealing.Reveal()))
	if err != nil {
		return nil, fmt.Errorf("seal: making a cipher: %w", err)
	}
	deriving, err := bind(k.key, "derive", p.String(), string(k.instance))
	if err != nil {
		return nil, err
	}
	keys := &purposeKeys{xaes: x, derive: deriving}
	keys.macs.New = func() any { return hmac.New(sha256.New, []byte(deriving.Reveal())) }
	k.derived[p].Store(keys)
	return keys, nil
}

// bind derives a key that depends on the format's version and all parts (TH-44).
func bind(key Secret, parts ...string) (Secret, error) {
	info := appendParts([]byte{formatVersion}, parts...)
	derived, err := hkdf.Key(sha256.New, []byte(key.Reveal()), []byte("regent key ring"), string(info), dataKeySize)
	if err != nil {
		return Secret{}, fmt.Errorf("seal: deriving a key: %w", err)
	}
	return NewSecret(derived), nil
}

// expand returns n bytes of HKDF-Expand of derive and info. What fits into one
// block, as most does, is one HMAC (RFC 5869, 2.3), under a key that need not be
// prepared anew each time.
func (keys *purposeKeys) expand(info []byte, n int) ([]byte, error) {
	if n < 1 {
		return nil, fmt.Errorf("seal: cannot derive %d bytes", n)
	}
	if n <= sha256.Size {
		mac := keys.macs.Get().(hash.Hash)
		defer keys.macs.Put(mac)
		mac.Reset()
		mac.Write(info)
		mac.Write([]byte{1})
		return mac.Sum(make([]byte, 0, sha256.Size))[:n:n], nil
	}
	out, err := hkdf.Expand(sha256.New, []byte(keys.derive.Reveal()), string(info), n)
	if err != nil {
		return nil, fmt.Errorf("seal: deriving: %w", err)
	}
	return out, nil
}
