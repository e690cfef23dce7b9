package regent

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
)

// checkPassRole tells a service whether somebody who hands it a role may do so:
// iam:PassRole on the role, with the service's own name as iam:PassedToService
// (EV-49, TH-39). What is not there may be passed by nobody.
func (s *Service) checkPassRole(_ context.Context, call dispatch.Call, in *api.CheckPassRoleInput) (*api.CheckPassRoleOutput, error) {
	if call.Caller.Kind != authn.Service {
		return nil, api.AccessDeniedException("CheckPassRole is for services only.")
	}
	role, err := passable(call.Tx, in.RoleArn)
	if err != nil {
		return nil, err
	}
	who, err := passing(&call, in.PrincipalArn)
	if err != nil {
		return nil, err
	}
	if role == nil || who == nil || who.Account != role.Account {
		return &api.CheckPassRoleOutput{Allowed: false}, nil
	}
	need := authz.Need{
		Action: "iam:PassRole", Resource: role.ARN().String(), Account: role.Account,
		Keys: append(authz.TagKeys(role.Tags, "aws:ResourceTag/", "iam:ResourceTag/"), authz.One("iam:PassedToService", call.Caller.Service)),
	}
	// Where the principal's own request came from only the service knows.
	facts := authz.Request{Now: call.Now, Secure: true, Region: call.Request.Facts.Region}
	decision, err := s.config.Authorizer.Decide(call.Tx, who, &facts, &need)
	if err != nil {
		return nil, err
	}
	return &api.CheckPassRoleOutput{Allowed: decision.Allowed()}, nil
}

// passable returns the role that an ARN names exactly, nil when there is none.
func passable(tx *store.Tx, text string) (*identity.Role, error) {
	a, err := arn.Parse(text)
	kind, rest := a.Kind()
	if err != nil || a.Service != "iam" || kind != "role" || rest == "" {
		return nil, api.InvalidParameterException("%s is not the ARN of a role.", text)
	}
	r, err := tx.Role(identity.AccountID(a.Account), identity.RoleName(rest[strings.LastIndexByte(rest, '/')+1:]))
	if errors.Is(err, store.ErrNotFound) || err == nil && r.ARN().String() != text {
		return nil, nil
	}
	return r, err
}

// passing returns the caller that a principal would be: a user, or a session of a
// role. A role that is named by a session of it is decided as the role; what
// limits that one session cannot be told from its name. It is nil when there is
// no such principal.
func passing(call *dispatch.Call, text string) (*authn.Caller, error) {
	refused := api.InvalidParameterException("Principal is not the ARN of a user or a role.")
	a, err := arn.Parse(text)
	if err != nil || a.Service != "iam" {
		return nil, refused
	}
	account := identity.AccountID(a.Account)
	kind, rest := a.Kind()
	last := rest[strings.LastIndexByte(rest, '/')+1:]
	switch kind {
	case "user":
		u, err := call.Tx.User(account, identity.UserName(last))
		if errors.Is(err, store.ErrNotFound) || err == nil && u.ARN().String() != text {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		return &authn.Caller{
			Kind: authn.User, Account: account, ARN: text, PrincipalARN: text, PrincipalID: u.ID, UserID: u.ID, UserName: u.Name,
		}, nil
	case "role":
		r, err := passable(call.Tx, text)
		if r == nil || err != nil {
			return nil, err
		}
		return &authn.Caller{
			Kind: authn.RoleSession, Account: account, ARN: r.SessionARN(passed).String(), PrincipalARN: text,
			PrincipalID: r.ID, UserID: r.ID + ":" + passed, RoleName: r.Name,
			Session: &session.Session{
				Kind: session.Role, Account: account, PrincipalID: r.ID, RoleName: r.Name, Name: passed,
				Issued: call.Now, Expires: call.Now.Add(time.Minute),
			},
		}, nil
	}
	return nil, refused
}

// passed is the name of the session that a role is imagined to pass another in.
const passed = "pass-role"
