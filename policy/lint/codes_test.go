package lint_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/policy/lint"
)

var foundCode = regexp.MustCompile(`(?m)^(?:ERROR|SECURITY_WARNING|WARNING|SUGGESTION|INFO) ([A-Z_0-9-]+): `)

// A code is covered when an archive has a document with such a finding.
func TestCodesSayWhatIsCovered(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{"LX-32": true} // TestLintFindsDeadPrincipals
	for _, name := range archives {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range foundCode.FindAllSubmatch(text, -1) {
			shown[string(m[1])] = true
		}
	}
	classes := map[lint.Class]int{}
	for _, c := range lint.Codes() {
		if want := c.Covered == lint.Full || c.Covered == lint.Partial; shown[c.Name] != want {
			t.Errorf("%s is %s, and an archive shows it: %v", c.Name, c.Covered, shown[c.Name])
		}
		if (c.Covered == lint.Partial || c.Covered == lint.Missing) != (c.Note != "") {
			t.Errorf("%s is %s, and the note is %q", c.Name, c.Covered, c.Note)
		}
		if c.Covered != lint.Retired && !strings.HasPrefix(c.Name, "LX-") {
			classes[c.Class]++
		}
	}
	want := map[lint.Class]int{lint.Error: 79, lint.SecurityWarning: 19, lint.Warning: 26, lint.Suggestion: 29}
	if diff := cmp.Diff(want, classes); diff != "" {
		t.Errorf("codes by class: -want +got\n%s", diff)
	}
}

const reference = "../../docs/reference/lint.md"

