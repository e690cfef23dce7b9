package authz

import (
	"errors"
	"fmt"
	"strings"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// Bind finds the unique ids of the users and roles, of whatever account, that
// the principals of doc name (PL-26). The bindings go with the document into
// its [identity.ResourcePolicy]: from then on the ids are what matches, so that
// whoever is made again under the old name is trusted no more.
//
// Missing is the first principal that there is none of (PL-27), an ARN or a
// bare unique id; the document must then be refused. Accounts are not looked
// for. It takes one read for each principal.
func Bind(tx *store.Tx, doc *policy.Document) (bindings map[string]string, missing string, err error) {
	for _, name := range doc.PrincipalNames() {
		id, err := principalID(tx, name)
		if errors.Is(err, store.ErrNotFound) {
			return nil, name, nil
		} else if err != nil {
			return nil, "", fmt.Errorf("binding %s: %w", name, err)
		}
		if bindings == nil {
			bindings = map[string]string{}
		}
		bindings[name] = id
	}
	missing, err = missingID(tx, doc)
	return bindings, missing, err
}

// principalID returns the unique id of the user or role with that very ARN,
// path and case included (PL-23).
func principalID(tx *store.Tx, name string) (string, error) {
	a, err := arn.Parse(name)
	if err != nil || a.Partition != identity.Partition {
		return "", store.ErrNotFound
	}
	account := identity.AccountID(a.Account)
	kind, rest := a.Kind()
	last := rest[strings.LastIndexByte(rest, '/')+1:]
	var found, id string
	switch kind {
	case "user":
		u, err := tx.User(account, identity.UserName(last))
		if err != nil {
			return "", err
		}
		found, id = u.ARN().String(), u.ID
	case "role":
		r, err := tx.Role(account, identity.RoleName(last))
		if err != nil {
			return "", err
		}
		found, id = r.ARN().String(), r.ID
	}
	if found != name {
		return "", store.ErrNotFound
	}
	return id, nil
}

// missingID returns the first bare unique id in doc that no user or role has.
// Such an id is what a document shows of one who is gone: saving it again
// would keep a principal that can never come back.
func missingID(tx *store.Tx, doc *policy.Document) (string, error) {
	seen := map[string]bool{}
	missing, failure := "", error(nil)
	policy.RewritePrincipals(doc.Text(), func(name string) string {
		if missing != "" || failure != nil || !isID(name) || seen[name] {
			return name
		}
		seen[name] = true
		ref, err := tx.Lookup(name)
		switch {
		case errors.Is(err, store.ErrNotFound) || err == nil && ref.Kind != store.KindUser && ref.Kind != store.KindRole:
			missing = name
		case err != nil:
			failure = fmt.Errorf("looking for %s: %w", name, err)
		}
		return name
	})
	return missing, failure
}

func isID(name string) bool {
	return strings.HasPrefix(name, arn.UserID) || strings.HasPrefix(name, arn.RoleID)
}

// Readback returns the text of a resource policy as it is shown: every user
// and role under its present ARN, and under its bare unique id when it is gone
// (PL-26). All else is as it was written.
func Readback(tx *store.Tx, p identity.ResourcePolicy) (string, error) {
	var failure error
	text := policy.RewritePrincipals(p.Text, func(name string) string {
		id := name
		if bound, ok := p.Bindings[name]; ok {
			id = bound
		} else if !isID(name) {
			return name
		}
		present, ok, err := tx.PrincipalARN(id)
		switch {
		case err != nil:
			failure = fmt.Errorf("reading %s: %w", id, err)
		case ok:
			return present
		}
		return id
	})
	return text, failure
}
