package signin

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/passkey"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

// A passkey is made in two calls: one returns the options for the browser, and
// the other takes what it made and gives it to its holder over the road, as who
// asks (iam:EnableMFADevice). Nothing is kept in between: the challenge itself
// says, sealed, what it is for.

// A challenge is what the challenge to a browser's passkey says, sealed, so that
// nothing need be kept until it is answered.
type challenge struct {
	ID      string             `json:"id"`
	Browser string             `json:"b"`
	Session string             `json:"s"`
	Account identity.AccountID `json:"a"`
	UserID  string             `json:"u"` // of the holder
	Until   time.Time          `json:"t"`
}

const (
	makingContext = "making"
	proofContext  = "proof"
	challengeFor  = 5 * time.Minute
)

// sealChallenge gives a challenge an id of its own, and seals it for its use.
func (h *Handler) sealChallenge(c *challenge, context string) ([]byte, error) {
	var err error
	if c.ID, err = h.draw(); err != nil {
		return nil, err
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return h.Authn.Ring().Seal(seal.SignIn, context, plain)
}

// openChallenge returns what an answer is to, if it is one of ours of that use
// and not too old. Whom it is for, and that it serves once, is the caller's to
// check.
func (h *Handler) openChallenge(answer json.RawMessage, context string, now time.Time) (c challenge, sealed []byte, ok bool) {
	sealed = passkey.ChallengeOf(answer)
	plain, err := h.Authn.Ring().Open(seal.SignIn, context, sealed)
	if err != nil || json.Unmarshal(plain, &c) != nil || !now.Before(c.Until) {
		return challenge{}, nil, false
	}
	return c, sealed, true
}

// A passkeyInput says for whom a passkey is: for oneself when no user is named.
type passkeyInput struct {
	Session  string `json:"session"`
	UserName string `json:"userName"`
}

// A passkeyFor is for whom a passkey is, and by whom it is made.
type passkeyFor struct {
	by     openSession
	holder *passkey.Holder
	of     string // as the serial number has the holder
	making challenge
}

var errPasskeyHost = &callError{
	Status: http.StatusConflict, Code: "NoHostName",
	Message: "Passkeys are bound to a host name, and this page came from an address. Open the console by its name; on this machine that is localhost.",
}

// nobody, with a name, stands where a user's id would be if there were one.
const nobody = "-"

// passkeyFor finds out for whom a passkey is.
func (h *Handler) passkeyFor(tx *store.Tx, a *asking, in passkeyInput) (*passkeyFor, error) {
	s, err := h.see(tx, a)
	if err != nil {
		return nil, err
	}
	out := new(passkeyFor)
	if out.by, err = find(s.list, in.Session); err != nil {
		return nil, err
	}
	account, name := out.by.account(), identity.UserName(in.UserName)
	if name == "" && out.by.Kind == store.SignedInUser {
		name = out.by.person.user.Name
	}
	out.holder = &passkey.Holder{Account: account, UserID: identity.RootUser, Name: "root"}
	out.of = "root-account"
	var serials []string
	switch {
	case name != "":
		// Who may not ask about a user learns nothing of them here, not even that
		// there is one: the road will tell, or not.
		out.holder.UserID, out.holder.Name, out.of = nobody+string(name), string(name), "user/"+string(name)
		u, err := tx.User(account, name)
		if err == nil {
			out.holder.UserID, out.of = u.ID, "user/"+string(u.Name)
		} else if !isNotFound(err) {
			return nil, err
		}
		if out.by.Kind == store.SignedInUser && out.holder.UserID == out.by.UserID {
			serials = u.MFA
		}
	case out.by.Kind == store.SignedInRoot:
		serials = out.by.person.account.RootMFA
	default:
		return nil, badCall("Name a user.")
	}
	if out.holder.Devices, err = devicesOf(tx, account, out.holder.UserID, serials); err != nil {
		return nil, err
	}
	out.making = challenge{Browser: s.ID, Session: out.by.ID, Account: account, UserID: out.holder.UserID, Until: a.now.Add(challengeFor)}
	return out, nil
}

// account is the account that a session acts in.
func (o *openSession) account() identity.AccountID {
	if o.Role != nil {
		return o.Role.Account
	}
	return o.person.account.ID
}

// passkeyOptions returns what the browser makes a passkey by.
func (h *Handler) passkeyOptions(ctx context.Context, a *asking) (any, error) {
	var in passkeyInput
	if err := a.read(&in); err != nil {
		return nil, err
	}
	var of *passkeyFor
	err := h.Store.View(ctx, func(tx *store.Tx) (err error) {
		of, err = h.passkeyFor(tx, a, in)
		return err
	})
	if err != nil {
		return nil, err
	}
	sealed, err := h.sealChallenge(&of.making, makingContext)
	if err != nil {
		return nil, err
	}
	options, err := h.party(a.request).Create(of.holder, sealed)
	if errors.Is(err, passkey.ErrHost) {
		return nil, errPasskeyHost
	}
	return options, err
}

// errPasskey is what a browser is told whose passkey was not taken.
var errPasskey = &callError{
	Status: http.StatusBadRequest, Code: "InvalidPasskey", Message: "The passkey could not be verified. Please try again.",
}

// makePasskey takes a passkey that the browser made, and gives it to its holder.
func (h *Handler) makePasskey(ctx context.Context, a *asking) (any, error) {
	var in struct {
		passkeyInput
		DeviceName string          `json:"deviceName"`
		Credential json.RawMessage `json:"credential"`
	}
	if err := a.read(&in); err != nil {
		return nil, err
	}
	if !isDeviceName(in.DeviceName) {
		return nil, badCall("The name of a device has up to 64 letters, digits and any of _+=,.@-.")
	}
	asked, sealed, ok := h.openChallenge(in.Credential, makingContext, a.now)
	if !ok {
		return nil, errPasskey
	}
	var of *passkeyFor
	err := h.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if of, err = h.passkeyFor(tx, a, in.passkeyInput); err != nil {
			return err
		}
		now := of.making
		if now.ID, now.Until = asked.ID, asked.Until; now != asked {
			return errPasskey // it was for somebody else
		}
		return tx.SpendSignIn(asked.ID, asked.Until)
	})
	if errors.Is(err, store.ErrExists) {
		return nil, errPasskey
	} else if err != nil {
		return nil, err
	}
	made, err := h.party(a.request).Created(of.holder, sealed, in.Credential)
	if errors.Is(err, passkey.ErrRefused) || errors.Is(err, passkey.ErrHost) {
		return nil, errPasskey
	} else if err != nil {
		return nil, err
	}
	made.Of = of.of
	device := &identity.MFADevice{
		Account: asked.Account, UserID: asked.UserID, Path: "/", Name: in.DeviceName + "-" + rand.Text(), Passkey: made,
	}
	if err := h.enablePasskey(ctx, a, of, device); err != nil {
		return nil, err
	}
	return map[string]string{"serialNumber": device.Serial()}, nil
}

