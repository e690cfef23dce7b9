package e2e

import (
	"encoding/base32"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// alone starts a server and returns its root as a person with a profile "root".
func alone(t *testing.T, flags ...string) *person {
	t.Helper()
	server := start(t, filepath.Join(t.TempDir(), "data"), flags...)
	p := newPerson(t, server)
	id, secret := rootKeys(t, server.Data)
	p.keys("root", id, secret)
	return p
}

// TestLives takes a user, a group, a role and a policy with five versions from
// beginning to end, by the AWS CLI.
//
// Rules: IA-40 IA-41 IA-44 IA-45
func TestLives(t *testing.T) {
	t.Parallel()
	p := alone(t)
	const conflict = "DeleteConflict"

	policyARN := p.get("root", "Policy.Arn", "iam", "create-policy", "--policy-name", "p", "--policy-document", allowing("s3:GetObject", "*"))
	for range 4 {
		p.aws("root", "iam", "create-policy-version", "--policy-arn", policyARN, "--policy-document", allowing("s3:ListBucket", "*"), "--set-as-default")
	}
	p.refused("root", []string{"LimitExceeded", "A managed policy can have up to 5 versions."},
		"iam", "create-policy-version", "--policy-arn", policyARN, "--policy-document", allowing("s3:*", "*"))
	p.aws("root", "iam", "set-default-policy-version", "--policy-arn", policyARN, "--version-id", "v1")
	p.aws("root", "iam", "delete-policy-version", "--policy-arn", policyARN, "--version-id", "v5")
	if got := p.get("root", "PolicyVersion.VersionId", "iam", "create-policy-version", "--policy-arn", policyARN, "--policy-document", allowing("s3:*", "*")); got != "v6" {
		t.Errorf("after v5 comes %s", got)
	}

	p.aws("root", "iam", "create-group", "--group-name", "g")
	p.aws("root", "iam", "attach-group-policy", "--group-name", "g", "--policy-arn", policyARN)
	p.aws("root", "iam", "create-user", "--user-name", "u", "--tags", "Key=team,Value=blue")
	p.aws("root", "iam", "add-user-to-group", "--group-name", "g", "--user-name", "u")
	p.newKey("root", "u")
	if got := p.get("u", "Arn", "sts", "get-caller-identity"); !strings.HasSuffix(got, ":user/u") {
		t.Errorf("u is %s", got)
	}
	p.refused("root", []string{conflict, "must remove users from group first"}, "iam", "delete-user", "--user-name", "u")
	p.aws("root", "iam", "remove-user-from-group", "--group-name", "g", "--user-name", "u")
	p.refused("root", []string{conflict, "must delete access keys first"}, "iam", "delete-user", "--user-name", "u")
	key := p.get("root", "AccessKeyMetadata[0].AccessKeyId", "iam", "list-access-keys", "--user-name", "u")
	p.aws("root", "iam", "delete-access-key", "--user-name", "u", "--access-key-id", key)
	p.aws("root", "iam", "delete-user", "--user-name", "u")
	p.refused("u", []string{"InvalidClientTokenId"}, "sts", "get-caller-identity")
	p.refused("root", []string{conflict, "must detach all policies first"}, "iam", "delete-group", "--group-name", "g")
	p.aws("root", "iam", "detach-group-policy", "--group-name", "g", "--policy-arn", policyARN)
	p.aws("root", "iam", "delete-group", "--group-name", "g")

	account := p.get("root", "Account", "sts", "get-caller-identity")
	p.aws("root", "iam", "create-role", "--role-name", "r", "--assume-role-policy-document", trusting(account), "--max-session-duration", "7200")
	p.aws("root", "iam", "attach-role-policy", "--role-name", "r", "--policy-arn", policyARN)
	p.refused("root", []string{conflict}, "iam", "delete-policy", "--policy-arn", policyARN)
	p.refused("root", []string{conflict, "must detach all policies first"}, "iam", "delete-role", "--role-name", "r")
	p.aws("root", "iam", "detach-role-policy", "--role-name", "r", "--policy-arn", policyARN)
	p.aws("root", "iam", "delete-role", "--role-name", "r")
	p.refused("root", []string{"NoSuchEntity", "The role with name r cannot be found."}, "iam", "get-role", "--role-name", "r")
}

// TestMFAByTheCLI enrols a virtual device and takes it away again.
func TestMFAByTheCLI(t *testing.T) {
	t.Parallel()
	p := alone(t)
	p.aws("root", "iam", "create-user", "--user-name", "u")
	seedFile := filepath.Join(p.home, "seed")
	serial := p.get("root", "VirtualMFADevice.SerialNumber", "iam", "create-virtual-mfa-device", "--virtual-mfa-device-name", "phone",
		"--bootstrap-method", "Base32StringSeed", "--outfile", seedFile)
	raw, err := os.ReadFile(seedFile)
	if err != nil {
		t.Fatal(err)
	}
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(strings.TrimSpace(string(raw)), "="))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	p.refused("root", []string{"InvalidAuthenticationCode"}, "iam", "enable-mfa-device", "--user-name", "u", "--serial-number", serial,
		"--authentication-code1", "000000", "--authentication-code2", "000000")
	p.aws("root", "iam", "enable-mfa-device", "--user-name", "u", "--serial-number", serial,
		"--authentication-code1", totp(seed, now), "--authentication-code2", totp(seed, now.Add(30*time.Second)))
	if got := p.get("root", "MFADevices[].UserName", "iam", "list-mfa-devices", "--user-name", "u"); got != "[u]" {
		t.Errorf("the device is of %s", got)
	}
	p.refused("root", []string{"DeleteConflict", "must delete MFA device first"}, "iam", "delete-user", "--user-name", "u")
	p.aws("root", "iam", "deactivate-mfa-device", "--user-name", "u", "--serial-number", serial)
	p.aws("root", "iam", "delete-virtual-mfa-device", "--serial-number", serial)
	p.aws("root", "iam", "delete-user", "--user-name", "u")
}

