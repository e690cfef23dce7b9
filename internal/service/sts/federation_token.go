package sts

import (
	"context"
	"time"

	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
)

func federationTokenOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("GetFederationToken", getFederationTokenNeeds, getFederationToken), // RE-26
	}
}

// getFederationTokenNeeds asks for sts:GetFederationToken on the federated user,
// and for sts:TagSession when the session is to have tags (ST-74, ST-45). Only
// users and root get here, with a long-term key (ST-72).
func getFederationTokenNeeds(call dispatch.Call, in *api.GetFederationTokenInput) ([]authz.Need, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	need := authz.Need{
		Action: "sts:GetFederationToken", Resource: identity.FederatedARN(call.Caller.Account, in.Name).String(), Keys: authz.RequestTags(tags),
	}
	needs := []authz.Need{need}
	if len(tags) > 0 {
		need.Action = "sts:TagSession"
		needs = append(needs, need)
	}
	return needs, nil
}

// getFederationToken mints a session of a federated user, who may do what both
// its issuer and its session policies allow (EV-3).
func getFederationToken(_ context.Context, call dispatch.Call, in *api.GetFederationTokenInput) (*api.GetFederationTokenOutput, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	seconds := int32(userSessionDefault)
	if in.DurationSeconds != nil {
		seconds = *in.DurationSeconds
	}
	if call.Caller.Kind == authn.Root {
		seconds = min(seconds, rootSessionMax)
	}
	s := session.Session{
		Kind: session.Federated, Account: call.Caller.Account, PrincipalID: call.Caller.PrincipalID, Name: in.Name,
		Tags: tags, Ancestors: ancestors(&call),
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
	return &api.GetFederationTokenOutput{
		Credentials: credentials, PackedPolicySize: &packed,
		FederatedUser: &api.FederatedUser{
			FederatedUserId: string(call.Caller.Account) + ":" + in.Name, Arn: identity.FederatedARN(call.Caller.Account, in.Name).String(),
		},
	}, nil
}
