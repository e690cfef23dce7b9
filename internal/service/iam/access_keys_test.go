package iam_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

// newKey makes a key and an actor that signs with it.
func newKey(h *servicetest.Harness, actor string, by *servicetest.Caller, parameters ...string) sigv4.Credentials {
	a := by.Call("iam", "CreateAccessKey", parameters...).OK()
	c := sigv4.Credentials{AccessKeyID: a.Get("AccessKeyId"), SecretAccessKey: a.Get("SecretAccessKey")}
	h.Actor(actor, c)
	return c
}

// A key signs from the answer on, and no longer than it is switched on.
//
// Rules: IA-50 IA-2 ST-13
func TestAccessKeySigns(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, "")
	root := h.As("root")
	c := newKey(h, "second", root, "UserName", "alice")
	if !regexp.MustCompile(`^[A-Za-z0-9+/]{40}$`).MatchString(c.SecretAccessKey) {
		t.Error("the secret is not 40 characters of base64")
	}
	if !regexp.MustCompile(`^AKIA[A-Z2-7]{16}$`).MatchString(c.AccessKeyID) {
		t.Errorf("the key is called %s", c.AccessKeyID)
	}
	second := h.As("second")
	if got := second.Call("sts", "GetCallerIdentity").OK().Get("Arn"); got != "arn:aws:iam::111122223333:user/alice" {
		t.Errorf("the key is of %s", got)
	}
	if got := root.Call("sts", "GetAccessKeyInfo", "AccessKeyId", c.AccessKeyID).OK().Get("Account"); got != account {
		t.Errorf("the key is of account %s", got)
	}
	set := func(status string) {
		t.Helper()
		root.Call("iam", "UpdateAccessKey", "UserName", "alice", "AccessKeyId", c.AccessKeyID, "Status", status).OK()
	}
	const invalid = "The security token included in the request is invalid."
	set("Inactive")
	second.Call("sts", "GetCallerIdentity").Fails("InvalidClientTokenId", invalid)
	set("Active")
	second.Call("sts", "GetCallerIdentity").OK()
	root.Call("iam", "DeleteAccessKey", "UserName", "alice", "AccessKeyId", c.AccessKeyID).OK()
	second.Call("sts", "GetCallerIdentity").Fails("InvalidClientTokenId", invalid)

	roots := newKey(h, "root2", root)
	if got := h.As("root2").Call("sts", "GetCallerIdentity").OK().Get("Arn"); got != "arn:aws:iam::111122223333:root" {
		t.Errorf("root's key is of %s", got)
	}
	h.As("root2").Call("iam", "DeleteAccessKey", "AccessKeyId", roots.AccessKeyID).OK() // itself
	h.As("root2").Call("sts", "GetCallerIdentity").Fails("InvalidClientTokenId", invalid)
}

// No two keys are alike, and none shows its secret anywhere in the store.
//
// Rules: IA-50 TH-54
func TestSecretsOfKeys(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	seen := map[string]bool{}
	for i := range 20 {
		name := fmt.Sprint("u", i)
		h.As("root").Call("iam", "CreateUser", "UserName", name).OK()
		c := newKey(h, name, h.As("root"), "UserName", name)
		if seen[c.SecretAccessKey] || seen[c.AccessKeyID] {
			t.Fatal("two keys share a secret or an id")
		}
		seen[c.SecretAccessKey], seen[c.AccessKeyID] = true, true
		h.View(func(tx *store.Tx) error {
			k, err := tx.AccessKey(identity.AccessKeyID(c.AccessKeyID))
			if err == nil && strings.Contains(string(k.Sealed), c.SecretAccessKey) {
				t.Error("the secret lies open")
			}
			return err
		})
	}
}

// Rules: IA-51
func TestGetAccessKeyLastUsed(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, "")
	c := newKey(h, "second", h.As("root"), "UserName", "alice")
	h.Update(func(tx *store.Tx) error {
		return tx.PutKeyUse(identity.AccessKeyID(c.AccessKeyID), identity.KeyUse{At: h.Now(), Service: "s3", Region: "eu-west-1"})
	})
	a := h.As("root").Call("iam", "GetAccessKeyLastUsed", "AccessKeyId", c.AccessKeyID).OK()
	got := []string{a.Get("UserName"), a.Get("LastUsedDate"), a.Get("ServiceName"), a.Get("Region")}
	if fmt.Sprint(got) != "[alice 2026-04-01T12:00:00Z s3 eu-west-1]" {
		t.Errorf("last use %v", got)
	}
}

// A session with MFA is the user itself, a session without may not call IAM.
//
// Rules: IA-5 ST-72
func TestAccessKeysOfSessions(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, allowEverything)
	var id string
	h.View(func(tx *store.Tx) error {
		u, err := tx.User(account, "alice")
		if err == nil {
			id = u.ID
		}
		return err
	})
	s := session.Session{Kind: session.User, Account: account, PrincipalID: id, Issued: h.Now(), Expires: h.Now().Add(time.Hour)}
	h.SessionOf("without", s)
	s.MFA = h.Now()
	h.SessionOf("with", s)
	h.As("without").Call("iam", "ListAccessKeys").Fails("InvalidClientTokenId")
	if got := h.As("with").Call("iam", "ListAccessKeys").OK().Get("UserName"); got != "alice" {
		t.Errorf("the session's keys are of %s", got)
	}
}

// A want is a call and the one permission that must be enough for it.
type want struct {
	operation  string
	parameters string // NAME=VALUE, blanks between
	resource   string
	condition  string // under which permission is given, "" for none
}

