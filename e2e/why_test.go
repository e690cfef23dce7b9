package e2e

import (
	"bytes"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// An explained is what "regent why --json" prints, as far as it is read here.
type explained struct {
	RequestID      string `json:"RequestId"`
	Basis          string
	Decision       string
	Reason         string
	EncodedMessage string
	Layers         []struct {
		Layer            string
		Visible          bool
		Matched, Closest []struct {
			PolicyName, Sid string
			Line            int
			Mismatch        struct {
				Key                         string
				PolicyValues, RequestValues []string
				Absent                      bool
			}
		}
	}
	Fixes []struct {
		Layer, Text, Statement, PolicyName, PolicyArn, Account string
	}
}

// regent runs the command as a person would.
func (p *person) regent(args ...string) (stdout, stderr string, code int) {
	p.t.Helper()
	cmd := exec.CommandContext(p.t.Context(), program(p.t), args...)
	var out, failure bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = p.env, p.home, &out, &failure
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		p.t.Fatal(err)
	}
	return out.String(), failure.String(), cmd.ProcessState.ExitCode()
}

// why explains, for people and for programs; all of want has to be in the text.
func (p *person) why(profile string, want []string, args ...string) explained {
	p.t.Helper()
	args = append([]string{"why", "--profile", profile}, args...)
	text, failure, code := p.regent(args...)
	if code != 0 {
		p.t.Fatalf("regent %s: %d\n%s", strings.Join(args, " "), code, failure)
	}
	for _, w := range want {
		if !strings.Contains(text, w) {
			p.t.Errorf("regent %s says\n%s\nwant %q in it", strings.Join(args[:3], " "), text, w)
		}
	}
	raw, failure, code := p.regent(append(args, "--json")...)
	var x explained
	if err := json.Unmarshal([]byte(raw), &x); err != nil || code != 0 {
		p.t.Fatalf("regent %s --json: %d %v\n%s%s", strings.Join(args, " "), code, err, raw, failure)
	}
	return x
}

// fix returns the statement that the explanation would add to a layer.
func (x explained) fix(t *testing.T, layer string) string {
	t.Helper()
	for _, f := range x.Fixes {
		if f.Layer == layer && f.Statement != "" {
			return `{"Version":"2012-10-17","Statement":[` + f.Statement + `]}`
		}
	}
	t.Fatalf("no statement is proposed for %s: %+v", layer, x.Fixes)
	return ""
}

// A refusedCase is a call that is refused, and how it comes to be allowed.
type refusedCase struct {
	caller string   // the profile that calls
	call   []string // of the AWS CLI
	says   []string // what AWS's text has in it
	// own is what the caller is told.
	own []string
	// admin is the profile of who can mend it, told what it is told: by the
	// message that the caller hands over.
	admin string
	told  []string
	// mend does what the explanation proposes, and returns the call that has to
	// succeed then.
	mend func(t *testing.T, own, told explained) (caller string, call []string)
}

// TestWhy refuses a call in every way there is, reads why, by the last one, by
// its id and by the message, does what is proposed, and calls again.
//
// Rules: EV-70 EV-71 EV-72 EV-73 EV-77 ST-77 TH-61
func TestWhy(t *testing.T) {
	t.Parallel()
	server := start(t, filepath.Join(t.TempDir(), "data"), "--dev")
	c := newCompany(t, server)
	w := newWhyWorld(t, c)
	for _, each := range []struct {
		name string
		make func(*testing.T) refusedCase
	}{
		{"missing identity permission", w.identity},
		{"missing trust", w.trust},
		{"wrong external id", w.externalID},
		{"permissions boundary", w.boundary},
		{"session policy", w.session},
		{"service control policy", w.scp},
		{"explicit deny", w.deny},
		{"bucket policy", w.bucket},
		{"no MFA", w.mfa},
	} {
		t.Run(each.name, func(t *testing.T) {
			r := each.make(t)
			c.refused(r.caller, append([]string{"AccessDenied"}, r.says...), r.call...)
			own := c.why(r.caller, r.own, "--last")
			if own.Basis != "THEN" || own.RequestID == "" {
				t.Errorf("%+v", own)
			}
			if byID := c.why(r.caller, r.own, own.RequestID); byID.RequestID != own.RequestID || byID.Reason != own.Reason {
				t.Errorf("by its id: %+v", byID)
			}
			told := c.why(r.admin, r.told, "--message", own.EncodedMessage)
			if told.RequestID != own.RequestID {
				t.Errorf("by the message: %+v", told)
			}
			caller, call := r.mend(t, own, told)
			c.aws(caller, call...)
		})
	}
	t.Run("what why cannot explain", func(t *testing.T) { whyNot(t, c) })
}

