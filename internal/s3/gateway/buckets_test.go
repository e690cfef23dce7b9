package gateway_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/regent-iam/regent/internal/store"
)

// Rules: S3-90 S3-91 S3-92 S3-93 S3-96 S3-47
func TestCreatingBuckets(t *testing.T) {
	w := newWorld(t)
	w.user("bob", prod, "")
	w.user("reg", prod, `{"Version":"2012-10-17","Statement":[`+
		one("Allow", "", "s3:CreateBucket", "*", `{"StringEquals":{"s3:locationconstraint":"eu-central-1"}}`)+`,`+
		one("Allow", "", "s3:TagResource", "*", `{"StringEquals":{"aws:RequestTag/team":"x"}}`)+`]}`)
	a := w.put("prod", "/b-first", "").is(200).says("")
	if got := a.header.Get("Location"); got != "/b-first" {
		t.Errorf("Location: %q", got)
	}
	w.put("prod", "/b-first/k", "v").is(200)
	w.put("prod", "/b-first", "").is(200)
	w.get("prod", "/b-first/k").is(200).says("v")
	w.put("dev", "/b-first", "").fails(409, "BucketAlreadyExists")
	w.put("bob", "/b-first", "").fails(403, "AccessDenied") // before it is told that the name is taken
	w.put("bob", "/b-free", "").fails(403, "AccessDenied",
		`User: arn:aws:iam::111122223333:user/bob is not authorized to perform: s3:CreateBucket on resource: "arn:aws:s3:::b-free" because no identity-based policy allows the s3:CreateBucket action`)
	for _, name := range []string{"ab", "B-upper", "a..b", "192.168.1.1", "xn--x", "x-s3alias", "latest", "b_u", "-x-", "acct-111122223333-us-east-1-an"} {
		w.put("prod", "/"+name, "").is(400)
	}
	where := func(region, tags string) string {
		return `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>` + region + `</LocationConstraint>` + tags + `</CreateBucketConfiguration>`
	}
	const tag = `<Tags><Tag><Key>team</Key><Value>x</Value></Tag></Tags>`
	w.put("reg", "/b-frankfurt", where("eu-west-3", tag)).fails(403, "AccessDenied")
	w.put("reg", "/b-frankfurt", where("eu-central-1", strings.Replace(tag, ">x<", ">y<", 1))).fails(403, "AccessDenied")
	w.put("reg", "/b-frankfurt", where("eu-central-1", tag)).is(200)
	w.put("prod", "/b-frankfurt", where("eu-central-1", "")).fails(409, "BucketAlreadyOwnedByYou")
	w.put("prod", "/b-first", `<CreateBucketConfiguration>`+tag+`</CreateBucketConfiguration>`).fails(409, "BucketAlreadyOwnedByYou")
	w.put("prod", "/b-eu", where("EU", "")).is(200)
	for name, want := range map[string]string{"b-first": "", "b-frankfurt": "eu-central-1", "b-eu": "EU"} {
		a := w.get("prod", "/"+name+"?location").is(200)
		if got := a.text(`LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`); !strings.Contains(a.body, "LocationConstraint") || want != "" && !strings.Contains(a.body, ">"+want+"</LocationConstraint>") {
			t.Errorf("%s: %q %s", name, got, a.body)
		}
	}
	for bucket, region := range map[string]string{"b-first": "us-east-1", "b-frankfurt": "eu-central-1", "b-eu": "eu-west-1"} {
		a := w.do("prod", "HEAD", "/"+bucket, request{}).is(200)
		if a.header.Get("X-Amz-Bucket-Region") != region || a.header.Get("X-Amz-Bucket-Arn") != "arn:aws:s3:::"+bucket || a.header.Get("X-Amz-Access-Point-Alias") != "false" {
			t.Errorf("%s: %v", bucket, a.header)
		}
		if a := w.do("bob", "HEAD", "/"+bucket, request{}).is(403); a.header.Get("X-Amz-Bucket-Region") != region {
			t.Errorf("%s, refused: %v", bucket, a.header)
		}
	}
	for _, bad := range []string{"us-east-1", "nowhere", "eu-central", "EU-CENTRAL-1", "eu-central-10"} {
		w.put("prod", "/b-bad", where(bad, "")).fails(400, "InvalidLocationConstraint")
	}
	w.put("prod", "/b-bad", "<CreateBucketConfiguration>").fails(400, "MalformedXML")
	w.put("prod", "/b-bad", "<Other/>").fails(400, "MalformedXML")
	w.get("prod", "/b-frankfurt?ownershipControls").is(200)
	if a := w.get("prod", "/b-frankfurt?versioning").is(200); strings.Contains(a.body, "Status") {
		t.Error(a.body)
	}
}

