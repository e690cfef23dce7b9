package regent

import (
	"errors"
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
	"github.com/regent-iam/regent/policy"
)

// analystService is the service whose delegated administrators look into the
// accounts of an organization as its management account does.
const analystService = "access-analyzer.amazonaws.com"

// eyes are what an asker may see of trust edges. Each fact needs the asker's own
// right to read it (TH-61); what is not seen is no part of what is decided.
type eyes struct {
	service  *Service
	call     *dispatch.Call
	analyzer *analysis.Analyzer
	reader   reader
	accounts map[identity.AccountID]bool
	control  map[string][2]bool
	rights   map[string]bool
	// principals are those whose policies the asker has the right to read, or
	// has not, by unique id.
	principals map[string]bool
	// withoutMFA asks about requests without a one-time code.
	withoutMFA bool
}

func (s *Service) eyes(call *dispatch.Call, withoutMFA *bool) *eyes {
	return &eyes{
		withoutMFA: withoutMFA != nil && *withoutMFA, service: s, call: call, analyzer: analysis.New(s.config.Authorizer),
		reader:   reader{service: s, call: call, known: map[string]bool{}},
		accounts: map[identity.AccountID]bool{}, control: map[string][2]bool{}, rights: map[string]bool{}, principals: map[string]bool{},
	}
}

// overseen returns the organization that the calling account may look into,
// as its management account or a delegated administrator; nil when there is none.
func overseen(call *dispatch.Call) (*identity.Organization, error) {
	org, err := organizationOf(call.Tx, call.Caller.Account)
	if err != nil || org == nil || org.Management == call.Caller.Account {
		return org, err
	}
	d, err := call.Tx.Delegate(org.ID, call.Caller.Account)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	if _, ok := identity.FindService(d.Services, analystService); !ok {
		return nil, nil
	}
	return org, nil
}

// opens reports whether the asker's rights reach an account: its own, and those
// of the organization that it oversees.
func (e *eyes) opens(id identity.AccountID) (bool, error) {
	if id == e.call.Caller.Account {
		return true, nil
	}
	if open, ok := e.accounts[id]; ok {
		return open, nil
	}
	org, err := overseen(e.call)
	if err != nil {
		return false, err
	}
	open := false
	if org != nil {
		of, err := organizationOf(e.call.Tx, id)
		if err != nil {
			return false, err
		}
		open = of != nil && of.ID == org.ID
	}
	e.accounts[id] = open
	return open, nil
}

// may reports whether the asker holds a right, by its own policies.
func (e *eyes) may(action, resource string, tags []identity.Tag) (bool, error) {
	key := action + " " + resource
	if may, ok := e.rights[key]; ok {
		return may, nil
	}
	may, err := e.service.may(e.call, authz.Need{Action: action, Resource: resource, Keys: authz.TagKeys(tags, "aws:ResourceTag/", "iam:ResourceTag/")})
	if err == nil {
		e.rights[key] = may
	}
	return may, err
}

// lists reports whether the asker may list what an account has of a kind.
func (e *eyes) lists(id identity.AccountID, action, kind string) (bool, error) {
	open, err := e.opens(id)
	if err != nil || !open {
		return false, err
	}
	return e.may(action, "arn:"+identity.Partition+":iam::"+string(id)+":"+kind+"/", nil)
}

// seesRole reports whether the asker may read a role's trust policy.
func (e *eyes) seesRole(r *identity.Role) (bool, error) {
	open, err := e.opens(r.Account)
	if err != nil || !open {
		return false, err
	}
	return e.may("iam:GetRole", r.ARN().String(), r.Tags)
}

// seesOwn reports whether the asker may read the policies of a user or role,
// every one of them.
func (e *eyes) seesOwn(c *authn.Caller, l *policy.Layers) (bool, error) {
	open, err := e.opens(c.Account)
	if err != nil || !open {
		return false, err
	}
	may, known := e.principals[c.PrincipalID]
	if !known {
		n, err := readsPrincipal(e.call.Tx, c)
		if err != nil {
			return false, err
		}
		if may, err = e.service.may(e.call, n); err != nil {
			return false, err
		}
		e.principals[c.PrincipalID] = may
	}
	if !may {
		return false, nil
	}
	if l.Boundary != nil {
		if seen, err := e.reader.sees(policy.LayerBoundary, l.Boundary.Source()); err != nil || !seen {
			return false, err
		}
	}
	return e.seesAll(policy.LayerIdentity, l.Identity)
}

