package objects

import (
	"encoding/binary"
	"encoding/hex"
	"strings"

	"github.com/regent-iam/regent/internal/s3/objects/blobs"
)

// The index is one ordered map. Parts of its keys end in NUL, which neither a
// bucket id nor an object key can hold, so no entry of one can stand among
// those of another, and keys keep S3's byte order (S3-150):
//
//	v NUL bucket NUL key NUL suffix     a version; the newest sorts first
//	u NUL bucket NUL key NUL upload     an upload on its way; the oldest sorts first
//	p NUL upload number                 a part
//	c NUL bucket NUL key NUL upload     a completed upload → its version's suffix
//	b NUL bucket                        a bucket's state
//	r NUL blob                          a blob that some record names

const (
	maxKey      = 1024
	maxBucketID = 64
	suffixSize  = 16
	uploadSize  = 24
)

// A suffix tells versions of one key apart: the inverted sequence number, so
// that the newest sorts first, and random bytes, so that an id never comes back.
type suffix [suffixSize]byte

func newSuffix(seq uint64, random [8]byte) suffix {
	var x suffix
	binary.BigEndian.PutUint64(x[:8], ^seq)
	copy(x[8:], random[:])
	return x
}

func (x suffix) seq() uint64 { return ^binary.BigEndian.Uint64(x[:8]) }

// versionID is what clients see: opaque.
func (x suffix) versionID() string { return hex.EncodeToString(x[:]) }

func parseVersionID(s string) (x suffix, ok bool) {
	if len(s) != 2*suffixSize || strings.ContainsAny(s, "ABCDEF") {
		return x, false
	}
	_, err := hex.Decode(x[:], []byte(s))
	return x, err == nil
}

// An uploadID is the time of its making, so that uploads of one key sort by
// age, and 128 random bits.
type uploadID [uploadSize]byte

func (u uploadID) String() string { return hex.EncodeToString(u[:]) }

func parseUploadID(s string) (u uploadID, ok bool) {
	if len(s) != 2*uploadSize || strings.ContainsAny(s, "ABCDEF") {
		return u, false
	}
	_, err := hex.Decode(u[:], []byte(s))
	return u, err == nil
}

func keyPrefix(kind byte, bucket string) []byte {
	k := make([]byte, 0, 3+len(bucket)+maxKey/8)
	k = append(k, kind, 0)
	k = append(k, bucket...)
	return append(k, 0)
}

// versionsKey is the prefix of all versions of a key.
func versionsKey(bucket, key string) []byte {
	return objectKey('v', bucket, key, nil)
}

func versionKey(bucket, key string, x suffix) []byte {
	return objectKey('v', bucket, key, x[:])
}

func uploadKey(bucket, key string, u uploadID) []byte {
	return objectKey('u', bucket, key, u[:])
}

func completedKey(bucket, key string, u uploadID) []byte {
	return objectKey('c', bucket, key, u[:])
}

func objectKey(kind byte, bucket, key string, tail []byte) []byte {
	k := make([]byte, 0, 4+len(bucket)+len(key)+len(tail))
	k = append(k, kind, 0)
	k = append(k, bucket...)
	k = append(k, 0)
	k = append(k, key...)
	k = append(k, 0)
	return append(k, tail...)
}

// splitObjectKey is objectKey's inverse for a tail of n bytes; the result
// aliases k.
func splitObjectKey(k, prefix []byte, n int) (key string, tail []byte) {
	return string(k[len(prefix) : len(k)-n-1]), k[len(k)-n:]
}

func partsKey(u uploadID) []byte {
	return append([]byte{'p', 0}, u[:]...)
}

func partKey(u uploadID, number int) []byte {
	return binary.BigEndian.AppendUint16(partsKey(u), uint16(number))
}

func bucketKey(bucket string) []byte { return append([]byte{'b', 0}, bucket...) }

func blobKey(id blobs.ID) []byte { return append([]byte{'r', 0}, id[:]...) }
