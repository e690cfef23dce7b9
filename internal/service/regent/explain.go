package regent

import (
	"context"
	"fmt"
	"strings"

	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/denials"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/policy"
)

// Names of layers on the wire that are not the engine's: what is hidden is told
// by whose it is, and no more.
const (
	hiddenOrganization = "organization"
	hiddenResource     = "resource"
	hiddenPrincipal    = "principal"
)

// layerNames are the layers on the wire.
func layerName(l policy.Layer) string {
	switch l {
	case policy.LayerRCP:
		return "rcp"
	case policy.LayerSCP:
		return "scp"
	case policy.LayerResource:
		return "resource"
	case policy.LayerTrust:
		return "trust"
	case policy.LayerIdentity:
		return "identity"
	case policy.LayerBoundary:
		return "boundary"
	case policy.LayerSession:
		return "session"
	case policy.LayerNone:
	}
	return hiddenPrincipal
}

// explainDecision explains the decision that a call is about.
func (s *Service) explainDecision(_ context.Context, call dispatch.Call, in *api.ExplainDecisionInput) (*api.ExplainDecisionOutput, error) {
	q, err := s.ask(&call, in)
	if err != nil {
		return nil, err
	}
	x := &explanation{
		question: q, full: redact(q).Explain(q.evidence.Request),
		reader: reader{service: s, call: &call, own: q.own, known: map[string]bool{}},
		out: &api.ExplainDecisionOutput{
			Basis: basisNow, Principal: q.caller.ARN, Action: q.need.Action, Resource: q.need.Resource,
			Layers: []api.LayerExplanation{}, Fixes: []api.Fix{},
		},
	}
	if q.then {
		x.out.Basis = basisThen
	}
	if q.need.Account == call.Caller.Account {
		x.out.ResourceAccount = string(q.need.Account)
	}
	if err := x.layers(); err != nil {
		return nil, err
	}
	if err := x.fixes(); err != nil {
		return nil, err
	}
	x.decide()
	if d := q.denial; d != nil {
		x.out.RequestId, x.out.EventTime, x.out.Operation, x.out.Message = d.RequestID, d.Time, d.Operation, d.Message
		if d.Account() == call.Caller.Account {
			x.out.EncodedMessage, x.out.EncodedMessageExpires, err = denials.SealMessage(call.Ring(), d, call.Now)
		}
	}
	return x.out, err
}

// redact returns the layers without those that the asker may not see. They are
// taken away before anything is made of them: no outcome, no text and no
// "required" of another layer can depend on them.
func redact(q *question) *policy.Layers {
	l := *q.evidence.Layers
	if !q.sight.own {
		l.Identity, l.Boundary, l.HasBoundary, l.Session, l.HasSession = nil, nil, false, nil, false
	}
	if !q.sight.scp {
		l.SCP = nil
	}
	if !q.sight.rcp {
		l.RCP = nil
	}
	if !q.sight.resource {
		l.Resource, l.RestrictPublic, l.Trust = nil, false, false
	}
	return &l
}

// An explanation is made from a question.
type explanation struct {
	question *question
	reader   reader
	full     policy.Explanation // of what the asker may see
	out      *api.ExplainDecisionOutput
	// refused is the first layer that is seen and refuses, by the order of EV-71.
	refused *policy.LayerTrace
}

// sees reports whether a layer of the explanation is one that the asker sees.
// One that was taken away leaves an empty trace behind.
func (x *explanation) sees(l policy.Layer) bool {
	s := x.question.sight
	switch l {
	case policy.LayerSCP:
		return s.scp
	case policy.LayerRCP:
		return s.rcp
	case policy.LayerResource, policy.LayerTrust:
		return s.resource
	case policy.LayerIdentity, policy.LayerBoundary, policy.LayerSession:
		return s.own
	case policy.LayerNone:
	}
	return false
}

