package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects/xmldoc"

	"github.com/regent-iam/regent/internal/s3/objects/byterange"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/sigv4"
)

// source returns the version that a copy reads, with the conditions checked.
func (o *op) source() (*version, error) {
	if o.Source == nil {
		return nil, errors.New("objects: a copy without a source")
	}
	src := o.Source
	var v *version
	err := o.s.view(func(r reader) error {
		state, err := r.live(src.BucketID)
		if errors.Is(err, ErrNoBucket) {
			return s3err.NoSuchBucket(src.Bucket)
		} else if err != nil {
			return err
		}
		if err := checkVersionID(src.VersionID, state); err != nil {
			return err
		}
		if v, err = r.find(src.BucketID, src.Key, src.VersionID, true); err != nil {
			return err
		}
		return src.Decided.check(v)
	})
	switch {
	case err != nil:
		return nil, err
	case v == nil && src.VersionID != "":
		return nil, src.missing(s3err.NoSuchVersion(src.Key, src.VersionID))
	case v == nil || v.marker && src.VersionID == "":
		return nil, src.missing(s3err.NoSuchKey(src.Key))
	case v.marker:
		return nil, src.missing(s3err.InvalidRequest(
			"The source of a copy request may not specifically refer to a delete marker by version id."))
	}
	conditions := conditionsOf(o.Header, "X-Amz-Copy-Source-")
	if e := conditions.check(v, o.Now, true); e != nil {
		return nil, e
	}
	if archived(v.class) {
		return nil, s3err.Of("InvalidObjectState").With("StorageClass", v.class)
	}
	return v, nil
}

// fetch reads span of the version into a payload of its own.
func (o *op) fetch(v *version, span span, algorithm sigv4.Checksum, inline bool) (*payload, error) {
	body, err := o.s.openBody(v, span)
	if err != nil {
		return nil, replaced(err)
	}
	defer body.close()
	r := &bodyReader{ctx: o.r.Context(), body: body}
	defer r.close()
	p, err := o.s.receive(r, span.length, algorithm, inline)
	if r.err != nil {
		err = r.err // not a client's body: what went wrong is ours
	}
	return p, replaced(err)
}

// replaced turns the error of a source that was replaced just before its file
// was opened into one that clients answer by trying again.
func replaced(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return s3err.Of("OperationAborted")
	}
	return err
}

// A bodyReader reads an opened body piece by piece.
type bodyReader struct {
	ctx  context.Context //nolint:containedctx // lives for one copy
	body *openedBody
	r    io.Reader // of the piece at hand
	file *os.File  // of the piece at hand, when it is a part
	next int       // index of the next part
	skip int64
	err  error
}

// Read ends with io.EOF only when all of the span was read.
func (b *bodyReader) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, b.fail(err)
	}
	for {
		if b.r == nil {
			if err := b.advance(); errors.Is(err, io.EOF) {
				return 0, io.EOF
			} else if err != nil {
				return 0, b.fail(err)
			}
		}
		n, err := b.r.Read(p)
		if errors.Is(err, io.EOF) {
			err = nil
			b.close()
		}
		if err != nil {
			return n, b.fail(err)
		}
		if n > 0 {
			return n, nil
		}
	}
}

func (b *bodyReader) fail(err error) error {
	b.err = fmt.Errorf("reading a blob: %w", err)
	return b.err
}

func (b *bodyReader) close() {
	b.r = nil
	if b.file != nil {
		_ = b.file.Close() // only read
		b.file = nil
	}
}

// advance opens the next piece, or returns io.EOF.
func (b *bodyReader) advance() error {
	span := b.body.span
	switch {
	case b.body.parts.len() > 0:
		return b.advancePart(span)
	case b.next > 0:
		return io.EOF
	case b.body.file != nil:
		b.r = io.NewSectionReader(b.body.file, span.start, span.length)
	default:
		b.r = bytes.NewReader(b.body.inline)
	}
	b.next++
	return nil
}

