package iam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

func simulateOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Read("SimulateCustomPolicy", onAccount[api.SimulateCustomPolicyInput]("iam:SimulateCustomPolicy"), simulateCustomPolicy),
		dispatch.Read("SimulatePrincipalPolicy",
			onSource("iam:SimulatePrincipalPolicy", func(in *api.SimulatePrincipalPolicyInput) string { return in.PolicySourceArn }),
			simulatePrincipalPolicy),
		dispatch.Read("GetContextKeysForCustomPolicy",
			onAccount[api.GetContextKeysForCustomPolicyInput]("iam:GetContextKeysForCustomPolicy"), getContextKeysForCustomPolicy),
		dispatch.Read("GetContextKeysForPrincipalPolicy",
			onSource("iam:GetContextKeysForPrincipalPolicy", func(in *api.GetContextKeysForPrincipalPolicyInput) string { return in.PolicySourceArn }),
			getContextKeysForPrincipalPolicy),
	}
}

// A source is the user, group or role whose policies are simulated.
type source struct {
	arn  arn.ARN
	kind *entityKind
	name string
}

// sourceOf reads a PolicySourceArn. Sessions, root and all else have no
// policies of their own to simulate.
func sourceOf(text string) (source, error) {
	a, err := arn.Parse(text)
	if err != nil || a.Service != "iam" || a.Partition != identity.Partition {
		return source{}, api.InvalidInput("Invalid Entity Arn: %s does not clearly define entity type and name.", text)
	}
	noun, rest := a.Kind()
	s := source{arn: a, name: rest[strings.LastIndexByte(rest, '/')+1:]}
	for _, kind := range []*entityKind{users(), groups(), roles()} {
		if kind.noun == noun {
			s.kind = kind
		}
	}
	if s.kind == nil || s.name == "" {
		return source{}, api.InvalidInput("Invalid Entity Arn: %s does not clearly define entity type and name.", text)
	}
	return s, nil
}

// find returns the entity of the caller's account that has the source's ARN,
// path and all; an error that wraps store.ErrNotFound when there is none.
func (s *source) find(call *dispatch.Call) (*entity, error) {
	missing := fmt.Errorf("%s %s: %w", s.kind.noun, s.name, store.ErrNotFound)
	if s.arn.Account != string(call.Caller.Account) {
		return nil, missing
	}
	e, err := s.kind.get(call.Tx, call.Caller.Account, s.name)
	if err == nil && e.arn != s.arn.String() {
		return nil, missing
	}
	return e, err
}

// onSource asks about the entity whose policies a call shows (IA-78). An ARN
// that nobody has is asked about all the same.
func onSource[In any](action string, of func(*In) string) func(dispatch.Call, *In) ([]authz.Need, error) {
	return func(call dispatch.Call, in *In) ([]authz.Need, error) {
		s, err := sourceOf(of(in))
		if err != nil {
			return nil, err
		}
		n := authz.Need{Action: action, Resource: s.arn.String(), Account: identity.AccountID(s.arn.Account)}
		e, err := s.find(&call)
		if err == nil {
			n.Keys = targetKeys(e.tags)
		} else if !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		return []authz.Need{n}, nil
	}
}

