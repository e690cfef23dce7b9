package identity

import (
	"time"

	"github.com/regent-iam/regent/arn"
)

// A Bucket is what Regent knows of an S3 bucket; its objects are elsewhere,
// kept under ID, which is minted anew whenever the name is claimed (TH-56).
type Bucket struct {
	Name    string    `json:"name"`
	ID      string    `json:"id"`
	Account AccountID `json:"account"`
	Region  string    `json:"region"`
	Created time.Time `json:"created"`

	Policy       *ResourcePolicy    `json:"policy,omitempty"`
	PublicAccess *PublicAccessBlock `json:"publicAccess,omitempty"`
	// Ownership is the object ownership rule; empty when the controls were deleted.
	Ownership string `json:"ownership,omitempty"`
	// Location is the constraint as it was given, which is echoed.
	Location string `json:"location,omitempty"`
	Tags     []Tag  `json:"tags,omitempty"`
}

// ARN names the bucket.
func (b *Bucket) ARN() arn.ARN {
	return arn.ARN{Partition: Partition, Service: "s3", Resource: b.Name}
}

// A PublicAccessBlock holds the four switches of Block Public Access (S3-60).
type PublicAccessBlock struct {
	BlockPublicAcls       bool `json:"blockPublicAcls"`
	IgnorePublicAcls      bool `json:"ignorePublicAcls"`
	BlockPublicPolicy     bool `json:"blockPublicPolicy"`
	RestrictPublicBuckets bool `json:"restrictPublicBuckets"`
}
