package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/regent-iam/regent/internal/config"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/server"
)

// pipes is a listener whose connections are in memory, so that a bubble of
// testing/synctest has nothing outside to wait for.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error { close(p.closed); return nil }

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (p *pipes) dial() net.Conn {
	client, conn := net.Pipe()
	p.conns <- conn
	return client
}

// slowly serves a new server and calls fn in a bubble, whose time passes when
// all that is left is waiting.
func slowly(t *testing.T, fn func(t *testing.T, w *world, dial func() net.Conn)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := begin(t, server.Options{InMemory: true})
		p := &pipes{make(chan net.Conn), make(chan struct{})}
		web := w.HTTPServer()
		done := make(chan error)
		go func() { done <- web.Serve(p) }()
		fn(t, w, p.dial)
		if err := web.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

// drip writes one byte a second until the other side has enough, and returns
// how long that took and what it answered.
func drip(c net.Conn, text string) (took time.Duration, answer string) {
	start := time.Now()
	got := make(chan string)
	go func() {
		raw, _ := io.ReadAll(c) // what came before the connection broke
		got <- string(raw)
	}()
	for i := range len(text) {
		if _, err := c.Write([]byte{text[i]}); err != nil {
			break
		}
		time.Sleep(time.Second)
	}
	answer = <-got
	return time.Since(start), answer
}

// TestASlowClientIsCutOff: in its header, in the body of a call, in an object
// that stands still, and when it says nothing at all.
//
// Rules: TH-21
func TestASlowClientIsCutOff(t *testing.T) {
	t.Parallel()
	forever := strings.Repeat("x", 100_000)
	t.Run("header", func(t *testing.T) {
		t.Parallel()
		slowly(t, func(t *testing.T, _ *world, dial func() net.Conn) {
			if took, _ := drip(dial(), "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "+forever); took > 20*time.Second {
				t.Errorf("a header was waited for for %s", took)
			}
		})
	})
	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		slowly(t, func(t *testing.T, _ *world, dial func() net.Conn) {
			if took, _ := drip(dial(), ""); took > 20*time.Second {
				t.Errorf("nothing was waited for for %s", took)
			}
		})
	})
	t.Run("idle", func(t *testing.T) {
		t.Parallel()
		slowly(t, func(t *testing.T, _ *world, dial func() net.Conn) {
			c := dial()
			go func() { _, _ = io.WriteString(c, "GET /_regent/health HTTP/1.1\r\nHost: a\r\n\r\n") }()
			start := time.Now()
			raw, err := io.ReadAll(c)
			if took := time.Since(start); err != nil || !strings.HasSuffix(string(raw), "ok\n") || took > 3*time.Minute {
				t.Errorf("%q, %v after %s", raw, err, took)
			}
		})
	})
	t.Run("body of a call", func(t *testing.T) {
		t.Parallel()
		slowly(t, func(t *testing.T, w *world, dial func() net.Conn) {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1/", strings.NewReader(forever))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if err := w.root().Sign(r, "iam", forever); err != nil {
				t.Fatal(err)
			}
			c := dial()
			if _, err := io.WriteString(c, head(r, len(forever))); err != nil {
				t.Fatal(err)
			}
			if took, answer := drip(c, forever); took > 40*time.Second || answer != "" && !strings.HasPrefix(answer, "HTTP/1.1 4") {
				t.Errorf("after %s: %q", took, answer)
			}
		})
	})
	t.Run("object", func(t *testing.T) {
		t.Parallel()
		slowly(t, func(t *testing.T, w *world, dial func() net.Conn) {
			must(t)(w.root().S3(t.Context(), http.MethodPut, "/bucket", ""))
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://127.0.0.1/bucket/key", strings.NewReader(forever))
			if err != nil {
				t.Fatal(err)
			}
			if err := w.root().Sign(r, "s3", forever); err != nil {
				t.Fatal(err)
			}
			c := dial()
			if _, err := io.WriteString(c, head(r, len(forever))); err != nil {
				t.Fatal(err)
			}
			took, answer := drip(c, forever)
			if took > 2*time.Minute || !strings.Contains(answer, "<Code>RequestTimeout</Code>") {
				t.Errorf("after %s: %q", took, answer)
			}
			_, err = w.root().S3(t.Context(), http.MethodGet, "/bucket/key", "")
			refused(t, err, "NoSuchKey")
		})
	})
}

// head writes a request's header as it goes over the wire.
func head(r *http.Request, length int, more ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", r.Method, r.URL.RequestURI(), r.URL.Host, length)
	for name, values := range r.Header {
		for _, v := range values {
			fmt.Fprintf(&b, "%s: %s\r\n", name, v)
		}
	}
	return b.String() + strings.Join(more, "\r\n") + "\r\n"
}

// A process is Run, running.
type process struct {
	url, data, printed string
	client             server.Client
	stop               context.CancelFunc
	ended              chan error
	log                *buffer
}

var served = regexp.MustCompile(`Regent serves http://([0-9.:]+) `)

