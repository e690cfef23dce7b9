//go:build !unix

package seal

import "io/fs"

// exposed reports false: modes say nothing here.
func exposed(fs.FileMode) bool { return false }

// syncDirectory does nothing: directories cannot be synced here.
func syncDirectory(string) error { return nil }