// simulateCustomPolicy decides hypothetical calls by the policies of the input
// alone (IA-70).
func simulateCustomPolicy(_ context.Context, call dispatch.Call, in *api.SimulateCustomPolicyInput) (*api.SimulateCustomPolicyOutput, error) {
	s := &simulation{call: &call, principal: policy.Principal{Kind: policy.User, Account: string(call.Caller.Account)}}
	if err := s.inputs(in.PolicyInputList); err != nil {
		return nil, err
	}
	// The two inputs differ in what policies are taken from alone.
	page, err := s.run(&scenario{
		boundaries: in.PermissionsBoundaryPolicyInputList, actions: in.ActionNames, resources: in.ResourceArns,
		resourcePolicy: in.ResourcePolicy, resourceOwner: in.ResourceOwner, caller: in.CallerArn, entries: in.ContextEntries,
		handling: in.ResourceHandlingOption, maxItems: in.MaxItems, marker: in.Marker,
	})
	if err != nil {
		return nil, err
	}
	return &api.SimulateCustomPolicyOutput{EvaluationResults: page.items, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// simulatePrincipalPolicy decides hypothetical calls by the policies of a user,
// group or role, and of the input (IA-70). The SCPs of the account bind.
func simulatePrincipalPolicy(_ context.Context, call dispatch.Call, in *api.SimulatePrincipalPolicyInput) (*api.SimulatePrincipalPolicyOutput, error) {
	from, e, err := findSource(&call, in.PolicySourceArn)
	if err != nil {
		return nil, err
	}
	s := &simulation{call: &call, principal: policy.Principal{Kind: policy.User, Account: string(e.account), ARN: e.arn, ID: e.id}}
	if from.kind.store == store.KindRole {
		s.principal.Kind, s.principal.Issuer = policy.RoleSession, e.arn
	}
	if len(in.PermissionsBoundaryPolicyInputList) > 0 {
		e.boundary = nil // the one of the input takes its place
	}
	if err := s.attached(from, e); err != nil {
		return nil, err
	}
	if err := s.inputs(in.PolicyInputList); err != nil {
		return nil, err
	}
	if from.kind.store != store.KindRole || !strings.HasPrefix(e.path, "/aws-service-role/") {
		if s.layers.SCP, s.member, err = authz.ControlPolicies(call.Tx, e.account); err != nil {
			return nil, err
		}
	}
	caller := in.CallerArn
	if caller == "" && from.kind.store == store.KindUser {
		caller = e.arn
	}
	page, err := s.run(&scenario{
		boundaries: in.PermissionsBoundaryPolicyInputList, actions: in.ActionNames, resources: in.ResourceArns,
		resourcePolicy: in.ResourcePolicy, resourceOwner: in.ResourceOwner, caller: caller, entries: in.ContextEntries,
		handling: in.ResourceHandlingOption, maxItems: in.MaxItems, marker: in.Marker,
	})
	if err != nil {
		return nil, err
	}
	return &api.SimulatePrincipalPolicyOutput{EvaluationResults: page.items, IsTruncated: page.truncated, Marker: page.marker}, nil
}

// findSource is source.find with the error that a client sees.
func findSource(call *dispatch.Call, text string) (*source, *entity, error) {
	s, err := sourceOf(text)
	if err != nil {
		return nil, nil, err
	}
	e, err := s.find(call)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, api.NoSuchEntity("The %s with name %s cannot be found.", s.kind.noun, s.name)
	}
	return &s, e, err
}

// attached takes the policies that bear on an entity: its own, those of a
// user's groups, and its boundary.
func (s *simulation) attached(from *source, e *entity) error {
	owners := []*entity{e}
	if from.kind.store == store.KindUser {
		u, err := s.call.Tx.User(e.account, identity.UserName(e.name))
		if err != nil {
			return err
		}
		in, err := groupsOf(s.call.Tx, u)
		if err != nil {
			return err
		}
		for _, g := range in {
			owners = append(owners, groupEntity(g))
		}
	}
	for _, owner := range owners {
		for _, d := range owner.Inline {
			s.identity(owner.kind.noun+"_"+owner.name+"_"+d.Name, d.Text)
		}
		for _, policyARN := range owner.Attached {
			text, name, err := authz.ManagedText(s.call.Tx, e.account, policyARN)
			if err != nil {
				return err
			}
			s.identity(name, text)
		}
	}
	if e.boundary == nil || *e.boundary == "" {
		return nil
	}
	s.layers.HasBoundary = true
	text, name, err := authz.ManagedText(s.call.Tx, e.account, *e.boundary)
	if errors.Is(err, store.ErrNotFound) {
		return nil // a boundary that is gone allows nothing (TH-38)
	} else if err != nil {
		return err
	}
	s.layers.Boundary = s.compile(name, text, policy.Boundary)
	return nil
}

// inputs takes the policies that a call gives as text.
func (s *simulation) inputs(texts []string) error {
	for i, text := range texts {
		name := "PolicyInputList." + strconv.Itoa(i+1)
		if err := checkInput(policy.Identity, name, text); err != nil {
			return err
		}
		s.identity(name, text)
	}
	return nil
}

// checkInput refuses a document that could not be saved.
func checkInput(kind policy.Kind, name, text string) error {
	_, err := policy.Validate(kind, text)
	if invalid, ok := errors.AsType[*policy.ValidationError](err); ok {
		return api.InvalidInput("Invalid policy in %s: %s", name, invalid.Message)
	}
	return err
}

func (s *simulation) identity(name, text string) {
	s.layers.Identity = append(s.layers.Identity, s.compile(name, text, policy.Identity))
}

// compile compiles a document and notes the keys that it uses. One that cannot
// be read denies everything, as it does to real calls.
func (s *simulation) compile(name, text string, kind policy.Kind) *policy.Policy {
	doc, err := policy.Parse(text)
	if err != nil {
		return policy.Compile(nil, policy.Source{Name: name, Type: kind}, nil)
	}
	s.documents = append(s.documents, doc)
	var bindings map[string]string
	if kind == policy.Resource {
		bindings = s.bindings(doc)
	}
	return policy.Compile(doc, policy.Source{Name: name, Type: kind}, bindings)
}

// bindings let the principals of a resource policy stand for themselves: the
// simulated caller for the simulated caller, whether or not there is such a
// user, all others for somebody else.
func (s *simulation) bindings(doc *policy.Document) map[string]string {
	out := map[string]string{}
	for _, name := range doc.PrincipalNames() {
		if out[name] = name; name == s.principal.ARN {
			out[name] = s.principal.ID
		}
	}
	return out
}

// getContextKeysForCustomPolicy lists the keys that documents use (IA-74).
func getContextKeysForCustomPolicy(_ context.Context, call dispatch.Call, in *api.GetContextKeysForCustomPolicyInput) (*api.GetContextKeysForCustomPolicyOutput, error) {
	s := &simulation{call: &call}
	if err := s.inputs(in.PolicyInputList); err != nil {
		return nil, err
	}
	return &api.GetContextKeysForCustomPolicyOutput{ContextKeyNames: s.keysUsed()}, nil
}

// getContextKeysForPrincipalPolicy lists the keys that the policies of a user,
// group or role use, and documents besides (IA-74). The boundary is none of
// those.
func getContextKeysForPrincipalPolicy(_ context.Context, call dispatch.Call, in *api.GetContextKeysForPrincipalPolicyInput) (*api.GetContextKeysForPrincipalPolicyOutput, error) {
	from, e, err := findSource(&call, in.PolicySourceArn)
	if err != nil {
		return nil, err
	}
	e.boundary = nil
	s := &simulation{call: &call}
	if err := s.attached(from, e); err != nil {
		return nil, err
	}
	if err := s.inputs(in.PolicyInputList); err != nil {
		return nil, err
	}
	return &api.GetContextKeysForPrincipalPolicyOutput{ContextKeyNames: s.keysUsed()}, nil
}

// keysUsed returns the keys that the documents use, each once whatever its
// case, as written where it stands first.
func (s *simulation) keysUsed() []string {
	keys, seen := []string{}, map[string]bool{}
	for _, doc := range s.documents {
		for _, key := range policy.ContextKeys(doc) {
			if folded := arn.Fold(key); !seen[folded] {
				seen[folded] = true
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// missing returns the keys that the documents use and the call did not give.
func (s *simulation) missing() []string {
	return slices.DeleteFunc(s.keysUsed(), func(key string) bool {
		_, _, ok := s.context.Lookup(key)
		return ok
	})
}
