package iam_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// AWS's own roles can be read and not changed, by nobody.
//
// Rules: IA-46 EV-47 EV-54
func TestProtectedRoles(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{
		"AWSServiceRoleForSupport":    "/aws-service-role/support.amazonaws.com/",
		"AWSReservedSSO_Admin_0123":   "/aws-reserved/sso.amazonaws.com/",
		"AWSReservedSSO_AtTheTopPath": "/",
	} {
		h := harness(t)
		h.Account(account, "root")
		h.Update(func(tx *store.Tx) error {
			return tx.CreateRole(&identity.Role{
				Account: account, Name: identity.RoleName(name), Path: path, ID: "AROAX", Created: h.Now(), MaxSession: 3600,
				Trust:       identity.ResourcePolicy{Text: trustOwn},
				Permissions: identity.Permissions{Inline: []identity.Document{{Name: "i", Text: allowS3}}},
			})
		})
		root := h.As("root")
		root.Call("iam", "GetRole", "RoleName", name).OK()
		root.Call("iam", "GetRolePolicy", "RoleName", name, "PolicyName", "i").OK()
		for operation, more := range map[string]string{
			"DeleteRole": "", "UpdateRole": "Description=d", "UpdateRoleDescription": "Description=d",
			"UpdateAssumeRolePolicy": "PolicyDocument=" + trustOwn,
			"TagRole":                "Tags.member.1.Key=k Tags.member.1.Value=v", "UntagRole": "TagKeys.member.1=k",
			"PutRolePolicy": "PolicyName=i PolicyDocument=" + allowS3, "DeleteRolePolicy": "PolicyName=i",
			"AttachRolePolicy": "PolicyArn=" + awsReadOnly, "DetachRolePolicy": "PolicyArn=" + awsReadOnly,
			"PutRolePermissionsBoundary": "PermissionsBoundary=" + awsReadOnly, "DeleteRolePermissionsBoundary": "",
		} {
			answer := root.Call("iam", operation, append(parameters(more), "RoleName", name)...)
			answer.Fails("UnmodifiableEntity",
				"Cannot perform the operation on the protected role '"+name+"' - this role is only modifiable by AWS")
			if answer.Status != 400 {
				t.Errorf("%s: status %d", operation, answer.Status)
			}
		}
	}
}

// Nobody makes such a role either: what lies there is exempt from service
// control policies.
//
// Rules: IA-46
func TestReservedNames(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	for name, path := range map[string]string{
		"mine": "/aws-service-role/x/", "mine2": "/AWS-Service-Role/", "mine3": "/aws-reserved/", "awsreservedsso_x": "/",
	} {
		h.As("root").Call("iam", "CreateRole", "RoleName", name, "Path", path, "AssumeRolePolicyDocument", trustOwn).Fails("InvalidInput")
	}
	h.As("root").Call("iam", "CreateRole", "RoleName", "mine", "Path", "/aws-service/", "AssumeRolePolicyDocument", trustOwn).OK()
}

// Rules: IA-25
func TestRoleLastUsed(t *testing.T) {
	t.Parallel()
	h := world(t)
	id := h.As("root").Call("iam", "GetRole", "RoleName", "r").OK().Get("RoleId")
	h.Update(func(tx *store.Tx) error {
		return tx.PutRoleUse(id, identity.KeyUse{At: servicetest.Epoch.Add(time.Hour), Service: "s3", Region: "eu-west-1"})
	})
	answer := h.As("root").Call("iam", "GetRole", "RoleName", "r").OK()
	if date, region := answer.Get("LastUsedDate"), answer.Get("RoleLastUsed.Region"); date != "2026-04-01T13:00:00Z" || region != "eu-west-1" {
		t.Errorf("last used %s in %s", date, region)
	}
	h.As("root").Call("iam", "DeleteRole", "RoleName", "r").OK()
	h.View(func(tx *store.Tx) error {
		if _, err := tx.RoleUse(id); err == nil {
			t.Error("what is known of the use of a role outlives it")
		}
		return nil
	})
}

// padded returns a document of that size, of which the padding is a Sid.
func padded(format string, size int) string {
	return fmt.Sprintf(format, strings.Repeat("a", size-len(format)+len("%s")))
}

