package dispatch_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// Costly work is done between the decision and the transaction: never for whoever
// is refused, and never while others wait for the writer.
//
// Rules: TH-24
func TestPrepare(t *testing.T) {
	t.Parallel()
	yes := map[string]policy.Outcome{"a:Yes": policy.Allow}
	rows := []struct {
		name     string
		action   string
		prepare  error
		stale    int // how many times what was prepared is stale
		prepared int
		handled  int
		want     func(error) bool
	}{
		{"success", "a:Yes", nil, 0, 1, 1, func(err error) bool { return err == nil }},
		{"refused", "a:No", nil, 0, 0, 0, func(err error) bool { return err != nil }},
		{"preparing fails", "a:Yes", errPlanned, 0, 1, 0, func(err error) bool { return errors.Is(err, errPlanned) }},
		{"stale once", "a:Yes", nil, 1, 2, 2, func(err error) bool { return err == nil }},
		{"always stale", "a:Yes", nil, 100, 4, 4, func(err error) bool { return errors.Is(err, dispatch.ErrBusy) }},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, &judge{outcomes: yes}, nil)
			prepared, handled := 0, 0
			op := dispatch.Prepare("GetAccessKeyInfo", asks(row.action),
				func(ctx context.Context, s *store.Store, call dispatch.Call, given *in) (int, error) {
					prepared++
					if given == nil || call.Tx != nil || s != r.Store {
						t.Errorf("%v, %v, %v", given, call.Tx, s)
					}
					// The writer is free.
					if err := s.Update(ctx, func(*store.Tx) error { return nil }); err != nil {
						t.Error(err)
					}
					return prepared, row.prepare
				},
				func(_ context.Context, call dispatch.Call, _ *in, p int) (*out, error) {
					handled++
					if !call.Tx.Writable() || p != prepared {
						t.Errorf("prepared %d, handed %d", prepared, p)
					}
					if handled <= row.stale {
						return nil, dispatch.ErrStale
					}
					return &out{}, nil
				})
			err := r.run(op)
			if prepared != row.prepared || handled != row.handled {
				t.Errorf("prepared %d times, handled %d times", prepared, handled)
			}
			if !row.want(err) {
				t.Errorf("it ends in %v", err)
			}
		})
	}
}

// What is drawn for a salt must not be what an id is made of.
//
// Rules: TH-25
func TestPreparationDrawsItsOwnRandomness(t *testing.T) {
	t.Parallel()
	r := newRig(t, &judge{outcomes: map[string]policy.Outcome{"a:Yes": policy.Allow}}, nil)
	var first, second [16]byte
	op := dispatch.Prepare("GetAccessKeyInfo", asks("a:Yes"),
		func(_ context.Context, _ *store.Store, call dispatch.Call, _ *in) (struct{}, error) {
			_, err := io.ReadFull(call.Random, first[:])
			return struct{}{}, err
		},
		func(_ context.Context, call dispatch.Call, _ *in, _ struct{}) (*out, error) {
			_, err := io.ReadFull(call.Random, second[:])
			return &out{}, err
		})
	if err := r.run(op); err != nil || first == second {
		t.Errorf("%v, %x and %x", err, first, second)
	}
}

// A call that needs nothing new stays out of the writer. One that does has it made
// between two looks, and only for whoever is allowed.
//
// Rules: TH-24
func TestRenew(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name     string
		action   string
		wants    bool
		writable []bool
		prepared int
		left     string
		fails    bool
	}{
		{"nothing new", "a:Yes", false, []bool{false}, 0, "", false},
		{"something new", "a:Yes", true, []bool{false, true}, 1, "made", false},
		{"refused", "a:No", true, nil, 0, "", true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, &judge{outcomes: map[string]policy.Outcome{"a:Yes": policy.Allow}}, nil)
			prepared := 0
			var writable []bool
			err := r.run(dispatch.Renew("GetAccessKeyInfo", asks(row.action),
				func(ctx context.Context, s *store.Store, call dispatch.Call, _ *in) (*string, error) {
					prepared++
					if call.Tx != nil {
						t.Error("there is a transaction while something is made")
					}
					return new("made"), s.Update(ctx, func(*store.Tx) error { return nil }) // the writer is free
				},
				func(_ context.Context, call dispatch.Call, _ *in, made *string) (*out, error) {
					writable = append(writable, call.Tx.Writable())
					if !row.wants {
						return &out{}, nil
					}
					if made == nil {
						return nil, dispatch.ErrSpends
					}
					return &out{}, mark(call.Tx, *made)
				}))
			if (err != nil) != row.fails || prepared != row.prepared || r.name() != row.left || !slices.Equal(writable, row.writable) {
				t.Errorf("%v, prepared %d times, left %q, looked %v", err, prepared, r.name(), writable)
			}
		})
	}
}
