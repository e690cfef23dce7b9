package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	wrongPolicy = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\n    \"Effect\": \"Allow\",\n    \"Action\": \"s3:GetObjekt\",\n    \"Resource\": \"*\"\n  }\n}\n"
	goodPolicy  = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}`
	trustPolicy = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}}`
)

// files writes files of those texts and returns their directory.
func files(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestPolicyLintShowsThePlace(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"wrong.json": wrongPolicy, "good.json": goodPolicy})
	got := regent(t, nil, nil, "policy", "lint", filepath.Join(dir, "wrong.json"), filepath.Join(dir, "good.json"))
	want := strings.Join([]string{
		"wrong.json:5:15: ERROR INVALID_ACTION: The action s3:GetObjekt does not exist. Did you mean s3:GetObject?",
		`    5 |     "Action": "s3:GetObjekt",`,
		`      |               ^^^^^^^^^^^^^^`,
		"2 documents: 1 error",
		"",
	}, "\n")
	if diff := cmp.Diff(want, strings.ReplaceAll(got.out, dir+string(filepath.Separator), "")); diff != "" {
		t.Error(diff)
	}
	if got.code != 1 || got.err != "regent: policy lint: 1 error\n" {
		t.Errorf("exit code %d, %q", got.code, got.err)
	}
}

func TestPolicyLintCutsLongLines(t *testing.T) {
	t.Parallel()
	long := `{"Version": "2012-10-17", "Statement": [` + strings.Repeat(" ", 200) + `{"Effect": "allow", "Action": "s3:GetObject", "Resource": "*"}]}` + strings.Repeat(" ", 200)
	dir := files(t, map[string]string{"long.json": long})
	got := regent(t, nil, nil, "policy", "lint", filepath.Join(dir, "long.json"))
	lines := strings.Split(got.out, "\n")
	if len(lines) < 3 || len([]rune(lines[1])) > 120 {
		t.Fatalf("got %q", got.out)
	}
	from, to := strings.Index(lines[2], "^"), strings.LastIndex(lines[2], "^")
	if excerpt := string([]rune(lines[1])[from : to+1]); excerpt != `"allow"` {
		t.Errorf("the mark is under %q in\n%s", excerpt, got.out)
	}
}

func TestPolicyLintExitsCleanWithoutErrors(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"good.json": goodPolicy, "trust.json": trustPolicy})
	for _, args := range [][]string{{"good.json"}, {"trust.json"}, {"trust.json", "--account", "111122223333"}, {"trust.json", "--type", "trust"}} {
		args[0] = filepath.Join(dir, args[0])
		got := regent(t, nil, nil, append([]string{"policy", "lint"}, args...)...)
		if got.code != 0 || got.err != "" {
			t.Errorf("%v: %+v", args, got)
		}
		if stranger := strings.Contains(got.out, "LX-30"); stranger != (len(args) > 1 && args[1] == "--account") {
			t.Errorf("%v: %s", args, got.out)
		}
	}
	got := regent(t, nil, nil, "policy", "lint", "--type", "identity", filepath.Join(dir, "trust.json"))
	if got.code != 1 || !strings.Contains(got.out, "UNSUPPORTED_PRINCIPAL") {
		t.Errorf("--type identity: %+v", got)
	}
}

func TestPolicyLintTakesNamesAsKnown(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"wrong.json": wrongPolicy})
	got := regent(t, nil, nil, "policy", "lint", "--known", "s3:GetObjekt,myservice", filepath.Join(dir, "wrong.json"))
	if got.code != 0 || got.out != "1 document: nothing to say\n" {
		t.Errorf("%+v", got)
	}
}

func TestPolicyLintNeverWritesControlCharacters(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{
		"escaped.json": `{"Version": "2012-10-17", "Statement": {"Effect": "\u001b[31m", "Action": "s3:GetObject", "Resource": "*"}}`,
		"raw.json":     "{\x1b[31m",
	})
	for _, name := range []string{"escaped.json", "raw.json"} {
		got := regent(t, nil, nil, "policy", "lint", filepath.Join(dir, name))
		if got.code != 1 || strings.Contains(got.out, "\x1b") || !strings.Contains(got.out, "ERROR") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Rules: LI-22 LI-23
func TestPolicyLintPrintsJSON(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"wrong.json": wrongPolicy})
	got := regent(t, nil, nil, "policy", "lint", "--format", "json", filepath.Join(dir, "wrong.json"))
	var answer []struct {
		File     string
		Findings []map[string]any
	}
	if err := json.Unmarshal([]byte(got.out), &answer); err != nil {
		t.Fatalf("%v in %s", err, got.out)
	}
	want := []map[string]any{{
		"findingDetails": "The action s3:GetObjekt does not exist. Did you mean s3:GetObject?",
		"findingType":    "ERROR",
		"issueCode":      "INVALID_ACTION",
		"learnMoreLink":  "https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html#access-analyzer-reference-policy-checks-error-invalid-action",
		"locations": []any{map[string]any{
			"path": []any{map[string]any{"value": "Statement"}, map[string]any{"value": "Action"}},
			"span": map[string]any{
				"start": map[string]any{"line": 5.0, "column": 14.0, "offset": 83.0},
				"end":   map[string]any{"line": 5.0, "column": 28.0, "offset": 97.0},
			},
		}},
	}}
	if diff := cmp.Diff(want, answer[0].Findings); diff != "" {
		t.Error(diff)
	}
}

func TestPolicyLintPrintsSARIF(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"a wrong.json": wrongPolicy})
	got := regent(t, nil, nil, "policy", "lint", "--format", "sarif", filepath.Join(dir, "a wrong.json"))
	var answer struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct {
				RuleID    string
				RuleIndex int
				Level     string
				Locations []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           map[string]int
					}
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(got.out), &answer); err != nil {
		t.Fatalf("%v in %s", err, got.out)
	}
	if answer.Version != "2.1.0" || len(answer.Runs) != 1 || len(answer.Runs[0].Results) != 1 {
		t.Fatalf("%+v", answer)
	}
	result := answer.Runs[0].Results[0]
	place := result.Locations[0].PhysicalLocation
	if result.Level != "error" || answer.Runs[0].Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID ||
		!strings.HasSuffix(place.ArtifactLocation.URI, "/a%20wrong.json") {
		t.Errorf("%+v", answer)
	}
	if diff := cmp.Diff(map[string]int{"startLine": 5, "startColumn": 15, "endLine": 5, "endColumn": 29}, place.Region); diff != "" {
		t.Error(diff)
	}
}

func TestPolicyLintRefuses(t *testing.T) {
	t.Parallel()
	dir := files(t, map[string]string{"good.json": goodPolicy})
	good := filepath.Join(dir, "good.json")
	for _, test := range []struct {
		args []string
		code int
	}{
		{[]string{"policy", "lint"}, 2},
		{[]string{"policy", "lint", "--format", "xml", good}, 2},
		{[]string{"policy", "lint", "--type", "other", good}, 2},
		{[]string{"policy", "lint", "--what", good}, 2},
		{[]string{"policy", "lints"}, 2},
		{[]string{"policy", "lint", filepath.Join(dir, "none.json")}, 1},
	} {
		if got := regent(t, nil, nil, test.args...); got.code != test.code || got.err == "" || got.out != "" {
			t.Errorf("%v: %+v", test.args, got)
		}
	}
}
