package regent_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	iamapi "github.com/regent-iam/regent/internal/api/iam"
	organizationsapi "github.com/regent-iam/regent/internal/api/organizations"
	api "github.com/regent-iam/regent/internal/api/regent"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/dump"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/organizations"
	"github.com/regent-iam/regent/internal/service/regent"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/service/sts"
	"github.com/regent-iam/regent/internal/store"
)

// drawID draws account ids as a server does: at random.
func drawID(random io.Reader) (identity.AccountID, error) {
	var b [6]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", err
	}
	n := uint64(0)
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return identity.AccountID(fmt.Sprintf("2%011d", n%1e11)), nil
}

// importWorld is a harness whose management account, ours, has an
// administrator, "admin", and theirs another organization.
func importWorld(t testing.TB) *servicetest.Harness {
	h := servicetest.NewWith(t, func(h *servicetest.Harness) []dispatch.Service {
		canonical := organizationConfig().CanonicalID
		service := regent.New(regent.Config{
			Authorizer: h.Authz, Denials: h.Denials, Version: "v1.2.3", Region: servicetest.Region, Served: func() map[string][]string { return nil },
			IAM: iam.Operations(), AccountID: drawID, CanonicalID: canonical,
		})
		org := organizations.New(organizations.Config{AccountID: drawID, CanonicalID: canonical})
		return []dispatch.Service{
			{API: &api.Service, Operations: service.Operations()},
			{API: &iamapi.Service, Operations: iam.Operations()},
			{API: &stsapi.Service, Operations: sts.Operations()},
			{API: &organizationsapi.Service, Operations: org.Operations()},
		}
	})
	h.Account(ours, "root")
	h.Account(theirs, "their-root")
	h.User("admin", ours, allowAll)
	h.As("admin").Call("organizations", "CreateOrganization").OK()
	h.As("their-root").Call("organizations", "CreateOrganization").OK()
	return h
}

func importing(h *servicetest.Harness, actor string, parameters ...string) *servicetest.Answer {
	return h.As(actor).Call("regent", "ImportAccount", parameters...)
}

// begin begins an import and returns the account that it fills.
func begin(h *servicetest.Harness, email, source string, more ...string) string {
	return importing(h, "admin", append([]string{"AccountName", "copy", "Email", email, "SourceAccountId", source}, more...)...).OK().Get("AccountId")
}

// fill sends the parts of a dump, and returns what was left out.
func fill(t testing.TB, h *servicetest.Harness, account, text string, size int) (skipped []string) {
	t.Helper()
	parts, err := dump.Split([]byte(text), size)
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range parts {
		skipped = append(skipped, report(t, importing(h, "admin", "AccountId", account, "Part:", strconv.Itoa(i+1), "Dump", part).OK())...)
	}
	return skipped
}

// report is what an answer says was left out, a line each.
func report(t testing.TB, a *servicetest.Answer) (lines []string) {
	t.Helper()
	var out struct {
		Skipped []struct{ Item, Operation, Reason string }
	}
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil {
		t.Fatal(err)
	}
	for _, s := range out.Skipped {
		lines = append(lines, s.Item+" "+s.Operation+" "+s.Reason)
	}
	return lines
}

func commit(t testing.TB, h *servicetest.Harness, account string) []string {
	t.Helper()
	a := importing(h, "admin", "AccountId", account, "Commit:", "true").OK()
	if a.Get("State") != "ACTIVE" {
		t.Fatalf("%s", a.Body)
	}
	return report(t, a)
}

// export exports an account as an administrator in it: the session of the role
// by which the management account gets in.
func export(t testing.TB, h *servicetest.Harness, account string) string {
	t.Helper()
	actor := "in-" + account
	h.Session(actor, identity.AccountID(account), "OrganizationAccountAccessRole")
	return exported(t, h, actor)
}

