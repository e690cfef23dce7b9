package regent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

const backup = "backup.example.internal"

// installed is world in which ours is the installation's management account.
func installed(t *testing.T) *servicetest.Harness {
	t.Helper()
	h := world(t)
	h.Update(func(tx *store.Tx) error { return tx.PutSystem(&store.System{Instance: "test", Management: ours}) })
	return h
}

// register makes a service, and an actor of its name that signs as it.
func register(h *servicetest.Harness, name string) (keyID string) {
	h.As("admin").Call("regent", "RegisterService", "ServiceName", name).OK()
	return serviceKey(h, name, name)
}

func serviceKey(h *servicetest.Harness, name, actor string) (keyID string) {
	a := h.As("admin").Call("regent", "CreateServiceKey", "ServiceName", name).OK()
	h.Actor(actor, sigv4.Credentials{AccessKeyID: a.Get("AccessKeyId"), SecretAccessKey: a.Get("SecretAccessKey")})
	return a.Get("AccessKeyId")
}

// trusts is a trust policy for one principal of any type.
func trusts(kind, principal, conditions string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"` + kind + `":"` + principal + `"},"Action":"sts:AssumeRole"` + conditions + `}]}`
}

func assumes(c *servicetest.Caller, account, role string) *servicetest.Answer {
	return c.Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+account+":role/"+role, "RoleSessionName", "nightly")
}

// Services are registered in the management account, by whoever may, under names
// that nobody else can mean.
//
// Rules: TH-41
func TestRegisterService(t *testing.T) {
	t.Parallel()
	h := installed(t)
	a := h.As("admin").Call("regent", "RegisterService", "ServiceName", backup, "Description", "nightly copies").OK()
	if got, want := a.Get("ServiceArn"), "arn:aws:regent::"+ours+":service/"+backup; got != want {
		t.Errorf("it is %s, want %s", got, want)
	}
	h.As("admin").Call("regent", "RegisterService", "ServiceName", backup).Fails("ConflictException", "There is a service "+backup+" already.")
	h.As("alice").Call("regent", "RegisterService", "ServiceName", "other.example").Fails("AccessDeniedException",
		"User: arn:aws:iam::"+ours+":user/alice is not authorized to perform: regent:RegisterService on resource: arn:aws:regent::"+ours+":service/other.example because no identity-based policy allows the regent:RegisterService action")
	for _, call := range [][]string{
		{"RegisterService", "ServiceName", "other.example"},
		{"DeleteService", "ServiceName", backup},
		{"ListServices"},
		{"CreateServiceKey", "ServiceName", backup},
		{"UpdateServiceKey", "ServiceName", backup, "AccessKeyId", "AKIAIOSFODNN7EXAMPLE", "Status", "Inactive"},
		{"DeleteServiceKey", "ServiceName", backup, "AccessKeyId", "AKIAIOSFODNN7EXAMPLE"},
	} {
		h.As("their-admin").Call("regent", call[0], call[1:]...).Fails("NotManagementAccountException",
			"Services are registered in the management account of this installation.")
		h.As("bob").Call("regent", call[0], call[1:]...).Fails("AccessDeniedException")
	}
	for _, name := range []string{
		"s3.amazonaws.com", "backup.amazonaws.com", "x.y.amazonaws.com", "ec2.amazonaws.com.cn", "amazonaws.com", "amazonaws.example", "s3.amazon.com",
		"x.aws", "aws.example", "api.aws.dev", "accounts.google.com", "graph.facebook.com",
	} {
		h.As("admin").Call("regent", "RegisterService", "ServiceName", name).Fails("InvalidParameterException",
			name+" is a name that AWS or another provider of identities has, or may come to have.")
	}
	for _, name := range []string{"backup", "Backup.example", "S3.AmazonAWS.com", "backup..example", ".example", "example.", "a_b.example", "10.0.0.1", "*.example", "-a.example", "a b.example", "é.example"} {
		if a := h.As("admin").Call("regent", "RegisterService", "ServiceName", name); a.Status != 400 {
			t.Errorf("%q: %d %s", name, a.Status, a.Message)
		}
	}
	h.As("admin").Call("regent", "RegisterService", "ServiceName", "amazonaws-mirror.example").OK()
	if got := strings.Join(h.As("admin").Call("regent", "ListServices").OK().All("ServiceName"), " "); got != "amazonaws-mirror.example "+backup {
		t.Errorf("the services are %s", got)
	}
}

// A key signs as its service from its first to its last moment, and belongs to
// nobody else.
//
// Rules: EV-36
func TestServiceKeys(t *testing.T) {
	t.Parallel()
	h := installed(t)
	first := register(h, backup)
	other := register(h, "other.example")
	who := h.As(backup).Call("sts", "GetCallerIdentity").OK()
	if who.Get("Arn") != "arn:aws:regent::"+ours+":service/"+backup || who.Get("Account") != ours || !strings.HasPrefix(who.Get("UserId"), "ASRV") || !strings.HasPrefix(first, "AKIA") {
		t.Errorf("%s is %s of %s, %s", first, who.Get("Arn"), who.Get("Account"), who.Get("UserId"))
	}
	second := serviceKey(h, backup, "second")
	h.As("admin").Call("regent", "CreateServiceKey", "ServiceName", backup).Fails("LimitExceededException", "A service can have 2 keys at most.")
	h.As("admin").Call("regent", "CreateServiceKey", "ServiceName", "none.example").Fails("NoSuchResourceException", "There is no service none.example.")
	if a := h.As("admin").Call("regent", "ListServices").OK(); strings.Contains(a.Body, "Secret") || len(a.All("AccessKeyId")) != 3 {
		t.Errorf("the list tells %s", a.Body)
	}
	update := func(id, status string) *servicetest.Answer {
		return h.As("admin").Call("regent", "UpdateServiceKey", "ServiceName", backup, "AccessKeyId", id, "Status", status)
	}
	update(other, "Inactive").Fails("NoSuchResourceException", "The service "+backup+" has no key "+other+".")
	update(first, "Expired").Fails("ValidationException")
	update(first, "Inactive").OK()
	h.As(backup).Call("sts", "GetCallerIdentity").Fails("InvalidClientTokenId")
	h.As("second").Call("sts", "GetCallerIdentity").OK()
	update(first, "Active").OK()
	h.As(backup).Call("sts", "GetCallerIdentity").OK()
	h.As("admin").Call("regent", "DeleteService", "ServiceName", backup).Fails("ConflictException", "The service "+backup+" has keys. Delete them first.")
	for _, id := range []string{first, second} {
		h.As("admin").Call("regent", "DeleteServiceKey", "ServiceName", backup, "AccessKeyId", id).OK()
	}
	h.As(backup).Call("sts", "GetCallerIdentity").Fails("InvalidClientTokenId")
	h.As("admin").Call("regent", "DeleteServiceKey", "ServiceName", backup, "AccessKeyId", first).Fails("NoSuchResourceException")
	h.As("admin").Call("regent", "DeleteService", "ServiceName", backup).OK()
	h.As("admin").Call("regent", "DeleteService", "ServiceName", backup).Fails("NoSuchResourceException")
	// IAM knows nothing of the keys of services.
	h.As("root").Call("iam", "DeleteAccessKey", "AccessKeyId", other).Fails("NoSuchEntity")
	h.As("admin").Call("iam", "GetAccessKeyLastUsed", "AccessKeyId", other)
}

// A service assumes what trusts it by name, with no policy of an account on its
// side, and nobody who is called like it does.
//
// Rules: EV-36 TH-41
func TestServiceImpersonationMatrix(t *testing.T) {
	t.Parallel()
	h := installed(t)
	register(h, backup)
	register(h, "other.example")
	h.User(backup+"-user", ours, allowAll) // a user may be called so
	h.User(backup, theirs, allowAll)
	h.Key("namesake", theirs, backup)
	serviceKey(h, backup, backup) // the actor of that name is the service again
	h.As("their-root").Call("iam", "CreateRole", "RoleName", backup, "AssumeRolePolicyDocument", trusts("AWS", "arn:aws:iam::"+theirs+":root", "")).OK()
	h.As("their-root").Call("iam", "PutRolePolicy", "RoleName", backup, "PolicyName", "p", "PolicyDocument", allowAll).OK()
	h.Session("role-namesake", theirs, backup)
	for role, document := range map[string]string{
		"service":   trusts("Service", backup, ""),
		"other":     trusts("Service", "other.example", ""),
		"user":      trusts("AWS", "arn:aws:iam::"+theirs+":user/"+backup, ""),
		"role":      trusts("AWS", "arn:aws:iam::"+theirs+":role/"+backup, ""),
		"account":   trusts("AWS", "arn:aws:iam::"+ours+":root", ""),
		"federated": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"` + backup + `"},"Action":"sts:AssumeRole"}]}`,
		"case":      trusts("Service", "Backup.example.internal", ""),
	} {
		h.As("their-root").Call("iam", "CreateRole", "RoleName", role, "AssumeRolePolicyDocument", document).OK()
	}
	may := map[string]string{
		backup: "service", "other.example": "other", "namesake": "user", "role-namesake": "role", "admin": "account", "their-root": "",
	}
	for actor, allowed := range may {
		for _, role := range []string{"service", "other", "user", "role", "account", "federated", "case"} {
			a := assumes(h.As(actor), theirs, role)
			if role == allowed {
				a.OK()
			} else if a.Status != 403 || a.Code != "AccessDenied" {
				t.Errorf("%s assumes %s: %d %s %s", actor, role, a.Status, a.Code, a.Message)
			}
		}
	}
	assumes(h.As(backup), theirs, "account").Fails("AccessDenied",
		"User: arn:aws:regent::"+ours+":service/"+backup+" is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::"+theirs+":role/account")
	got := assumes(h.As(backup), theirs, "service").OK()
	h.Actor("session", sigv4.Credentials{
		AccessKeyID: got.Get("AccessKeyId"), SecretAccessKey: got.Get("SecretAccessKey"), SessionToken: got.Get("SessionToken"),
	})
	if arn := h.As("session").Call("sts", "GetCallerIdentity").OK().Get("Arn"); arn != "arn:aws:sts::"+theirs+":assumed-role/service/nightly" {
		t.Errorf("the session is %s", arn)
	}
}

