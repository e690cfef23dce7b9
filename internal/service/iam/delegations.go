package iam

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/policy"
)

func (s *Service) delegationOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("AcceptDelegationRequest",
			onDelegation("AcceptDelegationRequest", func(in *api.AcceptDelegationRequestInput) string { return in.DelegationRequestId }), acceptDelegationRequest),
		dispatch.Write("AssociateDelegationRequest",
			onDelegation("AssociateDelegationRequest", func(in *api.AssociateDelegationRequestInput) string { return in.DelegationRequestId }), associateDelegationRequest),
		dispatch.Write("CreateDelegationRequest", createDelegationRequestNeeds, s.createDelegationRequest),
		dispatch.Read("GetDelegationRequest",
			onDelegation("GetDelegationRequest", func(in *api.GetDelegationRequestInput) string { return in.DelegationRequestId }), getDelegationRequest),
		dispatch.Read("GetHumanReadableSummary",
			onDelegation("GetHumanReadableSummary", func(in *api.GetHumanReadableSummaryInput) string { return delegationID(in.EntityArn) }), getHumanReadableSummary),
		dispatch.Read("ListDelegationRequests", listDelegationRequestsNeeds, listDelegationRequests),
		dispatch.Write("RejectDelegationRequest",
			onDelegation("RejectDelegationRequest", func(in *api.RejectDelegationRequestInput) string { return in.DelegationRequestId }), rejectDelegationRequest),
		dispatch.Write("SendDelegationToken",
			onDelegation("SendDelegationToken", func(in *api.SendDelegationTokenInput) string { return in.DelegationRequestId }), sendDelegationToken),
		dispatch.Write("UpdateDelegationRequest",
			onDelegation("UpdateDelegationRequest", func(in *api.UpdateDelegationRequestInput) string { return in.DelegationRequestId }), updateDelegationRequest),
	}
}

// How long a request waits for an owner, and after each step for the next.
const (
	unassignedLife = 24 * time.Hour
	delegationLife = 7 * 24 * time.Hour
)

// delegationOf returns the request with an id if the caller's account may know
// of it: one that is not yet for any account is for who was told its id, others
// are for the owner's account and, to read, the requestor's. The error is
// store.ErrNotFound.
func delegationOf(call *dispatch.Call, id string) (*identity.DelegationRequest, error) {
	r, err := call.Tx.DelegationRequest(id)
	if err != nil {
		return nil, err
	}
	if r.OwnerAccount != "" && r.OwnerAccount != call.Caller.Account && r.Requestor != call.Caller.Account {
		return nil, store.ErrNotFound
	}
	return r, nil
}

// onDelegation returns the needs of an action on a request. What the caller's
// account may not know of is asked about all the same.
func onDelegation[In any](operation string, id func(*In) string) func(dispatch.Call, *In) ([]authz.Need, error) {
	return func(call dispatch.Call, in *In) ([]authz.Need, error) {
		needs := need("iam:"+operation, accountARN(&call, "delegation-request/"+id(in)))
		r, err := delegationOf(&call, id(in))
		if errors.Is(err, store.ErrNotFound) {
			return needs, nil
		} else if err != nil {
			return nil, err
		}
		if r.OwnerARN != "" {
			needs[0].Keys = []authz.Key{authz.One("iam:DelegationRequestOwner", r.OwnerARN)}
			needs[0].Policy = ownersOwn(r, operation)
		}
		return needs, nil
	}
}

// ownersOwn lets the owner of a request read and update it without a permission
// of its own, where nothing denies it.
func ownersOwn(r *identity.DelegationRequest, operation string) *authz.ResourcePolicy {
	if r.OwnerID == "" || operation != "GetDelegationRequest" && operation != "UpdateDelegationRequest" {
		return nil
	}
	text, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": map[string]any{
		"Effect": "Allow", "Principal": map[string]string{"AWS": r.OwnerARN},
		"Action": []string{"iam:GetDelegationRequest", "iam:UpdateDelegationRequest"}, "Resource": "*",
	}})
	if err != nil {
		return nil
	}
	return &authz.ResourcePolicy{
		ID: "delegation-request/" + r.ID + "/" + r.OwnerID, Source: policy.Source{Name: r.ID, Type: policy.Resource},
		Document: identity.ResourcePolicy{Text: string(text), Bindings: map[string]string{r.OwnerARN: r.OwnerID}},
	}
}

