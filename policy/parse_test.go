package policy_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/policy"
)

const minimal = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}`

// Rules: PL-1 PL-2 PL-4 PL-5 PL-7 PL-9 PL-10 TH-32
func TestParseErrorsSayWhatAndWhere(t *testing.T) {
	const before = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:X", "Resource": "*", `
	tests := []struct{ name, text, want string }{
		{"nothing", "", "policy: line 1, column 1: the document ends too early"},
		{"white space", "\n\t ", "policy: line 2, column 3: the document ends too early"},
		{"byte order mark", "\ufeff{}", "policy: line 1, column 1: a JSON value was expected"},
		{"no object", `[]`, "policy: line 1, column 1: must be an object, not an array"},
		{"two documents", `{} {}`, "policy: line 1, column 4: something stands after the document"},
		{"statement missing", `{}`, "policy: line 1, column 1: Statement is missing"},
		{"statement empty", `{"Statement": []}`, "policy: line 1, column 15: Statement: must not be empty"},
		{"statement of nothing", `{"Statement": [{}]}`, "policy: line 1, column 16: Statement[0]: must not be empty"},
		{"element of another case", `{"statement": {}, "Statement": {"Effect": "Deny"}}`, "policy: line 1, column 2: statement: there is no such element"},
		{"element of a statement", before + `"effect": "Deny"}}`, "policy: line 1, column 95: Statement.effect: there is no such element"},
		{"effect twice", before + `"Effect": "Deny"}}`, "policy: line 1, column 95: Statement.Effect: the key stands twice in one object"},
		{"key twice by escape", before + `"\u0045ffect": "Deny"}}`, "policy: line 1, column 95: Statement.Effect: the key stands twice in one object"},
		{"condition key twice", before + `"Condition": {"Bool": {"a": "true", "a": "true"}}}}`, "policy: line 1, column 131: Statement.Condition.Bool.a: the key stands twice in one object"},
		{"operator", before + `"Condition": {"Boole": {"a": "true"}}}}`, "policy: line 1, column 109: Statement.Condition.Boole: there is no such operator"},
		{"operator of null", before + `"Condition": {"NullIfExists": {"a": "true"}}}}`, "policy: line 1, column 109: Statement.Condition.NullIfExists: there is no such operator"},
		{"null value", before + `"Condition": {"Bool": {"a": null}}}}`, "policy: line 1, column 123: Statement.Condition.Bool.a: must be a string, a number or a boolean, not null"},
		{"object value", before + `"Condition": {"Bool": {"a": [{}]}}}}`, "policy: line 1, column 124: Statement.Condition.Bool.a[0]: must be a string, a number or a boolean, not an object"},
		{"version", `{"Version": "2012-10-18", "Statement": {"Effect": "Deny"}}`, `policy: line 1, column 13: Version: there is no version "2012-10-18"`},
		{"version as number", `{"Version": 2012, "Statement": {"Effect": "Deny"}}`, "policy: line 1, column 13: Version: must be a string, not a number"},
		{"effect of another case", `{"Statement": {"Effect": "allow"}}`, `policy: line 1, column 26: Statement.Effect: must be Allow or Deny, not "allow"`},
		{"no effect", `{"Statement": [{"Sid": "x"}]}`, "policy: line 1, column 16: Statement[0]: Effect is missing"},
		{"action as number", `{"Statement": {"Effect": "Deny", "Action": [1]}}`, "policy: line 1, column 45: Statement.Action[0]: must be a string, not a number"},
		{"both actions", `{"Statement": {"Effect": "Deny", "Action": [], "NotAction": []}}`, "policy: line 1, column 48: Statement.NotAction: excludes its opposite, which is there as well"},
		{"both resources", `{"Statement": {"Effect": "Deny", "NotResource": [], "Resource": []}}`, "policy: line 1, column 53: Statement.Resource: excludes its opposite, which is there as well"},
		{"both principals", `{"Statement": {"Effect": "Deny", "Principal": "*", "NotPrincipal": "*"}}`, "policy: line 1, column 52: Statement.NotPrincipal: excludes its opposite, which is there as well"},
		{"principal text", `{"Statement": {"Effect": "Deny", "Principal": "111122223333"}}`, `policy: line 1, column 47: Statement.Principal: must be "*" or an object`},
		{"principal account as number", `{"Statement": {"Effect": "Deny", "Principal": {"AWS": 111122223333}}}`, "policy: line 1, column 55: Statement.Principal.AWS: must be a string or an array of strings, not a number"},
		{"principal type", `{"Statement": {"Effect": "Deny", "Principal": {"aws": "*"}}}`, "policy: line 1, column 48: Statement.Principal.aws: there is no such type of principal"},
		{"later lines", "{\r\n \"Statement\": [\n  {\"Effect\": \"Deny\",\n   \"é\": 1, \"Sid\": 2}]}", "policy: line 4, column 4: Statement[0].é: there is no such element"},
		{"columns are characters", "{\"é\u20ac\": 1, \"Statement\": 5}", "policy: line 1, column 2: \u00e9\u20ac: there is no such element"},
		{"columns after wide characters", "{\"é\u20ac\U0001f600\": 01}", "policy: line 1, column 9: é\u20ac\U0001f600: the number is not one of JSON's"},
		{"columns after escapes and wide characters", "{\"\\u00e9\\n\u20ac\": \"\u20ac\", 1}", "policy: line 1, column 20: a key in quotes was expected"},
		{"one of many keys twice", `{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"j":1,"k":1,"b":1}`, "policy: line 1, column 68: b: the key stands twice in one object"},
		{"a path into what nobody reads", `{"a": [0, {"b": [[], [1, {"c": 01}]]}]}`, "policy: line 1, column 32: a[1].b[1][1].c: the number is not one of JSON's"},
		{"half a surrogate", `{"\ud83d": 1}`, "policy: line 1, column 3: the escape is not one of JSON's"},
		{"not UTF-8", "{\"\xff\": 1}", "policy: line 1, column 3: the string is not UTF-8"},
		{"control character", "{\"a\tb\": 1}", "policy: line 1, column 4: the control character U+0009 must be escaped"},
		{"open string", `{"a`, "policy: line 1, column 4: the string does not end"},
		{"leading zero", `{"a": 01}`, "policy: line 1, column 7: a: the number is not one of JSON's"},
		{"comma before brace", `{"a": 1,}`, "policy: line 1, column 9: a key in quotes was expected"},
		{"comment", `{/**/}`, "policy: line 1, column 2: a key in quotes was expected"},
		{"single quotes", `{'a': 1}`, "policy: line 1, column 2: a key in quotes was expected"},
		{"infinity", `{"a": Infinity}`, "policy: line 1, column 7: a: a JSON value was expected"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc, err := policy.Parse(test.text)
			if err == nil {
				t.Fatalf("parsed: %+v", doc)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("(-want +got): %s", diff)
			}
			if _, ok := errors.AsType[*policy.ParseError](err); !ok {
				t.Errorf("%T is no ParseError", err)
			}
		})
	}
}

