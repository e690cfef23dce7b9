package objects

import (
	"fmt"
	"io"
	"net/http"
	"strconv"

	"github.com/regent-iam/regent/internal/s3/objects/xmldoc"
	"github.com/regent-iam/regent/internal/s3/s3err"
)

func ownerEntry(d *xmldoc.Document, name string, o Owner) {
	d.Open(name)
	d.Text("ID", o.ID)
	d.Optional("DisplayName", o.DisplayName)
	d.Close(name)
}

// send ends the document and answers 200 with it.
func (o *op) send(d *xmldoc.Document) error {
	b := d.End()
	o.set("Content-Type", "application/xml")
	o.set("Content-Length", strconv.Itoa(len(b)))
	o.answer(http.StatusOK)
	if o.r.Method == http.MethodHead {
		return nil
	}
	_, err := o.w.Write(b)
	return err
}

// readDocument reads a request's document of at most limit bytes (S3-16).
func readDocument(body io.Reader, limit int64) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	raw, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, bodyError(err)
	}
	if int64(len(raw)) > limit {
		return nil, s3err.Of("MaxMessageLengthExceeded")
	}
	return raw, nil
}

// listTime is a time as documents have it: whole seconds, in S3's spelling.
func listTime(ms int64) string {
	return msTime(ms).Format("2006-01-02T15:04:05.000Z")
}

// number reads a parameter that is a number from 0 up to the largest int32;
// empty is as good as absent (S3-146).
func (o *op) number(name string, absent int) (int, error) {
	raw := o.Query.Get(name)
	if raw == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(raw, 10, 32)
	if err != nil || n < 0 {
		return 0, s3err.InvalidArgument(name, raw, fmt.Sprintf("Provided %s not an integer or within integer range", name))
	}
	return int(n), nil
}

// encoding reads encoding-type and returns how names are written (S3-152).
func (o *op) encoding() (encode func(string) string, kind string, err error) {
	switch kind = o.Query.Get("encoding-type"); {
	case !o.Query.Has("encoding-type"):
		return func(s string) string { return s }, "", nil
	case kind == "url":
		return urlEncode, kind, nil
	}
	return nil, "", s3err.InvalidArgument("encoding-type", kind, "Invalid Encoding Method specified in Request")
}

// urlEncode escapes all but the unreserved characters and the slash.
func urlEncode(s string) string {
	const digits = "0123456789ABCDEF"
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '~', c == '/':
			b = append(b, c)
		default:
			b = append(b, '%', digits[c>>4], digits[c&15])
		}
	}
	return string(b)
}
