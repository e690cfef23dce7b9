package objects

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects/blobs"

	"github.com/regent-iam/regent/internal/s3/objects/byterange"
	"github.com/regent-iam/regent/internal/s3/s3err"
)

// blobs yields every blob that the version is made of, in order.
func (v *version) blobs() iter.Seq[blobs.ID] {
	return func(yield func(blobs.ID) bool) {
		if v.hasBlob && !yield(v.blob) {
			return
		}
		for i := range v.parts.len() {
			if !yield(v.parts.at(i).blob) {
				return
			}
		}
	}
}

// checkVersionID refuses ids that cannot be (S3-120, S3-122).
func checkVersionID(id string, state bucketState) error {
	if id == "" || id == "null" {
		return nil
	}
	if _, ok := parseVersionID(id); !ok || state.versioning == versioningNever {
		return s3err.InvalidArgument("versionId", id, "Invalid version id specified")
	}
	return nil
}

// lookup returns the version that the call names, with its body.
func (o *op) lookup() (*version, error) {
	var v *version
	err := o.look(func(r reader, state bucketState) (err error) {
		if err := checkVersionID(o.VersionID, state); err != nil {
			return err
		}
		o.ids = state.versioning != versioningNever
		if v, err = r.find(o.BucketID, o.Key, o.VersionID, true); err != nil {
			return err
		}
		return o.Decided.check(v)
	})
	if err != nil {
		return nil, err
	}
	return v, o.present(v)
}

// present is the error of a version that is not there or is a marker (S3-45,
// S3-123).
func (o *op) present(v *version) error {
	switch {
	case v == nil && o.VersionID == "":
		return o.missing(s3err.NoSuchKey(o.Key))
	case v == nil:
		return o.missing(s3err.NoSuchVersion(o.Key, o.VersionID))
	case !v.marker:
		return nil
	case o.VersionID == "":
		return markerHeaders(o.missing(s3err.NoSuchKey(o.Key)), v)
	}
	return markerHeaders(o.missing(s3err.MethodNotAllowed(o.r.Method, "DeleteMarker", "DELETE")), v)
}

func markerHeaders(e *s3err.Error, v *version) *s3err.Error {
	if e.Status == http.StatusForbidden {
		return e // who may not list must not learn of the marker
	}
	return e.WithHeader("X-Amz-Delete-Marker", "true").WithHeader("X-Amz-Version-Id", v.id())
}

