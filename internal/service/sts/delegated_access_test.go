package sts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/seal"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

const lendable = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:ListUsers","iam:ListRoles","iam:AcceptDelegationRequest","sts:*"],"Resource":"*"}]}`

// delegated has a request of prod's accepted by an actor of dev's, for a
// quarter of an hour, and returns the token that prod would get.
func delegated(t *testing.T, h *servicetest.Harness, workflow, approver string) string {
	t.Helper()
	id := h.As("partner").Call("iam", "CreateDelegationRequest", "OwnerAccountId", dev, "Description", "d",
		"Permissions.PolicyTemplateArn", "arn:aws:iam::"+prod+":policy/template", "RequestorWorkflowId", workflow,
		"NotificationChannel", "chan", "SessionDuration", "900").OK().Get("DelegationRequestId")
	for _, step := range []string{"AssociateDelegationRequest", "AcceptDelegationRequest", "SendDelegationToken"} {
		h.As(approver).Call("iam", step, "DelegationRequestId", id).OK()
	}
	var token []byte
	h.View(func(tx *store.Tx) error {
		r, err := tx.DelegationRequest(id)
		if err == nil {
			token, err = h.Ring.Open(seal.UpstreamCredential, "delegation-request/"+id, r.Sealed)
		}
		return err
	})
	return string(token)
}

// The requestor trades the token in for what the approver lent: its permissions
// as they are now, within the request's policy, until the time that was asked
// for is over, however often the token is traded in.
//
// Rules: ST-80 ST-93 EV-53
func TestDelegatedAccess(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(prod, "partner")
	h.Account(dev, "root")
	h.User("robot", prod, allowAll)
	h.User("clerk", prod, "")
	h.User("alice", dev, allowAll)
	h.As("partner").Call("iam", "CreatePolicy", "PolicyName", "template", "PolicyDocument", lendable).OK()
	h.As("root").Call("iam", "CreateRole", "RoleName", "lender", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":root", "")).OK()
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "lender", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	h.Session("in-role", dev, "lender")
	trade := func(who, token string) *servicetest.Answer {
		return h.As(who).Call("sts", "GetDelegatedAccessToken", "TradeInToken", token)
	}

	for _, lender := range []struct{ actor, arn, caller string }{
		{"alice", "arn:aws:iam::" + dev + ":user/alice", "arn:aws:iam::" + dev + ":user/alice"},
		{"in-role", "arn:aws:iam::" + dev + ":role/lender", "arn:aws:sts::" + dev + ":assumed-role/lender/"},
	} {
		token := delegated(t, h, "workflow-"+lender.actor, lender.actor)
		trade("clerk", token).Fails("AccessDenied", "User: arn:aws:iam::"+prod+":user/clerk is not authorized to perform: sts:GetDelegatedAccessToken on resource: * because no identity-based policy allows the sts:GetDelegatedAccessToken action")
		trade("alice", token).Fails("AccessDenied", "The trade-in token is not valid.")     // another account's
		trade("robot", token+"x").Fails("AccessDenied", "The trade-in token is not valid.") // nobody's
		trade("robot", "").Fails("AccessDenied", "The trade-in token is not valid.")
		a := trade("robot", token).OK()
		if a.Get("AssumedPrincipal") != lender.arn || a.Get("PackedPolicySize") == "0" || a.Get("PackedPolicySize") == "" {
			t.Errorf("%s lent %s", lender.actor, a.Body)
		}
		actor(h, "lent", a)
		if got := h.As("lent").Call("sts", "GetCallerIdentity").OK().Get("Arn"); !strings.HasPrefix(got, lender.caller) {
			t.Errorf("%s lent to %s", lender.actor, got)
		}
		h.As("lent").Call("iam", "ListUsers").OK()
		h.As("lent").Call("iam", "ListGroups").Fails("AccessDenied")
		for _, operation := range []string{"GetSessionToken", "GetFederationToken", "GetDelegatedAccessToken", "AssumeRoot"} {
			h.As("lent").Call("sts", operation).Fails("AccessDenied", "Cannot call "+operation+" with session credentials")
		}
		h.As("lent").Call("iam", "AcceptDelegationRequest").Fails("AccessDenied", "Cannot call AcceptDelegationRequest with session credentials")

		h.Advance(10 * time.Minute)
		if got := lasts(t, h, trade("robot", token)); got != 5*time.Minute {
			t.Errorf("after ten minutes of fifteen it lasts %s", got)
		}
		h.As("lent").Call("iam", "ListUsers").OK()
		h.Advance(5 * time.Minute)
		trade("robot", token).Fails("ExpiredTradeInTokenException")
		h.As("lent").Call("iam", "ListUsers").Fails("ExpiredToken")
		h.Session("in-role", dev, "lender")
	}

	// What was lent goes with what the lender has.
	token := delegated(t, h, "workflow-live", "alice")
	actor(h, "lent", trade("robot", token))
	h.As("root").Call("iam", "PutUserPolicy", "UserName", "alice", "PolicyName", "inline", "PolicyDocument",
		strings.Replace(lendable, `"iam:ListUsers",`, "", 1)).OK()
	h.As("lent").Call("iam", "ListUsers").Fails("AccessDenied")
	h.As("lent").Call("iam", "ListRoles").OK()

	// With who lent it, it is gone.
	token = delegated(t, h, "workflow-gone", "in-role")
	actor(h, "lent", trade("robot", token))
	h.As("lent").Call("iam", "ListUsers").OK()
	h.As("root").Call("iam", "DeleteRolePolicy", "RoleName", "lender", "PolicyName", "p").OK()
	h.As("root").Call("iam", "DeleteRole", "RoleName", "lender").OK()
	h.As("lent").Call("sts", "GetCallerIdentity").Fails("InvalidClientTokenId")
	trade("robot", token).Fails("AccessDenied", "The trade-in token is not valid.")

	for _, e := range h.Events("GetDelegatedAccessToken") {
		if strings.Contains(fmt.Sprint(e), token) {
			t.Errorf("the token is recorded: %v", e)
		}
	}
}

