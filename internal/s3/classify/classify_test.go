package classify_test

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/s3/classify"
	"github.com/regent-iam/regent/sigv4"
)

// failure renders an error as "status code [name=value …]: message".
func failure(t testing.TB, err error) string {
	t.Helper()
	e, ok := errors.AsType[*classify.Error](err)
	if !ok {
		t.Fatalf("error is %T %v", err, err)
	}
	var b strings.Builder
	b.WriteString(http.StatusText(e.Status) + " " + e.Code)
	for _, f := range e.Fields {
		b.WriteString(" " + f.Name + "=" + f.Value)
	}
	if e.Allow != "" {
		b.WriteString(" [" + e.Allow + "]")
	}
	return b.String() + ": " + e.Message
}

func at(t testing.TB, method, target, host string, header http.Header) (*classify.Classified, error) {
	t.Helper()
	r, err := sigv4.NewRequest(method, target, host, header)
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	k := classify.New(classify.Config{Hosts: []string{"Example.com", "s3.example.com"}})
	return k.Classify(r, now)
}

// Rules: S3-1 S3-2 S3-3 S3-6 TH-4 TH-5
func TestBucketAndKey(t *testing.T) {
	const path = "127.0.0.1:8700"
	for _, test := range []struct{ host, target, bucket, key string }{
		{path, "/", "", ""},
		{path, "/bkt", "bkt", ""},
		{path, "/bkt/", "bkt", ""},
		{path, "/bkt/k", "bkt", "k"},
		{path, "/bkt//x", "bkt", "/x"},
		{path, "/bkt/s//x", "bkt", "s//x"},
		{path, "/bkt//s/x", "bkt", "/s/x"},
		{path, "/bkt/./s/x", "bkt", "./s/x"},
		{path, "/bkt/s/./x", "bkt", "s/./x"},
		{path, "/bkt/q/../s/x", "bkt", "q/../s/x"},
		{path, "/bkt/a%2Fb", "bkt", "a/b"},
		{path, "/bkt/a%252Fb", "bkt", "a%2Fb"},
		{path, "/bkt/a", "bkt", "a"},
		{path, "/bkt/a/b", "bkt", "a/b"},
		{path, "/bkt/a/", "bkt", "a/"},
		{path, "/bkt/a+b%20c", "bkt", "a+b c"},
		{path, "/bkt/%C3%A4", "bkt", "ä"},
		{path, "/bkt/a%CC%88", "bkt", "a\u0308"},
		{path, "/bkt/%01", "bkt", "\x01"},
		{path, "/bkt/K", "bkt", "K"},
		{path, "/bkt/" + strings.Repeat("k", 1024), "bkt", strings.Repeat("k", 1024)},
		{path, "/b%6Bt/k", "bkt", "k"},
		{path, "/bkt/..%2f..%2fetc", "bkt", "../../etc"},
		{"s3.example.com", "/bkt/k", "bkt", "k"},
		{"example.com:80", "/bkt/k", "bkt", "k"},
		{"bkt.s3.example.com", "/", "bkt", ""},
		{"bkt.s3.example.com:8700", "/k/x", "bkt", "k/x"},
		{"BKT.S3.Example.COM", "/k", "bkt", "k"},
		{"my.bkt.s3.example.com", "//x", "my.bkt", "/x"},
		{"bkt.example.com", "/bkt/k", "bkt", "bkt/k"},
		{"bkt.example.com", "/a%2Fb", "bkt", "a/b"},
		{"bkt.other.net", "/bkx/k", "bkx", "k"},
		{"[::1]:8700", "/bkt/k", "bkt", "k"},
		{"bkts3.example.com.evil", "/bkt/k", "bkt", "k"},
	} {
		c, err := at(t, "GET", test.target, test.host, http.Header{})
		if err != nil {
			t.Errorf("%s%s: %v", test.host, test.target, err)
			continue
		}
		if c.Bucket != test.bucket || c.Key != test.key {
			t.Errorf("%s%s: %q %q, want %q %q", test.host, test.target, c.Bucket, c.Key, test.bucket, test.key)
		}
		if want := "arn:aws:s3:::" + test.bucket + "/" + test.key; test.key != "" && c.Needs()[0].Resource != want {
			t.Errorf("%s: needs %q", test.target, c.Needs()[0].Resource)
		}
	}
}

