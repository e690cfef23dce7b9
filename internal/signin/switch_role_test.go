package signin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/signin"
	"github.com/regent-iam/regent/internal/store"
)

const (
	trustOurs    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + ours + `:root"},"Action":"sts:AssumeRole"%s}]}`
	withMFA      = `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`
	withExternal = `,"Condition":{"StringEquals":{"sts:ExternalId":"e-1"}}`
	switchText   = "Invalid information in one or more fields. Check your information or contact your administrator."
)

// role makes a role of the other account that ours may assume.
func (w *world) role(path, name, condition string) {
	w.t.Helper()
	w.As("their-root").Call("iam", "CreateRole", "RoleName", name, "Path", path, "AssumeRolePolicyDocument", fmt.Sprintf(trustOurs, condition)).OK()
	w.As("their-root").Call("iam", "PutRolePolicy", "RoleName", name, "PolicyName", "p", "PolicyDocument", allowAll).OK()
}

func (b *browser) switchRole(session, account, role string) *page {
	b.w.t.Helper()
	in, err := json.Marshal(map[string]string{"session": session, "account": account, "roleName": role, "displayName": "", "color": ""})
	if err != nil {
		b.w.t.Fatal(err)
	}
	return b.call("switchrole", string(in), nil)
}

// session returns the session in an answer.
func (p *page) session() listed {
	p.b.w.t.Helper()
	var out struct{ Session listed }
	if err := json.Unmarshal([]byte(p.body), &out); err != nil || p.status != http.StatusOK || out.Session.ID == "" {
		p.b.w.t.Fatalf("%d %s", p.status, p.body)
	}
	return out.Session
}

// why returns why a call was refused.
func (p *page) why() string {
	p.b.w.t.Helper()
	var out struct{ Why []string }
	if err := json.Unmarshal([]byte(p.body), &out); err != nil || out.Why == nil {
		p.b.w.t.Fatalf("%d %s", p.status, p.body)
	}
	return strings.Join(out.Why, " ")
}

