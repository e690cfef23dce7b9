package signin_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/passkey/passkeytest"
	"github.com/regent-iam/regent/internal/store"
)

// authenticator is one that a browser's pages speak to.
func (b *browser) authenticator() *passkeytest.Authenticator {
	if b.secure {
		return passkeytest.New("regent.example", "https://regent.example")
	}
	return passkeytest.New("localhost", "http://localhost:8700")
}

// passkeyOptions asks for the options to make a passkey by.
func (b *browser) passkeyOptions(session, user string) *page {
	b.w.t.Helper()
	in, err := json.Marshal(map[string]string{"session": session, "userName": user})
	if err != nil {
		b.w.t.Fatal(err)
	}
	return b.call("passkeys/options", string(in), nil)
}

func (b *browser) makePasskey(session, user, device string, credential json.RawMessage) *page {
	b.w.t.Helper()
	in, err := json.Marshal(map[string]any{"session": session, "userName": user, "deviceName": device, "credential": credential})
	if err != nil {
		b.w.t.Fatal(err)
	}
	return b.call("passkeys", string(in), nil)
}

// register makes a passkey and returns its serial number.
func (b *browser) register(session, user string, a *passkeytest.Authenticator) string {
	b.w.t.Helper()
	options := b.passkeyOptions(session, user)
	if options.status != http.StatusOK {
		b.w.t.Fatalf("options: %d %s", options.status, options.body)
	}
	p := b.makePasskey(session, user, "laptop", a.Create(json.RawMessage(options.body)))
	var out struct{ SerialNumber string }
	if err := json.Unmarshal([]byte(p.body), &out); err != nil || p.status != http.StatusOK {
		b.w.t.Fatalf("passkeys: %d %s", p.status, p.body)
	}
	return out.SerialNumber
}

var pageOptions = regexp.MustCompile(`options = (\{.*\});`)

// options are what a page asks a passkey with.
func (p *page) options() json.RawMessage {
	p.b.w.t.Helper()
	m := pageOptions.FindStringSubmatch(p.body)
	if m == nil {
		p.b.w.t.Fatalf("the page asks for no passkey: %d %s", p.status, p.body)
	}
	return json.RawMessage(m[1])
}

// answer sends what an authenticator answers to a page.
func (p *page) answer(a *passkeytest.Authenticator) *page {
	p.b.w.t.Helper()
	return p.next("/_regent/signin/passkey", "credential", string(a.Get(p.options())))
}

// Rules: CO-3 IA-54
func TestAPasskeyIsRegisteredAndSignsIn(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]func(*world) *browser{"on loopback": (*world).browser, "over TLS": (*world).far} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			b := of(w)
			a := b.authenticator()
			serial := b.register(b.signIn(), "", a)
			if !regexp.MustCompile(`^arn:aws:iam::` + ours + `:u2f/user/alice/laptop-[A-Z2-7]{26}$`).MatchString(serial) {
				t.Errorf("its serial number is %s", serial)
			}
			if got := w.As("root").Call("iam", "ListMFADevices", "UserName", "alice").OK().Get("SerialNumber"); got != serial {
				t.Errorf("alice has %q", got)
			}
			e := w.Events("EnableMFADevice")
			if len(e) != 1 || e[0]["userIdentity"].(map[string]any)["userName"] != "alice" || e[0]["requestParameters"].(map[string]any)["serialNumber"] != serial {
				t.Errorf("the record has %v", e)
			}
			for range 2 {
				w.Advance(time.Minute)
				p := b.user("dev", "alice", alicePassword).shows(http.StatusOK, "Use a passkey or security key")
				if strings.Contains(p.body, "one-time-code") {
					t.Errorf("a page asks for a code, and there is no device for one: %s", p.body)
				}
				if policy := p.header.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") || !strings.Contains(policy, "script-src 'nonce-") {
					t.Errorf("the policy: %s", policy)
				}
				id := p.answer(a).landed()
				list := b.sessions().Sessions
				if last := list[len(list)-1]; last.ID != id || !last.MFA {
					t.Errorf("%+v", last)
				}
			}
			b.credentials("console", b.sessions().Sessions[0].ID)
			checks := w.Events("CheckMfa")
			if len(checks) != 2 || checks[0]["additionalEventData"].(map[string]any)["MfaType"] != "U2F MFA" {
				t.Errorf("the record has %v", checks)
			}
			logins := w.Events("ConsoleLogin")
			if data := logins[len(logins)-1]["additionalEventData"].(map[string]any); data["MFAUsed"] != "Yes" || data["MFAIdentifier"] != serial {
				t.Errorf("the record has %v", data)
			}
			// Taking it away ends what was signed in to with it.
			w.As("root").Call("iam", "DeactivateMFADevice", "UserName", "alice", "SerialNumber", serial).OK()
			b.call("sessions", "", nil).fails(http.StatusUnauthorized, "SignedOut")
			b.signIn()
		})
	}
}

