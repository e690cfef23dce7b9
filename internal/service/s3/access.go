package s3

import (
	"context"

	api "github.com/regent-iam/regent/internal/api/s3"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/internal/wire"
)

func accessOperations() []dispatch.Operation {
	return []dispatch.Operation{
		write("DeleteBucketOwnershipControls", deleteBucketOwnershipControls),
		write("DeletePublicAccessBlock", deletePublicAccessBlock),
		read("GetBucketAcl", getBucketACL),
		read("GetBucketOwnershipControls", getBucketOwnershipControls),
		read("GetPublicAccessBlock", getPublicAccessBlock),
		write("PutBucketAcl", putBucketACL),
		write("PutBucketOwnershipControls", putBucketOwnershipControls),
		write("PutPublicAccessBlock", putPublicAccessBlock),
	}
}

// putPublicAccessBlock sets the four switches; what is left out is off (S3-60).
func putPublicAccessBlock(_ context.Context, call dispatch.Call, in *api.PutPublicAccessBlockInput) (*wire.Empty, error) {
	c := in.PublicAccessBlockConfiguration
	return &wire.Empty{}, change(&call, in.Bucket, func(b *identity.Bucket) error {
		b.PublicAccess = &identity.PublicAccessBlock{
			BlockPublicAcls: isTrue(c.BlockPublicAcls), IgnorePublicAcls: isTrue(c.IgnorePublicAcls),
			BlockPublicPolicy: isTrue(c.BlockPublicPolicy), RestrictPublicBuckets: isTrue(c.RestrictPublicBuckets),
		}
		return nil
	})
}

func isTrue(b *bool) bool { return b != nil && *b }

func getPublicAccessBlock(_ context.Context, call dispatch.Call, in *api.GetPublicAccessBlockInput) (*api.GetPublicAccessBlockOutput, error) {
	b, err := bucket(&call, in.Bucket)
	if err != nil {
		return nil, err
	}
	p := b.PublicAccess
	if p == nil {
		return nil, s3err.Of("NoSuchPublicAccessBlockConfiguration").With("BucketName", b.Name)
	}
	return &api.GetPublicAccessBlockOutput{PublicAccessBlockConfiguration: &api.PublicAccessBlockConfiguration{
		BlockPublicAcls: new(p.BlockPublicAcls), IgnorePublicAcls: new(p.IgnorePublicAcls),
		BlockPublicPolicy: new(p.BlockPublicPolicy), RestrictPublicBuckets: new(p.RestrictPublicBuckets),
	}}, nil
}

func deletePublicAccessBlock(_ context.Context, call dispatch.Call, in *api.DeletePublicAccessBlockInput) (*wire.Empty, error) {
	return &wire.Empty{}, change(&call, in.Bucket, func(b *identity.Bucket) error {
		b.PublicAccess = nil
		return nil
	})
}

// ownerEnforced is the object ownership under which the bucket owner owns all
// objects and ACLs do not count. It is the only one here.
const ownerEnforced = "BucketOwnerEnforced"

// putBucketOwnershipControls takes exactly one rule (S3-68).
func putBucketOwnershipControls(_ context.Context, call dispatch.Call, in *api.PutBucketOwnershipControlsInput) (*wire.Empty, error) {
	if len(in.OwnershipControls.Rules) != 1 {
		return nil, s3err.MalformedXML()
	}
	if in.OwnershipControls.Rules[0].ObjectOwnership != ownerEnforced {
		return nil, s3err.NotImplemented("")
	}
	return &wire.Empty{}, change(&call, in.Bucket, func(b *identity.Bucket) error {
		b.Ownership = ownerEnforced
		return nil
	})
}

func getBucketOwnershipControls(_ context.Context, call dispatch.Call, in *api.GetBucketOwnershipControlsInput) (*api.GetBucketOwnershipControlsOutput, error) {
	b, err := bucket(&call, in.Bucket)
	if err != nil {
		return nil, err
	}
	if b.Ownership == "" {
		return nil, s3err.Of("OwnershipControlsNotFoundError").With("BucketName", b.Name)
	}
	return &api.GetBucketOwnershipControlsOutput{OwnershipControls: &api.OwnershipControls{
		Rules: []api.OwnershipControlsRule{{ObjectOwnership: b.Ownership}},
	}}, nil
}

// deleteBucketOwnershipControls removes the rule. Until ACLs are there the
// bucket goes on as it was: its owner owns what is written.
func deleteBucketOwnershipControls(_ context.Context, call dispatch.Call, in *api.DeleteBucketOwnershipControlsInput) (*wire.Empty, error) {
	return &wire.Empty{}, change(&call, in.Bucket, func(b *identity.Bucket) error {
		b.Ownership = ""
		return nil
	})
}

// getBucketACL shows that the owner has full control, which is all that an ACL
// can say here (S3-69).
func getBucketACL(_ context.Context, call dispatch.Call, in *api.GetBucketAclInput) (*api.GetBucketAclOutput, error) {
	b, err := bucket(&call, in.Bucket)
	if err != nil {
		return nil, err
	}
	id, err := canonicalID(call.Tx, b.Account)
	return &api.GetBucketAclOutput{
		Owner:  &api.Owner{ID: id},
		Grants: []api.Grant{{Grantee: &api.Grantee{Type: "CanonicalUser", ID: id}, Permission: "FULL_CONTROL"}},
	}, err
}

// putBucketACL refuses even "private" (S3-69).
func putBucketACL(_ context.Context, call dispatch.Call, in *api.PutBucketAclInput) (*wire.Empty, error) {
	if _, err := bucket(&call, in.Bucket); err != nil {
		return nil, err
	}
	return nil, s3err.Of("AccessControlListNotSupported")
}
