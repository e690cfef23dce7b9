package memkv

import (
	"hash/maphash"
	"iter"
	"strings"

	"github.com/regent-iam/regent/internal/store/kv"
)

// A tree is an immutable treap: a search tree by key that is a heap by a hash of the key, which keeps it
// balanced whatever the order of changes. A change copies the path to its node and shares the rest.
type tree struct {
	root *node
	seed maphash.Seed
}

type node struct {
	key         string
	value       []byte
	rank        uint64
	left, right *node
}

func newTree() tree { return tree{seed: maphash.MakeSeed()} }

func (t tree) get(key string) ([]byte, bool) {
	for n := t.root; n != nil; {
		switch {
		case key < n.key:
			n = n.left
		case key > n.key:
			n = n.right
		default:
			return n.value, true
		}
	}
	return nil, false
}

func (t tree) set(key string, value []byte) tree {
	t.root = t.root.set(&node{key: key, value: value, rank: maphash.String(t.seed, key)})
	return t
}

func (t tree) remove(key string) tree {
	t.root = t.root.remove(key)
	return t
}

// scan yields the entries under prefix and behind after, in order.
func (t tree) scan(prefix, after string) iter.Seq[kv.Entry] {
	return func(yield func(kv.Entry) bool) {
		var path []*node // nodes to yield, each before its right subtree
		for n := t.root; n != nil; {
			if n.key >= prefix && (after == "" || n.key > after) {
				path = append(path, n)
				n = n.left
			} else {
				n = n.right
			}
		}
		for len(path) > 0 {
			n := path[len(path)-1]
			path = path[:len(path)-1]
			if !strings.HasPrefix(n.key, prefix) || !yield(kv.Entry{Key: n.key, Value: n.value}) {
				return
			}
			for n = n.right; n != nil; n = n.left {
				path = append(path, n)
			}
		}
	}
}

// set returns n with the new node in it.
func (n *node) set(added *node) *node {
	if n == nil {
		return added
	}
	c := *n
	switch {
	case added.key == n.key:
		c.value = added.value
	case added.key < n.key:
		c.left = n.left.set(added)
		if c.left.rank > c.rank {
			return rotateRight(c)
		}
	default:
		c.right = n.right.set(added)
		if c.right.rank > c.rank {
			return rotateLeft(c)
		}
	}
	return &c
}

// rotateRight puts n's left child, which is a new node, above n.
func rotateRight(n node) *node {
	top := *n.left
	n.left = top.right
	top.right = &n
	return &top
}

// rotateLeft puts n's right child, which is a new node, above n.
func rotateLeft(n node) *node {
	top := *n.right
	n.right = top.left
	top.left = &n
	return &top
}

// remove returns n without key.
func (n *node) remove(key string) *node {
	if n == nil {
		return nil
	}
	if key == n.key {
		return join(n.left, n.right)
	}
	c := *n
	if key < n.key {
		c.left = n.left.remove(key)
	} else {
		c.right = n.right.remove(key)
	}
	return &c
}

// join returns one tree of two, where all of l comes before all of r.
func join(l, r *node) *node {
	switch {
	case l == nil:
		return r
	case r == nil:
		return l
	case l.rank > r.rank:
		c := *l
		c.right = join(l.right, r)
		return &c
	default:
		c := *r
		c.left = join(l, r.left)
		return &c
	}
}