// Rules: TH-32 PL-6
func TestParseHoldsItsLimits(t *testing.T) {
	for name, text := range map[string]string{
		"deep arrays":     strings.Repeat("[", 1_000_000),
		"deep objects":    strings.Repeat(`{"a":`, 20_000),
		"long":            `{"Statement": {"Effect": "Deny", "Sid": "` + strings.Repeat("a", 262_144) + `"}}`,
		"many values":     `{"Statement": {"Effect": "Deny", "Action": [` + strings.Repeat(`"",`, 30_000) + `""]}}`,
		"many statements": `{"Statement": [` + strings.Repeat(`{},`, 40_000) + `{}]}`,
	} {
		allocated := testing.AllocsPerRun(1, func() {
			if _, err := policy.Parse(text); err == nil {
				t.Errorf("%s: parsed", name)
			}
		})
		if allocated > 40_000 {
			t.Errorf("%s: %v allocations before the refusal", name, allocated)
		}
	}
	long := `{"Statement": {"Effect": "Deny", "Sid": "` + strings.Repeat("a", 262_000) + `"}}`
	if _, err := policy.Parse(long); err != nil {
		t.Errorf("a document within the limit: %v", err)
	}
}

func TestParseReadsEveryManagedPolicy(t *testing.T) {
	for p, text := range catalog.ManagedDocuments() {
		if _, err := policy.Parse(text); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

// Rules: PL-1 PL-3 PL-5 PL-8 PL-9 PL-20 PL-92
func TestParseKeepsWhatIsWritten(t *testing.T) {
	const text = `{"Id": "i", "Statement": [{
  "Sid": "first one", "Effect": "Deny", "NotPrincipal": {"AWS": ["*", "111122223333"], "Service": "ec2.amazonaws.com"},
  "NotAction": "s3:*", "NotResource": ["a", "b"],
  "Condition": {"numericlessthan": {"K": [1.50, true, "x"]}, "Null": {"k": false}}}]}`
	doc, err := policy.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if doc.Text() != text || doc.ID != "i" || doc.Version != "" || doc.Variables() {
		t.Errorf("document: %+v", doc)
	}
	s := doc.Statements[0]
	var values []string
	for _, c := range s.Conditions {
		for _, v := range c.Values {
			values = append(values, fmt.Sprint(c.Operator, " ", c.Key, " ", v.Text, " ", v.Type, " ", c.List))
		}
	}
	if diff := cmp.Diff([]string{"numericlessthan K 1.50 1 true", "numericlessthan K true 2 true", "numericlessthan K x 0 true", "Null k false 2 false"}, values); diff != "" {
		t.Error(diff)
	}
	if s.Sid != "first one" || s.Effect != policy.EffectDeny || !s.NotAction || !s.NotResource || !s.Principal.Not || s.Principal.Bare || len(s.Principal.Entries) != 3 {
		t.Errorf("statement: %+v", s)
	}
	if at := s.Resources[1].Span; text[at.Start.Offset:at.End.Offset] != `"b"` || at.Start.Line != 3 || at.Start.Column != 45 {
		t.Errorf("the second resource stands at %+v", at)
	}
}

// Rules: IA-72 TV-9
func TestStatementsKnowTheirPlace(t *testing.T) {
	doc, err := policy.Parse(`{"Version": "2012-10-17", "Statement": {"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}}`)
	if err != nil {
		t.Fatal(err)
	}
	// AWS counts one past each brace: from 41 to 113.
	span := doc.Statements[0].Span
	if span.Start.Line != 1 || span.Start.Column+1 != 41 || span.End.Line != 1 || span.End.Column != 113 {
		t.Errorf("from %+v to %+v", span.Start, span.End)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		minimal, `{"Statement":[{"Effect":"Deny","Principal":{"AWS":["*"]},"Condition":{"StringLike":{"a":["x${b}"]}}}]}`,
		`{"Id":"\u00e9\ud83d\ude00","Statement":{"Effect":"Allow"}}`, "[[[[", `{"a":-0.5e+7}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := policy.Parse(text)
		if err != nil {
			if e, ok := errors.AsType[*policy.ParseError](err); !ok || e.Line < 1 || e.Column < 1 {
				t.Errorf("%v of %q", err, text)
			}
			return
		}
		if doc.Text() != text || len(doc.Statements) == 0 {
			t.Errorf("%q became %+v", text, doc)
		}
		same := policy.RewritePrincipals(text, func(p string) string { return p })
		if same != text {
			t.Errorf("rewriting nothing changed %q to %q", text, same)
		}
		other := policy.RewritePrincipals(text, func(string) string { return "\"*\u00e9" })
		if again, err := policy.Parse(other); err != nil || len(again.Statements) != len(doc.Statements) {
			t.Errorf("rewriting broke %q: %q, %v", text, other, err)
		}
		for kind := policy.Identity; kind <= policy.RCP; kind++ {
			policy.Compile(doc, policy.Source{Type: kind}, nil)
			_, _ = policy.Validate(kind, text)
		}
		policy.ContextKeys(doc)
		policy.Public(doc)
	})
}
