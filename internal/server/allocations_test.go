package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/server"
)

// A sink is an answer that is thrown away.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }

// TestCallsAllocateLittle holds the calls that are made most to what they
// allocate, from the request's header to the record and the log. What collecting
// it takes is a good part of what a call costs: an allocation more for each is
// seen here, in time it is not. The limits leave room for what the race
// detector and the background add.
func TestCallsAllocateLittle(t *testing.T) {
	ctx := t.Context()
	w := begin(t, server.Options{})
	root, account := w.root(), string(w.First().Account)
	must(t)(root.Query(ctx, "iam", "CreateUser", "UserName", "alice"))
	must(t)(root.Query(ctx, "iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}`))
	must(t)(root.Query(ctx, "iam", "CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+account+`"},"Action":"sts:AssumeRole"}}`))
	key, err := root.NewKey(ctx, "alice")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		call url.Values
		most float64
	}{
		"GetCallerIdentity": {url.Values{}, 95},
		"AssumeRole":        {url.Values{"RoleArn": {"arn:aws:iam::" + account + ":role/reader"}, "RoleSessionName": {"s1"}}, 170},
	} {
		t.Run(name, func(t *testing.T) {
			test.call.Set("Action", name)
			test.call.Set("Version", "2011-06-15")
			body := test.call.Encode()
			r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil)
			r.RemoteAddr = "127.0.0.1:40000"
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if err := w.Client(key).Sign(r, "sts", body); err != nil {
				t.Fatal(err)
			}
			answer := &sink{header: http.Header{}}
			got := testing.AllocsPerRun(300, func() {
				call := *r
				call.Body, call.ContentLength = readCloser{strings.NewReader(body)}, int64(len(body))
				clear(answer.header)
				w.Handler().ServeHTTP(answer, &call)
				if answer.status != http.StatusOK {
					t.Fatalf("%d", answer.status)
				}
			})
			if got > test.most {
				t.Errorf("%.0f allocations, want at most %.0f", got, test.most)
			}
			t.Logf("%.0f allocations", got)
		})
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
