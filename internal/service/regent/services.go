package regent

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
)

func (s *Service) serviceOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Always("CheckPassRole", "only services may call it, which have no policies; it says what a principal may do with the caller itself (TH-39)", s.checkPassRole),
		dispatch.Write("CreateServiceKey", onService("CreateServiceKey", func(in *api.CreateServiceKeyInput) string { return in.ServiceName }), createServiceKey),
		dispatch.Write("DeleteService", onService("DeleteService", func(in *api.DeleteServiceInput) string { return in.ServiceName }), deleteService),
		dispatch.Write("DeleteServiceKey", onService("DeleteServiceKey", func(in *api.DeleteServiceKeyInput) string { return in.ServiceName }), deleteServiceKey),
		dispatch.Read("ListServices", listServicesNeeds, listServices),
		dispatch.Write("RegisterService", onService("RegisterService", func(in *api.RegisterServiceInput) string { return in.ServiceName }), registerService),
		dispatch.Write("UpdateServiceKey", onService("UpdateServiceKey", func(in *api.UpdateServiceKeyInput) string { return in.ServiceName }), updateServiceKey),
	}
}

// Limits of services.
const (
	maxServices    = 100
	maxServiceKeys = 2 // so that one can take the place of another
	servicesPage   = 100
)

// onService asks for an action on the service that a call names, whether there is
// one or not.
func onService[In any](action string, name func(*In) string) func(dispatch.Call, *In) ([]authz.Need, error) {
	return func(call dispatch.Call, in *In) ([]authz.Need, error) {
		target := identity.ServiceARN(call.Caller.Account, identity.ServiceName(name(in)))
		return []authz.Need{{Action: "regent:" + action, Resource: target.String()}}, nil
	}
}

func listServicesNeeds(dispatch.Call, *api.ListServicesInput) ([]authz.Need, error) {
	return []authz.Need{{Action: "regent:ListServices", Resource: "*"}}, nil
}

// manages fails unless the caller is of the installation's management account.
// The names of services count in every account, so nobody else may give them out.
func manages(call *dispatch.Call) error {
	system, err := call.Tx.System()
	if errors.Is(err, store.ErrNotFound) || err == nil && system.Management != call.Caller.Account {
		return api.NotManagementAccountException("Services are registered in the management account of this installation.")
	}
	return err
}

// serviceOf returns the service of a name, or the error that there is none.
func serviceOf(call *dispatch.Call, name string) (*identity.RegisteredService, error) {
	if err := manages(call); err != nil {
		return nil, err
	}
	s, err := call.Tx.RegisteredService(call.Caller.Account, identity.ServiceName(name))
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NoSuchResourceException("There is no service %s.", name)
	}
	return s, err
}

