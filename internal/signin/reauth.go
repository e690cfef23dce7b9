package signin

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
)

// reauthEvent is what the record calls it when somebody proves again who they
// are.
const reauthEvent = "Reauthenticate"

// errIncorrect is the answer to a password or a code that is wrong.
var errIncorrect = &callError{Status: http.StatusForbidden, Code: "Incorrect", Message: textWrong}

// reauth takes a password, a code or both from somebody who signed in, so that
// for a while they may do with new credentials what is dangerous (TH-90). The
// server asks for it, whatever the page does.
func (h *Handler) reauth(ctx context.Context, a *asking) (any, error) {
	var in struct {
		Session  string `json:"session"`
		Password string `json:"password"`
		Code     string `json:"code"`
	}
	if err := a.read(&in); err != nil {
		return nil, err
	}
	if in.Password == "" && in.Code == "" {
		return nil, badCall("A password or a code is wanted.")
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
	if err := h.proven(ctx, a, o.origin.ID, strings.ReplaceAll(in.Code, " ", ""), n); err != nil {
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

// proven notes that a sign-in was proved again, once a code, if there is one,
// was right too.
func (h *Handler) proven(ctx context.Context, a *asking, id, code string, n renewal) error {
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
		if code != "" {
			if _, failure, err = proveCode(tx, h.Authn.Ring(), who.devices, code, a.now); err != nil || failure != nil {
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
