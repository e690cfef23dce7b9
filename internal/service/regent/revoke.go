package regent

import (
	"context"
	"errors"
	"strings"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

func sessionOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Read("ListSessions", listSessionsNeeds, listSessions),
		dispatch.Write("RevokeSessions", revokeSessionsNeeds, revokeSessions),
	}
}

// A target is what sessions have in common that a call is about: a role, user,
// root or identity provider by its ARN, or a session or long-term key by its
// access key id.
type target struct {
	resource string // ARN that permission is asked for on
	arn      arn.ARN
	key      identity.AccessKeyID
	subject  string
}

// targetOf reads what a call names.
func targetOf(call *dispatch.Call, resource, subject, key string) (target, error) {
	switch {
	case (resource == "") == (key == ""):
		return target{}, invalidParameter("Name either a ResourceArn or an AccessKeyId.")
	case key != "" && subject != "":
		return target{}, invalidParameter("A Subject goes with the ResourceArn of an identity provider.")
	case key != "":
		kind := "access-key/"
		if strings.HasPrefix(key, arn.TemporaryKeyID) {
			kind = "session/"
		}
		a := arn.ARN{Partition: identity.Partition, Service: "regent", Account: string(call.Caller.Account), Resource: kind + key}
		return target{resource: a.String(), arn: a, key: identity.AccessKeyID(key)}, nil
	}
	a, err := arn.Parse(resource)
	if err != nil || a.Service != "iam" || a.Partition != identity.Partition || a.Region != "" || !arn.ValidAccount(a.Account) {
		return target{}, invalidParameter("%s is not the ARN of a role, a user, an account's root or an identity provider.", resource)
	}
	t := target{resource: resource, arn: a, subject: subject}
	kind, _, _ := strings.Cut(a.Resource, "/")
	switch {
	case kind == "oidc-provider", kind == "saml-provider":
		return t, nil
	case a.Resource != "root" && kind != "role" && kind != "user":
		return target{}, invalidParameter("%s is not the ARN of a role, a user, an account's root or an identity provider.", resource)
	case subject != "":
		return target{}, invalidParameter("A Subject goes with the ResourceArn of an identity provider.")
	}
	return t, nil
}

// errNoTarget says that there is no such thing in the caller's account.
func (t *target) errNoTarget() error {
	if t.key != "" {
		return api.NoSuchResourceException("The access key %s is not one of your account.", t.key)
	}
	return api.NoSuchResourceException("%s cannot be found in your account.", t.resource)
}

// find returns the link that the target's sessions have, and the tags that the
// target has. Its error is store.ErrNotFound when the target is not in the
// caller's account.
func (t *target) find(call *dispatch.Call) (session.Link, []identity.Tag, error) {
	account := call.Caller.Account
	if t.arn.Account != string(account) {
		return session.Link{}, nil, store.ErrNotFound
	}
	if t.key != "" {
		return t.findKey(call)
	}
	kind, path, _ := strings.Cut(t.arn.Resource, "/")
	name := path[strings.LastIndexByte(path, '/')+1:]
	switch kind {
	case "root":
		return session.Principal(account, ""), nil, nil
	case "user":
		u, err := call.Tx.User(account, identity.UserName(name))
		if err != nil {
			return session.Link{}, nil, err
		}
		return t.exactly(u.ARN(), session.Principal(account, u.ID), u.Tags)
	case "role":
		r, err := call.Tx.Role(account, identity.RoleName(name))
		if err != nil {
			return session.Link{}, nil, err
		}
		return t.exactly(r.ARN(), session.Principal(account, r.ID), r.Tags)
	}
	return t.findProvider(call, kind, path)
}

// findProvider finds an identity provider. Its sessions outlive it, so it need
// not be there any more; one that is there under another spelling is not the one
// that was named, whose sessions would be none.
func (t *target) findProvider(call *dispatch.Call, kind, name string) (session.Link, []identity.Tag, error) {
	link := session.Vouched(call.Caller.Account, t.resource, t.subject)
	var found arn.ARN
	var tags []identity.Tag
	var err error
	if kind == "saml-provider" {
		var p *identity.SAMLProvider
		if p, err = call.Tx.SAMLProvider(call.Caller.Account, name); err == nil {
			found, tags = p.ARN(), p.Tags
		}
	} else {
		var p *identity.OIDCProvider
		if p, err = call.Tx.OIDCProvider(call.Caller.Account, name); err == nil {
			found, tags = p.ARN(), p.Tags
		}
	}
	if errors.Is(err, store.ErrNotFound) {
		return link, nil, nil
	} else if err != nil {
		return session.Link{}, nil, err
	}
	return t.exactly(found, link, tags)
}

// exactly is what find returns of something that has the ARN that was named,
// path and case included (IA-3).
func (t *target) exactly(a arn.ARN, link session.Link, tags []identity.Tag) (session.Link, []identity.Tag, error) {
	if a != t.arn {
		return session.Link{}, nil, store.ErrNotFound
	}
	return link, tags, nil
}

// findKey finds a key, or a session by its key. A long-term key that is there
// says whose it is: the operator may have chosen its id, which then carries no
// account or anybody's. Sessions outlive the key that they come from (ST-92), so
// another need not be there any more; what its id does not show to be of this
// account is refused, since nothing would be ended by it.
func (t *target) findKey(call *dispatch.Call) (session.Link, []identity.Tag, error) {
	link := session.Link{Account: call.Caller.Account, ID: string(t.key)}
	key, err := call.Tx.AccessKey(t.key)
	var owner identity.AccountID
	switch {
	case err == nil:
		owner = key.Account
	case errors.Is(err, store.ErrNotFound):
		carried, _ := arn.AccountOf(string(t.key))
		owner = identity.AccountID(carried)
	default:
		return session.Link{}, nil, err
	}
	if owner != link.Account {
		return session.Link{}, nil, store.ErrNotFound
	}
	return link, nil, nil
}

// sessionNeeds asks for an action on what a call is about, whether or not it is
// there.
func sessionNeeds(call *dispatch.Call, action string, t *target) ([]authz.Need, error) {
	_, tags, err := t.find(call)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return []authz.Need{{
		Action: action, Resource: t.resource, Keys: authz.TagKeys(tags, "aws:ResourceTag/", "iam:ResourceTag/"),
	}}, nil
}

func revokeSessionsNeeds(call dispatch.Call, in *api.RevokeSessionsInput) ([]authz.Need, error) {
	t, err := targetOf(&call, in.ResourceArn, in.Subject, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	return sessionNeeds(&call, "regent:RevokeSessions", &t)
}

// revokeSessions ends sessions for good: from its commit on their credentials
// are invalid in every call (ST-93), and so are those of all sessions that were
// got with them, in whatever account. New ones can be had as before; who is to
// get none must lose the permission or the key as well.
func revokeSessions(_ context.Context, call dispatch.Call, in *api.RevokeSessionsInput) (*api.RevokeSessionsOutput, error) {
	t, err := targetOf(&call, in.ResourceArn, in.Subject, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	link, _, err := t.find(&call)
	if errors.Is(err, store.ErrNotFound) {
		return nil, t.errNoTarget()
	} else if err != nil {
		return nil, err
	}
	if err := call.Tx.Revoke(link.Account, link.ID, call.Now, call.Now.Add(session.Remembered)); err != nil {
		return nil, err
	}
	// Every request looks at the guards in its own transaction, so that nothing
	// is pending once this one is committed, on any node of the same database
	// (TH-48).
	return &api.RevokeSessionsOutput{RevokedAt: call.Now, Pending: false}, nil
}