func exported(t testing.TB, h *servicetest.Harness, actor string) string {
	t.Helper()
	var parts []string
	for marker := ""; ; {
		var parameters []string
		if marker != "" {
			parameters = []string{"Marker", marker}
		}
		a := h.As(actor).Call("regent", "ExportAccount", parameters...).OK()
		parts = append(parts, a.Get("Dump"))
		if len(a.All("Marker")) == 0 {
			break
		}
		marker = a.Get("Marker")
	}
	whole, err := dump.Merge(parts)
	if err != nil {
		t.Fatal(err)
	}
	text, err := whole.Text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

var differs = regexp.MustCompile(`"(UserId|GroupId|RoleId|PolicyId|InstanceProfileId|CreateDate|UpdateDate|LastUsedDate)":"[^"]*"`)

// same is a dump without what is another in each copy: unique ids and dates.
func same(text string) string {
	return strings.ReplaceAll(differs.ReplaceAllString(text, `"$1":""`), "},{", "},\n{")
}

// realDump is what the AWS CLI prints of an account, shortened.
const realDump = `{
    "UserDetailList": [
        {
            "Path": "/dev/", "UserName": "alice", "UserId": "AIDAIOSFODNN7EXAMPLE", "Arn": "arn:aws:iam::999900001111:user/dev/alice",
            "CreateDate": "2020-01-02T03:04:05+00:00", "GroupList": ["Admins", "nobody"],
            "UserPolicyList": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs-999900001111/*",
                 "Condition": {"StringEquals": {"aws:PrincipalAccount": "999900001111"}}}]}}],
            "AttachedManagedPolicies": [
                {"PolicyName": "base", "PolicyArn": "arn:aws:iam::999900001111:policy/base"},
                {"PolicyName": "Unheard", "PolicyArn": "arn:aws:iam::aws:policy/Unheard"}],
            "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::999900001111:policy/base"},
            "Tags": [{"Key": "team", "Value": "blue"}]
        },
        {"Path": "/", "UserName": "bob", "UserId": "AIDAIOSFODNN7EXAMPLF", "Arn": "arn:aws:iam::999900001111:user/bob",
         "CreateDate": "2020-01-02T03:04:05+00:00", "GroupList": [], "AttachedManagedPolicies": [],
         "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": "arn:aws:iam::999900001111:policy/gone"}}
    ],
    "GroupDetailList": [
        {"Path": "/", "GroupName": "Admins", "GroupId": "AGPAIOSFODNN7EXAMPLE", "Arn": "arn:aws:iam::999900001111:group/Admins",
         "CreateDate": "2020-01-02T03:04:05+00:00", "GroupPolicyList": [],
         "AttachedManagedPolicies": [{"PolicyName": "AdministratorAccess", "PolicyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}]}
    ],
    "RoleDetailList": [
        {"Path": "/", "RoleName": "deploy", "RoleId": "AROAIOSFODNN7EXAMPLE", "Arn": "arn:aws:iam::999900001111:role/deploy",
         "CreateDate": "2020-01-02T03:04:05+00:00",
         "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS":
            ["arn:aws:iam::999900001111:user/dev/alice", "arn:aws:iam::999900001111:role/deploy", "999900001111"]}, "Action": "sts:AssumeRole"}]},
         "InstanceProfileList": [
            {"InstanceProfileName": "we%b", "Arn": "arn:aws:iam::999900001111:instance-profile/we%b"},
            {"Path": "/m/", "InstanceProfileName": "web", "InstanceProfileId": "AIPAIOSFODNN7EXAMPLE", "Arn": "arn:aws:iam::999900001111:instance-profile/m/web", "Roles": []}],
         "RolePolicyList": [], "AttachedManagedPolicies": [], "RoleLastUsed": {}},
        {"Path": "/", "RoleName": "vendor", "RoleId": "AROAIOSFODNN7EXAMPLF", "Arn": "arn:aws:iam::999900001111:role/vendor",
         "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS":
            "arn:aws:iam::888800001111:role/scanner"}, "Action": "sts:AssumeRole"}]},
         "InstanceProfileList": [], "RolePolicyList": [], "AttachedManagedPolicies": []},
        {"Path": "/aws-service-role/support.amazonaws.com/", "RoleName": "AWSServiceRoleForSupport", "RoleId": "AROAIOSFODNN7EXAMPLG",
         "Arn": "arn:aws:iam::999900001111:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport",
         "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service":
            "support.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
         "InstanceProfileList": [], "RolePolicyList": [], "AttachedManagedPolicies": []}
    ],
    "Policies": [
        {"PolicyName": "base", "PolicyId": "ANPAIOSFODNN7EXAMPLE", "Arn": "arn:aws:iam::999900001111:policy/base", "Path": "/",
         "DefaultVersionId": "v4", "AttachmentCount": 1, "PermissionsBoundaryUsageCount": 2, "IsAttachable": true,
         "PolicyVersionList": [
            {"Document": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}, "VersionId": "v7", "IsDefaultVersion": false},
            {"Document": "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22s3%3AGet%2A%22%2C%22Resource%22%3A%22%2A%22%7D%7D", "VersionId": "v4", "IsDefaultVersion": true}
         ]},
        {"PolicyName": "AdministratorAccess", "PolicyId": "ANPAIWMBCKSKIEE64ZLYK", "Arn": "arn:aws:iam::aws:policy/AdministratorAccess", "Path": "/",
         "DefaultVersionId": "v1", "AttachmentCount": 1, "IsAttachable": true, "PolicyVersionList": []}
    ],
    "IsTruncated": false
}`

// TestADumpOfARealAccount imports what the AWS CLI prints, and reports what
// cannot be had.
//
// Rules: TH-31
func TestADumpOfARealAccount(t *testing.T) {
	t.Parallel()
	h := importWorld(t)
	account := begin(h, "copy@example.com", "999900001111")
	skipped := append(fill(t, h, account, realDump, 1400), commit(t, h, account)...)
	want := []string{
		"arn:aws:iam::999900001111:user/dev/alice AttachUserPolicy NoSuchEntity: Policy arn:aws:iam::aws:policy/Unheard does not exist or is not attachable.",
		"arn:aws:iam::999900001111:user/dev/alice AddUserToGroup NoSuchEntity: The group with name nobody cannot be found.",
		"arn:aws:iam::999900001111:user/bob CreateUser NoSuchEntity: Scope ARN: arn:aws:iam::" + account + ":policy/gone does not exist or is not attachable.",
		"arn:aws:iam::999900001111:instance-profile/we%b CreateInstanceProfile ValidationError: 1 validation error detected: Value at 'instanceProfileName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
		"arn:aws:iam::999900001111:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport CreateRole InvalidInput: The path /aws-service-role/support.amazonaws.com/ and the name AWSServiceRoleForSupport are reserved for roles that AWS makes.",
		`arn:aws:iam::999900001111:role/vendor UpdateAssumeRolePolicy The role trusts nobody, since its trust policy was refused: MalformedPolicyDocument: Invalid principal in policy: "AWS":"arn:aws:iam::888800001111:role/scanner"`,
	}
	if diff := cmp.Diff(want, skipped); diff != "" {
		t.Error(diff)
	}

	h.Session("in", identity.AccountID(account), "OrganizationAccountAccessRole")
	in := func(operation string, parameters ...string) *servicetest.Answer {
		return h.As("in").Call("iam", operation, parameters...).OK()
	}
	if got := in("GetUser", "UserName", "alice"); got.Get("Arn") != "arn:aws:iam::"+account+":user/dev/alice" || got.Get("Value") != "blue" ||
		got.Get("PermissionsBoundaryArn") != "arn:aws:iam::"+account+":policy/base" {
		t.Errorf("%s", got.Body)
	}
	if got := strings.Join(in("ListGroupsForUser", "UserName", "alice").All("GroupName"), " "); got != "Admins" {
		t.Errorf("alice is in %s", got)
	}
	// The account's id is mapped where it names the account, and only there.
	h.View(func(tx *store.Tx) error {
		alice, err := tx.User(identity.AccountID(account), "alice")
		if err != nil {
			return err
		}
		if text := alice.Inline[0].Text; !strings.Contains(text, "logs-999900001111/") || !strings.Contains(text, `"aws:PrincipalAccount": "`+account+`"`) && !strings.Contains(text, `"aws:PrincipalAccount":"`+account+`"`) {
			t.Errorf("the inline policy is %s", text)
		}
		deploy, err := tx.Role(identity.AccountID(account), "deploy")
		if err != nil {
			return err
		}
		if deploy.Trust.Bindings["arn:aws:iam::"+account+":user/dev/alice"] != alice.ID || deploy.Trust.Bindings["arn:aws:iam::"+account+":role/deploy"] != deploy.ID {
			t.Errorf("deploy is bound to %v", deploy.Trust.Bindings)
		}
		return nil
	})
	if got := in("GetInstanceProfile", "InstanceProfileName", "web"); got.Get("RoleName") != "deploy" || !strings.Contains(got.Body, "arn:aws:iam::"+account+":instance-profile/m/web<") {
		t.Errorf("%s", got.Body)
	}
	if got := in("GetPolicy", "PolicyArn", "arn:aws:iam::"+account+":policy/base"); got.Get("DefaultVersionId") != "v4" {
		t.Errorf("%s", got.Body)
	}
	if got := strings.Join(in("ListPolicyVersions", "PolicyArn", "arn:aws:iam::"+account+":policy/base").All("VersionId"), " "); got != "v7 v4" {
		t.Errorf("versions are %s", got)
	}
	if got := in("CreatePolicyVersion", "PolicyArn", "arn:aws:iam::"+account+":policy/base", "PolicyDocument", allowAll); got.Get("VersionId") != "v8" {
		t.Errorf("the next version is %s", got.Body)
	}
	// The management account gets in, as into any account that it made.
	h.As("admin").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+account+":role/OrganizationAccountAccessRole", "RoleSessionName", "admin").OK()
	h.As("admin").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+account+":role/vendor", "RoleSessionName", "admin").Fails("AccessDenied")
	if got := h.As("admin").Call("organizations", "ListAccounts").OK().All("Id"); !slices.Contains(got, account) {
		t.Errorf("the accounts are %v", got)
	}
}

