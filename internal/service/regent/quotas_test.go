package regent_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// managedWorld is world in which ours manages an organization that member is
// in. Member's actors are its root and an administrator.
func managedWorld(t *testing.T) *servicetest.Harness {
	t.Helper()
	h := world(t)
	h.Account(member, "member-root")
	h.User("member-admin", member, allowAll)
	h.As("root").Call("organizations", "CreateOrganization", "FeatureSet", "ALL").OK()
	h.Update(func(tx *store.Tx) error {
		manager, err := tx.Account(ours)
		if err != nil {
			return err
		}
		a, err := tx.Account(member)
		if err != nil {
			return err
		}
		return tx.Join(a, manager.Organization, manager.Parent)
	})
	return h
}

func putQuota(h *servicetest.Harness, actor, account string, name catalog.QuotaName, value int) *servicetest.Answer {
	return h.As(actor).Call("regent", "PutQuota", "AccountId", account, "QuotaName", string(name), "Value:", fmt.Sprint(value))
}

// quotaOf returns what ListQuotas says of one quota.
func quotaOf(t *testing.T, h *servicetest.Harness, actor string, name catalog.QuotaName, parameters ...string) (q catalog.Quota, value int) {
	t.Helper()
	var out struct {
		Quotas []struct {
			ServiceCode, QuotaName            string
			Value, DefaultValue, MaximumValue int
			Adjustable                        bool
		}
	}
	if err := json.Unmarshal([]byte(h.As(actor).Call("regent", "ListQuotas", parameters...).OK().Body), &out); err != nil {
		t.Fatal(err)
	}
	if len(out.Quotas) != len(catalog.Quotas()) {
		t.Fatalf("%d quotas are listed", len(out.Quotas))
	}
	for _, l := range out.Quotas {
		if l.QuotaName == string(name) {
			q = catalog.Quota{Service: l.ServiceCode, Name: name, Default: l.DefaultValue, Max: l.MaximumValue}
			if q.Adjustable() != l.Adjustable {
				t.Errorf("%s: adjustable is %v", name, l.Adjustable)
			}
			return q, l.Value
		}
	}
	t.Fatalf("%s is not listed", name)
	return q, 0
}

