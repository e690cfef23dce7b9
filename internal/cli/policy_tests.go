package cli

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/regent-iam/regent/policy/cases"
)

func newPolicyTest(seams Seams) *cobra.Command {
	var junit string
	cmd := &cobra.Command{
		Use:   "test DIR",
		Short: "Run archives of requests and the decisions they must get",
		Long: `Run archives of requests and the decisions they must get.

Every archive (*.txtar) below DIR is run on the engine that the server decides
with. docs/cases.md documents the archives. The exit code is 1 when a decision
is not the one that its archive wants, an archive cannot be read, or there is
none.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usageError{errors.New("policy test takes the name of a directory")}
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return runPolicyTest(seams.Out, args[0], junit) },
	}
	cmd.Flags().StringVar(&junit, "junit", "", "also write the results to this file, in JUnit's form")
	return cmd
}

// A tested is one archive and those of its cases that failed.
type tested struct {
	*cases.Archive
	failures map[int]*cases.Failure // by the place of the case
}

func runPolicyTest(out io.Writer, dir, junit string) error {
	archives, err := cases.ReadDir(dir)
	if err != nil {
		return err
	}
	all := make([]tested, 0, len(archives))
	requests, failed := 0, 0
	for _, a := range archives {
		t := tested{a, map[int]*cases.Failure{}}
		for i := range a.Cases {
			if f := a.Cases[i].Check(); f != nil {
				t.failures[i] = f
			}
		}
		requests, failed = requests+len(a.Cases), failed+len(t.failures)
		all = append(all, t)
	}
	if err := printTested(out, all, requests, failed); err != nil {
		return err
	}
	if junit != "" {
		if err := writeJUnit(junit, all, requests, failed); err != nil {
			return err
		}
	}
	if failed > 0 {
		return fmt.Errorf("policy test: %d of %s failed", failed, plural(requests, "request"))
	}
	return nil
}

func printTested(out io.Writer, all []tested, requests, failed int) error {
	var b strings.Builder
	for _, t := range all {
		if len(t.failures) == 0 {
			fmt.Fprintf(&b, "ok    %s  %s\n", printable(t.Name), plural(len(t.Cases), "request"))
			continue
		}
		fmt.Fprintf(&b, "FAIL  %s  %d of %s\n", printable(t.Name), len(t.failures), plural(len(t.Cases), "request"))
		for i := range t.Cases {
			if f := t.failures[i]; f != nil {
				for line := range strings.Lines(f.String()) {
					fmt.Fprintf(&b, "  %s\n", printable(strings.TrimSuffix(line, "\n")))
				}
			}
		}
	}
	summary := "none failed"
	if failed > 0 {
		summary = fmt.Sprintf("%d failed", failed)
	}
	fmt.Fprintf(&b, "%s, %s, %s\n", plural(len(all), "archive"), plural(requests, "request"), summary)
	_, err := io.WriteString(out, b.String())
	return err
}

// What JUnit's form is made of, as far as continuous integration reads it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		File    string        `xml:"file,attr"`
		Line    int           `xml:"line,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

func writeJUnit(name string, all []tested, requests, failed int) error {
	report := junitSuites{Name: "regent policy test", Tests: requests, Failures: failed}
	for _, t := range all {
		suite := junitSuite{Name: filepath.ToSlash(t.Name), Tests: len(t.Cases), Failures: len(t.failures)}
		for i := range t.Cases {
			c := &t.Cases[i]
			result := junitCase{
				Name: fmt.Sprintf("line %d: %s", c.Line, c), Class: strings.TrimSuffix(suite.Name, ".txtar"), File: suite.Name, Line: c.Line,
			}
			if f := t.failures[i]; f != nil {
				result.Failure = &junitFailure{Message: fmt.Sprintf("want %s, got %s by %s", c.Want, f.Got.Outcome, cases.LayerName(f.Got.Layer)), Text: f.String()}
			}
			suite.Cases = append(suite.Cases, result)
		}
		report.Suites = append(report.Suites, suite)
	}
	text, err := xml.MarshalIndent(report, "", "  ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return os.WriteFile(name, append([]byte(xml.Header), append(text, '\n')...), 0o644) //nolint:gosec // a report is for others to read
}
