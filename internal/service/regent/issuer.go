package regent

import (
	"context"

	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/federation/issuer"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

func issuerOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Prepare("RotateIssuerKeys", rotateIssuerKeysNeeds, makeIssuerKeys, rotateIssuerKeys),
	}
}

func rotateIssuerKeysNeeds(dispatch.Call, *api.RotateIssuerKeysInput) ([]authz.Need, error) {
	return []authz.Need{{Action: "regent:RotateIssuerKeys", Resource: "*"}}, nil
}

// makeIssuerKeys makes a key for each algorithm, before the transaction (TH-24).
func makeIssuerKeys(_ context.Context, _ *store.Store, call dispatch.Call, _ *api.RotateIssuerKeysInput) ([]identity.IssuerKey, error) {
	algorithms := issuer.Algorithms()
	made := make([]identity.IssuerKey, len(algorithms))
	for i, algorithm := range algorithms {
		var err error
		if made[i], err = issuer.Generate(call.Ring(), call.Caller.Account, algorithm, call.Now); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// rotateIssuerKeys gives the caller's account new keys to sign outbound tokens
// with (ST-79). The ones before stay published until the last token under them has
// expired, or go at once when they are withdrawn, as they must when somebody else
// has them.
func rotateIssuerKeys(_ context.Context, call dispatch.Call, in *api.RotateIssuerKeysInput, made []identity.IssuerKey) (*api.RotateIssuerKeysOutput, error) {
	settings, err := call.Tx.Settings(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	if settings.IssuerID == "" {
		return nil, api.NoSuchResourceException("Account %s has no issuer: outbound web identity federation was never enabled.", call.Caller.Account)
	}
	keys, err := call.Tx.IssuerKeys(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	for _, k := range made {
		issuer.Replace(keys, k, call.Now)
	}
	if in.Withdraw != nil && *in.Withdraw {
		issuer.Withdraw(keys)
	}
	out := &api.RotateIssuerKeysOutput{Keys: make([]api.IssuerKey, len(keys.Keys))}
	for i := range keys.Keys {
		k := &keys.Keys[i]
		out.Keys[i] = api.IssuerKey{KeyId: k.ID, SigningAlgorithm: k.Algorithm, CreateDate: k.Created}
		if !k.Retired.IsZero() {
			out.Keys[i].PublishedUntil = issuer.PublishedUntil(k)
		}
	}
	return out, call.Tx.PutIssuerKeys(keys)
}
