// Command cmd writes the generated packages below internal/api.
package main

import (
	"fmt"
	"os"

	"github.com/regent-iam/regent/internal/apigen"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: apigen <internal/api>")
		os.Exit(2)
	}
	if err := apigen.Write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "apigen:", err)
		os.Exit(1)
	}
}
