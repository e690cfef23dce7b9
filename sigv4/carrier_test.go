package sigv4_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/sigv4"
)

// Rules: TH-9 S3-20
func TestFindTakesExactlyOneCarrier(t *testing.T) {
	queries := map[string]string{
		"v4": strings.TrimPrefix(s3Query, "/b/k?"), "v4 signature only": "X-Amz-Signature=x", "v4 credential only": "X-Amz-Credential=" + key,
		"v4 algorithm only": "X-Amz-Algorithm", "v4 lower case": "x-amz-credential=" + key, "v4 escaped": "X-Amz-%53ignature=x",
		"v2": strings.TrimPrefix(v2Query, "/b/k?"), "v2 key only": "AWSAccessKeyId=" + key, "v2 signature only": "Signature=x", "v2 lower case": "awsaccesskeyid=x",
	}
	for _, family := range []sigv4.Family{sigv4.FamilyQuery, sigv4.FamilyJSON, sigv4.FamilyS3} {
		text := "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
		if family == sigv4.FamilyS3 {
			text = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified"
		}
		e := expectS3()
		e.Family = family
		for name, query := range queries {
			for _, header := range []string{signedHeader().Get("Authorization"), "", "Bearer x", "AWS a:b"} {
				h := signedHeader()
				h["Authorization"] = []string{header}
				_, err := find(t, "/b/k?"+query, h, e)
				t.Run(name+" with header "+header, func(t *testing.T) { check(t, err, sigv4.BothAuth, text) })
			}
		}
		_, err := find(t, s3Query+"&"+queries["v2"], nil, e)
		check(t, err, sigv4.BothAuth, text)
	}
	h := signedHeader()
	_, err := find(t, s3Query, h, expectS3())
	want := []sigv4.Field{{Name: "ArgumentName", Value: "Authorization"}, {Name: "ArgumentValue", Value: h.Get("Authorization")}}
	if diff := cmp.Diff(want, asError(t, err).Extra); diff != "" {
		t.Error(diff)
	}
}

// Rules: TH-9 S3-20 S3-25
func TestAnonymousIsARequestWithoutAnyCredential(t *testing.T) {
	for _, target := range []string{"/b/k", "/b/k?acl", "/b/k?Expires=1"} {
		_, err := find(t, target, nil, expectS3())
		if !errors.Is(err, sigv4.ErrAnonymous) {
			t.Errorf("%s: %v", target, err)
		}
	}
	_, err := find(t, "/b/k", http.Header{"Authorization": {""}}, expectS3())
	if errors.Is(err, sigv4.ErrAnonymous) || err == nil {
		t.Errorf("an empty header: %v", err)
	}
	anonymous := func(target string, h http.Header, e sigv4.Expect) (*sigv4.Auth, error) {
		r, err := sigv4.NewRequest("PUT", target, "h", h)
		if err != nil {
			t.Fatal(err)
		}
		return sigv4.Anonymous(r, e)
	}
	a, err := anonymous("/b/k", nil, expectS3())
	if err != nil || a.Verify([]byte(secret), hashOf(nil)) == nil || a.VerifyWithKey([]byte(secret), hashOf(nil)) == nil {
		t.Errorf("an anonymous request verifies (%v)", err)
	}
	for _, target := range []string{s3Query, v2Query} {
		if _, err := anonymous(target, nil, expectS3()); err == nil {
			t.Errorf("%s: anonymous", target)
		}
	}
	if _, err := anonymous("/", nil, expectIAM()); err == nil {
		t.Error("IAM takes an anonymous caller")
	}
	e := expectS3()
	e.Streaming = true
	for value, want := range map[string]bool{
		sigv4.UnsignedPayload: true, sigv4.StreamingUnsignedTrailer: true, sig: true,
		sigv4.StreamingSigned: false, sigv4.StreamingSignedTrailer: false, sigv4.StreamingSignedECDSA: false, "x": false,
	} {
		_, err := anonymous("/b/k", http.Header{"X-Amz-Content-Sha256": {value}}, e)
		if (err == nil) != want {
			t.Errorf("%s: %v", value, err)
		}
	}
}

