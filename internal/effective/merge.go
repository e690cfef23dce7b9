package effective

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// A Policy is a document that is attached to something.
type Policy struct {
	ID       string
	Document *Document
}

// An Effective is what the policies of all levels come to.
type Effective struct {
	root     state
	problems []Problem
}

// A Problem is something that is wrong with an effective policy.
type Problem struct {
	Code     string
	Message  string
	Path     string   // names from the top, dots between
	Policies []string // that contributed to it
}

// The codes of problems. AWS documents the first; the others are Regent's.
const (
	TooMany   = "ELEMENTS_TOO_MANY"
	Missing   = "ELEMENT_MISSING"
	Mixed     = "ELEMENT_TYPE_CONFLICT"
	BadValue  = "ELEMENT_VALUE_INVALID"
	SingleOps = "OPERATOR_NOT_ALLOWED_FOR_SINGLE_VALUE"
)

// A state is an object of the effective policy as far as it is merged.
type state struct {
	name    string
	members []*state
	setting bool
	set     bool // the setting has a value
	branch  bool // it is an object even without members
	value   value
	from    []string // the policies that it came from

	allowed operators // by the levels above the present one
	narrow  operators // by policies of the present level
	pending []change  // of the present level, in the order of attachment
}

// A change is what one policy asks of a setting.
type change struct {
	policy string
	node   *node
}

// Merge merges policies, given by level from the organization's root to the
// account and within a level in the order of their attachment. Foldable says
// that the names in the second level of objects differ in more than case: they
// are the keys of tags.
//
// A level changes what it inherits, as far as the levels above allow. Where
// policies of one level contradict each other, the one attached first counts,
// and child policies may do what all of them allow. What a control operator
// stands beside is what it governs: on a setting its value, on any other object
// the adding of members.
func Merge(levels [][]Policy, foldable bool) *Effective {
	e := &Effective{root: state{allowed: mayAll, narrow: mayAll}}
	for _, level := range levels {
		for _, p := range level {
			e.apply(&e.root, &p.Document.root, p.ID, nil, foldable)
		}
		e.settle(&e.root, nil)
	}
	return e
}

// apply notes what a policy of the present level asks of an object.
func (e *Effective) apply(s *state, n *node, policy string, path []string, foldable bool) {
	s.narrow &= n.control
	switch {
	case n.setting && len(s.members) > 0, len(n.members) > 0 && s.setting:
		e.problem(Mixed, "One policy gives the element a value and another one members.", path, append(slices.Clone(s.from), policy))
		return
	case n.setting:
		s.setting = true
		s.pending = append(s.pending, change{policy, n})
		return
	}
	s.branch = s.branch || n.empty || len(n.members) > 0
	for i := range n.members {
		m := &n.members[i]
		child := s.member(m.name, foldable && len(path) == 1)
		if child == nil {
			if s.allowed&(mayAssign|mayAppend) == 0 {
				continue
			}
			child = &state{name: m.name, allowed: mayAll, narrow: mayAll}
			s.members = append(s.members, child)
		}
		e.apply(child, m, policy, append(slices.Clip(path), m.name), foldable)
	}
	s.from = with(s.from, policy)
}

func (s *state) member(name string, fold bool) *state {
	for _, m := range s.members {
		if m.name == name || fold && arn.Fold(m.name) == arn.Fold(name) {
			return m
		}
	}
	return nil
}

func with(list []string, more string) []string {
	if slices.Contains(list, more) {
		return list
	}
	return append(slices.Clip(list), more)
}

// settle makes what the present level asked true, and what it allows the law
// for the next.
func (e *Effective) settle(s *state, path []string) {
	if len(s.pending) > 0 {
		e.change(s, path)
	}
	s.allowed &= s.narrow
	s.narrow, s.pending = mayAll, nil
	for _, m := range s.members {
		e.settle(m, append(slices.Clip(path), m.name))
	}
}

// change gives a setting its value at the present level: what the first of its
// policies assigns, or what is inherited without what is removed; and then what
// is appended.
func (e *Effective) change(s *state, path []string) {
	assigned := s.assign()
	for _, c := range s.pending {
		appends := len(c.node.appends) > 0 && s.allowed&mayAppend != 0
		removes := len(c.node.removes) > 0 && s.allowed&mayRemove != 0
		switch {
		case !appends && !removes:
			continue
		case s.set && !s.value.many:
			e.problem(SingleOps, "The operators @@append and @@remove are for elements with several values.", path, with(s.from, c.policy))
			continue
		}
		if removes && !assigned && s.set {
			s.value.list = slices.DeleteFunc(slices.Clone(s.value.list), func(v string) bool { return slices.Contains(c.node.removes, v) })
			s.from = with(s.from, c.policy)
		}
	}
	if s.set && !s.value.many {
		return
	}
	for _, c := range s.pending {
		if s.allowed&mayAppend != 0 {
			s.append(c)
		}
	}
}

// assign assigns what the first policy of the present level assigns that may,
// and reports whether there is one.
func (s *state) assign() bool {
	if s.allowed&mayAssign == 0 {
		return false
	}
	for _, c := range s.pending {
		if v := c.node.assign; v != nil {
			s.set, s.value, s.from = true, value{v.many, slices.Clone(v.list)}, []string{c.policy}
			return true
		}
	}
	return false
}

func (s *state) append(c change) {
	for _, v := range c.node.appends {
		s.set, s.value.many = true, true
		s.from = with(s.from, c.policy)
		if !slices.Contains(s.value.list, v) {
			s.value.list = append(s.value.list, v)
		}
	}
}

func (e *Effective) problem(code, message string, path, policies []string) {
	p := Problem{Code: code, Message: message, Path: strings.Join(path, "."), Policies: policies}
	same := func(q Problem) bool { return q.Code == p.Code && q.Path == p.Path }
	if i := slices.IndexFunc(e.problems, same); i >= 0 {
		for _, id := range policies {
			e.problems[i].Policies = with(e.problems[i].Policies, id)
		}
		return
	}
	e.problems = append(e.problems, p)
}

// there reports whether the effective policy shows an object: a list that all
// was removed from is gone.
func (s *state) there() bool {
	if s.setting {
		return s.set && len(s.value.list) > 0
	}
	return s.branch
}

// Text returns the effective policy as JSON, without operators.
func (e *Effective) Text() string {
	var b strings.Builder
	e.root.write(&b)
	return b.String()
}

func (s *state) write(b *strings.Builder) {
	if s.setting {
		if !s.value.many {
			b.WriteString(s.value.list[0])
			return
		}
		b.WriteString("[" + strings.Join(s.value.list, ",") + "]")
		return
	}
	b.WriteByte('{')
	first := true
	for _, m := range s.members {
		if !m.there() {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		name, err := json.Marshal(m.name)
		if err != nil {
			panic("effective: " + err.Error()) // a string is always JSON
		}
		b.Write(name)
		b.WriteByte(':')
		m.write(b)
	}
	b.WriteByte('}')
}
