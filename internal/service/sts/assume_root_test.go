package sts_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	analyzerapi "github.com/regent-iam/regent/internal/api/accessanalyzer"
	iamapi "github.com/regent-iam/regent/internal/api/iam"
	organizationsapi "github.com/regent-iam/regent/internal/api/organizations"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/accessanalyzer"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/organizations"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/service/sts"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// The accounts of an organization: its management account, the member whose
// root is assumed, one that administers IAM, one that administers something
// else, and a stranger.
const (
	management = "111122223333"
	member     = "222233334444"
	delegate   = "333344445555"
	other      = "444455556666"
	stranger   = "555566667777"
)

// organized returns a harness with that organization, root sessions not yet
// enabled. "root" is the management account's root; "admin", "helper", "else"
// and "alien" are administrators of the others', "owner" is the member's root.
func organized(t *testing.T) *servicetest.Harness {
	t.Helper()
	orgs := organizations.New(organizations.Config{
		AccountID: func(io.Reader) (identity.AccountID, error) { return "", errors.New("no accounts are made here") },
		CanonicalID: func(id identity.AccountID) string {
			sum := sha256.Sum256([]byte(id))
			return hex.EncodeToString(sum[:])
		},
	})
	h := servicetest.New(t,
		dispatch.Service{API: &iamapi.Service, Operations: iam.Operations()},
		dispatch.Service{API: &stsapi.Service, Operations: sts.Operations()},
		dispatch.Service{API: &analyzerapi.Service, Operations: accessanalyzer.Operations()},
		dispatch.Service{API: &organizationsapi.Service, Operations: orgs.Operations()},
	)
	for _, a := range []struct {
		id   identity.AccountID
		root string
		user string
	}{
		{management, "root", "admin"}, {member, "owner", "local"}, {delegate, "delegate", "helper"}, {other, "other", "else"}, {stranger, "strange", "alien"},
	} {
		h.Account(a.id, a.root)
		h.User(a.user, a.id, allowAll)
	}
	h.User("clerk", management, "")
	h.As("root").Call("organizations", "CreateOrganization").OK()
	h.Update(func(tx *store.Tx) error {
		o, err := organization(tx)
		if err != nil {
			return err
		}
		for _, id := range []identity.AccountID{member, delegate, other} {
			a, err := tx.Account(id)
			if err != nil {
				return err
			}
			if err := tx.Join(a, o.ID, o.RootID); err != nil {
				return err
			}
		}
		return nil
	})
	return h
}

func organization(tx *store.Tx) (*identity.Organization, error) {
	a, err := tx.Account(management)
	if err != nil {
		return nil, err
	}
	return tx.Organization(a.Organization)
}

// enableRootSessions switches root sessions on and makes the administrators.
func enableRootSessions(h *servicetest.Harness) {
	root := h.As("root")
	for id, principal := range map[string]string{delegate: identity.IAMPrincipal, other: "sso.amazonaws.com"} {
		root.Call("organizations", "EnableAWSServiceAccess", "ServicePrincipal", principal).OK()
		root.Call("organizations", "RegisterDelegatedAdministrator", "AccountId", id, "ServicePrincipal", principal).OK()
	}
	root.Call("iam", "EnableOrganizationsRootSessions").OK()
}

// task is the ARN of a privileged task's policy.
func task(name string) string { return "arn:aws:iam::aws:policy/root-task/" + name }

func assumeRoot(h *servicetest.Harness, who, target, task string, more ...string) *servicetest.Answer {
	return h.As(who).Call("sts", "AssumeRoot", append([]string{"TargetPrincipal", target, "TaskPolicyArn.arn", task}, more...)...)
}

const audit = "IAMAuditRootUserCredentials"

// Who may assume whose root: the management account and IAM's administrators,
// the roots of open members, while the organization has root sessions. All
// refusals are alike, whatever is not so.
//
// Rules: ST-78
func TestWhoMayAssumeRoot(t *testing.T) {
	t.Parallel()
	h := organized(t)
	of := func(account string) string { return "arn:aws:iam::" + account + ":root" }
	refused := func(who, caller, target string) {
		t.Helper()
		assumeRoot(h, who, target, task(audit)).Fails("AccessDenied", "User: "+caller+" is not authorized to perform: sts:AssumeRoot on resource: "+of(target))
	}
	admin, helper := "arn:aws:iam::"+management+":user/admin", "arn:aws:iam::"+delegate+":user/helper"
	refused("admin", admin, member) // the feature is off
	enableRootSessions(h)

	assumeRoot(h, "admin", member, task(audit)).OK()
	assumeRoot(h, "admin", of(member), task(audit)).OK()
	assumeRoot(h, "helper", member, task(audit)).OK()
	assumeRoot(h, "helper", delegate, task(audit)).OK()

	refused("root", of(management), member) // not with root's credentials
	refused("delegate", of(delegate), member)
	refused("clerk", "arn:aws:iam::"+management+":user/clerk", member)
	refused("local", "arn:aws:iam::"+member+":user/local", member)
	refused("else", "arn:aws:iam::"+other+":user/else", member)
	refused("alien", "arn:aws:iam::"+stranger+":user/alien", member)
	refused("admin", admin, management) // nobody's but members'
	refused("helper", helper, management)
	refused("admin", admin, stranger)
	refused("admin", admin, "999999999999")

	h.As("root").Call("organizations", "CloseAccount", "AccountId", other).OK()
	if got := assumeRoot(h, "admin", other, task(audit)); got.Code != "AccessDenied" || !strings.HasPrefix(got.Message, "User: "+admin+" is not authorized") {
		t.Errorf("the root of an account that was closed: %s: %s", got.Code, got.Message)
	}
	h.As("root").Call("organizations", "DeregisterDelegatedAdministrator", "AccountId", delegate, "ServicePrincipal", identity.IAMPrincipal).OK()
	refused("helper", helper, member)
	h.As("root").Call("organizations", "DisableAWSServiceAccess", "ServicePrincipal", identity.IAMPrincipal).OK()
	refused("admin", admin, member)
}

