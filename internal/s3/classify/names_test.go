package classify_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/s3/classify"
)

// Rules: S3-90 WI-50 TH-85
func TestBucketNames(t *testing.T) {
	for _, name := range []string{"abc", "a.b", "1.2.3", "1.2.3.4.5", "1.2.3.x", "a--b", strings.Repeat("a", 63), "123"} {
		if err := classify.CheckBucketName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{
		"", "ab", strings.Repeat("a", 64), "Abc", "a_c", "-ab", "ab-", ".ab", "ab.", "a..b", "a.-b", "a-.b", "1.2.3.4", "192.168.5.4", "ä-bucket",
		"a b", "a/b", "federation", "saml", "token", "client", "assignment", "logout", "latest", "_regent",
	} {
		if classify.CheckBucketName(name) == nil {
			t.Errorf("%q is accepted", name)
		}
	}
	const account, region = "111122223333", "us-east-1"
	for _, test := range []struct {
		name, namespace string
		ok              bool
	}{
		{"abc", "", true},
		{"abc", "global", true},
		{"abc", "account-regional", false},
		{"abc", "other", false},
		{"abc-an", "", false},
		{"abc-111122223333-us-east-1-an", "account-regional", true},
		{"abc-111122223333-us-east-1-an", "", false},
		{"abc-444455556666-us-east-1-an", "account-regional", false},
		{"abc-111122223333-eu-west-1-an", "account-regional", false},
		{"xn--abc", "", false},
		{"sthree-abc", "", false},
		{"amzn-s3-demo-abc", "", false},
		{"abc-s3alias", "", false},
		{"abc--ol-s3", "", false},
		{"abc.mrap", "", false},
		{"abc--x-s3", "", false},
		{"abc--table-s3", "", false},
		{"token", "", false},
	} {
		if err := classify.CheckNewBucketName(test.name, test.namespace, account, region); (err == nil) != test.ok {
			t.Errorf("%s in %q: %v", test.name, test.namespace, err)
		}
	}
}

// Rules: S3-4 S3-130 TH-63
func TestCopySource(t *testing.T) {
	for _, test := range []struct {
		raw  string
		want classify.Source
	}{
		{"src/k", classify.Source{Bucket: "src", Key: "k"}},
		{"/src/k", classify.Source{Bucket: "src", Key: "k"}},
		{"src//k", classify.Source{Bucket: "src", Key: "/k"}},
		{"src/a+b%20c%2Bd", classify.Source{Bucket: "src", Key: "a b c+d"}},
		{"src%2Fa%2Fb", classify.Source{Bucket: "src", Key: "a/b"}},
		{"src/%2e%2e/x", classify.Source{Bucket: "src", Key: "../x"}},
		{"src/a%252Fb", classify.Source{Bucket: "src", Key: "a%2Fb"}},
		{"src/k?versionId=v1", classify.Source{Bucket: "src", Key: "k", VersionID: "v1"}},
		{"src/k?versionId=null", classify.Source{Bucket: "src", Key: "k", VersionID: "null"}},
		{"src/k%3FversionId=v1", classify.Source{Bucket: "src", Key: "k?versionId=v1"}},
		{"src/k%3FversionId=v1?versionId=v2", classify.Source{Bucket: "src", Key: "k?versionId=v1", VersionID: "v2"}},
		{"src/k?versionid=v1", classify.Source{Bucket: "src", Key: "k?versionid=v1"}},
	} {
		got, err := classify.ParseSource(test.raw)
		if err != nil {
			t.Errorf("%s: %v", test.raw, err)
			continue
		}
		if diff := cmp.Diff(test.want, *got); diff != "" {
			t.Errorf("%s: %s", test.raw, diff)
		}
	}
	for raw, want := range map[string]string{
		"":                              "Invalid copy source object key",
		"/":                             "Invalid copy source object key",
		"src":                           "Invalid copy source object key",
		"src/":                          "Invalid copy source object key",
		"src/a%00b":                     "Invalid copy source object key",
		"src/%zz":                       "Invalid copy source encoding",
		"src/%ff":                       "Invalid copy source encoding",
		"src/k?versionId=%z":            "Invalid copy source encoding",
		"//src/k":                       "Invalid copy source bucket name",
		"Src/k":                         "Invalid copy source bucket name",
		"../k":                          "Invalid copy source bucket name",
		"src/k?versionId=":              "Version id cannot be the empty string",
		"src/k?versionId=a&b":           "Invalid version id specified",
		"s/k?versionId=a?x":             "Invalid copy source bucket name",
		"src/k?versionId=a?b=":          "Invalid version id specified",
		"src/k?versionId=a?versionId=b": "Invalid version id specified",
		"arn:aws:s3:us-east-1:1:accesspoint/a/object/k":           "A header you provided implies functionality that is not implemented",
		"arn%3Aaws%3As3%3Aus-east-1%3A1%3Aaccesspoint/a/object/k": "A header you provided implies functionality that is not implemented",
		"src/" + strings.Repeat("k", 1025):                        "Your key is too long",
	} {
		got, err := classify.ParseSource(raw)
		if err == nil {
			t.Errorf("%s is %+v", raw, got)
		} else if e := failure(t, err); !strings.HasSuffix(e, ": "+want) {
			t.Errorf("%s: %s", raw, e)
		}
	}
}

// Rules: S3-4 S3-5
func TestCheckKey(t *testing.T) {
	for _, key := range []string{"k", "/", ".", "..", "\x01", strings.Repeat("ä", 512)} {
		if err := classify.CheckKey(key); err != nil {
			t.Errorf("%q: %v", key, err)
		}
	}
	for key, want := range map[string]string{
		"":                        "UserKeyMustBeSpecified",
		"a\x00":                   "InvalidURI",
		"\xff":                    "InvalidURI",
		strings.Repeat("ä", 513):  "KeyTooLongError",
		strings.Repeat("k", 1025): "KeyTooLongError",
	} {
		if err := classify.CheckKey(key); err == nil || !strings.Contains(failure(t, err), want) {
			t.Errorf("%.10q: %v, want %s", key, err, want)
		}
	}
}

// Rules: S3-31 TH-64
func TestForms(t *testing.T) {
	c := mustClassify(t, "POST /bkt", "content-type: multipart/form-data; boundary=x", "x-amz-acl: public-read")
	form := func(pairs ...string) (*classify.Classified, error) {
		var fields []classify.FormField
		for i := 0; i < len(pairs); i += 2 {
			fields = append(fields, classify.FormField{Name: pairs[i], Value: pairs[i+1]})
		}
		return c.WithForm(fields, "dir/file.txt")
	}
	got, err := form("KEY", "u/${filename}/${filename}", "bucket", "other", "x-amz-meta-a", "1", "Content-Type", "text/plain",
		"x-amz-credential", "c", "policy", "p", "success_action_status", "201", "x-amz-storage-class", "GLACIER")
	if err != nil {
		t.Fatal(err)
	}
	if got.Bucket != "bkt" || got.Key != "u/file.txt/file.txt" {
		t.Errorf("%q %q", got.Bucket, got.Key)
	}
	want := map[string][]string{"X-Amz-Meta-A": {"1"}, "Content-Type": {"text/plain"}, "X-Amz-Storage-Class": {"GLACIER"}}
	if diff := cmp.Diff(want, map[string][]string(got.Header)); diff != "" {
		t.Error(diff)
	}
	// The request's own headers are not the form's: x-amz-acl was not signed by its policy.
	if diff := cmp.Diff("s3:PutObject arn:aws:s3:::bkt/u/file.txt/file.txt", render(got.Needs())); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"s3:ObjectCreationOperation=true", "s3:x-amz-storage-class=GLACIER"}, keysOf(t, got.Needs(), "s3:PutObject")); diff != "" {
		t.Error(diff)
	}
	if len(c.Needs()) != 0 || len(c.NeedsWith(classify.Body{})) != 0 {
		t.Error("a form that was not read has needs")
	}
	for name, pairs := range map[string][]string{
		"no key":          {"acl", "private"},
		"empty key":       {"key", ""},
		"two keys":        {"key", "a", "Key", "b"},
		"long key":        {"key", strings.Repeat("k", 1025)},
		"NUL":             {"key", "a\x00"},
		"copy source":     {"key", "a", "x-amz-copy-source", "b/c"},
		"acl by its name": {"key", "a", "acl", "private", "x-amz-acl", "public-read"},
		"CRLF":            {"key", "a", "x-amz-meta-a", "1\r\nX: y"},
		"large":           {"key", "a", "x", strings.Repeat("x", 20<<10)},
		"bad tags":        {"key", "a", "tagging", "<Tagging>"},
		"other document":  {"key", "a", "tagging", "<Tags/>"},
		"repeated tag":    {"key", "a", "tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value/></Tag><Tag><Key>a</Key><Value/></Tag></TagSet></Tagging>"},
		"unclear bypass":  {"key", "a", "x-amz-bypass-governance-retention", "maybe"},
	} {
		if got, err := form(pairs...); err == nil {
			t.Errorf("%s: accepted as %q", name, got.Key)
		} else {
			failure(t, err)
		}
	}
	if _, err := mustClassify(t, "PUT /bkt/k").WithForm(nil, ""); err == nil {
		t.Error("a PUT takes a form")
	}
}
