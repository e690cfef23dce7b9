package password_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/seal"
)

var cheap = password.Cost{Memory: 64, Passes: 1, Lanes: 1}

func hash(t *testing.T, h *password.Hasher, text string) string {
	t.Helper()
	s, err := h.Hash(t.Context(), rand.Reader, seal.NewSecret(text))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func verify(t *testing.T, h *password.Hasher, hash, text string) bool {
	t.Helper()
	ok, err := h.Verify(t.Context(), hash, seal.NewSecret(text))
	if err != nil {
		t.Fatal(err)
	}
	return ok
}

// Rules: TH-52
func TestHashAndVerify(t *testing.T) {
	t.Parallel()
	h := password.New(password.Options{Cost: cheap})
	one, two := hash(t, h, "Correct-1-horse"), hash(t, h, "Correct-1-horse")
	if one == two {
		t.Error("two hashes of one password are the same: there is no salt")
	}
	if !strings.HasPrefix(one, "$argon2id$v=19$m=64,t=1,p=1$") || strings.Contains(one, "horse") {
		t.Errorf("hash %s", one)
	}
	if !verify(t, h, one, "Correct-1-horse") || !verify(t, h, two, "Correct-1-horse") {
		t.Error("the right password is wrong")
	}
	for _, wrong := range []string{"", "correct-1-horse", "Correct-1-horse ", "Correct-1-hors"} {
		if verify(t, h, one, wrong) {
			t.Errorf("%q is right", wrong)
		}
	}
	if err := h.VerifyNobody(t.Context(), seal.NewSecret("x")); err != nil {
		t.Error(err)
	}
}

// A hash that was made at another cost is still read, and known to be old.
func TestCostIsKeptWithTheHash(t *testing.T) {
	t.Parallel()
	old := hash(t, password.New(password.Options{Cost: cheap}), "Correct-1-horse")
	h := password.New(password.Options{Cost: password.Cost{Memory: 128, Passes: 2, Lanes: 2}})
	if !verify(t, h, old, "Correct-1-horse") || verify(t, h, old, "Correct-2-horse") {
		t.Error("an old hash is not read")
	}
	if !h.Outdated(old) || h.Outdated(hash(t, h, "x")) || !h.Outdated("rubbish") {
		t.Error("it is not told which hashes are old")
	}
	if fresh := hash(t, password.New(password.Options{}), "x"); !strings.HasPrefix(fresh, "$argon2id$v=19$m=65536,t=2,p=1$") {
		t.Errorf("the cost of a server is %s", fresh)
	}
}

func TestDamagedHashes(t *testing.T) {
	t.Parallel()
	h := password.New(password.Options{Cost: cheap})
	good := hash(t, h, "x")
	for _, bad := range []string{
		"", "x", good[1:], good + "$", strings.Replace(good, "argon2id", "argon2i", 1), strings.Replace(good, "v=19", "v=16", 1),
		strings.Replace(good, "m=64", "m=99999999", 1), strings.Replace(good, "m=64", "m=0", 1), strings.Replace(good, "t=1", "t=0", 1),
		strings.Replace(good, "t=1", "t=65", 1), strings.Replace(good, "p=1", "p=0", 1), strings.Replace(good, "p=1", "p=17", 1),
		good[:len(good)-4], strings.Replace(good, "p=1$", "p=1$!!", 1),
	} {
		if ok, err := h.Verify(t.Context(), bad, seal.NewSecret("x")); ok || !errors.Is(err, password.ErrHash) {
			t.Errorf("%q: %v, %v", bad, ok, err)
		}
	}
	if _, err := h.Hash(t.Context(), bytes.NewReader(nil), seal.NewSecret("x")); err == nil {
		t.Error("a hash without salt")
	}
}

// Past the bound there is no more memory taken, and no more waiting: whoever
// comes then is told so at once.
//
// Rules: TH-24 TH-52
func TestNoMoreAtOnceThanMayBe(t *testing.T) {
	t.Parallel()
	h := password.New(password.Options{Cost: password.Cost{Memory: 8 << 10, Passes: 8, Lanes: 1}, AtOnce: 1, Waiting: 2})
	const calls = 40
	start, results := make(chan struct{}), make(chan error, calls)
	for range calls {
		go func() {
			<-start
			results <- h.VerifyNobody(context.Background(), seal.NewSecret("x"))
		}()
	}
	close(start)
	busy, done := 0, 0
	for range calls {
		switch err := <-results; {
		case err == nil:
			done++
		case errors.Is(err, password.ErrBusy):
			busy++
		default:
			t.Error(err)
		}
	}
	if done < 3 || busy == 0 {
		t.Errorf("%d done, %d turned away", done, busy)
	}
	// All places are free again.
	for range 3 {
		if err := h.VerifyNobody(t.Context(), seal.NewSecret("x")); err != nil {
			t.Error(err)
		}
	}
}

func TestWhoHasGoneWaitsNoLonger(t *testing.T) {
	t.Parallel()
	h := password.New(password.Options{Cost: password.Cost{Memory: 8 << 10, Passes: 64, Lanes: 1}, AtOnce: 1, Waiting: 1})
	first := make(chan error)
	go func() { first <- h.VerifyNobody(context.Background(), seal.NewSecret("x")) }()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for {
		err := h.VerifyNobody(ctx, seal.NewSecret("x"))
		if errors.Is(err, context.Canceled) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-first:
			t.Skip("the machine was too fast to see one wait")
		default:
		}
	}
	if err := <-first; err != nil {
		t.Error(err)
	}
}

