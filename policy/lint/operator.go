package lint

import (
	"strings"

	"github.com/regent-iam/regent/arn"
)

// A family groups operators that compare values of one kind.
type family uint8

const (
	noFamily family = iota // no such operator
	stringFamily
	arnFamily
	boolFamily
	dateFamily
	numericFamily
	addressFamily
	binaryFamily
	nullFamily
)

// A quantifier says how an operator tests several values.
type quantifier uint8

const (
	single quantifier = iota
	forAllValues
	forAnyValue
)

// An operator is a condition operator with what is written around it.
type operator struct {
	quantifier quantifier
	ifExists   bool
	family     family
	name       string // folded and bare: "stringlike"
	negated    bool
}

var operators = map[string]operator{
	"stringequals": {family: stringFamily}, "stringequalsignorecase": {family: stringFamily}, "stringlike": {family: stringFamily},
	"stringnotequals": {family: stringFamily, negated: true}, "stringnotequalsignorecase": {family: stringFamily, negated: true},
	"stringnotlike": {family: stringFamily, negated: true},
	"arnequals":     {family: arnFamily}, "arnlike": {family: arnFamily},
	"arnnotequals": {family: arnFamily, negated: true}, "arnnotlike": {family: arnFamily, negated: true},
	"bool":       {family: boolFamily},
	"dateequals": {family: dateFamily}, "datenotequals": {family: dateFamily, negated: true},
	"datelessthan": {family: dateFamily}, "datelessthanequals": {family: dateFamily},
	"dategreaterthan": {family: dateFamily}, "dategreaterthanequals": {family: dateFamily},
	"numericequals": {family: numericFamily}, "numericnotequals": {family: numericFamily, negated: true},
	"numericlessthan": {family: numericFamily}, "numericlessthanequals": {family: numericFamily},
	"numericgreaterthan": {family: numericFamily}, "numericgreaterthanequals": {family: numericFamily},
	"ipaddress": {family: addressFamily}, "notipaddress": {family: addressFamily, negated: true},
	"binaryequals": {family: binaryFamily},
	"null":         {family: nullFamily},
}

// parseOperator reads an operator. One that does not exist has no family.
func parseOperator(text string) operator {
	name := arn.Fold(text)
	var q quantifier
	if rest, ok := strings.CutPrefix(name, "forallvalues:"); ok {
		q, name = forAllValues, rest
	} else if rest, ok := strings.CutPrefix(name, "foranyvalue:"); ok {
		q, name = forAnyValue, rest
	}
	bare, ifExists := strings.CutSuffix(name, "ifexists")
	o := operators[bare]
	o.quantifier, o.ifExists, o.name = q, ifExists, bare
	return o
}

// isLike reports whether wildcards of the operator's values match.
func (o operator) isLike() bool {
	return o.family == arnFamily || o.name == "stringlike" || o.name == "stringnotlike"
}
