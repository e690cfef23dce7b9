package signin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

const (
	// roleCredentials is how long credentials of a role are asked for, and
	// shortestRole the least that can be: they end with the sign-in all the same.
	roleCredentials = 30 * time.Minute
	shortestRole    = 15 * time.Minute
	// ownCredentials is how long those are good that the switch itself is signed
	// with. They never leave the process.
	ownCredentials = time.Minute
)

// textSwitch is what AWS says of every switch that fails (CO-16).
const textSwitch = "Invalid information in one or more fields. Check your information or contact your administrator."

// textRoot is why root cannot switch (CO-13).
const textRoot = "Root users cannot switch to roles. Sign in as an IAM user."

// textFederated is why a federated user cannot.
const textFederated = "Federated users cannot switch to roles: credentials of GetFederationToken do not call AssumeRole."

func switchRefused(why []string) *callError {
	return &callError{Status: http.StatusForbidden, Code: "SwitchRoleRefused", Message: textSwitch, Why: &why}
}

// errTooMany is the console's errFull.
var errTooMany = &callError{
	Status: http.StatusConflict, Code: "TooManySessions", Message: "Five sessions are open, which is as many as a browser can have. Close one first.",
}

// A switching is a switch to a role on its way.
type switching struct {
	seen   *seen
	origin openSession
	role   store.ConsoleRole
	// end is when the role's session is to end.
	end time.Time
	// open is the session that the role has already.
	open *openSession
	// refused is why nothing needs to be asked.
	refused *callError
}

