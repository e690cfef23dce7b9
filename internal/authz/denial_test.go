package authz_test

import (
	"strings"
	"testing"

	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/session"
	"github.com/regent-iam/regent/policy"
)

// Rules: EV-70 EV-71 EV-72
func TestRefusalsNameTheLayerToThoseWhoMayKnow(t *testing.T) {
	t.Parallel()
	const base = " is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k"
	rcp := statement("Deny", "s3:*", `,"Resource":"*","Principal":"*"`)
	rows := []struct {
		row
		reason string
	}{
		{row{name: "identity", kind: user}, " because no identity-based policy allows the s3:GetObject action"},
		{row{name: "identity explicit", kind: user, own: []string{deny("*")}}, " with an explicit deny in an identity-based policy"},
		{row{name: "bucket explicit", kind: user, own: get(), bucket: refuses(everyone)}, " with an explicit deny in a resource-based policy"},
		{row{name: "SCP", kind: user, own: get(), scp: map[string][]string{account: {allow("iam:*")}}}, " because no service control policy allows the s3:GetObject action"},
		{row{name: "SCP explicit", kind: user, own: get(), scp: map[string][]string{account: {"full", deny("*")}}}, " with an explicit deny in a service control policy"},
		{row{name: "RCP", kind: user, own: get(), rcp: map[string][]string{account: {"full", rcp}}}, " with an explicit deny in a resource control policy"},
		{row{name: "boundary", kind: user, own: get(), boundary: allow("iam:*")}, " because no permissions boundary allows the s3:GetObject action"},
		{row{name: "boundary explicit", kind: user, own: get(), boundary: deny("*")}, " with an explicit deny in a permissions boundary"},
		{row{name: "session", kind: asRole, own: get(), inline: allow("iam:*")}, " because no session policy allows the s3:GetObject action"},
		{row{name: "session explicit", kind: asRole, own: get(), inline: deny("*")}, " with an explicit deny in a sessions policy"},
		{row{name: "another's bucket", kind: user, own: get(), owner: lone}, ""},
		{row{name: "another's bucket, own fault", kind: user, owner: lone, bucket: grants(everyone)}, ""},
		{row{name: "an SCP at another's bucket", kind: user, own: get(), owner: lone, bucket: grants(everyone), scp: map[string][]string{account: {allow("iam:*")}}}, ""},
		{row{name: "of one organization", kind: user, own: get(), owner: management}, " because no resource-based policy allows the s3:GetObject action"},
		{row{name: "nobody", kind: nobody}, ""},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c, n := w.build(&r.row)
			denial := authz.Deny(c, &n, w.decide(c, n))
			if want := "User: " + c.ARN + base + r.reason; denial.Message != want || denial.Error() != want {
				t.Errorf("%q, want %q", denial.Message, want)
			}
		})
	}
}

// Rules: EV-70
func TestRefusalsNameTheSessionAndNotTheRole(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := asSession(w.role(member, "ci", "{}"), session.Session{})
	n := w.object(member, "")
	if got := authz.Deny(c, &n, w.decide(c, n)).Message; !strings.HasPrefix(got, "User: arn:aws:sts::222233334444:assumed-role/ci/s is not authorized") {
		t.Error(got)
	}
}

// Who may not assume a role learns nothing of it: not whether it exists, nor
// whether its account does.
//
// Rules: EV-73 TH-58
func TestARoleThatIsNotThereIsRefusedLikeOneThatDoesNotTrust(t *testing.T) {
	t.Parallel()
	for _, from := range []identity.AccountID{member, lone, management} {
		for _, own := range []string{allow("*"), allow("s3:*")} {
			w := newWorld(t)
			c := asUser(w.user(from, "alice", own))
			silent := w.role(member, "silent", trusts(`{"AWS":"999999999999"}`))
			refusing := w.role(member, "refusing", statement("Deny", "sts:AssumeRole", `,"Principal":"*"`))
			missing := authz.Need{Action: "sts:AssumeRole", Resource: "arn:aws:iam::222233334444:role/missing", Account: member, Trust: true}
			nowhere := authz.Need{Action: "sts:AssumeRole", Resource: "arn:aws:iam::999999999999:role/missing", Account: "999999999999", Trust: true}
			for _, n := range []authz.Need{assume(silent), assume(refusing), missing, nowhere} {
				d := w.decide(c, n)
				want := "User: " + c.ARN + " is not authorized to perform: sts:AssumeRole on resource: " + n.Resource
				if got := authz.Deny(c, &n, d).Message; d.Allowed() || got != want {
					t.Errorf("from %s: %q, want %q", from, got, want)
				}
			}
		}
	}
}

// Rules: EV-72 EV-73
func TestReasonsOfTrust(t *testing.T) {
	t.Parallel()
	n := &authz.Need{Action: "sts:AssumeRole", Resource: "r", Trust: true}
	for _, row := range []struct {
		name  string
		d     authz.Decision
		shown bool
	}{
		{"identity, same account", authz.Decision{Decision: policy.Decision{Layer: policy.LayerIdentity}, Near: true, Same: true}, true},
		{"identity, same organization", authz.Decision{Decision: policy.Decision{Layer: policy.LayerIdentity}, Near: true}, false},
		{"boundary, same account", authz.Decision{Decision: policy.Decision{Layer: policy.LayerBoundary}, Near: true, Same: true}, true},
		{"trust, same account", authz.Decision{Decision: policy.Decision{Layer: policy.LayerTrust}, Near: true, Same: true}, false},
		{"SCP, same organization", authz.Decision{Decision: policy.Decision{Layer: policy.LayerSCP}, Near: true}, true},
		{"RCP, same organization", authz.Decision{Decision: policy.Decision{Layer: policy.LayerRCP, Outcome: policy.ExplicitDeny}, Near: true}, true},
		{"SCP, elsewhere", authz.Decision{Decision: policy.Decision{Layer: policy.LayerSCP}}, false},
	} {
		if got := authz.Reason(n, row.d); (got != "") != row.shown {
			t.Errorf("%s: %q", row.name, got)
		}
	}
}

// Rules: EV-1
func TestOnlyAnAllowIsAllowed(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[policy.Outcome]bool{policy.ImplicitDeny: false, policy.ExplicitDeny: false, policy.Allow: true, 7: false} {
		if got := (authz.Decision{Decision: policy.Decision{Outcome: outcome}}).Allowed(); got != want {
			t.Errorf("%v: %v", outcome, got)
		}
	}
	if (authz.Decision{}).Allowed() {
		t.Error("the zero decision allows")
	}
}
