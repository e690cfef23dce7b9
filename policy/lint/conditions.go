package lint

import (
	"slices"
	"strings"
	"sync"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/catalog"
)

// conditionRules look at the operators and keys of conditions.
var conditionRules = []rule{
	{"operators", checkOperators},
	{"keys", checkKeys},
	{"keys written twice", checkKeysWrittenTwice},
	{"keys of actions", checkKeysOfActions},
	{"types of keys", checkKeyTypes},
	{"keys in company", checkKeysInCompany},
	{"keys of the resource", checkKeysOfResource},
}

func checkOperators(c *checker) {
	for _, s := range c.document {
		n := s.node.member("Condition")
		if n == nil {
			continue
		}
		for _, m := range n.members {
			op := parseOperator(m.key)
			switch {
			case op.family == noFamily:
				c.report("INVALID_CONDITION_OPERATOR", c.atKey(m), hole{"operator", m.key})
			case op.family == nullFamily && op.ifExists:
				c.report("NULL_WITH_IF_EXISTS", c.atKey(m))
			case op.family == nullFamily && op.quantifier != single:
				c.report("NULL_WITH_QUALIFIER", c.atKey(m))
			}
		}
	}
}

// each runs do on every condition.
func (c *checker) each(do func(*statement, *condition)) {
	for _, s := range c.document {
		for i := range s.conditions {
			do(s, &s.conditions[i])
		}
	}
}

// keyPrefixes are what stands before the colon of the catalog's keys, folded.
var keyPrefixes = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for k := range catalog.Keys() {
		prefix, _, _ := strings.Cut(k.Name, ":")
		out[arn.Fold(prefix)] = true
	}
	return out
})

// moreKeys are keys that AWS has and the catalog lacks, folded (1.4).
var moreKeys = []string{"aws:principalorgmasteraccountid"}

// key returns what the catalog knows of a key.
func (c *checker) key(cond *condition) (catalog.Key, bool) {
	if key, ok := catalog.LookupKey(cond.fold); ok {
		return key, true
	}
	return catalog.Key{}, c.known.keys[cond.fold] || oneOf(cond.fold, moreKeys...)
}

// checkKeys reports keys that do not exist.
func checkKeys(c *checker) {
	prefixes := keyPrefixes()
	c.each(func(_ *statement, cond *condition) {
		prefix, name, ok := strings.Cut(cond.fold, ":")
		at := c.at(cond.key.value)
		if !ok || prefix == "" || name == "" {
			c.report("INVALID_CONDITION_KEY_FORMAT", at)
			return
		}
		if cond.is("aws:arn") {
			c.report("UNSUPPORTED_GLOBAL_CONDITION_KEY", at)
			return
		}
		_, known := c.key(cond)
		tags := cond.tagless()
		switch {
		case tags != "":
			c.report("MISSING_TAG_KEY_IN_CONDITION", at, hole{"conditionKeyName", tags})
		case known, isIssuer(prefix), hasVariable(cond.name):
		case prefix == "aws":
			c.report("INVALID_GLOBAL_CONDITION_KEY", at, hole{"key", cond.name})
		case prefixes[prefix] || c.serviceKnown(prefix):
			if !c.known.services[prefix] {
				before, _, _ := strings.Cut(cond.name, ":")
				c.report("INVALID_SERVICE_CONDITION_KEY", at, hole{"key", cond.name}, hole{"service", before})
			}
		default:
			before, _, _ := strings.Cut(cond.name, ":")
			c.report("INVALID_SERVICE", at, hole{"service", before})
		}
	})
}

// tagless returns a key that has to be followed by the name of a tag, slash
// included, when none follows; "" for any other.
func (c *condition) tagless() string {
	name := strings.TrimSuffix(c.fold, "/")
	if _, ok := catalog.LookupKey(name); ok {
		return ""
	}
	key, ok := catalog.LookupKey(name + "/x")
	if !ok {
		return ""
	}
	if before, _, _ := cutLast(key.Name, '/'); arn.Fold(before) != name {
		return ""
	}
	return strings.TrimSuffix(c.name, "/") + "/"
}

