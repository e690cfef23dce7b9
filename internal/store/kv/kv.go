// Package kv is the little that Regent asks of a database: an ordered map from
// string keys to bytes with serializable transactions of limited size, and a
// watch that says which keys changed.
//
// The limits are those of the narrowest backend (etcd: 128 operations and
// 1.5 MB per transaction) and hold for every one, so that a program that works
// on one file works on a cluster. [Overlay] enforces them for all backends, and
// kvtest is the contract as a test suite.
package kv

import (
	"context"
	"errors"
	"iter"
)

// Limits of one Update. A View is not limited.
const (
	// MaxReads is how many distinct keys may be read plus how many distinct prefixes may be scanned.
	// Reading back what the same transaction wrote is free.
	MaxReads = 128
	// MaxWrites is how many distinct keys may be set or deleted.
	MaxWrites = 128
	// MaxBytes is how many bytes the keys and values written may have together.
	// A value that is overwritten within the transaction counts once, as it ends.
	MaxBytes = 1_500_000
	// MaxKey is how many bytes a key may have, at least 1. A prefix of a scan may be empty.
	MaxKey = 8192
)

// What a database answers. Backends wrap these; use errors.Is.
var (
	// ErrTooManyOperations reports an Update beyond [MaxReads] or [MaxWrites]. Nothing was committed.
	ErrTooManyOperations = errors.New("kv: too many operations in one transaction")
	// ErrTooLarge reports an Update beyond [MaxBytes]. Nothing was committed.
	ErrTooLarge = errors.New("kv: transaction too large")
	// ErrKey reports a key that is empty or longer than [MaxKey].
	ErrKey = errors.New("kv: key empty or too long")
	// ErrCompacted reports that a watcher asked for events that are no longer kept, or that the whole content
	// was replaced. It must forget what it cached, and watch again from the revision of a new View.
	ErrCompacted = errors.New("kv: watch is behind what is kept")
	// ErrClosed reports a use after Close.
	ErrClosed = errors.New("kv: database is closed")
	// ErrEnded reports a use of a Reader or Writer after its function returned.
	ErrEnded = errors.New("kv: transaction has ended")
	// ErrInUse reports that another process has the database open.
	ErrInUse = errors.New("kv: database is in use by another process")
)

// A Revision counts the committed Updates that set or deleted something. It starts at 0 for an empty database, never
// goes back, and survives Close. Two Views with the same Revision saw the same content.
type Revision uint64

// A DB is an ordered map from keys to bytes. Its transactions are serializable. Keys compare byte by byte:
// "Admin" is not "admin". All methods may be called at the same time.
type DB interface {
	// View runs fn over one consistent snapshot, which holds everything committed before the call. A View that
	// stays open keeps old pages alive, so nothing that waits for a client belongs in one; nor does an Update.
	View(ctx context.Context, fn func(Reader) error) error

	// Update runs fn and keeps all of its changes when it returns nil, none when fn or the commit fails. What
	// fn returned is returned as it is. When Update returns nil the changes are durable, visible to the next
	// View, and their Event has been published. A function that set and deleted nothing has no Event.
	//
	// It may run fn more than once (an optimistic backend does), so fn must have no other effect than on its
	// Writer: draw randomness and time, hash, and talk to the network before. fn must not call the database,
	// and use its Writer only from its own goroutine. While fn runs other writers may be waiting.
	//
	// When ctx has ended before fn was started fn does not run; when it has ended before the commit began
	// nothing is committed, and Update returns the context's error. After that ctx has no influence: an Update
	// never says that it was canceled and commits all the same.
	Update(ctx context.Context, fn func(Writer) error) error

	// Watch yields the event of every Update that was committed after revision from, in order, none left out,
	// and waits for more. A watcher never delays a writer; one that falls too far behind, or whose from is
	// older than what is kept or newer than what there is, gets ErrCompacted. The sequence ends with exactly
	// one error: that, ctx's, or ErrClosed.
	//
	// To watch from a known state, take the Revision of the View that read it.
	Watch(ctx context.Context, from Revision) iter.Seq2[Event, error]

	// Close waits for the functions that run, and for their commits, and ends everything else with ErrClosed. A
	// second Close does nothing.
	Close() error
}

// A Reader reads inside a transaction. It is valid until the transaction's function returns, and so are the
// values that it returns, which must not be modified (they may lie in the database file itself). Copy what is
// kept. Keys may be kept.
type Reader interface {
	// Get returns the value of key, and whether there is one. A value may be empty.
	Get(key string) (value []byte, ok bool, err error)

	// Scan yields the entries whose keys begin with prefix and come behind after (all of them when after is
	// ""), in key order: a page of a list costs what it returns. In an Update it includes the changes made
	// before the loop began. It yields an error last, if at all; then the entries before it are incomplete.
	Scan(prefix, after string) iter.Seq2[Entry, error]

	// Revision returns the revision of the content that this transaction reads, without its own changes.
	Revision() Revision
}

// A Writer is a Reader that sees its own changes.
type Writer interface {
	Reader
	// Set sets the value of key. It copies value. A nil value is an empty one.
	Set(key string, value []byte) error
	// Delete removes key. To delete what is not there is no error.
	Delete(key string) error
}

// A Replacer is a DB whose whole content can be exchanged in one step. The backends that live in one process are.
type Replacer interface {
	// Replace puts entries in the place of everything there was: a View sees all of the old or all of the new.
	// It is not limited in size. When entries yields an error nothing changes. The revision goes up by one,
	// and watchers get ErrCompacted. Of entries with the same key the last stays.
	Replace(ctx context.Context, entries iter.Seq2[Entry, error]) error
}

// A Reviser is a DB that tells its revision without a View. The backends that live in one process are.
type Reviser interface {
	// Present returns a revision that the content has now or had a moment ago: that of everything committed
	// before the call, at least. It reports false when it cannot tell, as after Close: then only a View can.
	Present() (Revision, bool)
}

// An Entry is a key and its value.
type Entry struct {
	Key   string
	Value []byte
}

// An Event says which keys one Update changed. It is shared between watchers and must not be modified.
type Event struct {
	Revision Revision // that the Update made
	Changes  []Change // in key order, every key once
}

// A Change is one key of an Event. Its value is read in a View, which may already see a later one.
type Change struct {
	Key     string
	Deleted bool // else it was set
}

// Copy returns everything that begins with prefix in one snapshot of db, in key order, and its revision. The
// values are the caller's.
func Copy(ctx context.Context, db DB, prefix string) ([]Entry, Revision, error) {
	var entries []Entry
	var revision Revision
	err := db.View(ctx, func(r Reader) error {
		entries, revision = nil, r.Revision()
		for e, err := range r.Scan(prefix, "") {
			if err != nil {
				return err
			}
			entries = append(entries, Entry{Key: e.Key, Value: append([]byte{}, e.Value...)})
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	return entries, revision, nil
}

// CheckKey returns an error that wraps [ErrKey] unless key may be used.
func CheckKey(key string) error {
	if key == "" || len(key) > MaxKey {
		return ErrKey
	}
	return nil
}
