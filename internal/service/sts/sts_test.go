package sts_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/arn"
	analyzerapi "github.com/regent-iam/regent/internal/api/accessanalyzer"
	iamapi "github.com/regent-iam/regent/internal/api/iam"
	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/service/accessanalyzer"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/service/sts"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

const (
	prod = "111122223333"
	dev  = "444455556666"

	public = "https://id.example"
)

func harness(t testing.TB) *servicetest.Harness {
	t.Helper()
	return harnessOf(t, sts.New(sts.Config{PublicURL: public}))
}

func harnessOf(t testing.TB, s *sts.Service) *servicetest.Harness {
	t.Helper()
	return servicetest.New(t,
		dispatch.Service{API: &iamapi.Service, Operations: iam.New(iam.Config{PublicURL: public}).Operations()},
		dispatch.Service{API: &stsapi.Service, Operations: s.Operations()},
		dispatch.Service{API: &analyzerapi.Service, Operations: accessanalyzer.Operations()},
	)
}

func TestScenarios(t *testing.T) {
	servicetest.Run(t, "testdata/*.txtar", harness)
}

// actor makes an actor of the credentials in an answer.
func actor(h *servicetest.Harness, name string, a *servicetest.Answer) {
	h.Actor(name, sigv4.Credentials{
		AccessKeyID: a.Get("AccessKeyId"), SecretAccessKey: a.Get("SecretAccessKey"), SessionToken: a.Get("SessionToken"),
	})
}

const allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

func trust(principal, conditions string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]` + conditions + `}]}`
}

// device gives a user a device and returns what shows its codes.
func device(t *testing.T, h *servicetest.Harness, account identity.AccountID, user identity.UserName) (serial string, code func() string) {
	t.Helper()
	seed := []byte("12345678901234567890")
	d := &identity.MFADevice{Account: account, Name: string(user), Path: "/", Created: h.Now(), Enabled: h.Now()}
	h.Update(func(tx *store.Tx) error {
		u, err := tx.User(account, user)
		if err != nil {
			return err
		}
		d.UserID = u.ID
		if d.Sealed, err = mfa.SealSeed(h.Ring, d.Serial(), seed); err != nil {
			return err
		}
		u.MFA = []string{d.Serial()}
		if err := tx.CreateDevice(d); err != nil {
			return err
		}
		return tx.PutUser(u)
	})
	return d.Serial(), func() string { return mfa.Code(seed, h.Now()) }
}

// The device of the caller proves MFA to the trust policy, once with each
// code; whose device it is and what is wrong with it cannot be told.
//
// Rules: ST-50 ST-51 ST-52 ST-53 TH-50
func TestAssumeRoleWithMFA(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	h.User("bob", dev, allowAll)
	serial, code := device(t, h, dev, "alice")
	role := "arn:aws:iam::" + dev + ":role/guarded"
	h.As("root").Call("iam", "CreateRole", "RoleName", "guarded", "AssumeRolePolicyDocument",
		trust("arn:aws:iam::"+dev+":root", `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"300"}}`)).OK()
	assume := func(who string, more ...string) *servicetest.Answer {
		return h.As(who).Call("sts", "AssumeRole", append([]string{"RoleArn", role, "RoleSessionName", "alice"}, more...)...)
	}
	const wrongCode = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
	const wrongDevice = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
	assume("alice").Fails("AccessDenied", "User: arn:aws:iam::"+dev+":user/alice is not authorized to perform: sts:AssumeRole on resource: "+role)
	assume("alice", "SerialNumber", serial).Fails("AccessDenied", "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.")
	assume("alice", "SerialNumber", serial+"x", "TokenCode", code()).Fails("AccessDenied", wrongDevice)
	assume("bob", "SerialNumber", serial, "TokenCode", code()).Fails("AccessDenied", wrongDevice)
	assume("alice", "SerialNumber", serial, "TokenCode", code()).OK()
	assume("alice", "SerialNumber", serial, "TokenCode", code()).Fails("AccessDenied", wrongCode)
	h.Advance(30 * time.Second)
	actor(h, "in-role", assume("alice", "SerialNumber", serial, "TokenCode", code()).OK())

	// A wrong code is counted though the call fails, and guessing is slowed down.
	h.Advance(time.Minute)
	wrong := func() string {
		right, err := strconv.Atoi(code())
		if err != nil {
			t.Fatal(err)
		}
		text := strconv.Itoa((right + 500_001) % 1_000_000)
		return strings.Repeat("0", 6-len(text)) + text
	}
	for range 6 {
		assume("alice", "SerialNumber", serial, "TokenCode", wrong()).Fails("AccessDenied", wrongCode)
	}
	assume("alice", "SerialNumber", serial, "TokenCode", code()).Fails("AccessDenied", wrongCode)
	h.Advance(time.Minute)
	assume("alice", "SerialNumber", serial, "TokenCode", code()).OK()

	// A session that was got with MFA needs no further code (ST-52).
	h.Advance(time.Minute)
	actor(h, "plain", h.As("alice").Call("sts", "GetSessionToken").OK())
	actor(h, "proved", h.As("alice").Call("sts", "GetSessionToken", "SerialNumber", serial, "TokenCode", code()).OK())
	assume("plain").Fails("AccessDenied")
	assume("proved").OK()
	h.As("plain").Call("iam", "ListUsers").Fails("InvalidClientTokenId")
	h.As("proved").Call("iam", "ListUsers").OK()
	h.Advance(6 * time.Minute)
	assume("proved").Fails("AccessDenied") // its MFA is too long ago

	// The role's own session shows no MFA to its policies (ST-51).
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "guarded", "PolicyName", "p", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`).OK()
	h.As("in-role").Call("iam", "ListUsers").Fails("AccessDenied")
}

