package iam

import (
	"context"
	"errors"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func passwordPolicyOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("DeleteAccountPasswordPolicy", onAccount[wire.Empty]("iam:DeleteAccountPasswordPolicy"), deleteAccountPasswordPolicy),
		dispatch.Read("GetAccountPasswordPolicy", getAccountPasswordPolicyNeeds, getAccountPasswordPolicy),
		dispatch.Write("UpdateAccountPasswordPolicy", onAccount[api.UpdateAccountPasswordPolicyInput]("iam:UpdateAccountPasswordPolicy"), updateAccountPasswordPolicy),
	}
}

// accountPolicy returns the password policy of the caller's account, nil when
// it has none of its own.
func accountPolicy(call *dispatch.Call) (*identity.PasswordPolicy, error) {
	policy, err := call.Tx.PasswordPolicy(call.Caller.Account)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return policy, err
}

// ownPasswordPolicy is accountPolicy with IAM's error where there is none.
func ownPasswordPolicy(call *dispatch.Call) (*identity.PasswordPolicy, error) {
	policy, err := accountPolicy(call)
	if err == nil && policy == nil {
		err = api.NoSuchEntity("The Password Policy with domain name %s cannot be found.", call.Caller.Account)
	}
	return policy, err
}

// getAccountPasswordPolicyNeeds: users who may change their passwords may read
// what these must be like.
func getAccountPasswordPolicyNeeds(call dispatch.Call, _ *wire.Empty) ([]authz.Need, error) {
	return granted(&call, need("iam:GetAccountPasswordPolicy", "*"))
}

func getAccountPasswordPolicy(_ context.Context, call dispatch.Call, _ *wire.Empty) (*api.GetAccountPasswordPolicyOutput, error) {
	p, err := ownPasswordPolicy(&call)
	if err != nil {
		return nil, err
	}
	out := &api.PasswordPolicy{
		MinimumPasswordLength: new(p.MinLength),
		RequireSymbols:        new(p.Symbols), RequireNumbers: new(p.Numbers),
		RequireUppercaseCharacters: new(p.Upper), RequireLowercaseCharacters: new(p.Lower),
		AllowUsersToChangePassword: new(p.UsersMayChange),
		ExpirePasswords:            new(p.MaxAge > 0), HardExpiry: new(p.HardExpiry),
	}
	if p.MaxAge > 0 {
		out.MaxPasswordAge = new(p.MaxAge)
	}
	if p.Reuse > 0 {
		out.PasswordReusePrevention = new(p.Reuse)
	}
	return &api.GetAccountPasswordPolicyOutput{PasswordPolicy: out}, nil
}

// defaultMinLength is the length of passwords under a policy that says nothing
// of it (IA-53).
const defaultMinLength = 6

// updateAccountPasswordPolicy sets the whole policy: what is left out goes back
// to its default (IA-53).
func updateAccountPasswordPolicy(_ context.Context, call dispatch.Call, in *api.UpdateAccountPasswordPolicyInput) (*wire.Empty, error) {
	return &wire.Empty{}, call.Tx.PutPasswordPolicy(&identity.PasswordPolicy{
		Account:   call.Caller.Account,
		MinLength: given(in.MinimumPasswordLength, defaultMinLength),
		Symbols:   given(in.RequireSymbols, false), Numbers: given(in.RequireNumbers, false),
		Upper: given(in.RequireUppercaseCharacters, false), Lower: given(in.RequireLowercaseCharacters, false),
		UsersMayChange: given(in.AllowUsersToChangePassword, false),
		MaxAge:         given(in.MaxPasswordAge, 0), Reuse: given(in.PasswordReusePrevention, 0),
		HardExpiry: given(in.HardExpiry, false),
	})
}

// given returns what a call gave, or else the default.
func given[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}

func deleteAccountPasswordPolicy(_ context.Context, call dispatch.Call, _ *wire.Empty) (*wire.Empty, error) {
	if _, err := ownPasswordPolicy(&call); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.DeletePasswordPolicy(call.Caller.Account)
}
