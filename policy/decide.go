package policy

// Decide answers whether the policies of l allow the request (semantics 2.2,
// EV-1 to EV-56). It allocates nothing.
//
// What cannot be read off the request is the caller's to see to: that SCP and
// RCP are left nil where they do not apply (EV-10, EV-13, EV-20, EV-21), that
// linked roles are refused to all but their service (EV-47), and that a
// provider belongs to the role's account (EV-52). A request without a
// principal is anonymous.
func (l *Layers) Decide(r *Request) Decision {
	var e evaluation
	l.begin(&e, r)
	if d, denied := l.denied(&e); denied {
		return d
	}
	if d, denied := l.withheld(&e); denied {
		return d
	}
	return l.granted(&e)
}

func (l *Layers) begin(e *evaluation, r *Request) {
	e.request, e.caller = r, r.Principal
	if e.caller == nil {
		e.caller = new(Principal)
	}
	e.action.set(r.Action)
	e.bounded = l.hasBoundary() && e.caller.governed()
}

// governed reports whether identity policies and boundaries apply to p: not to
// root, and nobody else has any.
func (p *Principal) governed() bool { return p.hasAccount() && p.Kind != Root }

func (l *Layers) hasBoundary() bool { return l.HasBoundary || l.Boundary != nil }

func (l *Layers) hasSession() bool { return l.HasSession || len(l.Session) > 0 }

// resourceLayer is the name that the resource's policies go by.
func (l *Layers) resourceLayer() Layer {
	if l.Trust {
		return LayerTrust
	}
	return LayerResource
}

// denied looks for an explicit deny, in the order in which one is reported (EV-71).
func (l *Layers) denied(e *evaluation) (Decision, bool) {
	if d, denied := levelsDeny(e, l.RCP, LayerRCP); denied {
		return d, true
	}
	if e.caller.hasAccount() {
		if d, denied := levelsDeny(e, l.SCP, LayerSCP); denied {
			return d, true
		}
	}
	if d, denied := listDenies(e, l.Resource, l.resourceLayer()); denied {
		return d, true
	}
	if e.caller.governed() {
		if d, denied := listDenies(e, l.Identity, LayerIdentity); denied {
			return d, true
		}
		if l.Boundary != nil {
			if d, denied := l.Boundary.denies(e, LayerBoundary); denied {
				return d, true
			}
		}
	}
	if e.caller.hasAccount() {
		return listDenies(e, l.Session, LayerSession)
	}
	return Decision{}, false
}

func levelsDeny(e *evaluation, levels [][]*Policy, layer Layer) (Decision, bool) {
	for _, level := range levels {
		if d, denied := listDenies(e, level, layer); denied {
			return d, true
		}
	}
	return Decision{}, false
}

func listDenies(e *evaluation, policies []*Policy, layer Layer) (Decision, bool) {
	for _, p := range policies {
		if d, denied := p.denies(e, layer); denied {
			return d, true
		}
	}
	return Decision{}, false
}

func (p *Policy) denies(e *evaluation, layer Layer) (Decision, bool) {
	if p == nil || p.problem != nil {
		return Decision{Outcome: ExplicitDeny, Layer: layer, Policy: p, Index: -1}, true
	}
	if _, s := p.deny.strongest(e, AccountGrant); s != nil {
		return Decision{Outcome: ExplicitDeny, Layer: layer, Policy: p, Index: s.source.Index}, true
	}
	return Decision{}, false
}

// withheld refuses what no level of SCPs may miss (EV-11), and what a public
// bucket's policy may not grant (S3-65).
func (l *Layers) withheld(e *evaluation) (Decision, bool) {
	if l.RestrictPublic {
		if d, denied := l.restricted(e); denied {
			return d, true
		}
	}
	if !e.caller.hasAccount() {
		return Decision{}, false
	}
	for _, level := range l.SCP {
		if d := allows(e, level, LayerSCP, AccountGrant); d.grant == NoGrant {
			return d.decision(ImplicitDeny), true
		}
	}
	return Decision{}, false
}

