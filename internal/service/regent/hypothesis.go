package regent

import (
	"errors"
	"strings"

	"github.com/regent-iam/regent/arn"
	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// hypothesis makes up a request. What the asker does not say and may not read
// is not in it: of a principal whose policies it may not read there are no
// tags, and nothing tells whether it exists.
func (s *Service) hypothesis(call *dispatch.Call, in *api.ExplainDecisionInput) (*question, error) {
	q := &question{own: in.Principal == "" || in.Principal == call.Caller.ARN}
	if err := checkAction(in.Action); err != nil {
		return nil, err
	}
	if err := s.imagine(call, q, in.Principal); err != nil {
		return nil, err
	}
	var err error
	if q.need, err = needOf(call, in); err != nil {
		return nil, err
	}
	if q.sight, err = s.look(call, q); err != nil {
		return nil, err
	}
	facts := authz.Request{Now: call.Now, Secure: true, Region: call.Request.Facts.Region}
	if q.sight.own {
		q.evidence, err = s.config.Authorizer.Gather(call.Tx, q.caller, &facts, &q.need)
		return q, err
	}
	p := &policy.Principal{Account: string(q.caller.Account), ARN: q.caller.ARN, ID: q.caller.PrincipalID}
	switch q.caller.Kind {
	case authn.Root:
		p.Kind = policy.Root
	case authn.User:
		p.Kind = policy.User
	default:
		p.Kind, p.Issuer = policy.RoleSession, q.caller.PrincipalARN
	}
	q.evidence, err = s.config.Authorizer.Stranger(call.Tx, p, q.caller, &facts, &q.need)
	if errors.Is(err, store.ErrNotFound) {
		return nil, api.PrincipalNotFoundException("There is no account %s.", q.caller.Account)
	}
	return q, err
}

func checkAction(action string) error {
	service, name, ok := strings.Cut(action, ":")
	if !ok || service == "" || name == "" || strings.ContainsAny(action, "*? ") {
		return api.InvalidParameterException("%s is not an action such as s3:GetObject.", action)
	}
	return nil
}

// trustActions are the actions that a role's trust policy governs (EV-40).
func trustAction(action string) bool {
	switch arn.Fold(action) {
	case "sts:assumerole", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext":
		return true
	}
	return false
}

// needOf returns the need of a request that is made up.
func needOf(call *dispatch.Call, in *api.ExplainDecisionInput) (authz.Need, error) {
	n := authz.Need{Action: in.Action, Resource: in.Resource, Account: call.Caller.Account}
	if n.Resource == "" {
		n.Resource = "*"
	}
	a, err := arn.Parse(n.Resource)
	if n.Resource != "*" && err != nil {
		return n, api.InvalidParameterException("Resource is not an ARN.")
	}
	if len(a.Account) == 12 {
		n.Account = identity.AccountID(a.Account)
	}
	b, err := bucketOf(call.Tx, a)
	if err != nil {
		return n, err
	}
	if b != nil {
		n.Account = b.Account
	}
	n.Trust = trustAction(n.Action) && n.Resource != "*"
	var tags []identity.Tag
	if n.Policy, tags, err = livePolicy(call.Tx, &n); err != nil {
		return n, err
	}
	if n.Account == call.Caller.Account {
		n.Keys = authz.TagKeys(tags, "aws:ResourceTag/", "iam:ResourceTag/")
	}
	for _, e := range in.Context {
		if len(e.Values) != 1 || e.Multivalued != nil && *e.Multivalued {
			n.Keys = append(n.Keys, authz.Many(e.Key, e.Values...))
		} else {
			n.Keys = append(n.Keys, authz.One(e.Key, e.Values[0]))
		}
	}
	return n, nil
}

// imagine makes up the caller of a request: oneself, or the user, role or root
// that an ARN names.
func (s *Service) imagine(call *dispatch.Call, q *question, name string) error {
	if q.own {
		self := call.Caller
		self.AccessKeyID = "" // its session is not signed with: see authz.Gather
		q.caller = &self
		return nil
	}
	a, err := arn.Parse(name)
	account := identity.AccountID(a.Account)
	if err != nil || len(account) != 12 {
		return api.InvalidParameterException("Principal is not the ARN of a user, a role, a role's session or an account's root.")
	}
	c := &authn.Caller{Account: account, ARN: name, PrincipalARN: name}
	q.caller = c
	kind, rest := a.Kind()
	last := rest[strings.LastIndexByte(rest, '/')+1:]
	switch {
	case a.Service == "iam" && a.Resource == "root":
		c.Kind, c.UserID = authn.Root, a.Account
	case a.Service == "iam" && kind == "user":
		c.Kind, c.UserName = authn.User, identity.UserName(last)
	case a.Service == "iam" && kind == "role":
		c.Kind, c.RoleName = authn.RoleSession, identity.RoleName(last)
		c.ARN = "arn:" + identity.Partition + ":sts::" + a.Account + ":assumed-role/" + last + "/explain"
	case a.Service == "sts" && kind == "assumed-role":
		role, session, ok := strings.Cut(rest, "/")
		if !ok || session == "" {
			return api.InvalidParameterException("A role's session has the form arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION.")
		}
		c.Kind, c.RoleName = authn.RoleSession, identity.RoleName(role)
		c.PrincipalARN = "arn:" + identity.Partition + ":iam::" + a.Account + ":role/" + role
	default:
		return api.InvalidParameterException("Principal is not the ARN of a user, a role, a role's session or an account's root.")
	}
	return s.identify(call, c)
}

// identify gives an imagined caller its unique id. Principal elements match by
// it, and saving one tells as much about who exists (PL-27).
func (s *Service) identify(call *dispatch.Call, c *authn.Caller) error {
	switch c.Kind {
	case authn.User:
		id, err := authz.PrincipalID(call.Tx, c.ARN)
		if err == nil {
			c.PrincipalID, c.UserID = id, id
		}
		return ifFound(err)
	case authn.RoleSession:
		r, err := call.Tx.Role(c.Account, c.RoleName)
		if err == nil {
			_, session, _ := strings.Cut(c.ARN[strings.Index(c.ARN, "assumed-role/"):], "/")
			_, session, _ = strings.Cut(session, "/")
			c.PrincipalID, c.UserID = r.ID, r.ID+":"+session
			if c.Account == call.Caller.Account {
				c.PrincipalARN = r.ARN().String()
			}
		}
		return ifFound(err)
	case authn.Root, authn.Anonymous, authn.FederatedUser, authn.Federated, authn.Service:
	}
	return nil
}

func ifFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
