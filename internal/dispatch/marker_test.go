package dispatch_test

import (
	"context"
	"errors"
	"testing"

	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/policy"
)

// Rules: IA-10
func TestAMarkerOpensWhereItWasMade(t *testing.T) {
	t.Parallel()
	r := newRig(t, &judge{outcomes: map[string]policy.Outcome{"a:Yes": policy.Allow}}, nil)
	inCall := func(account identity.AccountID, operation string, do func(dispatch.Call)) {
		t.Helper()
		r.caller.Account = account
		err := r.run(dispatch.Read(operation, asks("a:Yes"), func(_ context.Context, call dispatch.Call, _ *in) (*out, error) {
			do(call)
			return &out{}, nil
		}))
		if err != nil {
			t.Fatal(err)
		}
	}
	var marker string
	inCall(account, "GetAccessKeyInfo", func(call dispatch.Call) {
		var err error
		if marker, err = call.Marker("after/this"); err != nil || marker == "" || marker == "after/this" {
			t.Errorf("%q, %v", marker, err)
		}
		if none, err := call.Marker(""); err != nil || none != "" {
			t.Errorf("the end of a list has a marker: %q, %v", none, err)
		}
	})
	open := func(account identity.AccountID, operation, marker string) (after string, err error) {
		inCall(account, operation, func(call dispatch.Call) { after, err = call.After(marker) })
		return after, err
	}
	if after, err := open(account, "GetAccessKeyInfo", marker); err != nil || after != "after/this" {
		t.Errorf("%q, %v", after, err)
	}
	if after, err := open(account, "GetAccessKeyInfo", ""); err != nil || after != "" {
		t.Errorf("%q, %v", after, err)
	}
	for name, row := range map[string]struct {
		account           identity.AccountID
		operation, marker string
	}{
		"another operation": {account, "GetSessionToken", marker},
		"another account":   {"444455556666", "GetAccessKeyInfo", marker},
		"changed":           {account, "GetAccessKeyInfo", marker[:len(marker)-2] + "AA"},
		"cut":               {account, "GetAccessKeyInfo", marker[:len(marker)/2]},
		"made up":           {account, "GetAccessKeyInfo", "after/this"},
	} {
		if after, err := open(row.account, row.operation, row.marker); !errors.Is(err, dispatch.ErrMarker) || after != "" {
			t.Errorf("%s: %q, %v", name, after, err)
		}
	}
}
