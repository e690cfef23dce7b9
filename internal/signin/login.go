package signin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
)

// What the pages say. Whatever part of a sign-in is wrong, the text is one
// (CO-1).
const (
	textWrong   = "Your authentication information is incorrect. Please try again."
	textBusy    = "Too many people are signing in at this moment. Please try again in a few seconds."
	textExpired = "Your password has expired. Please ask your administrator for a new one."
	textRestart = "The sign-in took too long, or was begun anew elsewhere. Please sign in again."
	textFailed  = "Something went wrong on our side. Please try again."
)

// maxForm is how long a form may be, and maxField each of its fields.
const (
	maxForm  = 32 << 10
	maxField = 8 << 10
)

// A form is what a page sent.
type form map[string]string

var errForm = errors.New("signin: unreadable form")

// readForm reads a form from the body, and from nowhere else (TH-1). Each field
// is there once.
func readForm(w http.ResponseWriter, r *http.Request) (form, error) {
	return readLong(w, r, maxForm, maxField)
}

// readLong is readForm for a form that may be longer.
func readLong(w http.ResponseWriter, r *http.Request, whole int64, each int) (form, error) {
	kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";")
	if kind != "application/x-www-form-urlencoded" {
		return nil, errForm
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, whole))
	if err != nil {
		return nil, errForm
	}
	fields, refusal := dispatch.ParseForm(string(body))
	if refusal != nil {
		return nil, errForm
	}
	f := form{}
	for _, field := range fields {
		if _, twice := f[field.Name]; twice || len(field.Value) > each {
			return nil, errForm
		}
		f[field.Name] = field.Value
	}
	return f, nil
}

func (f form) text(name string) string { return strings.TrimSpace(f[name]) }

// secret is a field whose blanks count.
func (f form) secret(name string) seal.Secret { return seal.NewSecret(f[name]) }

// A login is what somebody types to sign in.
type login struct {
	root     bool
	account  string // id or alias, of a user
	user     string
	email    string // of root
	password seal.Secret
	to       string // where to go afterwards
}

func (h *Handler) loginOf(f form) login {
	return login{
		root: f.text("tab") == store.SignedInRoot, account: f.text("account"), user: f.text("user"), email: f.text("email"),
		password: f.secret("password"), to: h.returnTo(f.text("return")),
	}
}

// accountOf returns the account of an id or alias as people write them. Its
// error is store.ErrNotFound when there is none.
func accountOf(tx *store.Tx, text string) (*identity.Account, error) {
	if id := strings.ReplaceAll(text, "-", ""); arn.ValidAccount(id) {
		return tx.Account(identity.AccountID(id))
	}
	if text == "" {
		return nil, store.ErrNotFound
	}
	return tx.AccountByAlias(text)
}

// A claim is whom a login is about, as far as there is such a one.
type claim struct {
	account *identity.Account // nil for an account that does not exist
	person  *person           // nil for nobody
	tried   tried
}

// tried is whom a login is about, for counting attempts.
func (l *login) tried(address netip.Addr, account *identity.Account) tried {
	name := arn.Fold(l.account + l.email)
	if account != nil {
		name = string(account.ID)
	}
	if l.root {
		return triedOf(address, store.SignedInRoot, name)
	}
	return triedOf(address, store.SignedInUser, name, arn.Fold(l.user))
}

// claimOf finds whom a login is about. However the name is spelled, attempts at
// it are counted as attempts at the same (TH-51).
func claimOf(tx *store.Tx, v *visit, l *login) (c claim, err error) {
	id := identity.RootUser
	if l.root {
		c.account, err = tx.AccountByEmail(l.email)
	} else {
		c.account, err = accountOf(tx, l.account)
	}
	c.tried = l.tried(v.address, c.account)
	if errors.Is(err, store.ErrNotFound) {
		return c, nil
	} else if err != nil {
		return c, err
	}
	if !l.root {
		u, err := tx.User(c.account.ID, identity.UserName(l.user))
		if errors.Is(err, store.ErrNotFound) {
			return c, nil
		} else if err != nil {
			return c, err
		}
		id = u.ID
	}
	c.person, err = personOf(tx, c.account.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return c, nil
	}
	return c, err
}

// A tooEarlyError reports an attempt before the next may be made.
type tooEarlyError struct{ wait time.Duration }