// Rules: S3-120 S3-121 S3-95
func TestVersioning(t *testing.T) {
	w := newWorld(t)
	w.bucket("prod", "b-kept", statement("Allow", `"*"`, "s3:GetBucketVersioning", "arn:aws:s3:::b-kept", ""))
	set := func(actor, status string) *answer {
		t.Helper()
		return w.document(actor, "PUT", "/b-kept?versioning", `<VersioningConfiguration>`+status+`</VersioningConfiguration>`)
	}
	is := func(want string) {
		t.Helper()
		if got := w.get("dev", "/b-kept?versioning").is(200).text("Status"); got != want {
			t.Errorf("versioning is %q, want %q", got, want)
		}
	}
	set("dev", `<Status>Enabled</Status>`).fails(403, "AccessDenied")
	set("prod", ``).fails(400, "IllegalVersioningConfigurationException")
	set("prod", `<Status>Never</Status>`).is(400)
	set("prod", `<MfaDelete>Enabled</MfaDelete><Status>Enabled</Status>`).fails(501, "NotImplemented")
	is("")
	set("prod", `<Status>Enabled</Status>`).is(200)
	is("Enabled")

	first := w.put("prod", "/b-kept/k", "one").is(200).header.Get("X-Amz-Version-Id")
	w.put("prod", "/b-kept/k", "two").is(200)
	if marker := w.do("prod", "DELETE", "/b-kept/k", request{}).is(204); marker.header.Get("X-Amz-Delete-Marker") != "true" {
		t.Errorf("no delete marker: %v", marker.header)
	}
	w.get("prod", "/b-kept/k").fails(404, "NoSuchKey")
	w.get("prod", "/b-kept/k?versionId="+first).is(200).says("one")
	w.do("prod", "DELETE", "/b-kept", request{}).fails(409, "BucketNotEmpty")
	set("prod", `<Status>Suspended</Status>`).is(200)
	is("Suspended")
}