// What a service does with a role is in the record of the role's account alone,
// under the service's name.
//
// Rules: RE-45
func TestServicesAreRecordedWhereTheRoleIs(t *testing.T) {
	t.Parallel()
	h := installed(t)
	register(h, backup)
	h.As("their-root").Call("iam", "CreateRole", "RoleName", "service", "AssumeRolePolicyDocument", trusts("Service", backup, "")).OK()
	assumes(h.As(backup), theirs, "service").OK()
	events := h.Events("AssumeRole")
	if len(events) != 1 {
		t.Fatalf("%d events: %v", len(events), events)
	}
	want := map[string]any{"type": "AWSService", "invokedBy": backup}
	if diff := cmp.Diff(want, events[0]["userIdentity"]); diff != "" || events[0]["recipientAccountId"] != theirs {
		t.Errorf("it is in the record of %v: %s", events[0]["recipientAccountId"], diff)
	}
}

// A service says for whom it calls, and its word counts; nobody else has one.
//
// Rules: EV-36
func TestServiceSources(t *testing.T) {
	t.Parallel()
	h := installed(t)
	register(h, backup)
	const source = "arn:aws:backup::" + theirs + ":plan/nightly"
	h.As("their-root").Call("iam", "CreateRole", "RoleName", "guarded", "AssumeRolePolicyDocument", trusts("Service", backup,
		`,"Condition":{"StringEquals":{"aws:SourceAccount":"`+theirs+`"},"ArnLike":{"aws:SourceArn":"arn:aws:backup::`+theirs+`:plan/*"}}`)).OK()
	h.As("their-root").Call("iam", "CreateRole", "RoleName", "open", "AssumeRolePolicyDocument", trusts("AWS", "arn:aws:iam::"+ours+":root", "")).OK()
	const account, arn = "X-Amz-Source-Account", "X-Amz-Source-Arn"
	c := h.As(backup)
	assumes(c.With(account, theirs).With(arn, source), theirs, "guarded").OK()
	for name, caller := range map[string]*servicetest.Caller{
		"nothing":         c,
		"no ARN":          c.With(account, theirs),
		"no account":      c.With(arn, source),
		"another account": c.With(account, ours).With(arn, "arn:aws:backup::"+ours+":plan/nightly"),
		"another ARN":     c.With(account, theirs).With(arn, "arn:aws:backup::"+theirs+":vault/nightly"),
	} {
		if a := assumes(caller, theirs, "guarded"); a.Code != "AccessDenied" || a.Status != 403 {
			t.Errorf("%s: %d %s", name, a.Status, a.Code)
		}
	}
	for name, caller := range map[string]*servicetest.Caller{
		"no account id":  c.With(account, "me").With(arn, source),
		"no ARN":         c.With(account, theirs).With(arn, "plan"),
		"one of another": c.With(account, ours).With(arn, source),
		"empty":          c.With(account, ""),
	} {
		if a := assumes(caller, theirs, "guarded"); a.Code != "ValidationError" || a.Status != 400 {
			t.Errorf("%s: %d %s", name, a.Status, a.Code)
		}
	}
	assumes(h.As("admin"), theirs, "open").OK()
	for _, who := range []string{"admin", "root", "their-admin"} {
		h.As(who).With(account, theirs).Call("sts", "GetCallerIdentity").Fails("AccessDenied",
			"X-Amz-Source-Account and X-Amz-Source-Arn are for services only.")
		assumes(h.As(who).With(arn, source), theirs, "open").Fails("AccessDenied")
	}
}

