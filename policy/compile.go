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
	source     Source
	document   *Document
	problem    error
	statements []*statement
	deny       table
	allow      table
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
	c := newCompiler(d, source.Type, bindings)
	p.statements = make([]*statement, len(d.Statements))
	for i := range d.Statements {
		p.statements[i] = &c.statements[i]
		if err := c.statement(p.statements[i], &d.Statements[i]); err != nil {
			return p.fail(err)
		}
	}
	p.deny = newTable(p.statements, EffectDeny)
	p.allow = newTable(p.statements, EffectAllow)
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

// A compiler makes the statements of one document. All of them stand in one
// slice, and so do the patterns of all: that takes few allocations, and what a
// decision looks at is close together.
type compiler struct {
	kind       Kind
	variables  bool
	bindings   map[string]string
	statements []statement
	actions    []actionPattern
	resources  []resourcePattern
}

func newCompiler(d *Document, kind Kind, bindings map[string]string) *compiler {
	actions, resources := 0, 0
	for i := range d.Statements {
		actions += len(d.Statements[i].Actions)
		resources += len(d.Statements[i].Resources)
	}
	return &compiler{
		kind: kind, variables: d.Variables(), bindings: bindings, statements: make([]statement, len(d.Statements)),
		actions: make([]actionPattern, 0, actions), resources: make([]resourcePattern, 0, resources),
	}
}

func (c *compiler) statement(st *statement, s *Statement) error {
	*st = statement{
		source: s, effect: s.Effect, notAction: s.NotAction, notResource: s.NotResource,
		personal: c.kind == Trust || c.kind == Resource || c.kind == Bucket || c.kind == RCP,
	}
	if s.Effect != EffectAllow && s.Effect != EffectDeny {
		return fmt.Errorf("policy: statement %d has no effect", s.Index)
	}
	if !s.HasAction { // a Deny of nothing in particular denies all
		st.notAction = s.Effect == EffectDeny
	}
	if !s.HasResource {
		st.anyResource = c.kind == Trust || s.Effect == EffectDeny // PL-55
	}
	for i := range s.Actions {
		c.actions = append(c.actions, compileAction(s.Actions[i].Text))
	}
	st.actions = c.actions[len(c.actions)-len(s.Actions):]
	for i := range s.Resources {
		c.resources = append(c.resources, compileResource(s.Resources[i].Text, c.kind, c.variables))
	}
	st.resources = c.resources[len(c.resources)-len(s.Resources):]
	st.conditions = make([]condition, len(s.Conditions))
	for i := range s.Conditions {
		op, ok := parseOperator(s.Conditions[i].Operator)
		if !ok {
			return fmt.Errorf("policy: statement %d: there is no operator %q", s.Index, s.Conditions[i].Operator)
		}
		st.conditions[i] = compileCondition(&s.Conditions[i], op, c.variables)
	}
	switch {
	case s.Principal != nil && st.personal:
		st.principals = compilePrincipals(s.Principal, c.bindings)
	case s.Principal != nil && s.Effect == EffectAllow:
		// A principal where there can be none grants nothing to anyone (PL-25).
		st.personal, st.principals = true, &principalSet{}
	}
	return nil
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
