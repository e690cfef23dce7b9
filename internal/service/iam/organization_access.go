package iam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/grants"
)

func organizationAccessOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Prepare("GenerateOrganizationsAccessReport", generateOrganizationsAccessReportNeeds,
			reportOrganizationAccess, generateOrganizationsAccessReport),
		dispatch.Read("GetOrganizationsAccessReport",
			onAccount[api.GetOrganizationsAccessReportInput]("iam:GetOrganizationsAccessReport"), getOrganizationsAccessReport),
	}
}

// A principal makes at most accessReports reports of its organization in
// accessReportsTime: each reads all of its accounts.
const (
	accessReports     = 10
	accessReportsTime = time.Hour
)

func generateOrganizationsAccessReportNeeds(call dispatch.Call, in *api.GenerateOrganizationsAccessReportInput) ([]authz.Need, error) {
	var keys []authz.Key
	if in.OrganizationsPolicyId != nil {
		keys = append(keys, authz.One("iam:OrganizationsPolicyId", *in.OrganizationsPolicyId))
	}
	return need("iam:GenerateOrganizationsAccessReport", accountARN(&call, "access-report/"+in.EntityPath), keys...), nil
}

// An organizationTarget is a root, unit or account that a report is about.
type organizationTarget struct {
	organization *identity.Organization
	path         []string // ids from the root down
	levels       [][]*policy.Document
}

