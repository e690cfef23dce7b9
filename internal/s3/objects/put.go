package objects

import (
	"crypto/md5" //nolint:gosec // S3's ETag is an MD5
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/regent-iam/regent/internal/s3/objects/blobs"
	"github.com/regent-iam/regent/internal/s3/objects/index"

	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/sigv4"
)

// maxPut is the largest body of one PutObject or UploadPart, in bytes (S3-37).
const maxPut = 5 << 30

// A payload is a body that was read to its verified end.
type payload struct {
	size   int64
	md5    [md5.Size]byte
	sum    []byte
	inline []byte
	w      *blobs.Writer // nil when inline
}

func (p *payload) etag() string { return hex.EncodeToString(p.md5[:]) }

// abandon removes what was written.
func (p *payload) abandon() {
	if p.w != nil {
		p.w.Abandon()
	}
}

// settle ends the writing of the blob by the outcome of the change that names
// it. When the commit itself failed nobody knows what the disk holds, and the
// file stays: if no record names it, Sweep finds it.
func (p *payload) settle(err error) {
	switch {
	case p.w == nil:
	case err == nil || errors.Is(err, index.ErrCommit):
		p.w.Keep()
	default:
		p.w.Abandon()
	}
}

// length returns the announced length of the body (S3-37).
func (o *op) length() (int64, error) {
	switch {
	case o.ContentLength < 0:
		return 0, s3err.Of("MissingContentLength")
	case o.ContentLength > maxPut:
		return 0, s3err.EntityTooLarge(o.ContentLength, maxPut)
	}
	return o.ContentLength, nil
}

// receive reads body, which is length bytes long, to its end: into memory when
// inline allows and it is small, else into a synced blob. When it returns an
// error nothing is left.
func (s *Store) receive(body io.Reader, length int64, algorithm sigv4.Checksum, inline bool) (*payload, error) {
	if body == nil {
		body = http.NoBody
	}
	if inline && length <= int64(s.o.InlineLimit) {
		return receiveInline(body, length, algorithm)
	}
	w, err := s.blobs.Create()
	if err != nil {
		return nil, err
	}
	p := &payload{w: w}
	if err := s.receiveFile(p, body, length, algorithm); err != nil {
		w.Abandon()
		return nil, err
	}
	return p, nil
}

func receiveInline(body io.Reader, length int64, algorithm sigv4.Checksum) (*payload, error) {
	buf := make([]byte, length, length+1)
	n, err := io.ReadFull(body, buf)
	if n < len(buf) {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = s3err.Of("IncompleteBody")
		}
		return nil, bodyError(err)
	}
	if err := atEnd(body, buf[length:length+1]); err != nil {
		return nil, err
	}
	h := algorithm.New()
	_, _ = h.Write(buf)                                                                 // a hash never fails
	return &payload{size: length, md5: md5.Sum(buf), sum: h.Sum(nil), inline: buf}, nil //nolint:gosec // S3's ETag
}

// atEnd reads the end of the body: only there the verifier says that it was right.
func atEnd(body io.Reader, scratch []byte) error {
	for range 100 {
		n, err := body.Read(scratch)
		switch {
		case n > 0:
			return s3err.Of("IncompleteBody")
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return bodyError(err)
		}
	}
	return io.ErrNoProgress
}

func (s *Store) receiveFile(p *payload, body io.Reader, length int64, algorithm sigv4.Checksum) error {
	hash, sum := md5.New(), algorithm.New() //nolint:gosec // S3's ETag
	buf := s.blobs.Buffer()
	defer s.blobs.Reuse(buf)
	for {
		n, err := fill(body, *buf)
		p.size += int64(n)
		if p.size > length {
			return s3err.Of("IncompleteBody")
		}
		_, _ = hash.Write((*buf)[:n]) // a hash never fails
		_, _ = sum.Write((*buf)[:n])
		if _, err := p.w.Write((*buf)[:n]); err != nil {
			return err
		}
		if errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return bodyError(err)
		}
	}
	if p.size != length {
		return s3err.Of("IncompleteBody")
	}
	hash.Sum(p.md5[:0])
	p.sum = sum.Sum(nil)
	return p.w.Sync()
}

