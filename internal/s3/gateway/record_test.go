package gateway_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/s3/gateway"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

// Rules: RE-1 RE-26 RE-50 RE-51 RE-52 RE-53
func TestCallsAreRecorded(t *testing.T) {
	w := newWorld(t)
	w.user("alice", prod, identityPolicy("s3:*", "*"))
	w.bucket("prod", "b-rec", "")
	policy := allow(dev, "s3:GetObject", "arn:aws:s3:::b-rec/*")
	w.document("alice", "PUT", "/b-rec?policy", policy).is(204)
	w.put("alice", "/b-rec/k", "four").is(200)
	w.get("alice", "/b-rec/k").is(200)
	w.get("alice", "/b-rec?list-type=2&prefix=p/").is(200)
	w.get("alice", "/b-rec/nope").is(404)
	w.get("alice", "/b-rec?versioning").is(200)
	w.document("alice", "POST", "/b-rec?delete", "<Delete><Object><Key>x</Key></Object><Object><Key>y</Key></Object></Delete>").is(200)
	for _, row := range []struct {
		name, path, want string
	}{
		{"PutBucketPolicy", "requestParameters.bucketPolicy", compact(t, policy)},
		{"PutBucketPolicy", "requestParameters.bucketName", "b-rec"},
		{"PutBucketPolicy", "requestParameters.policy", ""},
		{"PutBucketPolicy", "readOnly", "false"},
		{"PutBucketPolicy", "managementEvent", "true"},
		{"PutBucketPolicy", "userIdentity.userName", "alice"},
		{"PutBucketPolicy", "resources", `[{"ARN":"arn:aws:s3:::b-rec","accountId":"111122223333","type":"AWS::S3::Bucket"}]`},
		{"PutObject", "managementEvent", "false"},
		{"PutObject", "eventCategory", "Data"},
		{"PutObject", "readOnly", "false"},
		{"PutObject", "requestParameters.key", "k"},
		{"PutObject", "additionalEventData.bytesTransferredIn", "4"},
		{"PutObject", "additionalEventData.SignatureVersion", "SigV4"},
		{"PutObject", "additionalEventData.AuthenticationMethod", "AuthHeader"},
		{"PutObject", "responseElements.x-amz-server-side-encryption", "AES256"},
		{"GetObject", "readOnly", "true"},
		{"GetObject", "additionalEventData.bytesTransferredOut", "4"},
		{"GetObject", "responseElements", ""},
		{"GetObject", "resources", `[{"ARN":"arn:aws:s3:::b-rec/k","type":"AWS::S3::Object"},{"ARN":"arn:aws:s3:::b-rec","accountId":"111122223333","type":"AWS::S3::Bucket"}]`},
		{"ListObjects", "requestParameters.list-type", "2"},
		{"ListObjects", "resources", `[{"ARNPrefix":"arn:aws:s3:::b-rec/p/","type":"AWS::S3::Object"},{"ARN":"arn:aws:s3:::b-rec","accountId":"111122223333","type":"AWS::S3::Bucket"}]`},
		{"GetBucketVersioning", "requestParameters.versioning", ""},
		{"CreateBucket", "resources", `[{"ARN":"arn:aws:s3:::b-rec","accountId":"111122223333","type":"AWS::S3::Bucket"}]`},
		{"DeleteObjects", "resources", `[{"ARN":"arn:aws:s3:::b-rec/x","type":"AWS::S3::Object"},{"ARN":"arn:aws:s3:::b-rec/y","type":"AWS::S3::Object"},{"ARN":"arn:aws:s3:::b-rec","accountId":"111122223333","type":"AWS::S3::Bucket"}]`},
	} {
		es := w.events(row.name)
		if len(es) == 0 {
			t.Errorf("no event of %s", row.name)
			continue
		}
		if got := es[0].at(row.path); got != row.want {
			t.Errorf("%s: %s is %s, want %s", row.name, row.path, got, row.want)
		}
	}
	failed := w.events("GetObject")[1]
	if failed.at("errorCode") != "NoSuchKey" || failed.at("errorMessage") != "The specified key does not exist." {
		t.Errorf("a failed call: %v", failed)
	}
}

func compact(t testing.TB, text string) string {
	t.Helper()
	var v any
	check(t, json.Unmarshal([]byte(text), &v))
	b, err := json.Marshal(v)
	check(t, err)
	return string(b)
}

