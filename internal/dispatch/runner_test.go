package dispatch_test

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	stsapi "github.com/regent-iam/regent/internal/api/sts"
	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/kvtest"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/policy"
)

const account = identity.AccountID("111122223333")

type (
	in  = stsapi.GetAccessKeyInfoInput
	out = stsapi.GetAccessKeyInfoOutput
)

// A judge is a Decider that answers by the action, and counts.
type judge struct {
	outcomes map[string]policy.Outcome
	failure  error
	asked    []string
}

func (j *judge) Decide(_ *store.Tx, _ *authn.Caller, _ *authz.Request, n *authz.Need) (authz.Decision, error) {
	j.asked = append(j.asked, n.Action)
	return authz.Decision{Decision: policy.Decision{Outcome: j.outcomes[n.Action]}}, j.failure
}

// A rig runs operations without a road.
type rig struct {
	dispatch.Runner
	t       testing.TB
	caller  authn.Caller
	request *dispatch.Request
}

func newRig(t testing.TB, decider authz.Decider, wrap func(kv.DB) kv.DB) *rig {
	t.Helper()
	ring, err := seal.NewRing(seal.NewMaster(), seal.NewInstanceID())
	if err != nil {
		t.Fatal(err)
	}
	memory := memkv.New(memkv.Options{})
	t.Cleanup(func() { _ = memory.Close() })
	var db kv.DB = memory
	if wrap != nil {
		db = wrap(db)
	}
	r := &rig{
		dispatch.Runner{Store: store.New(db), Authn: authn.New(ring), Decider: decider},
		t,
		authn.Caller{Kind: authn.Root, Account: account, ARN: "arn:aws:iam::111122223333:root", PrincipalARN: "arn:aws:iam::111122223333:root"},
		&dispatch.Request{ID: "id", Facts: authz.Request{Now: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)}},
	}
	r.update(func(tx *store.Tx) error {
		return tx.CreateAccount(&identity.Account{ID: account, Email: "e", Status: identity.AccountActive, CanonicalID: "c"})
	})
	return r
}

func (r *rig) update(fn func(*store.Tx) error) {
	r.t.Helper()
	if err := r.Store.Update(r.t.Context(), fn); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) run(op dispatch.Operation) error {
	_, err := r.Run(r.t.Context(), &op, &r.caller, r.request, new(in), nil)
	return err
}

