package policy

import (
	"strings"

	"github.com/regent-iam/regent/arn"
)

// A resourcePattern is one entry of Resource or NotResource.
type resourcePattern struct {
	pattern arn.Pattern
	name    *namePattern // of the sixth segment, where it has variables
}

// A namePattern is a sixth segment with variables.
type namePattern struct {
	glob      arn.Glob
	variables []variable
}

// compileResource compiles an entry for the kind of document it stands in.
// Variables count in the sixth segment only; elsewhere their text is what it is
// and matches no ARN (PL-60).
func compileResource(raw string, kind Kind, variables bool) resourcePattern {
	if variables && strings.Contains(raw, "${") {
		segments, n := arn.Split(raw)
		if name := segments[5]; n == arn.Segments && strings.Contains(name, "${") {
			tokens, vars := readTokens(name, true)
			head := strings.TrimSuffix(raw, name)
			return resourcePattern{
				pattern: arn.CompileFull(head + "*"),
				name:    &namePattern{glob: arn.CompileGlob(tokens), variables: vars},
			}
		}
	}
	if padded(raw, kind) {
		return resourcePattern{pattern: arn.Compile(raw)}
	}
	return resourcePattern{pattern: arn.CompileFull(raw)}
}

// padded reports whether the missing segments of a short pattern are "*" (PL-51).
func padded(raw string, kind Kind) bool {
	switch kind {
	case Identity, Boundary, Session:
		return true
	case Trust, Resource, Bucket:
		return strings.Contains(raw, "*")
	case SCP:
		return strings.HasSuffix(raw, "*")
	default:
		return false
	}
}

func (p *resourcePattern) match(e *evaluation) bool {
	if e.request.Wildcard {
		return p.pattern.MatchAll()
	}
	if !p.pattern.Match(e.request.Resource) {
		return false
	}
	if p.name == nil {
		return true
	}
	var room [stackSlots]string
	slots, ok := resolve(room[:0], p.name.variables, e.request.Context)
	return ok && p.name.glob.MatchSlots(lastSegment(e.request.Resource), slots)
}

// lastSegment returns what stands after the fifth colon.
func lastSegment(s string) string {
	colons := 0
	for i := range len(s) {
		if s[i] != ':' {
			continue
		}
		if colons++; colons == arn.Segments-1 {
			return s[i+1:]
		}
	}
	return ""
}