func (b *bodyReader) advancePart(span span) error {
	for b.next < b.body.parts.len() {
		p := b.body.parts.at(b.next)
		b.next++
		from, to := max(span.start-b.skip, 0), min(span.start+span.length-b.skip, p.size)
		b.skip += p.size
		if from >= to {
			continue
		}
		f, err := b.body.s.blobs.Open(p.blob)
		if err != nil {
			return err
		}
		b.file, b.r = f, io.NewSectionReader(f, from, to-from)
		return nil
	}
	return io.EOF
}

// copyAttributes decides what the copy carries (S3-131).
func (o *op) copyAttributes(v *version) (attributes, error) {
	sent, err := o.attributes()
	if err != nil {
		return sent, err
	}
	a := sent
	switch directive := o.Header.Get("X-Amz-Metadata-Directive"); directive {
	case "", "COPY":
		a.header = v.header
	case "REPLACE":
	default:
		return a, s3err.InvalidArgument("x-amz-metadata-directive", directive, "Unknown metadata directive.")
	}
	switch directive := o.Header.Get("X-Amz-Tagging-Directive"); directive {
	case "", "COPY":
		if len(v.tags) > 0 && o.Source.IfTagged != nil {
			return a, o.Source.IfTagged
		}
		a.tags = v.tags
	case "REPLACE":
	default:
		return a, s3err.InvalidArgument("x-amz-tagging-directive", directive, "Unknown tagging directive.")
	}
	a.algorithm = v.algorithm
	if name := o.Header.Get("X-Amz-Checksum-Algorithm"); name != "" {
		algorithm, ok := sigv4.ParseChecksum(name)
		if !ok {
			return a, errAlgorithm()
		}
		a.algorithm = algorithm
	}
	if a.algorithm == "" {
		a.algorithm = sigv4.CRC64NVME
	}
	return a, nil
}

func errAlgorithm() *s3err.Error {
	return s3err.InvalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: " +
		"[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]")
}

// checkSelf refuses a copy onto itself that changes nothing (S3-132).
func (o *op) checkSelf() error {
	if o.Source.BucketID != o.BucketID || o.Source.Key != o.Key || o.Source.VersionID != "" {
		return nil
	}
	if o.Header.Get("X-Amz-Metadata-Directive") == "REPLACE" {
		return nil
	}
	for _, name := range [...]string{
		"X-Amz-Storage-Class", "X-Amz-Server-Side-Encryption", "X-Amz-Website-Redirect-Location",
	} {
		if o.Header[name] != nil {
			return nil
		}
	}
	return s3err.InvalidRequest("This copy request is illegal because it is trying to copy an object to itself without " +
		"changing the object's metadata, storage class, website redirect location or encryption attributes.")
}

func (o *op) copyObject() error {
	condition, err := o.writeCondition()
	if err != nil {
		return err
	}
	src, err := o.source()
	if err != nil {
		return err
	}
	if err := o.checkSelf(); err != nil {
		return err
	}
	attrs, err := o.copyAttributes(src)
	if err != nil {
		return err
	}
	if src.size > maxPut {
		return s3err.InvalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: 5368709120")
	}
	if err := o.admit(&condition); err != nil {
		return err
	}
	var made *version
	return o.patiently(func() (*xmldoc.Document, error) {
		p, err := o.fetch(src, span{length: src.size}, attrs.algorithm, true)
		if err != nil {
			return nil, err
		}
		made, err = o.store(p, attrs, condition)
		if err != nil {
			return nil, err
		}
		return copyResult("CopyObjectResult", made.etag, made.modified, &made.attributes, made.sum, true), nil
	}, func() {
		o.describeWrite(made)
		o.describeSource(src)
	})
}

func (o *op) describeSource(src *version) {
	if !src.null {
		o.set("X-Amz-Copy-Source-Version-Id", src.id())
	}
}

