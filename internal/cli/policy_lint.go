package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/regent-iam/regent/policy/lint"
)

// A linted is one file with what was found in it.
type linted struct {
	name     string
	text     string
	findings []lint.Finding
}

// lintFlags are what policy lint was asked for.
type lintFlags struct {
	format, kind, account string
	known                 []string
	awsOnly, strictSCP    bool
}

func newPolicyLint(seams Seams) *cobra.Command {
	var flags lintFlags
	cmd := &cobra.Command{
		Use:   "lint FILE…",
		Short: "Say what is wrong, unsafe or needless in policy documents",
		Long: `Say what is wrong, unsafe or needless in policy documents.

The findings are those of AWS's ValidatePolicy, and Regent's own, the codes of
which begin with LX-. The exit code is 1 when a document has an error. The name -
stands for standard input.`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usageError{errors.New("policy lint takes the names of files")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPolicyLint(seams.Out, cmd.InOrStdin(), flags, args)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.format, "format", "text", "how to print the findings: text, json or sarif")
	f.StringVar(&flags.kind, "type", "", "what the documents are for, instead of a guess: "+strings.Join(lint.Kinds(), ", "))
	f.StringVar(&flags.account, "account", "", "the account that the documents are for")
	f.StringSliceVar(&flags.known, "known", nil, "a service, action or condition key that Regent does not know, and that exists")
	f.BoolVar(&flags.awsOnly, "aws-only", false, "leave Regent's own findings out")
	f.BoolVar(&flags.strictSCP, "strict-scp", false, "report wildcards inside an SCP's actions, which AWS did not allow until September 2025")
	return cmd
}

func runPolicyLint(out io.Writer, in io.Reader, flags lintFlags, names []string) error {
	printers := map[string]func(io.Writer, []linted) error{"text": printLintText, "json": printLintJSON, "sarif": printLintSARIF}
	printAll, ok := printers[flags.format]
	if !ok {
		return usageError{fmt.Errorf("there is no format %q", flags.format)}
	}
	o, err := flags.options()
	if err != nil {
		return err
	}
	all := make([]linted, 0, len(names))
	failed := 0
	for _, name := range names {
		l, err := lintFile(name, in, o, flags.kind == "")
		if err != nil {
			return err
		}
		failed += count(l.findings, lint.Error)
		all = append(all, l)
	}
	if err := printAll(out, all); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("policy lint: %s", plural(failed, "error"))
	}
	return nil
}

func (f lintFlags) options() (lint.Options, error) {
	o := lint.Options{Own: !f.awsOnly, StrictSCP: f.strictSCP, Account: f.account}
	for _, name := range f.known {
		if strings.Contains(name, ":") {
			o.Actions, o.Keys = append(o.Actions, name), append(o.Keys, name)
		} else {
			o.Services = append(o.Services, name)
		}
	}
	if f.kind == "" {
		return o, nil
	}
	kind, ok := lint.ParseKind(f.kind)
	if !ok {
		return o, usageError{fmt.Errorf("there is no type of policy %q", f.kind)}
	}
	o.Kind = kind
	return o, nil
}

// maxPolicyFile is more than any policy may have.
const maxPolicyFile = 1 << 20

func lintFile(name string, in io.Reader, o lint.Options, guess bool) (linted, error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return linted{}, err
		}
		defer func() { _ = file.Close() }() // it was only read
		in = file
	}
	text, err := io.ReadAll(io.LimitReader(in, maxPolicyFile+1))
	if err != nil {
		return linted{}, err
	}
	if len(text) > maxPolicyFile {
		return linted{}, fmt.Errorf("%s is too long to be a policy", name)
	}
	l := linted{name: name, text: string(text)}
	if guess {
		o.Kind = lint.Guess(l.text)
	}
	l.findings, err = lint.Lint(l.text, o)
	return l, err
}

