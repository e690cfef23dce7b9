package policy

import (
	"strings"

	"github.com/regent-iam/regent/arn"
)

// A quantifier says how an operator treats the values of a request (PL-74).
type quantifier uint8

const (
	single quantifier = iota
	forAll
	forAny
)

// An operation is what an operator compares, without its negation.
type operation uint8

const (
	stringEquals operation = iota
	stringEqualsIgnoreCase
	stringLike
	numericEquals
	numericLess
	numericLessEquals
	numericGreater
	numericGreaterEquals
	dateEquals
	dateLess
	dateLessEquals
	dateGreater
	dateGreaterEquals
	boolean
	binaryEquals
	ipAddress
	arnLike
	null
)

type operator struct {
	operation  operation
	negated    bool
	quantifier quantifier
	ifExists   bool
	exact      bool // spelled as AWS spells it, which saving asks for (PL-71)
}

type namedOperation struct {
	name      string
	operation operation
	negated   bool
}

// operations are all operators that exist, by name.
var operations = [...]namedOperation{
	{"StringEquals", stringEquals, false},
	{"StringNotEquals", stringEquals, true},
	{"StringEqualsIgnoreCase", stringEqualsIgnoreCase, false},
	{"StringNotEqualsIgnoreCase", stringEqualsIgnoreCase, true},
	{"StringLike", stringLike, false},
	{"StringNotLike", stringLike, true},
	{"NumericEquals", numericEquals, false},
	{"NumericNotEquals", numericEquals, true},
	{"NumericLessThan", numericLess, false},
	{"NumericLessThanEquals", numericLessEquals, false},
	{"NumericGreaterThan", numericGreater, false},
	{"NumericGreaterThanEquals", numericGreaterEquals, false},
	{"DateEquals", dateEquals, false},
	{"DateNotEquals", dateEquals, true},
	{"DateLessThan", dateLess, false},
	{"DateLessThanEquals", dateLessEquals, false},
	{"DateGreaterThan", dateGreater, false},
	{"DateGreaterThanEquals", dateGreaterEquals, false},
	{"Bool", boolean, false},
	{"BinaryEquals", binaryEquals, false},
	{"IpAddress", ipAddress, false},
	{"NotIpAddress", ipAddress, true},
	{"ArnEquals", arnLike, false},
	{"ArnLike", arnLike, false},
	{"ArnNotEquals", arnLike, true},
	{"ArnNotLike", arnLike, true},
	{"Null", null, false},
}

const (
	forAllPrefix   = "ForAllValues:"
	forAnyPrefix   = "ForAnyValue:"
	ifExistsSuffix = "IfExists"
)

// OperatorNames returns the names of all condition operators, without the
// qualifiers ForAllValues, ForAnyValue and IfExists.
func OperatorNames() []string {
	names := make([]string, len(operations))
	for i := range operations {
		names[i] = operations[i].name
	}
	return names
}

// parseOperator reads the name of an operator in any case. It is not ok when
// there is none of that name; Null takes no IfExists (PL-72).
func parseOperator(name string) (op operator, ok bool) {
	if !isASCII(name) { // another alphabet's letters never make one
		return operator{}, false
	}
	prefix, suffix := "", ""
	switch {
	case begins(name, forAllPrefix):
		op.quantifier, prefix = forAll, forAllPrefix
	case begins(name, forAnyPrefix):
		op.quantifier, prefix = forAny, forAnyPrefix
	}
	base := name[len(prefix):]
	if n := len(base) - len(ifExistsSuffix); n >= 0 && arn.EqualFold(base[n:], ifExistsSuffix) {
		op.ifExists, base, suffix = true, base[:n], ifExistsSuffix
	}
	for i := range operations {
		o := &operations[i]
		if !arn.EqualFold(o.name, base) {
			continue
		}
		if o.operation == null && (op.ifExists || op.quantifier != single) {
			return operator{}, false
		}
		op.operation, op.negated = o.operation, o.negated
		op.exact = base == o.name && strings.HasPrefix(name, prefix) && strings.HasSuffix(name, suffix)
		return op, true
	}
	return operator{}, false
}

// begins reports whether s begins with word, whatever its case.
func begins(s, word string) bool {
	return len(s) >= len(word) && arn.EqualFold(s[:len(word)], word)
}

func (o operation) numeric() bool { return o >= numericEquals && o <= numericGreaterEquals }

func (o operation) date() bool { return o >= dateEquals && o <= dateGreaterEquals }

// variables reports whether "${…}" in the operator's values are variables (PL-60, PL-61).
func (o operation) variables() bool {
	switch o {
	case stringEquals, stringEqualsIgnoreCase, stringLike, boolean, arnLike:
		return true
	default:
		return false
	}
}
