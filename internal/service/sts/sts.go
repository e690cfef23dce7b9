// Package sts implements the STS operations.
package sts

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/federation/oidc"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/mfa"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// A Config says what STS must know of the server. The zero Config is one of a
// server that others cannot reach.
type Config struct {
	// PublicURL is where others reach the server, without a slash at its end;
	// "" when nobody knows.
	PublicURL string
	// Tokens verifies tokens of OpenID Connect providers; nil is one that goes
	// to public addresses alone.
	Tokens *oidc.Verifier
	// SAMLEndpoints are URLs that responses of SAML providers may be made for,
	// beside AWS's own: they are taken as the recipient and as an audience (ST-70).
	SAMLEndpoints []string
}

// A Service is STS.
type Service struct {
	config Config
	// verifying holds a token for each SAML response that is being verified.
	verifying chan struct{}
}

// New returns STS as c says.
func New(c Config) *Service {
	if c.Tokens == nil {
		c.Tokens = oidc.New(oidc.Options{})
	}
	return &Service{config: c, verifying: make(chan struct{}, samlAtOnce)}
}

// Operations returns the operations of a Service with the zero Config.
func Operations() []dispatch.Operation { return New(Config{}).Operations() }

// Operations returns every STS operation that Regent has.
func (s *Service) Operations() []dispatch.Operation {
	return slices.Concat(
		assumeRoleOperations(),
		assumeRootOperations(),
		delegatedAccessOperations(),
		federationTokenOperations(),
		s.webIdentityOperations(),
		s.webIdentityTokenOperations(),
		s.samlOperations(),
		[]dispatch.Operation{
			dispatch.Read("DecodeAuthorizationMessage", decodeAuthorizationMessageNeeds, decodeAuthorizationMessage),
			dispatch.Read("GetAccessKeyInfo", getAccessKeyInfoNeeds, getAccessKeyInfo),
			dispatch.Always("GetCallerIdentity",
				"it tells callers who they are, and no policy can keep that from them (ST-75)", getCallerIdentity).AtHand(),
			dispatch.AlwaysSpend("GetSessionToken",
				"policies cannot control authentication; the session can do no more than its user (ST-73)", getSessionToken).AtHand(),
		},
	)
}

func validationError(format string, args ...any) *awserr.Error {
	return awserr.Newf(400, "ValidationError", format, args...)
}

func invalidParameter(text string) *awserr.Error {
	return awserr.Newf(400, "InvalidParameterValue", "%s", text)
}

func accessDenied(text string) *awserr.Error {
	return awserr.Newf(403, "AccessDenied", "%s", text)
}

func getCallerIdentity(_ context.Context, call dispatch.Call, _ *api.GetCallerIdentityInput) (*api.GetCallerIdentityOutput, error) {
	return &api.GetCallerIdentityOutput{
		UserId: call.Caller.UserID, Account: string(call.Caller.Account), Arn: call.Caller.ARN,
	}, nil
}

func getAccessKeyInfoNeeds(dispatch.Call, *api.GetAccessKeyInfoInput) ([]authz.Need, error) {
	return []authz.Need{{Action: "sts:GetAccessKeyInfo", Resource: "*"}}, nil
}

// getAccessKeyInfo returns the account that an access key id belongs to, which
// the id itself tells; it says nothing of whether the key exists (ST-76).
func getAccessKeyInfo(_ context.Context, call dispatch.Call, in *api.GetAccessKeyInfoInput) (*api.GetAccessKeyInfoOutput, error) {
	if account, ok := arn.AccountOf(in.AccessKeyId); ok {
		return &api.GetAccessKeyInfoOutput{Account: account}, nil
	}
	key, err := call.Tx.AccessKey(identity.AccessKeyID(in.AccessKeyId))
	if errors.Is(err, store.ErrNotFound) {
		return nil, validationError("Invalid AccessKeyId.")
	} else if err != nil {
		return nil, err
	}
	return &api.GetAccessKeyInfoOutput{Account: string(key.Account)}, nil
}

// Durations of GetSessionToken, in seconds (3.1 of the rules).
const (
	userSessionDefault = 43200
	rootSessionMax     = 3600
	shortestSession    = 900
)

