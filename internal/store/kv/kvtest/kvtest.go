// Package kvtest is the contract of kv.DB as a test suite.
package kvtest

import (
	"testing"

	"github.com/regent-iam/regent/internal/store/kv"
)

// Run tests the databases that open makes, each empty, with room for history changes.
func Run(t *testing.T, open func(t testing.TB, history int) kv.DB) { panic("kvtest: not built yet") }

// Twice returns db with every function of an Update run twice, as an optimistic backend may, the first time for
// nothing. What breaks on it has an effect outside of its transaction (TH-25).
func Twice(db kv.DB) kv.DB { panic("kvtest: not built yet") }
