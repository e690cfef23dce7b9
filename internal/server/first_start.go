package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
)

// A Management says what the management account is like.
type Management struct {
	ID    identity.AccountID // made when it is empty
	Name  string             // "management" when it is empty
	Email string             // "root@management.invalid" when it is empty
}

// A RootKey is an access key of an account's root.
type RootKey struct {
	ID     string
	Secret seal.Secret
}

// A FirstStart is what the first start of a data directory made.
type FirstStart struct {
	Account identity.AccountID
	Key     RootKey
	// File holds the root key in the AWS CLI's format.
	File string
	// MasterKeyFile is the file that the master key was written to, "" when the
	// key was given.
	MasterKeyFile string
}

var (
	// ErrNotDemo reports that a data directory was begun without --demo.
	ErrNotDemo = errors.New("the data directory was not begun with --demo")
	// ErrDemo reports that a data directory was begun with --demo.
	ErrDemo = errors.New("the data directory holds the demo: start it with --demo")
	// ErrNoMasterKey reports that the key of a data directory is missing.
	ErrNoMasterKey = errors.New("the master key of this data directory is missing")
)

// begin opens the key ring, and makes it and the management account when the
// store is new.
func (s *Server) begin(ctx context.Context) error {
	var system *store.System
	err := s.store.View(ctx, func(tx *store.Tx) (err error) {
		system, err = tx.System()
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return s.firstStart(ctx)
	case err != nil:
		return fmt.Errorf("reading the installation's record: %w", err)
	case s.options.Demo && !system.Demo:
		return ErrNotDemo
	case !s.options.Demo && system.Demo:
		return ErrDemo
	}
	master, err := s.master()
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", ErrNoMasterKey, s.masterKeyFile())
	} else if err != nil {
		return err
	}
	ring, err := seal.OpenRing(master, system.Ring)
	if err != nil {
		return fmt.Errorf("opening the key ring: %w", err)
	}
	s.use(master, ring, system.Ring)
	return nil
}

// use puts the key ring that was opened, or made, in use.
func (s *Server) use(master seal.Master, ring *seal.Ring, record []byte) {
	s.authn = authn.New(ring.Close(handedOutSince(s.clock.Now())))
	s.keys = &keys{master: master, authn: s.authn, store: s.store, now: s.clock.Now, age: s.options.SealingKeyAge, seals: maxSeals, record: record, log: s.log}
}

// master returns the master key that is configured.
func (s *Server) master() (seal.Master, error) {
	if !s.options.MasterKey.IsZero() {
		return seal.ParseMaster(s.options.MasterKey.Reveal())
	}
	return seal.LoadMaster(s.masterKeyFile())
}

func (s *Server) masterKeyFile() string {
	if s.options.MasterKeyFile != "" {
		return s.options.MasterKeyFile
	}
	return filepath.Join(s.options.Data, "master.key")
}

// firstMaster is master for a store that is new: the key is made when none was
// given. A key that lies in the data directory already is used: the last first
// start may have been cut short behind it.
func (s *Server) firstMaster(first *FirstStart) (seal.Master, error) {
	master, err := s.master()
	if !errors.Is(err, fs.ErrNotExist) || s.options.MasterKeyFile != "" {
		return master, err
	}
	first.MasterKeyFile = s.masterKeyFile()
	return seal.CreateMaster(s.masterKeyFile())
}

// firstStart makes the key ring, the management account and its root key. The
// key is in its file before the account is committed: a crash in between leaves
// a file that the next first start replaces, never an account without a key.
func (s *Server) firstStart(ctx context.Context) error {
	first := &FirstStart{File: filepath.Join(s.options.Data, "root-credentials")}
	master, err := s.firstMaster(first)
	if err != nil {
		return fmt.Errorf("master key: %w", err)
	}
	ring, err := seal.NewRing(master, seal.NewInstanceID())
	if err != nil {
		return fmt.Errorf("making the key ring: %w", err)
	}
	ring = ring.Began(s.clock.Now())
	record, err := ring.Record()
	if err != nil {
		return fmt.Errorf("sealing the key ring: %w", err)
	}
	s.use(master, ring, record)
	account, err := s.newManagement()
	if err != nil {
		return err
	}
	first.Account = account.ID
	if first.Key, err = s.firstRootKey(account.ID); err != nil {
		return err
	}
	if err := writeFile(first.File, credentialsFile("default", first.Key)); err != nil {
		return fmt.Errorf("writing the root credentials: %w", err)
	}
	if err := s.found(ctx, account, first.Key); err != nil {
		return err
	}
	s.first = first
	return nil
}

