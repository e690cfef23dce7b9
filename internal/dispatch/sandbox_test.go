package dispatch_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/dispatch"
)

// TestTheSandboxHoldsHoweverAnAnswerIsWritten: by which method of the writer the
// header goes out makes no difference, and what an object brought along none.
//
// Rules: TH-89
func TestTheSandboxHoldsHoweverAnAnswerIsWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "object")
	if err := os.WriteFile(file, []byte("<script>"), 0o600); err != nil {
		t.Fatal(err)
	}
	now := func() time.Time { return time.Unix(0, 0) }
	for name, answer := range map[string]func(http.ResponseWriter) error{
		"Write":       func(w http.ResponseWriter) error { _, err := io.WriteString(w, "<script>"); return err },
		"WriteHeader": func(w http.ResponseWriter) error { w.WriteHeader(http.StatusTeapot); return nil },
		"early hints": func(w http.ResponseWriter) error {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusNotFound)
			return nil
		},
		"Flush": func(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() },
		"ReadFrom": func(w http.ResponseWriter) error {
			f, err := os.Open(file)
			if err != nil {
				return err
			}
			defer f.Close()
			to, ok := w.(io.ReaderFrom)
			if !ok {
				return errors.New("it is no io.ReaderFrom")
			}
			n, err := to.ReadFrom(&io.LimitedReader{R: f, N: 8})
			if n != 8 {
				t.Errorf("ReadFrom: %d bytes", n)
			}
			return err
		},
		"a deadline": func(w http.ResponseWriter) error {
			return http.NewResponseController(w).SetWriteDeadline(time.Time{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed := make(chan error, 1)
			web := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
				w := dispatch.Sandbox(rw, now)
				h := w.Header()
				h.Set("Content-Security-Policy", "script-src *")
				h.Add("X-Content-Type-Options", "sniff")
				h.Set("Referrer-Policy", "unsafe-url")
				h.Set("Service-Worker-Allowed", "/")
				failed <- answer(w)
				w.WriteHeader(http.StatusOK) // of those that have not written
			}))
			defer web.Close()
			r, err := http.Get(web.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Body.Close()
			if err := <-failed; err != nil {
				t.Error(err)
			}
			body, err := io.ReadAll(r.Body)
			if err != nil || len(body) != 0 && string(body) != "<script>" {
				t.Errorf("%q %v", body, err)
			}
			for name, want := range map[string]string{
				"Content-Security-Policy": "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'",
				"X-Content-Type-Options":  "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Service-Worker-Allowed": "",
				"Date": "Thu, 01 Jan 1970 00:00:00 GMT",
			} {
				if got := strings.Join(r.Header.Values(name), "|"); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
		})
	}
}