// What knows nothing of services is refused to them, whatever policies say.
//
// Rules: EV-36 TH-29
func TestServicesCallNothingElse(t *testing.T) {
	t.Parallel()
	h := installed(t)
	register(h, backup)
	for service, refused := range map[string]string{"iam": "AccessDenied", "sts": "AccessDenied", "organizations": "AccessDeniedException", "regent": "AccessDeniedException"} {
		for _, operation := range h.Operations(service) {
			switch service + ":" + operation {
			case "sts:AssumeRole", "sts:GetCallerIdentity", "regent:CheckPassRole":
				continue
			}
			if a := h.As(backup).Call(service, operation); a.Code != refused && a.Code != "InvalidAction" {
				t.Errorf("%s:%s: %d %s %s", service, operation, a.Status, a.Code, a.Message)
			}
		}
	}
	h.As(backup).Call("sts", "GetSessionToken").Fails("AccessDenied", "Cannot call GetSessionToken with the credentials of a service")
}

// Resource control policies count for services, service control policies do not.
//
// Rules: EV-36 EV-20
func TestServicesAndControlPolicies(t *testing.T) {
	t.Parallel()
	h := managedWorld(t)
	h.Update(func(tx *store.Tx) error { return tx.PutSystem(&store.System{Instance: "test", Management: ours}) })
	register(h, backup)
	h.As("member-root").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trusts("Service", backup, "")).OK()
	for _, kind := range []string{"SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY"} {
		roots := h.As("root").Call("organizations", "ListRoots").OK().Get("Roots.Id")
		h.As("root").Call("organizations", "EnablePolicyType", "RootId", roots, "PolicyType", kind).OK()
	}
	attach := func(name, kind, document string) {
		id := h.As("root").Call("organizations", "CreatePolicy", "Name", name, "Description", "d", "Type", kind, "Content", document).OK().Get("PolicySummary.Id")
		h.As("root").Call("organizations", "AttachPolicy", "PolicyId", id, "TargetId", member).OK()
	}
	attach("scp", "SERVICE_CONTROL_POLICY", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`)
	assumes(h.As(backup), member, "r").OK()
	attach("rcp", "RESOURCE_CONTROL_POLICY", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole","Resource":"*"}]}`)
	assumes(h.As(backup), member, "r").Fails("AccessDenied")
}

