package signin

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/store"
)

//go:embed pages
var files embed.FS

// The pages, by the names of their files.
type pages struct {
	templates map[string]*template.Template
	style     template.CSS
}

func parsePages() (*pages, error) {
	style, err := files.ReadFile("pages/style.css")
	if err != nil {
		return nil, err
	}
	p := &pages{templates: map[string]*template.Template{}, style: template.CSS(style)} //nolint:gosec // it is our own file
	for _, name := range []string{"login", "code", "password", "close", "federation", "land", "reload", "refused"} {
		t, err := template.ParseFS(files, "pages/layout.html", "pages/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("reading the sign-in pages: %w", err)
		}
		p.templates[name] = t
	}
	return p, nil
}

// A page is what the templates show.
type page struct {
	Style template.CSS
	Nonce string
	Error string
	// Loopback says that the page copies what its origin keeps into its forms.
	Loopback bool

	// Of the first form.
	Root                         bool
	Account, User, Email, Return string
	UserLink, RootLink           string

	// Of the steps behind it.
	State, Who string
	// Action is where the form goes, if not to the step that the page is of.
	Action   string
	Expired  bool
	Rules    []string
	Sessions []closable

	// Of the step that asks for a device.
	Codes     bool
	Options   json.RawMessage
	Elsewhere []string

	// Of the landing page.
	Secret, To string

	Title, Text string

	// Of a federated sign-in.
	ARN, AccountID, Issuer, Ends string
}

// A closable is a session that may make room for another.
type closable struct{ ID, Name, Account string }

// pagePolicy is the Content-Security-Policy of a page. Nothing is loaded, only
// what has the nonce runs or styles, and forms go nowhere else.
const pagePolicy = "default-src 'none'; script-src 'nonce-%[1]s'; style-src 'nonce-%[1]s'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// show answers with a page.
func (h *Handler) show(w http.ResponseWriter, v *visit, status int, name string, p page) {
	nonce, err := h.draw()
	if err == nil {
		p.Nonce, p.Style, p.Loopback = nonce, h.pages.style, v.loopback
		var b bytes.Buffer
		if err = h.pages.templates[name].ExecuteTemplate(&b, "layout", &p); err == nil {
			head := w.Header()
			head.Set("Content-Security-Policy", fmt.Sprintf(pagePolicy, nonce))
			head.Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = w.Write(b.Bytes()) // a client that is gone needs no answer
			h.logged(v, status, "")
			return
		}
	}
	h.lost(v, err)
	http.Error(w, textFailed, http.StatusInternalServerError)
}

// logged writes the request's one line.
func (h *Handler) logged(v *visit, status int, code string) {
	attrs := []slog.Attr{
		slog.String("request_id", v.id), slog.String("method", v.request.Method), slog.String("path", v.request.URL.Path), slog.Int("status", status),
	}
	if code != "" {
		attrs = append(attrs, slog.String("code", code))
	}
	h.Log.LogAttrs(v.request.Context(), slog.LevelInfo, "sign-in", attrs...)
}

// lost logs a failure of ours, which the browser sees no more of than that.
func (h *Handler) lost(v *visit, err error) {
	h.Log.LogAttrs(v.request.Context(), slog.LevelError, "sign-in failed", slog.String("request_id", v.id), slog.String("error", err.Error()))
}

// shown is what a page says of an error, with its status.
func (h *Handler) shown(w http.ResponseWriter, v *visit, err error) (int, string) {
	early, ok := errors.AsType[*tooEarlyError](err)
	switch {
	case ok:
		seconds := retryAfter(w, early.wait)
		return http.StatusTooManyRequests, fmt.Sprintf("The sign-in failed too often. Please try again in %d seconds.", seconds)
	case errors.Is(err, password.ErrBusy):
		retryAfter(w, time.Second)
		return http.StatusTooManyRequests, textBusy
	case errors.Is(err, errPending):
		return http.StatusForbidden, textRestart
	}
	h.lost(v, err)
	return http.StatusInternalServerError, textFailed
}

// retryAfter says in whole seconds when to come again.
func retryAfter(w http.ResponseWriter, d time.Duration) int {
	seconds := int((d + time.Second - 1) / time.Second)
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return seconds
}

// showPassword shows the first form as it was asked for.
func (h *Handler) showPassword(w http.ResponseWriter, r *http.Request, v *visit) {
	if !v.protected() {
		h.refusePlain(w, v)
		return
	}
	if r.Header.Get("Sec-Fetch-Site") == "cross-site" && !h.known(v) {
		// It was followed from elsewhere, so that strict cookies stayed behind. They
		// come when the page asks for itself.
		h.show(w, v, http.StatusOK, "reload", page{Title: "Sign in", To: Path + v.query()})
		return
	}
	q := v.asked
	l := login{root: q.Get("tab") == store.SignedInRoot, account: accountText(q.Get("account")), to: h.returnTo(q.Get("return"))}
	if l.account == "" {
		l.account = h.rememberedAccount(v)
	}
	h.showLogin(w, v, http.StatusOK, &l, "")
}

// known reports whether any of our cookies came along.
func (h *Handler) known(v *visit) bool {
	for _, suffix := range []string{"", rememberedSuffix} {
		if value, err := h.cookie(v, suffix); err != nil || value != "" {
			return true
		}
	}
	return false
}

