package store

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/identity"
)

// A SessionLink is something in the line of a session by which it can be revoked
// and found.
type SessionLink struct {
	Account identity.AccountID `json:"a"`
	ID      string             `json:"i"`
}

// A MintedSession is what is kept of a session so that it can be listed. It
// decides nothing: what a session may do is in its token.
type MintedSession struct {
	KeyID   identity.AccessKeyID `json:"id"`
	Kind    string               `json:"kind"`
	Account identity.AccountID   `json:"account"`
	// PrincipalID is the unique id of the role or user, "" for the account's root.
	PrincipalID    string `json:"principal,omitempty"`
	Name           string `json:"name,omitempty"`
	SourceIdentity string `json:"sourceIdentity,omitempty"`
	// Caller is the ARN of who asked for the session, or a service's name; "" of
	// those whom the Provider vouched for as Subject. CallerAccount is theirs.
	Caller        string             `json:"caller,omitempty"`
	CallerAccount identity.AccountID `json:"callerAccount,omitempty"`
	Provider      string             `json:"provider,omitempty"`
	Subject       string             `json:"subject,omitempty"`
	Address       string             `json:"address,omitempty"` // that it was asked for from
	MFA           bool               `json:"mfa,omitempty"`
	Issued        time.Time          `json:"issued"`
	Expires       time.Time          `json:"expires"`
	// LastUsed is to the minute, zero for never.
	LastUsed time.Time `json:"lastUsed,omitzero"`
	// Line are its links, and Revocations is the number that it was minted under
	// (Revoked).
	Line        []SessionLink `json:"line"`
	Revocations uint64        `json:"revocations,omitempty"`
}

const (
	// MaxMintedSessions is how many sessions of an account are kept. Of more, those
	// go that would end first.
	MaxMintedSessions = 10_000
	// maxListed is how many links of a session it is found by, the first of its
	// line: its own, and those of the keys that it came from.
	maxListed = 16
	// MaxSessionWrites is what one transaction may write of sessions, in operations
	// of the database; the rest of its 128 is for guards.
	MaxSessionWrites = 90
)

const (
	kindSession       = "session"
	kindSessionOf     = "session-of"
	kindSessionExpiry = "session-expiry"
	kindSessionCount  = "session-count"
)

// A sessionRef leads from a link to a session.
type sessionRef struct {
	Account identity.AccountID `json:"a"`
}

type sessionCount struct {
	Count int `json:"n"`
}

func sessionKey(a identity.AccountID, id identity.AccessKeyID) key {
	return inAccount(a, kindSession, string(id))
}

func sessionCountKey(a identity.AccountID) key { return inAccount(a, kindSessionCount) }

// sessionEnd spells an end in keys, so that they are in its order.
func sessionEnd(t time.Time) string { return fmt.Sprintf("%019d", t.UnixNano()) }

// behindEnd is a key behind those of all sessions that have ended by now, and
// before all others.
func behindEnd(of prefix, now time.Time) key {
	return key(of) + key(sessionEnd(now)) + key(separator+1)
}

func (m *MintedSession) expiryKey() key {
	return inAccount(m.Account, kindSessionExpiry, sessionEnd(m.Expires), string(m.KeyID))
}

