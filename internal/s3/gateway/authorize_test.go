package gateway_test

import (
	"strings"
	"testing"
)

const (
	deniedBare = "Access Denied"
	noReason   = ""
)

// Rules: S3-42 EV-30 PL-20
func TestWhoMayReadAnObject(t *testing.T) {
	w := newWorld(t)
	w.user("alice", prod, identityPolicy("s3:GetObject", "arn:aws:s3:::*"))
	w.user("bob", prod, "")
	w.user("dana", dev, identityPolicy("s3:GetObject", "arn:aws:s3:::*"))
	w.user("dan", dev, "")
	w.role("reader", prod, identityPolicy("s3:GetObject", "*"), "")
	const star = `"*"`
	policies := map[string]func(bucket string) string{
		"none": func(string) string { return "" },
		"user": func(b string) string {
			return statement("Allow", `{"AWS":["arn:aws:iam::111122223333:user/bob","arn:aws:iam::444455556666:user/dan","arn:aws:iam::444455556666:user/dana"]}`, "s3:GetObject", "arn:aws:s3:::"+b+"/*", "")
		},
		"accounts": func(b string) string {
			return statement("Allow", `{"AWS":["111122223333","444455556666"]}`, "s3:GetObject", "arn:aws:s3:::"+b+"/*", "")
		},
		"all":   func(b string) string { return statement("Allow", star, "s3:GetObject", "arn:aws:s3:::"+b+"/*", "") },
		"deny":  func(b string) string { return statement("Deny", star, "s3:GetObject", "arn:aws:s3:::"+b+"/*", "") },
		"other": func(b string) string { return statement("Allow", star, "s3:GetObject", "arn:aws:s3:::"+b+"/other", "") },
	}
	for name, policy := range policies {
		b := "matrix-" + name
		w.bucket("prod", b, policy(b))
		w.put("prod", "/"+b+"/k", "v").is(200)
	}
	for _, row := range []struct{ actor, none, user, accounts, all, deny, other string }{
		//           none   user   accounts all  deny  other
		{"alice", "yes", "yes", "yes", "yes", "no", "yes"},
		{"reader", "yes", "yes", "yes", "yes", "no", "yes"},
		{"bob", "no", "yes", "no", "yes", "no", "no"},
		{"dana", "no", "yes", "yes", "yes", "no", "no"},
		{"dan", "no", "no", "no", "no", "no", "no"},
		{"dev", "no", "no", "yes", "yes", "no", "no"},
		{"prod", "yes", "yes", "yes", "yes", "no", "yes"},
		{"", "no", "no", "no", "yes", "no", "no"},
	} {
		for policy, want := range map[string]string{
			"none": row.none, "user": row.user, "accounts": row.accounts, "all": row.all, "deny": row.deny, "other": row.other,
		} {
			a := w.get(row.actor, "/matrix-"+policy+"/k")
			switch want {
			case "yes":
				if a.status != 200 || a.body != "v" {
					t.Errorf("%q with policy %q: %d %s", row.actor, policy, a.status, a.body)
				}
			default:
				if a.status != 403 || a.text("Code") != "AccessDenied" {
					t.Errorf("%q with policy %q: %d %s", row.actor, policy, a.status, a.body)
				}
			}
		}
	}
}

