package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// tried notes that principals of the account tried actions, by their names; the
// root is "".
func tried(t *testing.T, h *servicetest.Harness, at time.Time, region string, actions ...string) func(names ...string) {
	t.Helper()
	return func(names ...string) {
		t.Helper()
		uses := map[string]identity.AccessUse{}
		for _, a := range actions {
			uses[a] = identity.AccessUse{At: at, Region: region}
		}
		for _, name := range names {
			h.Update(func(tx *store.Tx) error {
				id := ""
				if u, err := tx.User(reporting, identity.UserName(name)); err == nil {
					id = u.ID
				} else if r, err := tx.Role(reporting, identity.RoleName(name)); err == nil {
					id = r.ID
				}
				return tx.NoteAccess(reporting, id, uses, 15*time.Minute)
			})
		}
	}
}

// entitled makes users a, b, c and d and the role r, and attaches the policy pol,
// which allows all of S3 and some of IAM: to a and r, and to the groups g1 with
// a, b and c, and g2 with b and d.
func entitled(t *testing.T) (h *servicetest.Harness, policyARN string) {
	t.Helper()
	h = harness(t)
	h.Account(reporting, "root")
	for _, name := range []string{"a", "b", "c", "d"} {
		h.User(name, reporting, "")
	}
	root := h.As("root")
	policyARN = root.Call("iam", "CreatePolicy", "PolicyName", "pol", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","iam:Get*"],"Resource":"*"}]}`).OK().Get("Policy.Arn")
	root.Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trustOwn).OK()
	root.Call("iam", "AttachUserPolicy", "UserName", "a", "PolicyArn", policyARN).OK()
	root.Call("iam", "AttachRolePolicy", "RoleName", "r", "PolicyArn", policyARN).OK()
	for group, members := range map[string]string{"g1": "a b c", "g2": "b d"} {
		root.Call("iam", "CreateGroup", "GroupName", group).OK()
		root.Call("iam", "AttachGroupPolicy", "GroupName", group, "PolicyArn", policyARN).OK()
		for user := range strings.FieldsSeq(members) {
			root.Call("iam", "AddUserToGroup", "GroupName", group, "UserName", user).OK()
		}
	}
	return h, policyARN
}

func jobOf(h *servicetest.Harness, actor, of string, more ...string) string {
	return h.As(actor).Call("iam", "GenerateServiceLastAccessedDetails", append([]string{"Arn", of}, more...)...).OK().Get("JobId")
}

// A report tells when a service was last tried by any whom the policy is
// attached to, each counted once however often it is.
//
// Rules: IA-58
func TestLastAccessedOfAPolicy(t *testing.T) {
	t.Parallel()
	h, policyARN := entitled(t)
	now := h.Now()
	tried(t, h, now.Add(-time.Hour), "us-east-1", "s3:GetObject", "sts:AssumeRole")("a", "b")
	tried(t, h, now.Add(-time.Minute), "eu-west-1", "s3:PutObject")("c")
	tried(t, h, now.Add(-401*24*time.Hour), "eu-west-1", "s3:PutObject")("d")
	tried(t, h, now, "eu-west-1", "s3:PutObject")("")
	answer := h.As("root").Call("iam", "GetServiceLastAccessedDetails", "JobId", jobOf(h, "root", policyARN)).OK()
	const service = "ServicesLastAccessed.member."
	for path, want := range map[string]string{
		"JobStatus": "COMPLETED", "JobType": "SERVICE_LEVEL", service + "ServiceNamespace": "iam s3",
		service + "ServiceName":                "AWS Identity and Access Management (IAM) Amazon S3",
		service + "TotalAuthenticatedEntities": "0 3", service + "LastAuthenticated": "2026-04-01T11:59:00Z",
		service + "LastAuthenticatedEntity": "arn:aws:iam::111122223333:user/c", service + "LastAuthenticatedRegion": "eu-west-1",
		"IsTruncated": "false", "ActionName": "",
	} {
		if got := strings.Join(answer.All(path), " "); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}

	job := jobOf(h, "root", policyARN, "Granularity", "ACTION_LEVEL")
	answer = h.As("root").Call("iam", "GetServiceLastAccessedDetails", "JobId", job).OK()
	if all := answer.All("ActionName"); !slices.Contains(all, "GetObject") || !slices.Contains(all, "DeleteBucket") || slices.Contains(all, "GetUser") {
		t.Errorf("actions: %v", all)
	}
	if got := answer.All("LastAccessedEntity"); len(got) != 2 || !strings.HasSuffix(got[1], "user/c") {
		t.Errorf("who tried actions: %v", got)
	}

	for _, size := range []string{"1", "2", "100"} {
		var names []string
		marker := []string{}
		for {
			page := h.As("root").Call("iam", "GetServiceLastAccessedDetailsWithEntities",
				append([]string{"JobId", job, "ServiceNamespace", "s3", "MaxItems", size}, marker...)...).OK()
			names = append(names, page.All("EntityInfo.Name")...)
			if page.Get("IsTruncated") == "false" {
				break
			}
			marker = []string{"Marker", page.Get("Marker")}
		}
		if slices.Sort(names); strings.Join(names, " ") != "a b c d r" {
			t.Errorf("entities in pages of %s: %v", size, names)
		}
	}
	with := h.As("root").Call("iam", "GetServiceLastAccessedDetailsWithEntities", "JobId", job, "ServiceNamespace", "s3").OK()
	if got := with.All("EntityDetailsList.member.LastAuthenticated"); len(got) != 3 {
		t.Errorf("when entities tried: %v", got)
	}
	h.As("root").Call("iam", "GetServiceLastAccessedDetailsWithEntities", "JobId", job, "ServiceNamespace", "ec2").Fails("NoSuchEntity")
}

