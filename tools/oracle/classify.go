package main

import (
	"net/netip"
	"slices"
	"strings"
)

// A class is a way in which the engines are known to differ: match recognizes
// it in a case that has been made as small as it gets.
type class struct {
	name  string
	match func(c *Case, regent, oracle string) bool
}

const unexplained = "UNEXPLAINED"

// classes are told apart in this order. docs/oracle.md explains them.
func classes() []class {
	return []class{
		{"date: epoch seconds against ISO 8601 (PL-79)", anyCondition(mixedDates)},
		{"negated operator, variable without a value (PL-66)", anyCondition(negatedVariable)},
		{"variables in a 2008-10-17 policy (PL-11)", oldVariables},
		{"ForAnyValue:...IfExists, key missing (PL-76)", anyCondition(anyIfExists)},
		{"ArnLike with a lone * (PL-80)", anyCondition(loneARN)},
		{"address in 0.0.0.0/0 (1.8)", anyCondition(wholeBlock)},
		{"NotIpAddress with one address of the other family (1.8)", anyCondition(otherFamily)},
		{"NotResource, variable without a value (PL-54)", anyStatement(notResourceVariable)},
		{"escape in a resource (PL-64)", anyStatement(func(_ *Case, s *Statement) bool { return slices.ContainsFunc(s.Resources, hasEscape) })},
		{"escape in a value of StringEquals (PL-64)", anyCondition(equalsEscape)},
		{"number with an exponent (1.8)", anyCondition(exponent)},
		{"case of an ARN's segments (PL-50)", foldedSegments},
		{"case of a role's name (PL-23)", foldedRole},
		{"name of a federated user taken for its issuer's (EV-30)", foreignIssuer},
		{"wildcard in the resource's type (PL-52)", typeWildcard},
		{"NotPrincipal spares a principal listed in part (PL-30)", anyStatement(func(_ *Case, s *Statement) bool { return s.NotPrincipal != nil })},
		{"root assumes a role (EV-45)", func(c *Case, regent, _ string) bool {
			return c.Trust && c.Principal.Kind == "root" && regent == "implicitDeny"
		}},
		{"federated user without session policy (EV-3)", func(c *Case, regent, oracle string) bool {
			return c.Principal.Kind == "federated-user" && c.Session == nil && regent == "implicitDeny" && oracle == "allowed"
		}},
		{"session policy silent, resource grants to the session itself (EV-31)", func(c *Case, regent, oracle string) bool {
			return c.Session != nil && c.Policy != nil && !c.Trust && regent == "allowed" && oracle == "implicitDeny"
		}},
		{"boundary silent, trust policy names the user or session (EV-44)", func(c *Case, regent, oracle string) bool {
			return c.Boundary != nil && c.Trust && regent == "implicitDeny" && oracle == "allowed"
		}},
	}
}

func classify(c *Case, regent, oracle string) string {
	for _, k := range classes() {
		if k.match(c, regent, oracle) {
			return k.name
		}
	}
	return unexplained
}

func anyStatement(match func(*Case, *Statement) bool) func(*Case, string, string) bool {
	return func(c *Case, _, _ string) bool {
		return slices.ContainsFunc(c.statements(), func(s *Statement) bool { return match(c, s) })
	}
}

func anyCondition(match func(*Case, *Condition) bool) func(*Case, string, string) bool {
	return anyStatement(func(c *Case, s *Statement) bool {
		return slices.ContainsFunc(s.Conditions, func(k Condition) bool { return match(c, &k) })
	})
}

// values are what the request has of the key of k.
func (c *Case) values(k *Condition) []string {
	for _, key := range c.Context {
		if strings.EqualFold(key.Name, k.Key) {
			return key.Values
		}
	}
	return nil
}

func mixedDates(c *Case, k *Condition) bool {
	epoch := func(s string) bool { return !strings.Contains(s, "-") }
	values := c.values(k)
	return strings.Contains(k.Operator, "Date") && len(values) > 0 &&
		slices.ContainsFunc(k.Values, func(s string) bool { return epoch(s) != epoch(values[0]) })
}

func negatedVariable(_ *Case, k *Condition) bool {
	return strings.Contains(k.Operator, "Not") && slices.ContainsFunc(k.Values, hasVariable)
}

// hasVariable reports whether s has a variable that may be without a value.
func hasVariable(s string) bool {
	s = strings.NewReplacer("${*}", "", "${?}", "", "${$}", "").Replace(s)
	return strings.Contains(s, "${") && !strings.Contains(s, ", '")
}

