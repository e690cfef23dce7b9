package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/sigv4"
)

// watched is a connection's ResponseWriter that notes deadlines.
type watched struct {
	*httptest.ResponseRecorder
	read, write []time.Time
}

func (w *watched) SetReadDeadline(t time.Time) error  { w.read = append(w.read, t); return nil }
func (w *watched) SetWriteDeadline(t time.Time) error { w.write = append(w.write, t); return nil }

// serve sends a signed request past the network.
func (w *world) serve(method, target string, body io.Reader, length int64) *watched {
	w.t.Helper()
	r := httptest.NewRequestWithContext(w.t.Context(), method, target, body)
	r.ContentLength = length
	_, err := sigv4.SignHeader(r, w.actors["prod"], w.signOptions(sigv4.UnsignedPayload))
	check(w.t, err)
	out := &watched{ResponseRecorder: httptest.NewRecorder()}
	w.server.Config.Handler.ServeHTTP(out, r)
	return out
}

// Rules: TH-21
func TestSlowClientsHaveUntilTheNextStep(t *testing.T) {
	w := newWorld(t)
	w.bucket("prod", "b-slow", "")
	body := strings.Repeat("x", 200<<10)
	up := w.serve("PUT", "/b-slow/k", strings.NewReader(body), int64(len(body)))
	if up.Code != 200 || len(up.read) < 3 || !up.read[len(up.read)-1].IsZero() {
		t.Errorf("an upload: %d, deadlines %v", up.Code, up.read)
	}
	down := w.serve("GET", "/b-slow/k", http.NoBody, 0)
	if down.Code != 200 || down.Body.String() != body || len(down.write) < 4 || !down.write[len(down.write)-1].IsZero() {
		t.Errorf("a download: %d, deadlines %v", down.Code, down.write)
	}
	small := w.serve("GET", "/b-slow?location", http.NoBody, 0)
	if small.Code != 200 || len(small.write)+len(small.read) != 0 {
		t.Errorf("a small answer: %d, deadlines %v", small.Code, small.write)
	}
	document := `<CompleteMultipartUpload>` + strings.Repeat(" ", 200<<10) + `</CompleteMultipartUpload>`
	many := w.serve("POST", "/b-slow/k?uploadId=x", strings.NewReader(document), int64(len(document)))
	if n := len(many.read); n > 2 || n == 2 && !many.read[1].IsZero() {
		t.Errorf("a document: %d, deadlines %v", many.Code, many.read)
	}
	late := w.serve("PUT", "/b-slow/late", io.MultiReader(strings.NewReader("half"), tooLate{}), 10)
	if late.Code != 400 || !strings.Contains(late.Body.String(), "<Code>RequestTimeout</Code>") {
		t.Errorf("a client that was too slow: %d %s", late.Code, late.Body)
	}
	w.get("prod", "/b-slow/late").fails(404, "NoSuchKey")
}

// tooLate is a connection whose deadline is past.
type tooLate struct{}

func (tooLate) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

// gone is a connection whose client went away.
type gone struct{ *watched }

func (gone) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// Rules: S3-17 TH-3
func TestRequestsThatCannotEvenBeRead(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/", http.NoBody)
	r.RequestURI = "/b/%zz"
	out := httptest.NewRecorder()
	w.server.Config.Handler.ServeHTTP(out, r)
	a := &answer{t, "GET /b/%zz", out.Code, out.Header(), out.Body.String()}
	a.fails(400, "InvalidURI", "Couldn't parse the specified URI.")
	if out.Header().Get("Content-Security-Policy") == "" {
		t.Error("outside the sandbox")
	}
}

func TestAClientThatGoesIsNoFailure(t *testing.T) {
	w := newWorld(t)
	w.bucket("prod", "b-gone", "")
	w.put("prod", "/b-gone/k", strings.Repeat("x", 100<<10)).is(200)
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/b-gone/k", http.NoBody)
	_, err := sigv4.SignHeader(r, w.actors["prod"], w.signOptions(sigv4.EmptyPayloadHash))
	check(t, err)
	w.server.Config.Handler.ServeHTTP(gone{&watched{ResponseRecorder: httptest.NewRecorder()}}, r)
	w.mu.Lock()
	defer w.mu.Unlock()
	last := w.outcomes[len(w.outcomes)-1]
	if last.Operation != "GetObject" || last.Failure != nil || last.Code != "" || last.Status != 200 {
		t.Errorf("%+v", last)
	}
}
