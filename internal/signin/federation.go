package signin

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

// FederationPath is AWS's federation endpoint: a program trades credentials for
// a token there, and sends a browser there with it (CO-20). It lies outside of
// what is Regent's own and serves no page (TH-85).
const FederationPath = "/federation"

const (
	// tokenFor is how long a token is good (CO-22). AWS's are for fifteen minutes;
	// one that is for a browser that is sent on at once need not lie around.
	tokenFor = time.Minute
	// confirmFor is how long the page is good that asks whether to go on.
	confirmFor = 5 * time.Minute
	// The bounds of a SessionDuration.
	shortestGiven = 15 * time.Minute

	tokenContext   = "signin-token"
	confirmContext = "federation"

	// maxFederation is how long the parameters may be. A session token can have
	// some twenty kilobytes.
	maxFederation = 64 << 10
)

// A signinToken is what credentials are traded for. It is for one sign-in, and
// the page that asks whether to go on has it sealed once more.
type signinToken struct {
	ID    string               `json:"id"`
	KeyID identity.AccessKeyID `json:"k"`
	Token string               `json:"t"`
	// Lasts is how long the sign-in may last, 0 for as long as the credentials.
	Lasts time.Duration `json:"d,omitempty"`
	// Until is when it is good for nothing any more, not even on the page.
	Until time.Time `json:"u"`

	// Of the page: where to go on to, and where the holder signs in again.
	Return string `json:"r,omitempty"`
	Issuer string `json:"i,omitempty"`
}

// good is until when a browser may come with it.
func (t *signinToken) good() time.Time { return t.Until.Add(-confirmFor) }

func (t *signinToken) credentials() *identity.GivenCredentials {
	return &identity.GivenCredentials{KeyID: t.KeyID, Token: t.Token, Issuer: t.Issuer}
}

func (h *Handler) sealToken(t *signinToken, context string) (string, error) {
	plain, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	return h.Authn.Ring().SealString(seal.SignIn, context, plain)
}

func (h *Handler) openToken(text, context string) (*signinToken, bool) {
	plain, err := h.Authn.Ring().OpenString(seal.SignIn, context, text)
	if err != nil {
		return nil, false
	}
	t := new(signinToken)
	return t, json.Unmarshal(plain, t) == nil
}

// A federationError is what a program is told, with a status of 400.
type federationError struct{ text string }

func (e *federationError) Error() string { return "signin: " + e.text }

func badFederation(text string) error { return &federationError{text} }

// ServeFederation serves FederationPath. No cookie is read or set here.
func (h *Handler) ServeFederation(w http.ResponseWriter, r *http.Request) {
	v := h.visitOf(r)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Amzn-Requestid", v.id)
	out, err := h.federate(w, r, v)
	w.Header().Set("Content-Type", "application/json")
	refused, ok := errors.AsType[*federationError](err)
	switch {
	case ok:
		h.answer(w, v, http.StatusBadRequest, "BadRequest", map[string]*callError{"error": badCall(refused.text)})
	case err != nil:
		h.lost(v, err)
		h.answer(w, v, http.StatusInternalServerError, "InternalFailure", map[string]*callError{"error": {Code: "InternalFailure", Message: textFailed}})
	case out == "":
	default:
		h.answer(w, v, http.StatusOK, "", map[string]string{"SigninToken": out})
	}
}

// federate answers a browser, or returns the token for a program.
func (h *Handler) federate(w http.ResponseWriter, r *http.Request, v *visit) (token string, err error) {
	p, err := federationParameters(w, r)
	if err != nil {
		return "", err
	}
	switch action := p["Action"]; {
	case action == "getSigninToken":
		return h.getSigninToken(v, p)
	case action == "login" && reads(r):
		// A page would have no cookie of its own here, nor any of its protection.
		q := url.Values{}
		for _, name := range []string{"SigninToken", "Destination", "Issuer"} {
			if p[name] != "" {
				q.Set(name, p[name])
			}
		}
		w.Header().Set("Location", h.Site+Path+"/federation?"+q.Encode())
		w.WriteHeader(http.StatusSeeOther)
		h.logged(v, http.StatusSeeOther, "")
		return "", nil
	case action == "login":
		return "", badFederation("A browser comes here by a link.")
	}
	return "", badFederation("Action must be getSigninToken or login.")
}

