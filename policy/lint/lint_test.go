package lint_test

import (
	"testing"

	"github.com/regent-iam/regent/policy/lint"
)

// Rules: LI-4
func TestLintSaysOneThingOfWhatIsNotJSON(t *testing.T) {
	found, err := lint.Lint("{", lint.Options{})
	if err != nil || len(found) != 1 || found[0].Code != "JSON_SYNTAX_ERROR" {
		t.Errorf("Lint = %v, %v; want JSON_SYNTAX_ERROR alone", found, err)
	}
}