// Rules: CO-3
func TestAnyOfTheDevicesWillDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	id := b.signIn()
	seed := w.device("phone")
	one, two := b.authenticator(), b.authenticator()
	b.register(id, "alice", one)
	b.register(id, "", two)
	b.user("dev", "alice", alicePassword).answer(two).landed()
	b.user("dev", "alice", alicePassword).answer(one).landed()
	p := b.user("dev", "alice", alicePassword).shows(http.StatusOK, "Use a passkey or security key")
	p.next("/_regent/signin/code", "code", mfa.Code(seed, w.Now())).landed()
	// A passkey is asked for where it serves only.
	for _, host := range []string{"other.example", "127.0.0.1:8700"} {
		o := w.far()
		if o.host = host; strings.HasPrefix(host, "127") {
			o = w.browser()
			o.host = host
		}
		p := o.user("dev", "alice", alicePassword).shows(http.StatusOK, "<strong>regent.example</strong>")
		if strings.Contains(p.body, "allowCredentials") || !strings.Contains(p.body, "one-time-code") {
			t.Errorf("%s: %s", host, p.body)
		}
		w.Advance(time.Minute)
		p.next("/_regent/signin/code", "code", mfa.Code(seed, w.Now())).landed()
	}
	var last listing
	w.browser().signInWith(mfa.Code(seed, w.Now().Add(30*time.Second)), &last)
}

// signInWith signs alice in with a code.
func (b *browser) signInWith(code string, out *listing) {
	b.w.t.Helper()
	b.w.Advance(30 * time.Second)
	b.user("dev", "alice", alicePassword).next("/_regent/signin/code", "code", code).landed()
	*out = b.sessions()
}