// A whyWorld is what the cases are about: a role and a bucket in prod, and
// alice in dev.
type whyWorld struct {
	*company
	alice, role string
}

func newWhyWorld(t *testing.T, c *company) *whyWorld {
	t.Helper()
	w := &whyWorld{c, "arn:aws:iam::" + c.dev + ":user/alice", "arn:aws:iam::" + c.prod + ":role/s3"}
	c.aws("dev-admin", "iam", "create-user", "--user-name", "alice")
	c.newKey("dev-admin", "alice")
	c.aws("prod-admin", "iam", "create-role", "--role-name", "s3", "--assume-role-policy-document", trusting(c.dev))
	c.aws("prod-admin", "iam", "attach-role-policy", "--role-name", "s3", "--policy-arn", s3FullAccess)
	c.aws("prod-admin", "s3", "mb", "s3://why-of-prod")
	return w
}

func (w *whyWorld) permit(name, document string) {
	w.aws("dev-admin", "iam", "put-user-policy", "--user-name", "alice", "--policy-name", name, "--policy-document", document)
}

func (w *whyWorld) assume(role string, more ...string) []string {
	return append([]string{"sts", "assume-role", "--role-arn", role, "--role-session-name", "alice"}, more...)
}

func (w *whyWorld) list() []string {
	return []string{"s3api", "list-objects-v2", "--bucket", "why-of-prod"}
}

func (w *whyWorld) identity(*testing.T) refusedCase {
	call := []string{"iam", "create-user", "--user-name", "made-by-alice"}
	const reason = "No identity-based policy of arn:aws:iam::%s:user/alice allows iam:CreateUser on arn:aws:iam::%s:user/made-by-alice."
	return refusedCase{
		caller: "alice", call: call, says: []string{"because no identity-based policy allows the iam:CreateUser action"},
		own:   []string{"Refused: iam:CreateUser", "Reason: " + fmt.Sprintf(reason, w.dev, w.dev), "add to the identity policies:", "in account " + w.dev},
		admin: "dev-admin", told: []string{"add to the identity policies:"},
		mend: func(t *testing.T, own, _ explained) (string, []string) {
			w.permit("create", own.fix(t, "identity"))
			return "alice", call
		},
	}
}

func (w *whyWorld) trust(*testing.T) refusedCase {
	role := "arn:aws:iam::" + w.prod + ":role/missing-trust"
	w.aws("prod-admin", "iam", "create-role", "--role-name", "missing-trust", "--assume-role-policy-document", trusting(w.prod))
	w.permit("assume", allowing("sts:AssumeRole", role))
	return refusedCase{
		caller: "alice", call: w.assume(role), says: bareRefusal(w.alice, role),
		own:   []string{"Reason: Your side allows it: a policy that you may not read refused it.", "The trust policy of " + role + " has to allow it", "in account " + w.prod},
		admin: "prod-admin", told: []string{"The role trust policy of " + role + " names neither " + w.alice, "add to the trust policy of the role:"},
		mend: func(t *testing.T, own, told explained) (string, []string) {
			if own.fix(t, "resource") != told.fix(t, "trust") {
				t.Errorf("alice would add %s, the administrator %s", own.fix(t, "resource"), told.fix(t, "trust"))
			}
			w.aws("prod-admin", "iam", "update-assume-role-policy", "--role-name", "missing-trust", "--policy-document", told.fix(t, "trust"))
			return "alice", w.assume(role)
		},
	}
}

