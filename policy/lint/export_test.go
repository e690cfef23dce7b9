package lint

import "slices"

// EscalationActions returns the actions that the table of escalations names.
func EscalationActions() []string {
	var out []string
	for _, e := range escalations {
		for _, set := range e.any {
			out = append(out, set...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Broken returns the rules with one more, which panics.
func Broken() error {
	c := newChecker("{}", &node{kind: objectNode}, Options{})
	return c.run(rule{"broken", func(*checker) { panic("on purpose") }})
}
