package main

import (
	"math/rand/v2"
	"slices"
	"strings"
)

// A generator makes cases; the same seed and number always make the same one.
type generator struct{ *rand.Rand }

func generate(seed, number uint64) *Case {
	g := generator{rand.New(rand.NewPCG(seed, number))} //nolint:gosec // cases are no secret
	return g.newCase()
}

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g generator, list []T) T { return list[g.IntN(len(list))] }

func (g generator) newCase() *Case {
	op := pick(g, operations())
	c := &Case{Action: op.action, Resource: "*", Principal: pick(g, callers()), ResourceAccount: accountA, Trust: op.trust}
	if len(op.resources) > 0 {
		c.Resource = pick(g, op.resources)
	} else {
		c.Wildcard, c.ResourceAccount = true, c.Principal.Account
		if c.Principal.Account == "" { // such a request needs an account
			c.Principal, c.ResourceAccount = callers()[0], accountA
		}
	}
	g.context(c)
	hasAccount := c.Principal.Account != ""
	governed := hasAccount && c.Principal.Kind != "root"
	if governed {
		for range g.IntN(3) {
			c.Identity = append(c.Identity, g.document(c, policyShape{}))
		}
		if g.chance(20) && c.Principal.Kind != "federated-user" {
			c.Boundary = new(g.document(c, policyShape{}))
		}
	}
	if (c.Principal.Kind == "session" || c.Principal.Kind == "federated-user") && g.chance(30) {
		c.Session = new(g.document(c, policyShape{}))
	}
	if op.policy && g.chance(70) || op.trust {
		c.Policy = new(g.document(c, policyShape{principal: true, trust: op.trust}))
	}
	if hasAccount && c.Principal.Kind != "root" && g.chance(20) {
		for range 1 + g.IntN(3) {
			c.SCP = append(c.SCP, g.level(c))
		}
	}
	if op.rcp && g.chance(15) {
		for range 1 + g.IntN(2) {
			c.RCP = append(c.RCP, []Document{g.document(c, policyShape{principal: true, rcp: true})})
		}
	}
	return c
}

// level is a level of service control policies: mostly everything is allowed,
// so that the rest of the case matters.
func (g generator) level(c *Case) []Document {
	full := everything()
	switch g.IntN(4) {
	case 0:
		return []Document{full}
	case 1:
		return []Document{g.document(c, policyShape{})}
	default:
		return []Document{full, g.document(c, policyShape{})}
	}
}

// everything is a policy that allows everything.
func everything() Document {
	return Document{Version: "2012-10-17", Statements: []Statement{{Effect: "Allow", Actions: []string{"*"}, Resources: []string{"*"}, Bare: true}}}
}

func (g generator) context(c *Case) {
	for _, k := range keys() {
		if !g.chance(55) {
			continue
		}
		key := Key{Name: k.name, Values: []string{pick(g, k.values)}, Multi: k.multi}
		if k.multi {
			key.Values = []string{}
			for _, v := range k.values {
				if g.chance(45) {
					key.Values = append(key.Values, v)
				}
			}
		}
		c.Context = append(c.Context, key)
	}
}

// A policyShape says what a kind of document may hold.
type policyShape struct{ principal, trust, rcp bool }

func (g generator) document(c *Case, shape policyShape) Document {
	d := Document{Version: "2012-10-17"}
	if shape.principal && !shape.rcp && g.chance(8) {
		d.Version = pick(g, []string{"", "2008-10-17"})
	}
	for range 1 + g.IntN(3) {
		d.Statements = append(d.Statements, g.statement(c, shape))
	}
	return d
}

