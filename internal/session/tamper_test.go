package session_test

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
)

// TestNoChangedTokenOpens: not one of which a bit is another, which is cut
// anywhere, which goes on, or which is another session's from anywhere on.
//
// Rules: TH-44 TH-46
func TestNoChangedTokenOpens(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	mint := func() (session.Credentials, []byte) {
		c, err := session.Mint(ring, example(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := base64.RawURLEncoding.DecodeString(c.Token)
		if err != nil {
			t.Fatal(err)
		}
		return c, raw
	}
	c, raw := mint()
	_, other := mint()
	closed := func(what string, at int, token []byte) {
		t.Helper()
		s, secret, err := session.Open(ring, c.KeyID, base64.RawURLEncoding.EncodeToString(token))
		if !errors.Is(err, session.ErrToken) || s != nil || !secret.IsZero() {
			t.Errorf("%s at %d: opened %v, %v", what, at, s, err)
		}
	}
	for i := range raw {
		for bit := range 8 {
			changed := append([]byte(nil), raw...)
			changed[i] ^= 1 << bit
			closed("changed", i, changed)
		}
		closed("cut", i, raw[:i])
		if i > 0 && i < len(other) {
			closed("another's", i, append(append([]byte(nil), raw[:i]...), other[i:]...))
		}
	}
	closed("gone on", len(raw), append(append([]byte(nil), raw...), 0))
	if _, _, err := session.Open(ring, c.KeyID, c.Token); err != nil {
		t.Errorf("the token itself: %v", err)
	}
}

// TestTokensTellNothing of what is in them, and without tags they have room in
// any header: also those of a session at the end of a chain.
//
// Rules: TH-17
func TestTokensTellNothing(t *testing.T) {
	t.Parallel()
	ring := newRing(t)
	s := example()
	s.Tags, s.Transitive, s.Policy, s.Policies = nil, nil, "", nil
	s.PrincipalID, s.RoleName, s.Name = "AROACANARYCANARYCANAR", identity.RoleName(strings.Repeat("canary-role-", 5)), strings.Repeat("canary-name-", 5)
	s.SourceIdentity = strings.Repeat("canary-source-", 4)
	for range 5 {
		s.Ancestors = append(s.Ancestors, session.Ancestor{KeyID: "ASIACANARYCANARYCANA", Account: "111122223333", PrincipalID: "AROACANARYCANARYCANAR"})
	}
	c, err := session.Mint(ring, s, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Token) > 2048 {
		t.Errorf("a token of %d characters", len(c.Token))
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Token)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"canary", "CANARY", string(c.KeyID), c.Secret.Reveal(), "111122223333"} {
		if strings.Contains(c.Token, secret) || strings.Contains(string(raw), secret) {
			t.Errorf("the token shows %s", secret)
		}
	}
}
