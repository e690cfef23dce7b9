package sigv4_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/sigv4"
)

func signOptions(family sigv4.Family, service string) sigv4.SignOptions {
	return sigv4.SignOptions{Family: family, Service: service, Region: "us-east-1", Time: now()}
}

func credentials() sigv4.Credentials {
	return sigv4.Credentials{AccessKeyID: key, SecretAccessKey: secret, SessionToken: "token/+="}
}

func signed(t testing.TB, method, url string, h http.Header, o sigv4.SignOptions) *sigv4.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(r.Header, h)
	if _, err := sigv4.SignHeader(r, credentials(), o); err != nil {
		t.Fatal(err)
	}
	parsed, err := sigv4.NewRequest(method, r.URL.RequestURI(), r.Host, r.Header)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

const anyURL = "http://h:9000/b/a%20b//~x/../y+z?list-type=2&a=b+c&a=%C3%BC&k"

func presigned(t *testing.T, o sigv4.SignOptions) *sigv4.Request {
	t.Helper()
	raw, err := http.NewRequest(http.MethodGet, anyURL, nil)
	if err != nil {
		t.Fatal(err)
	}
	u, err := sigv4.Presign(raw, credentials(), o, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	p, err := sigv4.NewRequest("GET", strings.TrimPrefix(u, "http://h:9000"), "h:9000", nil)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Rules: WI-1 WI-2 WI-8 WI-42 S3-14
func TestVerifyAcceptsWhatSignHeaderAndPresignSigned(t *testing.T) {
	for _, algorithm := range []sigv4.Algorithm{sigv4.HMACSHA256, sigv4.ECDSAP256SHA256} {
		for service, family := range map[string]sigv4.Family{"s3": sigv4.FamilyS3, "sts": sigv4.FamilyQuery, "organizations": sigv4.FamilyJSON} {
			o := signOptions(family, service)
			o.Algorithm = algorithm
			if algorithm == sigv4.ECDSAP256SHA256 {
				o.Region = "eu-west-1,us-*"
			}
			r := signed(t, "POST", anyURL, http.Header{"Content-Type": {"a/b"}, "User-Agent": {"u"}}, o)
			verifyBothWays(t, r, algorithm, sigv4.Expect{Family: family, Service: service, Region: "us-east-1", Now: now()})
			verifyBothWays(t, presigned(t, o), algorithm, sigv4.Expect{Family: family, Service: service, Region: "us-east-1", Now: now()})
		}
	}
}

// verifyBothWays checks that r is accepted, and is not with another secret or region.
func verifyBothWays(t *testing.T, r *sigv4.Request, algorithm sigv4.Algorithm, e sigv4.Expect) {
	t.Helper()
	a, err := sigv4.Find(r, e)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Verify([]byte(secret), hashOf(nil)); err != nil {
		t.Errorf("%s, algorithm %d, carrier %d: %v", e.Service, algorithm, a.Carrier, err)
	}
	if a.Token != credentials().SessionToken || a.Algorithm != algorithm {
		t.Errorf("found %+v", a)
	}
	if a.Verify([]byte("other"), hashOf(nil)) == nil || a.Verify(nil, hashOf(nil)) == nil || a.VerifyWithKey(nil, hashOf(nil)) == nil {
		t.Error("another secret verifies")
	}
	e.Region = "ap-south-1"
	if _, err := sigv4.Find(r, e); err == nil {
		t.Error("another region is accepted")
	}
}

// Rules: WI-4 WI-5 TH-8
func TestVerifyRefusesWhenASignedHeaderIsDroppedOrChanged(t *testing.T) {
	h := http.Header{
		"X-Amz-Target": {"AWSOrganizationsV20161128.ListAccounts"}, "Content-Type": {"application/x-amz-json-1.1"},
		"X-Amz-Content-Sha256": {hashOf(nil)}, "X-Vault-Aws-Iam-Server-Id": {"vault"},
	}
	r := signed(t, "POST", "http://h/", h, signOptions(sigv4.FamilyJSON, "organizations"))
	e := sigv4.Expect{Family: sigv4.FamilyJSON, Service: "organizations", Now: now(), ContentType: "application/x-amz-json-1.1"}
	verify := func(h http.Header, host, bodyHash string) error {
		changed, err := sigv4.NewRequest(r.Method, "/", host, h)
		if err != nil {
			t.Fatal(err)
		}
		a, err := sigv4.Find(changed, e)
		if err != nil {
			return err
		}
		return a.Verify([]byte(secret), bodyHash)
	}
	if err := verify(r.Header, "h", hashOf(nil)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"X-Amz-Target", "Content-Type", "X-Amz-Content-Sha256", "X-Vault-Aws-Iam-Server-Id", "X-Amz-Date", "X-Amz-Security-Token"} {
		dropped, changed, unlisted := r.Header.Clone(), r.Header.Clone(), r.Header.Clone()
		delete(dropped, name)
		changed[name] = []string{changed[name][0] + "x"}
		list := strings.Split(r.Header.Get("Authorization"), lower(name))
		if len(list) != 2 {
			t.Fatalf("%s is not signed", name)
		}
		unlisted.Set("Authorization", strings.Replace(strings.Join(list, ""), ";;", ";", 1))
		for what, h := range map[string]http.Header{"dropped": dropped, "changed": changed, "not listed": unlisted} {
			if err := verify(h, "h", hashOf(nil)); err == nil {
				t.Errorf("accepted with %s %s", name, what)
			}
		}
	}
	for host, hash := range map[string]string{"other": hashOf(nil), "h:80": hashOf(nil), "h": hashOf([]byte("other"))} {
		if err := verify(r.Header, host, hash); asError(t, err).Kind != sigv4.BadSignature {
			t.Errorf("host %s, body %s: %v", host, hash, err)
		}
	}
	for _, hash := range []string{"", "UNSIGNED-PAYLOAD"} {
		if err := verify(r.Header, "h", hash); err == nil {
			t.Errorf("accepted without the body's hash (%q)", hash)
		}
	}
}

func lower(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 32
		}
		return r
	}, name)
}

