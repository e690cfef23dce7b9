package lint

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// principalRules look at the principals of resource policies; those of trust
// policies alone are in trustRules.
var principalRules = []rule{
	{"principals allowed", checkPrincipalAllowed},
	{"principals", checkPrincipals},
	{"unique ids", checkUniqueIDs},
	{"service principals", checkServicePrincipals},
}

// elementsOf returns the values of the Principal and NotPrincipal of s.
func (s *statement) principalElements() []*node {
	var out []*node
	for _, name := range []string{"Principal", "NotPrincipal"} {
		if n := s.node.member(name); n != nil {
			out = append(out, n)
		}
	}
	return out
}

// checkPrincipalAllowed reports principals where there can be none, and those
// of control policies.
func checkPrincipalAllowed(c *checker) {
	for _, s := range c.document {
		for _, n := range s.principalElements() {
			switch c.kind {
			case Identity:
				c.report("UNSUPPORTED_PRINCIPAL", c.at(n), hole{"policy_type", "IDENTITY_POLICY"})
			case SCP:
				c.report("SCP_SYNTAX_ERROR_PRINCIPAL", c.at(n))
			case RCP:
				if n.step.Name == "NotPrincipal" || n.kind != stringNode || n.text != "*" {
					c.report("RCP_SYNTAX_ERROR_PRINCIPAL", c.at(n))
				}
			default:
			}
		}
		if not := s.node.member("NotPrincipal"); not != nil && c.kind.onResource() && s.allows() {
			c.report("ALLOW_WITH_NOT_PRINCIPAL", c.at(not))
		}
	}
}

// checkPrincipals looks at the form of principal elements.
func checkPrincipals(c *checker) { //nolint:gocognit // a flat list of cases, each of a line or two
	if !c.kind.onResource() && c.kind != Trust {
		return
	}
	for _, s := range c.document {
		for _, n := range s.principalElements() {
			if n.kind == stringNode && n.text != "*" || n.kind == arrayNode && len(n.items) > 0 {
				c.report("INVALID_PRINCIPAL_FORMAT", c.at(n))
			}
			for _, m := range n.members {
				c.principalKey(m)
			}
		}
		for _, p := range s.principals {
			if p.typ != "" && strings.ContainsAny(p.text, "*?") && (p.typ != "AWS" || p.text != "*") {
				c.report("UNSUPPORTED_WILDCARD_IN_PRINCIPAL", c.at(p.node), hole{"principal_key", p.typ})
			}
		}
	}
}

func (c *checker) principalKey(m *member) {
	if !oneOf(m.key, "AWS", "CanonicalUser", "Federated", "Service") {
		c.report("INVALID_PRINCIPAL_KEY", c.atKey(m), hole{"principal-key", m.key})
	}
	if m.key == "Federated" && c.kind != Trust {
		c.report("FEDERATED_PRINCIPAL_NOT_SUPPORTED", c.atKey(m))
	}
}

// checkUniqueIDs reports principals that are written as the unique id of a role
// or user: AWS writes them so when the entity is gone.
func checkUniqueIDs(c *checker) {
	if !c.kind.onResource() && c.kind != Trust {
		return
	}
	for _, s := range c.document {
		for _, p := range s.principals {
			switch {
			case p.typ != "AWS" || !isUniqueID(p.text):
			case strings.HasPrefix(p.text, "AROA"):
				c.report("INVALID_ROLE_REFERENCE", c.at(p.node), hole{"roleid", p.text})
			default:
				c.report("INVALID_USER_REFERENCE", c.at(p.node), hole{"userid", p.text})
			}
		}
	}
}

func isUniqueID(s string) bool {
	if !strings.HasPrefix(s, "AROA") && !strings.HasPrefix(s, "AIDA") || len(s) < 16 {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return ('A' > r || r > 'Z') && ('0' > r || r > '9') })
}

// checkServicePrincipals looks at the names of services, in principals and in
// the conditions that compare them.
func checkServicePrincipals(c *checker) {
	for _, s := range c.document {
		if c.kind.onResource() || c.kind == Trust {
			for _, p := range s.principals {
				if p.typ == "Service" && !strings.ContainsAny(p.text, "*?$") && !isServicePrincipal(p.text) {
					c.report("INVALID_SERVICE_PRINCIPAL_FORMAT", c.at(p.node), hole{"expectedFormat", servicePrincipalForm})
				}
			}
		}
		for _, cond := range s.conditions {
			c.servicesCompared(&cond)
		}
	}
}

const (
	servicePrincipalForm = "service-name.amazonaws.com"
	viaServiceForm       = "service-name.region-name.amazonaws.com"
)

func (c *checker) servicesCompared(cond *condition) {
	if cond.op.family != stringFamily {
		return
	}
	for _, v := range cond.values {
		if strings.ContainsAny(v.text, "*?$") {
			continue
		}
		if cond.is("aws:principalservicename", "aws:principalservicenameslist") && !isServicePrincipal(v.text) {
			c.report("INVALID_SERVICE_PRINCIPAL_FORMAT", c.at(v.node), hole{"expectedFormat", servicePrincipalForm})
		}
		if cond.is("kms:viaservice") && !isViaService(v.text) {
			c.report("INVALID_SERVICE_PRINCIPAL_FORMAT", c.at(v.node), hole{"expectedFormat", viaServiceForm})
		}
	}
}

// domainOf returns what stands before AWS's domain, and reports whether the
// name ends in it and is in lower case.
func domainOf(name string) (string, bool) {
	for _, domain := range []string{".amazonaws.com", ".amazonaws.com.cn", ".aws.internal", ".amazon.com", ".api.aws"} {
		if labels, ok := strings.CutSuffix(name, domain); ok && labels != "" {
			return labels, !strings.ContainsFunc(name, func(r rune) bool {
				return !isAlphanumeric(r) && r != '-' && r != '.' && r != '_' || 'A' <= r && r <= 'Z'
			})
		}
	}
	return "", false
}

func isServicePrincipal(name string) bool {
	_, ok := domainOf(name)
	return ok
}

func isViaService(name string) bool {
	labels, ok := domainOf(name)
	if !ok {
		return false
	}
	_, region, found := cutLast(labels, '.')
	return found && slices.Contains(regions, region)
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// services returns the service principals of an Allow statement.
func (s *statement) services() []principal {
	var out []principal
	for _, p := range s.principals {
		if p.typ == "Service" {
			out = append(out, p)
		}
	}
	return out
}

// federated returns the federated principals of s.
func (s *statement) federated() []principal {
	var out []principal
	for _, p := range s.principals {
		if p.typ == "Federated" {
			out = append(out, p)
		}
	}
	return out
}

func isSAML(p principal) bool {
	return p.typ == "Federated" && strings.HasPrefix(p.text, "arn:") && strings.Contains(p.text, ":saml-provider/")
}

// issuerOf returns the issuer of an OIDC principal, by which its condition keys
// begin, and reports whether it is one.
func issuerOf(p principal) (string, bool) {
	if p.typ != "Federated" || isSAML(p) {
		return "", false
	}
	if strings.HasPrefix(p.text, "arn:") {
		_, issuer, ok := strings.Cut(p.text, ":oidc-provider/")
		return arn.Fold(issuer), ok && issuer != ""
	}
	return arn.Fold(p.text), isDomain(p.text)
}

func isDomain(s string) bool {
	return strings.Contains(s, ".") && !strings.HasPrefix(s, ".") && !strings.HasSuffix(s, ".") &&
		!strings.ContainsFunc(s, func(r rune) bool { return !isAlphanumeric(r) && r != '-' && r != '.' })
}
