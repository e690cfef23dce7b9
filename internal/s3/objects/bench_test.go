package objects_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/regent-iam/regent/internal/s3/objects"
)

// A sink is a ResponseWriter that keeps nothing.
type sink struct {
	h      http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.h }
func (s *sink) WriteHeader(status int)      { s.status = status }
func (s *sink) Write(p []byte) (int, error) { return len(p), nil }

func benchCall(w *world, operation, key string, body io.Reader, size int64) *objects.Call {
	return &objects.Call{
		Operation: operation, BucketID: "b", Bucket: "b", Key: key, Body: body, ContentLength: size,
		Header: http.Header{}, Signed: true, MayList: w.mayList, Now: w.now, RequestID: "REQ", HostID: "HOST",
	}
}

func BenchmarkGet1KiB(b *testing.B)  { benchGet(b, 1<<10) }
func BenchmarkGet64KiB(b *testing.B) { benchGet(b, 64<<10) }

func benchGet(b *testing.B, size int) {
	w := start(b)
	w.put("/b/k", pattern(size))
	r := httptest.NewRequestWithContext(b.Context(), "GET", "/b/k", nil)
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		s := &sink{h: http.Header{}}
		if err := w.store.ServeObject(s, r, benchCall(w, "GetObject", "k", nil, 0)); err != nil || s.status != 200 {
			b.Fatal(err, s.status)
		}
	}
}

func BenchmarkPut1KiB(b *testing.B)         { benchPut(b, 1<<10, 1, objects.Options{}) }
func BenchmarkPut1KiBBy16(b *testing.B)     { benchPut(b, 1<<10, 16, objects.Options{}) }
func BenchmarkPut1KiBFileBy16(b *testing.B) { benchPut(b, 1<<10, 16, objects.Options{InlineLimit: -1}) }
func BenchmarkPut16KiBBy16(b *testing.B)    { benchPut(b, 16<<10, 16, objects.Options{}) }
func BenchmarkPut16KiBFileBy16(b *testing.B) {
	benchPut(b, 16<<10, 16, objects.Options{InlineLimit: -1})
}
func BenchmarkPut64MiB(b *testing.B) { benchPut(b, 64<<20, 1, objects.Options{}) }

func benchPut(b *testing.B, size, parallel int, o objects.Options) {
	w := startWith(b, o)
	body := pattern(size)
	r := httptest.NewRequestWithContext(b.Context(), "PUT", "/b/k", nil)
	var n atomic.Int64
	b.SetBytes(int64(size))
	b.ReportAllocs()
	b.SetParallelism(max(1, parallel/2))
	one := func() {
		key := "k" + strconv.FormatInt(n.Add(1)%20000, 10)
		s := &sink{h: http.Header{}}
		err := w.store.ServeObject(s, r, benchCall(w, "PutObject", key, strings.NewReader(body), int64(size)))
		if err != nil || s.status != 200 {
			b.Error(err, s.status)
		}
	}
	if parallel == 1 {
		for b.Loop() {
			one()
		}
		return
	}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			one()
		}
	})
}

func BenchmarkList1000(b *testing.B) {
	w := start(b)
	r := httptest.NewRequestWithContext(b.Context(), "GET", "/b", nil)
	for i := range 1000 {
		s := &sink{h: http.Header{}}
		if err := w.store.ServeObject(s, r, benchCall(w, "PutObject", "k"+strconv.Itoa(i), strings.NewReader("x"), 1)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		s := &sink{h: http.Header{}}
		if err := w.store.ServeObject(s, r, benchCall(w, "ListObjectsV2", "", nil, 0)); err != nil {
			b.Fatal(err)
		}
	}
}
