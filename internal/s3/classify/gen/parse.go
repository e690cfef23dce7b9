package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// An operation is a row of operations.tsv.
type operation struct {
	name, method, level, selector string
	mode                          terms
	alias                         bool
	served, access, event         string
	flags                         []string
	needs                         []need
}

// A need is one need of a row.
type need struct {
	action, kind   string
	when           terms
	ifSourceTagged bool
	existingTags   bool
}

// terms are conditions that all have to hold, as constants of package classify.
type terms struct{ must, mustNot []string }

// The vocabulary of operations.tsv, as constants and fields of package classify.
var (
	vocabularyModes = map[string]string{
		"id": "modeID", "form": "modeForm", "copy": "modeCopy", "directory": "modeDirectory", "part": "modePart",
	}
	vocabularyConditions = map[string]string{
		"version": "factVersion", "source-version": "factSourceVersion", "acl": "factACL", "tags": "factTags",
		"body-tags": "factBodyTags", "retention": "factRetention", "legal-hold": "factLegalHold",
		"bypass": "factBypass", "lock-enabled": "factLockEnabled", "ownership": "factOwnership",
		"etag": "factETag", "copies-tags": "factCopiesTags",
	}
	vocabularyKinds = map[string]string{
		"-": "NoResource", "B": "Bucket", "O": "Object", "SO": "SourceObject", "ROLE": "Role", "OTHER": "OtherKind",
	}
	vocabularyServed = map[string]string{"service": "ByService", "objects": "ByObjects", "nowhere": "Nowhere"}
	vocabularyAccess = map[string]string{"read": "Read", "write": "Write"}
	vocabularyEvents = map[string]string{"management": "Management", "data": "Data"}
	vocabularyFields = map[string]string{
		"version": "Versioned", "hides-key": "HidesKey", "hides-source": "HidesSource", "owner-only": "OwnerOnly",
		"root-always": "RootAlways", "body": "NeedsBody", "public": "Public", "streams": "Streams",
	}
	vocabularyTraits = map[string]string{
		"conditional": "traitConditional", "creates": "traitCreates", "part-of-creation": "traitPart",
		"listing": "traitListing", "of-upload": "traitOfUpload",
	}
)

var (
	uriForm  = regexp.MustCompile(`^/(\{Bucket\})?(/\{Key\+\})?(?:\?([A-Za-z-]+)(?:=2|&select-type=2)?)?$`)
	needForm = regexp.MustCompile(`^([a-z0-9-]+:[A-Za-z]+) on (\S+)(?: when (\S+))?( if-source-tagged)?( with ExistingObjectTag)?$`)
)

// rows splits a table into its rows of n columns.
func rows(table string, n int) ([][]string, error) {
	var out [][]string
	for line := range strings.Lines(table) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		columns := strings.Split(line, "\t")
		if len(columns) != n {
			return nil, fmt.Errorf("%q has %d columns and not %d", line, len(columns), n)
		}
		out = append(out, columns)
	}
	return out, nil
}

func parseOperations(table string) ([]operation, error) {
	lines, err := rows(table, 9)
	if err != nil {
		return nil, err
	}
	var ops []operation
	for _, line := range lines {
		o, err := parseOperation(line)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", line[0], err)
		}
		if len(ops) > 0 && ops[len(ops)-1].name >= o.name {
			return nil, fmt.Errorf("%s: not in order", o.name)
		}
		ops = append(ops, o)
	}
	return ops, nil
}

func parseOperation(c []string) (operation, error) {
	o := operation{name: c[0], method: c[1], alias: c[3] == "alias"}
	var err error
	if o.level, o.selector, err = parseURI(c[2]); err != nil {
		return o, err
	}
	if !o.alias {
		if o.mode, err = parseTerms(c[3], vocabularyModes); err != nil {
			return o, err
		}
	}
	var ok [3]bool
	o.served, ok[0] = vocabularyServed[c[4]]
	o.access, ok[1] = vocabularyAccess[c[5]]
	o.event, ok[2] = vocabularyEvents[c[6]]
	if slices.Contains(ok[:], false) {
		return o, fmt.Errorf("unknown word among %q", c[4:7])
	}
	if c[7] != "-" {
		o.flags = strings.Split(c[7], ",")
	}
	for _, f := range o.flags {
		if vocabularyFields[f] == "" && vocabularyTraits[f] == "" {
			return o, fmt.Errorf("unknown flag %q", f)
		}
	}
	if c[8] == "nothing" {
		if !slices.Contains(o.flags, "public") {
			return o, fmt.Errorf("needs nothing and is not public")
		}
		return o, nil
	}
	for text := range strings.SplitSeq(c[8], "; ") {
		n, err := parseNeed(text)
		if err != nil {
			return o, err
		}
		o.needs = append(o.needs, n)
	}
	return o, nil
}

// parseURI returns the level and selector of a URI; an operation that is not
// below a bucket or the service has no level.
func parseURI(uri string) (level, selector string, err error) {
	if uri == "/WriteGetObjectResponse" {
		return "", "", nil
	}
	m := uriForm.FindStringSubmatch(uri)
	switch {
	case m == nil || m[1] == "" && m[2] != "":
		return "", "", fmt.Errorf("unknown URI %q", uri)
	case m[2] != "":
		level = "onKey"
	case m[1] != "":
		level = "onBucket"
	default:
		level = "onService"
	}
	return level, m[3], nil
}

func parseNeed(text string) (need, error) {
	m := needForm.FindStringSubmatch(text)
	if m == nil {
		return need{}, fmt.Errorf("cannot read need %q", text)
	}
	n := need{action: m[1], kind: vocabularyKinds[m[2]], ifSourceTagged: m[4] != "", existingTags: m[5] != ""}
	if n.kind == "" {
		return n, fmt.Errorf("unknown resource in %q", text)
	}
	var err error
	n.when, err = parseTerms(m[3], vocabularyConditions)
	return n, err
}

func parseTerms(text string, vocabulary map[string]string) (terms, error) {
	var t terms
	if text == "" || text == "-" {
		return t, nil
	}
	for word := range strings.SplitSeq(text, "+") {
		name, negated := strings.CutPrefix(word, "!")
		constant := vocabulary[name]
		switch {
		case constant == "":
			return t, fmt.Errorf("unknown condition %q", word)
		case negated:
			t.mustNot = append(t.mustNot, constant)
		default:
			t.must = append(t.must, constant)
		}
	}
	return t, nil
}

// parseActions returns the condition keys of each action, and all keys sorted.
func parseActions(table string) (keysOf map[string][]string, keys []string, err error) {
	lines, err := rows(table, 2)
	if err != nil {
		return nil, nil, err
	}
	keysOf = make(map[string][]string)
	for _, line := range lines {
		if _, again := keysOf[line[0]]; again {
			return nil, nil, fmt.Errorf("%s is listed twice", line[0])
		}
		if line[1] == "-" {
			keysOf[line[0]] = nil
			continue
		}
		keysOf[line[0]] = strings.Fields(line[1])
		keys = append(keys, keysOf[line[0]]...)
	}
	slices.Sort(keys)
	return keysOf, slices.Compact(keys), nil
}
