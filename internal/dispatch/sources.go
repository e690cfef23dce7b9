package dispatch

import (
	"errors"
	"slices"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
)

// The headers by which a service says for whom and for what it calls.
const (
	sourceAccountHeader = "X-Amz-Source-Account"
	sourceARNHeader     = "X-Amz-Source-Arn"
)

var (
	// ErrNoService reports that somebody who is no service speaks as one.
	ErrNoService = errors.New("X-Amz-Source-Account and X-Amz-Source-Arn are for services only.") //nolint:staticcheck // it is shown as it is
	// ErrSource reports that what a service says of its source cannot be.
	ErrSource = errors.New("X-Amz-Source-Account is an account id and X-Amz-Source-Arn an ARN of that account, each given once and signed.") //nolint:staticcheck // it is shown as it is
)

// Sourced notes for whom and for what a service calls: aws:SourceAccount and
// aws:SourceArn, by which owners keep others from using a service to get at what
// is theirs (EV-36). They are a service's word: nobody else may have one, and
// what is not covered by its signature is not its word.
func Sourced(c *authn.Caller, req *Request) error {
	accounts, arns := req.Parsed.Header[sourceAccountHeader], req.Parsed.Header[sourceARNHeader]
	if len(accounts)+len(arns) == 0 {
		return nil
	}
	if c.Kind != authn.Service || req.Auth == nil {
		return ErrNoService
	}
	account, ok := one(req, accounts, "x-amz-source-account")
	if !ok || len(accounts) > 0 && !arn.ValidAccount(account) {
		return ErrSource
	}
	name, ok := one(req, arns, "x-amz-source-arn")
	if !ok {
		return ErrSource
	}
	if len(arns) > 0 {
		a, err := arn.Parse(name)
		if err != nil || a.Account != "" && account != "" && a.Account != account {
			return ErrSource
		}
	}
	req.Facts.SourceAccount, req.Facts.SourceARN = identity.AccountID(account), name
	return nil
}

// one returns the value of a header that may be given once and must be signed.
func one(req *Request, values []string, lower string) (string, bool) {
	switch {
	case len(values) == 0:
		return "", true
	case len(values) > 1 || !slices.Contains(req.Auth.SignedHeaders, lower):
		return "", false
	}
	return values[0], true
}

// serviceCalls are what a service may call besides S3, where the policies of
// buckets and roles say what it may. All else knows nothing of services.
func serviceCalls() []string {
	return []string{"regent:CheckPassRole", "sts:AssumeRole", "sts:GetCallerIdentity"}
}
