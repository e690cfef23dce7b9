package policy

import "github.com/regent-iam/regent/arn"

// A Context holds the condition keys of one request. The zero Context is empty
// and ready; Reset makes one ready for the next request with the memory it has.
// It must not change while a request that uses it is being decided.
//
// Keys are compared by [arn.Fold]. The well-known keys in AWS's own spelling,
// and keys that are folded already, cost no allocation.
type Context struct {
	entries []entry
	known   [knownKeys]int // 1 + index of a well-known key's entry
}

type entry struct {
	name  string // as the caller spelled it
	key   string // folded
	multi bool
	one   [1]string
	many  []string
}

// Reset forgets all keys.
func (c *Context) Reset() {
	clear(c.entries)
	c.entries = c.entries[:0]
	clear(c.known[:])
}

// Set gives key its one value and makes it a single-valued key. A key set
// before in the same spelling is replaced. One whose spelling differs in case
// only, as two tags may, stands beside it, and a condition holds if either
// satisfies it (PL-71).
func (c *Context) Set(key, value string) {
	e := c.entry(key)
	e.multi, e.one[0], e.many = false, value, nil
}

// SetMulti gives key its values and makes it a multivalued key, however many
// there are (PL-73); none means present and empty (PL-81b). It keeps values.
func (c *Context) SetMulti(key string, values []string) {
	e := c.entry(key)
	e.multi, e.one[0], e.many = true, "", values
}

// Lookup returns what the context holds of key; a single-valued key has one
// value. It is not ok when the key is absent. Of keys that differ in case only,
// one is returned.
func (c *Context) Lookup(key string) (values []string, multi, ok bool) {
	if c == nil {
		return nil, false, false
	}
	ref := newKeyRef(key)
	at := c.next(&ref, 0)
	if at < 0 {
		return nil, false, false
	}
	e := &c.entries[at]
	return e.values(), e.multi, true
}

// Names returns the keys as they were set, in that order.
func (c *Context) Names() []string {
	if c == nil {
		return nil
	}
	names := make([]string, len(c.entries))
	for i := range c.entries {
		names[i] = c.entries[i].name
	}
	return names
}

func (e *entry) values() []string {
	if e.multi {
		return e.many
	}
	return e.one[:]
}

// next returns the index of the first entry for key at from or after it, -1 when there is none.
func (c *Context) next(key *keyRef, from int) int {
	if key.id != 0 {
		if at := c.known[key.id] - 1; at >= from {
			return at
		}
		return -1
	}
	for i := from; i < len(c.entries); i++ {
		if c.entries[i].key == key.folded {
			return i
		}
	}
	return -1
}

func (c *Context) entry(name string) *entry {
	id := keyIDs[name]
	folded := foldedKeys[id]
	if id == 0 {
		folded = arn.Fold(name)
		id = keyIDs[folded]
	}
	if id != 0 {
		if at := c.known[id]; at > 0 {
			return &c.entries[at-1]
		}
	} else {
		for i := range c.entries {
			if c.entries[i].name == name {
				return &c.entries[i]
			}
		}
	}
	c.entries = append(c.entries, entry{name: name, key: folded})
	if id != 0 {
		c.known[id] = len(c.entries)
	}
	return &c.entries[len(c.entries)-1]
}
