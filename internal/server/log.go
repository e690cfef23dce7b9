package server

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// NewLog returns the server's log: a line of JSON for each record, on w.
func NewLog(w io.Writer) *slog.Logger { return slog.New(newLines(w)) }

// lines is slog's own JSON handler, with a short way for what every request
// writes: a few texts and numbers in which nothing needs an escape. What the
// short way does not know goes the long way, and the lines are the same.
type lines struct {
	slog.Handler
	to *serial
}

func newLines(w io.Writer) lines {
	to := &serial{w: w}
	return lines{slog.NewJSONHandler(to, nil), to}
}

// serial writes one line at a time.
type serial struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *serial) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}

// lineSize is how much a buffer that is kept for other lines may have grown to.
const lineSize = 4 << 10

var lineBuffers = sync.Pool{New: func() any { return new(make([]byte, 0, 512)) }}

// Handle implements slog.Handler.
func (h lines) Handle(ctx context.Context, r slog.Record) error {
	b := lineBuffers.Get().(*[]byte)
	line, ok := appendRecord((*b)[:0], r)
	if !ok {
		lineBuffers.Put(b)
		return h.Handler.Handle(ctx, r)
	}
	_, err := h.to.Write(line)
	if cap(line) <= lineSize {
		*b = line
		lineBuffers.Put(b)
	}
	return err
}

// appendRecord appends r as slog's JSON handler writes it. It reports false, and
// what it appended is good for nothing, when r needs more than it knows.
func appendRecord(b []byte, r slog.Record) (_ []byte, ok bool) {
	if y := r.Time.Year(); r.Time.IsZero() || y < 0 || y > 9999 || !bare(r.Message) {
		return b, false
	}
	b = append(b, `{"time":"`...)
	b = r.Time.AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","level":"`...)
	b = append(b, r.Level.String()...)
	b = append(b, `","msg":"`...)
	b = append(b, r.Message...)
	b, ok = append(b, '"'), true
	r.Attrs(func(a slog.Attr) bool {
		b, ok = appendAttr(b, a)
		return ok
	})
	return append(b, '}', '\n'), ok
}

func appendAttr(b []byte, a slog.Attr) (_ []byte, ok bool) {
	if a.Key == "" || !bare(a.Key) {
		return b, false
	}
	b = append(b, ',', '"')
	b = append(b, a.Key...)
	b = append(b, '"', ':')
	switch a.Value.Kind() {
	case slog.KindString:
		text := a.Value.String()
		if !bare(text) {
			return b, false
		}
		b = append(b, '"')
		b = append(b, text...)
		return append(b, '"'), true
	case slog.KindInt64:
		return strconv.AppendInt(b, a.Value.Int64(), 10), true
	case slog.KindFloat64:
		f := a.Value.Float64()
		if !(f == 0 || f >= 1e-6 && f < 1e21) { // JSON has others with an exponent, or not at all
			return b, false
		}
		return strconv.AppendFloat(b, f, 'f', -1, 64), true
	default:
		return b, false
	}
}

// bare reports whether s stands for itself between quotes.
func bare(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}
