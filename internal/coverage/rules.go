package coverage

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

var (
	rulesComment = regexp.MustCompile(`^\s*(?://|\*)\s*Rules: (.*)$`)
	rulesHead    = regexp.MustCompile(`^Rules: (.*)$`)
	ruleID       = regexp.MustCompile(`^[A-Z][A-Z0-9]-[0-9]+[a-z]?$`)
)

// namedRules returns the rules that tests name, each with the first place that
// does, and the lines that name rules in a way that nobody would find.
func namedRules(root fs.FS) (named map[string]string, problems []string, err error) {
	named = map[string]string{}
	err = walk(root, func(file string) error {
		where, test := placeOf(file)
		if where == nil {
			return nil
		}
		text, err := fs.ReadFile(root, file)
		if err != nil {
			return err
		}
		for _, line := range rulesLines(string(text), where) {
			if !test {
				problems = append(problems, fmt.Sprintf("%s: a line of rules that is not in a test: %s", file, line))
				continue
			}
			ids := strings.Fields(line)
			if len(ids) == 0 {
				problems = append(problems, file+": a line of rules that names none")
			}
			for _, id := range ids {
				if !ruleID.MatchString(id) {
					problems = append(problems, fmt.Sprintf("%s: %q is no rule's id", file, id))
				} else if named[id] == "" {
					named[id] = file
				}
			}
		}
		return nil
	})
	return named, problems, err
}

// placeOf returns how a line of rules looks in the file, nil when it can have
// none, and reports whether the file is a test.
func placeOf(file string) (line *regexp.Regexp, test bool) {
	base := path.Base(file)
	switch path.Ext(file) {
	case ".go":
		// A suite that others run, such as kvtest, is a test too.
		return rulesComment, strings.HasSuffix(file, "_test.go") || strings.HasSuffix(path.Dir(file), "test")
	case ".ts", ".tsx":
		return rulesComment, strings.Contains(base, ".test.") || strings.Contains(base, ".spec.") || strings.HasPrefix(file, "e2e/")
	case ".txtar":
		return rulesHead, true
	}
	return nil, false
}

// rulesLines returns what stands behind "Rules:" in the lines of text that match.
func rulesLines(text string, line *regexp.Regexp) []string {
	var found []string
	for row := range strings.Lines(text) {
		if line == rulesHead && strings.HasPrefix(row, "-- ") {
			break // the head ends where the first file begins
		}
		if m := line.FindStringSubmatch(strings.TrimRight(row, "\r\n")); m != nil {
			found = append(found, m[1])
		}
	}
	return found
}

// walk calls fn for every file that somebody wrote, in order.
func walk(root fs.FS, fn func(file string) error) error {
	return fs.WalkDir(root, ".", func(file string, d fs.DirEntry, err error) error {
		switch name := d.Name(); {
		case err != nil:
			return err
		case !d.IsDir():
			return fn(file)
		case file != "." && (name == "node_modules" || name == "bin" || name == "dist" || name == "regent-data" || name[0] == '.'):
			return fs.SkipDir
		}
		return nil
	})
}
