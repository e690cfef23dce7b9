package iam_test

import (
	"strings"
	"testing"

	"github.com/regent-iam/regent/catalog"
)

// Every operation asks the same of an account that has none of the things that
// it is about: for its own action, on ARNs of the resource types that it takes.
// Who may not do it is told so, whether the things are there or not.
//
// Rules: IA-78
func TestNeedsOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	empty, full := emptyNeedsWorld(t), newNeedsWorld(t)
	for line := range strings.Lines(strings.TrimSpace(inputs)) {
		operation, parameters := empty.call(strings.TrimSpace(line))
		if !empty.served[operation] {
			continue
		}
		caller := "root"
		if callers[operation] != "" {
			caller = "stranger"
		}
		needs, answer := empty.As(caller).Needs("iam", operation, parameters...)
		if len(needs) == 0 {
			t.Errorf("%s asks for nothing: %s", operation, answer.Body)
			continue
		}
		c := &needsCheck{T: t, w: empty, operation: operation, parameters: parameters, needs: needs}
		c.names()
		_, there := full.call(strings.TrimSpace(line))
		for world, a := range map[string]string{
			"with the thing":    full.As("stranger").Call("iam", operation, there...).Code,
			"without the thing": empty.As("stranger").Call("iam", operation, parameters...).Code,
		} {
			if a != "AccessDenied" {
				t.Errorf("%s: a stranger in an account %s is told %q", operation, world, a)
			}
		}
	}
}

// names checks the actions and the resources of a call's needs.
func (c *needsCheck) names() {
	c.Helper()
	own := "iam:" + c.operation
	if action, ok := withoutAction[c.operation]; ok {
		own = action
	}
	if c.needs[0].Action != own {
		c.Errorf("%s asks for %s", c.operation, c.needs[0].Action)
	}
	matched := map[string]bool{}
	for i := range c.needs {
		n := &c.needs[i]
		service, action, ok := catalog.LookupAction(n.Action)
		if !ok {
			continue // the other test finds it
		}
		if kind := c.resource(service, action, n); kind != nil && n.Action == own {
			matched[kind.Name] = true
		}
	}
	c.required(matched)
}
