package policy

import (
	"strings"

	"github.com/regent-iam/regent/arn"
)

// Public reports whether a bucket policy makes its bucket public: some Allow
// statement is not shown to be for a fixed set of callers (S3-66). Deny
// statements do not help.
func Public(d *Document) bool {
	for i := range d.Statements {
		s := &d.Statements[i]
		if s.Effect == EffectAllow && !fixedPrincipals(s.Principal) && !fixedByCondition(s) {
			return true
		}
	}
	return false
}

// fixedPrincipals reports whether every principal is an account, somebody of
// one, or a service.
func fixedPrincipals(p *PrincipalElement) bool {
	if p == nil || p.Not || len(p.Entries) == 0 {
		return false
	}
	for _, e := range p.Entries {
		switch e.Type {
		case PrincipalAWS:
			if form := principalForm(e.Value.Text); form == formEveryone || form == formOther {
				return false
			}
		case PrincipalService, PrincipalCanonical:
			if strings.ContainsAny(e.Value.Text, "*?") {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func fixedByCondition(s *Statement) bool {
	for i := range s.Conditions {
		c := &s.Conditions[i]
		op, ok := parseOperator(c.Operator)
		if !ok || op.negated || op.ifExists || op.quantifier == forAll || len(c.Values) == 0 {
			continue
		}
		fixed := true
		for _, value := range c.Values {
			fixed = fixed && fixedValue(arn.Fold(c.Key), op.operation, value.Text)
		}
		if fixed {
			return true
		}
	}
	return false
}

// fixedValue reports whether one value of a positive condition on the folded
// key admits a fixed set of callers only.
func fixedValue(key string, o operation, value string) bool {
	switch key {
	case "aws:sourceip":
		return o == ipAddress && narrow(value)
	case "s3:dataaccesspointarn":
		return textual(o) && !strings.Contains(value, "${") && arn.ValidAccount(arn.AccountIn(value))
	case "aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:sourcearn",
		"aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount", "aws:sourceorgid", "aws:userid",
		"s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointaccount":
		return textual(o) && value != "" && !strings.ContainsAny(value, "*?") && !strings.Contains(value, "${")
	}
	return false
}

func textual(o operation) bool {
	switch o {
	case stringEquals, stringEqualsIgnoreCase, stringLike, arnLike:
		return true
	default:
		return false
	}
}

// narrow reports whether a block is not broader than /8, or /32 of IPv6.
func narrow(value string) bool {
	p, ok := parsePrefix(value)
	if !ok {
		return false
	}
	if p.Addr().Is4() {
		return p.Bits() >= 8
	}
	return p.Bits() >= 32
}
