package objects_test

import (
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/sigv4"
)

// Rules: S3-101 S3-130 S3-131 S3-132 S3-133 S3-103 S3-39
func TestCopies(t *testing.T) {
	w := start(t)
	for _, body := range []string{"small", pattern(50 << 10)} {
		w.put("/b/src", body, "Content-Type", "text/x", "X-Amz-Meta-A", "1", "X-Amz-Tagging", "t=1", "X-Amz-Storage-Class", "STANDARD_IA",
			"X-Amz-Website-Redirect-Location", "/r", "X-Amz-Checksum-Sha1", sigv4.SHA1.Encode(sumOf(sigv4.SHA1, body)))
		a := w.want(200, "", "PUT", "/b2/dst", "", "X-Amz-Copy-Source", "/b/src", "X-Amz-Meta-A", "ignored")
		equal(t, "result", a.element("ETag")+a.element("LastModified")+a.element("ChecksumSHA1"),
			quotedMD5(body)+"2026-05-04T03:02:01.000Z"+sigv4.SHA1.Encode(sumOf(sigv4.SHA1, body)))
		got := w.wantBody("/b2/dst", body).header
		equal(t, "kept and not kept", strings.Join([]string{
			got.Get("Content-Type"), got.Get("X-Amz-Meta-A"), got.Get("X-Amz-Tagging-Count"),
			got.Get("X-Amz-Storage-Class"), got.Get("X-Amz-Website-Redirect-Location"),
		}, ","), "text/x,1,1,,")
		w.want(200, "", "PUT", "/b2/dst", "", "X-Amz-Copy-Source", "b/src", "X-Amz-Metadata-Directive", "REPLACE",
			"X-Amz-Tagging-Directive", "REPLACE", "X-Amz-Meta-B", "2", "X-Amz-Checksum-Algorithm", "CRC32")
		head := w.want(200, "", "HEAD", "/b2/dst", "", "X-Amz-Checksum-Mode", "ENABLED").header
		equal(t, "replaced", strings.Join([]string{
			head.Get("Content-Type"), head.Get("X-Amz-Meta-A"), head.Get("X-Amz-Meta-B"),
			head.Get("X-Amz-Tagging-Count"), head.Get("X-Amz-Checksum-Crc32"),
		}, ","), "binary/octet-stream,,2,,"+sigv4.CRC32.Encode(sumOf(sigv4.CRC32, body)))
	}
	etag := quotedMD5(pattern(50 << 10))
	for _, test := range []struct {
		status  int
		code    string
		headers []string
	}{
		{404, "NoSuchKey", []string{"X-Amz-Copy-Source", "b/none"}},
		{412, "PreconditionFailed", []string{"X-Amz-Copy-Source-If-Match", `"x"`}},
		{412, "PreconditionFailed", []string{"X-Amz-Copy-Source-If-None-Match", etag}},
		{412, "PreconditionFailed", []string{"X-Amz-Copy-Source-If-Modified-Since", "Mon, 04 May 2026 03:02:01 GMT"}},
		{400, "InvalidArgument", []string{"X-Amz-Metadata-Directive", "NO"}},
		{400, "InvalidArgument", []string{"X-Amz-Tagging-Directive", "NO"}},
		{400, "InvalidRequest", []string{"X-Amz-Checksum-Algorithm", "NO"}},
		{412, "PreconditionFailed", []string{"If-None-Match", "*"}},
		{400, "InvalidArgument", []string{"X-Amz-Copy-Source", "b/src?versionId=abc"}},
		{200, "", []string{"X-Amz-Copy-Source-If-Match", etag, "X-Amz-Copy-Source-If-Unmodified-Since", "Mon, 04 May 2020 03:02:01 GMT"}},
		{200, "", []string{"X-Amz-Copy-Source", "b/src?versionId=null"}},
	} {
		headers := test.headers
		if headers[0] != "X-Amz-Copy-Source" {
			headers = append(headers, "X-Amz-Copy-Source", "b/src")
		}
		w.want(test.status, test.code, "PUT", "/b2/dst", "", headers...)
	}
	w.want(400, "InvalidRequest", "PUT", "/b/src", "", "X-Amz-Copy-Source", "b/src")
	w.want(200, "", "PUT", "/b/src", "", "X-Amz-Copy-Source", "b/src", "X-Amz-Storage-Class", "STANDARD")
	w.wantBody("/b/src", pattern(50<<10))
	equal(t, "class", w.do("HEAD", "/b/src", "").header.Get("X-Amz-Storage-Class"), "")
}

