package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/regent-iam/regent/sigv4"
)

// quiet is a ResponseWriter that keeps nothing.
type quiet struct {
	header http.Header
	status int
}

func (q *quiet) Header() http.Header         { return q.header }
func (q *quiet) Write(p []byte) (int, error) { return len(p), nil }
func (q *quiet) WriteHeader(status int)      { q.status = status }

// BenchmarkGetObject measures a GetObject of 1 KiB without the network: what
// signature, decision, store and record cost together.
func BenchmarkGetObject(b *testing.B) {
	w := newWorld(b)
	w.user("alice", prod, identityPolicy("s3:*", "*"))
	w.bucket("prod", "b-bench", statement("Allow", `"*"`, "s3:GetObject", "arn:aws:s3:::b-bench/*", ""))
	w.put("prod", "/b-bench/k", strings.Repeat("x", 1024)).is(200)
	r := httptest.NewRequestWithContext(b.Context(), "GET", "/b-bench/k", http.NoBody)
	_, err := sigv4.SignHeader(r, w.actors["alice"], w.signOptions(sigv4.EmptyPayloadHash))
	check(b, err)
	b.ReportAllocs()
	for b.Loop() {
		q := &quiet{header: http.Header{}}
		w.server.Config.Handler.ServeHTTP(q, r)
		if q.status != 200 {
			b.Fatal(q.status)
		}
	}
}

// BenchmarkSignature measures the signature alone, for comparison.
func BenchmarkSignature(b *testing.B) {
	w := newWorld(b)
	w.user("alice", prod, "")
	r := httptest.NewRequestWithContext(b.Context(), "GET", "/b-bench/k", http.NoBody)
	c := w.actors["alice"]
	_, err := sigv4.SignHeader(r, c, w.signOptions(sigv4.EmptyPayloadHash))
	check(b, err)
	expect := sigv4.Expect{Family: sigv4.FamilyS3, Service: "s3", Now: w.now()}
	b.ReportAllocs()
	for b.Loop() {
		parsed, err := sigv4.NewRequest(r.Method, r.RequestURI, r.Host, r.Header)
		check(b, err)
		auth, err := sigv4.Find(parsed, expect)
		check(b, err)
		check(b, auth.Verify([]byte(c.SecretAccessKey), ""))
	}
}
