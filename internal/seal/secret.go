package seal

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// sealed is what every Secret prints as.
const sealed = "[sealed]"

// ErrMarshal is what a Secret answers to every encoder: no struct that holds one is written out, or read in, by accident.
var ErrMarshal = errors.New("seal: refusing to marshal a secret")

// A Secret is a string or bytes that must never be printed. Only Reveal returns it. The zero Secret is empty.
//
// Secrets are not comparable with ==; use Equal, which takes the same time wherever they differ.
type Secret struct {
	// A closure, since fmt and other printers follow fields and pointers by reflection when the Secret is an
	// unexported field, but cannot look into a function.
	reveal func() string
}

// NewSecret wraps a copy of v.
func NewSecret[T string | []byte](v T) Secret {
	s := string(v)
	return Secret{reveal: func() string { return s }}
}

// Reveal returns the secret itself.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether s is empty.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// Equal reports whether s and t are the same secret, in time that depends on their lengths only.
func (s Secret) Equal(t Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(t.Reveal())) == 1
}

// String returns "[sealed]".
func (Secret) String() string { return sealed }

// GoString returns "[sealed]".
func (Secret) GoString() string { return sealed }

// Format writes "[sealed]" for every verb and flag.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, sealed) }

// LogValue is "[sealed]".
func (Secret) LogValue() slog.Value { return slog.StringValue(sealed) }

// MarshalJSON fails with ErrMarshal.
func (Secret) MarshalJSON() ([]byte, error) { return nil, ErrMarshal }

// MarshalText fails with ErrMarshal.
func (Secret) MarshalText() ([]byte, error) { return nil, ErrMarshal }

// MarshalBinary fails with ErrMarshal; gob asks for it.
func (Secret) MarshalBinary() ([]byte, error) { return nil, ErrMarshal }

// UnmarshalJSON fails with ErrMarshal, where a struct without exported fields would silently stay empty.
func (*Secret) UnmarshalJSON([]byte) error { return ErrMarshal }

// UnmarshalText fails with ErrMarshal.
func (*Secret) UnmarshalText([]byte) error { return ErrMarshal }

// UnmarshalBinary fails with ErrMarshal.
func (*Secret) UnmarshalBinary([]byte) error { return ErrMarshal }