// Rules: S3-1 S3-4 S3-5 S3-8 S3-9 S3-10 S3-11 S3-12 S3-13 S3-15 S3-38 S3-90 S3-131 S3-141 TH-2 TH-5 TH-66 WI-50
func TestRefusals(t *testing.T) {
	const notAllowed = ": The specified method is not allowed against this resource."
	const badURI = "Bad Request InvalidURI: Couldn't parse the specified URI."
	const badName = ": The specified bucket is not valid."
	const notThere = "Not Implemented NotImplemented: A header you provided implies functionality that is not implemented"
	const copyOnly = ": You can only specify a copy source header for copy requests."
	const twice = " must not be specified more than once."
	for _, test := range []struct{ line, headers, want string }{
		{"GET /b%2Fk", "", badURI},
		{"GET /bkt%2fk/x", "", badURI},
		{"GET /%2Fbkt/x", "", badURI},
		{"GET /b%00t/x", "", badURI},
		{"GET /bkt/%00", "", badURI},
		{"GET //x", "", "Bad Request InvalidBucketName BucketName=" + badName},
		{"GET /Bkt", "", "Bad Request InvalidBucketName BucketName=Bkt" + badName},
		{"GET /latest/meta-data", "", "Bad Request InvalidBucketName BucketName=latest" + badName},
		{"GET /arn:aws:s3:us-east-1:111122223333:accesspoint", "", notThere},
		{"GET /bkt--x-s3/k", "", notThere},
		{"PUT /bkt--x-s3?acl", "", notThere},
		{"PUT /bkt--x-s3", "", "Bad Request InvalidBucketName BucketName=bkt--x-s3" + badName},
		{"PUT /sthree-x", "", "Bad Request InvalidBucketName BucketName=sthree-x" + badName},
		{"PUT /bkt-an", "", "Bad Request InvalidBucketName BucketName=bkt-an" + badName},
		{"PUT /bkt", "x-amz-bucket-namespace: mine", "Bad Request InvalidNamespaceHeader: The value of the x-amz-bucket-namespace header is not valid."},
		{"GET /bkt/" + strings.Repeat("k", 1025), "", "Bad Request KeyTooLongError Size=1025 MaxSizeAllowed=1024: Your key is too long"},

		{"GET /bkt?policy&acl", "", "Bad Request InvalidArgument ArgumentName=ResourceType ArgumentValue=acl: Conflicting query string parameters: acl, policy"},
		{"GET /bkt?acl&acl", "", "Bad Request InvalidArgument ArgumentName=acl ArgumentValue=: The parameter or header acl" + twice},
		{"GET /bkt/k?versionId=1&versionId=1", "", "Bad Request InvalidArgument ArgumentName=versionId ArgumentValue=: The parameter or header versionId" + twice},
		{"GET /bkt?prefix=a&prefix=b", "", "Bad Request InvalidArgument ArgumentName=prefix ArgumentValue=: The parameter or header prefix" + twice},
		{"PUT /bkt/k", "x-amz-acl: private|x-amz-acl: public-read", "Bad Request InvalidArgument ArgumentName=X-Amz-Acl ArgumentValue=: The parameter or header X-Amz-Acl" + twice},
		{"PUT /bkt/k", "if-match: \"a\"|if-match: \"b\"", "Bad Request InvalidArgument ArgumentName=If-Match ArgumentValue=: The parameter or header If-Match" + twice},

		{"GET /bkt/k?versions", "", "Bad Request InvalidRequest: There is no such thing as the ?versions sub-resource for a key"},
		{"GET /bkt/k?list-type=2", "", "Bad Request InvalidRequest: There is no such thing as the ?list-type sub-resource for a key"},
		{"GET /bkt/k?uploads", "", "Bad Request InvalidRequest: Key is not expected for the GET method ?uploads subresource"},
		{"GET /bkt?attributes", "", "Bad Request InvalidRequest: There is no such thing as the ?attributes sub-resource for a bucket"},
		{"GET /?acl", "", "Bad Request InvalidRequest: There is no such thing as the ?acl sub-resource for the service"},

		{"POST /", "", "Method Not Allowed MethodNotAllowed Method=POST ResourceType=SERVICE [GET]" + notAllowed},
		{"OPTIONS /", "", "Method Not Allowed MethodNotAllowed Method=OPTIONS ResourceType=SERVICE [GET]" + notAllowed},
		{"PUT /?acl", "", "Method Not Allowed MethodNotAllowed Method=PUT ResourceType=SERVICE [GET]" + notAllowed},
		{"PATCH /bkt/k", "", "Method Not Allowed MethodNotAllowed Method=PATCH ResourceType=OBJECT [GET, HEAD, PUT, DELETE]" + notAllowed},
		{"POST /bkt/k", "content-type: multipart/form-data", "Method Not Allowed MethodNotAllowed Method=POST ResourceType=OBJECT [GET, HEAD, PUT, DELETE]" + notAllowed},
		{"DELETE /bkt?acl", "", "Method Not Allowed MethodNotAllowed Method=DELETE ResourceType=ACL [GET, PUT]" + notAllowed},
		{"HEAD /bkt?location", "", "Method Not Allowed MethodNotAllowed Method=HEAD ResourceType=LOCATION [GET]" + notAllowed},
		{"HEAD /bkt?list-type=2", "", "Method Not Allowed MethodNotAllowed Method=HEAD ResourceType=LIST-TYPE [GET]" + notAllowed},
		{"PUT /bkt/k?uploadId=u", "", "Method Not Allowed MethodNotAllowed Method=PUT ResourceType=UPLOADID [GET, PUT, POST, DELETE]" + notAllowed},
		{"GET /WriteGetObjectResponse", "", "Method Not Allowed MethodNotAllowed Method=GET ResourceType=SERVICE [POST]" + notAllowed},
		{"POST /bkt", "content-type: application/xml", "Precondition Failed PreconditionFailed Condition=Bucket POST must be of the enclosure-type multipart/form-data: At least one of the pre-conditions you specified did not hold"},
		{"PUT /bkt?metrics", "", "Bad Request InvalidConfigurationId: The specified configuration id is invalid."},

		{"PUT /bkt/k?partNumber=1", "", "Bad Request InvalidArgument ArgumentName=partNumber ArgumentValue=1: This operation does not accept partNumber without uploadId"},
		{"PUT /bkt/k?partNumber=0&uploadId=u", "", "Bad Request InvalidArgument ArgumentName=partNumber ArgumentValue=0: Part number must be an integer between 1 and 10000, inclusive"},
		{"GET /bkt/k?partNumber=10001", "", "Bad Request InvalidArgument ArgumentName=partNumber ArgumentValue=10001: Part number must be an integer between 1 and 10000, inclusive"},
		{"GET /bkt/k?partNumber=%2B1", "", "Bad Request InvalidArgument ArgumentName=partNumber ArgumentValue=+1: Part number must be an integer between 1 and 10000, inclusive"},
		{"GET /bkt/k?partNumber", "", "Bad Request InvalidArgument ArgumentName=partNumber ArgumentValue=: Part number must be an integer between 1 and 10000, inclusive"},
		{"GET /bkt/k?uploadId=", "", "Not Found NoSuchUpload UploadId=: The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."},
		{"GET /bkt/k?versionId=", "", "Bad Request InvalidArgument ArgumentName=versionId ArgumentValue=: Version id cannot be the empty string"},
		{"PUT /bkt/k?versionId=v", "", "Bad Request InvalidArgument ArgumentName=versionId ArgumentValue=v: This operation does not accept a version-id."},

		{"GET /bkt/k", "x-amz-copy-source: a/b", "Bad Request InvalidArgument ArgumentName=x-amz-copy-source ArgumentValue=a/b" + copyOnly},
		{"PUT /bkt/k?acl", "x-amz-copy-source: a/b", "Bad Request InvalidArgument ArgumentName=x-amz-copy-source ArgumentValue=a/b" + copyOnly},
		{"PUT /bkt", "x-amz-copy-source: a/b", "Bad Request InvalidArgument ArgumentName=x-amz-copy-source ArgumentValue=a/b" + copyOnly},
		{"PUT /bkt/k", "x-amz-copy-source: abc/b|x-amz-metadata-directive: replace", "Bad Request InvalidArgument ArgumentName=x-amz-metadata-directive ArgumentValue=replace: Unknown metadata directive."},
		{"PUT /bkt/k", "x-amz-copy-source: abc/b|x-amz-tagging-directive: ", "Bad Request InvalidArgument ArgumentName=x-amz-tagging-directive ArgumentValue=: Unknown tagging directive."},

		{"GET /bkt/k", "x-amz-expected-bucket-owner: 12345", "Bad Request InvalidBucketOwnerAWSAccountID: The value of the expected bucket owner parameter must be an AWS Account ID... [12345]"},
		{"PUT /bkt/k", "x-amz-copy-source: abc/b|x-amz-source-expected-bucket-owner: 11112222333x", "Bad Request InvalidBucketOwnerAWSAccountID: The value of the expected bucket owner parameter must be an AWS Account ID... [11112222333x]"},
		{"DELETE /bkt/k", "x-amz-bypass-governance-retention: yes", "Bad Request InvalidArgument ArgumentName=x-amz-bypass-governance-retention ArgumentValue=yes: The value must be true or false."},
		{"PUT /bkt", "x-amz-bucket-object-lock-enabled: 1", "Bad Request InvalidArgument ArgumentName=x-amz-bucket-object-lock-enabled ArgumentValue=1: The value must be true or false."},
		{"PUT /bkt/k", "x-amz-tagging: a=1&a=2", "Bad Request InvalidArgument ArgumentName=x-amz-tagging ArgumentValue=a=1&a=2: The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates."},
		{"OPTIONS /bkt/k", "", "Bad Request BadRequest: Insufficient information. Origin request header needed."},
	} {
		var headers []string
		if test.headers != "" {
			headers = strings.Split(test.headers, "|")
		}
		c, err := classifyOne(t, test.line, headers...)
		if err == nil {
			t.Errorf("%s %s: is %v", test.line, test.headers, c.Operation)
			continue
		}
		if got := failure(t, err); got != test.want {
			t.Errorf("%s %s:\n got %s\nwant %s", test.line, test.headers, got, test.want)
		}
	}
}

