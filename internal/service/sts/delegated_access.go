package sts

import (
	"context"
	"errors"
	"time"

	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

func delegatedAccessOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("GetDelegatedAccessToken", getDelegatedAccessTokenNeeds, getDelegatedAccessToken),
	}
}

func getDelegatedAccessTokenNeeds(dispatch.Call, *api.GetDelegatedAccessTokenInput) ([]authz.Need, error) {
	return []authz.Need{{Action: "sts:GetDelegatedAccessToken", Resource: "*"}}, nil
}

// getDelegatedAccessToken gives the requestor of a delegation request what its
// approver lent: the approver's permissions, within the request's policy. The
// access begins when the token is sent, and all sessions of it end together,
// however often the token is traded in (ST-80). Who lent may be gone: then
// nothing is lent any more.
func getDelegatedAccessToken(_ context.Context, call dispatch.Call, in *api.GetDelegatedAccessTokenInput) (*api.GetDelegatedAccessTokenOutput, error) {
	refused := accessDenied("The trade-in token is not valid.")
	r, err := call.Tx.DelegationByToken(in.TradeInToken)
	if errors.Is(err, store.ErrNotFound) {
		return nil, refused
	} else if err != nil {
		return nil, err
	}
	if r.Requestor != call.Caller.Account || r.State != identity.DelegationFinalized {
		return nil, refused
	}
	until := r.Updated.Add(time.Duration(r.SessionDuration) * time.Second)
	if !call.Now.Before(until) || !call.Now.Before(r.Expires) {
		return nil, api.ExpiredTradeInTokenException("The trade-in token is expired.")
	}
	s := session.Session{
		Kind: session.Delegated, Account: r.OwnerAccount, PrincipalID: r.ApproverID, Policy: r.Policy,
		Ancestors: ancestors(&call), Issued: call.Now, Expires: until,
	}
	lender, err := lend(call.Tx, r, &s)
	if errors.Is(err, store.ErrNotFound) {
		return nil, refused
	} else if err != nil {
		return nil, err
	}
	packed, err := packedSize(&s)
	if err != nil {
		return nil, err
	}
	if packed > 100 {
		return nil, api.PackedPolicyTooLarge("Packed size of session policy consumes %d%% of allotted space.", packed)
	}
	credentials, err := mint(&call, s)
	if err != nil {
		return nil, err
	}
	return &api.GetDelegatedAccessTokenOutput{Credentials: credentials, PackedPolicySize: &packed, AssumedPrincipal: lender}, nil
}

// lend enters in s whose permissions it has, and returns the ARN of that user
// or role. The error is store.ErrNotFound when it is gone.
func lend(tx *store.Tx, r *identity.DelegationRequest, s *session.Session) (string, error) {
	role, err := tx.RoleByID(r.ApproverID)
	if err == nil && role.Account == r.OwnerAccount {
		s.RoleName, s.Name = role.Name, r.ID
		return role.ARN().String(), nil
	} else if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	u, err := tx.UserByID(r.ApproverID)
	if err != nil {
		return "", err
	}
	if u.Account != r.OwnerAccount {
		return "", store.ErrNotFound
	}
	return u.ARN().String(), nil
}