// A code that came with a call that was then refused is used up all the same.
//
// Rules: ST-50 TH-50
func TestRefusedCallUsesTheCode(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	serial, code := device(t, h, dev, "alice")
	role := "arn:aws:iam::" + dev + ":role/other"
	h.As("root").Call("iam", "CreateRole", "RoleName", "other", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+prod+":root", "")).OK()
	h.As("alice").Call("sts", "AssumeRole", "RoleArn", role, "RoleSessionName", "alice", "SerialNumber", serial, "TokenCode", code()).Fails("AccessDenied")
	h.As("alice").Call("sts", "GetSessionToken", "SerialNumber", serial, "TokenCode", code()).
		Fails("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
}

// Durations: the default is an hour whatever the role allows; chaining and
// sessions of GetSessionToken are capped at one.
//
// Rules: ST-20 ST-21 ST-23 ST-24 ST-15 SE-3 TV-13
func TestDurations(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	role := "arn:aws:iam::" + dev + ":role/long"
	h.As("root").Call("iam", "CreateRole", "RoleName", "long", "MaxSessionDuration", "7200",
		"AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", "")).OK()
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "long", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	assume := func(who string, more ...string) *servicetest.Answer {
		return h.As(who).Call("sts", "AssumeRole", append([]string{"RoleArn", role, "RoleSessionName", "alice"}, more...)...)
	}
	expires := func(a *servicetest.Answer) time.Duration {
		at, err := time.Parse(time.RFC3339, a.OK().Get("Expiration"))
		if err != nil {
			t.Fatal(err)
		}
		return at.Sub(h.Now())
	}
	if got := expires(assume("alice")); got != time.Hour {
		t.Errorf("default is %s", got)
	}
	if got := expires(assume("alice", "DurationSeconds", "7200")); got != 2*time.Hour {
		t.Errorf("7200 s are %s", got)
	}
	assume("alice", "DurationSeconds", "7201").Fails("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	assume("alice", "DurationSeconds", "899").Fails("ValidationError",
		"1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900")
	assume("alice", "DurationSeconds", "43201").Fails("ValidationError",
		"1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200")
	actor(h, "chained", assume("alice"))
	actor(h, "token", h.As("alice").Call("sts", "GetSessionToken").OK())
	for _, who := range []string{"chained", "token"} {
		assume(who, "DurationSeconds", "3601").Fails("ValidationError",
			"The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
		assume(who, "DurationSeconds", "3600").OK()
	}
	first, second := assume("alice"), assume("alice")
	if first.Get("AccessKeyId") == second.Get("AccessKeyId") || first.Get("Arn") != second.Get("Arn") {
		t.Errorf("two sessions of one name: %s %s", first.Get("AccessKeyId"), second.Get("AccessKeyId"))
	}
	if got := expires(h.As("alice").Call("sts", "GetSessionToken")); got != 12*time.Hour {
		t.Errorf("GetSessionToken gives a user %s", got)
	}
	if got := expires(h.As("root").Call("sts", "GetSessionToken", "DurationSeconds", "129600")); got != time.Hour {
		t.Errorf("GetSessionToken gives root %s", got)
	}
	h.Advance(time.Hour)
	h.As("chained").Call("sts", "GetCallerIdentity").Fails("ExpiredToken", "The security token included in the request is expired")
}