// TestNothingCountsBeforeTheCommit: whatever was written until a server was
// killed is in no organization, lets nobody in, and makes way for another try.
//
// Rules: TH-31
func TestNothingCountsBeforeTheCommit(t *testing.T) {
	t.Parallel()
	h := importWorld(t)
	account := begin(h, "copy@example.com", "999900001111")
	fill(t, h, account, realDump, 1400)
	var ids []string
	h.Update(func(tx *store.Tx) error { // as if the commit had come so far before it was killed
		p, err := tx.InstanceProfile(identity.AccountID(account), "web")
		if err != nil {
			return err
		}
		r, err := tx.Role(identity.AccountID(account), "deploy")
		if err != nil {
			return err
		}
		ids = []string{p.ID, r.ID}
		r.Trust = identity.ResourcePolicy{Text: trust(ours)}
		if err := tx.PutRole(r); err != nil {
			return err
		}
		return tx.RemoveImportedTrust(identity.AccountID(account), "deploy")
	})
	inert := func() {
		t.Helper()
		h.As("admin").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+account+":role/deploy", "RoleSessionName", "admin").Fails("AccessDenied")
		h.As("admin").Call("organizations", "DescribeAccount", "AccountId", account).Fails("AccountNotFoundException")
		if got := h.As("admin").Call("organizations", "ListAccounts").OK().All("Id"); slices.Contains(got, account) {
			t.Errorf("the accounts are %v", got)
		}
	}
	inert()
	importing(h, "admin", "AccountName", "copy", "Email", "root@"+ours+".invalid").Fails("ConflictException")

	// Another import under the address clears the first one away, whole.
	second := begin(h, "copy@example.com", "999900001111")
	inert()
	importing(h, "admin", "AccountId", account, "Commit:", "true").Fails("ImportNotFoundException")
	empty(t, h, account, ids...)
	importing(h, "admin", "AccountId", second, "Abandon:", "true").OK()
	importing(h, "admin", "AccountId", second, "Part:", "1", "Dump", "{}").Fails("ImportNotFoundException")
	empty(t, h, second)
}

