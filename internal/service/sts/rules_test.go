package sts_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// The table of the User Guide's chain, with a fourth role: the tags and the
// source identity of each session.
//
// Rules: ST-40 ST-41 ST-43 ST-46 ST-47 ST-48
func TestChainOfFourRoles(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	roleARN := func(n int) string { return fmt.Sprintf("arn:aws:iam::%s:role/role%d", dev, n) }
	own := []string{"Star=0 Rose=0", "Sun=2", "Moon=3", "heart=4"}
	for i, tags := range own {
		h.As("root").Call("iam", "CreateRole", append([]string{"RoleName", fmt.Sprintf("role%d", i+1), "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", "")}, tagged("Tags", tags)...)...).OK()
		h.As("root").Call("iam", "PutRolePolicy", "RoleName", fmt.Sprintf("role%d", i+1), "PolicyName", "p", "PolicyDocument", allowAll).OK()
	}
	who := "alice"
	for i, step := range []struct {
		passes, transitive, source string // of the call
		tags                       string // of the session, sorted by key
	}{
		{"Star=1 Heart=1 Here=1", "Star Heart", "ana", "Heart=1 Here=1 Rose=0 Star=1"},
		{"", "", "", "Heart=1 Star=1 Sun=2"},
		{"Sky=5", "Sky", "ana", "Heart=1 Moon=3 Sky=5 Star=1"},
		{"Sea=6", "", "", "Heart=1 Sea=6 Sky=5 Star=1"}, // an inherited tag takes the place of the role's heart
	} {
		parameters := append([]string{"RoleArn", roleARN(i + 1), "RoleSessionName", "x1"}, tagged("Tags", step.passes)...)
		for n, key := range strings.Fields(step.transitive) {
			parameters = append(parameters, fmt.Sprintf("TransitiveTagKeys.member.%d", n+1), key)
		}
		if step.source != "" {
			parameters = append(parameters, "SourceIdentity", step.source)
		}
		a := h.As(who).Call("sts", "AssumeRole", parameters...).OK()
		if got := a.Get("SourceIdentity"); got != "ana" {
			t.Errorf("role %d: source identity is %q", i+1, got)
		}
		who = fmt.Sprintf("in role %d", i+1)
		actor(h, who, a)
		keys := h.As(who).Keys("iam", "ListUsers")
		for tag := range strings.FieldsSeq(step.tags) {
			key, value, _ := strings.Cut(tag, "=")
			if got := keys["aws:PrincipalTag/"+key]; len(got) != 1 || got[0] != value {
				t.Errorf("role %d: %s is %q, want %q", i+1, key, got, value)
			}
		}
		n := 0
		for key := range keys {
			if strings.HasPrefix(key, "aws:PrincipalTag/") {
				n++
			}
		}
		if n != len(strings.Fields(step.tags)) {
			t.Errorf("role %d has other tags too: %v", i+1, keys)
		}
		if got := keys["aws:SourceIdentity"]; len(got) != 1 || got[0] != "ana" {
			t.Errorf("role %d: aws:SourceIdentity is %q", i+1, got)
		}
	}
	for _, key := range []string{"Star", "HEART", "sky"} {
		h.As(who).Call("sts", "AssumeRole", append([]string{"RoleArn", roleARN(1), "RoleSessionName", "x1"}, tagged("Tags", key+"=9")...)...).Fails("InvalidParameterValue")
	}
}

// tagged writes tags as parameters.
func tagged(list, tags string) []string {
	var out []string
	for i, tag := range strings.Fields(tags) {
		key, value, _ := strings.Cut(tag, "=")
		out = append(out, fmt.Sprintf("%s.member.%d.Key", list, i+1), key, fmt.Sprintf("%s.member.%d.Value", list, i+1), value)
	}
	return out
}

// There is no sts:DurationSeconds in AssumeRole: a condition on it is met by
// nobody, whatever is asked for, but by those who ask for its absence.
//
// Rules: ST-11
func TestDurationIsNoConditionKey(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	for name, condition := range map[string]string{
		"short":  `{"NumericLessThanEquals":{"sts:DurationSeconds":"3600"}}`,
		"long":   `{"NumericGreaterThan":{"sts:DurationSeconds":"0"}}`,
		"absent": `{"Null":{"sts:DurationSeconds":"true"}}`,
	} {
		h.As("root").Call("iam", "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", `,"Condition":`+condition)).OK()
		for _, more := range [][]string{nil, {"DurationSeconds", "900"}, {"DurationSeconds", "3600"}} {
			a := h.As("alice").Call("sts", "AssumeRole", append([]string{"RoleArn", "arn:aws:iam::" + dev + ":role/" + name, "RoleSessionName", "x1"}, more...)...)
			if (a.Code == "") != (name == "absent") || a.Code != "" && a.Code != "AccessDenied" {
				t.Errorf("%s with %v: %s %s", name, more, a.Code, a.Message)
			}
		}
	}
	a := h.As("alice").Keys("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+dev+":role/short", "RoleSessionName", "x1", "DurationSeconds", "900")
	if _, ok := a["sts:DurationSeconds"]; ok || len(a["sts:RoleSessionName"]) != 1 {
		t.Errorf("the keys of AssumeRole are %v", a)
	}
}

