//go:build unix

package seal

import (
	"io/fs"
	"os"
)

// exposed reports whether a file with this mode is open to others. Its group may read: that is how
// orchestrators hand a secret to a process that does not own it.
func exposed(mode fs.FileMode) bool { return mode&0o037 != 0 }

// syncDirectory makes a new name in dir last.
func syncDirectory(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }() // it was only read
	return d.Sync()
}
