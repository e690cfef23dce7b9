package server_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/server"
)

// randomParts are what differs between any two answers.
var randomParts = regexp.MustCompile(`(?i)<(RequestId|HostId)>[^<]*</|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// same makes two answers comparable: what stands for "is there" and "is not"
// has names of the same length.
func same(text string) string {
	return randomParts.ReplaceAllString(strings.NewReplacer("absent", "exists", "Absent", "Exists").Replace(text), "-")
}

// TestStrangersCannotTellWhatExists: to a caller without permissions, in the
// account or outside it, an answer about what is there and one about what is
// not are the same to the byte.
//
// Rules: TH-58 TH-59 EV-73 ST-76
func TestStrangersCannotTellWhatExists(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	ctx := t.Context()
	const doc = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	e.iam("CreateUser", "UserName", "exists", "Tags.member.1.Key", "a", "Tags.member.1.Value", "b")
	e.iam("CreateGroup", "GroupName", "exists")
	// A role that trusted the account would say so to who may not use it (EV-73).
	e.iam("CreateRole", "RoleName", "exists", "AssumeRolePolicyDocument", e.trust("Deny"))
	e.managed("exists", doc)
	e.iam("CreateVirtualMFADevice", "VirtualMFADeviceName", "exists")
	e.bob()
	account := string(e.id)
	arn := func(kind string) string { return "arn:aws:iam::" + account + ":" + kind + "/NAME" }
	mfa := func(operation string, more ...string) []string {
		return append([]string{"iam", operation, "SerialNumber", arn("mfa")}, more...)
	}
	inside := [][]string{
		{"iam", "GetUser", "UserName", "NAME"},
		{"iam", "DeleteUser", "UserName", "NAME"},
		{"iam", "CreateUser", "UserName", "NAME"},
		{"iam", "UpdateUser", "UserName", "NAME", "NewUserName", "other"},
		{"iam", "UpdateUser", "UserName", "alice", "NewUserName", "NAME"},
		{"iam", "TagUser", "UserName", "NAME", "Tags.member.1.Key", "a", "Tags.member.1.Value", "b"},
		{"iam", "ListUserTags", "UserName", "NAME"},
		{"iam", "ListAccessKeys", "UserName", "NAME"},
		{"iam", "CreateAccessKey", "UserName", "NAME"},
		{"iam", "ListMFADevices", "UserName", "NAME"},
		{"iam", "ListGroupsForUser", "UserName", "NAME"},
		{"iam", "GetUserPolicy", "UserName", "NAME", "PolicyName", "p"},
		{"iam", "PutUserPolicy", "UserName", "NAME", "PolicyName", "p", "PolicyDocument", doc},
		{"iam", "AttachUserPolicy", "UserName", "NAME", "PolicyArn", "arn:aws:iam::aws:policy/AdministratorAccess"},
		{"iam", "AttachUserPolicy", "UserName", "alice", "PolicyArn", arn("policy")},
		{"iam", "PutUserPermissionsBoundary", "UserName", "alice", "PermissionsBoundary", arn("policy")},
		{"iam", "CreateUser", "UserName", "new", "PermissionsBoundary", arn("policy")},
		{"iam", "GetGroup", "GroupName", "NAME"},
		{"iam", "CreateGroup", "GroupName", "NAME"},
		{"iam", "UpdateGroup", "GroupName", "NAME", "NewGroupName", "other"},
		{"iam", "AddUserToGroup", "GroupName", "NAME", "UserName", "alice"},
		{"iam", "AddUserToGroup", "GroupName", "g", "UserName", "NAME"},
		{"iam", "GetRole", "RoleName", "NAME"},
		{"iam", "CreateRole", "RoleName", "NAME", "AssumeRolePolicyDocument", doc},
		{"iam", "CreateRole", "RoleName", "new", "AssumeRolePolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:user/NAME"},"Action":"sts:AssumeRole"}]}`},
		{"iam", "UpdateAssumeRolePolicy", "RoleName", "NAME", "PolicyDocument", e.trust("Allow")},
		{"iam", "ListAttachedRolePolicies", "RoleName", "NAME"},
		{"iam", "DeleteRole", "RoleName", "NAME"},
		{"iam", "GetPolicy", "PolicyArn", arn("policy")},
		{"iam", "GetPolicyVersion", "PolicyArn", arn("policy"), "VersionId", "v1"},
		{"iam", "CreatePolicyVersion", "PolicyArn", arn("policy"), "PolicyDocument", doc},
		{"iam", "ListEntitiesForPolicy", "PolicyArn", arn("policy")},
		{"iam", "DeletePolicy", "PolicyArn", arn("policy")},
		{"iam", "CreatePolicy", "PolicyName", "NAME", "PolicyDocument", doc},
		{"iam", "SimulatePrincipalPolicy", "PolicySourceArn", arn("user"), "ActionNames.member.1", "s3:GetObject"},
		{"iam", "GetContextKeysForPrincipalPolicy", "PolicySourceArn", arn("role")},
		{"iam", "CreateVirtualMFADevice", "VirtualMFADeviceName", "NAME"},
		mfa("DeleteVirtualMFADevice"), mfa("ListMFADeviceTags"),
		mfa("EnableMFADevice", "UserName", "alice", "AuthenticationCode1", "123456", "AuthenticationCode2", "654321"),
		{"sts", "AssumeRole", "RoleArn", arn("role"), "RoleSessionName", "session"},
	}
	outside := [][]string{
		{"iam", "GetPolicy", "PolicyArn", arn("policy")},
		{"iam", "GetPolicyVersion", "PolicyArn", arn("policy"), "VersionId", "v1"},
		{"iam", "DeletePolicy", "PolicyArn", arn("policy")},
		{"iam", "ListEntitiesForPolicy", "PolicyArn", arn("policy")},
		{"iam", "AttachUserPolicy", "UserName", "bob", "PolicyArn", arn("policy")},
		{"iam", "PutUserPermissionsBoundary", "UserName", "bob", "PermissionsBoundary", arn("policy")},
		{"iam", "SimulatePrincipalPolicy", "PolicySourceArn", arn("user"), "ActionNames.member.1", "s3:GetObject"},
		{"iam", "GetContextKeysForPrincipalPolicy", "PolicySourceArn", arn("role")},
		mfa("DeleteVirtualMFADevice"), mfa("ListMFADeviceTags"),
		mfa("EnableMFADevice", "UserName", "bob", "AuthenticationCode1", "123456", "AuthenticationCode2", "654321"),
		mfa("ResyncMFADevice", "UserName", "bob", "AuthenticationCode1", "123456", "AuthenticationCode2", "654321"),
		{"sts", "GetSessionToken", "SerialNumber", arn("mfa"), "TokenCode", "123456"},
		{"sts", "AssumeRole", "RoleArn", arn("role"), "RoleSessionName", "session"},
		{"sts", "AssumeRole", "RoleArn", arn("role"), "RoleSessionName", "session", "DurationSeconds", "43200"},
		{"sts", "AssumeRole", "RoleArn", arn("role"), "RoleSessionName", "session", "PolicyArns.member.1.arn", arn("policy")},
		{"sts", "AssumeRole", "RoleArn", arn("role"), "RoleSessionName", "session", "Tags.member.1.Key", "a", "Tags.member.1.Value", "b"},
		{"sts", "AssumeRole", "RoleArn", arn("role"), "RoleSessionName", "session", "SourceIdentity", "someone"},
	}
	compare := func(who string, c server.Client, calls [][]string) {
		for _, call := range calls {
			var got [2]string
			for i, name := range []string{"exists", "absent"} {
				params := make([]string, len(call)-2)
				for j, p := range call[2:] {
					params[j] = strings.ReplaceAll(p, "NAME", name)
				}
				body, err := c.Query(ctx, call[0], call[1], params...)
				if err == nil {
					t.Errorf("%s, %s: allowed: %s", who, call, body)
					continue
				}
				got[i] = same(err.Error())
			}
			if got[0] != got[1] {
				t.Errorf("%s, %s:\n there: %s\nabsent: %s", who, call, got[0], got[1])
			}
		}
	}
	compare("inside", e.alice, inside)
	compare("outside", e.stranger, outside)
	// Keys are by id: one of another account, and one that nobody has.
	var got [2]string
	for i, id := range []string{e.aliceKey, e.aliceKey[:16] + "AAAA"} {
		_, err := e.stranger.Query(ctx, "iam", "GetAccessKeyLastUsed", "AccessKeyId", id)
		if err == nil {
			t.Errorf("the last use of %s was told", id)
			continue
		}
		got[i] = strings.ReplaceAll(same(err.Error()), id, "")
	}
	if got[0] != got[1] {
		t.Errorf("keys:\n there: %s\nabsent: %s", got[0], got[1])
	}
}

