package signin_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/signin"
	"github.com/regent-iam/regent/sigv4"
)

// lent are credentials in an answer of STS.
func (w *world) lent(a *servicetest.Answer) sigv4.Credentials {
	w.t.Helper()
	a.OK()
	return sigv4.Credentials{AccessKeyID: a.Get("AccessKeyId"), SecretAccessKey: a.Get("SecretAccessKey"), SessionToken: a.Get("SessionToken")}
}

func (w *world) assumed(by, role, name string, more ...string) sigv4.Credentials {
	w.t.Helper()
	return w.lent(w.As(by).Call("sts", "AssumeRole", append([]string{"RoleArn", "arn:aws:iam::" + theirs + ":role/" + role, "RoleSessionName", name}, more...)...))
}

func federated(w *world, by, name string, more ...string) sigv4.Credentials {
	w.t.Helper()
	return w.lent(w.As(by).Call("sts", "GetFederationToken", append([]string{"Name", name, "Policy", allowAll}, more...)...))
}

func sessionText(c sigv4.Credentials) string {
	return fmt.Sprintf(`{"sessionId":%q,"sessionKey":%q,"sessionToken":%q}`, c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
}

// federation asks the endpoint, as a program does.
func (w *world) federation(method string, parameters ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	q := url.Values{}
	for i := 0; i < len(parameters); i += 2 {
		q.Add(parameters[i], parameters[i+1])
	}
	r := httptest.NewRequestWithContext(w.t.Context(), http.MethodGet, "/federation?"+q.Encode(), http.NoBody)
	if method == http.MethodPost {
		r = httptest.NewRequestWithContext(w.t.Context(), http.MethodPost, "/federation", strings.NewReader(q.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.RemoteAddr = "198.51.100.9:1"
	answer := httptest.NewRecorder()
	w.handler.ServeFederation(answer, r)
	return answer
}

// token trades credentials for a token.
func (w *world) token(c sigv4.Credentials, more ...string) string {
	w.t.Helper()
	a := w.federation(http.MethodGet, append([]string{"Action", "getSigninToken", "Session", sessionText(c)}, more...)...)
	var out struct{ SigninToken string }
	if err := json.Unmarshal(a.Body.Bytes(), &out); err != nil || a.Code != http.StatusOK || out.SigninToken == "" {
		w.t.Fatalf("getSigninToken: %d %s", a.Code, a.Body)
	}
	return out.SigninToken
}

// refused fails unless the endpoint refuses.
func (w *world) refused(name string, a *httptest.ResponseRecorder, text string) {
	w.t.Helper()
	if a.Code != http.StatusBadRequest || !strings.Contains(a.Body.String(), text) || strings.Contains(a.Body.String(), "SigninToken\":") {
		w.t.Errorf("%s: %d %s, want 400 with %q", name, a.Code, a.Body, text)
	}
}

// follow goes to the endpoint with a browser, and on to where it leads.
func (b *browser) follow(token string, more ...string) *page {
	b.w.t.Helper()
	a := b.w.federation(http.MethodGet, append([]string{"Action", "login", "SigninToken", token}, more...)...)
	if a.Code != http.StatusSeeOther || len(a.Result().Cookies()) != 0 {
		b.w.t.Fatalf("login: %d %v", a.Code, a.Header())
	}
	return b.get(a.Header().Get("Location"))
}

const noToken = "The link that you came by is too old, was used before, or is none of this server&#39;s."

// Rules: CO-20 CO-22 CO-24 TH-85 TH-86
func TestAFederatedSignIn(t *testing.T) {
	for name, of := range map[string]func(*world) *browser{"on loopback": (*world).browser, "over TLS": (*world).far} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.role("/team/", "s3-admin", "")
			b := of(w)
			token := w.token(w.assumed("alice", "team/s3-admin", "alice@corp"), "SessionType", "json")
			p := b.follow(token, "Destination", "/_regent/console/s3/bucket?tab=x", "Issuer", "https://idp.example/start")
			for _, text := range []string{"s3-admin/alice@corp", "prod, " + theirs, "arn:aws:sts::" + theirs + ":assumed-role/s3-admin/alice@corp", "https://idp.example/start", "13:00 UTC"} {
				if p.status != http.StatusOK || !strings.Contains(p.body, text) {
					t.Fatalf("%d: no %q in %s", p.status, text, p.body)
				}
			}
			if len(b.cookies) != 0 {
				t.Fatalf("signed in without being asked: %v", b.cookies)
			}
			id := p.next("/_regent/signin/federation")
			where := id.header.Get("Location") + strings.ReplaceAll(id.body, `\/`, "/")
			session := id.landed()
			if !strings.Contains(where, "/_regent/console/~"+session+"/s3/bucket?tab=x") {
				t.Errorf("it went to %s", where)
			}
			list := b.sessions().Sessions
			if len(list) != 1 {
				t.Fatalf("%+v", list)
			}
			s := list[0]
			if s.ID != session || s.Kind != "federated" || s.AccountID != theirs || s.RoleName != "team/s3-admin" || s.UserName != "" || s.DisplayName != "s3-admin/alice@corp @ prod" ||
				s.ARN != "arn:aws:sts::"+theirs+":assumed-role/s3-admin/alice@corp" || s.MFA || !s.ExpiresAt.Equal(w.Now().Add(time.Hour)) {
				t.Errorf("%+v", s)
			}
			if got := b.credentials("console", session); !got.Equal(w.Now().Add(30 * time.Minute)) {
				t.Errorf("the credentials end at %s", got)
			}
			if got := w.As("console").Call("sts", "GetCallerIdentity").OK().Get("Arn"); got != s.ARN {
				t.Errorf("the credentials are of %s", got)
			}
			w.As("console").Call("iam", "ListUsers").OK()
			w.Advance(45 * time.Minute)
			if got := b.credentials("console", session); !got.Equal(s.ExpiresAt) {
				t.Errorf("the credentials end at %s, and the session at %s", got, s.ExpiresAt)
			}
			w.As("console").Call("iam", "ListUsers").OK()
			w.Advance(15 * time.Minute)
			b.call("sessions", "", nil).fails(http.StatusUnauthorized, "SignedOut")
			w.As("console").Call("iam", "ListUsers").Fails("ExpiredToken")
			if e := w.Events("GetSigninToken"); len(e) != 1 || e[0]["eventType"] != "AwsConsoleSignIn" {
				t.Errorf("the record has %v", e)
			}
			e := w.Events("ConsoleLogin")
			if len(e) != 1 {
				t.Fatalf("the record has %v", e)
			}
			if who, _ := e[0]["userIdentity"].(map[string]any); who["type"] != "AssumedRole" || who["arn"] != s.ARN || who["accessKeyId"] != nil {
				t.Errorf("the record has %v", who)
			}
		})
	}
}

// Rules: CO-20 CO-21 CO-23
func TestWhatGetsNoSigninToken(t *testing.T) {
	w := newWorld(t)
	w.role("/", "ops", "")
	w.As("their-root").Call("iam", "CreateRole", "RoleName", "next", "AssumeRolePolicyDocument", fmt.Sprintf(strings.ReplaceAll(trustOurs, ours, theirs), "")).OK()
	good := w.assumed("alice", "ops", "sam")
	w.Actor("ops", good)
	chained := w.assumed("ops", "next", "sam")
	user := w.lent(w.As("alice").Call("sts", "GetSessionToken"))
	w.Actor("alice with a token", user)
	secondHand := w.assumed("alice with a token", "ops", "sam")
	fed := federated(w, "alice", "Bob")
	b := w.browser()
	id := b.signIn()
	b.credentials("console", id)
	changed := func(change func(*sigv4.Credentials)) sigv4.Credentials { c := good; change(&c); return c }
	const invalid, unreadable = "no credentials that are valid", "Session must be JSON"
	for name, row := range map[string]struct{ session, want string }{
		"none":                        {"", unreadable},
		"no JSON":                     {"x", unreadable},
		"more than that":              {sessionText(good) + "{}", unreadable},
		"another member":              {strings.Replace(sessionText(good), "{", `{"x":1,`, 1), unreadable},
		"no secret":                   {sessionText(changed(func(c *sigv4.Credentials) { c.SecretAccessKey = "" })), unreadable},
		"another secret":              {sessionText(changed(func(c *sigv4.Credentials) { c.SecretAccessKey += "x" })), invalid},
		"another key":                 {sessionText(changed(func(c *sigv4.Credentials) { c.AccessKeyID = fed.AccessKeyID })), invalid},
		"another token":               {sessionText(changed(func(c *sigv4.Credentials) { c.SessionToken = fed.SessionToken })), invalid},
		"a changed token":             {sessionText(changed(func(c *sigv4.Credentials) { c.SessionToken += "A" })), invalid},
		"a user's session":            {sessionText(user), invalid},
		"what the console itself has": {sessionText(w.Credentials("console")), invalid},
	} {
		w.refused(name, w.federation(http.MethodGet, "Action", "getSigninToken", "Session", row.session), row.want)
		w.refused(name+", by a form", w.federation(http.MethodPost, "Action", "getSigninToken", "Session", row.session), row.want)
	}
	text := sessionText(good)
	for _, seconds := range []string{"899", "43201", "0", "-900", "900.5", " 900", "+900", "0900", "x", "99999999999999999999"} {
		w.refused(seconds, w.federation(http.MethodGet, "Action", "getSigninToken", "Session", text, "SessionDuration", seconds), "SessionDuration must be from 900 to 43200 seconds.")
	}
	for name, c := range map[string]sigv4.Credentials{"a federated user": fed, "a chained role": chained, "a role by a session": secondHand} {
		w.refused(name, w.federation(http.MethodGet, "Action", "getSigninToken", "Session", sessionText(c), "SessionDuration", "3600"), "SessionDuration is for credentials of a role")
		w.token(c)
	}
	for name, a := range map[string]*httptest.ResponseRecorder{
		"no action":          w.federation(http.MethodGet, "Session", text),
		"another action":     w.federation(http.MethodGet, "Action", "GetSigninToken", "Session", text),
		"twice":              w.federation(http.MethodGet, "Action", "getSigninToken", "Action", "getSigninToken", "Session", text),
		"twice in a form":    w.federation(http.MethodPost, "Action", "getSigninToken", "Session", text, "Session", text),
		"another kind":       w.federation(http.MethodGet, "Action", "getSigninToken", "Session", text, "SessionType", "xml"),
		"a login by a form":  w.federation(http.MethodPost, "Action", "login", "SigninToken", "x"),
		"nothing whatsoever": w.federation(http.MethodGet),
	} {
		w.refused(name, a, "")
	}
	w.As("their-root").Call("iam", "DeleteRolePolicy", "RoleName", "ops", "PolicyName", "p").OK()
	w.As("their-root").Call("iam", "DeleteRole", "RoleName", "ops").OK()
	w.refused("a role that is gone", w.federation(http.MethodGet, "Action", "getSigninToken", "Session", text), invalid)
	w.Advance(12 * time.Hour)
	w.refused("expired", w.federation(http.MethodGet, "Action", "getSigninToken", "Session", sessionText(fed)), invalid)
}

// TestSessionDurationOutlivesTheCredentials: the sign-in lasts as long as was
// asked for, and what it gives out cannot be traded for a longer one.
//
// Rules: CO-21 CO-24 ST-93
func TestSessionDurationOutlivesTheCredentials(t *testing.T) {
	w := newWorldWith(t, cheap(), func(c *signin.Config) { c.Idle = 12 * time.Hour })
	w.role("/", "ops", "")
	creds := w.assumed("alice", "ops", "sam", "DurationSeconds", "900")
	b := w.far()
	id := b.follow(w.token(creds, "SessionDuration", "14400")).next("/_regent/signin/federation").landed()
	if got := b.sessions().Sessions[0].ExpiresAt; !got.Equal(w.Now().Add(4 * time.Hour)) {
		t.Errorf("it ends at %s", got)
	}
	w.Advance(3*time.Hour + 45*time.Minute)
	w.Actor("given", creds)
	w.As("given").Call("iam", "ListUsers").Fails("ExpiredToken")
	if got := b.credentials("console", id); !got.Equal(w.Now().Add(15 * time.Minute)) {
		t.Errorf("the credentials end at %s", got)
	}
	w.As("console").Call("iam", "ListUsers").OK()
	w.refused("a longer one", w.federation(http.MethodGet, "Action", "getSigninToken", "Session", sessionText(w.Credentials("console")), "SessionDuration", "43200"), "SessionDuration is for")
	w.Advance(15 * time.Minute)
	w.As("console").Call("iam", "ListUsers").Fails("ExpiredToken")
	b.call("sessions", "", nil).fails(http.StatusUnauthorized, "SignedOut")
}

// Rules: CO-21 CO-23 CO-12 CO-13
func TestAFederatedUserSignsIn(t *testing.T) {
	w := newWorld(t)
	w.role("/", "ops", "")
	b := w.browser()
	id := b.follow(w.token(federated(w, "alice", "Bob"))).shows(http.StatusOK, "federated-user/Bob").next("/_regent/signin/federation").landed()
	s := b.sessions().Sessions[0]
	if s.Kind != "federated" || s.ARN != "arn:aws:sts::"+ours+":federated-user/Bob" || s.DisplayName != "Bob @ dev" || s.RoleName != "" {
		t.Errorf("%+v", s)
	}
	b.credentials("console", id)
	if got := whoami(w, "console").OK().Get("Arn"); got != s.ARN {
		t.Errorf("the credentials are of %s", got)
	}
	if why := b.switchRole(id, "prod", "ops").fails(http.StatusForbidden, "SwitchRoleRefused").why(); !strings.Contains(why, "Federated users cannot switch") {
		t.Errorf("why: %s", why)
	}
	// A role may switch, and is chained.
	role := b.follow(w.token(w.assumed("alice", "ops", "alice"))).next("/_regent/signin/federation").landed()
	w.As("their-root").Call("iam", "CreateRole", "RoleName", "next", "AssumeRolePolicyDocument", fmt.Sprintf(strings.ReplaceAll(trustOurs, ours, theirs), "")).OK()
	if next := b.switchRole(role, "prod", "next").session(); next.ARN != "arn:aws:sts::"+theirs+":assumed-role/next/alice" || next.Origin != role {
		t.Errorf("%+v", next)
	}
}

// TestWhatEndsAFederatedSignIn ends what it gave out too.
//
// Rules: TH-47 ST-93
func TestWhatEndsAFederatedSignIn(t *testing.T) {
	for name, end := range map[string]func(w *world, b *browser, id string){
		"the role is deleted": func(w *world, _ *browser, _ string) {
			w.As("their-root").Call("iam", "DeleteRolePolicy", "RoleName", "ops", "PolicyName", "p").OK()
			w.As("their-root").Call("iam", "DeleteRole", "RoleName", "ops").OK()
		},
		"the role's sessions are revoked": func(w *world, _ *browser, _ string) {
			w.As("their-root").Call("regent", "RevokeSessions", "ResourceArn", "arn:aws:iam::"+theirs+":role/ops").OK()
		},
		"those of who assumed it are": func(w *world, _ *browser, _ string) {
			w.As("root").Call("regent", "RevokeSessions", "ResourceArn", "arn:aws:iam::"+ours+":user/alice").OK()
		},
		"it signs out": func(_ *world, b *browser, id string) {
			b.call("signout", `{"session":"`+id+`"}`, nil)
		},
		"it signs out everywhere": func(_ *world, b *browser, id string) {
			b.call("signout", `{"session":"`+id+`","everywhere":true}`, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.role("/", "ops", "")
			b := w.far()
			id := b.follow(w.token(w.assumed("alice", "ops", "sam"))).next("/_regent/signin/federation").landed()
			w.User("carol", ours, allowAll)
			other := w.far()
			otherID := other.follow(w.token(w.assumed("carol", "ops", "tim"))).next("/_regent/signin/federation").landed()
			b.credentials("console", id)
			w.As("console").Call("iam", "ListUsers").OK()
			end(w, b, id)
			w.As("console").Call("iam", "ListUsers").Fails("InvalidClientTokenId")
			b.call("credentials", `{"session":"`+id+`"}`, nil).fails(http.StatusUnauthorized, "SignedOut")
			if strings.HasPrefix(name, "it signs out") || strings.HasPrefix(name, "those of") {
				other.credentials("other", otherID) // somebody else in the same role
			}
		})
	}
}

// Rules: TH-87
func TestAFederatedSignInGoesToTheConsoleOnly(t *testing.T) {
	w := newWorld(t)
	w.role("/", "ops", "")
	creds := w.assumed("alice", "ops", "sam")
	for asked, want := range map[string]string{
		"/_regent/console/iam":                          "/iam",
		"https://regent.example/_regent/console/s3?x=1": "/s3?x=1",
		"":                                  "/",
		"https://console.aws.amazon.com/s3": "/",
		"//evil.example/_regent/console/":   "/",
		"/\\evil.example":                   "/",
		"https://evil.example/_regent/console/iam":                "/",
		"https://regent.example.evil.example/_regent/console/iam": "/",
		"https://regent.example@evil.example/_regent/console/":    "/",
		"http://regent.example/_regent/console/iam":               "/",
		"https://regent.example//evil.example":                    "/",
		"/_regent/console/%2e%2e/dev/reset":                       "/",
		"/_regent/console/../dev/reset":                           "/",
		"/_regent/console/%5cevil.example":                        "/",
		"/_regent/consoles":                                       "/",
		"/bucket/page.html":                                       "/",
		"javascript:alert(1)":                                     "/",
		"/_regent/console/\r\nX: y":                               "/",
	} {
		b := w.far()
		p := b.follow(w.token(creds), "Destination", asked).next("/_regent/signin/federation")
		if got, want := p.header.Get("Location"), "/_regent/console/~"+p.landed()+want; got != want {
			t.Errorf("%q: went to %q, want %q", asked, got, want)
		}
	}
	for asked, shown := range map[string]bool{
		"https://idp.example/start?x=1": true, "http://localhost:9000/x": true, "http://idp.example/": false, "javascript:alert(1)": false,
		"https://user@idp.example/": false, "//idp.example": false, "https://idp.example/\\x": false, "https://idp.example/\u202e": false, "idp.example": false,
	} {
		b := w.far()
		b.follow(w.token(creds), "Issuer", asked).next("/_regent/signin/federation").landed()
		want := ""
		if shown {
			want = asked
		}
		if got := b.sessions().Sessions[0].Issuer; got != want {
			t.Errorf("the issuer %q is %q", asked, got)
		}
	}
}

// Rules: CO-22 TH-87
func TestASignInGoesOnToConfiguredDestinations(t *testing.T) {
	w := newWorldWith(t, cheap(), func(c *signin.Config) {
		c.Destinations = []string{"https://tools.example/start/", "http://127.0.0.1:9000/"}
	})
	w.role("/", "ops", "")
	creds := w.assumed("alice", "ops", "sam")
	for asked, there := range map[string]bool{
		"https://tools.example/start/":                        true,
		"https://tools.example/start/a/b?x=//y#z":             true,
		"http://127.0.0.1:9000/cb?code=1":                     true,
		"https://tools.example/start":                         false,
		"https://tools.example/":                              false,
		"https://tools.example/starting/":                     false,
		"http://tools.example/start/":                         false,
		"HTTPS://tools.example/start/":                        false,
		"https://TOOLS.example/start/":                        false,
		"//tools.example/start/":                              false,
		"https:tools.example/start/":                          false,
		"https:/tools.example/start/":                         false,
		"https:\\\\tools.example/start/":                      false,
		"https://tools.example:8443/start/":                   false,
		"https://tools.example./start/":                       false,
		"https://tools.example.evil.example/start/":           false,
		"https://tools.example@evil.example/start/":           false,
		"https://user@tools.example/start/":                   false,
		"https://evil.example/https://tools.example/start/":   false,
		"https://tools.example/start/../admin":                false,
		"https://tools.example/start/%2e%2e/admin":            false,
		"https://tools.example/start/%2E./admin":              false,
		"https://tools.example/start/.":                       false,
		"https://tools.example/start//evil.example":           false,
		"https://tools.example/start/%2fevil.example":         false,
		"https://tools.example/start/%5c..%5cadmin":           false,
		"https://tools.example/start/\\..\\admin":             false,
		"https://tools.example/start/%zz":                     false,
		"https://tools.example/start/a\tb":                    false,
		"https://tools.example/start/\r\nX: y":                false,
		"https://tools.example/start/\u202e":                  false,
		"http://127.0.0.1:9000.evil.example/":                 false,
		"http://127.0.0.1:9000@evil.example/":                 false,
		"http://127.0.0.1:90001/":                             false,
		"https://regent.example/https://tools.example/start/": false,
	} {
		b := w.far()
		question := b.follow(w.token(creds), "Destination", asked)
		if said := strings.Contains(question.body, "Then goes on to"); said != there {
			t.Errorf("%q: the page says where it goes: %v", asked, said)
		}
		p := question.next("/_regent/signin/federation")
		// A page leads there, as no policy of forms lets a form go elsewhere.
		link := `<a href="` + html.EscapeString(asked) + `">Go on</a>`
		if there && (p.status != http.StatusOK || !strings.Contains(p.body, link) || len(b.sessions().Sessions) != 1) {
			t.Errorf("%q: %d, %s", asked, p.status, p.body)
		}
		if to := p.header.Get("Location"); !there && to != "/_regent/console/~"+p.landed()+"/" {
			t.Errorf("%q: went to %q", asked, to)
		}

		// Whoever signs in with a password goes on just as well.
		b = w.far()
		form := b.get("/_regent/signin?account=dev&return="+url.QueryEscape(asked)).shows(http.StatusOK, "Sign in")
		if kept := strings.Contains(form.body, `name="return" value="`+html.EscapeString(asked)+`"`); kept != there {
			t.Errorf("%q: the form keeps it: %v", asked, kept)
		}
		p = b.submit("/_regent/signin", "account", "dev", "user", "alice", "password", alicePassword, "return", asked)
		if there && (p.status != http.StatusOK || !strings.Contains(p.body, link)) {
			t.Errorf("%q, after a password: %d, %s", asked, p.status, p.body)
		}
		if to := p.header.Get("Location"); !there && to != "/_regent/console/~"+p.landed()+"/" {
			t.Errorf("%q, after a password: went to %q", asked, to)
		}
	}
}

// Rules: TH-86 CO-22
func TestAFederatedSignInIsAddedToThoseThatThereAre(t *testing.T) {
	w := newWorld(t)
	w.role("/", "ops", "")
	b := w.browser()
	first := b.signIn()
	for i := range 4 {
		b.follow(w.token(w.assumed("alice", "ops", fmt.Sprintf("s-%d", i)))).next("/_regent/signin/federation").landed()
	}
	again := b.follow(w.token(w.assumed("alice", "ops", "s-3"))).next("/_regent/signin/federation").landed()
	list := b.sessions().Sessions
	if len(list) != 5 || list[4].ID != again {
		t.Fatalf("%+v", list)
	}
	p := b.follow(w.token(w.assumed("alice", "ops", "sixth"))).next("/_regent/signin/federation").shows(http.StatusOK, "Five sessions are open")
	if !strings.Contains(p.body, `action="/_regent/signin/federation"`) {
		t.Fatal(p.body)
	}
	p.next("/_regent/signin/federation", "close", first).landed()
	if list := b.sessions().Sessions; len(list) != 5 || list[4].DisplayName != "ops/sixth @ prod" {
		t.Errorf("%+v", list)
	}
}

// Rules: CO-22 TH-86
func TestASigninTokenServesOnceForAMinute(t *testing.T) {
	w := newWorld(t)
	w.role("/", "ops", "")
	creds := w.assumed("alice", "ops", "sam")
	b := w.browser()
	b.follow("x").shows(http.StatusForbidden, noToken)
	b.follow("").shows(http.StatusForbidden, noToken)

	token := w.token(creds)
	first, second := b.follow(token), b.follow(token)
	stolen := w.far()
	third := stolen.follow(token)
	first.next("/_regent/signin/federation").landed()
	second.next("/_regent/signin/federation").shows(http.StatusForbidden, noToken)
	stolen.submit("/_regent/signin/federation", "state", third.state()).shows(http.StatusForbidden, noToken)

	token = w.token(creds)
	w.Advance(time.Minute)
	b.follow(token).shows(http.StatusForbidden, noToken)

	p := b.follow(w.token(creds)) // who reads the page has a few minutes
	w.Advance(4 * time.Minute)
	p.next("/_regent/signin/federation").landed()
	p = b.follow(w.token(creds))
	w.Advance(6 * time.Minute)
	p.next("/_regent/signin/federation").shows(http.StatusForbidden, noToken)

	// The token itself is no form, and a half-done sign-in no token.
	b.submit("/_regent/signin/federation", "state", w.token(creds)).shows(http.StatusForbidden, noToken)
	b.follow(p.state()).shows(http.StatusForbidden, noToken)

	// Another site's page cannot send the form.
	p = b.follow(w.token(creds))
	r := b.request(http.MethodPost, "/_regent/signin/federation", strings.NewReader("state="+p.state()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if p := b.do(r); p.status != http.StatusForbidden {
		t.Errorf("another site signed in: %d", p.status)
	}
	plain := w.browser()
	plain.address = "198.51.100.7:1"
	plain.follow(w.token(creds)).shows(http.StatusForbidden, "No sign-in without TLS")
}
