package organizations

import (
	"errors"
	"slices"

	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func delegateOperations() []dispatch.Operation {
	return []dispatch.Operation{
		write("DeregisterDelegatedAdministrator", deregisterDelegateNeeds, deregisterDelegate),
		read("ListDelegatedAdministrators", listDelegatesNeeds, listDelegates),
		read("ListDelegatedServicesForAccount", listDelegatedServicesNeeds, listDelegatedServices),
		write("RegisterDelegatedAdministrator", registerDelegateNeeds, registerDelegate),
	}
}

// maxDelegates is how many accounts administer one service at most. AWS's
// services have quotas of their own, from one to this.
const maxDelegates = 10

func accountNotFound() *awserr.Error {
	return api.AccountNotFoundException("You specified an account that doesn't exist.")
}

// memberFor is member with the exception for an account that is none.
func (m *managed) memberFor(id string) (*identity.Account, error) {
	a, err := m.member(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, accountNotFound()
	}
	return a, err
}

// delegate returns what an account is registered for, empty when for nothing.
func (m *managed) delegate(id identity.AccountID) (*identity.DelegatedAdministrator, error) {
	d, err := m.Tx.Delegate(m.org.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return &identity.DelegatedAdministrator{Account: id}, nil
	}
	return d, err
}

// onDelegate returns the needs of an operation on an account and a service.
func (m *managed) onDelegate(action, account, principal string) ([]authz.Need, error) {
	r, err := m.accountResource(account)
	r.keys = append(r.keys, serviceKey(principal))
	return everywhere(action, r), err
}

func registerDelegateNeeds(m *managed, in *api.RegisterDelegatedAdministratorInput) ([]authz.Need, error) {
	return m.onDelegate("RegisterDelegatedAdministrator", in.AccountId, in.ServicePrincipal)
}

// registerDelegate lets a member account administer a service that the
// organization trusts (OR-26).
func registerDelegate(m *managed, in *api.RegisterDelegatedAdministratorInput) (*wire.Empty, error) {
	if err := m.allFeaturesNeeded(); err != nil {
		return nil, err
	}
	if err := checkPrincipal(in.ServicePrincipal); err != nil {
		return nil, err
	}
	a, err := m.memberFor(in.AccountId)
	if err != nil {
		return nil, err
	}
	switch {
	case a.ID == m.org.Management:
		return nil, violated("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
			"You can't designate the management account as a delegated administrator.")
	case a.Status != identity.AccountActive:
		return nil, violated("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
			"You can't register a suspended account as a delegated administrator.")
	case !m.org.Trusts(in.ServicePrincipal):
		return nil, violated("SERVICE_ACCESS_NOT_ENABLED",
			"You attempted to register a delegated administrator before you enabled service access. Call EnableAWSServiceAccess first.")
	}
	d, err := m.delegate(a.ID)
	if err != nil {
		return nil, err
	}
	i, registered := identity.FindService(d.Services, in.ServicePrincipal)
	if registered {
		return nil, api.AccountAlreadyRegisteredException("The specified account is already a delegated administrator for this Amazon Web Services service.")
	}
	others, _, err := m.Tx.Delegates(m.org.ID, in.ServicePrincipal, "", maxDelegates)
	if err != nil {
		return nil, err
	}
	if len(others) >= maxDelegates {
		return nil, violated("MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED",
			"You attempted to register more delegated administrators than allowed for the service principal.")
	}
	d.Services = slices.Insert(slices.Clone(d.Services), i, identity.EnabledService{Principal: in.ServicePrincipal, Since: m.Now})
	return &wire.Empty{}, m.Tx.PutDelegate(m.org.ID, d)
}

func deregisterDelegateNeeds(m *managed, in *api.DeregisterDelegatedAdministratorInput) ([]authz.Need, error) {
	return m.onDelegate("DeregisterDelegatedAdministrator", in.AccountId, in.ServicePrincipal)
}

func deregisterDelegate(m *managed, in *api.DeregisterDelegatedAdministratorInput) (*wire.Empty, error) {
	if err := checkPrincipal(in.ServicePrincipal); err != nil {
		return nil, err
	}
	a, err := m.memberFor(in.AccountId)
	if err != nil {
		return nil, err
	}
	d, err := m.delegate(a.ID)
	if err != nil {
		return nil, err
	}
	i, registered := identity.FindService(d.Services, in.ServicePrincipal)
	if !registered {
		return nil, notRegistered()
	}
	d.Services = slices.Delete(slices.Clone(d.Services), i, i+1)
	return &wire.Empty{}, m.Tx.PutDelegate(m.org.ID, d)
}

func notRegistered() *awserr.Error {
	return api.AccountNotRegisteredException("The specified account is not a delegated administrator for this Amazon Web Services service.")
}

func listDelegatesNeeds(_ *managed, in *api.ListDelegatedAdministratorsInput) ([]authz.Need, error) {
	if in.ServicePrincipal == "" {
		return need("ListDelegatedAdministrators", "*"), nil
	}
	return need("ListDelegatedAdministrators", "*", serviceKey(in.ServicePrincipal)), nil
}

func listDelegates(m *managed, in *api.ListDelegatedAdministratorsInput) (*api.ListDelegatedAdministratorsOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	if in.ServicePrincipal != "" {
		if err := checkPrincipal(in.ServicePrincipal); err != nil {
			return nil, err
		}
	}
	delegates, next, err := m.Tx.Delegates(m.org.ID, in.ServicePrincipal, w.after, w.limit)
	if err != nil {
		return nil, err
	}
	out := &api.ListDelegatedAdministratorsOutput{DelegatedAdministrators: make([]api.DelegatedAdministrator, len(delegates))}
	for i, d := range delegates {
		if out.DelegatedAdministrators[i], err = m.apiDelegate(d, in.ServicePrincipal); err != nil {
			return nil, err
		}
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}

// apiDelegate describes a delegated administrator, since when it is one of a
// service, or of any.
func (m *managed) apiDelegate(d *identity.DelegatedAdministrator, principal string) (api.DelegatedAdministrator, error) {
	a, err := m.Tx.Account(d.Account)
	if err != nil {
		return api.DelegatedAdministrator{}, err
	}
	out := api.DelegatedAdministrator{
		Id: string(a.ID), Arn: m.org.AccountARN(a.ID).String(), Email: a.Email, Name: a.Name, Status: string(a.Status),
		State: string(a.Status), JoinedMethod: a.JoinedMethod, JoinedTimestamp: a.Joined,
	}
	for _, s := range d.Services {
		if (principal == "" || s.Principal == principal) && (out.DelegationEnabledDate.IsZero() || s.Since.Before(out.DelegationEnabledDate)) {
			out.DelegationEnabledDate = s.Since
		}
	}
	return out, nil
}

func listDelegatedServicesNeeds(m *managed, in *api.ListDelegatedServicesForAccountInput) ([]authz.Need, error) {
	r, err := m.accountResource(in.AccountId)
	return everywhere("ListDelegatedServicesForAccount", r), err
}

func listDelegatedServices(m *managed, in *api.ListDelegatedServicesForAccountInput) (*api.ListDelegatedServicesForAccountOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	a, err := m.memberFor(in.AccountId)
	if err != nil {
		return nil, err
	}
	d, err := m.delegate(a.ID)
	if err != nil {
		return nil, err
	}
	if len(d.Services) == 0 {
		return nil, notRegistered()
	}
	services, next := cutServices(d.Services, w)
	out := &api.ListDelegatedServicesForAccountOutput{DelegatedServices: make([]api.DelegatedService, len(services))}
	for i, s := range services {
		out.DelegatedServices[i] = api.DelegatedService{ServicePrincipal: s.Principal, DelegationEnabledDate: s.Since}
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}