func run(t *testing.T) *process {
	t.Helper()
	p := &process{data: filepath.Join(t.TempDir(), "data"), ended: make(chan error, 1), log: new(buffer)}
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	var ctx context.Context
	ctx, p.stop = context.WithCancel(t.Context())
	go func() {
		err := server.Run(ctx, &config.Config{Listen: "127.0.0.1:0", Data: p.data, DataEvents: true}, in, p.log)
		p.ended <- errors.Join(err, in.Close())
	}()
	t.Cleanup(p.stop)
	lines := bufio.NewScanner(out)
	for p.url == "" && lines.Scan() {
		p.printed += lines.Text() + "\n"
		if m := served.FindStringSubmatch(lines.Text()); m != nil {
			p.url = m[1]
		}
	}
	if p.url == "" {
		t.Fatalf("it did not start: %v", <-p.ended)
	}
	raw, err := os.ReadFile(filepath.Join(p.data, "root-credentials"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`_id = (\S+)\n\S+_key = (\S+)\n`).FindStringSubmatch(string(raw))
	p.client = server.NewClient(server.RootKey{ID: m[1], Secret: seal.NewSecret(m[2])})
	return p
}

// send sends a whole request.
func (p *process) send(t *testing.T, method, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+p.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.client.Sign(r, "s3", ""); err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, closeBody(t, answer)
}

// upload begins to put an object, and returns when the server waits for its body.
func (p *process) upload(t *testing.T, path, body string) (*net.TCPConn, *bufio.Reader) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+p.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.client.Sign(r, "s3", body); err != nil {
		t.Fatal(err)
	}
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := io.WriteString(conn, head(r, len(body), "Expect: 100-continue\r\n")); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(conn)
	if line, err := lines.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
		t.Fatalf("%q, %v", line, err)
	}
	if _, err := lines.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn), lines
}

// TestAHalfClosedUploadLeavesNothing: the client ends its side in the middle.
//
// Rules: TH-21
func TestAHalfClosedUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	p := run(t)
	if code, body := p.send(t, http.MethodPut, "/bucket"); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	large := strings.Repeat("0123456789abcdef", 64<<10)
	conn, lines := p.upload(t, "/bucket/key", large)
	if _, err := io.WriteString(conn, large[:len(large)/2]); err != nil {
		t.Fatal(err)
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(lines, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body := closeBody(t, answer); answer.StatusCode != http.StatusBadRequest || !strings.Contains(body, "<Code>IncompleteBody</Code>") {
		t.Errorf("%s: %s", answer.Status, body)
	}
	if code, _ := p.send(t, http.MethodGet, "/bucket/key"); code != http.StatusNotFound {
		t.Errorf("the object answers %d", code)
	}
	if left := files(t, filepath.Join(p.data, "objects", "blobs")); len(left) > 0 {
		t.Errorf("%d files are left", len(left))
	}
	p.stop()
	if err := <-p.ended; err != nil {
		t.Error(err)
	}
}

// TestShutdownLetsRequestsEnd: an upload that runs when the server is told to
// stop is answered, and is there at the next start.
func TestShutdownLetsRequestsEnd(t *testing.T) {
	t.Parallel()
	p := run(t)
	if code, body := p.send(t, http.MethodPut, "/bucket"); code != http.StatusOK {
		t.Fatalf("%d %s", code, body)
	}
	conn, lines := p.upload(t, "/bucket/key", "content")
	p.stop()
	for { // until nobody else gets in
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.url)
		if err != nil {
			break
		}
		_ = c.Close()
	}
	if _, err := io.WriteString(conn, "content"); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(lines, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body := closeBody(t, answer); answer.StatusCode != http.StatusOK {
		t.Errorf("%s: %s", answer.Status, body)
	}
	if err := <-p.ended; err != nil {
		t.Fatal(err)
	}
	w := begin(t, server.Options{Data: p.data})
	client := w.Client(server.RootKey{ID: p.client.Credentials().AccessKeyID, Secret: seal.NewSecret(p.client.Credentials().SecretAccessKey)})
	if got := must(t)(client.S3(t.Context(), http.MethodGet, "/bucket/key", "")); got != "content" {
		t.Errorf("it is %q", got)
	}
}

// TestTheRootSecretIsShownOnTerminalsOnly, and never in the log.
//
// Rules: TH-53
func TestTheRootSecretIsShownOnTerminalsOnly(t *testing.T) {
	t.Parallel()
	p := run(t)
	p.send(t, http.MethodGet, "/")
	p.stop()
	if err := <-p.ended; err != nil {
		t.Error(err)
	}
	if secret := p.client.Credentials(); strings.Contains(p.printed, secret.SecretAccessKey) || !strings.Contains(p.printed, secret.AccessKeyID) {
		t.Errorf("it printed\n%s", p.printed)
	}
	if log := p.log.String(); log == "" || strings.Contains(log, p.client.Credentials().SecretAccessKey) {
		t.Errorf("the log is\n%s", log)
	}
}
