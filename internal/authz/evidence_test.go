package authz_test

import (
	"fmt"
	"testing"

	"github.com/regent-iam/regent/internal/authn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

func onlyIn(region string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":%q}}}]}`, region)
}

// Rules: EV-77
func TestARefusalKeepsWhatItWasMadeFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u := w.user(lone, "alice", onlyIn("us-east-1"))
	c := authn.Caller{Kind: authn.User, Account: lone, ARN: u.ARN().String(), PrincipalARN: u.ARN().String(), PrincipalID: u.ID, UserID: u.ID, UserName: u.Name}
	n := authz.Need{Action: "s3:ListAllMyBuckets", Resource: "*", Keys: []authz.Key{authz.One("s3:prefix", "kept")}}
	here, there := request(), request()
	there.Region = "us-east-1"
	w.view(func(tx *store.Tx) error {
		refused, err := w.authz.Decide(tx, &c, here, &n)
		if err != nil {
			return err
		}
		if refused.Allowed() || refused.Evidence == nil {
			t.Fatalf("%+v", refused)
		}
		for range 10 { // what was kept is nobody else's to use again
			allowed, err := w.authz.Decide(tx, &c, there, &authz.Need{Action: "s3:ListAllMyBuckets", Resource: "*"})
			if err != nil {
				return err
			}
			if !allowed.Allowed() || allowed.Evidence != nil {
				t.Fatalf("%+v", allowed)
			}
		}
		e := refused.Evidence
		if v, _, ok := e.Request.Context.Lookup("s3:prefix"); !ok || v[0] != "kept" {
			t.Errorf("the context is %v", e.Request.Context.Names())
		}
		x := e.Layers.Explain(e.Request)
		if x.Decision.Outcome != policy.ImplicitDeny || x.Layers[0].Closest[0].Mismatch.Key != "aws:RequestedRegion" || x.Layers[0].Closest[0].Mismatch.Request[0] != "eu-west-1" {
			t.Errorf("%+v", x)
		}
		gathered, err := w.authz.Gather(tx, &c, here, &n)
		if err != nil {
			return err
		}
		if got := gathered.Layers.Decide(gathered.Request); got.Outcome != policy.ImplicitDeny {
			t.Errorf("gathered: %+v", got)
		}
		layers, err := w.authz.Policies(tx, &c, &n)
		if err != nil {
			return err
		}
		others, err := w.authz.OthersPolicies(tx, &c, &n)
		if len(layers.Identity) != 1 || len(others.Identity) > 0 {
			t.Errorf("%d policies, %d of others", len(layers.Identity), len(others.Identity))
		}
		return err
	})
}

// TestAnImaginedSessionIsKeptNowhere: what a caller without an access key says
// of its session must not be taken for what a real one has.
//
// Rules: TH-61
func TestAnImaginedSessionIsKeptNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.role(lone, "dev", "", onlyIn("eu-west-1"))
	caller := func(p string) *authn.Caller {
		return &authn.Caller{
			Kind: authn.RoleSession, Account: lone, ARN: "arn:aws:sts::444455556666:assumed-role/dev/s", PrincipalARN: r.ARN().String(), PrincipalID: r.ID,
			UserID: r.ID + ":s", RoleName: r.Name, Session: &session.Session{Kind: session.Role, Account: lone, PrincipalID: r.ID, Policy: p},
		}
	}
	n := authz.Need{Action: "s3:ListAllMyBuckets", Resource: "*"}
	w.view(func(tx *store.Tx) error {
		for _, row := range []struct {
			policy string
			want   bool
		}{{"", true}, {onlyIn("us-east-1"), false}, {onlyIn("eu-west-1"), true}, {"", true}} {
			d, err := w.authz.Decide(tx, caller(row.policy), request(), &n)
			if err != nil {
				return err
			}
			if d.Allowed() != row.want {
				t.Errorf("with %q: %v", row.policy, d.Allowed())
			}
		}
		return nil
	})
}

func TestAStrangerIsKnownByNothingButItsARN(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := authn.Caller{Kind: authn.User, Account: member, ARN: "arn:aws:iam::222233334444:user/x", PrincipalARN: "arn:aws:iam::222233334444:user/x"}
	p := &policy.Principal{Kind: policy.User, Account: string(member), ARN: c.ARN}
	w.view(func(tx *store.Tx) error {
		e, err := w.authz.Stranger(tx, p, &c, request(), &authz.Need{Action: "s3:ListAllMyBuckets", Resource: "*", Account: lone})
		if err != nil {
			return err
		}
		for _, key := range []string{"aws:PrincipalOrgID", "aws:userid", "aws:username", "aws:PrincipalTag/a"} {
			if v, _, ok := e.Request.Context.Lookup(key); ok {
				t.Errorf("%s is %v", key, v)
			}
		}
		if v, _, ok := e.Request.Context.Lookup("aws:PrincipalArn"); !ok || v[0] != c.ARN || len(e.Layers.Identity) > 0 {
			t.Errorf("%v %v", v, e.Layers)
		}
		return nil
	})
}
