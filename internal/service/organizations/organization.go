package organizations

import (
	"context"
	"errors"
	"fmt"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func organizationOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("CreateOrganization", createOrganizationNeeds, createOrganization),
		dispatch.Read("DescribeOrganization", describeOrganizationNeeds, describeOrganization),
		manage("DisablePolicyType", disablePolicyTypeNeeds, disablePolicyType),
		manage("EnablePolicyType", enablePolicyTypeNeeds, enablePolicyType),
		read("ListRoots", listRootsNeeds, listRoots),
	}
}

// The feature sets of organizations (OR-2).
const (
	allFeatures = "ALL"
	billingOnly = "CONSOLIDATED_BILLING"
)

func apiOrganization(call *dispatch.Call, o *identity.Organization) (*api.Organization, error) {
	management, err := call.Tx.Account(o.Management)
	if err != nil {
		return nil, fmt.Errorf("management account of %s: %w", o.ID, err)
	}
	out := &api.Organization{
		Id: o.ID, Arn: o.ARN().String(), FeatureSet: o.FeatureSet,
		MasterAccountId: string(o.Management), MasterAccountArn: o.AccountARN(o.Management).String(),
		MasterAccountEmail: management.Email, AvailablePolicyTypes: []api.PolicyTypeSummary{},
	}
	if o.FeatureSet == allFeatures { // what AWS still shows here, enabled in the root or not
		out.AvailablePolicyTypes = append(out.AvailablePolicyTypes, enabled(identity.SCP))
	}
	return out, nil
}

func enabled(t identity.PolicyType) api.PolicyTypeSummary {
	return api.PolicyTypeSummary{Type: string(t), Status: "ENABLED"}
}

func apiRoot(o *identity.Organization) api.Root {
	root := api.Root{Id: o.RootID, Arn: o.RootARN().String(), Name: "Root", PolicyTypes: []api.PolicyTypeSummary{}}
	for _, t := range o.Enabled {
		root.PolicyTypes = append(root.PolicyTypes, enabled(t))
	}
	return root
}

