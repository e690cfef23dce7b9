package lint_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/regent-iam/regent/policy/lint"
)

var update = flag.Bool("update", false, "write what the archives and the reference want")

// The archives hold documents, name.json or name.kind.json, and what is found in
// each of them. The head of an archive may say "Kind:" and "Own: yes".
func TestArchives(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { runArchive(t, name) })
	}
}

func runArchive(t *testing.T, name string) {
	t.Helper()
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, f := range archive.Files {
		want[f.Name] = string(f.Data)
	}
	head := string(archive.Comment)
	var files []txtar.File
	for _, f := range archive.Files {
		base, ok := strings.CutSuffix(f.Name, ".json")
		if !ok {
			continue
		}
		found, err := lint.Lint(strings.TrimSuffix(string(f.Data), "\n"), optionsOf(t, head, base))
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
			continue
		}
		got := print(found)
		if !*update {
			if diff := cmp.Diff(want[base+".want"], got); diff != "" {
				t.Errorf("%s: -want +got\n%s", f.Name, diff)
			}
		}
		files = append(files, f, txtar.File{Name: base + ".want", Data: []byte(got)})
	}
	if len(files) == 0 {
		t.Error("no documents")
	}
	if *update {
		archive.Files = files
		if err := os.WriteFile(name, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// headOf returns what a line of an archive's head says.
func headOf(head, name string) string {
	for line := range strings.Lines(head) {
		if rest, ok := strings.CutPrefix(line, name+": "); ok {
			return strings.TrimSpace(rest)
		}
	}
	return ""
}

func optionsOf(t *testing.T, head, base string) lint.Options {
	t.Helper()
	kind := headOf(head, "Kind")
	if _, own, ok := strings.Cut(base, "."); ok {
		kind = own
	}
	o := lint.Options{
		Own: headOf(head, "Own") == "yes", StrictSCP: headOf(head, "StrictSCP") == "yes", Account: headOf(head, "Account"),
		Services: strings.Fields(headOf(head, "Services")), Actions: strings.Fields(headOf(head, "Actions")), Keys: strings.Fields(headOf(head, "Keys")),
	}
	if kind != "" {
		var ok bool
		if o.Kind, ok = lint.ParseKind(kind); !ok {
			t.Fatalf("there is no kind %q", kind)
		}
	}
	return o
}

func print(found []lint.Finding) string {
	if len(found) == 0 {
		return "clean\n"
	}
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s %s: %s\n", f.Class, f.Code, f.Details)
		for _, at := range f.Locations {
			fmt.Fprintf(&b, "\t%s %s\n", printPath(at.Path), printSpan(at.Span))
		}
	}
	return b.String()
}

func printPath(path []lint.PathElement) string {
	var b strings.Builder
	for _, e := range path {
		switch e.Kind {
		case lint.PathValue:
			fmt.Fprintf(&b, "/%s", e.Name)
		case lint.PathIndex:
			fmt.Fprintf(&b, "/%d", e.Index)
		case lint.PathKey:
			fmt.Fprintf(&b, "/key(%s)", e.Name)
		case lint.PathSubstring:
			fmt.Fprintf(&b, "/part(%d,%d)", e.Start, e.Length)
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}

func printSpan(s lint.Span) string {
	return fmt.Sprintf("%d:%d-%d:%d (%d-%d)", s.Start.Line, s.Start.Column, s.End.Line, s.End.Column, s.Start.Offset, s.End.Offset)
}
