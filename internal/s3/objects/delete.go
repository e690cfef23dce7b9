package objects

import (
	"crypto/md5" //nolint:gosec // Content-MD5 is one
	"io"
	"net/http"

	"github.com/regent-iam/regent/internal/s3/objects/xmldoc"
	"github.com/regent-iam/regent/internal/s3/s3err"
)

const (
	maxDeletes     = 1000
	maxDeleteBody  = 2 << 20
	deletesPerStep = 250 // one commit's share, so that others need not wait for all
)

// A removal is what a delete did.
type removal struct {
	marker    bool   // a marker was made, or was what the id named
	made      bool   // a marker was made
	versionID string // of the marker made, or of the version removed; "" when unversioned
}

func (o *op) deleteObject() error {
	for _, name := range [...]string{"X-Amz-If-Match-Size", "X-Amz-If-Match-Last-Modified-Time"} {
		if o.Header[name] != nil {
			return s3err.NotImplemented(lowerASCII(name))
		}
	}
	d := Delete{Key: o.Key, VersionID: o.VersionID, ETag: o.Header.Get("If-Match")}
	random, err := o.s.draw()
	if err != nil {
		return err
	}
	var done removal
	err = o.change(func(t *txn, state bucketState) (err error) {
		done, err = o.remove(t, state, d, random)
		return err
	})
	if err != nil {
		return err
	}
	if done.marker {
		o.set("X-Amz-Delete-Marker", "true")
	}
	o.setText("X-Amz-Version-Id", done.versionID)
	o.answer(http.StatusNoContent)
	return nil
}

// remove does one delete (S3-107, S3-122). It writes nothing when it refuses.
func (o *op) remove(t *txn, state bucketState, d Delete, random [8]byte) (removal, error) {
	if err := checkVersionID(d.VersionID, state); err != nil {
		return removal{}, err
	}
	current, err := t.current(o.BucketID, d.Key, true)
	if err != nil {
		return removal{}, err
	}
	if err := checkDelete(d, current); err != nil {
		return removal{}, err
	}
	switch {
	case d.VersionID != "":
		return o.removeNamed(t, state, d)
	case state.versioning == versioningNever:
		if current != nil {
			t.removeVersion(o.BucketID, d.Key, current)
		}
		return removal{}, nil
	}
	return o.addMarker(t, state, d.Key, current, random)
}

func (o *op) removeNamed(t *txn, state bucketState, d Delete) (removal, error) {
	done := removal{versionID: d.VersionID}
	if state.versioning == versioningNever {
		done.versionID = ""
	}
	v, err := t.find(o.BucketID, d.Key, d.VersionID, true)
	if err != nil || v == nil {
		return done, err
	}
	done.marker = v.marker
	t.removeVersion(o.BucketID, d.Key, v)
	return done, nil
}

func (o *op) addMarker(t *txn, state bucketState, key string, current *version, random [8]byte) (removal, error) {
	marker := &version{marker: true, modified: o.Now.UnixMilli(), null: state.versioning == versioningSuspended}
	seq := uint64(max(1, o.Now.UnixNano()))
	if current != nil {
		seq = max(seq, current.suffix.seq()+1)
	}
	marker.suffix = newSuffix(seq, random)
	if marker.null {
		if err := t.replaceNull(o.BucketID, key, state, current); err != nil {
			return removal{}, err
		}
	}
	t.set(versionKey(o.BucketID, key, marker.suffix), marker.encode())
	return removal{marker: true, made: true, versionID: marker.id()}, nil
}

// checkDelete holds the current version against If-Match (S3-107).
func checkDelete(d Delete, current *version) error {
	switch {
	case d.Unsupported:
		return s3err.NotImplemented("")
	case d.ETag == "":
		return nil
	case current == nil:
		return s3err.NoSuchKey(d.Key)
	case current.marker || !matchETag(d.ETag, current.etag):
		return s3err.PreconditionFailed("If-Match")
	}
	return nil
}

func (o *op) deleteObjects() error {
	if len(o.Deletes) == 0 || len(o.Deletes) > maxDeletes {
		return s3err.MalformedXML()
	}
	d := xmldoc.New("DeleteResult", 128*len(o.Deletes))
	for start := 0; start < len(o.Deletes); start += deletesPerStep {
		step := o.Deletes[start:min(start+deletesPerStep, len(o.Deletes))]
		done, refused, err := o.deleteStep(step)
		if err != nil {
			return err
		}
		for i, item := range step {
			o.report(d, item, done[i], refused[i])
		}
	}
	return o.send(d)
}

