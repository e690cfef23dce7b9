package session_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
)

func newRing(t *testing.T) *seal.Ring {
	t.Helper()
	ring, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

var issued = time.Date(2026, 11, 23, 10, 0, 0, 123_456_789, time.UTC)

func example() session.Session {
	return session.Session{
		Kind: session.Role, Account: "111122223333", PrincipalID: "AROAEXAMPLE", RoleName: "r", Name: "alice",
		Tags: []identity.Tag{{Key: "team", Value: "a"}}, Transitive: []string{"team"}, Policy: "{}",
		Policies: []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}, SourceIdentity: "alice",
		Ancestors: []session.Ancestor{{KeyID: "AKIA1", Account: "111122223333", PrincipalID: "AIDA1"}}, Chained: true, Issued: issued, Expires: issued.Add(time.Hour),
	}
}

// Rules: ST-12 ST-13
func TestOpenReturnsWhatWasMinted(t *testing.T) {
	ring := newRing(t)
	c, err := session.Mint(ring, example(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	got, secret, err := session.Open(ring, c.KeyID, c.Token)
	if err != nil {
		t.Fatal(err)
	}
	want := example()
	want.KeyID, want.Nonce = got.KeyID, got.Nonce
	want.Issued, want.Expires = issued.Truncate(time.Millisecond), issued.Add(time.Hour).Truncate(time.Second)
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("session differs (-want +got):\n%s", diff)
	}
	if !secret.Equal(c.Secret) || len(secret.Reveal()) != 40 {
		t.Errorf("secret of %d characters, equal: %v", len(secret.Reveal()), secret.Equal(c.Secret))
	}
	if account, ok := arn.AccountOf(string(c.KeyID)); account != "111122223333" || !ok || !strings.HasPrefix(string(c.KeyID), "ASIA") {
		t.Errorf("access key id %s holds account %s, %v", c.KeyID, account, ok)
	}
}

// Rules: TH-17 TH-44 TH-46
func TestOpenRefusesForeignTokens(t *testing.T) {
	ring := newRing(t)
	c, err := session.Mint(ring, example(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := session.Mint(ring, example(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	renewed, err := ring.Renew(seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	marker, err := ring.SealString(seal.Marker, "session", []byte(`{"k":"role"}`))
	if err != nil {
		t.Fatal(err)
	}
	kindless, err := ring.SealString(seal.SessionToken, "session", []byte(`{"id":"`+string(c.KeyID)+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		ring  *seal.Ring
		token string
	}{
		"another session's token": {ring, other.Token},
		"a restored copy":         {renewed, c.Token},
		"another installation":    {newRing(t), c.Token},
		"another purpose":         {ring, marker},
		"no kind":                 {ring, kindless},
		"cut":                     {ring, c.Token[:len(c.Token)-4]},
		"changed":                 {ring, strings.Replace(c.Token, c.Token[40:42], "zz", 1)},
		"not base64":              {ring, "FQoGZXIvYXdzE??"},
		"empty":                   {ring, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, secret, err := session.Open(test.ring, c.KeyID, test.token)
			if !errors.Is(err, session.ErrToken) || s != nil || !secret.IsZero() {
				t.Errorf("opened %v, %v", s, err)
			}
		})
	}
}

// Rules: TH-43
func TestSecretsDifferThoughKeyIDsDoNot(t *testing.T) {
	ring := newRing(t)
	// The same 7 random characters of an id, then different nonces.
	first := bytes.NewReader(append(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 4096)...))
	second := bytes.NewReader(append(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{3}, 4096)...))
	skip := func(r *bytes.Reader) session.Credentials {
		t.Helper()
		c, err := session.Mint(ring, example(), r)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	a, b := skip(first), skip(first)
	_ = b
	c := skip(second)
	if a.KeyID != c.KeyID {
		t.Fatalf("ids %s and %s differ: the test needs equal ones", a.KeyID, c.KeyID)
	}
	// a and c drew the same bytes: the same session. A later draw shares the id only.
	d := skip(second)
	if d.KeyID == a.KeyID && d.Secret.Equal(a.Secret) {
		t.Error("two sessions of one key id share a secret")
	}
	changed := example()
	changed.Name = "mallory"
	e, err := session.Mint(ring, changed, bytes.NewReader(bytes.Repeat([]byte{1}, 64)))
	if err != nil {
		t.Fatal(err)
	}
	if e.KeyID != a.KeyID || e.Secret.Equal(a.Secret) {
		t.Errorf("key ids %s and %s; secrets equal: %v", e.KeyID, a.KeyID, e.Secret.Equal(a.Secret))
	}
}

func TestMintRefusesWhatDoesNotFit(t *testing.T) {
	s := example()
	s.Policy = strings.Repeat("x", 30_000)
	if _, err := session.Mint(newRing(t), s, rand.Reader); !errors.Is(err, session.ErrTooLarge) {
		t.Errorf("Mint returned %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	ring, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		f.Fatal(err)
	}
	c, err := session.Mint(ring, example(), rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c.Token)
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		if _, _, err := session.Open(ring, c.KeyID, token); err == nil && token != c.Token {
			t.Errorf("opened %q", token)
		}
	})
}
