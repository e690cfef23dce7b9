package compare

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/internal/wildcard"
)

// Who makes the requests that are tried, and in which account.
const (
	account = "111122223333"
	caller  = "arn:aws:iam::" + account + ":user/witness"
	id      = "AIDAWITNESSWITNESS00"
)

// Bounds of the search for a witness.
const (
	maxActions  = 40
	maxRequests = 2000
)

// witness returns a request in the box that the new document allows and the old
// one does not, nil when none was found. Package policy decides about each.
func (c *comparison) witness(b box) *policy.Request {
	principal, bindings := callerOf(b)
	newer, older := c.newer.compile(bindings), c.older.compile(bindings)
	tried := 0
	for _, action := range c.actionsOf(b.actions) {
		for _, resource := range c.resourcesOf(b.resources, action) {
			for _, context := range c.contexts(b) {
				if tried++; tried > maxRequests {
					return nil
				}
				r := &policy.Request{
					Principal: principal, Action: action, Resource: resource, ResourceAccount: account,
					Wildcard: !catalog.ActionHasResources(action), Context: context,
				}
				if c.newer.allows(newer, r) && !c.older.allows(older, r) {
					return r
				}
			}
		}
	}
	return nil
}

func (d *side) compile(bindings map[string]string) *policy.Policy {
	return policy.Compile(d.doc, policy.Source{Type: d.kind}, bindings)
}

// allows reports whether the document alone allows the request.
func (d *side) allows(p *policy.Policy, r *policy.Request) bool {
	if d.kind == policy.Identity {
		l := policy.Layers{Identity: []*policy.Policy{p}}
		return l.Decide(r).Outcome == policy.Allow
	}
	l := policy.Layers{Resource: []*policy.Policy{p}}
	for _, trace := range l.Explain(r).Layers {
		if trace.Layer == policy.LayerResource {
			return trace.Outcome == policy.Allow
		}
	}
	return false
}

// callerOf returns somebody whom the box is for, and the unique ids that the
// users and roles of principal elements have.
func callerOf(b box) (*policy.Principal, map[string]string) {
	user := &policy.Principal{Kind: policy.User, Account: account, ARN: caller, ID: id}
	if b.principal == nil {
		return user, nil
	}
	text := b.principal.Value.Text
	switch b.principal.Type {
	case policy.PrincipalService:
		return &policy.Principal{Kind: policy.Service, Services: []string{text}}, nil
	case policy.PrincipalFederated:
		return &policy.Principal{Kind: policy.Federated, Provider: text}, nil
	case policy.PrincipalCanonical:
		user.Canonical = text
		return user, nil
	}
	a, err := arn.Parse(text)
	if err != nil {
		if arn.ValidAccount(text) {
			user.Account, user.ARN = text, "arn:aws:iam::"+text+":user/witness"
		}
		return user, nil
	}
	user.Account, user.ARN = a.Account, text
	if a.Resource == "root" {
		user.ARN = "arn:aws:iam::" + a.Account + ":user/witness"
		return user, nil
	}
	return user, map[string]string{text: id}
}

// actionsOf returns some actions of a set: those that there are, or else one that
// the pattern makes.
func (c *comparison) actionsOf(s set) []string {
	out := c.denials(func(s *policy.Statement) []policy.Value { return s.Actions })
	if s.not {
		return append(out, "witness:Action", "s3:GetObject", "ec2:RunInstances", "iam:CreateUser")
	}
	text := s.texts[0]
	if !strings.ContainsAny(text, "*?") {
		return []string{text}
	}
	p := action(text)
	prefix, _, _ := strings.Cut(arn.Fold(text), ":")
	if service, ok := catalog.ServiceByPrefix(prefix); ok {
		for i := range service.Actions {
			if name := service.Prefix + ":" + service.Actions[i].Name; len(out) < maxActions && p.Matches(arn.Fold(name)) {
				out = append(out, name)
			}
		}
	}
	if text == "*" {
		out = append(out, "s3:GetObject", "ec2:RunInstances", "iam:CreateUser", "s3:ListAllMyBuckets")
	}
	return append(out, fill(text, "Q"))
}

