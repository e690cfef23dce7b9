package iam

import (
	"context"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/wire"
)

func boundaryOperations() []dispatch.Operation {
	u, r := users(), roles()
	return []dispatch.Operation{
		dispatch.Write(putBoundary("PutUserPermissionsBoundary", u, func(in *api.PutUserPermissionsBoundaryInput) attaching {
			return attaching{in.UserName, in.PermissionsBoundary}
		})),
		dispatch.Write(putBoundary("PutRolePermissionsBoundary", r, func(in *api.PutRolePermissionsBoundaryInput) attaching {
			return attaching{in.RoleName, in.PermissionsBoundary}
		})),
		dispatch.Write(deleteBoundary("DeleteUserPermissionsBoundary", u, func(in *api.DeleteUserPermissionsBoundaryInput) string {
			return in.UserName
		})),
		dispatch.Write(deleteBoundary("DeleteRolePermissionsBoundary", r, func(in *api.DeleteRolePermissionsBoundaryInput) string {
			return in.RoleName
		})),
	}
}

// putBoundary gives an entity a boundary in place of the one it had (IA-47).
// The key iam:PermissionsBoundary is the one to be set.
func putBoundary[In any](operation string, k *entityKind, of func(*In) attaching) (string, needsOf[In], handlerOf[In, wire.Empty]) {
	needs := func(call dispatch.Call, in *In) ([]authz.Need, error) {
		b := of(in)
		e, err := k.record(&call, b.owner)
		if err != nil {
			return nil, err
		}
		return need("iam:"+operation, e.arn, append(targetKeys(e.tags), boundaryKey(b.policy)...)...), nil
	}
	return operation, needs, func(_ context.Context, call dispatch.Call, in *In) (*wire.Empty, error) {
		b := of(in)
		e, err := k.change(&call, b.owner)
		if err != nil {
			return nil, err
		}
		if err := checkBoundary(&call, b.policy); err != nil {
			return nil, err
		}
		return &wire.Empty{}, e.bound(call.Tx, b.policy)
	}
}

// deleteBoundary removes the boundary of an entity; one without stays so. The
// key iam:PermissionsBoundary is the one to be removed.
func deleteBoundary[In any](operation string, k *entityKind, owner func(*In) string) (string, needsOf[In], handlerOf[In, wire.Empty]) {
	return operation, onEntity(k, operation, owner), func(_ context.Context, call dispatch.Call, in *In) (*wire.Empty, error) {
		e, err := k.change(&call, owner(in))
		if err != nil {
			return nil, err
		}
		return &wire.Empty{}, e.bound(call.Tx, "")
	}
}