// Rules: WI-50
func TestScopeServicePeeks(t *testing.T) {
	for _, test := range []struct {
		target, authorization, want string
		ok                          bool
	}{
		{"/", iamHeader().Get("Authorization"), "iam", true},
		{s3Query, "", "s3", true},
		{v2Query, "", "s3", true},
		{"/saml?SAMLRequest=x&SigAlg=y&Signature=z", "", "s3", false},
		{stsQuery, "", "sts", true},
		{"/", "AWS4-ECDSA-P256-SHA256 Credential=k/20260304/athena/aws4_request, SignedHeaders=host", "athena", true},
		{"/", "", "", false},
		{"/", "Bearer x", "", false},
		{s3Query, "AWS4-HMAC-SHA256 Credential=a/b/c/iam/aws4_request", "", false},
	} {
		h := http.Header{}
		if test.authorization != "" {
			h.Set("Authorization", test.authorization)
		}
		r, err := sigv4.NewRequest("GET", test.target, "h", h)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := sigv4.ScopeService(r); got != test.want || ok != test.ok {
			t.Errorf("%s %s: %q, %v", test.target, test.authorization, got, ok)
		}
	}
}

// Rules: WI-30 WI-31 S3-26 S3-27 TH-2
func TestFindRefusesPresignedURLsWithS3sTexts(t *testing.T) {
	six := "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
	week := "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"
	const prefix = "Error parsing the X-Amz-Credential parameter; "
	for _, test := range []struct {
		name, old, with string
		after           time.Duration
		kind            sigv4.Kind
		message         string
	}{
		{"no algorithm", "X-Amz-Algorithm=AWS4-HMAC-SHA256&", "", 0, sigv4.IncompleteQuery, six},
		{"no expires", "&X-Amz-Expires=600", "", 0, sigv4.IncompleteQuery, six},
		{"no signature", "&X-Amz-Signature=" + sig, "", 0, sigv4.IncompleteQuery, six},
		{"lower case", "X-Amz-Date", "x-amz-date", 0, sigv4.IncompleteQuery, six},
		{"algorithm", "HMAC-SHA256", "HMAC-SHA1", 0, sigv4.IncompleteQuery, `X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"`},
		{"credential", "%2Faws4_request", "", 0, sigv4.BadCredentialQuery, prefix + `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`},
		{"service", "%2Fs3%2F", "%2Fiam%2F", 0, sigv4.ScopeMismatchQuery, prefix + `incorrect service "iam". This endpoint belongs to "s3".`},
		{"date", "20260304T050607Z", "yesterday", 0, sigv4.IncompleteQuery, `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`},
		{"a week and a second", "Expires=600", "Expires=604801", 0, sigv4.BadExpires, week},
		{"negative", "Expires=600", "Expires=-1", 0, sigv4.BadExpires, "X-Amz-Expires must be non-negative"},
		{"zero", "Expires=600", "Expires=0", 0, sigv4.BadExpires, "X-Amz-Expires must be non-negative"},
		{"no number", "Expires=600", "Expires=1h", 0, sigv4.BadExpires, "X-Amz-Expires should be a number"},
		{"expired", "", "", 600 * time.Second, sigv4.Expired, "Request has expired"},
		{"not yet", "", "", -16 * time.Minute, sigv4.NotYetValid, "Request is not valid yet"},
		{"window before scope's day", "20260304%2F", "20260303%2F", time.Hour, sigv4.Expired, "Request has expired"},
		{"scope's day", "20260304%2F", "20260303%2F", 0, sigv4.ScopeMismatchQuery, `Invalid credential date "20260303". This date is not the same as X-Amz-Date: "20260304".`},
		{"host", "SignedHeaders=host", "SignedHeaders=date", 0, sigv4.HostNotSigned, "There were headers present in the request which were not signed"},
		{"signature twice", "&X-Amz-Date", "&X-Amz-Signature=x&X-Amz-Date", 0, sigv4.Repeated, "'X-Amz-Signature' must not be given more than once."},
		{"acl twice", "&X-Amz-Date", "&X-Amz-Acl=x&x-amz-acl=y&X-Amz-Date", 0, sigv4.Repeated, "'x-amz-acl' must not be given more than once."},
		{"chunks", "&X-Amz-Date", "&X-Amz-Content-Sha256=STREAMING-AWS4-HMAC-SHA256-PAYLOAD&X-Amz-Date", 0, sigv4.StreamingNotAllowed, "The value of x-amz-content-sha256 header is invalid."},
		{"empty token", "&X-Amz-Date", "&X-Amz-Security-Token&X-Amz-Date", 0, sigv4.WrongToken, "The provided token is malformed or otherwise invalid."},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := expectS3()
			e.Now, e.Streaming = now().Add(test.after), true
			target := strings.Replace(s3Query, test.old, test.with, 1)
			if test.old != "" && target == s3Query {
				t.Fatal("nothing changed")
			}
			_, err := find(t, target, nil, e)
			check(t, err, test.kind, test.message)
		})
	}
	e := expectS3()
	e.Now = now().Add(time.Hour)
	_, err := find(t, s3Query, nil, e)
	want := []sigv4.Field{{Name: "X-Amz-Expires", Value: "600"}, {Name: "Expires", Value: "2026-03-04T05:16:07Z"}, {Name: "ServerTime", Value: "2026-03-04T06:06:07Z"}}
	if diff := cmp.Diff(want, asError(t, err).Extra); diff != "" {
		t.Error(diff)
	}
	a, err := find(t, s3Query, nil, expectS3())
	if err != nil {
		t.Fatal(err)
	}
	if a.Payload != sigv4.PayloadUnsigned || a.Expires != 600*time.Second || !a.ExpiresAt.Equal(now().Add(600*time.Second)) || a.Carrier != sigv4.CarrierQuery {
		t.Errorf("%+v", a)
	}
}