// Rules: TH-84 CO-1
func TestWhatAPasskeyDoesNotOpen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	id := b.signIn()
	a := b.authenticator()
	serial := b.register(id, "", a)
	begin := func() *page { return b.user("dev", "alice", alicePassword) }
	refused := func(name string, p *page) {
		t.Helper()
		if p.status != http.StatusForbidden || !strings.Contains(p.body, wrong) {
			t.Errorf("%s: %d %s", name, p.status, p.body)
		}
	}
	for name, lie := range map[string]func(*passkeytest.Authenticator){
		"a page of a bucket's host": func(a *passkeytest.Authenticator) { a.Origin = "https://bucket.regent.example" },
		"a page at another port":    func(a *passkeytest.Authenticator) { a.Origin = "https://regent.example:8443" },
		"a page without TLS":        func(a *passkeytest.Authenticator) { a.Origin = "http://regent.example" },
		"a framed page":             func(a *passkeytest.Authenticator) { a.CrossOrigin = true },
		"another host":              func(a *passkeytest.Authenticator) { a.Host = "evil.example" },
		"nobody there":              func(a *passkeytest.Authenticator) { a.Absent = true },
		"a copy that counts less":   func(a *passkeytest.Authenticator) { a.Count = 1 },
	} {
		liar := *a
		lie(&liar)
		refused(name, begin().answer(&liar))
	}
	refused("a passkey of nobody", begin().answer(b.authenticator()))
	refused("no answer", begin().next("/_regent/signin/passkey"))
	refused("nonsense", begin().next("/_regent/signin/passkey", "credential", "{}"))
	// A challenge serves once, and its own sign-in only.
	first, second := begin(), begin()
	answer := string(a.Get(first.options()))
	refused("another sign-in's challenge", second.next("/_regent/signin/passkey", "credential", answer))
	again := first.next("/_regent/signin/passkey", "credential", answer)
	again.landed()
	first.next("/_regent/signin/passkey", "credential", answer).shows(http.StatusForbidden, "The sign-in took too long, or was begun anew elsewhere.")
	// Nor is a passkey a code, or a code a passkey.
	refused("a code", begin().next("/_regent/signin/code", "code", "000000"))
	slow := begin()
	w.Advance(5 * time.Minute)
	slow.answer(a).shows(http.StatusForbidden, "The sign-in took too long")
	w.As("root").Call("iam", "DeactivateMFADevice", "UserName", "alice", "SerialNumber", serial).OK()
	if strings.Contains(w.log.String(), "level\":\"ERROR") {
		t.Errorf("the log: %s", w.log)
	}
	if !strings.Contains(w.log.String(), "a passkey may have been copied") {
		t.Error("the operator was not told of a copy")
	}
}

// TestTwoAtATimeCountOnce: of two answers with one count, one is a copy's.
func TestTwoAtATimeCountOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	a := b.authenticator()
	b.register(b.signIn(), "", a)
	one, two := b.user("dev", "alice", alicePassword), b.user("dev", "alice", alicePassword)
	cloned := *a
	one.answer(a).landed()
	two.answer(&cloned).shows(http.StatusForbidden, wrong)
}

// TestWhoMayRegisterAPasskey: whoever may EnableMFADevice, over the road.
//
// Rules: IA-54 TH-58
func TestWhoMayRegisterAPasskey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	alice := b.signIn()
	a := b.authenticator()

	if serial := b.register(alice, "bob", a); !strings.HasPrefix(serial, "arn:aws:iam::"+ours+":u2f/user/bob/laptop-") {
		t.Errorf("bob's: %s", serial)
	}
	w.As("root").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "deny", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:EnableMFADevice","Resource":"*","Condition":{"StringNotLike":{"aws:UserAgent":"none"}}}]}`).OK()
	for _, user := range []string{"", "alice", "bob", "nobody"} { // a stranger does not learn who there is
		options := b.passkeyOptions(alice, user)
		if options.status != http.StatusOK {
			t.Errorf("%q: %d %s", user, options.status, options.body)
		}
		if user != "alice" && user != "" && strings.Contains(options.body, `excludeCredentials":[{`) {
			t.Errorf("%q: whose passkeys there are is told: %s", user, options.body)
		}
		b.makePasskey(alice, user, "laptop", b.authenticator().Create(json.RawMessage(options.body))).fails(http.StatusForbidden, "AccessDenied")
	}
	w.As("root").Call("iam", "DeleteUserPolicy", "UserName", "alice", "PolicyName", "deny").OK()
	options := b.passkeyOptions(alice, "nobody")
	b.makePasskey(alice, "nobody", "laptop", a.Create(json.RawMessage(options.body))).fails(http.StatusNotFound, "NoSuchEntity")

	for _, name := range []string{"", "a b", "a/b", "ü", strings.Repeat("x", 65), "a:b"} {
		options := b.passkeyOptions(alice, "")
		b.makePasskey(alice, "", name, a.Create(json.RawMessage(options.body))).fails(http.StatusBadRequest, "BadRequest")
	}
	b.passkeyOptions("aaaaaaaa", "").fails(http.StatusUnauthorized, "SignedOut")
	w.far().passkeyOptions(alice, "").fails(http.StatusUnauthorized, "SignedOut")

	// In a role, for a user of the role's account.
	w.role("/", "admin", "")
	w.As("their-root").Call("iam", "CreateUser", "UserName", "carol").OK()
	role := b.switchRole(alice, "prod", "admin").session().ID
	if serial := b.register(role, "carol", b.authenticator()); !strings.HasPrefix(serial, "arn:aws:iam::"+theirs+":u2f/user/carol/") {
		t.Errorf("carol's: %s", serial)
	}
	b.passkeyOptions(role, "").fails(http.StatusBadRequest, "BadRequest")
}

