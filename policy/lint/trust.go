package lint

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// trustRules look at trust policies.
var trustRules = []rule{
	{"trust elements", checkTrustElements},
	{"federation", checkFederation},
	{"actions for principals", checkActionsForPrincipals},
	{"issuers", checkIssuers},
	{"github", checkGitHub},
	{"roles anywhere", checkRolesAnywhere},
	{"redundant sessions", checkRedundantSessions},
	{"actions for keys", checkActionsForKeys},
}

func checkTrustElements(c *checker) {
	if c.kind != Trust {
		return
	}
	for _, s := range c.document {
		for _, name := range []string{"Resource", "NotResource"} {
			if n := s.node.member(name); n != nil {
				c.report("ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE", c.at(n))
			}
		}
		if n := s.node.member("NotPrincipal"); n != nil {
			c.report("ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", c.at(n))
		}
		if n := s.node.member("Principal"); n != nil && n.kind == stringNode && n.text == "*" {
			c.report("ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL", c.at(n))
		}
	}
}

func checkFederation(c *checker) {
	if c.kind != Trust {
		return
	}
	for _, s := range c.document {
		for _, p := range s.federated() {
			if _, ok := issuerOf(p); !ok && !isSAML(p) && !strings.ContainsAny(p.text, "*?$") {
				c.report("INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY", c.at(p.node))
			}
		}
	}
}

// checkActionsForPrincipals reports ways of assuming a role that its principals
// do not have.
func checkActionsForPrincipals(c *checker) {
	if c.kind != Trust {
		return
	}
	for _, s := range c.document {
		for _, a := range s.actions {
			wrong := s.cannot(arn.Fold(a.text))
			if len(wrong) == 0 {
				continue
			}
			nodes := []*node{a.node}
			var names []string
			for _, p := range wrong {
				nodes, names = append(nodes, p.node), append(names, p.text)
			}
			c.report("MISMATCHED_ACTION_FOR_PRINCIPAL", c.at(nodes...),
				hole{"actionName", a.text}, hole{"principalNames", strings.Join(names, ", ")})
		}
	}
}

// cannot returns the principals of s that cannot assume a role by the action;
// none when there is one for whom the action is.
func (s *statement) cannot(action string) []principal {
	isOIDC := func(p principal) bool { _, ok := issuerOf(p); return ok }
	switch action {
	case "sts:assumerole":
		return s.federated()
	case "sts:assumerolewithsaml":
		if !slices.ContainsFunc(s.principals, isSAML) {
			return s.principals
		}
	case "sts:assumerolewithwebidentity":
		if !slices.ContainsFunc(s.principals, isOIDC) {
			return s.principals
		}
	}
	return nil
}

const gitHub = "token.actions.githubusercontent.com"

// checkIssuers reports OIDC providers that are trusted whatever they say.
func checkIssuers(c *checker) {
	if c.kind != Trust {
		return
	}
	for _, s := range c.document {
		for _, p := range s.federated() {
			issuer, ok := issuerOf(p)
			if !ok || !s.allows() {
				continue
			}
			if !slices.ContainsFunc(s.conditions, func(c condition) bool { return strings.HasPrefix(c.fold, issuer+":") }) {
				c.report("MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL", c.at(p.node))
			}
			if issuer == gitHub && !s.has(gitHub+":sub") {
				c.report("MISSING_GITHUB_REPO_CONDITION_KEY", c.at(p.node))
			}
		}
	}
}

// checkGitHub reports subjects that leave the repository or the branch open.
func checkGitHub(c *checker) {
	if c.kind != Trust {
		return
	}
	for _, s := range c.document {
		if !s.allows() {
			continue
		}
		for _, cond := range s.conditions {
			if !cond.is(gitHub+":sub") || !cond.op.isLike() {
				continue
			}
			for _, v := range cond.values {
				if openSubject(v.text) && (!branchOpenOnly(v.text) || !s.has(gitHub+":ref")) {
					c.report("SPECIFIC_GITHUB_REPO_AND_BRANCH_RECOMMENDED", c.at(v.node))
				}
			}
		}
	}
}

func openSubject(subject string) bool { return strings.Contains(subject, "*") }

// branchOpenOnly reports whether "repo:owner/name:" is written out.
func branchOpenOnly(subject string) bool {
	parts := strings.SplitN(subject, ":", 3)
	return len(parts) == 3 && parts[0] == "repo" && parts[1] != "" && !strings.ContainsAny(parts[1], "*?")
}

func checkRolesAnywhere(c *checker) {
	if c.kind != Trust {
		return
	}
	for _, s := range c.document {
		for _, p := range s.services() {
			if p.text != "rolesanywhere.amazonaws.com" || !s.allows() || s.notAction {
				continue
			}
			if !s.covers("sts:assumerole") || !s.covers("sts:setsourceidentity") || !s.covers("sts:tagsession") {
				if actions := s.node.member("Action"); actions != nil {
					c.report("MISSING_ACTION_FOR_ROLES_ANYWHERE_TRUST_POLICY", c.at(actions))
				}
			}
		}
	}
}

// covers reports whether the statement's Action or NotAction has the folded
// action in it.
func (s *statement) covers(action string) bool {
	return s.hasAction && slices.ContainsFunc(s.actions, func(a value) bool { return actionPattern(a.text).Matches(action) }) != s.notAction
}

// checkRedundantSessions reports sessions of roles that are principals too.
func checkRedundantSessions(c *checker) {
	if c.kind != Trust {
		return
	}
	for _, s := range c.document {
		roles := map[string]string{}
		for _, p := range s.principals {
			if a, err := arn.Parse(p.text); err == nil && a.Service == "iam" && strings.HasPrefix(a.Resource, "role/") {
				_, name, _ := cutLast(a.Resource, '/')
				roles[a.Account+"/"+name] = p.text
			}
		}
		for _, p := range s.principals {
			a, err := arn.Parse(p.text)
			rest, ok := strings.CutPrefix(a.Resource, "assumed-role/")
			if err != nil || a.Service != "sts" || !ok {
				continue
			}
			name, _, _ := strings.Cut(rest, "/")
			if parent := roles[a.Account+"/"+name]; parent != "" {
				c.report("REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY", c.at(p.node), hole{"redundant_principal", p.text}, hole{"parent_role", parent})
			}
		}
	}
}

// checkActionsForKeys reports keys that a caller can only set when another
// action is allowed too.
func checkActionsForKeys(c *checker) {
	if c.kind != Trust && c.kind != Identity {
		return
	}
	for _, s := range c.document {
		if !s.allows() || s.notAction || !s.assumes() {
			continue
		}
		for _, cond := range s.conditions {
			needs := ""
			switch {
			case cond.is("sts:sourceidentity"):
				needs = "sts:SetSourceIdentity"
			case cond.is("sts:transitivetagkeys", "aws:requesttag/", "aws:tagkeys"):
				needs = "sts:TagSession"
			}
			if needs != "" && !s.covers(arn.Fold(needs)) {
				c.report("MISSING_ACTION_FOR_CONDITION_KEY", c.at(cond.key.value), hole{"actionName", needs}, hole{"keyName", cond.name})
			}
		}
	}
}

// assumes reports whether the statement names an action that assumes a role.
func (s *statement) assumes() bool {
	return slices.ContainsFunc(s.actions, func(a value) bool { return strings.HasPrefix(arn.Fold(a.text), "sts:assumerole") })
}