// A service learns whether somebody may hand it a role.
//
// Rules: EV-49 TH-39
func TestCheckPassRole(t *testing.T) {
	t.Parallel()
	h := installed(t)
	register(h, backup)
	register(h, "other.example")
	h.As("root").Call("iam", "CreateRole", "RoleName", "copies", "Path", "/svc/", "AssumeRolePolicyDocument", trusts("Service", backup, ""),
		"Tags.member.1.Key", "for", "Tags.member.1.Value", "backup").OK()
	const role = "arn:aws:iam::" + ours + ":role/svc/copies"
	pass := func(conditions string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:PassRole","Resource":"arn:aws:iam::*:role/svc/*","Condition":{` + conditions + `}}]}`
	}
	h.User("carol", ours, pass(`"StringEquals":{"iam:PassedToService":"`+backup+`"}`))
	h.User("dave", ours, pass(`"StringEquals":{"aws:ResourceTag/for":"backup"}`))
	h.As("root").Call("iam", "CreateRole", "RoleName", "ops", "AssumeRolePolicyDocument", trusts("AWS", "arn:aws:iam::"+ours+":root", ""),
		"Tags.member.1.Key", "team", "Tags.member.1.Value", "red").OK()
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "ops", "PolicyName", "p", "PolicyDocument", pass(`"StringEquals":{"aws:PrincipalTag/team":"red"}`)).OK()
	user := func(name string) string { return "arn:aws:iam::" + ours + ":user/" + name }
	for _, test := range []struct {
		service, principal, role string
		allowed                  bool
	}{
		{backup, user("carol"), role, true},
		{"other.example", user("carol"), role, false},
		{backup, user("dave"), role, true},
		{"other.example", user("dave"), role, true},
		{backup, user("alice"), role, false},
		{backup, user("admin"), role, true},
		{backup, user("nobody"), role, false},
		{backup, "arn:aws:iam::" + ours + ":role/ops", role, true},
		{backup, "arn:aws:iam::" + ours + ":role/none", role, false},
		{backup, user("admin"), "arn:aws:iam::" + ours + ":role/none", false},
		{backup, user("admin"), "arn:aws:iam::" + ours + ":role/copies", false}, // its path is another
		{backup, "arn:aws:iam::" + theirs + ":user/their-admin", role, false},
	} {
		a := h.As(test.service).Call("regent", "CheckPassRole", "PrincipalArn", test.principal, "RoleArn", test.role).OK()
		if got := a.Get("Allowed"); got != fmt.Sprint(test.allowed) {
			t.Errorf("%s passes %s to %s: %s", test.principal, test.role, test.service, got)
		}
	}
	h.As("admin").Call("regent", "CheckPassRole", "PrincipalArn", user("carol"), "RoleArn", role).Fails("AccessDeniedException", "CheckPassRole is for services only.")
	h.As(backup).Call("regent", "CheckPassRole", "PrincipalArn", "carol", "RoleArn", role).Fails("InvalidParameterException")
	h.As(backup).Call("regent", "CheckPassRole", "PrincipalArn", user("carol"), "RoleArn", user("carol")).Fails("InvalidParameterException")
	h.As(backup).Call("regent", "CheckPassRole", "PrincipalArn", "arn:aws:sts::"+ours+":assumed-role/ops/x", "RoleArn", role).Fails("InvalidParameterException",
		"Principal is not the ARN of a user or a role.")
}

// Keys of an account's issuer are replaced on demand; withdrawn ones are gone at
// once.
//
// Rules: ST-79
func TestRotateIssuerKeys(t *testing.T) {
	t.Parallel()
	h := installed(t)
	h.As("admin").Call("regent", "RotateIssuerKeys").Fails("NoSuchResourceException",
		"Account "+ours+" has no issuer: outbound web identity federation was never enabled.")
	h.As("alice").Call("regent", "RotateIssuerKeys").Fails("AccessDeniedException")
	h.Update(func(tx *store.Tx) error {
		return tx.PutSettings(ours, &identity.AccountSettings{Outbound: true, IssuerID: "0b5c1d7e-1111-4222-8333-123456789abc"})
	})
	if a := h.As("admin").Call("regent", "RotateIssuerKeys").OK(); len(a.All("KeyId")) != 2 || len(a.All("PublishedUntil")) != 0 {
		t.Errorf("the first keys are %s", a.Body)
	}
	if a := h.As("admin").Call("regent", "RotateIssuerKeys").OK(); len(a.All("KeyId")) != 4 || len(a.All("PublishedUntil")) != 2 {
		t.Errorf("after a rotation there are %s", a.Body)
	}
	if a := h.As("admin").Call("regent", "RotateIssuerKeys", "Withdraw:", "true").OK(); len(a.All("KeyId")) != 2 || len(a.All("PublishedUntil")) != 0 {
		t.Errorf("after a withdrawal there are %s", a.Body)
	}
}
