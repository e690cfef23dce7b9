// Package server puts a Regent server together from its parts and runs it. It
// is the only package that names a concrete database.
package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/console"
	"github.com/regent-iam/regent/internal/denials"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/federation/oidc"
	"github.com/regent-iam/regent/internal/holders"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/lastuse"
	"github.com/regent-iam/regent/internal/password"
	"github.com/regent-iam/regent/internal/record"
	"github.com/regent-iam/regent/internal/s3/gateway"
	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/signin"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

// Options say what server to put together. The zero value of each is good but
// for those that say otherwise.
type Options struct {
	// Data is the directory that holds everything. Required.
	Data string
	// InMemory keeps the records, not the objects, in memory only: for tests.
	InMemory bool
	// Region is the region that the server is in; "" is us-east-1.
	Region string
	// S3Hosts are the domains under which bucket names are host names.
	S3Hosts []string
	// PublicURL is where others reach the server, which no request can change;
	// "" when nobody knows.
	PublicURL string
	// ConsoleHost is the host name, with a port or not, that serves the console
	// and nothing else; "" serves it wherever the server is reached. It wants a
	// PublicURL.
	ConsoleHost string
	// SAMLEndpoints are URLs that responses of SAML providers may be made for,
	// beside AWS's own.
	SAMLEndpoints []string
	// Proxies are the peers believed about whom a request is for.
	Proxies []netip.Prefix

	// Management says what the management account is like when the first start
	// makes it.
	Management Management
	// RootKey is the root key that the first start gives to the management
	// account; one is made when it is empty.
	RootKey RootKey
	// MasterKey is the key that everything secret is sealed under, in base64,
	// or MasterKeyFile holds it; without either it lies in the data directory.
	MasterKey     seal.Secret
	MasterKeyFile string

	// SealingKeyAge is how old the sealing key gets before another takes its
	// place; 0 is 90 days.
	SealingKeyAge time.Duration

	// Federation says where keys of OpenID Connect providers may be fetched; the
	// server logs to its own log.
	Federation oidc.Options

	// SignInCredentials is how long credentials of the console are good, and
	// SignInIdle how long a sign-in lasts without input; 0 is 30 minutes and an
	// hour.
	SignInCredentials, SignInIdle time.Duration
	// SignInDestinations are addresses below which a sign-in may go on beside the
	// console.
	SignInDestinations []string
	// SignInStrictRoles ends a role that was switched to after as much time as the
	// role gives.
	SignInStrictRoles bool

	// Demo says that the data directory is, or becomes, the demo's.
	Demo bool
	// Dev allows what only tests want: the clock, reset, snapshots.
	Dev bool
	// MetricsToken lets others than this machine read the metrics.
	MetricsToken seal.Secret
	// NoDataEvents leaves calls on objects out of the record.
	NoDataEvents bool

	// Log is where the server logs; nil discards.
	Log *slog.Logger
	// Wall is the machine's clock; nil is the real one.
	Wall func() time.Time
}

// A Server is a Regent server that is ready to serve.
type Server struct {
	options  Options
	log      *slog.Logger
	clock    *clock
	db       kv.DB
	store    *store.Store
	authn    *authn.Authenticator // holds the key ring in use
	keys     *keys
	authz    *authz.Authorizer
	recorder *record.Recorder
	objects  *objects.Store
	road     *dispatch.Road
	gateway  *gateway.Gateway
	metrics  *metrics
	lastuse  *lastuse.Tracker
	holders  *holders.Tracker
	denials  *denials.Store
	hasher   *password.Hasher
	signin   *signin.Handler
	dev      *dev
	first    *FirstStart

	sites       sites
	console     *console.Console
	crossOrigin *http.CrossOriginProtection

	// nextAccount is the id that the next new account gets, nil for a random one.
	nextAccount atomic.Pointer[identity.AccountID]

	handler http.Handler
	stop    context.CancelFunc
	loops   sync.WaitGroup
	closed  atomic.Bool
}

// DefaultRegion is the region of a server that was told none.
const DefaultRegion = "us-east-1"

