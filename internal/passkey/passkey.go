// Package passkey makes and asks for passkeys, as a factor beside a password:
// what a browser and a server have to say to one another is the Web
// Authentication standard's, and its library's. Here stands what Regent asks of
// it. A passkey is bound to a host name, and only pages of the one origin may
// use it (TH-84); whoever has it has shown the password before, so that it need
// not verify its holder once more.
package passkey

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/regent-iam/regent/internal/identity"
)

var (
	// ErrRefused reports an answer that proves nothing: to another challenge, from
	// another origin, by another key, or of a form that is none.
	ErrRefused = errors.New("passkey: not valid")
	// ErrCloned reports an answer that is good but for its count, which is not
	// ahead of the last one's: there are two of what there should be one of.
	ErrCloned = errors.New("passkey: the count went back")
	// ErrNone reports that a holder has no passkey that could be asked for here.
	ErrNone = errors.New("passkey: none for this host")
	// ErrHost reports a host that no passkey can be bound to: an address.
	ErrHost = errors.New("passkey: a passkey is bound to a host name")
)

// A Party is where passkeys are made and asked for.
type Party struct {
	Host   string // a name, without a port
	Origin string // scheme, host, and the port if there is one, as browsers write them
}

// A Holder is whose passkeys they are.
type Holder struct {
	// Account and UserID say who it is, as devices' records do; a passkey knows
	// them as a digest.
	Account identity.AccountID
	UserID  string
	// Name is what the browser shows.
	Name    string
	Devices []*identity.MFADevice // those without a passkey are passed over
}

// maxAnswer is how long what a browser answers may be.
const maxAnswer = 64 << 10

func (p Party) library() (*webauthn.WebAuthn, error) {
	if _, err := netip.ParseAddr(p.Host); err == nil || p.Host == "" {
		return nil, ErrHost
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: p.Host, RPDisplayName: "Regent", RPOrigins: []string{p.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementDiscouraged, UserVerification: protocol.VerificationDiscouraged,
		},
		// No extension is asked for, and none is looked at.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	return w, nil
}

// Create returns the options by which a browser makes a passkey for a holder. An
// authenticator that has one of theirs already makes no other. The challenge is
// drawn by the caller, at least 16 bytes of which nobody can know before, and
// serves once: the package does not know what was used up.
func (p Party) Create(h *Holder, challenge []byte) (json.RawMessage, error) {
	w, err := p.library()
	if err != nil {
		return nil, err
	}
	options, _, err := p.creation(w, h)
	if err != nil {
		return nil, err
	}
	options.Response.Challenge = challenge
	return marshal(options.Response)
}

func (p Party) creation(w *webauthn.WebAuthn, h *Holder) (*protocol.CredentialCreation, *webauthn.SessionData, error) {
	u := user{h, p.Host}
	options, state, err := w.BeginRegistration(u, webauthn.WithExclusions(webauthn.Credentials(u.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return nil, nil, fmt.Errorf("passkey: %w", err)
	}
	return options, state, nil
}

// Created returns the passkey that a browser has made by the options of Create.
// Its error is ErrRefused when there is none.
func (p Party) Created(h *Holder, challenge []byte, answer json.RawMessage) (*identity.Passkey, error) {
	w, err := p.library()
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(bounded(answer))
	if err != nil || !p.sentBy(&parsed.Response.CollectedClientData) || !plain(parsed.Response.AttestationObject.Format) {
		return nil, ErrRefused
	}
	_, state, err := p.creation(w, h)
	if err != nil {
		return nil, err
	}
	state.Challenge = protocol.URLEncodedBase64(challenge).String()
	c, err := w.CreateCredential(user{h, p.Host}, *state, parsed)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrRefused, reason(err))
	}
	for _, d := range h.Devices {
		if d.Passkey != nil && slices.Equal(d.Passkey.ID, c.ID) {
			return nil, ErrRefused
		}
	}
	made := &identity.Passkey{
		Host: p.Host, ID: c.ID, PublicKey: c.PublicKey, Count: c.Authenticator.SignCount, BackupEligible: c.Flags.BackupEligible,
	}
	for _, t := range c.Transport {
		made.Transports = append(made.Transports, string(t))
	}
	return made, nil
}

// Ask returns the options by which a browser asks a holder for one of the
// passkeys that they have for this host. Its error is ErrNone when there are
// none. The challenge is as for Create.
func (p Party) Ask(h *Holder, challenge []byte) (json.RawMessage, error) {
	w, err := p.library()
	if err != nil {
		return nil, err
	}
	options, _, err := p.request(w, h)
	if err != nil {
		return nil, err
	}
	options.Response.Challenge = challenge
	return marshal(options.Response)
}

func (p Party) request(w *webauthn.WebAuthn, h *Holder) (*protocol.CredentialAssertion, *webauthn.SessionData, error) {
	u := user{h, p.Host}
	if len(u.WebAuthnCredentials()) == 0 {
		return nil, nil, ErrNone
	}
	options, state, err := w.BeginLogin(u)
	if err != nil {
		return nil, nil, fmt.Errorf("passkey: %w", err)
	}
	return options, state, nil
}

// Answered returns the holder's device that answered the options of Ask, with
// its count as it is now: the caller has to write it. Its error is ErrRefused or
// ErrCloned when the answer proves nothing.
func (p Party) Answered(h *Holder, challenge []byte, answer json.RawMessage) (*identity.MFADevice, error) {
	w, err := p.library()
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(bounded(answer))
	if err != nil || !p.sentBy(&parsed.Response.CollectedClientData) {
		return nil, ErrRefused
	}
	_, state, err := p.request(w, h)
	if errors.Is(err, ErrNone) {
		return nil, ErrRefused
	} else if err != nil {
		return nil, err
	}
	state.Challenge = protocol.URLEncodedBase64(challenge).String()
	c, err := w.ValidateLogin(user{h, p.Host}, *state, parsed)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrRefused, reason(err))
	}
	if c.Authenticator.CloneWarning {
		return nil, ErrCloned
	}
	for _, d := range h.Devices {
		if d.Passkey != nil && d.Passkey.Host == p.Host && slices.Equal(d.Passkey.ID, c.ID) {
			now, key := *d, *d.Passkey
			key.Count = c.Authenticator.SignCount
			now.Passkey = &key
			return &now, nil
		}
	}
	return nil, ErrRefused
}

