package signin

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

const (
	// maxKeptSessions is how many sessions a browser's record has, those that have
	// ended among them: who signs in again goes on under the same id.
	maxKeptSessions = 12
	// keptFor is how long they are kept.
	keptFor = 12 * time.Hour
	// passwordUse is how exactly it is kept when a password was last used (CO-4).
	passwordUse = 5 * time.Minute
)

// errFull reports that a browser has as many sessions as it can have.
var errFull = errors.New("signin: too many sessions")

// shortIDLength is how many characters the id of a session has, in paths.
const shortIDLength = 8

// shortID draws the id of a session.
func (h *Handler) shortID() (string, error) {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	var b [shortIDLength]byte
	if _, err := io.ReadFull(h.Random, b[:]); err != nil {
		return "", err
	}
	for i := range b {
		b[i] = alphabet[b[i]%byte(len(alphabet))]
	}
	return string(b[:]), nil
}

// A fresh is what is drawn for one sign-in before its transaction.
type fresh struct {
	renewal
	browser, session, signIn string
}

func (h *Handler) fresh(v *visit) (n fresh, err error) {
	var errs [4]error
	n.renewal, errs[0] = h.renewal(v)
	n.browser, errs[1] = h.newBrowserID()
	n.session, errs[2] = h.shortID()
	n.signIn, errs[3] = h.newBrowserID()
	return n, errors.Join(errs[:]...)
}

// A signedIn is what came of a sign-in.
type signedIn struct {
	id   string
	list []openSession // of the browser, the new one left out
}

// complete ends a sign-in: the browser has a session more, and a cookie that it
// had not before. Sessions that it has already stay, unless one of them is the
// same person's, which goes on, or is named by closing.
func (h *Handler) complete(w http.ResponseWriter, v *visit, f form, p *pending, closing string) {
	n, err := h.fresh(v)
	if err != nil {
		h.startOver(w, v, err)
		return
	}
	shown, err := h.shownBy(v, f)
	if err != nil {
		h.refuseCookies(w, v)
		return
	}
	var out signedIn
	var who *person
	var event *record.Event
	err = h.Store.Update(v.request.Context(), func(tx *store.Tx) (err error) {
		if who, err = p.person(tx); err != nil {
			return err
		}
		if p.next(who, v.now) != stepDone {
			return errPending
		}
		s := store.BrowserSession{
			ID: n.session, Kind: who.kind(), SignIn: n.signIn, Account: p.Account, UserID: p.UserID, Since: v.now, Expires: v.now.Add(longest),
			Active: v.now, MFA: p.MFA, Proved: v.now, Generation: who.generation(),
		}
		if out, err = h.enter(tx, v, &n, s, shown, closing); err != nil {
			return err
		}
		if err := noteUse(tx, who, v.now); err != nil {
			return err
		}
		event = h.event(v, consoleLogin, succeeded, who.who(), loginData(p.Return, p.Serial))
		return record.Commit(tx, v.now, event)
	})
	switch {
	case errors.Is(err, errFull):
		h.showClose(w, v, p, out.list)
		return
	case err != nil:
		h.startOver(w, v, err)
		return
	}
	h.arrive(w, v, &n, &out, p.Return)
}

// arrive sends a browser that has just been given a session to where it was
// going.
func (h *Handler) arrive(w http.ResponseWriter, v *visit, n *fresh, in *signedIn, to string) {
	h.Recorder.Wake()
	h.setCookie(w, v, "", n.cookie, 0)
	h.land(w, v, n.secret, inSession(to, in.id, func(id string) bool {
		return slices.ContainsFunc(in.list, func(s openSession) bool { return s.ID == id })
	}))
}

// shownBy is what a form proves of its browser. On loopback a script copies the
// origin's own secret into the form: a cookie alone may have been planted by
// another port (TH-83).
func (h *Handler) shownBy(v *visit, f form) (proof, error) {
	cookie, err := h.cookie(v, "")
	if err != nil {
		return proof{}, err
	}
	if v.secure {
		return proof{cookie, onTLS}, nil
	}
	return proof{cookie, f.text("held")}, nil
}

