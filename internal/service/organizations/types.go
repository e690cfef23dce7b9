package organizations

import "github.com/regent-iam/regent/internal/identity"

// A policyType says what holds for all policies of one type (AWS Organizations
// User Guide, "Quotas and service limits").
type policyType struct {
	name     identity.PolicyType
	size     int // of a document, in characters
	attached int // how many hang on one target at most (OR-21)
	quota    int // how many an organization has at most
	// element is what a document of a management policy type consists of; "" for
	// the types that are written in the policy language, and where any will do.
	element string
}

// policyTypes are all types that the API knows.
var policyTypes = [...]policyType{
	{identity.SCP, 5120, 5, 10_000, ""},
	{identity.RCP, 5120, 5, 1000, ""},
	{"TAG_POLICY", 10_000, 10, 1000, "tags"},
	{"BACKUP_POLICY", 10_000, 10, 1000, "plans"},
	{"AISERVICES_OPT_OUT_POLICY", 2500, 5, 1000, "services"},
	{"CHATBOT_POLICY", 10_000, 5, 1000, "chatbot"},
	{"DECLARATIVE_POLICY_EC2", 10_000, 10, 1000, "ec2_attributes"},
	{"SECURITYHUB_POLICY", 10_000, 10, 1000, "securityhub"},
	{"INSPECTOR_POLICY", 10_000, 10, 1000, "inspector"},
	{"UPGRADE_ROLLOUT_POLICY", 5120, 10, 1000, "upgrade_rollout"},
	{"BEDROCK_POLICY", 10_000, 10, 1000, "bedrock"},
	{"S3_POLICY", 10_000, 10, 1000, "s3_attributes"},
	{"NETWORK_SECURITY_DIRECTOR_POLICY", 10_000, 10, 1000, ""},
}

// typeOf returns what holds for a type and reports whether there is one.
func typeOf(name identity.PolicyType) (policyType, bool) {
	for _, t := range policyTypes {
		if t.name == name {
			return t, true
		}
	}
	return policyType{}, false
}

// managementType reports whether policies of a type come to an effective policy
// (OR-23).
func managementType(name identity.PolicyType) bool {
	return name != identity.SCP && name != identity.RCP
}
