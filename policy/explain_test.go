package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/policy"
)

// Rules: EV-70 EV-71
func TestReasonsAreAWSsTexts(t *testing.T) {
	tests := []struct {
		layer              policy.Layer
		implicit, explicit string
	}{
		{policy.LayerIdentity, " because no identity-based policy allows the s3:GetObject action", " with an explicit deny in an identity-based policy"},
		{policy.LayerResource, " because no resource-based policy allows the s3:GetObject action", " with an explicit deny in a resource-based policy"},
		{policy.LayerSCP, " because no service control policy allows the s3:GetObject action", " with an explicit deny in a service control policy"},
		{policy.LayerRCP, "", " with an explicit deny in a resource control policy"},
		{policy.LayerBoundary, " because no permissions boundary allows the s3:GetObject action", " with an explicit deny in a permissions boundary"},
		{policy.LayerSession, " because no session policy allows the s3:GetObject action", " with an explicit deny in a sessions policy"},
		{policy.LayerTrust, " because no role trust policy allows the s3:GetObject action", " with an explicit deny in the role trust policy"},
		{policy.LayerNone, "", ""},
	}
	for _, test := range tests {
		if got := (policy.Decision{Outcome: policy.ImplicitDeny, Layer: test.layer}).Reason("s3:GetObject"); got != test.implicit {
			t.Errorf("%s, implicit: %q", test.layer, got)
		}
		if got := (policy.Decision{Outcome: policy.ExplicitDeny, Layer: test.layer}).Reason("s3:GetObject"); got != test.explicit {
			t.Errorf("%s, explicit: %q", test.layer, got)
		}
		if got := (policy.Decision{Outcome: policy.Allow, Layer: test.layer}).Reason("s3:GetObject"); got != "" {
			t.Errorf("%s, allowed: %q", test.layer, got)
		}
	}
}

// AWS's newer messages may end in the ARN of the policy that refused. The engine
// knows it, and no reason says it.
//
// Rules: EV-76
func TestNoReasonNamesThePolicy(t *testing.T) {
	const guardrail = "arn:aws:organizations::444455556666:policy/o-abcd1234/service_control_policy/p-guard123"
	source := policy.Source{Name: "guardrail", ARN: guardrail, Type: policy.SCP}
	request := &policy.Request{Principal: user(), Action: "s3:GetObject", Resource: "*", ResourceAccount: "111122223333"}
	for effect, want := range map[string]string{
		"Deny":  " with an explicit deny in a service control policy",
		"Allow": " because no service control policy allows the s3:GetObject action",
	} {
		scp := mustCompile(t, `{"Version": "2012-10-17", "Statement": {"Sid": "guard", "Effect": "`+effect+`", "Action": ["s3:GetObject"], "Resource": "*",
			"Condition": {"Null": {"aws:username": "`+fmt.Sprint(effect == "Deny")+`"}}}}`, source, nil)
		layers := policy.Layers{SCP: [][]*policy.Policy{{scp}}}
		d := layers.Decide(request)
		if got := d.Reason(request.Action); got != want {
			t.Errorf("%s: %q, want %q", effect, got, want)
		}
		if p := d.Policy; effect == "Deny" && (p == nil || p.Source().ARN != guardrail) {
			t.Errorf("%s: refused by %v", effect, p)
		}
	}
}

// Rules: EV-1
func TestTheZeroDecisionDenies(t *testing.T) {
	var d policy.Decision
	if d.Outcome != policy.ImplicitDeny || d.Outcome.String() != "implicitDeny" || d.Statement() != nil {
		t.Errorf("%+v", d)
	}
	if got := new(policy.Layers).Decide(&policy.Request{Action: "s3:GetObject", Resource: "*"}); got.Outcome != policy.ImplicitDeny {
		t.Errorf("nobody, nothing: %+v", got)
	}
}