// What a call may ask for: a member, one of five tasks, a quarter of an hour.
//
// Rules: ST-78
func TestAssumeRootInput(t *testing.T) {
	t.Parallel()
	h := organized(t)
	enableRootSessions(h)
	for _, target := range []string{"12345678901x", "arn:aws:iam::" + member + ":user/local", "arn:aws:iam::" + member + ":root/x", "arn:aws:sts::" + member + ":root"} {
		assumeRoot(h, "admin", target, task(audit)).Fails("ValidationError", target+" is invalid")
	}
	for _, policy := range []string{task("Nothing"), "arn:aws:iam::aws:policy/AdministratorAccess", strings.ToLower(task(audit)), "arn:aws:iam::" + member + ":policy/root-task/" + audit} {
		assumeRoot(h, "admin", member, policy).Fails("ValidationError", policy+" is not a policy of a privileged task.")
	}
	h.As("admin").Call("sts", "AssumeRoot", "TargetPrincipal", member).Fails("ValidationError")
	h.As("admin").Call("sts", "AssumeRoot", "TaskPolicyArn.arn", task(audit)).Fails("ValidationError")
	assumeRoot(h, "admin", member, task(audit), "DurationSeconds", "901").Fails("ValidationError",
		"1 validation error detected: Value '901' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 900")
	for _, name := range []string{audit, "IAMCreateRootUserPassword", "IAMDeleteRootUserCredentials", "S3UnlockBucketPolicy", "SQSUnlockQueuePolicy"} {
		if got := lasts(t, h, assumeRoot(h, "admin", member, task(name))); got != 15*time.Minute {
			t.Errorf("%s lasts %s", name, got)
		}
	}
	if got := lasts(t, h, assumeRoot(h, "admin", member, task(audit), "DurationSeconds", "60")); got != time.Minute {
		t.Errorf("a minute lasts %s", got)
	}

	// Policies may ask which task it is and whose root.
	h.User("limited", management, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"arn:aws:iam::*:root",
		"Condition":{"ArnEquals":{"sts:TaskPolicyArn":"`+task(audit)+`"},"StringEquals":{"aws:ResourceAccount":"`+member+`"}}}]}`)
	assumeRoot(h, "limited", member, task(audit)).OK()
	assumeRoot(h, "limited", delegate, task(audit)).Fails("AccessDenied")
	assumeRoot(h, "limited", member, task("IAMDeleteRootUserCredentials")).Fails("AccessDenied")
}

// A session is the member's root and can do what its task needs, nothing else:
// not what root may do unasked, nor what anybody may do about oneself.
//
// Rules: ST-78 EV-50 EV-61 ST-72
func TestAssumedRootsAreHeldToTheirTask(t *testing.T) {
	t.Parallel()
	h := organized(t)
	enableRootSessions(h)
	key := h.As("owner").Call("iam", "CreateAccessKey").OK().Get("AccessKeyId")
	actor(h, "auditor", assumeRoot(h, "admin", member, task(audit)))
	actor(h, "cleaner", assumeRoot(h, "admin", member, task("IAMDeleteRootUserCredentials")))
	actor(h, "unlocker", assumeRoot(h, "admin", member, task("S3UnlockBucketPolicy")))

	if got := h.As("auditor").Call("sts", "GetCallerIdentity").OK(); got.Get("Arn") != "arn:aws:iam::"+member+":root" || got.Get("UserId") != member {
		t.Errorf("the auditor is %s, %s", got.Get("Arn"), got.Get("UserId"))
	}
	if got := h.As("auditor").Call("iam", "ListAccessKeys").OK().All("AccessKeyId"); !slices.Contains(got, key) {
		t.Errorf("the auditor sees keys %v, not %s", got, key)
	}
	h.As("auditor").Call("iam", "GetAccountSummary").OK()
	h.As("auditor").Call("iam", "ListMFADevices").OK()
	h.As("auditor").Call("iam", "GetUser").OK()
	denied := func(who, operation string, more ...string) {
		t.Helper()
		a := h.As(who).Call("iam", operation, more...)
		a.Fails("AccessDenied")
		if !strings.HasSuffix(a.Message, "with an explicit deny in a sessions policy") {
			t.Errorf("%s: %s", operation, a.Message)
		}
	}
	for _, who := range []string{"auditor", "unlocker"} {
		denied(who, "DeleteAccessKey", "AccessKeyId", key)
		denied(who, "CreateAccessKey")
		denied(who, "ListUsers")
		denied(who, "CreateUser", "UserName", "x")
	}
	denied("unlocker", "ListAccessKeys")
	denied("auditor", "ListAccessKeys", "UserName", "local") // root's own only
	denied("cleaner", "DeleteAccessKey", "UserName", "local", "AccessKeyId", key)
	h.As("cleaner").Call("iam", "DeleteAccessKey", "AccessKeyId", key).OK()
	checks(h, "auditor").Fails("AccessDeniedException")
	h.As("auditor").Call("organizations", "LeaveOrganization").Fails("AccessDeniedException")
	for _, operation := range []string{"AssumeRole", "AssumeRoot", "GetSessionToken", "GetFederationToken", "GetAccessKeyInfo"} {
		h.As("auditor").Call("sts", operation).Fails("AccessDenied", "Cannot call "+operation+" with session credentials")
	}

	// One whose task is not known any more can do nothing.
	h.SessionOf("lost", session.Session{
		Kind: session.AssumedRoot, Account: member, Policies: []string{task("Gone")}, Issued: h.Now(), Expires: h.Now().Add(time.Minute),
	})
	h.SessionOf("empty", session.Session{Kind: session.AssumedRoot, Account: member, Issued: h.Now(), Expires: h.Now().Add(time.Minute)})
	for _, who := range []string{"lost", "empty"} {
		h.As(who).Call("iam", "ListUsers").Fails("AccessDenied")
		h.As(who).Call("iam", "GetUser").Fails("AccessDenied")
	}
	h.Advance(15 * time.Minute)
	h.As("auditor").Call("iam", "GetAccountSummary").Fails("ExpiredToken")
}

// The control policies over a member limit an assumed root as its root; a policy
// that stops root can let those pass that come through AssumeRoot.
//
// Rules: ST-78 EV-10 EV-61
func TestControlPoliciesOverAssumedRoots(t *testing.T) {
	t.Parallel()
	h := organized(t)
	enableRootSessions(h)
	actor(h, "auditor", assumeRoot(h, "admin", member, task(audit)))
	policy := func(name, conditions string) string {
		id := h.As("root").Call("organizations", "CreatePolicy", "Name", name, "Description", "", "Type", "SERVICE_CONTROL_POLICY", "Content",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:root"}`+conditions+`}}]}`).
			OK().Get("PolicySummary.Id")
		h.As("root").Call("organizations", "AttachPolicy", "PolicyId", id, "TargetId", member).OK()
		return id
	}
	h.As("auditor").Call("iam", "ListAccessKeys").OK()
	policy("but-assumed", `,"Null":{"aws:AssumedRoot":"true"}`)
	h.As("auditor").Call("iam", "ListAccessKeys").OK()
	h.As("owner").Call("iam", "ListAccessKeys").Fails("AccessDenied")
	policy("no-root", "")
	h.As("auditor").Call("iam", "ListAccessKeys").Fails("AccessDenied")
}