// Rules: WI-32 WI-30 TH-14
func TestFindHoldsPresignedControlCallsToFifteenMinutes(t *testing.T) {
	e := expectIAM()
	e.Service = "sts"
	for _, expires := range []string{"X-Amz-Expires=60", "X-Amz-Expires=604800"} {
		target := strings.Replace(stsQuery, "X-Amz-Expires=60", expires, 1)
		for after, want := range map[time.Duration]bool{0: true, 15 * time.Minute: true, 15*time.Minute + time.Second: false, -16 * time.Minute: false} {
			e.Now = now().Add(after)
			if _, err := find(t, target, nil, e); (err == nil) != want {
				t.Errorf("%s after %v: %v", expires, after, err)
			}
		}
	}
	e.Now = now()
	_, err := find(t, strings.Replace(stsQuery, "X-Amz-Expires=60", "X-Amz-Expires=604801", 1), nil, e)
	if asError(t, err).Kind != sigv4.BadExpires {
		t.Error(err)
	}
	_, err = find(t, "/?X-Amz-Algorithm", nil, e)
	check(t, err, sigv4.IncompleteQuery, "AWS query-string parameters must include 'X-Amz-Algorithm'. AWS query-string parameters must include 'X-Amz-Credential'. "+
		"AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. "+
		"AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.")
}

// Rules: TH-17 WI-8 S3-30
func TestFindTakesOneSignedToken(t *testing.T) {
	e := expectS3()
	h := http.Header{"X-Amz-Security-Token": {"t"}}
	signed := strings.Replace(s3Query, "SignedHeaders=host", "SignedHeaders=host%3Bx-amz-security-token", 1)
	a, err := find(t, signed, h, e)
	if err != nil || a.Token != "t" || a.TokenIn != sigv4.CarrierHeader {
		t.Errorf("signed header: %v, %v", a, err)
	}
	if _, err := find(t, s3Query, h, e); asError(t, err).Kind != sigv4.HeadersNotSigned {
		t.Errorf("unsigned header: %v", err)
	}
	for _, name := range []string{"X-Amz-Security-Token", "x-amz-security-token"} {
		if _, err := find(t, signed+"&"+name+"=t", h, e); asError(t, err).Kind != sigv4.TokenTwice {
			t.Errorf("%s in both: %v", name, err)
		}
		a, err := find(t, s3Query+"&"+name+"=t", nil, e)
		if err != nil || a.Token != "t" || a.TokenIn != sigv4.CarrierQuery {
			t.Errorf("query: %v, %v", a, err)
		}
	}
	two := signedHeader()
	two.Set("X-Amz-Security-Token", "t")
	auth("x-amz-date", "x-amz-date;x-amz-security-token")(two, nil)
	if _, err := find(t, "/b/k?X-Amz-Security-Token=u", two, e); asError(t, err).Kind != sigv4.TokenTwice {
		t.Errorf("header, and query besides: %v", err)
	}
}