// Rules: WI-4
func TestCanonicalHeadersTrimAndJoin(t *testing.T) {
	h := signedHeader()
	h["X-Amz-Meta-A"] = []string{"  a   b\t c  ", `"x   y"`, ""}
	auth("x-amz-date", "x-amz-date;x-amz-meta-a;x-absent")(h, nil)
	a, err := find(t, "/b/k", h, expectS3())
	if err != nil {
		t.Fatal(err)
	}
	canonical, toSign := a.Canonical("")
	want := []string{"GET", "/b/k", "", "host:h", "x-absent:", "x-amz-date:20260304T050607Z", `x-amz-meta-a:a b c,"x y",`, "", "host;x-absent;x-amz-date;x-amz-meta-a", "UNSIGNED-PAYLOAD"}
	if diff := cmp.Diff(want, strings.Split(canonical, "\n")); diff != "" {
		t.Error(diff)
	}
	if want := "AWS4-HMAC-SHA256\n20260304T050607Z\n20260304/us-east-1/s3/aws4_request\n" + hashOf([]byte(canonical)); toSign != want {
		t.Errorf("%q", toSign)
	}
}

// Rules: WI-2 WI-3
func TestCanonicalPathAndQuery(t *testing.T) {
	for _, test := range []struct{ target, s3Path, path, query string }{
		{"/", "/", "/", ""},
		{"//", "//", "/", ""},
		{"/a/./b/../c/", "/a/./b/../c/", "/a/c/", ""},
		{"/../a", "/../a", "/a", ""},
		{"/a%20b//~+=", "/a%20b//~+=", "/a%2520b/~%2B%3D", ""},
		{"/?b=2&a=2&a=1&a&A", "/", "/", "A=&a=&a=1&a=2&b=2"},
		{"/?a=x+y%20z%2B&%61=~%7E&a-=1", "/", "/", "a=x%20y%20z%2B&a=~~&a-=1"},
		{"/?a=%e4%b8%ad&&", "/", "/", "a=%E4%B8%AD"},
	} {
		for _, e := range []sigv4.Expect{expectS3(), expectIAM()} {
			h, want := signedHeader(), test.s3Path
			if e.Family != sigv4.FamilyS3 {
				h, want = iamHeader(), test.path
			}
			a, err := find(t, test.target, h, e)
			if err != nil {
				t.Fatal(err)
			}
			canonical, _ := a.Canonical("")
			if lines := strings.Split(canonical, "\n"); lines[1] != want || lines[2] != test.query {
				t.Errorf("%s: %q %q, want %q %q", test.target, lines[1], lines[2], want, test.query)
			}
		}
	}
}