// The source identity of who assumes a root goes with it, and the record tells
// that root was assumed.
//
// Rules: ST-78 ST-48 RE-11 RE-15
func TestAssumedRootsAreRecorded(t *testing.T) {
	t.Parallel()
	h := organized(t)
	enableRootSessions(h)
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+management+":root", "")).OK()
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	actor(h, "named", h.As("admin").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+management+":role/r", "RoleSessionName", "x1", "SourceIdentity", "ana"))
	a := assumeRoot(h, "named", member, task(audit)).OK()
	if got := a.Get("SourceIdentity"); got != "ana" {
		t.Errorf("source identity is %q", got)
	}
	actor(h, "auditor", a)
	h.As("auditor").Call("iam", "ListAccessKeys").OK()

	minted := h.Events("AssumeRoot")
	if len(minted) != 1 {
		t.Fatalf("%d events of AssumeRoot", len(minted))
	}
	in, out := minted[0]["requestParameters"].(map[string]any), minted[0]["responseElements"].(map[string]any)
	_, secret := out["credentials"].(map[string]any)["secretAccessKey"]
	if in["targetPrincipal"] != member || in["taskPolicyArn"].(map[string]any)["arn"] != task(audit) || secret || minted[0]["recipientAccountId"] != management {
		t.Errorf("recorded as %v", minted[0])
	}
	used := h.Events("ListAccessKeys")
	who := used[len(used)-1]["userIdentity"].(map[string]any)
	of := who["sessionContext"].(map[string]any)
	if who["type"] != "Root" || who["arn"] != "arn:aws:iam::"+member+":root" || of["assumedRoot"] != "true" || of["sourceIdentity"] != "ana" || of["sessionIssuer"] != nil {
		t.Errorf("used by %v", who)
	}
}
