package policy

import (
	"encoding/base64"
	"net/netip"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy/internal/literal"
)

// A condition is one operator with one key, its values read beforehand. Only
// the slice that the operation uses is filled.
type condition struct {
	operator operator
	key      keyRef

	texts    []text
	numbers  []literal.Decimal
	instants []literal.Instant
	prefixes []netip.Prefix
	binaries [][]byte
	arns     []arnText
	wantNull [2]bool // Null is asked to be: false, true

	// unreadable says that a value of the document could not be read as what the
	// operator compares: a negated operator then never holds (PL-81 and the
	// table of operators).
	unreadable bool
}

func compileCondition(c *Condition, op operator, variables bool) condition {
	out := condition{operator: op, key: newKeyRef(c.Key)}
	for i := range c.Values {
		if !out.add(c.Values[i].Text, variables && op.operation.variables()) {
			out.unreadable = true
		}
	}
	return out
}

// add reads one value; it is not ok when the value is not what the operator compares.
func (c *condition) add(raw string, variables bool) bool {
	o := c.operator.operation
	switch {
	case o.numeric():
		n, ok := literal.ParseDecimal(raw)
		if ok {
			c.numbers = append(c.numbers, n)
		}
		return ok
	case o.date():
		t, ok := literal.ParseInstant(raw)
		if ok {
			c.instants = append(c.instants, t)
		}
		return ok
	case o == ipAddress:
		p, ok := parsePrefix(raw)
		if ok {
			c.prefixes = append(c.prefixes, p)
		}
		return ok
	case o == binaryEquals:
		b, err := base64.StdEncoding.DecodeString(raw)
		if err == nil {
			c.binaries = append(c.binaries, b)
		}
		return err == nil
	case o == arnLike:
		a, ok := newARNText(raw, variables)
		if ok {
			c.arns = append(c.arns, a)
		}
		return ok
	case o == null:
		want, ok := parseBool(raw)
		if ok {
			c.wantNull[btoi(want)] = true
		}
		return ok
	}
	c.texts = append(c.texts, newText(raw, o == stringLike, variables))
	return true
}

// holds reports whether the request meets c (PL-70 to PL-81b).
func (c *condition) holds(e *evaluation) bool {
	ctx := e.request.Context
	at := -1
	if ctx != nil {
		at = ctx.next(&c.key, 0)
	}
	if c.operator.operation == null {
		return c.wantNull[btoi(at < 0)]
	}
	if at < 0 {
		return c.absent()
	}
	for ; at >= 0; at = ctx.next(&c.key, at+1) {
		if c.entryHolds(&ctx.entries[at], ctx) {
			return true
		}
	}
	return false
}

// absent says what a missing key makes of c (PL-72, PL-74, PL-76).
func (c *condition) absent() bool {
	switch {
	case c.operator.ifExists, c.operator.quantifier == forAll:
		return true
	case c.operator.quantifier == forAny:
		return false
	}
	return c.operator.negated
}

func (c *condition) entryHolds(e *entry, ctx *Context) bool {
	switch c.operator.quantifier {
	case forAll:
		if !e.multi {
			return c.valueHolds(e.one[0], ctx)
		}
		for _, value := range e.many {
			if !c.valueHolds(value, ctx) {
				return false
			}
		}
		return true
	case forAny:
		if !e.multi {
			return c.valueHolds(e.one[0], ctx)
		}
		for _, value := range e.many {
			if c.valueHolds(value, ctx) {
				return true
			}
		}
		return false
	case single:
	}
	return !e.multi && c.valueHolds(e.one[0], ctx) // PL-73
}

// valueHolds compares one value of the request with all of the document's: any
// may match, or with a negated operator none.
func (c *condition) valueHolds(value string, ctx *Context) bool {
	matched, readable := c.matchAny(value, ctx)
	if !c.operator.negated {
		return matched
	}
	return !matched && readable && !c.unreadable
}

// matchAny reports whether a value of the document matches, and whether the
// request's value is of the kind that the operator compares.
func (c *condition) matchAny(value string, ctx *Context) (matched, readable bool) {
	switch o := c.operator.operation; {
	case o == stringEquals, o == stringLike:
		for i := range c.texts {
			if c.texts[i].match(value, ctx) {
				return true, true
			}
		}
		return false, true
	case o == stringEqualsIgnoreCase:
		for i := range c.texts {
			if c.texts[i].equalFold(value, ctx) {
				return true, true
			}
		}
		return false, true
	case o.numeric():
		return c.matchNumber(value)
	case o.date():
		return c.matchInstant(value)
	case o == boolean:
		return c.matchBool(value, ctx)
	case o == binaryEquals:
		return c.matchBinary(value)
	case o == ipAddress:
		return c.matchIP(value)
	case o == arnLike:
		return c.matchARN(value, ctx)
	}
	return false, false
}