// found commits what the installation begins with.
func (s *Server) found(ctx context.Context, account *identity.Account, key RootKey) error {
	ring := s.authn.Ring()
	return s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.CreateAccount(account); err != nil {
			return fmt.Errorf("creating the management account: %w", err)
		}
		if err := addRootKey(tx, ring, account, key, account.Created); err != nil {
			return err
		}
		return tx.PutSystem(&store.System{
			Instance: string(ring.Instance()), Management: account.ID, Ring: s.keys.record, Demo: s.options.Demo,
		})
	})
}

// addRootKey gives an account's root an access key, made at now.
func addRootKey(tx *store.Tx, ring *seal.Ring, account *identity.Account, key RootKey, now time.Time) error {
	sealed, err := authn.SealSecret(ring, identity.AccessKeyID(key.ID), key.Secret)
	if err != nil {
		return err
	}
	k := &identity.AccessKey{
		ID: identity.AccessKeyID(key.ID), Account: account.ID, Status: identity.KeyActive,
		Created: now.UTC(), Sealed: sealed,
	}
	if err := tx.PutAccessKey(k); err != nil {
		return err
	}
	account.RootKeys = append(account.RootKeys, k.ID)
	return tx.PutAccount(account)
}

var accountIDPattern = regexp.MustCompile(`^[0-9]{12}$`)

func (s *Server) newManagement() (*identity.Account, error) {
	m := s.options.Management
	if m.ID == "" {
		id, err := randomAccountID(rand.Reader)
		if err != nil {
			return nil, err
		}
		m.ID = id
	} else if !accountIDPattern.MatchString(string(m.ID)) {
		return nil, fmt.Errorf("the management account's id %q is not twelve digits", m.ID)
	}
	if m.Name == "" {
		m.Name = "management"
	}
	if m.Email == "" {
		m.Email = "root@management.invalid"
	}
	return &identity.Account{
		ID: m.ID, Name: m.Name, Email: m.Email, Status: identity.AccountActive, Created: s.clock.Now().UTC(),
		CanonicalID: s.canonicalID(m.ID),
	}, nil
}

// canonicalID is the account's name in S3: stable, and not to be guessed from
// the account id.
func canonicalID(ring *seal.Ring, id identity.AccountID) string {
	sum := sha256.Sum256([]byte("canonical id\x00" + string(ring.Instance()) + "\x00" + string(id)))
	return hex.EncodeToString(sum[:])
}

// randomAccountID draws twelve digits, the first not zero.
func randomAccountID(random io.Reader) (identity.AccountID, error) {
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("making an account id: %w", err)
	}
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return identity.AccountID(fmt.Sprintf("%012d", 100_000_000_000+n%900_000_000_000)), nil
}

func (s *Server) firstRootKey(account identity.AccountID) (RootKey, error) {
	given := s.options.RootKey
	if given.ID == "" {
		return newRootKey(account)
	}
	if !keyIDPattern.MatchString(given.ID) || len(given.Secret.Reveal()) < minSecret {
		return RootKey{}, fmt.Errorf("the given root key is none: an id is AKIA and 16 capitals and digits, a secret has at least %d characters", minSecret)
	}
	return given, nil
}

// A root key that is given must look like one of AWS's, or its SDKs and ours
// would read it otherwise; and it must not be guessed (TH-107).
var keyIDPattern = regexp.MustCompile(`^AKIA[A-Z0-9]{16}$`)

const minSecret = 32

func newRootKey(account identity.AccountID) (RootKey, error) {
	id, err := arn.NewID("AKIA", string(account), rand.Reader)
	if err != nil {
		return RootKey{}, err
	}
	secret := make([]byte, 30)
	if _, err := rand.Read(secret); err != nil {
		return RootKey{}, err
	}
	return RootKey{id, seal.NewSecret(base64.StdEncoding.EncodeToString(secret))}, nil
}

// credentialsFile is a file of the AWS CLI's with one profile.
func credentialsFile(profile string, key RootKey) []byte {
	return fmt.Appendf(nil, "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n", profile, key.ID, key.Secret.Reveal())
}

// accountID draws the id of a new account, or gives the one that the demo wants.
func (s *Server) accountID(random io.Reader) (identity.AccountID, error) {
	if id := s.nextAccount.Load(); id != nil {
		return *id, nil
	}
	return randomAccountID(random)
}

func (s *Server) canonicalID(id identity.AccountID) string {
	return canonicalID(s.authn.Ring(), id)
}
