package sts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/federation/issuer"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

func (s *Service) webIdentityTokenOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Renew("GetWebIdentityToken", getWebIdentityTokenNeeds, makeIssuerKey, s.getWebIdentityToken),
	}
}

// tokenSeconds is how long a token is good for when nobody says.
const tokenSeconds = 300

func tokenLife(in *api.GetWebIdentityTokenInput) time.Duration {
	if in.DurationSeconds == nil {
		return tokenSeconds * time.Second
	}
	return time.Duration(*in.DurationSeconds) * time.Second
}

// getWebIdentityTokenNeeds asks for sts:GetWebIdentityToken and, when the token is
// to have tags, for sts:TagGetWebIdentityToken (ST-79). Root has no tokens.
func getWebIdentityTokenNeeds(call dispatch.Call, in *api.GetWebIdentityTokenInput) ([]authz.Need, error) {
	if !slices.Contains(issuer.Algorithms(), in.SigningAlgorithm) {
		return nil, validationError("1 validation error detected: Value '%s' at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [%s]",
			in.SigningAlgorithm, strings.Join(issuer.Algorithms(), ", "))
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	if call.Caller.Kind == authn.Root {
		return nil, accessDenied("Web identity tokens may not be requested by root accounts.")
	}
	need := authz.Need{Action: "sts:GetWebIdentityToken", Resource: "*", Keys: append([]authz.Key{
		authz.Many("sts:IdentityTokenAudience", in.Audience...),
		authz.One("sts:DurationSeconds", strconv.FormatInt(int64(tokenLife(in)/time.Second), 10)),
		authz.One("sts:SigningAlgorithm", in.SigningAlgorithm),
	}, authz.RequestTags(tags)...)}
	needs := []authz.Need{need}
	if len(tags) > 0 {
		needs = append(needs, authz.Need{Action: "sts:TagGetWebIdentityToken", Resource: "*", Keys: authz.RequestTags(tags)})
	}
	return needs, nil
}

// makeIssuerKey makes a key for the account's issuer that has none of this
// algorithm, or too old a one.
func makeIssuerKey(_ context.Context, _ *store.Store, call dispatch.Call, in *api.GetWebIdentityTokenInput) (*identity.IssuerKey, error) {
	k, err := issuer.Generate(call.Ring(), call.Caller.Account, in.SigningAlgorithm, call.Now)
	return &k, err
}

// getWebIdentityToken signs a token that says who is calling, for relying parties
// that trust the account's issuer. It does not outlive the session that asks.
func (s *Service) getWebIdentityToken(_ context.Context, call dispatch.Call, in *api.GetWebIdentityTokenInput, made *identity.IssuerKey) (*api.GetWebIdentityTokenOutput, error) {
	settings, err := call.Tx.Settings(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	switch {
	case !settings.Outbound:
		return nil, api.OutboundWebIdentityFederationDisabledException("Outbound web identity federation is not enabled for account %s.", call.Caller.Account)
	case s.config.PublicURL == "":
		return nil, api.OutboundWebIdentityFederationDisabledException("Outbound web identity federation needs the URL at which others reach this server. Set public-url.")
	}
	expires := call.Now.UTC().Truncate(time.Second).Add(tokenLife(in))
	if c := call.Caller.Session; c != nil && expires.After(c.Expires) {
		return nil, api.SessionDurationEscalationException("The requested token duration would extend beyond the expiration of the session, which is %s.", c.Expires.UTC().Format(time.RFC3339))
	}
	key, err := signingKey(&call, settings, in.SigningAlgorithm, made)
	if err != nil {
		return nil, err
	}
	claims, err := claimsOf(&call, in)
	if err != nil {
		return nil, err
	}
	claims.Issuer, claims.Expires = issuer.URL(s.config.PublicURL, settings.IssuerID), expires.Unix()
	token, err := issuer.Sign(call.Ring(), call.Caller.Account, key, claims)
	if errors.Is(err, issuer.ErrPayload) {
		return nil, api.JWTPayloadSizeExceededException("The token's claims are longer than %d bytes. Pass fewer tags or audiences.", issuer.MaxPayload)
	} else if err != nil {
		return nil, err
	}
	return &api.GetWebIdentityTokenOutput{WebIdentityToken: token, Expiration: expires}, nil
}

// signingKey returns the key of the account's issuer: the one that it has, or the
// one that was made when it has none that is young enough.
func signingKey(call *dispatch.Call, settings *identity.AccountSettings, algorithm string, made *identity.IssuerKey) (*identity.IssuerKey, error) {
	keys, err := call.Tx.IssuerKeys(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	if key := issuer.Signing(keys, algorithm, call.Now); key != nil {
		return key, nil
	}
	if made == nil {
		return nil, dispatch.ErrSpends
	}
	issuer.Replace(keys, *made, call.Now)
	if err := call.Tx.PutIssuer(settings.IssuerID, call.Caller.Account); err != nil {
		return nil, err
	}
	return made, call.Tx.PutIssuerKeys(keys)
}

// claimsOf returns what a token says of the caller.
func claimsOf(call *dispatch.Call, in *api.GetWebIdentityTokenInput) (*issuer.Claims, error) {
	c := &issuer.Claims{
		Subject: call.Caller.PrincipalARN, Audience: in.Audience, Issued: call.Now.Unix(), ID: call.UUID(),
		Identity: issuer.Identity{
			Account: call.Caller.Account, Region: call.Request.Region(), Principal: call.Caller.PrincipalARN,
		},
	}
	tags, err := principalTags(call)
	if err != nil {
		return nil, err
	}
	requested, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	c.Identity.PrincipalTags, c.Identity.RequestTags = tagClaims(tags), tagClaims(requested)
	if s := call.Caller.Session; s != nil {
		c.Identity.SessionExpires = s.Expires.UTC().Format(time.RFC3339)
		c.Identity.SourceIdentity, c.Identity.FederatedProvider = s.SourceIdentity, s.Provider
	}
	return c, organizationClaims(call, &c.Identity)
}

func tagClaims(tags []identity.Tag) map[string]string {
	claims := make(map[string]string, len(tags))
	for _, t := range tags {
		claims[t.Key] = t.Value
	}
	return claims
}

// principalTags are the caller's tags; a session's stand in for the principal's
// own (ST-40).
func principalTags(call *dispatch.Call) ([]identity.Tag, error) {
	var own []identity.Tag
	switch call.Caller.Kind {
	case authn.User:
		u, err := call.Tx.User(call.Caller.Account, call.Caller.UserName)
		if err != nil {
			return nil, err
		}
		own = u.Tags
	case authn.RoleSession:
		r, err := call.Tx.Role(call.Caller.Account, call.Caller.RoleName)
		if err != nil {
			return nil, err
		}
		own = r.Tags
	case authn.Anonymous, authn.Root, authn.FederatedUser, authn.Federated, authn.Service:
	}
	if call.Caller.Session == nil {
		return own, nil
	}
	return identity.SetTags(own, call.Caller.Session.Tags), nil
}

// organizationClaims says where the caller's account is in its organization.
func organizationClaims(call *dispatch.Call, of *issuer.Identity) error {
	account, err := call.Tx.Account(call.Caller.Account)
	if err != nil {
		return err
	}
	if account.Organization == "" {
		return nil
	}
	o, err := call.Tx.Organization(account.Organization)
	if err != nil {
		return fmt.Errorf("organization of %s: %w", account.ID, err)
	}
	path, err := call.Tx.Path(o, account)
	if err != nil {
		return fmt.Errorf("place of %s: %w", account.ID, err)
	}
	of.Organization, of.Paths = o.ID, []string{o.ID + "/" + strings.Join(path[:len(path)-1], "/") + "/"}
	return nil
}
