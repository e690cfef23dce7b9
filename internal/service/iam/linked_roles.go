package iam

import (
	"context"
	"errors"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

func linkedRoleOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("CreateServiceLinkedRole", createLinkedRoleNeeds, createLinkedRole),
		dispatch.Write("DeleteServiceLinkedRole",
			onEntity(roles(), "DeleteServiceLinkedRole", func(in *api.DeleteServiceLinkedRoleInput) string { return in.RoleName }), deleteLinkedRole),
		dispatch.Read("GetServiceLinkedRoleDeletionStatus", deletionStatusNeeds, deletionStatus),
	}
}

// linkedPath is what the paths of linked roles begin with.
const linkedPath = "/aws-service-role/"

// linkedName is the name of a service's linked role, with a suffix if there is
// one. Of a service that nobody knows it is what all such names begin with.
func linkedName(service, suffix string) string {
	name := "AWSServiceRoleFor"
	if s, ok := catalog.LookupLinkedService(service); ok {
		name = s.Role
	}
	if suffix != "" {
		name += "_" + suffix
	}
	return name
}

func linkedRole(account identity.AccountID, service, suffix string) *identity.Role {
	return &identity.Role{Account: account, Name: identity.RoleName(linkedName(service, suffix)), Path: linkedPath + service + "/"}
}

// createLinkedRoleNeeds asks for no iam:PassRole: the role that is made is the
// service's, and what it may do is not the caller's choice.
func createLinkedRoleNeeds(call dispatch.Call, in *api.CreateServiceLinkedRoleInput) ([]authz.Need, error) {
	r := linkedRole(call.Caller.Account, in.AWSServiceName, in.CustomSuffix)
	return need("iam:CreateServiceLinkedRole", r.ARN().String(), authz.One("iam:AWSServiceName", in.AWSServiceName)), nil
}

// maxRoleName is how many characters a role's name has at most (IA-4).
const maxRoleName = 64

// createLinkedRole makes the role that a service has in the account. Its name,
// its policy and whom it trusts are the service's (IA-46).
func createLinkedRole(_ context.Context, call dispatch.Call, in *api.CreateServiceLinkedRoleInput) (*api.CreateServiceLinkedRoleOutput, error) {
	service, ok := catalog.LookupLinkedService(in.AWSServiceName)
	if !ok {
		return nil, api.InvalidInput("The service principal %s is not valid for a service-linked role.", in.AWSServiceName)
	}
	if in.CustomSuffix != "" && !service.Suffix {
		return nil, api.InvalidInput("Custom suffix is not allowed for %s", service.Principal)
	}
	r := linkedRole(call.Caller.Account, service.Principal, in.CustomSuffix)
	if len(r.Name) > maxRoleName {
		return nil, validationError("The role name %s is longer than %d characters.", r.Name, maxRoleName)
	}
	p, ok := catalog.LookupManagedPolicy(service.Policy)
	if !ok {
		return nil, errors.New("iam: the policy of " + service.Principal + " is unknown")
	}
	var err error
	if r.ID, err = newID(&call, arn.RoleID); err != nil {
		return nil, err
	}
	r.Created, r.MaxSession = call.Now, defaultSession
	if in.Description != nil {
		r.Description = *in.Description
	}
	r.Trust.Text = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + service.Principal + `"},"Action":"sts:AssumeRole"}]}`
	r.Attach(p.ARN())
	switch err := call.Tx.CreateRole(r); {
	case errors.Is(err, store.ErrExists):
		return nil, api.InvalidInput("Service role name %s has been taken in this account, please try a different suffix.", r.Name)
	case err != nil:
		return nil, exceeded(err)
	}
	if err := call.Tx.Attached(r.Account, p.ARN(), store.KindRole, r.ID); err != nil {
		return nil, err
	}
	return &api.CreateServiceLinkedRoleOutput{Role: apiRole(r, r.Trust.Text)}, nil
}

