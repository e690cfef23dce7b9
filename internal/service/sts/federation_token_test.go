package sts_test

import (
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// lasts returns how long the credentials in an answer are good for.
func lasts(t *testing.T, h *servicetest.Harness, a *servicetest.Answer) time.Duration {
	t.Helper()
	at, err := time.Parse(time.RFC3339, a.OK().Get("Expiration"))
	if err != nil {
		t.Fatal(err)
	}
	return at.Sub(h.Now())
}

// A user's federated sessions last half a day unless asked otherwise, root's an
// hour whatever is asked.
//
// Rules: ST-74
func TestFederationTokenDurations(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	for _, test := range []struct {
		who  string
		asks []string
		want time.Duration
	}{
		{"alice", nil, 12 * time.Hour},
		{"alice", []string{"DurationSeconds", "900"}, 15 * time.Minute},
		{"alice", []string{"DurationSeconds", "129600"}, 36 * time.Hour},
		{"root", nil, time.Hour},
		{"root", []string{"DurationSeconds", "900"}, 15 * time.Minute},
		{"root", []string{"DurationSeconds", "43200"}, time.Hour},
	} {
		if got := lasts(t, h, h.As(test.who).Call("sts", "GetFederationToken", append([]string{"Name", "Bob"}, test.asks...)...)); got != test.want {
			t.Errorf("%s asks for %v and gets %s, want %s", test.who, test.asks, got, test.want)
		}
	}
}

// userID returns the unique id of a user.
func userID(h *servicetest.Harness, account identity.AccountID, name identity.UserName) (id string) {
	h.View(func(tx *store.Tx) error {
		u, err := tx.User(account, name)
		if err == nil {
			id = u.ID
		}
		return err
	})
	return id
}

// What the console gets evaluates as who signed in, with the facts of MFA, and
// mints no session tokens.
//
// Rules: CO-5 RE-17
func TestConsoleSessions(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:username":"alice","aws:PrincipalType":"User"}}},
		{"Effect":"Deny","Action":"iam:ListRoles","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}},
		{"Effect":"Deny","Action":"iam:ListGroups","Resource":"*","Condition":{"NumericGreaterThanIfExists":{"aws:MultiFactorAuthAge":"60"}}}]}`)
	console := func(name, principal string, mfa time.Time) {
		h.SessionOf(name, session.Session{
			Kind: session.Console, Account: dev, PrincipalID: principal, MFA: mfa, Proved: h.Now(),
			Issued: h.Now(), Expires: h.Now().Add(12 * time.Hour),
		})
	}
	alice := userID(h, dev, "alice")
	console("plain", alice, time.Time{})
	console("proved", alice, h.Now())
	console("owner", "", time.Time{})
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", "")).OK()

	if got := h.As("plain").Call("sts", "GetCallerIdentity").OK(); got.Get("Arn") != "arn:aws:iam::"+dev+":user/alice" || got.Get("UserId") != alice {
		t.Errorf("the console of alice is %s, %s", got.Get("Arn"), got.Get("UserId"))
	}
	if got := h.As("owner").Call("sts", "GetCallerIdentity").OK(); got.Get("Arn") != "arn:aws:iam::"+dev+":root" || got.Get("UserId") != dev {
		t.Errorf("the console of root is %s, %s", got.Get("Arn"), got.Get("UserId"))
	}
	for _, who := range []string{"plain", "proved", "owner"} {
		h.As(who).Call("iam", "ListUsers").OK() // IAM without MFA too, unlike GetSessionToken's
		h.As(who).Call("sts", "GetAccessKeyInfo", "AccessKeyId", "ASIAQNZGKIQY56JQ7WML").OK()
		h.As(who).Call("sts", "GetSessionToken").Fails("AccessDenied", "Cannot call GetSessionToken with session credentials")
		h.As(who).Call("sts", "GetFederationToken", "Name", "Bob").Fails("AccessDenied", "Cannot call GetFederationToken with session credentials")
	}
	h.As("plain").Call("iam", "ListRoles").Fails("AccessDenied")
	h.As("proved").Call("iam", "ListRoles").OK()
	assume := []string{"RoleArn", "arn:aws:iam::" + dev + ":role/r", "RoleSessionName", "x1"}
	h.As("plain").Call("sts", "AssumeRole", assume...).OK()
	h.As("owner").Call("sts", "AssumeRole", assume...).Fails("AccessDenied", "Roles may not be assumed by root accounts.")

	h.As("proved").Call("iam", "ListGroups").OK()
	h.Advance(2 * time.Minute)
	h.As("proved").Call("iam", "ListGroups").Fails("AccessDenied")

	events := h.Events("ListGroups")
	last := events[len(events)-1]
	who := last["userIdentity"].(map[string]any)
	of := who["sessionContext"].(map[string]any)
	if last["sessionCredentialFromConsole"] != "true" || who["type"] != "IAMUser" || who["userName"] != "alice" ||
		of["sessionIssuer"] != nil || of["attributes"].(map[string]any)["mfaAuthenticated"] != "true" {
		t.Errorf("recorded as %v", last)
	}
}

// checks calls ValidatePolicy, which federated users may call, unlike IAM.
func checks(h *servicetest.Harness, who string) *servicetest.Answer {
	return h.As(who).Call("access-analyzer", "ValidatePolicy", "policyDocument", allowAll, "policyType", "IDENTITY_POLICY")
}

// A federated user may do what its issuer and the session's policies both
// allow: nothing without a session policy, and whatever that allows when root
// issued it. The session's tags take the place of the user's.
//
// Rules: EV-3 ST-45 ST-74 EV-60 EV-61
func TestFederatedUsersEvaluate(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:GetFederationToken","sts:TagSession"],"Resource":"*"},
		{"Effect":"Allow","Action":"access-analyzer:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"red","aws:PrincipalType":"FederatedUser","aws:userid":"`+dev+`:Bob"},
			"ArnEquals":{"aws:PrincipalArn":"arn:aws:sts::`+dev+`:federated-user/Bob"},"Null":{"aws:username":"true","aws:TokenIssueTime":"false"},"Bool":{"aws:MultiFactorAuthPresent":"false"}}}]}`)
	h.User("carol", dev, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:*","Resource":"*"}]}`)
	h.As("root").Call("iam", "TagUser", "UserName", "alice", "Tags.member.1.Key", "Team", "Tags.member.1.Value", "blue").OK()
	h.As("root").Call("iam", "CreatePolicy", "PolicyName", "managed", "PolicyDocument", allowAll).OK()
	red := []string{"Tags.member.1.Key", "team", "Tags.member.1.Value", "red"}
	managed := []string{"PolicyArns.member.1.arn", "arn:aws:iam::" + dev + ":policy/managed"}
	for _, test := range []struct {
		name, issuer string
		more         []string
		allowed      bool
	}{
		{"no session policy", "alice", red, false},
		{"user and session policy", "alice", append([]string{"Policy", allowAll}, red...), true},
		{"user and managed policy", "alice", append(managed, red...), true},
		{"the user's own tag", "alice", []string{"Policy", allowAll}, false},
		{"session policy of something else", "alice", append([]string{"Policy", when(`{}`)}, red...), false},
		{"session policy alone", "carol", append([]string{"Policy", allowAll}, red...), false},
		{"root and session policy", "root", []string{"Policy", allowAll}, true},
		{"root and no session policy", "root", nil, false},
	} {
		a := h.As(test.issuer).Call("sts", "GetFederationToken", append([]string{"Name", "Bob"}, test.more...)...).OK()
		actor(h, "bob", a)
		if got := checks(h, "bob"); got.Code == "" != test.allowed {
			t.Errorf("%s: %s: %s", test.name, got.Code, got.Message)
		}
		if got := h.As("bob").Call("sts", "GetCallerIdentity").OK().Get("UserId"); got != dev+":Bob" {
			t.Errorf("%s: user id is %s", test.name, got)
		}
	}

	// Permissions are the user's as they are now; a managed policy that is gone allows nothing.
	actor(h, "bob", h.As("alice").Call("sts", "GetFederationToken", append(append([]string{"Name", "Bob"}, managed...), red...)...))
	checks(h, "bob").OK()
	h.As("root").Call("iam", "DeletePolicy", "PolicyArn", "arn:aws:iam::"+dev+":policy/managed").OK()
	checks(h, "bob").Fails("AccessDeniedException")
}

