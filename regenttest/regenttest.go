// Package regenttest runs a whole Regent server inside a Go test: accounts,
// users, roles, buckets, and every permission enforced, without a network
// beyond loopback and gone when the test ends.
//
//	srv := regenttest.NewServer(t)
//	prod := srv.NewAccount("prod")
//	cfg := prod.NewUser("alice", `{"Version":"2012-10-17","Statement":[…]}`)
//
// cfg is an [aws.Config] for any client of the AWS SDK for Go: s3.NewFromConfig(cfg)
// and so on. Two servers in one process do not know of each other.
package regenttest

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/regent-iam/regent/internal/server"
)

// A Server is a running server. Its methods fail the test when something that
// should work does not.
type Server struct {
	// URL is where the server listens, such as "http://127.0.0.1:41234".
	URL string
	// Region is the region that the server is in.
	Region string
	// Management is the management account.
	Management *Account

	t      testing.TB
	server *server.Server
}

// NewServer starts a server with one account, the management account. It is
// stopped when the test ends.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s, err := server.New(t.Context(), server.Options{Data: t.TempDir(), InMemory: true})
	if err != nil {
		t.Fatalf("starting regent: %v", err)
	}
	web := httptest.NewServer(s.Handler())
	t.Cleanup(func() {
		web.Close()
		if err := s.Close(); err != nil {
			t.Errorf("stopping regent: %v", err)
		}
	})
	srv := &Server{URL: web.URL, Region: server.DefaultRegion, t: t, server: s}
	first := s.First()
	srv.Management = &Account{ID: string(first.Account), Name: "management", server: srv, root: first.Key}
	return srv
}

// Advance moves the server's clock on, so that sessions expire without
// waiting. Signatures made by the real clock stay good.
func (s *Server) Advance(d time.Duration) { s.server.AdvanceClock(d) }

// NewAccount makes a member account of the organization, which the first call
// makes too.
func (s *Server) NewAccount(name string) *Account {
	s.t.Helper()
	id, root, err := s.server.NewAccount(s.t.Context(), s.Management.root, name)
	if err != nil {
		s.t.Fatalf("making account %s: %v", name, err)
	}
	return &Account{ID: string(id), Name: name, server: s, root: root}
}

func (s *Server) config(key server.RootKey) aws.Config {
	return aws.Config{
		Region:       s.Region,
		BaseEndpoint: aws.String(s.URL),
		Credentials:  credentials.NewStaticCredentialsProvider(key.ID, key.Secret.Reveal(), ""),
	}
}

// An Account is an account of the server.
type Account struct {
	ID   string // twelve digits
	Name string

	server *Server
	root   server.RootKey
}

// Root returns a configuration with the account root's key. Root may do
// everything in its account but assume roles.
func (a *Account) Root() aws.Config { return a.server.config(a.root) }

// NewUser makes a user with an access key and one inline policy, and returns a
// configuration with the key. An empty policy makes a user that may do nothing.
func (a *Account) NewUser(name, policy string) aws.Config {
	a.server.t.Helper()
	key, err := a.server.server.NewUser(a.server.t.Context(), a.root, name, policy)
	if err != nil {
		a.server.t.Fatalf("making user %s: %v", name, err)
	}
	return a.server.config(key)
}
