// Command write writes docs/coverage.md. It runs at the top of the repository,
// by make coverage.
package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/regent-iam/regent/internal/coverage"
	"github.com/regent-iam/regent/internal/server"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "coverage:", err)
		os.Exit(1)
	}
}

func run() error {
	report, err := coverage.Collect(os.DirFS("."), server.OperationNames())
	if err != nil {
		return err
	}
	if len(report.Problems) > 0 {
		return errors.New(strings.Join(report.Problems, "\n"))
	}
	return os.WriteFile("docs/coverage.md", []byte(report.Markdown()), 0o644)
}
