package dated_test

import (
	"fmt"
	"testing"

	"github.com/regent-iam/regent/internal/store/dated"
	"github.com/regent-iam/regent/internal/store/kv"
)

// Rules: TH-26
func TestACounterIsOfOneRevision(t *testing.T) {
	t.Parallel()
	c := dated.New()
	wants := func(at kv.Revision, value uint64, ok bool) {
		t.Helper()
		if got, seen := c.Get("a", at); seen != ok || ok && got != value {
			t.Errorf("at revision %d: %d, %v, want %d, %v", at, got, seen, value, ok)
		}
	}
	wants(0, 0, false)
	c.Put("a", 3, 30)
	wants(3, 30, true)
	wants(2, 0, false)
	wants(4, 0, false)
	c.Put("a", 5, 50)
	c.Put("a", 4, 40) // by a view that took longer
	wants(5, 50, true)
	wants(4, 0, false)
	c.Put("b", 5, 0) // one that is not there counts as 0
	if got, ok := c.Get("b", 5); got != 0 || !ok {
		t.Errorf("%d, %v, want 0", got, ok)
	}
}

// Names may be made up by anybody, so only so many are kept.
//
// Rules: TH-30
func TestCountersAreBounded(t *testing.T) {
	t.Parallel()
	c := dated.New()
	const names = 100_000
	kept := 0
	for i := range names {
		c.Put(fmt.Sprint(i), 1, uint64(i))
	}
	for i := range names {
		if v, ok := c.Get(fmt.Sprint(i), 1); ok {
			kept++
			if v != uint64(i) {
				t.Fatalf("counter %d is %d", i, v)
			}
		}
	}
	if kept == 0 || kept > 16*512 {
		t.Errorf("%d of %d are kept", kept, names)
	}
}
