package iam

import (
	"context"
	"errors"
	"strings"

	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func accountOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("CreateAccountAlias", onAccount[api.CreateAccountAliasInput]("iam:CreateAccountAlias"), createAccountAlias),
		dispatch.Write("DeleteAccountAlias", onAccount[api.DeleteAccountAliasInput]("iam:DeleteAccountAlias"), deleteAccountAlias),
		dispatch.Read("GetAccountSummary", onAccount[wire.Empty]("iam:GetAccountSummary"), getAccountSummary),
		dispatch.Read("ListAccountAliases", onAccount[api.ListAccountAliasesInput]("iam:ListAccountAliases"), listAccountAliases),
	}
}

// onAccount returns the needs of an action that knows no resources.
func onAccount[In any](action string) func(dispatch.Call, *In) ([]authz.Need, error) {
	return func(dispatch.Call, *In) ([]authz.Need, error) { return need(action, "*"), nil }
}

// createAccountAlias gives the account a name that nobody else's has, in place
// of the one it had (IA-62). That a name is taken tells that some account has
// it, which is what a name that is unique everywhere must tell (TH-58).
func createAccountAlias(_ context.Context, call dispatch.Call, in *api.CreateAccountAliasInput) (*wire.Empty, error) {
	if isAccountID(in.AccountAlias) {
		return nil, validationError("The account alias must not be an account ID.") // IA-4
	}
	account, err := call.Tx.Account(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	taken := api.EntityAlreadyExists("The account alias %s already exists.", in.AccountAlias)
	if account.Alias == in.AccountAlias {
		return nil, taken
	}
	err = call.Tx.SetAlias(account, in.AccountAlias)
	if errors.Is(err, store.ErrExists) {
		return nil, taken
	}
	return &wire.Empty{}, err
}

func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

func deleteAccountAlias(_ context.Context, call dispatch.Call, in *api.DeleteAccountAliasInput) (*wire.Empty, error) {
	account, err := call.Tx.Account(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	if account.Alias != in.AccountAlias {
		return nil, api.NoSuchEntity("The account alias %s cannot be found.", in.AccountAlias)
	}
	return &wire.Empty{}, call.Tx.SetAlias(account, "")
}

// listAccountAliases lists the one alias that an account can have.
func listAccountAliases(_ context.Context, call dispatch.Call, in *api.ListAccountAliasesInput) (*api.ListAccountAliasesOutput, error) {
	account, err := call.Tx.Account(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	aliases := []string{}
	if account.Alias > w.after {
		aliases = append(aliases, account.Alias)
	}
	return &api.ListAccountAliasesOutput{AccountAliases: aliases, IsTruncated: new(false)}, nil
}

// getAccountSummary tells how many there are of each kind and how many there
// may be (IA-76).
func getAccountSummary(_ context.Context, call dispatch.Call, _ *wire.Empty) (*api.GetAccountSummaryOutput, error) {
	account, err := call.Tx.Account(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	n, err := call.Tx.Counters(account.ID)
	if err != nil {
		return nil, err
	}
	settings, err := call.Tx.Settings(account.ID)
	if err != nil {
		return nil, err
	}
	limits, err := call.Tx.Quotas(account.ID)
	if err != nil {
		return nil, err
	}
	of := func(name catalog.QuotaName) int32 {
		q, _ := catalog.LookupQuota(name)
		return int32(limits(q))
	}
	inUse, versions := 0, 0
	_, _, err = call.Tx.Devices(account.ID, store.Page[identity.MFADevice]{Keep: func(d *identity.MFADevice) bool {
		if d.UserID != "" {
			inUse++
		}
		return false
	}})
	if err != nil {
		return nil, err
	}
	_, _, err = call.Tx.Policies(account.ID, store.Page[identity.Policy]{Keep: func(p *identity.Policy) bool {
		versions += len(p.Versions)
		return false
	}})
	if err != nil {
		return nil, err
	}
	signing, _, err := call.Tx.SigningCertificates(account.ID, identity.RootUser, store.Page[identity.SigningCertificate]{Limit: 1})
	if err != nil {
		return nil, err
	}
	rootPassword, err := hasRootPassword(&call)
	if err != nil {
		return nil, err
	}
	return &api.GetAccountSummaryOutput{SummaryMap: map[string]int32{
		"Users": int32(n.Users), "UsersQuota": of(catalog.UsersPerAccount),
		"Groups": int32(n.Groups), "GroupsQuota": of(catalog.GroupsPerAccount),
		"Roles": int32(n.Roles), "RolesQuota": of(catalog.RolesPerAccount),
		"Policies": int32(n.Policies), "PoliciesQuota": of(catalog.PoliciesPerAccount),
		"PolicyVersionsInUse": int32(versions), "PolicyVersionsInUseQuota": of(catalog.PolicyVersionsInUse),
		"MFADevices": int32(n.Devices), "MFADevicesInUse": int32(inUse),
		"AccountMFAEnabled":        present(len(account.RootMFA)),
		"AccountAccessKeysPresent": present(len(account.RootKeys)),
		"AccountPasswordPresent":   rootPassword, "AccountSigningCertificatesPresent": present(len(signing)),
		"InstanceProfiles": int32(n.InstanceProfiles), "InstanceProfilesQuota": of(catalog.InstanceProfilesPerAccount),
		"ServerCertificates": int32(n.ServerCertificates), "ServerCertificatesQuota": of(catalog.ServerCertificatesPerAccount),
		"Providers":                       int32(n.OIDCProviders + n.SAMLProviders),
		"AccessKeysPerUserQuota":          of(catalog.AccessKeysPerUser),
		"SigningCertificatesPerUserQuota": of(catalog.SigningCertificatesPerUser),
		"GroupsPerUserQuota":              of(catalog.GroupsPerUser),
		"AttachedPoliciesPerUserQuota":    of(catalog.PoliciesPerUser),
		"AttachedPoliciesPerGroupQuota":   of(catalog.PoliciesPerGroup),
		"AttachedPoliciesPerRoleQuota":    of(catalog.PoliciesPerRole),
		"UserPolicySizeQuota":             of(catalog.UserPolicySize),
		"GroupPolicySizeQuota":            of(catalog.GroupPolicySize),
		"RolePolicySizeQuota":             of(catalog.RolePolicySize),
		"AssumeRolePolicySizeQuota":       of(catalog.TrustPolicySize),
		"PolicySizeQuota":                 of(catalog.PolicySize),
		"VersionsPerPolicyQuota":          of(catalog.VersionsPerPolicy),
		"GlobalEndpointTokenVersion":      tokenVersion(settings),
	}}, nil
}

// hasRootPassword is 1 when the account's root has a login profile.
func hasRootPassword(call *dispatch.Call) (int32, error) {
	switch _, err := call.Tx.LoginProfile(call.Caller.Account, identity.RootUser); {
	case errors.Is(err, store.ErrNotFound):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return 1, nil
}

// present is the 1 or 0 by which a summary says whether there is any.
func present(n int) int32 { return int32(min(n, 1)) }
