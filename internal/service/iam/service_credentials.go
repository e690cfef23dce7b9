package iam

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func serviceCredentialOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("CreateServiceSpecificCredential", createServiceCredentialNeeds, createServiceCredential),
		dispatch.Write("DeleteServiceSpecificCredential", deleteServiceCredentialNeeds, deleteServiceCredential),
		dispatch.Read("ListServiceSpecificCredentials", listServiceCredentialsNeeds, listServiceCredentials),
		dispatch.Write("ResetServiceSpecificCredential", resetServiceCredentialNeeds, resetServiceCredential),
		dispatch.Write("UpdateServiceSpecificCredential", updateServiceCredentialNeeds, updateServiceCredential),
	}
}

// A credentialKind says what the credentials of a service are like.
type credentialKind struct {
	// key says that the credential is one long-term API key, which may expire,
	// rather than a user name and a password.
	key bool
	// prefix begins every key of the service.
	prefix string
}

// kindOf returns what the credentials of a service are like (IA-56).
func kindOf(service string) (credentialKind, error) {
	switch service {
	case "codecommit.amazonaws.com", "cassandra.amazonaws.com":
		return credentialKind{}, nil
	case "bedrock.amazonaws.com":
		return credentialKind{key: true, prefix: "ABSK"}, nil
	case "logs.amazonaws.com":
		return credentialKind{key: true}, nil
	}
	return credentialKind{}, api.NoSuchEntity("No such service %s is supported for Service Specific Credentials", service)
}

const (
	// maxServiceCredentials is how many a user may have for one service.
	maxServiceCredentials = 2
	// servicePasswordSize is the randomness of a password: 60 characters of
	// base64 (IA-56).
	servicePasswordSize = 44
)

// newServiceSecret draws a credential's secret and seals its digest.
func newServiceSecret(call *dispatch.Call, c *identity.ServiceCredential, kind credentialKind) (seal.Secret, error) {
	raw := make([]byte, servicePasswordSize)
	if _, err := io.ReadFull(call.Random, raw); err != nil {
		return seal.Secret{}, fmt.Errorf("making a password: %w", err)
	}
	text := base64.StdEncoding.EncodeToString(raw)
	if kind.key {
		text = kind.prefix + base64.StdEncoding.EncodeToString([]byte(c.Name+":"+text))
	}
	digest := sha256.Sum256([]byte(text))
	var err error
	c.Sealed, err = call.Ring().Seal(seal.Password, "service-credential/"+c.ID, digest[:])
	return seal.NewSecret(text), err
}

// statusOf is a credential's status now.
func statusOf(c *identity.ServiceCredential, now time.Time) string {
	if !c.Expires.IsZero() && !now.Before(c.Expires) {
		return "Expired"
	}
	return string(c.Status)
}

// apiServiceCredential is what Create and Reset answer: the one place where the
// secret is ever shown.
func apiServiceCredential(call *dispatch.Call, u *identity.User, c *identity.ServiceCredential, kind credentialKind, secret seal.Secret) *api.ServiceSpecificCredential {
	out := &api.ServiceSpecificCredential{
		CreateDate: c.Created, ExpirationDate: c.Expires, ServiceName: c.Service, ServiceSpecificCredentialId: c.ID,
		UserName: string(u.Name), Status: statusOf(c, call.Now),
	}
	if kind.key {
		out.ServiceCredentialAlias, out.ServiceCredentialSecret = c.Name, secret.Reveal()
	} else {
		out.ServiceUserName, out.ServicePassword = c.Name, secret.Reveal()
	}
	return out
}

// serviceKey is the condition key of the service that a credential is for.
func serviceKey(service string) authz.Key {
	return authz.One("iam:ServiceSpecificCredentialServiceName", service)
}

func createServiceCredentialNeeds(call dispatch.Call, in *api.CreateServiceSpecificCredentialInput) ([]authz.Need, error) {
	keys := []authz.Key{serviceKey(in.ServiceName)}
	if in.CredentialAgeDays != nil {
		keys = append(keys, authz.One("iam:ServiceSpecificCredentialAgeDays", strconv.Itoa(int(*in.CredentialAgeDays))))
	}
	return userNeeds(&call, "iam:CreateServiceSpecificCredential", identity.UserName(in.UserName), keys...)
}

