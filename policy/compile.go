package policy

import (
	"errors"
	"fmt"
)

// A Source says where a policy comes from. The engine uses Type alone; the
// rest is for explanations.
type Source struct {
	Name string // policy name
	ARN  string // of the managed policy, or of the resource or identity that has it
	Type Kind
}

// ErrNoDocument is why a policy compiled from no document is unusable.
var ErrNoDocument = errors.New("policy: no document")

// A Policy is a compiled document.
type Policy struct {
	source   Source
	document *Document
	problem  error
	deny     table
	allow    table
}

// Source returns where the policy comes from.
func (p *Policy) Source() Source { return p.source }

// Document returns what the policy was compiled from; nil when it is unusable.
func (p *Policy) Document() *Document { return p.document }

// Unusable returns why the policy denies everything, nil when it does not.
func (p *Policy) Unusable() error { return p.problem }

// Compile makes a document ready for deciding. source.Type says what kind of
// document it is. bindings give, for the user and role ARNs of principal
// elements, the unique ids that these had when the document was saved (PL-26);
// an ARN without one is never allowed anything.
//
// A nil document, one with an operator that does not exist, or one of a version
// that does not exist gives an unusable policy, which denies everything: a
// policy that cannot be read may hold a Deny.
func Compile(d *Document, source Source, bindings map[string]string) *Policy {
	p := &Policy{source: source, document: d}
	if d == nil {
		p.problem = ErrNoDocument
		return p
	}
	if d.Version != "" && d.Version != version2012 && d.Version != version2008 {
		return p.fail(fmt.Errorf("policy: there is no version %q", d.Version))
	}
	for i := range d.Statements {
		st, err := compileStatement(&d.Statements[i], source.Type, d.Variables(), bindings)
		if err != nil {
			return p.fail(err)
		}
		if st.effect == EffectDeny {
			p.deny.add(st)
		} else {
			p.allow.add(st)
		}
	}
	p.deny.index()
	p.allow.index()
	return p
}

func (p *Policy) fail(err error) *Policy {
	return &Policy{source: p.source, problem: err}
}

// A statement is a compiled Statement.
type statement struct {
	source      *Statement
	effect      Effect
	actions     []actionPattern
	notAction   bool
	resources   []resourcePattern
	notResource bool
	anyResource bool // there is no Resource, and none is needed
	principals  *principalSet
	personal    bool // the kind of document has principals
	conditions  []condition
}

func compileStatement(s *Statement, kind Kind, variables bool, bindings map[string]string) (*statement, error) {
	st := &statement{
		source: s, effect: s.Effect, notAction: s.NotAction, notResource: s.NotResource,
		personal: kind == Trust || kind == Resource || kind == Bucket || kind == RCP,
	}
	if s.Effect != EffectAllow && s.Effect != EffectDeny {
		return nil, fmt.Errorf("policy: statement %d has no effect", s.Index)
	}
	if !s.HasAction { // a Deny of nothing in particular denies all
		st.notAction = s.Effect == EffectDeny
	}
	if !s.HasResource {
		st.anyResource = kind == Trust || s.Effect == EffectDeny // PL-55
	}
	for i := range s.Actions {
		st.actions = append(st.actions, compileAction(s.Actions[i].Text))
	}
	for i := range s.Resources {
		st.resources = append(st.resources, compileResource(s.Resources[i].Text, kind, variables))
	}
	for i := range s.Conditions {
		op, ok := parseOperator(s.Conditions[i].Operator)
		if !ok {
			return nil, fmt.Errorf("policy: statement %d: there is no operator %q", s.Index, s.Conditions[i].Operator)
		}
		st.conditions = append(st.conditions, compileCondition(&s.Conditions[i], op, variables))
	}
	switch {
	case s.Principal != nil && st.personal:
		st.principals = compilePrincipals(s.Principal, bindings)
	case s.Principal != nil && s.Effect == EffectAllow:
		// A principal where there can be none grants nothing to anyone (PL-25).
		st.personal, st.principals = true, &principalSet{}
	}
	return st, nil
}

// An evaluation is one request being compared with policies.
type evaluation struct {
	request *Request
	caller  *Principal
	action  actionName
	bounded bool // the caller has a permissions boundary (PL-30)
}

func (s *statement) matchAction(e *evaluation) bool {
	for i := range s.actions {
		if s.actions[i].match(&e.action) {
			return !s.notAction
		}
	}
	return s.notAction
}

func (s *statement) matchResource(e *evaluation) bool {
	if s.anyResource {
		return true
	}
	if len(s.resources) == 0 && !s.notResource {
		return false
	}
	for i := range s.resources {
		if s.resources[i].match(e) {
			return !s.notResource
		}
	}
	return s.notResource
}

// matchPrincipal returns the form in which a matching statement names the
// caller; a kind of document without principals names everybody.
func (s *statement) matchPrincipal(e *evaluation) Grant {
	switch {
	case !s.personal:
		return DirectGrant
	case s.effect == EffectAllow:
		return s.principals.allows(e.caller)
	case s.principals.denies(e.caller, e.bounded):
		return DirectGrant
	}
	return NoGrant
}

func (s *statement) matchConditions(e *evaluation) bool {
	for i := range s.conditions {
		if !s.conditions[i].holds(e) {
			return false
		}
	}
	return true
}

// match compares all but the action.
func (s *statement) match(e *evaluation) Grant {
	if !s.matchResource(e) {
		return NoGrant
	}
	grant := s.matchPrincipal(e)
	if grant == NoGrant || !s.matchConditions(e) {
		return NoGrant
	}
	return grant
}
