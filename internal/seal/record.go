package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
)

// recordVersion is that of the ring record. A reader refuses every other.
const recordVersion = 1

// ringRecord is how a Ring lies in the store.
type ringRecord struct {
	Version  int         `json:"version"`
	Instance InstanceID  `json:"instance"`
	Epoch    uint32      `json:"epoch"`
	Master   string      `json:"master"` // which master key it is sealed under: derived from it, and says nothing about it
	Keys     []keyRecord `json:"keys"`   // by id
	MAC      []byte      `json:"mac"`    // of the rest, under the master key: no key can be taken out or put back
}

type keyRecord struct {
	ID       KeyID      `json:"id"`
	Epoch    uint32     `json:"epoch"`
	Instance InstanceID `json:"instance"`
	Since    int64      `json:"since,omitempty"` // when it was made, in seconds since 1970; 0 when nobody knows
	Sealed   []byte     `json:"sealed"`          // nonce and the sealed key
}

// masterKeys are what a master key is used through.
type masterKeys struct {
	fingerprint string
	mac         Secret
	wrap        *xaes
}

func (m Master) keys() (masterKeys, error) {
	if m.key.IsZero() {
		return masterKeys{}, ErrMaster
	}
	fingerprint, err := bind(m.key, "master", "fingerprint")
	if err != nil {
		return masterKeys{}, err
	}
	mac, err := bind(m.key, "master", "record")
	if err != nil {
		return masterKeys{}, err
	}
	wrapping, err := bind(m.key, "master", "wrap")
	if err != nil {
		return masterKeys{}, err
	}
	wrap, err := newXAES([]byte(wrapping.Reveal()))
	if err != nil {
		return masterKeys{}, fmt.Errorf("seal: making a cipher: %w", err)
	}
	return masterKeys{fingerprint: hex.EncodeToString([]byte(fingerprint.Reveal()[:8])), mac: mac, wrap: wrap}, nil
}

// Record returns the ring as the store keeps it: versioned JSON, its data keys sealed under the master key.
func (r *Ring) Record() ([]byte, error) {
	m, err := r.master.keys()
	if err != nil {
		return nil, err
	}
	rec := ringRecord{Version: recordVersion, Instance: r.instance, Epoch: r.epoch, Master: m.fingerprint}
	for _, k := range r.keys {
		nonce := make([]byte, xaesNonce, xaesNonce+dataKeySize+xaesTag)
		_, _ = rand.Read(nonce) // never fails
		box, err := m.wrap.seal(nonce, nonce, []byte(k.key.Reveal()), k.additional())
		if err != nil {
			return nil, fmt.Errorf("seal: sealing a data key: %w", err)
		}
		kr := keyRecord{ID: k.id, Epoch: k.epoch, Instance: k.instance, Sealed: box}
		if !k.since.IsZero() {
			kr.Since = k.since.Unix()
		}
		rec.Keys = append(rec.Keys, kr)
	}
	if rec.MAC, err = rec.sum(m.mac); err != nil {
		return nil, err
	}
	return json.Marshal(rec)
}

// OpenRing opens the ring that Record returned. A master key that is not its own is [ErrWrongKey]; a record that
// was changed, or is of another version, is [ErrRecord].
func OpenRing(m Master, record []byte) (*Ring, error) {
	keys, err := m.keys()
	if err != nil {
		return nil, err
	}
	var rec ringRecord
	d := json.NewDecoder(bytes.NewReader(record))
	d.DisallowUnknownFields()
	if err := d.Decode(&rec); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecord, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("%w: data after it", ErrRecord)
	}
	if rec.Version != recordVersion {
		return nil, fmt.Errorf("%w: version %d, know %d", ErrRecord, rec.Version, recordVersion)
	}
	if rec.Master != keys.fingerprint {
		return nil, ErrWrongKey
	}
	sum, err := rec.sum(keys.mac)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(sum, rec.MAC) {
		return nil, fmt.Errorf("%w: it was changed", ErrRecord)
	}
	return rec.open(m, keys)
}

// open returns the ring of a record whose MAC holds.
func (rec ringRecord) open(m Master, keys masterKeys) (*Ring, error) {
	r := &Ring{master: m, instance: rec.Instance, epoch: rec.Epoch}
	for _, kr := range rec.Keys {
		k := &dataKey{id: kr.ID, epoch: kr.Epoch, instance: kr.Instance}
		if kr.Since != 0 {
			k.since = time.Unix(kr.Since, 0).UTC()
		}
		if len(kr.Sealed) < xaesNonce || (len(r.keys) > 0 && kr.ID <= r.Current()) {
			return nil, ErrRecord
		}
		key, err := keys.wrap.open(kr.Sealed[:xaesNonce], kr.Sealed[xaesNonce:], k.additional())
		if err != nil || len(key) != dataKeySize {
			return nil, fmt.Errorf("%w: key %d", ErrRecord, kr.ID)
		}
		k.key = NewSecret(key)
		r.keys = append(r.keys, k)
	}
	if len(r.keys) == 0 || r.newest().instance != r.instance {
		return nil, ErrRecord
	}
	return r, nil
}

// sum returns the MAC over rec without its MAC.
func (rec ringRecord) sum(key Secret) ([]byte, error) {
	rec.MAC = nil
	text, err := json.Marshal(rec)
	if err != nil {
		return nil, fmt.Errorf("seal: encoding the key ring: %w", err)
	}
	h := hmac.New(sha256.New, []byte(key.Reveal()))
	h.Write(text)
	return h.Sum(nil), nil
}

// additional is what a data key in the record is bound to.
func (k *dataKey) additional() []byte {
	return appendParts([]byte{recordVersion},
		strconv.FormatUint(uint64(k.id), 10), strconv.FormatUint(uint64(k.epoch), 10), string(k.instance))
}