// TestSwitchRole: by id or alias, with a path, as who signed in, under their
// name, on the road like any request.
//
// Rules: CO-11 CO-12 CO-14 CO-18 RE-46
func TestSwitchRole(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{true, false} {
		for _, account := range []string{"prod", theirs, "1111-2222-3333"} {
			w := newWorld(t)
			w.role("/division_abc/", "s3-admin", "")
			b := w.browser()
			if secure {
				b = w.far()
			}
			id := b.signIn()
			before := cookiesOf(b)
			s := b.switchRole(id, account, "division_abc/s3-admin").session()
			if s.Kind != "role" || s.Origin != id || s.AccountID != theirs || s.AccountAlias != "prod" || s.RoleName != "division_abc/s3-admin" ||
				s.ARN != "arn:aws:sts::"+theirs+":assumed-role/s3-admin/alice" || s.DisplayName != "s3-admin @ prod" {
				t.Errorf("the session is %+v", s)
			}
			if after := cookiesOf(b); before == after {
				t.Error("the cookie stayed")
			}
			expires := b.credentials("role", s.ID)
			if !expires.Equal(w.Now().Add(30 * time.Minute)) {
				t.Errorf("the credentials end %s", expires)
			}
			if got := whoami(w, "role").OK().Get("Arn"); got != s.ARN {
				t.Errorf("they are of %s", got)
			}
			events := w.Events("AssumeRole")
			caller := slices.IndexFunc(events, func(e map[string]any) bool { return e["recipientAccountId"] == ours })
			e := events[caller]
			p := e["requestParameters"].(map[string]any)
			if e["userAgent"] != "browser/1" || e["sessionCredentialFromConsole"] != "true" || p["roleSessionName"] != "alice" || p["durationSeconds"] != 1800.0 || len(p) != 3 {
				t.Errorf("the event is %v", e)
			}
			if secure && e["sourceIPAddress"] != "198.51.100.7" {
				t.Errorf("the event is %v", e)
			}
			switched := w.Events("SwitchRole")
			if len(switched) != 1 || switched[0]["recipientAccountId"] != theirs || switched[0]["additionalEventData"].(map[string]any)["SwitchFrom"] != "arn:aws:iam::"+ours+":user/alice" {
				t.Errorf("the events are %v", switched)
			}
			if again := b.switchRole(s.ID, account, "division_abc/s3-admin").session(); again.ID != s.ID {
				t.Errorf("switching again opened %s", again.ID)
			}
			var out struct{ Session string }
			b.call("exit", `{"session":"`+s.ID+`"}`, &out)
			if out.Session != id {
				t.Errorf("back to %s", out.Session)
			}
			whoami(w, "role").Fails("InvalidClientTokenId")
			b.credentials("user", id)
			whoami(w, "user").OK()
			b.call("credentials", `{"session":"`+s.ID+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
			b.call("exit", `{"session":"`+id+`"}`, nil).fails(http.StatusBadRequest, "BadRequest")
			if len(w.Events("ExitRole")) != 1 {
				t.Error("leaving the role is not recorded")
			}
		}
	}
}

func cookiesOf(b *browser) string {
	var all []string
	for _, c := range b.cookies {
		all = append(all, c.Value)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// TestSwitchingDoesNotChain: from within a role it is the user who switches, so a
// role that trusts the first role alone is refused, and one that trusts the user
// is not.
//
// Rules: CO-12
func TestSwitchingDoesNotChain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.role("/", "first", "")
	w.role("/", "second", "")
	w.As("their-root").Call("iam", "CreateRole", "RoleName", "third", "AssumeRolePolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+theirs+`:role/first"},"Action":"sts:AssumeRole"}]}`).OK()
	b := w.far()
	id := b.signIn()
	first := b.switchRole(id, "prod", "first").session()
	if s := b.switchRole(first.ID, "prod", "second").session(); s.Origin != id {
		t.Errorf("the session comes from %s", s.Origin)
	}
	b.switchRole(first.ID, "prod", "third").fails(http.StatusForbidden, "SwitchRoleRefused")
}

// TestSwitchesThatFail are answered with one sentence, whatever is wrong; the
// user's own side is told, and recorded is every one.
//
// Rules: CO-13 CO-16
func TestSwitchesThatFail(t *testing.T) {
	t.Parallel()
	denied := `{"Version":"2012-10-17","Statement":[{"Sid":"no","Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]}`
	ifMFA := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"` + withMFA + `}]}`
	for name, test := range map[string]struct {
		policy        string // alice's, "" for everything
		account, role string
		why           string // "" for none
	}{
		"unknown account":          {"", "nowhere", "plain", ""},
		"account that is no alias": {"", "", "plain", ""},
		"unknown role":             {"", "prod", "nobody", ""},
		"role without its path":    {"", "prod", "below", ""},
		"another case":             {"", "prod", "Plain", ""},
		"no name of a role":        {"", "prod", "a b", ""},
		"no name":                  {"", "prod", "", ""},
		"too long a name":          {"", "prod", strings.Repeat("x", 65), ""},
		"untrusted":                {"", "prod", "stranger", ""},
		"wants an external id":     {"", "prod", "external", ""},
		"wants MFA":                {"", "prod", "mfa", ""},
		"no permission":            {`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`, "prod", "plain", "No policy of yours allows sts:AssumeRole on arn:aws:iam::" + theirs + ":role/plain."},
		"denied":                   {denied, "prod", "plain", "A policy of yours denies sts:AssumeRole on arn:aws:iam::" + theirs + ":role/plain: inline."},
		"permission with MFA":      {ifMFA, "prod", "plain", "No policy of yours allows sts:AssumeRole on arn:aws:iam::" + theirs + ":role/plain. A policy asks for MFA, and you signed in without it or too long ago."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.role("/", "plain", "")
			w.role("/path/", "below", "")
			w.role("/", "mfa", withMFA)
			w.role("/", "external", withExternal)
			w.As("their-root").Call("iam", "CreateRole", "RoleName", "stranger", "AssumeRolePolicyDocument",
				`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999999999999:root"},"Action":"sts:AssumeRole"}]}`)
			if test.policy != "" {
				w.As("root").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "inline", "PolicyDocument", test.policy).OK()
			}
			b := w.far()
			p := b.switchRole(b.signIn(), test.account, test.role).fails(http.StatusForbidden, "SwitchRoleRefused")
			if !strings.Contains(p.body, switchText) {
				t.Errorf("the answer is %s", p.body)
			}
			if got := p.why(); got != test.why {
				t.Errorf("why: %q, want %q", got, test.why)
			}
			e := w.Events("SwitchRole")
			if len(e) != 1 || e[0]["recipientAccountId"] != ours || e[0]["responseElements"].(map[string]any)["SwitchRole"] != "Failure" {
				t.Errorf("the events are %v", e)
			}
			if l := b.sessions(); len(l.Sessions) != 1 || len(l.History[l.Sessions[0].ID]) != 0 {
				t.Errorf("the browser has %+v", l)
			}
		})
	}
}