// name reads what marks have left in the account's name.
func (r *rig) name() (name string) {
	r.t.Helper()
	err := r.Store.View(r.t.Context(), func(tx *store.Tx) error {
		a, err := tx.Account(account)
		if err == nil {
			name = a.Name
		}
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return name
}

// mark leaves a mark in the store.
func mark(tx *store.Tx, with string) error {
	a, err := tx.Account(account)
	if err != nil {
		return err
	}
	a.Name += with
	return tx.PutAccount(a)
}

func asks(actions ...string) func(dispatch.Call, *in) ([]authz.Need, error) {
	return func(dispatch.Call, *in) ([]authz.Need, error) {
		var needs []authz.Need
		for _, a := range actions {
			needs = append(needs, authz.Need{Action: a, Resource: "*"})
		}
		return needs, nil
	}
}

var errPlanned = errors.New("planned")

// Rules: TH-28 TH-29
func TestNothingRunsUnlessEveryNeedIsAllowed(t *testing.T) {
	t.Parallel()
	outcomes := map[string]policy.Outcome{"a:Yes": policy.Allow, "a:No": policy.ImplicitDeny, "a:Not": policy.ExplicitDeny}
	isDenial := func(err error) bool { _, ok := errors.AsType[*authz.Denial](err); return ok }
	failed := func(err error) bool { return err != nil && !isDenial(err) }
	rows := []struct {
		name    string
		needs   func(dispatch.Call, *in) ([]authz.Need, error)
		failure error // of the decider
		runs    bool
		check   func(error) bool
	}{
		{"allowed", asks("a:Yes"), nil, true, func(err error) bool { return err == nil }},
		{"all allowed", asks("a:Yes", "a:Yes"), nil, true, func(err error) bool { return err == nil }},
		{"denied", asks("a:No"), nil, false, isDenial},
		{"denied explicitly", asks("a:Not"), nil, false, isDenial},
		{"unknown to the decider", asks("a:Else"), nil, false, isDenial},
		{"the first denied", asks("a:No", "a:Yes"), nil, false, isDenial},
		{"the last denied", asks("a:Yes", "a:Yes", "a:Not"), nil, false, isDenial},
		{"no needs", asks(), nil, false, failed},
		{"needs that cannot be stated", func(dispatch.Call, *in) ([]authz.Need, error) {
			return []authz.Need{{Action: "a:Yes"}}, errPlanned
		}, nil, false, func(err error) bool { return errors.Is(err, errPlanned) }},
		{"no decision", asks("a:Yes"), errPlanned, false, func(err error) bool { return errors.Is(err, errPlanned) && !isDenial(err) }},
	}
	for _, row := range rows {
		for kind, make := range map[string]func(string, func(dispatch.Call, *in) ([]authz.Need, error), func(context.Context, dispatch.Call, *in) (*out, error)) dispatch.Operation{
			"read": dispatch.Read[in, out], "write": dispatch.Write[in, out], "spend": dispatch.Spend[in, out],
		} {
			t.Run(kind+" "+row.name, func(t *testing.T) {
				t.Parallel()
				r := newRig(t, &judge{outcomes: outcomes, failure: row.failure}, nil)
				ran := false
				err := r.run(make("GetAccessKeyInfo", row.needs, func(context.Context, dispatch.Call, *in) (*out, error) {
					ran = true
					return &out{}, nil
				}))
				if ran != row.runs || !row.check(err) {
					t.Errorf("ran: %v, %v", ran, err)
				}
			})
		}
	}
}

// Rules: TH-24 TH-26
func TestAWriteIsDecidedBeforeAndInsideItsTransaction(t *testing.T) {
	t.Parallel()
	j := &judge{outcomes: map[string]policy.Outcome{"a:Yes": policy.Allow}}
	r := newRig(t, j, nil)
	var writable []bool
	op := dispatch.Write("GetAccessKeyInfo", func(call dispatch.Call, in *in) ([]authz.Need, error) {
		writable = append(writable, call.Tx.Writable())
		return asks("a:Yes")(call, in)
	}, func(_ context.Context, call dispatch.Call, _ *in) (*out, error) {
		return &out{}, mark(call.Tx, "x")
	})
	if err := r.run(op); err != nil || r.name() != "x" {
		t.Errorf("%v, %q", err, r.name())
	}
	if !slices.Equal(writable, []bool{false, true}) || len(j.asked) != 2 {
		t.Errorf("%v, asked %v", writable, j.asked)
	}
	writable = nil
	j.outcomes = nil
	if err := r.run(op); err == nil || !slices.Equal(writable, []bool{false}) {
		t.Errorf("a refused write came to the writer: %v, %v", writable, err)
	}
}

// Rules: TH-29
func TestAlways(t *testing.T) {
	t.Parallel()
	j := &judge{failure: errPlanned}
	r := newRig(t, j, nil)
	handle := func(context.Context, dispatch.Call, *in) (*out, error) { return &out{}, nil }
	op := dispatch.Always("GetAccessKeyInfo", "because", handle)
	if err := r.run(op); err != nil || len(j.asked) > 0 || op.Always() != "because" || op.Writes() {
		t.Errorf("%v, asked %v, %q", err, j.asked, op.Always())
	}
	asking := dispatch.Read("GetAccessKeyInfo", asks("a:b"), handle)
	if asking.Always() != "" {
		t.Error("an operation with needs is for everybody")
	}
	defer func() {
		if recover() == nil {
			t.Error("an operation may be for everybody without a reason")
		}
	}()
	dispatch.Always("GetAccessKeyInfo", "", handle)
}

// Rules: TH-25
func TestACallThatRunsAgainDrawsTheSame(t *testing.T) {
	t.Parallel()
	r := newRig(t, &judge{outcomes: map[string]policy.Outcome{"a:Yes": policy.Allow}}, kvtest.Twice)
	type draw struct{ bytes, uuid string }
	var drawn []draw
	var times []time.Time
	op := dispatch.Write("GetAccessKeyInfo", asks("a:Yes"), func(_ context.Context, call dispatch.Call, _ *in) (*out, error) {
		b := make([]byte, 33)
		if _, err := io.ReadFull(call.Random, b); err != nil {
			return nil, err
		}
		drawn, times = append(drawn, draw{hex.EncodeToString(b), call.UUID()}), append(times, call.Now)
		return &out{Account: call.UUID()}, mark(call.Tx, "x")
	})
	if err := r.run(op); err != nil {
		t.Fatal(err)
	}
	if len(drawn) != 2 || drawn[0] != drawn[1] || !times[0].Equal(times[1]) {
		t.Errorf("%v at %v", drawn, times)
	}
	if u := drawn[0].uuid; len(u) != 36 || u[14] != '4' {
		t.Errorf("%q is no random UUID", u)
	}
	if r.name() != "x" {
		t.Errorf("it left %q", r.name())
	}
}

// Rules: ST-50 TH-50 TH-25
func TestWhatASpendUsedUpStaysUsed(t *testing.T) {
	t.Parallel()
	refusal := stsapi.PackedPolicyTooLarge("x")
	rows := []struct {
		name   string
		needs  []string
		before error // of the needs, behind what they wrote
		handle error
		left   string
		code   string // of the answer
		failed bool
	}{
		{"success", []string{"a:Yes"}, nil, nil, "x", "", false},
		{"denied", []string{"a:No"}, nil, nil, "x", "denied", false},
		{"refused by the needs", nil, refusal, nil, "x", "PackedPolicyTooLarge", false},
		{"refused by the handler", []string{"a:Yes"}, nil, refusal, "x", "PackedPolicyTooLarge", false},
		{"failed", []string{"a:Yes"}, nil, errPlanned, "", "", true},
		{"failed needs", nil, errPlanned, nil, "", "", true},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, &judge{outcomes: map[string]policy.Outcome{"a:Yes": policy.Allow}}, kvtest.Twice)
			op := dispatch.Spend("GetAccessKeyInfo", func(call dispatch.Call, in *in) ([]authz.Need, error) {
				if !call.Tx.Writable() {
					return nil, dispatch.ErrSpends
				}
				if err := mark(call.Tx, "x"); err != nil {
					return nil, err
				}
				if row.before != nil {
					return nil, row.before
				}
				return asks(row.needs...)(call, in)
			}, func(context.Context, dispatch.Call, *in) (*out, error) { return &out{}, row.handle })
			err := r.run(op)
			var code string
			if denial, ok := errors.AsType[*authz.Denial](err); ok && denial != nil {
				code = "denied"
			} else if errors.Is(err, error(refusal)) {
				code = refusal.Code
			}
			if r.name() != row.left || code != row.code || errors.Is(err, errPlanned) != row.failed {
				t.Errorf("it left %q and said %v", r.name(), err)
			}
		})
	}
}