// restricted denies what a restricted public bucket policy allows to others than
// its owner's account and services.
func (l *Layers) restricted(e *evaluation) (Decision, bool) {
	if e.caller.Kind == Service || e.caller.hasAccount() && e.caller.Account == e.request.ResourceAccount {
		return Decision{}, false
	}
	for _, p := range l.Resource {
		if p.source.Type != Bucket {
			continue
		}
		if _, s := p.allow.strongest(e, AccountGrant); s != nil {
			return Decision{Outcome: ExplicitDeny, Layer: l.resourceLayer(), Policy: p, Index: s.source.Index}, true
		}
	}
	return Decision{}, false
}

// An allowance is how a list of policies allows a request.
type allowance struct {
	grant  Grant
	layer  Layer
	policy *Policy
	index  int
}

func (a allowance) decision(o Outcome) Decision {
	return Decision{Outcome: o, Layer: a.layer, Policy: a.policy, Index: a.index}
}

// allows returns the strongest grant among policies; enough ends the search.
func allows(e *evaluation, policies []*Policy, layer Layer, enough Grant) allowance {
	best := allowance{layer: layer, index: -1}
	for _, p := range policies {
		if p == nil || p.problem != nil {
			continue
		}
		if g, s := p.allow.strongest(e, enough); g > best.grant {
			best.grant, best.policy, best.index = g, p, s.source.Index
			if g >= enough {
				break
			}
		}
	}
	return best
}

// granted looks for what allows the request, no explicit deny being there.
func (l *Layers) granted(e *evaluation) Decision {
	layer := l.resourceLayer()
	resource := allows(e, l.Resource, layer, DirectGrant)
	if !e.caller.hasAccount() { // EV-35, EV-36, EV-52
		if resource.grant == NoGrant {
			return refuse(layer)
		}
		return resource.decision(Allow)
	}
	if e.caller.Kind == Root {
		return l.grantedToRoot(e, resource)
	}
	if e.caller.Account != e.request.ResourceAccount {
		if resource.grant == NoGrant {
			return refuse(layer)
		}
		return l.grantedByOwn(e)
	}
	switch {
	case resource.grant == DirectGrant && !l.Trust:
		return resource.decision(Allow)
	case resource.grant == DirectGrant, resource.grant == RoleGrant:
		if d, ok := l.limited(e); !ok {
			return d
		}
		return resource.decision(Allow)
	case resource.grant == NoGrant && l.Trust: // EV-40
		return refuse(layer)
	}
	return l.grantedByOwn(e)
}

// grantedToRoot lets root do all in its own account but assume roles; a session
// of root is limited by its session policy.
func (l *Layers) grantedToRoot(e *evaluation, resource allowance) Decision {
	if l.Trust { // EV-45
		return refuse(LayerTrust)
	}
	if e.caller.Account != e.request.ResourceAccount && resource.grant == NoGrant {
		return refuse(LayerResource)
	}
	if d, ok := l.limited(e); !ok {
		return d
	}
	if resource.grant != NoGrant {
		return resource.decision(Allow)
	}
	return Decision{Outcome: Allow, Index: -1}
}

// grantedByOwn asks identity policies and what limits them.
func (l *Layers) grantedByOwn(e *evaluation) Decision {
	own := allows(e, l.Identity, LayerIdentity, AccountGrant)
	if own.grant == NoGrant {
		return refuse(LayerIdentity)
	}
	if d, ok := l.limited(e); !ok {
		return d
	}
	return own.decision(Allow)
}

// limited asks boundary and session policies; it is ok when both allow or are
// not there. A federated user without a session policy has none that allows (EV-3).
func (l *Layers) limited(e *evaluation) (Decision, bool) {
	if e.bounded {
		if l.Boundary == nil {
			return refuse(LayerBoundary), false
		}
		if _, s := l.Boundary.allow.strongest(e, AccountGrant); s == nil {
			return refuse(LayerBoundary), false
		}
	}
	if l.hasSession() || e.caller.Kind == FederatedUser {
		if allows(e, l.Session, LayerSession, AccountGrant).grant == NoGrant {
			return refuse(LayerSession), false
		}
	}
	return Decision{}, true
}

func refuse(layer Layer) Decision {
	return Decision{Outcome: ImplicitDeny, Layer: layer, Index: -1}
}