// layers writes down the layers: those that are seen whole, and of the others
// that there may be some.
func (x *explanation) layers() error { //nolint:gocognit // a flat list of cases, each of a line or two
	s := x.question.sight
	if !s.scp && !s.noSCP || !s.rcp && !s.noRCP {
		x.hide(hiddenOrganization, "A policy of the organization: you may not read those.")
	}
	if !s.resource && !s.noResource {
		x.hide(hiddenResource, "A policy of the resource: you may not read it.")
	}
	for i := range x.full.Layers {
		t := &x.full.Layers[i]
		if !x.sees(t.Layer) {
			continue
		}
		if refuses(t) && (x.refused == nil || t.Outcome == policy.ExplicitDeny && x.refused.Outcome != policy.ExplicitDeny) {
			x.refused = t
		}
		layer := api.LayerExplanation{
			Layer: layerName(t.Layer), Visible: true, Text: t.Layer.String(), Outcome: t.Outcome.String(), Required: new(t.Required),
		}
		if t.Level >= 0 {
			layer.Level = new(int32(t.Level))
		}
		var err error
		if layer.Matched, err = x.statements(t.Layer, t.Matched); err != nil {
			return err
		}
		if layer.Closest, err = x.statements(t.Layer, t.Closest); err != nil {
			return err
		}
		x.out.Layers = append(x.out.Layers, layer)
	}
	if !s.own {
		text := "The policies of the principal: you may not read them."
		if x.question.gone {
			text = "The user or role is gone, and its policies with it."
		}
		x.hide(hiddenPrincipal, text)
	}
	return nil
}

func (x *explanation) hide(layer, text string) {
	x.out.Layers = append(x.out.Layers, api.LayerExplanation{Layer: layer, Text: text})
}

func refuses(t *policy.LayerTrace) bool {
	return t.Outcome == policy.ExplicitDeny || t.Outcome == policy.ImplicitDeny && t.Required
}

func (x *explanation) statements(layer policy.Layer, traces []policy.StatementTrace) ([]api.StatementExplanation, error) {
	var out []api.StatementExplanation
	for i := range traces {
		t := &traces[i]
		seen, err := x.reader.sees(layer, t.Source)
		if err != nil {
			return nil, err
		}
		if !seen {
			out = append(out, api.StatementExplanation{})
			continue
		}
		s := api.StatementExplanation{
			Visible: true, PolicyName: t.Source.Name, PolicyArn: t.Source.ARN, Sid: t.Sid, Index: new(int32(t.Index)), Effect: t.Effect.String(),
		}
		if t.Index >= 0 {
			s.Line, s.Column = new(int32(t.Span.Start.Line)), new(int32(t.Span.Start.Column))
		}
		if m := t.Mismatch; m != nil {
			s.Mismatch = &api.Mismatch{
				Element: m.Element.String(), Negated: new(m.Negated), Operator: m.Operator, Key: m.Key, PolicyValues: m.Policy, Absent: new(m.Absent),
			}
			for _, v := range m.Request {
				s.Mismatch.RequestValues = append(s.Mismatch.RequestValues, denials.Shown(m.Key, v))
			}
		}
		out = append(out, s)
	}
	return out, nil
}

// fixes writes down the least that would have to change: in the layers that are
// seen, what the engine proposes; if none of them refuses, whom to ask.
func (x *explanation) fixes() error {
	for _, f := range x.full.Fixes {
		if !x.sees(f.Layer) {
			continue
		}
		seen, err := x.reader.sees(f.Layer, f.Source)
		if err != nil {
			return err
		}
		if f.Source == (policy.Source{}) {
			seen = true
		}
		fix := api.Fix{Layer: layerName(f.Layer), Text: f.Text, Statement: f.Statement, Account: x.administrator(f.Layer)}
		if f.Level >= 0 {
			fix.Level = new(int32(f.Level))
		}
		if seen {
			fix.PolicyName, fix.PolicyArn = f.Source.Name, f.Source.ARN
		} else {
			fix.Text = "A policy that you may not read refuses this."
		}
		x.out.Fixes = append(x.out.Fixes, fix)
	}
	if x.refused == nil && !x.question.sight.whole() {
		x.refer()
	}
	return nil
}

// administrator is the account in which a layer's policies are changed, "" for
// an organization's, which is not everybody's to know.
func (x *explanation) administrator(l policy.Layer) string {
	switch l {
	case policy.LayerResource, policy.LayerTrust:
		return string(x.question.need.Account)
	case policy.LayerIdentity, policy.LayerBoundary, policy.LayerSession:
		return string(x.question.caller.Account)
	case policy.LayerNone, policy.LayerRCP, policy.LayerSCP:
	}
	return ""
}

