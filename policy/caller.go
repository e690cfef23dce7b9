package policy

import (
	"slices"
	"strings"

	"github.com/regent-iam/regent/arn"
)

// An entryKind says what a principal entry is compared with.
type entryKind uint8

const (
	entryNobody    entryKind = iota // a form that matches no one
	entryEveryone                   // "*"
	entryAccount                    // an account id or its root ARN
	entryID                         // the unique id of a user or role
	entryUnbound                    // a user or role ARN that no id is known for
	entryText                       // the ARN of a session
	entryService                    // the name of a service
	entryFederated                  // an identity provider
	entryCanonical                  // the canonical id of an account
)

type principalEntry struct {
	kind  entryKind
	value string
}

// A principalSet is a compiled Principal or NotPrincipal.
type principalSet struct {
	not     bool
	entries []principalEntry
}

// compilePrincipals compiles element; bindings give the unique ids that user
// and role ARNs had when the document was saved (PL-26).
func compilePrincipals(element *PrincipalElement, bindings map[string]string) *principalSet {
	set := &principalSet{not: element.Not}
	for i := range element.Entries {
		set.entries = append(set.entries, compilePrincipal(&element.Entries[i], bindings))
	}
	return set
}

func compilePrincipal(e *PrincipalEntry, bindings map[string]string) principalEntry {
	name := e.Value.Text
	switch e.Type {
	case PrincipalService:
		return principalEntry{entryService, name}
	case PrincipalFederated:
		return principalEntry{entryFederated, name}
	case PrincipalCanonical:
		return principalEntry{entryCanonical, name}
	}
	switch form := principalForm(name); form {
	case formAccount:
		if arn.ValidAccount(name) {
			return principalEntry{entryAccount, name}
		}
		return principalEntry{entryAccount, arn.AccountIn(name)} // PL-24
	case formEntity:
		if id := bindings[name]; id != "" {
			return principalEntry{entryID, id}
		}
		return principalEntry{entryUnbound, name}
	case formEveryone:
		return principalEntry{entryEveryone, name}
	case formID:
		return principalEntry{entryID, name}
	case formSession:
		return principalEntry{entryText, name}
	case formOther:
	}
	return principalEntry{entryNobody, name}
}

// A form is one of the ways to write an AWS principal (PL-20).
type form uint8

const (
	formOther    form = iota
	formEveryone      // "*"
	formAccount       // account id or root ARN
	formEntity        // user or role ARN
	formSession       // assumed-role or federated-user ARN
	formID            // AIDA… or AROA…
)

func principalForm(name string) form {
	if name == "*" {
		return formEveryone
	}
	if arn.ValidAccount(name) {
		return formAccount
	}
	if isEntityID(name) {
		return formID
	}
	a, err := arn.Parse(name)
	if err != nil || a.Region != "" || !arn.ValidAccount(a.Account) || strings.ContainsAny(name, "*?") {
		return formOther
	}
	kind, rest := a.Kind()
	switch {
	case a.Service == "iam" && a.Resource == "root":
		return formAccount
	case a.Service == "iam" && (kind == "user" || kind == "role") && rest != "" && !strings.HasSuffix(rest, "/"):
		return formEntity
	case a.Service == "sts" && kind == "assumed-role" && strings.Count(rest, "/") == 1,
		a.Service == "sts" && kind == "federated-user" && rest != "":
		return formSession
	}
	return formOther
}

func isEntityID(name string) bool {
	if len(name) < 16 || !strings.HasPrefix(name, arn.UserID) && !strings.HasPrefix(name, arn.RoleID) {
		return false
	}
	for i := range len(name) {
		if c := name[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

// allows returns the form in which the set grants something to p (PL-31,
// EV-30). NotPrincipal grants nothing: it goes with Deny only (PL-29).
func (s *principalSet) allows(p *Principal) Grant {
	grant := NoGrant
	if s == nil || s.not {
		return grant
	}
	for i := range s.entries {
		if e := &s.entries[i]; e.kind != entryUnbound {
			grant = max(grant, e.grant(p))
		}
	}
	return grant
}

// denies reports whether a Deny with this set concerns p. A set that is missing
// where there must be one concerns everybody.
func (s *principalSet) denies(p *Principal, bounded bool) bool {
	if s == nil {
		return true
	}
	if s.not {
		return bounded || !s.exempts(p) // PL-30 (b)
	}
	for i := range s.entries {
		if s.entries[i].grant(p) != NoGrant {
			return true
		}
	}
	return false
}

// exempts reports whether a NotPrincipal lists p in full: its account, and the
// user, or the role and the session (PL-30 (a)).
func (s *principalSet) exempts(p *Principal) bool {
	var account, entity, session, other bool
	for i := range s.entries {
		e := &s.entries[i]
		if e.grant(p) == NoGrant {
			continue
		}
		switch e.kind {
		case entryAccount, entryCanonical:
			account = true
		case entryID:
			entity = true
		case entryText:
			session = true
		case entryEveryone, entryService, entryFederated:
			other = true
		case entryNobody, entryUnbound: // nobody is spared by a name that is bound to no one
		}
	}
	switch p.Kind {
	case Root:
		return other || account
	case User:
		return other || account && entity
	case RoleSession, FederatedUser:
		return other || account && entity && session
	default:
		return other
	}
}

// grant returns how e names p.
func (e *principalEntry) grant(p *Principal) Grant {
	has := func(yes bool, g Grant) Grant {
		if yes {
			return g
		}
		return NoGrant
	}
	switch e.kind {
	case entryEveryone:
		return DirectGrant
	case entryAccount:
		return has(p.hasAccount() && p.Account == e.value, AccountGrant)
	case entryCanonical:
		return has(p.hasAccount() && p.Canonical != "" && p.Canonical == e.value, AccountGrant)
	case entryID:
		return has(p.ID != "" && p.ID == e.value, p.entityGrant())
	case entryUnbound:
		return has(p.Kind == User && p.ARN == e.value || p.Issuer != "" && p.Issuer == e.value, p.entityGrant())
	case entryText:
		return has((p.Kind == RoleSession || p.Kind == FederatedUser) && p.ARN == e.value, DirectGrant)
	case entryService:
		return has(p.Kind == Service && slices.Contains(p.Services, e.value), DirectGrant)
	case entryFederated:
		return has(p.Kind == Federated && p.Provider != "" && p.Provider == e.value, DirectGrant)
	case entryNobody:
	}
	return NoGrant
}

// entityGrant is the form of a grant to the user or role that p is or comes from.
func (p *Principal) entityGrant() Grant {
	switch p.Kind {
	case User:
		return DirectGrant
	case RoleSession, FederatedUser:
		return RoleGrant
	default:
		return NoGrant
	}
}

// hasAccount reports whether p belongs to an account, which gives it policies
// of its own.
func (p *Principal) hasAccount() bool {
	switch p.Kind {
	case Root, User, RoleSession, FederatedUser:
		return p.Account != ""
	default:
		return false
	}
}
