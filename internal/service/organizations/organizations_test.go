package organizations_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	iamapi "github.com/regent-iam/regent/internal/api/iam"
	api "github.com/regent-iam/regent/internal/api/organizations"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/organizations"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/service/sts"
	"github.com/regent-iam/regent/internal/store"
)

// drawAccount draws an account id of one digit, so that ids are often taken.
func drawAccount(random io.Reader) (identity.AccountID, error) {
	var b [1]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	return identity.AccountID(fmt.Sprintf("2000000000%02d", b[0]%64)), nil
}

func canonicalID(id identity.AccountID) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

func service(account func(io.Reader) (identity.AccountID, error)) dispatch.Service {
	s := organizations.New(organizations.Config{AccountID: account, CanonicalID: canonicalID})
	return dispatch.Service{API: &api.Service, Operations: s.Operations()}
}

func harness(t testing.TB) *servicetest.Harness {
	return servicetest.New(t, service(drawAccount),
		dispatch.Service{API: &iamapi.Service, Operations: iam.Operations()},
		dispatch.Service{API: &stsapi.Service, Operations: sts.Operations()},
	)
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	servicetest.Run(t, "testdata/*.txtar", harness)
}

const management = identity.AccountID("111122223333")

// founded returns a harness with an organization, whose root user is "root".
func founded(t *testing.T) *servicetest.Harness {
	h := harness(t)
	h.Account(management, "root")
	h.As("root").Call("organizations", "CreateOrganization").OK()
	return h
}

// open makes a member account and returns its id.
func open(h *servicetest.Harness, email string) string {
	car := h.As("root").Call("organizations", "CreateAccount", "Email", email, "AccountName", "a").OK().Get("Id")
	return h.As("root").Call("organizations", "DescribeCreateAccountStatus", "CreateAccountRequestId", car).OK().Get("AccountId")
}

// Rules: OR-2
func TestCreateOrganizationMakesTheServiceLinkedRole(t *testing.T) {
	t.Parallel()
	h := founded(t)
	h.View(func(tx *store.Tx) error {
		r, err := tx.Role(management, "AWSServiceRoleForOrganizations")
		if err != nil {
			return err
		}
		if got := r.ARN().String(); got != "arn:aws:iam::111122223333:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations" {
			t.Error(got)
		}
		if !strings.Contains(r.Trust.Text, `{"Service":"organizations.amazonaws.com"}`) || len(r.Attached) != 1 {
			t.Errorf("%+v", r)
		}
		_, _, err = authz.ManagedText(tx, management, r.Attached[0])
		return err
	})
}

