package objects

import (
	"crypto/md5" //nolint:gosec // S3's ETag is an MD5
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/regent-iam/regent/internal/s3/objects/xmldoc"

	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/sigv4"
)

const (
	minPart = 5 << 20
	// maxCompleteBody has room for 10,000 parts with their checksums.
	maxCompleteBody = 4 << 20
)

// A chosenPart is a part as CompleteMultipartUpload lists it.
type chosenPart struct {
	number int
	etag   string
	sums   map[string]string // element name to value
}

// errChanged says that a part was replaced while the upload was put together.
var errChanged = errors.New("upload changed while it was completed")

func (o *op) completeMultipartUpload() error {
	condition, err := o.writeCondition()
	if err != nil {
		return err
	}
	if _, ok := parseUploadID(o.UploadID); !ok {
		return s3err.NoSuchUpload(o.UploadID)
	}
	raw, err := readDocument(o.Body, maxCompleteBody)
	if err != nil {
		return err
	}
	if err := o.checkMD5(raw); err != nil {
		return err
	}
	chosen, err := parseComplete(raw, o.UploadID)
	if err != nil {
		return err
	}
	for range 3 {
		var v *version
		if v, err = o.complete(chosen, condition); err == nil {
			return o.completed(v)
		}
		if !errors.Is(err, errChanged) {
			return err
		}
	}
	return s3err.Of("OperationAborted")
}

// checkMD5 checks Content-MD5 of a document whose x-amz-checksum- headers speak
// of something else.
func (o *op) checkMD5(raw []byte) error {
	only := &op{Call: &Call{Header: http.Header{}}}
	if v := o.Header["Content-Md5"]; v != nil {
		only.Header["Content-Md5"] = v
	}
	d, err := only.digest()
	if err != nil {
		return err
	}
	return d.checkBytes(raw)
}

func parseComplete(raw []byte, uploadID string) ([]chosenPart, error) {
	root, err := xmldoc.Parse(raw, "CompleteMultipartUpload")
	if err != nil {
		return nil, err
	}
	if len(root.Children) == 0 {
		return nil, s3err.InvalidRequest("You must specify at least one part")
	}
	if len(root.Children) > maxParts {
		return nil, s3err.InvalidArgument("Part", strconv.Itoa(len(root.Children)), "Number of parts must not exceed 10000")
	}
	chosen := make([]chosenPart, 0, len(root.Children))
	for _, n := range root.Children {
		p, err := parseChosen(n)
		if err != nil {
			return nil, err
		}
		if len(chosen) > 0 && p.number <= chosen[len(chosen)-1].number {
			return nil, s3err.InvalidPartOrder(uploadID)
		}
		chosen = append(chosen, p)
	}
	return chosen, nil
}

func parseChosen(n *xmldoc.Node) (chosenPart, error) {
	if n.Name != "Part" {
		return chosenPart{}, s3err.MalformedXML()
	}
	names := []string{"PartNumber", "ETag"}
	for _, algorithm := range sigv4.Checksums() {
		names = append(names, "Checksum"+string(algorithm))
	}
	f, err := n.Fields(names...)
	if err != nil {
		return chosenPart{}, err
	}
	number, err := strconv.Atoi(strings.TrimSpace(f["PartNumber"]))
	if err != nil {
		return chosenPart{}, s3err.MalformedXML()
	}
	if number < 1 || number > maxParts {
		return chosenPart{}, badPartNumber(f["PartNumber"])
	}
	if _, ok := f["ETag"]; !ok {
		return chosenPart{}, s3err.MalformedXML()
	}
	return chosenPart{number: number, etag: bareETag(f["ETag"]), sums: f}, nil
}

// complete makes the object of the chosen parts and commits it, or finds that
// it was done before (S3-143, S3-144).
func (o *op) complete(chosen []chosenPart, condition writeCondition) (*version, error) {
	var u *upload
	var v *version
	err := o.look(func(r reader, _ bucketState) (err error) {
		if v, err = o.completedBefore(r, chosen); v != nil || err != nil {
			return err
		}
		if u, err = o.findUpload(r); err != nil {
			return err
		}
		v, err = o.assemble(r, u, chosen)
		return err
	})
	if err != nil || u == nil {
		return v, err
	}
	if err := o.checkCompleted(v, u); err != nil {
		return nil, err
	}
	condition.since = u.created
	if err := o.admit(&condition); err != nil {
		return nil, err
	}
	random, err := o.s.draw()
	if err != nil {
		return nil, err
	}
	err = o.change(func(t *txn, state bucketState) error {
		if _, err := o.findUpload(t.reader); err != nil {
			return err
		}
		if err := t.takeParts(u.id, v.parts); err != nil {
			return err
		}
		t.del(uploadKey(o.BucketID, o.Key, u.id))
		if err := o.place(t, state, v, random, condition); err != nil {
			return err
		}
		t.set(completedKey(o.BucketID, o.Key, u.id), v.suffix[:])
		return nil
	})
	return v, err
}

