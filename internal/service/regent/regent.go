// Package regent implements Regent's own small service: it explains decisions,
// imports and exports accounts, sets their quotas, lists and revokes sessions,
// rotates keys, registers services of the operator's own, and says what server
// this is.
//
// An explanation shows a caller its own side whole, and of every other layer of
// policies only what the caller could read otherwise. What may not be read is
// taken away before the explanation is made, so that nothing about it can show
// in what is left (TH-61).
package regent

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"time"

	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/denials"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
)

// Denials are the refusals that are kept.
type Denials interface {
	// Find returns the account's denial of a request, and what it was made from
	// if that is still at hand.
	Find(account identity.AccountID, requestID string) (*denials.Denial, *authz.Evidence, bool)
	// Last returns the last denial that is c's own.
	Last(c *authn.Caller) (*denials.Denial, *authz.Evidence, bool)
	// Limits returns how many denials are kept of an account, and for how long.
	Limits() (perAccount int, keep time.Duration)
}

// Keys are the sealing keys of the installation.
type Keys interface {
	// Begin takes the turn to rotate, and reports false when somebody has it;
	// then End gives it back, and puts in use what was committed meanwhile.
	Begin() bool
	End(ctx context.Context)
	// Rotate returns the record of the ring of a record with one more key, made at
	// now, and the ring; seal.ErrFull when there are too many.
	Rotate(record []byte, now time.Time) ([]byte, *seal.Ring, error)
	// SessionsUntil returns when the last session under a key has expired that
	// gave its place to another at a time.
	SessionsUntil(rotated time.Time) time.Time
}

// A Config says what a Service explains and which server it is of. All fields
// are needed.
type Config struct {
	Authorizer *authz.Authorizer
	Denials    Denials
	Version    string
	Region     string
	// Served returns the names of the operations that are served, by service.
	Served func() map[string][]string
	// IAM are IAM's operations, which an import and an export consist of.
	IAM []dispatch.Operation
	// AccountID draws the id of an account that is imported; it may draw one that
	// is taken. CanonicalID returns the name that it has in S3's lists.
	AccountID   func(random io.Reader) (identity.AccountID, error)
	CanonicalID func(identity.AccountID) string
	Keys        Keys
}

// A Service has Regent's own operations.
type Service struct {
	config Config
	iam    map[string]*dispatch.Operation
}

// New returns a Service.
func New(c Config) *Service {
	s := &Service{c, make(map[string]*dispatch.Operation, len(c.IAM))}
	for i := range c.IAM {
		s.iam[c.IAM[i].Name] = &c.IAM[i]
	}
	return s
}

// errNoOperation is a mistake in how a server was put together.
var errNoOperation = errors.New("regent: IAM has no such operation")

// Operations returns every operation of the service.
func (s *Service) Operations() []dispatch.Operation {
	return append(slices.Concat(quotaOperations(), s.serviceOperations(), issuerOperations(), sessionOperations(), s.keyOperations()),
		dispatch.Own("ExplainDecision",
			"callers may know why they were refused; of others' policies they see what they may read (TH-61)", s.asks, s.explainDecision),
		dispatch.Read("ExportAccount", exportAccountNeeds, s.exportAccount),
		dispatch.Read("ListTrustEdges", listTrustEdgesNeeds, s.listTrustEdges),
		dispatch.Read("FindAccessPaths", findAccessPathsNeeds, s.findAccessPaths),
		dispatch.Read("GetServerInfo", getServerInfoNeeds, s.getServerInfo),
		s.importOperation(),
	)
}

func getServerInfoNeeds(dispatch.Call, *api.GetServerInfoInput) ([]authz.Need, error) {
	return []authz.Need{{Action: "regent:GetServerInfo", Resource: "*"}}, nil
}

// getServerInfo says which server this is and what it serves.
func (s *Service) getServerInfo(_ context.Context, call dispatch.Call, _ *api.GetServerInfoInput) (*api.GetServerInfoOutput, error) {
	kept, keep := s.config.Denials.Limits()
	out := &api.GetServerInfoOutput{
		Version: s.config.Version, Region: s.config.Region, Time: call.Now, Services: []api.ServiceInfo{},
		DenialsKept: new(int32(kept)), DenialsKeptDays: new(int32(keep / (24 * time.Hour))),
	}
	served := s.config.Served()
	for _, name := range slices.Sorted(maps.Keys(served)) {
		out.Services = append(out.Services, api.ServiceInfo{Name: name, Operations: served[name]})
	}
	return out, nil
}
