package store

import (
	"context"
	"errors"
	"hash/maphash"
	"iter"
	"sync"

	"github.com/regent-iam/regent/internal/store/kv"
)

// Glance is View for a function that mostly needs no records, because what it
// asks for is kept in caches: it is tried without the database first, and runs
// again in a view when it asked for more than was at hand. It must have no other
// effect than on what its caller looks at afterwards, and must return the errors
// of what it reads.
//
// What it sees is no older than the call, as in a View: guards are at hand only
// as they are at the revision that the content has when Glance is called, and a
// cache answers only under those (TH-26).
func (s *Store) Glance(ctx context.Context, fn func(*Tx) error) error {
	if s.reviser == nil || ctx.Err() != nil {
		return s.View(ctx, fn)
	}
	at, ok := s.reviser.Present()
	if !ok {
		return s.View(ctx, fn)
	}
	g := &glance{at: at}
	if err := fn(&Tx{r: g, store: s}); !g.beyond {
		return err
	}
	return s.View(ctx, fn)
}

// errBeyond reports that a glance was asked for what is not at hand. Nobody
// outside sees it: the glance is forgotten and becomes a view.
var errBeyond = errors.New("store: not at hand")

// A glance is the Reader of a transaction that has no database: it has nothing.
type glance struct {
	at     kv.Revision
	beyond bool // it was asked for something
}

func (g *glance) Revision() kv.Revision { return g.at }

func (g *glance) Get(string) ([]byte, bool, error) {
	g.beyond = true
	return nil, false, errBeyond
}

func (g *glance) Scan(string, string) iter.Seq2[kv.Entry, error] {
	g.beyond = true
	return func(yield func(kv.Entry, error) bool) { yield(kv.Entry{}, errBeyond) }
}

// datedGuards are guards as views have seen them, each with the revision that
// the content had. Contents of one revision are the same (kv.Revision), so what
// one view has seen is there for every other of the same revision, and for none
// else.
type datedGuards struct {
	seed   maphash.Seed
	shards [guardShards]guardShard
}

const (
	guardShards = 16
	// guardShardSize is how many guards a shard keeps. A guard takes some 100
	// bytes, and each account in use has one.
	guardShardSize = 512
)

type guardShard struct {
	mu     sync.Mutex
	guards map[string]datedGuard
}

type datedGuard struct {
	at    kv.Revision
	value uint64
}

func newDatedGuards() *datedGuards {
	d := &datedGuards{seed: maphash.MakeSeed()}
	for i := range d.shards {
		d.shards[i].guards = map[string]datedGuard{}
	}
	return d
}

func (d *datedGuards) shard(k string) *guardShard {
	return &d.shards[maphash.String(d.seed, k)%guardShards]
}

// get returns the guard's value at a revision, if a view has seen it there.
func (d *datedGuards) get(k string, at kv.Revision) (uint64, bool) {
	s := d.shard(k)
	s.mu.Lock()
	g, ok := s.guards[k]
	s.mu.Unlock()
	return g.value, ok && g.at == at
}

// put keeps what a view has seen, unless a later one was faster.
func (d *datedGuards) put(k string, at kv.Revision, value uint64) {
	s := d.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.guards[k]
	if ok && g.at > at {
		return
	}
	if !ok && len(s.guards) >= guardShardSize {
		for old := range s.guards { // any one goes: it costs one more look
			delete(s.guards, old)
			break
		}
	}
	s.guards[k] = datedGuard{at, value}
}
