package dispatch

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/sigv4"
)

// receive parses a request strictly. What two readers could read differently
// is refused here. The Request is never nil.
func (rd *Road) receive(r *http.Request) (*Request, *awserr.Error) {
	parsed, err := sigv4.NewRequest(r.Method, r.RequestURI, r.Host, r.Header)
	req := newRequest(r, parsed, rd.Proxies, rd.Region, rd.Now())
	var target *sigv4.TargetError
	switch {
	case errors.As(err, &target):
		return req, awserr.Newf(http.StatusBadRequest, "InvalidURI", "Couldn't parse the specified URI.")
	case err != nil:
		return req, awserr.Newf(http.StatusBadRequest, "InvalidRequest", "The request could not be parsed.")
	}
	if name, twice := parsed.Repeated(); twice {
		return req, awserr.Newf(http.StatusBadRequest, "InvalidRequest", "The header %s must not be sent more than once.", name)
	}
	if name := hopByHop(r.Header); name != "" {
		return req, awserr.Newf(http.StatusBadRequest, "InvalidRequest", "The header %s is not supported.", name)
	}
	return req, nil
}

// hopByHop returns the name of a header that would make a proxy or a tunnel of
// us (TH-70, TH-71), "" when there is none.
func hopByHop(h http.Header) string {
	if len(h["Upgrade"]) > 0 {
		return "Upgrade"
	}
	for _, v := range h["Connection"] {
		for option := range strings.SplitSeq(v, ",") {
			switch arn.Fold(strings.TrimSpace(option)) {
			case "", "close", "keep-alive":
			default:
				return "Connection"
			}
		}
	}
	if len(h["Service-Worker"]) > 0 {
		return "Service-Worker"
	}
	return ""
}

// route hands a request to the service that its credential is scoped to, or
// that its target or form names (WI-50).
func (rd *Road) route(w http.ResponseWriter, r *http.Request, req *Request) Outcome {
	target := req.Parsed.Header.Get("X-Amz-Target")
	scope, scoped := sigv4.ScopeService(req.Parsed)
	switch {
	case scoped && scope == "s3":
		return rd.serveS3(w, r, req)
	case scoped && rd.signing[scope] != nil:
		return rd.serveAPI(w, r, req, rd.signing[scope])
	case target != "":
		prefix, _, _ := strings.Cut(target, ".")
		if s := rd.prefixes[prefix]; s != nil {
			return rd.serveAPI(w, r, req, s)
		}
		return rd.refuse(w, r, req, awserr.Newf(http.StatusBadRequest, "UnknownOperationException", "The operation %q is not known.", target))
	case isForm(req.Parsed) && rd.signing["sts"] != nil:
		return rd.serveAPI(w, r, req, rd.signing["sts"])
	case scoped:
		return rd.refuse(w, r, req, wrongScope())
	}
	return rd.serveS3(w, r, req)
}

// wrongScope is the answer to a credential that is scoped to another service
// than the one that is called.
func wrongScope() *awserr.Error {
	return awserr.Newf(http.StatusForbidden, "SignatureDoesNotMatch", "Credential should be scoped to correct service. ")
}

// isForm reports whether a request has the shape of a call of IAM or STS.
func isForm(r *sigv4.Request) bool {
	if r.Path != "/" {
		return false
	}
	if r.Method == http.MethodGet {
		return r.Query.Has("Action")
	}
	return r.Method == http.MethodPost && mediaType(r) == formType
}

const formType = "application/x-www-form-urlencoded"

func mediaType(r *sigv4.Request) string {
	t, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	return arn.Fold(strings.TrimSpace(t))
}

func (rd *Road) serveS3(w http.ResponseWriter, r *http.Request, req *Request) Outcome {
	if rd.S3 == nil {
		return rd.refuse(w, r, req, awserr.Newf(http.StatusNotImplemented, "NotImplemented", "This server does not serve S3."))
	}
	return rd.S3.ServeS3(w, r, req)
}

// Limits of the body of an API call that is not S3's. A policy document of the
// longest kind, percent-encoded, fits.
const (
	maxBody     = 1 << 20
	largeBody   = 64 << 10
	smallBody   = 4 << 10
	bodyTimeout = 30 * time.Second
)

var errBodyTooLarge = errors.New("dispatch: body too large")

// readBody reads the whole body of an API call: bounded in size and in time,
// and for large ones in how many there are at once.
func (rd *Road) readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > maxBody {
		return nil, errBodyTooLarge
	}
	if r.ContentLength < 0 || r.ContentLength > largeBody {
		select {
		case rd.large <- struct{}{}:
			defer func() { <-rd.large }()
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	// A connection without deadlines (HTTP/2 has its own) reads all the same.
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(rd.Wall().Add(bodyTimeout))
	body, err := readAll(w, r)
	if err == nil { // it was the body's: the call itself may take longer
		_ = connection.SetReadDeadline(time.Time{})
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, errBodyTooLarge
	}
	return body, err
}

// readAll reads a body. Room is made for a short one before it is there.
func readAll(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var body []byte
	if 0 <= r.ContentLength && r.ContentLength <= smallBody {
		body = make([]byte, 0, r.ContentLength+1) // so that its end is seen
	}
	for len(body) < cap(body) {
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		if errors.Is(err, io.EOF) {
			return body, nil
		} else if err != nil {
			return nil, err
		}
	}
	rest, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	return append(body, rest...), err
}

// queryOf returns the parameters of a query string that are the operation's.
func queryOf(req *sigv4.Request) []wire.Param {
	var list []wire.Param
	for p := range req.Query.All() {
		if !strings.HasPrefix(p.Name, "X-Amz-") {
			list = append(list, wire.Param{Name: p.Name, Value: p.Value})
		}
	}
	return list
}

// params returns the parameters of a query-protocol call: those of the body of
// a POST, or of the query of a GET. Parameters in both places are refused:
// what is signed in one could be overridden in the other (TH-1).
func params(req *sigv4.Request, body []byte) ([]wire.Param, *awserr.Error) {
	list := queryOf(req)
	if req.Method == http.MethodGet {
		if len(body) > 0 {
			return nil, malformed("A GET request must not have a body.")
		}
		return list, nil
	}
	if len(list) > 0 {
		return nil, malformed("Parameters must not be given in the query of a POST request.")
	}
	return ParseForm(string(body))
}

func malformed(text string) *awserr.Error {
	return awserr.Newf(http.StatusBadRequest, "MalformedQueryString", "%s", text)
}

// maxParams bounds the parameters of one form (TH-20).
const maxParams = 10_000

// ParseForm decodes a form strictly: what cannot be decoded fails the request
// and is never dropped (TH-3).
func ParseForm(body string) ([]wire.Param, *awserr.Error) {
	if body == "" {
		return nil, nil
	}
	n := strings.Count(body, "&") + 1
	if n > maxParams {
		return nil, malformed("There are too many parameters.")
	}
	list := make([]wire.Param, 0, n)
	for pair := range strings.SplitSeq(body, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		var p wire.Param
		var ok bool
		if p.Name, ok = unescapeForm(name); ok {
			p.Value, ok = unescapeForm(value)
		}
		if !ok {
			return nil, malformed("The body could not be decoded.")
		}
		list = append(list, p)
	}
	return list, nil
}

// unescapeForm decodes one name or value: "+" is a blank, "%XX" a byte.
func unescapeForm(s string) (string, bool) {
	if strings.ContainsRune(s, ';') {
		return "", false
	}
	decoded, err := sigv4.DecodePath(strings.ReplaceAll(s, "+", "%20"))
	return decoded, err == nil
}
