package objects_test

import (
	"bufio"
	"crypto/md5"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/sigv4"
)

func quotedMD5(s string) string {
	sum := md5.Sum([]byte(s))
	return `"` + hex.EncodeToString(sum[:]) + `"`
}

// Rules: S3-17 S3-100 S3-101 S3-102 S3-103 S3-104 S3-112
func TestWhatWasPutIsGot(t *testing.T) {
	w := start(t)
	for _, size := range []int{0, 1, 1024, 16 << 10, 16<<10 + 1, 300 << 10, 1 << 20} {
		body := pattern(size)
		target := fmt.Sprintf("/b/size-%d", size)
		a := w.put(target, body, "X-Amz-Meta-Color", "blue", "X-Amz-Meta-Color", "green", "Cache-Control", "no-cache",
			"Content-Encoding", "aws-chunked, br", "Expires", "never")
		equal(t, "ETag of put", a.header.Get("Etag"), quotedMD5(body))
		equal(t, "no body", a.body+a.header.Get("Content-Type"), "")
		h := sigv4.CRC64NVME.New()
		_, _ = h.Write([]byte(body))
		sum := sigv4.CRC64NVME.Encode(h.Sum(nil))
		equal(t, "checksum of put", a.header.Get("X-Amz-Checksum-Crc64nvme"), sum)
		equal(t, "checksum type", a.header.Get("X-Amz-Checksum-Type"), "FULL_OBJECT")

		got := w.wantBody(target, body)
		for name, want := range map[string]string{
			"Etag": quotedMD5(body), "Content-Type": "binary/octet-stream", "Cache-Control": "no-cache",
			"Content-Encoding": "br", "Expires": "never", "X-Amz-Meta-Color": "blue,green",
			"Last-Modified": "Mon, 04 May 2026 03:02:01 GMT", "Accept-Ranges": "bytes",
			"X-Amz-Server-Side-Encryption": "AES256", "X-Amz-Checksum-Crc64nvme": "", "X-Amz-Version-Id": "",
			"X-Amz-Request-Id": "REQ", "X-Amz-Id-2": "HOST", "X-Amz-Storage-Class": "",
		} {
			equal(t, name, got.header.Get(name), want)
		}
		head := w.want(200, "", "HEAD", target, "", "X-Amz-Checksum-Mode", "ENABLED")
		equal(t, "Content-Length", head.header.Get("Content-Length"), fmt.Sprint(size))
		equal(t, "checksum on demand", head.header.Get("X-Amz-Checksum-Crc64nvme"), sum)
		equal(t, "body of HEAD", head.body, "")
	}
}

// Rules: S3-100
func TestUserMetadataIsLowerCaseOnTheWire(t *testing.T) {
	w := start(t)
	w.put("/b/k", "x", "X-Amz-Meta-MiXed", "v", "X-Amz-Meta-Word", "=?UTF-8?B?w7xiZXI=?=")
	conn, err := net.Dial("tcp", w.srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "GET /b/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
	raw, err := io.ReadAll(conn)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\r\nx-amz-meta-mixed: v\r\n", "\r\nx-amz-meta-word: =?UTF-8?q?=C3=BCber?=\r\n"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("answer lacks %q:\n%s", want, raw)
		}
	}
	long := strings.Repeat("x", 2049)
	w.want(400, "MetadataTooLarge", "PUT", "/b/k", "", "X-Amz-Meta-A", long)
	w.wantBody("/b/k", "x")
}

