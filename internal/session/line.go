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
