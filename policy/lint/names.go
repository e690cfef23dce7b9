package lint

import (
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy/internal/wildcard"
)

// A pattern is a wildcard pattern.
type pattern = wildcard.Pattern

// templateOf reads an ARN of the catalog, where "${X}", "<x>" and the name
// tag-key stand for any text.
func templateOf(text string) pattern {
	for {
		from, to := strings.IndexByte(text, '<'), strings.IndexByte(text, '>')
		if from < 0 || to < from {
			break
		}
		text = text[:from] + "*" + text[to+1:]
	}
	return wildcard.Of(text, true)
}

// actionPattern reads an action, which is compared without case.
func actionPattern(text string) pattern { return wildcard.Of(arn.Fold(text), false) }

// distance returns how many characters have to be put in, left out or replaced
// to make b of a; more than limit when it is more.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := before
			if a[i] != b[j] {
				cost = 1 + min(before, row[j], row[j+1])
			}
			before, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}

// closest returns the name that is nearest to name, when it is near: at most two
// characters differ. Among equals the first in order wins.
func closest(name string, among func(yield func(string) bool)) (string, bool) {
	const near = 2
	best, found := near+1, ""
	folded := arn.Fold(name)
	for candidate := range among {
		if d := distance(folded, arn.Fold(candidate), near); d < best {
			best, found = d, candidate
		}
	}
	return found, best <= near
}
