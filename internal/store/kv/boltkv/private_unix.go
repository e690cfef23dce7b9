//go:build unix

package boltkv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrExposed reports a directory for data that others may enter and that is not only Regent's.
var ErrExposed = errors.New("boltkv: directory is open to others")

// PrivateDirectory makes dir if there is none, and sees to it that only its owner may enter (TH-109). One that
// is open to others is closed if it is empty or holds a file named mine; else it is [ErrExposed], since it may
// be a directory that others rely on.
func PrivateDirectory(dir, mine string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("looking at the data directory: %w", err)
	}
	if info.Mode().Perm()&0o077 == 0 {
		return nil
	}
	ours, err := holdsOnly(dir, mine)
	if err != nil {
		return fmt.Errorf("looking into the data directory: %w", err)
	}
	if !ours || info.Mode()&fs.ModeSticky != 0 {
		return fmt.Errorf("%w: %s has mode %04o, chmod it to 0700 or choose another", ErrExposed, dir, info.Mode().Perm())
	}
	if err := os.Chmod(dir, 0o700); err != nil { //nolint:gosec // a directory wants to be entered by its owner
		return fmt.Errorf("closing the data directory: %w", err)
	}
	return nil
}

// holdsOnly reports whether dir is empty or holds a file named mine.
func holdsOnly(dir, mine string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, e := range entries {
		if e.Name() == mine {
			return true, nil
		}
	}
	return len(entries) == 0, nil
}

// openPrivate opens a file, and closes it to everybody but its owner if it is to be written.
func openPrivate(name string, flag int, mode fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(name, flag, mode)
	if err != nil || flag&os.O_RDWR == 0 {
		return f, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = f.Chmod(0o600)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("closing %s to others: %w", name, err)
	}
	return f, nil
}

// syncDirectory makes a new name in dir last.
func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }() // it was only read
	return d.Sync()
}