// Rules: RE-44
func TestStrangersCallsAreRecordedTwice(t *testing.T) {
	w := newWorld(t)
	w.user("dana", dev, identityPolicy("s3:*", "*"))
	w.bucket("prod", "b-two", statement("Allow", principal(dev, "root"), "s3:GetObject", "arn:aws:s3:::b-two/*", ""))
	w.put("prod", "/b-two/k", "v").is(200)
	w.get("dana", "/b-two/k").is(200)
	w.do("dana", "DELETE", "/b-two/k", request{}).is(403)
	w.get("", "/b-two/k").is(403)
	of := func(name string, recipient identity.AccountID) event {
		t.Helper()
		for _, e := range w.events(name) {
			if e.at("recipientAccountId") == string(recipient) {
				return e
			}
		}
		t.Fatalf("%s has no event of %s", name, recipient)
		return nil
	}
	mine, theirs := of("GetObject", dev), of("GetObject", prod)
	if mine.at("userIdentity.userName") != "dana" || theirs.at("userIdentity.type") != "AWSAccount" || theirs.at("userIdentity.userName") != "" ||
		mine.at("sharedEventID") == "" || mine.at("sharedEventID") != theirs.at("sharedEventID") || mine.at("eventID") == theirs.at("eventID") {
		t.Errorf("%v\n%v", mine, theirs)
	}
	mine, theirs = of("DeleteObject", dev), of("DeleteObject", prod)
	if mine.at("resources") != `[{"ARNPrefix":"arn:aws:s3:::b-two/","type":"AWS::S3::Object"},{"ARN":"arn:aws:s3:::b-two","accountId":"","type":"AWS::S3::Bucket"}]` ||
		!strings.Contains(theirs.at("resources"), `"accountId":"111122223333"`) || !strings.Contains(theirs.at("resources"), "b-two/k") {
		t.Errorf("%v\n%v", mine, theirs)
	}
	if es := w.events("GetObject"); len(es) != 3 || es[2].at("userIdentity.accountId") != "ANONYMOUS_PRINCIPAL" || es[2].at("recipientAccountId") != string(prod) || es[2].at("additionalEventData.SignatureVersion") != "" {
		t.Errorf("an unsigned call: %v", es)
	}
}

// Rules: RE-1 RE-38 S3-21
func TestCredentialsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	w.user("alice", prod, identityPolicy("s3:*", "*"))
	w.user("off", prod, identityPolicy("s3:*", "*"))
	w.role("short", prod, identityPolicy("s3:*", "*"), "")
	w.actors["nobody"] = sigv4.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "x"}
	wrong := w.actors["alice"]
	wrong.SecretAccessKey = "x"
	w.actors["wrong"] = wrong
	w.update(func(tx *store.Tx) error {
		k, err := tx.AccessKey(identity.AccessKeyID(w.actors["off"].AccessKeyID))
		if err != nil {
			return err
		}
		k.Status = identity.KeyInactive
		return tx.PutAccessKey(k)
	})
	w.get("nobody", "/").fails(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.")
	w.get("wrong", "/").fails(403, "SignatureDoesNotMatch")
	w.get("off", "/").fails(403, "InvalidAccessKeyId")
	if n := len(w.events("")); n != 1 {
		t.Errorf("%d events, want that of the inactive key alone", n)
	}
	stolen := w.actors["short"]
	stolen.SessionToken = "AA" + stolen.SessionToken[2:]
	w.actors["stolen"] = stolen
	w.get("stolen", "/").fails(400, "InvalidToken")
	w.offset.Add(int64(2 * time.Hour))
	w.get("short", "/").fails(400, "ExpiredToken")
	wrongAndLate := w.actors["short"]
	wrongAndLate.SecretAccessKey = "x"
	w.actors["both"] = wrongAndLate
	w.get("both", "/").fails(400, "ExpiredToken") // comes before the signature
	e := w.events("ListBuckets")[1]
	if e.at("errorCode") != "ExpiredToken" || e.at("requestParameters") != "" {
		t.Errorf("%v", e)
	}
	for _, edit := range []func(*http.Request){
		func(r *http.Request) { r.Header.Set("X-Amz-Date", "20200101T000000Z") },
		func(r *http.Request) { r.Header.Set("X-Amz-Meta-New", "not signed") },
		func(r *http.Request) { r.Header.Set("Authorization", "AWS x:y") },
		func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") },
		func(r *http.Request) { r.URL.RawQuery = "prefix=changed" },
	} {
		if a := w.do("alice", "GET", "/", request{edit: edit}); a.status != 403 && a.status != 400 {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
}

// Rules: RE-54
func TestDataEventsCanBeLeftOut(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.NoDataEvents = true })
	w.bucket("prod", "b-quiet", "")
	w.put("prod", "/b-quiet/k", "v").is(200)
	w.get("prod", "/b-quiet").is(200)
	if es := w.events(""); len(es) != 1 || es[0].at("eventName") != "CreateBucket" {
		t.Errorf("%v", es)
	}
}

