package signin_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/signin"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

// credentials gets the credentials of a session, and makes them an actor.
func (b *browser) credentials(actor, id string) (expires time.Time) {
	b.w.t.Helper()
	var out struct {
		AccessKeyID, SecretAccessKey, SessionToken string
		Expiration                                 time.Time
	}
	b.call("credentials", `{"session":"`+id+`"}`, &out)
	b.w.Actor(actor, sigv4.Credentials{AccessKeyID: out.AccessKeyID, SecretAccessKey: out.SecretAccessKey, SessionToken: out.SessionToken})
	return out.Expiration
}

func whoami(w *world, actor string) *servicetest.Answer {
	return w.As(actor).Call("sts", "GetCallerIdentity")
}

// TestCredentialsOfASignIn are the user's own, marked as the console's, listed
// and recorded once.
//
// Rules: CO-3 CO-5 RE-17
func TestCredentialsOfASignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	id := b.signIn()
	if got := b.credentials("console", id); !got.Equal(w.Now().Add(30 * time.Minute)) {
		t.Errorf("the credentials end at %s", got)
	}
	if got := whoami(w, "console").OK().Get("Arn"); got != "arn:aws:iam::"+ours+":user/alice" {
		t.Errorf("they are of %s", got)
	}
	w.As("console").Call("iam", "ListUsers").OK()
	w.As("console").Call("sts", "GetSessionToken").Fails("AccessDenied")
	if e := w.Events("ListUsers"); e[0]["sessionCredentialFromConsole"] != "true" {
		t.Errorf("the event is %v", e)
	}
	b.credentials("console", id)
	e := w.Events("ConsoleCredentials")
	if len(e) != 1 || e[0]["eventType"] != "AwsConsoleSignIn" {
		t.Errorf("the record has %v", e)
	}
	if err := w.Sessions.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := w.As("root").Call("regent", "ListSessions", "ResourceArn", "arn:aws:iam::"+ours+":user/alice").OK().All("Kind")
	if strings.Join(got, " ") != "console console" {
		t.Errorf("listed are %q", got)
	}
}

// TestCredentialsTellOfMFA as policies ask for it.
//
// Rules: CO-3
func TestCredentialsTellOfMFA(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.As("root").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "inline", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}`).OK()
	b := w.far()
	b.credentials("without", b.signIn())
	w.As("without").Call("iam", "ListUsers").Fails("AccessDenied")
	phone := w.device("phone")
	b.credentials("with", b.user("dev", "alice", alicePassword).next("/_regent/signin/code", "code", mfa.Code(phone, w.Now())).landed())
	w.As("with").Call("iam", "ListUsers").OK()
}

// TestCredentialsEndWithTheSignIn, and as the configuration says.
//
// Rules: CO-3
func TestCredentialsEndWithTheSignIn(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, cheap(), func(c *signin.Config) { c.Credentials, c.Idle = 12*time.Hour, 12*time.Hour })
	b := w.far()
	id := b.signIn()
	end := w.Now().Add(12 * time.Hour)
	w.Advance(11 * time.Hour)
	if got := b.credentials("console", id); !got.Equal(end) {
		t.Errorf("the credentials end at %s, and the sign-in at %s", got, end)
	}
	w.Advance(time.Hour)
	b.call("credentials", `{"session":"`+id+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
	b.call("sessions", "", nil).fails(http.StatusUnauthorized, "SignedOut")
}

