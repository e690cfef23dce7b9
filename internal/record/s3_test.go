package record_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/sigv4"
)

func s3Event() *record.Event {
	e := example()
	e.Source, e.Name, e.RequestParameters, e.ResponseElements = "", "", nil, nil
	e.UserAgent = "curl/8.9"
	return e
}

func getCall() record.S3Call {
	return record.S3Call{
		Operation: "GetObject", Bucket: "logs", Key: "a/b.gz", Owner: "111122223333", ReadOnly: true, Host: "localhost:8700",
		SignatureVersion: "SigV4", AuthenticationMethod: "QueryString", BytesOut: 7759, HostID: "0nSx",
	}
}

func getObject() *record.Event {
	e, c := s3Event(), getCall()
	c.Fill(e)
	return e
}

func query(t testing.TB, raw string) sigv4.Query {
	t.Helper()
	_, q, err := sigv4.ParseTarget("/?" + raw)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// Example 6 of the record's specification.
// Rules: RE-50 RE-51 RE-53
func TestPresignedGetObject(t *testing.T) {
	c := getCall()
	c.Query = query(t, "X-Amz-Expires=300&X-Amz-Signature=SECRETSIGNATURE&X-Amz-Security-Token=SECRETTOKEN")
	e := s3Event()
	c.Fill(e)
	got := written(t, e)
	for name, wanted := range map[string]string{
		"requestParameters":   `{"bucketName":"logs","key":"a/b.gz","Host":"localhost:8700","X-Amz-Expires":"300"}`,
		"additionalEventData": `{"SignatureVersion":"SigV4","AuthenticationMethod":"QueryString","bytesTransferredIn":0,"bytesTransferredOut":7759,"x-amz-id-2":"0nSx"}`,
	} {
		want(t, got[name].(map[string]any), wanted)
	}
	want(t, map[string]any{
		"eventSource": got["eventSource"], "eventName": got["eventName"], "userAgent": got["userAgent"], "resources": got["resources"],
		"managementEvent": got["managementEvent"], "eventCategory": got["eventCategory"], "readOnly": got["readOnly"], "responseElements": got["responseElements"],
	}, `{"eventSource":"s3.amazonaws.com","eventName":"GetObject","userAgent":"[curl/8.9]","resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs/a/b.gz"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs"}],"managementEvent":false,"eventCategory":"Data","readOnly":true,"responseElements":null}`)
}

// Rules: RE-50 RE-51 RE-52
func TestS3Calls(t *testing.T) {
	host := `"bucketName":"b","Host":"h"`
	none := `{"bytesTransferredIn":0,"bytesTransferredOut":0}`
	bucket := `{"accountId":"1","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::b"}`
	for _, test := range []struct {
		name                                     string
		call                                     record.S3Call
		event                                    string
		management                               bool
		request, response, additional, resources string
	}{
		{
			"subresource",
			record.S3Call{Operation: "GetBucketVersioning", ReadOnly: true, Query: query(t, "versioning")},
			"GetBucketVersioning", true, `{` + host + `,"versioning":""}`, `null`, none, `[` + bucket + `]`,
		},
		{
			"a body",
			record.S3Call{Operation: "PutBucketTagging", BodyName: "Tagging", Body: []byte(`{"TagSet":{"Tag":[]}}`), Query: query(t, "tagging")},
			"PutBucketTagging", true, `{` + host + `,"tagging":"","Tagging":{"TagSet":{"Tag":[]}}}`, `null`, none, `[` + bucket + `]`,
		},
		{
			"a list",
			record.S3Call{Operation: "ListObjectsV2", ReadOnly: true, Prefix: "p/", Query: query(t, "list-type=2&prefix=p%2F&unknown=x")},
			"ListObjects", false, `{` + host + `,"list-type":"2","prefix":"p/"}`, `null`, none,
			`[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::b/p/"},` + bucket + `]`,
		},
		{
			"a write",
			record.S3Call{
				Operation: "PutObject", Key: "k", BytesIn: 5, CipherSuite: "TLS_AES_128_GCM_SHA256", ACLRequired: true,
				Header: http.Header{"X-Amz-Acl": {"private"}, "X-Amz-Grant-Read": {"a", "b"}, "Content-Type": {"text/plain"}},
				Answer: http.Header{"X-Amz-Server-Side-Encryption": {"AES256"}, "X-Amz-Version-Id": {"v"}, "X-Amz-Checksum-Crc32": {"c"}, "Etag": {"e"}},
			},
			"PutObject", false, `{` + host + `,"key":"k","x-amz-acl":"private","x-amz-grant-read":"a,b"}`,
			`{"x-amz-server-side-encryption":"AES256","x-amz-version-id":"v","x-amz-checksum-crc32":"c"}`,
			`{"CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":5,"bytesTransferredOut":0,"aclRequired":"Yes"}`,
			`[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/k"},` + bucket + `]`,
		},
		{
			"many deletions",
			record.S3Call{Operation: "DeleteObjects", Keys: []string{"x", "y"}, Query: query(t, "delete")},
			"DeleteObjects", false, `{` + host + `,"delete":""}`, `null`, none,
			`[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/x"},{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::b/y"},` + bucket + `]`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := test.call
			c.Bucket, c.Owner, c.Host = "b", "1", "h"
			e := s3Event()
			c.Fill(e)
			got := written(t, e)
			if got["eventName"] != test.event || got["managementEvent"] != test.management {
				t.Errorf("recorded as %v, management %v", got["eventName"], got["managementEvent"])
			}
			want(t, map[string]any{
				"request": got["requestParameters"], "response": got["responseElements"], "additional": got["additionalEventData"], "resources": got["resources"],
			}, fmt.Sprintf(`{"request":%s,"response":%s,"additional":%s,"resources":%s}`, test.request, test.response, test.additional, test.resources))
		})
	}
	e := s3Event()
	(&record.S3Call{Operation: "ListBuckets", ReadOnly: true, Host: "h"}).Fill(e)
	if got := written(t, e); got["resources"] != nil || got["managementEvent"] != true {
		t.Errorf("ListBuckets recorded as %v", got)
	}
}

