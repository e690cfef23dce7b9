package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
)

// Rules: IA-2 IA-6
func TestRenamingKeepsTheUniqueIDAndEveryIndex(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		f.update(func(tx *store.Tx) error {
			return errors.Join(tx.CreateUser(user("alice")), tx.CreateUser(user("bob")), tx.CreateGroup(group("devs")), tx.CreateGroup(group("ops")))
		})
		f.update(func(tx *store.Tx) error {
			u, err := tx.User(here, "alice")
			if err != nil {
				return err
			}
			return tx.AddToGroup(group("devs"), u)
		})
		rename := func(from, to, path string) error {
			return f.Update(t.Context(), func(tx *store.Tx) error {
				u, err := tx.User(here, identity.UserName(from))
				if err != nil {
					return err
				}
				return tx.RenameUser(u, identity.UserName(to), path)
			})
		}
		if err := rename("alice", "BOB", "/"); !errors.Is(err, store.ErrExists) {
			t.Errorf("a name that another has in another case: %v", err)
		}
		for _, step := range []struct{ from, to, path string }{
			{"alice", "Alice", "/"}, {"alice", "carol", "/x/"}, {"carol", "carol", "/"},
		} {
			if err := rename(step.from, step.to, step.path); err != nil {
				t.Fatal(err)
			}
			f.view(func(tx *store.Tx) error {
				u, err := tx.UserByID("AIDAalice")
				if err != nil {
					return err
				}
				if string(u.Name) != step.to || u.Path != step.path {
					t.Errorf("%+v after %+v", u, step)
				}
				members, _, err := tx.Members(group("devs"), "", 0)
				if len(members) != 1 || string(members[0].Name) != step.to {
					t.Errorf("members %v after %+v", members, step)
				}
				return err
			})
		}
		f.view(func(tx *store.Tx) error {
			if _, err := tx.User(here, "alice"); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the old name is still there: %v", err)
			}
			return nil
		})
		f.fails(store.ErrExists, func(tx *store.Tx) error {
			g, err := tx.Group(here, "devs")
			if err != nil {
				return err
			}
			return tx.RenameGroup(g, "Ops", "/")
		})
		f.update(func(tx *store.Tx) error {
			g, err := tx.Group(here, "devs")
			if err != nil {
				return err
			}
			return tx.RenameGroup(g, "developers", "/")
		})
		f.view(func(tx *store.Tx) error {
			g, err := tx.GroupByID("AGPAdevs")
			if err != nil {
				return err
			}
			if _, old := tx.Group(here, "devs"); !errors.Is(old, store.ErrNotFound) || g.Name != "developers" {
				t.Errorf("%v %+v", old, g)
			}
			has, err := tx.HasMembers(g)
			if !has {
				t.Error("the group lost its members")
			}
			return err
		})
	})
}

// Rules: EV-53 IA-2
func TestWhoIsMadeAgainIsSomebodyElse(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		f.update(func(tx *store.Tx) error {
			return errors.Join(tx.CreateRole(role("a")), tx.PutRoleUse("AROAa", identity.KeyUse{At: began}))
		})
		f.update(func(tx *store.Tx) error { return tx.DeleteRole(role("a")) })
		again := role("a")
		again.ID = "AROAother"
		f.update(func(tx *store.Tx) error { return tx.CreateRole(again) })
		f.update(func(tx *store.Tx) error { return tx.PutRoleUse("AROAa", identity.KeyUse{At: began}) }) // late news of the first
		f.view(func(tx *store.Tx) error {
			_, byID := tx.RoleByID("AROAa")
			_, use := tx.RoleUse("AROAa")
			if !errors.Is(byID, store.ErrNotFound) || !errors.Is(use, store.ErrNotFound) {
				t.Errorf("the first role: %v, %v", byID, use)
			}
			if _, there, err := tx.PrincipalARN("AROAa"); there || err != nil {
				t.Errorf("the first role's id still has an ARN (%v)", err)
			}
			r, err := tx.RoleByID("AROAother")
			if err == nil && r.Name != "a" {
				t.Errorf("%+v", r)
			}
			return err
		})
		if err := f.Update(t.Context(), func(tx *store.Tx) error {
			taken := user("someone")
			taken.ID = "AROAother"
			return tx.CreateUser(taken)
		}); err == nil || errors.Is(err, store.ErrExists) {
			t.Errorf("a unique id that is taken: %v", err)
		}
	})
}