func (w *whyWorld) externalID(*testing.T) refusedCase {
	role := "arn:aws:iam::" + w.prod + ":role/external"
	w.aws("prod-admin", "iam", "create-role", "--role-name", "external", "--assume-role-policy-document",
		trusting(w.dev, `{"StringEquals":{"sts:ExternalId":"partner-7731"}}`))
	w.permit("assume", allowing("sts:AssumeRole", role))
	return refusedCase{
		caller: "alice", call: w.assume(role, "--external-id", "partner-7713"), says: bareRefusal(w.alice, role),
		own:   []string{"Reason: Your side allows it", "an external id or the like"},
		admin: "prod-admin", told: []string{`sts:ExternalId must meet StringEquals of "partner-7731", and is "partner-7713"`},
		mend: func(t *testing.T, own, told explained) (string, []string) {
			if raw, _ := json.Marshal(own); bytes.Contains(raw, []byte("partner-7731")) {
				t.Errorf("alice learns the external id: %s", raw)
			}
			for _, l := range told.Layers {
				if l.Layer == "trust" && len(l.Closest) == 1 && l.Closest[0].Mismatch.Key == "sts:ExternalId" {
					return "alice", w.assume(role, "--external-id", l.Closest[0].Mismatch.PolicyValues[0])
				}
			}
			t.Fatalf("%+v", told)
			return "", nil
		},
	}
}

func (w *whyWorld) boundary(*testing.T) refusedCase {
	w.permit("groups", allowing("iam:ListGroups", "*"))
	arn := w.get("dev-admin", "Policy.Arn", "iam", "create-policy", "--policy-name", "limit", "--policy-document", allowing("s3:*", "*"))
	w.aws("dev-admin", "iam", "put-user-permissions-boundary", "--user-name", "alice", "--permissions-boundary", arn)
	return refusedCase{
		caller: "alice", call: []string{"iam", "list-groups"}, says: []string{"because no permissions boundary allows the iam:ListGroups action"},
		own:   []string{"Reason: No permissions boundary allows iam:ListGroups", "✓ identity policies: allow it", "✗ permissions boundary: do not allow it", "of limit"},
		admin: "dev-admin", told: []string{"add to the permissions boundary:"},
		mend: func(t *testing.T, own, _ explained) (string, []string) {
			w.aws("dev-admin", "iam", "create-policy-version", "--policy-arn", arn, "--policy-document", own.fix(t, "boundary"), "--set-as-default")
			t.Cleanup(func() { w.aws("dev-admin", "iam", "delete-user-permissions-boundary", "--user-name", "alice") })
			return "alice", []string{"iam", "list-groups"}
		},
	}
}

func (w *whyWorld) session(*testing.T) refusedCase {
	w.permit("assume", allowing("sts:AssumeRole", w.role))
	narrow := w.company.session("alice", w.role, "--policy", allowing("s3:GetObject", "arn:aws:s3:::why-of-prod/*"))
	return refusedCase{
		caller: narrow, call: w.list(), says: []string{"because no session policy allows the s3:ListBucket action"},
		own:   []string{"Reason: No session policy allows s3:ListBucket", "✓ identity policies: allow it", `its action is "s3:GetObject", not "s3:ListBucket"`},
		admin: "prod-admin", told: []string{"✗ session policies: do not allow it", "add to the session policies:"},
		mend: func(t *testing.T, own, _ explained) (string, []string) {
			return w.company.session("alice", w.role, "--policy", own.fix(t, "session")), w.list()
		},
	}
}

