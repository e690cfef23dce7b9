package gateway_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/sigv4"
)

// chunked returns a signed streaming upload; break its body to see it refused.
func (w *world) chunked(actor, target, body, payload string, checksum sigv4.Checksum, spoil func([]byte) []byte) *answer {
	w.t.Helper()
	r := w.newRequest("PUT", target, request{})
	r.Header.Set("X-Amz-Decoded-Content-Length", fmt.Sprint(len(body)))
	r.Header.Set("Content-Encoding", "aws-chunked")
	if checksum != "" {
		r.Header.Set("X-Amz-Trailer", checksum.Header())
		r.Header.Set("X-Amz-Sdk-Checksum-Algorithm", string(checksum))
	}
	o := w.signOptions(payload)
	seed, err := sigv4.SignHeader(r, w.actors[actor], o)
	check(w.t, err)
	var raw bytes.Buffer
	cw, err := sigv4.NewChunkWriter(&raw, w.actors[actor], o, seed, 64<<10, checksum)
	check(w.t, err)
	_, err = io.WriteString(cw, body)
	check(w.t, err)
	check(w.t, cw.Close())
	sent := raw.Bytes()
	if spoil != nil {
		sent = spoil(sent)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(sent)), int64(len(sent))
	return w.send(r, actor)
}