func (e *eyes) seesAll(layer policy.Layer, list []*policy.Policy) (bool, error) {
	for _, p := range list {
		if seen, err := e.reader.sees(layer, p.Source()); err != nil || !seen {
			return false, err
		}
	}
	return true, nil
}

// seesControl reports whether the asker may read all control policies of a type
// that bear on an account, and whether there can be none.
func (e *eyes) seesControl(id identity.AccountID, t identity.PolicyType, levels [][]*policy.Policy) (sees, none bool, err error) {
	key := string(t) + " " + string(id)
	known, ok := e.control[key]
	if !ok {
		sees, none, err = e.service.seesControl(e.call, id, t)
		if err != nil {
			return false, false, err
		}
		if sees {
			layer := policy.LayerSCP
			if t == identity.RCP {
				layer = policy.LayerRCP
			}
			for _, level := range levels {
				if sees, err = e.seesAll(layer, level); err != nil {
					return false, false, err
				} else if !sees {
					break
				}
			}
		}
		known = [2]bool{sees, none}
		e.control[key] = known
	}
	return known[0], known[1], nil
}

// A judgment is an edge with what the asker may not see of it.
type judgment struct {
	analysis.Verdict

	unknown []string
	// halves says that the caller's own policies and the trust policy agree, as
	// far as they are seen, whatever else refuses.
	halves bool
	// grantedBy are the user and its groups whose policies allow it.
	grantedBy []string
}

// idle reports whether it is seen that no policy of a user or role is about
// assuming roles, as of most there is none: nothing then has to be decided.
func (e *eyes) idle(c *authn.Caller, tags []identity.Tag, p *identity.Permissions, groups []string) (bool, error) {
	n := authz.Need{Action: "iam:GetUserPolicy", Resource: c.PrincipalARN, Keys: authz.TagKeys(tags, "aws:ResourceTag/", "iam:ResourceTag/")}
	if c.Kind == authn.RoleSession {
		n.Action = "iam:GetRolePolicy"
	}
	may, err := e.service.may(e.call, n)
	if err != nil {
		return false, err
	}
	e.principals[c.PrincipalID] = may
	if !may || len(p.Attached)+len(groups) > 0 {
		return false, nil
	}
	for _, inline := range p.Inline {
		doc, err := policy.Parse(inline.Text)
		if err != nil || analysis.About(doc, "sts:AssumeRole") {
			return false, nil //nolint:nilerr // what cannot be read denies, which is the engine's to say
		}
	}
	return true, nil
}

// layers finds out which of the layers of a question the asker may see. A
// caller of whom there is no record has none of its own.
func (e *eyes) layers(q *analysis.Question, seesTrust bool) (out sight, err error) {
	l, err := e.analyzer.Layers(e.call.Tx, q)
	if err != nil {
		return out, err
	}
	out.resource, out.own, out.noSCP = seesTrust, q.Caller != nil, true
	if c := q.Caller; c != nil && c.Signs() {
		if out.own, err = e.seesOwn(c, l); err != nil {
			return out, err
		}
		if out.scp, out.noSCP, err = e.seesControl(c.Account, identity.SCP, l.SCP); err != nil {
			return out, err
		}
	}
	out.rcp, out.noRCP, err = e.seesControl(q.Need.Account, identity.RCP, l.RCP)
	return out, err
}

// judge decides whether the caller of q may assume the role, from what the asker
// may see.
func (e *eyes) judge(q *analysis.Question, seesTrust bool) (judgment, error) {
	var out judgment
	sees, err := e.layers(q, seesTrust)
	if err != nil {
		return out, err
	}
	own, trust := e.analyzer.Unknown()
	q.Redact = func(l *policy.Layers) {
		if !sees.own {
			l.Identity, l.Boundary, l.HasBoundary = []*policy.Policy{own}, nil, false
		}
		if !sees.scp {
			l.SCP = nil
		}
		if !sees.rcp {
			l.RCP = nil
		}
		if !sees.resource {
			l.Resource = []*policy.Policy{trust}
		}
	}
	if out.Verdict, err = e.analyzer.Ask(e.call.Tx, q); err != nil {
		return out, err
	}
	agreed, err := e.halves(q, &out)
	if err != nil {
		return out, err
	}
	if sees.own {
		if out.grantedBy, err = e.grantedBy(q, agreed); err != nil {
			return out, err
		}
	}
	out.settle(sees)
	return out, nil
}

