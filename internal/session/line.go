package session

import (
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
)

// Longest is how long a session can last: one of GetSessionToken. What
// comes from one cannot be got any more once it has ended, so that no session
// outlives a revocation of anything in its line by more.
const Longest = 36 * time.Hour

// Remembered is how long a revocation is kept: for as long as there can be a
// session that it concerns, and longer by how far ahead of now the clock may
// have been by which one was minted. A revocation that is forgotten before the
// session has ended would bring it back to life.
const Remembered = Longest + 7*24*time.Hour

// A Link is something in the line of a session by which it can be revoked.
type Link struct {
	Account identity.AccountID
	ID      string
}

// Principal returns the link that all sessions of a user, a role or, without an
// id, an account's root have, and all that come from them.
func Principal(account identity.AccountID, id string) Link {
	if id == "" {
		id = identity.RootUser
	}
	return Link{account, id}
}

// Vouched returns the link that all sessions have which an identity provider
// vouched for, or only those of one subject of it. Subjects may be long and hold
// anything, so the link is a digest.
func Vouched(account identity.AccountID, provider, subject string) Link {
	sum := sha256.Sum256([]byte(provider + "\x00" + subject))
	return Link{account, "provider-" + base64.RawURLEncoding.EncodeToString(sum[:])}
}

// SignIn returns the link that all credentials have which descend from one
// sign-in to the console, by its id.
func SignIn(account identity.AccountID, id string) Link { return Link{account, "sign-in-" + id} }

// SignIns returns the link that all credentials have which descend from any
// sign-in of a user, or, without an id, of an account's root.
func SignIns(account identity.AccountID, id string) Link {
	return Link{account, "sign-ins-" + Principal(account, id).ID}
}

// SignedIn are the ancestors of the credentials that somebody who signed in to
// the console gets.
func SignedIn(account identity.AccountID, principalID, signIn string) []Ancestor {
	var line []Ancestor
	for _, l := range []Link{SignIns(account, principalID), SignIn(account, signIn)} {
		line = append(line, Ancestor{KeyID: identity.AccessKeyID(l.ID), Account: account, PrincipalID: principalID})
	}
	return line
}

// Line returns all links of a session: itself, whose it is, who vouched for it,
// and the same of each session and key that it comes from.
func (s *Session) Line() []Link {
	line := make([]Link, 0, 2+2*len(s.Ancestors))
	line = Ancestor{s.KeyID, s.Account, s.PrincipalID, s.Provider, s.Subject}.links(line)
	for _, a := range s.Ancestors {
		line = a.links(line)
	}
	return line
}

// links appends the links that a credential adds to a line.
func (a Ancestor) links(line []Link) []Link {
	line = append(line, Link{a.Account, string(a.KeyID)}, Principal(a.Account, a.PrincipalID))
	if a.Provider == "" {
		return line
	}
	account := a.Account
	if provider, err := arn.Parse(a.Provider); err == nil {
		account = identity.AccountID(provider.Account)
	}
	line = append(line, Vouched(account, a.Provider, ""))
	if a.Subject != "" {
		line = append(line, Vouched(account, a.Provider, a.Subject))
	}
	return line
}