// Rules: S3-8 TH-62
func TestNoTwoSelectorsTogether(t *testing.T) {
	selectors := make(map[string]bool)
	for line := range strings.Lines(needsTable) {
		f := strings.Split(line, "\t")
		if len(f) != 5 {
			continue
		}
		_, target, _ := strings.Cut(f[1], " ")
		_, query, _ := strings.Cut(target, "?")
		for pair := range strings.SplitSeq(query, "&") {
			name, _, _ := strings.Cut(pair, "=")
			switch name {
			case "", "id", "partNumber", "versionId", "prefix", "select-type", "max-directory-buckets":
			default:
				selectors[name] = true
			}
		}
	}
	names := slices.Sorted(maps.Keys(selectors))
	if len(names) != 40 {
		t.Errorf("%d selectors, want 40: %v", len(names), names)
	}
	for i, x := range names {
		for _, y := range names[i+1:] {
			for _, path := range []string{"/", "/bkt", "/bkt/k"} {
				for _, method := range []string{"GET", "HEAD", "PUT", "POST", "DELETE"} {
					want := "Bad Request InvalidArgument ArgumentName=ResourceType ArgumentValue=" + x +
						": Conflicting query string parameters: " + x + ", " + y
					c, err := classifyOne(t, method+" "+path+"?"+y+"=2&x-id=PutObject&"+x)
					if err == nil {
						t.Fatalf("%s %s?%s&%s is %v", method, path, x, y, c.Operation)
					}
					if got := failure(t, err); got != want {
						t.Fatalf("%s %s?%s&%s: %s", method, path, x, y, got)
					}
				}
			}
		}
	}
}

