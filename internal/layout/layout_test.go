package layout_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/internal/layout"
)

func TestTheCodeMatchesItsPlan(t *testing.T) {
	wrong, err := layout.Check(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range wrong {
		t.Error(w)
	}
}

func TestBudgets(t *testing.T) {
	sizes, err := layout.Measure(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, over := range sizes.Over() {
		t.Error(over)
	}
	for _, list := range [][]layout.Size{sizes.Files, sizes.Tests, sizes.Packages} {
		for _, size := range list[:min(5, len(list))] {
			t.Logf("%5d %s", size.Lines, size.Name)
		}
	}
}

const doc = `
| package | purpose | may import |
|---|---|---|
| ` + "`low`" + ` | lowest | |
| ` + "`high`" + ` | above | ` + "`low`" + ` |
| ` + "`svc/a`" + ` | service | ` + "`...`" + ` |

| package to come | purpose |
|---|---|
| ` + "`later`" + ` | not yet |

| third-party module | only in |
|---|---|
| ` + "`example.org/db`" + ` | ` + "`high`" + ` |
| ` + "`example.org/cmp`" + ` | ` + "`tests`" + ` |

| pure package | standard packages it may use |
|---|---|
| ` + "`low`" + ` | ` + "`strings`" + ` |

| packages | never import |
|---|---|
| ` + "`svc/...`" + ` | ` + "`svc/...` `net/http`" + ` |
`

func TestCheckFindsPlantedFaults(t *testing.T) {
	good := map[string]string{
		"docs/layout.md":      doc,
		"low/low.go":          "// Package low is documented.\npackage low\nimport \"strings\"\n",
		"low/low_test.go":     "package low_test\nimport (\n\"os\"\n\"example.org/cmp\"\n\"github.com/regent-iam/regent/high\"\n)\n",
		"high/high.go":        "// Package high is documented.\npackage high\nimport (\n\"example.org/db/sub\"\n\"github.com/regent-iam/regent/low\"\n\"os\"\n)\n",
		"svc/a/a.go":          "// Package a is documented.\npackage a\nimport \"github.com/regent-iam/regent/high\"\n",
		"nested/go.mod":       "module nested\n",
		"nested/x.go":         "package nested\nimport \"example.org/other\"\n",
		"low/testdata/x/x.go": "package x\n",
	}
	for _, test := range []struct {
		name, file, content string
		want                []string
	}{
		{name: "nothing wrong"},
		{
			"an import upward", "low/up.go", "package low\nimport \"github.com/regent-iam/regent/high\"\n",
			[]string{"low may not import high"},
		},
		{
			"an impure import", "low/impure.go", "package low\nimport \"time\"\n",
			[]string{"low is pure and may not import time"},
		},
		{
			"a module away from home", "low/db.go", "package low\nimport \"example.org/db\"\n",
			[]string{"low may not import example.org/db: docs/layout.md gives it no such home"},
		},
		{
			"a module of tests in code", "high/cmp.go", "package high\nimport \"example.org/cmp\"\n",
			[]string{"high may not import example.org/cmp: docs/layout.md gives it no such home"},
		},
		{
			"a stranger in a test", "high/x_test.go", "package high\nimport \"example.org/stranger\"\n",
			[]string{"the tests of high may not import example.org/stranger: docs/layout.md gives it no such home"},
		},
		{
			"an unknown package", "new/new.go", "// Package new is documented.\npackage new\n",
			[]string{"new: not in docs/layout.md; add a row that says what it is for"},
		},
		{
			"a planned package that came", "later/later.go", "// Package later is documented.\npackage later\n",
			[]string{"later: exists now; move its row of docs/layout.md to the table of packages"},
		},
		{
			"no package comment", "svc/a/a.go", "package a\n",
			[]string{"svc/a: no package comment"},
		},
		{
			"a standard package that is never imported", "svc/a/http.go", "package a\nimport \"net/http\"\n",
			[]string{"svc/a may never import net/http"},
		},
		{
			"another service", "svc/a/b.go", "package a\nimport \"github.com/regent-iam/regent/svc/b\"\n",
			[]string{"svc/a may never import github.com/regent-iam/regent/svc/b"},
		},
		{
			"a listed package that is gone", "docs/layout.md", strings.Replace(doc, "| `high` | above", "| `gone` | away | |\n| `high` | above", 1),
			[]string{"docs/layout.md lists gone, which does not exist"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := fstest.MapFS{}
			for file, content := range good {
				root[file] = &fstest.MapFile{Data: []byte(content)}
			}
			if test.file != "" {
				root[test.file] = &fstest.MapFile{Data: []byte(test.content)}
			}
			got, err := layout.Check(root)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("wrong (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckRefusesAPlanWithoutTables(t *testing.T) {
	root := fstest.MapFS{"docs/layout.md": {Data: []byte("# Layout\n")}}
	if wrong, err := layout.Check(root); err == nil {
		t.Errorf("Check = %q, want an error", wrong)
	}
}

func TestOverFindsWhatIsTooLarge(t *testing.T) {
	file := func(lines int, head string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(head + strings.Repeat("\n", lines))}
	}
	root := fstest.MapFS{
		"a/long.go":      file(601, "package a"),
		"a/fits.go":      file(600, "package a"),
		"a/long_test.go": file(901, "package a"),
		"a/fits_test.go": file(900, "package a"),
		"a/a_gen.go":     file(9000, "// Code generated by a test. DO NOT EDIT.\npackage a"),
	}
	for i := range 9 {
		root[fmt.Sprintf("big/%d.go", i)] = file(600, "package big")
		root[fmt.Sprintf("internal/service/iam/%d.go", i)] = file(600, "package iam")
	}
	sizes, err := layout.Measure(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a/long.go has 601 lines, and a file has at most 600",
		"a/long_test.go has 901 lines, and a test has at most 900",
		"big has 5400 lines, and a package has at most 5000",
	}
	got := sizes.Over()
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("over (-want +got):\n%s", diff)
	}
}
