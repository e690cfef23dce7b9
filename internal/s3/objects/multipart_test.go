package objects_test

import (
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/sigv4"
)

const mib = 1 << 20

func (w *world) begin(target string, headers ...string) (uploadID string) {
	w.t.Helper()
	id := w.want(200, "", "POST", target+"?uploads", "", headers...).element("UploadId")
	if len(id) < 32 {
		w.t.Fatalf("upload id %q has not 128 bits", id)
	}
	return id
}

func (w *world) part(target, id string, number int, body string, headers ...string) (etag string) {
	w.t.Helper()
	return w.want(200, "", "PUT", fmt.Sprintf("%s?partNumber=%d&uploadId=%s", target, number, id), body, headers...).header.Get("Etag")
}

func partList(etags ...string) string {
	var b strings.Builder
	b.WriteString("<CompleteMultipartUpload>")
	for i, etag := range etags {
		if etag != "" {
			fmt.Fprintf(&b, "<Part><PartNumber>%d</PartNumber><ETag>%s</ETag></Part>", i+1, etag)
		}
	}
	return b.String() + "</CompleteMultipartUpload>"
}

func sumOf(c sigv4.Checksum, s string) []byte {
	h := c.New()
	_, _ = h.Write([]byte(s))
	return h.Sum(nil)
}

func multipartETag(parts ...string) string {
	h := md5.New()
	for _, p := range parts {
		sum := md5.Sum([]byte(p))
		_, _ = h.Write(sum[:])
	}
	return fmt.Sprintf(`"%s-%d"`, hex.EncodeToString(h.Sum(nil)), len(parts))
}