func TestUniqueIDsLeadToTheirKindOnly(t *testing.T) {
	t.Parallel()
	f := inMemory(t)
	f.update(func(tx *store.Tx) error {
		return errors.Join(tx.CreateUser(user("x")), tx.CreateGroup(group("x")), tx.CreateRole(role("x")), tx.CreatePolicy(managed("x")))
	})
	f.view(func(tx *store.Tx) error {
		for _, id := range []string{"AIDAx", "AGPAx", "AROAx", "ANPAx", "AIDAnobody"} {
			_, u := tx.UserByID(id)
			_, g := tx.GroupByID(id)
			_, r := tx.RoleByID(id)
			for kind, err := range map[string]error{"AIDAx": u, "AGPAx": g, "AROAx": r} {
				if (err == nil) != (kind == id) || err != nil && !errors.Is(err, store.ErrNotFound) {
					t.Errorf("%s as %s: %v", id, kind, err)
				}
			}
			name, there, err := tx.PrincipalARN(id)
			if err != nil {
				return err
			}
			want := map[string]string{"AIDAx": "arn:aws:iam::111122223333:user/x", "AROAx": "arn:aws:iam::111122223333:role/x"}[id]
			if name != want || there != (want != "") {
				t.Errorf("%s is %q, %v", id, name, there)
			}
		}
		return nil
	})
}

func TestGroupsAndMembers(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		f.update(func(tx *store.Tx) error {
			return errors.Join(tx.CreateGroup(group("devs")), tx.CreateUser(user("alice")), tx.CreateUser(user("bob")))
		})
		change := func(name string, do func(*store.Tx, *identity.Group, *identity.User) error) {
			f.update(func(tx *store.Tx) error {
				u, err := tx.User(here, identity.UserName(name))
				if err != nil {
					return err
				}
				return do(tx, group("devs"), u)
			})
		}
		members := func() (names []string) {
			f.view(func(tx *store.Tx) error {
				users, _, err := tx.Members(group("devs"), "", 0)
				for _, u := range users {
					names = append(names, string(u.Name))
					if !slices.Equal(u.Groups, []string{"AGPAdevs"}) {
						t.Errorf("%s is in %v", u.Name, u.Groups)
					}
				}
				has, hasErr := tx.HasMembers(group("devs"))
				if has != (len(names) > 0) {
					t.Errorf("HasMembers is %v with %v", has, names)
				}
				return errors.Join(err, hasErr)
			})
			return names
		}
		change("bob", (*store.Tx).AddToGroup)
		change("alice", (*store.Tx).AddToGroup)
		change("alice", (*store.Tx).AddToGroup) // a member stays one
		if got := members(); !slices.Equal(got, []string{"alice", "bob"}) {
			t.Error(got)
		}
		change("bob", (*store.Tx).RemoveFromGroup)
		change("bob", (*store.Tx).RemoveFromGroup)
		if got := members(); !slices.Equal(got, []string{"alice"}) {
			t.Error(got)
		}
		change("alice", (*store.Tx).RemoveFromGroup)
		if got := members(); len(got) != 0 {
			t.Error(got)
		}
	})
}

func TestAliases(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		set := func(id identity.AccountID, alias string) error {
			return f.Update(t.Context(), func(tx *store.Tx) error {
				a, err := tx.Account(id)
				if err != nil {
					return err
				}
				return tx.SetAlias(a, alias)
			})
		}
		owner := func(alias string) identity.AccountID {
			var id identity.AccountID
			f.view(func(tx *store.Tx) error {
				a, err := tx.AccountByAlias(alias)
				if errors.Is(err, store.ErrNotFound) {
					return nil
				} else if err != nil {
					return err
				}
				id = a.ID
				return nil
			})
			return id
		}
		steps := []struct {
			id    identity.AccountID
			alias string
			want  error
			owner map[string]identity.AccountID
		}{
			{here, "one", nil, map[string]identity.AccountID{"one": here, "ONE": here}},
			{there, "One", store.ErrExists, map[string]identity.AccountID{"one": here}},
			{here, "one", nil, map[string]identity.AccountID{"one": here}},
			{here, "two", nil, map[string]identity.AccountID{"one": "", "two": here}},
			{there, "one", nil, map[string]identity.AccountID{"one": there, "two": here}},
			{here, "", nil, map[string]identity.AccountID{"one": there, "two": ""}},
		}
		for i, s := range steps {
			if err := set(s.id, s.alias); !errors.Is(err, s.want) {
				t.Errorf("step %d: %v", i, err)
			}
			for alias, want := range s.owner {
				if got := owner(alias); got != want {
					t.Errorf("step %d: %s belongs to %q, want %q", i, alias, got, want)
				}
			}
		}
	})
}