// deleteLinkedRole removes the role at once, as far as its service lets it go,
// and says so by way of a task, as AWS does.
func deleteLinkedRole(_ context.Context, call dispatch.Call, in *api.DeleteServiceLinkedRoleInput) (*api.DeleteServiceLinkedRoleOutput, error) {
	r, err := role(&call, in.RoleName)
	if err != nil {
		return nil, err
	}
	service, ok := linkedService(r.Path)
	if !ok {
		return nil, api.NoSuchEntity("The service-linked role with name %s cannot be found.", in.RoleName)
	}
	d := &store.RoleDeletion{ID: call.UUID(), Role: r.Name, At: call.Now}
	if err := linkedRoleInUse(&call, service, d); err != nil {
		return nil, err
	}
	if d.Failure == "" {
		for _, policyARN := range r.Attached {
			if err := call.Tx.Detached(r.Account, policyARN, store.KindRole, r.ID); err != nil {
				return nil, err
			}
		}
		if err := call.Tx.DeleteRole(r); err != nil {
			return nil, err
		}
	}
	if err := call.Tx.PutRoleDeletion(r.Account, d); err != nil {
		return nil, err
	}
	return &api.DeleteServiceLinkedRoleOutput{DeletionTaskId: "task" + r.Path + string(r.Name) + "/" + d.ID}, nil
}

// linkedService returns whose linked role a role of that path is.
func linkedService(path string) (string, bool) {
	service, ok := strings.CutPrefix(path, linkedPath)
	return strings.TrimSuffix(service, "/"), ok
}

// linkedRoleInUse notes in d when the service still needs its role. Of the
// services that have one, Regent is Organizations alone.
func linkedRoleInUse(call *dispatch.Call, service string, d *store.RoleDeletion) error {
	if service != "organizations.amazonaws.com" {
		return nil
	}
	account, err := call.Tx.Account(call.Caller.Account)
	if err != nil || account.Organization == "" {
		return err
	}
	o, err := call.Tx.Organization(account.Organization)
	if err != nil {
		return err
	}
	d.Failure = "The account is a member of an organization."
	d.Users = []string{o.ARN().String()}
	return nil
}

// A deletionTask is what the id of a deletion task says.
type deletionTask struct {
	service string
	role    identity.RoleName
	id      string
}

// deletionTaskOf reads task/aws-service-role/<service>/<role>/<uuid>.
func deletionTaskOf(text string) (deletionTask, bool) {
	parts := strings.Split(text, "/")
	if len(parts) != 5 || parts[0] != "task" || parts[1] != strings.Trim(linkedPath, "/") {
		return deletionTask{}, false
	}
	return deletionTask{parts[2], identity.RoleName(parts[3]), parts[4]}, parts[2] != "" && parts[3] != "" && parts[4] != ""
}

func deletionStatusNeeds(call dispatch.Call, in *api.GetServiceLinkedRoleDeletionStatusInput) ([]authz.Need, error) {
	resource := accountARN(&call, "role"+linkedPath)
	if t, ok := deletionTaskOf(in.DeletionTaskId); ok {
		resource += t.service + "/" + string(t.role)
	}
	return need("iam:GetServiceLinkedRoleDeletionStatus", resource), nil
}

func deletionStatus(_ context.Context, call dispatch.Call, in *api.GetServiceLinkedRoleDeletionStatusInput) (*api.GetServiceLinkedRoleDeletionStatusOutput, error) {
	t, ok := deletionTaskOf(in.DeletionTaskId)
	if !ok {
		return nil, api.InvalidInput("The deletion task id %s is not valid.", in.DeletionTaskId)
	}
	d, err := call.Tx.RoleDeletion(call.Caller.Account, t.role)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && (d.ID != t.id || d.Role != t.role):
		return nil, api.NoSuchEntity("The deletion task with id %s cannot be found.", in.DeletionTaskId)
	case err != nil:
		return nil, err
	case d.Failure == "":
		return &api.GetServiceLinkedRoleDeletionStatusOutput{Status: "SUCCEEDED"}, nil
	}
	return &api.GetServiceLinkedRoleDeletionStatusOutput{Status: "FAILED", Reason: &api.DeletionTaskFailureReasonType{
		Reason: d.Failure, RoleUsageList: []api.RoleUsageType{{Resources: d.Users}},
	}}, nil
}
