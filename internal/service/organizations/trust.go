package organizations

import (
	"slices"
	"strings"

	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/wire"
)

func trustOperations() []dispatch.Operation {
	return []dispatch.Operation{
		write("DisableAWSServiceAccess", disableServiceAccessNeeds, disableServiceAccess),
		write("EnableAWSServiceAccess", enableServiceAccessNeeds, enableServiceAccess),
		read("ListAWSServiceAccessForOrganization", listServiceAccessNeeds, listServiceAccess),
	}
}

func serviceKey(principal string) authz.Key {
	return authz.One("organizations:ServicePrincipal", principal)
}

// checkPrincipal refuses what cannot be a service's principal. Which services
// there are is theirs to know: Regent trusts a name, and asks for no list.
func checkPrincipal(principal string) error {
	name, ok := strings.CutSuffix(principal, ".amazonaws.com")
	for label := range strings.SplitSeq(name, ".") {
		ok = ok && label != "" && strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
	}
	if !ok {
		return invalid("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified a service principal that isn't recognized.")
	}
	return nil
}

// allFeaturesNeeded refuses what an organization for billing alone has not.
func (m *managed) allFeaturesNeeded() error {
	if m.org.FeatureSet != allFeatures {
		return violated("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE",
			"You attempted to perform an operation that requires an organization to be configured to support all features.")
	}
	return nil
}

func enableServiceAccessNeeds(_ *managed, in *api.EnableAWSServiceAccessInput) ([]authz.Need, error) {
	return need("EnableAWSServiceAccess", "*", serviceKey(in.ServicePrincipal)), nil
}

// enableServiceAccess trusts a service with all accounts of the organization
// (OR-26). Doing so again changes nothing.
func enableServiceAccess(m *managed, in *api.EnableAWSServiceAccessInput) (*wire.Empty, error) {
	if err := m.allFeaturesNeeded(); err != nil {
		return nil, err
	}
	if err := checkPrincipal(in.ServicePrincipal); err != nil {
		return nil, err
	}
	i, trusted := identity.FindService(m.org.Trusted, in.ServicePrincipal)
	if trusted {
		return &wire.Empty{}, nil
	}
	m.org.Trusted = slices.Insert(slices.Clone(m.org.Trusted), i, identity.EnabledService{Principal: in.ServicePrincipal, Since: m.Now})
	return &wire.Empty{}, m.Tx.PutOrganization(m.org)
}

func disableServiceAccessNeeds(_ *managed, in *api.DisableAWSServiceAccessInput) ([]authz.Need, error) {
	return need("DisableAWSServiceAccess", "*", serviceKey(in.ServicePrincipal)), nil
}

// disableServiceAccess ends that a service is trusted, which no member account
// may administer by then.
func disableServiceAccess(m *managed, in *api.DisableAWSServiceAccessInput) (*wire.Empty, error) {
	if err := checkPrincipal(in.ServicePrincipal); err != nil {
		return nil, err
	}
	i, trusted := identity.FindService(m.org.Trusted, in.ServicePrincipal)
	if !trusted {
		return &wire.Empty{}, nil
	}
	delegates, _, err := m.Tx.Delegates(m.org.ID, in.ServicePrincipal, "", 1)
	if err != nil {
		return nil, err
	}
	if len(delegates) > 0 {
		return nil, violated("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
			"You attempted to disable service access while a delegated administrator exists for the service. Deregister it first.")
	}
	for _, t := range policyTypes {
		if t.service == in.ServicePrincipal && m.org.TypeEnabled(t.name) {
			return nil, violated("POLICY_TYPE_ENABLED_FOR_THIS_SERVICE",
				"You attempted to disable service access before you disabled the policy type. Disable the policy type first.")
		}
	}
	m.org.Trusted = slices.Delete(slices.Clone(m.org.Trusted), i, i+1)
	return &wire.Empty{}, m.Tx.PutOrganization(m.org)
}

func listServiceAccessNeeds(*managed, *api.ListAWSServiceAccessForOrganizationInput) ([]authz.Need, error) {
	return need("ListAWSServiceAccessForOrganization", "*"), nil
}

func listServiceAccess(m *managed, in *api.ListAWSServiceAccessForOrganizationInput) (*api.ListAWSServiceAccessForOrganizationOutput, error) {
	w, err := m.window(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	services, next := cutServices(m.org.Trusted, w)
	out := &api.ListAWSServiceAccessForOrganizationOutput{EnabledServicePrincipals: make([]api.EnabledServicePrincipal, len(services))}
	for i, s := range services {
		out.EnabledServicePrincipals[i] = api.EnabledServicePrincipal{ServicePrincipal: s.Principal, DateEnabled: s.Since}
	}
	out.NextToken, err = m.Marker(next)
	return out, err
}

// cutServices returns the part of a list by principal that a window shows. What
// the last page ended with may be gone: the list goes on where it would stand.
func cutServices(list []identity.EnabledService, w window) ([]identity.EnabledService, string) {
	i, ok := identity.FindService(list, w.after)
	if ok {
		i++
	}
	list = list[i:]
	if len(list) > w.limit {
		return list[:w.limit], list[w.limit-1].Principal
	}
	return list, ""
}