// Rules: S3-44 S3-46 S3-52 EV-70 EV-71 EV-72
func TestRefusalsSayWhyToNeighborsOnly(t *testing.T) {
	w := newWorld(t)
	w.user("bob", prod, "")
	w.user("dan", dev, "")
	w.user("fred", far, identityPolicy("s3:*", "*"))
	w.user("eve", prod, `{"Version":"2012-10-17","Statement":[`+one("Allow", "", "s3:*", "*", "")+`,`+one("Deny", "", "s3:GetObject", "*", "")+`]}`)
	w.role("limited", prod, identityPolicy("s3:*", "*"), identityPolicy("s3:ListBucket", "*"))
	w.bucket("prod", "b-why", statement("Deny", `"*"`, "s3:DeleteObject", "arn:aws:s3:::b-why/*", ""))
	w.put("prod", "/b-why/k", "v").is(200)
	user := func(who, action, resource, reason string) string {
		return "User: " + who + " is not authorized to perform: " + action + ` on resource: "` + resource + `"` + reason
	}
	const aws, b = "arn:aws:iam::111122223333:user/", "arn:aws:s3:::b-why"
	for _, row := range []struct{ actor, method, target, want string }{
		{"bob", "GET", "/b-why/k", user(aws+"bob", "s3:GetObject", b+"/k", " because no identity-based policy allows the s3:GetObject action")},
		{"bob", "GET", "/b-why/k?versionId=null", user(aws+"bob", "s3:GetObjectVersion", b+"/k", " because no identity-based policy allows the s3:GetObjectVersion action")},
		{"bob", "GET", "/b-why", user(aws+"bob", "s3:ListBucket", b, " because no identity-based policy allows the s3:ListBucket action")},
		{"bob", "DELETE", "/b-why/k", user(aws+"bob", "s3:DeleteObject", b+"/k", " with an explicit deny in a resource-based policy")},
		{"eve", "GET", "/b-why/k", user(aws+"eve", "s3:GetObject", b+"/k", " with an explicit deny in an identity-based policy")},
		{"limited", "GET", "/b-why/k", user("arn:aws:sts::111122223333:assumed-role/limited/limited-session", "s3:GetObject", b+"/k", " because no session policy allows the s3:GetObject action")},
		{"prod", "DELETE", "/b-why/k", user("arn:aws:iam::111122223333:root", "s3:DeleteObject", b+"/k", " with an explicit deny in a resource-based policy")},
		{"bob", "GET", "/", "User: " + aws + "bob is not authorized to perform: s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action"},
		{"fred", "GET", "/b-why/k", deniedBare},
		{"", "GET", "/b-why/k", deniedBare},
		{"fred", "GET", "/b-why?policy", deniedBare},
	} {
		w.do(row.actor, row.method, row.target, request{}).fails(403, "AccessDenied", row.want)
	}
	// A neighbor in the organization is told the reason too.
	if m := w.get("dan", "/b-why/k").is(403).text("Message"); !strings.HasPrefix(m, "User: arn:aws:iam::444455556666:user/dan is not authorized to perform: s3:GetObject on resource: \""+b+"/k\" ") {
		t.Errorf("a neighbor is told %q", m)
	}
	for _, actor := range []string{"bob", "fred", ""} {
		for _, target := range []string{"/b-why/k", "/b-why", "/b-why/missing"} {
			w.do(actor, "HEAD", target, request{}).is(403).says(noReason)
		}
	}
	w.do("bob", "HEAD", "/nowhere-at-all", request{}).is(404).says(noReason)
}

// Rules: S3-40 S3-38 TH-58
func TestBucketsExistForEverybody(t *testing.T) {
	w := newWorld(t)
	w.user("bob", prod, "")
	w.bucket("prod", "b-known", "")
	for _, actor := range []string{"", "bob", "far"} {
		w.get(actor, "/nobodys").fails(404, "NoSuchBucket", "The specified bucket does not exist")
		w.get(actor, "/nobodys/k").fails(404, "NoSuchBucket")
		w.get(actor, "/nobodys?policy").fails(404, "NoSuchBucket")
	}
	owner := func(id string) request { return request{header: []string{"X-Amz-Expected-Bucket-Owner", id}} }
	w.put("prod", "/b-known/k", "v").is(200)
	w.do("prod", "GET", "/b-known/k", owner(string(prod))).is(200)
	w.do("prod", "GET", "/b-known/k", owner(string(dev))).fails(403, "AccessDenied", deniedBare)
	w.do("prod", "GET", "/b-known/k", owner("12")).fails(400, "InvalidBucketOwnerAWSAccountID")
	w.do("prod", "PUT", "/b-known?policy", owner(string(dev))).fails(400, "InvalidRequest") // stateless checks come first
	w.do("bob", "GET", "/nobodys/k", owner(string(dev))).fails(404, "NoSuchBucket")
	w.do("prod", "GET", "/b-known/k?x-amz-expected-bucket-owner=1", request{}).is(200) // no header: a parameter that nobody reads
}

