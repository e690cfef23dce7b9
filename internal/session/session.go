// Package session mints and opens temporary credentials. A session token holds
// all that is known of its session, sealed under the key ring, and the secret
// access key is derived from it, so that any node can verify any session
// without looking it up. What a session may do is not in it: that is read
// live, at each request, from the role or user that the token names.
package session

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
)

// A Kind says how a session came to be, and with it what it may call (ST-72).
// The zero Kind is none: a token without a kind opens nothing.
type Kind string

// The kinds of sessions.
const (
	Role      Kind = "role"      // AssumeRole
	User      Kind = "user"      // GetSessionToken, of a user or of an account's root
	Federated Kind = "federated" // GetFederationToken
	// Console is what the console gets for a user or an account's root who
	// signed in: they may call with it what they may with a key (CO-5).
	Console Kind = "console"
	// AssumedRoot is the root of a member account, held to one task (ST-78).
	AssumedRoot Kind = "assumed-root" // AssumeRoot
	// Delegated has what a user or role lent by accepting a delegation request,
	// within the request's policy (ST-80).
	Delegated Kind = "delegated" // GetDelegatedAccessToken
)

// A Session is what temporary credentials stand for. It does not change once
// it is minted.
type Session struct {
	Kind    Kind               `json:"k"`
	Account identity.AccountID `json:"a"`

	// PrincipalID is the unique id of the role (AROA…), of the user (AIDA…),
	// or empty for the account's root.
	PrincipalID string `json:"p,omitempty"`
	// RoleName leads to the role's record, whose id must then be PrincipalID:
	// a role made again under the old name is another role (EV-53).
	RoleName identity.RoleName `json:"r,omitempty"`
	// Name is the session's name, chosen by who assumed the role.
	Name string `json:"n,omitempty"`

	// Tags are the session tags, inherited transitive ones among them;
	// Transitive are the keys that go on to the next role (ST-40, ST-41).
	Tags       []identity.Tag `json:"t,omitempty"`
	Transitive []string       `json:"x,omitempty"`

	// Policy is the inline session policy, Policies the ARNs of managed ones,
	// which are read at each use; one that is gone counts as empty (TH-38). Of an
	// AssumedRoot it is the policy of its task, which only denies: root may do
	// the rest.
	Policy   string   `json:"d,omitempty"`
	Policies []string `json:"m,omitempty"`

	SourceIdentity string `json:"s,omitempty"`

	// Provider is who vouched for whoever got the session of a role by web
	// identity or SAML (aws:FederatedProvider), and Claims are the condition keys
	// of it that later requests have too (ST-10, ST-71b).
	Provider string  `json:"fp,omitempty"`
	Claims   []Claim `json:"fc,omitempty"`

	// MFA is when the user proved possession of a device, zero if never.
	MFA time.Time `json:"f,omitzero"`
	// Proved is when the user who signed in to the console last proved who they
	// are, with a password or a device; zero for sessions of other kinds (CO-5).
	Proved time.Time `json:"ra,omitzero"`
	// RecordMFA says that the role was assumed with MFA, which the record
	// shows though the policy key does not (ST-51, RE-13).
	RecordMFA bool `json:"fr,omitempty"`

	// Subject is whom the Provider vouched for, as it names them.
	Subject string `json:"fs,omitempty"`

	// Ancestors are the credentials that led here, the access key first: revoking
	// one of them, or whom they belong to, ends this session too (TH-47).
	Ancestors []Ancestor `json:"c,omitempty"`
	// Revocations is how many there had been when the session was minted: it ends
	// by later ones only (store.Tx.Revocations).
	Revocations uint64 `json:"v,omitempty"`
	// Chained says that role credentials were used to get these (ST-21).
	Chained bool `json:"h,omitempty"`

	// Until is when sessions of roles end at the latest that are got with this one.
	// Only those have it that the server itself switches roles with; else it is
	// zero, and how long is asked of the role.
	Until time.Time `json:"u,omitzero"`

	Issued  time.Time `json:"i"` // to the millisecond
	Expires time.Time `json:"e"` // whole seconds

	// KeyID is the access key id that the token belongs to (TH-17).
	KeyID identity.AccessKeyID `json:"id"`
	// Nonce makes two sessions' secrets differ whatever else they share (TH-43).
	Nonce []byte `json:"z"`
}

