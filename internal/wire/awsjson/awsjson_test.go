package awsjson_test

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/regent-iam/regent/internal/api/organizations"
	"github.com/regent-iam/regent/internal/awserr"
	"github.com/regent-iam/regent/internal/wire"
	"github.com/regent-iam/regent/internal/wire/awsjson"
	"github.com/regent-iam/regent/internal/wire/wiretest"
)

var update = flag.Bool("update", false, "rewrite the golden archives")

// encode writes a shape as a client does.
func encode(v wire.Encodable) []byte {
	j := wire.NewJSON(wire.JSONForm{})
	v.Encode(j)
	return j.Bytes()
}

// Rules: WI-46
func TestEveryShapeSurvivesTheWire(t *testing.T) {
	svc := &organizations.Service
	for i := range svc.Operations {
		op := &svc.Operations[i]
		for seed := range uint64(4) {
			for _, make := range []func() wire.Codec{op.NewInput, op.NewOutput} {
				want := make()
				want.Decode(wiretest.NewFiller(seed, seed == 0))
				got := make()
				if err := awsjson.Decode(svc, op, encode(want), got); err != nil {
					t.Errorf("%s, seed %d: %v\n%s", op.Name, seed, err, encode(want))
					continue
				}
				if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s, seed %d (-sent +read):\n%s", op.Name, seed, diff)
				}
			}
		}
	}
}

// Rules: WI-46
func TestEncodeAnswersWithoutOutputHaveNoBody(t *testing.T) {
	svc := &organizations.Service
	a := awsjson.Encode(svc, svc.Operation("AttachPolicy"), &wire.Empty{}, "the-id")
	want := wire.Answer{Status: 200, Header: []wire.Param{
		{Name: "Content-Type", Value: "application/x-amz-json-1.1"}, {Name: "x-amzn-RequestId", Value: "the-id"},
	}}
	if diff := cmp.Diff(want, a); diff != "" {
		t.Error(diff)
	}
	a = awsjson.Encode(svc, svc.Operation("ListRoots"), &organizations.ListRootsOutput{}, "the-id")
	if got := string(a.Body); got != `{"Roots":[]}` {
		t.Errorf("an empty list: %s", got)
	}
}

// Rules: TH-18
func TestDecodeRefusesWhatTwoReadersCouldReadDifferently(t *testing.T) {
	deep := strings.Repeat(`[`, 70) + strings.Repeat(`]`, 70)
	many := `{"x":[` + strings.Repeat("1,", 100_001) + `1]}`
	tests := []struct{ name, body, want string }{
		{"a name twice", `{"PolicyId":"p-examplepolicy","PolicyId":"p-anotherpolicy"}`, "comes twice"},
		{"a name twice, once escaped", `{"PolicyId":"p-examplepolicy","\u0050olicyId":"p-anotherpolicy"}`, "comes twice"},
		{"an unknown name twice, deep below", `{"PolicyId":"p-examplepolicy","x":[{"y":{"a":1,"a":2}}]}`, "comes twice"},
		{"something behind the document", `{"PolicyId":"p-examplepolicy"}{}`, "behind its JSON document"},
		{"garbage behind the document", `{"PolicyId":"p-examplepolicy"} x`, "behind its JSON document"},
		{"no document", ``, "not a valid JSON document"},
		{"half a document", `{"PolicyId":"p-exa`, "not a valid JSON document"},
		{"half an object", `{"PolicyId":"p-examplepolicy"`, "not a valid JSON document"},
		{"a comma too many", `{"PolicyId":"p-examplepolicy",}`, "not a valid JSON document"},
		{"an array", `[]`, "not a JSON object"},
		{"null", `null`, "not a JSON object"},
		{"too deep", `{"x":` + deep + `}`, "nested deeper"},
		{"too many values", many, "more than 100000"},
		{"text that is not UTF-8", "{\"PolicyId\":\"\xff\"}", "not valid UTF-8"},
		{"a number for a string", `{"PolicyId":1}`, "Member PolicyId has the wrong type"},
		{"an object for a string", `{"PolicyId":{}}`, "Member PolicyId has the wrong type"},
	}
	svc := &organizations.Service
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := awsjson.Decode(svc, svc.Operation("DescribePolicy"), []byte(test.body), new(organizations.DescribePolicyInput))
			if err == nil || !strings.HasPrefix(err.Error(), "SerializationException: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want SerializationException with %q", err, test.want)
			}
		})
	}
	for _, body := range []string{
		`{"MaxResults":1.5}`, `{"MaxResults":1e1}`, `{"MaxResults":"1"}`, `{"MaxResults":4294967297}`, `{"MaxResults":true}`,
	} {
		err := awsjson.Decode(svc, svc.Operation("ListRoots"), []byte(body), new(organizations.ListRootsInput))
		if err == nil || !strings.HasPrefix(err.Error(), "SerializationException: ") {
			t.Errorf("%s: got %v", body, err)
		}
	}
}