// Rules: OR-4
func TestANewAccountHasTheRoleThatItWasAskedFor(t *testing.T) {
	t.Parallel()
	h := founded(t)
	id := identity.AccountID(open(h, "a@example.com"))
	h.View(func(tx *store.Tx) error {
		r, err := tx.Role(id, "OrganizationAccountAccessRole")
		if err != nil {
			return err
		}
		const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}]}`
		if r.Trust.Text != trust || len(r.Attached) != 1 || r.Attached[0] != "arn:aws:iam::aws:policy/AdministratorAccess" || r.MaxSession != 3600 {
			t.Errorf("%+v", r)
		}
		uses, err := tx.Uses(id, r.Attached[0])
		if uses.Permissions != 1 {
			t.Errorf("%+v", uses)
		}
		a, accountErr := tx.Account(id)
		if accountErr != nil {
			return accountErr
		}
		if a.CanonicalID != canonicalID(id) || len(a.RootKeys) != 0 {
			t.Errorf("%+v", a)
		}
		return err
	})
}

// Rules: OR-4
func TestTakenAccountIDsAreDrawnAgain(t *testing.T) {
	t.Parallel()
	h := founded(t)
	seen := map[string]bool{}
	for i := range 20 { // of 64 ids, so that some are drawn twice
		id := open(h, fmt.Sprintf("a%d@example.com", i))
		if seen[id] || len(id) != 12 {
			t.Errorf("account %q is there twice", id)
		}
		seen[id] = true
	}
}

// Rules: OR-4
func TestCreateAccountFailsWhenNoIDIsFree(t *testing.T) {
	t.Parallel()
	h := servicetest.New(quiet{t}, service(func(io.Reader) (identity.AccountID, error) { return management, nil }))
	h.Account(management, "root")
	h.As("root").Call("organizations", "CreateOrganization").OK()
	a := h.As("root").Call("organizations", "CreateAccount", "Email", "a@example.com", "AccountName", "a")
	if a.Status != 500 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if got := h.As("root").Call("organizations", "ListCreateAccountStatus").OK().All("Id"); len(got) != 0 {
		t.Errorf("the failed call left %v", got)
	}
}

// quiet is a test in which calls may fail for reasons of ours.
type quiet struct{ testing.TB }

func (quiet) Errorf(string, ...any) {}

// Rules: OR-1
func TestIdsHaveTheirForms(t *testing.T) {
	t.Parallel()
	h := founded(t)
	root := h.As("root")
	o := root.Call("organizations", "DescribeOrganization").OK()
	r := root.Call("organizations", "ListRoots").OK()
	car := root.Call("organizations", "CreateAccount", "Email", "a@example.com", "AccountName", "a").OK()
	p := root.Call("organizations", "CreatePolicy", "Type", "SERVICE_CONTROL_POLICY", "Name", "n", "Description", "", "Content",
		authz.FullAccess(identity.SCP)).OK()
	for _, row := range []struct {
		id, prefix string
		length     int
	}{
		{o.Get("Organization.Id"), "o-", 12},
		{r.Get("Roots.Id"), "r-", 6},
		{car.Get("CreateAccountStatus.Id"), "car-", 36},
		{p.Get("PolicySummary.Id"), "p-", 10},
	} {
		rest, ok := strings.CutPrefix(row.id, row.prefix)
		if !ok || len(row.id) != row.length || strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			t.Errorf("%q is not %s and %d more", row.id, row.prefix, row.length-len(row.prefix))
		}
	}
}

// Rules: OR-21
func TestHowManyPoliciesHangOnATarget(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		kind, content string
		free          int // besides the default policy
	}{
		{"SERVICE_CONTROL_POLICY", authz.FullAccess(identity.SCP), 4},
		{"TAG_POLICY", `{"tags":{}}`, 10},
		{"AISERVICES_OPT_OUT_POLICY", `{"services":{}}`, 5},
	} {
		t.Run(row.kind, func(t *testing.T) {
			t.Parallel()
			h := founded(t)
			member := open(h, "a@example.com")
			h.As("root").Call("organizations", "EnablePolicyType", "RootId", h.As("root").Call("organizations", "ListRoots").Get("Roots.Id"), "PolicyType", row.kind)
			attach := func(i int) *servicetest.Answer {
				p := h.As("root").Call("organizations", "CreatePolicy", "Type", row.kind, "Name", fmt.Sprint("n", i),
					"Description", "", "Content", row.content).OK().Get("PolicySummary.Id")
				return h.As("root").Call("organizations", "AttachPolicy", "PolicyId", p, "TargetId", member)
			}
			for i := range row.free {
				attach(i).OK()
			}
			if a := attach(row.free).Fails("ConstraintViolationException"); a.Get("Reason") != "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED" || a.Status != 400 {
				t.Errorf("%s", a.Body)
			}
		})
	}
}

// Every type has its quota of characters.
//
// Rules: OR-23
func TestSizesOfManagementPolicies(t *testing.T) {
	t.Parallel()
	h := founded(t)
	for _, row := range []struct {
		kind, content string
		size          int
	}{
		{"TAG_POLICY", `{"tags":{}}`, 10_000},
		{"AISERVICES_OPT_OUT_POLICY", `{"services":{}}`, 2500},
		{"UPGRADE_ROLLOUT_POLICY", `{"upgrade_rollout":{}}`, 5120},
		{"NETWORK_SECURITY_DIRECTOR_POLICY", `{"anything":{}}`, 10_000},
	} {
		create := func(name string, size int) *servicetest.Answer {
			return h.As("root").Call("organizations", "CreatePolicy", "Type", row.kind, "Name", name, "Description", "",
				"Content", strings.Repeat(" ", size-len(row.content))+row.content)
		}
		create("fits", row.size).OK()
		if a := create("large", row.size+1).Fails("ConstraintViolationException"); a.Get("Reason") != "POLICY_CONTENT_LIMIT_EXCEEDED" {
			t.Errorf("%s: %s", row.kind, a.Body)
		}
	}
}

// A service that an account administers is trusted, whoever was faster.
//
// Rules: OR-26
func TestDelegatedAdministratorsHaveTrustedServices(t *testing.T) {
	t.Parallel()
	h := founded(t)
	member := open(h, "a@example.com")
	service := []string{"ServicePrincipal", "iam.amazonaws.com"}
	for range 30 {
		h.As("root").Call("organizations", "EnableAWSServiceAccess", service...).OK()
		var both sync.WaitGroup
		both.Go(func() {
			h.As("root").Call("organizations", "RegisterDelegatedAdministrator", append(service[:2:2], "AccountId", member)...)
		})
		both.Go(func() { h.As("root").Call("organizations", "DisableAWSServiceAccess", service...) })
		both.Wait()
		trusted := h.As("root").Call("organizations", "ListAWSServiceAccessForOrganization").OK().All("ServicePrincipal")
		delegates := h.As("root").Call("organizations", "ListDelegatedAdministrators", service...).OK().All("Id")
		if len(delegates) > len(trusted) {
			t.Fatal("a service has a delegated administrator and no access")
		}
		if len(delegates) > 0 {
			h.As("root").Call("organizations", "DeregisterDelegatedAdministrator", append(service[:2:2], "AccountId", member)...).OK()
		}
	}
}

func TestDelegatedAdministratorsOfAServiceAreFew(t *testing.T) {
	t.Parallel()
	h := founded(t)
	h.As("root").Call("organizations", "EnableAWSServiceAccess", "ServicePrincipal", "iam.amazonaws.com").OK()
	register := func(i int) *servicetest.Answer {
		return h.As("root").Call("organizations", "RegisterDelegatedAdministrator", "AccountId", open(h, fmt.Sprintf("a%d@example.com", i)),
			"ServicePrincipal", "iam.amazonaws.com")
	}
	for i := range 10 {
		register(i).OK()
	}
	if a := register(10).Fails("ConstraintViolationException"); a.Get("Reason") != "MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED" {
		t.Errorf("%s", a.Body)
	}
}

// A user who is named in the organization's resource policy, and made again, is
// somebody else.
//
// Rules: PL-26
func TestResourcePolicyBindsItsPrincipals(t *testing.T) {
	t.Parallel()
	const all = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	h := founded(t)
	member := open(h, "a@example.com")
	h.User("alice", identity.AccountID(member), "")
	h.User("admin", identity.AccountID(member), all)
	h.As("root").Call("organizations", "PutResourcePolicy", "Content", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+
		member+`:user/alice"},"Action":"organizations:ListPolicies","Resource":"*"}]}`).OK()
	h.As("admin").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", all).OK()
	list := func() *servicetest.Answer {
		return h.As("alice").Call("organizations", "ListPolicies", "Filter", "SERVICE_CONTROL_POLICY")
	}
	list().OK()
	h.Update(func(tx *store.Tx) error {
		u, err := tx.User(identity.AccountID(member), "alice")
		if err != nil {
			return err
		}
		return tx.DeleteUser(u)
	})
	h.User("alice", identity.AccountID(member), all)
	list().Fails("AccessDeniedException")
	if got := h.As("root").Call("organizations", "DescribeResourcePolicy").OK().Get("Content"); strings.Contains(got, "user/alice") || !strings.Contains(got, "AIDA") {
		t.Errorf("the policy shows somebody else: %s", got)
	}
}