// New puts a server together. When the data directory is new it makes the
// management account and its root key (see FirstStart). What it costs does not
// depend on how much the directory holds.
func New(ctx context.Context, o Options) (_ *Server, err error) {
	if o.Region == "" {
		o.Region = DefaultRegion
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Wall == nil {
		o.Wall = time.Now //nolint:forbidigo // the one place where the machine's clock comes in
	}
	if o.SealingKeyAge == 0 {
		o.SealingKeyAge = defaultKeyAge
	}
	s := &Server{options: o, log: o.Log, clock: newClock(o.Wall), crossOrigin: http.NewCrossOriginProtection()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := s.openConsole(); err != nil {
		return nil, err
	}
	if err := s.openStore(ctx); err != nil {
		return nil, err
	}
	if s.objects, err = objects.Open(filepath.Join(o.Data, "objects"), objects.Options{}); err != nil {
		return nil, fmt.Errorf("opening the objects: %w", err)
	}
	s.authz = authz.New()
	s.recorder, err = record.Open(filepath.Join(o.Data, "record"), record.Options{Store: s.store, Now: s.clock.Now, Log: o.Log})
	if err != nil {
		return nil, fmt.Errorf("opening the record: %w", err)
	}
	s.denials, err = denials.Open(filepath.Join(o.Data, "denials"), denials.Options{Now: s.clock.Now, Log: o.Log})
	if err != nil {
		return nil, err
	}
	s.lastuse = lastuse.New(s.store, o.Log)
	s.holders = holders.New(s.store, s.clock.Now, o.Log)
	s.hasher = password.New(password.Options{})
	if s.metrics, err = newMetrics(s); err != nil {
		return nil, err
	}
	if err := s.buildRoad(); err != nil {
		return nil, err
	}
	if err := s.buildSignIn(); err != nil {
		return nil, err
	}
	if o.Dev {
		if s.dev, err = newDev(s); err != nil {
			return nil, err
		}
	}
	s.handler = s.routes()
	s.start()
	return s, nil
}

// openStore opens the database, and the key ring in it.
func (s *Server) openStore(ctx context.Context) error {
	o := &s.options
	if err := boltkv.PrivateDirectory(o.Data, databaseFile); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if o.InMemory {
		s.db = memkv.New(memkv.Options{})
	} else {
		db, err := boltkv.Open(filepath.Join(o.Data, databaseFile), boltkv.Options{})
		if errors.Is(err, kv.ErrInUse) {
			return fmt.Errorf("%s is in use by another regent: %w", o.Data, err)
		} else if err != nil {
			return fmt.Errorf("opening the database: %w", err)
		}
		s.db = db
	}
	s.store = store.New(s.db)
	return s.begin(ctx)
}

// databaseFile is the name of the database in the data directory.
const databaseFile = "regent.db"

// start starts the background loops.
func (s *Server) start() {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop = cancel
	s.loop(ctx, "record", s.recorder.Run)
	s.loop(ctx, "last use", s.lastuse.Run)
	s.loop(ctx, "sessions", s.holders.Run)
	s.loop(ctx, "denials", s.denials.Run)
	s.loop(ctx, "watch", func(ctx context.Context) error {
		return s.store.Watch(ctx,
			func(scope store.Scope) { s.authn.Forget(scope); s.authz.Forget(scope); s.gateway.Forget(scope) },
			s.forget)
	})
	s.loop(ctx, "sweep", s.sweep)
	s.loop(ctx, "sealing keys", s.keys.Run)
}

// forget drops all that was made from records that may be others by now.
func (s *Server) forget() {
	s.authn.Clear()
	s.authz.Clear()
	s.gateway.Clear()
}

func (s *Server) loop(ctx context.Context, name string, run func(context.Context) error) {
	s.loops.Go(func() {
		if err := run(ctx); err != nil && ctx.Err() == nil {
			s.log.LogAttrs(ctx, slog.LevelError, "background loop ended", slog.String("loop", name), slog.String("error", err.Error()))
		}
	})
}

// sweepEvery is how often blobs that nothing refers to are looked for.
const sweepEvery = 6 * time.Hour

func (s *Server) sweep(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := s.objects.Sweep(ctx, s.clock.Now()); err != nil && ctx.Err() == nil {
				s.log.LogAttrs(ctx, slog.LevelError, "sweeping blobs", slog.String("error", err.Error()))
			}
		}
	}
}

// Handler serves every request.
func (s *Server) Handler() http.Handler { return s.handler }

// First returns what the first start made, nil at later starts.
func (s *Server) First() *FirstStart { return s.first }

// Now returns the server's time.
func (s *Server) Now() time.Time { return s.clock.Now() }

// Operations returns the names of the operations that the server has.
func (s *Server) Operations() map[string][]string { return s.road.Operations() }

// Close ends the background loops, writes what waits, and closes the store. No
// request may be served any more; one that is fails. Only the first call does
// anything.
func (s *Server) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	if s.stop != nil {
		s.stop()
		s.loops.Wait()
	}
	var errs []error
	if s.recorder != nil {
		errs = append(errs, s.recorder.Close())
	}
	if s.denials != nil {
		errs = append(errs, s.denials.Close())
	}
	if s.objects != nil {
		errs = append(errs, s.objects.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	return errors.Join(errs...)
}

// writeFile writes a file that only its owner may read, in one step.
func writeFile(name string, content []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the first error says more
		}
	}()
	if _, err := f.Write(content); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Sync(); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(name))
}

// syncDirectory sees to it that a file's name outlives a power cut.
func syncDirectory(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// exists reports whether there is a file.
func exists(name string) (bool, error) {
	_, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