func count(findings []lint.Finding, class lint.Class) int {
	n := 0
	for _, f := range findings {
		if f.Class == class {
			n++
		}
	}
	return n
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// printable puts U+FFFD in the place of what a terminal would act upon.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

func printLintText(out io.Writer, all []linted) error {
	var b strings.Builder
	total := map[lint.Class]int{}
	for _, l := range all {
		lines := strings.Split(l.text, "\n")
		for _, f := range l.findings {
			total[f.Class]++
			at := f.Locations[0].Span.Start
			fmt.Fprintf(&b, "%s:%d:%d: %s %s: %s\n", printable(l.name), at.Line, at.Column+1, f.Class, f.Code, printable(f.Details))
			for _, location := range f.Locations {
				excerpt(&b, lines, location.Span)
			}
		}
	}
	var parts []string
	for _, class := range []lint.Class{lint.Error, lint.SecurityWarning, lint.Warning, lint.Suggestion, lint.Info} {
		if n := total[class]; n > 0 {
			parts = append(parts, plural(n, classNouns[class]))
		}
	}
	fmt.Fprintf(&b, "%s: %s\n", plural(len(all), "document"), cmp.Or(strings.Join(parts, ", "), "nothing to say"))
	_, err := io.WriteString(out, b.String())
	return err
}

var classNouns = map[lint.Class]string{
	lint.Error: "error", lint.SecurityWarning: "security warning", lint.Warning: "warning", lint.Suggestion: "suggestion", lint.Info: "note",
}

// Widths of an excerpt: of the whole, and of what stands before the place in it.
const (
	excerptWidth  = 100
	excerptBefore = 30
)

// excerpt writes the line in which a span begins, with a mark under the span. Of
// a long line only the part around it is shown.
func excerpt(b *strings.Builder, lines []string, at lint.Span) {
	line := []rune(strings.TrimSuffix(lines[at.Start.Line-1], "\r"))
	from, to := at.Start.Column, at.End.Column
	if at.End.Line > at.Start.Line {
		to = len(line)
	}
	to = max(min(to, len(line)), from+1)
	start := 0
	if len(line) > excerptWidth {
		start = max(0, from-excerptBefore)
	}
	end := min(len(line), start+excerptWidth)
	number := fmt.Sprintf("%5d | ", at.Start.Line)
	dots := ""
	if start > 0 {
		dots = "…"
	}
	fmt.Fprintf(b, "%s%s%s\n", number, dots, printable(string(line[start:end])))
	mark := strings.Repeat(" ", len(number)-2) + "| " + strings.Repeat(" ", len([]rune(dots))+from-start)
	fmt.Fprintf(b, "%s%s\n", mark, strings.Repeat("^", max(1, min(to, max(end, from+1))-from)))
}

// jsonFinding is a finding as ValidatePolicy has it.
type jsonFinding struct {
	FindingDetails string         `json:"findingDetails"`
	FindingType    lint.Class     `json:"findingType"`
	IssueCode      string         `json:"issueCode"`
	LearnMoreLink  string         `json:"learnMoreLink,omitempty"`
	Locations      []jsonLocation `json:"locations"`
}

type jsonLocation struct {
	Path []map[string]any `json:"path"`
	Span struct {
		Start jsonPosition `json:"start"`
		End   jsonPosition `json:"end"`
	} `json:"span"`
}

type jsonPosition struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Offset int `json:"offset"`
}

func printLintJSON(out io.Writer, all []linted) error {
	type file struct {
		File     string        `json:"file"`
		Findings []jsonFinding `json:"findings"`
	}
	files := []file{}
	for _, l := range all {
		f := file{File: l.name, Findings: []jsonFinding{}}
		for _, x := range l.findings {
			f.Findings = append(f.Findings, jsonOf(x))
		}
		files = append(files, f)
	}
	return printIndented(out, files)
}

func printIndented(out io.Writer, v any) error {
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func jsonOf(f lint.Finding) jsonFinding {
	out := jsonFinding{FindingDetails: f.Details, FindingType: f.Class, IssueCode: f.Code, LearnMoreLink: f.LearnMore()}
	for _, at := range f.Locations {
		location := jsonLocation{Path: []map[string]any{}}
		for _, e := range at.Path {
			location.Path = append(location.Path, jsonStep(e))
		}
		location.Span.Start, location.Span.End = jsonPosition(at.Span.Start), jsonPosition(at.Span.End)
		out.Locations = append(out.Locations, location)
	}
	return out
}

func jsonStep(e lint.PathElement) map[string]any {
	switch e.Kind {
	case lint.PathIndex:
		return map[string]any{"index": e.Index}
	case lint.PathKey:
		return map[string]any{"key": e.Name}
	case lint.PathSubstring:
		return map[string]any{"substring": map[string]int{"start": e.Start, "length": e.Length}}
	default:
		return map[string]any{"value": e.Name}
	}
}

// printLintSARIF writes SARIF 2.1.0, which code hosts show beside a change.
func printLintSARIF(out io.Writer, all []linted) error {
	rules := []map[string]any{}
	results := []map[string]any{}
	var seen []string
	for _, l := range all {
		for _, f := range l.findings {
			if !slices.Contains(seen, f.Code) {
				seen = append(seen, f.Code)
				rules = append(rules, sarifRule(f))
			}
			results = append(results, map[string]any{
				"ruleId": f.Code, "ruleIndex": slices.Index(seen, f.Code), "level": sarifLevel(f.Class),
				"message": map[string]string{"text": f.Details}, "locations": sarifLocations(l.name, f.Locations),
			})
		}
	}
	return printIndented(out, map[string]any{
		"$schema": "https://json.schemastore.org/sarif-2.1.0.json",
		"version": "2.1.0",
		"runs": []map[string]any{{
			"tool":       map[string]any{"driver": map[string]any{"name": "regent policy lint", "version": version(), "rules": rules}},
			"columnKind": "unicodeCodePoints",
			"results":    results,
		}},
	})
}

func sarifRule(f lint.Finding) map[string]any {
	rule := map[string]any{"id": f.Code, "properties": map[string]any{"type": f.Class}}
	if link := f.LearnMore(); link != "" {
		rule["helpUri"] = link
	}
	return rule
}

func sarifLevel(c lint.Class) string {
	switch c {
	case lint.Error:
		return "error"
	case lint.SecurityWarning, lint.Warning:
		return "warning"
	default:
		return "note"
	}
}

func sarifLocations(name string, at []lint.Location) []map[string]any {
	out := []map[string]any{}
	for _, l := range at {
		out = append(out, map[string]any{"physicalLocation": map[string]any{
			"artifactLocation": map[string]string{"uri": (&url.URL{Path: filepath.ToSlash(name)}).String()},
			"region": map[string]int{
				"startLine": l.Span.Start.Line, "startColumn": l.Span.Start.Column + 1,
				"endLine": l.Span.End.Line, "endColumn": l.Span.End.Column + 1,
			},
		}})
	}
	return out
}
