package sigv4

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"net/http"
	"strconv"
	"strings"

	"github.com/minio/crc64nvme"
)

// A Checksum is one of S3's checksum algorithms by its wire name: CRC32,
// CRC32C, CRC64NVME, SHA1, SHA256.
type Checksum string

// The checksum algorithms.
const (
	CRC32     Checksum = "CRC32"
	CRC32C    Checksum = "CRC32C"
	CRC64NVME Checksum = "CRC64NVME"
	SHA1      Checksum = "SHA1"
	SHA256    Checksum = "SHA256"
)

// Checksums lists the algorithms.
func Checksums() []Checksum { return []Checksum{CRC32, CRC32C, CRC64NVME, SHA1, SHA256} }

// ParseChecksum returns the algorithm of a wire name, such as "CRC32C".
func ParseChecksum(name string) (Checksum, bool) {
	for _, c := range [...]Checksum{CRC32, CRC32C, CRC64NVME, SHA1, SHA256} {
		if string(c) == name {
			return c, true
		}
	}
	return "", false
}

// New returns a new hash. It panics for an algorithm that is none.
func (c Checksum) New() hash.Hash {
	switch c {
	case CRC32:
		return crc32.NewIEEE()
	case CRC32C:
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case CRC64NVME:
		return crc64nvme.New()
	case SHA1:
		return sha1.New()
	case SHA256:
		return sha256.New()
	}
	panic("sigv4: no checksum algorithm " + string(c))
}

// Header returns the header's name in lower case: "x-amz-checksum-crc32c".
func (c Checksum) Header() string { return checksumPrefix + lowerToken(string(c)) }

const checksumPrefix = "x-amz-checksum-"

// Size returns the length of a sum in bytes, 0 for an algorithm that is none.
func (c Checksum) Size() int {
	switch c {
	case CRC32, CRC32C:
		return 4
	case CRC64NVME:
		return 8
	case SHA1:
		return sha1.Size
	case SHA256:
		return sha256.Size
	}
	return 0
}

// Encode returns the base64 form of a sum.
func (c Checksum) Encode(sum []byte) string { return base64.StdEncoding.EncodeToString(sum) }

// Decode decodes the base64 form, and reports false unless it is the canonical
// form of a sum of the right length.
func (c Checksum) Decode(value string) ([]byte, bool) {
	sum, err := base64.StdEncoding.Strict().DecodeString(value)
	if err != nil || len(sum) != c.Size() || len(sum) == 0 || strings.ContainsAny(value, "\r\n") {
		return nil, false
	}
	return sum, true
}

// Combines reports whether sums of parts combine into the sum of the whole
// (FULL_OBJECT): the three CRCs do.
func (c Checksum) Combines() bool { return c == CRC32 || c == CRC32C || c == CRC64NVME }

// Combine returns the sum of A followed by B from the sums of both and B's
// length in bytes (S3-143). It panics unless c.Combines, both sums have c.Size
// and the length is not negative.
func (c Checksum) Combine(a, b []byte, lenB int64) []byte {
	if !c.Combines() || len(a) != c.Size() || len(b) != c.Size() || lenB < 0 {
		panic("sigv4: these checksums do not combine")
	}
	switch c {
	case CRC32, CRC32C:
		poly := uint64(crc32.IEEE)
		if c == CRC32C {
			poly = crc32.Castagnoli
		}
		sum := combineCRC(poly, 32, uint64(binary.BigEndian.Uint32(a)), uint64(binary.BigEndian.Uint32(b)), lenB)
		return binary.BigEndian.AppendUint32(nil, uint32(sum))
	default:
		sum := combineCRC(crc64nvme.NVME, 64, binary.BigEndian.Uint64(a), binary.BigEndian.Uint64(b), lenB)
		return binary.BigEndian.AppendUint64(nil, sum)
	}
}

// combineCRC appends B to A in a reflected CRC of the given width whose register
// starts and ends inverted: A's sum times x^(8·lenB) modulo the polynomial,
// plus B's; the inversions cancel.
func combineCRC(poly uint64, width uint, a, b uint64, lenB int64) uint64 {
	top := uint64(1) << (width - 1) // x^0: the highest bit is the lowest power
	factor := top
	square := top >> 8 // x^8, one byte
	for n := lenB; n > 0; n >>= 1 {
		if n&1 != 0 {
			factor = multiplyCRC(poly, top, factor, square)
		}
		square = multiplyCRC(poly, top, square, square)
	}
	return multiplyCRC(poly, top, factor, a) ^ b
}