// completedBefore returns the version that the same call made earlier, while it
// lives; nil when the upload was not completed.
func (o *op) completedBefore(r reader, chosen []chosenPart) (*version, error) {
	id, _ := parseUploadID(o.UploadID)
	raw := r.Get(completedKey(o.BucketID, o.Key, id))
	if raw == nil {
		return nil, nil
	}
	if len(raw) != suffixSize {
		return nil, s3err.NoSuchUpload(o.UploadID)
	}
	x := suffix(raw)
	v, err := decodeVersion(x, r.Get(versionKey(o.BucketID, o.Key, x)), true)
	if err != nil {
		return nil, err
	}
	same := v.parts.len() == len(chosen)
	for i := 0; same && i < len(chosen); i++ {
		p := v.parts.at(i)
		same = p.number == chosen[i].number && p.etag() == chosen[i].etag
	}
	if !same {
		return nil, s3err.NoSuchUpload(o.UploadID)
	}
	return v, nil
}

// takeParts removes the parts of an upload: the blobs of those in list go over to
// the version, the others die. It fails with errChanged when list is not what
// the upload has now.
func (t *txn) takeParts(id uploadID, list partList) error {
	i := 0
	err := t.eachPart(id, func(k []byte, p *part) error {
		t.del(k)
		if i < list.len() && list.at(i).blob == p.blob {
			i++
			return nil
		}
		t.release(p.blob)
		return nil
	})
	if err == nil && i < list.len() {
		err = errChanged
	}
	return err
}

// assemble makes the version that the chosen parts are.
func (o *op) assemble(r reader, u *upload, chosen []chosenPart) (*version, error) {
	v := &version{attributes: u.attributes, upload: u.id, parts: newPartList(u.algorithm.Size(), len(chosen))}
	etags := md5.New() //nolint:gosec // S3's ETag
	var whole []byte
	var sums [][]byte
	for i, c := range chosen {
		p, err := o.choose(r, u, c, i == len(chosen)-1)
		if err != nil {
			return nil, err
		}
		v.parts.add(p)
		v.size += p.size
		_, _ = etags.Write(p.md5[:]) // a hash never fails
		switch {
		case u.composite:
			sums = append(sums, p.sum)
		case i == 0:
			whole = p.sum
		default:
			whole = u.algorithm.Combine(whole, p.sum, p.size)
		}
	}
	v.etag = fmt.Sprintf("%s-%d", hex.EncodeToString(etags.Sum(nil)), len(chosen))
	if u.composite {
		v.sum = u.algorithm.Composite(sums)
	} else {
		v.sum = u.algorithm.Encode(whole)
	}
	return v, nil
}

// choose returns the stored part that c names.
func (o *op) choose(r reader, u *upload, c chosenPart, last bool) (*part, error) {
	raw := r.Get(partKey(u.id, c.number))
	if raw == nil {
		return nil, s3err.InvalidPart(o.UploadID, c.number, c.etag)
	}
	p, err := decodePart(c.number, raw)
	if err != nil {
		return nil, err
	}
	if p.etag() != c.etag {
		return nil, s3err.InvalidPart(o.UploadID, c.number, c.etag)
	}
	sum, given := c.sums["Checksum"+string(u.algorithm)]
	switch {
	case given && sum != u.algorithm.Encode(p.sum):
		return nil, s3err.InvalidPart(o.UploadID, c.number, c.etag)
	case !given && u.composite:
		return nil, s3err.InvalidRequest(fmt.Sprintf("The upload was created using a %s checksum. The complete request must "+
			"include the checksum for each part. It was missing for part %d in the request.", lowerASCII(string(u.algorithm)), c.number))
	case !last && p.size < minPart:
		return nil, s3err.EntityTooSmall(p.etag(), c.number, p.size, minPart)
	}
	return p, nil
}

// checkCompleted holds the object against what the headers say of it.
func (o *op) checkCompleted(v *version, u *upload) error {
	if raw := o.Header.Get("X-Amz-Mp-Object-Size"); raw != "" {
		n, err := strconv.ParseInt(raw, 10, 64)
		if err != nil || n != v.size {
			return s3err.InvalidRequest(fmt.Sprintf("The provided 'x-amz-mp-object-size' header value %s does not match what was computed: %d",
				raw, v.size))
		}
	}
	if kind := o.Header.Get("X-Amz-Checksum-Type"); kind != "" && u.sumGiven && kind != v.sumType() {
		return s3err.InvalidRequest(fmt.Sprintf("The upload was created using the %s checksum mode. "+
			"The complete request must use the same checksum mode.", v.sumType()))
	}
	for _, algorithm := range sigv4.Checksums() {
		given := o.Header.Get(algorithm.Header())
		if given == "" {
			continue
		}
		if algorithm != u.algorithm {
			if u.sumGiven {
				return s3err.InvalidRequest("Value for " + algorithm.Header() + " header is invalid.")
			}
			continue
		}
		bare, _, _ := strings.Cut(v.sum, "-")
		if given != v.sum && given != bare {
			return s3err.BadChecksum(string(algorithm))
		}
	}
	return nil
}

func (o *op) completed(v *version) error {
	o.describeWrite(v)
	d := xmldoc.New("CompleteMultipartUploadResult", 0)
	scheme := "http://"
	if o.r.TLS != nil {
		scheme = "https://"
	}
	d.Text("Location", scheme+o.r.Host+"/"+o.Bucket+"/"+urlEncode(o.Key))
	d.Text("Bucket", o.Bucket)
	d.Text("Key", o.Key)
	d.Text("ETag", `"`+v.etag+`"`)
	d.Text("Checksum"+string(v.algorithm), v.sum)
	d.Text("ChecksumType", v.sumType())
	return o.send(d)
}