const (
	paddedPolicy = `{"Version":"2012-10-17","Statement":[{"Sid":"%s","Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	paddedTrust  = `{"Version":"2012-10-17","Statement":[{"Sid":"%s","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}`
)

// White space that JSON ignores is not counted; all that one entity has inline
// is counted together, but for what is being replaced.
//
// Rules: PL-90
func TestDocumentSizes(t *testing.T) {
	t.Parallel()
	h := world(t)
	root := h.As("root")
	blanks := strings.Repeat(" \n", 100)

	root.Call("iam", "UpdateAssumeRolePolicy", "RoleName", "r", "PolicyDocument", blanks+padded(paddedTrust, 2048)).OK()
	root.Call("iam", "UpdateAssumeRolePolicy", "RoleName", "r", "PolicyDocument", padded(paddedTrust, 2049)).
		Fails("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
	root.Call("iam", "CreateRole", "RoleName", "long", "AssumeRolePolicyDocument", padded(paddedTrust, 2049)).Fails("LimitExceeded")

	root.Call("iam", "CreatePolicy", "PolicyName", "fits", "PolicyDocument", blanks+padded(paddedPolicy, 6144)).OK()
	root.Call("iam", "CreatePolicy", "PolicyName", "long", "PolicyDocument", padded(paddedPolicy, 6145)).
		Fails("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
	root.Call("iam", "CreatePolicyVersion", "PolicyArn", ownPolicy, "PolicyDocument", padded(paddedPolicy, 6145)).Fails("LimitExceeded")

	for _, e := range []struct {
		kind, noun, name string
		limit            int
	}{{"User", "user", "u", 2048}, {"Group", "group", "g", 5120}, {"Role", "role", "r", 10240}} {
		put := func(policy string, size int) *servicetest.Answer {
			return root.Call("iam", "Put"+e.kind+"Policy", e.kind+"Name", e.name, "PolicyName", policy, "PolicyDocument", padded(paddedPolicy, size))
		}
		put("a", e.limit/2).OK()
		put("b", e.limit/2).OK()
		put("b", e.limit/2+1).Fails("LimitExceeded",
			fmt.Sprintf("Maximum policy size of %d bytes exceeded for %s %s", e.limit, e.noun, e.name))
		put("c", 200).Fails("LimitExceeded")
		put("a", 200).OK()
		put("c", 200).OK()
	}
}

// Rules: IA-44
func TestAttachmentQuotas(t *testing.T) {
	t.Parallel()
	h := world(t)
	root := h.As("root")
	for i := range 11 {
		root.Call("iam", "CreatePolicy", "PolicyName", fmt.Sprintf("p%d", i), "PolicyDocument", allowS3).OK()
	}
	for _, e := range []struct{ kind, name string }{{"User", "u"}, {"Group", "g"}, {"Role", "r"}} {
		attach := func(i int) *servicetest.Answer {
			return root.Call("iam", "Attach"+e.kind+"Policy", e.kind+"Name", e.name, "PolicyArn", fmt.Sprintf("arn:aws:iam::111122223333:policy/p%d", i))
		}
		for i := range 10 {
			attach(i).OK()
		}
		attach(10).Fails("LimitExceeded", "Cannot exceed quota for PoliciesPer"+e.kind+": 10")
		attach(9).OK() // is attached already
	}
	if n := root.Call("iam", "GetPolicy", "PolicyArn", "arn:aws:iam::111122223333:policy/p10").OK().Get("AttachmentCount"); n != "0" {
		t.Errorf("a refused attachment was counted: %s", n)
	}
}

// Rules: IA-44 IA-60
func TestTagQuotas(t *testing.T) {
	t.Parallel()
	h := world(t)
	tags := func(n int) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf("Tags.member.%d.Key", i+1), fmt.Sprintf("k%d", i), fmt.Sprintf("Tags.member.%d.Value", i+1), "v")
		}
		return out
	}
	root := h.As("root")
	root.Call("iam", "TagRole", append(tags(49), "RoleName", "r")...).OK()
	root.Call("iam", "TagRole", append(tags(50), "RoleName", "r")...).Fails("LimitExceeded", "Cannot exceed quota for TagsPerRole: 50")
	root.Call("iam", "TagPolicy", append(tags(49), "PolicyArn", ownPolicy)...).OK()
	root.Call("iam", "TagPolicy", append(tags(50), "PolicyArn", ownPolicy)...).Fails("LimitExceeded", "Cannot exceed quota for TagsPerPolicy: 50")
}

// pages reads a list to its end and returns one element of all entries.
func pages(t *testing.T, c *servicetest.Caller, operation, element string, size int, more ...string) []string {
	t.Helper()
	var all []string
	marker := []string{}
	for range 100 {
		answer := c.Call("iam", operation, append(append([]string{"MaxItems", fmt.Sprint(size)}, more...), marker...)...).OK()
		got := answer.All(element)
		if len(got) > size {
			t.Fatalf("a page of %d, asked for %d", len(got), size)
		}
		all = append(all, got...)
		if answer.Get("IsTruncated") == "false" {
			return all
		}
		marker = []string{"Marker", answer.Get("Marker")}
	}
	t.Fatal("the list does not end")
	return nil
}
