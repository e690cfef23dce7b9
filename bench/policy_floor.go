package main

import (
	"strings"

	"github.com/regent-iam/regent/policy"
)

// A scan is the least that a decision can be made of: the statements from first
// to last, nothing decoded twice, strings compared and no more. It knows only
// what the measured cases need.
type scan []scanned

type scanned struct {
	deny       bool
	actions    []string
	resources  []scannedPattern
	conditions []scannedCondition
}

type scannedCondition struct {
	like   bool
	key    string
	values []scannedPattern
}

type scannedPattern struct {
	text     string
	variable bool // it holds the user's name
}

func newScan(docs []*policy.Document) scan {
	var out scan
	for _, doc := range docs {
		for _, s := range doc.Statements {
			next := scanned{deny: s.Effect == policy.EffectDeny, actions: texts(s.Actions), resources: patterns(s.Resources)}
			for _, c := range s.Conditions {
				next.conditions = append(next.conditions, scannedCondition{c.Operator == "StringLike", c.Key, patterns(c.Values)})
			}
			out = append(out, next)
		}
	}
	return out
}

func texts(values []policy.Value) []string {
	var out []string
	for _, v := range values {
		out = append(out, v.Text)
	}
	return out
}

func patterns(values []policy.Value) []scannedPattern {
	var out []scannedPattern
	for _, v := range values {
		out = append(out, scannedPattern{v.Text, strings.Contains(v.Text, userVariable)})
	}
	return out
}

const userVariable = "${aws:username}"

func (s scan) decide(r *policy.Request) policy.Outcome {
	outcome := policy.ImplicitDeny
	for i := range s {
		if !actionMatches(s[i].actions, r.Action) || !resourceMatches(s[i].resources, r) || !allHold(s[i].conditions, r) {
			continue
		}
		if s[i].deny {
			return policy.ExplicitDeny
		}
		outcome = policy.Allow
	}
	return outcome
}

func actionMatches(patterns []string, action string) bool {
	for _, p := range patterns {
		if matches(p, action) {
			return true
		}
	}
	return false
}

func resourceMatches(patterns []scannedPattern, r *policy.Request) bool {
	for i := range patterns {
		if matches(patterns[i].expand(r), r.Resource) {
			return true
		}
	}
	return false
}

func allHold(conditions []scannedCondition, r *policy.Request) bool {
	for i := range conditions {
		if !conditions[i].holds(r) {
			return false
		}
	}
	return true
}

func (c *scannedCondition) holds(r *policy.Request) bool {
	values, _, ok := r.Context.Lookup(c.key)
	if !ok {
		return false
	}
	for i := range c.values {
		if c.like && matches(c.values[i].expand(r), values[0]) || !c.like && c.values[i].text == values[0] {
			return true
		}
	}
	return false
}

func (p *scannedPattern) expand(r *policy.Request) string {
	if !p.variable {
		return p.text
	}
	name, _, _ := r.Context.Lookup("aws:username")
	return strings.ReplaceAll(p.text, userVariable, name[0])
}

// matches knows the wildcard "*" only.
func matches(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
