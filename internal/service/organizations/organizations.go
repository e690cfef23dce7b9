// Package organizations implements the AWS Organizations operations.
package organizations

import (
	"io"

	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
)

// A Config says how the accounts that CreateAccount makes are named. Both
// functions are needed.
type Config struct {
	// AccountID draws the id of a new account. It may draw one that is taken.
	AccountID func(random io.Reader) (identity.AccountID, error)
	// CanonicalID returns the name that an account has in S3's lists.
	CanonicalID func(identity.AccountID) string
}

// A Service has the operations of Organizations.
type Service struct {
	config Config
}

// New returns a Service.
func New(c Config) *Service { return &Service{c} }

// Operations returns every operation that Regent has.
func (s *Service) Operations() []dispatch.Operation { return nil }
