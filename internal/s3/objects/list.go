package objects

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strings"

	"github.com/regent-iam/regent/internal/s3/objects/index"
	"github.com/regent-iam/regent/internal/s3/objects/xmldoc"

	"github.com/regent-iam/regent/internal/s3/s3err"
)

const maxListed = 1000

// A query is what a listing asks for.
type query struct {
	prefix, delimiter string
	after             string // exclusive
	past              bool   // after is a common prefix: nothing below it is listed again
	limit             int
}

// A page is what it gets.
type page struct {
	objects   []listed
	prefixes  []string
	truncated bool
	last      string // the last entry of the page, "" when it is empty
	lastIs    entryKind
}

type entryKind byte

const (
	entryKey    entryKind = 'k'
	entryPrefix entryKind = 'p'
)

type listed struct {
	key string
	v   *version
}

// list reads a page (S3-150). A common prefix costs one seek past it, however
// many keys it has, and so does the marker.
func (r reader) list(bucket string, q query) (page, error) {
	var p page
	if q.limit == 0 {
		return p, nil
	}
	base := keyPrefix('v', bucket)
	below := append(bytes.Clone(base), q.prefix...)
	c := r.Cursor(below)
	k, raw := c.Seek(q.start(base))
	for k != nil {
		key, tail := splitObjectKey(k, base, suffixSize)
		v, err := decodeVersion(suffix(tail), raw, false)
		if err != nil {
			return p, err
		}
		if v.marker {
			k, raw = c.Seek(behindKey(base, key))
			continue
		}
		if len(p.objects)+len(p.prefixes) == q.limit {
			p.truncated = true
			return p, nil
		}
		if common, ok := rollUp(key, q.prefix, q.delimiter); ok {
			p.prefixes = append(p.prefixes, common)
			p.last, p.lastIs = common, entryPrefix
			k, raw = c.Seek(behindPrefix(base, common))
			continue
		}
		p.objects = append(p.objects, listed{key, v})
		p.last, p.lastIs = key, entryKey
		k, raw = nextKey(c, base, key)
	}
	return p, nil
}

// start is the first index key that may be listed.
func (q query) start(base []byte) []byte {
	from := append(bytes.Clone(base), q.prefix...)
	if q.after == "" {
		return from
	}
	after := behindKey(base, q.after)
	if q.past {
		after = behindPrefix(base, q.after)
	}
	if bytes.Compare(after, from) > 0 {
		return after
	}
	return from
}

// nextKey moves from a version of key to the next key's newest. Mostly that is
// the next entry; older versions are skipped by a seek.
func nextKey(c index.Cursor, base []byte, key string) (k, v []byte) {
	k, v = c.Next()
	if k == nil {
		return nil, nil
	}
	rest := k[len(base):]
	if len(rest) == len(key)+1+suffixSize && string(rest[:len(key)]) == key && rest[len(key)] == 0 {
		return c.Seek(behindKey(base, key))
	}
	return k, v
}

// behindKey sorts behind all versions of key and before every other key that
// sorts behind it.
func behindKey(base []byte, key string) []byte {
	return append(append(bytes.Clone(base), key...), 1)
}

// behindPrefix sorts behind every key that begins with prefix. The bucket id's
// NUL ends base, so there is always a byte to count up.
func behindPrefix(base []byte, prefix string) []byte {
	k := append(bytes.Clone(base), prefix...)
	for len(k) > 0 && k[len(k)-1] == 0xff {
		k = k[:len(k)-1]
	}
	k[len(k)-1]++
	return k
}

// rollUp returns the common prefix that key disappears in.
func rollUp(key, prefix, delimiter string) (string, bool) {
	if delimiter == "" {
		return "", false
	}
	i := strings.Index(key[len(prefix):], delimiter)
	if i < 0 {
		return "", false
	}
	return key[:len(prefix)+i+len(delimiter)], true
}

// query reads the parameters that both list operations have.
func (o *op) query() (query, error) {
	limit, err := o.number("max-keys", maxListed)
	return query{
		prefix: o.Query.Get("prefix"), delimiter: o.Query.Get("delimiter"), limit: min(limit, maxListed),
	}, err
}

func (o *op) page(q query) (p page, err error) {
	if hasNUL(q.prefix + q.delimiter + q.after) {
		q.limit = 0 // no key has NUL
	}
	err = o.look(func(r reader, _ bucketState) (err error) {
		p, err = r.list(o.BucketID, q)
		return err
	})
	return p, err
}

