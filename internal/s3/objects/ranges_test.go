package objects_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Rules: S3-108 TH-68
func TestRanges(t *testing.T) {
	w := start(t)
	body := pattern(20000)
	w.put("/b/k", body)
	w.put("/b/empty", "")
	for _, test := range []struct {
		header      string
		status      int
		first, last int
	}{
		{"bytes=0-0", 206, 0, 0},
		{"bytes=0-", 206, 0, 19999},
		{"bytes=5-9", 206, 5, 9},
		{"bytes=19999-", 206, 19999, 19999},
		{"bytes=10-99999", 206, 10, 19999},
		{"bytes=10-99999999999999999999999", 206, 10, 19999},
		{"bytes=-5", 206, 19995, 19999},
		{"bytes=-99999999999999999999", 206, 0, 19999},
		{"bytes=20000-", 416, 0, 0},
		{"bytes=18446744073709551616-", 416, 0, 0},
		{"bytes=-0", 416, 0, 0},
		{"bytes=9-5", 200, 0, 0},
		{"bytes=1-2,4-5", 200, 0, 0},
		{"bytes=--5", 200, 0, 0},
		{"bytes=-", 200, 0, 0},
		{"bytes=+1-2", 200, 0, 0},
		{"bytes=a-b", 200, 0, 0},
		{"items=0-1", 200, 0, 0},
		{"bytes 0-1", 200, 0, 0},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			a := w.want(test.status, "", method, "/b/k", "", "Range", test.header)
			want := ""
			switch test.status {
			case 206:
				want = body[test.first : test.last+1]
				equal(t, test.header, a.header.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/20000", test.first, test.last))
			case 200:
				want = body
			case 416:
				equal(t, test.header, a.header.Get("Content-Range"), "bytes */20000")
				continue
			}
			equal(t, test.header+" length", a.header.Get("Content-Length"), strconv.Itoa(len(want)))
			if method == "GET" && a.body != want {
				t.Errorf("%s: wrong bytes", test.header)
			}
		}
	}
	for _, header := range []string{"bytes=0-", "bytes=-1", "bytes=0-0"} {
		w.want(416, "InvalidRange", "GET", "/b/empty", "", "Range", header)
	}
	w.want(200, "", "GET", "/b/k", "", "Range", "bytes=0-1", "If-Range", `"other"`)
	w.want(206, "", "GET", "/b/k", "", "Range", "bytes=0-1", "If-Range", quotedMD5(body))
	a := w.want(206, "", "GET", "/b/k", "", "Range", "bytes=0-1", "X-Amz-Checksum-Mode", "ENABLED")
	equal(t, "checksum of a sub-range", a.header.Get("X-Amz-Checksum-Crc64nvme"), "")
	w.want(400, "InvalidRequest", "GET", "/b/k?partNumber=1", "", "Range", "bytes=0-1")
	a = w.want(206, "", "GET", "/b/k?partNumber=1", "")
	equal(t, "part 1 of a plain object", a.body == body, true)
	w.want(416, "InvalidPartNumber", "GET", "/b/k?partNumber=2", "")
	w.want(400, "InvalidArgument", "GET", "/b/k?partNumber=10001", "")
}

// Rules: S3-108 TH-68
func TestAnyRangeIsAPartOfTheObjectOrRefused(t *testing.T) {
	w := start(t)
	sizes := []int{0, 1, 17, 20000}
	for _, n := range sizes {
		w.put("/b/"+strconv.Itoa(n), pattern(n))
	}
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.SampledFrom(sizes).Draw(rt, "size")
		header := rapid.OneOf(
			rapid.StringMatching(`bytes=[0-9]{0,6}-[0-9]{0,6}`),
			rapid.StringMatching(`bytes=[0-9]{0,30}-[0-9]{0,30}`),
			rapid.StringMatching(`[a-z=]{0,6}[-0-9, ]{0,12}`),
		).Draw(rt, "range")
		header = strings.TrimSpace(header)
		a := w.do("GET", "/b/"+strconv.Itoa(n), "", "Range", header)
		body := pattern(n)
		switch a.status {
		case 200:
			if a.body != body {
				rt.Fatalf("whole object differs")
			}
		case 206:
			var first, last, size int
			if _, err := fmt.Sscanf(a.header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &size); err != nil {
				rt.Fatal(err)
			}
			if size != n || first > last || last >= n || a.body != body[first:last+1] {
				rt.Fatalf("%q of %d: %s, %d bytes", header, n, a.header.Get("Content-Range"), len(a.body))
			}
		case 416:
		default:
			rt.Fatalf("status %d", a.status)
		}
	})
}
