package signin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/passkey"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
)

// reauthEvent is what the record calls it when somebody proves again who they
// are.
const reauthEvent = "Reauthenticate"

// errIncorrect is the answer to a password or a code that is wrong.
var errIncorrect = &callError{Status: http.StatusForbidden, Code: "Incorrect", Message: textWrong}

// reauthOptions says by what somebody who signed in can prove again who they are,
// beside the password: by a code, and by a passkey of this host.
func (h *Handler) reauthOptions(ctx context.Context, a *asking) (any, error) {
	var in sessionInput
	if err := a.read(&in); err != nil {
		return nil, err
	}
	var out struct {
		Codes bool `json:"codes"`
		// Passkey is what the browser asks for one with; null when there is none.
		Passkey json.RawMessage `json:"passkey"`
	}
	var o openSession
	c := challenge{Session: in.Session, Until: a.now.Add(challengeFor)}
	err := h.Store.View(ctx, func(tx *store.Tx) error {
		s, err := h.see(tx, a)
		if err != nil {
			return err
		}
		if o, err = find(s.list, in.Session); err != nil {
			return err
		}
		c.Browser, c.Session, c.Account, c.UserID = s.ID, o.origin.ID, o.origin.Account, o.origin.UserID
		return nil
	})
	if err != nil {
		return nil, err
	}
	sealed, err := h.sealChallenge(&c, proofContext)
	if err != nil {
		return nil, err
	}
	f, err := h.factorsOf(a.request, o.person, sealed)
	out.Codes, out.Passkey = f.codes, f.options
	return out, err
}

// A factor proves, in a transaction, that somebody has a device. A failure is in
// the result, so that what was counted or used up is kept.
type factor func(tx *store.Tx, browser string, who *person) (failure, err error)

// factorOf is what a call has to prove beside the password; nil for nothing.
func (h *Handler) factorOf(a *asking, id, code string, answer json.RawMessage) factor {
	if code != "" {
		return func(tx *store.Tx, _ string, who *person) (failure, err error) {
			_, failure, err = proveCode(tx, h.Authn.Ring(), who.devices, code, a.now)
			return failure, err
		}
	}
	if len(answer) == 0 {
		return nil
	}
	asked, sealed, ok := h.openChallenge(answer, proofContext, a.now)
	return func(tx *store.Tx, browser string, who *person) (failure, err error) {
		if !ok || asked.Browser != browser || asked.Session != id || asked.Account != who.account.ID || asked.UserID != who.id() {
			return errIncorrect, nil
		}
		err = tx.SpendSignIn(asked.ID, asked.Until)
		if errors.Is(err, store.ErrExists) {
			return errIncorrect, nil
		} else if err != nil {
			return nil, err
		}
		device, err := h.answered(a.visit, who, sealed, answer)
		if err == nil {
			err = countPasskey(tx, who.devices, device)
		}
		if errors.Is(err, passkey.ErrRefused) {
			return errIncorrect, nil
		}
		return nil, err
	}
}

// reauth takes a password, a code or a passkey's answer, or a password and one of
// them, from somebody who signed in, so that
// for a while they may do with new credentials what is dangerous (TH-90). The
// server asks for it, whatever the page does.
func (h *Handler) reauth(ctx context.Context, a *asking) (any, error) {
	var in struct {
		Session  string `json:"session"`
		Password string `json:"password"`
		Code     string `json:"code"`
		// Credential is what a passkey answered to reauthOptions.
		Credential json.RawMessage `json:"credential"`
	}
	if err := a.read(&in); err != nil {
		return nil, err
	}
	if in.Password == "" && in.Code == "" && len(in.Credential) == 0 || in.Code != "" && len(in.Credential) > 0 {
		return nil, badCall("A password, a code or a passkey is wanted.")
	}
	var o openSession
	err := h.Store.View(ctx, func(tx *store.Tx) error {
		s, err := h.change(tx, a)
		if err == nil {
			o, err = find(s.list, in.Session)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if in.Password != "" {
		if err := h.provePassword(ctx, a, &o, seal.NewSecret(in.Password)); err != nil {
			return nil, err
		}
	}
	n, err := h.renewal(a.visit)
	if err != nil {
		return nil, err
	}
	prove := h.factorOf(a, o.origin.ID, strings.ReplaceAll(in.Code, " ", ""), in.Credential)
	if err := h.proven(ctx, a, o.origin.ID, prove, n); err != nil {
		return nil, err
	}
	h.handOver(a, n)
	return map[string]time.Time{"reauthenticatedAt": a.now.Truncate(time.Second)}, nil
}

// provePassword checks the password of who signed in. It counts as an attempt to
// sign in (TH-51).
func (h *Handler) provePassword(ctx context.Context, a *asking, o *openSession, secret seal.Secret) error {
	l := login{root: o.person.user == nil, user: o.person.name()}
	t := l.tried(a.address, o.person.account)
	if err := h.attempt(ctx, t, a.now); err != nil {
		return err
	}
	right, err := h.opens(ctx, o.person, secret)
	if err != nil {
		return err
	}
	if !right {
		h.keep(h.reauthFailed(a, o.person))
		return errIncorrect
	}
	return h.Store.Update(ctx, func(tx *store.Tx) error { return t.succeed(tx, a.now) })
}

// proven notes that a sign-in was proved again, once the factor, if there is one,
// was right too.
func (h *Handler) proven(ctx context.Context, a *asking, id string, prove factor, n renewal) error {
	var failure error
	var who *person
	err := h.Store.Update(ctx, func(tx *store.Tx) error {
		failure = nil
		s, err := h.change(tx, a)
		if err != nil {
			return err
		}
		o, err := find(s.list, id)
		if err != nil {
			return err
		}
		who = o.person
		if prove != nil {
			if failure, err = prove(tx, s.ID, who); err != nil || failure != nil {
				return err
			}
			o.MFA, o.Generation.Devices = a.now, who.generation().Devices
		}
		o.Proved = a.now
		n.renew(a.visit, s.Browser)
		if err := tx.PutBrowser(s.Browser); err != nil {
			return err
		}
		return record.Commit(tx, a.now, h.event(a.visit, reauthEvent, succeeded, who.who(), nil))
	})
	switch {
	case err != nil:
		return err
	case failure != nil:
		h.keep(h.reauthFailed(a, who))
		return errIncorrect
	}
	h.Recorder.Wake()
	return nil
}

func (h *Handler) reauthFailed(a *asking, who *person) *record.Event {
	e := h.event(a.visit, reauthEvent, failed, who.who(), nil)
	e.ErrorMessage = failedLogin
	return e
}
