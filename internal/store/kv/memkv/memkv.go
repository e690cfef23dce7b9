// Package memkv keeps a kv.DB in memory: for tests and for servers that forget.
package memkv

import (
	"github.com/regent-iam/regent/internal/store/kv"
)

// Options are what can be chosen. The zero value is good.
type Options struct {
	History int // changes kept for late watchers; 0 is kv.DefaultHistory
}

// New returns an empty database.
func New(opts Options) *DB { panic("memkv: not built yet") }

// A DB is a kv.DB and a kv.Replacer in memory.
type DB struct {
	kv.DB
	kv.Replacer
}
