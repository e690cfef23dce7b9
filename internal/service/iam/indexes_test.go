package iam_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/regent-iam/regent/arn"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/service/servicetest"
	"github.com/regent-iam/regent/internal/store"
)

const crowded = identity.AccountID("111122223333")

// A move is a call that somebody makes at any time, on any of a few names.
type move []string

// moves draws calls that create, change, connect and delete entities whose
// names collide, in case too.
func moves() *rapid.Generator[move] {
	name := func(t *rapid.T, prefix string) string {
		return rapid.SampledFrom([]string{prefix, strings.ToUpper(prefix)}).Draw(t, "case") + rapid.SampledFrom([]string{"0", "1"}).Draw(t, "name")
	}
	policy := func(t *rapid.T) string {
		return rapid.SampledFrom([]string{awsReadOnly, "arn:aws:iam::111122223333:policy/p0", "arn:aws:iam::111122223333:policy/p1"}).Draw(t, "policy")
	}
	return rapid.Custom(func(t *rapid.T) move {
		user, group, role := name(t, "u"), name(t, "g"), name(t, "r")
		kind := rapid.SampledFrom([]string{"User", "Group", "Role"}).Draw(t, "kind")
		owner := map[string]string{"User": user, "Group": group, "Role": role}[kind]
		bounded := rapid.SampledFrom([]string{"User", "Role"}).Draw(t, "bounded")
		boundedOwner := map[string]string{"User": user, "Role": role}[bounded]
		managed := policy(t)
		return rapid.SampledFrom([]move{
			{"CreateUser", "UserName", user},
			{"CreateUser", "UserName", user, "PermissionsBoundary", managed},
			{"CreateGroup", "GroupName", group},
			{"CreateRole", "RoleName", role, "AssumeRolePolicyDocument", trustOwn, "PermissionsBoundary", managed},
			{"CreatePolicy", "PolicyName", "p" + user[1:], "PolicyDocument", allowS3},
			{"UpdateUser", "UserName", user, "NewUserName", name(t, "u"), "NewPath", "/x/"},
			{"UpdateGroup", "GroupName", group, "NewGroupName", name(t, "g")},
			{"AddUserToGroup", "GroupName", group, "UserName", user},
			{"AddUserToGroup", "GroupName", group, "UserName", user},
			{"RemoveUserFromGroup", "GroupName", group, "UserName", user},
			{"Attach" + kind + "Policy", kind + "Name", owner, "PolicyArn", managed},
			{"Attach" + kind + "Policy", kind + "Name", owner, "PolicyArn", managed},
			{"Detach" + kind + "Policy", kind + "Name", owner, "PolicyArn", managed},
			{"Put" + bounded + "PermissionsBoundary", bounded + "Name", boundedOwner, "PermissionsBoundary", managed},
			{"Delete" + bounded + "PermissionsBoundary", bounded + "Name", boundedOwner},
			{"CreateAccessKey", "UserName", user},
			{"CreateAccessKey", "UserName", user},
			{"DropKeys", user},
			{"TagUser", "UserName", user, "Tags.member.1.Key", role, "Tags.member.1.Value", group},
			{"CreatePolicyVersion", "PolicyArn", managed, "PolicyDocument", allowS3, "SetAsDefault", "true"},
			{"DeletePolicyVersion", "PolicyArn", managed, "VersionId", "v1"},
			{"Delete" + kind, kind + "Name", owner},
			{"Delete" + kind, kind + "Name", owner},
			{"DeletePolicy", "PolicyArn", managed},
		}).Draw(t, "move")
	})
}

// A crowd makes moves at once and remembers what was ever made.
type crowd struct {
	h    *servicetest.Harness
	mu   sync.Mutex
	ids  map[string]bool
	keys map[string]bool
}

func (c *crowd) make(m move) {
	root := c.h.As("root")
	if m[0] == "DropKeys" {
		for _, id := range root.Call("iam", "ListAccessKeys", "UserName", m[1]).All("AccessKeyId") {
			root.Call("iam", "DeleteAccessKey", "UserName", m[1], "AccessKeyId", id)
		}
		return
	}
	a := root.Call("iam", m[0], m[1:]...)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, element := range []string{"User.UserId", "Group.GroupId", "Role.RoleId", "Policy.PolicyId"} {
		for _, id := range a.All(element) {
			c.ids[id] = true
		}
	}
	for _, id := range a.All("AccessKey.AccessKeyId") {
		c.keys[id] = true
	}
}

// A census is what the records say the indexes must hold.
type census struct {
	IDs      map[string]store.Ref
	Keys     map[string]string   // owner's id
	Members  map[string][]string // by group
	Attached map[string][]store.Attachment
	Uses     map[string]store.Uses
	Counters store.Counters
}

func newCensus() *census {
	return &census{
		IDs: map[string]store.Ref{}, Keys: map[string]string{}, Members: map[string][]string{},
		Attached: map[string][]store.Attachment{}, Uses: map[string]store.Uses{},
	}
}

func (c *census) entity(kind store.Kind, id string, attached []string, boundary string) {
	for _, p := range attached {
		c.Attached[p] = append(c.Attached[p], store.Attachment{Kind: kind, ID: id})
		c.Uses[p] = store.Uses{Permissions: c.Uses[p].Permissions + 1, Boundaries: c.Uses[p].Boundaries}
	}
	if boundary != "" {
		c.Attached[boundary] = append(c.Attached[boundary], store.Attachment{Kind: kind, ID: id, Boundary: true})
		c.Uses[boundary] = store.Uses{Permissions: c.Uses[boundary].Permissions, Boundaries: c.Uses[boundary].Boundaries + 1}
	}
}

