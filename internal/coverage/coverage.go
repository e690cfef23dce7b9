// Package coverage says what of AWS's operations and of Regent's rules is done
// and what is missing, from the code alone: docs/coverage.md is its report.
//
// An operation is done when a service registers it with dispatch, or when the
// object gateway serves it. A rule is done when a test names it, in full, behind
// the word "Rules:": in a comment of a Go or TypeScript test that is nothing
// else, or on a line in the head of a txtar archive.
package coverage

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Where the lists stand: what there is to do.
const (
	operationsFile = "docs/operations.tsv"
	rulesFile      = "docs/rules.tsv"
)

// A Row is a line of the report: an API model or a family of rules.
type Row struct {
	What    string
	Done    int
	Total   int
	Missing []string // in the order of the lists
}

// A Report says what is done. Problems are what makes it untrue: a rule or an
// operation that does not exist.
type Report struct {
	Operations []Row
	Rules      []Row
	Problems   []string
}

// Collect reads the lists, the code and the tests under root, which is the top
// of the repository. registered holds the names of the operations that services
// put on the road, by service: server.OperationNames.
func Collect(root fs.FS, registered map[string][]string) (Report, error) {
	operations, err := list(root, operationsFile, 2)
	if err != nil {
		return Report{}, err
	}
	rules, err := list(root, rulesFile, 3)
	if err != nil {
		return Report{}, err
	}
	served, err := servedOperations(root, registered)
	if err != nil {
		return Report{}, err
	}
	named, problems, err := namedRules(root)
	if err != nil {
		return Report{}, err
	}

	report := Report{Problems: problems}
	known := map[string]bool{}
	for _, line := range operations {
		model, operation := line[0], line[1]
		key := packageOf(model) + "." + operation
		known[key] = true
		report.Operations = count(report.Operations, model, operation, served[key] != "")
	}
	for key, where := range served {
		if !known[key] {
			report.Problems = append(report.Problems, fmt.Sprintf("%s: no API model has the operation %s", where, key))
		}
	}
	known = map[string]bool{}
	for _, line := range rules {
		id := line[0]
		known[id] = true
		family, _, _ := strings.Cut(id, "-")
		report.Rules = count(report.Rules, family, id, named[id] != "")
	}
	for id, where := range named {
		if !known[id] {
			report.Problems = append(report.Problems, fmt.Sprintf("%s: there is no rule %s in %s", where, id, rulesFile))
		}
	}
	slices.Sort(report.Problems)
	return report, nil
}

// count adds one thing to the row of what, which is the last one or new.
func count(rows []Row, what, thing string, done bool) []Row {
	i := slices.IndexFunc(rows, func(r Row) bool { return r.What == what })
	if i < 0 {
		i = len(rows)
		rows = append(rows, Row{What: what})
	}
	rows[i].Total++
	if done {
		rows[i].Done++
	} else {
		rows[i].Missing = append(rows[i].Missing, thing)
	}
	return rows
}

// packageOf returns the name that a model's package has.
func packageOf(model string) string { return strings.ReplaceAll(model, "-", "") }

// list returns the cells of a file of tab-separated lines. Lines that begin with
// # are comments.
func list(root fs.FS, name string, cells int) ([][]string, error) {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	var lines [][]string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		row := strings.Split(line, "\t")
		if len(row) != cells {
			return nil, fmt.Errorf("%s: %q has not %d cells", name, line, cells)
		}
		lines = append(lines, row)
	}
	if len(lines) == 0 {
		return nil, errors.New(name + " is empty")
	}
	return lines, nil
}

// Markdown returns the report as docs/coverage.md has it.
func (r Report) Markdown() string {
	var b strings.Builder
	b.WriteString("| what | done | total |\n|---|--:|--:|\n")
	rows := slices.Concat(r.Operations, r.Rules)
	for _, row := range rows {
		fmt.Fprintf(&b, "| `%s` | %d | %d |\n", row.What, row.Done, row.Total)
	}
	b.WriteString("\nMade by `make coverage` from the code and its tests; a test fails when it is stale. A service's operation is done when it is\n" +
		"registered on the road, an object's when the gateway serves it; a rule (`docs/rules.tsv`) when a test names it.\n\n## Missing\n")
	for _, row := range rows {
		if len(row.Missing) > 0 {
			fmt.Fprintf(&b, "\n**`%s`**: %s\n", row.What, strings.Join(row.Missing, " "))
		}
	}
	return b.String()
}
