package objects

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects/blobs"

	"github.com/regent-iam/regent/sigv4"
)

// Records are fields of a tag byte, a length and bytes. A reader skips tags it
// does not know, so that records can grow. JSON was measured and takes five
// times as long, which a GET of 1 KiB would notice.

var errRecord = errors.New("damaged record in the object index")

const (
	tagFlags byte = iota + 1
	tagSize
	tagModified
	tagETag
	tagSumAlgorithm
	tagSum
	tagHeader
	tagTag
	tagClass
	tagSSE
	tagKMSKey
	tagRedirect
	tagBlob
	tagParts
	tagInline
	tagUpload
	tagInitiator
	tagInitiatorName
)

const (
	flagMarker = 1 << iota
	flagNull
	flagComposite
	flagSumGiven
)

// A pair is one header, written as it stands in answers, or one tag.
type pair struct{ name, value string }

// attributes are what a client fixes when it starts a write.
type attributes struct {
	header   []pair
	tags     []pair
	class    string // "" is STANDARD
	sse      string
	kmsKey   string
	redirect string

	algorithm sigv4.Checksum
	composite bool
	sumGiven  bool // the client named the algorithm (S3-141)
}

// A version is one version of an object, or a delete marker.
type version struct {
	attributes
	suffix   suffix // from the key
	marker   bool
	null     bool
	size     int64
	modified int64    // milliseconds
	etag     string   // without quotes
	sum      string   // as answered: base64, "-N" behind it when composite
	blob     blobs.ID // when hasBlob
	hasBlob  bool
	parts    partList
	inline   []byte
	upload   uploadID // of the CompleteMultipartUpload that made it
}

func msTime(ms int64) time.Time { return time.UnixMilli(ms).UTC() }

func (v *version) modTime() time.Time { return msTime(v.modified) }

func (v *version) id() string {
	if v.null {
		return "null"
	}
	return v.suffix.versionID()
}

func appendField(b []byte, tag byte, value string) []byte {
	b = append(b, tag)
	b = binary.AppendUvarint(b, uint64(len(value)))
	return append(b, value...)
}

func appendText(b []byte, tag byte, value string) []byte {
	if value == "" {
		return b
	}
	return appendField(b, tag, value)
}

func appendInt(b []byte, tag byte, value int64) []byte {
	var x [binary.MaxVarintLen64]byte
	return appendField(b, tag, string(x[:binary.PutVarint(x[:], value)]))
}

func appendPairs(b []byte, tag byte, pairs []pair) []byte {
	for _, p := range pairs {
		b = append(b, tag)
		b = binary.AppendUvarint(b, uint64(len(p.name)+1+len(p.value)))
		b = append(b, p.name...)
		b = append(b, 0) // neither headers nor tag keys hold NUL
		b = append(b, p.value...)
	}
	return b
}

func (a *attributes) append(b []byte) []byte {
	b = appendText(b, tagSumAlgorithm, string(a.algorithm))
	b = appendPairs(b, tagHeader, a.header)
	b = appendPairs(b, tagTag, a.tags)
	b = appendText(b, tagClass, a.class)
	b = appendText(b, tagSSE, a.sse)
	b = appendText(b, tagKMSKey, a.kmsKey)
	return appendText(b, tagRedirect, a.redirect)
}

func (a *attributes) flags() int64 {
	f := int64(0)
	if a.composite {
		f |= flagComposite
	}
	if a.sumGiven {
		f |= flagSumGiven
	}
	return f
}

func (v *version) encode() []byte {
	b := make([]byte, 0, 256+len(v.inline)+len(v.parts.raw))
	f := v.flags()
	if v.marker {
		f |= flagMarker
	}
	if v.null {
		f |= flagNull
	}
	b = appendInt(b, tagFlags, f)
	b = appendInt(b, tagModified, v.modified)
	if v.marker {
		return b
	}
	b = appendInt(b, tagSize, v.size)
	b = appendField(b, tagETag, v.etag)
	b = appendText(b, tagSum, v.sum)
	b = v.append(b)
	if v.upload != (uploadID{}) {
		b = appendField(b, tagUpload, string(v.upload[:]))
	}
	if v.hasBlob {
		b = appendField(b, tagBlob, string(v.blob[:]))
	}
	if v.parts.raw != nil {
		b = appendField(b, tagParts, string(v.parts.raw))
	}
	if v.inline != nil {
		b = appendField(b, tagInline, string(v.inline))
	}
	return b
}

// fields calls each for every field of a record.
func fields(b []byte, each func(tag byte, value []byte) error) error {
	for len(b) > 0 {
		n, w := binary.Uvarint(b[1:])
		if w <= 0 || n > uint64(len(b)-1-w) {
			return errRecord
		}
		value := b[1+w : 1+w+int(n)]
		if err := each(b[0], value); err != nil {
			return err
		}
		b = b[1+w+int(n):]
	}
	return nil
}

func decodeInt(b []byte) (int64, error) {
	n, w := binary.Varint(b)
	if w <= 0 {
		return 0, errRecord
	}
	return n, nil
}

func splitPair(value []byte) (pair, error) {
	s := string(value)
	for i := range len(s) {
		if s[i] == 0 {
			return pair{s[:i], s[i+1:]}, nil
		}
	}
	return pair{}, errRecord
}