func (e *tooEarlyError) Error() string { return "signin: too early for the next attempt" }

// attempt counts an attempt before what it is worth is known. Its error is a
// tooEarlyError when it may not be made yet, which costs no write.
func (h *Handler) attempt(ctx context.Context, t tried, now time.Time) error {
	var wait time.Duration
	early := func(ask func(*store.Tx, time.Time) (time.Duration, error)) func(*store.Tx) error {
		return func(tx *store.Tx) (err error) {
			wait, err = ask(tx, now)
			return err
		}
	}
	err := h.Store.View(ctx, early(t.wait))
	if err == nil && wait == 0 {
		err = h.Store.Update(ctx, early(t.begin))
	}
	if err == nil && wait > 0 {
		return &tooEarlyError{wait}
	}
	return err
}

// opens reports whether a password is the person's, and takes as long when
// there is nobody.
func (h *Handler) opens(ctx context.Context, p *person, secret seal.Secret) (bool, error) {
	if p == nil {
		return false, h.Passwords.VerifyNobody(ctx, secret)
	}
	return h.Passwords.Opens(ctx, h.Authn.Ring(), p.profile, secret)
}

// servePassword takes the first form: who somebody is, and their password.
func (h *Handler) servePassword(w http.ResponseWriter, r *http.Request, v *visit) {
	if !v.protected() {
		h.refusePlain(w, v)
		return
	}
	f, err := readForm(w, r)
	if err != nil {
		h.badForm(w, v)
		return
	}
	l := h.loginOf(f)
	var c claim
	err = h.Store.View(r.Context(), func(tx *store.Tx) (err error) {
		c, err = claimOf(tx, v, &l)
		return err
	})
	if err == nil {
		err = h.attempt(r.Context(), c.tried, v.now)
	}
	var right bool
	if err == nil {
		right, err = h.opens(r.Context(), c.person, l.password)
	}
	if err == nil && right {
		err = h.Store.Update(r.Context(), func(tx *store.Tx) error { return c.tried.succeed(tx, v.now) })
	}
	switch {
	case err != nil:
		h.passwordAgain(w, v, &l, err)
	case !right:
		h.failed(v, &c, &l)
		h.showLogin(w, v, http.StatusForbidden, &l, textWrong)
	case c.person.state(v.now) == password.Expired:
		h.recordFailure(v, c.person, l.to)
		h.showLogin(w, v, http.StatusForbidden, &l, textExpired)
	default:
		h.setCookie(w, v, rememberedSuffix, remembered(&l), rememberedFor)
		p := &pending{
			Account: c.account.ID, UserID: c.person.id(), Generation: c.person.generation(), Return: l.to, Until: v.now.Add(pendingFor),
		}
		h.proceed(w, v, f, p, c.person)
	}
}

// failed records a sign-in that failed: nothing, where there is no account to
// record it in.
func (h *Handler) failed(v *visit, c *claim, l *login) {
	switch {
	case c.person != nil:
		h.recordFailure(v, c.person, l.to)
	case c.account != nil && !l.root:
		h.recordStranger(v, c.account.ID, l.to)
	}
}

// passwordAgain shows the first form again after something else than a wrong
// password.
func (h *Handler) passwordAgain(w http.ResponseWriter, v *visit, l *login, err error) {
	status, text := h.shown(w, v, err)
	h.showLogin(w, v, status, l, text)
}

// proceed goes on to the next step of a sign-in, or ends it.
func (h *Handler) proceed(w http.ResponseWriter, v *visit, f form, p *pending, who *person) {
	if p.Step = p.next(who, v.now); p.Step == stepDone {
		h.complete(w, v, f, p, "")
		return
	}
	h.showStep(w, v, http.StatusOK, p, "")
}

// The account that was signed in to last stands in a cookie of its own, so that
// nobody types twelve digits twice. It proves nothing.
const (
	rememberedSuffix = "-account"
	rememberedFor    = 365 * 24 * 60 * 60
	maxAccountName   = 63
)

// remembered is what the account's cookie has: what was typed, if it can be an
// account's id or alias.
func remembered(l *login) string {
	if l.root {
		return ""
	}
	return accountText(l.account)
}

// accountText returns what can be the id or alias of an account, and "" for all
// else.
func accountText(s string) string {
	s = arn.Fold(s)
	if len(s) > maxAccountName || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return ""
	}
	return s
}
