package policy

// Statement returns the deciding statement, nil when there is none.
func (d Decision) Statement() *Statement {
	if d.Policy == nil || d.Policy.document == nil || d.Index < 0 || d.Index >= len(d.Policy.document.Statements) {
		return nil
	}
	return &d.Policy.document.Statements[d.Index]
}

// Reason returns what AWS appends to a refusal of action to name the set of
// policies that refused (EV-70), its leading blank included; "" when the
// request was allowed. Whether the caller may see it is EV-72's question, not
// answered here.
func (d Decision) Reason(action string) string {
	switch d.Outcome {
	case Allow:
		return ""
	case ExplicitDeny:
		return explicitReason(d.Layer)
	case ImplicitDeny:
	}
	if what := implicitReason(d.Layer); what != "" {
		return " because no " + what + " allows the " + action + " action"
	}
	return ""
}

func explicitReason(l Layer) string {
	const with = " with an explicit deny in "
	switch l {
	case LayerRCP:
		return with + "a resource control policy"
	case LayerSCP:
		return with + "a service control policy"
	case LayerResource:
		return with + "a resource-based policy"
	case LayerTrust:
		return with + "the role trust policy"
	case LayerIdentity:
		return with + "an identity-based policy"
	case LayerBoundary:
		return with + "a permissions boundary"
	case LayerSession:
		return with + "a sessions policy" // as AWS spells it
	case LayerNone:
	}
	return ""
}

func implicitReason(l Layer) string {
	switch l {
	case LayerSCP, LayerResource, LayerTrust, LayerIdentity, LayerBoundary, LayerSession:
		return l.String()
	case LayerNone, LayerRCP:
	}
	return ""
}
