package iam_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// profile returns a user's login profile as it is kept.
func profile(h *servicetest.Harness, name identity.UserName) (p *identity.LoginProfile) {
	h.View(func(tx *store.Tx) error {
		u, err := tx.User(account, name)
		if err != nil {
			return err
		}
		p, err = tx.LoginProfile(account, u.ID)
		return err
	})
	return p
}

// What is kept of a password opens for it and for no other.
//
// Rules: IA-52 IA-27
func TestPasswordsOfLoginProfiles(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, allowEverything)
	h.As("root").Call("iam", "CreateLoginProfile", "UserName", "alice", "Password", "Correct-1-horse").OK()
	opens := func(text string) bool {
		t.Helper()
		ok, err := cheap().Opens(t.Context(), h.Ring, profile(h, "alice"), seal.NewSecret(text))
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !opens("Correct-1-horse") || opens("Correct-2-horse") {
		t.Error("the profile does not have the password it was made with")
	}
	h.Advance(time.Hour)
	h.As("alice").Call("iam", "ChangePassword", "OldPassword", "Correct-1-horse", "NewPassword", "Correct-2-horse").OK()
	if opens("Correct-1-horse") || !opens("Correct-2-horse") {
		t.Error("the password was not changed")
	}
	p := profile(h, "alice")
	if !p.Created.Equal(servicetest.Epoch) || !p.Changed.Equal(h.Now()) {
		t.Errorf("created %v, changed %v", p.Created, p.Changed)
	}
	h.As("root").Call("iam", "UpdateLoginProfile", "UserName", "alice", "Password", "Correct-3-horse").OK()
	if opens("Correct-2-horse") || !opens("Correct-3-horse") {
		t.Error("the password was not reset")
	}

	// A user who signs in is seen to have done so.
	last := h.Now()
	h.Update(func(tx *store.Tx) error {
		u, err := tx.User(account, "alice")
		if err != nil {
			return err
		}
		u.PasswordLastUsed = last
		return tx.PutUser(u)
	})
	for _, operation := range []string{"GetUser", "ListUsers"} {
		if got := h.As("alice").Call("iam", operation).OK().Get("PasswordLastUsed"); got != "2026-04-01T13:00:00Z" {
			t.Errorf("%s: last used %q", operation, got)
		}
	}
}

// Many make a user's login profile at once: one succeeds, with its password.
//
// Rules: IA-52
func TestOneLoginProfileIsMade(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, "")
	const calls = 8
	var wait sync.WaitGroup
	codes := make([]string, calls)
	for i := range calls {
		wait.Go(func() {
			codes[i] = h.As("root").Call("iam", "CreateLoginProfile", "UserName", "alice", "Password", fmt.Sprintf("Correct-%d-horse", i)).Code
		})
	}
	wait.Wait()
	winner := -1
	for i, code := range codes {
		switch {
		case code == "" && winner < 0:
			winner = i
		case code != "EntityAlreadyExists":
			t.Errorf("call %d: %q", i, code)
		}
	}
	if winner < 0 {
		t.Fatal("no call succeeded")
	}
	ok, err := cheap().Opens(t.Context(), h.Ring, profile(h, "alice"), seal.NewSecret(fmt.Sprintf("Correct-%d-horse", winner)))
	if err != nil || !ok {
		t.Errorf("the password is not that of the call that succeeded: %v", err)
	}
}

// Many change one password at once, knowing the old one: it is the old one
// for one of them only.
//
// Rules: IA-52
func TestOnePasswordChangeWins(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, allowEverything)
	h.As("root").Call("iam", "CreateLoginProfile", "UserName", "alice", "Password", "Correct-x-Horse").OK()
	const calls = 4
	var wait sync.WaitGroup
	codes := make([]string, calls)
	for i := range calls {
		wait.Go(func() {
			codes[i] = h.As("alice").Call("iam", "ChangePassword", "OldPassword", "Correct-x-Horse", "NewPassword", fmt.Sprintf("Correct-%d-horse", i)).Code
		})
	}
	wait.Wait()
	succeeded := 0
	for i, code := range codes {
		if code == "" {
			succeeded++
		} else if code != "AccessDenied" {
			t.Errorf("call %d: %q", i, code)
		}
	}
	if succeeded != 1 {
		t.Errorf("%d calls succeeded", succeeded)
	}
}