// Rules: OR-4
func TestEmailAddressesAndAccountIDsAreTakenOnce(t *testing.T) {
	t.Parallel()
	f := inMemory(t)
	same := account("777788889999")
	same.Email = "ROOT@111122223333.example"
	f.fails(store.ErrExists, func(tx *store.Tx) error { return tx.CreateAccount(same) })
	again := account(here)
	again.Email = "other@example.com"
	f.fails(store.ErrExists, func(tx *store.Tx) error { return tx.CreateAccount(again) })
	f.view(func(tx *store.Tx) error {
		a, err := tx.AccountByEmail("Root@111122223333.EXAMPLE")
		if err == nil && a.ID != here {
			t.Errorf("%+v", a)
		}
		if _, err := tx.AccountByEmail("other@example.com"); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
		return err
	})
}

func TestUsesOfManagedPolicies(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		const one, two = "arn:aws:iam::111122223333:policy/p/one", "arn:aws:iam::aws:policy/two"
		bounded := user("b")
		bounded.Boundary = one
		boundedRole := role("r")
		boundedRole.Boundary = two
		f.update(func(tx *store.Tx) error {
			return errors.Join(
				tx.CreateUser(bounded), tx.CreateRole(boundedRole),
				tx.Attached(here, one, store.KindUser, "AIDAb"), tx.Attached(here, one, store.KindGroup, "AGPAg"),
				tx.Attached(here, one, store.KindRole, "AROAr"), tx.Attached(here, two, store.KindRole, "AROAr"),
			)
		})
		uses := func(policy string) (u store.Uses) {
			f.view(func(tx *store.Tx) (err error) {
				u, err = tx.Uses(here, policy)
				return err
			})
			return u
		}
		if got := uses(one); got != (store.Uses{Permissions: 3, Boundaries: 1}) {
			t.Errorf("%+v", got)
		}
		f.view(func(tx *store.Tx) error {
			var arns []string
			err := tx.Used(here, "", func(policy string, _ store.Uses) (bool, error) {
				arns = append(arns, policy)
				return true, nil
			})
			if !slices.Equal(arns, []string{one, two}) {
				t.Errorf("%q", arns)
			}
			err = errors.Join(err, tx.Used(here, one, func(policy string, _ store.Uses) (bool, error) {
				if policy != two {
					t.Errorf("%s comes behind %s", policy, one)
				}
				return false, nil
			}))
			var all []store.Attachment
			for after := ""; ; {
				page, next, err := tx.Attachments(here, one, after, 1, nil)
				if err != nil {
					return err
				}
				all = append(all, page...)
				if after = next; next == "" {
					break
				}
			}
			want := []store.Attachment{
				{Kind: store.KindGroup, ID: "AGPAg"},
				{Kind: store.KindRole, ID: "AROAr"},
				{Kind: store.KindUser, ID: "AIDAb", Boundary: true},
				{Kind: store.KindUser, ID: "AIDAb"},
			}
			if !slices.Equal(all, want) {
				t.Errorf("%+v", all)
			}
			kept, _, keptErr := tx.Attachments(here, one, "", 0, func(a store.Attachment) bool { return a.Kind == store.KindRole })
			if len(kept) != 1 || kept[0].ID != "AROAr" {
				t.Errorf("%+v", kept)
			}
			return errors.Join(err, keptErr)
		})
		f.update(func(tx *store.Tx) error {
			return errors.Join(
				tx.Detached(here, one, store.KindUser, "AIDAb"), tx.Detached(here, one, store.KindGroup, "AGPAg"),
				tx.Detached(here, one, store.KindRole, "AROAr"), tx.Detached(here, two, store.KindRole, "AROAr"),
				tx.BoundaryChanged(here, store.KindUser, "AIDAb", one, two), tx.BoundaryChanged(here, store.KindUser, "AIDAb", two, two),
			)
		})
		if a, b := uses(one), uses(two); a != (store.Uses{}) || b != (store.Uses{Boundaries: 2}) {
			t.Errorf("%+v %+v", a, b)
		}
		bounded.Boundary = two
		f.update(func(tx *store.Tx) error { return errors.Join(tx.DeleteUser(bounded), tx.DeleteRole(boundedRole)) })
		f.view(func(tx *store.Tx) error {
			return tx.Used(here, "", func(policy string, u store.Uses) (bool, error) {
				t.Errorf("%s is still used: %+v", policy, u)
				return true, nil
			})
		})
	})
}