// listed are the keys that the session is found by. An account finds its own
// sessions and those that it asked for itself; of what is got with these
// elsewhere it learns nothing.
func (m *MintedSession) listed() []key {
	var keys []key
	for _, l := range m.Line {
		if len(keys) == maxListed {
			break
		}
		if l.Account == m.Account || l.Account == m.CallerAccount {
			k := inAccount(l.Account, kindSessionOf, l.ID, sessionEnd(m.Expires), string(m.KeyID))
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// Writes is how many operations it takes to put the session, at most.
func (m *MintedSession) Writes() int { return len(m.listed()) + 3 }

// PutMintedSessions enters sessions that take MaxSessionWrites at most.
func (tx *Tx) PutMintedSessions(sessions []*MintedSession) error {
	more := map[identity.AccountID]int{}
	for _, m := range sessions {
		for _, k := range m.listed() {
			if err := put(tx, k, &sessionRef{m.Account}); err != nil {
				return err
			}
		}
		if err := tx.set(m.expiryKey(), nil); err != nil {
			return err
		}
		if err := put(tx, sessionKey(m.Account, m.KeyID), m); err != nil {
			return err
		}
		more[m.Account]++
	}
	for a, n := range more {
		if err := tx.countSessions(a, n); err != nil {
			return err
		}
	}
	return nil
}

func (tx *Tx) countSessions(a identity.AccountID, delta int) error {
	c, err := get[sessionCount](tx, sessionCountKey(a))
	if missing(err) {
		c = &sessionCount{}
	} else if err != nil {
		return err
	}
	c.Count = max(0, c.Count+delta)
	return put(tx, sessionCountKey(a), c)
}

// NoteSessionUse notes when a session was last used, if it is kept.
func (tx *Tx) NoteSessionUse(a identity.AccountID, id identity.AccessKeyID, at time.Time) error {
	m, err := get[MintedSession](tx, sessionKey(a, id))
	if missing(err) {
		return nil
	}
	if err != nil || !at.After(m.LastUsed) {
		return err
	}
	m.LastUsed = at
	return put(tx, sessionKey(a, id), m)
}

// sweepable returns the first keys of sessions of the account that have ended or
// are too many.
func (tx *Tx) sweepable(a identity.AccountID, now time.Time, limit int) ([]key, error) {
	surplus := -MaxMintedSessions
	c, err := get[sessionCount](tx, sessionCountKey(a))
	if err == nil {
		surplus += c.Count
	} else if !missing(err) {
		return nil, err
	}
	of := underAccount(a, kindSessionExpiry)
	end := behindEnd(of, now)
	var keys []key
	err = tx.scan(of, "", func(k key, _ []byte) (bool, error) {
		if k > end && len(keys) >= surplus {
			return false, nil
		}
		keys = append(keys, k)
		return len(keys) < limit, nil
	})
	return keys, err
}

// SessionsToSweep reports whether SweepSessions would remove any.
func (tx *Tx) SessionsToSweep(a identity.AccountID, now time.Time) (bool, error) {
	keys, err := tx.sweepable(a, now, 1)
	return len(keys) > 0, err
}

// SweepSessions removes some sessions of the account that have ended, and those
// beyond MaxMintedSessions: as many as one transaction can.
func (tx *Tx) SweepSessions(a identity.AccountID, now time.Time) error {
	keys, err := tx.sweepable(a, now, MaxSessionWrites/4)
	if err != nil {
		return err
	}
	writes, removed := 0, 0
	for _, expiry := range keys {
		gone := []key{expiry}
		m, err := get[MintedSession](tx, sessionKey(a, identity.AccessKeyID(expiry.last())))
		if err == nil {
			gone = append(append(gone, sessionKey(a, m.KeyID)), m.listed()...)
		} else if !missing(err) {
			return err
		}
		if writes += len(gone); writes > MaxSessionWrites {
			break
		}
		for _, k := range gone {
			if err := tx.remove(k); err != nil {
				return err
			}
		}
		removed++
	}
	return tx.countSessions(a, -removed)
}

// MintedSessions lists the sessions that have a link and last beyond now, those
// that end first before others, as far as they are kept, not revoked, and of
// somebody who is still there.
func (tx *Tx) MintedSessions(l SessionLink, now time.Time, page Page[MintedSession]) (sessions []*MintedSession, next string, err error) {
	of := underAccount(l.Account, kindSessionOf, l.ID)
	after := behindEnd(of, now)
	if marked := key(of) + key(page.After); marked > after {
		after = marked
	}
	last, seen := after, 0
	err = tx.scan(of, after, func(k key, raw []byte) (bool, error) {
		if page.Limit > 0 && len(sessions) == page.Limit || seen == MaxSkipped {
			next = strings.TrimPrefix(string(last), string(of))
			return false, nil
		}
		last = k
		seen++
		ref, err := decode[sessionRef](string(k), raw)
		if err != nil {
			return false, err
		}
		m, err := get[MintedSession](tx, sessionKey(ref.Account, identity.AccessKeyID(k.last())))
		if missing(err) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if live, err := tx.liveSession(m); err != nil || !live {
			return true, err
		}
		sessions = append(sessions, m)
		return true, nil
	})
	return sessions, next, err
}

// liveSession reports whether nothing in the session's line was revoked, and
// whose it is is still there.
func (tx *Tx) liveSession(m *MintedSession) (bool, error) {
	for _, l := range m.Line {
		if revoked, err := tx.Revoked(l.Account, l.ID, m.Revocations); err != nil || revoked {
			return false, err
		}
	}
	if m.PrincipalID == "" {
		return true, nil
	}
	_, there, err := tx.PrincipalARN(m.PrincipalID)
	return there, err
}
