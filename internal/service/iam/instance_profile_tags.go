package iam

import (
	"context"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/wire"
)

func instanceProfileTagOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Read("ListInstanceProfileTags", listInstanceProfileTagsNeeds, listInstanceProfileTags),
		dispatch.Write("TagInstanceProfile", tagInstanceProfileNeeds, tagInstanceProfile),
		dispatch.Write("UntagInstanceProfile", untagInstanceProfileNeeds, untagInstanceProfile),
	}
}

func tagInstanceProfileNeeds(call dispatch.Call, in *api.TagInstanceProfileInput) ([]authz.Need, error) {
	return profileNeeds(&call, "iam:TagInstanceProfile", in.InstanceProfileName, requestTags(in.Tags)...)
}

func tagInstanceProfile(_ context.Context, call dispatch.Call, in *api.TagInstanceProfileInput) (*wire.Empty, error) {
	p, err := instanceProfile(&call, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	if p.Tags, err = addTags(p.Tags, in.Tags, "InstanceProfile"); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutInstanceProfile(p)
}

func untagInstanceProfileNeeds(call dispatch.Call, in *api.UntagInstanceProfileInput) ([]authz.Need, error) {
	return profileNeeds(&call, "iam:UntagInstanceProfile", in.InstanceProfileName, authz.Many("aws:TagKeys", in.TagKeys...))
}

func untagInstanceProfile(_ context.Context, call dispatch.Call, in *api.UntagInstanceProfileInput) (*wire.Empty, error) {
	p, err := instanceProfile(&call, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	p.Tags = identity.RemoveTags(p.Tags, in.TagKeys)
	return &wire.Empty{}, call.Tx.PutInstanceProfile(p)
}

func listInstanceProfileTagsNeeds(call dispatch.Call, in *api.ListInstanceProfileTagsInput) ([]authz.Need, error) {
	return profileNeeds(&call, "iam:ListInstanceProfileTags", in.InstanceProfileName)
}

func listInstanceProfileTags(_ context.Context, call dispatch.Call, in *api.ListInstanceProfileTagsInput) (*api.ListInstanceProfileTagsOutput, error) {
	p, err := instanceProfile(&call, in.InstanceProfileName)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	tags, next := within(p.Tags, w, func(t identity.Tag) string { return t.Key })
	out := &api.ListInstanceProfileTagsOutput{Tags: apiTags(tags)}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}
