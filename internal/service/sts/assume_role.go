package sts

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

func assumeRoleOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Spend("AssumeRole", assumeRoleNeeds, assumeRole).About(assumedRole).AtHand(),
	}
}

// assumedRole is what the event of AssumeRole is about (RE-30).
func assumedRole(in any) []record.Resource {
	return roleResource(in.(*api.AssumeRoleInput).RoleArn)
}

func roleResource(text string) []record.Resource {
	a, err := arn.Parse(text)
	if err != nil {
		return nil
	}
	return []record.Resource{{AccountID: identity.AccountID(a.Account), Type: "AWS::IAM::Role", ARN: text}}
}

// Durations of role sessions, in seconds (ST-20, ST-21).
const (
	roleSessionDefault = 3600
	chainedMax         = 3600
)

// assumeRoleNeeds checks the input (ST-1 to ST-4), refuses root (EV-45), has
// the one-time code checked, whose outcome the trust policy may ask for, and
// asks for sts:AssumeRole on the role, then for what its tags and source
// identity need. A role that does not exist is a role that trusts nobody:
// whether it is there cannot be told (EV-73, TH-59).
func assumeRoleNeeds(call dispatch.Call, in *api.AssumeRoleInput) ([]authz.Need, error) {
	target, err := parseRoleARN(in.RoleArn)
	if err != nil {
		return nil, err
	}
	tags, err := sessionTags(&call, in)
	if err != nil {
		return nil, err
	}
	if call.Caller.Kind == authn.Root {
		return nil, accessDenied("Roles may not be assumed by root accounts.")
	}
	proved, err := proveMFA(&call, in.SerialNumber, in.TokenCode)
	if err != nil {
		return nil, err
	}
	role, err := findRole(call.Tx, target, in.RoleArn)
	if err != nil {
		return nil, err
	}
	base := authz.Need{Resource: in.RoleArn, Account: identity.AccountID(target.Account), Trust: true}
	if role != nil {
		base.Policy = authz.TrustPolicy(role)
	}
	return needsOf(&call, in, role, base, tags, proved)
}

// parseRoleARN checks the form of a role's ARN (ST-2).
func parseRoleARN(text string) (arn.ARN, error) {
	a, err := arn.Parse(text)
	if err != nil || strings.Count(text, ":") != 5 || a.Partition == "" || a.Service == "" || a.Resource == "" {
		return arn.ARN{}, validationError("%s is invalid", text)
	}
	return a, nil
}

// findRole returns the role that the ARN names exactly, case and path
// included (IA-3), and nil when there is none.
func findRole(tx *store.Tx, target arn.ARN, text string) (*identity.Role, error) {
	name, ok := strings.CutPrefix(target.Resource, "role/")
	if !ok || target.Service != "iam" {
		return nil, nil
	}
	role, err := tx.Role(identity.AccountID(target.Account), identity.RoleName(name[strings.LastIndexByte(name, '/')+1:]))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if role.ARN().String() != text {
		return nil, nil
	}
	return role, nil
}

// passedTags are the tags that a call gives a session: those it passes and
// the transitive ones that the calling session hands on (ST-40, ST-43).
type passedTags struct {
	passed, inherited []identity.Tag
	transitive        []string // keys, of both
}

func (p *passedTags) all() []identity.Tag { return identity.SetTags(p.inherited, p.passed) }

const maxSessionTags = 50

// sessionTags checks the tags of a call (ST-3, ST-4).
func sessionTags(call *dispatch.Call, in *api.AssumeRoleInput) (*passedTags, error) {
	p := new(passedTags)
	if s := call.Caller.Session; s != nil {
		for _, t := range s.Tags {
			if slices.ContainsFunc(s.Transitive, sameKey(t.Key)) {
				p.inherited = append(p.inherited, t)
				p.transitive = append(p.transitive, t.Key)
			}
		}
	}
	var err error
	if p.passed, err = tagsOf(in.Tags); err != nil {
		return nil, err
	}
	for _, t := range p.passed {
		if slices.ContainsFunc(p.transitive, sameKey(t.Key)) {
			return nil, invalidParameter("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.")
		}
	}
	for _, k := range in.TransitiveTagKeys {
		same := sameKey(k)
		if !slices.ContainsFunc(p.passed, func(t identity.Tag) bool { return same(t.Key) }) {
			return nil, invalidParameter("The specified transitive tag key must be included in the requested tags.")
		}
		p.transitive = append(p.transitive, k)
	}
	if len(p.passed)+len(p.inherited) > maxSessionTags {
		return nil, invalidParameter(fmt.Sprintf("A session can have at most %d tags.", maxSessionTags))
	}
	return p, nil
}

