package organizations

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/policy"
)

func resourcePolicyOperations() []dispatch.Operation {
	return []dispatch.Operation{
		write("DeleteResourcePolicy", deleteResourcePolicyNeeds, deleteResourcePolicy),
		read("DescribeResourcePolicy", describeResourcePolicyNeeds, describeResourcePolicy),
		write("PutResourcePolicy", putResourcePolicyNeeds, putResourcePolicy),
	}
}

// maxPrincipals is how many users and roles one policy may name: each is a read
// in the transaction.
const maxPrincipals = 64

// resourcePolicy returns the organization's resource policy, nil when it has none.
func (m *managed) resourcePolicy() (*identity.OrganizationResourcePolicy, error) {
	p, err := m.Tx.OrganizationResourcePolicy(m.org.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return p, err
}

func putResourcePolicyNeeds(m *managed, in *api.PutResourcePolicyInput) ([]authz.Need, error) {
	p, err := m.resourcePolicy()
	if err != nil {
		return nil, err
	}
	// The id of the first one is not drawn yet. Patterns for it match.
	r := resource{arn: m.org.ResourcePolicyARN("rp-*").String(), keys: authz.RequestTags(plainTags(in.Tags))}
	if p != nil {
		r.arn, r.keys = m.org.ResourcePolicyARN(p.ID).String(), append(r.keys, tagKeys(p.Tags)...)
	}
	n := everywhere("PutResourcePolicy", r)
	if len(in.Tags) > 0 {
		n = tagged(n, r.arn, r.keys...)
	}
	return n, nil
}

// putResourcePolicy says which members may manage policies (OR-26). Tags come
// with the first one only; TagResource changes them.
func putResourcePolicy(m *managed, in *api.PutResourcePolicyInput) (*api.PutResourcePolicyOutput, error) {
	if err := m.allFeaturesNeeded(); err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	bound, err := m.delegation(in.Content)
	if err != nil {
		return nil, err
	}
	p, err := m.resourcePolicy()
	switch {
	case err != nil:
		return nil, err
	case p != nil && len(tags) > 0:
		return nil, invalid("UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED",
			"You can't add tags while you update a resource policy. Use TagResource.")
	case p == nil:
		p = &identity.OrganizationResourcePolicy{Tags: tags}
		if p.ID, err = draw(m.Random, "rp-", 8); err != nil {
			return nil, err
		}
	}
	p.Policy = bound
	if err := m.Tx.PutOrganizationResourcePolicy(m.org, p); err != nil {
		return nil, err
	}
	shown, err := m.apiResourcePolicy(p)
	return &api.PutResourcePolicyOutput{ResourcePolicy: shown}, err
}

func (m *managed) apiResourcePolicy(p *identity.OrganizationResourcePolicy) (*api.ResourcePolicy, error) {
	text, err := authz.Readback(m.Tx, p.Policy)
	return &api.ResourcePolicy{
		ResourcePolicySummary: &api.ResourcePolicySummary{Id: p.ID, Arn: m.org.ResourcePolicyARN(p.ID).String()}, Content: text,
	}, err
}

// delegation checks a resource policy's text as it is saved and binds its
// principals (PL-26, PL-27).
func (m *managed) delegation(text string) (identity.ResourcePolicy, error) {
	doc, err := policy.Validate(policy.Resource, text)
	if fault, ok := errors.AsType[*policy.ValidationError](err); ok {
		return identity.ResourcePolicy{}, invalid("INVALID_RESOURCE_POLICY_JSON", fault.Message)
	} else if err != nil {
		return identity.ResourcePolicy{}, fmt.Errorf("checking a resource policy: %w", err)
	}
	for i := range doc.Statements {
		if err := m.delegable(&doc.Statements[i]); err != nil {
			return identity.ResourcePolicy{}, err
		}
	}
	if len(doc.PrincipalNames()) > maxPrincipals {
		return identity.ResourcePolicy{}, badPrincipal()
	}
	bindings, missing, err := authz.Bind(m.Tx, doc)
	if err != nil {
		return identity.ResourcePolicy{}, err
	}
	if missing != "" {
		return identity.ResourcePolicy{}, badPrincipal()
	}
	return identity.ResourcePolicy{Text: text, Bindings: bindings}, nil
}

func badPrincipal() *awserr.Error {
	return invalid("INVALID_PRINCIPAL", "You specified an invalid principal element in the policy.")
}

// delegable refuses a statement that says what the organization cannot delegate:
// more than reading and managing policies, to others than accounts, users and
// roles, or on other resources than the organization's.
func (m *managed) delegable(s *policy.Statement) error {
	if s.Effect == policy.EffectAllow {
		for _, e := range s.Principal.Entries {
			if e.Type != policy.PrincipalAWS || e.Value.Text == "*" {
				return badPrincipal()
			}
		}
		if s.NotAction || slices.ContainsFunc(s.Actions, func(a policy.Value) bool { return !delegableAction(a.Text) }) {
			return invalid("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY", "You specified an action that isn't supported in the resource policy.")
		}
	}
	if slices.ContainsFunc(s.Resources, func(r policy.Value) bool { return !m.delegableResource(r.Text) }) {
		return invalid("UNSUPPORTED_RESOURCE_IN_RESOURCE_POLICY", "You specified a resource that isn't supported in the resource policy.")
	}
	for _, c := range s.Conditions {
		if arn.Fold(c.Key) == arn.Fold(policyTypeKey) && slices.ContainsFunc(c.Values, unknownType) {
			return invalid("UNSUPPORTED_POLICY_TYPE_IN_RESOURCE_POLICY", "You specified a policy type that isn't supported in the resource policy.")
		}
	}
	return nil
}

// unknownType reports whether a condition compares the type of a policy with
// one that there is not.
func unknownType(v policy.Value) bool {
	glob := arn.NewGlob(v.Text)
	return !slices.ContainsFunc(policyTypes[:], func(t policyType) bool { return glob.Match(string(t.name)) })
}

// delegableAction reports whether a pattern stands for actions that may be
// delegated, and for no other.
func delegableAction(pattern string) bool {
	service, ok := catalog.ServiceByPrefix("organizations")
	if !ok {
		return false
	}
	glob, matched := arn.NewGlob(arn.Fold(pattern)), false
	for i := range service.Actions {
		a := &service.Actions[i]
		if !glob.Match("organizations:" + arn.Fold(a.Name)) {
			continue
		}
		if a.Access != catalog.Read && a.Access != catalog.List && !slices.Contains(delegableWrites[:], a.Name) {
			return false
		}
		matched = true
	}
	return matched
}

// delegableWrites are the changes that a resource policy may delegate; a test
// compares them with the operations made by [manage].
var delegableWrites = [...]string{
	"AttachPolicy", "CreatePolicy", "DeletePolicy", "DetachPolicy", "DisablePolicyType", "EnablePolicyType", "TagResource",
	"UntagResource", "UpdatePolicy",
}

// delegableResource reports whether a resource is of the organization, or a
// policy of AWS's.
func (m *managed) delegableResource(text string) bool {
	if text == "*" {
		return true
	}
	segments, n := arn.Split(text)
	if n != arn.Segments || segments[2] != "organizations" {
		return false
	}
	switch segments[4] {
	case string(m.org.Management), "*":
		return true
	case string(identity.AWSAccount):
		return strings.HasPrefix(segments[5], "policy/")
	}
	return false
}

func noResourcePolicy() *awserr.Error {
	return api.ResourcePolicyNotFoundException("We can't find a resource policy request with the parameter that you specified.")
}

func describeResourcePolicyNeeds(*managed, *wire.Empty) ([]authz.Need, error) {
	return need("DescribeResourcePolicy", "*"), nil
}

func describeResourcePolicy(m *managed, _ *wire.Empty) (*api.DescribeResourcePolicyOutput, error) {
	p, err := m.resourcePolicy()
	switch {
	case err != nil:
		return nil, err
	case p == nil:
		return nil, noResourcePolicy()
	}
	shown, err := m.apiResourcePolicy(p)
	return &api.DescribeResourcePolicyOutput{ResourcePolicy: shown}, err
}

func deleteResourcePolicyNeeds(*managed, *wire.Empty) ([]authz.Need, error) {
	return need("DeleteResourcePolicy", "*"), nil
}

func deleteResourcePolicy(m *managed, _ *wire.Empty) (*wire.Empty, error) {
	p, err := m.resourcePolicy()
	switch {
	case err != nil:
		return nil, err
	case p == nil:
		return nil, noResourcePolicy()
	}
	return &wire.Empty{}, m.Tx.DeleteOrganizationResourcePolicy(m.org)
}
