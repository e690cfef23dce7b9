package policy

import (
	"strings"

	"github.com/regent-iam/regent/arn"
)

// ContextKeys returns the condition keys and variables that d uses, as written
// where they stand first, each once whatever its case (IA-74).
func ContextKeys(d *Document) []string {
	var keys []string
	seen := map[string]bool{}
	add := func(key string) {
		if folded := arn.Fold(key); key != "" && !seen[folded] {
			seen[folded] = true
			keys = append(keys, key)
		}
	}
	variables := func(text string) {
		if !d.Variables() || !strings.Contains(text, "${") {
			return
		}
		_, found := readTokens(text, false)
		for i := range found {
			add(found[i].name)
		}
	}
	for i := range d.Statements {
		s := &d.Statements[i]
		for _, r := range s.Resources {
			if segments, n := arn.Split(r.Text); n == arn.Segments {
				variables(segments[5])
			}
		}
		for _, c := range s.Conditions {
			add(c.Key)
			if op, ok := parseOperator(c.Operator); ok && op.operation.variables() {
				for _, value := range c.Values {
					variables(value.Text)
				}
			}
		}
	}
	return keys
}
