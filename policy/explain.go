package policy

import "slices"

// closest is how many near misses a layer's trace holds.
const closest = 3

// Explain gives the full account of the decision that [Layers.Decide] makes
// about r. It takes its time and its memory, and costs nothing when nobody
// asks: the decision itself does not prepare it.
func (l *Layers) Explain(r *Request) Explanation {
	var e evaluation
	l.begin(&e, r)
	x := explainer{layers: l, evaluation: &e}
	x.out.Decision = l.Decide(r)
	x.levels(LayerRCP, l.RCP, false)
	own := e.caller.hasAccount()
	if own {
		x.levels(LayerSCP, l.SCP, true)
	}
	same := own && e.caller.Account == r.ResourceAccount
	layer := l.resourceLayer()
	if l.Trust || len(l.Resource) > 0 || !same {
		x.layer(layer, -1, l.Resource, l.Trust || !same)
	}
	stands := x.resourceStands(same)
	if e.caller.governed() {
		x.layer(LayerIdentity, -1, l.Identity, !stands)
		if l.hasBoundary() {
			x.layer(LayerBoundary, -1, listOf(l.Boundary), x.limits(stands))
		}
	}
	if own && (l.hasSession() || e.caller.Kind == FederatedUser) {
		x.layer(LayerSession, -1, l.Session, x.limits(stands))
	}
	if x.out.Decision.Outcome != Allow {
		x.fix()
	}
	return x.out
}

func listOf(p *Policy) []*Policy {
	if p == nil {
		return nil
	}
	return []*Policy{p}
}

type explainer struct {
	layers     *Layers
	evaluation *evaluation
	grant      Grant // of the resource's policies
	out        Explanation
}

// resourceStands reports whether the resource's grant makes identity policies
// superfluous; root needs none.
func (x *explainer) resourceStands(same bool) bool {
	return x.evaluation.caller.Kind == Root || same && x.grant >= RoleGrant
}

// limits reports whether boundary and session have to allow, which a direct
// grant in the same account makes superfluous but for trust policies (EV-30, EV-44).
func (x *explainer) limits(stands bool) bool {
	return x.layers.Trust || x.evaluation.caller.Kind == Root || !stands || x.grant < DirectGrant
}

func (x *explainer) levels(layer Layer, levels [][]*Policy, required bool) {
	for i, level := range levels {
		x.layer(layer, i, level, required)
	}
}

// layer traces one list of policies.
func (x *explainer) layer(layer Layer, level int, policies []*Policy, required bool) {
	t := LayerTrace{Layer: layer, Level: level, Required: required}
	var allowed, missed []StatementTrace
	for _, p := range policies {
		if p == nil || p.problem != nil {
			t.Matched = append(t.Matched, unusable(p))
			continue
		}
		t.Matched = append(t.Matched, x.deniers(p)...)
		hits, misses, grant := x.allowers(p)
		allowed, missed, t.Grant = append(allowed, hits...), append(missed, misses...), max(t.Grant, grant)
	}
	restricted := x.restricts(layer)
	switch {
	case len(t.Matched) > 0:
		t.Outcome = ExplicitDeny
	case len(allowed) > 0 && restricted:
		t.Outcome, t.Matched = ExplicitDeny, allowed
	case len(allowed) > 0:
		t.Outcome, t.Matched = Allow, allowed
	case layer == LayerRCP:
		t.Outcome = Allow // nothing has to allow here (EV-22)
	default:
		slices.SortStableFunc(missed, func(a, b StatementTrace) int { return b.score - a.score })
		t.Closest = missed[:min(closest, len(missed))]
	}
	if layer == LayerResource || layer == LayerTrust {
		x.grant = t.Grant
	} else {
		t.Grant = NoGrant
	}
	x.out.Layers = append(x.out.Layers, t)
}

func (x *explainer) restricts(layer Layer) bool {
	d := x.out.Decision
	return layer == x.layers.resourceLayer() && x.layers.RestrictPublic && d.Outcome == ExplicitDeny && d.Layer == layer &&
		d.Statement() != nil && d.Statement().Effect == EffectAllow
}

