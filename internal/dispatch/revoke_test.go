package dispatch_test

import (
	"context"
	"strings"
	"testing"

	iamapi "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// A key that is switched off between a call's signature and its commit makes
// nothing any more.
//
// Rules: TH-26
func TestAKeyThatIsSwitchedOffBeforeTheCommitCounts(t *testing.T) {
	t.Parallel()
	for name, revoke := range map[string]func(*store.Tx, identity.AccessKeyID) error{
		"key": func(tx *store.Tx, id identity.AccessKeyID) error {
			k, err := tx.AccessKey(id)
			if err != nil {
				return err
			}
			k.Status = identity.KeyInactive
			return tx.PutAccessKey(k)
		},
		"account": func(tx *store.Tx, _ identity.AccessKeyID) error {
			a, err := tx.Account(account)
			if err != nil {
				return err
			}
			a.Status = identity.AccountSuspended
			return tx.PutAccount(a)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ran := false
			h := servicetest.New(t, dispatch.Service{API: &iamapi.Service, Operations: []dispatch.Operation{
				dispatch.Write("CreateGroup",
					func(dispatch.Call, *iamapi.CreateGroupInput) ([]authz.Need, error) {
						return mine("iam:CreateGroup"), nil
					},
					func(context.Context, dispatch.Call, *iamapi.CreateGroupInput) (*iamapi.CreateGroupOutput, error) {
						ran = true
						return &iamapi.CreateGroupOutput{Group: &iamapi.Group{}}, nil
					}).
					Before(func(ctx context.Context, s *store.Store, call dispatch.Call, _ any) error {
						return s.Update(ctx, func(tx *store.Tx) error { return revoke(tx, call.Caller.AccessKeyID) })
					}),
			}})
			h.Account(account, "root")
			a := h.As("root").Call("iam", "CreateGroup", "GroupName", "g")
			if a.Status != 403 || a.Code != "InvalidClientTokenId" || ran || !strings.Contains(a.Message, "security token") {
				t.Errorf("ran: %v, %d %s %s", ran, a.Status, a.Code, a.Message)
			}
			h.As("root").Call("iam", "CreateGroup", "GroupName", "g").Fails("InvalidClientTokenId")
		})
	}
}

// Rules: EV-74
func TestRefusalsHaveTheFormOfTheirService(t *testing.T) {
	t.Parallel()
	h := newRoad(t)
	h.User("stranger", account, "")
	a := h.As("stranger").Call("iam", "GetUser")
	if a.Status != 403 || a.Code != "AccessDenied" || !strings.HasPrefix(a.Message, "User: arn:aws:iam::111122223333:user/stranger is not authorized to perform: iam:GetUser on resource: *") {
		t.Errorf("%d %s %s", a.Status, a.Code, a.Message)
	}
}
