// Package s3err holds the errors that an S3 client sees: their codes, statuses
// and texts (S3-190), and the one function that writes them.
//
// It knows nothing of objects, policies or signatures, so that the gateway, the
// object store and an upstream behind the gateway all answer in the same words.
package s3err

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A Field is one extra element of an error document, for example Key.
type Field struct {
	Name, Value string
}

// An Error is one S3 error: what a client sees, and nothing else. The zero
// Error is written as InternalError, so a forgotten field tells nothing.
type Error struct {
	// Code is the wire code, for example NoSuchKey.
	Code string
	// Status is the HTTP status, 301 to 599.
	Status int
	// Message is the text for people. It is written escaped.
	Message string
	// Extra are the elements between Message and RequestId, in order.
	Extra []Field
	// Header are answer headers that belong to the error, for example Allow
	// of a 405. They are also sent on HEAD. Keys are written as they stand.
	Header []Field
}

// Error returns the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// With returns a copy of e with an extra element more.
func (e *Error) With(name, value string) *Error {
	c := *e
	c.Extra = append(slices.Clip(e.Extra), Field{name, value})
	return &c
}

// WithHeader returns a copy of e with an answer header more.
func (e *Error) WithHeader(name, value string) *Error {
	c := *e
	c.Header = append(slices.Clip(e.Header), Field{name, value})
	return &c
}

// WithMessage returns a copy of e with another text.
func (e *Error) WithMessage(message string) *Error {
	c := *e
	c.Message = message
	return &c
}

// Write answers with err: the error document, or only its status and headers
// where a body may not stand (HEAD, 304; S3-46, S3-190). It sets
// x-amz-request-id and x-amz-id-2 too. Headers that the caller set for a
// success and that would lie about the document (Content-Length, ETag and the
// like) are removed, except on 304, where ETag stays (S3-105).
func Write(w http.ResponseWriter, method, requestID, hostID string, err *Error) {
	if err == nil || err.Code == "" || err.Status < 300 || err.Status > 599 {
		err = Internal()
	}
	h := w.Header()
	for _, name := range [...]string{
		"Content-Length", "Content-Range", "Content-Encoding", "Content-Disposition",
		"Content-Language", "Content-Type", "Accept-Ranges",
	} {
		h.Del(name)
	}
	if err.Status != http.StatusNotModified {
		for _, name := range [...]string{"Etag", "Last-Modified", "Cache-Control", "Expires"} {
			h.Del(name)
		}
	}
	SetIDs(h, requestID, hostID)
	for _, f := range err.Header {
		h[f.Name] = []string{f.Value}
	}
	if err.Status == http.StatusNotModified {
		w.WriteHeader(err.Status)
		return
	}
	h["Content-Type"] = []string{"application/xml"}
	if method == http.MethodHead {
		w.WriteHeader(err.Status)
		return
	}
	body := err.Document(requestID, hostID)
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(err.Status)
	_, _ = w.Write(body) // the client went away: nobody to tell
}

// SetIDs sets the two headers that every S3 answer carries (S3-17).
func SetIDs(h http.Header, requestID, hostID string) {
	h["X-Amz-Request-Id"] = []string{requestID}
	h["X-Amz-Id-2"] = []string{hostID}
}

// Document returns the error document (S3-190).
func (e *Error) Document(requestID, hostID string) []byte {
	b := make([]byte, 0, 512)
	b = append(b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<Error>"...)
	b = AppendElement(b, "Code", e.Code)
	b = AppendElement(b, "Message", e.Message)
	for _, f := range e.Extra {
		b = AppendElement(b, f.Name, f.Value)
	}
	b = AppendElement(b, "RequestId", requestID)
	b = AppendElement(b, "HostId", hostID)
	return append(b, "</Error>"...)
}

// AppendElement appends <name>value</name> with the value escaped.
func AppendElement(b []byte, name, value string) []byte {
	b = append(b, '<')
	b = append(b, name...)
	b = append(b, '>')
	b = AppendText(b, value)
	b = append(b, '<', '/')
	b = append(b, name...)
	return append(b, '>')
}

// AppendText appends s as XML text. Control characters become character
// references even where XML 1.0 forbids them, as S3 writes keys without
// encoding-type (S3-4); bytes that are not UTF-8 become U+FFFD.
func AppendText(b []byte, s string) []byte {
	clean := true
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '&' || c == '<' || c == '>' || c == '"' || c == '\'' {
			clean = false
			break
		}
	}
	if clean {
		return append(b, s...)
	}
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '"':
			b = append(b, "&quot;"...)
		case r == '\'':
			b = append(b, "&#39;"...)
		case r < 0x20 || r == 0x7f || r == 0xFFFE || r == 0xFFFF:
			b = append(b, "&#x"...)
			b = strconv.AppendInt(b, int64(r), 16)
			b = append(b, ';')
		default:
			b = append(b, string(r)...)
		}
	}
	return b
}