// Rules: S3-7 S3-9 S3-10 S3-12 S3-13
func TestWhatSelectsAndWhatDoesNot(t *testing.T) {
	for _, test := range []struct {
		line, header string
		want         classify.Operation
	}{
		{"GET /bkt/k?x-id=DeleteObject", "", classify.GetObject},
		{"GET /bkt/k?ACL", "", classify.GetObject},
		{"GET /bkt/k?Acl=&foo=1&foo=2", "", classify.GetObject},
		{"GET /bkt/k?a%63l", "", classify.GetObjectAcl},
		{"GET /bkt/k?acl=policy", "", classify.GetObjectAcl},
		{"GET /bkt/k?id=x", "", classify.GetObject},
		{"GET /bkt?list-type=02", "", classify.ListObjects},
		{"GET /bkt?list-type=2", "", classify.ListObjectsV2},
		{"GET /bkt?inventory", "", classify.ListBucketInventoryConfigurations},
		{"GET /bkt?inventory&id=", "", classify.GetBucketInventoryConfiguration},
		{"PUT /bkt/k?partNumber=1&uploadId=u", "", classify.UploadPart},
		{"PUT /bkt/k?partNumber=1&uploadId=u", "x-amz-copy-source: src/k", classify.UploadPartCopy},
		{"GET /bkt/k?partNumber=1", "", classify.GetObject},
		{"POST /bkt", "content-type: Multipart/Form-Data; boundary=x", classify.PostObject},
		{"POST /bkt/", "content-type: multipart/form-data ;boundary=x", classify.PostObject},
		{"OPTIONS /bkt?acl&policy&acl", "origin: http://x", classify.Preflight},
		{"HEAD /bkt/", "", classify.HeadBucket},
		{"GET /?prefix=a&max-buckets=3", "", classify.ListBuckets},
	} {
		var headers []string
		if test.header != "" {
			headers = []string{test.header}
		}
		if c := mustClassify(t, test.line, headers...); c.Operation != test.want {
			t.Errorf("%s %s is %v, want %v", test.line, test.header, c.Operation, test.want)
		}
	}
}

