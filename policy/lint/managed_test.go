package lint_test

import (
	"runtime"
	"testing"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/policy/lint"
)

func TestManagedPoliciesDump(t *testing.T) {
	count := map[string]int{}
	var keep []*catalog.Service
	for p := range catalog.Services() {
		s, _ := catalog.ServiceByPrefix(p)
		keep = append(keep, s)
	}
	defer runtime.KeepAlive(keep)
	examples := map[string]string{}
	for p := range catalog.ManagedPolicies() {
		found, err := lint.Lint(p.Document(), lint.Options{})
		if err != nil {
			t.Fatal(p.Name, err)
		}
		seen := map[string]bool{}
		for _, f := range found {
			if !seen[f.Code] {
				seen[f.Code] = true
				count[f.Code]++
				if f.Class == lint.Error || f.Class == lint.SecurityWarning || f.Class == lint.Warning {
					t.Log(p.Name, f.Code, f.Details, printPath(f.Locations[0].Path))
				}
			}
			examples[f.Code] = p.Name + " " + f.Details + printPath(f.Locations[0].Path)
		}
	}
	for c, n := range count {
		t.Log("COUNT", c, n, examples[c])
	}
}
