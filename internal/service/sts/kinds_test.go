package sts_test

import (
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// What credentials of each kind may call when policies allow all: + is allowed,
// i is an invalid token to IAM, s cannot be called with session credentials, r
// is refused to roots, d is denied by a policy.
var kindsAndCalls = []struct {
	kind  string
	calls string // in the order of calledByKinds
}{
	// IAM twice, AssumeRole, AssumeRoot, GetFederationToken, GetSessionToken, …
	{"user key", "     +  +  +    +    +    +    +    +    +    +    +"},
	{"root key", "     +  +  r    d    +    +    +    +    +    +    +"},
	{"role", "         +  +  +    +    s    s    +    +    +    +    +"},
	{"chained role", " +  +  +    +    s    s    +    +    +    +    +"},
	{"web identity", " +  +  +    +    s    s    +    +    +    +    +"},
	{"federated", "    i  i  s    s    s    s    +    s    s    s    +"},
	{"token", "        i  i  +    s    s    s    +    s    s    s    +"},
	{"token, MFA", "   +  +  +    s    s    s    +    s    s    s    +"},
	{"assumed root", " d  d  s    s    s    s    +    s    s    s    d"},
	{"console", "      +  +  +    +    s    s    +    +    +    +    +"},
	{"root console", " +  +  r    d    s    s    +    +    +    +    +"},
}

const targetRole = "arn:aws:iam::" + management + ":role/target"

var calledByKinds = [][]string{
	{"iam", "ListUsers"},
	{"iam", "TagRole", "RoleName", "target", "Tags.member.1.Key", "a", "Tags.member.1.Value", "b"},
	{"sts", "AssumeRole", "RoleArn", targetRole, "RoleSessionName", "x1"},
	{"sts", "AssumeRoot", "TargetPrincipal", member, "TaskPolicyArn.arn", "arn:aws:iam::aws:policy/root-task/" + audit},
	{"sts", "GetFederationToken", "Name", "Bob"},
	{"sts", "GetSessionToken"},
	{"sts", "GetCallerIdentity"},
	{"sts", "GetAccessKeyInfo", "AccessKeyId", "ASIAQNZGKIQY56JQ7WML"},
	{"sts", "DecodeAuthorizationMessage", "EncodedMessage", "none of ours"},
	{"sts", "GetDelegatedAccessToken", "TradeInToken", "none of ours"},
	{"access-analyzer", "ValidatePolicy", "policyDocument", allowAll, "policyType", "IDENTITY_POLICY"},
}

// The table of the User Guide ("Compare AWS STS credentials"), for every kind of
// credentials that there is.
//
// Rules: ST-72 ST-73 ST-75 EV-3 EV-45 CO-5
func TestKindsOfCredentialsAndWhatTheyCall(t *testing.T) {
	t.Parallel()
	h := organized(t)
	enableRootSessions(h)
	admin := "arn:aws:iam::" + management + ":user/admin"
	for _, name := range []string{"target", "first"} {
		h.As("root").Call("iam", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", trust("arn:aws:iam::"+management+":root", "")).OK()
		h.As("root").Call("iam", "PutRolePolicy", "RoleName", name, "PolicyName", "p", "PolicyDocument", allowAll).OK()
	}
	serial, code := device(t, h, management, "admin")
	id := userID(h, management, "admin")
	assume := func(who, role string) {
		actor(h, "in "+role, h.As(who).Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+management+":role/"+role, "RoleSessionName", "x1").OK())
	}
	assume("admin", "first")
	assume("in first", "target")
	var web session.Session
	h.View(func(tx *store.Tx) error {
		r, err := tx.Role(management, "target")
		if err != nil {
			return err
		}
		web = session.Session{
			Kind: session.Role, Account: management, PrincipalID: r.ID, RoleName: r.Name, Name: "web", Provider: "arn:aws:iam::" + management + ":oidc-provider/idp.example",
			Claims: []session.Claim{{Key: "idp.example:sub", Values: []string{"ana"}}}, Issued: h.Now(), Expires: h.Now().Add(time.Hour),
		}
		return nil
	})
	h.SessionOf("web", web)
	console := func(name, principal string) {
		h.SessionOf(name, session.Session{Kind: session.Console, Account: management, PrincipalID: principal, Proved: h.Now(), Issued: h.Now(), Expires: h.Now().Add(time.Hour)})
	}
	console("console", id)
	console("root console", "")
	actor(h, "federated", h.As("admin").Call("sts", "GetFederationToken", "Name", "Bob", "Policy", allowAll).OK())
	actor(h, "token", h.As("admin").Call("sts", "GetSessionToken").OK())
	actor(h, "token, MFA", h.As("admin").Call("sts", "GetSessionToken", "SerialNumber", serial, "TokenCode", code()).OK())
	actor(h, "assumed root", assumeRoot(h, "admin", member, task(audit)).OK())
	actors := map[string]string{"user key": "admin", "root key": "root", "role": "in first", "chained role": "in target", "web identity": "web"}

	for _, row := range kindsAndCalls {
		who := actors[row.kind]
		if who == "" {
			who = row.kind
		}
		marks := strings.Fields(row.calls)
		if len(marks) != len(calledByKinds) {
			t.Fatalf("%s has %d marks", row.kind, len(marks))
		}
		for i, call := range calledByKinds {
			a := h.As(who).Call(call[0], call[1], call[2:]...)
			denied := "AccessDenied"
			if call[0] == "access-analyzer" {
				denied = "AccessDeniedException"
			}
			wrong := false
			switch marks[i] {
			case "+":
				wrong = a.Code != "" && a.Code != "InvalidAuthorizationMessageException" && a.Message != "The trade-in token is not valid."
			case "i":
				wrong = a.Code != "InvalidClientTokenId" || a.Status != 403 || a.Message != "The security token included in the request is invalid"
			case "s":
				wrong = a.Code != "AccessDenied" || a.Status != 403 || a.Message != "Cannot call "+call[1]+" with session credentials"
			case "r":
				wrong = a.Code != "AccessDenied" || a.Message != "Roles may not be assumed by root accounts."
			case "d":
				wrong = a.Code != denied || !strings.Contains(a.Message, " is not authorized to perform: ")
			default:
				t.Fatalf("%s has a mark %q", row.kind, marks[i])
			}
			if wrong {
				t.Errorf("%s calls %s: %d %s: %s, want %s", row.kind, call[1], a.Status, a.Code, a.Message, marks[i])
			}
		}
	}
	if got := h.As("console").Call("sts", "GetCallerIdentity").Get("Arn"); got != admin {
		t.Errorf("the console's session is %s", got)
	}
}

// What policies see of each kind, and what the record has of it.
//
// Rules: EV-60 EV-61 ST-91 RE-10 RE-11 RE-12 RE-13
func TestKindsOfCredentialsAreTold(t *testing.T) {
	t.Parallel()
	h := organized(t)
	enableRootSessions(h)
	serial, code := device(t, h, management, "admin")
	root := "arn:aws:iam::" + management + ":root"
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "Path", "/team/", "AssumeRolePolicyDocument", trust(root, "")).OK()
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	h.Advance(time.Minute)
	issued := h.Now()
	role := func(more ...string) { // MFA for the trust policy
		actor(h, "role", h.As("admin").Call("sts", "AssumeRole", append([]string{"RoleArn", "arn:aws:iam::" + management + ":role/team/r", "RoleSessionName", "x1"}, more...)...).OK())
	}
	role("SerialNumber", serial, "TokenCode", code())
	actor(h, "federated", h.As("admin").Call("sts", "GetFederationToken", "Name", "Bob", "Policy", allowAll).OK())
	actor(h, "token", h.As("admin").Call("sts", "GetSessionToken").OK())
	actor(h, "root token", h.As("root").Call("sts", "GetSessionToken").OK())
	h.Advance(31 * time.Second)
	actor(h, "proved", h.As("admin").Call("sts", "GetSessionToken", "SerialNumber", serial, "TokenCode", code()).OK())
	id := userID(h, management, "admin")
	h.Advance(10 * time.Second)
	later := issued.Add(31 * time.Second)

	for _, test := range []struct {
		who       string
		condition map[string]string // a key's value; "" when it is not there
		kind, mfa string            // of the record; mfa is "" for long-term keys
		issuer    string
		issued    time.Time
	}{
		{"admin", map[string]string{"aws:PrincipalType": "User", "aws:username": "admin", "aws:userid": id, "aws:TokenIssueTime": "", "aws:MultiFactorAuthPresent": ""}, "IAMUser", "", "", time.Time{}},
		{"root", map[string]string{"aws:PrincipalType": "Account", "aws:username": "", "aws:userid": management, "aws:PrincipalArn": root, "aws:MultiFactorAuthPresent": ""}, "Root", "", "", time.Time{}},
		{"role", map[string]string{
			"aws:PrincipalType": "AssumedRole", "aws:username": "", "aws:PrincipalArn": "arn:aws:iam::" + management + ":role/team/r",
			"aws:TokenIssueTime": stamp(issued), "aws:MultiFactorAuthPresent": "false", "aws:MultiFactorAuthAge": "",
		}, "AssumedRole", "true", "Role", issued}, // ST-51, RE-13
		{"federated", map[string]string{
			"aws:PrincipalType": "FederatedUser", "aws:username": "", "aws:userid": management + ":Bob", "aws:TokenIssueTime": stamp(issued), "aws:MultiFactorAuthPresent": "false",
		}, "FederatedUser", "false", "IAMUser", issued},
		{"token", map[string]string{"aws:PrincipalType": "User", "aws:username": "admin", "aws:userid": id, "aws:TokenIssueTime": stamp(issued), "aws:MultiFactorAuthPresent": "false", "aws:MultiFactorAuthAge": ""}, "IAMUser", "false", "", issued},
		{"proved", map[string]string{"aws:PrincipalType": "User", "aws:username": "admin", "aws:TokenIssueTime": stamp(later), "aws:MultiFactorAuthPresent": "true", "aws:MultiFactorAuthAge": "10"}, "IAMUser", "true", "", later},
		{"root token", map[string]string{"aws:PrincipalType": "Account", "aws:userid": management, "aws:TokenIssueTime": stamp(issued), "aws:MultiFactorAuthPresent": "false"}, "Root", "false", "", issued},
	} {
		t.Run(test.who, func(t *testing.T) {
			keys := h.As(test.who).Keys("access-analyzer", "ValidatePolicy", "policyDocument", allowAll, "policyType", "IDENTITY_POLICY")
			for key, want := range test.condition {
				if got := strings.Join(keys[key], " "); got != want {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
			checks(h, test.who).OK()
			events := h.Events("ValidatePolicy")
			who := events[len(events)-1]["userIdentity"].(map[string]any)
			if who["type"] != test.kind {
				t.Errorf("recorded as %v", who)
			}
			of, _ := who["sessionContext"].(map[string]any)
			if test.mfa == "" {
				if of != nil {
					t.Errorf("a long-term key has a session: %v", of)
				}
				return
			}
			attributes := of["attributes"].(map[string]any)
			if attributes["mfaAuthenticated"] != test.mfa || attributes["creationDate"] != test.issued.Format(time.RFC3339) {
				t.Errorf("recorded with %v", attributes)
			}
			issuer, _ := of["sessionIssuer"].(map[string]any)
			if test.issuer == "" && issuer != nil || test.issuer != "" && issuer["type"] != test.issuer {
				t.Errorf("issued by %v", issuer)
			}
		})
	}
}

// stamp writes a time as aws:TokenIssueTime has it.
func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.000Z") }
