package catalog

import "slices"

// A QuotaName is what AWS calls a quota where it tells of it: in the errors of
// IAM ("Cannot exceed quota for RolesPerAccount: 1000") and, where those have no
// name for it, in the keys of GetAccountSummary. Quotas of Organizations have no
// names on the wire; theirs are made in the same way.
type QuotaName string

// The quotas of IAM. Those of a size count characters as policy sizes are
// counted (PL-90).
const (
	UsersPerAccount                  QuotaName = "UsersPerAccount"
	GroupsPerAccount                 QuotaName = "GroupsPerAccount"
	RolesPerAccount                  QuotaName = "RolesPerAccount"
	PoliciesPerAccount               QuotaName = "PoliciesPerAccount"
	InstanceProfilesPerAccount       QuotaName = "InstanceProfilesPerAccount"
	ServerCertificatesPerAccount     QuotaName = "ServerCertificatesPerAccount"
	OpenIDConnectProvidersPerAccount QuotaName = "OpenIdConnectProvidersPerAccount"
	SAMLProvidersPerAccount          QuotaName = "SAMLProvidersPerAccount"
	PolicyVersionsInUse              QuotaName = "PolicyVersionsInUse"

	PoliciesPerUser            QuotaName = "PoliciesPerUser"
	PoliciesPerGroup           QuotaName = "PoliciesPerGroup"
	PoliciesPerRole            QuotaName = "PoliciesPerRole"
	GroupsPerUser              QuotaName = "GroupsPerUser"
	AccessKeysPerUser          QuotaName = "AccessKeysPerUser"
	MFADevicesPerUser          QuotaName = "MFADevicesPerUser"
	SSHPublicKeysPerUser       QuotaName = "SSHPublicKeysPerUser"
	SigningCertificatesPerUser QuotaName = "SigningCertificatesPerUser"

	VersionsPerPolicy                   QuotaName = "VersionsPerPolicy"
	TagsPerResource                     QuotaName = "TagsPerResource"
	RolesPerInstanceProfile             QuotaName = "InstanceSessionsPerInstanceProfile"
	ClientIDsPerOpenIDConnectProvider   QuotaName = "ClientIdsPerOpenIdConnectProvider"
	ThumbprintsPerOpenIDConnectProvider QuotaName = "ThumbprintsPerOpenIdConnectProvider"
	PolicySize                          QuotaName = "PolicySize"
	UserPolicySize                      QuotaName = "UserPolicySize"
	GroupPolicySize                     QuotaName = "GroupPolicySize"
	RolePolicySize                      QuotaName = "RolePolicySize"
	TrustPolicySize                     QuotaName = "ACLSizePerRole"
)

// The quotas of Organizations.
const (
	OrganizationPoliciesPerTarget QuotaName = "OrganizationPoliciesPerTarget"
	OrganizationPolicySize        QuotaName = "OrganizationPolicySize"
	OrganizationTagsPerResource   QuotaName = "OrganizationTagsPerResource"
	OrganizationalUnitDepth       QuotaName = "OrganizationalUnitDepth"
)

// A Quota is how many there may be of something, or how much.
type Quota struct {
	Service string // prefix of the service that has it: "iam"
	Name    QuotaName
	Default int // of an account for which nobody set it
	Max     int // to which it can be adjusted; Default of one that is fixed
}

// Adjustable reports whether the quota can be set for an account.
func (q Quota) Adjustable() bool { return q.Max != q.Default }

// quotas are AWS's (IA-44, PL-90, OR-5, OR-21; IAM User Guide, "IAM and AWS STS
// quotas"; Organizations User Guide, "Quotas and service limits").
var quotas = [...]Quota{
	{"iam", UsersPerAccount, 5000, 5000},
	{"iam", GroupsPerAccount, 300, 500},
	{"iam", RolesPerAccount, 1000, 10000},
	{"iam", PoliciesPerAccount, 1500, 10000},
	{"iam", InstanceProfilesPerAccount, 1000, 10000},
	{"iam", ServerCertificatesPerAccount, 20, 1000},
	{"iam", OpenIDConnectProvidersPerAccount, 100, 700},
	{"iam", SAMLProvidersPerAccount, 100, 100},
	{"iam", PolicyVersionsInUse, 10000, 10000},
	{"iam", PoliciesPerUser, 10, 20},
	{"iam", PoliciesPerGroup, 10, 10},
	{"iam", PoliciesPerRole, 10, 20},
	{"iam", GroupsPerUser, 10, 10},
	{"iam", AccessKeysPerUser, 2, 2},
	{"iam", MFADevicesPerUser, 8, 8},
	{"iam", SSHPublicKeysPerUser, 5, 5},
	{"iam", SigningCertificatesPerUser, 2, 2},
	{"iam", VersionsPerPolicy, 5, 5},
	{"iam", TagsPerResource, 50, 50},
	{"iam", RolesPerInstanceProfile, 1, 1},
	{"iam", ClientIDsPerOpenIDConnectProvider, 100, 100},
	{"iam", ThumbprintsPerOpenIDConnectProvider, 5, 5},
	{"iam", PolicySize, 6144, 6144},
	{"iam", UserPolicySize, 2048, 2048},
	{"iam", GroupPolicySize, 5120, 5120},
	{"iam", RolePolicySize, 10240, 10240},
	{"iam", TrustPolicySize, 2048, 4096},
	{"organizations", OrganizationPoliciesPerTarget, 5, 5},
	{"organizations", OrganizationPolicySize, 5120, 5120},
	{"organizations", OrganizationTagsPerResource, 50, 50},
	{"organizations", OrganizationalUnitDepth, 5, 5},
}

// Quotas returns every quota, those of a service together.
func Quotas() []Quota { return slices.Clone(quotas[:]) }

// LookupQuota returns the quota of that name, spelled as it is.
func LookupQuota(name QuotaName) (Quota, bool) {
	for _, q := range &quotas {
		if q.Name == name {
			return q, true
		}
	}
	return Quota{}, false
}

// Default returns what a quota is for an account for which nobody set it, 0
// when there is no quota of that name: what has no quota cannot be made.
func (n QuotaName) Default() int {
	q, _ := LookupQuota(n)
	return q.Default
}
