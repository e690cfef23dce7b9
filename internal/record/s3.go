package record

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/sigv4"
)

// The types of S3's resources.
const (
	typeObject = "AWS::S3::Object"
	typeBucket = "AWS::S3::Bucket"
)

// An S3Call is what an event tells of a call to S3.
type S3Call struct {
	Operation string // "GetObject"
	Bucket    string // "" for calls on no bucket
	Key       string // "" for calls on the bucket
	// Keys are the objects that DeleteObjects names.
	Keys []string
	// Prefix is what a list of objects was narrowed to.
	Prefix string
	// Owner is the bucket's account, "" when there is no such bucket.
	Owner identity.AccountID
	// ReadOnly says that the operation changes nothing.
	ReadOnly bool

	// Host, Query and Header are the request's, of which what is known and no
	// secret is recorded (RE-50, RE-53, TH-69).
	Host   string
	Query  sigv4.Query
	Header http.Header
	// Body is the JSON of a parsed XML body, under the name of its root.
	BodyName string
	Body     []byte

	// Answer are the headers of the answer (RE-52).
	Answer http.Header

	// SignatureVersion is "SigV4", "SigV2" or "" for anonymous calls;
	// AuthenticationMethod "AuthHeader", "QueryString" or "".
	SignatureVersion     string
	AuthenticationMethod string
	CipherSuite          string
	BytesIn, BytesOut    int64
	HostID               string // x-amz-id-2
	ACLRequired          bool   // an ACL decided
}

// Fill sets of e what S3's records have of their own: source, name, kind,
// request, response, additional data and resources, and puts the user agent in
// brackets (RE-50 to RE-53). It is called once, and before [Event.Fail].
func (c *S3Call) Fill(e *Event) {
	e.Source, e.Name = sourceS3, c.Operation
	if e.Name == "ListObjectsV2" {
		e.Name = "ListObjects" // CloudTrail has one name for both; list-type tells
	}
	data := S3Data(c.Operation, c.Key)
	e.ReadOnly, e.Management = c.ReadOnly, !data
	if e.UserAgent != "" {
		e.UserAgent = "[" + cut(e.UserAgent, maxText-2) + "]"
	}
	w := writer{make([]byte, 0, 512), maxText}
	c.request(&w)
	from := len(w.b)
	e.RequestParameters = w.b[:from:from]
	c.additional(&w)
	e.AdditionalEventData = w.b[from:len(w.b):len(w.b)]
	if !c.ReadOnly && data {
		e.ResponseElements = c.response()
	}
	e.Resources = c.resources()
}

// S3Data reports whether a call is one on data and not on a bucket (RE-50):
// calls on objects, and on a bucket those that deal with its objects.
func S3Data(operation, key string) bool {
	switch operation {
	case "DeleteObjects", "ListObjects", "ListObjectsV2", "ListObjectVersions", "HeadBucket":
		return true
	}
	return key != ""
}

// maxMembers bounds how many members of a request are recorded.
const maxMembers = 100

// request writes what was asked for.
func (c *S3Call) request(w *writer) {
	w.b = append(w.b, '{')
	w.optional("bucketName", c.Bucket)
	w.text("Host", c.Host)
	if c.Key != "" {
		w.long("key", c.Key)
	}
	members := 0
	for p := range c.Query.All() {
		name, ok := queryMember(p.Name)
		if !ok || members == maxMembers || has(w.b, name) {
			continue
		}
		members++
		w.long(name, memberValue(name, p.Value))
	}
	for _, header := range c.headers() {
		name := headerMember(header)
		if members == maxMembers || has(w.b, name) {
			continue
		}
		members++
		w.long(name, memberValue(name, strings.Join(c.Header[header], ",")))
	}
	if c.BodyName != "" && len(c.Body) > 0 {
		w.object(c.BodyName, c.Body, maxObject)
	}
	w.close()
}

// headers returns the names of the headers to be recorded, sorted.
func (c *S3Call) headers() []string {
	var names []string
	for name := range c.Header {
		if strings.HasPrefix(name, "X-Amz-") && knownHeader(headerMember(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// memberValue returns the value of a member: verbatim, but of a source that has
// a query of its own nothing but the version.
func memberValue(name, value string) string {
	if name != "x-amz-copy-source" && name != "x-amz-rename-source" {
		return value
	}
	path, query, ok := strings.Cut(value, "?")
	if !ok || strings.HasPrefix(query, "versionId=") && !strings.Contains(query, "&") {
		return value
	}
	return path
}

// has reports whether an object that is being written has the member. A quote
// inside a value is escaped, so only names stand between bare quotes and colon.
func has(object []byte, name string) bool {
	for rest := object; ; {
		i := bytes.Index(rest, []byte(name))
		if i < 0 {
			return false
		}
		end := i + len(name)
		if i > 0 && rest[i-1] == '"' && bytes.HasPrefix(rest[end:], []byte(`":`)) {
			return true
		}
		rest = rest[end:]
	}
}

func (c *S3Call) additional(w *writer) {
	w.b = append(w.b, '{')
	w.optional("SignatureVersion", c.SignatureVersion)
	w.optional("AuthenticationMethod", c.AuthenticationMethod)
	w.optional("CipherSuite", c.CipherSuite)
	w.int("bytesTransferredIn", c.BytesIn)
	w.int("bytesTransferredOut", c.BytesOut)
	w.optional("x-amz-id-2", c.HostID)
	if c.ACLRequired {
		w.text("aclRequired", "Yes")
	}
	w.close()
}

// response returns what the answer to a write tells of the object, or nil.
func (c *S3Call) response() []byte {
	var names []string
	for name := range c.Answer {
		switch {
		case name == "X-Amz-Server-Side-Encryption", name == "X-Amz-Version-Id", strings.HasPrefix(name, "X-Amz-Checksum-"):
			names = append(names, name)
		}
	}
	if names == nil {
		return nil
	}
	slices.Sort(names)
	w := writer{[]byte{'{'}, maxText}
	for _, name := range names {
		w.text(headerMember(name), c.Answer.Get(name))
	}
	w.close()
	return w.b
}

// resources are the objects, and the bucket last.
func (c *S3Call) resources() []Resource {
	if c.Bucket == "" {
		return nil
	}
	bucket := "arn:" + identity.Partition + ":s3:::" + c.Bucket
	rs := make([]Resource, 0, 2+len(c.Keys))
	switch c.Operation {
	case "ListObjects", "ListObjectsV2", "ListObjectVersions":
		rs = append(rs, Resource{Type: typeObject, ARNPrefix: bucket + "/" + c.Prefix})
	default:
		if c.Key != "" {
			rs = append(rs, Resource{Type: typeObject, ARN: bucket + "/" + c.Key})
		}
		for _, key := range c.Keys {
			rs = append(rs, Resource{Type: typeObject, ARN: bucket + "/" + key})
		}
	}
	return append(rs, Resource{AccountID: c.Owner, Type: typeBucket, ARN: bucket})
}
