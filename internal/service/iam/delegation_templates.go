package iam

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// placeholder matches what a template has in place of a parameter: "@{Name}",
// alone in a string or inside of one.
func placeholder() *regexp.Regexp { return regexp.MustCompile(`"@\{[\w.-]+\}"|@\{[\w.-]+\}`) }

// delegationParameters checks the parameters of a request.
func delegationParameters(in []api.PolicyParameter) ([]identity.DelegationParameter, error) {
	out := make([]identity.DelegationParameter, 0, len(in))
	seen := map[string]bool{}
	for _, p := range in {
		d := identity.DelegationParameter{Name: p.Name, Values: p.Values, List: p.Type == "stringList"}
		switch {
		case p.Name == "" || seen[p.Name]:
			return nil, api.InvalidInput("Parameter names must be given, each once.")
		case len(p.Values) == 0 || !d.List && len(p.Values) > 1:
			return nil, api.InvalidInput("The parameter %s has not the number of values that its type wants.", p.Name)
		}
		seen[p.Name] = true
		out = append(out, d)
	}
	return out, nil
}

// renderTemplate returns the policy that a template and parameters come to. A
// template is a managed policy that the requestor sees. Values are written as
// text inside of strings: none can add a statement.
func renderTemplate(call *dispatch.Call, template string, parameters []identity.DelegationParameter) (string, error) {
	text, _, err := authz.ManagedText(call.Tx, call.Caller.Account, template)
	if errors.Is(err, store.ErrNotFound) {
		return "", api.InvalidInput("The policy template %s does not exist.", template)
	} else if err != nil {
		return "", err
	}
	used, bad := map[string]bool{}, ""
	values := make(map[string]*identity.DelegationParameter, len(parameters))
	for i := range parameters {
		values[parameters[i].Name] = &parameters[i]
	}
	text = placeholder().ReplaceAllStringFunc(text, func(match string) string {
		whole := match[0] == '"'
		p := values[strings.Trim(match, `"@{}`)]
		if p == nil || p.List && !whole {
			bad = match
			return match
		}
		used[p.Name] = true
		list := quotedList(p.Values)
		if whole {
			return list
		}
		return list[1 : len(list)-1]
	})
	if bad != "" {
		return "", api.InvalidInput("The policy template wants a value for %s.", strings.Trim(bad, `"`))
	}
	for _, p := range parameters {
		if !used[p.Name] {
			return "", api.InvalidInput("The policy template has no parameter %s.", p.Name)
		}
	}
	if _, err := checkDocument(policy.Identity, text); err != nil {
		return "", err
	}
	return text, nil
}

// quotedList writes texts as JSON strings.
func quotedList(values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		b, _ := json.Marshal(v) // a string is always JSON
		quoted[i] = string(b)
	}
	return strings.Join(quoted, ",")
}
