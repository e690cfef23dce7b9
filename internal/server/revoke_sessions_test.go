package server_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/server"
)

// serveHTTP serves a world on a port, and returns a client and where.
func serveHTTP(t *testing.T, w *world) (*http.Client, string) {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	web := w.HTTPServer()
	done := make(chan error, 1)
	go func() { done <- web.Serve(listener) }()
	// Without a time to wait a body is sent before the server asks for it.
	transport := &http.Transport{MaxIdleConnsPerHost: 200, ExpectContinueTimeout: time.Minute}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		if err := web.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return &http.Client{Transport: transport}, "http://" + listener.Addr().String()
}

// over sends a signed request and returns the status and the answer.
func over(ctx context.Context, web *http.Client, c *server.Client, service, method, url, body string) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if service == "sts" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if err := c.Sign(r, service, body); err != nil {
		return 0, "", err
	}
	answer, err := web.Do(r)
	if err != nil {
		return 0, "", err
	}
	raw, err := io.ReadAll(answer.Body)
	if closed := answer.Body.Close(); err == nil {
		err = closed
	}
	return answer.StatusCode, string(raw), err
}

// revoke ends a session.
func (e *estate) revoke(session server.Client) {
	e.t.Helper()
	must(e.t)(e.root.Regent(e.t.Context(), "RevokeSessions", map[string]any{"AccessKeyId": session.Credentials().AccessKeyID}))
}

// TestNothingIsAllowedOnceARevokeAnswers: a hundred clients call S3 and STS with
// one session, over the wire and from the file, and none of the calls that they
// begin after the answer to a revoke is allowed, GetCallerIdentity included.
//
// Rules: TH-47 TH-48 ST-93
func TestNothingIsAllowedOnceARevokeAnswers(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{})
	e := newEstateIn(t, w)
	inline(mayAll)(e)
	role := e.role(mayAll)
	first, err := e.alice.Assume(t.Context(), role, "first")
	if err != nil {
		t.Fatal(err)
	}
	web, url := serveHTTP(t, w)
	const clients = 100
	var revoked atomic.Bool
	var before, refused, allowed atomic.Int64
	var running, done sync.WaitGroup
	running.Add(clients)
	for i := range clients {
		done.Go(func() {
			warm := false
			for n := 0; n < 5; {
				service, method, path, text := "s3", http.MethodGet, "/member-bucket/key", ""
				if (i+n)%2 == 0 {
					service, method, path, text = "sts", http.MethodPost, "/", "Action=GetCallerIdentity&Version=2011-06-15"
				}
				after := revoked.Load() // before the call begins
				status, answer, err := over(t.Context(), web, &first, service, method, url+path, text)
				switch {
				case err != nil:
					t.Error(err)
					n = 5
				case after && status == http.StatusOK:
					allowed.Add(1)
					n++
				case after && (status != http.StatusForbidden || !strings.Contains(answer, "InvalidClientTokenId") && !strings.Contains(answer, "InvalidAccessKeyId")):
					t.Errorf("%s: %d %s", service, status, answer)
					n++
				case after:
					refused.Add(1)
					n++
				case status == http.StatusOK:
					before.Add(1)
				}
				if !warm {
					warm = true
					running.Done()
				}
			}
		})
	}
	running.Wait()
	e.revoke(first)
	revoked.Store(true)
	done.Wait()
	if allowed.Load() != 0 || refused.Load() != 5*clients || before.Load() < clients {
		t.Errorf("%d were allowed before; afterwards %d allowed and %d refused", before.Load(), allowed.Load(), refused.Load())
	}
}

// A gate is a body that calls open before it yields its first byte.
type gate struct {
	io.Reader
	open func()
	once sync.Once
}

func (g *gate) Read(p []byte) (int, error) {
	g.once.Do(g.open)
	return g.Reader.Read(p)
}

// TestWhatBeganBeforeARevokeEnds: uploads and downloads that were allowed when
// they began go on to their end, and the next ones are refused.
//
// Rules: TH-47
func TestWhatBeganBeforeARevokeEnds(t *testing.T) {
	t.Parallel()
	e := newEstateIn(t, begin(t, server.Options{InMemory: true}))
	inline(mayAll)(e)
	role := e.role(mayAll)
	assume := func() *server.Client {
		c, err := e.alice.Assume(t.Context(), role, "s1")
		if err != nil {
			t.Fatal(err)
		}
		return &c
	}
	web, url := serveHTTP(t, e.world)
	text := strings.Repeat("regent", 2_000_000)

	uploads := assume()
	// The server asks for the body when it has allowed the call.
	body := &gate{Reader: strings.NewReader(text), open: func() { e.revoke(*uploads) }}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url+"/member-bucket/long", body)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = int64(len(text))
	r.Header.Set("Expect", "100-continue")
	if err := uploads.Sign(r, "s3", text); err != nil {
		t.Fatal(err)
	}
	answer, err := web.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if got := closeBody(t, answer); answer.StatusCode != http.StatusOK {
		t.Errorf("the upload ended with %d %s", answer.StatusCode, got)
	}
	if status, got, err := over(t.Context(), web, uploads, "s3", http.MethodPut, url+"/member-bucket/more", "x"); status != http.StatusForbidden ||
		!strings.Contains(got, "<Code>InvalidAccessKeyId</Code>") {
		t.Errorf("the next upload: %d %s %v", status, got, err)
	}

	downloads := assume()
	if r, err = http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/member-bucket/long", http.NoBody); err != nil {
		t.Fatal(err)
	}
	if err := downloads.Sign(r, "s3", ""); err != nil {
		t.Fatal(err)
	}
	if answer, err = web.Do(r); err != nil {
		t.Fatal(err)
	}
	e.revoke(*downloads)
	if got := closeBody(t, answer); answer.StatusCode != http.StatusOK || got != text {
		t.Errorf("the download ended with %d and %d bytes", answer.StatusCode, len(got))
	}
	if status, got, err := over(t.Context(), web, downloads, "s3", http.MethodGet, url+"/member-bucket/long", ""); status != http.StatusForbidden ||
		!strings.Contains(got, "<Code>InvalidAccessKeyId</Code>") {
		t.Errorf("the next download: %d %s %v", status, got, err)
	}
}
