// Package authn says who is calling: it leads from the credential that a
// request carries to the user, role session or root that it belongs to, and
// has the signature checked on the way. Whether the caller may do what it asks
// is authz's business.
package authn

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/sigv4"
)

// A Kind is what sort of principal calls. The zero Kind is nobody in
// particular, whom only resource policies can allow anything.
type Kind int

// The kinds of callers.
const (
	Anonymous Kind = iota
	Root
	User
	RoleSession
	FederatedUser
	// Federated is an identity that a provider vouches for and that has no
	// session yet (EV-52): only trust policies can allow it anything.
	Federated
	// Service is a service that calls for itself (EV-36).
	Service
)

// A Caller is who signed a request. It is a parameter of everything behind
// authentication and never hides in a context.
type Caller struct {
	Kind    Kind
	Account identity.AccountID

	// ARN is how the caller is named in messages and GetCallerIdentity: for a
	// role session the assumed-role ARN.
	ARN string
	// PrincipalARN is what policies and aws:PrincipalArn name: for a role
	// session the role's ARN, path included (EV-60).
	PrincipalARN string
	// PrincipalID is the unique id of the user or role; empty for root.
	PrincipalID string
	// UserID is aws:userid (EV-60).
	UserID string

	UserName identity.UserName // of users and their sessions
	RoleName identity.RoleName // of role sessions

	AccessKeyID identity.AccessKeyID
	// Session is what temporary credentials stand for, nil for long-term keys.
	Session *session.Session

	// Provider is the ARN of the provider that vouches for a federated identity,
	// in the account that the caller counts for; Claims are the condition keys
	// that it brings, of which a session of a role keeps those that AWS says.
	Provider string
	Claims   []session.Claim
	// Proof is what else the operation found out that identified a federated
	// identity, for itself.
	Proof any
	// Service is the name of a calling service, such as "backup.example.internal".
	Service string

	stamps []store.Stamp
}

// Signs reports whether the caller is somebody who has policies of an account
// on its side, and not a stranger, a federated identity or a service.
func (c *Caller) Signs() bool {
	switch c.Kind {
	case Root, User, RoleSession, FederatedUser:
		return true
	case Anonymous, Federated, Service:
	}
	return false
}

// Temporary reports whether the caller used temporary credentials.
func (c *Caller) Temporary() bool { return c.Session != nil }

// An Authenticator identifies callers. It is safe for concurrent use.
type Authenticator struct {
	ring       atomic.Pointer[seal.Ring]
	credential *store.Cache[string, *credential]
	dummy      seal.Secret
}

// cacheSize is how many credentials are kept ready. An entry is about 2 KiB.
const cacheSize = 8192

// New returns an Authenticator that opens tokens and secrets with ring.
func New(ring *seal.Ring) *Authenticator {
	a := &Authenticator{
		credential: store.NewCache[string, *credential](cacheSize),
		dummy:      seal.NewSecret(rand.Text()), // nobody has it
	}
	a.ring.Store(ring)
	return a
}

// Ring returns the key ring in use.
func (a *Authenticator) Ring() *seal.Ring { return a.ring.Load() }

// SetRing puts another key ring in use and forgets what the old one opened.
func (a *Authenticator) SetRing(ring *seal.Ring) {
	a.ring.Store(ring)
	a.credential.Clear()
}

// Forget drops what is kept of a scope in which something changed.
func (a *Authenticator) Forget(scope store.Scope) { a.credential.Forget(scope) }

// Clear drops all that is kept.
func (a *Authenticator) Clear() { a.credential.Clear() }

// A credential is a key that was found, with the secret to check it by.
type credential struct {
	caller  Caller
	secret  seal.Secret
	refused sigv4.Kind // why it may not sign although it exists; 0 if it may
	expires time.Time  // zero for long-term keys

	mu   sync.Mutex
	keys []signingKey // the last few that were derived
}

type signingKey struct {
	scope string
	key   []byte
}

// maxSigningKeys is how many derived keys a credential keeps: a client uses a
// few services in one region on one day.
const maxSigningKeys = 6

// verify checks the signature of auth. The key that it derives for that is
// kept once it has verified: its scope is whatever the client wrote (TH-30).
func (c *credential) verify(auth *sigv4.Auth, bodyHash string) error {
	scope := auth.KeyScope()
	if key := c.signing(scope); key != nil {
		return auth.VerifyWithKey(key, bodyHash)
	}
	key, err := auth.Key([]byte(c.secret.Reveal()))
	if err != nil {
		return sigv4.NewError(sigv4.BadSignature, auth.Family)
	}
	if err := auth.VerifyWithKey(key, bodyHash); err != nil {
		return err
	}
	c.keep(signingKey{scope, key})
	return nil
}