func unusable(p *Policy) StatementTrace {
	t := StatementTrace{Index: -1, Effect: EffectDeny}
	if p != nil {
		t.Source = p.source
	}
	return t
}

func (x *explainer) deniers(p *Policy) []StatementTrace {
	var out []StatementTrace
	for _, s := range p.statements {
		if s.effect == EffectDeny && s.matchAction(x.evaluation) && s.match(x.evaluation) != NoGrant {
			out = append(out, traceOf(p, s))
		}
	}
	return out
}

func (x *explainer) allowers(p *Policy) (hits, misses []StatementTrace, grant Grant) {
	for _, s := range p.statements {
		if s.effect != EffectAllow {
			continue
		}
		t := traceOf(p, s)
		if s.matchAction(x.evaluation) {
			if g := s.match(x.evaluation); g != NoGrant {
				grant = max(grant, g)
				hits = append(hits, t)
				continue
			}
		}
		t.Mismatch, t.score = s.mismatch(x.evaluation)
		misses = append(misses, t)
	}
	return hits, misses, grant
}

func traceOf(p *Policy, s *statement) StatementTrace {
	return StatementTrace{
		Source: p.source, Sid: s.source.Sid, Index: s.source.Index, Effect: s.effect, Span: s.source.Span,
	}
}

// mismatch returns the first element of s that does not match, and how far the
// statement got: the action counts most, then resource, principal and the
// share of conditions that hold.
func (s *statement) mismatch(e *evaluation) (*Mismatch, int) {
	r, c := s.source, e.caller
	action, resource, principal := s.matchAction(e), s.matchResource(e), s.matchPrincipal(e) != NoGrant
	score := 1000*btoi(action) + 200*btoi(resource) + 100*btoi(principal)
	var failed *condition
	var source *Condition
	for i := range s.conditions {
		if s.conditions[i].holds(e) {
			score++
		} else if failed == nil {
			failed, source = &s.conditions[i], &r.Conditions[i]
			score -= 50
		}
	}
	switch {
	case !action:
		return &Mismatch{Element: ElementAction, Negated: s.notAction, Policy: valueTexts(r.Actions), Request: []string{e.request.Action}}, score
	case !resource:
		return &Mismatch{
			Element: ElementResource, Negated: s.notResource, Policy: valueTexts(r.Resources), Request: []string{e.resource()},
		}, score
	case !principal:
		return &Mismatch{
			Element: ElementPrincipal, Negated: r.Principal != nil && r.Principal.Not, Policy: principalTexts(r.Principal), Request: c.names(),
		}, score
	}
	m := &Mismatch{Element: ElementCondition, Operator: source.Operator, Key: source.Key, Policy: valueTexts(source.Values)}
	values, _, ok := e.request.Context.Lookup(source.Key)
	m.Absent = !ok
	m.Request = slices.Clone(values)
	return m, score
}

func (e *evaluation) resource() string {
	if e.request.Wildcard {
		return "*"
	}
	return e.request.Resource
}

// names returns what principal elements may call p.
func (p *Principal) names() []string {
	names := slices.Clone(p.Services)
	for _, name := range []string{p.ARN, p.Issuer, p.Provider} {
		if name != "" {
			names = append(names, name)
		}
	}
	if p.Account != "" {
		names = append(names, p.Account)
	}
	if len(names) == 0 {
		names = append(names, p.Kind.String())
	}
	return names
}

func valueTexts(values []Value) []string {
	out := make([]string, len(values))
	for i := range values {
		out[i] = values[i].Text
	}
	return out
}

func principalTexts(p *PrincipalElement) []string {
	if p == nil {
		return nil
	}
	out := make([]string, len(p.Entries))
	for i, e := range p.Entries {
		out[i] = e.Type + ":" + e.Value.Text
	}
	if p.Bare {
		out[0] = "*"
	}
	return out
}