// reportOrganizationAccess makes a report: the services that the service
// control policies on a path allow, or one of them does, and when principals of
// the accounts under it last tried them.
func reportOrganizationAccess(ctx context.Context, st *store.Store, call dispatch.Call, in *api.GenerateOrganizationsAccessReportInput) (*identity.AccessJob, error) {
	var target *organizationTarget
	err := st.View(ctx, func(tx *store.Tx) (err error) {
		call := call
		call.Tx = tx
		if target, err = organizationTargetOf(&call, in.EntityPath); err != nil || in.OrganizationsPolicyId == nil {
			return err
		}
		target.levels, err = onePolicy(tx, target.organization, *in.OrganizationsPolicyId)
		return err
	})
	if err != nil {
		return nil, err
	}
	job := &identity.AccessJob{Created: call.Now, By: requester(&call.Caller), Services: []identity.AccessedService{}}
	for prefix := range grants.Of(target.levels...).Services() {
		job.Services = append(job.Services, identity.AccessedService{Service: prefix})
	}
	for after, more := "", true; more; more = after != "" {
		err := st.View(ctx, func(tx *store.Tx) error {
			accounts, next, err := tx.MemberAccounts(target.organization.ID, after, accessPage)
			after = next
			for _, a := range accounts {
				if err == nil {
					err = target.add(tx, a, job)
				}
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return job, nil
}

// reporting returns the organization that the caller may report on. The
// operation has no errors of its own for who may not.
func reporting(call *dispatch.Call) (*identity.Organization, error) {
	o, _, err := administered(call)
	if refusal, ok := errors.AsType[*awserr.Error](err); ok {
		return nil, awserr.Newf(403, "AccessDenied", "%s", refusal.Message)
	}
	return o, err
}

// organizationTargetOf checks a path: that of the organization which the
// caller's account administers, down to something that is there.
func organizationTargetOf(call *dispatch.Call, entityPath string) (*organizationTarget, error) {
	o, err := reporting(call)
	if err != nil {
		return nil, err
	}
	bad := validationError("The entity path %s is not valid.", entityPath)
	parts := strings.Split(strings.TrimSuffix(entityPath, "/"), "/")
	if parts[0] != o.ID {
		return nil, bad
	}
	last := parts[len(parts)-1]
	var path []string
	limited := true
	if isAccountID(last) {
		a, err := call.Tx.Account(identity.AccountID(last))
		if errors.Is(err, store.ErrNotFound) || err == nil && a.Organization != o.ID {
			return nil, bad
		} else if err != nil {
			return nil, err
		}
		limited = a.ID != o.Management // no SCP limits it (EV-10)
		if path, err = call.Tx.Path(o, a); err != nil {
			return nil, err
		}
	} else if path, err = call.Tx.UnitPath(o, last); errors.Is(err, store.ErrNotFound) {
		return nil, bad
	} else if err != nil {
		return nil, err
	}
	if !slices.Equal(path, parts[1:]) {
		return nil, bad
	}
	t := &organizationTarget{organization: o, path: path}
	if limited && o.TypeEnabled(identity.SCP) {
		t.levels, err = controlDocuments(call.Tx, o, path)
	}
	return t, err
}

// controlDocuments returns the service control policies of each target.
func controlDocuments(tx *store.Tx, o *identity.Organization, path []string) ([][]*policy.Document, error) {
	levels := make([][]*policy.Document, len(path))
	for i, target := range path {
		ids, err := tx.TargetPolicies(o, target, identity.SCP)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			doc, err := controlDocument(tx, o, id)
			if err != nil {
				return nil, fmt.Errorf("policy %s of %s: %w", id, target, err)
			}
			levels[i] = append(levels[i], doc)
		}
	}
	return levels, nil
}

func controlDocument(tx *store.Tx, o *identity.Organization, id string) (*policy.Document, error) {
	text := authz.FullAccess(identity.SCP)
	if id != identity.FullAWSAccess {
		p, err := tx.OrganizationPolicy(o.ID, id)
		if err != nil {
			return nil, err
		}
		if p.Type != identity.SCP {
			return nil, store.ErrNotFound
		}
		text = p.Text
	}
	doc, err := policy.Parse(text)
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // what cannot be read allows nothing
	}
	return doc, nil
}

// onePolicy is the level of one service control policy, wherever it hangs.
func onePolicy(tx *store.Tx, o *identity.Organization, id string) ([][]*policy.Document, error) {
	doc, err := controlDocument(tx, o, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, validationError("The service control policy %s cannot be found.", id)
	}
	return [][]*policy.Document{{doc}}, err
}

// add adds what an account's principals tried, if it is under the target.
func (t *organizationTarget) add(tx *store.Tx, a *identity.Account, job *identity.AccessJob) error {
	path, err := tx.Path(t.organization, a)
	if err != nil || len(path) < len(t.path) || !slices.Equal(path[:len(t.path)], t.path) {
		return err
	}
	access, err := tx.AccountAccess(a.ID)
	if err != nil {
		return err
	}
	for i := range job.Services {
		s := &job.Services[i]
		tried, ok := access.Services[s.Service]
		if !ok || job.Created.Sub(tried.At) > identity.AccessLife {
			continue
		}
		s.Entities += tried.Entities
		if tried.After(s.AccessUse) {
			s.AccessUse, s.Entity = tried.AccessUse, t.organization.ID+"/"+strings.Join(path, "/")
		}
	}
	return nil
}

func generateOrganizationsAccessReport(_ context.Context, call dispatch.Call, _ *api.GenerateOrganizationsAccessReportInput, job *identity.AccessJob) (*api.GenerateOrganizationsAccessReportOutput, error) {
	if _, err := reporting(&call); err != nil {
		return nil, err // no longer
	}
	recent, err := call.Tx.AccessJobsSince(call.Caller.Account, job.By, call.Now.Add(-accessReportsTime))
	if err != nil {
		return nil, err
	}
	if recent >= accessReports {
		return nil, api.ReportGenerationLimitExceeded("The request failed because the maximum number of concurrent requests for your account are already running.")
	}
	job.ID = call.UUID()
	return &api.GenerateOrganizationsAccessReportOutput{JobId: job.ID}, call.Tx.AddAccessJob(call.Caller.Account, job)
}

func getOrganizationsAccessReport(_ context.Context, call dispatch.Call, in *api.GetOrganizationsAccessReportInput) (*api.GetOrganizationsAccessReportOutput, error) {
	job, err := accessJob(&call, in.JobId, true)
	if err != nil {
		return nil, err
	}
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	// The order belongs to the request: a marker of another one goes on where
	// that one would, in this one's order.
	first, err := strconv.Atoi("0" + w.after)
	if err != nil || first > len(job.Services) {
		return nil, validationError("Invalid Marker.")
	}
	slices.SortStableFunc(job.Services, accessOrder(in.SortKey))
	last, next := min(first+w.limit, len(job.Services)), ""
	if last < len(job.Services) {
		next = strconv.Itoa(last)
	}
	out := &api.GetOrganizationsAccessReportOutput{
		JobStatus: completed, JobCreationDate: job.Created, JobCompletionDate: job.Created,
		NumberOfServicesAccessible: new(int32(len(job.Services))), AccessDetails: make([]api.AccessDetail, 0, last-first),
	}
	idle := int32(0)
	for i := range job.Services {
		if job.Services[i].At.IsZero() {
			idle++
		}
	}
	out.NumberOfServicesNotAccessed = &idle
	for _, s := range job.Services[first:last] {
		out.AccessDetails = append(out.AccessDetails, api.AccessDetail{
			ServiceName: serviceName(s.Service), ServiceNamespace: s.Service, Region: s.Region, EntityPath: s.Entity,
			LastAuthenticatedTime: s.At, TotalAuthenticatedEntities: new(int32(s.Entities)),
		})
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

// accessOrder compares services as a sort key says.
func accessOrder(key string) func(a, b identity.AccessedService) int {
	byTime := func(a, b identity.AccessedService) int { return a.At.Compare(b.At) }
	byName := func(a, b identity.AccessedService) int { return strings.Compare(a.Service, b.Service) }
	switch key {
	case "LAST_AUTHENTICATED_TIME_ASCENDING":
		return byTime
	case "LAST_AUTHENTICATED_TIME_DESCENDING":
		return func(a, b identity.AccessedService) int { return byTime(b, a) }
	case "SERVICE_NAMESPACE_DESCENDING":
		return func(a, b identity.AccessedService) int { return byName(b, a) }
	}
	return byName
}