// Rules: S3-101 S3-109 S3-140 S3-143 S3-144 S3-115
func TestAMultipartUpload(t *testing.T) {
	w := start(t)
	one, three := pattern(5*mib), pattern(70000)
	id := w.begin("/b/k", "Content-Type", "text/x", "X-Amz-Meta-A", "b", "X-Amz-Tagging", "t=1")
	w.part("/b/k", id, 1, "replaced")
	e1 := w.part("/b/k", id, 1, one)
	w.part("/b/k", id, 2, pattern(5*mib+1)) // not listed: dropped
	e3 := w.part("/b/k", id, 3, three)
	equal(t, "blobs before", w.files("blobs"), 3)
	w.want(404, "NoSuchKey", "GET", "/b/k", "")
	equal(t, "listed before", len(w.do("GET", "/b", "").elements("Key")), 0)

	a := w.want(200, "", "POST", "/b/k?uploadId="+id, partList(e1, "", e3))
	etag := multipartETag(one, three)
	equal(t, "ETag", a.element("ETag"), etag)
	equal(t, "Location", a.element("Location"), w.srv.URL+"/b/k")
	full := sigv4.CRC64NVME.Encode(sumOf(sigv4.CRC64NVME, one+three))
	equal(t, "checksum", a.element("ChecksumCRC64NVME"), full)
	equal(t, "checksum type", a.element("ChecksumType"), "FULL_OBJECT")
	equal(t, "blobs after", w.files("blobs"), 2)

	got := w.wantBody("/b/k", one+three)
	equal(t, "ETag on GET", got.header.Get("Etag"), etag)
	equal(t, "metadata", got.header.Get("Content-Type")+got.header.Get("X-Amz-Meta-A")+got.header.Get("X-Amz-Tagging-Count"), "text/xb1")
	cross := w.want(206, "", "GET", "/b/k", "", "Range", fmt.Sprintf("bytes=%d-%d", 5*mib-10, 5*mib+9))
	equal(t, "range over parts", cross.body, one[5*mib-10:]+three[:10])
	p2 := w.want(206, "", "GET", "/b/k?partNumber=2", "")
	equal(t, "second part", p2.body == three, true)
	equal(t, "parts count", p2.header.Get("X-Amz-Mp-Parts-Count"), "2")
	equal(t, "its range", p2.header.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/%d", 5*mib, 5*mib+69999, 5*mib+70000))
	w.want(416, "InvalidPartNumber", "HEAD", "/b/k?partNumber=3", "")
	attr := w.want(200, "", "GET", "/b/k?attributes", "", "X-Amz-Object-Attributes", "ETag,Checksum,ObjectParts", "X-Amz-Object-Attributes", "ObjectSize")
	equal(t, "attributes", attr.element("ETag")+" "+attr.element("TotalPartsCount")+" "+attr.element("ObjectSize"),
		strings.Trim(etag, `"`)+" 2 5312880")
	equal(t, "parts only of a composite sum", len(attr.elements("PartNumber")), 0)

	again := w.want(200, "", "POST", "/b/k?uploadId="+id, partList(e1, "", e3))
	equal(t, "again", again.element("ETag"), etag)
	w.want(404, "NoSuchUpload", "POST", "/b/k?uploadId="+id, partList(e1))
	w.want(404, "NoSuchUpload", "PUT", "/b/k?partNumber=4&uploadId="+id, "late")
	w.want(204, "", "DELETE", "/b/k?uploadId="+id, "")
	w.wantBody("/b/k", one+three)
	w.put("/b/k", "new")
	w.want(404, "NoSuchUpload", "POST", "/b/k?uploadId="+id, partList(e1, "", e3))
	w.want(204, "", "DELETE", "/b/k?uploadId="+id, "")
	equal(t, "blobs at the end", w.files("blobs"), 0)
}

// Rules: S3-143
func TestACompletionThatFailsLeavesTheUploadAndTheOldObject(t *testing.T) {
	w := start(t)
	w.put("/b/k", "old")
	id := w.begin("/b/k")
	small, big := w.part("/b/k", id, 1, "small"), w.part("/b/k", id, 2, pattern(5*mib))
	many := strings.Repeat("<Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>", 10001)
	for _, test := range []struct{ code, body string }{
		{"MalformedXML", "no xml"},
		{"MalformedXML", ""},
		{"MalformedXML", partList(big) + partList(big)},
		{"MalformedXML", "<!DOCTYPE x>" + partList(small)},
		{"MalformedXML", strings.ReplaceAll(partList(small), "ETag>", "Etag>")},
		{"MalformedXML", strings.ReplaceAll(partList(small), "<ETag>", "<ETag><!-- -->")},
		{"MalformedXML", strings.Replace(partList(small), "<ETag>", "<PartNumber>1</PartNumber><ETag>", 1)},
		{"MalformedXML", `<CompleteMultipartUpload xmlns="http://example.com/">` + partList(small)[25:]},
		{"InvalidRequest", "<CompleteMultipartUpload></CompleteMultipartUpload>"},
		{"InvalidArgument", "<CompleteMultipartUpload>" + many + "</CompleteMultipartUpload>"},
		{"InvalidPartOrder", strings.Replace(partList(small, big), "<PartNumber>1<", "<PartNumber>2<", 1)},
		{"InvalidPart", partList(big)},
		{"InvalidPart", partList("", "", small)},
		{"EntityTooSmall", partList(small, big)},
	} {
		w.want(400, test.code, "POST", "/b/k?uploadId="+id, test.body)
	}
	w.want(400, "InvalidRequest", "POST", "/b/k?uploadId="+id, partList("", big), "X-Amz-Mp-Object-Size", "7")
	w.want(400, "BadDigest", "POST", "/b/k?uploadId="+id, partList("", big), "X-Amz-Checksum-Crc64nvme", sigv4.CRC64NVME.Encode(make([]byte, 8)))
	w.want(412, "PreconditionFailed", "POST", "/b/k?uploadId="+id, partList("", big), "If-Match", `"no"`)
	w.wantBody("/b/k", "old")
	w.now = w.now.Add(time.Second)
	w.put("/b/k", "changed")
	w.want(409, "ConditionalRequestConflict", "POST", "/b/k?uploadId="+id, partList("", big), "If-None-Match", "*")
	w.want(200, "", "POST", "/b/k?uploadId="+id, `<?xml version="1.0"?>`+partList("", big), "X-Amz-Mp-Object-Size", fmt.Sprint(5*mib))
	w.wantBody("/b/k", pattern(5*mib))
}

// Rules: TH-65 S3-50
func TestAnUploadIDIsGoodForItsBucketAndKeyOnly(t *testing.T) {
	w := start(t)
	id := w.begin("/b/k")
	etag := w.part("/b/k", id, 1, "one")
	for _, target := range []string{"/b/other", "/b/k/", "/b2/k", "/b/K"} {
		for _, call := range [][2]string{
			{"PUT", target + "?partNumber=1&uploadId=" + id},
			{"GET", target + "?uploadId=" + id},
			{"POST", target + "?uploadId=" + id},
			{"DELETE", target + "?uploadId=" + id},
		} {
			w.want(404, "NoSuchUpload", call[0], call[1], partList(etag))
		}
	}
	for _, other := range []string{"", "x", strings.ToUpper(id), id + "00", id[2:], "0" + id[1:], "../" + id} {
		if other == id {
			continue
		}
		w.want(404, "NoSuchUpload", "PUT", "/b/k?partNumber=1&uploadId="+other, "evil")
		w.want(404, "NoSuchUpload", "DELETE", "/b/k?uploadId="+other, "")
	}
	w.ids["b"] = "another id of the same name"
	w.want(404, "NoSuchUpload", "POST", "/b/k?uploadId="+id, partList(etag))
	delete(w.ids, "b")
	w.want(200, "", "POST", "/b/k?uploadId="+id, partList(etag))
	w.wantBody("/b/k", "one")
}

// Rules: S3-140 S3-141 S3-143 S3-104 S3-115 S3-146
func TestCompositeChecksums(t *testing.T) {
	w := start(t)
	for _, headers := range [][]string{
		{"X-Amz-Checksum-Algorithm", "CRC64NVME", "X-Amz-Checksum-Type", "COMPOSITE"},
		{"X-Amz-Checksum-Algorithm", "SHA1", "X-Amz-Checksum-Type", "FULL_OBJECT"},
		{"X-Amz-Checksum-Type", "FULL_OBJECT"},
		{"X-Amz-Checksum-Algorithm", "ROT13"},
	} {
		w.want(400, "InvalidRequest", "POST", "/b/k?uploads", "", headers...)
	}
	one, two := pattern(5*mib), pattern(10)
	id := w.begin("/b/k", "X-Amz-Checksum-Algorithm", "SHA256")
	sum1, sum2 := sumOf(sigv4.SHA256, one), sumOf(sigv4.SHA256, two)
	e1 := w.part("/b/k", id, 1, one, "X-Amz-Checksum-Sha256", sigv4.SHA256.Encode(sum1))
	w.want(400, "BadDigest", "PUT", "/b/k?partNumber=1&uploadId="+id, two, "X-Amz-Checksum-Sha256", sigv4.SHA256.Encode(sum1))
	a := w.want(400, "InvalidRequest", "PUT", "/b/k?partNumber=1&uploadId="+id, two, "X-Amz-Checksum-Crc32", "AAAAAA==")
	equal(t, "message", a.element("Message"), "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32")
	e2 := w.part("/b/k", id, 2, two)
	list := w.want(200, "", "GET", "/b/k?uploadId="+id, "")
	equal(t, "parts", fmt.Sprint(list.elements("PartNumber"), list.elements("Size"), list.elements("ChecksumSHA256"), list.element("ChecksumType")),
		fmt.Sprint("[1 2] [5242880 10] [", sigv4.SHA256.Encode(sum1), " ", sigv4.SHA256.Encode(sum2), "]COMPOSITE"))
	w.want(400, "InvalidRequest", "POST", "/b/k?uploadId="+id, partList(e1, e2))
	with := strings.Replace(partList(e1, e2), "</Part>", "<ChecksumSHA256>"+sigv4.SHA256.Encode(sum1)+"</ChecksumSHA256></Part>", 1)
	i := strings.LastIndex(with, "</Part>")
	w.want(400, "InvalidPart", "POST", "/b/k?uploadId="+id, with[:i]+"<ChecksumSHA256>x</ChecksumSHA256>"+with[i:])
	a = w.want(200, "", "POST", "/b/k?uploadId="+id, with[:i]+"<ChecksumSHA256>"+sigv4.SHA256.Encode(sum2)+"</ChecksumSHA256>"+with[i:])
	want := sigv4.SHA256.Encode(sumOf(sigv4.SHA256, string(sum1)+string(sum2))) + "-2"
	equal(t, "composite", a.element("ChecksumSHA256")+a.element("ChecksumType"), want+"COMPOSITE")
	head := w.want(200, "", "HEAD", "/b/k", "", "X-Amz-Checksum-Mode", "ENABLED")
	equal(t, "on HEAD", head.header.Get("X-Amz-Checksum-Sha256"), want)
	part := w.want(206, "", "HEAD", "/b/k?partNumber=2", "", "X-Amz-Checksum-Mode", "ENABLED")
	equal(t, "of a part", part.header.Get("X-Amz-Checksum-Sha256"), sigv4.SHA256.Encode(sum2))
	attr := w.want(200, "", "GET", "/b/k?attributes", "", "X-Amz-Object-Attributes", "ObjectParts", "X-Amz-Max-Parts", "1")
	equal(t, "attributes", fmt.Sprint(attr.elements("PartNumber"), attr.element("NextPartNumberMarker"), attr.element("IsTruncated")), "[1]1true")

	id = w.begin("/b/full", "X-Amz-Checksum-Algorithm", "CRC32C", "X-Amz-Checksum-Type", "FULL_OBJECT")
	e1, e2 = w.part("/b/full", id, 1, one), w.part("/b/full", id, 2, two)
	a = w.want(200, "", "POST", "/b/full?uploadId="+id, partList(e1, e2))
	equal(t, "full object", a.element("ChecksumCRC32C"), sigv4.CRC32C.Encode(sumOf(sigv4.CRC32C, one+two)))
	equal(t, "full object on HEAD", w.do("HEAD", "/b/full", "", "X-Amz-Checksum-Mode", "ENABLED").header.Get("X-Amz-Checksum-Crc32c"),
		sigv4.CRC32C.Encode(sumOf(sigv4.CRC32C, one+two)))

	id = w.begin("/b/any") // begun without an algorithm: parts may have any
	crc := sigv4.CRC32.Encode(sumOf(sigv4.CRC32, two))
	w.part("/b/any", id, 1, two, "X-Amz-Checksum-Crc32", crc)
	w.want(400, "BadDigest", "PUT", "/b/any?partNumber=1&uploadId="+id, "other", "X-Amz-Checksum-Crc32", crc)
	w.want(200, "", "POST", "/b/any?uploadId="+id, partList(quotedMD5(two)))
	w.wantBody("/b/any", two)
}

// Rules: S3-141 S3-144
func TestPartsAndAborts(t *testing.T) {
	w := start(t)
	id := w.begin("/b/k")
	first := id
	for _, number := range []string{"0", "10001", "-1", "x"} {
		w.want(400, "InvalidArgument", "PUT", "/b/k?partNumber="+number+"&uploadId="+id, "x")
	}
	w.part("/b/k", id, 1, "kept")
	w.want(400, "BadDigest", "PUT", "/b/k?partNumber=1&uploadId="+id, "x", "Content-MD5", base64.StdEncoding.EncodeToString(make([]byte, 16)))
	w.want(404, "NoSuchUpload", "PUT", "/b/k?partNumber=1&uploadId=gone", "x", "Content-MD5", "bad")
	equal(t, "the old part is there", w.do("GET", "/b/k?uploadId="+id, "").element("ETag"), quotedMD5("kept"))

	// A part on its way loses against an abort.
	for _, text := range []string{"late", pattern(100 << 10)} {
		id = w.begin("/b/k")
		w.part("/b/k", id, 1, "kept")
		finish := w.later("/b/k?partNumber=2&uploadId="+id, text)
		w.want(204, "", "DELETE", "/b/k?uploadId="+id, "")
		a := finish()
		equal(t, "late part", fmt.Sprint(a.status, " ", a.code()), "404 NoSuchUpload")
	}
	w.want(204, "", "DELETE", "/b/k?uploadId="+first, "")
	w.want(204, "", "DELETE", "/b/k?uploadId="+id, "")
	w.want(404, "NoSuchUpload", "GET", "/b/k?uploadId="+id, "")
	equal(t, "blobs left", w.files("blobs"), 0)
}
