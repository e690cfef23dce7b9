// Package iam implements the IAM operations. A noun has a file: what its
// operations need, what they do, and its own list of them.
package iam

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// A Config says what IAM must know of the server. The zero Config is one of a
// server that others cannot reach.
type Config struct {
	// PublicURL is where others reach the server, without a slash at its end;
	// "" when nobody knows.
	PublicURL string
	// Passwords hashes passwords, for everybody in the server who has to; nil is
	// one for IAM alone.
	Passwords *password.Hasher
}

// A Service is IAM.
type Service struct {
	publicURL string
	hasher    *password.Hasher
}

// New returns IAM as c says.
func New(c Config) *Service {
	if c.Passwords == nil {
		c.Passwords = password.New(password.Options{})
	}
	return &Service{publicURL: c.PublicURL, hasher: c.Passwords}
}

// Operations returns the operations of a Service with the zero Config.
func Operations() []dispatch.Operation { return New(Config{}).Operations() }

// Operations returns every IAM operation that Regent has.
func (s *Service) Operations() []dispatch.Operation {
	return slices.Concat(
		s.passwordOperations(),
		passwordPolicyOperations(),
		serverCertificateOperations(),
		serviceCredentialOperations(),
		signingCertificateOperations(),
		sshKeyOperations(),
		accessKeyOperations(),
		accountOperations(),
		detailsOperations(),
		groupOperations(),
		instanceProfileOperations(),
		instanceProfileTagOperations(),
		linkedRoleOperations(),
		mfaOperations(),
		oidcProviderOperations(),
		samlProviderOperations(),
		userOperations(),
		virtualDeviceOperations(),
		roleOperations(),
		inlinePolicyOperations(),
		attachmentOperations(),
		boundaryOperations(),
		policyOperations(),
		policyVersionOperations(),
		simulateOperations(),
		s.outboundOperations(),
		rootFeatureOperations(),
		credentialReportOperations(),
		lastAccessedOperations(),
		organizationAccessOperations(),
		s.delegationOperations(),
	)
}

// validationError is IAM's answer to input that no constraint of the model
// catches.
func validationError(format string, args ...any) *awserr.Error {
	return awserr.Newf(400, "ValidationError", format, args...)
}

// defaultPath is the path of what was given none.
const defaultPath = "/"

func pathOr(path string) string {
	if path == "" {
		return defaultPath
	}
	return path
}

// need asks for one permission on a resource of the caller's account.
func need(action, resource string, keys ...authz.Key) []authz.Need {
	return []authz.Need{{Action: action, Resource: resource, Keys: keys}}
}

// accountARN builds the ARN of something in the caller's account.
func accountARN(call *dispatch.Call, resource string) string {
	return arn.ARN{
		Partition: identity.Partition, Service: "iam", Account: string(call.Caller.Account), Resource: resource,
	}.String()
}

// targetKeys are the keys of the tags that the target of a call has.
func targetKeys(tags []identity.Tag) []authz.Key {
	return authz.TagKeys(tags, "aws:ResourceTag/", "iam:ResourceTag/")
}

// boundaryKey is the key of the boundary that a call sets.
func boundaryKey(policyARN string) []authz.Key {
	if policyARN == "" {
		return nil
	}
	return []authz.Key{authz.One("iam:PermissionsBoundary", policyARN)}
}

// userOrSelf returns the user that a call names, or the calling user when it
// names none (IA-5).
func userOrSelf(call *dispatch.Call, name string) (identity.UserName, error) {
	if name != "" {
		return identity.UserName(name), nil
	}
	if call.Caller.Kind == authn.User {
		return call.Caller.UserName, nil
	}
	return "", validationError("Must specify userName when calling with non-User credentials")
}

// exceeded turns a store.LimitError into IAM's, and leaves others alone.
func exceeded(err error) error {
	if limit, ok := errors.AsType[*store.LimitError](err); ok {
		return quota(string(limit.Quota), limit.Limit)
	}
	return err
}

func quota(name string, limit int) *awserr.Error {
	return api.LimitExceeded("Cannot exceed quota for %s: %d", name, limit)
}

// checkQuota fails when n is more than the caller's account may have (IA-44).
func checkQuota(call *dispatch.Call, name catalog.QuotaName, n int) error {
	limit, err := call.Tx.Quota(call.Caller.Account, name)
	if err == nil && n > limit {
		return quota(string(name), limit)
	}
	return err
}

// defaultMaxItems is how long a page of a list is when nobody says (IA-10).
const defaultMaxItems = 100