// Rules: PL-91
func TestEveryCharacterOfAPolicyCounts(t *testing.T) {
	t.Parallel()
	h := founded(t)
	full := authz.FullAccess(identity.SCP)
	create := func(name, content string) *servicetest.Answer {
		return h.As("root").Call("organizations", "CreatePolicy", "Type", "SERVICE_CONTROL_POLICY", "Name", name, "Description", "", "Content", content)
	}
	padded := strings.Repeat(" ", 5120-len(full)) + full
	p := create("fits", padded).OK()
	if got := p.Get("Policy.Content"); got != padded {
		t.Errorf("the text is not what was sent: %q", got)
	}
	for _, a := range []*servicetest.Answer{
		create("large", " "+padded),
		h.As("root").Call("organizations", "UpdatePolicy", "PolicyId", p.Get("PolicySummary.Id"), "Content", " "+padded),
	} {
		if a.Fails("ConstraintViolationException").Get("Reason") != "POLICY_CONTENT_LIMIT_EXCEEDED" {
			t.Errorf("%s", a.Body)
		}
	}
}

// Rules: PL-86 PL-87 OR-23
func TestMalformedPolicies(t *testing.T) {
	t.Parallel()
	h := founded(t)
	const scp, rcp = "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"
	statement := func(s string) string { return `{"Version":"2012-10-17","Statement":[` + s + `]}` }
	rows := []struct {
		name, kind, content string
		ok                  bool
	}{
		{"conditions in an Allow", scp, statement(`{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:s3:::b","Condition":{"Bool":{"aws:SecureTransport":"true"}}}`), true},
		{"not JSON", scp, `{`, false},
		{"a principal", scp, statement(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`), false},
		{"no version", scp, `{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`, false},
		{"no resource", scp, statement(`{"Effect":"Deny","Action":"*"}`), false},
		{"a Deny", rcp, statement(`{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}`), true},
		{"an Allow", rcp, statement(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}`), false},
		{"one principal", rcp, statement(`{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"s3:*","Resource":"*"}`), false},
		{"a lone star", rcp, statement(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`), false},
		{"NotAction", rcp, statement(`{"Effect":"Deny","Principal":"*","NotAction":"s3:*","Resource":"*"}`), false},
		{"no principal", rcp, statement(`{"Effect":"Deny","Action":"s3:*","Resource":"*"}`), false},
	}
	for _, row := range rows {
		t.Run(row.kind+" "+row.name, func(t *testing.T) {
			a := h.As("root").Call("organizations", "CreatePolicy", "Type", row.kind, "Name", row.name, "Description", "", "Content", row.content)
			if row.ok {
				a.OK()
				return
			}
			a.Fails("MalformedPolicyDocumentException", "The provided policy document does not meet the requirements of the specified policy type.")
		})
	}
}

// Rules: OR-25
func TestTagsAreChecked(t *testing.T) {
	t.Parallel()
	h := founded(t)
	var many []string
	for i := range 51 {
		many = append(many, fmt.Sprintf(`{"Key":"k%d","Value":"v"}`, i))
	}
	for _, row := range []struct{ name, tags, code, reason string }{
		{"twice", `[{"Key":"Team","Value":"a"},{"Key":"team","Value":"b"}]`, "InvalidInputException", "DUPLICATE_TAG_KEY"},
		{"system", `[{"Key":"AWS:x","Value":"a"}]`, "InvalidInputException", "INVALID_SYSTEM_TAGS_PARAMETER"},
		{"too many", "[" + strings.Join(many, ",") + "]", "ConstraintViolationException", "MAX_TAG_LIMIT_EXCEEDED"},
	} {
		for _, a := range []*servicetest.Answer{
			h.As("root").Call("organizations", "CreateAccount", "Email", "a@example.com", "AccountName", "a", "Tags:", row.tags),
			h.As("root").Call("organizations", "CreatePolicy", "Type", "SERVICE_CONTROL_POLICY", "Name", "n", "Description", "",
				"Content", authz.FullAccess(identity.SCP), "Tags:", row.tags),
		} {
			if a.Fails(row.code).Get("Reason") != row.reason {
				t.Errorf("%s: %s", row.name, a.Body)
			}
		}
	}
}