func (w *whyWorld) scp(t *testing.T) refusedCase {
	session := w.company.session("alice", w.role)
	id := w.get("root", "Policy.PolicySummary.Id", "organizations", "create-policy", "--name", "no-lists", "--description", "no lists", "--type", "SERVICE_CONTROL_POLICY",
		"--content", `{"Version":"2012-10-17","Statement":[{"Sid":"NoLists","Effect":"Deny","Action":"s3:ListBucket","Resource":"*"}]}`)
	w.aws("root", "organizations", "attach-policy", "--policy-id", id, "--target-id", w.prod)
	return refusedCase{
		caller: session, call: w.list(), says: []string{"with an explicit deny in a service control policy"},
		own:   []string{"Reason: A service control policy denies s3:ListBucket.", "? A policy of the organization: you may not read those.", "management account"},
		admin: "root", told: []string{`Deny, statement "NoLists" (line 1, column 38) of no-lists`, "? The policies of the principal: you may not read them."},
		mend: func(t *testing.T, own, told explained) (string, []string) {
			if raw, _ := json.Marshal(own); bytes.Contains(raw, []byte("NoLists")) || bytes.Contains(raw, []byte("no-lists")) {
				t.Errorf("a member reads the control policy: %s", raw)
			}
			if len(told.Fixes) != 1 || told.Fixes[0].PolicyName != "no-lists" || !strings.HasSuffix(told.Fixes[0].PolicyArn, id) {
				t.Errorf("%+v", told.Fixes)
			}
			w.aws("root", "organizations", "detach-policy", "--policy-id", id, "--target-id", w.prod)
			return session, w.list()
		},
	}
}

func (w *whyWorld) deny(*testing.T) refusedCase {
	w.permit("roles", allowing("iam:ListRoles", "*"))
	w.permit("no-roles", "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\"Effect\": \"Deny\", \"Action\": \"iam:List*\", \"Resource\": \"*\"}\n  ]\n}")
	return refusedCase{
		caller: "alice", call: []string{"iam", "list-roles"}, says: []string{"with an explicit deny in an identity-based policy"},
		own:   []string{"Reason: An identity-based policy denies iam:ListRoles.", "Deny, statement 1 (line 4, column 5) of no-roles"},
		admin: "dev-admin", told: []string{`Statement 1 (line 4) of the identity-based policy "no-roles" denies iam:ListRoles`},
		mend: func(_ *testing.T, own, _ explained) (string, []string) {
			w.aws("dev-admin", "iam", "delete-user-policy", "--user-name", "alice", "--policy-name", own.Fixes[0].PolicyName)
			return "alice", []string{"iam", "list-roles"}
		},
	}
}

func (w *whyWorld) bucket(*testing.T) refusedCase {
	w.permit("s3", allowing("s3:ListBucket", "arn:aws:s3:::why-of-prod"))
	return refusedCase{
		caller: "alice", call: w.list(),
		says:  []string{"because no resource-based policy allows the s3:ListBucket action"}, // of one organization (EV-72)
		own:   []string{"Reason: No resource-based policy allows s3:ListBucket", "? A policy of the resource: you may not read it.", "The policy of arn:aws:s3:::why-of-prod has to allow it"},
		admin: "prod-admin", told: []string{"The resource-based policy of arn:aws:s3:::why-of-prod names neither " + w.alice, "add to the policy of the resource:", "in account " + w.prod},
		mend: func(t *testing.T, _, told explained) (string, []string) {
			w.aws("prod-admin", "s3api", "put-bucket-policy", "--bucket", "why-of-prod", "--policy", told.fix(t, "resource"))
			return "alice", w.list()
		},
	}
}

func (w *whyWorld) mfa(t *testing.T) refusedCase {
	w.permit("tags", `{"Version":"2012-10-17","Statement":[{"Sid":"WithMFA","Effect":"Allow","Action":"iam:ListMFADevices","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`)
	seed := filepath.Join(t.TempDir(), "seed")
	serial := w.get("dev-admin", "VirtualMFADevice.SerialNumber", "iam", "create-virtual-mfa-device", "--virtual-mfa-device-name", "alice-phone",
		"--bootstrap-method", "Base32StringSeed", "--outfile", seed)
	text, err := os.ReadFile(seed)
	if err != nil {
		t.Fatal(err)
	}
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.TrimRight(strings.TrimSpace(string(text)), "="))
	if err != nil {
		t.Fatalf("seed %q: %v", text, err)
	}
	now := w.serverNow(t)
	w.aws("dev-admin", "iam", "enable-mfa-device", "--user-name", "alice", "--serial-number", serial,
		"--authentication-code1", totp(key, now.Add(-30*time.Second)), "--authentication-code2", totp(key, now))
	call := []string{"iam", "list-mfa-devices"}
	return refusedCase{
		caller: "alice", call: call, says: []string{"because no identity-based policy allows the iam:ListMFADevices action"},
		own:   []string{`Allow, statement "WithMFA"`, `aws:MultiFactorAuthPresent must meet Bool of "true", and the request has none`},
		admin: "dev-admin", told: []string{`if aws:MultiFactorAuthPresent met Bool of ["true"]; it is absent`},
		mend: func(t *testing.T, own, _ explained) (string, []string) {
			if m := own.Layers[len(own.Layers)-1].Closest[0].Mismatch; m.Key != "aws:MultiFactorAuthPresent" || !m.Absent {
				t.Errorf("%+v", m)
			}
			w.server.advance(t, 2*time.Minute) // the codes above are used up
			out := w.aws("alice", "sts", "get-session-token", "--serial-number", serial, "--token-code", totp(key, w.serverNow(t)))
			return w.credentials(out), call
		},
	}
}

