package iam

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/authz"
	"github.com/regent-iam/regent/internal/dispatch"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/policy"
)

// An accessSource is whose use of services is told: that of a user or role, of
// a group's members, or of those whom a managed policy is attached to.
type accessSource struct {
	account identity.AccountID
	kind    store.Kind
	id      string // unique id; of a policy its ARN
}

// A grantingPolicy is a policy of an entity, by whom it is had.
type grantingPolicy struct {
	name   string
	arn    string // "" of an inline policy
	holder *entity
	text   string
}

func (g *grantingPolicy) document() *policy.Document {
	doc, err := policy.Parse(g.text)
	if err != nil {
		return nil // what cannot be read allows nothing
	}
	return doc
}

func isPolicy(text string) bool {
	a, err := arn.Parse(text)
	if err != nil {
		return false
	}
	kind, _ := a.Kind()
	return kind == "policy"
}

// accessSourceOf finds what an ARN names, and the policies that it has.
func accessSourceOf(call *dispatch.Call, text string) (accessSource, []grantingPolicy, error) {
	account := call.Caller.Account
	if !isPolicy(text) {
		from, e, err := findSource(call, text)
		if err != nil {
			return accessSource{}, nil, err
		}
		policies, err := granting(call.Tx, e)
		return accessSource{account, from.kind.store, e.id}, policies, err
	}
	p, err := managedPolicyOf(call, text)
	if err != nil {
		return accessSource{}, nil, err
	}
	document, name, err := authz.ManagedText(call.Tx, account, p.arn())
	return accessSource{account, store.KindPolicy, p.arn()}, []grantingPolicy{{name: name, arn: p.arn(), text: document}}, err
}

// granting returns the policies of an entity, those of its groups included.
func granting(tx *store.Tx, e *entity) ([]grantingPolicy, error) {
	holders := []*entity{e}
	if e.kind.store == store.KindUser {
		u, err := tx.UserByID(e.id)
		if err != nil {
			return nil, err
		}
		for _, id := range u.Groups {
			g, err := tx.GroupByID(id)
			if err != nil {
				return nil, err
			}
			holders = append(holders, groupEntity(g))
		}
	}
	var out []grantingPolicy
	for _, h := range holders {
		for _, d := range h.Inline {
			out = append(out, grantingPolicy{name: d.Name, holder: h, text: d.Text})
		}
		for _, policyARN := range h.Attached {
			text, name, err := authz.ManagedText(tx, h.account, policyARN)
			if err != nil {
				return nil, err
			}
			out = append(out, grantingPolicy{name: name, arn: policyARN, holder: h, text: text})
		}
	}
	return out, nil
}

// A place is where a list of entities goes on: behind an attachment of a
// policy, or behind a member of a group that the policy is attached to.
type place struct {
	At     string `json:"a,omitempty"`
	Last   bool   `json:"l,omitempty"` // there is no attachment behind At
	Group  string `json:"g,omitempty"`
	Member string `json:"m,omitempty"`
}

// entities returns a page of the users and roles whose use counts, each once,
// and where the next page goes on, "" at the end.
func (s *accessSource) entities(tx *store.Tx, after string, limit int) ([]*entity, string, error) {
	switch s.kind {
	case store.KindPolicy:
		return s.holders(tx, after, limit)
	case store.KindGroup:
		g, err := tx.GroupByID(s.id)
		if errors.Is(err, store.ErrNotFound) {
			return nil, "", nil
		} else if err != nil {
			return nil, "", err
		}
		members, next, err := tx.Members(g, after, limit)
		out := make([]*entity, len(members))
		for i, u := range members {
			out[i] = userEntity(u)
		}
		return out, next, err
	default:
		e, err := byID(tx, store.Attachment{Kind: s.kind, ID: s.id})
		if errors.Is(err, store.ErrNotFound) {
			return nil, "", nil
		} else if err != nil {
			return nil, "", err
		}
		return []*entity{e}, "", nil
	}
}