// signing returns the key for a scope, nil when it is not kept.
func (c *credential) signing(scope string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range c.keys {
		if k.scope == scope {
			return k.key
		}
	}
	return nil
}

func (c *credential) keep(key signingKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if slices.ContainsFunc(c.keys, func(k signingKey) bool { return k.scope == key.scope }) {
		return // another request was faster
	}
	if len(c.keys) == maxSigningKeys {
		c.keys = append(c.keys[:0], c.keys[1:]...)
	}
	c.keys = append(c.keys, key)
}

// ErrGone reports that the credential of a caller who was identified before
// may not sign any more.
var ErrGone = errors.New("authn: credential is no longer valid")

// Identify returns who made the request that auth was found in. bodyHash is
// the hex SHA-256 of the body; S3 leaves it empty, where reading the body
// checks it.
//
// A refusal is a *sigv4.Error. The Caller that comes with it is set when the
// request can be attributed all the same: its signature was right, but the
// key is inactive or the token expired (RE-38).
func (a *Authenticator) Identify(ctx context.Context, s *store.Store, auth *sigv4.Auth, bodyHash string, now time.Time) (caller Caller, err error) {
	var found *Caller
	err = s.Glance(ctx, func(tx *store.Tx) (err error) { // who called a moment ago is at hand
		found, err = a.identify(tx, auth, bodyHash, now)
		return err
	})
	return found.orNobody(), err
}

// IdentifyIn is Identify inside a transaction.
func (a *Authenticator) IdentifyIn(tx *store.Tx, auth *sigv4.Auth, bodyHash string, now time.Time) (Caller, error) {
	c, err := a.identify(tx, auth, bodyHash, now)
	return c.orNobody(), err
}

// orNobody returns a copy of the caller, who is nobody when c is nil.
func (c *Caller) orNobody() Caller {
	if c == nil {
		return Caller{}
	}
	return *c
}

// identify returns who made a request, as it is kept, or nil.
func (a *Authenticator) identify(tx *store.Tx, auth *sigv4.Auth, bodyHash string, now time.Time) (*Caller, error) {
	c, known, err := a.find(tx, auth)
	if err != nil {
		if _, ok := errors.AsType[*sigv4.Error](err); ok {
			// An unknown key takes as long as a wrong signature (TH-59).
			_ = auth.Verify([]byte(a.dummy.Reveal()), bodyHash)
		}
		return nil, err
	}
	expired := !c.expires.IsZero() && !now.Before(c.expires)
	wrong := c.verify(auth, bodyHash)
	switch {
	case c.refused != 0:
		if wrong != nil {
			return nil, sigv4.NewError(c.refused, auth.Family)
		}
		return &c.caller, sigv4.NewError(c.refused, auth.Family)
	case expired && auth.Family == sigv4.FamilyS3 && wrong != nil:
		return nil, sigv4.NewError(sigv4.ExpiredToken, auth.Family) // S3-21: before the signature
	case wrong != nil:
		return nil, wrong
	case expired:
		return &c.caller, sigv4.NewError(sigv4.ExpiredToken, auth.Family)
	}
	if !known { // admitted only now that the signature was right (TH-30)
		a.credential.Put(cacheKey(auth), c, c.caller.stamps)
	}
	return &c.caller, nil
}

// cacheKey is what a credential is kept under: a token says all, without one
// it is the key's id.
func cacheKey(auth *sigv4.Auth) string {
	if auth.Token == "" {
		return auth.AccessKeyID
	}
	return auth.AccessKeyID + " " + auth.Token
}

func (a *Authenticator) find(tx *store.Tx, auth *sigv4.Auth) (c *credential, known bool, err error) {
	c, known, err = a.credential.Get(tx, cacheKey(auth))
	if err != nil || known {
		return c, known, err
	}
	if auth.Token != "" {
		c, err = a.fromToken(tx, auth)
	} else {
		c, err = a.fromKey(tx, auth)
	}
	return c, false, err
}

