package lint

import (
	"strings"

	"github.com/regent-iam/regent/arn"
)

// controlRules look at service and resource control policies.
var controlRules = []rule{
	{"wildcards of SCPs", checkSCPWildcards},
	{"statements of RCPs", checkRCP},
	{"keys of RCPs", checkRCPKeys},
}

// checkSCPWildcards reports wildcards that SCPs could not have until 2025.
func checkSCPWildcards(c *checker) {
	if c.kind != SCP || !c.options.StrictSCP {
		return
	}
	for _, s := range c.document {
		for _, a := range s.actions {
			if i := strings.IndexByte(a.text, '*'); i >= 0 && i < len(a.text)-1 {
				c.report("SCP_SYNTAX_ERROR_ACTION_WILDCARD", c.at(a.node), hole{"action", a.text})
			}
		}
	}
}

// rcpServices are the services whose resources RCPs govern.
var rcpServices = []string{
	"aoss", "bedrock", "cognito-identity", "cognito-idp", "dynamodb", "ecr", "es", "kms", "logs", "s3", "secretsmanager", "sqs", "sts",
}

func checkRCP(c *checker) {
	if c.kind != RCP {
		return
	}
	for _, s := range c.document {
		if n := s.node.member("NotAction"); n != nil {
			c.report("RCP_SYNTAX_ERROR_NOTACTION", c.at(n))
		}
		if s.allows() && !s.allowsAll() {
			c.report("RCP_SYNTAX_ERROR_ALLOW", c.at(s.node))
		}
		if s.notAction {
			continue
		}
		for _, a := range s.actions {
			prefix, _, _ := strings.Cut(arn.Fold(a.text), ":")
			if a.text == "*" && s.allows() {
				continue
			}
			if !oneOf(prefix, rcpServices...) {
				c.report("RCP_SYNTAX_ERROR_ACTION", c.at(a.node))
			}
		}
	}
}

// allowsAll reports whether s has the one form in which an RCP allows.
func (s *statement) allowsAll() bool {
	return len(s.conditions) == 0 && !s.notResource && len(s.resources) == 1 && s.resources[0].text == "*" &&
		len(s.principals) == 1 && s.principals[0].typ == "" && s.principals[0].text == "*"
}

var (
	callerKeys = []string{"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:principaltag/"}
	originKeys = []string{"aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceaccount", "aws:sourcearn"}
)

// checkRCPKeys reports Deny statements that hit callers of another kind than
// their author had in mind, for whom a key is absent.
func checkRCPKeys(c *checker) {
	if c.kind != RCP {
		return
	}
	for _, s := range c.document {
		if !s.denies() {
			continue
		}
		for _, cond := range s.conditions {
			key := hole{"conditionKeyName", cond.name}
			at := c.at(cond.key.value)
			if cond.is(callerKeys...) && !s.tests(boolFamily, "false", "aws:principalisawsservice") {
				c.report("RCP_MISSING_RELATED_PRINCIPAL_CONDITION_KEY", at, key)
			}
			if !cond.is(originKeys...) || cond.op.family == nullFamily {
				continue
			}
			if !s.tests(boolFamily, "true", "aws:principalisawsservice") {
				c.report("RCP_MISSING_RELATED_SERVICE_PRINCIPAL_CONDITION_KEY", at, key)
			}
			if !s.tests(nullFamily, "false", "aws:sourceaccount", "aws:sourcearn") {
				c.report("RCP_MISSING_SERVICE_CONDITION_KEY_NULL_CHECK", at, key)
			}
		}
	}
}

// tests reports whether a condition of the family compares one of the keys with
// the value.
func (s *statement) tests(f family, want string, keys ...string) bool {
	for _, cond := range s.conditions {
		if cond.op.family == f && cond.is(keys...) && len(cond.values) == 1 && arn.Fold(cond.values[0].text) == want {
			return true
		}
	}
	return false
}