// deleteStep removes some of the objects in one commit; refused has the error of
// each that was not.
func (o *op) deleteStep(step []Delete) (done []removal, refused []error, err error) {
	randoms := make([][8]byte, len(step))
	for i := range randoms {
		if randoms[i], err = o.s.draw(); err != nil {
			return nil, nil, err
		}
	}
	err = o.change(func(t *txn, state bucketState) error {
		done, refused = make([]removal, len(step)), make([]error, len(step))
		seen := make(map[Delete]bool, len(step))
		for i, d := range step {
			once := Delete{Key: d.Key, VersionID: d.VersionID}
			switch {
			case d.Refused != nil:
				refused[i] = d.Refused
			case len(d.Key) > maxKey || d.Key == "" || hasNUL(d.Key):
				refused[i] = s3err.KeyTooLong(len(d.Key))
			case seen[once]: // a change does not see its own writes
				done[i] = removal{versionID: d.VersionID}
			default:
				done[i], refused[i] = o.remove(t, state, d, randoms[i])
				seen[once] = refused[i] == nil
			}
		}
		return nil
	})
	return done, refused, err
}

func (o *op) report(d *xmldoc.Document, item Delete, done removal, refused error) {
	if refused != nil {
		e := o.shown(refused)
		d.Open("Error")
		d.Text("Key", item.Key)
		d.Optional("VersionId", item.VersionID)
		d.Text("Code", e.Code)
		d.Text("Message", e.Message)
		d.Close("Error")
		return
	}
	if o.Quiet {
		return
	}
	d.Open("Deleted")
	d.Text("Key", item.Key)
	d.Optional("VersionId", item.VersionID)
	if done.marker {
		d.Bool("DeleteMarker", true)
		d.Text("DeleteMarkerVersionId", done.versionID)
	}
	d.Close("Deleted")
}

// ReadDelete reads and checks DeleteObjects' document: S3-97's checksum
// requirement, Content-MD5, the size limit and the strict form (S3-16, S3-124,
// TH-19). Its error is an [*s3err.Error].
func ReadDelete(header http.Header, body io.Reader) (deletes []Delete, quiet bool, err error) {
	o := &op{Call: &Call{Header: header}}
	d, err := o.digest()
	if err != nil {
		return nil, false, err
	}
	if d.md5 == nil && d.algorithm == "" {
		return nil, false, s3err.InvalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	}
	raw, err := readDocument(body, maxDeleteBody)
	if err != nil {
		return nil, false, err
	}
	if err := d.checkBytes(raw); err != nil {
		return nil, false, err
	}
	root, err := xmldoc.Parse(raw, "Delete")
	if err != nil {
		return nil, false, err
	}
	return parseDelete(root)
}

// checkBytes is check for a document in memory.
func (d digest) checkBytes(raw []byte) error {
	p := &payload{md5: md5.Sum(raw)} //nolint:gosec // Content-MD5
	if d.sum != nil {
		h := d.algorithm.New()
		_, _ = h.Write(raw) // a hash never fails
		p.sum = h.Sum(nil)
	}
	return d.check(p)
}

func parseDelete(root *xmldoc.Node) (deletes []Delete, quiet bool, err error) {
	quietSeen := false
	for _, c := range root.Children {
		switch c.Name {
		case "Quiet":
			if quietSeen || len(c.Children) > 0 || c.Text != "true" && c.Text != "false" {
				return nil, false, s3err.MalformedXML()
			}
			quietSeen, quiet = true, c.Text == "true"
		case "Object":
			d, err := parseDeleteObject(c)
			if err != nil {
				return nil, false, err
			}
			deletes = append(deletes, d)
		default:
			return nil, false, s3err.MalformedXML()
		}
	}
	if len(deletes) == 0 || len(deletes) > maxDeletes {
		return nil, false, s3err.MalformedXML()
	}
	return deletes, quiet, nil
}

func parseDeleteObject(n *xmldoc.Node) (Delete, error) {
	f, err := n.Fields("Key", "VersionId", "ETag", "LastModifiedTime", "Size")
	if err != nil {
		return Delete{}, err
	}
	key, ok := f["Key"]
	switch {
	case !ok:
		return Delete{}, s3err.MalformedXML()
	case key == "":
		return Delete{}, s3err.Of("UserKeyMustBeSpecified")
	case len(key) > maxKey:
		return Delete{}, s3err.KeyTooLong(len(key))
	}
	_, modified := f["LastModifiedTime"]
	_, size := f["Size"]
	return Delete{Key: key, VersionID: f["VersionId"], ETag: f["ETag"], Unsupported: modified || size}, nil
}