// federationParameters reads the parameters, of the query or of a form, each
// once (TH-1).
func federationParameters(w http.ResponseWriter, r *http.Request) (map[string]string, error) {
	_, q, err := sigv4.ParseTarget(r.RequestURI)
	if err != nil {
		return nil, badFederation("The parameters could not be read.")
	}
	p := map[string]string{}
	add := func(name, value string) error {
		if _, twice := p[name]; twice {
			return badFederation("A parameter must not be given twice.")
		}
		p[name] = value
		return nil
	}
	for pair := range q.All() {
		if err := add(pair.Name, pair.Value); err != nil {
			return nil, err
		}
	}
	if reads(r) {
		return p, nil
	}
	if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); r.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" {
		return nil, badFederation("A GET or a form is wanted.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxFederation))
	if err != nil {
		return nil, badFederation("The parameters could not be read.")
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, badFederation("The parameters could not be read.")
	}
	for name, values := range form {
		for _, value := range values {
			if err := add(name, value); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// badCredentials is the one answer to credentials that are not good, whatever is
// the matter with them.
const badCredentials = "The Session holds no credentials that are valid and of a role or a federated user."

// getSigninToken trades credentials for a token (CO-20).
func (h *Handler) getSigninToken(v *visit, p map[string]string) (string, error) {
	if kind := p["SessionType"]; kind != "" && kind != "json" {
		return "", badFederation("SessionType must be json.")
	}
	var given struct {
		ID    string `json:"sessionId"`
		Key   string `json:"sessionKey"`
		Token string `json:"sessionToken"`
	}
	d := json.NewDecoder(strings.NewReader(p["Session"]))
	d.DisallowUnknownFields()
	if err := d.Decode(&given); err != nil || given.ID == "" || given.Key == "" || given.Token == "" {
		return "", badFederation("Session must be JSON with sessionId, sessionKey and sessionToken.")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return "", badFederation("Session must be JSON with sessionId, sessionKey and sessionToken.")
	}
	t := &signinToken{KeyID: identity.AccessKeyID(given.ID), Token: given.Token, Until: v.now.Add(tokenFor + confirmFor)}
	var err error
	if t.Lasts, err = durationOf(p["SessionDuration"]); err != nil {
		return "", err
	}
	if t.ID, err = h.draw(); err != nil {
		return "", err
	}
	var event *record.Event
	err = h.Store.View(v.request.Context(), func(tx *store.Tx) error {
		who, err := h.givenNow(tx, t, v.now)
		if err != nil {
			return err
		}
		if right, err := secretIs(tx, h.Authn, t.KeyID, given.Key, given.Token); err != nil || !right {
			return errors.Join(err, badFederation(badCredentials))
		}
		if t.Lasts > 0 && !mayLast(who.given.caller.Session) {
			return badFederation("SessionDuration is for credentials of a role that was assumed with a long-term key or by an identity provider.") // CO-21
		}
		event = h.event(v, "GetSigninToken", succeeded, who.who(), map[string]any{"MobileVersion": "No", "MFAUsed": yes(!who.given.mfa().IsZero())})
		event.ResponseElements = object(map[string]any{
			"GetSigninToken": succeeded, "credentials": map[string]any{"accessKeyId": string(t.KeyID)},
		})
		return nil
	})
	if err != nil {
		return "", err
	}
	h.keep(event)
	return h.sealToken(t, tokenContext)
}

func yes(b bool) string {
	if b {
		return "Yes"
	}
	return "No"
}

// durationOf reads a SessionDuration; "" is 0.
func durationOf(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	seconds, err := strconv.Atoi(text)
	d := time.Duration(seconds) * time.Second
	if err != nil || strconv.Itoa(seconds) != text || d < shortestGiven || d > longest {
		return 0, badFederation("SessionDuration must be from 900 to 43200 seconds.")
	}
	return d, nil
}

// givenNow returns whose the credentials of a token are, while they last.
func (h *Handler) givenNow(tx *store.Tx, t *signinToken, now time.Time) (*person, error) {
	who, err := h.givenPerson(tx, t.credentials())
	if errors.Is(err, errEnded) || err == nil && !now.Before(who.given.caller.Session.Expires) {
		return nil, badFederation(badCredentials)
	}
	return who, err
}

// ends is when a sign-in with the credentials would end (CO-24).
func (t *signinToken) ends(who *person, now time.Time) time.Time {
	if t.Lasts > 0 {
		return now.Add(t.Lasts)
	}
	return who.given.caller.Session.Expires
}

// What the pages of a federated sign-in say.
const (
	textStale  = "The link that you came by is too old, was used before, or is none of this server's. Go back to where you came from and try again."
	titleGiven = "Open the console?"
)

// showFederation asks whether to sign in with the credentials of a token. The
// link may have been anybody's, so that the page says first of all who one would
// be (TH-86).
func (h *Handler) showFederation(w http.ResponseWriter, r *http.Request, v *visit) {
	if !v.protected() {
		h.refusePlain(w, v)
		return
	}
	p, err := federationParameters(w, r)
	if err != nil {
		h.noToken(w, v)
		return
	}
	t, ok := h.openToken(p["SigninToken"], tokenContext)
	if !ok || !v.now.Before(t.good()) {
		h.noToken(w, v)
		return
	}
	t.Return, t.Issuer = h.destination(r, p["Destination"]), issuerOf(p["Issuer"])
	h.showConfirm(w, v, t)
}

func (h *Handler) noToken(w http.ResponseWriter, v *visit) {
	h.show(w, v, http.StatusForbidden, "refused", page{Title: "No sign-in", Text: textStale})
}

func (h *Handler) showConfirm(w http.ResponseWriter, v *visit, t *signinToken) {
	var who *person
	err := h.Store.View(v.request.Context(), func(tx *store.Tx) (err error) {
		who, err = h.givenNow(tx, t, v.now)
		return err
	})
	if _, refused := errors.AsType[*federationError](err); refused {
		h.noToken(w, v)
		return
	}
	var state string
	if err == nil {
		state, err = h.sealToken(t, confirmContext)
	}
	if err != nil {
		h.startOver(w, v, err)
		return
	}
	to := ""
	if elsewhere(t.Return) {
		to = t.Return
	}
	h.show(w, v, http.StatusOK, "federation", page{
		Title: titleGiven, State: state, Who: who.given.title(), ARN: who.arn(), Account: who.account.Alias, AccountID: string(who.account.ID),
		Issuer: t.Issuer, To: to, Ends: t.ends(who, v.now).Format("15:04 UTC"),
	})
}

// serveFederationForm signs in with the credentials of a token, once somebody
// has said that they want to.
func (h *Handler) serveFederationForm(w http.ResponseWriter, r *http.Request, v *visit) {
	if !v.protected() {
		h.refusePlain(w, v)
		return
	}
	f, err := readLong(w, r, 2*maxFederation, 2*maxFederation)
	if err != nil {
		h.badForm(w, v)
		return
	}
	t, ok := h.openToken(f.text("state"), confirmContext)
	if !ok || !v.now.Before(t.Until) {
		h.noToken(w, v)
		return
	}
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
	var event *record.Event
	err = h.Store.Update(v.request.Context(), func(tx *store.Tx) error {
		who, err := h.givenNow(tx, t, v.now)
		if err != nil {
			return err
		}
		if err := tx.SpendSignIn(t.ID, t.Until); err != nil {
			return err
		}
		s := who.given.signedIn(t.credentials(), &n, v.now, t.ends(who, v.now))
		if out, err = h.enter(tx, v, &n, s, shown, f.text("close")); err != nil {
			return err
		}
		data := loginData(t.Return, "")
		data["MFAUsed"] = yes(!s.MFA.IsZero())
		event = h.event(v, consoleLogin, succeeded, who.who(), data)
		return record.Commit(tx, v.now, event)
	})
	_, refused := errors.AsType[*federationError](err)
	switch {
	case errors.Is(err, errFull):
		h.showClosable(w, v, page{State: f.text("state"), Action: Path + "/federation"}, out.list)
	case refused, errors.Is(err, store.ErrExists):
		h.noToken(w, v)
	case err != nil:
		h.startOver(w, v, err)
	default:
		h.arrive(w, v, &n, &out, t.Return)
	}
}

// destination returns where a sign-in goes on to: a path of the console, given
// as such or as a URL of this site, or what was configured, and else the
// console's beginning (TH-87). AWS's console is no place to go to from here.
func (h *Handler) destination(r *http.Request, asked string) string {
	if path, ok := strings.CutPrefix(asked, h.site(r)); ok && strings.HasPrefix(path, "/") {
		return h.returnTo(path)
	}
	return h.returnTo(asked)
}

// maxIssuer is how long the address may be where somebody signs in again.
const maxIssuer = 2048

// issuerOf returns the address where somebody signs in again, if it is one that
// a browser can be sent to and a person can read, and "" if not.
func issuerOf(asked string) string {
	u, err := url.Parse(asked)
	if err != nil || len(asked) > maxIssuer || u.User != nil || u.Host == "" || u.Opaque != "" {
		return ""
	}
	for _, c := range asked {
		if c <= 0x20 || c >= 0x7f || c == '\\' {
			return ""
		}
	}
	if u.Scheme == "https" || u.Scheme == "http" && loopbackHost(u.Host) {
		return asked
	}
	return ""
}