func TestASpendThatSpendsNothingStaysOutOfTheWriter(t *testing.T) {
	t.Parallel()
	r := newRig(t, &judge{outcomes: map[string]policy.Outcome{"a:Yes": policy.Allow}}, nil)
	var writable []bool
	op := dispatch.Spend("GetAccessKeyInfo", asks("a:Yes"), func(_ context.Context, call dispatch.Call, _ *in) (*out, error) {
		writable = append(writable, call.Tx.Writable())
		return &out{}, nil
	})
	if err := r.run(op); err != nil || !slices.Equal(writable, []bool{false}) {
		t.Errorf("%v %v", writable, err)
	}
}

func TestBeforeAndAfter(t *testing.T) {
	t.Parallel()
	yes := map[string]policy.Outcome{"a:Yes": policy.Allow}
	rows := []struct {
		name   string
		action string
		before error
		handle error
		want   []string
	}{
		{"success", "a:Yes", nil, nil, []string{"before", "handle", "after"}},
		{"refused", "a:No", nil, nil, nil},
		{"before fails", "a:Yes", errPlanned, nil, []string{"before"}},
		{"the change fails", "a:Yes", nil, errPlanned, []string{"before", "handle", "after"}},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, &judge{outcomes: yes}, nil)
			var seen []string
			op := dispatch.Write("GetAccessKeyInfo", asks(row.action), func(context.Context, dispatch.Call, *in) (*out, error) {
				seen = append(seen, "handle")
				return &out{}, row.handle
			}).Before(func(_ context.Context, s *store.Store, call dispatch.Call, given any) error {
				seen = append(seen, "before")
				if _, ok := given.(*in); !ok || call.Tx != nil || s != r.Store {
					t.Errorf("%T, %v, %v", given, call.Tx, s)
				}
				return row.before
			}).After(func(_ context.Context, _ *store.Store, call dispatch.Call, _ any) {
				seen = append(seen, "after")
				if call.Tx != nil {
					t.Error("After has a transaction")
				}
			})
			err := r.run(op)
			if !slices.Equal(seen, row.want) || (err == nil) != (row.name == "success") {
				t.Errorf("%v, %v", seen, err)
			}
		})
	}
}

