package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/regent-iam/regent/internal/client"
)

// describe writes an explanation for people: what was refused, why, what would
// help, and below it what every layer said.
func describe(b *bytes.Buffer, x *client.Explanation) {
	p := page{b}
	p.line("%s", headline(x))
	if x.RequestID != "" {
		p.line("  request %s, %s, %s", x.RequestID, x.Operation, time.Unix(int64(x.EventTime), 0).UTC().Format(time.RFC3339))
	}
	p.line("  by %s", x.Principal)
	p.line("")
	p.line("Reason: %s", x.Reason)
	if x.RequestID != "" {
		p.line("  (%s)", basis(x.Basis))
	}
	for i, f := range x.Fixes {
		if i == 0 {
			p.line("")
			p.line("What would allow it:")
		}
		p.fix(i+1, &f)
	}
	p.line("")
	p.line("Policies that count:")
	for i := range x.Layers {
		p.layer(&x.Layers[i])
	}
	if x.EncodedMessage != "" {
		p.line("")
		p.line("An administrator may see more. → regent why --message %s", x.EncodedMessage)
	}
}

func headline(x *client.Explanation) string {
	verb := "Refused"
	switch {
	case x.RequestID != "":
	case x.Decision == "allowed":
		verb = "Allowed"
	case x.Decision == "unknown":
		verb = "Not to be told"
	default:
		verb = "Would be refused"
	}
	return fmt.Sprintf("%s: %s on %s", verb, x.Action, x.Resource)
}

func basis(b string) string {
	if b == "THEN" {
		return "by the policies as they were then"
	}
	return "by the policies as they are now; those of then are no longer at hand"
}

// A page is text for a terminal. What a server says is printed as text: nothing
// in it moves the cursor or changes colors.
type page struct{ b *bytes.Buffer }

func (p page) line(format string, args ...any) {
	text := strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, fmt.Sprintf(format, args...))
	p.b.WriteString(strings.TrimRight(text, " "))
	p.b.WriteByte('\n')
}

func (p page) fix(n int, f *client.Fix) {
	p.line("  %d. %s", n, f.Text)
	if f.Statement != "" {
		p.line("     add to the %s: %s", layerTitle(f.Layer, f.Level), f.Statement)
	}
	if f.Account != "" {
		p.line("     in account %s", f.Account)
	}
}

func layerTitle(layer string, level *int) string {
	titles := map[string]string{
		"rcp": "resource control policies", "scp": "service control policies", "resource": "policy of the resource", "trust": "trust policy of the role",
		"identity": "identity policies", "boundary": "permissions boundary", "session": "session policies",
		"organization": "policies of the organization", "principal": "policies of the principal",
	}
	title := cmp.Or(titles[layer], layer)
	if level != nil {
		title += fmt.Sprintf(", level %d", *level)
	}
	return title
}

func (p page) layer(l *client.Layer) {
	if !l.Visible {
		p.line("  ? %s", l.Text)
		return
	}
	said, mark := "do not allow it", "✗"
	switch {
	case l.Outcome == "allowed":
		said, mark = "allow it", "✓"
	case l.Outcome == "explicitDeny":
		said = "deny it"
	case !l.Required:
		said, mark = "do not allow it, and need not", "·"
	}
	p.line("  %s %s: %s", mark, layerTitle(l.Layer, l.Level), said)
	for i := range l.Matched {
		p.statement(&l.Matched[i])
	}
	for i := range l.Closest {
		p.statement(&l.Closest[i])
	}
}

func (p page) statement(s *client.Statement) {
	if !s.Visible {
		p.line("      a statement of a policy that you may not read")
		return
	}
	name := fmt.Sprintf("statement %d", s.Index+1)
	switch {
	case s.Index < 0:
		name = "the whole document"
	case s.Sid != "":
		name = fmt.Sprintf("statement %q", s.Sid)
	}
	at := ""
	if s.Line > 0 {
		at = fmt.Sprintf(" (line %d, column %d)", s.Line, s.Column)
	}
	p.line("      %s, %s%s of %s", s.Effect, name, at, cmp.Or(s.PolicyName, s.PolicyARN, "the policy"))
	if m := s.Mismatch; m != nil {
		p.line("        %s", mismatch(m))
	}
}

// mismatch says what a statement asks for and what there was instead.
func mismatch(m *client.Mismatch) string {
	wants, has := quoted(m.PolicyValues), quoted(m.RequestValues)
	switch {
	case m.Element == "condition" && m.Absent:
		return fmt.Sprintf("%s must meet %s of %s, and the request has none", m.Key, m.Operator, wants)
	case m.Element == "condition":
		return fmt.Sprintf("%s must meet %s of %s, and is %s", m.Key, m.Operator, wants, has)
	case m.Negated:
		return fmt.Sprintf("its Not%s has %s, which covers %s", capital(m.Element), wants, has)
	}
	return fmt.Sprintf("its %s is %s, not %s", m.Element, wants, has)
}

func capital(s string) string {
	if s == "" {
		return s
	}
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:] //nolint:forbidigo // the first letter of a sentence, no name
}

func quoted(values []string) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = fmt.Sprintf("%q", v)
	}
	return strings.Join(out, ", ")
}
