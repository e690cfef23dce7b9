package regent

import (
	"context"
	"errors"
	"maps"
	"slices"
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

// Limits of one call on paths.
const (
	pathDepth  = 2                 // roles that are assumed one from another, unless the call says
	pathWork   = 2000 * pathDecide // roles that are looked at, each at 1, and decided about
	pathDecide = 10                // what deciding costs
)

// start returns the caller that paths begin at, whether or not there is such a
// user or role, and the tags of the one there is.
func start(call *dispatch.Call, name string) (*authn.Caller, []identity.Tag, error) {
	a, err := arn.Parse(name)
	kind, rest := a.Kind()
	last := rest[strings.LastIndexByte(rest, '/')+1:]
	if err != nil || a.Partition != identity.Partition || a.Service != "iam" || len(a.Account) != 12 || last == "" || kind != "user" && kind != "role" {
		return nil, nil, api.InvalidParameterException("Principal is not the ARN of a user or a role.")
	}
	account := identity.AccountID(a.Account)
	if kind == "role" {
		r, err := trustedRole(call, name)
		if err != nil || r == nil {
			return &authn.Caller{Kind: authn.RoleSession, Account: account}, nil, err
		}
		return analysis.RoleCaller(r, analysis.SessionName, call.Now), r.Tags, nil
	}
	u, err := call.Tx.User(account, identity.UserName(last))
	if errors.Is(err, store.ErrNotFound) || err == nil && u.ARN().String() != name {
		return &authn.Caller{Kind: authn.User, Account: account}, nil, nil
	} else if err != nil {
		return nil, nil, err
	}
	return analysis.UserCaller(u), u.Tags, nil
}

// findAccessPathsNeeds asks for the operation and for the right to read the
// principal's policies, whether or not there is one.
func findAccessPathsNeeds(call dispatch.Call, in *api.FindAccessPathsInput) ([]authz.Need, error) {
	c, tags, err := start(&call, in.Principal)
	if err != nil {
		return nil, err
	}
	reads := "iam:GetUserPolicy"
	if c.Kind == authn.RoleSession {
		reads = "iam:GetRolePolicy"
	}
	var keys []authz.Key
	if c.Account == call.Caller.Account {
		keys = authz.TagKeys(tags, "aws:ResourceTag/", "iam:ResourceTag/")
	}
	return []authz.Need{
		{Action: "regent:FindAccessPaths", Resource: in.Principal, Keys: keys}, {Action: reads, Resource: in.Principal, Keys: keys},
	}, nil
}

// A waypoint is a role on the way that a list of paths was at.
type waypoint struct {
	Account identity.AccountID `json:"a"`
	Name    string             `json:"n"` // folded
}

// A trail is where a list of paths goes on: behind the last step. Into says that
// what the last role can assume comes next.
type trail struct {
	Steps []waypoint `json:"s"`
	Into  bool       `json:"i,omitempty"`
}

var errPageFull = errors.New("regent: the page is full")

// A pathList is one page of the paths from a principal, each before those that
// go on from it.
type pathList struct {
	*eyes

	to                 string // the role that paths lead to, "" for all
	depth, limit, work int
	steps              []waypoint
	edges              []api.TrustEdge // of the way that is being walked
	paths              []api.AccessPath
	into               bool
	// trusting are the roles of accounts whose trust policies name somebody.
	trusting map[identity.AccountID][]string
}

// findAccessPaths answers which roles a user or role can come to be.
func (s *Service) findAccessPaths(_ context.Context, call dispatch.Call, in *api.FindAccessPathsInput) (*api.FindAccessPathsOutput, error) {
	c, _, err := start(&call, in.Principal)
	if err != nil {
		return nil, err
	}
	p := &pathList{eyes: s.eyes(&call, in.WithoutMfa), to: in.RoleArn, depth: pathDepth, limit: edgePage, work: pathWork, paths: []api.AccessPath{}, trusting: map[identity.AccountID][]string{}}
	if in.RoleArn != "" {
		if _, err := parseRole(in.RoleArn); err != nil {
			return nil, err
		}
	}
	if in.MaxDepth != nil {
		p.depth = int(*in.MaxDepth)
	}
	if in.MaxItems != nil {
		p.limit = int(*in.MaxItems)
	}
	var from trail
	if err := openMarker(&call, in.Marker, &from); err != nil {
		return nil, err
	}
	if open, err := p.opens(c.Account); err != nil {
		return nil, err
	} else if !open {
		return nil, api.AccessDeniedException("What a principal of account %s can assume is for that account, and for who oversees its organization, to ask.", c.Account)
	}
	if c.PrincipalID == "" {
		return nil, api.PrincipalNotFoundException("There is no %s.", in.Principal)
	}
	l, err := s.config.Authorizer.Policies(call.Tx, c, &authz.Need{Action: "sts:AssumeRole", Resource: "*"})
	if err != nil {
		return nil, err
	}
	if seen, err := p.seesOwn(c, l); err != nil {
		return nil, err
	} else if !seen {
		return nil, api.AccessDeniedException("You may not read all policies of %s.", in.Principal)
	}
	out := &api.FindAccessPathsOutput{}
	switch err := p.walk(c, from.Steps, from.Into); {
	case errors.Is(err, errPageFull):
		if out.Marker, err = sealMarker(&call, trail{p.steps, p.into}); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	}
	out.Paths = p.paths
	return out, nil
}

// walk goes through all roles that c may come to be, from where a page ended.
func (p *pathList) walk(c *authn.Caller, from []waypoint, into bool) error {
	sources, err := p.sources(c)
	if err != nil {
		return err
	}
	var after waypoint
	if len(from) > 0 {
		after = from[0]
		if err := p.again(c, from, into); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(sources)) {
		if id < after.Account {
			continue
		}
		name := ""
		if id == after.Account {
			name = after.Name
		}
		if err := p.source(c, id, sources[id], name); err != nil {
			return err
		}
	}
	return nil
}

// again goes on with the way that a page ended on, if it is still there.
func (p *pathList) again(c *authn.Caller, from []waypoint, into bool) error {
	if len(from) == 1 && !into {
		return nil
	}
	r, err := p.call.Tx.Role(from[0].Account, identity.RoleName(from[0].Name))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	} else if err != nil {
		return err
	}
	edge, next, err := p.reach(c, r)
	if err != nil || edge == nil || !next {
		return err
	}
	return p.enter(from[0], *edge, r, from[1:], into)
}