// Rules: S3-2 S3-3
func TestHostileKeysStayTheirOwn(t *testing.T) {
	w := start(t)
	keys := []string{
		"s/x", "s//x", "/s/x", "s/./x", "q/../s/x", "a", "a/b", "a/", "n/", "..", ".", "%2E%2E/s/x", "s/x/", "S/x",
		strings.Repeat("k", 1024), strings.Repeat("d/", 512), "%00"[1:], "\x01", "a\nb", "e\u0301", "\u00e9", "%", "+", " ", "?", "#",
		"~", "\U0010FFFF", "a\x7f",
	}
	for i, key := range keys {
		w.put("/b/"+escape(key), fmt.Sprintf("%d %q", i, key))
	}
	for i, key := range keys {
		w.wantBody("/b/"+escape(key), fmt.Sprintf("%d %q", i, key))
	}
	a := w.do("GET", "/b?list-type=2&encoding-type=url", "")
	equal(t, "listed", len(a.elements("Key")), len(keys))
	for _, key := range keys {
		w.want(204, "", "DELETE", "/b/"+escape(key), "")
		w.want(404, "NoSuchKey", "GET", "/b/"+escape(key), "")
	}
	if empty, _, err := w.store.Empty("b"); err != nil || !empty {
		t.Errorf("Empty after all were deleted: %v, %v", empty, err)
	}
}

func escape(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; c == '/' || c == '.' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// Rules: S3-4 S3-5
func TestKeysThatCannotBe(t *testing.T) {
	w := start(t)
	w.want(400, "InvalidURI", "PUT", "/b/a%00b", "x")
	w.want(400, "KeyTooLongError", "PUT", "/b/"+strings.Repeat("k", 1025), "x")
	equal(t, "left in the bucket", len(w.do("GET", "/b?list-type=2", "").elements("Key")), 0)
}

// Rules: S3-37 S3-97 S3-103
func TestDigestsAreHeldAgainstTheBody(t *testing.T) {
	w := start(t)
	w.put("/b/k", "old")
	good := md5.Sum([]byte("new"))
	goodMD5 := base64.StdEncoding.EncodeToString(good[:])
	h := sigv4.SHA256.New()
	_, _ = h.Write([]byte("new"))
	goodSHA := sigv4.SHA256.Encode(h.Sum(nil))
	for _, test := range []struct {
		code    string
		headers []string
	}{
		{"BadDigest", []string{"Content-MD5", base64.StdEncoding.EncodeToString(make([]byte, 16))}},
		{"InvalidDigest", []string{"Content-MD5", "zz"}},
		{"InvalidDigest", []string{"Content-MD5", base64.StdEncoding.EncodeToString(good[:15])}},
		{"InvalidDigest", []string{"Content-MD5", ""}},
		{"BadDigest", []string{"X-Amz-Checksum-Sha256", sigv4.SHA256.Encode(make([]byte, 32))}},
		{"InvalidRequest", []string{"X-Amz-Checksum-Sha256", "short"}},
		{"InvalidRequest", []string{"X-Amz-Checksum-Sha256", goodSHA, "X-Amz-Checksum-Crc32", "AAAAAA=="}},
		{"XAmzContentSHA256Mismatch", []string{"Test-Body-Error", "1"}},
	} {
		for _, size := range []string{"new", strings.Repeat("n", 20<<10)} {
			w.want(400, test.code, "PUT", "/b/k", size, test.headers...)
		}
	}
	a := w.send("PUT", "/b/k", io.MultiReader(strings.NewReader("new"))) // chunked
	equal(t, "answer to a body without length", fmt.Sprint(a.status, " ", a.code()), "411 MissingContentLength")
	w.wantBody("/b/k", "old")
	equal(t, "blobs left", w.files("blobs"), 0)

	a = w.put("/b/k", "new", "Content-MD5", goodMD5, "X-Amz-Checksum-Sha256", goodSHA)
	equal(t, "checksum", a.header.Get("X-Amz-Checksum-Sha256"), goodSHA)
	equal(t, "no second checksum", a.header.Get("X-Amz-Checksum-Crc64nvme"), "")
}

// Rules: S3-37 S3-102
func TestACutOffUploadLeavesNothing(t *testing.T) {
	w := start(t)
	w.put("/b/k", "old")
	for _, announced := range []int{100, 100 << 10} {
		conn, err := net.Dial("tcp", w.srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n%s", announced, pattern(announced/2))
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil { // half closed
			t.Fatal(err)
		}
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "status", res.StatusCode, 400)
		raw, _ := io.ReadAll(res.Body)
		equal(t, "code", answer{body: string(raw)}.code(), "IncompleteBody")
		_ = conn.Close()
	}
	w.wantBody("/b/k", "old")
	equal(t, "blobs left", w.files("blobs"), 0)
}

// Rules: S3-18
func TestExpectWithAnEmptyBodyIsAnswered(t *testing.T) {
	w := start(t)
	conn, err := net.Dial("tcp", w.srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n")
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "first line", line, "HTTP/1.1 100 Continue\r\n")
}

// Rules: S3-105
func TestReadConditions(t *testing.T) {
	w := start(t)
	w.put("/b/k", "body")
	etag, other := quotedMD5("body"), quotedMD5("other")
	const before, same, after = "Mon, 04 May 2026 03:02:00 GMT", "Mon, 04 May 2026 03:02:01 GMT", "Mon, 04 May 2026 03:02:02 GMT"
	w.now = w.now.Add(time.Hour)
	for _, test := range []struct {
		status  int
		headers []string
	}{
		{200, []string{"If-Match", etag}},
		{200, []string{"If-Match", "*"}},
		{200, []string{"If-Match", strings.Trim(etag, `"`)}},
		{200, []string{"If-Match", other + ", " + etag}},
		{412, []string{"If-Match", other}},
		{412, []string{"If-Match", ""}},
		{200, []string{"If-Match", etag, "If-Unmodified-Since", before}},
		{412, []string{"If-Unmodified-Since", before}},
		{200, []string{"If-Unmodified-Since", same}},
		{304, []string{"If-None-Match", etag}},
		{304, []string{"If-None-Match", "*"}},
		{200, []string{"If-None-Match", other}},
		{200, []string{"If-None-Match", other, "If-Modified-Since", after}},
		{304, []string{"If-Modified-Since", same}},
		{304, []string{"If-Modified-Since", after}},
		{200, []string{"If-Modified-Since", before}},
		{200, []string{"If-Modified-Since", "Mon, 04 May 2099 03:02:02 GMT"}},
		{200, []string{"If-Modified-Since", "yesterday"}},
		{412, []string{"If-Match", other, "If-None-Match", etag}},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			a := w.want(test.status, "", method, "/b/k", "", test.headers...)
			if test.status == 304 {
				equal(t, "body of 304", a.body+a.header.Get("Content-Type"), "")
				equal(t, "ETag of 304", a.header.Get("Etag"), etag)
			}
			if test.status == 412 && method == "GET" && a.element("Condition") == "" {
				t.Errorf("%v: no Condition in %s", test.headers, a.body)
			}
		}
	}
	w.want(404, "NoSuchKey", "GET", "/b/none", "", "If-None-Match", "*")
}

