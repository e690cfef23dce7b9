package compare_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/compare"
)

func parse(t testing.TB, statements string) *policy.Document {
	t.Helper()
	doc, err := policy.Parse(`{"Version":"2012-10-17","Statement":[` + statements + `]}`)
	if err != nil {
		t.Fatalf("%v in %s", err, statements)
	}
	return doc
}

const (
	get       = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`
	getAll    = `{"Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/*"}`
	all       = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	getEqual  = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}`
	getLike   = `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"StringLike":{"aws:PrincipalOrgID":"*"}}}`
	denyX     = `{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::b/x"}`
	denyAll   = `{"Effect":"Deny","Action":"s3:*","Resource":"*"}`
	denyHTTP  = `{"Effect":"Deny","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	forB      = `{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`
	forRootB  = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`
	forAll    = `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`
	forNobody = `{"Effect":"Allow","NotPrincipal":{"AWS":"444455556666"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}`
)

// Rules: LI-30 LI-41 LI-43
func TestNewAccess(t *testing.T) {
	for _, test := range []struct {
		name, newer, older string
		kind               policy.Kind
		want               compare.Answer
	}{
		{"the same", get, get, policy.Identity, compare.No},
		{"fewer actions", get, getAll, policy.Identity, compare.No},
		{"more actions", getAll, get, policy.Identity, compare.Yes},
		{"an Allow removed", get, get + "," + getAll, policy.Identity, compare.No},
		{"an Allow added", get + `,{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}`, get, policy.Identity, compare.Yes},
		{"a Deny added", get + "," + denyX, get, policy.Identity, compare.No},
		{"a Deny removed", get, get + "," + denyX, policy.Identity, compare.Yes},
		{"a Deny with a condition removed", get, get + "," + denyHTTP, policy.Identity, compare.Yes},
		{"a Deny that stays", get + "," + denyX, get + "," + denyX, policy.Identity, compare.No},
		{"a Deny that grows", get + "," + denyAll, get + "," + denyX, policy.Identity, compare.No},
		{"a Deny that shrinks", getAll + "," + denyX, getAll + "," + denyAll, policy.Identity, compare.Yes},
		{"a Deny of something else removed", get, get + `,{"Effect":"Deny","Action":"iam:*","Resource":"*"}`, policy.Identity, compare.No},
		{"all denied", all + "," + `{"Effect":"Deny","Action":"*","Resource":"*"}`, get, policy.Identity, compare.No},
		{"a condition added", getEqual, get, policy.Identity, compare.No},
		{"a condition removed", get, getEqual, policy.Identity, compare.Yes},
		{"equal becomes like", getLike, getEqual, policy.Identity, compare.Yes},
		{"like becomes equal", getEqual, getLike, policy.Identity, compare.No},
		{"administrator", all, get, policy.Identity, compare.Yes},
		{"a wider resource", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::*"}`, get, policy.Identity, compare.Yes},
		{"a narrower resource", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/x*"}`, get, policy.Identity, compare.No},
		{"NotAction that shrinks", `{"Effect":"Allow","NotAction":["iam:*","s3:*"],"Resource":"*"}`, `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, policy.Identity, compare.No},
		{"NotAction that grows", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, `{"Effect":"Allow","NotAction":["iam:*","s3:*"],"Resource":"*"}`, policy.Identity, compare.Yes},
		{"Action in NotAction", get, `{"Effect":"Allow","NotAction":"iam:*","Resource":"arn:aws:s3:::*"}`, policy.Identity, compare.No},
		{"NotResource", get, `{"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::c/*"}`, policy.Identity, compare.No},
		{"a variable that stays", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}"}`, `{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}"}`, policy.Identity, compare.No},
		{"a variable in a wildcard's place", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/${aws:username}"}`, get, policy.Identity, compare.No},
		{"case of actions", `{"Effect":"Allow","Action":"S3:GETOBJECT","Resource":"arn:aws:s3:::b/*"}`, get, policy.Identity, compare.No},
		{"two that cover one together", `{"Effect":"Allow","Action":"s3:GetObject","Resource":["arn:aws:s3:::a","arn:aws:s3:::b/x"]}`, `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a"},` + get, policy.Identity, compare.No},
		{"the account's root", forRootB, forB, policy.Resource, compare.No},
		{"everybody", forAll, forB, policy.Resource, compare.Yes},
		{"one of everybody", forB, forAll, policy.Resource, compare.No},
		{"NotPrincipal that stays", forNobody, forNobody, policy.Resource, compare.No},
		{"a service", `{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"*"}`, forB, policy.Resource, compare.Yes},
		// The numbers say that nothing is new; nobody looks at them together.
		{
			"not decided", `{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":"5"}}}`,
			`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*","Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":"10"}}}`, policy.Identity, compare.Unknown,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := compare.NewAccess(parse(t, test.newer), parse(t, test.older), test.kind)
			if got.Answer != test.want {
				t.Errorf("%s, want %s: %+v", got.Answer, test.want, got.Reasons)
			}
			for _, r := range got.Reasons {
				if (r.Witness != nil) != (r.Answer == compare.Yes) || (r.Why != "") != (r.Answer == compare.Unknown) {
					t.Errorf("%+v", r)
				}
			}
		})
	}
}

// Rules: LI-32
func TestGrants(t *testing.T) {
	for _, test := range []struct {
		name, doc string
		accesses  []compare.Access
		want      compare.Answer
	}{
		{"it does", get, []compare.Access{{Actions: []string{"s3:GetObject"}}}, compare.Yes},
		{"by a wildcard", getAll, []compare.Access{{Actions: []string{"iam:CreateUser", "s3:getobjectacl"}}}, compare.Yes},
		{"another action", get, []compare.Access{{Actions: []string{"s3:PutObject"}}}, compare.No},
		{"another resource", get, []compare.Access{{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::c/x"}}}, compare.No},
		{"a resource alone", get, []compare.Access{{Resources: []string{"arn:aws:s3:::b/x"}}}, compare.Yes},
		{"one access of two", get, []compare.Access{{Actions: []string{"iam:*"}}, {Resources: []string{"arn:aws:s3:::b/*"}}}, compare.Yes},
		{"denied", get + "," + denyAll, []compare.Access{{Actions: []string{"s3:GetObject"}}}, compare.No},
		{"denied there", get + "," + denyX, []compare.Access{{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::b/x"}}}, compare.No},
		{"denied elsewhere", get + "," + denyX, []compare.Access{{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::b/y"}}}, compare.Yes},
		{"denied in part", get + "," + denyX, []compare.Access{{Actions: []string{"s3:GetObject"}}}, compare.Unknown},
		{"denied under a condition", get + "," + denyHTTP, []compare.Access{{Actions: []string{"s3:GetObject"}}}, compare.Unknown},
		{"NotAction", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, []compare.Access{{Actions: []string{"iam:CreateUser"}}}, compare.No},
		{"not in NotAction", `{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}`, []compare.Access{{Actions: []string{"s3:GetObject"}}}, compare.Yes},
		{"a condition", getEqual, []compare.Access{{Actions: []string{"s3:GetObject"}}}, compare.Yes},
		{"nothing asked", get, nil, compare.No},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := compare.Grants(parse(t, test.doc), policy.Identity, test.accesses)
			if got.Answer != test.want {
				t.Errorf("%s, want %s: %+v", got.Answer, test.want, got.Reasons)
			}
		})
	}
}

// draw makes a document out of few words, so that documents overlap.
func draw(t *rapid.T, name string) *policy.Document {
	actions := []string{`"s3:GetObject"`, `"s3:Get*"`, `"s3:PutObject"`, `"*"`, `"s3:*Object"`, `"s3:ListAllMyBuckets"`}
	resources := []string{`"arn:aws:s3:::a"`, `"arn:aws:s3:::a*"`, `"arn:aws:s3:::*b"`, `"*"`, `"arn:aws:s3:*"`, `"arn:aws:s3:::${aws:username}"`}
	conditions := []string{
		``, ``, `,"Condition":{"StringEquals":{"k:a":"1"}}`, `,"Condition":{"StringEquals":{"k:a":["1","2"]}}`,
		`,"Condition":{"StringNotEquals":{"k:a":"1"}}`, `,"Condition":{"StringLike":{"k:a":"*"}}`, `,"Condition":{"Null":{"k:a":"true"}}`,
		`,"Condition":{"StringEqualsIfExists":{"k:a":"1"}}`, `,"Condition":{"Bool":{"k:b":"true"},"StringNotLike":{"k:a":"2*"}}`,
		`,"Condition":{"ForAllValues:StringEquals":{"k:m":["1","2"]}}`, `,"Condition":{"ForAnyValue:StringNotEquals":{"k:m":["1"]}}`,
	}
	list := func(from []string, label string) string {
		return "[" + strings.Join(rapid.SliceOfN(rapid.SampledFrom(from), 1, 2).Draw(t, label), ",") + "]"
	}
	var statements []string
	for range rapid.IntRange(1, 3).Draw(t, name) {
		statements = append(statements, fmt.Sprintf(`{"Effect":%q,%q:%s,%q:%s%s}`,
			rapid.SampledFrom([]string{"Allow", "Allow", "Deny"}).Draw(t, "effect"),
			rapid.SampledFrom([]string{"Action", "Action", "NotAction"}).Draw(t, "element"), list(actions, "actions"),
			rapid.SampledFrom([]string{"Resource", "Resource", "NotResource"}).Draw(t, "element"), list(resources, "resources"),
			rapid.SampledFrom(conditions).Draw(t, "condition")))
	}
	doc, err := policy.Parse(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func decide(doc *policy.Document, r *policy.Request) bool {
	l := policy.Layers{Identity: []*policy.Policy{policy.Compile(doc, policy.Source{Type: policy.Identity}, nil)}}
	return l.Decide(r).Outcome == policy.Allow
}

// requests are of the same few words.
func requests(yield func(*policy.Request) bool) {
	for _, action := range []string{"s3:GetObject", "s3:GetObjectAcl", "s3:PutObject", "iam:CreateUser", "s3:ListAllMyBuckets"} {
		for _, resource := range []string{"arn:aws:s3:::a", "arn:aws:s3:::ab", "arn:aws:s3:::b", "arn:aws:s3:::u", "arn:aws:iam::111122223333:user/u"} {
			for _, a := range []string{"", "1", "2", "3"} {
				for _, m := range [][]string{nil, {"1"}, {"1", "3"}} {
					context := &policy.Context{}
					context.Set("aws:username", "u")
					if a != "" {
						context.Set("k:a", a)
						context.Set("k:b", "true")
					}
					if m != nil {
						context.SetMulti("k:m", m)
					}
					r := &policy.Request{
						Principal: &policy.Principal{Kind: policy.User, Account: "111122223333", ARN: "arn:aws:iam::111122223333:user/u", ID: "AIDAEXAMPLEEXAMPLE12"},
						Action:    action, Resource: resource, ResourceAccount: "111122223333", Wildcard: action == "s3:ListAllMyBuckets", Context: context,
					}
					if !yield(r) {
						return
					}
				}
			}
		}
	}
}

// Rules: LI-41 LI-43
func TestAnswersAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		newer, older := draw(t, "newer"), draw(t, "older")
		result := compare.NewAccess(newer, older, policy.Identity)
		for _, r := range result.Reasons {
			if r.Witness != nil && (!decide(newer, r.Witness) || decide(older, r.Witness)) {
				t.Fatalf("the witness %+v is no new access\nnew: %s\nold: %s", r.Witness, newer.Text(), older.Text())
			}
		}
		if result.Answer == compare.No {
			for r := range requests {
				if decide(newer, r) && !decide(older, r) {
					t.Fatalf("%s on %s is new access, and the answer is no\nnew: %s\nold: %s", r.Action, r.Resource, newer.Text(), older.Text())
				}
			}
		}
		if same := compare.NewAccess(newer, newer, policy.Identity); same.Answer != compare.No {
			t.Fatalf("a document has new access against itself: %s: %s", same.Answer, newer.Text())
		}
		// What is not granted at all no request gets.
		if compare.Grants(newer, policy.Identity, []compare.Access{{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::a"}}}).Answer == compare.No {
			for r := range requests {
				if r.Action == "s3:GetObject" && r.Resource == "arn:aws:s3:::a" && decide(newer, r) {
					t.Fatalf("%s on %s is granted, and the answer is no: %s", r.Action, r.Resource, newer.Text())
				}
			}
		}
	})
}