// Rules: S3-27 TH-2 TH-67
func TestParametersOfAPresignedURLActAsHeaders(t *testing.T) {
	const signed = "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=s&X-Amz-SignedHeaders=host&X-Amz-Date=d&X-Amz-Expires=1"
	own := http.Header{"X-Amz-Meta-A": {"1"}}
	c, err := at(t, "PUT", "/bkt/k?x-amz-acl=public-read&X-Amz-Tagging=a%3D1"+signed, "h", own)
	if err != nil {
		t.Fatal(err)
	}
	want := http.Header{"X-Amz-Meta-A": {"1"}, "X-Amz-Acl": {"public-read"}, "X-Amz-Tagging": {"a=1"}}
	if diff := cmp.Diff(want, c.Header); diff != "" {
		t.Error(diff)
	}
	if len(own) != 1 {
		t.Errorf("the request's headers were changed: %v", own)
	}
	if got := render(c.Needs()); got != "s3:PutObject arn:aws:s3:::bkt/k; s3:PutObjectAcl arn:aws:s3:::bkt/k; s3:PutObjectTagging arn:aws:s3:::bkt/k" {
		t.Error(got)
	}
	if c, err = at(t, "PUT", "/bkt/k?X-Amz-Copy-Source=src/k"+signed, "h", http.Header{}); err != nil || c.Operation != classify.CopyObject {
		t.Errorf("%v, %v", c, err)
	}
	// Without a signature in the query nothing is hoisted.
	if c, err = at(t, "PUT", "/bkt/k?x-amz-acl=public-read", "h", own); err != nil || len(c.Header) != 1 || len(c.Needs()) != 1 {
		t.Errorf("%v, %v", c, err)
	}
	for _, target := range []string{
		"/bkt/k?x-amz-meta-a=2" + signed,
		"/bkt/k?x-amz-acl=private&X-AMZ-ACL=public-read" + signed,
		"/bkt/k?X-Amz-Date=e" + signed,
		"/bkt/k?x-amz-meta-b=1%0D%0AX:%20y" + signed,
		"/bkt/k?x-amz-meta-%0Ab=1" + signed,
		"/bkt/k?x-amz-meta-%C3%A4=1" + signed,
		"/bkt/k?x-amz-meta-%3A=1" + signed,
	} {
		if c, err := at(t, "PUT", target, "h", own); err == nil {
			t.Errorf("%s is accepted: %v", target, c.Header)
		}
	}
}

