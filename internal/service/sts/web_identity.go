package sts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/federation/issuer"
	"github.com/regent-iam/regent/internal/federation/oidc"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

func (s *Service) webIdentityOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Unsigned(
			dispatch.Spend("AssumeRoleWithWebIdentity", webIdentityNeeds, assumeRoleWithWebIdentity).About(webIdentityRole),
			s.identifyWebIdentity,
		),
	}
}

// webIdentityRole is what the event of AssumeRoleWithWebIdentity is about (RE-30).
func webIdentityRole(in any) []record.Resource {
	return roleResource(in.(*api.AssumeRoleWithWebIdentityInput).RoleArn)
}

// Texts of refused tokens. Clients match on those that AWS has (ST-60, ST-61,
// ST-62, ST-63, ST-64).
const (
	badToken      = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)" //nolint:gosec // no token
	noKey         = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	noAnswer      = "The identity provider that was asked to verify the token could not be reached."
	noThumbprint  = "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"
	wrongAudience = "Incorrect token audience"
)

func noProvider(iss string) error {
	return api.InvalidIdentityToken("No OpenIDConnect provider found in your account for %s", iss)
}

// tokenError is the answer to a token that was not taken.
func tokenError(err error) error {
	if missing, ok := errors.AsType[*oidc.MissingClaimError](err); ok {
		return api.InvalidIdentityToken("Missing a required claim: %s", missing.Claim)
	}
	if expired, ok := errors.AsType[*oidc.ExpiredError](err); ok {
		return api.ExpiredTokenException("Token expired: current date/time %d must be before the expiration date/time %d", expired.Now, expired.Expires)
	}
	switch {
	case errors.Is(err, oidc.ErrToken):
		return api.InvalidIdentityToken(badToken)
	case errors.Is(err, oidc.ErrKey):
		return api.InvalidIdentityToken(noKey)
	case errors.Is(err, oidc.ErrUnreachable):
		return api.IDPCommunicationError(noAnswer)
	case errors.Is(err, oidc.ErrThumbprint):
		return api.InvalidIdentityToken(noThumbprint)
	case errors.Is(err, oidc.ErrSignature):
		return api.InvalidIdentityToken("The signature of the token is not valid.")
	case errors.Is(err, oidc.ErrEarly):
		return api.InvalidIdentityToken("The token is not valid yet.")
	}
	return err
}