// listObjects is version 1 (S3-151).
func (o *op) listObjects() error {
	q, err := o.query()
	if err != nil {
		return err
	}
	encode, kind, err := o.encoding()
	if err != nil {
		return err
	}
	q.after = o.Query.Get("marker")
	_, q.past = rollUpMarker(q.after, q.prefix, q.delimiter)
	p, err := o.page(q)
	if err != nil {
		return err
	}
	d := xmldoc.New("ListBucketResult", 320*len(p.objects)+64*len(p.prefixes))
	d.Text("Name", o.Bucket)
	d.Text("Prefix", encode(q.prefix))
	d.Text("Marker", encode(q.after))
	if p.truncated && q.delimiter != "" {
		d.Text("NextMarker", encode(p.last))
	}
	d.Int("MaxKeys", int64(q.limit))
	d.Optional("Delimiter", encode(q.delimiter))
	d.Optional("EncodingType", kind)
	d.Bool("IsTruncated", p.truncated)
	o.entries(d, p, encode, true)
	return o.send(d)
}

func (o *op) listObjectsV2() error {
	q, err := o.query()
	if err != nil {
		return err
	}
	encode, kind, err := o.encoding()
	if err != nil {
		return err
	}
	owner, err := o.fetchOwner()
	if err != nil {
		return err
	}
	startAfter, token := o.Query.Get("start-after"), o.Query.Get("continuation-token")
	q.after = startAfter
	if o.Query.Has("continuation-token") {
		after, kind, ok := openToken(o.BucketID, token)
		if !ok {
			return s3err.InvalidArgument("continuation-token", token, "The continuation token provided is incorrect")
		}
		q.after, q.past = after, kind == entryPrefix
	}
	p, err := o.page(q)
	if err != nil {
		return err
	}
	d := xmldoc.New("ListBucketResult", 320*len(p.objects)+64*len(p.prefixes))
	d.Text("Name", o.Bucket)
	d.Text("Prefix", encode(q.prefix))
	d.Optional("ContinuationToken", token)
	if p.truncated {
		d.Text("NextContinuationToken", sealToken(o.BucketID, p.last, p.lastIs))
	}
	d.Optional("StartAfter", encode(startAfter))
	d.Int("KeyCount", int64(len(p.objects)+len(p.prefixes)))
	d.Int("MaxKeys", int64(q.limit))
	d.Optional("Delimiter", encode(q.delimiter))
	d.Optional("EncodingType", kind)
	d.Bool("IsTruncated", p.truncated)
	o.entries(d, p, encode, owner)
	return o.send(d)
}

func (o *op) fetchOwner() (bool, error) {
	switch raw := o.Query.Get("fetch-owner"); raw {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	default:
		return false, s3err.InvalidArgument("fetch-owner", raw, "fetch-owner must be true or false")
	}
}

// entries writes the objects and common prefixes of a page.
func (o *op) entries(d *xmldoc.Document, p page, encode func(string) string, owner bool) {
	for _, item := range p.objects {
		d.Open("Contents")
		d.Text("Key", encode(item.key))
		d.Text("LastModified", listTime(item.v.modified))
		d.Text("ETag", `"`+item.v.etag+`"`)
		if item.v.algorithm != "" {
			d.Text("ChecksumAlgorithm", string(item.v.algorithm))
			d.Text("ChecksumType", item.v.sumType())
		}
		d.Int("Size", item.v.size)
		if owner {
			ownerEntry(d, "Owner", o.Owner)
		}
		d.Text("StorageClass", item.v.classShown())
		d.Close("Contents")
	}
	prefixEntries(d, p.prefixes, encode)
}

func prefixEntries(d *xmldoc.Document, prefixes []string, encode func(string) string) {
	for _, prefix := range prefixes {
		d.Open("CommonPrefixes")
		d.Text("Prefix", encode(prefix))
		d.Close("CommonPrefixes")
	}
}

// classShown is the class where STANDARD has a name.
func (a *attributes) classShown() string {
	if a.class == "" {
		return "STANDARD"
	}
	return a.class
}

// A continuation token holds where the page ended. Its sum is not a secret: it
// tells a mistake from a token (S3-151), and a token gives no power that
// start-after does not.
func sealToken(bucket, last string, kind entryKind) string {
	b := append([]byte{byte(kind)}, last...)
	b = binary.BigEndian.AppendUint32(b, tokenSum(bucket, b))
	return base64.RawURLEncoding.EncodeToString(b)
}

func openToken(bucket, token string) (last string, kind entryKind, ok bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < 6 {
		return "", 0, false
	}
	body, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	kind = entryKind(body[0])
	if sum != tokenSum(bucket, body) || kind != entryKey && kind != entryPrefix {
		return "", 0, false
	}
	return string(body[1:]), kind, true
}

func tokenSum(bucket string, body []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(bucket)), crc32.IEEETable, body)
}
