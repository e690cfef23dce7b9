package policy

import (
	"errors"
	"strings"
)

const syntaxErrors = "Syntax errors in policy."

// identity checks documents of users, groups and roles, boundaries, and session
// policies, in the order of PL-82.
func (v *validation) identity() error {
	if v.kind == Session { // ST-30
		if err := v.fault(faultJSON); err != nil {
			return v.malformed(textInvalidJSON, err)
		}
	}
	if err := v.identitySyntax(); err != nil {
		return v.malformed(syntaxErrors, err)
	}
	if err := v.noPrincipals(); err != nil {
		return v.malformed("Policy document should not specify a principal.", err)
	}
	if v.doc.Version != version2012 {
		return v.malformed("Policy document must be version 2012-10-17 or greater.", nil)
	}
	resourceFault, broken := v.resourceFaults()
	if err := errors.Join(v.fault(faultEffectCase), v.badDate(), broken); err != nil {
		return v.malformed("The policy failed legacy parsing", err)
	}
	if err := v.repeatedSid(); err != nil {
		return v.malformed("Statement IDs (SID) in a single policy must be unique.", err)
	}
	if err := v.every(func(s *Statement) bool { return len(s.Actions) > 0 }); err != nil {
		return v.malformed("Policy statement must contain actions.", err)
	}
	if resourceFault != "" {
		return v.malformed(resourceFault, nil)
	}
	if message, err := v.vendorFaults(); err != nil {
		return v.malformed(message, err)
	}
	if err := v.every(func(s *Statement) bool { return len(s.Resources) > 0 }); err != nil {
		return v.malformed("Policy statement must contain resources.", err)
	}
	return nil
}

// every points at the first statement that does not hold.
func (v *validation) every(holds func(*Statement) bool) error {
	for i := range v.doc.Statements {
		if s := &v.doc.Statements[i]; !holds(s) {
			return at(s.Span, "an element is missing or empty")
		}
	}
	return nil
}

// vendorFaults returns the text for the first action that is not right.
func (v *validation) vendorFaults() (string, error) {
	for i := range v.doc.Statements {
		for _, action := range v.doc.Statements[i].Actions {
			if message := vendorFault(action.Text); message != "" {
				return message, at(action.Span, "not an action")
			}
		}
	}
	return "", nil
}

// identitySyntax returns the first fault but those that have a text of their own.
func (v *validation) identitySyntax() error {
	for _, e := range v.faults {
		if e.fault != faultEffectCase {
			return e
		}
	}
	if err := v.misspelled(); err != nil {
		return err
	}
	return v.badSid()
}

func (v *validation) noPrincipals() error {
	for i := range v.doc.Statements {
		if p := v.doc.Statements[i].Principal; p != nil {
			return at(p.Span, "a principal")
		}
	}
	return nil
}

// resourceFaults returns the text for the first resource that is not right, and
// an error for one that is broken beyond a text of its own (PL-83).
func (v *validation) resourceFaults() (message string, broken error) {
	for i := range v.doc.Statements {
		for _, r := range v.doc.Statements[i].Resources {
			text, ok := resourceFault(r.Text)
			if !ok && broken == nil {
				broken = at(r.Span, "an ARN has five colons")
			}
			if message == "" {
				message = text
			}
		}
	}
	if message != "" {
		broken = nil // the legacy parser stops at the resource that has a text
	}
	return message, broken
}

// resourceFault says what is wrong with one resource. It is not ok when the
// text has ARN form and too few segments.
func resourceFault(r string) (message string, ok bool) {
	if r == "*" {
		return "", true
	}
	parts := strings.SplitN(r, ":", 6)
	if len(parts) == 1 {
		return `Resource ` + r + ` must be in ARN format or "*".`, true
	}
	if !partition(parts[1]) {
		return `Partition "` + parts[1] + `" is not valid for resource "arn:` + strings.Join(starred(parts[1:]), ":") + `".`, true
	}
	if len(parts) == 2 || strings.ContainsAny(parts[2], "*?") {
		return "Resource vendor must be fully qualified and cannot contain regexes.", true
	}
	vendor := parts[2]
	if len(parts) > 3 && parts[3] != "" || len(parts) == 3 {
		switch vendor {
		case "iam":
			return "IAM resource " + r + " cannot contain region information.", true
		case "s3":
			return "Resource " + r + " can not contain region information.", true
		}
	}
	if vendor == "" || len(parts) < 6 {
		return "", false
	}
	if vendor == "iam" && !iamPath(parts[5]) {
		return iamPathFault, true
	}
	return "", true
}

func partition(s string) bool {
	switch s {
	case "aws", "aws-cn", "aws-us-gov":
		return true
	}
	return false
}

// starred fills up to five segments with "*", as AWS's text does.
func starred(segments []string) []string {
	out := []string{"*", "*", "*", "*", "*"}
	copy(out, segments)
	return out
}

const iamPathFault = `IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, ` +
	`instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.`

func iamPath(s string) bool {
	if s == "*" || s == "root" {
		return true
	}
	kind, _, ok := strings.Cut(s, "/")
	if !ok {
		return false
	}
	switch kind {
	case "user", "federated-user", "role", "group", "instance-profile", "mfa", "server-certificate", "policy", "sms-mfa",
		"saml-provider", "oidc-provider", "report", "access-report":
		return true
	}
	return false
}
