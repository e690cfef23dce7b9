package denials

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/regent-iam/regent/internal/seal"
)

// ErrMessage reports an encoded message that this installation did not hand
// out, that was changed, that is over, or that is not for who asks.
var ErrMessage = errors.New("denials: encoded message is not valid")

// maxMessage is how long an encoded message may be: what
// DecodeAuthorizationMessage takes.
const maxMessage = 10240

// maxPlain bounds what an encoded message may unpack to, in bytes.
const maxPlain = 1 << 20

// A message is what an encoded message holds.
type message struct {
	Expires time.Time `json:"expires"`
	Denial  *Denial   `json:"denial"`
}

// messageContext is what messages are sealed for (TH-44). The account stands in
// what is sealed: [OpenMessage] asks whom it is for.
const messageContext = "denial"

// SealMessage returns d as a message that nobody can read or change, and when
// it ends. A denial that is too large loses the facts that make it so.
func SealMessage(ring *seal.Ring, d *Denial, now time.Time) (text string, expires time.Time, err error) {
	expires = now.Add(Kept).Truncate(time.Second)
	for _, each := range []*Denial{d, d.slim()} {
		packed, err := pack(&message{expires, each})
		if err != nil {
			return "", time.Time{}, err
		}
		if text, err = ring.SealString(seal.AuthorizationMessage, messageContext, packed); err != nil {
			return "", time.Time{}, fmt.Errorf("sealing a message: %w", err)
		}
		if len(text) <= maxMessage {
			return text, expires, nil
		}
	}
	return "", time.Time{}, fmt.Errorf("denial of %s does not fit in a message", d.RequestID)
}

// OpenMessage returns the denial of a message. Whatever is wrong, its being for
// somebody else included, is ErrMessage: admits decides that from the denial.
func OpenMessage(ring *seal.Ring, text string, now time.Time, admits func(*Denial) (bool, error)) (*Denial, error) {
	packed, err := ring.OpenString(seal.AuthorizationMessage, messageContext, text)
	if err != nil {
		return nil, ErrMessage
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxPlain))
	if err != nil {
		return nil, ErrMessage
	}
	var m message
	if err := json.Unmarshal(plain, &m); err != nil || m.Denial == nil || !now.Before(m.Expires) {
		return nil, ErrMessage
	}
	admitted, err := admits(m.Denial)
	if err != nil {
		return nil, err
	}
	if !admitted {
		return nil, ErrMessage
	}
	return m.Denial, nil
}

func pack(m *message) ([]byte, error) {
	plain, err := json.Marshal(m)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
