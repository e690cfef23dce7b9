package sigv4

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestParseDateTakesWhatTimeParseTakes compares the reader of X-Amz-Date with
// the standard library's, which reads a few other forms too and is slower.
func TestParseDateTakesWhatTimeParseTakes(t *testing.T) {
	for _, s := range []string{
		"20261129T010203Z", "20240229T235959Z", "20230229T000000Z", "20261131T000000Z", "20260001T000000Z", "20261301T000000Z",
		"20261100T000000Z", "20261129T240000Z", "20261129T236000Z", "20261129T235960Z", "20261129t010203Z", "20261129T010203z",
		"20261129T010203", "2026112901020304", "20261129T0102.3Z", "20261129T01020 Z", "+0261129T010203Z", "", "00000101T000000Z", "99991231T235959Z",
	} {
		same(t, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		d := func(low, high int) int { return rapid.IntRange(low, high).Draw(t, "part") }
		same(t, fmt.Sprintf("%04d%02d%02dT%02d%02d%02dZ", d(0, 9999), d(0, 13), d(0, 32), d(0, 25), d(0, 61), d(0, 61)))
	})
}

func same(t interface{ Errorf(string, ...any) }, s string) {
	want, err := time.Parse(timeFormat, s)
	got, ok := parseDate(s)
	if ok != (err == nil) || ok && !got.Equal(want) {
		t.Errorf("%q: %v, %v, want %v, %v", s, got, ok, want, err)
	}
}
