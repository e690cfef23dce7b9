package server_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/server"
)

// An estate is a member account with something to take away in it.
type estate struct {
	*world
	t          *testing.T
	management server.Client
	id         identity.AccountID
	root       server.Client // of the member account
	alice      server.Client
	aliceKey   string
	scpID      string        // of the policy that a row is about
	stranger   server.Client // a user of another account
}

const (
	mayAll   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:*","s3:*","sts:*"],"Resource":"*"}]}`
	mayNone  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:*","Resource":"*"}]}`
	mustNot  = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	ifTagged = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red"}}}]}`
	ifAlice  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:username":"alice"}}}]}`
)

func newEstate(t *testing.T) *estate {
	t.Helper()
	return newEstateIn(t, begin(t, server.Options{InMemory: true}))
}

func newEstateIn(t *testing.T, w *world) *estate {
	t.Helper()
	e := &estate{world: w, t: t, management: w.root()}
	id, key, err := w.NewAccount(t.Context(), w.First().Key, "member")
	if err != nil {
		t.Fatal(err)
	}
	e.id, e.root = id, w.Client(key)
	alice, err := w.NewUser(t.Context(), key, "alice", "")
	if err != nil {
		t.Fatal(err)
	}
	e.alice, e.aliceKey = w.Client(alice), alice.ID
	e.s3(http.MethodPut, "/member-bucket", "")
	e.s3(http.MethodPut, "/member-bucket/key", "text")
	return e
}

// iam calls IAM as the account's root; s3 does S3.
func (e *estate) iam(operation string, params ...string) string {
	e.t.Helper()
	return must(e.t)(e.root.Query(e.t.Context(), "iam", operation, params...))
}

func (e *estate) s3(method, path, body string) {
	e.t.Helper()
	must(e.t)(e.root.S3(e.t.Context(), method, path, body))
}

// scp attaches a service control policy to the account and returns its id.
func (e *estate) scp(name, text string) string {
	e.t.Helper()
	raw := must(e.t)(e.management.Organizations(e.t.Context(), "CreatePolicy", map[string]any{
		"Name": name, "Description": name, "Type": "SERVICE_CONTROL_POLICY", "Content": text,
	}))
	var out struct {
		Policy struct {
			PolicySummary struct{ ID string }
		}
	}
	if err := json.Unmarshal([]byte(raw), &out); err != nil {
		e.t.Fatal(err)
	}
	e.organizations("AttachPolicy", "PolicyId", out.Policy.PolicySummary.ID, "TargetId", string(e.id))
	return out.Policy.PolicySummary.ID
}

func (e *estate) organizations(operation string, params ...string) {
	e.t.Helper()
	in := map[string]any{}
	for i := 0; i < len(params); i += 2 {
		in[params[i]] = params[i+1]
	}
	must(e.t)(e.management.Organizations(e.t.Context(), operation, in))
}

// bob makes a user of the management account, the stranger.
func (e *estate) bob() {
	e.t.Helper()
	key, err := e.NewUser(e.t.Context(), e.First().Key, "bob", mayAll)
	if err != nil {
		e.t.Fatal(err)
	}
	e.stranger = e.Client(key)
}

// managed makes a managed policy of that text.
func (e *estate) managed(name, text string) string {
	e.t.Helper()
	e.iam("CreatePolicy", "PolicyName", name, "PolicyDocument", text)
	return "arn:aws:iam::" + string(e.id) + ":policy/" + name
}

// role makes a role that the account may assume, with an inline policy.
func (e *estate) role(text string) (arn string) {
	e.t.Helper()
	e.iam("CreateRole", "RoleName", "ci", "AssumeRolePolicyDocument", e.trust("Allow"))
	if text != "" {
		e.iam("PutRolePolicy", "RoleName", "ci", "PolicyName", "inline", "PolicyDocument", text)
	}
	return "arn:aws:iam::" + string(e.id) + ":role/ci"
}

func (e *estate) trust(effect string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Principal":{"AWS":"arn:aws:iam::` + string(e.id) + `:root"},"Action":"sts:AssumeRole"}]}`
}

