package authz_test

import (
	"testing"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// status opens or closes an account.
func (w *world) status(id identity.AccountID, status identity.AccountStatus) {
	w.t.Helper()
	w.update(func(tx *store.Tx) error {
		a, err := tx.Account(id)
		if err != nil {
			return err
		}
		a.Status = status
		return tx.PutAccount(a)
	})
}

// TestWhatAClosedAccountOwnsIsClosed: nobody gets at a bucket or into a role of
// an account that was closed, whatever their policies say, from the very next
// decision on; and everybody does again once it is open.
//
// Rules: TH-42 OR-6
func TestWhatAClosedAccountOwnsIsClosed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	trust := statement("Allow", "sts:AssumeRole", `,"Principal":`+everyone)
	for _, owner := range []identity.AccountID{member, lone} {
		role := w.role(owner, "ci", trust)
		open := w.object(owner, grants(everyone))
		assume := authz.Need{
			Action: "sts:AssumeRole", Resource: role.ARN().String(), Account: owner, Trust: true, Policy: authz.TrustPolicy(role),
		}
		callers := map[string]*authn.Caller{
			"anybody": {}, "another account's user": asUser(w.user(management, "x"+string(owner), allow("*"))),
			"another account's root": asRoot(management), "its own root": asRoot(owner),
		}
		check := func(what string, want bool) {
			t.Helper()
			for name, c := range callers {
				if d := w.decide(c, open); d.Allowed() != want {
					t.Errorf("%s, %s of %s: %v on a bucket", what, name, owner, d.Outcome)
				}
				if c.Kind != authn.User {
					continue // no other may assume roles
				}
				if d := w.decide(c, assume); d.Allowed() != want {
					t.Errorf("%s, %s of %s: %v on a role", what, name, owner, d.Outcome)
				}
			}
		}
		check("open", true)
		w.status(owner, identity.AccountSuspended)
		check("closed", false)
		w.status(owner, identity.AccountActive)
		check("open again", true)
	}
}

// TestSessionsOfOneKeyIDAreTwo: key ids are short enough for two sessions to
// share one. What one may do, and the tags it has, are not the other's.
//
// Rules: TH-43
func TestSessionsOfOneKeyIDAreTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	role := w.role(member, "ci", "{}", when(`{"StringEquals":{"aws:PrincipalTag/team":"red"}}`))
	free := asSession(role, session.Session{Nonce: []byte("0123456789abcdef"), Tags: []identity.Tag{{Key: "team", Value: "red"}}})
	for name, narrow := range map[string]*authn.Caller{
		"policy": asSession(role, session.Session{Policy: deny("*"), Tags: free.Session.Tags, Nonce: []byte("fedcba9876543210")}),
		"tags":   asSession(role, session.Session{Tags: []identity.Tag{{Key: "team", Value: "blue"}}, Nonce: []byte("fedcba9876543211")}),
	} {
		narrow.AccessKeyID, narrow.Session.KeyID = free.AccessKeyID, free.AccessKeyID
		n := w.object(member, "")
		for range 2 {
			if d := w.decide(free, n); d.Outcome != policy.Allow {
				t.Errorf("%s: the one is %v", name, d.Outcome)
			}
			if d := w.decide(narrow, n); d.Allowed() {
				t.Errorf("%s: the other is %v", name, d.Outcome)
			}
		}
	}
}
