package signin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/signin"
	"github.com/regent-iam/regent/internal/store"
)

// TestUsersSignIn by the account's id or alias, as it is typed.
//
// Rules: CO-1
func TestUsersSignIn(t *testing.T) {
	t.Parallel()
	for _, account := range []string{"dev", "DEV", " dev ", ours, "4444-5555-6666"} {
		t.Run(account, func(t *testing.T) {
			t.Parallel()
			b := newWorld(t).browser()
			b.get("/_regent/signin?account=dev").shows(http.StatusOK, `value="dev"`)
			id := b.user(account, " alice ", alicePassword).landed()
			s := b.sessions().Sessions
			if len(s) != 1 || s[0].ID != id || s[0].ARN != "arn:aws:iam::"+ours+":user/alice" || s[0].Kind != "user" || s[0].MFA || s[0].AccountAlias != "dev" {
				t.Errorf("sessions are %+v", s)
			}
			if got := s[0].ExpiresAt.Sub(s[0].SignedInAt); got != 12*time.Hour {
				t.Errorf("the session lasts %s", got)
			}
			if got := s[0].IdleExpiresAt.Sub(s[0].SignedInAt); got != time.Hour {
				t.Errorf("the session lasts %s without input", got)
			}
		})
	}
}

// TestRootsSignIn by e-mail address, at their own tab, once root has set a
// password.
//
// Rules: CO-1
func TestRootsSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	b.get("/_regent/signin?tab=root").shows(http.StatusOK, `name="email"`)
	email := "root@" + ours + ".invalid"
	root := func(email, secret string) *page {
		return b.submit("/_regent/signin", "tab", "root", "email", email, "password", secret)
	}
	root(email, alicePassword).shows(http.StatusForbidden, wrong)
	w.profile(ours, "", func(*identity.LoginProfile) {}) // by recovery: without a password
	root(email, "").shows(http.StatusForbidden, wrong)
	root(email, alicePassword).shows(http.StatusForbidden, wrong)
	w.rootPassword(ours, "a Password of 1 root")
	root("nobody@example.invalid", "a Password of 1 root").shows(http.StatusForbidden, wrong)
	root(strings.ToUpper(email), "a Password of 1 root").landed()
	s := b.sessions().Sessions
	if len(s) != 1 || s[0].Kind != "root" || s[0].ARN != "arn:aws:iam::"+ours+":root" || s[0].UserName != "" {
		t.Errorf("sessions are %+v", s)
	}
	events := w.Events("ConsoleLogin")
	last := events[len(events)-1]
	if who := last["userIdentity"].(map[string]any); who["type"] != "Root" || who["userName"] != "dev" || last["awsRegion"] != "us-east-1" {
		t.Errorf("the event is %v", last)
	}
}

// TestEveryWrongPartIsAnsweredAlike: with the same status and the very same
// page, but for what was typed.
//
// Rules: CO-1 TH-59
func TestEveryWrongPartIsAnsweredAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Update(func(tx *store.Tx) error {
		a, err := tx.Account(theirs)
		if err != nil {
			return err
		}
		a.Status = identity.AccountSuspended
		return tx.PutAccount(a)
	})
	pages := map[string]string{}
	for name, in := range map[string][3]string{
		"password":               {"dev", "alice", "wrong"},
		"empty password":         {"dev", "alice", ""},
		"user":                   {"dev", "nobody", alicePassword},
		"account":                {"nowhere", "alice", alicePassword},
		"no password":            {"dev", "bob", alicePassword},
		"closed account":         {"prod", "their-user", alicePassword},
		"account that is a user": {"alice", "dev", alicePassword},
	} {
		p := w.far().user(in[0], in[1], in[2]).shows(http.StatusForbidden, wrong)
		for _, typed := range []string{in[0], in[1]} {
			p.body = strings.ReplaceAll(strings.ReplaceAll(p.body, `value="`+typed+`"`, `value=""`), "account="+typed+"&", "")
		}
		_, rest, _ := strings.Cut(p.body, `nonce="`)
		nonce, _, _ := strings.Cut(rest, `"`)
		pages[strings.ReplaceAll(p.body, nonce, "")] = name
	}
	if len(pages) != 1 {
		t.Errorf("there are %d different pages: %v", len(pages), pages)
	}
}

