package cases

import (
	"fmt"
	"strings"

	"github.com/regent-iam/regent/policy"
)

// A Failure is a case whose decision is not the one that its archive wants.
type Failure struct {
	Case        *Case
	Got         policy.Decision
	Explanation policy.Explanation
}

// Check decides the case and compares. It returns nil when the decision is the
// one that the archive wants.
func (c *Case) Check() *Failure {
	got := c.Layers.Decide(c.Request)
	if got.Outcome == c.Want.Outcome &&
		(c.Want.Layer == "" || c.Want.Layer == LayerName(got.Layer)) &&
		(c.Want.Statement == "" || c.Want.Statement == StatementName(got)) {
		return nil
	}
	return &Failure{Case: c, Got: got, Explanation: c.Layers.Explain(c.Request)}
}

// StatementName returns what archives call the statement that settled a
// decision, "identity.json#0"; "none" when no statement did.
func StatementName(d policy.Decision) string {
	if d.Policy == nil {
		return "none"
	}
	return fmt.Sprintf("%s#%d", d.Policy.Source().Name, d.Index)
}

// String names the case: "s3:GetObject on arn:aws:s3:::b/k as alice".
func (c *Case) String() string {
	caller := c.Caller
	if caller == "" {
		if caller = "alice"; c.Archive.files["principal"] != nil {
			caller = c.Request.Principal.ARN
		}
	}
	return fmt.Sprintf("%s on %s as %s", c.Request.Action, c.Request.Resource, caller)
}

// String returns what the archive wanted and the decision was, as archives
// write it, and on further lines why it was so and what would have to change.
func (f *Failure) String() string {
	var b strings.Builder
	c := f.Case
	fmt.Fprintf(&b, "%s:%d: %s\n", c.Archive.Name, c.Line, c)
	fmt.Fprintf(&b, "  want %s\n  got  %s%s\n", c.Want, outcomeOf(f.Got), f.Got.Reason(c.Request.Action))
	for i := range f.Explanation.Layers {
		f.layer(&b, &f.Explanation.Layers[i])
	}
	for _, fix := range f.Explanation.Fixes {
		fmt.Fprintf(&b, "  to allow it: %s\n", strings.ReplaceAll(strings.TrimSpace(fix.Text), "\n", "\n    "))
		if fix.Statement != "" {
			fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(strings.TrimSpace(fix.Statement), "\n", "\n    "))
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// String returns w as archives write it.
func (w Want) String() string {
	out := w.Outcome.String()
	if w.Layer != "" {
		out += " by " + w.Layer
	}
	if w.Statement != "" {
		out += " " + w.Statement
	}
	return out
}

func outcomeOf(d policy.Decision) string {
	w := Want{Outcome: d.Outcome, Layer: LayerName(d.Layer)}
	if d.Policy != nil {
		w.Statement = StatementName(d)
	}
	return w.String()
}

// layer says what one layer did: the statements that decided, or those that
// came closest and where each failed.
func (f *Failure) layer(b *strings.Builder, t *policy.LayerTrace) {
	name := LayerName(t.Layer)
	if t.Level >= 0 {
		name += fmt.Sprintf(" level %d", t.Level)
	}
	fmt.Fprintf(b, "  %s: %s\n", name, t.Outcome)
	for _, s := range t.Matched {
		if s.Index < 0 {
			fmt.Fprintf(b, "    %s cannot be used and denies everything: %s\n", s.Source.Name, f.problem(s.Source.Name))
			continue
		}
		fmt.Fprintf(b, "    %s matches (%s)\n", statementOf(s), s.Effect)
	}
	for _, s := range t.Closest {
		fmt.Fprintf(b, "    %s does not match: %s\n", statementOf(s), mismatch(s.Mismatch))
	}
}

// problem says why a policy cannot be used.
func (f *Failure) problem(name string) string {
	for _, file := range f.Case.Files {
		if file.Name != name {
			continue
		}
		doc, err := policy.Parse(file.Text)
		if err != nil {
			return err.Error()
		}
		if err := policy.Compile(doc, policy.Source{Name: name}, nil).Unusable(); err != nil {
			return err.Error()
		}
	}
	return "it is not a policy"
}

// statementOf names a statement and its place: `identity.json#0 "Sid", line 2`.
func statementOf(s policy.StatementTrace) string {
	out := fmt.Sprintf("%s#%d", s.Source.Name, s.Index)
	if s.Sid != "" {
		out += fmt.Sprintf(" %q", s.Sid)
	}
	return out + fmt.Sprintf(", line %d", s.Span.Start.Line)
}

// mismatch says in what a statement does not match the request.
func mismatch(m *policy.Mismatch) string {
	if m == nil {
		return "it is not reached"
	}
	says := strings.Join(m.Policy, ", ")
	if m.Element != policy.ElementCondition {
		element := m.Element.String()
		if m.Negated {
			element = "not-" + element
		}
		if len(m.Policy) == 0 {
			says = "nothing"
		}
		return fmt.Sprintf("its %s is %s, the request's is %s", element, says, strings.Join(m.Request, ", "))
	}
	has := fmt.Sprintf("has %q", m.Request)
	if m.Absent {
		has = "does not have the key"
	}
	return fmt.Sprintf("%s %s wants %q, and the request %s", m.Operator, m.Key, m.Policy, has)
}