// refer says whom to ask when nothing that is seen refuses. It depends on what
// the asker was told and may know anyway, and on nothing that is hidden.
func (x *explanation) refer() {
	q, s := x.question, x.question.sight
	organization := !s.scp && !s.noSCP || !s.rcp && !s.noRCP
	resource, principal := !s.resource && !s.noResource, !s.own
	if d := q.denial; d != nil && d.Told {
		control := d.Layer == policy.LayerSCP || d.Layer == policy.LayerRCP
		organization, resource = organization && control, resource && (d.Layer == policy.LayerResource || d.Layer == policy.LayerTrust)
		principal = principal && !organization && !resource
	}
	if resource {
		what := "The policy of " + q.need.Resource
		if q.need.Trust {
			what = "The trust policy of " + q.need.Resource
		}
		fix := api.Fix{
			Layer: hiddenResource, Statement: x.statement(),
			Text: what + " has to allow it, and nothing there may forbid it: it may have to name the caller, or ask for MFA, an external id or the like. An administrator of its account sees what it says.",
		}
		if strings.Contains(q.need.Resource, ":"+string(q.need.Account)+":") || q.need.Account == x.reader.call.Caller.Account {
			fix.Account = string(q.need.Account)
		}
		x.out.Fixes = append(x.out.Fixes, fix)
	}
	if principal {
		x.out.Fixes = append(x.out.Fixes, api.Fix{
			Layer: hiddenPrincipal, Account: string(q.caller.Account),
			Text: "The policies of " + q.caller.ARN + " have to allow it. An administrator of its account sees what they say.",
		})
	}
	if organization {
		x.out.Fixes = append(x.out.Fixes, api.Fix{
			Layer: hiddenOrganization,
			Text:  "The policies of the organization have to allow it. An administrator of the management account sees what they say.",
		})
	}
}

// statement is what the policy of a resource that is not seen would have to
// say. It is made from the request alone.
func (x *explanation) statement() string {
	l := policy.Layers{Trust: x.question.need.Trust}
	r := *x.question.evidence.Request
	r.ResourceAccount = "" // nobody's: its policy has to allow, whoever asks
	for _, f := range l.Explain(&r).Fixes {
		if f.Layer == policy.LayerTrust || f.Layer == policy.LayerResource {
			return f.Statement
		}
	}
	return ""
}

// decide says how it came out, as far as the asker may know.
func (x *explanation) decide() {
	q, d := x.question, x.question.denial
	switch {
	case x.refused != nil:
		x.out.Decision, x.out.Reason = x.refused.Outcome.String(), x.because(x.refused.Layer, x.refused.Outcome)
	case q.sight.whole():
		x.out.Decision = x.full.Decision.Outcome.String()
		if x.full.Decision.Outcome != policy.Allow {
			x.out.Reason = x.because(x.full.Decision.Layer, x.full.Decision.Outcome)
			break
		}
		x.out.Reason = "It is allowed."
		if d != nil {
			x.out.Reason = "It would be allowed now."
		}
	case d != nil && d.Told:
		x.out.Decision, x.out.Reason = d.Outcome.String(), x.because(d.Layer, d.Outcome)
	default:
		x.out.Decision, x.out.Reason = "unknown", x.hidden()
	}
	if d != nil && d.Partial {
		x.out.Reason += " Not all facts of the request were kept."
	}
}

// hidden is the reason where nothing that is seen refuses.
func (x *explanation) hidden() string {
	verb := "refused it"
	if x.question.denial == nil || !x.question.then {
		verb = "decides it"
	}
	if x.question.own {
		return "Your side allows it: a policy that you may not read " + verb + "."
	}
	return "What you may read allows it: a policy that you may not read " + verb + "."
}

// because says in a sentence what a layer did.
func (x *explanation) because(l policy.Layer, o policy.Outcome) string {
	if o == policy.ExplicitDeny {
		return fmt.Sprintf("%s denies %s.", article(l.String()), x.question.need.Action)
	}
	switch l {
	case policy.LayerIdentity:
		return fmt.Sprintf("No identity-based policy of %s allows %s on %s.", principalName(x.question.evidence.Request.Principal), x.question.need.Action, x.question.need.Resource)
	case policy.LayerNone:
		return "Nothing allows it."
	default:
		return fmt.Sprintf("No %s allows %s on %s.", l, x.question.need.Action, x.question.need.Resource)
	}
}

func article(name string) string {
	if strings.ContainsRune("aeiou", rune(name[0])) {
		return "An " + name
	}
	return "A " + name
}