// TestUnknownUsersTakeAsLong as known ones: one password is hashed in each case.
//
// Rules: CO-1 TH-52
func TestUnknownUsersTakeAsLong(t *testing.T) {
	t.Parallel()
	w := newWorldWith(t, password.Options{}, func(*signin.Config) {})
	took := func(account, user string) time.Duration {
		start := time.Now()
		w.far().user(account, user, "wrong").shows(http.StatusForbidden, wrong)
		return time.Since(start)
	}
	// The machine has other work too: the shortest of several times counts, taken
	// in turns. Without a hash it would be a hundredth.
	people := [][2]string{{"dev", "alice"}, {"dev", "nobody"}, {"nowhere", "alice"}, {"dev", "bob"}}
	shortest := make([]time.Duration, len(people))
	for range 3 {
		for i, who := range people {
			if d := took(who[0], who[1]); shortest[i] == 0 || d < shortest[i] {
				shortest[i] = d
			}
		}
	}
	for i, who := range people[1:] {
		if got, known := shortest[i+1], shortest[0]; got < known/8 {
			t.Errorf("%v took %s, and a wrong password %s", who, got, known)
		}
	}
}

// TestSignInsAreRecorded: as CloudTrail has them, without what was typed.
//
// Rules: RE-46 CO-4
func TestSignInsAreRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.far()
	b.user("dev", "alice", "canary-password")
	b.user("dev", "canary-name", alicePassword)
	b.user("nowhere", "alice", alicePassword)
	b.signIn()
	events := w.Events("ConsoleLogin")
	if len(events) != 3 {
		t.Fatalf("there are %d events", len(events))
	}
	for i, want := range []struct{ result, message, user, arn any }{
		{"Failure", "Failed authentication", "alice", nil},
		{"Failure", "No username found in supplied account", "HIDDEN_DUE_TO_SECURITY_REASONS", nil},
		{"Success", nil, "alice", "arn:aws:iam::" + ours + ":user/alice"},
	} {
		e := events[i]
		who := e["userIdentity"].(map[string]any)
		result := e["responseElements"].(map[string]any)["ConsoleLogin"]
		more := e["additionalEventData"].(map[string]any)
		if result != want.result || e["errorMessage"] != want.message || who["userName"] != want.user || who["arn"] != want.arn {
			t.Errorf("event %d is %v", i, e)
		}
		if e["eventType"] != "AwsConsoleSignIn" || e["eventSource"] != "signin.amazonaws.com" || e["sourceIPAddress"] != "198.51.100.7" ||
			e["userAgent"] != "browser/1" || more["MFAUsed"] != "No" || e["readOnly"] != false || e["errorCode"] != nil {
			t.Errorf("event %d is %v", i, e)
		}
	}
	w.View(func(tx *store.Tx) error {
		u, err := tx.User(ours, "alice")
		if err == nil && !u.PasswordLastUsed.Equal(w.Now()) {
			t.Errorf("the password was last used %s", u.PasswordLastUsed)
		}
		return err
	})
	if strings.Contains(w.log.String(), "canary") {
		t.Errorf("the log tells what was typed: %s", w.log)
	}
}

// TestPasswordLastUsedIsKeptToFiveMinutes: not every sign-in writes the user.
//
// Rules: CO-4
func TestPasswordLastUsedIsKeptToFiveMinutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := func() (used time.Time) {
		w.View(func(tx *store.Tx) error {
			u, err := tx.User(ours, "alice")
			used = u.PasswordLastUsed
			return err
		})
		return used
	}
	w.far().signIn()
	first := at()
	w.Advance(4 * time.Minute)
	w.far().signIn()
	if !at().Equal(first) {
		t.Error("it was written again within five minutes")
	}
	w.Advance(time.Minute)
	w.far().signIn()
	if !at().Equal(w.Now()) {
		t.Error("it was not written after five minutes")
	}
}

// TestCodesAreAsked of whoever has a device: any one of them, each code once.
//
// Rules: CO-3 TH-50
func TestCodesAreAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	phone, tablet := w.device("phone"), w.device("tablet")
	b := w.far()
	ask := func() *page {
		return b.user("dev", "alice", alicePassword).shows(http.StatusOK, `autocomplete="one-time-code"`)
	}
	if len(ask().b.cookies) != 1 { // the account's
		t.Error("a half-done sign-in has a session")
	}
	ask().next("/_regent/signin/code", "code", "000000").shows(http.StatusForbidden, wrong).
		next("/_regent/signin/code", "code", mfa.Code(tablet, w.Now())).landed()
	if s := b.sessions().Sessions[0]; !s.MFA {
		t.Errorf("the session has no MFA: %+v", s)
	}
	ask().next("/_regent/signin/code", "code", mfa.Code(tablet, w.Now())).shows(http.StatusForbidden, wrong)
	code := mfa.Code(phone, w.Now())
	ask().next("/_regent/signin/code", "code", code[:3]+" "+code[3:]).landed()
	used := map[any]any{}
	for _, e := range w.Events("ConsoleLogin") {
		more := e["additionalEventData"].(map[string]any)
		used[more["MFAIdentifier"]] = more["MFAUsed"]
	}
	if used["arn:aws:iam::"+ours+":mfa/phone"] != "Yes" || used["arn:aws:iam::"+ours+":mfa/tablet"] != "Yes" || used[nil] != "No" {
		t.Errorf("the events say %v", used)
	}
	if len(w.Events("CheckMfa")) != 2 {
		t.Error("codes that were right are not recorded")
	}
}

