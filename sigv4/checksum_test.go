package sigv4_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"pgregory.net/rapid"

	"github.com/regent-iam/regent/sigv4"
)

// Rules: S3-103 WI-41
func TestChecksumsHaveTheirCheckValues(t *testing.T) {
	// The CRC catalog's check values, and FIPS 180's, of "123456789".
	for _, test := range []struct {
		name, header, sum string
		combines          bool
	}{
		{"CRC32", "x-amz-checksum-crc32", "cbf43926", true},
		{"CRC32C", "x-amz-checksum-crc32c", "e3069283", true},
		{"CRC64NVME", "x-amz-checksum-crc64nvme", "ae8b14860a799888", true},
		{"SHA1", "x-amz-checksum-sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441", false},
		{"SHA256", "x-amz-checksum-sha256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225", false},
	} {
		c, ok := sigv4.ParseChecksum(test.name)
		if !ok || c.Header() != test.header || c.Combines() != test.combines {
			t.Errorf("%s: %v, header %s, combines %v", test.name, ok, c.Header(), c.Combines())
		}
		h := c.New()
		h.Write([]byte("123456789"))
		sum := h.Sum(nil)
		if hex.EncodeToString(sum) != test.sum || len(sum) != c.Size() {
			t.Errorf("%s: %x, want %s", test.name, sum, test.sum)
		}
		if back, ok := c.Decode(c.Encode(sum)); !ok || !bytes.Equal(back, sum) {
			t.Errorf("%s: %s does not decode", test.name, c.Encode(sum))
		}
		for _, bad := range []string{"", "x", c.Encode(sum[1:]), c.Encode(sum) + "\n", c.Encode(sum) + "=", c.Encode(append(sum, 0))} {
			if _, ok := c.Decode(bad); ok {
				t.Errorf("%s: %q decodes", test.name, bad)
			}
		}
	}
	if _, ok := sigv4.ParseChecksum("crc32"); ok || len(sigv4.Checksums()) != 5 {
		t.Error("wire names are exact")
	}
}

// Rules: S3-143
func TestCombineGivesTheSumOfTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := rapid.SampledFrom([]sigv4.Checksum{sigv4.CRC32, sigv4.CRC32C, sigv4.CRC64NVME}).Draw(t, "algorithm")
		a := rapid.SliceOfN(rapid.Byte(), 0, 3000).Draw(t, "a")
		b := rapid.SliceOfN(rapid.Byte(), 0, 3000).Draw(t, "b")
		sum := func(data ...[]byte) []byte {
			h := c.New()
			for _, d := range data {
				h.Write(d)
			}
			return h.Sum(nil)
		}
		if got, want := c.Combine(sum(a), sum(b), int64(len(b))), sum(a, b); !bytes.Equal(got, want) {
			t.Fatalf("%s: %x, want %x", c, got, want)
		}
	})
	for _, wrong := range []func(){
		func() { sigv4.SHA1.Combine(make([]byte, 20), make([]byte, 20), 1) },
		func() { sigv4.CRC32.Combine(make([]byte, 8), make([]byte, 4), 1) },
		func() { sigv4.CRC32.Combine(make([]byte, 4), make([]byte, 4), -1) },
		func() { sigv4.Checksum("MD4").New() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			wrong()
		}()
	}
}

// Rules: S3-143
func TestCompositeHashesTheSums(t *testing.T) {
	one, two := make([]byte, 32), bytes.Repeat([]byte{1}, 32)
	h := sigv4.SHA256.New()
	h.Write(one)
	h.Write(two)
	if got, want := sigv4.SHA256.Composite([][]byte{one, two}), sigv4.SHA256.Encode(h.Sum(nil))+"-2"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