// TestRootsDoNotSwitch.
//
// Rules: CO-13
func TestRootsDoNotSwitch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.role("/", "plain", "")
	w.rootPassword(ours, "a Password of 1 root")
	b := w.far()
	id := b.submit("/_regent/signin", "tab", "root", "email", "root@"+ours+".invalid", "password", "a Password of 1 root").landed()
	if why := b.switchRole(id, "prod", "plain").fails(http.StatusForbidden, "SwitchRoleRefused").why(); !strings.Contains(why, "Root") {
		t.Errorf("why: %q", why)
	}
	if len(w.Events("AssumeRole")) != 0 {
		t.Error("the role was asked for")
	}
}

// TestMFAOfTheSignInCounts in the trust of a role that is switched to.
//
// Rules: CO-14
func TestMFAOfTheSignInCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.role("/", "mfa", withMFA)
	phone := w.device("phone")
	b := w.far()
	id := b.user("dev", "alice", alicePassword).next("/_regent/signin/code", "code", mfa.Code(phone, w.Now())).landed()
	s := b.switchRole(id, "prod", "mfa").session()
	w.Advance(25 * time.Minute)
	b.credentials("role", s.ID)
	whoami(w, "role").OK()
}

// TestARolesSessionIsRenewed by asking for the role anew: what was withdrawn in
// the meantime ends it, and so does the end of the sign-in.
//
// Rules: CO-15
func TestARolesSessionIsRenewed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.role("/", "plain", "")
	b := w.far()
	id := b.signIn()
	began := w.Now()
	s := b.switchRole(id, "prod", "plain").session()
	keep := func() {
		for range 23 {
			w.Advance(30 * time.Minute)
			b.call("activity", `{"session":"`+s.ID+`"}`, &struct{}{})
			b.credentials("role", s.ID)
			whoami(w, "role").OK()
		}
	}
	keep() // no hour of chaining ends it
	w.Advance(20 * time.Minute)
	if got := b.credentials("role", s.ID); got.After(began.Add(12 * time.Hour)) {
		t.Errorf("credentials end %s, and the sign-in %s", got, began.Add(12*time.Hour))
	}
	w.Advance(10 * time.Minute)
	b.call("credentials", `{"session":"`+s.ID+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
	if n := len(w.Events("RenewRole")); n != 23 {
		t.Errorf("%d renewals are recorded", n)
	}

	id = b.signIn()
	s = b.switchRole(id, "prod", "plain").session()
	b.credentials("role", s.ID)
	w.As("root").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "inline", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}`).OK()
	if why := b.call("credentials", `{"session":"`+s.ID+`"}`, nil).fails(http.StatusForbidden, "RoleRefused").why(); !strings.Contains(why, "No policy of yours allows sts:AssumeRole") {
		t.Errorf("why: %q", why)
	}
	b.credentials("user", id)
}

// TestASwitchAssumesTheRoleOnce: the page that it opens takes what it minted, and
// whoever asks later, again or after something was revoked asks for the role anew.
//
// Rules: CO-15 RE-46 TH-47
func TestASwitchAssumesTheRoleOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		between func(w *world, b *browser, id string)
		minted  int
	}{
		"at once":          {func(*world, *browser, string) {}, 1},
		"within a minute":  {func(w *world, _ *browser, _ string) { w.Advance(59 * time.Second) }, 1},
		"after a minute":   {func(w *world, _ *browser, _ string) { w.Advance(time.Minute) }, 2},
		"asked for before": {func(_ *world, b *browser, id string) { b.credentials("first", id) }, 2},
		"something was revoked": {func(w *world, _ *browser, _ string) {
			w.As("their-root").Call("regent", "RevokeSessions", "ResourceArn", "arn:aws:iam::"+theirs+":role/plain").OK()
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.role("/", "plain", "")
			b := w.far()
			s := b.switchRole(b.signIn(), "prod", "plain").session()
			switched := w.Now()
			test.between(w, b, s.ID)
			end := b.credentials("role", s.ID)
			whoami(w, "role").OK()
			minted := slices.DeleteFunc(w.Events("AssumeRole"), func(e map[string]any) bool { return e["recipientAccountId"] != theirs })
			if len(minted) != test.minted {
				t.Errorf("the role was assumed %d times, want %d", len(minted), test.minted)
			}
			if test.minted == 1 && !end.Equal(switched.Add(30*time.Minute)) {
				t.Errorf("the credentials end %s, and the switch was %s", end, switched)
			}
			if n := len(w.Events("ConsoleCredentials")); n != 1 {
				t.Errorf("%d first credentials are recorded", n)
			}
		})
	}

	// It is for the session that was opened, and not for one that was left.
	w := newWorld(t)
	w.role("/", "plain", "")
	b := w.far()
	id := b.signIn()
	s := b.switchRole(id, "prod", "plain").session()
	b.call("exit", `{"session":"`+s.ID+`"}`, &struct{}{})
	b.call("credentials", `{"session":"`+s.ID+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
	again := b.switchRole(id, "prod", "plain").session()
	b.credentials("role", again.ID)
	whoami(w, "role").OK()
}

