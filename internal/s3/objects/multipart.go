package objects

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/http"

	"github.com/regent-iam/regent/internal/s3/objects/xmldoc"

	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/sigv4"
)

const maxParts = 10000

func badPartNumber(raw string) error {
	return s3err.InvalidArgument("partNumber", raw, "Part number must be an integer between 1 and 10000, inclusive")
}

func (o *op) partNumber() (int, error) {
	if o.PartNumber < 1 || o.PartNumber > maxParts {
		return 0, badPartNumber(o.Query.Get("partNumber"))
	}
	return o.PartNumber, nil
}

// uploadChecksum reads what checksum the parts and the object shall have (S3-140).
func (o *op) uploadChecksum(a *attributes) error {
	name, kind := o.Header.Get("X-Amz-Checksum-Algorithm"), o.Header.Get("X-Amz-Checksum-Type")
	if name == "" {
		if kind != "" {
			return s3err.InvalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
		}
		a.algorithm = sigv4.CRC64NVME
		return nil
	}
	algorithm, ok := sigv4.ParseChecksum(name)
	if !ok {
		return errAlgorithm()
	}
	a.algorithm, a.sumGiven = algorithm, true
	unfit := false
	switch kind {
	case "":
		a.composite = algorithm != sigv4.CRC64NVME
	case "COMPOSITE":
		a.composite, unfit = true, algorithm == sigv4.CRC64NVME
	case "FULL_OBJECT":
		unfit = !algorithm.Combines()
	default:
		return s3err.InvalidRequest("Value for x-amz-checksum-type header is invalid.")
	}
	if unfit {
		return s3err.InvalidRequest(fmt.Sprintf("The %s checksum type cannot be used with the %s checksum algorithm.",
			kind, lowerASCII(string(algorithm))))
	}
	return nil
}

func (o *op) createMultipartUpload() error {
	attrs, err := o.attributes()
	if err != nil {
		return err
	}
	if err := o.uploadChecksum(&attrs); err != nil {
		return err
	}
	u := &upload{attributes: attrs, created: o.Now.UnixMilli(), initiator: o.Initiator}
	binary.BigEndian.PutUint64(u.id[:8], uint64(max(1, o.Now.UnixNano())))
	if _, err := io.ReadFull(o.s.random, u.id[8:]); err != nil {
		return fmt.Errorf("naming an upload: %w", err)
	}
	err = o.change(func(t *txn, _ bucketState) error {
		t.set(uploadKey(o.BucketID, o.Key, u.id), u.encode())
		return nil
	})
	if err != nil {
		return err
	}
	o.describeSSE(&u.attributes)
	if u.sumGiven {
		o.set("X-Amz-Checksum-Algorithm", string(u.algorithm))
		o.set("X-Amz-Checksum-Type", u.sumType())
	}
	d := xmldoc.New("InitiateMultipartUploadResult", 0)
	d.Text("Bucket", o.Bucket)
	d.Text("Key", o.Key)
	d.Text("UploadId", u.id.String())
	return o.send(d)
}

// findUpload returns the call's upload. It is looked for below the call's bucket
// id and key, so the id of another upload is the id of none (TH-65, S3-50).
func (o *op) findUpload(r reader) (*upload, error) {
	id, ok := parseUploadID(o.UploadID)
	if !ok {
		return nil, s3err.NoSuchUpload(o.UploadID)
	}
	raw := r.Get(uploadKey(o.BucketID, o.Key, id))
	if raw == nil {
		return nil, s3err.NoSuchUpload(o.UploadID)
	}
	return decodeUpload(id, raw)
}

func (o *op) upload() (u *upload, err error) {
	err = o.look(func(r reader, _ bucketState) (err error) {
		u, err = o.findUpload(r)
		return err
	})
	return u, err
}

