package signin

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// step begins a later step: it reads the form and opens what it goes on with.
// When that fails it has answered.
func (h *Handler) step(w http.ResponseWriter, r *http.Request, v *visit, at step) (form, *pending, *person, bool) {
	if !v.protected() {
		h.refusePlain(w, v)
		return nil, nil, nil, false
	}
	f, err := readForm(w, r)
	if err != nil {
		h.badForm(w, v)
		return nil, nil, nil, false
	}
	p, who, err := h.resume(r.Context(), f.text("state"), at, v.now)
	if err != nil {
		h.startOver(w, v, err)
		return nil, nil, nil, false
	}
	return f, p, who, true
}

// startOver shows the first form, since a later one does not go on.
func (h *Handler) startOver(w http.ResponseWriter, v *visit, err error) {
	status, text := h.shown(w, v, err)
	h.showLogin(w, v, status, &login{to: consolePath, account: h.rememberedAccount(v)}, text)
}

var (
	// errCode reports a code that is none of the person's devices', and
	// errCodeBlocked that none of them may be tried yet.
	errCode        = errors.New("signin: wrong code")
	errCodeBlocked = errors.New("signin: too many wrong codes")
)

// proveCode checks a code against the devices that are the person's: any one
// will do (CO-3). The code is used up, or a wrong one is counted on each, in the
// transaction; a failure is in the result, so that what was counted is kept.
func proveCode(tx *store.Tx, ring *seal.Ring, devices []*identity.MFADevice, code string, now time.Time) (serial string, result, err error) {
	result = errCode
	var tried []*identity.MFADevice
	for _, d := range devices {
		if d.Passkey != nil {
			continue // it shows none
		}
		attempt := *d
		switch checked := mfa.Check(ring, &attempt, code, now); {
		case checked == nil:
			return d.Serial(), nil, tx.PutDevice(&attempt)
		case errors.Is(checked, mfa.ErrCode):
			tried, result = append(tried, &attempt), errCode
		case !errors.Is(checked, mfa.ErrBlocked):
			return "", nil, checked
		case len(tried) == 0:
			result = errCodeBlocked
		}
	}
	for _, d := range tried {
		if err := tx.PutDevice(d); err != nil {
			return "", nil, err
		}
	}
	return "", result, nil
}

// serveCode takes a one-time code.
func (h *Handler) serveCode(w http.ResponseWriter, r *http.Request, v *visit) {
	f, p, who, ok := h.step(w, r, v, stepCode)
	if !ok {
		return
	}
	code := strings.ReplaceAll(f.text("code"), " ", "")
	var serial string
	var result error
	err := h.Store.Update(r.Context(), func(tx *store.Tx) (err error) {
		if who, err = p.person(tx); err != nil {
			return err
		}
		serial, result, err = proveCode(tx, h.Authn.Ring(), who.devices, code, v.now)
		return err
	})
	switch {
	case err != nil:
		h.startOver(w, v, err)
	case errors.Is(result, errCodeBlocked):
		h.showStep(w, v, http.StatusTooManyRequests, p, "Wrong codes were entered too often. Please wait a few minutes, then try again.")
	case result != nil:
		h.recordFailure(v, who, p.Return)
		h.showStep(w, v, http.StatusForbidden, p, textWrong)
	default:
		p.MFA, p.Serial = v.now, serial
		h.keep(h.event(v, checkMFA, succeeded, who.who(), map[string]any{"MfaType": virtualDevices}))
		h.proceed(w, v, f, p, who)
	}
}

// serveNewPassword takes the password that has to replace the one that was
// given (CO-2).
func (h *Handler) serveNewPassword(w http.ResponseWriter, r *http.Request, v *visit) {
	f, p, who, ok := h.step(w, r, v, stepPassword)
	if !ok {
		return
	}
	next, again := f.secret("new-password"), f.secret("again")
	if !next.Equal(again) {
		h.showStep(w, v, http.StatusBadRequest, p, "The two passwords differ.")
		return
	}
	err := h.changePassword(r.Context(), v, p, who, next)
	if violation, ok := errors.AsType[*password.ViolationError](err); ok {
		h.showStep(w, v, http.StatusBadRequest, p, violation.Reason+".")
		return
	}
	if errors.Is(err, password.ErrBusy) {
		status, text := h.shown(w, v, err)
		h.showStep(w, v, status, p, text)
		return
	}
	if err != nil {
		h.startOver(w, v, err)
		return
	}
	h.proceed(w, v, f, p, who)
}

// changePassword gives the person another password, which nobody has to allow:
// nothing else is allowed before (CO-2). It ends all sign-ins with the old one.
func (h *Handler) changePassword(ctx context.Context, v *visit, p *pending, who *person, next seal.Secret) error {
	if err := password.Check(who.policy, who.account, next.Reveal()); err != nil {
		return err
	}
	last := 1 // at least not the one that is to be replaced
	if who.policy != nil {
		last = max(last, int(who.policy.Reuse))
	}
	ring := h.Authn.Ring()
	reused, err := h.Passwords.Reused(ctx, ring, who.profile, last, next)
	if err != nil {
		return err
	}
	if reused {
		return &password.ViolationError{Reason: "The password must not be one that you had before"}
	}
	sealed, err := h.Passwords.Seal(ctx, ring, h.Random, who.profile, next)
	if err != nil {
		return err
	}
	event := h.passwordChanged(v, who)
	err = h.Store.Update(ctx, func(tx *store.Tx) error {
		now, err := p.person(tx) // with the generation that the old password was of
		if err != nil {
			return err
		}
		password.Set(now.profile, sealed, v.now)
		now.profile.ResetRequired = false
		if err := tx.PutLoginProfile(now.profile); err != nil {
			return err
		}
		l := session.SignIns(p.Account, now.principal())
		if err := tx.Revoke(l.Account, l.ID, v.now, v.now.Add(session.Remembered)); err != nil {
			return err
		}
		*who = *now
		return record.Commit(tx, v.now, event)
	})
	if err == nil {
		p.Generation = who.generation()
		h.Recorder.Wake()
	}
	return err
}

// passwordChanged is the event of a password that was changed on the way in: of
// a user it is the one of the API (RE-46).
func (h *Handler) passwordChanged(v *visit, who *person) *record.Event {
	if who.user == nil {
		return h.event(v, "PasswordUpdated", succeeded, who.who(), nil)
	}
	e := h.event(v, "ChangePassword", succeeded, who.who(), nil)
	e.Source, e.Type, e.Region, e.ResponseElements, e.AdditionalEventData = "iam.amazonaws.com", record.APICall, globalRegion, nil, nil
	return e
}

// serveClose takes which session makes room for the one that is to be opened.
func (h *Handler) serveClose(w http.ResponseWriter, r *http.Request, v *visit) {
	f, p, _, ok := h.step(w, r, v, stepClose)
	if !ok {
		return
	}
	h.complete(w, v, f, p, f.text("close"))
}