// The access key id of temporary credentials tells the account, and the answer
// has AWS's form.
//
// Rules: ST-12 ST-13 ST-76 TV-8
func TestAccessKeyIDsTellTheAccount(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(prod, "root")
	h.User("alice", prod, allowAll)
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "Path", "/team/", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+prod+":user/alice", "")).OK()
	a := h.As("alice").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+prod+":role/team/r", "RoleSessionName", "s-1").OK()
	if account, ok := arn.AccountOf(a.Get("AccessKeyId")); account != prod || !ok {
		t.Errorf("%s tells %s, %v", a.Get("AccessKeyId"), account, ok)
	}
	if got := a.Get("AssumedRoleUser.Arn"); got != "arn:aws:sts::"+prod+":assumed-role/r/s-1" {
		t.Errorf("session is %s", got)
	}
	if id := a.Get("AssumedRoleId"); !strings.HasPrefix(id, "AROA") || !strings.HasSuffix(id, ":s-1") {
		t.Errorf("id is %s", id)
	}
	if len(a.All("PackedPolicySize"))+len(a.All("SourceIdentity")) > 0 {
		t.Errorf("the answer tells what was not asked: %s", a.Body)
	}
	if got := h.As("alice").Call("sts", "GetAccessKeyInfo", "AccessKeyId", "ASIAQNZGKIQY56JQ7WML").OK().Get("Account"); got != "029608264753" {
		t.Errorf("account is %s", got)
	}
	h.User("bob", prod, "")
	h.As("bob").Call("sts", "GetAccessKeyInfo", "AccessKeyId", "ASIAQNZGKIQY56JQ7WML").Fails("AccessDenied")
}

// What kind of credentials may call what, whatever the policies say.
//
// Rules: ST-72 ST-73 ST-75 EV-3
func TestKindsOfCredentials(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", "")).OK()
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	h.Session("in-role", dev, "r")
	actor(h, "token", h.As("alice").Call("sts", "GetSessionToken").OK())
	var id string
	h.View(func(tx *store.Tx) error {
		u, err := tx.User(dev, "alice")
		if err == nil {
			id = u.ID
		}
		return err
	})
	h.SessionOf("federated", session.Session{
		Kind: session.Federated, Account: dev, PrincipalID: id, Name: "Bob", Policy: allowAll,
		Issued: h.Now(), Expires: h.Now().Add(time.Hour),
	})
	role := "arn:aws:iam::" + dev + ":role/r"
	for _, test := range []struct {
		who, service, operation, code, message string
	}{
		{"root", "iam", "ListUsers", "", ""},
		{"root", "sts", "AssumeRole", "AccessDenied", "Roles may not be assumed by root accounts."},
		{"alice", "sts", "AssumeRole", "", ""},
		{"alice", "sts", "GetSessionToken", "", ""},
		{"in-role", "iam", "ListUsers", "", ""},
		{"in-role", "sts", "AssumeRole", "", ""},
		{"in-role", "sts", "GetSessionToken", "AccessDenied", "Cannot call GetSessionToken with session credentials"},
		{"in-role", "sts", "GetFederationToken", "AccessDenied", "Cannot call GetFederationToken with session credentials"},
		{"token", "iam", "ListUsers", "InvalidClientTokenId", "The security token included in the request is invalid"},
		{"token", "sts", "AssumeRole", "", ""},
		{"token", "sts", "GetSessionToken", "AccessDenied", "Cannot call GetSessionToken with session credentials"},
		{"token", "sts", "GetCallerIdentity", "", ""},
		{"federated", "iam", "ListUsers", "InvalidClientTokenId", ""},
		{"federated", "sts", "AssumeRole", "AccessDenied", ""},
		{"federated", "sts", "GetCallerIdentity", "", ""},
	} {
		t.Run(test.who+" "+test.operation, func(t *testing.T) {
			var more []string
			if test.operation == "AssumeRole" {
				more = []string{"RoleArn", role, "RoleSessionName", "x1"}
			}
			a := h.As(test.who).Call(test.service, test.operation, more...)
			switch {
			case test.code == "":
				a.OK()
			case test.message == "":
				a.Fails(test.code)
			default:
				a.Fails(test.code, test.message)
			}
		})
	}
	if got := h.As("federated").Call("sts", "GetCallerIdentity").OK(); got.Get("Arn") != "arn:aws:sts::"+dev+":federated-user/Bob" || got.Get("UserId") != dev+":Bob" {
		t.Errorf("federated user is %s, %s", got.Get("Arn"), got.Get("UserId"))
	}
}