// userOf makes a user whom the real Authorizer decides about.
func (r *rig) userOf(u *identity.User) {
	r.update(func(tx *store.Tx) error { return tx.CreateUser(u) })
	name := u.ARN().String()
	r.caller = authn.Caller{
		Kind: authn.User, Account: account, ARN: name, PrincipalARN: name, PrincipalID: u.ID, UserID: u.ID, UserName: u.Name, AccessKeyID: "AKIA1",
	}
}

func permissions(effect string) (p identity.Permissions) {
	p.PutInline(identity.Document{Name: "p", Text: `{"Version":"2012-10-17","Statement":[{"Effect":"` + effect + `","Action":"*","Resource":"*"}]}`})
	return p
}

// Rules: TH-26
func TestAPolicyThatIsRevokedBeforeTheCommitCounts(t *testing.T) {
	t.Parallel()
	r := newRig(t, authz.New(), nil)
	u := &identity.User{Account: account, Name: "alice", Path: "/", ID: "AIDA1", Permissions: permissions("Allow")}
	r.userOf(u)
	ran := false
	op := dispatch.Write("GetAccessKeyInfo", asks("s3:PutObject"), func(context.Context, dispatch.Call, *in) (*out, error) {
		ran = true
		return &out{}, nil
	}).Before(func(ctx context.Context, s *store.Store, _ dispatch.Call, _ any) error { // between the decision and the commit
		return s.Update(ctx, func(tx *store.Tx) error {
			revoked := *u
			revoked.Permissions = permissions("Deny")
			return tx.PutUser(&revoked)
		})
	})
	err := r.run(op)
	if denial, ok := errors.AsType[*authz.Denial](err); !ok || denial.Decision.Outcome != policy.ExplicitDeny || ran {
		t.Errorf("ran: %v, %v", ran, err)
	}
}

// An optimist is a database whose Update runs what it was given on an old view
// first, as one does that compares at commit; in between somebody else writes.
type optimist struct {
	kv.DB
	between func()
}

func (o *optimist) Update(ctx context.Context, fn func(kv.Writer) error) error {
	if between := o.between; between != nil {
		o.between = nil
		err := o.View(ctx, func(r kv.Reader) error {
			trial := kv.NewOverlay(r)
			_ = fn(trial)
			_, err := trial.End()
			return err
		})
		if err != nil {
			return err
		}
		between()
	}
	return o.DB.Update(ctx, fn)
}

// Rules: TH-26 TH-27
func TestPoliciesThatChangeDuringTheTransactionAreReadAgain(t *testing.T) {
	t.Parallel()
	for effect, allowed := range map[string]bool{"Allow": true, "Deny": false} {
		var db *optimist
		r := newRig(t, authz.New(), func(inner kv.DB) kv.DB { db = &optimist{DB: inner}; return db })
		u := &identity.User{Account: account, Name: "alice", Path: "/", ID: "AIDA1", Permissions: permissions("Allow")}
		r.userOf(u)
		runs := 0
		op := dispatch.Write("GetAccessKeyInfo", asks("s3:PutObject"), func(_ context.Context, call dispatch.Call, _ *in) (*out, error) {
			runs++
			return &out{}, mark(call.Tx, "x")
		})
		db.between = func() {
			changed := *u
			changed.Permissions = permissions(effect)
			r.update(func(tx *store.Tx) error { return tx.PutUser(&changed) })
		}
		err := r.run(op)
		if denial, ok := errors.AsType[*authz.Denial](err); ok == allowed || denial == nil && err != nil {
			t.Errorf("%s: %v", effect, err)
		}
		if want := map[bool]string{true: "x", false: ""}[allowed]; r.name() != want || runs != map[bool]int{true: 2, false: 1}[allowed] {
			t.Errorf("%s: it left %q after %d runs", effect, r.name(), runs)
		}
	}
}

// cold is a Decider that never has what it needs at hand.
type cold struct{ asked int }