// TestSignInsEndWithoutInput: after an hour, and not while there is some.
func TestSignInsEndWithoutInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	id := b.signIn()
	for range 3 {
		w.Advance(59 * time.Minute)
		var out struct{ IdleExpiresAt, ExpiresAt time.Time }
		b.call("activity", `{"session":"`+id+`"}`, &out)
		if !out.IdleExpiresAt.Equal(w.Now().Add(time.Hour)) {
			t.Errorf("it ends %s", out.IdleExpiresAt)
		}
	}
	w.Advance(59 * time.Minute)
	b.credentials("console", id) // which is no input
	w.Advance(time.Minute)
	b.call("activity", `{"session":"`+id+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
	b.call("credentials", `{"session":"`+id+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
}

// TestWhatEndsASignIn ends it at the next call, in every browser, and its
// credentials at the next request.
//
// Rules: TH-47
func TestWhatEndsASignIn(t *testing.T) {
	t.Parallel()
	serial := "arn:aws:iam::" + ours + ":mfa/phone"
	for name, end := range map[string]func(w *world, b *browser, id string){
		"password changed by an administrator": func(w *world, _ *browser, _ string) {
			w.As("root").Call("iam", "UpdateLoginProfile", "UserName", "alice", "Password", "another Password 2").OK()
		},
		"password changed by the user": func(w *world, _ *browser, _ string) {
			w.As("alice").Call("iam", "ChangePassword", "OldPassword", alicePassword, "NewPassword", "another Password 2").OK()
		},
		"login profile removed": func(w *world, _ *browser, _ string) {
			w.As("root").Call("iam", "DeleteLoginProfile", "UserName", "alice").OK()
		},
		"MFA device removed": func(w *world, _ *browser, _ string) {
			w.As("root").Call("iam", "DeactivateMFADevice", "UserName", "alice", "SerialNumber", serial).OK()
		},
		"revoked by an administrator": func(w *world, _ *browser, _ string) {
			w.As("root").Call("regent", "RevokeSessions", "ResourceArn", "arn:aws:iam::"+ours+":user/alice").OK()
		},
		"signed out everywhere": func(w *world, b *browser, id string) {
			b.call("signout", `{"everywhere":true,"session":"`+id+`"}`, &struct{}{})
		},
		"user deleted": func(w *world, _ *browser, _ string) {
			w.Update(func(tx *store.Tx) error {
				u, err := tx.User(ours, "alice")
				if err != nil {
					return err
				}
				return tx.DeleteUser(u)
			})
		},
		"account closed": func(w *world, _ *browser, _ string) {
			w.Update(func(tx *store.Tx) error {
				a, err := tx.Account(ours)
				if err != nil {
					return err
				}
				a.Status = identity.AccountSuspended
				return tx.PutAccount(a)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			phone := w.device("phone")
			at := func(b *browser) string {
				defer w.Advance(time.Minute)
				return b.user("dev", "alice", alicePassword).next("/_regent/signin/code", "code", mfa.Code(phone, w.Now())).landed()
			}
			b, other := w.far(), w.browser()
			id, otherID := at(b), at(other)
			b.credentials("console", id)
			whoami(w, "console").OK()
			end(w, b, id)
			if a := whoami(w, "console"); a.Status != http.StatusForbidden || a.Code != "InvalidClientTokenId" {
				t.Errorf("the credentials got %d %s", a.Status, a.Code)
			}
			b.call("credentials", `{"session":"`+id+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
			other.call("credentials", `{"session":"`+otherID+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
			other.call("sessions", "", nil).fails(http.StatusUnauthorized, "SignedOut")
		})
	}
}

// TestSignOut ends one session or all of the browser, and what they gave out;
// other browsers go on.
//
// Rules: TH-47
func TestSignOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in   func(first, second string) string
		left string
	}{
		"one": {func(first, _ string) string { return `{"session":"` + first + `"}` }, "root"},
		"all": {func(string, string) string { return `{"all":true}` }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.rootPassword(ours, "a Password of 1 root")
			b, other := w.far(), w.far()
			first := b.signIn()
			second := b.submit("/_regent/signin", "tab", "root", "email", "root@"+ours+".invalid", "password", "a Password of 1 root").landed()
			b.credentials("first", first)
			b.credentials("second", second)
			other.credentials("other", other.signIn())
			var out listing
			b.call("signout", test.in(first, second), &out)
			var left []string
			for _, s := range out.Sessions {
				left = append(left, s.Kind)
			}
			if out.Sessions == nil || strings.Join(left, " ") != test.left {
				t.Errorf("left is %q", left)
			}
			whoami(w, "first").Fails("InvalidClientTokenId")
			whoami(w, "other").OK()
			other.sessions()
			if test.left != "" {
				whoami(w, "second").OK()
				return
			}
			whoami(w, "second").Fails("InvalidClientTokenId")
			if len(b.cookies) != 1 { // the account's
				t.Errorf("the browser still has %v", b.cookies)
			}
		})
	}
	for _, in := range []string{`{}`, `{"all":true,"session":"x"}`, `{"everywhere":true}`, `{"all":true,"everywhere":true}`, `{"session":"x","more":1}`, ``, `{"all":true}{}`} {
		b := newWorld(t).far()
		b.signIn()
		b.call("signout", in, nil).fails(http.StatusBadRequest, "BadRequest")
	}
}

// TestASixthSessionAsksWhichToClose.
func TestASixthSessionAsksWhichToClose(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{true, false} {
		w := newWorld(t)
		b := w.browser()
		if secure {
			b = w.far()
		}
		var ids []string
		for _, name := range []string{"u1", "u2", "u3", "u4", "u5", "u6"} {
			w.User(name, ours, "")
			w.As("root").Call("iam", "CreateLoginProfile", "UserName", name, "Password", alicePassword).OK()
			p := b.user("dev", name, alicePassword)
			if name == "u6" {
				p.shows(http.StatusOK, `value="`+ids[1]+`"`).next("/_regent/signin/close", "close", ids[1]).landed()
				break
			}
			ids = append(ids, p.landed())
		}
		if got := b.user("dev", "u3", alicePassword).landed(); got != ids[2] {
			t.Errorf("who signs in again has session %s instead of %s", got, ids[2])
		}
		var names []string
		for _, s := range b.sessions().Sessions {
			names = append(names, s.UserName)
		}
		if got := strings.Join(names, " "); got != "u1 u4 u5 u6 u3" {
			t.Errorf("open are %q", got)
		}
	}
}

// TestWhoSignsInAgainGoesOn under the id of before, also when the sign-in had
// ended: pages that are open go on.
func TestWhoSignsInAgainGoesOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	id := b.signIn()
	w.Advance(13 * time.Hour)
	b.call("sessions", "", nil).fails(http.StatusUnauthorized, "SignedOut")
	p := b.submit("/_regent/signin", "tab", "user", "account", "dev", "user", "alice", "password", alicePassword,
		"return", "/_regent/console/~"+id+"/iam/users?tab=x")
	if got, want := p.header.Get("Location"), "/_regent/console/~"+id+"/iam/users?tab=x"; got != want {
		t.Errorf("it goes to %s, want %s", got, want)
	}
}

