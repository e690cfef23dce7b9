// Package organizations implements the AWS Organizations operations: the
// organization and its tree of units, its accounts, and its policies. Most
// operations are for the management account, and for whom it delegates them to.
package organizations

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
)

// A Config says how the accounts that CreateAccount makes are named. Both
// functions are needed.
type Config struct {
	// AccountID draws the id of a new account. It may draw one that is taken.
	AccountID func(random io.Reader) (identity.AccountID, error)
	// CanonicalID returns the name that an account has in S3's lists.
	CanonicalID func(identity.AccountID) string
}

// A Service has the operations of Organizations.
type Service struct {
	config Config
}

// New returns a Service.
func New(c Config) *Service { return &Service{c} }

// Operations returns every operation that Regent has.
func (s *Service) Operations() []dispatch.Operation {
	return slices.Concat(
		organizationOperations(), s.accountOperations(), memberOperations(), unitOperations(), handshakeOperations(), transferOperations(),
		policyOperations(), attachmentOperations(), trustOperations(), delegateOperations(), resourcePolicyOperations(),
		tagOperations(), effectiveOperations(),
	)
}

// A managed call is one about the organization of the caller's account, by
// somebody who may manage it or a part of it (see [standing]).
type managed struct {
	dispatch.Call
	org *identity.Organization
}

// decodable and encodable are what [dispatch.Read] asks of shapes.
type decodable[T any] interface {
	*T
	wire.Decodable
}

type encodable[T any] interface {
	*T
	wire.Encodable
}

type (
	needs[In any]        func(*managed, *In) ([]authz.Need, error)
	handler[In, Out any] func(*managed, *In) (*Out, error)
)

// read makes an operation that shows the organization to its management
// account, to delegated administrators, and to the members that the
// organization's resource policy names (OR-3, OR-26). Whoever else calls is
// asked for the permission as well, on no resource in particular, so that
// nothing about the organization shows in the answer.
func read[In, Out any, PIn decodable[In], POut encodable[Out]](name string, n needs[In], h handler[In, Out]) dispatch.Operation {
	return dispatch.Read[In, Out, PIn, POut](name, guarded(name, toDelegates, n), held(toDelegates, h))
}

// write makes an operation by which the management account alone changes
// something (OR-3).
func write[In, Out any, PIn decodable[In], POut encodable[Out]](name string, n needs[In], h handler[In, Out]) dispatch.Operation {
	return dispatch.Write[In, Out, PIn, POut](name, guarded(name, toManagement, n), held(toManagement, h))
}

// manage is write for the management of policies, which the organization's
// resource policy may leave to members (OR-26).
func manage[In, Out any, PIn decodable[In], POut encodable[Out]](name string, n needs[In], h handler[In, Out]) dispatch.Operation {
	return dispatch.Write[In, Out, PIn, POut](name, guarded(name, toPolicy, n), held(toPolicy, h))
}

// need asks for one permission of this service.
func need(action, resource string, keys ...authz.Key) []authz.Need {
	return []authz.Need{{Action: "organizations:" + action, Resource: resource, Keys: keys}}
}

// everywhere asks for one permission on each of several resources.
func everywhere(action string, resources ...resource) []authz.Need {
	out := make([]authz.Need, 0, len(resources))
	for _, r := range resources {
		out = append(out, need(action, r.arn, r.keys...)...)
	}
	return out
}

// A resource is what a need is about.
type resource struct {
	arn  string
	keys []authz.Key
}

func tagKeys(tags []identity.Tag) []authz.Key { return authz.TagKeys(tags, "aws:ResourceTag/") }

const policyTypeKey = "organizations:PolicyType"

func typeKey(t string) authz.Key { return authz.One(policyTypeKey, t) }

// invalid is the exception for input that the model's constraints let pass
// (OR-25).
func invalid(reason, message string) *awserr.Error {
	return api.InvalidInputException("%s", message).With("Reason", reason)
}

// violated is the exception for what a rule or quota forbids.
func violated(reason, message string) *awserr.Error {
	return api.ConstraintViolationException("%s", message).With("Reason", reason)
}

// maxResults is how many items a list answers with at most (the model's limit).
const maxResults = 20

// A window is the part of a list that a call asks for.
type window struct {
	after string
	limit int
}

func (m *managed) window(token *string, limit *int32) (window, error) {
	w := window{limit: maxResults}
	if limit != nil {
		w.limit = int(*limit)
	}
	if token == nil {
		return w, nil
	}
	var err error
	if w.after, err = m.After(*token); err != nil {
		return window{}, invalid("INVALID_NEXT_TOKEN",
			"Get the value for the NextToken parameter from the response to a previous call of the operation.")
	}
	return w, nil
}

// cut returns the part of a list that is at hand whole, and what it ends with
// if there is more.
func cut[T any](list []T, w window, name func(T) string) ([]T, string) {
	start := 0
	if w.after != "" {
		start = slices.IndexFunc(list, func(v T) bool { return name(v) == w.after }) + 1
	}
	list = list[start:]
	if len(list) > w.limit {
		return list[:w.limit], name(list[w.limit-1])
	}
	return list, ""
}

// id draws ids until one is free.
func id(random io.Reader, prefix string, length int, taken func(string) (bool, error)) (string, error) {
	for {
		s, err := draw(random, prefix, length)
		if err != nil {
			return "", err
		}
		if found, err := taken(s); err != nil || !found {
			return s, err
		}
	}
}

// draw draws an id of lower-case letters and digits (OR-1).
func draw(random io.Reader, prefix string, length int) (string, error) {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789"
	const fair = 256 - 256%len(letters)
	b := []byte(prefix)
	for one := make([]byte, 1); len(b) < len(prefix)+length; {
		if _, err := io.ReadFull(random, one); err != nil {
			return "", fmt.Errorf("making an id: %w", err)
		}
		if int(one[0]) < fair {
			b = append(b, letters[int(one[0])%len(letters)])
		}
	}
	return string(b), nil
}

// found turns a lookup's error into whether there is something.
func found(err error) (bool, error) {
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// tagsOf checks the tags of a call and returns them as they are kept.
func tagsOf(in []api.Tag) ([]identity.Tag, error) {
	tags := plainTags(in)
	keys := make([]string, len(tags))
	for i, t := range tags {
		if isSystemTag(t.Key) {
			return nil, systemTag()
		}
		keys[i] = t.Key
	}
	if identity.DuplicateTag(keys) {
		return nil, invalid("DUPLICATE_TAG_KEY", "Tag keys must be unique among the tags attached to the same entity.")
	}
	if len(tags) > catalog.OrganizationTagsPerResource.Default() {
		return nil, tooManyTags()
	}
	return identity.SetTags(nil, tags), nil
}

func isSystemTag(key string) bool { return strings.HasPrefix(arn.Fold(key), "aws:") }

func systemTag() *awserr.Error {
	return invalid("INVALID_SYSTEM_TAGS_PARAMETER",
		"You specified a tag key that is a system tag. You can't add, edit, or delete system tag keys because they're reserved for Amazon Web Services use.")
}

func tooManyTags() *awserr.Error {
	return violated("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags allowed on this resource.")
}

func plainTags(in []api.Tag) []identity.Tag {
	tags := make([]identity.Tag, len(in))
	for i, t := range in {
		tags[i] = identity.Tag{Key: t.Key, Value: t.Value}
	}
	return tags
}

// tagged adds the permission that tags at creation need (as IA-61).
func tagged(n []authz.Need, resource string, keys ...authz.Key) []authz.Need {
	return append(n, need("TagResource", resource, keys...)...)
}
