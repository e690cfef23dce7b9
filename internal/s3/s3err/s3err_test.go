package s3err_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/s3/s3err"
)

// Rules: S3-190
func TestTheDocument(t *testing.T) {
	for _, test := range []struct {
		name string
		err  *s3err.Error
		want string
	}{
		{
			"extras in order, everything escaped",
			s3err.NoSuchKey("a<b>&\"'\x01\xff").With("More", ""),
			"<Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>" +
				"<Key>a&lt;b&gt;&amp;&quot;&#39;&#x1;\uFFFD</Key><More></More>",
		},
		{"a code that is not in the table tells nothing", s3err.Of("Secret"), "<Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message>"},
		{"a forgotten error tells nothing", &s3err.Error{Message: "secret"}, "<Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message>"},
		{"no error at all", nil, "<Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message>"},
		{"argument", s3err.InvalidArgument("n", "v", "wrong"), "<Code>InvalidArgument</Code><Message>wrong</Message><ArgumentName>n</ArgumentName><ArgumentValue>v</ArgumentValue>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			s3err.Write(w, "GET", "R&D", "H", test.err)
			want := `<?xml version="1.0" encoding="UTF-8"?>` + "\n<Error>" + test.want + "<RequestId>R&amp;D</RequestId><HostId>H</HostId></Error>"
			if diff := cmp.Diff(want, w.Body.String()); diff != "" {
				t.Error(diff)
			}
			if got := w.Header().Get("Content-Type"); got != "application/xml" {
				t.Errorf("Content-Type %q", got)
			}
		})
	}
}

// Rules: S3-17 S3-46 S3-105 S3-123 S3-190
func TestHeadersOfAnError(t *testing.T) {
	for _, test := range []struct {
		method string
		err    *s3err.Error
		body   bool
		want   http.Header
	}{
		{"HEAD", s3err.NoSuchKey("k"), false, http.Header{"Content-Type": {"application/xml"}}},
		{"GET", s3err.NotModified(), false, http.Header{"Etag": {"e"}}},
		{"GET", s3err.MethodNotAllowed("GET", "OBJECT", "DELETE"), true, http.Header{"Allow": {"DELETE"}, "Content-Type": {"application/xml"}}},
		{"GET", s3err.InvalidRange("bytes=9-", 3), true, http.Header{"Content-Range": {"bytes */3"}, "Content-Type": {"application/xml"}}},
	} {
		w := httptest.NewRecorder()
		for _, name := range []string{"Etag", "Content-Length", "Content-Encoding", "Content-Disposition", "Content-Range", "Content-Type"} {
			w.Header().Set(name, "e")
		}
		s3err.Write(w, test.method, "R", "H", test.err)
		got := w.Header()
		if got.Get("X-Amz-Request-Id") != "R" || got.Get("X-Amz-Id-2") != "H" || w.Code != test.err.Status {
			t.Errorf("%v: status %d, headers %v", test.err, w.Code, got)
		}
		for _, name := range []string{"X-Amz-Request-Id", "X-Amz-Id-2"} {
			got.Del(name)
		}
		if test.body {
			got.Del("Content-Length")
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s %v: %s", test.method, test.err, diff)
		}
		if (w.Body.Len() > 0) != test.body {
			t.Errorf("%s %v: body %q", test.method, test.err, w.Body)
		}
	}
}

// Rules: S3-190
func TestCopiesOfAnErrorAreTheirOwn(t *testing.T) {
	base := s3err.AccessDenied().With("A", "1")
	one, two := base.With("B", "1"), base.With("B", "2").WithHeader("H", "1").WithMessage("m")
	if one.Extra[1].Value != "1" || two.Extra[1].Value != "2" || len(base.Extra) != 1 || base.Message == "m" || base.Header != nil {
		t.Errorf("copies share: %v %v %v", base, one, two)
	}
}
