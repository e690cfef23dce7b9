package s3

import (
	"context"
	"errors"
	"fmt"

	api "github.com/regent-iam/regent/internal/api/s3"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/policy"
)

func policyOperations() []dispatch.Operation {
	return []dispatch.Operation{
		write("DeleteBucketPolicy", deleteBucketPolicy),
		read("GetBucketPolicy", getBucketPolicy),
		read("GetBucketPolicyStatus", getBucketPolicyStatus),
		write("PutBucketPolicy", putBucketPolicy),
	}
}

// maxPrincipals is how many users and roles one policy may name: each is a read
// in the transaction.
const maxPrincipals = 64

// putBucketPolicy checks a policy, binds its principals, and keeps it (S3-75 to
// S3-79). A policy that locks its author out is not refused: root repairs it.
func putBucketPolicy(_ context.Context, call dispatch.Call, in *api.PutBucketPolicyInput) (*wire.Empty, error) {
	doc, err := policy.Validate(policy.Bucket, in.Policy, policy.ForBucket(in.Bucket, oracle()))
	if invalid, ok := errors.AsType[*policy.ValidationError](err); ok {
		return nil, malformed(invalid.Message, invalid.Detail)
	} else if err != nil {
		return nil, fmt.Errorf("checking a bucket policy: %w", err)
	}
	return &wire.Empty{}, change(&call, in.Bucket, func(b *identity.Bucket) error {
		if len(doc.PrincipalNames()) > maxPrincipals {
			return malformed(fmt.Sprintf("The policy names more than %d users and roles.", maxPrincipals), "")
		}
		bindings, missing, err := authz.Bind(call.Tx, doc)
		if err != nil {
			return err
		}
		if missing != "" {
			return malformed("Invalid principal in policy", `"AWS" : "`+missing+`"`)
		}
		if b.PublicAccess != nil && b.PublicAccess.BlockPublicPolicy && policy.Public(doc) {
			return publicRefused(&call, b)
		}
		b.Policy = &identity.ResourcePolicy{Text: in.Policy, Bindings: bindings}
		return nil
	})
}

func malformed(message, detail string) *s3err.Error {
	e := s3err.Of("MalformedPolicy").WithMessage(message)
	if detail != "" {
		return e.With("Detail", detail)
	}
	return e
}

// publicRefused refuses a policy that would make the bucket public (S3-64). It
// refuses root too. Only the owner's account can get here.
func publicRefused(call *dispatch.Call, b *identity.Bucket) *s3err.Error {
	return s3err.AccessDeniedf("User: " + call.Caller.ARN + ` is not authorized to perform: s3:PutBucketPolicy on resource: "` +
		b.ARN().String() + `" because public policies are blocked by the BlockPublicPolicy block public access setting.`)
}

// policyOf returns the bucket's policy, or the error that it has none.
func policyOf(b *identity.Bucket) (*identity.ResourcePolicy, error) {
	if b.Policy == nil {
		return nil, s3err.Of("NoSuchBucketPolicy").With("BucketName", b.Name)
	}
	return b.Policy, nil
}

// getBucketPolicy returns the JSON that was put, with principals under the
// names that they have now (S3-78).
func getBucketPolicy(_ context.Context, call dispatch.Call, in *api.GetBucketPolicyInput) (*api.GetBucketPolicyOutput, error) {
	b, err := bucket(&call, in.Bucket)
	if err != nil {
		return nil, err
	}
	p, err := policyOf(b)
	if err != nil {
		return nil, err
	}
	text, err := authz.Readback(call.Tx, *p)
	return &api.GetBucketPolicyOutput{Policy: text}, err
}

// getBucketPolicyStatus says whether the policy makes the bucket public (S3-66,
// S3-67). One that cannot be read is called public.
func getBucketPolicyStatus(_ context.Context, call dispatch.Call, in *api.GetBucketPolicyStatusInput) (*api.GetBucketPolicyStatusOutput, error) {
	b, err := bucket(&call, in.Bucket)
	if err != nil {
		return nil, err
	}
	p, err := policyOf(b)
	if err != nil {
		return nil, err
	}
	doc, err := policy.Parse(p.Text)
	public := err != nil || policy.Public(doc)                                                       // what cannot be read is taken for the worse
	return &api.GetBucketPolicyStatusOutput{PolicyStatus: &api.PolicyStatus{IsPublic: &public}}, nil //nolint:nilerr // see above
}

func deleteBucketPolicy(_ context.Context, call dispatch.Call, in *api.DeleteBucketPolicyInput) (*wire.Empty, error) {
	return &wire.Empty{}, change(&call, in.Bucket, func(b *identity.Bucket) error {
		b.Policy = nil
		return nil
	})
}
