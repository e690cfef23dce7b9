package organizations

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/effective"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/policy"
)

func policyOperations() []dispatch.Operation {
	return []dispatch.Operation{
		manage("CreatePolicy", createPolicyNeeds, createPolicy),
		manage("DeletePolicy", deletePolicyNeeds, deletePolicy),
		read("DescribePolicy", describePolicyNeeds, describePolicy),
		read("ListPolicies", listPoliciesNeeds, listPolicies),
		manage("UpdatePolicy", updatePolicyNeeds, updatePolicy),
	}
}

// awsManaged returns the policy that AWS attaches to every target of a type,
// as if it were a customer's. It is nowhere kept: it hangs on targets by rule.
func awsManaged(t identity.PolicyType) *identity.OrganizationPolicy {
	p := &identity.OrganizationPolicy{
		ID: identity.FullAWSAccess, Type: t, Name: "FullAWSAccess", Description: "Allows access to every operation",
		Text: authz.FullAccess(t),
	}
	if t == identity.RCP {
		p.ID, p.Name, p.Description = identity.RCPFullAWSAccess, "RCPFullAWSAccess", "Allows access to every operation"
	}
	return p
}

func isAWSManaged(id string) bool {
	return id == identity.FullAWSAccess || id == identity.RCPFullAWSAccess
}

// find returns a policy, AWS's among them, or store.ErrNotFound.
func (m *managed) find(id string) (*identity.OrganizationPolicy, error) {
	switch id {
	case identity.FullAWSAccess:
		return awsManaged(identity.SCP), nil
	case identity.RCPFullAWSAccess:
		return awsManaged(identity.RCP), nil
	}
	return m.Tx.OrganizationPolicy(m.org.ID, id)
}

// policy is find with the exception for a policy that there is not.
func (m *managed) policy(id string) (*identity.OrganizationPolicy, error) {
	p, err := m.find(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.PolicyNotFoundException("You specified a policy that doesn't exist.")
	}
	return p, err
}

// policyResource is a policy as needs see it. One that is not there is asked
// about as if it were a service control policy.
func (m *managed) policyResource(id string) (resource, error) {
	p, err := m.find(id)
	if errors.Is(err, store.ErrNotFound) {
		return resource{arn: m.org.PolicyARN(identity.SCP, id).String()}, nil
	} else if err != nil {
		return resource{}, err
	}
	return resource{m.org.PolicyARN(p.Type, p.ID).String(), append(tagKeys(p.Tags), typeKey(string(p.Type)))}, nil
}

// onPolicy returns the needs of an operation on the policy that it names.
func (m *managed) onPolicy(action, id string) ([]authz.Need, error) {
	r, err := m.policyResource(id)
	return everywhere(action, r), err
}

func (m *managed) summary(p *identity.OrganizationPolicy) api.PolicySummary {
	return api.PolicySummary{
		Id: p.ID, Arn: m.org.PolicyARN(p.Type, p.ID).String(), Name: p.Name, Description: p.Description,
		Type: string(p.Type), AwsManaged: new(isAWSManaged(p.ID)),
	}
}

func (m *managed) apiPolicy(p *identity.OrganizationPolicy) *api.Policy {
	return &api.Policy{PolicySummary: new(m.summary(p)), Content: p.Text}
}

// checkContent checks a policy's text as it is saved. Every character counts
// (PL-91).
func checkContent(name identity.PolicyType, text string) error {
	t := typeOf(name)
	if utf8.RuneCountInString(text) > t.size {
		return violated("POLICY_CONTENT_LIMIT_EXCEEDED", "You have exceeded the maximum size of a policy.")
	}
	if managementType(name) {
		doc, err := effective.Parse(text)
		if err == nil {
			err = effective.Check(&t.kind, doc)
		}
		if err != nil {
			return api.MalformedPolicyDocumentException(
				"The provided policy document does not meet the requirements of the specified policy type.")
		}
		return nil
	}
	kind := policy.SCP
	if name == identity.RCP {
		kind = policy.RCP
	}
	if _, err := policy.Validate(kind, text); err != nil {
		if invalid, ok := errors.AsType[*policy.ValidationError](err); ok {
			return api.MalformedPolicyDocumentException("%s", invalid.Message)
		}
		return fmt.Errorf("checking a policy: %w", err)
	}
	return nil
}

func createPolicyNeeds(m *managed, in *api.CreatePolicyInput) ([]authz.Need, error) {
	// The id is not drawn yet. Patterns for the organization's policies match.
	name := m.org.PolicyARN(identity.PolicyType(in.Type), "p-*").String()
	keys := append(authz.RequestTags(plainTags(in.Tags)), typeKey(in.Type))
	n := need("CreatePolicy", name, keys...)
	if len(in.Tags) > 0 {
		n = tagged(n, name, keys...)
	}
	return n, nil
}

