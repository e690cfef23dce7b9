package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

// peopled is a fixture with one of everything in account here.
func peopled(t testing.TB) *fixture {
	f := inMemory(t)
	f.update(func(tx *store.Tx) error {
		return errors.Join(
			tx.CreateUser(user("alice")), tx.CreateGroup(group("devs")), tx.CreateRole(role("ci")), tx.CreatePolicy(managed("m")),
			tx.PutAccessKey(&identity.AccessKey{ID: "AKIA1", Account: here, UserID: "AIDAalice"}),
			tx.CreateDevice(&identity.MFADevice{Account: here, Name: "d"}), tx.CreateBucket(bucket("b", here)),
			tx.PutUnit(org, &identity.OrganizationalUnit{ID: "ou-1", Parent: root}),
			tx.PutOrganizationPolicy(org, &identity.OrganizationPolicy{ID: "p-1", Type: identity.SCP, Name: "one"}, ""),
		)
	})
	return f
}

// guards returns the guards of every scope of a fixture.
func (f *fixture) guards() map[store.Scope]uint64 {
	f.t.Helper()
	values := map[store.Scope]uint64{}
	f.view(func(tx *store.Tx) error {
		for _, s := range []store.Scope{store.AccountScope(here), store.AccountScope(there), store.OrganizationScope(org)} {
			v, err := tx.Guard(s)
			if err != nil {
				return err
			}
			values[s] = v
		}
		return nil
	})
	return values
}

