// Package store keeps Regent's records: accounts and what is in them,
// organizations, keys, buckets. It changes them in transactions over a
// [kv.DB], keeps the indexes that lookups need in step, and counts up a guard
// whenever something changes that a decision may depend on, so that what was
// compiled from records can be used for as long as it is true and no longer.
//
// Nothing is loaded at start: opening a store costs the same whatever it holds.
package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store/dated"
	"github.com/regent-iam/regent/internal/store/kv"
)

var (
	// ErrNotFound reports that a record does not exist.
	ErrNotFound = errors.New("not found")
	// ErrExists reports that a name that must be unique is taken.
	ErrExists = errors.New("already exists")
	// ErrNewer reports a record that a later version of Regent wrote and this
	// one may misread. Nothing may be decided from it (TH-113).
	ErrNewer = errors.New("record was written by a newer version")
)

// LimitError reports that a quota would be exceeded.
type LimitError struct {
	Quota catalog.QuotaName
	Limit int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("cannot exceed quota for %s: %d", e.Quota, e.Limit)
}

// A Store holds every account's records. It is safe for concurrent use.
type Store struct {
	db      kv.DB
	reviser kv.Reviser // db, nil when it is none
	roles   *Cache[key, *identity.Role]
	guards  *dated.Counters
}

// roleCache is how many roles are kept as they were read. A role is at most
// about 16 KiB.
const roleCache = 512

// New returns a Store over db, which it does not close.
func New(db kv.DB) *Store {
	reviser, _ := db.(kv.Reviser)
	return &Store{db: db, reviser: reviser, roles: NewCache[key, *identity.Role](roleCache), guards: dated.New()}
}

// A Tx is a consistent view of a Store and, inside Update, the changes made
// to it so far. It must not be kept after its function returned.
type Tx struct {
	r kv.Reader
	w kv.Writer // nil in a view

	store *Store

	// touched and scanned are the owners whose scan guards this transaction has
	// bumped and read, bumped its policy guards: once each is enough.
	touched []string
	scanned []string
	bumped  []string

	// guards are the policy guards read so far: a decision asks for the same
	// few several times.
	guards [4]guardValue
	known  int

	// decoded are the last records that a view read: what a call needs is found
	// from the same records that it then works on.
	decoded [2]decodedRecord
	oldest  int
}

type decodedRecord struct {
	key    key
	record any // *T
}

type guardValue struct {
	key   string
	value uint64
}

// View runs fn over one consistent view.
func (s *Store) View(ctx context.Context, fn func(*Tx) error) error {
	return s.db.View(ctx, func(r kv.Reader) error { return fn(&Tx{r: r, store: s}) })
}

// Update runs fn and keeps all of its changes if it returns nil, and none
// otherwise. It may run fn more than once, so fn must have no other effect.
func (s *Store) Update(ctx context.Context, fn func(*Tx) error) error {
	return s.db.Update(ctx, func(w kv.Writer) error { return fn(&Tx{r: w, w: w, store: s}) })
}

// Writable reports whether tx may change anything.
func (tx *Tx) Writable() bool { return tx.w != nil }

// recordVersion is the format that records are written in, and the newest
// that can be read.
const recordVersion = 1

// An envelope is how a record lies in the database.
type envelope[T any] struct {
	Version int `json:"v"`
	Record  T   `json:"r"`
}

// get reads the record at k. Its errors are ErrNotFound, ErrNewer and the
// database's own.
func get[T any](tx *Tx, k key) (*T, error) {
	if tx.w == nil {
		for _, d := range tx.decoded {
			if r, ok := d.record.(*T); ok && d.key == k {
				return new(*r), nil
			}
		}
	}
	raw, ok, err := tx.r.Get(string(k))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, ErrNotFound
	}
	r, err := decode[T](string(k), raw)
	if err != nil || tx.w != nil {
		return r, err
	}
	tx.decoded[tx.oldest] = decodedRecord{k, r}
	tx.oldest = (tx.oldest + 1) % len(tx.decoded)
	return new(*r), nil
}

func decode[T any](k string, raw []byte) (*T, error) {
	var e envelope[T]
	err := json.Unmarshal(raw, &e)
	if err != nil { // also when a newer record has another shape
		var newer envelope[json.RawMessage]
		if json.Unmarshal(raw, &newer) == nil {
			e.Version = newer.Version
		}
	}
	if e.Version > recordVersion {
		return nil, fmt.Errorf("reading %s: %w", k, ErrNewer)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", k, err)
	}
	return &e.Record, nil
}

// exists reports whether there is a record at k.
func (tx *Tx) exists(k key) (bool, error) {
	_, ok, err := tx.r.Get(string(k))
	return ok, err
}

var errReadOnly = errors.New("store: write in a view")

