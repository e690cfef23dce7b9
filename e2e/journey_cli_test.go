package e2e

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func trusting(account string, conditions ...string) string {
	condition := "{}"
	if len(conditions) > 0 {
		condition = conditions[0]
	}
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%s:root"},"Action":"sts:AssumeRole","Condition":%s}]}`, account, condition)
}

func allowing(action string, resources ...string) string {
	list, err := json.Marshal(resources)
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%q,"Resource":%s}]}`, action, list)
}

const s3FullAccess = "arn:aws:iam::aws:policy/AmazonS3FullAccess"

// bareRefusal is AWS's text for AssumeRole that cannot be told apart (EV-73).
func bareRefusal(user, role string) []string {
	return []string{"AccessDenied", "User: " + user + " is not authorized to perform: sts:AssumeRole on resource: " + role + "\n"}
}

// TestJourney is the promise of the README, as a person would do it: from an
// empty server to prod's buckets, with nothing but the AWS CLI.
//
// Rules: SE-1 SE-7 SE-9 SE-10 SE-11 EV-40 EV-42 EV-48 EV-51 EV-53 EV-73 ST-10 ST-12 ST-14 ST-20 ST-21 ST-50 ST-52 ST-53 ST-75 TV-11 TV-13
func TestJourney(t *testing.T) {
	t.Parallel()
	server := start(t, filepath.Join(t.TempDir(), "data"), "--dev")
	c := newCompany(t, server)
	role := "arn:aws:iam::" + c.prod + ":role/assumerole-s3-access"
	alice := "arn:aws:iam::" + c.dev + ":user/alice"
	bob := "arn:aws:iam::" + c.dev + ":user/bob"

	// 1. In prod: the role, its permissions, its tags; and something to see.
	c.aws("prod-admin", "iam", "create-account-alias", "--account-alias", "prod")
	c.aws("prod-admin", "iam", "create-role", "--role-name", "assumerole-s3-access", "--assume-role-policy-document", trusting(c.dev),
		"--tags", "Key=Name,Value=assumerole-s3-access")
	c.aws("prod-admin", "iam", "attach-role-policy", "--role-name", "assumerole-s3-access", "--policy-arn", s3FullAccess)
	c.aws("prod-admin", "s3", "mb", "s3://invoices-of-prod")
	c.aws("dev-admin", "s3", "mb", "s3://scratch-of-dev")

	// 2. In dev: users, a group, and in the group the right to assume the role.
	c.aws("dev-admin", "iam", "create-group", "--group-name", "grp_s3_admin")
	for _, name := range []string{"alice", "bob"} {
		c.aws("dev-admin", "iam", "create-user", "--user-name", name)
		c.newKey("dev-admin", name)
	}
	c.aws("dev-admin", "iam", "put-group-policy", "--group-name", "grp_s3_admin", "--policy-name", "assume", "--policy-document", allowing("sts:AssumeRole", role))
	c.aws("dev-admin", "iam", "add-user-to-group", "--group-name", "grp_s3_admin", "--user-name", "alice")

	// 4. The profile of the how-to, and what it shows.
	c.profile("prod-s3", "role_arn = "+role, "source_profile = alice", "role_session_name = alice")
	c.profile("prod-s3-bob", "role_arn = "+role, "source_profile = bob")
	if got := c.get("prod-s3", "[Account,Arn]", "sts", "get-caller-identity"); got != "["+c.prod+" arn:aws:sts::"+c.prod+":assumed-role/assumerole-s3-access/alice]" {
		t.Errorf("alice in the role is %s", got)
	}
	if got := c.aws("prod-s3", "s3", "ls"); !strings.Contains(got, "invoices-of-prod") || strings.Contains(got, "scratch-of-dev") {
		t.Errorf("alice in prod sees %q", got)
	}
	c.refused("alice", []string{"AccessDenied", "s3:ListAllMyBuckets"}, "s3", "ls")
	c.refused("prod-s3-bob", bareRefusal(bob, role), "s3", "ls")
	c.refused("prod-s3", []string{"AccessDenied", "iam:ListUsers"}, "iam", "list-users")

	t.Run("objects", func(t *testing.T) { journeyObjects(t, c) })

	// 5. A permission added to the role works at once in a running session.
	c.refused("prod-s3", []string{"AccessDenied", "iam:ListAccountAliases"}, "iam", "list-account-aliases")
	c.aws("prod-admin", "iam", "put-role-policy", "--role-name", "assumerole-s3-access", "--policy-name", "more", "--policy-document", allowing("iam:ListAccountAliases", "*"))
	if got := c.get("prod-s3", "AccountAliases[0]", "iam", "list-account-aliases"); got != "prod" {
		t.Errorf("alias is %s", got)
	}

	// A second role in the same list of resources.
	second := "arn:aws:iam::" + c.prod + ":role/second"
	c.aws("prod-admin", "iam", "create-role", "--role-name", "second", "--assume-role-policy-document", trusting(c.dev))
	c.refused("alice", bareRefusal(alice, second), "sts", "assume-role", "--role-arn", second, "--role-session-name", "x1")
	c.aws("dev-admin", "iam", "put-group-policy", "--group-name", "grp_s3_admin", "--policy-name", "assume", "--policy-document", allowing("sts:AssumeRole", role, second))
	c.aws("alice", "sts", "assume-role", "--role-arn", second, "--role-session-name", "x1")
	c.aws("alice", "sts", "assume-role", "--role-arn", role, "--role-session-name", "x1")

	t.Run("four cells", func(t *testing.T) { journeyFourCells(t, c) })
	t.Run("external id and mfa", func(t *testing.T) { journeyConditions(t, c) })

	// Chaining: an hour at most, whatever the role's maximum.
	c.aws("prod-admin", "iam", "update-role", "--role-name", "second", "--max-session-duration", "43200")
	c.aws("prod-admin", "iam", "update-assume-role-policy", "--role-name", "second", "--policy-document", trusting(c.prod))
	c.aws("prod-admin", "iam", "put-role-policy", "--role-name", "assumerole-s3-access", "--policy-name", "chain", "--policy-document", allowing("sts:AssumeRole", second))
	c.refused("prod-s3", []string{"ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."},
		"sts", "assume-role", "--role-arn", second, "--role-session-name", "chained", "--duration-seconds", "3601")
	c.aws("prod-s3", "sts", "assume-role", "--role-arn", second, "--role-session-name", "chained", "--duration-seconds", "3600")

	journeyEndings(t, c, role, alice)
}

// journeyObjects copies a large file up and down and shows one by a link.
func journeyObjects(t *testing.T, c *company) {
	large := filepath.Join(t.TempDir(), "large")
	content := make([]byte, 64<<20)
	if _, err := rand.Read(content); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(large, content, 0o600); err != nil {
		t.Fatal(err)
	}
	c.aws("prod-s3", "s3", "cp", large, "s3://invoices-of-prod/large", "--no-progress")
	c.aws("prod-s3", "s3", "cp", "s3://invoices-of-prod/large", large+".back", "--no-progress")
	back, err := os.ReadFile(large + ".back")
	if err != nil {
		t.Fatal(err)
	}
	if sha256.Sum256(back) != sha256.Sum256(content) {
		t.Errorf("64 MiB came back as %d other bytes", len(back))
	}
	link := strings.TrimSpace(c.aws("prod-s3", "s3", "presign", "s3://invoices-of-prod/large"))
	answer, err := http.Get(link) //nolint:noctx,gosec // the link is what is tested
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, answer.Body); err != nil {
		t.Fatal(err)
	}
	if want := sha256.Sum256(content); answer.StatusCode != http.StatusOK || string(sum.Sum(nil)) != string(want[:]) {
		t.Errorf("the link answers %s and other bytes", answer.Status)
	}
	if got := answer.Header.Get("Content-Security-Policy"); !strings.HasPrefix(got, "sandbox;") {
		t.Errorf("the object's policy is %q", got)
	}
	c.aws("prod-s3", "s3", "rm", "s3://invoices-of-prod/large")
	c.refused("prod-s3", []string{"404"}, "s3api", "head-object", "--bucket", "invoices-of-prod", "--key", "large")
}

// journeyFourCells tries identity permission × trust (SE-7): both sides are
// needed, and which one is missing cannot be told.
func journeyFourCells(t *testing.T, c *company) {
	carol := "arn:aws:iam::" + c.dev + ":user/carol"
	c.aws("dev-admin", "iam", "create-user", "--user-name", "carol")
	c.newKey("dev-admin", "carol")
	for _, cell := range []struct {
		name              string
		permission, trust bool
	}{
		{"neither", false, false}, {"permission only", true, false}, {"trust only", false, true}, {"both", true, true},
	} {
		t.Run(cell.name, func(t *testing.T) {
			name := "cell-" + strings.ReplaceAll(cell.name, " ", "-")
			role := "arn:aws:iam::" + c.prod + ":role/" + name
			trusted := c.prod
			if cell.trust {
				trusted = c.dev
			}
			c.aws("prod-admin", "iam", "create-role", "--role-name", name, "--assume-role-policy-document", trusting(trusted))
			if cell.permission {
				c.aws("dev-admin", "iam", "put-user-policy", "--user-name", "carol", "--policy-name", "assume", "--policy-document", allowing("sts:AssumeRole", role))
			} else {
				c.aws("dev-admin", "iam", "put-user-policy", "--user-name", "carol", "--policy-name", "assume", "--policy-document", allowing("sts:AssumeRole", role+"-other"))
			}
			assume := []string{"sts", "assume-role", "--role-arn", role, "--role-session-name", "carol"}
			if cell.permission && cell.trust {
				c.aws("carol", assume...)
			} else {
				c.refused("carol", bareRefusal(carol, role), assume...)
			}
		})
	}
	absent := "arn:aws:iam::" + c.prod + ":role/nobody-made-this"
	c.refused("carol", bareRefusal(carol, absent), "sts", "assume-role", "--role-arn", absent, "--role-session-name", "carol")
	// The accounts swapped: the role in dev, the user in prod (SE-1).
	swapped := "arn:aws:iam::" + c.dev + ":role/assumerole-s3-access"
	c.refused("carol", bareRefusal(carol, swapped), "sts", "assume-role", "--role-arn", swapped, "--role-session-name", "carol")
}

// journeyConditions makes roles that ask for an ExternalId and for MFA.
func journeyConditions(t *testing.T, c *company) {
	alice := "arn:aws:iam::" + c.dev + ":user/alice"
	external, guarded := "arn:aws:iam::"+c.prod+":role/external", "arn:aws:iam::"+c.prod+":role/guarded"
	c.aws("prod-admin", "iam", "create-role", "--role-name", "external", "--assume-role-policy-document",
		trusting(c.dev, `{"StringEquals":{"sts:ExternalId":"e-1"}}`))
	c.aws("prod-admin", "iam", "create-role", "--role-name", "guarded", "--assume-role-policy-document",
		trusting(c.dev, `{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`))
	c.aws("dev-admin", "iam", "put-user-policy", "--user-name", "alice", "--policy-name", "more", "--policy-document", allowing("sts:AssumeRole", external, guarded))

	assume := func(role string, more ...string) []string {
		return append([]string{"sts", "assume-role", "--role-arn", role, "--role-session-name", "alice"}, more...)
	}
	c.refused("alice", bareRefusal(alice, external), assume(external)...)
	c.refused("alice", bareRefusal(alice, external), assume(external, "--external-id", "e-2")...)
	c.aws("alice", assume(external, "--external-id", "e-1")...)
	c.profile("external", "role_arn = "+external, "source_profile = alice", "external_id = e-1")
	c.aws("external", "sts", "get-caller-identity")

	seed := filepath.Join(t.TempDir(), "seed")
	serial := c.get("dev-admin", "VirtualMFADevice.SerialNumber", "iam", "create-virtual-mfa-device", "--virtual-mfa-device-name", "alice-phone",
		"--bootstrap-method", "Base32StringSeed", "--outfile", seed)
	text, err := os.ReadFile(seed)
	if err != nil {
		t.Fatal(err)
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(strings.TrimSpace(string(text)), "="))
	if err != nil {
		if raw, err64 := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text))); err64 == nil {
			key, err = base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(string(raw))
		}
		if err != nil {
			t.Fatalf("seed %q: %v", text, err)
		}
	}
	now := c.serverNow(t)
	c.aws("dev-admin", "iam", "enable-mfa-device", "--user-name", "alice", "--serial-number", serial,
		"--authentication-code1", totp(key, now.Add(-30*time.Second)), "--authentication-code2", totp(key, now))
	c.refused("alice", bareRefusal(alice, guarded), assume(guarded)...)
	c.refused("alice", []string{"AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code."},
		assume(guarded, "--serial-number", serial, "--token-code", totp(key, now))...) // used when it was enabled
	c.server.advance(t, 2*time.Minute)
	code := totp(key, c.serverNow(t))
	c.aws("alice", assume(guarded, "--serial-number", serial, "--token-code", code)...)
	c.refused("alice", []string{"AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code."},
		assume(guarded, "--serial-number", serial, "--token-code", code)...)
}

// serverNow is the server's time.
func (c *company) serverNow(t testing.TB) time.Time {
	t.Helper()
	now, err := time.Parse(time.RFC3339Nano, c.server.dev(t, "clock", `{"advance":"0s"}`)["now"])
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// journeyEndings takes the permission away in every way there is.
func journeyEndings(t *testing.T, c *company, role, alice string) {
	// A session expires.
	c.aws("prod-s3", "s3", "ls")
	c.forget()
	session := c.session("alice", role)
	c.server.advance(t, 61*time.Minute)
	c.refused(session, []string{"ExpiredToken"}, "s3", "ls")
	c.forget()
	c.aws("prod-s3", "s3", "ls") // a new one is fetched by the CLI

	// Leaving the group ends the next AssumeRole, not the session that runs.
	session = c.session("alice", role)
	c.aws("dev-admin", "iam", "remove-user-from-group", "--group-name", "grp_s3_admin", "--user-name", "alice")
	c.aws(session, "s3", "ls")
	c.refused("alice", bareRefusal(alice, role), "sts", "assume-role", "--role-arn", role, "--role-session-name", "alice")
	c.aws("dev-admin", "iam", "add-user-to-group", "--group-name", "grp_s3_admin", "--user-name", "alice")

	// A key that is switched off signs nothing.
	key := c.get("dev-admin", "AccessKeyMetadata[0].AccessKeyId", "iam", "list-access-keys", "--user-name", "alice")
	c.aws("dev-admin", "iam", "update-access-key", "--user-name", "alice", "--access-key-id", key, "--status", "Inactive")
	c.refused("alice", []string{"InvalidClientTokenId", "The security token included in the request is invalid"}, "sts", "get-caller-identity")
	c.aws(session, "s3", "ls") // what was minted before lives on (ST-92)
	c.aws("dev-admin", "iam", "update-access-key", "--user-name", "alice", "--access-key-id", key, "--status", "Active")
	c.aws("alice", "sts", "get-caller-identity")

	// A role that is deleted and made again is another role.
	for _, policy := range []string{"more", "chain"} {
		c.aws("prod-admin", "iam", "delete-role-policy", "--role-name", "assumerole-s3-access", "--policy-name", policy)
	}
	c.refused("prod-admin", []string{"DeleteConflict", "Cannot delete entity, must detach all policies first."}, "iam", "delete-role", "--role-name", "assumerole-s3-access")
	c.aws("prod-admin", "iam", "detach-role-policy", "--role-name", "assumerole-s3-access", "--policy-arn", s3FullAccess)
	c.refused(session, []string{"AccessDenied", "because no identity-based policy allows the s3:ListAllMyBuckets action"}, "s3", "ls")
	c.aws("prod-admin", "iam", "delete-role", "--role-name", "assumerole-s3-access")
	c.refused(session, []string{"InvalidClientTokenId"}, "sts", "get-caller-identity")
	c.aws("prod-admin", "iam", "create-role", "--role-name", "assumerole-s3-access", "--assume-role-policy-document", trusting(c.dev))
	c.aws("prod-admin", "iam", "attach-role-policy", "--role-name", "assumerole-s3-access", "--policy-arn", s3FullAccess)
	c.refused(session, []string{"InvalidAccessKeyId"}, "s3", "ls")
	c.forget()
	c.aws("prod-s3", "s3", "ls")
}

// session assumes a role and returns a profile that holds the credentials
// themselves, so that nobody renews them.
func (c *company) session(profile, role string, more ...string) string {
	c.t.Helper()
	out := c.aws(profile, append([]string{"sts", "assume-role", "--role-arn", role, "--role-session-name", profile}, more...)...)
	return c.credentials(out)
}

var sessions int

// credentials makes a profile of the credentials in an answer of STS.
func (c *company) credentials(out string) string {
	c.t.Helper()
	var answer struct {
		Credentials struct{ AccessKeyId, SecretAccessKey, SessionToken string }
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		c.t.Fatal(err)
	}
	once.Lock()
	sessions++
	name := fmt.Sprintf("session-%d", sessions)
	once.Unlock()
	c.profile(name)
	k := answer.Credentials
	c.add("credentials", fmt.Sprintf("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\naws_session_token = %s\n", name, k.AccessKeyId, k.SecretAccessKey, k.SessionToken))
	return name
}

// TestDemo starts the demo and does what it prints, word by word.
//
// Rules: TH-107
func TestDemo(t *testing.T) {
	t.Parallel()
	data := filepath.Join(t.TempDir(), "data")
	server := start(t, data, "--demo")
	home := t.TempDir() // one home, as a person has: the CLI keeps sessions in it
	shell := func(command string) (string, error) {
		lines := strings.SplitN(server.stdout, "\n", 3)
		script := lines[0] + "\n" + lines[1] + "\nexport PATH=\"" + filepath.Join(root(t), ".venv", "bin") + ":$PATH\"\ncd " + root(t) + "\n" + command
		if !strings.HasPrefix(lines[0], "export AWS_CONFIG_FILE=") || !strings.HasPrefix(lines[1], "export AWS_SHARED_CREDENTIALS_FILE=") {
			return "", fmt.Errorf("the demo's text begins with %q", lines[:2])
		}
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", script)
		cmd.Env = environment("HOME="+home, "AWS_PAGER=")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, test := range []struct {
		command string
		fails   bool
		want    string
	}{
		{"aws sts get-caller-identity --profile alice", false, "arn:aws:iam::444455556666:user/alice"},
		{"aws s3 ls --profile prod-s3", false, "prod-invoices"},
		{"aws s3 cp README.md s3://prod-invoices/ --profile prod-s3", false, "upload: ./README.md"},
		{`curl -sf "$(aws s3 presign s3://prod-invoices/2026/11/invoice-0001.txt --profile prod-s3)"`, false, "Invoice 0001"},
		{
			"aws s3 ls --profile prod-s3-bob", true,
			"User: arn:aws:iam::444455556666:user/bob is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::111122223333:role/assumerole-s3-access",
		},
		{"aws iam add-user-to-group --group-name grp_s3_admin --user-name bob --profile dev-admin", false, ""},
		{"aws s3 ls --profile prod-s3-bob", false, "prod-backups"},
		{"aws iam list-account-aliases --profile prod-admin", false, "prod"},
		{"aws organizations list-accounts --profile root", false, "111122223333"},
	} {
		out, err := shell(test.command)
		if (err != nil) != test.fails || !strings.Contains(out, test.want) {
			t.Errorf("%s\n%v: %s\nwant %q", test.command, err, out, test.want)
		}
	}
	before, err := os.ReadFile(filepath.Join(data, "demo", "credentials"))
	if err != nil {
		t.Fatal(err)
	}
	if err := server.stop(); err != nil {
		t.Fatal(err)
	}
	again := start(t, data, "--demo")
	after, err := os.ReadFile(filepath.Join(data, "demo", "credentials"))
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("a second start changed the demo's credentials")
	}
	if strings.ReplaceAll(again.stdout, again.URL, server.URL) != onlyDemo(server.stdout) {
		t.Errorf("a second start prints\n%s\nafter\n%s", again.stdout, server.stdout)
	}
}

// onlyDemo is the demo's text without what only a first start says.
func onlyDemo(text string) string {
	if i := strings.Index(text, "export AWS_CONFIG_FILE="); i > 0 {
		return text[i:]
	}
	return text
}