func signV2(t *testing.T, method, target string, expires time.Time) string {
	t.Helper()
	r, err := http.NewRequest(method, "http://h"+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	url, err := sigv4.PresignV2(r, sigv4.Credentials{AccessKeyID: key, SecretAccessKey: secret}, expires)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(url, "http://h")
}

func verifyV2(method, target string, h http.Header, e sigv4.Expect) error {
	r, err := sigv4.NewRequest(method, target, "h", h)
	if err != nil {
		return err
	}
	a, err := sigv4.Find(r, e)
	if err != nil {
		return err
	}
	return a.Verify([]byte(secret), "")
}

// Rules: S3-28 S3-29 WI-34 TH-15
func TestVersion2OpensPlainObjectsOnly(t *testing.T) {
	hour := now().Add(time.Hour)
	for _, method := range []string{"GET", "HEAD", "PUT"} {
		good := signV2(t, method, "/b/k?versionId=1", hour)
		if err := verifyV2(method, good, nil, expectS3()); err != nil {
			t.Errorf("%s: %v", method, err)
		}
		for _, more := range []string{
			"tagging", "retention", "legal-hold", "acl", "policyStatus", "publicAccessBlock", "encryption", "uploads", "partNumber=1", "uploadId=x",
			"torrent", "x-id=GetObject", "unknown=1", "response-content-type=text/html", "x-amz-acl=public-read", "x-amz-copy-source=%2Fa%2Fb", "versionid=2",
		} {
			if err := verifyV2(method, good+"&"+more, nil, expectS3()); err == nil {
				t.Errorf("%s with %s accepted", method, more)
			}
		}
		// Signed or not, a sub-resource is not a plain object.
		for _, sub := range []string{"acl", "tagging", "uploadId=1&partNumber=2"} {
			if err := verifyV2(method, signV2(t, method, "/b/k?"+sub, hour), nil, expectS3()); asError(t, err).Kind != sigv4.RefusedV2 {
				t.Errorf("%s ?%s: %v", method, sub, err)
			}
		}
		for _, header := range []string{"X-Amz-Acl", "X-Amz-Copy-Source", "X-Amz-Security-Token"} {
			if err := verifyV2(method, good, http.Header{header: {"x"}}, expectS3()); err == nil {
				t.Errorf("%s with header %s accepted", method, header)
			}
		}
	}
}

// Rules: S3-28 WI-34 TH-15
func TestVersion2OpensNothingButObjects(t *testing.T) {
	hour := now().Add(time.Hour)
	for target, method := range map[string]string{"/b": "GET", "/b/": "GET", "/": "GET", "/b/k": "DELETE", "/b/l": "POST"} {
		if err := verifyV2(method, signV2(t, method, target, hour), nil, expectS3()); asError(t, err).Kind != sigv4.RefusedV2 {
			t.Errorf("%s %s: %v", method, target, err)
		}
	}
	if err := verifyV2("PUT", signV2(t, "GET", "/b/k", hour), nil, expectS3()); asError(t, err).Kind != sigv4.BadSignature {
		t.Errorf("another method: %v", err)
	}
}

// Rules: S3-28 WI-34 TH-2 TH-15
func TestVersion2RefusesWithS3sTexts(t *testing.T) {
	hour := now().Add(time.Hour)
	if err := verifyV2("GET", signV2(t, "GET", "/b/k", now().Add(7*24*time.Hour+time.Second)), nil, expectS3()); asError(t, err).Kind != sigv4.RefusedV2 {
		t.Errorf("beyond a week: %v", err)
	}
	check(t, verifyV2("GET", signV2(t, "GET", "/b/k", now()), nil, expectS3()), sigv4.Expired, "Request has expired")
	check(t, verifyV2("GET", "/b/k?AWSAccessKeyId=x&Signature=y", nil, expectS3()), sigv4.IncompleteV2, "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters")
	check(t, verifyV2("GET", "/b/k?AWSAccessKeyId=x&Signature=y&Expires=01", nil, expectS3()), sigv4.IncompleteV2, "Invalid date (should be seconds since epoch): 01")
	check(t, verifyV2("GET", "/b/k?AWSAccessKeyId=x&AWSAccessKeyId=x&Signature=y&Expires=1", nil, expectS3()), sigv4.Repeated, "'AWSAccessKeyId' must not be given more than once.")
	e := expectS3()
	e.NoV2 = true
	check(t, verifyV2("GET", signV2(t, "GET", "/b/k", hour), nil, e), sigv4.UnsupportedMechanism, "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
	check(t, verifyV2("GET", signV2(t, "GET", "/b/k", hour), nil, expectIAM()), sigv4.MissingAuth, "Request is missing Authentication Token")
}

// Rules: S3-28
func TestVersion2SignsTheBucketOfAVirtualHost(t *testing.T) {
	e := expectS3()
	e.Bucket = "b"
	virtual := strings.Replace(signV2(t, "GET", "/b/k", now().Add(time.Hour)), "/b/k", "/k", 1)
	// An unescaped plus in the signature arrives as a blank.
	if err := verifyV2("GET", strings.ReplaceAll(virtual, "%2B", "+"), nil, e); err != nil {
		t.Errorf("virtual host: %v", err)
	}
	if err := verifyV2("GET", virtual, nil, expectS3()); err == nil {
		t.Error("a bucket's name taken for another's object")
	}
}

// Rules: S3-27 TH-2
func TestHeadersMergesWhatAPresignedURLSays(t *testing.T) {
	a, err := find(t, s3Query+"&x-amz-acl=private&X-Amz-Meta-A=b&acl", http.Header{"Range": {"bytes=0-"}}, expectS3())
	if err != nil {
		t.Fatal(err)
	}
	h, err := a.Headers()
	want := http.Header{"Range": {"bytes=0-"}, "X-Amz-Acl": {"private"}, "X-Amz-Meta-A": {"b"}}
	if diff := cmp.Diff(want, h); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	signed := strings.Replace(s3Query, "SignedHeaders=host", "SignedHeaders=host%3Bx-amz-acl", 1)
	a, err = find(t, signed+"&X-Amz-Acl=public-read", http.Header{"X-Amz-Acl": {"private"}}, expectS3())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Headers(); asError(t, err).Kind != sigv4.Repeated {
		t.Errorf("header and parameter that differ: %v", err)
	}
}

// Rules: WI-20 S3-20 S3-22 S3-25 S3-26 S3-36
func TestCodesAndStatus(t *testing.T) {
	for _, test := range []struct {
		kind   sigv4.Kind
		query  string
		status int
		json   string
		s3     string
		s3Code int
	}{
		{sigv4.MissingAuth, "MissingAuthenticationToken", 403, "MissingAuthenticationTokenException", "AccessDenied", 403},
		{sigv4.Incomplete, "IncompleteSignature", 400, "IncompleteSignatureException", "AuthorizationHeaderMalformed", 400},
		{sigv4.UnknownKey, "InvalidClientTokenId", 403, "UnrecognizedClientException", "InvalidAccessKeyId", 403},
		{sigv4.BadSignature, "SignatureDoesNotMatch", 403, "InvalidSignatureException", "SignatureDoesNotMatch", 403},
		{sigv4.ScopeMismatch, "SignatureDoesNotMatch", 403, "InvalidSignatureException", "AuthorizationHeaderMalformed", 400},
		{sigv4.Skewed, "SignatureDoesNotMatch", 403, "InvalidSignatureException", "RequestTimeTooSkewed", 403},
		{sigv4.Expired, "SignatureDoesNotMatch", 403, "InvalidSignatureException", "AccessDenied", 403},
		{sigv4.ExpiredToken, "ExpiredToken", 403, "ExpiredTokenException", "ExpiredToken", 400},
		{sigv4.WrongToken, "InvalidClientTokenId", 403, "UnrecognizedClientException", "InvalidToken", 400},
		{sigv4.BothAuth, "SignatureDoesNotMatch", 403, "InvalidSignatureException", "InvalidArgument", 400},
		{sigv4.HeadersNotSigned, "SignatureDoesNotMatch", 403, "InvalidSignatureException", "AccessDenied", 403},
		{sigv4.IncompleteQuery, "IncompleteSignature", 400, "IncompleteSignatureException", "AuthorizationQueryParametersError", 400},
		{sigv4.BadPayload, "SignatureDoesNotMatch", 403, "InvalidSignatureException", "XAmzContentSHA256Mismatch", 400},
		{sigv4.MissingLength, "SignatureDoesNotMatch", 403, "InvalidSignatureException", "MissingContentLength", 411},
		{sigv4.Kind(-1), "SignatureDoesNotMatch", 403, "InvalidSignatureException", "SignatureDoesNotMatch", 403},
		{sigv4.Kind(999), "SignatureDoesNotMatch", 403, "InvalidSignatureException", "SignatureDoesNotMatch", 403},
	} {
		for family, want := range map[sigv4.Family]sigv4.Field{sigv4.FamilyQuery: {Name: test.query}, sigv4.FamilyJSON: {Name: test.json}, sigv4.FamilyS3: {Name: test.s3}} {
			status := map[sigv4.Family]int{sigv4.FamilyQuery: test.status, sigv4.FamilyJSON: 400, sigv4.FamilyS3: test.s3Code}[family]
			e := sigv4.NewError(test.kind, family)
			if code, got := e.Code(); code != want.Name || got != status || e.Error() == "" {
				t.Errorf("kind %d in family %d: %s %d %q, want %s %d", test.kind, family, code, got, e.Message, want.Name, status)
			}
		}
	}
	for kind, want := range map[sigv4.Kind]string{
		sigv4.UnsupportedAuth: "InvalidArgument 400", sigv4.UnsupportedMechanism: "InvalidRequest 400", sigv4.IncompleteV2: "AccessDenied 403",
		sigv4.RefusedV2: "AccessDenied 403", sigv4.BadDate: "AccessDenied 403", sigv4.BadCredential: "AuthorizationHeaderMalformed 400",
		sigv4.BadCredentialQuery: "AuthorizationQueryParametersError 400", sigv4.ScopeMismatchQuery: "AuthorizationQueryParametersError 400",
		sigv4.BadExpires: "AuthorizationQueryParametersError 400", sigv4.HostNotSigned: "AccessDenied 403", sigv4.NotYetValid: "AccessDenied 403",
		sigv4.Repeated: "InvalidArgument 400", sigv4.TokenTwice: "InvalidToken 400", sigv4.MissingPayloadHash: "InvalidRequest 400",
		sigv4.InvalidPayloadHash: "InvalidArgument 400", sigv4.StreamingNotAllowed: "InvalidRequest 400", sigv4.IncompleteBody: "IncompleteBody 400",
		sigv4.InvalidChunkSize: "InvalidChunkSizeError 400", sigv4.MalformedTrailer: "MalformedTrailerError 400", sigv4.BadDigest: "BadDigest 400",
		sigv4.InvalidChecksum: "InvalidRequest 400",
	} {
		if code, status := sigv4.Code(kind, sigv4.FamilyS3); fmt.Sprint(code, " ", status) != want {
			t.Errorf("kind %d: %s %d, want %s", kind, code, status, want)
		}
	}
	texts := map[sigv4.Kind][2]string{
		sigv4.UnknownKey:   {"The security token included in the request is invalid.", "The AWS Access Key Id you provided does not exist in our records."},
		sigv4.ExpiredToken: {"The security token included in the request is expired", "The provided token has expired."},
		sigv4.WrongToken:   {"The security token included in the request is invalid.", "The provided token is malformed or otherwise invalid."},
		sigv4.BadSignature: {
			"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
			"The request signature we calculated does not match the signature you provided. Check your key and signing method.",
		},
	}
	for kind, want := range texts {
		if got := [2]string{sigv4.NewError(kind, sigv4.FamilyQuery).Message, sigv4.NewError(kind, sigv4.FamilyS3).Message}; got != want {
			t.Errorf("kind %d: %q", kind, got)
		}
	}
}