// TestRaisedQuotaCountsAtOnce, and a lowered one leaves what there is. The text
// tells the limit that was met.
//
// Rules: IA-44
func TestRaisedQuotaCountsAtOnce(t *testing.T) {
	t.Parallel()
	h := managedWorld(t)
	call := func(operation string, parameters ...string) *servicetest.Answer {
		return h.As("member-admin").Call("iam", operation, parameters...)
	}
	call("CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust(member)).OK()
	attach := func(i int) *servicetest.Answer {
		return call("AttachRolePolicy", "RoleName", "r", "PolicyArn", "arn:aws:iam::"+member+":policy/p"+fmt.Sprint(i))
	}
	for i := range 14 {
		call("CreatePolicy", "PolicyName", "p"+fmt.Sprint(i), "PolicyDocument", allowAll).OK()
		if i < 10 {
			attach(i).OK()
		}
	}
	attach(10).Fails("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10")
	putQuota(h, "admin", member, catalog.PoliciesPerRole, 12).OK()
	attach(10).OK()
	attach(11).OK()
	attach(12).Fails("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 12")

	// Lowered: nothing is lost, what is there can be touched and taken away.
	putQuota(h, "admin", member, catalog.PoliciesPerRole, 2).OK()
	attach(13).Fails("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 2")
	attach(3).OK() // it is attached
	call("TagRole", "RoleName", "r", "Tags.member.1.Key", "k", "Tags.member.1.Value", "v").OK()
	got := call("GetAccountSummary").OK()
	keys, values := got.All("SummaryMap.entry.key"), got.All("SummaryMap.entry.value")
	if i := slices.Index(keys, "AttachedPoliciesPerRoleQuota"); i < 0 || values[i] != "2" {
		t.Errorf("the summary is %s", got.Body)
	}
	for i := range 11 {
		call("DetachRolePolicy", "RoleName", "r", "PolicyArn", "arn:aws:iam::"+member+":policy/p"+fmt.Sprint(i)).OK()
	}
	attach(0).OK()
	attach(1).Fails("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 2")

	// Nobody else's moved.
	for _, actor := range []string{"admin", "their-admin"} {
		if _, value := quotaOf(t, h, actor, catalog.PoliciesPerRole); value != 10 {
			t.Errorf("%s's is %d", actor, value)
		}
	}
}

// TestEveryAdjustableQuotaOfRecordsIsKept at what was set for the account.
//
// Rules: IA-44
func TestEveryAdjustableQuotaOfRecordsIsKept(t *testing.T) {
	t.Parallel()
	h := managedWorld(t)
	for name, create := range map[catalog.QuotaName]func(string) []string{
		catalog.GroupsPerAccount: func(n string) []string { return []string{"CreateGroup", "GroupName", n} },
		catalog.RolesPerAccount: func(n string) []string {
			return []string{"CreateRole", "RoleName", n, "AssumeRolePolicyDocument", trust(member)}
		},
		catalog.PoliciesPerAccount: func(n string) []string {
			return []string{"CreatePolicy", "PolicyName", n, "PolicyDocument", allowAll}
		},
	} {
		putQuota(h, "admin", member, name, 1).OK()
		call := func(n string) *servicetest.Answer {
			c := create(n)
			return h.As("member-admin").Call("iam", c[0], c[1:]...)
		}
		call("one").OK()
		call("two").Fails("LimitExceeded", "Cannot exceed quota for "+string(name)+": 1")
		putQuota(h, "admin", member, name, 2).OK()
		call("two").OK()
		call("three").Fails("LimitExceeded", "Cannot exceed quota for "+string(name)+": 2")
	}
	long := `{"Version":"2012-10-17","Statement":[{"Sid":"` + fmt.Sprintf("%02100d", 0) + `","Effect":"Allow","Principal":{"AWS":"` + member + `"},"Action":"sts:AssumeRole"}]}`
	update := func() *servicetest.Answer {
		return h.As("member-admin").Call("iam", "UpdateAssumeRolePolicy", "RoleName", "one", "PolicyDocument", long)
	}
	update().Fails("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048")
	putQuota(h, "admin", member, catalog.TrustPolicySize, 4096).OK()
	update().OK()
}

// TestQuotasAreTheManagementAccounts to set, within what AWS allows.
//
// Rules: IA-44
func TestQuotasAreTheManagementAccounts(t *testing.T) {
	t.Parallel()
	h := managedWorld(t)
	h.User("clerk", ours, allow("regent:PutQuota", "arn:aws:regent::"+ours+":quota/"+member+"/RolesPerAccount"))
	const notManager = "Only the management account of an organization has access to the quotas of its accounts."

	putQuota(h, "clerk", member, catalog.RolesPerAccount, 2000).OK()
	putQuota(h, "clerk", member, catalog.GroupsPerAccount, 400).Fails("AccessDeniedException", "User: arn:aws:iam::"+ours+
		":user/clerk is not authorized to perform: regent:PutQuota on resource: arn:aws:regent::"+ours+":quota/"+member+
		"/GroupsPerAccount because no identity-based policy allows the regent:PutQuota action")
	putQuota(h, "alice", member, catalog.RolesPerAccount, 2000).Fails("AccessDeniedException")
	putQuota(h, "root", member, catalog.RolesPerAccount, 3000).OK()
	if q, value := quotaOf(t, h, "admin", catalog.RolesPerAccount, "AccountId", member); value != 3000 || q.Default != 1000 || q.Max != 10000 || q.Service != "iam" {
		t.Errorf("it is %d of %+v", value, q)
	}
	if _, value := quotaOf(t, h, "member-admin", catalog.RolesPerAccount); value != 3000 {
		t.Errorf("the member sees %d", value)
	}

	// A member's administrators may do anything but this, whoever it is about,
	// and learn nothing about who is there.
	for _, account := range []string{member, ours, theirs, "999988887777"} {
		for _, actor := range []string{"member-admin", "member-root", "their-admin"} {
			putQuota(h, actor, account, catalog.RolesPerAccount, 2000).Fails("AccessDeniedException", notManager)
		}
		if account != member {
			h.As("member-admin").Call("regent", "ListQuotas", "AccountId", account).Fails("AccessDeniedException", notManager)
		}
	}
	h.As("alice").Call("regent", "ListQuotas").Fails("AccessDeniedException")

	// Strangers' accounts and accounts that are not there look the same.
	putQuota(h, "admin", theirs, catalog.RolesPerAccount, 2000).Fails("NoSuchResourceException", "Account "+theirs+" is not in your organization.")
	putQuota(h, "admin", "999988887777", catalog.RolesPerAccount, 2000).Fails("NoSuchResourceException", "Account 999988887777 is not in your organization.")
	h.As("admin").Call("regent", "ListQuotas", "AccountId", theirs).Fails("NoSuchResourceException")

	putQuota(h, "admin", member, "BeansPerAccount", 2000).Fails("NoSuchResourceException", "There is no quota BeansPerAccount.")
	putQuota(h, "admin", member, "rolesperaccount", 2000).Fails("NoSuchResourceException")
	putQuota(h, "admin", member, catalog.RolesPerAccount, 10001).Fails("InvalidParameterException", "The quota RolesPerAccount can be 10000 at most.")
	putQuota(h, "admin", member, catalog.RolesPerAccount, 10000).OK()
	putQuota(h, "admin", member, catalog.RolesPerAccount, 0).Fails("ValidationException")
	putQuota(h, "admin", member, catalog.RolesPerAccount, -1).Fails("ValidationException")
	putQuota(h, "admin", "1234", catalog.RolesPerAccount, 1).Fails("ValidationException")
	for _, q := range catalog.Quotas() {
		if !q.Adjustable() {
			putQuota(h, "admin", member, q.Name, q.Default+1).Fails("InvalidParameterException", fmt.Sprintf("The quota %s is fixed at %d.", q.Name, q.Default))
			putQuota(h, "admin", member, q.Name, q.Default).Fails("InvalidParameterException")
		} else {
			putQuota(h, "admin", ours, q.Name, q.Max).OK() // its own
		}
	}
	// Back at the default nothing is kept.
	putQuota(h, "admin", member, catalog.RolesPerAccount, 1000).OK()
	h.View(func(tx *store.Tx) error {
		got, err := tx.Quota(identity.AccountID(member), catalog.RolesPerAccount)
		if got != 1000 {
			t.Errorf("it is %d", got)
		}
		return err
	})
}
