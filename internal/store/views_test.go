package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// TestWhatAViewReadsIsTheReadersOwn changes a record that a view handed out:
// who reads it next, in the same view or a later one, gets it as it is stored.
//
// Rules: TH-26
func TestWhatAViewReadsIsTheReadersOwn(t *testing.T) {
	backends(t, func(t *testing.T, f *fixture) {
		role := &identity.Role{Account: here, Name: "ops", Path: "/", ID: "AROAOPS", MaxSession: 3600}
		user := &identity.User{Account: here, Name: "alice", Path: "/", ID: "AIDAALICE"}
		f.update(func(tx *store.Tx) error {
			if err := tx.CreateUser(user); err != nil {
				return err
			}
			return tx.CreateRole(role)
		})
		look := func(wantSession int32) {
			t.Helper()
			f.view(func(tx *store.Tx) error {
				for range 3 {
					r, err := tx.Role(here, "OPS")
					if err != nil {
						return err
					}
					if r.MaxSession != wantSession || r.Name != "ops" {
						t.Errorf("role %s with sessions of %d s, want ops with %d s", r.Name, r.MaxSession, wantSession)
					}
					u, err := tx.User(here, "alice")
					if err != nil {
						return err
					}
					if diff := cmp.Diff(user, u); diff != "" {
						t.Errorf("user (-want +got):\n%s", diff)
					}
					r.Name, r.MaxSession, u.Name, u.Path = "changed", 1, "changed", "/changed/"
				}
				return nil
			})
		}
		look(3600)
		look(3600)
		f.update(func(tx *store.Tx) error {
			role.MaxSession = 7200
			return tx.PutRole(role)
		})
		look(7200)
		f.update(func(tx *store.Tx) error { return tx.DeleteRole(role) })
		f.view(func(tx *store.Tx) error {
			if r, err := tx.Role(here, "ops"); err == nil {
				t.Errorf("a role that was deleted is still there: %v", r)
			}
			return nil
		})
	})
}
