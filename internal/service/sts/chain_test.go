package sts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// when allows ListUsers to sessions with these principal tags and no others.
func when(condition string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:*"],"Resource":"*"},{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":` + condition + `}]}`
}

// The chain of the User Guide ("Passing session tags in AWS STS", "Chaining
// roles with session tags"): transitive tags go on, the roles' own do not.
//
// Rules: ST-3 ST-40 ST-41 ST-43 ST-44 ST-46 EV-60
func TestTransitiveTags(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	root := "arn:aws:iam::" + dev + ":root"
	for _, r := range []struct{ name, tag, policy string }{
		{"one", "Star=9", when(`{"StringEquals":{"aws:PrincipalTag/Star":"1","aws:PrincipalTag/HEART":"1","aws:PrincipalTag/here":"x"}}`)},
		{"two", "Sun=2", when(`{"StringEquals":{"aws:PrincipalTag/star":"1","aws:PrincipalTag/Heart":"1","aws:PrincipalTag/Sun":"2"},"Null":{"aws:PrincipalTag/here":"true"}}`)},
		{"three", "Moon=3", when(`{"StringEquals":{"aws:PrincipalTag/Star":"1","aws:PrincipalTag/Heart":"1"},"Null":{"aws:PrincipalTag/Sun":"true"}}`)},
	} {
		key, value, _ := strings.Cut(r.tag, "=")
		h.As("root").Call("iam", "CreateRole", "RoleName", r.name, "AssumeRolePolicyDocument", trust(root, ""),
			"Tags.member.1.Key", key, "Tags.member.1.Value", value).OK()
		h.As("root").Call("iam", "PutRolePolicy", "RoleName", r.name, "PolicyName", "p", "PolicyDocument", r.policy).OK()
	}
	assume := func(who, role string, more ...string) *servicetest.Answer {
		return h.As(who).Call("sts", "AssumeRole", append([]string{"RoleArn", "arn:aws:iam::" + dev + ":role/" + role, "RoleSessionName", "x1"}, more...)...)
	}
	actor(h, "in-one", assume("alice", "one",
		"Tags.member.1.Key", "Star", "Tags.member.1.Value", "1", "Tags.member.2.Key", "Heart", "Tags.member.2.Value", "1",
		"Tags.member.3.Key", "here", "Tags.member.3.Value", "x",
		"TransitiveTagKeys.member.1", "Star", "TransitiveTagKeys.member.2", "heart"))
	h.As("in-one").Call("iam", "ListUsers").OK()
	assume("in-one", "two", "Tags.member.1.Key", "STAR", "Tags.member.1.Value", "2").Fails("InvalidParameterValue",
		"One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
	actor(h, "in-two", assume("in-one", "two"))
	h.As("in-two").Call("iam", "ListUsers").OK()
	actor(h, "in-three", assume("in-two", "three"))
	h.As("in-three").Call("iam", "ListUsers").OK()

	// In the trust policy an inherited transitive tag stands in for the role's own.
	h.As("root").Call("iam", "CreateRole", "RoleName", "starry", "AssumeRolePolicyDocument",
		trust(root, `,"Condition":{"StringEquals":{"aws:ResourceTag/star":"1"}}`), "Tags.member.1.Key", "Star", "Tags.member.1.Value", "9").OK()
	assume("alice", "starry").Fails("AccessDenied")
	assume("in-two", "starry").OK()

	// Inherited tags count as passed: a role that does not allow tagging refuses.
	h.As("root").Call("iam", "CreateRole", "RoleName", "plain", "AssumeRolePolicyDocument",
		strings.Replace(trust(root, ""), `"sts:TagSession",`, "", 1)).OK()
	assume("alice", "plain").OK()
	assume("in-two", "plain").Fails("AccessDenied",
		"User: arn:aws:sts::"+dev+":assumed-role/two/x1 is not authorized to perform: sts:TagSession on resource: arn:aws:iam::"+dev+":role/plain")
}

// A source identity stays with every session that follows.
//
// Rules: ST-47 ST-48 EV-61 EV-75
func TestSourceIdentity(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	root := "arn:aws:iam::" + dev + ":root"
	for _, name := range []string{"one", "two"} {
		h.As("root").Call("iam", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", trust(root, "")).OK()
		h.As("root").Call("iam", "PutRolePolicy", "RoleName", name, "PolicyName", "p", "PolicyDocument",
			when(`{"StringEquals":{"aws:SourceIdentity":"alice@example.com"}}`)).OK()
	}
	h.As("root").Call("iam", "CreateRole", "RoleName", "plain", "AssumeRolePolicyDocument",
		strings.Replace(trust(root, ""), `,"sts:SetSourceIdentity"`, "", 1)).OK()
	assume := func(who, role string, more ...string) *servicetest.Answer {
		return h.As(who).Call("sts", "AssumeRole", append([]string{"RoleArn", "arn:aws:iam::" + dev + ":role/" + role, "RoleSessionName", "x1"}, more...)...)
	}
	assume("alice", "one", "SourceIdentity", "aws:x").Fails("ValidationError")
	assume("alice", "plain", "SourceIdentity", "alice@example.com").Fails("AccessDenied",
		"User: arn:aws:iam::"+dev+":user/alice is not authorized to perform: sts:SetSourceIdentity on resource: arn:aws:iam::"+dev+":role/plain")
	first := assume("alice", "one", "SourceIdentity", "alice@example.com").OK()
	if got := first.Get("SourceIdentity"); got != "alice@example.com" {
		t.Errorf("source identity is %q", got)
	}
	actor(h, "in-one", first)
	h.As("in-one").Call("iam", "ListUsers").OK()
	assume("in-one", "two", "SourceIdentity", "mallory").Fails("AccessDenied")
	assume("in-one", "plain").Fails("AccessDenied")
	second := assume("in-one", "two").OK()
	if got := second.Get("SourceIdentity"); got != "alice@example.com" {
		t.Errorf("inherited source identity is %q", got)
	}
	actor(h, "in-two", second)
	h.As("in-two").Call("iam", "ListUsers").OK()
	actor(h, "unnamed", assume("alice", "one"))
	h.As("unnamed").Call("iam", "ListUsers").Fails("AccessDenied")
}

// Session policies narrow and never grant; what they refer to is read at each
// use, and what is gone allows nothing.
//
// Rules: ST-30 ST-31 ST-32 ST-33 TH-36 TH-38 EV-32
func TestSessionPolicies(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.Account(prod, "other")
	h.User("alice", dev, allowAll)
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", "")).OK()
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListUsers","iam:ListRoles"],"Resource":"*"}]}`).OK()
	assume := func(more ...string) *servicetest.Answer {
		return h.As("alice").Call("sts", "AssumeRole", append([]string{"RoleArn", "arn:aws:iam::" + dev + ":role/r", "RoleSessionName", "x1"}, more...)...)
	}
	narrow := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListUsers","iam:ListGroups"],"Resource":"*"}]}`
	actor(h, "narrow", assume("Policy", narrow))
	h.As("narrow").Call("iam", "ListUsers").OK()
	h.As("narrow").Call("iam", "ListRoles").Fails("AccessDenied",
		"User: arn:aws:sts::"+dev+":assumed-role/r/x1 is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::"+dev+":role/ because no session policy allows the iam:ListRoles action")
	h.As("narrow").Call("iam", "ListGroups").Fails("AccessDenied")

	h.As("root").Call("iam", "CreatePolicy", "PolicyName", "managed", "PolicyDocument", narrow).OK()
	managed := "arn:aws:iam::" + dev + ":policy/managed"
	actor(h, "by-name", assume("PolicyArns.member.1.arn", managed))
	h.As("by-name").Call("iam", "ListUsers").OK()
	h.As("by-name").Call("iam", "ListRoles").Fails("AccessDenied")
	h.As("root").Call("iam", "DeletePolicy", "PolicyArn", managed).OK()
	h.As("by-name").Call("iam", "ListUsers").Fails("AccessDenied")

	actor(h, "aws-managed", assume("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"))
	h.As("aws-managed").Call("iam", "ListRoles").OK()

	h.As("other").Call("iam", "CreatePolicy", "PolicyName", "theirs", "PolicyDocument", narrow).OK()
	for name, test := range map[string]struct {
		parameters []string
		code       string
	}{
		"no JSON":                    {[]string{"Policy", "{"}, "MalformedPolicyDocument"},
		"a principal":                {[]string{"Policy", trust("*", "")}, "MalformedPolicyDocument"},
		"another account's policy":   {[]string{"PolicyArns.member.1.arn", "arn:aws:iam::" + prod + ":policy/theirs"}, "ValidationError"},
		"a policy that is not there": {[]string{"PolicyArns.member.1.arn", managed}, "ValidationError"},
		"too long":                   {[]string{"Policy", strings.Replace(narrow, `"*"`, `"arn:aws:iam::`+dev+`:user/`+strings.Repeat("a", 2048)+`"`, 1)}, "PackedPolicyTooLarge"},
	} {
		t.Run(name, func(t *testing.T) { assume(test.parameters...).Fails(test.code) })
	}
	eleven := make([]string, 0, 22)
	for i := range 11 {
		eleven = append(eleven, "PolicyArns.member."+strings.TrimPrefix(string(rune('0'+(i+1)/10)), "0")+string(rune('0'+(i+1)%10))+".arn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess")
	}
	assume(eleven...).Fails("ValidationError")

	small := assume("Policy", narrow).Get("PackedPolicySize")
	if small == "0" || small == "" {
		t.Errorf("packed size of a policy is %q", small)
	}
}