// holders is entities of a managed policy.
func (s *accessSource) holders(tx *store.Tx, after string, limit int) (out []*entity, next string, err error) {
	var at place
	if after != "" {
		if err := json.Unmarshal([]byte(after), &at); err != nil {
			return nil, "", dispatch.ErrMarker
		}
	}
	for len(out) < limit {
		switch {
		case at.Group != "":
			members, err := s.members(tx, &at, limit-len(out))
			if err != nil {
				return nil, "", err
			}
			out = append(out, members...)
		case at.Last:
			return out, "", nil
		default:
			e, err := s.holder(tx, &at)
			if err != nil {
				return nil, "", err
			}
			if e != nil {
				out = append(out, e)
			}
		}
	}
	if at.Last && at.Group == "" {
		return out, "", nil
	}
	text, err := json.Marshal(at)
	return out, string(text), err
}

// holder goes on to the next attachment, and returns the user or role it is to.
func (s *accessSource) holder(tx *store.Tx, at *place) (*entity, error) {
	uses, next, err := tx.Attachments(s.account, s.id, at.At, 1, func(a store.Attachment) bool { return !a.Boundary })
	if err != nil {
		return nil, err
	}
	at.At, at.Last = next, next == ""
	if len(uses) == 0 {
		return nil, nil
	}
	if uses[0].Kind == store.KindGroup {
		at.Group, at.Member = uses[0].ID, ""
		return nil, nil
	}
	return byID(tx, uses[0])
}

// members goes on in the group at hand, and leaves out those who have the
// policy themselves too or by a group before this one.
func (s *accessSource) members(tx *store.Tx, at *place, limit int) ([]*entity, error) {
	g, err := tx.GroupByID(at.Group)
	if errors.Is(err, store.ErrNotFound) {
		at.Group = ""
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	users, next, err := tx.Members(g, at.Member, limit)
	if err != nil {
		return nil, err
	}
	var out []*entity
	for _, u := range users {
		if elsewhere, err := s.elsewhere(tx, u, g); err != nil {
			return nil, err
		} else if !elsewhere {
			out = append(out, userEntity(u))
		}
	}
	if at.Member = next; next == "" {
		at.Group = ""
	}
	return out, nil
}

func (s *accessSource) elsewhere(tx *store.Tx, u *identity.User, g *identity.Group) (bool, error) {
	if slices.Contains(u.Attached, s.id) {
		return true, nil
	}
	for _, id := range u.Groups {
		if id >= g.ID {
			continue
		}
		before, err := tx.GroupByID(id)
		if err != nil {
			return false, err
		}
		if slices.Contains(before.Attached, s.id) {
			return true, nil
		}
	}
	return false, nil
}

// accessPage is how many entities or accounts are read in one view.
const accessPage = 100

// A tally sums up what entities tried of the services that are granted.
type tally struct {
	services map[string]*identity.AccessedService
	actions  bool
	now      time.Time
}

// count sums up all entities of a source, a page of them in a view.
func (t *tally) count(ctx context.Context, st *store.Store, s accessSource) error {
	after := ""
	for more := true; more; more = after != "" {
		err := st.View(ctx, func(tx *store.Tx) error {
			page, next, err := s.entities(tx, after, accessPage)
			if err != nil {
				return err
			}
			for _, e := range page {
				access, err := tx.Access(s.account, e.id)
				if err != nil {
					return err
				}
				t.add(e.arn, access)
			}
			after = next
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tally) add(entityARN string, access *identity.Access) {
	for prefix, tried := range access.Services {
		s := t.services[prefix]
		if s == nil || t.now.Sub(tried.At) > identity.AccessLife {
			continue
		}
		s.Entities++
		if tried.After(s.AccessUse) {
			s.AccessUse, s.Entity = tried.AccessUse, entityARN
		}
		if t.actions {
			addActions(s, entityARN, tried.Actions)
		}
	}
}

func addActions(s *identity.AccessedService, entityARN string, tried map[string]identity.AccessUse) {
	for name, use := range tried {
		i, known := slices.BinarySearchFunc(s.Actions, name, func(a identity.AccessedAction, name string) int {
			return strings.Compare(a.Name, name)
		})
		if !known {
			s.Actions = slices.Insert(s.Actions, i, identity.AccessedAction{Name: name})
		}
		if use.After(s.Actions[i].AccessUse) {
			s.Actions[i].AccessUse, s.Actions[i].Entity = use, entityARN
		}
	}
}
