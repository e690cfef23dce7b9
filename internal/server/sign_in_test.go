package server_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/config"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/server"
	"github.com/regent-iam/regent/internal/store/kv"
)

// demoPasswords reads the demo's passwords.
func demoPasswords(t *testing.T, w *world) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(w.options.Data, "demo", "passwords"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		name, secret, _ := strings.Cut(strings.TrimSpace(line), " ")
		all[name] = secret
	}
	return all
}

// A visitor is a browser on this machine that somebody signed in with.
type visitor struct {
	w       *world
	cookies []*http.Cookie
	secret  string // what the origin stores
	session string
}

var (
	storedSecret = regexp.MustCompile(`localStorage.setItem\("regent-console", "([^"]+)"\)`)
	sessionPath  = regexp.MustCompile(`/~([a-z2-7]{8})/`)
)

// form sends the sign-in form.
func (w *world) form(t *testing.T, fields ...string) *httptest.ResponseRecorder {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	r := local(http.MethodPost, "/_regent/signin", values.Encode())
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return w.ask(r)
}

func (w *world) entered(t *testing.T, answer *httptest.ResponseRecorder) *visitor {
	t.Helper()
	body := strings.ReplaceAll(answer.Body.String(), `\/`, "/")
	secret, id := storedSecret.FindStringSubmatch(body), sessionPath.FindStringSubmatch(body)
	if secret == nil || id == nil {
		t.Fatalf("not signed in: %d %s", answer.Code, body)
	}
	return &visitor{w, answer.Result().Cookies(), secret[1], id[1]}
}

// visitor signs a user in.
func (w *world) visitor(t *testing.T, account, user, secret string) *visitor {
	t.Helper()
	return w.entered(t, w.form(t, "tab", "user", "account", account, "user", user, "password", secret))
}

// call makes a call of the console.
func (v *visitor) call(t *testing.T, name, in string) map[string]any {
	t.Helper()
	r := local(http.MethodPost, "/_regent/signin/"+name, in)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Regent-Console", v.secret)
	for _, c := range v.cookies {
		r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
	}
	answer := v.w.ask(r)
	if s := answer.Header().Get("X-Regent-Console"); s != "" {
		v.secret, v.cookies = s, answer.Result().Cookies()
	}
	var out map[string]any
	if err := json.Unmarshal(answer.Body.Bytes(), &out); err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", name, answer.Code, answer.Body)
	}
	return out
}

// signIns signs in to the console, rightly and wrongly, and does what can be
// done there.
func signIns(t *testing.T, w *world, secrets map[string]string) {
	t.Helper()
	all := demoPasswords(t, w)
	for name, secret := range all {
		secrets["demo's password of "+name] = secret
	}
	secrets["a password that was wrong"], secrets["a password in place of a name"] = "Canary-for-a-form-1", "Canary-for-a-form-2"
	w.form(t, "tab", "user", "account", "dev", "user", "alice", "password", secrets["a password that was wrong"])
	w.form(t, "tab", "user", "account", "dev", "user", secrets["a password in place of a name"], "password", "x")
	w.form(t, "tab", "root", "email", secrets["a password in place of a name"], "password", "x")
	v := w.visitor(t, "dev", "alice", all["alice"])
	note := func(what string) {
		secrets["secret of the origin "+what] = v.secret
		for _, c := range v.cookies {
			if len(c.Value) > 40 {
				secrets["cookie "+what] = c.Value
			}
		}
	}
	note("at first")
	keys := func(what, id string) {
		out := v.call(t, "credentials", `{"session":"`+id+`"}`)
		secrets["console's secret "+what], secrets["console's token "+what] = out["secretAccessKey"].(string), out["sessionToken"].(string)
	}
	keys("of alice", v.session)
	role := v.call(t, "switchrole", `{"session":"`+v.session+`","account":"prod","roleName":"assumerole-s3-access","displayName":"","color":""}`)
	note("of the switch")
	keys("of the role", role["session"].(map[string]any)["id"].(string))
	v.call(t, "reauth", `{"session":"`+v.session+`","password":"`+all["alice"]+`"}`)
	note("of the proof")
}

