package iam_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

// The token of a request is sealed, leads to the request, and is nowhere else.
//
// Rules: ST-80
func TestDelegationTokenIsSealed(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(reporting, "root")
	h.User("admin", reporting, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)
	admin := h.As("admin")
	template := admin.Call("iam", "CreatePolicy", "PolicyName", "tpl", "PolicyDocument", allowS3).OK().Get("Policy.Arn")
	id := admin.Call("iam", "CreateDelegationRequest", "Description", "d", "Permissions.PolicyTemplateArn", template,
		"RequestorWorkflowId", "workflow", "NotificationChannel", "chan", "SessionDuration", "900").OK().Get("DelegationRequestId")
	for _, step := range []string{"AssociateDelegationRequest", "AcceptDelegationRequest", "SendDelegationToken"} {
		if answer := admin.Call("iam", step, "DelegationRequestId", id).OK(); bytes.Contains([]byte(answer.Body), []byte("oken>")) {
			t.Errorf("%s shows a token: %s", step, answer.Body)
		}
	}
	h.View(func(tx *store.Tx) error {
		r, err := tx.DelegationRequest(id)
		if err != nil {
			return err
		}
		token, err := h.Ring.Open(seal.UpstreamCredential, "delegation-request/"+id, r.Sealed)
		if err != nil {
			return err
		}
		found, err := tx.DelegationByToken(string(token))
		if err != nil {
			return err
		}
		u, err := tx.User(reporting, "admin")
		if err == nil && (found.ID != id || found.ApproverID != u.ID || found.State != identity.DelegationFinalized) {
			t.Errorf("the token leads to %+v", found)
		}
		if _, other := tx.DelegationByToken(string(token) + "x"); other == nil {
			t.Error("another token leads to a request")
		}
		return err
	})
}

// An account has at most a hundred requests that are not expired, and expired
// ones make room.
//
// Rules: TH-30
func TestDelegationRequestsAreBounded(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(reporting, "root")
	root := h.As("root")
	template := root.Call("iam", "CreatePolicy", "PolicyName", "tpl", "PolicyDocument", allowS3).OK().Get("Policy.Arn")
	create := func(n int) *servicetest.Answer {
		return root.Call("iam", "CreateDelegationRequest", "Description", "d", "Permissions.PolicyTemplateArn", template,
			"RequestorWorkflowId", fmt.Sprintf("workflow-%d", n), "NotificationChannel", "chan", "SessionDuration", "900")
	}
	for n := range store.MaxDelegationRequests {
		create(n).OK()
	}
	create(1000).Fails("LimitExceeded")
	h.Advance(24 * time.Hour)
	create(1000).OK()
}
