package signin

import (
	"context"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// A sessionView is a session as the console sees it.
type sessionView struct {
	ID                string    `json:"id"`
	Kind              string    `json:"kind"`
	AccountID         string    `json:"accountId"`
	AccountAlias      string    `json:"accountAlias"`
	AccountName       string    `json:"accountName"`
	ARN               string    `json:"arn"`
	UserName          string    `json:"userName"`
	RoleName          string    `json:"roleName"`
	Origin            string    `json:"origin"`
	DisplayName       string    `json:"displayName"`
	Issuer            string    `json:"issuer"`
	Color             string    `json:"color"`
	MFA               bool      `json:"mfa"`
	SignedInAt        time.Time `json:"signedInAt"`
	ExpiresAt         time.Time `json:"expiresAt"`
	IdleExpiresAt     time.Time `json:"idleExpiresAt"`
	ReauthenticatedAt time.Time `json:"reauthenticatedAt"`
}

// A roleView is a role of the history, or a pinned one.
type roleView struct {
	Account      string `json:"account"`
	AccountAlias string `json:"accountAlias"`
	RoleName     string `json:"roleName"`
	DisplayName  string `json:"displayName"`
	Color        string `json:"color"`
}

// view describes a session. Times are in whole seconds.
func (h *Handler) view(tx *store.Tx, s *openSession) (sessionView, error) {
	o, p := s.origin, s.person
	out := sessionView{
		ID: s.ID, Kind: s.Kind, AccountID: string(p.account.ID), AccountAlias: p.account.Alias, AccountName: p.account.Name,
		ARN: p.arn(), UserName: p.name(), DisplayName: title(p), MFA: !o.MFA.IsZero(), SignedInAt: s.Since.Truncate(time.Second),
		ExpiresAt: h.roleEnd(s.BrowserSession, o).Truncate(time.Second), IdleExpiresAt: h.idleEnd(o).Truncate(time.Second), ReauthenticatedAt: o.Proved.Truncate(time.Second),
	}
	if g := p.given; g != nil {
		out.UserName, out.RoleName, out.Issuer = "", g.role(), o.Given.Issuer
	}
	if s.Role == nil {
		return out, nil
	}
	account, err := tx.Account(s.Role.Account)
	if err != nil {
		return sessionView{}, err
	}
	name := s.Role.Name[strings.LastIndexByte(s.Role.Name, '/')+1:]
	out.AccountID, out.AccountAlias, out.AccountName = string(account.ID), account.Alias, account.Name
	role := identity.Role{Account: account.ID, Name: identity.RoleName(name)}
	out.ARN = role.SessionARN(roleSessionName(p.name())).String()
	out.RoleName, out.Origin, out.DisplayName, out.Color = s.Role.Name, s.Origin, s.Role.DisplayName, s.Role.Color
	return out, nil
}

func (h *Handler) views(tx *store.Tx, list []openSession) ([]sessionView, error) {
	views := make([]sessionView, len(list))
	for i := range list {
		var err error
		if views[i], err = h.view(tx, &list[i]); err != nil {
			return nil, err
		}
	}
	return views, nil
}

func roleViews(tx *store.Tx, roles []store.ConsoleRole) ([]roleView, error) {
	views := make([]roleView, 0, len(roles))
	for _, r := range roles {
		v := roleView{Account: string(r.Account), RoleName: r.Name, DisplayName: r.DisplayName, Color: r.Color}
		account, err := tx.Account(r.Account)
		if err == nil {
			v.AccountAlias = account.Alias
		} else if !isNotFound(err) {
			return nil, err
		}
		views = append(views, v)
	}
	return views, nil
}

// listSessions says which sessions the browser has.
func (h *Handler) listSessions(ctx context.Context, a *asking) (any, error) {
	out := struct {
		Sessions []sessionView         `json:"sessions"`
		History  map[string][]roleView `json:"history"`
		Pinned   map[string][]roleView `json:"pinned"`
		Region   string                `json:"region"`
	}{History: map[string][]roleView{}, Pinned: map[string][]roleView{}, Region: h.Region}
	err := h.Store.View(ctx, func(tx *store.Tx) error {
		s, err := h.see(tx, a)
		if err != nil {
			return err
		}
		if len(s.list) == 0 {
			return errSignedOut
		}
		for _, o := range s.list {
			if o.Kind == store.SwitchedRole {
				continue
			}
			roles, err := tx.ConsoleRoles(o.Account, o.UserID)
			if err != nil {
				return err
			}
			if out.History[o.ID], err = roleViews(tx, roles.Recent); err != nil {
				return err
			}
			if out.Pinned[o.ID], err = roleViews(tx, roles.Pinned); err != nil {
				return err
			}
		}
		out.Sessions, err = h.views(tx, s.list)
		return err
	})
	return out, err
}

// A sessionInput names a session of the browser.
type sessionInput struct {
	Session string `json:"session"`
}

// activity notes that there was input, which keeps all live sign-ins of the
// browser from ending: it is one person in front of it, in whatever tab.
func (h *Handler) activity(ctx context.Context, a *asking) (any, error) {
	var in sessionInput
	if err := a.read(&in); err != nil {
		return nil, err
	}
	var out struct {
		IdleExpiresAt time.Time `json:"idleExpiresAt"`
		ExpiresAt     time.Time `json:"expiresAt"`
	}
	err := h.Store.Update(ctx, func(tx *store.Tx) error {
		s, err := h.see(tx, a)
		if err != nil {
			return err
		}
		o, err := find(s.list, in.Session)
		if err != nil {
			return err
		}
		out.ExpiresAt, out.IdleExpiresAt = h.roleEnd(o.BrowserSession, o.origin).Truncate(time.Second), h.idleEnd(o.origin).Truncate(time.Second)
		if s.former {
			return nil // the next one counts
		}
		for _, o := range s.list {
			o.origin.Active = a.now
		}
		out.IdleExpiresAt = h.idleEnd(o.origin).Truncate(time.Second)
		return tx.PutBrowser(s.Browser)
	})
	return out, err
}

// exit ends the session of a role: back to who switched to it (CO-18).
func (h *Handler) exit(ctx context.Context, a *asking) (any, error) {
	var in sessionInput
	if err := a.read(&in); err != nil {
		return nil, err
	}
	var out sessionInput
	var event *record.Event
	err := h.Store.Update(ctx, func(tx *store.Tx) error {
		s, err := h.change(tx, a)
		if err != nil {
			return err
		}
		o, err := find(s.list, in.Session)
		if err != nil {
			return err
		}
		if o.Kind != store.SwitchedRole {
			return badCall("The session is none of a role.")
		}
		out.Session = o.Origin
		event = h.event(a.visit, "ExitRole", succeeded, o.person.who(), map[string]any{"RedirectTo": consolePath, "DisplayName": o.Role.DisplayName})
		if err := closeSession(tx, s.Browser, o.ID, a.now); err != nil {
			return err
		}
		if err := tx.PutBrowser(s.Browser); err != nil {
			return err
		}
		return record.Commit(tx, a.now, event)
	})
	if err == nil {
		h.Recorder.Wake()
	}
	return out, err
}

// signOut ends one session with the roles that were switched to from it, all of
// the browser, or all that somebody has in any browser.
func (h *Handler) signOut(ctx context.Context, a *asking) (any, error) {
	var in struct {
		Session    string `json:"session"`
		All        bool   `json:"all"`
		Everywhere bool   `json:"everywhere"`
	}
	if err := a.read(&in); err != nil {
		return nil, err
	}
	if in.All == (in.Session != "") || in.All && in.Everywhere {
		return nil, badCall("Name a session, or all.")
	}
	var left []sessionView
	gone := false
	err := h.Store.Update(ctx, func(tx *store.Tx) error {
		s, err := h.change(tx, a)
		if err != nil {
			return err
		}
		if err := signOutOf(tx, s, in.Session, in.Everywhere, a.now); err != nil {
			return err
		}
		list, err := h.sessions(tx, s.Browser, a.now)
		if err != nil {
			return err
		}
		if gone = len(list) == 0; gone {
			left = []sessionView{}
			return tx.DeleteBrowser(s.Browser)
		}
		if left, err = h.views(tx, list); err != nil {
			return err
		}
		return tx.PutBrowser(s.Browser)
	})
	if err != nil {
		return nil, err
	}
	if gone {
		h.setCookie(a.w, a.visit, "", "", -1)
	}
	return map[string][]sessionView{"sessions": left}, nil
}

// signOutOf ends what a call of signOut says.
func signOutOf(tx *store.Tx, s *seen, id string, everywhere bool, now time.Time) error {
	if id == "" {
		for _, o := range s.list {
			if o.Kind != store.SwitchedRole {
				if err := closeSession(tx, s.Browser, o.ID, now); err != nil {
					return err
				}
			}
		}
		return nil
	}
	o, err := find(s.list, id)
	if err != nil {
		return err
	}
	if !everywhere {
		return closeSession(tx, s.Browser, id, now)
	}
	l := session.SignIns(o.person.account.ID, o.person.principal())
	return tx.Revoke(l.Account, l.ID, now, now.Add(session.Remembered))
}
