package catalog

import (
	"compress/gzip"
	"io"
	"strings"
)

// member returns what the gzip member at s of an embedded file holds. The file
// is part of the program, so that it cannot be wrong without a test that fails.
func member(file string, s span) []byte {
	z, err := gzip.NewReader(strings.NewReader(file[s.from : s.from+s.length]))
	if err != nil {
		panic("catalog: embedded data: " + err.Error())
	}
	content, err := io.ReadAll(z)
	if err != nil {
		panic("catalog: embedded data: " + err.Error())
	}
	return content
}