// Rules: S3-106 S3-107
func TestWriteConditions(t *testing.T) {
	w := start(t)
	w.want(404, "NoSuchKey", "PUT", "/b/k", "1", "If-Match", `"x"`)
	w.want(200, "", "PUT", "/b/k", "1", "If-None-Match", "*")
	w.want(412, "PreconditionFailed", "PUT", "/b/k", "2", "If-None-Match", "*")
	w.want(501, "NotImplemented", "PUT", "/b/k", "2", "If-None-Match", quotedMD5("1"))
	w.want(501, "NotImplemented", "PUT", "/b/k", "2", "If-None-Match", "*", "If-Match", quotedMD5("1"))
	w.want(501, "NotImplemented", "PUT", "/b/k", "2", "If-Match", "*")
	w.want(412, "PreconditionFailed", "PUT", "/b/k", "2", "If-Match", quotedMD5("2"))
	w.wantBody("/b/k", "1")
	w.want(200, "", "PUT", "/b/k", "2", "If-Match", quotedMD5("1"))
	w.wantBody("/b/k", "2")
	w.want(412, "PreconditionFailed", "DELETE", "/b/k", "", "If-Match", quotedMD5("1"))
	w.want(404, "NoSuchKey", "DELETE", "/b/none", "", "If-Match", "*")
	w.want(501, "NotImplemented", "DELETE", "/b/k", "", "X-Amz-If-Match-Size", "1")
	w.want(501, "NotImplemented", "DELETE", "/b/k", "", "X-Amz-If-Match-Last-Modified-Time", "x")
	w.want(204, "", "DELETE", "/b/k", "", "If-Match", quotedMD5("2"))
	w.want(404, "NoSuchKey", "GET", "/b/k", "")
	w.want(204, "", "DELETE", "/b/k", "")
}

