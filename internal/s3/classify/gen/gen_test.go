package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestGeneratedTableIsCurrent(t *testing.T) {
	got, err := generate(read(t, "operations.tsv"), read(t, "actions.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read(t, "needs_gen.go"), string(got)); diff != "" {
		t.Errorf("needs_gen.go is stale, run go generate ./internal/s3/classify (-have +want):\n%s", diff)
	}
}

// Method and URI of every row are the API model's, so that selectors are exactly
// its selectors.
//
// Rules: S3-7
func TestRowsAreTheModels(t *testing.T) {
	var model struct {
		Operations map[string]struct {
			HTTP struct{ Method, RequestURI string }
		}
	}
	text, err := os.ReadFile("../../../api/models/s3.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &model); err != nil {
		t.Fatal(err)
	}
	lines, err := rows(read(t, "operations.tsv"), 9)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines {
		o, ok := model.Operations[line[0]]
		delete(model.Operations, line[0])
		switch {
		case !ok && line[0] != "PostObject" && line[0] != "Preflight":
			t.Errorf("%s is not in the model", line[0])
		case ok && (o.HTTP.Method != line[1] || o.HTTP.RequestURI != strings.TrimSuffix(line[2], "?uploadId")):
			t.Errorf("%s: %s %s, the model has %s %s", line[0], line[1], line[2], o.HTTP.Method, o.HTTP.RequestURI)
		}
	}
	for name := range model.Operations {
		t.Errorf("the table lacks %s", name)
	}
}

// Modes must tell the operations of one method and selector apart: whatever a
// request has, at most one of them fits (TH-62).
//
// Rules: TH-62
func TestModesExcludeEachOther(t *testing.T) {
	ops, err := parseOperations(read(t, "operations.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	exclusive := func(x, y terms) bool {
		for _, m := range x.must {
			if slices.Contains(y.mustNot, m) {
				return true
			}
		}
		return false
	}
	for i, x := range ops {
		for _, y := range ops[:i] {
			if x.alias || y.alias || x.level == "" || x.level != y.level || x.selector != y.selector || x.method != y.method {
				continue
			}
			if !exclusive(x.mode, y.mode) && !exclusive(y.mode, x.mode) {
				t.Errorf("a request may be %s and %s", x.name, y.name)
			}
		}
	}
}

func TestTablesAreReadStrictly(t *testing.T) {
	const good = "X\tGET\t/{Bucket}?x\t-\tservice\tread\tmanagement\t-\ts3:X on B"
	if _, err := generate(good, "s3:X\t-"); err != nil {
		t.Fatal(err)
	}
	for _, change := range []struct{ from, to string }{
		{"/{Bucket}?x", "/{Bucket}?x=1"},
		{"/{Bucket}?x", "/{Key+}"},
		{"\t-\tservice", "\tsometimes\tservice"},
		{"service", "elsewhere"},
		{"read", "maybe"},
		{"management", "-"},
		{"-\ts3:X", "fast\ts3:X"},
		{"s3:X on B", "nothing"},
		{"s3:X on B", "s3:X on Z"},
		{"s3:X on B", "s3:X on B when raining"},
		{"s3:X on B", "s3:X of B"},
		{"s3:X on B", "s3:Y on B"},
		{"\ts3:X on B", ""},
		{"X\tGET", "X\tGET\textra"},
		{good, good + "\n" + good},
	} {
		if _, err := generate(strings.Replace(good, change.from, change.to, 1), "s3:X\t-"); err == nil {
			t.Errorf("%q for %q is accepted", change.to, change.from)
		}
	}
	if _, err := generate(good, "s3:X\t-\ns3:Unused\t-"); err == nil {
		t.Error("an action that nothing needs is accepted")
	}
	if _, err := generate(good, "s3:X\t-\ns3:X\t-"); err == nil {
		t.Error("an action listed twice is accepted")
	}
}
