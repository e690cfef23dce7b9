package server

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/sigv4"
)

// dev serves /_regent/dev: what tests want and nobody else may have. It
// answers a process of this machine that holds the token, and no proxy
// (TH-106).
type dev struct {
	server    *Server
	tokenFile string
	token     seal.Secret

	mu       sync.Mutex // one call at a time
	snapshot *snapshot
	first    *snapshot
}

// A snapshot is the state of the store at one time; the objects lie beside.
type snapshot struct {
	entries []kv.Entry
	offset  int64
	objects string
}

func newDev(s *Server) (*dev, error) {
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return nil, err
	}
	d := &dev{
		server: s, tokenFile: filepath.Join(s.options.Data, "dev", "token"),
		token: seal.NewSecret(base64.RawURLEncoding.EncodeToString(secret)),
	}
	if err := writeFile(d.tokenFile, []byte(d.token.Reveal()+"\n")); err != nil {
		return nil, fmt.Errorf("writing the token of --dev: %w", err)
	}
	s.log.LogAttrs(context.Background(), slog.LevelWarn, "development endpoints are on", slog.String("token_file", d.tokenFile))
	return d, nil
}

// serve serves the call that the target, as it was sent, names.
func (d *dev) serve(w http.ResponseWriter, r *http.Request, call string) {
	switch {
	case !local(r) || !loopbackHost(r.Host):
		http.Error(w, "forbidden: this machine only", http.StatusForbidden)
		return
	case !bearer(r, d.token.Reveal()):
		http.Error(w, "forbidden: the token of --dev is missing", http.StatusForbidden)
		return
	case r.Method != http.MethodPost:
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var answer any = struct{}{}
	var err error
	switch call {
	case "reset":
		err = d.reset(r.Context())
	case "snapshot":
		err = d.takeSnapshot(r.Context())
	case "restore":
		err = d.restore(r.Context())
	case "clock":
		answer, err = d.setClock(r)
	case "root-key":
		answer, err = d.rootKey(r)
	default:
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	if bad, ok := errors.AsType[*callerError](err); ok {
		http.Error(w, bad.text, bad.status)
		return
	}
	if err != nil {
		d.server.log.LogAttrs(r.Context(), slog.LevelError, "development call failed", slog.String("error", err.Error()))
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	d.server.log.LogAttrs(r.Context(), slog.LevelInfo, "development call", slog.String("call", call))
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer) // a client that is gone needs no answer
}

// A callerError is the caller's mistake.
type callerError struct {
	status int
	text   string
}

func (b *callerError) Error() string { return b.text }

func loopbackHost(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return host == "localhost" || net.ParseIP(strings.Trim(host, "[]")).IsLoopback()
}

// setClock moves the server's time: {"set":"RFC 3339"} or {"advance":"30m"}.
func (d *dev) setClock(r *http.Request) (any, error) {
	var in struct {
		Set     time.Time `json:"set"`
		Advance string    `json:"advance"`
	}
	decoder := json.NewDecoder(io.LimitReader(r.Body, 4096))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil || decoder.Decode(&struct{}{}) != io.EOF {
		return nil, &callerError{http.StatusBadRequest, `the body is {"set":"RFC 3339 time"} or {"advance":"30m"}`}
	}
	to := in.Set
	switch {
	case in.Advance != "" && in.Set.IsZero():
		by, err := time.ParseDuration(in.Advance)
		if err != nil {
			return nil, &callerError{http.StatusBadRequest, "advance is not a duration such as 30m"}
		}
		to = d.server.clock.Now().Add(by)
	case in.Advance != "" || in.Set.IsZero():
		return nil, &callerError{http.StatusBadRequest, "give either set or advance"}
	}
	if year := to.UTC().Year(); year < 2000 || year > 2199 {
		return nil, &callerError{http.StatusBadRequest, "the clock goes from the year 2000 to 2199"}
	}
	d.server.clock.Set(to)
	return map[string]string{"now": d.server.clock.Now().UTC().Format(time.RFC3339Nano)}, nil
}

// rootKey gives the root of an account an access key, which AWS's API cannot.
func (d *dev) rootKey(r *http.Request) (any, error) {
	_, query, err := sigv4.ParseTarget(r.RequestURI)
	if err != nil {
		return nil, &callerError{http.StatusBadRequest, "the query cannot be read"}
	}
	id := identity.AccountID(query.Get("account"))
	if !accountIDPattern.MatchString(string(id)) {
		return nil, &callerError{http.StatusBadRequest, "account is not an account id"}
	}
	key, err := d.server.GiveRootKey(r.Context(), id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, &callerError{http.StatusNotFound, "there is no such account"}
	} else if err != nil {
		return nil, err
	}
	return map[string]string{"AccessKeyId": key.ID, "SecretAccessKey": key.Secret.Reveal()}, nil
}

// firstState is what a first start leaves: what reset goes back to.
func (d *dev) firstState(ctx context.Context) (*snapshot, error) {
	var system *store.System
	var account *identity.Account
	var keys []identity.AccessKey
	err := d.server.store.View(ctx, func(tx *store.Tx) (err error) {
		if system, err = tx.System(); err != nil {
			return err
		}
		if account, err = tx.Account(system.Management); err != nil {
			return err
		}
		for _, id := range account.RootKeys {
			k, err := tx.AccessKey(id)
			if err != nil {
				return err
			}
			keys = append(keys, identity.AccessKey{ID: k.ID, Account: k.Account, Status: identity.KeyActive, Created: k.Created, Sealed: k.Sealed})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	entries, err := d.server.blank(ctx, system, account, keys)
	return &snapshot{entries: entries}, err
}

// reset takes the server back to the state of a first start: the management
// account and its root keys, and nothing else.
func (d *dev) reset(ctx context.Context) error {
	if d.first == nil {
		first, err := d.firstState(ctx)
		if err != nil {
			return err
		}
		d.first = first
	}
	if err := d.server.replace(ctx, d.first); err != nil {
		return err
	}
	if err := d.server.objects.Reset(ctx); err != nil {
		return err
	}
	return d.server.recorder.Reset()
}

func (d *dev) snapshotDir() string { return filepath.Join(d.server.options.Data, "dev", "snapshot") }

// takeSnapshot keeps the present state in the place of the last one kept.
func (d *dev) takeSnapshot(ctx context.Context) error {
	entries, _, err := kv.Copy(ctx, d.server.db, "")
	if err != nil {
		return err
	}
	if err := os.RemoveAll(d.snapshotDir()); err != nil {
		return err
	}
	if err := d.server.objects.Snapshot(ctx, d.snapshotDir()); err != nil {
		return err
	}
	d.snapshot = &snapshot{entries: entries, offset: d.server.clock.offset.Load(), objects: d.snapshotDir()}
	return nil
}

// restore goes back to the state that was kept. The instance stays the same,
// so sessions live on.
func (d *dev) restore(ctx context.Context) error {
	if d.snapshot == nil {
		return &callerError{http.StatusConflict, "no snapshot was taken"}
	}
	if err := d.server.replace(ctx, d.snapshot); err != nil {
		return err
	}
	d.server.recorder.Restored()
	return d.server.objects.Restore(ctx, d.snapshot.objects)
}

// replace exchanges all records, and sets the clock.
func (s *Server) replace(ctx context.Context, to *snapshot) error {
	replacer, ok := s.db.(kv.Replacer)
	if !ok {
		return errors.New("this database cannot be exchanged")
	}
	was, _, err := kv.Copy(ctx, s.db, "")
	if err != nil {
		return err
	}
	entries, err := store.RaiseGuards(to.entries, was)
	if err != nil {
		return err
	}
	err = replacer.Replace(ctx, func(yield func(kv.Entry, error) bool) {
		for _, e := range entries {
			if !yield(e, nil) {
				return
			}
		}
	})
	if err != nil {
		return err
	}
	s.forget()
	if err := s.keys.Reload(ctx); err != nil {
		return err
	}
	s.clock.offset.Store(to.offset)
	return s.denials.Clear()
}

// blank returns the records of a store as a first start leaves it.
func (s *Server) blank(ctx context.Context, system *store.System, account *identity.Account, keys []identity.AccessKey) ([]kv.Entry, error) {
	clean := identity.Account{
		ID: account.ID, Name: account.Name, Email: account.Email, Status: identity.AccountActive,
		CanonicalID: account.CanonicalID, Created: account.Created, RootKeys: account.RootKeys,
	}
	return blankRecords(ctx, system, &clean, keys)
}
