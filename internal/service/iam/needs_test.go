package iam_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/catalog"
	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
)

// withoutAction are the operations that the service authorization reference has
// no action for, and what they ask for instead.
var withoutAction = map[string]string{
	// A change of a request's notes; the reference has no action of that name,
	// and the API reference says that the operation has the permission of its own
	// name.
	"UpdateDelegationRequest": "iam:UpdateDelegationRequest",
}

// oneOf are the actions of which the reference calls each of several resource
// types required: a call is about one of them, whichever its ARN names.
var oneOf = map[string]bool{"GenerateServiceLastAccessedDetails": true, "ListPoliciesGrantingServiceAccess": true}

// determined are the condition keys whose value stands in a call.
var determined = map[string]string{
	"PolicyArn":                     "iam:PolicyARN",
	"PermissionsBoundary":           "iam:PermissionsBoundary",
	"AWSServiceName":                "iam:AWSServiceName",
	"OrganizationsPolicyId":         "iam:OrganizationsPolicyId",
	"ServiceName":                   "iam:ServiceSpecificCredentialServiceName",
	"CredentialAgeDays":             "iam:ServiceSpecificCredentialAgeDays",
	"NotificationChannel":           "iam:NotificationChannel",
	"SessionDuration":               "iam:DelegationDuration",
	"Permissions.PolicyTemplateArn": "iam:TemplateArn",
	"OwnerId":                       "iam:DelegationRequestOwner",
}

// callers are those of operations that are not root's to call.
var callers = map[string]string{"ChangePassword": "u"}

// Every operation asks for actions that there are, on ARNs of the resource types
// that they take, with the condition keys that they know, and leaves out none
// that the call determines: the service authorization reference of AWS says
// what these are.
//
// Rules: IA-61 IA-78 EV-63
func TestNeedsAgreeWithTheServiceAuthorizationReference(t *testing.T) {
	t.Parallel()
	w := newNeedsWorld(t)
	seen := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(inputs)) {
		operation, parameters := w.call(strings.TrimSpace(line))
		if api.Service.Operation(operation) == nil || seen[operation] {
			t.Errorf("%s is no operation of IAM, or is listed twice", operation)
		}
		seen[operation] = true
		if !w.served[operation] {
			continue
		}
		caller := "root"
		if name, ok := callers[operation]; ok {
			caller = name
		}
		needs, answer := w.As(caller).Needs("iam", operation, parameters...)
		if len(needs) == 0 {
			t.Errorf("%s asks for nothing: %s", operation, answer.Body)
			continue
		}
		c := &needsCheck{T: t, w: w, operation: operation, parameters: parameters, needs: needs}
		c.check()
	}
	for i := range api.Service.Operations {
		if name := api.Service.Operations[i].Name; !seen[name] {
			t.Errorf("there is no input for %s", name)
		}
	}
}

// A needsCheck checks what one call asks for.
type needsCheck struct {
	*testing.T
	w          *needsWorld
	operation  string
	parameters []string // names and values
	needs      []authz.Need
}

func (c *needsCheck) check() {
	c.Helper()
	own := "iam:" + c.operation
	if action, ok := withoutAction[c.operation]; ok {
		own = action
	}
	if c.needs[0].Action != own {
		c.Errorf("%s asks for %s", c.operation, c.needs[0].Action)
	}
	matched := map[string]bool{}
	for i := range c.needs {
		n := &c.needs[i]
		service, action, ok := catalog.LookupAction(n.Action)
		switch {
		case withoutAction[c.operation] == n.Action:
			if ok {
				c.Errorf("the reference has %s after all", n.Action)
			}
		case !ok || "iam:"+action.Name != n.Action:
			c.Errorf("%s asks for %s, which there is not", c.operation, n.Action)
		default:
			kind := c.resource(service, action, n)
			c.keys(action, kind, n)
			if n.Action == own && kind != nil {
				matched[kind.Name] = true
			}
		}
	}
	c.required(matched)
	if i := slices.Index(c.parameters, "Tags.member.1.Key"); i >= 0 && !strings.HasPrefix(c.operation, "Tag") {
		if !slices.ContainsFunc(c.needs, func(n authz.Need) bool { return strings.HasPrefix(n.Action, "iam:Tag") }) {
			c.Errorf("%s gives tags and does not ask whether it may", c.operation)
		}
	}
}

// required checks that each type of resource that the action must have is asked
// about.
func (c *needsCheck) required(matched map[string]bool) {
	c.Helper()
	_, action, ok := catalog.LookupAction("iam:" + c.operation)
	if !ok {
		return
	}
	if oneOf[c.operation] {
		if len(matched) != 1 {
			c.Errorf("%s asks about %v", c.operation, matched)
		}
		return
	}
	for _, r := range action.Resources {
		if r.Required && !matched[r.Type] {
			c.Errorf("%s does not ask about a %s", c.operation, r.Type)
		}
	}
}