// Rules: TH-32 TH-38
func TestWhatCannotBeReadDenies(t *testing.T) {
	all := mustCompile(t, `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}`, policy.Source{}, nil)
	request := &policy.Request{Principal: user(), Action: "s3:GetObject", Resource: "*", ResourceAccount: "111122223333"}
	unknown := &policy.Document{Statements: []policy.Statement{{Effect: policy.EffectAllow, Conditions: []policy.Condition{{Operator: "Sounds"}}}}}
	for name, p := range map[string]*policy.Policy{
		"nil":              nil,
		"no document":      policy.Compile(nil, policy.Source{}, nil),
		"unknown operator": policy.Compile(unknown, policy.Source{}, nil),
		"unknown version":  policy.Compile(&policy.Document{Version: "2030-01-01"}, policy.Source{}, nil),
		"no effect":        policy.Compile(&policy.Document{Statements: []policy.Statement{{}}}, policy.Source{}, nil),
	} {
		if p != nil && (p.Unusable() == nil || p.Document() != nil) {
			t.Errorf("%s: usable", name)
		}
		layers := policy.Layers{Identity: []*policy.Policy{all, p}}
		if got := layers.Decide(request); got.Outcome != policy.ExplicitDeny || got.Layer != policy.LayerIdentity {
			t.Errorf("%s: %v", name, got)
		}
		if x := layers.Explain(request); !strings.Contains(x.Fixes[0].Text, "cannot be used") {
			t.Errorf("%s: %+v", name, x.Fixes)
		}
	}
}

// describe writes an explanation down for comparison.
func describe(x policy.Explanation) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s by %s\n", x.Decision.Outcome, x.Decision.Layer)
	for _, l := range x.Layers {
		fmt.Fprintf(&b, "%s %d: %s, required %v, grant %s\n", l.Layer, l.Level, l.Outcome, l.Required, l.Grant)
		for _, s := range l.Matched {
			fmt.Fprintf(&b, "  matched %s#%d %s %q line %d\n", s.Source.Name, s.Index, s.Effect, s.Sid, s.Span.Start.Line)
		}
		for _, s := range l.Closest {
			m := s.Mismatch
			fmt.Fprintf(&b, "  close %s#%d: %s %s %s %q, has %q, absent %v\n", s.Source.Name, s.Index, m.Element, m.Operator, m.Key, m.Policy, m.Request, m.Absent)
		}
	}
	for _, f := range x.Fixes {
		fmt.Fprintf(&b, "fix %s: %s %s\n", f.Layer, f.Text, f.Statement)
	}
	return b.String()
}

// Rules: EV-77
func TestExplainNamesWhatCameClosest(t *testing.T) {
	layers := policy.Layers{Identity: []*policy.Policy{mustCompile(t, `{"Version": "2012-10-17", "Statement": [
	{"Sid": "Other", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"},
	{"Sid": "Mfa", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
	{"Sid": "Elsewhere", "Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::c/*"},
	{"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*", "Condition": {"StringEquals": {"aws:username": "mallory"}}}]}`, policy.Source{Name: "team"}, nil)}}
	request := &policy.Request{Principal: user(), Action: "s3:GetObject", Resource: "arn:aws:s3:::b/k", ResourceAccount: "111122223333"}
	want := `implicitDeny by identity-based policy
identity-based policy -1: implicitDeny, required true, grant none
  close team#1: condition Bool aws:MultiFactorAuthPresent ["true"], has [], absent true
  close team#2: resource   ["arn:aws:s3:::c/*"], has ["arn:aws:s3:::b/k"], absent false
  close team#0: action   ["sqs:*"], has ["s3:GetObject"], absent false
fix identity-based policy: Statement "Mfa" (line 3) of the identity-based policy "team" would allow s3:GetObject on arn:aws:s3:::b/k if aws:MultiFactorAuthPresent met Bool of ["true"]; it is absent. {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/k"}
`
	if diff := cmp.Diff(want, describe(layers.Explain(request))); diff != "" {
		t.Errorf("(-want +got): %s", diff)
	}
	ctx := new(policy.Context)
	ctx.Set("aws:username", "mallory")
	ctx.Set("aws:MultiFactorAuthPresent", "true")
	request.Context = ctx
	want = `explicitDeny by identity-based policy
identity-based policy -1: explicitDeny, required true, grant none
  matched team#3 Deny "" line 5
fix identity-based policy: Statement 4 (line 5) of the identity-based policy "team" denies s3:GetObject: change it so that it does not match, or the request. 
`
	if diff := cmp.Diff(want, describe(layers.Explain(request))); diff != "" {
		t.Errorf("(-want +got): %s", diff)
	}
}

