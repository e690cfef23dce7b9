package main

import (
	"iter"
	"slices"
)

// shrink returns the smallest case that it finds, by leaving things out, for
// which keep still holds.
func shrink(c *Case, keep func(*Case) (bool, error)) (*Case, error) {
	for {
		smaller, err := firstKept(c, keep)
		if err != nil {
			return nil, err
		}
		if smaller == nil {
			return c, nil
		}
		c = smaller
	}
}

func firstKept(c *Case, keep func(*Case) (bool, error)) (*Case, error) {
	for candidate := range reductions(c) {
		kept, err := keep(candidate)
		if err != nil {
			return nil, err
		}
		if kept {
			return candidate, nil
		}
	}
	return nil, nil
}

// reductions are copies of c with one thing less, the largest things first.
func reductions(c *Case) iter.Seq[*Case] {
	return func(yield func(*Case) bool) {
		for _, reduce := range []func(*Case, func(*Case) bool) bool{withoutSets, withoutPolicies, withoutStatements, withoutElements, withoutKeys} {
			if !reduce(c, yield) {
				return
			}
		}
	}
}

// withoutSets leaves out a whole layer.
func withoutSets(c *Case, yield func(*Case) bool) bool {
	for _, set := range []struct {
		has  bool
		drop func(*Case)
	}{
		{len(c.SCP) > 0, func(c *Case) { c.SCP = nil }},
		{len(c.RCP) > 0, func(c *Case) { c.RCP = nil }},
		{len(c.Identity) > 0, func(c *Case) { c.Identity = nil }},
		{c.Boundary != nil, func(c *Case) { c.Boundary = nil }},
		{c.Session != nil, func(c *Case) { c.Session = nil }},
		{c.Policy != nil && !c.Trust, func(c *Case) { c.Policy = nil }},
		{len(c.Context) > 0, func(c *Case) { c.Context = nil }},
	} {
		if set.has && !edited(c, set.drop, yield) {
			return false
		}
	}
	return true
}

func edited(c *Case, edit func(*Case), yield func(*Case) bool) bool {
	next := c.clone()
	edit(next)
	return yield(next)
}

func withoutPolicies(c *Case, yield func(*Case) bool) bool {
	for i := range c.Identity {
		if !edited(c, func(c *Case) { c.Identity = slices.Delete(c.Identity, i, i+1) }, yield) {
			return false
		}
	}
	for _, levels := range []func(*Case) *[][]Document{
		func(c *Case) *[][]Document { return &c.SCP },
		func(c *Case) *[][]Document { return &c.RCP },
	} {
		for i, level := range *levels(c) {
			if !edited(c, func(c *Case) { *levels(c) = slices.Delete(*levels(c), i, i+1) }, yield) {
				return false
			}
			for j := range level {
				if !edited(c, func(c *Case) { (*levels(c))[i] = slices.Delete((*levels(c))[i], j, j+1) }, yield) {
					return false
				}
			}
		}
	}
	return true
}

func withoutStatements(c *Case, yield func(*Case) bool) bool {
	for i, d := range c.documents() {
		if len(d.Statements) < 2 {
			continue
		}
		for j := range d.Statements {
			if !edited(c, func(c *Case) {
				d := c.documents()[i]
				d.Statements = slices.Delete(d.Statements, j, j+1)
			}, yield) {
				return false
			}
		}
	}
	return true
}

// withoutElements leaves out conditions and values of lists.
func withoutElements(c *Case, yield func(*Case) bool) bool {
	for i, s := range c.statements() {
		for j, condition := range s.Conditions {
			if !edited(c, func(c *Case) { s := c.statements()[i]; s.Conditions = slices.Delete(s.Conditions, j, j+1) }, yield) {
				return false
			}
			if !shorter(c, len(condition.Values), func(c *Case) *[]string { return &c.statements()[i].Conditions[j].Values }, yield) {
				return false
			}
		}
		if !shorter(c, len(s.Actions), func(c *Case) *[]string { return &c.statements()[i].Actions }, yield) ||
			!shorter(c, len(s.Resources), func(c *Case) *[]string { return &c.statements()[i].Resources }, yield) ||
			!simpler(c, i, s, yield) || !fewerPrincipals(c, i, s, yield) {
			return false
		}
	}
	return true
}

// simpler puts "*" for what may not matter.
func simpler(c *Case, i int, s *Statement, yield func(*Case) bool) bool {
	if (s.NotAction || len(s.Actions) != 1 || s.Actions[0] != c.Action) &&
		!edited(c, func(c *Case) { s := c.statements()[i]; s.NotAction, s.Actions = false, []string{c.Action} }, yield) {
		return false
	}
	if len(s.Resources) > 0 && (s.NotResource || s.Resources[0] != "*") &&
		!edited(c, func(c *Case) { s := c.statements()[i]; s.NotResource, s.Resources = false, []string{"*"} }, yield) {
		return false
	}
	return true
}

func fewerPrincipals(c *Case, i int, s *Statement, yield func(*Case) bool) bool {
	for _, of := range []func(*Statement) map[string][]string{
		func(s *Statement) map[string][]string { return s.Principal },
		func(s *Statement) map[string][]string { return s.NotPrincipal },
	} {
		for kind, values := range of(s) {
			if len(of(s)) > 1 && !edited(c, func(c *Case) { delete(of(c.statements()[i]), kind) }, yield) {
				return false
			}
			for j := range values {
				if len(values) > 1 && !edited(c, func(c *Case) {
					m := of(c.statements()[i])
					m[kind] = slices.Delete(m[kind], j, j+1)
				}, yield) {
					return false
				}
			}
		}
	}
	return true
}

func shorter(c *Case, n int, list func(*Case) *[]string, yield func(*Case) bool) bool {
	for k := range n {
		if n > 1 && !edited(c, func(c *Case) { l := list(c); *l = slices.Delete(*l, k, k+1) }, yield) {
			return false
		}
	}
	return true
}

func withoutKeys(c *Case, yield func(*Case) bool) bool {
	for i, key := range c.Context {
		if !edited(c, func(c *Case) { c.Context = slices.Delete(c.Context, i, i+1) }, yield) {
			return false
		}
		if key.Multi && !shorter(c, len(key.Values), func(c *Case) *[]string { return &c.Context[i].Values }, yield) {
			return false
		}
	}
	return true
}