// TestEverySignInHasAFreshCookie, also one that adds a session: the one before
// serves for calls on their way, and for nothing new.
//
// Rules: TH-83
func TestEverySignInHasAFreshCookie(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{true, false} {
		w := newWorld(t)
		w.rootPassword(ours, "a Password of 1 root")
		b := w.browser()
		if secure {
			b = w.far()
		}
		old := *b
		id := b.signIn()
		old.cookies = maps.Clone(b.cookies)
		old.secret = b.secret
		second := b.submit("/_regent/signin", "tab", "root", "email", "root@"+ours+".invalid", "password", "a Password of 1 root").landed()
		if !secure && old.secret == b.secret {
			t.Error("the secret stayed")
		}
		if got := len(b.sessions().Sessions); got != 2 {
			t.Errorf("the browser has %d sessions", got)
		}
		if got := old.sessions().Sessions; len(got) != 1 || got[0].ID != id {
			t.Errorf("with the old cookie there are %+v", got)
		}
		old.credentials("old", id)
		old.call("credentials", `{"session":"`+second+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
		old.call("signout", `{"all":true}`, nil).fails(http.StatusConflict, "Superseded")
		w.Advance(30 * time.Second)
		old.call("sessions", "", nil).fails(http.StatusUnauthorized, "SignedOut")
		b.sessions()
	}
}

// TestPlantedCookiesGetNothing: on loopback every port sets and gets the cookies,
// but not what the origin stores. A sign-in does not add to what was planted.
//
// Rules: TH-83
func TestPlantedCookiesGetNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	attacker, victim := w.browser(), w.browser()
	w.User("mallory", ours, "")
	w.As("root").Call("iam", "CreateLoginProfile", "UserName", "mallory", "Password", alicePassword).OK()
	attacker.user("dev", "mallory", alicePassword).landed()
	maps.Copy(victim.cookies, attacker.cookies) // the attacker's port sets its own
	victim.signIn()
	if s := victim.sessions().Sessions; len(s) != 1 || s[0].UserName != "alice" {
		t.Errorf("the victim's browser has %+v", s)
	}
	for _, s := range attacker.sessions().Sessions {
		if s.UserName == "alice" {
			t.Error("the attacker has the victim's session")
		}
	}
	thief := w.browser() // another port gets the victim's cookie
	thief.cookies = victim.cookies
	for _, secret := range []string{"1", "", "x", attacker.secret} {
		thief.secret = secret
		if p := thief.call("sessions", "", nil); p.status == http.StatusOK {
			t.Errorf("a cookie with %q beside it is enough", secret)
		}
	}
	two := victim.request(http.MethodGet, "/_regent/signin/sessions", nil)
	for n, c := range attacker.cookies {
		two.AddCookie(&http.Cookie{Name: n, Value: c.Value})
	}
	two.Header.Set("X-Regent-Console", victim.secret)
	victim.do(two).fails(http.StatusBadRequest, "BadRequest")
}