// fromRecords reads the records alone.
func fromRecords(tx *store.Tx) (*census, error) {
	c := newCensus()
	users, _, e1 := tx.Users(crowded, store.Page[identity.User]{})
	groups, _, e2 := tx.Groups(crowded, store.Page[identity.Group]{})
	roles, _, e3 := tx.Roles(crowded, store.Page[identity.Role]{})
	policies, _, e4 := tx.Policies(crowded, store.Page[identity.Policy]{})
	if err := errors.Join(e1, e2, e3, e4); err != nil {
		return nil, err
	}
	names := map[string]bool{}
	enter := func(kind store.Kind, id, name string) error {
		folded := string(kind) + arn.Fold(name)
		if names[folded] || c.IDs[id].Name != "" {
			return fmt.Errorf("%s %s %s is there twice", kind, id, name)
		}
		names[folded] = true
		c.IDs[id] = store.Ref{Kind: kind, Account: crowded, Name: name}
		return nil
	}
	var errs []error
	for _, g := range groups {
		errs = append(errs, enter(store.KindGroup, g.ID, string(g.Name)))
		c.entity(store.KindGroup, g.ID, g.Attached, "")
	}
	for _, u := range users {
		errs = append(errs, enter(store.KindUser, u.ID, string(u.Name)))
		c.entity(store.KindUser, u.ID, u.Attached, u.Boundary)
		for _, g := range u.Groups {
			c.Members[g] = append(c.Members[g], u.ID)
		}
		for _, k := range u.Keys {
			c.Keys[string(k)] = u.ID
		}
		if len(u.Keys) > 2 {
			errs = append(errs, fmt.Errorf("%s has keys %v", u.Name, u.Keys))
		}
	}
	for _, r := range roles {
		errs = append(errs, enter(store.KindRole, r.ID, string(r.Name)))
		c.entity(store.KindRole, r.ID, r.Attached, r.Boundary)
	}
	for _, p := range policies {
		errs = append(errs, enter(store.KindPolicy, p.ID, string(p.Name)))
		if _, ok := p.Version(p.Default); !ok || len(p.Versions) > 5 {
			errs = append(errs, fmt.Errorf("%s has versions %v, default %d", p.Name, p.Versions, p.Default))
		}
	}
	for used := range c.Uses {
		if name, own := strings.CutPrefix(used, "arn:aws:iam::111122223333:policy/"); own && !names[string(store.KindPolicy)+name] {
			errs = append(errs, fmt.Errorf("%s is used and is not there", used))
		}
	}
	c.Counters = store.Counters{Users: len(users), Groups: len(groups), Roles: len(roles), Policies: len(policies)}
	return c.sorted(), errors.Join(errs...)
}

// fromIndexes reads the indexes alone, about all that was ever made.
func fromIndexes(tx *store.Tx, made *crowd) (*census, error) {
	c := newCensus()
	var errs []error
	for id := range made.ids {
		ref, err := tx.Lookup(id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		c.IDs[id] = ref
		errs = append(errs, err)
		if ref.Kind == store.KindGroup {
			g, err := tx.GroupByID(id)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			members, _, err := tx.Members(g, "", 0)
			errs = append(errs, err)
			for _, u := range members {
				c.Members[id] = append(c.Members[id], u.ID)
			}
		}
	}
	for id := range made.keys {
		k, err := tx.AccessKey(identity.AccessKeyID(id))
		if !errors.Is(err, store.ErrNotFound) {
			errs = append(errs, err)
			c.Keys[id] = k.UserID
		}
	}
	errs = append(errs, tx.Used(crowded, "", func(policyARN string, uses store.Uses) (bool, error) {
		c.Uses[policyARN] = uses
		return true, nil
	}))
	for _, policyARN := range []string{awsReadOnly, "arn:aws:iam::111122223333:policy/p0", "arn:aws:iam::111122223333:policy/p1"} {
		list, _, err := tx.Attachments(crowded, policyARN, "", 0, nil)
		errs = append(errs, err)
		if len(list) > 0 {
			c.Attached[policyARN] = list
		}
	}
	counters, err := tx.Counters(crowded)
	c.Counters = *counters
	return c.sorted(), errors.Join(append(errs, err)...)
}

func (c *census) sorted() *census {
	for _, m := range c.Members {
		slices.Sort(m)
	}
	for _, list := range c.Attached {
		slices.SortFunc(list, func(a, b store.Attachment) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	}
	return c
}

// TestIndexesSayWhatRecordsSay after any calls that any number of callers made
// at once: nothing is lost, counted twice, left behind or beyond its quota.
//
// Rules: TH-25 TH-26 TH-37 IA-3 IA-6 IA-40 IA-41 IA-42 IA-43 IA-44
func TestIndexesSayWhatRecordsSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		h := harness(t)
		h.Account(crowded, "root")
		made := &crowd{h: h, ids: map[string]bool{}, keys: map[string]bool{}}
		lists := rapid.SliceOfN(rapid.SliceOfN(moves(), 1, 25), 1, 4).Draw(rt, "moves")
		var wg sync.WaitGroup
		for _, list := range lists {
			wg.Go(func() {
				for _, m := range list {
					made.make(m)
				}
			})
		}
		wg.Wait()
		var records, indexes *census
		h.View(func(tx *store.Tx) (err error) {
			if records, err = fromRecords(tx); err != nil {
				return err
			}
			indexes, err = fromIndexes(tx, made)
			return err
		})
		if diff := cmp.Diff(records, indexes); diff != "" {
			rt.Fatalf("records (-) and indexes (+) differ:\n%s", diff)
		}
		if lost := slices.Collect(maps.Keys(records.IDs)); len(lost) > len(made.ids) {
			rt.Fatalf("%v were made and nobody was told", lost)
		}
	})
}