// fromKey finds a long-term key.
func (a *Authenticator) fromKey(tx *store.Tx, auth *sigv4.Auth) (*credential, error) {
	key, err := tx.AccessKey(identity.AccessKeyID(auth.AccessKeyID))
	if errors.Is(err, store.ErrNotFound) {
		return nil, sigv4.NewError(sigv4.UnknownKey, auth.Family, sigv4.Field{Name: "AWSAccessKeyId", Value: auth.AccessKeyID})
	} else if err != nil {
		return nil, err
	}
	stamp, err := tx.Stamp(store.AccountScope(key.Account))
	if err != nil {
		return nil, err
	}
	secret, err := OpenSecret(a.Ring(), key)
	if err != nil {
		return nil, err
	}
	caller, err := longTerm(tx, key)
	if err != nil {
		return nil, err
	}
	caller.stamps = []store.Stamp{stamp}
	c := &credential{caller: caller, secret: secret}
	if key.Status != identity.KeyActive {
		c.refused = sigv4.UnknownKey
	}
	return c, suspended(tx, c)
}

// suspended marks the credentials of an account that was closed (OR-6).
func suspended(tx *store.Tx, c *credential) error {
	account, err := tx.Account(c.caller.Account)
	if err != nil {
		return fmt.Errorf("account of %s: %w", c.caller.AccessKeyID, err)
	}
	if account.Status != identity.AccountActive {
		c.refused = sigv4.UnknownKey
	}
	return nil
}

// longTerm returns the caller whose key it is.
func longTerm(tx *store.Tx, key *identity.AccessKey) (Caller, error) {
	if key.Root() {
		return rootCaller(key.Account, key.ID), nil
	}
	if key.Service != "" {
		return serviceCaller(tx, key)
	}
	u, err := tx.UserByID(key.UserID)
	if err != nil {
		return Caller{}, fmt.Errorf("user of %s: %w", key.ID, err)
	}
	return userCaller(u, key.ID), nil
}

func rootCaller(account identity.AccountID, id identity.AccessKeyID) Caller {
	root := identity.RootARN(account).String()
	return Caller{Kind: Root, Account: account, ARN: root, PrincipalARN: root, UserID: string(account), AccessKeyID: id}
}

// serviceCaller returns the service whose key it is. It counts for the account
// that its keys are in, and has none of its own in any policy.
func serviceCaller(tx *store.Tx, key *identity.AccessKey) (Caller, error) {
	s, err := tx.RegisteredService(key.Account, key.Service)
	if err != nil {
		return Caller{}, fmt.Errorf("service of %s: %w", key.ID, err)
	}
	if s.ID != key.UserID {
		return Caller{}, fmt.Errorf("service of %s: it is another of the name %s", key.ID, key.Service)
	}
	return Caller{
		Kind: Service, Account: s.Account, ARN: s.ARN().String(), PrincipalID: s.ID, UserID: s.ID, Service: string(s.Name), AccessKeyID: key.ID,
	}, nil
}

func userCaller(u *identity.User, id identity.AccessKeyID) Caller {
	name := u.ARN().String()
	return Caller{
		Kind: User, Account: u.Account, ARN: name, PrincipalARN: name,
		PrincipalID: u.ID, UserID: u.ID, UserName: u.Name, AccessKeyID: id,
	}
}

// fromToken finds temporary credentials.
func (a *Authenticator) fromToken(tx *store.Tx, auth *sigv4.Auth) (*credential, error) {
	s, secret, err := session.Open(a.Ring(), identity.AccessKeyID(auth.AccessKeyID), auth.Token)
	if errors.Is(err, session.ErrToken) {
		return nil, sigv4.NewError(sigv4.WrongToken, auth.Family, sigv4.Field{Name: "Token-0", Value: auth.Token})
	} else if err != nil {
		return nil, err
	}
	stamps, err := stampsOf(tx, s)
	if err != nil {
		return nil, err
	}
	caller, err := ofSession(tx, s)
	if errors.Is(err, store.ErrNotFound) {
		// Revoked, or of a role or user that is gone: an invalid credential
		// everywhere (ST-93).
		return nil, sigv4.NewError(sigv4.UnknownKey, auth.Family, sigv4.Field{Name: "AWSAccessKeyId", Value: auth.AccessKeyID})
	} else if err != nil {
		return nil, err
	}
	caller.AccessKeyID, caller.Session, caller.stamps = s.KeyID, s, stamps
	c := &credential{caller: caller, secret: secret, expires: s.Expires}
	return c, suspended(tx, c)
}

// stampsOf returns the stamps under which is true what was found of a session:
// of its account, and of those that it comes from, whose revocations reach it.
// Mostly they are one account.
func stampsOf(tx *store.Tx, s *session.Session) ([]store.Stamp, error) {
	stamps := make([]store.Stamp, 0, 1)
	var seen []identity.AccountID
	for _, link := range s.Line() {
		if slices.Contains(seen, link.Account) {
			continue
		}
		seen = append(seen, link.Account)
		stamp, err := tx.Stamp(store.AccountScope(link.Account))
		if err != nil {
			return nil, err
		}
		stamps = append(stamps, stamp)
	}
	return stamps, nil
}