// empty fails unless nothing is left of an account, nor of what had the ids.
func empty(t *testing.T, h *servicetest.Harness, account string, ids ...string) {
	t.Helper()
	h.View(func(tx *store.Tx) error {
		for _, id := range ids {
			if _, err := tx.Lookup(id); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s is there, %v", id, err)
			}
		}
		if _, err := tx.Account(identity.AccountID(account)); err == nil {
			t.Errorf("account %s is there", account)
		}
		users, _, err := tx.Users(identity.AccountID(account), store.Page[identity.User]{})
		if err != nil || len(users) > 0 {
			t.Errorf("%d users are there, %v", len(users), err)
		}
		more := false
		err = tx.Used(identity.AccountID(account), "", func(string, store.Uses) (bool, error) { more = true; return false, nil })
		if err != nil || more {
			t.Errorf("attachments are there, %v", err)
		}
		return nil
	})
}

// TestImportNeedsWhatItWrites: who may import and nothing else imports nothing,
// and each thing is asked for on the ARN that it will have.
//
// Rules: TH-31
func TestImportNeedsWhatItWrites(t *testing.T) {
	t.Parallel()
	h := importWorld(t)
	importer := func(statements ...string) string {
		all := append([]string{`{"Effect":"Allow","Action":["regent:ImportAccount","organizations:CreateAccount"],"Resource":"*"}`}, statements...)
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(all, ",") + `]}`
	}
	h.User("importer", ours, importer())
	h.User("stranger", ours, "")
	account := begin(h, "copy@example.com", "999900001111")
	const denied = "because no identity-based policy allows the "
	importing(h, "stranger", "AccountName", "copy", "Email", "a@example.com").Fails("AccessDeniedException")
	importing(h, "stranger", "AccountId", account, "Commit:", "true").Fails("AccessDeniedException")
	importing(h, "stranger", "AccountId", "123456789012", "Commit:", "true").Fails("AccessDeniedException")
	importing(h, "their-root", "AccountId", account, "Commit:", "true").Fails("ImportNotFoundException")
	importing(h, "importer", "AccountId", "123456789012", "Commit:", "true").Fails("ImportNotFoundException")

	path := "arn:aws:iam::" + account + ":"
	for _, test := range []struct{ part, action, resource string }{
		{`{"UserDetailList":[{"UserName":"a","Path":"/x/"}]}`, "iam:CreateUser", path + "user/x/a"},
		{`{"GroupDetailList":[{"GroupName":"g"}]}`, "iam:CreateGroup", path + "group/g"},
		{`{"Policies":[{"PolicyName":"p","PolicyVersionList":[{"VersionId":"v1","Document":{}}]}]}`, "iam:CreatePolicy", path + "policy/p"},
		{`{"RoleDetailList":[{"RoleName":"r"}]}`, "iam:CreateRole", path + "role/r"},
	} {
		a := importing(h, "importer", "AccountId", account, "Part:", "1", "Dump", test.part).Fails("AccessDeniedException")
		if !strings.Contains(a.Body, "to perform: "+test.action+" on resource: "+test.resource+" "+denied+test.action+" action") {
			t.Errorf("%s: %s", test.part, a.Body)
		}
	}

	// One that may make users, as long as they are bounded, and nothing more.
	bound := `{"Effect":"Allow","Action":"iam:CreateUser","Resource":"arn:aws:iam::*:user/x/*","Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::aws:policy/ReadOnlyAccess"}}}`
	h.User("bounder", ours, importer(bound))
	user := func(more string) string {
		return `{"UserDetailList":[{"UserName":"a","Path":"/x/"` + more + `}]}`
	}
	boundary := `,"PermissionsBoundary":{"PermissionsBoundaryArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}`
	for _, test := range []struct{ more, action string }{
		{"", "iam:CreateUser"},
		{boundary + `,"Tags":[{"Key":"k","Value":"v"}]`, "iam:TagUser"},
		{boundary + `,"UserPolicyList":[{"PolicyName":"p","PolicyDocument":{}}]`, "iam:PutUserPolicy"},
		{boundary + `,"AttachedManagedPolicies":[{"PolicyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}]`, "iam:AttachUserPolicy"},
		{boundary + `,"GroupList":["g"]`, "iam:AddUserToGroup"},
	} {
		a := importing(h, "bounder", "AccountId", account, "Part:", "1", "Dump", user(test.more)).Fails("AccessDeniedException")
		if !strings.Contains(a.Body, "to perform: "+test.action+" on resource: "+path) {
			t.Errorf("%s: %s", test.more, a.Body)
		}
	}
	importing(h, "bounder", "AccountId", account, "Part:", "1", "Dump", user(boundary)).OK()

	// A role that goes into an instance profile is handed on (TH-39).
	const profiled = `{"RoleDetailList":[{"RoleName":"r","InstanceProfileList":[{"InstanceProfileName":"i","Path":"/x/","Tags":[{"Key":"k","Value":"v"}]}]}]}`
	allowed := `{"Effect":"Allow","Action":["iam:CreateRole"`
	for _, want := range []string{
		"iam:CreateInstanceProfile on resource: " + path + "instance-profile/x/i",
		"iam:TagInstanceProfile on resource: " + path + "instance-profile/x/i",
		"iam:AddRoleToInstanceProfile on resource: " + path + "instance-profile/x/i",
		"iam:PassRole on resource: " + path + "role/r",
	} {
		action, _, _ := strings.Cut(want, " ")
		name := "without-" + strings.TrimPrefix(action, "iam:")
		h.User(name, ours, importer(allowed+`],"Resource":"*"}`))
		a := importing(h, name, "AccountId", account, "Part:", "2", "Dump", profiled).Fails("AccessDeniedException")
		if !strings.Contains(a.Body, "to perform: "+want) {
			t.Errorf("want %s: %s", want, a.Body)
		}
		allowed += `,"` + action + `"`
	}
	h.User("profiler", ours, importer(allowed+`],"Resource":"*"}`))
	importing(h, "profiler", "AccountId", account, "Part:", "2", "Dump", profiled).OK()
}

