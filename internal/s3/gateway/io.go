package gateway

import (
	"crypto/md5" //nolint:gosec // Content-MD5 is one
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/sigv4"
)

// A client has to read or write a step within patience, or a whole document:
// slower than a kilobyte a second is no client (TH-21).
const (
	step     = 64 << 10
	patience = 60 * time.Second
)

// A writer counts what is answered and moves the connection's deadline along
// with it.
type writer struct {
	http.ResponseWriter
	wall   func() time.Time
	conn   *http.ResponseController
	status int
	sent   int64
	armed  bool
	gone   bool // the client does not take the answer
}

// quick is the size of an answer that the connection's buffers take at once.
const quick = 8 << 10

// WriteHeader notes the status.
func (w *writer) WriteHeader(status int) {
	if status >= 200 && w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write writes step by step, each with a deadline of its own.
func (w *writer) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	written := 0
	for {
		piece := p[written:min(len(p), written+step)]
		if w.armed || w.sent+int64(len(piece)) > quick {
			w.deadline(w.wall().Add(patience))
		}
		n, err := w.ResponseWriter.Write(piece)
		written += n
		w.sent += int64(n)
		if err != nil {
			w.gone = true
			return written, err
		}
		if written == len(p) {
			return written, nil
		}
	}
}

// deadline sets when writing fails. A connection without deadlines (HTTP/2 has
// its own, tests have none) goes on without.
func (w *writer) deadline(t time.Time) {
	w.armed = true
	_ = w.control().SetWriteDeadline(t)
}

func (w *writer) control() *http.ResponseController {
	if w.conn == nil {
		w.conn = http.NewResponseController(w.ResponseWriter)
	}
	return w.conn
}

// done takes the deadline off the connection, which others will use, once all
// is written.
func (w *writer) done() {
	if !w.armed {
		return
	}
	_ = w.control().Flush() // a client that is gone needs no answer
	w.deadline(time.Time{})
}

// Unwrap lets http.ResponseController reach the connection.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// A reader counts what is received and moves the deadline along with it.
type reader struct {
	body  io.Reader
	w     *writer
	got   int64
	since int // bytes since the deadline was moved
	begun bool
	once  bool // the deadline is for all, and not moved
}

// Read reads what a client sends in time.
func (r *reader) Read(p []byte) (int, error) {
	if !r.begun || r.since >= step && !r.once {
		r.begun, r.since = true, 0
		_ = r.w.control().SetReadDeadline(r.w.wall().Add(patience)) // as for writing
	}
	n, err := r.body.Read(p)
	r.got += int64(n)
	r.since += n
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return n, errTimeout()
	}
	if errors.Is(err, io.EOF) {
		// The server now watches the connection for its end: no deadline of
		// ours may look like that.
		_ = r.w.control().SetReadDeadline(time.Time{})
	}
	return n, err
}

func errTimeout() *s3err.Error {
	return &s3err.Error{
		Code: "RequestTimeout", Status: http.StatusBadRequest,
		Message: "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed.",
	}
}

// check finds what is wrong with the request whoever sends it and whatever it
// is about.
func (c *call) check() error {
	size := 0
	for name, values := range c.req.Parsed.Header {
		if name == "X-Amz-Security-Token" {
			continue
		}
		for _, v := range values {
			size += len(name) + len(v) + len(": \r\n")
		}
	}
	if size > maxHeaders {
		return s3err.Of("RequestHeaderSectionTooLarge")
	}
	if v := c.class.Header["Content-Md5"]; v != nil {
		if sum, err := base64.StdEncoding.DecodeString(v[0]); err != nil || len(sum) != md5.Size {
			return s3err.InvalidDigest(v[0])
		}
	}
	if !c.model.body {
		return c.checkEmpty()
	}
	if c.model.ChecksumRequired && c.class.Header["Content-Md5"] == nil {
		if _, _, declared, err := sigv4.RequestChecksum(c.class.Header); err != nil {
			return err
		} else if !declared {
			return s3err.InvalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
		}
	}
	return nil
}

// maxHeaders is the length of the longest head in bytes, the token aside (S3-16).
const maxHeaders = 8 << 10

// checkEmpty refuses a body that nobody would read, and a hash that is not that
// of an empty one.
func (c *call) checkEmpty() error {
	if c.r.ContentLength > 0 {
		return s3err.Of("UnexpectedContent")
	}
	if c.auth.Payload != sigv4.PayloadHashed || c.auth.PayloadHash == sigv4.EmptyPayloadHash {
		return nil
	}
	empty, err := c.auth.Body(http.NoBody, sigv4.BodyOptions{IgnoreChecksum: true})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, empty)
	return err
}

// payload returns the reader of the verified payload.
func (c *call) payload() (*sigv4.Body, error) {
	c.upload = reader{body: c.r.Body, w: &c.w, once: !c.model.StreamsIn}
	return c.auth.Body(&c.upload, sigv4.BodyOptions{
		ContentLength: c.r.ContentLength, IgnoreChecksum: c.info.Name == "CompleteMultipartUpload",
	})
}

// Limits of documents, in bytes (S3-16). Large ones take turns.
const (
	maxDocument   = 1 << 20
	largeDocument = 64 << 10
)

// turn waits until a document of the request's size may be in memory.
func (c *call) turn() (release func(), err error) {
	if c.r.ContentLength >= 0 && c.r.ContentLength <= largeDocument {
		return func() {}, nil
	}
	large := c.g.large[0]
	if c.caller.Kind == authn.Anonymous {
		large = c.g.large[1]
	}
	select {
	case large <- struct{}{}:
		return func() { <-large }, nil
	case <-c.ctx.Done():
		return nil, c.ctx.Err()
	}
}

// document reads the whole body of a call whose body is a document, verified.
func (c *call) document() ([]byte, error) {
	switch {
	case c.r.ContentLength < 0:
		return nil, s3err.Of("MissingContentLength")
	case c.r.ContentLength > maxDocument:
		return nil, s3err.Of("MaxMessageLengthExceeded")
	case c.r.ContentLength == 0 && c.r.Header.Get("Expect") != "":
		c.w.WriteHeader(http.StatusContinue) // the server would not, and clients wait (S3-18)
	}
	release, err := c.turn()
	if err != nil {
		return nil, err
	}
	defer release()
	body, err := c.payload()
	if err != nil {
		return nil, err
	}
	raw := make([]byte, 0, c.r.ContentLength+1)
	for {
		n, err := body.Read(raw[len(raw):cap(raw)])
		raw = raw[:len(raw)+n]
		switch {
		case errors.Is(err, io.EOF):
			return raw, c.checkMD5(raw)
		case err != nil:
			return nil, readError(err)
		case len(raw) == cap(raw):
			return nil, s3err.Of("IncompleteBody")
		}
	}
}

// readError is what the client sees of an error of its body's reader.
func readError(err error) error {
	if _, ok := errors.AsType[*s3err.Error](err); ok {
		return err
	}
	if _, ok := errors.AsType[*sigv4.Error](err); ok {
		return err
	}
	return s3err.Of("IncompleteBody")
}

func (c *call) checkMD5(raw []byte) error {
	v := c.class.Header["Content-Md5"]
	if v == nil {
		return nil
	}
	sum := md5.Sum(raw) //nolint:gosec // as above
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != v[0] {
		return s3err.BadDigest(v[0], got)
	}
	return nil
}