// TestStrangersCannotTellWhatIsInABucket: whatever a caller who may nothing
// sends, conditions and all, objects and uploads that are there and those that
// are not make the same answer.
//
// Rules: TH-58 TH-60 TH-65
func TestStrangersCannotTellWhatIsInABucket(t *testing.T) {
	t.Parallel()
	e := newEstate(t)
	e.bob()
	key, err := e.NewUser(t.Context(), e.First().Key, "weak", "")
	if err != nil {
		t.Fatal(err)
	}
	e.s3(http.MethodPut, "/member-bucket/exists", "text")
	raw := must(t)(e.root.S3(t.Context(), http.MethodPost, "/member-bucket/upload?uploads", ""))
	upload := raw[strings.Index(raw, "<UploadId>")+10 : strings.Index(raw, "</UploadId>")]
	absent := strings.Repeat("A", len(upload))
	headers := []http.Header{
		{},
		{"If-None-Match": {"*"}},
		{"If-Match": {`"1cb251ec0d568de6a929b520c4aed8d1"`}},
		{"If-None-Match": {`"1cb251ec0d568de6a929b520c4aed8d1"`}},
		{"If-Modified-Since": {"Mon, 01 Jan 2001 00:00:00 GMT"}},
		{"If-Unmodified-Since": {"Mon, 01 Jan 2001 00:00:00 GMT"}},
		{"Range": {"bytes=100-200"}},
		{"Range": {"bytes=0-0"}},
		{"X-Amz-Checksum-Mode": {"ENABLED"}},
		{"X-Amz-Expected-Bucket-Owner": {string(e.id)}},
	}
	type target struct{ method, there, not string }
	targets := []target{
		{"PUT", "/member-bucket/upload?partNumber=1&uploadId=" + upload, "/member-bucket/upload?partNumber=1&uploadId=" + absent},
		{"GET", "/member-bucket/upload?uploadId=" + upload, "/member-bucket/upload?uploadId=" + absent},
		{"DELETE", "/member-bucket/upload?uploadId=" + upload, "/member-bucket/upload?uploadId=" + absent},
	}
	for _, method := range []string{"GET", "HEAD", "DELETE"} {
		for _, query := range []string{"", "?tagging", "?versionId=null", "?attributes", "?partNumber=1", "?partNumber=7", "?acl"} {
			targets = append(targets, target{method, "/member-bucket/exists" + query, "/member-bucket/absent" + query})
		}
	}
	for who, c := range map[string]server.Client{"outside": e.Client(key), "inside": e.alice} {
		for _, target := range targets {
			for _, h := range headers {
				there, not := c.Send(t.Context(), target.method, target.there, h), c.Send(t.Context(), target.method, target.not, h)
				there, not = strings.ReplaceAll(there, upload, absent), strings.ReplaceAll(not, upload, absent)
				if same(there) != same(not) || strings.HasPrefix(there, "2") || strings.HasPrefix(there, "304") || strings.HasPrefix(there, "412") {
					t.Errorf("%s, %s %s %v:\n there: %s\nabsent: %s", who, target.method, target.there, h, there, not)
				}
			}
		}
	}
}
