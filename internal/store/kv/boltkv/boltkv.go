// Package boltkv keeps a kv.DB in one bbolt file, which one process opens at a time.
package boltkv

import (
	"context"
	"io"

	"github.com/regent-iam/regent/internal/store/kv"
)

// Options are what can be chosen. The zero value is good.
type Options struct {
	History int // changes kept for late watchers; 0 is kv.DefaultHistory
}

// Open opens the database file at path, and makes it (0600) and its directory (0700) when there is none.
// Another process that has it open is kv.ErrInUse, at once.
func Open(path string, opts Options) (*DB, error) { panic("boltkv: not built yet") }

// A DB is a kv.DB and a kv.Replacer in a file.
type DB struct {
	kv.DB
	kv.Replacer
}

// Backup writes a consistent copy of the database file to w, while others read and write.
func (db *DB) Backup(ctx context.Context, w io.Writer) (int64, error) { panic("boltkv: not built yet") }

// Size returns the bytes of the database file.
func (db *DB) Size() int64 { panic("boltkv: not built yet") }

// Stats returns counts since Open.
func (db *DB) Stats() Stats { panic("boltkv: not built yet") }

// Stats are counts since Open.
type Stats struct {
	Commits uint64 // transactions written and synced to the file
	Updates uint64 // functions whose changes were committed
	Refused uint64 // functions that failed, panicked or were cancelled
	Views   uint64
}
