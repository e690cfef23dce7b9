package sigv4_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/sigv4"
)

const (
	key    = "AKIAIOSFODNN7EXAMPLE"
	secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	scope  = key + "/20260304/us-east-1/"
	sig    = "0000000000000000000000000000000000000000000000000000000000000000"
)

func now() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }

func expectS3() sigv4.Expect {
	return sigv4.Expect{Family: sigv4.FamilyS3, Service: "s3", Now: now()}
}

func expectIAM() sigv4.Expect {
	return sigv4.Expect{Family: sigv4.FamilyQuery, Service: "iam", Now: now()}
}

// signedHeader is a header of good grammar for S3, its signature none.
func signedHeader() http.Header {
	return http.Header{
		"Authorization":        {"AWS4-HMAC-SHA256 Credential=" + scope + "s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + sig},
		"X-Amz-Date":           {"20260304T050607Z"},
		"X-Amz-Content-Sha256": {"UNSIGNED-PAYLOAD"},
	}
}

func iamHeader() http.Header {
	return http.Header{
		"Authorization": {"AWS4-HMAC-SHA256 Credential=" + scope + "iam/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + sig},
		"X-Amz-Date":    {"20260304T050607Z"},
	}
}

const s3Query = "/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + key + "%2F20260304%2Fus-east-1%2Fs3%2Faws4_request" +
	"&X-Amz-Date=20260304T050607Z&X-Amz-Expires=600&X-Amz-SignedHeaders=host&X-Amz-Signature=" + sig

const stsQuery = "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" + key +
	"%2F20260304%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20260304T050607Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=" + sig

const v2Query = "/b/k?AWSAccessKeyId=" + key + "&Signature=abc%3D&Expires=1772601000"

func find(t testing.TB, target string, h http.Header, e sigv4.Expect) (*sigv4.Auth, error) {
	t.Helper()
	r, err := sigv4.NewRequest("GET", target, "h", h)
	if err != nil {
		t.Fatal(err)
	}
	return sigv4.Find(r, e)
}

// A refusal is a row of the tables of texts: change one thing of a good request.
type refusal struct {
	name    string
	change  func(h http.Header, e *sigv4.Expect)
	kind    sigv4.Kind
	message string
}

func auth(old, with string) func(http.Header, *sigv4.Expect) {
	return func(h http.Header, _ *sigv4.Expect) {
		changed := strings.Replace(h.Get("Authorization"), old, with, 1)
		if changed == h.Get("Authorization") {
			panic("nothing changed: " + old)
		}
		h.Set("Authorization", changed)
	}
}

func setHeader(name, value string) func(http.Header, *sigv4.Expect) {
	return func(h http.Header, _ *sigv4.Expect) {
		if value == "" {
			h.Del(name)
			return
		}
		h.Set(name, value)
	}
}

func check(t *testing.T, err error, kind sigv4.Kind, message string) {
	t.Helper()
	e, ok := errors.AsType[*sigv4.Error](err)
	if !ok {
		t.Fatalf("got %v, want an Error", err)
	}
	if e.Kind != kind {
		t.Errorf("kind %d, want %d", e.Kind, kind)
	}
	if diff := cmp.Diff(message, e.Message); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
}

// Rules: WI-1 WI-4 WI-6 WI-7 WI-20 TH-7 TH-8 TH-9 TH-13 TH-22
func TestFindRefusesIAMHeadersWithAWSsTexts(t *testing.T) {
	header := iamHeader().Get("Authorization")
	for _, test := range []refusal{
		{"no header", setHeader("Authorization", ""), sigv4.MissingAuth, "Request is missing Authentication Token"},
		{"other scheme", setHeader("Authorization", "Bearer x"), sigv4.MissingAuth, "Request is missing Authentication Token"},
		{"version 2", setHeader("Authorization", "AWS a:b"), sigv4.MissingAuth, "Request is missing Authentication Token"},
		{"empty header", func(h http.Header, _ *sigv4.Expect) { h["Authorization"] = []string{""} }, sigv4.MissingAuth, "Request is missing Authentication Token"},
		{
			"all missing", func(h http.Header, _ *sigv4.Expect) {
				h.Set("Authorization", "AWS4-HMAC-SHA256")
				h.Del("X-Amz-Date")
			}, sigv4.Incomplete, "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. " +
				"Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " +
				"Authorization=AWS4-HMAC-SHA256",
		},
		{"no signature", auth(", Signature="+sig, ""), sigv4.Incomplete, "Authorization header requires 'Signature' parameter. Authorization=" + strings.Replace(header, ", Signature="+sig, "", 1)},
		{"no equal sign", auth("Signature="+sig, "Signature"), sigv4.Incomplete, "'Signature' not a valid key=value pair (missing equal-sign) in Authorization header: '" + strings.Replace(header, "="+sig, "", 1) + "'."},
		{"credential twice", auth(", Signature", ", Credential=x, Signature"), sigv4.Incomplete, "'Credential=x' not a valid key=value pair (missing equal-sign) in Authorization header: '" + strings.Replace(header, ", Signature", ", Credential=x, Signature", 1) + "'."},
		{"algorithm", auth("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"), sigv4.UnsupportedAlgorithm, "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA512'."},
		{"date", setHeader("X-Amz-Date", "201"), sigv4.BadDate, "Date must be in ISO-8601 'basic format'. Got '201'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"rfc date in x-amz-date", setHeader("X-Amz-Date", "Wed, 04 Mar 2026 05:06:07 GMT"), sigv4.BadDate, "Date must be in ISO-8601 'basic format'. Got 'Wed, 04 Mar 2026 05:06:07 GMT'. See http://en.wikipedia.org/wiki/ISO_8601"},
		{"host", auth("host;", ""), sigv4.HostNotSigned, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."},
		{"target", setHeader("X-Amz-Target", "Service.Operation"), sigv4.HeadersNotSigned, "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization."},
		{"token", setHeader("X-Amz-Security-Token", "t"), sigv4.HeadersNotSigned, "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization."},
		{"date not signed", auth(";x-amz-date", ""), sigv4.HeadersNotSigned, "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization."},
		{"hash not signed", setHeader("X-Amz-Content-Sha256", sig), sigv4.HeadersNotSigned, "'x-amz-content-sha256' must be a 'SignedHeader' in the AWS Authorization."},
		{"credential", auth("/aws4_request", ""), sigv4.BadCredential, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" + scope + "iam'"},
		{"service", auth("iam", "s3tables"), sigv4.ScopeMismatch, "Credential should be scoped to correct service: 'iam'."},
		{"region", func(_ http.Header, e *sigv4.Expect) { e.Region = "eu-west-1" }, sigv4.ScopeMismatch, "Credential should be scoped to a valid region, not 'us-east-1'."},
		{
			"whole scope", auth("20260304/us-east-1/iam/aws4_request", "20260303//sts/aws3"), sigv4.ScopeMismatch,
			"Credential should be scoped to a valid region, not ''. Credential should be scoped to correct service: 'iam'. " +
				"Credential should be scoped with a valid terminator: 'aws4_request', not 'aws3'. " +
				"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20260303' != '20260304', from '20260304T050607Z'.",
		},
		{"late", func(_ http.Header, e *sigv4.Expect) { e.Now = now().Add(15*time.Minute + time.Second) }, sigv4.Expired, "Signature expired: 20260304T050607Z is now earlier than 20260304T050608Z (20260304T052108Z - 15 min.)"},
		{"early", func(_ http.Header, e *sigv4.Expect) { e.Now = now().Add(-16 * time.Minute) }, sigv4.NotYetValid, "Signature not yet current: 20260304T050607Z is still later than 20260304T050507Z (20260304T045007Z + 15 min.)"},
		{"no service expected", func(_ http.Header, e *sigv4.Expect) { e.Service = "" }, sigv4.ScopeMismatch, "Credential should be scoped to correct service: ''."},
		{
			"content type", func(h http.Header, e *sigv4.Expect) {
				h.Set("Content-Type", "application/json")
				e.ContentType = "application/x-www-form-urlencoded"
			}, sigv4.HeadersNotSigned, "'content-type' must be a 'SignedHeader' in the AWS Authorization.",
		},
		{"date twice", func(h http.Header, _ *sigv4.Expect) { h.Add("X-Amz-Date", "20260304T050607Z") }, sigv4.Repeated, "'X-Amz-Date' must not be given more than once."},
		{"authorization twice", func(h http.Header, _ *sigv4.Expect) { h.Add("Authorization", "x") }, sigv4.Repeated, "'Authorization' must not be given more than once."},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, e := iamHeader(), expectIAM()
			test.change(h, &e)
			_, err := find(t, "/", h, e)
			check(t, err, test.kind, test.message)
		})
	}
	if _, err := find(t, "/", iamHeader(), expectIAM()); err != nil {
		t.Errorf("the unchanged request: %v", err)
	}
}

// Rules: WI-5 TH-13
func TestFindTakesNothingButAHashOutsideS3(t *testing.T) {
	for _, value := range []string{
		"UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
		"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD", "", "x",
	} {
		for _, family := range []sigv4.Family{sigv4.FamilyQuery, sigv4.FamilyJSON} {
			h, e := iamHeader(), expectIAM()
			e.Family, e.Streaming = family, true
			h["X-Amz-Content-Sha256"] = []string{value}
			auth("host;", "host;x-amz-content-sha256;")(h, nil)
			_, err := find(t, "/", h, e)
			if code, _ := asError(t, err).Code(); asError(t, err).Kind != sigv4.InvalidPayloadHash || !strings.Contains(code, "Signature") {
				t.Errorf("%q: %v, code %s", value, err, code)
			}
		}
	}
}

func asError(t *testing.T, err error) *sigv4.Error {
	t.Helper()
	e, ok := errors.AsType[*sigv4.Error](err)
	if !ok {
		t.Fatalf("got %v, want an Error", err)
	}
	return e
}

// Rules: WI-6 WI-7 TH-22
func TestFindTakesTheDateHeaderAndEitherClock(t *testing.T) {
	for _, date := range []string{"Wed, 04 Mar 2026 05:06:07 GMT", "20260304T050607Z"} {
		h := iamHeader()
		h.Del("X-Amz-Date")
		h.Set("Date", date)
		auth("x-amz-date", "date")(h, nil)
		a, err := find(t, "/", h, expectIAM())
		if err != nil || !a.Date.Equal(now()) {
			t.Errorf("%s: %v, %v", date, a, err)
		}
	}
	e := expectIAM()
	e.Now, e.AlsoNow = now().Add(48*time.Hour), now()
	if _, err := find(t, "/", iamHeader(), e); err != nil {
		t.Errorf("the second clock does not hold: %v", err)
	}
	e.AlsoNow = now().Add(time.Hour)
	if _, err := find(t, "/", iamHeader(), e); err == nil {
		t.Error("neither clock holds, yet accepted")
	}
}

// Rules: S3-20 S3-21 S3-22 S3-23 S3-24 S3-25 WI-4 TH-7 TH-8 TH-10
func TestFindRefusesS3HeadersWithS3sTexts(t *testing.T) {
	const malformed = "The authorization header is malformed; "
	three := malformed + "the authorization header requires three components: Credential, SignedHeaders, and Signature."
	credential := malformed + `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`
	skewed := "The difference between the request time and the current time is too large."
	unsigned := "There were headers present in the request which were not signed"
	for _, test := range []refusal{
		{"none", setHeader("Authorization", ""), sigv4.MissingAuth, "Access Denied"},
		{"other scheme", setHeader("Authorization", "Bearer x"), sigv4.UnsupportedAuth, "Unsupported Authorization Type"},
		{"version 2", setHeader("Authorization", "AWS a:b"), sigv4.UnsupportedMechanism, "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."},
		{"no signature", auth(", Signature="+sig, ""), sigv4.Incomplete, three},
		{"extra part", auth(", Signature", ", More=x, Signature"), sigv4.Incomplete, three},
		{"signature twice", auth(", Signature", ", Signature=a, Signature"), sigv4.Incomplete, three},
		{"trailing comma", auth(sig, sig+","), sigv4.Incomplete, three},
		{"credential", auth("/aws4_request", ""), sigv4.BadCredential, credential},
		{"no key", auth(key, ""), sigv4.BadCredential, credential},
		{"credential date", auth("20260304", "2026-3-4"), sigv4.BadCredential, malformed + `incorrect date format "2026-3-4". This date in the credential must be in the format "yyyyMMdd".`},
		{"service", auth("/s3/", "/iam/"), sigv4.ScopeMismatch, malformed + `incorrect service "iam". This endpoint belongs to "s3".`},
		{"terminal", auth("aws4_request", "aws3"), sigv4.ScopeMismatch, malformed + `incorrect terminal "aws3". This endpoint uses "aws4_request".`},
		{"no date", setHeader("X-Amz-Date", ""), sigv4.BadDate, "AWS authentication requires a valid Date or x-amz-date header"},
		{"bad date", setHeader("X-Amz-Date", "now"), sigv4.BadDate, "AWS authentication requires a valid Date or x-amz-date header"},
		{"late", func(_ http.Header, e *sigv4.Expect) { e.Now = now().Add(15*time.Minute + time.Second) }, sigv4.Skewed, skewed},
		{"early", func(_ http.Header, e *sigv4.Expect) { e.Now = now().Add(-15*time.Minute - time.Second) }, sigv4.Skewed, skewed},
		{"region", func(_ http.Header, e *sigv4.Expect) { e.Region = "eu-west-1" }, sigv4.ScopeMismatch, malformed + "the region 'us-east-1' is wrong; expecting 'eu-west-1'"},
		{"skew before region", func(_ http.Header, e *sigv4.Expect) { e.Region, e.Now = "eu-west-1", now().Add(time.Hour) }, sigv4.Skewed, skewed},
		{"day", auth("20260304", "20260303"), sigv4.ScopeMismatch, malformed + "Invalid credential date. Date is not the same as X-Amz-Date."},
		{"host", auth("host;", ""), sigv4.HostNotSigned, unsigned},
		{"acl", setHeader("X-Amz-Acl", "private"), sigv4.HeadersNotSigned, unsigned},
		{"token", setHeader("X-Amz-Security-Token", "t"), sigv4.HeadersNotSigned, unsigned},
		{"no hash", setHeader("X-Amz-Content-Sha256", ""), sigv4.MissingPayloadHash, "Missing required header for this request: x-amz-content-sha256"},
		{
			"bad hash", setHeader("X-Amz-Content-Sha256", "abc"), sigv4.InvalidPayloadHash,
			"x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, " +
				"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, " +
				"STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
		},
		{"streaming", setHeader("X-Amz-Content-Sha256", sigv4.StreamingSigned), sigv4.StreamingNotAllowed, "The value of x-amz-content-sha256 header is invalid."},
		{"unsigned streaming", setHeader("X-Amz-Content-Sha256", sigv4.StreamingUnsignedTrailer), sigv4.StreamingNotAllowed, "The value of x-amz-content-sha256 header is invalid."},
		{
			"other algorithm's chunks", func(h http.Header, e *sigv4.Expect) {
				h.Set("X-Amz-Content-Sha256", sigv4.StreamingSignedECDSA)
				e.Streaming = true
			}, sigv4.StreamingNotAllowed, "The value of x-amz-content-sha256 header is invalid.",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			h, e := signedHeader(), expectS3()
			test.change(h, &e)
			_, err := find(t, "/b/k", h, e)
			check(t, err, test.kind, test.message)
		})
	}
	if _, err := find(t, "/b/k", signedHeader(), expectS3()); err != nil {
		t.Errorf("the unchanged request: %v", err)
	}
}

// Rules: S3-22 S3-23 S3-24
func TestFindGivesS3sExtraMembers(t *testing.T) {
	h, e := signedHeader(), expectS3()
	h.Set("X-Amz-Tagging", "a")
	h.Set("X-Amz-Acl", "private")
	_, err := find(t, "/b/k", h, e)
	want := []sigv4.Field{{Name: "HeadersNotSigned", Value: "x-amz-acl, x-amz-tagging"}}
	if diff := cmp.Diff(want, asError(t, err).Extra); diff != "" {
		t.Error(diff)
	}
	e.Region = "eu-west-1"
	_, err = find(t, "/b/k", signedHeader(), e)
	if diff := cmp.Diff([]sigv4.Field{{Name: "Region", Value: "eu-west-1"}}, asError(t, err).Extra); diff != "" {
		t.Error(diff)
	}
	e = expectS3()
	e.Now = now().Add(time.Hour)
	_, err = find(t, "/b/k", signedHeader(), e)
	want = []sigv4.Field{{Name: "RequestTime", Value: "20260304T050607Z"}, {Name: "ServerTime", Value: "2026-03-04T06:06:07Z"}, {Name: "MaxAllowedSkewMilliseconds", Value: "900000"}}
	if diff := cmp.Diff(want, asError(t, err).Extra); diff != "" {
		t.Error(diff)
	}
}

// Rules: S3-23 WI-4
func TestFindSortsSignedHeaders(t *testing.T) {
	h := signedHeader()
	auth("host;x-amz-date", "X-Amz-Date;HOST;host")(h, nil)
	a, err := find(t, "/b/k", h, expectS3())
	if err != nil || !slices.Equal(a.SignedHeaders, []string{"host", "x-amz-date"}) {
		t.Errorf("%v, %v", a, err)
	}
}