// Rules: S3-91
func TestBucketsAreOneNameSpace(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		f.update(func(tx *store.Tx) error {
			return errors.Join(tx.CreateBucket(bucket("b", here)), tx.CreateBucket(bucket("a", here)), tx.CreateBucket(bucket("c", there)))
		})
		f.fails(store.ErrExists, func(tx *store.Tx) error { return tx.CreateBucket(bucket("b", there)) })
		names := func(id identity.AccountID, after string, limit int, keep func(string) bool) (list []string, next string) {
			f.view(func(tx *store.Tx) (err error) {
				list, next, err = tx.Buckets(id, after, limit, keep)
				return err
			})
			return list, next
		}
		if got, next := names(here, "", 1, nil); !slices.Equal(got, []string{"a"}) || next != "a" {
			t.Error(got, next)
		}
		if got, next := names(here, "a", 1, nil); !slices.Equal(got, []string{"b"}) || next != "" {
			t.Error(got, next)
		}
		if got, _ := names(here, "", 0, func(n string) bool { return n > "a" }); !slices.Equal(got, []string{"b"}) {
			t.Error(got)
		}
		f.update(func(tx *store.Tx) error { return tx.DeleteBucket(bucket("b", here)) })
		f.update(func(tx *store.Tx) error { return tx.CreateBucket(bucket("b", there)) })
		if got, _ := names(there, "", 0, nil); !slices.Equal(got, []string{"b", "c"}) {
			t.Error(got)
		}
	})
}

func TestAKeyThatIsGoneHasNoUse(t *testing.T) {
	t.Parallel()
	f := inMemory(t)
	f.update(func(tx *store.Tx) error { return tx.PutKeyUse("AKIAgone", identity.KeyUse{At: began}) })
	f.view(func(tx *store.Tx) error {
		if _, err := tx.KeyUse("AKIAgone"); !errors.Is(err, store.ErrNotFound) {
			t.Error(err)
		}
		return nil
	})
}

// Rules: OR-5
func TestPlacesInTheOrganization(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		units := []string{"ou-abcd-1", "ou-abcd-2", "ou-abcd-3", "ou-abcd-4", "ou-abcd-5", "ou-abcd-6"}
		f.update(func(tx *store.Tx) error {
			parent := root
			for _, id := range units {
				if err := tx.PutUnit(org, &identity.OrganizationalUnit{ID: id, Parent: parent}); err != nil {
					return err
				}
				parent = id
			}
			return nil
		})
		move := func(to, organization string) {
			f.update(func(tx *store.Tx) error {
				a, err := tx.Account(there)
				if err != nil {
					return err
				}
				return tx.Join(a, organization, to)
			})
		}
		path := func() (list []string, err error) {
			f.view(func(tx *store.Tx) error {
				a, accountErr := tx.Account(there)
				if accountErr != nil {
					return accountErr
				}
				list, err = tx.Path(organization(), a)
				return nil
			})
			return list, err
		}
		children := func(o, parent string) (ids []identity.AccountID) {
			f.view(func(tx *store.Tx) error {
				list, _, err := tx.ChildAccounts(o, parent, "", 0)
				for _, a := range list {
					ids = append(ids, a.ID)
				}
				return err
			})
			return ids
		}
		if got, err := path(); err != nil || !slices.Equal(got, []string{root, string(there)}) {
			t.Error(got, err)
		}
		move(units[4], org)
		if got, err := path(); err != nil || !slices.Equal(got, append([]string{root}, append(slices.Clone(units[:5]), string(there))...)) {
			t.Error(got, err)
		}
		if got := children(org, root); !slices.Equal(got, []identity.AccountID{here}) {
			t.Error(got)
		}
		move(units[5], org)
		if _, err := path(); err == nil {
			t.Error("a chain of six units is followed")
		}
		move("ou-abcd-none", org)
		if _, err := path(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a unit that is not there: %v", err)
		}
		move("r-other", "o-otherother")
		for _, o := range []struct {
			id   string
			want []identity.AccountID
		}{{org, []identity.AccountID{here}}, {"o-otherother", []identity.AccountID{there}}} {
			f.view(func(tx *store.Tx) error {
				list, _, err := tx.MemberAccounts(o.id, "", 0)
				var ids []identity.AccountID
				for _, a := range list {
					ids = append(ids, a.ID)
				}
				if !slices.Equal(ids, o.want) {
					t.Errorf("%s has %v", o.id, ids)
				}
				return err
			})
		}
		if got := children(org, "ou-abcd-none"); len(got) != 0 {
			t.Errorf("it left %v behind", got)
		}
	})
}