// TestTheDemosPeopleSignIn with passwords that are its own, and that the text
// tells with where the console is.
//
// Rules: TH-107 CO-1
func TestTheDemosPeopleSignIn(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Demo: true})
	text := must(t)(w.Demo(t.Context(), demoURL))
	all := demoPasswords(t, w)
	for name, account := range map[string]string{"alice": "dev", "bob": "dev", "dev-admin": "dev", "prod-admin": "prod"} {
		if !strings.Contains(text, all[name]) || !strings.Contains(text, demoURL+"/_regent/signin?account="+account) {
			t.Errorf("it says\n%s", text)
		}
		if len(all[name]) != 20 {
			t.Errorf("the password of %s is %q", name, all[name])
		}
	}
	if all["alice"] == all["bob"] || all["dev-admin"] == all["prod-admin"] {
		t.Error("two of them have one password")
	}
	w.visitor(t, "prod", "prod-admin", all["prod-admin"])
	w.again(t, nil)
	if again := must(t)(w.Demo(t.Context(), demoURL)); again != text {
		t.Errorf("a second start says\n%s", again)
	}
	v := w.visitor(t, "dev", "alice", all["alice"])
	role := v.call(t, "switchrole", `{"session":"`+v.session+`","account":"prod","roleName":"assumerole-s3-access","displayName":"","color":""}`)
	if got := role["session"].(map[string]any)["displayName"]; got != "assumerole-s3-access @ prod" {
		t.Errorf("the session is called %v", got)
	}
}

// TestRootPassword is set while no server runs, by whoever has the data, ends
// root's sign-ins and is recorded.
//
// Rules: CO-1
func TestRootPassword(t *testing.T) {
	t.Parallel()
	w := begin(t, server.Options{Management: server.Management{Email: "Boss@example.com"}})
	c := &config.Config{Data: w.options.Data}
	set := func(id, text string) (string, error) {
		return server.RootPassword(t.Context(), c, id, seal.NewSecret(text))
	}
	if _, err := set("", "a Password of 1 root"); !errors.Is(err, kv.ErrInUse) || !strings.Contains(err.Error(), "in use by a server, which must stop first") {
		t.Errorf("beside a server: %v", err)
	}
	signIn := func(secret string) *httptest.ResponseRecorder {
		return w.form(t, "tab", "root", "email", "boss@example.com", "password", secret)
	}
	if got := signIn("a Password of 1 root").Code; got != http.StatusForbidden {
		t.Errorf("without a password: %d", got)
	}
	stop := func() {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	stop()
	if _, err := set("", "short"); err == nil || !strings.Contains(err.Error(), "minimum length") {
		t.Errorf("a password that is too short: %v", err)
	}
	if _, ok := errors.AsType[*password.ViolationError](func() error { _, err := set("", "Boss@example.com"); return err }()); !ok {
		t.Error("the e-mail address is a password")
	}
	if _, err := set("999999999999", "a Password of 1 root"); !errors.Is(err, server.ErrNoAccount) {
		t.Errorf("no account: %v", err)
	}
	if email, err := set("", "a Password of 1 root"); err != nil || email != "Boss@example.com" {
		t.Fatalf("%q, %v", email, err)
	}
	w.start(t, w.options)
	v := w.entered(t, signIn("a Password of 1 root"))
	v.call(t, "credentials", `{"session":"`+v.session+`"}`)
	stop()
	if _, err := set("", "another Password 2"); err != nil {
		t.Fatal(err)
	}
	w.start(t, w.options)
	r := local(http.MethodGet, "/_regent/signin/sessions", "")
	r.Header.Set("X-Regent-Console", v.secret)
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	if got := w.ask(r).Code; got != http.StatusUnauthorized {
		t.Errorf("the sign-in of before: %d", got)
	}
	w.entered(t, signIn("another Password 2"))
	stop()
	events := 0
	for _, content := range files(t, filepath.Join(w.options.Data, "record")) {
		events += strings.Count(content, `"eventName":"PasswordUpdated"`)
	}
	if events != 2 {
		t.Errorf("%d events", events)
	}
	if _, err := server.RootPassword(t.Context(), &config.Config{Data: t.TempDir()}, "", seal.NewSecret("x")); !errors.Is(err, server.ErrNoData) {
		t.Errorf("no data: %v", err)
	}
	w.start(t, w.options)
}
