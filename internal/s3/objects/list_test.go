package objects_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// model lists keys the slow way: what S3-150 says, and nothing clever.
type model struct {
	keys []string // sorted
}

type modelPage struct {
	keys, prefixes []string
	truncated      bool
	last           string
}

func (m model) list(prefix, delimiter, after string, limit int) modelPage {
	var p modelPage
	for _, key := range m.keys {
		if !strings.HasPrefix(key, prefix) || key <= after {
			continue
		}
		entry, isPrefix := key, false
		if i := strings.Index(key[len(prefix):], delimiter); delimiter != "" && i >= 0 {
			entry, isPrefix = key[:len(prefix)+i+len(delimiter)], true
		}
		if isPrefix && (entry == after || slices.Contains(p.prefixes, entry)) {
			continue
		}
		if len(p.keys)+len(p.prefixes) == limit {
			p.truncated = limit > 0
			return p
		}
		if isPrefix {
			p.prefixes = append(p.prefixes, entry)
		} else {
			p.keys = append(p.keys, entry)
		}
		p.last = entry
	}
	return p
}

func (a answer) listed() modelPage {
	p := modelPage{keys: a.elements("Key"), truncated: a.element("IsTruncated") == "true"}
	for _, c := range strings.Split(a.body, "<CommonPrefixes>")[1:] {
		p.prefixes = append(p.prefixes, answer{body: "<CommonPrefixes>" + c}.element("Prefix"))
	}
	decode := func(list []string) {
		for i, s := range list {
			list[i], _ = url.PathUnescape(s)
		}
	}
	decode(p.keys)
	decode(p.prefixes)
	return p
}

func (p modelPage) String() string { return fmt.Sprintf("%q %q %v", p.keys, p.prefixes, p.truncated) }

// Rules: S3-150 S3-151 S3-152
func TestListingsAgreeWithANaiveModel(t *testing.T) {
	w := start(t)
	var m model
	bucket := 0
	rapid.Check(t, func(rt *rapid.T) {
		bucket++
		b := fmt.Sprintf("/b%d", bucket)
		keyGen := rapid.StringMatching(`[ab/%é\x{10FFFF}]{1,5}`)
		m.keys = rapid.SliceOfNDistinct(keyGen, 0, 12, rapid.ID).Draw(rt, "keys")
		slices.Sort(m.keys)
		for _, key := range m.keys {
			w.put(b+"/"+escape(key), "x")
		}
		prefix := rapid.SampledFrom([]string{"", "a", "/", "a/", "é", "%"}).Draw(rt, "prefix")
		delimiter := rapid.SampledFrom([]string{"", "/", "a", "é", "b/"}).Draw(rt, "delimiter")
		limit := rapid.IntRange(1, 5).Draw(rt, "limit")
		q := fmt.Sprintf("%s?encoding-type=url&prefix=%s&delimiter=%s&max-keys=%d", b,
			url.QueryEscape(prefix), url.QueryEscape(delimiter), limit)

		// Version 2, following tokens, gives every entry once and in order.
		whole := m.list(prefix, delimiter, "", 1<<30)
		var keys, prefixes []string
		after, token := "", ""
		for range 50 {
			a := w.want(200, "", "GET", q+"&list-type=2"+token, "")
			got, want := a.listed(), m.list(prefix, delimiter, after, limit)
			if got.String() != want.String() {
				rt.Fatalf("keys %q after %q: got %s, want %s", m.keys, after, got, want)
			}
			if count := fmt.Sprint(len(got.keys) + len(got.prefixes)); a.element("KeyCount") != count {
				rt.Fatalf("KeyCount: got %s, want %s", a.element("KeyCount"), count)
			}
			keys, prefixes, after = append(keys, got.keys...), append(prefixes, got.prefixes...), want.last
			if !got.truncated {
				break
			}
			token = "&continuation-token=" + url.QueryEscape(a.element("NextContinuationToken"))
		}
		if got := (modelPage{keys: keys, prefixes: prefixes}); got.String() != whole.String() {
			rt.Fatalf("pages of %q together: got %s, want %s", m.keys, got, whole)
		}

		// Version 1 from any marker.
		marker := rapid.SampledFrom(append(append([]string{"", "a/", "b"}, m.keys...), prefixes...)).Draw(rt, "marker")
		a := w.want(200, "", "GET", q+"&marker="+url.QueryEscape(marker), "")
		if got, want := a.listed(), m.list(prefix, delimiter, marker, limit); got.String() != want.String() {
			rt.Fatalf("keys %q, marker %q: got %s, want %s", m.keys, marker, got, want)
		}
	})
}

// Rules: S3-150 S3-151 S3-152
func TestListParameters(t *testing.T) {
	w := start(t)
	for _, key := range []string{"a b", "d/1", "d/2", "z"} {
		w.put("/b/"+escape(key), "x")
	}
	w.want(400, "InvalidArgument", "GET", "/b?max-keys=x", "")
	w.want(400, "InvalidArgument", "GET", "/b?max-keys=-1", "")
	a := w.want(400, "InvalidArgument", "GET", "/b?list-type=2&max-keys=2147483648", "")
	equal(t, "message", a.element("Message"), "Provided max-keys not an integer or within integer range")
	a = w.want(400, "InvalidArgument", "GET", "/b?encoding-type=base64", "")
	equal(t, "message", a.element("Message"), "Invalid Encoding Method specified in Request")
	for _, token := range []string{"", "x", "a2FiY2RlZmdo"} {
		a = w.want(400, "InvalidArgument", "GET", "/b?list-type=2&continuation-token="+token, "")
		equal(t, "message", a.element("Message"), "The continuation token provided is incorrect")
	}
	a = w.want(200, "", "GET", "/b?max-keys=0", "")
	equal(t, "page of none", a.listed().String(), modelPage{}.String())
	a = w.want(200, "", "GET", "/b?max-keys=5000", "")
	equal(t, "MaxKeys", a.element("MaxKeys"), "1000")
	equal(t, "owner of version 1", a.element("ID"), "owner")
	a = w.want(200, "", "GET", "/b?max-keys=1", "")
	equal(t, "NextMarker without delimiter", a.element("NextMarker"), "")
	a = w.want(200, "", "GET", "/b?max-keys=2&delimiter=/", "")
	equal(t, "NextMarker", a.element("NextMarker"), "d/")
	a = w.want(200, "", "GET", "/b?max-keys=2&delimiter=/&marker=d/", "")
	equal(t, "behind it", a.listed().String(), modelPage{keys: []string{"z"}}.String())
	a = w.want(200, "", "GET", "/b?list-type=2&encoding-type=url&start-after=a", "")
	equal(t, "encoded", a.elements("Key")[0], "a%20b")
	equal(t, "owner of version 2", a.element("ID"), "")
	a = w.want(200, "", "GET", "/b?list-type=2&fetch-owner=true", "")
	equal(t, "owner on demand", a.element("ID"), "owner")
	equal(t, "ETag", a.element("ETag"), quotedMD5("x"))
	equal(t, "LastModified", a.element("LastModified"), "2026-05-04T03:02:01.000Z")
	equal(t, "namespace", strings.Contains(a.body, `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`), true)
	w.put("/b/%01%26%3C", "x")
	if a = w.want(200, "", "GET", "/b?prefix=%01", ""); !strings.Contains(a.body, "<Key>&#x1;&amp;&lt;</Key>") {
		t.Errorf("control character in a list: %s", a.body)
	}
}