// Rules: S3-45 TH-60
func TestMissingKeysAreForThoseWhoMayList(t *testing.T) {
	w := newWorld(t)
	w.user("gets", prod, identityPolicy("s3:GetObject s3:GetObjectVersion s3:GetObjectTagging s3:GetObjectAttributes", "*"))
	w.user("lists", prod, identityPolicy("s3:GetObject s3:GetObjectVersion s3:GetObjectTagging s3:GetObjectAttributes s3:ListBucket", "*"))
	w.user("prefixed", prod, `{"Version":"2012-10-17","Statement":[`+one("Allow", "", "s3:GetObject", "*", "")+`,`+
		one("Allow", "", "s3:ListBucket", "*", `{"StringEquals":{"s3:prefix":"x"}}`)+`]}`)
	w.bucket("prod", "b-missing", statement("Allow", `"*"`, "s3:GetObject", "arn:aws:s3:::b-missing/*", ""))
	w.put("prod", "/b-missing/k", "v").is(200)
	w.get("lists", "/b-missing/nope").fails(404, "NoSuchKey", "The specified key does not exist.")
	for _, target := range []string{"/b-missing/nope", "/b-missing/nope?tagging"} {
		w.get("gets", target).fails(403, "AccessDenied",
			`User: arn:aws:iam::111122223333:user/gets is not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::b-missing" because no identity-based policy allows the s3:ListBucket action`)
		w.do("gets", "HEAD", target, request{}).is(map[bool]int{true: 405, false: 403}[strings.Contains(target, "?")])
		w.get("lists", target).fails(404, "NoSuchKey")
	}
	w.get("prefixed", "/b-missing/nope").fails(403, "AccessDenied")
	w.get("", "/b-missing/nope").fails(403, "AccessDenied", deniedBare)
	w.get("", "/b-missing/k").is(200)
	// A condition tells nothing to who may not read (TH-60).
	for _, header := range []string{"If-None-Match", "If-Match"} {
		for _, target := range []string{"/b-missing/k?versionId=null", "/b-missing/nope?versionId=null"} {
			w.do("", "GET", target, request{header: []string{header, "*"}}).fails(403, "AccessDenied", deniedBare)
		}
	}
}

// Rules: S3-53 S3-46 S3-10
func TestListingsUnderAPrefix(t *testing.T) {
	w := newWorld(t)
	policy := statement("Allow", "", "s3:ListBucket", "*", `{"StringLike":{"s3:prefix":"p/*"}}`)
	w.role("under", prod, identityPolicy("s3:*", "*"), policy)
	w.bucket("prod", "b-prefix", "")
	for _, key := range []string{"p/1", "q/1"} {
		w.put("prod", "/b-prefix/"+key, "v").is(200)
	}
	a := w.get("under", "/b-prefix?list-type=2&prefix=p/").is(200)
	if !strings.Contains(a.body, "<Key>p/1</Key>") || strings.Contains(a.body, "q/1") {
		t.Error(a.body)
	}
	w.get("under", "/b-prefix?prefix=p%2F1").is(200)
	for _, query := range []string{"?list-type=2&prefix=", "?list-type=2&prefix=p", "?list-type=2", "", "?prefix=q/", "?list-type=2&prefix=q/&x-id=ListBuckets", "?versions&prefix=p/"} {
		w.get("under", "/b-prefix"+query).fails(403, "AccessDenied")
	}
	w.get("under", "/b-prefix?prefix=p/&prefix=q/").fails(400, "InvalidArgument")
	w.do("under", "HEAD", "/b-prefix", request{}).is(403)
}