// The record says who issued a federated session, and of the call that minted
// one everything but the secrets.
//
// Rules: RE-12 RE-24 RE-25 RE-26
func TestFederationTokensAreRecorded(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	for _, issuer := range []string{"alice", "root"} {
		a := h.As(issuer).Call("sts", "GetFederationToken", "Name", "Bob", "Policy", allowAll)
		actor(h, "by-"+issuer, a)
		checks(h, "by-"+issuer).OK()
	}
	minted := h.Events("GetFederationToken")
	if len(minted) != 2 {
		t.Fatalf("%d events of GetFederationToken", len(minted))
	}
	for _, e := range minted {
		out := e["responseElements"].(map[string]any)
		_, secret := out["credentials"].(map[string]any)["secretAccessKey"]
		if e["readOnly"] != false || out["federatedUser"].(map[string]any)["arn"] != "arn:aws:sts::"+dev+":federated-user/Bob" || secret {
			t.Errorf("recorded as %v", e)
		}
	}
	issuers := map[string]string{}
	for _, e := range h.Events("ValidatePolicy") {
		who := e["userIdentity"].(map[string]any)
		issuer := who["sessionContext"].(map[string]any)["sessionIssuer"].(map[string]any)
		issuers[issuer["type"].(string)] = issuer["arn"].(string)
		if who["type"] != "FederatedUser" || who["principalId"] != dev+":Bob" {
			t.Errorf("recorded as %v", who)
		}
	}
	if issuers["IAMUser"] != "arn:aws:iam::"+dev+":user/alice" || issuers["Root"] != "arn:aws:iam::"+dev+":root" {
		t.Errorf("issued by %v", issuers)
	}
}