// multiplyCRC multiplies two polynomials modulo poly, reflected.
func multiplyCRC(poly, top, a, b uint64) uint64 {
	var product uint64
	for bit := top; bit != 0; bit >>= 1 {
		if a&bit != 0 {
			product ^= b
		}
		if b&1 != 0 {
			b = b>>1 ^ poly
		} else {
			b >>= 1
		}
	}
	return product
}

// Composite returns the COMPOSITE value "base64-N" of the sums of parts.
func (c Checksum) Composite(parts [][]byte) string {
	h := c.New()
	h.Write(bytes.Join(parts, nil))
	return c.Encode(h.Sum(nil)) + "-" + strconv.Itoa(len(parts))
}

// RequestChecksum returns the checksum that headers declare (of [Auth.Headers],
// since a presigned URL may carry it); value is empty when they announce a
// trailer (S3-103). Errors are [*Error] of FamilyS3.
func RequestChecksum(h http.Header) (c Checksum, value string, ok bool, err error) {
	c, value, ok, err = headerChecksum(h)
	if err != nil {
		return "", "", false, err
	}
	trailer, announced, err := announcedTrailer(h)
	switch {
	case err != nil:
		return "", "", false, err
	case announced && ok:
		return "", "", false, errManyChecksums()
	case announced:
		c, ok = trailer, true
	}
	want := h.Get("X-Amz-Sdk-Checksum-Algorithm")
	switch {
	case want == "":
	case !ok:
		return "", "", false, fail(InvalidChecksum, FamilyS3, "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.")
	case !sameToken(want, string(c)):
		return "", "", false, fail(InvalidChecksum, FamilyS3, "Value for x-amz-sdk-checksum-algorithm header is invalid.")
	}
	return c, value, ok, nil
}

// headerChecksum returns the one x-amz-checksum-* header that holds a sum.
func headerChecksum(h http.Header) (c Checksum, value string, ok bool, err error) {
	for name, values := range h {
		if !hasTokenPrefix(name, checksumPrefix) {
			continue
		}
		name = lowerToken(name)
		switch name[len(checksumPrefix):] {
		case "mode", "algorithm", "type":
			continue
		}
		found, known := checksumOfHeader(name)
		if !known {
			return "", "", false, fail(InvalidChecksum, FamilyS3, "The algorithm type you specified in "+name+" header is invalid.")
		}
		if ok || len(values) != 1 {
			return "", "", false, errManyChecksums()
		}
		c, value, ok = found, values[0], true
		if _, valid := c.Decode(value); !valid {
			return "", "", false, errInvalidChecksum(c)
		}
	}
	return c, value, ok, nil
}

// announcedTrailer reads x-amz-trailer: at most one name, of a checksum (TH-12).
func announcedTrailer(h http.Header) (c Checksum, ok bool, err error) {
	values, present := h["X-Amz-Trailer"]
	if !present {
		return "", false, nil
	}
	for _, line := range values {
		for name := range strings.SplitSeq(line, ",") {
			found, known := checksumOfHeader(lowerToken(strings.TrimSpace(name)))
			if !known {
				return "", false, fail(InvalidChecksum, FamilyS3, "The value specified in the x-amz-trailer header is not supported")
			}
			if ok {
				return "", false, errManyChecksums()
			}
			c, ok = found, true
		}
	}
	return c, ok, nil
}

func checksumOfHeader(name string) (Checksum, bool) {
	for _, c := range [...]Checksum{CRC32, CRC32C, CRC64NVME, SHA1, SHA256} {
		if c.Header() == name {
			return c, true
		}
	}
	return "", false
}

func errManyChecksums() *Error {
	return fail(InvalidChecksum, FamilyS3, "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
}

func errInvalidChecksum(c Checksum) *Error {
	return fail(InvalidChecksum, FamilyS3, "Value for "+c.Header()+" header is invalid.")
}

func errChecksumDiffers(c Checksum) *Error {
	return fail(BadDigest, FamilyS3, "The "+string(c)+" you specified did not match the calculated checksum.")
}
