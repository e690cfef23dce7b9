package signin

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
)

// A pending is a sign-in that is half done: the password was right and there is
// more to do. It is no session: it lies sealed in the form of the next step, goes
// on once, and is of no use when the password or the devices have changed.
type pending struct {
	ID         string                 `json:"id"`
	Account    identity.AccountID     `json:"a"`
	UserID     string                 `json:"u"`
	Step       step                   `json:"s"`
	Generation store.SignInGeneration `json:"g"`
	MFA        time.Time              `json:"m,omitzero"` // when a code was right
	Serial     string                 `json:"d,omitempty"`
	Challenge  []byte                 `json:"c,omitempty"` // to a passkey
	Return     string                 `json:"r"`
	Until      time.Time              `json:"t"`
}

// A step is what a half-done sign-in has to go through.
type step string

const (
	stepDone     step = ""
	stepCode     step = "code"
	stepPassword step = "password"
	stepClose    step = "close"
)

// pendingFor is how long a sign-in may be half done.
const pendingFor = 5 * time.Minute

const pendingContext = "pending"

// next returns what is due (CO-2, CO-3).
func (p *pending) next(who *person, now time.Time) step {
	switch {
	case len(who.devices) > 0 && p.MFA.IsZero():
		return stepCode
	case who.state(now) != password.Good:
		return stepPassword
	}
	return stepDone
}

// seal returns the form field that goes on with a sign-in, another one each
// time.
func (h *Handler) seal(p *pending) (string, error) {
	var err error
	if p.ID, err = h.draw(); err != nil {
		return "", err
	}
	plain, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	return h.Authn.Ring().SealString(seal.SignIn, pendingContext, plain)
}

// errPending reports a half-done sign-in that does not go on.
var errPending = errors.New("signin: the sign-in has to start over")

// resume opens the form field of a step and uses it up.
func (h *Handler) resume(ctx context.Context, field string, at step, now time.Time) (*pending, *person, error) {
	plain, err := h.Authn.Ring().OpenString(seal.SignIn, pendingContext, field)
	if err != nil {
		return nil, nil, errPending
	}
	var p pending
	if err := json.Unmarshal(plain, &p); err != nil || p.Step != at || !now.Before(p.Until) {
		return nil, nil, errPending
	}
	var who *person
	err = h.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if err := tx.SpendSignIn(p.ID, p.Until); err != nil {
			return err
		}
		who, err = p.person(tx)
		return err
	})
	if errors.Is(err, store.ErrExists) {
		return nil, nil, errPending
	}
	return &p, who, err
}

// person returns who signs in, unless what they sign in with has changed since.
func (p *pending) person(tx *store.Tx) (*person, error) {
	who, err := personOf(tx, p.Account, p.UserID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errPending
	} else if err != nil {
		return nil, err
	}
	if !who.has(p.Generation) || len(who.devices) > len(p.Generation.Devices) {
		return nil, errPending
	}
	return who, nil
}
