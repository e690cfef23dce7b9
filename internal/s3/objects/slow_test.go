package objects_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
)

// A slow is a body whose last byte waits.
type slow struct {
	ready, finish chan struct{}
	text          string
	once          sync.Once
}

func (s *slow) Read(p []byte) (int, error) {
	if len(s.text) > 1 {
		n := copy(p, s.text[:len(s.text)-1])
		s.text = s.text[n:]
		return n, nil
	}
	if s.text == "" {
		return 0, io.EOF
	}
	s.once.Do(func() { close(s.ready) })
	<-s.finish
	n := copy(p, s.text)
	s.text = ""
	return n, nil
}

// later begins a PUT that stands before its last byte when later returns; the
// function returned lets it finish.
func (w *world) later(target, text string, headers ...string) func() answer {
	w.t.Helper()
	body := &slow{ready: make(chan struct{}), finish: make(chan struct{}), text: text}
	r, err := http.NewRequestWithContext(w.t.Context(), "PUT", w.srv.URL+target, body)
	if err != nil {
		w.t.Fatal(err)
	}
	r.ContentLength = int64(len(text))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	done := make(chan answer, 1)
	go func() {
		res, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			done <- answer{body: fmt.Sprintf("<Code>%v</Code>", err)}
			return
		}
		defer func() { _ = res.Body.Close() }()
		raw, _ := io.ReadAll(res.Body)
		done <- answer{res.StatusCode, res.Header, string(raw)}
	}()
	<-body.ready
	return func() answer {
		close(body.finish)
		return <-done
	}
}
