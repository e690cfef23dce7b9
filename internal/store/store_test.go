package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/regent-iam/regent/catalog"
	"github.com/regent-iam/regent/internal/identity"
	"github.com/regent-iam/regent/internal/store"
	"github.com/regent-iam/regent/internal/store/kv"
	"github.com/regent-iam/regent/internal/store/kv/boltkv"
	"github.com/regent-iam/regent/internal/store/kv/kvtest"
	"github.com/regent-iam/regent/internal/store/kv/memkv"
)

const (
	here  = identity.AccountID("111122223333")
	there = identity.AccountID("444455556666")
	org   = "o-abcdefghij"
	root  = "r-abcd"
)

var began = time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)

// backends are the databases that what must not depend on one is tested on:
// one where every function of an Update runs twice (TH-25), and a file.
func backends(t *testing.T, test func(*testing.T, *fixture)) {
	t.Helper()
	t.Run("twice", func(t *testing.T) {
		t.Parallel()
		test(t, over(t, kvtest.Twice(memory(t))))
	})
	t.Run("file", func(t *testing.T) {
		t.Parallel()
		dir := filepath.Join(t.TempDir(), "data")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		db, err := boltkv.Open(filepath.Join(dir, "db"), boltkv.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		test(t, over(t, db))
	})
}

func memory(t testing.TB) *memkv.DB {
	db := memkv.New(memkv.Options{})
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// A fixture is a store with two accounts in an organization.
type fixture struct {
	*store.Store
	t  testing.TB
	db kv.DB
}

func over(t testing.TB, db kv.DB) *fixture {
	t.Helper()
	f := &fixture{store.New(db), t, db}
	f.update(func(tx *store.Tx) error {
		o := organization()
		if err := tx.PutOrganization(o); err != nil {
			return err
		}
		for _, id := range []identity.AccountID{here, there} {
			a := account(id)
			if err := tx.CreateAccount(a); err != nil {
				return err
			}
			if err := tx.Join(a, org, root); err != nil {
				return err
			}
		}
		return nil
	})
	return f
}

// inMemory is a fixture where every function of an Update runs twice.
func inMemory(t testing.TB) *fixture { return over(t, kvtest.Twice(memory(t))) }

func (f *fixture) update(fn func(*store.Tx) error) {
	f.t.Helper()
	if err := f.Update(f.t.Context(), fn); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) view(fn func(*store.Tx) error) {
	f.t.Helper()
	if err := f.View(f.t.Context(), fn); err != nil {
		f.t.Fatal(err)
	}
}

// fails runs an Update that is to fail with want.
func (f *fixture) fails(want error, fn func(*store.Tx) error) {
	f.t.Helper()
	if err := f.Update(f.t.Context(), fn); !errors.Is(err, want) {
		f.t.Fatalf("%v, want %v", err, want)
	}
}

func account(id identity.AccountID) *identity.Account {
	return &identity.Account{
		ID: id, Name: "n", Email: "root@" + string(id) + ".example", Status: identity.AccountActive,
		CanonicalID: fmt.Sprintf("%064s", id), Created: began, Tags: []identity.Tag{{Key: "k", Value: "v"}},
	}
}

func organization() *identity.Organization {
	return &identity.Organization{
		ID: org, Management: here, FeatureSet: "ALL", RootID: root, Created: began,
		Epochs: map[identity.PolicyType]int{identity.SCP: 1}, Enabled: []identity.PolicyType{identity.SCP},
	}
}

func user(name string) *identity.User {
	return &identity.User{
		Account: here, Name: identity.UserName(name), Path: "/", ID: "AIDA" + name, Created: began,
		Permissions: identity.Permissions{
			Inline: []identity.Document{{Name: "p", Text: `{"<&>":"ü  x"}`}}, Attached: []string{"arn:aws:iam::aws:policy/X"},
		},
		Tags: []identity.Tag{{Key: "Team", Value: ""}}, Keys: []identity.AccessKeyID{"AKIA1"},
	}
}

func group(name string) *identity.Group {
	return &identity.Group{Account: here, Name: identity.GroupName(name), Path: "/g/", ID: "AGPA" + name, Created: began}
}

func role(name string) *identity.Role {
	return &identity.Role{
		Account: here, Name: identity.RoleName(name), Path: "/", ID: "AROA" + name, Created: began, MaxSession: 3600,
		Trust: identity.ResourcePolicy{Text: "{}", Bindings: map[string]string{"arn:aws:iam::111122223333:user/a": "AIDAa"}},
	}
}

func managed(name string) *identity.Policy {
	return &identity.Policy{
		Account: here, Name: identity.PolicyName(name), Path: "/", ID: "ANPA" + name, Created: began, Updated: began,
		Default: 1, Last: 1, Versions: []identity.PolicyVersion{{Number: 1, Text: "{}", Created: began}},
	}
}

func bucket(name string, owner identity.AccountID) *identity.Bucket {
	return &identity.Bucket{
		Name: name, ID: "b1", Account: owner, Region: "us-east-1", Created: began,
		Policy: &identity.ResourcePolicy{Text: "{}"}, PublicAccess: &identity.PublicAccessBlock{BlockPublicAcls: true},
	}
}

// A trip is a record's way into the store and back.
type trip struct {
	name  string
	put   func(*store.Tx) error
	get   func(*store.Tx) (any, error)
	want  any
	after func(*store.Tx) error // takes it away again; nil when nothing can
}

func trips() []trip {
	key := &identity.AccessKey{ID: "AKIA1", Account: here, UserID: "AIDAa", Status: identity.KeyActive, Created: began, Sealed: []byte{0, 255}}
	device := &identity.MFADevice{Account: here, Name: "d", Path: "/", UserID: "AIDAa", Created: began, Enabled: began, Sealed: []byte{1}, LastStep: 7, Failures: 2, BlockedUntil: began}
	unit := &identity.OrganizationalUnit{ID: "ou-abcd-12345678", Name: "u", Parent: root, Created: began}
	scp := &identity.OrganizationPolicy{ID: "p-12345678", Type: identity.SCP, Name: "n", Description: "d", Text: "{}"}
	request := &identity.AccountRequest{ID: "car-1", Name: "n", Account: there, State: "SUCCEEDED", Requested: began, Completed: began}
	system := &store.System{Instance: "i", Management: here, Ring: []byte{1, 2}, Demo: true}
	use := &identity.KeyUse{At: began, Service: "s3", Region: "eu-central-1"}
	return []trip{
		{
			"account", func(tx *store.Tx) error { return tx.CreateAccount(account("777788889999")) },
			func(tx *store.Tx) (any, error) { return tx.Account("777788889999") }, account("777788889999"), nil,
		},
		{
			"user", func(tx *store.Tx) error { return tx.CreateUser(user("a")) },
			func(tx *store.Tx) (any, error) { return tx.User(here, "A") }, user("a"),
			func(tx *store.Tx) error { return tx.DeleteUser(user("a")) },
		},
		{
			"group", func(tx *store.Tx) error { return tx.CreateGroup(group("a")) },
			func(tx *store.Tx) (any, error) { return tx.Group(here, "A") }, group("a"),
			func(tx *store.Tx) error { return tx.DeleteGroup(group("a")) },
		},
		{
			"role", func(tx *store.Tx) error { return tx.CreateRole(role("a")) },
			func(tx *store.Tx) (any, error) { return tx.Role(here, "A") }, role("a"),
			func(tx *store.Tx) error { return tx.DeleteRole(role("a")) },
		},
		{
			"policy", func(tx *store.Tx) error { return tx.CreatePolicy(managed("a")) },
			func(tx *store.Tx) (any, error) { return tx.Policy(here, "A") }, managed("a"),
			func(tx *store.Tx) error { return tx.DeletePolicy(managed("a")) },
		},
		{
			"access key", func(tx *store.Tx) error { return tx.PutAccessKey(key) },
			func(tx *store.Tx) (any, error) { return tx.AccessKey("AKIA1") }, key,
			func(tx *store.Tx) error { return tx.DeleteAccessKey(key) },
		},
		{
			"use of a key", func(tx *store.Tx) error {
				return errors.Join(tx.PutAccessKey(key), tx.PutKeyUse("AKIA1", *use))
			},
			func(tx *store.Tx) (any, error) { return tx.KeyUse("AKIA1") }, use,
			func(tx *store.Tx) error { return tx.DeleteAccessKey(key) },
		},
		{
			"use of a role", func(tx *store.Tx) error {
				return errors.Join(tx.CreateRole(role("a")), tx.PutRoleUse("AROAa", *use))
			},
			func(tx *store.Tx) (any, error) { return tx.RoleUse("AROAa") }, use,
			func(tx *store.Tx) error { return tx.DeleteRole(role("a")) },
		},
		{
			"device", func(tx *store.Tx) error { return tx.CreateDevice(device) },
			func(tx *store.Tx) (any, error) { return tx.Device(here, "D") }, device,
			func(tx *store.Tx) error { return tx.DeleteDevice(device) },
		},
		{
			"bucket", func(tx *store.Tx) error { return tx.CreateBucket(bucket("b", here)) },
			func(tx *store.Tx) (any, error) { return tx.Bucket("b") }, bucket("b", here),
			func(tx *store.Tx) error { return tx.DeleteBucket(bucket("b", here)) },
		},
		{
			"organization", func(*store.Tx) error { return nil },
			func(tx *store.Tx) (any, error) { return tx.Organization(org) }, organization(), nil,
		},
		{
			"unit", func(tx *store.Tx) error { return tx.PutUnit(org, unit) },
			func(tx *store.Tx) (any, error) { return tx.Unit(org, unit.ID) }, unit, nil,
		},
		{
			"control policy", func(tx *store.Tx) error { return tx.PutOrganizationPolicy(org, scp, "") },
			func(tx *store.Tx) (any, error) { return tx.OrganizationPolicy(org, scp.ID) }, scp,
			func(tx *store.Tx) error { return tx.DeleteOrganizationPolicy(org, scp) },
		},
		{
			"account request", func(tx *store.Tx) error { return tx.PutAccountRequest(org, request) },
			func(tx *store.Tx) (any, error) { return tx.AccountRequest(org, "car-1") }, request, nil,
		},
		{
			"system", func(tx *store.Tx) error { return tx.PutSystem(system) },
			func(tx *store.Tx) (any, error) { return tx.System() }, system, nil,
		},
	}
}

// Rules: IA-3
func TestRecordsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		for _, row := range trips() {
			missing := func() {
				f.view(func(tx *store.Tx) error {
					if _, err := row.get(tx); !errors.Is(err, store.ErrNotFound) {
						t.Errorf("%s that is not there: %v", row.name, err)
					}
					return nil
				})
			}
			if row.name != "organization" {
				missing()
			}
			f.update(row.put)
			f.view(func(tx *store.Tx) error {
				got, err := row.get(tx)
				if err != nil {
					return err
				}
				if diff := cmp.Diff(row.want, got); diff != "" {
					t.Errorf("%s: %s", row.name, diff)
				}
				return nil
			})
			if row.after != nil {
				f.update(row.after)
				missing()
			}
		}
	})
}

