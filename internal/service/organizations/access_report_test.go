package organizations_test

import (
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// An organization's report tells of the services that all policies from the
// root down allow, and when any account under the path last tried them.
//
// Rules: IA-58 EV-10
func TestOrganizationsAccessReport(t *testing.T) {
	t.Parallel()
	h := founded(t)
	root := h.As("root")
	o := root.Call("organizations", "DescribeOrganization").OK().Get("Organization.Id")
	r := root.Call("organizations", "ListRoots").OK().Get("Roots.Id")
	unit := root.Call("organizations", "CreateOrganizationalUnit", "ParentId", r, "Name", "u").OK().Get("OrganizationalUnit.Id")
	const inside, outside, stranger = identity.AccountID("222233334444"), identity.AccountID("333344445555"), identity.AccountID("444455556666")
	for id, parent := range map[identity.AccountID]string{inside: unit, outside: r, stranger: ""} {
		h.Account(id, string(id))
		h.Update(func(tx *store.Tx) error {
			a, err := tx.Account(id)
			if err != nil || parent == "" {
				return err
			}
			return tx.Join(a, o, parent)
		})
	}
	scp := root.Call("organizations", "CreatePolicy", "Name", "some", "Description", "d", "Type", "SERVICE_CONTROL_POLICY", "Content",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","iam:*","sts:AssumeRole"],"Resource":"*"}]}`).OK().Get("PolicySummary.Id")
	root.Call("organizations", "AttachPolicy", "PolicyId", scp, "TargetId", unit).OK()
	root.Call("organizations", "DetachPolicy", "PolicyId", "p-FullAWSAccess", "TargetId", unit).OK()
	note := func(a identity.AccountID, ago time.Duration, action string) {
		h.Update(func(tx *store.Tx) error {
			return tx.NoteAccess(a, "", map[string]identity.AccessUse{action: {At: h.Now().Add(-ago), Region: "eu-west-1"}}, time.Minute)
		})
	}
	note(inside, time.Hour, "s3:GetObject")
	note(outside, time.Minute, "s3:GetObject")
	note(outside, time.Minute, "ec2:RunInstances")
	note(inside, 401*24*time.Hour, "iam:GetUser")

	report := func(path string, more ...string) *servicetest.Answer {
		job := root.Call("iam", "GenerateOrganizationsAccessReport", append([]string{"EntityPath", path}, more...)...).OK().Get("JobId")
		return root.Call("iam", "GetOrganizationsAccessReport", "JobId", job, "MaxItems", "1000", "SortKey", "LAST_AUTHENTICATED_TIME_DESCENDING").OK()
	}
	top := o + "/" + r
	for _, test := range []struct {
		name, path, policy       string
		few                      bool // the three services of the policy alone
		idle, entities, accessed string
	}{
		{"of a unit", top + "/" + unit, "", true, "2", "1", top + "/" + unit + "/" + string(inside)},
		{"of an account", top + "/" + unit + "/" + string(inside), "", true, "2", "1", top + "/" + unit + "/" + string(inside)},
		{"of the root", top, "", false, "", "2", top + "/" + string(outside)},
		{"of the root by a policy", top, scp, true, "2", "2", top + "/" + string(outside)},
		{"of an account that is not under the unit", top + "/" + string(outside), "", false, "", "1", top + "/" + string(outside)},
		{"of the management account", top + "/" + string(management), "", false, "", "", ""},
	} {
		var more []string
		if test.policy != "" {
			more = []string{"OrganizationsPolicyId", test.policy}
		}
		a := report(test.path, more...)
		if few := a.Get("NumberOfServicesAccessible") == "3"; few != test.few || a.Get("JobStatus") != "COMPLETED" {
			t.Errorf("%s: %s services", test.name, a.Get("NumberOfServicesAccessible"))
		}
		if got := a.Get("NumberOfServicesNotAccessed"); test.idle != "" && got != test.idle {
			t.Errorf("%s: %s services were not used", test.name, got)
		}
		got := ""
		for i, namespace := range a.All("ServiceNamespace") {
			if namespace == "s3" && i < len(a.All("EntityPath")) {
				got = a.All("EntityPath")[i] + " " + a.All("TotalAuthenticatedEntities")[i]
			}
		}
		if want := strings.TrimSpace(test.accessed + " " + test.entities); got != want {
			t.Errorf("%s: S3 was used by %q, want %q", test.name, got, want)
		}
	}

	generate := func(actor, path string, more ...string) *servicetest.Answer {
		return h.As(actor).Call("iam", "GenerateOrganizationsAccessReport", append([]string{"EntityPath", path}, more...)...)
	}
	for _, path := range []string{
		top + "/ou-aaaa-bbbbbbbb", top + "/" + string(inside), "o-aaaaaaaaaa/" + r, o + "/r-aaaa", top + "/" + string(stranger), top + "/999999999999",
	} {
		generate("root", path).Fails("ValidationError")
	}
	generate("root", "nonsense-and-no-path-at-all").Fails("ValidationError")
	generate("root", top, "OrganizationsPolicyId", "p-aaaaaaaa").Fails("ValidationError")
	generate(string(inside), top).Fails("AccessDenied")
	generate(string(stranger), top).Fails("AccessDenied")
	h.User("some", management, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*OrganizationsAccessReport","Resource":"*",
		"Condition":{"StringEqualsIfExists":{"iam:OrganizationsPolicyId":"`+scp+`"}}}]}`)
	h.User("nobody", management, "")
	generate("some", top, "OrganizationsPolicyId", "p-FullAWSAccess").Fails("AccessDenied")
	job := generate("some", top, "OrganizationsPolicyId", scp).OK().Get("JobId")
	generate("nobody", top).Fails("AccessDenied")
	root.Call("iam", "GetOrganizationsAccessReport", "JobId", job).Fails("NoSuchEntity")
	h.As("nobody").Call("iam", "GetOrganizationsAccessReport", "JobId", job).Fails("AccessDenied")
	first := h.As("some").Call("iam", "GetOrganizationsAccessReport", "JobId", job, "MaxItems", "2").OK()
	second := h.As("some").Call("iam", "GetOrganizationsAccessReport", "JobId", job, "MaxItems", "2", "Marker", first.Get("Marker")).OK()
	if got := strings.Join(append(first.All("ServiceNamespace"), second.All("ServiceNamespace")...), " "); got != "iam s3 sts" {
		t.Errorf("two pages: %s", got)
	}
	for range 9 {
		generate("some", top).OK()
	}
	generate("some", top).Fails("ReportGenerationLimitExceeded")
	h.Advance(time.Hour + time.Second)
	generate("some", top).OK()
}