// Rules: IA-53
func TestCheck(t *testing.T) {
	t.Parallel()
	account := &identity.Account{Name: "Acme-Prod1", Email: "Root@acme1.example"}
	none := &identity.PasswordPolicy{MinLength: 6}
	all := &identity.PasswordPolicy{MinLength: 8, Symbols: true, Numbers: true, Upper: true, Lower: true}
	rows := []struct {
		policy   *identity.PasswordPolicy
		password string
		reason   string // "" when it is taken
	}{
		{nil, "Abcdefg1", ""},
		{nil, "abcdef1!", ""},
		{nil, "ABCDEF1|", ""},
		{nil, "Abcdef!'", ""},
		{nil, "Abcdef1", "minimum length of 8"},
		{nil, "abcdefgh", "three of"},
		{nil, "abcdefg1", "three of"},
		{nil, "Abcdefgh", "three of"},
		{nil, "abcdefg ~\"", "three of"}, // none of these is a symbol
		{nil, "äöüÄÖÜ12", "three of"},
		{nil, "Acme-Prod1", "name or the e-mail"},
		{nil, "ACME-pROD1", "name or the e-mail"},
		{nil, "rOOT@ACME1.EXAMPLE", "name or the e-mail"},
		{nil, "rOOT@ACME1.EXAMPLE2", ""},
		{none, "aaaaaa", ""},
		{none, "äöüäöü", ""}, // characters, not bytes
		{none, "äöüäö", "minimum length of 6"},
		{none, "Acme-Prod1", ""}, // only the built-in policy asks for that
		{all, "Abcdef1!", ""},
		{all, "Abcde1!", "minimum length of 8"},
		{all, "abcdef1!", "uppercase"},
		{all, "ABCDEF1!", "lowercase"},
		{all, "Abcdefg!", "number"},
		{all, "Abcdefg1", "symbol"},
		{all, "Abcdef1~", "symbol"},
		{all, "Äbcdef1!", "uppercase"},
	}
	for _, row := range rows {
		err := password.Check(row.policy, account, row.password)
		var v *password.ViolationError
		switch {
		case row.reason == "" && err != nil:
			t.Errorf("%q: %v", row.password, err)
		case row.reason != "" && (!errors.As(err, &v) || !strings.Contains(v.Reason, row.reason)):
			t.Errorf("%q: %v, want %s", row.password, err, row.reason)
		case err != nil && strings.Contains(err.Error(), row.password):
			t.Errorf("the error repeats %q", row.password)
		}
	}
	for _, symbol := range password.Symbols {
		if err := password.Check(all, account, "Abcdef1"+string(symbol)); err != nil {
			t.Errorf("%c: %v", symbol, err)
		}
	}
}