// Rules: TH-69 TH-102
func TestSecretsAreNowhere(t *testing.T) {
	w := newWorld(t)
	w.role("alice", prod, identityPolicy("s3:*", "*"), "")
	w.bucket("prod", "b-canary", "")
	const key = "Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2E="
	const content = "canary-content"
	ssec := []string{
		"X-Amz-Server-Side-Encryption-Customer-Algorithm", "AES256", "X-Amz-Server-Side-Encryption-Customer-Key", key,
		"X-Amz-Server-Side-Encryption-Customer-Key-Md5", "x", "X-Amz-Meta-Canary", "canary-meta",
	}
	w.put("alice", "/b-canary/k", content, ssec...)
	w.put("alice", "/b-canary/k", content, "X-Amz-Meta-Canary", "canary-meta").is(200)
	w.get("alice", "/b-canary/k").is(200)
	u, err := sigv4.Presign(w.newRequest("GET", "/b-canary/k", request{}), w.actors["alice"], w.signOptions(""), time.Hour)
	check(t, err)
	u = strings.TrimPrefix(u, w.server.URL)
	_, signature, _ := strings.Cut(u, "X-Amz-Signature=")
	w.get("", u).is(200)
	if a := w.get("", u+"&canary=canary-parameter"); strings.Contains(a.text("Message"), "canary") {
		t.Error(a.body)
	}
	v2, err := sigv4.PresignV2(w.newRequest("GET", "/b-canary/k", request{}), w.actors["alice"], w.now().Add(time.Hour))
	check(t, err)
	v2 = strings.TrimPrefix(v2, w.server.URL)
	_, signature2, _ := strings.Cut(v2, "&Signature=")
	w.get("", v2).is(200)
	w.events("")
	trail, err := os.ReadFile(filepath.Join(w.trail, "events.jsonl"))
	check(t, err)
	w.mu.Lock()
	log := w.log.String()
	w.mu.Unlock()
	if !strings.Contains(string(trail), "X-Amz-Credential") || !strings.Contains(log, "GetObject") {
		t.Error("nothing was recorded")
	}
	for name, secret := range map[string]string{
		"the secret key": w.actors["alice"].SecretAccessKey, "the token": w.actors["alice"].SessionToken,
		"the signature": signature, "the V2 signature": signature2, "the SSE-C key": key, "an unknown parameter": "canary-parameter",
		"metadata": "canary-meta", "content": content,
	} {
		if strings.Contains(string(trail), secret) || strings.Contains(log, secret) {
			t.Errorf("%s was written down", name)
		}
	}
}

// Rules: TH-89 S3-17 S3-190
func TestEveryAnswerIsInTheSandbox(t *testing.T) {
	w := newWorld(t)
	w.bucket("prod", "b-box", "")
	w.put("prod", "/b-box/k.html", "<script>", "Content-Type", "text/html", "X-Amz-Meta-Content-Security-Policy", "none").is(200)
	seen := map[int]bool{}
	for _, row := range []struct {
		method, target string
		header         []string
	}{
		{"GET", "/b-box/k.html", nil},
		{"HEAD", "/b-box/k.html", nil},
		{"GET", "/b-box/k.html", []string{"Range", "bytes=0-1"}},
		{"GET", "/b-box/k.html", []string{"If-None-Match", "*"}},
		{"GET", "/b-box/k.html", []string{"If-Match", "x"}},
		{"GET", "/b-box/k.html", []string{"Range", "bytes=100-"}},
		{"GET", "/b-box/none", nil},
		{"HEAD", "/b-box/none", nil},
		{"GET", "/none", nil},
		{"PUT", "/b-box", nil},
		{"PUT", "/b-box/k", nil},
		{"DELETE", "/b-box/k", nil},
		{"DELETE", "/b-box", nil},
		{"GET", "/b-box?cors", nil},
		{"GET", "/b-box?acl&policy", nil},
		{"PATCH", "/b-box/k", nil},
		{"OPTIONS", "/b-box/k", nil},
		{"GET", "/b-box/%00", nil},
	} {
		a := w.do("prod", row.method, row.target, request{header: row.header})
		seen[a.status] = true
		for name, want := range map[string]string{
			"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY",
		} {
			if v := a.header.Values(name); len(v) != 1 || !strings.HasPrefix(v[0], want) {
				t.Errorf("%s %s: %d: %s: %v", row.method, row.target, a.status, name, v)
			}
		}
		if a.header.Get("X-Amz-Request-Id") == "" || a.header.Get("X-Amz-Id-2") == "" || a.header.Get("Date") == "" {
			t.Errorf("%s %s: %d: %v", row.method, row.target, a.status, a.header)
		}
		if row.method == "HEAD" && a.body != "" || (a.status == 204 || a.status == 200 && a.body == "" && row.method == "PUT") && a.header.Get("Content-Type") != "" {
			t.Errorf("%s %s: %d: %q %v", row.method, row.target, a.status, a.body, a.header)
		}
		if a.status >= 400 && a.body != "" && !strings.HasPrefix(a.body, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<Error><Code>") {
			t.Errorf("%s %s: %s", row.method, row.target, a.body)
		}
	}
	for _, status := range []int{200, 204, 206, 304, 400, 404, 405, 409, 412, 416, 501} {
		if !seen[status] {
			t.Errorf("no answer had status %d", status)
		}
	}
}
