package s3_test

import (
	"errors"
	"testing"
	"time"

	s3api "github.com/regent-iam/regent/internal/api/s3"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/s3/objects"
	"github.com/regent-iam/regent/internal/s3/s3err"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/service/s3"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
	"github.com/regent-iam/regent/policy"
)

const account identity.AccountID = "111122223333"

// yes allows everything: what is tested here comes before or behind decisions.
type yes struct{}

func (yes) Decide(*store.Tx, *authn.Caller, *authz.Request, *authz.Need) (authz.Decision, error) {
	return authz.Decision{Decision: policy.Decision{Outcome: policy.Allow}}, nil
}

type bench struct {
	t       *testing.T
	store   *store.Store
	objects *objects.Store
	runner  dispatch.Runner
	ops     []dispatch.Operation
}

func newBench(t *testing.T) *bench {
	t.Helper()
	ring, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	db := memkv.New(memkv.Options{})
	t.Cleanup(func() { _ = db.Close() })
	o, err := objects.Open(t.TempDir(), objects.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = o.Close() })
	st := store.New(db)
	b := &bench{
		t: t, store: st, objects: o, runner: dispatch.Runner{Store: st, Authn: authn.New(ring), Decider: yes{}},
		ops: s3.New(s3.Config{Objects: o, Region: "us-east-1"}).Operations(),
	}
	err = st.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.CreateAccount(&identity.Account{ID: account, Email: "a@example.invalid", CanonicalID: "c"}); err != nil {
			return err
		}
		return tx.CreateBucket(&identity.Bucket{Name: "b-one", ID: "id-one", Account: account, Region: "us-east-1"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bench) op(name string) *dispatch.Operation {
	b.t.Helper()
	for i := range b.ops {
		if b.ops[i].Name == name {
			return &b.ops[i]
		}
	}
	b.t.Fatalf("there is no operation %s", name)
	return nil
}

// deleteBucket calls DeleteBucket for the bucket of that id.
func (b *bench) deleteBucket(id string, needs func(*store.Tx) ([]authz.Need, error)) error {
	req := &dispatch.Request{
		Facts:  authz.Request{Now: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)},
		Target: &dispatch.Target{BucketID: id, Needs: needs},
	}
	_, err := b.runner.Run(b.t.Context(), b.op("DeleteBucket"), &authn.Caller{Account: account}, req, &s3api.DeleteBucketInput{Bucket: "b-one"}, nil)
	return err
}

func need(*store.Tx) ([]authz.Need, error) {
	return []authz.Need{{Action: "s3:DeleteBucket", Resource: "arn:aws:s3:::b-one", Account: account}}, nil
}

// lives reports whether objects can be in the bucket.
func (b *bench) lives(id string) bool {
	_, err := b.objects.Tags(id, "k", "")
	return !errors.Is(err, objects.ErrNoBucket)
}

// Rules: TH-28 TH-29
func TestNothingRunsThatWasNotClassified(t *testing.T) {
	b := newBench(t)
	for i := range b.ops {
		op := &b.ops[i]
		if s3api.Service.Operation(op.Name) == nil || op.Always() != "" {
			t.Errorf("%s is not an operation that asks", op.Name)
		}
		for name, target := range map[string]*dispatch.Target{
			"no target": nil, "no needs": {}, "none": {Needs: func(*store.Tx) ([]authz.Need, error) { return nil, nil }},
		} {
			out, err := b.runner.Run(t.Context(), op, &authn.Caller{Account: account}, &dispatch.Request{Target: target}, op.Input(), nil)
			if err == nil || out != nil {
				t.Errorf("%s with %s: %v", op.Name, name, out)
			}
		}
	}
}

// Rules: TH-56
func TestADeletionThatIsRefusedAtLastIsUndone(t *testing.T) {
	b := newBench(t)
	asked := 0
	err := b.deleteBucket("id-one", func(tx *store.Tx) ([]authz.Need, error) {
		if asked++; asked == 2 {
			if b.lives("id-one") {
				t.Error("the transaction began before the objects were dropped")
			}
			return nil, s3err.AccessDenied()
		}
		return need(tx)
	})
	if e, ok := errors.AsType[*s3err.Error](err); !ok || e.Code != "AccessDenied" {
		t.Fatal(err)
	}
	if !b.lives("id-one") {
		t.Error("the bucket is there and cannot hold objects")
	}
	if err := b.deleteBucket("id-one", need); err != nil {
		t.Fatal(err)
	}
	if b.lives("id-one") {
		t.Error("the bucket is deleted and holds objects")
	}
}

// Rules: TH-56
func TestABucketOfAnotherIDIsNotDeleted(t *testing.T) {
	b := newBench(t)
	err := b.deleteBucket("id-before", need)
	if e, ok := errors.AsType[*s3err.Error](err); !ok || e.Code != "OperationAborted" {
		t.Fatal(err)
	}
	if !b.lives("id-one") {
		t.Error("the bucket that has the name now was dropped")
	}
}
