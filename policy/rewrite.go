package policy

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// PrincipalNames returns the user and role ARNs in the principal elements of d,
// each once, in order. Saving the document has to find the unique id of each
// (PL-26) and to refuse it when one has none (PL-27).
func (d *Document) PrincipalNames() []string {
	var names []string
	for entry := range d.awsPrincipals {
		name := entry.Value.Text
		if principalForm(name) == formEntity && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// awsPrincipals yields every entry of type AWS.
func (d *Document) awsPrincipals(yield func(*PrincipalEntry) bool) {
	for i := range d.Statements {
		p := d.Statements[i].Principal
		if p == nil {
			continue
		}
		for j := range p.Entries {
			if p.Entries[j].Type == PrincipalAWS && !yield(&p.Entries[j]) {
				return
			}
		}
	}
}

// RewritePrincipals returns text with every AWS principal replaced by what
// rewrite makes of it: the present ARN of a renamed user, the bare id of one
// that is gone (PL-26). All else stays byte for byte, and a text that does not
// parse stays as it is.
func RewritePrincipals(text string, rewrite func(principal string) string) string {
	d, err := Parse(text)
	if err != nil {
		return text
	}
	var b strings.Builder
	from := 0
	for entry := range d.awsPrincipals {
		written := rewrite(entry.Value.Text)
		if written == entry.Value.Text {
			continue
		}
		b.WriteString(text[from:entry.Value.Span.Start.Offset])
		b.WriteString(quote(written))
		from = entry.Value.Span.End.Offset
	}
	b.WriteString(text[from:])
	return b.String()
}

// quote writes s as a JSON string.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic("policy: a string that JSON cannot write: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}