// Rules: S3-68 S3-69 S3-71
func TestOwnershipAndACLs(t *testing.T) {
	w := newWorld(t)
	w.bucket("prod", "b-acl", statement("Allow", `"*"`, "s3:PutObject s3:PutObjectAcl", "arn:aws:s3:::b-acl/*", ""))
	create := func(header ...string) *answer { t.Helper(); return w.put("prod", "/b-new", "", header...) }
	create("X-Amz-Acl", "public-read").fails(400, "InvalidBucketAclWithObjectOwnership")
	create("X-Amz-Grant-Read", "id=1").fails(400, "InvalidBucketAclWithObjectOwnership")
	create("X-Amz-Acl", "private", "X-Amz-Grant-Read", "id=1").fails(400, "InvalidRequest")
	create("X-Amz-Acl", "mine").fails(400, "InvalidArgument")
	create("X-Amz-Object-Ownership", "ObjectWriter").fails(501, "NotImplemented")
	create("X-Amz-Object-Ownership", "Nobody").fails(400, "InvalidArgument")
	create("X-Amz-Bucket-Object-Lock-Enabled", "true").fails(501, "NotImplemented")
	create("X-Amz-Acl", "private", "X-Amz-Object-Ownership", "BucketOwnerEnforced").is(200)

	w.put("prod", "/b-acl/k", "v").is(200)
	write := func(header ...string) *answer { t.Helper(); return w.put("prod", "/b-acl/k", "v", header...) }
	for _, ok := range []string{"private", "bucket-owner-full-control", "bucket-owner-read"} {
		write("X-Amz-Acl", ok).is(200)
	}
	for _, no := range []string{"public-read", "public-read-write", "authenticated-read", "aws-exec-read"} {
		write("X-Amz-Acl", no).fails(400, "AccessControlListNotSupported", "The bucket does not allow ACLs")
		w.do("prod", "POST", "/b-acl/m?uploads", request{header: []string{"X-Amz-Acl", no}}).fails(400, "AccessControlListNotSupported")
	}
	write("X-Amz-Acl", "mine").fails(400, "InvalidArgument")
	write("X-Amz-Grant-Full-Control", "id=1").fails(400, "AccessControlListNotSupported")
	write("X-Amz-Acl", "private", "X-Amz-Grant-Read", "id=1").fails(400, "InvalidRequest")
	const policy = `<AccessControlPolicy><Owner><ID>x</ID></Owner><AccessControlList></AccessControlList></AccessControlPolicy>`
	w.document("prod", "PUT", "/b-acl?acl", policy).fails(400, "AccessControlListNotSupported")
	w.document("prod", "PUT", "/b-acl/k?acl", policy).fails(400, "AccessControlListNotSupported")
	if a := w.get("prod", "/b-acl?acl").is(200); strings.Count(a.body, "<Grant>") != 1 || a.text("Permission") != "FULL_CONTROL" {
		t.Error(a.body)
	}
	const rules = `<OwnershipControls><Rule><ObjectOwnership>%s</ObjectOwnership></Rule></OwnershipControls>`
	w.document("prod", "PUT", "/b-acl?ownershipControls", fmt.Sprintf(rules, "ObjectWriter")).fails(501, "NotImplemented")
	w.document("prod", "PUT", "/b-acl?ownershipControls", fmt.Sprintf(rules, "Whoever")).fails(400, "MalformedXML")
	w.document("prod", "PUT", "/b-acl?ownershipControls", `<OwnershipControls></OwnershipControls>`).fails(400, "MalformedXML")
	w.do("prod", "DELETE", "/b-acl?ownershipControls", request{}).is(204)
	w.get("prod", "/b-acl?ownershipControls").fails(404, "OwnershipControlsNotFoundError")
	write("X-Amz-Acl", "public-read").fails(400, "AccessControlListNotSupported")
	w.document("prod", "PUT", "/b-acl?ownershipControls", fmt.Sprintf(rules, "BucketOwnerEnforced")).is(200)
	if a := w.get("prod", "/b-acl?ownershipControls").is(200); a.text("ObjectOwnership") != "BucketOwnerEnforced" {
		t.Error(a.body)
	}
}

