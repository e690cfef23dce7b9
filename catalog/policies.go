package catalog

import (
	"iter"
	"time"
)

// A ManagedPolicy is a policy that AWS manages. Every account has all of them
// and nobody may change one (EV-54).
type ManagedPolicy struct {
	Name             string
	Path             string // "/", "/service-role/", …
	DefaultVersionID string // "v3"
	Created, Updated time.Time
	index            int
}

// ARN returns the policy's name in full in the partition aws:
// "arn:aws:iam::aws:policy/AdministratorAccess".
func (p ManagedPolicy) ARN() string { panic("catalog: ManagedPolicy.ARN") }

// ID returns the policy's unique id. It is made from the name, so that it is the
// same everywhere and always.
func (p ManagedPolicy) ID() string { panic("catalog: ManagedPolicy.ID") }

// Document returns the policy's default version, as compact JSON. It is unpacked
// on every call, which takes some 100 µs.
func (p ManagedPolicy) Document() string { panic("catalog: ManagedPolicy.Document") }

// LookupManagedPolicy returns the AWS managed policy of that name or ARN and
// reports whether there is one. Neither its document nor another policy's is
// read.
func LookupManagedPolicy(nameOrARN string) (ManagedPolicy, bool) {
	panic("catalog: LookupManagedPolicy")
}

// ManagedPolicies returns all AWS managed policies in order of their folded
// names, without reading any document.
func ManagedPolicies() iter.Seq[ManagedPolicy] { panic("catalog: ManagedPolicies") }

// ManagedPolicyCount is the number of policies that ManagedPolicies returns.
const ManagedPolicyCount = 1485