func (c *condition) matchNumber(value string) (matched, readable bool) {
	n, ok := literal.ParseDecimal(value)
	if !ok {
		return false, false
	}
	for i := range c.numbers {
		if c.operator.operation.satisfied(n.Compare(c.numbers[i])) {
			return true, true
		}
	}
	return false, true
}

func (c *condition) matchInstant(value string) (matched, readable bool) {
	t, ok := literal.ParseInstant(value)
	if !ok {
		return false, false
	}
	for i := range c.instants {
		if c.operator.operation.satisfied(t.Compare(c.instants[i])) {
			return true, true
		}
	}
	return false, true
}

// satisfied reports whether an order of request's and document's value is the
// one that a numeric or date operator asks for.
func (o operation) satisfied(order int) bool {
	switch o {
	case numericEquals, dateEquals:
		return order == 0
	case numericLess, dateLess:
		return order < 0
	case numericLessEquals, dateLessEquals:
		return order <= 0
	case numericGreater, dateGreater:
		return order > 0
	case numericGreaterEquals, dateGreaterEquals:
		return order >= 0
	default:
		return false
	}
}

func (c *condition) matchBool(value string, ctx *Context) (matched, readable bool) {
	if _, ok := parseBool(value); !ok {
		return false, false
	}
	for i := range c.texts {
		if c.texts[i].equalFold(value, ctx) {
			return true, true
		}
	}
	return false, true
}

func parseBool(s string) (value, ok bool) {
	switch {
	case arn.EqualFold(s, "true"):
		return true, true
	case arn.EqualFold(s, "false"):
		return false, true
	}
	return false, false
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (c *condition) matchBinary(value string) (matched, readable bool) {
	var room [256]byte
	decoded, err := base64.StdEncoding.AppendDecode(room[:0], []byte(value))
	if err != nil {
		return false, false
	}
	for _, want := range c.binaries {
		if string(want) == string(decoded) {
			return true, true
		}
	}
	return false, true
}

// parsePrefix reads a block of addresses or one address. Bits beyond the prefix
// do not count.
func parsePrefix(s string) (netip.Prefix, bool) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		return p, err == nil
	}
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(a, a.BitLen()), true
}

func (c *condition) matchIP(value string) (matched, readable bool) {
	a, err := netip.ParseAddr(value)
	if err != nil || a.Zone() != "" {
		return false, false
	}
	for _, p := range c.prefixes {
		if p.Contains(a) {
			return true, true
		}
	}
	return false, true
}

func (c *condition) matchARN(value string, ctx *Context) (matched, readable bool) {
	segments, n := arn.Split(value)
	if n < arn.Segments || segments[0] != "arn" {
		return false, false
	}
	for i := range c.arns {
		if c.arns[i].match(value, &segments, ctx) {
			return true, true
		}
	}
	return false, true
}

// An arnText is a value of an Arn operator. Variables may stand in any segment
// here, and what they stand for never reaches into another one.
type arnText struct {
	pattern   arn.Pattern
	segments  [arn.Segments]arn.Glob // where there are variables
	variables []variable
}

func newARNText(raw string, variables bool) (arnText, bool) {
	if !variables || !strings.Contains(raw, "${") {
		segments, n := arn.Split(raw)
		if raw != "*" && (n < arn.Segments || segments[0] == "") {
			return arnText{}, false
		}
		return arnText{pattern: arn.CompileFull(raw)}, true // PL-80: a lone "*" is any ARN
	}
	tokens, vars := readTokens(raw, true)
	var parts [arn.Segments][]arn.Token
	at := 0
	for _, t := range tokens {
		for t.Kind == arn.Literal && at < arn.Segments-1 {
			before, after, found := strings.Cut(t.Text, ":")
			if !found {
				break
			}
			parts[at] = append(parts[at], arn.Token{Kind: arn.Literal, Text: before})
			t.Text = after
			at++
		}
		parts[at] = append(parts[at], t)
	}
	if at < arn.Segments-1 {
		return arnText{}, false
	}
	out := arnText{variables: vars}
	if vars == nil {
		out.variables = []variable{}
	}
	for i := range parts {
		out.segments[i] = arn.CompileGlob(parts[i])
	}
	return out, true
}

func (a *arnText) match(value string, segments *[arn.Segments]string, c *Context) bool {
	if a.variables == nil {
		return a.pattern.Match(value)
	}
	var room [stackSlots]string
	slots, ok := resolve(room[:0], a.variables, c)
	if !ok {
		return false
	}
	for i := range a.segments {
		if !a.segments[i].MatchSlots(segments[i], slots) {
			return false
		}
	}
	return true
}