// delegation is delegationOf with IAM's answer; to change a request the caller
// must be of the owner's account.
func delegation(call *dispatch.Call, id string, change bool) (*identity.DelegationRequest, error) {
	r, err := delegationOf(call, id)
	if err == nil && change && r.OwnerAccount != "" && r.OwnerAccount != call.Caller.Account {
		err = store.ErrNotFound
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.NoSuchEntity("The delegation request with id %s cannot be found.", id)
	}
	return r, err
}

// delegationStep returns a request that is in one of the states that a step
// begins in, with the life of the state that follows.
func delegationStep(call *dispatch.Call, id string, from ...identity.DelegationState) (*identity.DelegationRequest, error) {
	r, err := delegation(call, id, true)
	if err != nil {
		return nil, err
	}
	if state := r.StateAt(call.Now); !slices.Contains(from, state) {
		return nil, api.ConcurrentModification("The delegation request %s is in the state %s.", id, state)
	}
	r.Updated, r.Expires = call.Now, call.Now.Add(delegationLife)
	return r, nil
}

func createDelegationRequestNeeds(call dispatch.Call, in *api.CreateDelegationRequestInput) ([]authz.Need, error) {
	keys := []authz.Key{
		authz.One("iam:NotificationChannel", in.NotificationChannel),
		authz.One("iam:DelegationDuration", strconv.Itoa(int(in.SessionDuration))),
	}
	if in.Permissions != nil && in.Permissions.PolicyTemplateArn != "" {
		keys = append(keys, authz.One("iam:TemplateArn", in.Permissions.PolicyTemplateArn))
	}
	return need("iam:CreateDelegationRequest", accountARN(&call, "delegation-request/*"), keys...), nil
}

// createDelegationRequest enters a request that nobody owns yet.
func (s *Service) createDelegationRequest(_ context.Context, call dispatch.Call, in *api.CreateDelegationRequestInput) (*api.CreateDelegationRequestOutput, error) {
	if in.Permissions == nil || in.Permissions.PolicyTemplateArn == "" {
		return nil, api.InvalidInput("Permissions must name a policy template.")
	}
	parameters, err := delegationParameters(in.Permissions.Parameters)
	if err != nil {
		return nil, err
	}
	text, err := renderTemplate(&call, in.Permissions.PolicyTemplateArn, parameters)
	if err != nil {
		return nil, err
	}
	r := &identity.DelegationRequest{
		ID: call.UUID(), Requestor: call.Caller.Account, State: identity.DelegationUnassigned,
		Created: call.Now, Updated: call.Now, Expires: call.Now.Add(unassignedLife),
		OwnerAccount: identity.AccountID(textOf(in.OwnerAccountId)), Description: in.Description, Message: textOf(in.RequestMessage),
		Template: in.Permissions.PolicyTemplateArn, Parameters: parameters, Policy: text,
		Workflow: in.RequestorWorkflowId, Channel: in.NotificationChannel, RedirectURL: in.RedirectUrl,
		SessionDuration: in.SessionDuration, OnlyByOwner: in.OnlySendByOwner != nil && *in.OnlySendByOwner,
	}
	switch err := call.Tx.CreateDelegationRequest(r, call.Now); {
	case errors.Is(err, store.ErrExists):
		return nil, api.EntityAlreadyExists("A delegation request with the workflow id %s already exists.", in.RequestorWorkflowId)
	case err != nil:
		return nil, exceeded(err)
	}
	out := &api.CreateDelegationRequestOutput{DelegationRequestId: r.ID}
	if s.publicURL != "" {
		out.ConsoleDeepLink = s.publicURL + "/_regent/console/iam/delegation-requests/" + r.ID
	}
	return out, nil
}

// associateDelegationRequest makes the caller the owner of a request that has
// none.
func associateDelegationRequest(_ context.Context, call dispatch.Call, in *api.AssociateDelegationRequestInput) (*wire.Empty, error) {
	r, err := delegationStep(&call, in.DelegationRequestId, identity.DelegationUnassigned)
	if err != nil {
		return nil, err
	}
	if call.Caller.Kind == authn.FederatedUser {
		return nil, api.InvalidInput("A federated session cannot own a delegation request.")
	}
	r.State, r.OwnerAccount = identity.DelegationAssigned, call.Caller.Account
	r.OwnerARN, r.OwnerID = call.Caller.PrincipalARN, call.Caller.PrincipalID
	return &wire.Empty{}, call.Tx.PutDelegationRequest(r)
}