// Guessing is slowed down, for the right password too; an administrator's reset
// ends it.
//
// Rules: IA-52 TH-50
func TestGuessesOfAPasswordAreCounted(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.User("alice", account, allowEverything)
	h.As("root").Call("iam", "CreateLoginProfile", "UserName", "alice", "Password", "Correct-1-horse").OK()
	change := func(old string) *servicetest.Answer {
		return h.As("alice").Call("iam", "ChangePassword", "OldPassword", old, "NewPassword", "Correct-2-horse")
	}
	for range 6 {
		change("wrong").Fails("AccessDenied", "The old password was incorrect.")
	}
	change("Correct-1-horse").Fails("EntityTemporarilyUnmodifiable")
	if got := profile(h, "alice").Failures; got != 6 {
		t.Errorf("%d failures are kept", got)
	}
	h.Advance(time.Second)
	change("wrong").Fails("AccessDenied")
	h.As("root").Call("iam", "UpdateLoginProfile", "UserName", "alice", "Password", "Correct-1-horse").OK()
	change("Correct-1-horse").OK()
}

// Only users have a password of their own to change.
//
// Rules: IA-52
func TestChangePasswordOfNoUser(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	h.As("root").Call("iam", "UpdateAccountPasswordPolicy", "AllowUsersToChangePassword", "true").OK()
	h.As("root").Call("iam", "CreateRole", "RoleName", "ops", "AssumeRolePolicyDocument", trustAccount).OK()
	h.Session("ops", account, "ops")
	h.SessionOf("mfa", session.Session{
		Kind: session.User, Account: account, MFA: h.Now(), Issued: h.Now(), Expires: h.Now().Add(time.Hour),
	})
	for _, actor := range []string{"root", "ops", "mfa"} {
		h.As(actor).Call("iam", "ChangePassword", "OldPassword", "a", "NewPassword", "b").
			Fails("InvalidUserType", "Only IAM Users can change their own password.")
	}
	h.As("ops").Call("iam", "GetAccountPasswordPolicy").Fails("AccessDenied")
}

// When as many passwords are hashed as may be, whoever comes next is told to
// come again, and nothing was done. Others' writes do not wait.
//
// Rules: TH-24 TH-52
func TestTooManyPasswordsAtOnce(t *testing.T) {
	hasher := password.New(password.Options{Cost: password.Cost{Memory: 8 << 10, Passes: 8, Lanes: 1}, AtOnce: 1, Waiting: 1})
	h := servicetest.New(t, dispatch.Service{API: &api.Service, Operations: iam.New(iam.Config{Passwords: hasher}).Operations()})
	h.Account(account, "root")
	h.User("alice", account, "")
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	defer wait.Wait()
	defer cancel()
	for range 4 {
		wait.Go(func() {
			for ctx.Err() == nil {
				_ = hasher.VerifyNobody(context.WithoutCancel(ctx), seal.NewSecret("x"))
			}
		})
	}
	for range 200 {
		a := h.As("root").Call("iam", "CreateLoginProfile", "UserName", "alice", "Password", "Correct-1-horse")
		if a.Code == "" {
			h.As("root").Call("iam", "DeleteLoginProfile", "UserName", "alice").OK()
			continue
		}
		a.Fails("Throttling", "Rate exceeded")
		h.As("root").Call("iam", "GetLoginProfile", "UserName", "alice").Fails("NoSuchEntity")
		h.As("root").Call("iam", "CreateUser", "UserName", "bob").OK()
		return
	}
	t.Error("nobody was turned away")
}

// Root's login profile is a record like any other's, and the summary tells of it.
//
// Rules: IA-76
func TestSummaryTellsOfRootsPassword(t *testing.T) {
	h := harness(t)
	h.Account(account, "root")
	present := func() string {
		return entries(h.As("root").Call("iam", "GetAccountSummary").OK())["AccountPasswordPresent"]
	}
	if got := present(); got != "0" {
		t.Errorf("before: %s", got)
	}
	h.Update(func(tx *store.Tx) error {
		return tx.CreateLoginProfile(&identity.LoginProfile{Account: account, UserID: identity.RootUser, Created: h.Now()})
	})
	if got := present(); got != "1" {
		t.Errorf("after: %s", got)
	}
}
