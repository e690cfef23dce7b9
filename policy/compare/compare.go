// Package compare answers what a policy document grants: whether one document
// allows what another does not, and whether it may allow certain actions.
//
// An answer is sound or it is [Unknown]: No is never said of what could happen,
// and Yes, of new access, only with a request that package policy itself
// decides so. Only the documents count: no boundary, control policy or account.
package compare

import (
	"github.com/regent-iam/regent/policy"
)

// An Answer is what is known. The zero Answer is that nothing is.
type Answer uint8

// The answers.
const (
	Unknown Answer = iota
	No
	Yes
)

// String returns the answer as a word.
func (a Answer) String() string { return [...]string{"unknown", "no", "yes"}[a] }

// A Reason is a statement that keeps an answer from being No.
type Reason struct {
	Index int    // of the statement, from 0
	Sid   string // "" when it has none
	// Answer is Yes or Unknown.
	Answer Answer
	// Why says what could not be decided; "" when Answer is Yes.
	Why string
	// Witness is a request that the new document allows and the old one does
	// not; nil when there is none at hand.
	Witness *policy.Request
}

// A Result is an answer with its reasons, one for each statement that has one,
// in the document's order.
type Result struct {
	Answer  Answer
	Reasons []Reason
}

// add takes the answer about one statement. Yes outweighs Unknown, and both No.
func (r *Result) add(reason Reason) {
	if reason.Answer == No {
		return
	}
	r.Reasons = append(r.Reasons, reason)
	if r.Answer != Yes {
		r.Answer = reason.Answer
	}
}

// NewAccess answers whether newer allows a request that older does not (LI-30).
// The kind is policy.Identity or policy.Resource, for both.
func NewAccess(newer, older *policy.Document, kind policy.Kind) Result {
	c := newComparison(newer, older, kind)
	result := Result{Answer: No}
	for i := range newer.Statements {
		if s := &newer.Statements[i]; s.Effect == policy.EffectAllow {
			result.add(c.statement(s))
		}
	}
	return result
}

// statement answers whether one Allow statement of the new document allows what
// the old document does not.
func (c *comparison) statement(s *policy.Statement) Reason {
	out := Reason{Index: s.Index, Sid: s.Sid, Answer: No}
	for b := range c.newer.boxes(s) {
		if c.nothing(b) || c.known(b) {
			continue
		}
		if w := c.witness(b); w != nil {
			out.Answer, out.Why, out.Witness = Yes, "", w
			return out
		}
		out.Answer, out.Why = Unknown, "the statement could not be compared with the existing policy"
	}
	return out
}

// nothing reports whether a Deny of the new document covers the box.
func (c *comparison) nothing(b box) bool {
	for i := range c.newer.doc.Statements {
		if s := &c.newer.doc.Statements[i]; s.Effect == policy.EffectDeny && c.covers(&c.newer, s, &c.newer, b) {
			return true
		}
	}
	return false
}

// known reports whether the old document allows all of the box, or the new one
// denies what it does not: an Allow of the old document covers it, and each of
// its Denies either is about something else or stands in the new document too.
func (c *comparison) known(b box) bool {
	allowed := false
	for i := range c.older.doc.Statements {
		s := &c.older.doc.Statements[i]
		switch s.Effect {
		case policy.NoEffect:
		case policy.EffectAllow:
			allowed = allowed || c.covers(&c.older, s, &c.newer, b)
		case policy.EffectDeny:
			for d := range c.older.boxes(s) {
				if !c.disjoint(&c.older, d, &c.newer, b) && !c.denied(d) {
					return false
				}
			}
		}
	}
	return allowed
}

// denied reports whether a Deny of the new document covers a box of the old one.
func (c *comparison) denied(d box) bool {
	for i := range c.newer.doc.Statements {
		if s := &c.newer.doc.Statements[i]; s.Effect == policy.EffectDeny && c.covers(&c.newer, s, &c.older, d) {
			return true
		}
	}
	return false
}

// An Access is what a policy is not to grant: any of the actions on any of the
// resources. A list that is empty stands for all of them.
type Access struct {
	Actions   []string
	Resources []string
}

// Grants answers whether the document may allow any of the accesses (LI-32).
// Conditions of an Allow count as met.
func Grants(doc *policy.Document, kind policy.Kind, accesses []Access) Result {
	c := newComparison(doc, doc, kind)
	result := Result{Answer: No}
	for i := range doc.Statements {
		s := &doc.Statements[i]
		if s.Effect != policy.EffectAllow {
			continue
		}
		out := Reason{Index: s.Index, Sid: s.Sid, Answer: No}
		for b := range c.newer.boxes(s) {
			for _, a := range accesses {
				if answer := c.grants(b, a); answer == Yes || out.Answer == No {
					out.Answer = answer
				}
			}
		}
		if out.Answer == Unknown {
			out.Why = "a statement with the effect Deny may take the access away"
		}
		result.add(out)
	}
	return result
}

// grants answers whether a box has any of an access in it.
func (c *comparison) grants(b box, a Access) Answer {
	out := No
	for _, action := range orAll(a.Actions) {
		for _, resource := range orAll(a.Resources) {
			part, ok := c.intersect(b, action, resource)
			if !ok || c.nothing(part) {
				continue
			}
			if !c.touched(part) {
				return Yes
			}
			out = Unknown
		}
	}
	return out
}

func orAll(list []string) []string {
	if len(list) == 0 {
		return []string{"*"}
	}
	return list
}

// touched reports whether a Deny may be about some of the box.
func (c *comparison) touched(b box) bool {
	for i := range c.newer.doc.Statements {
		s := &c.newer.doc.Statements[i]
		if s.Effect != policy.EffectDeny {
			continue
		}
		for d := range c.newer.boxes(s) {
			if !c.disjoint(&c.newer, d, &c.newer, b) {
				return true
			}
		}
	}
	return false
}