// registerService gives out a service's name. Names of AWS's are refused: a
// policy that trusts ec2.amazonaws.com must never come to trust somebody here
// (TH-41).
func registerService(_ context.Context, call dispatch.Call, in *api.RegisterServiceInput) (*api.RegisterServiceOutput, error) {
	if err := manages(&call); err != nil {
		return nil, err
	}
	name := identity.ServiceName(in.ServiceName)
	if name.Reserved() {
		return nil, api.InvalidParameterException("%s is a name that AWS or another provider of identities has, or may come to have.", name)
	}
	counters, err := call.Tx.Counters(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	if counters.Services >= maxServices {
		return nil, api.LimitExceededException("There can be %d services at most.", maxServices)
	}
	id, err := arn.NewID(identity.ServicePrefix, string(call.Caller.Account), call.Random)
	if err != nil {
		return nil, fmt.Errorf("making an id: %w", err)
	}
	s := &identity.RegisteredService{Account: call.Caller.Account, Name: name, ID: id, Created: call.Now}
	if in.Description != nil {
		s.Description = *in.Description
	}
	if err := call.Tx.CreateService(s); errors.Is(err, store.ErrExists) {
		return nil, api.ConflictException("There is a service %s already.", name)
	} else if err != nil {
		return nil, err
	}
	told, err := apiService(call.Tx, s)
	return &api.RegisterServiceOutput{Service: told}, err
}

// apiService returns a service as the API has it, with its keys but for their
// secrets.
func apiService(tx *store.Tx, s *identity.RegisteredService) (*api.RegisteredService, error) {
	out := &api.RegisteredService{
		ServiceName: string(s.Name), ServiceArn: s.ARN().String(), Description: s.Description, CreateDate: s.Created,
		Keys: make([]api.ServiceKey, len(s.Keys)),
	}
	for i, id := range s.Keys {
		k, err := tx.AccessKey(id)
		if err != nil {
			return nil, fmt.Errorf("key %s of %s: %w", id, s.Name, err)
		}
		out.Keys[i] = api.ServiceKey{AccessKeyId: string(k.ID), Status: string(k.Status), CreateDate: k.Created}
	}
	return out, nil
}

// listServices lists the services of this installation by name.
func listServices(_ context.Context, call dispatch.Call, in *api.ListServicesInput) (*api.ListServicesOutput, error) {
	if err := manages(&call); err != nil {
		return nil, err
	}
	after, err := call.After(in.Marker)
	if err != nil {
		return nil, api.InvalidParameterException("Marker is not one that ListServices handed out.")
	}
	limit := servicesPage
	if in.MaxResults != nil {
		limit = int(*in.MaxResults)
	}
	all, next, err := call.Tx.RegisteredServices(call.Caller.Account, store.Page[identity.RegisteredService]{After: after, Limit: limit})
	if err != nil {
		return nil, err
	}
	out := &api.ListServicesOutput{Services: make([]api.RegisteredService, len(all))}
	for i, s := range all {
		told, err := apiService(call.Tx, s)
		if err != nil {
			return nil, err
		}
		out.Services[i] = *told
	}
	out.Marker, err = call.Marker(next)
	return out, err
}

// deleteService takes a name back. What its keys can do must be over before
// (IA-40): they are deleted first.
func deleteService(_ context.Context, call dispatch.Call, in *api.DeleteServiceInput) (*api.DeleteServiceOutput, error) {
	s, err := serviceOf(&call, in.ServiceName)
	if err != nil {
		return nil, err
	}
	if len(s.Keys) > 0 {
		return nil, api.ConflictException("The service %s has keys. Delete them first.", s.Name)
	}
	return &api.DeleteServiceOutput{}, call.Tx.DeleteService(s)
}

// secretSize is the randomness of a secret: 40 characters of base64, as all
// secret access keys have.
const secretSize = 30

// createServiceKey makes a key that a service signs with. Its answer is the one
// place where the secret is ever shown.
func createServiceKey(_ context.Context, call dispatch.Call, in *api.CreateServiceKeyInput) (*api.CreateServiceKeyOutput, error) {
	s, err := serviceOf(&call, in.ServiceName)
	if err != nil {
		return nil, err
	}
	if len(s.Keys) >= maxServiceKeys {
		return nil, api.LimitExceededException("A service can have %d keys at most.", maxServiceKeys)
	}
	id, err := arn.NewID(arn.AccessKeyID, string(s.Account), call.Random)
	if err != nil {
		return nil, fmt.Errorf("making an access key id: %w", err)
	}
	var raw [secretSize]byte
	if _, err := io.ReadFull(call.Random, raw[:]); err != nil {
		return nil, fmt.Errorf("making a secret: %w", err)
	}
	secret := seal.NewSecret(base64.StdEncoding.EncodeToString(raw[:]))
	k := &identity.AccessKey{
		ID: identity.AccessKeyID(id), Account: s.Account, UserID: s.ID, Service: s.Name, Status: identity.KeyActive, Created: call.Now,
	}
	if k.Sealed, err = authn.SealSecret(call.Ring(), k.ID, secret); err != nil {
		return nil, err
	}
	if err := call.Tx.PutAccessKey(k); err != nil {
		return nil, err
	}
	s.Keys = append(s.Keys, k.ID)
	if err := call.Tx.PutService(s); err != nil {
		return nil, err
	}
	return &api.CreateServiceKeyOutput{ServiceKey: &api.NewServiceKey{
		ServiceName: string(s.Name), AccessKeyId: id, SecretAccessKey: secret.Reveal(), Status: string(k.Status), CreateDate: k.Created,
	}}, nil
}

// serviceKey returns a key of a service, or the error that it has none of that id.
func serviceKey(call *dispatch.Call, s *identity.RegisteredService, id string) (*identity.AccessKey, error) {
	if !slices.Contains(s.Keys, identity.AccessKeyID(id)) {
		return nil, api.NoSuchResourceException("The service %s has no key %s.", s.Name, id)
	}
	return call.Tx.AccessKey(identity.AccessKeyID(id))
}

// updateServiceKey switches a key on or off, from the next request on.
func updateServiceKey(_ context.Context, call dispatch.Call, in *api.UpdateServiceKeyInput) (*api.UpdateServiceKeyOutput, error) {
	s, err := serviceOf(&call, in.ServiceName)
	if err != nil {
		return nil, err
	}
	k, err := serviceKey(&call, s, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	k.Status = identity.KeyStatus(in.Status)
	return &api.UpdateServiceKeyOutput{}, call.Tx.PutAccessKey(k)
}

func deleteServiceKey(_ context.Context, call dispatch.Call, in *api.DeleteServiceKeyInput) (*api.DeleteServiceKeyOutput, error) {
	s, err := serviceOf(&call, in.ServiceName)
	if err != nil {
		return nil, err
	}
	k, err := serviceKey(&call, s, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	if err := call.Tx.DeleteAccessKey(k); err != nil {
		return nil, err
	}
	s.Keys = slices.DeleteFunc(s.Keys, func(id identity.AccessKeyID) bool { return id == k.ID })
	return &api.DeleteServiceKeyOutput{}, call.Tx.PutService(s)
}