// Rules: IA-53
func TestStateOf(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	soft := &identity.PasswordPolicy{MaxAge: 90}
	hard := &identity.PasswordPolicy{MaxAge: 90, HardExpiry: true}
	old, young := now.Add(-90*24*time.Hour), now.Add(-90*24*time.Hour+time.Second)
	rows := []struct {
		policy  *identity.PasswordPolicy
		changed time.Time
		reset   bool
		want    password.State
	}{
		{nil, old, false, password.Good},
		{nil, old, true, password.MustChange},
		{&identity.PasswordPolicy{HardExpiry: true}, old, false, password.Good},
		{soft, young, false, password.Good},
		{soft, young, true, password.MustChange},
		{soft, old, false, password.MustChange},
		{hard, young, false, password.Good},
		{hard, old, false, password.Expired},
		{hard, old, true, password.Expired},
	}
	for i, row := range rows {
		if got := password.StateOf(row.policy, &identity.LoginProfile{Changed: row.changed, ResetRequired: row.reset}, now); got != row.want {
			t.Errorf("row %d: %v, want %v", i, got, row.want)
		}
	}
	if at := soft.Expiry(now); !at.Equal(now.AddDate(0, 0, 90)) || !(&identity.PasswordPolicy{}).Expiry(now).IsZero() {
		t.Errorf("expires at %v", at)
	}
}

// A profile's hash opens for that profile only, and its former ones are
// remembered, so many and no more.
//
// Rules: IA-53 TH-52
func TestProfiles(t *testing.T) {
	t.Parallel()
	ring, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	h := password.New(password.Options{Cost: cheap})
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	p := &identity.LoginProfile{Account: "111122223333", UserID: "AIDA1"}
	if ok, err := h.Opens(t.Context(), ring, p, seal.NewSecret("")); ok || err != nil {
		t.Errorf("a profile without a password opens: %v, %v", ok, err)
	}
	names := make([]string, 30)
	for i := range names {
		names[i] = strings.Repeat("x", i+1)
		sealed, err := h.Seal(t.Context(), ring, rand.Reader, p, seal.NewSecret(names[i]))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(sealed, []byte("argon2")) {
			t.Error("the hash is not sealed")
		}
		password.Set(p, sealed, now)
	}
	for i, name := range names {
		opens, err := h.Opens(t.Context(), ring, p, seal.NewSecret(name))
		if err != nil || opens != (i == 29) {
			t.Errorf("password %d opens: %v, %v", i, opens, err)
		}
		for _, n := range []int{0, 1, 5, 24} {
			reused, err := h.Reused(t.Context(), ring, p, n, seal.NewSecret(name))
			if err != nil || reused != (i >= 30-n) {
				t.Errorf("password %d is one of the last %d: %v, %v", i, n, reused, err)
			}
		}
	}
	other := *p
	other.UserID = "AIDA2"
	if ok, err := h.Opens(t.Context(), ring, &other, seal.NewSecret(names[29])); ok || !errors.Is(err, seal.ErrOpen) {
		t.Errorf("a hash that was moved opens: %v, %v", ok, err)
	}
}

// Rules: TH-50
func TestFail(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 4, 1, 12, 0, 0, 0, time.UTC)
	p := new(identity.LoginProfile)
	for i, want := range []time.Duration{0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
		password.Fail(p, now)
		blocked := max(0, p.BlockedUntil.Sub(now))
		if blocked != want*time.Second {
			t.Errorf("failure %d blocks for %v, want %v", i+1, blocked, want*time.Second)
		}
	}
	password.Set(p, []byte("x"), now)
	if p.Failures != 0 || !p.BlockedUntil.IsZero() {
		t.Error("a new password is blocked")
	}
}