// TestCookies are as strict as browsers have them, and named so that nobody
// else's are taken for them.
//
// Rules: TH-83 TH-84
func TestCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	far, near := w.far(), w.browser()
	far.signIn()
	near.signIn()
	for _, test := range []struct {
		b            *browser
		prefix, path string
	}{{far, "__Host-regent", "/"}, {near, "regent-", "/_regent/"}} {
		for name, c := range test.b.cookies {
			if !strings.HasPrefix(name, test.prefix) || c.Path != test.path || c.Domain != "" || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Secure != test.b.secure {
				t.Errorf("%s is %+v", name, c)
			}
			if !strings.HasSuffix(name, "-account") && (len(c.Value) != 43 || c.MaxAge != 0) {
				t.Errorf("%s is %+v", name, c)
			}
		}
	}
	if c := far.cookies["__Host-regent-account"]; c == nil || c.Value != "dev" {
		t.Errorf("the account is remembered as %v", c)
	}
	far.get("/_regent/signin").shows(http.StatusOK, `value="dev"`)
}

// TestNoSignInOverPlainHTTP from elsewhere: the page says why.
func TestNoSignInOverPlainHTTP(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, b := range map[string]*browser{
		"another machine":          {w: w, host: "regent.lan:8700", address: "192.0.2.9:1"},
		"by the name of loopback":  {w: w, host: "localhost:8700", address: "192.0.2.9:1"},
		"from loopback by a proxy": {w: w, host: "regent.example", address: "127.0.0.1:1"},
	} {
		t.Run(name, func(t *testing.T) {
			b.cookies = map[string]*http.Cookie{}
			b.get("/_regent/signin").shows(http.StatusForbidden, "plain HTTP")
			b.user("dev", "alice", alicePassword).shows(http.StatusForbidden, "plain HTTP")
		})
	}
	b := w.browser()
	r := b.request(http.MethodGet, "/_regent/signin", nil)
	r.Header.Set("X-Forwarded-For", "192.0.2.9")
	b.do(r).shows(http.StatusForbidden, "plain HTTP")
}

