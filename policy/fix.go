package policy

import (
	"cmp"
	"fmt"
	"strings"
)

// fix proposes, layer by layer, the least that has to be added or taken away
// for the request to be allowed.
func (x *explainer) fix() {
	for i := range x.out.Layers {
		t := &x.out.Layers[i]
		switch {
		case t.Outcome == ExplicitDeny:
			for _, s := range t.Matched {
				x.out.Fixes = append(x.out.Fixes, x.lift(t, s))
			}
		case t.Outcome == ImplicitDeny && t.Required && !x.forbidden() && (t.Layer != LayerIdentity || !x.trustWouldStand()):
			x.out.Fixes = append(x.out.Fixes, x.add(t))
		}
	}
	if x.forbidden() {
		x.out.Fixes = append(x.out.Fixes, Fix{Layer: LayerTrust, Level: -1, Text: "Roles may not be assumed by root: use a user or a role."})
	}
}

// trustWouldStand reports whether the statement proposed for a trust policy of
// the caller's own account makes identity policies superfluous (EV-41).
func (x *explainer) trustWouldStand() bool {
	return x.layers.Trust && x.grant == NoGrant && x.evaluation.caller.Account == x.evaluation.request.ResourceAccount
}

// forbidden reports whether no policy can allow the request (EV-45).
func (x *explainer) forbidden() bool { return x.layers.Trust && x.evaluation.caller.Kind == Root }

// lift says which statement denies; adding never helps against it.
func (x *explainer) lift(t *LayerTrace, s StatementTrace) Fix {
	f := Fix{Layer: t.Layer, Level: t.Level, Source: s.Source}
	where := policyName(t, s.Source)
	switch {
	case s.Index < 0:
		f.Text = fmt.Sprintf("%s cannot be used and denies everything: save a document that is valid.", where)
	case s.Effect == EffectAllow:
		f.Text = fmt.Sprintf("%s is public, and public access is restricted to the account of the bucket: make it name the callers.", where)
	default:
		f.Text = fmt.Sprintf("%s of %s denies %s: change it so that it does not match, or the request.",
			capital(statementName(s)), where, x.evaluation.request.Action)
	}
	f.Text = capital(f.Text)
	return f
}

// add says what would allow. Where a statement fails in its conditions alone,
// the request can be changed as well as the policy.
func (x *explainer) add(t *LayerTrace) Fix {
	e := x.evaluation
	f := Fix{Layer: t.Layer, Level: t.Level, Statement: x.statementFor(t)}
	switch t.Layer {
	case LayerTrust, LayerResource:
		f.Text = fmt.Sprintf("The %s of %s names neither %s for %s.", t.Layer, e.resource(), strings.Join(e.caller.names(), " nor "), e.request.Action)
	case LayerIdentity:
		f.Text = fmt.Sprintf("No identity-based policy of %s allows %s on %s.", cmp.Or(e.caller.Issuer, e.caller.ARN), e.request.Action, e.resource())
	default:
		f.Text = fmt.Sprintf("The %s does not allow %s on %s.", layerName(t), e.request.Action, e.resource())
	}
	if len(t.Closest) == 0 {
		return f
	}
	near := t.Closest[0]
	f.Source = near.Source
	if m := near.Mismatch; m.Element == ElementCondition {
		f.Text = fmt.Sprintf("%s of %s would allow %s on %s if %s.", capital(statementName(near)), policyName(t, near.Source), e.request.Action, e.resource(),
			m.wish())
	}
	return f
}

// wish says what a condition asks for and what there is instead.
func (m *Mismatch) wish() string {
	has := "is absent"
	if !m.Absent {
		has = "is " + listed(m.Request)
	}
	return fmt.Sprintf("%s met %s of %s; it %s", m.Key, m.Operator, listed(m.Policy), has)
}

func listed(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = quote(v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

func statementName(s StatementTrace) string {
	if s.Sid != "" {
		return fmt.Sprintf("statement %q (line %d)", s.Sid, s.Span.Start.Line)
	}
	return fmt.Sprintf("statement %d (line %d)", s.Index+1, s.Span.Start.Line)
}

func policyName(t *LayerTrace, s Source) string {
	name := cmp.Or(s.Name, s.ARN)
	if name == "" {
		return "the " + layerName(t)
	}
	return fmt.Sprintf("the %s %q", layerName(t), name)
}

func layerName(t *LayerTrace) string {
	if t.Level >= 0 {
		return fmt.Sprintf("%s of level %d", t.Layer, t.Level)
	}
	return t.Layer.String()
}

func capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// statementFor writes the smallest statement that allows the request in a layer.
func (x *explainer) statementFor(t *LayerTrace) string {
	e := x.evaluation
	var b strings.Builder
	b.WriteString(`{"Effect": "Allow"`)
	if t.Layer == LayerTrust || t.Layer == LayerResource {
		b.WriteString(`, "Principal": ` + e.caller.element())
	}
	b.WriteString(`, "Action": ` + quote(e.request.Action))
	if t.Layer != LayerTrust {
		b.WriteString(`, "Resource": ` + quote(escapeWildcards(e.resource(), e.request.Wildcard)))
	}
	b.WriteByte('}')
	return b.String()
}

// escapeWildcards makes a resource's name mean itself, in a 2012-10-17 document.
func escapeWildcards(resource string, wildcard bool) string {
	if wildcard || resource == "*" {
		return resource
	}
	last := lastSegment(resource)
	head := strings.TrimSuffix(resource, last)
	return head + strings.NewReplacer("*", "${*}", "?", "${?}", "${", "${$}{").Replace(last)
}

// element writes the principal element that names p and nobody else.
func (p *Principal) element() string {
	switch p.Kind {
	case Service:
		if len(p.Services) > 0 {
			return `{"Service": ` + quote(p.Services[0]) + `}`
		}
	case Federated:
		return `{"Federated": ` + quote(p.Provider) + `}`
	case User, Root:
		return `{"AWS": ` + quote(p.ARN) + `}`
	case RoleSession:
		return `{"AWS": ` + quote(cmp.Or(p.Issuer, p.ARN)) + `}`
	case FederatedUser:
		return `{"AWS": ` + quote(p.ARN) + `}`
	case Anonymous:
	}
	return `"*"`
}