// tagsOf checks the tags that a call passes, by themselves (ST-3, ST-4).
func tagsOf(in []api.Tag) ([]identity.Tag, error) {
	keys, tags := make([]string, len(in)), make([]identity.Tag, len(in))
	for i, t := range in {
		if strings.HasPrefix(arn.Fold(t.Key), "aws:") {
			return nil, invalidParameter("Tag keys must not begin with aws:.")
		}
		keys[i], tags[i] = t.Key, identity.Tag{Key: t.Key, Value: t.Value}
	}
	if identity.DuplicateTag(keys) {
		return nil, invalidParameter("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
	}
	return tags, nil
}

func sameKey(key string) func(string) bool {
	folded := arn.Fold(key)
	return func(other string) bool { return arn.Fold(other) == folded }
}

// needsOf lists what a call needs on the role (step 7 of section 3.2).
func needsOf(call *dispatch.Call, in *api.AssumeRoleInput, role *identity.Role, base authz.Need, tags *passedTags, proved bool) ([]authz.Need, error) {
	source, err := sourceIdentity(call, in)
	if err != nil {
		return nil, err
	}
	keys := []authz.Key{authz.One("sts:RoleSessionName", in.RoleSessionName)}
	if in.ExternalId != "" {
		keys = append(keys, authz.One("sts:ExternalId", in.ExternalId))
	}
	if source != "" {
		keys = append(keys, authz.One("sts:SourceIdentity", source))
	}
	if len(tags.transitive) > 0 {
		keys = append(keys, authz.Many("sts:TransitiveTagKeys", tags.transitive...))
	}
	if proved { // ST-51
		keys = append(keys, authz.One("aws:MultiFactorAuthPresent", "true"), authz.One("aws:MultiFactorAuthAge", "0"))
	}
	if role != nil { // an inherited transitive tag stands in for the role's own (ST-44)
		keys = append(keys, authz.TagKeys(identity.SetTags(role.Tags, tags.inherited), "aws:ResourceTag/", "iam:ResourceTag/")...)
	}
	actions := []string{"sts:AssumeRole"}
	if len(tags.passed)+len(tags.inherited) > 0 {
		actions = append(actions, "sts:TagSession")
	}
	if source != "" {
		actions = append(actions, "sts:SetSourceIdentity")
	}
	if len(in.ProvidedContexts) > 0 {
		actions = append(actions, "sts:SetContext")
	}
	needs := make([]authz.Need, len(actions))
	for i, action := range actions {
		needs[i] = base
		needs[i].Action = action
		requested := tags.passed
		if action == "sts:TagSession" {
			requested = tags.all() // ST-43
		}
		needs[i].Keys = append(slices.Clip(keys), authz.RequestTags(requested)...)
	}
	return needs, nil
}

// sourceIdentity returns the source identity that the session will have: the
// one that is asked for, or the caller's own, which cannot be changed (ST-48).
func sourceIdentity(call *dispatch.Call, in *api.AssumeRoleInput) (string, error) {
	if strings.HasPrefix(arn.Fold(in.SourceIdentity), "aws:") {
		return "", invalidParameter("Source Identity must not begin with aws:.")
	}
	inherited := ""
	if call.Caller.Session != nil {
		inherited = call.Caller.Session.SourceIdentity
	}
	if inherited != "" && in.SourceIdentity != "" && in.SourceIdentity != inherited {
		return "", accessDenied("User: " + call.Caller.ARN + " is not authorized to perform: sts:SetSourceIdentity on resource: " + in.RoleArn)
	}
	if inherited != "" {
		return inherited, nil
	}
	return in.SourceIdentity, nil
}

// assumeRole mints a session of the role. It runs only when all needs were
// allowed, so the role is there.
func assumeRole(_ context.Context, call dispatch.Call, in *api.AssumeRoleInput) (*api.AssumeRoleOutput, error) {
	target, err := parseRoleARN(in.RoleArn)
	if err != nil {
		return nil, err
	}
	role, err := findRole(call.Tx, target, in.RoleArn)
	if err != nil {
		return nil, err
	}
	if role == nil {
		return nil, fmt.Errorf("role %s was allowed and is not there", in.RoleArn)
	}
	if len(in.ProvidedContexts) > 0 {
		// Contexts are asserted by a context provider, and none can be registered.
		return nil, invalidParameter("The context provider is not known.")
	}
	seconds, err := duration(&call, role, in.DurationSeconds)
	if err != nil {
		return nil, err
	}
	tags, err := sessionTags(&call, in)
	if err != nil {
		return nil, err
	}
	source, err := sourceIdentity(&call, in)
	if err != nil {
		return nil, err
	}
	s := session.Session{
		Kind: session.Role, Account: role.Account, PrincipalID: role.ID, RoleName: role.Name, Name: in.RoleSessionName,
		Tags: tags.all(), Transitive: tags.transitive, SourceIdentity: source,
		RecordMFA: in.TokenCode != "" || call.Caller.Session != nil && !call.Caller.Session.MFA.IsZero(),
		Ancestors: ancestors(&call), Chained: call.Caller.Kind == authn.RoleSession,
		Issued: call.Now, Expires: call.Now.Add(time.Duration(seconds) * time.Second),
	}
	if c := call.Caller.Session; c != nil && !c.Until.IsZero() && c.Until.Before(s.Expires) {
		s.Expires = c.Until.Truncate(time.Second)
	}
	packed, err := sessionPolicies(&call, in.Policy, in.PolicyArns, &s)
	if err != nil {
		return nil, err
	}
	credentials, err := mint(&call, s)
	if err != nil {
		return nil, err
	}
	out := &api.AssumeRoleOutput{
		Credentials: credentials, SourceIdentity: source,
		AssumedRoleUser: &api.AssumedRoleUser{
			AssumedRoleId: role.ID + ":" + in.RoleSessionName, Arn: role.SessionARN(in.RoleSessionName).String(),
		},
	}
	if in.Policy != "" || len(in.PolicyArns) > 0 || len(s.Tags) > 0 {
		out.PackedPolicySize = new(packed)
	}
	return out, nil
}

// ancestors are what the session comes from, oldest first (TH-47).
func ancestors(call *dispatch.Call) []session.Ancestor {
	var line []session.Ancestor
	last := session.Ancestor{KeyID: call.Caller.AccessKeyID, Account: call.Caller.Account, PrincipalID: call.Caller.PrincipalID}
	if s := call.Caller.Session; s != nil {
		line = slices.Clone(s.Ancestors)
		last.Provider, last.Subject = s.Provider, s.Subject
	}
	return append(line, last)
}

// duration returns how long the session lasts, in seconds (ST-20, ST-21).
func duration(call *dispatch.Call, role *identity.Role, asked *int32) (int32, error) {
	if asked == nil {
		return roleSessionDefault, nil
	}
	if call.Caller.Session != nil && *asked > chainedMax {
		return 0, validationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	}
	if *asked > role.MaxSession {
		return 0, validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return *asked, nil
}

// Limits of session policies (ST-30, ST-33).
const (
	maxSessionPolicies = 10
	maxPlainPolicies   = 2048
	packedBudget       = 4096 // bytes, compressed
)

// sessionPolicies checks the session policies of a call, enters them in s, and
// returns how much of the allotted space they and the tags of s take, in per
// cent. Managed policies are those that the account of s sees.
func sessionPolicies(call *dispatch.Call, inline string, managed []api.PolicyDescriptorType, s *session.Session) (int32, error) {
	if inline != "" {
		if _, err := policy.Validate(policy.Session, inline); err != nil {
			if invalid, ok := errors.AsType[*policy.ValidationError](err); ok {
				return 0, api.MalformedPolicyDocument("%s", invalid.Message)
			}
			return 0, fmt.Errorf("checking a session policy: %w", err)
		}
	}
	if len(managed) > maxSessionPolicies {
		return 0, validationError("1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to %d", maxSessionPolicies)
	}
	s.Policy = inline
	plain := len(inline)
	for _, p := range managed {
		_, _, err := authz.ManagedText(call.Tx, s.Account, p.Arn)
		if errors.Is(err, store.ErrNotFound) {
			return 0, validationError("The policy %s does not exist or is not attachable.", p.Arn)
		} else if err != nil {
			return 0, err
		}
		s.Policies = append(s.Policies, p.Arn)
		// Managed policies are referred to (ST-31) and take the space of their ARN.
		plain += len(p.Arn)
	}
	if plain > maxPlainPolicies {
		return 0, api.PackedPolicyTooLarge("Packed size of session policy consumes %d%% of allotted space.", plain*100/maxPlainPolicies)
	}
	percent, err := packedSize(s)
	if err != nil {
		return 0, err
	}
	if percent > 100 {
		return 0, api.PackedPolicyTooLarge("Packed size of session tags consumes %d%% of allotted space.", percent)
	}
	return percent, nil
}

// packedSize is how much of the budget a session's policies and tags take when
// they are compressed, in per cent, rounded up.
func packedSize(s *session.Session) (int32, error) {
	if s.Policy == "" && len(s.Policies)+len(s.Tags) == 0 {
		return 0, nil // as most are: a compressor costs more than the rest of the call
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return 0, err
	}
	parts := append([]string{s.Policy}, s.Policies...)
	for _, t := range s.Tags {
		parts = append(parts, t.Key, t.Value)
	}
	if _, err := w.Write([]byte(strings.Join(parts, "\x00"))); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return int32((b.Len()*100 + packedBudget - 1) / packedBudget), nil
}