// Rules: S3-1 S3-2 S3-3 S3-4 S3-5 TH-5
func TestHostileKeysStayWhatTheyAre(t *testing.T) {
	w := newWorld(t)
	w.user("alice", prod, identityPolicy("s3:*", "*"))
	w.bucket("prod", "b-keys", statement("Deny", `"*"`, "s3:GetObject s3:PutObject s3:DeleteObject", "arn:aws:s3:::b-keys/s/*", ""))
	for _, target := range []string{"/b-keys/s/x", "/b-keys/s%2Fx", "/b-keys/%73/x", "/b-keys/s/../s/x", "/b-keys/s//x", "/b-keys/s/"} {
		w.put("alice", target, "secret").fails(403, "AccessDenied")
		w.get("alice", target).fails(403, "AccessDenied")
	}
	others := []string{"/b-keys//s/x", "/b-keys/./s/x", "/b-keys/q/../s/x", "/b-keys/a%2Fb", "/b-keys/S/x", "/b-keys/s%00x"}
	for _, target := range others[:5] {
		w.get("alice", target).fails(404, "NoSuchKey")
	}
	for _, target := range others[:5] {
		w.put("alice", target, target).is(200)
	}
	for _, target := range others[:5] {
		w.get("alice", target).is(200).says(target)
	}
	w.get("alice", "/b-keys/a/b").is(200).says("/b-keys/a%2Fb")
	w.put("alice", "/b-keys/a", "beside").is(200)
	w.get("alice", "/b-keys/a").is(200).says("beside")
	w.get("alice", others[5]).fails(400, "InvalidURI")
	w.get("alice", "/b-keys%2Fs%2Fx").fails(400, "InvalidURI")
	w.get("alice", "/b-keys/"+strings.Repeat("k", 1025)).fails(400, "KeyTooLongError")
}

// Rules: S3-44
func TestRootRepairsItsBucketPolicy(t *testing.T) {
	w := newWorld(t)
	w.user("alice", prod, identityPolicy("s3:*", "*"))
	lockout := statement("Deny", `"*"`, "s3:*", "arn:aws:s3:::b-root arn:aws:s3:::b-root/*", "")
	w.bucket("prod", "b-root", lockout)
	w.get("alice", "/b-root?policy").fails(403, "AccessDenied")
	w.get("prod", "/b-root?policyStatus").fails(403, "AccessDenied")
	w.get("prod", "/b-root").fails(403, "AccessDenied")
	w.get("prod", "/b-root?policy").is(200).says(lockout)
	w.document("prod", "PUT", "/b-root?policy", lockout).is(204)
	w.do("prod", "DELETE", "/b-root?policy", request{}).is(204)
	w.get("prod", "/b-root").is(200)
}

// Rules: S3-44
func TestStrangersGet405WhereAPolicyCannotLetThem(t *testing.T) {
	w := newWorld(t)
	w.user("dana", dev, identityPolicy("s3:*", "*"))
	w.bucket("prod", "b-405", allow(dev, "s3:GetBucketPolicy s3:PutBucketPolicy s3:DeleteBucketPolicy s3:GetBucketPolicyStatus", "arn:aws:s3:::b-405"))
	w.get("dana", "/b-405?policy").fails(405, "MethodNotAllowed")
	w.document("dana", "PUT", "/b-405?policy", "{}").fails(405, "MethodNotAllowed")
	w.do("dana", "DELETE", "/b-405?policy", request{}).fails(405, "MethodNotAllowed")
	w.get("dana", "/b-405?policyStatus").is(200)
	w.get("far", "/b-405?policy").fails(403, "AccessDenied")
	w.get("prod", "/b-405?policy").is(200)
}