// decode takes the fields that attributes has; it reports whether tag is one.
func (a *attributes) decode(tag byte, value []byte) (known bool, err error) {
	switch tag {
	case tagFlags:
		f, err := decodeInt(value)
		a.composite, a.sumGiven = f&flagComposite != 0, f&flagSumGiven != 0
		return true, err
	case tagSumAlgorithm:
		a.algorithm = sigv4.Checksum(value)
	case tagHeader:
		p, err := splitPair(value)
		a.header = append(a.header, p)
		return true, err
	case tagTag:
		p, err := splitPair(value)
		a.tags = append(a.tags, p)
		return true, err
	case tagClass:
		a.class = string(value)
	case tagSSE:
		a.sse = string(value)
	case tagKMSKey:
		a.kmsKey = string(value)
	case tagRedirect:
		a.redirect = string(value)
	default:
		return false, nil
	}
	return true, nil
}

// decodeVersion reads a record. The inline body and the list of parts are
// copied only when body is set; listings do without.
func decodeVersion(x suffix, b []byte, body bool) (*version, error) {
	v := &version{suffix: x}
	err := fields(b, func(tag byte, value []byte) (err error) {
		if known, err := v.decode(tag, value); err != nil {
			return err
		} else if known && tag != tagFlags {
			return nil
		}
		switch tag {
		case tagFlags:
			f, err := decodeInt(value)
			v.marker, v.null = f&flagMarker != 0, f&flagNull != 0
			return err
		case tagSize:
			v.size, err = decodeInt(value)
		case tagModified:
			v.modified, err = decodeInt(value)
		case tagETag:
			v.etag = string(value)
		case tagSum:
			v.sum = string(value)
		case tagUpload:
			copy(v.upload[:], value)
		case tagBlob:
			v.hasBlob = true
			copy(v.blob[:], value)
		case tagParts:
			if body {
				v.parts.raw = append([]byte{}, value...)
			}
		case tagInline:
			if body {
				v.inline = append([]byte{}, value...)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// An upload is a multipart upload on its way.
type upload struct {
	attributes
	id        uploadID
	created   int64 // milliseconds
	initiator Owner
}

func (u *upload) encode() []byte {
	b := appendInt(nil, tagFlags, u.flags())
	b = appendInt(b, tagModified, u.created)
	b = u.append(b)
	b = appendText(b, tagInitiator, u.initiator.ID)
	return appendText(b, tagInitiatorName, u.initiator.DisplayName)
}

func decodeUpload(id uploadID, b []byte) (*upload, error) {
	u := &upload{id: id}
	err := fields(b, func(tag byte, value []byte) (err error) {
		if known, err := u.decode(tag, value); known || err != nil {
			return err
		}
		switch tag {
		case tagModified:
			u.created, err = decodeInt(value)
		case tagInitiator:
			u.initiator.ID = string(value)
		case tagInitiatorName:
			u.initiator.DisplayName = string(value)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return u, nil
}

// A part is a part of an upload on its way.
type part struct {
	number   int
	size     int64
	modified int64 // milliseconds
	blob     blobs.ID
	md5      [16]byte
	sum      []byte // in the upload's algorithm
}

func (p *part) etag() string { return hex.EncodeToString(p.md5[:]) }

func (p *part) encode() []byte {
	b := appendInt(nil, tagSize, p.size)
	b = appendInt(b, tagModified, p.modified)
	b = appendField(b, tagBlob, string(p.blob[:]))
	b = appendField(b, tagETag, string(p.md5[:]))
	return appendField(b, tagSum, string(p.sum))
}

func decodePart(number int, b []byte) (*part, error) {
	p := &part{number: number}
	err := fields(b, func(tag byte, value []byte) (err error) {
		switch tag {
		case tagSize:
			p.size, err = decodeInt(value)
		case tagModified:
			p.modified, err = decodeInt(value)
		case tagBlob:
			copy(p.blob[:], value)
		case tagETag:
			copy(p.md5[:], value)
		case tagSum:
			p.sum = append([]byte{}, value...)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// A partList is the parts of a completed object, each of the same width, so
// that an object of 10,000 parts is read without 10,000 allocations. The first
// byte is the width of a sum.
type partList struct {
	raw []byte
}

const partFixed = 2 + 8 + 16 + 16

func newPartList(sumSize, n int) partList {
	raw := make([]byte, 1, 1+n*(partFixed+sumSize))
	raw[0] = byte(sumSize)
	return partList{raw}
}

func (l *partList) add(p *part) {
	l.raw = binary.BigEndian.AppendUint16(l.raw, uint16(p.number))
	l.raw = binary.BigEndian.AppendUint64(l.raw, uint64(p.size))
	l.raw = append(l.raw, p.blob[:]...)
	l.raw = append(l.raw, p.md5[:]...)
	l.raw = append(l.raw, p.sum...)
}

func (l partList) len() int {
	if len(l.raw) == 0 {
		return 0
	}
	return (len(l.raw) - 1) / (partFixed + int(l.raw[0]))
}

func (l partList) at(i int) part {
	width := partFixed + int(l.raw[0])
	b := l.raw[1+i*width : 1+(i+1)*width]
	p := part{
		number: int(binary.BigEndian.Uint16(b)),
		size:   int64(binary.BigEndian.Uint64(b[2:])),
		sum:    b[partFixed:],
	}
	copy(p.blob[:], b[10:26])
	copy(p.md5[:], b[26:42])
	return p
}

// bucketState is what the index knows of a bucket.
type bucketState struct {
	dead       int64 // milliseconds; 0 is alive
	versioning byte
}

const (
	versioningNever byte = iota
	versioningEnabled
	versioningSuspended
)

func (b bucketState) encode() []byte {
	return binary.BigEndian.AppendUint64([]byte{b.versioning}, uint64(b.dead))
}

func decodeBucket(raw []byte) (b bucketState, err error) {
	if raw == nil {
		return b, nil
	}
	if len(raw) != 9 {
		return b, errRecord
	}
	return bucketState{versioning: raw[0], dead: int64(binary.BigEndian.Uint64(raw[1:]))}, nil
}