// createServiceCredential makes a credential. The user is looked for before the
// service (IA-33).
func createServiceCredential(_ context.Context, call dispatch.Call, in *api.CreateServiceSpecificCredentialInput) (*api.CreateServiceSpecificCredentialOutput, error) {
	u, err := user(&call, identity.UserName(in.UserName))
	if err != nil {
		return nil, err
	}
	kind, err := kindOf(in.ServiceName)
	if err != nil {
		return nil, err
	}
	if in.CredentialAgeDays != nil && !kind.key {
		return nil, validationError("CredentialAgeDays is not supported for %s.", in.ServiceName)
	}
	there, _, err := call.Tx.ServiceCredentials(u.Account, u.ID, store.Page[identity.ServiceCredential]{Keep: ofService(&in.ServiceName)})
	if err != nil {
		return nil, err
	}
	if len(there) >= maxServiceCredentials {
		return nil, quota("ServiceSpecificCredentialsPerUser", maxServiceCredentials)
	}
	id, err := newID(&call, "ACCA")
	if err != nil {
		return nil, err
	}
	c := &identity.ServiceCredential{
		ID: id, Account: u.Account, UserID: u.ID, Service: in.ServiceName, Status: identity.KeyActive, Created: call.Now,
	}
	if in.CredentialAgeDays != nil {
		c.Expires = call.Now.Add(time.Duration(*in.CredentialAgeDays) * 24 * time.Hour)
	}
	if c.Name, err = freeServiceName(&call, u, in.ServiceName); err != nil {
		return nil, err
	}
	secret, err := newServiceSecret(&call, c, kind)
	if err != nil {
		return nil, err
	}
	if err := call.Tx.CreateServiceCredential(c); err != nil {
		return nil, err
	}
	return &api.CreateServiceSpecificCredentialOutput{ServiceSpecificCredential: apiServiceCredential(&call, u, c, kind, secret)}, nil
}

// nameTries is how many names are tried: those of the user's own credentials
// and some that users who were renamed since have left behind.
const nameTries = 16