// Rules: S3-39 S3-47 TH-67 S3-175
func TestAnonymousCallers(t *testing.T) {
	w := newWorld(t)
	w.bucket("prod", "b-public", statement("Allow", `"*"`, "s3:*", "arn:aws:s3:::b-public arn:aws:s3:::b-public/*", ""))
	w.put("", "/b-public/k", "v").is(200)
	w.get("", "/b-public/k").is(200).says("v")
	w.get("", "/b-public?list-type=2").is(200)
	w.get("", "/b-public/k?response-content-type=text/html").
		fails(400, "InvalidRequest", "Request specific response headers cannot be used for anonymous GET requests.")
	w.get("prod", "/b-public/k?response-content-type=text/html").is(200)
	w.get("", "/").fails(403, "AccessDenied", deniedBare)
	w.put("", "/b-new", "").fails(403, "AccessDenied", deniedBare)
	w.do("", "PUT", "/b-public/c", request{header: []string{"X-Amz-Copy-Source", "b-public/k"}}).fails(403, "AccessDenied", deniedBare)
	w.do("", "POST", "/b-public/c?uploads", request{}).fails(403, "AccessDenied", deniedBare)
	w.get("", "/b-public?ownershipControls").fails(403, "AccessDenied", deniedBare)
	w.get("", "/b-public?policy").fails(405, "MethodNotAllowed")
	w.do("", "OPTIONS", "/b-public/k", request{}).fails(400, "BadRequest", "Insufficient information. Origin request header needed.")
	w.do("", "OPTIONS", "/b-public/k", request{header: []string{"Origin", "https://x.test", "Access-Control-Request-Method", "GET"}}).
		fails(403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.")
}

// Rules: S3-60 S3-64 S3-65 S3-66 S3-67
func TestPublicAccessBlock(t *testing.T) {
	w := newWorld(t)
	w.user("alice", prod, identityPolicy("s3:*", "*"))
	w.user("dana", dev, identityPolicy("s3:*", "*"))
	public := statement("Allow", `"*"`, "s3:GetObject", "arn:aws:s3:::b-bpa/*", "")
	both := `{"Version":"2012-10-17","Statement":[` + one("Allow", `"*"`, "s3:GetObject", "arn:aws:s3:::b-bpa/*", "") + `,` +
		one("Allow", principal(dev, "root"), "s3:GetObject", "arn:aws:s3:::b-bpa/*", "") + `]}`
	w.put("prod", "/b-bpa", "").is(200)
	w.put("prod", "/b-bpa/k", "v").is(200)
	a := w.get("prod", "/b-bpa?publicAccessBlock").is(200)
	if strings.Count(a.body, ">true<") != 4 {
		t.Errorf("a new bucket's block is %s", a.body)
	}
	w.document("prod", "PUT", "/b-bpa?policy", public).fails(403, "AccessDenied",
		`User: arn:aws:iam::111122223333:root is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::b-bpa" because public policies are blocked by the BlockPublicPolicy block public access setting.`)
	w.get("prod", "/b-bpa?policyStatus").fails(404, "NoSuchBucketPolicy")

	w.document("alice", "PUT", "/b-bpa?publicAccessBlock", `<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`).is(200)
	if a := w.get("prod", "/b-bpa?publicAccessBlock").is(200); strings.Count(a.body, ">true<") != 1 || strings.Count(a.body, ">false<") != 3 {
		t.Errorf("what was left out is on: %s", a.body)
	}
	w.document("prod", "PUT", "/b-bpa?policy", both).is(204)
	if a := w.get("prod", "/b-bpa?policyStatus").is(200); a.text("IsPublic") != "true" {
		t.Error(a.body)
	}
	w.get("dana", "/b-bpa/k").fails(403, "AccessDenied",
		`User: arn:aws:iam::444455556666:user/dana is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::b-bpa/k" with an explicit deny in a resource-based policy`)
	w.get("", "/b-bpa/k").fails(403, "AccessDenied", deniedBare)
	w.get("alice", "/b-bpa/k").is(200)

	w.document("prod", "PUT", "/b-bpa?policy", allow(dev, "s3:GetObject", "arn:aws:s3:::b-bpa/*")).is(204)
	w.get("dana", "/b-bpa/k").is(200) // without the public statement she is back
	if a := w.get("prod", "/b-bpa?policyStatus").is(200); a.text("IsPublic") != "false" {
		t.Error(a.body)
	}
	w.do("prod", "DELETE", "/b-bpa?publicAccessBlock", request{}).is(204)
	w.get("prod", "/b-bpa?publicAccessBlock").fails(404, "NoSuchPublicAccessBlockConfiguration")
	w.document("prod", "PUT", "/b-bpa?policy", both).is(204)
	w.get("", "/b-bpa/k").is(200)
}
