package dispatch_test

import (
	"context"
	"errors"
	"io"
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