// Only who made a report reads it: the same user, or the same role in any
// session. It is gone after a week.
//
// Rules: IA-58
func TestLastAccessedIsForWhoAsked(t *testing.T) {
	t.Parallel()
	h, policyARN := entitled(t)
	const can = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}`
	h.User("other", reporting, can)
	h.Account("444455556666", "abroad")
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "r", "PolicyName", "can", "PolicyDocument", can).OK()
	h.Session("one", reporting, "r")
	h.Session("two", reporting, "r")
	read := func(actor, job string) *servicetest.Answer {
		return h.As(actor).Call("iam", "GetServiceLastAccessedDetails", "JobId", job)
	}
	mine, roles := jobOf(h, "root", policyARN), jobOf(h, "one", policyARN)
	read("root", mine).OK()
	read("one", roles).OK()
	read("two", roles).OK()
	for _, actor := range []string{"other", "one", "abroad"} {
		read(actor, mine).Fails("NoSuchEntity", "The job with id "+mine+" cannot be found.")
		h.As(actor).Call("iam", "GetServiceLastAccessedDetailsWithEntities", "JobId", mine, "ServiceNamespace", "s3").Fails("NoSuchEntity")
	}
	read("root", roles).Fails("NoSuchEntity")
	h.Advance(7*24*time.Hour + time.Second)
	read("root", mine).Fails("NoSuchEntity")
}

// The reports of one principal and of an account are bounded: the oldest go,
// and one principal's do not push out another's.
//
// Rules: IA-58 TH-30
func TestLastAccessedIsBounded(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(reporting, "root")
	add := func(by string, n int) {
		h.Update(func(tx *store.Tx) error {
			for i := range n {
				j := &identity.AccessJob{ID: fmt.Sprintf("%s-%d", by, i), By: by, Created: h.Now(), Granularity: "SERVICE_LEVEL"}
				if err := tx.AddAccessJob(reporting, j); err != nil {
					return err
				}
			}
			return nil
		})
	}
	there := func(id string) (found bool) {
		h.View(func(tx *store.Tx) error {
			_, err := tx.AccessJob(reporting, id, h.Now())
			found = err == nil
			return nil
		})
		return found
	}
	add("a", 1)
	add("b", 25)
	for id, want := range map[string]bool{"a-0": true, "b-0": false, "b-4": false, "b-5": true, "b-24": true} {
		if there(id) != want {
			t.Errorf("%s is there: %v", id, !want)
		}
	}
	for i := range 200 {
		add(fmt.Sprintf("c%d", i), 1)
	}
	if there("a-0") || there("b-24") || !there("c0-0") || !there("c199-0") {
		t.Error("an account has not its 200 latest reports")
	}
}

// The policies that grant many services come in pages, each service once.
//
// Rules: IA-10 IA-58
func TestPoliciesGrantingManyServices(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(reporting, "root")
	h.User("u", reporting, "")
	const policies = 12
	for i := range policies {
		h.As("root").Call("iam", "PutUserPolicy", "UserName", "u", "PolicyName", fmt.Sprintf("p%d", i), "PolicyDocument",
			`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`).OK()
	}
	arguments := []string{"Arn", "arn:aws:iam::111122223333:user/u"}
	var want []string
	for prefix := range catalog.Services() {
		if len(want) < 200 {
			want = append(want, prefix)
			arguments = append(arguments, fmt.Sprintf("ServiceNamespaces.member.%d", len(want)), prefix)
		}
	}
	var got []string
	pages, granting, marker := 0, 0, []string{}
	for {
		page := h.As("root").Call("iam", "ListPoliciesGrantingServiceAccess", append(arguments, marker...)...).OK()
		got, granting, pages = append(got, page.All("ServiceNamespace")...), granting+len(page.All("PolicyName")), pages+1
		if page.Get("IsTruncated") == "false" {
			break
		}
		marker = []string{"Marker", page.Get("Marker")}
	}
	if !slices.Equal(got, want) || granting != len(want)*policies || pages != 3 {
		t.Errorf("%d services and %d policies on %d pages", len(got), granting, pages)
	}
}