// maxDeviceName keeps serial numbers as short as AWS has them.
const maxDeviceName = 64

func isDeviceName(s string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-"
	return s != "" && len(s) <= maxDeviceName && strings.Trim(s, letters) == ""
}

// enablePasskey gives a device to its holder by a call of the API.
func (h *Handler) enablePasskey(ctx context.Context, a *asking, of *passkeyFor, d *identity.MFADevice) error {
	credentials, err := h.ownCredentials(ctx, a, &of.by)
	if err != nil {
		return err
	}
	offer, err := passkey.Offer(h.Authn.Ring(), d, a.now)
	if err != nil {
		return err
	}
	holder := string(identity.RootUser)
	if name, ok := strings.CutPrefix(of.of, "user/"); ok {
		holder = name
	}
	form := url.Values{
		"Action": {"EnableMFADevice"}, "Version": {"2010-05-08"}, "UserName": {holder}, "SerialNumber": {d.Serial()},
		"AuthenticationCode1": {"000000"}, "AuthenticationCode2": {"000000"}, // the model asks for them, and a passkey shows none
	}
	road := &onRoad{h: h, visit: a.visit, credentials: credentials, header: http.Header{passkey.OfferHeader: {offer}}}
	answer, err := road.send(ctx, "iam", "application/x-www-form-urlencoded", "", sigv4.FamilyQuery, []byte(form.Encode()))
	if err != nil {
		return err
	}
	if answer.status == http.StatusOK {
		return nil
	}
	var refused struct {
		Code    string `xml:"Error>Code"`
		Message string `xml:"Error>Message"`
	}
	if err := xml.Unmarshal(answer.body.Bytes(), &refused); err != nil || answer.status >= http.StatusInternalServerError {
		return fmt.Errorf("%w: EnableMFADevice: %d", errOnRoad, answer.status)
	}
	return &callError{Status: answer.status, Code: refused.Code, Message: refused.Message}
}

// ownCredentials are what a call is signed with that the server makes for a
// session: they never leave the process.
func (h *Handler) ownCredentials(ctx context.Context, a *asking, o *openSession) (session.Credentials, error) {
	if o.Kind == store.SwitchedRole {
		got, err := h.assume(ctx, a, o)
		if refused, ok := errors.AsType[*roleRefusedError](err); ok {
			return session.Credentials{}, &callError{Status: http.StatusForbidden, Code: "RoleRefused", Message: "You may not assume this role any more.", Why: &refused.why}
		} else if err != nil {
			return session.Credentials{}, err
		}
		return session.Credentials{KeyID: identity.AccessKeyID(got.KeyID), Secret: seal.NewSecret(got.Secret), Token: got.Token, Expires: got.Expires}, nil
	}
	var own session.Session
	err := h.Store.View(ctx, func(tx *store.Tx) (err error) {
		own, err = sessionOf(tx, o, a.now, ownCredentials)
		return err
	})
	if err != nil {
		return session.Credentials{}, err
	}
	return session.Mint(h.Authn.Ring(), own, h.Random)
}
