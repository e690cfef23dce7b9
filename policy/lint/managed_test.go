package lint_test

import (
	"runtime"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/policy/lint"
)

// AWS's own policies are right: what is called an error in them is our mistake,
// until this list explains it. Numbers are of policies.
//
// Rules: LI-7 LI-11
func TestLintFindsLittleInManagedPolicies(t *testing.T) {
	services := make([]*catalog.Service, 0, 500) // held, so that each is unpacked once
	for prefix := range catalog.Services() {
		s, _ := catalog.ServiceByPrefix(prefix)
		services = append(services, s)
	}
	defer runtime.KeepAlive(services)
	got := map[string]int{}
	for p := range catalog.ManagedPolicies() {
		found, err := lint.Lint(p.Document(), lint.Options{})
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		seen := map[string]bool{}
		for _, f := range found {
			if f.Class != lint.Suggestion && !seen[f.Code] {
				seen[f.Code] = true
				got[f.Code]++
			}
		}
	}
	want := map[string]int{
		"INVALID_SERVICE_IN_ACTION":     12, // services that AWS has given up
		"INVALID_SERVICE":               2,  // the same, in condition keys
		"INVALID_ACTION":                8,  // actions that AWS has given up
		"INVALID_SERVICE_CONDITION_KEY": 1,  // lakeformation:GlueARN, which AWS documents nowhere
		// Collections ("/tags", "/v2/apis", "/workspaces"), a stack without its id,
		// a resource that is a colon.
		"INVALID_ARN_RESOURCE": 8,
		"MISSING_ARN_ACCOUNT":  2, // arn:aws:kms:*::*
		// Actions beside a key that the reference gives to others of the service
		// only; in a service's own policies the service knows better.
		"UNSUPPORTED_ACTION_FOR_CONDITION_KEY": 24,

		"PASS_ROLE_WITH_STAR_IN_RESOURCE":              5,
		"PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE":   3,
		"CREATE_SLR_WITH_STAR_IN_RESOURCE":             3,
		"CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE":  3,
		"STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS": 8,
		"POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA":    67,
		"TYPE_MISMATCH": 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