// A session lasts to its own end, though the one that it was got with ends
// before.
//
// Rules: ST-24 ST-21
func TestSessionsOutliveThoseTheyComeFrom(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", "")).OK()
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	assume := []string{"RoleArn", "arn:aws:iam::" + dev + ":role/r", "RoleSessionName", "x1"}
	actor(h, "first", h.As("alice").Call("sts", "AssumeRole", append(assume, "DurationSeconds", "900")...).OK())
	h.Advance(14 * time.Minute)
	actor(h, "second", h.As("first").Call("sts", "AssumeRole", assume...).OK())
	h.Advance(30 * time.Minute)
	h.As("first").Call("iam", "ListUsers").Fails("ExpiredToken")
	h.As("second").Call("iam", "ListUsers").OK()
	h.Advance(30 * time.Minute)
	h.As("second").Call("iam", "ListUsers").Fails("ExpiredToken")
}

// GetSessionToken and GetFederationToken know no source identity: what a call
// says of one is not heard.
//
// Rules: ST-49
func TestNoSourceIdentityOfTokens(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	for operation, more := range map[string][]string{"GetSessionToken": nil, "GetFederationToken": {"Name", "Bob", "Policy", allowAll}} {
		a := h.As("alice").Call("sts", operation, append([]string{"SourceIdentity", "ana"}, more...)...).OK()
		if len(a.All("SourceIdentity")) > 0 {
			t.Errorf("%s answers with a source identity", operation)
		}
		actor(h, operation, a)
		keys := h.As(operation).Keys("access-analyzer", "ValidatePolicy", "policyDocument", allowAll, "policyType", "IDENTITY_POLICY")
		if got, ok := keys["aws:SourceIdentity"]; ok || len(keys["aws:TokenIssueTime"]) != 1 {
			t.Errorf("a session of %s has a source identity %v in %v", operation, got, keys)
		}
	}
}

// A context comes from a provider, and none can be registered: whoever may set
// contexts is told so, and nobody gets a session without the context.
//
// Rules: ST-10
func TestProvidedContexts(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	h.As("root").Call("iam", "CreateRole", "RoleName", "plain", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", "")).OK()
	h.As("root").Call("iam", "CreateRole", "RoleName", "context", "AssumeRolePolicyDocument",
		strings.Replace(trust("arn:aws:iam::"+dev+":root", ""), `"sts:TagSession"`, `"sts:SetContext"`, 1)).OK()
	assume := func(role string) *servicetest.Answer {
		return h.As("alice").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+dev+":role/"+role, "RoleSessionName", "x1",
			"ProvidedContexts.member.1.ProviderArn", "arn:aws:iam::aws:contextProvider/IdentityCenter", "ProvidedContexts.member.1.ContextAssertion", "an assertion")
	}
	assume("plain").Fails("AccessDenied", "User: arn:aws:iam::"+dev+":user/alice is not authorized to perform: sts:SetContext on resource: arn:aws:iam::"+dev+":role/plain")
	assume("context").Fails("InvalidParameterValue", "The context provider is not known.")
}

// The statuses of STS's errors, those of the models and those that operations
// answer with.
//
// Rules: ST-81
func TestStatusesOfErrors(t *testing.T) {
	t.Parallel()
	for code, of := range map[string]struct {
		make   func(string, ...any) *awserr.Error
		status int
	}{
		"ExpiredTokenException":                {stsapi.ExpiredTokenException, 400},
		"ExpiredTradeInTokenException":         {stsapi.ExpiredTradeInTokenException, 400},
		"IDPCommunicationError":                {stsapi.IDPCommunicationError, 400},
		"IDPRejectedClaim":                     {stsapi.IDPRejectedClaim, 403},
		"InvalidAuthorizationMessageException": {stsapi.InvalidAuthorizationMessageException, 400},
		"InvalidIdentityToken":                 {stsapi.InvalidIdentityToken, 400},
		"MalformedPolicyDocument":              {stsapi.MalformedPolicyDocument, 400},
		"PackedPolicyTooLarge":                 {stsapi.PackedPolicyTooLarge, 400},
		"RegionDisabledException":              {stsapi.RegionDisabledException, 403},
	} {
		if e := of.make("text"); e.Code != code || e.Status != of.status || e.Message != "text" {
			t.Errorf("%s is %d %s", code, e.Status, e.Code)
		}
	}
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	h.As("root").Call("iam", "CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", "")).OK()
	for _, test := range []struct {
		code   string
		status int
		more   []string
	}{
		{"AccessDenied", 403, []string{"RoleArn", "arn:aws:iam::" + dev + ":role/none"}},
		{"ValidationError", 400, []string{"DurationSeconds", "1"}},
		{"InvalidParameterValue", 400, tagged("Tags", "a=1 A=1")},
		{"MalformedPolicyDocument", 400, []string{"Policy", "{}"}},
		{"PackedPolicyTooLarge", 400, []string{"Policy", allowAll + strings.Repeat(" ", 2040-len(allowAll)), "PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"}},
	} {
		parameters := test.more
		if test.code != "AccessDenied" {
			parameters = append(parameters, "RoleArn", "arn:aws:iam::"+dev+":role/r")
		}
		a := h.As("alice").Call("sts", "AssumeRole", append(parameters, "RoleSessionName", "x1")...)
		if a.Code != test.code || a.Status != test.status {
			t.Errorf("%d %s: %s, want %d %s", a.Status, a.Code, a.Message, test.status, test.code)
		}
	}
	if a := h.As("alice").Call("sts", "DecodeAuthorizationMessage", "EncodedMessage", "x"); a.Status != 400 || a.Code != "InvalidAuthorizationMessageException" {
		t.Errorf("%d %s", a.Status, a.Code)
	}
}

