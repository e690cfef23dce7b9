package signin

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// Somebody may bring temporary credentials of a role or of a federated user in
// place of a password (CO-20). Such a sign-in is of nobody who has a password or
// a device here: it is what the credentials are, and no more.

// A given is whose the credentials are that somebody signed in with.
type given struct {
	caller   authn.Caller
	identity record.UserIdentity
}

// givenPerson returns whom given credentials make of somebody. Its error is
// errEnded when they are nobody's any more.
func (h *Handler) givenPerson(tx *store.Tx, c *identity.GivenCredentials) (*person, error) {
	caller, _, err := h.Authn.Holder(tx, c.KeyID, c.Token)
	if errors.Is(err, authn.ErrGone) || err == nil && !mayBeGiven(caller.Session.Kind) {
		return nil, errEnded
	} else if err != nil {
		return nil, err
	}
	p := &person{given: &given{caller: caller}}
	if p.account, err = tx.Account(caller.Account); err != nil {
		return nil, err
	}
	return p, p.given.identify(tx)
}

// identify finds out how the record names who signed in.
func (g *given) identify(tx *store.Tx) (err error) {
	g.identity, err = dispatch.Identity(tx, &g.caller)
	g.identity.AccessKeyID = "" // a sign-in is not made with a key
	return err
}

// mayBeGiven reports whether credentials of a kind serve for a sign-in: a user
// signs in with a password, and what was lent or is of one task with nothing
// (CO-23).
func mayBeGiven(k session.Kind) bool { return k == session.Role || k == session.Federated }

// mayLast reports whether a sign-in with credentials may last longer than they:
// those of a role that a long-term key, or somebody from outside, assumed. Those
// of a federated user end when they end, and so do those that were got with
// temporary credentials, or nothing that is given out here would ever end
// (CO-21).
func mayLast(s *session.Session) bool {
	return s.Kind == session.Role && !s.Chained && !slices.ContainsFunc(s.Ancestors, func(a session.Ancestor) bool {
		return !strings.HasPrefix(string(a.KeyID), "AKIA")
	})
}

// name is the session's name, by which roles that are switched to know it
// (CO-14).
func (g *given) name() string { return g.caller.Session.Name }

// role is the name of the role, with its path and without the first slash; "" of
// a federated user.
func (g *given) role() string {
	_, name, _ := strings.Cut(g.caller.PrincipalARN, ":role/")
	return name
}

// title says on a page who it is.
func (g *given) title() string {
	if role := g.role(); role != "" {
		return role[strings.LastIndexByte(role, '/')+1:] + "/" + g.name()
	}
	return g.name()
}

// session is what credentials of the sign-in stand for: the same as those that
// were given, from the same time, and of their line, so that whatever ends those
// ends these. Its end is the sign-in's.
func (g *given) session(s *store.BrowserSession, now time.Time, life time.Duration) session.Session {
	was := g.caller.Session
	out := *was
	out.Ancestors = append(slices.Clone(was.Ancestors), session.Ancestor{
		KeyID: was.KeyID, Account: was.Account, PrincipalID: was.PrincipalID, Provider: was.Provider, Subject: was.Subject,
	})
	out.Ancestors = append(out.Ancestors, session.SignedIn(s.Account, g.caller.UserID, s.SignIn)...)
	if out.Expires = now.Add(life); s.Expires.Before(out.Expires) {
		out.Expires = s.Expires
	}
	return out
}

// mfa is when a device was shown, zero for never.
func (g *given) mfa() time.Time {
	s := g.caller.Session
	if s.MFA.IsZero() && s.RecordMFA {
		return s.Issued
	}
	return s.MFA
}

// signedIn is the browser's session that credentials open.
func (g *given) signedIn(c *identity.GivenCredentials, n *fresh, now, ends time.Time) store.BrowserSession {
	return store.BrowserSession{
		ID: n.session, Kind: store.SignedInGiven, SignIn: n.signIn, Account: g.caller.Account, UserID: g.caller.UserID,
		Since: now, Expires: ends, Active: now, MFA: g.mfa(), Given: c,
	}
}

// secretIs reports whether a secret is the one of the credentials.
func secretIs(tx *store.Tx, a *authn.Authenticator, id identity.AccessKeyID, secret, token string) (bool, error) {
	_, right, err := a.Holder(tx, id, token)
	if errors.Is(err, authn.ErrGone) {
		return false, nil
	}
	return err == nil && same(right.Reveal(), secret), err
}