// isIssuer reports whether a key's prefix is an identity provider's, the keys of
// which nobody can list.
func isIssuer(prefix string) bool { return strings.Contains(prefix, ".") || prefix == "saml" }

// checkKeysWrittenTwice reports a key that one operator has in two spellings.
func checkKeysWrittenTwice(c *checker) {
	for _, s := range c.document {
		first := map[*member]map[string]*condition{}
		for i := range s.conditions {
			cond := &s.conditions[i]
			if first[cond.operator] == nil {
				first[cond.operator] = map[string]*condition{}
			}
			if other := first[cond.operator][cond.fold]; other != nil {
				c.report("DUPLICATE_KEYS_WITH_DIFFERENT_CASE", append(c.atKey(other.key), c.atKey(cond.key)...), hole{"key", cond.name})
				continue
			}
			first[cond.operator][cond.fold] = cond
		}
	}
}

// checkKeysOfActions reports actions that never carry a key that is tested.
func checkKeysOfActions(c *checker) {
	for _, s := range c.document {
		if s.notAction {
			continue
		}
		seen := map[string]bool{}
		for i := range s.conditions {
			cond := &s.conditions[i]
			if !seen[cond.fold] {
				seen[cond.fold] = true
				c.keyOfActions(s, cond)
			}
		}
	}
}

func (c *checker) keyOfActions(s *statement, cond *condition) {
	if strings.HasPrefix(cond.fold, "aws:") || cond.op.family == noFamily || c.known.keys[cond.fold] {
		return
	}
	key, known := catalog.LookupKey(cond.fold)
	prefix, _, _ := strings.Cut(cond.fold, ":")
	if !known && !isIssuer(prefix) || key.About != "" {
		return
	}
	var names []string
	var nodes []*node
	for _, a := range s.actions {
		service, action, ok := catalog.LookupAction(a.text)
		if !ok {
			continue
		}
		supports := actionTakes(service, action, cond.fold)
		if isIssuer(prefix) {
			supports = issuerKeyFor(cond.fold, service, action)
		}
		if !supports {
			names, nodes = append(names, a.text), append(nodes, a.node)
		}
	}
	if len(names) > 0 {
		c.report("UNSUPPORTED_ACTION_FOR_CONDITION_KEY", c.at(append(nodes, cond.key.value)...),
			hole{"actions", strings.Join(names, ", ")}, hole{"key", cond.name})
	}
}

// issuerKeyFor reports whether a call may carry an identity provider's key: who
// assumes a role brings it, and a session of the role has it in every call after.
// An audience is not there while the session's tags are decided.
func issuerKeyFor(key string, service *catalog.Service, action *catalog.Action) bool {
	if service.Prefix != "sts" || action.Name != "TagSession" || !strings.HasSuffix(key, ":aud") {
		return true
	}
	return actionTakes(service, action, key)
}

// actionTakes reports whether an action has a key, folded, by itself or with one
// of its types of resource (LI-7).
func actionTakes(s *catalog.Service, a *catalog.Action, key string) bool {
	is := func(name string) bool { return keyPattern(name).Matches(key) }
	if slices.ContainsFunc(a.Keys, is) {
		return true
	}
	for _, r := range a.Resources {
		if slices.ContainsFunc(r.Keys, is) {
			return true
		}
		if t, ok := s.Resource(r.Type); ok && slices.ContainsFunc(t.Keys, is) {
			return true
		}
	}
	return false
}

// keyPattern reads a key of the catalog; the name tag-key is a placeholder too
// (LI-7).
func keyPattern(name string) pattern {
	name = arn.Fold(name)
	if before, ok := strings.CutSuffix(name, "/tag-key"); ok {
		name = before + "/*"
	}
	return templateOf(name)
}

