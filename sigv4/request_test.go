package sigv4_test

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/sigv4"
)

// Rules: TH-3 TH-4 TH-5 TH-6 TH-20 S3-1
func TestParseTargetRefusesWhatTwoReadersCouldReadDifferently(t *testing.T) {
	for _, target := range []string{
		"", "*", "b/k", "http://evil/b/k", "https://evil/b/k", "evil:443",
		"/b/k?acl;x=1", "/b/k?a=1;b=2", "/b/k?%zz", "/b/k?a=%zz", "/b/k?a=%f", "/b/k?a=%", "/b/k?a=%ff", "/b/k?%c0%af=1",
		"/b/%zz", "/b/%", "/b/%4", "/b/%ff", "/b/\xff", "/b/%c0%af", "/b/%ed%a0%80",
		"/b/k#x", "/b/k?a#x", "/b/ k", "/b/\tk", "/b/\x00k", "/b/\x7fk", "/b/k?a=\x01", "/b/k?a b",
		"/?" + strings.Repeat("a&", 10_001),
	} {
		_, _, err := sigv4.ParseTarget(target)
		if _, ok := errors.AsType[*sigv4.TargetError](err); !ok {
			t.Errorf("ParseTarget(%.40q) = %v, want a TargetError", target, err)
		}
	}
}

// Rules: TH-3 TH-4 S3-1 S3-3
func TestParseTargetKeepsTheRawForm(t *testing.T) {
	path, q, err := sigv4.ParseTarget(`/b/a%2Fb/../"^<>//~%7E+?x=a+b&&y&z=&%C3%BC=%26%3D&x=2`)
	if err != nil {
		t.Fatal(err)
	}
	if want := `/b/a%2Fb/../"^<>//~%7E+`; path != want {
		t.Errorf("path %q, want %q", path, want)
	}
	key, err := sigv4.DecodePath(path)
	if want := `/b/a/b/../"^<>//~~+`; key != want || err != nil {
		t.Errorf("key %q (%v), want %q", key, err, want)
	}
	want := []sigv4.Pair{
		{RawName: "x", RawValue: "a+b", Name: "x", Value: "a b", HasEquals: true},
		{RawName: "y", Name: "y"},
		{RawName: "z", Name: "z", HasEquals: true},
		{RawName: "%C3%BC", RawValue: "%26%3D", Name: "ü", Value: "&=", HasEquals: true},
		{RawName: "x", RawValue: "2", Name: "x", Value: "2", HasEquals: true},
	}
	if got := slices.Collect(q.All()); !slices.Equal(got, want) {
		t.Errorf("pairs %+v, want %+v", got, want)
	}
	if q.Get("x") != "a b" || !slices.Equal(q.Values("x"), []string{"a b", "2"}) || !q.Has("y") || q.Has("Y") || q.Len() != 5 {
		t.Errorf("Get %q, Values %q, Len %d", q.Get("x"), q.Values("x"), q.Len())
	}
	for range q.All() {
		break
	}
}

// Rules: TH-2
func TestRepeatedFindsWhatCameTwice(t *testing.T) {
	_, q, err := sigv4.ParseTarget("/b?versionId=1&%76ersionId=2&a=1")
	if err != nil {
		t.Fatal(err)
	}
	if name, ok := q.Repeated(); name != "versionId" || !ok {
		t.Errorf("Repeated() = %q, %v", name, ok)
	}
	_, q, _ = sigv4.ParseTarget("/b?versionId=1&versionID=2")
	if name, ok := q.Repeated(); ok {
		t.Errorf("Repeated() = %q for names that differ", name)
	}
	for name, single := range map[string]bool{
		"X-Amz-Acl": true, "X-Amz-Date": true, "Content-Type": true, "Range": true, "X-Amz-Copy-Source": true, "Origin": true,
		"X-Amz-Meta-A": false, "Accept": false, "If-Match": false, "X-Amz-Object-Attributes": false,
	} {
		r := &sigv4.Request{Header: http.Header{name: {"a", "b"}, "X-Amz-Target": {"one"}}}
		if got, ok := r.Repeated(); ok != single || ok && got != name {
			t.Errorf("%s twice: Repeated() = %q, %v", name, got, ok)
		}
	}
}