// Rules: EV-77 EV-40 EV-48
func TestExplainOfATrustPolicy(t *testing.T) {
	request := &policy.Request{
		Principal: &policy.Principal{Kind: policy.User, Account: "444455556666", ARN: "arn:aws:iam::444455556666:user/bob", ID: "AIDABBBBBBBBBBBBBBBBB"},
		Action:    "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/t", ResourceAccount: "111122223333",
	}
	trust := func(statement string) *policy.Layers {
		return &policy.Layers{Trust: true, Resource: []*policy.Policy{mustCompile(t, `{"Version": "2012-10-17", "Statement": `+statement+`}`, policy.Source{Type: policy.Trust}, nil)}}
	}
	want := `implicitDeny by role trust policy
role trust policy -1: implicitDeny, required true, grant none
  close #0: principal   ["AWS:111122223333"], has ["arn:aws:iam::444455556666:user/bob" "444455556666"], absent false
identity-based policy -1: implicitDeny, required true, grant none
fix role trust policy: The role trust policy of arn:aws:iam::111122223333:role/t names neither arn:aws:iam::444455556666:user/bob nor 444455556666 for sts:AssumeRole. {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:user/bob"}, "Action": "sts:AssumeRole"}
fix identity-based policy: No identity-based policy of arn:aws:iam::444455556666:user/bob allows sts:AssumeRole on arn:aws:iam::111122223333:role/t. {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "arn:aws:iam::111122223333:role/t"}
`
	if diff := cmp.Diff(want, describe(trust(`{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}`).Explain(request))); diff != "" {
		t.Errorf("(-want +got): %s", diff)
	}
	external := trust(`{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": ["a", "b"]}}}`)
	request.Context = new(policy.Context)
	request.Context.Set("sts:ExternalId", "c")
	if got := external.Explain(request).Fixes[0].Text; !strings.HasSuffix(got, `if sts:ExternalId met StringEquals of ["a", "b"]; it is ["c"].`) {
		t.Errorf("a wrong ExternalId: %s", got)
	}
	request.Principal = &policy.Principal{Kind: policy.Root, Account: "111122223333", ARN: "arn:aws:iam::111122223333:root"}
	if x := external.Explain(request); len(x.Fixes) != 1 || !strings.HasPrefix(x.Fixes[0].Text, "Roles may not be assumed by root") {
		t.Errorf("root: %+v", x.Fixes)
	}
}

func TestDecidingThroughEveryLayerDoesNotAllocate(t *testing.T) {
	layers, request := everyLayer(t)
	if got := layers.Decide(request); got.Outcome != policy.Allow || got.Layer != policy.LayerIdentity {
		t.Fatalf("%+v", got)
	}
	if n := testing.AllocsPerRun(100, func() { layers.Decide(request) }); n != 0 {
		t.Errorf("%v allocations on allow", n)
	}
	request.Action = "s3:DeleteObject"
	if n := testing.AllocsPerRun(100, func() { layers.Decide(request) }); n != 0 {
		t.Errorf("%v allocations on deny", n)
	}
}

// everyLayer has three levels of SCPs, a boundary, a session and a resource policy.
func everyLayer(tb testing.TB) (*policy.Layers, *policy.Request) {
	tb.Helper()
	compile := func(kind policy.Kind, statements string) *policy.Policy {
		return mustCompile(tb, `{"Version": "2012-10-17", "Statement": [`+statements+`]}`, policy.Source{Type: kind}, nil)
	}
	full := `{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}`
	get := `{"Effect": "Allow", "Action": ["s3:Get*", "s3:List*"], "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/${aws:username}/*"], "Condition": {"Bool": {"aws:SecureTransport": "true"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}}`
	layers := &policy.Layers{
		Identity: []*policy.Policy{compile(policy.Identity, get)}, Boundary: compile(policy.Boundary, full), Session: []*policy.Policy{compile(policy.Session, get)},
		SCP:      [][]*policy.Policy{{compile(policy.SCP, full)}, {compile(policy.SCP, full)}, {compile(policy.SCP, full)}},
		RCP:      [][]*policy.Policy{{compile(policy.RCP, `{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}}`)}},
		Resource: []*policy.Policy{compile(policy.Bucket, `{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"]}`)},
	}
	ctx := new(policy.Context)
	for key, value := range map[string]string{
		"aws:SecureTransport": "true", "aws:SourceIp": "10.1.2.3", "aws:CurrentTime": "2026-02-03T04:05:06Z", "aws:MultiFactorAuthAge": "12",
		"aws:PrincipalOrgID": "o-1", "aws:username": "u",
	} {
		ctx.Set(key, value)
	}
	return layers, &policy.Request{Principal: user(), Action: "s3:GetObject", Resource: "arn:aws:s3:::b/u/k", ResourceAccount: "111122223333", Context: ctx}
}