// getObject serves GetObject and HeadObject.
func (o *op) getObject() error {
	overrides, err := o.overrides()
	if err != nil {
		return err
	}
	if o.PartNumber != 0 || o.Query.Has("partNumber") {
		if o.Header["Range"] != nil {
			return s3err.InvalidRequest("Cannot specify both Range header and partNumber query parameter")
		}
		if o.PartNumber < 1 || o.PartNumber > maxParts {
			return badPartNumber(o.Query.Get("partNumber"))
		}
	}
	// A version that is replaced between the look at the index and the opening
	// of its file is simply looked up again.
	for range 10 {
		err = o.getOnce(overrides)
		if o.answered || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

func (o *op) getOnce(overrides []pair) error {
	v, err := o.lookup()
	if err != nil {
		return err
	}
	conditions := conditionsOf(o.Header, "")
	if e := conditions.check(v, o.Now, false); e != nil {
		if e.Status == http.StatusNotModified {
			o.set("Etag", `"`+v.etag+`"`)
			o.set("Last-Modified", httpTime(v))
		}
		return e
	}
	span, status, err := o.selection(v)
	if err != nil {
		return err
	}
	isHead := o.r.Method == http.MethodHead
	if archived(v.class) && !isHead {
		return s3err.Of("InvalidObjectState").With("StorageClass", v.class)
	}
	body, err := o.s.openBody(v, span)
	if err != nil {
		return err
	}
	defer body.close()
	if err := o.stillThere(v); err != nil {
		return err
	}
	o.describe(v, overrides)
	if o.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" {
		o.describeSumOf(v, span)
	}
	o.set("Content-Length", strconv.FormatInt(span.length, 10))
	if status == http.StatusPartialContent {
		o.set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", span.start, span.start+span.length-1, v.size))
	}
	o.answer(status)
	if isHead {
		return nil
	}
	return body.send(o.w)
}

// stillThere makes sure, after the blobs of a version in several parts are
// held, that none was removed before.
func (o *op) stillThere(v *version) error {
	if v.parts.len() == 0 {
		return nil // its one file is open
	}
	return o.look(func(r reader, _ bucketState) error {
		if r.Get(versionKey(o.BucketID, o.Key, v.suffix)) == nil {
			return fs.ErrNotExist
		}
		return nil
	})
}

func httpTime(v *version) string { return v.modTime().Format(http.TimeFormat) }

// describe sets the headers of an object (S3-100).
func (o *op) describe(v *version, overrides []pair) {
	h := o.w.Header()
	for _, p := range v.header {
		h[p.name] = []string{p.value}
	}
	for _, p := range overrides {
		h[p.name] = []string{p.value}
	}
	o.set("Etag", `"`+v.etag+`"`)
	o.set("Last-Modified", httpTime(v))
	o.set("Accept-Ranges", "bytes")
	o.describeWrite(v)
	o.setText("X-Amz-Storage-Class", v.class)
	o.setText("X-Amz-Website-Redirect-Location", v.redirect)
	if n := len(v.tags); n > 0 {
		o.set("X-Amz-Tagging-Count", strconv.Itoa(n))
	}
}

// describeSumOf sets the checksum's headers for what is sent: none for a true
// sub-range, the part's own for a part of a composite sum (S3-104).
func (o *op) describeSumOf(v *version, span span) {
	switch {
	case span.part > 0 && v.composite:
		o.set(http.CanonicalHeaderKey(v.algorithm.Header()), v.algorithm.Encode(v.parts.at(span.part-1).sum))
		o.set("X-Amz-Checksum-Type", v.sumType())
	case span.length == v.size:
		o.describeSum(v)
	}
}

// overrides reads the six response-* parameters (S3-39, S3-110). They are
// checked here, when they come, not left to the answer's writer (TH-67).
func (o *op) overrides() ([]pair, error) {
	if o.Query.Len() == 0 {
		return nil, nil
	}
	var overrides []pair
	for _, p := range [...]pair{
		{"Cache-Control", "response-cache-control"},
		{"Content-Disposition", "response-content-disposition"},
		{"Content-Encoding", "response-content-encoding"},
		{"Content-Language", "response-content-language"},
		{"Content-Type", "response-content-type"},
		{"Expires", "response-expires"},
	} {
		if !o.Query.Has(p.value) {
			continue
		}
		if !o.Signed {
			return nil, s3err.InvalidRequest("Request specific response headers cannot be used for anonymous GET requests.")
		}
		value, ok := latin1(o.Query.Get(p.value))
		if !ok {
			return nil, s3err.InvalidArgument(p.value, o.Query.Get(p.value),
				"Header value cannot be represented using ISO-8859-1.")
		}
		overrides = append(overrides, pair{p.name, value})
	}
	return overrides, nil
}

func latin1(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff || isControl(r) {
			return "", false
		}
		b = append(b, byte(r))
	}
	return string(b), true
}

// A span is the part of an object that is sent.
type span struct {
	start, length int64
	part          int // index in the list of parts plus one, 0 when not asked for
}

// selection returns what is sent and with which status.
func (o *op) selection(v *version) (span, int, error) {
	if o.PartNumber > 0 {
		return o.partSelection(v)
	}
	raw := o.Header.Get("Range")
	if raw == "" || !o.rangeHolds(v) {
		return span{length: v.size}, http.StatusOK, nil
	}
	start, length, kind := byterange.Parse(raw, v.size)
	switch kind {
	case byterange.Ignored:
		return span{length: v.size}, http.StatusOK, nil
	case byterange.Unsatisfiable:
		return span{}, 0, s3err.InvalidRange(raw, v.size)
	case byterange.Good:
	}
	return span{start: start, length: length}, http.StatusPartialContent, nil
}

