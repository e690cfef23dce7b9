package seal

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"sync"
	"testing"
)

// TestWhatIsDerivedIsHKDF compares what a ring derives with crypto/hkdf, for
// every length of one block and more, in turn and at the same time.
//
// Rules: TH-44
func TestWhatIsDerivedIsHKDF(t *testing.T) {
	t.Parallel()
	keys, err := newDataKey(1, 0, "instance").purpose(SessionToken)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, info := range []string{"", "i", string(bytes.Repeat([]byte("session"), 100))} {
		wg.Go(func() {
			for n := 1; n <= 3*sha256.Size; n++ {
				want, err := hkdf.Expand(sha256.New, []byte(keys.derive.Reveal()), info, n)
				if err != nil {
					t.Error(err)
				}
				if got, err := keys.expand([]byte(info), n); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%d bytes for %.10q: %x, %v, want %x", n, info, got, err, want)
				}
			}
		})
	}
	wg.Wait()
	for _, n := range []int{-1, 0, 255*sha256.Size + 1} {
		if got, err := keys.expand(nil, n); err == nil {
			t.Errorf("%d bytes: %x", n, got)
		}
	}
}
