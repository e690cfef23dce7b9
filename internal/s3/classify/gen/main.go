// Command gen writes needs_gen.go, the tables of package classify, from
// operations.tsv and actions.tsv. It decides nothing: what it writes is a
// transcription, and what it does not understand is an error.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

// run is started by go generate in the directory of package classify.
func run() error {
	operations, err := os.ReadFile("operations.tsv")
	if err != nil {
		return err
	}
	actions, err := os.ReadFile("actions.tsv")
	if err != nil {
		return err
	}
	source, err := generate(string(operations), string(actions))
	if err != nil {
		return err
	}
	return os.WriteFile("needs_gen.go", source, 0o600)
}