// denials returns texts that the Denies of the old document match: what they took
// away may be new.
func (c *comparison) denials(of func(*policy.Statement) []policy.Value) []string {
	var out []string
	for i := range c.older.doc.Statements {
		if s := &c.older.doc.Statements[i]; s.Effect == policy.EffectDeny {
			for _, v := range of(s) {
				if v.Text != "*" {
					out = append(out, fill(v.Text, "q"))
				}
			}
		}
	}
	return out
}

// fill puts a text in the place of the wildcards and variables of another.
func fill(text, filling string) string {
	var b strings.Builder
	for _, r := range wildcard.Of(text, true) {
		switch r {
		case wildcard.AnyRun:
			b.WriteString(filling)
		case wildcard.AnyOne:
			b.WriteByte('q')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// resourcesOf returns some resources of a set, of the kinds that an action takes.
func (c *comparison) resourcesOf(s set, action string) []string {
	if !catalog.ActionHasResources(action) {
		return []string{"*"}
	}
	out := c.denials(func(s *policy.Statement) []policy.Value { return s.Resources })
	if !s.not && s.texts[0] != "*" {
		for _, filling := range []string{"q", "", "q/q", "zz9", account} {
			out = append(out, fill(s.texts[0], filling))
		}
		return out
	}
	if service, a, ok := catalog.LookupAction(action); ok {
		for _, r := range a.Resources {
			if t, ok := service.Resource(r.Type); ok {
				named := strings.NewReplacer("${Partition}", "aws", "${Account}", account, "${Region}", "us-east-1").Replace(t.Pattern)
				out = append(out, fill(named, "q"))
			}
		}
	}
	return append(out, "arn:aws:witness:us-east-1:"+account+":q")
}

// contexts returns some contexts in which the box's conditions may hold, and the
// Denies of the old document too.
func (c *comparison) contexts(b box) []*policy.Context {
	base := func() *policy.Context {
		context := &policy.Context{}
		meet(context, b.statement.Conditions)
		return context
	}
	out := []*policy.Context{base()}
	for i := range c.older.doc.Statements {
		s := &c.older.doc.Statements[i]
		if len(s.Conditions) == 0 {
			continue
		}
		context := base()
		if s.Effect == policy.EffectDeny {
			meet(context, s.Conditions)
		} else { // the keys are there, with other values
			for _, cond := range s.Conditions {
				if _, _, ok := context.Lookup(cond.Key); !ok {
					context.Set(cond.Key, "witness")
				}
			}
		}
		out = append(out, context)
	}
	return out
}

// meet sets the keys so that the conditions hold, where that is easy.
func meet(context *policy.Context, conditions []policy.Condition) {
	for _, cond := range conditions {
		if len(cond.Values) == 0 {
			continue
		}
		o := parseOperator(cond.Operator)
		value, ok := holding(o, cond.Values[0].Text)
		if !ok {
			continue
		}
		if o.quantifier != "" || catalog.KeyIsMultivalued(cond.Key) {
			context.SetMulti(cond.Key, []string{value})
		} else {
			context.Set(cond.Key, value)
		}
	}
}

// holding returns a value of which an operator holds, and reports whether one
// has to be there at all.
func holding(o operator, value string) (string, bool) {
	switch {
	case o.name == "null":
		return "witness", arn.Fold(value) == "false"
	case o.name == "bool":
		return arn.Fold(value), true
	case strings.HasSuffix(o.name, "ipaddress"):
		return address(value, o.negated()), true
	case strings.HasPrefix(o.name, "numeric"):
		return number(o, value), true
	case strings.HasPrefix(o.name, "date"):
		return date(o, value), true
	case o.negated():
		return "witness", true
	}
	return fill(value, "q"), true
}

// address returns an address in a range, or one that is in none of the usual.
func address(text string, not bool) string {
	if not {
		return "203.0.113.77"
	}
	if p, err := netip.ParsePrefix(text); err == nil {
		return p.Addr().String()
	}
	return text
}

func number(o operator, text string) string {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return text
	}
	return strconv.FormatInt(n+step(o), 10)
}

func date(o operator, text string) string {
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Add(time.Duration(step(o)) * time.Hour).Format(time.RFC3339)
		}
	}
	return text
}

// step leads from a value to one that the operator holds of.
func step(o operator) int64 {
	switch {
	case strings.Contains(o.name, "less"):
		return -1
	case strings.Contains(o.name, "greater"), o.negated():
		return 1
	}
	return 0
}