func (g generator) statement(c *Case, shape policyShape) Statement {
	s := Statement{Effect: "Allow", Bare: g.chance(50)}
	if shape.rcp || g.chance(22) {
		s.Effect = "Deny"
	}
	switch {
	case shape.rcp:
		s.Principal = map[string][]string{"*": {"*"}}
	case shape.principal:
		g.principal(&s, c, shape)
	}
	service, _, _ := strings.Cut(c.Action, ":")
	for range 1 + g.IntN(2) {
		action := pick(g, []string{c.Action, c.Action, strings.ToUpper(c.Action), service + ":*", pick(g, actions())})
		if shape.trust {
			action = pick(g, []string{"sts:AssumeRole", "sts:AssumeRole", "sts:*", "sts:Assume*", "sts:TagSession"})
		}
		if shape.rcp && action == "*" {
			action = service + ":*"
		}
		s.Actions = append(s.Actions, action)
	}
	s.NotAction = !shape.rcp && !shape.trust && g.chance(12)
	if !shape.trust {
		for range 1 + g.IntN(2) {
			s.Resources = append(s.Resources, g.resource(c))
		}
		s.NotResource = g.chance(12)
	}
	s.Actions, s.Resources = unique(s.Actions), unique(s.Resources)
	for range max(0, g.IntN(4)-1) {
		g.condition(&s)
	}
	return s
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

// principal gives s a principal element: often one that names the caller.
func (g generator) principal(s *Statement, c *Case, shape policyShape) {
	if !shape.trust && g.chance(15) {
		s.Principal = map[string][]string{"*": {"*"}}
		return
	}
	out := map[string][]string{}
	for range 1 + g.IntN(3) {
		kind := "AWS"
		if g.chance(12) {
			kind = "Service"
		}
		value := pick(g, principals()[kind])
		if own := c.Principal.entries(); len(own) > 0 && g.chance(60) {
			kind, value = "AWS", pick(g, own)
			if c.Principal.Kind == "service" {
				kind = "Service"
			}
		}
		out[kind] = unique(append(out[kind], value))
	}
	if s.Effect == "Deny" && !shape.trust && g.chance(20) {
		s.NotPrincipal = out
		return
	}
	s.Principal = out
}

// entries are the principal entries that name c.
func (c *Caller) entries() []string {
	switch c.Kind {
	case "anonymous":
		return []string{"*"}
	case "service":
		return []string{c.ARN}
	}
	root := "arn:aws:iam::" + c.Account + ":root"
	switch c.Kind {
	case "user":
		return []string{"*", root, c.Account, c.ARN, c.ARN}
	case "root":
		return []string{"*", root, c.Account}
	default:
		return []string{"*", root, c.Account, c.ARN, c.ARN, c.Issuer, c.Issuer}
	}
}

// resource is a pattern: often one made of the request's own resource.
func (g generator) resource(c *Case) string {
	if c.Resource == "*" || g.chance(40) {
		return pick(g, resources())
	}
	segments := strings.SplitN(c.Resource, ":", 6)
	last := segments[5]
	switch g.IntN(7) {
	case 0: // as it is
	case 1:
		return "*"
	case 2:
		segments[5] = last[:g.IntN(len(last)+1)] + "*"
	case 3:
		at := g.IntN(len(last))
		segments[5] = last[:at] + "?" + last[at+1:]
	case 4:
		segments[3+g.IntN(2)] = "*"
	case 5:
		at := g.IntN(len(last))
		segments[5] = last[:at] + "*" + last[min(len(last), at+g.IntN(4)):]
	case 6:
		segments[5] = "*" + last[g.IntN(len(last)):]
	}
	return strings.Join(segments, ":")
}

func (g generator) condition(s *Statement) {
	k := pick(g, keys())
	operator := pick(g, operators(k.kind))
	switch {
	case g.chance(10):
		operator = "Null"
	case k.multi && g.chance(85), g.chance(6):
		operator = pick(g, []string{"ForAnyValue:", "ForAllValues:"}) + operator
	}
	if operator != "Null" && g.chance(25) {
		operator += "IfExists"
	}
	condition := Condition{Operator: operator, Key: k.name}
	if g.chance(10) {
		condition.Key = strings.ToLower(k.name)
	}
	for _, other := range s.Conditions {
		if other.Operator == operator && strings.EqualFold(other.Key, condition.Key) {
			return
		}
	}
	for range 1 + g.IntN(3) {
		value := pick(g, append(slices.Clone(k.values), k.policy...))
		if operator == "Null" {
			value = pick(g, []string{"true", "false"})
		}
		condition.Values = append(condition.Values, value)
	}
	condition.Values = unique(condition.Values)
	if operator == "Null" {
		condition.Values = condition.Values[:1]
	}
	s.Conditions = append(s.Conditions, condition)
}