// Permissions are read live from the role: what is added works at once in
// sessions that run, and so does what is taken away (EV-53). Revoking older
// sessions is a policy that GetCallerIdentity does not mind (ST-91).
//
// Rules: EV-53 ST-90 ST-91 ST-92 TV-15 SE-9
func TestLivePermissions(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", "")).OK()
	assume := []string{"RoleArn", "arn:aws:iam::" + dev + ":role/r", "RoleSessionName", "x1"}
	actor(h, "old", h.As("alice").Call("sts", "AssumeRole", assume...))
	h.As("old").Call("iam", "ListUsers").Fails("AccessDenied")
	h.As("root").Call("iam", "AttachRolePolicy", "RoleName", "r", "PolicyArn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess").OK()
	h.As("old").Call("iam", "ListUsers").OK()

	h.Advance(time.Minute)
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "r", "PolicyName", "AWSRevokeOlderSessions", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"`+h.Now().UTC().Format(time.RFC3339)+`"}}}]}`).OK()
	h.As("old").Call("iam", "ListUsers").Fails("AccessDenied",
		"User: arn:aws:sts::"+dev+":assumed-role/r/x1 is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::"+dev+":user/ with an explicit deny in an identity-based policy")
	h.As("old").Call("sts", "GetCallerIdentity").OK()
	h.Advance(time.Second)
	actor(h, "new", h.As("alice").Call("sts", "AssumeRole", assume...))
	h.As("new").Call("iam", "ListUsers").OK()

	h.As("root").Call("iam", "DetachRolePolicy", "RoleName", "r", "PolicyArn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess").OK()
	h.As("new").Call("iam", "ListUsers").Fails("AccessDenied")

	// The user is gone: new sessions cannot be had, its own are invalid.
	actor(h, "token", h.As("alice").Call("sts", "GetSessionToken"))
	h.Update(func(tx *store.Tx) error {
		u, err := tx.User(dev, "alice")
		if err != nil {
			return err
		}
		for _, id := range u.Keys {
			if err := tx.DeleteAccessKey(&identity.AccessKey{ID: id, Account: dev}); err != nil {
				return err
			}
		}
		return tx.DeleteUser(u)
	})
	h.As("alice").Call("sts", "GetCallerIdentity").Fails("InvalidClientTokenId")
	h.As("token").Call("sts", "GetCallerIdentity").Fails("InvalidClientTokenId")
	h.As("new").Call("sts", "GetCallerIdentity").OK()
}

// What a role is tagged with its sessions are tagged with. A tag "Name" is one
// like any other: the role's name stays.
//
// Rules: SE-8
func TestTagsOfARoleAreItsSessions(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	root := h.As("root")
	root.Call("iam", "CreateRole", "RoleName", "s3-admin", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", ""),
		"Tags.member.1.Key", "team", "Tags.member.1.Value", "storage", "Tags.member.2.Key", "Name", "Tags.member.2.Value", "S3 of prod").OK()
	root.Call("iam", "PutRolePolicy", "RoleName", "s3-admin", "PolicyName", "p", "PolicyDocument",
		when(`{"StringEquals":{"aws:PrincipalTag/team":"storage","aws:PrincipalTag/Name":"S3 of prod"}}`)).OK()
	assume := func(session string) *servicetest.Caller {
		actor(h, session, h.As("alice").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+dev+":role/s3-admin", "RoleSessionName", session))
		return h.As(session)
	}
	assume("first").Call("iam", "ListUsers").OK()

	root.Call("iam", "TagRole", "RoleName", "s3-admin", "Tags.member.1.Key", "Name", "Tags.member.1.Value", "other").OK()
	if name := root.Call("iam", "GetRole", "RoleName", "s3-admin").OK().Get("RoleName"); name != "s3-admin" {
		t.Errorf("a tag has renamed the role to %q", name)
	}
	root.Call("iam", "GetRole", "RoleName", "other").Fails("NoSuchEntity")
	assume("second").Call("iam", "ListUsers").Fails("AccessDenied")
}
