package objects

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/regent-iam/regent/internal/s3/objects/xmldoc"

	"github.com/regent-iam/regent/internal/s3/s3err"
)

const maxTaggingBody = 1 << 20

func (o *op) getObjectTagging() error {
	v, err := o.lookup()
	if err != nil {
		return err
	}
	if !v.null {
		o.set("X-Amz-Version-Id", v.id())
	}
	d := xmldoc.New("Tagging", 64*len(v.tags))
	d.Open("TagSet")
	for _, t := range v.tags {
		d.Open("Tag")
		d.Text("Key", t.name)
		d.Text("Value", t.value)
		d.Close("Tag")
	}
	d.Close("TagSet")
	return o.send(d)
}

func (o *op) putObjectTagging() error {
	d, err := o.digest()
	if err != nil {
		return err
	}
	if d.md5 == nil && d.algorithm == "" {
		return s3err.InvalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	raw, err := readDocument(o.Body, maxTaggingBody)
	if err != nil {
		return err
	}
	if err := d.checkBytes(raw); err != nil {
		return err
	}
	tags, err := parseTagging(raw)
	if err != nil {
		return err
	}
	return o.retag(tags, http.StatusOK)
}

func (o *op) deleteObjectTagging() error { return o.retag(nil, http.StatusNoContent) }

// retag replaces the tags of a version in place (S3-114).
func (o *op) retag(tags []pair, status int) error {
	var v *version
	err := o.change(func(t *txn, state bucketState) (err error) {
		if err := checkVersionID(o.VersionID, state); err != nil {
			return err
		}
		v, err = t.find(o.BucketID, o.Key, o.VersionID, true)
		if err != nil || v == nil || v.marker {
			return err
		}
		v.tags = tags
		t.set(versionKey(o.BucketID, o.Key, v.suffix), v.encode())
		return nil
	})
	if err != nil {
		return err
	}
	if err := o.present(v); err != nil {
		return err
	}
	if !v.null {
		o.set("X-Amz-Version-Id", v.id())
	}
	o.answer(status)
	return nil
}

func parseTagging(raw []byte) ([]pair, error) {
	root, err := xmldoc.Parse(raw, "Tagging")
	if err != nil {
		return nil, err
	}
	if len(root.Children) != 1 || root.Children[0].Name != "TagSet" {
		return nil, s3err.MalformedXML()
	}
	var tags []pair
	for _, n := range root.Children[0].Children {
		if n.Name != "Tag" {
			return nil, s3err.MalformedXML()
		}
		f, err := n.Fields("Key", "Value")
		if err != nil {
			return nil, err
		}
		if len(f) != 2 {
			return nil, s3err.MalformedXML()
		}
		tags = append(tags, pair{f["Key"], f["Value"]})
	}
	return tags, checkTags(tags)
}

// getObjectAttributes is S3-115.
func (o *op) getObjectAttributes() error {
	wanted, err := o.wantedAttributes()
	if err != nil {
		return err
	}
	v, err := o.lookup()
	if err != nil {
		return err
	}
	limit, marker, err := o.partPage()
	if err != nil {
		return err
	}
	o.set("Last-Modified", httpTime(v))
	if !v.null {
		o.set("X-Amz-Version-Id", v.id())
	}
	d := xmldoc.New("GetObjectAttributesResponse", 0)
	if wanted["ETag"] {
		d.Text("ETag", v.etag)
	}
	if wanted["Checksum"] && v.sum != "" {
		d.Open("Checksum")
		d.Text("Checksum"+string(v.algorithm), v.sum)
		d.Text("ChecksumType", v.sumType())
		d.Close("Checksum")
	}
	if wanted["ObjectParts"] && v.parts.len() > 0 {
		objectParts(d, v, limit, marker)
	}
	if wanted["StorageClass"] {
		d.Text("StorageClass", v.classShown())
	}
	if wanted["ObjectSize"] {
		d.Int("ObjectSize", v.size)
	}
	return o.send(d)
}

func (o *op) wantedAttributes() (map[string]bool, error) {
	const header = "X-Amz-Object-Attributes"
	wanted := map[string]bool{}
	for _, value := range o.Header[header] {
		for name := range strings.SplitSeq(value, ",") {
			switch name = strings.TrimSpace(name); name {
			case "ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize":
				wanted[name] = true
			default:
				return nil, s3err.InvalidArgument(lowerASCII(header), name, "Invalid attribute name specified.")
			}
		}
	}
	if len(wanted) == 0 {
		return nil, s3err.InvalidRequest("The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty")
	}
	return wanted, nil
}

// partPage reads which parts GetObjectAttributes shall list.
func (o *op) partPage() (limit, marker int, err error) {
	read := func(name string, absent int) (int, error) {
		raw := o.Header.Get(name)
		if raw == "" {
			return absent, nil
		}
		n, err := strconv.ParseInt(raw, 10, 32)
		if err != nil || n < 0 {
			return 0, s3err.InvalidArgument(lowerASCII(name), raw, "Provided "+lowerASCII(name)+" not an integer or within integer range")
		}
		return int(n), nil
	}
	if limit, err = read("X-Amz-Max-Parts", maxListed); err != nil {
		return 0, 0, err
	}
	marker, err = read("X-Amz-Part-Number-Marker", 0)
	return min(limit, maxListed), marker, err
}

func objectParts(d *xmldoc.Document, v *version, limit, marker int) {
	d.Open("ObjectParts")
	d.Int("TotalPartsCount", int64(v.parts.len()))
	if v.composite {
		first := 0
		for first < v.parts.len() && v.parts.at(first).number <= marker {
			first++
		}
		end := min(first+limit, v.parts.len())
		d.Int("PartNumberMarker", int64(marker))
		if end > first {
			d.Int("NextPartNumberMarker", int64(v.parts.at(end-1).number))
		}
		d.Int("MaxParts", int64(limit))
		d.Bool("IsTruncated", end < v.parts.len())
		for i := first; i < end; i++ {
			p := v.parts.at(i)
			d.Open("Part")
			d.Int("PartNumber", int64(p.number))
			d.Int("Size", p.size)
			d.Text("Checksum"+string(v.algorithm), v.algorithm.Encode(p.sum))
			d.Close("Part")
		}
	}
	d.Close("ObjectParts")
}