func createPolicy(m *managed, in *api.CreatePolicyInput) (*api.CreatePolicyOutput, error) {
	if err := m.available(); err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	p := &identity.OrganizationPolicy{
		Type: identity.PolicyType(in.Type), Name: in.Name, Description: in.Description, Text: in.Content, Tags: tags,
		Updated: m.Now,
	}
	if err := checkContent(p.Type, p.Text); err != nil {
		return nil, err
	}
	p.ID, err = id(m.Random, "p-", 8, func(s string) (bool, error) {
		_, err := m.find(s)
		return found(err)
	})
	if err != nil {
		return nil, err
	}
	if err := m.put(p, ""); err != nil {
		return nil, err
	}
	return &api.CreatePolicyOutput{Policy: m.apiPolicy(p)}, nil
}

// put writes a policy whose name was another, or that is new.
func (m *managed) put(p *identity.OrganizationPolicy, was string) error {
	taken := api.DuplicatePolicyException("A policy with the same name already exists.")
	if !managementType(p.Type) && arn.Fold(p.Name) == arn.Fold(awsManaged(p.Type).Name) {
		return taken
	}
	var err error
	if was == "" {
		t := typeOf(p.Type)
		err = m.Tx.CreateOrganizationPolicy(m.org.ID, p, t.quota)
	} else {
		err = m.Tx.PutOrganizationPolicy(m.org.ID, p, was)
	}
	if errors.Is(err, store.ErrExists) {
		return taken
	}
	if _, full := errors.AsType[*store.LimitError](err); full {
		return violated("POLICY_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of policies that you can have in an organization.")
	}
	return err
}

func updatePolicyNeeds(m *managed, in *api.UpdatePolicyInput) ([]authz.Need, error) {
	return m.onPolicy("UpdatePolicy", in.PolicyId)
}

func immutable() *awserr.Error {
	return invalid("IMMUTABLE_POLICY", "You specified a policy that is managed by Amazon Web Services and can't be modified.")
}

// updatePolicy changes what the call names and leaves the rest (OR-23). It
// counts for the very next request (OR-24).
func updatePolicy(m *managed, in *api.UpdatePolicyInput) (*api.UpdatePolicyOutput, error) {
	if isAWSManaged(in.PolicyId) {
		return nil, immutable()
	}
	p, err := m.policy(in.PolicyId)
	if err != nil {
		return nil, err
	}
	was := p.Name
	if in.Name != "" {
		p.Name = in.Name
	}
	if in.Description != nil {
		p.Description = *in.Description
	}
	if in.Content != "" {
		if err := checkContent(p.Type, in.Content); err != nil {
			return nil, err
		}
		p.Text, p.Updated = in.Content, m.Now
	}
	if err := m.put(p, was); err != nil {
		return nil, err
	}
	return &api.UpdatePolicyOutput{Policy: m.apiPolicy(p)}, nil
}

func deletePolicyNeeds(m *managed, in *api.DeletePolicyInput) ([]authz.Need, error) {
	return m.onPolicy("DeletePolicy", in.PolicyId)
}

func deletePolicy(m *managed, in *api.DeletePolicyInput) (*wire.Empty, error) {
	if isAWSManaged(in.PolicyId) {
		return nil, immutable()
	}
	p, err := m.policy(in.PolicyId)
	if err != nil {
		return nil, err
	}
	targets, _, err := m.Tx.PolicyTargets(m.org, p, "", 1)
	if err != nil {
		return nil, err
	}
	if len(targets) > 0 {
		return nil, api.PolicyInUseException(
			"The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts before performing this operation.")
	}
	return &wire.Empty{}, m.Tx.DeleteOrganizationPolicy(m.org.ID, p)
}

func describePolicyNeeds(m *managed, in *api.DescribePolicyInput) ([]authz.Need, error) {
	return m.onPolicy("DescribePolicy", in.PolicyId)
}

func describePolicy(m *managed, in *api.DescribePolicyInput) (*api.DescribePolicyOutput, error) {
	p, err := m.policy(in.PolicyId)
	if err != nil {
		return nil, err
	}
	return &api.DescribePolicyOutput{Policy: m.apiPolicy(p)}, nil
}

func listPoliciesNeeds(_ *managed, in *api.ListPoliciesInput) ([]authz.Need, error) {
	return need("ListPolicies", "*", typeKey(in.Filter)), nil
}

// listPolicies lists AWS's policy of the type, if it has one, and then the
// customer's by name.
func listPolicies(m *managed, in *api.ListPoliciesInput) (*api.ListPoliciesOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	out := &api.ListPoliciesOutput{Policies: []api.PolicySummary{}}
	t := identity.PolicyType(in.Filter)
	if !managementType(t) {
		byAWS := awsManaged(t)
		switch w.after {
		case "":
			out.Policies = append(out.Policies, m.summary(byAWS))
			w.limit--
		case byAWS.ID: // which no name is: they stand in lower case
			w.after = ""
		}
		if w.limit == 0 { // which would mean all
			out.NextToken, err = m.Marker(byAWS.ID)
			return out, err
		}
	}
	policies, next, err := m.Tx.OrganizationPolicies(m.org.ID, t, w.after, w.limit)
	if err != nil {
		return nil, err
	}
	for _, p := range policies {
		out.Policies = append(out.Policies, m.summary(p))
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}
