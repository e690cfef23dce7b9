package server

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// GiveRootKey gives the root of an account a new access key. AWS's API has no
// call for it, so only tests and --dev get to it.
func (s *Server) GiveRootKey(ctx context.Context, id identity.AccountID) (RootKey, error) {
	key, err := newRootKey(id)
	if err != nil {
		return RootKey{}, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		account, err := tx.Account(id)
		if err != nil {
			return err
		}
		return addRootKey(tx, s.authn.Ring(), account, key, s.clock.Now())
	})
	if err != nil {
		return RootKey{}, err
	}
	return key, nil
}

// NewAccount makes a member account by the Organizations API, and the
// organization if there is none, as the management account's root whose key it
// is given. It returns the account with a key of its root.
func (s *Server) NewAccount(ctx context.Context, management RootKey, name string) (identity.AccountID, RootKey, error) {
	api := apiClient{url: "http://regent.invalid", region: s.options.Region, now: s.clock.Now, handler: s.handler}
	root := api.as(management)
	_, err := root.organizations(ctx, "CreateOrganization", map[string]any{"FeatureSet": "ALL"})
	if err != nil && !isCode(err, "AlreadyInOrganizationException") {
		return "", RootKey{}, err
	}
	raw, err := root.organizations(ctx, "CreateAccount", map[string]any{"AccountName": name, "Email": "root@" + name + ".invalid"})
	if err != nil {
		return "", RootKey{}, err
	}
	var status struct {
		CreateAccountStatus struct{ ID, State, FailureReason, AccountID string }
	}
	if err := json.Unmarshal(raw, &status); err != nil {
		return "", RootKey{}, fmt.Errorf("reading CreateAccount: %w", err)
	}
	raw, err = root.organizations(ctx, "DescribeCreateAccountStatus", map[string]any{"CreateAccountRequestId": status.CreateAccountStatus.ID})
	if err != nil {
		return "", RootKey{}, err
	}
	if err := json.Unmarshal(raw, &status); err != nil {
		return "", RootKey{}, fmt.Errorf("reading DescribeCreateAccountStatus: %w", err)
	}
	if status.CreateAccountStatus.State != "SUCCEEDED" {
		return "", RootKey{}, fmt.Errorf("creating account %s: %s %s", name, status.CreateAccountStatus.State, status.CreateAccountStatus.FailureReason)
	}
	id := identity.AccountID(status.CreateAccountStatus.AccountID)
	key, err := s.GiveRootKey(ctx, id)
	return id, key, err
}

// NewUser makes a user with an access key and, unless policy is empty, one
// inline policy, by the IAM API as the account's root.
func (s *Server) NewUser(ctx context.Context, root RootKey, name, policy string) (RootKey, error) {
	api := apiClient{url: "http://regent.invalid", region: s.options.Region, now: s.clock.Now, handler: s.handler}.as(root)
	if _, err := api.query(ctx, "iam", "CreateUser", "UserName", name); err != nil {
		return RootKey{}, err
	}
	if policy != "" {
		_, err := api.query(ctx, "iam", "PutUserPolicy", "UserName", name, "PolicyName", "inline", "PolicyDocument", policy)
		if err != nil {
			return RootKey{}, err
		}
	}
	return api.newKey(ctx, name)
}
