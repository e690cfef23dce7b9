package regent

import (
	"context"
	"errors"

	api "github.com/regent-iam/regent/internal/api/regent"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
)

func (s *Service) keyOperations() []dispatch.Operation {
	return []dispatch.Operation{
		dispatch.Write("RotateKeys", rotateKeysNeeds, s.rotateKeys).Before(s.beginRotation).After(s.endRotation),
	}
}

func rotateKeysNeeds(dispatch.Call, *api.RotateKeysInput) ([]authz.Need, error) {
	return []authz.Need{{Action: "regent:RotateKeys", Resource: "*"}}, nil
}

// rotates returns the installation's record, or the error that the caller is
// not of the account that may rotate: the keys are everybody's.
func rotates(tx *store.Tx, call *dispatch.Call) (*store.System, error) {
	system, err := tx.System()
	if errors.Is(err, store.ErrNotFound) || err == nil && system.Management != call.Caller.Account {
		return nil, api.NotManagementAccountException("Sealing keys are rotated in the management account of this installation.")
	}
	return system, err
}

// beginRotation sees to it that of calls at the same time one rotates, and the
// others are told. Who may not rotate never has the turn.
func (s *Service) beginRotation(ctx context.Context, records *store.Store, call dispatch.Call, _ any) error {
	err := records.View(ctx, func(tx *store.Tx) error {
		_, err := rotates(tx, &call)
		return err
	})
	if err != nil {
		return err
	}
	if !s.config.Keys.Begin() {
		return api.ConflictException("The sealing key is being rotated already.")
	}
	return nil
}

// endRotation puts the new key in use before the call is answered, and none that
// was not committed.
func (s *Service) endRotation(ctx context.Context, _ *store.Store, _ dispatch.Call, _ any) {
	s.config.Keys.End(ctx)
}

// rotateKeys gives the installation a new sealing key.
func (s *Service) rotateKeys(_ context.Context, call dispatch.Call, _ *api.RotateKeysInput) (*api.RotateKeysOutput, error) {
	system, err := rotates(call.Tx, &call)
	if err != nil {
		return nil, err
	}
	record, ring, err := s.config.Keys.Rotate(system.Ring, call.Now)
	if errors.Is(err, seal.ErrFull) {
		return nil, api.LimitExceededException("There can be %d sealing keys at most.", seal.MaxKeys)
	} else if err != nil {
		return nil, err
	}
	system.Ring = record
	return &api.RotateKeysOutput{
		KeyId: int32(ring.Current()), CreateDate: ring.Since(), SessionsUntil: s.config.Keys.SessionsUntil(ring.Since()),
	}, call.Tx.PutSystem(system)
}
