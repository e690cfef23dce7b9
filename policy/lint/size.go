package lint

import (
	"strconv"

	"github.com/regent-iam/regent/policy"
)

// sizeRules compare a document with the quotas (PL-90, PL-91).
var sizeRules = []rule{{"size", checkSize}}

// Quotas of documents, as policy.Size counts them.
const (
	identityQuota = 6144
	trustQuota    = 2048
	controlQuota  = 5120
	resourceQuota = 20480
)

func checkSize(c *checker) {
	size := policy.Size(c.kind.policyKind(), c.text)
	holes := func(quota int) []hole {
		return []hole{{"policySize", strconv.Itoa(size)}, {"policySizeQuota", strconv.Itoa(quota)}}
	}
	at := c.at(c.root)
	switch {
	case c.kind == Identity && size > identityQuota:
		c.report("POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", at, holes(identityQuota)...)
	case c.kind == Trust && size > trustQuota:
		c.report("POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", at)
	case c.kind == SCP && size > controlQuota:
		c.report("POLICY_SIZE_EXCEEDS_SCP_QUOTA", at, holes(controlQuota)...)
	case c.kind == RCP && size > controlQuota:
		c.report("POLICY_SIZE_EXCEEDS_RCP_QUOTA", at, holes(controlQuota)...)
	case c.kind.onResource() && size > resourceQuota:
		c.report("POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA", at, holes(resourceQuota)...)
	}
}
