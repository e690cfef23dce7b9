package iam_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/service/servicetest"
)

const (
	allowS3     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	trustOwn    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}`
	awsReadOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	ownPolicy   = "arn:aws:iam::111122223333:policy/p/pol"
	userARN     = "arn:aws:iam::111122223333:user/x/u"
	groupARN    = "arn:aws:iam::111122223333:group/x/g"
	roleARN     = "arn:aws:iam::111122223333:role/x/r"
	newRole     = "arn:aws:iam::111122223333:role/n/new"
	newPolicy   = "arn:aws:iam::111122223333:policy/n/new"
	onTagged    = `{"StringEquals":{"aws:ResourceTag/team":"a","iam:ResourceTag/team":"a"}}`
	onPolicy    = `{"StringEquals":{"iam:ResourceTag/team":"a"},"ArnEquals":{"iam:PolicyARN":"` + awsReadOnly + `"}}`
	onBoundary  = `{"StringEquals":{"iam:ResourceTag/team":"a"},"ArnEquals":{"iam:PermissionsBoundary":"` + awsReadOnly + `"}}`
	onAttached  = `{"ArnEquals":{"iam:PolicyARN":"` + awsReadOnly + `","iam:PermissionsBoundary":"` + awsReadOnly + `"}}`
	onRequest   = `{"StringEquals":{"aws:RequestTag/k":"v"},"ForAllValues:StringEquals":{"aws:TagKeys":"k"},"Null":{"aws:TagKeys":"false"}}`
	onKeys      = `{"ForAllValues:StringEquals":{"aws:TagKeys":"k"},"Null":{"aws:TagKeys":"false"}}`
	onCreated   = `{"StringEquals":{"aws:RequestTag/k":"v","aws:ResourceTag/k":"v","iam:ResourceTag/k":"v"}}`
	onNewBound  = `{"ArnEquals":{"iam:PermissionsBoundary":"` + awsReadOnly + `"}}`
	always      = `{}`
)

// An ask is one call, and the one permission that must be enough for it.
type ask struct {
	operation  string
	parameters string // NAME=VALUE, blanks between
	resource   string
	condition  string // under which the permission is given
	tagging    string // the second action it needs, "" for none
}

// asks is in an order in which every call can be made: what is deleted was
// made before.
func asks() []ask {
	user, group, role := "UserName=u ", "GroupName=g ", "RoleName=r "
	tag, pol := "Tags.member.1.Key=k Tags.member.1.Value=v ", "PolicyArn="+ownPolicy+" "
	return []ask{
		{"CreateUser", "UserName=new Path=/n/ PermissionsBoundary=" + awsReadOnly + " " + tag, "arn:aws:iam::111122223333:user/n/new", onCreated, "iam:TagUser"},
		{"CreateRole", "RoleName=new Path=/n/ PermissionsBoundary=" + awsReadOnly + " AssumeRolePolicyDocument=" + trustOwn + " " + tag, newRole, onCreated, "iam:TagRole"},
		{"CreateRole", "RoleName=new2 Path=/n/ PermissionsBoundary=" + awsReadOnly + " AssumeRolePolicyDocument=" + trustOwn, newRole + "2", onNewBound, ""},
		{"CreatePolicy", "PolicyName=new Path=/n/ PolicyDocument=" + allowS3 + " " + tag, newPolicy, onCreated, "iam:TagPolicy"},
		{"CreatePolicy", "PolicyName=new2 Path=/n/ PolicyDocument=" + allowS3, newPolicy + "2", always, ""},

		{"GetRole", role, roleARN, onTagged, ""},
		{"ListRoles", "PathPrefix=/x/", "arn:aws:iam::111122223333:role/x/", always, ""},
		{"TagRole", role + tag, roleARN, onRequest, ""},
		{"ListRoleTags", role, roleARN, onTagged, ""},
		{"UntagRole", role + "TagKeys.member.1=k", roleARN, onKeys, ""},
		{"UpdateRole", role + "Description=d", roleARN, onTagged, ""},
		{"UpdateRoleDescription", role + "Description=d", roleARN, onTagged, ""},
		{"UpdateAssumeRolePolicy", role + "PolicyDocument=" + trustOwn, roleARN, onTagged, ""},

		{"PutRolePermissionsBoundary", role + "PermissionsBoundary=" + awsReadOnly, roleARN, onBoundary, ""},
		{"PutUserPermissionsBoundary", user + "PermissionsBoundary=" + awsReadOnly, userARN, onBoundary, ""},

		{"AttachRolePolicy", role + "PolicyArn=" + awsReadOnly, roleARN, onAttached, ""},
		{"AttachUserPolicy", user + "PolicyArn=" + awsReadOnly, userARN, onAttached, ""},
		{"AttachGroupPolicy", group + "PolicyArn=" + awsReadOnly, groupARN, `{"ArnEquals":{"iam:PolicyARN":"` + awsReadOnly + `"}}`, ""},
		{"ListAttachedRolePolicies", role, roleARN, onTagged, ""},
		{"ListAttachedUserPolicies", user, userARN, onTagged, ""},
		{"ListAttachedGroupPolicies", group, groupARN, always, ""},
		{"DetachRolePolicy", role + "PolicyArn=" + awsReadOnly, roleARN, onPolicy, ""},
		{"DetachUserPolicy", user + "PolicyArn=" + awsReadOnly, userARN, onPolicy, ""},
		{"DetachGroupPolicy", group + "PolicyArn=" + awsReadOnly, groupARN, always, ""},

		{"PutRolePolicy", role + "PolicyName=i PolicyDocument=" + allowS3, roleARN, onBoundary, ""},
		{"PutUserPolicy", user + "PolicyName=i PolicyDocument=" + allowS3, userARN, onBoundary, ""},
		{"PutGroupPolicy", group + "PolicyName=i PolicyDocument=" + allowS3, groupARN, always, ""},
		{"GetRolePolicy", role + "PolicyName=i", roleARN, onTagged, ""},
		{"GetUserPolicy", user + "PolicyName=i", userARN, onTagged, ""},
		{"GetGroupPolicy", group + "PolicyName=i", groupARN, always, ""},
		{"ListRolePolicies", role, roleARN, onTagged, ""},
		{"ListUserPolicies", user, userARN, onTagged, ""},
		{"ListGroupPolicies", group, groupARN, always, ""},
		{"DeleteRolePolicy", role + "PolicyName=i", roleARN, onBoundary, ""},
		{"DeleteUserPolicy", user + "PolicyName=i", userARN, onBoundary, ""},
		{"DeleteGroupPolicy", group + "PolicyName=i", groupARN, always, ""},

		{"DeleteRolePermissionsBoundary", role, roleARN, onBoundary, ""},
		{"DeleteUserPermissionsBoundary", user, userARN, onBoundary, ""},

		{"GetPolicy", pol, ownPolicy, onTagged, ""},
		{"GetPolicy", "PolicyArn=" + awsReadOnly, awsReadOnly, always, ""},
		{"GetPolicyVersion", "VersionId=v1 " + pol, ownPolicy, onTagged, ""},
		{"ListPolicies", "PathPrefix=/p/", "arn:aws:iam::111122223333:policy/p/", always, ""},
		{"ListPolicyVersions", pol, ownPolicy, onTagged, ""},
		{"ListEntitiesForPolicy", pol, ownPolicy, onTagged, ""},
		{"TagPolicy", pol + tag, ownPolicy, onRequest, ""},
		{"ListPolicyTags", pol, ownPolicy, onTagged, ""},
		{"UntagPolicy", pol + "TagKeys.member.1=k", ownPolicy, onKeys, ""},
		{"CreatePolicyVersion", pol + "PolicyDocument=" + allowS3, ownPolicy, onTagged, ""},
		{"SetDefaultPolicyVersion", "VersionId=v2 " + pol, ownPolicy, onTagged, ""},
		{"DeletePolicyVersion", "VersionId=v1 " + pol, ownPolicy, onTagged, ""},
		{"DeletePolicy", pol, ownPolicy, onTagged, ""},
		{"DeleteRole", role, roleARN, onTagged, ""},
	}
}

func parameters(text string) []string {
	var out []string
	for word := range strings.FieldsSeq(text) {
		name, value, _ := strings.Cut(word, "=")
		out = append(out, name, value)
	}
	return out
}

// world makes what the asks are about.
func world(t *testing.T) *servicetest.Harness {
	t.Helper()
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	root.Call("iam", "CreateUser", "UserName", "u", "Path", "/x/", "Tags.member.1.Key", "team", "Tags.member.1.Value", "a").OK()
	root.Call("iam", "CreateGroup", "GroupName", "g", "Path", "/x/").OK()
	root.Call("iam", "CreateRole", "RoleName", "r", "Path", "/x/", "AssumeRolePolicyDocument", trustOwn,
		"Tags.member.1.Key", "team", "Tags.member.1.Value", "a").OK()
	root.Call("iam", "CreatePolicy", "PolicyName", "pol", "Path", "/p/", "PolicyDocument", allowS3,
		"Tags.member.1.Key", "team", "Tags.member.1.Value", "a").OK()
	return h
}

// Every operation asks for its own permission, on the record that it is about,
// with the keys that policies are written with: that permission is enough, and
// no other is.
//
// Rules: IA-61 IA-78 EV-61 EV-63 TH-28
func TestEachOperationAsksForItsPermission(t *testing.T) {
	t.Parallel()
	h := world(t)
	for i, a := range asks() {
		action := "iam:" + a.operation
		actions := `"` + action + `"`
		if a.tagging != "" {
			actions += `,"` + a.tagging + `"`
		}
		statement := func(effect, actions, resources string) string {
			return fmt.Sprintf(`{"Effect":%q,"Action":[%s],%s}`, effect, actions, resources)
		}
		const document = `{"Version":"2012-10-17","Statement":[%s]}`
		stranger, other, enough := fmt.Sprintf("stranger%d", i), fmt.Sprintf("other%d", i), fmt.Sprintf("enough%d", i)
		h.User(stranger, account, fmt.Sprintf(document, statement("Allow", `"*"`, `"Resource":"*"`)+","+statement("Deny", `"`+action+`"`, `"Resource":"*"`)))
		h.User(other, account, fmt.Sprintf(document, statement("Allow", actions, `"NotResource":"`+a.resource+`"`)))
		h.User(enough, account, fmt.Sprintf(document, statement("Allow", actions, `"Resource":"`+a.resource+`","Condition":`+a.condition)))

		refusal := fmt.Sprintf("User: arn:aws:iam::111122223333:user/%s is not authorized to perform: %s on resource: %s", stranger, action, a.resource)
		h.As(stranger).Call("iam", a.operation, parameters(a.parameters)...).
			Fails("AccessDenied", refusal+" with an explicit deny in an identity-based policy")
		if list := a.operation == "ListRoles" || a.operation == "ListPolicies"; !list {
			h.As(other).Call("iam", a.operation, parameters(a.parameters)...).Fails("AccessDenied")
		} else { // knows no resources: only "*" allows it
			h.As(enough).Call("iam", a.operation, parameters(a.parameters)...).Fails("AccessDenied")
			h.User(enough+"all", account, fmt.Sprintf(document, statement("Allow", actions, `"Resource":"*"`)))
			enough += "all"
		}
		if a.tagging != "" {
			untagged := fmt.Sprintf("untagged%d", i)
			h.User(untagged, account, fmt.Sprintf(document, statement("Allow", `"`+action+`"`, `"Resource":"*"`)))
			h.As(untagged).Call("iam", a.operation, parameters(a.parameters)...).Fails("AccessDenied",
				fmt.Sprintf("User: arn:aws:iam::111122223333:user/%s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action",
					untagged, a.tagging, a.resource, a.tagging))
		}
		h.As(enough).Call("iam", a.operation, parameters(a.parameters)...).OK()
	}
}

// Who may not ask is told the same of what there is and of what there is not.
//
// Rules: TH-28
func TestStrangersLearnNothing(t *testing.T) {
	t.Parallel()
	h := world(t)
	h.User("stranger", account, "")
	for _, name := range []string{"r", "nobody"} {
		answer := h.As("stranger").Call("iam", "GetRole", "RoleName", name).Fails("AccessDenied")
		if !strings.Contains(answer.Message, "because no identity-based policy allows the iam:GetRole action") {
			t.Errorf("of %s: %s", name, answer.Message)
		}
	}
	for _, arn := range []string{ownPolicy, "arn:aws:iam::111122223333:policy/p/none", awsReadOnly, "arn:aws:iam::aws:policy/None"} {
		answer := h.As("stranger").Call("iam", "GetPolicy", "PolicyArn", arn).Fails("AccessDenied")
		if !strings.HasSuffix(answer.Message, arn+" because no identity-based policy allows the iam:GetPolicy action") {
			t.Errorf("of %s: %s", arn, answer.Message)
		}
	}
}
