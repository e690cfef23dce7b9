package catalog

import (
	"iter"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// A Key is a condition key.
type Key struct {
	// Name is as AWS writes it. What a request fills in stands as a
	// placeholder: "aws:RequestTag/${TagKey}".
	Name string
	Type KeyType
	// About is what a global key is about: "principal", "session", "network",
	// "resource" or "request". It is empty for a service's own key.
	About string
}

// A foldedKey is a key beside its folded name, with a NUL in the place of the
// placeholder.
type foldedKey struct {
	fold string
	key  Key
}

// A keyTemplate is what stands before and behind a key's placeholder.
type keyTemplate struct {
	prefix, suffix string
	key            int // in keyTable
}

// fits reports whether the folded name is the key with something in the
// placeholder's place.
func (t keyTemplate) fits(name string) bool {
	return len(name) > len(t.prefix)+len(t.suffix) && strings.HasPrefix(name, t.prefix) && strings.HasSuffix(name, t.suffix)
}

// LookupKey returns the condition key of that name, in any case, and reports
// whether there is one: a global key, or one that a service's reference names.
// What stands for a placeholder is looked up as such: "aws:RequestTag/team"
// gives "aws:RequestTag/${TagKey}".
func LookupKey(name string) (Key, bool) {
	name = arn.Fold(name)
	i, ok := slices.BinarySearchFunc(keyTable[:], name, func(k foldedKey, name string) int {
		return strings.Compare(k.fold, name)
	})
	if ok {
		return keyTable[i].key, true
	}
	return templateOf(name)
}

// KeyIsMultivalued reports whether a request may carry several values of the
// key. It is a property of the key, not of a request (PL-73). It allocates
// nothing when the key is folded already ([arn.Fold]).
func KeyIsMultivalued(name string) bool {
	name = arn.Fold(name)
	if _, ok := slices.BinarySearch(multivaluedKeys[:], name); ok {
		return true
	}
	for _, t := range multivaluedTemplates {
		if t.fits(name) {
			key, _ := LookupKey(name) // a key of its own that looks like it comes first
			return key.Type.Multivalued()
		}
	}
	return false
}

// Keys returns every condition key, in order of their folded names.
func Keys() iter.Seq[Key] {
	return func(yield func(Key) bool) {
		for _, k := range keyTable {
			if !yield(k.key) {
				return
			}
		}
	}
}

// templateOf returns the key whose placeholder the folded name fills in, the one
// with the most of its own text when there are several.
func templateOf(name string) (Key, bool) {
	best, own := -1, -1
	for _, t := range keyTemplates {
		if length := len(t.prefix) + len(t.suffix); length > own && t.fits(name) {
			best, own = t.key, length
		}
	}
	if best < 0 {
		return Key{}, false
	}
	return keyTable[best].key, true
}

// keyTypeOf returns the type that the data names.
func keyTypeOf(name string) KeyType {
	return KeyType(max(0, slices.Index(keyTypeNames[:], name)))
}
