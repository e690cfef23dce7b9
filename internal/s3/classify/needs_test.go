package classify_test

import (
	_ "embed"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/s3/classify"
	"github.com/regent-iam/regent/sigv4"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// request makes a request from "METHOD target" and "name: value" headers.
func request(t testing.TB, line string, headers ...string) *sigv4.Request {
	t.Helper()
	method, target, _ := strings.Cut(line, " ")
	h := make(http.Header)
	for _, text := range headers {
		name, value, _ := strings.Cut(text, ": ")
		h.Add(name, value)
	}
	r, err := sigv4.NewRequest(method, target, "s3.example.com:8700", h)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return r
}

func classifyOne(t testing.TB, line string, headers ...string) (*classify.Classified, error) {
	t.Helper()
	return classify.New(classify.Config{Hosts: []string{"s3.example.com"}}).Classify(request(t, line, headers...), now)
}

func mustClassify(t testing.TB, line string, headers ...string) *classify.Classified {
	t.Helper()
	c, err := classifyOne(t, line, headers...)
	if err != nil {
		t.Fatalf("%s %v: %v", line, headers, err)
	}
	return c
}

//go:embed testdata/needs.tsv
var needsTable string

// aliases are the deprecated names of operations that no request can have.
var aliases = map[string]string{
	"GetBucketLifecycle":    "GetBucketLifecycleConfiguration",
	"PutBucketLifecycle":    "PutBucketLifecycleConfiguration",
	"GetBucketNotification": "GetBucketNotificationConfiguration",
	"PutBucketNotification": "PutBucketNotificationConfiguration",
}

// Rules: S3-7 S3-9 S3-13 S3-44 S3-48 S3-49 S3-51 TH-66
func TestEveryOperationHasItsNeeds(t *testing.T) {
	covered := make(map[string]bool)
	for line := range strings.Lines(needsTable) {
		if line[0] == '#' {
			continue
		}
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		covered[f[0]] = true
		t.Run(f[0]+" "+f[1]+" "+f[2]+" "+f[3], func(t *testing.T) {
			var headers []string
			if f[2] != "-" {
				headers = strings.Split(f[2], "|")
			}
			c := mustClassify(t, f[1], headers...)
			want := f[0]
			if alias, ok := aliases[want]; ok {
				want = alias
			}
			if c.Operation.String() != want {
				t.Fatalf("operation %v, want %v", c.Operation, want)
			}
			if got := render(needsOf(t, c, f[3])); got != f[4] {
				t.Errorf("needs:\n got %s\nwant %s", got, f[4])
			}
		})
	}
	for op := classify.Operation(1); op.String() != ""; op++ {
		if !covered[op.String()] {
			t.Errorf("no row for %v", op)
		}
	}
	if len(covered) != 113 {
		t.Errorf("%d operations are covered, want 113", len(covered))
	}
}

// needsOf returns the needs with the body that the table names.
func needsOf(t *testing.T, c *classify.Classified, body string) []classify.Need {
	t.Helper()
	kind, text, _ := strings.Cut(body, "=")
	switch kind {
	case "-":
		if c.Operation == classify.CreateBucket || c.Operation == classify.PutObjectRetention {
			return c.NeedsWith(classify.Body{})
		}
		return c.Needs()
	case "tags":
		k, v, _ := strings.Cut(text, ":")
		return c.NeedsWith(classify.Body{Tags: []classify.Tag{{Key: k, Value: v}}})
	case "role":
		return c.NeedsWith(classify.Body{Role: text})
	case "hold":
		return c.NeedsWith(classify.Body{LegalHold: text})
	case "mode":
		return c.NeedsWith(classify.Body{LockMode: text})
	case "delete":
		f := strings.Split(text, ",")
		needs, err := c.NeedsForDelete(classify.DeleteEntry{Key: f[0], VersionID: f[1], ETag: f[2]})
		if err != nil {
			t.Fatal(err)
		}
		return needs
	case "form":
		fields := []classify.FormField{{Name: "Key", Value: "k/${filename}"}}
		for part := range strings.SplitSeq(text, "|") {
			if name, value, ok := strings.Cut(part, ": "); ok {
				fields = append(fields, classify.FormField{Name: name, Value: value})
			}
		}
		posted, err := c.WithForm(fields, `C:\dir/1`)
		if err != nil {
			t.Fatal(err)
		}
		return posted.Needs()
	}
	t.Fatalf("unknown body %q", body)
	return nil
}

func render(needs []classify.Need) string {
	if len(needs) == 0 {
		return "nothing"
	}
	texts := make([]string, len(needs))
	for i, n := range needs {
		texts[i] = n.Action + " " + n.Resource
		if n.OnlyIfSourceTagged {
			texts[i] += " if-tagged"
		}
	}
	return strings.Join(texts, "; ")
}

// An empty list of needs means no access, so it must be what the gateway gets
// when it forgets the body.
func TestNeedsAreEmptyOnlyWhereInfoSaysSo(t *testing.T) {
	for line := range strings.Lines(needsTable) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if line[0] == '#' || len(f) != 5 {
			continue
		}
		var headers []string
		if f[2] != "-" {
			headers = strings.Split(f[2], "|")
		}
		c := mustClassify(t, f[1], headers...)
		info := c.Operation.Info()
		if empty := len(c.Needs()) == 0; empty != (info.NeedsBody || info.Public) {
			t.Errorf("%s: empty %v, but NeedsBody %v, Public %v", f[1], empty, info.NeedsBody, info.Public)
		}
	}
	c := mustClassify(t, "GET /bkt/k")
	if needs, err := c.NeedsForDelete(classify.DeleteEntry{Key: "k"}); len(needs) != 0 || err != nil {
		t.Errorf("a GET has needs of a delete: %v, %v", needs, err)
	}
	c = mustClassify(t, "POST /bkt?delete")
	if needs := c.NeedsWith(classify.Body{}); len(needs) != 0 {
		t.Errorf("DeleteObjects without its objects has needs %v", needs)
	}
}