// TestARoleEndsWithTheSignIn, to the second, though nobody can ask for fifteen
// minutes of it or less.
//
// Rules: CO-15
func TestARoleEndsWithTheSignIn(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, cheap(), func(c *signin.Config) { c.Idle = 12 * time.Hour })
	w.role("/", "plain", "")
	b := w.far()
	id := b.signIn()
	end := w.Now().Add(12 * time.Hour)
	w.Advance(11*time.Hour + 50*time.Minute)
	s := b.switchRole(id, "prod", "plain").session()
	for range 2 { // what the switch minted, and what is asked for later
		if got := b.credentials("role", s.ID); !got.Equal(end) {
			t.Errorf("the credentials end %s, and the sign-in %s", got, end)
		}
		w.Advance(4 * time.Minute)
	}
	w.Advance(2*time.Minute - time.Second)
	whoami(w, "role").OK()
	w.Advance(time.Second)
	whoami(w, "role").Fails("ExpiredToken")
	b.call("credentials", `{"session":"`+s.ID+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
	// Nobody else is held to it: who calls with credentials of the console asks for as long as the role gives.
	id = b.signIn()
	b.credentials("user", id)
	a := w.As("user").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+theirs+":role/plain", "RoleSessionName", "alice", "DurationSeconds", "3600").OK()
	if got := a.Get("Expiration"); got != w.Now().Add(time.Hour).UTC().Format(time.RFC3339) {
		t.Errorf("it ends %s", got)
	}
}

// TestStrictRolesLastAsLongAsTheRoleGives, however they are renewed; the user goes
// on, and may switch again.
//
// Rules: CO-15 CO-18
func TestStrictRolesLastAsLongAsTheRoleGives(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, cheap(), func(c *signin.Config) { c.Idle, c.StrictRoles = 12*time.Hour, true })
	w.role("/teams/", "plain", "")
	w.As("their-root").Call("iam", "UpdateRole", "RoleName", "plain", "MaxSessionDuration", "7200").OK()
	b := w.far()
	id := b.signIn()
	s := b.switchRole(id, "prod", "teams/plain").session()
	end := w.Now().Add(2 * time.Hour)
	var ends struct{ ExpiresAt time.Time }
	b.call("activity", `{"session":"`+s.ID+`"}`, &ends)
	if !s.ExpiresAt.Equal(end) || !ends.ExpiresAt.Equal(end) {
		t.Errorf("the session ends %s, and after input %s, want %s", s.ExpiresAt, ends.ExpiresAt, end)
	}
	w.Advance(110 * time.Minute)
	if got := b.credentials("role", s.ID); !got.Equal(end) {
		t.Errorf("the credentials end %s, want %s", got, end)
	}
	w.Advance(10*time.Minute - time.Second)
	whoami(w, "role").OK()
	w.Advance(time.Second)
	whoami(w, "role").Fails("ExpiredToken")
	b.call("credentials", `{"session":"`+s.ID+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
	if list := b.sessions().Sessions; len(list) != 1 || list[0].ID != id {
		t.Errorf("the sessions are %+v", list)
	}
	again := b.switchRole(id, "prod", "teams/plain").session()
	if again.ID == s.ID || !again.ExpiresAt.Equal(w.Now().Add(2*time.Hour)) {
		t.Errorf("the session is %+v", again)
	}
	// It never outlasts the sign-in.
	w.Advance(9 * time.Hour)
	late := b.switchRole(id, "prod", "teams/plain").session()
	if left := late.ExpiresAt.Sub(w.Now()); left != time.Hour {
		t.Errorf("there are %s left", left)
	}
}

