package authz_test

import (
	"testing"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/policy"
)

// What a bucket grants to a user by name is the user's with a key, a token or
// the console; with what the user lent, only within the policy that it was lent
// under. A root's session for a task has nothing without the task's policy, and
// a federated user of root's what its session policy allows.
//
// Rules: ST-80 ST-78 CO-5 EV-3 EV-50 TH-38
func TestWhatSessionsAreHeldTo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(member, "alice")
	named := w.object(member, grants(`{"AWS":"`+u.ARN().String()+`"}`))
	named.Policy.Document.Bindings = map[string]string{u.ARN().String(): u.ID}
	refused := w.object(member, refuses(`{"AWS":"`+u.ARN().String()+`"}`)) // saved before there was such a user
	root, fed := asRoot(member), asFederated(&identity.User{Account: member, Name: "none"}, session.Session{Policy: allow("s3:GetObject")})
	own := w.object(member, "")
	const audit = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
	const unlock = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"
	list := own
	list.Action, list.Resource = "s3:ListAllMyBuckets", "*"
	for _, test := range []struct {
		name    string
		decided policy.Decision
		allowed bool
		layer   policy.Layer
	}{
		{"a key", w.decide(asUser(u), named).Decision, true, policy.LayerResource},
		{"a token", w.decide(with(asUser(u), session.Session{Kind: session.User}), named).Decision, true, policy.LayerResource},
		{"the console", w.decide(with(asUser(u), session.Session{Kind: session.Console}), named).Decision, true, policy.LayerResource},
		{"lent for it", w.decide(with(asUser(u), session.Session{Kind: session.Delegated, Policy: allow("s3:GetObject")}), named).Decision, true, policy.LayerResource},
		{"lent for something else", w.decide(with(asUser(u), session.Session{Kind: session.Delegated, Policy: allow("s3:PutObject")}), named).Decision, false, policy.LayerSession},
		{"lent for nothing", w.decide(with(asUser(u), session.Session{Kind: session.Delegated}), named).Decision, false, policy.LayerSession},
		{"a key of one refused by name", w.decide(asUser(u), refused).Decision, false, policy.LayerResource},
		{"lent by one refused by name", w.decide(with(asUser(u), session.Session{Kind: session.Delegated, Policy: allow("s3:GetObject")}), refused).Decision, false, policy.LayerResource},
		{"root", w.decide(root, own).Decision, true, policy.LayerNone},
		{"root in the console", w.decide(with(root, session.Session{Kind: session.Console}), own).Decision, true, policy.LayerNone},
		{"root for the task", w.decide(with(root, session.Session{Kind: session.AssumedRoot, Policies: []string{unlock}}), list).Decision, true, policy.LayerNone},
		{"root for another", w.decide(with(root, session.Session{Kind: session.AssumedRoot, Policies: []string{audit}}), list).Decision, false, policy.LayerSession},
		{"root for none", w.decide(with(root, session.Session{Kind: session.AssumedRoot}), list).Decision, false, policy.LayerSession},
		{"root for one that is gone", w.decide(with(root, session.Session{Kind: session.AssumedRoot, Policies: []string{audit + "x"}}), list).Decision, false, policy.LayerSession},
		{"root's federated user", w.decide(fed, own).Decision, true, policy.LayerIdentity},
		{"root's federated user beyond its policy", w.decide(fed, list).Decision, false, policy.LayerSession},
	} {
		if got := test.decided; (got.Outcome == policy.Allow) != test.allowed || got.Layer != test.layer {
			t.Errorf("%s: %v by %v, want allowed %v by %v", test.name, got.Outcome, got.Layer, test.allowed, test.layer)
		}
	}
}