func updateDelegationRequest(_ context.Context, call dispatch.Call, in *api.UpdateDelegationRequestInput) (*wire.Empty, error) {
	r, err := delegationStep(&call, in.DelegationRequestId, identity.DelegationAssigned, identity.DelegationPending)
	if err != nil {
		return nil, err
	}
	r.State, r.Notes = identity.DelegationPending, textOf(in.Notes)
	return &wire.Empty{}, call.Tx.PutDelegationRequest(r)
}

// acceptDelegationRequest lends the caller's permissions, within the request's
// policy. A root lends none: nobody could take them from it again.
func acceptDelegationRequest(_ context.Context, call dispatch.Call, in *api.AcceptDelegationRequestInput) (*wire.Empty, error) {
	if call.Caller.Kind != authn.User && call.Caller.Kind != authn.RoleSession {
		return nil, awserr.Newf(403, "AccessDenied", "Only users and roles can accept delegation requests.")
	}
	if s := call.Caller.Session; s != nil && s.HasPolicy() { // it would lend more than it has
		return nil, awserr.Newf(403, "AccessDenied", "A session with session policies cannot accept delegation requests.")
	}
	r, err := delegationStep(&call, in.DelegationRequestId, identity.DelegationAssigned, identity.DelegationPending)
	if err != nil {
		return nil, err
	}
	r.State, r.ApproverARN, r.ApproverID = identity.DelegationAccepted, call.Caller.PrincipalARN, call.Caller.PrincipalID
	return &wire.Empty{}, call.Tx.PutDelegationRequest(r)
}

func rejectDelegationRequest(_ context.Context, call dispatch.Call, in *api.RejectDelegationRequestInput) (*wire.Empty, error) {
	r, err := delegationStep(&call, in.DelegationRequestId, identity.DelegationAssigned, identity.DelegationPending, identity.DelegationAccepted)
	if err != nil {
		return nil, err
	}
	r.State, r.Rejection = identity.DelegationRejected, textOf(in.Notes)
	return &wire.Empty{}, call.Tx.PutDelegationRequest(r)
}

// sendDelegationToken makes the token that the requestor trades in. It is kept
// sealed, and found by its hash.
func sendDelegationToken(_ context.Context, call dispatch.Call, in *api.SendDelegationTokenInput) (*wire.Empty, error) {
	r, err := delegationStep(&call, in.DelegationRequestId, identity.DelegationAccepted)
	if err != nil {
		return nil, err
	}
	if r.OnlyByOwner && (call.Caller.PrincipalARN != r.OwnerARN || call.Caller.PrincipalID != r.OwnerID) {
		return nil, awserr.Newf(403, "AccessDenied", "Only the owner of the delegation request can send its token.")
	}
	var b [32]byte
	if _, err := io.ReadFull(call.Random, b[:]); err != nil {
		return nil, fmt.Errorf("making a token: %w", err)
	}
	token := base64.RawURLEncoding.EncodeToString(b[:])
	if r.Sealed, err = call.Ring().Seal(seal.UpstreamCredential, "delegation-request/"+r.ID, []byte(token)); err != nil {
		return nil, err
	}
	r.State = identity.DelegationFinalized
	if err := call.Tx.PutDelegationToken(r, token); err != nil {
		return nil, err
	}
	return &wire.Empty{}, call.Tx.PutDelegationRequest(r)
}

// getDelegationRequest shows a request. Whether the caller's permissions cover
// it is not told: no answer is promised.
func getDelegationRequest(_ context.Context, call dispatch.Call, in *api.GetDelegationRequestInput) (*api.GetDelegationRequestOutput, error) {
	r, err := delegation(&call, in.DelegationRequestId, false)
	if err != nil {
		return nil, err
	}
	return &api.GetDelegationRequestOutput{DelegationRequest: new(apiDelegation(r, call.Now))}, nil
}