// switchRole opens a session of a role. Who switches is always the identity that
// signed in, in whatever role the browser may be: nothing chains (CO-12).
func (h *Handler) switchRole(ctx context.Context, a *asking) (any, error) {
	var in struct {
		Session     string `json:"session"`
		Account     string `json:"account"`
		RoleName    string `json:"roleName"`
		DisplayName string `json:"displayName"`
		Color       string `json:"color"`
	}
	if err := a.read(&in); err != nil {
		return nil, err
	}
	name, named := roleName(in.RoleName)
	var s switching
	var found sessionView
	err := h.Store.View(ctx, func(tx *store.Tx) (err error) {
		if s, err = h.switching(tx, a, in.Session); err != nil || s.refused != nil {
			return err
		}
		account, err := accountOf(tx, in.Account)
		if isNotFound(err) || err == nil && !named {
			s.refused = switchRefused([]string{})
			return nil
		} else if err != nil {
			return err
		}
		s.role = store.ConsoleRole{
			Account: account.ID, Name: name, DisplayName: displayName(in.DisplayName, name, account), Color: colorOf(in.Color),
		}
		if s.end, err = h.endOf(tx, &s, a.now); err != nil {
			return err
		}
		if s.find(); s.open != nil {
			found, err = h.view(tx, s.open)
		} else if len(s.seen.list) >= store.MaxBrowserSessions {
			return errTooMany
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case s.refused != nil:
		h.keep(h.switchFailed(a, &s))
		return nil, s.refused
	case s.open != nil:
		return map[string]sessionView{"session": found}, nil
	}
	view, n, err := h.open(ctx, a, &s)
	if err != nil {
		return nil, err
	}
	h.handOver(a, n)
	return map[string]sessionView{"session": view}, nil
}

// switching finds who would switch.
func (h *Handler) switching(tx *store.Tx, a *asking, id string) (s switching, err error) {
	if s.seen, err = h.change(tx, a); err != nil {
		return s, err
	}
	o, err := find(s.seen.list, id)
	if err != nil {
		return s, err
	}
	if s.origin, err = find(s.seen.list, o.origin.ID); err != nil {
		return s, err
	}
	switch g := s.origin.person.given; {
	case g != nil && g.role() == "":
		s.refused = switchRefused([]string{textFederated})
	case s.origin.Kind == store.SignedInRoot:
		s.refused = switchRefused([]string{textRoot})
	}
	return s, nil
}

// endOf is when a session of the role would end that was switched to now.
func (h *Handler) endOf(tx *store.Tx, s *switching, now time.Time) (time.Time, error) {
	end := s.origin.Expires
	if !h.StrictRoles {
		return end, nil
	}
	role, err := tx.Role(s.role.Account, identity.RoleName(s.role.Name[strings.LastIndexByte(s.role.Name, '/')+1:]))
	if isNotFound(err) {
		return end, nil // nor can it be assumed
	} else if err != nil {
		return end, err
	}
	if given := now.Add(time.Duration(role.MaxSession) * time.Second); given.Before(end) {
		end = given
	}
	return end, nil
}

// find finds the session that the role has already, of the same who signed in.
func (s *switching) find() {
	for i := range s.seen.list {
		if o := &s.seen.list[i]; o.Role != nil && o.Origin == s.origin.ID && sameRole(o.Role, &s.role) {
			s.open = o
			return
		}
	}
}

// open assumes the role and, when that went through, adds its session.
func (h *Handler) open(ctx context.Context, a *asking, s *switching) (view sessionView, n renewal, err error) {
	id, err := h.shortID()
	if err != nil {
		return view, n, err
	}
	entry := store.BrowserSession{
		ID: id, Kind: store.SwitchedRole, SignIn: s.origin.SignIn, Account: s.origin.Account, UserID: s.origin.UserID, Since: a.now,
		Expires: s.end, Origin: s.origin.ID, Role: &s.role,
	}
	got, err := h.assume(ctx, a, &openSession{&entry, s.origin.BrowserSession, s.origin.person})
	if refused, ok := errors.AsType[*roleRefusedError](err); ok {
		h.keep(h.switchFailed(a, s))
		return view, n, switchRefused(refused.why)
	} else if err != nil {
		return view, n, err
	}
	if n, err = h.renewal(a.visit); err != nil {
		return view, n, err
	}
	event := h.roleEvent(a, "SwitchRole", got, &s.role, s.origin.person.arn())
	browser := ""
	err = h.Store.Update(ctx, func(tx *store.Tx) error {
		now, err := h.switching(tx, a, s.origin.ID)
		if err != nil {
			return err
		}
		if len(now.seen.list) >= store.MaxBrowserSessions {
			return errTooMany
		}
		b := now.seen.Browser
		browser = b.ID
		n.renew(a.visit, b)
		b.Sessions = append(b.Sessions, entry)
		prune(b, now.seen.list, id)
		if err := tx.PutBrowser(b); err != nil {
			return err
		}
		if err := remember(tx, now.origin.BrowserSession, s.role); err != nil {
			return err
		}
		if view, err = h.view(tx, &openSession{&entry, now.origin.BrowserSession, now.origin.person}); err != nil {
			return err
		}
		return record.Commit(tx, a.now, event)
	})
	if err == nil {
		h.Recorder.Wake()
		h.handovers.keep(handoverKey{browser, id}, got, a.now)
	}
	return view, n, err
}

// handOver gives the browser its fresh cookie, and on loopback what goes with it.
func (h *Handler) handOver(a *asking, n renewal) {
	h.setCookie(a.w, a.visit, "", n.cookie, 0)
	if n.secret != "" {
		a.w.Header().Set(consoleHeader, n.secret)
	}
}

// A roleRefusedError reports that the road refused a role, and what the user's
// own side says about it.
type roleRefusedError struct{ why []string }

func (e *roleRefusedError) Error() string { return "signin: the role was refused" }

// assume assumes the role of a session as who signed in. Each time it is asked
// for anew, so that a trust or a grant that was withdrawn ends the session.
func (h *Handler) assume(ctx context.Context, a *asking, o *openSession) (*assumed, error) {
	var own session.Session
	var revocations uint64
	err := h.Store.View(ctx, func(tx *store.Tx) (err error) {
		if own, err = sessionOf(tx, o, a.now, ownCredentials); err != nil {
			return err
		}
		revocations, err = tx.Revocations()
		return err
	})
	if err != nil {
		return nil, err
	}
	own.Until = h.roleEnd(o.BrowserSession, o.origin)
	l := roleLink(o.BrowserSession)
	own.Ancestors = append(own.Ancestors, session.Ancestor{KeyID: identity.AccessKeyID(l.ID), Account: l.Account, PrincipalID: own.PrincipalID})
	credentials, err := session.Mint(h.Authn.Ring(), own, h.Random)
	if err != nil {
		return nil, err
	}
	road := &onRoad{h: h, visit: a.visit, credentials: credentials}
	life := max(shortestRole, min(roleCredentials, o.origin.Expires.Sub(a.now)).Truncate(time.Second))
	got, err := road.assume(ctx, roleARN(o.Role), roleSessionName(o.person.name()), life)
	if refused, ok := errors.AsType[*refusedError](err); ok {
		return nil, &roleRefusedError{road.why(ctx, refused.request)}
	} else if err != nil {
		return nil, err
	}
	got.revocations = revocations
	return got, nil
}

// roleSessionName is the name of a role's session: the user's (CO-14). STS wants
// two characters, and a user may have one.
func roleSessionName(user string) string {
	if len(user) < 2 {
		return user + "-"
	}
	return user
}

// renewRole gets credentials of a role's session (RE-46): those of the switch, if
// this is the page that it opened, and else new ones.
func (h *Handler) renewRole(ctx context.Context, a *asking, o *openSession, switched *assumed) (any, error) {
	got, err := switched, error(nil)
	if got == nil {
		got, err = h.assume(ctx, a, o)
	}
	if refused, ok := errors.AsType[*roleRefusedError](err); ok {
		return nil, &callError{
			Status: http.StatusForbidden, Code: "RoleRefused", Message: "You may not assume this role any more.", Why: &refused.why,
		}
	} else if err != nil {
		return nil, err
	}
	if o.Announced {
		h.keep(h.roleEvent(a, "RenewRole", got, o.Role, o.person.arn()))
	} else if err := h.announce(ctx, a, o, identity.AccessKeyID(got.KeyID)); err != nil {
		return nil, err
	}
	return credentialsView{got.KeyID, got.Secret, got.Token, got.Expires}, nil
}

// roleEvent is an event of a switch, in the account of the role.
func (h *Handler) roleEvent(a *asking, name string, got *assumed, role *store.ConsoleRole, from string) *record.Event {
	who := record.UserIdentity{Type: record.TypeAssumedRole, PrincipalID: got.ID, ARN: got.ARN, AccountID: role.Account}
	return h.event(a.visit, name, succeeded, who, map[string]any{
		"SwitchFrom": from, "RedirectTo": consolePath, "DisplayName": role.DisplayName,
	})
}

// switchFailed is the event of a switch that failed, in the account of the user.
func (h *Handler) switchFailed(a *asking, s *switching) *record.Event {
	e := h.event(a.visit, "SwitchRole", failed, s.origin.person.who(), map[string]any{
		"SwitchFrom": s.origin.person.arn(), "RedirectTo": consolePath, "DisplayName": s.role.DisplayName,
	})
	e.ErrorMessage = textSwitch
	return e
}