// The reference is made from the codes.
func TestReferenceIsCurrent(t *testing.T) {
	want := referencePage()
	if *update {
		if err := os.WriteFile(reference, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(reference)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is stale; run go test ./policy/lint -run Reference -update\n%s", reference, diff)
	}
}

func referencePage() string {
	var b strings.Builder
	count := map[lint.Coverage]int{}
	for _, c := range lint.Codes() {
		if !strings.HasPrefix(c.Name, "LX-") {
			count[c.Covered]++
		}
	}
	fmt.Fprintf(&b, `# Findings about policies

`+"`regent policy lint FILE…`, `accessanalyzer:ValidatePolicy` and the Go package `policy/lint`"+` report these findings. The codes and texts
are AWS's; [AWS explains each of them](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html). Services, actions,
resource types and condition keys are those of %s: what AWS added later is reported as unknown.

Of AWS's %d findings %d are covered in full and %d in part, as the notes say; %d more AWS reports no longer. Every covered one is shown by a document in
`+"`policy/lint/testdata`"+`.

`, lint.Snapshot, count[lint.Full]+count[lint.Partial]+count[lint.Missing], count[lint.Full], count[lint.Partial], count[lint.Retired])
	b.WriteString("| code | type | covered | what is covered, or why not |\n|---|---|---|---|\n")
	var own []lint.Code
	for _, c := range lint.Codes() {
		if strings.HasPrefix(c.Name, "LX-") {
			own = append(own, c)
			continue
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.Name, c.Class, c.Covered, c.Note)
	}
	b.WriteString(`
## Regent's own findings

AWS has none of these, so ` + "`ValidatePolicy`" + ` does not report them; ` + "`regent policy lint`" + ` does. They are about ways to more permissions than a policy has
in it, and about conditions that mean something else than they seem to. A finding becomes ` + "`INFO`" + ` when the action is limited to resources by
name, by a condition on a tag, a boundary or the service that a role is passed to, or by a Deny.

| code | type | what it is about | note |
|---|---|---|---|
`)
	for _, c := range own {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", c.Name, c.Class, c.Text, c.Note)
	}
	return b.String()
}

// A name that is spelt wrong would make a way to more permissions invisible.
func TestEscalationsNameActionsThatExist(t *testing.T) {
	actions := lint.EscalationActions()
	if len(actions) < 50 {
		t.Fatalf("%d actions", len(actions))
	}
	for _, a := range actions {
		service, action, ok := catalog.LookupAction(a)
		if !ok || service.Prefix+":"+action.Name != a {
			t.Errorf("there is no action %s", a)
		}
	}
}

// Rules: LI-2
func TestLearnMore(t *testing.T) {
	const page = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-"
	for want, f := range map[string]lint.Finding{
		page + "error-invalid-arn-region":                                    {Code: "INVALID_ARN_REGION", Class: lint.Error},
		page + "security-warning-allow-with-not-principal":                   {Code: "ALLOW_WITH_NOT_PRINCIPAL", Class: lint.SecurityWarning},
		page + "general-warning-missing-version":                             {Code: "MISSING_VERSION", Class: lint.Warning},
		page + "suggestion-empty-sid-value":                                  {Code: "EMPTY_SID_VALUE", Class: lint.Suggestion},
		page + "error-role-trust-policy-syntax-error-notprincipal":           {Code: "ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL", Class: lint.Error},
		page + "security-warning-pass-role-with-star-in-action-and-resource": {Code: "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE", Class: lint.SecurityWarning},
		"": {Code: "LX-1", Class: lint.SecurityWarning},
	} {
		if got := f.LearnMore(); got != want {
			t.Errorf("%s: %q, want %q", f.Code, got, want)
		}
	}
}

// Rules: LI-3
func TestKindOf(t *testing.T) {
	for _, test := range []struct {
		policyType, resourceType string
		want                     lint.Kind
		ok                       bool
	}{
		{"IDENTITY_POLICY", "", lint.Identity, true},
		{"RESOURCE_POLICY", "", lint.Resource, true},
		{"SERVICE_CONTROL_POLICY", "", lint.SCP, true},
		{"RESOURCE_CONTROL_POLICY", "", lint.RCP, true},
		{"RESOURCE_POLICY", "AWS::S3::Bucket", lint.Bucket, true},
		{"RESOURCE_POLICY", "AWS::IAM::AssumeRolePolicyDocument", lint.Trust, true},
		{"RESOURCE_POLICY", "AWS::DynamoDB::Table", lint.Table, true},
		{"IDENTITY_POLICY", "AWS::S3::Bucket", 0, false},
		{"RESOURCE_POLICY", "AWS::SQS::Queue", 0, false},
		{"POLICY", "", 0, false},
	} {
		if got, ok := lint.KindOf(test.policyType, test.resourceType); got != test.want || ok != test.ok {
			t.Errorf("KindOf(%s, %s) = %s, %v", test.policyType, test.resourceType, got, ok)
		}
	}
	for _, name := range lint.Kinds() {
		if k, ok := lint.ParseKind(name); !ok || k.String() != name {
			t.Errorf("ParseKind(%s) = %s, %v", name, k, ok)
		}
	}
	if _, ok := lint.ParseKind("other"); ok {
		t.Error("ParseKind knows a kind that does not exist")
	}
}

// Rules: LX-32
func TestLintFindsDeadPrincipals(t *testing.T) {
	const text = `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": ["AROAEXAMPLEEXAMPLE123", "AIDAEXAMPLEEXAMPLE123"]}, "Action": "sts:AssumeRole"}]}`
	exists := func(id string) bool { return id == "AIDAEXAMPLEEXAMPLE123" }
	found, err := lint.Lint(text, lint.Options{Kind: lint.Trust, Own: true, Exists: exists})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range found {
		if strings.HasPrefix(f.Code, "LX-") {
			got = append(got, f.Code+printPath(f.Locations[0].Path))
		}
	}
	if want := []string{"LX-32/Statement/0/Principal/AWS/0"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Rules: LI-4
func TestARuleThatPanicsIsAnError(t *testing.T) {
	if err := lint.Broken(); err == nil || !strings.Contains(err.Error(), "the rule broken failed: on purpose") {
		t.Errorf("got %v", err)
	}
}
