package main

import "testing"

// The cases decide something: all outcomes are frequent, and the engine takes
// every document.
func TestCasesReachEveryOutcome(t *testing.T) {
	const cases = 2000
	counts := map[string]int{}
	for number := range uint64(cases) {
		d, err := ours(generate(1, number))
		if err != nil {
			t.Fatalf("case %d: %v", number, err)
		}
		counts[d.Outcome.String()]++
	}
	for _, outcome := range []string{"allowed", "explicitDeny", "implicitDeny"} {
		if counts[outcome] < cases/10 {
			t.Errorf("%d of %d cases are %s", counts[outcome], cases, outcome)
		}
	}
}

// What shrinking tries are documents still, and it comes to an end with the
// least that decides as the whole did.
func TestShrinkingKeepsTheOutcome(t *testing.T) {
	for number := range uint64(300) {
		c := generate(2, number)
		want, err := ours(c)
		if err != nil {
			t.Fatal(err)
		}
		keep := func(c *Case) (bool, error) {
			d, err := ours(c)
			return d.Outcome == want.Outcome, err
		}
		small, err := shrink(c, keep)
		if err != nil {
			t.Fatalf("case %d: %v", number, err)
		}
		for smaller := range reductions(small) {
			if kept, err := keep(smaller); kept || err != nil {
				t.Fatalf("case %d is not the smallest: %v", number, err)
			}
		}
		if n := len(small.statements()); n > 3 {
			t.Errorf("case %d needs %d statements", number, n)
		}
	}
}

// Plain cases are without what the engines differ about.
func TestPlainCasesHaveNothingThatDiffers(t *testing.T) {
	removed := map[string]int{}
	for number := range uint64(5000) {
		c := generate(3, number)
		before := matching(c)
		plain(c)
		for _, name := range before {
			removed[name]++
		}
		if left := matching(c); len(left) > 0 {
			t.Fatalf("case %d still has %q", number, left)
		}
	}
	for _, k := range classes() {
		if removed[k.name] == 0 {
			t.Errorf("no case has %q", k.name)
		}
	}
}

// matching names the classes that c could be of, whichever way it was decided.
func matching(c *Case) []string {
	var out []string
	for _, k := range classes() {
		if k.match(c, "implicitDeny", "allowed") || k.match(c, "allowed", "implicitDeny") {
			out = append(out, k.name)
		}
	}
	return out
}