// linkedRole is the role by which AWS works in the management account (OR-2).
func linkedRole(account identity.AccountID) *identity.Role {
	return &identity.Role{
		Account: account, Name: "AWSServiceRoleForOrganizations", Path: "/aws-service-role/" + servicePrincipal + "/",
		Description: "Service-linked role used by AWS Organizations to enable integration of other AWS services with Organizations.",
		Permissions: identity.Permissions{Attached: []string{"arn:aws:iam::aws:policy/aws-service-role/AWSOrganizationsServiceTrustPolicy"}},
		Trust: identity.ResourcePolicy{
			Text: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"` + servicePrincipal + `"},"Action":"sts:AssumeRole"}]}`,
		},
		MaxSession: 3600,
	}
}

const servicePrincipal = "organizations.amazonaws.com"

func createOrganizationNeeds(call dispatch.Call, _ *api.CreateOrganizationInput) ([]authz.Need, error) {
	return append(need("CreateOrganization", "*"), linkedRoleNeed(call.Caller.Account)), nil
}

// linkedRoleNeed asks for what makes an account's service-linked role.
func linkedRoleNeed(account identity.AccountID) authz.Need {
	return authz.Need{
		Action: "iam:CreateServiceLinkedRole", Resource: linkedRole(account).ARN().String(),
		Keys: []authz.Key{authz.One("iam:AWSServiceName", servicePrincipal)},
	}
}

// ensureLinkedRole makes the service-linked role of an account, unless it is
// there. An account that has as many roles as it may have has to delete one.
func ensureLinkedRole(call *dispatch.Call, account identity.AccountID) error {
	err := createRole(call, linkedRole(account))
	if _, full := errors.AsType[*store.LimitError](err); full {
		return api.ConstraintViolationException("Account %s has as many roles as it can have, and needs one more for AWS Organizations.", account)
	}
	if errors.Is(err, store.ErrExists) {
		return nil
	}
	return err
}

// createOrganization makes the caller's account the management account of a
// new organization (OR-2).
func createOrganization(_ context.Context, call dispatch.Call, in *api.CreateOrganizationInput) (*api.CreateOrganizationOutput, error) {
	account, err := call.Tx.Account(call.Caller.Account)
	if err != nil {
		return nil, err
	}
	if account.Organization != "" {
		return nil, api.AlreadyInOrganizationException("The AWS account is already a member of an organization.")
	}
	o := &identity.Organization{Management: account.ID, FeatureSet: allFeatures, Created: call.Now}
	o.ID, err = id(call.Random, "o-", 10, func(s string) (bool, error) {
		_, err := call.Tx.Organization(s)
		return found(err)
	})
	if err != nil {
		return nil, err
	}
	if o.RootID, err = draw(call.Random, "r-", 4); err != nil {
		return nil, err
	}
	if in.FeatureSet == billingOnly {
		o.FeatureSet = billingOnly
	} else {
		enable(o, identity.SCP)
		o.Unasked = true
	}
	if err := call.Tx.PutOrganization(o); err != nil {
		return nil, err
	}
	account.Joined, account.JoinedMethod = call.Now, identity.JoinedInvited
	if err := call.Tx.Join(account, o.ID, o.RootID); err != nil {
		return nil, err
	}
	if err := ensureLinkedRole(&call, account.ID); err != nil {
		return nil, err
	}
	out, err := apiOrganization(&call, o)
	return &api.CreateOrganizationOutput{Organization: out}, err
}

// createRole adds a role with the managed policies that it names.
func createRole(call *dispatch.Call, r *identity.Role) error {
	id, err := arn.NewID(arn.RoleID, string(r.Account), call.Random)
	if err != nil {
		return fmt.Errorf("making a role's id: %w", err)
	}
	r.ID, r.Created = id, call.Now
	if err := call.Tx.CreateRole(r); err != nil {
		return err
	}
	for _, policy := range r.Attached {
		if err := call.Tx.Attached(r.Account, policy, store.KindRole, r.ID); err != nil {
			return err
		}
	}
	return nil
}

func describeOrganizationNeeds(dispatch.Call, *wire.Empty) ([]authz.Need, error) {
	return need("DescribeOrganization", "*"), nil
}

// describeOrganization is the one answer that members get too (OR-3).
func describeOrganization(_ context.Context, call dispatch.Call, _ *wire.Empty) (*api.DescribeOrganizationOutput, error) {
	o, err := organizationOf(&call)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return nil, notInUse()
	}
	out, err := apiOrganization(&call, o)
	return &api.DescribeOrganizationOutput{Organization: out}, err
}

func listRootsNeeds(*managed, *api.ListRootsInput) ([]authz.Need, error) {
	return need("ListRoots", "*"), nil
}

func listRoots(m *managed, in *api.ListRootsInput) (*api.ListRootsOutput, error) {
	if _, err := m.window(in.NextToken, in.MaxResults); err != nil {
		return nil, err
	}
	return &api.ListRootsOutput{Roots: []api.Root{apiRoot(m.org)}}, nil
}

// rootResource is the root that a call names. One that is not ours is asked
// about under its own name.
func (m *managed) rootResource(id string) string {
	o := *m.org
	o.RootID = id
	return o.RootARN().String()
}

// root fails unless the call names the organization's root.
func (m *managed) root(id string) error {
	if id != m.org.RootID {
		return api.RootNotFoundException("You specified a root that doesn't exist.")
	}
	return nil
}

// available fails unless the organization can have policies.
func (m *managed) available() error {
	if m.org.FeatureSet != allFeatures {
		return api.PolicyTypeNotAvailableForOrganizationException(
			"You can't use the specified policy type with the feature set currently enabled for this organization.")
	}
	return nil
}

func enable(o *identity.Organization, t identity.PolicyType) {
	if o.Epochs == nil {
		o.Epochs = map[identity.PolicyType]int{}
	}
	o.Epochs[t]++
	o.Enabled = append(o.Enabled, t)
}

// onRoot returns the needs of an operation on the root and a type of policies.
func (m *managed) onRoot(action, root, t string) ([]authz.Need, error) {
	r, err := m.nodeResource(root)
	r.keys = append(r.keys, typeKey(t))
	return everywhere(action, r), err
}

func enablePolicyTypeNeeds(m *managed, in *api.EnablePolicyTypeInput) ([]authz.Need, error) {
	return m.onRoot("EnablePolicyType", in.RootId, in.PolicyType)
}

// enablePolicyType makes a type count, beginning with the default policy on
// every target (OR-20). CreateOrganization has enabled SCPs already (OR-2), as
// its documentation says; clients that know AWS, Terraform among them, ask for
// them all the same, and are told that it is so.
func enablePolicyType(m *managed, in *api.EnablePolicyTypeInput) (*api.EnablePolicyTypeOutput, error) {
	if err := m.root(in.RootId); err != nil {
		return nil, err
	}
	if err := m.available(); err != nil {
		return nil, err
	}
	t := identity.PolicyType(in.PolicyType)
	switch {
	case !m.org.TypeEnabled(t):
		enable(m.org, t)
	case t != identity.SCP || !m.org.Unasked:
		return nil, api.PolicyTypeAlreadyEnabledException("The specified policy type is already enabled.")
	}
	if t == identity.SCP {
		m.org.Unasked = false
	}
	if err := m.Tx.PutOrganization(m.org); err != nil {
		return nil, err
	}
	return &api.EnablePolicyTypeOutput{Root: new(apiRoot(m.org))}, nil
}

func disablePolicyTypeNeeds(m *managed, in *api.DisablePolicyTypeInput) ([]authz.Need, error) {
	return m.onRoot("DisablePolicyType", in.RootId, in.PolicyType)
}

// disablePolicyType ends that a type counts, and with it all attachments of it.
func disablePolicyType(m *managed, in *api.DisablePolicyTypeInput) (*api.DisablePolicyTypeOutput, error) {
	if err := m.root(in.RootId); err != nil {
		return nil, err
	}
	t := identity.PolicyType(in.PolicyType)
	if !m.org.TypeEnabled(t) {
		return nil, typeNotEnabled()
	}
	kept := m.org.Enabled[:0:0]
	for _, e := range m.org.Enabled {
		if e != t {
			kept = append(kept, e)
		}
	}
	m.org.Enabled = kept
	if t == identity.SCP {
		m.org.Unasked = false
	}
	if err := m.Tx.PutOrganization(m.org); err != nil {
		return nil, err
	}
	return &api.DisablePolicyTypeOutput{Root: new(apiRoot(m.org))}, nil
}
