package policy

import (
	"errors"
	"slices"
	"strings"
)

const (
	textInvalidJSON    = "This policy contains invalid Json"
	textVersion        = "The policy must contain a valid version string"
	textEmptyStatement = "Could not parse the policy: Statement is empty!"
	textNotPrincipal   = "Allow with NotPrincipal is not allowed."
)

// trust checks the trust policy of a role, in the order of PL-84.
func (v *validation) trust() error {
	if err := v.fault(faultJSON); err != nil {
		return v.malformed(textInvalidJSON, err)
	}
	if err := v.fault(faultVersion); err != nil {
		return v.malformed(textVersion, err)
	}
	if err := v.fault(faultNoStatement, faultEmpty); err != nil {
		return v.malformed(textEmptyStatement, err)
	}
	if err := v.fault(faultElement); err != nil {
		return v.malformed(syntaxErrors, err)
	}
	if err := v.misspelled(); err != nil {
		return v.malformed(syntaxErrors, err)
	}
	if err := v.badSid(); err != nil {
		return v.malformed(syntaxErrors, err)
	}
	if err := v.repeatedSid(); err != nil {
		return v.malformed("The Statement Ids in the policy are not unique", err)
	}
	if err := v.fault(faultNoEffect, faultEffectCase); err != nil {
		return v.malformed("Missing required field Effect", err)
	}
	for _, check := range []func(*Statement) error{v.trustPrincipal, v.trustAction, v.trustResource, v.trustProvider} {
		for i := range v.doc.Statements {
			if err := check(&v.doc.Statements[i]); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(v.badDate(), v.fault(faultResource)); err != nil {
		return v.malformed(syntaxErrors, err)
	}
	return nil
}

func (v *validation) trustPrincipal(s *Statement) error {
	p := s.Principal
	switch {
	case p == nil:
		return v.malformed("Missing required field Principal", at(s.Span, "no principal"))
	case p.Not && s.Effect == EffectAllow:
		return v.malformed(textNotPrincipal, at(p.Span, "NotPrincipal"))
	case p.Not:
		return v.malformed("AssumeRole policy must not contain NotPrincipal field.", at(p.Span, "NotPrincipal"))
	case p.Bare:
		return v.malformed("Principal must be a JSON object.", at(p.Span, "a string"))
	}
	if err := v.fault(faultBothPrincipals); err != nil {
		return v.malformed("AssumeRole policy must not contain NotPrincipal field.", err)
	}
	if err := v.fault(faultPrincipal); err != nil {
		return v.malformed("Principal must be a JSON object.", err)
	}
	if len(p.Entries) == 0 {
		return v.malformed("Missing required field Principal cannot be empty!", at(p.Span, "no entries"))
	}
	return nil
}

// trustActions are what a trust policy is about (PL-85), folded.
var trustActions = [...]string{
	"sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity", "sts:tagsession", "sts:setsourceidentity",
	"sts:setcontext",
}

func (v *validation) trustAction(s *Statement) error {
	if err := v.fault(faultAction); err != nil {
		return v.malformed(syntaxErrors, err)
	}
	if len(s.Actions) == 0 {
		return v.malformed("Missing required field Action", at(s.Span, "no action"))
	}
	const only = "AssumeRole policy may only specify STS AssumeRole actions."
	if s.NotAction {
		return v.malformed(only, at(s.Span, "NotAction"))
	}
	for _, a := range s.Actions {
		p := compileAction(a.Text)
		fits := func(name string) bool {
			var action actionName
			action.set(name)
			return p.match(&action)
		}
		if p.service() != "sts" || !slices.ContainsFunc(trustActions[:], fits) {
			return v.malformed(only, at(a.Span, "not an action of trust policies"))
		}
	}
	return nil
}

func (v *validation) trustResource(s *Statement) error {
	switch {
	case s.NotResource:
		return v.malformed("AssumeRole policy must not contain resources.", at(s.Span, "NotResource"))
	case s.HasResource:
		return v.malformed("Has prohibited field Resource", at(s.Span, "Resource"))
	}
	return nil
}

func (v *validation) trustProvider(s *Statement) error {
	for _, e := range s.Principal.Entries {
		if e.Type == PrincipalFederated && e.Value.Text == "cognito-identity.amazonaws.com" && len(s.Conditions) == 0 {
			return v.malformed("A condition block must be present for the Cognito provider", at(e.Value.Span, "no condition"))
		}
	}
	if e, bad := badPrincipal(s.Principal); bad {
		if e.Type == PrincipalFederated {
			return v.malformed("Federated principals must be valid domain names or SAML metadata ARNs", at(e.Value.Span, e.Value.Text))
		}
		return v.malformed(invalidPrincipal(e), at(e.Value.Span, "not a principal"))
	}
	return nil
}

// resource checks the policy of a resource of no particular service.
func (v *validation) resource() error {
	if err := v.fault(faultJSON); err != nil {
		return v.malformed(textInvalidJSON, err)
	}
	for _, e := range v.faults {
		return v.malformed(syntaxErrors, e)
	}
	if err := errors.Join(v.misspelled(), v.badDate()); err != nil {
		return v.malformed(syntaxErrors, err)
	}
	if err := v.repeatedSid(); err != nil {
		return v.malformed("The Statement Ids in the policy are not unique", err)
	}
	for i := range v.doc.Statements {
		s := &v.doc.Statements[i]
		missing := ""
		switch {
		case s.Principal == nil || len(s.Principal.Entries) == 0:
			missing = "Principal"
		case len(s.Actions) == 0:
			missing = "Action"
		case len(s.Resources) == 0:
			missing = "Resource"
		}
		if missing != "" {
			return v.malformed("Missing required field "+missing, at(s.Span, "not there"))
		}
		if s.Principal.Not && s.Effect == EffectAllow { // PL-29
			return v.malformed(textNotPrincipal, at(s.Principal.Span, "NotPrincipal"))
		}
		if e, bad := badPrincipal(s.Principal); bad {
			return v.malformed(invalidPrincipal(e), at(e.Value.Span, "not a principal"))
		}
		for _, a := range s.Actions {
			if message := vendorFault(a.Text); message != "" {
				return v.malformed(message, at(a.Span, "not an action"))
			}
		}
	}
	return nil
}

// scp checks a service control policy (PL-86).
func (v *validation) scp() error {
	if err := v.orgSyntax(); err != nil {
		return v.malformed(textOrganizations, err)
	}
	if err := v.noPrincipals(); err != nil {
		return v.malformed(textOrganizations, err)
	}
	return nil
}

const textOrganizations = "The provided policy document does not meet the requirements of the specified policy type."

// orgSyntax checks what service and resource control policies have in common.
func (v *validation) orgSyntax() error {
	for _, e := range v.faults {
		return e
	}
	if err := errors.Join(v.misspelled(), v.badDate(), v.repeatedSid()); err != nil {
		return err
	}
	if v.doc.Version != version2012 {
		return errors.New("policy: the version must be 2012-10-17")
	}
	for i := range v.doc.Statements {
		s := &v.doc.Statements[i]
		if len(s.Actions) == 0 {
			return at(s.Span, "no action")
		}
		if len(s.Resources) == 0 {
			return at(s.Span, "no resource")
		}
		for _, a := range s.Actions {
			if message := vendorFault(a.Text); message != "" {
				return at(a.Span, message)
			}
		}
		for _, r := range s.Resources {
			if r.Text != "*" && !strings.HasPrefix(r.Text, "arn:") {
				return at(r.Span, `a resource is an ARN or "*"`)
			}
		}
	}
	return nil
}

// rcp checks a resource control policy that a customer writes (PL-87).
func (v *validation) rcp() error {
	if err := v.orgSyntax(); err != nil {
		return v.malformed(textOrganizations, err)
	}
	for i := range v.doc.Statements {
		s := &v.doc.Statements[i]
		var cause error
		switch {
		case s.Effect != EffectDeny:
			cause = at(s.Span, "the effect must be Deny")
		case s.Principal == nil || s.Principal.Not || !s.Principal.Bare:
			cause = at(s.Span, `the principal must be "*"`)
		case s.NotAction:
			cause = at(s.Span, "NotAction is not supported")
		case slices.ContainsFunc(s.Actions, func(a Value) bool { return strings.HasPrefix(a.Text, "*") }):
			cause = at(s.Span, "an action must name a service")
		case slices.ContainsFunc(s.Resources, func(r Value) bool { return r.Text != "*" && strings.Count(r.Text, ":") < 5 }):
			cause = at(s.Span, "a resource must have six segments") // PL-51
		}
		if cause != nil {
			return v.malformed(textOrganizations, cause)
		}
	}
	return nil
}
