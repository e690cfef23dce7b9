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

// Covers, Intersects and Matches work on patterns as they are written.
func Covers(p, q string) bool {
	left := maxSteps
	return patternOf(p, false).covers(patternOf(q, false), &left)
}

func Intersects(p, q string) bool { return intersects(patternOf(p, false), patternOf(q, false)) }

func Matches(p, text string) bool { return patternOf(p, false).matches(text) }

// Broken returns the rules with one more, which panics.
func Broken() error {
	c := newChecker("{}", &node{kind: objectNode}, Options{})
	return c.run(rule{"broken", func(*checker) { panic("on purpose") }})
}
