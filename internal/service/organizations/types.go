package organizations

import (
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/effective"
	"github.com/regent-iam/regent/internal/identity"
)

// A policyType says what holds for all policies of one type (AWS Organizations
// User Guide, "Quotas and service limits").
type policyType struct {
	name     identity.PolicyType
	size     int            // of a document, in characters
	attached int            // how many hang on one target at most (OR-21)
	quota    int            // how many an organization has at most
	kind     effective.Kind // of a management policy
	service  string         // that may not lose its trusted access while the type is enabled
}

// policyTypes are all types that the API knows.
var policyTypes = [...]policyType{
	{name: identity.SCP, size: catalog.OrganizationPolicySize.Default(), attached: catalog.OrganizationPoliciesPerTarget.Default(), quota: 10_000},
	{name: identity.RCP, size: catalog.OrganizationPolicySize.Default(), attached: catalog.OrganizationPoliciesPerTarget.Default(), quota: 1000},
	{name: "TAG_POLICY", size: 10_000, attached: 10, quota: 1000, kind: effective.Kind{Element: "tags", Tags: true}},
	{name: "BACKUP_POLICY", size: 10_000, attached: 10, quota: 1000, kind: effective.Kind{
		Element: "plans",
		Required: map[string][]string{
			"plans.*": {"regions", "rules", "selections"}, "plans.*.rules.*": {"target_backup_vault_name"},
		},
	}},
	{name: "AISERVICES_OPT_OUT_POLICY", size: 2500, attached: 5, quota: 1000, kind: effective.Kind{
		Element:  "services",
		Required: map[string][]string{"services.*": {"opt_out_policy"}},
		Values:   map[string][]string{"services.*.opt_out_policy": {"optIn", "optOut"}},
	}},
	{name: "CHATBOT_POLICY", size: 10_000, attached: 5, quota: 1000, kind: effective.Kind{Element: "chatbot"}},
	{name: "DECLARATIVE_POLICY_EC2", size: 10_000, attached: 10, quota: 1000, kind: effective.Kind{Element: "ec2_attributes"}},
	{name: "SECURITYHUB_POLICY", size: 10_000, attached: 10, quota: 1000, kind: effective.Kind{Element: "securityhub"}, service: "securityhub.amazonaws.com"},
	{name: "INSPECTOR_POLICY", size: 10_000, attached: 10, quota: 1000, kind: effective.Kind{Element: "inspector"}},
	{name: "UPGRADE_ROLLOUT_POLICY", size: 5120, attached: 10, quota: 1000, kind: effective.Kind{Element: "upgrade_rollout"}},
	{name: "BEDROCK_POLICY", size: 10_000, attached: 10, quota: 1000, kind: effective.Kind{Element: "bedrock"}},
	{name: "S3_POLICY", size: 10_000, attached: 10, quota: 1000, kind: effective.Kind{Element: "s3_attributes"}},
	{name: "NETWORK_SECURITY_DIRECTOR_POLICY", size: 10_000, attached: 10, quota: 1000},
}

// typeOf returns what holds for a type that the model's enum has; of any other
// nothing can be kept.
func typeOf(name identity.PolicyType) policyType {
	for _, t := range policyTypes {
		if t.name == name {
			return t
		}
	}
	return policyType{}
}

// managementType reports whether policies of a type come to an effective policy
// (OR-23).
func managementType(name identity.PolicyType) bool {
	return name != identity.SCP && name != identity.RCP
}