// resource returns the type of resource that a need is about, nil for none.
func (c *needsCheck) resource(service *catalog.Service, action *catalog.Action, n *authz.Need) *catalog.ResourceType {
	c.Helper()
	if len(action.Resources) == 0 {
		// It is decided for "*" whatever the need says, which is for the message.
		if n.Resource != "*" && !strings.HasPrefix(n.Resource, "arn:aws:iam::"+account+":") {
			c.Errorf("%s: %s on %s, and it knows no resources", c.operation, n.Action, n.Resource)
		}
		return nil
	}
	optional := true
	for _, r := range action.Resources {
		kind, ok := service.Resource(r.Type)
		if ok && arnPattern(kind.Pattern).MatchString(n.Resource) {
			return kind
		}
		optional = optional && !r.Required
	}
	if !optional || n.Resource != "*" {
		c.Errorf("%s: %s on %s, and it is about %v", c.operation, n.Action, n.Resource, action.Resources)
	}
	return nil
}

var placeholder = regexp.MustCompile(`\\\$\\\{[A-Za-z]+\\\}`)

// arnPattern returns what the ARNs of a type of resource look like.
func arnPattern(pattern string) *regexp.Regexp {
	quoted := strings.ReplaceAll(regexp.QuoteMeta(pattern), `\$\{Account\}`, `(\d{12}|aws)`)
	return regexp.MustCompile("^" + placeholder.ReplaceAllString(quoted, ".+") + "$")
}

// keys checks that a need has the keys that the call determines and none that the
// action does not know.
func (c *needsCheck) keys(action *catalog.Action, kind *catalog.ResourceType, n *authz.Need) {
	c.Helper()
	known := slices.Clone(action.Keys)
	if kind != nil {
		known = append(known, kind.Keys...)
		for _, r := range action.Resources {
			if r.Type == kind.Name {
				known = append(known, r.Keys...)
			}
		}
		if slices.Contains(kind.Keys, "aws:ResourceTag/${TagKey}") {
			// The reference has IAM's own spelling for users and roles only.
			// Whatever has tags has both here (EV-63, "iam:ResourceTag/k").
			known = append(known, "iam:ResourceTag/${TagKey}")
		}
	}
	for _, k := range n.Keys {
		key, ok := catalog.LookupKey(k.Name)
		if !ok || !slices.Contains(known, key.Name) {
			c.Errorf("%s: %s does not know the key %s", c.operation, n.Action, k.Name)
		}
		if k.Multi != key.Type.Multivalued() {
			c.Errorf("%s: the key %s of %s has a wrong number of values", c.operation, k.Name, n.Action)
		}
	}
	for key, value := range c.expected(n) {
		given, ok := catalog.LookupKey(key)
		if ok && slices.Contains(known, given.Name) && !slices.ContainsFunc(n.Keys, func(k authz.Key) bool {
			return k.Name == key && slices.Equal(k.Values, []string{value})
		}) {
			c.Errorf("%s: %s on %s without %s=%s: %v", c.operation, n.Action, n.Resource, key, value, n.Keys)
		}
	}
}

// expected returns the keys that the call and the things that it is about
// determine.
func (c *needsCheck) expected(n *authz.Need) map[string]string {
	keys := map[string]string{}
	if n.Resource == userARN || n.Resource == roleARN {
		keys["iam:PermissionsBoundary"] = c.w.words["bound"]
	}
	if c.w.tagged[n.Resource] {
		keys["aws:ResourceTag/team"], keys["iam:ResourceTag/team"] = "a", "a"
	}
	if n.Action == "iam:PassRole" {
		keys["iam:PassedToService"] = "ec2.amazonaws.com" // the one service with a profile of roles
	}
	for i := 0; i < len(c.parameters); i += 2 {
		name, value := c.parameters[i], c.parameters[i+1]
		switch key, ok := determined[name]; {
		case ok:
			keys[key] = value
		case name == "Tags.member.1.Key":
			keys["aws:RequestTag/"+value], keys["aws:TagKeys"] = "v", value
		case name == "TagKeys.member.1":
			keys["aws:TagKeys"] = value
		case name == "ServiceSpecificCredentialId" && c.w.served["CreateServiceSpecificCredential"]:
			keys["iam:ServiceSpecificCredentialServiceName"] = "codecommit.amazonaws.com"
		}
	}
	return keys
}