// put writes the record at k.
func put[T any](tx *Tx, k key, record *T) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(envelope[*T]{recordVersion, record}); err != nil {
		return fmt.Errorf("writing %s: %w", k, err)
	}
	return tx.set(k, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func (tx *Tx) set(k key, value []byte) error {
	if tx.w == nil {
		return errReadOnly
	}
	if err := tx.touch(k); err != nil {
		return err
	}
	return tx.w.Set(string(k), value)
}

func (tx *Tx) remove(k key) error {
	if tx.w == nil {
		return errReadOnly
	}
	if err := tx.touch(k); err != nil {
		return err
	}
	return tx.w.Delete(string(k))
}

// ownerOf returns the account, organization, e-mail address or part of the
// browsers that a key belongs to, or "" for the keys of none, which are looked up
// and never listed inside an Update.
func ownerOf(k string) string {
	for _, root := range []string{"/account/", "/organization/", "/mailbox/", "/console/"} {
		if rest, ok := strings.CutPrefix(k, root); ok {
			id, _, _ := strings.Cut(rest, "/")
			return root[1:] + id
		}
	}
	return ""
}

const scanGuardPrefix = "/guard/scan/"

// touch bumps the scan guard of the owner of k: a database that checks at
// commit only what was read key by key would miss that a list changed under a
// transaction (engines.md, "phantoms").
func (tx *Tx) touch(k key) error {
	owner := ownerOf(string(k))
	if owner == "" || contains(tx.touched, owner) {
		return nil
	}
	tx.touched = append(tx.touched, owner)
	return tx.increment(scanGuardPrefix + owner)
}

func (tx *Tx) increment(guard string) error {
	n, err := tx.counter(guard)
	if err != nil {
		return err
	}
	return tx.w.Set(guard, binary.BigEndian.AppendUint64(nil, n+1))
}

func (tx *Tx) counter(guard string) (uint64, error) {
	raw, ok, err := tx.r.Get(guard)
	if err != nil || !ok {
		return 0, err
	}
	if len(raw) != 8 {
		return 0, fmt.Errorf("reading %s: %d bytes", guard, len(raw))
	}
	return binary.BigEndian.Uint64(raw), nil
}

// scan calls yield for each entry under p that comes behind after, in key
// order, until yield returns false.
func (tx *Tx) scan(p prefix, after key, yield func(k key, value []byte) (more bool, err error)) error {
	if err := tx.readScanGuard(p); err != nil {
		return err
	}
	for e, err := range tx.r.Scan(string(p), string(after)) {
		if err != nil {
			return fmt.Errorf("scanning %s: %w", p, err)
		}
		more, err := yield(key(e.Key), e.Value)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

var errUnguarded = errors.New("store: scan of an unguarded list in an update")

// readScanGuard makes a scan inside Update part of what the commit compares.
func (tx *Tx) readScanGuard(p prefix) error {
	if tx.w == nil {
		return nil
	}
	owner := ownerOf(string(p))
	if owner == "" {
		return errUnguarded
	}
	if contains(tx.scanned, owner) {
		return nil
	}
	tx.scanned = append(tx.scanned, owner)
	_, err := tx.counter(scanGuardPrefix + owner)
	return err
}

// MaxSkipped is how many records a page passes over that its Keep does not want
// before it ends short, perhaps empty, with more to come (IA-10): a filter that
// fits nobody costs each call a page and not the account.
const MaxSkipped = 1000

// A Page asks for part of a list: what comes behind After, at most Limit
// records (all when it is 0, however many are passed over) that Keep wants (all
// when it is nil).
type Page[T any] struct {
	After string // the name that the last page ended with, "" for the first
	Limit int
	Keep  func(*T) bool
}

// list reads one page of the records under p. Next is the After of the page
// that follows, "" when there is none.
func list[T any](tx *Tx, p prefix, page Page[T]) (records []*T, next string, err error) {
	var after key
	if page.After != "" {
		var b strings.Builder
		escape(&b, page.After)
		after = key(p) + key(b.String())
	}
	return listFrom(tx, p, after, page, key.last)
}

// listFrom is list from behind a key, for records under p that name tells apart.
func listFrom[T any](tx *Tx, p prefix, after key, page Page[T], name func(key) string) (records []*T, next string, err error) {
	var last key // that was looked at
	skipped := 0
	err = tx.scan(p, after, func(k key, raw []byte) (bool, error) {
		if page.Limit > 0 && (len(records) == page.Limit || skipped == MaxSkipped) {
			next = name(last)
			return false, nil
		}
		last = k
		r, err := decode[T](string(k), raw)
		if err != nil {
			return false, err
		}
		if page.Keep != nil && !page.Keep(r) {
			skipped++
			return true, nil
		}
		records = append(records, r)
		return true, nil
	})
	return records, next, err
}