func (c *cold) Decide(tx *store.Tx, _ *authn.Caller, _ *authz.Request, _ *authz.Need) (authz.Decision, error) {
	c.asked++
	if tx.Writable() {
		return authz.Decision{}, authz.ErrCold
	}
	return authz.Decision{Decision: policy.Decision{Outcome: policy.Allow}}, nil
}

func TestACallThatStaysColdGivesUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, &cold{}, nil)
	ran := false
	err := r.run(dispatch.Write("GetAccessKeyInfo", asks("a:b"), func(context.Context, dispatch.Call, *in) (*out, error) {
		ran = true
		return &out{}, nil
	}))
	if !errors.Is(err, dispatch.ErrBusy) || ran {
		t.Errorf("ran: %v, %v", ran, err)
	}
}

// Rules: TH-101
func TestAnEventThatCannotBeEnteredUndoesTheChange(t *testing.T) {
	t.Parallel()
	r := newRig(t, &judge{outcomes: map[string]policy.Outcome{"a:Yes": policy.Allow}}, kvtest.Twice)
	op := dispatch.Write("GetAccessKeyInfo", asks("a:Yes"), func(_ context.Context, call dispatch.Call, _ *in) (*out, error) {
		return &out{}, mark(call.Tx, "x")
	})
	_, err := r.Run(t.Context(), &op, &r.caller, r.request, new(in), func(call *dispatch.Call, result wire.Encodable) error {
		if _, ok := result.(*out); !ok || !call.Tx.Writable() {
			t.Errorf("%T", result)
		}
		return errPlanned
	})
	if !errors.Is(err, errPlanned) || r.name() != "" {
		t.Errorf("it left %q and said %v", r.name(), err)
	}
}

// Rules: TH-28 TH-29
func TestOwn(t *testing.T) {
	t.Parallel()
	own := func(subject dispatch.Subject, failure error, actions ...string) dispatch.Operation {
		return dispatch.Own("GetAccessKeyInfo", "because", func(call dispatch.Call, in *in) (dispatch.Subject, []authz.Need, error) {
			needs, _ := asks(actions...)(call, in)
			return subject, needs, failure
		}, func(context.Context, dispatch.Call, *in) (*out, error) { return &out{}, nil })
	}
	for _, row := range []struct {
		name    string
		op      dispatch.Operation
		allowed bool
	}{
		{"oneself", own(dispatch.Oneself, nil), true},
		{"somebody else, allowed", own(dispatch.SomebodyElse, nil, "a:Yes"), true},
		{"somebody else, denied", own(dispatch.SomebodyElse, nil, "a:No"), false},
		{"somebody else, nothing asked", own(dispatch.SomebodyElse, nil), false},
		{"oneself, with needs", own(dispatch.Oneself, nil, "a:Yes"), false},
		{"nobody knows", own(dispatch.Oneself, errPlanned), false},
		{"another subject", own(7, nil), false},
	} {
		r := newRig(t, &judge{outcomes: map[string]policy.Outcome{"a:Yes": policy.Allow}}, nil)
		if err := r.run(row.op); (err == nil) != row.allowed {
			t.Errorf("%s: %v", row.name, err)
		}
		if row.op.Own() != "because" || row.op.Always() != "" {
			t.Errorf("%s: %q, %q", row.name, row.op.Own(), row.op.Always())
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("an operation may be one's own without a reason")
		}
	}()
	dispatch.Own("GetAccessKeyInfo", "", func(dispatch.Call, *in) (dispatch.Subject, []authz.Need, error) { return 0, nil, nil },
		func(context.Context, dispatch.Call, *in) (*out, error) { return nil, errPlanned })
}

// Rules: ST-50 ST-73
func TestAnAlwaysSpendKeepsWhatItUsedUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, &judge{}, kvtest.Twice)
	refusal := stsapi.PackedPolicyTooLarge("x")
	op := dispatch.AlwaysSpend("GetAccessKeyInfo", "because", func(_ context.Context, call dispatch.Call, _ *in) (*out, error) {
		if !call.Tx.Writable() {
			return nil, dispatch.ErrSpends
		}
		return nil, errors.Join(mark(call.Tx, "x"), refusal)
	})
	if err := r.run(op); !errors.Is(err, error(refusal)) || r.name() != "x" || op.Always() != "because" {
		t.Errorf("it left %q and said %v", r.name(), err)
	}
}
