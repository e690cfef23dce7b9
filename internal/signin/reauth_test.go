package signin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/passkey/passkeytest"
)

// reauthRequired fails unless a call was refused until who calls proves again to
// be it.
func reauthRequired(t *testing.T, code, message string) {
	t.Helper()
	if code != "AccessDenied" && code != "AccessDeniedException" || !strings.HasPrefix(message, "Reauthentication required:") {
		t.Errorf("got %s %s", code, message)
	}
}

// TestDangerousCallsWantAFreshProof: whatever the page does, the credentials of a
// browser alone do not get a key, remove the own device or change anything as
// root. All else goes on, and so does everything for those who call with keys.
//
// Rules: TH-90 CO-5
func TestDangerousCallsWantAFreshProof(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rootPassword(ours, "a Password of 1 root")
	phone := w.device("phone")
	serial := "arn:aws:iam::" + ours + ":mfa/phone"
	b := w.far()
	id := b.user("dev", "alice", alicePassword).next("/_regent/signin/code", "code", mfa.Code(phone, w.Now())).landed()
	root := b.submit("/_regent/signin", "tab", "root", "email", "root@"+ours+".invalid", "password", "a Password of 1 root").landed()
	w.Advance(11 * time.Minute)
	b.credentials("user", id)
	b.credentials("roots", root)
	for _, call := range [][]string{
		{"CreateAccessKey"},
		{"CreateAccessKey", "UserName", "bob"},
		{"DeactivateMFADevice", "SerialNumber", serial, "UserName", "alice"},
		{"DeactivateMFADevice", "SerialNumber", serial, "UserName", "ALICE"},
		{"DeleteVirtualMFADevice", "SerialNumber", serial},
	} {
		a := w.As("user").Call("iam", call[0], call[1:]...)
		reauthRequired(t, a.Code, a.Message)
	}
	for _, call := range [][]string{
		{"CreateUser", "UserName", "carol"}, {"DeleteUser", "UserName", "bob"}, {"CreateAccountAlias", "AccountAlias", "another"}, {"CreateAccessKey"},
	} {
		a := w.As("roots").Call("iam", call[0], call[1:]...)
		reauthRequired(t, a.Code, a.Message)
	}
	a := w.As("roots").Call("regent", "RevokeSessions", "ResourceArn", "arn:aws:iam::"+ours+":user/bob")
	reauthRequired(t, a.Code, a.Message)
	e := w.Events("DeleteUser")
	if len(e) != 1 || e[0]["errorCode"] != "AccessDenied" {
		t.Errorf("the events are %v", e)
	}
	w.As("roots").Call("iam", "ListUsers").OK()
	w.As("user").Call("iam", "CreateUser", "UserName", "carol").OK()
	w.As("user").Call("iam", "DeactivateMFADevice", "SerialNumber", serial, "UserName", "carol").Fails("NoSuchEntity")
	w.As("root").Call("iam", "CreateAccessKey", "UserName", "carol").OK() // by a key

	for _, s := range []string{id, root} {
		proof := `"password":"` + alicePassword + `"`
		if s == root {
			proof = `"password":"a Password of 1 root"`
		}
		b.call("reauth", `{"session":"`+s+`",`+proof+`}`, &struct{}{})
	}
	whoami(w, "user").OK()
	b.credentials("user", id)
	b.credentials("roots", root)
	w.As("user").Call("iam", "CreateAccessKey", "UserName", "carol").OK()
	w.As("roots").Call("iam", "DeleteUser", "UserName", "bob").Fails("DeleteConflict")
	w.Advance(10*time.Minute + time.Second)
	a = w.As("user").Call("iam", "CreateAccessKey", "UserName", "carol")
	reauthRequired(t, a.Code, a.Message)
	// With the device goes what was signed in with it.
	b.call("reauth", `{"session":"`+id+`","code":"`+mfa.Code(phone, w.Now())+`"}`, &struct{}{})
	b.credentials("user", id)
	w.As("user").Call("iam", "DeactivateMFADevice", "SerialNumber", serial, "UserName", "alice").OK()
	whoami(w, "user").Fails("InvalidClientTokenId")
}

