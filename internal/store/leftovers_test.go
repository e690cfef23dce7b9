package store_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
)

// under returns the keys that begin with a prefix.
func (f *fixture) under(prefix string) []string {
	f.t.Helper()
	var keys []string
	err := f.db.View(f.t.Context(), func(r kv.Reader) error {
		for e, err := range r.Scan(prefix, "") {
			if err != nil {
				return err
			}
			keys = append(keys, e.Key)
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return keys
}

// What hung on a target before its type of policies was disabled leaves nothing
// behind when something else hangs there.
//
// Rules: OR-20
func TestAttachmentsFromBeforeATypeWasDisabledLeaveNothing(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		o := organization()
		set := func(ids ...string) {
			t.Helper()
			f.update(func(tx *store.Tx) error { return tx.SetTargetPolicies(o, root, identity.SCP, ids, began) })
		}
		set(identity.FullAWSAccess, "p-old", "p-both")
		o.Epochs[identity.SCP]++
		set(identity.FullAWSAccess, "p-both")
		for _, k := range f.under("/organization/" + org + "/attached/") {
			if strings.Contains(k, "p-old") {
				t.Errorf("%s is left", k)
			}
		}
		f.view(func(tx *store.Tx) error {
			at, _, err := tx.PolicyTargets(o, &identity.OrganizationPolicy{ID: "p-both", Type: identity.SCP}, "", 0)
			if len(at) != 1 || at[0] != root {
				t.Errorf("p-both hangs on %v", at)
			}
			return err
		})
	})
}

// A delegation request that expired takes its token with it.
func TestAnExpiredDelegationRequestLeavesNoToken(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		request := func(id string, now time.Time) *identity.DelegationRequest {
			return &identity.DelegationRequest{
				ID: id, Requestor: here, Workflow: id, Created: now, Expires: now.Add(time.Hour), OwnerAccount: there, OwnerARN: "arn:aws:iam::" + string(there) + ":user/x",
			}
		}
		f.update(func(tx *store.Tx) error {
			r := request("one", began)
			return errors.Join(tx.CreateDelegationRequest(r, began), tx.PutDelegationToken(r, "secret"), tx.PutDelegationRequest(r))
		})
		f.view(func(tx *store.Tx) error {
			r, err := tx.DelegationByToken("secret")
			if err == nil && r.ID != "one" {
				t.Errorf("the token leads to %s", r.ID)
			}
			return err
		})
		later := began.Add(2 * time.Hour)
		f.update(func(tx *store.Tx) error { return tx.CreateDelegationRequest(request("two", later), later) })
		if got := f.under("/delegation-token/"); len(got) > 0 {
			t.Errorf("%v is left", got)
		}
		if got := f.under("/delegation-owner/"); len(got) > 0 {
			t.Errorf("%v is left", got)
		}
	})
}