func copyResult(root, etag string, modified int64, a *attributes, sum string, typed bool) *xmldoc.Document {
	d := xmldoc.New(root, 0)
	d.Text("LastModified", listTime(modified))
	d.Text("ETag", `"`+etag+`"`)
	d.Text("Checksum"+string(a.algorithm), sum)
	if typed {
		d.Text("ChecksumType", a.sumType())
	}
	return d
}

// patiently answers with the document that work makes. As long as that takes no
// longer than Options.Patience, the answer has its own status and the headers that
// describe sets; after that it is a 200 that began with blanks and ends in the
// document or in an error (S3-145). work must leave the writer alone.
func (o *op) patiently(work func() (*xmldoc.Document, error), describe func()) error {
	type result struct {
		d   *xmldoc.Document
		err error
	}
	done := make(chan result, 1)
	go func() {
		var r result
		r.d, r.err = work()
		done <- r
	}()
	timer := time.NewTicker(o.s.o.Patience)
	defer timer.Stop()
	for {
		select {
		case r := <-done:
			if !o.answered {
				if r.err != nil {
					return r.err
				}
				describe()
				return o.send(r.d)
			}
			return o.finish(r.d, r.err)
		case <-timer.C:
			o.blank()
		}
	}
}

// blank begins the answer, or goes on with it.
func (o *op) blank() {
	text := " "
	if !o.answered {
		o.set("Content-Type", "application/xml")
		o.answer(http.StatusOK)
		text = xmldoc.Head
	}
	_, _ = io.WriteString(o.w, text)            // a client that went away is noticed by the work's context
	_ = http.NewResponseController(o.w).Flush() // a writer that cannot flush sends it later
}

// finish ends an answer that began with blanks; the declaration is out already.
func (o *op) finish(d *xmldoc.Document, err error) error {
	var b []byte
	if err != nil {
		b = o.shown(err).Document(o.RequestID, o.HostID)
	} else {
		b = d.End()
	}
	_, writeErr := o.w.Write(bytes.TrimPrefix(b, []byte(xmldoc.Head)))
	return errors.Join(err, writeErr)
}

func (o *op) uploadPartCopy() error {
	number, err := o.partNumber()
	if err != nil {
		return err
	}
	ranged := o.Header.Get("X-Amz-Copy-Source-Range")
	start, end, ok := copyRange(ranged)
	if o.Header["X-Amz-Copy-Source-Range"] != nil && !ok {
		return s3err.InvalidArgument("x-amz-copy-source-range", ranged,
			"The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
	}
	u, err := o.upload()
	if err != nil {
		return err
	}
	src, err := o.source()
	if err != nil {
		return err
	}
	sel := span{length: src.size}
	if ok {
		if end >= src.size {
			return s3err.InvalidArgument("x-amz-copy-source-range", ranged,
				"Range specified is not valid for source object of size: "+strconv.FormatInt(src.size, 10))
		}
		sel = span{start: start, length: end - start + 1}
	}
	if sel.length > maxPut {
		return s3err.InvalidRequest("The specified copy source is larger than the maximum allowable size for a copy source: 5368709120")
	}
	return o.patiently(func() (*xmldoc.Document, error) {
		p, err := o.fetch(src, sel, u.algorithm, false)
		if err != nil {
			return nil, err
		}
		if err := o.storePart(u, number, p); err != nil {
			return nil, err
		}
		d := copyResult("CopyPartResult", p.etag(), o.Now.UnixMilli(), &u.attributes, u.algorithm.Encode(p.sum), false)
		return d, nil
	}, func() {
		o.describeSSE(&u.attributes)
		o.describeSource(src)
	})
}

// copyRange reads x-amz-copy-source-range strictly (S3-142).
func copyRange(raw string) (start, end int64, ok bool) {
	spec, ok := strings.CutPrefix(raw, "bytes=")
	from, to, cut := strings.Cut(spec, "-")
	start, hasStart, ok1 := byterange.Number(from)
	end, hasEnd, ok2 := byterange.Number(to)
	return start, end, ok && cut && hasStart && hasEnd && ok1 && ok2 && start <= end
}