// enter walks on from a role.
func (p *pathList) enter(at waypoint, edge api.TrustEdge, r *identity.Role, from []waypoint, into bool) error {
	p.steps, p.edges = append(p.steps, at), append(p.edges, edge)
	if len(p.edges) < p.depth {
		if err := p.walk(analysis.RoleCaller(r, analysis.SessionName, p.call.Now), from, into); err != nil {
			return err
		}
	}
	p.steps, p.edges = p.steps[:len(p.steps)-1], p.edges[:len(p.edges)-1]
	return nil
}

// A source is the part of an account's roles that may be assumed: all, those
// whose trust policies name somebody, or those of some ARNs, by folded name.
type source struct {
	all, naming bool
	names       map[string]string
}

// sources returns where roles may be that c can assume: in its own account,
// whose trust policies may name it, and where its policies point to.
func (p *pathList) sources(c *authn.Caller) (map[identity.AccountID]*source, error) {
	l, err := p.service.config.Authorizer.Policies(p.call.Tx, c, &authz.Need{Action: "sts:AssumeRole", Resource: "*"})
	if err != nil {
		return nil, err
	}
	out := map[identity.AccountID]*source{}
	add := func(id identity.AccountID) *source {
		if out[id] == nil {
			out[id] = &source{names: map[string]string{}}
		}
		return out[id]
	}
	patterns := analysis.Resources(l.Identity, "sts:AssumeRole")
	if own := add(c.Account); len(patterns) > 0 {
		own.all = true
	} else {
		own.naming = true // trust in the whole account is not enough (EV-40)
	}
	everywhere := false
	for _, pattern := range patterns {
		account, name, literal := analysis.RolePattern(pattern)
		switch {
		case account == "":
			everywhere = true
		case literal:
			add(identity.AccountID(account)).names[arn.Fold(name)] = pattern
		default:
			add(identity.AccountID(account)).all = true
		}
	}
	if !everywhere {
		return out, nil
	}
	org, err := overseen(p.call)
	if err != nil || org == nil {
		return out, err
	}
	members, _, err := p.call.Tx.MemberAccounts(org.ID, "", 0)
	for _, m := range members {
		add(m.ID).all = true
	}
	return out, err
}

// source looks at the roles of one account behind a name.
func (p *pathList) source(c *authn.Caller, id identity.AccountID, s *source, after string) error {
	lists, err := p.lists(id, "iam:ListRoles", "role")
	if err != nil {
		return err
	}
	if s.all && lists {
		return p.all(c, id, after)
	}
	if s.naming && lists {
		return p.naming(c, id, after)
	}
	for _, name := range slices.Sorted(maps.Keys(s.names)) {
		if name <= after {
			continue
		}
		if err := p.named(c, waypoint{id, name}, s.names[name]); err != nil {
			return err
		}
	}
	return nil
}

// all looks at every role of an account behind a name.
func (p *pathList) all(c *authn.Caller, id identity.AccountID, after string) error {
	for more := true; more; {
		roles, next, err := p.call.Tx.Roles(id, store.Page[identity.Role]{After: after, Limit: max(1, min(edgeMembers, p.work))})
		if err != nil {
			return err
		}
		for _, r := range roles {
			after = arn.Fold(string(r.Name))
			if err := p.role(c, waypoint{id, after}, r); err != nil {
				return err
			}
		}
		more = next != ""
	}
	return nil
}