func TestImportCallsOutOfTurn(t *testing.T) {
	t.Parallel()
	h := importWorld(t)
	h.Account("777788889999", "alone")
	importing(h, "alone", "AccountName", "copy", "Email", "a@example.com").Fails("NotManagementAccountException")
	account := begin(h, "copy@example.com", "999900001111")
	for _, parameters := range [][]string{
		{},
		{"AccountName", "copy"},
		{"AccountId", account},
		{"AccountId", account, "Part:", "1"},
		{"AccountId", account, "Dump", "{}"},
		{"AccountId", account, "Commit:", "true", "Abandon:", "true"},
		{"AccountId", account, "Email", "a@example.com", "AccountName", "copy"},
		{"Part:", "1", "Dump", "{}"},
		{"AccountId", account, "Part:", "2", "Dump", "{}"},
		{"AccountId", account, "Part:", "1", "Dump", "[]"},
		{"AccountId", account, "Part:", "1", "Dump", `{"UserDetailList":{}}`},
	} {
		importing(h, "admin", parameters...).Fails("InvalidParameterException")
	}
	for _, parameters := range [][]string{
		{"AccountId", "12", "Commit:", "true"},
		{"AccountId", account, "Part:", "0", "Dump", "{}"},
		{"AccountName", "copy", "Email", "nobody"},
	} {
		importing(h, "admin", parameters...).Fails("ValidationException")
	}
	importing(h, "admin", "AccountId", account, "Part:", "1", "Dump", "{}").OK()
	importing(h, "admin", "AccountId", account, "Part:", "1", "Dump", "{}").Fails("InvalidParameterException", "The next part is 2.")

	// A part that did not come to its end must not be switched on.
	h.Update(func(tx *store.Tx) error {
		im, err := tx.Import(identity.AccountID(account))
		if err != nil {
			return err
		}
		im.Filling = true
		return tx.PutImport(im)
	})
	importing(h, "admin", "AccountId", account, "Part:", "2", "Dump", "{}").Fails("ConflictException")
	importing(h, "admin", "AccountId", account, "Commit:", "true").Fails("ConflictException")
}

