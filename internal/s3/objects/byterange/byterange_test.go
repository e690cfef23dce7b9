package byterange_test

import (
	"testing"

	"github.com/regent-iam/regent/internal/s3/objects/byterange"
)

// Rules: S3-108 TH-68
func TestParse(t *testing.T) {
	for _, test := range []struct {
		raw           string
		size          int64
		start, length int64
		kind          byterange.Kind
	}{
		{"bytes=0-0", 10, 0, 1, byterange.Good},
		{"bytes=2-", 10, 2, 8, byterange.Good},
		{"bytes=-3", 10, 7, 3, byterange.Good},
		{"bytes=-30", 10, 0, 10, byterange.Good},
		{"bytes=5-99999999999999999999999999", 10, 5, 5, byterange.Good},
		{"bytes=10-", 10, 0, 0, byterange.Unsatisfiable},
		{"bytes=99999999999999999999999999-", 10, 0, 0, byterange.Unsatisfiable},
		{"bytes=-0", 10, 0, 0, byterange.Unsatisfiable},
		{"bytes=-1", 0, 0, 0, byterange.Unsatisfiable},
		{"bytes=3-2", 10, 0, 0, byterange.Ignored},
		{"bytes=0-1,3-4", 10, 0, 0, byterange.Ignored},
		{"bytes=a-b", 10, 0, 0, byterange.Ignored},
		{"bytes=-", 10, 0, 0, byterange.Ignored},
		{"bytes=1", 10, 0, 0, byterange.Ignored},
		{"items=0-1", 10, 0, 0, byterange.Ignored},
		{"", 10, 0, 0, byterange.Ignored},
	} {
		start, length, kind := byterange.Parse(test.raw, test.size)
		if start != test.start || length != test.length || kind != test.kind {
			t.Errorf("%q of %d bytes is %d, %d, %d", test.raw, test.size, start, length, kind)
		}
	}
}
