package policy_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/regent-iam/regent/policy"
	"github.com/regent-iam/regent/policy/cases"
)

// An archive is one of documents, under testdata/save. The archives of
// decisions, under testdata/decide, are read by package cases.
type archive struct {
	name  string
	head  string
	files map[string]string
	order []string
}

func readArchives(tb testing.TB, dir string) []archive {
	tb.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", dir, "*.txtar"))
	if err != nil || len(names) == 0 {
		tb.Fatalf("no archives in %s: %v", dir, err)
	}
	var out []archive
	for _, name := range names {
		parsed, err := txtar.ParseFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		a := archive{name: strings.TrimSuffix(filepath.Base(name), ".txtar"), head: string(parsed.Comment), files: map[string]string{}}
		for _, f := range parsed.Files {
			if _, twice := a.files[f.Name]; twice {
				tb.Fatalf("%s: %s stands twice", name, f.Name)
			}
			a.files[f.Name] = string(f.Data)
			a.order = append(a.order, f.Name)
		}
		if !strings.Contains(string(parsed.Comment), "\nRules: ") {
			tb.Fatalf("%s: no line of rules", name)
		}
		out = append(out, a)
	}
	return out
}

func decisionArchives(tb testing.TB) []*cases.Archive {
	tb.Helper()
	all, err := cases.ReadDir(filepath.Join("testdata", "decide"))
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

func TestDecisionsAreAsTheArchivesSay(t *testing.T) {
	for _, a := range decisionArchives(t) {
		t.Run(strings.TrimSuffix(filepath.Base(a.Name), ".txtar"), func(t *testing.T) {
			if len(a.Rules) == 0 {
				t.Error("no line of rules")
			}
			if !strings.Contains(a.Head, "(https://docs.aws.amazon.com/") {
				t.Error("no page of AWS's documentation that it proves")
			}
			for i := range a.Cases {
				checkCase(t, &a.Cases[i])
			}
		})
	}
}

// checkCase compares the engine with the archive, with a second evaluator, and
// with its own explanation.
func checkCase(t *testing.T, c *cases.Case) {
	t.Helper()
	if f := c.Check(); f != nil {
		t.Error(f)
	}
	got := c.Layers.Decide(c.Request)
	where := fmt.Sprintf("line %d, %s", c.Line, c)
	if n := naiveDecide(c.Layers, c.Request, c.Bindings); n != got.Outcome {
		t.Errorf("%s: %s, the naive evaluator says %s", where, got.Outcome, n)
	}
	explained := c.Layers.Explain(c.Request)
	if explained.Decision != got {
		t.Errorf("%s: explained %v, decided %v", where, explained.Decision, got)
	}
	if (len(explained.Fixes) == 0) != (got.Outcome == policy.Allow) {
		t.Errorf("%s: %s with %d fixes", where, got.Outcome, len(explained.Fixes))
	}
	if n := testing.AllocsPerRun(3, func() { c.Layers.Decide(c.Request) }); n != 0 && !c.Allocates {
		t.Errorf("%s: %v allocations", where, n)
	}
}
