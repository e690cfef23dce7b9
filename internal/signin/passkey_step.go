package signin

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/passkey"
	"github.com/regent-iam/regent/internal/store"
)

// Where a sign-in asks for a code it takes a passkey just as well (CO-3). It is
// the one step that needs a script.

// site is the origin at which the browser has the pages of the sign-in: passkeys
// are bound to it.
func (h *Handler) site(r *http.Request) string {
	if h.Site != "" {
		return h.Site
	}
	if _, secure := h.Proxies.Peer(r); secure {
		return "https://" + arn.Fold(r.Host)
	}
	return "http://" + arn.Fold(r.Host)
}

func (h *Handler) party(r *http.Request) passkey.Party {
	site := h.site(r)
	return passkey.Party{Host: passkey.HostOf(site), Origin: site}
}

// passkeyHolder is a person as the holder of passkeys.
func (p *person) passkeyHolder() *passkey.Holder {
	return &passkey.Holder{Account: p.account.ID, UserID: p.id(), Name: title(p), Devices: p.devices}
}

// newChallenge draws a challenge.
func (h *Handler) newChallenge() ([]byte, error) {
	c := make([]byte, 32)
	_, err := io.ReadFull(h.Random, c)
	return c, err
}

// A factors is what a page can ask for beside the password.
type factors struct {
	codes   bool
	options json.RawMessage // nil when there is no passkey that serves here
	// elsewhere are the hosts at which other passkeys serve.
	elsewhere []string
}

// factorsOf says what of a person's devices can be asked for here; a passkey, with
// the challenge.
func (h *Handler) factorsOf(r *http.Request, who *person, challenge []byte) (f factors, err error) {
	for _, d := range who.devices {
		switch {
		case d.Passkey == nil:
			f.codes = true
		case !slices.Contains(f.elsewhere, d.Passkey.Host):
			f.elsewhere = append(f.elsewhere, d.Passkey.Host)
		}
	}
	f.options, err = h.party(r).Ask(who.passkeyHolder(), challenge)
	switch {
	case errors.Is(err, passkey.ErrNone), errors.Is(err, passkey.ErrHost):
		return f, nil
	case err != nil:
		return f, err
	}
	f.elsewhere = nil
	return f, nil
}

// answered returns the device of a person that answered a challenge. Its error is
// passkey.ErrRefused when none did.
func (h *Handler) answered(v *visit, who *person, challenge []byte, answer json.RawMessage) (*identity.MFADevice, error) {
	device, err := h.party(v.request).Answered(who.passkeyHolder(), challenge, answer)
	switch {
	case errors.Is(err, passkey.ErrCloned):
		h.Log.LogAttrs(v.request.Context(), slog.LevelWarn, "a passkey may have been copied: its count went back",
			slog.String("request_id", v.id), slog.String("account", string(who.account.ID)), slog.String("user", who.id()))
		return nil, passkey.ErrRefused
	case errors.Is(err, passkey.ErrHost):
		return nil, passkey.ErrRefused
	}
	return device, err
}

// servePasskey takes what a passkey answered.
func (h *Handler) servePasskey(w http.ResponseWriter, r *http.Request, v *visit) {
	f, p, who, ok := h.step(w, r, v, stepCode)
	if !ok {
		return
	}
	device, err := h.answered(v, who, p.Challenge, json.RawMessage(f.text("credential")))
	if err == nil {
		err = h.Store.Update(r.Context(), func(tx *store.Tx) (err error) {
			if who, err = p.person(tx); err != nil {
				return err
			}
			return countPasskey(tx, who.devices, device)
		})
	}
	switch {
	case errors.Is(err, passkey.ErrRefused):
		h.recordFailure(v, who, p.Return)
		h.showStep(w, v, http.StatusForbidden, p, textWrong)
	case err != nil:
		h.startOver(w, v, err)
	default:
		p.MFA, p.Serial = v.now, device.Serial()
		h.keep(h.event(v, checkMFA, succeeded, who.who(), map[string]any{"MfaType": securityKeys}))
		h.proceed(w, v, f, p, who)
	}
}

// countPasskey keeps the count of a passkey that answered, unless it answered to
// something else in the meantime.
func countPasskey(tx *store.Tx, devices []*identity.MFADevice, answered *identity.MFADevice) error {
	for _, d := range devices {
		if d.Passkey == nil || d.Serial() != answered.Serial() {
			continue
		}
		if now := answered.Passkey.Count; now != 0 && now <= d.Passkey.Count {
			return passkey.ErrRefused
		}
		return tx.PutDevice(answered)
	}
	return passkey.ErrRefused
}
