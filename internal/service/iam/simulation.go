package iam

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// A scenario is what both simulating operations are asked alike.
type scenario struct {
	boundaries     []string
	actions        []string
	resources      []string
	resourcePolicy string
	resourceOwner  string
	caller         string
	entries        []api.ContextEntry
	handling       string
	maxItems       *int32
	marker         string
}

// A simulation decides by given policies what a given caller may do. Trust
// policies, session policies and resource control policies have no part in it,
// and no condition key is filled in (IA-73).
type simulation struct {
	call      *dispatch.Call
	layers    policy.Layers
	principal policy.Principal
	documents []*policy.Document // of which keys may be missing
	member    bool               // the account is in an organization
	context   policy.Context

	all     bool   // no resource is named: "*"
	owner   string // of resources whose ARNs name nobody
	crosses bool   // a resource policy makes accounts matter
	absent  []string
}

// simulationRoom bounds the work for one page of results, in statements that
// are held against a request.
const simulationRoom = 200_000

// run checks the scenario and decides a page of it: a result for each action.
func (s *simulation) run(in *scenario) (page[api.EvaluationResult], error) {
	var p page[api.EvaluationResult]
	for _, prepare := range []func(*scenario) error{s.who, s.boundary, s.resource, s.keys, s.targets} {
		if err := prepare(in); err != nil {
			return p, err
		}
	}
	for _, action := range in.actions {
		if !actionName().MatchString(action) {
			return p, api.InvalidInput("Invalid Action Name: %s", action)
		}
	}
	w, err := windowOf(s.call, in.marker, in.maxItems)
	if err != nil {
		return p, err
	}
	first, err := strconv.Atoi("0" + w.after)
	if err != nil || first > len(in.actions) {
		return p, validationError("Invalid Marker.")
	}
	p.items = []api.EvaluationResult{}
	s.absent = s.missing()
	room := simulationRoom / (len(in.resources) * s.statements())
	if room == 0 {
		return p, api.InvalidInput("The simulation has too many resources for so many statements.")
	}
	limit := min(w.limit, room)
	last := min(first+limit, len(in.actions))
	for _, action := range in.actions[first:last] {
		p.items = append(p.items, s.decide(action, in.resources))
	}
	next := ""
	if last < len(in.actions) {
		next = strconv.Itoa(last)
	}
	p.truncated, p.marker, err = more(s.call, next)
	return p, err
}

func (s *simulation) statements() int {
	n := 1
	for _, doc := range s.documents {
		n += len(doc.Statements)
	}
	return n
}

