package kv

import (
	"iter"
	"slices"
	"strings"
)

// An Overlay is a Writer that keeps its changes to itself, over a Reader that does not change while it is used.
// Every backend hands one to the functions of its Updates: it is the savepoint that makes a refused function
// leave nothing behind, and it holds the limits, so that they are the same everywhere.
type Overlay struct {
	base   Reader
	writes []Write  // sorted by key
	gets   []string // distinct keys read from base, sorted
	scans  []string // distinct prefixes scanned, sorted
	bytes  int      // of keys and values in writes
	err    error    // the first limit that was exceeded; it stays
	ended  bool
}

// A Write is a pending change of an [Overlay].
type Write struct {
	Key     string
	Value   []byte // never nil unless Deleted
	Deleted bool
}

// NewOverlay returns an Overlay without changes.
func NewOverlay(base Reader) *Overlay { return &Overlay{base: base} }

// End makes every further use of o fail with [ErrEnded], and returns its changes in key order, each key once.
// The error is not nil when a limit was exceeded, even if the function did not look: then nothing may be committed.
func (o *Overlay) End() ([]Write, error) {
	o.ended = true
	if o.err != nil {
		return nil, o.err
	}
	return o.writes, nil
}

// Reads returns the keys that were read from the base and the prefixes that were scanned: what an optimistic backend compares.
func (o *Overlay) Reads() (keys, prefixes []string) { return o.gets, o.scans }

// Revision returns the base's revision.
func (o *Overlay) Revision() Revision { return o.base.Revision() }

// Get returns the pending value of key, else the base's.
func (o *Overlay) Get(key string) ([]byte, bool, error) {
	if err := o.usable(key); err != nil {
		return nil, false, err
	}
	if i, found := o.find(key); found {
		w := o.writes[i]
		return w.Value, !w.Deleted, nil
	}
	if err := o.count(&o.gets, key); err != nil {
		return nil, false, err
	}
	return o.base.Get(key)
}

// Scan merges the pending changes with the base's entries.
func (o *Overlay) Scan(prefix, after string) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		if o.ended {
			yield(Entry{}, ErrEnded)
			return
		}
		if err := o.count(&o.scans, prefix); err != nil {
			yield(Entry{}, err)
			return
		}
		o.merge(prefix, after, yield)
	}
}

// merge yields the base's entries with the changes that were pending when it was called.
func (o *Overlay) merge(prefix, after string, yield func(Entry, error) bool) { //nolint:gocognit // a merge of two sorted lists reads best in one piece
	pending := o.pending(prefix, after)
	for e, err := range o.base.Scan(prefix, after) {
		if err == nil && o.ended {
			err = ErrEnded
		}
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for len(pending) > 0 && pending[0].Key < e.Key {
			w := pending[0]
			pending = pending[1:]
			if !w.Deleted && !yield(Entry{Key: w.Key, Value: w.Value}, nil) {
				return
			}
		}
		if len(pending) > 0 && pending[0].Key == e.Key {
			w := pending[0]
			pending = pending[1:]
			if w.Deleted {
				continue
			}
			e.Value = w.Value
		}
		if !yield(e, nil) {
			return
		}
	}
	for _, w := range pending {
		if !w.Deleted && !yield(Entry{Key: w.Key, Value: w.Value}, nil) {
			return
		}
	}
}

// Set makes value the pending value of key.
func (o *Overlay) Set(key string, value []byte) error {
	return o.write(Write{Key: key, Value: append([]byte{}, value...)})
}

// Delete makes the removal of key pending.
func (o *Overlay) Delete(key string) error {
	return o.write(Write{Key: key, Deleted: true})
}

func (o *Overlay) write(w Write) error {
	if err := o.usable(w.Key); err != nil {
		return err
	}
	i, found := o.find(w.Key)
	size := o.bytes + len(w.Value)
	if found {
		size -= len(o.writes[i].Value)
	} else {
		size += len(w.Key)
	}
	switch {
	case size > MaxBytes:
		o.err = ErrTooLarge
	case !found && len(o.writes) == MaxWrites:
		o.err = ErrTooManyOperations
	}
	if o.err != nil {
		return o.err
	}
	o.bytes = size
	if found {
		o.writes[i] = w
	} else {
		o.writes = slices.Insert(o.writes, i, w)
	}
	return nil
}

func (o *Overlay) usable(key string) error {
	if o.ended {
		return ErrEnded
	}
	if o.err != nil {
		return o.err
	}
	return CheckKey(key)
}

// count adds what to the sorted list unless it is there.
func (o *Overlay) count(list *[]string, what string) error {
	if o.err != nil {
		return o.err
	}
	i, found := slices.BinarySearch(*list, what)
	if found {
		return nil
	}
	if len(o.gets)+len(o.scans) == MaxReads {
		o.err = ErrTooManyOperations
		return o.err
	}
	*list = slices.Insert(*list, i, what)
	return nil
}

func (o *Overlay) find(key string) (int, bool) {
	return slices.BinarySearchFunc(o.writes, key, func(w Write, key string) int { return strings.Compare(w.Key, key) })
}

// pending returns a copy of the changes under prefix and behind after, since the loop's body may make more.
func (o *Overlay) pending(prefix, after string) []Write {
	var pending []Write
	for _, w := range o.writes {
		if strings.HasPrefix(w.Key, prefix) && (after == "" || w.Key > after) {
			pending = append(pending, w)
		}
	}
	return pending
}
