package iam

import (
	"context"
	"errors"
	"strconv"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/grants"
)

func lastAccessedOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Prepare("GenerateServiceLastAccessedDetails", generateServiceLastAccessedDetailsNeeds,
			reportServiceLastAccessed, generateServiceLastAccessedDetails),
		dispatch.Read("GetServiceLastAccessedDetails",
			onAccount[api.GetServiceLastAccessedDetailsInput]("iam:GetServiceLastAccessedDetails"), getServiceLastAccessedDetails),
		dispatch.Read("GetServiceLastAccessedDetailsWithEntities",
			onAccount[api.GetServiceLastAccessedDetailsWithEntitiesInput]("iam:GetServiceLastAccessedDetailsWithEntities"),
			getServiceLastAccessedDetailsWithEntities),
		dispatch.Read("ListPoliciesGrantingServiceAccess",
			onSource("iam:ListPoliciesGrantingServiceAccess", func(in *api.ListPoliciesGrantingServiceAccessInput) string { return in.Arn }),
			listPoliciesGrantingServiceAccess),
	}
}

// actionLevel is the granularity that tells of actions too.
const actionLevel = "ACTION_LEVEL"

// completed is the status of every job: one that is there is done.
const completed = "COMPLETED"

func generateServiceLastAccessedDetailsNeeds(call dispatch.Call, in *api.GenerateServiceLastAccessedDetailsInput) ([]authz.Need, error) {
	const operation = "GenerateServiceLastAccessedDetails"
	if isPolicy(in.Arn) {
		return policyNeeds(&call, operation, in.Arn, false)
	}
	return onSource("iam:"+operation, func(in *api.GenerateServiceLastAccessedDetailsInput) string { return in.Arn })(call, in)
}

// requester names who alone may read a report: a user, a role in any of its
// sessions, the account's root, a federated session by its name (IA-58).
func requester(c *authn.Caller) string {
	switch {
	case c.Kind == authn.FederatedUser:
		return c.UserID
	case c.PrincipalID == "":
		return identity.RootUser
	}
	return c.PrincipalID
}

// reportServiceLastAccessed makes a report: the services that the identity
// policies allow, and when they were tried (IA-58).
func reportServiceLastAccessed(ctx context.Context, st *store.Store, call dispatch.Call, in *api.GenerateServiceLastAccessedDetailsInput) (*identity.AccessJob, error) {
	var source accessSource
	var policies []grantingPolicy
	err := st.View(ctx, func(tx *store.Tx) (err error) {
		call := call
		call.Tx = tx
		source, policies, err = accessSourceOf(&call, in.Arn)
		return err
	})
	if err != nil {
		return nil, err
	}
	documents := make([]*policy.Document, len(policies))
	for i := range policies {
		documents[i] = policies[i].document()
	}
	t := tally{services: map[string]*identity.AccessedService{}, actions: in.Granularity == actionLevel, now: call.Now}
	var order []*identity.AccessedService
	for prefix := range grants.Of(documents).Services() {
		s := &identity.AccessedService{Service: prefix}
		t.services[prefix], order = s, append(order, s)
	}
	if err := t.count(ctx, st, source); err != nil {
		return nil, err
	}
	job := &identity.AccessJob{
		Created: call.Now, By: requester(&call.Caller), SourceKind: string(source.kind), SourceID: source.id,
		Granularity: in.Granularity, Services: make([]identity.AccessedService, len(order)),
	}
	if job.Granularity == "" {
		job.Granularity = "SERVICE_LEVEL"
	}
	for i, s := range order {
		job.Services[i] = *s
	}
	return job, nil
}

func generateServiceLastAccessedDetails(_ context.Context, call dispatch.Call, _ *api.GenerateServiceLastAccessedDetailsInput, job *identity.AccessJob) (*api.GenerateServiceLastAccessedDetailsOutput, error) {
	job.ID = call.UUID()
	return &api.GenerateServiceLastAccessedDetailsOutput{JobId: job.ID}, call.Tx.AddAccessJob(call.Caller.Account, job)
}

