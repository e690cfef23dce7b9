package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// What a Write wrote is undone when it fails, unless it fails with an error
// that Keep made; the client is told the error itself either way.
//
// Rules: TH-50
func TestKeep(t *testing.T) {
	refusal := api.LimitExceeded("wrong")
	tests := []struct {
		name    string
		failure error
		code    string
		kept    bool
	}{
		{"success", nil, "", true},
		{"failure", refusal, "LimitExceeded", false},
		{"failure to be kept", dispatch.Keep(refusal), "LimitExceeded", true},
		{"wrapped", fmt.Errorf("checking: %w", dispatch.Keep(refusal)), "LimitExceeded", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			runs := 0
			h := servicetest.New(t, dispatch.Service{API: &api.Service, Operations: []dispatch.Operation{
				dispatch.Write("CreateGroup",
					func(dispatch.Call, *api.CreateGroupInput) ([]authz.Need, error) {
						return []authz.Need{{Action: "iam:CreateGroup", Resource: "*"}}, nil
					},
					func(_ context.Context, call dispatch.Call, _ *api.CreateGroupInput) (*api.CreateGroupOutput, error) {
						runs++
						account, err := call.Tx.Account(call.Caller.Account)
						if err != nil {
							return nil, err
						}
						account.Name = "written"
						if err := call.Tx.PutAccount(account); err != nil {
							return nil, err
						}
						return &api.CreateGroupOutput{Group: &api.Group{}}, tt.failure
					}),
			}})
			h.Account("111122223333", "root")
			a := h.As("root").Call("iam", "CreateGroup", "GroupName", "g")
			if a.Code != tt.code || runs != 1 {
				t.Errorf("answer %d %q after %d runs, want %q", a.Status, a.Code, runs, tt.code)
			}
			var account *identity.Account
			h.View(func(tx *store.Tx) (err error) {
				account, err = tx.Account("111122223333")
				return err
			})
			if kept := account.Name == "written"; kept != tt.kept {
				t.Errorf("kept: %t", kept)
			}
		})
	}
	if dispatch.Keep(nil) != nil {
		t.Error("Keep makes a failure of none")
	}
	if kept := dispatch.Keep(refusal); !errors.Is(kept, error(refusal)) || kept.Error() != refusal.Error() {
		t.Errorf("Keep hides the failure: %v", kept)
	}
}