// rootOf makes a profile of the root of a member account, by --dev.
func (p *person) rootOf(name, account string) {
	p.t.Helper()
	key := p.server.dev(p.t, "root-key?account="+account, "")
	p.keys(name, key["AccessKeyId"], key["SecretAccessKey"])
}

// member makes an account and returns its id.
func (p *person) member(name string) string {
	p.t.Helper()
	request := p.get("root", "CreateAccountStatus.Id", "organizations", "create-account", "--account-name", name, "--email", name+"@example.com")
	return p.get("root", "CreateAccountStatus.AccountId", "organizations", "describe-create-account-status", "--create-account-request-id", request)
}

// TestAnOrganizationOfSix has three units and six accounts, and a policy on one
// unit that reaches the accounts below it and no others.
//
// Rules: OR-5 OR-20
func TestAnOrganizationOfSix(t *testing.T) {
	t.Parallel()
	p := alone(t, "--dev")
	p.aws("root", "organizations", "create-organization")
	rootID := p.get("root", "Roots[0].Id", "organizations", "list-roots")
	unit := func(name, parent string) string {
		return p.get("root", "OrganizationalUnit.Id", "organizations", "create-organizational-unit", "--name", name, "--parent-id", parent)
	}
	workloads := unit("workloads", rootID)
	production := unit("production", workloads)
	sandbox := unit("sandbox", rootID)
	var accounts []string
	for i, parent := range []string{production, production, workloads, sandbox, sandbox, rootID} {
		account := p.member(fmt.Sprintf("account-%d", i))
		if parent != rootID {
			p.aws("root", "organizations", "move-account", "--account-id", account, "--source-parent-id", rootID, "--destination-parent-id", parent)
		}
		accounts = append(accounts, account)
	}
	policy := p.get("root", "Policy.PolicySummary.Id", "organizations", "create-policy", "--type", "SERVICE_CONTROL_POLICY", "--name", "no-users",
		"--description", "", "--content", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:CreateUser","Resource":"*"}]}`)
	p.aws("root", "organizations", "attach-policy", "--policy-id", policy, "--target-id", workloads)
	for i, bitten := range map[int]bool{0: true, 2: true, 3: false, 5: false} { // the others are as their neighbors
		name := fmt.Sprintf("root-%d", i)
		p.rootOf(name, accounts[i])
		if bitten {
			p.refused(name, []string{"AccessDenied", "with an explicit deny in a service control policy"}, "iam", "create-user", "--user-name", "u")
		} else {
			p.aws(name, "iam", "create-user", "--user-name", "u")
		}
	}
	p.refused("root", []string{"OrganizationalUnitNotEmptyException"}, "organizations", "delete-organizational-unit", "--organizational-unit-id", production)
	p.aws("root", "organizations", "move-account", "--account-id", accounts[0], "--source-parent-id", production, "--destination-parent-id", sandbox)
	p.aws("root-0", "iam", "create-user", "--user-name", "u")
}

// TestAnInvitation moves an account from the organization of one management
// account into that of another, which invites it.
//
// Rules: OR-3
func TestAnInvitation(t *testing.T) {
	t.Parallel()
	p := alone(t, "--dev")
	p.aws("root", "organizations", "create-organization")
	partner, mover := p.member("partner"), p.member("mover")
	p.rootOf("partner", partner)
	p.rootOf("mover", mover)
	p.aws("partner", "organizations", "leave-organization")
	p.aws("partner", "organizations", "create-organization")
	invitation := p.get("partner", "Handshake.Id", "organizations", "invite-account-to-organization", "--target", "Type=ACCOUNT,Id="+mover, "--notes", "Come over.")
	if got := p.get("mover", "Handshakes[].[Id,State]", "organizations", "list-handshakes-for-account"); got != "[["+invitation+" OPEN]]" {
		t.Errorf("mover sees %s", got)
	}
	p.refused("root", []string{"HandshakeNotFoundException"}, "organizations", "describe-handshake", "--handshake-id", invitation)
	p.aws("mover", "organizations", "accept-handshake", "--handshake-id", invitation)
	if got := p.get("partner", "sort(Accounts[].Name)", "organizations", "list-accounts"); got != "[mover partner]" {
		t.Errorf("the partner has %s", got)
	}
	if got := p.get("root", "length(Accounts)", "organizations", "list-accounts"); got != "1" {
		t.Errorf("%s accounts stayed behind", got)
	}
	p.refused("mover", []string{"AccessDeniedException"}, "organizations", "list-accounts")
	p.refused("partner", []string{"InvalidHandshakeTransitionException"}, "organizations", "cancel-handshake", "--handshake-id", invitation)
}

// TestImportAndExport copies an account by what the AWS CLI prints of it, and
// the copy by what Regent prints of that.
//
// Rules: TH-31
func TestImportAndExport(t *testing.T) {
	t.Parallel()
	p := alone(t, "--dev")
	source := p.get("root", "Account", "sts", "get-caller-identity")
	p.aws("root", "organizations", "create-organization")
	p.aws("root", "iam", "create-group", "--group-name", "g")
	p.aws("root", "iam", "put-group-policy", "--group-name", "g", "--policy-name", "own", "--policy-document", allowing("sts:AssumeRole", "arn:aws:iam::"+source+":role/x/r"))
	p.aws("root", "iam", "create-user", "--user-name", "u", "--path", "/x/", "--tags", "Key=team,Value=blue")
	p.aws("root", "iam", "add-user-to-group", "--group-name", "g", "--user-name", "u")
	p.aws("root", "iam", "create-role", "--role-name", "r", "--path", "/x/", "--assume-role-policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+source+`:user/x/u"},"Action":"sts:AssumeRole"}]}`)
	p.aws("root", "iam", "attach-role-policy", "--role-name", "r", "--policy-arn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess")

	copyOf := func(file, name string) string {
		t.Helper()
		out, failure, code := p.regent("import", file, "--profile", "root", "--name", name, "--email", name+"@example.com", "--json")
		var report struct {
			AccountID string `json:"AccountId"`
			State     string
			Skipped   []struct{ Item, Reason string }
		}
		if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 || report.State != "ACTIVE" {
			t.Fatalf("regent import %s: %d %v\n%s%s", file, code, err, out, failure)
		}
		for _, s := range report.Skipped {
			if !strings.Contains(s.Item, "role/aws-service-role/") {
				t.Errorf("%s was left out: %s", s.Item, s.Reason)
			}
		}
		return report.AccountID
	}
	write := func(name, text string) string {
		t.Helper()
		file := filepath.Join(p.home, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	first := copyOf(write("real.json", p.aws("root", "iam", "get-account-authorization-details")), "first")
	p.rootOf("first", first)
	exported, failure, code := p.regent("export", "--profile", "first")
	if code != 0 {
		t.Fatalf("regent export: %d %s", code, failure)
	}
	second := copyOf(write("copy.json", exported), "second")
	p.rootOf("second", second)
	again, _, _ := p.regent("export", "--profile", "second")
	if got, want := copied(t, again, second), copied(t, exported, first); got != want {
		t.Errorf("the copy of the copy is\n%s\nwant\n%s", got, want)
	}

	// In the copy one may do what one may in the original.
	p.newKey("second", "u")
	p.profile("r", "role_arn = arn:aws:iam::"+second+":role/x/r", "source_profile = u")
	if got := p.get("r", "Group.Arn", "iam", "get-group", "--group-name", "g"); got != "arn:aws:iam::"+second+":group/g" {
		t.Errorf("u as r sees %s", got)
	}
	p.refused("u", []string{"AccessDenied"}, "iam", "get-group", "--group-name", "g")

	// Who may import, and not what it would write, leaves nothing behind.
	p.aws("root", "iam", "create-user", "--user-name", "importer")
	p.aws("root", "iam", "put-user-policy", "--user-name", "importer", "--policy-name", "p", "--policy-document",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["regent:ImportAccount","organizations:CreateAccount"],"Resource":"*"}]}`)
	p.newKey("root", "importer")
	_, failure, code = p.regent("import", filepath.Join(p.home, "copy.json"), "--profile", "importer", "--name", "third", "--email", "third@example.com")
	if code != 1 || !strings.Contains(failure, "is not authorized to perform: iam:CreateGroup on resource: arn:aws:iam::") || !strings.Contains(failure, "(nothing was imported)") {
		t.Errorf("the importer is told %d %s", code, failure)
	}
	if got := p.get("root", "length(Accounts)", "organizations", "list-accounts"); got != "3" {
		t.Errorf("there are %s accounts", got)
	}
}

// copied is an export without what differs from copy to copy.
func copied(t *testing.T, text, account string) string {
	t.Helper()
	var all any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	var strip func(any)
	strip = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range []string{"UserId", "GroupId", "RoleId", "PolicyId", "CreateDate", "UpdateDate"} {
				delete(v, name)
			}
			for _, inner := range v {
				strip(inner)
			}
		case []any:
			for _, inner := range v {
				strip(inner)
			}
		}
	}
	strip(all)
	raw, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(raw), account, "ACCOUNT")
}
