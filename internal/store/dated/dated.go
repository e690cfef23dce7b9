// Package dated keeps counters of a database together with the revision that its
// content had when they were read. Contents of one revision are the same
// (kv.Revision), so what one view has seen is there for every other of the same
// revision, and for none else.
package dated

import (
	"hash/maphash"
	"sync"

	"github.com/regent-iam/regent/internal/store/kv"
)

// Counters are counters as views of a database have seen them. They are safe for
// concurrent use.
type Counters struct {
	seed   maphash.Seed
	shards [shardCount]shard
}

const (
	shardCount = 16
	// shardSize is how many counters a shard keeps. One takes some 100 bytes.
	shardSize = 512
)

type shard struct {
	mu       sync.Mutex
	counters map[string]counter
}

type counter struct {
	at    kv.Revision
	value uint64
}

// New returns Counters that nobody has seen yet.
func New() *Counters {
	c := &Counters{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i].counters = map[string]counter{}
	}
	return c
}

func (c *Counters) shard(k string) *shard {
	return &c.shards[maphash.String(c.seed, k)%shardCount]
}

// Get returns a counter's value at a revision, if a view has seen it there.
func (c *Counters) Get(k string, at kv.Revision) (uint64, bool) {
	s := c.shard(k)
	s.mu.Lock()
	g, ok := s.counters[k]
	s.mu.Unlock()
	return g.value, ok && g.at == at
}

// Put keeps what a view has seen, unless a later one was faster.
func (c *Counters) Put(k string, at kv.Revision, value uint64) {
	s := c.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	g, ok := s.counters[k]
	if ok && g.at > at {
		return
	}
	if !ok && len(s.counters) >= shardSize {
		for old := range s.counters { // any one goes: it costs one more look
			delete(s.counters, old)
			break
		}
	}
	s.counters[k] = counter{at, value}
}