// Rules: TH-18
func TestNamesAreComparedExactly(t *testing.T) {
	svc := &organizations.Service
	for _, body := range []string{
		`{"policyid":"p-examplepolicy"}`, `{"POLICYID":"p-examplepolicy"}`, `{"PolicyId":null}`, `{"Policy\u0000Id":"p-examplepolicy"}`,
	} {
		var in organizations.DescribePolicyInput
		err := awsjson.Decode(svc, svc.Operation("DescribePolicy"), []byte(body), &in)
		if in.PolicyId != "" || err == nil || !strings.HasPrefix(err.Error(), "InvalidInputException: ") {
			t.Errorf("%s: got %q, %v", body, in.PolicyId, err)
		}
	}
	var in organizations.DescribePolicyInput
	body := `{"policyid":"p-evilpolicy","PolicyId":"p-examplepolicy"}`
	if err := awsjson.Decode(svc, svc.Operation("DescribePolicy"), []byte(body), &in); err != nil || in.PolicyId != "p-examplepolicy" {
		t.Errorf("got %q, %v", in.PolicyId, err)
	}
}

// Rules: WI-46 WI-20
func TestOperationTakesTheTargetOfItsOwnServiceOnly(t *testing.T) {
	svc := &organizations.Service
	if op, err := awsjson.Operation(svc, "AWSOrganizationsV20161128.ListRoots"); err != nil || op.Name != "ListRoots" {
		t.Errorf("got %v, %v", op, err)
	}
	for _, target := range []string{"", "ListRoots", "AWSOrganizationsV20161128.", "AmazonAthena.ListRoots", "AWSOrganizationsV20161128.listRoots", "AWSOrganizationsV20161128.ListRoots "} {
		if op, err := awsjson.Operation(svc, target); op != nil || err == nil || !strings.HasPrefix(err.Error(), "UnknownOperationException") {
			t.Errorf("%q: got %v, %v", target, op, err)
		}
	}
}

// TestGolden decodes "Operation body": an input is shown as JSON, a failure as
// its answer.
func TestGolden(t *testing.T) {
	svc := &organizations.Service
	wiretest.Golden(t, *update, func(t *testing.T, request string) string {
		target, body, _ := strings.Cut(request, "\n")
		op, err := awsjson.Operation(svc, target)
		if err == nil {
			in := op.NewInput()
			if err = awsjson.Decode(svc, op, []byte(body), in); err == nil {
				return op.Name + "\n" + wiretest.ShowInput(in)
			}
		}
		var failure *awserr.Error
		if !errors.As(err, &failure) {
			t.Fatal(err)
		}
		return wiretest.Show(awsjson.EncodeError(svc, failure, "00000000-0000-0000-0000-000000000000"))
	})
}

func FuzzJSONDecode(f *testing.F) {
	f.Add([]byte(`{"Email":"a@example.com","AccountName":"a","Tags":[{"Key":"k","Value":""}]}`))
	f.Add([]byte(`{"Email":null,"x":{"a":[1,2,{"b":true}]}}`))
	svc := &organizations.Service
	ops := []*wire.Operation{svc.Operation("CreateAccount"), svc.Operation("ListRoots"), svc.Operation("InviteAccountToOrganization")}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, op := range ops {
			first := op.NewInput()
			if awsjson.Decode(svc, op, body, first) != nil {
				continue
			}
			second := op.NewInput()
			if err := awsjson.Decode(svc, op, encode(first), second); err != nil {
				t.Fatalf("%s: what was decoded does not decode again: %v", op.Name, err)
			}
			if diff := cmp.Diff(first, second, cmpopts.EquateEmpty()); diff != "" {
				t.Fatal(fmt.Sprint(op.Name, diff))
			}
		}
	})
}
