// Package lint reviews one policy document and reports what is wrong, unsafe,
// doubtful or needless in it: the findings of AWS's policy validation, with its
// codes, texts and locations, and on demand findings of Regent's own.
//
// What is known of services, actions, resource types and condition keys comes
// from package catalog, which is a snapshot; see [Snapshot] and the names that
// [Options] adds to it. docs/reference/lint.md lists the findings.
package lint

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/regent-iam/regent/policy"
)

// Snapshot is the day of the reference that the catalog was made from: what AWS
// added later is reported as unknown unless [Options] names it (LI-10).
const Snapshot = "2026-09-26"

// A Kind says what a document is for. It decides which findings apply (LI-3).
type Kind uint8

// The kinds of document.
const (
	Identity               Kind = iota // of a user, group or role; boundaries and session policies too
	Resource                           // of a resource that is none of those below
	Trust                              // of a role
	Bucket                             // of an S3 bucket
	AccessPoint                        // of an S3 access point
	MultiRegionAccessPoint             // of an S3 multi-Region access point
	ObjectLambda                       // of an S3 Object Lambda access point
	Table                              // of a DynamoDB table
	SCP                                // service control policy
	RCP                                // resource control policy
)

// String returns the name that [ParseKind] reads.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", k)
}

var kindNames = [...]string{
	"identity", "resource", "trust", "bucket", "access-point", "multi-region-access-point",
	"object-lambda", "table", "scp", "rcp",
}

// ParseKind returns the kind of that name and reports whether there is one.
func ParseKind(name string) (Kind, bool) {
	i := slices.Index(kindNames[:], name)
	return Kind(max(0, i)), i >= 0
}

// Kinds returns the names of all kinds.
func Kinds() []string { return slices.Clone(kindNames[:]) }

// KindOf returns the kind that a policyType and a validatePolicyResourceType of
// ValidatePolicy mean, and reports whether they go together (LI-3). A resource
// policy of no type stays [Resource]: [Lint] finds trust policies among them.
func KindOf(policyType, resourceType string) (Kind, bool) {
	if resourceType == "" {
		switch policyType {
		case "IDENTITY_POLICY":
			return Identity, true
		case "RESOURCE_POLICY":
			return Resource, true
		case "SERVICE_CONTROL_POLICY":
			return SCP, true
		case "RESOURCE_CONTROL_POLICY":
			return RCP, true
		}
		return 0, false
	}
	for k := Trust; k <= Table; k++ {
		if policyType == "RESOURCE_POLICY" && k.resourceType() == resourceType {
			return k, true
		}
	}
	return 0, false
}

// resourceType returns AWS's name of what a kind of resource policy is for; ""
// for other kinds.
func (k Kind) resourceType() string {
	switch k {
	case Trust:
		return "AWS::IAM::AssumeRolePolicyDocument"
	case Bucket:
		return "AWS::S3::Bucket"
	case AccessPoint:
		return "AWS::S3::AccessPoint"
	case MultiRegionAccessPoint:
		return "AWS::S3::MultiRegionAccessPoint"
	case ObjectLambda:
		return "AWS::S3ObjectLambda::AccessPoint"
	case Table:
		return "AWS::DynamoDB::Table"
	default:
	}
	return ""
}

// isS3 reports whether the kind is of one of S3's resources.
func (k Kind) isS3() bool { return k >= Bucket && k <= ObjectLambda }

// hasPrincipal reports whether statements of the kind name principals.
func (k Kind) hasPrincipal() bool { return k >= Resource && k <= Table || k == RCP }

// onResource reports whether the kind is a resource policy other than a trust
// policy.
func (k Kind) onResource() bool { return k == Resource || k >= Bucket && k <= Table }

// policyKind returns the engine's word for the kind, by which sizes are counted.
func (k Kind) policyKind() policy.Kind {
	switch k {
	case Identity:
		return policy.Identity
	case Trust:
		return policy.Trust
	case Bucket, AccessPoint, MultiRegionAccessPoint, ObjectLambda:
		return policy.Bucket
	case SCP:
		return policy.SCP
	case RCP:
		return policy.RCP
	default:
	}
	return policy.Resource
}

// Options say how a document is to be reviewed. The zero Options review an
// identity policy as AWS does.
type Options struct {
	Kind Kind

	// Own adds Regent's own findings, the codes of which begin with "LX-". AWS
	// has none of them, and clients of its API do not expect them.
	Own bool

	// StrictSCP reports wildcards in the middle of an SCP's actions, which AWS
	// allows since September 2025 and still lists as a finding.
	StrictSCP bool

	// Account is the account that the document is for, by which principals of
	// others are told. Without it none is called another's.
	Account string

	// Exists reports whether a user or role has a unique id. Without it all have.
	Exists func(id string) bool

	// Services, Actions ("s3:GetObject") and Keys ("s3:prefix") are names that
	// the catalog lacks and that are to be taken as known, in any case (LI-10).
	Services []string
	Actions  []string
	Keys     []string
}

// Lint reviews a document as it stands: nothing is decoded and no white space
// changed before (LI-24). The findings come in the order of their places in the
// document (LI-5). A document that is not JSON has one finding (LI-4).
//
// The error is not nil only when the review itself failed, of which no document
// should be capable: what was not reviewed to the end is never called clean.
func Lint(text string, o Options) (findings []Finding, err error) {
	tree, fault := parseTree(text)
	if fault != nil {
		return []Finding{fault.finding()}, nil
	}
	c := newChecker(text, tree, o)
	for _, r := range rules {
		if err := c.run(r); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.offset(), b.offset()), cmp.Compare(a.Code, b.Code))
	})
	return c.findings, nil
}

// A rule is one check. Rules run independently of one another; what a rule
// cannot read it leaves alone (LI-4).
type rule struct {
	name string
	run  func(*checker)
}

// rules are all checks. What each of them reports is in the table of codes.
var rules = slices.Concat(
	shapeRules, variableRules, actionRules, arnRules, principalRules, trustRules, controlRules,
	conditionRules, valueRules, addressRules, qualifierRules, tagRules, sourceRules, passRules,
	redundantRules, sizeRules, ownRules,
)

// run runs one rule. A rule that panics has not reviewed the document.
func (c *checker) run(r rule) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("lint: the rule %s failed: %v", r.name, p)
		}
	}()
	r.run(c)
	return nil
}

// Guess returns the kind that a document is most likely of: [Resource] when a
// statement names principals, of which [Lint] tells trust policies apart, and
// [Identity] otherwise.
func Guess(text string) Kind {
	tree, fault := parseTree(text)
	if fault != nil {
		return Identity
	}
	for _, s := range listOf(tree.member("Statement")) {
		if s.member("Principal") != nil || s.member("NotPrincipal") != nil {
			return Resource
		}
	}
	return Identity
}
