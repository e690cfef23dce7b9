package regent

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/analysis"
	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// Limits of one call on trust edges.
const (
	edgePage    = 50  // edges that are shown, unless the call says
	edgeWork    = 500 // principals that are looked at
	edgeMembers = 100 // principals that are read at once
)

// listTrustEdgesNeeds asks for the operation and for the right to read the
// role, which is asked about whether or not there is one.
func listTrustEdgesNeeds(call dispatch.Call, in *api.ListTrustEdgesInput) ([]authz.Need, error) {
	if _, err := parseRole(in.RoleArn); err != nil {
		return nil, err
	}
	r, err := trustedRole(&call, in.RoleArn)
	if err != nil {
		return nil, err
	}
	var keys []authz.Key
	if r != nil && r.Account == call.Caller.Account {
		keys = authz.TagKeys(r.Tags, "aws:ResourceTag/", "iam:ResourceTag/")
	}
	return []authz.Need{
		{Action: "regent:ListTrustEdges", Resource: in.RoleArn, Keys: keys}, {Action: "iam:GetRole", Resource: in.RoleArn, Keys: keys},
	}, nil
}

// trustedRole returns the role with that very ARN, nil when there is none.
func trustedRole(call *dispatch.Call, name string) (*identity.Role, error) {
	a, err := arn.Parse(name)
	if err != nil {
		return nil, nil //nolint:nilerr // what has no such name is not there
	}
	r, err := roleOf(call.Tx, a)
	if err != nil || r == nil || r.ARN().String() != name {
		return nil, err
	}
	return r, nil
}

// A place is where a list of edges goes on: at a subject, behind one of its
// account's users or roles.
type place struct {
	Subject string `json:"s"`
	Roles   bool   `json:"r,omitempty"`
	After   string `json:"a,omitempty"`
}

// An edgeList is one page of the edges into a role.
type edgeList struct {
	*eyes

	role     *identity.Role
	subjects []analysis.Subject
	from     place
	limit    int
	work     int
	edges    []api.TrustEdge
	next     *place // where the page that follows begins
}

// listTrustEdges answers who can assume a role.
func (s *Service) listTrustEdges(_ context.Context, call dispatch.Call, in *api.ListTrustEdgesInput) (*api.ListTrustEdgesOutput, error) {
	account, err := parseRole(in.RoleArn)
	if err != nil {
		return nil, err
	}
	p := &edgeList{eyes: s.eyes(&call, in.WithoutMfa), limit: edgePage, work: edgeWork, edges: []api.TrustEdge{}}
	if in.MaxItems != nil {
		p.limit = int(*in.MaxItems)
	}
	if err := openMarker(&call, in.Marker, &p.from); err != nil {
		return nil, err
	}
	if open, err := p.opens(account); err != nil {
		return nil, err
	} else if !open {
		return nil, api.AccessDeniedException("Who may assume a role of account %s is for that account, and for who oversees its organization, to ask.", account)
	}
	if p.role, err = trustedRole(&call, in.RoleArn); err != nil {
		return nil, err
	}
	if p.role == nil {
		return nil, api.NoSuchResourceException("There is no role %s.", in.RoleArn)
	}
	if seen, err := p.seesRole(p.role); err != nil {
		return nil, err
	} else if !seen { // by its tags, which a need on another account's does not have
		return nil, api.AccessDeniedException("You may not read the trust policy of %s.", in.RoleArn)
	}
	if p.subjects, err = analysis.Subjects(call.Tx, p.role); err != nil {
		return nil, err
	}
	if err := p.fill(); err != nil {
		return nil, err
	}
	out := &api.ListTrustEdgesOutput{Edges: p.edges}
	if p.next != nil {
		out.Marker, err = sealMarker(&call, p.next)
	}
	return out, err
}

func openMarker(call *dispatch.Call, marker string, into any) error {
	if marker == "" {
		return nil
	}
	text, err := call.After(marker)
	if err != nil {
		return api.InvalidParameterException("Marker is not one that this operation gave.")
	}
	return json.Unmarshal([]byte(text), into)
}

func sealMarker(call *dispatch.Call, at any) (string, error) {
	text, err := json.Marshal(at)
	if err != nil {
		return "", err
	}
	return call.Marker(string(text))
}

// fill makes the page.
func (p *edgeList) fill() error {
	for _, s := range p.subjects {
		if s.Key() < p.from.Subject {
			continue
		}
		if s.Key() != p.from.Subject {
			p.from = place{Subject: s.Key()}
		}
		if len(p.edges) >= p.limit || p.work <= 0 {
			p.next = &place{Subject: s.Key()}
			return nil
		}
		if err := p.subject(s); err != nil || p.next != nil {
			return err
		}
	}
	return nil
}

// subject adds the edges of one subject of the trust policy.
func (p *edgeList) subject(s analysis.Subject) error {
	if s.Kind == analysis.Account {
		users, err := p.lists(s.Account, "iam:ListUsers", "user")
		if err != nil {
			return err
		}
		roles, err := p.lists(s.Account, "iam:ListRoles", "role")
		if err != nil {
			return err
		}
		if users && roles {
			return p.members(s)
		}
	}
	p.work--
	if s.Kind == analysis.Federated {
		if vouches, err := p.vouches(s.Name); err != nil || !vouches {
			return err
		}
	}
	c, err := p.caller(s)
	if err != nil {
		return err
	}
	q := p.question(c, actionOf(s), p.role.ARN().String(), p.role.Account, p.role)
	if c == nil {
		q.Stranger = s.Stranger()
	}
	j, err := p.judge(q, true)
	if err != nil {
		return err
	}
	p.edges = append(p.edges, p.edge(s, q, &j))
	return nil
}

