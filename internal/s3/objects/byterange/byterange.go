// Package byterange reads Range headers.
package byterange

import "strings"

// A Kind is what a Range header asks for.
type Kind int

// The kinds of ranges.

const (
	Ignored       Kind = iota // not one range of bytes: the whole object is sent
	Unsatisfiable             // a range, but of nothing
	Good
)

// Parse reads a Range header for an object of size bytes (S3-108). However
// large the numbers are, what it returns lies inside the object (TH-68).
func Parse(raw string, size int64) (start, length int64, kind Kind) {
	spec, ok := strings.CutPrefix(raw, "bytes=")
	if !ok {
		return 0, 0, Ignored
	}
	from, to, ok := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok {
		return 0, 0, Ignored
	}
	first, hasFirst, ok1 := Number(from)
	last, hasLast, ok2 := Number(to)
	switch {
	case !ok1 || !ok2 || !hasFirst && !hasLast:
		return 0, 0, Ignored
	case !hasFirst: // the last bytes
		if last == 0 || size == 0 {
			return 0, 0, Unsatisfiable
		}
		n := min(last, size)
		return size - n, n, Good
	case hasLast && last < first:
		return 0, 0, Ignored
	case first >= size:
		return 0, 0, Unsatisfiable
	case !hasLast || last >= size:
		last = size - 1
	}
	return first, last - first + 1, Good
}

// Number reads digits; a number too large for any object stays the largest.
func Number(s string) (n int64, given, ok bool) {
	const largest = 1<<63 - 1
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false, false
		}
		if n > (largest-9)/10 {
			n = largest / 10 * 9 // stays beyond every size
			continue
		}
		n = n*10 + int64(c-'0')
	}
	return n, s != "", true
}
