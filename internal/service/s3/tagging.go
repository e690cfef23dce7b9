package s3

import (
	"context"
	"strings"

	api "github.com/regent-iam/regent/internal/api/s3"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/internal/wire"
)

func taggingOperations() []dispatch.Operation {
	return []dispatch.Operation{
		write("DeleteBucketTagging", deleteBucketTagging),
		read("GetBucketTagging", getBucketTagging),
		write("PutBucketTagging", putBucketTagging),
	}
}

// maxTags is how many tags a bucket may have.
const maxTags = 50

// bucketTags checks tags and returns them as they are kept (S3-98). Unlike
// those of IAM, keys that differ in case are two.
func bucketTags(in []api.Tag) ([]identity.Tag, error) {
	if len(in) > maxTags {
		return nil, s3err.Of("BadRequest").WithMessage("Bucket tag count cannot be greater than 50")
	}
	seen := make(map[string]bool, len(in))
	var tags []identity.Tag
	for _, t := range in {
		switch {
		case strings.HasPrefix(t.Key, "aws:"):
			return nil, s3err.InvalidTag(t.Key, t.Value, "System tags cannot be added/updated by requester")
		case t.Key == "" || len([]rune(t.Key)) > 128:
			return nil, s3err.InvalidTag(t.Key, t.Value, "The TagKey you have provided is invalid")
		case len([]rune(t.Value)) > 256:
			return nil, s3err.InvalidTag(t.Key, t.Value, "The TagValue you have provided is invalid")
		case seen[t.Key]:
			return nil, s3err.InvalidTag(t.Key, t.Value, "Cannot provide multiple Tags with the same key")
		}
		seen[t.Key] = true
		tags = append(tags, identity.Tag{Key: t.Key, Value: t.Value})
	}
	return tags, nil
}

func putBucketTagging(_ context.Context, call dispatch.Call, in *api.PutBucketTaggingInput) (*wire.Empty, error) {
	tags, err := bucketTags(in.Tagging.TagSet)
	if err != nil {
		return nil, err
	}
	return &wire.Empty{}, change(&call, in.Bucket, func(b *identity.Bucket) error {
		b.Tags = tags
		return nil
	})
}

func getBucketTagging(_ context.Context, call dispatch.Call, in *api.GetBucketTaggingInput) (*api.GetBucketTaggingOutput, error) {
	b, err := bucket(&call, in.Bucket)
	if err != nil {
		return nil, err
	}
	if len(b.Tags) == 0 {
		return nil, s3err.Of("NoSuchTagSet").With("BucketName", b.Name)
	}
	out := &api.GetBucketTaggingOutput{TagSet: make([]api.Tag, len(b.Tags))}
	for i, t := range b.Tags {
		out.TagSet[i] = api.Tag{Key: t.Key, Value: t.Value}
	}
	return out, nil
}

func deleteBucketTagging(_ context.Context, call dispatch.Call, in *api.DeleteBucketTaggingInput) (*wire.Empty, error) {
	return &wire.Empty{}, change(&call, in.Bucket, func(b *identity.Bucket) error {
		b.Tags = nil
		return nil
	})
}