func (e *estate) bucketPolicy(effect, principal string) {
	e.t.Helper()
	e.s3(http.MethodPut, "/member-bucket?policy", `{"Version":"2012-10-17","Statement":[{"Effect":"`+effect+`","Principal":`+principal+
		`,"Action":"s3:GetObject","Resource":"arn:aws:s3:::member-bucket/*"}]}`)
}

// A probe is a call that is allowed until something is taken away.
type probe func() error

// calls are calls of both kinds by one client: to an API, and on an object.
func (e *estate) calls(c server.Client) []probe { return append(e.objects(c), e.apis(c)...) }

func (e *estate) apis(c server.Client) []probe {
	return []probe{
		func() error { _, err := c.Query(e.t.Context(), "iam", "ListUsers"); return err },
		func() error { // one that changes something is decided in its transaction once more
			_, err := c.Query(e.t.Context(), "iam", "TagUser", "UserName", "bystander", "Tags.member.1.Key", "a", "Tags.member.1.Value", "b")
			return err
		},
	}
}

func (e *estate) objects(c server.Client) []probe {
	return []probe{
		func() error { _, err := c.S3(e.t.Context(), http.MethodGet, "/member-bucket/key", ""); return err },
		func() error { _, err := c.S3(e.t.Context(), http.MethodPut, "/member-bucket/new", "text"); return err },
		func() error { // one that is decided again once its body is there
			_, err := c.S3(e.t.Context(), http.MethodPut, "/member-bucket/key?tagging", `<Tagging><TagSet/></Tagging>`)
			return err
		},
		func() error { _, err := c.S3(e.t.Context(), http.MethodGet, "/member-bucket", ""); return err },
		func() error {
			_, err := c.S3(e.t.Context(), http.MethodPut, "/member-bucket?tagging", `<Tagging><TagSet/></Tagging>`)
			return err
		},
	}
}

func (e *estate) anybody() []probe {
	return []probe{func() error {
		if status, body := e.root.Anonymous(e.t.Context(), "/member-bucket/key"); status != http.StatusOK {
			return errors.New("GET: " + body[strings.Index(body, "<Code>")+6:strings.Index(body, "</Code>")] + ": refused")
		}
		return nil
	}}
}

func (e *estate) session(role string) []probe {
	e.t.Helper()
	c, err := e.alice.Assume(e.t.Context(), role, "session")
	if err != nil {
		e.t.Fatal(err)
	}
	return e.calls(c)
}

// A taking is one way to take something away: prepare gives it and returns what
// it allows, change takes it.
type taking struct {
	name    string
	prepare func(*estate) []probe
	change  func(*estate)
}

// inline gives alice an inline policy.
func inline(text string) func(*estate) []probe {
	return func(e *estate) []probe {
		e.t.Helper()
		e.iam("PutUserPolicy", "UserName", "alice", "PolicyName", "inline", "PolicyDocument", text)
		return e.calls(e.alice)
	}
}

// sessionOf makes a session of a role with an inline policy.
func sessionOf(text string, more func(e *estate)) func(*estate) []probe {
	return func(e *estate) []probe {
		e.t.Helper()
		inline(mayAll)(e)
		role := e.role(text)
		if more != nil {
			more(e)
		}
		return e.session(role)
	}
}

func call(operation string, params ...string) func(*estate) {
	return func(e *estate) {
		e.t.Helper()
		all := slices.Clone(params)
		for i, p := range all {
			all[i] = strings.NewReplacer("<account>", string(e.id), "<key>", e.aliceKey).Replace(p)
		}
		e.iam(operation, all...)
	}
}

const managedARN = "arn:aws:iam::<account>:policy/m"

func grouped(e *estate) {
	e.t.Helper()
	e.iam("CreateGroup", "GroupName", "g")
	e.iam("AddUserToGroup", "GroupName", "g", "UserName", "alice")
}

func takings() []taking {
	return append(takingsOfUsers(), takingsOfOthers()...)
}