// Rules: S3-94 S3-47
func TestListingBucketsOfOneAccount(t *testing.T) {
	w := newWorld(t)
	w.user("alice", prod, identityPolicy("s3:*", "*"))
	for i := range 5 {
		w.put("prod", fmt.Sprintf("/b-%d", i), "").is(200)
		w.put("dev", fmt.Sprintf("/d-%d", i), "").is(200)
	}
	w.put("prod", "/c-far", `<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>`).is(200)
	names := func(a *answer) string {
		var out []string
		for i, part := range strings.Split(a.is(200).body, "<Name>") {
			if i > 0 {
				out = append(out, part[:strings.Index(part, "<")])
			}
		}
		return strings.Join(out, " ")
	}
	for _, row := range []struct{ actor, query, want string }{
		{"alice", "", "b-0 b-1 b-2 b-3 b-4 c-far"},
		{"dev", "", "d-0 d-1 d-2 d-3 d-4"},
		{"far", "", ""},
		{"alice", "?prefix=c", "c-far"},
		{"alice", "?prefix=d", ""},
		{"alice", "?bucket-region=eu-west-1", "c-far"},
		{"alice", "?bucket-region=us-east-1&max-buckets=2", "b-0 b-1"},
	} {
		if got := names(w.get(row.actor, "/"+row.query)); got != row.want {
			t.Errorf("%s %s: %q, want %q", row.actor, row.query, got, row.want)
		}
	}
	var got []string
	target := "/?max-buckets=2"
	for range 3 {
		a := w.get("alice", target)
		got = append(got, names(a))
		target = "/?max-buckets=2&continuation-token=" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(a.text("ContinuationToken"))
		if len(got) == 1 {
			w.get("dev", target).fails(400, "InvalidArgument") // another account's token
		}
	}
	if strings.Join(got, "|") != "b-0 b-1|b-2 b-3|b-4 c-far" || strings.HasSuffix(target, "token=x") {
		t.Errorf("pages %q", got)
	}
	if !strings.HasSuffix(target, "continuation-token=") {
		t.Errorf("there is a token behind the last page: %s", target)
	}
	for _, n := range []string{"0", "10001", "x", "-1"} {
		w.get("alice", "/?max-buckets="+n).fails(400, "InvalidArgument")
	}
	w.get("alice", "/?continuation-token=x").fails(400, "InvalidArgument")
	a := w.get("alice", "/")
	if a.text("BucketRegion") != "us-east-1" || a.text("BucketArn") != "arn:aws:s3:::b-0" || len(a.text("ID")) != 64 {
		t.Error(a.body)
	}
}