// Rules: S3-25 S3-36 S3-37 TH-10 TH-11
func TestEveryWayToSendABody(t *testing.T) {
	w := newWorld(t)
	w.user("alice", prod, identityPolicy("s3:*", "*"))
	w.user("bob", prod, "")
	w.bucket("prod", "b-body", statement("Allow", `"*"`, "s3:PutObject", "arn:aws:s3:::b-body/open", ""))
	big := strings.Repeat("0123456789abcdef", 10_000)
	modes := []struct {
		payload  string
		checksum sigv4.Checksum
	}{
		{sigv4.StreamingSigned, ""},
		{sigv4.StreamingSignedTrailer, sigv4.CRC32},
		{sigv4.StreamingUnsignedTrailer, sigv4.CRC64NVME},
		{sigv4.StreamingUnsignedTrailer, sigv4.SHA256},
	}
	wrong := w.actors["alice"]
	wrong.SecretAccessKey += "x"
	w.actors["wrong"] = wrong
	for i, m := range modes {
		key := fmt.Sprintf("/b-body/k%d", i)
		for _, body := range []string{"", "small", big} {
			w.chunked("alice", key, body, m.payload, m.checksum, nil).is(200)
			if got := w.get("alice", key).is(200).body; got != body {
				t.Fatalf("%s: %d bytes of %d", m.payload, len(got), len(body))
			}
		}
		w.do("alice", "DELETE", key, request{}).is(204)
		// The mode chooses a reader and nothing else (TH-10).
		w.chunked("wrong", key, "small", m.payload, m.checksum, nil).fails(403, "SignatureDoesNotMatch")
		w.chunked("bob", key, "small", m.payload, m.checksum, nil).fails(403, "AccessDenied")
		r := w.newRequest("POST", "/b-body?delete", request{})
		_, err := sigv4.SignHeader(r, w.actors["alice"], w.signOptions(m.payload))
		check(t, err)
		w.send(r, "alice").fails(400, "InvalidRequest", "The value of x-amz-content-sha256 header is invalid.")
		// Whatever is changed on the way, nothing is stored (TH-11).
		for name, spoil := range map[string]func([]byte) []byte{
			"cut":       func(b []byte) []byte { return b[:len(b)-3] },
			"no end":    func(b []byte) []byte { return b[:bytes.LastIndex(b, []byte("\r\n0"))+2] },
			"more":      func(b []byte) []byte { return append(b, "1\r\nx\r\n"...) },
			"flipped":   func(b []byte) []byte { return bytes.Replace(b, []byte("9abc"), []byte("9abd"), 1) },
			"truncated": func(b []byte) []byte { return b[:len(b)/2] },
		} {
			if a := w.chunked("alice", key, big, m.payload, m.checksum, spoil); a.status < 400 || a.status > 499 {
				t.Errorf("%s, %s: %d %s", m.payload, name, a.status, a.body)
			}
			w.get("alice", key).fails(404, "NoSuchKey")
		}
	}
	w.do("alice", "PUT", "/b-body/u", request{body: "plain", payload: sigv4.UnsignedPayload}).is(200)
	w.get("alice", "/b-body/u").says("plain")
	w.do("alice", "PUT", "/b-body/x", request{body: "plain", payload: hashOf("other")}).fails(400, "XAmzContentSHA256Mismatch")
	w.do("alice", "PUT", "/b-body/x", request{body: "plain", payload: "nonsense"}).fails(400, "InvalidArgument")
	w.do("alice", "PUT", "/b-body/x", request{body: "plain", edit: func(r *http.Request) { r.Header.Del("X-Amz-Content-Sha256") }}).fails(400, "InvalidRequest")
	w.do("alice", "PUT", "/b-body/x", request{body: "plain", header: []string{"X-Amz-Checksum-Crc32", "AAAAAA=="}}).fails(400, "BadDigest")
	w.do("alice", "PUT", "/b-body/x", request{body: "plain", header: []string{"Content-Md5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}).fails(400, "BadDigest")
	w.do("alice", "PUT", "/b-body/x", request{body: "plain", edit: func(r *http.Request) { r.ContentLength = -1 }}).fails(411, "MissingContentLength")
	w.get("alice", "/b-body/x").fails(404, "NoSuchKey")
	w.do("", "PUT", "/b-body/open", request{body: "x", header: []string{"X-Amz-Content-Sha256", sigv4.StreamingSigned}}).fails(400, "InvalidRequest")
	w.do("alice", "GET", "/b-body/u", request{body: "not read"}).fails(400, "UnexpectedContent")
	w.do("alice", "GET", "/b-body/u", request{payload: hashOf("other")}).fails(400, "XAmzContentSHA256Mismatch")
	w.do("alice", "GET", "/b-body/u", request{header: []string{"X-Amz-Meta-Long", strings.Repeat("x", 9000)}}).fails(400, "RequestHeaderSectionTooLarge")
}

// Rules: S3-18 S3-37 S3-41
func TestUploadsThatNeverEnd(t *testing.T) {
	w := newWorld(t)
	w.user("bob", prod, "")
	w.bucket("prod", "b-half", "")
	open := func(actor string, length int, header ...string) (net.Conn, *bufio.Reader) {
		t.Helper()
		r := w.newRequest("PUT", "/b-half/k", request{})
		_, err := sigv4.SignHeader(r, w.actors[actor], w.signOptions(sigv4.UnsignedPayload))
		check(t, err)
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", r.URL.Host)
		check(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		head := "PUT /b-half/k HTTP/1.1\r\nHost: " + r.URL.Host + "\r\nContent-Length: " + fmt.Sprint(length) + "\r\n"
		for name, values := range r.Header {
			head += name + ": " + values[0] + "\r\n"
		}
		_, err = io.WriteString(conn, head+strings.Join(header, "\r\n")+"\r\n\r\n")
		check(t, err)
		return conn, bufio.NewReader(conn)
	}
	status := func(r *bufio.Reader) int {
		t.Helper()
		res, err := http.ReadResponse(r, nil)
		check(t, err)
		_, err = io.Copy(io.Discard, res.Body)
		check(t, err)
		return res.StatusCode
	}
	const expect = "Expect: 100-continue"
	// Who may not is told so before anything is sent, and the connection ends.
	_, in := open("bob", 1<<30, expect)
	if got := status(in); got != 403 {
		t.Errorf("refused with %d", got)
	}
	if _, err := in.ReadByte(); err == nil {
		t.Error("the connection is open after a refusal")
	}
	// Who may is asked for the body, and a client that goes leaves nothing.
	conn, in := open("prod", 10, expect)
	if got := status(in); got != 100 {
		t.Fatalf("asked with %d", got)
	}
	_, err := io.WriteString(conn, "half")
	check(t, err)
	check(t, conn.(*net.TCPConn).CloseWrite())
	if got := status(in); got != 400 {
		t.Errorf("a half upload is answered with %d", got)
	}
	w.get("prod", "/b-half/k").fails(404, "NoSuchKey")
	conn, in = open("prod", 5, expect)
	if got := status(in); got != 100 {
		t.Fatalf("asked with %d", got)
	}
	_, err = io.WriteString(conn, "whole")
	check(t, err)
	if got := status(in); got != 200 {
		t.Errorf("a whole upload is answered with %d", got)
	}
	w.get("prod", "/b-half/k").says("whole")
	// An empty body gets its 100 too, and the connection goes on.
	_, in = open("prod", 0, expect)
	if got := status(in); got != 100 {
		t.Errorf("an empty upload is asked with %d", got)
	}
	if got := status(in); got != 200 {
		t.Errorf("an empty upload is answered with %d", got)
	}
}

// Rules: S3-20 S3-26 S3-27 S3-28 S3-29 WI-30 WI-34 TH-9 TH-15 TH-66
func TestPresignedURLs(t *testing.T) {
	w := newWorld(t)
	w.role("alice", prod, identityPolicy("s3:*", "*"), "")
	w.user("bob", prod, "")
	w.user("typed", prod, statement("Allow", "", "s3:GetObject", "*", `{"StringEquals":{"s3:authType":"REST-QUERY-STRING"},"NumericLessThan":{"s3:signatureAge":"600000"}}`))
	w.bucket("prod", "b-pre", "")
	w.put("prod", "/b-pre/k", "v").is(200)
	presign := func(actor, method, target string, header ...string) string {
		t.Helper()
		u, err := sigv4.Presign(w.newRequest(method, target, request{header: header}), w.actors[actor], w.signOptions(""), time.Hour)
		check(t, err)
		return strings.TrimPrefix(u, w.server.URL)
	}
	v2 := func(actor, method, target string) string {
		t.Helper()
		u, err := sigv4.PresignV2(w.newRequest(method, target, request{}), w.actors[actor], w.now().Add(time.Hour))
		check(t, err)
		return strings.TrimPrefix(u, w.server.URL)
	}
	for _, sign := range []func(string, string, string) string{func(a, m, t string) string { return presign(a, m, t) }, v2} {
		w.get("", sign("alice", "GET", "/b-pre/k")).is(200).says("v")
		w.get("", sign("bob", "GET", "/b-pre/k")).fails(403, "AccessDenied")
		w.do("", "HEAD", sign("alice", "GET", "/b-pre/k"), request{}).is(403) // the method is signed
		w.put("", sign("alice", "PUT", "/b-pre/up"), "body").is(200)
		w.get("alice", "/b-pre/up").says("body")
		w.get("", sign("alice", "GET", "/b-pre/k")+"&response-content-type=text/html").is(403)
		w.get("bob", sign("alice", "GET", "/b-pre/k")).fails(400, "InvalidArgument") // two carriers
	}
	w.get("", presign("typed", "GET", "/b-pre/k")).is(200)
	w.get("typed", "/b-pre/k").fails(403, "AccessDenied")
	if a := w.get("", presign("alice", "GET", "/b-pre/k?response-content-type=text/html")).is(200); a.header.Get("Content-Type") != "text/html" {
		t.Errorf("%v", a.header)
	}
	// A parameter acts as the header of its name, and is what is decided (TH-66).
	w.put("", presign("alice", "PUT", "/b-pre/acl?x-amz-acl=public-read"), "v").fails(400, "AccessControlListNotSupported")
	for _, sub := range []string{"tagging", "acl", "retention", "versionId=null&tagging"} {
		w.put("", v2("alice", "PUT", "/b-pre/k")+"&"+sub, "").is(403)
		w.get("", v2("alice", "GET", "/b-pre/k")+"&"+sub).is(403)
	}
	w.get("", v2("alice", "GET", "/b-pre")).is(403)
	w.get("", v2("alice", "GET", "/b-pre")+"&policyStatus").is(403)
	late := presign("alice", "GET", "/b-pre/k")
	w.offset.Add(int64(59 * time.Minute))
	w.get("", late).is(200)
	w.get("", presign("typed", "GET", "/b-pre/k")).is(200)
	w.offset.Add(int64(2 * time.Minute))
	w.get("", late).fails(403, "AccessDenied", "Request has expired")
	w.get("alice", "/b-pre/k").fails(400, "ExpiredToken", "The provided token has expired.")
}

// Rules: S3-48 S3-97 S3-124 TH-19 TH-66
func TestDeletingManyIsDecidedOneByOne(t *testing.T) {
	w := newWorld(t)
	w.user("alice", prod, identityPolicy("s3:DeleteObject s3:ListBucket", "*"))
	w.bucket("prod", "b-many", statement("Deny", `"*"`, "s3:DeleteObject", "arn:aws:s3:::b-many/keep/*", ""))
	for _, key := range []string{"a", "b", "keep/x"} {
		w.put("prod", "/b-many/"+key, "v").is(200)
	}
	many := func(actor, objects string) *answer {
		t.Helper()
		return w.document(actor, "POST", "/b-many?delete", `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">`+objects+`</Delete>`)
	}
	object := func(key string) string { return "<Object><Key>" + key + "</Key></Object>" }
	a := many("alice", object("a")+object("keep/x")+object("nothing")+"<Object><Key>b</Key><VersionId>null</VersionId></Object>").is(200)
	if strings.Count(a.body, "<Deleted>") != 2 || strings.Count(a.body, "<Error>") != 2 || strings.Count(a.body, "<Code>AccessDenied</Code>") != 2 ||
		!strings.Contains(a.body, "s3:DeleteObjectVersion on resource: &quot;arn:aws:s3:::b-many/b&quot;") {
		t.Error(a.body)
	}
	a = many("", object("a")+object("b")).is(200)
	if strings.Count(a.body, "<Message>Access Denied</Message>") != 2 {
		t.Error(a.body)
	}
	for key, want := range map[string]int{"a": 404, "b": 200, "keep/x": 200} {
		w.do("prod", "HEAD", "/b-many/"+key, request{}).is(want)
	}
	many("alice", "").fails(400, "MalformedXML")
	many("alice", "<Object><Key>a</Key><Key>b</Key></Object>").fails(400, "MalformedXML")
	many("alice", object("a")+"</Delete><Delete>").fails(400, "MalformedXML")
	many("alice", object("")).fails(400, "UserKeyMustBeSpecified")
	w.do("alice", "POST", "/b-many?delete", request{body: "<Delete>" + object("b") + "</Delete>"}).fails(400, "InvalidRequest")
	w.document("alice", "POST", "/nobodys?delete", "<Delete/>").fails(404, "NoSuchBucket")
}

// Rules: S3-49 S3-44 S3-56 TH-63
func TestCopiesReadTheSourceUnderItsOwnPolicy(t *testing.T) {
	w := newWorld(t)
	w.user("dana", dev, identityPolicy("s3:*", "*"))
	w.user("writer", dev, identityPolicy("s3:PutObject", "*"))
	w.user("untagged", dev, identityPolicy("s3:PutObject s3:GetObject s3:ListBucket", "*"))
	w.bucket("prod", "b-src", `{"Version":"2012-10-17","Statement":[`+one("Allow", principal(dev, "root"), "s3:GetObject s3:GetObjectTagging", "arn:aws:s3:::b-src/*", "")+`,`+
		one("Deny", `"*"`, "s3:GetObject", "arn:aws:s3:::b-src/private/*", "")+`]}`)
	w.bucket("dev", "b-dst", "")
	w.put("prod", "/b-src/k", "v").is(200)
	w.put("prod", "/b-src/private/x", "v").is(200)
	w.put("prod", "/b-src/tagged", "v", "X-Amz-Tagging", "a=1").is(200)
	dup := func(actor, source string, header ...string) *answer {
		t.Helper()
		return w.put(actor, "/b-dst/copy", "", append(header, "X-Amz-Copy-Source", source)...)
	}
	dup("dana", "b-src/k").is(200)
	w.get("dana", "/b-dst/copy").says("v")
	for _, source := range []string{"b-src/private/x", "/b-src/private/x", "b-src/%70rivate/x", "b-src/private%2Fx"} {
		dup("dana", source).is(403)
	}
	dup("dana", "b-src/./private/x").fails(403, "AccessDenied") // another key, and who may not list is not told that it is missing
	dup("dana", "b-src/k?versionId=null").fails(403, "AccessDenied")
	dup("dana", "b-src/nope").fails(403, "AccessDenied")
	dup("writer", "b-src/k").is(403)
	dup("far", "b-src/k").fails(403, "AccessDenied", deniedBare)
	dup("dana", "nobodys/k").fails(404, "NoSuchBucket")
	dup("dana", "b-src/k", "X-Amz-Source-Expected-Bucket-Owner", string(dev)).fails(403, "AccessDenied", deniedBare)
	dup("dana", "b-src/k", "X-Amz-Source-Expected-Bucket-Owner", string(prod)).is(200)
	dup("dana", "b-src").fails(400, "InvalidArgument")
	dup("dana", "b-src/tagged").is(200)
	dup("untagged", "b-src/k").is(200)
	dup("untagged", "b-src/tagged").fails(403, "AccessDenied")
	dup("untagged", "b-src/tagged", "X-Amz-Tagging-Directive", "REPLACE").is(200)
	a := w.do("dana", "POST", "/b-dst/mpu?uploads", request{}).is(200)
	part := func(actor, source string) *answer {
		t.Helper()
		return w.put(actor, "/b-dst/mpu?partNumber=1&uploadId="+a.text("UploadId"), "", "X-Amz-Copy-Source", source)
	}
	part("dana", "b-src/k").is(200)
	part("dana", "b-src/private/x").is(403)
	part("writer", "b-src/k").is(403)
}

// Rules: S3-56
func TestConditionKeysOfObjects(t *testing.T) {
	w := newWorld(t)
	deny := func(actions, condition string) string {
		return one("Deny", `"*"`, actions, "arn:aws:s3:::b-keys/*", condition)
	}
	w.user("alice", prod, identityPolicy("s3:*", "*"))
	w.user("tagger", prod, `{"Version":"2012-10-17","Statement":[`+one("Allow", "", "s3:PutObject s3:GetObject", "*", "")+`,`+
		one("Allow", "", "s3:PutObjectTagging", "*", `{"StringEquals":{"s3:RequestObjectTag/team":"x"}}`)+`]}`)
	w.bucket("prod", "b-keys", `{"Version":"2012-10-17","Statement":[`+strings.Join([]string{
		deny("s3:GetObject s3:GetObjectVersion", `{"StringEquals":{"s3:ExistingObjectTag/secret":"yes"}}`),
		deny("s3:PutObject", `{"StringLike":{"s3:x-amz-copy-source":"b-keys/never/*"}}`),
		deny("s3:PutObject", `{"StringEquals":{"s3:x-amz-storage-class":"GLACIER"}}`),
		deny("s3:PutObject", `{"StringEquals":{"s3:RequestObjectTag/team":"evil"}}`),
		deny("s3:GetObject", `{"StringEquals":{"s3:signatureversion":"AWS"}}`),
		one("Deny", `"*"`, "s3:PutObject", "arn:aws:s3:::b-keys/sse/*", `{"Null":{"s3:x-amz-server-side-encryption":"true"}}`),
	}, ",")+`]}`)
	w.put("alice", "/b-keys/open", "v", "X-Amz-Tagging", "secret=no").is(200)
	w.put("alice", "/b-keys/shut", "v", "X-Amz-Tagging", "secret=yes").is(200)
	w.get("alice", "/b-keys/open").is(200)
	w.get("alice", "/b-keys/shut").fails(403, "AccessDenied")
	w.do("alice", "HEAD", "/b-keys/shut", request{}).is(403)
	w.get("alice", "/b-keys/shut?versionId=null").fails(403, "AccessDenied")
	const tagging = `<Tagging><TagSet><Tag><Key>%s</Key><Value>%s</Value></Tag></TagSet></Tagging>`
	w.document("alice", "PUT", "/b-keys/shut?tagging", fmt.Sprintf(tagging, "secret", "no")).is(200)
	w.get("alice", "/b-keys/shut").is(200)
	w.put("alice", "/b-keys/c", "", "X-Amz-Copy-Source", "b-keys/never/x").fails(403, "AccessDenied")
	w.put("alice", "/b-keys/g", "v", "X-Amz-Storage-Class", "GLACIER").fails(403, "AccessDenied")
	w.put("alice", "/b-keys/t", "v", "X-Amz-Tagging", "team=evil").fails(403, "AccessDenied")
	w.put("tagger", "/b-keys/t", "v").is(200)
	w.put("tagger", "/b-keys/t", "v", "X-Amz-Tagging", "team=x").is(200)
	w.put("tagger", "/b-keys/t", "v", "X-Amz-Tagging", "team=y").fails(403, "AccessDenied")
	w.document("tagger", "PUT", "/b-keys/t?tagging", fmt.Sprintf(tagging, "team", "x")).is(200)
	w.document("tagger", "PUT", "/b-keys/t?tagging", fmt.Sprintf(tagging, "team", "y")).fails(403, "AccessDenied")
	w.document("tagger", "PUT", "/b-keys/t?tagging", `<Tagging>`).fails(400, "MalformedXML")
	// Parts have the encryption that their upload was begun with.
	w.put("alice", "/b-keys/sse/k", "v").fails(403, "AccessDenied")
	w.do("alice", "POST", "/b-keys/sse/k?uploads", request{}).fails(403, "AccessDenied")
	begun := w.do("alice", "POST", "/b-keys/sse/k?uploads", request{header: []string{"X-Amz-Server-Side-Encryption", "AES256"}}).is(200)
	w.put("alice", "/b-keys/sse/k?partNumber=1&uploadId="+begun.text("UploadId"), "v").is(200)
	w.put("alice", "/b-keys/sse/other?partNumber=1&uploadId="+begun.text("UploadId"), "v").fails(403, "AccessDenied")
}

// Rules: S3-50 TH-65 TH-62
func TestUploadsBelongToTheirKey(t *testing.T) {
	w := newWorld(t)
	w.user("narrow", prod, identityPolicy("s3:PutObject", "arn:aws:s3:::b-mpu/mine/*"))
	w.bucket("prod", "b-mpu", "")
	id := w.do("prod", "POST", "/b-mpu/other/k?uploads", request{}).is(200).text("UploadId")
	w.put("narrow", "/b-mpu/other/k?partNumber=1&uploadId="+id, "v").fails(403, "AccessDenied")
	w.put("narrow", "/b-mpu/mine/k?partNumber=1&uploadId="+id, "v").fails(404, "NoSuchUpload")
	w.put("narrow", "/b-mpu/mine/k?partNumber=1&uploadId=x", "v").fails(404, "NoSuchUpload")
	etag := w.put("prod", "/b-mpu/other/k?partNumber=1&uploadId="+id, "v").is(200).header.Get("Etag")
	complete := `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>` + etag + `</ETag></Part></CompleteMultipartUpload>`
	w.do("narrow", "POST", "/b-mpu/other/k?uploadId="+id, request{body: complete}).fails(403, "AccessDenied")
	w.do("narrow", "POST", "/b-mpu/mine/k?uploadId="+id, request{body: complete}).fails(404, "NoSuchUpload")
	w.do("prod", "POST", "/b-mpu/other/k?uploadId="+id, request{body: complete}).is(200)
	w.get("prod", "/b-mpu/other/k").says("v")
	for _, two := range []string{"?acl&tagging", "?uploads&tagging", "?uploads&delete", "?policy&acl", "?retention&legal-hold"} {
		w.get("prod", "/b-mpu/other/k"+two).is(400)
	}
}

// Rules: S3-6
func TestVirtualHosts(t *testing.T) {
	w := newWorld(t)
	w.bucket("prod", "b.vhost", "")
	host := []string{"Host", "b.vhost.s3.test"}
	w.do("prod", "PUT", "/k/x", request{body: "v", header: host}).is(200)
	w.get("prod", "/b.vhost/k/x").says("v")
	w.do("prod", "GET", "/k/x", request{header: host}).says("v")
	w.do("dev", "GET", "/k/x", request{header: host}).is(403)
	w.do("prod", "GET", "/?location", request{header: host}).is(200)
}