// Rules: S3-39 S3-110 TH-67
func TestAnswerHeadersAreOverriddenBySignedCallersOnly(t *testing.T) {
	w := start(t)
	w.put("/b/k", "x", "Content-Type", "text/plain")
	q := "/b/k?response-content-type=text%2Fhtml&response-expires=soon&response-cache-control=c&response-content-language=l" +
		"&response-content-encoding=e&response-content-disposition=%C3%BC"
	a := w.want(200, "", "GET", q, "")
	equal(t, "overridden", strings.Join([]string{
		a.header.Get("Content-Type"), a.header.Get("Expires"), a.header.Get("Cache-Control"),
		a.header.Get("Content-Language"), a.header.Get("Content-Encoding"), a.header.Get("Content-Disposition"),
	}, " "), "text/html soon c l e \xfc")
	a = w.want(400, "InvalidRequest", "GET", "/b/k?response-content-type=text%2Fhtml", "", "Test-Anonymous", "1")
	equal(t, "message", a.element("Message"), "Request specific response headers cannot be used for anonymous GET requests.")
	for _, value := range []string{"a%0D%0AX-Evil:%201", "a%0Ab", "%00", "%E2%82%AC"} {
		a = w.want(400, "InvalidArgument", "GET", "/b/k?response-content-type="+value, "")
		equal(t, "smuggled", a.header.Get("X-Evil"), "")
	}
}

