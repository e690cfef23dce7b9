package store

import (
	"hash/maphash"
	"sync"
)

// A Cache keeps what was made from records, such as compiled policies, as
// long as the guards it was made under stand. It is bounded: when it is full,
// an entry that was not asked for lately goes. A Cache is safe for concurrent
// use, and a lookup costs the same however much it holds.
//
// Truth does not hang on when a watch event arrives: Get compares the guards
// in the asker's own transaction. [Store.Watch] only frees what has become
// useless.
type Cache[K comparable, V any] struct {
	seed   maphash.Seed
	shards [cacheShards]cacheShard[K, V]
}

const cacheShards = 16

// NewCache returns a Cache for about size entries.
func NewCache[K comparable, V any](size int) *Cache[K, V] {
	c := &Cache[K, V]{seed: maphash.MakeSeed()}
	for i := range c.shards {
		c.shards[i] = cacheShard[K, V]{limit: max(1, size/cacheShards), entries: map[K]*cacheEntry[K, V]{}, scopes: map[Scope]map[K]struct{}{}}
	}
	return c
}

type cacheShard[K comparable, V any] struct {
	mu      sync.Mutex
	limit   int
	entries map[K]*cacheEntry[K, V]
	ring    []*cacheEntry[K, V] // in order of arrival, for eviction
	hand    int
	scopes  map[Scope]map[K]struct{}
}

type cacheEntry[K comparable, V any] struct {
	key    K
	value  V
	stamps []Stamp
	slot   int
	used   bool
}

// A Stamp is a scope and the value that its guard had.
type Stamp struct {
	scope Scope
	key   string
	guard uint64
}

// Stamp returns the present stamp of a scope.
func (tx *Tx) Stamp(s Scope) (Stamp, error) {
	k := s.key()
	g, err := tx.guard(k)
	return Stamp{s, k, g}, err
}

// Holds reports whether nothing that the stamps cover has changed.
func (tx *Tx) Holds(stamps []Stamp) (bool, error) {
	for i := range stamps {
		g, err := tx.guard(stamps[i].key)
		if err != nil || g != stamps[i].guard {
			return false, err
		}
	}
	return true, nil
}

func (c *Cache[K, V]) shard(k K) *cacheShard[K, V] {
	return &c.shards[maphash.Comparable(c.seed, k)%cacheShards]
}

// Get returns what is kept under k, if it is still true in tx.
func (c *Cache[K, V]) Get(tx *Tx, k K) (value V, ok bool, err error) {
	s := c.shard(k)
	s.mu.Lock()
	e := s.entries[k]
	if e != nil {
		e.used = true
		value = e.value
	}
	s.mu.Unlock()
	if e == nil {
		return value, false, nil
	}
	holds, err := tx.Holds(e.stamps)
	if err != nil || !holds {
		var none V
		return none, false, err
	}
	return value, true, nil
}

// Put keeps value under k for as long as the stamps hold. They must have been
// taken in the transaction that value was made from.
func (c *Cache[K, V]) Put(k K, value V, stamps []Stamp) {
	s := c.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.entries[k]; old != nil {
		s.drop(old)
	}
	if len(s.ring) >= s.limit {
		s.evict()
	}
	e := &cacheEntry[K, V]{key: k, value: value, stamps: stamps, slot: len(s.ring)}
	s.entries[k] = e
	s.ring = append(s.ring, e)
	for _, st := range stamps {
		keys := s.scopes[st.scope]
		if keys == nil {
			keys = map[K]struct{}{}
			s.scopes[st.scope] = keys
		}
		keys[k] = struct{}{}
	}
}

// evict drops the next entry that was not used since the hand last passed.
func (s *cacheShard[K, V]) evict() {
	for {
		s.hand %= len(s.ring)
		e := s.ring[s.hand]
		if !e.used {
			s.drop(e)
			return
		}
		e.used = false
		s.hand++
	}
}

func (s *cacheShard[K, V]) drop(e *cacheEntry[K, V]) {
	delete(s.entries, e.key)
	end := len(s.ring) - 1
	s.ring[e.slot] = s.ring[end]
	s.ring[e.slot].slot = e.slot
	s.ring[end] = nil
	s.ring = s.ring[:end]
	for _, st := range e.stamps {
		if keys := s.scopes[st.scope]; keys != nil {
			delete(keys, e.key)
			if len(keys) == 0 {
				delete(s.scopes, st.scope)
			}
		}
	}
}

// Forget drops all that was made under a scope.
func (c *Cache[K, V]) Forget(scope Scope) {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		for k := range s.scopes[scope] {
			s.drop(s.entries[k])
		}
		s.mu.Unlock()
	}
}

// Clear drops everything.
func (c *Cache[K, V]) Clear() {
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		clear(s.entries)
		clear(s.scopes)
		s.ring, s.hand = nil, 0
		s.mu.Unlock()
	}
}

// Len returns how many entries are kept.
func (c *Cache[K, V]) Len() int {
	n := 0
	for i := range c.shards {
		s := &c.shards[i]
		s.mu.Lock()
		n += len(s.entries)
		s.mu.Unlock()
	}
	return n
}