// Rules: S3-101 S3-142
func TestCopiesOfAndInParts(t *testing.T) {
	w := start(t)
	one, two := pattern(5*mib), pattern(100)
	id := w.begin("/b/src")
	e1, e2 := w.part("/b/src", id, 1, one), w.part("/b/src", id, 2, two)
	w.want(200, "", "POST", "/b/src?uploadId="+id, partList(e1, e2))
	a := w.want(200, "", "PUT", "/b/dst", "", "X-Amz-Copy-Source", "/b/src")
	equal(t, "plain MD5", a.element("ETag"), quotedMD5(one+two))
	w.wantBody("/b/dst", one+two)

	id = w.begin("/b/parts")
	target := "/b/parts?uploadId=" + id + "&partNumber="
	a = w.want(200, "", "PUT", target+"1", "", "X-Amz-Copy-Source", "/b/src", "X-Amz-Copy-Source-Range", fmt.Sprintf("bytes=1-%d", 5*mib+50))
	e1 = a.element("ETag")
	equal(t, "part", e1, quotedMD5((one + two)[1:5*mib+51]))
	e2 = w.want(200, "", "PUT", target+"2", "", "X-Amz-Copy-Source", "/b/dst").element("ETag")
	for _, bad := range []string{"bytes=1-", "bytes=-1", "1-2", "bytes=2-1", "bytes=1-2,3-4", "bytes= 1-2", ""} {
		w.want(400, "InvalidArgument", "PUT", target+"3", "", "X-Amz-Copy-Source", "/b/src", "X-Amz-Copy-Source-Range", bad)
	}
	a = w.want(400, "InvalidArgument", "PUT", target+"3", "", "X-Amz-Copy-Source", "/b/src", "X-Amz-Copy-Source-Range", "bytes=0-5242980")
	equal(t, "message", a.element("Message"), "Range specified is not valid for source object of size: 5242980")
	w.want(200, "", "POST", "/b/parts?uploadId="+id, partList(e1, e2))
	w.wantBody("/b/parts", (one + two)[1:5*mib+51]+one+two)
}

func withMD5(body string) []string {
	sum := md5.Sum([]byte(body))
	return []string{"Content-MD5", base64.StdEncoding.EncodeToString(sum[:])}
}