// An Ancestor is a credential that others were got with, and whose it was.
type Ancestor struct {
	KeyID   identity.AccessKeyID `json:"k"`
	Account identity.AccountID   `json:"a"`
	// PrincipalID, Provider and Subject are as a Session has them.
	PrincipalID string `json:"p,omitempty"`
	Provider    string `json:"fp,omitempty"`
	Subject     string `json:"fs,omitempty"`
}

// A Claim is a condition key that an identity provider gave a value to.
type Claim struct {
	Key    string   `json:"k"`
	Values []string `json:"v"`
	// Multi says that the key is multivalued, whatever the number of values.
	Multi bool `json:"m,omitempty"`
}

// HasPolicy reports whether session policies limit the session.
func (s *Session) HasPolicy() bool {
	switch s.Kind {
	case Federated, AssumedRoot, Delegated:
		return true // also when there is none, which then allows nothing
	case Role, User, Console:
	}
	return s.Policy != "" || len(s.Policies) > 0
}

// Credentials are what a client gets.
type Credentials struct {
	KeyID   identity.AccessKeyID
	Secret  seal.Secret
	Token   string
	Expires time.Time
}

var (
	// ErrToken reports a token that this installation did not mint, that was
	// changed, or that belongs to another access key.
	ErrToken = errors.New("session: invalid token")
	// ErrTooLarge reports a session whose tags and policies do not fit.
	ErrTooLarge = errors.New("session: too large")
)

// maxToken bounds a token's plaintext. Policies are at most 2,048 characters
// and tags at most 50, so what is larger was made to be.
const maxToken = 24 << 10

// context binds what is sealed to its use.
const context = "session"

// Mint makes credentials of s. It fills in KeyID and Nonce from random, which
// must be a cryptographic source.
func Mint(ring *seal.Ring, s Session, random io.Reader) (Credentials, error) {
	id, err := arn.NewID("ASIA", string(s.Account), random)
	if err != nil {
		return Credentials{}, fmt.Errorf("making an access key id: %w", err)
	}
	s.KeyID = identity.AccessKeyID(id)
	s.Nonce = make([]byte, 16)
	if _, err := io.ReadFull(random, s.Nonce); err != nil {
		return Credentials{}, fmt.Errorf("making a session: %w", err)
	}
	s.Issued = s.Issued.UTC().Truncate(time.Millisecond)
	s.Expires = s.Expires.UTC().Truncate(time.Second)
	plain, err := encode(&s)
	if err != nil {
		return Credentials{}, fmt.Errorf("making a session: %w", err)
	}
	if len(plain) > maxToken {
		return Credentials{}, ErrTooLarge
	}
	token, err := ring.SealString(seal.SessionToken, context, plain)
	if err != nil {
		return Credentials{}, fmt.Errorf("sealing a session: %w", err)
	}
	secret, err := derive(ring, ring.Current(), plain)
	if err != nil {
		return Credentials{}, err
	}
	return Credentials{s.KeyID, secret, token, s.Expires}, nil
}

// Open returns the session that a token of access key id stands for, and the
// secret that its requests are signed with. Any token that is not exactly what
// Mint made is ErrToken. It does not look at the time: an expired session
// opens, since its signature is checked before its expiry (§5.2).
func Open(ring *seal.Ring, id identity.AccessKeyID, token string) (*Session, seal.Secret, error) {
	box, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, seal.Secret{}, ErrToken
	}
	plain, err := ring.OpenString(seal.SessionToken, context, token)
	if err != nil {
		return nil, seal.Secret{}, ErrToken
	}
	key, err := ring.KeyOf(box)
	if err != nil {
		return nil, seal.Secret{}, ErrToken
	}
	var s Session
	if err := json.Unmarshal(plain, &s); err != nil {
		return nil, seal.Secret{}, fmt.Errorf("reading a session: %w", err)
	}
	switch s.Kind {
	case Role, User, Federated, Console, AssumedRoot, Delegated:
	default:
		return nil, seal.Secret{}, ErrToken
	}
	if s.KeyID != id {
		return nil, seal.Secret{}, ErrToken
	}
	secret, err := derive(ring, key, plain)
	if err != nil {
		return nil, seal.Secret{}, err
	}
	return &s, secret, nil
}

// derive makes a secret access key of 40 characters from all of a session.
func derive(ring *seal.Ring, key seal.KeyID, plain []byte) (seal.Secret, error) {
	raw, err := ring.Derive(seal.SessionToken, key, plain, 30)
	if err != nil {
		return seal.Secret{}, fmt.Errorf("deriving a session's secret: %w", err)
	}
	return seal.NewSecret(base64.StdEncoding.EncodeToString(raw)), nil
}
