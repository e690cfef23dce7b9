package sigv4_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/regent-iam/regent/sigv4"
)

// documented is the request of the S3 API Reference's example of chunked upload.
func documented(t *testing.T, hash, decoded, signedHeaders, signature string, more http.Header) *sigv4.Auth {
	t.Helper()
	h := http.Header{
		"Authorization": {"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
			signedHeaders + ",Signature=" + signature},
		"X-Amz-Date": {"20130524T000000Z"}, "X-Amz-Storage-Class": {"REDUCED_REDUNDANCY"}, "X-Amz-Content-Sha256": {hash},
		"Content-Encoding": {"aws-chunked"}, "X-Amz-Decoded-Content-Length": {decoded},
	}
	maps.Copy(h, more)
	r, err := sigv4.NewRequest("PUT", "/examplebucket/chunkObject.txt", "s3.amazonaws.com", h)
	if err != nil {
		t.Fatal(err)
	}
	a, err := sigv4.Find(r, sigv4.Expect{Family: sigv4.FamilyS3, Service: "s3", Streaming: true, Now: time.Date(2013, 5, 24, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Verify([]byte(secret), ""); err != nil {
		t.Fatal(err, asError(t, err).Extra)
	}
	return a
}

// Rules: WI-40 S3-36
func TestBodyReadsTheDocumentedChunks(t *testing.T) {
	a := documented(t, sigv4.StreamingSigned, "66560", "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
		"4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9", http.Header{"Content-Length": {"66824"}})
	raw := "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" + strings.Repeat("a", 65536) + "\r\n" +
		"400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" + strings.Repeat("a", 1024) + "\r\n" +
		"0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n"
	b, err := a.Body(strings.NewReader(raw), sigv4.BodyOptions{ContentLength: int64(len(raw))})
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(b)
	if err != nil || string(got) != strings.Repeat("a", 66560) || b.Length() != 66560 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// stream is a streaming upload: what was signed and what was sent.
type stream struct {
	header http.Header
	raw    []byte
}

// upload signs a streaming upload of payload.
func upload(t testing.TB, mode string, checksum sigv4.Checksum, payload []byte) stream {
	t.Helper()
	r, err := http.NewRequest(http.MethodPut, "http://h/b/k", nil)
	if err != nil {
		t.Fatal(err)
	}
	creds := sigv4.Credentials{AccessKeyID: key, SecretAccessKey: secret}
	o := sigv4.SignOptions{Family: sigv4.FamilyS3, Service: "s3", Region: "us-east-1", Time: now(), PayloadHash: mode}
	if strings.Contains(mode, "ECDSA") {
		o.Algorithm = sigv4.ECDSAP256SHA256
	}
	r.Header.Set("X-Amz-Decoded-Content-Length", strconv.Itoa(len(payload)))
	if checksum != "" {
		r.Header.Set("X-Amz-Trailer", checksum.Header())
	}
	seed, err := sigv4.SignHeader(r, creds, o)
	if err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	w, err := sigv4.NewChunkWriter(&raw, creds, o, seed, 8192, checksum)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(payload); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return stream{r.Header, raw.Bytes()}
}

// receive verifies and reads an upload.
func (s stream) receive(t testing.TB, raw io.Reader) ([]byte, error) {
	t.Helper()
	r, err := sigv4.NewRequest("PUT", "/b/k", "h", s.header)
	if err != nil {
		return nil, err
	}
	e := expectS3()
	e.Streaming = true
	a, err := sigv4.Find(r, e)
	if err != nil {
		return nil, err
	}
	if err := a.Verify([]byte(secret), ""); err != nil {
		return nil, err
	}
	b, err := a.Body(raw, sigv4.BodyOptions{ContentLength: -1})
	if err != nil {
		return nil, err
	}
	return io.ReadAll(b)
}

type mode struct {
	name     string
	checksum sigv4.Checksum
}

func modes() []mode {
	return []mode{
		{sigv4.StreamingUnsignedTrailer, sigv4.CRC32},
		{sigv4.StreamingSigned, ""},
		{sigv4.StreamingSignedTrailer, sigv4.CRC64NVME},
		{sigv4.StreamingSignedECDSA, ""},
		{sigv4.StreamingSignedECDSATrailer, sigv4.SHA256},
	}
}

// Rules: WI-40 WI-41 WI-42 S3-36
func TestBodyReadsWhatChunkWriterWrites(t *testing.T) {
	for _, m := range modes() {
		for _, size := range []int{0, 1, 8191, 8192, 8193, 20000} {
			payload := bytes.Repeat([]byte("x"), size)
			s := upload(t, m.name, m.checksum, payload)
			for _, raw := range []io.Reader{bytes.NewReader(s.raw), iotest.OneByteReader(bytes.NewReader(s.raw)), iotest.DataErrReader(bytes.NewReader(s.raw))} {
				if got, err := s.receive(t, raw); err != nil || !bytes.Equal(got, payload) {
					t.Fatalf("%s, %d bytes: %d bytes, %v", m.name, size, len(got), err)
				}
			}
		}
	}
}

// Rules: WI-42
func TestBodyTakesPaddedSignatures(t *testing.T) {
	s := upload(t, sigv4.StreamingSignedECDSATrailer, sigv4.CRC32, bytes.Repeat([]byte("x"), 9000))
	pad := func(signature string) string { return signature + strings.Repeat("*", 144-len(signature)) }
	var raw strings.Builder
	for line := range strings.SplitAfterSeq(string(s.raw), "\r\n") {
		for _, name := range []string{";chunk-signature=", "x-amz-trailer-signature:"} {
			if head, signature, ok := strings.Cut(line, name); ok {
				line = head + name + pad(strings.TrimSpace(signature)) + "\r\n"
			}
		}
		raw.WriteString(line)
	}
	if raw.Len() <= len(s.raw) {
		t.Fatal("nothing was padded")
	}
	if got, err := s.receive(t, strings.NewReader(raw.String())); err != nil || len(got) != 9000 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// Rules: TH-11 TH-12 WI-40 WI-41 S3-36
func TestBodyRefusesAStreamWithAnyByteChanged(t *testing.T) {
	payload := bytes.Repeat([]byte("payload "), 1200)
	for _, m := range modes() {
		s := upload(t, m.name, m.checksum, payload)
		step := 1
		if strings.Contains(m.name, "ECDSA") {
			step = 23 // each costs a verification
		}
		for i := 0; i < len(s.raw); i += step {
			if i > 400 && i < 8192 || i > 8600 && i < 9500 {
				i += 37 // within a chunk's data
			}
			raw := bytes.Clone(s.raw)
			raw[i] ^= 1
			if _, err := s.receive(t, bytes.NewReader(raw)); err == nil {
				t.Errorf("%s: accepted with byte %d changed: %q", m.name, i, raw[max(0, i-20):min(len(raw), i+20)])
			}
		}
	}
}

// Rules: TH-11 TH-12 WI-40 WI-41 S3-36
func TestBodyRefusesAStreamThatIsCutOrGoesOn(t *testing.T) {
	payload := bytes.Repeat([]byte("payload "), 1200)
	for _, m := range modes() {
		s := upload(t, m.name, m.checksum, payload)
		// Cutting the blank line that ends the body takes nothing away from it.
		for _, i := range []int{0, 1, 5, 100, 8192, 8300, 9000, len(s.raw) - 60, len(s.raw) - 20, len(s.raw) - 5} {
			if _, err := s.receive(t, bytes.NewReader(s.raw[:i])); err == nil {
				t.Errorf("%s: accepted when cut at %d of %d", m.name, i, len(s.raw))
			}
		}
		for _, tail := range []string{"x", "0\r\n\r\n", "\r\nx-amz-acl:public-read\r\n"} {
			if _, err := s.receive(t, io.MultiReader(bytes.NewReader(s.raw), strings.NewReader(tail))); err == nil {
				t.Errorf("%s: accepted with %q behind it", m.name, tail)
			}
		}
	}
}

// Rules: TH-11 TH-12 S3-36 WI-41
func TestBodyRefusesMalformedStreams(t *testing.T) {
	crc := "MYaXHA==" // of something else
	good := base64.StdEncoding.EncodeToString([]byte{0x36, 0x10, 0xa6, 0x86})
	eight := strings.Repeat("a", 8192)
	const incomplete = "You did not provide the number of bytes specified by the Content-Length HTTP header"
	const trailer = "The request contained trailing data that was not well-formed or did not conform to our published schema."
	for _, test := range []struct {
		name, length, announced, raw string
		kind                         sigv4.Kind
		message                      string
	}{
		{"wrong checksum", "5", "x-amz-checksum-crc32", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + crc + "\r\n\r\n", sigv4.BadDigest, "The CRC32 you specified did not match the calculated checksum."},
		{"unreadable checksum", "5", "x-amz-checksum-crc32", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:abc\r\n\r\n", sigv4.InvalidChecksum, "Value for x-amz-checksum-crc32 trailing header is invalid."},
		{"no trailer", "5", "x-amz-checksum-crc32", "5\r\nhello\r\n0\r\n\r\n", sigv4.MalformedTrailer, trailer},
		{"not announced", "5", "", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + good + "\r\n\r\n", sigv4.MalformedTrailer, trailer},
		{"another name", "5", "x-amz-checksum-crc32", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32c:" + good + "\r\n\r\n", sigv4.MalformedTrailer, trailer},
		{"twice", "5", "x-amz-checksum-crc32", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + good + "\r\nx-amz-checksum-crc32:" + good + "\r\n\r\n", sigv4.MalformedTrailer, trailer},
		{"injected", "5", "x-amz-checksum-crc32", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + good + "\r\nx-amz-acl:public-read\r\n\r\n", sigv4.MalformedTrailer, trailer},
		{"no line end", "5", "x-amz-checksum-crc32", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + good, sigv4.MalformedTrailer, trailer},
		{"endless trailer", "5", "x-amz-checksum-crc32", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + strings.Repeat("a", 5000) + "\r\n", sigv4.MalformedTrailer, trailer},
		{"trailer signature", "5", "x-amz-checksum-crc32", "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + good + "\r\nx-amz-trailer-signature:" + sig + "\r\n", sigv4.MalformedTrailer, trailer},
		{"no last chunk", "5", "", "5\r\nhello\r\n", sigv4.IncompleteBody, incomplete},
		{"last chunk early", "10", "", "5\r\nhello\r\n0\r\n\r\n", sigv4.IncompleteBody, incomplete},
		{"more than announced", "4", "", "5\r\nhello\r\n0\r\n\r\n", sigv4.IncompleteBody, incomplete},
		{"negative", "5", "", "-5\r\nhello\r\n0\r\n\r\n", sigv4.IncompleteBody, incomplete},
		{"odd size", "5", "", "0x5\r\nhello\r\n0\r\n\r\n", sigv4.IncompleteBody, incomplete},
		{"blank in size", "5", "", " 5\r\nhello\r\n0\r\n\r\n", sigv4.IncompleteBody, incomplete},
		{"huge size", "5", "", "ffffffffffffffffffff5\r\nhello\r\n0\r\n\r\n", sigv4.IncompleteBody, incomplete},
		{"bare newline", "5", "", "5\nhello\r\n0\r\n\r\n", sigv4.IncompleteBody, incomplete},
		{"no newline behind data", "5", "", "5\r\nhello0\r\n\r\n", sigv4.IncompleteBody, incomplete},
		{"endless line", "5", "", strings.Repeat("0", 40000) + "\r\n", sigv4.IncompleteBody, incomplete},
		{"signature where none is", "5", "", "5;chunk-signature=" + sig + "\r\nhello\r\n0\r\n\r\n", sigv4.IncompleteBody, incomplete},
		{"small chunk first", "8197", "", "5\r\nhello\r\n2000\r\n" + eight + "\r\n0\r\n\r\n", sigv4.InvalidChunkSize, "Only the last chunk is allowed to have a size less than 8192 bytes"},
		{"length is no number", "x", "", "", sigv4.IncompleteBody, incomplete},
		{"negative length", "-1", "", "", sigv4.IncompleteBody, incomplete},
		{"no length", "", "", "", sigv4.MissingLength, "You must provide the Content-Length HTTP header."},
		{"announced is no checksum", "5", "x-amz-acl", "", sigv4.InvalidChecksum, "The value specified in the x-amz-trailer header is not supported"},
		{"two announced", "5", "x-amz-checksum-crc32,x-amz-checksum-sha1", "", sigv4.InvalidChecksum, "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := http.Header{"X-Amz-Content-Sha256": {sigv4.StreamingUnsignedTrailer}}
			if test.length != "" {
				h.Set("X-Amz-Decoded-Content-Length", test.length)
			}
			if test.announced != "" {
				h.Set("X-Amz-Trailer", test.announced)
			}
			_, err := readAnonymous(t, h, test.raw, sigv4.BodyOptions{ContentLength: int64(len(test.raw))})
			check(t, err, test.kind, test.message)
		})
	}
	h := http.Header{"X-Amz-Content-Sha256": {sigv4.StreamingUnsignedTrailer}, "X-Amz-Decoded-Content-Length": {"5"}, "X-Amz-Trailer": {"x-amz-checksum-crc32"}}
	for _, raw := range []string{
		"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + good + "\r\n\r\n",
		"5\r\nhello\r\n0\r\nX-Amz-Checksum-Crc32: " + good + "\n\r\n\r\n",
	} {
		if got, err := readAnonymous(t, h, raw, sigv4.BodyOptions{ContentLength: -1}); got != "hello" || err != nil {
			t.Errorf("%q: %q, %v", raw, got, err)
		}
	}
}

func readAnonymous(t *testing.T, h http.Header, raw string, o sigv4.BodyOptions) (string, error) {
	t.Helper()
	r, err := sigv4.NewRequest("PUT", "/b/k", "h", h)
	if err != nil {
		t.Fatal(err)
	}
	e := expectS3()
	e.Streaming = true
	a, err := sigv4.Anonymous(r, e)
	if err != nil {
		return "", err
	}
	b, err := a.Body(strings.NewReader(raw), o)
	if err != nil {
		return "", err
	}
	got, err := io.ReadAll(b)
	if err != nil {
		if _, again := b.Read(make([]byte, 1)); !errors.Is(again, err) {
			t.Errorf("after %v came %v", err, again)
		}
	}
	return string(got), err
}

// Rules: S3-25 S3-36 WI-5 TH-11
func TestBodyChecksPlainPayloads(t *testing.T) {
	crc := base64.StdEncoding.EncodeToString([]byte{0x36, 0x10, 0xa6, 0x86})
	hash := hashOf([]byte("hello"))
	many := "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
	for _, test := range []struct {
		name   string
		h      http.Header
		length int64
		kind   sigv4.Kind
		want   string
	}{
		{"nothing said", nil, 5, -1, ""},
		{"length unknown", nil, -1, -1, ""},
		{"hash", http.Header{"X-Amz-Content-Sha256": {hash}}, 5, -1, ""},
		{"hash in capitals", http.Header{"X-Amz-Content-Sha256": {strings.ToUpper(hash)}}, 5, -1, ""},
		{"checksum", http.Header{"X-Amz-Checksum-Crc32": {crc}, "X-Amz-Sdk-Checksum-Algorithm": {"CRC32"}, "X-Amz-Checksum-Mode": {"ENABLED"}}, 5, -1, ""},
		{"another hash", http.Header{"X-Amz-Content-Sha256": {hashOf(nil)}}, 5, sigv4.BadPayload, "The provided 'x-amz-content-sha256' header does not match what was computed."},
		{"too short", nil, 6, sigv4.IncompleteBody, "You did not provide the number of bytes specified by the Content-Length HTTP header"},
		{"too long", nil, 4, sigv4.IncompleteBody, "You did not provide the number of bytes specified by the Content-Length HTTP header"},
		{"another checksum", http.Header{"X-Amz-Checksum-Crc32": {"AAAAAA=="}}, 5, sigv4.BadDigest, "The CRC32 you specified did not match the calculated checksum."},
		{"bad checksum", http.Header{"X-Amz-Checksum-Crc32c": {"AAAA"}}, 5, sigv4.InvalidChecksum, "Value for x-amz-checksum-crc32c header is invalid."},
		{"two checksums", http.Header{"X-Amz-Checksum-Crc32": {crc}, "X-Amz-Checksum-Sha1": {"2jmj7l5rSw0yVb/vlWAYkK/YBwk="}}, 5, sigv4.InvalidChecksum, many},
		{"one twice", http.Header{"X-Amz-Checksum-Crc32": {crc, crc}}, 5, sigv4.InvalidChecksum, many},
		{"header and trailer", http.Header{"X-Amz-Checksum-Crc32": {crc}, "X-Amz-Trailer": {"x-amz-checksum-crc32"}}, 5, sigv4.InvalidChecksum, many},
		{"unknown checksum", http.Header{"X-Amz-Checksum-Adler": {crc}}, 5, sigv4.InvalidChecksum, "The algorithm type you specified in x-amz-checksum-adler header is invalid."},
		{"algorithm without value", http.Header{"X-Amz-Sdk-Checksum-Algorithm": {"CRC32"}}, 5, sigv4.InvalidChecksum, "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."},
		{"another algorithm", http.Header{"X-Amz-Checksum-Crc32": {crc}, "X-Amz-Sdk-Checksum-Algorithm": {"SHA1"}}, 5, sigv4.InvalidChecksum, "Value for x-amz-sdk-checksum-algorithm header is invalid."},
		{"trailer without chunks", http.Header{"X-Amz-Trailer": {"x-amz-checksum-crc32"}}, 5, sigv4.MalformedTrailer, "The request contained trailing data that was not well-formed or did not conform to our published schema."},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readAnonymous(t, test.h, "hello", sigv4.BodyOptions{ContentLength: test.length})
			if test.kind < 0 {
				if got != "hello" || err != nil {
					t.Errorf("%q, %v", got, err)
				}
				return
			}
			check(t, err, test.kind, test.want)
		})
	}
	h := http.Header{"X-Amz-Checksum-Crc32": {"AAAAAA=="}}
	if got, err := readAnonymous(t, h, "hello", sigv4.BodyOptions{ContentLength: 5, IgnoreChecksum: true}); got != "hello" || err != nil {
		t.Errorf("an object's checksum taken for the body's: %q, %v", got, err)
	}
}

// Rules: S3-103 WI-41
func TestBodyTellsTheChecksumThatTheClientGave(t *testing.T) {
	s := upload(t, sigv4.StreamingUnsignedTrailer, sigv4.CRC32, []byte("hello"))
	r, err := sigv4.NewRequest("PUT", "/b/k", "h", s.header)
	if err != nil {
		t.Fatal(err)
	}
	e := expectS3()
	e.Streaming = true
	a, err := sigv4.Find(r, e)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Verify([]byte(secret), ""); err != nil {
		t.Fatal(err)
	}
	b, err := a.Body(bytes.NewReader(s.raw), sigv4.BodyOptions{ContentLength: int64(len(s.raw))})
	if err != nil {
		t.Fatal(err)
	}
	if c, value, ok := b.Checksum(); c != sigv4.CRC32 || value != "" || !ok || b.Length() != 5 {
		t.Errorf("before the trailer: %s %q %v", c, value, ok)
	}
	if _, err := io.ReadAll(b); err != nil {
		t.Fatal(err)
	}
	if c, value, ok := b.Checksum(); c != sigv4.CRC32 || value != "NhCmhg==" || !ok {
		t.Errorf("behind the trailer: %s %q %v", c, value, ok)
	}
}

// Rules: TH-10 TH-11 S3-25
func TestBodyNeedsAVerifiedRequest(t *testing.T) {
	a, err := find(t, "/b/k", signedHeader(), expectS3())
	if err != nil {
		t.Fatal(err)
	}
	if a.Verify([]byte(secret), "") == nil {
		t.Fatal("a signature of zeros verifies")
	}
	if _, err := a.Body(strings.NewReader(""), sigv4.BodyOptions{}); err == nil {
		t.Error("a body without a verified signature")
	}
	cut := io.MultiReader(strings.NewReader("he"), iotest.ErrReader(io.ErrUnexpectedEOF))
	r, _ := sigv4.NewRequest("PUT", "/b/k", "h", nil)
	anonymous, err := sigv4.Anonymous(r, expectS3())
	if err != nil {
		t.Fatal(err)
	}
	b, err := anonymous.Body(cut, sigv4.BodyOptions{ContentLength: 5})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.ReadAll(b); asError(t, err).Kind != sigv4.IncompleteBody {
		t.Errorf("a cut connection: %v", err)
	}
	broken := errors.New("broken")
	b, _ = anonymous.Body(iotest.ErrReader(broken), sigv4.BodyOptions{ContentLength: 5})
	if _, err = io.ReadAll(b); !errors.Is(err, broken) {
		t.Errorf("a broken connection: %v", err)
	}
}

// Rules: TH-11 WI-40 WI-41
func FuzzChunked(f *testing.F) {
	payload := []byte("a payload of a few bytes")
	s := upload(f, sigv4.StreamingSignedTrailer, sigv4.CRC32C, payload)
	f.Add(s.raw)
	f.Add(s.raw[:120])
	f.Add([]byte("0;chunk-signature=" + sig + "\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		got, err := s.receive(t, bytes.NewReader(raw))
		if err == nil && !bytes.Equal(got, payload) {
			t.Fatalf("another payload of %d bytes is accepted", len(got))
		}
	})
}