// Rules: TH-26
func TestGuardsMoveExactlyWithWhatDecisionsDependOn(t *testing.T) {
	t.Parallel()
	inHere, inThere, inOrg := store.AccountScope(here), store.AccountScope(there), store.OrganizationScope(org)
	mine, everywhere := []store.Scope{inHere}, []store.Scope{inOrg}
	alice := func(do func(*store.Tx, *identity.User) error) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			u, err := tx.User(here, "alice")
			if err != nil {
				return err
			}
			return do(tx, u)
		}
	}
	rows := []struct {
		name string
		do   func(*store.Tx) error
		want []store.Scope
	}{
		{"a user's policies", alice(func(tx *store.Tx, u *identity.User) error { return tx.PutUser(u) }), mine},
		{"a user's name", alice(func(tx *store.Tx, u *identity.User) error { return tx.RenameUser(u, "bob", "/") }), mine},
		{"a user's path", alice(func(tx *store.Tx, u *identity.User) error { return tx.RenameUser(u, u.Name, "/x/") }), mine},
		{"a user's end", alice(func(tx *store.Tx, u *identity.User) error { return tx.DeleteUser(u) }), mine},
		{"joining a group", alice(func(tx *store.Tx, u *identity.User) error { return tx.AddToGroup(group("devs"), u) }), mine},
		{"leaving a group", alice(func(tx *store.Tx, u *identity.User) error {
			u.Groups = []string{"AGPAdevs"}
			return tx.RemoveFromGroup(group("devs"), u)
		}), mine},
		{"leaving a group one is not in", alice(func(tx *store.Tx, u *identity.User) error { return tx.RemoveFromGroup(group("devs"), u) }), nil},
		{"a group's policies", func(tx *store.Tx) error { return tx.PutGroup(group("devs")) }, mine},
		{"a group's name", func(tx *store.Tx) error { return tx.RenameGroup(group("devs"), "ops", "/") }, mine},
		{"a group's end", func(tx *store.Tx) error { return tx.DeleteGroup(group("devs")) }, mine},
		{"a role", func(tx *store.Tx) error { return tx.PutRole(role("ci")) }, mine},
		{"a role's end", func(tx *store.Tx) error { return tx.DeleteRole(role("ci")) }, mine},
		{"a managed policy", func(tx *store.Tx) error { return tx.PutPolicy(managed("m")) }, mine},
		{"a new managed policy", func(tx *store.Tx) error { return tx.CreatePolicy(managed("n")) }, mine}, // a boundary that was gone is back
		{"a managed policy's end", func(tx *store.Tx) error { return tx.DeletePolicy(managed("m")) }, mine},
		{"an access key", func(tx *store.Tx) error { return tx.PutAccessKey(&identity.AccessKey{ID: "AKIA1", Account: here}) }, mine},
		{"an access key's end", func(tx *store.Tx) error { return tx.DeleteAccessKey(&identity.AccessKey{ID: "AKIA1", Account: here}) }, mine},
		{"a bucket", func(tx *store.Tx) error { return tx.PutBucket(bucket("b", here)) }, mine},
		{"a bucket's end", func(tx *store.Tx) error { return tx.DeleteBucket(bucket("b", here)) }, mine},
		{"an account", func(tx *store.Tx) error { return tx.PutAccount(account(there)) }, []store.Scope{inThere}},
		{"an alias", func(tx *store.Tx) error { return tx.SetAlias(account(here), "x") }, mine},
		{"an organization", func(tx *store.Tx) error { return tx.PutOrganization(organization()) }, everywhere},
		{"a unit", func(tx *store.Tx) error {
			return tx.PutUnit(org, &identity.OrganizationalUnit{ID: "ou-1", Parent: root})
		}, everywhere},
		{"a move", func(tx *store.Tx) error { return tx.Join(account(there), org, "ou-1") }, []store.Scope{inThere, inOrg}},
		{"a control policy", func(tx *store.Tx) error {
			return tx.PutOrganizationPolicy(org, &identity.OrganizationPolicy{ID: "p-1", Type: identity.SCP, Name: "one"}, "one")
		}, everywhere},
		{"a control policy's end", func(tx *store.Tx) error {
			return tx.DeleteOrganizationPolicy(org, &identity.OrganizationPolicy{ID: "p-1", Type: identity.SCP, Name: "one"})
		}, everywhere},
		{"attaching", func(tx *store.Tx) error {
			return tx.SetTargetPolicies(organization(), root, identity.SCP, []string{"p-1"}, time.Time{})
		}, everywhere},
		{"two changes", func(tx *store.Tx) error {
			return errors.Join(tx.PutGroup(group("devs")), tx.PutRole(role("ci")), tx.PutOrganization(organization()))
		}, []store.Scope{inHere, inOrg}},

		{"the use of a key", func(tx *store.Tx) error { return tx.PutKeyUse("AKIA1", identity.KeyUse{At: began}) }, nil},
		{"the use of a role", func(tx *store.Tx) error { return tx.PutRoleUse("AROAci", identity.KeyUse{At: began}) }, nil},
		{"a device's state", func(tx *store.Tx) error { return tx.PutDevice(&identity.MFADevice{Account: here, Name: "d"}) }, nil},
		{"an event", func(tx *store.Tx) error { return tx.Outbox(began, "e", []byte("x")) }, nil},
		{"an account request", func(tx *store.Tx) error { return tx.PutAccountRequest(org, &identity.AccountRequest{ID: "car-1"}) }, nil},
		// Who and what is new was not decided about before.
		{"a new user", func(tx *store.Tx) error { return tx.CreateUser(user("new")) }, nil},
		{"a new group", func(tx *store.Tx) error { return tx.CreateGroup(group("new")) }, nil},
		{"a new role", func(tx *store.Tx) error { return tx.CreateRole(role("new")) }, nil},
		{"a new bucket", func(tx *store.Tx) error { return tx.CreateBucket(bucket("new", here)) }, nil},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			f := peopled(t)
			before := f.guards()
			f.update(row.do)
			for scope, now := range f.guards() {
				want := before[scope]
				if slices.Contains(row.want, scope) {
					want++ // once, however much changed
				}
				if now != want {
					t.Errorf("the guard of %s went from %d to %d, want %d", scope, before[scope], now, want)
				}
			}
		})
	}
}