func takingsOfUsers() []taking {
	attached := func(e *estate) []probe {
		e.t.Helper()
		e.iam("AttachUserPolicy", "UserName", "alice", "PolicyArn", e.managed("m", mayAll))
		return e.calls(e.alice)
	}
	inGroup := func(e *estate) []probe {
		e.t.Helper()
		grouped(e)
		e.iam("PutGroupPolicy", "GroupName", "g", "PolicyName", "inline", "PolicyDocument", mayAll)
		return e.calls(e.alice)
	}
	bounded := func(e *estate) []probe {
		e.t.Helper()
		e.iam("PutUserPermissionsBoundary", "UserName", "alice", "PermissionsBoundary", e.managed("m", mayAll))
		return inline(mayAll)(e)
	}
	return []taking{
		{"an inline policy is deleted", inline(mayAll), call("DeleteUserPolicy", "UserName", "alice", "PolicyName", "inline")},
		{"an inline policy is replaced", inline(mayAll), call("PutUserPolicy", "UserName", "alice", "PolicyName", "inline", "PolicyDocument", mayNone)},
		{"a deny is added", inline(mayAll), call("PutUserPolicy", "UserName", "alice", "PolicyName", "more", "PolicyDocument", mustNot)},
		{"a managed policy is detached", attached, call("DetachUserPolicy", "UserName", "alice", "PolicyArn", managedARN)},
		{"a managed policy gets a version", attached, call("CreatePolicyVersion", "PolicyArn", managedARN, "PolicyDocument", mayNone, "SetAsDefault", "true")},
		{"another version counts", func(e *estate) []probe {
			probes := attached(e)
			call("CreatePolicyVersion", "PolicyArn", managedARN, "PolicyDocument", mayNone)(e)
			return probes
		}, call("SetDefaultPolicyVersion", "PolicyArn", managedARN, "VersionId", "v2")},
		{"a group is left", inGroup, call("RemoveUserFromGroup", "GroupName", "g", "UserName", "alice")},
		{"a group is joined that denies", inline(mayAll), func(e *estate) {
			e.iam("CreateGroup", "GroupName", "g")
			e.iam("PutGroupPolicy", "GroupName", "g", "PolicyName", "no", "PolicyDocument", mustNot)
			e.iam("AddUserToGroup", "GroupName", "g", "UserName", "alice")
		}},
		{"a group loses its policy", inGroup, call("DeleteGroupPolicy", "GroupName", "g", "PolicyName", "inline")},
		{"a group's managed policy is detached", func(e *estate) []probe {
			grouped(e)
			e.iam("AttachGroupPolicy", "GroupName", "g", "PolicyArn", e.managed("m", mayAll))
			return e.calls(e.alice)
		}, call("DetachGroupPolicy", "GroupName", "g", "PolicyArn", managedARN)},
		{"a boundary is set", inline(mayAll), func(e *estate) {
			e.iam("PutUserPermissionsBoundary", "UserName", "alice", "PermissionsBoundary", e.managed("m", mayNone))
		}},
		{"a boundary is another", bounded, func(e *estate) {
			e.iam("PutUserPermissionsBoundary", "UserName", "alice", "PermissionsBoundary", e.managed("n", mayNone))
		}},
		{"a boundary changes", bounded, call("CreatePolicyVersion", "PolicyArn", managedARN, "PolicyDocument", mayNone, "SetAsDefault", "true")},
		{"a tag goes", func(e *estate) []probe {
			e.iam("TagUser", "UserName", "alice", "Tags.member.1.Key", "team", "Tags.member.1.Value", "red")
			return inline(ifTagged)(e)
		}, call("UntagUser", "UserName", "alice", "TagKeys.member.1", "team")},
		{"a tag changes", func(e *estate) []probe {
			e.iam("TagUser", "UserName", "alice", "Tags.member.1.Key", "team", "Tags.member.1.Value", "red")
			return inline(ifTagged)(e)
		}, call("TagUser", "UserName", "alice", "Tags.member.1.Key", "Team", "Tags.member.1.Value", "blue")},
		{"the name changes", inline(ifAlice), call("UpdateUser", "UserName", "alice", "NewUserName", "mallory")},
		{"the key is switched off", inline(mayAll), call("UpdateAccessKey", "UserName", "alice", "AccessKeyId", "<key>", "Status", "Inactive")},
		{"the key is deleted", inline(mayAll), call("DeleteAccessKey", "UserName", "alice", "AccessKeyId", "<key>")},
		{"the user is deleted", inline(mayAll), func(e *estate) {
			e.iam("DeleteUserPolicy", "UserName", "alice", "PolicyName", "inline")
			e.iam("DeleteAccessKey", "UserName", "alice", "AccessKeyId", e.aliceKey)
			e.iam("DeleteUser", "UserName", "alice")
		}},
		{"the user of a session is made anew", func(e *estate) []probe {
			inline(mayAll)(e)
			c, err := e.alice.Session(e.t.Context())
			if err != nil {
				e.t.Fatal(err)
			}
			return e.objects(c)
		}, func(e *estate) {
			e.iam("DeleteUserPolicy", "UserName", "alice", "PolicyName", "inline")
			e.iam("DeleteAccessKey", "UserName", "alice", "AccessKeyId", e.aliceKey)
			e.iam("DeleteUser", "UserName", "alice")
			e.iam("CreateUser", "UserName", "alice")
			e.iam("PutUserPolicy", "UserName", "alice", "PolicyName", "inline", "PolicyDocument", mayAll)
		}},
	}
}

