package regent_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

const invalidToken = "The security token included in the request is invalid."

// signIn makes an actor of the credentials in an answer of STS, and returns
// their access key id.
func signIn(h *servicetest.Harness, name string, a *servicetest.Answer) string {
	a.OK()
	id := a.Get("Credentials.AccessKeyId")
	h.Actor(name, sigv4.Credentials{
		AccessKeyID: id, SecretAccessKey: a.Get("Credentials.SecretAccessKey"), SessionToken: a.Get("Credentials.SessionToken"),
	})
	return id
}

// sessionWorld is world with roles: one of ours that alice may assume, and one
// of theirs that ours may.
func sessionWorld(t *testing.T) *servicetest.Harness {
	t.Helper()
	h := world(t)
	h.As("admin").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", allow("sts:*", "*")).OK()
	h.As("admin").Call("iam", "CreateRole", "RoleName", "ci", "Path", "/x/", "AssumeRolePolicyDocument", trust(ours),
		"Tags.member.1.Key", "team", "Tags.member.1.Value", "red").OK()
	h.As("admin").Call("iam", "PutRolePolicy", "RoleName", "ci", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	h.As("their-admin").Call("iam", "CreateRole", "RoleName", "guest", "AssumeRolePolicyDocument", trust(ours)).OK()
	return h
}

func assume(h *servicetest.Harness, who, account, role string) *servicetest.Answer {
	return h.As(who).Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+account+":role/"+role, "RoleSessionName", "s1")
}

func whoami(h *servicetest.Harness, actor string) *servicetest.Answer {
	return h.As(actor).Call("sts", "GetCallerIdentity")
}

func revoke(h *servicetest.Harness, actor string, parameters ...string) *servicetest.Answer {
	return h.As(actor).Call("regent", "RevokeSessions", parameters...)
}

// TestRevokeSessions shows each target: what descends from it is an invalid
// credential on the next call, in every account and protocol, and who made it
// can get another.
//
// Rules: TH-47 TH-48 ST-93
func TestRevokeSessions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		by    func(keys map[string]string) []string
		ended string
	}{
		{"a user", func(map[string]string) []string {
			return []string{"ResourceArn", "arn:aws:iam::" + ours + ":user/alice"}
		}, "token bob-federated role chained guest"},
		{"a role", func(map[string]string) []string {
			return []string{"ResourceArn", "arn:aws:iam::" + ours + ":role/x/ci"}
		}, "role chained guest admins vouched vouched-too"},
		{"a key", func(k map[string]string) []string { return []string{"AccessKeyId", k["alice"]} }, "token bob-federated role chained guest"},
		{"a session", func(k map[string]string) []string { return []string{"AccessKeyId", k["role"]} }, "role chained guest"},
		{"root", func(map[string]string) []string { return []string{"ResourceArn", "arn:aws:iam::" + ours + ":root"} }, "roots"},
		{"a subject", func(map[string]string) []string {
			return []string{"ResourceArn", "arn:aws:iam::" + ours + ":oidc-provider/idp.example", "Subject", "repo:us/app"}
		}, "vouched"},
		{"a provider", func(map[string]string) []string {
			return []string{"ResourceArn", "arn:aws:iam::" + ours + ":oidc-provider/idp.example"}
		}, "vouched vouched-too"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := sessionWorld(t)
			keys := map[string]string{}
			h.View(func(tx *store.Tx) error {
				u, err := tx.User(ours, "alice")
				keys["alice"] = string(u.Keys[0])
				return err
			})
			open := func() {
				keys["token"] = signIn(h, "token", h.As("alice").Call("sts", "GetSessionToken"))
				keys["bob-federated"] = signIn(h, "bob-federated", h.As("alice").Call("sts", "GetFederationToken", "Name", "Bob"))
				keys["role"] = signIn(h, "role", assume(h, "alice", ours, "x/ci"))
				keys["chained"] = signIn(h, "chained", assume(h, "role", ours, "x/ci"))
				keys["guest"] = signIn(h, "guest", assume(h, "chained", theirs, "guest"))
				keys["admins"] = signIn(h, "admins", assume(h, "admin", ours, "x/ci"))
				keys["roots"] = signIn(h, "roots", h.As("root").Call("sts", "GetSessionToken"))
			}
			open()
			vouched(h, "vouched", "repo:us/app")
			vouched(h, "vouched-too", "repo:us/other")
			all := []string{"token", "bob-federated", "role", "chained", "guest", "admins", "roots", "vouched", "vouched-too"}
			for _, actor := range all {
				whoami(h, actor).OK()
			}
			answer := revoke(h, "admin", test.by(keys)...).OK()
			var out struct {
				RevokedAt float64
				Pending   *bool
			}
			if err := json.Unmarshal([]byte(answer.Body), &out); err != nil || out.Pending == nil || *out.Pending || int64(out.RevokedAt) != h.Now().Unix() {
				t.Errorf("the answer is %s: %v", answer.Body, err)
			}
			ended := strings.Fields(test.ended)
			for _, actor := range all {
				if !slices.Contains(ended, actor) {
					whoami(h, actor).OK()
					continue
				}
				if a := whoami(h, actor); a.Status != 403 || a.Code != "InvalidClientTokenId" || a.Message != invalidToken {
					t.Errorf("%s: %d %s %s", actor, a.Status, a.Code, a.Message)
				}
				if a := h.As(actor).Call("regent", "GetServerInfo"); a.Status != 400 || a.Code != "UnrecognizedClientException" {
					t.Errorf("%s: %d %s", actor, a.Status, a.Code)
				}
			}
			open() // nobody lost the way to new ones
			for _, actor := range []string{"token", "bob-federated", "role", "chained", "guest", "admins", "roots"} {
				whoami(h, actor).OK()
			}
		})
	}
}

