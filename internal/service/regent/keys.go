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

// beginRotation sees to it that of calls at the same time one rotates, and the
// others are told.
func (s *Service) beginRotation(context.Context, *store.Store, dispatch.Call, any) error {
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

// rotateKeys gives the installation a new sealing key. Keys are everybody's, so
// nobody outside of the management account may.
func (s *Service) rotateKeys(_ context.Context, call dispatch.Call, _ *api.RotateKeysInput) (*api.RotateKeysOutput, error) {
	system, err := call.Tx.System()
	if errors.Is(err, store.ErrNotFound) || err == nil && system.Management != call.Caller.Account {
		return nil, api.NotManagementAccountException("Sealing keys are rotated in the management account of this installation.")
	} else if err != nil {
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