// Rules: WI-2 TH-16
func TestVerifyTriesOneOtherSpellingOfAnS3Path(t *testing.T) {
	for _, test := range []struct {
		signed, sent string
		want         bool
	}{
		{"/b/~t", "/b/%7Et", true},
		{"/b/a%2Bb", "/b/a+b", true},
		{"/b/a%3Db", "/b/a=b", true},
		{"/b/a%20b", "/b/a%20b", true},
		{"/b/a+b", "/b/a%2Bb", false}, // the third spelling
		{"/b/x", "/b/./x", false},
		{"/b/x", "/b//x", false},
		{"/b/q/../x", "/b/x", false},
		{"/b/x", "/b/X", false},
		{"/b/a%20b", "/b/a%2520b", false},
	} {
		r := signed(t, "GET", "http://h"+test.signed, nil, signOptions(sigv4.FamilyS3, "s3"))
		sent, err := sigv4.NewRequest("GET", test.sent, "h", r.Header)
		if err != nil {
			t.Fatal(err)
		}
		a, err := sigv4.Find(sent, expectS3())
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Verify([]byte(secret), ""); (err == nil) != test.want {
			t.Errorf("signed %s, sent %s: %v", test.signed, test.sent, err)
		}
	}
}

// Rules: WI-1 S3-21
func TestVerifyShowsS3sComputation(t *testing.T) {
	a, err := find(t, "/b/k", signedHeader(), expectS3())
	if err != nil {
		t.Fatal(err)
	}
	e := asError(t, a.Verify([]byte(secret), ""))
	var names []string
	for _, f := range e.Extra {
		names = append(names, f.Name)
	}
	want := []string{"AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes", "CanonicalRequest", "CanonicalRequestBytes"}
	if e.Kind != sigv4.BadSignature || !slices.Equal(names, want) {
		t.Errorf("%v: %v", e, names)
	}
	if !strings.HasPrefix(e.Extra[3].Value, "41 57 53 34 2d") {
		t.Errorf("bytes %q", e.Extra[3].Value)
	}
}

// Rules: WI-42
func TestKeyOfSigV4ADependsOnNoScope(t *testing.T) {
	o := signOptions(sigv4.FamilyS3, "s3")
	o.Algorithm = sigv4.ECDSAP256SHA256
	a, err := sigv4.Find(signed(t, "GET", "http://h/b/k", nil, o), expectS3())
	if err != nil {
		t.Fatal(err)
	}
	public, err := a.Key([]byte(secret))
	if err != nil || len(public) != 65 || a.KeyScope() != "ecdsa" {
		t.Errorf("%d bytes, scope %s, %v", len(public), a.KeyScope(), err)
	}
	if err := a.VerifyWithKey(public, ""); err != nil {
		t.Error(err)
	}
	if a.VerifyWithKey(public[:64], "") == nil || a.VerifyWithKey([]byte(secret), "") == nil {
		t.Error("something that is no key verifies")
	}
}

// Rules: WI-1
func TestKeyCanBeKept(t *testing.T) {
	r := signed(t, "GET", "http://h/b/k", nil, signOptions(sigv4.FamilyS3, "s3"))
	a, err := sigv4.Find(r, expectS3())
	if err != nil {
		t.Fatal(err)
	}
	if got := a.KeyScope(); got != "20260304/us-east-1/s3/aws4_request" {
		t.Errorf("scope %s", got)
	}
	kept, err := a.Key([]byte(secret))
	if err != nil || !slices.Equal(kept, sigv4.SigningKey([]byte(secret), "20260304", "us-east-1", "s3")) {
		t.Fatal(kept, err)
	}
	if err := a.VerifyWithKey(kept, ""); err != nil {
		t.Error(err)
	}
	kept[0] ^= 1
	if a.VerifyWithKey(kept, "") == nil {
		t.Error("another key verifies")
	}
	if err := a.Verify([]byte(secret), hashOf([]byte("other"))); asError(t, err).Kind != sigv4.BadPayload {
		t.Errorf("another body: %v", err)
	}
}

// The hot path of GetObject, its signing key kept.
func BenchmarkVerifyGetObject(b *testing.B) {
	r := signed(b, "GET", "http://s3.local:9000/bucket/path/to/key.txt", nil, signOptions(sigv4.FamilyS3, "s3"))
	signingKey := sigv4.SigningKey([]byte(secret), "20260304", "us-east-1", "s3")
	e := expectS3()
	b.ReportAllocs()
	for b.Loop() {
		a, err := sigv4.Find(r, e)
		if err != nil {
			b.Fatal(err)
		}
		if err := a.VerifyWithKey(signingKey, ""); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNewRequest(b *testing.B) {
	h := signedHeader()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sigv4.NewRequest("GET", "/bucket/path/to/key.txt?versionId=abc&response-content-type=text%2Fplain", "h", h); err != nil {
			b.Fatal(err)
		}
	}
}
