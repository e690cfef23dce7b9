package organizations

import (
	"errors"
	"slices"
	"strings"

	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

func tagOperations() []dispatch.Operation {
	return []dispatch.Operation{
		read("ListTagsForResource", listTagsNeeds, listTags),
		manage("TagResource", tagResourceNeeds, tagResource),
		manage("UntagResource", untagResourceNeeds, untagResource),
	}
}

// taggable is something with tags, and how it is kept once they have changed.
type taggable struct {
	tags *[]identity.Tag
	keep func() error
}

// taggableResource is what a call names as needs see it: a policy, the resource
// policy, or a root, unit or account. What there is not is asked about as well.
func (m *managed) taggableResource(id string) (resource, error) {
	switch {
	case strings.HasPrefix(id, "p-"):
		return m.policyResource(id)
	case strings.HasPrefix(id, "rp-"):
		r := resource{arn: m.org.ResourcePolicyARN(id).String()}
		p, err := m.Tx.OrganizationResourcePolicy(m.org.ID)
		if there, err := found(err); err != nil {
			return resource{}, err
		} else if there && p.ID == id {
			r.keys = tagKeys(p.Tags)
		}
		return r, nil
	}
	return m.nodeResource(id)
}

// taggable finds what a call names.
func (m *managed) taggable(id string) (taggable, error) {
	t, err := m.findTaggable(id)
	if errors.Is(err, store.ErrNotFound) {
		return taggable{}, api.TargetNotFoundException("You specified a target that doesn't exist.")
	}
	return t, err
}

func (m *managed) findTaggable(id string) (taggable, error) {
	switch {
	case id == m.org.RootID:
		return taggable{&m.org.RootTags, func() error { return m.Tx.PutOrganization(m.org) }}, nil
	case isAWSManaged(id):
		return taggable{new([]identity.Tag), func() error { return immutable() }}, nil
	case strings.HasPrefix(id, "p-"):
		p, err := m.find(id)
		if err != nil {
			return taggable{}, err
		}
		return taggable{&p.Tags, func() error { return m.Tx.PutOrganizationPolicy(m.org.ID, p, p.Name) }}, nil
	case strings.HasPrefix(id, "rp-"):
		p, err := m.Tx.OrganizationResourcePolicy(m.org.ID)
		if err == nil && p.ID != id {
			err = store.ErrNotFound
		}
		if err != nil {
			return taggable{}, err
		}
		return taggable{&p.Tags, func() error { return m.Tx.PutOrganizationResourcePolicy(m.org, p) }}, nil
	case strings.HasPrefix(id, "ou-"):
		u, err := m.Tx.Unit(m.org.ID, id)
		if err != nil {
			return taggable{}, err
		}
		return taggable{&u.Tags, func() error { return m.Tx.PutUnit(m.org.ID, u) }}, nil
	}
	a, err := m.member(id)
	if err != nil {
		return taggable{}, err
	}
	return taggable{&a.Tags, func() error { return m.Tx.PutAccount(a) }}, nil
}

func tagResourceNeeds(m *managed, in *api.TagResourceInput) ([]authz.Need, error) {
	r, err := m.taggableResource(in.ResourceId)
	r.keys = append(r.keys, authz.RequestTags(plainTags(in.Tags))...)
	return everywhere("TagResource", r), err
}

func tagResource(m *managed, in *api.TagResourceInput) (*wire.Empty, error) {
	added, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	t, err := m.taggable(in.ResourceId)
	if err != nil {
		return nil, err
	}
	tags := identity.SetTags(*t.tags, added)
	if len(tags) > catalog.OrganizationTagsPerResource.Default() {
		return nil, tooManyTags()
	}
	*t.tags = tags
	return &wire.Empty{}, t.keep()
}

func untagResourceNeeds(m *managed, in *api.UntagResourceInput) ([]authz.Need, error) {
	r, err := m.taggableResource(in.ResourceId)
	r.keys = append(r.keys, authz.Many("aws:TagKeys", in.TagKeys...))
	return everywhere("UntagResource", r), err
}

// untagResource removes tags. A key that the resource has not is no mistake.
func untagResource(m *managed, in *api.UntagResourceInput) (*wire.Empty, error) {
	if slices.ContainsFunc(in.TagKeys, isSystemTag) {
		return nil, systemTag()
	}
	t, err := m.taggable(in.ResourceId)
	if err != nil {
		return nil, err
	}
	*t.tags = identity.RemoveTags(*t.tags, in.TagKeys)
	return &wire.Empty{}, t.keep()
}

func listTagsNeeds(m *managed, in *api.ListTagsForResourceInput) ([]authz.Need, error) {
	r, err := m.taggableResource(in.ResourceId)
	return everywhere("ListTagsForResource", r), err
}

// listTags lists all tags of a resource, of which there are no more than a page.
func listTags(m *managed, in *api.ListTagsForResourceInput) (*api.ListTagsForResourceOutput, error) {
	if _, err := m.window(in.NextToken, nil); err != nil {
		return nil, err
	}
	t, err := m.taggable(in.ResourceId)
	if err != nil {
		return nil, err
	}
	out := &api.ListTagsForResourceOutput{Tags: make([]api.Tag, len(*t.tags))}
	for i, tag := range *t.tags {
		out.Tags[i] = api.Tag{Key: tag.Key, Value: tag.Value}
	}
	return out, nil
}