// TestTheWayInIsTheManagementAccounts, whatever a dump's role of that name
// trusted.
func TestTheWayInIsTheManagementAccounts(t *testing.T) {
	t.Parallel()
	h := importWorld(t)
	const part = `{"RoleDetailList":[{"RoleName":"Way","Arn":"arn:aws:iam::999900001111:role/Way","AssumeRolePolicyDocument":` +
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + theirs + `:root"},"Action":"sts:AssumeRole"}]}}]}`
	account := begin(h, "copy@example.com", "999900001111", "RoleName", "Way")
	if got := fill(t, h, account, part, 1000); len(got) > 0 {
		t.Errorf("left out: %q", got)
	}
	if got := commit(t, h, account); len(got) != 1 || !strings.Contains(got[0], "The management account gets into the account by this role") {
		t.Errorf("the report is %q", got)
	}
	h.User("their-admin", theirs, allowAll)
	h.As("admin").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+account+":role/Way", "RoleSessionName", "admin").OK()
	h.As("their-admin").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+account+":role/Way", "RoleSessionName", "admin").Fails("AccessDenied")
}

func TestExportNeedsTwoPermissions(t *testing.T) {
	t.Parallel()
	h := importWorld(t)
	h.User("lister", ours, allow("iam:GetAccountAuthorizationDetails", "*"))
	h.User("exporter", ours, allow("regent:ExportAccount", "*"))
	for actor, missing := range map[string]string{"lister": "regent:ExportAccount", "exporter": "iam:GetAccountAuthorizationDetails"} {
		if a := h.As(actor).Call("regent", "ExportAccount").Fails("AccessDeniedException"); !strings.Contains(a.Body, missing) {
			t.Errorf("%s: %s", actor, a.Body)
		}
	}
	h.As("admin").Call("regent", "ExportAccount", "Marker", "nonsense").Fails("ValidationError")
}

