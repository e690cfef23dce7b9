// Package accessanalyzer implements IAM Access Analyzer's checks of policies: what
// is wrong with a document, and what it grants.
package accessanalyzer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"

	api "github.com/regent-iam/regent/internal/api/accessanalyzer"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/policy/lint"
)

// Operations returns every operation of the service.
func Operations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Read("CheckAccessNotGranted", needs[api.CheckAccessNotGrantedInput]("access-analyzer:CheckAccessNotGranted"), checkAccessNotGranted),
		dispatch.Read("CheckNoNewAccess", needs[api.CheckNoNewAccessInput]("access-analyzer:CheckNoNewAccess"), checkNoNewAccess),
		dispatch.Read("ValidatePolicy", needs[api.ValidatePolicyInput]("access-analyzer:ValidatePolicy"), validatePolicy),
	}
}

// needs returns what an operation on no resource asks for.
func needs[In any](action string) func(dispatch.Call, *In) ([]authz.Need, error) {
	return func(dispatch.Call, *In) ([]authz.Need, error) {
		return []authz.Need{{Action: action, Resource: "*"}}, nil
	}
}

// pageSize is how many findings an answer has at most.
const pageSize = 100

func invalid(format string, args ...any) *awserr.Error {
	return api.ValidationException(format, args...).With("reason", "fieldValidationFailed")
}

// validatePolicy reviews a document. One that is wrong is no error: what is wrong
// with it is the answer (LI-26).
func validatePolicy(_ context.Context, call dispatch.Call, in *api.ValidatePolicyInput) (*api.ValidatePolicyOutput, error) {
	kind, ok := lint.KindOf(in.PolicyType, in.ValidatePolicyResourceType)
	if !ok {
		return nil, invalid("InvalidInput")
	}
	if len(in.PolicyDocument) > lint.MaxBytes {
		return nil, invalid("The policy document is longer than %d bytes.", lint.MaxBytes)
	}
	size := pageSize
	if in.MaxResults != nil {
		if *in.MaxResults < 1 {
			return nil, invalid("maxResults must be at least 1.")
		}
		size = min(size, int(*in.MaxResults))
	}
	from, err := page(call, in)
	if err != nil {
		return nil, err
	}
	found, err := lint.Lint(in.PolicyDocument, lint.Options{Kind: kind})
	if err != nil {
		return nil, err
	}
	out := &api.ValidatePolicyOutput{Findings: []api.ValidatePolicyFinding{}}
	from = min(from, len(found))
	to := min(from+size, len(found))
	for _, f := range found[from:to] {
		out.Findings = append(out.Findings, finding(f))
	}
	if to < len(found) {
		out.NextToken, err = call.Marker(fingerprint(in) + " " + strconv.Itoa(to))
	}
	return out, err
}

// fingerprint tells inputs apart, so that a token leads on in no other document.
func fingerprint(in *api.ValidatePolicyInput) string {
	sum := sha256.Sum256([]byte(in.PolicyType + " " + in.ValidatePolicyResourceType + " " + in.PolicyDocument))
	return hex.EncodeToString(sum[:16])
}

// page returns the number of the finding that a token leads to.
func page(call dispatch.Call, in *api.ValidatePolicyInput) (int, error) {
	if in.NextToken == nil {
		return 0, nil
	}
	wrong := invalid("nextToken is not valid.")
	after, err := call.After(*in.NextToken)
	if errors.Is(err, dispatch.ErrMarker) || *in.NextToken == "" {
		return 0, wrong
	}
	if err != nil {
		return 0, err
	}
	of, number, _ := strings.Cut(after, " ")
	from, err := strconv.Atoi(number)
	if err != nil || of != fingerprint(in) {
		return 0, wrong
	}
	return from, nil
}

func finding(f lint.Finding) api.ValidatePolicyFinding {
	out := api.ValidatePolicyFinding{
		FindingDetails: f.Details, FindingType: string(f.Class), IssueCode: f.Code, LearnMoreLink: f.LearnMore(),
		Locations: []api.Location{},
	}
	for _, at := range f.Locations {
		location := api.Location{
			Path: []api.PathElement{},
			Span: &api.Span{Start: position(at.Span.Start), End: position(at.Span.End)},
		}
		for _, e := range at.Path {
			location.Path = append(location.Path, element(e))
		}
		out.Locations = append(out.Locations, location)
	}
	return out
}

func position(p lint.Position) *api.Position {
	return &api.Position{Line: int32(p.Line), Column: int32(p.Column), Offset: int32(p.Offset)}
}

// element returns a step of a path, which is one of four things (LI-22).
func element(e lint.PathElement) api.PathElement {
	switch e.Kind {
	case lint.PathIndex:
		return api.PathElement{Index: new(int32(e.Index))}
	case lint.PathKey:
		return api.PathElement{Key: new(e.Name)}
	case lint.PathSubstring:
		return api.PathElement{Substring: &api.Substring{Start: int32(e.Start), Length: int32(e.Length)}}
	default:
		return api.PathElement{Value: new(e.Name)}
	}
}