// keysOf renders the condition keys of the need for an action on a kind.
func keysOf(t *testing.T, needs []classify.Need, action string) []string {
	t.Helper()
	i := slices.IndexFunc(needs, func(n classify.Need) bool { return n.Action == action })
	if i < 0 {
		t.Fatalf("no need of %s among %s", action, render(needs))
	}
	out := []string{}
	for _, k := range needs[i].Keys {
		text := k.Name + "=" + strings.Join(k.Values, ",")
		if k.Multi {
			text += " multi"
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return out
}

// Rules: S3-46 S3-53 S3-56
func TestConditionKeysAreSuppliedAsTheTableSays(t *testing.T) {
	const sha = "x-amz-content-sha256: UNSIGNED-PAYLOAD"
	const wantSHA = "s3:x-amz-content-sha256=UNSIGNED-PAYLOAD"
	for _, test := range []struct {
		name, line string
		headers    []string
		body       classify.Body
		action     string
		want       []string
	}{
		{name: "the payload's hash", line: "GET /bkt/k", headers: []string{sha}, action: "s3:GetObject", want: []string{wantSHA}},
		{name: "the hash as parameter is none", line: "GET /bkt/k?X-Amz-Algorithm=a&X-Amz-Content-Sha256=b", action: "s3:GetObject"},
		{name: "version", line: "GET /bkt/k?versionId=v1", action: "s3:GetObjectVersion", want: []string{"s3:versionid=v1"}},
		{
			name: "listing", line: "GET /bkt?prefix=&delimiter=%2F&max-keys=7&marker=x", action: "s3:ListBucket",
			want: []string{"s3:delimiter=/", "s3:max-keys=7", "s3:prefix="},
		},
		{name: "nothing listed", line: "GET /bkt?list-type=2", action: "s3:ListBucket"},
		{name: "listing of versions", line: "GET /bkt?versions&prefix=a+b", action: "s3:ListBucketVersions", want: []string{"s3:prefix=a b"}},
		{name: "HeadBucket has no prefix", line: "HEAD /bkt?prefix=p", action: "s3:ListBucket"},
		{name: "uploads have no prefix", line: "GET /bkt?uploads&prefix=p", action: "s3:ListBucketMultipartUploads"},
		{
			name: "headers of an upload", line: "PUT /bkt/k", action: "s3:PutObject",
			headers: []string{
				"x-amz-acl: public-read", "x-amz-grant-read: id=x", "x-amz-storage-class: GLACIER", "x-amz-server-side-encryption: aws:kms",
				"x-amz-server-side-encryption-aws-kms-key-id: k1", "x-amz-server-side-encryption-customer-algorithm: AES256",
				"x-amz-website-redirect-location: /r", "if-none-match: *", "x-amz-metadata-directive: COPY", "x-amz-copy-source-if-match: x",
			},
			want: []string{
				"s3:ObjectCreationOperation=true", "s3:if-none-match=*", "s3:x-amz-acl=public-read", "s3:x-amz-grant-read=id=x",
				"s3:x-amz-metadata-directive=COPY", "s3:x-amz-server-side-encryption-aws-kms-key-id=k1",
				"s3:x-amz-server-side-encryption-customer-algorithm=AES256", "s3:x-amz-server-side-encryption=aws:kms",
				"s3:x-amz-storage-class=GLACIER", "s3:x-amz-website-redirect-location=/r",
			},
		},
		{
			name: "tags", line: "PUT /bkt/k", headers: []string{"x-amz-tagging: a=1&b=x%20y+z"}, action: "s3:PutObjectTagging",
			want: []string{"s3:RequestObjectTag/a=1", "s3:RequestObjectTag/b=x y z", "s3:RequestObjectTagKeys=a,b multi"},
		},
		{
			name: "tags that a copy ignores", line: "PUT /bkt/k", action: "s3:PutObjectTagging",
			headers: []string{"x-amz-copy-source: src/k", "x-amz-tagging: a=1"},
		},
		{
			name: "tags in the body", line: "PUT /bkt/k?tagging&versionId=v1", body: classify.Body{Tags: []classify.Tag{{"a", "1"}}},
			action: "s3:PutObjectVersionTagging",
			want:   []string{"s3:RequestObjectTag/a=1", "s3:RequestObjectTagKeys=a multi", "s3:versionid=v1"},
		},
		{
			name: "lock headers", line: "PUT /bkt/k", action: "s3:PutObjectRetention",
			headers: []string{"x-amz-object-lock-mode: GOVERNANCE", "x-amz-object-lock-retain-until-date: 2026-03-11T12:00:01Z"},
			want: []string{
				"s3:object-lock-mode=GOVERNANCE", "s3:object-lock-remaining-retention-days=11", "s3:object-lock-retain-until-date=2026-03-11T12:00:01Z",
			},
		},
		{
			name: "lock in the body", line: "PUT /bkt/k?retention", action: "s3:PutObjectRetention",
			headers: []string{"x-amz-object-lock-mode: GOVERNANCE"},
			body:    classify.Body{LockMode: "COMPLIANCE", RetainUntil: "2026-03-11T12:00:00Z"},
			want: []string{
				"s3:object-lock-mode=COMPLIANCE", "s3:object-lock-remaining-retention-days=10", "s3:object-lock-retain-until-date=2026-03-11T12:00:00Z",
			},
		},
		{
			name: "legal hold in the body", line: "PUT /bkt/k?legal-hold", action: "s3:PutObjectLegalHold", body: classify.Body{LegalHold: "ON"},
			want: []string{"s3:object-lock-legal-hold=ON"},
		},
		{
			name: "copy source is raw", line: "PUT /bkt/k", action: "s3:PutObject", headers: []string{"x-amz-copy-source: src/%70rivate/x"},
			want: []string{"s3:ObjectCreationOperation=true", "s3:x-amz-copy-source=src/%70rivate/x"},
		},
		{
			name: "source version", line: "PUT /bkt/k", action: "s3:GetObjectVersion", headers: []string{"x-amz-copy-source: src/x?versionId=v%31"},
			want: []string{"s3:versionid=v1"},
		},
		{
			name: "no metadata directive on part copies", line: "PUT /bkt/k?uploadId=u&partNumber=1", action: "s3:PutObject",
			headers: []string{"x-amz-copy-source: src/x", "x-amz-metadata-directive: COPY"},
			want:    []string{"s3:ObjectCreationOperation=false", "s3:x-amz-copy-source=src/x"},
		},
		{
			name: "a part has its upload's encryption", line: "PUT /bkt/k?uploadId=u&partNumber=1", action: "s3:PutObject",
			headers: []string{"x-amz-server-side-encryption: aws:kms", "x-amz-server-side-encryption-customer-algorithm: AES256"},
			body:    classify.Body{UploadEncryption: "AES256"},
			want: []string{
				"s3:ObjectCreationOperation=false", "s3:x-amz-server-side-encryption-customer-algorithm=AES256", "s3:x-amz-server-side-encryption=AES256",
			},
		},
		{name: "starting an upload creates nothing", line: "POST /bkt/k?uploads", headers: []string{"if-none-match: *"}, action: "s3:PutObject", want: []string{"s3:ObjectCreationOperation=false"}},
		{
			name: "completing creates", line: "POST /bkt/k?uploadId=u", action: "s3:PutObject", headers: []string{"if-none-match: *"},
			want: []string{"s3:ObjectCreationOperation=true", "s3:if-none-match=*"},
		},
		{name: "if-match of a delete", line: "DELETE /bkt/k", action: "s3:DeleteObject", headers: []string{`if-match: "e"`}, want: []string{`s3:if-match="e"`}},
		{name: "if-match of a read is none", line: "GET /bkt/k", action: "s3:GetObject", headers: []string{`if-match: "e"`}},
		{
			name: "new bucket", line: "PUT /bkt", action: "s3:CreateBucket",
			headers: []string{"x-amz-object-ownership: ObjectWriter", "x-amz-acl: public-read", "x-amz-bucket-namespace: global"},
			body:    classify.Body{LocationConstraint: "eu-west-1", Tags: []classify.Tag{{"a", "1"}, {"b", "2"}}},
			want: []string{
				"aws:RequestTag/a=1", "aws:RequestTag/b=2", "aws:TagKeys=a,b multi", "s3:locationconstraint=eu-west-1",
				"s3:x-amz-acl=public-read", "s3:x-amz-bucket-namespace=global", "s3:x-amz-object-ownership=ObjectWriter",
			},
		},
		{name: "bucket ACL", line: "PUT /bkt?acl", action: "s3:PutBucketAcl", headers: []string{"x-amz-acl: private"}, want: []string{"s3:x-amz-acl=private"}},
		{
			name: "passed role", line: "PUT /bkt?replication", action: "iam:PassRole", body: classify.Body{Role: "arn:aws:iam::111122223333:role/r"},
			want: []string{"iam:PassedToService=s3.amazonaws.com"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := mustClassify(t, test.line, test.headers...)
			want := test.want
			if want == nil {
				want = []string{}
			}
			if diff := cmp.Diff(want, keysOf(t, c.NeedsWith(test.body), test.action)); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
}

// Rules: S3-48 S3-51
func TestKeysOfABatchDeleteAreTheEntrys(t *testing.T) {
	c := mustClassify(t, "POST /bkt?delete", `if-match: "request"`)
	needs, err := c.NeedsForDelete(classify.DeleteEntry{Key: "k", ETag: `"entry"`})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`s3:if-match="entry"`}, keysOf(t, needs, "s3:DeleteObject")); diff != "" {
		t.Error(diff)
	}
	needs, err = c.NeedsForDelete(classify.DeleteEntry{Key: "k", VersionID: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	if got := render(needs); got != "s3:DeleteObjectVersion arn:aws:s3:::bkt/k" {
		t.Errorf("the request's If-Match counts for an entry: %s", got)
	}
	if diff := cmp.Diff([]string{"s3:versionid=v1"}, keysOf(t, needs, "s3:DeleteObjectVersion")); diff != "" {
		t.Error(diff)
	}
}

// Rules: S3-56
func TestExistingTagsAreAvailableToReadsOnly(t *testing.T) {
	for _, test := range []struct {
		line, header, action string
		want                 bool
	}{
		{"GET /bkt/k", "", "s3:GetObject", true},
		{"HEAD /bkt/k?versionId=v", "", "s3:GetObjectVersion", true},
		{"PUT /bkt/k?acl", "", "s3:PutObjectAcl", true},
		{"DELETE /bkt/k?tagging", "", "s3:DeleteObjectTagging", true},
		{"GET /bkt/k?attributes", "", "s3:GetObjectAttributes", false},
		{"PUT /bkt/k", "x-amz-acl: public-read", "s3:PutObjectAcl", false},
		{"PUT /bkt/k", "x-amz-copy-source: src/k", "s3:GetObject", false},
		{"PUT /bkt/k?uploadId=u&partNumber=1", "x-amz-copy-source: src/k", "s3:GetObject", true},
		{"GET /bkt", "", "s3:ListBucket", false},
	} {
		var headers []string
		if test.header != "" {
			headers = []string{test.header}
		}
		for _, n := range mustClassify(t, test.line, headers...).Needs() {
			if n.Action == test.action && n.ExistingTags != test.want {
				t.Errorf("%s %s: %s has ExistingTags %v", test.line, test.header, n.Action, n.ExistingTags)
			}
		}
	}
}

// Rules: S3-45 S3-46
func TestListNeedHasNoParameters(t *testing.T) {
	c := mustClassify(t, "PUT /bkt/k?prefix=p", "x-amz-copy-source: src/k")
	want := classify.Need{Action: "s3:ListBucket", Resource: "arn:aws:s3:::bkt", Kind: classify.Bucket}
	if diff := cmp.Diff(want, c.ListNeed()); diff != "" {
		t.Error(diff)
	}
	want.Resource, want.Kind = "arn:aws:s3:::src", classify.SourceBucket
	if diff := cmp.Diff(want, c.SourceListNeed()); diff != "" {
		t.Error(diff)
	}
	if info := c.Operation.Info(); !info.HidesSource || info.HidesKey {
		t.Errorf("CopyObject hides its source only: %+v", info)
	}
}

func TestSignerKeys(t *testing.T) {
	for _, test := range []struct {
		name   string
		signer classify.Signer
		want   []classify.Key
	}{
		{name: "anonymous", signer: classify.Signer{TLSVersion: "1.3", ResourceAccount: "111122223333"}, want: []classify.Key{
			{Name: "s3:ResourceAccount", Values: []string{"111122223333"}}, {Name: "s3:TlsVersion", Values: []string{"1.3"}},
		}},
		{name: "header", signer: classify.Signer{AuthType: "REST-HEADER", Version: "AWS4-HMAC-SHA256", Age: time.Second}, want: []classify.Key{
			{Name: "s3:authType", Values: []string{"REST-HEADER"}}, {Name: "s3:signatureversion", Values: []string{"AWS4-HMAC-SHA256"}},
		}},
		{name: "presigned", signer: classify.Signer{AuthType: "REST-QUERY-STRING", Version: "AWS4-HMAC-SHA256", Age: 90 * time.Second}, want: []classify.Key{
			{Name: "s3:authType", Values: []string{"REST-QUERY-STRING"}},
			{Name: "s3:signatureversion", Values: []string{"AWS4-HMAC-SHA256"}},
			{Name: "s3:signatureAge", Values: []string{"90000"}},
		}},
		{name: "version 2", signer: classify.Signer{AuthType: "REST-QUERY-STRING", Version: "AWS", Age: time.Second}, want: []classify.Key{
			{Name: "s3:authType", Values: []string{"REST-QUERY-STRING"}},
			{Name: "s3:signatureversion", Values: []string{"AWS"}},
			{Name: "s3:signatureAge", Values: []string{"0"}},
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.signer.Keys()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