// getSessionToken mints temporary credentials for the calling user or root,
// with the fact of MFA in them when a code was given.
func getSessionToken(_ context.Context, call dispatch.Call, in *api.GetSessionTokenInput) (*api.GetSessionTokenOutput, error) {
	seconds := int32(userSessionDefault)
	if in.DurationSeconds != nil {
		seconds = *in.DurationSeconds
	}
	if call.Caller.Kind == authn.Root {
		seconds = min(seconds, rootSessionMax)
	}
	s := session.Session{
		Kind: session.User, Account: call.Caller.Account, PrincipalID: call.Caller.PrincipalID,
		Ancestors: ancestors(&call),
		Issued:    call.Now, Expires: call.Now.Add(time.Duration(seconds) * time.Second),
	}
	proved, err := proveMFA(&call, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	if proved {
		s.MFA = call.Now
	}
	credentials, err := mint(&call, s)
	if err != nil {
		return nil, err
	}
	return &api.GetSessionTokenOutput{Credentials: credentials}, nil
}

// mint makes credentials of s. They are refused from the next revocation of
// anything in their line on: a call that was begun before it and ends after it
// counts as before (TH-47).
func mint(call *dispatch.Call, s session.Session) (*api.Credentials, error) {
	if s.Provider != "" {
		s.Subject = string(call.Caller.UserName) // as the provider names it
	}
	var err error
	if s.Revocations, err = call.Tx.Revocations(); err != nil {
		return nil, err
	}
	c, err := session.Mint(call.Ring(), s, call.Random)
	if errors.Is(err, session.ErrTooLarge) {
		return nil, api.PackedPolicyTooLarge("Serialized token too large for session")
	} else if err != nil {
		return nil, err
	}
	s.KeyID = c.KeyID
	call.Minted(&s)
	return &api.Credentials{
		AccessKeyId: string(c.KeyID), SecretAccessKey: c.Secret.Reveal(), SessionToken: c.Token, Expiration: c.Expires,
	}, nil
}

// Texts of failed MFA, as AWS has them (ST-50).
const (
	mfaWrongCode   = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
	mfaWrongDevice = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
	mfaHalf        = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code."
)

// proveMFA checks the code that a call brings, if it brings one. A right code
// is used up and a wrong one counted, so it wants a transaction that can write.
func proveMFA(call *dispatch.Call, serial, code string) (proved bool, err error) {
	if serial == "" && code == "" {
		return false, nil
	}
	if serial == "" || code == "" {
		return false, accessDenied(mfaHalf)
	}
	if !call.Tx.Writable() {
		return false, dispatch.ErrSpends
	}
	device, err := ownDevice(call, serial)
	if errors.Is(err, store.ErrNotFound) {
		return false, accessDenied(mfaWrongDevice)
	} else if err != nil {
		return false, err
	}
	checked := mfa.Check(call.Ring(), device, code, call.Now)
	if err := call.Tx.PutDevice(device); err != nil {
		return false, err
	}
	switch {
	case errors.Is(checked, mfa.ErrCode), errors.Is(checked, mfa.ErrBlocked):
		return false, accessDenied(mfaWrongCode)
	case checked != nil:
		return false, checked
	}
	return true, nil
}

// ownDevice returns the device with a serial number if it is enabled for the
// calling user or root (ST-50).
func ownDevice(call *dispatch.Call, serial string) (*identity.MFADevice, error) {
	owner := call.Caller.PrincipalID
	switch call.Caller.Kind {
	case authn.Root:
		owner = identity.RootUser
	case authn.User:
	case authn.Anonymous, authn.RoleSession, authn.FederatedUser, authn.Federated, authn.Service:
		return nil, store.ErrNotFound
	}
	a, err := arn.Parse(serial)
	if err != nil || a.Account != string(call.Caller.Account) {
		return nil, store.ErrNotFound
	}
	d, err := call.Tx.Device(call.Caller.Account, a.Resource[strings.LastIndexByte(a.Resource, '/')+1:])
	if err != nil {
		return nil, err
	}
	if d.Serial() != serial || d.Enabled.IsZero() || d.UserID != owner || d.Passkey != nil { // a passkey shows no code
		return nil, store.ErrNotFound
	}
	return d, nil
}