// Rules: TH-6
func TestNewRequestRefusesHostsAndHeadersInDisguise(t *testing.T) {
	for _, host := range []string{"", "a b", "a/b", "user@h", "h\r", "h?x", "h#x", "h\x80", `h\x`} {
		if _, err := sigv4.NewRequest("GET", "/", host, nil); err == nil {
			t.Errorf("host %q accepted", host)
		}
	}
	for _, host := range []string{"h", "h:9000", "[::1]:9000", "b.s3.local", "127.0.0.1"} {
		if r, err := sigv4.NewRequest("GET", "/", host, nil); err != nil || r.Host != host {
			t.Errorf("host %q: %v", host, err)
		}
	}
	for _, name := range []string{"x-amz-acl", "X-Amz-Acl ", "", "Host", "X-Amz-\u017f"} {
		if _, err := sigv4.NewRequest("GET", "/", "h", http.Header{name: {"v"}}); err == nil {
			t.Errorf("header %q accepted", name)
		}
	}
	for _, method := range []string{"", "G T", "GET\n"} {
		if _, err := sigv4.NewRequest(method, "/", "h", nil); err == nil {
			t.Errorf("method %q accepted", method)
		}
	}
	if _, err := sigv4.NewRequest("GET", "http://h/", "h", nil); err == nil {
		t.Error("absolute form accepted")
	}
}

// Rules: TH-3 TH-4
func FuzzParseTarget(f *testing.F) {
	for _, seed := range []string{"/", "/b/k?acl", "/b/%2F?a=%26&a", "/b//../~+?x=a+b&&y", "/?a;b", "/%zz", "http://h/", "/?=v&=", "/\xc3\xbc?\xc3=1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		path, q, err := sigv4.ParseTarget(target)
		if err != nil {
			if _, ok := errors.AsType[*sigv4.TargetError](err); !ok {
				t.Fatalf("%T", err)
			}
			return
		}
		whole := path
		if q.Raw() != "" || strings.Contains(target, "?") {
			whole += "?" + q.Raw()
		}
		if whole != target {
			t.Fatalf("%q became %q", target, whole)
		}
		if _, err := sigv4.DecodePath(path); err != nil {
			t.Fatalf("accepted path %q does not decode", path)
		}
		sameAsNetURL(t, q)
	})
}

// sameAsNetURL compares with the lenient parser of net/url: what it drops, we
// refuse, and the rest must be the same.
func sameAsNetURL(t *testing.T, q sigv4.Query) {
	t.Helper()
	lenient, err := url.ParseQuery(q.Raw())
	if err != nil {
		t.Fatalf("net/url refuses %q: %v", q.Raw(), err)
	}
	count := 0
	for name, values := range lenient {
		count += len(values)
		if !slices.Equal(q.Values(name), values) {
			t.Fatalf("%q: %q, net/url reads %q", name, q.Values(name), values)
		}
	}
	if count != q.Len() {
		t.Fatalf("%d pairs, net/url reads %d", q.Len(), count)
	}
}

// Rules: WI-2 WI-3 TH-16
func FuzzCanonical(f *testing.F) {
	f.Add("/b/k", "b=2&a=1&a")
	f.Add("/b/a%2Fb/~%7e+=", "x=a+b&%C3%BC=%2B")
	f.Add("/b//../x", "")
	f.Fuzz(func(t *testing.T, path, query string) {
		r, err := sigv4.NewRequest("GET", path+"?"+query, "h", signedHeader())
		if err != nil {
			return
		}
		a, err := sigv4.Find(r, expectS3())
		if err != nil {
			return
		}
		canonical, _ := a.Canonical("")
		lines := strings.Split(canonical, "\n")
		if lines[1] != r.Path {
			t.Fatalf("S3's canonical path is %q, sent %q", lines[1], r.Path)
		}
		again, err := sigv4.NewRequest("GET", r.Path+"?"+lines[2], "h", signedHeader())
		if err != nil {
			t.Fatalf("canonical query %q does not parse: %v", lines[2], err)
		}
		if !slices.Equal(sortedPairs(again.Query), sortedPairs(r.Query)) {
			t.Fatalf("canonical query %q of %q says something else", lines[2], query)
		}
		b, err := sigv4.Find(again, expectS3())
		if err != nil {
			t.Fatal(err)
		}
		if twice, _ := b.Canonical(""); twice != canonical {
			t.Fatalf("canonical form is not stable: %q, then %q", canonical, twice)
		}
	})
}

func sortedPairs(q sigv4.Query) []string {
	var out []string
	for p := range q.All() {
		out = append(out, p.Name+"\x00"+p.Value)
	}
	slices.Sort(out)
	return out
}
