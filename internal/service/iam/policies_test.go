package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/catalog"
)

// The account's own policies stand before AWS's, and the pages join without a
// gap or a repetition, wherever they end.
//
// Rules: IA-10 IA-11 IA-13
func TestListPolicies(t *testing.T) {
	t.Parallel()
	h := world(t)
	root := h.As("root")
	own := []string{ownPolicy}
	for i := range 5 {
		name := fmt.Sprintf("q%d", i)
		root.Call("iam", "CreatePolicy", "PolicyName", name, "PolicyDocument", allowS3).OK()
		own = append(own, "arn:aws:iam::111122223333:policy/"+name)
	}
	var aws []string
	for p := range catalog.ManagedPolicies() {
		aws = append(aws, p.ARN())
	}
	if len(aws) != catalog.ManagedPolicyCount {
		t.Fatalf("%d policies of AWS", len(aws))
	}
	all := slices.Concat(own, aws)
	same := func(what string, got, want []string) {
		t.Helper()
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: (-want +got)\n%s", what, d)
		}
	}
	for _, size := range []int{101, 1000} {
		same(fmt.Sprintf("all, by %d", size), pages(t, root, "ListPolicies", "Arn", size), all)
	}
	for _, size := range []int{1, 5, 6, 7} {
		same(fmt.Sprintf("own, by %d", size), pages(t, root, "ListPolicies", "Arn", size, "Scope", "Local"), own)
	}
	same("the first page that is full", root.Call("iam", "ListPolicies", "MaxItems", "6").OK().All("Arn"), own)
	marker := root.Call("iam", "ListPolicies", "MaxItems", "6").OK().Get("Marker")
	same("the page behind it", root.Call("iam", "ListPolicies", "MaxItems", "6", "Marker", marker).OK().All("Arn"), aws[:6])
	same("AWS's", pages(t, root, "ListPolicies", "Arn", 500, "Scope", "AWS"), aws)
	under := slices.DeleteFunc(slices.Clone(aws), func(a string) bool { return !strings.Contains(a, ":policy/service-role/") })
	same("by path", pages(t, root, "ListPolicies", "Arn", 90, "PathPrefix", "/service-role/"), under)
	same("own by path", pages(t, root, "ListPolicies", "Arn", 40, "PathPrefix", "/p/"), own[:1])

	root.Call("iam", "AttachUserPolicy", "UserName", "u", "PolicyArn", own[1]).OK()
	root.Call("iam", "AttachRolePolicy", "RoleName", "r", "PolicyArn", awsReadOnly).OK()
	root.Call("iam", "PutRolePermissionsBoundary", "RoleName", "r", "PermissionsBoundary", own[2]).OK()
	same("attached", pages(t, root, "ListPolicies", "Arn", 1, "OnlyAttached", "true"), []string{own[1], awsReadOnly})
	same("attached, of AWS's", pages(t, root, "ListPolicies", "Arn", 1, "OnlyAttached", "true", "Scope", "AWS"), []string{awsReadOnly})
	same("permissions", pages(t, root, "ListPolicies", "Arn", 10, "PolicyUsageFilter", "PermissionsPolicy"), []string{own[1], awsReadOnly})
	same("boundaries", pages(t, root, "ListPolicies", "Arn", 10, "PolicyUsageFilter", "PermissionsBoundary"), []string{own[2]})
	answer := root.Call("iam", "ListPolicies", "OnlyAttached", "true").OK()
	same("counts", answer.All("AttachmentCount"), []string{"1", "1"})
	root.Call("iam", "ListPolicies", "Scope", "Mine").Fails("ValidationError")
	root.Call("iam", "ListPolicies", "MaxItems", "0").Fails("ValidationError")
}

// Rules: IA-10 IA-13
func TestListEntitiesForPolicyInPages(t *testing.T) {
	t.Parallel()
	h := world(t)
	root := h.As("root")
	var want []string
	for i := range 4 {
		name := fmt.Sprintf("user%d", i)
		root.Call("iam", "CreateUser", "UserName", name).OK()
		root.Call("iam", "AttachUserPolicy", "UserName", name, "PolicyArn", ownPolicy).OK()
		root.Call("iam", "PutUserPermissionsBoundary", "UserName", name, "PermissionsBoundary", ownPolicy).OK()
		want = append(want, name)
	}
	root.Call("iam", "AttachRolePolicy", "RoleName", "r", "PolicyArn", ownPolicy).OK()
	got := pages(t, root, "ListEntitiesForPolicy", "UserName", 2, "PolicyArn", ownPolicy)
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("users (-want +got)\n%s", d)
	}
	if roles := pages(t, root, "ListEntitiesForPolicy", "RoleName", 2, "PolicyArn", ownPolicy); len(roles) != 1 {
		t.Errorf("roles: %q", roles)
	}
}
