//go:build !unix

package boltkv

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// ErrExposed is not reported here: modes say nothing on this system.
var ErrExposed = errors.New("boltkv: directory is open to others")

// PrivateDirectory makes dir if there is none.
func PrivateDirectory(dir, _ string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	return nil
}

func openPrivate(name string, flag int, mode fs.FileMode) (*os.File, error) {
	return os.OpenFile(name, flag, mode)
}

// syncDirectory does nothing: directories cannot be synced here.
func syncDirectory(string) error { return nil }
