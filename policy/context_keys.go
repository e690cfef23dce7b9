package policy

import (
	"strings"

	"github.com/regent-iam/regent/arn"
)

// ContextKeys returns the condition keys and variables that d uses, as written
// where they stand first, each once whatever its case (IA-74).
func ContextKeys(d *Document) []string {
	k := keySet{document: d, seen: map[string]bool{}}
	for i := range d.Statements {
		s := &d.Statements[i]
		for _, r := range s.Resources {
			if segments, n := arn.Split(r.Text); n == arn.Segments {
				k.addVariables(segments[5])
			}
		}
		for j := range s.Conditions {
			k.addCondition(&s.Conditions[j])
		}
	}
	return k.keys
}

type keySet struct {
	document *Document
	keys     []string
	seen     map[string]bool // folded
}

func (k *keySet) add(key string) {
	if folded := arn.Fold(key); key != "" && !k.seen[folded] {
		k.seen[folded] = true
		k.keys = append(k.keys, key)
	}
}

func (k *keySet) addCondition(c *Condition) {
	k.add(c.Key)
	if op, ok := parseOperator(c.Operator); ok && op.operation.variables() {
		for _, value := range c.Values {
			k.addVariables(value.Text)
		}
	}
}

func (k *keySet) addVariables(text string) {
	if !k.document.Variables() || !strings.Contains(text, "${") {
		return
	}
	_, found := readTokens(text, false)
	for i := range found {
		k.add(found[i].name)
	}
}
