package iam_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/service/servicetest"
)

const (
	allowEverything = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	allowStorage    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`
	trustAccount    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}`
	readOnlyPolicy  = "arn:aws:iam::aws:policy/ReadOnlyAccess"
)

// populated returns a harness with some of everything in an account.
func populated(t *testing.T) *servicetest.Harness {
	t.Helper()
	h := harness(t)
	h.Account(account, "root")
	h.Account("444455556666", "other")
	h.User("alice", account, allowEverything)
	h.User("bob", account, "")
	h.User("else", "444455556666", "")
	root := h.As("root")
	for _, call := range [][]string{
		{"CreateGroup", "GroupName", "Devs", "Path", "/team/"},
		{"CreateGroup", "GroupName", "Admins"},
		{"AddUserToGroup", "GroupName", "Devs", "UserName", "alice"},
		{"AddUserToGroup", "GroupName", "Admins", "UserName", "alice"},
		{"PutGroupPolicy", "GroupName", "Devs", "PolicyName", "in", "PolicyDocument", allowEverything},
		{"CreatePolicy", "PolicyName", "own", "Path", "/x/", "Description", "ours", "PolicyDocument", allowEverything},
		{"CreatePolicyVersion", "PolicyArn", "arn:aws:iam::111122223333:policy/x/own", "PolicyDocument", allowStorage, "SetAsDefault", "true"},
		{"CreateRole", "RoleName", "ops", "AssumeRolePolicyDocument", trustAccount, "PermissionsBoundary", readOnlyPolicy},
		{"AttachUserPolicy", "UserName", "bob", "PolicyArn", "arn:aws:iam::111122223333:policy/x/own"},
		{"AttachGroupPolicy", "GroupName", "Devs", "PolicyArn", readOnlyPolicy},
		{"TagUser", "UserName", "bob", "Tags.member.1.Key", "k", "Tags.member.1.Value", "v"},
	} {
		root.Call("iam", call[0], call[1:]...).OK()
	}
	return h
}