func takingsOfOthers() []taking {
	foreign := func(e *estate) []probe {
		e.t.Helper()
		e.bob()
		e.bucketPolicy("Allow", `{"AWS":"arn:aws:iam::`+string(e.First().Account)+`:user/bob"}`)
		return []probe{func() error {
			_, err := e.stranger.S3(e.t.Context(), http.MethodGet, "/member-bucket/key", "")
			return err
		}}
	}
	public := func(e *estate) []probe {
		e.t.Helper()
		e.s3(http.MethodDelete, "/member-bucket?publicAccessBlock", "")
		e.bucketPolicy("Allow", `"*"`)
		return e.anybody()
	}
	suspend := func(e *estate) {
		if err := e.Suspend(e.t.Context(), e.id); err != nil {
			e.t.Fatal(err)
		}
	}
	return []taking{
		{"a role's policy is deleted", sessionOf(mayAll, nil), call("DeleteRolePolicy", "RoleName", "ci", "PolicyName", "inline")},
		{"a role's managed policy is detached", sessionOf("", func(e *estate) {
			e.iam("AttachRolePolicy", "RoleName", "ci", "PolicyArn", e.managed("m", mayAll))
		}), call("DetachRolePolicy", "RoleName", "ci", "PolicyArn", managedARN)},
		{"a role gets a boundary", sessionOf(mayAll, nil), func(e *estate) {
			e.iam("PutRolePermissionsBoundary", "RoleName", "ci", "PermissionsBoundary", e.managed("m", mayNone))
		}},
		{"a role loses a tag", sessionOf(ifTagged, func(e *estate) {
			e.iam("TagRole", "RoleName", "ci", "Tags.member.1.Key", "team", "Tags.member.1.Value", "red")
		}), call("UntagRole", "RoleName", "ci", "TagKeys.member.1", "team")},
		{"a role's sessions are revoked", sessionOf(mayAll, nil), call("PutRolePolicy", "RoleName", "ci", "PolicyName", "AWSRevokeOlderSessions",
			"PolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2999-01-01T00:00:00Z"}}}]}`)},
		{"a role is made anew", sessionOf(mayAll, nil), func(e *estate) {
			e.iam("DeleteRolePolicy", "RoleName", "ci", "PolicyName", "inline")
			e.iam("DeleteRole", "RoleName", "ci")
			e.role(mayAll)
		}},
		{"a role trusts no more", func(e *estate) []probe {
			inline(mayAll)(e)
			role := e.role(mayAll)
			return []probe{func() error { _, err := e.alice.Assume(e.t.Context(), role, "session"); return err }}
		}, func(e *estate) { e.iam("UpdateAssumeRolePolicy", "RoleName", "ci", "PolicyDocument", e.trust("Deny")) }},
		{"an SCP is attached", inline(mayAll), func(e *estate) { e.scp("no", mustNot) }},
		{"an SCP changes", func(e *estate) []probe {
			e.scpID = e.scp("yes", mayAll)
			return inline(mayAll)(e)
		}, func(e *estate) { e.organizations("UpdatePolicy", "PolicyId", e.scpID, "Content", mustNot) }},
		{"an SCP is detached", func(e *estate) []probe {
			e.scpID = e.scp("yes", mayNone)
			return inline(mayAll)(e)
		}, func(e *estate) {
			e.organizations("DetachPolicy", "PolicyId", "p-FullAWSAccess", "TargetId", string(e.id))
		}},
		{"the caller's account is closed", inline(mayAll), suspend},
		{"the account of a session is closed", sessionOf(mayAll, nil), suspend},
		{"the account of a public bucket is closed", public, suspend},
		{"the account of a foreign bucket is closed", foreign, suspend},
		{"a bucket policy is deleted", foreign, func(e *estate) { e.s3(http.MethodDelete, "/member-bucket?policy", "") }},
		{"a bucket policy denies", foreign, func(e *estate) { e.bucketPolicy("Deny", `"*"`) }},
		{"a bucket policy denies the owner's", func(e *estate) []probe { return inline(mayAll)(e)[:1] }, func(e *estate) { e.bucketPolicy("Deny", `"*"`) }},
		{"a public bucket's policy is deleted", public, func(e *estate) { e.s3(http.MethodDelete, "/member-bucket?policy", "") }},
		{"public access is blocked", public, func(e *estate) {
			e.s3(http.MethodPut, "/member-bucket?publicAccessBlock",
				`<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`)
		}},
		{"a trusted stranger loses its policy", foreign, func(e *estate) {
			must(e.t)(e.management.Query(e.t.Context(), "iam", "DeleteUserPolicy", "UserName", "bob", "PolicyName", "inline"))
		}},
		{"a trusted stranger is made anew", foreign, func(e *estate) {
			ctx, m := e.t.Context(), e.management
			must(e.t)(m.Query(ctx, "iam", "DeleteUserPolicy", "UserName", "bob", "PolicyName", "inline"))
			must(e.t)(m.Query(ctx, "iam", "DeleteAccessKey", "UserName", "bob", "AccessKeyId", e.stranger.Credentials().AccessKeyID))
			must(e.t)(m.Query(ctx, "iam", "DeleteUser", "UserName", "bob"))
			e.bob()
		}},
		{"another takes a trusted stranger's name", foreign, func(e *estate) {
			must(e.t)(e.management.Query(e.t.Context(), "iam", "UpdateUser", "UserName", "bob", "NewUserName", "robert"))
			e.bob()
		}},
	}
}

// TestWhatIsTakenIsGoneAtOnce: every change that reduces what somebody may do
// takes effect on the very next request, of both kinds, although all that the
// decision was made from was at hand a moment ago.
//
// Rules: TH-26 TH-37 TH-38 TH-40 TH-42 OR-24 EV-53 ST-93
func TestWhatIsTakenIsGoneAtOnce(t *testing.T) {
	t.Parallel()
	for _, test := range takings() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := newEstate(t)
			e.iam("CreateUser", "UserName", "bystander")
			probes := test.prepare(e)
			for range 2 {
				for i, p := range probes {
					if err := p(); err != nil {
						t.Fatalf("probe %d before: %v", i, err)
					}
				}
			}
			test.change(e)
			for i, p := range probes {
				err := p()
				switch server.Code(err) {
				case "AccessDenied", "InvalidClientTokenId", "InvalidAccessKeyId":
				default:
					t.Errorf("probe %d after: %v", i, err)
				}
			}
		})
	}
}