func (o *op) uploadPart() error {
	number, err := o.partNumber()
	if err != nil {
		return err
	}
	u, err := o.upload()
	if err != nil {
		return err
	}
	length, err := o.length()
	if err != nil {
		return err
	}
	d, err := o.digest()
	if err != nil {
		return err
	}
	if u.sumGiven && d.algorithm != "" && d.algorithm != u.algorithm {
		return s3err.InvalidRequest(fmt.Sprintf("Checksum Type mismatch occurred, expected checksum Type: %s, actual checksum Type: %s",
			lowerASCII(string(u.algorithm)), lowerASCII(string(d.algorithm))))
	}
	p, sum, err := o.receivePart(u, d, length)
	if err != nil {
		return err
	}
	if err := o.storePart(u, number, p); err != nil {
		return err
	}
	o.set("Etag", `"`+p.etag()+`"`)
	o.describeSSE(&u.attributes)
	algorithm := d.algorithm
	if algorithm == "" {
		algorithm = u.algorithm
	}
	o.set(http.CanonicalHeaderKey(algorithm.Header()), algorithm.Encode(sum))
	o.answer(http.StatusOK)
	return nil
}

// receivePart reads a part. Its sum is in the upload's algorithm; the second
// result is the sum in the client's, which may be another when the upload was
// begun without one.
func (o *op) receivePart(u *upload, d digest, length int64) (*payload, []byte, error) {
	body := o.Body
	if body == nil {
		body = http.NoBody
	}
	if d.algorithm == "" || d.algorithm == u.algorithm {
		p, err := o.s.receive(body, length, u.algorithm, false)
		if err != nil {
			return nil, nil, err
		}
		if err := d.check(p); err != nil {
			p.abandon()
			return nil, nil, err
		}
		return p, p.sum, nil
	}
	h := d.algorithm.New()
	p, err := o.s.receive(io.TeeReader(body, h), length, u.algorithm, false)
	if err != nil {
		return nil, nil, err
	}
	sum := h.Sum(nil)
	if err := d.check(&payload{md5: p.md5, sum: sum}); err != nil {
		p.abandon()
		return nil, nil, err
	}
	return p, sum, nil
}

// storePart commits a part while its upload is there: an abort beats parts on
// their way (S3-144). A part of the same number is replaced.
func (o *op) storePart(u *upload, number int, p *payload) error {
	record := &part{number: number, size: p.size, modified: o.Now.UnixMilli(), blob: p.w.ID, md5: p.md5, sum: p.sum}
	err := o.change(func(t *txn, _ bucketState) error {
		if _, err := o.findUpload(t.reader); err != nil {
			return err
		}
		key := partKey(u.id, number)
		if raw := t.Get(key); raw != nil {
			old, err := decodePart(number, raw)
			if err != nil {
				return err
			}
			t.release(old.blob)
		}
		t.set(key, record.encode())
		t.adopt(record.blob)
		return nil
	})
	p.settle(err)
	return err
}

// abortMultipartUpload also succeeds after the upload ended (S3-144).
func (o *op) abortMultipartUpload() error {
	id, ok := parseUploadID(o.UploadID)
	if !ok {
		return s3err.NoSuchUpload(o.UploadID)
	}
	err := o.change(func(t *txn, _ bucketState) error {
		ended := completedKey(o.BucketID, o.Key, id)
		if t.Get(uploadKey(o.BucketID, o.Key, id)) == nil {
			if t.Get(ended) == nil {
				return s3err.NoSuchUpload(o.UploadID)
			}
			return nil
		}
		t.set(ended, endedWithoutVersion())
		return t.removeUpload(o.BucketID, o.Key, id)
	})
	if err != nil {
		return err
	}
	o.answer(http.StatusNoContent)
	return nil
}

// endedWithoutVersion is what is left of an upload whose version does not live.
func endedWithoutVersion() []byte { return []byte{0} }

// removeUpload removes an upload and its parts.
func (t *txn) removeUpload(bucket, key string, id uploadID) error {
	err := t.eachPart(id, func(k []byte, p *part) error {
		t.del(k)
		t.release(p.blob)
		return nil
	})
	t.del(uploadKey(bucket, key, id))
	return err
}

// eachPart calls fn for every part of an upload, in order. k may be kept.
func (r reader) eachPart(id uploadID, fn func(k []byte, p *part) error) error {
	prefix := partsKey(id)
	c := r.Cursor(prefix)
	for k, raw := c.Seek(prefix); k != nil; k, raw = c.Next() {
		p, err := decodePart(int(binary.BigEndian.Uint16(k[len(prefix):])), raw)
		if err != nil {
			return err
		}
		if err := fn(append([]byte{}, k...), p); err != nil {
			return err
		}
	}
	return nil
}