// TestExportImportExport: the export of a copy is the export that it was made
// from, but for unique ids, dates and the account's own id.
func TestExportImportExport(t *testing.T) {
	t.Parallel()
	h := importWorld(t)
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		n++
		source := begin(h, fmt.Sprintf("source%d@example.com", n), "999900001111")
		commit(t, h, source)
		h.Session("in", identity.AccountID(source), "OrganizationAccountAccessRole")
		populate(r, h, source)
		first := export(t, h, source)
		copied := begin(h, fmt.Sprintf("copy%d@example.com", n), source)
		skipped := append(fill(t, h, copied, first, rapid.IntRange(12000, 100000).Draw(r, "part")), commit(t, h, copied)...)
		if len(skipped) > 0 {
			r.Fatalf("left out: %q", skipped)
		}
		if diff := cmp.Diff(same(dump.Accounts{source: copied}.Map(first)), same(export(t, h, copied))); diff != "" {
			r.Fatal(diff)
		}
	})
}

// populate fills an account at random, by the API.
func populate(r *rapid.T, h *servicetest.Harness, account string) {
	in := func(operation string, parameters ...string) { h.As("in").Call("iam", operation, parameters...).OK() }
	number := func(label string, most int) int { return rapid.IntRange(0, most).Draw(r, label) }
	pathOf := func() string { return rapid.SampledFrom([]string{"/", "/a/", "/a/b/"}).Draw(r, "path") }
	document := func() string {
		return rapid.SampledFrom([]string{
			allowAll,
			`{ "Version": "2012-10-17",  "Statement": {"Action": ["s3:Get*", "s3:List*"], "Effect": "Deny", "Resource": "arn:aws:iam::` + account + `:role/*"}}`,
			"{\n\t\"Version\":\"2012-10-17\",\n\"Statement\": [{\"Sid\": \"A\", \"Effect\": \"Allow\", \"NotAction\": \"iam:*\", \"Resource\": \"*\", \"Condition\": {\"NumericLessThan\": {\"aws:MultiFactorAuthAge\": 1e3}}}]\n}",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::<b&w>-` + account + `/*"}]}`,
		}).Draw(r, "document")
	}
	tags := func() (out []string) {
		for i := range number("tags", 3) {
			at := fmt.Sprintf("Tags.member.%d.", i+1)
			out = append(out, at+"Key", fmt.Sprintf("k%d", i), at+"Value", rapid.SampledFrom([]string{"", "v", "1/" + account, "ä: b"}).Draw(r, "value"))
		}
		return out
	}
	policies := []string{"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}
	for i := range number("policies", 3) {
		path, name := pathOf(), fmt.Sprintf("policy-%d", i)
		in("CreatePolicy", append([]string{"PolicyName", name, "Path", path, "PolicyDocument", document(), "Description", "it's <one>"}, tags()...)...)
		policyARN := "arn:aws:iam::" + account + ":policy" + path + name
		policies = append(policies, policyARN)
		for range number("versions", 3) {
			in("CreatePolicyVersion", "PolicyArn", policyARN, "PolicyDocument", document(), "SetAsDefault", strconv.FormatBool(number("default", 1) > 0))
		}
		for _, v := range h.As("in").Call("iam", "ListPolicyVersions", "PolicyArn", policyARN).OK().All("VersionId") {
			if number("delete", 2) == 0 && h.As("in").Call("iam", "GetPolicy", "PolicyArn", policyARN).OK().Get("DefaultVersionId") != v {
				in("DeletePolicyVersion", "PolicyArn", policyARN, "VersionId", v)
			}
		}
	}
	grant := func(kind, parameter, name string) {
		for i := range number("inline", 2) {
			in("Put"+kind+"Policy", parameter, name, "PolicyName", fmt.Sprintf("inline-%d", i), "PolicyDocument", document())
		}
		for range number("attached", 3) {
			in("Attach"+kind+"Policy", parameter, name, "PolicyArn", rapid.SampledFrom(policies).Draw(r, "policy"))
		}
	}
	boundary := func() []string {
		if number("bounded", 1) == 0 {
			return nil
		}
		return []string{"PermissionsBoundary", rapid.SampledFrom(policies).Draw(r, "boundary")}
	}
	groups := number("groups", 3)
	for i := range groups {
		name := fmt.Sprintf("Group-%d", i)
		in("CreateGroup", "GroupName", name, "Path", pathOf())
		grant("Group", "GroupName", name)
	}
	principals := []string{account, "arn:aws:iam::" + ours + ":root", "arn:aws:iam::" + ours + ":user/admin"}
	for i := range number("users", 3) {
		path, name := pathOf(), fmt.Sprintf("User%d", i)
		in("CreateUser", slices.Concat([]string{"UserName", name, "Path", path}, tags(), boundary())...)
		grant("User", "UserName", name)
		if groups > 0 {
			in("AddUserToGroup", "UserName", name, "GroupName", fmt.Sprintf("Group-%d", number("group", groups-1)))
			in("AddUserToGroup", "UserName", name, "GroupName", fmt.Sprintf("Group-%d", number("group", groups-1)))
		}
		principals = append(principals, "arn:aws:iam::"+account+":user"+path+name)
	}
	roles := number("roles", 3)
	for i := range roles { // each trusts one that is made after it, too
		path, name := pathOf(), fmt.Sprintf("Role%d", i)
		in("CreateRole", slices.Concat([]string{
			"RoleName", name, "Path", path, "AssumeRolePolicyDocument", trust(account), "Description", "d",
			"MaxSessionDuration", strconv.Itoa(3600 + 60*number("session", 9)),
		}, tags(), boundary())...)
		grant("Role", "RoleName", name)
		for j := range number("profiles", 2) {
			profile := fmt.Sprintf("Profile%d-%d", i, j)
			in("CreateInstanceProfile", append([]string{"InstanceProfileName", profile, "Path", pathOf()}, tags()...)...)
			in("AddRoleToInstanceProfile", "InstanceProfileName", profile, "RoleName", name)
		}
		principals = append(principals, "arn:aws:iam::"+account+":role"+path+name)
	}
	for i := range roles {
		in("UpdateAssumeRolePolicy", "RoleName", fmt.Sprintf("Role%d", i), "PolicyDocument", trust(rapid.SampledFrom(principals).Draw(r, "principal")))
	}
}