// What a resource grants to the lender by name is held to the request's policy
// too, and a session that is limited lends nothing.
//
// Rules: ST-80
func TestDelegatedAccessIsNeverMore(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(prod, "partner")
	h.Account(dev, "root")
	h.User("alice", dev, allowAll)
	h.As("partner").Call("iam", "CreatePolicy", "PolicyName", "template", "PolicyDocument",
		strings.Replace(lendable, `,"sts:*"`, "", 1)).OK()
	h.As("root").Call("iam", "CreateRole", "RoleName", "alices", "AssumeRolePolicyDocument", trust("arn:aws:iam::"+dev+":user/alice", "")).OK()
	h.As("root").Call("iam", "PutRolePolicy", "RoleName", "alices", "PolicyName", "p", "PolicyDocument", allowAll).OK()
	assume := []string{"RoleArn", "arn:aws:iam::" + dev + ":role/alices", "RoleSessionName", "x1"}
	h.As("alice").Call("sts", "AssumeRole", assume...).OK()
	actor(h, "lent", h.As("partner").Call("sts", "GetDelegatedAccessToken", "TradeInToken", delegated(t, h, "workflow-1", "alice")).OK())
	h.As("lent").Call("sts", "AssumeRole", assume...).Fails("AccessDenied")

	actor(h, "limited", h.As("alice").Call("sts", "AssumeRole", append(assume, "Policy", lendable)...))
	id := h.As("partner").Call("iam", "CreateDelegationRequest", "OwnerAccountId", dev, "Description", "d",
		"Permissions.PolicyTemplateArn", "arn:aws:iam::"+prod+":policy/template", "RequestorWorkflowId", "workflow-2",
		"NotificationChannel", "chan", "SessionDuration", "900").OK().Get("DelegationRequestId")
	h.As("alice").Call("iam", "AssociateDelegationRequest", "DelegationRequestId", id).OK()
	h.As("limited").Call("iam", "AcceptDelegationRequest", "DelegationRequestId", id).Fails("AccessDenied",
		"A session with session policies cannot accept delegation requests.")
}
