package main

import (
	"slices"
	"strings"
)

// plain takes out of c everything that the engines are known to differ about.
// Nothing may be left then that they decide differently: what shrinking would
// have taken for a known difference shows here.
func plain(c *Case) {
	p := &c.Principal
	if p.Kind == "federated-user" && c.Session == nil || p.Kind == "root" && c.Trust || strings.HasSuffix(p.ARN, "/ops") {
		*p, c.Session = callers()[0], nil
		if c.Wildcard {
			c.ResourceAccount = p.Account
		}
	}
	if c.Session != nil && !c.Trust { // for what is granted to the session itself
		c.Policy = nil
	}
	if c.Trust {
		c.Boundary = nil
	}
	for _, d := range c.documents() {
		for i := range d.Statements {
			d.Statements[i].plain(c, d.Version == "2012-10-17")
		}
	}
}

func (s *Statement) plain(c *Case, variables bool) {
	if s.NotPrincipal != nil {
		s.Principal, s.NotPrincipal = map[string][]string{"AWS": {"*"}}, nil
	}
	if list, ok := s.Principal["AWS"]; ok {
		s.Principal["AWS"] = without(list, "*", func(p string) bool { return strings.HasSuffix(p, ":role/Deploy") })
	}
	if len(s.Resources) > 0 {
		s.Resources = without(s.Resources, c.Resource, func(r string) bool {
			return wildType(r) || hasEscape(r) || foldedPattern(r) ||
				strings.Contains(r, "${") && !variables || s.NotResource && hasVariable(r)
		})
	}
	for i := range s.Conditions {
		s.Conditions[i].plain(c, variables)
	}
}

func (k *Condition) plain(c *Case, variables bool) {
	if strings.HasPrefix(k.Operator, "ForAnyValue:") {
		k.Operator = strings.TrimSuffix(k.Operator, "IfExists")
	}
	present := c.values(k)
	k.Values = without(k.Values, "0", func(v string) bool {
		one := &Condition{k.Operator, k.Key, []string{v}}
		return strings.Contains(v, "${") && (!variables || strings.Contains(k.Operator, "Not")) ||
			len(present) > 0 && mixedDates(c, one) || loneARN(c, one) || wholeBlock(c, one) || otherFamily(c, one) || equalsEscape(c, one) || exponent(c, one) ||
			strings.Contains(k.Operator, "Arn") && foldedPattern(v)
	})
	if k.Values[0] == "0" {
		k.Values[0] = k.substitute(present)
	}
}

// substitute is a value for k that both engines can read.
func (k *Condition) substitute(present []string) string {
	if len(present) > 0 {
		return present[0]
	}
	for _, pool := range keys() {
		if strings.EqualFold(pool.name, k.Key) {
			return pool.values[0]
		}
	}
	return ""
}

// without returns list without what drop says; instead stands for an empty one.
func without(list []string, instead string, drop func(string) bool) []string {
	list = slices.DeleteFunc(slices.Clone(list), drop)
	if len(list) == 0 {
		return []string{instead}
	}
	return list
}