func oldVariables(c *Case, _, _ string) bool {
	for _, d := range c.documents() {
		if d.Version == "2012-10-17" {
			continue
		}
		for _, s := range d.Statements {
			texts := slices.Clone(s.Resources)
			for _, k := range s.Conditions {
				texts = append(texts, k.Values...)
			}
			if slices.ContainsFunc(texts, func(t string) bool { return strings.Contains(t, "${") }) {
				return true
			}
		}
	}
	return false
}

func hasEscape(s string) bool {
	return strings.Contains(s, "${*}") || strings.Contains(s, "${?}") || strings.Contains(s, "${$}")
}

func equalsEscape(_ *Case, k *Condition) bool {
	return strings.Contains(k.Operator, "String") && strings.Contains(k.Operator, "Equals") && slices.ContainsFunc(k.Values, hasEscape)
}

func exponent(_ *Case, k *Condition) bool {
	return strings.Contains(k.Operator, "Numeric") && slices.Contains(k.Values, "1e2")
}

func anyIfExists(c *Case, k *Condition) bool {
	return strings.HasPrefix(k.Operator, "ForAnyValue:") && strings.HasSuffix(k.Operator, "IfExists") && len(c.values(k)) == 0
}

func loneARN(_ *Case, k *Condition) bool {
	return strings.Contains(k.Operator, "Arn") && slices.Contains(k.Values, "*")
}

func wholeBlock(_ *Case, k *Condition) bool {
	return strings.Contains(k.Operator, "IpAddress") && slices.Contains(k.Values, "0.0.0.0/0")
}

func otherFamily(c *Case, k *Condition) bool {
	values := c.values(k)
	if !strings.Contains(k.Operator, "NotIpAddress") || len(values) == 0 {
		return false
	}
	request, err := netip.ParseAddr(values[0])
	return err == nil && slices.ContainsFunc(k.Values, func(s string) bool {
		return !strings.Contains(s, "/") && strings.Contains(s, ":") != request.Is6()
	})
}

func notResourceVariable(_ *Case, s *Statement) bool {
	return s.NotResource && slices.ContainsFunc(s.Resources, hasVariable)
}

// foldedPattern holds for the patterns of the world whose segments are in the wrong case.
func foldedPattern(s string) bool {
	return strings.Contains(s, ":US-EAST-1:") || strings.HasPrefix(s, "arn:aws:S3:")
}

func foldedSegments(c *Case, _, _ string) bool {
	return anyStatement(func(_ *Case, s *Statement) bool {
		return slices.ContainsFunc(s.Resources, foldedPattern) || slices.ContainsFunc(s.Conditions, func(k Condition) bool {
			return strings.Contains(k.Operator, "Arn") && slices.ContainsFunc(k.Values, foldedPattern)
		})
	})(c, "", "")
}

func foldedRole(c *Case, _, _ string) bool {
	return strings.Contains(c.Principal.Issuer, ":role/deploy") && c.names(":role/Deploy")
}

// foreignIssuer holds for the federated user whose name is not its issuer's.
func foreignIssuer(c *Case, _, _ string) bool {
	return strings.HasSuffix(c.Principal.ARN, ":federated-user/ops") && (c.names(":user/ops") || c.names(":user/dana"))
}

// names reports whether a principal of c's policies ends in suffix.
func (c *Case) names(suffix string) bool {
	return slices.ContainsFunc(c.statements(), func(s *Statement) bool {
		return slices.ContainsFunc(append(slices.Clone(s.Principal["AWS"]), s.NotPrincipal["AWS"]...), func(p string) bool { return strings.HasSuffix(p, suffix) })
	})
}

func typeWildcard(c *Case, _, _ string) bool {
	return anyStatement(func(_ *Case, s *Statement) bool { return slices.ContainsFunc(s.Resources, wildType) })(c, "", "")
}

// wildType reports whether a pattern has a wildcard before the end of the word
// that says what type the resource is of, in services that have such words.
func wildType(pattern string) bool {
	segments := strings.SplitN(pattern, ":", 6)
	if len(segments) < 6 || segments[5] == "*" || segments[2] != "iam" && segments[2] != "secretsmanager" {
		return false
	}
	end := strings.IndexAny(segments[5], "/:")
	wild := strings.IndexAny(segments[5], "*?")
	return wild >= 0 && (end < 0 || wild < end)
}