func TestAViewWritesNothing(t *testing.T) {
	t.Parallel()
	f := inMemory(t)
	for _, row := range trips() {
		if row.name == "organization" {
			continue
		}
		err := f.View(t.Context(), func(tx *store.Tx) error {
			if tx.Writable() {
				t.Error("a view says that it writes")
			}
			return row.put(tx)
		})
		if err == nil {
			t.Errorf("%s was written in a view", row.name)
		}
	}
}

func TestAFailedUpdateLeavesNothing(t *testing.T) {
	t.Parallel()
	f := inMemory(t)
	refused := errors.New("refused")
	f.fails(refused, func(tx *store.Tx) error {
		if err := tx.CreateUser(user("a")); err != nil {
			return err
		}
		return refused
	})
	f.view(func(tx *store.Tx) error {
		_, userErr := tx.User(here, "a")
		_, idErr := tx.Lookup("AIDAa")
		c, err := tx.Counters(here)
		if !errors.Is(userErr, store.ErrNotFound) || !errors.Is(idErr, store.ErrNotFound) || c.Users != 0 {
			t.Errorf("%v, %v, %+v", userErr, idErr, c)
		}
		return err
	})
}

// Rules: TH-113
func TestRecordsOfNewerVersionsAreNotRead(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"same shape":  `{"v":2,"r":{"account":"111122223333","name":"a"}}`,
		"other shape": `{"v":9,"r":{"account":{"id":"111122223333"}}}`,
		"no record":   `{"v":2}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := inMemory(t)
			f.update(func(tx *store.Tx) error { return tx.CreateUser(user("a")) })
			err := f.db.Update(t.Context(), func(w kv.Writer) error { return w.Set("/account/111122223333/user/a", []byte(text)) })
			if err != nil {
				t.Fatal(err)
			}
			f.view(func(tx *store.Tx) error {
				_, one := tx.User(here, "a")
				_, byID := tx.UserByID("AIDAa")
				_, _, all := tx.Users(here, store.Page[identity.User]{})
				for _, err := range []error{one, byID, all} {
					if !errors.Is(err, store.ErrNewer) {
						t.Errorf("%v, want ErrNewer", err)
					}
				}
				return nil
			})
		})
	}
}

// Rules: TH-113
func TestDamagedRecordsAreErrors(t *testing.T) {
	t.Parallel()
	f := inMemory(t)
	err := f.db.Update(t.Context(), func(w kv.Writer) error {
		return errors.Join(w.Set("/account/111122223333/user/a", []byte(`{"v":1,"r":{`)), w.Set("/guard/policy/account:111122223333", []byte("short")))
	})
	if err != nil {
		t.Fatal(err)
	}
	f.view(func(tx *store.Tx) error {
		if _, err := tx.User(here, "a"); err == nil || errors.Is(err, store.ErrNotFound) {
			t.Errorf("a damaged record reads as %v", err)
		}
		if _, err := tx.Guard(store.AccountScope(here)); err == nil {
			t.Error("a damaged guard reads well")
		}
		return nil
	})
}

func TestPages(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		names := []string{"Bob", "alice", "carol+x", "dave", "eve/x", "dav"}
		f.update(func(tx *store.Tx) error {
			for _, n := range names {
				if err := tx.CreateUser(user(n)); err != nil {
					return err
				}
			}
			return nil
		})
		want := []string{"alice", "Bob", "carol+x", "dav", "dave", "eve/x"}
		for limit := range 8 {
			var got []string
			for after, pages := "", 0; pages < 9; pages++ {
				var users []*identity.User
				f.view(func(tx *store.Tx) (err error) {
					users, after, err = tx.Users(here, store.Page[identity.User]{After: after, Limit: limit})
					return err
				})
				if limit > 0 && len(users) > limit {
					t.Errorf("%d on a page of %d", len(users), limit)
				}
				for _, u := range users {
					got = append(got, string(u.Name))
				}
				if after == "" {
					break
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("pages of %d: %s", limit, diff)
			}
		}
		f.view(func(tx *store.Tx) error {
			users, next, err := tx.Users(here, store.Page[identity.User]{Limit: 2, Keep: func(u *identity.User) bool { return u.Name[0] > 'a' }})
			if len(users) != 2 || users[0].Name != "carol+x" || next != "dav" {
				t.Errorf("%v %q", users, next)
			}
			// A page that ends with the list has nothing behind it.
			last, next, lastErr := tx.Users(here, store.Page[identity.User]{After: "dave", Limit: 1})
			if len(last) != 1 || next != "" {
				t.Errorf("%v %q", last, next)
			}
			none, _, otherErr := tx.Users(there, store.Page[identity.User]{})
			if len(none) != 0 {
				t.Errorf("the other account lists %v", none)
			}
			return errors.Join(err, lastErr, otherErr)
		})
	})
}

// Rules: IA-44
func TestQuotas(t *testing.T) {
	t.Parallel()
	f := inMemory(t)
	set := func(c store.Counters) {
		text := fmt.Sprintf(`{"v":1,"r":{"users":%d,"groups":%d,"roles":%d,"policies":%d}}`, c.Users, c.Groups, c.Roles, c.Policies)
		err := f.db.Update(t.Context(), func(w kv.Writer) error { return w.Set("/account/111122223333/counters", []byte(text)) })
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := []struct {
		quota  catalog.QuotaName
		limit  int
		full   store.Counters
		create func(*store.Tx, string) error
	}{
		{"UsersPerAccount", 5000, store.Counters{Users: 4999}, func(tx *store.Tx, n string) error { return tx.CreateUser(user(n)) }},
		{"GroupsPerAccount", 300, store.Counters{Groups: 299}, func(tx *store.Tx, n string) error { return tx.CreateGroup(group(n)) }},
		{"RolesPerAccount", 1000, store.Counters{Roles: 999}, func(tx *store.Tx, n string) error { return tx.CreateRole(role(n)) }},
		{"PoliciesPerAccount", 1500, store.Counters{Policies: 1499}, func(tx *store.Tx, n string) error { return tx.CreatePolicy(managed(n)) }},
	}
	for _, row := range rows {
		set(row.full)
		f.update(func(tx *store.Tx) error { return row.create(tx, "last") })
		err := f.Update(t.Context(), func(tx *store.Tx) error { return row.create(tx, "more") })
		limit, ok := errors.AsType[*store.LimitError](err)
		if !ok || limit.Quota != row.quota || limit.Limit != row.limit {
			t.Errorf("%s: %v", row.quota, err)
		}
	}
}

func TestCountersFollow(t *testing.T) {
	t.Parallel()
	f := inMemory(t)
	device := &identity.MFADevice{Account: here, Name: "d", Path: "/", Created: began}
	f.update(func(tx *store.Tx) error {
		return errors.Join(
			tx.CreateUser(user("a")), tx.CreateUser(user("b")), tx.CreateGroup(group("a")), tx.CreateRole(role("a")),
			tx.CreatePolicy(managed("a")), tx.CreateDevice(device),
		)
	})
	f.fails(store.ErrExists, func(tx *store.Tx) error { return tx.CreateUser(user("A")) })
	f.fails(store.ErrExists, func(tx *store.Tx) error { return tx.CreateDevice(device) })
	counted := func(want store.Counters) {
		t.Helper()
		f.view(func(tx *store.Tx) error {
			got, err := tx.Counters(here)
			if err == nil && *got != want {
				t.Errorf("%+v, want %+v", *got, want)
			}
			return err
		})
	}
	counted(store.Counters{Users: 2, Groups: 1, Roles: 1, Policies: 1, Devices: 1})
	f.update(func(tx *store.Tx) error {
		return errors.Join(
			tx.DeleteUser(user("a")), tx.DeleteGroup(group("a")), tx.DeleteRole(role("a")), tx.DeletePolicy(managed("a")), tx.DeleteDevice(device),
		)
	})
	counted(store.Counters{Users: 1})
}

// Rules: TH-25 TH-101
func TestTheOutboxKeepsEventsInOrder(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, f *fixture) {
		f.update(func(tx *store.Tx) error {
			return errors.Join(
				tx.Outbox(began.Add(time.Second), "b", []byte("2")), tx.Outbox(began, "z", []byte("1")), tx.Outbox(began.Add(time.Hour), "a", []byte("3")),
			)
		})
		var entries []store.OutboxEntry
		waiting := func(limit int) (texts []string) {
			f.view(func(tx *store.Tx) (err error) {
				entries, err = tx.Undelivered(limit)
				return err
			})
			for _, e := range entries {
				texts = append(texts, string(e.Event))
			}
			return texts
		}
		if got := waiting(2); !slices.Equal(got, []string{"1", "2"}) {
			t.Errorf("%q", got)
		}
		f.update(func(tx *store.Tx) error { return tx.Delivered(entries) })
		if got := waiting(10); !slices.Equal(got, []string{"3"}) {
			t.Errorf("%q", got)
		}
	})
}

func TestWatchTellsWhichScopesChanged(t *testing.T) {
	t.Parallel()
	f := inMemory(t)
	ctx, stop := context.WithCancel(t.Context())
	ready, seen := make(chan struct{}, 1), make(chan store.Scope, 16)
	done := make(chan error, 1)
	go func() {
		done <- f.Watch(ctx, func(s store.Scope) { seen <- s }, func() { ready <- struct{}{} })
	}()
	<-ready
	f.update(func(tx *store.Tx) error { return tx.PutDevice(&identity.MFADevice{Account: here, Name: "d"}) }) // no decision hangs on it
	f.update(func(tx *store.Tx) error { return tx.PutAccount(account(there)) })
	f.update(func(tx *store.Tx) error { return tx.PutOrganization(organization()) })
	if got := []store.Scope{<-seen, <-seen}; !slices.Equal(got, []store.Scope{store.AccountScope(there), store.OrganizationScope(org)}) {
		t.Errorf("%q", got)
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestWatchStartsOverWhenItFellBehind(t *testing.T) {
	t.Parallel()
	db := memkv.New(memkv.Options{History: 1})
	f := over(t, db)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	resets, seen := make(chan struct{}, 8), make(chan store.Scope)
	done := make(chan error, 1)
	go func() {
		done <- f.Watch(ctx, func(s store.Scope) {
			select {
			case seen <- s:
			case <-ctx.Done():
			}
		}, func() { resets <- struct{}{} })
	}()
	<-resets
	for range 50 { // the watcher takes none of them, and only one is kept
		f.update(func(tx *store.Tx) error { return tx.PutAccount(account(there)) })
	}
	for again := false; !again; {
		select {
		case <-seen:
		case <-resets:
			again = true
		}
	}
	stop()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Watch(t.Context(), func(store.Scope) {}, func() {}); !errors.Is(err, kv.ErrClosed) {
		t.Error(err)
	}
}