func (h *Handler) rememberedAccount(v *visit) string {
	account, err := h.cookie(v, rememberedSuffix)
	if err != nil {
		return ""
	}
	return accountText(account)
}

func (h *Handler) showLogin(w http.ResponseWriter, v *visit, status int, l *login, text string) {
	link := func(tab string) string {
		q := url.Values{"return": {l.to}, "tab": {tab}}
		if l.account != "" {
			q.Set("account", l.account)
		}
		return Path + "?" + q.Encode()
	}
	h.show(w, v, status, "login", page{
		Title: "Sign in", Error: text, Root: l.root, Account: l.account, User: l.user, Email: l.email, Return: l.to,
		UserLink: link(store.SignedInUser), RootLink: link(store.SignedInRoot),
	})
}

// showStep shows a later step.
func (h *Handler) showStep(w http.ResponseWriter, v *visit, status int, p *pending, text string) {
	var who *person
	var f factors
	var state string
	err := h.Store.View(v.request.Context(), func(tx *store.Tx) (err error) {
		who, err = personOf(tx, p.Account, p.UserID)
		return err
	})
	if err == nil && p.Step == stepCode {
		if p.Challenge, err = h.newChallenge(); err == nil {
			f, err = h.factorsOf(v.request, who, p.Challenge)
		}
	}
	if err == nil {
		state, err = h.seal(p)
	}
	if err != nil {
		h.startOver(w, v, err)
		return
	}
	view := page{
		Title: "Sign in", Error: text, State: state, Who: title(who),
		Codes: f.codes, Options: f.options, Elsewhere: f.elsewhere,
	}
	if p.Step == stepPassword {
		view.Title, view.Expired, view.Rules = "Change your password", !who.profile.ResetRequired, rules(who.policy)
	}
	h.show(w, v, status, string(p.Step), view)
}

// showClose asks which session is to make room.
func (h *Handler) showClose(w http.ResponseWriter, v *visit, p *pending, list []openSession) {
	p.Step = stepClose
	state, err := h.seal(p)
	if err != nil {
		h.startOver(w, v, err)
		return
	}
	h.showClosable(w, v, page{State: state}, list)
}

func (h *Handler) showClosable(w http.ResponseWriter, v *visit, view page, list []openSession) {
	view.Title = "Close a session"
	for _, s := range list {
		c := closable{s.ID, title(s.person), ""}
		if s.Role != nil {
			c.Name, c.Account = s.Role.DisplayName, string(s.Role.Account)
		}
		view.Sessions = append(view.Sessions, c)
	}
	h.show(w, v, http.StatusOK, "close", view)
}

// title says on a page who somebody is.
func title(p *person) string {
	switch {
	case p.given != nil:
		return p.given.title() + " @ " + accountName(p.account)
	case p.user == nil:
		return "root of " + accountName(p.account)
	}
	return string(p.user.Name) + " @ " + accountName(p.account)
}

// rules are what an account asks of passwords, in words.
func rules(p *identity.PasswordPolicy) []string {
	if p == nil {
		return []string{"at least 8 characters", "three of: capitals, small letters, digits, symbols"}
	}
	list := []string{fmt.Sprintf("at least %d characters", p.MinLength)}
	for _, r := range []struct {
		asked bool
		text  string
	}{
		{p.Upper, "a capital letter"},
		{p.Lower, "a small letter"},
		{p.Numbers, "a digit"},
		{p.Symbols, "a symbol: " + password.Symbols},
		{p.Reuse > 0, fmt.Sprintf("none of your last %d passwords", p.Reuse)},
	} {
		if r.asked {
			list = append(list, r.text)
		}
	}
	return list
}

// land leaves for the console. On loopback a page stores the secret in the
// origin's own storage first.
func (h *Handler) land(w http.ResponseWriter, v *visit, secret, to string) {
	if secret == "" && !elsewhere(to) {
		http.Redirect(w, v.request, to, http.StatusSeeOther)
		h.logged(v, http.StatusSeeOther, "")
		return
	}
	h.show(w, v, http.StatusOK, "land", page{Title: "Signed in", Secret: secret, To: to})
}

// refusePlain refuses to take a password over a connection that others read.
func (h *Handler) refusePlain(w http.ResponseWriter, v *visit) {
	h.show(w, v, http.StatusForbidden, "refused", page{
		Title: "No sign-in without TLS",
		Text: "This page came over plain HTTP, where passwords and sessions can be read on the way. Open it by its https address, " +
			"or at http://localhost on the machine that Regent runs on. Behind a proxy that speaks TLS, the server has to trust it: trusted-proxies.",
	})
}

func (h *Handler) refuseCookies(w http.ResponseWriter, v *visit) {
	h.show(w, v, http.StatusBadRequest, "refused", page{
		Title: "Two cookies of one name",
		Text:  "The browser sent the cookie of this site twice, and one of the two is not from here. Remove the cookies of this site, then sign in again.",
	})
}

func (h *Handler) refuseOrigin(w http.ResponseWriter, v *visit) {
	h.show(w, v, http.StatusForbidden, "refused", page{
		Title: "Refused", Text: "The form was sent by a page of another site.",
	})
}

func (h *Handler) badForm(w http.ResponseWriter, v *visit) {
	h.show(w, v, http.StatusBadRequest, "refused", page{Title: "Unreadable form", Text: "The form could not be read. Please sign in again."})
}
