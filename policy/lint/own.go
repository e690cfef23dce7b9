package lint

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
)

// ownRules are Regent's own.
var ownRules = []rule{
	{"escalation", checkEscalation},
	{"administrators", checkAdministrators},
	{"own conditions", checkOwnConditions},
	{"trusted strangers", checkTrustedStrangers},
	{"dead principals", checkDeadPrincipals},
}

// own adds a finding of Regent's own.
func (c *checker) own(code string, class Class, details string, at []Location) {
	c.findings = append(c.findings, Finding{Code: code, Class: class, Details: details, Locations: at})
}

// An escalation is a way to more permissions: any of several sets of actions.
type escalation struct {
	code string
	lets string // "… lets this principal"
	any  [][]string
	// dependent says that it matters what the target is, which a document does
	// not tell.
	dependent bool
}

// escalations are the ways that are known (findings, 4).
var escalations = []escalation{
	{"LX-1", "rewrite a customer policy that is attached to it", [][]string{{"iam:CreatePolicyVersion"}}, false},
	{"LX-2", "go back to a stronger version of a policy", [][]string{{"iam:SetDefaultPolicyVersion"}}, false},
	{"LX-3", "grant any permission to a user", anyOf("iam:AttachUserPolicy", "iam:PutUserPolicy"), false},
	{"LX-4", "grant any permission to a group it is in", anyOf("iam:AttachGroupPolicy", "iam:PutGroupPolicy"), false},
	{"LX-5", "grant any permission to a role", anyOf("iam:AttachRolePolicy", "iam:PutRolePolicy"), false},
	{"LX-6", "join a stronger group", anyOf("iam:AddUserToGroup"), false},
	{"LX-7", "make any role trust it", anyOf("iam:UpdateAssumeRolePolicy"), false},
	{"LX-8", "get keys of another user", anyOf("iam:CreateAccessKey"), false},
	{"LX-9", "set another user's password", anyOf("iam:CreateLoginProfile", "iam:UpdateLoginProfile"), false},
	{"LX-10", "remove another user's second factor", anyOf("iam:DeactivateMFADevice", "iam:DeleteVirtualMFADevice"), false},
	{"LX-11", "lift a boundary", anyOf("iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary",
		"iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary"), false},
	{"LX-12", "create a stronger principal", [][]string{
		{"iam:CreateUser", "iam:AttachUserPolicy"},
		{"iam:CreateUser", "iam:PutUserPolicy"},
		{"iam:CreateRole", "iam:AttachRolePolicy"},
		{"iam:CreateRole", "iam:PutRolePolicy"},
	}, false},
	{"LX-14", "forge federated logins", anyOf("iam:UpdateSAMLProvider", "iam:CreateOpenIDConnectProvider", "iam:AddClientIDToOpenIDConnectProvider"), false},
	{"LX-15", "get another user's service credentials", anyOf("iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential", "iam:UploadSSHPublicKey"), false},
	{"LX-16", "run a machine with a role", passing("ec2:RunInstances"), false},
	{"LX-17", "run code with a role", [][]string{
		{"iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"},
		{"iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"},
		{"iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"},
	}, false},
	{"LX-18", "run code with an existing function's role", anyOf("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"), true},
	{"LX-19", "deploy with a role", [][]string{
		{"iam:PassRole", "cloudformation:CreateStack"},
		{"iam:PassRole", "cloudformation:UpdateStack"},
		{"iam:PassRole", "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"},
	}, false},
	{"LX-20", "run code with a role", [][]string{
		{"iam:PassRole", "glue:CreateDevEndpoint"}, {"iam:PassRole", "glue:CreateJob", "glue:StartJobRun"}, {"glue:UpdateDevEndpoint"},
	}, false},
	{"LX-21", "build with a role", [][]string{
		{"iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"},
		{"iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuildBatch"},
	}, false},
	{"LX-22", "run code with a role", [][]string{
		{"iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"},
		{"iam:PassRole", "sagemaker:CreateTrainingJob"},
		{"iam:PassRole", "sagemaker:CreateProcessingJob"},
	}, false},
	{"LX-23", "run a task with a role", [][]string{
		{"iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"},
		{"iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:StartTask"},
		{"iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:CreateService"},
	}, false},
	{"LX-24", "run code with a role through another service", [][]string{
		{"iam:PassRole", "autoscaling:CreateLaunchConfiguration", "autoscaling:CreateAutoScalingGroup"},
		{"iam:PassRole", "datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition", "datapipeline:ActivatePipeline"},
		{"iam:PassRole", "apprunner:CreateService"},
	}, false},
	{"LX-25", "take a machine's role", anyOf("ssm:SendCommand", "ssm:StartSession", "ec2-instance-connect:SendSSHPublicKey"), true},
	{"LX-26", "lift guard rails from above", anyOf("organizations:AttachPolicy", "organizations:DetachPolicy", "organizations:UpdatePolicy", "sts:AssumeRoot"), false},
	{"LX-27", "expose data", anyOf("s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutAccessPointPolicy", "s3:PutBucketPublicAccessBlock"), false},
}

