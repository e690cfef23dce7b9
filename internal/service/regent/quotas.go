package regent

import (
	"context"
	"errors"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

func quotaOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Read("ListQuotas", listQuotasNeeds, listQuotas),
		dispatch.Write("PutQuota", putQuotaNeeds, putQuota),
	}
}

// quotaNeeds asks for an action on a quota of an account. The ARN is made of
// what the caller gave, whether or not there is such an account.
func quotaNeeds(call *dispatch.Call, action string, account identity.AccountID, name string) []authz.Need {
	a := arn.ARN{
		Partition: identity.Partition, Service: "regent", Account: string(call.Caller.Account),
		Resource: "quota/" + string(account) + "/" + name,
	}
	return []authz.Need{{Action: "regent:" + action, Resource: a.String()}}
}

// managed fails unless the caller's account manages the organization that the
// account is in. An account that stands alone is managed by nobody: who could
// raise their own quotas would have none.
func managed(call *dispatch.Call, id identity.AccountID) error {
	org, err := organizationOf(call.Tx, call.Caller.Account)
	if err != nil {
		return err
	}
	if org == nil || org.Management != call.Caller.Account {
		return api.AccessDeniedException("Only the management account of an organization has access to the quotas of its accounts.")
	}
	account, err := call.Tx.Account(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && account.Organization != org.ID {
		return api.NoSuchResourceException("Account %s is not in your organization.", id)
	}
	return err
}

func apiQuota(q catalog.Quota, value int) api.Quota {
	return api.Quota{
		ServiceCode: q.Service, QuotaName: string(q.Name), Value: int32(value), DefaultValue: int32(q.Default),
		MaximumValue: int32(q.Max), Adjustable: q.Adjustable(),
	}
}

// quotaAccount is the account that a list is of: the caller's own when the
// input names none.
func quotaAccount(call *dispatch.Call, in *api.ListQuotasInput) identity.AccountID {
	if in.AccountId == nil {
		return call.Caller.Account
	}
	return identity.AccountID(*in.AccountId)
}

func listQuotasNeeds(call dispatch.Call, in *api.ListQuotasInput) ([]authz.Need, error) {
	return quotaNeeds(&call, "ListQuotas", quotaAccount(&call, in), ""), nil
}

// listQuotas lists all quotas as an account has them: the caller's own, or one
// that it manages.
func listQuotas(_ context.Context, call dispatch.Call, in *api.ListQuotasInput) (*api.ListQuotasOutput, error) {
	account := quotaAccount(&call, in)
	if account != call.Caller.Account {
		if err := managed(&call, account); err != nil {
			return nil, err
		}
	}
	of, err := call.Tx.Quotas(account)
	if err != nil {
		return nil, err
	}
	all := catalog.Quotas()
	out := &api.ListQuotasOutput{Quotas: make([]api.Quota, len(all))}
	for i, q := range all {
		out.Quotas[i] = apiQuota(q, of(q))
	}
	return out, nil
}

func putQuotaNeeds(call dispatch.Call, in *api.PutQuotaInput) ([]authz.Need, error) {
	return quotaNeeds(&call, "PutQuota", identity.AccountID(in.AccountId), in.QuotaName), nil
}

// putQuota sets a quota of an account for what is made from then on (IA-44).
func putQuota(_ context.Context, call dispatch.Call, in *api.PutQuotaInput) (*api.PutQuotaOutput, error) {
	account := identity.AccountID(in.AccountId)
	if err := managed(&call, account); err != nil {
		return nil, err
	}
	q, ok := catalog.LookupQuota(catalog.QuotaName(in.QuotaName))
	switch {
	case !ok:
		return nil, api.NoSuchResourceException("There is no quota %s.", in.QuotaName)
	case !q.Adjustable():
		return nil, api.InvalidParameterException("The quota %s is fixed at %d.", q.Name, q.Default)
	case int(in.Value) > q.Max:
		return nil, api.InvalidParameterException("The quota %s can be %d at most.", q.Name, q.Max)
	}
	if err := call.Tx.SetQuota(account, q, int(in.Value)); err != nil {
		return nil, err
	}
	return &api.PutQuotaOutput{Quota: new(apiQuota(q, int(in.Value)))}, nil
}
