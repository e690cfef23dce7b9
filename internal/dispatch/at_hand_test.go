package dispatch_test

import (
	"context"
	"errors"
	"testing"

	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

// A counter is a database in memory that counts its views.
type counter struct {
	*memkv.DB
	views int
}

func (c *counter) View(ctx context.Context, fn func(kv.Reader) error) error {
	c.views++
	return c.DB.View(ctx, fn)
}

// An operation of which all is at hand reads nothing, and is refused all the
// same from the change on that takes its permission away; one that reads a
// record gets it, and runs twice for that.
//
// Rules: TH-26
func TestAnOperationAtHandIsDecidedByWhatIsCommitted(t *testing.T) {
	t.Parallel()
	var db *counter
	r := newRig(t, authz.New(), func(inner kv.DB) kv.DB { db = &counter{DB: inner.(*memkv.DB)}; return db })
	u := &identity.User{Account: account, Name: "alice", Path: "/", ID: "AIDA1", Permissions: permissions("Allow")}
	r.userOf(u)
	runs := 0
	op := dispatch.Read("GetAccessKeyInfo", asks("s3:PutObject"), func(context.Context, dispatch.Call, *in) (*out, error) {
		runs++
		return &out{}, nil
	}).AtHand()
	call := func(op dispatch.Operation, wantViews, wantRuns int) {
		t.Helper()
		db.views, runs = 0, 0
		if err := r.run(op); err != nil || db.views != wantViews || runs != wantRuns {
			t.Errorf("%d views and %d runs, want %d and %d; %v", db.views, runs, wantViews, wantRuns, err)
		}
	}
	call(op, 1, 1) // reads the policies
	call(op, 0, 1)
	call(dispatch.Read("GetAccessKeyInfo", asks("s3:PutObject"), func(_ context.Context, call dispatch.Call, _ *in) (*out, error) {
		runs++
		_, err := call.Tx.User(account, "alice")
		return &out{}, err
	}).AtHand(), 1, 2)

	changed := *u
	changed.Permissions = permissions("Deny")
	r.update(func(tx *store.Tx) error { return tx.PutUser(&changed) })
	runs = 0
	err := r.run(op)
	if _, ok := errors.AsType[*authz.Denial](err); !ok || runs != 0 {
		t.Errorf("%d runs after the permission was taken away, %v", runs, err)
	}
}

// A caller who is at hand and whose key is switched off is refused from then on,
// though the operation asks for nothing.
//
// Rules: TH-26 TH-48
func TestACallerWhoIsSwitchedOffIsNotAtHand(t *testing.T) {
	t.Parallel()
	h := servicetest.New(t, dispatch.Service{API: &stsapi.Service, Operations: []dispatch.Operation{
		dispatch.Always("GetCallerIdentity", "for the test", func(context.Context, dispatch.Call, *stsapi.GetCallerIdentityInput) (*stsapi.GetCallerIdentityOutput, error) {
			return &stsapi.GetCallerIdentityOutput{}, nil
		}).AtHand(),
	}})
	h.Account(account, "root")
	h.User("alice", account, "")
	for range 3 {
		h.As("alice").Call("sts", "GetCallerIdentity").OK()
	}
	err := h.Store.Update(t.Context(), func(tx *store.Tx) error {
		u, err := tx.User(account, "alice")
		if err != nil {
			return err
		}
		key, err := tx.AccessKey(u.Keys[0])
		if err != nil {
			return err
		}
		key.Status = identity.KeyInactive
		return tx.PutAccessKey(key)
	})
	if err != nil {
		t.Fatal(err)
	}
	h.As("alice").Call("sts", "GetCallerIdentity").Fails("InvalidClientTokenId")
	h.As("root").Call("sts", "GetCallerIdentity").OK()
}
