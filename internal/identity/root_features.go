package identity

import "slices"

// IAMPrincipal is IAM as a service of an organization.
const IAMPrincipal = "iam.amazonaws.com"

// A RootFeature is something that an organization does for its members' roots.
type RootFeature string

// The features, by IAM's names.
const (
	RootCredentialsManagement RootFeature = "RootCredentialsManagement"
	RootSessions              RootFeature = "RootSessions"
)

// HasRootFeature reports whether the feature was switched on.
func (o *Organization) HasRootFeature(f RootFeature) bool { return slices.Contains(o.RootFeatures, f) }

// RootFeatureWorks reports whether the feature may be used now: it is on, and
// IAM still has the trusted access that it works by (ST-78).
func (o *Organization) RootFeatureWorks(f RootFeature) bool {
	return o.HasRootFeature(f) && o.Trusts(IAMPrincipal)
}

// SetRootFeature switches the feature on or off.
func (o *Organization) SetRootFeature(f RootFeature, on bool) {
	o.RootFeatures = slices.DeleteFunc(slices.Clone(o.RootFeatures), func(has RootFeature) bool { return has == f })
	if on {
		o.RootFeatures = append(o.RootFeatures, f)
	}
}