// fill reads until buf is full or the reader fails; unlike io.ReadFull it hands
// on the reader's own error, so that only a verified end is io.EOF.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for empty := 0; n < len(buf) && err == nil; {
		var m int
		m, err = r.Read(buf[n:])
		n += m
		if m > 0 {
			empty = 0
		} else if empty++; empty > 100 && err == nil {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

// A digest is what the client says the body's digests are.
type digest struct {
	md5       []byte // nil when not given
	md5Raw    string
	algorithm sigv4.Checksum // "" when not given
	sum       []byte         // nil when not given, or in a trailer
}

// digest reads Content-MD5 and the x-amz-checksum- headers (S3-97, S3-103).
func (o *op) digest() (d digest, err error) {
	if d.md5Raw = o.Header.Get("Content-Md5"); o.Header["Content-Md5"] != nil {
		d.md5, err = base64.StdEncoding.DecodeString(d.md5Raw)
		if err != nil || len(d.md5) != md5.Size {
			return d, s3err.InvalidDigest(d.md5Raw)
		}
	}
	algorithm, value, ok, err := sigv4.RequestChecksum(o.Header)
	if err != nil {
		return d, bodyError(err)
	}
	if !ok {
		return d, nil
	}
	d.algorithm = algorithm
	if value != "" {
		if d.sum, ok = algorithm.Decode(value); !ok {
			return d, s3err.InvalidRequest("Value for " + algorithm.Header() + " header is invalid.")
		}
	}
	return d, nil
}

// check compares what was read with what the client said. A trailer was
// compared by the body's reader.
func (d digest) check(p *payload) error {
	if d.md5 != nil && string(d.md5) != string(p.md5[:]) {
		return s3err.BadDigest(d.md5Raw, base64.StdEncoding.EncodeToString(p.md5[:]))
	}
	if d.sum != nil && string(d.sum) != string(p.sum) {
		return s3err.BadChecksum(string(d.algorithm))
	}
	return nil
}

// algorithmOr is the client's algorithm, or CRC64NVME (S3-103).
func (d digest) algorithmOr() sigv4.Checksum {
	if d.algorithm == "" {
		return sigv4.CRC64NVME
	}
	return d.algorithm
}

func (o *op) putObject() error {
	length, err := o.length()
	if err != nil {
		return err
	}
	d, err := o.digest()
	if err != nil {
		return err
	}
	condition, err := o.writeCondition()
	if err != nil {
		return err
	}
	attrs, err := o.attributes()
	if err != nil {
		return err
	}
	if err := o.admit(&condition); err != nil {
		return err
	}
	attrs.algorithm = d.algorithmOr()
	p, err := o.s.receive(o.Body, length, attrs.algorithm, true)
	if err != nil {
		return err
	}
	if err := d.check(p); err != nil {
		p.abandon()
		return err
	}
	v, err := o.store(p, attrs, condition)
	if err != nil {
		return err
	}
	o.describeWrite(v)
	o.set("Etag", `"`+v.etag+`"`)
	o.describeSum(v)
	o.answer(http.StatusOK)
	return nil
}

// store makes a version of the payload and commits it.
func (o *op) store(p *payload, attrs attributes, condition writeCondition) (*version, error) {
	v := &version{
		attributes: attrs, size: p.size, etag: p.etag(),
		sum: attrs.algorithm.Encode(p.sum), inline: p.inline,
	}
	if p.w != nil {
		v.hasBlob, v.blob = true, p.w.ID
	}
	random, err := o.s.draw()
	if err == nil {
		err = o.change(func(t *txn, state bucketState) error { return o.place(t, state, v, random, condition) })
	}
	if p.settle(err); err != nil {
		return nil, err
	}
	return v, nil
}

// draw returns the random part of a version's name. It is drawn outside the
// commit, which must not wait.
func (s *Store) draw() (random [8]byte, err error) {
	if _, err := io.ReadFull(s.random, random[:]); err != nil {
		return random, fmt.Errorf("naming a version: %w", err)
	}
	return random, nil
}

// place writes v as the current version of the call's key: it replaces the null
// version while the bucket is not versioned (S3-102, S3-121), and checks the
// condition on the state it replaces (S3-106).
func (o *op) place(t *txn, state bucketState, v *version, random [8]byte, condition writeCondition) error {
	current, err := t.current(o.BucketID, o.Key, true)
	if err != nil {
		return err
	}
	if err := condition.check(current, o.Key, true); err != nil {
		return err
	}
	seq := uint64(max(1, o.Now.UnixNano()))
	if current != nil {
		seq = max(seq, current.suffix.seq()+1)
	}
	v.suffix = newSuffix(seq, random)
	v.modified = o.Now.UnixMilli()
	v.null = state.versioning != versioningEnabled
	if v.null {
		if err := t.replaceNull(o.BucketID, o.Key, state, current); err != nil {
			return err
		}
	}
	t.set(versionKey(o.BucketID, o.Key, v.suffix), v.encode())
	for id := range v.blobs() {
		t.adopt(id)
	}
	return nil
}

// replaceNull removes the null version, which a new one takes the place of.
func (t *txn) replaceNull(bucket, key string, state bucketState, current *version) error {
	old := current
	if state.versioning != versioningNever {
		var err error
		if old, err = t.find(bucket, key, "null", true); err != nil {
			return err
		}
	}
	if old != nil {
		t.removeVersion(bucket, key, old)
	}
	return nil
}

// removeVersion removes a version that was read with its body.
func (t *txn) removeVersion(bucket, key string, v *version) {
	t.del(versionKey(bucket, key, v.suffix))
	if v.upload != (uploadID{}) {
		t.set(completedKey(bucket, key, v.upload), endedWithoutVersion())
	}
	for id := range v.blobs() {
		t.release(id)
	}
}

// describeWrite sets the headers that every write answers with.
func (o *op) describeWrite(v *version) {
	o.describeSSE(&v.attributes)
	if !v.null || o.ids {
		o.set("X-Amz-Version-Id", v.id())
	}
}

// describeSSE echoes the encryption (S3-112). Without a header it is AES256, the
// default of every bucket (S3-96).
func (o *op) describeSSE(a *attributes) {
	if a.sse == "" {
		o.set("X-Amz-Server-Side-Encryption", "AES256")
		return
	}
	o.set("X-Amz-Server-Side-Encryption", a.sse)
	o.setText("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", a.kmsKey)
}

// describeSum sets the checksum's headers (S3-103).
func (o *op) describeSum(v *version) {
	if v.sum == "" {
		return
	}
	o.set(http.CanonicalHeaderKey(v.algorithm.Header()), v.sum)
	o.set("X-Amz-Checksum-Type", v.sumType())
}

func (a *attributes) sumType() string {
	if a.composite {
		return "COMPOSITE"
	}
	return "FULL_OBJECT"
}

// answer ends the call with a status and no body.
func (o *op) answer(status int) {
	o.answered = true
	o.w.WriteHeader(status)
}