// TestCallsComeFromTheConsole and from no other page.
func TestCallsComeFromTheConsole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	id := b.signIn()
	for name, test := range map[string]struct {
		status int
		change func(*http.Request)
	}{
		"cross-site":      {http.StatusForbidden, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }},
		"same-site":       {http.StatusForbidden, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }},
		"another origin":  {http.StatusForbidden, func(r *http.Request) { r.Header.Del("Sec-Fetch-Site"); r.Header.Set("Origin", "https://evil.example") }},
		"no header":       {http.StatusBadRequest, func(r *http.Request) { r.Header.Del("X-Regent-Console") }},
		"another header":  {http.StatusUnauthorized, func(r *http.Request) { r.Header.Set("X-Regent-Console", "2") }},
		"a form":          {http.StatusUnsupportedMediaType, func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }},
		"another method":  {http.StatusMethodNotAllowed, func(r *http.Request) { r.Method = http.MethodPut }},
		"no cookie":       {http.StatusUnauthorized, func(r *http.Request) { r.Header.Del("Cookie") }},
		"as it should be": {http.StatusOK, func(*http.Request) {}},
	} {
		r := b.request(http.MethodPost, "/_regent/signin/credentials", strings.NewReader(`{"session":"`+id+`"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Regent-Console", "1")
		test.change(r)
		if p := b.do(r); p.status != test.status {
			t.Errorf("%s: %d %s", name, p.status, p.body)
		}
	}
	r := b.request(http.MethodPost, "/_regent/signin", strings.NewReader(url.Values{"tab": {"user"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	b.do(r).shows(http.StatusForbidden, "another site")
}

// TestFormsAreReadStrictly: from the body, each field once.
//
// Rules: TH-1
func TestFormsAreReadStrictly(t *testing.T) {
	t.Parallel()
	b := newWorld(t).far()
	b.submit("/_regent/signin?tab=user&account=dev&user=alice&password="+url.QueryEscape(alicePassword)).shows(http.StatusForbidden, wrong)
	b.submit("/_regent/signin", "tab", "user", "account", "dev", "user", "alice", "user", "bob", "password", alicePassword).shows(http.StatusBadRequest, "could not be read")
	b.submit("/_regent/signin", "tab", "user", "account", strings.Repeat("x", 9<<10)).shows(http.StatusBadRequest, "could not be read")
	b.submit("/_regent/signin", "tab", "user", "account", strings.Repeat("x", 40<<10)).shows(http.StatusBadRequest, "could not be read")
}

// TestPagesKeepToThemselves: no page can be framed, cached or run what is not
// its own, and names in them are text.
func TestPagesKeepToThemselves(t *testing.T) {
	t.Parallel()
	b := newWorld(t).browser()
	for _, p := range []*page{
		b.get("/_regent/signin?account=%22%3E%3Cscript%3E&return=javascript:alert(1)"),
		b.user(`"><script>x</script>`, `"><script>x</script>`, "x"),
		b.user("dev", "alice", alicePassword),
	} {
		policy := p.header.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "unsafe") ||
			p.header.Get("Cache-Control") != "no-store" || p.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("the headers are %v", p.header)
		}
		if strings.Contains(p.body, "<script>") || strings.Contains(p.body, "javascript:") {
			t.Errorf("the page is %s", p.body)
		}
	}
}

// TestReturnPaths lead into the console and nowhere else.
//
// Rules: TH-87
func TestReturnPaths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for asked, want := range map[string]string{
		"": "", "/_regent/console/": "", "/_regent/console/iam/users": "iam/users",
		"/_regent/console/iam/policies/arn%3Aaws?tab=x#y":         "iam/policies/arn%3Aaws?tab=x#y",
		"/_regent/console/switchrole?account=prod&roleName=a%2Fb": "switchrole?account=prod&roleName=a%2Fb",
		"/_regent/console/~zzzzzzzz/iam":                          "iam",
		"//evil":                                                  "", "/\\evil": "", "https://evil/_regent/console/": "", "/_regent/console/../signin": "",
		"/_regent/console/%2e%2e/x": "", "/_regent/console/a%2fb": "", "/_regent/console/a%5cb": "", "/_regent/console//x": "", "/_regent/consolex": "",
		"/_regent/console/a\nb": "", "/bucket/object": "", "/_regent/console/%zz": "", "javascript:alert(1)": "", "/_regent/console/./x": "",
		"@evil": "", " /_regent/console/x": "x",
	} {
		p := w.far().submit("/_regent/signin", "tab", "user", "account", "dev", "user", "alice", "password", alicePassword, "return", asked)
		id := p.landed()
		if got := p.header.Get("Location"); got != "/_regent/console/~"+id+"/"+want {
			t.Errorf("%q goes to %s", asked, got)
		}
	}
	p := w.far().get("/_regent/signin/switchrole?account=prod&roleName=x%2Fy")
	if p.status != http.StatusSeeOther || p.header.Get("Location") != "/_regent/console/switchrole?account=prod&roleName=x%2Fy" {
		t.Errorf("%d %s", p.status, p.header.Get("Location"))
	}
}

// TestLinksFromElsewhereReloadOnce, since strict cookies stay behind.
func TestLinksFromElsewhereReloadOnce(t *testing.T) {
	t.Parallel()
	b := newWorld(t).far()
	r := b.request(http.MethodGet, "/_regent/signin?account=dev", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.AddCookie(&http.Cookie{Name: "somebody-elses", Value: "x"})
	b.do(r).shows(http.StatusOK, `http-equiv="refresh"`)
	if p := b.get("/_regent/signin?account=dev"); strings.Contains(p.body, "refresh") {
		t.Errorf("the page is %s", p.body)
	}
}

// TestGuessingIsSlowed, for who is guessed from one address, however the name is
// spelled, and for nobody elsewhere.
//
// Rules: TH-51
func TestGuessingIsSlowed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	spellings := [][2]string{{"dev", "alice"}, {"DEV", "Alice"}, {ours, "ALICE "}, {"4444-5555-6666", " alice"}, {" dev", "aLiCe"}, {ours, "alice"}}
	for _, s := range spellings {
		b.user(s[0], s[1], "wrong").shows(http.StatusForbidden, wrong)
	}
	for _, s := range spellings {
		p := b.user(s[0], s[1], alicePassword).shows(http.StatusTooManyRequests, "too often")
		if p.header.Get("Retry-After") != "1" {
			t.Errorf("to be tried again in %q", p.header.Get("Retry-After"))
		}
	}
	other := w.far()
	other.address = "203.0.113.5:1"
	other.signIn() // the victim is at another address
	w.rootPassword(ours, "a Password of 1 root")
	b.submit("/_regent/signin", "tab", "root", "email", "root@"+ours+".invalid", "password", "a Password of 1 root").landed()
	for wait := time.Second; wait < 20*time.Minute; wait *= 2 { // it grows, to a quarter of an hour
		w.Advance(min(wait, 15*time.Minute))
		b.user("dev", "alice", "wrong").shows(http.StatusForbidden, wrong)
		b.user("dev", "alice", "wrong").shows(http.StatusTooManyRequests, "too often")
	}
	w.Advance(15 * time.Minute)
	b.signIn()
	for range 5 {
		b.user("dev", "alice", "wrong").shows(http.StatusForbidden, wrong)
	}
	b.signIn()
}

// TestNamesThatDoNotExistAreSlowedAlike.
//
// Rules: TH-51 CO-1
func TestNamesThatDoNotExistAreSlowedAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, who := range [][2]string{{"dev", "nobody"}, {"nowhere", "alice"}, {"dev", "bob"}} {
		b := w.far()
		for range 6 {
			b.user(who[0], who[1], "wrong").shows(http.StatusForbidden, wrong)
		}
		b.user(who[0], who[1], "wrong").shows(http.StatusTooManyRequests, "too often")
	}
}

// TestOneAddressCannotTryEverybody, and who signed in from there before goes on.
//
// Rules: TH-51
func TestOneAddressCannotTryEverybody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	b.address = "[2001:db8::1]:1"
	b.signIn()
	for i := range 51 {
		b.address = "[2001:db8::" + string(rune('a'+i%6)) + "]:1" // one customer's
		b.user("dev", "user"+strings.Repeat("x", i), "wrong").shows(http.StatusForbidden, wrong)
	}
	b.user("dev", "another", "wrong").shows(http.StatusTooManyRequests, "too often")
	b.signIn()
	b.address = "[2001:db8:1::1]:1"
	b.user("dev", "another", "wrong").shows(http.StatusForbidden, wrong)
}

// TestParallelGuessesAreAsMany as they are.
//
// Rules: TH-50 TH-51
func TestParallelGuessesAreAsMany(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = 60
	statuses := make(chan int, n)
	for range n {
		go func() { statuses <- w.far().user("dev", "alice", "wrong").status }()
	}
	tried := 0
	for range n {
		switch s := <-statuses; s {
		case http.StatusForbidden:
			tried++
		case http.StatusTooManyRequests:
		default:
			t.Errorf("got %d", s)
		}
	}
	if tried > 6 {
		t.Errorf("%d passwords were tried at the same time", tried)
	}
}

// TestAFloodIsTurnedAway: only so many hash at once and wait, of known and
// unknown names together.
//
// Rules: TH-52
func TestAFloodIsTurnedAway(t *testing.T) {
	t.Parallel()
	o := password.Options{AtOnce: 1, Waiting: 1}
	w := newWorldWith(t, o, func(*signin.Config) {})
	const n = 12
	statuses := make(chan int, n)
	for i := range n {
		go func() {
			b := w.far()
			b.address = "198.51.100." + string(rune('1'+i%9)) + ":1"
			statuses <- b.user("dev", "nobody"+strings.Repeat("x", i), "wrong").status
		}()
	}
	counts := map[int]int{}
	for range n {
		counts[<-statuses]++
	}
	if counts[http.StatusForbidden] == 0 || counts[http.StatusTooManyRequests] == 0 || counts[http.StatusForbidden]+counts[http.StatusTooManyRequests] != n {
		t.Errorf("answers were %v", counts)
	}
}

// TestFullBrowsersFitATransaction: five people of five accounts with eight
// devices each, which is as much as there can be, are signed out at once.
func TestFullBrowsersFitATransaction(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	var ids []string
	for i := range 5 {
		account := identity.AccountID(fmt.Sprint(200000000000 + i))
		root, user := fmt.Sprint("root", i), fmt.Sprint("user", i)
		w.Account(account, root)
		w.User(user, account, "")
		w.As(root).Call("iam", "CreateLoginProfile", "UserName", user, "Password", alicePassword).OK()
		var seed []byte
		for n := range 8 {
			seed = w.deviceOf(account, user, fmt.Sprint("device", n))
		}
		ids = append(ids, b.user(string(account), user, alicePassword).next("/_regent/signin/code", "code", mfa.Code(seed, w.Now())).landed())
		for n := range 8 { // revocations that have expired are removed by the way
			w.Update(func(tx *store.Tx) error { return tx.Revoke(account, fmt.Sprint(n), w.Now(), w.Now()) })
		}
	}
	w.Advance(time.Minute)
	for _, id := range ids {
		b.call("activity", `{"session":"`+id+`"}`, &struct{}{})
		b.credentials(id, id)
	}
	b.call("signout", `{"all":true}`, &struct{}{})
	for _, id := range ids {
		whoami(w, id).Fails("InvalidClientTokenId")
	}
}
