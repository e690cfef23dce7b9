package lint

import (
	"strings"

	"github.com/regent-iam/regent/arn"
)

// alwaysThere are keys that every signed request carries, folded.
var alwaysThere = []string{
	"aws:currenttime", "aws:epochtime", "aws:securetransport", "aws:requestedregion", "aws:principalarn", "aws:principalaccount",
	"aws:principaltype", "aws:userid", "aws:principalisawsservice", "aws:viaawsservice",
}

// checkOwnConditions reports conditions that mean something else than they seem
// to when the key is absent: LX-29, LX-31.
func checkOwnConditions(c *checker) {
	if !c.options.Own {
		return
	}
	c.each(func(s *statement, cond *condition) {
		if s.denies() && cond.is("aws:multifactorauthpresent") && cond.op.family == boolFamily && !cond.op.ifExists &&
			len(cond.values) == 1 && arn.Fold(cond.values[0].text) == "false" {
			c.own("LX-29", SecurityWarning,
				"Without a second factor aws:MultiFactorAuthPresent may be absent, which is not false, and this Deny does not match. Use BoolIfExists.",
				c.at(cond.key.value))
		}
		if s.allows() && cond.op.negated && cond.op.quantifier == single && !cond.is(alwaysThere...) && !s.tests(nullFamily, "false", cond.fold) {
			c.own("LX-31", Warning, cond.operator.key+" is true of a request without the key "+cond.name+
				". Add a condition that the key is there: Null false.", c.at(cond.key.value))
		}
	})
}

// checkTrustedStrangers reports LX-30.
func checkTrustedStrangers(c *checker) {
	if !c.options.Own || c.kind != Trust || c.options.Account == "" {
		return
	}
	for _, s := range c.document {
		if !s.allows() || s.has("sts:externalid", "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:principalorgid", "aws:principalorgpaths") {
			continue
		}
		for _, p := range s.principals {
			account := p.text
			if a, err := arn.Parse(p.text); err == nil {
				account = a.Account
			}
			if p.typ == "AWS" && arn.ValidAccount(account) && account != c.options.Account {
				c.own("LX-30", SecurityWarning, "Account "+account+
					" may be led to use this role for somebody else. Ask for sts:ExternalId, a second factor or the organization.", c.at(p.node))
			}
		}
	}
}

// checkDeadPrincipals reports LX-32.
func checkDeadPrincipals(c *checker) {
	if !c.options.Own || c.options.Exists == nil || !c.kind.onResource() && c.kind != Trust {
		return
	}
	for _, s := range c.document {
		for _, p := range s.principals {
			if id, _, _ := strings.Cut(p.text, ":"); p.typ == "AWS" && isUniqueID(id) && !c.options.Exists(id) {
				c.own("LX-32", Warning, "Nobody has the unique id "+id+": whoever it was is gone.", c.at(p.node))
			}
		}
	}
}
