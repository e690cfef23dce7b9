package accessanalyzer

import (
	"context"
	"fmt"

	api "github.com/regent-iam/regent/internal/api/accessanalyzer"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/compare"
	"github.com/regent-iam/regent/policy/lint"
)

// Results of a check.
const (
	pass = "PASS"
	fail = "FAIL"
)

// read parses a document that a check is about. What is wrong with one is an
// error here, since nothing can be said of what it grants.
func read(name, text string) (*policy.Document, error) {
	if len(text) > lint.MaxBytes {
		return nil, invalid("%s is longer than %d bytes.", name, lint.MaxBytes)
	}
	doc, err := policy.Parse(text)
	if err != nil {
		return nil, api.InvalidParameterException("%s is not a valid policy: %s", name, err)
	}
	return doc, nil
}

// kindOf returns the engine's word for a policy type of a check.
func kindOf(policyType string) policy.Kind {
	if policyType == "RESOURCE_POLICY" {
		return policy.Resource
	}
	return policy.Identity
}

// checkNoNewAccess says whether a document allows what another does not.
func checkNoNewAccess(_ context.Context, _ dispatch.Call, in *api.CheckNoNewAccessInput) (*api.CheckNoNewAccessOutput, error) {
	newer, err := read("newPolicyDocument", in.NewPolicyDocument)
	if err != nil {
		return nil, err
	}
	older, err := read("existingPolicyDocument", in.ExistingPolicyDocument)
	if err != nil {
		return nil, err
	}
	found := compare.NewAccess(newer, older, kindOf(in.PolicyType))
	if found.Answer == compare.No {
		return &api.CheckNoNewAccessOutput{Result: pass, Message: "The modified permissions do not grant new access compared to your existing policy."}, nil
	}
	return &api.CheckNoNewAccessOutput{
		Result: fail, Message: "The modified permissions grant new access compared to your existing policy.",
		Reasons: reasons("New access in", found.Reasons),
	}, nil
}

// checkAccessNotGranted says whether a document may grant what it is not to.
func checkAccessNotGranted(_ context.Context, _ dispatch.Call, in *api.CheckAccessNotGrantedInput) (*api.CheckAccessNotGrantedOutput, error) {
	doc, err := read("policyDocument", in.PolicyDocument)
	if err != nil {
		return nil, err
	}
	what := "actions"
	var accesses []compare.Access
	for _, a := range in.Access {
		if len(a.Actions) == 0 && len(a.Resources) == 0 {
			return nil, api.InvalidParameterException("An access must name actions or resources.")
		}
		if len(a.Resources) > 0 {
			what = "actions or resources"
		}
		accesses = append(accesses, compare.Access{Actions: a.Actions, Resources: a.Resources})
	}
	if len(accesses) == 0 {
		return nil, api.InvalidParameterException("An access must name actions or resources.")
	}
	const message = "The policy document %s access to perform one or more of the listed %s."
	found := compare.Grants(doc, kindOf(in.PolicyType), accesses)
	if found.Answer == compare.No {
		return &api.CheckAccessNotGrantedOutput{Result: pass, Message: fmt.Sprintf(message, "does not grant", what)}, nil
	}
	return &api.CheckAccessNotGrantedOutput{
		Result: fail, Message: fmt.Sprintf(message, "grants", what), Reasons: reasons("One or more of the listed "+what+" in", found.Reasons),
	}, nil
}

// reasons names the statements for which a check failed. One of which it is not
// known whether it does what it is not to counts as if it did, and says so (LI-42).
func reasons(what string, found []compare.Reason) []api.ReasonSummary {
	var out []api.ReasonSummary
	for _, r := range found {
		summary := api.ReasonSummary{StatementIndex: new(int32(r.Index)), StatementId: r.Sid}
		if r.Sid != "" {
			summary.Description = what + " the statement with sid: " + r.Sid + "."
		} else {
			summary.Description = fmt.Sprintf("%s the statement with index: %d.", what, r.Index)
		}
		if r.Answer == compare.Unknown {
			summary.Description += " (not decided: " + r.Why + ")"
		}
		out = append(out, summary)
	}
	return out
}