// Rules: OR-20 OR-21 OR-22
func TestAttachmentsAndEpochs(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		scp := func(id, name string) *identity.OrganizationPolicy {
			return &identity.OrganizationPolicy{ID: id, Type: identity.SCP, Name: name, Text: "{}"}
		}
		f.update(func(tx *store.Tx) error {
			return errors.Join(tx.PutOrganizationPolicy(org, scp("p-1", "one"), ""), tx.PutOrganizationPolicy(org, scp("p-2", "two"), ""))
		})
		f.fails(store.ErrExists, func(tx *store.Tx) error { return tx.PutOrganizationPolicy(org, scp("p-3", "ONE"), "") })
		f.fails(store.ErrExists, func(tx *store.Tx) error { return tx.PutOrganizationPolicy(org, scp("p-2", "one"), "two") })
		f.update(func(tx *store.Tx) error { return tx.PutOrganizationPolicy(org, scp("p-1", "One"), "one") })
		f.update(func(tx *store.Tx) error { return tx.PutOrganizationPolicy(org, scp("p-1", "uno"), "One") })
		f.update(func(tx *store.Tx) error { return tx.PutOrganizationPolicy(org, scp("p-3", "one"), "") })

		o := organization()
		hangs := func(target string, want ...string) {
			t.Helper()
			f.view(func(tx *store.Tx) error {
				got, err := tx.TargetPolicies(o, target, identity.SCP)
				if !slices.Equal(got, want) {
					t.Errorf("%s has %v, want %v", target, got, want)
				}
				return err
			})
		}
		targets := func(id string, want ...string) {
			t.Helper()
			f.view(func(tx *store.Tx) error {
				got, _, err := tx.PolicyTargets(o, scp(id, ""), "", 0)
				if !slices.Equal(got, want) {
					t.Errorf("%s hangs on %v, want %v", id, got, want)
				}
				return err
			})
		}
		set := func(target string, ids ...string) {
			t.Helper()
			f.update(func(tx *store.Tx) error { return tx.SetTargetPolicies(o, target, identity.SCP, ids, time.Time{}) })
		}
		hangs(root, identity.FullAWSAccess)
		f.view(func(tx *store.Tx) error {
			got, err := tx.TargetPolicies(o, root, identity.RCP)
			if len(got) != 0 {
				t.Errorf("a type that is off has %v", got)
			}
			return err
		})
		set(root, identity.FullAWSAccess, "p-1", "p-2")
		set(string(there), "p-1")
		hangs(root, identity.FullAWSAccess, "p-1", "p-2")
		targets("p-1", string(there), root)
		set(root, "p-2")
		targets("p-1", string(there))

		o.Enabled = nil // switched off: nothing hangs anywhere
		hangs(root)
		targets("p-1")
		o.Enabled, o.Epochs[identity.SCP] = []identity.PolicyType{identity.SCP}, 2 // and on again
		hangs(root, identity.FullAWSAccess)
		hangs(string(there), identity.FullAWSAccess)
		targets("p-1")
		targets("p-2")
		set(root, identity.FullAWSAccess, "p-2")
		targets("p-2", root)
		o.Enabled, o.Epochs[identity.RCP] = append(o.Enabled, identity.RCP), 1
		f.view(func(tx *store.Tx) error {
			got, err := tx.TargetPolicies(o, root, identity.RCP)
			if !slices.Equal(got, []string{identity.RCPFullAWSAccess}) {
				t.Error(got)
			}
			return err
		})
		f.update(func(tx *store.Tx) error { return tx.DeleteOrganizationPolicy(org, scp("p-1", "uno")) })
		f.update(func(tx *store.Tx) error { return tx.PutOrganizationPolicy(org, scp("p-4", "UNO"), "") })
	})
}