// rangeHolds looks at If-Range: a download that is taken up again must not get
// the tail of another object.
func (o *op) rangeHolds(v *version) bool {
	condition := o.Header.Get("If-Range")
	if condition == "" {
		return true
	}
	if t, err := http.ParseTime(condition); err == nil {
		return v.modTime().Truncate(time.Second).Equal(t)
	}
	return bareETag(condition) == v.etag
}

// partSelection selects a part (S3-109). A plain object is its own part 1.
func (o *op) partSelection(v *version) (span, int, error) {
	n := v.parts.len()
	if o.PartNumber > max(n, 1) {
		return span{}, 0, s3err.InvalidPartNumber(o.PartNumber, max(n, 1))
	}
	sel := span{length: v.size}
	if n > 0 {
		o.set("X-Amz-Mp-Parts-Count", strconv.Itoa(n))
		sel.part = o.PartNumber
		for i := range o.PartNumber - 1 {
			sel.start += v.parts.at(i).size
		}
		sel.length = v.parts.at(o.PartNumber - 1).size
	}
	if sel.length == 0 {
		return sel, http.StatusOK, nil // Content-Range cannot say "nothing"
	}
	return sel, http.StatusPartialContent, nil
}

// An openedBody is the bytes of a version that is about to be read.
type openedBody struct {
	s      *Store
	inline []byte
	file   *os.File // of a version in one blob
	parts  partList
	held   []blobs.ID
	span   span
}

// openBody opens the bytes of v in span. The error is fs.ErrNotExist when the
// version's only file is gone.
func (s *Store) openBody(v *version, span span) (*openedBody, error) {
	b := &openedBody{s: s, span: span}
	switch {
	case v.hasBlob:
		f, err := s.blobs.Open(v.blob)
		if err != nil {
			return nil, err
		}
		b.file = f
	case v.parts.len() > 0:
		b.parts = v.parts
		for id := range v.blobs() {
			b.held = append(b.held, id)
		}
		s.blobs.Hold(b.held...)
	default:
		b.inline = v.inline[span.start : span.start+span.length]
	}
	return b, nil
}

func (b *openedBody) close() {
	if b.file != nil {
		_ = b.file.Close() // only read
	}
	b.s.blobs.Unhold(b.held...)
}

// send writes the bytes, by sendfile where the writer can.
func (b *openedBody) send(w io.Writer) error {
	switch {
	case b.file != nil:
		return b.sendFile(w, b.file, b.span.start, b.span.length)
	case b.parts.len() > 0:
		return b.sendParts(w)
	}
	_, err := w.Write(b.inline)
	return err
}

func (b *openedBody) sendParts(w io.Writer) error {
	skip, left := b.span.start, b.span.length
	for i := 0; i < b.parts.len() && left > 0; i++ {
		p := b.parts.at(i)
		if skip >= p.size {
			skip -= p.size
			continue
		}
		n := min(p.size-skip, left)
		f, err := b.s.blobs.Open(p.blob)
		if err != nil {
			return err
		}
		err = b.sendFile(w, f, skip, n)
		_ = f.Close() // only read
		if err != nil {
			return err
		}
		skip, left = 0, left-n
	}
	return nil
}

func (b *openedBody) sendFile(w io.Writer, f *os.File, start, length int64) error {
	if start > 0 {
		if _, err := f.Seek(start, io.SeekStart); err != nil {
			return fmt.Errorf("reading a blob: %w", err)
		}
	}
	buf := b.s.blobs.Buffer()
	defer b.s.blobs.Reuse(buf)
	n, err := io.CopyBuffer(w, &io.LimitedReader{R: f, N: length}, *buf)
	if err == nil && n < length {
		err = fmt.Errorf("reading a blob: %w", io.ErrUnexpectedEOF)
	}
	return err
}