// Rules: TH-67 S3-111 S3-112 S3-100
func TestWhatCannotBeKeptIsRefusedWhenWritten(t *testing.T) {
	w := start(t)
	for _, test := range []struct {
		code    string
		headers []string
	}{
		{"InvalidStorageClass", []string{"X-Amz-Storage-Class", "OUTPOSTS"}},
		{"InvalidStorageClass", []string{"X-Amz-Storage-Class", ""}},
		{"InvalidEncryptionAlgorithmError", []string{"X-Amz-Server-Side-Encryption", "ROT13"}},
		{"InvalidArgument", []string{"X-Amz-Server-Side-Encryption", "AES256", "X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "k"}},
		{"InvalidRedirectLocation", []string{"X-Amz-Website-Redirect-Location", "ftp://x"}},
		{"InvalidRequest", []string{"X-Amz-Object-Lock-Mode", "GOVERNANCE"}},
		{"InvalidArgument", []string{"X-Amz-Tagging", "a=1&a=2"}},
		{"InvalidArgument", []string{"X-Amz-Tagging", "%zz=1"}},
		{"InvalidTag", []string{"X-Amz-Tagging", "aws:a=1"}},
		{"BadRequest", []string{"X-Amz-Tagging", "a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k="}},
		{"InvalidArgument", []string{"X-Amz-Meta-A", "=?UTF-8?Q?a=0D=0AX-Evil:_1?="}},
	} {
		w.want(400, test.code, "PUT", "/b/k", "x", test.headers...)
	}
	w.want(501, "NotImplemented", "PUT", "/b/k", "x", "X-Amz-Server-Side-Encryption-Customer-Algorithm", "AES256")
	w.want(404, "NoSuchKey", "GET", "/b/k", "")

	w.put("/b/k", "x", "X-Amz-Storage-Class", "STANDARD_IA", "X-Amz-Server-Side-Encryption", "aws:kms",
		"X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", "arn:k", "X-Amz-Website-Redirect-Location", "/there", "X-Amz-Tagging", "a=1&b=2")
	a := w.wantBody("/b/k", "x")
	equal(t, "echo", strings.Join([]string{
		a.header.Get("X-Amz-Storage-Class"), a.header.Get("X-Amz-Server-Side-Encryption"),
		a.header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"), a.header.Get("X-Amz-Website-Redirect-Location"),
		a.header.Get("X-Amz-Tagging-Count"),
	}, " "), "STANDARD_IA aws:kms arn:k /there 2")
	w.put("/b/cold", "x", "X-Amz-Storage-Class", "GLACIER")
	w.want(403, "InvalidObjectState", "GET", "/b/cold", "")
	w.want(200, "", "HEAD", "/b/cold", "")
}

// Rules: S3-45 S3-46
func TestWhoMayNotListIsNotToldWhatIsMissing(t *testing.T) {
	w := start(t)
	w.put("/b/k", "x")
	w.mayList = func() *s3err.Error { return s3err.AccessDeniedf("not s3:ListBucket") }
	for _, call := range [][2]string{
		{"GET", "/b/none"},
		{"HEAD", "/b/none"},
		{"GET", "/b/none?tagging"},
		{"PUT", "/b/none?tagging"},
		{"DELETE", "/b/none?tagging"},
		{"GET", "/b/none?attributes"},
	} {
		body, headers := "", []string{"X-Amz-Object-Attributes", "ETag"}
		if call[0] == "PUT" {
			body = "<Tagging><TagSet/></Tagging>"
			sum := md5.Sum([]byte(body))
			headers = append(headers, "Content-MD5", base64.StdEncoding.EncodeToString(sum[:]))
		}
		a := w.want(403, "AccessDenied", call[0], call[1], body, headers...)
		if call[0] != "HEAD" {
			equal(t, "message", a.element("Message"), "not s3:ListBucket")
		} else {
			equal(t, "body of HEAD", a.body, "")
		}
	}
	w.want(403, "AccessDenied", "PUT", "/b/copy", "", "X-Amz-Copy-Source", "/b/none")
	w.wantBody("/b/k", "x")
	w.mayList = nil // nobody said: refused
	w.want(403, "AccessDenied", "GET", "/b/none", "")
}

// Rules: S3-190 S3-17
func TestWhatIsNotThereIsNotImplemented(t *testing.T) {
	w := start(t)
	a := w.want(501, "NotImplemented", "GET", "/b/k", "", "Test-Operation", "SelectObjectContent")
	if !strings.HasPrefix(a.body, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<Error><Code>NotImplemented</Code>") ||
		!strings.HasSuffix(a.body, "<RequestId>REQ</RequestId><HostId>HOST</HostId></Error>") {
		t.Errorf("document: %s", a.body)
	}
	equal(t, "Content-Type", a.header.Get("Content-Type"), "application/xml")
}

// Rules: TH-89
func TestTheHeadersOfTheOutsideSurviveEveryAnswer(t *testing.T) {
	w := start(t)
	w.put("/b/k", pattern(100))
	w.put("/b/big", pattern(100<<10))
	seen := map[int]bool{}
	for _, method := range []string{"GET", "HEAD"} {
		for _, key := range []string{"k", "big", "none"} {
			for _, headers := range [][]string{
				nil,
				{"Range", "bytes=1-2"},
				{"Range", "bytes=900000-"},
				{"If-None-Match", "*"},
				{"If-Match", "x"},
				{"Test-Operation", "Nothing"},
			} {
				a := w.do(method, "/b/"+key, "", headers...)
				seen[a.status] = true
				equal(t, fmt.Sprintf("policies of %d", a.status),
					a.header.Get("Content-Security-Policy")+a.header.Get("Referrer-Policy"), "sandboxno-referrer")
			}
		}
	}
	for _, status := range []int{200, 206, 304, 404, 412, 416, 501} {
		if !seen[status] {
			t.Errorf("status %d was not met", status)
		}
	}
}

// Rules: TH-109
func TestTheDirectoryIsTheOwnersOnly(t *testing.T) {
	w := start(t)
	w.put("/b/big", pattern(100<<10))
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := os.FileMode(0o400)
		switch {
		case d.IsDir():
			want = 0o700
		case d.Name() == "index.db":
			want = 0o600
		}
		equal(t, path, info.Mode().Perm(), want)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := objects.Open(w.dir, objects.Options{OpenTimeout: time.Millisecond}); err == nil {
		t.Error("a second process may open the store")
	}
}