func anyOf(actions ...string) [][]string {
	var out [][]string
	for _, a := range actions {
		out = append(out, []string{a})
	}
	return out
}

func passing(action string) [][]string { return [][]string{{"iam:PassRole", action}} }

// A grant is how a document allows an action: where, and how freely.
type grant struct {
	at     *node
	freely bool // on more than resources by name, and with no condition that pins it
}

// checkEscalation reports actions that lead to more permissions than the
// document has in it.
func checkEscalation(c *checker) {
	if !c.options.Own || c.kind != Identity || slices.ContainsFunc(c.document, (*statement).allowsEverything) {
		return
	}
	for _, e := range escalations {
		var actions []string
		var nodes []*node
		freely := false
		for _, set := range e.any {
			grants, ok := c.grants(set)
			if !ok {
				continue
			}
			freely = freely || all(grants, func(g grant) bool { return g.freely })
			for i, g := range grants {
				if !slices.Contains(actions, set[i]) {
					actions, nodes = append(actions, set[i]), append(nodes, g.at)
				}
			}
		}
		if len(actions) > 0 {
			c.own(e.code, weight(freely && !e.dependent), strings.Join(actions, ", ")+" lets this principal "+e.lets+".", c.at(unique(nodes)...))
		}
	}
	c.assumingEverything()
}

func weight(freely bool) Class {
	if freely {
		return SecurityWarning
	}
	return Info
}

