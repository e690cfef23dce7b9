// Package layout holds the code to its plan: docs/layout.md says which package
// may import what, and the budgets say how large a file and a package may grow.
//
// It reads the Go files itself rather than through go list, so that go test sees
// which files an answer depends on and never caches a stale one.
package layout

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Module is the path of the root module.
const Module = "github.com/regent-iam/regent"

// A plan is what docs/layout.md says.
type plan struct {
	floors  map[string][]string // package → what it may import of ours
	planned map[string][]string // package that is to come → nothing
	homes   map[string][]string // third-party module → packages that may import it
	pure    map[string][]string // package → the standard packages that it may import
	never   map[string][]string // package pattern → what it never imports
}

// A pkg is what the plan needs to know of one package.
type pkg struct {
	documented bool
	imports    map[string]bool // of its Go files
	tests      map[string]bool // of its test files
}

// Check returns, in order, every way in which the Go packages under root differ
// from docs/layout.md. Modules nested in the root's are no part of it.
func Check(root fs.FS) ([]string, error) {
	doc, err := fs.ReadFile(root, "docs/layout.md")
	if err != nil {
		return nil, err
	}
	p := plan{
		floors:  table(string(doc), "package", 2),
		planned: table(string(doc), "package to come", 1),
		homes:   table(string(doc), "third-party module", 1),
		pure:    table(string(doc), "pure package", 1),
		never:   table(string(doc), "packages", 1),
	}
	if len(p.floors) == 0 || len(p.homes) == 0 || len(p.pure) == 0 || len(p.never) == 0 {
		return nil, fmt.Errorf("docs/layout.md: one of its tables is missing")
	}
	pkgs, err := packages(root)
	if err != nil {
		return nil, err
	}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(pkgs)) {
		wrong = append(wrong, p.check(name, pkgs[name])...)
	}
	for _, name := range slices.Sorted(maps.Keys(p.floors)) {
		if pkgs[name] == nil {
			wrong = append(wrong, fmt.Sprintf("docs/layout.md lists %s, which does not exist", name))
		}
	}
	return wrong, nil
}

// check returns how package name differs from the plan.
func (p plan) check(name string, of *pkg) []string {
	allowed, ok := p.floors[name]
	if !ok {
		if _, ok := p.planned[name]; ok {
			return []string{name + ": exists now; move its row of docs/layout.md to the table of packages"}
		}
		return []string{name + ": not in docs/layout.md; add a row that says what it is for"}
	}
	var wrong []string
	if !of.documented {
		wrong = append(wrong, name+": no package comment")
	}
	for _, imp := range slices.Sorted(maps.Keys(of.imports)) {
		wrong = append(wrong, p.checkImport(name, imp, allowed)...)
	}
	for _, imp := range slices.Sorted(maps.Keys(of.tests)) {
		if thirdParty(imp) && !strings.HasPrefix(imp, Module+"/") && !p.atHome(imp, name) && !p.atHome(imp, "tests") {
			wrong = append(wrong, fmt.Sprintf("the tests of %s may not import %s: docs/layout.md gives it no such home", name, imp))
		}
	}
	return wrong
}

// checkImport returns what is wrong with package name's importing imp.
func (p plan) checkImport(name, imp string, allowed []string) []string {
	var wrong []string
	sub, ours := strings.CutPrefix(imp, Module+"/")
	switch {
	case ours && !matches(allowed, sub):
		wrong = append(wrong, fmt.Sprintf("%s may not import %s", name, sub))
	case ours:
	case thirdParty(imp) && !p.atHome(imp, name):
		wrong = append(wrong, fmt.Sprintf("%s may not import %s: docs/layout.md gives it no such home", name, imp))
	case thirdParty(imp):
	case p.pure[name] != nil && !slices.Contains(p.pure[name], imp):
		wrong = append(wrong, fmt.Sprintf("%s is pure and may not import %s", name, imp))
	}
	for _, pattern := range slices.Sorted(maps.Keys(p.never)) {
		if matches([]string{pattern}, name) && matches(p.never[pattern], sub) && sub != name {
			wrong = append(wrong, fmt.Sprintf("%s may never import %s", name, imp))
		}
	}
	return wrong
}

// atHome reports whether the plan lets package name use the module of imp.
func (p plan) atHome(imp, name string) bool {
	for module, in := range p.homes {
		if (imp == module || strings.HasPrefix(imp, module+"/")) && matches(in, name) {
			return true
		}
	}
	return false
}

// thirdParty reports whether imp is of a module rather than of the standard
// library, whose packages have no dot in their first part.
func thirdParty(imp string) bool {
	first, _, _ := strings.Cut(imp, "/")
	return strings.Contains(first, ".")
}

// packages reads the imports of every Go file of the root module.
func packages(root fs.FS) (map[string]*pkg, error) {
	pkgs := map[string]*pkg{}
	err := walk(root, func(file string, src []byte) error {
		f, err := parser.ParseFile(token.NewFileSet(), file, src, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		p := pkgs[path.Dir(file)]
		if p == nil {
			p = &pkg{imports: map[string]bool{}, tests: map[string]bool{}}
			pkgs[path.Dir(file)] = p
		}
		test := strings.HasSuffix(file, "_test.go")
		p.documented = p.documented || f.Doc != nil && !test
		for _, imp := range f.Imports {
			name, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			if test {
				p.tests[name] = true
			} else {
				p.imports[name] = true
			}
		}
		return nil
	})
	return pkgs, err
}

// walk calls fn for every Go file of the root module, in order: nested modules,
// test data and hidden directories are left out.
func walk(root fs.FS, fn func(file string, src []byte) error) error {
	return fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if file == "." {
				return nil
			}
			_, err := fs.Stat(root, path.Join(file, "go.mod"))
			if err == nil || name == "testdata" || name == "node_modules" || name[0] == '.' || name[0] == '_' {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		src, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		return fn(file, src)
	})
}

// table returns the back-quoted words of column col, keyed by the first
// column, of the Markdown table whose first heading is head.
func table(doc, head string, col int) map[string][]string {
	rows, in := map[string][]string{}, false
	for line := range strings.Lines(doc) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		switch first := strings.TrimSpace(cells[0]); {
		case first == head && len(cells) > col:
			in = true
		case first == "" || len(cells) <= col:
			in = false
		case in && strings.HasPrefix(first, "`"):
			rows[strings.Trim(first, "`")] = strings.FieldsFunc(cells[col], func(r rune) bool { return r == '`' || r == ' ' })
		}
	}
	return rows
}

// matches reports whether name is one of patterns, where a pattern that ends
// in "..." stands for every name that begins with what comes before it.
func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		prefix, wild := strings.CutSuffix(p, "...")
		return p == name || wild && strings.HasPrefix(name, prefix)
	})
}