// vouched makes an actor of a session of the role ci that a provider vouched for.
func vouched(h *servicetest.Harness, actor, subject string) {
	h.View(func(tx *store.Tx) error {
		r, err := tx.Role(ours, "ci")
		if err != nil {
			return err
		}
		h.SessionOf(actor, session.Session{
			Kind: session.Role, Account: ours, PrincipalID: r.ID, RoleName: r.Name, Name: actor, Issued: h.Now(), Expires: h.Now().Add(session.Longest),
			Provider: "arn:aws:iam::" + ours + ":oidc-provider/idp.example", Subject: subject,
		})
		return nil
	})
}

// TestRevokeSessionsTakesPermission on what is named, whether or not it exists.
func TestRevokeSessionsTakesPermission(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	signIn(h, "role", assume(h, "alice", ours, "x/ci"))
	const role, ghost = "arn:aws:iam::" + ours + ":role/x/ci", "arn:aws:iam::" + ours + ":role/ghost"
	for _, target := range [][]string{
		{role, "ResourceArn", role},
		{ghost, "ResourceArn", ghost},
		{"arn:aws:iam::" + ours + ":user/alice", "ResourceArn", "arn:aws:iam::" + ours + ":user/alice"},
		{"arn:aws:iam::" + ours + ":saml-provider/corp", "ResourceArn", "arn:aws:iam::" + ours + ":saml-provider/corp", "Subject", "alice@corp.example"},
		{"arn:aws:regent::" + ours + ":access-key/AKIAIOSFODNN7EXAMPLE", "AccessKeyId", "AKIAIOSFODNN7EXAMPLE"},
		{"arn:aws:regent::" + ours + ":session/ASIAIOSFODNN7EXAMPLE", "AccessKeyId", "ASIAIOSFODNN7EXAMPLE"},
	} {
		a := revoke(h, "bob", target[1:]...)
		want := "User: arn:aws:iam::" + ours + ":user/bob is not authorized to perform: regent:RevokeSessions on resource: " + target[0] +
			" because no identity-based policy allows the regent:RevokeSessions action"
		if a.Status != 400 || a.Code != "AccessDeniedException" || a.Message != want {
			t.Errorf("%v: %d %s %s", target, a.Status, a.Code, a.Message)
		}
	}
	whoami(h, "role").OK()

	// On a resource, and on one with a tag.
	h.As("admin").Call("iam", "PutUserPolicy", "UserName", "bob", "PolicyName", "p", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"regent:RevokeSessions","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}]}`).OK()
	revoke(h, "bob", "ResourceArn", ghost).Fails("AccessDeniedException")
	revoke(h, "bob", "ResourceArn", "arn:aws:iam::"+ours+":user/alice").Fails("AccessDeniedException")
	revoke(h, "bob", "ResourceArn", role).OK()
	whoami(h, "role").Fails("InvalidClientTokenId")
}

// TestRevokeSessionsRefuses what is no target, or another account's.
func TestRevokeSessionsRefuses(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	guest := signIn(h, "guest", assume(h, "alice", theirs, "guest"))
	const noARN = "%s is not the ARN of a role, a user, an account's root or an identity provider."
	var theirKey identity.AccessKeyID
	h.View(func(tx *store.Tx) error {
		u, err := tx.User(theirs, "their-admin")
		theirKey = u.Keys[0]
		return err
	})
	for _, test := range []struct {
		parameters    []string
		code, message string
	}{
		{nil, "InvalidParameterException", "Name either a ResourceArn or an AccessKeyId."},
		{[]string{"ResourceArn", "arn:aws:iam::" + ours + ":role/x/ci", "AccessKeyId", "AKIAIOSFODNN7EXAMPLE"}, "InvalidParameterException", "Name either a ResourceArn or an AccessKeyId."},
		{[]string{"ResourceArn", "arn:aws:iam::" + ours + ":role/x/ci", "Subject", "x"}, "InvalidParameterException", "A Subject goes with the ResourceArn of an identity provider."},
		{[]string{"AccessKeyId", "AKIAIOSFODNN7EXAMPLE", "Subject", "x"}, "InvalidParameterException", "A Subject goes with the ResourceArn of an identity provider."},
		{[]string{"ResourceArn", "ci"}, "InvalidParameterException", strings.Replace(noARN, "%s", "ci", 1)},
		{[]string{"ResourceArn", "arn:aws:s3:::bucket"}, "InvalidParameterException", strings.Replace(noARN, "%s", "arn:aws:s3:::bucket", 1)},
		{[]string{"ResourceArn", "arn:aws:iam::" + ours + ":group/g"}, "InvalidParameterException", strings.Replace(noARN, "%s", "arn:aws:iam::"+ours+":group/g", 1)},
		{[]string{"ResourceArn", "arn:aws:iam::" + ours + ":role/ci"}, "NoSuchResourceException", "arn:aws:iam::" + ours + ":role/ci cannot be found in your account."},
		{[]string{"ResourceArn", "arn:aws:iam::" + ours + ":user/nobody"}, "NoSuchResourceException", "arn:aws:iam::" + ours + ":user/nobody cannot be found in your account."},
		{[]string{"ResourceArn", "arn:aws:iam::" + theirs + ":role/guest"}, "NoSuchResourceException", "arn:aws:iam::" + theirs + ":role/guest cannot be found in your account."},
		{[]string{"ResourceArn", "arn:aws:iam::" + theirs + ":root"}, "NoSuchResourceException", "arn:aws:iam::" + theirs + ":root cannot be found in your account."},
		{[]string{"AccessKeyId", guest}, "NoSuchResourceException", "The access key " + guest + " is not one of your account."},
		{[]string{"AccessKeyId", string(theirKey)}, "NoSuchResourceException", "The access key " + string(theirKey) + " is not one of your account."},
	} {
		if a := revoke(h, "admin", test.parameters...); a.Code != test.code || a.Message != test.message {
			t.Errorf("%v: %s %s", test.parameters, a.Code, a.Message)
		}
	}
	revoke(h, "admin", "AccessKeyId", "not/a/key/at/all").Fails("ValidationException")
	whoami(h, "guest").OK()
}

// TestRevokingAsAWSDoes is a policy of the role: it reaches the sessions issued
// before, and GetCallerIdentity still answers them. It needs iam:PutRolePolicy
// only, and is not for service-linked roles.
//
// Rules: ST-90 ST-91
func TestRevokingAsAWSDoes(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	h.As("admin").Call("iam", "PutUserPolicy", "UserName", "bob", "PolicyName", "p", "PolicyDocument", allow("iam:PutRolePolicy", "arn:aws:iam::"+ours+":role/x/*")).OK()
	older := func() string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"` +
			h.Now().Format("2006-01-02T15:04:05.000Z") + `"}}}]}`
	}
	users := func(actor string) *servicetest.Answer { return h.As(actor).Call("iam", "ListUsers") }
	signIn(h, "old", assume(h, "alice", ours, "x/ci"))
	h.As("admin").Call("iam", "CreateRole", "RoleName", "next", "AssumeRolePolicyDocument", trust(ours)).OK()
	h.As("admin").Call("iam", "PutRolePolicy", "RoleName", "next", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	signIn(h, "onward", assume(h, "old", ours, "next"))
	h.Advance(1e9)
	for range 2 { // and once more
		h.As("bob").Call("iam", "PutRolePolicy", "RoleName", "ci", "PolicyName", "AWSRevokeOlderSessions", "PolicyDocument", older()).OK()
		users("old").Fails("AccessDenied")
		whoami(h, "old").OK()
		users("onward").OK() // a session of another role
		signIn(h, "new", assume(h, "alice", ours, "x/ci"))
		users("new").OK()
		h.Advance(1e9)
	}
	h.Update(func(tx *store.Tx) error {
		return tx.CreateRole(&identity.Role{Account: ours, Name: "AWSServiceRoleForSupport", Path: "/aws-service-role/support.amazonaws.com/", ID: "AROAX"})
	})
	h.As("admin").Call("iam", "PutRolePolicy", "RoleName", "AWSServiceRoleForSupport", "PolicyName", "AWSRevokeOlderSessions", "PolicyDocument", older()).
		Fails("UnmodifiableEntity")
}

// TestRevokingAKeyOfAnyName: the operator may choose the id of the first root
// key, which then carries somebody else's account or none; what began with it is
// revoked by it all the same. A key that nobody has is not revoked in silence.
//
// Rules: TH-47
func TestRevokingAKeyOfAnyName(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	for _, id := range []string{"AKIAIOSFODNN7EXAMPLE", "AKIA0000000000000001"} {
		if account, _ := arn.AccountOf(id); account == ours {
			t.Fatalf("%s carries our account", id)
		}
		revoke(h, "admin", "AccessKeyId", id).Fails("NoSuchResourceException", "The access key "+id+" is not one of your account.")
		secret := seal.NewSecret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
		h.Update(func(tx *store.Tx) error {
			sealed, err := authn.SealSecret(h.Ring, identity.AccessKeyID(id), secret)
			if err != nil {
				return err
			}
			return tx.PutAccessKey(&identity.AccessKey{ID: identity.AccessKeyID(id), Account: ours, Status: identity.KeyActive, Created: h.Now(), Sealed: sealed})
		})
		h.Actor("chosen", sigv4.Credentials{AccessKeyID: id, SecretAccessKey: secret.Reveal()})
		signIn(h, "session", h.As("chosen").Call("sts", "GetSessionToken"))
		whoami(h, "session").OK()
		revoke(h, "their-admin", "AccessKeyId", id).Fails("NoSuchResourceException", "The access key "+id+" is not one of your account.")
		whoami(h, "session").OK()
		revoke(h, "admin", "AccessKeyId", id).OK()
		whoami(h, "session").Fails("InvalidClientTokenId")
	}
}

// TestRevokingAProviderByAnotherSpelling would end nothing and say that it did.
// Its tags count for who may.
//
// Rules: TH-47
func TestRevokingAProviderByAnotherSpelling(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	h.Update(func(tx *store.Tx) error {
		return tx.CreateSAMLProvider(&identity.SAMLProvider{
			Account: ours, Name: "Corp", ID: "ASAMLX", Created: h.Now(), Tags: []identity.Tag{{Key: "team", Value: "red"}},
		})
	})
	const named, other = "arn:aws:iam::" + ours + ":saml-provider/Corp", "arn:aws:iam::" + ours + ":saml-provider/corp"
	revoke(h, "admin", "ResourceArn", other).Fails("NoSuchResourceException", other+" cannot be found in your account.")
	h.As("admin").Call("iam", "PutUserPolicy", "UserName", "bob", "PolicyName", "p", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"regent:RevokeSessions","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}]}`).OK()
	revoke(h, "bob", "ResourceArn", named).OK()
	revoke(h, "bob", "ResourceArn", "arn:aws:iam::"+ours+":saml-provider/gone").Fails("AccessDeniedException")
	revoke(h, "admin", "ResourceArn", "arn:aws:iam::"+ours+":saml-provider/gone").OK()
}

// TestRevokedSessionsStayEndedWhenTheClockIsSetBack: a session that was minted by
// a clock that was ahead lasts longer than one minted now, and so does what ended
// it, though every revocation sweeps away those that are over.
//
// Rules: TH-47
func TestRevokedSessionsStayEndedWhenTheClockIsSetBack(t *testing.T) {
	t.Parallel()
	h := sessionWorld(t)
	signIn(h, "long", h.As("alice").Call("sts", "GetSessionToken", "DurationSeconds", "129600"))
	h.Advance(-2 * time.Hour)
	revoke(h, "admin", "ResourceArn", "arn:aws:iam::"+ours+":user/alice").OK()
	h.Advance(session.Longest + time.Hour)
	for range 3 {
		revoke(h, "admin", "ResourceArn", "arn:aws:iam::"+ours+":root").OK()
	}
	whoami(h, "long").Fails("InvalidClientTokenId")
}
