package sts_test

import "testing"

// TestACodeLeadsIntoAnotherAccount also when nothing was decided about that
// account before.
//
// Rules: ST-50 TH-27
func TestACodeLeadsIntoAnotherAccount(t *testing.T) {
	t.Parallel()
	h := harness(t)
	h.Account(prod, "root")
	h.Account(dev, "other")
	h.User("alice", prod, allowAll)
	serial, code := device(t, h, prod, "alice")
	h.As("other").Call("iam", "CreateRole", "RoleName", "ci", "AssumeRolePolicyDocument",
		trust("arn:aws:iam::"+prod+":user/alice", `,"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}`)).OK()
	h.Authz.Clear()
	h.As("alice").Call("sts", "AssumeRole", "RoleArn", "arn:aws:iam::"+dev+":role/ci", "RoleSessionName", "session",
		"SerialNumber", serial, "TokenCode", code()).OK()
}