// Rules: S3-98 S3-97
func TestBucketTags(t *testing.T) {
	w := newWorld(t)
	w.bucket("prod", "b-tags", "")
	tagging := func(pairs ...string) *answer {
		t.Helper()
		s := "<Tagging><TagSet>"
		for i := 0; i < len(pairs); i += 2 {
			s += "<Tag><Key>" + pairs[i] + "</Key><Value>" + pairs[i+1] + "</Value></Tag>"
		}
		return w.document("prod", "PUT", "/b-tags?tagging", s+"</TagSet></Tagging>")
	}
	w.get("prod", "/b-tags?tagging").fails(404, "NoSuchTagSet", "The TagSet does not exist")
	tagging("a", "1", "A", "2").is(204)
	if a := w.get("prod", "/b-tags?tagging").is(200); strings.Count(a.body, "<Tag>") != 2 {
		t.Error(a.body)
	}
	tagging("a", "1", "a", "2").fails(400, "InvalidTag", "Cannot provide multiple Tags with the same key")
	tagging("aws:x", "1").fails(400, "InvalidTag", "System tags cannot be added/updated by requester")
	tagging(strings.Repeat("k", 129), "1").is(400)
	tagging("k", strings.Repeat("v", 257)).is(400)
	var many []string
	for i := range 51 {
		many = append(many, fmt.Sprint("k", i), "v")
	}
	tagging(many...).fails(400, "BadRequest")
	w.do("prod", "PUT", "/b-tags?tagging", request{body: "<Tagging/>"}).
		fails(400, "InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
	w.do("prod", "PUT", "/b-tags?tagging", request{body: "<Tagging/>", header: []string{"Content-Md5", "nonsense"}}).fails(400, "InvalidDigest")
	w.do("prod", "PUT", "/b-tags?tagging", request{body: "<Tagging/>", header: []string{"Content-Md5", "1B2M2Y8AsgTpgAmY7PhCfg=="}}).fails(400, "BadDigest")
	w.do("prod", "PUT", "/b-tags?tagging", request{body: "<Tagging/>", header: []string{"X-Amz-Checksum-Crc32", "AAAAAA=="}}).fails(400, "BadDigest")
	w.do("prod", "DELETE", "/b-tags?tagging", request{}).is(204)
	w.get("prod", "/b-tags?tagging").fails(404, "NoSuchTagSet")
}

// Rules: S3-75 S3-76 S3-77 S3-79
func TestBucketPoliciesThatCannotBe(t *testing.T) {
	w := newWorld(t)
	w.bucket("prod", "b-pol", "")
	const b = "arn:aws:s3:::b-pol"
	for _, row := range []struct{ policy, message string }{
		{`x`, "Policies must be valid JSON and the first byte must be '{'"},
		{`{`, "This policy contains invalid Json"},
		{`{"Version":"2012-10-17"}`, "Missing required field Statement"},
		{`{"Version":"2012-10-17","Statement":[]}`, "Could not parse the policy: Statement is empty!"},
		{`{"Version":"2013-10-17","Statement":[` + one("Allow", `"*"`, "s3:GetObject", b+"/*", "") + `]}`, "The policy must contain a valid version string"},
		{identityPolicy("s3:GetObject", b+"/*"), "Missing required field Principal"},
		{statement("Allow", `{"AWS":"x"}`, "s3:GetObject", b+"/*", ""), "Invalid principal in policy"},
		{statement("Allow", principal(dev, "user/nobody"), "s3:GetObject", b+"/*", ""), "Invalid principal in policy"},
		{allow(dev, "s3:Fly", b), "Policy has invalid action"},
		{allow(dev, "s3:CreateBucket", b), "Policy has invalid action"},
		{allow(dev, "s3:ListAllMyBuckets", b), "Policy has invalid action"},
		{allow(dev, "s3:HeadObject", b+"/*"), "Policy has invalid action"},
		{allow(dev, "s3:CreateMultipartUpload", b+"/*"), "Policy has invalid action"},
		{allow(dev, "iam:ListUsers", b), "Policy has invalid action"},
		{allow(dev, "s3:GetObject", "arn:aws:s3:::other/*"), "Policy has invalid resource"},
		{allow(dev, "s3:GetObject", "*"), "Policy has invalid resource"},
		{allow(dev, "s3:GetObject", b), "Action does not apply to any resource(s) in statement"},
		{allow(dev, "s3:ListBucket", b+"/*"), "Action does not apply to any resource(s) in statement"},
		{statement("Allow", principal(dev, "root"), "s3:GetObject", b+"/*", `{"StringEquals":{"s3:prefix":"x"}}`), "Conditions do not apply to combination of actions and resources in statement"},
		{statement("Allow", principal(dev, "root"), "s3:PutObject", b+"/*", `{"StringEquals":{"s3:ExistingObjectTag/x":"y"}}`), "Conditions do not apply to combination of actions and resources in statement"},
		{statement("Allow", principal(dev, "root"), "s3:GetObject", b+"/*", `{"StringEquals":{"s3:x-amz-acl":"y"}}`), "Conditions do not apply to combination of actions and resources in statement"},
		{allow(dev, "s3:GetObject", b+"/"+strings.Repeat("x", 20480)), "Policy exceeds the maximum allowed document size."},
	} {
		w.document("prod", "PUT", "/b-pol?policy", row.policy).fails(400, "MalformedPolicy", row.message)
	}
	w.document("prod", "PUT", "/b-pol?policy", "").fails(400, "MissingRequestBodyError")
	w.document("prod", "PUT", "/b-pol?policy", strings.Repeat("x", 1<<20+1)).fails(400, "MaxMessageLengthExceeded")
	for _, policy := range []string{
		allow(dev, "s3:*", b), allow(dev, "s3:Get*", b+"/*"),
		statement("Allow", principal(dev, "root"), "s3:ListBucket", b, `{"StringLike":{"s3:prefix":"x/*"}}`),
		statement("Allow", principal(dev, "root"), "s3:GetObject", b+"/*", `{"StringEquals":{"s3:ExistingObjectTag/team":"y"}}`),
		statement("Allow", principal(dev, "root"), "s3:PutObject", b+"/*", `{"StringEquals":{"s3:x-amz-acl":"private"},"Bool":{"aws:SecureTransport":"true"}}`),
	} {
		w.document("prod", "PUT", "/b-pol?policy", policy).is(204).says("")
		w.get("prod", "/b-pol?policy").is(200).says(policy)
	}
	for range 2 {
		w.do("prod", "DELETE", "/b-pol?policy", request{}).is(204)
	}
	w.get("prod", "/b-pol?policy").fails(404, "NoSuchBucketPolicy")
}

// Rules: S3-78 PL-26 PL-27
func TestPrincipalsOfPoliciesAreBound(t *testing.T) {
	w := newWorld(t)
	w.user("dana", dev, identityPolicy("s3:*", "*"))
	w.bucket("prod", "b-bind", "")
	policy := statement("Allow", principal(dev, "user/dana"), "s3:GetObject", "arn:aws:s3:::b-bind/*", "")
	w.document("prod", "PUT", "/b-bind?policy", policy).is(204)
	w.put("prod", "/b-bind/k", "v").is(200)
	w.get("dana", "/b-bind/k").is(200)
	w.get("prod", "/b-bind?policy").is(200).says(policy)
	var id string
	w.update(func(tx *store.Tx) error {
		u, err := tx.User(dev, "dana")
		if err != nil {
			return err
		}
		id = u.ID
		for _, k := range u.Keys {
			key, err := tx.AccessKey(k)
			if err != nil {
				return err
			}
			if err := tx.DeleteAccessKey(key); err != nil {
				return err
			}
		}
		u.Keys, u.Inline = nil, nil
		return tx.DeleteUser(u)
	})
	w.user("dana", dev, identityPolicy("s3:*", "*"))
	w.get("dana", "/b-bind/k").is(403)
	w.get("prod", "/b-bind?policy").is(200).says(strings.Replace(policy, "arn:aws:iam::444455556666:user/dana", id, 1))
	w.document("prod", "PUT", "/b-bind?policy", policy).is(204)
	w.get("dana", "/b-bind/k").is(200)
}

// Rules: TH-56 S3-95
func TestABucketNameThatChangesHandsInheritsNothing(t *testing.T) {
	w := newWorld(t)
	w.bucket("prod", "b-hands", statement("Allow", `"*"`, "s3:GetObject s3:PutObject", "arn:aws:s3:::b-hands/*", ""))
	w.do("prod", "POST", "/b-hands/up?uploads", request{}).is(200)
	w.put("prod", "/b-hands/k", "v").is(200)
	w.do("prod", "DELETE", "/b-hands", request{}).fails(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
	w.get("prod", "/b-hands/k").is(200)
	w.do("far", "DELETE", "/b-hands", request{}).fails(403, "AccessDenied")
	w.do("prod", "DELETE", "/b-hands/k", request{}).is(204)
	w.do("prod", "DELETE", "/b-hands", request{}).is(204)
	w.get("prod", "/b-hands").fails(404, "NoSuchBucket")
	w.do("prod", "DELETE", "/b-hands", request{}).fails(404, "NoSuchBucket")
	w.put("far", "/b-hands", "").is(200)
	w.put("", "/b-hands/k", "v").fails(403, "AccessDenied")
	w.put("prod", "/b-hands/k", "v").fails(403, "AccessDenied")
	w.get("far", "/b-hands?policy").fails(404, "NoSuchBucketPolicy")
	if a := w.get("far", "/b-hands?uploads").is(200); strings.Contains(a.body, "<Upload>") {
		t.Error(a.body)
	}
	w.do("far", "DELETE", "/b-hands", request{}).is(204)
}

// Rules: TH-56
func TestRacingForABucketName(t *testing.T) {
	w := newWorld(t)
	w.put("prod", "/b-race", "").is(200)
	var wg sync.WaitGroup
	for _, actor := range []string{"prod", "dev", "far"} {
		wg.Go(func() {
			for range 10 {
				w.do(actor, "DELETE", "/b-race", request{})
				w.put(actor, "/b-race", "")
				if a := w.put(actor, "/b-race/"+actor, "v"); a.status == 200 {
					w.get(actor, "/b-race/"+actor).is(200).says("v")
					w.do(actor, "DELETE", "/b-race", request{}).is(409)
					w.do(actor, "DELETE", "/b-race/"+actor, request{}).is(204)
				}
			}
		})
	}
	wg.Wait()
	for _, actor := range []string{"prod", "dev", "far"} {
		w.do(actor, "DELETE", "/b-race", request{})
	}
	w.get("prod", "/b-race").fails(404, "NoSuchBucket")
}

// Rules: TH-56
func TestADeletionThatWasCutOffIsFinishedOrUndone(t *testing.T) {
	w := newWorld(t)
	w.put("prod", "/b-cut", "").is(200)
	id := func() (id string) {
		check(t, w.store.View(t.Context(), func(tx *store.Tx) error {
			b, err := tx.Bucket("b-cut")
			if err == nil {
				id = b.ID
			}
			return err
		}))
		return id
	}
	was := id()
	check(t, w.objects.Drop(t.Context(), was, w.now())) // and then the machine stops
	w.put("prod", "/b-cut/k", "v").fails(404, "NoSuchBucket")
	w.put("far", "/b-cut", "").fails(409, "BucketAlreadyExists")
	w.put("prod", "/b-cut/k", "v").fails(404, "NoSuchBucket") // a stranger cannot undo it
	w.put("prod", "/b-cut", "").is(200)
	w.put("prod", "/b-cut/k", "v").is(200)
	w.do("prod", "DELETE", "/b-cut/k", request{}).is(204)
	check(t, w.objects.Drop(t.Context(), was, w.now()))
	w.do("prod", "DELETE", "/b-cut", request{}).is(204)
	w.put("prod", "/b-cut", "").is(200)
	if id() == was {
		t.Error("the new bucket has the old one's id")
	}
	w.put("prod", "/b-cut/k", "v").is(200)
}

// Rules: S3-15
func TestWhatIsNotThereIsSaidToThoseWhoMay(t *testing.T) {
	w := newWorld(t)
	w.user("bob", prod, "")
	w.bucket("prod", "b-501", "")
	w.put("prod", "/b-501/k", "v").is(200)
	for _, row := range []struct{ method, target string }{
		{"GET", "/b-501?lifecycle"},
		{"GET", "/b-501?cors"},
		{"GET", "/b-501?inventory"},
		{"GET", "/b-501?inventory&id=x"},
		{"GET", "/b-501?replication"},
		{"GET", "/b-501/k?retention"},
		{"GET", "/b-501/k?legal-hold"},
		{"GET", "/b-501/k?acl"},
		{"DELETE", "/b-501?encryption"},
		{"GET", "/b-501?abac"},
		{"GET", "/b-501?website"},
		{"GET", "/b-501/k?torrent"},
	} {
		w.do("prod", row.method, row.target, request{}).fails(501, "NotImplemented")
		w.do("bob", row.method, row.target, request{}).fails(403, "AccessDenied")
		w.do("", row.method, row.target, request{}).fails(403, "AccessDenied")
	}
	w.document("prod", "PUT", "/b-501?cors", `<CORSConfiguration/>`).fails(501, "NotImplemented")
	w.document("prod", "PUT", "/b-501/k?retention", `<Retention/>`).fails(501, "NotImplemented")
	w.document("bob", "PUT", "/b-501/k?retention", `<Retention/>`).fails(403, "AccessDenied")
	w.do("prod", "POST", "/b-501", request{body: "x", header: []string{"Content-Type", "multipart/form-data; boundary=b"}}).fails(501, "NotImplemented")
	w.do("", "POST", "/b-501", request{body: "x", header: []string{"Content-Type", "multipart/form-data; boundary=b"}}).fails(501, "NotImplemented")
}