// TestSigningOutEndsRoles that were switched to, and their credentials.
//
// Rules: TH-47
func TestSigningOutEndsRoles(t *testing.T) {
	t.Parallel()
	for _, in := range []string{`{"session":"%s"}`, `{"everywhere":true,"session":"%s"}`, `{"all":true}%.0s`} {
		w := newWorld(t)
		w.role("/", "plain", "")
		b := w.far()
		id := b.signIn()
		s := b.switchRole(id, "prod", "plain").session()
		b.credentials("role", s.ID)
		whoami(w, "role").OK()
		b.call("signout", fmt.Sprintf(in, id), &struct{}{})
		whoami(w, "role").Fails("InvalidClientTokenId")
		b.call("sessions", "", nil).fails(http.StatusUnauthorized, "SignedOut")
	}
}

// TestFiveSessionsAtMost, roles among them.
func TestFiveSessionsAtMost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	id := b.signIn()
	for i := range 5 {
		w.role("/", fmt.Sprint("role", i), "")
	}
	for i := range 4 {
		b.switchRole(id, "prod", fmt.Sprint("role", i)).session()
	}
	b.switchRole(id, "prod", "role4").fails(http.StatusConflict, "TooManySessions")
	b.switchRole(id, "prod", "role0").session()
	if n := len(b.sessions().Sessions); n != 5 {
		t.Errorf("%d sessions are open", n)
	}
}

// TestHistoryAndPins follow the user: the last five roles, most recent first,
// and up to fifty that were pinned.
//
// Rules: CO-17 CO-10
func TestHistoryAndPins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	id := b.signIn()
	for i := range 6 {
		w.role("/", fmt.Sprint("role", i), "")
	}
	for _, i := range []int{0, 1, 2, 3, 4, 5, 2} {
		in := fmt.Sprintf(`{"session":"%s","account":"prod","roleName":"role%d","displayName":"  shown \u202e%d\n","color":"#F2B0A9"}`, id, i, i)
		s := b.call("switchrole", in, nil).session()
		if s.DisplayName != fmt.Sprint("shown ", i) || s.Color != "f2b0a9" {
			t.Errorf("the session is %+v", s)
		}
		b.call("exit", `{"session":"`+s.ID+`"}`, &struct{}{})
	}
	other := w.browser()
	otherID := other.signIn()
	var names []string
	for _, r := range other.sessions().History[otherID] {
		names = append(names, r.RoleName+" "+r.AccountAlias+" "+r.DisplayName+" "+r.Color)
	}
	want := "role2 prod shown 2 f2b0a9, role5 prod shown 5 f2b0a9, role4 prod shown 4 f2b0a9, role3 prod shown 3 f2b0a9, role1 prod shown 1 f2b0a9"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("the history is %s, want %s", got, want)
	}
	pin := func(name string, pinned bool) *page {
		return b.call("pins", fmt.Sprintf(`{"session":"%s","role":{"account":"%s","accountAlias":"prod","roleName":"%s","displayName":"","color":"red"},"pinned":%v}`, id, theirs, name, pinned), nil)
	}
	for i := range 50 {
		if p := pin(fmt.Sprint("r", i), true); p.status != http.StatusOK {
			t.Fatalf("%d %s", p.status, p.body)
		}
	}
	pin("r50", true).fails(http.StatusConflict, "TooManyPins")
	pin("r7", false)
	pin("r7", false)
	pin("r0", true)
	pin("a//b", true).fails(http.StatusBadRequest, "BadRequest")
	pinned := other.sessions().Pinned[otherID]
	if len(pinned) != 49 || pinned[0].RoleName != "r0" || pinned[0].DisplayName != "r0 @ "+theirs || pinned[0].Color != "" {
		t.Errorf("pinned are %d: %+v", len(pinned), pinned[0])
	}
	w.Update(func(tx *store.Tx) error {
		u, err := tx.User(ours, "alice")
		if err != nil {
			return err
		}
		if err := tx.DeleteUser(u); err != nil {
			return err
		}
		r, err := tx.ConsoleRoles(ours, u.ID)
		if err == nil && len(r.Pinned)+len(r.Recent) != 0 {
			t.Errorf("after the user there is left %+v", r)
		}
		return err
	})
}

// TestShortNamesSwitchToo: a user's name may have one character, a session's not.
//
// Rules: CO-14
func TestShortNamesSwitchToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.role("/", "plain", "")
	w.User("a", ours, allowAll)
	w.As("root").Call("iam", "CreateLoginProfile", "UserName", "a", "Password", alicePassword).OK()
	b := w.far()
	s := b.switchRole(b.user("dev", "a", alicePassword).landed(), "prod", "plain").session()
	b.credentials("role", s.ID)
	if got := whoami(w, "role").OK().Get("Arn"); got != s.ARN {
		t.Errorf("the session is shown as %s and is %s", s.ARN, got)
	}
}