func unique(nodes []*node) []*node {
	var out []*node
	for _, n := range nodes {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// grants returns how the document allows all of the actions.
func (c *checker) grants(actions []string) ([]grant, bool) {
	out := make([]grant, 0, len(actions))
	for _, a := range actions {
		g, ok := c.grant(a)
		if !ok {
			return nil, false
		}
		out = append(out, g)
	}
	return out, true
}

// grant returns how the document allows an action, the freest way of several.
func (c *checker) grant(action string) (grant, bool) {
	service, a, ok := catalog.LookupAction(action)
	if !ok || c.deniedEverywhere(action) {
		return grant{}, false
	}
	var best grant
	for _, s := range c.document {
		if !s.allows() || !s.covers(arn.Fold(action)) {
			continue
		}
		reach := s.reach(service, a)
		if reach == nowhere {
			continue
		}
		_, at := s.writes(arn.Fold(action))
		g := grant{at: at, freely: reach == anywhere && !s.pinned() && !c.deniedSometimes(action)}
		if best.at == nil || g.freely && !best.freely {
			best = g
		}
	}
	return best, best.at != nil
}

// deniedEverywhere reports whether a Deny without conditions covers the action
// on all resources.
func (c *checker) deniedEverywhere(action string) bool {
	return slices.ContainsFunc(c.document, func(s *statement) bool {
		return s.denies() && len(s.conditions) == 0 && s.covers(arn.Fold(action)) && !s.notResource &&
			slices.ContainsFunc(s.resources, func(r value) bool { return r.text == "*" })
	})
}

// deniedSometimes reports whether any Deny covers the action.
func (c *checker) deniedSometimes(action string) bool {
	return slices.ContainsFunc(c.document, func(s *statement) bool { return s.denies() && s.covers(arn.Fold(action)) })
}

// pinned reports whether a condition limits what the actions can do.
func (s *statement) pinned() bool {
	return slices.ContainsFunc(s.conditions, func(c condition) bool {
		return c.is("iam:passedtoservice", "iam:permissionsboundary") || strings.Contains(c.fold, ":resourcetag/")
	})
}

// A reach says which resources a statement has an action on.
type reach uint8

const (
	nowhere  reach = iota // none of the action's, or the caller's own alone
	byName                // those that are written out
	anywhere              // more than those
)

func (s *statement) reach(service *catalog.Service, a *catalog.Action) reach {
	if s.notResource {
		return anywhere
	}
	best := nowhere
	for _, r := range s.resources {
		best = max(best, reachOf(r.text, service, a))
	}
	return best
}

func reachOf(text string, service *catalog.Service, a *catalog.Action) reach {
	if text == "*" {
		return anywhere
	}
	if ownResource(text) {
		return nowhere
	}
	p := resourcePattern(text, true)
	for _, r := range a.Resources {
		t, ok := service.Resource(r.Type)
		if !ok || !coversAny(p, resourcePattern(t.Pattern, true)) {
			continue
		}
		if all(p[resourceAt], func(r rune) bool { return r >= 0 }) {
			return byName
		}
		return anywhere
	}
	return nowhere
}

// coversAny reports whether some ARN matches both.
func coversAny(a, b []pattern) bool {
	return len(a) == len(b) && intersectSegments(a, b)
}

// ownResource reports whether a resource is the caller's own by a variable.
func ownResource(text string) bool {
	return strings.HasSuffix(text, "/${aws:username}") || strings.HasSuffix(text, "/${aws:PrincipalTag/username}")
}

// assumingEverything reports LX-13.
func (c *checker) assumingEverything() {
	for _, s := range c.document {
		if !s.allows() || !s.covers("sts:assumerole") || len(s.conditions) > 0 || c.deniedEverywhere("sts:AssumeRole") {
			continue
		}
		star := slices.IndexFunc(s.resources, func(r value) bool { return isAnyRole(r.text, []string{"role/"}) })
		if s.notResource || star < 0 {
			continue
		}
		_, at := s.writes("sts:assumerole")
		c.own("LX-13", SecurityWarning, "sts:AssumeRole lets this principal become every role that trusts the account.", c.at(at, s.resources[star].node))
	}
}

// allowsEverything reports whether s allows every action on everything.
func (s *statement) allowsEverything() bool {
	star := func(v value) bool { return v.text == "*" }
	return s.allows() && len(s.conditions) == 0 && !s.notAction && !s.notResource &&
		slices.ContainsFunc(s.actions, star) && slices.ContainsFunc(s.resources, star)
}

// checkAdministrators reports LX-28.
func checkAdministrators(c *checker) {
	if !c.options.Own || c.kind != Identity {
		return
	}
	for _, s := range c.document {
		switch {
		case s.allowsEverything():
			c.own("LX-28", SecurityWarning, "* on * lets this principal be administrator.", c.at(s.node))
		case s.allows() && s.notAction && (s.notResource || slices.ContainsFunc(s.resources, func(r value) bool { return r.text == "*" })):
			c.own("LX-28", weight(len(s.conditions) == 0), "NotAction lets this principal do whatever it does not list.", c.at(s.node.member("NotAction")))
		}
	}
}
