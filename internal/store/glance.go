package store

import (
	"context"
	"errors"
	"iter"

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