// Rules: TH-26
func TestAGuardInsideUpdateShowsItsOwnChanges(t *testing.T) {
	t.Parallel()
	f := peopled(t)
	f.update(func(tx *store.Tx) error {
		scope := store.AccountScope(here)
		stamp, err := tx.Stamp(scope)
		if err != nil {
			return err
		}
		if holds, err := tx.Holds([]store.Stamp{stamp}); err != nil || !holds {
			t.Errorf("a fresh stamp does not hold (%v)", err)
		}
		if err := tx.PutRole(role("ci")); err != nil {
			return err
		}
		if holds, err := tx.Holds([]store.Stamp{stamp}); err != nil || holds {
			t.Errorf("a stamp holds across the transaction's own change (%v)", err)
		}
		return nil
	})
}

// look returns what a cache has under key in a view.
func look(f *fixture, c *store.Cache[string, int], key string) (v int, ok bool) {
	f.t.Helper()
	f.view(func(tx *store.Tx) (err error) {
		v, ok, err = c.Get(tx, key)
		return err
	})
	return v, ok
}

// keep puts a value into a cache under the present stamps of scopes.
func keep(f *fixture, c *store.Cache[string, int], key string, v int, scopes ...store.Scope) {
	f.t.Helper()
	f.view(func(tx *store.Tx) error {
		stamps := make([]store.Stamp, len(scopes))
		for i, s := range scopes {
			var err error
			if stamps[i], err = tx.Stamp(s); err != nil {
				return err
			}
		}
		c.Put(key, v, stamps)
		return nil
	})
}