// familyOf returns the operators that fit a key's type.
func familyOf(t catalog.KeyType) family {
	switch t {
	case catalog.String, catalog.ArrayOfString:
		return stringFamily
	case catalog.ARN, catalog.ArrayOfARN:
		return arnFamily
	case catalog.Bool, catalog.ArrayOfBool:
		return boolFamily
	case catalog.Date:
		return dateFamily
	case catalog.IPAddress:
		return addressFamily
	case catalog.Numeric:
		return numericFamily
	default:
	}
	return noFamily
}

func (f family) String() string {
	names := [...]string{"", "String", "Arn", "Bool", "Date", "Numeric", "IpAddress", "Binary", "Null"}
	return names[f]
}

// checkKeyTypes reports operators that do not fit a key's type.
func checkKeyTypes(c *checker) {
	c.each(func(_ *statement, cond *condition) {
		key, ok := catalog.LookupKey(cond.fold)
		want := familyOf(key.Type)
		if !ok || want == noFamily || cond.op.family == noFamily || cond.op.family == nullFamily || cond.op.family == want {
			return
		}
		switch {
		case want == arnFamily && cond.op.family == stringFamily:
			if !oneOf(cond.op.name, "stringlike", "stringnotlike") {
				return
			}
			allowed := "ArnLike"
			if cond.op.negated {
				allowed = "ArnNotLike"
			}
			c.report("STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS", c.at(cond.key.value),
				hole{"allowed", allowed}, hole{"operator", cond.operator.key}, hole{"key", cond.name})
		case want == dateFamily && cond.op.family == numericFamily:
		case want == stringFamily && cond.op.family == binaryFamily:
		case want == stringFamily && cond.op.family == arnFamily && strings.Contains(key.Name, "${"):
			// what somebody else puts into a tag or an encryption context may be an ARN
		default:
			c.report("TYPE_MISMATCH", c.at(cond.key.value),
				hole{"allowed", want.String()}, hole{"operator", cond.operator.key}, hole{"key", cond.name})
		}
	})
}

// checkKeysInCompany reports keys that say little without another, or that the
// caller chooses.
func checkKeysInCompany(c *checker) { //nolint:gocognit // a flat list of cases, each of a line or two
	c.each(func(s *statement, cond *condition) {
		at, name := c.at(cond.key.value), cond.name
		if s.allows() && cond.is("aws:vpcsourceip") && !s.has("aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn") {
			c.report("MISSING_PAIRED_CONDITION_KEYS", at, hole{"conditionKeyName", name}, hole{"recommendedKeys", "aws:SourceVpc, aws:SourceVpce"})
		}
		if s.allows() && cond.is("aws:referer", "aws:useragent") {
			c.report("UNTRUSTWORTHY_CONDITION_KEY", at, hole{"key", name})
		}
		if s.allows() && cond.is("dynamodb:attributes") && (c.kind == Identity || c.kind == Table) &&
			!s.tests(stringFamily, "specific_attributes", "dynamodb:select") {
			c.report("DYNAMODB_ATTRIBUTES_WITHOUT_SELECT", at)
		}
		if cond.is("s3:prefix") && (c.kind == Identity || c.kind.isS3()) && cond.op.family == stringFamily &&
			(s.denies() && !cond.op.negated || s.allows() && cond.op.negated) {
			c.report("S3_PREFIX_IN_NEGATIVE_CONTEXT", at)
		}
		if cond.is("aws:vpceaccount", "aws:vpceorgid", "aws:vpceorgpaths") && slices.ContainsFunc(s.actions, func(a value) bool { return a.text == "*" }) {
			c.report("USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES", at, hole{"key", name})
		}
	})
}

// checkKeysOfResource reports keys that say nothing in the policy of the very
// resource that they are about.
func checkKeysOfResource(c *checker) {
	if !c.kind.isS3() {
		return
	}
	c.each(func(_ *statement, cond *condition) {
		if cond.is("s3:resourceaccount", "aws:resourceaccount") {
			c.report("IRRELEVANT_CONDITION_KEY_IN_POLICY", c.at(cond.key.value), hole{"condition-key", cond.name}, hole{"resource-type", c.kind.resourceType()})
		}
	})
}
