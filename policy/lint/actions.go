package lint

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
)

// actionRules look at the names of actions.
var actionRules = []rule{
	{"actions", checkActions},
	{"actions of the resource", checkActionsOfResource},
}

func checkActions(c *checker) {
	for _, s := range c.document {
		for _, a := range s.actions {
			c.action(a)
		}
	}
}

func (c *checker) action(a value) {
	prefix, name, ok := strings.Cut(a.text, ":")
	if a.text == "*" {
		return
	}
	if strings.ContainsAny(prefix, "*?") {
		c.report("WILDCARD_IN_SERVICE_NAME", c.at(a.node))
		return
	}
	if c.known.services[arn.Fold(prefix)] || c.known.actions[arn.Fold(a.text)] || hasVariable(a.text) {
		return
	}
	service, found := catalog.ServiceByPrefix(prefix)
	if !found {
		if near, ok := closest(prefix, catalog.Services()); ok {
			c.report("INVALID_SERVICE_IN_ACTION", c.at(a.node), hole{"service", prefix}, hole{"service2", near})
		} else {
			c.reportVariant("INVALID_SERVICE_IN_ACTION", 2, c.at(a.node), hole{"service", prefix})
		}
		return
	}
	if !ok || len(matching(service, name)) == 0 {
		c.unknownAction(a, service, name)
	}
}

// matching returns the actions of a service that a pattern, written without the
// service, matches.
func matching(s *catalog.Service, name string) []*catalog.Action {
	p := actionPattern(name)
	if p.Literal() {
		if a, ok := s.Action(name); ok {
			return []*catalog.Action{a}
		}
		return nil
	}
	var out []*catalog.Action
	for i := range s.Actions {
		if p.Matches(arn.Fold(s.Actions[i].Name)) {
			out = append(out, &s.Actions[i])
		}
	}
	return out
}

// operationActions are API operations that authorize against an action of
// another name.
var operationActions = map[string]string{
	"s3:listbuckets":                        "s3:ListAllMyBuckets",
	"s3:headobject":                         "s3:GetObject",
	"s3:headbucket":                         "s3:ListBucket",
	"s3:listobjects":                        "s3:ListBucket",
	"s3:listobjectsv2":                      "s3:ListBucket",
	"s3:listobjectversions":                 "s3:ListBucketVersions",
	"s3:createmultipartupload":              "s3:PutObject",
	"s3:uploadpart":                         "s3:PutObject",
	"s3:completemultipartupload":            "s3:PutObject",
	"s3:copyobject":                         "s3:PutObject",
	"s3:deleteobjects":                      "s3:DeleteObject",
	"s3:listmultipartuploads":               "s3:ListBucketMultipartUploads",
	"s3:listparts":                          "s3:ListMultipartUploadParts",
	"s3:getbucketencryption":                "s3:GetEncryptionConfiguration",
	"s3:putbucketencryption":                "s3:PutEncryptionConfiguration",
	"s3:getbucketlifecycleconfiguration":    "s3:GetLifecycleConfiguration",
	"s3:putbucketlifecycleconfiguration":    "s3:PutLifecycleConfiguration",
	"s3:deletebucketlifecycle":              "s3:PutLifecycleConfiguration",
	"s3:getbucketreplication":               "s3:GetReplicationConfiguration",
	"s3:putbucketreplication":               "s3:PutReplicationConfiguration",
	"s3:deletebucketcors":                   "s3:PutBucketCORS",
	"s3:deletebuckettagging":                "s3:PutBucketTagging",
	"s3:getbucketnotificationconfiguration": "s3:GetBucketNotification",
	"s3:putbucketnotificationconfiguration": "s3:PutBucketNotification",
	"s3:getpublicaccessblock":               "s3:GetBucketPublicAccessBlock",
	"s3:putpublicaccessblock":               "s3:PutBucketPublicAccessBlock",
	"s3:getobjectlockconfiguration":         "s3:GetBucketObjectLockConfiguration",
	"lambda:invoke":                         "lambda:InvokeFunction",
}

func (c *checker) unknownAction(a value, service *catalog.Service, name string) {
	action := hole{"action", a.text}
	if to, ok := operationActions[arn.Fold(a.text)]; ok {
		c.reportVariant("INVALID_ACTION", 3, c.at(a.node), action, hole{"valid_action", to}, hole{"operation", name})
		return
	}
	if strings.ContainsAny(name, "*?") {
		c.reportVariant("INVALID_ACTION", 2, c.at(a.node), action)
		return
	}
	near, ok := closest(name, func(yield func(string) bool) {
		for i := range service.Actions {
			if !yield(service.Actions[i].Name) {
				return
			}
		}
	})
	if !ok {
		c.reportVariant("INVALID_ACTION", 2, c.at(a.node), action)
		return
	}
	c.report("INVALID_ACTION", c.at(a.node), action, hole{"valid_action", service.Prefix + ":" + near})
}

// trustActions are what a trust policy can allow (PL-85).
var trustActions = []string{
	"sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity",
	"sts:tagsession", "sts:setsourceidentity", "sts:setcontext",
}

// resourceTypesOf are the types of the catalog that a resource policy of a kind
// can be about.
var resourceTypesOf = map[Kind]struct {
	service string
	types   []string
}{
	Bucket:                 {"s3", []string{"bucket", "object"}},
	AccessPoint:            {"s3", []string{"accesspoint", "accesspointobject", "object"}},
	MultiRegionAccessPoint: {"s3", []string{"multiregionaccesspoint", "accesspointobject", "object"}},
	ObjectLambda:           {"s3-object-lambda", []string{"objectlambdaaccesspoint"}},
	Table:                  {"dynamodb", []string{"table", "index", "stream"}},
}

// checkActionsOfResource reports actions that are never asked of the resource
// that has the policy.
func checkActionsOfResource(c *checker) {
	of, ok := resourceTypesOf[c.kind]
	if !ok && c.kind != Trust {
		return
	}
	for _, s := range c.document {
		for _, a := range s.actions {
			service, action, known := catalog.LookupAction(a.text)
			if !known {
				continue
			}
			fits := false
			if c.kind == Trust {
				fits = slices.Contains(trustActions, arn.Fold(a.text))
			} else if service.Prefix == of.service {
				fits = slices.ContainsFunc(action.Resources, func(r catalog.ActionResource) bool { return slices.Contains(of.types, r.Type) })
			}
			if !fits {
				c.report("UNSUPPORTED_ACTION_IN_POLICY", c.at(a.node), hole{"action", a.text}, hole{"resourceType", c.kind.resourceType()})
			}
		}
	}
}