// TestAChallengeIsForOnePasskey: of one holder, one browser, one session, once,
// and soon.
func TestAChallengeIsForOnePasskey(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	id := b.signIn()
	a := b.authenticator()
	made := a.Create(json.RawMessage(b.passkeyOptions(id, "").body))
	other := w.far()
	otherID := other.signIn()
	other.makePasskey(otherID, "", "laptop", made).fails(http.StatusBadRequest, "InvalidPasskey")
	b.makePasskey(id, "bob", "laptop", made).fails(http.StatusBadRequest, "InvalidPasskey")
	if p := b.makePasskey(id, "alice", "laptop", made); p.status != http.StatusOK {
		t.Fatalf("%d %s", p.status, p.body)
	}
	b.makePasskey(id, "", "laptop", made).fails(http.StatusBadRequest, "InvalidPasskey")
	slow := b.authenticator().Create(json.RawMessage(b.passkeyOptions(id, "").body))
	w.Advance(5 * time.Minute)
	b.makePasskey(id, "", "laptop", slow).fails(http.StatusBadRequest, "InvalidPasskey")
	for _, nonsense := range []string{`{}`, `null`, `"x"`, `{"response":{"clientDataJSON":"e30"}}`} {
		b.makePasskey(id, "", "laptop", json.RawMessage(nonsense)).fails(http.StatusBadRequest, "InvalidPasskey")
	}
	wrongOrigin := b.authenticator()
	wrongOrigin.Origin = "https://bucket.regent.example"
	b.makePasskey(id, "", "laptop", wrongOrigin.Create(json.RawMessage(b.passkeyOptions(id, "").body))).fails(http.StatusBadRequest, "InvalidPasskey")

	// At an address there are none: they are bound to names.
	w.As("root").Call("iam", "DeactivateMFADevice", "UserName", "alice", "SerialNumber", w.As("root").Call("iam", "ListMFADevices", "UserName", "alice").OK().Get("SerialNumber")).OK()
	address := w.browser()
	address.host = "127.0.0.1:8700"
	address.passkeyOptions(address.signIn(), "").fails(http.StatusConflict, "NoHostName")
}

// TestRootHasPasskeysToo.
//
// Rules: CO-1 CO-3
func TestRootHasPasskeysToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.rootPassword(ours, "root's own password 1")
	var email string
	w.View(func(tx *store.Tx) error {
		account, err := tx.Account(ours)
		if err == nil {
			email = account.Email
		}
		return err
	})
	b := w.browser()
	signIn := func() *page {
		return b.submit("/_regent/signin", "tab", "root", "email", email, "password", "root's own password 1")
	}
	a := b.authenticator()
	serial := b.register(signIn().landed(), "", a)
	if !strings.HasPrefix(serial, "arn:aws:iam::"+ours+":u2f/root-account/laptop-") {
		t.Errorf("its serial number is %s", serial)
	}
	id := signIn().shows(http.StatusOK, "Use a passkey or security key").answer(a).landed()
	if list := b.sessions().Sessions; len(list) != 1 || list[0].ID != id || !list[0].MFA {
		t.Errorf("%+v", list)
	}
	if got := w.As("root").Call("iam", "ListMFADevices").OK().Get("SerialNumber"); got != serial {
		t.Errorf("root has %q", got)
	}
}
