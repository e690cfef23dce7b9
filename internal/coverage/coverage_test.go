package coverage_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/coverage"
	"github.com/regent-iam/regent/internal/server"
)

func TestTheReportIsCurrent(t *testing.T) {
	root := os.DirFS("../..")
	report, err := coverage.Collect(root, server.OperationNames())
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range report.Problems {
		t.Error(problem)
	}
	page, err := fs.ReadFile(root, "docs/coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	was, now := strings.Split(string(page), "\n"), strings.Split(report.Markdown(), "\n")
	for i := range max(len(was), len(now)) {
		if i >= len(was) || i >= len(now) || was[i] != now[i] {
			t.Fatalf("docs/coverage.md is stale from line %d on: make coverage", i+1)
		}
	}
}

func TestTheListOfOperationsIsThatOfTheModels(t *testing.T) {
	root := os.DirFS("../..")
	models, err := fs.Glob(root, "internal/api/models/*.json")
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(root, "docs/operations.tsv")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, file := range models {
		name := strings.TrimSuffix(path.Base(file), ".json")
		if strings.Contains(name, ".") {
			continue // paginators and waiters
		}
		source, err := fs.ReadFile(root, file)
		if err != nil {
			t.Fatal(err)
		}
		var model struct{ Operations map[string]any }
		if err := json.Unmarshal(source, &model); err != nil {
			t.Fatal(err)
		}
		var listed []string
		for line := range strings.Lines(string(text)) {
			if operation, ok := strings.CutPrefix(strings.TrimSpace(line), name+"\t"); ok {
				listed = append(listed, operation)
			}
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(model.Operations)), listed); diff != "" {
			t.Errorf("docs/operations.tsv and %s differ (-model +list):\n%s", file, diff)
		}
		compared++
	}
	if compared == 0 {
		t.Error("there are no models")
	}
}

// onTheRoad is what the services of the repository below register.
var onTheRoad = map[string][]string{"iam": {"GetUser"}}

func repository() fstest.MapFS {
	root := fstest.MapFS{}
	for name, text := range map[string]string{
		"docs/rules.tsv":      "# id\tbook\tabout\nPL-1\ts\tone\nPL-2b\ts\ttwo\nTH-1\tt\tthree\n",
		"docs/operations.tsv": "# model\toperation\niam\tGetUser\niam\tPutUser\nsso-oidc\tCreateToken\ns3\tGetObject\ns3\tPutObject\ns3\tGetBucket\n",
		"a/a_test.go":         "package a\n\n// Rules: PL-1\nfunc TestA() {}\n",
		"a/testdata/x.txtar":  "A head.\nRules: TH-1\n-- file --\nRules: PL-2b\n",
		"internal/s3/classify/operations.tsv": "# op\nGetObject\tGET\t/\t-\tobjects\tread\tdata\t-\t-\nPutObject\tPUT\t/\t-\tobjects\twrite\tdata\t-\t-\n" +
			"GetBucket\tPUT\t/\t-\tservice\twrite\tdata\t-\t-\n",
		"internal/s3/objects/serve.go": "package objects\nfunc operation(s string) int {\nswitch s {\ncase \"GetObject\", \"GetBucket\":\nreturn 1\n}\nreturn 0\n}\n",
	} {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

func TestCollectCountsWhatIsDone(t *testing.T) {
	report, err := coverage.Collect(repository(), onTheRoad)
	if err != nil {
		t.Fatal(err)
	}
	want := coverage.Report{
		Operations: []coverage.Row{
			{What: "iam", Done: 1, Total: 2, Missing: []string{"PutUser"}},
			{What: "sso-oidc", Total: 1, Missing: []string{"CreateToken"}},
			{What: "s3", Total: 3, Missing: []string{"GetObject", "PutObject", "GetBucket"}},
		},
		Rules: []coverage.Row{
			{What: "PL", Done: 1, Total: 2, Missing: []string{"PL-2b"}},
			{What: "TH", Done: 1, Total: 1},
		},
	}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	page := report.Markdown()
	for _, line := range []string{"| what | done | total |\n", "| `iam` | 1 | 2 |\n", "| `TH` | 1 | 1 |\n", "**`iam`**: PutUser\n", "**`PL`**: PL-2b\n"} {
		if !strings.Contains(page, line) {
			t.Errorf("the page has no line %q:\n%s", line, page)
		}
	}
	if !strings.HasPrefix(page, "| what | done | total |") || strings.Contains(page, "**`TH`**") {
		t.Errorf("the page does not begin with its table, or says that something done is missing:\n%s", page)
	}
}

func TestCollectFindsWhatMakesItUntrue(t *testing.T) {
	for _, test := range []struct{ name, file, text, want string }{
		{"an unknown rule", "b/b_test.go", "package b\n\n// Rules: PL-1 PL-3\n", "b/b_test.go: there is no rule PL-3 in docs/rules.tsv"},
		{"an abbreviated rule", "b/b_test.go", "package b\n\n// Rules: PL-1/2b\n", `b/b_test.go: "PL-1/2b" is no rule's id`},
		{"rules with commas", "b/b_test.go", "package b\n\n\t// Rules: PL-1, TH-1\n", `b/b_test.go: "PL-1," is no rule's id`},
		{"no rule", "b/b_test.go", "package b\n\n// Rules: \n", "b/b_test.go: a line of rules that names none"},
		{"an unknown rule in an archive", "b/b.txtar", "Rules: XX-1\n-- a --\n", "b/b.txtar: there is no rule XX-1 in docs/rules.tsv"},
		{"an unknown rule in TypeScript", "web/b.test.ts", "// Rules: XX-1\n", "web/b.test.ts: there is no rule XX-1 in docs/rules.tsv"},
		{"a rule outside tests", "b/b.go", "package b\n\n// Rules: PL-1\n", "b/b.go: a line of rules that is not in a test: PL-1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := repository()
			root[test.file] = &fstest.MapFile{Data: []byte(test.text)}
			report, err := coverage.Collect(root, onTheRoad)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{test.want}, report.Problems); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnOperationThatNoModelHasIsAProblem(t *testing.T) {
	report, err := coverage.Collect(repository(), map[string][]string{"iam": {"GetUser", "Typo"}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"internal/service/iam: no API model has the operation iam.Typo"}, report.Problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

func TestAnObjectsOperationIsDoneWhenTheGatewayReachesIt(t *testing.T) {
	root := repository()
	root["internal/s3/gateway/gateway.go"] = &fstest.MapFile{Data: []byte("package gateway\n")}
	report, err := coverage.Collect(root, onTheRoad)
	if err != nil {
		t.Fatal(err)
	}
	if s3 := report.Operations[2]; s3.Done != 1 || slices.Contains(s3.Missing, "GetObject") || len(report.Problems) > 0 {
		t.Errorf("s3 is %+v, problems %q", s3, report.Problems)
	}
}
