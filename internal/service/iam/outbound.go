package iam

import (
	"context"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/federation/issuer"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func (s *Service) outboundOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("DisableOutboundWebIdentityFederation",
			onAccount[wire.Empty]("iam:DisableOutboundWebIdentityFederation"), disableOutboundWebIdentityFederation),
		dispatch.Prepare("EnableOutboundWebIdentityFederation",
			onAccount[wire.Empty]("iam:EnableOutboundWebIdentityFederation"), makeIssuerKeys, s.enableOutboundWebIdentityFederation),
		dispatch.Read("GetOutboundWebIdentityFederationInfo",
			onAccount[wire.Empty]("iam:GetOutboundWebIdentityFederationInfo"), s.getOutboundWebIdentityFederationInfo),
		dispatch.Write("SetSecurityTokenServicePreferences",
			onAccount[api.SetSecurityTokenServicePreferencesInput]("iam:SetSecurityTokenServicePreferences"), setSecurityTokenServicePreferences),
	}
}

// outboundIssuer is the issuer of an account's outbound tokens (TH-95).
func (s *Service) outboundIssuer(settings *identity.AccountSettings) string {
	return issuer.URL(s.publicURL, settings.IssuerID)
}

// makeIssuerKeys makes the keys that the account's issuer lacks, before the
// transaction: relying parties may read them before there is a token.
func makeIssuerKeys(ctx context.Context, s *store.Store, call dispatch.Call, _ *wire.Empty) ([]identity.IssuerKey, error) {
	var lacking []string
	err := s.View(ctx, func(tx *store.Tx) error {
		has, err := tx.IssuerKeys(call.Caller.Account)
		if err != nil {
			return err
		}
		for _, algorithm := range issuer.Algorithms() {
			if issuer.Signing(has, algorithm, call.Now) == nil {
				lacking = append(lacking, algorithm)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	keys := make([]identity.IssuerKey, len(lacking))
	for i, algorithm := range lacking {
		if keys[i], err = issuer.Generate(call.Ring(), call.Caller.Account, algorithm, call.Now); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// enableOutboundWebIdentityFederation lets an account issue tokens that others
// trust (ST-79). An account that did before has the issuer that it had.
func (s *Service) enableOutboundWebIdentityFederation(_ context.Context, call dispatch.Call, _ *wire.Empty, made []identity.IssuerKey) (*api.EnableOutboundWebIdentityFederationOutput, error) {
	if s.publicURL == "" {
		return nil, validationError("Outbound web identity federation needs the URL at which others reach this server. Set public-url.")
	}
	settings, err := call.Tx.Settings(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	if settings.Outbound {
		return nil, api.FeatureEnabled("Outbound web identity federation is already enabled for account %s.", call.Caller.Account)
	}
	settings.Outbound = true
	if settings.IssuerID == "" {
		settings.IssuerID = call.UUID()
	}
	if err := call.Tx.PutIssuer(settings.IssuerID, call.Caller.Account); err != nil {
		return nil, err
	}
	if err := enterIssuerKeys(&call, made); err != nil {
		return nil, err
	}
	if err := call.Tx.PutSettings(call.Caller.Account, settings); err != nil {
		return nil, err
	}
	return &api.EnableOutboundWebIdentityFederationOutput{IssuerIdentifier: s.outboundIssuer(settings)}, nil
}

// enterIssuerKeys gives the account's issuer the keys that were made, as far as it
// still lacks them.
func enterIssuerKeys(call *dispatch.Call, made []identity.IssuerKey) error {
	keys, err := call.Tx.IssuerKeys(call.Caller.Account)
	if err != nil {
		return err
	}
	for _, k := range made {
		if issuer.Signing(keys, k.Algorithm, call.Now) == nil {
			issuer.Replace(keys, k, call.Now)
		}
	}
	return call.Tx.PutIssuerKeys(keys)
}

// outbound returns the account's switches while outbound federation is on.
func outbound(call *dispatch.Call) (*identity.AccountSettings, error) {
	settings, err := call.Tx.Settings(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	if !settings.Outbound {
		return nil, api.FeatureDisabled("Outbound web identity federation is not enabled for account %s.", call.Caller.Account)
	}
	return settings, nil
}

func disableOutboundWebIdentityFederation(_ context.Context, call dispatch.Call, _ *wire.Empty) (*wire.Empty, error) {
	settings, err := outbound(&call)
	if err != nil {
		return nil, err
	}
	settings.Outbound = false
	return &wire.Empty{}, call.Tx.PutSettings(call.Caller.Account, settings)
}

func (s *Service) getOutboundWebIdentityFederationInfo(_ context.Context, call dispatch.Call, _ *wire.Empty) (*api.GetOutboundWebIdentityFederationInfoOutput, error) {
	settings, err := outbound(&call)
	if err != nil {
		return nil, err
	}
	return &api.GetOutboundWebIdentityFederationInfoOutput{
		IssuerIdentifier: s.outboundIssuer(settings), JwtVendingEnabled: new(true),
	}, nil
}

// setSecurityTokenServicePreferences keeps which tokens the global endpoint
// makes, for GetAccountSummary to show. Regent's are good in its one region
// either way.
func setSecurityTokenServicePreferences(_ context.Context, call dispatch.Call, in *api.SetSecurityTokenServicePreferencesInput) (*wire.Empty, error) {
	settings, err := call.Tx.Settings(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	settings.TokenVersion = in.GlobalEndpointTokenVersion
	return &wire.Empty{}, call.Tx.PutSettings(call.Caller.Account, settings)
}

// tokenVersion is the number that a summary tells of an account's tokens: those
// of an account that set nothing are good in every region.
func tokenVersion(settings *identity.AccountSettings) int32 {
	if settings.TokenVersion == "v1Token" {
		return 1
	}
	return 2
}
