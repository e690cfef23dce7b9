package signin

import (
	"context"
	"errors"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

func isNotFound(err error) bool { return errors.Is(err, store.ErrNotFound) }

// A credentialsView is what the console signs its requests with.
type credentialsView struct {
	AccessKeyID     string    `json:"accessKeyId"`
	SecretAccessKey string    `json:"secretAccessKey"`
	SessionToken    string    `json:"sessionToken"`
	Expiration      time.Time `json:"expiration"`
}

func viewOf(c *session.Credentials) credentialsView {
	return credentialsView{string(c.KeyID), c.Secret.Reveal(), c.Token, c.Expires}
}

// sessionOf is the session that a sign-in's credentials stand for: it may what
// the user or root may (CO-5), descends from the sign-in and lasts no longer.
func sessionOf(tx *store.Tx, o *openSession, now time.Time, life time.Duration) (session.Session, error) {
	s := o.origin
	if o.person.given != nil {
		return o.person.given.session(s, now, life), nil
	}
	out := session.Session{
		Kind: session.Console, Account: s.Account, PrincipalID: o.person.principal(), MFA: s.MFA, Proved: s.Proved,
		Ancestors: session.SignedIn(s.Account, o.person.principal(), s.SignIn), Issued: now, Expires: now.Add(life),
	}
	if s.Expires.Before(out.Expires) {
		out.Expires = s.Expires
	}
	var err error
	out.Revocations, err = tx.Revocations()
	return out, err
}

// credentials gives out credentials of a session. The first time is recorded.
func (h *Handler) credentials(ctx context.Context, a *asking) (any, error) {
	var in sessionInput
	if err := a.read(&in); err != nil {
		return nil, err
	}
	var o openSession
	var s session.Session
	var switched *assumed
	err := h.Store.View(ctx, func(tx *store.Tx) error {
		b, err := h.see(tx, a)
		if err != nil {
			return err
		}
		if o, err = find(b.list, in.Session); err != nil {
			return err
		}
		if o.Kind == store.SwitchedRole {
			revocations, err := tx.Revocations()
			if err == nil {
				switched = h.handovers.take(handoverKey{b.ID, o.ID}, revocations, a.now)
			}
			return err
		}
		s, err = sessionOf(tx, &o, a.now, h.Credentials)
		return err
	})
	if err != nil {
		return nil, err
	}
	if o.Kind == store.SwitchedRole {
		return h.renewRole(ctx, a, &o, switched)
	}
	c, err := session.Mint(h.Authn.Ring(), s, h.Random)
	if err != nil {
		return nil, err
	}
	s.KeyID = c.KeyID
	if !o.Announced {
		if err := h.announce(ctx, a, &o, c.KeyID); err != nil {
			return nil, err
		}
	}
	if h.Minted != nil {
		h.Minted(callerOf(&o), &s, a.address)
	}
	return viewOf(&c), nil
}

// callerOf is who gets a sign-in's credentials, for the list of sessions.
func callerOf(o *openSession) *authn.Caller {
	if o.person.given != nil {
		return &o.person.given.caller
	}
	c := &authn.Caller{Kind: authn.Root, Account: o.Account, ARN: o.person.arn(), PrincipalARN: o.person.arn()}
	if u := o.person.user; u != nil {
		c.Kind, c.PrincipalID, c.UserName = authn.User, u.ID, u.Name
	}
	return c
}

// announce records that a session's credentials were asked for, once.
func (h *Handler) announce(ctx context.Context, a *asking, o *openSession, key identity.AccessKeyID) error {
	event := h.event(a.visit, "ConsoleCredentials", succeeded, o.person.who(), nil)
	event.ResponseElements = object(map[string]any{
		"ConsoleCredentials": succeeded, "credentials": map[string]any{"accessKeyId": string(key)},
	})
	recorded := false
	err := h.Store.Update(ctx, func(tx *store.Tx) error {
		recorded = false
		b, err := h.see(tx, a)
		if err != nil {
			return err
		}
		entry := b.entry(o.ID)
		if entry == nil || entry.Announced || b.former {
			return nil
		}
		entry.Announced, recorded = true, true
		if err := tx.PutBrowser(b.Browser); err != nil {
			return err
		}
		return record.Commit(tx, a.now, event)
	})
	if err == nil && recorded {
		h.Recorder.Wake()
	}
	return err
}
