package layout

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
)

// The budgets, in lines. Generated files are free.
const (
	fileBudget    = 600
	testBudget    = 900
	packageBudget = 5000 // without tests
)

// roomy packages have as many lines as their nouns need.
var roomy = []string{"internal/service/iam"}

// generated is the line that says that nobody edits a file.
var generated = regexp.MustCompile(`(?m)^// Code generated .* DO NOT EDIT\.$`)

// A Size is how many lines a file or a package has.
type Size struct {
	Name  string
	Lines int
}

// Sizes are the hand-written files and the packages, the largest first.
type Sizes struct{ Files, Tests, Packages []Size }

// Measure counts the lines of the root module's hand-written Go files.
func Measure(root fs.FS) (Sizes, error) {
	var s Sizes
	packages := map[string]int{}
	err := walk(root, func(file string, src []byte) error {
		if generated.Match(src) {
			return nil
		}
		lines := bytes.Count(src, []byte("\n"))
		if strings.HasSuffix(file, "_test.go") {
			s.Tests = append(s.Tests, Size{file, lines})
			return nil
		}
		s.Files = append(s.Files, Size{file, lines})
		packages[path.Dir(file)] += lines
		return nil
	})
	for name, lines := range maps.All(packages) {
		s.Packages = append(s.Packages, Size{name, lines})
	}
	for _, sizes := range [][]Size{s.Files, s.Tests, s.Packages} {
		slices.SortFunc(sizes, func(a, b Size) int {
			if a.Lines != b.Lines {
				return b.Lines - a.Lines
			}
			return strings.Compare(a.Name, b.Name)
		})
	}
	return s, err
}

// Over returns, in order, what is above its budget.
func (s Sizes) Over() []string {
	var over []string
	for _, budget := range []struct {
		what  string
		sizes []Size
		lines int
	}{{"file", s.Files, fileBudget}, {"test", s.Tests, testBudget}, {"package", s.Packages, packageBudget}} {
		for _, size := range budget.sizes {
			if size.Lines > budget.lines && !slices.Contains(roomy, size.Name) {
				over = append(over, fmt.Sprintf("%s has %d lines, and a %s has at most %d", size.Name, size.Lines, budget.what, budget.lines))
			}
		}
	}
	return over
}