// Of many guesses at once, with the right code among them as often as not, one
// gets through: a code serves once, whoever is first, and guessing is stopped.
//
// Rules: TH-50 ST-50
func TestParallelGuesses(t *testing.T) {
	t.Parallel()
	guesses := 10_000
	if testing.Short() {
		guesses = 500
	}
	h := harness(t)
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	serial, code := device(t, h, dev, "alice")
	right := code()
	const workers = 64
	attempt := func(guess func(i int) string, count int) (succeeded int64) {
		var wg sync.WaitGroup
		var passed, next atomic.Int64
		for range workers {
			wg.Go(func() {
				for {
					i := int(next.Add(1)) - 1
					if i >= count {
						return
					}
					a := h.As("alice").Call("sts", "GetSessionToken", "SerialNumber", serial, "TokenCode", guess(i))
					switch {
					case a.Code == "":
						passed.Add(1)
					case a.Code != "AccessDenied" || a.Message != "MultiFactorAuthentication failed with invalid MFA one time pass code. ":
						t.Errorf("%d %s: %s", a.Status, a.Code, a.Message)
					}
				}
			})
		}
		wg.Wait()
		return passed.Load()
	}
	if got := attempt(func(int) string { return right }, guesses/10); got != 1 {
		t.Errorf("one code served %d times", got)
	}

	// Wrong ones: the device is blocked after a few, also to the right code.
	h.Advance(time.Minute)
	right = code()
	near := map[string]bool{right: true, mfaAt(h, -30*time.Second): true, mfaAt(h, 30*time.Second): true}
	wrong := func(i int) string {
		for n := i; ; n += guesses {
			if text := fmt.Sprintf("%06d", n%1_000_000); !near[text] {
				return text
			}
		}
	}
	if got := attempt(wrong, guesses); got != 0 {
		t.Errorf("%d wrong codes were right", got)
	}
	h.View(func(tx *store.Tx) error {
		d, err := tx.Device(dev, "alice")
		// Six were counted of the code that was used up, and one since.
		if err == nil && (d.Failures != 7 || !d.BlockedUntil.After(h.Now())) {
			t.Errorf("after %d guesses %d were counted, and it is blocked until %s", guesses, d.Failures, d.BlockedUntil)
		}
		return err
	})
	if got := attempt(func(int) string { return right }, 10); got != 0 {
		t.Errorf("a blocked device took %d codes", got)
	}
	h.Advance(time.Minute)
	right = code()
	if got := attempt(func(int) string { return right }, 10); got != 1 {
		t.Errorf("after the block a code served %d times", got)
	}
}

// mfaAt returns what the device of a test shows some time from now.
func mfaAt(h *servicetest.Harness, d time.Duration) string {
	return mfa.Code([]byte("12345678901234567890"), h.Now().Add(d))
}

// An access key id tells its account by itself, whether the key is there,
// inactive, deleted or another installation's; one that does not is looked up.
//
// Rules: ST-76
func TestAccessKeyInfo(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(dev, "root")
	h.Account(prod, "other")
	h.User("alice", dev, allowAll)
	key := h.As("other").Call("iam", "CreateAccessKey").OK().Get("AccessKeyId")
	info := func(id string) *servicetest.Answer {
		return h.As("alice").Call("sts", "GetAccessKeyInfo", "AccessKeyId", id)
	}
	is := func(state, id, want string) {
		t.Helper()
		if got := info(id).OK().Get("Account"); got != want {
			t.Errorf("%s key is of account %s, want %s", state, got, want)
		}
	}
	is("a live", key, prod)
	h.As("other").Call("iam", "UpdateAccessKey", "AccessKeyId", key, "Status", "Inactive").OK()
	is("an inactive", key, prod)
	h.As("other").Call("iam", "DeleteAccessKey", "AccessKeyId", key).OK()
	is("a deleted", key, prod)
	const old = "AKIAI44QH8DHBEXAMPLE" // of the time before ids told it
	info(old).Fails("ValidationError")
	h.Update(func(tx *store.Tx) error {
		return tx.PutAccessKey(&identity.AccessKey{ID: old, Account: prod, Status: identity.KeyActive, Created: h.Now()})
	})
	is("an old", old, prod)
	info("AKIA").Fails("ValidationError")
}
