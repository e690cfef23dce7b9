package main

import (
	"encoding/json"
	"maps"
	"slices"
)

// A Case is one request and the policies that bear on it, in a form that both
// engines can be asked with and that can be made smaller.
type Case struct {
	Principal       Caller       `json:"principal"`
	Action          string       `json:"action"`
	Resource        string       `json:"resource"`
	ResourceAccount string       `json:"resourceAccount"`
	Wildcard        bool         `json:"wildcard,omitempty"` // the action knows no resources
	Trust           bool         `json:"trust,omitempty"`    // the resource is a role
	Context         []Key        `json:"context,omitempty"`
	Identity        []Document   `json:"identity,omitempty"`
	Boundary        *Document    `json:"boundary,omitempty"`
	Session         *Document    `json:"session,omitempty"`
	SCP             [][]Document `json:"scp,omitempty"`
	RCP             [][]Document `json:"rcp,omitempty"`
	Policy          *Document    `json:"policy,omitempty"` // of the resource
}

// A Caller is who asks. The oracle reads all it wants to know off the ARN.
type Caller struct {
	Kind    string `json:"kind"` // a key of kinds
	Account string `json:"account,omitempty"`
	ARN     string `json:"arn,omitempty"` // of services their name
	ID      string `json:"id,omitempty"`
	Issuer  string `json:"issuer,omitempty"`
}

// A Key is a condition key of the request.
type Key struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
	Multi  bool     `json:"multi,omitempty"`
}

// A Document is a policy.
type Document struct {
	Version    string      `json:"Version,omitempty"`
	Statements []Statement `json:"Statement"`
}

// A Statement is one of a policy's. Lists of one are written without brackets
// when Bare is set (PL-3).
type Statement struct {
	Effect       string
	Principal    map[string][]string
	NotPrincipal map[string][]string
	Actions      []string
	NotAction    bool
	Resources    []string // none: the element is absent
	NotResource  bool
	Conditions   []Condition
	Bare         bool
}

// A Condition is one operator with one key.
type Condition struct {
	Operator, Key string
	Values        []string
}

// MarshalJSON writes s as it stands in a policy.
func (s Statement) MarshalJSON() ([]byte, error) {
	list := func(values []string) any {
		if s.Bare && len(values) == 1 {
			return values[0]
		}
		return values
	}
	out := map[string]any{"Effect": s.Effect, negatable("Action", s.NotAction): list(s.Actions)}
	if len(s.Resources) > 0 {
		out[negatable("Resource", s.NotResource)] = list(s.Resources)
	}
	for name, principals := range map[string]map[string][]string{"Principal": s.Principal, "NotPrincipal": s.NotPrincipal} {
		switch {
		case principals == nil:
		case len(principals["*"]) > 0:
			out[name] = "*"
		default:
			byType := map[string]any{}
			for kind, values := range principals {
				byType[kind] = list(values)
			}
			out[name] = byType
		}
	}
	conditions := map[string]map[string]any{}
	for _, c := range s.Conditions {
		if conditions[c.Operator] == nil {
			conditions[c.Operator] = map[string]any{}
		}
		conditions[c.Operator][c.Key] = list(c.Values)
	}
	if len(conditions) > 0 {
		out["Condition"] = conditions
	}
	return json.Marshal(out)
}

func negatable(name string, negated bool) string {
	if negated {
		return "Not" + name
	}
	return name
}

// documents returns every document of c, always in the same order.
func (c *Case) documents() []*Document {
	var out []*Document
	each := func(list []Document) {
		for i := range list {
			out = append(out, &list[i])
		}
	}
	each(c.Identity)
	for _, d := range []*Document{c.Boundary, c.Session, c.Policy} {
		if d != nil {
			out = append(out, d)
		}
	}
	for _, levels := range [][][]Document{c.SCP, c.RCP} {
		for _, level := range levels {
			each(level)
		}
	}
	return out
}

// statements returns every statement of c, always in the same order.
func (c *Case) statements() []*Statement {
	var out []*Statement
	for _, d := range c.documents() {
		for i := range d.Statements {
			out = append(out, &d.Statements[i])
		}
	}
	return out
}

// clone copies c deeply.
func (c *Case) clone() *Case {
	out := *c
	out.Context = slices.Clone(c.Context)
	for i := range out.Context {
		out.Context[i].Values = slices.Clone(out.Context[i].Values)
	}
	out.Identity = cloneList(c.Identity)
	out.SCP, out.RCP = cloneLevels(c.SCP), cloneLevels(c.RCP)
	for _, d := range []**Document{&out.Boundary, &out.Session, &out.Policy} {
		if *d != nil {
			*d = new((*d).clone())
		}
	}
	return &out
}

func cloneLevels(levels [][]Document) [][]Document {
	out := slices.Clone(levels)
	for i := range out {
		out[i] = cloneList(out[i])
	}
	return out
}

func cloneList(list []Document) []Document {
	out := slices.Clone(list)
	for i := range out {
		out[i] = out[i].clone()
	}
	return out
}

func (d Document) clone() Document {
	d.Statements = slices.Clone(d.Statements)
	for i := range d.Statements {
		s := &d.Statements[i]
		s.Principal, s.NotPrincipal = clonePrincipals(s.Principal), clonePrincipals(s.NotPrincipal)
		s.Actions, s.Resources = slices.Clone(s.Actions), slices.Clone(s.Resources)
		s.Conditions = slices.Clone(s.Conditions)
		for j := range s.Conditions {
			s.Conditions[j].Values = slices.Clone(s.Conditions[j].Values)
		}
	}
	return d
}

func clonePrincipals(m map[string][]string) map[string][]string {
	out := maps.Clone(m)
	for key := range out {
		out[key] = slices.Clone(out[key])
	}
	return out
}
