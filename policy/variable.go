package policy

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/regent-iam/regent/arn"
)

// A variable is one "${key}" or "${key, 'default'}" of a document (PL-60, PL-63).
type variable struct {
	name       string // the key as written
	key        keyRef
	fallback   string
	hasDefault bool
	broken     bool // it has no key: it is never resolved
}

// value returns what stands for v in a request, not ok when nothing does. A
// multivalued key cannot be used (PL-62), nor one that is there in two
// spellings with two values; the default is for absent keys only.
func (v *variable) value(c *Context) (string, bool) {
	if v.broken {
		return "", false
	}
	at := -1
	if c != nil {
		at = c.next(&v.key, 0)
	}
	if at < 0 {
		return v.fallback, v.hasDefault
	}
	e := &c.entries[at]
	if e.multi {
		return "", false
	}
	for other := c.next(&v.key, at+1); other >= 0; other = c.next(&v.key, other+1) {
		if c.entries[other].multi || c.entries[other].one[0] != e.one[0] {
			return "", false
		}
	}
	return e.one[0], true
}

// readTokens reads text with wildcards, where wild says that "*" and "?" are
// such, and with variables. Slots of the tokens are indexes of variables.
// "${*}", "${?}" and "${$}" are the characters themselves (PL-64).
func readTokens(text string, wild bool) (tokens []arn.Token, variables []variable) {
	plain := func(s string) {
		switch {
		case s == "":
		case wild:
			tokens = append(tokens, arn.Tokens(s)...)
		default:
			tokens = append(tokens, arn.Token{Kind: arn.Literal, Text: s})
		}
	}
	for {
		start := strings.Index(text, "${")
		length := -1
		if start >= 0 {
			length = strings.IndexByte(text[start:], '}')
		}
		if length < 0 {
			plain(text)
			return tokens, variables
		}
		plain(text[:start])
		inner := text[start+2 : start+length]
		text = text[start+length+1:]
		if inner == "*" || inner == "?" || inner == "$" {
			tokens = append(tokens, arn.Token{Kind: arn.Literal, Text: inner})
			continue
		}
		tokens = append(tokens, arn.Token{Kind: arn.Slot, Slot: len(variables)})
		variables = append(variables, newVariable(inner))
	}
}

func newVariable(inner string) variable {
	name, fallback, hasDefault := strings.Cut(inner, ",")
	name = strings.TrimSpace(name)
	v := variable{name: name, key: newKeyRef(name), broken: name == ""}
	if !hasDefault {
		return v
	}
	fallback = strings.TrimSpace(fallback)
	if len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'' {
		v.broken = true // half a default is none that anyone meant
		return v
	}
	v.fallback, v.hasDefault = fallback[1:len(fallback)-1], true
	return v
}

// stackSlots is how many variables of one value are resolved without allocation.
const stackSlots = 8

// resolve appends the values of variables to slots; not ok when one has none.
func resolve(slots []string, variables []variable, c *Context) ([]string, bool) {
	slots = slices.Grow(slots, len(variables))
	for i := range variables {
		value, ok := variables[i].value(c)
		if !ok {
			return slots, false
		}
		slots = append(slots, value)
	}
	return slots, true
}

// A text is a compiled string of a document: a wildcard pattern or a literal,
// with variables or without.
type text struct {
	raw       string
	glob      arn.Glob
	tokens    []arn.Token // kept where there are variables
	variables []variable
}

func newText(raw string, wild, variables bool) text {
	t := text{raw: raw}
	switch {
	case variables && strings.Contains(raw, "${"):
		t.tokens, t.variables = readTokens(raw, wild)
		t.glob = arn.CompileGlob(t.tokens)
	case wild:
		t.glob = arn.NewGlob(raw)
	default:
		t.glob = arn.LiteralGlob(raw)
	}
	return t
}

// match reports whether s matches t, the variables having the values of c.
func (t *text) match(s string, c *Context) bool {
	if len(t.variables) == 0 {
		return t.glob.Match(s)
	}
	var room [stackSlots]string
	slots, ok := resolve(room[:0], t.variables, c)
	return ok && t.glob.MatchSlots(s, slots)
}

// equalFold compares s with t without case.
func (t *text) equalFold(s string, c *Context) bool {
	if len(t.variables) == 0 {
		literal, ok := t.glob.Exact()
		return ok && arn.EqualFold(literal, s)
	}
	rest, ascii := s, isASCII(s)
	for _, token := range t.tokens {
		part, ok := t.part(token, c)
		if !ok {
			return false
		}
		if !ascii || !isASCII(part) {
			whole, ok := t.joined(c) // may fold to another length
			return ok && arn.EqualFold(whole, s)
		}
		if len(rest) < len(part) || !arn.EqualFold(rest[:len(part)], part) {
			return false
		}
		rest = rest[len(part):]
	}
	return rest == ""
}

// part returns the text of a token that is no wildcard.
func (t *text) part(token arn.Token, c *Context) (string, bool) {
	if token.Kind == arn.Slot {
		return t.variables[token.Slot].value(c)
	}
	return token.Text, true
}

// joined puts the text together; not ok when a variable has no value.
func (t *text) joined(c *Context) (string, bool) {
	var b strings.Builder
	for _, token := range t.tokens {
		part, ok := t.part(token, c)
		if !ok {
			return "", false
		}
		b.WriteString(part)
	}
	return b.String(), true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
