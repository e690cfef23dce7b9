package identity

import (
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
)

// A PolicyType is a kind of organization policy.
type PolicyType string

// The kinds that decide what is allowed. All others are management policies,
// which come to an account's effective policy.
const (
	SCP PolicyType = "SERVICE_CONTROL_POLICY"
	RCP PolicyType = "RESOURCE_CONTROL_POLICY"
)

// The policies that AWS attaches by itself (OR-20).
const (
	FullAWSAccess    = "p-FullAWSAccess"
	RCPFullAWSAccess = "p-RCPFullAWSAccess"
)

// An Organization joins accounts under one root. Policies of a type count
// while the type is enabled; Epochs says which enabling an attachment belongs
// to, so that disabling a type detaches everything without touching every
// target (OR-20).
type Organization struct {
	ID         string             `json:"id"` // o-…
	Management AccountID          `json:"management"`
	FeatureSet string             `json:"featureSet"`
	RootID     string             `json:"rootId"` // r-…
	Created    time.Time          `json:"created"`
	Epochs     map[PolicyType]int `json:"epochs,omitempty"`  // how often the type was enabled
	Enabled    []PolicyType       `json:"enabled,omitempty"` // now
	// Unasked says that CreateOrganization enabled SCPs and nobody has asked for
	// them since.
	Unasked bool `json:"unasked,omitempty"`
	// Trusted are the services that may work in all accounts (OR-26), by principal.
	Trusted []EnabledService `json:"trusted,omitempty"`
	// RootTags are the tags of the organization's root.
	RootTags []Tag `json:"rootTags,omitempty"`
	// RootFeatures are what IAM does for the members' roots.
	RootFeatures []RootFeature `json:"rootFeatures,omitempty"`
}

// An EnabledService is a service's principal and when it was let in.
type EnabledService struct {
	Principal string    `json:"principal"` // "iam.amazonaws.com"
	Since     time.Time `json:"since"`
}

// A DelegatedAdministrator is a member account that administers services for
// the whole organization (OR-26). Its services are in the order of their names,
// at least one.
type DelegatedAdministrator struct {
	Account  AccountID        `json:"account"`
	Services []EnabledService `json:"services"`
}

// An OrganizationResourcePolicy is the policy by which an organization lets its
// members manage policies (OR-26). An organization has one at most.
type OrganizationResourcePolicy struct {
	ID     string         `json:"id"` // rp-…
	Policy ResourcePolicy `json:"policy"`
	Tags   []Tag          `json:"tags,omitempty"`
}

// ResourcePolicyARN names the organization's resource policy.
func (o *Organization) ResourcePolicyARN(id string) arn.ARN {
	return o.arnOf("resourcepolicy/" + o.ID + "/" + id)
}

// FindService returns where a principal stands in a list by principal, or
// would stand, and reports whether it is there.
func FindService(list []EnabledService, principal string) (int, bool) {
	return slices.BinarySearchFunc(list, principal, func(s EnabledService, p string) int {
		return strings.Compare(s.Principal, p)
	})
}

// Trusts reports whether the service has trusted access (OR-26).
func (o *Organization) Trusts(principal string) bool {
	_, ok := FindService(o.Trusted, principal)
	return ok
}

// ARN names the organization.
func (o *Organization) ARN() arn.ARN { return o.arnOf("organization/" + o.ID) }

// RootARN names the organization's root.
func (o *Organization) RootARN() arn.ARN { return o.arnOf("root/" + o.ID + "/" + o.RootID) }

// AccountARN names a member account.
func (o *Organization) AccountARN(id AccountID) arn.ARN {
	return o.arnOf("account/" + o.ID + "/" + string(id))
}

// UnitARN names an organizational unit.
func (o *Organization) UnitARN(id string) arn.ARN { return o.arnOf("ou/" + o.ID + "/" + id) }

func (o *Organization) arnOf(resource string) arn.ARN {
	return arn.ARN{Partition: Partition, Service: "organizations", Account: string(o.Management), Resource: resource}
}

// TypeEnabled reports whether policies of type t count.
func (o *Organization) TypeEnabled(t PolicyType) bool { return slices.Contains(o.Enabled, t) }

// How an account came into its organization. The management account counts as
// invited.
const (
	JoinedInvited = "INVITED"
	JoinedCreated = "CREATED"
)

// MaxUnitDepth is how deep organizational units nest (OR-5).
const MaxUnitDepth = 5

// An OrganizationalUnit holds accounts and other units.
type OrganizationalUnit struct {
	ID      string    `json:"id"` // ou-…
	Name    string    `json:"name"`
	Parent  string    `json:"parent"`
	Created time.Time `json:"created"`
	Tags    []Tag     `json:"tags,omitempty"`
}

// An OrganizationPolicy is a customer's policy.
type OrganizationPolicy struct {
	ID          string     `json:"id"` // p-…
	Type        PolicyType `json:"type"`
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Text        string     `json:"text"`
	Tags        []Tag      `json:"tags,omitempty"`
	Updated     time.Time  `json:"updated,omitzero"` // when Text was last written
}

// PolicyARN names a policy of the organization. Policies that AWS made belong
// to the account "aws" (OR-1).
func (o *Organization) PolicyARN(t PolicyType, id string) arn.ARN {
	kind := arn.Fold(string(t))
	if id == FullAWSAccess || id == RCPFullAWSAccess {
		return arn.ARN{Partition: Partition, Service: "organizations", Account: string(AWSAccount), Resource: "policy/" + kind + "/" + id}
	}
	return o.arnOf("policy/" + o.ID + "/" + kind + "/" + id)
}

// An Attachments record says which policies of one type hang on one target
// (root, unit or account). A target without a record, or with one of an
// earlier epoch, has the type's default policy and nothing else.
type Attachments struct {
	Epoch    int      `json:"epoch"`
	Policies []string `json:"policies"` // ids, the default policy's among them while it is attached
	// Changed is when they were last attached or detached.
	Changed time.Time `json:"changed,omitzero"`
}

// An AccountRequest is a CreateAccount call and what came of it (OR-4).
type AccountRequest struct {
	ID        string    `json:"id"` // car-…
	Name      string    `json:"name"`
	Account   AccountID `json:"account,omitempty"`
	State     string    `json:"state"` // SUCCEEDED or FAILED
	Reason    string    `json:"reason,omitempty"`
	Requested time.Time `json:"requested"`
	Completed time.Time `json:"completed"`
}