// Rules: S3-15 S3-39 S3-47 TH-67
func TestAnonymousAndNowhere(t *testing.T) {
	const denied = "Forbidden AccessDenied: Access Denied"
	const missing = "Not Implemented NotImplemented: A header you provided implies functionality that is not implemented"
	for _, test := range []struct{ line, header, anonymous, nowhere string }{
		{"GET /bkt/k", "", "", ""},
		{"GET /bkt/k?response-content-type=text/html", "", "Bad Request InvalidRequest: Request specific response headers cannot be used for anonymous GET requests.", ""},
		{"GET /bkt?response-content-type=text/html", "", "", ""},
		{"PUT /bkt/k", "", "", ""},
		{"PUT /bkt/k", "x-amz-copy-source: src/k", denied, ""},
		{"PUT /bkt/k?uploadId=u&partNumber=1", "x-amz-copy-source: src/k", denied, ""},
		{"PUT /bkt/k?uploadId=u&partNumber=1", "", "", ""},
		{"POST /bkt/k?uploads", "", denied, ""},
		{"GET /bkt?ownershipControls", "", denied, ""},
		{"GET /", "", denied, ""},
		{"PUT /bkt", "", denied, ""},
		{"PUT /bkt/k?renameObject", "", "", missing},
		{"POST /bkt/k?select&select-type=2", "", "", missing},
		{"POST /WriteGetObjectResponse", "", "", missing},
		{"GET /?max-directory-buckets=1", "", denied, missing},
		{"GET /bkt?session", "", "", "Method Not Allowed MethodNotAllowed Method=GET ResourceType=SESSION: The specified method is not allowed against this resource."},
	} {
		var headers []string
		if test.header != "" {
			headers = []string{test.header}
		}
		c := mustClassify(t, test.line, headers...)
		for _, x := range []struct {
			err  error
			want string
		}{{c.AnonymousRefusal(), test.anonymous}, {c.Refusal(), test.nowhere}} {
			got := ""
			if x.err != nil {
				got = failure(t, x.err)
			}
			if got != x.want {
				t.Errorf("%s %s: %q, want %q", test.line, test.header, got, x.want)
			}
		}
	}
}

// Rules: S3-38
func TestExpectedOwnersAndModifiers(t *testing.T) {
	c := mustClassify(t, "PUT /bkt/k?uploadId=u&partNumber=10000", "x-amz-copy-source: src/k",
		"x-amz-expected-bucket-owner: 111122223333", "x-amz-source-expected-bucket-owner: 444455556666")
	if c.ExpectedBucketOwner != "111122223333" || c.ExpectedSourceOwner != "444455556666" || c.UploadID != "u" || c.PartNumber != 10000 {
		t.Errorf("%+v", c)
	}
	// Not there: ignored.
	if c = mustClassify(t, "PUT /bkt", "x-amz-expected-bucket-owner: x"); c.ExpectedBucketOwner != "" {
		t.Error("CreateBucket has an expected owner")
	}
	if c = mustClassify(t, "GET /", "x-amz-expected-bucket-owner: x"); c.ExpectedBucketOwner != "" {
		t.Error("ListBuckets has an expected owner")
	}
	if c = mustClassify(t, "GET /bkt?metrics&id=m1&versionId=x"); c.ConfigurationID != "m1" || c.VersionID != "" {
		t.Errorf("%+v", c)
	}
}

// Rules: RE-50 S3-44 S3-45
func TestInfo(t *testing.T) {
	for op, want := range map[classify.Operation]classify.Info{
		classify.GetObject:       {Name: "GetObject", Served: classify.ByObjects, Access: classify.Read, Event: classify.Data, Versioned: true, HidesKey: true},
		classify.PutObject:       {Name: "PutObject", Served: classify.ByObjects, Event: classify.Data, Streams: true},
		classify.ListObjectsV2:   {Name: "ListObjectsV2", Served: classify.ByObjects, Access: classify.Read, Event: classify.Data},
		classify.HeadBucket:      {Name: "HeadBucket", Served: classify.ByService, Access: classify.Read},
		classify.PutBucketPolicy: {Name: "PutBucketPolicy", Served: classify.ByService, OwnerOnly: true, RootAlways: true},
		classify.Preflight:       {Name: "Preflight", Served: classify.ByObjects, Access: classify.Read, Event: classify.Data, Public: true},
		0:                        {},
		200:                      {},
	} {
		if diff := cmp.Diff(want, op.Info()); diff != "" {
			t.Errorf("%v: %s", op, diff)
		}
	}
}
