package servicetest_test

import (
	"testing"

	api "github.com/regent-iam/regent/internal/api/iam"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/service/iam"
	"github.com/regent-iam/regent/internal/service/servicetest"
)

func TestHarness(t *testing.T) {
	h := servicetest.New(t, dispatch.Service{API: &api.Service, Operations: iam.Operations()})
	h.Account("111122223333", "root")
	h.User("alice", "111122223333", "")
	got := h.As("root").Call("iam", "GetUser", "UserName", "alice").OK().Get("User.Arn")
	if want := "arn:aws:iam::111122223333:user/alice"; got != want {
		t.Errorf("User.Arn is %q, want %q", got, want)
	}
	h.As("alice").Call("iam", "GetUser").Fails("AccessDenied", "User: arn:aws:iam::111122223333:user/alice is not authorized"+
		" to perform: iam:GetUser on resource: arn:aws:iam::111122223333:user/alice because no identity-based policy allows the iam:GetUser action")
}