func apiDelegation(r *identity.DelegationRequest, now time.Time) api.DelegationRequest {
	out := api.DelegationRequest{
		DelegationRequestId: r.ID, OwnerAccountId: string(r.OwnerAccount), Description: r.Description, RequestMessage: r.Message,
		Permissions: &api.DelegationPermission{PolicyTemplateArn: r.Template}, PermissionPolicy: r.Policy,
		OwnerId: r.OwnerARN, ApproverId: r.ApproverARN, State: string(r.StateAt(now)), ExpirationTime: r.Expires,
		RequestorId: string(r.Requestor), CreateDate: r.Created, SessionDuration: &r.SessionDuration, RedirectUrl: r.RedirectURL,
		Notes: r.Notes, RejectionReason: r.Rejection, OnlySendByOwner: &r.OnlyByOwner, UpdatedTime: r.Updated,
	}
	for _, p := range r.Parameters {
		kind := "string"
		if p.List {
			kind = "stringList"
		}
		out.Permissions.Parameters = append(out.Permissions.Parameters, api.PolicyParameter{Name: p.Name, Values: p.Values, Type: kind})
	}
	return out
}

func listDelegationRequestsNeeds(_ dispatch.Call, in *api.ListDelegationRequestsInput) ([]authz.Need, error) {
	if in.OwnerId == "" {
		return need("iam:ListDelegationRequests", "*"), nil
	}
	return need("iam:ListDelegationRequests", "*", authz.One("iam:DelegationRequestOwner", in.OwnerId)), nil
}

// listDelegationRequests lists the requests that somebody of the account owns.
func listDelegationRequests(_ context.Context, call dispatch.Call, in *api.ListDelegationRequestsInput) (*api.ListDelegationRequestsOutput, error) {
	w, err := windowOf(&call, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	requests, next, err := call.Tx.DelegationRequests(call.Caller.Account, w.after, w.limit, func(r *identity.DelegationRequest) bool {
		return in.OwnerId == "" || in.OwnerId == r.OwnerARN
	})
	if err != nil {
		return nil, err
	}
	out := &api.ListDelegationRequestsOutput{DelegationRequests: make([]api.DelegationRequest, len(requests))}
	for i, r := range requests {
		out.DelegationRequests[i] = apiDelegation(r, call.Now)
	}
	out.IsTruncated, out.Marker, err = more(&call, next)
	return out, err
}

// delegationID returns the id in the ARN of a request, the whole text when it
// is none.
func delegationID(text string) string {
	a, err := arn.Parse(text)
	if err != nil {
		return text
	}
	if kind, id := a.Kind(); kind == "delegation-request" {
		return id
	}
	return text
}

// getHumanReadableSummary says in words what a request's policy allows.
func getHumanReadableSummary(_ context.Context, call dispatch.Call, in *api.GetHumanReadableSummaryInput) (*api.GetHumanReadableSummaryOutput, error) {
	id := delegationID(in.EntityArn)
	if id == in.EntityArn {
		return nil, api.InvalidInput("The entity %s is no delegation request.", in.EntityArn)
	}
	r, err := delegation(&call, id, false)
	if err != nil {
		return nil, err
	}
	doc, err := policy.Parse(r.Policy)
	if err != nil {
		return &api.GetHumanReadableSummaryOutput{SummaryState: "FAILED"}, nil //nolint:nilerr // what cannot be read cannot be told
	}
	const room = 10_000
	text := summarize(doc)
	if len(text) > room {
		return &api.GetHumanReadableSummaryOutput{SummaryState: "NOT_AVAILABLE"}, nil
	}
	return &api.GetHumanReadableSummaryOutput{SummaryContent: text, Locale: "en", SummaryState: "AVAILABLE"}, nil
}

// summarize writes a sentence for each statement.
func summarize(doc *policy.Document) string {
	var b strings.Builder
	for i := range doc.Statements {
		s := &doc.Statements[i]
		verb, except, on := "Allows ", "", " on "
		if s.Effect == policy.EffectDeny {
			verb = "Denies "
		}
		if s.NotAction {
			except = "everything except "
		}
		if s.NotResource {
			on = " on everything except "
		}
		b.WriteString(verb + except + texts(s.Actions) + on + texts(s.Resources))
		for n, c := range s.Conditions {
			word := ", and "
			if n == 0 {
				word = ", where "
			}
			b.WriteString(word + c.Key + " " + c.Operator + " " + texts(c.Values))
		}
		b.WriteString(".\n")
	}
	return b.String()
}

// textOf is a member that may be left out.
func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func texts(values []policy.Value) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.Text
	}
	return strings.Join(out, ", ")
}