// identifyWebIdentity says who calls with a token: it finds the provider in the
// role's account, its keys, and checks the signature, the time and the audience,
// in this order (3.8 of the rules). It knows nothing of the role but its ARN.
func (s *Service) identifyWebIdentity(ctx context.Context, db *store.Store, call dispatch.Call, in *api.AssumeRoleWithWebIdentityInput) (authn.Caller, error) {
	target, err := parseRoleARN(in.RoleArn)
	if err != nil {
		return authn.Caller{}, err
	}
	if in.ProviderId != "" {
		return authn.Caller{}, validationError("ProviderId is for the OAuth 2.0 access tokens of www.amazon.com and graph.facebook.com, which are not supported.")
	}
	token, err := oidc.Parse(in.WebIdentityToken)
	if err != nil {
		return authn.Caller{}, tokenError(err)
	}
	name, ok := s.config.Tokens.ProviderName(token)
	if !ok {
		return authn.Caller{}, noProvider(token.Issuer)
	}
	own := oidc.SameHost(s.config.PublicURL, token.Issuer)
	var provider *identity.OIDCProvider
	err = db.View(ctx, func(tx *store.Tx) (err error) {
		if !own {
			own, err = issuer.Own(tx, token.Issuer)
		}
		if own || err != nil {
			return err
		}
		provider, err = tx.OIDCProvider(identity.AccountID(target.Account), name)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return authn.Caller{}, noProvider(token.Issuer)
	} else if err != nil {
		return authn.Caller{}, err
	}
	if own {
		// Credentials that are traded for a token of ours, and that for
		// credentials, would outlive what they began with (TH-49).
		return authn.Caller{}, api.InvalidIdentityToken("Tokens that this server issued are not accepted by it.")
	}
	err = s.config.Tokens.Verify(ctx, &oidc.Provider{
		Account: target.Account, Name: name, Thumbprints: provider.Thumbprints, Created: provider.Created,
	}, token, call.Now)
	if err != nil {
		return authn.Caller{}, tokenError(err)
	}
	audience, ok := token.Audience(provider.Clients)
	if !ok {
		return authn.Caller{}, api.InvalidIdentityToken(wrongAudience)
	}
	return authn.Caller{
		Kind: authn.Federated, Account: provider.Account, Provider: provider.ARN().String(),
		UserID: name + ":" + audience + ":" + token.Subject, UserName: identity.UserName(token.Subject),
		Claims: claimKeys(name, token, audience),
	}, nil
}

// A webIdentity is what a token says for the session, once it was verified.
type webIdentity struct {
	token    *oidc.Token
	audience string
	tags     *passedTags
	source   string
}

// readWebIdentity reads the token again: the caller was identified from the very
// same text. What the provider is now decides, since it may have been deleted or
// have lost a client id after the token was verified.
func readWebIdentity(call *dispatch.Call, in *api.AssumeRoleWithWebIdentityInput) (*webIdentity, error) {
	token, err := oidc.Parse(in.WebIdentityToken)
	if err != nil {
		return nil, tokenError(err)
	}
	a, err := arn.Parse(call.Caller.Provider)
	if err != nil {
		return nil, fmt.Errorf("the provider of a web identity: %w", err)
	}
	provider, err := call.Tx.OIDCProvider(call.Caller.Account, strings.TrimPrefix(a.Resource, "oidc-provider/"))
	if errors.Is(err, store.ErrNotFound) {
		return nil, noProvider(token.Issuer)
	} else if err != nil {
		return nil, err
	}
	w := &webIdentity{token: token}
	var ok bool
	if w.audience, ok = token.Audience(provider.Clients); !ok {
		return nil, api.InvalidIdentityToken(wrongAudience)
	}
	if w.tags, err = claimTags(token); err != nil {
		return nil, err
	}
	w.source, err = claimSource(token)
	return w, err
}

// webIdentityNeeds asks the role's trust policy for what the token wants of it.
// A role that does not exist, or whose account is closed, trusts nobody: whether
// it is there cannot be told (ST-66, TH-59).
func webIdentityNeeds(call dispatch.Call, in *api.AssumeRoleWithWebIdentityInput) ([]authz.Need, error) {
	w, err := readWebIdentity(&call, in)
	if err != nil {
		return nil, err
	}
	role, err := federatedRole(&call, in.RoleArn)
	if err != nil {
		return nil, err
	}
	return federatedNeeds(&call, "sts:AssumeRoleWithWebIdentity", in.RoleArn, in.RoleSessionName, role, w.tags, w.source), nil
}

// federatedRole returns the role that a federated caller names, nil when there
// is none in an account that is open.
func federatedRole(call *dispatch.Call, roleARN string) (*identity.Role, error) {
	target, err := parseRoleARN(roleARN)
	if err != nil {
		return nil, err
	}
	account, err := call.Tx.Account(identity.AccountID(target.Account))
	if errors.Is(err, store.ErrNotFound) || err == nil && account.Status != identity.AccountActive {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return findRole(call.Tx, target, roleARN)
}

// federatedNeeds lists what a federated caller needs on a role, nil for one that
// is not there: to assume it, and what its tags and its source identity need
// (ST-10, ST-42, ST-47).
func federatedNeeds(call *dispatch.Call, action, roleARN, name string, role *identity.Role, tags *passedTags, source string) []authz.Need {
	base := authz.Need{Resource: roleARN, Account: call.Caller.Account, Trust: true}
	keys := []authz.Key{authz.One("sts:RoleSessionName", name)}
	if role != nil {
		base.Policy = authz.TrustPolicy(role)
		keys = append(keys, authz.TagKeys(role.Tags, "aws:ResourceTag/", "iam:ResourceTag/")...)
	}
	actions := []string{action}
	if len(tags.passed) > 0 {
		actions = append(actions, "sts:TagSession")
		keys = append(keys, authz.RequestTags(tags.passed)...)
	}
	if len(tags.transitive) > 0 {
		keys = append(keys, authz.Many("sts:TransitiveTagKeys", tags.transitive...))
	}
	if source != "" {
		actions = append(actions, "sts:SetSourceIdentity")
		keys = append(keys, authz.One("sts:SourceIdentity", source))
	}
	needs := make([]authz.Need, len(actions))
	for i, action := range actions {
		needs[i] = base
		needs[i].Action, needs[i].Keys = action, keys
	}
	return needs
}

// assumeRoleWithWebIdentity mints a session of the role. It runs only when all
// needs were allowed, so the role is there.
func assumeRoleWithWebIdentity(_ context.Context, call dispatch.Call, in *api.AssumeRoleWithWebIdentityInput) (*api.AssumeRoleWithWebIdentityOutput, error) {
	w, err := readWebIdentity(&call, in)
	if err != nil {
		return nil, err
	}
	role, err := federatedRole(&call, in.RoleArn)
	if err != nil {
		return nil, err
	}
	if role == nil {
		return nil, fmt.Errorf("role %s was allowed and is not there", in.RoleArn)
	}
	seconds, err := duration(&call, role, in.DurationSeconds)
	if err != nil {
		return nil, err
	}
	s := session.Session{
		Kind: session.Role, Account: role.Account, PrincipalID: role.ID, RoleName: role.Name, Name: in.RoleSessionName,
		Tags: w.tags.passed, Transitive: w.tags.transitive, SourceIdentity: w.source,
		Provider: call.Caller.Provider, Claims: keptClaims(call.Caller.Claims),
		Issued: call.Now, Expires: call.Now.Add(time.Duration(seconds) * time.Second),
	}
	packed, err := sessionPolicies(&call, in.Policy, in.PolicyArns, &s)
	if err != nil {
		return nil, err
	}
	credentials, err := mint(&call, s)
	if err != nil {
		return nil, err
	}
	out := &api.AssumeRoleWithWebIdentityOutput{
		Credentials: credentials, SourceIdentity: w.source,
		SubjectFromWebIdentityToken: w.token.Subject, Provider: w.token.Issuer, Audience: w.audience,
		AssumedRoleUser: &api.AssumedRoleUser{
			AssumedRoleId: role.ID + ":" + in.RoleSessionName, Arn: role.SessionARN(in.RoleSessionName).String(),
		},
	}
	if in.Policy != "" || len(in.PolicyArns) > 0 || len(s.Tags) > 0 {
		out.PackedPolicySize = new(packed)
	}
	return out, nil
}
