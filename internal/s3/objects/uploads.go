package objects

import (
	"bytes"
	"strings"

	"github.com/regent-iam/regent/internal/s3/objects/xmldoc"
)

func (o *op) listParts() error {
	encode, kind, err := o.encoding()
	if err != nil {
		return err
	}
	limit, err := o.number("max-parts", maxListed)
	if err != nil {
		return err
	}
	limit = min(limit, maxListed)
	marker, err := o.number("part-number-marker", 0)
	if err != nil {
		return err
	}
	var u *upload
	var parts []*part
	more := false
	err = o.look(func(r reader, _ bucketState) (err error) {
		if u, err = o.findUpload(r); err != nil {
			return err
		}
		parts, more, err = r.partsAfter(u.id, marker, limit)
		return err
	})
	if err != nil {
		return err
	}
	d := xmldoc.New("ListPartsResult", 256*len(parts))
	d.Text("Bucket", o.Bucket)
	d.Text("Key", encode(o.Key))
	d.Text("UploadId", o.UploadID)
	d.Int("PartNumberMarker", int64(marker))
	if more && len(parts) > 0 {
		d.Int("NextPartNumberMarker", int64(parts[len(parts)-1].number))
	}
	d.Int("MaxParts", int64(limit))
	d.Optional("EncodingType", kind)
	d.Bool("IsTruncated", more)
	for _, p := range parts {
		d.Open("Part")
		d.Int("PartNumber", int64(p.number))
		d.Text("LastModified", listTime(p.modified))
		d.Text("ETag", `"`+p.etag()+`"`)
		d.Int("Size", p.size)
		if u.sumGiven {
			d.Text("Checksum"+string(u.algorithm), u.algorithm.Encode(p.sum))
		}
		d.Close("Part")
	}
	ownerEntry(d, "Initiator", u.initiator)
	ownerEntry(d, "Owner", o.Owner)
	d.Text("StorageClass", u.classShown())
	if u.sumGiven {
		d.Text("ChecksumAlgorithm", string(u.algorithm))
		d.Text("ChecksumType", u.sumType())
	}
	return o.send(d)
}

// partsAfter returns up to limit parts with numbers above marker.
func (r reader) partsAfter(id uploadID, marker, limit int) (parts []*part, more bool, err error) {
	if marker >= maxParts || limit == 0 {
		return nil, false, nil
	}
	prefix, from := partsKey(id), partKey(id, marker+1)
	c := r.Cursor(prefix)
	for k, raw := c.Seek(from); k != nil; k, raw = c.Next() {
		if len(parts) == limit {
			return parts, true, nil
		}
		p, err := decodePart(int(k[len(k)-2])<<8|int(k[len(k)-1]), raw)
		if err != nil {
			return nil, false, err
		}
		parts = append(parts, p)
	}
	return parts, false, nil
}

// An uploadEntry is an upload in a list.
type uploadEntry struct {
	key string
	u   *upload
}

// An uploadPage is a page of ListMultipartUploads.
type uploadPage struct {
	uploads   []uploadEntry
	prefixes  []string
	truncated bool
	nextKey   string
	nextID    string
}

// An uploadQuery is what it asks for.
type uploadQuery struct {
	prefix, delimiter, keyMarker, idMarker string
	limit                                  int
}

func (o *op) listMultipartUploads() error {
	encode, kind, err := o.encoding()
	if err != nil {
		return err
	}
	q := uploadQuery{
		prefix: o.Query.Get("prefix"), delimiter: o.Query.Get("delimiter"),
		keyMarker: o.Query.Get("key-marker"), idMarker: o.Query.Get("upload-id-marker"),
	}
	if q.limit, err = o.number("max-uploads", maxListed); err != nil {
		return err
	}
	q.limit = min(q.limit, maxListed)
	var p uploadPage
	if !hasNUL(q.prefix + q.delimiter + q.keyMarker) {
		err = o.look(func(r reader, _ bucketState) (err error) {
			p, err = r.listUploads(o.BucketID, q)
			return err
		})
	}
	if err != nil {
		return err
	}
	d := xmldoc.New("ListMultipartUploadsResult", 400*len(p.uploads))
	d.Text("Bucket", o.Bucket)
	d.Text("KeyMarker", encode(q.keyMarker))
	d.Text("UploadIdMarker", q.idMarker)
	if p.truncated {
		d.Text("NextKeyMarker", encode(p.nextKey))
		d.Text("NextUploadIdMarker", p.nextID)
	}
	d.Text("Prefix", encode(q.prefix))
	d.Optional("Delimiter", encode(q.delimiter))
	d.Int("MaxUploads", int64(q.limit))
	d.Optional("EncodingType", kind)
	d.Bool("IsTruncated", p.truncated)
	for _, e := range p.uploads {
		d.Open("Upload")
		d.Text("Key", encode(e.key))
		d.Text("UploadId", e.u.id.String())
		ownerEntry(d, "Initiator", e.u.initiator)
		ownerEntry(d, "Owner", o.Owner)
		d.Text("StorageClass", e.u.classShown())
		d.Text("Initiated", listTime(e.u.created))
		if e.u.sumGiven {
			d.Text("ChecksumAlgorithm", string(e.u.algorithm))
			d.Text("ChecksumType", e.u.sumType())
		}
		d.Close("Upload")
	}
	prefixEntries(d, p.prefixes, encode)
	return o.send(d)
}

// listUploads lists by key, then age (S3-146).
func (r reader) listUploads(bucket string, q uploadQuery) (uploadPage, error) {
	var p uploadPage
	if q.limit == 0 {
		return p, nil
	}
	base := keyPrefix('u', bucket)
	below := append(bytes.Clone(base), q.prefix...)
	c := r.Cursor(below)
	k, raw := c.Seek(q.start(base, below))
	for k != nil {
		key, tail := splitObjectKey(k, base, uploadSize)
		if len(p.uploads)+len(p.prefixes) == q.limit {
			p.truncated = true
			return p, nil
		}
		if common, ok := rollUp(key, q.prefix, q.delimiter); ok {
			p.prefixes = append(p.prefixes, common)
			p.nextKey, p.nextID = common, ""
			k, raw = c.Seek(behindPrefix(base, common))
			continue
		}
		u, err := decodeUpload(uploadID(tail), raw)
		if err != nil {
			return p, err
		}
		p.uploads = append(p.uploads, uploadEntry{key, u})
		p.nextKey, p.nextID = key, u.id.String()
		k, raw = c.Next()
	}
	return p, nil
}

// start is where the markers point. An upload id that was aborted points to
// where it stood; without a key marker it means nothing.
func (q uploadQuery) start(base, below []byte) []byte {
	if q.keyMarker == "" {
		return below
	}
	from := behindKey(base, q.keyMarker)
	if common, ok := rollUpMarker(q.keyMarker, q.prefix, q.delimiter); ok {
		from = behindPrefix(base, common)
	} else if id, ok := parseUploadID(q.idMarker); ok {
		from = append(append(bytes.Clone(base), q.keyMarker...), 0)
		from = append(append(from, id[:]...), 0)
	}
	if bytes.Compare(from, below) > 0 {
		return from
	}
	return below
}

// rollUpMarker reports whether the marker is itself a common prefix, which was
// listed already with all that is below it.
func rollUpMarker(marker, prefix, delimiter string) (string, bool) {
	if !strings.HasPrefix(marker, prefix) {
		return "", false
	}
	common, ok := rollUp(marker, prefix, delimiter)
	return common, ok && common == marker
}