// ChallengeOf returns the challenge that an answer says it is to, before anything
// of it is checked: for who finds out by it what it was asked with. It is nil
// when there is none.
func ChallengeOf(answer json.RawMessage) []byte {
	var a struct {
		Response struct {
			ClientData protocol.URLEncodedBase64 `json:"clientDataJSON"`
		} `json:"response"`
	}
	var c struct {
		Challenge protocol.URLEncodedBase64 `json:"challenge"`
	}
	if json.Unmarshal(bounded(answer), &a) != nil || json.Unmarshal(a.Response.ClientData, &c) != nil {
		return nil
	}
	return c.Challenge
}

// bounded returns an answer that is not too long, and none of one that is.
func bounded(answer json.RawMessage) json.RawMessage {
	if len(answer) > maxAnswer {
		return nil
	}
	return answer
}

func marshal(options any) (json.RawMessage, error) {
	raw, err := json.Marshal(options)
	if err != nil {
		return nil, fmt.Errorf("passkey: %w", err)
	}
	return raw, nil
}

// plain reports whether an attestation is one that browsers send to who asks for
// none. What makers of authenticators sign is not looked at, nor read.
func plain(format string) bool {
	return format == string(protocol.AttestationFormatNone) || format == string(protocol.AttestationFormatPacked)
}

// sentBy reports whether it was a page of the party's own that asked, and not
// one that is framed in another's, nor one of a name below the host, which may
// ask for the host's passkeys too (TH-84).
func (p Party) sentBy(c *protocol.CollectedClientData) bool {
	return c.Origin == p.Origin && !c.CrossOrigin && c.TopOrigin == ""
}

// reason is what the library says of an answer that it does not take: of what
// kind the mistake is, and nothing of what was sent.
func reason(err error) string {
	if e, ok := errors.AsType[*protocol.Error](err); ok {
		return e.Type
	}
	return "unknown"
}

// A user is a Holder as the library wants it.
type user struct {
	*Holder
	host string
}

// WebAuthnID is what the passkey knows its holder by.
func (u user) WebAuthnID() []byte {
	sum := sha256.Sum256([]byte("regent:" + string(u.Account) + ":" + u.UserID))
	return sum[:]
}

// WebAuthnName is what the browser shows.
func (u user) WebAuthnName() string { return u.Name }

// WebAuthnDisplayName is the same.
func (u user) WebAuthnDisplayName() string { return u.Name }

// WebAuthnCredentials are the passkeys that the holder has for the host.
func (u user) WebAuthnCredentials() []webauthn.Credential {
	var list []webauthn.Credential
	for _, d := range u.Devices {
		k := d.Passkey
		if k == nil || k.Host != u.host {
			continue
		}
		c := webauthn.Credential{
			ID: k.ID, PublicKey: k.PublicKey, Flags: webauthn.CredentialFlags{BackupEligible: k.BackupEligible},
			Authenticator: webauthn.Authenticator{SignCount: k.Count},
		}
		for _, t := range k.Transports {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
		}
		list = append(list, c)
	}
	return list
}

// HostOf returns the name of an origin, which its passkeys are bound to.
func HostOf(origin string) string {
	_, host, _ := strings.Cut(origin, "://")
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	return strings.Trim(host, "[]")
}
