package main

import (
	"fmt"
	"strings"

	cedar "github.com/cedar-policy/cedar-go"

	"github.com/regent-iam/regent/policy"
)

// translate says the same in Cedar, one policy for a statement. Actions without
// wildcards stand in the scope, where Cedar finds them fastest; patterns and
// ARNs are strings of the context, since Cedar's like compares strings. It is
// not ok when Cedar cannot say it: its patterns hold no variables.
func translate(docs []*policy.Document) (*cedar.PolicySet, bool) {
	for _, doc := range docs {
		if strings.Contains(doc.Text(), "${") {
			return nil, false
		}
	}
	set, err := cedar.NewPolicySetFromBytes("", []byte(cedarText(docs)))
	return set, err == nil
}

func cedarText(docs []*policy.Document) string {
	var b strings.Builder
	for _, doc := range docs {
		for i := range doc.Statements {
			writeCedar(&b, &doc.Statements[i])
		}
	}
	return b.String()
}

func writeCedar(b *strings.Builder, s *policy.Statement) {
	effect, scope := "permit", "action"
	if s.Effect == policy.EffectDeny {
		effect = "forbid"
	}
	var all []string
	if actions := texts(s.Actions); strings.Contains(strings.Join(actions, ""), "*") {
		all = append(all, anyLike("action", actions))
	} else {
		var names []string
		for _, a := range actions {
			names = append(names, fmt.Sprintf("Action::%q", a))
		}
		scope = "action in [" + strings.Join(names, ", ") + "]"
	}
	all = append(all, anyLike("resource", texts(s.Resources)))
	for _, c := range s.Conditions {
		key := cedarKey(c.Key)
		all = append(all, "context has "+key+" && "+anyLike(key, texts(c.Values)))
	}
	fmt.Fprintf(b, "%s(principal, %s, resource) when { %s };\n", effect, scope, strings.Join(all, " && "))
}

// anyLike compares a string of the context with patterns or, without wildcards, texts.
func anyLike(key string, patterns []string) string {
	var any []string
	for _, p := range patterns {
		operator := "=="
		if strings.Contains(p, "*") {
			operator = "like"
		}
		any = append(any, fmt.Sprintf("context.%s %s %q", key, operator, p))
	}
	return "(" + strings.Join(any, " || ") + ")"
}

// cedarKey is a condition key as an identifier.
func cedarKey(key string) string { return strings.NewReplacer(":", "_", "-", "_").Replace(key) }

func (c *policyCase) cedarRequest() cedar.Request {
	context := cedar.RecordMap{"action": cedar.String(c.Request.Action), "resource": cedar.String(c.Request.Resource)}
	for key, values := range c.Request.Context {
		context[cedar.String(cedarKey(key))] = cedar.String(values[0])
	}
	return cedar.Request{
		Principal: cedar.NewEntityUID("User", cedar.String(c.Request.Principal)), Action: cedar.NewEntityUID("Action", cedar.String(c.Request.Action)),
		Resource: cedar.NewEntityUID("Resource", cedar.String(c.Request.Resource)), Context: cedar.NewRecord(context),
	}
}