// freeServiceName returns the first name that no credential of the service has:
// the user's at the account, with a number from the second on (IA-56).
func freeServiceName(call *dispatch.Call, u *identity.User, service string) (string, error) {
	for n := range nameTries {
		name := string(u.Name)
		if n > 0 {
			name += "+" + strconv.Itoa(n)
		}
		name += "-at-" + string(u.Account)
		_, err := call.Tx.ServiceCredentialByName(u.Account, service, name)
		if errors.Is(err, store.ErrNotFound) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", quota("ServiceSpecificCredentialsPerUser", maxServiceCredentials)
}

// ofService returns what keeps the credentials of a service, of all when it is
// nil.
func ofService(service *string) func(*identity.ServiceCredential) bool {
	if service == nil {
		return nil
	}
	return func(c *identity.ServiceCredential) bool { return c.Service == *service }
}

// serviceCredentialNeeds asks for an action on the user whose credential it is,
// with the service that it is for. One that does not exist is asked about all
// the same.
func serviceCredentialNeeds(call *dispatch.Call, action, userName, id string) ([]authz.Need, error) {
	name, err := userOrSelf(call, userName)
	if err != nil {
		return nil, err
	}
	u, err := call.Tx.User(call.Caller.Account, name)
	if errors.Is(err, store.ErrNotFound) {
		return userNeeds(call, action, name)
	} else if err != nil {
		return nil, err
	}
	switch c, err := call.Tx.ServiceCredential(u.Account, u.ID, id); {
	case errors.Is(err, store.ErrNotFound):
		return userNeeds(call, action, name)
	case err != nil:
		return nil, err
	default:
		return userNeeds(call, action, name, serviceKey(c.Service))
	}
}

// serviceCredential returns the credential of the user that a call names, or
// who calls.
func serviceCredential(call *dispatch.Call, userName, id string) (*identity.User, *identity.ServiceCredential, error) {
	name, err := userOrSelf(call, userName)
	if err != nil {
		return nil, nil, err
	}
	u, err := user(call, name)
	if err != nil {
		return nil, nil, err
	}
	c, err := call.Tx.ServiceCredential(u.Account, u.ID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, api.NoSuchEntity("No such credential %s exists", id)
	}
	return u, c, err
}

func allUsers(in *api.ListServiceSpecificCredentialsInput) bool {
	return in.AllUsers != nil && *in.AllUsers
}

// listServiceCredentialsNeeds: who lists those of all users must be allowed to
// for each, whatever users there are.
func listServiceCredentialsNeeds(call dispatch.Call, in *api.ListServiceSpecificCredentialsInput) ([]authz.Need, error) {
	const action = "iam:ListServiceSpecificCredentials"
	if allUsers(in) {
		return need(action, accountARN(&call, "user/*")), nil
	}
	return selfOrUser(&call, action, in.UserName)
}

// listServiceCredentials lists credentials, without their secrets.
func listServiceCredentials(_ context.Context, call dispatch.Call, in *api.ListServiceSpecificCredentialsInput) (*api.ListServiceSpecificCredentialsOutput, error) {
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	page := store.Page[identity.ServiceCredential]{After: w.after, Limit: w.limit, Keep: ofService(in.ServiceName)}
	list, next, err := serviceCredentials(&call, in, page)
	if err != nil {
		return nil, err
	}
	out := &api.ListServiceSpecificCredentialsOutput{ServiceSpecificCredentials: make([]api.ServiceSpecificCredentialMetadata, len(list))}
	for i, c := range list {
		u, err := call.Tx.UserByID(c.UserID)
		if err != nil {
			return nil, fmt.Errorf("user of %s: %w", c.ID, err)
		}
		m := &out.ServiceSpecificCredentials[i]
		*m = api.ServiceSpecificCredentialMetadata{
			UserName: string(u.Name), Status: statusOf(c, call.Now), CreateDate: c.Created, ExpirationDate: c.Expires,
			ServiceSpecificCredentialId: c.ID, ServiceName: c.Service,
		}
		if kind, err := kindOf(c.Service); err == nil && kind.key {
			m.ServiceCredentialAlias = c.Name
		} else {
			m.ServiceUserName = c.Name
		}
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

// serviceCredentials returns the page of credentials that a list asks for.
func serviceCredentials(call *dispatch.Call, in *api.ListServiceSpecificCredentialsInput, page store.Page[identity.ServiceCredential]) ([]*identity.ServiceCredential, string, error) {
	var u *identity.User
	if !allUsers(in) {
		name, err := userOrSelf(call, in.UserName)
		if err != nil {
			return nil, "", err
		}
		if u, err = user(call, name); err != nil {
			return nil, "", err
		}
	} else if in.UserName != "" {
		return nil, "", validationError("UserName and AllUsers cannot be given together.")
	}
	if in.ServiceName != nil {
		if _, err := kindOf(*in.ServiceName); err != nil {
			return nil, "", err
		}
	}
	if u == nil {
		return call.Tx.AllServiceCredentials(call.Caller.Account, page)
	}
	return call.Tx.ServiceCredentials(u.Account, u.ID, page)
}

func updateServiceCredentialNeeds(call dispatch.Call, in *api.UpdateServiceSpecificCredentialInput) ([]authz.Need, error) {
	return serviceCredentialNeeds(&call, "iam:UpdateServiceSpecificCredential", in.UserName, in.ServiceSpecificCredentialId)
}

func updateServiceCredential(_ context.Context, call dispatch.Call, in *api.UpdateServiceSpecificCredentialInput) (*wire.Empty, error) {
	status, err := settable(in.Status)
	if err != nil {
		return nil, err
	}
	_, c, err := serviceCredential(&call, in.UserName, in.ServiceSpecificCredentialId)
	if err != nil {
		return nil, err
	}
	c.Status = status
	return &wire.Empty{}, call.Tx.PutServiceCredential(c)
}

func resetServiceCredentialNeeds(call dispatch.Call, in *api.ResetServiceSpecificCredentialInput) ([]authz.Need, error) {
	return serviceCredentialNeeds(&call, "iam:ResetServiceSpecificCredential", in.UserName, in.ServiceSpecificCredentialId)
}

// resetServiceCredential gives a credential another secret; its status stays
// (IA-56).
func resetServiceCredential(_ context.Context, call dispatch.Call, in *api.ResetServiceSpecificCredentialInput) (*api.ResetServiceSpecificCredentialOutput, error) {
	u, c, err := serviceCredential(&call, in.UserName, in.ServiceSpecificCredentialId)
	if err != nil {
		return nil, err
	}
	kind, err := kindOf(c.Service)
	if err != nil {
		return nil, err
	}
	secret, err := newServiceSecret(&call, c, kind)
	if err != nil {
		return nil, err
	}
	if err := call.Tx.PutServiceCredential(c); err != nil {
		return nil, err
	}
	return &api.ResetServiceSpecificCredentialOutput{ServiceSpecificCredential: apiServiceCredential(&call, u, c, kind, secret)}, nil
}

func deleteServiceCredentialNeeds(call dispatch.Call, in *api.DeleteServiceSpecificCredentialInput) ([]authz.Need, error) {
	return serviceCredentialNeeds(&call, "iam:DeleteServiceSpecificCredential", in.UserName, in.ServiceSpecificCredentialId)
}

func deleteServiceCredential(_ context.Context, call dispatch.Call, in *api.DeleteServiceSpecificCredentialInput) (*wire.Empty, error) {
	_, c, err := serviceCredential(&call, in.UserName, in.ServiceSpecificCredentialId)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.DeleteServiceCredential(c)
}