// naming looks at the roles of an account whose trust policies name somebody. The
// account is gone through once for all of its roles that have no more to go by.
func (p *pathList) naming(c *authn.Caller, id identity.AccountID, after string) error {
	names, known := p.trusting[id]
	if !known {
		var err error
		if names, err = p.trustingRoles(id); err != nil {
			return err
		}
		p.trusting[id] = names
	}
	for _, name := range names {
		if name <= after {
			continue
		}
		r, err := p.call.Tx.Role(id, identity.RoleName(name))
		if err != nil {
			return err
		}
		if err := p.role(c, waypoint{id, name}, r); err != nil {
			return err
		}
	}
	return nil
}

// trustingRoles returns the folded names of an account's roles whose trust
// policies name somebody.
func (p *pathList) trustingRoles(id identity.AccountID) (names []string, err error) {
	looked, after := 0, ""
	for more := true; more; {
		roles, next, err := p.call.Tx.Roles(id, store.Page[identity.Role]{After: after, Limit: edgeMembers})
		if err != nil {
			return nil, err
		}
		for _, r := range roles {
			if after = arn.Fold(string(r.Name)); analysis.NamesSomebody(r) {
				names = append(names, after)
			}
		}
		looked, more = looked+len(roles), next != ""
	}
	p.work -= min(looked, p.work/2) // a page always gets somewhere
	return names, nil
}

// named looks at a role that a policy names. Where the asker's rights do not
// reach the account, nothing but the name is known of it.
func (p *pathList) named(c *authn.Caller, at waypoint, name string) error {
	open, err := p.opens(at.Account)
	if err != nil {
		return err
	}
	if open {
		r, err := trustedRole(p.call, name)
		if err != nil || r == nil {
			return err
		}
		return p.role(c, at, r)
	}
	q := p.question(c, "sts:AssumeRole", name, at.Account, nil)
	j, err := p.judge(q, false)
	if err != nil {
		return err
	}
	p.work -= pathDecide
	if !j.halves || p.walked(name) {
		return p.done(at, false)
	}
	p.found(p.edge(subjectOf(c), q, &j))
	return p.done(at, false)
}

// role adds the paths that go through a role next.
func (p *pathList) role(c *authn.Caller, at waypoint, r *identity.Role) error {
	p.work--
	if p.to != "" && len(p.edges)+1 == p.depth && r.ARN().String() != p.to {
		return p.done(at, false) // no way to the one that is asked about ends or goes on here
	}
	edge, next, err := p.reach(c, r)
	if err != nil {
		return err
	}
	if edge == nil {
		return p.done(at, false)
	}
	p.found(*edge)
	if err := p.done(at, next); err != nil || !next {
		return err
	}
	return p.enter(at, *edge, r, nil, false)
}

// found notes the way that is being walked with one more edge.
func (p *pathList) found(e api.TrustEdge) {
	if p.to == "" || p.to == e.RoleArn {
		p.paths = append(p.paths, api.AccessPath{Edges: append(slices.Clone(p.edges), e)})
	}
}

// done ends the page behind a step when it may not grow.
func (p *pathList) done(at waypoint, into bool) error {
	if len(p.paths) < p.limit && p.work > 0 {
		return nil
	}
	p.steps, p.into = append(p.steps, at), into
	return errPageFull
}

func (p *pathList) walked(name string) bool {
	return slices.ContainsFunc(p.edges, func(e api.TrustEdge) bool { return e.RoleArn == name || e.Principal == name })
}

// reach returns the edge from c to a role, nil when there is none to show, and
// whether paths may go on from there.
func (p *pathList) reach(c *authn.Caller, r *identity.Role) (*api.TrustEdge, bool, error) {
	name := r.ARN().String()
	if p.walked(name) || c.PrincipalARN == name {
		return nil, false, nil
	}
	trust, err := p.seesRole(r)
	if err != nil {
		return nil, false, err
	}
	seen := r
	if !trust {
		seen = nil
	} else if !analysis.Names(r, c) {
		return nil, false, nil
	}
	p.work -= pathDecide
	q := p.question(c, "sts:AssumeRole", name, r.Account, seen)
	j, err := p.judge(q, trust)
	if err != nil || !j.halves {
		return nil, false, err
	}
	edge := p.edge(subjectOf(c), q, &j)
	next := j.Status != analysis.Blocked && trust
	if next {
		as := analysis.RoleCaller(r, analysis.SessionName, p.call.Now)
		l, err := p.service.config.Authorizer.Policies(p.call.Tx, as, &authz.Need{Action: "sts:AssumeRole", Resource: "*"})
		if err != nil {
			return nil, false, err
		}
		next, err = p.seesOwn(as, l)
		if err != nil {
			return nil, false, err
		}
	}
	return &edge, next, nil
}

func subjectOf(c *authn.Caller) analysis.Subject {
	s := analysis.Subject{Kind: analysis.User, Name: c.PrincipalARN, ID: c.PrincipalID, Account: c.Account}
	if c.Kind == authn.RoleSession {
		s.Kind = analysis.Role
	}
	return s
}