// enter adds a session to the browser that was shown, or to a new one.
func (h *Handler) enter(tx *store.Tx, v *visit, n *fresh, s store.BrowserSession, shown proof, closing string) (signedIn, error) {
	b, known, err := v.browser(tx, shown, n.browser)
	if err != nil {
		return signedIn{}, err
	}
	if closing != "" {
		if err := closeSession(tx, b, closing, v.now); err != nil {
			return signedIn{}, err
		}
	}
	list, err := h.sessions(tx, b, v.now)
	if err != nil {
		return signedIn{}, err
	}
	if s.Generation.Revocations, err = tx.Revocations(); err != nil {
		return signedIn{}, err
	}
	n.renew(v, b)
	list = replace(b, list, &s)
	if len(list) >= store.MaxBrowserSessions {
		return signedIn{list: list}, errFull
	}
	b.Sessions = append(b.Sessions, s)
	prune(b, list, s.ID)
	b.Expires = s.Expires.Add(keptFor)
	if known {
		err = tx.PutBrowser(b)
	} else {
		err = tx.CreateBrowser(b, v.now)
	}
	return signedIn{s.ID, list}, err
}

// browser returns the browser that was shown, and whether it was known before.
func (v *visit) browser(tx *store.Tx, shown proof, id string) (b *store.Browser, known bool, err error) {
	was, err := v.open(tx, shown)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && was.former:
		return &store.Browser{ID: id}, false, nil
	case err != nil:
		return nil, false, err
	}
	return was.Browser, true, nil
}

// replace takes the session of the same person out of the browser, whose place s
// takes: pages that are open under its id go on, and so do the roles that were
// switched to.
func replace(b *store.Browser, list []openSession, s *store.BrowserSession) []openSession {
	for i := range b.Sessions {
		old := b.Sessions[i]
		if old.Kind == s.Kind && old.Account == s.Account && old.UserID == s.UserID {
			s.ID, s.SignIn = old.ID, old.SignIn
			list = slices.DeleteFunc(slices.Clone(list), func(o openSession) bool { return o.ID == old.ID })
			b.Sessions = slices.Delete(slices.Clone(b.Sessions), i, i+1)
			return list
		}
	}
	return list
}

// prune removes sessions that have ended, oldest first, from a record that has
// too many.
func prune(b *store.Browser, list []openSession, keep string) {
	for i := 0; len(b.Sessions) > maxKeptSessions && i < len(b.Sessions); {
		id := b.Sessions[i].ID
		if id == keep || slices.ContainsFunc(list, func(o openSession) bool { return o.ID == id }) {
			i++
			continue
		}
		b.Sessions = slices.Delete(slices.Clone(b.Sessions), i, i+1)
	}
}

// closeSession ends a session of a browser, and with a sign-in the roles that
// were switched to from it. Credentials that it gave out are good no more.
func closeSession(tx *store.Tx, b *store.Browser, id string, now time.Time) error {
	i := slices.IndexFunc(b.Sessions, func(s store.BrowserSession) bool { return s.ID == id })
	if i < 0 {
		return nil // it is closed already
	}
	s := b.Sessions[i]
	l := session.SignIn(s.Account, s.SignIn)
	if s.Kind == store.SwitchedRole {
		l = roleLink(&s)
	}
	b.Sessions = slices.DeleteFunc(slices.Clone(b.Sessions), func(o store.BrowserSession) bool { return o.ID == id || o.Origin == id })
	return tx.Revoke(l.Account, l.ID, now, now.Add(session.Remembered))
}

// roleLink is what the credentials of a role that was switched to have in their
// line, beside those of the sign-in.
func roleLink(s *store.BrowserSession) session.Link {
	return session.SignIn(s.Account, s.SignIn+"-"+s.ID)
}

// noteUse notes that a user's password was used (CO-4).
func noteUse(tx *store.Tx, who *person, now time.Time) error {
	if who.user == nil || now.Sub(who.user.PasswordLastUsed) < passwordUse {
		return nil
	}
	u := *who.user
	u.PasswordLastUsed = now.Truncate(time.Second)
	return tx.PutUser(&u)
}

// accountName is the name of the account on pages: its alias or its id.
func accountName(a *identity.Account) string {
	if a.Alias != "" {
		return a.Alias
	}
	return string(a.ID)
}