// settle says what is not known. What is seen to refuse is blocked whatever the
// rest says.
func (j *judgment) settle(sees sight) {
	for _, each := range []struct {
		name string
		is   bool
	}{
		{"principal", !sees.own}, {"trust", !sees.resource}, {"organization", !sees.scp && !sees.noSCP || !sees.rcp && !sees.noRCP}, {"conditions", j.Rough},
	} {
		if each.is {
			j.unknown = append(j.unknown, each.name)
		}
	}
	switch {
	case j.Status == analysis.Allowed && len(j.unknown) > 0, j.Status == analysis.Blocked && j.Rough:
		j.Status = analysis.Unknown
	case j.Status == analysis.Blocked:
		j.unknown = nil
	}
}

// halves finds out whether something else than the two halves refuses. It
// returns what they allow by, nil when they do not.
func (e *eyes) halves(q *analysis.Question, out *judgment) (*authz.Evidence, error) {
	if out.halves = out.Status != analysis.Blocked; out.halves {
		return out.Evidence, nil
	}
	redact := q.Redact
	bare := *q
	bare.Redact = func(l *policy.Layers) {
		redact(l)
		l.SCP, l.RCP, l.Boundary, l.HasBoundary = nil, nil, nil, false
	}
	v, err := e.analyzer.Ask(e.call.Tx, &bare)
	out.halves = v.Status != analysis.Blocked || v.Rough || v.Outcome == policy.ExplicitDeny
	return v.Evidence, err
}

// edge is what a judgment shows.
func (e *eyes) edge(s analysis.Subject, q *analysis.Question, j *judgment) api.TrustEdge {
	out := api.TrustEdge{
		Principal: s.Name, PrincipalType: string(s.Kind), RoleArn: q.Need.Resource, Action: q.Need.Action, Status: string(j.Status),
		GrantedBy: j.grantedBy, Conditions: []api.EdgeCondition{}, Unknown: append([]string{}, j.unknown...),
	}
	if s.Kind == analysis.Account {
		out.Principal = "arn:" + identity.Partition + ":iam::" + s.Name + ":root"
	}
	if j.Status == analysis.Blocked {
		out.BlockedBy, out.Decision = layerName(j.Layer), j.Outcome.String()
	}
	for _, c := range j.Conditions {
		out.Conditions = append(out.Conditions, api.EdgeCondition{Key: c.Key, Value: c.Value})
	}
	other := e.call.Caller.Account
	switch {
	case slices.Contains(j.unknown, "trust"):
		other = q.Need.Account
	case slices.Contains(j.unknown, "principal") && s.Account != "":
		other = s.Account
	}
	if other != e.call.Caller.Account {
		out.AskAccount = string(other)
	}
	return out
}

// question is whether a caller may assume a role.
func (e *eyes) question(c *authn.Caller, action, roleARN string, account identity.AccountID, r *identity.Role) *analysis.Question {
	facts := e.call.Request.Facts
	return &analysis.Question{
		Caller: c, Need: analysis.AssumeNeed(action, roleARN, account, r), MFA: !e.withoutMFA && (c == nil || c.Kind == authn.User),
		Facts: authz.Request{Now: e.call.Now, Secure: facts.Secure, TLS: facts.TLS, Region: facts.Region},
	}
}

// parseRole checks that a text is the ARN of a role.
func parseRole(text string) (identity.AccountID, error) {
	a, err := arn.Parse(text)
	kind, rest := a.Kind()
	if err != nil || a.Partition != identity.Partition || a.Service != "iam" || len(a.Account) != 12 || kind != "role" || rest == "" || strings.ContainsAny(text, "*?") {
		return "", api.InvalidParameterException("RoleArn is not the ARN of a role.")
	}
	return identity.AccountID(a.Account), nil
}