// Rules: S3-48 S3-97 S3-124 S3-190 S3-16 TH-19
func TestDeleteObjects(t *testing.T) {
	w := start(t)
	for _, key := range []string{"a", "a&b", "denied", "c", "d"} {
		w.put("/b/"+escape(key), pattern(20<<10))
	}
	del := func(inner string) string { return "<Delete>" + inner + "</Delete>" }
	obj := func(key string) string { return "<Object><Key>" + key + "</Key></Object>" }
	body := del(obj("a") + obj("a") + obj("a&amp;b") + obj("denied") + obj("none") +
		"<Object><Key>c</Key><ETag>no</ETag></Object><Object><Key>d</Key><Size>1</Size></Object>")
	a := w.want(200, "", "POST", "/b?delete", body, withMD5(body)...)
	equal(t, "deleted and refused", fmt.Sprint(a.elements("Key"), a.elements("Code")),
		"[a a a&b denied none c d] [AccessDenied PreconditionFailed NotImplemented]")
	equal(t, "left", fmt.Sprint(w.do("GET", "/b", "").elements("Key")), "[c d denied]")
	equal(t, "blobs", w.files("blobs"), 3)
	body = del("<Quiet>true</Quiet>" + obj("c") + obj("denied"))
	a = w.want(200, "", "POST", "/b?delete", body, withMD5(body)...)
	equal(t, "quiet", fmt.Sprint(a.elements("Deleted"), a.elements("Code")), "[] [AccessDenied]")

	for _, test := range []struct{ code, body string }{
		{"MalformedXML", del("")},
		{"MalformedXML", del(strings.Repeat(obj("k"), 1001))},
		{"MalformedXML", del(obj("d") + "<x/>")},
		{"MalformedXML", del("<Object><Key>d</Key><Key>e</Key></Object>")},
		{"MalformedXML", del("<Object><Key>d<!-- x -->e</Key></Object>")},
		{"MalformedXML", del("<Object><Key>d<b/></Key></Object>")},
		{"MalformedXML", del("<Object></Object>")},
		{"MalformedXML", del("text" + obj("d"))},
		{"MalformedXML", del(obj("d")) + del(obj("d"))},
		{"MalformedXML", del(obj("d")) + "x"},
		{"MalformedXML", `<!DOCTYPE Delete [<!ENTITY e "d">]>` + del("<Object><Key>&e;</Key></Object>")},
		{"MalformedXML", del(`<Object xmlns="http://evil/"><Key>d</Key></Object>`)},
		{"MalformedXML", del(`<Object kind="x"><Key>d</Key></Object>`)},
		{"MalformedXML", del("<Quiet>true</Quiet><Quiet>false</Quiet>" + obj("d"))},
		{"MalformedXML", "<delete>" + obj("d") + "</delete>"},
		{"MalformedXML", del(obj("d"))[:20]},
		{"UserKeyMustBeSpecified", del(obj(""))},
		{"KeyTooLongError", del(obj(strings.Repeat("k", 1025)))},
		{"MaxMessageLengthExceeded", del(obj("d")) + strings.Repeat(" ", 2<<20)},
	} {
		w.want(400, test.code, "POST", "/b?delete", test.body, withMD5(test.body)...)
	}
	body = del(obj("d"))
	a = w.want(400, "InvalidRequest", "POST", "/b?delete", body)
	equal(t, "message", a.element("Message"), "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	w.want(400, "BadDigest", "POST", "/b?delete", body, withMD5("other")...)
	w.want(400, "BadDigest", "POST", "/b?delete", body, "X-Amz-Checksum-Crc32", "AAAAAA==")
	w.want(200, "", "HEAD", "/b/d", "")
	body = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + obj("d") + "</Delete>\n"
	w.want(200, "", "POST", "/b?delete", body, "X-Amz-Checksum-Crc32", sigv4.CRC32.Encode(sumOf(sigv4.CRC32, body)))
	w.want(404, "", "HEAD", "/b/d", "")
}

// Rules: S3-114
func TestObjectTags(t *testing.T) {
	w := start(t)
	w.put("/b/k", "x", "X-Amz-Tagging", "a=1&b=%20")
	a := w.want(200, "", "GET", "/b/k?tagging", "")
	equal(t, "tags", fmt.Sprintf("%q %q", a.elements("Key"), a.elements("Value")), `["a" "b"] ["1" " "]`)
	put := func(inner string) string { return "<Tagging><TagSet>" + inner + "</TagSet></Tagging>" }
	tag := func(k, v string) string { return "<Tag><Key>" + k + "</Key><Value>" + v + "</Value></Tag>" }
	for _, test := range []struct{ code, body string }{
		{"MalformedXML", "<Tagging/>"},
		{"MalformedXML", put("<Tag><Key>a</Key></Tag>")},
		{"InvalidTag", put(tag("a", "") + tag("a", ""))},
		{"InvalidTag", put(tag("aws:x", ""))},
		{"InvalidTag", put(tag("", ""))},
		{"InvalidTag", put(tag(strings.Repeat("k", 129), ""))},
		{"InvalidTag", put(tag("k", strings.Repeat("v", 257)))},
		{"BadRequest", put(func() (s string) {
			for i := range 11 {
				s += tag(fmt.Sprint(i), "")
			}
			return s
		}())},
	} {
		w.want(400, test.code, "PUT", "/b/k?tagging", test.body, withMD5(test.body)...)
	}
	body := put(tag("c", "&lt;3"))
	w.want(400, "InvalidRequest", "PUT", "/b/k?tagging", body)
	w.want(200, "", "PUT", "/b/k?tagging", body, withMD5(body)...)
	a = w.want(200, "", "GET", "/b/k?tagging", "")
	equal(t, "replaced", fmt.Sprintf("%q %q", a.elements("Key"), a.elements("Value")), `["c"] ["<3"]`)
	equal(t, "count", w.wantBody("/b/k", "x").header.Get("X-Amz-Tagging-Count"), "1")
	w.want(204, "", "DELETE", "/b/k?tagging", "")
	a = w.want(200, "", "GET", "/b/k?tagging", "")
	equal(t, "untagged", len(a.elements("Key")), 0)
	w.want(404, "NoSuchKey", "GET", "/b/none?tagging", "")
	w.put("/b/k", "x", "X-Amz-Tagging", "a=1")
	w.put("/b/k", "x")
	equal(t, "overwriting drops tags", w.wantBody("/b/k", "x").header.Get("X-Amz-Tagging-Count"), "")
}

// Rules: S3-115
func TestObjectAttributesOfAPlainObject(t *testing.T) {
	w := start(t)
	w.put("/b/k", "body")
	w.want(400, "InvalidRequest", "GET", "/b/k?attributes", "")
	w.want(400, "InvalidArgument", "GET", "/b/k?attributes", "", "X-Amz-Object-Attributes", "ETag,Nothing")
	a := w.want(200, "", "GET", "/b/k?attributes", "", "X-Amz-Object-Attributes", "ETag, ObjectSize,StorageClass,Checksum,ObjectParts")
	equal(t, "attributes", strings.Join([]string{
		a.element("ETag"), a.element("ObjectSize"), a.element("StorageClass"), a.element("ChecksumType"), a.element("TotalPartsCount"),
	}, " "), strings.Trim(quotedMD5("body"), `"`)+" 4 STANDARD FULL_OBJECT ")
	w.want(404, "NoSuchKey", "GET", "/b/none?attributes", "", "X-Amz-Object-Attributes", "ETag")
}

// Rules: S3-146
func TestListsOfUploads(t *testing.T) {
	w := start(t)
	first := w.begin("/b/a")
	w.now = w.now.Add(1)
	second := w.begin("/b/a")
	w.begin("/b/d/1")
	w.begin("/b/d/2")
	third := w.begin("/b/z")
	ids := func(query string) string {
		a := w.want(200, "", "GET", "/b?uploads"+query, "")
		return strings.NewReplacer(first, "1", second, "2", third, "3").Replace(fmt.Sprint(
			a.elements("UploadId"), a.elements("CommonPrefixes"), a.element("NextKeyMarker"), a.element("NextUploadIdMarker")))
	}
	a := w.want(200, "", "GET", "/b?uploads", "")
	equal(t, "keys", fmt.Sprint(a.elements("Key")), "[a a d/1 d/2 z]")
	equal(t, "who", a.element("DisplayName"), "init")
	equal(t, "rolled up", ids("&delimiter=/"), "[1 2 3] []")
	equal(t, "prefix", fmt.Sprint(w.do("GET", "/b?uploads&prefix=d/", "").elements("Key")), "[d/1 d/2]")
	equal(t, "page 1", ids("&max-uploads=1"), "[1] []a1")
	equal(t, "page 2", ids("&max-uploads=1&key-marker=a&upload-id-marker="+first), "[2] []a2")
	w.want(204, "", "DELETE", "/b/a?uploadId="+first, "")
	equal(t, "an aborted marker resumes in place", ids("&max-uploads=1&key-marker=a&upload-id-marker="+first), "[2] []a2")
	equal(t, "key marker alone", ids("&key-marker=a&delimiter=/&max-uploads="), "[3] []")
	equal(t, "id marker alone means nothing", ids("&delimiter=/&upload-id-marker="+third), "[2 3] []")
	w.want(400, "InvalidArgument", "GET", "/b?uploads&max-uploads=2147483648", "")

	for n := range 5 {
		w.part("/b/z", third, n*7+1, "x")
	}
	list := w.want(200, "", "GET", "/b/z?max-parts=2&part-number-marker=8&uploadId="+third, "")
	equal(t, "parts", fmt.Sprint(list.elements("PartNumber"), list.element("NextPartNumberMarker"), list.element("IsTruncated")), "[15 22]22true")
	list = w.want(200, "", "GET", "/b/z?part-number-marker=22&max-parts=&uploadId="+third, "")
	equal(t, "rest", fmt.Sprint(list.elements("PartNumber"), list.element("IsTruncated")), "[29]false")
	w.want(400, "InvalidArgument", "GET", "/b/z?max-parts=x&uploadId="+third, "")
}

// Rules: S3-145
func TestASlowCopyBeginsWithBlanks(t *testing.T) {
	w := startWith(t, objects.Options{Patience: time.Microsecond})
	body := pattern(8 * mib)
	w.put("/b/src", body)
	a := w.want(200, "", "PUT", "/b/dst", "", "X-Amz-Copy-Source", "b/src")
	equal(t, "blanks", strings.HasPrefix(a.body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n "), true)
	equal(t, "one declaration", strings.Count(a.body, "<?xml"), 1)
	equal(t, "result", a.element("ETag"), quotedMD5(body))
	w.wantBody("/b/dst", body)

	done := make(chan answer)
	for round := range 2 {
		go func() {
			done <- w.do("PUT", "/b/new", "", "X-Amz-Copy-Source", "b/src", "If-None-Match", "*", "Test-Round", fmt.Sprint(round))
		}()
	}
	first, second := <-done, <-done
	equal(t, "an error hides in a 200, or was told in time", first.code()+second.code() != "", true)
	equal(t, "results", len(first.elements("ETag"))+len(second.elements("ETag")), 1)
}
