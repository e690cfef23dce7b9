package lint

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/policy/internal/wildcard"
)

// valueRules look at the values of conditions.
var valueRules = []rule{
	{"values", checkValues},
	{"lists of values", checkLists},
	{"wildcards", checkWildcards},
	{"identifying keys", checkIdentifyingKeys},
	{"names in values", checkNames},
}

// checkValues reports values that the operator cannot compare.
func checkValues(c *checker) {
	c.each(func(_ *statement, cond *condition) {
		operator := hole{"operator", cond.operator.key}
		for _, v := range cond.values {
			if hasVariable(v.text) {
				continue
			}
			at := c.at(v.node)
			switch cond.op.family {
			case boolFamily, nullFamily:
				if !oneOf(arn.Fold(v.text), "true", "false") {
					c.report("TYPE_MISMATCH_BOOLEAN", at, operator)
				}
			case numericFamily:
				if _, err := strconv.ParseFloat(v.text, 64); err != nil {
					c.report("TYPE_MISMATCH_NUMBER", at, operator)
				}
			case binaryFamily:
				if _, err := base64.StdEncoding.DecodeString(v.text); err != nil {
					c.report("TYPE_MISMATCH_STRING", at, operator)
				}
			case dateFamily:
				c.date(v)
			default:
			}
		}
	})
}

// goodDates are the forms of ISO 8601 that mean one instant to everybody.
var goodDates = []string{time.DateOnly, "2006-01-02T15:04Z07:00", time.RFC3339, "2006-01-02T15:04:05.999999999Z07:00"}

// looseDates are forms that are read, but as what depends on the reader.
var looseDates = []string{"2006", "2006-01", "2006-1-2", "2006/01/02", "20060102", "20060102T150405Z", "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04:05"}

func (c *checker) date(v value) {
	is := func(layout string) bool {
		_, err := time.Parse(layout, v.text)
		return err == nil
	}
	_, err := strconv.ParseFloat(v.text, 64)
	switch {
	case slices.ContainsFunc(goodDates, is):
	case err == nil || slices.ContainsFunc(looseDates, is):
		c.report("INVALID_DATE_VALUE", c.at(v.node), hole{"date", v.text})
	default:
		c.report("TYPE_MISMATCH_DATE", c.at(v.node))
	}
}

// checkLists reports lists of values that make no sense as a list.
func checkLists(c *checker) {
	c.each(func(_ *statement, cond *condition) {
		if len(cond.values) < 2 {
			return
		}
		at := c.at(cond.key.value)
		if slices.ContainsFunc(cond.values, func(v value) bool { return v.node.kind != cond.values[0].node.kind }) {
			c.report("INVALID_CONDITION_DATA_TYPE", at)
		}
		if cond.op.family == boolFamily {
			c.report("INVALID_CONDITION_MULTIPLE_BOOLEAN", at)
		}
		which := ""
		switch {
		case strings.HasPrefix(cond.op.name, "numericless"):
			which = "greatest"
		case strings.HasPrefix(cond.op.name, "numericgreater"):
			which = "least"
		}
		if which != "" {
			c.report("REDUNDANT_CONDITION_VALUE_NUM", at, hole{"operator", cond.operator.key},
				hole{"greatest/least", which}, hole{"key", cond.name})
		}
	})
}

// checkWildcards reports wildcards that are compared letter by letter.
func checkWildcards(c *checker) {
	c.each(func(_ *statement, cond *condition) {
		if cond.op.family != stringFamily || cond.op.isLike() {
			return
		}
		for _, v := range cond.values {
			if !withoutVariables(v.text).Literal() {
				c.report("WILDCARD_WITHOUT_LIKE_OPERATOR", c.at(v.node))
			}
		}
	})
}

// withoutVariables reads a text and leaves its variables out.
func withoutVariables(text string) pattern {
	for _, v := range slices.Backward(variablesOf(text)) {
		if !v.open {
			text = text[:v.start] + text[v.end:]
		}
	}
	return wildcard.Of(text, false)
}

// Keys that say who calls or what for, folded. A wildcard in one of the
// sensitive ones lets in whoever can choose a name.
var (
	sensitiveKeys = []string{
		"aws:principalaccount", "aws:principalorgid", "aws:resourceaccount", "aws:resourceorgid", "aws:sourceaccount",
		"aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:vpceaccount", "aws:vpceorgid",
	}
	identifyingKeys = []string{"aws:principalorgpaths", "aws:resourceorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"}
)

// enough is how many characters before a wildcard tell one owner from another.
const enough = 6

// checkIdentifyingKeys reports wildcards and variables that let in too many.
func checkIdentifyingKeys(c *checker) {
	c.each(func(_ *statement, cond *condition) {
		if !oneOf(cond.op.name, "stringlike", "stringnotlike", "arnlike", "arnnotlike") {
			return
		}
		key := hole{"key", cond.name}
		for _, v := range cond.values {
			wild := withoutVariables(v.text)
			code, p := "WILDCARD_USAGE_TOO_PERMISSIVE", wild
			if wild.Literal() {
				if !c.variables() || !hasVariable(v.text) {
					continue
				}
				code, p = "VARIABLE_USAGE_TOO_PERMISSIVE", wildcard.Of(v.text, true)
			}
			switch first := slices.IndexFunc(p, func(r rune) bool { return r < 0 }); {
			case cond.is(sensitiveKeys...):
				c.reportVariant(code, 2, c.at(v.node), key)
			case cond.is("aws:userid") && !confinedID(p):
				c.reportVariant(code, 3, c.at(v.node))
			case cond.is(identifyingKeys...) && first < enough:
				c.report(code, c.at(v.node), key)
			}
		}
	})
}

// confinedID reports whether a pattern of aws:userid has its wildcards behind
// the colon, or is nothing else before it.
func confinedID(p pattern) bool {
	parts := p.Split(2)
	return len(parts) == 2 && (parts[0].Literal() || parts[0].MatchesAll() && !parts[1].MatchesAll())
}

// checkNames reports values that cannot be the name of what the key holds.
func checkNames(c *checker) {
	c.each(func(_ *statement, cond *condition) {
		if cond.op.family != stringFamily && cond.op.family != arnFamily {
			return
		}
		for _, v := range cond.values {
			if !wildcard.Of(v.text, true).Literal() {
				continue
			}
			c.name(cond, v)
		}
	})
}

func (c *checker) name(cond *condition, v value) {
	switch {
	case cond.is("aws:requestedregion"):
		if !slices.Contains(regions, v.text) && v.text != "aws-global" {
			c.report("INVALID_REGION", c.at(v.node), hole{"region", v.text})
		}
	case cond.is("aws:sourcevpc"):
		if !isVPCName(v.text, "vpc-") {
			c.report("INVALID_VPC_FORMAT", c.at(v.node))
		}
	case cond.is("aws:sourcevpce"):
		if !isVPCName(v.text, "vpce-") {
			c.report("INVALID_VPCE_FORMAT", c.at(v.node))
		}
	case cond.is("s3:x-amz-server-side-encryption-aws-kms-key-id"):
		if a, err := arn.Parse(v.text); err != nil || a.Service != "kms" || !strings.HasPrefix(a.Resource, "key/") {
			c.report("INVALID_KMS_KEY_VALUE", c.at(v.node), hole{"key", cond.name})
		}
	}
}

func isVPCName(s, prefix string) bool {
	id, ok := strings.CutPrefix(s, prefix)
	return ok && (len(id) == 8 || len(id) == 17) && !strings.ContainsFunc(id, func(r rune) bool { return !isAlphanumeric(r) })
}
