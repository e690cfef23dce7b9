package iam_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// checkNeeds makes each call as a user who may do just what it should need, and
// as one who may do all but that.
func checkNeeds(h *servicetest.Harness, calls []want) {
	for i, n := range calls {
		condition := n.condition
		if condition == "" {
			condition = "{}"
		}
		statement := fmt.Sprintf(`"Action":"iam:%s","Resource":%q,"Condition":%s}`, n.operation, n.resource, condition)
		enough, other := fmt.Sprint("enough", n.operation, i), fmt.Sprint("other", n.operation, i)
		h.User(enough, account, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",`+statement+`]}`)
		h.User(other, account, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny",`+statement+`]}`)
		h.As(other).Call("iam", n.operation, parameters(n.parameters)...).Fails("AccessDenied")
		h.As(enough).Call("iam", n.operation, parameters(n.parameters)...).OK()
	}
}

// Rules: IA-78 EV-61 EV-63
func TestWhatInstanceProfilesNeed(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	root.Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trustOwn).OK()
	root.Call("iam", "CreateInstanceProfile", "InstanceProfileName", "p", "Path", "/x/", "Tags.member.1.Key", "team", "Tags.member.1.Value", "a").OK()
	root.Call("iam", "AddRoleToInstanceProfile", "InstanceProfileName", "p", "RoleName", "r").OK()
	const (
		p, profile = "InstanceProfileName=P ", "arn:aws:iam::111122223333:instance-profile/x/p"
		tagged     = `{"StringEquals":{"aws:ResourceTag/team":"a"}}`
	)
	checkNeeds(h, []want{
		{"CreateInstanceProfile", "InstanceProfileName=new Path=/n/", "arn:aws:iam::111122223333:instance-profile/n/new", ""},
		{"GetInstanceProfile", p, profile, tagged},
		{"ListInstanceProfiles", "", "*", ""},
		{"ListInstanceProfiles", "PathPrefix=/x/", "*", ""},
		{"ListInstanceProfilesForRole", "RoleName=r", "arn:aws:iam::111122223333:role/r", ""},
		{"ListInstanceProfileTags", p, profile, tagged},
		{"TagInstanceProfile", p + "Tags.member.1.Key=k Tags.member.1.Value=v", profile, `{"StringEquals":{"aws:RequestTag/k":"v","aws:ResourceTag/team":"a"}}`},
		{"UntagInstanceProfile", p + "TagKeys.member.1=k", profile, `{"ForAllValues:StringEquals":{"aws:TagKeys":"k"},"Null":{"aws:TagKeys":"false"}}`},
		{"RemoveRoleFromInstanceProfile", p + "RoleName=r", profile, tagged},
		{"DeleteInstanceProfile", p, profile, tagged},
	})
}

// Rules: IA-44 IA-76
func TestInstanceProfilesAreCounted(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	for i := range catalog.InstanceProfilesPerAccount.Default() {
		h.Update(func(tx *store.Tx) error {
			name := fmt.Sprint("p", i)
			return tx.CreateInstanceProfile(&identity.InstanceProfile{Account: account, Name: identity.ProfileName(name), Path: "/", ID: "AIPA" + name})
		})
	}
	root.Call("iam", "CreateInstanceProfile", "InstanceProfileName", "more").Fails("LimitExceeded", "Cannot exceed quota for InstanceProfilesPerAccount: 1000")
	root.Call("iam", "DeleteInstanceProfile", "InstanceProfileName", "p0").OK()
	if got := entries(root.Call("iam", "GetAccountSummary").OK()); got["InstanceProfiles"] != "999" || got["InstanceProfilesQuota"] != "1000" {
		t.Errorf("%s of %s", got["InstanceProfiles"], got["InstanceProfilesQuota"])
	}
	root.Call("iam", "CreateInstanceProfile", "InstanceProfileName", "more").OK()
}

// A role that is deleted while it is put into a profile is gone and in none, or
// in it and there.
//
// Rules: IA-41 TH-25
func TestARoleGoesOrIsInAProfile(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	root.Call("iam", "CreateInstanceProfile", "InstanceProfileName", "p").OK()
	for range 50 {
		root.Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trustOwn).OK()
		var added, deleted *servicetest.Answer
		var wg sync.WaitGroup
		wg.Go(func() {
			added = root.Call("iam", "AddRoleToInstanceProfile", "InstanceProfileName", "p", "RoleName", "r")
		})
		wg.Go(func() { deleted = root.Call("iam", "DeleteRole", "RoleName", "r") })
		wg.Wait()
		inProfile := root.Call("iam", "GetInstanceProfile", "InstanceProfileName", "p").OK().All("RoleName")
		switch {
		case added.Code == "" && deleted.Code == "DeleteConflict" && len(inProfile) == 1:
			root.Call("iam", "RemoveRoleFromInstanceProfile", "InstanceProfileName", "p", "RoleName", "r").OK()
			root.Call("iam", "DeleteRole", "RoleName", "r").OK()
		case added.Code == "NoSuchEntity" && deleted.Code == "" && len(inProfile) == 0:
		default:
			t.Fatalf("adding: %q, deleting: %q, in the profile: %v", added.Code, deleted.Code, inProfile)
		}
	}
}

// AWS's own roles are for AWS to hand out.
//
// Rules: IA-46
func TestProtectedRolesGoIntoNoProfile(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(account, "root")
	h.Update(func(tx *store.Tx) error {
		return tx.CreateRole(&identity.Role{
			Account: account, Name: "AWSServiceRoleForSupport", Path: "/aws-service-role/support.amazonaws.com/", ID: "AROAX",
			MaxSession: 3600, Trust: identity.ResourcePolicy{Text: trustOwn},
		})
	})
	h.As("root").Call("iam", "CreateInstanceProfile", "InstanceProfileName", "p").OK()
	h.As("root").Call("iam", "AddRoleToInstanceProfile", "InstanceProfileName", "p", "RoleName", "AWSServiceRoleForSupport").
		Fails("UnmodifiableEntity", "Cannot perform the operation on the protected role 'AWSServiceRoleForSupport' - this role is only modifiable by AWS")
}
