package effective

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// A Kind is a type of management policy.
type Kind struct {
	// Element is the one member that a document has; "" when any will do.
	Element string
	// Required names, for objects by their path with "*" for any name, the
	// members that an effective policy must have there.
	Required map[string][]string
	// Values names, for settings by their path, the values that they may have.
	Values map[string][]string
	// Tags says that the kind is that of tag policies, whose structure is checked.
	Tags bool
}

// How many values and members an element of an effective policy has at most.
// AWS publishes no figures; these bound what the policies of seven levels can
// come to.
const (
	maxValues  = 500
	maxMembers = 200
)

// Check says what is wrong with a document of a kind as it is saved, nil when
// nothing is.
func Check(kind *Kind, doc *Document) error {
	if kind.Element != "" && (len(doc.root.members) != 1 || doc.root.members[0].name != kind.Element || doc.root.members[0].setting) {
		return fmt.Errorf("effective: the policy has one element, %q", kind.Element)
	}
	if kind.Tags {
		return checkTags(&doc.root.members[0])
	}
	return nil
}

// checkTags checks the structure of a tag policy (AWS Organizations User Guide,
// "Tag policy syntax and examples").
func checkTags(tags *node) error {
	for i := range tags.members {
		tag := &tags.members[i]
		if tag.setting {
			return fmt.Errorf("effective: the tag %q is an object", tag.name)
		}
		for j := range tag.members {
			if err := checkTagElement(tag.name, &tag.members[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkTagElement(key string, n *node) error {
	if len(n.members) > 0 {
		return fmt.Errorf("effective: %q of the tag %q has members", n.name, key)
	}
	switch n.name {
	case "tag_key":
		if len(n.appends) > 0 || len(n.removes) > 0 || n.assign != nil && n.assign.many {
			return fmt.Errorf("effective: the tag key of %q is one text", key)
		}
		if n.assign != nil && arn.Fold(textOf(n.assign.list[0])) != arn.Fold(key) {
			return fmt.Errorf("effective: the tag key differs from %q in more than its case", key)
		}
		return nil
	case "tag_value":
		return checkList(key, n, func(v string) bool { return len(v) <= 256 && strings.Count(v, "*") <= 1 })
	case "enforced_for", "report_required_tag_for":
		return checkList(key, n, func(v string) bool {
			service, kind, ok := strings.Cut(v, ":")
			return ok && service != "" && kind != "" && !strings.Contains(service, "*")
		})
	}
	return fmt.Errorf("effective: a tag has no element %q", n.name)
}

// checkList checks the values of a setting that has several.
func checkList(key string, n *node, fits func(string) bool) error {
	lists := [][]string{n.appends, n.removes}
	if n.assign != nil {
		if !n.assign.many {
			return fmt.Errorf("effective: %q of the tag %q is a list", n.name, key)
		}
		lists = append(lists, n.assign.list)
	}
	for _, v := range slices.Concat(lists...) {
		if !strings.HasPrefix(v, `"`) || !fits(textOf(v)) {
			return fmt.Errorf("effective: %s is no value for %q of the tag %q", v, n.name, key)
		}
	}
	return nil
}

// textOf returns the text that a JSON value is, "" when it is none.
func textOf(v string) string {
	var text string
	if json.Unmarshal([]byte(v), &text) != nil {
		return ""
	}
	return text
}

// Problems returns what is wrong with the effective policy, what went wrong in
// merging first, and then by path.
func (e *Effective) Problems(kind *Kind) []Problem {
	found := &Effective{problems: slices.Clone(e.problems)}
	found.inspect(kind, &e.root, nil, nil)
	return found.problems
}

// inspect looks at an object, whose pattern is its path as a kind writes it.
func (e *Effective) inspect(kind *Kind, s *state, path, pattern []string) {
	if s.setting {
		e.inspectSetting(kind, s, path, pattern)
		return
	}
	if len(s.members) > maxMembers {
		e.problem(TooMany, fmt.Sprintf("The element has more than %d members.", maxMembers), path, s.from)
	}
	for _, name := range kind.Required[strings.Join(pattern, ".")] {
		if m := s.member(name, false); m == nil || !m.there() {
			e.problem(Missing, "The element is required.", append(slices.Clip(path), name), s.from)
		}
	}
	for _, m := range s.members {
		if m.there() {
			e.inspect(kind, m, append(slices.Clip(path), m.name), append(slices.Clip(pattern), kind.part(pattern, m.name)))
		}
	}
}

func (e *Effective) inspectSetting(kind *Kind, s *state, path, pattern []string) {
	if len(s.value.list) > maxValues {
		e.problem(TooMany, fmt.Sprintf("The element has more than %d values.", maxValues), path, s.from)
	}
	allowed, limited := kind.Values[strings.Join(pattern, ".")]
	for _, v := range s.value.list {
		if limited && !slices.Contains(allowed, textOf(v)) {
			e.problem(BadValue, "The element's value is not among "+strings.Join(allowed, ", ")+".", path, s.from)
		}
	}
}

// part returns how a kind writes a name below a path: itself where the kind
// names it, or "*".
func (k *Kind) part(pattern []string, name string) string {
	named := strings.Join(append(slices.Clip(pattern), name), ".")
	for p := range k.Required {
		if p == named || strings.HasPrefix(p, named+".") {
			return name
		}
	}
	for p := range k.Values {
		if p == named || strings.HasPrefix(p, named+".") {
			return name
		}
	}
	return "*"
}