// Rules: IA-20 IA-75 IA-12 IA-25
func TestGetAccountAuthorizationDetails(t *testing.T) {
	h := populated(t)
	a := h.As("root").Call("iam", "GetAccountAuthorizationDetails").OK()
	for path, want := range map[string]string{
		"UserDetailList.member.UserName":                                   "alice bob",
		"UserDetailList.member.GroupList.member":                           "Admins Devs",
		"UserDetailList.member.UserPolicyList.member.PolicyName":           "inline",
		"UserDetailList.member.UserPolicyList.member.PolicyDocument":       url.PathEscape(allowEverything),
		"UserDetailList.member.AttachedManagedPolicies.member.PolicyName":  "own",
		"UserDetailList.member.Tags.member.Key":                            "k",
		"GroupDetailList.member.GroupName":                                 "Admins Devs",
		"GroupDetailList.member.GroupPolicyList.member.PolicyName":         "in",
		"GroupDetailList.member.AttachedManagedPolicies.member.PolicyArn":  readOnlyPolicy,
		"RoleDetailList.member.RoleName":                                   "ops",
		"RoleDetailList.member.PermissionsBoundary.PermissionsBoundaryArn": readOnlyPolicy,
		"Policies.member.PolicyName":                                       "own ReadOnlyAccess",
		"Policies.member.Description":                                      "ours",
		"Policies.member.AttachmentCount":                                  "1 1",
		"Policies.member.PermissionsBoundaryUsageCount":                    "0 1",
		"IsTruncated": "false",
	} {
		if got := strings.Join(a.All(path), " "); !sameDocument(got, want) {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if got, err := url.PathUnescape(a.Get("AssumeRolePolicyDocument")); err != nil || got != trustAccount {
		t.Errorf("trust policy %q (%v)", got, err)
	}
	if got := a.All("PolicyVersionList.member.VersionId"); len(got) != 3 || got[0] != "v2" || got[1] != "v1" {
		t.Errorf("versions %v", got)
	}
	if got := a.All("PolicyVersionList.member.IsDefaultVersion"); !slices.Equal(got, []string{"true", "false", "true"}) {
		t.Errorf("default versions %v", got)
	}
}

func sameDocument(got, want string) bool {
	g, gotErr := url.PathUnescape(got)
	w, wantErr := url.PathUnescape(want)
	return gotErr == nil && wantErr == nil && g == w
}

// names returns what the entries of an answer are called, in their order.
func names(a *servicetest.Answer) []string {
	var out []string
	for _, path := range []string{"UserDetailList.member.UserName", "GroupDetailList.member.GroupName", "RoleDetailList.member.RoleName", "Policies.member.PolicyName"} {
		out = append(out, a.All(path)...)
	}
	return out
}

// Rules: IA-75 IA-10
func TestAuthorizationDetailsFilter(t *testing.T) {
	h := populated(t)
	for filter, want := range map[string][]string{
		"User": {"alice", "bob"}, "Group": {"Admins", "Devs"}, "Role": {"ops"}, "LocalManagedPolicy": {"own"}, "AWSManagedPolicy": {"ReadOnlyAccess"},
	} {
		a := h.As("root").Call("iam", "GetAccountAuthorizationDetails", "Filter.member.1", filter).OK()
		if diff := cmp.Diff(want, names(a)); diff != "" {
			t.Errorf("%s: -want +got\n%s", filter, diff)
		}
	}
	a := h.As("root").Call("iam", "GetAccountAuthorizationDetails", "Filter.member.1", "Role", "Filter.member.2", "User").OK()
	if diff := cmp.Diff([]string{"alice", "bob", "ops"}, names(a)); diff != "" {
		t.Errorf("two filters: -want +got\n%s", diff)
	}
	h.As("root").Call("iam", "GetAccountAuthorizationDetails", "Filter.member.1", "Nothing").Fails("ValidationError")
	h.As("root").Call("iam", "GetAccountAuthorizationDetails", "Marker", "forged").Fails("ValidationError")
}

// One marker leads through all kinds, whatever the size of the pages.
//
// Rules: IA-75 IA-10
func TestAuthorizationDetailsPages(t *testing.T) {
	h := populated(t)
	all := names(h.As("root").Call("iam", "GetAccountAuthorizationDetails").OK())
	for size := 1; size <= len(all)+1; size++ {
		for _, filters := range [][]string{nil, {"Filter.member.1", "Group", "Filter.member.2", "AWSManagedPolicy"}} {
			want := all
			if filters != nil {
				want = []string{"Admins", "Devs", "ReadOnlyAccess"}
			}
			if diff := cmp.Diff(want, detailPages(t, h, size, filters)); diff != "" {
				t.Errorf("pages of %d %v: -want +got\n%s", size, filters, diff)
			}
		}
	}
}

func detailPages(t *testing.T, h *servicetest.Harness, size int, filters []string) []string {
	t.Helper()
	var got []string
	marker := ""
	for range 20 {
		parameters := append(slices.Clone(filters), "MaxItems", fmt.Sprint(size))
		if marker != "" {
			parameters = append(parameters, "Marker", marker)
		}
		a := h.As("root").Call("iam", "GetAccountAuthorizationDetails", parameters...).OK()
		page := names(a)
		if len(page) > size {
			t.Fatalf("%d entries on a page of %d", len(page), size)
		}
		got = append(got, page...)
		if a.Get("IsTruncated") == "false" {
			return got
		}
		marker = a.Get("Marker")
	}
	t.Fatal("the list does not end")
	return nil
}

// A page holds no more policies than fit, however many entries are asked for.
//
// Rules: IA-75 IA-10
func TestAuthorizationDetailsAreBounded(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	large := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + strings.Repeat("b", 6000) + `/*"}]}`
	const many = 80
	for i := range many {
		name := fmt.Sprintf("p%02d", i)
		root.Call("iam", "CreatePolicy", "PolicyName", name, "PolicyDocument", large).OK()
		for range 4 {
			root.Call("iam", "CreatePolicyVersion", "PolicyArn", "arn:aws:iam::111122223333:policy/"+name, "PolicyDocument", large).OK()
		}
	}
	first := root.Call("iam", "GetAccountAuthorizationDetails", "MaxItems", "1000").OK()
	if len(first.Body) > 4<<20 || first.Get("IsTruncated") != "true" {
		t.Errorf("a page of %d bytes", len(first.Body))
	}
	second := root.Call("iam", "GetAccountAuthorizationDetails", "MaxItems", "1000", "Marker", first.Get("Marker")).OK()
	if got := len(names(first)) + len(names(second)); got != many || second.Get("IsTruncated") != "false" {
		t.Errorf("%d policies on two pages, want %d", got, many)
	}
}

// Rules: IA-76 IA-44
func TestGetAccountSummary(t *testing.T) {
	h := populated(t)
	newDevice(t, h.As("root"), "phone").enable(h, "root", "bob").OK()
	newDevice(t, h.As("root"), "spare")
	got := entries(h.As("root").Call("iam", "GetAccountSummary").OK())
	want := map[string]string{
		"Users": "2", "UsersQuota": "5000", "Groups": "2", "GroupsQuota": "300", "Roles": "1", "RolesQuota": "1000",
		"Policies": "1", "PoliciesQuota": "1500", "PolicyVersionsInUse": "2", "PolicyVersionsInUseQuota": "10000",
		"MFADevices": "2", "MFADevicesInUse": "1", "AccountMFAEnabled": "0", "AccountAccessKeysPresent": "1",
		"AccountPasswordPresent": "0", "AccountSigningCertificatesPresent": "0", "InstanceProfiles": "0", "InstanceProfilesQuota": "1000",
		"ServerCertificates": "0", "ServerCertificatesQuota": "20", "Providers": "0", "AccessKeysPerUserQuota": "2",
		"SigningCertificatesPerUserQuota": "2", "GroupsPerUserQuota": "10", "AttachedPoliciesPerUserQuota": "10",
		"AttachedPoliciesPerGroupQuota": "10", "AttachedPoliciesPerRoleQuota": "10", "UserPolicySizeQuota": "2048",
		"GroupPolicySizeQuota": "5120", "RolePolicySizeQuota": "10240", "AssumeRolePolicySizeQuota": "2048", "PolicySizeQuota": "6144",
		"VersionsPerPolicyQuota": "5", "GlobalEndpointTokenVersion": "2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	h.As("root").Call("iam", "SetSecurityTokenServicePreferences", "GlobalEndpointTokenVersion", "v1Token").OK()
	if got := entries(h.As("root").Call("iam", "GetAccountSummary").OK())["GlobalEndpointTokenVersion"]; got != "1" {
		t.Errorf("GlobalEndpointTokenVersion is %s after it was set to v1Token", got)
	}
	out := api.Service.Operation("GetAccountSummary").Out
	keys := out.Members[out.Lookup("SummaryMap")].Shape.Members[0].Shape.Enum
	if diff := cmp.Diff(slices.Sorted(slices.Values(keys)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("keys of the model: -want +got\n%s", diff)
	}
}