// Each operation asks for its own permission on the record that it is about,
// path included, with the keys that policies are written with: that permission
// is enough, no other is.
//
// Rules: IA-78 EV-61 EV-63 TH-28
func TestNeedsOfCredentialsAndGroups(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	root := h.As("root")
	root.Call("iam", "CreateUser", "UserName", "u", "Path", "/x/", "Tags.member.1.Key", "team", "Tags.member.1.Value", "a").OK()
	root.Call("iam", "CreateGroup", "GroupName", "g", "Path", "/x/").OK()
	c := newKey(h, "u", root, "UserName", "u")
	d := newDevice(t, root, "d", "Path", "/x/", "Tags.member.1.Key", "team", "Tags.member.1.Value", "a")
	first, second := d.pair(h)
	const (
		user, group, list = "arn:aws:iam::111122223333:user/x/u", "arn:aws:iam::111122223333:group/x/g", "*"
		tagged            = `{"StringEquals":{"aws:ResourceTag/team":"a","iam:ResourceTag/team":"a"}}`
		codes             = " AuthenticationCode1=%s AuthenticationCode2=%s"
	)
	u, key, serial := "UserName=u ", "AccessKeyId="+c.AccessKeyID, "SerialNumber="+d.serial
	for i, n := range []want{
		{"ListGroupsForUser", u, user, tagged},
		{"GetGroup", "GroupName=g", group, ""},
		{"AddUserToGroup", u + "GroupName=g", group, ""},
		{"RemoveUserFromGroup", u + "GroupName=g", group, ""},
		{"UpdateGroup", "GroupName=g", group, ""},
		{"CreateGroup", "GroupName=new Path=/n/", "arn:aws:iam::111122223333:group/n/new", ""},
		{"DeleteGroup", "GroupName=new", "arn:aws:iam::111122223333:group/n/new", ""},
		{"ListGroups", "", list, ""},

		{"CreateAccessKey", u, user, tagged},
		{"ListAccessKeys", u, user, tagged},
		{"GetAccessKeyLastUsed", key, user, tagged},
		{"UpdateAccessKey", u + "Status=Inactive " + key, user, tagged},
		{"DeleteAccessKey", u + key, user, tagged},

		{"CreateLoginProfile", u + "Password=Correct-1-horse", user, tagged},
		{"GetLoginProfile", u, user, tagged},
		{"UpdateLoginProfile", u + "Password=Correct-2-horse", user, tagged},
		{"DeleteLoginProfile", u, user, tagged},
		{"UpdateAccountPasswordPolicy", "MaxPasswordAge=90", list, ""},
		{"GetAccountPasswordPolicy", "", list, ""},
		{"DeleteAccountPasswordPolicy", "", list, ""},

		{"ListSSHPublicKeys", u, user, tagged},
		{"ListSigningCertificates", u, user, tagged},
		{"CreateServiceSpecificCredential", u + "ServiceName=bedrock.amazonaws.com CredentialAgeDays=3", user, `{"StringEquals":{"iam:ServiceSpecificCredentialServiceName":"bedrock.amazonaws.com","aws:ResourceTag/team":"a"},"NumericEquals":{"iam:ServiceSpecificCredentialAgeDays":"3"}}`},
		{"ListServiceSpecificCredentials", u, user, tagged},
		{"ListServerCertificates", "", list, ""},

		{"CreateVirtualMFADevice", "VirtualMFADeviceName=new Path=/n/", "arn:aws:iam::111122223333:mfa/n/new", ""},
		{"EnableMFADevice", u + serial + fmt.Sprintf(codes, first, second), user, tagged},
		{"GetMFADevice", u + serial, user, tagged},
		{"ListMFADevices", u, user, tagged},
		{"DeactivateMFADevice", u + serial, user, tagged},
		{"ListMFADeviceTags", serial, d.serial, tagged},
		{"TagMFADevice", serial + " Tags.member.1.Key=k Tags.member.1.Value=v", d.serial, `{"StringEquals":{"aws:RequestTag/k":"v","aws:ResourceTag/team":"a"}}`},
		{"UntagMFADevice", serial + " TagKeys.member.1=k", d.serial, `{"ForAllValues:StringEquals":{"aws:TagKeys":"k"},"Null":{"aws:TagKeys":"false"}}`},
		{"DeleteVirtualMFADevice", serial, d.serial, tagged},
		{"ListVirtualMFADevices", "", list, ""},

		{"CreateAccountAlias", "AccountAlias=acme", list, ""},
		{"ListAccountAliases", "", list, ""},
		{"DeleteAccountAlias", "AccountAlias=acme", list, ""},
		{"GetAccountSummary", "", list, ""},
		{"GetAccountAuthorizationDetails", "", list, ""},
	} {
		condition := n.condition
		if condition == "" {
			condition = "{}"
		}
		policy := func(effect, action, element, resource, condition string) string {
			return fmt.Sprintf(`{"Effect":%q,"Action":%q,%q:%q,"Condition":%s}`, effect, action, element, resource, condition)
		}
		const document = `{"Version":"2012-10-17","Statement":[%s]}`
		enough, other := fmt.Sprint("enough", i), fmt.Sprint("other", i)
		h.User(enough, account, fmt.Sprintf(document, policy("Allow", "iam:"+n.operation, "Resource", n.resource, condition)))
		rest := policy("Allow", "*", "Resource", "*", "{}") + "," + policy("Deny", "iam:"+n.operation, "Resource", n.resource, condition)
		h.User(other, account, fmt.Sprintf(document, rest))
		h.As(other).Call("iam", n.operation, parameters(n.parameters)...).Fails("AccessDenied")
		h.As(enough).Call("iam", n.operation, parameters(n.parameters)...).OK()
	}
}