// accessJob returns a report that the caller made. Whose others are, and
// whether they exist, it is not told.
func accessJob(call *dispatch.Call, id string, ofOrganization bool) (*identity.AccessJob, error) {
	job, err := call.Tx.AccessJob(call.Caller.Account, id, call.Now)
	if err == nil && job.By == requester(&call.Caller) && (job.Granularity == "") == ofOrganization {
		return job, nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return nil, api.NoSuchEntity("The job with id %s cannot be found.", id)
}

// serviceName returns what AWS calls a service.
func serviceName(prefix string) string {
	if s, ok := catalog.ServiceByPrefix(prefix); ok {
		return s.Name
	}
	return prefix
}

func getServiceLastAccessedDetails(_ context.Context, call dispatch.Call, in *api.GetServiceLastAccessedDetailsInput) (*api.GetServiceLastAccessedDetailsOutput, error) {
	job, err := accessJob(&call, in.JobId, false)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	services, next := within(job.Services, w, func(s identity.AccessedService) string { return s.Service })
	out := &api.GetServiceLastAccessedDetailsOutput{
		JobStatus: completed, JobType: job.Granularity, JobCreationDate: job.Created, JobCompletionDate: job.Created,
		ServicesLastAccessed: make([]api.ServiceLastAccessed, len(services)),
	}
	for i, s := range services {
		out.ServicesLastAccessed[i] = api.ServiceLastAccessed{
			ServiceName: serviceName(s.Service), ServiceNamespace: s.Service, LastAuthenticated: s.At, LastAuthenticatedEntity: s.Entity,
			LastAuthenticatedRegion: s.Region, TotalAuthenticatedEntities: new(int32(s.Entities)),
		}
		if job.Granularity == actionLevel && !s.At.IsZero() {
			out.ServicesLastAccessed[i].TrackedActionsLastAccessed = trackedActions(&s)
		}
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

// trackedActions are all actions of a service that was tried at all, each with
// when it was.
func trackedActions(s *identity.AccessedService) []api.TrackedActionLastAccessed {
	tried := make(map[string]*identity.AccessedAction, len(s.Actions))
	for i := range s.Actions {
		tried[arn.Fold(s.Actions[i].Name)] = &s.Actions[i]
	}
	known, ok := catalog.ServiceByPrefix(s.Service)
	if !ok {
		return nil
	}
	out := make([]api.TrackedActionLastAccessed, len(known.Actions))
	for i, a := range known.Actions {
		out[i].ActionName = a.Name
		if t := tried[arn.Fold(a.Name)]; t != nil {
			out[i].LastAccessedEntity, out[i].LastAccessedTime, out[i].LastAccessedRegion = t.Entity, t.At, t.Region
		}
	}
	return out
}

// getServiceLastAccessedDetailsWithEntities lists the users and roles of a
// report with when each of them tried a service. They are looked up as they are
// asked for: one that is gone is left out, one that came later is there.
func getServiceLastAccessedDetailsWithEntities(_ context.Context, call dispatch.Call, in *api.GetServiceLastAccessedDetailsWithEntitiesInput) (*api.GetServiceLastAccessedDetailsWithEntitiesOutput, error) {
	job, err := accessJob(&call, in.JobId, false)
	if err != nil {
		return nil, err
	}
	prefix := arn.Fold(in.ServiceNamespace)
	granted := false
	for i := range job.Services {
		granted = granted || job.Services[i].Service == prefix
	}
	if !granted {
		return nil, api.NoSuchEntity("The job with id %s has no service %s.", in.JobId, in.ServiceNamespace)
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	source := accessSource{call.Caller.Account, store.Kind(job.SourceKind), job.SourceID}
	page, next, err := source.entities(call.Tx, w.after, w.limit)
	if err != nil {
		return nil, err
	}
	out := &api.GetServiceLastAccessedDetailsWithEntitiesOutput{
		JobStatus: completed, JobCreationDate: job.Created, JobCompletionDate: job.Created, EntityDetailsList: make([]api.EntityDetails, len(page)),
	}
	for i, e := range page {
		access, err := call.Tx.Access(e.account, e.id)
		if err != nil {
			return nil, err
		}
		out.EntityDetailsList[i].EntityInfo = &api.EntityInfo{Arn: e.arn, Name: e.name, Type: e.kind.owner(), Id: e.id, Path: e.path}
		if s := access.Services[prefix]; s != nil && call.Now.Sub(s.At) <= identity.AccessLife {
			out.EntityDetailsList[i].LastAuthenticated = s.At
		}
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

// owner is the kind as an owner of policies.
func (k *entityKind) owner() string {
	switch k.store {
	case store.KindUser:
		return "USER"
	case store.KindGroup:
		return "GROUP"
	default:
		return "ROLE"
	}
}

// maxGranting is how many policies a page of grants has, but for the last
// service on it.
const maxGranting = 1000

// listPoliciesGrantingServiceAccess lists which of an entity's policies let it
// use services.
func listPoliciesGrantingServiceAccess(_ context.Context, call dispatch.Call, in *api.ListPoliciesGrantingServiceAccessInput) (*api.ListPoliciesGrantingServiceAccessOutput, error) {
	_, policies, err := accessSourceOf(&call, in.Arn)
	if err != nil {
		return nil, err
	}
	after, err := call.After(in.Marker)
	if err != nil {
		return nil, validationError("Invalid Marker.")
	}
	first, err := strconv.Atoi("0" + after)
	if err != nil || first > len(in.ServiceNamespaces) {
		return nil, validationError("Invalid Marker.")
	}
	rules := make([]*grants.Rules, len(policies))
	for i := range policies {
		rules[i] = grants.Of([]*policy.Document{policies[i].document()})
	}
	out := &api.ListPoliciesGrantingServiceAccessOutput{PoliciesGrantingServiceAccess: []api.ListPoliciesGrantingServiceAccessEntry{}}
	room, next := maxGranting, ""
	for i, namespace := range in.ServiceNamespaces[first:] {
		if room <= 0 {
			next = strconv.Itoa(first + i)
			break
		}
		entry := api.ListPoliciesGrantingServiceAccessEntry{ServiceNamespace: namespace, Policies: []api.PolicyGrantingServiceAccess{}}
		for n := range policies {
			if rules[n].Service(namespace) {
				entry.Policies = append(entry.Policies, apiGranting(&policies[n]))
			}
		}
		room -= len(entry.Policies) + 1
		out.PoliciesGrantingServiceAccess = append(out.PoliciesGrantingServiceAccess, entry)
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

// apiGranting names whose an inline policy is; a managed one has its own ARN.
func apiGranting(g *grantingPolicy) api.PolicyGrantingServiceAccess {
	if g.arn != "" {
		return api.PolicyGrantingServiceAccess{PolicyName: g.name, PolicyType: "MANAGED", PolicyArn: g.arn}
	}
	return api.PolicyGrantingServiceAccess{
		PolicyName: g.name, PolicyType: "INLINE", EntityType: g.holder.kind.owner(), EntityName: g.holder.name,
	}
}