// Rules: RE-25 RE-50 RE-53 TH-69 TH-102
func TestNoSecretOfARequestIsRecorded(t *testing.T) {
	const canary = "CANARY"
	c := getCall()
	c.Operation = "CopyObject"
	c.Query = query(t, strings.Join([]string{
		"X-Amz-Signature=" + canary, "x-amz-signature=" + canary, "X-Amz-Security-Token=" + canary, "x-amz-SECURITY-token=" + canary,
		"X-Amz-S3session-Token=" + canary, "Signature=" + canary, "x-amz-server-side-encryption-customer-key=" + canary,
		"X-Amz-Server-Side-Encryption-Customer-Key-MD5=" + canary, "password=" + canary, "token=" + canary, canary + "=1",
		"x-amz-copy-source=" + "%2Fb%2Fk%3FX-Amz-Signature%3D" + canary,
		"X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Credential=AKIAB1", "X-Amz-Date=20260301T100000Z", "X-Amz-SignedHeaders=host",
		"x-amz-ACL=private", "X-Amz-Expires=300",
	}, "&"))
	c.Header = http.Header{
		"Authorization": {canary}, "Cookie": {canary}, "X-Amz-Security-Token": {canary}, "X-Amz-Mfa": {canary},
		"X-Amz-Server-Side-Encryption-Customer-Key":                 {canary},
		"X-Amz-Server-Side-Encryption-Customer-Key-Md5":             {canary},
		"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key":     {canary},
		"X-Amz-Copy-Source-Server-Side-Encryption-Customer-Key-Md5": {canary},
		"X-Amz-Server-Side-Encryption-Context":                      {canary},
		"X-Amz-Content-Sha256":                                      {canary},
		"X-Amz-S3session-Token":                                     {canary},
		"X-Amz-Meta-Password":                                       {canary},
		"X-Amz-" + canary:                                           {"1"},
		"X-Amz-Server-Side-Encryption-Customer-Algorithm":           {"AES256"},
		"X-Amz-Acl":           {"public-read"},
		"X-Amz-Rename-Source": {"/b/k?X-Amz-Signature=" + canary + "&versionId=1"},
	}
	c.Answer = http.Header{"X-Amz-Server-Side-Encryption-Customer-Key-Md5": {canary}, "Set-Cookie": {canary}}
	e := s3Event()
	c.Fill(e)
	if line := record.Append(nil, e); strings.Contains(string(line), canary) {
		t.Errorf("a secret was recorded: %s", line)
	}
	want(t, written(t, e)["requestParameters"].(map[string]any), `{"bucketName":"logs","Host":"localhost:8700","key":"a/b.gz",
		"x-amz-copy-source":"/b/k","X-Amz-Algorithm":"AWS4-HMAC-SHA256","X-Amz-Credential":"AKIAB1","X-Amz-Date":"20260301T100000Z",
		"X-Amz-SignedHeaders":"host","X-Amz-Expires":"300","x-amz-acl":"private","x-amz-server-side-encryption-customer-algorithm":"AES256",
		"x-amz-rename-source":"/b/k"}`)
}

// Rules: RE-50 TH-103
func TestMembersOfARequestAreNamedOnce(t *testing.T) {
	c := getCall()
	c.Query = query(t, `prefix=%22,%22acl%22:%22&prefix=2&acl&bucketName=x&`+strings.Repeat("acl&", 500))
	c.Header = http.Header{"X-Amz-Copy-Source": {"/b/k?versionId=3"}}
	e := s3Event()
	c.Fill(e)
	want(t, written(t, e)["requestParameters"].(map[string]any), `{"bucketName":"logs","Host":"localhost:8700","key":"a/b.gz","prefix":"\",\"acl\":\"","acl":"","x-amz-copy-source":"/b/k?versionId=3"}`)
}

// Rules: RE-50
func TestDataEvents(t *testing.T) {
	got := map[string]bool{}
	for _, c := range []struct{ operation, key string }{
		{"GetObject", "k"},
		{"UploadPart", "k"},
		{"HeadObject", "k"},
		{"DeleteObjects", ""},
		{"ListObjects", ""},
		{"ListObjectsV2", ""},
		{"ListObjectVersions", ""},
		{"HeadBucket", ""},
		{"CreateBucket", ""},
		{"PutBucketPolicy", ""},
		{"ListBuckets", ""},
		{"ListMultipartUploads", ""},
	} {
		got[c.operation] = record.S3Data(c.operation, c.key)
	}
	if diff := cmp.Diff(map[string]bool{
		"GetObject": true, "UploadPart": true, "HeadObject": true, "DeleteObjects": true, "ListObjects": true, "ListObjectsV2": true,
		"ListObjectVersions": true, "HeadBucket": true, "CreateBucket": false, "PutBucketPolicy": false, "ListBuckets": false, "ListMultipartUploads": false,
	}, got); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkS3Call(b *testing.B) {
	c := getCall()
	c.Query = query(b, "x-id=GetObject")
	c.Header = http.Header{"Authorization": {"x"}, "X-Amz-Date": {"20260301T100000Z"}, "X-Amz-Content-Sha256": {"UNSIGNED-PAYLOAD"}, "Accept-Encoding": {"identity"}}
	agent := "aws-cli/2.32"
	e := s3Event()
	b.ReportAllocs()
	for b.Loop() {
		e.UserAgent = agent
		c.Fill(e)
	}
}