// TestHalfDoneSignInsGoOnOnce, for five minutes, at the step that they are at,
// and only while password and devices stay.
//
// Rules: TH-50
func TestHalfDoneSignInsGoOnOnce(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*world, *page){
		"used before": func(w *world, p *page) { p.next("/_regent/signin/code", "code", "000000") },
		"too late":    func(w *world, _ *page) { w.Advance(5 * time.Minute) },
		"password changed": func(w *world, _ *page) {
			w.As("root").Call("iam", "UpdateLoginProfile", "UserName", "alice", "Password", "another Password 2").OK()
		},
		"device removed": func(w *world, _ *page) {
			w.As("root").Call("iam", "DeactivateMFADevice", "UserName", "alice", "SerialNumber", "arn:aws:iam::"+ours+":mfa/phone").OK()
		},
		"device added": func(w *world, _ *page) { w.device("tablet") },
		"user deleted": func(w *world, _ *page) {
			w.As("root").Call("iam", "DeleteLoginProfile", "UserName", "alice").OK()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			phone := w.device("phone")
			p := w.far().user("dev", "alice", alicePassword)
			p.state()
			spoil(w, p)
			p.next("/_regent/signin/code", "code", mfa.Code(phone, w.Now())).shows(http.StatusForbidden, "sign in again")
		})
	}
	t.Run("another step", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.device("phone")
		p := w.far().user("dev", "alice", alicePassword)
		p.next("/_regent/signin/password", "new-password", "x", "again", "x").shows(http.StatusForbidden, "sign in again")
		p = w.far().user("dev", "alice", alicePassword)
		p.next("/_regent/signin/close", "close", "x").shows(http.StatusForbidden, "sign in again")
		w.far().submit("/_regent/signin/code", "state", "forged", "code", "000000").shows(http.StatusForbidden, "sign in again")
	})
}

// TestCodesCannotBeGuessed: wrong ones are counted on the device whatever
// sign-in they came with.
//
// Rules: TH-50
func TestCodesCannotBeGuessed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	phone := w.device("phone")
	for range 6 {
		w.far().user("dev", "alice", alicePassword).next("/_regent/signin/code", "code", "000000").shows(http.StatusForbidden, wrong)
	}
	w.far().user("dev", "alice", alicePassword).next("/_regent/signin/code", "code", mfa.Code(phone, w.Now())).
		shows(http.StatusTooManyRequests, "too often")
	w.Advance(2 * time.Second)
	w.far().user("dev", "alice", alicePassword).next("/_regent/signin/code", "code", mfa.Code(phone, w.Now())).landed()
}

// TestPasswordsThatMustChange are asked for before anything else, also where
// users may not change them, and the next one is checked.
//
// Rules: CO-2
func TestPasswordsThatMustChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.As("root").Call("iam", "UpdateLoginProfile", "UserName", "alice", "PasswordResetRequired", "true").OK()
	b := w.far()
	p := b.user("dev", "alice", alicePassword).shows(http.StatusOK, `autocomplete="new-password"`)
	for _, test := range []struct{ next, again, text string }{
		{"short", "short", "minimum length"},
		{"a Password of 1", "a Password of 2", "differ"},
		{alicePassword, alicePassword, "must not be one that you had before"},
	} {
		p = p.next("/_regent/signin/password", "new-password", test.next, "again", test.again).shows(http.StatusBadRequest, test.text)
	}
	p.next("/_regent/signin/password", "new-password", "another Password 2", "again", "another Password 2").landed()
	b.sessions()
	b.user("dev", "alice", alicePassword).shows(http.StatusForbidden, wrong)
	b.user("dev", "alice", "another Password 2").landed()
	e := w.Events("ChangePassword")
	if len(e) != 1 || e[0]["eventSource"] != "iam.amazonaws.com" || e[0]["requestParameters"] != nil || e[0]["eventType"] != "AwsApiCall" {
		t.Errorf("the event is %v", e)
	}
}

// TestExpiredPasswords serve for setting another, or for nothing under
// HardExpiry.
//
// Rules: CO-2
func TestExpiredPasswords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.As("root").Call("iam", "UpdateAccountPasswordPolicy", "MaxPasswordAge", "1").OK()
	w.Advance(25 * time.Hour)
	w.far().user("dev", "alice", alicePassword).shows(http.StatusOK, "has expired")
	w.As("root").Call("iam", "UpdateAccountPasswordPolicy", "MaxPasswordAge", "1", "HardExpiry", "true").OK()
	w.far().user("dev", "alice", alicePassword).shows(http.StatusForbidden, "ask your administrator")
	w.far().user("dev", "alice", "wrong").shows(http.StatusForbidden, wrong)
}
