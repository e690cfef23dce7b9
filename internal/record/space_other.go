//go:build !linux && !darwin

package record

import "errors"

// freeSpace is not known here; writing fails when there is none.
func freeSpace(string) (int64, error) { return 0, errors.ErrUnsupported }
