package policy_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/policy"
)

// Rules: PL-71 PL-73 PL-81b TH-35
func TestContextKeepsKeysAsTheyWereGiven(t *testing.T) {
	ctx := new(policy.Context)
	ctx.Set("aws:SourceIp", "192.0.2.1")
	ctx.Set("AWS:SOURCEIP", "192.0.2.2") // a well-known key is one key
	ctx.SetMulti("aws:TagKeys", nil)
	ctx.SetMulti("custom:List", []string{"a", "b"})
	ctx.Set("custom:List", "single")
	tests := []struct {
		key    string
		values []string
		multi  bool
		ok     bool
	}{
		{"aws:sourceip", []string{"192.0.2.2"}, false, true},
		{"aws:tagkeyſ", nil, true, true},
		{"CUSTOM:list", []string{"single"}, false, true},
		{"aws:username", nil, false, false},
		{"custom:other", nil, false, false},
	}
	for _, test := range tests {
		values, multi, ok := ctx.Lookup(test.key)
		if diff := cmp.Diff(test.values, values); diff != "" || multi != test.multi || ok != test.ok {
			t.Errorf("%s: %v, %v, %v", test.key, values, multi, ok)
		}
	}
	if diff := cmp.Diff([]string{"aws:SourceIp", "aws:TagKeys", "custom:List"}, ctx.Names()); diff != "" {
		t.Error(diff)
	}
	ctx.Reset()
	if _, _, ok := ctx.Lookup("aws:SourceIp"); ok || len(ctx.Names()) != 0 {
		t.Error("a key survived")
	}
	var none *policy.Context
	if _, _, ok := none.Lookup("aws:SourceIp"); ok || none.Names() != nil {
		t.Error("no context has a key")
	}
}

// Rules: PL-71
func TestOfTwoTagsThatDifferInCaseEitherMayMatch(t *testing.T) {
	layers := &policy.Layers{Identity: []*policy.Policy{mustCompile(t, `{"Version": "2012-10-17", "Statement": [
	{"Effect": "Allow", "Action": "s3:Eq", "Resource": "*", "Condition": {"StringEquals": {"s3:ExistingObjectTag/stage": "dev"}}},
	{"Effect": "Allow", "Action": "s3:Var", "Resource": "arn:aws:s3:::${s3:ExistingObjectTag/stage}"}]}`, policy.Source{}, nil)}}
	for _, order := range [][2]string{{"Stage", "stage"}, {"stage", "Stage"}} {
		for _, values := range [][2]string{{"dev", "prod"}, {"prod", "dev"}, {"prod", "live"}, {"dev", "dev"}} {
			ctx := new(policy.Context)
			ctx.Set("s3:ExistingObjectTag/"+order[0], values[0])
			ctx.Set("s3:ExistingObjectTag/"+order[1], values[1])
			decide := func(action string) bool {
				return layers.Decide(&policy.Request{Principal: user(), Action: action, Resource: "arn:aws:s3:::dev", ResourceAccount: "111122223333", Context: ctx}).Outcome == policy.Allow
			}
			if got, want := decide("s3:Eq"), values[0] == "dev" || values[1] == "dev"; got != want {
				t.Errorf("%v %v: %v, want %v", order, values, got, want)
			}
			if got, want := decide("s3:Var"), values[0] == "dev" && values[1] == "dev"; got != want {
				t.Errorf("variable, %v %v: %v, want %v", order, values, got, want)
			}
		}
	}
}

func user() *policy.Principal {
	return &policy.Principal{Kind: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/u", ID: "AIDAUUUUUUUUUUUUUUUUU"}
}

func TestFillingAContextAgainDoesNotAllocate(t *testing.T) {
	ctx := new(policy.Context)
	tags := make([]string, 20)
	for i := range tags {
		tags[i] = fmt.Sprintf("aws:principaltag/t%d", i)
	}
	fill := func() {
		ctx.Reset()
		for _, key := range []string{"aws:SourceIp", "aws:CurrentTime", "aws:EpochTime", "aws:SecureTransport", "aws:username", "aws:userid", "aws:PrincipalArn"} {
			ctx.Set(key, "v")
		}
		ctx.SetMulti("aws:TagKeys", tags)
		for _, key := range tags {
			ctx.Set(key, "v")
		}
	}
	fill()
	if n := testing.AllocsPerRun(50, fill); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
