package seal

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
)

// masterSize is how many bytes a master key has.
const masterSize = 32

// A Master is the key that a ring's data keys are sealed under. It comes from a file or the environment, never
// from the database. The zero Master opens nothing.
type Master struct{ key Secret }

// NewMaster returns a new random master key.
func NewMaster() Master {
	key := make([]byte, masterSize)
	_, _ = rand.Read(key) // never fails
	return Master{NewSecret(key)}
}

// ParseMaster reads a master key from text, as it stands in a file or in the environment: 32 bytes in standard
// base64, white space around it ignored. Anything else is [ErrMaster].
func ParseMaster(text string) (Master, error) {
	key, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != masterSize { // the cause would quote the key
		return Master{}, ErrMaster
	}
	return Master{NewSecret(key)}, nil
}

// LoadMaster reads the master key in the file at path. One that others than its owner and group may read, or
// others than its owner write, is [ErrExposed]; no file is fs.ErrNotExist.
func LoadMaster(path string) (Master, error) {
	f, err := os.Open(path)
	if err != nil {
		return Master{}, fmt.Errorf("opening the master key: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	info, err := f.Stat()
	if err != nil {
		return Master{}, fmt.Errorf("opening the master key: %w", err)
	}
	if mode := info.Mode().Perm(); exposed(mode) {
		return Master{}, fmt.Errorf("%w: %s has mode %04o, chmod it to 0600", ErrExposed, path, mode)
	}
	text, err := io.ReadAll(io.LimitReader(f, 1024))
	if err != nil {
		return Master{}, fmt.Errorf("reading the master key: %w", err)
	}
	m, err := ParseMaster(string(text))
	if err != nil {
		return Master{}, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// CreateMaster writes a new master key to a new file at path, 0600, and syncs it: a ring that is sealed under a
// key that a crash takes away is lost. The name appears with the whole key behind it, so a crash at any moment
// leaves a key or none, never half of one. A file that exists is fs.ErrExist and left alone.
func CreateMaster(path string) (Master, error) {
	m := NewMaster()
	draft, err := writeDraft(filepath.Dir(path), m.Encode().Reveal()+"\n")
	if err != nil {
		return Master{}, fmt.Errorf("writing the master key: %w", err)
	}
	defer func() { _ = os.Remove(draft) }()      // the key lives on under its own name, or not at all
	if err := os.Link(draft, path); err != nil { // unlike a rename, it takes no name that is in use
		return Master{}, fmt.Errorf("making the master key: %w", err)
	}
	if err := syncDirectory(filepath.Dir(path)); err != nil {
		return Master{}, fmt.Errorf("making the master key: %w", err)
	}
	return m, nil
}

// writeDraft writes text to a new file in dir, 0600, synced, and returns the file's name.
func writeDraft(dir, text string) (name string, err error) {
	f, err := os.CreateTemp(dir, ".new-*") // mode 0600
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the first error says more
		}
	}()
	if _, err := f.WriteString(text); err != nil {
		return "", errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return "", errors.Join(err, f.Close())
	}
	return f.Name(), f.Close()
}

// Encode returns the key as [ParseMaster] reads it.
func (m Master) Encode() Secret {
	return NewSecret(base64.StdEncoding.EncodeToString([]byte(m.key.Reveal())))
}

// Equal reports whether m and n are the same key.
func (m Master) Equal(n Master) bool { return m.key.Equal(n.key) }

// Format writes "[sealed]" for every verb.
func (Master) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, sealed) }

// LogValue is "[sealed]".
func (Master) LogValue() slog.Value { return slog.StringValue(sealed) }