// revoked returns store.ErrNotFound when anything in the line of a session was
// revoked after the session was minted (TH-47).
func revoked(tx *store.Tx, s *session.Session) error {
	for _, link := range s.Line() {
		ended, err := tx.Revoked(link.Account, link.ID, s.Revocations)
		if err != nil {
			return err
		}
		if ended {
			return store.ErrNotFound
		}
	}
	return nil
}

// ofSession returns the caller that a session is, from the records as they are,
// or store.ErrNotFound when it is nobody any more.
func ofSession(tx *store.Tx, s *session.Session) (Caller, error) {
	if err := revoked(tx, s); err != nil {
		return Caller{}, err
	}
	switch s.Kind {
	case session.Role:
		return roleCaller(tx, s)
	case session.Delegated:
		if s.RoleName != "" {
			return roleCaller(tx, s)
		}
		return userOf(tx, s)
	case session.User, session.Console:
		if s.PrincipalID == "" {
			return rootCaller(s.Account, s.KeyID), nil
		}
		return userOf(tx, s)
	case session.AssumedRoot:
		return rootCaller(s.Account, s.KeyID), nil
	case session.Federated:
		return federatedCaller(tx, s)
	}
	return Caller{}, store.ErrNotFound
}

// roleCaller returns the role session that s is, if the role is still the one.
func roleCaller(tx *store.Tx, s *session.Session) (Caller, error) {
	r, err := tx.Role(s.Account, s.RoleName)
	if err != nil {
		return Caller{}, err
	}
	if r.ID != s.PrincipalID {
		return Caller{}, store.ErrNotFound // made again under the old name (EV-53)
	}
	return Caller{
		Kind: RoleSession, Account: s.Account, ARN: r.SessionARN(s.Name).String(), PrincipalARN: r.ARN().String(),
		PrincipalID: r.ID, UserID: r.ID + ":" + s.Name, RoleName: r.Name,
	}, nil
}

func userOf(tx *store.Tx, s *session.Session) (Caller, error) {
	u, err := tx.UserByID(s.PrincipalID)
	if err != nil {
		return Caller{}, err
	}
	return userCaller(u, s.KeyID), nil
}

func federatedCaller(tx *store.Tx, s *session.Session) (Caller, error) {
	if s.PrincipalID != "" {
		if _, err := tx.UserByID(s.PrincipalID); err != nil {
			return Caller{}, err
		}
	}
	name := identity.FederatedARN(s.Account, s.Name).String()
	return Caller{
		Kind: FederatedUser, Account: s.Account, ARN: name, PrincipalARN: name,
		PrincipalID: s.PrincipalID, UserID: string(s.Account) + ":" + s.Name,
	}, nil
}

// Recheck confirms in tx that a caller identified in an earlier transaction
// may still sign: a key may have been switched off in between. It returns
// ErrGone when it may not. When nothing changed in the caller's account it
// costs one lookup.
func (a *Authenticator) Recheck(tx *store.Tx, c *Caller) error {
	if c.Kind == Anonymous {
		return nil
	}
	holds, err := tx.Holds(c.stamps)
	if err != nil || holds {
		return err
	}
	if c.Session == nil {
		key, err := tx.AccessKey(c.AccessKeyID)
		if errors.Is(err, store.ErrNotFound) || err == nil && key.Status != identity.KeyActive {
			return ErrGone
		} else if err != nil {
			return err
		}
	} else if _, err := ofSession(tx, c.Session); errors.Is(err, store.ErrNotFound) {
		return ErrGone
	} else if err != nil {
		return err
	}
	account, err := tx.Account(c.Account)
	if err != nil {
		return err
	}
	if account.Status != identity.AccountActive {
		return ErrGone
	}
	return nil
}

// SealSecret seals the secret of an access key for its record.
func SealSecret(ring *seal.Ring, id identity.AccessKeyID, secret seal.Secret) ([]byte, error) {
	return ring.Seal(seal.AccessKey, string(id), []byte(secret.Reveal()))
}

// OpenSecret opens the secret in an access key's record.
func OpenSecret(ring *seal.Ring, key *identity.AccessKey) (seal.Secret, error) {
	raw, err := ring.Open(seal.AccessKey, string(key.ID), key.Sealed)
	if err != nil {
		return seal.Secret{}, fmt.Errorf("secret of %s: %w", key.ID, err)
	}
	return seal.NewSecret(raw), nil
}
