package iam

import (
	"context"
	"errors"
	"slices"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

func rootFeatureOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("DisableOrganizationsRootCredentialsManagement",
			onAccount[api.DisableOrganizationsRootCredentialsManagementInput]("iam:DisableOrganizationsRootCredentialsManagement"),
			rootFeature[api.DisableOrganizationsRootCredentialsManagementInput](identity.RootCredentialsManagement, false,
				func(id string, on []string) *api.DisableOrganizationsRootCredentialsManagementOutput {
					return &api.DisableOrganizationsRootCredentialsManagementOutput{OrganizationId: id, EnabledFeatures: on}
				})),
		dispatch.Write("DisableOrganizationsRootSessions",
			onAccount[api.DisableOrganizationsRootSessionsInput]("iam:DisableOrganizationsRootSessions"),
			rootFeature[api.DisableOrganizationsRootSessionsInput](identity.RootSessions, false,
				func(id string, on []string) *api.DisableOrganizationsRootSessionsOutput {
					return &api.DisableOrganizationsRootSessionsOutput{OrganizationId: id, EnabledFeatures: on}
				})),
		dispatch.Write("EnableOrganizationsRootCredentialsManagement",
			onAccount[api.EnableOrganizationsRootCredentialsManagementInput]("iam:EnableOrganizationsRootCredentialsManagement"),
			rootFeature[api.EnableOrganizationsRootCredentialsManagementInput](identity.RootCredentialsManagement, true,
				func(id string, on []string) *api.EnableOrganizationsRootCredentialsManagementOutput {
					return &api.EnableOrganizationsRootCredentialsManagementOutput{OrganizationId: id, EnabledFeatures: on}
				})),
		dispatch.Write("EnableOrganizationsRootSessions",
			onAccount[api.EnableOrganizationsRootSessionsInput]("iam:EnableOrganizationsRootSessions"),
			rootFeature[api.EnableOrganizationsRootSessionsInput](identity.RootSessions, true,
				func(id string, on []string) *api.EnableOrganizationsRootSessionsOutput {
					return &api.EnableOrganizationsRootSessionsOutput{OrganizationId: id, EnabledFeatures: on}
				})),
		dispatch.Read("ListOrganizationsFeatures",
			onAccount[api.ListOrganizationsFeaturesInput]("iam:ListOrganizationsFeatures"), listOrganizationsFeatures),
	}
}

// administered returns the organization that the caller's account manages or
// administers IAM for, and whether it manages it.
func administered(call *dispatch.Call) (o *identity.Organization, manages bool, err error) {
	account, err := call.Tx.Account(call.Caller.Account)
	if err != nil {
		return nil, false, err
	}
	if account.Organization == "" {
		return nil, false, api.OrganizationNotFoundException("The request was rejected because no organization is associated with your account.")
	}
	if o, err = call.Tx.Organization(account.Organization); err != nil {
		return nil, false, err
	}
	if o.Management == account.ID {
		return o, true, nil
	}
	d, err := call.Tx.Delegate(o.ID, account.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, false, err
	}
	if err == nil {
		if _, ok := identity.FindService(d.Services, identity.IAMPrincipal); ok {
			return o, false, nil
		}
	}
	return nil, false, api.AccountNotManagementOrDelegatedAdministratorException(
		"The request was rejected because the account making the request is not the management account or delegated administrator account for centralized root access.")
}

// centralized is administered for the features of members' roots, which want
// all features and IAM's trusted access.
func centralized(call *dispatch.Call) (o *identity.Organization, manages bool, err error) {
	o, manages, err = administered(call)
	switch {
	case err != nil:
		return nil, false, err
	case o.FeatureSet != "ALL":
		return nil, false, api.OrganizationNotInAllFeaturesModeException("The request was rejected because your organization does not have All features enabled.")
	case !o.Trusts(identity.IAMPrincipal):
		return nil, false, api.ServiceAccessNotEnabledException("The request was rejected because trusted access is not enabled for IAM in Organizations.")
	}
	return o, manages, nil
}

// rootFeature returns the handler that switches a feature on or off; it may be
// so already. Only the management account switches one on.
func rootFeature[In, Out any](feature identity.RootFeature, on bool, out func(string, []string) *Out) func(context.Context, dispatch.Call, *In) (*Out, error) {
	return func(_ context.Context, call dispatch.Call, _ *In) (*Out, error) {
		o, manages, err := centralized(&call)
		if err != nil {
			return nil, err
		}
		if on && !manages {
			return nil, api.CallerIsNotManagementAccountException("The request was rejected because the account making the request is not the management account for the organization.")
		}
		if o.HasRootFeature(feature) != on {
			o.SetRootFeature(feature, on)
			if err := call.Tx.PutOrganization(o); err != nil {
				return nil, err
			}
		}
		return out(o.ID, rootFeatures(o)), nil
	}
}

// rootFeatures are the names of the features that are on, in order.
func rootFeatures(o *identity.Organization) []string {
	names := make([]string, 0, len(o.RootFeatures))
	for _, f := range o.RootFeatures {
		names = append(names, string(f))
	}
	slices.Sort(names)
	return names
}

func listOrganizationsFeatures(_ context.Context, call dispatch.Call, _ *api.ListOrganizationsFeaturesInput) (*api.ListOrganizationsFeaturesOutput, error) {
	o, _, err := centralized(&call)
	if err != nil {
		return nil, err
	}
	return &api.ListOrganizationsFeaturesOutput{OrganizationId: o.ID, EnabledFeatures: rootFeatures(o)}, nil
}
