package regent

import (
	"context"
	"errors"
	"fmt"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

const sessionsPage = 100

func listSessionsNeeds(call dispatch.Call, in *api.ListSessionsInput) ([]authz.Need, error) {
	t, err := targetOf(&call, in.ResourceArn, in.Subject, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	return sessionNeeds(&call, "regent:ListSessions", &t)
}

// listSessions lists the sessions that a revocation of the same target would end:
// those of the caller's account, and those that the account asked for elsewhere.
// Of an asker of another account only the account is told, as in the record, and
// of a session of another account not when it was used.
func listSessions(_ context.Context, call dispatch.Call, in *api.ListSessionsInput) (*api.ListSessionsOutput, error) {
	t, err := targetOf(&call, in.ResourceArn, in.Subject, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	after, err := call.After(in.NextToken)
	if err != nil {
		return nil, invalidParameter("NextToken is not one that ListSessions handed out.")
	}
	link, _, err := t.find(&call)
	if errors.Is(err, store.ErrNotFound) {
		return nil, t.errNoTarget()
	} else if err != nil {
		return nil, err
	}
	limit := sessionsPage
	if in.MaxResults != nil {
		limit = int(*in.MaxResults)
	}
	all, next, err := call.Tx.MintedSessions(store.SessionLink(link), call.Now, store.Page[store.MintedSession]{After: after, Limit: limit})
	if err != nil {
		return nil, err
	}
	out := &api.ListSessionsOutput{Sessions: make([]api.SessionSummary, len(all))}
	for i, m := range all {
		if err := summarize(&call, m, &out.Sessions[i]); err != nil {
			return nil, err
		}
	}
	out.NextToken, err = call.Marker(next)
	return out, err
}

// summarize tells the caller of a session what its account may know.
func summarize(call *dispatch.Call, m *store.MintedSession, out *api.SessionSummary) error {
	*out = api.SessionSummary{
		AccessKeyId: string(m.KeyID), Kind: m.Kind, SessionName: m.Name, SourceIdentity: m.SourceIdentity,
		CallerAccount: string(m.CallerAccount), ProviderArn: m.Provider, Subject: m.Subject, SourceAddress: m.Address,
		IssuedAt: m.Issued, ExpiresAt: m.Expires, MfaAuthenticated: m.MFA,
	}
	if m.CallerAccount == call.Caller.Account {
		out.CallerArn = m.Caller
	}
	if m.Account == call.Caller.Account {
		out.LastUsedAt = m.LastUsed
	}
	var err error
	out.PrincipalArn, err = holder(call.Tx, m)
	return err
}

// holder returns the ARN of the role, user, federated user or root whose session
// it is.
func holder(tx *store.Tx, m *store.MintedSession) (string, error) {
	switch {
	case m.Kind == string(session.Federated):
		return identity.FederatedARN(m.Account, m.Name).String(), nil
	case m.PrincipalID == "":
		return arn.ARN{Partition: identity.Partition, Service: "iam", Account: string(m.Account), Resource: identity.RootUser}.String(), nil
	}
	name, there, err := tx.PrincipalARN(m.PrincipalID)
	if err == nil && !there {
		err = fmt.Errorf("session %s: its principal is gone", m.KeyID)
	}
	return name, err
}
