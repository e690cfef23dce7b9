// Package effective merges the management policies that bear on an account,
// from the organization's root down to the account itself, into the account's
// effective policy (AWS Organizations User Guide, "Understanding management
// policy inheritance"). [Parse] reads one policy, [Merge] merges the levels,
// and [Check] and [Effective.Problems] say what is wrong with a policy as it is
// saved and as it came out.
//
// The package is pure: the same policies in the same order always give the same
// answer.
package effective

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// The operators of management policies ("Inheritance operators").
const (
	opAssign  = "@@assign"
	opAppend  = "@@append"
	opRemove  = "@@remove"
	opControl = "@@operators_allowed_for_child_policies"
)

// operators is a set of value-setting operators.
type operators uint8

const (
	mayAssign operators = 1 << iota
	mayAppend
	mayRemove
	mayAll = mayAssign | mayAppend | mayRemove
)

// maxDepth is how deep a policy nests. The deepest type needs eight levels.
const maxDepth = 16

// A Document is one management policy. It is not changed once parsed.
type Document struct{ root node }

// A value is what a setting has: one value, or a list. The values are JSON.
type value struct {
	many bool
	list []string
}

// A node is an object of a document: a branch with members, or a setting with
// operators.
type node struct {
	name    string
	members []node
	assign  *value
	appends []string
	removes []string
	setting bool
	control operators // what child policies may do to it
	empty   bool      // an object with nothing in it, a member of its own right
}

// errNotObject and its kind say why a text is no management policy.
var (
	errNotObject = errors.New("a policy is a JSON object")
	errDeep      = errors.New("the policy nests too deep")
	errTrailing  = errors.New("something stands behind the policy")
)

// Parse reads a policy. It is strict: an object has operators or members and not
// both, no name stands twice, and no value stands without an operator.
func Parse(text string) (*Document, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	t, err := d.Token()
	if err != nil {
		return nil, fmt.Errorf("effective: reading a policy: %w", err)
	}
	if t != json.Delim('{') {
		return nil, fmt.Errorf("effective: %w", errNotObject)
	}
	doc := new(Document)
	if err := doc.root.read(d, 0); err != nil {
		return nil, fmt.Errorf("effective: reading a policy: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("effective: %w", errTrailing)
	}
	if doc.root.setting {
		return nil, fmt.Errorf("effective: %w", errNotObject)
	}
	return doc, nil
}

// read reads the members of an object whose brace is read.
func (n *node) read(d *json.Decoder, depth int) error {
	if depth > maxDepth {
		return errDeep
	}
	n.control = mayAll
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string) // a decoder yields nothing else as a name
		if seen[name] {
			return fmt.Errorf("%q stands twice", name)
		}
		seen[name] = true
		if strings.HasPrefix(name, "@@") {
			err = n.operator(d, name)
		} else {
			err = n.member(d, name, depth)
		}
		if err != nil {
			return err
		}
	}
	n.empty = len(seen) == 0
	if n.setting && len(n.members) > 0 {
		return fmt.Errorf("%q has operators and members", n.name)
	}
	_, err := d.Token()
	return err
}

func (n *node) member(d *json.Decoder, name string, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	if t != json.Delim('{') {
		return fmt.Errorf("%q has a value without an operator", name)
	}
	child := node{name: name}
	if err := child.read(d, depth+1); err != nil {
		return err
	}
	n.members = append(n.members, child)
	return nil
}

func (n *node) operator(d *json.Decoder, name string) error {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return err
	}
	v, err := valueOf(raw)
	if err != nil {
		return fmt.Errorf("%s of %q: %w", name, n.name, err)
	}
	if name != opAssign && !v.many {
		return fmt.Errorf("%s of %q takes a list", name, n.name)
	}
	switch name {
	case opControl:
		n.control, err = controlOf(v.list)
		return err
	case opAssign:
		n.assign = &v
	case opAppend:
		n.appends = v.list
	case opRemove:
		n.removes = v.list
	default:
		return fmt.Errorf("there is no operator %s", name)
	}
	n.setting = true
	return nil
}

var errValue = errors.New("not a text, a number, true or false, or a list of them")

func valueOf(raw json.RawMessage) (value, error) {
	if raw[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return value{}, err
		}
		v := value{many: true}
		for _, r := range list {
			text, err := scalar(r)
			if err != nil {
				return value{}, err
			}
			if !slices.Contains(v.list, text) {
				v.list = append(v.list, text)
			}
		}
		return v, nil
	}
	text, err := scalar(raw)
	return value{list: []string{text}}, err
}

// scalar returns a value as JSON writes it, so that equal ones are the same text.
func scalar(raw json.RawMessage) (string, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	t, err := d.Token()
	if err != nil {
		return "", err
	}
	switch v := t.(type) {
	case string, bool, json.Number:
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		err := e.Encode(v)
		return strings.TrimSuffix(b.String(), "\n"), err
	}
	return "", errValue
}

// controlOf reads which operators child policies may use.
func controlOf(list []string) (operators, error) {
	var set operators
	for _, text := range list {
		switch text {
		case `"@@all"`:
			set |= mayAll
		case `"@@assign"`:
			set |= mayAssign
		case `"@@append"`:
			set |= mayAppend
		case `"@@remove"`:
			set |= mayRemove
		case `"@@none"`:
		default:
			return 0, fmt.Errorf("child policies may not be allowed %s", text)
		}
	}
	alone := slices.Contains(list, `"@@all"`) || slices.Contains(list, `"@@none"`)
	if len(list) == 0 || alone && len(list) > 1 {
		return 0, fmt.Errorf("%s names @@all, @@none, or some operators", opControl)
	}
	return set, nil
}