// vouches reports whether an identity provider of the role's account has that
// ARN: no other brings anybody in (EV-52).
func (p *edgeList) vouches(name string) (bool, error) {
	a, err := arn.Parse(name)
	if err != nil || a.Account != string(p.role.Account) {
		return false, nil //nolint:nilerr // what has no ARN is no provider of the account
	}
	kind, rest := a.Kind()
	switch kind {
	case "oidc-provider":
		_, err = p.call.Tx.OIDCProvider(p.role.Account, rest)
	case "saml-provider":
		_, err = p.call.Tx.SAMLProvider(p.role.Account, rest)
	default:
		return false, nil
	}
	return err == nil, ifFound(err)
}

// actionOf is the action by which a subject assumes roles.
func actionOf(s analysis.Subject) string {
	switch {
	case s.Kind == analysis.Federated && strings.Contains(s.Name, ":saml-provider/"):
		return "sts:AssumeRoleWithSAML"
	case s.Kind == analysis.Federated:
		return "sts:AssumeRoleWithWebIdentity"
	}
	return "sts:AssumeRole"
}

// caller returns who a subject is, nil when the asker's rights do not reach its
// account or it is nobody in particular.
func (p *edgeList) caller(s analysis.Subject) (*authn.Caller, error) {
	switch s.Kind {
	case analysis.Service:
		return &authn.Caller{Kind: authn.Service, Service: s.Name}, nil
	case analysis.Federated:
		return &authn.Caller{Kind: authn.Federated, Account: p.role.Account, Provider: s.Name}, nil
	case analysis.Everyone, analysis.Account:
		return nil, nil
	case analysis.User, analysis.Role, analysis.Session:
	}
	open, err := p.opens(s.Account)
	if err != nil || !open {
		return nil, err
	}
	name := analysis.SessionName
	var r *identity.Role
	switch s.Kind {
	case analysis.User:
		u, err := p.call.Tx.UserByID(s.ID)
		if err != nil {
			return nil, err
		}
		return analysis.UserCaller(u), nil
	case analysis.Role:
		r, err = p.call.Tx.RoleByID(s.ID)
	default:
		_, rest, isRole := strings.Cut(s.Name, ":assumed-role/")
		if !isRole {
			return nil, nil
		}
		var role string
		role, name, _ = strings.Cut(rest, "/")
		r, err = p.call.Tx.Role(s.Account, identity.RoleName(role))
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return analysis.RoleCaller(r, name, p.call.Now), nil
}

// members adds the edges of the users, then the roles, of an account that the
// trust policy delegates to: those whose own policies let them.
func (p *edgeList) members(s analysis.Subject) error {
	for !p.from.Roles && p.next == nil {
		if err := p.users(s); err != nil {
			return err
		}
	}
	for more := true; more && !p.full(); {
		var err error
		if more, err = p.roles(s); err != nil {
			return err
		}
	}
	return nil
}

// users adds the edges of some users. Behind the last the roles come.
func (p *edgeList) users(s analysis.Subject) error {
	users, next, err := p.call.Tx.Users(s.Account, store.Page[identity.User]{After: p.from.After, Limit: min(edgeMembers, p.work)})
	if err != nil {
		return err
	}
	for _, u := range users {
		subject := analysis.Subject{Kind: analysis.User, Name: u.ARN().String(), ID: u.ID, Account: u.Account}
		if err := p.member(s, subject, analysis.UserCaller(u), u.Tags, &u.Permissions, u.Groups); err != nil {
			return err
		}
		if p.from.After = arn.Fold(string(u.Name)); p.full() {
			return nil
		}
	}
	if next == "" {
		p.from.Roles, p.from.After = true, ""
	}
	return nil
}

// roles adds the edges of some roles and reports whether there are more.
func (p *edgeList) roles(s analysis.Subject) (more bool, err error) {
	roles, next, err := p.call.Tx.Roles(s.Account, store.Page[identity.Role]{After: p.from.After, Limit: min(edgeMembers, p.work)})
	if err != nil {
		return false, err
	}
	for _, r := range roles {
		subject := analysis.Subject{Kind: analysis.Role, Name: r.ARN().String(), ID: r.ID, Account: r.Account}
		c := analysis.RoleCaller(r, analysis.SessionName, p.call.Now)
		if err := p.member(s, subject, c, r.Tags, &r.Permissions, nil); err != nil {
			return false, err
		}
		if p.from.After = arn.Fold(string(r.Name)); p.full() {
			return false, nil
		}
	}
	return next != "", nil
}

// full ends the page where it is when it may not grow.
func (p *edgeList) full() bool {
	if len(p.edges) < p.limit && p.work > 0 {
		return false
	}
	p.next = new(p.from)
	return true
}

// member adds the edge of one user or role of an account, if its own policies
// let it and the trust policy does not name it by itself.
func (p *edgeList) member(through, s analysis.Subject, c *authn.Caller, tags []identity.Tag, own *identity.Permissions, groups []string) error {
	p.work--
	for i := range p.subjects {
		if p.subjects[i].ID == s.ID {
			return nil
		}
	}
	if idle, err := p.idle(c, tags, own, groups); err != nil || idle {
		return err
	}
	q := p.question(c, "sts:AssumeRole", p.role.ARN().String(), p.role.Account, p.role)
	j, err := p.judge(q, true)
	if err != nil || !j.halves {
		return err
	}
	edge := p.edge(s, q, &j)
	edge.Through = through.Name
	p.edges = append(p.edges, edge)
	return nil
}