// whyNot asks for what nobody may be told, and in ways that cannot work.
func whyNot(t *testing.T, c *company) {
	id := c.why("alice", nil).RequestID
	c.aws("dev-admin", "iam", "create-user", "--user-name", "bob")
	c.newKey("dev-admin", "bob")
	c.keys("wrong-secret", "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	c.add("config", "[profile nowhere]\nregion = us-east-1\nendpoint_url = http://127.0.0.1:1\n")
	c.add("credentials", "[nowhere]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n")
	c.profile("empty")
	for _, row := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"why", "--profile", "bob"}, 1, "DenialNotFoundException"},
		{[]string{"why", id, "--profile", "bob"}, 1, "AccessDeniedException: User: arn:aws:iam::" + c.dev + ":user/bob is not authorized to perform: regent:ExplainDecision on resource: *"},
		{[]string{"why", "--action", "s3:GetObject", "--profile", "bob"}, 1, "regent:ExplainDecision"},
		{[]string{"why", "--message", "nonsense", "--profile", "alice"}, 1, "InvalidEncodedMessageException"},
		{[]string{"why", id, "--last", "--profile", "alice"}, 2, "give a request id, or --last"},
		{[]string{"why", "--resource", "*", "--profile", "alice"}, 2, "go with --action"},
		{[]string{"why", "--profile", "misspelt"}, 2, "there is no such profile: misspelt"},
		{[]string{"why", "--profile", "empty"}, 3, "there are no credentials"},
		{[]string{"why", "--profile", "wrong-secret"}, 3, "UnrecognizedClientException"},
		{[]string{"why", "--profile", "nowhere"}, 4, "the server cannot be reached: http://127.0.0.1:1"},
	} {
		stdout, stderr, code := c.regent(row.args...)
		if code != row.code || stdout != "" || !strings.Contains(stderr, row.want) || !strings.HasPrefix(stderr, "regent: ") {
			t.Errorf("regent %s: %d, %q %q, want %d and %q", strings.Join(row.args, " "), code, stdout, stderr, row.code, row.want)
		}
	}
	// A role's profile is assumed at the server that the profile names.
	c.profile("alice-in-prod", "role_arn = arn:aws:iam::"+c.prod+":role/s3", "source_profile = alice")
	c.aws("dev-admin", "iam", "put-user-policy", "--user-name", "alice", "--policy-name", "assume", "--policy-document", allowing("sts:AssumeRole", "*"))
	c.refused("alice-in-prod", []string{"AccessDenied", "iam:ListUsers"}, "iam", "list-users")
	c.why("alice-in-prod", []string{"Refused: iam:ListUsers", "by arn:aws:sts::" + c.prod + ":assumed-role/s3/", "No identity-based policy of arn:aws:iam::" + c.prod + ":role/s3"})
	if _, stderr, code := c.regent("why", "--profile", "prod-admin", "--action", "s3:ListBucket", "--resource", "arn:aws:s3:::why-of-prod",
		"--principal", "arn:aws:iam::"+c.prod+":role/s3", "--context", "aws:SourceIp=10.0.0.1"); code != 0 {
		t.Errorf("a request that nobody made: %d %s", code, stderr)
	}
}
