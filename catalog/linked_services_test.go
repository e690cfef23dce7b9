package catalog_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/regent-iam/regent/catalog"
)

// Rules: IA-46
func TestLinkedServices(t *testing.T) {
	all := catalog.LinkedServices()
	if !slices.IsSortedFunc(all, func(a, b catalog.LinkedService) int { return strings.Compare(a.Principal, b.Principal) }) {
		t.Error("services are not in order")
	}
	roles, policies := map[string]bool{}, map[string]bool{}
	for _, s := range all {
		if found, ok := catalog.LookupLinkedService(s.Principal); !ok || found != s {
			t.Errorf("%s: %+v", s.Principal, found)
		}
		p, ok := catalog.LookupManagedPolicy(s.Policy)
		if !ok || p.Path != "/aws-service-role/" || p.Name != s.Policy {
			t.Errorf("%s: policy %q of path %q", s.Principal, s.Policy, p.Path)
		}
		if roles[s.Role] || policies[s.Policy] || !strings.HasPrefix(s.Role, "AWSServiceRoleFor") || len(s.Role) > 64 {
			t.Errorf("%s: role %q with policy %q", s.Principal, s.Role, s.Policy)
		}
		roles[s.Role], policies[s.Policy] = true, true
		if !strings.HasSuffix(s.Principal, ".amazonaws.com") {
			t.Error(s.Principal)
		}
	}
	for _, name := range []string{"", "ECS.amazonaws.com", "ecs.amazonaws.com.", "example.com", "zzz.amazonaws.com"} {
		if s, ok := catalog.LookupLinkedService(name); ok {
			t.Errorf("%q: %+v", name, s)
		}
	}
}