// TestReauthentication takes what is right and nothing else, gives a fresh
// cookie, and can be guessed no faster than a sign-in.
//
// Rules: TH-83 TH-90 TH-51
func TestReauthentication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	phone := w.device("phone")
	b := w.browser()
	id := b.user("dev", "alice", alicePassword).next("/_regent/signin/code", "code", mfa.Code(phone, w.Now())).landed()
	w.Advance(5 * time.Minute)
	code := func() string { return mfa.Code(phone, w.Now()) }
	for _, test := range []struct {
		in     string
		status int
		code   string
	}{
		{``, 400, "BadRequest"},
		{`"password":"wrong"`, 403, "Incorrect"},
		{`"code":"000000"`, 403, "Incorrect"},
		{`"password":"wrong","code":"` + code() + `"`, 403, "Incorrect"},
		{`"password":"` + alicePassword + `","code":"000000"`, 403, "Incorrect"},
		{`"code":"` + code() + `"`, 200, ""},
		{`"code":"` + code() + `"`, 403, "Incorrect"}, // used up
		{`"password":"` + alicePassword + `"`, 200, ""},
	} {
		before, secret := cookiesOf(b), b.secret
		in := strings.Replace(`{"session":"`+id+`",`+test.in+`}`, ",}", "}", 1)
		p := b.call("reauth", in, nil)
		if test.status == http.StatusOK {
			if want := fmt.Sprintf(`{"reauthenticatedAt":"%s"}`, w.Now().Format(time.RFC3339)); p.status != 200 || p.body != want {
				t.Errorf("%s: %d %s", test.in, p.status, p.body)
			}
			if cookiesOf(b) == before || b.secret == secret {
				t.Errorf("%s: the cookie or the secret stayed", test.in)
			}
			continue
		}
		p.fails(test.status, test.code)
		if cookiesOf(b) != before {
			t.Errorf("%s: the cookie changed", test.in)
		}
	}
	if s := b.sessions().Sessions[0]; !s.ReauthenticatedAt.Equal(w.Now()) {
		t.Errorf("the session is %+v", s)
	}
	for range 6 {
		b.call("reauth", `{"session":"`+id+`","password":"wrong"}`, nil).fails(http.StatusForbidden, "Incorrect")
	}
	if p := b.call("reauth", `{"session":"`+id+`","password":"wrong"}`, nil).fails(http.StatusTooManyRequests, "TooManyRequests"); p.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
	b.user(ours, "Alice", alicePassword).shows(http.StatusTooManyRequests, "too often") // counted as the same
	success, failure := 0, 0
	for _, e := range w.Events("Reauthenticate") {
		if e["responseElements"].(map[string]any)["Reauthenticate"] == "Success" {
			success++
		} else if e["errorMessage"] == "Failed authentication" {
			failure++
		}
	}
	if success != 2 || failure != 11 {
		t.Errorf("recorded are %d successes and %d failures", success, failure)
	}
}

// TestReauthenticationByPasskey takes the answer of one's own passkey to the
// challenge of this session, once.
//
// Rules: TH-83 TH-84 TH-90
func TestReauthenticationByPasskey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b, other := w.far(), w.far()
	id, a := b.signIn(), b.authenticator()
	options := func(b *browser, id string) (out struct {
		Codes   bool
		Passkey json.RawMessage
	},
	) {
		t.Helper()
		b.call("reauth/options", `{"session":"`+id+`"}`, &out)
		return out
	}
	if o := options(b, id); o.Codes || string(o.Passkey) != "null" {
		t.Errorf("without a device %+v is offered", o)
	}
	b.register(id, "", a)
	answer := func(a *passkeytest.Authenticator, options json.RawMessage) string {
		return `"credential":` + string(a.Get(options))
	}
	reauth := func(b *browser, id, proof string) *page {
		t.Helper()
		return b.call("reauth", `{"session":"`+id+`",`+proof+`}`, nil)
	}
	id = b.user("dev", "alice", alicePassword).answer(a).landed()
	elsewhere := other.user("dev", "alice", alicePassword).answer(a).landed()
	w.Advance(11 * time.Minute)
	b.credentials("stale", id)
	reauthRequired(t, w.As("stale").Call("iam", "CreateAccessKey").Code, w.As("stale").Call("iam", "CreateAccessKey").Message)

	for name, lie := range map[string]func(*passkeytest.Authenticator){
		"a page of a bucket's host": func(a *passkeytest.Authenticator) { a.Origin = "https://bucket.regent.example" },
		"a framed page":             func(a *passkeytest.Authenticator) { a.CrossOrigin = true },
		"another host":              func(a *passkeytest.Authenticator) { a.Host = "evil.example" },
		"nobody there":              func(a *passkeytest.Authenticator) { a.Absent = true },
		"a copy that counts less":   func(a *passkeytest.Authenticator) { a.Count = 1 },
	} {
		liar := *a
		lie(&liar)
		if p := reauth(b, id, answer(&liar, options(b, id).Passkey)); p.status != http.StatusForbidden {
			t.Errorf("%s: %d %s", name, p.status, p.body)
		}
	}
	reauth(b, id, answer(a, options(other, elsewhere).Passkey)).fails(http.StatusForbidden, "Incorrect")
	reauth(b, id, answer(b.authenticator(), options(b, id).Passkey)).fails(http.StatusForbidden, "Incorrect")
	reauth(b, id, answer(a, b.user("dev", "alice", alicePassword).options())).fails(http.StatusForbidden, "Incorrect")
	reauth(b, id, `"credential":{}`).fails(http.StatusForbidden, "Incorrect")
	reauth(b, id, `"code":"000000",`+answer(a, options(b, id).Passkey)).fails(http.StatusBadRequest, "BadRequest")
	old := options(b, id).Passkey
	w.Advance(5 * time.Minute)
	reauth(b, id, answer(a, old)).fails(http.StatusForbidden, "Incorrect")
	reauth(b, id, `"password":"wrong",`+answer(a, options(b, id).Passkey)).fails(http.StatusForbidden, "Incorrect")
	if s := b.sessions().Sessions[0]; !s.ReauthenticatedAt.Before(w.Now()) {
		t.Fatalf("the session is %+v", s)
	}

	before := cookiesOf(b)
	right := answer(a, options(b, id).Passkey)
	if p := reauth(b, id, right); p.status != http.StatusOK || cookiesOf(b) == before {
		t.Fatalf("%d %s", p.status, p.body)
	}
	reauth(b, id, right).fails(http.StatusForbidden, "Incorrect") // it served
	b.credentials("fresh", id)
	w.As("fresh").Call("iam", "CreateAccessKey").OK()
	other.credentials("other", elsewhere)
	refused := w.As("other").Call("iam", "CreateAccessKey")
	reauthRequired(t, refused.Code, refused.Message)
}