// Rules: TH-26
func TestACacheServesNothingStale(t *testing.T) {
	t.Parallel()
	f := peopled(t)
	c := store.NewCache[string, int](64)
	inHere, inOrg := store.AccountScope(here), store.OrganizationScope(org)
	keep(f, c, "mine", 1, inHere)
	keep(f, c, "both", 2, inHere, inOrg)
	keep(f, c, "other", 3, store.AccountScope(there))
	want := func(key string, value int) {
		t.Helper()
		if v, ok := look(f, c, key); v != value || ok != (value != 0) {
			t.Errorf("%s is %d, %v, want %d", key, v, ok, value)
		}
	}
	want("mine", 1)
	want("both", 2)
	want("nothing", 0)
	f.update(func(tx *store.Tx) error { return tx.PutOrganization(organization()) })
	want("mine", 1)
	want("both", 0)
	f.update(func(tx *store.Tx) error { return tx.PutRole(role("ci")) })
	want("mine", 0)
	want("other", 3)
	keep(f, c, "mine", 4, inHere)
	want("mine", 4)

	// A transaction that began before a change sees what was true then, and
	// nothing that was made afterwards.
	err := f.View(t.Context(), func(old *store.Tx) error {
		f.update(func(tx *store.Tx) error { return tx.PutRole(role("ci")) })
		if v, ok, err := c.Get(old, "mine"); err != nil || !ok || v != 4 {
			t.Errorf("%d %v %v", v, ok, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	keep(f, c, "mine", 5, inHere)
	want("mine", 5)
}

func TestACacheForgets(t *testing.T) {
	t.Parallel()
	f := peopled(t)
	c := store.NewCache[string, int](64)
	inHere, inOrg := store.AccountScope(here), store.OrganizationScope(org)
	keep(f, c, "a", 1, inHere)
	keep(f, c, "b", 2, inHere, inOrg)
	keep(f, c, "c", 3, inOrg)
	keep(f, c, "c", 4, inHere) // in place of the other
	if c.Len() != 3 {
		t.Errorf("%d entries", c.Len())
	}
	c.Forget(inOrg)
	if _, ok := look(f, c, "b"); ok || c.Len() != 2 {
		t.Errorf("b is there, %d entries", c.Len())
	}
	if v, _ := look(f, c, "c"); v != 4 {
		t.Errorf("c is %d", v)
	}
	c.Forget(inHere)
	if c.Len() != 0 {
		t.Errorf("%d entries", c.Len())
	}
	keep(f, c, "a", 1, inHere)
	c.Clear()
	if _, ok := look(f, c, "a"); ok || c.Len() != 0 {
		t.Error("a cleared cache holds something")
	}
	keep(f, c, "a", 7, inHere)
	if v, _ := look(f, c, "a"); v != 7 {
		t.Errorf("after Clear a is %d", v)
	}
}

// Rules: TH-30
func TestACacheIsBounded(t *testing.T) {
	t.Parallel()
	f := peopled(t)
	const size = 64
	c := store.NewCache[int, int](size)
	f.view(func(tx *store.Tx) error {
		stamp, err := tx.Stamp(store.AccountScope(here))
		if err != nil {
			return err
		}
		const used = -1
		c.Put(used, used, []store.Stamp{stamp})
		for i := range 20_000 {
			c.Put(i, i, []store.Stamp{stamp})
			if v, ok, err := c.Get(tx, used); err != nil || !ok || v != used { // what is asked for stays
				t.Fatalf("after %d others: %d, %v, %v", i, v, ok, err)
			}
		}
		if v, ok, err := c.Get(tx, 19_999); err != nil || !ok || v != 19_999 {
			t.Errorf("the newest is not there: %d, %v", v, err)
		}
		if n := c.Len(); n > size {
			t.Errorf("%d entries in a cache for %d", n, size)
		}
		return nil
	})
	one := store.NewCache[int, int](0)
	f.view(func(tx *store.Tx) error {
		for i := range 1000 {
			one.Put(i, i, nil)
		}
		if n := one.Len(); n == 0 || n > 16 {
			t.Errorf("%d entries in the smallest cache", n)
		}
		return nil
	})
}

func TestACacheIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	f := over(t, memkv.New(memkv.Options{}))
	c := store.NewCache[int, uint64](32)
	scopes := []store.Scope{store.AccountScope(here), store.AccountScope(there)}
	errs := make(chan error, 8)
	for worker := range 6 {
		go func() {
			var failure error
			for i := 0; i < 500 && failure == nil; i++ {
				key, scope := (worker*7+i)%64, scopes[i%2]
				key = key/2*2 + i%2 // a key has one scope
				failure = f.View(t.Context(), func(tx *store.Tx) error {
					stamp, err := tx.Stamp(scope)
					if err != nil {
						return err
					}
					now, err := tx.Guard(scope)
					if err != nil {
						return err
					}
					if made, ok, err := c.Get(tx, key); err != nil || ok && made != now {
						return errors.Join(err, errors.New("a value of another time was served"))
					}
					c.Put(key, now, []store.Stamp{stamp})
					return nil
				})
				if i%50 == 0 {
					c.Forget(scope)
				}
				if i%333 == 0 {
					c.Clear()
				}
			}
			errs <- failure
		}()
	}
	go func() {
		var failure error
		for i := 0; i < 300 && failure == nil; i++ {
			id := []identity.AccountID{here, there}[i%2]
			failure = f.Update(t.Context(), func(tx *store.Tx) error { return tx.PutAccount(account(id)) })
		}
		errs <- failure
	}()
	for range 7 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	if c.Len() > 32 {
		t.Errorf("%d entries", c.Len())
	}
}

// Rules: TH-27
func TestAWriteStaysWithinTheLimitsOfATransaction(t *testing.T) {
	t.Parallel()
	f := peopled(t)
	full := user("full")
	for i := range 10 {
		full.Groups = append(full.Groups, "AGPA"+string(rune('a'+i)))
	}
	f.update(func(tx *store.Tx) error { return tx.CreateUser(full) })
	f.update(func(tx *store.Tx) error {
		u, err := tx.User(here, "full")
		if err != nil {
			return err
		}
		return tx.RenameUser(u, "other", "/")
	})
	f.view(func(tx *store.Tx) error {
		u, err := tx.UserByID("AIDAfull")
		if err == nil && u.Name != "other" {
			t.Errorf("%+v", u)
		}
		return err
	})
}
