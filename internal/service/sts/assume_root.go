package sts

import (
	"context"
	"errors"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

func assumeRootOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("AssumeRoot", assumeRootNeeds, assumeRoot),
	}
}

// taskPath is the path of the policies that AssumeRoot holds a session to.
const taskPath = "/root-task/"

// assumeRootNeeds asks for sts:AssumeRoot on the root of a member account. Such
// a root trusts the account that manages its organization, or administers IAM
// for it, while the organization lets them; a root that may not be assumed, and
// one that is not there, trust nobody, and which it is cannot be told (ST-78).
func assumeRootNeeds(call dispatch.Call, in *api.AssumeRootInput) ([]authz.Need, error) {
	target, task, err := rootTask(in)
	if err != nil {
		return nil, err
	}
	need := authz.Need{
		Action: "sts:AssumeRoot", Resource: identity.RootARN(target).String(), Account: target, Trust: true,
		Keys: []authz.Key{authz.One("sts:TaskPolicyArn", task)},
	}
	trusts, err := rootTrusts(call.Tx, target, call.Caller.Account)
	if err != nil {
		return nil, err
	}
	if trusts {
		need.Policy = rootTrust(target, call.Caller.Account)
	}
	return []authz.Need{need}, nil
}

// rootTask returns the account and the task policy that a call names.
func rootTask(in *api.AssumeRootInput) (identity.AccountID, string, error) {
	target := identity.AccountID(in.TargetPrincipal)
	if a, err := arn.Parse(in.TargetPrincipal); err == nil {
		if target = identity.AccountID(a.Account); identity.RootARN(target).String() != in.TargetPrincipal {
			target = ""
		}
	}
	if !arn.ValidAccount(string(target)) {
		return "", "", validationError("%s is invalid", in.TargetPrincipal)
	}
	p, ok := catalog.LookupManagedPolicy(in.TaskPolicyArn.Arn)
	if !ok || p.Path != taskPath || p.ARN() != in.TaskPolicyArn.Arn {
		return "", "", validationError("%s is not a policy of a privileged task.", in.TaskPolicyArn.Arn)
	}
	return target, p.ARN(), nil
}

// rootTrusts reports whether caller may be let assume the root of target: target
// is an open member of an organization with root sessions that caller manages
// or administers IAM for. Nobody assumes the management account's root.
func rootTrusts(tx *store.Tx, target, caller identity.AccountID) (bool, error) {
	member, err := tx.Account(target)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if member.Organization == "" || member.Status != identity.AccountActive {
		return false, nil
	}
	o, err := tx.Organization(member.Organization)
	if err != nil {
		return false, err
	}
	if o.Management == target || o.FeatureSet != "ALL" || !o.RootFeatureWorks(identity.RootSessions) {
		return false, nil
	}
	if o.Management == caller {
		return true, nil
	}
	d, err := tx.Delegate(o.ID, caller)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	_, administers := identity.FindService(d.Services, identity.IAMPrincipal)
	return administers, nil
}

// rootTrust is what the root of target says by trusting the account caller.
func rootTrust(target, caller identity.AccountID) *authz.ResourcePolicy {
	return &authz.ResourcePolicy{
		ID:     "root of " + string(target) + " for " + string(caller),
		Source: policy.Source{Name: "centralized root access", ARN: identity.RootARN(target).String(), Type: policy.Trust},
		Document: identity.ResourcePolicy{
			Text: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + string(caller) + `"},"Action":"sts:AssumeRoot"}]}`,
		},
	}
}

// rootTaskMax is how long such a session may last, and lasts, in seconds.
const rootTaskMax = 900

// assumeRoot mints a session of a member account's root that can do what its
// task needs and no more.
func assumeRoot(_ context.Context, call dispatch.Call, in *api.AssumeRootInput) (*api.AssumeRootOutput, error) {
	target, task, err := rootTask(in)
	if err != nil {
		return nil, err
	}
	seconds := int32(rootTaskMax)
	if in.DurationSeconds != nil {
		seconds = *in.DurationSeconds
	}
	s := session.Session{
		Kind: session.AssumedRoot, Account: target, Policies: []string{task}, Ancestors: ancestors(&call),
		Issued: call.Now, Expires: call.Now.Add(time.Duration(seconds) * time.Second),
	}
	if call.Caller.Session != nil {
		s.SourceIdentity = call.Caller.Session.SourceIdentity
	}
	credentials, err := mint(&call, s)
	if err != nil {
		return nil, err
	}
	return &api.AssumeRootOutput{Credentials: credentials, SourceIdentity: s.SourceIdentity}, nil
}
