package objects

import (
	"bytes"
	"context"

	"github.com/regent-iam/regent/internal/s3/objects/xmldoc"

	"github.com/regent-iam/regent/internal/s3/s3err"
)

// Versioning is a bucket's versioning state (S3-120). The zero value is a bucket
// that never had versions.
type Versioning string

// The states that a bucket can be put into; there is no way back to never.
const (
	VersioningEnabled   Versioning = "Enabled"
	VersioningSuspended Versioning = "Suspended"
)

// SetVersioning puts the bucket into a state. It returns ErrNoBucket when the
// bucket was dropped.
func (s *Store) SetVersioning(ctx context.Context, id string, v Versioning) error {
	if !validBucketID(id) {
		return errBucketID
	}
	to := versioningSuspended
	switch v {
	case VersioningEnabled:
		to = versioningEnabled
	case VersioningSuspended:
	default:
		return s3err.Of("IllegalVersioningConfigurationException")
	}
	return s.update(ctx, func(t *txn) error {
		state, err := t.live(id)
		if err != nil {
			return err
		}
		state.versioning = to
		t.set(bucketKey(id), state.encode())
		return nil
	})
}

// Versioning returns the bucket's state.
func (s *Store) Versioning(id string) (v Versioning, err error) {
	if !validBucketID(id) {
		return "", errBucketID
	}
	err = s.view(func(r reader) error {
		state, err := r.live(id)
		switch state.versioning {
		case versioningEnabled:
			v = VersioningEnabled
		case versioningSuspended:
			v = VersioningSuspended
		}
		return err
	})
	return v, err
}

// A versionQuery is what ListObjectVersions asks for.
type versionQuery struct {
	prefix, delimiter, keyMarker, idMarker string
	limit                                  int
}

// A versionEntry is a version or marker in a list.
type versionEntry struct {
	key    string
	v      *version
	latest bool
}

// A versionPage is a page of ListObjectVersions.
type versionPage struct {
	versions  []versionEntry
	prefixes  []string
	truncated bool
	nextKey   string
	nextID    string
}

// listVersions lists by key, then newest first (S3-153).
func (r reader) listVersions(bucket string, q versionQuery) (versionPage, error) {
	var p versionPage
	if q.limit == 0 {
		return p, nil
	}
	base := keyPrefix('v', bucket)
	below := append(bytes.Clone(base), q.prefix...)
	from, err := r.versionStart(bucket, q, base, below)
	if err != nil {
		return p, err
	}
	c := r.Cursor(below)
	before := ""
	if from.inKey {
		before = q.keyMarker // its newest version was on an earlier page
	}
	k, raw := c.Seek(from.at)
	for k != nil {
		key, tail := splitObjectKey(k, base, suffixSize)
		if len(p.versions)+len(p.prefixes) == q.limit {
			p.truncated = true
			return p, nil
		}
		if common, ok := rollUp(key, q.prefix, q.delimiter); ok {
			p.prefixes = append(p.prefixes, common)
			p.nextKey, p.nextID = common, ""
			k, raw = c.Seek(behindPrefix(base, common))
			continue
		}
		v, err := decodeVersion(suffix(tail), raw, false)
		if err != nil {
			return p, err
		}
		p.versions = append(p.versions, versionEntry{key, v, key != before})
		p.nextKey, p.nextID, before = key, v.id(), key
		k, raw = c.Next()
	}
	return p, nil
}

// A versionStart is where a page begins.
type versionStart struct {
	at    []byte
	inKey bool // among the versions of the key marker
}

// versionStart resolves the markers. The id of a version that was removed points
// to where it stood.
func (r reader) versionStart(bucket string, q versionQuery, base, below []byte) (versionStart, error) {
	if q.keyMarker == "" {
		return versionStart{at: below}, nil
	}
	start := versionStart{at: behindKey(base, q.keyMarker)}
	if common, ok := rollUpMarker(q.keyMarker, q.prefix, q.delimiter); ok {
		start.at = behindPrefix(base, common)
	} else if q.idMarker != "" {
		x, ok := parseVersionID(q.idMarker)
		if q.idMarker == "null" {
			v, err := r.find(bucket, q.keyMarker, "null", false)
			if err != nil {
				return start, err
			}
			if ok = v != nil; ok {
				x = v.suffix
			}
		}
		if ok {
			first, _ := r.First(versionsKey(bucket, q.keyMarker))
			at := versionKey(bucket, q.keyMarker, x)
			start = versionStart{at: append(at, 0), inKey: bytes.Compare(first, at) <= 0}
		}
	}
	if bytes.Compare(start.at, below) < 0 {
		return versionStart{at: below}, nil
	}
	return start, nil
}

func (o *op) listObjectVersions() error {
	encode, kind, err := o.encoding()
	if err != nil {
		return err
	}
	q := versionQuery{
		prefix: o.Query.Get("prefix"), delimiter: o.Query.Get("delimiter"),
		keyMarker: o.Query.Get("key-marker"), idMarker: o.Query.Get("version-id-marker"),
	}
	if q.limit, err = o.number("max-keys", maxListed); err != nil {
		return err
	}
	q.limit = min(q.limit, maxListed)
	if err := q.check(); err != nil {
		return err
	}
	var p versionPage
	if !hasNUL(q.prefix + q.delimiter + q.keyMarker) {
		err = o.look(func(r reader, _ bucketState) (err error) {
			p, err = r.listVersions(o.BucketID, q)
			return err
		})
	}
	if err != nil {
		return err
	}
	d := xmldoc.New("ListVersionsResult", 400*len(p.versions))
	d.Text("Name", o.Bucket)
	d.Text("Prefix", encode(q.prefix))
	d.Text("KeyMarker", encode(q.keyMarker))
	d.Text("VersionIdMarker", q.idMarker)
	if p.truncated {
		d.Text("NextKeyMarker", encode(p.nextKey))
		d.Optional("NextVersionIdMarker", p.nextID)
	}
	d.Int("MaxKeys", int64(q.limit))
	d.Optional("Delimiter", encode(q.delimiter))
	d.Optional("EncodingType", kind)
	d.Bool("IsTruncated", p.truncated)
	for _, e := range p.versions {
		o.versionEntry(d, e, encode)
	}
	prefixEntries(d, p.prefixes, encode)
	return o.send(d)
}

func (q versionQuery) check() error {
	if q.idMarker == "" {
		return nil
	}
	if q.keyMarker == "" {
		return s3err.InvalidArgument("version-id-marker", q.idMarker, "A version-id marker cannot be specified without a key marker.")
	}
	if _, ok := parseVersionID(q.idMarker); !ok && q.idMarker != "null" {
		return s3err.InvalidArgument("version-id-marker", q.idMarker, "Invalid version id specified")
	}
	return nil
}

func (o *op) versionEntry(d *xmldoc.Document, e versionEntry, encode func(string) string) {
	name := "Version"
	if e.v.marker {
		name = "DeleteMarker"
	}
	d.Open(name)
	d.Text("Key", encode(e.key))
	d.Text("VersionId", e.v.id())
	d.Bool("IsLatest", e.latest)
	d.Text("LastModified", listTime(e.v.modified))
	if !e.v.marker {
		d.Text("ETag", `"`+e.v.etag+`"`)
		if e.v.algorithm != "" {
			d.Text("ChecksumAlgorithm", string(e.v.algorithm))
			d.Text("ChecksumType", e.v.sumType())
		}
		d.Int("Size", e.v.size)
		d.Text("StorageClass", e.v.classShown())
	}
	ownerEntry(d, "Owner", o.Owner)
	d.Close(name)
}