// actionName matches the names of actions; patterns are none (IA-70).
func actionName() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9-]+:[A-Za-z0-9]+$`) }

// who takes the simulated caller: an IAM user, be there one or not.
func (s *simulation) who(in *scenario) error {
	if in.caller == "" {
		if in.resourcePolicy != "" {
			return api.InvalidInput("CallerArn must be the ARN of a user when ResourcePolicy is given.")
		}
		return nil
	}
	from, err := sourceOf(in.caller)
	if err != nil || from.kind.store != store.KindUser || !arn.ValidAccount(from.arn.Account) {
		return api.InvalidInput("Invalid Entity Arn: %s does not clearly define entity type and name.", in.caller)
	}
	if in.caller == s.principal.ARN && s.principal.Kind == policy.User {
		return nil // the source itself, which has its unique id
	}
	// Whether there is such a user is not looked up: the caller may be anybody.
	s.principal = policy.Principal{Kind: policy.User, Account: from.arn.Account, ARN: in.caller, ID: in.caller}
	if s.principal.Account != string(s.call.Caller.Account) {
		s.layers.SCP, s.member = nil, false // another account's are not for this one to see
	}
	return nil
}

// boundary takes the boundary of the input in place of the one that is attached.
func (s *simulation) boundary(in *scenario) error {
	switch len(in.boundaries) {
	case 0:
		return nil
	case 1:
	default:
		return api.InvalidInput("Only one permissions boundary policy can be simulated.")
	}
	const name = "PermissionsBoundaryPolicyInputList.1"
	if err := checkInput(policy.Boundary, name, in.boundaries[0]); err != nil {
		return err
	}
	s.layers.HasBoundary, s.layers.Boundary = true, s.compile(name, in.boundaries[0], policy.Boundary)
	return nil
}

// resource takes the resource policy and who owns the resources.
func (s *simulation) resource(in *scenario) error {
	s.owner = s.principal.Account
	if in.resourceOwner != "" {
		id := in.resourceOwner
		if a, err := arn.Parse(id); err == nil && a.Service == "iam" && a.Resource == identity.RootUser {
			id = a.Account
		}
		if !arn.ValidAccount(id) {
			return api.InvalidInput("'%s' is not a valid as a Resource Owner.", in.resourceOwner)
		}
		s.owner = id
	}
	if in.resourcePolicy == "" {
		return nil
	}
	const name = "ResourcePolicy"
	if err := checkInput(policy.Resource, name, in.resourcePolicy); err != nil {
		return err
	}
	s.crosses = true
	s.layers.Resource = []*policy.Policy{s.compile(name, in.resourcePolicy, policy.Resource)}
	return nil
}

// keys takes the condition keys.
func (s *simulation) keys(in *scenario) error {
	for _, e := range in.entries {
		if e.ContextKeyName == "" {
			return api.InvalidInput("A context entry has no ContextKeyName.")
		}
		if _, _, twice := s.context.Lookup(e.ContextKeyName); twice {
			return api.InvalidInput("The context key %s is given twice.", e.ContextKeyName)
		}
		if strings.HasSuffix(e.ContextKeyType, "List") || e.ContextKeyType == "" && len(e.ContextKeyValues) > 1 {
			s.context.SetMulti(e.ContextKeyName, e.ContextKeyValues)
			continue
		}
		if len(e.ContextKeyValues) != 1 {
			return api.InvalidInput("The context key %s of type %s must have one value.", e.ContextKeyName, e.ContextKeyType)
		}
		s.context.Set(e.ContextKeyName, e.ContextKeyValues[0])
	}
	return nil
}

// targets takes the resources, all of them when none is named.
func (s *simulation) targets(in *scenario) error {
	if s.all = len(in.resources) == 0 || slices.Equal(in.resources, []string{"*"}); s.all {
		in.resources = []string{"*"}
	}
	kinds := map[string]bool{}
	for _, resource := range in.resources {
		if resource == "*" {
			continue
		}
		a, err := arn.Parse(resource)
		if err != nil {
			return api.InvalidInput("ResourceNames are not in a valid ARN format: %s.", resource)
		}
		if kind, _ := a.Kind(); a.Service == "ec2" {
			kinds[kind] = true
		}
	}
	if in.handling == "" {
		return nil
	}
	required, ok := handlingOptions()[in.handling]
	if !ok {
		return api.InvalidInput("Invalid ResourceHandlingOption: %s", in.handling)
	}
	for _, kind := range required {
		if !kinds[kind] {
			return api.InvalidInput("ResourceHandlingOption %s requires a resource of type %s.", in.handling, kind)
		}
	}
	return nil
}

// handlingOptions are the scenarios of EC2 and the resources that each is about.
func handlingOptions() map[string][]string {
	return map[string][]string{
		"EC2-Classic-InstanceStore":    {"instance", "image", "security-group"},
		"EC2-Classic-EBS":              {"instance", "image", "security-group", "volume"},
		"EC2-VPC-InstanceStore":        {"instance", "image", "security-group", "network-interface"},
		"EC2-VPC-InstanceStore-Subnet": {"instance", "image", "security-group", "network-interface", "subnet"},
		"EC2-VPC-EBS":                  {"instance", "image", "security-group", "network-interface", "volume"},
		"EC2-VPC-EBS-Subnet":           {"instance", "image", "security-group", "network-interface", "subnet", "volume"},
	}
}

// A verdict is one decision as results show it.
type verdict struct {
	outcome    policy.Outcome
	statements []api.Statement
	boundary   *api.PermissionsBoundaryDecisionDetail // nil without a boundary
	allowedSCP bool
	details    map[string]string // nil when not told
}

// decide decides an action on every resource. The action as a whole is allowed
// where it is on all of them.
func (s *simulation) decide(action string, resources []string) api.EvaluationResult {
	out := api.EvaluationResult{
		EvalActionName: action, EvalResourceName: "*", MatchedStatements: []api.Statement{}, MissingContextValues: []string{},
	}
	if len(resources) == 1 {
		out.EvalResourceName = resources[0]
	}
	overall := policy.Allow
	controlled, bounded := true, true
	for _, resource := range resources {
		v := s.verdict(action, resource)
		controlled = controlled && v.allowedSCP
		bounded = bounded && (v.boundary == nil || *v.boundary.AllowedByPermissionsBoundary)
		if v.outcome != policy.Allow && overall != policy.ExplicitDeny {
			overall = v.outcome
		}
		if s.all {
			out.MatchedStatements = v.statements
			continue
		}
		out.ResourceSpecificResults = append(out.ResourceSpecificResults, api.ResourceSpecificResult{
			EvalResourceName: resource, EvalResourceDecision: v.outcome.String(), MatchedStatements: v.statements,
			MissingContextValues: s.absent, EvalDecisionDetails: v.details, PermissionsBoundaryDecisionDetail: v.boundary,
		})
		if out.EvalDecisionDetails = v.details; len(resources) > 1 && v.details != nil {
			out.EvalDecisionDetails = map[string]string{} // each resource has its own
		}
	}
	out.EvalDecision = overall.String()
	if s.all {
		out.MissingContextValues = s.absent
	} else {
		out.MatchedStatements = decisive(out.ResourceSpecificResults, out.EvalDecision)
	}
	if s.layers.HasBoundary {
		out.PermissionsBoundaryDecisionDetail = &api.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: &bounded}
	}
	if s.member {
		out.OrganizationsDecisionDetail = &api.OrganizationsDecisionDetail{AllowedByOrganizations: &controlled}
	}
	return out
}

// decisive returns the statements of those results that came out as the whole
// did, each once.
func decisive(results []api.ResourceSpecificResult, decision string) []api.Statement {
	type place struct {
		policy       string
		line, column int32
	}
	out, seen := []api.Statement{}, map[place]bool{}
	for _, r := range results {
		if r.EvalResourceDecision != decision {
			continue
		}
		for _, statement := range r.MatchedStatements {
			at := place{policy: statement.SourcePolicyId}
			if p := statement.StartPosition; p != nil {
				at.line, at.column = *p.Line, *p.Column
			}
			if !seen[at] {
				seen[at] = true
				out = append(out, statement)
			}
		}
	}
	return out
}

// ownerOf returns the account that owns a resource. Without a resource policy it
// has no say: the simulator asks the caller's side alone.
func (s *simulation) ownerOf(resource string) string {
	if !s.crosses {
		return s.principal.Account
	}
	if a, err := arn.Parse(resource); err == nil && arn.ValidAccount(a.Account) {
		return a.Account
	}
	return s.owner
}

// sides are what EvalDecisionDetails calls the layers of a simulation.
func sides() map[policy.Layer]string {
	return map[policy.Layer]string{
		policy.LayerIdentity: identityPolicy, policy.LayerResource: "Resource Policy", policy.LayerBoundary: "Permissions Boundary",
	}
}

// verdict decides one action on one resource.
func (s *simulation) verdict(action, resource string) verdict {
	owner := s.ownerOf(resource)
	x := s.layers.Explain(&policy.Request{
		Principal: &s.principal, Action: action, Resource: resource, ResourceAccount: owner,
		Wildcard: !catalog.ActionHasResources(action), Context: &s.context,
	})
	v := verdict{outcome: x.Decision.Outcome, statements: []api.Statement{}, allowedSCP: true}
	details, names := map[string]string{}, sides()
	for i := range x.Layers {
		t := &x.Layers[i]
		if t.Layer == policy.LayerSCP { // what they say is for the organization to know
			v.allowedSCP = v.allowedSCP && t.Outcome == policy.Allow
			continue
		}
		details[names[t.Layer]] = t.Outcome.String()
		if t.Layer == policy.LayerBoundary {
			v.boundary = &api.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: new(t.Outcome == policy.Allow)}
		}
		if t.Outcome == v.outcome && v.outcome != policy.ImplicitDeny && (t.Layer != policy.LayerBoundary || v.outcome == policy.ExplicitDeny) {
			v.statements = append(v.statements, statementsOf(t.Matched)...)
		}
	}
	if s.all || !v.allowedSCP {
		return v
	}
	if v.details = map[string]string{}; s.crosses && owner != s.principal.Account {
		v.details = details
	}
	return v
}

// identityPolicy is what the simulator says that statements come from, whatever
// the model has (IA-72).
const identityPolicy = "IAM Policy"

// statementsOf returns where statements stand: from one past the opening brace
// to one past the closing one (IA-72).
func statementsOf(traces []policy.StatementTrace) []api.Statement {
	out := make([]api.Statement, len(traces))
	for i, t := range traces {
		out[i] = api.Statement{SourcePolicyId: t.Source.Name, SourcePolicyType: identityPolicy}
		if t.Index < 0 {
			continue // the policy as a whole could not be used
		}
		out[i].StartPosition = position(t.Span.Start.Line, t.Span.Start.Column+1)
		out[i].EndPosition = position(t.Span.End.Line, t.Span.End.Column)
	}
	return out
}

func position(line, column int) *api.Position {
	return &api.Position{Line: new(int32(line)), Column: new(int32(column))}
}