// tagsOf checks the tags of a call and returns them as they are kept.
func tagsOf(in []api.Tag) ([]identity.Tag, error) {
	tags := make([]identity.Tag, len(in))
	keys := make([]string, len(in))
	for i, t := range in {
		if strings.HasPrefix(arn.Fold(t.Key), "aws:") {
			return nil, api.InvalidInput("Tag keys must not begin with aws:.")
		}
		tags[i], keys[i] = identity.Tag{Key: t.Key, Value: t.Value}, t.Key
	}
	if identity.DuplicateTag(keys) {
		return nil, api.InvalidInput("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	}
	if limit := catalog.TagsPerResource.Default(); len(tags) > limit {
		return nil, quota(string(catalog.TagsPerResource), limit)
	}
	return identity.SetTags(nil, tags), nil
}

// addTags returns tags with more, within the quota.
func addTags(tags []identity.Tag, in []api.Tag, owner string) ([]identity.Tag, error) {
	more, err := tagsOf(in)
	if err != nil {
		return nil, err
	}
	tags = identity.SetTags(tags, more)
	if limit := catalog.TagsPerResource.Default(); len(tags) > limit {
		return nil, quota("TagsPer"+owner, limit)
	}
	return tags, nil
}

func apiTags(tags []identity.Tag) []api.Tag {
	if len(tags) == 0 {
		return nil
	}
	out := make([]api.Tag, len(tags))
	for i, t := range tags {
		out[i] = api.Tag{Key: t.Key, Value: t.Value}
	}
	return out
}

// requestTags are the condition keys of the tags in a call's input.
func requestTags(in []api.Tag) []authz.Key {
	tags := make([]identity.Tag, len(in))
	for i, t := range in {
		tags[i] = identity.Tag{Key: t.Key, Value: t.Value}
	}
	return authz.RequestTags(tags)
}

// createTags are the condition keys of the tags that something is made with:
// it is asked about as if it had them (EV-61).
func createTags(in []api.Tag) []authz.Key {
	keys := requestTags(in)
	for _, t := range in {
		keys = append(keys, targetKeys([]identity.Tag{{Key: t.Key, Value: t.Value}})...)
	}
	return keys
}

// A window is the part of a list that a call asks for (IA-10).
type window struct {
	after string
	limit int
}

func windowOf(call *dispatch.Call, marker string, maxItems *int32) (window, error) {
	after, err := call.After(marker)
	if err != nil {
		return window{}, validationError("Invalid Marker.")
	}
	w := window{after, defaultMaxItems}
	if maxItems != nil {
		w.limit = int(*maxItems)
	}
	return w, nil
}

// more returns what a list's answer says about what follows.
func more(call *dispatch.Call, next string) (truncated *bool, marker string, err error) {
	marker, err = call.Marker(next)
	return new(next != ""), marker, err
}

// within returns the part of a list that is at hand whole, and what follows.
func within[T any](list []T, w window, name func(T) string) ([]T, string) {
	start := 0
	if w.after != "" {
		for start < len(list) && name(list[start]) <= w.after {
			start++
		}
	}
	list = list[start:]
	if len(list) > w.limit {
		return list[:w.limit], name(list[w.limit-1])
	}
	return list, ""
}

// inPath reports whether a path lies under the prefix that a list asks for.
func inPath(path, prefix string) bool { return strings.HasPrefix(path, prefix) }

// checkDocument checks a policy document as it is saved (PL-82) and its size.
func checkDocument(kind policy.Kind, text string) (*policy.Document, error) {
	doc, err := policy.Validate(kind, text)
	if err == nil {
		return doc, nil
	}
	if invalid, ok := errors.AsType[*policy.ValidationError](err); ok {
		if invalid.Code == "ValidationError" {
			return nil, validationError("%s", invalid.Message)
		}
		return nil, api.MalformedPolicyDocument("%s", invalid.Message)
	}
	return nil, fmt.Errorf("checking a policy: %w", err)
}

// checkManaged fails unless the ARN is that of a managed policy that the
// caller's account sees (IA-31).
func checkManaged(call *dispatch.Call, policyARN string) error {
	if _, err := arn.Parse(policyARN); err != nil {
		return errUnparsed()
	}
	_, _, err := authz.ManagedText(call.Tx, call.Caller.Account, policyARN)
	if errors.Is(err, store.ErrNotFound) {
		return api.NoSuchEntity("Policy %s does not exist or is not attachable.", policyARN)
	}
	return err
}

// checkBoundary is checkManaged for a permissions boundary (IA-47).
func checkBoundary(call *dispatch.Call, policyARN string) error {
	if policyARN == "" {
		return nil
	}
	err := checkManaged(call, policyARN)
	if missing, ok := errors.AsType[*awserr.Error](err); ok && missing.Code == "NoSuchEntity" {
		return api.NoSuchEntity("Scope ARN: %s does not exist or is not attachable.", policyARN)
	}
	return err
}

func apiBoundary(policyARN string) *api.AttachedPermissionsBoundary {
	if policyARN == "" {
		return nil
	}
	return &api.AttachedPermissionsBoundary{PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: policyARN}
}

// newID draws a unique id in the caller's account.
func newID(call *dispatch.Call, prefix string) (string, error) {
	id, err := arn.NewID(prefix, string(call.Caller.Account), call.Random)
	if err != nil {
		return "", fmt.Errorf("making an id: %w", err)
	}
	return id, nil
}
